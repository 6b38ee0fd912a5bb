//! Coming in, and being kept out.

use std::time::Duration;

use doorward_authenticator::{Device, Fault, Flags};
use doorward_identity::accounts::NewPerson;
use doorward_identity::factors::{Change, FactorError, Proposed};
use doorward_identity::passwords::Password;
use doorward_identity::policy::{Passwords, Policy};
use doorward_identity::records::account::Role;
use doorward_identity::sign_in::{AfterPassword, For, Method, SignInError, Stay};
use doorward_identity::tokens::HalfToken;

use crate::house::{House, PASSWORD, get};

async fn wrong_password(house: &House, name: &str) -> Result<AfterPassword, SignInError> {
    let browser = house.browser();
    house
        .identity
        .sign_in_with_password(&browser, name, &Password::new("not this one"), Stay::No)
        .await
}

/// Every key of the store with its revision.
async fn stored(house: &House) -> Vec<String> {
    let mut all = Vec::new();
    let mut snapshot = house.identity.store().snapshot().await.unwrap();
    while let Some(page) = snapshot.next_page().await.unwrap() {
        all.extend(
            page.iter()
                .map(|(key, found)| format!("{key:?} {:?}", found.revision)),
        );
    }
    all
}

#[tokio::test]
async fn a_passkey_alone_signs_in() {
    let house = House::new();
    let mut ana = house.ana().await;
    let browser = house.browser();
    let session = house.passkey(&mut ana.device, &browser).await.unwrap();
    assert_eq!(
        (session.used, session.account.user_name.as_str()),
        (Method::Passkey, "ana")
    );
    let who = house.who(&session.token).await;
    assert_eq!(who.account.id, session.account.id);
    house.identity.sign_out(&who).await.unwrap();
    assert!(house.identity.signed_in(&session.token).await.unwrap().is_none());
}

#[tokio::test]
async fn challenge_single_use_and_bound_to_browser() {
    let house = House::new();
    let mut ana = house.ana().await;
    let browser = house.browser();
    let (options, sealed) = house.identity.begin_passkey(&browser, For::Anyone).await.unwrap();
    let answer = get(&mut ana.device, &options);
    let elsewhere = house
        .identity
        .sign_in_with_passkey(&house.browser(), &sealed, &answer, Stay::No)
        .await;
    assert!(matches!(elsewhere, Err(SignInError::Expired)), "another browser");
    house
        .identity
        .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
        .await
        .unwrap();
    let again = house
        .identity
        .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
        .await;
    assert!(matches!(again, Err(SignInError::Expired)), "a second time");
    let (options, sealed) = house.identity.begin_passkey(&browser, For::Anyone).await.unwrap();
    let answer = get(&mut ana.device, &options);
    house.pass(Duration::from_secs(300));
    let late = house
        .identity
        .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
        .await;
    assert!(matches!(late, Err(SignInError::Expired)), "too late");
}

#[tokio::test]
async fn challenge_consumed_by_a_failed_finish() {
    let house = House::new();
    let mut ana = house.ana().await;
    let browser = house.browser();
    let (options, sealed) = house.identity.begin_passkey(&browser, For::Anyone).await.unwrap();
    ana.device.set_fault(Some(Fault::Signature));
    let bad = get(&mut ana.device, &options);
    ana.device.set_fault(None);
    let refused = house
        .identity
        .sign_in_with_passkey(&browser, &sealed, &bad, Stay::No)
        .await;
    assert!(matches!(refused, Err(SignInError::NotAccepted(_))));
    let good = get(&mut ana.device, &options);
    let again = house
        .identity
        .sign_in_with_passkey(&browser, &sealed, &good, Stay::No)
        .await;
    assert!(matches!(again, Err(SignInError::Expired)));
}

#[tokio::test]
async fn uv_not_downgraded() {
    let house = House::new();
    let ana = house.ana().await;
    let mut device = ana.device.with_flags(Flags {
        verified: false,
        backup_eligible: false,
        backed_up: false,
    });
    let refused = house.passkey(&mut device, &house.browser()).await;
    assert!(matches!(refused, Err(SignInError::NotAccepted(_))));
}

#[tokio::test]
async fn passkey_unknown_credential_same_answer() {
    let house = House::new();
    house.ana().await;
    let other = House::new();
    let mut stranger = other.ana().await;
    // The same seed makes the same key: another one is needed to be unknown here.
    stranger.device = Device::from_seed("a stranger's key");
    let browser = house.browser();
    let person = NewPerson::parse("ben", "", "").unwrap();
    let link = house.identity.add_person(&person, Role::Person).await.unwrap().1;
    let (options, _) = house
        .identity
        .begin_setup_passkey(&link, &person, &browser)
        .await
        .unwrap();
    crate::house::create(&mut stranger.device, &options); // made, and never brought back
    let (options, sealed) = house.identity.begin_passkey(&browser, For::Anyone).await.unwrap();
    let answer = get(&mut stranger.device, &options);
    let told = house
        .identity
        .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
        .await;
    assert!(
        matches!(told, Err(SignInError::UnknownPasskey { .. })),
        "without a name it is told"
    );
    for name in ["ana", "nobody at all"] {
        let (options, sealed) = house
            .identity
            .begin_passkey(&browser, For::Named(name))
            .await
            .unwrap();
        assert!(
            options.allow_credentials.is_empty(),
            "a browser that was never here learns no passkeys"
        );
        let answer = get(&mut stranger.device, &options);
        let told = house
            .identity
            .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
            .await;
        assert!(matches!(told, Err(SignInError::NotAccepted(_))), "{name}");
    }
}

#[tokio::test]
async fn a_known_browser_is_told_the_passkeys_of_its_person() {
    let house = House::new();
    let ana = house.ana().await;
    let browser = ana.browser.clone().known_by(ana.session.known_device.clone());
    let (options, _) = house
        .identity
        .begin_passkey(&browser, For::Named("ana"))
        .await
        .unwrap();
    assert_eq!(options.allow_credentials.len(), 1);
    let copied = house.browser().known_by(ana.session.known_device.clone());
    let (options, _) = house
        .identity
        .begin_passkey(&copied, For::Named("ana"))
        .await
        .unwrap();
    assert!(
        options.allow_credentials.is_empty(),
        "the value is of one browser"
    );
}

#[tokio::test]
async fn login_unknown_user_same_answer() {
    let house = House::new();
    house.ana().await;
    house.ben().await;
    for name in ["ana", "ben", "nobody", "no@example.org", "", "a\u{202e}b"] {
        assert!(
            matches!(wrong_password(&house, name).await, Err(SignInError::Wrong)),
            "{name:?}"
        );
    }
    for name in ["nobody", "somebody else"] {
        let first = house.identity.identify(name).await.unwrap();
        assert_eq!(
            house.identity.identify(&name.to_uppercase()).await.unwrap(),
            first,
            "steady"
        );
    }
}

#[tokio::test]
async fn throttle_per_account_and_rate_limit_not_an_oracle() {
    let house = House::new();
    house.ben().await;
    for name in ["ben", "nobody"] {
        for _ in 0..5 {
            assert!(matches!(
                wrong_password(&house, name).await,
                Err(SignInError::Wrong)
            ));
        }
        let SignInError::SlowDown { until } = wrong_password(&house, name).await.unwrap_err() else {
            panic!("the sixth try of {name} waits")
        };
        assert_eq!(until, house.now().plus(Duration::from_secs(1)));
    }
    let right = house
        .identity
        .sign_in_with_password(&house.browser(), "BEN", &Password::new(PASSWORD), Stay::No)
        .await;
    assert!(
        matches!(right, Err(SignInError::SlowDown { .. })),
        "a right password looks the same"
    );
    house.pass(Duration::from_secs(1));
    let right = house
        .identity
        .sign_in_with_password(&house.browser(), "ben", &Password::new(PASSWORD), Stay::No)
        .await;
    assert!(matches!(right, Ok(AfterPassword::SignedIn(_))));
    assert!(
        matches!(wrong_password(&house, "ben").await, Err(SignInError::Wrong)),
        "the row is over"
    );
}

#[tokio::test]
async fn lock_cannot_hurt_owner() {
    let house = House::new();
    let (mut ana, app, _) = house.ana_with_all().await;
    let known = ana.session.token.clone();
    let who = house.who(&known).await;
    let entered = house.passkey(&mut ana.device, &ana.browser).await.unwrap();
    let owner = ana.browser.clone().known_by(entered.known_device);
    for _ in 0..120 {
        drop(wrong_password(&house, "ana").await);
        house.pass(Duration::from_secs(901));
    }
    assert!(matches!(
        wrong_password(&house, "ana").await,
        Err(SignInError::Stopped)
    ));
    let half = house.half("ana", &owner).await;
    house
        .identity
        .sign_in_with_totp(&owner, &half, &house.code(&app))
        .await
        .unwrap();
    assert!(
        matches!(wrong_password(&house, "ana").await, Err(SignInError::Wrong)),
        "a whole sign-in in a known browser opens the door"
    );
    for _ in 0..120 {
        drop(wrong_password(&house, "ana").await);
        house.pass(Duration::from_secs(901));
    }
    house.passkey(&mut ana.device, &house.browser()).await.unwrap();
    assert!(
        matches!(wrong_password(&house, "ana").await, Err(SignInError::Wrong)),
        "a passkey opens the door"
    );
    drop(who);
}

// Counted before anything is looked at: with `reserve_address` taken out the right password still comes through.
#[tokio::test]
async fn a_flood_from_one_address_stops_passwords_there_and_nobody_who_is_known() {
    let house = House::new();
    let (mut ana, app, _) = house.ana_with_all().await;
    let entered = house.passkey(&mut ana.device, &ana.browser).await.unwrap();
    let owner = ana.browser.clone().known_by(entered.known_device).at("192.0.2.1");
    let guess = async |name: &str, address: &str| {
        let browser = house.browser().at(address);
        let wrong = Password::new("not the password of anybody");
        house
            .identity
            .sign_in_with_password(&browser, name, &wrong, Stay::No)
            .await
    };
    for n in 0..30 {
        let name = if n == 0 {
            "ana".to_owned()
        } else {
            format!("nobody{n}")
        };
        assert!(
            matches!(guess(&name, "192.0.2.1").await, Err(SignInError::Wrong)),
            "{n}"
        );
    }
    for name in ["ana", "nobody1", "nobody99"] {
        assert!(
            matches!(guess(name, "192.0.2.1").await, Err(SignInError::SlowDown { .. })),
            "{name}: the address is full, whoever is asked for"
        );
    }
    assert!(
        matches!(guess("ana", "192.0.2.2").await, Err(SignInError::Wrong)),
        "another address"
    );
    let half = house.half("ana", &owner).await;
    house
        .identity
        .sign_in_with_totp(&owner, &half, &house.code(&app))
        .await
        .expect("a browser that is known has a counter of its own");
    house
        .passkey(&mut ana.device, &house.browser().at("192.0.2.1"))
        .await
        .expect("passkeys are not counted");
    house.pass(Duration::from_secs(601));
    assert!(
        matches!(guess("ana", "192.0.2.1").await, Err(SignInError::Wrong)),
        "ten minutes later"
    );
}

// A commit before the hash for known names only would tell which ones are known.
#[tokio::test]
async fn login_unknown_user_same_work() {
    let house = House::new();
    drop(house.ana_with_all().await);
    let commits = async |name: &str| {
        let before = stored(&house).await;
        drop(wrong_password(&house, name).await);
        let after = stored(&house).await;
        after.iter().filter(|entry| !before.contains(entry)).count()
    };
    assert_eq!(commits("ana").await, 1, "the try is counted before the hash");
    assert_eq!(
        commits("nobody").await,
        1,
        "and so is one at a name that nobody has"
    );
    let first = stored(&house).await.len();
    for n in 0..100 {
        drop(wrong_password(&house, &format!("nobody{n}")).await);
    }
    assert!(stored(&house).await.len() <= first + 100);
}

#[tokio::test]
async fn password_and_totp() {
    let house = House::new();
    let (_, app, _) = house.ana_with_all().await;
    let browser = house.browser();
    let half = house.half("ana@example.org", &browser).await;
    let methods = house.identity.second_factors(&browser, &half).await.unwrap().1;
    assert_eq!(
        methods,
        [Method::Totp, Method::Passkey, Method::RecoveryCode],
        "who typed a password is asked for the code next"
    );
    let code = house.code(&app);
    let elsewhere = house
        .identity
        .sign_in_with_totp(&house.browser(), &half, &code)
        .await;
    assert!(
        matches!(elsewhere, Err(SignInError::Expired)),
        "the handle is of one browser"
    );
    let wrong = house.identity.sign_in_with_totp(&browser, &half, "000000").await;
    assert!(matches!(wrong, Err(SignInError::CodeWrong)));
    let session = house
        .identity
        .sign_in_with_totp(&browser, &half, &code)
        .await
        .unwrap();
    assert_eq!(session.used, Method::Totp);
    let again = house.identity.sign_in_with_totp(&browser, &half, &code).await;
    assert!(
        matches!(again, Err(SignInError::Expired)),
        "the half sign-in is over"
    );
}

#[tokio::test]
async fn totp_step_consumed() {
    let house = House::new();
    let (_, app, _) = house.ana_with_all().await;
    let browser = house.browser();
    let earlier = house.code(&app);
    house.pass(Duration::from_secs(30));
    let (code, half) = (house.code(&app), house.half("ana", &browser).await);
    house
        .identity
        .sign_in_with_totp(&browser, &half, &code)
        .await
        .unwrap();
    for used in [code, earlier] {
        let half = house.half("ana", &browser).await;
        let refused = house.identity.sign_in_with_totp(&browser, &half, &used).await;
        assert!(matches!(refused, Err(SignInError::CodeUsed)), "{refused:?}");
    }
}

#[tokio::test]
async fn totp_empty_and_odd_input_is_wrong_and_counted() {
    let house = House::new();
    house.ana_with_all().await;
    let browser = house.browser();
    let half = house.half("ana", &browser).await;
    for odd in ["", "12345", "+12345", "１２３４５６", "1\u{0}2345"] {
        let refused = house.identity.sign_in_with_totp(&browser, &half, odd).await;
        assert!(
            matches!(refused, Err(SignInError::CodeWrong)),
            "{odd:?}: {refused:?}"
        );
    }
    let sixth = house.identity.sign_in_with_totp(&browser, &half, "123456").await;
    assert!(matches!(sixth, Err(SignInError::Expired)), "five tries a sign-in");
}

#[tokio::test]
async fn totp_brute_force_across_windows() {
    let house = House::new();
    house.ana_with_all().await;
    let browser = house.browser();
    let mut refused = None;
    for _ in 0..4 {
        let half = house.half("ana", &browser).await;
        for _ in 0..5 {
            refused = Some(
                house
                    .identity
                    .sign_in_with_totp(&browser, &half, "000000")
                    .await
                    .unwrap_err(),
            );
        }
    }
    assert!(
        matches!(refused, Some(SignInError::SlowDown { .. })),
        "a new first step resets nothing"
    );
}

#[tokio::test]
async fn recovery_code_once_and_after_the_password_only() {
    let house = House::new();
    let (_, _, codes) = house.ana_with_all().await;
    let browser = house.browser();
    let stranger = HalfToken::parse(&"A".repeat(43)).unwrap();
    let first = house
        .identity
        .sign_in_with_recovery_code(&browser, &stranger, &codes[0])
        .await;
    assert!(
        matches!(first, Err(SignInError::Expired)),
        "without a password it is not even looked at"
    );
    let half = house.half("ana", &browser).await;
    let typed = codes[0].to_lowercase().replace('-', " ");
    let session = house
        .identity
        .sign_in_with_recovery_code(&browser, &half, &typed)
        .await
        .unwrap();
    assert_eq!(
        (session.used, session.recovery_codes_left),
        (Method::RecoveryCode, Some(9))
    );
    let half = house.half("ana", &browser).await;
    let again = house
        .identity
        .sign_in_with_recovery_code(&browser, &half, &codes[0])
        .await;
    assert!(matches!(again, Err(SignInError::CodeUsed)));
    let wrong = house
        .identity
        .sign_in_with_recovery_code(&browser, &half, "AAAA-AAAA-AAAA-AAAA")
        .await;
    assert!(matches!(wrong, Err(SignInError::CodeWrong)));
}

#[tokio::test]
async fn a_passkey_can_be_the_second_factor() {
    let house = House::new();
    let (mut ana, ..) = house.ana_with_all().await;
    let browser = house.browser();
    let half = house.half("ana", &browser).await;
    let (options, sealed) = house
        .identity
        .begin_passkey(&browser, For::SecondFactor(&half))
        .await
        .unwrap();
    assert_eq!(
        options.allow_credentials.len(),
        1,
        "after a first proof the list may be told"
    );
    let answer = get(&mut ana.device, &options);
    let session = house
        .identity
        .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
        .await
        .unwrap();
    assert_eq!(session.session.proofs.len(), 2);
    assert!(
        house.identity.second_factors(&browser, &half).await.is_err(),
        "the half sign-in is over"
    );
}

#[tokio::test]
async fn a_policy_without_passwords_takes_none_and_says_nothing() {
    let house = House::with(&Policy {
        passwords: Passwords::Off,
        ..Policy::default()
    });
    house.ana().await;
    assert!(matches!(
        wrong_password(&house, "ana").await,
        Err(SignInError::Wrong)
    ));
    assert_eq!(
        house.identity.identify("ana").await.unwrap().method,
        Method::Passkey
    );
    assert_eq!(
        house.identity.identify("nobody").await.unwrap().method,
        Method::Passkey
    );
}

#[tokio::test]
async fn session_idle_and_absolute() {
    let house = House::new();
    let mut ana = house.ana().await;
    let session = house.passkey(&mut ana.device, &ana.browser).await.unwrap();
    for _ in 0..20 {
        house.pass(Duration::from_secs(7 * 3600));
        assert!(
            house.identity.signed_in(&session.token).await.unwrap().is_some(),
            "used in time"
        );
    }
    house.pass(Duration::from_secs(8 * 3600));
    assert!(
        house.identity.signed_in(&session.token).await.unwrap().is_none(),
        "unused for eight hours"
    );
    let session = house.passkey(&mut ana.device, &ana.browser).await.unwrap();
    for _ in 0..23 {
        house.pass(Duration::from_secs(7 * 3600));
        house.identity.signed_in(&session.token).await.unwrap();
    }
    house.pass(Duration::from_secs(7 * 3600));
    assert!(
        house.identity.signed_in(&session.token).await.unwrap().is_none(),
        "seven days at the most"
    );
}

#[tokio::test]
async fn session_listing_and_kill() {
    let house = House::new();
    let mut ana = house.ana().await;
    let ben = house.ben().await;
    let second = house.passkey(&mut ana.device, &house.browser()).await.unwrap();
    let who = house.who(&ana.session.token).await;
    let sessions = house.identity.sessions_of(&who).await.unwrap();
    assert_eq!(sessions.len(), 2);
    assert!(sessions[0].current && !sessions[1].current);
    let others = Change::EndSession(ben.session.token.id());
    let refused = house.identity.propose(&who, others).await;
    assert!(
        matches!(refused, Err(FactorError::NotThere)),
        "another's session: {refused:?}"
    );
    house.pass(Duration::from_secs(301));
    let own = Change::EndSession(second.token.id());
    let Proposed::Verify(id) = house.identity.propose(&who, own).await.unwrap() else {
        panic!("without a fresh proof it is asked for")
    };
    house.confirm(&mut ana, id).await;
    assert!(house.identity.signed_in(&second.token).await.unwrap().is_none());
    assert!(
        house
            .identity
            .signed_in(&ben.session.token)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn the_oldest_of_more_than_fifty_sessions_gives_way() {
    let house = House::new();
    let mut ana = house.ana().await;
    for _ in 0..50 {
        house.passkey(&mut ana.device, &ana.browser).await.unwrap();
    }
    assert!(
        house
            .identity
            .signed_in(&ana.session.token)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn preferred_method_is_only_a_prompt() {
    let house = House::new();
    let (mut ana, ..) = house.ana_with_all().await;
    assert_eq!(
        house.identity.identify("ana").await.unwrap().method,
        Method::Passkey
    );
    house.change(&mut ana, Change::SetPreferred(Method::Totp)).await;
    assert_eq!(
        house.identity.identify("ana").await.unwrap().method,
        Method::Password
    );
    house.change(&mut ana, Change::DisableTotp).await;
    assert_eq!(
        house.identity.identify("ana").await.unwrap().method,
        Method::Passkey,
        "its method is gone"
    );
}

#[tokio::test]
async fn what_happened_is_told_newest_first() {
    let house = House::new();
    let mut ana = house.ana().await;
    house.pass(Duration::from_secs(1));
    let session = house.passkey(&mut ana.device, &ana.browser).await.unwrap();
    let who = house.who(&session.token).await;
    let words: Vec<_> = house.identity.activity_of(&who, None).await.unwrap().records;
    let words: Vec<_> = words.iter().map(|event| event.what.word()).collect();
    assert_eq!(words.len(), 3);
    assert_eq!(words[0], "sign_in.done");
    assert!(
        words[1..].contains(&"instance.set_up") && words[1..].contains(&"sign_in.done"),
        "{words:?}"
    );
}
