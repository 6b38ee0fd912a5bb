//! The people of the journeys, and what they do again and again.

use doorward_tests::{
    Server,
    browser::{Authenticator, Page},
    totp_now,
};

/// A password that is long enough and on no list.
pub(crate) const PASSWORD: &str = "violet-harbour-lantern-42";

/// Fills the set-up form.
pub(crate) async fn introduce(page: &Page) -> Result<(), String> {
    page.fill("User name", "ana").await?;
    page.fill("Display name", "Ana Lima").await
}

/// The first operator, with a passkey in the page's authenticator.
pub(crate) async fn set_up_with_passkey(page: &Page, server: &Server) -> Result<Authenticator, String> {
    let authenticator = Authenticator::internal(page).await?;
    page.open(&server.setup_link().await).await?;
    introduce(page).await?;
    page.press("button", "Create your passkey").await?;
    page.sees("My apps").await?;
    Ok(authenticator)
}

/// The first operator, with a password and no passkey.
pub(crate) async fn set_up_with_password(page: &Page, server: &Server) -> Result<(), String> {
    page.open(&server.setup_link().await).await?;
    introduce(page).await?;
    page.follow("button", "Use a password instead").await?;
    page.fill("Password", PASSWORD).await?;
    page.follow("button", "Continue").await?;
    page.sees("My apps").await
}

/// Account menu, then `Security`.
pub(crate) async fn open_security(page: &Page) -> Result<(), String> {
    page.press("button", "Account menu").await?;
    page.follow("link", "Security").await?;
    page.find("heading", "User Settings").await.map(drop)
}

/// Account menu, then `Sign out`.
pub(crate) async fn sign_out(page: &Page) -> Result<(), String> {
    page.press("button", "Account menu").await?;
    page.follow("button", "Sign out").await
}

/// The manual key of the TOTP dialog that is open.
pub(crate) async fn manual_key(page: &Page) -> Result<String, String> {
    page.press("button", "Or enter the code manually").await?;
    page.sees("time based, 6 digits, 30 seconds").await?;
    let secret = page
        .eval("document.getElementById('totp-secret').innerText")
        .await?;
    let secret: String = secret.as_str().unwrap_or_default().split_whitespace().collect();
    if secret.len() < 32 {
        Err(format!("the manual key is {secret:?}"))
    } else {
        Ok(secret)
    }
}

/// TOTP up to the last dialog, `Verification Required`; returns the secret.
pub(crate) async fn begin_totp(page: &Page) -> Result<String, String> {
    page.follow("button", "Configure TOTP").await?;
    page.find("dialog", "Turn On 2-Step Verification").await?;
    let secret = manual_key(page).await?;
    page.key("Escape").await?;
    page.follow("button", "Continue").await?;
    page.find("dialog", "Verify Authentication Code").await?;
    page.fill("6-digit code", &totp_now(&secret, 0)).await?;
    page.follow("button", "Complete 2-Step Verification").await?;
    page.find("dialog", "Verification Required").await?;
    Ok(secret)
}
