//! An application's request, from its arrival to its answer.
//!
//! What a request must be and what the person's state makes of it is decided by `doorward-oidc`; here the state is
//! read, and what was decided is done: sealed until the person comes back, asked on the consent page, or answered
//! with a code ([`super::issue`]).
//!
//! Whoever was asked for a stronger proof, proved something after that and still did not reach it, is not asked
//! again: a wish is let go, a demand is refused.

use doorward_oidc::authorize::{self, Arrival, Decision, Refusal, RequestUri, Situation};
use doorward_oidc::client::{Client, ClientId};
use doorward_oidc::error::Fault;
use doorward_oidc::params::Params;
use doorward_oidc::scope::OFFLINE_ACCESS;
use doorward_storage::StoreError;

use super::known::Known;
use super::outcome::{Authorize, ConsentView, NotSent, Pressed, Reason, SignInFirst, Waiting};
use super::request::{Kept, SealedRequest};
use super::{ClientView, GrantsError};
use crate::Identity;
use crate::browser::Browser;
use crate::ids::{AccountId, EventId, RequestId};
use crate::records::consent::{Consent, ConsentId};
use crate::records::spent::Spent;
use crate::sessions::SignedIn;

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
        let named = match authorize::client_id(params) {
            Ok(id) => self.client(&id).await?,
            Err(refusal) => return self.refused(&refusal, None),
        };
        let Some(client) = named else {
            return self.refused(&authorize::unknown_client(), None);
        };
        if let Some(reference) = RequestUri::named(params) {
            return self.visit(&reference, client, who, browser).await;
        }
        let keys = self.signing_keys().await?;
        match self.check_request(params, &client, &keys, Arrival::Browser).await {
            Ok(request) => {
                self.go_on(None, Kept::new(request), client, who, browser, false)
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
        self.go_on(Some(sealed.id()), kept, client, who, browser, false)
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
                if let Some(person) = who {
                    self.answered(sealed.id(), &kept, person, browser, true).await?;
                }
                self.refused(&refusal, Some(&client))
            }
            // Where somebody else signed in meanwhile, in another tab, they are asked anew.
            (Pressed::Allow(account), _) => {
                let allowed = who.is_some_and(|person| person.account.id == account);
                self.go_on(Some(sealed.id()), kept, client, who, browser, allowed)
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

    /// The answer to a request that waits in vain: the browser cannot keep it, since it is too long for a cookie.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn too_long_to_wait(
        &self,
        sealed: &SealedRequest,
        browser: &Browser,
    ) -> Result<Authorize, GrantsError> {
        let Some((kept, client)) = self.waiting_request(sealed, browser).await? else {
            return self.gone();
        };
        self.refused(&kept.request.refuse(Fault::RequestTooLong), Some(&client))
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
        if self.was_answered(sealed.id()).await? {
            return Ok(None);
        }
        let client = self.client(&kept.request.client_id).await?;
        let client = client.filter(|client| kept.fits(client));
        Ok(client.map(|client| (kept, client)))
    }

    /// Whether a request with this name was answered.
    pub(super) async fn was_answered(&self, id: RequestId) -> Result<bool, GrantsError> {
        let mark = self.store().read::<Spent>(&id.mark(), self.now()).await?;
        Ok(mark.is_some())
    }

    /// Decides, and does what was decided. Should application or consent change while a code is made, it is decided
    /// again on what they are then.
    pub(super) async fn go_on(
        &self,
        id: Option<RequestId>,
        kept: Kept,
        mut client: Client,
        who: Option<&SignedIn>,
        browser: &Browser,
        allowed: bool,
    ) -> Result<Authorize, GrantsError> {
        const ROUNDS: usize = 4;
        for _ in 0..ROUNDS {
            let now = self.now();
            let Some(person) = who else {
                let decision = kept.request.decide(&client, &Situation::nobody(now));
                return self.ask(decision, id, kept, &client, None, browser).await;
            };
            let consent = self.consent_of(person.account.id, &client.id).await?;
            let sub = self.subject(&client, person.account.id).await?;
            let known = Known::of(sub, person, consent);
            let granted = match known.decide(&kept, &client, allowed, now) {
                Decision::Grant(granted) => granted,
                other @ (Decision::SignIn { .. }
                | Decision::StepUp { .. }
                | Decision::ChooseAccount
                | Decision::Consent(_)
                | Decision::Refuse(_)) => {
                    let here = Some((person, &known));
                    return self.ask(other, id, kept, &client, here, browser).await;
                }
            };
            let consent = known.consent.as_ref();
            if let Some(done) = self
                .grant(id, &kept, &granted, &client, person, consent, browser)
                .await?
            {
                return Ok(done);
            }
            client = match self.client(&client.id).await? {
                Some(client) if kept.fits(&client) => client,
                Some(_) | None => return self.gone(),
            };
        }
        Err(StoreError::Contended.into())
    }

    /// Does what was decided, where that is not to grant.
    async fn ask(
        &self,
        decision: Decision,
        id: Option<RequestId>,
        mut kept: Kept,
        client: &Client,
        here: Option<(&SignedIn, &Known)>,
        browser: &Browser,
    ) -> Result<Authorize, GrantsError> {
        let (reason, goal) = match (decision, here) {
            (Decision::Consent(asked), Some((person, known))) => {
                kept.shown = Some(known.shown(&asked));
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
                if let Some((id, (person, _))) = id.zip(here) {
                    self.answered(id, &kept, person, browser, false).await?;
                }
                return self.refused(&refusal, Some(client));
            }
            (Decision::SignIn { reason, goal }, _) => (reason.into(), goal),
            (Decision::StepUp { goal, .. }, here) => {
                kept.step_up = here.map(|(_, known)| known.stepping_up());
                (Reason::StepUp, Some(goal))
            }
            (Decision::ChooseAccount, _) => (Reason::Again, None),
            // Nobody is granted anything or asked for consent without being there.
            (Decision::Grant(_) | Decision::Consent(_), _) => (Reason::NobodyHere, None),
        };
        let request = kept.seal(id, browser, self.sealer(), self.random().as_ref())?;
        Ok(Authorize::SignIn(SignInFirst {
            request,
            reason,
            goal,
        }))
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
    pub(super) fn gone(&self) -> Result<Authorize, GrantsError> {
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
