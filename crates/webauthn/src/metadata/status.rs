//! Status reports (FIDO Metadata Service v3, §3.1.3 and §3.1.4): what happened to a model, and when.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::date::Date;
use crate::json::Base64Url;

macro_rules! statuses {
    ($($(#[$meta:meta])* $variant:ident = ($word:literal, $says:expr),)+) => {
        /// `AuthenticatorStatus`.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum Status {
            $($(#[$meta])* $variant,)+
            /// A status that is not known here, by its word.
            Other(String),
        }

        impl Status {
            /// The word of the metadata.
            #[must_use]
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }

            /// What the status says about trust.
            #[must_use]
            pub const fn says(&self) -> Says {
                match self {
                    $(Self::$variant => $says,)+
                    Self::Other(_) => Says::Nothing,
                }
            }
        }

        impl From<String> for Status {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Other(word),
                }
            }
        }
    };
}

/// What a status says about trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Says {
    /// Neither good nor bad.
    Nothing,
    /// Certified, at this level: 10 for level 1, 15 for level 1+, and so on.
    Certified(u8),
    /// Not to be trusted.
    Bad,
}

statuses! {
    /// Not certified.
    NotFidoCertified = ("NOT_FIDO_CERTIFIED", Says::Nothing),
    /// Functionally certified.
    FidoCertified = ("FIDO_CERTIFIED", Says::Certified(0)),
    /// The person's verification can be bypassed.
    UserVerificationBypass = ("USER_VERIFICATION_BYPASS", Says::Bad),
    /// The attestation key leaked.
    AttestationKeyCompromise = ("ATTESTATION_KEY_COMPROMISE", Says::Bad),
    /// Keys can be taken from afar.
    UserKeyRemoteCompromise = ("USER_KEY_REMOTE_COMPROMISE", Says::Bad),
    /// Keys can be taken by who holds the device.
    UserKeyPhysicalCompromise = ("USER_KEY_PHYSICAL_COMPROMISE", Says::Bad),
    /// There is an update.
    UpdateAvailable = ("UPDATE_AVAILABLE", Says::Nothing),
    /// FIDO says not to trust it.
    Revoked = ("REVOKED", Says::Bad),
    /// The vendor submitted a checklist.
    SelfAssertionSubmitted = ("SELF_ASSERTION_SUBMITTED", Says::Nothing),
    /// Level 1.
    FidoCertifiedL1 = ("FIDO_CERTIFIED_L1", Says::Certified(10)),
    /// Level 1+.
    FidoCertifiedL1Plus = ("FIDO_CERTIFIED_L1plus", Says::Certified(15)),
    /// Level 2.
    FidoCertifiedL2 = ("FIDO_CERTIFIED_L2", Says::Certified(20)),
    /// Level 2+.
    FidoCertifiedL2Plus = ("FIDO_CERTIFIED_L2plus", Says::Certified(25)),
    /// Level 3.
    FidoCertifiedL3 = ("FIDO_CERTIFIED_L3", Says::Certified(30)),
    /// Level 3+.
    FidoCertifiedL3Plus = ("FIDO_CERTIFIED_L3plus", Says::Certified(35)),
    /// FIPS 140, some level.
    Fips140CertifiedL1 = ("FIPS140_CERTIFIED_L1", Says::Nothing),
    /// FIPS 140, level 2.
    Fips140CertifiedL2 = ("FIPS140_CERTIFIED_L2", Says::Nothing),
    /// FIPS 140, level 3.
    Fips140CertifiedL3 = ("FIPS140_CERTIFIED_L3", Says::Nothing),
    /// FIPS 140, level 4.
    Fips140CertifiedL4 = ("FIPS140_CERTIFIED_L4", Says::Nothing),
    /// Retired by its vendor.
    Retired = ("RETIRED", Says::Nothing),
}

impl From<Status> for String {
    fn from(status: Status) -> Self {
        status.word().to_owned()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// `StatusReport`. Members that are not known here are kept in the entry's own JSON.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusReport {
    /// What happened.
    pub status: Status,
    /// From when on it counts; absent: from the beginning.
    #[serde(default)]
    pub effective_date: Option<Date>,
    /// Until when a certification counts.
    #[serde(default)]
    pub sunset_date: Option<Date>,
    /// From which version of the authenticator on it counts.
    #[serde(default)]
    pub authenticator_version: Option<u64>,
    /// The certificate that the report is about, in DER: an attestation certificate, or one that others lead to.
    #[serde(default, deserialize_with = "standard_base64")]
    pub certificate: Option<Base64Url>,
    /// The certificate of the batch that the report is about, in DER (MDS 3.1).
    #[serde(default, deserialize_with = "standard_base64")]
    pub batch_certificate: Option<Base64Url>,
    /// Where to read more.
    #[serde(default)]
    pub url: Option<String>,
    /// The number of the certification.
    #[serde(default)]
    pub certificate_number: Option<String>,
}

/// Certificates stand in ordinary base64 here, sometimes with line breaks.
fn standard_base64<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Base64Url>, D::Error> {
    use base64::Engine;
    let Some(text) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let text: String = text
        .chars()
        .filter(|letter| !letter.is_ascii_whitespace())
        .collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .map_err(serde::de::Error::custom)?;
    Ok(Some(bytes.into()))
}
