//! The steps of the two ceremonies: their names, their numbers, and the words by which logs and recorded
//! vectors call them.
//!
//! Numbers move between levels of the specification, names stay; so the numbers stand here and nowhere else.
//! They are those of [`SPECIFICATION`].

use core::fmt;

use crate::cause::Cause;

/// The text whose numbers the table carries.
pub const SPECIFICATION: &str = "Web Authentication Level 3, Candidate Recommendation Snapshot";

macro_rules! steps {
    ($($(#[$meta:meta])* $variant:ident = ($create:literal, $get:literal, $word:literal),)+) => {
        /// A step of §7.1 or §7.2 that can refuse.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Step { $($(#[$meta])* $variant,)+ }

        impl Step {
            /// Every step, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for logs and recorded vectors.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The number in §7.1 or §7.2; 0 for a step that the ceremony does not have.
            #[must_use]
            pub const fn number(self, ceremony: Ceremony) -> u8 {
                let (create, get): (u8, u8) = match self { $(Self::$variant => ($create, $get),)+ };
                match ceremony {
                    Ceremony::Registration => create,
                    Ceremony::Authentication => get,
                }
            }
        }
    };
}

steps! {
    //                       §7.1 §7.2 word
    /// What was kept is too old, or belongs to another relying party.
    Options               = ( 1,   1,  "options"),
    /// The answer is not the JSON form of §5.1.
    Response              = ( 3,   3,  "response-malformed"),
    /// `type` is not `public-key`.
    CredentialType        = ( 3,   3,  "credential-type"),
    /// The credential is none that was asked for, or its ids disagree.
    CredentialId          = ( 3,   5,  "credential-id"),
    /// The user handle is missing or somebody else's.
    UserHandle            = ( 0,   6,  "user-handle"),
    /// The client data cannot be read.
    ClientData            = ( 6,   9,  "client-data-malformed"),
    /// The client data is of another ceremony.
    Type                  = ( 7,  10,  "type"),
    /// The challenge is not the one that was sent.
    Challenge             = ( 8,  11,  "challenge"),
    /// The origin is not expected.
    Origin                = ( 9,  12,  "origin"),
    /// The ceremony ran in a cross-origin frame.
    CrossOrigin           = (10,  13,  "cross-origin"),
    /// The page above the frame is not expected.
    TopOrigin             = (11,  14,  "top-origin"),
    /// The attestation object cannot be read.
    AttestationObject     = (13,   0,  "attestation-object-malformed"),
    /// The authenticator data cannot be read.
    AuthenticatorData     = (13,   7,  "auth-data-malformed"),
    /// The authenticator signed for another RP ID.
    RpIdHash              = (14,  15,  "rp-id-hash"),
    /// Nobody was present.
    UserPresence          = (15,  16,  "user-presence"),
    /// Nobody was verified, and it was required.
    UserVerification      = (16,  17,  "user-verification"),
    /// Backed up, yet not eligible for backup.
    BackupFlags           = (17,  18,  "backup-flags"),
    /// The eligibility for backup is not what policy or the record says.
    BackupEligibility     = (18,  19,  "backup-eligibility"),
    /// The public key cannot be read, or is none to trust.
    PublicKey             = (20,  21,  "public-key-malformed"),
    /// The key's algorithm was not offered.
    Algorithm             = (20,   0,  "algorithm-not-allowed"),
    /// The attestation format is not known.
    Format                = (21,   0,  "format-unsupported"),
    /// The attestation statement is not what its format says.
    Statement             = (22,   0,  "attestation-statement-malformed"),
    /// The statement is of a type that is not supported (ECDAA).
    AttestationType       = (22,   0,  "attestation-type-unsupported"),
    /// The statement's algorithm does not fit the key that signed.
    AttestationAlgorithm  = (22,   0,  "attestation-alg-mismatch"),
    /// The statement's signature is not valid.
    AttestationSignature  = (22,   0,  "attestation-signature"),
    /// The statement was not made for this answer.
    AttestationNonce      = (22,   0,  "attestation-nonce"),
    /// The statement speaks about another key.
    AttestationKey        = (22,   0,  "attestation-public-key-mismatch"),
    /// The attestation certificate lacks what its format demands.
    CertificateRequirements = (22, 0,  "attestation-cert-requirements"),
    /// The certificate names another model.
    CertificateAaguid     = (22,   0,  "attestation-cert-aaguid"),
    /// The TPM's `certInfo` does not hold.
    TpmCertInfo           = (22,   0,  "attestation-tpm-certinfo"),
    /// Android's authorization lists allow more than they may.
    AndroidAuthorization  = (22,   0,  "attestation-android-authorization"),
    /// SafetyNet does not vouch for the device.
    SafetyNetCts          = (22,   0,  "attestation-safetynet-cts"),
    /// The certificates do not lead to a trust anchor.
    AttestationChain      = (24,   0,  "attestation-chain"),
    /// The attestation is correct and policy does not accept its kind, or the model.
    AttestationPolicy     = (24,   0,  "attestation-policy"),
    /// The credential id is empty or longer than 1023 bytes.
    CredentialIdLength    = (25,   0,  "credential-id-length"),
    /// The credential is registered already.
    Registered            = (26,   0,  "credential-registered"),
    /// The signature is not valid.
    Signature             = ( 0,  21,  "signature"),
    /// The signature counter went back: perhaps a clone.
    SignCount             = ( 0,  22,  "sign-count"),
    /// An extension did not do what was required of it.
    Extensions            = (28,  23,  "extensions"),
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ceremony {
    /// §7.1.
    Registration,
    /// §7.2.
    Authentication,
}

impl fmt::Display for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registration => "registration",
            Self::Authentication => "authentication",
        })
    }
}

/// A refused answer: which ceremony, which step, and why. For the log; the client is told [`Refused::public`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{ceremony} refused at {} ({} step {}): {cause}", step.word(), section(*ceremony), step.number(*ceremony))]
pub struct Refused {
    /// The ceremony.
    pub ceremony: Ceremony,
    /// The step.
    pub step: Step,
    /// What was found.
    pub cause: Cause,
}

impl Refused {
    /// What the client may know. An unknown credential and a bad signature are told apart by nothing (§14.6).
    #[must_use]
    pub const fn public(&self) -> Public {
        Public::NotAccepted
    }
}

/// The one answer that a refusal has for the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Public {
    /// The answer was not accepted.
    NotAccepted,
}

impl fmt::Display for Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not accepted")
    }
}

/// A step with its cause, before the ceremony is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) step: Step,
    pub(crate) cause: Cause,
}

impl Fault {
    pub(crate) fn in_the(self, ceremony: Ceremony) -> Refused {
        Refused {
            ceremony,
            step: self.step,
            cause: self.cause,
        }
    }
}

/// Refuses at `step` unless `holds`.
pub(crate) fn ensure(holds: bool, step: Step, cause: Cause) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault { step, cause }) }
}

/// Names the step of an error that does not know its own.
pub(crate) trait At<T> {
    fn at(self, step: Step) -> Result<T, Fault>;
}

impl<T, E: Into<Cause>> At<T> for Result<T, E> {
    fn at(self, step: Step) -> Result<T, Fault> {
        self.map_err(|error| Fault {
            step,
            cause: error.into(),
        })
    }
}

const fn section(ceremony: Ceremony) -> &'static str {
    match ceremony {
        Ceremony::Registration => "§7.1",
        Ceremony::Authentication => "§7.2",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_word_names_one_step_and_every_step_is_in_a_ceremony() {
        let words: BTreeSet<_> = Step::ALL.iter().map(|step| step.word()).collect();
        assert_eq!(words.len(), Step::ALL.len());
        for step in Step::ALL {
            assert!(step.number(Ceremony::Registration) + step.number(Ceremony::Authentication) > 0);
        }
    }

    #[test]
    fn a_refusal_prints_name_section_and_number() {
        let refused = Fault {
            step: Step::BackupFlags,
            cause: Cause::BackedUpNotEligible,
        }
        .in_the(Ceremony::Registration);
        assert_eq!(
            refused.to_string(),
            "registration refused at backup-flags (§7.1 step 17): BS is set without BE"
        );
        assert_eq!(refused.public().to_string(), "not accepted");
    }
}
