//! The same signature as a passkey's: the key in COSE, read and used by the code that verifies logins.

use doorward_authenticator::cbor::Value;
use doorward_crypto::{Algorithm, Curve, Parts, PublicKey, Scheme};
use doorward_webauthn::cose::CredentialKey;
use doorward_webauthn::policy::Leniencies;

use crate::case::Refusal;
use crate::judge::by_every_provider;

/// Whether a login with this key and signature would pass, asked of every algorithm that computes the scheme; they
/// must not differ.
pub(super) fn verify(
    scheme: Scheme,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refusal> {
    let mut verdict = Err(Refusal::not_supported("no algorithm computes this"));
    for algorithm in Algorithm::ALL.iter().filter(|row| row.scheme() == scheme) {
        let bytes = cose(*algorithm, key).encode();
        let read = CredentialKey::parse(&bytes, Leniencies::NONE).map_err(Refusal::because)?;
        let said = by_every_provider(scheme, |provider| read.verify(provider, message, signature));
        verdict = match (verdict, said) {
            (Err(Refusal::NotSupported(_)), said) => said,
            (earlier, said) if earlier.is_ok() == said.is_ok() => said,
            _ => return Err(Refusal::Split(format!("{algorithm:?} differs from its sister"))),
        };
    }
    verdict
}

/// The credential public key of §6.5.1, in CTAP2's canonical order.
fn cose(algorithm: Algorithm, key: &PublicKey) -> Value {
    let bytes = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
    // RFC 9053 §7 and RFC 8230 §4, RFC 9964: kty, then what this kind consists of under −1, −2 and −3.
    let (kty, members) = match key.parts() {
        Parts::Ec { curve, x, y } => (2, vec![Value::Integer(curve_number(curve)), bytes(x), bytes(y)]),
        Parts::Rsa { n, e } => (3, vec![bytes(n), bytes(e)]),
        Parts::Ed25519(x) => (1, vec![Value::Integer(6), bytes(x)]),
        Parts::Ed448(x) => (1, vec![Value::Integer(7), bytes(x)]),
        Parts::MlDsa(_, public) => (7, vec![bytes(public)]),
    };
    let head = [(1, Value::Integer(kty)), (3, Value::Integer(algorithm.cose()))];
    let members = (1..).map(|label: i64| -label).zip(members);
    let entries = head.into_iter().chain(members);
    Value::Map(
        entries
            .map(|(label, value)| (Value::Integer(label), value))
            .collect(),
    )
}

/// The registry "COSE Elliptic Curves".
const fn curve_number(curve: Curve) -> i64 {
    match curve {
        Curve::P256 => 1,
        Curve::P384 => 2,
        Curve::P521 => 3,
        Curve::Secp256k1 => 8,
    }
}
