//! Attestation statements of every format, made by a house of our own with a root and an intermediate.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_crypto::{Algorithm, Parts, Sha256};

use super::cbor::{Cbor, bytes, text};
use super::certificates::{BASIC_CONSTRAINTS, Certificate, encode_name};
use super::der::{explicit, integer, octets, oid, sequence, set, tlv};
use super::keys::Key;

pub(crate) const AAGUID: [u8; 16] = *b"doorward-aaguid!";
pub(crate) const AAGUID_EXTENSION: &str = "1.3.6.1.4.1.45724.1.1.4";
pub(crate) const KEY_DESCRIPTION: &str = "1.3.6.1.4.1.11129.2.1.17";
pub(crate) const NONCE: &str = "1.2.840.113635.100.8.2";
pub(crate) const ALTERNATIVE_NAME: &str = "2.5.29.17";
pub(crate) const PURPOSES: &str = "2.5.29.37";

/// Who signs statements, and with which certificates. Rows of tests edit it before it signs.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) root: Key,
    pub(crate) intermediate: Key,
    pub(crate) leaf: Key,
    pub(crate) root_certificate: Certificate,
    pub(crate) intermediate_certificate: Certificate,
    pub(crate) leaf_certificate: Certificate,
    /// The statement's `alg`.
    pub(crate) alg: i64,
    /// Flips a bit of what is signed.
    pub(crate) sign_other: bool,
    /// TPM: edits of the two structures before they are hashed and signed.
    pub(crate) public_area: fn(&mut Vec<u8>),
    pub(crate) cert_info: fn(&mut Vec<u8>),
    /// Android: the security level, 1 for a trusted environment and 2 for StrongBox.
    pub(crate) security_level: u8,
    /// Android: the challenge, if it is not that of the answer.
    pub(crate) android_challenge: Option<Vec<u8>>,
    /// Android: the authorization lists, software and hardware.
    pub(crate) authorizations: [Vec<Vec<u8>>; 2],
    /// SafetyNet: the payload.
    pub(crate) payload: fn(&mut serde_json::Value),
    /// The whole chain, if it is not leaf and intermediate.
    pub(crate) short_chain: Option<MakeChain>,
    /// Edits of the finished statement.
    pub(crate) statement: fn(&mut Cbor),
}

/// Makes a chain of this leaf.
pub(crate) type MakeChain = fn(&Certificate) -> Vec<Vec<u8>>;

/// What a statement is about.
#[derive(Debug)]
pub(crate) struct About<'a> {
    pub(crate) authenticator_data: &'a [u8],
    pub(crate) client_data_hash: [u8; 32],
    pub(crate) rp_id_hash: [u8; 32],
    pub(crate) credential_id: &'a [u8],
    pub(crate) key: &'a Key,
    pub(crate) now_ms: u64,
}

const ROOT: &str = "Doorward Test Root";
const INTERMEDIATE: &str = "Doorward Test Intermediate";

impl House {
    pub(crate) fn new(format: &str, key_spki: &Key) -> Self {
        let (root, intermediate) = (Key::es256("root"), Key::es256("intermediate"));
        let leaf = if format == "android-safetynet" {
            Key::new(Algorithm::Rs256, "safetynet")
        } else {
            Key::es256("leaf")
        };
        let packed: &[(&str, &str)] = &[
            ("2.5.4.6", "DE"),
            ("2.5.4.10", "Doorward"),
            ("2.5.4.11", "Authenticator Attestation"),
            ("2.5.4.3", "Doorward Test Authenticator"),
        ];
        let mut leaf_certificate = match format {
            "tpm" => Certificate::leaf(&[], &leaf, INTERMEDIATE),
            "fido-u2f" => Certificate::leaf(packed, &leaf, ROOT),
            "android-key" | "apple" => Certificate::leaf(&[("2.5.4.3", "key")], key_spki, INTERMEDIATE),
            _ => Certificate::leaf(packed, &leaf, INTERMEDIATE),
        };
        let extensions = &mut leaf_certificate.extensions;
        match format {
            "packed" => extensions.push((AAGUID_EXTENSION, false, octets(&AAGUID))),
            "tpm" => {
                extensions.push((AAGUID_EXTENSION, false, octets(&AAGUID)));
                extensions.push((ALTERNATIVE_NAME, true, tpm_name("id:49465800")));
                extensions.push((PURPOSES, false, sequence(&[oid("2.23.133.8.3")])));
            }
            "android-safetynet" => {
                let host = tlv(0x82, b"attest.android.com");
                extensions.push((ALTERNATIVE_NAME, false, sequence(&[host])));
            }
            _ => {}
        }
        Self {
            root_certificate: Certificate::authority(ROOT, &root, ROOT),
            intermediate_certificate: Certificate::authority(INTERMEDIATE, &intermediate, ROOT),
            leaf_certificate,
            alg: -7,
            sign_other: false,
            public_area: |_| {},
            cert_info: |_| {},
            security_level: 1,
            android_challenge: None,
            authorizations: [vec![], vec![purpose(2), origin(0)]],
            payload: |_| {},
            short_chain: None,
            statement: |_| {},
            root,
            intermediate,
            leaf,
        }
    }

    /// Leaf and intermediate, signed.
    pub(crate) fn chain(&self) -> Vec<Vec<u8>> {
        if let Some(make) = self.short_chain {
            return make(&self.leaf_certificate);
        }
        vec![
            self.leaf_certificate.signed_by(&self.intermediate),
            self.intermediate_certificate.signed_by(&self.root),
        ]
    }

    pub(crate) fn root_der(&self) -> Vec<u8> {
        self.root_certificate.signed_by(&self.root)
    }

    /// The statement of this format.
    pub(crate) fn attest(&mut self, format: &str, about: &About<'_>) -> Cbor {
        let message = [about.authenticator_data, &about.client_data_hash].concat();
        let mut statement = match format {
            "packed" => self.signed(&message),
            "packed-self" => Cbor::Map(vec![
                (text("alg"), Cbor::Int(about.key.algorithm().cose())),
                (text("sig"), bytes(&about.key.sign(&self.spoiled(&message)))),
            ]),
            "android-key" => {
                let description = self.key_description(&about.client_data_hash);
                self.leaf_certificate
                    .extensions
                    .push((KEY_DESCRIPTION, false, description));
                let signature = about.key.sign(&self.spoiled(&message));
                self.with_chain(&signature)
            }
            "apple" => {
                let nonce = Sha256::of(&self.spoiled(&message));
                let nonce = sequence(&[explicit(1, &octets(&nonce))]);
                self.leaf_certificate.extensions.push((NONCE, false, nonce));
                Cbor::Map(vec![(text("x5c"), self.x5c())])
            }
            "fido-u2f" => {
                let Parts::Ec { x, y, .. } = about.key.public().parts() else {
                    panic!("U2F is on P-256")
                };
                let point = [&[0x04], x, y].concat();
                let message = [
                    &[0],
                    &about.rp_id_hash[..],
                    &about.client_data_hash,
                    about.credential_id,
                    &point,
                ]
                .concat();
                let leaf = self.leaf_certificate.signed_by(&self.root); // there is room for one certificate
                Cbor::Map(vec![
                    (text("sig"), bytes(&self.leaf.sign(&self.spoiled(&message)))),
                    (text("x5c"), Cbor::Array(vec![bytes(&leaf)])),
                ])
            }
            "tpm" => self.tpm(&message, about.key),
            "android-safetynet" => self.safetynet(&message, about.now_ms),
            "compound" => {
                let member = |format: &str, statement: Cbor| {
                    Cbor::Map(vec![(text("fmt"), text(format)), (text("attStmt"), statement)])
                };
                let own = Cbor::Map(vec![
                    (text("alg"), Cbor::Int(about.key.algorithm().cose())),
                    (text("sig"), bytes(&about.key.sign(&message))),
                ]);
                let certified = self.signed(&message);
                Cbor::Array(vec![member("packed", own), member("packed", certified)])
            }
            _ => Cbor::Map(vec![]),
        };
        (self.statement)(&mut statement);
        statement
    }

    fn signed(&self, message: &[u8]) -> Cbor {
        self.with_chain(&self.leaf.sign(&self.spoiled(message)))
    }

    fn with_chain(&self, signature: &[u8]) -> Cbor {
        Cbor::Map(vec![
            (text("alg"), Cbor::Int(self.alg)),
            (text("sig"), bytes(signature)),
            (text("x5c"), self.x5c()),
        ])
    }

    fn x5c(&self) -> Cbor {
        Cbor::Array(self.chain().iter().map(|der| bytes(der)).collect())
    }

    fn spoiled(&self, message: &[u8]) -> Vec<u8> {
        let mut message = message.to_vec();
        if self.sign_other {
            message[0] ^= 1;
        }
        message
    }

    fn tpm(&self, message: &[u8], key: &Key) -> Cbor {
        let Parts::Ec { x, y, .. } = key.public().parts() else {
            panic!("this TPM makes P-256 keys")
        };
        let sized = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
        let head = [
            0, 0x23, 0, 0x0b, 0, 6, 4, 0x72, 0, 0, 0, 0x10, 0, 0x10, 0, 3, 0, 0x10,
        ];
        let mut public_area = [&head[..], &sized(x), &sized(y)].concat();
        (self.public_area)(&mut public_area);
        let name = [&[0, 0x0b][..], &Sha256::of(&public_area)].concat();
        let mut cert_info = [
            vec![0xff, 0x54, 0x43, 0x47, 0x80, 0x17],
            sized(b"signer"),
            sized(&Sha256::of(message)),
            vec![0; 25],
            sized(&name),
            sized(b"qualified"),
        ]
        .concat();
        (self.cert_info)(&mut cert_info);
        Cbor::Map(vec![
            (text("ver"), text("2.0")),
            (text("alg"), Cbor::Int(self.alg)),
            (text("x5c"), self.x5c()),
            (text("sig"), bytes(&self.leaf.sign(&self.spoiled(&cert_info)))),
            (text("certInfo"), bytes(&cert_info)),
            (text("pubArea"), bytes(&public_area)),
        ])
    }

    fn key_description(&self, challenge: &[u8]) -> Vec<u8> {
        let level = tlv(0x0a, &[self.security_level]);
        let challenge = self.android_challenge.as_deref().unwrap_or(challenge);
        let [software, hardware] = &self.authorizations;
        sequence(&[
            integer(4),
            level.clone(),
            integer(4),
            level,
            octets(challenge),
            octets(&[]),
            sequence(software),
            sequence(hardware),
        ])
    }

    fn safetynet(&self, message: &[u8], now_ms: u64) -> Cbor {
        let mut payload = serde_json::json!({
            "nonce": STANDARD.encode(Sha256::of(&self.spoiled(message))),
            "timestampMs": now_ms - 5000,
            "ctsProfileMatch": true,
        });
        (self.payload)(&mut payload);
        let x5c: Vec<String> = self.chain().iter().map(|der| STANDARD.encode(der)).collect();
        let header = serde_json::json!({ "alg": "RS256", "x5c": x5c });
        let input = [header, payload]
            .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
            .join(".");
        let signature = URL_SAFE_NO_PAD.encode(self.leaf.sign(input.as_bytes()));
        Cbor::Map(vec![
            (text("ver"), text("14366019")),
            (text("response"), bytes(format!("{input}.{signature}").as_bytes())),
        ])
    }
}

/// The TPM's maker, model and version.
pub(crate) fn tpm_name(manufacturer: &str) -> Vec<u8> {
    let attribute = |name, value: &str| (name, value.to_owned());
    let name = encode_name(&[
        attribute("2.23.133.2.1", manufacturer),
        attribute("2.23.133.2.2", "model"),
        attribute("2.23.133.2.3", "id:13"),
    ]);
    sequence(&[explicit(4, &name)])
}

pub(crate) fn purpose(purpose: u8) -> Vec<u8> {
    explicit(1, &set(&[integer(purpose)]))
}

pub(crate) fn origin(origin: u8) -> Vec<u8> {
    [&[0xbf, 0x85, 0x3e, 3][..], &integer(origin)].concat()
}

pub(crate) fn all_applications() -> Vec<u8> {
    vec![0xbf, 0x84, 0x58, 2, 0x05, 0]
}

/// The default of BOOLEAN, spelled out.
pub(crate) fn spelled_out() -> (&'static str, bool, Vec<u8>) {
    (BASIC_CONSTRAINTS, true, vec![0x30, 3, 1, 1, 0])
}
