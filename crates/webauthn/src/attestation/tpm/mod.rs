//! TPM (§8.3): `ver`, `alg`, `sig`, `certInfo`, `pubArea`, and `x5c` of an attestation identity key (AIK). It can
//! prove that a TPM made the key.
//!
//! The AIK signs `certInfo`; that names `pubArea` by hash and carries the hash of this answer; `pubArea` holds
//! the credential key. Each link is checked. RSA with SHA-1, which TPMs of Windows 10 used, counts under
//! [`Leniency::Sha1TpmSignature`] only, in the statement and in the AIK's certificate.

mod certificate;
mod structures;

use doorward_crypto::{Algorithm, Hash, Scheme};

use super::{AttestationType, Attested, Format, Signed, any_algorithm, members, signature, x5c};
use crate::cause::StatementFault;
use crate::cbor::Item;
use crate::policy::Leniency;
use crate::step::{At, Fault, Step};
use crate::trust::{Certificate, Hashes, check_aaguid};
use structures::{Attest, Public};

pub(super) struct Tpm<'a> {
    alg: Algorithm,
    sig: &'a [u8],
    x5c: Vec<Certificate<'a>>,
    cert_info: &'a [u8],
    pub_area: &'a [u8],
}

impl<'a> Format<'a> for Tpm<'a> {
    const NAME: &'static str = "tpm";

    fn parse(statement: &Item<'a>) -> Result<Self, Fault> {
        let map = statement.map().at(Step::Statement)?;
        if map.text_key("ecdaaKeyId").is_ok() {
            return Err(StatementFault::Ecdaa).at(Step::AttestationType);
        }
        let map = members(statement, &["ver", "alg", "x5c", "sig", "certInfo", "pubArea"])?;
        if map
            .text_key("ver")
            .and_then(|item| item.text())
            .at(Step::Statement)?
            != "2.0"
        {
            return Err(StatementFault::Version).at(Step::Statement);
        }
        Ok(Self {
            alg: any_algorithm(&map)?,
            sig: signature(&map)?,
            x5c: x5c::read(&map.text_key("x5c").at(Step::Statement)?)?,
            cert_info: map
                .text_key("certInfo")
                .and_then(|item| item.bytes())
                .at(Step::Statement)?,
            pub_area: map
                .text_key("pubArea")
                .and_then(|item| item.bytes())
                .at(Step::Statement)?,
        })
    }

    fn verify(self, signed: &Signed<'_, 'a>) -> Result<Attested<'a>, Fault> {
        let sha1 = signed.leniencies.has(Leniency::Sha1TpmSignature);
        let public = Public::parse(self.pub_area).at(Step::Statement)?;
        if !public.holds(signed.key.key()) {
            return Err(StatementFault::OtherKey).at(Step::AttestationKey);
        }
        let attest = Attest::parse(self.cert_info).at(Step::TpmCertInfo)?;
        let hash = hash(self.alg, sha1)?;
        if attest.extra_data != hash.of(&signed.bytes()) {
            return Err(StatementFault::OtherNonce).at(Step::AttestationNonce);
        }
        if attest.name != public.name(self.pub_area, sha1).at(Step::TpmCertInfo)? {
            return Err(StatementFault::Tpm {
                structure: "TPMS_ATTEST",
                field: "attested.name",
            })
            .at(Step::TpmCertInfo);
        }
        let leaf = x5c::leaf(&self.x5c)?;
        signed.verify_with(leaf, self.alg, self.cert_info, self.sig)?;
        certificate::requirements(leaf, signed.leniencies)?;
        check_aaguid(leaf, signed.attested.aaguid())?;
        Ok(Attested {
            leaf_hashes: if sha1 { Hashes::Sha1Too } else { Hashes::Sha2 },
            ..Attested::by(AttestationType::Certified, &self.x5c)
        })
    }
}

/// The hash that the statement's algorithm uses.
fn hash(algorithm: Algorithm, sha1: bool) -> Result<Hash, Fault> {
    match algorithm.scheme() {
        Scheme::RsaPkcs1(Hash::Sha1) if !sha1 => Err(StatementFault::Sha1).at(Step::AttestationAlgorithm),
        Scheme::Ecdsa(_, hash) | Scheme::RsaPkcs1(hash) | Scheme::RsaPss(hash) => Ok(hash),
        Scheme::Ed25519 | Scheme::Ed448 | Scheme::MlDsa(_) => {
            Err(StatementFault::Algorithm(algorithm.cose())).at(Step::AttestationAlgorithm)
        }
    }
}

pub(super) fn read(bytes: &[u8]) {
    let _ = (Public::parse(bytes).is_ok(), Attest::parse(bytes).is_ok());
}
