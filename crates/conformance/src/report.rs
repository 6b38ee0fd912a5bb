//! What is printed: disagreements and totals in words, or every case in JSON, and the exit status.

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use crate::case::{Case, Verdict};
use crate::judge::NotUnderstood;

/// The sums of a file, or of all.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    agree: usize,
    disagree: usize,
    not_supported: usize,
    excepted: usize,
    strict: StrictTotals,
}

/// The sums of the lines marked `strict` that could be judged.
#[derive(Clone, Copy, Debug, Default)]
struct StrictTotals {
    lines: usize,
    accepted_by_default: usize,
    with_switch: usize,
    accepted_by_switch: usize,
}

/// Collects and prints.
#[derive(Debug)]
pub(crate) struct Report {
    json: bool,
    files: usize,
    not_understood: usize,
    sum: Totals,
}

/// A line of `--json`.
#[derive(Debug, Serialize)]
struct JsonCase<'a> {
    file: &'a Path,
    name: &'a str,
    verdict: &'static str,
    expected: &'a str,
    got: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<JsonStrict<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonStrict<'a> {
    accepted_by_default: bool,
    switches: &'a [&'static str],
    accepted_by_switch: bool,
}

#[derive(Debug, Serialize)]
struct JsonNotUnderstood<'a> {
    file: &'a Path,
    not_understood: String,
}

impl Report {
    /// Nothing yet.
    pub(crate) fn new(json: bool) -> Self {
        Self {
            json,
            files: 0,
            not_understood: 0,
            sum: Totals::default(),
        }
    }

    /// The cases of a file.
    pub(crate) fn file(&mut self, path: &Path, cases: &[Case]) {
        let mut totals = Totals::default();
        for case in cases {
            totals.count(case);
            if self.json {
                print_json(&json_case(path, case));
            } else if matches!(case.verdict, Verdict::Disagree | Verdict::Excepted) {
                print_difference(case);
            }
        }
        if !self.json {
            println!("{}: {totals}", path.display());
        }
        self.files += 1;
        self.sum.add(&totals);
    }

    /// A file, or a path, that could not be judged.
    pub(crate) fn not_understood(&mut self, path: &Path, why: &NotUnderstood) {
        if self.json {
            print_json(&JsonNotUnderstood {
                file: path,
                not_understood: why.to_string(),
            });
        } else {
            println!("{}: not understood: {why}", path.display());
        }
        self.not_understood += 1;
    }

    /// The sum, and the exit status.
    pub(crate) fn finish(self) -> ExitCode {
        if !self.json && (self.files > 1 || self.not_understood > 0) {
            println!(
                "all: {}; {} files, {} not understood",
                self.sum, self.files, self.not_understood
            );
        }
        if self.sum.disagree == 0 && self.not_understood == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

impl Totals {
    fn count(&mut self, case: &Case) {
        *match case.verdict {
            Verdict::Agree => &mut self.agree,
            Verdict::Disagree => &mut self.disagree,
            Verdict::NotSupported => &mut self.not_supported,
            Verdict::Excepted => &mut self.excepted,
        } += 1;
        if let Some(strict) = &case.strict {
            self.strict.lines += 1;
            self.strict.accepted_by_default += usize::from(strict.accepted_by_default);
            self.strict.with_switch += usize::from(!strict.switches.is_empty());
            self.strict.accepted_by_switch +=
                usize::from(!strict.switches.is_empty() && strict.accepted_by_switch);
        }
    }

    fn add(&mut self, other: &Self) {
        self.agree += other.agree;
        self.disagree += other.disagree;
        self.not_supported += other.not_supported;
        self.excepted += other.excepted;
        self.strict.lines += other.strict.lines;
        self.strict.accepted_by_default += other.strict.accepted_by_default;
        self.strict.with_switch += other.strict.with_switch;
        self.strict.accepted_by_switch += other.strict.accepted_by_switch;
    }
}

impl core::fmt::Display for Totals {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self {
            agree,
            disagree,
            not_supported,
            excepted,
            strict,
        } = self;
        write!(
            f,
            "agree {agree}, disagree {disagree}, not supported {not_supported}"
        )?;
        if *excepted > 0 {
            write!(f, "; faults of the vectors {excepted}")?;
        }
        if strict.lines > 0 {
            let refused = strict.lines - strict.accepted_by_default;
            write!(
                f,
                "; strict {}: the default policy accepts {}, refuses {refused}; the named switch accepts {} of {}",
                strict.lines, strict.accepted_by_default, strict.accepted_by_switch, strict.with_switch
            )?;
        }
        Ok(())
    }
}

fn print_difference(case: &Case) {
    let step = case.step.map(|step| format!(" at {step}")).unwrap_or_default();
    let word = case.verdict.word().to_uppercase();
    let line = format!(
        "{word} {}: expected {}, got {}{step}",
        case.name, case.expected, case.got
    );
    // One difference, one line, whatever a payload holds.
    println!("{}", line.replace('\r', "\\r").replace('\n', "\\n"));
}

fn json_case<'a>(file: &'a Path, case: &'a Case) -> JsonCase<'a> {
    JsonCase {
        file,
        name: &case.name,
        verdict: case.verdict.word(),
        expected: &case.expected,
        got: &case.got,
        step: case.step,
        strict: case.strict.as_ref().map(|strict| JsonStrict {
            accepted_by_default: strict.accepted_by_default,
            switches: &strict.switches,
            accepted_by_switch: strict.accepted_by_switch,
        }),
    }
}

fn print_json(line: &impl Serialize) {
    match serde_json::to_string(line) {
        Ok(text) => println!("{text}"),
        // A path that is not UTF-8 has no place in JSON; losing the line silently would look like agreement.
        Err(error) => println!("{{\"not_understood\":\"{error}\"}}"),
    }
}
