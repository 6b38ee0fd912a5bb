//! What a refusing step found. The variant says which rule, its fields say where.

use doorward_crypto::{KeyError, VerifyError};

use crate::authenticator_data::AuthenticatorDataError;
use crate::cbor::CborError;
use crate::client_data::ClientDataError;
use crate::cose::CoseKeyError;
use crate::json::ResponseError;
use crate::trust::{CertificateError, PathError};

/// Why a step refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The ceremony is over.
    #[error("the ceremony has expired")]
    Expired,
    /// What was kept was made for another RP ID.
    #[error("the ceremony was begun for another RP ID")]
    OtherRelyingParty,
    /// The JSON form does not hold.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// The client data does not hold.
    #[error(transparent)]
    ClientData(#[from] ClientDataError),
    /// The client data is of the other ceremony, or of none.
    #[error("the client data is of another type")]
    OtherType,
    /// Another challenge.
    #[error("the challenge is not the one that was sent")]
    OtherChallenge,
    /// An origin that is not listed.
    #[error("the origin is not expected")]
    OtherOrigin,
    /// `crossOrigin` is true and policy refuses it.
    #[error("crossOrigin is true")]
    CrossOrigin,
    /// `topOrigin` is not listed.
    #[error("topOrigin is not expected")]
    OtherTopOrigin,
    /// `topOrigin` without `crossOrigin`.
    #[error("topOrigin is there and crossOrigin is not true")]
    TopOriginAlone,
    /// `crossOrigin` without `topOrigin`, and policy wants to know the page above.
    #[error("crossOrigin is true and topOrigin is not there")]
    TopOriginMissing,
    /// CBOR that cannot be read.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// Authenticator data that cannot be read.
    #[error(transparent)]
    AuthenticatorData(#[from] AuthenticatorDataError),
    /// Another RP ID was signed for.
    #[error("the RP ID hash is another")]
    OtherRpId,
    /// UP is not set.
    #[error("UP is not set")]
    UserAbsent,
    /// UV is not set.
    #[error("UV is not set")]
    UserUnverified,
    /// BS without BE.
    #[error("BS is set without BE")]
    BackedUpNotEligible,
    /// BE is not as it was at registration.
    #[error("BE is not as it was at registration")]
    EligibilityChanged,
    /// BE is not as policy asks.
    #[error("BE is not as the policy asks")]
    EligibilityPolicy,
    /// A COSE key that cannot be read.
    #[error(transparent)]
    CoseKey(#[from] CoseKeyError),
    /// A key that is none to trust.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The COSE number of an algorithm that was not offered.
    #[error("algorithm {0} was not offered")]
    NotOffered(i64),
    /// `id`, `rawId` and the attested id are not one.
    #[error("id, rawId and the attested credential id are not the same")]
    IdsDisagree,
    /// Not in `allowCredentials`.
    #[error("the credential is not among the allowed ones")]
    NotAllowed,
    /// The record that was brought is another credential's.
    #[error("the record is not that of the credential")]
    OtherRecord,
    /// The caller knows no such credential.
    #[error("the credential is not known")]
    Unknown,
    /// The caller knows the credential already.
    #[error("the credential is registered already")]
    Registered,
    /// The credential's owner was not named.
    #[error("the user handle is missing")]
    UserHandleMissing,
    /// The credential's owner is another.
    #[error("the user handle is another account's")]
    OtherUser,
    /// The credential id is too short or too long.
    #[error("the credential id has {0} bytes")]
    CredentialIdLength(usize),
    /// An attestation format that is not known or not built in.
    #[error("attestation format {0:?} is not supported")]
    Format(Box<str>),
    /// A statement that breaks a rule of its format.
    #[error(transparent)]
    Statement(#[from] StatementFault),
    /// A certificate of the statement, counted from 0 at the leaf.
    #[error("certificate {index}: {fault}")]
    Certificate {
        /// Which one.
        index: usize,
        /// What is wrong with it.
        fault: CertificateError,
    },
    /// No way to a trust anchor.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A signature does not count.
    #[error(transparent)]
    Signature(#[from] VerifyError),
    /// The counter did not grow.
    #[error("the signature counter went from {stored} to {received}")]
    SignCount {
        /// What the record says.
        stored: u32,
        /// What the authenticator says.
        received: u32,
    },
    /// The policy asks for more than this attestation gives.
    #[error("the policy does not accept this attestation: {0}")]
    Untrusted(Untrusted),
    /// An extension's output does not do what was asked.
    #[error("extension {0}")]
    Extension(&'static str),
}

/// Why policy does not accept a correct attestation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Untrusted {
    /// There is none.
    #[error("there is none")]
    None,
    /// It is self attestation.
    #[error("it is self attestation")]
    Itself,
    /// The metadata knows no such model.
    #[error("the model is not in the metadata")]
    UnknownModel,
    /// The metadata's entry of the model cannot be read.
    #[error("the model's entry in the metadata cannot be read")]
    Unreadable,
    /// The metadata says that the model must not be trusted.
    #[error("the model's status is {0}")]
    Status(crate::metadata::Status),
    /// The metadata is out of date.
    #[error("the metadata is out of date")]
    Stale,
    /// The model is not certified as high as policy asks.
    #[error("the model is not certified as the policy asks")]
    Certification,
    /// The model is not on the policy's list.
    #[error("the model is not on the list")]
    NotListed,
}

/// What breaks a rule of an attestation format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementFault {
    /// `none` with a statement.
    #[error("the statement is not empty")]
    NotEmpty,
    /// `ecdaaKeyId`.
    #[error("ECDAA is not supported")]
    Ecdaa,
    /// The statement's algorithm is not known here.
    #[error("algorithm {0} is not known")]
    Algorithm(i64),
    /// The algorithm is only allowed by a leniency that was not named.
    #[error("SHA-1 signatures are not accepted")]
    Sha1,
    /// Self attestation with another algorithm than the credential's.
    #[error("the algorithm is not that of the credential key")]
    AlgorithmDiffers,
    /// The certificate's key cannot sign with the statement's algorithm.
    #[error("the certificate's key does not fit the algorithm")]
    KeyDiffers,
    /// `x5c` is empty or too long.
    #[error("{0} certificates")]
    Certificates(u64),
    /// The statement is about another key.
    #[error("the key is not the credential key")]
    OtherKey,
    /// The statement is about another answer.
    #[error("the statement was not made for this answer")]
    OtherNonce,
    /// An AAGUID where zero must stand.
    #[error("the AAGUID is not zero")]
    AaguidNotZero,
    /// The TPM's `ver` is not `2.0`.
    #[error("ver is not 2.0")]
    Version,
    /// A TPM structure that cannot be read, or whose field is not what it must be.
    #[error("{structure}: {field}")]
    Tpm {
        /// The structure's name.
        structure: &'static str,
        /// The field's name.
        field: &'static str,
    },
    /// The Android key description.
    #[error("key description: {0}")]
    KeyDescription(&'static str),
    /// The SafetyNet response.
    #[error("SafetyNet response: {0}")]
    SafetyNet(&'static str),
    /// The compound statement.
    #[error("compound: {0}")]
    Compound(&'static str),
}
