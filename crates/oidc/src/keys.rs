//! The provider's own keys: which algorithm signs with which, what is published, what is verified.
//!
//! A key is named by its thumbprint (RFC 7638), so a name never means two keys. Of an algorithm's keys the
//! first with a private half signs; the others are published: the next one before it signs, retired ones until
//! the last token that they signed is dead.
//!
//! Every kind of JWT has its own `typ` ([`JwtType`]), and a verifier names the one that it takes (RFC 8725
//! §3.11): an ID token is never an access token, whoever presents it.

use std::sync::Arc;

use doorward_crypto::{Algorithm, Provider, PublicKey, SigningKey};
use doorward_jose::{Claims, Compact, Jwk, JwkError, JwkSet, KeyUse, sign_jwt};
use serde_json::{Map, Value};

/// Makes the table of kinds of JWT.
macro_rules! jwt_types {
    ($($variant:ident = ($typ:literal, $doc:literal),)+) => {
        /// A kind of JWT, told by its `typ`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum JwtType { $(#[doc = $doc] $variant,)+ }

        impl JwtType {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The media type without `application/`.
            #[must_use]
            pub const fn typ(self) -> &'static str {
                match self { $(Self::$variant => $typ,)+ }
            }
        }
    };
}

jwt_types! {
    IdToken = ("JWT", "An ID token (OpenID Connect Core §2)."),
    AccessToken = ("at+jwt", "An access token (RFC 9068 §2.1)."),
    LogoutToken = ("logout+jwt", "A logout token (Back-Channel Logout §2.4)."),
    Userinfo = ("userinfo+jwt", "A signed userinfo answer (Core §5.3.2)."),
    Introspection = ("token-introspection+jwt", "A signed introspection answer (RFC 9701 §5)."),
}

/// One key of the provider.
#[derive(Clone, Debug)]
pub struct OwnKey {
    jwk: Jwk,
    algorithm: Algorithm,
    signer: Option<Arc<dyn SigningKey>>,
}

impl OwnKey {
    /// A key that signs.
    ///
    /// # Errors
    /// [`JwkError`] when JOSE has no name for its algorithm.
    pub fn signing(key: Arc<dyn SigningKey>) -> Result<Self, JwkError> {
        let published = Self::published(key.public_key().clone(), key.algorithm())?;
        Ok(Self {
            signer: Some(key),
            ..published
        })
    }

    /// A key that is published and verifies, and does not sign: the next one, or a retired one.
    ///
    /// # Errors
    /// [`JwkError`] when the algorithm does not fit the key or has no name in JOSE.
    pub fn published(key: PublicKey, algorithm: Algorithm) -> Result<Self, JwkError> {
        let jwk = Jwk::new(key)
            .with_algorithm(algorithm)?
            .with_use(KeyUse::Signature);
        let kid = jwk.thumbprint().to_string();
        Ok(Self {
            jwk: jwk.with_kid(kid),
            algorithm,
            signer: None,
        })
    }

    /// The key's name.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.jwk.kid().unwrap_or_default()
    }
}

/// All keys of the provider, and who computes with them.
#[derive(Clone, Debug)]
pub struct Keys {
    crypto: Arc<dyn Provider>,
    own: Vec<OwnKey>,
    set: JwkSet,
}

/// A token could not be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// There is no key for the algorithm.
    #[error("there is no signing key for this algorithm")]
    NoKey,
    /// The implementation beneath failed.
    #[error("the signature could not be made")]
    Failed,
}

/// A token is not one of ours, or not of the kind asked for. Which of it is nobody's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token is not one of this issuer, or of another kind")]
pub struct NotOurs;

impl Keys {
    /// These keys, in order of preference.
    #[must_use]
    pub fn new(crypto: Arc<dyn Provider>, own: Vec<OwnKey>) -> Self {
        let set = JwkSet::new(own.iter().map(|key| key.jwk.clone()).collect());
        Self { crypto, own, set }
    }

    /// Who verifies signatures, those of clients too.
    #[must_use]
    pub fn crypto(&self) -> &dyn Provider {
        self.crypto.as_ref()
    }

    /// What is published (RFC 7517 §5).
    #[must_use]
    pub fn published(&self) -> &JwkSet {
        &self.set
    }

    /// The algorithms that the keys can sign with, in the order of the keys: what metadata may offer.
    #[must_use]
    pub fn signing_algorithms(&self) -> Vec<Algorithm> {
        let mut algorithms = Vec::new();
        for key in self.own.iter().filter(|key| key.signer.is_some()) {
            if !algorithms.contains(&key.algorithm) {
                algorithms.push(key.algorithm);
            }
        }
        algorithms
    }

    /// Signs claims as a JWT of this kind.
    ///
    /// # Errors
    /// [`SignError`] when there is no key for the algorithm, or signing fails.
    pub fn sign(
        &self,
        typ: JwtType,
        algorithm: Algorithm,
        claims: &Map<String, Value>,
    ) -> Result<String, SignError> {
        let key = self
            .own
            .iter()
            .find(|key| key.algorithm == algorithm && key.signer.is_some());
        let (key, signer) = key
            .and_then(|key| Some((key, key.signer.as_ref()?)))
            .ok_or(SignError::NoKey)?;
        sign_jwt(Some(typ.typ()), claims, signer.as_ref(), Some(key.kid())).map_err(|_| SignError::Failed)
    }

    /// Verifies a JWT of this kind by the key that it names. Times and claims are the caller's to judge.
    ///
    /// # Errors
    /// [`NotOurs`] for everything that is not exactly that.
    pub fn verify(&self, typ: JwtType, token: &str) -> Result<Claims, NotOurs> {
        let compact = Compact::parse(token).map_err(|_| NotOurs)?;
        if !compact.header().typ_is(typ.typ()) || compact.header().kid().is_none() {
            return Err(NotOurs);
        }
        let (verified, _) = compact
            .verify_by_one_of(self.crypto(), &self.set)
            .map_err(|_| NotOurs)?;
        verified.claims().map_err(|_| NotOurs)
    }
}
