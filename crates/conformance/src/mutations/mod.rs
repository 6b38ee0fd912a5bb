//! Mutations of a right ceremony: what Doorward does with each, measured now, beside what other libraries do.
//!
//! Each row of `rows.rs` edits one thing of a registration or a login that the test authenticator makes. The edited
//! answer is signed as if nothing were wrong, so that nothing but the rule itself can refuse it.

mod pairs;
mod peers;
mod rows;
mod scene;

use std::process::ExitCode;

use crate::mutations::pairs::Pairs;
use crate::mutations::peers::PEERS;
use crate::mutations::rows::{ROWS, Right, Row};
use crate::mutations::scene::{Verdict, judge};

/// What came of a row.
struct Measured {
    words: String,
    wrongly_accepted: usize,
    wrongly_refused: usize,
}

/// Prints the table and the sums. Fails when an unedited ceremony is refused, when anything is wrongly accepted or
/// wrongly refused, or when a pair of the specification's does not pass.
pub(crate) fn run() -> ExitCode {
    let measured: Vec<Measured> = ROWS.iter().map(measure).collect();
    print!("{}", table(&measured));
    let accepted: usize = measured.iter().map(|row| row.wrongly_accepted).sum();
    let refused: usize = measured.iter().map(|row| row.wrongly_refused).sum();
    let trials: usize = ROWS.iter().map(|row| row.trials.len()).sum();
    println!("\n{}", peers::HOW);
    println!(
        "doorward: {} rows, {trials} edited ceremonies by each provider: wrongly accepted {accepted}, wrongly \
         refused {refused}",
        ROWS.len()
    );
    for (at, peer) in PEERS.iter().enumerate() {
        let wrong = ROWS.iter().filter_map(|row| row.peers.get(at));
        let wrong = wrong.filter(|said| said.wrong).count();
        println!("{} {}: rows answered wrongly {wrong}", peer.name, peer.version);
    }
    let pairs = Pairs::measure();
    print!("\n{pairs}");
    if accepted == 0 && refused == 0 && pairs.pass() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs the trials of a row.
fn measure(row: &Row) -> Measured {
    let mut measured = Measured {
        words: String::new(),
        wrongly_accepted: 0,
        wrongly_refused: 0,
    };
    let mut said: Vec<String> = Vec::new();
    for trial in row.trials {
        let verdict = judge(trial.on, trial.edit);
        let (words, is_wrong) = match (&verdict, row.right) {
            (Verdict::Accepted, Right::Accept) => ("accepts".to_owned(), false),
            (Verdict::Refused(step), Right::Refuse) => (format!("rejects ({step})"), false),
            (Verdict::Accepted, Right::Refuse) => {
                measured.wrongly_accepted += 1;
                (format!("ACCEPTS {}", trial.what), true)
            }
            (Verdict::Refused(step), Right::Accept) => {
                measured.wrongly_refused += 1;
                (format!("REJECTS {} ({step})", trial.what), true)
            }
            // Two providers that differ are wrong whichever of them is right.
            (Verdict::Split(how), _) => {
                measured.wrongly_accepted += 1;
                (format!("PROVIDERS DIFFER on {}: {how}", trial.what), true)
            }
        };
        if is_wrong || !said.contains(&words) {
            said.push(words);
        }
    }
    measured.words = said.join(", ");
    measured
}

/// The table in Markdown, its columns aligned. What is wrong stands in capitals.
fn table(measured: &[Measured]) -> String {
    let mut lines = vec![vec!["mutation".to_owned(), "doorward (measured now)".to_owned()]];
    if let Some(head) = lines.first_mut() {
        head.extend(PEERS.iter().map(|peer| format!("{} {}", peer.name, peer.version)));
    }
    for (row, measured) in ROWS.iter().zip(measured) {
        let mut line = vec![row.mutation.to_owned(), measured.words.clone()];
        line.extend(row.peers.iter().map(|said| {
            if said.wrong {
                said.words.to_uppercase()
            } else {
                said.words.to_owned()
            }
        }));
        lines.push(line);
    }
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let columns = PEERS.len() + 2;
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let rule = widths.iter().map(|width| "-".repeat(*width)).collect();
    lines.insert(1, rule);
    let in_columns = |line: &Vec<String>| {
        let cells = line.iter().zip(&widths);
        let cells: String = cells.map(|(cell, width)| format!("| {cell:width$} ")).collect();
        cells + "|\n"
    };
    lines.iter().map(in_columns).collect()
}
