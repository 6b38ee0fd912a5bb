//! C2SP Wycheproof: every provider, every file of a scheme that it claims. What is "acceptable" there is refused
//! here: such signatures leave out what the encoding demands.

use doorward_crypto::{Algorithm, KeyError, Provider, PublicKey, SignatureForm};
use serde_json::Value;

use crate::vectors::{self, hex};

/// File, algorithm, form, how many tests it has.
const FILES: [(&str, Algorithm, SignatureForm, usize); 18] = [
    (
        "ecdsa_secp256r1_sha256",
        Algorithm::Es256,
        SignatureForm::Der,
        484,
    ),
    (
        "ecdsa_secp256r1_sha256_p1363",
        Algorithm::Es256,
        SignatureForm::Fixed,
        262,
    ),
    (
        "ecdsa_secp384r1_sha384",
        Algorithm::Es384,
        SignatureForm::Der,
        504,
    ),
    (
        "ecdsa_secp384r1_sha384_p1363",
        Algorithm::Es384,
        SignatureForm::Fixed,
        280,
    ),
    (
        "ecdsa_secp521r1_sha512",
        Algorithm::Es512,
        SignatureForm::Der,
        542,
    ),
    (
        "ecdsa_secp521r1_sha512_p1363",
        Algorithm::Es512,
        SignatureForm::Fixed,
        318,
    ),
    (
        "ecdsa_secp256k1_sha256",
        Algorithm::Es256k,
        SignatureForm::Der,
        476,
    ),
    (
        "ecdsa_secp256k1_sha256_p1363",
        Algorithm::Es256k,
        SignatureForm::Fixed,
        252,
    ),
    ("ed25519", Algorithm::Ed25519, SignatureForm::Fixed, 151),
    ("ed25519", Algorithm::EdDsa, SignatureForm::Der, 151),
    ("ed448", Algorithm::Ed448, SignatureForm::Fixed, 87),
    ("mldsa_44_verify", Algorithm::MlDsa44, SignatureForm::Fixed, 180),
    (
        "rsa_signature_2048_sha256",
        Algorithm::Rs256,
        SignatureForm::Fixed,
        259,
    ),
    (
        "rsa_signature_2048_sha384",
        Algorithm::Rs384,
        SignatureForm::Fixed,
        258,
    ),
    (
        "rsa_signature_2048_sha512",
        Algorithm::Rs512,
        SignatureForm::Fixed,
        259,
    ),
    (
        "rsa_pss_2048_sha256_mgf1_32",
        Algorithm::Ps256,
        SignatureForm::Fixed,
        108,
    ),
    (
        "rsa_pss_2048_sha384_mgf1_48",
        Algorithm::Ps384,
        SignatureForm::Fixed,
        141,
    ),
    (
        "rsa_pss_4096_sha512_mgf1_64",
        Algorithm::Ps512,
        SignatureForm::Fixed,
        179,
    ),
];

#[test]
fn every_provider_judges_as_wycheproof_does() {
    let mut wrong = Vec::new();
    for provider in crate::providers() {
        for (file, algorithm, form, count) in FILES {
            if !provider.supports(algorithm) {
                continue;
            }
            let Some(vectors) = vectors::read(&format!("wycheproof/{file}_test.json")) else {
                return;
            };
            let mut seen = 0;
            for group in vectors["testGroups"].as_array().unwrap() {
                let key = key(algorithm, group);
                for test in group["tests"].as_array().unwrap() {
                    seen += 1;
                    judge(provider.as_ref(), algorithm, form, &key, test, &mut wrong);
                }
            }
            assert_eq!(seen, count, "{file} is whole");
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong verdicts:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn judge(
    provider: &dyn Provider,
    algorithm: Algorithm,
    form: SignatureForm,
    key: &Result<PublicKey, KeyError>,
    test: &Value,
    wrong: &mut Vec<String>,
) {
    let context_given = test.get("ctx").is_some_and(|context| context != "");
    // Contexts are not for COSE and JOSE: a signature under one must fail without it.
    let valid = test["result"] == "valid" && !context_given;
    let verdict = key.as_ref().map_err(|why| format!("key: {why}")).and_then(|key| {
        provider
            .verify(algorithm, key, form, &hex(&test["msg"]), &hex(&test["sig"]))
            .map_err(|why| why.to_string())
    });
    if verdict.is_ok() != valid {
        wrong.push(format!(
            "{} {algorithm:?} {form:?} tcId {} ({}): said {verdict:?}, should be {valid}",
            provider.name(),
            test["tcId"],
            test["comment"],
        ));
    }
}

/// The key, read both from its parts and from its SPKI, which must tell the same.
fn key(algorithm: Algorithm, group: &Value) -> Result<PublicKey, KeyError> {
    use doorward_crypto::{KeyKind, MlDsa};
    let parts = &group["publicKey"];
    let from_parts = match algorithm.key_kind() {
        KeyKind::Ec(curve) => PublicKey::ec_point(curve, &hex(&parts["uncompressed"])),
        KeyKind::Ed25519 => PublicKey::ed25519(&hex(&parts["pk"])),
        KeyKind::Ed448 => PublicKey::ed448(&hex(&parts["pk"])),
        KeyKind::MlDsa(set) => PublicKey::ml_dsa(set, &hex(parts)),
        KeyKind::Rsa => {
            // Written as signed numbers there.
            let bare = |number: Vec<u8>| {
                number
                    .into_iter()
                    .skip_while(|byte| *byte == 0)
                    .collect::<Vec<_>>()
            };
            PublicKey::rsa(
                &bare(hex(&parts["modulus"])),
                &bare(hex(&parts["publicExponent"])),
            )
        }
    };
    if let Some(der) = group.get("publicKeyDer").filter(|der| der.is_string()) {
        let from_spki = PublicKey::from_spki(&hex(der));
        assert_eq!(from_spki, from_parts, "{algorithm:?}");
        if let Ok(key) = &from_spki {
            assert_eq!(key.to_spki().unwrap(), hex(der), "{algorithm:?}");
        }
    } else {
        assert_eq!(
            algorithm.key_kind(),
            KeyKind::MlDsa(MlDsa::MlDsa44),
            "only malformed keys come without DER"
        );
    }
    from_parts
}

#[test]
fn hmac_is_what_wycheproof_says() {
    use doorward_crypto::{Sha1, Sha256, Sha512};
    for file in ["hmac_sha1", "hmac_sha256", "hmac_sha512"] {
        let Some(vectors) = vectors::read(&format!("wycheproof/{file}_test.json")) else {
            return;
        };
        for group in vectors["testGroups"].as_array().unwrap() {
            let bytes = usize::try_from(group["tagSize"].as_u64().unwrap()).unwrap() / 8;
            for test in group["tests"].as_array().unwrap() {
                let (key, message) = (hex(&test["key"]), hex(&test["msg"]));
                let tag = match file {
                    "hmac_sha1" => Sha1::hmac(&key, &[&message]).to_vec(),
                    "hmac_sha256" => Sha256::hmac(&key, &[&message]).to_vec(),
                    _ => Sha512::hmac(&key, &[&message]).to_vec(),
                };
                let equal = doorward_crypto::hash::equal(&tag[..bytes], &hex(&test["tag"]));
                assert_eq!(equal, test["result"] == "valid", "{file} tcId {}", test["tcId"]);
            }
        }
    }
}
