//! Verifying an assertion (§7.2): the options, and the verification of the answer.

use doorward_crypto::{Random, Sha256, Timestamp};

use crate::authenticator_data::{AuthenticatorData, AuthenticatorDataError};
use crate::ceremony::{BeginError, Challenge, Digest, Discoverable, Identified, Kept, Kind};
use crate::client_data::CollectedClientData;
use crate::cose::CredentialKey;
use crate::credential_record::CredentialRecord;
use crate::extensions::{AuthenticatorOutputs, ExtensionReport, GetInputs, check_results};
use crate::json::{AuthenticationResponse, CredentialDescriptor, RequestOptions};
use crate::login::Login;
use crate::policy::{Hint, Leniencies, Leniency, UserVerification};
use crate::registration::{backup_flags, user_verification};
use crate::step::{At, Ceremony, Fault, Refused, Step, ensure};
use crate::{Cause, RelyingParty, UserHandle, limits};

impl RelyingParty {
    /// Begins an authentication. Say next who it is for: [`Authenticating::discoverable`] or
    /// [`Authenticating::for_user`]. Without a word: user verification preferred.
    #[must_use]
    pub fn authenticate(&self) -> Authenticating<'_, Undecided> {
        Authenticating {
            rp: self,
            user_verification: UserVerification::Preferred,
            hints: Vec::new(),
            extensions: GetInputs::default(),
            challenge: None,
            who: Undecided,
        }
    }
}

/// An authentication in the making.
#[derive(Clone, Debug)]
pub struct Authenticating<'r, W> {
    rp: &'r RelyingParty,
    user_verification: UserVerification,
    hints: Vec<Hint>,
    extensions: GetInputs,
    challenge: Option<Vec<u8>>,
    who: W,
}

/// It was not said yet who authenticates.
#[derive(Clone, Copy, Debug)]
pub struct Undecided;

/// The credential tells who it is.
#[derive(Clone, Copy, Debug)]
pub struct Anybody;

/// This account.
#[derive(Clone, Debug)]
pub struct Somebody {
    user: UserHandle,
    credentials: Vec<CredentialDescriptor>,
}

impl<'r, W> Authenticating<'r, W> {
    /// Demands that the person is verified.
    #[must_use]
    pub fn require_user_verification(self) -> Self {
        self.user_verification(UserVerification::Required)
    }

    /// Says how much the person's verification matters. Default: preferred.
    #[must_use]
    pub fn user_verification(mut self, demand: UserVerification) -> Self {
        self.user_verification = demand;
        self
    }

    /// Which dialog the browser shows first.
    #[must_use]
    pub fn hints(mut self, hints: impl IntoIterator<Item = Hint>) -> Self {
        self.hints.extend(hints);
        self
    }

    /// Extensions.
    #[must_use]
    pub fn extensions(mut self, extensions: GetInputs) -> Self {
        self.extensions = extensions;
        self
    }

    /// A challenge of the caller's, of 16 to 1024 bytes that nobody can predict, in place of 32 fresh ones.
    #[must_use]
    pub fn challenge(mut self, challenge: &[u8]) -> Self {
        self.challenge = Some(challenge.to_vec());
        self
    }

    fn of<X>(self, who: X) -> Authenticating<'r, X> {
        let Self {
            rp,
            user_verification,
            hints,
            extensions,
            challenge,
            who: _,
        } = self;
        Authenticating {
            rp,
            user_verification,
            hints,
            extensions,
            challenge,
            who,
        }
    }

    fn options(
        &self,
        credentials: &[CredentialDescriptor],
        random: &dyn Random,
    ) -> Result<(RequestOptions, Challenge), BeginError> {
        if credentials.len() > limits::DESCRIPTORS_MAX {
            return Err(BeginError::Descriptors(credentials.len()));
        }
        self.extensions.check(self.rp, credentials)?;
        let challenge = Challenge::choose(self.challenge.as_deref(), random)?;
        let options = RequestOptions {
            challenge: challenge.0.clone(),
            timeout: u64::try_from(self.rp.lifetime().as_millis()).unwrap_or(u64::MAX),
            rp_id: self.rp.id().as_str().to_owned(),
            allow_credentials: credentials.to_vec(),
            user_verification: self.user_verification,
            hints: self.hints.clone(),
            extensions: self.extensions.clone(),
        };
        Ok((options, challenge))
    }
}

impl<'r> Authenticating<'r, Undecided> {
    /// Nobody is named: any discoverable credential will do, and it tells the account.
    #[must_use]
    pub fn discoverable(self) -> Authenticating<'r, Anybody> {
        self.of(Anybody)
    }

    /// This account, with these credentials. Of an account without any (or an imaginary one, see
    /// [`RelyingParty::imaginary`]) the list should not be empty, since an empty list lets every discoverable
    /// credential of the account pass and tells the browser that there is none.
    #[must_use]
    pub fn for_user(
        self,
        user: &UserHandle,
        credentials: &[CredentialDescriptor],
    ) -> Authenticating<'r, Somebody> {
        self.of(Somebody {
            user: user.clone(),
            credentials: credentials.to_vec(),
        })
    }
}

impl Authenticating<'_, Anybody> {
    /// The options for the browser, and what to keep until it answers.
    ///
    /// # Errors
    /// [`BeginError`].
    pub fn begin(
        self,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<(RequestOptions, Kept<Discoverable>), BeginError> {
        let (options, challenge) = self.options(&[], random)?;
        let state = Discoverable {
            extensions: self.extensions,
        };
        Ok((
            options,
            Kept::new(self.rp, &challenge, self.user_verification, now, state),
        ))
    }
}

impl Authenticating<'_, Somebody> {
    /// The options for the browser, and what to keep until it answers.
    ///
    /// # Errors
    /// [`BeginError`].
    pub fn begin(
        self,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<(RequestOptions, Kept<Identified>), BeginError> {
        let (options, challenge) = self.options(&self.who.credentials, random)?;
        let state = Identified {
            user: self.who.user,
            allowed: self
                .who
                .credentials
                .iter()
                .map(|credential| Digest::of(&credential.id))
                .collect(),
            extensions: self.extensions,
        };
        Ok((
            options,
            Kept::new(self.rp, &challenge, self.user_verification, now, state),
        ))
    }
}

impl Kept<Discoverable> {
    /// Verifies the answer with the record that [`AuthenticationResponse::credential_id`] led to, and the
    /// account that has it.
    ///
    /// # Errors
    /// [`Refused`], with the step that refused. Tell the browser no more than [`Refused::public`].
    pub fn finish(
        self,
        answer: &AuthenticationResponse,
        owner: &UserHandle,
        record: &CredentialRecord,
        rp: &RelyingParty,
        now: Timestamp,
    ) -> Result<Login, Refused> {
        let user = answer.user_handle.as_ref();
        let who = ensure(user.is_some(), Step::UserHandle, Cause::UserHandleMissing) // 6
            .and_then(|()| ensure(user == Some(owner), Step::UserHandle, Cause::OtherUser));
        who.and_then(|()| verify(&self, &self.state.extensions, owner, answer, record, rp, now))
            .map_err(|fault| fault.in_the(Ceremony::Authentication))
    }
}

impl Kept<Identified> {
    /// The account that was named.
    #[must_use]
    pub const fn user(&self) -> &UserHandle {
        &self.state.user
    }

    /// Verifies the answer with that record of the named account that
    /// [`AuthenticationResponse::credential_id`] leads to.
    ///
    /// # Errors
    /// [`Refused`], with the step that refused. Tell the browser no more than [`Refused::public`].
    pub fn finish(
        self,
        answer: &AuthenticationResponse,
        record: &CredentialRecord,
        rp: &RelyingParty,
        now: Timestamp,
    ) -> Result<Login, Refused> {
        let allowed = &self.state.allowed;
        let listed = allowed.is_empty() || allowed.contains(&Digest::of(&answer.raw_id));
        let named = &self.state.user;
        let same = answer.user_handle.as_ref().is_none_or(|user| user == named);
        let who = ensure(listed, Step::CredentialId, Cause::NotAllowed) // 5
            .and_then(|()| ensure(same, Step::UserHandle, Cause::OtherUser)); // 6
        who.and_then(|()| verify(&self, &self.state.extensions, named, answer, record, rp, now))
            .map_err(|fault| fault.in_the(Ceremony::Authentication))
    }
}

impl<S: Kind> Kept<S> {
    /// The refusal for a credential that no account has. It looks like every other one.
    #[must_use]
    pub fn unknown_credential(self) -> Refused {
        Refused {
            ceremony: Ceremony::Authentication,
            step: Step::CredentialId,
            cause: Cause::Unknown,
        }
    }
}

/// Web Authentication Level 3, §7.2 "Verifying an Authentication Assertion", steps 6 to 24.
#[rustfmt::skip] // a line a step
fn verify<S: Kind>(
    kept: &Kept<S>,
    inputs: &GetInputs,
    user: &UserHandle,
    answer: &AuthenticationResponse,
    record: &CredentialRecord,
    rp: &RelyingParty,
    now: Timestamp,
) -> Result<Login, Fault> {
    kept.is_due(rp, now)?;
    ensure(record.id == answer.raw_id, Step::CredentialId, Cause::OtherRecord)?;                        //  6
    ensure(record.rp_id == rp.id().as_str(), Step::CredentialId, Cause::OtherRelyingParty)?;
    let data = &authenticator_data(answer, rp)?;                                                        //  7
    let client = CollectedClientData::parse(&answer.client_data_json).at(Step::ClientData)?;            //  8, 9
    ensure(client.kind() == "webauthn.get", Step::Type, Cause::OtherType)?;                             // 10
    ensure(kept.is_challenge(client.challenge()), Step::Challenge, Cause::OtherChallenge)?;             // 11
    rp.admit(&client)?;                                                                                 // 12 to 14
    let flags = data.flags();
    ensure(is_rp_id_hash(data.rp_id_hash(), inputs, answer, rp), Step::RpIdHash, Cause::OtherRpId)?;    // 15
    ensure(flags.user_present(), Step::UserPresence, Cause::UserAbsent)?;                               // 16
    user_verification(flags, kept.user_verification)?;                                                  // 17
    backup_flags(flags)?;                                                                               // 18
    backup_eligibility(flags.backup_eligible(), record, rp.leniencies())?;                              // 19
    let client_data_hash = Sha256::of(&answer.client_data_json);                                        // 20
    let key = CredentialKey::parse(record.public_key.as_bytes(), rp.leniencies()).at(Step::PublicKey)?;
    let signed = [&*answer.authenticator_data, &client_data_hash].concat();
    key.verify(rp.provider(), &signed, &answer.signature).at(Step::Signature)?;                         // 21
    let clone_suspected = sign_count(data.sign_count(), record.sign_count, rp.leniencies())?;           // 22
    check_results(answer.outputs.prf.as_ref())?;                                                        // 23
    let outputs = AuthenticatorOutputs::read(data.extensions());
    Ok(Login {                                                                                          // 24
        credential_id: record.id.clone(),
        user: user.clone(),
        user_verified: flags.user_verified(),
        uv_uninitialized: !record.uv_initialized,
        backup_eligible: flags.backup_eligible(),
        backup_state: flags.backup_state(),
        sign_count: data.sign_count().max(record.sign_count),
        clone_suspected,
        extensions: ExtensionReport::new(&inputs.names(), &answer.outputs, outputs),
    })
}

/// Authenticator data without a new credential in it: that belongs to registrations (§6.1).
fn authenticator_data<'a>(
    answer: &'a AuthenticationResponse,
    rp: &RelyingParty,
) -> Result<AuthenticatorData<'a>, Fault> {
    let data =
        AuthenticatorData::parse(&answer.authenticator_data, rp.leniencies()).at(Step::AuthenticatorData)?;
    let attested = AuthenticatorDataError::Attested.into();
    ensure(data.attested().is_none(), Step::AuthenticatorData, attested)?;
    Ok(data)
}

/// The RP ID's hash; or the AppID's, if it was asked for and the client says that it was used (§10.1.1).
fn is_rp_id_hash(
    hash: &[u8; 32],
    inputs: &GetInputs,
    answer: &AuthenticationResponse,
    rp: &RelyingParty,
) -> bool {
    match &inputs.appid {
        Some(appid) if answer.outputs.appid == Some(true) => *hash == Sha256::of(appid.as_bytes()),
        _ => hash == rp.id().hash(),
    }
}

fn backup_eligibility(
    eligible: bool,
    record: &CredentialRecord,
    leniencies: Leniencies,
) -> Result<(), Fault> {
    let same = record
        .backup_eligible
        .is_none_or(|registered| registered == eligible);
    ensure(
        same || leniencies.has(Leniency::BackupEligibilityChange),
        Step::BackupEligibility,
        Cause::EligibilityChanged,
    )
}

/// Whether a clone must be suspected, where policy lets one pass.
fn sign_count(received: u32, stored: u32, leniencies: Leniencies) -> Result<bool, Fault> {
    let suspected = (received, stored) != (0, 0) && received <= stored;
    let passes = !suspected || leniencies.has(Leniency::SignCountRegression);
    ensure(passes, Step::SignCount, Cause::SignCount { stored, received })?;
    Ok(suspected)
}
