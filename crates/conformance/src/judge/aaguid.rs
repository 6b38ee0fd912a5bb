//! Names of authenticator models: every key of the file must be an AAGUID as `webauthn` reads and writes it.

use std::collections::BTreeMap;

use doorward_webauthn::Aaguid;
use serde_json::Value;

use super::{Cases, Source};
use crate::case::{Case, Refusal};

/// An object of texts whose names are as long as an AAGUID.
pub(super) fn fits(file: &Value) -> bool {
    file.as_object().is_some_and(|names| {
        !names.is_empty()
            && names
                .iter()
                .all(|(aaguid, name)| aaguid.len() == 36 && name.is_string())
    })
}

pub(super) fn names(source: &Source<'_>) -> Cases {
    let names: BTreeMap<String, String> = serde_json::from_str(source.text)?;
    let cases = names.into_keys().map(|text| {
        let read = text
            .parse::<Aaguid>()
            .map(|aaguid| aaguid.to_string())
            .map_err(Refusal::because);
        Case::value(format!("aaguid {text}"), &text, read)
    });
    Ok(cases.collect())
}
