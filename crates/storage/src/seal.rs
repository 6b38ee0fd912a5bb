//! Sealing: an AEAD whose key does not lie in the store, bound to what the sealed thing is and whose it is.
//!
//! XChaCha20-Poly1305 with random 192-bit nonces, so that restarts, restored backups and several instances
//! need agree on nothing. One key per purpose, derived from the root key by HKDF-SHA-256: what was sealed for
//! one purpose opens for no other, and so never becomes an oracle for it.
//!
//! ```text
//! 0       format version, 1
//! 1..5    id of the root key, big-endian
//! 5..29   nonce
//! 29..    ciphertext and 16 bytes of tag
//! ```
//! Associated data: format version, key id, then purpose and binding, each after its length.

use core::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use doorward_crypto::{NoRandom, Random, random};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::keyring::{Keyring, RootKey};

const FORMAT: u8 = 1;

/// What a derived key is for. Two purposes of the program must not share a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose(&'static str);

impl Purpose {
    /// The purpose with this word, which is part of the format: it may not change while anything is sealed.
    #[must_use]
    pub const fn new(word: &'static str) -> Self {
        Self(word)
    }
}

/// Seals and opens with the keys of a [`Keyring`]. Cheap to clone; all clones see a rotation.
#[derive(Clone)]
pub struct Sealer(Arc<RwLock<Keyring>>);

impl Sealer {
    /// A sealer with these keys.
    #[must_use]
    pub fn new(keys: Keyring) -> Self {
        Self(Arc::new(RwLock::new(keys)))
    }

    /// From now on these keys, for all clones: after a rotation has written the key file.
    pub fn replace(&self, keys: Keyring) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// Seals `plaintext` for `purpose` under the newest key. It opens only with the same `binding`: name the
    /// record's kind, its owner and the field in it.
    ///
    /// # Errors
    /// [`NoRandom`] when there is no nonce to be had.
    pub fn seal(
        &self,
        purpose: Purpose,
        binding: &[u8],
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, NoRandom> {
        let nonce: [u8; 24] = random::bytes(random)?;
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (id, root) = keys.newest();
        let aad = associated(id, purpose, binding);
        let payload = Payload {
            msg: plaintext,
            aad: &aad,
        };
        let Ok(sealed) = cipher(root, purpose).encrypt(&XNonce::from(nonce), payload) else {
            unreachable!("the cipher refuses only texts past 256 GiB");
        };
        let mut out = Vec::with_capacity(sealed.len().saturating_add(29));
        out.push(FORMAT);
        out.extend_from_slice(&id.to_be_bytes());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what [`seal`](Self::seal) made for the same purpose and binding, under any key of the ring.
    ///
    /// # Errors
    /// [`NotOurs`], and nothing more: who may not open it learns no reason.
    pub fn open(
        &self,
        purpose: Purpose,
        binding: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, NotOurs> {
        let id = key_id(sealed).ok_or(NotOurs)?;
        let (nonce, ciphertext) = sealed
            .get(5..)
            .and_then(|rest| rest.split_first_chunk::<24>())
            .ok_or(NotOurs)?;
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let root = keys.get(id).ok_or(NotOurs)?;
        let aad = associated(id, purpose, binding);
        let payload = Payload {
            msg: ciphertext,
            aad: &aad,
        };
        cipher(root, purpose)
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| NotOurs)
    }

    /// Whether the newest key sealed it: what was not is sealed anew when its record is next written.
    #[must_use]
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        key_id(sealed) == Some(keys.newest().0)
    }

    /// A key for `purpose` from the newest root key, for what is not an AEAD (keyed hashes, MACs). It changes
    /// with a rotation.
    #[must_use]
    pub fn derive(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        expand(keys.newest().1, b"derive", purpose)
    }

    /// A key for one thing (a file) that bears its own random salt, from the root key with this id or else the
    /// newest; `None` when there is no such key.
    pub(crate) fn derive_salted(
        &self,
        purpose: Purpose,
        id: Option<u32>,
        salt: &[u8; 32],
    ) -> Option<(u32, Zeroizing<[u8; 32]>)> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let id = id.unwrap_or(keys.newest().0);
        let from = expand(keys.get(id)?, b"file", purpose);
        let mut key = Zeroizing::new([0; 32]);
        let made = Hkdf::<Sha256>::new(Some(salt), &*from).expand(purpose.0.as_bytes(), &mut *key);
        assert!(made.is_ok(), "HKDF gives 32 bytes");
        Some((id, key))
    }

    /// [`derive`](Self::derive) from every root key, the newest first: what must still be recognised after a rotation.
    #[must_use]
    pub fn derive_all(&self, purpose: Purpose) -> Vec<Zeroizing<[u8; 32]>> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        keys.newest_first()
            .map(|(_, root)| expand(root, b"derive", purpose))
            .collect()
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(***)")
    }
}

/// It was sealed for something else, by another key, or by nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value does not open here")]
pub struct NotOurs;

fn key_id(sealed: &[u8]) -> Option<u32> {
    let (&[format, a, b, c, d], _) = sealed.split_first_chunk()?;
    (format == FORMAT).then_some(u32::from_be_bytes([a, b, c, d]))
}

fn cipher(root: &RootKey, purpose: Purpose) -> XChaCha20Poly1305 {
    let key = expand(root, b"seal", purpose);
    XChaCha20Poly1305::new((&*key).into())
}

/// A key from the root: the use (seal, derive, check) and the purpose part all of them.
pub(crate) fn expand(root: &RootKey, usage: &[u8], purpose: Purpose) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let info = [b"doorward v1 ", usage, b" ", purpose.0.as_bytes()];
    let made = Hkdf::<Sha256>::new(None, root.as_bytes()).expand_multi_info(&info, &mut *key);
    // HKDF gives up to 8,160 bytes; an all-zero key must never be used should that change.
    assert!(made.is_ok(), "HKDF gives 32 bytes");
    key
}

fn associated(id: u32, purpose: Purpose, binding: &[u8]) -> Vec<u8> {
    let mut out = vec![FORMAT];
    out.extend_from_slice(&id.to_be_bytes());
    for part in [purpose.0.as_bytes(), binding] {
        out.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::tests::Repeating;

    const SEED: Purpose = Purpose::new("totp seed");
    const COOKIE: Purpose = Purpose::new("cookie");

    fn sealer() -> Sealer {
        Sealer::new(Keyring::generate(&Repeating::default()).expect("random"))
    }

    #[test]
    fn opens_only_with_its_purpose_and_binding() {
        let sealer = sealer();
        let sealed = sealer
            .seal(SEED, b"account 1", b"secret", &Repeating::default())
            .expect("random");
        assert_eq!(
            &**sealer.open(SEED, b"account 1", &sealed).expect("ours"),
            b"secret"
        );
        assert_eq!(sealer.open(COOKIE, b"account 1", &sealed), Err(NotOurs));
        assert_eq!(sealer.open(SEED, b"account 2", &sealed), Err(NotOurs));
    }

    #[test]
    fn no_changed_bit_and_no_shorter_text_opens() {
        let sealer = sealer();
        let sealed = sealer
            .seal(SEED, b"", b"secret", &Repeating::default())
            .expect("random");
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut other = sealed.clone();
                other[at] ^= 1 << bit;
                assert_eq!(sealer.open(SEED, b"", &other), Err(NotOurs));
            }
            assert_eq!(sealer.open(SEED, b"", &sealed[..at]), Err(NotOurs));
        }
    }

    #[test]
    fn after_a_rotation_old_things_open_and_new_things_use_the_new_key() {
        let random = Repeating::default();
        let sealer = sealer();
        let old = sealer.seal(SEED, b"", b"secret", &random).expect("random");
        let keys = sealer.0.read().expect("whole").clone();
        sealer.replace(keys.rotated(&random).expect("random"));
        assert!(!sealer.is_current(&old));
        assert_eq!(&**sealer.open(SEED, b"", &old).expect("ours"), b"secret");
        assert!(sealer.is_current(&sealer.seal(SEED, b"", b"secret", &random).expect("random")));
        assert_eq!(sealer.derive_all(SEED).len(), 2);
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", sealer()), "Sealer(***)");
    }
}
