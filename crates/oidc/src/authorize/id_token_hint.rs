//! For whom the client asks (OpenID Connect Core §3.1.2.1 `id_token_hint`).

use serde::{Deserialize, Serialize};

use crate::client::metadata::Client;
use crate::error::Fault;
use crate::id_token;
use crate::issuer::Issuer;
use crate::keys::Keys;
use crate::params::Params;

/// The person whom an ID token of ours names. Expiry did not count: a hint says who, not that they are here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Hinted {
    /// The subject, as this client knows it.
    pub sub: String,
    /// The session, where the token names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// Verifies the hint with any key that we still publish or keep for verification; it must be an ID token that
/// we gave to this very client.
pub(super) fn check(
    params: &Params,
    client: &Client,
    issuer: &Issuer,
    keys: &Keys,
) -> Result<Option<Hinted>, Fault> {
    let Some(token) = params.get("id_token_hint") else {
        return Ok(None);
    };
    let hint = id_token::read_hint(token, issuer, keys).map_err(|_| Fault::IdTokenHintInvalid)?;
    if hint.aud != client.id.as_str() {
        return Err(Fault::IdTokenHintInvalid);
    }
    Ok(Some(Hinted {
        sub: hint.sub,
        sid: hint.sid,
    }))
}
