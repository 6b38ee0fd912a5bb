//! Verifies recorded registrations and says what each proved.
//!
//! ```text
//! cargo run -p doorward-webauthn --example verify_recording -- fixtures/webauthn/good.jsonl
//! ```
#![expect(
    clippy::indexing_slicing,
    reason = "a member of JSON that is not there is null"
)]

use std::sync::Arc;

use doorward_crypto::ring::Ring;
use doorward_crypto::rustcrypto::RustCrypto;
use doorward_crypto::{Algorithm, NoRandom, Random, Timestamp, Widest};
use doorward_webauthn::json::Base64Url;
use doorward_webauthn::trust::{Anchors, Trust};
use doorward_webauthn::{RegistrationResponse, RelyingParty, UserEntity, UserHandle};
use serde_json::Value;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("which file?")?;
    for line in std::fs::read_to_string(path)?.lines() {
        let line: Value = serde_json::from_str(line)?;
        if line["type"] == "registration" {
            println!("{}: {}", line["name"], verdict(&line)?);
        }
    }
    Ok(())
}

fn verdict(line: &Value) -> Result<String, Box<dyn std::error::Error>> {
    let texts = |name: &str| -> Vec<&str> {
        line[name]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    };
    let mut anchors = Anchors::new();
    for pem in texts("trust_roots_pem") {
        anchors.add_pem(pem)?;
    }
    let offered = line["allow_algs"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_i64);
    let rp = RelyingParty::builder(line["rp_id"].as_str().ok_or("rp_id")?, texts("origins"))
        .algorithms(offered.filter_map(Algorithm::from_cose))
        .trust(if anchors.is_empty() {
            Trust::unchecked()
        } else {
            Trust::anchors(anchors)
        })
        .build(Arc::new(Widest(Ring, RustCrypto)))?;
    let user = UserEntity {
        handle: UserHandle::new(*b"recorded")?,
        name: String::new(),
        display_name: String::new(),
    };
    let challenge = Base64Url::parse(line["challenge"].as_str().ok_or("challenge")?)?;
    let now = Timestamp::from_seconds(line["verify_at"].as_u64().unwrap_or_default());

    // A recording has its challenge already; a server leaves `challenge` out and brings real randomness.
    let (_options, kept) = rp
        .register(&user)
        .challenge(challenge.as_bytes())
        .begin(&Unneeded, now)?;
    let answer = RegistrationResponse::from_json(line["response"].to_string().as_bytes());
    Ok(match answer.and_then(|answer| kept.finish(&answer, &rp, now)) {
        Ok(registration) => format!("{:?}", registration.report.attestation.kind),
        Err(refused) => refused.to_string(),
    })
}

#[derive(Debug)]
struct Unneeded;

impl Random for Unneeded {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoRandom> {
        Err(NoRandom)
    }
}
