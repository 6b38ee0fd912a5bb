//! Passkeys, authenticator app, recovery codes, password: added, changed, taken away.

use std::time::Duration;

use doorward_authenticator::Device;
use doorward_identity::factors::{Change, FactorError, Notice, Proposed, Way};
use doorward_identity::passwords::{Password, PasswordRefused};
use doorward_identity::sign_in::{Method, SignInError};
use doorward_totp::{Secret, Totp};

use crate::house::{House, PASSWORD, create, get};

#[tokio::test]
async fn several_named_passkeys_one_primary() {
    let house = House::new();
    let mut ana = house.ana().await;
    let who = house.who(&ana.session.token).await;
    let mut key = Device::from_seed("ana's key");
    let (options, sealed) = house
        .identity
        .begin_add_passkey(&who, " My Laptop ")
        .await
        .unwrap();
    assert_eq!(options.exclude_credentials.len(), 1);
    let answer = create(&mut key, &options);
    let Proposed::Verify(id) = house
        .identity
        .finish_add_passkey(&who, &sealed, &answer)
        .await
        .unwrap()
    else {
        panic!("adding a passkey always asks")
    };
    assert_eq!(
        house.identity.passkeys_of(&who).await.unwrap().len(),
        1,
        "pending is not there yet"
    );
    let proposal = house
        .identity
        .proposal(&who, id)
        .await
        .unwrap()
        .expect("it waits");
    assert_eq!(
        proposal.ways,
        [Way::Passkey],
        "an accepted one is asked, not the new one"
    );
    let applied = house.confirm(&mut ana, id).await;
    assert_eq!(
        applied.notice,
        Notice::PasskeyAdded {
            name: "My Laptop".to_owned()
        }
    );
    assert!(
        house
            .identity
            .signed_in(&who_token(&ana))
            .await
            .unwrap()
            .is_some()
    );

    let who = house.who(&ana.session.token).await;
    let passkeys = house.identity.passkeys_of(&who).await.unwrap();
    assert_eq!(passkeys.iter().filter(|passkey| passkey.primary).count(), 1);
    let laptop = passkeys
        .iter()
        .find(|passkey| passkey.name == "My Laptop")
        .unwrap();
    assert!(!laptop.primary && laptop.last_used_at.is_none());
    house.change(&mut ana, Change::MakePrimary(laptop.id)).await;
    let who = house.who(&ana.session.token).await;
    let first = house.identity.passkeys_of(&who).await.unwrap().remove(0);
    assert!(
        first.primary && first.id == laptop.id,
        "the Primary is listed first"
    );

    let notice = house
        .identity
        .rename_passkey(&who, first.id, "A browser")
        .await
        .unwrap();
    assert_eq!(
        notice,
        Notice::PasskeyRenamed {
            name: "A browser 2".to_owned()
        }
    );
    let nameless = house.identity.rename_passkey(&who, first.id, " ").await;
    assert!(matches!(nameless, Err(FactorError::Name(_))));

    let applied = house.change(&mut ana, Change::RemovePasskey(first.id)).await;
    assert_eq!(
        applied.notice,
        Notice::PasskeyRemoved {
            name: "A browser 2".to_owned()
        }
    );
    let who = house.who(&ana.session.token).await;
    let left = house.identity.passkeys_of(&who).await.unwrap();
    assert!(left.len() == 1 && left[0].primary, "the other one follows");
    let gone = house.passkey(&mut key, &house.browser()).await;
    assert!(matches!(gone, Err(SignInError::UnknownPasskey { .. })));
}

fn who_token(person: &crate::house::Person) -> doorward_identity::tokens::SessionToken {
    person.session.token.clone()
}

#[tokio::test]
async fn last_factor_cannot_be_removed() {
    let house = House::new();
    let mut ana = house.ana().await;
    let who = house.who(&ana.session.token).await;
    let only = house.identity.passkeys_of(&who).await.unwrap().remove(0).id;
    let refused = house.identity.propose(&who, Change::RemovePasskey(only)).await;
    assert!(matches!(refused, Err(FactorError::LastWayIn)));
    house
        .change(&mut ana, Change::SetPassword(Password::new("8 chars!")))
        .await;
    let who = house.who(&ana.session.token).await;
    let refused = house.identity.propose(&who, Change::RemovePasskey(only)).await;
    assert!(matches!(refused, Err(FactorError::LongerPasswordFirst)));
    house
        .change(&mut ana, Change::SetPassword(Password::new(PASSWORD)))
        .await;
    house.change(&mut ana, Change::RemovePasskey(only)).await;
    let who = house.who(&ana.session.token).await;
    let refused = house.identity.propose(&who, Change::RemovePassword).await;
    assert!(matches!(refused, Err(FactorError::LastWayIn)));
}

#[tokio::test]
async fn a_cancelled_passkey_is_told_as_an_orphan_and_never_stored() {
    let house = House::new();
    let ana = house.ana().await;
    let who = house.who(&ana.session.token).await;
    let mut key = Device::from_seed("ana's key");
    let (options, sealed) = house.identity.begin_add_passkey(&who, "Key").await.unwrap();
    let answer = create(&mut key, &options);
    let Proposed::Verify(id) = house
        .identity
        .finish_add_passkey(&who, &sealed, &answer)
        .await
        .unwrap()
    else {
        panic!("it asks")
    };
    let cancelled = house.identity.cancel(&who, id).await.unwrap();
    assert_eq!(cancelled.orphan.as_ref(), Some(answer.credential_id()));
    assert!(house.identity.proposal(&who, id).await.unwrap().is_none());
    let unknown = house.passkey(&mut key, &house.browser()).await;
    assert!(matches!(unknown, Err(SignInError::UnknownPasskey { .. })));
}

#[tokio::test]
async fn the_first_passkey_is_itself_asked_and_other_factors_before_it() {
    let house = House::new();
    let mut ben = house.ben().await;
    house.pass(Duration::from_secs(600));
    let who = house.who(&ben.session.token).await;
    let (options, sealed) = house.identity.begin_add_passkey(&who, "Telephone").await.unwrap();
    let answer = create(&mut ben.device, &options);
    let Proposed::Verify(id) = house
        .identity
        .finish_add_passkey(&who, &sealed, &answer)
        .await
        .unwrap()
    else {
        panic!("it asks")
    };
    let ways = house.identity.proposal(&who, id).await.unwrap().unwrap().ways;
    assert_eq!(ways, [Way::Password], "the password was proved too long ago");
    assert!(house.identity.begin_verify(&who, id).await.is_err());
    let wrong = house
        .identity
        .verify_with_password(&who, id, &Password::new("no"), None)
        .await;
    assert!(matches!(wrong, Err(FactorError::PasswordWrong)));
    let next = house
        .identity
        .verify_with_password(&who, id, &Password::new(PASSWORD), None)
        .await
        .unwrap();
    assert!(matches!(next, Proposed::Verify(same) if same == id));
    let ways = house.identity.proposal(&who, id).await.unwrap().unwrap().ways;
    assert_eq!(ways, [Way::NewPasskey]);
    let applied = house.confirm(&mut ben, id).await;
    assert_eq!(
        applied.notice,
        Notice::PasskeyAdded {
            name: "Telephone".to_owned()
        }
    );
    let session = house.passkey(&mut ben.device, &house.browser()).await.unwrap();
    assert_eq!(session.account.user_name, "ben");
}

#[tokio::test]
async fn totp_is_live_only_when_a_passkey_confirmed_it() {
    let house = House::new();
    let mut ana = house.ana().await;
    house
        .change(&mut ana, Change::SetPassword(Password::new(PASSWORD)))
        .await;
    let who = house.who(&ana.session.token).await;
    let shown = house.identity.begin_totp(&who).await.unwrap();
    assert!(shown.uri.starts_with("otpauth://totp/Doorward:ana?"));
    let again = house.identity.begin_totp(&who).await.unwrap();
    assert_eq!(*again.groups, *shown.groups, "the same secret until it is done");
    assert_eq!(
        *house.identity.pending_totp(&who).await.unwrap().unwrap().groups,
        *shown.groups
    );
    assert!(matches!(
        house.identity.check_totp(&who, "000000").await,
        Err(FactorError::CodeWrong)
    ));
    let app = Totp::new(Secret::parse(&shown.groups).unwrap());
    let Proposed::Verify(id) = house.identity.check_totp(&who, &house.code(&app)).await.unwrap() else {
        panic!("turning TOTP on always asks")
    };
    assert!(house.who(&ana.session.token).await.account.totp.is_none());
    let applied = house.confirm(&mut ana, id).await;
    assert_eq!(applied.notice, Notice::TotpEnabled);
    let who = house.who(&ana.session.token).await;
    assert!(who.account.totp.is_some());
    assert!(
        house.identity.pending_totp(&who).await.unwrap().is_none(),
        "the secret is not shown again"
    );
}

#[tokio::test]
async fn totp_enrolment_bound() {
    let house = House::new();
    let (mut ana, old_app, _) = house.ana_with_all().await;
    let second = house.passkey(&mut ana.device, &house.browser()).await.unwrap();
    let (here, there) = (
        house.who(&ana.session.token).await,
        house.who(&second.token).await,
    );
    let shown = house.identity.begin_totp(&here).await.unwrap();
    assert!(
        house.identity.pending_totp(&there).await.unwrap().is_none(),
        "bound to the session"
    );
    let replaced = house.identity.begin_totp(&there).await.unwrap();
    assert_ne!(*replaced.groups, *shown.groups);
    let app = Totp::new(Secret::parse(&shown.groups).unwrap());
    let late = house.identity.check_totp(&here, &house.code(&app)).await;
    assert!(
        matches!(late, Err(FactorError::Expired)),
        "a second start ends the first"
    );
    let app = Totp::new(Secret::parse(&replaced.groups).unwrap());
    house.pass(Duration::from_secs(600));
    let late = house.identity.check_totp(&there, &house.code(&app)).await;
    assert!(matches!(late, Err(FactorError::Expired)), "ten minutes");
    // The old app works all the while.
    let browser = house.browser();
    let half = house.half("ana", &browser).await;
    house
        .identity
        .sign_in_with_totp(&browser, &half, &house.code(&old_app))
        .await
        .unwrap();
}

#[tokio::test]
async fn totp_consumed_across_purposes() {
    let house = House::new();
    let (mut ana, app, _) = house.ana_with_all().await;
    let browser = house.browser();
    let code = house.code(&app);
    let half = house.half("ana", &browser).await;
    house
        .identity
        .sign_in_with_totp(&browser, &half, &code)
        .await
        .unwrap();
    // The same code for a step-up.
    house.pass(Duration::from_secs(20));
    let who = house.who(&ana.session.token).await;
    let mut key = Device::from_seed("another key");
    let (options, sealed) = house.identity.begin_add_passkey(&who, "Key").await.unwrap();
    let answer = create(&mut key, &options);
    let Proposed::Verify(id) = house
        .identity
        .finish_add_passkey(&who, &sealed, &answer)
        .await
        .unwrap()
    else {
        panic!("it asks")
    };
    let used = house
        .identity
        .verify_with_password(&who, id, &Password::new(PASSWORD), Some(&code))
        .await;
    assert!(matches!(used, Err(FactorError::CodeUsed)), "{used:?}");
    // And the code of an enrolment is used up too.
    let shown = house.identity.begin_totp(&who).await.unwrap();
    house.pass(Duration::from_secs(60));
    let new_app = Totp::new(Secret::parse(&shown.groups).unwrap());
    let code = house.code(&new_app);
    let Proposed::Verify(id) = house.identity.check_totp(&who, &code).await.unwrap() else {
        panic!("it asks")
    };
    house.confirm(&mut ana, id).await;
    let half = house.half("ana", &browser).await;
    let used = house.identity.sign_in_with_totp(&browser, &half, &code).await;
    assert!(matches!(used, Err(SignInError::CodeUsed)), "{used:?}");
}

#[tokio::test]
async fn recovery_codes_replaced_whole() {
    let house = House::new();
    let (mut ana, _, old) = house.ana_with_all().await;
    assert_eq!(old.len(), 10);
    assert!(
        old.iter()
            .all(|code| code.len() == 19 && code.split('-').all(|group| group.len() == 4)),
        "{old:?}"
    );
    let applied = house.change(&mut ana, Change::NewRecoveryCodes).await;
    let new = applied.recovery_codes.unwrap();
    let browser = house.browser();
    let half = house.half("ana", &browser).await;
    for code in old.iter().take(2) {
        let refused = house
            .identity
            .sign_in_with_recovery_code(&browser, &half, code)
            .await;
        assert!(matches!(refused, Err(SignInError::CodeWrong)));
    }
    house
        .identity
        .sign_in_with_recovery_code(&browser, &half, &new[9])
        .await
        .unwrap();
    let who = house.who(&ana.session.token).await;
    assert_eq!(house.identity.recovery_codes_left(&who).await.unwrap(), Some(9));
}

#[tokio::test]
async fn logout_everywhere_on_factor_change() {
    let house = House::new();
    let mut ana = house.ana().await;
    let other = house.passkey(&mut ana.device, &house.browser()).await.unwrap();
    let old = ana.session.token.clone();
    let applied = house
        .change(&mut ana, Change::SetPassword(Password::new(PASSWORD)))
        .await;
    assert!(applied.signed_out_elsewhere);
    assert!(
        house.identity.signed_in(&other.token).await.unwrap().is_none(),
        "the other session"
    );
    assert!(
        house.identity.signed_in(&old).await.unwrap().is_none(),
        "this one's old secret"
    );
    assert!(house.identity.signed_in(&applied.token).await.unwrap().is_some());
    let known = ana.browser.clone().known_by(other.known_device);
    let asked = house
        .identity
        .begin_passkey(&known, doorward_identity::sign_in::For::Named("ana"))
        .await;
    assert!(
        asked.unwrap().0.allow_credentials.is_empty(),
        "remember_device_bound: the old value is dead"
    );
}

#[tokio::test]
async fn ending_other_sessions_keeps_this_one() {
    let house = House::new();
    let mut ana = house.ana().await;
    let other = house.passkey(&mut ana.device, &house.browser()).await.unwrap();
    house.change(&mut ana, Change::EndOtherSessions).await;
    assert!(house.identity.signed_in(&other.token).await.unwrap().is_none());
    let who = house.who(&ana.session.token).await;
    assert_eq!(house.identity.sessions_of(&who).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_new_password_is_judged_by_what_stands_beside_it() {
    let house = House::new();
    let ana = house.ana().await;
    let who = house.who(&ana.session.token).await;
    let own = house
        .identity
        .propose(&who, Change::SetPassword(Password::new("ana-2027!")))
        .await;
    assert!(matches!(
        own,
        Err(FactorError::Password(PasswordRefused::OwnName))
    ));
    let common = house
        .identity
        .propose(&who, Change::SetPassword(Password::new("password1")))
        .await;
    assert!(matches!(
        common,
        Err(FactorError::Password(PasswordRefused::Common))
    ));
    let ben = house.ben().await;
    let who = house.who(&ben.session.token).await;
    let short = house
        .identity
        .propose(&who, Change::SetPassword(Password::new("8 chars!")))
        .await;
    assert!(matches!(
        short,
        Err(FactorError::Password(PasswordRefused::TooShort(15)))
    ));
}

#[tokio::test]
async fn turning_totp_off_asks_for_a_longer_password_first() {
    let house = House::new();
    let mut ana = house.ana().await;
    house
        .change(&mut ana, Change::SetPassword(Password::new("8 chars!")))
        .await;
    house.enable_totp(&mut ana).await;
    let who = house.who(&ana.session.token).await;
    let passkey = house.identity.passkeys_of(&who).await.unwrap().remove(0).id;
    house.change(&mut ana, Change::RemovePasskey(passkey)).await;
    let who = house.who(&ana.session.token).await;
    let refused = house.identity.propose(&who, Change::DisableTotp).await;
    assert!(
        matches!(refused, Err(FactorError::LongerPasswordFirst)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_passkey_of_another_account_is_not_taken_twice() {
    let house = House::new();
    let ana = house.ana().await;
    let ben = house.ben().await;
    let who = house.who(&ben.session.token).await;
    let (options, sealed) = house.identity.begin_add_passkey(&who, "Key").await.unwrap();
    // The same seed on the same machine makes the same credential id again.
    let mut twin = Device::from_seed("ana's laptop");
    let answer = create(&mut twin, &options);
    let taken = house.identity.finish_add_passkey(&who, &sealed, &answer).await;
    if answer.credential_id().as_bytes() == &*first_id(&house, &ana).await {
        assert!(matches!(taken, Err(FactorError::AlreadyRegistered)));
    } else {
        panic!("the device from one seed made two ids");
    }
    let (options, _) = house
        .identity
        .begin_passkey(&house.browser(), doorward_identity::sign_in::For::Anyone)
        .await
        .unwrap();
    get(&mut twin, &options);
}

async fn first_id(house: &House, person: &crate::house::Person) -> Vec<u8> {
    let who = house.who(&person.session.token).await;
    house
        .identity
        .passkeys_of(&who)
        .await
        .unwrap()
        .remove(0)
        .credential_id
        .as_bytes()
        .to_vec()
}

#[tokio::test]
async fn a_preference_must_be_a_factor_of_the_account() {
    let house = House::new();
    let ana = house.ana().await;
    let who = house.who(&ana.session.token).await;
    for method in [Method::Totp, Method::Password, Method::RecoveryCode] {
        let refused = house.identity.propose(&who, Change::SetPreferred(method)).await;
        assert!(matches!(refused, Err(FactorError::NotThere)), "{method:?}");
    }
}

#[tokio::test]
async fn a_code_of_a_new_secret_does_not_open_the_door_of_the_old_one() {
    let house = House::new();
    let (ana, ..) = house.ana_with_all().await;
    let browser = house.browser();
    for _ in 0..2 {
        let half = house.half("ana", &browser).await;
        for _ in 0..5 {
            let wrong = house.identity.sign_in_with_totp(&browser, &half, "000000").await;
            assert!(matches!(wrong, Err(SignInError::CodeWrong)));
        }
    }
    let who = house.who(&ana.session.token).await;
    let shown = house.identity.begin_totp(&who).await.unwrap();
    let new_app = Totp::new(Secret::parse(&shown.groups).unwrap());
    house
        .identity
        .check_totp(&who, &house.code(&new_app))
        .await
        .expect("strangers at the door do not slow its owner down");
    let half = house.half("ana", &browser).await;
    let still = house.identity.sign_in_with_totp(&browser, &half, "000000").await;
    assert!(matches!(still, Err(SignInError::SlowDown { .. })), "{still:?}");
}
