//! Proof of possession of a key, request by request (RFC 9449).
//!
//! A proof is for one method, one address and one moment, and is taken once: the caller remembers its `jti`
//! for its key until it would be too old ([`Proof::used_once`]). Addresses are compared with the configured issuer's, never
//! with the `Host` header. Nonces need no store: they carry their time under a MAC.

use core::fmt;

use doorward_crypto::{Algorithm, Sha256, Timestamp, hash};
use doorward_jose::{Claims, Compact, base64url};

use crate::client::assertion::UsedOnce;
use crate::error::Fault;
use crate::keys::Keys;
use crate::limits;

/// Algorithms of proofs: those that FAPI allows too.
pub const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::Es256,
    Algorithm::Ps256,
    Algorithm::EdDsa,
    Algorithm::Ed25519,
];

/// A proof that was found right. [`verify`] alone makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    jkt: String,
    used_once: UsedOnce,
}

impl Proof {
    /// Thumbprint of the key.
    #[must_use]
    pub fn jkt(&self) -> &str {
        &self.jkt
    }

    /// The proof's name, which the caller consumes together with the thumbprint.
    #[must_use]
    pub fn used_once(&self) -> &UsedOnce {
        &self.used_once
    }
}

/// What a proof must be for.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// The address of the endpoint, without query.
    pub address: &'a str,
    /// The access token that came with it, at a protected resource.
    pub access_token: Option<&'a str>,
    /// How nonces are treated.
    pub nonces: NoncePolicy<'a>,
    /// Now.
    pub now: Timestamp,
}

/// How nonces are treated.
#[derive(Clone, Copy, Debug)]
pub enum NoncePolicy<'a> {
    /// Not looked at.
    Off,
    /// A proof that has one must have a good one.
    Optional(&'a Nonces),
    /// Each proof must have a good one.
    Required(&'a Nonces),
}

/// Verifies the `DPoP` headers of a request, of which there must be exactly one (RFC 9449 §4.3).
///
/// # Errors
/// [`Fault`] of the table's DPoP rows; [`Fault::DpopNonceNeeded`] asks for another try with a nonce.
pub fn verify(headers: &[&str], expected: &Expected<'_>, keys: &Keys) -> Result<Proof, Fault> {
    let text = match headers {
        [] => return Err(Fault::DpopProofMissing), // step 1
        [one] => *one,
        [_, _, ..] => return Err(Fault::DpopProofTwice),
    };
    if text.len() > limits::TOKEN_MAX {
        return Err(Fault::DpopProofMalformed);
    }
    let compact = Compact::parse(text).map_err(|_| Fault::DpopProofMalformed)?; // 2
    let header = compact.header();
    if !header.typ_is("dpop+jwt") {
        return Err(Fault::DpopProofMalformed); // 4
    }
    let algorithm = header
        .algorithm()
        .filter(|algorithm| ALGORITHMS.contains(algorithm)); // 5
    let algorithm = algorithm.ok_or(Fault::DpopProofMalformed)?;
    let key = header.jwk().map_err(|_| Fault::DpopProofMalformed)?; // 7: no private member
    let fits = key.key().kind() == algorithm.key_kind()
        && key
            .algorithm()
            .is_none_or(|own| own.scheme() == algorithm.scheme())
        && key.may_verify();
    if !fits {
        return Err(Fault::DpopProofMalformed);
    }
    let verified = compact
        .verify(keys.crypto(), algorithm, key.key())
        .map_err(|_| Fault::DpopProofSignature)?; // 6
    let claims = verified.claims().map_err(|_| Fault::DpopProofMalformed)?;
    let jti = jti(&claims)?; // 3
    same_request(&claims, expected)?; // 8, 9
    nonce(&claims, expected)?; // 10
    let iat = recent(&claims, expected.now)?; // 11
    token(&claims, expected.access_token)?; // 12
    let until = iat.plus(limits::DPOP_WINDOW).plus(limits::SKEW);
    Ok(Proof {
        jkt: key.thumbprint().to_string(),
        used_once: UsedOnce { jti, until },
    })
}

fn jti(claims: &Claims) -> Result<String, Fault> {
    let jti = claims
        .required_text("jti")
        .map_err(|_| Fault::DpopProofMalformed)?;
    let fits = (1..=limits::CLIENT_ID_MAX).contains(&jti.len());
    if fits {
        Ok(jti.to_owned())
    } else {
        Err(Fault::DpopProofMalformed)
    }
}

fn same_request(claims: &Claims, expected: &Expected<'_>) -> Result<(), Fault> {
    let text = |name| claims.required_text(name).map_err(|_| Fault::DpopProofMalformed);
    let same = text("htm")? == expected.method && normal(text("htu")?)? == normal(expected.address)?;
    if same {
        Ok(())
    } else {
        Err(Fault::DpopProofOfAnotherRequest)
    }
}

/// Without query and fragment, scheme and host in lower case, the scheme's own port left out (RFC 9449 §4.3,
/// RFC 3986 §6.2.2 and §6.2.3).
fn normal(address: &str) -> Result<String, Fault> {
    let mut url = url::Url::parse(address).map_err(|_| Fault::DpopProofOfAnotherRequest)?;
    url.set_query(None);
    url.set_fragment(None);
    Ok(url.into())
}

fn nonce(claims: &Claims, expected: &Expected<'_>) -> Result<(), Fault> {
    let nonce = claims.text("nonce").map_err(|_| Fault::DpopProofMalformed)?;
    let good = match (expected.nonces, nonce) {
        (NoncePolicy::Off, _) | (NoncePolicy::Optional(_), None) => true,
        (NoncePolicy::Required(_), None) => false,
        (NoncePolicy::Optional(nonces) | NoncePolicy::Required(nonces), Some(nonce)) => {
            nonces.accept(nonce, expected.now)
        }
    };
    if good { Ok(()) } else { Err(Fault::DpopNonceNeeded) }
}

fn recent(claims: &Claims, now: Timestamp) -> Result<Timestamp, Fault> {
    let iat = claims
        .time("iat")
        .map_err(|_| Fault::DpopProofMalformed)?
        .ok_or(Fault::DpopProofMalformed)?;
    let apart = now.since(iat).max(iat.since(now));
    if apart <= limits::DPOP_WINDOW {
        Ok(iat)
    } else {
        Err(Fault::DpopProofTime)
    }
}

fn token(claims: &Claims, access_token: Option<&str>) -> Result<(), Fault> {
    let Some(token) = access_token else { return Ok(()) };
    let ath = claims
        .text("ath")
        .map_err(|_| Fault::DpopProofMalformed)?
        .unwrap_or_default();
    let right = hash::equal(
        ath.as_bytes(),
        base64url::encode(&Sha256::of(token.as_bytes())).as_bytes(),
    );
    if right { Ok(()) } else { Err(Fault::DpopProofToken) }
}

/// Whether a bound token came with a proof of its key, and an unbound one without one (RFC 9449 §7.2).
///
/// # Errors
/// [`Fault::TokenWrongScheme`] for a bound token sent as `Bearer` and the reverse; [`Fault::TokenInvalid`] for
/// another key.
pub fn check_binding(
    bound_to: Option<&str>,
    scheme: crate::access_token::Scheme,
    proof: Option<&Proof>,
) -> Result<(), Fault> {
    use crate::access_token::Scheme;
    match (bound_to, scheme, proof) {
        (None, Scheme::Bearer, _) => Ok(()),
        (Some(jkt), Scheme::Dpop, Some(proof)) if proof.jkt == jkt => Ok(()),
        (Some(_), Scheme::Dpop, Some(_)) => Err(Fault::TokenInvalid),
        (Some(_), Scheme::Dpop, None) => Err(Fault::DpopProofMissing),
        (Some(_), Scheme::Bearer, _) | (None, Scheme::Dpop, _) => Err(Fault::TokenWrongScheme),
    }
}

/// Makes and knows nonces, without storing them: eight bytes of time and sixteen of a MAC over it.
pub struct Nonces {
    key: [u8; 32],
}

impl Nonces {
    /// `key` is secret and serves nothing else; each endpoint that shall not take the other's nonces has its own.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// A nonce for now, for the header `DPoP-Nonce`.
    #[must_use]
    pub fn issue(&self, now: Timestamp) -> String {
        let time = now.millis().to_be_bytes();
        base64url::encode(&[time.as_slice(), &self.mac(&time)].concat())
    }

    /// Whether a nonce is one of ours and younger than [`limits::DPOP_NONCE_LIFETIME`].
    #[must_use]
    pub fn accept(&self, nonce: &str, now: Timestamp) -> bool {
        let bytes = base64url::decode(nonce).unwrap_or_default();
        let Some((time, mac)) = bytes.split_first_chunk::<8>() else {
            return false;
        };
        let issued = Timestamp::from_millis(u64::from_be_bytes(*time));
        let young = issued <= now.plus(limits::SKEW) && now.since(issued) < limits::DPOP_NONCE_LIFETIME;
        hash::equal(mac, &self.mac(time)) && young
    }

    fn mac(&self, time: &[u8; 8]) -> Vec<u8> {
        Sha256::hmac(&self.key, &[b"dpop nonce", time])
            .iter()
            .copied()
            .take(16)
            .collect()
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonces(…)")
    }
}
