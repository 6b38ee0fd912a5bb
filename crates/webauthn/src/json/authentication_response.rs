//! `AuthenticationResponseJSON` (§5.1): the answer to request options.

use std::borrow::Cow;

use serde::Deserialize;

use super::response::{ResponseError, attachment, bytes, check, parse};
use crate::extensions::ClientOutputs;
use crate::policy::{Attachment, Leniencies};
use crate::step::{Ceremony, Fault, Refused, Step};
use crate::{CredentialId, RelyingParty, UserHandle};

/// The answer of a browser that used a credential. Nothing in it has been verified; the ids serve to look up
/// the record that it is verified with.
#[derive(Clone, Debug)]
pub struct AuthenticationResponse {
    pub(crate) raw_id: CredentialId,
    pub(crate) client_data_json: Box<[u8]>,
    pub(crate) authenticator_data: Box<[u8]>,
    pub(crate) signature: Box<[u8]>,
    pub(crate) user_handle: Option<UserHandle>,
    pub(crate) attachment: Option<Attachment>,
    pub(crate) outputs: ClientOutputs,
}

impl AuthenticationResponse {
    /// Reads the JSON that `PublicKeyCredential.toJSON()` gave, to the letter.
    ///
    /// # Errors
    /// [`Refused`] at `response-malformed`, `credential-type`, `credential-id`, or at the step that would have
    /// used the member that cannot be read.
    pub fn from_json(json: &[u8]) -> Result<Self, Refused> {
        read(json, Leniencies::NONE).map_err(|fault| fault.in_the(Ceremony::Authentication))
    }

    /// As [`Self::from_json`], with what this relying party tolerates.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn from_json_for(rp: &RelyingParty, json: &[u8]) -> Result<Self, Refused> {
        read(json, rp.leniencies()).map_err(|fault| fault.in_the(Ceremony::Authentication))
    }

    /// The credential that was used, as the browser says: look its record up.
    #[must_use]
    pub const fn credential_id(&self) -> &CredentialId {
        &self.raw_id
    }

    /// The account, as the authenticator says; discoverable credentials always do.
    #[must_use]
    pub const fn user_handle(&self) -> Option<&UserHandle> {
        self.user_handle.as_ref()
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
    response: Assertion<'a>,
    #[serde(borrow, default)]
    authenticator_attachment: Option<Cow<'a, str>>,
    client_extension_results: ClientOutputs,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assertion<'a> {
    #[serde(borrow, rename = "clientDataJSON")]
    client_data_json: Cow<'a, str>,
    #[serde(borrow)]
    authenticator_data: Cow<'a, str>,
    #[serde(borrow)]
    signature: Cow<'a, str>,
    #[serde(borrow, default)]
    user_handle: Option<Cow<'a, str>>,
}

fn read(json: &[u8], leniencies: Leniencies) -> Result<AuthenticationResponse, Fault> {
    let form: Form<'_> = parse(json)?;
    check(&form.r#type, &form.id, &form.raw_id, leniencies)?;
    let response = &form.response;
    let member = |text: &str, member, step| bytes(text, member, step, leniencies);
    let wrong_length = |step, member| Fault {
        step,
        cause: ResponseError::Length(member).into(),
    };
    let user_handle = match response.user_handle.as_deref() {
        None => None,
        Some(text) => Some(
            UserHandle::new(member(text, "userHandle", Step::UserHandle)?)
                .map_err(|_| wrong_length(Step::UserHandle, "userHandle"))?,
        ),
    };
    Ok(AuthenticationResponse {
        raw_id: CredentialId::new(member(&form.raw_id, "rawId", Step::CredentialId)?)
            .map_err(|_| wrong_length(Step::CredentialId, "rawId"))?,
        client_data_json: member(&response.client_data_json, "clientDataJSON", Step::ClientData)?,
        authenticator_data: member(
            &response.authenticator_data,
            "authenticatorData",
            Step::AuthenticatorData,
        )?,
        signature: member(&response.signature, "signature", Step::Signature)?,
        user_handle,
        attachment: attachment(form.authenticator_attachment.as_deref()),
        outputs: form.client_extension_results,
    })
}
