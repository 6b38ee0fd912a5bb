//! What people allow applications: from the application's request to the end of its last token.
//!
//! - [`authorize`](crate::Identity::authorize) looks at a request, [`resume_request`](crate::Identity::resume_request) at one that
//!   waited, [`consent`](crate::Identity::consent) hears what the person said. The answer is a code.
//! - [`token`](crate::Identity::token) redeems it, and refreshes.
//! - [`userinfo`](crate::Identity::userinfo), [`introspect`](crate::Identity::introspect),
//!   [`revoke`](crate::Identity::revoke) and [`log_out`](crate::Identity::log_out) take tokens.
//!
//! Every token carries the name of its grant. Each use reads grant, client, account, consent and, where bound, the
//! session, and refuses when one of them has ended: nothing is revoked by searching for it.

mod authorize;
mod call;
mod client_token;
pub(crate) mod counted;
mod devices;
mod discovery;
mod introspect;
mod issue;
mod known;
mod live;
mod logout;
mod objects;
mod outcome;
mod pairwise;
mod push;
mod redeem;
mod refresh;
mod refresh_token;
mod request;
mod revoke;
mod token;
mod tokens;
mod told;
mod userinfo;

use doorward_crypto::NoRandom;
use doorward_oidc::authorize::Permissions;
use doorward_oidc::client::Client;
use doorward_oidc::keys::SignError;
use doorward_oidc::scope;
use doorward_oidc::userinfo::{Address, PersonClaims};
use doorward_storage::StoreError;
use serde_json::Value;

pub use call::{Call, ResourceCall};
pub use devices::{DEVICE_PAGE, DeviceAnswered, DeviceSeen, DeviceView};
pub use introspect::{Introspected, IntrospectionForm};
pub use logout::{Left, Logout};
pub use told::Frame;
pub use userinfo::{ResourceRefused, Userinfo, UserinfoBody};

pub use outcome::{Authorize, ConsentView, NotSent, Pressed, Reason, SignInFirst, Waiting};
pub use request::{NotSealed, REQUEST_LIFETIME, SealedRequest};

pub use crate::ids::RequestId;

use crate::error::Error;
use crate::keys::KeysError;
use crate::records::account::Account;

/// Something below the rules failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantsError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The source of randomness.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The signing keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Anything else below.
    #[error(transparent)]
    Below(#[from] Error),
    /// A token could not be signed.
    #[error(transparent)]
    Signing(#[from] SignError),
}

impl GrantsError {
    /// Whether it is over soon: nothing was done, or it is not known whether, and who asks again later is answered.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::Contended | StoreError::Refused(_) | StoreError::Unknown)
        )
    }
}

/// An application as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientView {
    /// Its name.
    pub name: String,
    /// The host that people would recognise, in plain ASCII; of a program on the device, its scheme.
    pub host: String,
    /// It is being written: pages say so.
    pub development: bool,
    /// Address of its logo.
    pub logo_uri: Option<String>,
    /// Address of its privacy policy.
    pub policy_uri: Option<String>,
    /// Address of its terms.
    pub tos_uri: Option<String>,
}

impl ClientView {
    /// The view of an application, with the host of where it wants its answer, else of its first redirect URI.
    #[must_use]
    pub fn of(client: &Client, redirect_uri: Option<&str>) -> Self {
        let wanted = redirect_uri.and_then(|uri| client.registered_redirect_uri(uri));
        let shown = wanted.or(client.redirect_uris.first());
        let text =
            |uri: &Option<doorward_oidc::client::WebUri>| uri.as_ref().map(|uri| uri.as_str().to_owned());
        Self {
            name: client.name.clone(),
            host: shown
                .map(|uri| uri.host().unwrap_or(uri.scheme()).to_owned())
                .unwrap_or_default(),
            development: client.stage == doorward_oidc::client::metadata::Stage::Development,
            logo_uri: text(&client.logo_uri),
            policy_uri: text(&client.policy_uri),
            tos_uri: text(&client.tos_uri),
        }
    }
}

/// One thing that an application will learn: a scope or a single claim, with the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// The scope; of a single claim, the claim.
    pub name: String,
    /// Claims with their values as words, those that the account has.
    pub values: Vec<(String, String)>,
}

/// What the permissions open, with the values of this account. Each scope is there, known or not, so that nothing
/// is allowed that was not shown; `openid` and `offline_access` are said by the page in other words.
fn disclosures(asked: &Permissions, account: &Account) -> Vec<Disclosure> {
    let person = person_claims(account);
    let words = |claim: &str| match person.claim(claim)? {
        Value::String(text) => Some((claim.to_owned(), text)),
        // The postal address: its members, on one line.
        Value::Object(members) => {
            let lines = members.values().filter_map(Value::as_str);
            let text = lines.collect::<Vec<_>>().join(", ").replace('\n', ", ");
            Some((claim.to_owned(), text))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    };
    let of_scope = |name: &str| Disclosure {
        name: name.to_owned(),
        values: scope::claims_of(name).iter().copied().filter_map(words).collect(),
    };
    let of_claim = |name: &String| Disclosure {
        name: name.clone(),
        values: words(name).into_iter().collect(),
    };
    let said_elsewhere = |name: &&str| ![scope::OPENID, scope::OFFLINE_ACCESS].contains(name);
    let scopes = asked.scope.iter().filter(said_elsewhere).map(of_scope);
    scopes.chain(asked.claims.iter().map(of_claim)).collect()
}

/// The claims that [`person_claims`] can fill: the only ones that metadata promises.
const CLAIMS: [&str; 19] = [
    "address",
    "birthdate",
    "email",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

/// What is known of a person.
fn person_claims(account: &Account) -> PersonClaims {
    let said = account.personal.clone();
    PersonClaims {
        name: Some(account.display_name.to_string()),
        preferred_username: Some(account.user_name.to_string()),
        updated_at: Some(account.updated_at),
        email: account
            .email
            .as_ref()
            .map(|email| (email.to_string(), account.email_verified)),
        given_name: said.given_name,
        middle_name: said.middle_name,
        family_name: said.family_name,
        nickname: said.nickname,
        profile: said.profile,
        picture: said.picture,
        website: said.website,
        gender: said.gender,
        birthdate: said.birthdate,
        zoneinfo: said.zoneinfo,
        locale: said.locale,
        phone_number: said
            .phone_number
            .map(|number| (number, said.phone_number_verified)),
        address: Some(Address {
            formatted: said.address_formatted,
            street_address: said.street_address,
            locality: said.locality,
            region: said.region,
            postal_code: said.postal_code,
            country: said.country,
        }),
        ..PersonClaims::default()
    }
}
