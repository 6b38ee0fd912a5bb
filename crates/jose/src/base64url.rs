//! base64url without padding (RFC 7515 §2), one text for one string of bytes.
//!
//! Padding, line breaks, letters of the other alphabet and bits left over at the end are refused: a token whose
//! text can be varied without breaking its signature would defeat everything that remembers tokens by text.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes to text.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Text to bytes.
///
/// # Errors
/// [`NotBase64Url`] for anything but the one encoding of some bytes.
pub fn decode(text: &str) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| NotBase64Url)
}

/// The text is not base64url without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not base64url without padding")]
pub struct NotBase64Url;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_one_text() {
        for bytes in [&b""[..], b"f", b"fo", b"foo", b"\xfb\xff", b"\0\0\0\0"] {
            assert_eq!(decode(&encode(bytes)).expect("what was encoded decodes"), bytes);
        }
    }

    #[test]
    fn padding_left_over_bits_and_foreign_letters_are_refused() {
        for text in [
            "Zg==", "Zh", "Zm9=", "Zm9v\n", "Zm 9v", "-_+/", "Z", "Zm9vZ", "Zg=", "=",
        ] {
            assert_eq!(decode(text), Err(NotBase64Url), "{text:?}");
        }
        assert!(decode("Zg").is_ok() && decode("-_-_").is_ok());
    }
}
