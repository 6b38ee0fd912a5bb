//! Lines of the checklist of attacks that are about doors: who may try, how often, and in whose place.

use doorward_authenticator::{Browser as Agent, Device, Fault};
use doorward_crypto::Sha256;
use doorward_identity::factors::{Change, FactorError};
use doorward_identity::passwords::Password;
use doorward_identity::sign_in::{AfterPassword, For, SignInError, Stay};
use doorward_identity::tokens::HalfToken;
use doorward_webauthn::AuthenticationResponse;

use crate::house::{House, ORIGIN, PASSWORD, create, get};

async fn wrong_password(house: &House, name: &str) -> SignInError {
    let password = Password::new("not this one at all");
    house
        .identity
        .sign_in_with_password(&house.browser(), name, &password, Stay::No)
        .await
        .map(drop)
        .unwrap_err()
}

#[tokio::test]
async fn passkey_options_no_allowlist_leak() {
    let house = House::new();
    house.ana().await;
    house.ben().await;
    for name in ["ana", "ben", "nobody", "ana@example.org", ""] {
        let browser = house.browser();
        let (options, _) = house
            .identity
            .begin_passkey(&browser, For::Named(name))
            .await
            .unwrap();
        assert!(
            options.allow_credentials.is_empty(),
            "{name}: a browser that nobody knows is told no credential"
        );
    }
}

#[tokio::test]
async fn throttle_canonical_name() {
    let house = House::new();
    house.ana_with_all().await;
    let names = ["ana", "ANA", " Ana ", "ana@example.org", "ANA@Example.ORG."];
    for name in names {
        let refused = wrong_password(&house, name).await;
        assert!(matches!(refused, SignInError::Wrong), "{name}: {refused:?}");
    }
    for name in names {
        let refused = wrong_password(&house, name).await;
        assert!(
            matches!(refused, SignInError::SlowDown { .. }),
            "all are one account's five tries; {name}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn throttle_not_in_cookie() {
    let house = House::new();
    house.ben().await;
    let browser = house.browser();
    for _ in 0..5 {
        let password = Password::new("not this one at all");
        let _ = house
            .identity
            .sign_in_with_password(&browser, "ben", &password, Stay::No)
            .await;
    }
    // No cookie, another one, one that nobody sealed, and the first one again.
    for browser in [
        house.browser(),
        house.browser(),
        house.browser().known_by("made-up"),
        browser,
    ] {
        let password = Password::new(PASSWORD);
        let refused = house
            .identity
            .sign_in_with_password(&browser, "ben", &password, Stay::No)
            .await;
        assert!(
            matches!(refused, Err(SignInError::SlowDown { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn second_step_without_first() {
    let house = House::new();
    let (_, app, codes) = house.ana_with_all().await;
    let (browser, other) = (house.browser(), house.browser());
    let made_up = HalfToken::parse(&"A".repeat(43)).unwrap();
    let foreign = house.half("ana", &other).await;
    let expired = house.half("ana", &browser).await;
    house.pass(house.identity.limits().half_sign_in);
    let finished = house.half("ana", &browser).await;
    let code = house.code(&app);
    house
        .identity
        .sign_in_with_totp(&browser, &finished, &code)
        .await
        .unwrap();
    // More than the tries that an account has: none of these is one.
    for half in [&made_up, &foreign, &expired, &finished].repeat(3) {
        let totp = house.identity.sign_in_with_totp(&browser, half, "000000").await;
        assert!(matches!(totp, Err(SignInError::Expired)), "{totp:?}");
        let code = house
            .identity
            .sign_in_with_recovery_code(&browser, half, &codes[0])
            .await;
        assert!(matches!(code, Err(SignInError::Expired)), "{code:?}");
    }
    let half = house.half("ana", &browser).await;
    house
        .identity
        .sign_in_with_recovery_code(&browser, &half, &codes[0])
        .await
        .expect("the code was not spent, and no try was counted");
}

#[tokio::test]
async fn session_new_id_on_every_rise() {
    let house = House::new();
    let (mut ana, app, _) = house.ana_with_all().await;
    let browser = house.browser();
    let half = house.half("ana", &browser).await;
    let code = house.code(&app);
    let session = house
        .identity
        .sign_in_with_totp(&browser, &half, &code)
        .await
        .unwrap();
    assert!(!session.token.encode().contains(&half.encode()));
    let again = house.identity.sign_in_with_totp(&browser, &half, &code).await;
    assert!(matches!(again, Err(SignInError::Expired)), "the half is over");
    let before = ana.session.token.clone();
    let applied = house.change(&mut ana, Change::NewRecoveryCodes).await;
    assert_ne!(applied.token.encode(), before.encode());
    assert!(
        house.identity.signed_in(&before).await.unwrap().is_none(),
        "the secret before the step-up opens nothing"
    );
    house.who(&applied.token).await;
}

#[tokio::test]
async fn recovery_code_entropy_and_hash() {
    let house = House::new();
    let (ana, _, codes) = house.ana_with_all().await;
    let stored = house.who(&ana.session.token).await.account.recovery;
    let stored = stored.expect("a set").digests;
    assert_eq!((codes.len(), stored.len()), (10, 10));
    for code in &codes {
        let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        // Five bits a character of base32.
        assert!(letters.len() * 5 >= 80, "{code}");
        let plain = Sha256::of(letters.as_bytes());
        assert!(
            stored.iter().all(|digest| *digest.as_bytes() != plain),
            "what is stored is keyed"
        );
    }
    let mut different = codes.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), codes.len());
}

#[tokio::test]
async fn enrol_only_own_empty_account() {
    let house = House::new();
    let ana = house.ana().await;
    let ben = house.ben().await;
    let (ana, ben) = (
        house.who(&ana.session.token).await,
        house.who(&ben.session.token).await,
    );
    let (options, sealed) = house.identity.begin_add_passkey(&ana, "Ana's").await.unwrap();
    let answer = create(&mut Device::from_seed("a thief's"), &options);
    let swapped = house.identity.finish_add_passkey(&ben, &sealed, &answer).await;
    assert!(matches!(swapped, Err(FactorError::Expired)), "{swapped:?}");
    let (_, own) = house.identity.begin_add_passkey(&ben, "Ben's").await.unwrap();
    let foreign = house.identity.finish_add_passkey(&ben, &own, &answer).await;
    assert!(
        matches!(foreign, Err(FactorError::NotAccepted(_))),
        "an answer to another person's options: {foreign:?}"
    );
    assert!(
        house
            .who(&ben_token(&house).await)
            .await
            .account
            .passkeys
            .is_empty()
    );
}

async fn ben_token(house: &House) -> doorward_identity::tokens::SessionToken {
    let password = Password::new(PASSWORD);
    let came = house
        .identity
        .sign_in_with_password(&house.browser(), "ben", &password, Stay::No)
        .await;
    match came.unwrap() {
        AfterPassword::SignedIn(session) => session.token.clone(),
        AfterPassword::SecondFactor { .. } => panic!("ben has a password and nothing else"),
    }
}

#[tokio::test]
async fn verifier_result_not_ignored() {
    let house = House::new();
    let ana = house.ana().await;
    let browser = house.browser();
    for fault in [
        Fault::Challenge,
        Fault::Type,
        Fault::CrossOrigin,
        Fault::Signature,
        Fault::RpIdHash,
        Fault::UserAbsent,
        Fault::Unverified,
        Fault::BackupFlags,
        Fault::TrailingByte,
        Fault::UserHandle,
    ] {
        let (options, sealed) = house.identity.begin_passkey(&browser, For::Anyone).await.unwrap();
        let mut device = ana.device.clone();
        device.set_fault(Some(fault));
        let answer = get(&mut device, &options);
        let refused = house
            .identity
            .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
            .await;
        assert!(
            matches!(refused, Err(SignInError::NotAccepted(_))),
            "{fault:?}: {refused:?}"
        );
    }
    let (options, sealed) = house.identity.begin_passkey(&browser, For::Anyone).await.unwrap();
    let options = serde_json::to_value(&options).unwrap();
    let elsewhere = Agent::at("http://localhost:9999")
        .get(&mut ana.device.clone(), &options)
        .unwrap();
    let elsewhere = AuthenticationResponse::from_json(elsewhere.to_string().as_bytes()).unwrap();
    let refused = house
        .identity
        .sign_in_with_passkey(&browser, &sealed, &elsewhere, Stay::No)
        .await;
    assert!(
        matches!(refused, Err(SignInError::NotAccepted(_))),
        "another origin: {refused:?}"
    );
    // `id` and `rawId` that differ are no answer at all.
    let mut answer = Agent::at(ORIGIN).get(&mut ana.device.clone(), &options).unwrap();
    answer["id"] = "AAAA".into();
    assert!(AuthenticationResponse::from_json(answer.to_string().as_bytes()).is_err());
}
