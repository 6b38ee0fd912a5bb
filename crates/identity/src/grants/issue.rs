//! Making a code: grant, code, consent and the mark that the request is answered, in one commit.
//!
//! It expects account and session as they are now, and application and consent as they were decided on: what was
//! removed meanwhile loses here, what was changed or taken back is decided on again, and a request that was answered
//! in another tab is not answered twice.

use doorward_crypto::Timestamp;
use doorward_oidc::authorize::Granted;
use doorward_oidc::client::{Client, ClientId};
use doorward_oidc::scope::OFFLINE_ACCESS;
use doorward_oidc::token::CodeGrant;

use super::request::Kept;
use super::tokens::{code_digest, fresh_code};
use super::{Authorize, GrantsError};
use crate::Identity;
use crate::audit::{Origin, What};
use crate::browser::Browser;
use crate::ids::{Digest, GrantId, RequestId};
use crate::records::account::Account;
use crate::records::client::Registered;
use crate::records::code::Code;
use crate::records::consent::{Consent, ConsentId};
use crate::records::grant::Grant;
use crate::records::session::Session;
use crate::records::spent::{Spent, SpentKind};
use crate::sessions::SignedIn;

/// What came of making a code.
enum Made {
    /// It stands.
    Yes,
    /// Account, session or application have ended, or the request was answered.
    Gone,
    /// Application or consent are not what was decided on.
    Changed,
}

impl Identity {
    /// Makes the code. One commit: writes grant, code, consent, the mark of the request and the audit event. `None`:
    /// application or consent have changed since they were read, so that it must be decided again.
    #[expect(
        clippy::too_many_arguments,
        reason = "a code is made of all of these, in one place"
    )]
    pub(super) async fn grant(
        &self,
        id: Option<RequestId>,
        kept: &Kept,
        granted: &Granted,
        client: &Client,
        person: &SignedIn,
        consent: Option<&Consent>,
        browser: &Browser,
    ) -> Result<Option<Authorize>, GrantsError> {
        let now = self.now();
        let code = fresh_code(self.random().as_ref())?;
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
                let (Some(account), Some(session), Some(mut registered)) = (account, session, registered)
                else {
                    return Ok(Made::Gone);
                };
                if account.disabled || account.generation != person.session.generation {
                    return Ok(Made::Gone);
                }
                let consent_id = ConsentId {
                    account: account.id,
                    client: client.id.clone(),
                };
                let before = tx.read::<Consent>(&consent_id).await?;
                if registered.client != *client || !says_the_same(before.as_ref(), consent) {
                    return Ok(Made::Changed);
                }
                if let Some(id) = id {
                    if tx.read::<Spent>(&id.mark()).await?.is_some() {
                        return Ok(Made::Gone);
                    }
                    tx.write(mark(id, kept))?;
                }
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
                let grant = making.grant(&account, consent.generation);
                self.note_participant(&tx, &session, client, &grant.terms.sub)
                    .await?;
                tx.insert(grant).await?;
                tx.insert(making.code()).await?;
                if registered.ends_unused_at.take().is_some() {
                    tx.write(registered)?; // it is used from now on
                }
                tx.write(consent)?;
                self.record(&tx, Some(account.id), origin, What::CodeIssued { client: id })
                    .await?;
                Ok::<Made, GrantsError>(Made::Yes)
            })
            .await?;
        match made {
            Made::Changed => Ok(None),
            Made::Gone => self.gone().map(Some),
            Made::Yes => Ok(Some(Authorize::Answer {
                answer: granted.answer(&code, self.protocol_issuer()),
                client: client.name.clone(),
            })),
        }
    }

    /// Marks a request of a person as answered, and says where they declined it. Of requests that nobody signed in
    /// for nothing is kept: strangers could write as many marks as they like.
    pub(super) async fn answered(
        &self,
        id: RequestId,
        kept: &Kept,
        person: &SignedIn,
        browser: &Browser,
        declined: bool,
    ) -> Result<(), GrantsError> {
        let origin = &Origin::of(browser).within(person.session.id);
        self.store()
            .transact(self.now(), |tx| async move {
                if tx.read::<Spent>(&id.mark()).await?.is_some() {
                    return Ok(());
                }
                tx.write(mark(id, kept))?;
                if declined {
                    let what = What::ConsentDenied {
                        client: kept.request.client_id.to_string(),
                    };
                    self.record(&tx, Some(person.account.id), origin, what).await?;
                }
                Ok::<(), GrantsError>(())
            })
            .await
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
            reached: Some(self.person.session.acr()),
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

/// Whether a consent still says what it said when it was decided on. When it was last used does not matter.
fn says_the_same(now: Option<&Consent>, then: Option<&Consent>) -> bool {
    match (now, then) {
        (None, None) => true,
        (Some(now), Some(then)) => {
            (now.generation, now.given) == (then.generation, then.given)
                && now.permissions == then.permissions
        }
        (Some(_), None) | (None, Some(_)) => false,
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
