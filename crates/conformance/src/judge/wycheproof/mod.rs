//! Wycheproof: signatures through every provider of `crypto` and, in the form that authenticators use, through the
//! code that verifies passkeys; MACs through `crypto`, JSON forms through `jose`.
//!
//! A test that is `acceptable` agrees with either answer. The groups are read as
//! the collection's own schemas describe them.

mod exceptions;
mod passkey;

use doorward_crypto::{
    Curve, Hash, KeyError, MlDsa, PublicKey, Scheme, Sha1, Sha256, Sha512, SignatureForm, hash,
};
use serde::Deserialize;
use serde_json::Value;

use super::{Cases, Hex, NotUnderstood, Source, by_every_provider, hex, jose};
use crate::case::{Case, Refusal, Verdict};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    algorithm: Option<String>,
    number_of_tests: usize,
    test_groups: Vec<Group>,
}

/// A group: what its kind needs is there, the rest is not.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    #[serde(rename = "type")]
    kind: String,
    comment: Option<String>,
    public_key: Option<Value>,
    public_key_der: Option<Hex>,
    sha: Option<String>,
    mgf_sha: Option<String>,
    s_len: Option<usize>,
    tag_size: Option<usize>,
    public: Option<Value>,
    private: Option<Value>,
    tests: Vec<Test>,
}

/// A test. A member that is not known here could change what the test means, so it is an error.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Test {
    tc_id: u32,
    comment: String,
    #[serde(rename = "flags")]
    _flags: Vec<String>,
    result: Expected,
    msg: Option<Hex>,
    sig: Option<Hex>,
    ctx: Option<Hex>,
    key: Option<Hex>,
    tag: Option<Hex>,
    jws: Option<Value>,
    jwe: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expected {
    Valid,
    Invalid,
    Acceptable,
}

pub(super) fn judge(source: &Source<'_>) -> Cases {
    let file: File = serde_json::from_str(source.text)?;
    let mut cases = Vec::new();
    for group in &file.test_groups {
        for test in &group.tests {
            let case = case(test, judge_test(&file, group, test)?);
            cases.push(exceptions::judged(&group.kind, test, case));
        }
    }
    if cases.len() != file.number_of_tests {
        return Err(NotUnderstood::new(format!(
            "{} tests, not {}",
            cases.len(),
            file.number_of_tests
        )));
    }
    Ok(cases)
}

fn case(test: &Test, got: Result<(), Refusal>) -> Case {
    let name = format!("tcId {} ({})", test.tc_id, test.comment);
    let either = test.result == Expected::Acceptable && matches!(got, Ok(()) | Err(Refusal::Refused { .. }));
    let case = Case::accepts(name, test.result != Expected::Invalid, got);
    if either {
        return Case {
            verdict: Verdict::Agree,
            expected: "either".to_owned(),
            ..case
        };
    }
    case
}

/// Whether the test's signature, MAC or message is accepted.
fn judge_test(file: &File, group: &Group, test: &Test) -> Result<Result<(), Refusal>, NotUnderstood> {
    let form = match group.kind.as_str() {
        "JsonWebSignature" | "JsonWebKey" | "JsonWebCrypto" => return Ok(json_form(group, test)),
        "MacTest" => return mac(file.algorithm.as_deref().unwrap_or_default(), group, test),
        "EcdsaP1363Verify" => SignatureForm::Fixed,
        _ => SignatureForm::Der,
    };
    let (Some(message), Some(signature)) = (&test.msg, &test.sig) else {
        return Err(NotUnderstood::new(
            "a signature test without message or signature",
        ));
    };
    if test.ctx.as_ref().is_some_and(|context| !context.0.is_empty()) {
        return Ok(Err(Refusal::not_supported("signatures with a context")));
    }
    let (scheme, key) = match scheme(file, group)? {
        Ok(scheme) => (scheme, key(group, scheme)?),
        Err(refusal) => return Ok(Err(refusal)),
    };
    Ok(key.and_then(|key| {
        let alone = by_every_provider(scheme, |provider| {
            provider.verify_scheme(scheme, &key, form, &message.0, &signature.0)
        });
        if form == SignatureForm::Fixed {
            return alone; // the form of JOSE and COSE
        }
        let login = passkey::verify(scheme, &key, &message.0, &signature.0);
        if alone.is_ok() == login.is_ok() {
            login
        } else {
            Err(Refusal::Split(
                "a login is judged otherwise than its signature".to_owned(),
            ))
        }
    }))
}

/// What the group computes; a combination that the table has no scheme for is not supported.
fn scheme(file: &File, group: &Group) -> Result<Result<Scheme, Refusal>, NotUnderstood> {
    let curve = group
        .public_key
        .as_ref()
        .and_then(|key| key.get("curve"))
        .and_then(Value::as_str);
    let hash = match group.sha.as_deref() {
        None => None,
        Some("SHA-1") => Some(Hash::Sha1),
        Some("SHA-256") => Some(Hash::Sha256),
        Some("SHA-384") => Some(Hash::Sha384),
        Some("SHA-512") => Some(Hash::Sha512),
        Some(other) => return Ok(Err(Refusal::not_supported(format!("no signatures over {other}")))),
    };
    let scheme = match (group.kind.as_str(), curve, hash) {
        ("EcdsaVerify" | "EcdsaP1363Verify", Some("secp256r1"), Some(hash)) => {
            Scheme::Ecdsa(Curve::P256, hash)
        }
        ("EcdsaVerify" | "EcdsaP1363Verify", Some("secp384r1"), Some(hash)) => {
            Scheme::Ecdsa(Curve::P384, hash)
        }
        ("EcdsaVerify" | "EcdsaP1363Verify", Some("secp521r1"), Some(hash)) => {
            Scheme::Ecdsa(Curve::P521, hash)
        }
        ("EcdsaVerify" | "EcdsaP1363Verify", Some("secp256k1"), Some(hash)) => {
            Scheme::Ecdsa(Curve::Secp256k1, hash)
        }
        ("EcdsaVerify" | "EcdsaP1363Verify", Some(other), _) => {
            return Ok(Err(Refusal::not_supported(format!("no curve {other}"))));
        }
        ("EddsaVerify", Some("edwards25519"), _) => Scheme::Ed25519,
        ("EddsaVerify", Some("edwards448"), _) => Scheme::Ed448,
        ("RsassaPkcs1Verify", _, Some(hash)) => Scheme::RsaPkcs1(hash),
        ("RsassaPssVerify", _, Some(hash)) => {
            // The table has one parameter set a hash: MGF1 with the same, a salt as long.
            if group.mgf_sha != group.sha || group.s_len != Some(hash.bytes()) {
                return Ok(Err(Refusal::not_supported("RSASSA-PSS with other parameters")));
            }
            Scheme::RsaPss(hash)
        }
        ("MlDsaVerify", ..) => match file.algorithm.as_deref() {
            Some("ML-DSA-44") => Scheme::MlDsa(MlDsa::MlDsa44),
            Some("ML-DSA-65") => Scheme::MlDsa(MlDsa::MlDsa65),
            Some("ML-DSA-87") => Scheme::MlDsa(MlDsa::MlDsa87),
            other => return Err(NotUnderstood::new(format!("no parameter set {other:?}"))),
        },
        (kind, ..) => return Err(NotUnderstood::new(format!("no judge for tests of type {kind}"))),
    };
    Ok(Ok(scheme))
}

fn key(group: &Group, scheme: Scheme) -> Result<Result<PublicKey, Refusal>, NotUnderstood> {
    let read = match (&group.public_key_der, &group.public_key) {
        (Some(der), _) => PublicKey::from_spki(&der.0),
        // Keys of a wrong length have no SubjectPublicKeyInfo.
        (None, Some(Value::String(raw))) => {
            let raw = hex(raw).ok_or_else(|| NotUnderstood::new("a key that is not hexadecimal"))?;
            let Scheme::MlDsa(set) = scheme else {
                return Err(NotUnderstood::new("a raw key"));
            };
            PublicKey::ml_dsa(set, &raw)
        }
        _ => return Err(NotUnderstood::new("a group without a key")),
    };
    Ok(read.map_err(|error| {
        if error == KeyError::UnknownKind {
            Refusal::not_supported(error)
        } else {
            Refusal::because(error)
        }
    }))
}

fn mac(algorithm: &str, group: &Group, test: &Test) -> Result<Result<(), Refusal>, NotUnderstood> {
    let (Some(key), Some(message), Some(tag)) = (&test.key, &test.msg, &test.tag) else {
        return Err(NotUnderstood::new("a MAC test without key, message or tag"));
    };
    let computed = match algorithm {
        "HMACSHA1" => Sha1::hmac(&key.0, &[&message.0]).to_vec(),
        "HMACSHA256" => Sha256::hmac(&key.0, &[&message.0]).to_vec(),
        "HMACSHA512" => Sha512::hmac(&key.0, &[&message.0]).to_vec(),
        other => return Ok(Err(Refusal::not_supported(format!("no MAC {other}")))),
    };
    if group.tag_size != Some(computed.len() * 8) {
        return Ok(Err(Refusal::not_supported("MACs are not truncated")));
    }
    Ok(if hash::equal(&computed, &tag.0) {
        Ok(())
    } else {
        Err(Refusal::because("another MAC"))
    })
}

fn json_form(group: &Group, test: &Test) -> Result<(), Refusal> {
    if test.jwe.is_some() {
        return Err(Refusal::not_supported("nothing is decrypted"));
    }
    if group
        .comment
        .as_deref()
        .is_some_and(|comment| comment.starts_with("jwe"))
    {
        return Err(Refusal::not_supported("nothing is decrypted"));
    }
    let key = group.public.as_ref().or(group.private.as_ref());
    let key = key.ok_or_else(|| Refusal::not_supported("a group without a key"))?;
    // The JSON serialization stands in the tests as an object. Its text is what a server would be sent.
    let message = match &test.jws {
        Some(Value::String(text)) => text.clone(),
        Some(object) => object.to_string(),
        None => String::new(),
    };
    jose::payload(&message, key, None).map(drop)
}
