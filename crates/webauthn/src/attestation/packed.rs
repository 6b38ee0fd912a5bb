//! Packed (§8.2): `alg`, `sig` and either `x5c` (basic or attestation CA) or nothing (self).
//!
//! With certificates it proves the model, if they lead to an anchor. Without, it proves possession of the key.

use doorward_crypto::Algorithm;

use super::{Attested, Format, Signed, algorithm, signature, x5c};
use crate::cause::{Cause, StatementFault};
use crate::cbor::{Key, Map};
use crate::policy::Leniency;
use crate::step::{At, Fault, Step};
use crate::trust::{Certificate, CertificateError, check_aaguid, oid};

pub(super) struct Packed<'a> {
    alg: Algorithm,
    sig: &'a [u8],
    x5c: Option<Vec<Certificate<'a>>>,
}

impl<'a> Format<'a> for Packed<'a> {
    const NAME: &'static str = "packed";

    fn parse(statement: &Map<'a>) -> Result<Self, Fault> {
        if statement.find(Key::Text("ecdaaKeyId")).is_some() {
            return Err(StatementFault::Ecdaa).at(Step::AttestationType);
        }
        statement
            .only(&["alg", "sig", "x5c"].map(Key::Text))
            .at(Step::Statement)?;
        let x5c = statement.find(Key::Text("x5c"));
        Ok(Self {
            alg: algorithm(statement)?,
            sig: signature(statement)?,
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
        Ok(Attested::by(chain))
    }
}

/// §8.2.1, "Certificate Requirements for Packed Attestation Statements".
fn requirements(leaf: &Certificate<'_>, explicit_default: bool) -> Result<(), Fault> {
    let at = |fault| Fault {
        step: Step::CertificateRequirements,
        cause: Cause::Certificate { index: 0, fault },
    };
    let demand = |holds, what| {
        if holds {
            Ok(())
        } else {
            Err(at(CertificateError::Requirement(what)))
        }
    };
    let one = |attribute| match leaf.subject_attribute(attribute).map_err(at)?.as_slice() {
        [value] if !value.is_empty() => Ok(Some(*value)),
        _ => Ok::<_, Fault>(None),
    };
    demand(leaf.version() == 3, "the version is not 3")?;
    let country = one(oid::COUNTRY)?;
    demand(
        country
            .is_some_and(|code| code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_alphabetic())),
        "Subject-C is not a country code",
    )?;
    demand(one(oid::ORGANIZATION)?.is_some(), "Subject-O is missing")?;
    demand(
        one(oid::ORGANIZATIONAL_UNIT)? == Some("Authenticator Attestation"),
        "Subject-OU is not \"Authenticator Attestation\"",
    )?;
    demand(one(oid::COMMON_NAME)?.is_some(), "Subject-CN is missing")?;
    let constraints = leaf.basic_constraints(explicit_default).map_err(at)?;
    demand(
        matches!(constraints, Some((false, _))),
        "the basic constraints do not say that it is no authority",
    )
}
