//! A client sends the browser here to sign out (RP-Initiated Logout 1.0 §2, §3).
//!
//! A browser is sent on only to a registered address and only on the word of an ID token of ours: an address
//! without a hint is followed after the person has confirmed. Whoever asks without a hint for the session at
//! hand asks the person too: else any page could sign people out.

use serde::{Deserialize, Serialize};

use crate::authorize::answer::with_query;
use crate::client::metadata::{Client, ClientId};
use crate::error::Fault;
use crate::id_token::{self, Hint};
use crate::issuer::Issuer;
use crate::keys::Keys;
use crate::limits;
use crate::params::Params;

/// A request to sign out. The caller reads the client that it names, if it names one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutRequest {
    /// The client: the audience of the hint, else `client_id`.
    pub client_id: Option<ClientId>,
    /// Of whom the hint speaks, if there is one and it is ours.
    pub hint: Option<Hint>,
    /// Whether a hint came that is not ours.
    pub hint_refused: bool,
    /// Where the browser would go on.
    pub post_logout_redirect_uri: Option<String>,
    /// Echoed there.
    pub state: Option<String>,
    /// Languages of the pages.
    pub ui_locales: Vec<String>,
}

/// The session at hand, as the client of the request knows it.
#[derive(Clone, Copy, Debug)]
pub struct Present<'a> {
    /// The person.
    pub sub: &'a str,
    /// The session's name for clients.
    pub sid: Option<&'a str>,
}

/// An address at which the browser may go on: registered for the client. Made here alone; a caller that asks
/// the person first keeps it sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onward {
    uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
}

impl Onward {
    /// The address with `state`, and nothing else added.
    #[must_use]
    pub fn location(&self) -> String {
        match &self.state {
            Some(state) => with_query(&self.uri, &[("state", state.clone())]),
            None => self.uri.clone(),
        }
    }
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoutDecision {
    /// The session ends at once; then the browser goes on, or a page says so.
    End {
        /// Where to; `None`: the signed-out page.
        onward: Option<Onward>,
    },
    /// The person is asked first.
    Ask {
        /// Where to, once they agreed.
        onward: Option<Onward>,
    },
    /// A page says what is wrong; nothing ends and nobody is sent on.
    Refuse(Fault),
}

impl LogoutRequest {
    /// Reads a request. An expired ID token still says whom it was given to (§2).
    ///
    /// # Errors
    /// [`Fault`] for parameters beyond their limits, and for a `client_id` that is not the hint's audience.
    pub fn parse(params: &Params, issuer: &Issuer, keys: &Keys) -> Result<Self, Fault> {
        let given = params.get("id_token_hint");
        let hint = given.and_then(|token| id_token::read_hint(token, issuer, keys).ok());
        let named = params
            .get("client_id")
            .map(ClientId::parse)
            .transpose()
            .map_err(|_| Fault::ClientIdMalformed)?;
        let audience = hint.as_ref().and_then(|hint| ClientId::parse(&hint.aud).ok());
        if named.is_some() && audience.is_some() && named != audience {
            return Err(Fault::LogoutClientMismatch);
        }
        let state = params.get("state");
        if state.is_some_and(|state| state.len() > limits::STATE_MAX) {
            return Err(Fault::StateTooLong);
        }
        let locales = params
            .get("ui_locales")
            .unwrap_or_default()
            .split(' ')
            .filter(|tag| !tag.is_empty());
        Ok(Self {
            client_id: audience.or(named),
            hint_refused: given.is_some() && hint.is_none(),
            hint,
            post_logout_redirect_uri: params.get("post_logout_redirect_uri").map(str::to_owned),
            state: state.map(str::to_owned),
            ui_locales: locales.take(limits::LIST_ITEMS_MAX).map(str::to_owned).collect(),
        })
    }

    /// Decides. `client` is the one that the request names, if the directory has it; `present` the session of
    /// this browser, if there is one.
    #[must_use]
    pub fn decide(&self, client: Option<&Client>, present: Option<Present<'_>>) -> LogoutDecision {
        if self.hint_refused {
            return LogoutDecision::Refuse(Fault::LogoutHintInvalid);
        }
        let onward = match self.onward(client) {
            Ok(onward) => onward,
            Err(fault) => return LogoutDecision::Refuse(fault),
        };
        match (&self.hint, present) {
            (Some(hint), Some(present)) if hint_is_of(hint, present) => LogoutDecision::End { onward },
            (Some(_), None) => LogoutDecision::End { onward }, // signed out already
            (None, None) if onward.is_none() => LogoutDecision::End { onward },
            (Some(_) | None, Some(_)) | (None, None) => LogoutDecision::Ask { onward },
        }
    }

    fn onward(&self, client: Option<&Client>) -> Result<Option<Onward>, Fault> {
        let Some(uri) = &self.post_logout_redirect_uri else {
            return Ok(None);
        };
        let client = client.filter(|client| Some(&client.id) == self.client_id.as_ref());
        let client = client.ok_or(Fault::LogoutRedirectUriNotRegistered)?;
        let registered = client
            .post_logout_redirect_uris
            .iter()
            .any(|own| own.is(uri) || (client.is_public() && own.is_but_for_port(uri)));
        if !registered {
            return Err(Fault::LogoutRedirectUriNotRegistered);
        }
        Ok(Some(Onward {
            uri: uri.clone(),
            state: self.state.clone(),
        }))
    }
}

/// The hint speaks of this person and, where it names a session, of this one.
fn hint_is_of(hint: &Hint, present: Present<'_>) -> bool {
    hint.sub == present.sub
        && hint
            .sid
            .as_deref()
            .is_none_or(|sid| present.sid.is_none_or(|own| own == sid))
}
