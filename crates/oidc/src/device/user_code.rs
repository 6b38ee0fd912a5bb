//! The code that a person types (RFC 8628 §6.1): eight letters of twenty, no vowels, so that no word appears.

use core::fmt;

use doorward_crypto::{NoRandom, Random, random};

/// Consonants that are not mistaken for each other or for digits.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Letters in a code: 34 bits, with five tries for each and ten minutes.
const LENGTH: usize = 8;

/// A user code in its plain form. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserCode(String);

impl UserCode {
    /// A new code, each letter as likely as the others.
    ///
    /// # Errors
    /// [`NoRandom`] when the source of randomness fails.
    pub fn generate(source: &dyn Random) -> Result<Self, NoRandom> {
        let mut code = String::with_capacity(LENGTH);
        while code.len() < LENGTH {
            let [byte] = random::bytes::<1>(source)?;
            // 240 is the greatest multiple of 20 in a byte: what lies above would favour some letters.
            if byte < 240 {
                let letter = LETTERS
                    .iter()
                    .cycle()
                    .nth(usize::from(byte))
                    .copied()
                    .unwrap_or(b'B');
                code.push(char::from(letter));
            }
        }
        Ok(Self(code))
    }

    /// Reads what a person typed: case, dashes and spaces do not count.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let letters = typed
            .chars()
            .filter(|c| !matches!(c, '-' | ' ' | '\u{2010}'..='\u{2015}'));
        let code: String = letters.map(|c| c.to_ascii_uppercase()).collect();
        let right = code.len() == LENGTH && code.bytes().all(|byte| LETTERS.contains(&byte));
        right.then_some(Self(code))
    }

    /// The plain form, to be hashed and looked up.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// As it is shown: two groups of four.
impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let middle = LENGTH.div_euclid(2);
        let (first, second) = self.0.split_at_checked(middle).unwrap_or((&self.0, ""));
        write!(f, "{first}-{second}")
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(…)")
    }
}
