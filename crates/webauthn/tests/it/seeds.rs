//! The seeds of the fuzz targets, on stable; and the strict CBOR reader beside `ciborium`.

use std::fs;
use std::path::PathBuf;

use doorward_webauthn::fuzzing;

use crate::support::provider;
use crate::support::scene::Scene;

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/seeds")
        .join(target);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// The seed, and the seed with each of its bytes changed, and cut at each of them.
fn around(seed: &[u8], mut run: impl FnMut(&[u8])) {
    run(seed);
    for at in 0..seed.len().min(400) {
        let mut bytes = seed.to_vec();
        for flip in [0x01, 0x20, 0x80, 0xff] {
            bytes[at] = seed[at] ^ flip;
            run(&bytes);
        }
        run(&seed[..at]);
    }
}

#[test]
fn no_seed_and_no_neighbour_of_one_breaks_a_reader() {
    let provider = provider();
    for seed in seeds("webauthn_cbor") {
        around(&seed, |bytes| {
            if fuzzing::cbor(bytes) {
                let value: Result<ciborium::Value, _> = ciborium::from_reader(bytes);
                let mut again = Vec::new();
                ciborium::into_writer(
                    &value.expect("ciborium reads what the strict reader accepts"),
                    &mut again,
                )
                .unwrap();
                assert_eq!(again, bytes, "what is accepted is the one encoding");
            }
        });
    }
    for seed in seeds("webauthn_client_data") {
        around(&seed, fuzzing::client_data);
    }
    for seed in seeds("webauthn_authenticator_data") {
        around(&seed, fuzzing::authenticator_data);
    }
    for seed in seeds("webauthn_cose_key") {
        around(&seed, fuzzing::cose_key);
    }
    for seed in seeds("webauthn_attestation_object") {
        fuzzing::attestation_object(&seed, &*provider);
    }
    for seed in seeds("webauthn_path") {
        fuzzing::path(&seed, &*provider);
    }
    for seed in seeds("webauthn_revocation_list") {
        around(&seed, fuzzing::revocation_list);
    }
    for seed in seeds("webauthn_structures") {
        around(&seed, fuzzing::structures);
    }
    for seed in seeds("webauthn_responses") {
        around(&seed, fuzzing::responses);
    }
    for seed in seeds("webauthn_metadata") {
        around(&seed, fuzzing::metadata);
    }
}

/// Writes the seeds: `DOORWARD_RECORD=1 cargo test -p doorward-webauthn --test it seeds`.
#[test]
fn the_seeds_are_what_is_made() {
    use crate::support::certificates::revocation_list;
    use crate::support::keys::Key;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut made: Vec<(&str, String, Vec<u8>)> = Vec::new();
    let member = |json: &serde_json::Value, name: &str| {
        URL_SAFE_NO_PAD
            .decode(json["response"][name].as_str().unwrap())
            .unwrap()
    };
    for format in crate::attestation::FORMATS
        .into_iter()
        .chain(["none", "packed-self"])
    {
        let mut scene = Scene::registration(format);
        let json = scene.created();
        let chain = scene
            .house
            .chain()
            .into_iter()
            .chain([scene.house.root_der()])
            .collect::<Vec<_>>()
            .concat();
        let object = member(&json, "attestationObject");
        made.push(("webauthn_attestation_object", format.to_owned(), object));
        made.push((
            "webauthn_responses",
            format!("registration-{format}"),
            json.to_string().into_bytes(),
        ));
        made.push(("webauthn_path", format.to_owned(), chain));
    }
    let login = Scene::login();
    let json = login.asserted();
    made.push((
        "webauthn_client_data",
        "get".to_owned(),
        member(&json, "clientDataJSON"),
    ));
    made.push((
        "webauthn_authenticator_data",
        "get".to_owned(),
        member(&json, "authenticatorData"),
    ));
    made.push((
        "webauthn_responses",
        "authentication".to_owned(),
        json.to_string().into_bytes(),
    ));
    made.push(("webauthn_cose_key", "es256".to_owned(), login.cose.clone()));
    made.push(("webauthn_cbor", "es256".to_owned(), login.cose));
    made.push((
        "webauthn_cbor",
        "nested".to_owned(),
        vec![0xa2, 0x01, 0x82, 0x18, 0x64, 0xf5, 0x61, b'a', 0xa1, 0x20, 0x40],
    ));
    let list = revocation_list(
        "Test",
        &Key::es256("list"),
        &[1, 2],
        "250101000000Z",
        "300101000000Z",
    );
    made.push(("webauthn_revocation_list", "two".to_owned(), list));
    let attest = [
        &[0xff, 0x54, 0x43, 0x47, 0x80, 0x17, 0, 0, 0, 1, 9][..],
        &[0; 25],
        &[0, 0, 0, 0],
    ]
    .concat();
    made.push(("webauthn_structures", "attest".to_owned(), attest));
    made.push((
        "webauthn_metadata",
        "empty".to_owned(),
        br#"{"no":1,"nextUpdate":"2026-01-01","entries":[{}]}"#.to_vec(),
    ));
    for (target, name, bytes) in made {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../fuzz/seeds")
            .join(target);
        if std::env::var_os("DOORWARD_RECORD").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(&name), &bytes).unwrap();
        }
        assert!(
            fs::read(folder.join(&name)).unwrap() == bytes,
            "{target}/{name} is not what is made"
        );
    }
}
