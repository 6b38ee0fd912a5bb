//! COSE: the keys of authenticators through `webauthn`, the signed messages of the working group's examples through
//! the providers of `crypto`.
//!
//! No crate of ours reads COSE messages; `coset` takes them apart here, so that the algorithms of the table are
//! tried on what others signed.

use coset::iana::EnumI64;
use coset::{
    CborSerializable, CoseSign, CoseSign1, Header, RegisteredLabelWithPrivate, TaggedCborSerializable,
};
use doorward_crypto::{Algorithm, SignatureForm};
use doorward_jose::base64url;
use doorward_webauthn::cose::{CoseKeyError, CredentialKey};
use doorward_webauthn::policy::Leniencies;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Cases, Hex, NotUnderstood, Source, by_every_provider, hex, jose};
use crate::case::{Case, Refusal};

#[derive(Debug, Deserialize)]
struct Keys {
    verify: Vec<Signed>,
    malformed: Vec<Malformed>,
}

#[derive(Debug, Deserialize)]
struct Signed {
    name: String,
    alg: i64,
    cose_key: Hex,
    message: Hex,
    signature: Hex,
    valid: bool,
}

#[derive(Debug, Deserialize)]
struct Malformed {
    cose_key: Hex,
    why: String,
}

#[derive(Debug, Deserialize)]
struct Example {
    title: String,
    #[serde(default)]
    fail: bool,
    input: Input,
    output: Output,
}

#[derive(Debug, Deserialize)]
struct Input {
    sign0: Option<Signer>,
    sign: Option<Signers>,
}

#[derive(Debug, Deserialize)]
struct Signers {
    signers: Vec<Signer>,
}

#[derive(Debug, Deserialize)]
struct Signer {
    key: Map<String, Value>,
    external: Option<Hex>,
}

#[derive(Debug, Deserialize)]
struct Output {
    cbor: Hex,
}

pub(super) fn keys(source: &Source<'_>) -> Cases {
    let file: Keys = serde_json::from_str(source.text)?;
    let signed = file
        .verify
        .iter()
        .map(|row| Case::accepts(&row.name, row.valid, verify_by_key(row)));
    let malformed = file.malformed.iter().map(|row| {
        let read = CredentialKey::parse(&row.cose_key.0, Leniencies::NONE)
            .map(drop)
            .map_err(Refusal::because);
        Case::accepts(format!("a key, malformed: {}", row.why), false, read)
    });
    Ok(signed.chain(malformed).collect())
}

fn verify_by_key(row: &Signed) -> Result<(), Refusal> {
    let key = CredentialKey::parse(&row.cose_key.0, Leniencies::NONE).map_err(|error| {
        if matches!(error, CoseKeyError::Algorithm(_)) {
            Refusal::not_supported(error)
        } else {
            Refusal::because(error)
        }
    })?;
    if key.algorithm().cose() != row.alg {
        return Err(Refusal::because(format!("the key names {:?}", key.algorithm())));
    }
    by_every_provider(key.algorithm().scheme(), |provider| {
        key.verify(provider, &row.message.0, &row.signature.0)
    })
}

pub(super) fn example(source: &Source<'_>) -> Cases {
    let file: Example = serde_json::from_str(source.text)?;
    let message = &file.output.cbor.0;
    let got = match (&file.input.sign0, &file.input.sign) {
        (Some(signer), None) => sign1(message, signer),
        (None, Some(signers)) => sign(message, &signers.signers),
        _ => return Err(NotUnderstood::new("neither one signer nor several")),
    };
    Ok(vec![Case::accepts(file.title, !file.fail, got)])
}

fn sign1(message: &[u8], signer: &Signer) -> Result<(), Refusal> {
    let read = if is_tagged(message) {
        CoseSign1::from_tagged_slice(message)
    } else {
        CoseSign1::from_slice(message)
    };
    let mut message = read.map_err(Refusal::because)?;
    if message.protected.is_empty() {
        // RFC 9052 §4.4: what is signed of an empty header is the empty string, however it was sent.
        message.protected.original_data = None;
    }
    let to_be_signed = message.tbs_data(external(signer));
    verify(
        &message.protected.header,
        &message.unprotected,
        signer,
        &to_be_signed,
        &message.signature,
    )
}

fn sign(message: &[u8], signers: &[Signer]) -> Result<(), Refusal> {
    let read = if is_tagged(message) {
        CoseSign::from_tagged_slice(message)
    } else {
        CoseSign::from_slice(message)
    };
    let message = read.map_err(Refusal::because)?;
    understood(&message.protected.header)?;
    if message.signatures.len() != signers.len() {
        return Err(Refusal::because("another number of signatures"));
    }
    for (signature, signer) in message.signatures.iter().zip(signers) {
        let to_be_signed = message.tbs_data(external(signer), signature);
        let (protected, unprotected) = (&signature.protected.header, &signature.unprotected);
        verify(
            protected,
            unprotected,
            signer,
            &to_be_signed,
            &signature.signature,
        )?;
    }
    Ok(())
}

fn verify(
    protected: &Header,
    unprotected: &Header,
    signer: &Signer,
    to_be_signed: &[u8],
    signature: &[u8],
) -> Result<(), Refusal> {
    understood(protected)?;
    let algorithm = match protected.alg.as_ref().or(unprotected.alg.as_ref()) {
        Some(RegisteredLabelWithPrivate::Assigned(algorithm)) => Algorithm::from_cose(algorithm.to_i64()),
        Some(RegisteredLabelWithPrivate::PrivateUse(number)) => Algorithm::from_cose(*number),
        Some(RegisteredLabelWithPrivate::Text(_)) | None => None,
    };
    let algorithm = algorithm.ok_or_else(|| Refusal::because("an algorithm that is not in the table"))?;
    let key = jose::public_key(&in_base64url(&signer.key)?)?;
    if key.key().kind() != algorithm.key_kind() {
        // COSE alone allows it; Web Authentication and JOSE bind each algorithm to its curve.
        return Err(Refusal::not_supported(format!(
            "{algorithm:?} with {:?}",
            key.key().kind()
        )));
    }
    by_every_provider(algorithm.scheme(), |provider| {
        provider.verify(
            algorithm,
            key.key(),
            SignatureForm::Fixed,
            to_be_signed,
            signature,
        )
    })
}

/// A header that demands an extension is not for us (RFC 9052 §3.1).
fn understood(protected: &Header) -> Result<(), Refusal> {
    if protected.crit.is_empty() {
        Ok(())
    } else {
        Err(Refusal::not_supported("critical headers"))
    }
}

fn external(signer: &Signer) -> &[u8] {
    signer.external.as_ref().map_or(&[], |external| &external.0)
}

/// The examples write some members in hexadecimal digits, as `x_hex` for `x`.
fn in_base64url(key: &Map<String, Value>) -> Result<Value, Refusal> {
    let mut members = Map::new();
    for (name, value) in key {
        match (name.strip_suffix("_hex"), value.as_str()) {
            (Some(name), Some(digits)) => {
                let bytes = hex(digits).ok_or_else(|| Refusal::because("a key that is not hexadecimal"))?;
                members.insert(name.to_owned(), base64url::encode(&bytes).into());
            }
            _ => {
                members.insert(name.clone(), value.clone());
            }
        }
    }
    members.retain(|name, _| !["dP", "dQ"].contains(&name.as_str())); // private halves under the examples' names
    Ok(Value::Object(members))
}

/// Whether a message starts with a tag (RFC 8949 §3.1, major type 6).
fn is_tagged(message: &[u8]) -> bool {
    message.first().is_some_and(|first| first >> 5 == 6)
}
