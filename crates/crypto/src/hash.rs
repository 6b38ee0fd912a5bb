//! Hashes, HMAC, and a comparison whose time does not depend on where two secrets differ.

use hmac::{KeyInit, Mac};
use sha2::Digest;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

macro_rules! hashes {
    ($($(#[$meta:meta])* $variant:ident = ($bytes:literal, $block:literal, $implementation:ty),)+) => {
        /// A hash function of the table of algorithms.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Hash { $($(#[$meta])* $variant,)+ }

        impl Hash {
            /// Every function.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Bytes in a hash.
            #[must_use]
            pub const fn bytes(self) -> usize {
                match self { $(Self::$variant => $bytes,)+ }
            }

            /// The hash of these bytes.
            #[must_use]
            pub fn of(self, bytes: &[u8]) -> Vec<u8> {
                match self { $(Self::$variant => $variant::of(bytes).to_vec(),)+ }
            }
        }

        $(
            $(#[$meta])*
            #[derive(Clone, Copy, Debug)]
            pub struct $variant;

            impl $variant {
                /// The hash of these bytes.
                #[must_use]
                pub fn of(bytes: &[u8]) -> [u8; $bytes] {
                    <$implementation>::digest(bytes).into()
                }

                /// The hash of the parts, one after the other.
                #[must_use]
                pub fn of_all(parts: &[&[u8]]) -> [u8; $bytes] {
                    let mut state = <$implementation>::new();
                    for part in parts {
                        state.update(part);
                    }
                    state.finalize().into()
                }

                /// HMAC (RFC 2104) over the parts, one after the other, with a key of any length.
                #[must_use]
                pub fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; $bytes] {
                    // A key longer than a block is hashed first; then it is padded to the block with zeros.
                    let mut block = Zeroizing::new([0_u8; $block]);
                    let hashed = Zeroizing::new(if key.len() > $block { Self::of(key) } else { [0; $bytes] });
                    let short = if key.len() > $block { hashed.as_slice() } else { key };
                    for (to, from) in block.iter_mut().zip(short) {
                        *to = *from;
                    }
                    let mut state = hmac::Hmac::<$implementation>::new(&(*block).into());
                    for part in parts {
                        state.update(part);
                    }
                    state.finalize().into_bytes().into()
                }
            }
        )+
    };
}

hashes! {
    /// SHA-1. Only for what others signed or hashed long ago, and for HMAC in one-time passwords.
    Sha1 = (20, 64, sha1::Sha1),
    /// SHA-256.
    Sha256 = (32, 64, sha2::Sha256),
    /// SHA-384.
    Sha384 = (48, 128, sha2::Sha384),
    /// SHA-512.
    Sha512 = (64, 128, sha2::Sha512),
}

/// Whether two byte strings are equal. Of strings of one length the time does not tell where they differ; that
/// their lengths differ is not hidden.
#[must_use]
pub fn equal(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_hash_of_abc_is_the_published_one() {
        assert_eq!(hex(&Sha1::of(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            hex(&Sha256::of(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(Sha512::of_all(&[b"a", b"", b"bc"]), Sha512::of(b"abc"));
        for hash in Hash::ALL {
            assert_eq!(hash.of(b"abc").len(), hash.bytes());
        }
    }

    /// RFC 4231 §4.3 (a short key) and §4.7 (a key longer than the block).
    #[test]
    fn hmac_takes_short_and_long_keys() {
        assert_eq!(
            hex(&Sha256::hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(&Sha256::hmac(
                &[0xaa; 131],
                &[b"Test Using Larger Than Block-Size Key - Hash Key First"]
            )),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn equal_compares_length_and_every_byte() {
        assert!(equal(b"", b"") && equal(b"abc", b"abc"));
        assert!(!equal(b"abc", b"abd") && !equal(b"abc", b"abcd") && !equal(b"abc", b""));
    }
}
