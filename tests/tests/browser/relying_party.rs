//! Journey 12: a relying party delegates its login here.

use doorward_tests::{Demo, Outcome, Steps, browser::Browser};

use crate::people::set_up_with_passkey;

pub(crate) async fn delegated() -> Outcome {
    let mut steps = Steps::of("12");
    let (demo, browser) = (Demo::fresh().await, Browser::launch().await);
    let page = browser.page().await;
    let authenticator = set_up_with_passkey(&page, &demo.server).await?;
    page.sees("demo").await?;
    steps.ok("the demo says that it is one");
    page.open(&demo.application).await?;
    page.picture("12-application").await?;
    page.follow("link", "Sign in with Doorward").await?;
    page.sees("wants to use your account").await?;
    page.sees("Ana Lima").await?;
    page.picture("12-consent").await?;
    steps.ok("consent shows the values");
    page.press("button", "Allow").await?;
    page.arrives(&demo.application).await?;
    page.sees("Signed in as").await?;
    page.sees("Ana Lima").await?;
    page.picture("12-signed-in").await?;
    steps.ok("the application says who");
    page.follow("button", "Refresh tokens").await?;
    page.sees("1 time").await?;
    steps.ok("refresh");
    page.open(&format!("{}/settings/apps", demo.server.origin))
        .await?;
    page.sees("Sample application").await?;
    page.picture("12-connected").await?;
    steps.ok("connected applications lists it");
    page.open(&demo.application).await?;
    page.press("button", "Sign out").await?;
    page.arrives(&demo.application).await?;
    page.sees("Signed out").await?;
    page.picture("12-signed-out").await?;
    // Autofill would sign in again at once: this authenticator answers untouched.
    authenticator.present(&page, false).await?;
    page.open(&format!("{}/settings/security", demo.server.origin))
        .await?;
    page.arrives(&format!("{}/sign-in", demo.server.origin)).await?;
    steps.ok("sign out: back at the application, and the session is over");
    Ok(())
}
