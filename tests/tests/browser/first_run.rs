//! Journey 1: the operator becomes the first user.

use std::{sync::Arc, time::Duration};

use doorward_tests::{
    Outcome, Server, Steps,
    browser::{Authenticator, Browser},
};
use tokio::sync::Barrier;

use crate::people::{PASSWORD, introduce};

pub(crate) async fn first_run() -> Outcome {
    let mut steps = Steps::of("1");
    let (server, browser) = (Server::fresh().await, Browser::launch().await);
    let page = browser.page().await;
    let authenticator = Authenticator::internal(&page).await?;
    let link = server.setup_link().await;
    steps.ok("the link is printed");
    page.open(&link).await?;
    page.find("heading", "Welcome to Doorward").await?;
    page.picture("01-welcome").await?;
    introduce(&page).await?;
    page.press("button", "Create your passkey").await?;
    page.sees("My apps").await?;
    page.sees("Finish setting up").await?;
    steps.ok("Create your passkey leads home");
    page.picture("01-home").await?;
    let held = authenticator.credentials(&page).await?;
    let [held] = held.as_slice() else {
        return Err(format!("the authenticator holds {held:?}"));
    };
    if held.user_name != "ana" || held.user_handle.len() != 88 {
        return Err(format!(
            "64 random bytes as user handle, the name beside them: {held:?}"
        ));
    }
    steps.ok("one credential, with a handle of 64 bytes");
    page.open(&link).await?;
    page.sees("Setup is already done").await?;
    page.forgive(); // the page answers with 410
    steps.ok("the same link again: Setup is already done");
    Ok(())
}

pub(crate) async fn one_winner() -> Outcome {
    let mut steps = Steps::of("1, racers");
    let server = Server::fresh().await;
    let link = server.setup_link().await;
    let gate = Arc::new(Barrier::new(64));
    let mut racers = Vec::new();
    for number in 0..64 {
        let (link, gate, origin) = (link.clone(), Arc::clone(&gate), server.origin.clone());
        racers.push(tokio::spawn(async move {
            let client = reqwest::Client::builder()
                .cookie_store(true)
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_secs(60))
                .build()
                .expect("a client can be made");
            let page = client
                .get(&link)
                .send()
                .await
                .expect("the page answers")
                .text()
                .await
                .expect("it is text");
            let csrf = between(&page, "name=\"csrf\" content=\"", "\"");
            let name = format!("racer{number}");
            let form = [
                ("csrf", csrf.as_str()),
                ("user_name", &name),
                ("display_name", &name),
                ("email", ""),
                ("password", PASSWORD),
                ("way", "password"),
            ];
            gate.wait().await;
            let answer = client
                .post(&link)
                .header("origin", origin)
                .header("sec-fetch-site", "same-origin")
                .form(&form);
            answer.send().await.expect("an answer comes").status().as_u16()
        }));
    }
    let (mut won, mut refused) = (0, Vec::new());
    for racer in racers {
        match racer.await.map_err(|error| error.to_string())? {
            303 => won += 1,
            other => refused.push(other),
        }
    }
    let (_, people) = server.command(&["user", "list", "--json"]).await;
    if won != 1 || people.matches("\"racer").count() == 0 {
        return Err(format!(
            "{won} of 64 won, the others got {refused:?}; people: {people}"
        ));
    }
    if refused.iter().any(|status| *status >= 500 && *status != 503) {
        return Err(format!("losers got {refused:?}"));
    }
    steps.ok("64 racers on one setup link: one account");
    Ok(())
}

fn between(text: &str, start: &str, end: &str) -> String {
    text.split_once(start)
        .and_then(|(_, rest)| rest.split_once(end))
        .map(|(found, _)| found.to_owned())
        .unwrap_or_default()
}
