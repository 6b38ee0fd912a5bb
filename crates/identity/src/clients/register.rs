//! Putting applications into the directory, giving them secrets, taking them out.
//!
//! Identifiers and secrets are made here, never chosen: an identifier is used once for ever, so nothing that was
//! given to a removed application comes alive under a new one; a secret is shown once and kept as a hash.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::random;
use doorward_crypto::{Algorithm, NoRandom};
use doorward_oidc::Acr;
use doorward_oidc::client::metadata::{
    AccessTokenFormat, ApplicationType, AuthMethod, ClientError, ConsentPolicy, GrantType, KeySource,
    PkceRequirement, Profile, ResponseType, Stage, SubjectType,
};
use doorward_oidc::client::redirect_uri::UriError;
use doorward_oidc::client::{Client, ClientId, RedirectUri, SecretHash, WebUri, secret};
use doorward_oidc::scope::Scope;
use doorward_oidc::subject::single_sector;
use doorward_storage::StoreError;
use zeroize::Zeroizing;

use crate::audit::{Origin, What};
use crate::records::client::Registered;
use crate::{Identity, keys};

/// What an operator says of an application. [`NewClient::new`] fills in what is safe for most.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// By which people know it, 1 to 60 characters.
    pub name: String,
    /// Where answers may go, byte for byte.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after sign-out, byte for byte.
    pub post_logout_redirect_uris: Vec<String>,
    /// How it proves that it is the one. With [`AuthMethod::None`] it gets no secret.
    pub method: AuthMethod,
    /// Site or program.
    pub application_type: ApplicationType,
    /// In use or being written.
    pub stage: Stage,
    /// Whether people are asked before it learns something.
    pub consent: ConsentPolicy,
    /// Whether it must use PKCE; the exception is for confidential applications that cannot.
    pub pkce: PkceRequirement,
    /// The set of rules that it lives under.
    pub profile: Profile,
    /// Whether its requests must be pushed, whatever its profile (RFC 9126 §6).
    pub require_pushed_authorization_requests: bool,
    /// Whether its tokens must be bound to a key, whatever its profile (RFC 9449 §5.2).
    pub dpop_bound_access_tokens: bool,
    /// How it may ask for tokens.
    pub grant_types: Vec<GrantType>,
    /// What it may ask for.
    pub scope: Scope,
    /// The protected resources that it may ask tokens for, beside the provider itself (RFC 8707).
    pub resources: Vec<String>,
    /// The protected resources that it is itself.
    pub protects: Vec<String>,
    /// With which algorithm its userinfo answers are signed; JSON when absent.
    pub userinfo_signed_response_alg: Option<Algorithm>,
    /// The rung below which nobody gets in.
    pub minimum_acr: Option<Acr>,
    /// With which algorithm its ID tokens are signed.
    pub id_token_signed_response_alg: Algorithm,
    /// What its access tokens look like.
    pub access_token_format: AccessTokenFormat,
    /// Its public keys, a JWK Set as JSON text: for [`AuthMethod::PrivateKeyJwt`].
    pub jwks: Option<String>,
    /// Where its public keys are, when they are not given.
    pub jwks_uri: Option<String>,
    /// Whether people have a name of their own there: then its redirect URIs have one host (Core §8.1).
    pub pairwise: bool,
    /// Where it is told of sign-outs (Back-Channel Logout 1.0).
    pub backchannel_logout_uri: Option<String>,
    /// What the page after a sign-out loads in a frame (Front-Channel Logout 1.0).
    pub frontchannel_logout_uri: Option<String>,
    /// Its home page.
    pub client_uri: Option<String>,
    /// Where its tile leads.
    pub start_uri: Option<String>,
}

impl NewClient {
    /// A site in use, with a secret sent in the Authorization header, PKCE required, people asked.
    #[must_use]
    pub fn new(name: impl Into<String>, redirect_uris: Vec<String>) -> Self {
        Self {
            name: name.into(),
            redirect_uris,
            post_logout_redirect_uris: Vec::new(),
            method: AuthMethod::ClientSecretBasic,
            application_type: ApplicationType::Web,
            stage: Stage::Production,
            consent: ConsentPolicy::Explicit,
            pkce: PkceRequirement::Required,
            profile: Profile::Oidc,
            require_pushed_authorization_requests: false,
            dpop_bound_access_tokens: false,
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            scope: Scope::known(),
            resources: Vec::new(),
            protects: Vec::new(),
            userinfo_signed_response_alg: None,
            minimum_acr: None,
            id_token_signed_response_alg: Algorithm::Rs256,
            access_token_format: AccessTokenFormat::Jwt,
            jwks: None,
            jwks_uri: None,
            pairwise: false,
            backchannel_logout_uri: None,
            frontchannel_logout_uri: None,
            client_uri: None,
            start_uri: None,
        }
    }

    fn into_client(self, id: ClientId, secret: Option<&ClientSecret>) -> Result<Client, RegisterError> {
        let redirect_uris = uris("redirect_uris", &self.redirect_uris)?;
        let mut client = Client::new(id, &self.name, self.method, redirect_uris);
        client.post_logout_redirect_uris =
            uris("post_logout_redirect_uris", &self.post_logout_redirect_uris)?;
        client.application_type = self.application_type;
        client.stage = self.stage;
        client.consent = self.consent;
        client.pkce = self.pkce;
        client.profile = self.profile;
        client.require_pushed_authorization_requests = self.require_pushed_authorization_requests;
        client.dpop_bound_access_tokens = self.dpop_bound_access_tokens;
        if !self.grant_types.contains(&GrantType::AuthorizationCode) {
            client.response_types.retain(|one| *one != ResponseType::Code);
        }
        client.grant_types = self.grant_types;
        client.resources = self.resources;
        client.protects = self.protects;
        client.userinfo_signed_response_alg = self.userinfo_signed_response_alg;
        client.minimum_acr = self.minimum_acr;
        client.scope = self.scope;
        client.id_token_signed_response_alg = self.id_token_signed_response_alg;
        client.access_token_format = self.access_token_format;
        if self.method == AuthMethod::PrivateKeyJwt && self.jwks.is_none() && self.jwks_uri.is_none() {
            return Err(RegisterError::KeysMissing);
        }
        if let Some(jwks) = self.jwks {
            client.keys = KeySource::Jwks(jwks);
        } else if let Some(uri) = web_uri("jwks_uri", self.jwks_uri.as_deref())? {
            client.keys = KeySource::JwksUri(uri);
        }
        if self.pairwise {
            client.subject_type = SubjectType::Pairwise {
                sector: single_sector(&client.redirect_uris).unwrap_or_default(), // judged by the check
            };
        }
        client.backchannel_logout_uri =
            web_uri("backchannel_logout_uri", self.backchannel_logout_uri.as_deref())?;
        client.frontchannel_logout_uri =
            web_uri("frontchannel_logout_uri", self.frontchannel_logout_uri.as_deref())?;
        client.client_uri = web_uri("client_uri", self.client_uri.as_deref())?;
        client.start_uri = web_uri("start_uri", self.start_uri.as_deref())?;
        client
            .secrets
            .extend(secret.map(|secret| SecretHash::of(secret.as_str())));
        client.check()?;
        let ours = |algorithm: &Algorithm| keys::ALGORITHMS.contains(algorithm);
        if !ours(&client.id_token_signed_response_alg)
            || !client.userinfo_signed_response_alg.as_ref().is_none_or(ours)
        {
            return Err(RegisterError::NoKey);
        }
        Ok(client)
    }
}

/// A secret that was just made. It is shown once; `Debug` prints nothing of it.
pub struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    pub(super) fn random(source: &dyn random::Random) -> Result<Self, NoRandom> {
        secret::generate(source).map(|text| Self(Zeroizing::new(text)))
    }

    /// The secret, 43 characters of base64url.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

/// Why an application was not put into the directory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// One of its addresses is not fit.
    #[error("{member}: {uri} {rule}")]
    Uri {
        /// In which list, by its name in RFC 7591.
        member: &'static str,
        /// Which.
        uri: String,
        /// What it breaks.
        rule: UriError,
    },
    /// Its members do not fit together.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The application signs its assertions, and its keys are not given.
    #[error("jwks: the public keys are needed, or their address (jwks_uri)")]
    KeysMissing,
    /// This provider has no key for the algorithm of what it shall sign.
    #[error("id_token_signed_response_alg, userinfo_signed_response_alg: there is no key for this algorithm")]
    NoKey,
    /// There is no such application.
    #[error("there is no application with this identifier")]
    Unknown,
    /// The application proves itself without a secret.
    #[error("this application has no secret")]
    NoSecret,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The source of randomness.
    #[error(transparent)]
    Random(#[from] NoRandom),
}

impl Identity {
    /// Puts an application into the directory. The secret, where it has one, is in this answer and nowhere else.
    ///
    /// # Errors
    /// [`RegisterError`] names the member that is not fit.
    pub async fn register_client(
        &self,
        new: NewClient,
    ) -> Result<(Client, Option<ClientSecret>), RegisterError> {
        let now = self.now();
        let random = self.random().as_ref();
        let secret = match new.method {
            AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost => {
                Some(ClientSecret::random(random)?)
            }
            AuthMethod::PrivateKeyJwt | AuthMethod::None => None,
        };
        let client = new.into_client(fresh_id(random)?, secret.as_ref())?;
        let registered = &Registered::by_operator(client, now);
        self.store()
            .transact(now, |tx| async move {
                tx.insert(registered.clone()).await?;
                let what = What::ClientRegistered {
                    client: registered.client.id.to_string(),
                };
                self.record(&tx, None, &Origin::default(), what).await.map(drop)
            })
            .await?;
        Ok((registered.client.clone(), secret))
    }

    /// Gives an application a new secret. The one before keeps counting until the next change, so that the
    /// application can be told the new one without a gap.
    ///
    /// # Errors
    /// [`RegisterError::Unknown`], [`RegisterError::NoSecret`], or the store.
    pub async fn renew_client_secret(&self, id: &ClientId) -> Result<ClientSecret, RegisterError> {
        let now = self.now();
        let secret = ClientSecret::random(self.random().as_ref())?;
        let hash = &SecretHash::of(secret.as_str());
        self.store()
            .transact(now, |tx| async move {
                let found = tx.read::<Registered>(&id.as_str().to_owned()).await?;
                let mut registered = found.ok_or(RegisterError::Unknown)?;
                if registered.client.secrets.is_empty() {
                    return Err(RegisterError::NoSecret);
                }
                registered.client.secrets.insert(0, hash.clone());
                registered.client.secrets.truncate(2);
                tx.write(registered)?;
                let what = What::ClientSecretRenewed {
                    client: id.to_string(),
                };
                self.record(&tx, None, &Origin::default(), what).await?;
                Ok(())
            })
            .await?;
        Ok(secret)
    }

    /// Takes an application out of the directory: its codes, tokens and consents end with this one write. `false`
    /// when there was none.
    ///
    /// # Errors
    /// [`RegisterError::Store`], [`RegisterError::Random`].
    pub async fn remove_client(&self, id: &ClientId) -> Result<bool, RegisterError> {
        let now = self.now();
        self.store()
            .transact(now, |tx| async move {
                let key = id.as_str().to_owned();
                if tx.read::<Registered>(&key).await?.is_none() {
                    return Ok(false);
                }
                tx.remove::<Registered>(&key)?;
                let what = What::ClientRemoved {
                    client: id.to_string(),
                };
                self.record(&tx, None, &Origin::default(), what).await?;
                Ok(true)
            })
            .await
    }
}

/// 128 random bits in characters that need no encoding anywhere.
fn fresh_id(random: &dyn random::Random) -> Result<ClientId, NoRandom> {
    let text = encoded(&random::bytes::<16>(random)?);
    // Base64url is visible ASCII and 22 characters long.
    ClientId::parse(&text).map_err(|_| NoRandom)
}

pub(super) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn uris(member: &'static str, texts: &[String]) -> Result<Vec<RedirectUri>, RegisterError> {
    let one = |text: &String| {
        RedirectUri::register(text).map_err(|rule| RegisterError::Uri {
            member,
            uri: text.clone(),
            rule,
        })
    };
    texts.iter().map(one).collect()
}

fn web_uri(member: &'static str, text: Option<&str>) -> Result<Option<WebUri>, RegisterError> {
    let one = |text: &str| {
        WebUri::parse(text).map_err(|rule| RegisterError::Uri {
            member,
            uri: text.to_owned(),
            rule,
        })
    };
    text.map(one).transpose()
}
