//! Every choice that a relying party has, each an enum, and every leniency by its name.
//!
//! Without a word the specification is followed to the letter. A [`Leniency`] accepts one thing that the letter
//! refuses and that the world contains; it is named where the relying party is built, so that a reviewer finds it.

use serde::{Deserialize, Serialize};

/// `userVerification` (§5.8.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UserVerification {
    /// UV must be set in the answer.
    Required,
    /// The authenticator verifies the person if it can; the answer says whether it did.
    #[default]
    Preferred,
    /// The authenticator should not verify the person.
    Discouraged,
}

/// `attestation` (§5.4.7): what the client is asked for. What is accepted is said by
/// [`Trust`](crate::trust::Trust).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attestation {
    /// No statement is wanted.
    #[default]
    None,
    /// A statement, perhaps made anonymous by the client.
    Indirect,
    /// The authenticator's own statement.
    Direct,
    /// A statement that may name the single device, where the client allows it for this RP ID.
    Enterprise,
}

/// `residentKey` (§5.4.6): whether the credential can be found without its id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResidentKey {
    /// It must be discoverable: a passkey.
    #[default]
    Required,
    /// It should be, if the authenticator can.
    Preferred,
    /// It should not be.
    Discouraged,
}

/// `authenticatorAttachment` (§5.4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attachment {
    /// Part of the device that the browser runs on.
    Platform,
    /// A security key or a phone.
    CrossPlatform,
}

/// `hints` (§5.8.7): which dialog the browser shows first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// A security key.
    SecurityKey,
    /// The device itself.
    ClientDevice,
    /// A phone, over QR code and radio.
    Hybrid,
}

impl Hint {
    /// The attachment that older browsers understand in its place (§5.8.7).
    #[must_use]
    pub const fn attachment(self) -> Attachment {
        match self {
            Self::ClientDevice => Attachment::Platform,
            Self::SecurityKey | Self::Hybrid => Attachment::CrossPlatform,
        }
    }
}

/// Which of Android's authorization lists must say origin and purpose (§8.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AndroidKeyPolicy {
    /// The trusted environment's alone: keys that a secure processor holds.
    #[default]
    TrustedEnvironment,
    /// Either: keys that only Android's software guards, too.
    Either,
}

/// How many members of a compound statement must be correct (§8.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CompoundPolicy {
    /// Each.
    #[default]
    All,
    /// One. The others are left out.
    Any,
}

macro_rules! leniencies {
    ($($(#[$meta:meta])* $variant:ident = ($bit:literal, $word:literal),)+) => {
        /// One thing that is accepted although the letter of a specification refuses it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Leniency { $($(#[$meta])* $variant,)+ }

        impl Leniency {
            /// Every leniency.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for configuration and reports.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            const fn bit(self) -> u32 {
                match self { $(Self::$variant => 1 << $bit,)+ }
            }
        }
    };
}

leniencies! {
    /// Firefox 117 wrote EdDSA keys with a wrong map head and with text for numbers. Keys that were registered
    /// with them go on signing in.
    Firefox117Ed25519Key = (0, "firefox-117-ed25519-key"),
    /// `id` and `rawId` of the JSON form may disagree with the credential id that the authenticator signed,
    /// which alone is used. For clients that put something else there.
    IdNotRawId = (1, "id-not-raw-id"),
    /// Members of the JSON form may be in plain or padded base64.
    PaddedBase64 = (2, "padded-base64"),
    /// A TPM whose manufacturer is not in the TCG's vendor registry, as in test suites and emulators.
    UnknownTpmVendor = (3, "unknown-tpm-vendor"),
    /// TPM statements and AIK certificates may be signed with RSA and SHA-1, as many of Windows 10's are.
    Sha1TpmSignature = (4, "sha1-tpm-signature"),
    /// `fido-u2f` with an AAGUID. The specification's own example has one, FIDO's conformance suite forbids it.
    U2fAaguid = (5, "u2f-aaguid"),
    /// An Android key description that says neither origin nor purpose.
    AndroidKeyUnrestricted = (6, "android-key-unrestricted"),
    /// SafetyNet's `ctsProfileMatch` may be false.
    SafetyNetNoCts = (7, "safetynet-no-cts"),
    /// Certificates that spell out `cA FALSE`, which DER leaves out. Chromium's virtual authenticator did.
    ExplicitDefault = (8, "explicit-default"),
    /// A counter that did not grow is reported and does not refuse. Never moves the stored count back.
    SignCountRegression = (9, "sign-count-regression"),
    /// BE may differ from what it was at registration, for records that were carried over from elsewhere.
    BackupEligibilityChange = (10, "backup-eligibility-change"),
    /// RS1 may be offered for credentials: TPMs of Windows 10 made such keys. Every login with one is signed over
    /// SHA-1.
    Sha1CredentialKey = (11, "sha1-credential-key"),
}

/// A set of leniencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leniencies(u32);

impl Leniencies {
    /// The letter.
    pub const NONE: Self = Self(0);

    /// With one more.
    #[must_use]
    pub const fn and(self, leniency: Leniency) -> Self {
        Self(self.0 | leniency.bit())
    }

    /// Whether it is in the set.
    #[must_use]
    pub const fn has(self, leniency: Leniency) -> bool {
        self.0 & leniency.bit() != 0
    }
}

impl FromIterator<Leniency> for Leniencies {
    fn from_iter<I: IntoIterator<Item = Leniency>>(list: I) -> Self {
        list.into_iter().fold(Self::NONE, Self::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_leniency_is_its_own() {
        for one in Leniency::ALL {
            let set = Leniencies::NONE.and(*one);
            assert!(
                Leniency::ALL
                    .iter()
                    .all(|other| set.has(*other) == (other == one)),
                "{}",
                one.word()
            );
        }
    }
}
