//! Claims that a request asks for one by one (OpenID Connect Core §5.5).

use std::collections::BTreeMap;

use doorward_jose::json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::acr::Acr;
use crate::error::Fault;
use crate::limits;
use crate::params::Params;

/// How one claim is asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ClaimRequest {
    /// Whether the client cannot go on well without it.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub essential: bool,
    /// The values that the client accepts; empty when any will do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

/// The claims parameter: what userinfo and what the ID token shall hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ClaimsRequest {
    /// For the userinfo answer.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, ClaimRequest>,
    /// For the ID token.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, ClaimRequest>,
}

impl ClaimsRequest {
    /// Reads the parameter's JSON text. Unknown members are ignored at every level; a claim may be asked for
    /// with `null` or with an object.
    ///
    /// # Errors
    /// [`Fault::ClaimsMalformed`] for another shape, [`Fault::ListTooLong`] beyond the limits.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let top = json::object(text.as_bytes()).map_err(|_| Fault::ClaimsMalformed)?;
        let request = Self {
            userinfo: half(&top, "userinfo")?,
            id_token: half(&top, "id_token")?,
        };
        let count = request.userinfo.len().saturating_add(request.id_token.len());
        if count > limits::CLAIMS_MAX {
            Err(Fault::ListTooLong)
        } else {
            Ok(request)
        }
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// The subjects that the ID token may have, when the request names some.
    #[must_use]
    pub fn subjects(&self) -> Option<Vec<&str>> {
        let sub = self.id_token.get("sub")?;
        if sub.values.is_empty() {
            None
        } else {
            Some(sub.values.iter().filter_map(Value::as_str).collect())
        }
    }

    /// The rungs asked for with `acr`, and whether one of them is demanded.
    pub(super) fn acr(&self) -> Option<(Vec<Acr>, bool)> {
        let acr = self.id_token.get("acr")?;
        if acr.values.is_empty() {
            return None;
        }
        let known = acr
            .values
            .iter()
            .filter_map(Value::as_str)
            .filter_map(|word| word.parse().ok());
        Some((known.collect(), acr.essential))
    }
}

fn half(top: &Map<String, Value>, member: &str) -> Result<BTreeMap<String, ClaimRequest>, Fault> {
    match top.get(member) {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(Value::Object(claims)) => claims
            .iter()
            .map(|(name, asked)| Ok((name.clone(), claim(asked)?)))
            .collect(),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            Err(Fault::ClaimsMalformed)
        }
    }
}

fn claim(asked: &Value) -> Result<ClaimRequest, Fault> {
    if asked.is_null() {
        return Ok(ClaimRequest::default());
    }
    let asked = asked.as_object().ok_or(Fault::ClaimsMalformed)?;
    let essential = match asked.get("essential") {
        None => false,
        Some(value) => value.as_bool().ok_or(Fault::ClaimsMalformed)?,
    };
    let mut values = match asked.get("values") {
        None => Vec::new(),
        Some(values) => values.as_array().ok_or(Fault::ClaimsMalformed)?.clone(),
    };
    values.extend(asked.get("value").cloned());
    if values.len() > limits::LIST_ITEMS_MAX {
        Err(Fault::ListTooLong)
    } else {
        Ok(ClaimRequest { essential, values })
    }
}

pub(super) fn check(params: &Params) -> Result<ClaimsRequest, Fault> {
    params
        .get("claims")
        .map_or_else(|| Ok(ClaimsRequest::default()), ClaimsRequest::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_shape() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo":{"name":{"essential":true},"__proto__":null},"id_token":{"sub":{"value":"a"},
                "acr":{"essential":true,"values":["phr","unknown"],"more":1}},"other":[]}"#,
        )
        .unwrap();
        assert!(request.userinfo["name"].essential);
        assert_eq!(request.subjects(), Some(vec!["a"]));
        assert_eq!(request.acr(), Some((vec![Acr::PhishingResistant], true)));
        for good in ["{}", r#"{"userinfo":null}"#, r#"{"id_token":{"email":null}}"#] {
            assert!(ClaimsRequest::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "null",
            "[]",
            "",
            "{",
            r#"{"userinfo":[]}"#,
            r#"{"id_token":{"acr":"phr"}}"#,
            r#"{"id_token":{"acr":{"essential":"yes"}}}"#,
            r#"{"id_token":{"acr":{"values":"phr"}}}"#,
        ] {
            assert_eq!(ClaimsRequest::parse(bad), Err(Fault::ClaimsMalformed), "{bad}");
        }
    }
}
