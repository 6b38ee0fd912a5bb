//! One judged case: what was expected, what came, and whether the two agree.

use core::fmt::Display;

/// The outcome for a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The crate says what the vector says.
    Agree,
    /// It says something else.
    Disagree,
    /// The crate cannot do this yet.
    NotSupported,
    /// The vector contradicts the specification, and the judge says how.
    Excepted,
}

impl Verdict {
    /// The word in reports.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Disagree => "disagree",
            Self::NotSupported => "not supported",
            Self::Excepted => "excepted",
        }
    }
}

/// Why the crates did not accept something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was refused.
    Refused {
        /// The step of a ceremony, where there is one.
        step: Option<&'static str>,
        /// The reason.
        why: String,
    },
    /// Two providers do not say the same, which is wrong whatever was expected.
    Split(String),
    /// It cannot be done yet.
    NotSupported(String),
}

impl Refusal {
    /// A refusal outside of ceremonies.
    pub(crate) fn because(why: impl Display) -> Self {
        Self::Refused {
            step: None,
            why: why.to_string(),
        }
    }

    /// A refusal at a step of a ceremony.
    pub(crate) fn at(step: &'static str, why: impl Display) -> Self {
        Self::Refused {
            step: Some(step),
            why: why.to_string(),
        }
    }

    /// Something that is not there yet.
    pub(crate) fn not_supported(why: impl Display) -> Self {
        Self::NotSupported(why.to_string())
    }
}

/// A judged case.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) verdict: Verdict,
    pub(crate) expected: String,
    pub(crate) got: String,
    pub(crate) step: Option<&'static str>,
    pub(crate) strict: Option<Strict>,
}

/// What a line marked `strict` gave under both judgements.
#[derive(Clone, Debug)]
pub(crate) struct Strict {
    /// Whether the default policy accepts it.
    pub(crate) accepted_by_default: bool,
    /// The switches that decide the line, by name; none when the default policy accepts what may be refused.
    pub(crate) switches: Vec<&'static str>,
    /// Whether it is accepted with them.
    pub(crate) accepted_by_switch: bool,
}

impl Case {
    /// A case whose answer is yes or no.
    pub(crate) fn accepts(name: impl Into<String>, expected: bool, got: Result<(), Refusal>) -> Self {
        let (verdict, got, step) = match got {
            Ok(()) => (agree_if(expected), "ok".to_owned(), None),
            Err(Refusal::Refused { step, why }) => (agree_if(!expected), format!("refused: {why}"), step),
            Err(Refusal::Split(why)) => (Verdict::Disagree, why, None),
            Err(Refusal::NotSupported(why)) => (Verdict::NotSupported, why, None),
        };
        let expected = if expected { "ok" } else { "refusal" };
        Self {
            name: name.into(),
            verdict,
            expected: expected.to_owned(),
            got,
            step,
            strict: None,
        }
    }

    /// A case whose answer is a value.
    pub(crate) fn value(
        name: impl Into<String>,
        expected: impl Display,
        got: Result<String, Refusal>,
    ) -> Self {
        let expected = expected.to_string();
        let (verdict, got, step) = match got {
            Ok(value) => (agree_if(value == expected), value, None),
            Err(Refusal::Refused { step, why }) => (Verdict::Disagree, format!("refused: {why}"), step),
            Err(Refusal::Split(why)) => (Verdict::Disagree, why, None),
            Err(Refusal::NotSupported(why)) => (Verdict::NotSupported, why, None),
        };
        Self {
            name: name.into(),
            verdict,
            expected,
            got,
            step,
            strict: None,
        }
    }
}

fn agree_if(same: bool) -> Verdict {
    if same { Verdict::Agree } else { Verdict::Disagree }
}
