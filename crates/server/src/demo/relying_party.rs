//! The relying party's half of OpenID Connect, every check of it made by the `openidconnect` crate.

use doorward_crypto::{NoRandom, Random, random};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndSessionUrl,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl,
    Scope, TokenResponse,
};
use serde::Deserialize;
use url::Url;

use super::Settings;
use super::browsers::{Pending, Visitor};
use super::http::{Http, HttpError};

/// What it asks for: who the visitor is, and a refresh token.
const SCOPES: [&str; 3] = ["profile", "email", "offline_access"];

/// Why the visitor could not be signed in, refreshed or signed out.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The operating system gave no random bytes.
    #[error("no random bytes")]
    NoRandom(#[from] NoRandom),
    /// The client for outgoing requests could not be made.
    #[error("no HTTP client: {0}")]
    Http(#[from] HttpError),
    /// A configured address is none.
    #[error("a configured address is malformed: {0}")]
    Address(#[from] url::ParseError),
    /// The provider's documents could not be fetched or are not what they must be.
    #[error("the provider's discovery document or keys could not be read: {0}")]
    Discovery(String),
    /// The document lacks an endpoint.
    #[error("the provider names no {0}")]
    NoEndpoint(&'static str),
    /// The provider answered the authorization request with an error.
    #[error("the provider answered {error}{}", described(.description.as_deref()))]
    Refused {
        /// The code, such as `access_denied`.
        error: String,
        /// What the provider says about it.
        description: Option<String>,
    },
    /// The answer has no `state` of a sign-in that this browser began.
    #[error("the answer does not belong to a sign-in that this browser began")]
    State,
    /// The answer names another issuer (RFC 9207).
    #[error("the answer is not from the provider that was asked")]
    Issuer,
    /// The token endpoint did not answer with tokens.
    #[error("the token endpoint gave no tokens: {0}")]
    Token(String),
    /// The answer of the token endpoint lacks an ID token.
    #[error("the token endpoint gave no ID token")]
    NoIdToken,
    /// The ID token is not what it must be.
    #[error("the ID token was not accepted: {0}")]
    IdToken(String),
    /// The ID token speaks of another access token.
    #[error("the ID token does not belong to the access token")]
    AtHash,
    /// The UserInfo endpoint did not answer, or with another subject.
    #[error("the UserInfo endpoint gave no claims: {0}")]
    UserInfo(String),
    /// There is no refresh token to use.
    #[error("there is no refresh token")]
    NoRefreshToken,
    /// The refreshed ID token is about somebody else.
    #[error("the refreshed ID token is about another subject")]
    OtherSubject,
}

fn described(description: Option<&str>) -> String {
    description.map(|words| format!(": {words}")).unwrap_or_default()
}

/// The parameters that the provider sends to the redirect URI.
#[derive(Debug, Deserialize)]
pub(super) struct Callback {
    code: Option<String>,
    pub(super) state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

pub(super) struct RelyingParty {
    settings: Settings,
    http: Http,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl RelyingParty {
    pub(super) fn new(settings: Settings) -> Result<Self, Fault> {
        Ok(Self {
            settings,
            http: Http::new()?,
        })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// The address to send the browser to, and what to keep until it comes back.
    pub(super) async fn begin(&self, random: &dyn Random) -> Result<(Url, Pending), Fault> {
        let (client, _) = self.provider().await?;
        let state = CsrfToken::new(fresh(random)?);
        let nonce = Nonce::new(fresh(random)?);
        let verifier = PkceCodeVerifier::new(fresh(random)?);
        let (address, state, nonce) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok((
            address,
            Pending {
                state,
                nonce,
                verifier,
            },
        ))
    }

    /// Turns the provider's answer into a visitor, or says why not.
    pub(super) async fn finish(&self, pending: Pending, answer: Callback) -> Result<Visitor, Fault> {
        if answer.iss.as_deref() != Some(self.issuer()) {
            return Err(Fault::Issuer);
        }
        if let Some(error) = answer.error {
            return Err(Fault::Refused {
                error,
                description: answer.error_description,
            });
        }
        let code = AuthorizationCode::new(answer.code.ok_or(Fault::State)?);
        let (client, _) = self.provider().await?;
        let tokens = client
            .exchange_code(code)
            .map_err(|_| Fault::NoEndpoint("token endpoint"))?
            .set_pkce_verifier(pending.verifier)
            .request_async(&self.http)
            .await
            .map_err(|error| Fault::Token(in_full(&error)))?;
        let id_token = tokens.id_token().cloned().ok_or(Fault::NoIdToken)?;
        let claims = checked(&client, &id_token, tokens.access_token(), |nonce| {
            openidconnect::NonceVerifier::verify(&pending.nonce, nonce)
        })?;
        let user_info = self.user_info(&client, &tokens, &claims).await?;
        Ok(Visitor {
            id_token,
            claims,
            user_info,
            refresh_token: tokens.refresh_token().cloned(),
            refreshed: 0,
        })
    }

    /// Uses the refresh token (OpenID Connect Core §12). A rotated one takes its place.
    pub(super) async fn refresh(&self, visitor: Visitor) -> Result<Visitor, Fault> {
        let refresh_token = visitor.refresh_token.clone().ok_or(Fault::NoRefreshToken)?;
        let (client, _) = self.provider().await?;
        let tokens = client
            .exchange_refresh_token(&refresh_token)
            .map_err(|_| Fault::NoEndpoint("token endpoint"))?
            .request_async(&self.http)
            .await
            .map_err(|error| Fault::Token(in_full(&error)))?;
        let (id_token, claims) = match tokens.id_token() {
            Some(id_token) => {
                let claims = checked(&client, id_token, tokens.access_token(), |_| Ok(()))?; // Core §12.2: no nonce due
                (id_token.clone(), claims)
            }
            None => (visitor.id_token, visitor.claims.clone()),
        };
        if claims.subject() != visitor.claims.subject() {
            return Err(Fault::OtherSubject);
        }
        let user_info = self.user_info(&client, &tokens, &claims).await?;
        Ok(Visitor {
            id_token,
            claims,
            user_info,
            refresh_token: tokens.refresh_token().cloned().or(Some(refresh_token)),
            refreshed: visitor.refreshed.saturating_add(1),
        })
    }

    /// The address that ends the session at the provider too (RP-Initiated Logout §2).
    pub(super) async fn leave(
        &self,
        visitor: &Visitor,
        random: &dyn Random,
    ) -> Result<(Url, CsrfToken), Fault> {
        let (_, end_session) = self.provider().await?;
        let end_session = end_session.ok_or(Fault::NoEndpoint("end_session endpoint"))?;
        let state = CsrfToken::new(fresh(random)?);
        let back = PostLogoutRedirectUrl::new(Settings::post_logout_redirect_uri(&self.settings.origin))?;
        let address = LogoutRequest::from(end_session)
            .set_id_token_hint(&visitor.id_token)
            .set_post_logout_redirect_uri(back)
            .set_state(state.clone())
            .http_get_url();
        Ok((address, state))
    }

    /// The provider as it is now. A demo reads the documents each time, so that a new key is known at once.
    async fn provider(&self) -> Result<(Client, Option<EndSessionUrl>), Fault> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone())?;
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, &self.http)
            .await
            .map_err(|error| Fault::Discovery(in_full(&error)))?;
        let end_session = metadata.additional_metadata().end_session_endpoint.clone();
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(self.settings.client_id.clone()),
            Some(ClientSecret::new(self.settings.client_secret.clone())),
        )
        .set_redirect_uri(RedirectUrl::new(Settings::redirect_uri(&self.settings.origin))?);
        Ok((client, end_session))
    }

    async fn user_info(
        &self,
        client: &Client,
        tokens: &CoreTokenResponse,
        claims: &CoreIdTokenClaims,
    ) -> Result<CoreUserInfoClaims, Fault> {
        client
            .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
            .map_err(|_| Fault::NoEndpoint("UserInfo endpoint"))?
            .request_async(&self.http)
            .await
            .map_err(|error| Fault::UserInfo(in_full(&error)))
    }
}

/// Signature, issuer, audience, times, nonce and `at_hash` (OpenID Connect Core §3.1.3.7, §3.1.3.8).
fn checked(
    client: &Client,
    id_token: &CoreIdToken,
    access_token: &AccessToken,
    nonce: impl FnOnce(Option<&Nonce>) -> Result<(), String>,
) -> Result<CoreIdTokenClaims, Fault> {
    let verifier = client.id_token_verifier();
    let claims = id_token
        .claims(&verifier, nonce)
        .map_err(|error| Fault::IdToken(in_full(&error)))?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = id_token
            .signing_alg()
            .map_err(|error| Fault::IdToken(in_full(&error)))?;
        let key = id_token
            .signing_key(&verifier)
            .map_err(|error| Fault::IdToken(in_full(&error)))?;
        let actual = AccessTokenHash::from_token(access_token, algorithm, key)
            .map_err(|error| Fault::IdToken(in_full(&error)))?;
        if actual != *expected {
            return Err(Fault::AtHash);
        }
    }
    Ok(claims.clone())
}

/// 256 fresh bits as 43 unreserved characters: fit for a state, a nonce and a PKCE verifier alike.
pub(super) fn fresh(random: &dyn Random) -> Result<String, NoRandom> {
    use base64::Engine as _;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random::bytes::<32>(random)?))
}

/// An error with its causes, in one line.
fn in_full(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words.push_str(": ");
        words.push_str(&inner.to_string());
        cause = inner.source();
    }
    words
}
