//! What becomes of an application's request, as the pages need it.

use doorward_oidc::Acr;
use doorward_oidc::authorize::{Answer, SignInReason};
use doorward_oidc::error::Fault;

use super::{ClientView, Disclosure, SealedRequest};
use crate::ids::{AccountId, EventId};

/// What happens with a request.
#[derive(Debug)]
pub enum Authorize {
    /// The person signs in first. The browser keeps the request and comes back with it.
    SignIn(SignInFirst),
    /// The person is asked.
    Consent(Box<ConsentView>),
    /// The application gets its answer, good or bad.
    Answer {
        /// What it gets.
        answer: Answer,
        /// Its name, for a page on the way.
        client: String,
    },
    /// Nothing may be sent to anybody: a page of our own says that something is wrong.
    Page(NotSent),
}

/// A request that waits until somebody has signed in.
#[derive(Debug)]
pub struct SignInFirst {
    /// To be kept by the browser under its name.
    pub request: SealedRequest,
    /// Why.
    pub reason: Reason,
    /// The rung that the sign-in should reach.
    pub goal: Option<Acr>,
}

/// Why somebody must sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nobody is signed in.
    NobodyHere,
    /// A fresh proof is asked for, or a choice of account, although somebody is signed in.
    Again,
    /// Another person is meant than the one who is signed in.
    OtherPerson,
    /// More must be proved than was.
    StepUp,
}

/// What the sign-in page shows of a request that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Who asks.
    pub client: ClientView,
    /// A name to write into the form.
    pub login_hint: Option<String>,
    /// Languages that the application asked for, best liked first.
    pub ui_locales: Vec<String>,
}

/// What the consent page shows.
#[derive(Debug)]
pub struct ConsentView {
    /// To be kept by the browser under its name.
    pub request: SealedRequest,
    /// Whose account it is: pressing `Allow` counts for this account alone.
    pub account: AccountId,
    /// Who asks.
    pub client: ClientView,
    /// What it will learn, with the values.
    pub disclosures: Vec<Disclosure>,
    /// Whether it may go on while the person is away.
    pub offline: bool,
}

/// What the person pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// `Allow`, shown for this account.
    Allow(AccountId),
    /// `Don't allow`.
    Deny,
}

/// A request that nobody may be told about but the person who sits there.
#[derive(Clone, Debug)]
pub struct NotSent {
    /// Under this name the log has more.
    pub event: EventId,
    /// The rule. For the log and the developer.
    pub fault: Fault,
}

impl From<SignInReason> for Reason {
    fn from(reason: SignInReason) -> Self {
        match reason {
            SignInReason::NobodyHere | SignInReason::Create => Self::NobodyHere,
            SignInReason::Again => Self::Again,
            SignInReason::OtherPerson => Self::OtherPerson,
        }
    }
}
