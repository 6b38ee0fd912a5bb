//! `amr`, `acr` and `auth_time` say exactly what was proved, for each way in.

use std::time::Duration;

use doorward_identity::passwords::Password;
use doorward_identity::policy::Policy;
use doorward_identity::sign_in::{AfterPassword, For, NewSession, Stay};
use doorward_oidc::acr::{Acr, Amr};

use crate::house::{House, PASSWORD, get};

#[track_caller]
fn says(session: &NewSession, amr: &[Amr], acr: Acr, house: &House) {
    assert_eq!(session.session.amr(), amr);
    assert_eq!(session.session.acr(), acr);
    assert_eq!(session.session.auth_time(), house.now());
}

#[tokio::test]
async fn amr_acr_from_proofs() {
    let house = House::new();
    let (mut ana, app, codes) = house.ana_with_all().await;
    let browser = house.browser();

    let session = house.passkey(&mut ana.device, &browser).await.unwrap();
    let passkey = [Amr::MultiFactor, Amr::ProofOfPossession, Amr::UserPresence];
    says(&session, &passkey, Acr::PhishingResistant, &house);

    let half = house.half("ana", &browser).await;
    let session = house
        .identity
        .sign_in_with_totp(&browser, &half, &house.code(&app))
        .await
        .unwrap();
    says(
        &session,
        &[Amr::MultiFactor, Amr::OneTimePassword, Amr::Password],
        Acr::TwoFactors,
        &house,
    );

    let half = house.half("ana", &browser).await;
    let session = house
        .identity
        .sign_in_with_recovery_code(&browser, &half, &codes[0])
        .await
        .unwrap();
    says(
        &session,
        &[Amr::Password, Amr::RecoveryCode],
        Acr::OneFactor,
        &house,
    );

    let half = house.half("ana", &browser).await;
    let (options, sealed) = house
        .identity
        .begin_passkey(&browser, For::SecondFactor(&half))
        .await
        .unwrap();
    let answer = get(&mut ana.device, &options);
    let session = house
        .identity
        .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
        .await
        .unwrap();
    let both = [
        Amr::MultiFactor,
        Amr::ProofOfPossession,
        Amr::Password,
        Amr::UserPresence,
    ];
    says(&session, &both, Acr::PhishingResistant, &house);
}

#[tokio::test]
async fn a_password_alone_and_a_link_are_one_factor() {
    let house = House::with(&Policy::default());
    let ana = house.ana().await;
    says(&ana.session, &[Amr::UserPresence], Acr::OneFactor, &house);
    let ben = house.ben().await;
    says(&ben.session, &[Amr::Password], Acr::OneFactor, &house);
    house.pass(Duration::from_secs(60));
    let browser = house.browser();
    let after = house
        .identity
        .sign_in_with_password(&browser, "ben", &Password::new(PASSWORD), Stay::No)
        .await
        .unwrap();
    let AfterPassword::SignedIn(session) = after else {
        panic!("Ben has no second factor")
    };
    says(&session, &[Amr::Password], Acr::OneFactor, &house);
}

#[tokio::test]
async fn a_step_up_moves_auth_time_and_keeps_the_rest() {
    let house = House::new();
    let (mut ana, ..) = house.ana_with_all().await;
    house.pass(Duration::from_secs(3600));
    let who = house.who(&ana.session.token).await;
    let before = who.session.auth_time();
    let change = doorward_identity::factors::Change::SetPreferred(doorward_identity::sign_in::Method::Totp);
    house.change(&mut ana, change).await;
    let who = house.who(&ana.session.token).await;
    assert!(before < house.now());
    assert_eq!(who.session.auth_time(), house.now());
    assert_eq!(who.session.acr(), Acr::PhishingResistant, "the passkey was asked");
}
