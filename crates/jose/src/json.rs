//! JSON objects whose members each occur once, at every depth.
//!
//! RFC 7515 §4 lets a reader take the last of two members of one name. Two readers that disagree about which one
//! counts are an attack (a token that one of them judges by another `alg` or `aud`), so a second one is an error
//! here. Depth and lists are bounded too: nothing that is read here needs more.

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A JSON object.
pub type Object = Map<String, Value>;

/// Objects and arrays inside each other, the outermost object included.
const DEPTH_MAX: usize = 16;
/// Items of one array.
const ITEMS_MAX: usize = 1000;

/// Reads one object and nothing behind it.
///
/// # Errors
/// [`JsonError`] when it is not JSON in UTF-8, not an object, a name occurs twice in one object, objects and arrays
/// lie more than 16 deep, or an array has more than 1,000 items.
pub fn object(bytes: &[u8]) -> Result<Object, JsonError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Once { room: DEPTH_MAX }
        .deserialize(&mut reader)
        .map_err(|_| JsonError)?;
    reader.end().map_err(|_| JsonError)?;
    match value {
        Value::Object(members) => Ok(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(JsonError)
        }
    }
}

/// Not a JSON object, or one with a member that occurs twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON object whose members each occur once")]
pub struct JsonError;

/// Reads a value in which no name occurs twice.
#[derive(Clone, Copy)]
struct Once {
    /// How many objects and arrays may still lie inside each other.
    room: usize,
}

impl Once {
    /// For what lies inside.
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        let room = self.room.checked_sub(1).ok_or_else(|| E::custom("too deep"))?;
        Ok(Self { room })
    }
}

impl<'de> DeserializeSeed<'de> for Once {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON whose members each occur once")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number that is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(inside)? {
            if items.len() == ITEMS_MAX {
                return Err(A::Error::custom("too many items"));
            }
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut members = Object::new();
        while let Some(name) = access.next_key::<String>()? {
            let value = access.next_value_seed(inside)?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member that occurs twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_occurs_once_at_every_depth() {
        assert!(object(br#"{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}"#).is_ok());
        for twice in [
            &br#"{"a":1,"a":1}"#[..],
            br#"{"a":1,"\u0061":2}"#,
            br#"{"b":{"a":1,"a":2}}"#,
            br#"{"b":[{"a":1,"a":2}]}"#,
        ] {
            assert_eq!(
                object(twice),
                Err(JsonError),
                "{}",
                String::from_utf8_lossy(twice)
            );
        }
    }

    #[test]
    fn nothing_but_an_object_is_read() {
        for other in [
            "",
            "null",
            "[]",
            "\"a\"",
            "{}{}",
            "{} x",
            "{\"a\":}",
            "{\"a\":1e999}",
            "{\"a\":01}",
            "\u{feff}{}",
        ] {
            assert_eq!(object(other.as_bytes()), Err(JsonError), "{other:?}");
        }
        assert_eq!(object(b"{\"a\":\"\xff\"}"), Err(JsonError));
        assert!(object(b" {} ").is_ok_and(|members| members.is_empty()));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert!(object(deep(DEPTH_MAX).as_bytes()).is_ok());
        for depth in [DEPTH_MAX + 1, 200] {
            assert_eq!(object(deep(depth).as_bytes()), Err(JsonError), "{depth}");
        }
    }

    #[test]
    fn arrays_are_bounded() {
        let long = |items: usize| format!("{{\"a\":[{}1]}}", "1,".repeat(items - 1));
        assert!(object(long(ITEMS_MAX).as_bytes()).is_ok());
        assert_eq!(object(long(ITEMS_MAX + 1).as_bytes()), Err(JsonError));
    }
}
