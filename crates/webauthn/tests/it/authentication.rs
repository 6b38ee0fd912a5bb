//! §7.2: one edit of a good login, and the step that must refuse it.

use doorward_webauthn::extensions::GetInputs;
use doorward_webauthn::policy::{Leniency, UserVerification};
use doorward_webauthn::{Login, RelyingParty, Step};

use crate::support::scene::{AT, BE, BS, ED, NOW, Scene, UP, UV};

fn accept(edit: fn(&mut Scene)) -> Login {
    let mut scene = Scene::login();
    edit(&mut scene);
    scene.login_as().unwrap_or_else(|refused| panic!("{refused}"))
}

refused! { Scene::login:
    the_ceremony_has_expired => |s| s.answered_at = NOW.plus(core::time::Duration::from_secs(300)) => Options,
    begun_for_another_rp_id => |s| {
        s.other_rp = Some(RelyingParty::builder("login.example.org", ["https://login.example.org"]));
    } => Options,
    type_is_not_public_key => |s| s.json = |json| json["type"] = "federated".into() => CredentialType,
    the_answer_lacks_a_member => |s| s.json = |json| {
        json["response"].as_object_mut().unwrap().remove("signature");
    } => Response,
    id_is_not_raw_id => |s| s.json = |json| json["id"] = "AAAA".into() => CredentialId,
    a_credential_that_is_not_allowed => |s| s.allowed = Some(b"another".to_vec()) => CredentialId,
    the_record_of_another_credential => |s| s.record = |record| {
        record.id = doorward_webauthn::CredentialId::new(b"another".to_vec()).unwrap();
    } => CredentialId,
    the_record_of_another_rp_id => |s| s.record = |record| record.rp_id = "example.com".into() => CredentialId,
    user_handle_of_another_account => |s| s.user_handle = Some(b"bob".to_vec()) => UserHandle,
    user_handle_of_no_byte => |s| s.user_handle = Some(Vec::new()) => UserHandle,
    user_handle_of_65_bytes => |s| s.user_handle = Some(vec![7; 65]) => UserHandle,
    client_data_has_a_member_twice => |s| s.client_more = r#","origin":"https://example.org""#.into() => ClientData,
    client_data_of_a_registration => |s| s.kind = "webauthn.create".into() => Type,
    another_challenge => |s| s.challenge = "AAAAAAAAAAAAAAAAAAAAAA".into() => Challenge,
    another_origin => |s| s.origin = "https://example.org:444".into() => Origin,
    a_frame_without_being_allowed => |s| s.client_more = r#","crossOrigin":true"#.into() => CrossOrigin,
    a_top_origin_without_a_frame => |s| s.client_more = r#","topOrigin":"https://top.example""#.into() => TopOrigin,
    attested_data_in_an_assertion => |s| s.flags |= AT => AuthenticatorData,
    trailing_byte_after_authenticator_data => |s| s.authenticator_data = |data| data.push(0) => AuthenticatorData,
    authenticator_data_of_36_bytes => |s| s.authenticator_data = |data| data.truncate(36) => AuthenticatorData,
    extensions_flag_without_bytes => |s| s.flags |= ED => AuthenticatorData,
    another_rp_id_was_signed_for => |s| s.rp_id = "evil.example".into() => RpIdHash,
    an_app_id_that_was_not_asked_for => |s| {
        s.rp_id = "https://example.org/appid".into();
        s.json = |json| json["clientExtensionResults"] = serde_json::json!({"appid": true});
    } => RpIdHash,
    an_app_id_that_the_client_does_not_confirm => |s| {
        s.get = app_id();
        s.rp_id = "https://example.org/appid".into();
    } => RpIdHash,
    an_app_id_that_is_said_and_not_signed => |s| {
        s.get = app_id();
        s.json = |json| json["clientExtensionResults"] = serde_json::json!({"appid": true});
    } => RpIdHash,
    nobody_was_present => |s| s.flags &= !UP => UserPresence,
    nobody_was_verified_and_it_was_required => |s| {
        s.user_verification = UserVerification::Required;
        s.flags &= !UV;
    } => UserVerification,
    backup_state_without_eligibility => |s| s.flags |= BS => BackupFlags,
    eligible_and_was_not => |s| s.flags |= BE => BackupEligibility,
    was_eligible_and_is_not => |s| s.record = |record| record.backup_eligible = Some(true) => BackupEligibility,
    the_stored_key_cannot_be_read => |s| s.record = |record| record.public_key = vec![0xa0].into() => PublicKey,
    signature_with_a_flipped_bit => |s| s.signature = |bytes| *bytes.last_mut().unwrap() ^= 1 => Signature,
    signature_is_empty => |s| s.signature = Vec::clear => Signature,
    signature_with_a_byte_behind => |s| s.signature = |bytes| bytes.push(0) => Signature,
    signature_as_two_numbers => |s| s.signature = |bytes| *bytes = vec![7; 64] => Signature,
    signature_of_zeros => |s| s.signature = |bytes| *bytes = vec![0x30, 6, 2, 1, 0, 2, 1, 0] => Signature,
    the_counter_stands_still => |s| s.sign_count = 5 => SignCount,
    the_counter_goes_back => |s| s.sign_count = 4 => SignCount,
    the_counter_goes_to_zero => |s| s.sign_count = 0 => SignCount,
}

#[test]
fn a_good_login_updates_the_record() {
    let login = accept(|s| s.record = |record| record.backup_eligible = None);
    let mut record = Scene::login().stored();
    (record.backup_eligible, record.uv_initialized) = (None, false);
    login.apply(&mut record);
    assert_eq!((record.sign_count, record.backup_eligible), (6, Some(false)));
    assert!(!record.uv_initialized && login.user_verified());
    login.initialize_user_verification(&mut record);
    assert!(record.uv_initialized);
}

#[test]
fn what_the_specification_tolerates_is_tolerated() {
    accept(|s| {
        s.sign_count = 0;
        s.record = |record| record.sign_count = 0;
    });
    accept(|s| s.user_handle = None);
    accept(|s| s.allowed = None);
    accept(|s| s.flags |= 0x22);
    // A key that was registered with verification may be used without it when it is only preferred.
    assert!(!accept(|s| s.flags &= !UV).user_verified());
    accept(|s| {
        s.flags |= BE | BS;
        s.record = |record| record.backup_eligible = Some(true);
    });
    accept(|s| {
        s.get = app_id();
        s.rp_id = "https://example.org/appid".into();
        s.json = |json| json["clientExtensionResults"] = serde_json::json!({"appid": true});
    });
    // Asked for, and the key is one of the RP ID after all.
    accept(|s| {
        s.get = app_id();
        s.json = |json| json["clientExtensionResults"] = serde_json::json!({"appid": false});
    });
}

#[test]
fn a_counter_that_goes_back_passes_by_name_and_never_moves_the_record_back() {
    let login = accept(|s| {
        s.rp = s.rp.clone().tolerate([Leniency::SignCountRegression]);
        s.sign_count = 4;
    });
    assert!(login.clone_suspected());
    assert_eq!(login.sign_count(), 5);
}

#[test]
fn a_discoverable_login_names_its_account() {
    let step = |scene: Scene| {
        scene
            .login_discoverable()
            .map_err(|refused| refused.step)
            .map(drop)
    };
    assert_eq!(step(Scene::login()), Ok(()));
    assert_eq!(
        step(Scene {
            user_handle: None,
            ..Scene::login()
        }),
        Err(Step::UserHandle)
    );
    assert_eq!(
        step(Scene {
            user_handle: Some(b"bob".to_vec()),
            ..Scene::login()
        }),
        Err(Step::UserHandle)
    );
}

#[test]
fn the_first_verification_is_told() {
    let login = accept(|s| s.record = |record| record.uv_initialized = false);
    assert!(login.user_verification_is_new());
    assert!(!accept(|_| {}).user_verification_is_new());
}

fn app_id() -> GetInputs {
    GetInputs {
        appid: Some("https://example.org/appid".to_owned()),
        ..GetInputs::default()
    }
}
