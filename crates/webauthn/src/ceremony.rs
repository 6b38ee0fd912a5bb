//! A ceremony is two values: the options, which go to the browser, and a [`Kept`], which waits for the answer.
//!
//! What is kept says which answer may finish it: its type is the kind of ceremony, and it carries RP ID,
//! challenge, account, credentials and demands. Finishing consumes it. It serialises, so that it can travel in
//! a sealed cookie; it is not sealed by itself, and whoever could write one could choose the challenge. What has
//! been used once must be remembered by the caller until it expires: a copy of the serialised form does not
//! know that its twin was finished.

use core::fmt;
use core::marker::PhantomData;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{NoRandom, Random, Sha256, Timestamp, hash, random};
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

use crate::extensions::{CreateInputs, GetInputs};
use crate::json::Base64Url;
use crate::policy::UserVerification;
use crate::step::{Fault, Step, ensure};
use crate::{Cause, CredentialId, RelyingParty, UserHandle, limits};

/// The half of a ceremony that stays with the relying party.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "S: Serialize + DeserializeOwned")]
pub struct Kept<S: Kind> {
    kind: Tag<S>,
    pub(crate) rp_id: String,
    challenge: Base64Url,
    pub(crate) user_verification: UserVerification,
    expires_at: u64,
    pub(crate) state: S,
}

/// A kind of ceremony.
pub trait Kind: sealed::Sealed {
    /// The word by which the serialised form is told from the others.
    const WORD: &'static str;
}

mod sealed {
    #[expect(unnameable_types, reason = "that is its purpose")]
    pub trait Sealed {}
    impl Sealed for super::Create {}
    impl Sealed for super::Discoverable {}
    impl Sealed for super::Identified {}
}

/// A registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Create {
    pub(crate) user: UserHandle,
    pub(crate) algorithms: Vec<i64>,
    pub(crate) conditional: bool,
    pub(crate) extensions: CreateInputs,
}

/// An authentication that found out who it is from the credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discoverable {
    pub(crate) extensions: GetInputs,
}

/// An authentication of an account that was named before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identified {
    pub(crate) user: UserHandle,
    pub(crate) allowed: Vec<Digest>,
    pub(crate) extensions: GetInputs,
}

impl Kind for Create {
    const WORD: &'static str = "create";
}

impl Kind for Discoverable {
    const WORD: &'static str = "discoverable";
}

impl Kind for Identified {
    const WORD: &'static str = "identified";
}

impl<S: Kind> Kept<S> {
    pub(crate) fn new(
        rp: &RelyingParty,
        challenge: &Challenge,
        user_verification: UserVerification,
        now: Timestamp,
        state: S,
    ) -> Self {
        Self {
            kind: Tag(PhantomData),
            rp_id: rp.id().as_str().to_owned(),
            challenge: challenge.0.clone(),
            user_verification,
            expires_at: now.plus(rp.lifetime()).millis(),
            state,
        }
    }

    /// When it is over. A mark that it was used must be kept until then.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        Timestamp::from_millis(self.expires_at)
    }

    /// A short name of this one ceremony, for the mark that it was used: a hash of its challenge.
    #[must_use]
    pub fn id(&self) -> [u8; 32] {
        Sha256::of(self.challenge.as_bytes())
    }

    /// It is not over, and it is this relying party's.
    pub(crate) fn is_due(&self, rp: &RelyingParty, now: Timestamp) -> Result<(), Fault> {
        ensure(now < self.expires_at(), Step::Options, Cause::Expired)?;
        ensure(
            self.rp_id == rp.id().as_str(),
            Step::Options,
            Cause::OtherRelyingParty,
        )
    }

    /// Whether client data carries this challenge: its base64url, letter by letter.
    pub(crate) fn is_challenge(&self, text: &str) -> bool {
        hash::equal(
            URL_SAFE_NO_PAD.encode(self.challenge.as_bytes()).as_bytes(),
            text.as_bytes(),
        )
    }
}

impl<S: Kind + fmt::Debug> fmt::Debug for Kept<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("kind", &S::WORD)
            .field("rp_id", &self.rp_id)
            .field("user_verification", &self.user_verification)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The word of the kind, written and demanded.
struct Tag<S>(PhantomData<S>);

impl<S> Clone for Tag<S> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<S> PartialEq for Tag<S> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<S> Eq for Tag<S> {}

impl<S: Kind> Serialize for Tag<S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        serializer.serialize_str(S::WORD)
    }
}

impl<'de, S: Kind> Deserialize<'de> for Tag<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        if word == S::WORD {
            Ok(Self(PhantomData))
        } else {
            Err(D::Error::custom("another kind of ceremony"))
        }
    }
}

/// A credential that is allowed, by the first half of its id's hash: ids may have a kilobyte, cookies have not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Digest(Base64Url);

impl Digest {
    pub(crate) fn of(id: &CredentialId) -> Self {
        let hash = Sha256::of(id.as_bytes());
        Self(Base64Url::from(
            hash.first_chunk::<16>().map_or(&hash[..], |half| &half[..]),
        ))
    }
}

/// What must come back in the client data.
#[derive(Clone)]
pub(crate) struct Challenge(pub(crate) Base64Url);

impl Challenge {
    /// Fresh bytes, or those that the caller brought.
    pub(crate) fn choose(brought: Option<&[u8]>, random: &dyn Random) -> Result<Self, BeginError> {
        match brought {
            None => Ok(Self(Base64Url::from(
                &random::bytes::<{ limits::CHALLENGE }>(random)?[..],
            ))),
            Some(bytes) if (limits::CHALLENGE_MIN..=limits::CHALLENGE_MAX).contains(&bytes.len()) => {
                Ok(Self(Base64Url::from(bytes)))
            }
            Some(bytes) => Err(BeginError::ChallengeLength(bytes.len())),
        }
    }
}

/// Why a ceremony cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BeginError {
    /// No random bytes.
    #[error(transparent)]
    NoRandom(#[from] NoRandom),
    /// A challenge that is too short to be unguessable, or too long.
    #[error("a challenge of {0} bytes; at least 16 and at most 1024 are allowed")]
    ChallengeLength(usize),
    /// More credentials than options can name.
    #[error("{0} credentials, of which options can name 64")]
    Descriptors(usize),
    /// An AppID that is no https URL, or whose host is not the relying party's.
    #[error("the AppID is not an https URL of this relying party")]
    AppId,
    /// An extension's input is too long, or does not fit the others.
    #[error("extension {0}: its input is not allowed")]
    Extension(&'static str),
}
