//! The seeds of the fuzz targets, on stable: each is judged as its name says, and its neighbours break nothing.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_crypto::{Algorithm, Provider};
use doorward_seeds::{replay, replay_around};
use doorward_webauthn::fuzzing::{self, Assertion, Known};
use doorward_webauthn::{Aaguid, attestation};
use serde_json::{Value, json};

use crate::support::certificates::{Certificate, revocation_list};
use crate::support::keys::Key;
use crate::support::scene::{NOW, Scene};
use crate::support::statements::AAGUID;
use crate::support::{Seeded, provider};

/// Signatures are slow where nothing is optimised.
const FEW: usize = 24;

/// The seeds as they are made: target, name, bytes.
struct Made(BTreeMap<(&'static str, String), Vec<u8>>);

impl Made {
    fn add(&mut self, target: &'static str, name: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.insert((target, name.into()), bytes.into());
    }

    fn get(&self, target: &'static str, name: &str) -> &[u8] {
        &self.0[&(target, name.to_owned())]
    }

    /// All of a target that are let in.
    fn all(&self, target: &'static str) -> Vec<&[u8]> {
        let good = |(of, name): &(&str, String)| *of == target && !name.starts_with("refused-");
        self.0
            .iter()
            .filter(|(key, _)| good(key))
            .map(|(_, bytes)| &bytes[..])
            .collect()
    }

    /// What fuzz targets know, too, and by the same files.
    fn check(&self, check: impl FnOnce(&Known<'_>, &Arc<dyn Provider>)) {
        let mut chains = vec![self.get("webauthn_path", "packed")];
        chains.extend(self.all("webauthn_path"));
        let known = Known {
            chains: &chains,
            objects: &self.all("webauthn_attestation_object"),
            created: self.get("webauthn_client_data", "create"),
            asserted: Assertion {
                client_data: self.get("webauthn_client_data", "get"),
                authenticator_data: self.get("webauthn_authenticator_data", "get"),
                key: self.get("webauthn_cose_key", "es256"),
            },
            lists: self.get("webauthn_revocation_list", "both"),
            revoking: self.get("webauthn_revocation_list", "refused-revoking"),
            blob: str::from_utf8(self.get("webauthn_metadata", "blob")).unwrap(),
            blob_root: self.get("webauthn_path", "refused-anchor-alone"),
        };
        check(&known, &provider());
    }
}

#[test]
fn cbor_beside_ciborium() {
    replay("webauthn_cbor", |bytes| {
        let accepted = fuzzing::cbor(bytes);
        if accepted {
            let value: ciborium::Value =
                ciborium::from_reader(bytes).expect("ciborium reads what the strict reader accepts");
            let mut again = Vec::new();
            ciborium::into_writer(&value, &mut again).unwrap();
            assert_eq!(again, bytes, "what is accepted is the one encoding");
        }
        accepted
    });
}

#[test]
fn readers() {
    replay("webauthn_client_data", fuzzing::client_data);
    replay("webauthn_authenticator_data", fuzzing::authenticator_data);
    replay("webauthn_cose_key", fuzzing::cose_key);
    replay("webauthn_json_forms", fuzzing::json_forms);
    replay("webauthn_structures", |bytes| {
        fuzzing::structures(bytes);
        true
    });
}

#[test]
fn statements() {
    made().check(|known, provider| {
        replay_around("webauthn_attestation_object", FEW, |bytes| {
            fuzzing::attestation_object(bytes, known, provider)
        });
        replay_around("webauthn_statement", FEW, |bytes| {
            fuzzing::statement(bytes, known, provider)
        });
    });
}

#[test]
fn responses() {
    made().check(|known, provider| {
        replay_around("webauthn_responses", FEW, |bytes| {
            fuzzing::responses(bytes, known, provider)
        });
    });
}

#[test]
fn certificates_lists_and_blobs() {
    made().check(|known, provider| {
        replay_around("webauthn_path", FEW, |bytes| {
            fuzzing::path(bytes, known, &**provider)
        });
        replay_around("webauthn_revocation_list", FEW, |bytes| {
            fuzzing::revocation_list(bytes, known, &**provider)
        });
        replay_around("webauthn_metadata", FEW, |bytes| {
            fuzzing::metadata(bytes, known, &**provider)
        });
    });
}

/// Writes them: `DOORWARD_RECORD=1 cargo test -p doorward-webauthn --test it seeds`.
#[test]
fn the_seeds_are_what_is_made() {
    for ((target, name), bytes) in made().0 {
        let Some(folder) = doorward_seeds::folder(target) else {
            return;
        };
        if std::env::var_os("DOORWARD_RECORD").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(&name), &bytes).unwrap();
        }
        let stored = fs::read(folder.join(&name));
        assert!(
            stored.is_ok_and(|stored| stored == bytes),
            "{target}/{name} is not what is made"
        );
    }
}

fn made() -> Made {
    let mut made = Made(BTreeMap::new());
    for format in attestation::FORMATS.iter().copied().chain(["packed-self"]) {
        registration(&mut made, format);
    }
    login(&mut made);
    lists(&mut made);
    metadata(&mut made);
    forms(&mut made);
    made
}

fn member(json: &Value, name: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD
        .decode(json["response"][name].as_str().unwrap())
        .unwrap()
}

fn registration(made: &mut Made, format: &'static str) {
    let mut scene = Scene::registration(format);
    let json = scene.created();
    let object = member(&json, "attestationObject");
    let find = |text: &[u8]| object.windows(text.len()).position(|at| at == text).unwrap();
    let statement = &object[find(b"gattStmt") + 8..find(b"hauthData")];
    let own = if format == "packed-self" { "packed" } else { format };
    let place = attestation::FORMATS.iter().position(|name| *name == own).unwrap();
    made.add(
        "webauthn_statement",
        format,
        [&[u8::try_from(place).unwrap()], statement].concat(),
    );
    made.add("webauthn_client_data", "create", member(&json, "clientDataJSON"));
    made.add(
        "webauthn_responses",
        format!("registration-{format}"),
        json.to_string(),
    );
    let house = &scene.house;
    let below = match format {
        "fido-u2f" => vec![house.leaf_certificate.signed_by(&house.root)],
        _ => house.chain(),
    };
    let chain = [below, vec![house.root_der()]].concat();
    if format != "none" && format != "packed-self" {
        made.add("webauthn_path", format, chain.concat());
    }
    let read: ciborium::Value = ciborium::from_reader(statement).unwrap();
    for (name, value) in read.as_map().into_iter().flatten() {
        let name = name.as_text().unwrap();
        if ["certInfo", "pubArea"].contains(&name) {
            made.add("webauthn_structures", name, value.as_bytes().unwrap().clone());
        }
    }
    if format == "android-key" {
        let description = &scene.house.leaf_certificate.extensions.last().unwrap().2;
        made.add("webauthn_structures", "key-description", description.clone());
    }
    if format == "packed" {
        let turned: Vec<Vec<u8>> = chain.iter().rev().cloned().collect();
        made.add("webauthn_path", "refused-wrong-order", turned.concat());
        made.add(
            "webauthn_path",
            "refused-without-intermediate",
            [&chain[0][..], &chain[2]].concat(),
        );
        let data = scene.authenticator_data_bytes();
        made.add("webauthn_authenticator_data", "create", data.clone());
        made.add(
            "webauthn_authenticator_data",
            "refused-trailing",
            [&data[..], &[0]].concat(),
        );
    }
    made.add("webauthn_attestation_object", format, object);
}

fn login(made: &mut Made) {
    let login = Scene::login();
    let json = login.asserted();
    made.add("webauthn_client_data", "get", member(&json, "clientDataJSON"));
    let framed = br#"{"topOrigin":"https://a.example","type":"webauthn.get","crossOrigin":true,"challenge":"\u0041\n","origin":"\"","x":[{}]}"#;
    made.add("webauthn_client_data", "framed", *framed);
    made.add(
        "webauthn_client_data",
        "refused-twice",
        br#"{"type":"","challenge":"","origin":"","type":""}"#,
    );
    made.add(
        "webauthn_authenticator_data",
        "get",
        member(&json, "authenticatorData"),
    );
    made.add("webauthn_responses", "authentication", json.to_string());
    let mut other = json.clone();
    other["response"]["signature"] = member(&json, "signature").len().into();
    made.add("webauthn_responses", "refused-signature", other.to_string());
    made.add("webauthn_cbor", "es256", login.cose.clone());
    made.add(
        "webauthn_cbor",
        "nested",
        [0xa2, 0x01, 0x82, 0x18, 0x64, 0xf5, 0x61, b'a', 0xa1, 0x20, 0x40],
    );
    made.add("webauthn_cbor", "refused-order", [0xa2, 0x02, 0x01, 0x01, 0x01]);
    made.add("webauthn_cose_key", "es256", login.cose);
    for algorithm in [
        Algorithm::Es384,
        Algorithm::EdDsa,
        Algorithm::Es512,
        Algorithm::Es256k,
        Algorithm::Ed448,
    ] {
        let name = algorithm.jose().unwrap().to_lowercase();
        made.add(
            "webauthn_cose_key",
            name,
            Key::new(algorithm, "seed").cose().encode(),
        );
    }
}

fn lists(made: &mut Made) {
    let house = Scene::registration("packed").house;
    let list = |issuer: &[(&str, String)], key: &Key, serials: &[u8]| {
        revocation_list(&issuer[0].1, key, serials, "250101000000Z", "300101000000Z")
    };
    let below = |serials: &[u8]| list(&house.leaf_certificate.issuer, &house.intermediate, serials);
    let above = |serials: &[u8]| list(&house.intermediate_certificate.issuer, &house.root, serials);
    made.add(
        "webauthn_revocation_list",
        "both",
        [below(&[1, 2]), above(&[])].concat(),
    );
    made.add("webauthn_revocation_list", "refused-one", above(&[]));
    made.add(
        "webauthn_revocation_list",
        "refused-revoking",
        below(&[house.leaf_certificate.serial]),
    );
    let forged = list(&house.leaf_certificate.issuer, &Key::es256("nobody"), &[]);
    made.add(
        "webauthn_revocation_list",
        "refused-forged",
        [forged, above(&[])].concat(),
    );
}

fn metadata(made: &mut Made) {
    let (root, signer) = (Key::es256("blob root"), Key::es256("blob signer"));
    let leaf = Certificate::leaf(&[("2.5.4.3", "Blob Signer")], &signer, "Blob Root").signed_by(&root);
    let root = Certificate::authority("Blob Root", &root, "Blob Root").signed_by(&root);
    let anchor = STANDARD.encode(Scene::registration("packed").house.root_der());
    let payload = json!({ "no": 4, "nextUpdate": "2026-01-01", "legalHeader": "x", "entries": [{
        "aaguid": Aaguid::new(AAGUID).to_string(),
        "metadataStatement": {
            "description": "Doorward Test Authenticator", "attestationTypes": ["basic_full"],
            "attestationRootCertificates": [anchor],
        },
        "statusReports": [{ "status": "FIDO_CERTIFIED_L1", "effectiveDate": "2024-01-01", "x": null }],
        "timeOfLastStatusChange": "2024-01-01",
    }, { "aaid": "4e4e#4005" }, { "attestationCertificateKeyIdentifiers": ["7c0903708b87115b0b422def3138c3c864e44573"] }, 7] });
    let head = json!({ "alg": "ES256", "typ": "JWT", "x5c": [STANDARD.encode(leaf)] });
    let input = [&head, &payload]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
        .join(".");
    let signature = URL_SAFE_NO_PAD.encode(signer.sign_fixed(input.as_bytes()));
    made.add("webauthn_metadata", "blob", format!("{input}.{signature}"));
    let forged = URL_SAFE_NO_PAD.encode(Key::es256("nobody").sign_fixed(input.as_bytes()));
    made.add("webauthn_metadata", "refused-forged", format!("{input}.{forged}"));
    made.add("webauthn_metadata", "payload", payload.to_string());
    made.add(
        "webauthn_metadata",
        "empty",
        *br#"{"no":1,"nextUpdate":"2026-01-01","entries":[{}]}"#,
    );
    made.add(
        "webauthn_metadata",
        "refused-no",
        *br#"{"nextUpdate":"2026-01-01","entries":[]}"#,
    );
    made.add("webauthn_path", "refused-anchor-alone", root);
}

fn forms(made: &mut Made) {
    let scene = Scene::login();
    let rp = scene.rp.clone().build(provider()).unwrap();
    let user = doorward_webauthn::UserEntity {
        handle: doorward_webauthn::UserHandle::new(*b"ana").unwrap(),
        name: "ana".to_owned(),
        display_name: "Ana".to_owned(),
    };
    let random = Seeded::new("begin");
    let record = scene.stored();
    let (options, kept) = rp
        .register(&user)
        .exclude(&[record.descriptor()])
        .begin(&random, NOW)
        .unwrap();
    made.add(
        "webauthn_json_forms",
        "creation-options",
        serde_json::to_vec(&options).unwrap(),
    );
    made.add(
        "webauthn_json_forms",
        "kept-create",
        serde_json::to_vec(&kept).unwrap(),
    );
    let begun = rp.authenticate().for_user(&user.handle, &[record.descriptor()]);
    let (options, kept) = begun.begin(&random, NOW).unwrap();
    made.add(
        "webauthn_json_forms",
        "request-options",
        serde_json::to_vec(&options).unwrap(),
    );
    made.add(
        "webauthn_json_forms",
        "kept-identified",
        serde_json::to_vec(&kept).unwrap(),
    );
    let (_, kept) = rp.authenticate().discoverable().begin(&random, NOW).unwrap();
    made.add(
        "webauthn_json_forms",
        "kept-discoverable",
        serde_json::to_vec(&kept).unwrap(),
    );
    made.add(
        "webauthn_json_forms",
        "record",
        serde_json::to_vec(&record).unwrap(),
    );
    made.add(
        "webauthn_json_forms",
        "capabilities",
        *br#"{"conditionalGet":true,"extension:prf":false}"#,
    );
    made.add(
        "webauthn_json_forms",
        "refused-type",
        *br#"{"type":"password","id":"AA"}"#,
    );
}
