//! A writer of DER.

pub(crate) fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = match length {
        0..=0x7f => vec![tag, u8::try_from(length).unwrap()],
        0x80..=0xff => vec![tag, 0x81, u8::try_from(length).unwrap()],
        _ => [&[tag, 0x82][..], &u16::try_from(length).unwrap().to_be_bytes()].concat(),
    };
    [head, body.to_vec()].concat()
}

pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(crate) fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x31, &parts.concat())
}

pub(crate) fn oid(dotted: &str) -> Vec<u8> {
    tlv(0x06, der::asn1::ObjectIdentifier::new(dotted).unwrap().as_bytes())
}

pub(crate) fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, bytes)
}

pub(crate) fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes].concat())
}

pub(crate) fn integer(number: u8) -> Vec<u8> {
    tlv(0x02, &[number])
}

pub(crate) fn boolean(value: bool) -> Vec<u8> {
    tlv(0x01, &[if value { 0xff } else { 0 }])
}

/// `[number]`, constructed, with a number below 31.
pub(crate) fn explicit(number: u8, body: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, body)
}

pub(crate) fn time(utc: &str) -> Vec<u8> {
    if utc.len() == 13 {
        tlv(0x17, utc.as_bytes())
    } else {
        tlv(0x18, utc.as_bytes())
    }
}
