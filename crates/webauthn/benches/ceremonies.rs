//! A ceremony from JSON text to verdict, beside the bare signature verification in it: the ratio is what counts.
//!
//! ```text
//! cargo bench -p doorward-webauthn
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench over a fixture that is known"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use doorward_crypto::ring::Ring;
use doorward_crypto::{Algorithm, NoRandom, Provider, Random, Sha256, SignatureForm, Timestamp};
use doorward_webauthn::cose::CredentialKey;
use doorward_webauthn::json::Base64Url;
use doorward_webauthn::policy::Leniencies;
use doorward_webauthn::trust::{Anchors, Trust};
use doorward_webauthn::{
    AuthenticationResponse, CredentialDescriptor, CredentialRecord, RegistrationResponse, RelyingParty,
    UserEntity, UserHandle,
};
use serde_json::{Value, json};

#[derive(Debug)]
struct Unneeded;

impl Random for Unneeded {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoRandom> {
        Err(NoRandom)
    }
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

fn login(c: &mut Criterion) {
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
    let signed = [
        bytes(&response["authenticatorData"]),
        Sha256::of(&bytes(&response["clientDataJSON"])).to_vec(),
    ]
    .concat();
    let signature = bytes(&response["signature"]);
    let key = CredentialKey::parse(record.public_key.as_bytes(), Leniencies::NONE).unwrap();

    let mut group = c.benchmark_group("login_es256");
    group.bench_function("floor", |b| {
        b.iter(|| {
            Ring.verify(
                Algorithm::Es256,
                key.key(),
                SignatureForm::Der,
                black_box(&signed),
                &signature,
            )
            .unwrap()
        });
    });
    group.bench_function("json_to_verdict", |b| {
        b.iter(|| {
            let answer = AuthenticationResponse::from_json(black_box(json.as_bytes())).unwrap();
            kept.clone().finish(&answer, &record, &rp, now).unwrap()
        });
    });
    group.finish();
}

fn registration(c: &mut Criterion) {
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
    // The floor: three ES256 signatures over as many bytes as a certificate has.
    let key = CredentialKey::parse(
        &bytes(&self::line("authentication-es256")["credential"]["public_key_cose"]),
        Leniencies::NONE,
    );
    let (key, message, signature) = (key.unwrap(), [7; 500], [0x30, 6, 2, 1, 1, 2, 1, 1]);

    let mut group = c.benchmark_group("registration_packed_two_certificates");
    group.bench_function("floor", |b| {
        b.iter(|| {
            for _ in 0..3 {
                let _ = Ring.verify(
                    Algorithm::Es256,
                    key.key(),
                    SignatureForm::Der,
                    black_box(&message),
                    &signature,
                );
            }
        });
    });
    group.bench_function("json_to_verdict", |b| {
        b.iter(|| {
            let answer = RegistrationResponse::from_json(black_box(json.as_bytes())).unwrap();
            kept.clone().finish(&answer, &rp, now).unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, login, registration);
criterion_main!(benches);
