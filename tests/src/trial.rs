//! A journey is a named trial whose steps are printed one by one.

use std::{future::Future, pin::Pin};

use libtest_mimic::{Arguments, Trial};

/// What a journey returns: nothing, or the sentence that says what was not as it must be.
pub type Outcome = Result<(), String>;

/// Prints the steps of a journey as they pass.
#[derive(Debug)]
pub struct Steps {
    journey: &'static str,
    done: usize,
}

impl Steps {
    /// The steps of this journey.
    #[must_use]
    pub fn of(journey: &'static str) -> Self {
        Self { journey, done: 0 }
    }

    /// One step stands.
    pub fn ok(&mut self, step: &str) {
        self.done += 1;
        println!("{} {:2}. {step}: ok", self.journey, self.done);
    }
}

/// A journey by its name.
pub type Journey = (&'static str, fn() -> Pin<Box<dyn Future<Output = Outcome>>>);

/// Runs the journeys that the command line asks for, ends with `GROUP: N of N`, and exits.
pub fn run_group(group: &str, journeys: Vec<Journey>) -> ! {
    let mut arguments = Arguments::from_args();
    if arguments.test_threads.is_none() {
        arguments.test_threads = Some(2);
    }
    let trials = journeys
        .into_iter()
        .map(|(name, journey)| {
            Trial::test(name, move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()
                    .expect("a runtime starts");
                runtime.block_on(journey()).map_err(Into::into)
            })
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        println!(
            "{group}: {} of {}",
            conclusion.num_passed,
            conclusion.num_passed + conclusion.num_failed
        );
    }
    conclusion.exit()
}
