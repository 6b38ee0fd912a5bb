//! argon2id, its cost, and what is stored of a password.

use argon2::{Algorithm, Argon2, Params, Version};
use doorward_crypto::random::{self, NoRandom};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::ids::{Digest, Salt};
use crate::outside::Random;

/// What one hash costs. The default is 64 MiB, three passes, one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Memory in KiB.
    memory: u32,
    /// Passes over it.
    passes: u32,
    /// Lanes.
    lanes: u32,
}

impl Cost {
    /// Cheap enough for tests, and too cheap for anything else.
    pub const FOR_TESTS: Self = Self {
        memory: 8,
        passes: 1,
        lanes: 1,
    };

    /// A cost of `memory` KiB, `passes` and `lanes`.
    ///
    /// # Errors
    /// [`CostOutOfBounds`] below 19 MiB and two passes, or above 1 GiB, 10 passes and 16 lanes.
    pub fn new(memory: u32, passes: u32, lanes: u32) -> Result<Self, CostOutOfBounds> {
        let cost = Self {
            memory,
            passes,
            lanes,
        };
        let enough = memory >= 19 * 1024 && passes >= 2;
        if enough && cost.is_bounded() {
            Ok(cost)
        } else {
            Err(CostOutOfBounds)
        }
    }

    /// Whether we would ever take the memory and time for it.
    fn is_bounded(self) -> bool {
        self.memory <= 1024 * 1024
            && (1..=10).contains(&self.passes)
            && (1..=16).contains(&self.lanes)
            && self.memory >= 8 * self.lanes
    }

    /// Whether this costs less than `wanted` in any way: then a right password is hashed anew.
    #[must_use]
    pub const fn is_below(self, wanted: Self) -> bool {
        self.memory < wanted.memory || self.passes < wanted.passes
    }
}

impl Default for Cost {
    fn default() -> Self {
        Self {
            memory: 64 * 1024,
            passes: 3,
            lanes: 1,
        }
    }
}

/// A cost that is not taken: below the floor, or above what memory and time may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("argon2id takes 19 MiB to 1 GiB, 2 to 10 passes and 1 to 16 lanes")]
pub struct CostOutOfBounds;

/// What is stored of a password. Nothing of it tells the password's length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    cost: Cost,
    salt: Salt,
    tag: Digest,
}

impl PasswordHash {
    /// Hashes a prepared password under a fresh salt. Takes a good tenth of a second and the cost's memory.
    pub(crate) fn make(prepared: &[u8], cost: Cost, salt: [u8; 16]) -> Result<Self, NotHashed> {
        let tag = tag(prepared, cost, &salt)?;
        Ok(Self {
            cost,
            salt: Salt::from_bytes(salt),
            tag: Digest::from_bytes(*tag),
        })
    }

    /// The same cost for a password that nobody has: what an unknown name is checked against.
    pub(crate) fn imaginary(cost: Cost, source: &dyn Random) -> Result<Self, NoRandom> {
        let salt = Salt::from_bytes(random::bytes(source)?);
        Ok(Self {
            cost,
            salt,
            tag: Digest::from_bytes(random::bytes(source)?),
        })
    }

    /// Whether this is the password.
    pub(crate) fn matches(&self, prepared: &[u8]) -> Result<bool, NotHashed> {
        let found = tag(prepared, self.cost, self.salt.as_bytes())?;
        Ok(doorward_crypto::hash::equal(
            found.as_slice(),
            self.tag.as_bytes(),
        ))
    }

    /// What it cost.
    #[must_use]
    pub const fn cost(&self) -> Cost {
        self.cost
    }
}

/// A stored cost past the bounds, or no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed at this cost")]
pub struct NotHashed;

fn tag(prepared: &[u8], cost: Cost, salt: &[u8; 16]) -> Result<Zeroizing<[u8; 32]>, NotHashed> {
    if !cost.is_bounded() {
        return Err(NotHashed);
    }
    let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(32)).map_err(|_| NotHashed)?;
    let mut out = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(prepared, salt, out.as_mut_slice())
        .map_err(|_| NotHashed)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argon2_stored_parameters_bounded() {
        let wild = [
            Cost {
                memory: 4 * 1024 * 1024,
                passes: 3,
                lanes: 1,
            },
            Cost {
                memory: 64 * 1024,
                passes: 1 << 31,
                lanes: 1,
            },
            Cost {
                memory: 64 * 1024,
                passes: 3,
                lanes: 255,
            },
            Cost {
                memory: 0,
                passes: 1,
                lanes: 1,
            },
        ];
        for cost in wild {
            assert_eq!(
                PasswordHash::make(b"password", cost, [0; 16]),
                Err(NotHashed),
                "{cost:?}"
            );
        }
        assert_eq!(Cost::new(19 * 1024 - 1, 2, 1), Err(CostOutOfBounds));
        assert!(Cost::new(19 * 1024, 2, 1).is_ok());
    }

    #[test]
    fn only_the_password_matches() {
        let hash = PasswordHash::make(b"correct horse", Cost::FOR_TESTS, [1; 16]).expect("small");
        assert_eq!(hash.matches(b"correct horse"), Ok(true));
        assert_eq!(hash.matches(b"correct horsf"), Ok(false));
        assert_eq!(hash.matches(b"correct horse\0"), Ok(false));
    }

    #[test]
    fn argon2_rehash_upward_only() {
        let cheap = Cost::FOR_TESTS;
        assert!(cheap.is_below(Cost::default()));
        assert!(!Cost::default().is_below(cheap) && !cheap.is_below(cheap));
    }
}
