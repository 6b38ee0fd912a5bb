//! Certificates as small as §8.2.1 allows, written by hand: a test authority must be able to get each field wrong.

use sha2::{Digest, Sha256};

use crate::keys::Key;

/// A certificate.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub(crate) der: Vec<u8>,
}

const ROOT: &str = "Doorward Test Root";

/// A self-signed root, valid from 2020 to 2049.
pub(crate) fn root(key: &Key) -> Certificate {
    let name = name(&[("2.5.4.3", ROOT)]);
    // BasicConstraints: CA; KeyUsage: keyCertSign, cRLSign.
    let extensions = [
        extension(&[0x55, 0x1d, 0x13], true, &sequence(&[&tlv(0x01, &[0xff])])),
        extension(&[0x55, 0x1d, 0x0f], true, &[0x03, 0x02, 0x01, 0x06]),
    ];
    signed(key, &name, &name, key, &extensions)
}

/// An attestation certificate for a model (§8.2.1).
pub(crate) fn vouched(root: &Key, key: &Key, aaguid: &[u8; 16]) -> Certificate {
    let subject = name(&[
        ("2.5.4.6", "UT"),
        ("2.5.4.10", "Doorward"),
        ("2.5.4.11", "Authenticator Attestation"),
        ("2.5.4.3", "Doorward Software Authenticator"),
    ]);
    // id-fido-gen-ce-aaguid: an OCTET STRING in the extension's OCTET STRING; not critical.
    let fido = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x04];
    let extensions = [
        extension(&[0x55, 0x1d, 0x13], true, &sequence(&[])),
        extension(&fido, false, &tlv(0x04, aaguid)),
    ];
    signed(root, &name(&[("2.5.4.3", ROOT)]), &subject, key, &extensions)
}

fn signed(issuer_key: &Key, issuer: &[u8], subject: &[u8], key: &Key, extensions: &[Vec<u8>]) -> Certificate {
    // ecdsa-with-SHA256
    let algorithm = sequence(&[&tlv(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])]);
    let validity = sequence(&[&tlv(0x17, b"200101000000Z"), &tlv(0x17, b"491231235959Z")]);
    let public = key.public();
    let serial = Sha256::digest(&public);
    let key_type = sequence(&[
        &tlv(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]),
        &tlv(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
    ]);
    let key_info = sequence(&[&key_type, &bits(&public)]);
    let all: Vec<&[u8]> = extensions.iter().map(Vec::as_slice).collect();
    let tbs = sequence(&[
        &tlv(0xa0, &[0x02, 0x01, 0x02]),
        // Positive, and not longer than need be.
        &tlv(0x02, &[&[0x40 | (serial[0] & 0x3f)], &serial[1..16]].concat()),
        &algorithm,
        issuer,
        &validity,
        subject,
        &key_info,
        &tlv(0xa3, &sequence(&all)),
    ]);
    let signature = issuer_key.sign(&tbs);
    Certificate {
        der: sequence(&[&tbs, &algorithm, &bits(&signature)]),
    }
}

fn name(parts: &[(&str, &str)]) -> Vec<u8> {
    let sets: Vec<Vec<u8>> = parts
        .iter()
        .map(|(oid, text)| {
            // 2.5.4.n is 55 04 n; a country is a PrintableString, the rest UTF8String.
            let attribute = oid
                .rsplit('.')
                .next()
                .and_then(|last| last.parse().ok())
                .unwrap_or(3_u8);
            let kind = if attribute == 6 { 0x13 } else { 0x0c };
            tlv(
                0x31,
                &sequence(&[&tlv(0x06, &[0x55, 0x04, attribute]), &tlv(kind, text.as_bytes())]),
            )
        })
        .collect();
    sequence(&sets.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let (oid, value) = (tlv(0x06, oid), tlv(0x04, value));
    if critical {
        sequence(&[&oid, &tlv(0x01, &[0xff]), &value])
    } else {
        sequence(&[&oid, &value])
    }
}

fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes].concat())
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// Tag, length in the fewest bytes, content.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let short: Vec<u8> = length.iter().copied().skip_while(|byte| *byte == 0).collect();
    let mut out = vec![tag];
    match short.as_slice() {
        [] => out.push(0),
        [one] if *one < 0x80 => out.push(*one),
        several => {
            out.push(0x80 | u8::try_from(several.len()).unwrap_or(8));
            out.extend_from_slice(several);
        }
    }
    out.extend_from_slice(content);
    out
}
