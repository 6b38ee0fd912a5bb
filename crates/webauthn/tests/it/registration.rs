//! §7.1, steps 1 to 20 and 25 to 28: one edit of a good registration, and the step that must refuse it.

use doorward_crypto::Algorithm;
use doorward_webauthn::extensions::{CreateInputs, CredentialProtection};
use doorward_webauthn::policy::{Leniency, UserVerification};
use doorward_webauthn::{BackupEligibility, Cause, Refused, RelyingParty, Step};

use crate::support::cbor::{Cbor, text};
use crate::support::keys::Key;
use crate::support::scene::{AT, BE, BS, ED, NOW, Scene, UP, UV};

fn base() -> Scene {
    Scene::registration("none")
}

fn accept(edit: fn(&mut Scene)) -> doorward_webauthn::Registration {
    let mut scene = base();
    edit(&mut scene);
    scene.register().unwrap_or_else(|refused| panic!("{refused}"))
}

refused! { base:
    // Options and answer
    the_ceremony_has_expired => |s| s.answered_at = NOW.plus(core::time::Duration::from_secs(300)) => Options,
    begun_for_another_rp_id => |s| {
        s.other_rp = Some(RelyingParty::builder("login.example.org", ["https://login.example.org"]));
    } => Options,
    type_is_not_public_key => |s| s.json = |json| json["type"] = "password".into() => CredentialType,
    the_answer_is_no_object => |s| s.json = |json| *json = 7.into() => Response,
    the_answer_lacks_a_member => |s| s.json = |json| {
        json["response"].as_object_mut().unwrap().remove("attestationObject");
    } => Response,
    outputs_of_extensions_are_an_array => |s| s.json = |json| {
        json["clientExtensionResults"] = serde_json::json!([]);
    } => Response,
    the_public_key_is_padded => |s| s.json = |json| json["response"]["publicKey"] = "AQ==".into() => Response,
    id_is_not_raw_id => |s| s.json = |json| json["id"] = "AAAA".into() => CredentialId,
    both_ids_are_not_the_attested_one => |s| s.json = |json| {
        json["id"] = "AAAA".into();
        json["rawId"] = "AAAA".into();
    } => CredentialId,
    raw_id_is_standard_base64 => |s| s.json = |json| {
        json["id"] = "+/+/".into();
        json["rawId"] = "+/+/".into();
    } => CredentialId,
    // Client data
    client_data_is_padded_base64 => |s| s.json = |json| {
        let padded = json["response"]["clientDataJSON"].as_str().unwrap().to_owned() + "==";
        json["response"]["clientDataJSON"] = padded.into();
    } => ClientData,
    client_data_has_a_member_twice => |s| s.client_more = r#","challenge":"AA""#.into() => ClientData,
    client_data_is_not_utf8 => |s| s.client_data = |bytes| bytes[2] = 0xff => ClientData,
    client_data_has_a_trailing_byte => |s| s.client_data = |bytes| bytes.push(b'x') => ClientData,
    client_data_of_a_login => |s| s.kind = "webauthn.get".into() => Type,
    client_data_type_in_another_case => |s| s.kind = "WebAuthn.create".into() => Type,
    challenge_longer_by_one_byte => |s| s.challenge.push('A') => Challenge,
    challenge_is_empty => |s| s.challenge.clear() => Challenge,
    challenge_is_padded => |s| s.challenge.push('=') => Challenge,
    challenge_differs_in_one_letter => |s| s.challenge.replace_range(0..1, "Z") => Challenge,
    origin_of_a_longer_name => |s| s.origin = "https://evil-example.org".into() => Origin,
    origin_below_another_name => |s| s.origin = "https://example.org.evil.example".into() => Origin,
    origin_without_tls => |s| s.origin = "http://example.org".into() => Origin,
    origin_on_another_port => |s| s.origin = "https://example.org:8443".into() => Origin,
    origin_with_its_default_port => |s| s.origin = "https://example.org:443".into() => Origin,
    origin_with_a_slash => |s| s.origin = "https://example.org/".into() => Origin,
    origin_with_a_user => |s| s.origin = "https://evil@example.org".into() => Origin,
    origin_in_upper_case => |s| s.origin = "https://EXAMPLE.org".into() => Origin,
    origin_with_a_final_dot => |s| s.origin = "https://example.org.".into() => Origin,
    origin_below_ours_is_not_ours => |s| s.origin = "https://login.example.org".into() => Origin,
    a_frame_without_being_allowed => |s| s.client_more = r#","crossOrigin":true"#.into() => CrossOrigin,
    a_top_origin_without_a_frame => |s| {
        s.rp = s.rp.clone().allow_cross_origin(["https://top.example"]);
        s.client_more = r#","crossOrigin":false,"topOrigin":"https://top.example""#.into();
    } => TopOrigin,
    a_top_origin_that_is_not_listed => |s| {
        s.rp = s.rp.clone().allow_cross_origin(["https://top.example"]);
        s.client_more = r#","crossOrigin":true,"topOrigin":"https://evil.example""#.into();
    } => TopOrigin,
    an_empty_list_of_top_origins_lists_none => |s| {
        s.rp = s.rp.clone().allow_cross_origin([""; 0]);
        s.client_more = r#","crossOrigin":true,"topOrigin":"https://top.example""#.into();
    } => TopOrigin,
    a_top_origin_that_is_required_and_missing => |s| {
        s.rp = s.rp.clone().allow_cross_origin(["https://top.example"]).require_top_origin();
        s.client_more = r#","crossOrigin":true"#.into();
    } => TopOrigin,
    // Attestation object and authenticator data
    trailing_byte_after_the_object => |s| s.object_bytes = |bytes| bytes.push(0) => AttestationObject,
    object_cut_short => |s| s.object_bytes = |bytes| bytes.truncate(bytes.len() - 1) => AttestationObject,
    object_is_an_array => |s| s.object = |object| *object = Cbor::Array(vec![]) => AttestationObject,
    object_without_format => |s| s.object = |object| object.remove("fmt") => AttestationObject,
    format_is_not_text => |s| s.object = |object| *object.at("fmt") = Cbor::Int(1) => AttestationObject,
    object_with_a_key_twice => |s| s.object = |object| object.push("fmt", text("none")) => AttestationObject,
    object_of_indefinite_length => |s| s.object_bytes = |bytes| {
        bytes[0] = 0xbf;
        bytes.push(0xff);
    } => AttestationObject,
    trailing_byte_after_the_key => |s| s.authenticator_data = |data| data.push(0) => AuthenticatorData,
    extensions_without_their_flag => |s| s.extensions = vec![0xa0] => AuthenticatorData,
    extensions_flag_without_bytes => |s| s.flags |= ED => AuthenticatorData,
    extensions_that_are_an_array => |s| {
        s.flags |= ED;
        s.extensions = vec![0x80];
    } => AuthenticatorData,
    an_extension_twice => |s| {
        s.flags |= ED;
        s.extensions = vec![0xa2, 0x61, b'a', 1, 0x61, b'a', 1];
    } => AuthenticatorData,
    no_attested_credential => |s| s.flags &= !AT => AuthenticatorData,
    authenticator_data_cut_in_the_key => |s| s.authenticator_data = |data| data.truncate(data.len() - 1) => AuthenticatorData,
    authenticator_data_of_36_bytes => |s| s.authenticator_data = |data| data.truncate(36) => AuthenticatorData,
    credential_id_longer_than_the_data => |s| s.authenticator_data = |data| data[53] = 0xff => AuthenticatorData,
    another_rp_id_was_signed_for => |s| s.rp_id = "evil.example".into() => RpIdHash,
    nobody_was_present => |s| s.flags &= !UP => UserPresence,
    nobody_was_verified_and_it_was_required => |s| {
        s.user_verification = UserVerification::Required;
        s.flags &= !UV;
    } => UserVerification,
    conditional_creation_still_requires_verification => |s| {
        s.conditional = true;
        s.user_verification = UserVerification::Required;
        s.flags &= !(UP | UV);
    } => UserVerification,
    backup_state_without_eligibility => |s| s.flags |= BS => BackupFlags,
    policy_wants_what_can_be_backed_up => |s| {
        s.rp = s.rp.clone().backup_eligibility(BackupEligibility::Eligible);
    } => BackupEligibility,
    policy_wants_what_stays_on_the_device => |s| {
        s.rp = s.rp.clone().backup_eligibility(BackupEligibility::DeviceBound);
        s.flags |= BE;
    } => BackupEligibility,
    // Public key
    key_with_a_label_twice => |s| s.cose = [&[0xa6, 1, 2, 1, 2][..], &s.cose[3..]].concat() => PublicKey,
    key_out_of_order => |s| s.cose = [&[0xa5, 3, 0x26, 1, 2][..], &s.cose[5..]].concat() => PublicKey,
    key_with_key_ops => |s| s.cose = [&[0xa6, 1, 2, 3, 0x26, 4, 0x81, 2][..], &s.cose[5..]].concat() => PublicKey,
    key_without_alg => |s| s.cose = [&[0xa4, 1, 2][..], &s.cose[5..]].concat() => PublicKey,
    key_whose_alg_is_text => |s| s.cose = [&[0xa5, 1, 2, 3, 0x61, b'a'][..], &s.cose[5..]].concat() => PublicKey,
    key_whose_kty_is_true => |s| s.cose[2] = 0xf5 => PublicKey,
    key_with_a_long_integer => |s| s.cose = [&[0xa5, 1, 0x18, 2][..], &s.cose[3..]].concat() => PublicKey,
    key_off_its_curve => |s| *s.cose.last_mut().unwrap() ^= 1 => PublicKey,
    key_on_another_curve_than_alg_says => |s| s.cose[6] = 2 => PublicKey,
    key_compressed => |s| {
        s.cose.truncate(42);
        s.cose.extend([0x22, 0xf5]);
    } => PublicKey,
    key_of_zeros => |s| s.cose[10..42].fill(0) => PublicKey,
    key_of_firefox_117_without_its_leniency => |s| s.cose = firefox_117() => AuthenticatorData,
    rsa_key_of_1024_bits => |s| s.cose = rsa(&[0xb5; 128], &[1, 0, 1]) => PublicKey,
    rsa_key_with_an_even_modulus => |s| s.cose = rsa(&[0xb4; 256], &[1, 0, 1]) => PublicKey,
    rsa_key_with_a_leading_zero => |s| s.cose = rsa(&[&[0][..], &[0xb5; 256]].concat(), &[1, 0, 1]) => PublicKey,
    rsa_key_with_the_exponent_1 => |s| s.cose = rsa(&[0xb5; 256], &[1]) => PublicKey,
    rsa_key_with_an_even_exponent => |s| s.cose = rsa(&[0xb5; 256], &[4]) => PublicKey,
    ed25519_key_of_small_order => |s| s.cose = ed25519(&[0; 32]) => PublicKey,
    algorithm_that_was_not_offered => |s| {
        let key = Key::new(Algorithm::Es384, "other");
        s.cose = key.cose().encode();
    } => Algorithm,
    // The end
    credential_id_of_no_byte => |s| s.credential_id.clear() => CredentialIdLength,
    credential_id_of_1024_bytes => |s| s.credential_id = vec![7; 1024] => CredentialIdLength,
    protection_lower_than_enforced => |s| {
        s.create = CreateInputs {
            credential_protection_policy: Some(CredentialProtection::UserVerificationRequired),
            enforce_credential_protection_policy: Some(true),
            ..CreateInputs::default()
        };
        s.flags |= ED;
        s.extensions = [&[0xa1, 0x6b][..], b"credProtect", &[2]].concat();
    } => Extensions,
}

#[test]
fn a_good_registration_becomes_a_record() {
    let registration = accept(|_| {});
    let record = &registration.record;
    assert_eq!((record.id.as_bytes(), record.sign_count), (&b"credential"[..], 6));
    assert!(record.uv_initialized && record.backup_eligible == Some(false) && !record.backup_state);
    assert_eq!(record.public_key.as_bytes(), Scene::registration("none").cose);
    let names: Vec<&str> = record
        .transports
        .iter()
        .map(|transport| transport.name())
        .collect();
    assert_eq!(names, ["internal", "hybrid"]);
    assert!(!registration.report.attestation.trusted);
    let json = serde_json::to_string(record).unwrap();
    assert_eq!(
        serde_json::from_str::<doorward_webauthn::CredentialRecord>(&json).unwrap(),
        *record
    );
}

#[test]
fn what_the_specification_tolerates_is_tolerated() {
    accept(|s| s.client_more = r#","crossOrigin":false,"tokenBinding":7,"extraData":{}"#.into());
    accept(|s| s.client_more.clear());
    accept(|s| {
        s.client_data = |bytes| {
            bytes.splice(0..0, *b"\xef\xbb\xbf");
        }
    });
    accept(|s| s.flags |= 0x22);
    accept(|s| s.object = |object| object.push("epAtt", Cbor::Raw(vec![0xf4])));
    accept(|s| s.credential_id = vec![7; 1023]);
    accept(|s| {
        s.flags |= ED;
        s.extensions = vec![0xa0];
    });
    accept(|s| s.json = |json| json["unknown"] = 1.into());
    accept(|s| {
        s.conditional = true;
        s.flags &= !UP;
    });
    accept(|s| s.flags &= !UV);
    accept(|s| {
        s.rp = s.rp.clone().allow_cross_origin(["https://top.example"]);
        s.client_more = r#","crossOrigin":true,"topOrigin":"https://top.example""#.into();
    });
    accept(|s| {
        s.rp = s.rp.clone().allow_cross_origin([""; 0]);
        s.client_more = r#","crossOrigin":true"#.into();
    });
}

#[test]
fn unsolicited_extensions_are_reported_and_pass() {
    let registration = accept(|s| {
        s.flags |= ED;
        s.extensions = [&[0xa1, 0x6c][..], b"minPinLength", &[4]].concat();
        s.json = |json| {
            json["clientExtensionResults"] = serde_json::json!({"credProps": {"rk": true}, "newThing": 1})
        };
    });
    let report = registration.report.extensions;
    let mut names: Vec<&str> = report
        .unsolicited()
        .map(|extension| extension.name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["credProps", "minPinLength", "newThing"]);
    assert_eq!(report.authenticator.min_pin_length, Some(4));
    assert_eq!(
        report.client.cred_props.and_then(|properties| properties.rk),
        Some(true)
    );
}

#[test]
fn members_that_repeat_the_object_are_compared_and_not_used() {
    let registration = accept(|s| {
        s.json = |json| {
            json["response"]["publicKeyAlgorithm"] = (-257).into();
            json["response"]["publicKey"] = "AAAA".into();
            json["response"]["authenticatorData"] = "AAAA".into();
        };
    });
    assert_eq!(
        registration.report.disagreements,
        ["authenticatorData", "publicKey", "publicKeyAlgorithm"]
    );
}

#[test]
fn firefox_117_keys_pass_by_their_leniency() {
    let registration = accept(|s| {
        s.rp =
            s.rp.clone()
                .algorithms([Algorithm::EdDsa])
                .tolerate([Leniency::Firefox117Ed25519Key]);
        s.cose = firefox_117();
    });
    assert_eq!(registration.record.public_key.as_bytes(), firefox_117());
}

#[test]
fn every_algorithm_that_registers_also_logs_in() {
    for algorithm in Algorithm::ALL {
        if *algorithm == Algorithm::Rs1 {
            continue; // counts in attestation alone
        }
        let key = || Key::new(*algorithm, "every");
        let registered = Scene::registration("packed-self").with_key(key()).register();
        let record = registered
            .unwrap_or_else(|refused| panic!("{algorithm:?}: {refused}"))
            .record;
        let mut scene = Scene::login().with_key(key());
        scene.cose = record.public_key.as_bytes().to_vec();
        scene
            .login_as()
            .unwrap_or_else(|refused| panic!("{algorithm:?}: {refused}"));
    }
}

#[test]
fn a_known_credential_is_the_callers_to_refuse() {
    let refused = accept(|_| {}).already_registered();
    assert_eq!(
        (refused.step, &refused.cause),
        (Step::Registered, &Cause::Registered)
    );
}

#[test]
fn refusals_look_alike_from_outside() {
    let one: Refused = Scene {
        flags: 0,
        ..Scene::registration("none")
    }
    .register()
    .unwrap_err();
    let other = accept(|_| {}).already_registered();
    assert_eq!(one.public(), other.public());
}

fn firefox_117() -> Vec<u8> {
    let key = Key::new(Algorithm::EdDsa, "firefox");
    let doorward_crypto::Parts::Ed25519(x) = key.public().parts() else {
        panic!("Ed25519")
    };
    [&b"\xa3\x01\x63OKP\x03\x27\x20\x67Ed25519\x21\x58\x20"[..], x].concat()
}

fn rsa(n: &[u8], e: &[u8]) -> Vec<u8> {
    let label = |label, value| (Cbor::Int(label), value);
    Cbor::Map(vec![
        label(1, Cbor::Int(3)),
        label(3, Cbor::Int(-257)),
        label(-1, Cbor::Bytes(n.to_vec())),
        label(-2, Cbor::Bytes(e.to_vec())),
    ])
    .encode()
}

fn ed25519(x: &[u8]) -> Vec<u8> {
    [&[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32][..], x].concat()
}

#[test]
fn a_short_challenge_and_too_many_credentials_do_not_begin() {
    use crate::support::{Seeded, provider};
    use doorward_webauthn::{BeginError, CredentialDescriptor, CredentialId, UserEntity, UserHandle};
    let rp = RelyingParty::builder("example.org", ["https://example.org"])
        .build(provider())
        .unwrap();
    let user = UserEntity {
        handle: UserHandle::new(vec![1]).unwrap(),
        name: String::new(),
        display_name: String::new(),
    };
    let begin =
        |registering: doorward_webauthn::Registering<'_>| registering.begin(&Seeded::new("x"), NOW).map(drop);
    assert_eq!(
        begin(rp.register(&user).challenge(&[7; 15])),
        Err(BeginError::ChallengeLength(15))
    );
    assert_eq!(begin(rp.register(&user).challenge(&[7; 16])), Ok(()));
    let id = CredentialDescriptor::new(CredentialId::new(vec![1]).unwrap(), Vec::new());
    assert_eq!(
        begin(rp.register(&user).exclude(&vec![id; 65])),
        Err(BeginError::Descriptors(65))
    );
}
