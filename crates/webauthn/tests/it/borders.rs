//! Where a rule begins and ends: the last value that passes and the first that does not, and what is tolerated by
//! name only.

use core::time::Duration;
use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{Algorithm, NoRandom, Parts, Random, Timestamp};
use doorward_webauthn::client_data::{CollectedClientData, limited};
use doorward_webauthn::cose::u2f_key;
use doorward_webauthn::extensions::{
    CreateInputs, CredentialProtection, GetInputs, LargeBlobCreate, LargeBlobGet, LargeBlobSupport,
};
use doorward_webauthn::limits;
use doorward_webauthn::policy::Leniency;
use doorward_webauthn::trust::{Anchors, Missing, Revocations, Trust};
use doorward_webauthn::{
    BeginError, BuildError, CredentialDescriptor, CredentialId, RelyingParty, Step, UserEntity, UserHandle,
};
use serde_json::{Value, json};

use crate::support::cbor::Cbor;
use crate::support::certificates::{BASIC_CONSTRAINTS, Certificate, revocation_list};
use crate::support::der::{boolean, integer, sequence};
use crate::support::keys::Key;
use crate::support::scene::{BE, ED, NOW, Scene, b64};
use crate::support::{Seeded, provider};

fn step(scene: Scene) -> Result<(), Step> {
    scene.judge().map_err(|refused| refused.step)
}

fn edited(mut scene: Scene, edit: impl Fn(&mut Scene)) -> Result<(), Step> {
    edit(&mut scene);
    step(scene)
}

// --- Ceremonies ---

#[test]
fn a_ceremony_lasts_to_its_last_millisecond() {
    for make in [Scene::login, || Scene::registration("none")] {
        let at = |millis| {
            edited(make(), |s| {
                s.answered_at = Timestamp::from_millis(NOW.millis() + millis)
            })
        };
        assert_eq!(at(299_999), Ok(()));
        assert_eq!(at(300_000), Err(Step::Options));
    }
}

#[test]
fn a_lifetime_is_more_than_nothing_and_at_most_a_day() {
    let build = |lifetime| {
        let builder = RelyingParty::builder("example.org", ["https://example.org"]).lifetime(lifetime);
        builder.build(provider()).map(drop)
    };
    assert_eq!(build(Duration::ZERO), Err(BuildError::Lifetime));
    assert_eq!(build(Duration::from_millis(1)), Ok(()));
    assert_eq!(build(limits::LIFETIME_MAX), Ok(()));
    assert_eq!(
        build(limits::LIFETIME_MAX + Duration::from_millis(1)),
        Err(BuildError::Lifetime)
    );
}

#[test]
fn a_challenge_has_16_to_1024_bytes() {
    let rp = Scene::login().rp.build(provider()).unwrap();
    let begin = |length| {
        let begun = rp.authenticate().challenge(&vec![7; length]).discoverable();
        begun.begin(&Seeded::new("x"), NOW).map(drop)
    };
    for length in [0, 15, 1025] {
        assert_eq!(begin(length), Err(BeginError::ChallengeLength(length)));
    }
    for length in [16, 1024] {
        assert_eq!(begin(length), Ok(()));
    }
}

#[test]
fn options_name_at_most_64_credentials() {
    let rp = Scene::login().rp.build(provider()).unwrap();
    let id = CredentialDescriptor::new(CredentialId::new(vec![1]).unwrap(), Vec::new());
    let user = UserHandle::new(vec![1]).unwrap();
    let begin = |count| {
        let begun = rp.authenticate().for_user(&user, &vec![id.clone(); count]);
        begun.begin(&Seeded::new("x"), NOW).map(drop)
    };
    assert_eq!(begin(64), Ok(()));
    assert_eq!(begin(65), Err(BeginError::Descriptors(65)));
}

#[test]
fn an_answer_fits_only_the_ceremony_it_was_made_for() {
    let rp = Scene::login().rp.build(provider()).unwrap();
    let begin = |seed: &str| {
        rp.authenticate()
            .discoverable()
            .begin(&Seeded::new(seed), NOW)
            .unwrap()
    };
    let ((options, kept), (_, another)) = (begin("one"), begin("another"));
    assert_ne!(kept.id(), another.id());
    let stored = serde_json::to_string(&kept).unwrap();
    let twin: doorward_webauthn::Kept<doorward_webauthn::Discoverable> =
        serde_json::from_str(&stored).unwrap();
    assert_eq!(kept.id(), twin.id(), "a replay is known by the id that is kept");
    assert_eq!(kept.expires_at(), NOW.plus(Duration::from_secs(300)));
    let mut scene = Scene::login();
    scene.challenge = serde_json::to_value(&options).unwrap()["challenge"]
        .as_str()
        .unwrap()
        .to_owned();
    let json = scene.asserted().to_string();
    let answer = doorward_webauthn::AuthenticationResponse::from_json(json.as_bytes()).unwrap();
    let owner = UserHandle::new(b"ana".to_vec()).unwrap();
    let finish = |kept: doorward_webauthn::Kept<doorward_webauthn::Discoverable>| {
        kept.finish(&answer, &owner, &scene.stored(), &rp, NOW)
            .map(drop)
            .map_err(|refused| refused.step)
    };
    assert_eq!(finish(another), Err(Step::Challenge));
    assert_eq!(finish(kept), Ok(()));
}

#[test]
fn an_unknown_credential_and_a_bad_signature_look_alike() {
    let rp = Scene::login().rp.build(provider()).unwrap();
    let (_, kept) = rp
        .authenticate()
        .discoverable()
        .begin(&Seeded::new("x"), NOW)
        .unwrap();
    let mut scene = Scene::login();
    scene.signature = |bytes| *bytes.last_mut().unwrap() ^= 1;
    let bad = scene.login_as().unwrap_err();
    assert_eq!(bad.step, Step::Signature);
    assert_eq!(kept.unknown_credential().public(), bad.public());
}

#[derive(Debug)]
struct Dry;

impl Random for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoRandom> {
        Err(NoRandom)
    }
}

#[test]
fn a_dry_source_of_randomness_begins_nothing() {
    let rp = Scene::login().rp.build(provider()).unwrap();
    let begun = rp.authenticate().discoverable().begin(&Dry, NOW).map(drop);
    assert!(matches!(begun, Err(BeginError::NoRandom(_))));
    let user = ana();
    let begun = rp.register(&user).begin(&Dry, NOW).map(drop);
    assert!(matches!(begun, Err(BeginError::NoRandom(_))));
}

fn ana() -> UserEntity {
    UserEntity {
        handle: UserHandle::new(b"ana".to_vec()).unwrap(),
        name: String::new(),
        display_name: String::new(),
    }
}

// --- Client data ---

#[test]
fn an_android_origin_is_compared_byte_by_byte() {
    const APP: &str = "android:apk-key-hash:4o7hbbSKmJhCsrKDqT1Wr9Zfm2yt_Mx8vzHmDQ_dh-A";
    let login = |origin: &str| {
        let mut scene = Scene::login();
        scene.rp = RelyingParty::builder("example.org", [APP]).algorithms([Algorithm::Es256]);
        scene.origin = origin.to_owned();
        step(scene)
    };
    assert_eq!(login(APP), Ok(()));
    for other in [
        APP.to_uppercase(),
        APP.replace("4o7", "4O7"),
        format!("{APP}="),
        format!("{APP}/"),
    ] {
        assert_eq!(login(&other), Err(Step::Origin), "{other}");
    }
}

#[test]
fn the_limited_algorithm_agrees_with_the_parser_on_every_recording() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/webauthn/good.jsonl");
    let mut count = 0;
    for line in fs::read_to_string(path).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = line["response"]["response"]["clientDataJSON"].as_str().unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
        let client = CollectedClientData::parse(&bytes).unwrap();
        let check = |kind: &str, challenge: &str, origin: &str| {
            limited(
                &bytes,
                kind,
                challenge,
                origin,
                client.cross_origin(),
                client.top_origin(),
            )
        };
        assert!(check(client.kind(), client.challenge(), client.origin()));
        assert!(!check("webauthn.other", client.challenge(), client.origin()));
        assert!(!check(client.kind(), "AA", client.origin()));
        assert!(!check(client.kind(), client.challenge(), "https://evil.example"));
        count += 1;
    }
    assert!(count > 20, "{count}");
}

#[test]
fn client_data_is_at_most_16_kib() {
    let with = |length: usize| {
        let bytes = format!(
            r#"{{"type":"t","challenge":"c","origin":"o","x":"{}"}}"#,
            "x".repeat(length)
        );
        (bytes.len(), CollectedClientData::parse(bytes.as_bytes()).is_ok())
    };
    let (empty, _) = with(0);
    assert_eq!(
        with(limits::CLIENT_DATA_MAX - empty),
        (limits::CLIENT_DATA_MAX, true)
    );
    assert!(!with(limits::CLIENT_DATA_MAX - empty + 1).1);
}

// --- Logins ---

#[test]
fn the_counter_grows_or_was_always_zero() {
    let login = |stored: u32, received: u32| {
        let mut scene = Scene::login();
        scene.sign_count = received;
        scene.rp = scene.rp.tolerate([Leniency::SignCountRegression]);
        let rp = scene.rp.clone().build(provider()).unwrap();
        let mut record = scene.stored();
        record.sign_count = stored;
        let (_, kept) = rp
            .authenticate()
            .challenge(crate::support::scene::CHALLENGE)
            .discoverable()
            .begin(&Seeded::new("x"), NOW)
            .unwrap();
        let json = scene.asserted().to_string();
        let answer = doorward_webauthn::AuthenticationResponse::from_json(json.as_bytes()).unwrap();
        let login = kept
            .finish(
                &answer,
                &UserHandle::new(b"ana".to_vec()).unwrap(),
                &record,
                &rp,
                NOW,
            )
            .unwrap();
        (login.clone_suspected(), login.sign_count())
    };
    for (stored, received, suspected) in [
        (0, 0, false),
        (0, 1, false),
        (5, 6, false),
        (5, 5, true),
        (5, 4, true),
        (5, 0, true),
        (1, 1, true),
        (u32::MAX - 1, u32::MAX, false),
        (u32::MAX, 0, true),
    ] {
        assert_eq!(
            login(stored, received),
            (suspected, stored.max(received)),
            "{stored} to {received}"
        );
    }
}

#[test]
fn a_changed_eligibility_passes_by_its_leniency() {
    let login = |leniencies: &[Leniency]| {
        edited(Scene::login(), |s| {
            s.rp = s.rp.clone().tolerate(leniencies.iter().copied());
            s.flags |= BE;
        })
    };
    assert_eq!(login(&[]), Err(Step::BackupEligibility));
    assert_eq!(login(&[Leniency::BackupEligibilityChange]), Ok(()));
}

#[test]
fn a_firefox_117_key_logs_in_by_its_leniency() {
    let login = |leniencies: &[Leniency]| {
        let mut scene = Scene::login().with_key(Key::new(Algorithm::EdDsa, "firefox"));
        let Parts::Ed25519(x) = scene.key.public().parts() else {
            panic!("Ed25519")
        };
        scene.cose = [&b"\xa3\x01\x63OKP\x03\x27\x20\x67Ed25519\x21\x58\x20"[..], x].concat();
        scene.rp = scene.rp.tolerate(leniencies.iter().copied());
        step(scene)
    };
    assert_eq!(login(&[]), Err(Step::PublicKey));
    assert_eq!(login(&[Leniency::Firefox117Ed25519Key]), Ok(()));
}

#[test]
fn a_key_that_u2f_registered_logs_in() {
    let mut scene = Scene::login();
    let Parts::Ec { x, y, .. } = scene.key.public().parts() else {
        panic!("P-256")
    };
    let point = [&[0x04], x, y].concat();
    let key = u2f_key(&point).unwrap();
    assert_eq!(key.as_bytes(), scene.cose);
    scene.cose = key.as_bytes().to_vec();
    scene.get = GetInputs {
        appid: Some("https://example.org/appid".to_owned()),
        ..GetInputs::default()
    };
    scene.rp_id = "https://example.org/appid".into();
    scene.client_results = json!({ "appid": true });
    assert_eq!(step(scene), Ok(()));
    let mut off = point.clone();
    off[64] ^= 1;
    for wrong in [
        &point[1..],
        &point[..64],
        &[&point[..], &[0]].concat(),
        &off,
        &[],
        &[4],
    ] {
        assert!(u2f_key(wrong).is_err(), "{wrong:?}");
    }
    let compressed = [&[0x02], &point[1..33]].concat();
    assert!(u2f_key(&compressed).is_err());
}

#[test]
fn an_app_id_is_an_https_url_of_the_relying_party() {
    let rp = Scene::login().rp.build(provider()).unwrap();
    let begin = |appid: &str| {
        let inputs = GetInputs {
            appid: Some(appid.to_owned()),
            ..GetInputs::default()
        };
        let begun = rp.authenticate().extensions(inputs).discoverable();
        begun.begin(&Seeded::new("x"), NOW).map(drop)
    };
    for good in [
        "https://example.org",
        "https://example.org/u2f.json",
        "https://login.example.org/x",
    ] {
        assert_eq!(begin(good), Ok(()), "{good}");
    }
    for wrong in [
        "http://example.org",
        "https://evil.example",
        "https://evilexample.org",
        "example.org",
        "",
    ] {
        assert_eq!(begin(wrong), Err(BeginError::AppId), "{wrong}");
    }
}

// --- Registrations ---

#[test]
fn the_members_of_the_object_may_stand_in_any_order() {
    let registered = edited(Scene::registration("packed"), |s| {
        s.object = |object| {
            let Cbor::Map(members) = object else {
                panic!("a map")
            };
            members.reverse();
        }
    });
    assert_eq!(registered, Ok(()));
}

#[test]
fn kty_crv_and_alg_are_one_for_every_kind_of_key() {
    let key = |algorithm| Key::new(algorithm, "kinds").cose();
    let judge = |cose: &Cbor, algorithm: Algorithm| {
        edited(Scene::registration("none"), |s| {
            s.rp = s.rp.clone().algorithms([algorithm]);
            s.cose = cose.encode();
        })
    };
    for algorithm in [
        Algorithm::Es384,
        Algorithm::Es512,
        Algorithm::Es256k,
        Algorithm::EdDsa,
        Algorithm::Ed448,
    ] {
        assert_eq!(judge(&key(algorithm), algorithm), Ok(()), "{algorithm:?}");
        for (label, wrong) in [(1, 0), (1, 3), (-1, 0), (-1, 4), (-1, 9)] {
            let mut cose = key(algorithm);
            set(&mut cose, label, Cbor::Int(wrong));
            assert_eq!(
                judge(&cose, algorithm),
                Err(Step::PublicKey),
                "{algorithm:?} {label}: {wrong}"
            );
        }
    }
    // EdDSA with the number of X25519, Ed448 under Ed25519's number, and an OKP key with the fields of RSA.
    let mut ed448 = key(Algorithm::Ed448);
    set(&mut ed448, 3, Cbor::Int(Algorithm::EdDsa.cose()));
    assert_eq!(judge(&ed448, Algorithm::EdDsa), Err(Step::PublicKey));
    let rsa = Cbor::Map(vec![
        (Cbor::Int(1), Cbor::Int(1)),
        (Cbor::Int(3), Cbor::Int(-8)),
        (Cbor::Int(-1), Cbor::Bytes(vec![0xb5; 256])),
        (Cbor::Int(-2), Cbor::Bytes(vec![1, 0, 1])),
    ]);
    assert_eq!(judge(&rsa, Algorithm::EdDsa), Err(Step::PublicKey));
}

fn set(map: &mut Cbor, label: i64, value: Cbor) {
    let Cbor::Map(members) = map else { panic!("a map") };
    members
        .iter_mut()
        .find(|(key, _)| *key == Cbor::Int(label))
        .expect("the label is there")
        .1 = value;
}

#[test]
fn protection_is_at_least_what_was_enforced() {
    use CredentialProtection::{
        UserVerificationOptional as One, UserVerificationOptionalWithCredentialIdList as Two,
        UserVerificationRequired as Three,
    };
    let judge = |asked, enforced, level: u8| {
        edited(Scene::registration("none"), |s| {
            s.create = CreateInputs {
                credential_protection_policy: Some(asked),
                enforce_credential_protection_policy: enforced,
                ..CreateInputs::default()
            };
            if level > 0 {
                s.flags |= ED;
                s.extensions = [&[0xa1, 0x6b][..], b"credProtect", &[level]].concat();
            }
        })
    };
    for (place, asked) in [One, Two, Three].into_iter().enumerate() {
        assert_eq!(CredentialProtection::from_level(asked.level()), Some(asked));
        for level in 0..=3_u8 {
            let holds = usize::from(level) > place;
            let expected = if holds { Ok(()) } else { Err(Step::Extensions) };
            assert_eq!(judge(asked, Some(true), level), expected, "{asked:?} {level}");
            assert_eq!(judge(asked, None, level), Ok(()));
            assert_eq!(judge(asked, Some(false), level), Ok(()));
        }
    }
    assert_eq!(CredentialProtection::from_level(0), None);
    assert_eq!(CredentialProtection::from_level(4), None);
}

#[test]
fn an_absent_rk_is_not_false() {
    let rk = |results: Value| {
        let mut scene = Scene::registration("none");
        scene.client_results = results;
        let report = scene.register().unwrap().report.extensions;
        report.client.cred_props.map(|properties| properties.rk)
    };
    assert_eq!(rk(json!({})), None);
    assert_eq!(rk(json!({ "credProps": {} })), Some(None));
    assert_eq!(rk(json!({ "credProps": { "rk": false } })), Some(Some(false)));
    assert_eq!(
        rk(json!({ "credProps": { "rk": true, "new": 7 } })),
        Some(Some(true))
    );
}

#[test]
fn an_extension_is_reported_as_requested_returned_and_signed() {
    let mut scene = Scene::registration("none");
    scene.create.cred_props = Some(true);
    scene.create.min_pin_length = Some(true);
    scene.create.large_blob = Some(LargeBlobCreate {
        support: LargeBlobSupport::Preferred,
    });
    scene.client_results = json!({ "credProps": { "rk": true }, "hmacCreateSecret": true });
    scene.flags |= ED;
    scene.extensions = [&[0xa1, 0x6c][..], b"minPinLength", &[6]].concat();
    let report = scene.register().unwrap().report.extensions;
    let mut seen: Vec<(&str, bool, bool, bool)> = report
        .list
        .iter()
        .map(|one| (one.name.as_str(), one.requested, one.returned, one.signed))
        .collect();
    seen.sort_unstable();
    assert_eq!(
        seen,
        [
            ("credProps", true, true, false),
            ("hmac-secret", false, true, false),
            ("largeBlob", true, false, false),
            ("minPinLength", true, false, true),
        ]
    );
    let unsolicited: Vec<&str> = report.unsolicited().map(|one| one.name.as_str()).collect();
    assert_eq!(unsolicited, ["hmac-secret"]);
}

#[test]
fn blobs_have_their_largest_size() {
    let rp = Scene::login().rp.build(provider()).unwrap();
    let user = ana();
    let create = |length| {
        let inputs = CreateInputs {
            cred_blob: Some(vec![7; length].into()),
            ..CreateInputs::default()
        };
        rp.register(&user)
            .extensions(inputs)
            .begin(&Seeded::new("x"), NOW)
            .map(drop)
    };
    assert_eq!(create(32), Ok(()));
    assert_eq!(create(33), Err(BeginError::Extension("credBlob")));
    let write = |length, credentials: usize| {
        let inputs = GetInputs {
            large_blob: Some(LargeBlobGet::Write(vec![7; length].into())),
            ..GetInputs::default()
        };
        let id = CredentialDescriptor::new(CredentialId::new(vec![1]).unwrap(), Vec::new());
        let begun = rp.authenticate().extensions(inputs);
        begun
            .for_user(&user.handle, &vec![id; credentials])
            .begin(&Seeded::new("x"), NOW)
            .map(drop)
    };
    assert_eq!(write(4096, 1), Ok(()));
    for (length, credentials) in [(4097, 1), (1, 0), (1, 2)] {
        assert_eq!(
            write(length, credentials),
            Err(BeginError::Extension("largeBlob"))
        );
    }
}

#[test]
fn unknown_transports_and_attachments_pass() {
    let mut scene = Scene::registration("none");
    scene.json = |json| {
        json["authenticatorAttachment"] = "orbital".into();
        json["response"]["transports"] = json!(["usb", "pigeon", "usb", "", "smart-card", "hybrid", "a b"]);
    };
    let record = scene.register().unwrap().record;
    let names: Vec<&str> = record.transports.iter().map(|one| one.name()).collect();
    assert_eq!(names, ["usb", "pigeon", "smart-card", "hybrid"]);
}

#[test]
fn every_member_in_base64url_has_one_encoding() {
    let cases: [(&str, Step); 3] = [
        ("clientDataJSON", Step::ClientData),
        ("authenticatorData", Step::AuthenticatorData),
        ("signature", Step::Signature),
    ];
    for (member, expected) in cases {
        for wrong in [json!("AQI="), json!("+/8"), json!("AQJ"), json!("A Q")] {
            let mut answer = Scene::login().asserted();
            answer["response"][member] = wrong.clone();
            let read = doorward_webauthn::AuthenticationResponse::from_json(answer.to_string().as_bytes());
            assert_eq!(read.unwrap_err().step, expected, "{member}: {wrong}");
        }
        for wrong in [json!(7), json!(null), json!(["AQI"])] {
            let mut answer = Scene::login().asserted();
            answer["response"][member] = wrong;
            let read = doorward_webauthn::AuthenticationResponse::from_json(answer.to_string().as_bytes());
            assert_eq!(read.unwrap_err().step, Step::Response, "{member}");
        }
    }
}

#[test]
fn padded_base64_passes_by_its_leniency() {
    let judge = |leniencies: &[Leniency]| {
        edited(Scene::login(), |s| {
            s.rp = s.rp.clone().tolerate(leniencies.iter().copied());
            s.json = |json| {
                let text = json["response"]["signature"].as_str().unwrap();
                json["response"]["signature"] =
                    format!("{}==", text.replace('-', "+").replace('_', "/")).into();
            };
        })
    };
    assert_eq!(judge(&[]), Err(Step::Signature));
    assert_eq!(judge(&[Leniency::PaddedBase64]), Ok(()));
}

#[test]
fn ids_that_disagree_pass_by_their_leniency_and_the_attested_one_is_kept() {
    let mut scene = Scene::registration("none");
    scene.rp = scene.rp.tolerate([Leniency::IdNotRawId]);
    scene.json = |json| {
        json["id"] = "AAAA".into();
        json["rawId"] = "AAAB".into();
    };
    assert_eq!(scene.register().unwrap().record.id.as_bytes(), b"credential");
}

#[test]
fn an_answer_and_its_members_have_their_largest_size() {
    let login = |member: &str, length: usize| {
        let mut answer = Scene::login().asserted();
        answer["response"][member] = b64(&vec![7; length]).into();
        doorward_webauthn::AuthenticationResponse::from_json(answer.to_string().as_bytes())
            .map(drop)
            .map_err(|refused| refused.step)
    };
    assert_eq!(login("signature", limits::MEMBER_MAX), Ok(()));
    assert_eq!(login("signature", limits::MEMBER_MAX + 1), Err(Step::Signature));
    let padded = |length: usize| {
        let mut text = Scene::login().asserted().to_string();
        text.push_str(&" ".repeat(length - text.len()));
        doorward_webauthn::AuthenticationResponse::from_json(text.as_bytes()).is_ok()
    };
    assert!(padded(limits::RESPONSE_JSON_MAX) && !padded(limits::RESPONSE_JSON_MAX + 1));
}

// --- Certificates ---

#[test]
fn a_certificate_counts_from_its_first_to_its_last_second() {
    let judge = |from: &'static str, until: &'static str| {
        edited(Scene::registration("packed").trusting(), |s| {
            (
                s.house.leaf_certificate.not_before,
                s.house.leaf_certificate.not_after,
            ) = (from, until);
        })
    };
    // NOW is 2025-06-15T15:06:40Z.
    assert_eq!(judge("250615150640Z", "250615150640Z"), Ok(()));
    assert_eq!(
        judge("250615150641Z", "260101000000Z"),
        Err(Step::AttestationChain)
    );
    assert_eq!(
        judge("200101000000Z", "250615150639Z"),
        Err(Step::AttestationChain)
    );
    assert_eq!(judge("19700101000000Z", "99991231235959Z"), Ok(()));
}

#[test]
fn a_path_that_ends_at_a_root_on_p384_passes() {
    let root = Key::new(Algorithm::Es384, "rkp root");
    let mut scene = Scene::registration("android-key");
    let mut anchors = Anchors::new();
    anchors
        .add_der(&Certificate::authority("Doorward Test Root", &root, "Doorward Test Root").signed_by(&root))
        .unwrap();
    scene.house.root = root;
    scene.rp = scene.rp.trust(Trust::anchors(anchors));
    assert_eq!(step(scene), Ok(()));
}

#[test]
fn an_intermediate_limits_what_stands_below_it() {
    // root, outer with a path length, inner, leaf.
    let judge = |length: u8, self_issued: bool| {
        let mut scene = Scene::registration("packed").trusting();
        scene.house.short_chain = Some(match (length, self_issued) {
            (0, false) => |leaf| longer(leaf, 0, false),
            (0, true) => |leaf| longer(leaf, 0, true),
            _ => |leaf| longer(leaf, 1, false),
        });
        scene.house.leaf_certificate.issuer = name(self_issued);
        step(scene)
    };
    assert_eq!(judge(1, false), Ok(()));
    assert_eq!(judge(0, false), Err(Step::AttestationChain));
    assert_eq!(judge(0, true), Ok(()), "a self-issued certificate does not count");
}

fn name(self_issued: bool) -> Vec<(&'static str, String)> {
    vec![("2.5.4.3", if self_issued { "Outer" } else { "Inner" }.to_owned())]
}

fn longer(leaf: &Certificate, length: u8, self_issued: bool) -> Vec<Vec<u8>> {
    let (outer, inner, root) = (Key::es256("outer"), Key::es256("inner"), Key::es256("root"));
    let mut above = Certificate::authority("Outer", &outer, "Doorward Test Root");
    above.extension(BASIC_CONSTRAINTS).2 = sequence(&[boolean(true), integer(length)]);
    let below = Certificate::authority(&name(self_issued)[0].1, &inner, "Outer");
    vec![
        leaf.signed_by(&inner),
        below.signed_by(&outer),
        above.signed_by(&root),
    ]
}

#[test]
fn a_revoked_intermediate_revokes_what_stands_below_it() {
    let judge = |serial: u8, this: &str, next: &str, missing| {
        let mut scene = Scene::registration("packed");
        scene.house.intermediate_certificate.serial = 9;
        let mut revocations = Revocations::new(missing);
        for (issuer, key) in [
            ("Doorward Test Root", &scene.house.root),
            ("Doorward Test Intermediate", &scene.house.intermediate),
        ] {
            revocations
                .add_der(&revocation_list(issuer, key, &[serial], this, next))
                .unwrap();
        }
        scene.rp = scene
            .rp
            .trust(Trust::anchors(Scene::registration("packed").anchors()).revocations(revocations));
        step(scene)
    };
    let refused = Err(Step::AttestationChain);
    assert_eq!(
        judge(1, "250101000000Z", "300101000000Z", Missing::Refuse),
        Ok(())
    );
    assert_eq!(judge(9, "250101000000Z", "300101000000Z", Missing::Pass), refused);
    // A list counts from its first to its last second.
    assert_eq!(
        judge(1, "250615150640Z", "250615150640Z", Missing::Refuse),
        Ok(())
    );
    assert_eq!(
        judge(1, "250615150641Z", "300101000000Z", Missing::Refuse),
        refused
    );
    assert_eq!(
        judge(1, "250101000000Z", "250615150639Z", Missing::Refuse),
        refused
    );
}

#[test]
fn safetynet_answers_are_of_this_time() {
    let judge = |edit: fn(&mut Value)| {
        edited(Scene::registration("android-safetynet"), |s| {
            s.house.payload = edit
        })
    };
    // Ten seconds of skew, and a minute of age.
    assert_eq!(judge(|p| p["timestampMs"] = 1_750_000_010_000_u64.into()), Ok(()));
    assert_eq!(judge(|p| p["timestampMs"] = 1_749_999_940_000_u64.into()), Ok(()));
    let refused = Err(Step::AttestationNonce);
    assert_eq!(
        judge(|p| p["timestampMs"] = 1_750_000_010_001_u64.into()),
        refused
    );
    assert_eq!(
        judge(|p| p["timestampMs"] = 1_749_999_939_999_u64.into()),
        refused
    );
}
