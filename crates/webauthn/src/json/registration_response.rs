//! `RegistrationResponseJSON` (§5.1): the answer to creation options.

use std::borrow::Cow;

use serde::Deserialize;

use super::descriptor::Transport;
use super::response::{ResponseError, attachment, bytes, check, parse};
use crate::extensions::ClientOutputs;
use crate::limits::TRANSPORTS_MAX;
use crate::policy::{Attachment, Leniencies};
use crate::step::{Ceremony, Fault, Refused, Step};
use crate::{CredentialId, RelyingParty};

/// The answer of a browser that created a credential. Nothing in it has been verified.
#[derive(Clone, Debug)]
pub struct RegistrationResponse {
    pub(crate) raw_id: CredentialId,
    pub(crate) client_data_json: Box<[u8]>,
    pub(crate) attestation_object: Box<[u8]>,
    pub(crate) authenticator_data: Option<Box<[u8]>>,
    pub(crate) public_key: Option<Box<[u8]>>,
    pub(crate) public_key_algorithm: Option<i64>,
    pub(crate) transports: Vec<Transport>,
    pub(crate) attachment: Option<Attachment>,
    pub(crate) outputs: ClientOutputs,
}

impl RegistrationResponse {
    /// Reads the JSON that `PublicKeyCredential.toJSON()` gave, to the letter.
    ///
    /// # Errors
    /// [`Refused`] at `response-malformed`, `credential-type`, `credential-id`, or at the step that would have
    /// used the member that cannot be read.
    pub fn from_json(json: &[u8]) -> Result<Self, Refused> {
        read(json, Leniencies::NONE).map_err(|fault| fault.in_the(Ceremony::Registration))
    }

    /// As [`Self::from_json`], with what this relying party tolerates.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn from_json_for(rp: &RelyingParty, json: &[u8]) -> Result<Self, Refused> {
        read(json, rp.leniencies()).map_err(|fault| fault.in_the(Ceremony::Registration))
    }

    /// The id that the browser gives. The one to keep is in the credential record.
    #[must_use]
    pub const fn credential_id(&self) -> &CredentialId {
        &self.raw_id
    }

    /// Whether the authenticator was built in, as the browser says.
    #[must_use]
    pub const fn attachment(&self) -> Option<Attachment> {
        self.attachment
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    raw_id: Cow<'a, str>,
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    response: Attested<'a>,
    #[serde(borrow, default)]
    authenticator_attachment: Option<Cow<'a, str>>,
    client_extension_results: ClientOutputs,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attested<'a> {
    #[serde(borrow, rename = "clientDataJSON")]
    client_data_json: Cow<'a, str>,
    #[serde(borrow)]
    attestation_object: Cow<'a, str>,
    #[serde(borrow, default)]
    authenticator_data: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    public_key: Option<Cow<'a, str>>,
    #[serde(default)]
    public_key_algorithm: Option<i64>,
    #[serde(borrow, default)]
    transports: Vec<Cow<'a, str>>,
}

fn read(json: &[u8], leniencies: Leniencies) -> Result<RegistrationResponse, Fault> {
    let form: Form<'_> = parse(json)?;
    check(&form.r#type, &form.id, &form.raw_id, leniencies)?;
    let response = &form.response;
    let optional = |text: Option<&str>, member| {
        text.map(|text| bytes(text, member, Step::Response, leniencies))
            .transpose()
    };
    Ok(RegistrationResponse {
        raw_id: CredentialId::new(bytes(&form.raw_id, "rawId", Step::CredentialId, leniencies)?).map_err(
            |_| Fault {
                step: Step::CredentialIdLength,
                cause: ResponseError::Length("rawId").into(),
            },
        )?,
        client_data_json: bytes(
            &response.client_data_json,
            "clientDataJSON",
            Step::ClientData,
            leniencies,
        )?,
        attestation_object: bytes(
            &response.attestation_object,
            "attestationObject",
            Step::AttestationObject,
            leniencies,
        )?,
        authenticator_data: optional(response.authenticator_data.as_deref(), "authenticatorData")?,
        public_key: optional(response.public_key.as_deref(), "publicKey")?,
        public_key_algorithm: response.public_key_algorithm,
        transports: transports(&response.transports),
        attachment: attachment(form.authenticator_attachment.as_deref()),
        outputs: form.client_extension_results,
    })
}

/// Names that are no transports are left out: the member is a hint from the browser, and nothing hangs on it.
fn transports(names: &[Cow<'_, str>]) -> Vec<Transport> {
    let mut kept: Vec<Transport> = Vec::new();
    for name in names {
        if let Ok(transport) = Transport::try_from(Cow::Borrowed(&**name))
            && kept.len() < TRANSPORTS_MAX
            && !kept.contains(&transport)
        {
            kept.push(transport);
        }
    }
    kept
}
