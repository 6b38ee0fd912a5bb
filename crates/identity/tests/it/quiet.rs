//! A passkey made in the background after a sign-in with a password.

use std::time::Duration;

use doorward_authenticator::Device;
use doorward_identity::factors::{Change, FactorError};
use doorward_identity::passwords::Password;
use doorward_identity::sign_in::{AfterPassword, NewSession, Stay};

use crate::house::{House, PASSWORD, create};

/// Ben comes again with his password, which is all that he has.
async fn ben_again(house: &House) -> NewSession {
    let password = Password::new(PASSWORD);
    let came = house
        .identity
        .sign_in_with_password(&house.browser(), "ben", &password, Stay::No)
        .await;
    match came.unwrap() {
        AfterPassword::SignedIn(session) => *session,
        AfterPassword::SecondFactor { .. } => panic!("ben has no second factor"),
    }
}

#[tokio::test]
async fn a_passkey_is_made_quietly_after_a_password_and_the_session_goes_on() {
    let house = House::new();
    house.ana().await;
    let before = house.ben().await;
    let session = ben_again(&house).await;
    let who = house.who(&session.token).await;
    assert!(house.identity.may_make_passkey_quietly(&who));
    let (options, sealed) = house.identity.begin_quiet_passkey(&who).unwrap();
    let mut device = Device::from_seed("ben's password manager");
    let answer = create(&mut device, &options);
    let made = house
        .identity
        .finish_quiet_passkey(&who, &sealed, &answer, |_| "Some Password Manager".to_owned())
        .await
        .unwrap();
    assert_eq!(made.passkey.name, "Some Password Manager");
    let who = house.who(&session.token).await; // the same cookie still opens
    assert_eq!(who.account.primary, Some(made.passkey.id));
    assert!(
        house
            .identity
            .signed_in(&before.session.token)
            .await
            .unwrap()
            .is_none(),
        "every other session ends"
    );
    house.passkey(&mut device, &house.browser()).await.unwrap();
    let again = house
        .identity
        .finish_quiet_passkey(&who, &sealed, &answer, |_| "Again".to_owned())
        .await;
    assert!(matches!(again, Err(FactorError::Expired)), "{again:?}");
}

#[tokio::test]
async fn no_passkey_is_made_quietly_beside_another_or_on_a_weaker_or_older_proof() {
    let house = House::new();
    let mut ana = house.ana().await;
    house
        .change(&mut ana, Change::SetPassword(Password::new(PASSWORD)))
        .await;
    let who = house.who(&ana.session.token).await;
    assert!(
        !house.identity.may_make_passkey_quietly(&who),
        "ana has a passkey"
    );
    assert!(matches!(
        house.identity.begin_quiet_passkey(&who),
        Err(FactorError::StrongerProofNeeded)
    ));
    house.ben().await;
    let session = ben_again(&house).await;
    let who = house.who(&session.token).await;
    let (options, sealed) = house.identity.begin_quiet_passkey(&who).unwrap();
    let answer = create(&mut Device::from_seed("late"), &options);
    house.pass(Duration::from_secs(6 * 60));
    let who = house.who(&session.token).await;
    assert!(
        !house.identity.may_make_passkey_quietly(&who),
        "the password was typed too long ago"
    );
    let late = house
        .identity
        .finish_quiet_passkey(&who, &sealed, &answer, |_| "Late".to_owned())
        .await;
    assert!(matches!(late, Err(FactorError::Expired)), "{late:?}");
    assert!(house.who(&session.token).await.account.passkeys.is_empty());
}

#[tokio::test]
async fn what_was_begun_quietly_is_finished_quietly_and_in_its_session() {
    let house = House::new();
    house.ana().await;
    house.ben().await;
    let (one, other) = (ben_again(&house).await, ben_again(&house).await);
    let (one, other) = (house.who(&one.token).await, house.who(&other.token).await);
    let mut device = Device::from_seed("ben's password manager");
    let (options, sealed) = house.identity.begin_quiet_passkey(&one).unwrap();
    let answer = create(&mut device, &options);
    let elsewhere = house
        .identity
        .finish_quiet_passkey(&other, &sealed, &answer, |_| "Elsewhere".to_owned())
        .await;
    assert!(matches!(elsewhere, Err(FactorError::Expired)), "{elsewhere:?}");
    let loudly = house.identity.finish_add_passkey(&one, &sealed, &answer).await;
    assert!(
        matches!(loudly, Err(FactorError::Expired)),
        "only a ceremony that began as conditional may lack presence: {loudly:?}"
    );
    let (_, ordinary) = house.identity.begin_add_passkey(&one, "Ordinary").await.unwrap();
    let quietly = house
        .identity
        .finish_quiet_passkey(&one, &ordinary, &answer, |_| "Quiet".to_owned())
        .await;
    assert!(matches!(quietly, Err(FactorError::Expired)), "{quietly:?}");
}
