//! Attestation statements (§8): what an authenticator says about the key that it made.
//!
//! One format, one file, always in the same order: the statement's shape, `parse`, `verify`, what it demands of
//! certificates. The format is chosen by `fmt`, compared exactly. What a correct statement is worth is decided
//! afterwards, by [`Trust`](crate::trust::Trust).

mod android_key;
mod android_safetynet;
mod apple;
mod compound;
mod fido_u2f;
mod none;
mod object;
mod packed;
mod tpm;
mod x5c;

use std::borrow::Cow;

use doorward_crypto::{Algorithm, Provider, PublicKey, SignatureForm, Timestamp};

pub(crate) use object::AttestationObject;

use crate::authenticator_data::{AttestedCredentialData, AuthenticatorData};
use crate::cause::{Cause, StatementFault};
use crate::cbor::{Item, Key, Map};
use crate::cose::CredentialKey;
use crate::policy::{AndroidKeyPolicy, CompoundPolicy, Leniencies};
use crate::step::{At, Fault, Step};
use crate::trust::{Certificate, CertificateError, Hashes};

/// A format of attestation statements.
trait Format<'a>: Sized {
    /// Its identifier in the registry "WebAuthn Attestation Statement Format Identifiers".
    const NAME: &'static str;

    /// Reads the statement.
    fn parse(statement: &Item<'a>) -> Result<Self, Fault>;

    /// The format's verification procedure.
    fn verify(self, signed: &Signed<'_, 'a>) -> Result<Attested<'a>, Fault>;
}

macro_rules! formats {
    ($($format:ty,)+) => {
        /// The identifiers of all formats.
        pub const FORMATS: &[&str] = &[$(<$format>::NAME),+];

        /// §7.1 steps 21 and 22: finds the format by its exact name, and runs its procedure.
        pub(crate) fn verify<'a>(
            name: &str,
            statement: &Item<'a>,
            signed: &Signed<'_, 'a>,
        ) -> Result<Attested<'a>, Fault> {
            $(if name == <$format>::NAME {
                return <$format>::parse(statement)?.verify(signed);
            })+
            Err(Fault { step: Step::Format, cause: Cause::Format(name.chars().take(NAME_SHOWN_MAX).collect()) })
        }
    };
}

formats! {
    none::None,
    packed::Packed<'_>,
    tpm::Tpm<'_>,
    android_key::AndroidKey<'_>,
    android_safetynet::SafetyNet<'_>,
    fido_u2f::FidoU2f<'_>,
    apple::Apple<'_>,
    compound::Compound<'_>,
}

/// How much of a foreign format name is kept for the log, in characters.
const NAME_SHOWN_MAX: usize = 32;

/// What a statement is about, and what it is verified with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'s, 'a> {
    /// Authenticator data as it came.
    pub(crate) authenticator_data: &'a [u8],
    pub(crate) data: &'s AuthenticatorData<'a>,
    pub(crate) attested: &'s AttestedCredentialData<'a>,
    pub(crate) key: &'s CredentialKey,
    pub(crate) client_data_hash: &'s [u8; 32],
    pub(crate) provider: &'s dyn Provider,
    pub(crate) leniencies: Leniencies,
    pub(crate) android_key: AndroidKeyPolicy,
    pub(crate) compound: CompoundPolicy,
    pub(crate) now: Timestamp,
}

impl Signed<'_, '_> {
    /// Authenticator data and the hash of the client data, one after the other.
    fn bytes(&self) -> Vec<u8> {
        [self.authenticator_data, self.client_data_hash].concat()
    }

    /// Verifies a statement's signature with the leaf's key.
    fn verify_with(
        &self,
        leaf: &Certificate<'_>,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Fault> {
        let key = leaf_key(leaf)?;
        if key.kind() != algorithm.key_kind() {
            return Err(StatementFault::KeyDiffers).at(Step::AttestationAlgorithm);
        }
        self.provider
            .verify(algorithm, &key, SignatureForm::Der, message, signature)
            .at(Step::AttestationSignature)
    }
}

/// What a correct statement says.
#[derive(Clone, Debug)]
pub(crate) struct Attested<'a> {
    kind: AttestationType,
    /// Certificates in DER, leaf first.
    chain: Vec<Cow<'a, [u8]>>,
    /// What the members of a compound statement say.
    members: Vec<(&'a str, Attested<'a>)>,
    /// What the leaf may be signed with.
    leaf_hashes: Hashes,
    model: ModelName,
}

/// Where a statement says which model it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelName {
    /// In the authenticator data, which it covers.
    Signed,
    /// In the certificate alone.
    InCertificate,
}

impl<'a> Attested<'a> {
    const fn nothing() -> Self {
        Self {
            kind: AttestationType::None,
            chain: Vec::new(),
            members: Vec::new(),
            leaf_hashes: Hashes::Sha1Too,
            model: ModelName::Signed,
        }
    }

    const fn by_itself() -> Self {
        let mut itself = Self::nothing();
        itself.kind = AttestationType::Itself;
        itself
    }

    fn by(kind: AttestationType, chain: &[Certificate<'a>]) -> Self {
        let chain = chain
            .iter()
            .map(|certificate| Cow::Borrowed(certificate.raw()))
            .collect();
        Self {
            kind,
            chain,
            ..Self::nothing()
        }
    }

    /// What the leaf may be signed with.
    pub(crate) const fn leaf_hashes(&self) -> Hashes {
        self.leaf_hashes
    }

    /// Where it says which model it is from.
    pub(crate) const fn model(&self) -> ModelName {
        self.model
    }

    pub(crate) const fn kind(&self) -> AttestationType {
        self.kind
    }

    /// The certificates, leaf first.
    pub(crate) fn chain(&self) -> &[Cow<'a, [u8]>] {
        &self.chain
    }

    /// The members of a compound statement that are correct, by format.
    pub(crate) fn members(&self) -> &[(&'a str, Self)] {
        &self.members
    }
}

/// Attestation types (§6.5.3). Whether certificates are of one model or of one device is known only from
/// outside, so the two are one here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttestationType {
    /// Nothing was said.
    None,
    /// The credential's key vouches for itself.
    Itself,
    /// A certified key of the model, or one certified for this device by an attestation CA.
    Certified,
    /// A certificate made for this one credential by an anonymization CA.
    AnonymizationCa,
    /// Several statements in one (§8.9).
    Compound,
}

/// Reads bytes as each structure that statements carry: for fuzzing.
pub(crate) fn read_structures(bytes: &[u8]) {
    tpm::read(bytes);
    android_key::read(bytes);
}

/// The statement as the map that every format but compound is.
fn members<'a>(statement: &Item<'a>, known: &[&str]) -> Result<Map<'a>, Fault> {
    let map = statement.map().at(Step::Statement)?;
    match map
        .entries()
        .find(|(key, _)| !matches!(key, Key::Text(name) if known.contains(name)))
    {
        Some((_, value)) => Err(value.unexpected()).at(Step::Statement),
        None => Ok(map),
    }
}

/// The algorithm that a statement names. SHA-1 is only for TPMs to name.
fn algorithm(statement: &Map<'_>) -> Result<Algorithm, Fault> {
    let algorithm = any_algorithm(statement)?;
    if algorithm == Algorithm::Rs1 {
        return Err(StatementFault::Sha1).at(Step::AttestationAlgorithm);
    }
    Ok(algorithm)
}

fn any_algorithm(statement: &Map<'_>) -> Result<Algorithm, Fault> {
    let number = statement
        .text_key("alg")
        .and_then(|item| item.integer())
        .at(Step::Statement)?;
    Algorithm::from_cose(number)
        .ok_or(StatementFault::Algorithm(number))
        .at(Step::AttestationAlgorithm)
}

/// The leaf's public key.
fn leaf_key(leaf: &Certificate<'_>) -> Result<PublicKey, Fault> {
    leaf.public_key().map_err(unfit)
}

/// A leaf that is not what its format demands.
const fn unfit(fault: CertificateError) -> Fault {
    Fault {
        step: Step::CertificateRequirements,
        cause: Cause::Certificate { index: 0, fault },
    }
}

/// Demands something of the leaf.
fn demand(holds: bool, what: &'static str) -> Result<(), Fault> {
    if holds {
        Ok(())
    } else {
        Err(unfit(CertificateError::Requirement(what)))
    }
}

/// The signature that a statement carries.
fn signature<'a>(statement: &Map<'a>) -> Result<&'a [u8], Fault> {
    statement
        .text_key("sig")
        .and_then(|item| item.bytes())
        .at(Step::Statement)
}
