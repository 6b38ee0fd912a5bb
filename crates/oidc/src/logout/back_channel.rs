//! The logout token that a client is sent directly (Back-Channel Logout 1.0 §2.4, §2.5).

use doorward_crypto::Timestamp;
use serde_json::{Map, Value, json};

use crate::client::metadata::Client;
use crate::issuer::Issuer;
use crate::keys::{JwtType, Keys, SignError};
use crate::limits;

/// The member of `events` that makes a JWT a logout token.
pub const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What a logout token is made of.
#[derive(Clone, Copy, Debug)]
pub struct LogoutToken<'a> {
    /// Who says it.
    pub issuer: &'a Issuer,
    /// To whom.
    pub client: &'a Client,
    /// Who was signed out, as this client knows the person.
    pub sub: &'a str,
    /// Which session ended; none when all of the person's did.
    pub sid: Option<&'a str>,
    /// The token's own name. A delivery that is tried again keeps it.
    pub jti: &'a str,
    /// Now.
    pub now: Timestamp,
}

impl LogoutToken<'_> {
    /// The claims. There is never a `nonce`, so that it cannot pass for an ID token.
    #[must_use]
    pub fn claims(&self) -> Map<String, Value> {
        let mut claims = Map::new();
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("iss", json!(self.issuer.as_str()));
        set("aud", json!(self.client.id.as_str()));
        set("iat", json!(self.now.seconds()));
        set(
            "exp",
            json!(self.now.plus(limits::LOGOUT_TOKEN_LIFETIME).seconds()),
        );
        set("jti", json!(self.jti));
        set("sub", json!(self.sub));
        set("events", json!({ EVENT: {} }));
        if let Some(sid) = self.sid {
            set("sid", json!(sid));
        }
        claims
    }

    /// The token, signed like the client's ID tokens.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, keys: &Keys) -> Result<String, SignError> {
        keys.sign(
            JwtType::LogoutToken,
            self.client.id_token_signed_response_alg,
            &self.claims(),
        )
    }
}

/// The form body of the delivery: `logout_token` and nothing else.
#[must_use]
pub fn body(token: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("logout_token", token)
        .finish()
}
