//! A section of the configuration, declared once: from one row a key come the field of the struct, the reading and
//! checking of its value, the commented example, and what `config show` prints.

use std::collections::BTreeMap;

use super::setting::{Setting, Shape};

/// A key, as its row declares it.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name in the section.
    pub name: &'static str,
    /// What it does, for people; one line an entry.
    pub help: &'static [&'static str],
    /// The default as text.
    pub default: &'static str,
    /// The smallest and the largest value, where there is a range.
    pub range: Option<(&'static str, &'static str)>,
    /// How it stands in the file.
    pub shape: Shape,
}

/// A section, as its declaration has it.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name.
    pub name: &'static str,
    /// What it is about, for people.
    pub help: &'static [&'static str],
    /// Its keys, in the order of the example.
    pub keys: &'static [Key],
}

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File,
    /// A variable of the environment.
    Environment,
    /// An argument of the command.
    CommandLine,
}

impl Origin {
    /// For `config show`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::CommandLine => "command line",
        }
    }
}

/// What was given, by section and key, and what was found wrong with it.
#[derive(Debug, Default)]
pub struct Given {
    pub(super) values: BTreeMap<(String, String), (String, Origin)>,
    pub(super) problems: Vec<String>,
}

impl Given {
    /// The value of a key, or its default. A wrong one is noted as a problem and read as the default.
    pub(super) fn take<T: Fallback>(&mut self, section: &str, key: &Key) -> T {
        let given = self.values.get(&(section.to_owned(), key.name.to_owned()));
        let Some((text, origin)) = given else {
            return T::fallback(key);
        };
        match T::parse(text).and_then(|value| within(value, key)) {
            Ok(value) => value,
            Err(problem) => {
                self.problems
                    .push(format!("{section}.{} ({}): {problem}", key.name, origin.word()));
                T::fallback(key)
            }
        }
    }
}

fn within<T: Setting>(value: T, key: &Key) -> Result<T, String> {
    let Some((from, to)) = key.range else {
        return Ok(value);
    };
    match (T::parse(from), T::parse(to)) {
        (Ok(least), Ok(most)) if value < least || value > most => Err(format!("must be from {from} to {to}")),
        _ => Ok(value),
    }
}

/// The default of a row as a value.
pub(super) trait Fallback: Setting {
    /// The default, which the tests parse for every row of every section.
    fn fallback(key: &Key) -> Self {
        match Self::parse(key.default) {
            Ok(value) => value,
            Err(problem) => unreachable!("the default of {} {problem}", key.name),
        }
    }
}

impl<T: Setting> Fallback for T {}

/// Declares a section: `key: Type = "default", from "least" to "most";`.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $section:ident: $Section:ident;
        $( $(#[doc = $help:literal])+ $key:ident: $Type:ty = $default:literal $(, from $least:literal to $most:literal)?; )+
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub struct $Section {
            $( $(#[doc = $help])+ pub $key: $Type, )+
        }

        impl $Section {
            /// The declaration.
            pub const ABOUT: $crate::config::About = $crate::config::About {
                name: stringify!($section),
                help: &[$($about),+],
                keys: &[$( $crate::config::Key {
                    name: stringify!($key),
                    help: &[$($help),+],
                    default: $default,
                    range: section!(@range $($least, $most)?),
                    shape: <$Type as $crate::config::Setting>::SHAPE,
                } ),+],
            };

            pub(in $crate::config) fn read(given: &mut $crate::config::Given) -> Self {
                let mut keys = Self::ABOUT.keys.iter();
                Self {
                    $( $key: match keys.next() {
                        Some(key) => given.take(stringify!($section), key),
                        None => unreachable!("a row a field"),
                    }, )+
                }
            }

            pub(in $crate::config) fn shown(&self) -> Vec<(&'static str, String)> {
                vec![$( (stringify!($key), $crate::config::Setting::show(&self.$key)) ),+]
            }
        }
    };
    (@range) => { None };
    (@range $least:literal, $most:literal) => { Some(($least, $most)) };
}

pub(super) use section;
