//! The walks cost as many durable commits as the design says, and each of them may fail.

use std::time::Duration;

use doorward_identity::passwords::Password;
use doorward_identity::sign_in::{For, SignInError, Stay};
use doorward_storage::{CommitFault, Kind, Record as _};

use crate::house::{House, PASSWORD, get};

impl House {
    fn commits(&self) -> usize {
        self.faults.seen().0
    }
}

#[tokio::test]
async fn a_passkey_signs_in_with_one_commit_and_its_options_cost_none() {
    let house = House::new();
    let mut ana = house.ana().await;
    let (browser, before) = (house.browser(), house.commits());
    let (options, sealed) = house.identity.begin_passkey(&browser, For::Anyone).await.unwrap();
    house
        .identity
        .begin_passkey(&browser, For::Named("ana"))
        .await
        .unwrap();
    house.identity.identify("ana").await.unwrap();
    assert_eq!(house.commits(), before, "looking writes nothing");
    let answer = get(&mut ana.device, &options);
    house
        .identity
        .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
        .await
        .unwrap();
    assert_eq!(house.commits(), before + 1);
}

#[tokio::test]
async fn password_and_totp_sign_in_with_four_commits() {
    let house = House::new();
    let (_, app, _) = house.ana_with_all().await;
    let (browser, before) = (house.browser(), house.commits());
    let half = house.half("ana", &browser).await;
    assert_eq!(house.commits(), before + 2);
    house
        .identity
        .sign_in_with_totp(&browser, &half, &house.code(&app))
        .await
        .unwrap();
    assert_eq!(house.commits(), before + 4);
}

#[tokio::test]
async fn a_wrong_guess_costs_one_commit_and_inside_the_delay_none() {
    let house = House::new();
    house.ben().await;
    let (browser, before) = (house.browser(), house.commits());
    let wrong = Password::new("not this one");
    for tries in 1..=5 {
        let refused = house
            .identity
            .sign_in_with_password(&browser, "ben", &wrong, Stay::No)
            .await;
        assert!(matches!(refused, Err(SignInError::Wrong)));
        assert_eq!(house.commits(), before + tries);
    }
    let refused = house
        .identity
        .sign_in_with_password(&browser, "ben", &wrong, Stay::No)
        .await;
    assert!(matches!(refused, Err(SignInError::SlowDown { .. })));
    assert_eq!(house.commits(), before + 5);
}

#[tokio::test]
async fn a_session_is_written_at_most_once_a_minute() {
    let house = House::new();
    let ana = house.ana().await;
    let before = house.commits();
    for _ in 0..10 {
        house.pass(Duration::from_secs(6));
        house.who(&ana.session.token).await;
    }
    assert_eq!(house.commits(), before + 1);
}

#[tokio::test]
async fn a_failed_commit_signs_nobody_in_and_leaves_the_proofs_good() {
    for fault in [CommitFault::Refused, CommitFault::UnknownBefore] {
        let house = House::new();
        let mut ana = house.ana().await;
        let browser = house.browser();
        let (options, sealed) = house.identity.begin_passkey(&browser, For::Anyone).await.unwrap();
        let answer = get(&mut ana.device, &options);
        house.faults.at(0, fault);
        let failed = house
            .identity
            .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
            .await;
        assert!(matches!(failed, Err(SignInError::Internal(_))), "{fault:?}");
        let who = house.who(&ana.session.token).await;
        assert_eq!(
            house.identity.sessions_of(&who).await.unwrap().len(),
            1,
            "{fault:?}"
        );
        house
            .identity
            .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_conflict_and_a_lost_answer_sign_in_once() {
    for fault in [CommitFault::Conflict, CommitFault::UnknownAfter] {
        let house = House::new();
        let mut ana = house.ana().await;
        let browser = house.browser();
        let (options, sealed) = house.identity.begin_passkey(&browser, For::Anyone).await.unwrap();
        let answer = get(&mut ana.device, &options);
        house.faults.at(0, fault);
        let session = house
            .identity
            .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
            .await;
        let session = session.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        house.who(&session.token).await;
        let again = house
            .identity
            .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
            .await;
        assert!(matches!(again, Err(SignInError::Expired)), "{fault:?}");
    }
}

#[tokio::test]
async fn kill_at_every_write_of_password_and_totp() {
    for turn in 0..4 {
        for fault in [
            CommitFault::Refused,
            CommitFault::UnknownBefore,
            CommitFault::UnknownAfter,
            CommitFault::Conflict,
        ] {
            let house = House::new();
            let (_, app, _) = house.ana_with_all().await;
            let (browser, code, password) = (house.browser(), house.code(&app), Password::new(PASSWORD));
            house.faults.at(turn, fault);
            let after = house
                .identity
                .sign_in_with_password(&browser, "ana", &password, Stay::No)
                .await;
            let mut signed_in = 0;
            if let Ok(doorward_identity::sign_in::AfterPassword::SecondFactor { half, .. }) = after {
                signed_in += usize::from(
                    house
                        .identity
                        .sign_in_with_totp(&browser, &half, &code)
                        .await
                        .is_ok(),
                );
            }
            // Whatever was answered: the code is good for one session, this one or the next.
            let half = house.half("ana", &browser).await;
            signed_in += usize::from(
                house
                    .identity
                    .sign_in_with_totp(&browser, &half, &code)
                    .await
                    .is_ok(),
            );
            assert_eq!(signed_in, 1, "{fault:?} at commit {turn}");
        }
    }
}

#[test]
fn no_two_kinds_of_records_share_a_tag() {
    use doorward_identity::records as r;
    let kinds: [Kind; 19] = [
        r::account::Account::KIND,
        r::usage::Usage::KIND,
        r::handle::Handle::KIND,
        r::handle::CredentialOwner::KIND,
        r::guesses::Guesses::KIND,
        r::session::Session::KIND,
        r::ceremony::HalfSignIn::KIND,
        r::pending::PendingChange::KIND,
        r::pending::PendingTotp::KIND,
        r::spent::Spent::KIND,
        r::link::SetUp::KIND,
        r::link::Invitation::KIND,
        r::audit::Event::KIND,
        r::client::Registered::KIND,
        r::consent::Consent::KIND,
        r::grant::Grant::KIND,
        r::code::Code::KIND,
        r::revoked::Revoked::KIND,
        r::key::Keys::KIND,
    ];
    let tags: std::collections::BTreeSet<u8> = kinds.iter().map(|kind| kind.tag()).collect();
    assert_eq!(tags.len(), kinds.len());
}
