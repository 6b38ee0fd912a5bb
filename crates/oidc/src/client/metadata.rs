//! What is known of a client (RFC 7591 §2, OpenID Connect Registration §2, RFC 8252), and which of it fits together.
//!
//! [`Client`] is the value that a caller stores. Each member's own form is held by its type; what the members
//! say to each other is held by [`Client::check`], which every way of writing a client goes through: the
//! operator's page, the command line, registration and its updates.
//!
//! What kind of client it is ([`Profile`]) is a type and no row of switches: it decides about pushed requests,
//! PKCE, algorithms, rotation and key-bound tokens together.

use core::fmt;

use doorward_crypto::Algorithm;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::redirect_uri::{Destination, RedirectUri, UriError, WebUri};
use super::secret::SecretHash;
use crate::acr::{Acr, Unknown, words};
use crate::error::ErrorCode;
use crate::limits;
use crate::scope::Scope;
use crate::stored;

/// The name by which a client speaks: 1 to 255 visible ASCII characters, compared exactly (case counts).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ClientId(Box<str>);

impl ClientId {
    /// Reads a client identifier.
    ///
    /// # Errors
    /// [`Unknown`] when it is empty, too long, or holds something else than visible ASCII (RFC 6749 appendix
    /// A.1 allows the space too; nobody is given one here).
    pub fn parse(text: &str) -> Result<Self, Unknown> {
        let fits = (1..=limits::CLIENT_ID_MAX).contains(&text.len());
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits && visible {
            Ok(Self(text.into()))
        } else {
            Err(Unknown)
        }
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientId({})", self.0)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ClientId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

words! {
    /// The set of rules that a client lives under.
    Profile {
        Oidc = ("oidc", "OpenID Connect and OAuth 2 with RFC 9700."),
        Fapi2Security = ("fapi2_security", "FAPI 2.0 Security Profile."),
    }
}

words! {
    /// Whether redirect URIs belong to a site or to a program (OpenID Connect Registration §2).
    ApplicationType {
        Web = ("web", "A site."),
        Native = ("native", "A program on the person's own device."),
    }
}

words! {
    /// Who put the client into the directory.
    Origin {
        Operator = ("operator", "The operator."),
        Dynamic = ("dynamic", "Itself, by dynamic registration."),
    }
}

words! {
    /// Whether the client is in use or being written.
    Stage {
        Production = ("production", "In use."),
        Development = ("development", "Being written: loopback addresses are let in, pages say so."),
    }
}

words! {
    /// Whether people are asked before a client learns something about them.
    ConsentPolicy {
        Explicit = ("explicit", "Asked, and the answer is remembered."),
        Implicit = ("implicit", "The operator answered for everybody: the client is the operator's own."),
    }
}

words! {
    /// How the client proves at the token endpoint that it is the one (OpenID Connect Core §9).
    AuthMethod {
        ClientSecretBasic = ("client_secret_basic", "A secret in the Authorization header."),
        ClientSecretPost = ("client_secret_post", "A secret in the form."),
        PrivateKeyJwt = ("private_key_jwt", "An assertion signed with its key (RFC 7523)."),
        None = ("none", "Not at all: a public client."),
    }
}

words! {
    /// How a token may be asked for.
    GrantType {
        AuthorizationCode = ("authorization_code", "With a code (RFC 6749 §4.1)."),
        RefreshToken = ("refresh_token", "With a refresh token (RFC 6749 §6)."),
        ClientCredentials = ("client_credentials", "For the client itself (RFC 6749 §4.4)."),
        DeviceCode = ("urn:ietf:params:oauth:grant-type:device_code", "With a device code (RFC 8628 §3.4)."),
    }
}

words! {
    /// What the authorization endpoint answers with.
    ResponseType {
        Code = ("code", "A code (RFC 6749 §4.1.1)."),
    }
}

words! {
    /// Whether authorization requests must carry a code challenge.
    PkceRequirement {
        Required = ("required", "Always (the default)."),
        Optional = ("optional", "Only if the client wants: weaker, for confidential clients that cannot."),
    }
}

words! {
    /// What an access token looks like.
    AccessTokenFormat {
        Jwt = ("jwt", "A signed JWT (RFC 9068)."),
        Opaque = ("opaque", "Random characters that mean nothing elsewhere."),
    }
}

words! {
    /// Which claims about the person stand in the ID token.
    IdTokenClaims {
        Minimal = ("minimal", "Those that the claims parameter asks for (Core §5.4)."),
        Compatible = ("compatible", "Those of the granted scopes too, for clients that never call userinfo."),
    }
}

/// How the person is named to the client (OpenID Connect Core §8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum SubjectType {
    /// By one name everywhere.
    #[default]
    Public,
    /// By a name of its own for each sector.
    Pairwise {
        /// A host: that of the sector identifier URI, or the one host of the redirect URIs (Core §8.1).
        sector: String,
    },
}

/// Where the client's public keys are (RFC 7591 §2: by value or by address, never both).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// Nowhere.
    #[default]
    None,
    /// Here: a JWK Set as JSON text.
    Jwks(String),
    /// At this address.
    JwksUri(WebUri),
}

/// A client, as it is stored. Every member has a default but the first four.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Client {
    /// By which it speaks.
    pub id: ClientId,
    /// By which people know it.
    pub name: String,
    /// How it proves that it is the one.
    pub token_endpoint_auth_method: AuthMethod,
    /// Where answers may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// The rules that it lives under.
    #[serde(default = "Client::default_profile")]
    pub profile: Profile,
    /// Site or program.
    #[serde(default = "Client::default_application_type")]
    pub application_type: ApplicationType,
    /// Who put it here.
    #[serde(default = "Client::default_origin")]
    pub origin: Origin,
    /// In use or being written.
    #[serde(default = "Client::default_stage")]
    pub stage: Stage,
    /// Whether people are asked.
    #[serde(default = "Client::default_consent")]
    pub consent: ConsentPolicy,
    /// Hashes of its secrets: two at the most, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretHash>,
    /// Its public keys.
    #[serde(default)]
    pub keys: KeySource,
    /// With which algorithm it signs assertions; any allowed one when absent.
    #[serde(
        default,
        with = "stored::algorithm::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub token_endpoint_auth_signing_alg: Option<Algorithm>,
    /// Where a browser may go after sign-out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Schemes without a period that the operator allows in its redirect URIs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private_schemes: Vec<String>,
    /// How it may ask for tokens.
    #[serde(default = "Client::default_grant_types")]
    pub grant_types: Vec<GrantType>,
    /// What it may ask the authorization endpoint for.
    #[serde(default = "Client::default_response_types")]
    pub response_types: Vec<ResponseType>,
    /// The scopes that it may ask for.
    #[serde(default = "Client::default_scope")]
    pub scope: Scope,
    /// The protected resources that it may ask for, beside the issuer itself (RFC 8707).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The protected resources that it is itself: it may introspect tokens that are meant for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protects: Vec<String>,
    /// How people are named to it.
    #[serde(default)]
    pub subject_type: SubjectType,
    /// The address whose document lists its redirect URIs, and whose host is its sector (Registration §5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<WebUri>,
    /// With which algorithm its ID tokens are signed.
    #[serde(default = "Client::default_signing_alg", with = "stored::algorithm")]
    pub id_token_signed_response_alg: Algorithm,
    /// With which algorithm its userinfo answers are signed; not signed when absent.
    #[serde(
        default,
        with = "stored::algorithm::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub userinfo_signed_response_alg: Option<Algorithm>,
    /// With which algorithm it signs request objects; any allowed one when absent.
    #[serde(
        default,
        with = "stored::algorithm::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub request_object_signing_alg: Option<Algorithm>,
    /// Whether requests that it did not sign are refused (RFC 9101 §10.5).
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub require_signed_request_object: bool,
    /// Addresses of request objects that may be fetched (Core §6.2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<WebUri>,
    /// Whether a code challenge is demanded.
    #[serde(default = "Client::default_pkce")]
    pub pkce: PkceRequirement,
    /// Whether requests must be pushed (RFC 9126 §6); FAPI clients always push.
    #[serde(default)]
    pub require_pushed_authorization_requests: bool,
    /// Whether tokens must be bound to a key (RFC 9449 §5.2); FAPI clients always bind.
    #[serde(default)]
    pub dpop_bound_access_tokens: bool,
    /// What its access tokens look like.
    #[serde(default = "Client::default_access_token_format")]
    pub access_token_format: AccessTokenFormat,
    /// Which claims stand in its ID tokens.
    #[serde(default = "Client::default_id_token_claims")]
    pub id_token_claims: IdTokenClaims,
    /// Seconds that an authentication may be old when the request does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u64>,
    /// Whether the ID token always says when the person signed in (Registration §2).
    #[serde(default)]
    pub require_auth_time: bool,
    /// Rungs that it likes when the request names none, best liked first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<Acr>,
    /// The rung below which nobody gets in: the operator's rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_acr: Option<Acr>,
    /// Its home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<WebUri>,
    /// Its logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<WebUri>,
    /// Its privacy policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<WebUri>,
    /// Its terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<WebUri>,
    /// Where a sign-in that starts elsewhere begins (Core §4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<WebUri>,
    /// Where its tile among the person's applications leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_uri: Option<WebUri>,
    /// Whom to ask about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Where it is told of sign-outs (Back-Channel Logout §2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<WebUri>,
    /// Whether it needs the session's name there.
    #[serde(default)]
    pub backchannel_logout_session_required: bool,
    /// What the signed-out page loads in a frame (Front-Channel Logout §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<WebUri>,
    /// Whether it needs issuer and session there.
    #[serde(default)]
    pub frontchannel_logout_session_required: bool,
    /// Origins beside those of its redirect URIs whose scripts may call the token endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cors_origins: Vec<String>,
}

/// Why a client cannot be as it was described, by the member's name in RFC 7591.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{member} {rule}")]
pub struct ClientError {
    /// The member.
    pub member: &'static str,
    /// What it breaks.
    pub rule: Rule,
}

/// A rule between the members of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// The URI's own form.
    #[error("{0}")]
    Uri(#[from] UriError),
    /// A list with too many entries.
    #[error("has too many entries")]
    TooMany,
    /// A list without entries.
    #[error("must not be empty")]
    Empty,
    /// A name that cannot be shown: empty, too long, or with characters that deceive.
    #[error(
        "cannot be shown: it is empty, longer than 60 characters, or holds invisible or direction characters"
    )]
    Name,
    /// `http` on the loopback interface, for a client that is neither native nor in development.
    #[error("uses http, which only native clients and clients in development may, on the loopback interface")]
    LoopbackNotAllowed,
    /// A private-use scheme without a period that the operator did not list.
    #[error("has a scheme without a period that is not listed for this client")]
    SchemeNotListed,
    /// Not `https`.
    #[error("must be https")]
    NotHttps,
    /// A public client without PKCE.
    #[error("must be required for public and FAPI clients")]
    PkceNeeded,
    /// A method that needs a secret, and no secret; or a secret that nothing uses.
    #[error("needs a secret for this method, and allows none for the others")]
    Secret,
    /// A method that needs keys, and no keys.
    #[error("needs jwks or jwks_uri")]
    Keys,
    /// Not a JWK Set of public keys.
    #[error("is not a JWK Set of public keys")]
    Jwks,
    /// An algorithm that is not offered, or not to this kind of client.
    #[error("is not offered to this kind of client")]
    Algorithm,
    /// A method that this kind of client may not use.
    #[error("may not be used by this kind of client")]
    Method,
    /// A grant type or response type without its counterpart.
    #[error("does not fit the other grant and response types")]
    Grants,
    /// Unchecked clients are always asked about.
    #[error("must be explicit for clients that registered themselves")]
    ConsentNeeded,
    /// Redirect URIs with several hosts and no sector identifier.
    #[error("needs a sector identifier, since the redirect URIs have several hosts")]
    Sector,
    /// A value that is not known or not of the right type.
    #[error("has a value that is not known here")]
    Value,
}

impl ClientError {
    /// The code for an answer to a registration (RFC 7591 §3.2.2).
    #[must_use]
    pub fn code(self) -> ErrorCode {
        if self.member == "redirect_uris" {
            ErrorCode::InvalidRedirectUri
        } else {
            ErrorCode::InvalidClientMetadata
        }
    }
}

/// Algorithms with which this provider signs what clients read, and which it verifies from them.
pub const SIGNING_ALGORITHMS: [Algorithm; 5] = [
    Algorithm::Rs256,
    Algorithm::Es256,
    Algorithm::Ps256,
    Algorithm::EdDsa,
    Algorithm::Ed25519,
];

impl Profile {
    /// Whether clients of this profile may use an algorithm (FAPI 2.0 Security Profile §5.4.1).
    #[must_use]
    pub fn allows(self, algorithm: Algorithm) -> bool {
        match self {
            Self::Oidc => SIGNING_ALGORITHMS.contains(&algorithm),
            Self::Fapi2Security => algorithm != Algorithm::Rs256 && SIGNING_ALGORITHMS.contains(&algorithm),
        }
    }
}

impl Client {
    /// A client with every other member at its default: explicit consent, PKCE required, code and refresh,
    /// all known scopes, RS256.
    #[must_use]
    pub fn new(id: ClientId, name: &str, method: AuthMethod, redirect_uris: Vec<RedirectUri>) -> Self {
        Self {
            id,
            name: name.to_owned(),
            token_endpoint_auth_method: method,
            redirect_uris,
            profile: Self::default_profile(),
            application_type: Self::default_application_type(),
            origin: Self::default_origin(),
            stage: Self::default_stage(),
            consent: Self::default_consent(),
            secrets: Vec::new(),
            keys: KeySource::None,
            token_endpoint_auth_signing_alg: None,
            post_logout_redirect_uris: Vec::new(),
            private_schemes: Vec::new(),
            grant_types: Self::default_grant_types(),
            response_types: Self::default_response_types(),
            scope: Self::default_scope(),
            resources: Vec::new(),
            protects: Vec::new(),
            subject_type: SubjectType::Public,
            id_token_signed_response_alg: Self::default_signing_alg(),
            userinfo_signed_response_alg: None,
            request_object_signing_alg: None,
            require_signed_request_object: false,
            sector_identifier_uri: None,
            request_uris: Vec::new(),
            pkce: Self::default_pkce(),
            require_pushed_authorization_requests: false,
            dpop_bound_access_tokens: false,
            access_token_format: Self::default_access_token_format(),
            id_token_claims: Self::default_id_token_claims(),
            default_max_age: None,
            require_auth_time: false,
            default_acr_values: Vec::new(),
            minimum_acr: None,
            client_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            initiate_login_uri: None,
            start_uri: None,
            contacts: Vec::new(),
            backchannel_logout_uri: None,
            backchannel_logout_session_required: false,
            frontchannel_logout_uri: None,
            frontchannel_logout_session_required: false,
            cors_origins: Vec::new(),
        }
    }

    fn default_profile() -> Profile {
        Profile::Oidc
    }

    fn default_application_type() -> ApplicationType {
        ApplicationType::Web
    }

    fn default_origin() -> Origin {
        Origin::Operator
    }

    fn default_stage() -> Stage {
        Stage::Production
    }

    fn default_consent() -> ConsentPolicy {
        ConsentPolicy::Explicit
    }

    fn default_grant_types() -> Vec<GrantType> {
        vec![GrantType::AuthorizationCode, GrantType::RefreshToken]
    }

    fn default_response_types() -> Vec<ResponseType> {
        vec![ResponseType::Code]
    }

    fn default_scope() -> Scope {
        Scope::known()
    }

    fn default_signing_alg() -> Algorithm {
        Algorithm::Rs256
    }

    fn default_pkce() -> PkceRequirement {
        PkceRequirement::Required
    }

    fn default_access_token_format() -> AccessTokenFormat {
        AccessTokenFormat::Jwt
    }

    fn default_id_token_claims() -> IdTokenClaims {
        IdTokenClaims::Minimal
    }

    /// Whether it has no way to prove that it is the one (RFC 6749 §2.1).
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == AuthMethod::None
    }

    /// Whether it may ask for tokens in this way.
    #[must_use]
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// Whether every request must carry a code challenge: public and FAPI clients always, others unless the
    /// operator made an exception.
    #[must_use]
    pub fn requires_pkce(&self) -> bool {
        self.is_public() || self.profile == Profile::Fapi2Security || self.pkce == PkceRequirement::Required
    }

    /// Whether its authorization requests must be pushed (RFC 9126 §6).
    #[must_use]
    pub fn requires_pushed_requests(&self) -> bool {
        self.profile == Profile::Fapi2Security || self.require_pushed_authorization_requests
    }

    /// Whether its tokens must be bound to a key.
    #[must_use]
    pub fn requires_bound_tokens(&self) -> bool {
        self.profile == Profile::Fapi2Security || self.dpop_bound_access_tokens
    }

    /// Whether a requested redirect URI is registered: byte for byte, or but for the port for a public client
    /// with PKCE on the loopback interface (RFC 8252 §7.3). `None` when it is not.
    #[must_use]
    pub fn registered_redirect_uri(&self, requested: &str) -> Option<&RedirectUri> {
        let exact = self.redirect_uris.iter().find(|uri| uri.is(requested));
        let native = || {
            self.redirect_uris
                .iter()
                .find(|uri| uri.is_but_for_port(requested))
        };
        exact.or_else(|| {
            if self.is_public() && self.requires_pkce() {
                native()
            } else {
                None
            }
        })
    }

    /// Whether scripts of this origin may read the token endpoint's answers to this client.
    #[must_use]
    pub fn admits_origin(&self, origin: &str) -> bool {
        let of_redirect = || {
            self.redirect_uris
                .iter()
                .any(|uri| uri.origin().as_deref() == Some(origin))
        };
        origin != "null" && (self.cors_origins.iter().any(|own| own == origin) || of_redirect())
    }

    /// Checks what the members say to each other.
    ///
    /// # Errors
    /// [`ClientError`] names the first member that does not fit, and the rule.
    pub fn check(&self) -> Result<(), ClientError> {
        self.check_name()?;
        self.check_redirect_uris("redirect_uris", &self.redirect_uris)?;
        self.check_redirect_uris("post_logout_redirect_uris", &self.post_logout_redirect_uris)?;
        self.check_web_uris()?;
        self.check_grants()?;
        self.check_authentication()?;
        self.check_algorithms()?;
        self.check_consent_and_subject()
    }

    fn check_name(&self) -> Result<(), ClientError> {
        let length = self.name.chars().count();
        let shown = (1..=limits::CLIENT_NAME_MAX).contains(&length) && !self.name.trim().is_empty();
        ensure(
            shown && !self.name.chars().any(deceives),
            "client_name",
            Rule::Name,
        )
    }

    fn check_redirect_uris(&self, member: &'static str, uris: &[RedirectUri]) -> Result<(), ClientError> {
        ensure(uris.len() <= limits::REDIRECT_URIS_MAX, member, Rule::TooMany)?;
        let loopback = self.application_type == ApplicationType::Native || self.stage == Stage::Development;
        for uri in uris {
            match uri.destination() {
                Destination::Https | Destination::PrivateScheme => {}
                Destination::Loopback => ensure(loopback, member, Rule::LoopbackNotAllowed)?,
                Destination::BareScheme => {
                    let listed = self.private_schemes.iter().any(|scheme| scheme == uri.scheme());
                    ensure(listed, member, Rule::SchemeNotListed)?;
                }
            }
        }
        Ok(())
    }

    fn check_web_uris(&self) -> Result<(), ClientError> {
        let shown = [
            ("client_uri", &self.client_uri),
            ("logo_uri", &self.logo_uri),
            ("policy_uri", &self.policy_uri),
            ("tos_uri", &self.tos_uri),
            ("start_uri", &self.start_uri),
            ("backchannel_logout_uri", &self.backchannel_logout_uri),
            ("frontchannel_logout_uri", &self.frontchannel_logout_uri),
            ("initiate_login_uri", &self.initiate_login_uri),
        ];
        let loopback = self.stage == Stage::Development;
        for (member, uri) in shown {
            let fine = uri.as_ref().is_none_or(|uri| uri.is_https() || loopback);
            ensure(fine, member, Rule::NotHttps)?;
        }
        if let KeySource::JwksUri(uri) = &self.keys {
            ensure(uri.is_https() || loopback, "jwks_uri", Rule::NotHttps)?;
        }
        ensure(
            self.request_uris.len() <= limits::REDIRECT_URIS_MAX,
            "request_uris",
            Rule::TooMany,
        )?;
        let https = self.request_uris.iter().all(|uri| uri.is_https() || loopback);
        ensure(https, "request_uris", Rule::NotHttps)?;
        for (member, resources) in [("resources", &self.resources), ("protects", &self.protects)] {
            let fit = |resource: &String| crate::authorize::resource::is_resource(resource);
            ensure(resources.iter().all(fit), member, Rule::Value)?;
        }
        Ok(())
    }

    fn check_grants(&self) -> Result<(), ClientError> {
        let code = self.may_use(GrantType::AuthorizationCode);
        ensure(!self.grant_types.is_empty(), "grant_types", Rule::Empty)?;
        ensure(
            code == self.response_types.contains(&ResponseType::Code),
            "response_types",
            Rule::Grants,
        )?;
        ensure(
            !code || !self.redirect_uris.is_empty(),
            "redirect_uris",
            Rule::Empty,
        )?;
        let refreshable = code || self.may_use(GrantType::DeviceCode);
        ensure(
            refreshable || !self.may_use(GrantType::RefreshToken),
            "grant_types",
            Rule::Grants,
        )?;
        let own = self.may_use(GrantType::ClientCredentials);
        ensure(!own || !self.is_public(), "grant_types", Rule::Grants)
    }

    fn check_authentication(&self) -> Result<(), ClientError> {
        const MEMBER: &str = "token_endpoint_auth_method";
        let by_secret = match self.token_endpoint_auth_method {
            AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost => true,
            AuthMethod::PrivateKeyJwt | AuthMethod::None => false,
        };
        ensure(
            by_secret != self.secrets.is_empty() && self.secrets.len() <= 2,
            MEMBER,
            Rule::Secret,
        )?;
        let by_key = self.token_endpoint_auth_method == AuthMethod::PrivateKeyJwt;
        ensure(!by_key || self.keys != KeySource::None, MEMBER, Rule::Keys)?;
        ensure(by_key || self.profile == Profile::Oidc, MEMBER, Rule::Method)?;
        let pkce = self.pkce == PkceRequirement::Required;
        ensure(
            pkce || (!self.is_public() && self.profile == Profile::Oidc),
            "pkce",
            Rule::PkceNeeded,
        )
    }

    fn check_algorithms(&self) -> Result<(), ClientError> {
        let chosen = [
            (
                "id_token_signed_response_alg",
                Some(self.id_token_signed_response_alg),
            ),
            ("userinfo_signed_response_alg", self.userinfo_signed_response_alg),
            ("request_object_signing_alg", self.request_object_signing_alg),
            (
                "token_endpoint_auth_signing_alg",
                self.token_endpoint_auth_signing_alg,
            ),
        ];
        for (member, algorithm) in chosen {
            let offered = algorithm.is_none_or(|algorithm| self.profile.allows(algorithm));
            ensure(offered, member, Rule::Algorithm)?;
        }
        Ok(())
    }

    fn check_consent_and_subject(&self) -> Result<(), ClientError> {
        let asked = self.origin == Origin::Operator || self.consent == ConsentPolicy::Explicit;
        ensure(asked, "consent", Rule::ConsentNeeded)?;
        match &self.subject_type {
            SubjectType::Public => Ok(()),
            SubjectType::Pairwise { sector } => ensure(!sector.is_empty(), "subject_type", Rule::Sector),
        }?;
        ensure(
            self.scope.iter().count() <= limits::SCOPE_ITEMS_MAX,
            "scope",
            Rule::TooMany,
        )?;
        ensure(
            Scope::parse(&self.scope.to_string()).is_ok(),
            "scope",
            Rule::Value,
        )
    }
}

/// Characters that change what a reader sees without being seen (Unicode TR 36): controls, direction marks,
/// zero-width characters and the byte order mark.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn ensure(holds: bool, member: &'static str, rule: Rule) -> Result<(), ClientError> {
    if holds {
        Ok(())
    } else {
        Err(ClientError { member, rule })
    }
}
