//! The ID token (OpenID Connect Core §2, §3.1.3.3, §3.1.3.6), and what an old one still says as a hint.
//!
//! `aud` is one string, the client; so there is no `azp`. `auth_time`, `acr`, `amr` and `sid` always stand in
//! it. Claims about the person never overwrite those of the protocol.

use core::time::Duration;

use doorward_crypto::{Algorithm, Hash, Scheme, Timestamp};
use doorward_jose::base64url;
use serde_json::{Map, Value, json};

use crate::acr::amr_claim;
use crate::client::metadata::Client;
use crate::grant::Grant;
use crate::issuer::Issuer;
use crate::keys::{JwtType, Keys, NotOurs, SignError};
use crate::limits;

/// Claims that the protocol itself sets, in ID tokens and elsewhere: nobody's mapping may write them.
pub const PROTOCOL_CLAIMS: [&str; 28] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "cnf",
    "scope",
    "client_id",
    "grant",
    "typ",
    "events",
    "act",
    "may_act",
    "sub_jwk",
    "active",
    "token_introspection",
    "id",
];

/// What an ID token is made of.
#[derive(Clone, Copy, Debug)]
pub struct IdToken<'a> {
    /// Who says it.
    pub issuer: &'a Issuer,
    /// To whom.
    pub client: &'a Client,
    /// Of whom.
    pub grant: &'a Grant,
    /// Echoed from the authorization request; absent on refresh.
    pub nonce: Option<&'a str>,
    /// The access token issued beside it, for `at_hash`.
    pub access_token: Option<&'a str>,
    /// Claims about the person (see [`crate::userinfo::id_token_claims`]).
    pub person: &'a Map<String, Value>,
    /// How long it lives.
    pub lifetime: Duration,
    /// Now.
    pub now: Timestamp,
}

impl IdToken<'_> {
    /// The claims.
    #[must_use]
    pub fn claims(&self) -> Map<String, Value> {
        let authentication = &self.grant.authentication;
        let mut claims = self.person.clone();
        claims.retain(|name, _| !PROTOCOL_CLAIMS.contains(&name.as_str()));
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("iss", json!(self.issuer.as_str()));
        set("sub", json!(self.grant.sub));
        set("aud", json!(self.client.id.as_str()));
        set("iat", json!(self.now.seconds()));
        set("exp", json!(self.now.plus(self.lifetime).seconds()));
        set("auth_time", json!(authentication.auth_time.seconds()));
        set("acr", json!(authentication.acr.as_str()));
        set("amr", json!(amr_claim(&authentication.amr)));
        if let Some(sid) = &authentication.sid {
            set("sid", json!(sid));
        }
        if let Some(nonce) = self.nonce {
            set("nonce", json!(nonce));
        }
        if let Some(token) = self.access_token {
            set(
                "at_hash",
                json!(left_half(self.client.id_token_signed_response_alg, token)),
            );
        }
        claims
    }

    /// The token, signed with the client's algorithm.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, keys: &Keys) -> Result<String, SignError> {
        keys.sign(
            JwtType::IdToken,
            self.client.id_token_signed_response_alg,
            &self.claims(),
        )
    }
}

/// The left half of the hash of a token, with the hash of the signature's algorithm (Core §3.1.3.6). Ed25519
/// hashes with SHA-512.
#[must_use]
pub fn left_half(algorithm: Algorithm, token: &str) -> String {
    let hash = match algorithm.scheme() {
        Scheme::Ecdsa(_, hash) | Scheme::RsaPkcs1(hash) | Scheme::RsaPss(hash) => hash,
        Scheme::Ed25519 | Scheme::Ed448 | Scheme::MlDsa(_) => Hash::Sha512,
    };
    let digest = hash.of(token.as_bytes());
    let half = digest.len().div_euclid(2);
    base64url::encode(digest.get(..half).unwrap_or_default())
}

/// What an ID token of ours says when it comes back as a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hint {
    /// The client that it was given to.
    pub aud: String,
    /// The person, as that client knows them.
    pub sub: String,
    /// The session.
    pub sid: Option<String>,
}

/// Reads an ID token as a hint: ours by its signature, whether it has expired or not (Core §3.1.2.1,
/// RP-Initiated Logout §2).
///
/// # Errors
/// [`NotOurs`] for a foreign, altered or unsigned token, and for a token of another kind.
pub fn read_hint(token: &str, issuer: &Issuer, keys: &Keys) -> Result<Hint, NotOurs> {
    if token.len() > limits::TOKEN_MAX {
        return Err(NotOurs);
    }
    let claims = keys.verify(JwtType::IdToken, token)?;
    let text = |name| claims.required_text(name).map(str::to_owned).map_err(|_| NotOurs);
    if text("iss")? != issuer.as_str() {
        return Err(NotOurs);
    }
    let sid = claims.text("sid").map_err(|_| NotOurs)?.map(str::to_owned);
    Ok(Hint {
        aud: text("aud")?,
        sub: text("sub")?,
        sid,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OpenID Connect Core appendix A.3.
    #[test]
    fn at_hash_is_the_one_of_the_example() {
        let hash = left_half(Algorithm::Rs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(hash, "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(left_half(Algorithm::Ed25519, "x").len(), 43);
    }
}
