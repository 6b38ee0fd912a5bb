//! What is kept between the options and the answer, and what the options look like.

use doorward_crypto::Algorithm;
use doorward_webauthn::json::CreationOptions;
use doorward_webauthn::policy::{Attachment, Hint, Leniency};
use doorward_webauthn::{
    Create, CredentialDescriptor, CredentialId, Discoverable, Identified, Kept, RelyingParty, Transport,
    UserEntity, UserHandle,
};
use serde_json::json;

use crate::support::scene::NOW;
use crate::support::{Seeded, provider};

fn rp() -> RelyingParty {
    RelyingParty::builder("example.org", ["https://example.org"])
        .name("Example")
        .algorithms([Algorithm::Es256, Algorithm::EdDsa])
        .build(provider())
        .unwrap()
}

fn ana() -> UserEntity {
    UserEntity {
        handle: UserHandle::new(b"ana".to_vec()).unwrap(),
        name: "ana".to_owned(),
        display_name: "Ana".to_owned(),
    }
}

#[test]
fn creation_options_are_the_json_form_and_come_back() {
    let (rp, user) = (rp(), ana());
    let id = CredentialId::new(vec![1, 2]).unwrap();
    let (options, kept) = rp
        .register(&user)
        .exclude(&[CredentialDescriptor::new(id, vec![Transport::USB])])
        .hints([Hint::SecurityKey])
        .require_user_verification()
        .begin(&Seeded::new("options"), NOW)
        .unwrap();
    let form = serde_json::to_value(&options).unwrap();
    let expected = json!({
        "rp": { "id": "example.org", "name": "Example" },
        "user": { "id": "YW5h", "name": "ana", "displayName": "Ana" },
        "challenge": form["challenge"],
        "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }, { "type": "public-key", "alg": -8 }],
        "timeout": 300_000,
        "excludeCredentials": [{ "type": "public-key", "id": "AQI", "transports": ["usb"] }],
        "authenticatorSelection": {
            "authenticatorAttachment": "cross-platform", "residentKey": "required", "requireResidentKey": true,
            "userVerification": "required",
        },
        "hints": ["security-key"],
        "attestation": "none",
        "extensions": { "credProps": true },
    });
    assert_eq!(form, expected);
    assert_eq!(form["challenge"].as_str().map(str::len), Some(43));
    assert_eq!(serde_json::from_value::<CreationOptions>(form).unwrap(), options);
    assert_eq!(Hint::SecurityKey.attachment(), Attachment::CrossPlatform);
    assert_eq!(kept.user(), &user.handle);
}

#[test]
fn request_options_are_the_json_form() {
    let rp = rp();
    let (options, _) = rp
        .authenticate()
        .discoverable()
        .begin(&Seeded::new("x"), NOW)
        .unwrap();
    let form = serde_json::to_value(&options).unwrap();
    let expected = json!({
        "challenge": form["challenge"], "timeout": 300_000, "rpId": "example.org",
        "userVerification": "preferred", "extensions": {},
    });
    assert_eq!(form, expected);
}

#[test]
fn what_is_kept_comes_back_as_its_own_kind_only() {
    let (rp, user) = (rp(), ana());
    let (_, create) = rp.register(&user).begin(&Seeded::new("x"), NOW).unwrap();
    let (_, discoverable) = rp
        .authenticate()
        .discoverable()
        .begin(&Seeded::new("x"), NOW)
        .unwrap();
    let (_, identified) = rp
        .authenticate()
        .for_user(&user.handle, &[])
        .begin(&Seeded::new("x"), NOW)
        .unwrap();
    let forms = [
        serde_json::to_string(&create).unwrap(),
        serde_json::to_string(&discoverable).unwrap(),
        serde_json::to_string(&identified).unwrap(),
    ];
    assert_eq!(serde_json::from_str::<Kept<Create>>(&forms[0]).unwrap(), create);
    assert_eq!(
        serde_json::from_str::<Kept<Discoverable>>(&forms[1]).unwrap(),
        discoverable
    );
    assert_eq!(
        serde_json::from_str::<Kept<Identified>>(&forms[2]).unwrap(),
        identified
    );
    for (at, form) in forms.iter().enumerate() {
        assert_eq!(serde_json::from_str::<Kept<Create>>(form).is_ok(), at == 0);
        assert_eq!(serde_json::from_str::<Kept<Discoverable>>(form).is_ok(), at == 1);
        assert_eq!(serde_json::from_str::<Kept<Identified>>(form).is_ok(), at == 2);
    }
}

#[test]
fn an_imaginary_account_is_stable_and_its_own() {
    let rp = rp();
    let one = rp.imaginary(&[7; 32], "bob");
    assert_eq!(one, rp.imaginary(&[7; 32], "bob"));
    assert!((1..=2).contains(&one.credentials.len()));
    for other in [rp.imaginary(&[8; 32], "bob"), rp.imaginary(&[7; 32], "eve")] {
        assert_ne!(one.user, other.user);
        assert_ne!(one.credentials[0].id, other.credentials[0].id);
    }
}

#[test]
fn signals_have_the_members_of_their_methods() {
    let (rp, user) = (rp(), ana());
    let id = CredentialId::new(vec![1, 2]).unwrap();
    let unknown = serde_json::to_value(rp.signal_unknown(id.clone())).unwrap();
    assert_eq!(unknown, json!({ "rpId": "example.org", "credentialId": "AQI" }));
    let all = serde_json::to_value(rp.signal_all_accepted(&user.handle, [&id])).unwrap();
    assert_eq!(
        all,
        json!({ "rpId": "example.org", "userId": "YW5h", "allAcceptedCredentialIds": ["AQI"] })
    );
    let details = serde_json::to_value(rp.signal_current_details(&user.handle, "ana", "Ana")).unwrap();
    assert_eq!(
        details,
        json!({ "rpId": "example.org", "userId": "YW5h", "name": "ana", "displayName": "Ana" })
    );
}

#[test]
fn related_origins_are_a_document_and_may_run_ceremonies() {
    let rp = RelyingParty::builder("example.org", ["https://example.org"])
        .related_origins(["https://example.net"])
        .build(provider())
        .unwrap();
    let document = serde_json::to_value(rp.related_origins().unwrap()).unwrap();
    assert_eq!(document, json!({ "origins": ["https://example.net"] }));
}

#[test]
fn sha_1_is_not_offered_for_credentials() {
    let builder = |algorithms: &[Algorithm]| {
        RelyingParty::builder("example.org", ["https://example.org"]).algorithms(algorithms.iter().copied())
    };
    let build = |algorithms: &[Algorithm]| builder(algorithms).build(provider()).map(drop);
    let refused = build(&[Algorithm::Es256, Algorithm::Rs1]).unwrap_err();
    assert_eq!(refused, doorward_webauthn::BuildError::Sha1);
    assert!(refused.to_string().contains("SHA-1"));
    assert_eq!(build(&[Algorithm::Es256, Algorithm::Rs256]), Ok(()));
    let by_name = builder(&[Algorithm::Rs1]).tolerate([Leniency::Sha1CredentialKey]);
    assert_eq!(by_name.build(provider()).unwrap().algorithms(), [Algorithm::Rs1]);
}

#[test]
fn a_relying_party_that_cannot_be_is_refused_when_built() {
    let build = |id: &str, origin: &str| RelyingParty::builder(id, [origin]).build(provider()).is_ok();
    assert!(build("example.org", "https://login.example.org"));
    assert!(build("localhost", "http://localhost:8080"));
    assert!(!build("example.org", "https://example.com"));
    assert!(!build("example.org", "http://example.org"));
    assert!(!build("127.0.0.1", "https://127.0.0.1"));
    assert!(!build("example.org", "https://evil-example.org"));
    assert!(
        RelyingParty::builder("example.org", [""; 0])
            .build(provider())
            .is_err()
    );
    assert!(
        RelyingParty::builder("example.org", ["https://example.org"])
            .algorithms([])
            .build(provider())
            .is_err()
    );
}
