//! §7.1 steps 21 to 24 and §8: every format, good, and with one edit.

use doorward_webauthn::policy::{AndroidKeyPolicy, CompoundPolicy, Leniency};
use doorward_webauthn::trust::Trust;
use doorward_webauthn::{Registration, Step};

use crate::support::cbor::{Cbor, bytes, text};
use crate::support::certificates::{BASIC_CONSTRAINTS, ECDSA_SHA256};
use crate::support::der::{explicit, integer, octets, oid, sequence, set, tlv};
use crate::support::keys::Key;
use crate::support::scene::{Scene, Table};
use crate::support::statements::{
    AAGUID, AAGUID_EXTENSION, ALTERNATIVE_NAME, KEY_DESCRIPTION, PURPOSES, all_applications, origin, purpose,
    spelled_out, tpm_name,
};

pub(crate) const FORMATS: [&str; 7] = [
    "packed",
    "tpm",
    "android-key",
    "android-safetynet",
    "fido-u2f",
    "apple",
    "compound",
];

fn accept(format: &'static str, edit: fn(&mut Scene)) -> Registration {
    let mut scene = Scene::registration(format).trusting();
    edit(&mut scene);
    scene
        .register()
        .unwrap_or_else(|refused| panic!("{format}: {refused}"))
}

#[test]
fn every_format_leads_to_its_anchor() {
    for format in FORMATS {
        let report = accept(format, |_| {}).report.attestation;
        assert!(report.trusted, "{format}");
        assert_eq!(report.format, format);
        assert_eq!(
            report.anchor,
            Some(Scene::registration(format).house.root_der().into())
        );
    }
}

#[test]
fn a_statement_about_other_bytes_is_refused_in_every_format() {
    for format in FORMATS.into_iter().chain(["packed-self"]) {
        let mut scene = Scene::registration(format);
        scene.house.sign_other = true;
        let step = scene.register().expect_err("other bytes were signed").step;
        let nonce = matches!(format, "apple" | "android-safetynet");
        assert_eq!(
            step,
            if nonce {
                Step::AttestationNonce
            } else {
                Step::AttestationSignature
            },
            "{format}"
        );
    }
}

#[test]
fn an_unknown_member_of_a_statement_is_refused_in_every_format() {
    for format in FORMATS.into_iter().chain(["none", "packed-self"]) {
        let mut scene = Scene::registration(format);
        scene.house.statement = |statement| {
            let map = if let Cbor::Array(members) = statement {
                &mut members[0]
            } else {
                statement
            };
            map.push("more", Cbor::Int(1));
        };
        assert_eq!(
            scene.register().expect_err("a member too many").step,
            Step::Statement,
            "{format}"
        );
    }
}

mod general {
    use super::*;

    fn base() -> Scene {
        Scene::registration("none").trusting()
    }

    refused! { base:
        none_where_policy_wants_a_path => |_| {} => AttestationPolicy,
        self_where_policy_wants_a_path => |s| s.format = "packed-self" => AttestationPolicy,
        a_format_that_is_not_known => |s| s.object = |object| *object.at("fmt") = text("fizzbuzz") => Format,
        a_format_in_another_case => |s| s.object = |object| *object.at("fmt") = text("None") => Format,
        none_that_is_an_array => |s| s.object = |object| *object.at("attStmt") = Cbor::Array(vec![]) => Statement,
    }
}

mod packed {
    use super::*;

    fn base() -> Scene {
        Scene::registration("packed").trusting()
    }

    refused! { base:
        ecdaa => |s| s.house.statement = |st| st.push("ecdaaKeyId", bytes(&[1])) => AttestationType,
        no_alg => |s| s.house.statement = |st| st.remove("alg") => Statement,
        no_signature => |s| s.house.statement = |st| st.remove("sig") => Statement,
        signature_is_text => |s| s.house.statement = |st| *st.at("sig") = text("x") => Statement,
        chain_is_a_map => |s| s.house.statement = |st| *st.at("x5c") = Cbor::Map(vec![]) => Statement,
        chain_is_empty => |s| s.house.statement = |st| *st.at("x5c") = Cbor::Array(vec![]) => Statement,
        chain_of_junk => |s| s.house.statement = |st| *st.at("x5c") = Cbor::Array(vec![bytes(b"junk")]) => Statement,
        chain_too_long => |s| s.house.statement = |st| *st.at("x5c") = Cbor::Array(vec![bytes(b"junk"); 11]) => Statement,
        certificate_with_a_byte_behind => |s| s.house.statement = |st| {
            let Cbor::Array(chain) = st.at("x5c") else { panic!("a chain") };
            let Cbor::Bytes(leaf) = &mut chain[0] else { panic!("a certificate") };
            leaf.push(0);
        } => Statement,
        chain_dropped => |s| s.house.statement = |st| st.remove("x5c") => AttestationSignature,
        alg_that_is_not_known => |s| s.house.alg = -999 => AttestationAlgorithm,
        rsa_with_sha1 => |s| s.house.alg = -65535 => AttestationAlgorithm,
        alg_of_another_kind_of_key => |s| s.house.alg = -257 => AttestationAlgorithm,
        signature_with_a_flipped_bit => |s| s.house.statement = |st| st.at("sig").spoil() => AttestationSignature,
        certificate_of_version_1 => |s| s.house.leaf_certificate.version = 1 => CertificateRequirements,
        country_is_a_word => |s| *s.house.leaf_certificate.attribute("2.5.4.6") = "DEU".into() => CertificateRequirements,
        no_organization => |s| s.house.leaf_certificate.subject.remove(1).0.clone_into(&mut String::new()) => CertificateRequirements,
        another_unit => |s| *s.house.leaf_certificate.attribute("2.5.4.11") = "authenticator attestation".into() => CertificateRequirements,
        common_name_is_empty => |s| s.house.leaf_certificate.attribute("2.5.4.3").clear() => CertificateRequirements,
        certificate_of_an_authority => |s| {
            s.house.leaf_certificate.extension(BASIC_CONSTRAINTS).2 = vec![0x30, 3, 1, 1, 0xff];
        } => CertificateRequirements,
        country_with_a_digit => |s| *s.house.leaf_certificate.attribute("2.5.4.6") = "D1".into() => CertificateRequirements,
        two_units => |s| s.house.leaf_certificate.subject.push(("2.5.4.11", "Authenticator Attestation".into())) => CertificateRequirements,
        no_basic_constraints => |s| s.house.leaf_certificate.remove(BASIC_CONSTRAINTS) => CertificateRequirements,
        default_spelled_out => |s| *s.house.leaf_certificate.extension(BASIC_CONSTRAINTS) = spelled_out() => CertificateRequirements,
        aaguid_is_critical => |s| s.house.leaf_certificate.extension(AAGUID_EXTENSION).1 = true => CertificateRequirements,
        aaguid_is_another => |s| s.aaguid = *b"another model!!!" => CertificateAaguid,
        aaguid_in_one_octet_string => |s| {
            s.house.leaf_certificate.extension(AAGUID_EXTENSION).2 = AAGUID.to_vec();
        } => CertificateAaguid,
        all_zero_aaguid_with_an_extension_that_names_a_model => |s| s.aaguid = [0; 16] => CertificateAaguid,
        aaguid_of_15_bytes => |s| {
            s.house.leaf_certificate.extension(AAGUID_EXTENSION).2 = octets(&AAGUID[..15]);
        } => CertificateAaguid,
        another_root => |s| s.rp = s.rp.clone().trust(Trust::anchors(Scene::registration("packed").with_other_root())) => AttestationChain,
    }

    #[test]
    fn an_absent_aaguid_extension_passes() {
        accept("packed", |s| s.house.leaf_certificate.remove(AAGUID_EXTENSION));
    }

    #[test]
    fn a_certificate_of_one_device_is_reported() {
        for format in ["packed", "compound"] {
            assert!(
                !accept(format, |_| {}).report.attestation.names_device,
                "{format}"
            );
            let named = accept(format, |s| {
                let serial = ("1.3.6.1.4.1.45724.1.1.2", false, octets(&octets(b"7")));
                s.house.leaf_certificate.extensions.push(serial);
            });
            assert!(named.report.attestation.names_device, "{format}");
        }
    }

    #[test]
    fn a_default_spelled_out_passes_by_its_leniency() {
        accept("packed", |s| {
            s.rp = s.rp.clone().tolerate([Leniency::ExplicitDefault]);
            *s.house.leaf_certificate.extension(BASIC_CONSTRAINTS) = spelled_out();
        });
    }

    #[test]
    fn self_attestation_has_the_credentials_algorithm() {
        let mut scene = Scene::registration("packed-self");
        scene.house.statement = |st| *st.at("alg") = Cbor::Int(-35);
        assert_eq!(scene.register().unwrap_err().step, Step::AttestationAlgorithm);
        let mut scene = Scene::registration("packed-self");
        scene.house.statement = |st| st.push("x5c", Cbor::Array(vec![]));
        assert_eq!(scene.register().unwrap_err().step, Step::Statement);
    }
}

mod tpm {
    use super::*;

    fn base() -> Scene {
        Scene::registration("tpm").trusting()
    }

    refused! { base:
        version_is_not_2_0 => |s| s.house.statement = |st| *st.at("ver") = text("2") => Statement,
        ecdaa => |s| s.house.statement = |st| st.push("ecdaaKeyId", bytes(&[1])) => AttestationType,
        public_area_with_a_byte_behind => |s| s.house.public_area = |area| area.push(0) => Statement,
        public_area_cut_short => |s| s.house.public_area = |area| area.truncate(area.len() - 1) => Statement,
        public_area_of_another_key => |s| s.house.public_area = |area| *area.last_mut().unwrap() ^= 1 => AttestationKey,
        public_area_of_another_curve => |s| s.house.public_area = |area| area[15] = 4 => AttestationKey,
        public_area_of_another_type => |s| s.house.public_area = |area| area[1] = 8 => Statement,
        public_area_not_the_one_that_was_certified => |s| s.house.statement = |st| {
            let Cbor::Bytes(area) = st.at("pubArea") else { panic!("bytes") };
            area[7] ^= 1;
        } => TpmCertInfo,
        name_hashed_with_sha1 => |s| s.house.public_area = |area| area[3] = 4 => TpmCertInfo,
        magic_of_another_structure => |s| s.house.cert_info = |info| info[0] = 0 => TpmCertInfo,
        type_of_another_structure => |s| s.house.cert_info = |info| info[5] = 0x18 => TpmCertInfo,
        cert_info_with_a_byte_behind => |s| s.house.cert_info = |info| info.push(0) => TpmCertInfo,
        cert_info_cut_short => |s| s.house.cert_info = |info| info.truncate(info.len() - 1) => TpmCertInfo,
        cert_info_of_another_answer => |s| s.house.cert_info = |info| info[16] ^= 1 => AttestationNonce,
        cert_info_of_another_object => |s| s.house.cert_info = |info| info[80] ^= 1 => TpmCertInfo,
        cert_info_signed_by_another => |s| s.house.statement = |st| st.at("sig").spoil() => AttestationSignature,
        eddsa => |s| s.house.alg = -8 => AttestationAlgorithm,
        rsa_with_sha1 => |s| s.house.alg = -65535 => AttestationAlgorithm,
        a_credential_key_on_an_edwards_curve => |s| {
            s.rp = s.rp.clone().algorithms([doorward_crypto::Algorithm::EdDsa]);
            s.cose = Key::new(doorward_crypto::Algorithm::EdDsa, "edwards").cose().encode();
        } => AttestationKey,
        alternative_name_without_a_model => |s| {
            s.house.leaf_certificate.extension(ALTERNATIVE_NAME).2 = directory(&[("2.23.133.2.1", "id:49465800"), ("2.23.133.2.3", "id:13")], false);
        } => CertificateRequirements,
        alternative_name_without_a_version => |s| {
            s.house.leaf_certificate.extension(ALTERNATIVE_NAME).2 = directory(&[("2.23.133.2.1", "id:49465800"), ("2.23.133.2.2", "m")], false);
        } => CertificateRequirements,
        alternative_name_without_a_manufacturer => |s| {
            s.house.leaf_certificate.extension(ALTERNATIVE_NAME).2 = directory(&[("2.23.133.2.2", "m"), ("2.23.133.2.3", "id:13")], false);
        } => CertificateRequirements,
        alternative_name_with_two_models => |s| {
            s.house.leaf_certificate.extension(ALTERNATIVE_NAME).2 = directory(&[("2.23.133.2.1", "id:49465800"), ("2.23.133.2.2", "m"), ("2.23.133.2.2", "n"), ("2.23.133.2.3", "id:13")], false);
        } => CertificateRequirements,
        no_basic_constraints => |s| s.house.leaf_certificate.remove(BASIC_CONSTRAINTS) => CertificateRequirements,
        aaguid_is_critical => |s| s.house.leaf_certificate.extension(AAGUID_EXTENSION).1 = true => CertificateRequirements,
        subject_is_not_empty => |s| s.house.leaf_certificate.subject.push(("2.5.4.3", "x".into())) => CertificateRequirements,
        certificate_of_version_1 => |s| s.house.leaf_certificate.version = 1 => CertificateRequirements,
        no_alternative_name => |s| s.house.leaf_certificate.remove(ALTERNATIVE_NAME) => CertificateRequirements,
        alternative_name_is_not_critical => |s| s.house.leaf_certificate.extension(ALTERNATIVE_NAME).1 = false => CertificateRequirements,
        manufacturer_is_not_registered => |s| {
            s.house.leaf_certificate.extension(ALTERNATIVE_NAME).2 = tpm_name("id:FFFFF1D0");
        } => CertificateRequirements,
        no_purpose => |s| s.house.leaf_certificate.remove(PURPOSES) => CertificateRequirements,
        another_purpose => |s| {
            s.house.leaf_certificate.extension(PURPOSES).2 = sequence(&[oid("2.23.133.8.1")]);
        } => CertificateRequirements,
        certificate_of_an_authority => |s| {
            s.house.leaf_certificate.extension(BASIC_CONSTRAINTS).2 = vec![0x30, 3, 1, 1, 0xff];
        } => CertificateRequirements,
        aaguid_is_another => |s| s.aaguid = *b"another model!!!" => CertificateAaguid,
    }

    /// The alternative name, its attributes in one relative name or in several.
    fn directory(attributes: &[(&'static str, &str)], in_one: bool) -> Vec<u8> {
        let attributes: Vec<Vec<u8>> = attributes
            .iter()
            .map(|(name, value)| sequence(&[oid(name), tlv(0x0c, value.as_bytes())]))
            .collect();
        let name = if in_one {
            sequence(&[set(&attributes)])
        } else {
            sequence(
                &attributes
                    .iter()
                    .map(|one| set(std::slice::from_ref(one)))
                    .collect::<Vec<_>>(),
            )
        };
        sequence(&[explicit(4, &name)])
    }

    #[test]
    fn the_makers_attributes_may_stand_in_one_relative_name_or_in_several() {
        for in_one in [true, false] {
            let mut scene = Scene::registration("tpm").trusting();
            let attributes = [
                ("2.23.133.2.1", "id:49465800"),
                ("2.23.133.2.2", "m"),
                ("2.23.133.2.3", "id:13"),
            ];
            scene.house.leaf_certificate.extension(ALTERNATIVE_NAME).2 = directory(&attributes, in_one);
            assert!(scene.register().unwrap().report.attestation.trusted, "{in_one}");
        }
    }

    #[test]
    fn the_registrys_manufacturers_are_known_in_either_case() {
        for id in ["id:414D4400", "id:494e5443", "id:57454300", "id:49465800"] {
            let mut scene = Scene::registration("tpm");
            scene.house.leaf_certificate.extension(ALTERNATIVE_NAME).2 = tpm_name(id);
            assert!(scene.register().is_ok(), "{id}");
        }
        for id in ["49465800", "id:", "", "id:00000000"] {
            let mut scene = Scene::registration("tpm");
            scene.house.leaf_certificate.extension(ALTERNATIVE_NAME).2 = tpm_name(id);
            assert_eq!(
                scene.register().unwrap_err().step,
                Step::CertificateRequirements,
                "{id}"
            );
        }
    }

    #[test]
    fn an_unregistered_manufacturer_passes_by_its_leniency() {
        accept("tpm", |s| {
            s.rp = s.rp.clone().tolerate([Leniency::UnknownTpmVendor]);
            s.house.leaf_certificate.extension(ALTERNATIVE_NAME).2 = tpm_name("id:FFFFF1D0");
        });
    }
}

mod android_key {
    use super::*;

    fn base() -> Scene {
        Scene::registration("android-key").trusting()
    }

    refused! { base:
        certificate_of_another_key => |s| {
            s.house.statement = |st| {
                // The leaf of a house for another key, whose signature is also that key's.
                let other = Key::es256("another");
                let Cbor::Bytes(signature) = st.at("sig") else { panic!("bytes") };
                *signature = other.sign(b"something");
            };
        } => AttestationSignature,
        no_key_description => |s| s.house.statement = |st| {
            let house = Scene::registration("android-key").house;
            *st.at("x5c") = Cbor::Array(house.chain().iter().map(|der| bytes(der)).collect());
        } => CertificateRequirements,
        every_application_in_the_software_list => |s| s.house.authorizations[0].push(all_applications()) => AndroidAuthorization,
        every_application_in_the_trusted_list => |s| s.house.authorizations[1].insert(1, all_applications()) => AndroidAuthorization,
        key_was_imported => |s| s.house.authorizations[1][1] = origin(2) => AndroidAuthorization,
        key_for_encryption => |s| s.house.authorizations[1][0] = purpose(0) => AndroidAuthorization,
        origin_is_not_said => |s| drop(s.house.authorizations[1].pop()) => AndroidAuthorization,
        purpose_is_not_said => |s| drop(s.house.authorizations[1].remove(0)) => AndroidAuthorization,
        only_the_software_says_so => |s| s.house.authorizations.swap(0, 1) => AndroidAuthorization,
        challenge_of_another_answer => |s| s.house.android_challenge = Some(vec![7; 32]) => AttestationNonce,
        leaf_key_is_not_the_credentials => |s| {
            s.key = Key::es256("another");
            s.house.leaf_certificate.spki = s.key.public().to_spki().unwrap();
        } => AttestationKey,
        key_for_signing_and_more => |s| {
            s.house.authorizations[1][0] = explicit(1, &set(&[integer(2), integer(3)]));
        } => AndroidAuthorization,
        key_for_no_purpose => |s| s.house.authorizations[1][0] = explicit(1, &set(&[])) => AndroidAuthorization,
        key_that_software_imported_and_either_list_counts => |s| {
            s.rp = s.rp.clone().android_key(AndroidKeyPolicy::Either);
            s.house.authorizations[0] = vec![origin(2)];
        } => AndroidAuthorization,
        fields_out_of_order => |s| s.house.authorizations[1].swap(0, 1) => AndroidAuthorization,
    }

    #[test]
    fn the_software_list_counts_by_policy() {
        accept("android-key", |s| {
            s.rp = s.rp.clone().android_key(AndroidKeyPolicy::Either);
            s.house.authorizations.swap(0, 1);
        });
    }

    #[test]
    fn an_unrestricted_key_passes_by_its_leniency() {
        accept("android-key", |s| {
            s.rp = s.rp.clone().tolerate([Leniency::AndroidKeyUnrestricted]);
            s.house.authorizations[1].clear();
        });
    }

    #[test]
    fn a_key_in_strongbox_passes() {
        accept("android-key", |s| s.house.security_level = 2);
    }

    #[test]
    fn an_extension_twice_is_in_no_certificate() {
        let mut scene = Scene::registration("android-key");
        let other = scene.house.leaf_certificate.clone();
        let description = sequence(&[octets(b"not the hash")]);
        scene.house.leaf_certificate = other;
        scene
            .house
            .leaf_certificate
            .extensions
            .push((KEY_DESCRIPTION, false, description));
        // The extension stands twice then, which no certificate may.
        assert_eq!(scene.register().unwrap_err().step, Step::Statement);
    }
}

mod safetynet {
    use super::*;

    fn base() -> Scene {
        Scene::registration("android-safetynet").trusting()
    }

    refused! { base:
        no_version => |s| s.house.statement = |st| *st.at("ver") = text("") => Statement,
        not_a_jws => |s| s.house.statement = |st| *st.at("response") = bytes(b"a.b") => Statement,
        signature_of_another => |s| s.house.statement = |st| {
            let Cbor::Bytes(response) = st.at("response") else { panic!("bytes") };
            let last = response.len() - 5;
            response[last] = if response[last] == b'A' { b'B' } else { b'A' };
        } => AttestationSignature,
        another_host => |s| {
            s.house.leaf_certificate.extension(ALTERNATIVE_NAME).2 = sequence(&[]);
        } => CertificateRequirements,
        device_is_not_vouched_for => |s| s.house.payload = |payload| payload["ctsProfileMatch"] = false.into() => SafetyNetCts,
        without_a_verdict => |s| s.house.payload = |payload| {
            payload.as_object_mut().unwrap().remove("ctsProfileMatch");
        } => SafetyNetCts,
        a_nonce_that_is_no_text => |s| s.house.payload = |payload| payload["nonce"] = 7.into() => Statement,
        vouched_for_by_a_word => |s| s.house.payload = |payload| payload["ctsProfileMatch"] = "true".into() => SafetyNetCts,
        of_another_time => |s| s.house.payload = |payload| payload["timestampMs"] = 1.into() => AttestationNonce,
        of_the_future => |s| s.house.payload = |payload| payload["timestampMs"] = 4_000_000_000_000_u64.into() => AttestationNonce,
        without_time => |s| s.house.payload = |payload| payload["timestampMs"] = serde_json::Value::Null => Statement,
    }

    #[test]
    fn a_device_that_is_not_vouched_for_passes_by_its_leniency() {
        accept("android-safetynet", |s| {
            s.rp = s.rp.clone().tolerate([Leniency::SafetyNetNoCts]);
            s.house.payload = |payload| payload["ctsProfileMatch"] = false.into();
        });
    }
}

mod u2f {
    use super::*;

    fn base() -> Scene {
        Scene::registration("fido-u2f").trusting()
    }

    refused! { base:
        two_certificates => |s| s.house.statement = |st| {
            let Cbor::Array(chain) = st.at("x5c") else { panic!("a chain") };
            let leaf = chain[0].clone();
            chain.push(leaf);
        } => Statement,
        no_certificate => |s| s.house.statement = |st| *st.at("x5c") = Cbor::Array(vec![]) => Statement,
        an_aaguid => |s| s.aaguid = AAGUID => Statement,
        certificate_with_a_critical_aaguid => |s| {
            s.house.leaf_certificate.extensions.push((AAGUID_EXTENSION, true, octets(&AAGUID)));
        } => CertificateRequirements,
        certificate_with_an_aaguid_in_one_octet_string => |s| {
            s.house.leaf_certificate.extensions.push((AAGUID_EXTENSION, false, AAGUID.to_vec()));
        } => CertificateAaguid,
        an_aaguid_that_is_not_the_certificates => |s| {
            s.rp = s.rp.clone().tolerate([Leniency::U2fAaguid]);
            s.aaguid = *b"another model!!!";
            s.house.leaf_certificate.extensions.push((AAGUID_EXTENSION, false, octets(&AAGUID)));
        } => CertificateAaguid,
        certificate_key_on_another_curve => |s| {
            let key = Key::new(doorward_crypto::Algorithm::Es384, "leaf");
            s.house.leaf_certificate.spki = key.public().to_spki().unwrap();
        } => CertificateRequirements,
    }

    #[test]
    fn an_aaguid_passes_by_its_leniency() {
        accept("fido-u2f", |s| {
            s.rp = s.rp.clone().tolerate([Leniency::U2fAaguid]);
            s.aaguid = AAGUID;
        });
    }
}

mod apple {
    use super::*;

    fn base() -> Scene {
        Scene::registration("apple").trusting()
    }

    refused! { base:
        certificate_of_another_key => |s| {
            s.house.leaf_certificate.spki = Key::es256("another").public().to_spki().unwrap();
        } => AttestationKey,
        no_nonce => |s| s.house.statement = |st| {
            let house = Scene::registration("apple").house;
            *st.at("x5c") = Cbor::Array(house.chain().iter().map(|der| bytes(der)).collect());
        } => CertificateRequirements,
        a_nonce_that_is_no_sequence => |s| s.house.statement = |st| {
            let mut house = Scene::registration("apple").house;
            house.leaf_certificate.extensions.push((crate::support::statements::NONCE, false, octets(&[7; 32])));
            *st.at("x5c") = Cbor::Array(house.chain().iter().map(|der| bytes(der)).collect());
        } => CertificateRequirements,
        another_root => |s| s.rp = s.rp.clone().trust(Trust::anchors(Scene::registration("packed").with_other_root())) => AttestationChain,
    }

    #[test]
    fn the_alg_of_early_devices_is_passed_over() {
        accept("apple", |s| {
            s.house.statement = |st| st.push("alg", Cbor::Int(-7))
        });
    }
}

mod compound {
    use super::*;

    fn base() -> Scene {
        Scene::registration("compound").trusting()
    }

    refused! { base:
        no_member => |s| s.house.statement = |st| *st = Cbor::Array(vec![]) => Statement,
        one_member => |s| s.house.statement = |st| {
            let Cbor::Array(members) = st else { panic!("members") };
            members.pop();
        } => Statement,
        nine_members => |s| s.house.statement = |st| {
            let Cbor::Array(members) = st else { panic!("members") };
            let one = members[0].clone();
            members.resize(9, one);
        } => Statement,
        compound_in_compound => |s| s.house.statement = |st| {
            let Cbor::Array(members) = st else { panic!("members") };
            *members[1].at("fmt") = text("compound");
        } => Statement,
        format_is_no_text => |s| s.house.statement = |st| {
            let Cbor::Array(members) = st else { panic!("members") };
            *members[1].at("fmt") = Cbor::Int(1);
        } => Statement,
        one_of_two_is_wrong => |s| s.house.statement = spoil_first => AttestationSignature,
    }

    #[test]
    fn one_of_two_is_enough_by_policy() {
        let report = accept("compound", |s| {
            s.rp = s.rp.clone().compound(CompoundPolicy::Any);
            s.house.statement = spoil_first;
        });
        assert!(report.report.attestation.trusted);
    }

    fn spoil_first(statement: &mut Cbor) {
        let Cbor::Array(members) = statement else {
            panic!("members")
        };
        members[0].at("attStmt").at("sig").spoil();
    }
}

impl Scene {
    /// Anchors that this house's chain does not lead to: a root of its own making with the genuine name.
    fn with_other_root(mut self) -> doorward_webauthn::trust::Anchors {
        let impostor = Key::es256("impostor");
        self.house.root_certificate.spki = impostor.public().to_spki().unwrap();
        self.house.root = impostor;
        self.anchors()
    }
}

#[test]
fn the_lists_name_every_format() {
    let mut names = doorward_webauthn::attestation::FORMATS.to_vec();
    names.retain(|name| !FORMATS.contains(name));
    assert_eq!(names, ["none"]);
    assert_eq!(ECDSA_SHA256, "1.2.840.10045.4.3.2");
}

/// The tables of this file.
pub(crate) const TABLES: [Table; 8] = [
    general::TABLE,
    packed::TABLE,
    tpm::TABLE,
    android_key::TABLE,
    safetynet::TABLE,
    u2f::TABLE,
    apple::TABLE,
    compound::TABLE,
];
