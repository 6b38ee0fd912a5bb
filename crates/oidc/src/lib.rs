//! The provider's half of OAuth 2 and OpenID Connect as messages and decisions.
//!
//! For whoever writes a provider and wants the protocol right, without a framework: no HTTP, no clock, no
//! storage, no async. A message comes in as bytes and becomes a typed value or a [`Fault`] that names the broken
//! rule and its section; a decision takes values and gives a value; the caller stores, and sends.
//!
//! ```
//! use doorward_oidc::authorize::{self, Context, Decision, Permissions, Person, Situation};
//! use doorward_oidc::client::metadata::{AuthMethod, Client, ClientId};
//! use doorward_oidc::client::RedirectUri;
//! use doorward_oidc::{Acr, Amr, Answer, Issuer, Keys, Params};
//! # use std::sync::Arc;
//! # use doorward_crypto::{Timestamp, ring::Ring};
//! # let now = Timestamp::from_seconds(1_800_000_000);
//! # let keys = Keys::new(Arc::new(Ring), vec![]);
//! let issuer = Issuer::parse("https://id.example")?;
//! let callback = RedirectUri::register("https://app.example/callback")?;
//! let client = Client::new(ClientId::parse("app")?, "App", AuthMethod::None, vec![callback]);
//!
//! let params = Params::parse(b"client_id=app&response_type=code&scope=openid&state=xyz&\
//!     redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&code_challenge_method=S256&\
//!     code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")?;
//! let request = authorize::check(&params, &client, &Context::new(&issuer, &keys, now)).unwrap();
//!
//! // Nobody is signed in, so that is what must happen first.
//! let decision = request.decide(&client, &Situation::nobody(now));
//! assert!(matches!(decision, Decision::SignIn { .. }));
//!
//! // Later: signed in, and asked for consent.
//! let permissions = request.permissions(&client);
//! let nothing = Permissions::default();
//! let person = Person {
//!     sub: "248289761001", auth_time: now, acr: Acr::PhishingResistant, reachable: Acr::PhishingResistant,
//!     amr: &[Amr::MultiFactor, Amr::ProofOfPossession, Amr::UserPresence], permitted: &nothing,
//! };
//! let mut situation = Situation { person: Some(person), ..Situation::nobody(now) };
//! situation.consented = Some(&permissions);
//! let Decision::Grant(granted) = request.decide(&client, &situation) else { panic!("all is there") };
//! let Answer::Redirect(location) = granted.answer("the-code", &issuer) else { panic!("a redirect") };
//! assert_eq!(location, "https://app.example/callback?code=the-code&state=xyz&iss=https%3A%2F%2Fid.example");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Where to look:
//! - An authorization request, from its parameters to the answer: [`authorize`]. Pushed first, or signed:
//!   [`authorize::pushed`], [`authorize::request_object`].
//! - A client, what it may be, how it registers itself, how it proves who it is: [`client`].
//! - A code or a refresh token becomes tokens: [`token`]; a device's code: [`device`].
//! - What stands in the tokens: [`id_token`], [`access_token`], [`userinfo`], [`subject`], [`acr`].
//! - A proof of possession: [`dpop`]. Asking about a token and ending it: [`introspection`], [`revocation`].
//! - Signing out: [`logout`]. What the provider can do: [`discovery`]. Its keys: [`keys`].
//! - Which rule refuses, and what the client is told: [`error`]. How large and how long: [`limits`].
//!
//! What is not here, and will not be: `alg` `none`, `plain` PKCE, the password grant, wildcard redirect URIs,
//! secrets as HMAC keys, encryption of tokens, and pages.
#![warn(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::string_slice)]

pub mod access_token;
pub mod acr;
pub mod authorize;
pub mod client;
pub mod device;
pub mod discovery;
pub mod dpop;
pub mod error;
#[doc(hidden)]
pub mod fuzzing;
pub mod grant;
pub mod id_token;
pub mod introspection;
pub mod issuer;
pub mod keys;
pub mod limits;
pub mod logout;
pub mod params;
pub mod revocation;
pub mod scope;
pub mod stored;
pub mod subject;
pub mod token;
pub mod userinfo;

pub use access_token::AccessToken;
pub use acr::{Acr, Amr};
pub use authorize::{Answer, AuthorizationRequest, Decision, Granted, Permissions, Refusal};
pub use client::{Authenticated, Client, ClientId};
pub use error::{ErrorCode, Fault};
pub use grant::{Authentication, Grant};
pub use issuer::{Endpoint, Issuer};
pub use keys::{Keys, OwnKey};
pub use params::Params;
pub use scope::Scope;
pub use userinfo::PersonClaims;
