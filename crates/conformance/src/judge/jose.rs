//! JOSE: the examples of RFC 7515, 7517, 7520, 7638, 7797 and 8037.

use std::collections::BTreeMap;

use doorward_crypto::Algorithm;
use doorward_crypto::ring::Ring;
use doorward_jose::{Compact, Jwk, JwkError, JwkSet, base64url, hs256};
use serde::Deserialize;
use serde_json::Value;

use super::{Cases, NotUnderstood, Source, by_every_provider};
use crate::case::{Case, Refusal};

/// The members that make a JWK private (RFC 7518 §6.2.2, §6.3.2). Vectors give the whole key; its public half is
/// what a verifier has.
const PRIVATE_HALF: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "priv"];

#[derive(Debug, Deserialize)]
struct Example {
    rfc: String,
    jwk: Option<Value>,
    protected_json: String,
    payload: String,
    compact: String,
}

/// What its author put into a protected header.
#[derive(Debug, Deserialize)]
struct Author {
    alg: String,
}

#[derive(Debug, Deserialize)]
struct Cookbook {
    title: String,
    input: Input,
    output: Output,
}

#[derive(Debug, Deserialize)]
struct Input {
    payload: String,
    key: Value,
    alg: Value,
}

#[derive(Debug, Deserialize)]
struct Output {
    compact: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Titled {
    title: String,
}

#[derive(Debug, Deserialize)]
struct ThumbprintRow {
    source: String,
    jwk: Value,
    sha256: String,
}

/// Figures of several RFCs in one file.
#[derive(Debug, Deserialize)]
struct Figures {
    thumbprints: Vec<ThumbprintRow>,
    #[serde(flatten)]
    signed: BTreeMap<String, Signed>,
}

#[derive(Debug, Deserialize)]
struct Signed {
    source: String,
    jwk: Value,
    compact: String,
}

pub(super) fn appendix_a(source: &Source<'_>) -> Cases {
    let rows: Vec<Example> = serde_json::from_str(source.text)?;
    rows.iter().map(example).collect()
}

fn example(row: &Example) -> Result<Case, NotUnderstood> {
    let Some(jwk) = &row.jwk else {
        // An unsecured JWS is a valid one, and no verifier takes it.
        return Ok(Case::accepts(&row.rfc, false, unsecured(&row.compact)));
    };
    let author: Author = serde_json::from_str(&row.protected_json)?;
    Ok(Case::value(
        &row.rfc,
        &row.payload,
        payload_text(&row.compact, jwk, Some(&author.alg)),
    ))
}

pub(super) fn cookbook_signature(source: &Source<'_>) -> Cases {
    let file: Cookbook = serde_json::from_str(source.text)?;
    let verified = match (&file.output.compact, file.input.alg.as_str()) {
        (Some(compact), _) if compact.contains("..") => {
            Err(Refusal::not_supported("detached payloads are not read"))
        }
        (Some(compact), Some(alg)) => payload_text(compact, &file.input.key, Some(alg)),
        _ => Err(Refusal::not_supported("the JSON serializations are not read")),
    };
    Ok(vec![Case::value(file.title, file.input.payload, verified)])
}

pub(super) fn cookbook_encryption(source: &Source<'_>) -> Cases {
    let file: Titled = serde_json::from_str(source.text)?;
    Ok(vec![Case::accepts(
        file.title,
        true,
        Err(Refusal::not_supported("nothing is decrypted")),
    )])
}

pub(super) fn key(source: &Source<'_>) -> Cases {
    let key: Value = serde_json::from_str(source.text)?;
    let name = key
        .get("kid")
        .and_then(Value::as_str)
        .unwrap_or("a key without kid");
    Ok(key_cases(name, &key))
}

pub(super) fn key_sets(source: &Source<'_>) -> Cases {
    let sets: BTreeMap<String, Value> = serde_json::from_str(source.text)?;
    let cases = sets.iter().flat_map(
        |(name, value)| match value.get("keys").and_then(Value::as_array) {
            None => key_cases(name, value),
            Some(keys) => {
                let read = JwkSet::parse(value.to_string().as_bytes());
                let read = read
                    .map(|set| set.keys().len().to_string())
                    .map_err(Refusal::because);
                vec![Case::value(format!("{name}: keys of the set"), keys.len(), read)]
            }
        },
    );
    Ok(cases.collect())
}

pub(super) fn thumbprints(source: &Source<'_>) -> Cases {
    let rows: Vec<ThumbprintRow> = serde_json::from_str(source.text)?;
    Ok(rows.iter().map(thumbprint).collect())
}

fn thumbprint(row: &ThumbprintRow) -> Case {
    let thumbprint = public_key(&row.jwk).map(|key| key.thumbprint().to_string());
    Case::value(&row.source, &row.sha256, thumbprint)
}

pub(super) fn figures(source: &Source<'_>) -> Cases {
    let file: Figures = serde_json::from_str(source.text)?;
    let signed = file
        .signed
        .values()
        .map(|row| Case::accepts(&row.source, true, payload(&row.compact, &row.jwk, None).map(drop)));
    Ok(signed.chain(file.thumbprints.iter().map(thumbprint)).collect())
}

/// A key must be read; a private one must be refused whole, and its public half read.
fn key_cases(name: &str, key: &Value) -> Vec<Case> {
    let is_private = PRIVATE_HALF.iter().any(|member| key.get(member).is_some());
    let mut cases = Vec::new();
    if is_private {
        let whole = Jwk::parse(key.to_string().as_bytes()).map(drop).map_err(refusal);
        cases.push(Case::accepts(format!("{name}: the private key"), false, whole));
    }
    cases.push(Case::accepts(
        format!("{name}: the public key"),
        true,
        public_key(key).map(drop),
    ));
    cases
}

/// The public half of a JWK.
pub(super) fn public_key(key: &Value) -> Result<Jwk, Refusal> {
    let mut members = key.as_object().cloned().unwrap_or_default();
    if members.get("kty").and_then(Value::as_str) == Some("oct") {
        return Err(Refusal::not_supported("a symmetric key is no public key"));
    }
    members.retain(|name, _| !PRIVATE_HALF.contains(&name.as_str()));
    Jwk::from_object(&members).map_err(refusal)
}

fn refusal(error: JwkError) -> Refusal {
    match error {
        JwkError::UnknownAlgorithm | JwkError::UnknownCurve | JwkError::UnknownKind => {
            Refusal::not_supported(error)
        }
        JwkError::Json(_)
        | JwkError::Private(_)
        | JwkError::Member(_)
        | JwkError::WrongAlgorithm
        | JwkError::Key(_) => Refusal::because(error),
    }
}

/// The payload of a compact JWS, once its signature was verified. `alg` is what a key without one is for, as the
/// vector says beside the message.
pub(super) fn payload(compact: &str, key: &Value, alg: Option<&str>) -> Result<Vec<u8>, Refusal> {
    if key.get("keys").is_some() {
        return payload_by_set(compact, key);
    }
    if key.get("kty").and_then(Value::as_str) == Some("oct") {
        return payload_by_secret(compact, key);
    }
    let mut key = public_key(key)?;
    if let (None, Some(alg)) = (key.algorithm(), alg) {
        let algorithm = Algorithm::from_jose(alg)
            .ok_or_else(|| Refusal::not_supported(format!("no signature algorithm {alg}")))?;
        key = key.with_algorithm(algorithm).map_err(refusal)?;
    }
    let algorithm = key
        .algorithm()
        .ok_or_else(|| Refusal::because("the key has no one algorithm"))?;
    by_every_provider(algorithm.scheme(), |provider| {
        Compact::parse(compact)
            .and_then(|jws| jws.verify_by(provider, &key))
            .map(drop)
    })?;
    Compact::parse(compact)
        .map(|jws| jws.unverified_payload().to_vec())
        .map_err(Refusal::because)
}

fn payload_by_set(compact: &str, set: &Value) -> Result<Vec<u8>, Refusal> {
    let keys = set
        .get("keys")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    if keys
        .iter()
        .any(|key| key.get("kty").and_then(Value::as_str) == Some("oct"))
    {
        return Err(Refusal::not_supported("a set has public keys only"));
    }
    let keys = keys.iter().map(public_key).collect::<Result<Vec<_>, _>>()?;
    let algorithms: Vec<Algorithm> = keys.iter().filter_map(Jwk::algorithm).collect();
    let set = JwkSet::new(keys);
    for algorithm in &algorithms {
        by_every_provider(algorithm.scheme(), |provider| {
            Compact::parse(compact)
                .and_then(|jws| jws.verify_by_one_of(provider, &set))
                .map(drop)
        })?;
    }
    Compact::parse(compact)
        .map(|jws| jws.unverified_payload().to_vec())
        .map_err(Refusal::because)
}

fn payload_by_secret(compact: &str, key: &Value) -> Result<Vec<u8>, Refusal> {
    let text = |name| key.get(name).and_then(Value::as_str);
    match text("alg") {
        None | Some("HS256") => {}
        Some(alg) => {
            return Err(Refusal::not_supported(format!(
                "of the HMACs only HS256, not {alg}"
            )));
        }
    }
    let secret = text("k")
        .and_then(|k| base64url::decode(k).ok())
        .unwrap_or_default();
    let secret = hs256::Secret::new(&secret).map_err(Refusal::because)?;
    let jws = Compact::parse(compact).map_err(Refusal::because)?;
    secret
        .verify(jws)
        .map(|verified| verified.payload().to_vec())
        .map_err(Refusal::because)
}

fn payload_text(compact: &str, key: &Value, alg: Option<&str>) -> Result<String, Refusal> {
    payload(compact, key, alg).map(|payload| String::from_utf8_lossy(&payload).into_owned())
}

fn unsecured(compact: &str) -> Result<(), Refusal> {
    let jws = Compact::parse(compact).map_err(Refusal::because)?;
    // No key of any kind has `none` as its algorithm, so there is none to try.
    let none = JwkSet::default();
    jws.verify_by_one_of(&Ring, &none)
        .map(drop)
        .map_err(Refusal::because)
}
