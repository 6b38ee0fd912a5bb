//! `fixtures/webauthn`: every format and algorithm, good, and every row of the tables that a line can say.
//!
//! The lines have the shape of the recorded vectors, so that the conformance runner reads them too. They are made
//! here, by keys that follow from their names, and a test holds the files equal to what is made. To write them
//! again: `DOORWARD_RECORD=1 cargo test -p doorward-webauthn --test it recordings`.

use std::fs;
use std::path::PathBuf;

use doorward_crypto::{Algorithm, Timestamp};
use doorward_webauthn::trust::Trust;
use doorward_webauthn::{
    AuthenticationResponse, CredentialRecord, RegistrationResponse, RelyingParty, UserEntity, UserHandle,
};
use serde_json::{Value, json};

use crate::attestation::FORMATS;
use crate::steps_covered::tables;
use crate::support::certificates::pem;
use crate::support::keys::Key;
use crate::support::scene::{CHALLENGE, NOW, Scene, b64};
use crate::support::{Seeded, provider, providers};
use crate::vectors::judge_file;

type Make = fn() -> Vec<Value>;

const FILES: [(&str, Make); 2] = [("good.jsonl", good), ("refused.jsonl", refused)];

/// Recorded from a browser by `tests/tests/recordings`, with keys that nobody can make again.
const CHROMIUM: &str = "chromium.jsonl";

/// The algorithms that the tests can sign with.
const ALGORITHMS: [Algorithm; 12] = [
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::Es256k,
    Algorithm::EdDsa,
    Algorithm::Ed25519,
    Algorithm::Ed448,
    Algorithm::Esp256,
    Algorithm::Rs256,
    Algorithm::MlDsa44,
    Algorithm::MlDsa65,
    Algorithm::MlDsa87,
];

#[test]
fn the_fixtures_get_their_verdict() {
    for file in FILES.map(|(file, _)| file).into_iter().chain([CHROMIUM]) {
        for provider in providers() {
            judge_file(&folder().join(file), &provider);
        }
    }
}

#[test]
fn the_fixtures_are_what_is_made() {
    for (file, make) in FILES {
        let text: String = make().iter().map(|line| line.to_string() + "\n").collect();
        let path = folder().join(file);
        if std::env::var_os("DOORWARD_RECORD").is_some() {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let same = fs::read_to_string(&path).unwrap() == text;
        assert!(same, "{file} is not what is made; see the head of this file");
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/webauthn")
}

fn good() -> Vec<Value> {
    let mut lines = Vec::new();
    for format in FORMATS.into_iter().chain(["none", "packed-self"]) {
        let scene = Scene::registration(format);
        lines.push(line(
            scene,
            &format!("registration-{format}"),
            !matches!(format, "none" | "packed-self"),
        ));
    }
    for algorithm in ALGORITHMS {
        let name = format!("{algorithm:?}").to_lowercase();
        let key = || Key::new(algorithm, "recorded");
        lines.push(line(
            Scene::registration("packed-self").with_key(key()),
            &format!("registration-{name}"),
            false,
        ));
        lines.push(line(
            Scene::login().with_key(key()),
            &format!("authentication-{name}"),
            false,
        ));
    }
    for line in &mut lines {
        line["expect"] = "ok".into();
    }
    lines
}

fn refused() -> Vec<Value> {
    let mut lines = Vec::new();
    for table in tables() {
        for (name, edit, step) in table.rows {
            let mut scene = (table.base)();
            let plain = said(&scene);
            edit(&mut scene);
            // What a line cannot say: another policy, another moment, another list of credentials.
            if said(&scene) != plain {
                continue;
            }
            let record = scene.stored();
            if record.rp_id != scene_record().rp_id || record.id != scene_record().id {
                continue;
            }
            let kind = if scene.is_login {
                "authentication"
            } else {
                scene.format
            };
            let trusting = plain.contains("source: Anchors");
            let mut line = line(scene, &format!("{kind}-{name}"), trusting);
            line["expect"] = "error".into();
            line["why_code"] = step.word().into();
            line["why"] = name.replace('_', " ").into();
            lines.push(line);
        }
    }
    lines
}

fn scene_record() -> CredentialRecord {
    Scene::login().stored()
}

/// What the line's fields say of the relying party, in a form that can be compared.
fn said(scene: &Scene) -> String {
    let Scene {
        rp,
        other_rp,
        answered_at,
        create,
        allowed,
        get,
        ..
    } = scene;
    format!(
        "{rp:?} {other_rp:?} {answered_at:?} {create:?} {allowed:?} {}",
        get.appid.is_some()
    )
}

fn line(mut scene: Scene, name: &str, trusting: bool) -> Value {
    let record = scene.stored();
    let response = if scene.is_login {
        scene.asserted()
    } else {
        scene.created()
    };
    let roots = trusting.then(|| vec![pem(&scene.house.root_der())]);
    let credential = scene.is_login.then(|| {
        json!({
            "id": b64(record.id.as_bytes()), "public_key_cose": b64(record.public_key.as_bytes()),
            "sign_count": record.sign_count, "backup_eligible": record.backup_eligible,
            "user_handle": b64(&scene.owner),
        })
    });
    let demand = format!("{:?}", scene.user_verification).to_lowercase();
    json!({
        "name": name,
        "source": "crates/webauthn/tests/it/recordings.rs",
        "type": if scene.is_login { "authentication" } else { "registration" },
        "rp_id": "example.org",
        "origins": ["https://example.org"],
        "challenge": b64(CHALLENGE),
        "user_verification": demand,
        "user_presence": if scene.conditional { "optional" } else { "required" },
        "response": response,
        "credential": credential,
        "trust_roots_pem": roots,
        "verify_at": NOW.seconds(),
        "allow_algs": [scene.key.algorithm().cose()],
        "expect_fmt": if scene.is_login { None } else { Some(scene.format.trim_end_matches("-self")) },
    })
}

/// A browser with every extension: what it said stands in the report, with who signed it.
#[test]
fn what_a_browsers_extensions_said_stands_in_the_report() {
    let text = fs::read_to_string(folder().join(CHROMIUM)).unwrap();
    let recorded = |name: &str| -> Value {
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut named = lines.filter(|line| line["name"] == name);
        named.next().unwrap_or_else(|| panic!("no line {name}"))
    };
    let line = recorded("chromium-extensions-registration");
    let now = Timestamp::from_seconds(line["verify_at"].as_u64().unwrap());
    let rp = RelyingParty::builder("example.org", ["https://example.org"])
        .trust(Trust::unchecked())
        .build(provider())
        .unwrap();
    let user = UserEntity {
        handle: UserHandle::new(*b"somebody").unwrap(),
        name: "somebody".to_owned(),
        display_name: "Somebody".to_owned(),
    };
    let asked = json!({
        "credProps": true, "largeBlob": { "support": "preferred" }, "minPinLength": true, "credBlob": "YmxvYg",
        "prf": { "eval": { "first": "c2FsdA" } }, "credentialProtectionPolicy": "userVerificationRequired",
        "enforceCredentialProtectionPolicy": true,
    });
    let (_, kept) = rp
        .register(&user)
        .require_user_verification()
        .challenge(CHALLENGE)
        .extensions(serde_json::from_value(asked).unwrap())
        .begin(&Seeded::new("recordings"), now)
        .unwrap();
    let answer = RegistrationResponse::from_json(line["response"].to_string().as_bytes()).unwrap();
    let registration = kept.finish(&answer, &rp, now).unwrap();
    let report = registration.report.extensions;
    assert_eq!(report.client.cred_props.and_then(|props| props.rk), Some(true));
    assert_eq!(
        report.client.large_blob.and_then(|blob| blob.supported),
        Some(true)
    );
    assert_eq!(report.client.prf.and_then(|prf| prf.enabled), Some(true));
    assert_eq!(report.authenticator.cred_protect, Some(3));
    assert_eq!(report.authenticator.cred_blob_stored, Some(true));
    let line = recorded("chromium-extensions-login-2");
    let (_, kept) = rp
        .authenticate()
        .require_user_verification()
        .challenge(CHALLENGE)
        .extensions(
            serde_json::from_value(json!({ "largeBlob": { "read": true }, "getCredBlob": true })).unwrap(),
        )
        .for_user(&user.handle, &[registration.record.descriptor()])
        .begin(&Seeded::new("recordings"), now)
        .unwrap();
    let answer = AuthenticationResponse::from_json(line["response"].to_string().as_bytes()).unwrap();
    let login = kept.finish(&answer, &registration.record, &rp, now).unwrap();
    let report = login.extensions();
    let blob = report
        .client
        .large_blob
        .as_ref()
        .and_then(|blob| blob.blob.as_ref());
    assert_eq!(blob.unwrap().as_bytes(), b"blob");
    let blob = report.authenticator.cred_blob.as_ref();
    assert_eq!(blob.unwrap().as_bytes(), b"blob");
}
