//! The person who is signed in, as the protocol's decisions must know them.

use doorward_crypto::Timestamp;
use doorward_oidc::authorize::{Decision, Permissions, Person, Situation};
use doorward_oidc::client::Client;
use doorward_oidc::{Acr, Amr};

use super::request::{Kept, Shown, SteppingUp};
use crate::ids::AccountId;
use crate::records::account::Account;
use crate::records::consent::Consent;
use crate::sessions::SignedIn;

/// The person as the protocol must know them, and the consent as it was read.
pub(super) struct Known {
    account: AccountId,
    sub: String,
    auth_time: Timestamp,
    acr: Acr,
    amr: Vec<Amr>,
    reachable: Acr,
    permitted: Permissions,
    pub(super) consent: Option<Consent>,
}

impl Known {
    pub(super) fn of(sub: String, person: &SignedIn, consent: Option<Consent>) -> Self {
        Self {
            account: person.account.id,
            sub,
            auth_time: person.session.auth_time(),
            acr: person.session.acr(),
            amr: person.session.amr(),
            reachable: reachable(&person.account),
            permitted: consent
                .as_ref()
                .map(|consent| consent.permissions.clone())
                .unwrap_or_default(),
            consent,
        }
    }

    /// `allowed`: whether the person pressed `Allow` on the page that `kept` remembers.
    pub(super) fn decide(&self, kept: &Kept, client: &Client, allowed: bool, now: Timestamp) -> Decision {
        let person = Person {
            sub: &self.sub,
            auth_time: self.auth_time,
            acr: self.acr,
            amr: &self.amr,
            reachable: self.reachable,
            permitted: &self.permitted,
        };
        let consented = kept.shown.as_ref().filter(|shown| {
            let wanted = kept.request.permissions(client);
            allowed && self.was_shown_all(shown, &wanted)
        });
        kept.request.decide(
            client,
            &Situation {
                person: Some(person),
                account_chosen: false,
                consented: consented.map(|shown| &shown.permissions),
                step_up_declined: self.declined(kept),
                now,
            },
        )
    }

    /// What the page is about to show.
    pub(super) fn shown(&self, permissions: &Permissions) -> Shown {
        Shown {
            account: self.account,
            generation: self.generation(),
            permissions: permissions.clone(),
        }
    }

    /// The step-up that the person is about to be led to.
    pub(super) const fn stepping_up(&self) -> SteppingUp {
        SteppingUp {
            account: self.account,
            proved_at: self.auth_time,
        }
    }

    /// Whether everything that is wanted stood on the page, or is permitted without it. What was permitted when the
    /// page was made, and is not any more, did not stand there.
    fn was_shown_all(&self, shown: &Shown, wanted: &Permissions) -> bool {
        shown.account == self.account
            && shown.generation == self.generation()
            && wanted
                .difference(&shown.permissions.union(&self.permitted))
                .is_empty()
    }

    /// Whether the person was led to a step-up, proved something after it, and is where they were: a sign-in for
    /// this request that came before it was no answer to it.
    fn declined(&self, kept: &Kept) -> bool {
        kept.step_up
            .is_some_and(|asked| asked.account == self.account && self.auth_time > asked.proved_at)
    }

    fn generation(&self) -> u32 {
        self.consent.as_ref().map_or(0, |consent| consent.generation)
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
