//! The operator's commands: to the running server, or to the store where none runs.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use serde_json::Value;
use tokio::runtime::Runtime;

use super::Ended;
use super::arguments::{AppVerb, SeedVerb, UserVerb};
use crate::config::Config;
use crate::control::{self, Answer, Command, NewApp};
use crate::instance::Instance;

pub(super) fn setup_link(config: &Config, json: bool) -> Ended {
    carry_out(config, json, Command::SetupLink, |done| {
        println!("{}", text(done, "link"))
    })
}

pub(super) fn user(config: &Config, json: bool, verb: UserVerb) -> Ended {
    match verb {
        UserVerb::List => list(
            config,
            json,
            |after| Command::UserList { after },
            "people",
            |person| {
                let role = if person["operator"] == true {
                    "operator"
                } else {
                    ""
                };
                println!(
                    "{}\t{}\t{}\t{role}",
                    text(person, "user_name"),
                    text(person, "display_name"),
                    text(person, "email")
                );
            },
        ),
        UserVerb::Add {
            user_name,
            display_name,
            email,
            operator,
        } => {
            let command = Command::UserAdd {
                display_name: display_name.unwrap_or_default(),
                email: email.unwrap_or_default(),
                user_name,
                operator,
            };
            carry_out(config, json, command, |done| {
                println!("{}", text(done, "link"));
                eprintln!(
                    "Hand this link to {}: it makes their passkey or password, once, within 24 hours.",
                    text(done, "user_name")
                );
            })
        }
        UserVerb::ResetLink { name } => carry_out(config, json, Command::UserResetLink { name }, |done| {
            println!("{}", text(done, "link"));
            eprintln!(
                "Hand this link to {} and to nobody else, once you know who asks: it replaces all that opens their \
                 account, once, within 24 hours.",
                text(done, "user_name")
            );
        }),
        UserVerb::Set { user_name, claims } => {
            carry_out(config, json, Command::UserSet { user_name, claims }, |_| {
                println!("Saved.")
            })
        }
    }
}

pub(super) fn seed(config: &Config, verb: SeedVerb) -> Ended {
    let SeedVerb::Conformance {
        suite_url,
        alias,
        front_channel,
    } = verb;
    let command = Command::SeedConformance {
        suite_url,
        alias,
        frames: front_channel,
    };
    carry_out(config, false, command, |done| println!("{done:#}"))
}

pub(super) fn app(config: &Config, json: bool, verb: AppVerb) -> Ended {
    match verb {
        AppVerb::List => list(
            config,
            json,
            |after| Command::AppList { after },
            "apps",
            |app| {
                println!("{}\t{}", text(app, "client_id"), text(app, "name"));
            },
        ),
        AppVerb::Add {
            name,
            redirect_uris,
            post_logout_redirect_uris,
            start_uri,
            public,
            native,
            development,
            post_secret,
            consent,
            jwks,
            jwks_uri,
            backchannel_logout_uri,
            frontchannel_logout_uri,
            pairwise,
            no_pkce,
            fapi,
            require_par,
            require_dpop,
            grants,
            scope,
            resources,
            protects,
        } => {
            let jwks = match jwks.map(std::fs::read_to_string).transpose() {
                Ok(jwks) => jwks,
                Err(error) => {
                    eprintln!("--jwks: {error}");
                    return Ended::Refused;
                }
            };
            let new = NewApp {
                name,
                redirect_uris,
                post_logout_redirect_uris,
                start_uri,
                public,
                native,
                development,
                consent,
                post_secret,
                jwks,
                jwks_uri,
                backchannel_logout_uri,
                frontchannel_logout_uri,
                pairwise,
                no_pkce,
                fapi,
                require_par,
                require_dpop,
                grants,
                scope,
                resources,
                protects,
            };
            carry_out(config, json, Command::AppAdd(Box::new(new)), |done| {
                println!("issuer         {}", text(done, "issuer"));
                println!("client_id      {}", text(done, "client_id"));
                if !done["client_secret"].is_null() {
                    println!("client_secret  {}", text(done, "client_secret"));
                    eprintln!("The secret is shown this once.");
                }
            })
        }
        AppVerb::Token { uses, hours } => {
            let seconds = hours.saturating_mul(3600);
            carry_out(config, json, Command::AppToken { uses, seconds }, |done| {
                println!("{}", text(done, "token"));
                eprintln!("The token is shown this once.");
            })
        }
        AppVerb::Remove { client_id, yes } => {
            if !yes
                && !confirmed(&format!(
                    "Remove {client_id}? Its tokens end at once, and its id is never used again."
                ))
            {
                eprintln!("Nothing was removed; --yes removes without a question.");
                return Ended::Refused;
            }
            let command = Command::AppRemove { client_id };
            carry_out(config, json, command, |done| {
                println!("Removed {}.", text(done, "client_id"))
            })
        }
    }
}

fn confirmed(question: &str) -> bool {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return false;
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    let asked = std::io::stderr()
        .flush()
        .and_then(|()| input.lock().read_line(&mut answer));
    asked.is_ok() && answer.trim().eq_ignore_ascii_case("y")
}

/// All pages of a list, one after the other.
fn list(
    config: &Config,
    json: bool,
    command: impl Fn(Option<String>) -> Command,
    member: &str,
    row: impl Fn(&Value),
) -> Ended {
    let operator = match Operator::reach(config) {
        Ok(operator) => operator,
        Err(ended) => return ended,
    };
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let mut page = match operator.ask(command(after.take())) {
            Ok(page) => page,
            Err(ended) => return ended,
        };
        if let Some(Value::Array(entries)) = page.get_mut(member).map(Value::take) {
            all.extend(entries);
        }
        match page.get("next").and_then(Value::as_str) {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    if json {
        println!("{}", serde_json::json!({ member: all }));
    } else {
        all.iter().for_each(row);
    }
    Ended::Done
}

fn carry_out(config: &Config, json: bool, command: Command, print: impl Fn(&Value)) -> Ended {
    match Operator::reach(config).and_then(|operator| operator.ask(command)) {
        Ok(done) if json => println!("{done}"),
        Ok(done) => print(&done),
        Err(ended) => return ended,
    }
    Ended::Done
}

/// The way to the state: the server that runs, or the store itself.
struct Operator {
    runtime: Runtime,
    way: Way,
}

enum Way {
    Server(PathBuf),
    Store(Box<Instance>),
}

impl Operator {
    fn reach(config: &Config) -> Result<Self, Ended> {
        let runtime = Runtime::new().map_err(|error| unreachable(&error))?;
        let data = config.data().map_err(|error| unreachable(&error))?;
        let running = runtime
            .block_on(control::is_running(&data))
            .map_err(|error| unreachable(&error))?;
        let way = if running {
            Way::Server(data)
        } else if !data.join("store").exists() {
            eprintln!(
                "{} holds no store, and no server runs over it. Is --data right? The first `doorward serve` makes one.",
                data.display()
            );
            return Err(Ended::Unreachable);
        } else {
            let opened = runtime.block_on(Instance::open(config, None));
            Way::Store(Box::new(opened.map_err(|error| unreachable(&error))?))
        };
        Ok(Self { runtime, way })
    }

    fn ask(&self, command: Command) -> Result<Value, Ended> {
        let answer = match &self.way {
            Way::Server(data) => self
                .runtime
                .block_on(control::ask(data, &command))
                .map_err(|error| unreachable(&error))?,
            Way::Store(instance) => {
                let app = instance.app();
                self.runtime
                    .block_on(control::perform(app.identity(), app.origin(), command))
            }
        };
        match answer {
            Answer::Done(done) => Ok(done),
            Answer::Refused { message } => {
                eprintln!("{message}");
                Err(Ended::Refused)
            }
        }
    }
}

fn unreachable(error: &dyn std::error::Error) -> Ended {
    eprintln!("{error}");
    Ended::Unreachable
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}
