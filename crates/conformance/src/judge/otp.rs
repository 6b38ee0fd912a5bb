//! One-time passwords: the figures of RFC 4226 and RFC 6238, base32, and `otpauth` URIs.

use std::collections::BTreeMap;

use doorward_totp::{Algorithm, Digits, Hotp, OtpAuth, OtpKey, Period, Secret, Totp, base32};
use serde::Deserialize;

use super::{Cases, Hex, NotUnderstood, Source, to_hex};
use crate::case::{Case, Refusal};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rfc4226_appendix_d: Option<Counters>,
    rfc6238_appendix_b: Option<Times>,
    #[serde(default)]
    rfc4648_base32: Vec<Base32>,
    #[serde(default)]
    base32_invalid: Vec<NotBase32>,
    #[serde(default)]
    otpauth_uris: Vec<Uri>,
    #[serde(default)]
    otpauth_invalid: Vec<NotUri>,
}

#[derive(Debug, Deserialize)]
struct Counters {
    secret_base32: String,
    digits: usize,
    algorithm: String,
    values: Vec<CounterValue>,
}

#[derive(Debug, Deserialize)]
struct CounterValue {
    counter: u64,
    code: String,
}

#[derive(Debug, Deserialize)]
struct Times {
    seeds_base32: BTreeMap<String, String>,
    t0: u64,
    step: u32,
    digits: usize,
    values: Vec<TimeValue>,
}

#[derive(Debug, Deserialize)]
struct TimeValue {
    time: u64,
    algorithm: String,
    counter_hex: String,
    code: String,
}

#[derive(Debug, Deserialize)]
struct Base32 {
    hex: Option<Hex>,
    ascii: String,
    base32: String,
}

#[derive(Debug, Deserialize)]
struct NotBase32 {
    text: String,
    why: String,
}

#[derive(Debug, Deserialize)]
struct Uri {
    uri: String,
    #[serde(rename = "type")]
    kind: String,
    issuer: Option<String>,
    account: String,
    secret_base32: String,
    algorithm: String,
    digits: usize,
    period: Option<u32>,
    counter: Option<u64>,
    code: Option<String>,
}

#[derive(Debug, Deserialize)]
struct NotUri {
    uri: String,
    why: String,
}

pub(super) fn judge(source: &Source<'_>) -> Cases {
    let file: File = serde_json::from_str(source.text)?;
    let mut cases = Vec::new();
    if let Some(counters) = &file.rfc4226_appendix_d {
        hotp(counters, &mut cases)?;
    }
    if let Some(times) = &file.rfc6238_appendix_b {
        totp(times, &mut cases)?;
    }
    file.rfc4648_base32
        .iter()
        .for_each(|row| both_ways(row, &mut cases));
    cases.extend(file.base32_invalid.iter().map(|row| {
        let read = base32::decode(&row.text).map(drop).map_err(Refusal::because);
        Case::accepts(format!("base32 {:?} ({})", row.text, row.why), false, read)
    }));
    file.otpauth_uris.iter().for_each(|row| uri(row, &mut cases));
    cases.extend(file.otpauth_invalid.iter().map(|row| {
        let read = OtpAuth::parse(&row.uri).map(drop).map_err(Refusal::because);
        Case::accepts(format!("{} ({})", row.uri, row.why), false, read)
    }));
    Ok(cases)
}

fn hotp(counters: &Counters, cases: &mut Vec<Case>) -> Result<(), NotUnderstood> {
    let hotp = Hotp::new(secret(&counters.secret_base32)?)
        .with_algorithm(algorithm(&counters.algorithm)?)
        .with_digits(digits(counters.digits)?);
    cases.extend(counters.values.iter().map(|row| {
        let code = hotp.code(row.counter).to_digits().to_string();
        Case::value(format!("hotp at {}", row.counter), &row.code, Ok(code))
    }));
    Ok(())
}

fn totp(times: &Times, cases: &mut Vec<Case>) -> Result<(), NotUnderstood> {
    let period = Period::from_seconds(times.step).ok_or_else(|| NotUnderstood::new("a period of 0"))?;
    for row in &times.values {
        let seed = times.seeds_base32.get(&row.algorithm);
        let seed = seed.ok_or_else(|| NotUnderstood::new(format!("no seed for {}", row.algorithm)))?;
        let totp = Totp::new(secret(seed)?)
            .with_algorithm(algorithm(&row.algorithm)?)
            .with_digits(digits(times.digits)?)
            .with_period(period)
            .with_start(times.t0);
        let (step, code) = (totp.step_at(row.time), totp.code_at(row.time));
        let got = format!("{} at {:016x}", *code.to_digits(), step.number());
        let name = format!("totp {} at {}", row.algorithm, row.time);
        cases.push(Case::value(
            name,
            format!("{} at {}", row.code, row.counter_hex),
            Ok(got),
        ));
    }
    Ok(())
}

fn both_ways(row: &Base32, cases: &mut Vec<Case>) {
    let bytes = row.hex.as_ref().map_or(row.ascii.as_bytes(), |hex| &hex.0);
    let written = base32::encode_padded(bytes).to_string();
    cases.push(Case::value(
        format!("base32 of {:?}", row.ascii),
        &row.base32,
        Ok(written),
    ));
    let read = base32::decode(&row.base32)
        .map(|read| to_hex(&read))
        .map_err(Refusal::because);
    cases.push(Case::value(
        format!("base32 {:?}", row.base32),
        to_hex(bytes),
        read,
    ));
}

fn uri(row: &Uri, cases: &mut Vec<Case>) {
    let last = row.period.map(u64::from).or(row.counter);
    let expected = format!(
        "{} {:?} {:?} {} {} {} {last:?}",
        row.kind, row.issuer, row.account, row.secret_base32, row.algorithm, row.digits
    );
    let read = OtpAuth::parse(&row.uri).map_err(Refusal::because);
    cases.push(Case::value(
        row.uri.clone(),
        &expected,
        read.as_ref().map(shown).map_err(Clone::clone),
    ));
    if let Ok(read) = read {
        let again = OtpAuth::parse(&read.to_uri())
            .map(|again| shown(&again))
            .map_err(Refusal::because);
        cases.push(Case::value(
            format!("{} written and read", row.uri),
            &expected,
            again,
        ));
        if let (Some(code), OtpKey::Hotp(hotp, next)) = (&row.code, read.key()) {
            let got = hotp.code(*next).to_digits().to_string();
            cases.push(Case::value(format!("{} code", row.uri), code, Ok(got)));
        }
    }
}

/// All that a URI says, in one line.
fn shown(read: &OtpAuth) -> String {
    let (kind, algorithm, digits, last) = match read.key() {
        OtpKey::Totp(totp) => (
            "totp",
            totp.algorithm(),
            totp.digits(),
            u64::from(totp.period().seconds()),
        ),
        OtpKey::Hotp(hotp, next) => ("hotp", hotp.algorithm(), hotp.digits(), *next),
    };
    let issuer = read.issuer();
    let (account, secret) = (read.account(), read.secret().to_base32());
    format!(
        "{kind} {issuer:?} {account:?} {} {algorithm} {} {:?}",
        *secret,
        digits.count(),
        Some(last)
    )
}

fn secret(text: &str) -> Result<Secret, NotUnderstood> {
    Secret::parse(text).map_err(NotUnderstood::new)
}

fn algorithm(name: &str) -> Result<Algorithm, NotUnderstood> {
    Algorithm::from_name(name).ok_or_else(|| NotUnderstood::new(format!("no algorithm {name}")))
}

fn digits(count: usize) -> Result<Digits, NotUnderstood> {
    Digits::from_count(count).ok_or_else(|| NotUnderstood::new(format!("no codes of {count} digits")))
}
