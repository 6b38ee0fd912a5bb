//! A relying party of the barest kind: it sends people to the authorize endpoint and redeems what comes back.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use doorward_authenticator::{Trouble, Visitor};
use serde_json::Value;

/// RFC 7636 Appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const BACK: &str = "http://127.0.0.1:9/callback";

/// A confidential client.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    origin: String,
    id: String,
    secret: String,
}

/// What the token endpoint said.
#[derive(Debug, Clone)]
pub(crate) enum Redeemed {
    /// Tokens: the refresh token, if there is one.
    Tokens(Option<String>),
    /// `invalid_grant`, or another refusal.
    Refused(String),
}

impl Application {
    /// From what `doorward app add --json` printed.
    pub(crate) fn from_json(origin: &str, printed: &str) -> Self {
        let app: Value = serde_json::from_str(printed.trim()).unwrap_or_default();
        let text = |name: &str| {
            app.get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Self {
            origin: origin.to_owned(),
            id: text("client_id"),
            secret: text("client_secret"),
        }
    }

    /// The redirect address that it registers.
    pub(crate) fn redirect_uri() -> &'static str {
        BACK
    }

    /// A code for somebody who is signed in.
    pub(crate) async fn code(&self, visitor: &mut Visitor) -> Result<String, Trouble> {
        let start = url::Url::parse_with_params(
            &format!("{}/authorize", self.origin),
            [
                ("response_type", "code"),
                ("client_id", &self.id),
                ("redirect_uri", BACK),
                ("scope", "openid offline_access"),
                ("state", "s"),
                ("nonce", "n"),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ],
        )
        .expect("an address");
        let away = visitor.follow(start.as_str()).await?;
        let answer = away.and_then(|away| url::Url::parse(&away).ok());
        let code = answer.and_then(|at| {
            at.query_pairs()
                .find(|(name, _)| name == "code")
                .map(|(_, code)| code.into_owned())
        });
        code.ok_or_else(|| Trouble::Page("a code", start.to_string()))
    }

    /// Redeems a code.
    pub(crate) async fn redeem(&self, code: &str) -> Result<Redeemed, Trouble> {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    /// Uses a refresh token.
    pub(crate) async fn refresh(&self, token: &str) -> Result<Redeemed, Trouble> {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    async fn token(&self, form: &[(&str, &str)]) -> Result<Redeemed, Trouble> {
        let credentials = BASE64_STANDARD.encode(format!("{}:{}", self.id, self.secret));
        let request = reqwest::Client::new()
            .post(format!("{}/token", self.origin))
            .form(form);
        let answer = request
            .header("authorization", format!("Basic {credentials}"))
            .send()
            .await?;
        let status = answer.status();
        let text = answer.text().await?;
        if status.is_success() {
            let tokens: Value = serde_json::from_str(&text).unwrap_or_default();
            return Ok(Redeemed::Tokens(
                tokens
                    .get("refresh_token")
                    .and_then(Value::as_str)
                    .map(ToOwned::to_owned),
            ));
        }
        if status.is_client_error() {
            return Ok(Redeemed::Refused(text));
        }
        Err(Trouble::Refused {
            status: status.as_u16(),
            path: "/token".into(),
            body: text,
        })
    }
}
