//! Journeys 4, 9 and 14: keeping passkeys, recovery codes and sessions in order.

use doorward_tests::{
    Outcome, Server, Steps,
    browser::{Authenticator, Browser, Page},
    totp_now,
};
use serde_json::json;

use crate::people::{
    PASSWORD, begin_totp, open_security, set_up_with_passkey, set_up_with_password, sign_out,
};

pub(crate) async fn passkeys() -> Outcome {
    let mut steps = Steps::of("4");
    let (server, browser) = (Server::fresh().await, Browser::launch().await);
    let page = browser.page().await;
    let laptop = set_up_with_passkey(&page, &server).await?;
    open_security(&page).await?;
    rename_to(&page, "My Laptop").await?;
    page.find("heading", "My Laptop Primary").await?;
    steps.ok("renamed");
    let key = Authenticator::with(&page, json!({ "transport": "usb" })).await?;
    laptop.present(&page, false).await?;
    page.follow("button", "+ Add Passkey").await?;
    page.fill("Passkey name", "My Laptop").await?;
    page.press("button", "Register Passkey").await?;
    page.find("dialog", "Verification Required").await?;
    laptop.present(&page, true).await?;
    key.present(&page, false).await?;
    page.press("button", "Use Passkey").await?;
    page.find("heading", "My Laptop 2").await?;
    steps.ok("a second My Laptop becomes My Laptop 2");
    page.picture("04-list").await?;
    page.press("button", "Make My Laptop 2 primary").await?;
    verify_if_asked(&page).await?;
    page.find("heading", "My Laptop 2 Primary").await?;
    if page.has("heading", "My Laptop Primary").await? {
        return Err("two are Primary".into());
    }
    steps.ok("exactly one is Primary");
    page.follow("button", "Remove My Laptop 2").await?;
    page.find("dialog", "Remove “My Laptop 2”?").await?;
    page.picture("04-remove").await?;
    page.forget_events();
    page.press("button", "Remove").await?;
    verify_if_asked(&page).await?;
    page.find("heading", "My Laptop Primary").await?;
    page.lacks("My Laptop 2 ").await?;
    steps.ok("removed; the other one is Primary again");
    page.follow("button", "Remove My Laptop").await?;
    page.sees("Add another way to sign in first").await?;
    page.picture("04-last-one").await?;
    steps.ok("the last way in is guarded");
    Ok(())
}

pub(crate) async fn recovery_codes() -> Outcome {
    let mut steps = Steps::of("9");
    let (server, browser) = (Server::fresh().await, Browser::launch().await);
    let page = browser.page().await;
    set_up_with_password(&page, &server).await?;
    open_security(&page).await?;
    let secret = begin_totp(&page).await?;
    page.fill("Password", PASSWORD).await?;
    page.follow("button", "Verify").await?;
    page.find("dialog", "Recovery codes").await?;
    page.picture("09-offer").await?;
    steps.ok("recovery codes are offered after the authenticator app");
    page.follow("button", "Make recovery codes").await?;
    page.find("dialog", "Verification Required").await?;
    page.fill("Password", PASSWORD).await?;
    page.fill("6-digit code", &totp_now(&secret, 30)).await?;
    page.follow("button", "Verify").await?;
    page.find("dialog", "Recovery codes").await?;
    page.picture("09-codes").await?;
    let codes = page
        .eval("[...document.querySelectorAll('#codes li')].map((li) => li.innerText.trim())")
        .await?;
    let codes: Vec<String> = serde_json::from_value(codes).map_err(|error| error.to_string())?;
    let [first, ..] = codes.as_slice() else {
        return Err("no codes are shown".into());
    };
    if codes.len() != 10 || first.chars().filter(char::is_ascii_alphanumeric).count() != 16 {
        return Err(format!("ten codes of 16 characters: {codes:?}"));
    }
    steps.ok("ten codes of 16 characters, shown once");
    page.press("checkbox", "I have saved these codes").await?;
    page.follow("button", "Done").await?;
    sign_out(&page).await?;
    enter_code_of(&page, &server, first).await?;
    page.sees("My apps").await?;
    steps.ok("a recovery code in place of the second factor signs in");
    sign_out(&page).await?;
    enter_code_of(&page, &server, first).await?;
    page.find("heading", "Use a recovery code").await?;
    steps.ok("the same code again is refused");
    Ok(())
}

pub(crate) async fn sessions() -> Outcome {
    let mut steps = Steps::of("14");
    let (server, browser) = (Server::fresh().await, Browser::launch().await);
    let (page, other) = (browser.page().await, browser.page().await);
    set_up_with_password(&page, &server).await?;
    other.open(&format!("{}/sign-in", server.origin)).await?;
    password(&other).await?;
    other.sees("My apps").await?;
    page.open(&format!("{}/settings/sessions", server.origin)).await?;
    page.sees("This device").await?;
    page.picture("14-sessions").await?;
    page.press("button", "Sign out everywhere else").await?;
    verify_if_asked(&page).await?;
    other
        .open(&format!("{}/settings/security", server.origin))
        .await?;
    other.arrives(&format!("{}/sign-in", server.origin)).await?;
    steps.ok("the other browser is out, this one stays");
    page.open(&format!("{}/settings/activity", server.origin)).await?;
    page.picture("14-activity").await?;
    page.open(&format!("{}/settings/profile", server.origin)).await?;
    page.fill("Display name", "Ana L.").await?;
    page.follow("button", "Save").await?;
    page.picture("14-profile").await?;
    steps.ok("activity and profile open");
    Ok(())
}

async fn rename_to(page: &Page, name: &str) -> Result<(), String> {
    page.eval("document.querySelector('button[aria-label^=\"Rename\"]').click()")
        .await?;
    page.find("textbox", "Passkey name").await?;
    page.fill("Passkey name", name).await?;
    page.follow("button", "Save").await
}

/// `Verification Required`, where the last proof is too old or the change always asks.
async fn verify_if_asked(page: &Page) -> Result<(), String> {
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    page.settle().await?;
    if page.has("dialog", "Verification Required").await? {
        if page.has("textbox", "Password").await? {
            page.fill("Password", PASSWORD).await?;
            return page.follow("button", "Verify").await;
        }
        page.press("button", "Use Passkey").await?;
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    }
    page.settle().await
}

async fn password(page: &Page) -> Result<(), String> {
    page.fill("User name or e-mail", "ana").await?;
    page.follow("button", "Continue").await?;
    page.fill("Password", PASSWORD).await?;
    page.follow("button", "Continue").await
}

async fn enter_code_of(page: &Page, server: &Server, code: &str) -> Result<(), String> {
    page.open(&format!("{}/sign-in", server.origin)).await?;
    password(page).await?;
    page.open(&format!("{}/sign-in/recovery", server.origin)).await?;
    page.fill("Recovery code", &code.to_lowercase()).await?;
    page.follow("button", "Verify").await
}
