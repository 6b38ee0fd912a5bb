//! The parameters of a query or a form: each once, bounded, strictly decoded (RFC 6749 §3.1, appendix B).
//!
//! A name that comes twice is refused, also in another case or in array syntax (`scope` beside `Scope` or
//! `scope[]`): of two readers one would take the first value and one the last. Only `resource` and `audience`
//! may repeat (RFC 8707 §2). A parameter without a value counts as absent for [`Params::get`]; who must tell
//! `code_verifier=` from none asks [`Params::get_even_empty`].

use url::form_urlencoded;

use crate::error::Fault;
use crate::limits;

/// Names that may come more than once.
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// Decoded parameters in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    pairs: Vec<(String, String)>,
}

/// Why a query or form could not be read, with the parameter's name as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct ParamsError {
    /// The rule.
    pub fault: Fault,
    /// The parameter, for the developer. It is what a stranger sent.
    pub name: Option<String>,
}

impl ParamsError {
    fn new(fault: Fault, name: Option<&str>) -> Self {
        Self {
            fault,
            name: name.map(str::to_owned),
        }
    }
}

impl From<ParamsError> for Fault {
    fn from(error: ParamsError) -> Self {
        error.fault
    }
}

impl Params {
    /// Reads `application/x-www-form-urlencoded` text: a form's body, or a URL's query without its `?`.
    ///
    /// # Errors
    /// When it is longer than [`limits::FORM_MAX`], has too many or too long parameters, one of them twice, a
    /// broken percent-encoding, or bytes that are not UTF-8.
    pub fn parse(text: &[u8]) -> Result<Self, ParamsError> {
        if text.len() > limits::FORM_MAX {
            return Err(ParamsError::new(Fault::ParameterTooLong, None));
        }
        let mut pairs = Vec::new();
        for piece in text.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()) {
            let mut halves = piece.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            pairs.push((name, value));
        }
        Self::from_pairs(pairs)
    }

    /// Reads a query and a form body that came with one request: what stands in both is there twice.
    ///
    /// # Errors
    /// As for [`Params::parse`].
    pub fn parse_both(query: &[u8], body: &[u8]) -> Result<Self, ParamsError> {
        let (mut pairs, more) = (Self::parse(query)?.pairs, Self::parse(body)?.pairs);
        pairs.extend(more);
        Self::from_pairs(pairs)
    }

    /// Parameters that were decoded elsewhere (a request object's members), under the same limits.
    ///
    /// # Errors
    /// As for [`Params::parse`], less the encoding.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Result<Self, ParamsError> {
        if pairs.len() > limits::PARAMETERS_MAX {
            return Err(ParamsError::new(Fault::TooManyParameters, None));
        }
        let mut seen: Vec<String> = Vec::with_capacity(pairs.len());
        for (name, value) in &pairs {
            if name.len() > limits::PARAMETER_NAME_MAX {
                return Err(ParamsError::new(Fault::ParameterTooLong, None));
            }
            if value.len() > limits::VALUE_MAX {
                return Err(ParamsError::new(Fault::ParameterTooLong, Some(name)));
            }
            let plain = plain_name(name);
            if seen.contains(&plain) && !REPEATABLE.contains(&name.as_str()) {
                return Err(ParamsError::new(Fault::ParameterTwice, Some(name)));
            }
            seen.push(plain);
        }
        Ok(Self { pairs })
    }

    /// The value of a parameter, unless it is absent or empty (RFC 6749 §3.1: empty counts as omitted).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_even_empty(name).filter(|value| !value.is_empty())
    }

    /// The value of a parameter, the empty one too.
    #[must_use]
    pub fn get_even_empty(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that may repeat.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self
            .pairs
            .iter()
            .filter(move |(own, _)| own == name)
            .map(|(_, value)| value.as_str());
        values.filter(|value| !value.is_empty())
    }

    /// All parameters in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The same parameters as form-encoded text, to keep them or to turn a POST into a GET.
    #[must_use]
    pub fn to_form(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.iter())
            .finish()
    }
}

/// The name as a lax reader would take it: lower case, without array brackets.
fn plain_name(name: &str) -> String {
    name.split('[').next().unwrap_or_default().to_ascii_lowercase()
}

/// `+` is a space, `%` is followed by two hexadecimal digits, the result is UTF-8.
pub(crate) fn decode(text: &[u8]) -> Result<String, ParamsError> {
    let malformed = || ParamsError::new(Fault::ParameterMalformed, None);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = rest.next().and_then(hex).ok_or_else(malformed)?;
                let low = rest.next().and_then(hex).ok_or_else(malformed)?;
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_strictly() {
        let params = Params::parse(b"a=b+c%20d&state=%C3%A9&empty=&alone").unwrap();
        assert_eq!(params.get("a"), Some("b c d"));
        assert_eq!(params.get("state"), Some("\u{e9}"));
        assert_eq!(params.get("empty"), None);
        assert_eq!(params.get_even_empty("empty"), Some(""));
        assert_eq!(params.get_even_empty("alone"), Some(""));
        assert_eq!(Params::parse(params.to_form().as_bytes()).unwrap(), params);
        for broken in ["a=%", "a=%4", "a=%zz", "a=%ff", "%C3=1"] {
            assert_eq!(
                Params::parse(broken.as_bytes()).unwrap_err().fault,
                Fault::ParameterMalformed,
                "{broken}"
            );
        }
    }

    #[test]
    fn duplicate_parameters_refused() {
        for twice in [
            "scope=a&scope=a",
            "scope=a&scope[]=b",
            "scope=a&Scope=b",
            "x=1&x=",
            "scope=a&%73cope=b",
        ] {
            assert_eq!(
                Params::parse(twice.as_bytes()).unwrap_err().fault,
                Fault::ParameterTwice,
                "{twice}"
            );
        }
        assert_eq!(
            Params::parse_both(b"client_id=a", b"client_id=a")
                .unwrap_err()
                .fault,
            Fault::ParameterTwice
        );
        let many = Params::parse(b"resource=a&resource=b").unwrap();
        assert_eq!(many.all("resource").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn sizes_and_counts_are_limited() {
        let form = |count: usize| (0..count).map(|n| format!("p{n}=1&")).collect::<String>();
        assert!(Params::parse(form(limits::PARAMETERS_MAX).as_bytes()).is_ok());
        let too_many = Params::parse(form(limits::PARAMETERS_MAX + 1).as_bytes());
        assert_eq!(too_many.unwrap_err().fault, Fault::TooManyParameters);
        let long = format!("a={}", "x".repeat(limits::VALUE_MAX + 1));
        assert_eq!(
            Params::parse(long.as_bytes()).unwrap_err().fault,
            Fault::ParameterTooLong
        );
    }
}
