//! Request objects (OpenID Connect Core §6, RFC 9101): parameters that the client signed.
//!
//! Where they are not offered they are refused, never silently ignored. Where they are, what stands inside wins
//! over what stands outside (Core §6.1), except that the client and the response type must be the same in both. Of
//! FAPI clients nothing outside counts (RFC 9101 §5), since nobody signed it.
//! An object is a JWS by a key of the client: `none` is no algorithm here. A reference (`request_uri`) is
//! resolved by the caller: [`uri_to_fetch`] says whether it may be, and [`fetched`] puts the object in its place.

use std::borrow::Cow;

use doorward_crypto::Timestamp;
use doorward_jose::{Claims, Compact, JwkSet, Validity};
use serde_json::Value;

use super::{Arrival, Context};
use crate::client::assertion::candidates;
use crate::client::metadata::{Client, KeySource, Profile};
use crate::client::redirect_uri::WebUri;
use crate::error::Fault;
use crate::limits;
use crate::params::Params;

/// Claims of the JWT itself, which are no parameters.
const OF_THE_JWT: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/// Whether request objects are read.
#[derive(Clone, Copy, Debug)]
pub enum RequestObjects<'a> {
    /// No: each is refused with its own error (Core §3.1.2.6).
    Refused,
    /// Yes, with the keys fetched from the client's `jwks_uri`, where it has one.
    Read(Option<&'a JwkSet>),
}

/// The parameters that count.
pub(super) fn resolve<'p>(
    params: &'p Params,
    client: &Client,
    context: &Context<'_>,
) -> Result<Cow<'p, Params>, Fault> {
    if params.get("registration").is_some() {
        return Err(Fault::RegistrationParameter);
    }
    let (object, reference) = (params.get("request"), params.get("request_uri"));
    if client.require_signed_request_object && object.is_none() && reference.is_none() {
        return Err(Fault::RequestObjectRequired);
    }
    match (object, reference, context.request_objects) {
        (_, Some(_), _) if context.arrival == Arrival::Pushed => Err(Fault::RequestUriPushed), // RFC 9126 §2.1
        (Some(_), Some(_), _) => Err(Fault::RequestAndRequestUri),
        (None, Some(_), _) => Err(Fault::RequestUriUnsupported), // the caller resolves those that it may
        (Some(_), None, RequestObjects::Refused) => Err(Fault::RequestObjectUnsupported),
        (Some(object), None, RequestObjects::Read(keys)) => {
            let claims = verify(object, client, keys, context)?;
            merge(params, &claims, client).map(Cow::Owned)
        }
        (None, None, _) => Ok(Cow::Borrowed(params)),
    }
}

/// The address of a request object that the caller shall fetch: exactly one that the client registered
/// (Core §6.2). `None` when the request has no reference, or one of a pushed request (RFC 9126).
///
/// # Errors
/// [`Fault::RequestUriNotRegistered`].
pub fn uri_to_fetch<'c>(params: &Params, client: &'c Client) -> Result<Option<&'c WebUri>, Fault> {
    let Some(reference) = params.get("request_uri") else {
        return Ok(None);
    };
    if reference.starts_with(super::pushed::URN) {
        return Ok(None);
    }
    let registered = client.request_uris.iter().find(|uri| uri.as_str() == reference);
    registered.map(Some).ok_or(Fault::RequestUriNotRegistered)
}

/// The same request with the fetched object in place of its reference.
///
/// # Errors
/// [`Fault::RequestObjectMalformed`] when the object is longer than a parameter may be.
pub fn fetched(params: &Params, object: &str) -> Result<Params, Fault> {
    let pairs = params
        .iter()
        .filter(|(name, _)| *name != "request_uri" && *name != "request");
    let mut pairs: Vec<(String, String)> = pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    pairs.push(("request".to_owned(), object.trim().to_owned()));
    Params::from_pairs(pairs).map_err(|_| Fault::RequestObjectMalformed)
}

fn verify(
    object: &str,
    client: &Client,
    fetched: Option<&JwkSet>,
    context: &Context<'_>,
) -> Result<Claims, Fault> {
    let compact = Compact::parse(object).map_err(|_| Fault::RequestObjectMalformed)?;
    let header = compact.header();
    let registered = |algorithm: &_| {
        client
            .request_object_signing_alg
            .is_none_or(|own| own == *algorithm)
    };
    let algorithm = header
        .algorithm()
        .filter(registered)
        .filter(|algorithm| client.profile.allows(*algorithm));
    let algorithm = algorithm.ok_or(Fault::RequestObjectAlgorithm)?;
    if header.get("typ").is_some() && !header.typ_is("JWT") && !header.typ_is("oauth-authz-req+jwt") {
        return Err(Fault::RequestObjectType);
    }
    let own = match &client.keys {
        KeySource::Jwks(text) => JwkSet::parse(text.as_bytes()).unwrap_or_default(),
        KeySource::JwksUri(_) | KeySource::None => JwkSet::default(),
    };
    let keys = if own.keys().is_empty() {
        fetched.unwrap_or(&own)
    } else {
        &own
    };
    let verified = candidates(keys, header.kid(), algorithm)
        .into_iter()
        .find_map(|key| {
            Compact::parse(object)
                .ok()?
                .verify(context.keys.crypto(), algorithm, key.key())
                .ok()
        });
    let claims = verified.ok_or(Fault::RequestObjectSignature)?.claims();
    let claims = claims.map_err(|_| Fault::RequestObjectMalformed)?;
    check(&claims, client, context)?;
    Ok(claims)
}

fn check(claims: &Claims, client: &Client, context: &Context<'_>) -> Result<(), Fault> {
    let id = Some(client.id.as_str());
    let iss = claims.text("iss").map_err(|_| Fault::RequestObjectIssuer)?;
    let inside = claims
        .text("client_id")
        .map_err(|_| Fault::RequestObjectMismatch)?;
    if iss.or(inside) != id {
        return Err(Fault::RequestObjectIssuer);
    }
    let audience = claims.audience().map_err(|_| Fault::RequestObjectAudience)?;
    if !audience.contains(&context.issuer.as_str()) {
        return Err(Fault::RequestObjectAudience);
    }
    times(claims, client.profile, context.now).ok_or(Fault::RequestObjectTimes)?;
    let nested = claims.get("request").is_some() || claims.get("request_uri").is_some();
    if nested {
        Err(Fault::RequestObjectNested)
    } else {
        Ok(())
    }
}

/// FAPI objects have both ends, each within the hour; others have what they have, and it must hold.
fn times(claims: &Claims, profile: Profile, now: Timestamp) -> Option<()> {
    let validity = Validity::at(now).skew(limits::SKEW);
    match profile {
        Profile::Oidc => validity.expiry_optional().check(claims).ok(),
        Profile::Fapi2Security => {
            validity.check(claims).ok()?;
            let (exp, nbf) = (claims.time("exp").ok()??, claims.time("nbf").ok()??);
            let span = limits::REQUEST_OBJECT_LIFETIME_MAX;
            (exp <= now.plus(span) && nbf >= now.minus(span)).then_some(())
        }
    }
}

/// Inside wins; the client and the response type agree.
fn merge(outside: &Params, claims: &Claims, client: &Client) -> Result<Params, Fault> {
    let mut pairs = Vec::new();
    for (name, value) in claims.as_object() {
        if OF_THE_JWT.contains(&name.as_str()) {
            continue;
        }
        let several = value.as_array().filter(|_| name == "resource");
        for one in several.map_or(core::slice::from_ref(value), Vec::as_slice) {
            pairs.push((name.clone(), text(one)?));
        }
    }
    let inside = |name: &str| {
        pairs
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    };
    let response_type = inside("response_type").zip(outside.get("response_type"));
    let agree = inside("client_id").is_none_or(|id| id == client.id.as_str())
        && response_type.is_none_or(|(inside, outside)| inside == outside);
    if !agree {
        return Err(Fault::RequestObjectMismatch);
    }
    if client.profile == Profile::Fapi2Security {
        if inside("client_id").is_none() {
            pairs.push(("client_id".to_owned(), client.id.as_str().to_owned()));
        }
        return Params::from_pairs(pairs).map_err(Fault::from);
    }
    let names: Vec<String> = pairs.iter().map(|(name, _)| name.clone()).collect();
    let others = outside
        .iter()
        .filter(|(name, _)| *name != "request" && !names.iter().any(|own| own == name));
    pairs.extend(others.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Params::from_pairs(pairs).map_err(Fault::from)
}

/// A parameter's text: a string, a number (`max_age`), or an object (`claims`).
fn text(value: &Value) -> Result<String, Fault> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Object(_) => Ok(value.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) => Err(Fault::RequestObjectParameter),
    }
}
