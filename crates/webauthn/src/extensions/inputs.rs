//! What is asked for, in the JSON form of §5.1.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::RelyingParty;
use crate::ceremony::BeginError;
use crate::json::{Base64Url, CredentialDescriptor};

/// `AuthenticationExtensionsClientInputsJSON` of a registration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateInputs {
    /// Whether the credential became discoverable (§10.1.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cred_props: Option<bool>,
    /// Refuses authenticators that hold a U2F key for this AppID (§10.1.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appid_exclude: Option<String>,
    /// How the credential is guarded (CTAP 2.2 §12.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_protection_policy: Option<CredentialProtection>,
    /// Whether the client must fail when the authenticator cannot guard it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforce_credential_protection_policy: Option<bool>,
    /// The shortest PIN that the authenticator takes (CTAP 2.2 §12.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_pin_length: Option<bool>,
    /// Makes secrets that `hmac-secret` reads (CTAP 2.2 §12.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hmac_create_secret: Option<bool>,
    /// Up to 32 bytes stored with the credential (CTAP 2.2 §12.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cred_blob: Option<Base64Url>,
    /// Room for a blob beside the credential (§10.1.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub large_blob: Option<LargeBlobCreate>,
    /// A pseudo-random function of the credential (§10.1.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prf: Option<PrfInputs>,
}

/// `AuthenticationExtensionsClientInputsJSON` of an authentication.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetInputs {
    /// Lets keys sign that were registered for this AppID with U2F (§10.1.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
    /// Reads what `credBlob` stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub get_cred_blob: Option<bool>,
    /// Reads or writes the blob beside the credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub large_blob: Option<LargeBlobGet>,
    /// Evaluates the credential's pseudo-random function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prf: Option<PrfInputs>,
}

/// `credentialProtectionPolicy`, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CredentialProtection {
    /// Level 1.
    UserVerificationOptional,
    /// Level 2.
    #[serde(rename = "userVerificationOptionalWithCredentialIDList")]
    UserVerificationOptionalWithCredentialIdList,
    /// Level 3.
    UserVerificationRequired,
}

impl CredentialProtection {
    /// The number that authenticators write.
    #[must_use]
    pub const fn level(self) -> i64 {
        match self {
            Self::UserVerificationOptional => 1,
            Self::UserVerificationOptionalWithCredentialIdList => 2,
            Self::UserVerificationRequired => 3,
        }
    }

    /// The policy with this number.
    #[must_use]
    pub const fn from_level(level: i64) -> Option<Self> {
        match level {
            1 => Some(Self::UserVerificationOptional),
            2 => Some(Self::UserVerificationOptionalWithCredentialIdList),
            3 => Some(Self::UserVerificationRequired),
            _ => None,
        }
    }
}

/// `largeBlob` at registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LargeBlobCreate {
    /// How much it is wanted.
    pub support: LargeBlobSupport,
}

/// `LargeBlobSupport`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LargeBlobSupport {
    /// Registration fails without it.
    Required,
    /// Registration goes on without it.
    Preferred,
}

/// `largeBlob` at authentication: one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LargeBlobGet {
    /// Reads it.
    Read(bool),
    /// Writes it.
    Write(Base64Url),
}

/// `prf`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrfInputs {
    /// For whichever credential is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<PrfValues>,
    /// For each credential, by its id in base64url. Only with `allowCredentials`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub eval_by_credential: BTreeMap<Base64Url, PrfValues>,
}

/// One or two inputs or outputs of the pseudo-random function.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrfValues {
    /// The first. An output has 32 bytes.
    pub first: Base64Url,
    /// The second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Base64Url>,
}

impl core::fmt::Debug for PrfValues {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PrfValues(…)") // outputs are keys
    }
}

impl CreateInputs {
    /// Demands what the extensions' definitions demand of inputs.
    pub(crate) fn check(&self) -> Result<(), BeginError> {
        let holds = |holds: bool, name| {
            if holds {
                Ok(())
            } else {
                Err(BeginError::Extension(name))
            }
        };
        holds(
            self.cred_blob
                .as_ref()
                .is_none_or(|blob| blob.as_bytes().len() <= CRED_BLOB_MAX),
            "credBlob",
        )?;
        // Which credential it will be is not known yet (§10.1.4).
        holds(
            self.prf
                .as_ref()
                .is_none_or(|prf| prf.eval_by_credential.is_empty()),
            "prf",
        )
    }

    /// The identifiers, and which of them are asked for.
    pub(crate) fn names(&self) -> [(&'static str, bool); 8] {
        [
            ("credProps", self.cred_props == Some(true)),
            ("appidExclude", self.appid_exclude.is_some()),
            ("credProtect", self.credential_protection_policy.is_some()),
            ("minPinLength", self.min_pin_length == Some(true)),
            ("hmac-secret", self.hmac_create_secret == Some(true)),
            ("credBlob", self.cred_blob.is_some()),
            ("largeBlob", self.large_blob.is_some()),
            ("prf", self.prf.is_some()),
        ]
    }
}

impl GetInputs {
    /// Demands what the extensions' definitions demand of inputs.
    pub(crate) fn check(
        &self,
        rp: &RelyingParty,
        credentials: &[CredentialDescriptor],
    ) -> Result<(), BeginError> {
        let holds = |holds: bool, name| {
            if holds {
                Ok(())
            } else {
                Err(BeginError::Extension(name))
            }
        };
        if let Some(appid) = &self.appid {
            let within = url::Url::parse(appid).is_ok_and(|url| {
                url.scheme() == "https"
                    && url
                        .host_str()
                        .is_some_and(|host| is_same_site(host, rp.id().as_str()))
            });
            if !within {
                return Err(BeginError::AppId);
            }
        }
        if let Some(LargeBlobGet::Write(blob)) = &self.large_blob {
            // Written to one credential alone (§10.1.5).
            holds(
                credentials.len() == 1 && blob.as_bytes().len() <= LARGE_BLOB_MAX,
                "largeBlob",
            )?;
        }
        if let Some(prf) = &self.prf {
            let listed = |id: &Base64Url| {
                credentials
                    .iter()
                    .any(|known| known.id.as_bytes() == id.as_bytes())
            };
            holds(prf.eval_by_credential.keys().all(listed), "prf")?;
        }
        Ok(())
    }

    /// The identifiers, and which of them are asked for.
    pub(crate) fn names(&self) -> [(&'static str, bool); 4] {
        [
            ("appid", self.appid.is_some()),
            ("credBlob", self.get_cred_blob == Some(true)),
            ("largeBlob", self.large_blob.is_some()),
            ("prf", self.prf.is_some()),
        ]
    }
}

/// `maxCredBlobLength` is at least 32 (CTAP 2.2 §12.2); more is not promised by any authenticator.
const CRED_BLOB_MAX: usize = 32;

/// What a relying party may ask to be written, in bytes; authenticators hold about a kilobyte for all blobs.
const LARGE_BLOB_MAX: usize = 4096;

/// Whether one host is the other or lies below it.
fn is_same_site(one: &str, other: &str) -> bool {
    let below = |longer: &str, shorter: &str| {
        longer
            .strip_suffix(shorter)
            .is_some_and(|above| above.is_empty() || above.ends_with('.'))
    };
    below(one, other) || below(other, one)
}
