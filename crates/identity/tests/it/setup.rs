//! The first person, and who was invited.

use std::time::Duration;

use doorward_authenticator::Device;
use doorward_identity::accounts::NewPerson;
use doorward_identity::accounts::names::NameError;
use doorward_identity::accounts::setup::{Setup, SetupError};
use doorward_identity::passwords::{Password, PasswordRefused};
use doorward_identity::policy::{Passwords, Policy};
use doorward_identity::records::account::Role;
use doorward_identity::sign_in::Stay;
use doorward_identity::tokens::SetupToken;

use crate::house::{House, PASSWORD, create};

fn ana() -> NewPerson {
    NewPerson::parse("Ana", "Ana", "ana@example.org").unwrap()
}

#[tokio::test]
async fn first_visitor_is_not_admin() {
    let house = House::new();
    let link = house
        .identity
        .setup_link()
        .await
        .unwrap()
        .expect("nobody is here");
    let stranger = SetupToken::parse(&"A".repeat(43)).unwrap();
    assert!(matches!(
        house.identity.setup_state(&stranger).await.unwrap(),
        Setup::Unknown
    ));
    let refused = house
        .identity
        .setup_with_password(
            &stranger,
            &ana(),
            &Password::new(PASSWORD),
            &house.browser(),
            Stay::No,
        )
        .await;
    assert!(matches!(refused, Err(SetupError::Unknown)));
    assert!(matches!(
        house.identity.setup_state(&link).await.unwrap(),
        Setup::Open
    ));
}

#[tokio::test]
async fn link_get_does_not_consume() {
    let house = House::new();
    let link = house.identity.setup_link().await.unwrap().unwrap();
    for _ in 0..3 {
        assert!(matches!(
            house.identity.setup_state(&link).await.unwrap(),
            Setup::Open
        ));
        house
            .identity
            .begin_setup_passkey(&link, &ana(), &house.browser())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_first_person_owns_the_instance_and_no_other_link_opens() {
    let house = House::new();
    let link = house.identity.setup_link().await.unwrap().unwrap();
    let done = house
        .identity
        .setup_with_password(
            &link,
            &ana(),
            &Password::new(PASSWORD),
            &house.browser(),
            Stay::No,
        )
        .await
        .unwrap();
    assert_eq!(done.account.role, Role::Owner);
    assert!(house.identity.setup_link().await.unwrap().is_none());
    assert!(matches!(
        house.identity.setup_state(&link).await.unwrap(),
        Setup::Done
    ));
    let again = house
        .identity
        .setup_with_password(
            &link,
            &ana(),
            &Password::new(PASSWORD),
            &house.browser(),
            Stay::No,
        )
        .await;
    assert!(matches!(again, Err(SetupError::Done)));
}

#[tokio::test]
async fn reset_revokes_older_links() {
    let house = House::new();
    let old = house.identity.setup_link().await.unwrap().unwrap();
    let new = house.identity.setup_link().await.unwrap().unwrap();
    assert!(matches!(
        house.identity.setup_state(&old).await.unwrap(),
        Setup::Unknown
    ));
    assert!(matches!(
        house.identity.setup_state(&new).await.unwrap(),
        Setup::Open
    ));
}

#[tokio::test]
async fn link_expired_not_yet_swept() {
    let house = House::new();
    let link = house.identity.setup_link().await.unwrap().unwrap();
    house.pass(Duration::from_secs(3600));
    assert!(matches!(
        house.identity.setup_state(&link).await.unwrap(),
        Setup::Unknown
    ));
    let (_, invitation) = house.identity.add_person(&ana(), Role::Person).await.unwrap();
    house.pass(Duration::from_secs(24 * 3600));
    assert!(matches!(
        house.identity.setup_state(&invitation).await.unwrap(),
        Setup::Unknown
    ));
}

#[tokio::test]
async fn an_invitation_gives_its_account_a_passkey_once() {
    let house = House::new();
    let (view, link) = house.identity.add_person(&ana(), Role::Person).await.unwrap();
    let Setup::Invited(person) = house.identity.setup_state(&link).await.unwrap() else {
        panic!("it waits")
    };
    let browser = house.browser();
    let (options, sealed) = house
        .identity
        .begin_setup_passkey(&link, &person, &browser)
        .await
        .unwrap();
    let mut device = Device::from_seed("ana's laptop");
    let answer = create(&mut device, &options);
    let done = house
        .identity
        .finish_setup_passkey(&link, &sealed, &answer, &browser, Stay::No)
        .await
        .unwrap();
    assert_eq!(done.account.id, view.id);
    assert!(matches!(
        house.identity.setup_state(&link).await.unwrap(),
        Setup::Done
    ));
    let again = house
        .identity
        .finish_setup_passkey(&link, &sealed, &answer, &browser, Stay::No)
        .await;
    assert!(matches!(again, Err(SetupError::Done | SetupError::Expired)));
    let session = house.passkey(&mut device, &browser).await.unwrap();
    assert_eq!(session.account.id, view.id);
}

#[tokio::test]
async fn lock_no_name_takeover() {
    let house = House::new();
    house.ana().await;
    let taken = NewPerson::parse("ANA", "Another", "").unwrap();
    assert!(
        house.identity.add_person(&taken, Role::Person).await.is_err(),
        "case does not part names"
    );
    let first = NewPerson::parse("coco", "", "").unwrap();
    assert!(house.identity.add_person(&first, Role::Person).await.is_ok());
    let cyrillic = NewPerson::parse("сосо", "", "").unwrap();
    assert!(
        house.identity.add_person(&cyrillic, Role::Person).await.is_err(),
        "nor does an alphabet whose letters look the same"
    );
    let same_address = NewPerson::parse("ben", "Ben", "ANA@example.org").unwrap();
    assert!(
        house
            .identity
            .add_person(&same_address, Role::Person)
            .await
            .is_err()
    );
    let link = house
        .identity
        .add_person(&NewPerson::parse("eva", "", "").unwrap(), Role::Person)
        .await
        .unwrap()
        .1;
    let address = NewPerson::parse("eva", "Eva", "ana@example.org").unwrap();
    let refused = house
        .identity
        .begin_setup_passkey(&link, &address, &house.browser())
        .await;
    let Err(SetupError::Taken(fields)) = refused else {
        panic!("the address is taken")
    };
    assert_eq!(fields.email, Some(NameError::Taken));
}

#[tokio::test]
async fn who_was_invited_keeps_the_names_of_the_invitation() {
    let house = House::new();
    let invited = NewPerson::parse("eva", "", "eva@example.org").unwrap();
    let (_, link) = house.identity.add_person(&invited, Role::Person).await.unwrap();
    let typed = NewPerson::parse("other", "Eva", "other@example.org").unwrap();
    let password = Password::new(PASSWORD);
    let done = house
        .identity
        .setup_with_password(&link, &typed, &password, &house.browser(), Stay::No)
        .await
        .unwrap();
    assert_eq!(done.account.user_name, "eva");
    assert_eq!(done.account.display_name, "Eva");
    assert_eq!(done.account.email.as_deref(), Some("eva@example.org"));
}

#[tokio::test]
async fn adding_again_who_has_no_factor_ends_the_link_before() {
    let house = House::new();
    let person = NewPerson::parse("eva", "Eva", "").unwrap();
    let (first, old) = house.identity.add_person(&person, Role::Person).await.unwrap();
    let (again, link) = house.identity.add_person(&person, Role::Person).await.unwrap();
    assert_eq!(first.id, again.id);
    let password = Password::new(PASSWORD);
    let refused = house
        .identity
        .setup_with_password(&old, &person, &password, &house.browser(), Stay::No)
        .await;
    assert!(matches!(refused, Err(SetupError::Done)));
    house
        .identity
        .setup_with_password(&link, &person, &password, &house.browser(), Stay::No)
        .await
        .unwrap();
    let taken = house.identity.add_person(&person, Role::Person).await;
    assert!(taken.is_err(), "now the name is somebody's");
}

#[tokio::test]
async fn a_weak_password_and_a_policy_without_passwords_are_refused() {
    let house = House::new();
    let link = house.identity.setup_link().await.unwrap().unwrap();
    let weak = house
        .identity
        .setup_with_password(
            &link,
            &ana(),
            &Password::new("too short"),
            &house.browser(),
            Stay::No,
        )
        .await;
    assert!(matches!(
        weak,
        Err(SetupError::Password(PasswordRefused::TooShort(15)))
    ));
    let strict = House::with(&Policy {
        passwords: Passwords::WithSecondFactor,
        ..Policy::default()
    });
    let link = strict.identity.setup_link().await.unwrap().unwrap();
    let refused = strict
        .identity
        .setup_with_password(
            &link,
            &ana(),
            &Password::new(PASSWORD),
            &strict.browser(),
            Stay::No,
        )
        .await;
    assert!(matches!(refused, Err(SetupError::PasskeyNeeded)));
}

#[tokio::test]
async fn ceremony_bound_to_browser_at_set_up() {
    let house = House::new();
    let link = house.identity.setup_link().await.unwrap().unwrap();
    let (options, sealed) = house
        .identity
        .begin_setup_passkey(&link, &ana(), &house.browser())
        .await
        .unwrap();
    let answer = create(&mut Device::from_seed("laptop"), &options);
    let elsewhere = house.browser();
    let refused = house
        .identity
        .finish_setup_passkey(&link, &sealed, &answer, &elsewhere, Stay::No)
        .await;
    assert!(matches!(refused, Err(SetupError::Expired)));
}
