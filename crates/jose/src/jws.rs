//! A signed message in the compact form (RFC 7515 §7.1), strict.
//!
//! The order of trust: the text is taken apart ([`Compact`]), a key is chosen by the caller, the signature is
//! verified with the one algorithm of that key, and only then the payload is handed out ([`Verified`]). The
//! header's `alg` chooses nothing; it must say what the key says.

use doorward_crypto::{Algorithm, Provider, PublicKey, SignatureForm, SigningKey, VerifyError};
use serde_json::Value;

use crate::base64url;
use crate::json::{self, Object};
use crate::jwk::{Jwk, JwkError};
use crate::jwks::JwkSet;
use crate::jwt::{Claims, ClaimsError};

/// A JWS that was taken apart and not yet verified.
#[derive(Clone, Debug)]
pub struct Compact<'a> {
    header: Header,
    payload: Vec<u8>,
    signature: Vec<u8>,
    signing_input: &'a str,
}

/// Letters of an encoded header. The certificates of a metadata blob are the largest known and stay far below.
const HEADER_LETTERS_MAX: usize = 64 * 1024;
/// Certificates in `x5c`.
const CERTIFICATES_MAX: usize = 10;

impl<'a> Compact<'a> {
    /// Takes a compact JWS apart: exactly three parts, each base64url in its one form, a header that is an
    /// object whose members each occur once. How long the text may be is the caller's to say.
    ///
    /// # Errors
    /// [`JwsError::Parts`], [`JwsError::Encoding`], [`JwsError::Header`], and [`JwsError::Critical`] for any
    /// `crit` or `b64`, since no extension is understood here.
    pub fn parse(text: &'a str) -> Result<Self, JwsError> {
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JwsError::Parts);
        };
        if header.len() > HEADER_LETTERS_MAX {
            return Err(JwsError::Header("longer than allowed"));
        }
        let signing_input = text
            .get(..header.len() + 1 + payload.len())
            .ok_or(JwsError::Parts)?;
        let decode = |part| base64url::decode(part).map_err(|_| JwsError::Encoding);
        Ok(Self {
            header: Header::parse(&decode(header)?)?,
            payload: decode(payload)?,
            signature: decode(signature)?,
            signing_input,
        })
    }

    /// The header. Nothing in it is true before the signature was verified.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload, not verified: to find out whose key to ask for, and nothing else.
    #[must_use]
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// What was signed: header and payload as they were sent, with the dot between them.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Verifies with this key and this algorithm alone.
    ///
    /// # Errors
    /// [`JwsError::Algorithm`] when the header names another algorithm, [`JwsError::Signature`].
    pub fn verify(
        self,
        provider: &dyn Provider,
        algorithm: Algorithm,
        key: &PublicKey,
    ) -> Result<Verified, JwsError> {
        if algorithm.jose() != Some(self.header.alg()) {
            return Err(JwsError::Algorithm);
        }
        provider.verify(
            algorithm,
            key,
            SignatureForm::Fixed,
            self.signing_input(),
            &self.signature,
        )?;
        Ok(self.into_verified())
    }

    /// Verifies with a JWK and its one algorithm.
    ///
    /// # Errors
    /// [`JwsError::Key`] when the key is not for verifying or has no one algorithm, and as [`Compact::verify`].
    pub fn verify_by(self, provider: &dyn Provider, key: &Jwk) -> Result<Verified, JwsError> {
        if !key.may_verify() {
            return Err(JwsError::Key);
        }
        let algorithm = key.algorithm().ok_or(JwsError::Key)?;
        self.verify(provider, algorithm, key.key())
    }

    /// Verifies with the keys of a set that fit the header ([`JwkSet::candidates`]), and tells which one it was.
    ///
    /// # Errors
    /// [`JwsError::Key`] when none fits, [`JwsError::Signature`] when none of those that fit signed it.
    pub fn verify_by_one_of<'k>(
        self,
        provider: &dyn Provider,
        keys: &'k JwkSet,
    ) -> Result<(Verified, &'k Jwk), JwsError> {
        let mut outcome = Err(JwsError::Key);
        for key in keys.candidates(&self.header) {
            let Some(algorithm) = key.algorithm() else {
                continue;
            };
            let verdict = provider.verify(
                algorithm,
                key.key(),
                SignatureForm::Fixed,
                self.signing_input(),
                &self.signature,
            );
            match verdict {
                Ok(()) => return Ok((self.into_verified(), key)),
                Err(why) => outcome = Err(JwsError::Signature(why)),
            }
        }
        outcome
    }

    pub(crate) fn into_verified(self) -> Verified {
        Verified {
            header: self.header,
            payload: self.payload,
        }
    }
}

/// A JWS whose signature was verified.
#[derive(Clone, Debug)]
pub struct Verified {
    header: Header,
    payload: Vec<u8>,
}

impl Verified {
    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload as the claims of a JWT.
    ///
    /// # Errors
    /// [`ClaimsError::Json`] when it is not an object whose members each occur once.
    pub fn claims(&self) -> Result<Claims, ClaimsError> {
        Claims::parse(&self.payload)
    }
}

/// A protected header (RFC 7515 §4).
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    alg: String,
    members: Object,
}

impl Header {
    fn parse(bytes: &[u8]) -> Result<Self, JwsError> {
        let members = json::object(bytes).map_err(|_| JwsError::Header("not an object"))?;
        if members.contains_key("crit") || members.contains_key("b64") {
            return Err(JwsError::Critical); // RFC 7515 §4.1.11, RFC 7797 §6
        }
        let alg = members
            .get("alg")
            .and_then(Value::as_str)
            .ok_or(JwsError::Header("alg"))?
            .to_owned();
        for name in ["kid", "typ", "cty"] {
            if members.get(name).is_some_and(|value| !value.is_string()) {
                return Err(JwsError::Header(name));
            }
        }
        Ok(Self { alg, members })
    }

    /// What the header says the algorithm is.
    #[must_use]
    pub fn alg(&self) -> &str {
        &self.alg
    }

    /// The algorithm, when it is one of the table. `none` and HMAC are not.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::from_jose(&self.alg)
    }

    /// The name of the key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.text("kid")
    }

    /// The media type of the whole as it was written.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.text("typ")
    }

    /// Whether `typ` is this media type, given without `application/`. Letter case does not count and the
    /// prefix may be there or not (RFC 7515 §4.1.9).
    #[must_use]
    pub fn typ_is(&self, wanted: &str) -> bool {
        let Some(typ) = self.typ() else { return false };
        let bare = typ
            .split_once('/')
            .and_then(|(tree, rest)| tree.eq_ignore_ascii_case("application").then_some(rest))
            .unwrap_or(typ);
        bare.eq_ignore_ascii_case(wanted)
    }

    /// The certificates of `x5c` in DER, the signer's first (RFC 7515 §4.1.6). Nothing about them is checked.
    ///
    /// # Errors
    /// [`JwsError::Header`] when `x5c` is missing, empty, too long, or not an array of base64 texts.
    pub fn x5c(&self) -> Result<Vec<Vec<u8>>, JwsError> {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        let wrong = JwsError::Header("x5c");
        let items = self.members.get("x5c").and_then(Value::as_array).ok_or(wrong)?;
        if items.is_empty() || items.len() > CERTIFICATES_MAX {
            return Err(wrong);
        }
        // Ordinary base64 with padding, unlike everything else in a JWS.
        items
            .iter()
            .map(|item| STANDARD.decode(item.as_str().ok_or(wrong)?).map_err(|_| wrong))
            .collect()
    }

    /// The public key that the header brings along (RFC 7515 §4.1.3). It proves possession and nothing else.
    ///
    /// # Errors
    /// [`JwkError`]; [`JwkError::Member`] when it is missing.
    pub fn jwk(&self) -> Result<Jwk, JwkError> {
        let members = self
            .members
            .get("jwk")
            .and_then(Value::as_object)
            .ok_or(JwkError::Member("jwk"))?;
        Jwk::from_object(members)
    }

    /// Any member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }
}

/// A protected header to be signed. `alg` comes from the key.
#[derive(Clone, Debug, Default)]
pub struct Protected(Object);

impl Protected {
    /// A header that says nothing but `alg`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what the whole is.
    #[must_use]
    pub fn typ(self, typ: &str) -> Self {
        self.member("typ", typ.into())
    }

    /// Says by which key.
    #[must_use]
    pub fn kid(self, kid: &str) -> Self {
        self.member("kid", kid.into())
    }

    /// Brings the public key along.
    #[must_use]
    pub fn jwk(self, key: &Jwk) -> Self {
        self.member("jwk", Value::Object(key.to_object()))
    }

    /// Brings certificates along, DER, the signer's first.
    #[must_use]
    pub fn x5c(self, certificates: &[Vec<u8>]) -> Self {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        self.member(
            "x5c",
            certificates.iter().map(|der| STANDARD.encode(der)).collect(),
        )
    }

    /// Says anything else. An `alg` said here is overwritten by that of the key.
    #[must_use]
    pub fn member(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// Signs the payload.
    ///
    /// # Errors
    /// [`SignJwsError`] when the key's algorithm has no name in JOSE or the key fails.
    pub fn sign(self, payload: &[u8], key: &dyn SigningKey) -> Result<String, SignJwsError> {
        let alg = key.algorithm().jose().ok_or(SignJwsError::Algorithm)?;
        self.sign_with(alg, payload, |input| {
            key.sign(input).map_err(|_| SignJwsError::Key)
        })
    }

    pub(crate) fn sign_with(
        self,
        alg: &str,
        payload: &[u8],
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, SignJwsError>,
    ) -> Result<String, SignJwsError> {
        let header = Value::Object(self.member("alg", alg.into()).0).to_string();
        let mut text = base64url::encode(header.as_bytes());
        text.push('.');
        text.push_str(&base64url::encode(payload));
        let signature = sign(text.as_bytes())?;
        text.push('.');
        text.push_str(&base64url::encode(&signature));
        Ok(text)
    }
}

/// Why a JWS was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Not exactly three parts.
    #[error("not three parts with dots between")]
    Parts,
    /// A part is not base64url in its one form.
    #[error("a part is not base64url without padding")]
    Encoding,
    /// The header is malformed; the word says where.
    #[error("the header: {0}")]
    Header(&'static str),
    /// The header demands an extension.
    #[error("the header demands an extension that is not understood")]
    Critical,
    /// The header names another algorithm than the key's.
    #[error("the header names another algorithm than the key's")]
    Algorithm,
    /// No key fits, or the key is not for verifying, or it has no one algorithm.
    #[error("no key that may verify this")]
    Key,
    /// The signature does not count.
    #[error(transparent)]
    Signature(#[from] VerifyError),
}

/// Why a JWS could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignJwsError {
    /// The key's algorithm has no name in JOSE.
    #[error("the algorithm has no name in JOSE")]
    Algorithm,
    /// The key could not sign.
    #[error("the signature could not be made")]
    Key,
    /// The claims could not be written as a JSON object.
    #[error("the claims are no JSON object")]
    Claims,
}
