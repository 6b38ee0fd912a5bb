//! Client data (§5.8.1): what the browser says that it did, and what the authenticator's signature covers.
//!
//! It is read as JSON, strictly: UTF-8, a mark at the front stripped as the specification's decoding does, each
//! member once, nothing behind the object. Members that are not known here are passed over, `tokenBinding`
//! among them, which older browsers send. What is hashed and signed are always the bytes as they came.
//!
//! [`limited`] is the specification's other reader, for verifiers that have no JSON parser.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::limits::CLIENT_DATA_MAX;

/// The members of client data that a relying party looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectedClientData<'a> {
    kind: Cow<'a, str>,
    challenge: Cow<'a, str>,
    origin: Cow<'a, str>,
    cross_origin: bool,
    top_origin: Option<Cow<'a, str>>,
}

impl<'a> CollectedClientData<'a> {
    /// Reads client data.
    ///
    /// # Errors
    /// [`ClientDataError`], with the column in bytes where JSON stops being what it must be.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ClientDataError> {
        if bytes.len() > CLIENT_DATA_MAX {
            return Err(ClientDataError::TooLong(bytes.len()));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = core::str::from_utf8(bytes).map_err(|error| ClientDataError::Utf8(error.valid_up_to()))?;
        serde_json::from_str(text).map_err(|error| ClientDataError::Json {
            column: error.column(),
        })
    }

    /// `type`: `webauthn.create`, `webauthn.get`, or what another specification put there.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// `challenge`, in base64url as it came.
    #[must_use]
    pub fn challenge(&self) -> &str {
        &self.challenge
    }

    /// `origin`, as it came.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// `crossOrigin`; absent is false.
    #[must_use]
    pub const fn cross_origin(&self) -> bool {
        self.cross_origin
    }

    /// `topOrigin`.
    #[must_use]
    pub fn top_origin(&self) -> Option<&str> {
        self.top_origin.as_deref()
    }
}

/// Why client data cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientDataError {
    /// Longer than [`CLIENT_DATA_MAX`].
    #[error("client data of {0} bytes")]
    TooLong(usize),
    /// Not UTF-8 from this byte on.
    #[error("client data is not UTF-8 at byte {0}")]
    Utf8(usize),
    /// Not a JSON object with the members that must be there, each once.
    #[error("client data is not the JSON that it must be at column {column}")]
    Json {
        /// Where reading stopped, in bytes of the line.
        column: usize,
    },
}

impl<'de> Deserialize<'de> for CollectedClientData<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = CollectedClientData<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("client data")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut kind, mut challenge, mut origin) = (None, None, None);
                let (mut cross_origin, mut top_origin) = (None, None);
                let mut seen: Vec<Cow<'de, str>> = Vec::with_capacity(8);
                while let Some(Text(name)) = map.next_key()? {
                    if seen.contains(&name) {
                        return Err(A::Error::custom("a member stands twice"));
                    }
                    match &*name {
                        "type" => kind = Some(map.next_value::<Text<'de>>()?.0),
                        "challenge" => challenge = Some(map.next_value::<Text<'de>>()?.0),
                        "origin" => origin = Some(map.next_value::<Text<'de>>()?.0),
                        "crossOrigin" => cross_origin = Some(map.next_value::<bool>()?),
                        "topOrigin" => top_origin = Some(map.next_value::<Text<'de>>()?.0),
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                    seen.push(name);
                }
                Ok(CollectedClientData {
                    kind: kind.ok_or_else(|| A::Error::missing_field("type"))?,
                    challenge: challenge.ok_or_else(|| A::Error::missing_field("challenge"))?,
                    origin: origin.ok_or_else(|| A::Error::missing_field("origin"))?,
                    cross_origin: cross_origin.unwrap_or(false),
                    top_origin,
                })
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// A string, borrowed where no escape stands in it.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The limited verification algorithm of §5.8.1.2: a comparison with the beginning that a conforming client
/// must write, for those who cannot parse JSON. It accepts less than the parser: members in another order or
/// spaces between them are refused.
#[must_use]
pub fn limited(
    client_data: &[u8],
    kind: &str,
    challenge: &str,
    origin: &str,
    cross_origin: bool,
    top_origin: Option<&str>,
) -> bool {
    let mut expected = Vec::with_capacity(client_data.len());
    for (name, value) in [
        ("{\"type\":", kind),
        (",\"challenge\":", challenge),
        (",\"origin\":", origin),
    ] {
        expected.extend_from_slice(name.as_bytes());
        ccd_to_string(value, &mut expected);
    }
    expected.extend_from_slice(if cross_origin {
        b",\"crossOrigin\":true"
    } else {
        b",\"crossOrigin\":false"
    });
    if let Some(top_origin) = top_origin {
        expected.extend_from_slice(b",\"topOrigin\":");
        ccd_to_string(top_origin, &mut expected);
    }
    match client_data.strip_prefix(expected.as_slice()) {
        Some(b"}") => true,
        Some(rest) => {
            rest.starts_with(b",") && (top_origin.is_some() || !rest.starts_with(b",\"topOrigin\":"))
        }
        None => false,
    }
}

/// CCDToString of §5.8.1.1.
fn ccd_to_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{0}'..='\u{1f}' => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(character)).as_bytes())
            }
            _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str =
        r#"{"type":"webauthn.get","challenge":"AA","origin":"https://example.org","crossOrigin":false}"#;

    #[test]
    fn the_members_are_read_and_others_passed_over() {
        let client = CollectedClientData::parse(PLAIN.as_bytes()).expect("client data");
        assert_eq!((client.kind(), client.challenge()), ("webauthn.get", "AA"));
        assert_eq!(
            (client.origin(), client.cross_origin(), client.top_origin()),
            ("https://example.org", false, None)
        );
        let more = PLAIN.replace('}', r#","tokenBinding":{"status":7},"extraData":"x"}"#);
        assert_eq!(CollectedClientData::parse(more.as_bytes()).as_ref(), Ok(&client));
    }

    #[test]
    fn a_byte_order_mark_is_stripped() {
        let marked = [b"\xef\xbb\xbf", PLAIN.as_bytes()].concat();
        assert!(CollectedClientData::parse(&marked).is_ok());
        let twice = [b"\xef\xbb\xbf\xef\xbb\xbf", PLAIN.as_bytes()].concat();
        assert!(CollectedClientData::parse(&twice).is_err());
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        let cases = [
            PLAIN.replace('}', r#","challenge":"AB"}"#),
            PLAIN.replace('}', r#","extra":1,"extra":2}"#),
            PLAIN.replace('}', r#","ch\u0061llenge":"AB"}"#),
            PLAIN.replace(r#""challenge":"AA","#, ""),
            PLAIN.replace("false", "\"false\""),
            PLAIN.replace("false", "null"),
            format!("{PLAIN} x"),
            format!("[{PLAIN}]"),
            String::new(),
        ];
        for case in cases {
            assert!(
                matches!(
                    CollectedClientData::parse(case.as_bytes()),
                    Err(ClientDataError::Json { .. })
                ),
                "{case}"
            );
        }
        let mut bytes = PLAIN.as_bytes().to_vec();
        bytes[9] = 0xff;
        assert_eq!(CollectedClientData::parse(&bytes), Err(ClientDataError::Utf8(9)));
    }

    #[test]
    fn the_limited_algorithm_wants_the_members_in_their_order() {
        let check = |bytes: &[u8]| limited(bytes, "webauthn.get", "AA", "https://example.org", false, None);
        assert!(check(PLAIN.as_bytes()));
        assert!(check(PLAIN.replace('}', r#","later":1}"#).as_bytes()));
        assert!(!check(
            PLAIN
                .replace('}', r#","topOrigin":"https://x.example"}"#)
                .as_bytes()
        ));
        assert!(!check(
            PLAIN
                .replace("\"challenge\":\"AA\",", "")
                .replace('}', ",\"challenge\":\"AA\"}")
                .as_bytes()
        ));
        assert!(!check(PLAIN.replace("\":", "\": ").as_bytes()));
        let framed =
            br#"{"type":"a\u0007\"","challenge":"AA","origin":"o","crossOrigin":true,"topOrigin":"t"}"#;
        assert!(limited(framed, "a\u{7}\"", "AA", "o", true, Some("t")));
    }

    #[test]
    fn the_limited_algorithm_escapes_what_the_specification_escapes() {
        for (character, written) in [
            ('"', "\\\""),
            ('\\', "\\\\"),
            ('\u{0}', "\\u0000"),
            ('\u{1f}', "\\u001f"),
            (' ', " "),
            ('\u{7f}', "\u{7f}"),
            ('é', "é"),
        ] {
            let mut out = Vec::new();
            ccd_to_string(&character.to_string(), &mut out);
            assert_eq!(out, format!("\"{written}\"").into_bytes(), "{character:?}");
        }
    }
}
