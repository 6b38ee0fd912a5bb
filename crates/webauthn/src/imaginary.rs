//! What to answer for user names that do not exist (§14.6.2): an account that is always the same, so that
//! asking for options does not tell who has one.

use doorward_crypto::Sha256;

use crate::json::{CredentialDescriptor, Transport};
use crate::{CredentialId, RelyingParty, UserHandle};

/// An account that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imaginary {
    /// Its user handle.
    pub user: UserHandle,
    /// Its credentials, one or two.
    pub credentials: Vec<CredentialDescriptor>,
}

/// The lengths that ids of common authenticators have.
const ID_LENGTHS: [usize; 4] = [16, 20, 32, 64];

impl RelyingParty {
    /// The imaginary account of this user name: the same for the same secret, name and RP ID, and for nobody
    /// else to foretell. `secret` is 32 bytes of the caller's that do not change; `name` as it is compared.
    #[must_use]
    pub fn imaginary(&self, secret: &[u8; 32], name: &str) -> Imaginary {
        let derive = |what: &[u8]| {
            let rp_id = Sha256::of(self.id().as_str().as_bytes());
            Sha256::hmac(
                secret,
                &[b"imaginary account\0", &rp_id, what, b"\0", name.as_bytes()],
            )
        };
        let user = UserHandle::of_hashes(derive(b"handle 0"), derive(b"handle 1"));
        let shape = derive(b"shape");
        let [first, second, ..] = shape;
        let count = if first < 0xc0 { 1_u8 } else { 2 };
        let credentials = (0..count)
            .map(|number| {
                let id = [derive(&[b'a', number]), derive(&[b'b', number])].concat();
                let choice = usize::from(second.rotate_left(u32::from(number) * 2) & 3);
                let length = ID_LENGTHS.get(choice).copied().unwrap_or(32);
                (id.get(..length).unwrap_or(&id).to_vec(), length)
            })
            .filter_map(|(id, length)| {
                let transports = if length == 64 {
                    vec![Transport::USB]
                } else {
                    vec![Transport::INTERNAL, Transport::HYBRID]
                };
                Some(CredentialDescriptor::new(CredentialId::new(id).ok()?, transports))
            })
            .collect();
        Imaginary { user, credentials }
    }
}
