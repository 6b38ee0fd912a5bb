//! FIDO metadata: blobs, what stands in them, and the certificates they and their models chain to.
//!
//! The cases name their files relative to the folder in which they stand.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_crypto::{Provider, Sha256, Timestamp};
use doorward_jose::Compact;
use doorward_webauthn::metadata::{Blob, BlobError, Date, Entry, Signer};
use doorward_webauthn::trust::{Anchors, Certificate, Missing, Revocations};
use serde::Deserialize;

use super::{Cases, NotUnderstood, PROVIDERS, Source, to_hex};
use crate::case::{Case, Refusal};

#[derive(Debug, Deserialize)]
struct Row {
    file: String,
    root: String,
    verify_at: u64,
    expect: Expected,
    why: Option<String>,
    alg: String,
    no: u64,
    next_update: String,
    entries: usize,
    entries_with_aaguid: usize,
    entries_with_aaid: usize,
    entries_with_key_identifiers: usize,
    sha256: String,
    statuses: BTreeMap<String, usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Expected {
    Ok,
    Error,
    /// Good, unless it is known that the signer was revoked.
    ErrorWithRevocation,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Extract {
    aaguid: Option<String>,
    aaid: Option<String>,
    attestation_certificate_key_identifiers: Option<Vec<String>>,
    description: String,
    protocol_family: String,
    attestation_types: Vec<String>,
    authentication_algorithms: Vec<String>,
    statuses: Vec<(String, Option<String>)>,
    #[serde(rename = "root_sha256")]
    roots: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Root {
    file: String,
    subject: String,
    not_before: String,
    not_after: String,
    sha256: String,
}

pub(super) fn blobs(source: &Source<'_>) -> Cases {
    let rows: Vec<Row> = serde_json::from_str(source.text)?;
    let mut cases = Vec::new();
    for row in &rows {
        let blob = Material::read(source.path, row)?;
        let name = format!("{} ({})", row.file, row.why.as_deref().unwrap_or("good"));
        let passes = Revocations::new(Missing::Pass);
        match row.expect {
            Expected::Ok => cases.push(Case::value(
                name,
                said(row),
                blob.verify(&passes).map(|blob| found(&blob)),
            )),
            Expected::Error => cases.push(Case::accepts(name, false, blob.verify(&passes).map(drop))),
            Expected::ErrorWithRevocation => {
                let verified = blob.verify(&passes).map(|blob| found(&blob));
                cases.push(Case::value(format!("{name}, nothing known"), said(row), verified));
                let mut revoked = Revocations::new(Missing::Pass);
                revoked.add_serial(&blob.signer_serial()?);
                let verified = blob.verify(&revoked).map(drop);
                cases.push(Case::accepts(
                    format!("{name}, its serial number revoked"),
                    false,
                    verified,
                ));
            }
        }
    }
    Ok(cases)
}

/// An extract is compared with the blob of the same number, which the cases beside it name.
pub(super) fn entries(source: &Source<'_>) -> Cases {
    let rows: Vec<Extract> = serde_json::from_str(source.text)?;
    let stem = source
        .path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let number: Option<u64> = stem
        .split('-')
        .find_map(|part| part.strip_prefix("no")?.parse().ok());
    let beside = source.path.with_file_name("mds-cases.json");
    let blobs: Vec<Row> = fs::read_to_string(&beside)
        .map_err(|error| NotUnderstood::new(format!("{}: {error}", beside.display())))
        .and_then(|text| Ok(serde_json::from_str(&text)?))?;
    let row = blobs
        .iter()
        .find(|row| Some(row.no) == number && row.expect == Expected::Ok);
    let row = row.ok_or_else(|| NotUnderstood::new("no good blob of this number is named beside it"))?;
    let blob = Material::read(source.path, row)?.verify(&Revocations::new(Missing::Pass));
    let cases = rows.iter().enumerate().map(|(index, row)| {
        let entry = blob.as_ref().map_err(Clone::clone).and_then(|blob| {
            blob.entries()
                .get(index)
                .map(described)
                .ok_or_else(|| Refusal::because("there is no such entry"))
        });
        Case::value(
            format!("entry {index}, {}", row.description),
            expected_entry(row),
            entry,
        )
    });
    Ok(cases.collect())
}

pub(super) fn roots(source: &Source<'_>) -> Cases {
    let rows: Vec<Root> = serde_json::from_str(source.text)?;
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for row in &rows {
        files.insert(&row.file, read(source.path, &row.file)?);
    }
    let mut cases: Vec<Case> = files
        .iter()
        .map(|(file, pem)| {
            let mut anchors = Anchors::new();
            let added = anchors
                .add_pem(pem)
                .map(|()| anchors.len().to_string())
                .map_err(Refusal::because);
            let listed = rows.iter().filter(|row| row.file == **file).count();
            Case::value(format!("{file}: certificates"), listed, added)
        })
        .collect();
    for row in &rows {
        let pem = files.get(row.file.as_str()).map_or("", String::as_str);
        let der = certificates(pem)
            .into_iter()
            .find(|der| to_hex(&Sha256::of(der)) == row.sha256);
        let der = der.ok_or_else(|| NotUnderstood::new(format!("{} has no {}", row.file, row.sha256)))?;
        let is_read = Certificate::parse(&der)
            .map_err(Refusal::because)
            .and_then(|certificate| {
                let (from, to) = certificate.validity();
                lies_on(from, &row.not_before)?;
                lies_on(to, &row.not_after)
            });
        cases.push(Case::accepts(
            format!("{} {}", row.file, row.subject),
            true,
            is_read,
        ));
    }
    Ok(cases)
}

/// A blob with what it is verified with.
struct Material {
    text: String,
    signer: Signer,
    anchors: Anchors,
    now: Timestamp,
}

impl Material {
    fn read(cases: &Path, row: &Row) -> Result<Self, NotUnderstood> {
        let text = read(cases, &row.file)?;
        if to_hex(&Sha256::of(text.as_bytes())) != row.sha256 {
            return Err(NotUnderstood::new(format!(
                "{} is another file than the one described",
                row.file
            )));
        }
        let mut anchors = Anchors::new();
        anchors
            .add_pem(&read(cases, &row.root)?)
            .map_err(NotUnderstood::new)?;
        Ok(Self {
            text,
            signer: signer(row),
            anchors,
            now: Timestamp::from_seconds(row.verify_at),
        })
    }

    /// The verdict of all providers.
    fn verify(&self, revocations: &Revocations) -> Result<Blob, Refusal> {
        let by = |provider: &dyn Provider| -> Result<Blob, BlobError> {
            Blob::verify(
                &self.text,
                &self.signer,
                &self.anchors,
                revocations,
                None,
                provider,
                self.now,
            )
        };
        let [one, other] = PROVIDERS.map(by);
        if one.is_ok() != other.is_ok() {
            return Err(Refusal::Split("the providers do not say the same".to_owned()));
        }
        one.map_err(Refusal::because)
    }

    fn signer_serial(&self) -> Result<Vec<u8>, NotUnderstood> {
        let jws = Compact::parse(self.text.trim_ascii_end()).map_err(NotUnderstood::new)?;
        let chain = jws.header().x5c().map_err(NotUnderstood::new)?;
        let signer = chain
            .first()
            .ok_or_else(|| NotUnderstood::new("no certificates"))?;
        Ok(Certificate::parse(signer)
            .map_err(NotUnderstood::new)?
            .serial()
            .to_vec())
    }
}

/// FIDO's own blobs are signed by FIDO's host. The signers of its conformance suite and of the specification's
/// example name no host; their roots certify nobody else.
fn signer(row: &Row) -> Signer {
    if row.file.starts_with("real/") {
        Signer::fido()
    } else {
        Signer::whoever_the_anchors_certify()
    }
}

/// What the case says about a blob, in one line.
fn said(row: &Row) -> String {
    let Row {
        alg,
        no,
        next_update,
        entries,
        ..
    } = row;
    let (aaguids, aaids) = (row.entries_with_aaguid, row.entries_with_aaid);
    let identifiers = row.entries_with_key_identifiers;
    let statuses = &row.statuses;
    format!(
        "{alg}, no {no}, next {next_update}, {entries} entries ({aaguids}, {aaids}, {identifiers}), {statuses:?}"
    )
}

/// The same of what was verified.
fn found(blob: &Blob) -> String {
    let entries = blob.entries();
    let count = |has: fn(&Entry) -> bool| entries.iter().filter(|entry| has(entry)).count();
    let mut statuses: BTreeMap<&str, usize> = BTreeMap::new();
    for report in entries.iter().flat_map(Entry::status_reports) {
        *statuses.entry(report.status.word()).or_default() += 1;
    }
    format!(
        "{}, no {}, next {}, {} entries ({}, {}, {}), {statuses:?}",
        blob.algorithm(),
        blob.number(),
        blob.next_update(),
        entries.len() + blob.unreadable(),
        count(|entry| entry.aaguid().is_some()),
        count(|entry| entry.aaid().is_some()),
        count(|entry| !entry.key_identifiers().is_empty()),
    )
}

fn expected_entry(row: &Extract) -> String {
    let identifiers = row
        .attestation_certificate_key_identifiers
        .clone()
        .unwrap_or_default();
    format!(
        "{:?} {:?} {identifiers:?} {:?} {} {:?} {:?} {:?}, {} roots",
        row.aaguid,
        row.aaid,
        row.description,
        row.protocol_family,
        row.attestation_types,
        row.authentication_algorithms,
        row.statuses,
        row.roots.len()
    )
}

fn described(entry: &Entry) -> String {
    let statuses: Vec<(String, Option<String>)> = entry
        .status_reports()
        .iter()
        .map(|report| {
            (
                report.status.word().to_owned(),
                report.effective_date.map(|date| date.to_string()),
            )
        })
        .collect();
    let aaguid = entry.aaguid().map(|aaguid| aaguid.to_string());
    let aaid = entry.aaid();
    let identifiers = entry.key_identifiers();
    let Some(statement) = entry.statement() else {
        return format!("{aaguid:?} {aaid:?} {identifiers:?}, no statement");
    };
    format!(
        "{aaguid:?} {aaid:?} {identifiers:?} {:?} {} {:?} {:?} {statuses:?}, {} roots",
        statement.description,
        statement.protocol_family,
        statement.attestation_types,
        statement.authentication_algorithms,
        entry.anchors().len()
    )
}

fn read(cases: &Path, file: &str) -> Result<String, NotUnderstood> {
    let path = cases.with_file_name(file);
    fs::read_to_string(&path).map_err(|error| NotUnderstood::new(format!("{}: {error}", path.display())))
}

/// The certificates of a PEM text, as they are, whether or not they can be read.
fn certificates(pem: &str) -> Vec<Vec<u8>> {
    let blocks = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
    blocks
        .filter_map(|block| {
            let (body, _) = block.split_once("-----END")?;
            let body: String = body
                .chars()
                .filter(|letter| !letter.is_ascii_whitespace())
                .collect();
            STANDARD.decode(body).ok()
        })
        .collect()
}

fn lies_on(moment: Timestamp, day: &str) -> Result<(), Refusal> {
    let day: Date = day.parse().map_err(Refusal::because)?;
    let begin = day.begins_at().seconds();
    if (begin..begin + 24 * 60 * 60).contains(&moment.seconds()) {
        Ok(())
    } else {
        Err(Refusal::because(format!(
            "{} does not lie on {day}",
            moment.seconds()
        )))
    }
}
