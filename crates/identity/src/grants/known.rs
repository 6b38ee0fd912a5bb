//! The person who is signed in, as the protocol's decisions must know them.

use doorward_crypto::Timestamp;
use doorward_oidc::authorize::{Decision, Permissions, Person, Situation};
use doorward_oidc::client::Client;
use doorward_oidc::{Acr, Amr};

use super::request::Kept;
use crate::records::account::Account;
use crate::records::consent::Consent;
use crate::sessions::SignedIn;

/// The person as the protocol must know them.
pub(super) struct Known {
    sub: String,
    auth_time: Timestamp,
    acr: Acr,
    amr: Vec<Amr>,
    reachable: Acr,
    pub(super) permitted: Permissions,
}

impl Known {
    pub(super) fn of(sub: String, person: &SignedIn, consent: Option<&Consent>) -> Self {
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

    pub(super) fn decide(
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
