//! Which judge a file is for. The shape decides: the members that only this kind of file has.

mod aaguid;
mod cbor;
mod cose;
mod jose;
mod mds;
mod oauth;
mod otp;
mod strict;
mod webauthn;
mod wycheproof;

use core::fmt::{self, Display};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::ring::Ring;
use doorward_crypto::rustcrypto::RustCrypto;
use doorward_crypto::{Provider, Scheme};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::case::{Case, Refusal};

/// A file that was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) path: &'a Path,
    pub(crate) text: &'a str,
}

/// Why a file cannot be judged.
#[derive(Clone, Debug)]
pub(crate) struct NotUnderstood(String);

impl NotUnderstood {
    pub(crate) fn new(why: impl Display) -> Self {
        Self(why.to_string())
    }
}

impl Display for NotUnderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<serde_json::Error> for NotUnderstood {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error)
    }
}

/// What a judge gives.
type Cases = Result<Vec<Case>, NotUnderstood>;

/// A kind of file: what it looks like, and who judges it.
struct Shape {
    fits: fn(&Value) -> bool,
    judge: fn(&Source<'_>) -> Cases,
}

/// Every kind of file. The first that fits judges.
const SHAPES: &[Shape] = &[
    Shape {
        fits: |file| has(file, &["testGroups", "numberOfTests"]),
        judge: wycheproof::judge,
    },
    Shape {
        fits: |file| has(file, &["otpauth_uris"]) || has(file, &["rfc6238_appendix_b"]),
        judge: otp::judge,
    },
    Shape {
        fits: |file| each_has(file, &["cbor", "hex", "roundtrip"]),
        judge: cbor::appendix_a,
    },
    Shape {
        fits: |file| each_has(file, &["hex", "kind", "subkind"]),
        judge: cbor::appendix_f,
    },
    Shape {
        fits: |file| has(file, &["canonical", "not_canonical"]),
        judge: cbor::ctap2,
    },
    Shape {
        fits: |file| has(file, &["verify", "malformed"]),
        judge: cose::keys,
    },
    Shape {
        fits: |file| has(file, &["input", "output"]) && has_at(file, "/output/cbor"),
        judge: cose::example,
    },
    Shape {
        fits: |file| each_has(file, &["compact", "protected_json"]),
        judge: jose::appendix_a,
    },
    Shape {
        fits: |file| has(file, &["input", "signing", "output"]),
        judge: jose::cookbook_signature,
    },
    Shape {
        fits: |file| has(file, &["input", "encrypting_content", "output"]),
        judge: jose::cookbook_encryption,
    },
    Shape {
        fits: |file| has(file, &["kty"]),
        judge: jose::key,
    },
    Shape {
        fits: |file| has(file, &["thumbprints"]),
        judge: jose::figures,
    },
    Shape {
        fits: |file| each_has(file, &["jwk", "sha256"]),
        judge: jose::thumbprints,
    },
    Shape {
        fits: |file| each_has(file, &["proof", "jkt"]),
        judge: oauth::proofs,
    },
    Shape {
        fits: |file| has(file, &["valid_verifiers", "invalid_verifiers"]),
        judge: oauth::pkce,
    },
    Shape {
        fits: |file| each_member(file, |key| has(key, &["kty"]) || has(key, &["keys"])),
        judge: jose::key_sets,
    },
    Shape {
        fits: |file| each_has(file, &["file", "root", "verify_at", "expect"]),
        judge: mds::blobs,
    },
    Shape {
        fits: |file| each_has(file, &["aaguid", "aaid", "statuses"]),
        judge: mds::entries,
    },
    Shape {
        fits: |file| each_has(file, &["file", "subject", "sha256"]),
        judge: mds::roots,
    },
    Shape {
        fits: aaguid::fits,
        judge: aaguid::names,
    },
];

/// Judges a file.
pub(crate) fn judge(source: &Source<'_>) -> Cases {
    // Lines are judged one by one; a file of one line is also a JSON text of its own.
    if source
        .path
        .extension()
        .is_some_and(|extension| extension == "jsonl")
    {
        return webauthn::judge(source);
    }
    let value: Value = serde_json::from_str(source.text)?;
    let shape = SHAPES.iter().find(|shape| (shape.fits)(&value));
    (shape
        .ok_or_else(|| NotUnderstood::new("no judge knows this shape"))?
        .judge)(source)
}

fn has(value: &Value, members: &[&str]) -> bool {
    members.iter().all(|member| value.get(member).is_some())
}

fn has_at(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).is_some()
}

fn each_has(value: &Value, members: &[&str]) -> bool {
    value
        .as_array()
        .is_some_and(|items| !items.is_empty() && items.iter().all(|item| has(item, members)))
}

fn each_member(value: &Value, fits: impl Fn(&Value) -> bool) -> bool {
    value
        .as_object()
        .is_some_and(|members| !members.is_empty() && members.values().all(fits))
}

/// Every provider; the fast one first.
const PROVIDERS: [&dyn Provider; 2] = [&Ring, &RustCrypto];

/// Asks every provider that can do this, and demands one answer of all.
fn by_every_provider<E: Display>(
    scheme: Scheme,
    verify: impl Fn(&dyn Provider) -> Result<(), E>,
) -> Result<(), Refusal> {
    let answers: Vec<(&str, Result<(), String>)> = PROVIDERS
        .iter()
        .filter(|provider| provider.verifies(scheme))
        .map(|provider| {
            (
                provider.name(),
                verify(*provider).map_err(|error| error.to_string()),
            )
        })
        .collect();
    let Some((_, first)) = answers.first() else {
        return Err(Refusal::not_supported(format!("no provider verifies {scheme:?}")));
    };
    if answers.iter().all(|(_, answer)| answer.is_ok() == first.is_ok()) {
        return first.clone().map_err(Refusal::because);
    }
    let said: Vec<String> = answers
        .iter()
        .map(|(name, answer)| {
            format!(
                "{name} says {}",
                answer.as_ref().map_or_else(String::as_str, |()| "ok")
            )
        })
        .collect();
    Err(Refusal::Split(said.join(", ")))
}

/// Bytes that stand in hexadecimal digits.
#[derive(Clone, Debug)]
struct Hex(Vec<u8>);

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("not hexadecimal digits"))
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes that stand in base64url without padding.
#[derive(Clone, Debug)]
pub(crate) struct Base64Url(pub(crate) Vec<u8>);

impl<'de> Deserialize<'de> for Base64Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD
            .decode(text)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}
