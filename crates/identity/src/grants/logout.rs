//! An application sends the browser here to sign out (RP-Initiated Logout 1.0).
//!
//! Whether that is done at once, asked about or refused is decided by `doorward-oidc`. Where the browser may go on
//! is sealed while the person is asked: nothing of it is taken from the form that comes back.

use doorward_oidc::client::Client;
use doorward_oidc::error::Fault;
use doorward_oidc::logout::rp_initiated::{LogoutDecision, LogoutRequest, Onward, Present};
use doorward_oidc::params::Params;
use doorward_storage::Purpose;
use serde::{Deserialize, Serialize};

use super::{Frame, GrantsError, NotSent};
use crate::ids::EventId;
use crate::sealed::Sealed;
use crate::sessions::SignedIn;
use crate::{Identity, limits};

const LOGOUT: Purpose = Purpose::new("logout request");

/// What happens with a request to sign out.
#[derive(Debug)]
pub enum Logout {
    /// The session of this browser has ended, if there was one.
    Done(Left),
    /// The person is asked first.
    Ask {
        /// What comes back with the answer.
        request: Sealed,
        /// The application's name, where it is known.
        client: Option<String>,
    },
    /// A page says that something is wrong. Nothing has ended.
    Page(NotSent),
}

/// Where the browser goes after sign-out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The application's address; `None`: the page that says so.
    pub onward: Option<String>,
    /// The application's name.
    pub client: Option<String>,
    /// Applications that the browser itself must tell (Front-Channel Logout 1.0).
    #[serde(skip)]
    pub frames: Vec<Frame>,
}

impl Identity {
    /// Looks at a request to sign out, and does it where the person need not be asked.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn log_out(&self, params: &Params, who: Option<&SignedIn>) -> Result<Logout, GrantsError> {
        let keys = self.signing_keys().await?;
        let request = match LogoutRequest::parse(params, self.protocol_issuer(), keys.known()) {
            Ok(request) => request,
            Err(fault) => return self.log_out_refused(fault).map(Logout::Page),
        };
        let client = match &request.client_id {
            Some(id) => self.client(id).await?,
            None => None,
        };
        let decision = match who {
            None => request.decide(client.as_ref(), None),
            Some(person) => {
                let sub = match &client {
                    Some(client) => self.subject(client, person.account.id).await?,
                    None => person.account.id.to_string(),
                };
                let sid = person.session.id.to_string();
                request.decide(
                    client.as_ref(),
                    Some(Present {
                        sub: &sub,
                        sid: Some(&sid),
                    }),
                )
            }
        };
        let left = |onward: Option<Onward>| Left {
            onward: onward.map(|onward| onward.location()),
            client: client.as_ref().map(|client: &Client| client.name.clone()),
            frames: Vec::new(),
        };
        match decision {
            LogoutDecision::End { onward } => {
                let mut left = left(onward);
                if let Some(person) = who {
                    left.frames = self.frames_of(person).await?;
                    self.sign_out(person).await?;
                }
                Ok(Logout::Done(left))
            }
            LogoutDecision::Ask { onward } => {
                let left = left(onward);
                let until = self.now().plus(limits::Limits::default().half_sign_in);
                let request = self.seal(LOGOUT, &binding(who), until, &left)?;
                Ok(Logout::Ask {
                    request,
                    client: left.client,
                })
            }
            LogoutDecision::Refuse(fault) => self.log_out_refused(fault).map(Logout::Page),
        }
    }

    /// The person agreed: the session ends. `None` when the question is too old or was another session's.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn confirm_log_out(
        &self,
        request: &Sealed,
        who: Option<&SignedIn>,
    ) -> Result<Option<Left>, GrantsError> {
        let Ok(mut left) = self.unseal::<Left>(LOGOUT, &binding(who), request) else {
            return Ok(None);
        };
        if let Some(person) = who {
            left.frames = self.frames_of(person).await?;
            self.sign_out(person).await?;
        }
        Ok(Some(left))
    }

    /// The person signs out on a page of ours. The frames tell the applications that only the browser can tell.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn sign_out_here(&self, person: &SignedIn) -> Result<Vec<Frame>, GrantsError> {
        let frames = self.frames_of(person).await?;
        self.sign_out(person).await?;
        Ok(frames)
    }

    /// A page of our own about a request to sign out that is not followed; the log has more under its event.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub fn log_out_refused(&self, fault: Fault) -> Result<NotSent, GrantsError> {
        let event = EventId::random(self.random().as_ref())?;
        tracing::info!(%event, fault = fault.name(), section = fault.section(), "a request to sign out was refused");
        Ok(NotSent { event, fault })
    }
}

/// Whose question it is: the session's, or nobody's.
fn binding(who: Option<&SignedIn>) -> Vec<u8> {
    who.map(|person| person.session.id.as_bytes().to_vec())
        .unwrap_or_default()
}
