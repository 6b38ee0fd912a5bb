//! What `oidc` checks by itself: code verifiers (RFC 7636) and DPoP proofs (RFC 9449).

use std::sync::Arc;

use doorward_crypto::ring::Ring;
use doorward_crypto::{Sha256, Timestamp};
use doorward_jose::base64url;
use doorward_oidc::Keys;
use doorward_oidc::authorize::pkce::CodeChallenge;
use doorward_oidc::dpop::{self, NoncePolicy, Nonces};
use serde::Deserialize;

use super::{Cases, Source};
use crate::case::{Case, Refusal};

#[derive(Debug, Deserialize)]
struct Proof {
    proof: String,
    method: String,
    uri: String,
    access_token: Option<String>,
    required_nonce: Option<String>,
    jkt: String,
    verify_at: u64,
    expect: String,
    why: Option<String>,
    note: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Pkce {
    appendix_b: Challenge,
    valid_verifiers: Vec<Verifier>,
    invalid_verifiers: Vec<Verifier>,
}

#[derive(Debug, Deserialize)]
struct Challenge {
    code_verifier: String,
    code_challenge: String,
}

#[derive(Debug, Deserialize)]
struct Verifier {
    code_verifier: String,
    why: Option<String>,
}

pub(super) fn proofs(source: &Source<'_>) -> Cases {
    let rows: Vec<Proof> = serde_json::from_str(source.text)?;
    let cases = rows.iter().enumerate().map(|(index, row)| {
        let remark = row.why.as_deref().or(row.note.as_deref()).unwrap_or("good");
        let name = format!("proof {index} ({remark})");
        if row.expect == "ok" {
            Case::value(name, &row.jkt, thumbprint_of_proof(row))
        } else {
            Case::accepts(name, false, thumbprint_of_proof(row).map(drop))
        }
    });
    Ok(cases.collect())
}

fn thumbprint_of_proof(row: &Proof) -> Result<String, Refusal> {
    // Nonces are the server's own affair; the rows only tell whether one is demanded.
    let nonces = Nonces::new([0; 32]);
    let expected = dpop::Expected {
        method: &row.method,
        address: &row.uri,
        access_token: row.access_token.as_deref(),
        nonces: if row.required_nonce.is_some() {
            NoncePolicy::Required(&nonces)
        } else {
            NoncePolicy::Off
        },
        now: Timestamp::from_seconds(row.verify_at),
    };
    let keys = Keys::new(Arc::new(Ring), Vec::new());
    let proof = dpop::verify(&[&row.proof], &expected, &keys).map_err(Refusal::because)?;
    Ok(proof.jkt().to_owned())
}

pub(super) fn pkce(source: &Source<'_>) -> Cases {
    let file: Pkce = serde_json::from_str(source.text)?;
    let figure = &file.appendix_b;
    let mut cases = vec![Case::accepts(
        "RFC 7636 Appendix B",
        true,
        verifies(&figure.code_challenge, &figure.code_verifier),
    )];
    // The challenge is the right one each time, so that only the verifier's form is left to refuse.
    let rows = file.valid_verifiers.iter().map(|row| (row, true));
    cases.extend(
        rows.chain(file.invalid_verifiers.iter().map(|row| (row, false)))
            .map(|(row, expected)| {
                let challenge = base64url::encode(&Sha256::of(row.code_verifier.as_bytes()));
                let name = format!(
                    "verifier {:?} ({})",
                    row.code_verifier,
                    row.why.as_deref().unwrap_or("good")
                );
                Case::accepts(name, expected, verifies(&challenge, &row.code_verifier))
            }),
    );
    Ok(cases)
}

fn verifies(challenge: &str, verifier: &str) -> Result<(), Refusal> {
    let challenge = CodeChallenge::parse(challenge).map_err(Refusal::because)?;
    challenge.verify(verifier).map_err(Refusal::because)
}
