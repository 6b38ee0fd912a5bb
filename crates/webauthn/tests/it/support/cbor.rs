//! A writer of CBOR that writes what it is told: order and duplicates are the test's to choose.

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cbor {
    Int(i64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Cbor>),
    Map(Vec<(Cbor, Cbor)>),
    Raw(Vec<u8>),
}

pub(crate) fn text(text: &str) -> Cbor {
    Cbor::Text(text.to_owned())
}

pub(crate) fn bytes(bytes: &[u8]) -> Cbor {
    Cbor::Bytes(bytes.to_vec())
}

impl Cbor {
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Int(number) if *number < 0 => head(1, u64::try_from(-1 - number).unwrap()),
            Self::Int(number) => head(0, u64::try_from(*number).unwrap()),
            Self::Bytes(bytes) => [head(2, bytes.len() as u64), bytes.clone()].concat(),
            Self::Text(text) => [head(3, text.len() as u64), text.as_bytes().to_vec()].concat(),
            Self::Array(items) => {
                let mut out = head(4, items.len() as u64);
                items.iter().for_each(|item| out.extend(item.encode()));
                out
            }
            Self::Map(entries) => {
                let mut out = head(5, entries.len() as u64);
                for (key, value) in entries {
                    out.extend(key.encode());
                    out.extend(value.encode());
                }
                out
            }
            Self::Raw(bytes) => bytes.clone(),
        }
    }

    /// The value at a text key, to be changed.
    pub(crate) fn at(&mut self, name: &str) -> &mut Self {
        let Self::Map(entries) = self else {
            panic!("not a map")
        };
        &mut entries
            .iter_mut()
            .find(|(key, _)| *key == text(name))
            .expect("the member is there")
            .1
    }

    pub(crate) fn push(&mut self, name: &str, value: Self) {
        let Self::Map(entries) = self else {
            panic!("not a map")
        };
        entries.push((text(name), value));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        let Self::Map(entries) = self else {
            panic!("not a map")
        };
        entries.retain(|(key, _)| *key != text(name));
    }

    /// Flips the last bit of a byte string.
    pub(crate) fn spoil(&mut self) {
        let Self::Bytes(bytes) = self else {
            panic!("not bytes")
        };
        *bytes.last_mut().expect("not empty") ^= 1;
    }
}

fn head(major: u8, value: u64) -> Vec<u8> {
    let major = major << 5;
    match value {
        0..=23 => vec![major | u8::try_from(value).unwrap()],
        24..=0xff => vec![major | 24, u8::try_from(value).unwrap()],
        0x100..=0xffff => [
            vec![major | 25],
            u16::try_from(value).unwrap().to_be_bytes().to_vec(),
        ]
        .concat(),
        _ => [
            vec![major | 26],
            u32::try_from(value).unwrap().to_be_bytes().to_vec(),
        ]
        .concat(),
    }
}
