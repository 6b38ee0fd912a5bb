//! The operator's reset link.

use std::time::Duration;

use doorward_authenticator::Device;
use doorward_identity::accounts::setup::{Setup, SetupError};
use doorward_identity::accounts::{NewPerson, ResetError};
use doorward_identity::factors::Change;
use doorward_identity::passwords::Password;
use doorward_identity::sign_in::{AfterPassword, NewSession, SignInError, Stay};
use doorward_identity::tokens::SetupToken;

use crate::house::{House, PASSWORD, create};

const NEW_PASSWORD: &str = "seven lanterns over the quay";

fn typed() -> NewPerson {
    NewPerson::parse("somebody", "Somebody Else", "else@example.org").unwrap()
}

async fn with_password(house: &House, link: &SetupToken) -> Result<NewSession, SetupError> {
    let password = Password::new(NEW_PASSWORD);
    house
        .identity
        .setup_with_password(link, &typed(), &password, &house.browser(), Stay::No)
        .await
}

async fn signs_in(house: &House, name: &str, password: &str) -> Result<AfterPassword, SignInError> {
    let password = Password::new(password);
    house
        .identity
        .sign_in_with_password(&house.browser(), name, &password, Stay::No)
        .await
}

#[tokio::test]
async fn an_operators_link_replaces_all_that_opened_the_account() {
    let house = House::new();
    let (ana, _, _) = house.ana_with_all().await;
    let before = house.who(&ana.session.token).await.account;
    let (view, link) = house.identity.reset_link("ANA").await.unwrap();
    assert_eq!(view.user_name, "ana");
    assert!(
        matches!(house.identity.setup_state(&link).await.unwrap(), Setup::Reset(_)),
        "looking spends nothing"
    );
    house.who(&ana.session.token).await; // the link alone ends nothing
    let new = with_password(&house, &link).await.unwrap();
    assert_eq!(
        (new.account.id, new.account.user_name.as_str()),
        (before.id, "ana"),
        "the account stays; nothing of the form's names counts"
    );
    assert_eq!(new.account.email.as_deref(), Some("ana@example.org"));
    assert_eq!(new.account.display_name, "Ana");
    assert!(
        house
            .identity
            .signed_in(&ana.session.token)
            .await
            .unwrap()
            .is_none(),
        "every session ends"
    );
    let old = house.passkey(&mut ana.device.clone(), &house.browser()).await;
    assert!(
        matches!(old, Err(SignInError::UnknownPasskey { .. })),
        "a lost passkey opens nothing: {old:?}"
    );
    assert!(matches!(
        signs_in(&house, "ana", PASSWORD).await,
        Err(SignInError::Wrong)
    ));
    assert!(
        matches!(
            signs_in(&house, "ana", NEW_PASSWORD).await.unwrap(),
            AfterPassword::SignedIn(_)
        ),
        "the lost authenticator app is not asked"
    );
    assert!(matches!(
        house.identity.setup_state(&link).await.unwrap(),
        Setup::Done
    ));
    assert!(matches!(
        with_password(&house, &link).await,
        Err(SetupError::Done)
    ));
}

#[tokio::test]
async fn a_passkey_made_by_the_operators_link_signs_in() {
    let house = House::new();
    let (_, _, codes) = house.ana_with_all().await;
    let (_, link) = house.identity.reset_link("ana@example.org").await.unwrap();
    let (browser, mut device) = (house.browser(), Device::from_seed("ana's new telephone"));
    let begun = house
        .identity
        .begin_setup_passkey(&link, &typed(), &browser)
        .await;
    let (options, sealed) = begun.unwrap();
    let answer = create(&mut device, &options);
    let done = house
        .identity
        .finish_setup_passkey(&link, &sealed, &answer, &browser, Stay::No)
        .await
        .unwrap();
    let account = house.who(&done.token).await.account;
    assert_eq!(account.passkeys.len(), 1, "the lost one is gone");
    assert_eq!(account.primary, Some(account.passkeys[0].id));
    house.passkey(&mut device, &house.browser()).await.unwrap();
    // Recovery codes of before are none of a set that is made later.
    let mut ana = crate::house::Person {
        device,
        session: done,
        browser,
    };
    house
        .change(&mut ana, Change::SetPassword(Password::new(PASSWORD)))
        .await;
    house.enable_totp(&mut ana).await;
    house.change(&mut ana, Change::NewRecoveryCodes).await;
    let browser = house.browser();
    let half = house.half("ana", &browser).await;
    let old = house
        .identity
        .sign_in_with_recovery_code(&browser, &half, &codes[0])
        .await;
    assert!(matches!(old, Err(SignInError::CodeWrong)), "{old:?}");
}

#[tokio::test]
async fn reset_revokes_older_links() {
    let house = House::new();
    house.ana_with_all().await;
    let (_, older) = house.identity.reset_link("ana").await.unwrap();
    let (_, newer) = house.identity.reset_link("ana").await.unwrap();
    assert!(matches!(
        house.identity.setup_state(&older).await.unwrap(),
        Setup::Done
    ));
    assert!(matches!(
        with_password(&house, &older).await,
        Err(SetupError::Done)
    ));
    with_password(&house, &newer).await.unwrap();
}

#[tokio::test]
async fn a_reset_link_ends_with_a_change_of_a_factor_and_with_its_day() {
    let house = House::new();
    let (mut ana, _, _) = house.ana_with_all().await;
    let (_, link) = house.identity.reset_link("ana").await.unwrap();
    house.change(&mut ana, Change::NewRecoveryCodes).await;
    assert!(
        matches!(with_password(&house, &link).await, Err(SetupError::Done)),
        "who is in again changes what opens the account, and the link is over"
    );
    let (_, link) = house.identity.reset_link("ana").await.unwrap();
    house.pass(Duration::from_secs(24 * 60 * 60));
    assert!(
        matches!(
            with_password(&house, &link).await,
            Err(SetupError::Unknown | SetupError::Done)
        ),
        "expired and not yet swept"
    );
}

#[tokio::test]
async fn a_reset_link_is_for_one_account_that_is_there() {
    let house = House::new();
    house.ana_with_all().await;
    let ben = house.ben().await;
    let (_, link) = house.identity.reset_link("ana").await.unwrap();
    with_password(&house, &link).await.unwrap();
    house.who(&ben.session.token).await;
    assert!(matches!(
        signs_in(&house, "ben", PASSWORD).await.unwrap(),
        AfterPassword::SignedIn(_)
    ));
    for nobody in ["cleo", "a b", ""] {
        assert!(matches!(
            house.identity.reset_link(nobody).await,
            Err(ResetError::Unknown)
        ));
    }
}

#[tokio::test]
async fn admin_cannot_choose_password() {
    let house = House::new();
    house.ana_with_all().await;
    // All that an operator gets is a link; what opens the account stays until its holder has chosen.
    let (_, link) = house.identity.reset_link("ana").await.unwrap();
    assert!(!format!("{link:?}").contains(&link.encode()));
    house.half("ana", &house.browser()).await;
}
