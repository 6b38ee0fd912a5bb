//! Ceremonies from JSON text to verdict, beside the bare signature verifications in them: the ratio is what counts.
//!
//! ```text
//! cargo bench -p doorward-webauthn
//! ```
//!
//! Floor and ceremony take turns in one run, so that a machine which slows down slows both; the ratio is the median
//! over the rounds. It should be idle all the same. Then the bound: a login costs at most 1.10 times ring's bare
//! verification of the same signature, a registration with a packed statement and two certificates at most 1.15
//! times its three. Last, what each ceremony allocates.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench over a fixture that is known, and with a clock"
)]

use std::alloc::System;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_crypto::ring::Ring;
use doorward_crypto::{Algorithm, NoRandom, Provider, PublicKey, Random, Sha256, SignatureForm, Timestamp};
use doorward_webauthn::cose::CredentialKey;
use doorward_webauthn::json::Base64Url;
use doorward_webauthn::policy::Leniencies;
use doorward_webauthn::trust::{Anchors, Certificate, Trust};
use doorward_webauthn::{
    AuthenticationResponse, CredentialDescriptor, CredentialRecord, RegistrationResponse, RelyingParty,
    UserEntity, UserHandle,
};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROUNDS: usize = 300;
const TURNS: u32 = 20;

fn main() {
    login();
    registration();
}

/// Prints both times in microseconds, their ratio beside its bound, and what one ceremony allocates.
fn compare(name: &str, bound: f64, floor: impl Fn(), ceremony: impl Fn()) {
    let time = |run: &dyn Fn()| {
        let begun = Instant::now();
        (0..TURNS).for_each(|_| run());
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(TURNS)
    };
    time(&ceremony); // what is filled once is filled
    let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (time(&floor), time(&ceremony))).collect();
    let median = |of: &dyn Fn(&(f64, f64)) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[ROUNDS / 2]
    };
    let ratio = median(&|(floor, ceremony)| ceremony / floor);
    let verdict = if ratio <= bound { "within" } else { "ABOVE" };
    println!("{name}");
    println!("  bare verification   {:8.2} us", median(&|(floor, _)| *floor));
    println!(
        "  JSON to verdict     {:8.2} us",
        median(&|(_, ceremony)| *ceremony)
    );
    println!("  ratio               {ratio:8.3}  {verdict} {bound:.2}");
    let region = Region::new(ALLOCATOR);
    ceremony();
    let change = region.change();
    println!(
        "  allocations         {:8}  {} bytes in all",
        change.allocations + change.reallocations,
        change.bytes_allocated
    );
}

fn login() {
    let line = line("authentication-es256");
    let rp = RelyingParty::builder("example.org", ["https://example.org"])
        .build(Arc::new(Ring))
        .unwrap();
    let now = Timestamp::from_seconds(line["verify_at"].as_u64().unwrap());
    let credential = &line["credential"];
    let record: CredentialRecord = serde_json::from_value(json!({
        "id": credential["id"], "public_key": credential["public_key_cose"], "sign_count": credential["sign_count"],
        "uv_initialized": true, "backup_eligible": null, "backup_state": false, "rp_id": "example.org",
    }))
    .unwrap();
    let user = UserHandle::new(bytes(&credential["user_handle"])).unwrap();
    let allowed = [CredentialDescriptor::new(record.id.clone(), Vec::new())];
    let begun = rp
        .authenticate()
        .challenge(&bytes(&line["challenge"]))
        .for_user(&user, &allowed);
    let (_, kept) = begun.begin(&Unneeded, now).unwrap();
    let json = line["response"].to_string();
    let response = &line["response"]["response"];
    let signed = signed(&bytes(&response["authenticatorData"]), response);
    let signature = bytes(&response["signature"]);
    let key = CredentialKey::parse(record.public_key.as_bytes(), Leniencies::NONE).unwrap();
    compare(
        "login, ES256",
        1.10,
        || verify(key.key(), &signed, &signature),
        || {
            let answer = AuthenticationResponse::from_json(black_box(json.as_bytes())).unwrap();
            black_box(kept.clone().finish(&answer, &record, &rp, now).unwrap());
        },
    );
}

fn registration() {
    let line = line("registration-packed");
    let root = line["trust_roots_pem"][0].as_str().unwrap();
    let mut anchors = Anchors::new();
    anchors.add_pem(root).unwrap();
    let rp = RelyingParty::builder("example.org", ["https://example.org"]).trust(Trust::anchors(anchors));
    let rp = rp.build(Arc::new(Ring)).unwrap();
    let now = Timestamp::from_seconds(line["verify_at"].as_u64().unwrap());
    let user = UserEntity {
        handle: UserHandle::new(*b"ana").unwrap(),
        name: String::new(),
        display_name: String::new(),
    };
    let (_, kept) = rp
        .register(&user)
        .challenge(&bytes(&line["challenge"]))
        .begin(&Unneeded, now)
        .unwrap();
    let json = line["response"].to_string();

    // The three signatures: the leaf's under the statement, and those of leaf and intermediate.
    let response = &line["response"]["response"];
    let object = bytes(&response["attestationObject"]);
    let object: ciborium::Value = ciborium::from_reader(&object[..]).unwrap();
    let statement = member(&object, "attStmt");
    let signed = signed(member(&object, "authData").as_bytes().unwrap(), response);
    let mut chain: Vec<Vec<u8>> = member(statement, "x5c")
        .as_array()
        .unwrap()
        .iter()
        .map(|der| der.as_bytes().unwrap().clone())
        .collect();
    assert_eq!(chain.len(), 2, "two certificates");
    let root: String = root.lines().filter(|line| !line.starts_with('-')).collect();
    chain.push(STANDARD.decode(root).unwrap());
    let key = |der: &[u8]| PublicKey::from_spki(Certificate::parse(der).unwrap().spki()).unwrap();
    let mut signatures = vec![(
        key(&chain[0]),
        signed,
        member(statement, "sig").as_bytes().unwrap().clone(),
    )];
    for pair in chain.windows(2) {
        let (_, certificate, _) = piece(&pair[0]);
        let (tbs, _, rest) = piece(certificate);
        let (_, _, rest) = piece(rest);
        let (_, signature, _) = piece(rest);
        signatures.push((key(&pair[1]), tbs.to_vec(), signature[1..].to_vec()));
    }
    compare(
        "registration, packed with two certificates",
        1.15,
        || {
            for (key, message, signature) in &signatures {
                verify(key, message, signature);
            }
        },
        || {
            let answer = RegistrationResponse::from_json(black_box(json.as_bytes())).unwrap();
            black_box(kept.clone().finish(&answer, &rp, now).unwrap());
        },
    );
}

fn verify(key: &PublicKey, message: &[u8], signature: &[u8]) {
    Ring.verify(
        Algorithm::Es256,
        key,
        SignatureForm::Der,
        black_box(message),
        signature,
    )
    .unwrap();
}

/// Authenticator data and the hash of the client data: what authenticators sign.
fn signed(authenticator_data: &[u8], response: &Value) -> Vec<u8> {
    let hash = Sha256::of(&bytes(&response["clientDataJSON"]));
    [authenticator_data, &hash].concat()
}

fn member<'v>(map: &'v ciborium::Value, name: &str) -> &'v ciborium::Value {
    let mut entries = map.as_map().unwrap().iter();
    &entries.find(|(key, _)| key.as_text() == Some(name)).unwrap().1
}

/// A DER value: all of it, its content, and what follows.
fn piece(der: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let (head, length) = match der[1] {
        0x82 => (4, usize::from(u16::from_be_bytes([der[2], der[3]]))),
        0x81 => (3, usize::from(der[2])),
        short => (2, usize::from(short)),
    };
    let (whole, rest) = der.split_at(head + length);
    (whole, &whole[head..], rest)
}

fn line(name: &str) -> Value {
    let lines = include_str!("../../../fixtures/webauthn/good.jsonl").lines();
    lines
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|line| line["name"] == name)
        .unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    Base64Url::parse(value.as_str().unwrap())
        .unwrap()
        .as_bytes()
        .to_vec()
}

/// The challenges are brought along.
#[derive(Debug)]
struct Unneeded;

impl Random for Unneeded {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoRandom> {
        Err(NoRandom)
    }
}
