//! The configuration: a file, the environment and the command line, in this order, the later one winning.
//!
//! Each section is declared once, in a file of its name. A key that nobody declared is an error that names the
//! nearest one that somebody did: a misspelt limit that silently stays at its default is worse than a server that
//! does not start.

mod branding;
mod example;
mod log;
mod outgoing;
mod registration;
mod section;
mod server;
mod setting;
mod sign_in;
mod storage;

use std::path::{Path, PathBuf};

pub use self::branding::Branding;
pub use self::example::example;
pub use self::log::Log;
pub use self::outgoing::Outgoing;
pub use self::registration::Registration;
pub use self::section::{About, Given, Key, Origin};
pub use self::server::Server;
pub use self::setting::{Door, HostName, LogFormat, Network, Pkce, PublicUrl, Setting, Shape};
pub use self::sign_in::SignIn;
pub use self::storage::Storage;

/// Everything that an operator can set.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[storage]`
    pub storage: Storage,
    /// `[sign_in]`
    pub sign_in: SignIn,
    /// `[registration]`
    pub registration: Registration,
    /// `[outgoing]`
    pub outgoing: Outgoing,
    /// `[branding]`
    pub branding: Branding,
    /// `[log]`
    pub log: Log,
}

/// All sections, in the order of the example.
pub const SECTIONS: [About; 7] = [
    Server::ABOUT,
    Storage::ABOUT,
    SignIn::ABOUT,
    Registration::ABOUT,
    Outgoing::ABOUT,
    Branding::ABOUT,
    Log::ABOUT,
];

/// Variables with our prefix that are not configuration.
const NOT_KEYS: [&str; 5] = [
    "DOORWARD_VECTORS",
    "DOORWARD_CONFIG",
    "DOORWARD_BIN",
    "DOORWARD_KILLS",
    "DOORWARD_SEED",
];

/// One value for `config show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// `section.key`
    pub key: String,
    /// The value as text.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// What is wrong with a configuration: every problem at once, so that nobody mends one a start.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be used:\n  {}", .0.join("\n  "))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Reads the file (where there is one), the variables and the arguments, and checks them together.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong.
    pub fn load(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
        arguments: &[(&str, &str, String)],
    ) -> Result<(Self, Vec<Shown>), ConfigError> {
        let mut given = Given::default();
        if let Some(path) = file {
            match std::fs::read_to_string(path) {
                Ok(text) => given.file(&text),
                Err(error) => given.problems.push(format!("{}: {error}", path.display())),
            }
        }
        given.environment(variables);
        for (section, key, value) in arguments {
            let place = ((*section).to_owned(), (*key).to_owned());
            given.values.insert(place, (value.clone(), Origin::CommandLine));
        }
        Self::from_given(given)
    }

    fn from_given(mut given: Given) -> Result<(Self, Vec<Shown>), ConfigError> {
        let config = Self {
            server: Server::read(&mut given),
            storage: Storage::read(&mut given),
            sign_in: SignIn::read(&mut given),
            registration: Registration::read(&mut given),
            outgoing: Outgoing::read(&mut given),
            branding: Branding::read(&mut given),
            log: Log::read(&mut given),
        };
        // Values that do not fit together are worth naming only when each of them stands by itself.
        if given.problems.is_empty() {
            config.conflicts(&mut given.problems);
        }
        if !given.problems.is_empty() {
            return Err(ConfigError(given.problems));
        }
        let shown = config.shown(&given);
        Ok((config, shown))
    }

    /// The folder of the store.
    ///
    /// # Errors
    /// [`ConfigError`] when none is set and the platform has none.
    pub fn data(&self) -> Result<PathBuf, ConfigError> {
        if let Some(data) = &self.storage.data {
            return Ok(data.clone());
        }
        let folders = directories::ProjectDirs::from("", "", "doorward");
        folders
            .map(|folders| folders.data_dir().to_owned())
            .ok_or_else(|| {
                ConfigError(vec![
                    "storage.data: this system has no folder for data; set one, or use --data".into(),
                ])
            })
    }

    fn conflicts(&self, problems: &mut Vec<String>) {
        let server = &self.server;
        let tls = server.tls_certificate.is_some();
        if tls != server.tls_key.is_some() {
            problems.push("server.tls_certificate and server.tls_key: set both or neither".into());
        }
        if tls && !server.url.is_https() {
            problems.push("server.url: begins with http:// although TLS files are set".into());
        }
        if server.url.is_https() && !tls && server.trusted_proxies.is_empty() {
            problems.push(
                "server.url: begins with https://, so either server.tls_certificate and server.tls_key, or the \
                 proxy in front (server.trusted_proxies) must be set"
                    .into(),
            );
        }
        if self.sign_in.idle_lifetime > self.sign_in.lifetime {
            problems.push("sign_in.idle_lifetime: longer than sign_in.lifetime".into());
        }
        if self.sign_in.lifetime > self.sign_in.stay_lifetime {
            problems.push("sign_in.lifetime: longer than sign_in.stay_lifetime".into());
        }
        if self.branding.name.trim().is_empty() {
            problems.push("branding.name: must not be empty".into());
        }
        if let Err(error) = self.log.filter.parse::<tracing_subscriber::EnvFilter>() {
            problems.push(format!("log.filter: {error}"));
        }
    }

    fn shown(&self, given: &Given) -> Vec<Shown> {
        let sections = [
            ("server", self.server.shown()),
            ("storage", self.storage.shown()),
            ("sign_in", self.sign_in.shown()),
            ("registration", self.registration.shown()),
            ("outgoing", self.outgoing.shown()),
            ("branding", self.branding.shown()),
            ("log", self.log.shown()),
        ];
        let mut all = Vec::new();
        for (section, values) in sections {
            for (key, value) in values {
                let place = (section.to_owned(), key.to_owned());
                let origin = given
                    .values
                    .get(&place)
                    .map_or(Origin::Default, |(_, origin)| *origin);
                all.push(Shown {
                    key: format!("{section}.{key}"),
                    value,
                    origin,
                });
            }
        }
        all
    }
}

impl Given {
    /// What the file says. A file that is not TOML is one problem; keys are looked at one by one.
    fn file(&mut self, text: &str) {
        let table: toml::Table = match toml::from_str(text) {
            Ok(table) => table,
            Err(error) => return self.problems.push(error.to_string().trim_end().to_owned()),
        };
        for (section, value) in table {
            let Some(about) = SECTIONS.iter().find(|about| about.name == section) else {
                self.unknown(
                    &format!("[{section}]"),
                    &section,
                    SECTIONS.iter().map(|about| about.name),
                );
                continue;
            };
            let toml::Value::Table(keys) = value else {
                self.problems
                    .push(format!("{section}: must be a section, [{section}]"));
                continue;
            };
            for (name, value) in keys {
                let Some(key) = about.keys.iter().find(|key| key.name == name) else {
                    let near = about.keys.iter().map(|key| key.name);
                    self.unknown(&format!("{section}.{name}"), &name, near);
                    continue;
                };
                match text_of(&value, key.shape) {
                    Some(text) => {
                        self.values.insert((section.clone(), name), (text, Origin::File));
                    }
                    None => self
                        .problems
                        .push(format!("{section}.{name}: must be {}", word_for(key.shape))),
                }
            }
        }
    }

    /// What the environment says: `DOORWARD_SECTION_KEY`.
    fn environment(&mut self, variables: impl Iterator<Item = (String, String)>) {
        let known: Vec<(String, &str, &str)> = SECTIONS
            .iter()
            .flat_map(|about| {
                about
                    .keys
                    .iter()
                    .map(|key| (variable(about.name, key.name), about.name, key.name))
            })
            .collect();
        for (name, value) in variables {
            if !name.starts_with("DOORWARD_") || NOT_KEYS.contains(&name.as_str()) {
                continue;
            }
            match known.iter().find(|(variable, _, _)| *variable == name) {
                Some((_, section, key)) => {
                    let place = ((*section).to_owned(), (*key).to_owned());
                    self.values.insert(place, (value, Origin::Environment));
                }
                None => self.unknown(
                    &name,
                    &name,
                    known.iter().map(|(variable, _, _)| variable.as_str()),
                ),
            }
        }
    }

    fn unknown<'a>(&mut self, shown: &str, name: &str, known: impl Iterator<Item = &'a str>) {
        let nearest = known
            .map(|known| (strsim::damerau_levenshtein(known, name), known))
            .min_by_key(|(distance, _)| *distance);
        self.problems.push(match nearest {
            Some((_, nearest)) => format!("{shown}: there is no such key; the nearest is {nearest}"),
            None => format!("{shown}: there is no such key"),
        });
    }
}

fn variable(section: &str, key: &str) -> String {
    format!("DOORWARD_{}_{}", section.to_uppercase(), key.to_uppercase())
}

fn text_of(value: &toml::Value, shape: Shape) -> Option<String> {
    match (shape, value) {
        (Shape::Text, toml::Value::String(text)) => Some(text.clone()),
        (Shape::Number, toml::Value::Integer(number)) => Some(number.to_string()),
        (Shape::Switch, toml::Value::Boolean(on)) => Some(on.to_string()),
        (Shape::List, toml::Value::Array(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            texts.map(|texts| texts.join(", "))
        }
        _ => None,
    }
}

fn word_for(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "text in quotes",
        Shape::Number => "a number without quotes",
        Shape::Switch => "true or false, without quotes",
        Shape::List => "a list of texts",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let mut given = Given::default();
        given.file(file);
        given.environment(
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        Config::from_given(given)
            .map(|(config, _)| config)
            .map_err(|error| error.0)
    }

    #[test]
    fn every_default_can_be_read_and_lies_in_its_range() {
        let config = load("", &[]).expect("the defaults");
        assert_eq!(config.server.url.origin(), "http://localhost:8080");
        // Given explicitly, so that ranges are looked at too: a line that sets a key has no space after its #.
        let set = |line: &str| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => format!("{setting}\n"),
            _ => format!("{line}\n"),
        };
        let whole: String = example().lines().map(set).collect();
        assert!(whole.contains("\nidle_lifetime = \"8h\"\n"));
        load(&whole, &[]).expect("the example as it stands");
    }

    #[test]
    fn an_unknown_key_is_named_with_the_nearest_known_one() {
        let problems = load("[sign_in]\nidle_lifetme = \"1h\"\n", &[]).expect_err("unknown");
        assert_eq!(
            problems,
            ["sign_in.idle_lifetme: there is no such key; the nearest is idle_lifetime"]
        );
        let problems = load("[singin]\n", &[]).expect_err("unknown");
        assert_eq!(
            problems,
            ["[singin]: there is no such key; the nearest is sign_in"]
        );
        let problems = load("", &[("DOORWARD_SERVER_URI", "x")]).expect_err("unknown");
        assert_eq!(
            problems,
            ["DOORWARD_SERVER_URI: there is no such key; the nearest is DOORWARD_SERVER_URL"]
        );
        assert!(load("", &[("DOORWARD_VECTORS", "x")]).is_ok());
    }

    #[test]
    fn wrong_types_ranges_and_duplicates_are_refused() {
        for wrong in [
            "[server]\nconnections = \"5\"\n",
            "[server]\nconnections = 5\n",
            "[server]\nurl = 5\n",
            "[server]\nurl = \"http://example.org\"\n",
            "[sign_in]\nlifetime = \"400d\"\n",
            "[sign_in]\noffer_stay = \"yes\"\n",
            "[sign_in]\noffer_stay = true\noffer_stay = true\n",
            "[server]\nURL = \"http://localhost\"\n",
            "server = 5\n",
        ] {
            assert!(load(wrong, &[]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_that_contradict_each_other_are_refused() {
        for wrong in [
            "[server]\nurl = \"https://id.example.org\"\n",
            "[server]\ntls_key = \"key.pem\"\n",
            "[server]\ntls_key = \"k\"\ntls_certificate = \"c\"\n",
            "[sign_in]\nidle_lifetime = \"8d\"\n",
            "[branding]\nname = \" \"\n",
            "[log]\nfilter = \"a=loud\"\n",
        ] {
            assert!(load(wrong, &[]).is_err(), "{wrong}");
        }
        assert!(
            load(
                "[server]\nurl = \"https://a.org\"\ntrusted_proxies = [\"127.0.0.1\"]\n",
                &[]
            )
            .is_ok()
        );
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = load(
            "[branding]\nname = \"File\"\n",
            &[("DOORWARD_BRANDING_NAME", "Env")],
        )
        .expect("both");
        assert_eq!(config.branding.name, "Env");
    }
}
