//! Sixty-four racers on what may be used once: exactly one wins.

use std::future::Future;

use doorward_authenticator::Device;
use doorward_identity::accounts::NewPerson;
use doorward_identity::factors::{Change, Proposed};
use doorward_identity::passwords::Password;
use doorward_identity::records::account::Role;
use doorward_identity::sign_in::{For, Stay};

use crate::house::{House, PASSWORD, create, get};

const RACERS: usize = 64;

/// How many of the racers, started at once on several threads, came through.
async fn winners<T, E, F>(racer: impl Fn(usize) -> F) -> usize
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    let racers: Vec<_> = (0..RACERS).map(|number| tokio::spawn(racer(number))).collect();
    let mut won = 0;
    for racer in racers {
        won += usize::from(racer.await.unwrap().is_ok());
    }
    won
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn challenge_64_racers() {
    let house = House::new();
    let mut ana = house.ana().await;
    let browser = house.browser();
    let (options, sealed) = house.identity.begin_passkey(&browser, For::Anyone).await.unwrap();
    let answer = get(&mut ana.device, &options);
    let won = winners(|_| {
        let (identity, browser) = (house.identity.clone(), browser.clone());
        let (sealed, answer) = (sealed.clone(), answer.clone());
        async move {
            identity
                .sign_in_with_passkey(&browser, &sealed, &answer, Stay::No)
                .await
        }
    });
    assert_eq!(won.await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn totp_64_racers() {
    let house = House::new();
    let (_, app, _) = house.ana_with_all().await;
    let browser = house.browser();
    let mut halves = Vec::new();
    for _ in 0..RACERS {
        halves.push(house.half("ana", &browser).await);
    }
    let code = house.code(&app);
    let won = winners(|number| {
        let (identity, browser, half, code) = (
            house.identity.clone(),
            browser.clone(),
            halves[number].clone(),
            code.clone(),
        );
        async move { identity.sign_in_with_totp(&browser, &half, &code).await }
    });
    assert_eq!(won.await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn recovery_code_once_64_racers() {
    let house = House::new();
    let (_, _, codes) = house.ana_with_all().await;
    let browser = house.browser();
    let mut halves = Vec::new();
    for _ in 0..RACERS {
        halves.push(house.half("ana", &browser).await);
    }
    let won = winners(|number| {
        let (identity, browser, half, code) = (
            house.identity.clone(),
            browser.clone(),
            halves[number].clone(),
            codes[0].clone(),
        );
        async move { identity.sign_in_with_recovery_code(&browser, &half, &code).await }
    });
    assert_eq!(won.await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_half_sign_in_64_racers() {
    let house = House::new();
    let (_, app, _) = house.ana_with_all().await;
    let browser = house.browser();
    let (half, code) = (house.half("ana", &browser).await, house.code(&app));
    let won = winners(|_| {
        let (identity, browser, half, code) = (
            house.identity.clone(),
            browser.clone(),
            half.clone(),
            code.clone(),
        );
        async move { identity.sign_in_with_totp(&browser, &half, &code).await }
    });
    assert_eq!(won.await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn setup_link_64_racers() {
    let house = House::new();
    let link = house.identity.setup_link().await.unwrap().unwrap();
    let browser = house.browser();
    let won = winners(|number| {
        let (identity, browser, link) = (house.identity.clone(), browser.clone(), link.clone());
        async move {
            let person = NewPerson::parse(&format!("person{number}"), "", "").unwrap();
            identity
                .setup_with_password(&link, &person, &Password::new(PASSWORD), &browser, Stay::No)
                .await
        }
    });
    assert_eq!(won.await, 1);
    assert_eq!(house.identity.list_people(None, 100).await.unwrap().0.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invitation_64_racers() {
    let house = House::new();
    let person = NewPerson::parse("ana", "Ana", "").unwrap();
    let link = house.identity.add_person(&person, Role::Person).await.unwrap().1;
    let browser = house.browser();
    let mut brought = Vec::new();
    for number in 0..RACERS {
        let (options, sealed) = house
            .identity
            .begin_setup_passkey(&link, &person, &browser)
            .await
            .unwrap();
        brought.push((
            sealed,
            create(&mut Device::from_seed(&format!("device {number}")), &options),
        ));
    }
    let won = winners(|number| {
        let (identity, browser, link) = (house.identity.clone(), browser.clone(), link.clone());
        let (sealed, answer) = brought[number].clone();
        async move {
            identity
                .finish_setup_passkey(&link, &sealed, &answer, &browser, Stay::No)
                .await
        }
    });
    assert_eq!(won.await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn throttle_counts_before_hash() {
    let house = House::new();
    house.ben().await;
    let browser = house.browser();
    let attempt = |_: usize| {
        let (identity, browser) = (house.identity.clone(), browser.clone());
        async move {
            let wrong = Password::new("not this one");
            let refused = identity
                .sign_in_with_password(&browser, "ben", &wrong, Stay::No)
                .await;
            // A try that reached the hash was told that it is wrong.
            match refused {
                Err(doorward_identity::sign_in::SignInError::Wrong) => Ok(()),
                other => Err(other.is_ok()),
            }
        }
    };
    assert_eq!(
        winners(attempt).await,
        5,
        "five tries are free, whatever comes at once"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn last_factor_cannot_be_removed_by_two_at_once() {
    let house = House::new();
    let mut ana = house.ana().await;
    let who = house.who(&ana.session.token).await;
    let (options, sealed) = house.identity.begin_add_passkey(&who, "Key").await.unwrap();
    let answer = create(&mut Device::from_seed("a key"), &options);
    let Proposed::Verify(id) = house
        .identity
        .finish_add_passkey(&who, &sealed, &answer)
        .await
        .unwrap()
    else {
        panic!("it asks")
    };
    house.confirm(&mut ana, id).await;
    let who = house.who(&ana.session.token).await;
    let passkeys = house.identity.passkeys_of(&who).await.unwrap();
    let won = winners(|number| {
        let (identity, who) = (house.identity.clone(), who.clone());
        let gone = passkeys[number % 2].id;
        async move { identity.propose(&who, Change::RemovePasskey(gone)).await }
    });
    assert_eq!(won.await, 1);
    let account = house.passkey(&mut ana.device, &house.browser()).await;
    let list = house.identity.list_people(None, 10).await.unwrap().0;
    assert_eq!(list[0].passkeys, 1);
    drop(account);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn link_single_use_64_racers() {
    let house = House::new();
    house.ana_with_all().await;
    let (_, link) = house.identity.reset_link("ana").await.unwrap();
    let person = NewPerson::parse("ana", "Ana", "").unwrap();
    let browser = house.browser();
    let won = winners(|_| {
        let (identity, browser) = (house.identity.clone(), browser.clone());
        let (link, person) = (link.clone(), person.clone());
        async move {
            let password = Password::new(PASSWORD);
            identity
                .setup_with_password(&link, &person, &password, &browser, Stay::No)
                .await
        }
    });
    assert_eq!(won.await, 1);
}
