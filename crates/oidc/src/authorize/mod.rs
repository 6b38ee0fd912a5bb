//! The authorization endpoint: what a request must be, what the person's state makes of it, what answer goes out.
//!
//! 1. [`client_id`] names the client; the caller reads it and refuses an unknown one with [`unknown_client`].
//! 2. [`check`] is the list of rules, in their order. Before the redirect URI was found registered a
//!    [`Refusal`] is a page; afterwards it travels.
//! 3. [`AuthorizationRequest::decide`] says what must happen next: sign in, step up, choose, consent, or
//!    grant. The same function judges `prompt=none`, so nothing is silent that would not be granted.
//! 4. [`Granted`] is what a code may be made from; only `decide` makes one.

pub mod acr_values;
pub mod answer;
pub mod claims;
pub mod consent;
pub mod decision;
pub mod id_token_hint;
pub mod max_age;
pub mod pkce;
pub mod prompt;
pub mod pushed;
pub mod redirect_uri;
pub mod refusal;
pub mod request_object;
pub mod resource;
pub mod response_mode;
pub mod response_type;
pub mod scope;

use doorward_crypto::Timestamp;
use serde::{Deserialize, Serialize};

pub use answer::Answer;
pub use claims::{ClaimRequest, ClaimsRequest};
pub use consent::Permissions;
pub use decision::{Decision, Granted, Person, SignInReason, Situation};
pub use id_token_hint::Hinted;
pub use pkce::CodeChallenge;
pub use prompt::{Prompt, Prompts};
pub use pushed::{Arrival, PushedRequest, RequestUri};
pub use refusal::{Refusal, Target};
pub use request_object::RequestObjects;
pub use response_mode::ResponseMode;

use crate::acr::AcrRequest;
use crate::client::metadata::{Client, ClientId, ResponseType};
use crate::error::Fault;
use crate::issuer::Issuer;
use crate::keys::Keys;
use crate::limits;
use crate::params::Params;
use crate::scope::Scope;
use crate::stored;

/// An authorization request that passed every check. [`check`] alone makes one.
///
/// A caller keeps it sealed (it travels through the browser while the person signs in) and trusts what it reads
/// back: nothing of it is taken from the browser a second time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer goes.
    pub target: Target,
    /// What is asked for.
    pub response_type: ResponseType,
    /// The scope without what the client may not have.
    pub scope: Scope,
    /// Echoed in the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The challenge whose verifier the code demands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<CodeChallenge>,
    /// What the person must be asked.
    #[serde(default, skip_serializing_if = "Prompts::is_empty")]
    pub prompt: Prompts,
    /// Seconds that an authentication may be old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    /// Whether the ID token must say when the person signed in.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub auth_time_asked: bool,
    /// A name to write into the sign-in form, nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// Whom the client means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hinted: Option<Hinted>,
    /// Languages of the pages, best liked first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ui_locales: Vec<String>,
    /// How sure the client wants to be.
    #[serde(default)]
    pub acr: AcrRequest,
    /// Claims asked for one by one.
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
    /// Protected resources that the token shall be for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Thumbprint of the key that the code is bound to (RFC 9449 §10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    /// When the request came: a sign-in at or after this moment is a fresh one.
    #[serde(with = "stored::moment")]
    pub received_at: Timestamp,
}

/// What the checks know beside the request and the client.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Context<'a> {
    /// Who answers.
    pub issuer: &'a Issuer,
    /// Its keys, to verify hints.
    pub keys: &'a Keys,
    /// How the parameters came.
    pub arrival: Arrival,
    /// Whether request objects are read.
    pub request_objects: RequestObjects<'a>,
    /// Whether a person may make an account of their own; else `prompt=create` is ignored.
    pub sign_up: bool,
    /// Now.
    pub now: Timestamp,
}

impl<'a> Context<'a> {
    /// For a request that came through the browser, without request objects.
    #[must_use]
    pub fn new(issuer: &'a Issuer, keys: &'a Keys, now: Timestamp) -> Self {
        Self {
            issuer,
            keys,
            arrival: Arrival::Browser,
            request_objects: RequestObjects::Refused,
            sign_up: false,
            now,
        }
    }

    /// Request objects are read, with the keys from the client's `jwks_uri` where it has one.
    #[must_use]
    pub fn reading_request_objects(self, fetched: Option<&'a doorward_jose::JwkSet>) -> Self {
        Self {
            request_objects: RequestObjects::Read(fetched),
            ..self
        }
    }

    /// People may make accounts of their own.
    #[must_use]
    pub fn with_sign_up(self) -> Self {
        Self {
            sign_up: true,
            ..self
        }
    }

    /// For a request that the authenticated client pushed.
    #[must_use]
    pub fn pushed(self) -> Self {
        Self {
            arrival: Arrival::Pushed,
            ..self
        }
    }
}

/// The client that a request names. The caller reads it from its directory.
///
/// # Errors
/// A page: there is nobody to send anything to.
pub fn client_id(params: &Params) -> Result<ClientId, Refusal> {
    let text = params
        .get("client_id")
        .ok_or_else(|| Refusal::page(Fault::ClientIdMissing))?;
    ClientId::parse(text).map_err(|_| Refusal::page(Fault::ClientIdMalformed))
}

/// The refusal of a request whose client is not in the directory.
#[must_use]
pub fn unknown_client() -> Refusal {
    Refusal::page(Fault::ClientUnknown)
}

/// Checks an authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.2 and the extensions named).
///
/// `display`, `claims_locales` and unknown parameters are ignored, as the specifications ask.
///
/// # Errors
/// [`Refusal`]: a page until the redirect URI was found registered, from then on an answer to the client.
pub fn check(
    params: &Params,
    client: &Client,
    context: &Context<'_>,
) -> Result<AuthorizationRequest, Refusal> {
    named(params, client).map_err(Refusal::page)?;
    let params = &*request_object::resolve(params, client, context)
        .map_err(|fault| unresolved(params, client, fault))?;
    let registered = redirect_uri::check(params, client).map_err(Refusal::page)?;
    let (target, readable) = addressed(params, &registered);
    let travel = |fault| Refusal::redirect(&target, fault); // from here on a refusal may travel
    readable.map_err(travel)?;
    pushed::check(client, context.arrival).map_err(travel)?; // RFC 9126 §5
    let response_type = response_type::check(params, client).map_err(travel)?; // RFC 6749 §3.1.1
    let scope = scope::check(params, client).map_err(travel)?; // RFC 6749 §3.3
    let code_challenge = pkce::check(params, client).map_err(travel)?; // RFC 7636 §4.4.1
    let nonce = nonce(params).map_err(travel)?;
    let prompt = prompt::check(params, context.sign_up).map_err(travel)?;
    let max_age = max_age::check(params, client).map_err(travel)?;
    let claims = claims::check(params).map_err(travel)?; // Core §5.5
    let acr = acr_values::read(params, &claims, client);
    let login_hint = login_hint(params).map_err(travel)?;
    let hinted = id_token_hint::check(params, client, context.issuer, context.keys).map_err(travel)?;
    let ui_locales = ui_locales(params);
    let resources = resource::check(params, client, context.issuer).map_err(travel)?; // RFC 8707
    let dpop_jkt = dpop_jkt(params).map_err(travel)?; // RFC 9449 §10
    let auth_time_asked =
        max_age.is_some() || client.require_auth_time || claims.id_token.contains_key("auth_time");
    Ok(AuthorizationRequest {
        client_id: client.id.clone(),
        target,
        response_type,
        scope,
        nonce,
        code_challenge,
        prompt,
        max_age,
        auth_time_asked,
        login_hint,
        hinted,
        ui_locales,
        acr,
        claims,
        resources,
        dpop_jkt,
        received_at: context.now,
    })
}

impl AuthorizationRequest {
    /// The refusal of this request for a reason that lies outside it: the person declined, is not allowed, or
    /// could not reach the demanded rung.
    #[must_use]
    pub fn refuse(&self, fault: Fault) -> Refusal {
        Refusal::redirect(&self.target, fault)
    }

    /// Whether it is one of OpenID Connect: the answer then holds an ID token.
    #[must_use]
    pub fn is_openid(&self) -> bool {
        self.scope.contains(crate::scope::OPENID)
    }
}

/// A request object that cannot be read is told to the client along the redirect URI outside it, if that is
/// registered and nobody could have meant another. For a caller that fetches objects, too.
#[must_use]
pub fn unresolved(params: &Params, client: &Client, fault: Fault) -> Refusal {
    let Ok(registered) = redirect_uri::check(params, client) else {
        return Refusal::page(fault);
    };
    Refusal::redirect(&addressed(params, &registered).0, fault)
}

/// Where the answer goes and how, as far as `state` and `response_mode` can be read, and whether they can.
fn addressed(params: &Params, registered: &redirect_uri::Registered<'_>) -> (Target, Result<(), Fault>) {
    let mut target = Target::new(registered);
    let (state, mode) = (state(params), response_mode::check(params));
    target.set_state(state.ok().flatten());
    if let Ok(mode) = mode {
        target.set_mode(mode);
    }
    (target, state.map(drop).and(mode.map(drop)))
}

/// The caller read the client that the request names.
fn named(params: &Params, client: &Client) -> Result<(), Fault> {
    let named = params.get("client_id").ok_or(Fault::ClientIdMissing)?;
    if named == client.id.as_str() {
        Ok(())
    } else {
        Err(Fault::ClientUnknown)
    }
}

/// Echoed byte for byte; the empty one is echoed too.
fn state(params: &Params) -> Result<Option<&str>, Fault> {
    let state = params.get_even_empty("state");
    if state.is_some_and(|state| state.len() > limits::STATE_MAX) {
        Err(Fault::StateTooLong)
    } else {
        Ok(state)
    }
}

fn nonce(params: &Params) -> Result<Option<String>, Fault> {
    let nonce = params.get("nonce");
    if nonce.is_some_and(|nonce| nonce.len() > limits::NONCE_MAX) {
        return Err(Fault::NonceTooLong);
    }
    Ok(nonce.map(str::to_owned))
}

fn login_hint(params: &Params) -> Result<Option<String>, Fault> {
    let hint = params.get("login_hint");
    if hint.is_some_and(|hint| hint.len() > limits::LOGIN_HINT_MAX) {
        return Err(Fault::LoginHintTooLong);
    }
    Ok(hint.map(str::to_owned))
}

/// The first 20 language tags as they came, without what cannot be one (a wish never fails a request).
fn ui_locales(params: &Params) -> Vec<String> {
    let tag = |word: &&str| {
        (1..=35).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let words = params.get("ui_locales").unwrap_or_default().split(' ');
    let tags = words.filter(tag).take(limits::LIST_ITEMS_MAX);
    tags.map(str::to_owned).collect()
}

/// A SHA-256 thumbprint: 43 characters of base64url.
fn dpop_jkt(params: &Params) -> Result<Option<String>, Fault> {
    let Some(text) = params.get("dpop_jkt") else {
        return Ok(None);
    };
    CodeChallenge::parse(text).map_err(|_| Fault::DpopJktMalformed)?; // the same 32 bytes in the same form
    Ok(Some(text.to_owned()))
}
