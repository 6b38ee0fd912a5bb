//! Enrols an authenticator app, as a server does it, and checks a code.
//!
//! `cargo run -p doorward-totp --example enrol` prints a URI and waits for the code that an app shows for it.

use std::io::{BufRead, Read};
use std::time::{SystemTime, UNIX_EPOCH};

use doorward_totp::{Algorithm, OtpAuth, OtpCode, Secret, Totp, Window};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A server passes its own source of randomness and its own clock.
    let secret = Secret::generate(Algorithm::Sha1, |bytes| {
        std::fs::File::open("/dev/urandom")?.read_exact(bytes)
    })?;
    println!("Type this into an authenticator app: {}", *secret.to_groups());

    let enrolment = OtpAuth::totp(Some("Doorward example"), "alice", Totp::new(secret.clone()))?;
    println!("or show it this as a QR code:        {}", *enrolment.to_uri());

    println!("and type the code that it shows:");
    let line = std::io::stdin()
        .lock()
        .lines()
        .next()
        .ok_or("no code was typed")??;
    let typed = OtpCode::parse(&line)?;

    let totp = Totp::new(secret);
    let now = unix_seconds()?;
    let step = totp.verify(&typed, now, Window::around(1), None)?;
    println!(
        "Right, at step {}, {} steps from our clock.",
        step.number(),
        totp.drift(step, now)
    );

    // The step is kept; the same code does not count again.
    match totp.verify(&typed, now, Window::around(1), Some(step)) {
        Err(refused) => println!("The second time: {refused}."),
        Ok(_) => return Err("a code counted twice".into()),
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program of its own has a clock of its own"
)]
fn unix_seconds() -> Result<u64, std::time::SystemTimeError> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}
