//! Journeys 5, 6 and 7: the ways in.

use doorward_tests::{
    Outcome, Server, Steps,
    browser::{Authenticator, Browser, Page},
    totp_now,
};

use crate::people::{
    PASSWORD, begin_totp, open_security, set_up_with_passkey, set_up_with_password, sign_out,
};

pub(crate) async fn autofill() -> Outcome {
    let mut steps = Steps::of("5");
    let (server, browser) = (Server::fresh().await, Browser::launch().await);
    let page = browser.page().await;
    let authenticator = set_up_with_passkey(&page, &server).await?;
    authenticator.present(&page, false).await?;
    sign_out(&page).await?;
    page.sees("Signed out").await?;
    page.picture("05-signed-out").await?;
    page.open(&format!("{}/sign-in", server.origin)).await?;
    page.find("button", "Sign in with a passkey").await?;
    page.picture("05-sign-in").await?;
    authenticator.present(&page, true).await?;
    steps.ok("signed out");
    page.open(&format!("{}/sign-in", server.origin)).await?;
    page.sees("My apps").await?;
    steps.ok("autofill signs in without typing");
    page.clean().await?;
    open_security(&page).await?;
    page.sees("Last used just now").await?;
    steps.ok("the passkey says when it was used");
    Ok(())
}

pub(crate) async fn no_passkey() -> Outcome {
    let mut steps = Steps::of("6");
    let (server, browser) = (Server::fresh().await, Browser::launch().await);
    let page = browser.page().await;
    set_up_with_passkey(&page, &server).await?;
    let stranger = browser.page().await;
    let _empty = Authenticator::internal(&stranger).await?;
    stranger.open(&format!("{}/sign-in", server.origin)).await?;
    stranger.press("button", "Sign in with a passkey").await?;
    stranger
        .sees("Nothing was changed. You closed the dialog, or it timed out.")
        .await?;
    stranger.picture("06-nothing-changed").await?;
    steps.ok("no passkey here: the sentence of its table");
    stranger.fill("User name or e-mail", "ana").await?;
    stranger.follow("button", "Continue").await?;
    stranger.find("heading", "Use your passkey").await?;
    for _ in 0..2 {
        stranger.press("button", "Use Passkey").await?;
        stranger.sees("Nothing was changed.").await?;
        wait_idle(&stranger, "Use Passkey").await?;
    }
    let strengthened = stranger
        .eval("document.querySelector('[data-fallback]').classList.contains('primary')")
        .await?;
    if strengthened != true {
        return Err("Use another method is not the primary button after two tries".into());
    }
    stranger.picture("06-other-ways-first").await?;
    steps.ok("after two tries the other ways stand first");
    stranger.follow("link", "Use another method").await?;
    stranger.picture("06-methods").await?;
    steps.ok("the list of other methods");
    Ok(())
}

async fn wait_idle(page: &Page, button: &str) -> Result<(), String> {
    page.find("button", button).await?;
    for _ in 0..100 {
        if page
            .eval("!document.querySelector('form[data-ceremony] button[disabled]')")
            .await?
            == true
        {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Err(format!("{button} stays disabled"))
}

/// An account with a password and TOTP, its page signed out; returns the TOTP secret.
async fn with_totp(page: &Page, server: &Server) -> Result<String, String> {
    set_up_with_password(page, server).await?;
    open_security(page).await?;
    let secret = begin_totp(page).await?;
    page.fill("Password", PASSWORD).await?;
    page.follow("button", "Verify").await?;
    page.find("dialog", "Recovery codes").await?;
    page.follow("link", "Not now").await?;
    page.sees("TOTP is configured").await?;
    sign_out(page).await?;
    Ok(secret)
}

pub(crate) async fn password_and_totp() -> Outcome {
    let mut steps = Steps::of("7");
    let (server, browser) = (Server::fresh().await, Browser::launch().await);
    let page = browser.page().await;
    let secret = with_totp(&page, &server).await?;
    steps.ok("an account with a password and TOTP");
    let authenticator = Authenticator::internal(&page).await?;
    authenticator.present(&page, false).await?;
    page.open(&format!("{}/sign-in", server.origin)).await?;
    page.fill("User name or e-mail", "ana").await?;
    page.follow("button", "Continue").await?;
    page.find("heading", "Enter your password").await?;
    page.picture("07-password").await?;
    page.fill("Password", "not the password at all").await?;
    page.follow("button", "Continue").await?;
    page.sees("That user name and password don't match.").await?;
    page.picture("07-wrong-password").await?;
    steps.ok("a wrong password: one sentence");
    page.fill("Password", PASSWORD).await?;
    page.follow("button", "Continue").await?;
    page.find("heading", "Enter the code from your authenticator app")
        .await?;
    page.picture("07-code").await?;
    let code = totp_now(&secret, 30);
    page.fill("6-digit code", &code).await?;
    page.follow("button", "Verify").await?;
    page.sees("My apps").await?;
    steps.ok("password, then code: signed in, nothing held up");
    sign_out(&page).await?;
    page.open(&format!("{}/sign-in", server.origin)).await?;
    page.fill("User name or e-mail", "ana").await?;
    page.follow("button", "Continue").await?;
    page.fill("Password", PASSWORD).await?;
    page.follow("button", "Continue").await?;
    page.fill("6-digit code", &code).await?;
    page.follow("button", "Verify").await?;
    page.sees("That code was already used. Wait for the next one.")
        .await?;
    page.picture("07-code-used").await?;
    steps.ok("the same code again is refused");
    Ok(())
}

pub(crate) async fn without_script() -> Outcome {
    let mut steps = Steps::of("7, no script");
    let (server, browser) = (Server::fresh().await, Browser::launch().await);
    let page = browser.page().await;
    let secret = with_totp(&page, &server).await?;
    // The harness reads pages by script; what pages bring themselves must not run, so a second tab has them blocked.
    let still = browser.page().await;
    still
        .call("Network.setBlockedURLs", serde_json::json!({ "urls": ["*.js"] }))
        .await?;
    still.open(&format!("{}/sign-in", server.origin)).await?;
    still.forgive();
    still.fill("User name or e-mail", "ana").await?;
    still.follow("button", "Continue").await?;
    still.fill("Password", PASSWORD).await?;
    still.follow("button", "Continue").await?;
    still.fill("6-digit code", &totp_now(&secret, 30)).await?;
    still.follow("button", "Verify").await?;
    still.sees("My apps").await?;
    steps.ok("password and code sign in without script");
    sign_out(&still).await?;
    still.sees("Signed out").await?;
    steps.ok("sign-out works without script");
    Ok(())
}
