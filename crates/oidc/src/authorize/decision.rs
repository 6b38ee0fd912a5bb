//! What the person's state makes of a request (OpenID Connect Core §3.1.2.3, §3.1.2.4).
//!
//! One function says what must happen next, and it is asked again after each thing that happened: after a
//! sign-in, a step-up, a choice, a consent. `prompt=none` is judged by the same rules and turns each "must" into
//! its error, on the server.
//!
//! A sign-in at or after the request's arrival is a fresh one: it satisfies `prompt=login` and any `max_age`,
//! else a short `max_age` would ask again for ever.

use core::time::Duration;

use doorward_crypto::Timestamp;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::claims::ClaimsRequest;
use super::consent::{Asking, Permissions, asking};
use super::{AuthorizationRequest, Prompt, Refusal};
use crate::acr::{Acr, Amr};
use crate::client::metadata::Client;
use crate::error::Fault;
use crate::issuer::Issuer;
use crate::scope::Scope;

/// The person who is signed in, as far as it matters here.
#[derive(Clone, Debug)]
pub struct Person<'a> {
    /// The subject under which this client knows the person.
    pub sub: &'a str,
    /// When the person last proved something actively.
    pub auth_time: Timestamp,
    /// The rung reached in this session.
    pub acr: Acr,
    /// What was done in this session.
    pub amr: &'a [Amr],
    /// The highest rung that the account's factors could reach by a step-up.
    pub reachable: Acr,
    /// What was permitted to this client before.
    pub permitted: &'a Permissions,
}

/// What happened for this very request, and who is here.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// Who is signed in in this browser.
    pub person: Option<Person<'a>>,
    /// Whether the person chose an account for this request, or signed in for it.
    pub account_chosen: bool,
    /// What the person permitted for this request, on the consent page. `None`: not asked yet.
    pub consented: Option<&'a Permissions>,
    /// Whether the person was asked to step up for this request and did not.
    pub step_up_declined: bool,
    /// Now.
    pub now: Timestamp,
}

impl Situation<'_> {
    /// Nobody is signed in.
    #[must_use]
    pub fn nobody(now: Timestamp) -> Self {
        Self {
            person: None,
            account_chosen: false,
            consented: None,
            step_up_declined: false,
            now,
        }
    }
}

/// What must happen next.
#[derive(Clone, Debug)]
pub enum Decision {
    /// The person signs in.
    SignIn {
        /// Why.
        reason: SignInReason,
        /// The rung that the sign-in should reach at once, where the request names one.
        goal: Option<Acr>,
    },
    /// The person proves more, to reach this rung.
    StepUp {
        /// The rung.
        goal: Acr,
        /// Whether the request fails without it.
        demanded: bool,
    },
    /// The person chooses an account.
    ChooseAccount,
    /// The person is asked for these permissions.
    Consent(Permissions),
    /// A code may be made.
    Grant(Box<Granted>),
    /// The request is refused.
    Refuse(Refusal),
}

/// Why a person must sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignInReason {
    /// Nobody is signed in.
    NobodyHere,
    /// `prompt=login`, or a `max_age` that has passed: a fresh proof, although somebody is signed in.
    Again,
    /// Another person is meant than the one who is signed in.
    OtherPerson,
    /// `prompt=create`: an account is to be made.
    Create,
}

/// A request that the person's state satisfies: what a code may be made from. [`AuthorizationRequest::decide`]
/// alone makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Granted {
    request: AuthorizationRequest,
    permissions: Permissions,
    sub: String,
    auth_time: Timestamp,
    acr: Acr,
    amr: Vec<Amr>,
}

impl Granted {
    /// The request.
    #[must_use]
    pub fn request(&self) -> &AuthorizationRequest {
        &self.request
    }

    /// What was permitted: to be remembered.
    #[must_use]
    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// The granted scope.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.permissions.scope
    }

    /// The subject, as this client knows the person.
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// When the person last proved something actively.
    #[must_use]
    pub fn auth_time(&self) -> Timestamp {
        self.auth_time
    }

    /// The rung that the client is told: reached, and of those that it asked for where one is.
    #[must_use]
    pub fn acr(&self) -> Acr {
        self.acr
    }

    /// What the person did.
    #[must_use]
    pub fn amr(&self) -> &[Amr] {
        &self.amr
    }

    /// The claims request without what was not permitted.
    #[must_use]
    pub fn claims(&self) -> ClaimsRequest {
        self.request.claims.permitted(&self.permissions)
    }

    /// The answer that carries the code to the client.
    #[must_use]
    pub fn answer(&self, code: &str, issuer: &Issuer) -> Answer {
        Answer::code(&self.request.target, code, issuer)
    }
}

impl ClaimsRequest {
    /// Without the claims that are neither permitted one by one nor opened by a permitted scope. Claims that no
    /// scope opens (`acr`, `auth_time`, `sub`, custom ones) stay: they are decided where they are answered.
    #[must_use]
    pub fn permitted(&self, permissions: &Permissions) -> Self {
        let stays = |claim: &str| {
            let opener = crate::scope::scope_of_claim(claim);
            opener.is_none_or(|scope| permissions.scope.contains(scope)) || permissions.claims.contains(claim)
        };
        let mut kept = self.clone();
        kept.userinfo.retain(|claim, _| stays(claim));
        kept.id_token.retain(|claim, _| stays(claim));
        kept
    }
}

impl AuthorizationRequest {
    /// Decides what must happen next.
    #[must_use]
    pub fn decide(&self, client: &Client, situation: &Situation<'_>) -> Decision {
        match self.next(client, situation) {
            Ok(granted) => Decision::Grant(Box::new(granted)),
            Err(Open::Refuse(fault)) => Decision::Refuse(self.refuse(fault)),
            Err(Open::Must(must)) if self.prompt.is_silent() => Decision::Refuse(self.refuse(must.error())),
            Err(Open::Must(must)) => must.into_decision(),
        }
    }

    fn next(&self, client: &Client, situation: &Situation<'_>) -> Result<Granted, Open> {
        let person = self.signed_in(situation)?;
        self.right_person(person)?;
        self.fresh_enough(person, situation.now)?;
        self.chosen(person, situation)?;
        self.sure_enough(person, client, situation)?;
        let permissions = self.consented(person, client, situation)?;
        Ok(Granted {
            request: self.clone(),
            permissions,
            sub: person.sub.to_owned(),
            auth_time: person.auth_time,
            acr: self.acr.answer(person.acr),
            amr: person.amr.to_vec(),
        })
    }

    fn signed_in<'a, 's>(&self, situation: &'s Situation<'a>) -> Result<&'s Person<'a>, Open> {
        let create = self.prompt.contains(Prompt::Create);
        let reason = if create {
            SignInReason::Create
        } else {
            SignInReason::NobodyHere
        };
        match &situation.person {
            Some(person) if !create || self.is_fresh(person) => Ok(person),
            Some(_) | None => Err(self.sign_in(reason)),
        }
    }

    /// Core §3.1.2.2: the subject of the hint, and one of those that the claims parameter names.
    fn right_person(&self, person: &Person<'_>) -> Result<(), Open> {
        let hinted = self.hinted.as_ref().is_none_or(|hint| hint.sub == person.sub);
        let named = self
            .claims
            .subjects()
            .is_none_or(|subjects| subjects.contains(&person.sub));
        if hinted && named {
            Ok(())
        } else if self.is_fresh(person) {
            Err(Open::Refuse(Fault::OtherPerson)) // they signed in for this request, and are still another
        } else {
            Err(self.sign_in(SignInReason::OtherPerson))
        }
    }

    /// Core §3.1.2.1: `prompt=login`, `max_age`.
    fn fresh_enough(&self, person: &Person<'_>, now: Timestamp) -> Result<(), Open> {
        let too_old =
            |seconds: u64| seconds == 0 || now.since(person.auth_time) > Duration::from_secs(seconds);
        let again = self.prompt.contains(Prompt::Login) || self.max_age.is_some_and(too_old);
        if again && !self.is_fresh(person) {
            Err(self.sign_in(SignInReason::Again))
        } else {
            Ok(())
        }
    }

    fn chosen(&self, person: &Person<'_>, situation: &Situation<'_>) -> Result<(), Open> {
        let chosen = situation.account_chosen || self.is_fresh(person);
        if self.prompt.contains(Prompt::SelectAccount) && !chosen {
            Err(Open::Must(Must::Choose))
        } else {
            Ok(())
        }
    }

    /// The operator's minimum and the client's demand first; a wish is tried once and then let go.
    fn sure_enough(
        &self,
        person: &Person<'_>,
        client: &Client,
        situation: &Situation<'_>,
    ) -> Result<(), Open> {
        let low = client.minimum_acr.filter(|minimum| *minimum > person.acr);
        let demanded = self
            .acr
            .demanded
            .as_deref()
            .filter(|_| !self.acr.is_met_by(person.acr));
        let goal = match (low, demanded) {
            (None, None) => return self.wish(person, situation),
            (Some(minimum), None) => Some(minimum),
            (low, Some(rungs)) => {
                let nearest = rungs
                    .iter()
                    .copied()
                    .filter(|rung| *rung <= person.reachable)
                    .min();
                nearest.max(low.filter(|_| nearest.is_some()))
            }
        };
        match goal.filter(|goal| *goal <= person.reachable && !situation.step_up_declined) {
            Some(goal) => Err(Open::Must(Must::StepUp { goal, demanded: true })),
            None => Err(Open::Refuse(Fault::AuthenticationRequirementsUnmet)),
        }
    }

    fn wish(&self, person: &Person<'_>, situation: &Situation<'_>) -> Result<(), Open> {
        if self.acr.is_wished_by(person.acr) || situation.step_up_declined || self.prompt.is_silent() {
            return Ok(());
        }
        let goal = self
            .acr
            .wished
            .iter()
            .copied()
            .find(|rung| *rung <= person.reachable);
        goal.map_or(Ok(()), |goal| {
            Err(Open::Must(Must::StepUp {
                goal,
                demanded: false,
            }))
        })
    }

    fn consented(
        &self,
        person: &Person<'_>,
        client: &Client,
        situation: &Situation<'_>,
    ) -> Result<Permissions, Open> {
        let wanted = self.permissions(client);
        let asking = asking(client, self.target.redirect_uri());
        let asking = if self.prompt.contains(Prompt::Consent) {
            Asking::Always
        } else {
            asking
        };
        if let Some(given) = situation.consented {
            // Where only the difference was asked for, what was permitted before still counts.
            let before = if asking == Asking::Always {
                &Permissions::default()
            } else {
                person.permitted
            };
            return Ok(wanted.intersection(&given.union(before)));
        }
        match asking {
            Asking::Never => Ok(wanted),
            Asking::Always => Err(Open::Must(Must::Consent(wanted))),
            Asking::Once => {
                let missing = wanted.difference(person.permitted);
                if missing.is_empty() {
                    Ok(wanted)
                } else {
                    Err(Open::Must(Must::Consent(missing)))
                }
            }
        }
    }

    fn is_fresh(&self, person: &Person<'_>) -> bool {
        person.auth_time >= self.received_at
    }

    fn sign_in(&self, reason: SignInReason) -> Open {
        Open::Must(Must::SignIn {
            reason,
            goal: self.acr.goal(Acr::PhishingResistantHardware),
        })
    }
}

/// Why nothing is granted yet.
enum Open {
    Must(Must),
    Refuse(Fault),
}

/// What somebody must do first.
enum Must {
    SignIn { reason: SignInReason, goal: Option<Acr> },
    StepUp { goal: Acr, demanded: bool },
    Choose,
    Consent(Permissions),
}

impl Must {
    /// What it means when nothing may be asked (Core §3.1.2.6).
    fn error(&self) -> Fault {
        match self {
            Self::SignIn {
                reason: SignInReason::OtherPerson,
                ..
            } => Fault::OtherPerson,
            Self::SignIn { .. } => Fault::SignInRequired,
            Self::StepUp { .. } => Fault::StepUpRequired,
            Self::Choose => Fault::AccountChoiceRequired,
            Self::Consent(_) => Fault::ConsentMissing,
        }
    }

    fn into_decision(self) -> Decision {
        match self {
            Self::SignIn { reason, goal } => Decision::SignIn { reason, goal },
            Self::StepUp { goal, demanded } => Decision::StepUp { goal, demanded },
            Self::Choose => Decision::ChooseAccount,
            Self::Consent(permissions) => Decision::Consent(permissions),
        }
    }
}
