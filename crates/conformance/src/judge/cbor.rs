//! CBOR: the strict reader of `webauthn` against the tables of RFC 8949 and the CTAP2 canonical form.
//!
//! The table of Appendix A holds more than CTAP2 allows. Which items those are is read off the table's own
//! columns: what does not survive a round trip (indefinite lengths, floats longer than needed), and what is a
//! float, a bignum, a tag, `undefined` or an unassigned simple value. Such an item must be well-formed to the
//! reader of RFC 8949 and refused by that of CTAP2. Every other item must be read by both, with its value.

use doorward_webauthn::cbor::{CborError, Item, Key, Rules};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Cases, Hex, Source, to_hex};
use crate::case::{Case, Refusal};

#[derive(Debug, Deserialize)]
struct Row {
    hex: Hex,
    roundtrip: bool,
    // As text: JSON numbers of the table are larger than any machine's.
    decoded: Option<Box<RawValue>>,
    diagnostic: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Malformed {
    hex: Hex,
    kind: String,
}

#[derive(Debug, Deserialize)]
struct Canonical {
    canonical: Vec<Good>,
    not_canonical: Vec<Bad>,
}

#[derive(Debug, Deserialize)]
struct Good {
    diagnostic_input: String,
    canonical_hex: Hex,
}

#[derive(Debug, Deserialize)]
struct Bad {
    hex: Hex,
    why: String,
}

pub(super) fn appendix_a(source: &Source<'_>) -> Cases {
    let rows: Vec<Row> = serde_json::from_str(source.text)?;
    Ok(rows.iter().map(row).collect())
}

pub(super) fn appendix_f(source: &Source<'_>) -> Cases {
    let rows: Vec<Malformed> = serde_json::from_str(source.text)?;
    let cases = rows.iter().flat_map(|row| {
        [("RFC 8949", Rules::RFC8949), ("CTAP2", Rules::CTAP2)].map(|(rules_name, rules)| {
            let name = format!("{} ({}) read as {rules_name}", to_hex(&row.hex.0), row.kind);
            Case::accepts(name, false, read(&row.hex.0, rules))
        })
    });
    Ok(cases.collect())
}

pub(super) fn ctap2(source: &Source<'_>) -> Cases {
    let file: Canonical = serde_json::from_str(source.text)?;
    let good = file.canonical.iter().map(|row| {
        let name = format!("{} ({})", to_hex(&row.canonical_hex.0), row.diagnostic_input);
        Case::accepts(name, true, read(&row.canonical_hex.0, Rules::CTAP2))
    });
    let bad = file.not_canonical.iter().map(|row| {
        let name = format!("{} ({})", to_hex(&row.hex.0), row.why);
        Case::accepts(name, false, read(&row.hex.0, Rules::CTAP2))
    });
    Ok(good.chain(bad).collect())
}

fn read(bytes: &[u8], rules: Rules) -> Result<(), Refusal> {
    Item::parse(bytes, rules).map(drop).map_err(Refusal::because)
}

fn row(row: &Row) -> Case {
    let word = |read: Result<String, CborError>| read.unwrap_or_else(|error| format!("refused ({error})"));
    let wide = word(Item::parse(&row.hex.0, Rules::RFC8949).map(|_| "well-formed".to_owned()));
    let narrow = Item::parse(&row.hex.0, Rules::CTAP2);
    let (expected, narrow) = match expected_of_ctap2(row) {
        None => (
            "refused".to_owned(),
            narrow.map_or_else(|_| "refused".to_owned(), |_| "accepted".to_owned()),
        ),
        Some(value) => (value, word(narrow.and_then(|item| shown(&item)))),
    };
    Case::value(
        to_hex(&row.hex.0),
        format!("well-formed, CTAP2: {expected}"),
        Ok(format!("{wide}, CTAP2: {narrow}")),
    )
}

/// What CTAP2's reader must find, or nothing where it must refuse.
fn expected_of_ctap2(row: &Row) -> Option<String> {
    if !row.roundtrip {
        return None;
    }
    if let Some(diagnostic) = &row.diagnostic {
        let is_wide = ["undefined", "simple(", "Infinity", "NaN"]
            .iter()
            .any(|word| diagnostic.contains(word))
            || diagnostic.starts_with(|first: char| first.is_ascii_digit()); // a tag: number, parenthesis
        return (!is_wide).then(|| diagnostic.clone());
    }
    let text = row.decoded.as_ref().map_or("null", |decoded| decoded.get());
    let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    if is_number {
        // RFC 8949 §3.1: what a head can say. Beyond that stands a bignum, which is a tag.
        let number = text.parse::<i128>().ok()?;
        let is_integer = (-(1_i128 << 64)..1_i128 << 64).contains(&number);
        return is_integer.then(|| number.to_string());
    }
    serde_json::from_str::<Value>(text)
        .ok()
        .map(|value| value.to_string())
}

/// The value in the notation of the table: JSON, or the diagnostic notation where JSON has none.
fn shown(item: &Item<'_>) -> Result<String, CborError> {
    if let Ok(number) = item.integer() {
        return Ok(number.to_string());
    }
    if let Ok(text) = item.text() {
        return Ok(Value::from(text).to_string());
    }
    if let Ok(bytes) = item.bytes() {
        return Ok(format!("h'{}'", to_hex(bytes)));
    }
    if let Ok(truth) = item.boolean() {
        return Ok(truth.to_string());
    }
    if let Ok(items) = item.array() {
        let items = items.map(|item| shown(&item)).collect::<Result<Vec<_>, _>>()?;
        return Ok(format!("[{}]", items.join(",")));
    }
    if let Ok(map) = item.map() {
        return shown_map(map);
    }
    Ok(match item.raw() {
        [0xf6] => "null".to_owned(),
        raw => head_number(raw).map_or_else(|| to_hex(raw), |number| number.to_string()),
    })
}

fn shown_map(map: doorward_webauthn::cbor::Map<'_>) -> Result<String, CborError> {
    let mut members = Vec::new();
    let mut has_numbers = false;
    for (key, value) in map.entries() {
        let value = shown(&value)?;
        members.push(match key {
            Key::Text(text) => format!("{}:{value}", Value::from(text)),
            Key::Integer(number) => {
                has_numbers = true;
                format!("{number}: {value}")
            }
            Key::Other => format!("?:{value}"),
        });
    }
    Ok(format!(
        "{{{}}}",
        members.join(if has_numbers { ", " } else { "," })
    ))
}

/// An integer that does not fit 64 bits with a sign: the reader passes it and hands out no number.
fn head_number(raw: &[u8]) -> Option<i128> {
    let (head, value) = raw.split_first()?;
    let value = i128::from(u64::from_be_bytes(value.try_into().ok()?));
    match head {
        0x1b => Some(value),
        0x3b => Some(-1 - value),
        _ => None,
    }
}
