//! Proof Key for Code Exchange, S256 alone (RFC 7636, RFC 9700 §2.1.1).

use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{Sha256, hash};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::client::metadata::Client;
use crate::error::Fault;
use crate::params::Params;

/// A code challenge of method S256: the SHA-256 of a verifier that only the client knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CodeChallenge([u8; 32]);

impl CodeChallenge {
    /// Reads 43 characters of base64url without padding.
    ///
    /// # Errors
    /// [`Fault::CodeChallengeMalformed`] for anything else.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| Fault::CodeChallengeMalformed)?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| Fault::CodeChallengeMalformed)
    }

    /// Checks a verifier against the challenge, in constant time (RFC 7636 §4.6).
    ///
    /// # Errors
    /// [`Fault::CodeVerifierMalformed`] when it is not 43 to 128 unreserved characters (§4.1),
    /// [`Fault::CodeVerifierWrong`] when it belongs to another challenge.
    pub fn verify(&self, verifier: &str) -> Result<(), Fault> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(unreserved) {
            return Err(Fault::CodeVerifierMalformed);
        }
        let right = hash::equal(&Sha256::of(verifier.as_bytes()), &self.0);
        if right {
            Ok(())
        } else {
            Err(Fault::CodeVerifierWrong)
        }
    }
}

impl fmt::Debug for CodeChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeChallenge({})", URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl Serialize for CodeChallenge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for CodeChallenge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// The challenge of a request. A client that must use PKCE is refused without one; `plain` is refused for all,
/// and so is a challenge without a method, which would mean `plain` (RFC 7636 §4.3).
pub(super) fn check(params: &Params, client: &Client) -> Result<Option<CodeChallenge>, Fault> {
    let method = params.get_even_empty("code_challenge_method");
    match params.get_even_empty("code_challenge") {
        Some(challenge) => match method {
            Some("S256") => CodeChallenge::parse(challenge).map(Some),
            Some(_) | None => Err(Fault::CodeChallengeMethodUnsupported),
        },
        None if method.is_some() => Err(Fault::CodeChallengeMethodAlone),
        None if client.requires_pkce() => Err(Fault::CodeChallengeMissing),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    #[test]
    fn the_example_of_the_rfc_verifies() {
        let challenge = CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        assert_eq!(
            challenge.verify("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            Ok(())
        );
        assert_eq!(
            challenge.verify("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"),
            Err(Fault::CodeVerifierWrong)
        );
        for malformed in [
            "",
            &"a".repeat(42),
            &"a".repeat(129),
            &format!("{}+", "a".repeat(43)),
        ] {
            assert_eq!(challenge.verify(malformed), Err(Fault::CodeVerifierMalformed));
        }
    }

    #[test]
    fn code_challenges_have_one_form() {
        for bad in [
            "",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN",
        ] {
            assert_eq!(
                CodeChallenge::parse(bad),
                Err(Fault::CodeChallengeMalformed),
                "{bad}"
            );
        }
    }
}
