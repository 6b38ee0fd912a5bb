//! The blob: a JWS whose payload lists the models (FIDO Metadata Service v3, §3.1.6 and §3.2).

use doorward_crypto::{Provider, Timestamp};
use doorward_jose::{Compact, json};
use serde_json::Value;

use super::date::Date;
use super::signer::Signer;
use super::statement::Entry;
use crate::Aaguid;
use crate::limits::METADATA_MAX;
use crate::policy::Leniencies;
use crate::trust::{Anchors, Certificate, CertificateError, Hashes, Judge, Path, PathError, Revocations};

/// A blob whose signature and path were verified.
#[derive(Clone, Debug)]
pub struct Blob {
    number: u64,
    next_update: Date,
    algorithm: String,
    entries: Vec<Entry>,
    unreadable: Vec<Unreadable>,
}

/// What an entry that cannot be read says about whose it is.
#[derive(Clone, Debug)]
struct Unreadable {
    aaguid: Option<Aaguid>,
    key_identifiers: Vec<String>,
}

impl Blob {
    /// Verifies a blob as it was fetched.
    ///
    /// The signer's certificate must be the one of [`Signer`], its path must lead to one of the anchors at this
    /// moment without SHA-1, and none of it may be revoked; FIDO's blob leads to a GlobalSign root. `previous` is the number of the blob that was in use: one that goes
    /// backwards is refused. Whether the blob is out of date is said by [`Blob::is_current`] and decided by
    /// policy.
    ///
    /// # Errors
    /// [`BlobError`].
    pub fn verify(
        text: &str,
        signer: &Signer,
        anchors: &Anchors,
        revocations: &Revocations,
        previous: Option<u64>,
        provider: &dyn Provider,
        now: Timestamp,
    ) -> Result<Self, BlobError> {
        if text.len() > METADATA_MAX {
            return Err(BlobError::TooLong(text.len()));
        }
        let jws = Compact::parse(text.trim_ascii_end()).map_err(|_| BlobError::Jws)?;
        let chain = jws.header().x5c().map_err(|_| BlobError::Certificates)?;
        let algorithm = jws.header().algorithm().ok_or(BlobError::Algorithm)?;
        let parsed: Result<Vec<_>, _> = chain.iter().map(|der| Certificate::parse(der)).collect();
        let chain = parsed?;
        let leaf = chain.first().ok_or(BlobError::Certificates)?;
        let judge = Judge {
            provider,
            leniencies: Leniencies::NONE,
            valid_at: now,
            now,
        };
        let known = anchors.certificates();
        let path = Path::find(&chain, &known, Hashes::Sha2, judge)?;
        path.check_revocations(revocations, judge)?;
        if !signer.holds(leaf)? {
            return Err(BlobError::Host);
        }
        let key = leaf.public_key()?;
        if key.kind() != algorithm.key_kind() {
            return Err(BlobError::Algorithm);
        }
        let algorithm_name = jws.header().alg().to_owned();
        let verified = jws
            .verify(provider, algorithm, &key)
            .map_err(|_| BlobError::Signature)?;
        let blob = Self::read(verified.payload(), algorithm_name)?;
        match previous {
            Some(previous) if blob.number < previous => Err(BlobError::Older {
                previous,
                number: blob.number,
            }),
            _ => Ok(blob),
        }
    }

    pub(crate) fn read(payload: &[u8], algorithm: String) -> Result<Self, BlobError> {
        let mut payload = json::object(payload).map_err(|_| BlobError::Payload("JSON"))?;
        let number = payload
            .get("no")
            .and_then(Value::as_u64)
            .ok_or(BlobError::Payload("no"))?;
        let next_update = payload.get("nextUpdate").and_then(Value::as_str);
        let next_update = next_update
            .and_then(|text| text.parse().ok())
            .ok_or(BlobError::Payload("nextUpdate"))?;
        let Some(Value::Array(list)) = payload.remove("entries") else {
            return Err(BlobError::Payload("entries"));
        };
        let mut entries = Vec::with_capacity(list.len());
        let mut unreadable = Vec::new();
        for value in list {
            match value.as_object().map(|raw| Entry::read(raw.clone())) {
                Some(Ok(entry)) => entries.push(entry),
                Some(Err(_)) | None => unreadable.push(Unreadable::of(&value)),
            }
        }
        Ok(Self {
            number,
            next_update,
            algorithm,
            entries,
            unreadable,
        })
    }

    /// `no`: it grows with every blob. Keep it, and pass it as `previous` next time.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The day by which there will be a newer one.
    #[must_use]
    pub const fn next_update(&self) -> Date {
        self.next_update
    }

    /// Whether that day has not passed.
    #[must_use]
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < self.next_update.begins_at().plus(DAY)
    }

    /// The JWS algorithm that it was signed with.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// The models.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many entries could not be read. Their models are not trusted, whatever other anchors there are.
    #[must_use]
    pub const fn unreadable(&self) -> usize {
        self.unreadable.len()
    }

    /// Whether there is an entry of this model, by AAGUID or by attestation key, that cannot be read.
    pub(super) fn is_unreadable(&self, aaguid: Aaguid, key: Option<&str>) -> bool {
        self.unreadable.iter().any(|entry| {
            let named = |key: &str| {
                entry
                    .key_identifiers
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(key))
            };
            (!aaguid.is_zero() && entry.aaguid == Some(aaguid)) || key.is_some_and(named)
        })
    }

    /// The model with this AAGUID. The one that is all zero is nobody's.
    #[must_use]
    pub fn find(&self, aaguid: Aaguid) -> Option<&Entry> {
        if aaguid.is_zero() {
            return None;
        }
        self.entries.iter().find(|entry| entry.aaguid() == Some(aaguid))
    }

    /// The U2F model with this attestation key: SHA-1 of the key, in lower-case hexadecimal.
    #[must_use]
    pub fn find_by_key(&self, identifier: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| {
            entry
                .key_identifiers()
                .iter()
                .any(|known| known.eq_ignore_ascii_case(identifier))
        })
    }
}

impl Unreadable {
    fn of(entry: &Value) -> Self {
        let aaguid = entry.get("aaguid").and_then(Value::as_str);
        let keys = entry
            .get("attestationCertificateKeyIdentifiers")
            .and_then(Value::as_array);
        Self {
            aaguid: aaguid.and_then(|text| text.parse().ok()),
            key_identifiers: keys
                .into_iter()
                .flatten()
                .filter_map(|key| key.as_str().map(str::to_owned))
                .collect(),
        }
    }
}

const DAY: core::time::Duration = core::time::Duration::from_secs(24 * 60 * 60);

/// Why a blob is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// Longer than [`METADATA_MAX`].
    #[error("a blob of {0} bytes")]
    TooLong(usize),
    /// Not a compact JWS.
    #[error("the blob is not a JWS")]
    Jws,
    /// No readable `x5c`.
    #[error("the blob's certificates cannot be read")]
    Certificates,
    /// An algorithm that is not known, or does not fit the signer's key: `none` and the HMACs among them.
    #[error("the blob's algorithm does not fit its signer")]
    Algorithm,
    /// A certificate of the signer.
    #[error("the blob's signer: {0}")]
    Certificate(#[from] CertificateError),
    /// No path to an anchor, or a revoked certificate.
    #[error("the blob's signer: {0}")]
    Path(#[from] PathError),
    /// The signer's certificate is not for the host that policy names.
    #[error("the blob's signer is another host")]
    Host,
    /// The signature is not valid.
    #[error("the blob's signature is not valid")]
    Signature,
    /// A member of the payload is missing or malformed.
    #[error("the blob's payload: {0}")]
    Payload(&'static str),
    /// Older than the one in use.
    #[error("the blob has number {number}, and {previous} is in use")]
    Older {
        /// The number in use.
        previous: u64,
        /// The number of this one.
        number: u64,
    },
}
