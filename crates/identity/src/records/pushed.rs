//! A pushed authorization request (RFC 9126), by the hash of its reference. It can be visited while it lives; that
//! it was answered is a mark of its own ([`super::spent`]), which outlives it.

use doorward_crypto::{Sha256, Timestamp};
use doorward_oidc::authorize::{PushedRequest, RequestUri};
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::ids::{Digest, RequestId};

/// A pushed request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pushed {
    /// Hash of the reference that the browser brings.
    pub reference: Digest,
    /// What was pushed, and until when it can be visited.
    pub request: PushedRequest,
}

impl Pushed {
    /// What a reference is looked up by.
    #[must_use]
    pub fn key(reference: &RequestUri) -> Digest {
        Digest::from_bytes(Sha256::of_all(&[
            b"doorward request_uri\0",
            reference.expose().as_bytes(),
        ]))
    }

    /// The name under which the request waits in browsers: the same at each visit, so that it is answered once
    /// however often it was visited.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        let mut name = [0; 16];
        name.iter_mut()
            .zip(Sha256::of(self.reference.as_bytes()))
            .for_each(|(to, from)| *to = from);
        RequestId::from_bytes(name)
    }
}

impl Record for Pushed {
    const KIND: Kind = Kind::new(b'Q', "pushed request");
    const VERSION: u8 = 1;
    type Id = Digest;

    fn id(&self) -> Digest {
        self.reference
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.request.expires_at())
    }
}
