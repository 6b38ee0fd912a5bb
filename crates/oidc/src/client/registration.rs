//! Clients that register themselves (RFC 7591, RFC 7592, OpenID Connect Registration 1.0).
//!
//! An update goes through the very same reading as a first registration, whole: a member that is left out
//! returns to its default, and nothing of the operator's (consent, stage, private schemes, resources, minimum
//! rung) can be said here.

use doorward_crypto::{Algorithm, Timestamp};
use doorward_jose::{JwkSet, json};
use serde_json::{Map, Value, json as value};

use super::metadata::{
    AccessTokenFormat, ApplicationType, AuthMethod, Client, ClientError, ClientId, ConsentPolicy, GrantType,
    KeySource, Origin, PkceRequirement, ResponseType, Rule, SubjectType,
};
use super::redirect_uri::{RedirectUri, WebUri};
use super::secret::SecretHash;
use crate::acr::Acr;
use crate::limits;
use crate::scope::Scope;
use crate::subject;

/// What a provider lets clients that register themselves have.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whether they must use PKCE. Public ones always must.
    pub pkce: PkceRequirement,
    /// The scopes that they may ask for.
    pub scope: Scope,
    /// The grant types that they may have.
    pub grant_types: Vec<GrantType>,
    /// The algorithms for which this provider has keys to sign with.
    pub signing_algorithms: Vec<Algorithm>,
}

/// The metadata that a client sent, of which each member was not yet judged.
#[derive(Clone, Debug)]
pub struct Metadata(json::Object);

impl Metadata {
    /// Reads the body of a registration.
    ///
    /// # Errors
    /// [`Rule::Value`] when it is not a JSON object whose members each occur once.
    pub fn parse(body: &[u8]) -> Result<Self, ClientError> {
        json::object(body).map(Self).map_err(|_| ClientError {
            member: "body",
            rule: Rule::Value,
        })
    }

    /// The sector identifier document that the caller fetches before [`Metadata::to_client`].
    ///
    /// # Errors
    /// When it is not an `https` address.
    pub fn sector_identifier_uri(&self) -> Result<Option<WebUri>, ClientError> {
        self.https("sector_identifier_uri")
    }

    /// The identifier that an update says it is about (RFC 7592 §2.2).
    ///
    /// # Errors
    /// [`Rule::Value`] when it is no text.
    pub fn client_id(&self) -> Result<Option<&str>, ClientError> {
        self.text("client_id")
    }

    /// The secret that an update says the client has (RFC 7592 §2.2).
    ///
    /// # Errors
    /// [`Rule::Value`] when it is no text.
    pub fn client_secret(&self) -> Result<Option<&str>, ClientError> {
        self.text("client_secret")
    }

    /// What the provider alone says: an update must leave it out (RFC 7592 §2.2).
    ///
    /// # Errors
    /// [`Rule::Value`] names the first that is there.
    pub fn says_nothing_of_ours(&self) -> Result<(), ClientError> {
        let ours = [
            "registration_access_token",
            "registration_client_uri",
            "client_secret_expires_at",
            "client_id_issued_at",
        ];
        let said = ours.into_iter().find(|member| self.0.contains_key(*member));
        said.map_or(Ok(()), |member| Err(error(member, Rule::Value)))
    }

    /// Whether the client will need a secret.
    ///
    /// # Errors
    /// When the method is not one of ours.
    pub fn needs_secret(&self) -> Result<bool, ClientError> {
        Ok(match self.method()? {
            AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost => true,
            AuthMethod::PrivateKeyJwt | AuthMethod::None => false,
        })
    }

    /// The client that the metadata describe, under this identifier and with these secrets. `sector` is the
    /// body of the sector identifier document, where there is one.
    ///
    /// # Errors
    /// [`ClientError`] names the first member that cannot be.
    pub fn to_client(
        &self,
        id: ClientId,
        secrets: Vec<SecretHash>,
        sector: Option<&[u8]>,
        policy: &Policy,
    ) -> Result<Client, ClientError> {
        let redirect_uris = self.redirect_uris("redirect_uris")?;
        let fallback = redirect_uris
            .first()
            .and_then(RedirectUri::host)
            .unwrap_or("client")
            .to_owned();
        let name = self.text("client_name")?.map_or(fallback, str::to_owned);
        let mut client = Client::new(id, &name, self.method()?, redirect_uris);
        client.secrets = secrets;
        client.origin = Origin::Dynamic;
        client.consent = ConsentPolicy::Explicit;
        client.access_token_format = AccessTokenFormat::Jwt;
        client.application_type = self.word("application_type")?.unwrap_or(ApplicationType::Web);
        client.pkce = if client.is_public() {
            PkceRequirement::Required
        } else {
            policy.pkce
        };
        client.grant_types = self.known("grant_types", vec![GrantType::AuthorizationCode])?;
        client
            .grant_types
            .retain(|grant| policy.grant_types.contains(grant));
        client.response_types = self.response_types(&client.grant_types)?;
        client.scope = match self.text("scope")? {
            Some(scope) => Scope::parse(scope)
                .map_err(|_| error("scope", Rule::Value))?
                .intersection(&policy.scope),
            None => policy.scope.clone(),
        };
        client.post_logout_redirect_uris = self.redirect_uris("post_logout_redirect_uris")?;
        self.set_keys_and_algorithms(&mut client)?;
        for (member, algorithm) in [
            (
                "id_token_signed_response_alg",
                Some(client.id_token_signed_response_alg),
            ),
            (
                "userinfo_signed_response_alg",
                client.userinfo_signed_response_alg,
            ),
        ] {
            if algorithm.is_some_and(|own| !policy.signing_algorithms.contains(&own)) {
                return Err(error(member, Rule::Algorithm));
            }
        }
        self.set_authentication_wishes(&mut client)?;
        self.set_addresses(&mut client)?;
        client.subject_type = self.subject_type(&client.redirect_uris, sector)?;
        client.sector_identifier_uri = self.sector_identifier_uri()?;
        client.check()?;
        Ok(client)
    }

    fn set_keys_and_algorithms(&self, client: &mut Client) -> Result<(), ClientError> {
        client.keys = self.keys()?;
        client.id_token_signed_response_alg = self
            .algorithm("id_token_signed_response_alg")?
            .unwrap_or(Algorithm::Rs256);
        client.userinfo_signed_response_alg = self.algorithm("userinfo_signed_response_alg")?;
        client.request_object_signing_alg = self.algorithm("request_object_signing_alg")?;
        client.require_signed_request_object = self.truth("require_signed_request_object")?;
        client.token_endpoint_auth_signing_alg = self.algorithm("token_endpoint_auth_signing_alg")?;
        client.dpop_bound_access_tokens = self.truth("dpop_bound_access_tokens")?;
        client.require_pushed_authorization_requests = self.truth("require_pushed_authorization_requests")?;
        for member in [
            "id_token_encrypted_response_alg",
            "userinfo_encrypted_response_alg",
        ] {
            if self.0.contains_key(member) {
                return Err(error(member, Rule::Algorithm));
            }
        }
        Ok(())
    }

    fn set_authentication_wishes(&self, client: &mut Client) -> Result<(), ClientError> {
        client.default_max_age = match self.0.get("default_max_age") {
            None | Some(Value::Null) => None,
            Some(seconds) => Some(seconds.as_u64().ok_or(error("default_max_age", Rule::Value))?),
        };
        client.require_auth_time = self.truth("require_auth_time")?;
        client.default_acr_values = self.known::<Acr>("default_acr_values", Vec::new())?;
        Ok(())
    }

    fn set_addresses(&self, client: &mut Client) -> Result<(), ClientError> {
        client.client_uri = self.https("client_uri")?;
        client.logo_uri = self.https("logo_uri")?;
        client.policy_uri = self.https("policy_uri")?;
        client.tos_uri = self.https("tos_uri")?;
        client.initiate_login_uri = self.https("initiate_login_uri")?;
        client.backchannel_logout_uri = self.https("backchannel_logout_uri")?;
        client.backchannel_logout_session_required = self.truth("backchannel_logout_session_required")?;
        client.frontchannel_logout_uri = self.https("frontchannel_logout_uri")?;
        client.frontchannel_logout_session_required = self.truth("frontchannel_logout_session_required")?;
        client.contacts = self.texts("contacts")?.into_iter().map(str::to_owned).collect();
        let requests = self.texts("request_uris")?;
        let read = |uri: &&str| WebUri::parse(uri).map_err(|why| error("request_uris", why.into()));
        client.request_uris = requests.iter().map(read).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn method(&self) -> Result<AuthMethod, ClientError> {
        Ok(self
            .word("token_endpoint_auth_method")?
            .unwrap_or(AuthMethod::ClientSecretBasic))
    }

    fn redirect_uris(&self, member: &'static str) -> Result<Vec<RedirectUri>, ClientError> {
        let register = |uri: &&str| RedirectUri::register(uri).map_err(|why| error(member, why.into()));
        self.texts(member)?.iter().map(register).collect()
    }

    /// Types that are not offered are dropped, and with them what cannot be used without; none left is an error.
    fn response_types(&self, grants: &[GrantType]) -> Result<Vec<ResponseType>, ClientError> {
        if !grants.contains(&GrantType::AuthorizationCode) {
            return Ok(Vec::new());
        }
        let types = self.known("response_types", vec![ResponseType::Code])?;
        if types.is_empty() {
            Err(error("response_types", Rule::Value))
        } else {
            Ok(types)
        }
    }

    /// By value or by address, never both (RFC 7591 §2).
    fn keys(&self) -> Result<KeySource, ClientError> {
        let by_address = self.https("jwks_uri")?;
        match (self.0.get("jwks"), by_address) {
            (None, None) => Ok(KeySource::None),
            (None, Some(uri)) => Ok(KeySource::JwksUri(uri)),
            (Some(set), None) => {
                let members = set.as_object().ok_or(error("jwks", Rule::Jwks))?;
                JwkSet::from_object(members).map_err(|_| error("jwks", Rule::Jwks))?;
                Ok(KeySource::Jwks(set.to_string()))
            }
            (Some(_), Some(_)) => Err(error("jwks", Rule::Jwks)),
        }
    }

    /// Core §8.1: the host of the sector identifier, whose document lists every redirect URI; else their one host.
    fn subject_type(
        &self,
        redirect_uris: &[RedirectUri],
        sector: Option<&[u8]>,
    ) -> Result<SubjectType, ClientError> {
        let named = self.sector_identifier_uri()?;
        let host = match (&named, sector) {
            (Some(uri), Some(document)) if subject::sector_lists_all(document, redirect_uris) => {
                Some(uri.host().split(':').next().unwrap_or_default().to_owned())
            }
            (Some(_), _) => return Err(error("sector_identifier_uri", Rule::Sector)),
            (None, _) => subject::single_sector(redirect_uris),
        };
        match self.text("subject_type")? {
            None | Some("public") => Ok(SubjectType::Public),
            Some("pairwise") => {
                let sector = host.ok_or(error("sector_identifier_uri", Rule::Sector))?;
                Ok(SubjectType::Pairwise { sector })
            }
            Some(_) => Err(error("subject_type", Rule::Value)),
        }
    }

    fn text(&self, member: &'static str) -> Result<Option<&str>, ClientError> {
        match self.0.get(member) {
            None | Some(Value::Null) => Ok(None),
            Some(text) => text.as_str().map(Some).ok_or(error(member, Rule::Value)),
        }
    }

    fn truth(&self, member: &'static str) -> Result<bool, ClientError> {
        match self.0.get(member) {
            None | Some(Value::Null) => Ok(false),
            Some(truth) => truth.as_bool().ok_or(error(member, Rule::Value)),
        }
    }

    fn texts(&self, member: &'static str) -> Result<Vec<&str>, ClientError> {
        let wrong = error(member, Rule::Value);
        let items = match self.0.get(member) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(items) => items.as_array().ok_or(wrong)?,
        };
        if items.len() > limits::REDIRECT_URIS_MAX {
            return Err(error(member, Rule::TooMany));
        }
        items.iter().map(|item| item.as_str().ok_or(wrong)).collect()
    }

    fn word<T: core::str::FromStr>(&self, member: &'static str) -> Result<Option<T>, ClientError> {
        let word = self.text(member)?;
        word.map(|word| word.parse().map_err(|_| error(member, Rule::Value)))
            .transpose()
    }

    /// The values of a list that are known here; the default where the member is absent.
    fn known<T: core::str::FromStr>(
        &self,
        member: &'static str,
        absent: Vec<T>,
    ) -> Result<Vec<T>, ClientError> {
        if !self.0.contains_key(member) {
            return Ok(absent);
        }
        Ok(self
            .texts(member)?
            .iter()
            .filter_map(|word| word.parse().ok())
            .collect())
    }

    fn algorithm(&self, member: &'static str) -> Result<Option<Algorithm>, ClientError> {
        let name = self.text(member)?;
        name.map(|name| Algorithm::from_jose(name).ok_or(error(member, Rule::Algorithm)))
            .transpose()
    }

    fn https(&self, member: &'static str) -> Result<Option<WebUri>, ClientError> {
        let Some(text) = self.text(member)? else {
            return Ok(None);
        };
        let uri = WebUri::parse(text).map_err(|why| error(member, why.into()))?;
        if uri.is_https() {
            Ok(Some(uri))
        } else {
            Err(error(member, Rule::NotHttps))
        }
    }
}

/// What the client needs once more than its metadata.
#[derive(Clone, Copy, Debug)]
pub struct Issued<'a> {
    /// The secret in clear, at registration alone.
    pub secret: Option<&'a str>,
    /// The registration access token and the address for it (RFC 7592 §3).
    pub management: Option<(&'a str, &'a str)>,
    /// When it was registered.
    pub at: Timestamp,
}

/// The answer to a registration (201) and to a look at it (200): what is registered, under the names of RFC 7591.
#[must_use]
pub fn answer(client: &Client, issued: &Issued<'_>) -> Map<String, Value> {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("client_id", value!(client.id.as_str()));
    set("client_id_issued_at", value!(issued.at.seconds()));
    if let Some(secret) = issued.secret {
        set("client_secret", value!(secret));
    }
    if !client.secrets.is_empty() {
        set("client_secret_expires_at", value!(0));
    }
    if let Some((token, uri)) = issued.management {
        set("registration_access_token", value!(token));
        set("registration_client_uri", value!(uri));
    }
    set("client_name", value!(client.name));
    set("application_type", value!(client.application_type.as_str()));
    set(
        "token_endpoint_auth_method",
        value!(client.token_endpoint_auth_method.as_str()),
    );
    set("redirect_uris", value!(client.redirect_uris));
    set(
        "grant_types",
        value!(
            client
                .grant_types
                .iter()
                .map(|row| row.as_str())
                .collect::<Vec<_>>()
        ),
    );
    set(
        "response_types",
        value!(
            client
                .response_types
                .iter()
                .map(|row| row.as_str())
                .collect::<Vec<_>>()
        ),
    );
    set("scope", value!(client.scope.to_string()));
    set(
        "post_logout_redirect_uris",
        value!(client.post_logout_redirect_uris),
    );
    match &client.subject_type {
        SubjectType::Public => set("subject_type", value!("public")),
        SubjectType::Pairwise { .. } => set("subject_type", value!("pairwise")),
    };
    match &client.keys {
        KeySource::None => None,
        KeySource::Jwks(text) => set("jwks", serde_json::from_str(text).unwrap_or_default()),
        KeySource::JwksUri(uri) => set("jwks_uri", value!(uri)),
    };
    for (name, algorithm) in [
        (
            "id_token_signed_response_alg",
            Some(client.id_token_signed_response_alg),
        ),
        (
            "userinfo_signed_response_alg",
            client.userinfo_signed_response_alg,
        ),
        ("request_object_signing_alg", client.request_object_signing_alg),
        (
            "token_endpoint_auth_signing_alg",
            client.token_endpoint_auth_signing_alg,
        ),
    ] {
        if let Some(name_of) = algorithm.and_then(Algorithm::jose) {
            set(name, value!(name_of));
        }
    }
    for (name, uri) in [
        ("client_uri", &client.client_uri),
        ("logo_uri", &client.logo_uri),
        ("policy_uri", &client.policy_uri),
        ("tos_uri", &client.tos_uri),
        ("initiate_login_uri", &client.initiate_login_uri),
        ("sector_identifier_uri", &client.sector_identifier_uri),
        ("backchannel_logout_uri", &client.backchannel_logout_uri),
        ("frontchannel_logout_uri", &client.frontchannel_logout_uri),
    ] {
        if let Some(uri) = uri {
            set(name, value!(uri));
        }
    }
    for (name, truth) in [
        (
            "backchannel_logout_session_required",
            client.backchannel_logout_session_required,
        ),
        (
            "frontchannel_logout_session_required",
            client.frontchannel_logout_session_required,
        ),
        ("require_auth_time", client.require_auth_time),
        (
            "require_signed_request_object",
            client.require_signed_request_object,
        ),
        ("dpop_bound_access_tokens", client.dpop_bound_access_tokens),
        (
            "require_pushed_authorization_requests",
            client.require_pushed_authorization_requests,
        ),
    ] {
        if truth {
            set(name, value!(true));
        }
    }
    if let Some(seconds) = client.default_max_age {
        set("default_max_age", value!(seconds));
    }
    if !client.default_acr_values.is_empty() {
        set("default_acr_values", value!(client.default_acr_values));
    }
    if !client.request_uris.is_empty() {
        set("request_uris", value!(client.request_uris));
    }
    if !client.contacts.is_empty() {
        set("contacts", value!(client.contacts));
    }
    members
}

fn error(member: &'static str, rule: Rule) -> ClientError {
    ClientError { member, rule }
}
