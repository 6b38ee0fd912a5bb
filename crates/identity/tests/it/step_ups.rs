//! What a proof is worth for a change: the strongest factor, fresh, of this account, in this session.

use std::time::Duration;

use doorward_authenticator::Device;
use doorward_identity::audit::What;
use doorward_identity::factors::{Change, FactorError, Proposed, Way};
use doorward_identity::ids::ChangeId;
use doorward_identity::passwords::Password;
use doorward_identity::policy::{Fallback, Passwords, Policy};
use doorward_identity::sign_in::Method;
use doorward_identity::{Identity, SignedIn};
use doorward_oidc::{Acr, Amr};
use doorward_totp::{Secret, Totp};

use crate::house::{House, PASSWORD, create, get};

async fn asked(identity: &Identity, who: &SignedIn, change: Change) -> ChangeId {
    match identity.propose(who, change).await.unwrap() {
        Proposed::Verify(id) => id,
        Proposed::Applied(applied) => panic!("{:?} without a fresh proof", applied.notice),
    }
}

async fn adding(house: &House, who: &SignedIn, seed: &str) -> ChangeId {
    let (options, sealed) = house.identity.begin_add_passkey(who, "Key").await.unwrap();
    let answer = create(&mut Device::from_seed(seed), &options);
    match house
        .identity
        .finish_add_passkey(who, &sealed, &answer)
        .await
        .unwrap()
    {
        Proposed::Verify(id) => id,
        Proposed::Applied(_) => panic!("adding a passkey always asks"),
    }
}

#[tokio::test]
async fn factor_change_needs_step_up() {
    let house = House::new();
    let (ana, ..) = house.ana_with_all().await;
    let who = house.who(&ana.session.token).await;
    let passkey = house.identity.passkeys_of(&who).await.unwrap().remove(0).id;
    house.pass(Duration::from_secs(301));
    for change in [
        Change::MakePrimary(passkey),
        Change::RemovePasskey(passkey),
        Change::DisableTotp,
        Change::NewRecoveryCodes,
        Change::SetPassword(Password::new("eleven hills and a valley")),
        Change::RemovePassword,
        Change::SetPreferred(Method::Totp),
        Change::EndOtherSessions,
    ] {
        let id = asked(&house.identity, &who, change).await;
        assert!(
            house
                .identity
                .proposal(&who, id)
                .await
                .unwrap()
                .unwrap()
                .ways
                .contains(&Way::Passkey)
        );
    }
    adding(&house, &who, "another").await;
}

#[tokio::test]
async fn step_up_freshness() {
    let house = House::new();
    let (mut ana, ..) = house.ana_with_all().await;
    house.pass(Duration::from_secs(301));
    let who = house.who(&ana.session.token).await;
    let id = asked(&house.identity, &who, Change::NewRecoveryCodes).await;
    house.confirm(&mut ana, id).await;
    house.pass(Duration::from_secs(299));
    let who = house.who(&ana.session.token).await;
    let at_once = house
        .identity
        .propose(&who, Change::SetPreferred(Method::Totp))
        .await
        .unwrap();
    let Proposed::Applied(applied) = at_once else {
        panic!("a proof of 299 seconds suffices")
    };
    house.pass(Duration::from_secs(2));
    let who = house.who(&applied.token).await;
    asked(&house.identity, &who, Change::SetPreferred(Method::Passkey)).await;
    // A fresh proof in another session is nothing here.
    house.passkey(&mut ana.device, &house.browser()).await.unwrap();
    asked(&house.identity, &who, Change::SetPreferred(Method::Passkey)).await;
}

#[tokio::test]
async fn an_answer_serves_one_change_once() {
    let house = House::new();
    let (mut ana, ..) = house.ana_with_all().await;
    house.pass(Duration::from_secs(301));
    let who = house.who(&ana.session.token).await;
    let one = asked(&house.identity, &who, Change::NewRecoveryCodes).await;
    let other = asked(&house.identity, &who, Change::DisableTotp).await;
    let (options, sealed) = house.identity.begin_verify(&who, one).await.unwrap();
    let answer = get(&mut ana.device, &options);
    let swapped = house
        .identity
        .verify_with_passkey(&who, other, &sealed, &answer)
        .await;
    assert!(
        matches!(swapped, Err(FactorError::Expired)),
        "the answer is for another change"
    );
    house
        .identity
        .verify_with_passkey(&who, one, &sealed, &answer)
        .await
        .unwrap();
    let again = house
        .identity
        .verify_with_passkey(&who, one, &sealed, &answer)
        .await;
    assert!(matches!(again, Err(FactorError::Expired)));
    // The change of before the generation rose is gone too.
    assert!(house.identity.proposal(&who, other).await.unwrap().is_none());
}

#[tokio::test]
async fn step_up_same_account() {
    let house = House::new();
    let (ana, ..) = house.ana_with_all().await;
    let mut ben = house.ben().await;
    let who = house.who(&ben.session.token).await;
    let id = adding(&house, &who, "ben's telephone").await;
    let (options, _) = house.identity.begin_add_passkey(&who, "x").await.unwrap();
    create(&mut ben.device, &options);
    house.confirm_first(&ben, id).await;
    house.pass(Duration::from_secs(301));
    let who = house.who(&ana.session.token).await;
    let id = asked(&house.identity, &who, Change::NewRecoveryCodes).await;
    let (mut options, sealed) = house.identity.begin_verify(&who, id).await.unwrap();
    options.allow_credentials.clear(); // a browser that shows every passkey that it has
    let answer = get(&mut ben.device, &options);
    let refused = house
        .identity
        .verify_with_passkey(&who, id, &sealed, &answer)
        .await;
    assert!(matches!(refused, Err(FactorError::NotAccepted(_))), "{refused:?}");
}

#[tokio::test]
async fn a_change_belongs_to_its_session() {
    let house = House::new();
    let (mut ana, ..) = house.ana_with_all().await;
    house.pass(Duration::from_secs(301));
    let who = house.who(&ana.session.token).await;
    let id = asked(&house.identity, &who, Change::NewRecoveryCodes).await;
    let other = house.passkey(&mut ana.device, &house.browser()).await.unwrap();
    let there = house.who(&other.token).await;
    assert!(house.identity.proposal(&there, id).await.unwrap().is_none());
    assert!(house.identity.begin_verify(&there, id).await.is_err());
    house.pass(Duration::from_secs(300));
    assert!(
        house.identity.proposal(&who, id).await.unwrap().is_none(),
        "five minutes"
    );
}

#[tokio::test]
async fn step_up_by_strongest() {
    let house = House::new();
    let (_, app, _) = house.ana_with_all().await;
    let browser = house.browser();
    let half = house.half("ana", &browser).await;
    let session = house
        .identity
        .sign_in_with_totp(&browser, &half, &house.code(&app))
        .await
        .unwrap();
    let who = house.who(&session.token).await;
    let id = asked(&house.identity, &who, Change::DisableTotp).await;
    let ways = house.identity.proposal(&who, id).await.unwrap().unwrap().ways;
    assert_eq!(ways, [Way::Passkey], "a weaker proof takes nothing away");
    house.pass(Duration::from_secs(60));
    let password = Password::new(PASSWORD);
    let weaker = house
        .identity
        .verify_with_password(&who, id, &password, Some(&house.code(&app)))
        .await;
    assert!(matches!(weaker, Err(FactorError::StrongerProofNeeded)));
    let id = adding(&house, &who, "a new laptop").await;
    let ways = house.identity.proposal(&who, id).await.unwrap().unwrap().ways;
    assert_eq!(ways, [Way::Passkey, Way::PasswordAndCode], "but it may add");
    house.pass(Duration::from_secs(60));
    let alone = house
        .identity
        .verify_with_password(&who, id, &password, None)
        .await;
    assert!(
        matches!(alone, Err(FactorError::StrongerProofNeeded)),
        "the password alone opens nothing"
    );
    let added = house
        .identity
        .verify_with_password(&who, id, &password, Some(&house.code(&app)))
        .await;
    assert!(matches!(added, Ok(Proposed::Applied(_))), "{added:?}");
}

#[tokio::test]
async fn a_passkey_added_on_a_weaker_proof_takes_nothing_away_for_a_day() {
    let house = House::new();
    let (_, app, _) = house.ana_with_all().await;
    let browser = house.browser();
    let half = house.half("ana", &browser).await;
    let session = house
        .identity
        .sign_in_with_totp(&browser, &half, &house.code(&app))
        .await
        .unwrap();
    house.pass(Duration::from_secs(60));
    let who = house.who(&session.token).await;
    let mut thief = Device::from_seed("a thief's laptop");
    let (options, sealed) = house.identity.begin_add_passkey(&who, "Key").await.unwrap();
    let answer = create(&mut thief, &options);
    let added = house
        .identity
        .finish_add_passkey(&who, &sealed, &answer)
        .await
        .unwrap();
    let Proposed::Verify(id) = added else {
        panic!("it asks")
    };
    let (password, code) = (Password::new(PASSWORD), house.code(&app));
    house
        .identity
        .verify_with_password(&who, id, &password, Some(&code))
        .await
        .unwrap();

    let session = house.passkey(&mut thief, &browser).await.unwrap();
    let who = house.who(&session.token).await;
    let id = asked(&house.identity, &who, Change::DisableTotp).await;
    let (options, sealed) = house.identity.begin_verify(&who, id).await.unwrap();
    let answer = get(&mut thief, &options);
    let refused = house
        .identity
        .verify_with_passkey(&who, id, &sealed, &answer)
        .await;
    assert!(
        matches!(refused, Err(FactorError::StrongerProofNeeded)),
        "{refused:?}"
    );
    house.pass(Duration::from_secs(24 * 3600));
    let session = house.passkey(&mut thief, &browser).await.unwrap();
    let who = house.who(&session.token).await;
    let taken = house.identity.propose(&who, Change::DisableTotp).await.unwrap();
    assert!(
        matches!(taken, Proposed::Applied(_)),
        "a day without `This wasn't me`"
    );
}

#[tokio::test]
async fn the_policy_may_let_a_weaker_proof_do_nothing_or_all() {
    for (fallback, adds, takes) in [(Fallback::None, false, false), (Fallback::All, true, true)] {
        let house = House::with(&Policy {
            step_up_fallback: fallback,
            ..Policy::default()
        });
        let (_, app, _) = house.ana_with_all().await;
        let browser = house.browser();
        let half = house.half("ana", &browser).await;
        let session = house
            .identity
            .sign_in_with_totp(&browser, &half, &house.code(&app))
            .await
            .unwrap();
        house.pass(Duration::from_secs(60));
        let who = house.who(&session.token).await;
        let (id, password) = (
            adding(&house, &who, "a new laptop").await,
            Password::new(PASSWORD),
        );
        let added = house
            .identity
            .verify_with_password(&who, id, &password, Some(&house.code(&app)))
            .await;
        assert_eq!(added.is_ok(), adds, "{fallback:?}");
        let token = match added {
            Ok(Proposed::Applied(applied)) => applied.token.clone(),
            _ => session.token.clone(),
        };
        house.pass(Duration::from_secs(301));
        let who = house.who(&token).await;
        let id = asked(&house.identity, &who, Change::DisableTotp).await;
        let taken = house
            .identity
            .verify_with_password(&who, id, &password, Some(&house.code(&app)))
            .await;
        assert_eq!(taken.is_ok(), takes, "{fallback:?}");
    }
}

#[tokio::test]
async fn recovery_code_not_a_factor_change_right() {
    let house = House::new();
    let (_, _, codes) = house.ana_with_all().await;
    let browser = house.browser();
    let half = house.half("ana", &browser).await;
    let session = house
        .identity
        .sign_in_with_recovery_code(&browser, &half, &codes[0])
        .await
        .unwrap();
    let password = Password::new(PASSWORD);
    let who = house.who(&session.token).await;
    let taking = asked(&house.identity, &who, Change::DisableTotp).await;
    let refused = house
        .identity
        .verify_with_password(&who, taking, &password, None)
        .await;
    assert!(
        matches!(refused, Err(FactorError::StrongerProofNeeded)),
        "it takes nothing away"
    );
    let id = adding(&house, &who, "a new laptop").await;
    let ways = house.identity.proposal(&who, id).await.unwrap().unwrap().ways;
    assert!(ways.contains(&Way::PasswordAfterRecovery), "{ways:?}");
    let added = house
        .identity
        .verify_with_password(&who, id, &password, None)
        .await
        .unwrap();
    let Proposed::Applied(applied) = added else {
        panic!("one factor may be added")
    };
    let who = house.who(&applied.token).await;
    let id = adding(&house, &who, "a second laptop").await;
    let second = house
        .identity
        .verify_with_password(&who, id, &password, None)
        .await;
    assert!(
        matches!(second, Err(FactorError::StrongerProofNeeded)),
        "and no second one"
    );
}

#[tokio::test]
async fn throttle_every_door_of_a_step_up() {
    let house = House::new();
    let ben = house.ben().await;
    house.pass(Duration::from_secs(301));
    let who = house.who(&ben.session.token).await;
    let mut last = None;
    for _ in 0..3 {
        let id = asked(&house.identity, &who, Change::EndOtherSessions).await;
        for _ in 0..3 {
            last = house
                .identity
                .verify_with_password(&who, id, &Password::new("wrong"), None)
                .await
                .err();
        }
    }
    assert!(matches!(last, Some(FactorError::SlowDown { .. })), "{last:?}");
}

#[tokio::test]
async fn a_first_passkey_on_a_recovery_code_makes_no_session_of_two_factors() {
    let house = House::new();
    let ben = house.ben().await;
    let password = Password::new(PASSWORD);
    let who = house.who(&ben.session.token).await;
    let shown = house.identity.begin_totp(&who).await.unwrap();
    let app = Totp::new(Secret::parse(&shown.groups).unwrap());
    let Proposed::Verify(id) = house.identity.check_totp(&who, &house.code(&app)).await.unwrap() else {
        panic!("turning TOTP on always asks")
    };
    let Proposed::Applied(applied) = house
        .identity
        .verify_with_password(&who, id, &password, None)
        .await
        .unwrap()
    else {
        panic!("the password is the strongest")
    };
    house.pass(Duration::from_secs(301));
    let who = house.who(&applied.token).await;
    let id = asked(&house.identity, &who, Change::NewRecoveryCodes).await;
    let Proposed::Applied(applied) = house
        .identity
        .verify_with_password(&who, id, &password, Some(&house.code(&app)))
        .await
        .unwrap()
    else {
        panic!("both were proved")
    };
    let codes = applied.recovery_codes.unwrap();
    let browser = house.browser();
    let half = house.half("ben", &browser).await;
    let session = house
        .identity
        .sign_in_with_recovery_code(&browser, &half, &codes[0])
        .await
        .unwrap();
    let who = house.who(&session.token).await;
    let mut laptop = Device::from_seed("ben's new laptop");
    let (options, sealed) = house.identity.begin_add_passkey(&who, "Laptop").await.unwrap();
    let answer = create(&mut laptop, &options);
    let Proposed::Verify(id) = house
        .identity
        .finish_add_passkey(&who, &sealed, &answer)
        .await
        .unwrap()
    else {
        panic!("adding a passkey always asks")
    };
    let (options, sealed) = house.identity.begin_verify(&who, id).await.unwrap();
    let answer = get(&mut laptop, &options);
    let Proposed::Applied(applied) = house
        .identity
        .verify_with_passkey(&who, id, &sealed, &answer)
        .await
        .unwrap()
    else {
        panic!("one factor may be added")
    };
    let who = house.who(&applied.token).await;
    assert_eq!(who.session.acr(), Acr::OneFactor);
    assert!(!who.session.amr().contains(&Amr::MultiFactor));
    asked(&house.identity, &who, Change::DisableTotp).await;
}

#[tokio::test]
async fn a_change_is_told_as_coming_from_the_browser_that_asked() {
    let house = House::new();
    let ana = house.ana().await;
    let who = house.who(&ana.session.token).await;
    let elsewhere = house.browser().at("198.51.100.9");
    let who = who.from_browser(elsewhere);
    let id = house.identity.passkeys_of(&who).await.unwrap().remove(0).id;
    house.identity.rename_passkey(&who, id, "Desk").await.unwrap();
    let events = house.identity.activity_of(&who, None).await.unwrap();
    let renamed = events
        .records
        .iter()
        .find(|event| matches!(event.what, What::PasskeyRenamed { .. }))
        .unwrap();
    assert_eq!(renamed.address.as_deref(), Some("198.51.100.9"));
}

#[tokio::test]
async fn where_no_password_is_taken_none_confirms_a_change_and_no_app_is_set_up() {
    let house = House::with(&Policy {
        passwords: Passwords::Off,
        ..Policy::default()
    });
    let mut ana = house.ana().await;
    let who = house.who(&ana.session.token).await;
    assert!(matches!(
        house.identity.begin_totp(&who).await,
        Err(FactorError::NotThere)
    ));
    for change in [
        Change::NewRecoveryCodes,
        Change::SetPassword(Password::new(PASSWORD)),
    ] {
        assert!(matches!(
            house.identity.propose(&who, change).await,
            Err(FactorError::NotThere)
        ));
    }
    let id = adding(&house, &who, "another").await;
    let proposal = house
        .identity
        .proposal(&who, id)
        .await
        .unwrap()
        .expect("it waits");
    assert_eq!(proposal.ways, [Way::Passkey]);
    assert!(matches!(
        house
            .identity
            .verify_with_password(&who, id, &Password::new(PASSWORD), Some("000000"))
            .await,
        Err(FactorError::StrongerProofNeeded)
    ));
    house.confirm(&mut ana, id).await;
}
