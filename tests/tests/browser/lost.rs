//! Journey 10: everything lost, the operator's reset link, and what becomes of the passkey that was removed here.

use doorward_tests::{
    Outcome, Server, Steps,
    browser::{Authenticator, Browser, Page},
};
use serde_json::json;

use crate::people::{set_up_with_passkey, sign_out};

pub(crate) async fn removed_passkey() -> Outcome {
    let mut steps = Steps::of("10");
    let (server, browser) = (Server::fresh().await, Browser::launch().await);
    let (page, other) = (browser.page().await, browser.page().await);
    let old = set_up_with_passkey(&page, &server).await?;
    let link = reset_link(&server).await?;
    page.open(&format!("{}/settings/security", server.origin)).await?;
    page.find("heading", "User Settings").await?;
    steps.ok("the operator makes a reset link; nothing ends by it");

    let new = Authenticator::internal(&other).await?;
    other.open(&link).await?;
    other.find("heading", "Set up your sign-in again").await?;
    other.lacks("Display name").await?;
    other.picture("10-reset").await?;
    other.press("button", "Create your passkey").await?;
    other.sees("My apps").await?;
    steps.ok("Create your passkey leads home");
    other.open(&link).await?;
    other.sees("Setup is already done").await?;
    other.forgive(); // the page answers with 410
    steps.ok("the same link again: Setup is already done");

    page.open(&format!("{}/settings/security", server.origin)).await?;
    page.sees("That passkey no longer works here.").await?;
    page.forgive(); // the answer that says so is a refusal
    page.picture("10-no-longer-works").await?;
    if !old.credentials(&page).await?.is_empty() {
        return Err("the old passkey is still on its device: signalUnknownCredential was not heard".into());
    }
    steps.ok("signed out; the removed passkey is told so and leaves its device");

    sign_out(&other).await?;
    new.faults(&other, json!({ "isBogusSignature": true })).await?;
    other.open(&format!("{}/sign-in", server.origin)).await?;
    other.sees("We couldn't verify that passkey.").await?;
    other.forgive();
    if new.credentials(&other).await?.len() != 1 {
        return Err("a bogus signature sends no signal".into());
    }
    steps.ok("a bogus signature: We couldn't verify that passkey, and no signal");
    new.faults(&other, json!({ "isBogusSignature": false })).await?;
    arrive(&other, &server).await?;
    steps.ok("the new passkey signs in");
    Ok(())
}

async fn arrive(page: &Page, server: &Server) -> Result<(), String> {
    page.open(&format!("{}/sign-in", server.origin)).await?;
    page.sees("My apps").await
}

async fn reset_link(server: &Server) -> Result<String, String> {
    let (code, said) = server.command(&["user", "reset-link", "ana", "--json"]).await;
    let link = said
        .split('"')
        .find(|word| word.contains("/recover/"))
        .map(str::to_owned);
    link.filter(|_| code == 0)
        .ok_or_else(|| format!("no link: {said}"))
}
