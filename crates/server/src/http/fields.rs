//! Forms and queries: each field once, a bounded number of them, bounded values.

use url::form_urlencoded;

use super::errors::Problem;
use super::limits;

/// The fields of one form or one query.
#[derive(Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values may be passwords.
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Fields {
    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// [`Problem::Malformed`] when there are too many fields, one is too long, or is not UTF-8.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let mut fields = Vec::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            let wrong =
                |text: &str| text.len() > limits::VALUE || text.contains(['\0', char::REPLACEMENT_CHARACTER]);
            if fields.len() == limits::FIELDS || wrong(&name) || wrong(&value) {
                return Err(Problem::Malformed("a field is too long, or not text"));
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(fields))
    }

    /// A field that may be absent.
    ///
    /// # Errors
    /// [`Problem::Malformed`] when it is there twice.
    pub(crate) fn maybe(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut found = self
            .0
            .iter()
            .filter(|(field, _)| field == name)
            .map(|(_, value)| value.as_str());
        match (found.next(), found.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(Problem::Malformed("a field is there twice")),
        }
    }

    /// A field whose absence is the same as nothing typed.
    ///
    /// # Errors
    /// [`Problem::Malformed`] when it is there twice.
    pub(crate) fn text(&self, name: &str) -> Result<&str, Problem> {
        self.maybe(name).map(Option::unwrap_or_default)
    }

    /// A field read as some type; what does not read is as if nobody had it.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub(crate) fn id<T: std::str::FromStr>(&self, name: &str) -> Result<T, Problem> {
        self.text(name)?.parse().map_err(|_| Problem::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_counts_only_when_it_comes_once() {
        let fields = Fields::parse(b"a=1&b=2&b=3&c").expect("a form");
        assert_eq!(fields.text("a").expect("once"), "1");
        assert!(fields.text("b").is_err());
        assert_eq!(fields.maybe("c").expect("once"), Some(""));
        assert_eq!(fields.text("d").expect("absent"), "");
    }

    #[test]
    fn odd_input_is_refused() {
        assert!(Fields::parse(b"a=%00").is_err());
        assert!(Fields::parse(b"a=%ff").is_err());
        assert!(Fields::parse(&b"a=1&".repeat(limits::FIELDS + 1)).is_err());
        let long = [b"a=".as_slice(), &vec![b'x'; limits::VALUE + 1]].concat();
        assert!(Fields::parse(&long).is_err());
    }
}
