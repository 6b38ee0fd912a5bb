//! FIDO metadata: recorded blobs, and blobs of our own with one edit.

use std::fs;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_crypto::Timestamp;
use doorward_webauthn::metadata::{
    Blob, BlobError, Certification, MetadataPolicy, Recertification, Signer, Stale, Status,
};
use doorward_webauthn::trust::{Anchors, Certificate as Read, Revocations, Trust};
use doorward_webauthn::{Aaguid, Cause, Refused, RpId, Step, Untrusted};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::certificates::Certificate;
use crate::support::der::{sequence, tlv};
use crate::support::keys::Key;
use crate::support::scene::{NOW, Scene};
use crate::support::statements::{AAGUID, AAGUID_EXTENSION, ALTERNATIVE_NAME};
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
        let signer = if case.file.starts_with("real/") {
            Signer::fido()
        } else {
            Signer::whoever_the_anchors_certify()
        };
        let verify = |revocations: &Revocations| {
            Blob::verify(&text, &signer, &anchors, revocations, None, &*provider(), now)
        };
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
    let leaf = blob_signer(&signer, &["mds.fidoalliance.org"]).signed_by(&root);
    sign_with(&leaf, &root, &json!([entry]), header)
}

/// The certificate of who signs our blobs, for these hosts.
fn blob_signer(signer: &Key, hosts: &[&str]) -> Certificate {
    let mut leaf = Certificate::leaf(&[("2.5.4.3", "mds.fidoalliance.org")], signer, "Blob Root");
    if !hosts.is_empty() {
        let names: Vec<Vec<u8>> = hosts.iter().map(|host| tlv(0x82, host.as_bytes())).collect();
        leaf.extensions.push((ALTERNATIVE_NAME, false, sequence(&names)));
    }
    leaf
}

fn sign_with(leaf: &[u8], root: &Key, entries: &Value, header: fn(&mut Value)) -> (String, Anchors) {
    let signer = Key::es256("blob signer");
    let payload = json!({ "no": 4, "nextUpdate": "2026-01-01", "legalHeader": "x", "entries": entries });
    let mut head = json!({ "alg": "ES256", "typ": "JWT", "x5c": [STANDARD.encode(leaf)] });
    header(&mut head);
    let input = [head, payload]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
        .join(".");
    let signature = URL_SAFE_NO_PAD.encode(signer.sign_fixed(input.as_bytes()));
    let mut anchors = Anchors::new();
    anchors
        .add_der(&Certificate::authority("Blob Root", root, "Blob Root").signed_by(&Key::es256("blob root")))
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
            &Signer::fido(),
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
            &Signer::fido(),
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
        &Signer::fido(),
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
fn a_bad_report_counts_from_its_day() {
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
    // `nextUpdate` is 2026-01-01: the blob counts to the end of that day.
    let record = Scene::registration("packed").register().unwrap().record;
    let at = |seconds: u64, stale| {
        let policy = MetadataPolicy {
            stale,
            ..MetadataPolicy::default()
        };
        let rp = Scene::registration("packed").rp;
        let rp = rp
            .trust(Trust::metadata(blob(&json!([])), policy))
            .build(provider())
            .unwrap();
        rp.reassess(&record, NOW, Timestamp::from_seconds(seconds))
            .map(drop)
    };
    let midnight = 1_767_312_000; // 2026-01-02
    assert_eq!(at(midnight - 1, Stale::Refuse), Ok(()));
    assert_eq!(untrusted(at(midnight, Stale::Refuse)), Untrusted::Stale);
    assert_eq!(at(midnight, Stale::Accept), Ok(()));
    assert!(blob(&json!([])).is_current(Timestamp::from_seconds(midnight - 1)));
    assert!(!blob(&json!([])).is_current(Timestamp::from_seconds(midnight)));
}

#[test]
fn none_is_judged_by_policy_where_metadata_counts() {
    let with = |trust: fn(Trust) -> Trust| {
        let mut scene = Scene::registration("none");
        scene.rp = scene.rp.trust(trust(Trust::metadata(
            blob(&json!([])),
            MetadataPolicy::default(),
        )));
        scene
            .register()
            .map(|registration| registration.report.attestation.trusted)
    };
    assert_eq!(untrusted(with(|trust| trust).map(drop)), Untrusted::None);
    assert_eq!(with(Trust::or_none), Ok(false));
    assert_eq!(untrusted(with(Trust::or_self).map(drop)), Untrusted::None);
}

#[test]
fn self_attestation_passes_where_the_model_has_no_other_or_policy_says_so() {
    let judge = |types: Value, reports: Value, trust: fn(Trust) -> Trust| {
        let mut entry = entry(&reports);
        entry["metadataStatement"]["attestationTypes"] = types;
        let (text, anchors) = sign(&entry, |_| {});
        let blob = Arc::new(verify(&text, &anchors).unwrap());
        let mut scene = Scene::registration("packed-self");
        scene.rp = scene
            .rp
            .trust(trust(Trust::metadata(blob, MetadataPolicy::default())));
        scene
            .register()
            .map(|registration| registration.report.attestation.trusted)
    };
    let refused = |verdict: Result<bool, Refused>| untrusted(verdict.map(drop));
    assert_eq!(
        judge(json!(["basic_surrogate"]), json!([]), |trust| trust),
        Ok(false)
    );
    assert_eq!(
        refused(judge(json!(["basic_full", "basic_surrogate"]), json!([]), |t| t)),
        Untrusted::Itself
    );
    assert_eq!(
        refused(judge(json!([]), json!([]), |trust| trust)),
        Untrusted::Itself
    );
    assert_eq!(
        refused(judge(json!(["basic_full"]), json!([]), Trust::or_none)),
        Untrusted::Itself
    );
    assert_eq!(judge(json!(["basic_full"]), json!([]), Trust::or_self), Ok(false));
    let revoked = json!([{ "status": "REVOKED" }]);
    for trust in [|trust| trust, Trust::or_self] {
        let verdict = judge(json!(["basic_surrogate"]), revoked.clone(), trust);
        assert_eq!(refused(verdict), Untrusted::Status(Status::Revoked));
    }
}

#[test]
fn a_blob_under_either_of_two_roots_counts() {
    let (text, mut anchors) = sign(&entry(&json!([])), |_| {});
    let other = Key::es256("the next root");
    anchors
        .add_der(&Certificate::authority("Next Root", &other, "Next Root").signed_by(&other))
        .unwrap();
    assert!(verify(&text, &anchors).is_ok());
    let mut leaf = blob_signer(&Key::es256("blob signer"), &["mds.fidoalliance.org"]);
    leaf.issuer = vec![("2.5.4.3", "Next Root".to_owned())];
    let (text, _) = sign_with(&leaf.signed_by(&other), &other, &json!([]), |_| {});
    assert!(verify(&text, &anchors).is_ok());
}

#[test]
fn a_revoked_signer_signs_no_blob() {
    let (text, anchors) = sign(&entry(&json!([])), |_| {});
    let mut revocations = Revocations::default();
    revocations.add_serial(&[7]);
    let verdict = Blob::verify(
        &text,
        &Signer::fido(),
        &anchors,
        &revocations,
        None,
        &*provider(),
        NOW,
    );
    assert!(matches!(verdict, Err(BlobError::Path(_))));
    let spoiled = format!("{}A", &text[..text.len() - 1]);
    assert!(verify(&spoiled, &anchors).is_err());
}

#[test]
fn what_is_not_known_in_an_entry_is_kept() {
    let mut entry = entry(&json!([{ "status": "SOMETHING_NEW", "novelty": 1 }]));
    entry["novelty"] = json!({ "a": 1 });
    let (text, anchors) = sign(&entry, |_| {});
    let blob = verify(&text, &anchors).unwrap();
    let kept = &blob.entries()[0];
    assert_eq!(kept.raw()["novelty"], json!({ "a": 1 }));
    assert_eq!(kept.raw()["statusReports"][0]["novelty"], 1);
    assert_eq!(
        kept.status_reports()[0].status,
        Status::Other("SOMETHING_NEW".to_owned())
    );
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
    let blob = Blob::verify(
        &text,
        &Signer::fido(),
        &anchors,
        &Revocations::default(),
        None,
        &*provider(),
        NOW,
    )
    .unwrap();
    assert_eq!((blob.entries().len(), blob.unreadable()), (0, 1));
    let mut scene = Scene::registration("packed");
    let more = scene.anchors();
    scene.rp = scene
        .rp
        .trust(Trust::metadata(Arc::new(blob), MetadataPolicy::default()).and_anchors(more));
    assert_eq!(untrusted(scene.register().map(drop)), Untrusted::Unreadable);
}

// --- Whom a report concerns ---

/// A bad report about this certificate, at this member.
fn about(member: &str, certificate: &[u8]) -> Result<(), Refused> {
    let mut report = json!({ "status": "ATTESTATION_KEY_COMPROMISE", "effectiveDate": "2020-01-01" });
    report[member] = STANDARD.encode(certificate).into();
    judge(&json!([report]), MetadataPolicy::default())
}

#[test]
fn a_report_about_the_leaf_an_intermediate_or_the_anchor_of_the_path_counts() {
    let house = Scene::registration("packed").house;
    for member in ["certificate", "batchCertificate"] {
        for certificate in [
            house.chain()[0].clone(),
            house.chain()[1].clone(),
            house.root_der(),
        ] {
            assert_eq!(
                untrusted(about(member, &certificate)),
                Untrusted::Status(Status::AttestationKeyCompromise),
                "{member}"
            );
        }
        let another = Certificate::authority("another", &Key::es256("another"), "another");
        assert_eq!(
            about(member, &another.signed_by(&Key::es256("another"))),
            Ok(()),
            "{member}"
        );
        // One with the genuine name and another key is another; one with the genuine key is the same again.
        let root = Certificate::authority("Doorward Test Root", &Key::es256("another"), "x");
        assert_eq!(
            about(member, &root.signed_by(&Key::es256("another"))),
            Ok(()),
            "{member}"
        );
        let named = Certificate::authority("another", &house.intermediate, "another");
        assert_eq!(
            about(member, &named.signed_by(&house.intermediate)),
            Ok(()),
            "{member}"
        );
        let mut again = house.intermediate_certificate.clone();
        again.serial = 9;
        assert!(about(member, &again.signed_by(&house.root)).is_err(), "{member}");
    }
}

#[test]
fn a_report_about_the_issuer_of_the_anchor_counts() {
    let (grand, house) = (Key::es256("grand"), Scene::registration("packed").house);
    let mut root = house.root_certificate.clone();
    root.issuer = vec![("2.5.4.3", "Grand".to_owned())];
    let grand_der = Certificate::authority("Grand", &grand, "Grand").signed_by(&grand);
    let with = |certificate: &[u8]| {
        let report = json!([{ "status": "REVOKED", "certificate": STANDARD.encode(certificate) }]);
        let mut entry = entry(&report);
        entry["metadataStatement"]["attestationRootCertificates"] =
            json!([STANDARD.encode(root.signed_by(&grand))]);
        let (text, anchors) = sign(&entry, |_| {});
        let blob = verify(&text, &anchors).unwrap();
        let mut scene = Scene::registration("packed");
        scene.rp = scene
            .rp
            .trust(Trust::metadata(Arc::new(blob), MetadataPolicy::default()));
        scene.register().map(drop)
    };
    assert_eq!(untrusted(with(&grand_der)), Untrusted::Status(Status::Revoked));
    let impostor = Certificate::authority("Grand", &Key::es256("x"), "Grand").signed_by(&Key::es256("x"));
    assert_eq!(with(&impostor), Ok(()));
}

#[test]
fn a_report_without_a_certificate_concerns_the_whole_model() {
    let report = json!([{ "status": "ATTESTATION_KEY_COMPROMISE" }]);
    assert!(judge(&report, MetadataPolicy::default()).is_err());
}

#[test]
fn a_report_whose_certificate_cannot_be_read_concerns_everybody_when_bad_and_nobody_when_good() {
    assert!(about("certificate", b"junk").is_err());
    assert!(about("batchCertificate", b"junk").is_err());
    let good = json!([{ "status": "FIDO_CERTIFIED_L1", "batchCertificate": "anVuaw==" }]);
    assert_eq!(untrusted(judge(&good, certified())), Untrusted::Certification);
}

#[test]
fn a_certification_of_another_batch_certifies_nothing() {
    let house = Scene::registration("packed").house;
    let of = |certificate: &[u8], batch: &[u8]| {
        let (certificate, batch) = (STANDARD.encode(certificate), STANDARD.encode(batch));
        let report = json!([
            { "status": "FIDO_CERTIFIED_L1", "certificate": certificate, "batchCertificate": batch }
        ]);
        judge(&report, certified())
    };
    let another = Certificate::authority("another", &Key::es256("another"), "another");
    let (another, ours) = (another.signed_by(&Key::es256("another")), house.root_der());
    assert_eq!(of(&ours, &ours), Ok(()));
    assert_eq!(untrusted(of(&ours, &another)), Untrusted::Certification);
    assert_eq!(untrusted(of(&another, &ours)), Untrusted::Certification);
    // Against the model either is enough.
    let bad = json!([{
        "status": "REVOKED",
        "certificate": STANDARD.encode(&another), "batchCertificate": STANDARD.encode(&ours),
    }]);
    assert!(judge(&bad, MetadataPolicy::default()).is_err());
}

// --- History ---

fn certified() -> MetadataPolicy {
    MetadataPolicy {
        certification: Certification::Certified,
        ..MetadataPolicy::default()
    }
}

fn mended() -> MetadataPolicy {
    MetadataPolicy {
        recertification: Recertification::Counts,
        ..MetadataPolicy::default()
    }
}

fn reports(list: &[(&str, &str, &str)]) -> Value {
    let list = list.iter().map(|(status, from, until)| {
        let mut report = json!({ "status": status });
        for (member, date) in [("effectiveDate", from), ("sunsetDate", until)] {
            if !date.is_empty() {
                report[member] = (*date).into();
            }
        }
        report
    });
    list.collect()
}

#[test]
fn a_later_not_fido_certified_ends_a_certification() {
    let good = ("FIDO_CERTIFIED_L2", "2020-01-01", "");
    let end = ("NOT_FIDO_CERTIFIED", "2021-01-01", "");
    let again = ("FIDO_CERTIFIED", "2022-01-01", "");
    assert_eq!(judge(&reports(&[good]), certified()), Ok(()));
    for list in [[good, end], [end, good]] {
        assert_eq!(
            untrusted(judge(&reports(&list), certified())),
            Untrusted::Certification
        );
    }
    assert_eq!(judge(&reports(&[again, end, good]), certified()), Ok(()));
    // What was ended does not lend its level to what came after, and mends nothing.
    let level = MetadataPolicy {
        certification: Certification::Level2,
        ..MetadataPolicy::default()
    };
    assert_eq!(
        untrusted(judge(&reports(&[good, end, again]), level)),
        Untrusted::Certification
    );
    let bad = ("USER_VERIFICATION_BYPASS", "2019-01-01", "");
    assert!(judge(&reports(&[bad, good, end]), mended()).is_err());
    assert_eq!(judge(&reports(&[bad, good]), mended()), Ok(()));
}

#[test]
fn a_certification_past_its_sunset_neither_certifies_nor_mends() {
    // NOW is in the afternoon of 2025-06-15.
    let until = |date| ("FIDO_CERTIFIED_L1", "2020-01-01", date);
    let bad = ("USER_VERIFICATION_BYPASS", "2019-01-01", "");
    assert_eq!(judge(&reports(&[until("2025-06-16")]), certified()), Ok(()));
    assert_eq!(judge(&reports(&[bad, until("2025-06-16")]), mended()), Ok(()));
    for past in ["2025-06-15", "2024-01-01"] {
        assert_eq!(
            untrusted(judge(&reports(&[until(past)]), certified())),
            Untrusted::Certification
        );
        assert!(judge(&reports(&[bad, until(past)]), mended()).is_err());
    }
}

#[test]
fn a_report_of_the_future_counts_from_its_day() {
    let good = ("FIDO_CERTIFIED", "2020-01-01", "");
    assert_eq!(
        judge(
            &reports(&[good, ("NOT_FIDO_CERTIFIED", "2025-06-16", "")]),
            certified()
        ),
        Ok(())
    );
    assert!(
        judge(
            &reports(&[good, ("NOT_FIDO_CERTIFIED", "2025-06-15", "")]),
            certified()
        )
        .is_err()
    );
    assert_eq!(
        untrusted(judge(
            &reports(&[("FIDO_CERTIFIED", "2025-06-16", "")]),
            certified()
        )),
        Untrusted::Certification
    );
    assert_eq!(
        judge(&reports(&[("FIDO_CERTIFIED", "2025-06-15", "")]), certified()),
        Ok(())
    );
    assert_eq!(
        judge(
            &reports(&[("REVOKED", "2025-06-16", "")]),
            MetadataPolicy::default()
        ),
        Ok(())
    );
    assert!(
        judge(
            &reports(&[("REVOKED", "2025-06-15", "")]),
            MetadataPolicy::default()
        )
        .is_err()
    );
}

#[test]
fn reports_are_ordered_by_day_and_within_a_day_by_place() {
    let bad = ("USER_VERIFICATION_BYPASS", "2020-01-01", "");
    let same_day = ("FIDO_CERTIFIED", "2020-01-01", "");
    assert_eq!(judge(&reports(&[bad, same_day]), mended()), Ok(()));
    assert!(judge(&reports(&[same_day, bad]), mended()).is_err());
    let later = ("FIDO_CERTIFIED", "2021-01-01", "");
    assert_eq!(judge(&reports(&[later, bad]), mended()), Ok(()));
    let undated = ("FIDO_CERTIFIED", "", "");
    assert!(judge(&reports(&[bad, undated]), mended()).is_err());
}

#[test]
fn a_bad_report_without_a_date_holds_while_it_is_listed() {
    let bad = ("USER_VERIFICATION_BYPASS", "", "");
    assert!(judge(&reports(&[bad, ("FIDO_CERTIFIED", "2021-01-01", "")]), mended()).is_err());
}

#[test]
fn each_level_of_certification_is_at_least_the_lower_ones() {
    let words = [
        "FIDO_CERTIFIED",
        "FIDO_CERTIFIED_L1",
        "FIDO_CERTIFIED_L1plus",
        "FIDO_CERTIFIED_L2",
        "FIDO_CERTIFIED_L2plus",
        "FIDO_CERTIFIED_L3",
        "FIDO_CERTIFIED_L3plus",
    ];
    let wanted = [
        (Certification::Certified, 0),
        (Certification::Level1, 1),
        (Certification::Level2, 3),
        (Certification::Level3, 5),
    ];
    for (certification, first) in wanted {
        for (place, word) in words.iter().enumerate() {
            let policy = MetadataPolicy {
                certification,
                ..MetadataPolicy::default()
            };
            let verdict = judge(&reports(&[(word, "2020-01-01", "")]), policy);
            assert_eq!(verdict.is_ok(), place >= first, "{word} for {certification:?}");
        }
    }
    for word in [
        "FIPS140_CERTIFIED_L4",
        "SELF_ASSERTION_SUBMITTED",
        "UPDATE_AVAILABLE",
        "RETIRED",
    ] {
        assert!(judge(&reports(&[(word, "", "")]), certified()).is_err(), "{word}");
        assert_eq!(
            judge(&reports(&[(word, "", "")]), MetadataPolicy::default()),
            Ok(()),
            "{word}"
        );
    }
}

// --- Whose blob it is ---

fn verify(text: &str, anchors: &Anchors) -> Result<Blob, BlobError> {
    verify_by(&Signer::fido(), text, anchors)
}

fn verify_by(signer: &Signer, text: &str, anchors: &Anchors) -> Result<Blob, BlobError> {
    Blob::verify(
        text,
        signer,
        anchors,
        &Revocations::default(),
        None,
        &*provider(),
        NOW,
    )
}

#[test]
fn the_blobs_signer_is_the_host_that_policy_names() {
    let root = Key::es256("blob root");
    let judge = |hosts: &[&str], signer: &Signer| {
        let leaf = blob_signer(&Key::es256("blob signer"), hosts).signed_by(&root);
        let (text, anchors) = sign_with(&leaf, &root, &json!([]), |_| {});
        verify_by(signer, &text, &anchors).map(drop)
    };
    let fido = Signer::fido();
    assert_eq!(fido, Signer::default());
    assert_eq!(judge(&["mds.fidoalliance.org"], &fido), Ok(()));
    assert_eq!(judge(&["evil.example", "MDS.fidoalliance.org"], &fido), Ok(()));
    let own = Signer::host(RpId::parse("mds.example.org").unwrap());
    assert_eq!(judge(&["mds.example.org"], &own), Ok(()));
    // The common name is mds.fidoalliance.org in each of them, and counts for nothing.
    for hosts in [
        &[][..],
        &["evil.example"],
        &["*.fidoalliance.org"],
        &["fidoalliance.org"],
        &["mds.fidoalliance.org.evil.example"],
        &["mds.fidoalliance.org."],
        &["x.mds.fidoalliance.org"],
        &[""],
    ] {
        assert_eq!(judge(hosts, &fido), Err(BlobError::Host), "{hosts:?}");
        assert_eq!(judge(hosts, &own), Err(BlobError::Host), "{hosts:?}");
        assert_eq!(
            judge(hosts, &Signer::whoever_the_anchors_certify()),
            Ok(()),
            "{hosts:?}"
        );
    }
    assert_eq!(judge(&["mds.fidoalliance.org"], &own), Err(BlobError::Host));
}

#[test]
fn a_name_that_is_no_dns_name_is_no_host() {
    let root = Key::es256("blob root");
    let mut leaf = blob_signer(&Key::es256("blob signer"), &[]);
    let name = tlv(0x86, b"mds.fidoalliance.org"); // a URI
    leaf.extensions.push((ALTERNATIVE_NAME, false, sequence(&[name])));
    let (text, anchors) = sign_with(&leaf.signed_by(&root), &root, &json!([]), |_| {});
    assert_eq!(verify(&text, &anchors).map(drop), Err(BlobError::Host));
}

#[test]
fn sha_1_counts_for_no_certificate_of_the_blobs_signer() {
    let rsa = Key::new(doorward_crypto::Algorithm::Rs256, "blob rsa root");
    let leaf = blob_signer(&Key::es256("blob signer"), &["mds.fidoalliance.org"]);
    let (text, anchors) = sign_with(&leaf.signed_with_sha1(&rsa), &rsa, &json!([]), |_| {});
    assert!(matches!(verify(&text, &anchors), Err(BlobError::Path(_))));
}

// --- Which model it is ---

/// An entry that is found by the attestation key of the house's U2F leaf, or of this one.
fn u2f_entry(leaf: &Key, reports: &Value) -> Value {
    let spki = leaf.public().to_spki().unwrap();
    let point = &spki[spki.len() - 65..];
    let identifier: String = doorward_crypto::Sha1::of(point)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut entry = entry(reports);
    entry.as_object_mut().unwrap().remove("aaguid");
    entry["attestationCertificateKeyIdentifiers"] = json!([identifier]);
    entry
}

fn judge_with(mut scene: Scene, entries: &Value, policy: MetadataPolicy) -> Result<(), Refused> {
    let root = Key::es256("blob root");
    let leaf = blob_signer(&Key::es256("blob signer"), &["mds.fidoalliance.org"]).signed_by(&root);
    let (text, anchors) = sign_with(&leaf, &root, entries, |_| {});
    let blob = verify(&text, &anchors).unwrap();
    scene.rp = scene.rp.trust(Trust::metadata(Arc::new(blob), policy));
    scene.register().map(drop)
}

#[test]
fn a_u2f_model_is_found_by_its_attestation_key() {
    let scene = || Scene::registration("fido-u2f");
    let leaf = scene().house.leaf;
    let none = json!([]);
    assert_eq!(
        judge_with(
            scene(),
            &json!([u2f_entry(&leaf, &none)]),
            MetadataPolicy::default()
        ),
        Ok(())
    );
    let another = u2f_entry(&Key::es256("another"), &none);
    assert_eq!(
        untrusted(judge_with(scene(), &json!([another]), MetadataPolicy::default())),
        Untrusted::UnknownModel
    );
    let revoked = u2f_entry(&leaf, &json!([{ "status": "REVOKED" }]));
    assert!(judge_with(scene(), &json!([revoked]), MetadataPolicy::default()).is_err());
}

#[test]
fn an_unknown_aaguid_is_not_looked_up_by_its_attestation_key() {
    let scene = || Scene::registration("packed");
    let entries = json!([u2f_entry(&scene().house.leaf, &json!([]))]);
    assert_eq!(
        untrusted(judge_with(scene(), &entries, MetadataPolicy::default())),
        Untrusted::UnknownModel
    );
    // Without an AAGUID, and with none in the certificate, it is.
    let mut without = scene();
    without.aaguid = [0; 16];
    without.house.leaf_certificate.remove(AAGUID_EXTENSION);
    assert_eq!(judge_with(without, &entries, MetadataPolicy::default()), Ok(()));
}

#[test]
fn an_aaguid_that_u2f_does_not_sign_names_no_model() {
    use doorward_webauthn::policy::Leniency;
    let mut scene = Scene::registration("fido-u2f");
    scene.aaguid = AAGUID;
    scene.rp = scene.rp.tolerate([Leniency::U2fAaguid]);
    let entries = json!([entry(&json!([]))]);
    assert_eq!(
        untrusted(judge_with(scene, &entries, MetadataPolicy::default())),
        Untrusted::UnknownModel
    );
}

fn u2f_with_extension() -> Scene {
    let mut scene = Scene::registration("fido-u2f");
    let extension = (AAGUID_EXTENSION, false, crate::support::der::octets(&AAGUID));
    scene.house.leaf_certificate.extensions.push(extension);
    scene
}

#[test]
fn an_all_zero_aaguid_is_identified_by_the_extension_of_the_certificate() {
    let entries = json!([entry(&json!([]))]);
    assert_eq!(
        judge_with(u2f_with_extension(), &entries, MetadataPolicy::default()),
        Ok(())
    );
    let listed = |aaguid| MetadataPolicy {
        models: Some(vec![aaguid]),
        ..MetadataPolicy::default()
    };
    assert_eq!(
        judge_with(u2f_with_extension(), &entries, listed(Aaguid::new(AAGUID))),
        Ok(())
    );
    assert_eq!(
        untrusted(judge_with(u2f_with_extension(), &entries, listed(Aaguid::ZERO))),
        Untrusted::NotListed
    );
    // Without the extension nothing names it.
    assert_eq!(
        untrusted(judge_with(
            Scene::registration("fido-u2f"),
            &entries,
            MetadataPolicy::default()
        )),
        Untrusted::UnknownModel
    );
}

#[test]
fn a_model_with_two_entries_must_be_good_by_both() {
    let leaf = Scene::registration("fido-u2f").house.leaf;
    let (good, bad) = (json!([]), json!([{ "status": "REVOKED" }]));
    for (by_aaguid, by_key) in [(&good, &bad), (&bad, &good)] {
        let entries = json!([u2f_entry(&leaf, by_key), entry(by_aaguid)]);
        let verdict = judge_with(u2f_with_extension(), &entries, MetadataPolicy::default());
        assert_eq!(untrusted(verdict), Untrusted::Status(Status::Revoked));
    }
    let entries = json!([u2f_entry(&leaf, &good), entry(&good)]);
    assert_eq!(
        judge_with(u2f_with_extension(), &entries, MetadataPolicy::default()),
        Ok(())
    );
}

#[test]
fn a_u2f_model_whose_entry_cannot_be_read_is_not_trusted() {
    let leaf = Scene::registration("fido-u2f").house.leaf;
    let mut broken = u2f_entry(&leaf, &json!([]));
    broken["aaid"] = 7.into();
    let verdict = judge_with(
        Scene::registration("fido-u2f"),
        &json!([broken]),
        MetadataPolicy::default(),
    );
    assert_eq!(untrusted(verdict), Untrusted::Unreadable);
}
