//! Apple anonymous (§8.8): `x5c` alone. Apple's CA makes a certificate for the one credential, with a nonce in it.
//!
//! `alg`, which the first implementations sent and the specification no longer has, is passed over: no signature
//! is made with it.

use ::der::Tag;
use ::der::asn1::ObjectIdentifier;
use doorward_crypto::Sha256;

use super::{AttestationType, Attested, Format, Signed, leaf_key, members, unfit, x5c};
use crate::cause::StatementFault;
use crate::cbor::Item;
use crate::step::{At, Fault, Step};
use crate::trust::der::{context, only, only_sequence};
use crate::trust::{Certificate, CertificateError};

pub(super) struct Apple<'a> {
    x5c: Vec<Certificate<'a>>,
}

/// The extension that holds the nonce: SEQUENCE { [1] EXPLICIT OCTET STRING }.
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.8.2");

impl<'a> Format<'a> for Apple<'a> {
    const NAME: &'static str = "apple";

    fn parse(statement: &Item<'a>) -> Result<Self, Fault> {
        let map = members(statement, &["x5c", "alg"])?;
        Ok(Self {
            x5c: x5c::read(&map.text_key("x5c").at(Step::Statement)?)?,
        })
    }

    fn verify(self, signed: &Signed<'_, 'a>) -> Result<Attested<'a>, Fault> {
        let leaf = x5c::leaf(&self.x5c)?;
        let nonce = Sha256::of_all(&[signed.authenticator_data, signed.client_data_hash]);
        if nonce_of(leaf)? != nonce {
            return Err(StatementFault::OtherNonce).at(Step::AttestationNonce);
        }
        if leaf_key(leaf)? != *signed.key.key() {
            return Err(StatementFault::OtherKey).at(Step::AttestationKey);
        }
        Ok(Attested::by(AttestationType::AnonymizationCa, &self.x5c))
    }
}

fn nonce_of<'a>(leaf: &Certificate<'a>) -> Result<&'a [u8], Fault> {
    let extension = leaf
        .extension(NONCE)
        .ok_or_else(|| unfit(CertificateError::Requirement("there is no nonce")))?;
    let read = || {
        let mut der = only_sequence(extension.value)?;
        let nonce = only(der.take(context(1, true))?, Tag::OctetString)?;
        der.finish()?;
        Ok(nonce)
    };
    read().map_err(|_: crate::trust::der::NotDer| unfit(CertificateError::Encoding("nonce")))
}
