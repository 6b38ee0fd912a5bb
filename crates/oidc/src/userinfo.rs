//! What a client learns about the person (OpenID Connect Core §5): at userinfo, and in the ID token.
//!
//! One claim has one value and one type, wherever it is answered. A claim comes by a granted scope, or because
//! the claims parameter asked for it and it was permitted; what the account does not have is left out.

use std::collections::{BTreeMap, BTreeSet};

use doorward_crypto::Timestamp;
use serde_json::{Map, Value, json};

use crate::authorize::ClaimRequest;
use crate::client::metadata::{Client, IdTokenClaims};
use crate::error::Fault;
use crate::grant::Grant;
use crate::id_token::PROTOCOL_CLAIMS;
use crate::issuer::Issuer;
use crate::keys::{JwtType, Keys, SignError};
use crate::scope::{self, Scope};

/// A postal address (Core §5.1.1). What is empty is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// As it stands on an envelope, lines divided by line feeds.
    pub formatted: Option<String>,
    /// Street, number, floor.
    pub street_address: Option<String>,
    /// City.
    pub locality: Option<String>,
    /// State, province.
    pub region: Option<String>,
    /// Post code.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Option<String>,
}

impl Address {
    fn claim(&self) -> Option<Value> {
        let members = [
            ("formatted", &self.formatted),
            ("street_address", &self.street_address),
            ("locality", &self.locality),
            ("region", &self.region),
            ("postal_code", &self.postal_code),
            ("country", &self.country),
        ];
        let said = members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?))));
        let said: Map<String, Value> = said.collect();
        (!said.is_empty()).then_some(Value::Object(said))
    }
}

/// What is known of a person, under the names of Core §5.1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonClaims {
    /// Full name as it is shown.
    pub name: Option<String>,
    /// Surname.
    pub family_name: Option<String>,
    /// First name.
    pub given_name: Option<String>,
    /// Middle name.
    pub middle_name: Option<String>,
    /// Casual name.
    pub nickname: Option<String>,
    /// The name that the person signs in with.
    pub preferred_username: Option<String>,
    /// Address of a profile page.
    pub profile: Option<String>,
    /// Address of a picture.
    pub picture: Option<String>,
    /// Address of a web page.
    pub website: Option<String>,
    /// Gender.
    pub gender: Option<String>,
    /// `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.
    pub birthdate: Option<String>,
    /// A time zone's name.
    pub zoneinfo: Option<String>,
    /// A language tag.
    pub locale: Option<String>,
    /// When the profile last changed.
    pub updated_at: Option<Timestamp>,
    /// E-mail address, and whether it was verified.
    pub email: Option<(String, bool)>,
    /// Postal address.
    pub address: Option<Address>,
    /// Telephone number in the form E.164, and whether it was verified.
    pub phone_number: Option<(String, bool)>,
    /// Groups, also none: the claim is a list in any case.
    pub groups: Vec<String>,
    /// The operator's own claims, by name, each with the scope that opens it.
    pub custom: BTreeMap<String, (String, Value)>,
}

/// Claims of the protocol that an ID token can have, as metadata lists them (Discovery §3).
pub(crate) const PROTOCOL: [&str; 9] = [
    "acr",
    "amr",
    "aud",
    "auth_time",
    "exp",
    "iat",
    "iss",
    "sid",
    "sub",
];

/// Every claim about a person that a known scope opens, in the order of their names.
#[must_use]
pub fn person_claims() -> Vec<&'static str> {
    let opened = scope::KNOWN.iter().flat_map(|scope| scope::claims_of(scope));
    let all: BTreeSet<&str> = opened.copied().filter(|claim| *claim != "sub").collect();
    all.into_iter().collect()
}

impl PersonClaims {
    /// The value of one claim, unless the account has none.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<Value> {
        let text = |value: &Option<String>| value.as_ref().map(|value| json!(value));
        match name {
            "name" => text(&self.name),
            "family_name" => text(&self.family_name),
            "given_name" => text(&self.given_name),
            "middle_name" => text(&self.middle_name),
            "nickname" => text(&self.nickname),
            "preferred_username" => text(&self.preferred_username),
            "profile" => text(&self.profile),
            "picture" => text(&self.picture),
            "website" => text(&self.website),
            "gender" => text(&self.gender),
            "birthdate" => text(&self.birthdate),
            "zoneinfo" => text(&self.zoneinfo),
            "locale" => text(&self.locale),
            "updated_at" => self.updated_at.map(|at| json!(at.seconds())),
            "email" => self.email.as_ref().map(|(email, _)| json!(email)),
            "email_verified" => self.email.as_ref().map(|(_, verified)| json!(verified)),
            "address" => self.address.as_ref().and_then(Address::claim),
            "phone_number" => self.phone_number.as_ref().map(|(number, _)| json!(number)),
            "phone_number_verified" => self.phone_number.as_ref().map(|(_, verified)| json!(verified)),
            "groups" => Some(json!(self.groups)),
            other => self.custom_claim(other).map(|(_, value)| value.clone()),
        }
    }

    fn custom_claim(&self, name: &str) -> Option<&(String, Value)> {
        if is_reserved(name) {
            None
        } else {
            self.custom.get(name)
        }
    }

    fn by_scope(&self, scope: &Scope, claims: &mut Map<String, Value>) {
        let standard = scope
            .iter()
            .flat_map(scope::claims_of)
            .map(|name| -> &str { name });
        let own = self
            .custom
            .iter()
            .filter(|(_, (opener, _))| scope.contains(opener))
            .map(|(name, _)| name.as_str());
        for name in standard.chain(own) {
            if let Some(value) = self.claim(name) {
                claims.insert(name.to_owned(), value);
            }
        }
    }

    /// Claims asked for one by one; custom ones only with their scope. A request for certain values is answered
    /// with the value that there is (Core §5.5.1: the claim may be left out; it is never made to fit).
    fn by_request(
        &self,
        asked: &BTreeMap<String, ClaimRequest>,
        scope: &Scope,
        claims: &mut Map<String, Value>,
    ) {
        for name in asked.keys() {
            let own = self
                .custom_claim(name)
                .is_some_and(|(opener, _)| !scope.contains(opener));
            if !own && let Some(value) = self.claim(name) {
                claims.insert(name.clone(), value);
            }
        }
    }
}

/// Whether a name belongs to the protocol or to the standard claims: an operator's own claim may not have it.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    name.is_empty() || PROTOCOL_CLAIMS.contains(&name) || scope::scope_of_claim(name).is_some()
}

/// The userinfo answer for a grant, as a JSON object.
///
/// `scope` is that of the access token, which a refresh may have narrowed.
///
/// # Errors
/// [`Fault::TokenScope`] without `openid`: such a token is not one for userinfo (Core §5.3.1).
pub fn userinfo(grant: &Grant, scope: &Scope, person: &PersonClaims) -> Result<Map<String, Value>, Fault> {
    if !scope.contains(scope::OPENID) {
        return Err(Fault::TokenScope);
    }
    let mut claims = Map::new();
    person.by_scope(scope, &mut claims);
    person.by_request(&grant.claims.userinfo, scope, &mut claims);
    claims.insert("sub".to_owned(), json!(grant.sub));
    Ok(claims)
}

/// The claims about the person that stand in the ID token: those that the claims parameter asked for there,
/// and for a client that never calls userinfo those of the scopes too.
///
/// `scope` is that of this answer, which a refresh may have narrowed.
#[must_use]
pub fn id_token_claims(
    client: &Client,
    grant: &Grant,
    scope: &Scope,
    person: &PersonClaims,
) -> Map<String, Value> {
    let mut claims = Map::new();
    match client.id_token_claims {
        IdTokenClaims::Minimal => {}
        IdTokenClaims::Compatible => person.by_scope(scope, &mut claims),
    }
    person.by_request(&grant.claims.id_token, scope, &mut claims);
    claims
}

/// A userinfo answer as a JWT, for a client that registered an algorithm for it (Core §5.3.2). The content type
/// is `application/jwt`.
///
/// # Errors
/// [`SignError`].
pub fn sign(
    mut claims: Map<String, Value>,
    client: &Client,
    issuer: &Issuer,
    keys: &Keys,
) -> Option<Result<String, SignError>> {
    let algorithm = client.userinfo_signed_response_alg?;
    claims.insert("iss".to_owned(), json!(issuer.as_str()));
    claims.insert("aud".to_owned(), json!(client.id.as_str()));
    Some(keys.sign(JwtType::Userinfo, algorithm, &claims))
}
