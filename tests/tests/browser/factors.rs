//! Journeys 2 and 3: the guide, word for word.

use doorward_tests::{
    Outcome, Server, Steps,
    browser::{Authenticator, Browser},
};

use crate::people::{begin_totp, open_security, set_up_with_passkey, set_up_with_password};

pub(crate) async fn passkey() -> Outcome {
    let mut steps = Steps::of("2");
    let (server, browser) = (Server::fresh().await, Browser::launch().await);
    let page = browser.page().await;
    set_up_with_password(&page, &server).await?;
    let authenticator = Authenticator::internal(&page).await?;
    page.press("button", "Account menu").await?;
    page.picture("02-menu").await?;
    page.follow("link", "Security").await?;
    page.find("heading", "User Settings").await?;
    page.find("region", "Two-Factor Authentication").await?;
    page.sees("Not set up").await?;
    for name in ["Passkey Authentication", "TOTP Authentication"] {
        page.find("region", name).await?;
        page.find("heading", name).await?;
    }
    page.picture("02-nothing-set-up").await?;
    steps.ok("account menu, Security: User Settings with its sections");
    page.follow("button", "+ Add Passkey").await?;
    page.find("dialog", "Register Passkey").await?;
    page.picture("02-register").await?;
    page.fill("Passkey name", "My Laptop").await?;
    page.forget_events();
    page.press("button", "Register Passkey").await?;
    page.find("dialog", "Verification Required").await?;
    steps.ok("+ Add Passkey, a name, Register Passkey: Verification Required");
    page.picture("02-verification").await?;
    page.press("button", "Use Passkey").await?;
    page.sees("Registered").await?;
    page.find("heading", "My Laptop Primary").await?;
    page.sees("This device only").await?;
    let banner = page.find("region", "Two-Factor Authentication").await;
    banner?;
    page.sees("Two-Factor Authentication: Passkey").await?;
    let added = page
        .webauthn_events()
        .iter()
        .filter(|event| *event == "credentialAdded")
        .count();
    if added != 1 {
        return Err(format!("credentialAdded {added} times"));
    }
    steps.ok("Use Passkey: card with name, date, Primary; banner Passkey; credentialAdded once");
    page.picture("02-card").await?;
    page.follow("button", "+ Add Passkey").await?;
    page.fill("Passkey name", "My Laptop again").await?;
    page.press("button", "Register Passkey").await?;
    page.sees("This device already has a passkey for your account.")
        .await?;
    page.forgive();
    steps.ok("the same device again is refused by its own word");
    page.key("Escape").await?;
    page.find("button", "+ Add Passkey").await?;
    if authenticator.credentials(&page).await?.len() != 1 {
        return Err("the authenticator holds another credential".into());
    }
    // Cancelled before it was proved: nothing stored, the orphan removed from the authenticator.
    authenticator.clear(&page).await?;
    page.follow("button", "+ Add Passkey").await?;
    page.fill("Passkey name", "Never kept").await?;
    page.press("button", "Register Passkey").await?;
    page.find("dialog", "Verification Required").await?;
    page.follow("button", "Cancel").await?;
    page.find("button", "+ Add Passkey").await?;
    page.lacks("Never kept").await?;
    steps.ok("cancelled before Verification Required: nothing is stored");
    Ok(())
}

pub(crate) async fn totp() -> Outcome {
    let mut steps = Steps::of("3");
    let (server, browser) = (Server::fresh().await, Browser::launch().await);
    let page = browser.page().await;
    let _authenticator = set_up_with_passkey(&page, &server).await?;
    open_security(&page).await?;
    page.follow("button", "Configure TOTP").await?;
    page.find("dialog", "Turn On 2-Step Verification").await?;
    page.find("image", "QR code for your authenticator app").await?;
    page.picture("03-turn-on").await?;
    steps.ok("Configure TOTP: the dialog with its QR code");
    page.follow("button", "Continue").await?;
    page.find("dialog", "Verify Authentication Code").await?;
    page.fill("6-digit code", "000000").await?;
    page.follow("button", "Complete 2-Step Verification").await?;
    page.sees("That code didn't work.").await?;
    page.picture("03-wrong-code").await?;
    steps.ok("a wrong code is told, the secret stays");
    page.follow("link", "Back").await?;
    page.find("dialog", "Turn On 2-Step Verification").await?;
    page.follow("button", "Cancel").await?;
    begin_totp(&page).await?;
    page.picture("03-verification").await?;
    steps.ok("manual key, Continue, the code, Complete 2-Step Verification: Verification Required");
    page.press("button", "Use Passkey").await?;
    page.sees("TOTP authentication is now active.").await?;
    page.sees("TOTP is configured").await?;
    page.sees("Two-Factor Authentication: Passkey and TOTP").await?;
    page.picture("03-done").await?;
    steps.ok("Use Passkey: notice, TOTP is configured, banner Passkey and TOTP");
    Ok(())
}
