//! Client assertions: a JWT that the client signed says who it is (RFC 7523 §3, OpenID Connect Core §9).

use doorward_crypto::{Algorithm, Timestamp};
use doorward_jose::{Claims, Compact, Jwk, JwkSet, Validity};

use super::authentication::{At, ClientRefused};
use super::metadata::{AuthMethod, Client, Profile, SIGNING_ALGORITHMS};
use crate::error::Fault;
use crate::issuer::Endpoint;
use crate::limits;

/// The `client_assertion_type` of RFC 7523 §2.2.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An assertion that must not be taken a second time: the caller remembers `jti` for this client until
/// `until`, and refuses it if it is there already ([`Fault::AssertionReplayed`]).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsedOnce {
    /// The assertion's name, chosen by the client.
    pub jti: String,
    /// From then on it would be refused anyway.
    pub until: Timestamp,
}

/// The client that an assertion claims to come from, before anything of it is verified: to know whose keys to
/// read. `None` when it cannot be told.
pub(super) fn claimed_client(assertion: &str) -> Option<String> {
    let claims = Claims::parse(Compact::parse(assertion).ok()?.unverified_payload()).ok()?;
    claims.text("sub").ok()?.map(str::to_owned)
}

/// Verifies an assertion with the client's keys.
pub(super) fn verify(
    assertion: &str,
    client: &Client,
    keys: &JwkSet,
    at: &At<'_>,
) -> Result<UsedOnce, ClientRefused> {
    let refused = || ClientRefused::because(Fault::ClientAuthenticationFailed);
    if client.token_endpoint_auth_method != AuthMethod::PrivateKeyJwt || assertion.len() > limits::TOKEN_MAX {
        return Err(refused());
    }
    let header = Compact::parse(assertion).map_err(|_| refused())?;
    let header = header.header();
    let algorithm = header
        .algorithm()
        .filter(|alg| allowed(client, *alg))
        .ok_or_else(refused)?;
    if header.get("typ").is_some() && !header.typ_is("JWT") && !header.typ_is("client-authentication+jwt") {
        return Err(refused());
    }
    let candidates = candidates(keys, header.kid(), algorithm);
    if candidates.is_empty() {
        return Err(ClientRefused {
            unknown_key: true,
            ..refused()
        });
    }
    let verified = candidates.into_iter().find_map(|key| {
        Compact::parse(assertion)
            .ok()?
            .verify(at.keys.crypto(), algorithm, key.key())
            .ok()
    });
    let claims = verified.ok_or_else(refused)?.claims().map_err(|_| refused())?;
    check(&claims, client, at).ok_or_else(refused)
}

fn allowed(client: &Client, algorithm: Algorithm) -> bool {
    let registered = client
        .token_endpoint_auth_signing_alg
        .is_none_or(|own| own == algorithm);
    registered && client.profile.allows(algorithm)
}

/// The keys that may have made a signature: by name where the header gives one, for verifying, of the right
/// kind, and for this algorithm unless the key leaves it open.
pub(crate) fn candidates<'k>(keys: &'k JwkSet, kid: Option<&str>, algorithm: Algorithm) -> Vec<&'k Jwk> {
    let fits = |key: &&Jwk| {
        kid.is_none_or(|kid| key.kid() == Some(kid))
            && key.may_verify()
            && key.key().kind() == algorithm.key_kind()
            && key
                .algorithm()
                .is_none_or(|own| own.scheme() == algorithm.scheme())
            && SIGNING_ALGORITHMS.contains(&algorithm)
    };
    keys.keys().iter().filter(fits).collect()
}

/// RFC 7523 §3: `iss` and `sub` are the client, `aud` is us, it is alive and not for long, and it has a name.
fn check(claims: &Claims, client: &Client, at: &At<'_>) -> Option<UsedOnce> {
    let id = client.id.as_str();
    let iss = claims.required_text("iss").ok()?;
    let sub = claims.required_text("sub").ok()?;
    if iss != id || sub != id || !audience_is_ours(claims, client, at)? {
        return None;
    }
    Validity::at(at.now).skew(limits::SKEW).check(claims).ok()?;
    let exp = claims.time("exp").ok()??;
    if exp > at.now.plus(limits::ASSERTION_LIFETIME_MAX).plus(limits::SKEW) {
        return None;
    }
    let jti = claims
        .required_text("jti")
        .ok()
        .filter(|jti| (1..=limits::CLIENT_ID_MAX).contains(&jti.len()))?;
    Some(UsedOnce {
        jti: jti.to_owned(),
        until: exp.plus(limits::SKEW),
    })
}

/// FAPI clients name the issuer as one string (FAPI 2.0 Security Profile §5.3.2.1-8). Others may name the
/// issuer, the token endpoint, the endpoint of pushed requests or the one at hand, alone or in an array of
/// nothing else.
fn audience_is_ours(claims: &Claims, client: &Client, at: &At<'_>) -> Option<bool> {
    let audience = claims.audience().ok()?;
    let is_issuer = |text: &str| text == at.issuer.as_str();
    let is_ours = |text: &str| {
        let endpoints = [Endpoint::Token, Endpoint::PushedRequest, at.endpoint];
        is_issuer(text)
            || endpoints
                .iter()
                .any(|endpoint| at.issuer.endpoint(*endpoint) == text)
    };
    Some(match client.profile {
        Profile::Fapi2Security => claims.text("aud").ok()?.is_some_and(is_issuer),
        Profile::Oidc => !audience.is_empty() && audience.iter().all(|text| is_ours(text)),
    })
}
