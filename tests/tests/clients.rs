//! Somebody else's OpenID Connect clients, each signing in, refreshing and signing out.

#![expect(
    clippy::expect_used,
    reason = "a client that cannot be started ends its test, saying why"
)]

use doorward_tests::{Journey, Outcome, Server, root, run_group};
use serde_json::Value;
use tokio::process::Command;

fn main() {
    let clients: Vec<Journey> = vec![("openid_client", || Box::pin(openid_client()))];
    run_group("clients", clients);
}

async fn openid_client() -> Outcome {
    let server = Server::fresh().await;
    let (code, said) = server
        .command(&[
            "app",
            "add",
            "--json",
            "Foreign client",
            "--development", // its addresses are on the loopback interface
            "--consent",
            "--post-secret", // what openid-client does by default
            "--redirect-uri",
            "http://127.0.0.1:9/callback",
            "--post-logout-redirect-uri",
            "http://127.0.0.1:9/bye",
        ])
        .await;
    let app: Value =
        serde_json::from_str(said.trim()).map_err(|error| format!("app add ({code}): {error}: {said}"))?;
    let text = |name: &str| {
        app.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let output = Command::new("node")
        .arg("openid-client.mjs")
        .current_dir(root().join("tests/clients"))
        .env("ISSUER", &server.origin)
        .env("CLIENT_ID", text("client_id"))
        .env("CLIENT_SECRET", text("client_secret"))
        .env("SETUP_LINK", server.setup_link().await)
        .output()
        .await
        .expect("node is installed (tests/run does it)");
    println!("{}", String::from_utf8_lossy(&output.stdout));
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{}\nthe server said:\n{}",
        String::from_utf8_lossy(&output.stderr),
        server.printed()
    ))
}
