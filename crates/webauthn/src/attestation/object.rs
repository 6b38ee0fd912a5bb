//! The attestation object (§6.5.4): `fmt`, `attStmt`, `authData`, in any order, and members that CTAP adds.

use crate::cbor::{CborError, Item, Rules};

/// An attestation object, read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttestationObject<'a> {
    format: &'a str,
    statement: Item<'a>,
    authenticator_data: &'a [u8],
}

impl<'a> AttestationObject<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, CborError> {
        let object = Item::parse(bytes, Rules::ATTESTATION_OBJECT)?.map()?;
        Ok(Self {
            format: object.text_key("fmt")?.text()?,
            statement: object.text_key("attStmt")?,
            authenticator_data: object.text_key("authData")?.bytes()?,
        })
    }

    pub(crate) const fn format(&self) -> &'a str {
        self.format
    }

    pub(crate) const fn statement(&self) -> &Item<'a> {
        &self.statement
    }

    pub(crate) const fn authenticator_data(&self) -> &'a [u8] {
        self.authenticator_data
    }
}
