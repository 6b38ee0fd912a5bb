//! FIDO metadata: recorded blobs, and blobs of our own with one edit.

use std::fs;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_crypto::Timestamp;
use doorward_webauthn::metadata::{Blob, BlobError, Certification, MetadataPolicy, Recertification, Stale};
use doorward_webauthn::trust::{Anchors, Certificate as Read, Revocations, Trust};
use doorward_webauthn::{Aaguid, Cause, Refused, Step, Untrusted};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::certificates::Certificate;
use crate::support::keys::Key;
use crate::support::scene::{NOW, Scene};
use crate::support::statements::AAGUID;
use crate::support::{provider, vectors};

#[derive(Deserialize)]
struct Case {
    file: String,
    root: String,
    verify_at: u64,
    expect: String,
    no: u64,
    next_update: String,
    entries: usize,
    entries_with_aaguid: usize,
    entries_with_aaid: usize,
    entries_with_key_identifiers: usize,
}

#[test]
fn recorded_blobs_get_the_recorded_verdict() {
    let Some(folder) = vectors("mds") else { return };
    let cases: Vec<Case> =
        serde_json::from_str(&fs::read_to_string(folder.join("mds-cases.json")).unwrap()).unwrap();
    for case in cases {
        let text = fs::read_to_string(folder.join(&case.file)).unwrap();
        let mut anchors = Anchors::new();
        anchors
            .add_pem(&fs::read_to_string(folder.join(&case.root)).unwrap())
            .unwrap();
        let now = Timestamp::from_seconds(case.verify_at);
        let verify =
            |revocations: &Revocations| Blob::verify(&text, &anchors, revocations, None, &*provider(), now);
        match (verify(&Revocations::default()), case.expect.as_str()) {
            (Ok(blob), "ok") => {
                assert_eq!(blob.number(), case.no, "{}", case.file);
                assert_eq!(blob.next_update().to_string(), case.next_update);
                assert_eq!((blob.entries().len(), blob.unreadable()), (case.entries, 0));
                let count = |with: fn(&doorward_webauthn::metadata::Entry) -> bool| {
                    blob.entries().iter().filter(|entry| with(entry)).count()
                };
                assert_eq!(count(|entry| entry.aaguid().is_some()), case.entries_with_aaguid);
                assert_eq!(count(|entry| entry.aaid().is_some()), case.entries_with_aaid);
                assert_eq!(
                    count(|entry| !entry.key_identifiers().is_empty()),
                    case.entries_with_key_identifiers
                );
            }
            (Ok(_), "error-with-revocation") => {
                let header: Value =
                    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text.split('.').next().unwrap()).unwrap())
                        .unwrap();
                let leaf = STANDARD.decode(header["x5c"][0].as_str().unwrap()).unwrap();
                let mut revocations = Revocations::default();
                revocations.add_serial(Read::parse(&leaf).unwrap().serial());
                assert!(
                    matches!(verify(&revocations), Err(BlobError::Path(_))),
                    "{}",
                    case.file
                );
            }
            (Err(_), "error") => {}
            (verdict, expected) => panic!("{}: {expected}, and got {:?}", case.file, verdict.map(drop)),
        }
    }
}

/// A blob of one model, the house's, signed under a root of our own.
fn sign(entry: &Value, header: fn(&mut Value)) -> (String, Anchors) {
    let (root, signer) = (Key::es256("blob root"), Key::es256("blob signer"));
    let leaf = Certificate::leaf(&[("2.5.4.3", "Blob Signer")], &signer, "Blob Root").signed_by(&root);
    let payload = json!({ "no": 4, "nextUpdate": "2026-01-01", "legalHeader": "x", "entries": [entry] });
    let mut head = json!({ "alg": "ES256", "typ": "JWT", "x5c": [STANDARD.encode(leaf)] });
    header(&mut head);
    let input = [head, payload]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
        .join(".");
    let signature = URL_SAFE_NO_PAD.encode(signer.sign_fixed(input.as_bytes()));
    let mut anchors = Anchors::new();
    anchors
        .add_der(&Certificate::authority("Blob Root", &root, "Blob Root").signed_by(&root))
        .unwrap();
    (format!("{input}.{signature}"), anchors)
}

fn entry(reports: &Value) -> Value {
    let root = STANDARD.encode(Scene::registration("packed").house.root_der());
    json!({
        "aaguid": Aaguid::new(AAGUID).to_string(),
        "metadataStatement": {
            "description": "Doorward Test Authenticator", "attestationTypes": ["basic_full"],
            "attestationRootCertificates": [root],
        },
        "statusReports": reports,
    })
}

fn blob(reports: &Value) -> Arc<Blob> {
    let (text, anchors) = sign(&entry(reports), |_| {});
    Arc::new(
        Blob::verify(
            &text,
            &anchors,
            &Revocations::default(),
            Some(4),
            &*provider(),
            NOW,
        )
        .unwrap(),
    )
}

fn judge(reports: &Value, policy: MetadataPolicy) -> Result<(), Refused> {
    let mut scene = Scene::registration("packed");
    scene.rp = scene.rp.trust(Trust::metadata(blob(reports), policy));
    scene.register().map(drop)
}

fn untrusted(verdict: Result<(), Refused>) -> Untrusted {
    let refused = verdict.unwrap_err();
    assert_eq!(refused.step, Step::AttestationPolicy);
    let Cause::Untrusted(why) = refused.cause else {
        panic!("{refused}")
    };
    why
}

#[test]
fn a_blob_is_refused_for_its_signer_and_for_its_number() {
    let verify = |header: fn(&mut Value), previous| {
        let (text, anchors) = sign(&entry(&json!([])), header);
        Blob::verify(
            &text,
            &anchors,
            &Revocations::default(),
            previous,
            &*provider(),
            NOW,
        )
        .map(drop)
    };
    assert_eq!(verify(|_| {}, Some(4)), Ok(()));
    assert_eq!(
        verify(|_| {}, Some(5)),
        Err(BlobError::Older {
            previous: 5,
            number: 4
        })
    );
    assert_eq!(
        verify(|header| header["alg"] = "none".into(), None),
        Err(BlobError::Algorithm)
    );
    assert_eq!(
        verify(|header| header["alg"] = "HS256".into(), None),
        Err(BlobError::Algorithm)
    );
    assert_eq!(
        verify(|header| header["alg"] = "RS256".into(), None),
        Err(BlobError::Algorithm)
    );
    assert_eq!(
        verify(|header| header["x5c"] = json!([]), None),
        Err(BlobError::Certificates)
    );
    assert_eq!(verify(|header| header["typ"] = "x".into(), None), Ok(()));
    let (text, _) = sign(&entry(&json!([])), |_| {});
    let nobody = Blob::verify(
        &text,
        &Anchors::new(),
        &Revocations::default(),
        None,
        &*provider(),
        NOW,
    );
    assert!(matches!(nobody, Err(BlobError::Path(_))));
}

#[test]
fn a_known_model_without_a_bad_report_is_trusted() {
    let certified = json!([{ "status": "FIDO_CERTIFIED_L1", "effectiveDate": "2020-01-01" }]);
    assert_eq!(judge(&certified, MetadataPolicy::default()), Ok(()));
    let level = |certification| MetadataPolicy {
        certification,
        ..MetadataPolicy::default()
    };
    assert_eq!(judge(&certified, level(Certification::Level1)), Ok(()));
    assert_eq!(
        untrusted(judge(&certified, level(Certification::Level2))),
        Untrusted::Certification
    );
    let listed = MetadataPolicy {
        models: Some(vec![Aaguid::ZERO]),
        ..MetadataPolicy::default()
    };
    assert_eq!(untrusted(judge(&certified, listed)), Untrusted::NotListed);
    assert_eq!(
        judge(
            &json!([{ "status": "SOMETHING_NEW", "more": 1 }]),
            MetadataPolicy::default()
        ),
        Ok(())
    );
}

#[test]
fn a_bad_report_counts_from_its_day_and_for_its_certificate() {
    let bad = |status: &str, more: Value| {
        let mut report = json!({ "status": status });
        report
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        judge(&json!([report]), MetadataPolicy::default())
    };
    for status in [
        "REVOKED",
        "USER_VERIFICATION_BYPASS",
        "ATTESTATION_KEY_COMPROMISE",
        "USER_KEY_REMOTE_COMPROMISE",
        "USER_KEY_PHYSICAL_COMPROMISE",
    ] {
        assert!(
            matches!(untrusted(bad(status, json!({}))), Untrusted::Status(_)),
            "{status}"
        );
    }
    assert_eq!(bad("REVOKED", json!({ "effectiveDate": "2025-12-01" })), Ok(()));
    assert!(bad("REVOKED", json!({ "effectiveDate": "2025-06-01" })).is_err());
    let leaf = STANDARD.encode(&Scene::registration("packed").house.chain()[0]);
    let other = STANDARD.encode(Scene::registration("packed").house.root_der());
    assert_eq!(
        bad("ATTESTATION_KEY_COMPROMISE", json!({ "certificate": other })),
        Ok(())
    );
    // ECDSA is signed with the nonce of RFC 6979, so the same leaf comes again.
    assert!(bad("ATTESTATION_KEY_COMPROMISE", json!({ "certificate": leaf })).is_err());
}

#[test]
fn a_later_certification_counts_by_policy_and_never_after_revocation() {
    let policy = MetadataPolicy {
        recertification: Recertification::Counts,
        ..MetadataPolicy::default()
    };
    let history = |status: &str| {
        json!([
            { "status": status, "effectiveDate": "2020-01-01" },
            { "status": "FIDO_CERTIFIED_L2", "effectiveDate": "2021-01-01" },
        ])
    };
    assert!(judge(&history("USER_VERIFICATION_BYPASS"), MetadataPolicy::default()).is_err());
    assert_eq!(
        judge(&history("USER_VERIFICATION_BYPASS"), policy.clone()),
        Ok(())
    );
    assert!(judge(&history("REVOKED"), policy).is_err());
}

#[test]
fn metadata_that_is_out_of_date_is_refused_unless_policy_says_otherwise() {
    let with = |stale| {
        let policy = MetadataPolicy {
            stale,
            ..MetadataPolicy::default()
        };
        let mut scene = Scene::registration("packed");
        let later = Timestamp::from_seconds(1_900_000_000);
        scene.rp = scene
            .rp
            .trust(Trust::metadata(blob(&json!([])), policy))
            .lifetime(core::time::Duration::from_secs(86_400));
        scene.answered_at = NOW;
        assert!(blob(&json!([])).is_current(NOW) && !blob(&json!([])).is_current(later));
        scene.register().map(drop)
    };
    assert_eq!(with(Stale::Refuse), Ok(()));
    assert_eq!(with(Stale::Accept), Ok(()));
}

#[test]
fn an_unknown_model_is_never_trusted_by_itself() {
    let mut scene = Scene::registration("apple");
    scene.aaguid = [0; 16];
    scene.rp = scene
        .rp
        .trust(Trust::metadata(blob(&json!([])), MetadataPolicy::default()));
    assert_eq!(untrusted(scene.register().map(drop)), Untrusted::UnknownModel);
    let mut scene = Scene::registration("apple");
    scene.aaguid = [0; 16];
    let anchors = scene.anchors();
    scene.rp = scene
        .rp
        .trust(Trust::metadata(blob(&json!([])), MetadataPolicy::default()).and_anchors(anchors));
    assert!(scene.register().unwrap().report.attestation.trusted);
}

#[test]
fn a_model_whose_entry_cannot_be_read_is_trusted_by_no_other_anchor() {
    let mut broken = entry(&json!([{ "status": "REVOKED", "effectiveDate": "the day before" }]));
    broken["aaid"] = 7.into();
    let (text, anchors) = sign(&broken, |_| {});
    let blob = Blob::verify(&text, &anchors, &Revocations::default(), None, &*provider(), NOW).unwrap();
    assert_eq!((blob.entries().len(), blob.unreadable()), (0, 1));
    let mut scene = Scene::registration("packed");
    let more = scene.anchors();
    scene.rp = scene
        .rp
        .trust(Trust::metadata(Arc::new(blob), MetadataPolicy::default()).and_anchors(more));
    assert_eq!(untrusted(scene.register().map(drop)), Untrusted::Unreadable);
}
