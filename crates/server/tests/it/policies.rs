//! What the operator decides about proofs, as people meet it.

use crate::provider::Provider;

async fn page(provider: &Provider, path: &str) -> String {
    let answer = reqwest::get(format!("{}{path}", provider.origin)).await;
    let answer = answer.expect("the server answers");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.text().await.expect("text")
}

#[tokio::test]
async fn without_passwords_the_pages_offer_none() {
    let provider = Provider::with(&[("DOORWARD_SIGN_IN_PASSWORDS", "off")]);
    let sign_in = page(&provider, "/sign-in").await;
    assert!(sign_in.contains("Use your user name"), "{sign_in}");
    let (button, field) = (
        sign_in.find("Sign in with a passkey"),
        sign_in.find("User name or e-mail"),
    );
    assert!(button < field, "the passkey's button stands first");
    let methods = page(&provider, "/sign-in/methods").await;
    assert!(methods.contains("Passkey") && !methods.contains("/sign-in/password"));
    let sent_on = page(&provider, "/sign-in/password").await;
    assert!(sent_on.contains("Use your passkey"), "{sent_on}");
    let setup = page(&provider, provider.setup_path()).await;
    assert!(!setup.contains("Use a password instead"), "{setup}");
}

#[tokio::test]
async fn a_policy_that_nobody_knows_does_not_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = crate::doorward(&["config", "check"], folder.path())
        .env("DOORWARD_SIGN_IN_PASSWORDS", "sometimes")
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
    let said = crate::text(&output.stderr);
    assert!(
        said.contains("sign_in.passwords") && said.contains("with-second-factor"),
        "{said}"
    );
}

#[tokio::test]
async fn the_operators_reset_link_opens_at_its_own_address_alone() {
    let provider = Provider::start();
    provider.operator(&["user", "add", "ana"]);
    let made = provider.operator(&["user", "reset-link", "Ana"]);
    let link = made["link"].as_str().expect("a link");
    let path = link.strip_prefix(&provider.origin).expect("an address of ours");
    let shown = page(&provider, path).await;
    assert!(shown.contains("Set up your sign-in again"), "{shown}");
    assert!(
        !shown.contains("Display name"),
        "it changes what opens the account and nothing else"
    );
    for elsewhere in ["/invite/", "/setup/"] {
        let answer = reqwest::get(format!(
            "{}{}",
            provider.origin,
            path.replace("/recover/", elsewhere)
        ))
        .await
        .expect("the server answers");
        assert_eq!(answer.status(), 404, "{elsewhere}");
    }
}
