//! What the two answers have in common: size, `type`, `id` and `rawId`, bytes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::descriptor::PublicKeyType;
use crate::limits::{MEMBER_MAX, RESPONSE_JSON_MAX};
use crate::policy::{Attachment, Leniencies, Leniency};
use crate::step::{Fault, Step};

/// Why an answer's JSON form cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Longer than [`RESPONSE_JSON_MAX`].
    #[error("an answer of {0} bytes")]
    TooLong(usize),
    /// Not the JSON that it must be.
    #[error("the answer is not the JSON that it must be at line {line}, column {column}")]
    Json {
        /// Where reading stopped, from 1.
        line: usize,
        /// Where reading stopped, in bytes.
        column: usize,
    },
    /// `type` is not `public-key`.
    #[error("type is not public-key")]
    Type,
    /// `id` is not `rawId`.
    #[error("id and rawId differ")]
    IdNotRawId,
    /// A member is not base64url.
    #[error("{0} is not base64url without padding")]
    Base64(&'static str),
    /// A member is empty or too long.
    #[error("{0} is empty or too long")]
    Length(&'static str),
}

pub(super) fn parse<'a, T: serde::Deserialize<'a>>(json: &'a [u8]) -> Result<T, Fault> {
    let fail = |error: ResponseError| Fault {
        step: Step::Response,
        cause: error.into(),
    };
    if json.len() > RESPONSE_JSON_MAX {
        return Err(fail(ResponseError::TooLong(json.len())));
    }
    serde_json::from_slice(json).map_err(|error| {
        fail(ResponseError::Json {
            line: error.line(),
            column: error.column(),
        })
    })
}

/// §7.1 step 3 and its twin, and the two forms of the id.
pub(super) fn check(kind: &str, id: &str, raw_id: &str, leniencies: Leniencies) -> Result<(), Fault> {
    if kind != PublicKeyType::TEXT {
        return Err(Fault {
            step: Step::CredentialType,
            cause: ResponseError::Type.into(),
        });
    }
    if id != raw_id && !leniencies.has(Leniency::IdNotRawId) {
        return Err(Fault {
            step: Step::CredentialId,
            cause: ResponseError::IdNotRawId.into(),
        });
    }
    Ok(())
}

pub(super) fn bytes(
    text: &str,
    member: &'static str,
    step: Step,
    leniencies: Leniencies,
) -> Result<Box<[u8]>, Fault> {
    let decoded = if leniencies.has(Leniency::PaddedBase64) {
        URL_SAFE_NO_PAD.decode(text.trim_end_matches('=').replace('+', "-").replace('/', "_"))
    } else {
        URL_SAFE_NO_PAD.decode(text)
    };
    let fail = |error: ResponseError| Fault {
        step,
        cause: error.into(),
    };
    let bytes = decoded.map_err(|_| fail(ResponseError::Base64(member)))?;
    if bytes.len() > MEMBER_MAX {
        return Err(fail(ResponseError::Length(member)));
    }
    Ok(bytes.into_boxed_slice())
}

/// `authenticatorAttachment`; values that are not known read as absent (§5.1).
pub(super) fn attachment(name: Option<&str>) -> Option<Attachment> {
    match name {
        Some("platform") => Some(Attachment::Platform),
        Some("cross-platform") => Some(Attachment::CrossPlatform),
        _ => None,
    }
}
