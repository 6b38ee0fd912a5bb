//! FIDO U2F (§8.6): `sig`, and `x5c` with exactly one certificate. It can prove the model.
//!
//! The signature is the one of U2F, over the key as a point, and not over the authenticator data: flags,
//! counter and AAGUID are not covered. An AAGUID must be zero, as FIDO's conformance suite has it; the example
//! of the specification has another, hence [`Leniency::U2fAaguid`]. The certificate of a key that
//! has one may name it all the same, for its life as a FIDO2 key: metadata finds the model by that, or by the
//! attestation key, and never by the AAGUID that is not signed. Two that are there must be the same.

use doorward_crypto::{Algorithm, Curve, KeyKind, SignatureForm};

use super::{
    AttestationType, Attested, Format, ModelName, Signed, demand, leaf_key, members, signature, x5c,
};
use crate::cause::StatementFault;
use crate::cbor::Item;
use crate::policy::Leniency;
use crate::step::{At, Fault, Step};
use crate::trust::{Certificate, check_aaguid, read_aaguid};

pub(super) struct FidoU2f<'a> {
    sig: &'a [u8],
    x5c: Vec<Certificate<'a>>,
}

impl<'a> Format<'a> for FidoU2f<'a> {
    const NAME: &'static str = "fido-u2f";

    fn parse(statement: &Item<'a>) -> Result<Self, Fault> {
        let map = members(statement, &["sig", "x5c"])?;
        let list = map.text_key("x5c").at(Step::Statement)?;
        let count = list.array().at(Step::Statement)?.len();
        if count != 1 {
            return Err(StatementFault::Certificates(count)).at(Step::Statement);
        }
        Ok(Self {
            sig: signature(&map)?,
            x5c: x5c::read(&list)?,
        })
    }

    fn verify(self, signed: &Signed<'_, 'a>) -> Result<Attested<'a>, Fault> {
        let leaf = x5c::leaf(&self.x5c)?;
        let key = leaf_key(leaf)?;
        demand(key.kind() == KeyKind::Ec(Curve::P256), "the key is not on P-256")?;
        if signed.key.algorithm() != Algorithm::Es256 {
            return Err(StatementFault::AlgorithmDiffers).at(Step::AttestationAlgorithm);
        }
        let aaguid = signed.attested.aaguid();
        if !aaguid.is_zero() && !signed.leniencies.has(Leniency::U2fAaguid) {
            return Err(StatementFault::AaguidNotZero).at(Step::Statement);
        }
        if aaguid.is_zero() {
            read_aaguid(leaf)?;
        } else {
            check_aaguid(leaf, aaguid)?;
        }
        let point = signed.key.key().point().unwrap_or_default();
        let message = [
            &[0x00],
            &signed.data.rp_id_hash()[..],
            signed.client_data_hash,
            signed.attested.credential_id(),
            point,
        ]
        .concat();
        signed
            .provider
            .verify(Algorithm::Es256, &key, SignatureForm::Der, &message, self.sig)
            .at(Step::AttestationSignature)?;
        Ok(Attested {
            model: ModelName::InCertificate,
            ..Attested::by(AttestationType::Certified, &self.x5c)
        })
    }
}
