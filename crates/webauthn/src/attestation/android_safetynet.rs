//! Android SafetyNet (§8.5): `ver`, and `response`, a JWS by Google's server about the device. The service has
//! ended; statements that were kept can still be verified.
//!
//! The certificate must be for `attest.android.com`, and the response at most a minute old.

use core::time::Duration;
use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_crypto::{Algorithm, Sha256, Timestamp, hash};
use doorward_jose::{Claims, Compact};

use super::{AttestationType, Attested, Format, Signed, demand, leaf_key, members, unfit};
use crate::cause::{Cause, StatementFault};
use crate::cbor::Item;
use crate::policy::Leniency;
use crate::step::{At, Fault, Step};
use crate::trust::{Certificate, Hashes};

pub(super) struct SafetyNet<'a> {
    response: Compact<'a>,
}

/// How old a response may be.
const AGE_MAX: Duration = Duration::from_secs(60);
/// How far ahead of us Google's clock may be.
const SKEW_MAX: Duration = Duration::from_secs(10);

const HOST: &str = "attest.android.com";

impl<'a> Format<'a> for SafetyNet<'a> {
    const NAME: &'static str = "android-safetynet";

    fn parse(statement: &Item<'a>) -> Result<Self, Fault> {
        let map = members(statement, &["ver", "response"])?;
        let version = map
            .text_key("ver")
            .and_then(|item| item.text())
            .at(Step::Statement)?;
        if version.is_empty() {
            return Err(StatementFault::Version).at(Step::Statement);
        }
        let response = map
            .text_key("response")
            .and_then(|item| item.bytes())
            .at(Step::Statement)?;
        let response = core::str::from_utf8(response)
            .ok()
            .and_then(|text| Compact::parse(text).ok())
            .ok_or(StatementFault::SafetyNet("not a JWS"))
            .at(Step::Statement)?;
        Ok(Self { response })
    }

    fn verify(self, signed: &Signed<'_, 'a>) -> Result<Attested<'a>, Fault> {
        let chain = self
            .response
            .header()
            .x5c()
            .map_err(|_| StatementFault::SafetyNet("x5c"))
            .at(Step::Statement)?;
        let leaf = leaf(&chain)?;
        host(&leaf)?;
        let key = leaf_key(&leaf)?;
        let verified = self
            .response
            .verify(signed.provider, Algorithm::Rs256, &key)
            .map_err(|_| StatementFault::SafetyNet("the signature is not valid"))
            .at(Step::AttestationSignature)?;
        let claims = verified
            .claims()
            .map_err(|_| StatementFault::SafetyNet("payload"))
            .at(Step::Statement)?;
        let nonce = STANDARD.encode(Sha256::of_all(&[
            signed.authenticator_data,
            signed.client_data_hash,
        ]));
        let received = claims
            .required_text("nonce")
            .map_err(|_| StatementFault::SafetyNet("nonce"))
            .at(Step::Statement)?;
        if !hash::equal(nonce.as_bytes(), received.as_bytes()) {
            return Err(StatementFault::OtherNonce).at(Step::AttestationNonce);
        }
        fresh(&claims, signed.now)?;
        let vouched = claims.truth("ctsProfileMatch").ok().flatten() == Some(true);
        if !vouched && !signed.leniencies.has(Leniency::SafetyNetNoCts) {
            return Err(StatementFault::SafetyNet("ctsProfileMatch is not true")).at(Step::SafetyNetCts);
        }
        Ok(Attested {
            kind: AttestationType::Certified,
            chain: chain.into_iter().map(Cow::Owned).collect(),
            leaf_hashes: Hashes::Sha2,
            ..Attested::nothing()
        })
    }
}

fn leaf(chain: &[Vec<u8>]) -> Result<Certificate<'_>, Fault> {
    let der = chain
        .first()
        .ok_or(StatementFault::Certificates(0))
        .at(Step::Statement)?;
    Certificate::parse(der).map_err(|fault| Fault {
        step: Step::Statement,
        cause: Cause::Certificate { index: 0, fault },
    })
}

/// The certificate was issued to the host (§8.5): one of its DNS names, exactly.
fn host(leaf: &Certificate<'_>) -> Result<(), Fault> {
    let names = leaf.dns_names().map_err(unfit)?;
    demand(
        names.contains(&HOST.as_bytes()),
        "it is not for attest.android.com",
    )
}

fn fresh(claims: &Claims, now: Timestamp) -> Result<(), Fault> {
    let made = claims
        .integer("timestampMs")
        .ok()
        .flatten()
        .ok_or(StatementFault::SafetyNet("timestampMs"));
    let made = Timestamp::from_millis(made.at(Step::Statement)?);
    if made > now.plus(SKEW_MAX) || now.since(made) > AGE_MAX {
        return Err(StatementFault::SafetyNet("not of this time")).at(Step::AttestationNonce);
    }
    Ok(())
}
