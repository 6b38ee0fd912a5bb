//! A public key in JSON (RFC 7517, RFC 7518 §6, RFC 8037, RFC 8812, RFC 9964).
//!
//! A key here has one algorithm: the one that `alg` names, or the only one that its kind and curve allow. An RSA
//! key without `alg` has none, and verifies nothing until somebody says which. Private members make the whole
//! key an error.

use doorward_crypto::{Algorithm, Curve, KeyError, KeyKind, MlDsa, Parts, PublicKey};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::base64url;
use crate::json::{self, JsonError, Object};
use crate::thumbprint::Thumbprint;

/// A checked public key with what JSON says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    key: PublicKey,
    kid: Option<String>,
    algorithm: Option<Algorithm>,
    key_use: Option<KeyUse>,
    key_ops: Option<Vec<String>>,
}

/// What a key is for (`use`, RFC 7517 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// `sig`.
    Signature,
    /// `enc`. Such a key verifies nothing.
    Encryption,
    /// Another word. Such a key verifies nothing.
    Other(String),
}

/// Bytes of a `kid`. Longer ones serve only to fill somebody's memory.
const KID_BYTES_MAX: usize = 512;
/// The members that make a key private (RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 9964 for `priv`).
const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

impl Jwk {
    /// A key about which nothing is said yet.
    #[must_use]
    pub fn new(key: PublicKey) -> Self {
        Self {
            key,
            kid: None,
            algorithm: None,
            key_use: None,
            key_ops: None,
        }
    }

    /// Reads one JWK.
    ///
    /// # Errors
    /// [`JwkError`].
    pub fn parse(text: &[u8]) -> Result<Self, JwkError> {
        Self::from_object(&json::object(text)?)
    }

    /// Reads a JWK that stands inside something larger, the `jwk` of a header for instance. Members that are
    /// not known here are passed over.
    ///
    /// # Errors
    /// [`JwkError`].
    pub fn from_object(members: &Object) -> Result<Self, JwkError> {
        if let Some(name) = PRIVATE_MEMBERS
            .into_iter()
            .find(|name| members.contains_key(*name))
        {
            return Err(JwkError::Private(name));
        }
        let text = |name| optional_text(members, name);
        let named = text("alg")?;
        let key = public_key(members)?;
        let algorithm = named
            .map(|name| Algorithm::from_jose(name).ok_or(JwkError::UnknownAlgorithm))
            .transpose()?;
        let kid = text("kid")?;
        if kid.is_some_and(|kid| kid.len() > KID_BYTES_MAX) {
            return Err(JwkError::Member("kid"));
        }
        let key_use = text("use")?.map(|word| match word {
            "sig" => KeyUse::Signature,
            "enc" => KeyUse::Encryption,
            other => KeyUse::Other(other.to_owned()),
        });
        let key_ops = members.get("key_ops").map(key_ops).transpose()?;
        let jwk = Self {
            key,
            kid: kid.map(str::to_owned),
            algorithm: None,
            key_use,
            key_ops,
        };
        match algorithm {
            Some(algorithm) => jwk.with_algorithm(algorithm),
            None => Ok(jwk),
        }
    }

    /// The same key under this name.
    #[must_use]
    pub fn with_kid(self, kid: impl Into<String>) -> Self {
        Self {
            kid: Some(kid.into()),
            ..self
        }
    }

    /// The same key, for this algorithm alone.
    ///
    /// # Errors
    /// [`JwkError::WrongAlgorithm`] when the algorithm needs another kind of key or has no name in JOSE.
    pub fn with_algorithm(self, algorithm: Algorithm) -> Result<Self, JwkError> {
        if algorithm.key_kind() != self.key.kind() || algorithm.jose().is_none() {
            return Err(JwkError::WrongAlgorithm);
        }
        Ok(Self {
            algorithm: Some(algorithm),
            ..self
        })
    }

    /// The same key, for this use.
    #[must_use]
    pub fn with_use(self, key_use: KeyUse) -> Self {
        Self {
            key_use: Some(key_use),
            ..self
        }
    }

    /// The key itself.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The name of the key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// What the key says that it is for.
    #[must_use]
    pub fn key_use(&self) -> Option<&KeyUse> {
        self.key_use.as_ref()
    }

    /// The operations that the key says it is for (RFC 7517 §4.3).
    #[must_use]
    pub fn key_ops(&self) -> Option<&[String]> {
        self.key_ops.as_deref()
    }

    /// The one algorithm: what `alg` says, or the only one that this kind of key has. Nothing for an RSA key
    /// without `alg`. An Ed25519 key without `alg` is for `EdDSA`, its name in use.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm.or(match self.key.kind() {
            KeyKind::Ec(Curve::P256) => Some(Algorithm::Es256),
            KeyKind::Ec(Curve::P384) => Some(Algorithm::Es384),
            KeyKind::Ec(Curve::P521) => Some(Algorithm::Es512),
            KeyKind::Ec(Curve::Secp256k1) => Some(Algorithm::Es256k),
            KeyKind::Ed25519 => Some(Algorithm::EdDsa),
            KeyKind::Ed448 => Some(Algorithm::Ed448),
            KeyKind::MlDsa(MlDsa::MlDsa44) => Some(Algorithm::MlDsa44),
            KeyKind::MlDsa(MlDsa::MlDsa65) => Some(Algorithm::MlDsa65),
            KeyKind::MlDsa(MlDsa::MlDsa87) => Some(Algorithm::MlDsa87),
            KeyKind::Rsa => None,
        })
    }

    /// Whether the key may verify signatures, as far as `use` and `key_ops` speak.
    #[must_use]
    pub fn may_verify(&self) -> bool {
        self.key_use
            .as_ref()
            .is_none_or(|word| *word == KeyUse::Signature)
            && self
                .key_ops
                .as_ref()
                .is_none_or(|words| words.iter().any(|word| word == "verify"))
    }

    /// The thumbprint with SHA-256 (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        Thumbprint::of(&self.key)
    }

    /// The key as a JSON object.
    #[must_use]
    pub fn to_object(&self) -> Object {
        let mut members = required_members(&self.key);
        let mut say = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value.into());
            }
        };
        say("alg", self.algorithm.and_then(Algorithm::jose));
        say("kid", self.kid());
        say(
            "use",
            self.key_use.as_ref().map(|word| match word {
                KeyUse::Signature => "sig",
                KeyUse::Encryption => "enc",
                KeyUse::Other(other) => other,
            }),
        );
        if let Some(words) = &self.key_ops {
            members.insert("key_ops".to_owned(), words.iter().map(String::as_str).collect());
        }
        members
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_object().serialize(serializer)
    }
}

/// The members that say what key it is, those of the thumbprint (RFC 7638 §3.2).
pub(crate) fn required_members(key: &PublicKey) -> Object {
    let bytes = |bytes: &[u8]| base64url::encode(bytes);
    let pairs = match key.parts() {
        Parts::Ec { curve, x, y } => {
            vec![
                ("kty", "EC".to_owned()),
                ("crv", curve.jose().to_owned()),
                ("x", bytes(x)),
                ("y", bytes(y)),
            ]
        }
        Parts::Rsa { n, e } => vec![("kty", "RSA".to_owned()), ("n", bytes(n)), ("e", bytes(e))],
        Parts::Ed25519(x) => vec![
            ("kty", "OKP".to_owned()),
            ("crv", "Ed25519".to_owned()),
            ("x", bytes(x)),
        ],
        Parts::Ed448(x) => vec![
            ("kty", "OKP".to_owned()),
            ("crv", "Ed448".to_owned()),
            ("x", bytes(x)),
        ],
        Parts::MlDsa(set, key) => {
            vec![
                ("kty", "AKP".to_owned()),
                ("alg", set.name().to_owned()),
                ("pub", bytes(key)),
            ]
        }
    };
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::String(value)))
        .collect()
}

fn public_key(members: &Object) -> Result<PublicKey, JwkError> {
    let bytes = |name: &'static str| {
        let text = optional_text(members, name)?.ok_or(JwkError::Member(name))?;
        base64url::decode(text).map_err(|_| JwkError::Member(name))
    };
    match optional_text(members, "kty")?.ok_or(JwkError::Member("kty"))? {
        "EC" => {
            let name = optional_text(members, "crv")?.ok_or(JwkError::Member("crv"))?;
            let curve = Curve::ALL
                .iter()
                .find(|curve| curve.jose() == name)
                .ok_or(JwkError::UnknownCurve)?;
            Ok(PublicKey::ec(*curve, &bytes("x")?, &bytes("y")?)?)
        }
        "RSA" => Ok(PublicKey::rsa(&bytes("n")?, &bytes("e")?)?),
        "OKP" => match optional_text(members, "crv")?.ok_or(JwkError::Member("crv"))? {
            "Ed25519" => Ok(PublicKey::ed25519(&bytes("x")?)?),
            "Ed448" => Ok(PublicKey::ed448(&bytes("x")?)?),
            _ => Err(JwkError::UnknownCurve),
        },
        // RFC 9964: `alg` says which kind of key it is and must be there.
        "AKP" => {
            let name = optional_text(members, "alg")?.ok_or(JwkError::Member("alg"))?;
            let set = MlDsa::ALL
                .iter()
                .find(|set| set.name() == name)
                .ok_or(JwkError::UnknownAlgorithm)?;
            Ok(PublicKey::ml_dsa(*set, &bytes("pub")?)?)
        }
        _ => Err(JwkError::UnknownKind),
    }
}

fn optional_text<'a>(members: &'a Object, name: &'static str) -> Result<Option<&'a str>, JwkError> {
    members
        .get(name)
        .map(|value| value.as_str().ok_or(JwkError::Member(name)))
        .transpose()
}

fn key_ops(value: &Value) -> Result<Vec<String>, JwkError> {
    let wrong = JwkError::Member("key_ops");
    let mut words = Vec::new();
    for item in value.as_array().ok_or(wrong)? {
        let word = item.as_str().ok_or(wrong)?.to_owned();
        if words.contains(&word) {
            return Err(wrong); // RFC 7517 §4.3: no value twice
        }
        words.push(word);
    }
    Ok(words)
}

/// Why a JWK was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Not an object whose members each occur once.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A member of a private or symmetric key.
    #[error("the key has the private member {0}")]
    Private(&'static str),
    /// A member is missing, of the wrong type, not base64url, or too long.
    #[error("the member {0} is missing or malformed")]
    Member(&'static str),
    /// A `kty` that is not known here.
    #[error("a kind of key that is not known here")]
    UnknownKind,
    /// A `crv` that is not known here.
    #[error("a curve that is not known here")]
    UnknownCurve,
    /// An `alg` that is not known here, or not for signatures by public keys.
    #[error("an algorithm that is not known here")]
    UnknownAlgorithm,
    /// The algorithm needs another kind of key.
    #[error("the algorithm is not one for this key")]
    WrongAlgorithm,
    /// The key failed its checks.
    #[error(transparent)]
    Key(#[from] KeyError),
}
