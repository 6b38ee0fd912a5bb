//! Certificates and revocation lists, every field of which can be edited before they are signed.

use doorward_crypto::Algorithm;

use super::der::{bits, boolean, explicit, integer, octets, oid, sequence, set, time, tlv};
use super::keys::Key;

pub(crate) const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";

#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) version: u8,
    pub(crate) serial: u8,
    pub(crate) issuer: Vec<(&'static str, String)>,
    pub(crate) subject: Vec<(&'static str, String)>,
    pub(crate) not_before: &'static str,
    pub(crate) not_after: &'static str,
    pub(crate) spki: Vec<u8>,
    pub(crate) extensions: Vec<(&'static str, bool, Vec<u8>)>,
}

pub(crate) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub(crate) const KEY_USAGE: &str = "2.5.29.15";

impl Certificate {
    pub(crate) fn leaf(subject: &[(&'static str, &str)], key: &Key, issuer: &str) -> Self {
        Self {
            version: 3,
            serial: 7,
            issuer: name(issuer),
            subject: subject
                .iter()
                .map(|(oid, value)| (*oid, (*value).to_owned()))
                .collect(),
            not_before: "200101000000Z",
            not_after: "30240101000000Z",
            spki: key.public().to_spki().unwrap(),
            extensions: vec![(BASIC_CONSTRAINTS, true, sequence(&[]))],
        }
    }

    pub(crate) fn authority(subject: &str, key: &Key, issuer: &str) -> Self {
        Self {
            subject: name(subject),
            extensions: vec![
                (BASIC_CONSTRAINTS, true, sequence(&[boolean(true)])),
                (KEY_USAGE, true, vec![0x03, 0x02, 0x01, 0x06]), // keyCertSign, cRLSign
            ],
            ..Self::leaf(&[], key, issuer)
        }
    }

    pub(crate) fn extension(&mut self, oid: &str) -> &mut (&'static str, bool, Vec<u8>) {
        self.extensions
            .iter_mut()
            .find(|(known, ..)| *known == oid)
            .expect("the extension is there")
    }

    pub(crate) fn remove(&mut self, oid: &str) {
        self.extensions.retain(|(known, ..)| *known != oid);
    }

    pub(crate) fn attribute(&mut self, oid: &str) -> &mut String {
        &mut self
            .subject
            .iter_mut()
            .find(|(known, _)| *known == oid)
            .expect("the attribute is there")
            .1
    }

    pub(crate) fn signed_by(&self, key: &Key) -> Vec<u8> {
        let algorithm = if key.algorithm() == Algorithm::Es384 {
            "1.2.840.10045.4.3.3"
        } else {
            ECDSA_SHA256
        };
        self.signed(&sequence(&[oid(algorithm)]), |tbs| key.sign(tbs))
    }

    /// Signed with RSA and SHA-1.
    pub(crate) fn signed_with_sha1(&self, key: &Key) -> Vec<u8> {
        let algorithm = sequence(&[oid("1.2.840.113549.1.1.5"), vec![5, 0]]);
        self.signed(&algorithm, |tbs| key.sign_with_sha1(tbs))
    }

    fn signed(&self, algorithm: &[u8], sign: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let algorithm = algorithm.to_vec();
        let extensions: Vec<Vec<u8>> = self
            .extensions
            .iter()
            .map(|(name, critical, value)| {
                let critical = if *critical { boolean(true) } else { vec![] };
                sequence(&[oid(name), critical, octets(value)])
            })
            .collect();
        let extensions = if extensions.is_empty() {
            vec![]
        } else {
            explicit(3, &sequence(&extensions))
        };
        let version = if self.version == 1 {
            vec![]
        } else {
            explicit(0, &integer(self.version - 1))
        };
        let tbs = sequence(&[
            version,
            integer(self.serial),
            algorithm.clone(),
            encode_name(&self.issuer),
            sequence(&[time(self.not_before), time(self.not_after)]),
            encode_name(&self.subject),
            self.spki.clone(),
            extensions,
        ]);
        let signature = bits(&sign(&tbs));
        sequence(&[tbs, algorithm, signature])
    }
}

/// A complete revocation list of this issuer.
pub(crate) fn revocation_list(issuer: &str, key: &Key, serials: &[u8], this: &str, next: &str) -> Vec<u8> {
    revocation_list_with(issuer, key, serials, this, next, &[], &[])
}

/// The same, with extensions in each entry and in the list.
pub(crate) fn revocation_list_with(
    issuer: &str,
    key: &Key,
    serials: &[u8],
    this: &str,
    next: &str,
    of_entries: &[Vec<u8>],
    of_list: &[Vec<u8>],
) -> Vec<u8> {
    let algorithm = sequence(&[oid(ECDSA_SHA256)]);
    let own = if of_entries.is_empty() {
        vec![]
    } else {
        sequence(of_entries)
    };
    let more = if of_list.is_empty() {
        vec![]
    } else {
        explicit(0, &sequence(of_list))
    };
    let entries: Vec<Vec<u8>> = serials
        .iter()
        .map(|serial| sequence(&[integer(*serial), time("210101000000Z"), own.clone()]))
        .collect();
    let entries = if entries.is_empty() {
        vec![]
    } else {
        sequence(&entries)
    };
    let tbs = sequence(&[
        integer(1),
        algorithm.clone(),
        encode_name(&name(issuer)),
        time(this),
        time(next),
        entries,
        more,
    ]);
    let signature = bits(&key.sign(&tbs));
    sequence(&[tbs, algorithm, signature])
}

pub(crate) fn pem(der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

pub(crate) fn encode_name(attributes: &[(&'static str, String)]) -> Vec<u8> {
    let attributes: Vec<Vec<u8>> = attributes
        .iter()
        .map(|(name, value)| set(&[sequence(&[oid(name), tlv(0x0c, value.as_bytes())])]))
        .collect();
    sequence(&attributes)
}

pub(crate) fn name(common: &str) -> Vec<(&'static str, String)> {
    vec![("2.5.4.3", common.to_owned())]
}
