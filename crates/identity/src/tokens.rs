//! Secrets that people and browsers carry: 256 random bits each, stored only as a hash.
//!
//! Each kind is hashed under its own word, so that a token shown to the wrong door is unknown there. None of
//! them prints its content; all of them clear themselves.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::random::{self, NoRandom};
use doorward_crypto::{Sha256, hash};
use zeroize::Zeroizing;

use crate::ids::{Digest, SessionId};
use crate::outside::Random;

/// Some text is not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token")]
pub struct NotAToken;

macro_rules! token {
    ($(#[$meta:meta])* $name:ident, $purpose:literal) => {
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<[u8; 32]>);

        impl $name {
            /// A fresh one.
            ///
            /// # Errors
            /// [`NoRandom`] when the source fails.
            pub fn random(source: &dyn Random) -> Result<Self, NoRandom> {
                random::bytes(source).map(|bytes| Self(Zeroizing::new(bytes)))
            }

            /// The text of a cookie or an address: 43 characters of base64url.
            #[must_use]
            pub fn encode(&self) -> String {
                URL_SAFE_NO_PAD.encode(self.0.as_slice())
            }

            /// Reads what [`Self::encode`] wrote, and nothing else.
            ///
            /// # Errors
            /// [`NotAToken`].
            pub fn parse(text: &str) -> Result<Self, NotAToken> {
                let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAToken)?);
                bytes.as_slice().try_into().map(|bytes| Self(Zeroizing::new(bytes))).map_err(|_| NotAToken)
            }

            /// What is stored of it.
            #[must_use]
            pub fn digest(&self) -> Digest {
                Digest::from_bytes(Sha256::of_all(&[$purpose, self.0.as_slice()]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

token! {
    /// The secret of a set-up link or an invitation.
    SetupToken, b"doorward setup token\0"
}
token! {
    /// The random name of a browser. It proves nothing; ceremonies and half sign-ins are bound to it.
    BrowserToken, b"doorward browser token\0"
}
token! {
    /// The handle of a sign-in whose first proof was right.
    HalfToken, b"doorward half sign-in token\0"
}

token! {
    /// With it an application may register itself (RFC 7591 §3).
    InitialAccessToken, b"doorward initial access token\0"
}
token! {
    /// With it an application looks after its own registration (RFC 7592 §1.3).
    RegistrationToken, b"doorward registration access token\0"
}

/// What a session's cookie holds: which session, and the secret that opens it.
///
/// The secret changes at every rise of what was proved; the session's public id stays.
#[derive(Clone)]
pub struct SessionToken {
    id: SessionId,
    secret: Zeroizing<[u8; 32]>,
}

impl SessionToken {
    /// A fresh secret for this session.
    ///
    /// # Errors
    /// [`NoRandom`] when the source fails.
    pub fn random(id: SessionId, source: &dyn Random) -> Result<Self, NoRandom> {
        Ok(Self {
            id,
            secret: Zeroizing::new(random::bytes(source)?),
        })
    }

    /// The text of the cookie: 64 characters of base64url.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = Zeroizing::new(self.id.as_bytes().to_vec());
        bytes.extend_from_slice(self.secret.as_slice());
        URL_SAFE_NO_PAD.encode(bytes.as_slice())
    }

    /// Reads what [`SessionToken::encode`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`NotAToken`].
    pub fn parse(text: &str) -> Result<Self, NotAToken> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAToken)?);
        let (id, secret) = bytes.split_first_chunk::<16>().ok_or(NotAToken)?;
        let secret = secret.try_into().map_err(|_| NotAToken)?;
        Ok(Self {
            id: SessionId::from_bytes(*id),
            secret: Zeroizing::new(secret),
        })
    }

    /// The session that it opens.
    #[must_use]
    pub const fn id(&self) -> SessionId {
        self.id
    }

    /// What is stored of the secret.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let parts: [&[u8]; 3] = [
            b"doorward session token\0",
            self.id.as_bytes(),
            self.secret.as_slice(),
        ];
        Digest::from_bytes(Sha256::of_all(&parts))
    }

    /// Whether this is the secret whose digest was stored.
    #[must_use]
    pub fn opens(&self, stored: &Digest) -> bool {
        hash::equal(self.digest().as_bytes(), stored.as_bytes())
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionToken({}, …)", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Sevens;
    impl Random for Sevens {
        fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
            out.fill(7);
            Ok(())
        }
    }

    #[test]
    fn link_token_opaque_hashed() {
        let token = SetupToken::random(&Sevens).expect("sevens never end");
        let text = token.encode();
        assert_eq!(
            SetupToken::parse(&text).expect("own text").digest(),
            token.digest()
        );
        let shorter = text.get(1..).expect("43 characters");
        for wrong in [
            "",
            shorter,
            &format!("{text}A"),
            &format!("{text}="),
            &text.replace('w', "+"),
        ] {
            assert!(SetupToken::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(format!("{token:?}"), "SetupToken(…)");
        let other = HalfToken::parse(&text).expect("the same length");
        assert_ne!(
            other.digest(),
            token.digest(),
            "a token means nothing at another door"
        );
    }

    #[test]
    fn a_session_token_opens_its_own_session_only() {
        let token = SessionToken::random(SessionId::from_bytes([1; 16]), &Sevens).expect("sevens never end");
        let read = SessionToken::parse(&token.encode()).expect("own text");
        assert!(read.opens(&token.digest()) && read.id() == token.id());
        let other = SessionToken::random(SessionId::from_bytes([2; 16]), &Sevens).expect("sevens never end");
        assert!(!other.opens(&token.digest()));
        assert!(
            SessionToken::parse(&SetupToken::random(&Sevens).expect("sevens never end").encode()).is_err()
        );
    }
}
