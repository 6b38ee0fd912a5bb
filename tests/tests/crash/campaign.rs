//! Start, live, kill, start, ask; again and again on one store.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use doorward_authenticator::Dice;
use doorward_tests::{Outcome, Server, free_port};
use serde_json::Value;
use tokio::{sync::Mutex, task::JoinSet};

use crate::{
    application::Application,
    witness::{CodeWitness, Losses, Witness},
};

const PEOPLE: usize = 16;

#[expect(
    clippy::disallowed_methods,
    reason = "a campaign runs in real time, and tells how long a start took"
)]
pub(crate) async fn run() -> Outcome {
    let kills = number("DOORWARD_KILLS", 50);
    let seed = number("DOORWARD_SEED", now());
    println!("{kills} kills, DOORWARD_SEED={seed}");
    let mut dice = Dice::from_seed(&seed.to_string());
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let data = folder.path().join("data");
    let port = free_port();
    let server = Server::start(&data, port, &[]).await;
    let origin = server.origin.clone();
    let (people, coder, application) = gather(&server).await?;
    let coder = Arc::new(Mutex::new(coder));
    println!("{PEOPLE} people with a passkey, one with a password and TOTP");

    let mut losses = Losses::default();
    let mut longest = Duration::ZERO;
    let mut server = Some(server);
    for round in 1..=kills {
        let alive = match server.take() {
            Some(server) => server,
            None => {
                let start = Instant::now();
                let server = Server::start(&data, port, &[]).await;
                longest = longest.max(start.elapsed());
                server
            }
        };
        for person in &people {
            person
                .lock()
                .await
                .ask(&application, &mut losses)
                .await
                .map_err(|error| format!("round {round}: {error}"))?;
        }
        coder
            .lock()
            .await
            .ask(&mut losses)
            .await
            .map_err(|error| format!("round {round}: {error}"))?;
        let mut lives = JoinSet::new();
        for person in &people {
            let (person, application) = (Arc::clone(person), application.clone());
            lives.spawn(async move { person.lock().await.live(&application, round).await });
        }
        let code = Arc::clone(&coder);
        lives.spawn(async move {
            // Slowed down, or the server is gone: either way the next round tries again.
            let _ = code.lock().await.live(now()).await;
            None
        });
        let [first, second, ..] = dice.throw();
        let moment = 50 + u64::from(u16::from_be_bytes([first, second])) % 700;
        tokio::time::sleep(Duration::from_millis(moment)).await;
        alive.kill().await;
        while let Some(ended) = lives.join_next().await {
            if let Some(wrong) = ended.map_err(|error| error.to_string())? {
                return Err(format!("round {round}: a refusal that no kill explains: {wrong}"));
            }
        }
    }
    let last = Server::start(&data, port, &[]).await;
    let mut acknowledged = 0;
    for person in &people {
        let mut person = person.lock().await;
        person
            .ask(&application, &mut losses)
            .await
            .map_err(|error| error.to_string())?;
        acknowledged += person.acknowledged;
    }
    coder
        .lock()
        .await
        .ask(&mut losses)
        .await
        .map_err(|error| error.to_string())?;
    drop(last);
    println!(
        "{kills} kills at {origin}: acknowledged {acknowledged}, lost {}, used twice {}, failed to open 0, slowest start {longest:?}",
        losses.lost.len(),
        losses.twice.len()
    );
    if losses.lost.is_empty() && losses.twice.is_empty() {
        Ok(())
    } else {
        Err(format!("{losses:#?}"))
    }
}

/// Sixteen people, one with TOTP, and an application.
async fn gather(server: &Server) -> Result<(Vec<Arc<Mutex<Witness>>>, CodeWitness, Application), String> {
    let mut people = Vec::new();
    let first = server.setup_link().await;
    for number in 0..PEOPLE {
        let link = if number == 0 {
            first.clone()
        } else {
            invited(server, &format!("person{number}")).await?
        };
        let person = Witness::join(&server.origin, number, &link)
            .await
            .map_err(|error| error.to_string())?;
        people.push(Arc::new(Mutex::new(person)));
    }
    let link = invited(server, "coder").await?;
    let coder = CodeWitness::join(&server.origin, &link, now())
        .await
        .map_err(|error| error.to_string())?;
    let (_, app) = server
        .command(&[
            "app",
            "add",
            "Campaign",
            "--json",
            "--redirect-uri",
            Application::redirect_uri(),
        ])
        .await;
    Ok((people, coder, Application::from_json(&server.origin, &app)))
}

/// A one-time link for somebody.
async fn invited(server: &Server, name: &str) -> Result<String, String> {
    let (_, said) = server.command(&["user", "add", name, "--json"]).await;
    let answer: Value =
        serde_json::from_str(said.trim()).map_err(|error| format!("user add: {error}: {said}"))?;
    let link = answer.get("link").and_then(Value::as_str);
    link.map(ToOwned::to_owned)
        .ok_or_else(|| format!("user add gave no link: {said}"))
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[expect(clippy::disallowed_methods, reason = "a campaign runs in real time")]
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
