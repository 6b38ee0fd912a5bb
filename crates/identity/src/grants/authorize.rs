//! An application's request, from its arrival to its answer.
//!
//! What a request must be and what the person's state makes of it is decided by `doorward-oidc`; here the state is
//! read, and what was decided is done: sealed until the person comes back, asked on the consent page, or answered
//! with a code that stands in the same commit as the grant, the consent and the mark that the request is answered.
//!
//! Whoever was asked for a stronger proof, signed in for this very request and still did not reach it, is not
//! asked again: a wish is let go, a demand is refused.

use doorward_crypto::Timestamp;
use doorward_oidc::authorize::{
    self, Answer, Context, Decision, Granted, Permissions, Person, Refusal, SignInReason, Situation,
};
use doorward_oidc::client::{Client, ClientId};
use doorward_oidc::error::Fault;
use doorward_oidc::params::Params;
use doorward_oidc::scope::OFFLINE_ACCESS;
use doorward_oidc::token::CodeGrant;
use doorward_oidc::{Acr, Amr};

use super::request::{Kept, SealedRequest};
use super::tokens::code_digest;
use super::{ClientView, Disclosure, GrantsError};
use crate::Identity;
use crate::audit::{Origin, What};
use crate::browser::Browser;
use crate::ids::{AccountId, Digest, EventId, GrantId, RequestId};
use crate::records::account::Account;
use crate::records::client::Registered;
use crate::records::code::Code;
use crate::records::consent::{Consent, ConsentId};
use crate::records::grant::Grant;
use crate::records::session::Session;
use crate::records::spent::{Spent, SpentKind};
use crate::sessions::SignedIn;

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

impl Identity {
    /// Looks at a request that just came.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn authorize(
        &self,
        params: &Params,
        who: Option<&SignedIn>,
        browser: &Browser,
    ) -> Result<Authorize, GrantsError> {
        let now = self.now();
        let named = match authorize::client_id(params) {
            Ok(id) => self.client(&id).await?,
            Err(refusal) => return self.refused(&refusal, None),
        };
        let Some(client) = named else {
            return self.refused(&authorize::unknown_client(), None);
        };
        let keys = self.signing_keys().await?;
        match authorize::check(
            params,
            &client,
            &Context::new(self.protocol_issuer(), keys.known(), now),
        ) {
            Ok(request) => {
                self.go_on(None, Kept::new(request), &client, who, browser, None)
                    .await
            }
            Err(refusal) => self.refused(&refusal, Some(&client)),
        }
    }

    /// Looks at a request again that has waited, for instance after a sign-in.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn resume_request(
        &self,
        sealed: &SealedRequest,
        who: Option<&SignedIn>,
        browser: &Browser,
    ) -> Result<Authorize, GrantsError> {
        let Some((kept, client)) = self.waiting_request(sealed, browser).await? else {
            return self.gone();
        };
        self.go_on(Some(sealed.id()), kept, &client, who, browser, None)
            .await
    }

    /// What the person said on the consent page, or `Cancel` on a page before it.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn consent(
        &self,
        sealed: &SealedRequest,
        pressed: Pressed,
        who: Option<&SignedIn>,
        browser: &Browser,
    ) -> Result<Authorize, GrantsError> {
        let Some((kept, client)) = self.waiting_request(sealed, browser).await? else {
            return self.gone();
        };
        match (pressed, who) {
            (Pressed::Deny, _) => {
                let refusal = kept.request.refuse(Fault::PersonDeclined);
                let origin = who.map_or_else(
                    || Origin::of(browser),
                    |person| Origin::of(browser).within(person.session.id),
                );
                let denied = who.map(|person| person.account.id);
                self.answered(sealed.id(), &kept, denied, &origin).await?;
                self.refused(&refusal, Some(&client))
            }
            (Pressed::Allow(account), Some(person)) if person.account.id == account => {
                let allowed = kept.request.permissions(&client);
                self.go_on(Some(sealed.id()), kept, &client, who, browser, Some(allowed))
                    .await
            }
            // Somebody else signed in meanwhile, in another tab: they are asked anew.
            (Pressed::Allow(_), Some(_) | None) => {
                self.go_on(Some(sealed.id()), kept, &client, who, browser, None)
                    .await
            }
        }
    }

    /// What the sign-in page shows of a request that waits; `None` when it is gone.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn waiting_for_sign_in(
        &self,
        sealed: &SealedRequest,
        browser: &Browser,
    ) -> Result<Option<Waiting>, GrantsError> {
        let found = self.waiting_request(sealed, browser).await?;
        Ok(found.map(|(kept, client)| Waiting {
            client: ClientView::of(&client, Some(kept.request.target.redirect_uri())),
            login_hint: kept.request.login_hint,
            ui_locales: kept.request.ui_locales,
        }))
    }

    /// The request inside the seal and its client, if it is this browser's, young enough and not answered.
    async fn waiting_request(
        &self,
        sealed: &SealedRequest,
        browser: &Browser,
    ) -> Result<Option<(Kept, Client)>, GrantsError> {
        let now = self.now();
        let Some(kept) = Kept::open(sealed, browser, self.sealer(), now) else {
            return Ok(None);
        };
        if self
            .store()
            .read::<Spent>(&sealed.id().mark(), now)
            .await?
            .is_some()
        {
            return Ok(None);
        }
        let client = self.client(&kept.request.client_id).await?;
        Ok(client.map(|client| (kept, client)))
    }

    async fn go_on(
        &self,
        id: Option<RequestId>,
        mut kept: Kept,
        client: &Client,
        who: Option<&SignedIn>,
        browser: &Browser,
        allowed: Option<Permissions>,
    ) -> Result<Authorize, GrantsError> {
        let now = self.now();
        let Some(person) = who else {
            let decision = kept.request.decide(client, &Situation::nobody(now));
            return self.do_it(decision, id, kept, client, None, browser).await;
        };
        let consent = self.consent_of(person.account.id, &client.id).await?;
        let known = Known::of(self.subject(client, person.account.id), person, consent.as_ref());
        let consented = allowed.map(|allowed| allowed.union(&known.permitted));
        let mut decision = known.decide(&kept, client, consented.as_ref(), now);
        let fresh = person.session.auth_time() >= kept.request.received_at;
        if fresh && matches!(decision, Decision::StepUp { .. }) {
            kept.step_up_declined = true;
            decision = known.decide(&kept, client, consented.as_ref(), now);
        }
        self.do_it(decision, id, kept, client, Some(person), browser)
            .await
    }

    async fn do_it(
        &self,
        decision: Decision,
        id: Option<RequestId>,
        kept: Kept,
        client: &Client,
        who: Option<&SignedIn>,
        browser: &Browser,
    ) -> Result<Authorize, GrantsError> {
        let (reason, goal) = match (decision, who) {
            (Decision::Grant(granted), Some(person)) => {
                return self.grant(id, &kept, &granted, client, person, browser).await;
            }
            (Decision::Consent(asked), Some(person)) => {
                let request = kept.seal(id, browser, self.sealer(), self.random().as_ref())?;
                return Ok(Authorize::Consent(Box::new(ConsentView {
                    request,
                    account: person.account.id,
                    client: ClientView::of(client, Some(kept.request.target.redirect_uri())),
                    disclosures: super::disclosures(&asked, &person.account),
                    offline: asked.scope.contains(OFFLINE_ACCESS),
                })));
            }
            (Decision::Refuse(refusal), _) => {
                if let Some(id) = id {
                    self.answered(id, &kept, None, &Origin::of(browser)).await?;
                }
                return self.refused(&refusal, Some(client));
            }
            (Decision::SignIn { reason, goal }, _) => (reason.into(), goal),
            (Decision::StepUp { goal, .. }, _) => (Reason::StepUp, Some(goal)),
            (Decision::ChooseAccount, _) => (Reason::Again, None),
            // Nobody is granted anything or asked for consent without being there.
            (Decision::Grant(_) | Decision::Consent(_), None) => (Reason::NobodyHere, None),
        };
        let request = kept.seal(id, browser, self.sealer(), self.random().as_ref())?;
        Ok(Authorize::SignIn(SignInFirst {
            request,
            reason,
            goal,
        }))
    }

    /// Makes the code. One commit: expects account, session, client and consent as they are now; writes grant,
    /// code, consent, the mark of the request and the audit event.
    async fn grant(
        &self,
        id: Option<RequestId>,
        kept: &Kept,
        granted: &Granted,
        client: &Client,
        person: &SignedIn,
        browser: &Browser,
    ) -> Result<Authorize, GrantsError> {
        let now = self.now();
        let code = super::tokens::fresh_code(self.random().as_ref())?;
        let grant_id = GrantId::random(self.random().as_ref())?;
        let making = &Making {
            now,
            grant_id,
            code_hash: code_digest(&code),
            granted,
            person,
        };
        let origin = &Origin::of(browser).within(person.session.id);
        let made = self
            .store()
            .transact(now, |tx| async move {
                let account = tx.read::<Account>(&person.account.id).await?;
                let session = tx.read::<Session>(&person.session.id).await?;
                let registered = tx
                    .read::<Registered>(&making.client_id().as_str().to_owned())
                    .await?;
                let (Some(account), Some(_), Some(_)) = (account, session, registered) else {
                    return Ok(false);
                };
                if account.disabled || account.generation != person.session.generation {
                    return Ok(false);
                }
                if let Some(id) = id {
                    if tx.read::<Spent>(&id.mark()).await?.is_some() {
                        return Ok(false);
                    }
                    tx.write(mark(id, kept))?;
                }
                let consent_id = ConsentId {
                    account: account.id,
                    client: client.id.clone(),
                };
                let before = tx.read::<Consent>(&consent_id).await?;
                let before = before.unwrap_or_else(|| Consent::none(&consent_id, now));
                let consent = before.clone().widened(making.granted.permissions(), now);
                let id = client.id.to_string();
                if consent.permissions != before.permissions {
                    let what = What::ConsentGiven {
                        client: id.clone(),
                        scope: consent.permissions.scope.to_string(),
                    };
                    self.record(&tx, Some(account.id), origin, what).await?;
                }
                tx.insert(making.grant(&account, consent.generation)).await?;
                tx.insert(making.code()).await?;
                tx.write(consent)?;
                self.record(&tx, Some(account.id), origin, What::CodeIssued { client: id })
                    .await?;
                Ok::<bool, GrantsError>(true)
            })
            .await?;
        if !made {
            return self.gone();
        }
        let answer = granted.answer(&code, self.protocol_issuer());
        Ok(Authorize::Answer {
            answer,
            client: client.name.clone(),
        })
    }

    /// Marks a request as answered; `denied` says by whom it was.
    async fn answered(
        &self,
        id: RequestId,
        kept: &Kept,
        denied: Option<AccountId>,
        origin: &Origin,
    ) -> Result<(), GrantsError> {
        self.store()
            .transact(self.now(), |tx| async move {
                if tx.read::<Spent>(&id.mark()).await?.is_some() {
                    return Ok(());
                }
                tx.write(mark(id, kept))?;
                if denied.is_some() {
                    let what = What::ConsentDenied {
                        client: kept.request.client_id.to_string(),
                    };
                    self.record(&tx, denied, origin, what).await?;
                }
                Ok::<(), GrantsError>(())
            })
            .await
    }

    /// The answer of a refused request: to the application where it may travel, else a page.
    fn refused(&self, refusal: &Refusal, client: Option<&Client>) -> Result<Authorize, GrantsError> {
        let fault = refusal.fault();
        let Some((answer, client)) = refusal.answer(self.protocol_issuer()).zip(client) else {
            return self.not_sent(fault);
        };
        tracing::info!(
            client = client.id.as_str(),
            fault = fault.name(),
            section = fault.section(),
            "an authorization request was refused"
        );
        Ok(Authorize::Answer {
            answer,
            client: client.name.clone(),
        })
    }

    /// The request has been answered, or has waited too long, or is another browser's.
    fn gone(&self) -> Result<Authorize, GrantsError> {
        self.not_sent(Fault::RequestUriUnknown)
    }

    /// A page of our own about a request that may not be sent on; the log has more under its event.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub fn not_sent(&self, fault: Fault) -> Result<Authorize, GrantsError> {
        let event = EventId::random(self.random().as_ref())?;
        tracing::info!(%event, fault = fault.name(), section = fault.section(), "an authorization request was not sent on");
        Ok(Authorize::Page(NotSent { event, fault }))
    }

    pub(crate) async fn consent_of(
        &self,
        account: AccountId,
        client: &ClientId,
    ) -> Result<Option<Consent>, GrantsError> {
        let id = ConsentId {
            account,
            client: client.clone(),
        };
        Ok(self.store().read::<Consent>(&id, self.now()).await?)
    }
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

/// The person as the protocol must know them.
struct Known {
    sub: String,
    auth_time: Timestamp,
    acr: Acr,
    amr: Vec<Amr>,
    reachable: Acr,
    permitted: Permissions,
}

impl Known {
    fn of(sub: String, person: &SignedIn, consent: Option<&Consent>) -> Self {
        Self {
            sub,
            auth_time: person.session.auth_time(),
            acr: person.session.acr(),
            amr: person.session.amr(),
            reachable: reachable(&person.account),
            permitted: consent
                .map(|consent| consent.permissions.clone())
                .unwrap_or_default(),
        }
    }

    fn decide(
        &self,
        kept: &Kept,
        client: &Client,
        consented: Option<&Permissions>,
        now: Timestamp,
    ) -> Decision {
        let person = Person {
            sub: &self.sub,
            auth_time: self.auth_time,
            acr: self.acr,
            amr: &self.amr,
            reachable: self.reachable,
            permitted: &self.permitted,
        };
        kept.request.decide(
            client,
            &Situation {
                person: Some(person),
                account_chosen: false,
                consented,
                step_up_declined: kept.step_up_declined,
                now,
            },
        )
    }
}

/// The highest rung that the account's factors could reach.
fn reachable(account: &Account) -> Acr {
    if !account.passkeys.is_empty() {
        Acr::PhishingResistant
    } else if account.password.is_some() && account.totp.is_some() {
        Acr::TwoFactors
    } else {
        Acr::OneFactor
    }
}

/// What a grant and its code are made from.
struct Making<'a> {
    now: Timestamp,
    grant_id: GrantId,
    code_hash: Digest,
    granted: &'a Granted,
    person: &'a SignedIn,
}

impl Making<'_> {
    fn client_id(&self) -> &ClientId {
        &self.granted.request().client_id
    }

    fn grant(&self, account: &Account, consent_generation: u32) -> Grant {
        Grant {
            id: self.grant_id,
            account: account.id,
            account_generation: account.generation,
            consent_generation,
            session: self.person.session.id,
            session_bound: !self.granted.scope().contains(OFFLINE_ACCESS),
            terms: doorward_oidc::grant::Grant::of(self.granted, Some(&self.sid())),
            family: None,
            made_at: self.now,
            used_at: self.now,
            ended: None,
        }
    }

    fn code(&self) -> Code {
        let terms = CodeGrant::new(self.granted, Some(&self.sid()), self.now);
        Code {
            hash: self.code_hash,
            grant: self.grant_id,
            terms,
            spent_at: None,
        }
    }

    fn sid(&self) -> String {
        self.person.session.id.to_string()
    }
}

fn mark(id: RequestId, kept: &Kept) -> Spent {
    let name = id.mark();
    Spent {
        what: SpentKind::Request,
        digest: name.1,
        ends_at: kept.ends_at(),
    }
}
