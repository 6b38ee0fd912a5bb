//! What attestation is worth (§7.1 steps 21 to 24), on the day of the registration and later.

use doorward_crypto::{Sha256, Timestamp};

use crate::attestation::{self, AttestationObject, Attested, Signed};
use crate::authenticator_data::{AttestedCredentialData, AuthenticatorData, AuthenticatorDataError};
use crate::cose::CredentialKey;
use crate::credential_record::CredentialRecord;
use crate::registration::authenticator_data;
use crate::report::AttestationReport;
use crate::step::{At, Ceremony, Fault, Refused, Step, ensure};
use crate::trust::{Certificate, Judge, Verdict, oid};
use crate::{Cause, RelyingParty, Untrusted};

/// What attestation speaks about.
pub(crate) struct Evidence<'e, 'a> {
    pub(crate) object: &'e AttestationObject<'a>,
    pub(crate) data: &'e AuthenticatorData<'a>,
    pub(crate) attested: &'e AttestedCredentialData<'a>,
    pub(crate) key: &'e CredentialKey,
    pub(crate) client_data_hash: &'e [u8; 32],
}

/// §7.1 steps 21 to 24: the statement as of the day of registration, trust as of now.
pub(crate) fn attestation_report(
    evidence: &Evidence<'_, '_>,
    rp: &RelyingParty,
    registered_at: Timestamp,
    now: Timestamp,
) -> Result<AttestationReport, Fault> {
    let Evidence {
        object,
        data,
        attested,
        key,
        client_data_hash,
    } = *evidence;
    let signed = Signed {
        authenticator_data: object.authenticator_data(),
        data,
        attested,
        key,
        client_data_hash,
        provider: rp.provider(),
        leniencies: rp.leniencies(),
        android_key: rp.android_key(),
        compound: rp.compound(),
        now: registered_at,
    };
    let statement = attestation::verify(object.format(), object.statement(), &signed)?; // 21, 22
    let judge = Judge {
        provider: rp.provider(),
        leniencies: rp.leniencies(),
        valid_at: registered_at,
        now,
    };
    let anchor = match rp.trust().assess(&statement, attested.aaguid(), judge)? {
        // 23, 24
        Verdict::Unproved => None,
        Verdict::Trusted { anchor } => Some(anchor),
    };
    Ok(AttestationReport {
        format: object.format().to_owned(),
        kind: statement.kind(),
        aaguid: attested.aaguid(),
        trusted: anchor.is_some(),
        names_device: names_device(&statement),
        anchor,
    })
}

/// Whether a certificate that vouches for the key is of one device.
fn names_device(statement: &Attested<'_>) -> bool {
    let leaf = statement.chain().first();
    let named = leaf.and_then(|der| {
        let leaf = Certificate::parse(der).ok()?;
        leaf.extension(oid::FIDO_SERIAL_NUMBER).map(drop)
    });
    named.is_some() || statement.members().iter().any(|(_, member)| names_device(member))
}

impl RelyingParty {
    /// Judges a stored attestation again, with the metadata and the revocations of today. Whether certificates
    /// are within their time is judged as of the registration.
    ///
    /// # Errors
    /// [`Refused`] when the record keeps no attestation, or what it keeps is not accepted any more.
    pub fn reassess(
        &self,
        record: &CredentialRecord,
        registered_at: Timestamp,
        now: Timestamp,
    ) -> Result<AttestationReport, Refused> {
        reassess(self, record, registered_at, now).map_err(|fault| fault.in_the(Ceremony::Registration))
    }
}

fn reassess(
    rp: &RelyingParty,
    record: &CredentialRecord,
    registered_at: Timestamp,
    now: Timestamp,
) -> Result<AttestationReport, Fault> {
    let (Some(object), Some(client_data)) =
        (&record.attestation_object, &record.attestation_client_data_json)
    else {
        return Err(Fault {
            step: Step::AttestationPolicy,
            cause: Cause::Untrusted(Untrusted::None),
        });
    };
    let object = AttestationObject::parse(object.as_bytes()).at(Step::AttestationObject)?;
    let data = authenticator_data(object.authenticator_data(), rp)?;
    let attested = data
        .attested()
        .ok_or(AuthenticatorDataError::NotAttested)
        .at(Step::AuthenticatorData)?;
    let is_the_records = attested.credential_id() == record.id.as_bytes()
        && attested.public_key() == record.public_key.as_bytes();
    ensure(is_the_records, Step::CredentialId, Cause::OtherRecord)?;
    let key = CredentialKey::parse(attested.public_key(), rp.leniencies()).at(Step::PublicKey)?;
    let client_data_hash = &Sha256::of(client_data.as_bytes());
    let evidence = Evidence {
        object: &object,
        data: &data,
        attested,
        key: &key,
        client_data_hash,
    };
    attestation_report(&evidence, rp, registered_at, now)
}
