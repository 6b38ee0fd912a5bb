//! Failures by address: a sketch of fixed size in memory, counted before a password is looked at.
//!
//! An IPv4 address counts by itself; of an IPv6 address its /64 counts (who has one has 2^64) and, with a higher
//! limit, its /48. The sketch can take a count for larger than it is, and never for smaller; its key keeps strangers
//! from choosing whom they share a cell with. It is this instance's: a second one loosens the limit by as much, and
//! so does a restart. A browser that signed in before is not held up by what others do at its address: it has a
//! counter of its own.

use core::net::IpAddr;
use core::time::Duration;
use std::sync::{Mutex, PoisonError};

use doorward_crypto::{Sha256, Timestamp};

use crate::limits::Limits;

/// Half of the time that a failure counts: it is forgotten after one to two of these.
const SPAN: Duration = Duration::from_secs(5 * 60);
/// Rows of the sketch: a count is the least of its cells.
const ROWS: usize = 4;
/// Cells of a row: of 10,000 addresses that fail as often as they may, one in 200 shares all its cells.
const CELLS: usize = 1 << 15;

/// What is counted as one stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Network {
    bits: u128,
    length: u8,
}

impl Network {
    /// The network that an address counts by: itself, or its /64.
    pub(crate) fn of(address: &str) -> Option<Self> {
        Some(match address.parse::<IpAddr>().ok()?.to_canonical() {
            IpAddr::V4(v4) => Self {
                bits: u128::from(u32::from(v4)),
                length: 32,
            },
            IpAddr::V6(v6) => Self {
                bits: u128::from(v6) >> 64,
                length: 64,
            },
        })
    }

    /// The larger network around it that counts too.
    fn around(self) -> Option<Self> {
        (self.length == 64).then_some(Self {
            bits: self.bits >> 16,
            length: 48,
        })
    }
}

/// Failures by address.
#[derive(Debug)]
pub(crate) struct Addresses {
    key: [u8; 16],
    each: u16,
    around: u16,
    sketch: Mutex<Sketch>,
}

/// A try that was counted. Dropping it leaves it counted.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Counted {
    span: u64,
    cells: Vec<[usize; ROWS]>,
}

#[derive(Debug)]
struct Sketch {
    span: u64,
    now: Vec<u16>,
    before: Vec<u16>,
}

impl Addresses {
    /// An empty sketch.
    pub(crate) fn new(key: [u8; 16], limits: &Limits) -> Self {
        Self {
            key,
            each: limits.failures_per_address,
            around: limits.failures_per_network,
            sketch: Mutex::new(Sketch {
                span: 0,
                now: vec![0; ROWS * CELLS],
                before: vec![0; ROWS * CELLS],
            }),
        }
    }

    /// Counts a try from an address, or says from when on one counts again. Without an address nothing is counted.
    pub(crate) fn reserve(&self, address: Option<&str>, now: Timestamp) -> Result<Counted, Timestamp> {
        let Some(network) = address.and_then(Network::of) else {
            return Ok(Counted::default());
        };
        let mut sketch = self.sketch.lock().unwrap_or_else(PoisonError::into_inner);
        sketch.turn(span_of(now));
        let own = self.cells(network);
        let around = network.around().map(|network| self.cells(network));
        let is_full = sketch.count(&own) >= self.each
            || around
                .as_ref()
                .is_some_and(|cells| sketch.count(cells) >= self.around);
        if is_full {
            let seconds = sketch.span.saturating_add(1).saturating_mul(SPAN.as_secs());
            return Err(Timestamp::from_seconds(seconds));
        }
        let cells: Vec<_> = [Some(own), around].into_iter().flatten().collect();
        for cell in cells.iter().flatten() {
            if let Some(count) = sketch.now.get_mut(*cell) {
                *count = count.saturating_add(1);
            }
        }
        Ok(Counted {
            span: sketch.span,
            cells,
        })
    }

    /// Gives back a try that was right, or whose password was never looked at. Earlier failures stay counted.
    pub(crate) fn give_back(&self, counted: &Counted) {
        let mut sketch = self.sketch.lock().unwrap_or_else(PoisonError::into_inner);
        let sketch = &mut *sketch;
        let counts = if counted.span == sketch.span {
            &mut sketch.now
        } else if counted.span.saturating_add(1) == sketch.span {
            &mut sketch.before
        } else {
            return;
        };
        for cell in counted.cells.iter().flatten() {
            if let Some(count) = counts.get_mut(*cell) {
                *count = count.saturating_sub(1);
            }
        }
    }

    fn cells(&self, network: Network) -> [usize; ROWS] {
        let hash = Sha256::hmac(&self.key, &[&[network.length], &network.bits.to_be_bytes()]);
        let mut cells = [0; ROWS];
        for (row, (cell, part)) in cells.iter_mut().zip(hash.chunks_exact(8)).enumerate() {
            let number = part
                .iter()
                .fold(0_usize, |number, byte| (number << 8) | usize::from(*byte));
            *cell = row * CELLS + number % CELLS;
        }
        cells
    }
}

impl Sketch {
    /// Goes on to a span of time: what is two spans old is forgotten. A clock that goes back forgets nothing.
    fn turn(&mut self, span: u64) {
        if span <= self.span {
            return;
        }
        core::mem::swap(&mut self.now, &mut self.before);
        self.now.fill(0);
        if span > self.span.saturating_add(1) {
            self.before.fill(0);
        }
        self.span = span;
    }

    fn count(&self, cells: &[usize; ROWS]) -> u16 {
        let of = |counts: &[u16], cell: usize| counts.get(cell).copied().unwrap_or(0);
        let counts = cells
            .iter()
            .map(|cell| of(&self.now, *cell).saturating_add(of(&self.before, *cell)));
        counts.min().unwrap_or(0)
    }
}

fn span_of(now: Timestamp) -> u64 {
    now.seconds() / SPAN.as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch() -> Addresses {
        Addresses::new([7; 16], &Limits::default())
    }

    fn fail(addresses: &Addresses, address: &str, at: u64) -> bool {
        addresses
            .reserve(Some(address), Timestamp::from_seconds(at))
            .is_ok()
    }

    // Without the comparison in `reserve` the 31st try passes.
    #[test]
    fn throttle_per_address() {
        let addresses = sketch();
        for _ in 0..30 {
            assert!(fail(&addresses, "192.0.2.1", 1_000));
        }
        assert!(!fail(&addresses, "192.0.2.1", 1_000));
        assert!(!fail(&addresses, "::ffff:192.0.2.1", 1_100), "the same address");
        assert!(fail(&addresses, "192.0.2.2", 1_000));
        assert!(
            fail(&addresses, "192.0.2.1", 1_000 + 2 * 300),
            "after ten minutes"
        );
        assert_eq!(
            addresses
                .reserve(Some("192.0.2.1"), Timestamp::from_seconds(1_000))
                .err(),
            None,
            "a clock that goes back counts in the newer span"
        );
    }

    #[test]
    fn an_ipv6_network_of_64_bits_is_one_address_and_one_of_48_has_a_limit_of_its_own() {
        let addresses = sketch();
        for n in 0..30 {
            assert!(fail(&addresses, &format!("2001:db8:0:1::{n:x}"), 1_000));
        }
        assert!(!fail(&addresses, "2001:db8:0:1:ffff::1", 1_000));
        for n in 0..120 {
            assert!(fail(&addresses, &format!("2001:db8:0:{:x}::1", n + 2), 1_000));
        }
        assert!(!fail(&addresses, "2001:db8:0:ffff::1", 1_000), "150 in the /48");
        assert!(fail(&addresses, "2001:db8:1::1", 1_000));
    }

    #[test]
    fn success_resets_only_own_counter() {
        let addresses = sketch();
        let now = Timestamp::from_seconds(1_000);
        for _ in 0..29 {
            assert!(fail(&addresses, "192.0.2.1", 1_000));
        }
        for _ in 0..100 {
            let right = addresses
                .reserve(Some("192.0.2.1"), now)
                .expect("below the limit");
            addresses.give_back(&right);
        }
        assert!(fail(&addresses, "192.0.2.1", 1_000), "the thirtieth failure");
        assert!(
            !fail(&addresses, "192.0.2.1", 1_000),
            "right tries in between took nothing away"
        );
    }

    #[test]
    fn rate_table_flood() {
        let addresses = sketch();
        let size = |addresses: &Addresses| {
            let sketch = addresses.sketch.lock().expect("nobody panicked");
            sketch.now.capacity() + sketch.before.capacity()
        };
        let before = size(&addresses);
        for _ in 0..30 {
            assert!(fail(&addresses, "203.0.113.9", 1_000));
        }
        for n in 0..100_000_u32 {
            let address = std::net::Ipv4Addr::from(0x0a00_0000 | n).to_string();
            let _counted = fail(&addresses, &address, 1_000);
        }
        assert_eq!(size(&addresses), before, "fixed memory");
        assert!(
            !fail(&addresses, "203.0.113.9", 1_000),
            "nothing is forgotten in a flood"
        );
    }

    #[test]
    fn of_10_000_attackers_few_take_a_stranger_with_them() {
        let addresses = sketch();
        for n in 0..10_000_u32 {
            let address = std::net::Ipv4Addr::from(0x7f00_0000 | n).to_string();
            for _ in 0..30 {
                let _counted = fail(&addresses, &address, 1_000);
            }
        }
        let honest = (0..1_000_u32)
            .filter(|n| {
                let address = std::net::Ipv4Addr::from(0xc000_0200 | n).to_string();
                !fail(&addresses, &address, 1_000)
            })
            .count();
        assert!(honest < 20, "{honest} of 1000 were refused");
    }
}
