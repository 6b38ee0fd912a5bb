//! The specification's own registrations and logins: how many pairs pass here, beside the others.

use core::fmt;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::peers::PAIRS;
use crate::case::{Case, Verdict};
use crate::judge::{self, Source};

/// What came of the recordings.
pub(super) enum Pairs {
    /// They are not at hand.
    Absent(PathBuf),
    /// They cannot be judged.
    Unread(String),
    Measured {
        passed: usize,
        all: usize,
        /// Pairs that need a named switch, with it.
        by_switch: Vec<String>,
    },
}

impl Pairs {
    /// Judges the recordings of `DOORWARD_VECTORS`.
    pub(super) fn measure() -> Self {
        let root = std::env::var_os("DOORWARD_VECTORS")
            .map_or_else(|| PathBuf::from("../shared/vectors"), PathBuf::from);
        let path = root.join("webauthn/webauthn-l3.jsonl");
        if !path.exists() {
            return Self::Absent(path);
        }
        match judged(&path) {
            Ok(cases) => Self::count(&cases),
            Err(why) => Self::Unread(format!("{}: {why}", path.display())),
        }
    }

    fn count(cases: &[Case]) -> Self {
        // A pair is two lines whose names differ in their last part.
        let mut pairs: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
        for case in cases {
            let (pair, _) = case.name.rsplit_once('-').unwrap_or((&case.name, ""));
            pairs.entry(pair).or_default().push(case);
        }
        let passes =
            |lines: &&Vec<&Case>| lines.len() == 2 && lines.iter().all(|case| case.verdict == Verdict::Agree);
        let switches = |case: &&Case| {
            let strict = case
                .strict
                .as_ref()
                .filter(|strict| !strict.accepted_by_default)?;
            Some(format!("{} by {}", case.name, strict.switches.join(", ")))
        };
        Self::Measured {
            passed: pairs.values().filter(passes).count(),
            all: pairs.len(),
            by_switch: cases.iter().filter_map(|case| switches(&case)).collect(),
        }
    }

    /// Whether nothing failed. Recordings that are not at hand fail nothing.
    pub(super) const fn pass(&self) -> bool {
        match self {
            Self::Absent(_) => true,
            Self::Unread(_) => false,
            Self::Measured { passed, all, .. } => *passed == *all && *all == 15,
        }
    }
}

fn judged(path: &Path) -> Result<Vec<Case>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    judge::judge(&Source { path, text: &text }).map_err(|error| error.to_string())
}

impl fmt::Display for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Pairs of registration and login of the specification's test vectors that pass:"
        )?;
        match self {
            Self::Absent(path) => writeln!(
                f,
                "doorward (measured now): not measured, there is no {} (set DOORWARD_VECTORS)",
                path.display()
            )?,
            Self::Unread(why) => writeln!(f, "doorward (measured now): not measured, {why}")?,
            Self::Measured {
                passed,
                all,
                by_switch,
            } => {
                write!(f, "doorward (measured now): {passed} of {all}")?;
                if !by_switch.is_empty() {
                    write!(
                        f,
                        "; refused by the letter and accepted by a named switch: {}",
                        by_switch.join("; ")
                    )?;
                }
                writeln!(f)?;
            }
        }
        for peer in &PAIRS {
            writeln!(f, "{}: {} ({})", peer.library, peer.passed, peer.fails)?;
        }
        Ok(())
    }
}
