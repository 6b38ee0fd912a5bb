//! The command line. Exit codes: 0 done, 1 refused, 2 wrong usage or configuration, 3 neither server nor store.

mod arguments;
mod demo;
mod operator;
mod process;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;

use self::arguments::{Arguments, ConfigVerb, Place, Verb};
use crate::config::{self, Config, Shown};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Done,
    Refused,
    Usage,
    Unreachable,
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> Self {
        Self::from(match ended {
            Ended::Done => 0,
            Ended::Refused => 1,
            Ended::Usage => 2,
            Ended::Unreachable => 3,
        })
    }
}

/// Runs what the arguments ask for.
#[must_use]
pub fn main() -> ExitCode {
    // What this process writes is for its owner alone.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let ended = if error.use_stderr() {
                Ended::Usage
            } else {
                Ended::Done
            };
            return match error.print() {
                Ok(()) => ended.into(),
                Err(_) => Ended::Refused.into(),
            };
        }
    };
    let place = &arguments.place;
    match arguments.verb {
        None | Some(Verb::Serve) => with_config(place, |config, shown| serve::run(&config, &shown, place)),
        Some(Verb::Demo {
            application_url,
            application_listen,
        }) => demo::run(place, &application_url, application_listen),
        Some(Verb::SetupLink) => with_config(place, |config, _| operator::setup_link(&config, place.json)),
        Some(Verb::User(verb)) => with_config(place, |config, _| operator::user(&config, place.json, verb)),
        Some(Verb::App(verb)) => with_config(place, |config, _| operator::app(&config, place.json, *verb)),
        Some(Verb::Seed(verb)) => with_config(place, |config, _| operator::seed(&config, verb)),
        Some(Verb::Config(verb)) => configuration(place, verb),
    }
    .into()
}

fn with_config(place: &Place, run: impl FnOnce(Config, Vec<Shown>) -> Ended) -> Ended {
    match load(place, &place.overrides()) {
        Ok((config, shown)) => run(config, shown),
        Err(ended) => ended,
    }
}

fn load(
    place: &Place,
    overrides: &[(&'static str, &'static str, String)],
) -> Result<(Config, Vec<Shown>), Ended> {
    // A variable that is not text can be none of ours.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Config::load(place.config.as_deref(), variables, overrides).map_err(|error| {
        eprintln!("{error}");
        Ended::Usage
    })
}

fn configuration(place: &Place, verb: ConfigVerb) -> Ended {
    if matches!(verb, ConfigVerb::Default) {
        print!("{}", config::example());
        return Ended::Done;
    }
    with_config(place, |_, shown| {
        match verb {
            ConfigVerb::Check | ConfigVerb::Default => println!("The configuration is right."),
            ConfigVerb::Show if place.json => {
                let all: serde_json::Map<_, _> = shown
                    .iter()
                    .map(|one| {
                        (
                            one.key.clone(),
                            serde_json::json!({ "value": one.value, "from": one.origin.word() }),
                        )
                    })
                    .collect();
                println!("{}", serde_json::Value::Object(all));
            }
            ConfigVerb::Show => {
                for one in shown {
                    println!("{} = {:?}  # {}", one.key, one.value, one.origin.word());
                }
            }
        }
        Ended::Done
    })
}
