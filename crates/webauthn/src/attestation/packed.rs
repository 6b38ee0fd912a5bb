//! Packed (§8.2): `alg`, `sig` and either `x5c` (basic or attestation CA) or nothing (self).
//!
//! With certificates it proves the model, if they lead to an anchor. Without, it proves possession of the key.

use doorward_crypto::Algorithm;

use super::{AttestationType, Attested, Format, Signed, algorithm, demand, members, signature, unfit, x5c};
use crate::cause::StatementFault;
use crate::cbor::{Item, Key};
use crate::policy::Leniency;
use crate::step::{At, Fault, Step};
use crate::trust::{Certificate, check_aaguid, oid};

pub(super) struct Packed<'a> {
    alg: Algorithm,
    sig: &'a [u8],
    x5c: Option<Vec<Certificate<'a>>>,
}

impl<'a> Format<'a> for Packed<'a> {
    const NAME: &'static str = "packed";

    fn parse(statement: &Item<'a>) -> Result<Self, Fault> {
        if statement
            .map()
            .is_ok_and(|map| map.find(Key::Text("ecdaaKeyId")).is_some())
        {
            return Err(StatementFault::Ecdaa).at(Step::AttestationType);
        }
        let map = members(statement, &["alg", "sig", "x5c"])?;
        let x5c = map.find(Key::Text("x5c"));
        Ok(Self {
            alg: algorithm(&map)?,
            sig: signature(&map)?,
            x5c: x5c.map(|item| x5c::read(&item)).transpose()?,
        })
    }

    fn verify(self, signed: &Signed<'_, 'a>) -> Result<Attested<'a>, Fault> {
        let Some(chain) = self.x5c else {
            if self.alg != signed.key.algorithm() {
                return Err(StatementFault::AlgorithmDiffers).at(Step::AttestationAlgorithm);
            }
            signed
                .key
                .verify(signed.provider, &signed.bytes(), self.sig)
                .at(Step::AttestationSignature)?;
            return Ok(Attested::by_itself());
        };
        let leaf = x5c::leaf(&chain)?;
        signed.verify_with(leaf, self.alg, &signed.bytes(), self.sig)?;
        requirements(leaf, signed.leniencies.has(Leniency::ExplicitDefault))?;
        check_aaguid(leaf, signed.attested.aaguid())?;
        Ok(Attested::by(AttestationType::Certified, &chain))
    }
}

/// §8.2.1, "Certificate Requirements for Packed Attestation Statements".
fn requirements(leaf: &Certificate<'_>, explicit_default: bool) -> Result<(), Fault> {
    let one = |attribute| match leaf.subject_attribute(attribute).map_err(unfit)?.as_slice() {
        [value] if !value.is_empty() => Ok(Some(*value)),
        _ => Ok::<_, Fault>(None),
    };
    demand(leaf.version() == 3, "the version is not 3")?;
    let is_code = |code: &str| code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_alphabetic());
    demand(
        one(oid::COUNTRY)?.is_some_and(is_code),
        "Subject-C is not a country code",
    )?;
    demand(one(oid::ORGANIZATION)?.is_some(), "Subject-O is missing")?;
    let unit = one(oid::ORGANIZATIONAL_UNIT)?;
    demand(
        unit == Some("Authenticator Attestation"),
        "Subject-OU is not \"Authenticator Attestation\"",
    )?;
    demand(one(oid::COMMON_NAME)?.is_some(), "Subject-CN is missing")?;
    let constraints = leaf.basic_constraints(explicit_default).map_err(unfit)?;
    demand(
        matches!(constraints, Some((false, _))),
        "the basic constraints do not say that it is no authority",
    )
}
