//! The text of a refresh token: which grant, which generation, and a keyed hash that only we can make.
//!
//! ```text
//! 0       format, 1
//! 1..17   the grant
//! 17..21  the generation, big-endian
//! 21..53  HMAC-SHA-256 over all that stands before, under a key of its own purpose
//! ```
//! In base64url without padding, 71 characters.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{Sha256, hash};
use doorward_storage::{Purpose, Sealer};
use zeroize::Zeroizing;

use crate::ids::GrantId;

const FORMAT: u8 = 1;
const KEY: Purpose = Purpose::new("refresh token");

/// What a refresh token says, found to be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RefreshToken {
    pub(super) grant: GrantId,
    pub(super) generation: u32,
}

impl RefreshToken {
    /// The text. The same grant and generation give the same text until the key file is rotated.
    pub(super) fn encode(&self, sealer: &Sealer) -> Zeroizing<String> {
        let head = self.head();
        let mac = Sha256::hmac(sealer.derive(KEY).as_slice(), &[&head]);
        Zeroizing::new(URL_SAFE_NO_PAD.encode([head.as_slice(), &mac].concat()))
    }

    /// Reads a text; `None` when it is not wholly ours.
    pub(super) fn parse(text: &str, sealer: &Sealer) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let (&[FORMAT], rest) = bytes.split_first_chunk()? else {
            return None;
        };
        let (grant, rest) = rest.split_first_chunk::<16>()?;
        let (generation, mac) = rest.split_first_chunk::<4>()?;
        let token = Self {
            grant: GrantId::from_bytes(*grant),
            generation: u32::from_be_bytes(*generation),
        };
        let head = token.head();
        let ours = |key: &Zeroizing<[u8; 32]>| hash::equal(&Sha256::hmac(key.as_slice(), &[&head]), mac);
        sealer.derive_all(KEY).iter().any(ours).then_some(token)
    }

    fn head(&self) -> Vec<u8> {
        let mut head = vec![FORMAT];
        head.extend_from_slice(self.grant.as_bytes());
        head.extend_from_slice(&self.generation.to_be_bytes());
        head
    }
}

#[cfg(test)]
mod tests {
    use doorward_crypto::{NoRandom, Random};
    use doorward_storage::Keyring;

    use super::*;

    #[derive(Debug)]
    struct Sevens;
    impl Random for Sevens {
        fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
            out.fill(7);
            Ok(())
        }
    }

    #[test]
    fn opaque_token_integrity() {
        let sealer = Sealer::new(Keyring::generate(&Sevens).expect("sevens never end"));
        let token = RefreshToken {
            grant: GrantId::from_bytes([3; 16]),
            generation: 7,
        };
        let text = token.encode(&sealer);
        assert_eq!(text.len(), 71);
        assert_eq!(RefreshToken::parse(&text, &sealer), Some(token));
        assert_eq!(*token.encode(&sealer), *text, "a retry gets the same");
        for at in 0..text.len() {
            let mut other = text.as_bytes().to_vec();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("ASCII");
            assert_eq!(RefreshToken::parse(&other, &sealer), None, "{at}");
            assert_eq!(RefreshToken::parse(&text[..at], &sealer), None, "{at}");
        }
        assert_eq!(RefreshToken::parse(&format!("{}A", *text), &sealer), None);
    }

    #[test]
    fn after_a_rotation_of_the_key_file_old_tokens_still_count() {
        let ring = Keyring::generate(&Sevens).expect("sevens never end");
        let sealer = Sealer::new(ring.clone());
        let token = RefreshToken {
            grant: GrantId::from_bytes([3; 16]),
            generation: 7,
        };
        let text = token.encode(&sealer);
        sealer.replace(ring.rotated(&Sevens).expect("sevens never end"));
        assert_eq!(RefreshToken::parse(&text, &sealer), Some(token));
    }
}
