//! HOTP (RFC 4226 §5): a code from a secret and a counter.

use core::fmt;

use hmac::digest::common::Key;
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

use crate::algorithm::Algorithm;
use crate::code::{Digits, OtpCode};
use crate::secret::Secret;
use crate::totp::NoMatch;

/// A key whose codes follow a counter: SHA-1 and six digits unless said otherwise.
#[derive(Clone)]
pub struct Hotp {
    secret: Secret,
    algorithm: Algorithm,
    digits: Digits,
}

impl Hotp {
    /// With SHA-1 and six digits.
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self {
            secret,
            algorithm: Algorithm::default(),
            digits: Digits::default(),
        }
    }

    /// With another hash. RFC 4226 knows SHA-1 alone.
    #[must_use]
    pub fn with_algorithm(self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self }
    }

    /// With more digits.
    #[must_use]
    pub fn with_digits(self, digits: Digits) -> Self {
        Self { digits, ..self }
    }

    /// The secret.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The hash.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// How many digits its codes have.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// The code at this value of the counter (RFC 4226 §5.3).
    #[must_use]
    pub fn code(&self, counter: u64) -> OtpCode {
        let (secret, counter) = (self.secret.as_bytes(), counter.to_be_bytes());
        let truncated = match self.algorithm {
            Algorithm::Sha1 => truncate(&hmac::<Sha1>(secret, &counter)),
            Algorithm::Sha256 => truncate(&hmac::<Sha256>(secret, &counter)),
            Algorithm::Sha512 => truncate(&hmac::<Sha512>(secret, &counter)),
        };
        OtpCode::of(truncated, self.digits)
    }

    /// Checks a code against the counter that comes next and `look_ahead` values after it (RFC 4226 §7.4), and
    /// returns the value that matched. Store that value plus one as the next: a code counts once.
    ///
    /// Every value is computed, whether or not one matched before: the time taken does not depend on the code.
    ///
    /// # Errors
    /// [`NoMatch::Wrong`] when no value in the window gives this code.
    pub fn verify(&self, code: &OtpCode, next: u64, look_ahead: u8) -> Result<u64, NoMatch> {
        let mut found = Choice::from(0);
        let mut matched = 0;
        for ahead in (0..=look_ahead).rev() {
            let counter = next.saturating_add(u64::from(ahead));
            let same = self.code(counter).ct_eq(code);
            matched.conditional_assign(&counter, same); // the nearest one stays
            found |= same;
        }
        if bool::from(found) {
            Ok(matched)
        } else {
            Err(NoMatch::Wrong)
        }
    }
}

impl fmt::Debug for Hotp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Hotp({:?}, {}, {} digits)",
            self.secret,
            self.algorithm,
            self.digits.count()
        )
    }
}

type Hash<D> = hmac::digest::Output<D>;

fn hmac<D: EagerHash>(secret: &[u8], message: &[u8]) -> Hash<Hmac<D>> {
    // RFC 2104 §2: the key is one block of the hash, filled with zeros; what is longer is hashed first. Done here
    // because a whole block is the one length for which the crate below has no error to give.
    let mut key = Key::<Hmac<D>>::default();
    if secret.len() <= key.len() {
        key.iter_mut().zip(secret).for_each(|(to, from)| *to = *from);
    } else {
        key.iter_mut()
            .zip(D::digest(secret))
            .for_each(|(to, from)| *to = from);
    }
    let mac = Hmac::<D>::new(&key).chain_update(message);
    key.as_mut_slice().zeroize();
    mac.finalize().into_bytes()
}

/// Dynamic truncation (RFC 4226 §5.3): four bytes from where the last four bits say, without the sign.
fn truncate(hash: &[u8]) -> u32 {
    let offset = hash.last().map_or(0, |last| usize::from(last & 0xf));
    let four = hash.iter().skip(offset).take(4);
    four.fold(0, |number: u32, byte| (number << 8) | u32::from(*byte)) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    /// RFC 4226 Appendix D: counter, HMAC-SHA-1, truncated value.
    const FIGURES: [(u64, &str, u32); 10] = [
        (0, "cc93cf18508d94934c64b65d8ba7667fb7cde4b0", 1_284_755_224),
        (1, "75a48a19d4cbe100644e8ac1397eea747a2d33ab", 1_094_287_082),
        (2, "0bacb7fa082fef30782211938bc1c5e70416ff44", 137_359_152),
        (3, "66c28227d03a2d5529262ff016a1e6ef76557ece", 1_726_969_429),
        (4, "a904c900a64b35909874b33e61c5938a8e15ed1c", 1_640_338_314),
        (5, "a37e783d7b7233c083d4f62926c7a25f238d0316", 868_254_676),
        (6, "bc9cd28561042c83f219324d3c607256c03272ae", 1_918_287_922),
        (7, "a4fb960c0bc06e1eabb804e5b397cdc4b45596fa", 82_162_583),
        (8, "1b3c89f65e6c9e883012052823443f048b4332db", 673_399_871),
        (9, "1637409809a679dc698207310c8c7fc07290d9e5", 645_520_489),
    ];

    #[test]
    fn rfc4226_appendix_d_hmac_and_truncation() {
        for (counter, expected, truncated) in FIGURES {
            let hash = hmac::<Sha1>(b"12345678901234567890", &counter.to_be_bytes());
            let hex: String = hash.iter().map(|byte| alloc::format!("{byte:02x}")).collect();
            assert_eq!((hex.as_str(), truncate(&hash)), (expected, truncated));
        }
    }

    #[test]
    fn a_secret_longer_than_the_block_is_hashed() {
        let long = [0x61; 65];
        let hashed = <Sha1 as sha1::Digest>::digest(long);
        assert_eq!(hmac::<Sha1>(&long, b"message"), hmac::<Sha1>(&hashed, b"message"));
        assert_ne!(
            hmac::<Sha1>(&long[..64], b"message"),
            hmac::<Sha1>(&long, b"message")
        );
    }

    #[test]
    fn the_nearest_counter_matches_and_behind_the_window_none() {
        let hotp = Hotp::new(Secret::from_bytes(b"12345678901234567890").expect("twenty bytes"));
        let code = hotp.code(5);
        assert_eq!(hotp.verify(&code, 5, 0), Ok(5));
        assert_eq!(hotp.verify(&code, 2, 3), Ok(5));
        assert_eq!(hotp.verify(&code, 2, 2), Err(NoMatch::Wrong));
        assert_eq!(hotp.verify(&code, 6, 200), Err(NoMatch::Wrong));
        assert_eq!(hotp.verify(&hotp.code(u64::MAX), u64::MAX, 255), Ok(u64::MAX));
    }
}
