//! The line format of recorded registrations and authentications: one JSON object a line.
//!
//! Members that the format does not know are an error: a misspelt `strict` must not turn into silence.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::judge::Base64Url;

/// A recorded answer of an authenticator, with what the relying party expected and what must come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    /// Unique within the file.
    pub(crate) name: String,
    /// Where the line comes from.
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "type")]
    pub(crate) ceremony: Ceremony,
    pub(crate) rp_id: String,
    /// Compared exactly.
    pub(crate) origins: Vec<String>,
    #[serde(default)]
    pub(crate) allow_cross_origin: bool,
    #[serde(default)]
    pub(crate) top_origins: Vec<String>,
    /// What the extension `appid` was given.
    pub(crate) appid: Option<String>,
    pub(crate) challenge: Base64Url,
    pub(crate) user_verification: UserVerification,
    #[serde(default)]
    pub(crate) user_presence: UserPresence,
    /// The JSON form of the answer, as it came.
    pub(crate) response: Box<RawValue>,
    /// Authentication: what was registered.
    pub(crate) credential: Option<Credential>,
    /// Trust anchors, or nothing: then the chain is not judged.
    pub(crate) trust_roots_pem: Option<Vec<String>>,
    /// When certificates are judged, in Unix seconds.
    pub(crate) verify_at: Option<u64>,
    /// COSE numbers that were offered.
    pub(crate) allow_algs: Vec<i64>,
    pub(crate) expect: Expected,
    /// The attestation format in the object.
    pub(crate) expect_fmt: Option<String>,
    /// The step that fails.
    pub(crate) why_code: Option<String>,
    /// The reason in words.
    pub(crate) why: Option<String>,
    pub(crate) strict: Option<Strictness>,
    /// Oddities of the recording.
    #[serde(default)]
    pub(crate) spec_deviations: Option<Vec<String>>,
    #[serde(rename = "notes", default)]
    _notes: Option<String>,
}

/// What was registered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credential {
    pub(crate) id: Base64Url,
    pub(crate) public_key_cose: Base64Url,
    pub(crate) sign_count: u32,
    /// Nothing when the recording does not tell.
    pub(crate) backup_eligible: Option<bool>,
    pub(crate) user_handle: Option<Base64Url>,
}

/// Which ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ceremony {
    Registration,
    Authentication,
}

/// Whether the person had to be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UserVerification {
    Required,
    Preferred,
    Discouraged,
}

/// Whether the person had to be present; not so in a conditional create.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UserPresence {
    #[default]
    Required,
    Optional,
}

/// What must come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expected {
    Ok,
    Error,
}

/// Why a line may be judged otherwise than `expect` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Strictness {
    /// `expect` is ok; who follows every letter may refuse.
    MayRefuse,
    /// `expect` is error; the rule is the relying party's policy, or hygiene.
    MayAccept,
}
