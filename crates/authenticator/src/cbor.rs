//! CBOR as an authenticator writes it (CTAP2 canonical form), and as one must not when a defect is wanted.

/// A value to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Any integer.
    Integer(i64),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A text string.
    Text(String),
    /// An array.
    Array(Vec<Value>),
    /// A map; written in the order given, so that the order is the caller's to get right or wrong.
    Map(Vec<(Value, Value)>),
    /// `true` or `false`.
    Bool(bool),
}

impl Value {
    /// A text value.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// The bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Integer(number) => match u64::try_from(*number) {
                Ok(positive) => head(0, positive, out),
                // −1 − n is how CBOR keeps a negative number.
                Err(_) => head(1, number.unsigned_abs() - 1, out),
            },
            Self::Bytes(bytes) => {
                head(2, bytes.len() as u64, out);
                out.extend_from_slice(bytes);
            }
            Self::Text(text) => {
                head(3, text.len() as u64, out);
                out.extend_from_slice(text.as_bytes());
            }
            Self::Array(items) => {
                head(4, items.len() as u64, out);
                items.iter().for_each(|item| item.write(out));
            }
            Self::Map(entries) => {
                head(5, entries.len() as u64, out);
                for (key, value) in entries {
                    key.write(out);
                    value.write(out);
                }
            }
            Self::Bool(value) => out.push(if *value { 0xf5 } else { 0xf4 }),
        }
    }
}

/// Major type and argument in the fewest bytes.
fn head(major: u8, argument: u64, out: &mut Vec<u8>) {
    let major = major << 5;
    let bytes = argument.to_be_bytes();
    match argument {
        0..24 => out.push(major | bytes[7]),
        24..0x100 => out.extend_from_slice(&[major | 24, bytes[7]]),
        0x100..0x1_0000 => {
            out.push(major | 25);
            out.extend_from_slice(&bytes[6..]);
        }
        0x1_0000..0x1_0000_0000 => {
            out.push(major | 26);
            out.extend_from_slice(&bytes[4..]);
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_examples_of_rfc_8949_appendix_a() {
        for (value, bytes) in [
            (Value::Integer(23), vec![0x17]),
            (Value::Integer(24), vec![0x18, 0x18]),
            (Value::Integer(1000), vec![0x19, 0x03, 0xe8]),
            (Value::Integer(1_000_000), vec![0x1a, 0x00, 0x0f, 0x42, 0x40]),
            (
                Value::Integer(1_000_000_000_000),
                vec![0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0],
            ),
            (Value::Integer(-1), vec![0x20]),
            (Value::Integer(-1000), vec![0x39, 0x03, 0xe7]),
            (Value::Bytes(vec![1, 2, 3, 4]), vec![0x44, 1, 2, 3, 4]),
            (Value::text("IETF"), vec![0x64, 0x49, 0x45, 0x54, 0x46]),
            (
                Value::Array(vec![Value::Integer(1), Value::Bool(true)]),
                vec![0x82, 1, 0xf5],
            ),
            (
                Value::Map(vec![(Value::Integer(1), Value::Integer(2))]),
                vec![0xa1, 1, 2],
            ),
        ] {
            assert_eq!(value.encode(), bytes, "{value:?}");
        }
    }
}
