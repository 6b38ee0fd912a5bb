//! Registering a new credential (§7.1): the options, and the verification of the answer.

use doorward_crypto::{Algorithm, Random, Sha256, Timestamp};

use crate::assessment::{Evidence, attestation_report};
use crate::attestation::AttestationObject;
use crate::authenticator_data::{AttestedCredentialData, AuthenticatorData, AuthenticatorDataError, Flags};
use crate::cbor::CborFault;
use crate::ceremony::{BeginError, Challenge, Create, Kept};
use crate::client_data::CollectedClientData;
use crate::cose::CredentialKey;
use crate::credential_record::CredentialRecord;
use crate::extensions::{AuthenticatorOutputs, CreateInputs, ExtensionReport, check_results};
use crate::json::{
    AuthenticatorSelection, Base64Url, CreationOptions, CredentialDescriptor, PublicKeyCredentialParameters,
    PublicKeyType, RegistrationResponse, RelyingPartyEntity, UserEntityJson,
};
use crate::policy::{Attachment, Attestation, Hint, Leniency, ResidentKey, UserVerification};
use crate::relying_party::BackupEligibility;
use crate::report::RegistrationReport;
use crate::step::{At, Ceremony, Fault, Refused, Step, ensure};
use crate::{Cause, CredentialId, RelyingParty, UserEntity, limits};

impl RelyingParty {
    /// Begins the registration of a credential for this account. Without a word: a discoverable credential,
    /// user verification preferred, the relying party's attestation, `credProps` asked for.
    #[must_use]
    pub fn register<'r>(&'r self, user: &'r UserEntity) -> Registering<'r> {
        Registering {
            rp: self,
            user,
            exclude: Vec::new(),
            user_verification: UserVerification::Preferred,
            resident_key: ResidentKey::Required,
            attachment: None,
            conditional: false,
            attestation: self.attestation(),
            formats: Vec::new(),
            hints: Vec::new(),
            extensions: CreateInputs {
                cred_props: Some(true),
                ..CreateInputs::default()
            },
            challenge: None,
        }
    }
}

/// A registration in the making.
#[derive(Clone, Debug)]
pub struct Registering<'r> {
    rp: &'r RelyingParty,
    user: &'r UserEntity,
    exclude: Vec<CredentialDescriptor>,
    user_verification: UserVerification,
    resident_key: ResidentKey,
    attachment: Option<Attachment>,
    conditional: bool,
    attestation: Attestation,
    formats: Vec<String>,
    hints: Vec<Hint>,
    extensions: CreateInputs,
    challenge: Option<Vec<u8>>,
}

impl Registering<'_> {
    /// Names the credentials that the account has, so that no authenticator makes a second one.
    #[must_use]
    pub fn exclude(mut self, credentials: &[CredentialDescriptor]) -> Self {
        self.exclude.extend_from_slice(credentials);
        self
    }

    /// Demands that the person is verified.
    #[must_use]
    pub const fn require_user_verification(self) -> Self {
        self.user_verification(UserVerification::Required)
    }

    /// Says how much the person's verification matters. Default: preferred.
    #[must_use]
    pub const fn user_verification(mut self, demand: UserVerification) -> Self {
        self.user_verification = demand;
        self
    }

    /// Says whether the credential must be discoverable. Default: required.
    #[must_use]
    pub const fn resident_key(mut self, demand: ResidentKey) -> Self {
        self.resident_key = demand;
        self
    }

    /// Wants an authenticator that is built in, or one that is brought along. Default: either.
    #[must_use]
    pub const fn attachment(mut self, attachment: Attachment) -> Self {
        self.attachment = Some(attachment);
        self
    }

    /// Conditional creation (`mediation: "conditional"`): the browser may add a passkey after a password login
    /// without asking, so nobody need be present.
    #[must_use]
    pub const fn conditional(mut self) -> Self {
        self.conditional = true;
        self
    }

    /// Asks for this attestation in place of the relying party's.
    #[must_use]
    pub const fn attestation(mut self, attestation: Attestation) -> Self {
        self.attestation = attestation;
        self
    }

    /// The attestation formats that are wanted, the most wanted first.
    #[must_use]
    pub fn attestation_formats(mut self, formats: impl IntoIterator<Item = String>) -> Self {
        self.formats.extend(formats);
        self
    }

    /// Which dialog the browser shows first. The first hint also sets the attachment for older browsers, if
    /// none is set (§5.8.7).
    #[must_use]
    pub fn hints(mut self, hints: impl IntoIterator<Item = Hint>) -> Self {
        self.hints.extend(hints);
        self
    }

    /// Extensions, in place of `credProps` alone.
    #[must_use]
    pub fn extensions(mut self, extensions: CreateInputs) -> Self {
        self.extensions = extensions;
        self
    }

    /// A challenge of the caller's, of 16 to 1024 bytes that nobody can predict, in place of 32 fresh ones.
    #[must_use]
    pub fn challenge(mut self, challenge: &[u8]) -> Self {
        self.challenge = Some(challenge.to_vec());
        self
    }

    /// The options for the browser, and what to keep until it answers.
    ///
    /// # Errors
    /// [`BeginError`].
    pub fn begin(
        self,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<(CreationOptions, Kept<Create>), BeginError> {
        if self.exclude.len() > limits::DESCRIPTORS_MAX {
            return Err(BeginError::Descriptors(self.exclude.len()));
        }
        self.extensions.check()?;
        let challenge = Challenge::choose(self.challenge.as_deref(), random)?;
        let algorithms: Vec<i64> = self
            .rp
            .algorithms()
            .iter()
            .map(|algorithm| algorithm.cose())
            .collect();
        let state = Create {
            user: self.user.handle.clone(),
            algorithms: algorithms.clone(),
            conditional: self.conditional,
            extensions: self.extensions.clone(),
        };
        let kept = Kept::new(self.rp, &challenge, self.user_verification, now, state);
        let options = CreationOptions {
            rp: RelyingPartyEntity {
                id: self.rp.id().as_str().to_owned(),
                name: self.rp.name().to_owned(),
            },
            user: UserEntityJson {
                id: self.user.handle.clone(),
                name: self.user.name.clone(),
                display_name: self.user.display_name.clone(),
            },
            challenge: challenge.0,
            pub_key_cred_params: algorithms
                .into_iter()
                .map(|alg| PublicKeyCredentialParameters {
                    kind: PublicKeyType,
                    alg,
                })
                .collect(),
            timeout: u64::try_from(self.rp.lifetime().as_millis()).unwrap_or(u64::MAX),
            exclude_credentials: self.exclude,
            authenticator_selection: AuthenticatorSelection {
                authenticator_attachment: self
                    .attachment
                    .or(self.hints.first().map(|hint| hint.attachment())),
                resident_key: self.resident_key,
                require_resident_key: self.resident_key == ResidentKey::Required,
                user_verification: self.user_verification,
            },
            hints: self.hints,
            attestation: self.attestation,
            attestation_formats: self.formats,
            extensions: self.extensions,
        };
        Ok((options, kept))
    }
}

/// A credential that was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registration {
    /// What to keep. Step 26 is the caller's: store it only if no account has a credential with this id, in one
    /// commit with that check; otherwise [`Registration::already_registered`].
    pub record: CredentialRecord,
    /// What was proved.
    pub report: RegistrationReport,
}

impl Registration {
    /// The refusal for a credential id that some account has already (§7.1 step 26).
    #[must_use]
    pub fn already_registered(self) -> Refused {
        Refused {
            ceremony: Ceremony::Registration,
            step: Step::Registered,
            cause: Cause::Registered,
        }
    }
}

impl Kept<Create> {
    /// The account that the credential is made for.
    #[must_use]
    pub const fn user(&self) -> &crate::UserHandle {
        &self.state.user
    }

    /// Verifies the answer.
    ///
    /// # Errors
    /// [`Refused`], with the step that refused. Tell the browser no more than [`Refused::public`].
    pub fn finish(
        self,
        answer: &RegistrationResponse,
        rp: &RelyingParty,
        now: Timestamp,
    ) -> Result<Registration, Refused> {
        verify(self, answer, rp, now).map_err(|fault| fault.in_the(Ceremony::Registration))
    }
}

/// Web Authentication Level 3, §7.1 "Registering a New Credential", steps 5 to 28.
#[rustfmt::skip] // a line a step
fn verify(
    kept: Kept<Create>,
    answer: &RegistrationResponse,
    rp: &RelyingParty,
    now: Timestamp,
) -> Result<Registration, Fault> {
    kept.is_due(rp, now)?;
    let client = CollectedClientData::parse(&answer.client_data_json).at(Step::ClientData)?;            //  5, 6
    ensure(client.kind() == "webauthn.create", Step::Type, Cause::OtherType)?;                          //  7
    ensure(kept.is_challenge(client.challenge()), Step::Challenge, Cause::OtherChallenge)?;             //  8
    rp.admit(&client)?;                                                                                 //  9 to 11
    let client_data_hash = &Sha256::of(&answer.client_data_json);                                       // 12
    let object = &AttestationObject::parse(&answer.attestation_object).at(Step::AttestationObject)?;    // 13
    let data = &authenticator_data(object.authenticator_data(), rp)?;                                   // 13
    let attested = data.attested().ok_or(AuthenticatorDataError::NotAttested).at(Step::AuthenticatorData)?;
    let flags = data.flags();
    ensure(data.rp_id_hash() == rp.id().hash(), Step::RpIdHash, Cause::OtherRpId)?;                     // 14
    ensure(flags.user_present() || kept.state.conditional, Step::UserPresence, Cause::UserAbsent)?;     // 15
    user_verification(flags, kept.user_verification)?;                                                  // 16
    backup_flags(flags)?;                                                                               // 17
    backup_eligibility(flags.backup_eligible(), rp.backup_eligibility())?;                              // 18, 19
    let key = &CredentialKey::parse(attested.public_key(), rp.leniencies()).at(Step::PublicKey)?;
    offered(key.algorithm(), &kept.state.algorithms)?;                                                  // 20
    let evidence = Evidence { object, data, attested, key, client_data_hash };
    let attestation = attestation_report(&evidence, rp, now, now)?;                                     // 21 to 24
    let id = credential_id(attested, answer, rp)?;                                                      // 25
    let record = CredentialRecord {                                                                     // 26, 27
        id,
        public_key: Base64Url::from(attested.public_key()),
        sign_count: data.sign_count(),
        uv_initialized: flags.user_verified(),
        transports: answer.transports.clone(),
        backup_eligible: Some(flags.backup_eligible()),
        backup_state: flags.backup_state(),
        rp_id: rp.id().as_str().to_owned(),
        aaguid: attested.aaguid(),
        attestation_object: Some(Base64Url::from(&*answer.attestation_object)),
        attestation_client_data_json: Some(Base64Url::from(&*answer.client_data_json)),
    };
    let extensions = extensions(&kept.state.extensions, answer, data)?;                                 // 28
    let report = RegistrationReport {
        user: kept.state.user,
        user_present: flags.user_present(),
        user_verified: flags.user_verified(),
        attestation,
        disagreements: disagreements(answer, object, key),
        extensions,
    };
    Ok(Registration { record, report })
}

/// §7.1 step 16, §7.2 step 17.
pub(crate) fn user_verification(flags: Flags, demand: UserVerification) -> Result<(), Fault> {
    let holds = flags.user_verified() || demand != UserVerification::Required;
    ensure(holds, Step::UserVerification, Cause::UserUnverified)
}

/// §7.1 step 17, §7.2 step 18.
pub(crate) fn backup_flags(flags: Flags) -> Result<(), Fault> {
    let holds = flags.backup_eligible() || !flags.backup_state();
    ensure(holds, Step::BackupFlags, Cause::BackedUpNotEligible)
}

pub(crate) fn authenticator_data<'a>(
    bytes: &'a [u8],
    rp: &RelyingParty,
) -> Result<AuthenticatorData<'a>, Fault> {
    AuthenticatorData::parse(bytes, rp.leniencies()).map_err(|error| {
        // A key that is cut off is a fault of the data around it; one that is not canonical is its own.
        let own =
            matches!(error, AuthenticatorDataError::PublicKey(cbor) if cbor.fault != CborFault::Truncated);
        let step = if own {
            Step::PublicKey
        } else {
            Step::AuthenticatorData
        };
        Fault {
            step,
            cause: error.into(),
        }
    })
}

fn backup_eligibility(eligible: bool, policy: BackupEligibility) -> Result<(), Fault> {
    let holds = match policy {
        BackupEligibility::Any => true,
        BackupEligibility::DeviceBound => !eligible,
        BackupEligibility::Eligible => eligible,
    };
    ensure(holds, Step::BackupEligibility, Cause::EligibilityPolicy)
}

fn offered(algorithm: Algorithm, algorithms: &[i64]) -> Result<(), Fault> {
    let number = algorithm.cose();
    ensure(
        algorithms.contains(&number),
        Step::Algorithm,
        Cause::NotOffered(number),
    )
}

/// The attested id, of an allowed length, and the one that the browser told.
fn credential_id(
    attested: &AttestedCredentialData<'_>,
    answer: &RegistrationResponse,
    rp: &RelyingParty,
) -> Result<CredentialId, Fault> {
    let bytes = attested.credential_id();
    let id = CredentialId::new(bytes).map_err(|_| Fault {
        step: Step::CredentialIdLength,
        cause: Cause::CredentialIdLength(bytes.len()),
    })?;
    let agree = id == answer.raw_id || rp.leniencies().has(Leniency::IdNotRawId);
    ensure(agree, Step::CredentialId, Cause::IdsDisagree)?;
    Ok(id)
}

fn extensions(
    inputs: &CreateInputs,
    answer: &RegistrationResponse,
    data: &AuthenticatorData<'_>,
) -> Result<ExtensionReport, Fault> {
    check_results(answer.outputs.prf.as_ref())?;
    let outputs = AuthenticatorOutputs::read(data.extensions());
    if inputs.enforce_credential_protection_policy == Some(true)
        && let Some(policy) = inputs.credential_protection_policy
    {
        let guarded = outputs.cred_protect.is_some_and(|level| level >= policy.level());
        ensure(
            guarded,
            Step::Extensions,
            Cause::Extension("credProtect is lower than enforced"),
        )?;
    }
    Ok(ExtensionReport::new(&inputs.names(), &answer.outputs, outputs))
}

/// The members of the JSON form that repeat what is in the attestation object, where they say something else.
fn disagreements(
    answer: &RegistrationResponse,
    object: &AttestationObject<'_>,
    key: &CredentialKey,
) -> Vec<&'static str> {
    let mut found = Vec::new();
    let other = |member: Option<&[u8]>, truth: &[u8]| member.is_some_and(|member| member != truth);
    if other(answer.authenticator_data.as_deref(), object.authenticator_data()) {
        found.push("authenticatorData");
    }
    if key
        .key()
        .to_spki()
        .is_ok_and(|spki| other(answer.public_key.as_deref(), &spki))
    {
        found.push("publicKey");
    }
    if answer
        .public_key_algorithm
        .is_some_and(|number| number != key.algorithm().cose())
    {
        found.push("publicKeyAlgorithm");
    }
    found
}
