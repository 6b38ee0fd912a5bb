//! Authenticator data (§6.1): what the authenticator signs.
//!
//! Bits of the flags that are reserved are passed over, as the specification asks; bytes that no flag
//! announces, and flags whose bytes are missing, are errors. Where the public key ends is found by reading it.

use crate::Aaguid;
use crate::cbor::{CborError, Item, Rules};
use crate::cose;
use crate::policy::Leniencies;

/// Authenticator data, read.
#[derive(Clone, Copy, Debug)]
pub struct AuthenticatorData<'a> {
    rp_id_hash: &'a [u8; 32],
    flags: Flags,
    sign_count: u32,
    attested: Option<AttestedCredentialData<'a>>,
    extensions: Option<Item<'a>>,
}

/// Attested credential data (§6.5.1).
#[derive(Clone, Copy, Debug)]
pub struct AttestedCredentialData<'a> {
    aaguid: Aaguid,
    credential_id: &'a [u8],
    public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads authenticator data.
    ///
    /// # Errors
    /// [`AuthenticatorDataError`], which says what is missing, too much or malformed.
    pub fn parse(bytes: &'a [u8], leniencies: Leniencies) -> Result<Self, AuthenticatorDataError> {
        let (rp_id_hash, rest) = bytes
            .split_first_chunk::<32>()
            .ok_or(AuthenticatorDataError::Short)?;
        let (&[flags], rest) = rest
            .split_first_chunk::<1>()
            .ok_or(AuthenticatorDataError::Short)?;
        let (sign_count, mut rest) = rest
            .split_first_chunk::<4>()
            .ok_or(AuthenticatorDataError::Short)?;
        let flags = Flags(flags);
        let mut attested = None;
        if flags.attested() {
            let (data, after) = AttestedCredentialData::read(rest, leniencies)?;
            (attested, rest) = (Some(data), after);
        }
        let mut extensions = None;
        if flags.extensions() {
            let (map, after) =
                Item::prefix(rest, Rules::CTAP2).map_err(AuthenticatorDataError::Extensions)?;
            map.map().map_err(AuthenticatorDataError::Extensions)?;
            (extensions, rest) = (Some(map), after);
        }
        if !rest.is_empty() {
            return Err(AuthenticatorDataError::Trailing(rest.len()));
        }
        Ok(Self {
            rp_id_hash,
            flags,
            sign_count: u32::from_be_bytes(*sign_count),
            attested,
            extensions,
        })
    }

    /// SHA-256 of the RP ID that was signed for.
    #[must_use]
    pub const fn rp_id_hash(&self) -> &'a [u8; 32] {
        self.rp_id_hash
    }

    /// The flags.
    #[must_use]
    pub const fn flags(&self) -> Flags {
        self.flags
    }

    /// The signature counter; 0 from authenticators that do not count.
    #[must_use]
    pub const fn sign_count(&self) -> u32 {
        self.sign_count
    }

    /// The new credential, in registrations.
    #[must_use]
    pub const fn attested(&self) -> Option<&AttestedCredentialData<'a>> {
        self.attested.as_ref()
    }

    /// The authenticator's extension outputs, a map.
    #[must_use]
    pub const fn extensions(&self) -> Option<&Item<'a>> {
        self.extensions.as_ref()
    }
}

impl<'a> AttestedCredentialData<'a> {
    fn read(bytes: &'a [u8], leniencies: Leniencies) -> Result<(Self, &'a [u8]), AuthenticatorDataError> {
        let (aaguid, rest) = bytes
            .split_first_chunk::<16>()
            .ok_or(AuthenticatorDataError::Short)?;
        let (length, rest) = rest
            .split_first_chunk::<2>()
            .ok_or(AuthenticatorDataError::Short)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (credential_id, rest) = rest
            .split_at_checked(length)
            .ok_or(AuthenticatorDataError::Short)?;
        if rest.is_empty() {
            return Err(AuthenticatorDataError::Short);
        }
        let (public_key, rest) =
            cose::split_key(rest, leniencies).map_err(AuthenticatorDataError::PublicKey)?;
        Ok((
            Self {
                aaguid: Aaguid::new(*aaguid),
                credential_id,
                public_key,
            },
            rest,
        ))
    }

    /// The model, as the authenticator claims.
    #[must_use]
    pub const fn aaguid(&self) -> Aaguid {
        self.aaguid
    }

    /// The credential id, of any length that two bytes can say.
    #[must_use]
    pub const fn credential_id(&self) -> &'a [u8] {
        self.credential_id
    }

    /// The COSE key, exactly as the authenticator wrote it.
    #[must_use]
    pub const fn public_key(&self) -> &'a [u8] {
        self.public_key
    }
}

/// The flags of authenticator data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flags(u8);

impl Flags {
    /// UP: a person was there.
    #[must_use]
    pub const fn user_present(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// UV: the person was verified.
    #[must_use]
    pub const fn user_verified(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// BE: the credential may be backed up. It never changes.
    #[must_use]
    pub const fn backup_eligible(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// BS: the credential is backed up now.
    #[must_use]
    pub const fn backup_state(self) -> bool {
        self.0 & 0x10 != 0
    }

    /// AT: attested credential data follows.
    #[must_use]
    pub const fn attested(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// ED: extension outputs follow.
    #[must_use]
    pub const fn extensions(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// The byte.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }
}

/// Why authenticator data cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticatorDataError {
    /// It ends before what its flags announce.
    #[error("authenticator data ends too early")]
    Short,
    /// So many bytes are announced by no flag.
    #[error("{0} bytes after the authenticator data")]
    Trailing(usize),
    /// The public key is not canonical CBOR.
    #[error("public key: {0}")]
    PublicKey(CborError),
    /// The extension outputs are not a canonical CBOR map.
    #[error("extension outputs: {0}")]
    Extensions(CborError),
    /// Attested credential data is missing in a registration.
    #[error("no attested credential data")]
    NotAttested,
    /// Attested credential data stands in an assertion.
    #[error("attested credential data in an assertion")]
    Attested,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(flags: u8, rest: &[u8]) -> Result<(), AuthenticatorDataError> {
        let bytes = [&[7; 32][..], &[flags], &[0, 0, 1, 2], rest].concat();
        AuthenticatorData::parse(&bytes, Leniencies::NONE).map(drop)
    }

    #[test]
    fn every_byte_is_announced_by_a_flag() {
        assert_eq!(parse(0x01, &[]), Ok(()));
        assert_eq!(parse(0x01, &[0]), Err(AuthenticatorDataError::Trailing(1)));
        assert_eq!(parse(0x81, &[0xa0]), Ok(()));
        assert_eq!(parse(0x01, &[0xa0]), Err(AuthenticatorDataError::Trailing(1)));
        assert!(matches!(
            parse(0x81, &[]),
            Err(AuthenticatorDataError::Extensions(_))
        ));
        assert!(matches!(
            parse(0x81, &[0x80]),
            Err(AuthenticatorDataError::Extensions(_))
        ));
        assert_eq!(parse(0x81, &[0xa0, 0]), Err(AuthenticatorDataError::Trailing(1)));
        assert_eq!(parse(0x41, &[0; 17]), Err(AuthenticatorDataError::Short));
    }

    #[test]
    fn reserved_flags_are_passed_over() {
        assert_eq!(parse(0x23, &[]), Ok(()));
    }

    #[test]
    fn the_key_ends_where_its_map_ends() {
        let attested = [&[1; 16][..], &[0, 2, 9, 9], &[0xa1, 0x01, 0x02], &[0xa0]].concat();
        let bytes = [&[7; 32][..], &[0xc1], &[0, 0, 0, 5], &attested].concat();
        let data = AuthenticatorData::parse(&bytes, Leniencies::NONE).expect("authenticator data");
        let attested = data.attested().expect("attested");
        assert_eq!(attested.credential_id(), &[9, 9]);
        assert_eq!(attested.public_key(), &[0xa1, 0x01, 0x02]);
        assert_eq!(data.extensions().map(Item::raw), Some(&[0xa0][..]));
        assert_eq!(data.sign_count(), 5);
    }
}
