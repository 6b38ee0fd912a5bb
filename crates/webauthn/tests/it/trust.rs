//! Paths from a leaf to an anchor, and revocation.

use doorward_webauthn::policy::Leniency;
use doorward_webauthn::trust::{Anchors, Missing, PathError, RevocationError, Revocations, Trust};
use doorward_webauthn::{Cause, Refused, Step};

use crate::support::cbor::{Cbor, bytes};
use crate::support::certificates::{
    BASIC_CONSTRAINTS, Certificate, KEY_USAGE, pem, revocation_list, revocation_list_with,
};
use crate::support::der::{boolean, integer, octets, oid, sequence, tlv};
use crate::support::keys::Key;
use crate::support::scene::Scene;

const INTERMEDIATE: &str = "Doorward Test Intermediate";

fn judge(edit: fn(&mut Scene)) -> Result<(), Refused> {
    let mut scene = Scene::registration("packed").trusting();
    edit(&mut scene);
    scene.register().map(drop)
}

fn refused(edit: fn(&mut Scene)) {
    let refused = judge(edit).expect_err("the path is refused");
    assert_eq!(refused.step, Step::AttestationChain, "{refused}");
}

fn anchored(make: fn(&Scene) -> Vec<u8>) -> Result<(), Refused> {
    let mut scene = Scene::registration("packed");
    let mut anchors = Anchors::new();
    anchors.add_der(&make(&scene)).unwrap();
    scene.rp = scene.rp.trust(Trust::anchors(anchors));
    scene.register().map(drop)
}

#[test]
fn an_anchor_is_a_root_an_intermediate_or_the_leaf() {
    assert_eq!(anchored(|scene| scene.house.root_der()), Ok(()));
    assert_eq!(anchored(|scene| scene.house.chain()[1].clone()), Ok(()));
    assert_eq!(anchored(|scene| scene.house.chain()[0].clone()), Ok(()));
    assert!(
        anchored(|_| Certificate::authority("x", &Key::es256("x"), "x").signed_by(&Key::es256("x"))).is_err()
    );
}

#[test]
fn the_root_may_stand_in_the_chain_or_not() {
    fn with_root(statement: &mut Cbor) {
        let Cbor::Array(chain) = statement.at("x5c") else {
            panic!("a chain")
        };
        chain.push(bytes(&Scene::registration("packed").house.root_der()));
    }
    assert_eq!(judge(|_| {}), Ok(()));
    assert_eq!(judge(|s| s.house.statement = with_root), Ok(()));
}

#[test]
fn a_self_signed_impostor_with_the_genuine_name_is_nothing() {
    refused(|s| {
        // The whole chain is the impostor's; only the names are genuine.
        s.house.root = Key::es256("impostor root");
        s.house.root_certificate.spki = s.house.root.public().to_spki().unwrap();
        s.house.statement = |statement| {
            let mut house = Scene::registration("packed").house;
            house.root = Key::es256("impostor root");
            house.root_certificate.spki = house.root.public().to_spki().unwrap();
            let Cbor::Array(chain) = statement.at("x5c") else {
                panic!("a chain")
            };
            chain.push(bytes(&house.root_der()));
        };
    });
}

#[test]
fn every_link_must_hold() {
    // Wrong order.
    refused(|s| {
        s.house.statement = |statement| {
            let Cbor::Array(chain) = statement.at("x5c") else {
                panic!("a chain")
            };
            let root = Scene::registration("packed").house.root_der();
            chain.insert(1, bytes(&root));
        };
    });
    // The intermediate is missing.
    refused(|s| {
        s.house.statement = |statement| {
            let Cbor::Array(chain) = statement.at("x5c") else {
                panic!("a chain")
            };
            chain.pop();
        };
    });
    // The intermediate is no authority, or may not sign certificates.
    refused(|s| s.house.intermediate_certificate.remove(BASIC_CONSTRAINTS));
    refused(|s| s.house.intermediate_certificate.extension(BASIC_CONSTRAINTS).2 = sequence(&[]));
    refused(|s| s.house.intermediate_certificate.extension(KEY_USAGE).2 = vec![0x03, 0x02, 0x07, 0x80]);
    // A critical extension that nobody knows.
    refused(|s| {
        s.house
            .intermediate_certificate
            .extensions
            .push(("1.2.3.4", true, vec![5, 0]))
    });
    refused(|s| {
        s.house
            .leaf_certificate
            .extensions
            .push(("1.2.3.4", true, vec![5, 0]))
    });
    assert_eq!(
        judge(|s| s
            .house
            .leaf_certificate
            .extensions
            .push(("1.2.3.4", false, vec![5, 0]))),
        Ok(())
    );
    // Outside of their time.
    refused(|s| s.house.leaf_certificate.not_after = "240101000000Z");
    refused(|s| s.house.intermediate_certificate.not_before = "300101000000Z");
    // Another issuer's name.
    refused(|s| s.house.leaf_certificate.issuer = vec![("2.5.4.3", "x".to_owned())]);
    // Another issuer's key.
    refused(|s| s.house.intermediate = Key::es256("another"));
}

#[test]
fn an_anchor_limits_what_stands_below_it() {
    fn limited(s: &mut Scene, length: u8) {
        let constraints = sequence(&[boolean(true), integer(length)]);
        s.house.root_certificate.extension(BASIC_CONSTRAINTS).2 = constraints;
        s.rp = s.rp.clone().trust(Trust::anchors(s.anchors()));
    }
    refused(|s| limited(s, 0));
    assert_eq!(judge(|s| limited(s, 1)), Ok(()));
    refused(|s| {
        s.house.root_certificate.extension(BASIC_CONSTRAINTS).2 = sequence(&[]);
        s.rp = s.rp.clone().trust(Trust::anchors(s.anchors()));
    });
}

/// A chain of one certificate, signed with SHA-1 by a root of RSA.
fn signed_with_sha1(format: &'static str, leniencies: &[Leniency]) -> Result<(), Refused> {
    let root = || Key::new(doorward_crypto::Algorithm::Rs256, "sha-1 root");
    let mut scene = Scene::registration(format);
    scene.house.leaf_certificate.issuer = vec![("2.5.4.3", "Old Root".to_owned())];
    scene.house.short_chain = Some(|leaf| {
        let root = Key::new(doorward_crypto::Algorithm::Rs256, "sha-1 root");
        vec![leaf.signed_with_sha1(&root)]
    });
    let mut anchors = Anchors::new();
    let certificate = Certificate::authority("Old Root", &root(), "Old Root").signed_by(&Key::es256("x"));
    anchors.add_der(&certificate).unwrap();
    scene.rp = scene
        .rp
        .trust(Trust::anchors(anchors))
        .tolerate(leniencies.iter().copied());
    scene.register().map(drop)
}

#[test]
fn sha_1_counts_for_a_leaf_and_for_a_tpms_only_by_its_leniency() {
    assert_eq!(signed_with_sha1("packed", &[]), Ok(()));
    let refused = signed_with_sha1("tpm", &[]).unwrap_err();
    assert_eq!(refused.step, Step::AttestationChain);
    assert_eq!(signed_with_sha1("tpm", &[Leniency::Sha1TpmSignature]), Ok(()));
}

#[test]
fn sha_1_never_counts_for_an_intermediate() {
    let root = Key::new(doorward_crypto::Algorithm::Rs256, "sha-1 root");
    let mut scene = Scene::registration("packed");
    scene.house.statement = |statement| {
        let root = Key::new(doorward_crypto::Algorithm::Rs256, "sha-1 root");
        let house = Scene::registration("packed").house;
        let intermediate = house.intermediate_certificate.signed_with_sha1(&root);
        *statement.at("x5c") = Cbor::Array(vec![bytes(&house.chain()[0]), bytes(&intermediate)]);
    };
    let mut anchors = Anchors::new();
    let certificate = Certificate::authority("Doorward Test Root", &root, "Doorward Test Root");
    anchors.add_der(&certificate.signed_by(&Key::es256("x"))).unwrap();
    scene.rp = scene.rp.trust(Trust::anchors(anchors));
    assert_eq!(scene.register().unwrap_err().step, Step::AttestationChain);
}

#[test]
fn anchors_are_read_from_pem_and_nothing_else() {
    let root = Scene::registration("packed").house.root_der();
    let mut anchors = Anchors::new();
    anchors
        .add_pem(&format!("# two\n{}\n{}", pem(&root), pem(&root)))
        .unwrap();
    assert_eq!(anchors.len(), 2);
    for wrong in [
        "",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----",
    ] {
        assert!(Anchors::new().add_pem(wrong).is_err(), "{wrong}");
    }
}

fn revoked(serials: &[u8], missing: Missing, next: &'static str, signer: &str) -> Result<(), Refused> {
    let mut scene = Scene::registration("packed");
    let mut revocations = Revocations::new(missing);
    let list = revocation_list(INTERMEDIATE, &Key::es256(signer), serials, "250101000000Z", next);
    revocations.add_der(&list).unwrap();
    let root = revocation_list(
        "Doorward Test Root",
        &scene.house.root,
        &[],
        "250101000000Z",
        "300101000000Z",
    );
    revocations.add_der(&root).unwrap();
    scene.rp = scene
        .rp
        .clone()
        .trust(Trust::anchors(scene.anchors()).revocations(revocations));
    scene.register().map(drop)
}

#[test]
fn a_list_names_what_is_revoked() {
    const LATER: &str = "300101000000Z";
    let is_revoked = |verdict: Result<(), Refused>| matches!(verdict, Err(refused) if matches!(refused.cause, Cause::Path(PathError::Revoked(_))));
    assert_eq!(revoked(&[8], Missing::Refuse, LATER, "intermediate"), Ok(()));
    assert!(is_revoked(revoked(&[8, 7], Missing::Pass, LATER, "intermediate")));
    // An old list still revokes; it no longer clears.
    assert!(is_revoked(revoked(
        &[7],
        Missing::Pass,
        "250201000000Z",
        "intermediate"
    )));
    assert_eq!(
        revoked(&[], Missing::Pass, "250201000000Z", "intermediate"),
        Ok(())
    );
    let unknown = revoked(&[], Missing::Refuse, "250201000000Z", "intermediate").unwrap_err();
    assert!(matches!(
        unknown.cause,
        Cause::Path(PathError::RevocationUnknown(_))
    ));
    // Somebody else's list is no list.
    assert_eq!(revoked(&[7], Missing::Pass, LATER, "another"), Ok(()));
    assert!(revoked(&[7], Missing::Refuse, LATER, "another").is_err());
}

#[test]
fn a_serial_number_can_be_refused_without_a_list() {
    let mut scene = Scene::registration("packed");
    let mut revocations = Revocations::default();
    revocations.add_serial(&[7]);
    scene.rp = scene
        .rp
        .clone()
        .trust(Trust::anchors(scene.anchors()).revocations(revocations));
    assert_eq!(scene.register().unwrap_err().step, Step::AttestationChain);
}

#[test]
fn a_list_is_read_to_its_last_byte() {
    let list = revocation_list(
        INTERMEDIATE,
        &Key::es256("x"),
        &[1, 2],
        "250101000000Z",
        "300101000000Z",
    );
    assert_eq!(Revocations::default().add_der(&list), Ok(()));
    for length in 0..list.len() {
        let cut = Revocations::default().add_der(&list[..length]);
        assert_eq!(cut, Err(RevocationError::Encoding), "{length}");
    }
}

#[test]
fn a_list_that_is_not_a_complete_one_of_one_issuer_is_refused() {
    let read = |of_entries: &[Vec<u8>], of_list: &[Vec<u8>]| {
        let (this, next) = ("250101000000Z", "300101000000Z");
        let list = revocation_list_with(
            INTERMEDIATE,
            &Key::es256("x"),
            &[1],
            this,
            next,
            of_entries,
            of_list,
        );
        Revocations::default().add_der(&list)
    };
    let extension = |name: &str, critical: bool, value: &[u8]| {
        let critical = if critical { boolean(true) } else { vec![] };
        sequence(&[oid(name), critical, octets(value)])
    };
    let partial = Err(RevocationError::Partial);
    // Number and issuer's key pass; a delta list, and what nobody knows, do not.
    assert_eq!(read(&[], &[extension("2.5.29.20", false, &integer(1))]), Ok(()));
    assert_eq!(read(&[], &[extension("2.5.29.20", true, &integer(1))]), Ok(()));
    assert_eq!(read(&[], &[extension("2.5.29.35", true, &[])]), Ok(()));
    assert_eq!(read(&[], &[extension("2.5.29.27", true, &integer(1))]), partial);
    assert_eq!(read(&[], &[extension("1.2.3", false, &[])]), Ok(()));
    assert_eq!(read(&[], &[extension("1.2.3", true, &[])]), partial);
    // A distribution point that says where, and one that says for whom.
    let place = tlv(0xa0, &[]);
    assert_eq!(
        read(
            &[],
            &[extension(
                "2.5.29.28",
                true,
                &sequence(std::slice::from_ref(&place))
            )]
        ),
        Ok(())
    );
    let users_only = sequence(&[place, tlv(0x81, &[0xff])]);
    assert_eq!(read(&[], &[extension("2.5.29.28", true, &users_only)]), partial);
    assert_eq!(read(&[], &[extension("2.5.29.28", false, &users_only)]), partial);
    // A reason and a date pass in an entry; another issuer does not.
    assert_eq!(read(&[extension("2.5.29.21", true, &[0x0a, 1, 1])], &[]), Ok(()));
    assert_eq!(read(&[extension("2.5.29.24", true, &[])], &[]), Ok(()));
    assert_eq!(
        read(&[extension("2.5.29.29", true, &sequence(&[]))], &[]),
        partial
    );
    assert_eq!(
        read(&[extension("2.5.29.29", false, &sequence(&[]))], &[]),
        Ok(())
    );
}

#[test]
fn a_list_counts_when_its_issuer_may_sign_lists() {
    let judge = |usage: u8| {
        let mut scene = Scene::registration("packed");
        scene.house.intermediate_certificate.extension(KEY_USAGE).2 = vec![0x03, 0x02, 0x00, usage];
        let mut revocations = Revocations::new(Missing::Pass);
        let (this, next) = ("250101000000Z", "300101000000Z");
        let list = revocation_list(INTERMEDIATE, &scene.house.intermediate, &[7], this, next);
        revocations.add_der(&list).unwrap();
        let anchors = scene.anchors();
        scene.rp = scene.rp.trust(Trust::anchors(anchors).revocations(revocations));
        scene.register().map(drop)
    };
    assert!(judge(0x06).is_err());
    assert_eq!(judge(0x04), Ok(()));
    assert!(judge(0x02).is_err(), "it may not sign certificates");
}

#[test]
fn recorded_lists_can_be_read() {
    let Some(folder) = crate::support::vectors("mds/crl") else {
        return;
    };
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let list = std::fs::read(&path).unwrap();
        assert_eq!(
            Revocations::default().add_der(&list),
            Ok(()),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_stored_attestation_is_judged_again_by_todays_lists() {
    use crate::support::provider;
    use crate::support::scene::NOW;
    let scene = || Scene::registration("packed").trusting();
    let record = scene().register().unwrap().record;
    let later = NOW.plus(core::time::Duration::from_secs(86_400));
    let rp = scene().rp.build(provider()).unwrap();
    assert!(rp.reassess(&record, NOW, later).unwrap().trusted);
    let mut revocations = Revocations::default();
    revocations.add_serial(&[7]);
    let rp = Scene::registration("packed")
        .rp
        .trust(Trust::anchors(scene().anchors()).revocations(revocations));
    let refused = rp
        .build(provider())
        .unwrap()
        .reassess(&record, NOW, later)
        .unwrap_err();
    assert_eq!(refused.step, Step::AttestationChain);
    let mut other = record.clone();
    other.public_key = vec![0xa0].into();
    let rp = scene().rp.build(provider()).unwrap();
    assert_eq!(
        rp.reassess(&other, NOW, later).unwrap_err().step,
        Step::CredentialId
    );
    other.attestation_object = None;
    assert_eq!(
        rp.reassess(&other, NOW, later).unwrap_err().step,
        Step::AttestationPolicy
    );
}

#[test]
fn of_two_anchors_with_one_name_the_fit_one_counts() {
    let mut scene = Scene::registration("packed");
    let mut anchors = Anchors::new();
    let good = scene.house.root_der();
    scene.house.root_certificate.not_after = "210101000000Z";
    anchors.add_der(&scene.house.root_der()).unwrap();
    let expired = anchors.clone();
    anchors.add_der(&good).unwrap();
    let judge = |anchors: Anchors| {
        let mut scene = Scene::registration("packed");
        scene.rp = scene.rp.trust(Trust::anchors(anchors));
        scene.register().map(drop)
    };
    assert_eq!(judge(anchors), Ok(()));
    let refused = judge(expired).unwrap_err();
    assert!(
        matches!(refused.cause, Cause::Path(PathError::Expired(_))),
        "{refused}"
    );
}
