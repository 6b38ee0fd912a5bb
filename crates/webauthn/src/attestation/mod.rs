//! Attestation statements (§8): what an authenticator says about the key that it made.
//!
//! One format, one file, always in the same order: the statement's shape, `parse`, `verify`, what it demands of
//! certificates. [`verify`] chooses by `fmt`, compared exactly. What a correct statement is worth is decided
//! afterwards, by [`Trust`](crate::trust::Trust).

mod none;
mod object;
mod packed;
mod x5c;

use doorward_crypto::{Algorithm, Provider, SignatureForm, Timestamp};

pub(crate) use object::AttestationObject;

use crate::authenticator_data::{AttestedCredentialData, AuthenticatorData};
use crate::cause::{Cause, StatementFault};
use crate::cbor::Map;
use crate::cose::CredentialKey;
use crate::policy::Leniencies;
use crate::step::{At, Fault, Step};
use crate::trust::Certificate;

/// A format of attestation statements.
trait Format<'a>: Sized {
    /// Its identifier in the registry "WebAuthn Attestation Statement Format Identifiers".
    const NAME: &'static str;

    /// Reads the statement.
    fn parse(statement: &Map<'a>) -> Result<Self, Fault>;

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
            statement: &Map<'a>,
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
        let key = leaf.public_key().map_err(|fault| Fault {
            step: Step::CertificateRequirements,
            cause: Cause::Certificate { index: 0, fault },
        })?;
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
    chain: Vec<Certificate<'a>>,
}

impl<'a> Attested<'a> {
    const fn nothing() -> Self {
        Self {
            kind: AttestationType::None,
            chain: Vec::new(),
        }
    }

    const fn by_itself() -> Self {
        Self {
            kind: AttestationType::Itself,
            chain: Vec::new(),
        }
    }

    const fn by(chain: Vec<Certificate<'a>>) -> Self {
        Self {
            kind: AttestationType::Certified,
            chain,
        }
    }

    pub(crate) const fn kind(&self) -> AttestationType {
        self.kind
    }

    /// The certificates, leaf first.
    pub(crate) fn chain(&self) -> &[Certificate<'a>] {
        &self.chain
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
}

/// The algorithm that a statement names.
fn algorithm(statement: &Map<'_>) -> Result<Algorithm, Fault> {
    let number = statement
        .text_key("alg")
        .and_then(|item| item.integer())
        .at(Step::Statement)?;
    Algorithm::from_cose(number)
        .ok_or(StatementFault::Algorithm(number))
        .at(Step::AttestationAlgorithm)
}

/// The signature that a statement carries.
fn signature<'a>(statement: &Map<'a>) -> Result<&'a [u8], Fault> {
    statement
        .text_key("sig")
        .and_then(|item| item.bytes())
        .at(Step::Statement)
}
