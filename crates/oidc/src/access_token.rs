//! Access tokens: signed JWTs (RFC 9068) or opaque ones, and how they are presented (RFC 6750, RFC 9449 §7).
//!
//! A JWT names its grant, so that revoking the grant ends it at our own endpoints at once: a right signature is
//! the first half of the check, the caller's look at the grant is the second. An opaque token is random, stored
//! as a hash, and compared whole.

use core::fmt;
use core::time::Duration;

use doorward_crypto::{Algorithm, Sha256, Timestamp};
use doorward_jose::{Validity, base64url};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::acr::{Acr, amr_claim};
use crate::client::metadata::ClientId;
use crate::dpop;
use crate::error::Fault;
use crate::grant::Authentication;
use crate::issuer::Issuer;
use crate::keys::{JwtType, Keys, SignError};
use crate::limits;
use crate::params::Params;
use crate::scope::Scope;
use crate::stored;

/// What an access token says. For an opaque one the caller stores it under the token's hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessToken {
    /// The token's own name: by it one token can be revoked alone.
    pub jti: String,
    /// The grant that it lives on; none for a token of the client itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// The client.
    pub client_id: ClientId,
    /// The person as the client knows them; the client itself where there is no person (RFC 9068 §2.2).
    pub sub: String,
    /// The protected resources; the issuer where none was asked for.
    pub audience: Vec<String>,
    /// How far.
    pub scope: Scope,
    /// How the person signed in; none for a token of the client itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Authentication>,
    /// Thumbprint of the key that it is bound to (RFC 9449 §6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
    /// When it was made.
    #[serde(with = "stored::moment")]
    pub issued_at: Timestamp,
    /// When it ends.
    #[serde(with = "stored::moment")]
    pub expires_at: Timestamp,
}

impl AccessToken {
    /// Whether it speaks for a person.
    #[must_use]
    pub fn is_of_person(&self) -> bool {
        self.authentication.is_some()
    }

    /// How long it still lives.
    #[must_use]
    pub fn expires_in(&self, now: Timestamp) -> Duration {
        self.expires_at.since(now)
    }

    /// The claims of RFC 9068 §2.2, with the grant's name as a private one.
    #[must_use]
    pub fn claims(&self, issuer: &Issuer) -> Map<String, Value> {
        let mut claims = Map::new();
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("iss", json!(issuer.as_str()));
        set("sub", json!(self.sub));
        set("client_id", json!(self.client_id.as_str()));
        set("jti", json!(self.jti));
        set("iat", json!(self.issued_at.seconds()));
        set("exp", json!(self.expires_at.seconds()));
        set("scope", json!(self.scope.to_string()));
        match self.audience.as_slice() {
            [one] => set("aud", json!(one)),
            several => set("aud", json!(several)),
        };
        if let Some(grant) = &self.grant {
            set("grant", json!(grant));
        }
        if let Some(authentication) = &self.authentication {
            set("auth_time", json!(authentication.auth_time.seconds()));
            set("acr", json!(authentication.acr.as_str()));
            set("amr", json!(amr_claim(&authentication.amr)));
            if let Some(sid) = &authentication.sid {
                set("sid", json!(sid));
            }
        }
        if let Some(jkt) = &self.jkt {
            set("cnf", json!({ "jkt": jkt }));
        }
        claims
    }

    /// The token as a JWT.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, issuer: &Issuer, algorithm: Algorithm, keys: &Keys) -> Result<String, SignError> {
        keys.sign(JwtType::AccessToken, algorithm, &self.claims(issuer))
    }

    /// Reads a JWT access token that was presented at one of our own endpoints: our signature, our kind, alive.
    /// The audience is judged by [`AccessToken::is_for`]; whether the grant lives is the caller's to look up.
    ///
    /// # Errors
    /// [`Fault::TokenInvalid`] for everything else. Which of it, a stranger is not told.
    pub fn verify(token: &str, issuer: &Issuer, keys: &Keys, now: Timestamp) -> Result<Self, Fault> {
        if token.len() > limits::TOKEN_MAX {
            return Err(Fault::TokenInvalid);
        }
        let claims = keys
            .verify(JwtType::AccessToken, token)
            .map_err(|_| Fault::TokenInvalid)?;
        Validity::at(now)
            .check(&claims)
            .map_err(|_| Fault::TokenInvalid)?;
        read(&claims, issuer).ok_or(Fault::TokenInvalid)
    }

    /// Whether it is meant for this resource.
    #[must_use]
    pub fn is_for(&self, resource: &str) -> bool {
        self.audience.iter().any(|own| own == resource)
    }

    /// RFC 9470 §4: whether the authentication behind the token is strong and recent enough.
    ///
    /// # Errors
    /// [`Fault::AuthenticationTooWeak`] and [`Fault::AuthenticationTooOld`].
    pub fn demand(&self, acr: Option<Acr>, max_age: Option<Duration>, now: Timestamp) -> Result<(), Fault> {
        let authentication = self.authentication.as_ref().ok_or(Fault::TokenNotOfPerson)?;
        if acr.is_some_and(|acr| authentication.acr < acr) {
            return Err(Fault::AuthenticationTooWeak);
        }
        if max_age.is_some_and(|max_age| now.since(authentication.auth_time) > max_age) {
            return Err(Fault::AuthenticationTooOld);
        }
        Ok(())
    }
}

/// The audience of a token: the resources asked for, else the issuer itself.
#[must_use]
pub fn audience(resources: &[String], issuer: &Issuer) -> Vec<String> {
    if resources.is_empty() {
        vec![issuer.as_str().to_owned()]
    } else {
        resources.to_vec()
    }
}

fn read(claims: &doorward_jose::Claims, issuer: &Issuer) -> Option<AccessToken> {
    let text = |name| claims.required_text(name).ok().map(str::to_owned);
    if text("iss")? != issuer.as_str() {
        return None;
    }
    let authentication = match claims.time("auth_time").ok()? {
        None => None,
        Some(auth_time) => Some(Authentication {
            auth_time,
            acr: claims.required_text("acr").ok()?.parse().ok()?,
            amr: claims
                .texts("amr")
                .ok()?
                .iter()
                .filter_map(|word| word.parse().ok())
                .collect(),
            sid: claims.text("sid").ok()?.map(str::to_owned),
        }),
    };
    let cnf = claims.object("cnf").ok()?;
    Some(AccessToken {
        jti: text("jti")?,
        grant: claims.text("grant").ok()?.map(str::to_owned),
        client_id: ClientId::parse(&text("client_id")?).ok()?,
        sub: text("sub")?,
        audience: claims.audience().ok()?.into_iter().map(str::to_owned).collect(),
        scope: Scope::parse(&text("scope")?).ok()?,
        authentication,
        jkt: cnf
            .and_then(|cnf| cnf.get("jkt"))
            .and_then(Value::as_str)
            .map(str::to_owned),
        issued_at: claims.time("iat").ok()??,
        expires_at: claims.time("exp").ok()??,
    })
}

/// How an access token came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Whoever holds it may use it (RFC 6750).
    Bearer,
    /// With a proof of the key that it is bound to (RFC 9449 §7.1).
    Dpop,
}

/// An access token as it was presented. `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Presented<'a> {
    /// How.
    pub scheme: Scheme,
    /// The whole token.
    pub token: &'a str,
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Presented({:?}, …)", self.scheme)
    }
}

/// Finds the access token of a request to a protected resource: in the `Authorization` header, whose scheme is
/// compared without case, or in a form body. Never in the query (RFC 9700 §4.3.2).
///
/// `body` is the form of a POST, `query` the URL's.
///
/// # Errors
/// [`Fault::TokenMissing`], [`Fault::TokenTwice`], [`Fault::TokenInQuery`], [`Fault::TokenMalformed`].
pub fn presented<'a>(
    authorization: Option<&'a str>,
    body: Option<&'a Params>,
    query: Option<&Params>,
) -> Result<Presented<'a>, Fault> {
    if query.is_some_and(|query| query.get_even_empty("access_token").is_some()) {
        return Err(Fault::TokenInQuery);
    }
    let in_body = body.and_then(|body| body.get_even_empty("access_token"));
    let found = match (authorization, in_body) {
        (Some(_), Some(_)) => return Err(Fault::TokenTwice),
        (Some(header), None) => from_header(header)?,
        (None, Some(token)) => Presented {
            scheme: Scheme::Bearer,
            token,
        },
        (None, None) => return Err(Fault::TokenMissing),
    };
    let letters = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
    };
    let whole =
        !found.token.is_empty() && found.token.len() <= limits::TOKEN_MAX && found.token.bytes().all(letters);
    if whole {
        Ok(found)
    } else {
        Err(Fault::TokenMalformed)
    }
}

fn from_header(header: &str) -> Result<Presented<'_>, Fault> {
    let (scheme, token) = header.split_once(' ').ok_or(Fault::TokenMissing)?;
    let scheme = if scheme.eq_ignore_ascii_case("Bearer") {
        Scheme::Bearer
    } else if scheme.eq_ignore_ascii_case("DPoP") {
        Scheme::Dpop
    } else {
        return Err(Fault::TokenMissing);
    };
    Ok(Presented {
        scheme,
        token: token.trim_start_matches(' '),
    })
}

/// The name under which an opaque token is stored and looked for: a hash of the whole token.
#[must_use]
pub fn opaque_hash(token: &str) -> String {
    base64url::encode(&Sha256::of(token.as_bytes()))
}

/// The `WWW-Authenticate` value for a refusal at a protected resource (RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3).
/// A request without any token is told the scheme alone.
#[must_use]
pub fn challenge(fault: Fault, scheme: Scheme, stronger: Option<(Option<Acr>, Option<Duration>)>) -> String {
    let word = match scheme {
        Scheme::Bearer => "Bearer",
        Scheme::Dpop => "DPoP",
    };
    let algorithms: Vec<&str> = match scheme {
        Scheme::Bearer => Vec::new(),
        Scheme::Dpop => dpop::ALGORITHMS.iter().filter_map(|own| own.jose()).collect(),
    };
    let algorithms = algorithms.join(" ");
    match (fault, scheme) {
        (Fault::TokenMissing, Scheme::Bearer) => return word.to_owned(),
        (Fault::TokenMissing, Scheme::Dpop) => return format!("{word} algs=\"{algorithms}\""),
        _ => {}
    }
    let mut value = format!(
        "{word} error=\"{}\", error_description=\"{}\"",
        fault.code(),
        fault.description()
    );
    if scheme == Scheme::Dpop {
        value.push_str(&format!(", algs=\"{algorithms}\""));
    }
    if fault == Fault::TokenScope {
        value.push_str(", scope=\"openid\"");
    }
    if let Some((acr, max_age)) = stronger {
        if let Some(acr) = acr {
            value.push_str(&format!(", acr_values=\"{acr}\""));
        }
        if let Some(max_age) = max_age {
            value.push_str(&format!(", max_age=\"{}\"", max_age.as_secs()));
        }
    }
    value
}
