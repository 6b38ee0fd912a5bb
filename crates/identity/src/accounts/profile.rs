//! What people change about themselves without a proof: how they are called, and what applications may be told.

use super::DisplayName;
use super::claims::{ClaimError, PersonalClaim, PersonalData};
use super::names::UserName;
use crate::Identity;
use crate::audit::{Origin, What};
use crate::error::Error;
use crate::records::account::Account;
use crate::records::handle::Handle;
use crate::sessions::SignedIn;
use doorward_storage::StoreError;

/// What a person changes.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// How others see them.
    pub display_name: Option<DisplayName>,
    /// Claims with what was typed; nothing typed takes the claim away.
    pub claims: Vec<(PersonalClaim, String)>,
}

/// An operator's change of what an account says about its person.
#[derive(Debug, thiserror::Error)]
pub enum SetClaimsError {
    /// Nobody is called so.
    #[error("there is no account with this user name")]
    Unknown,
    /// No claim is called so.
    #[error("{0}: there is no such claim; known are {known}", known = known_words())]
    NoSuchClaim(String),
    /// A value is not of the form of its claim.
    #[error("{0} {1}")]
    Value(String, ClaimError),
    /// What says whether something is verified is neither `true` nor `false`.
    #[error("{0} must be true or false")]
    Truth(&'static str),
    /// Something below failed.
    #[error(transparent)]
    Internal(#[from] Error),
}

impl From<StoreError> for SetClaimsError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

const EMAIL_VERIFIED: &str = "email_verified";
const PHONE_VERIFIED: &str = "phone_number_verified";

impl Identity {
    /// Changes what the account says about its person. It opens nothing, and so asks for no proof.
    ///
    /// # Errors
    /// Outside [`Error`]; inside the first claim whose value has not its form, and nothing is changed then.
    pub async fn change_profile(
        &self,
        who: &SignedIn,
        change: &ProfileChange,
    ) -> Result<Result<(), (PersonalClaim, ClaimError)>, Error> {
        for (claim, typed) in &change.claims {
            if let Err(error) = claim.parse(typed) {
                return Ok(Err((*claim, error)));
            }
        }
        self.store()
            .transact(self.now(), |tx| async move {
                let live = self.live_session(&tx, who.session.id).await?;
                let Some((_, mut account)) = live else {
                    return Ok(());
                };
                let renamed = change
                    .display_name
                    .clone()
                    .filter(|name| *name != account.display_name);
                let is_renamed = renamed.is_some();
                if let Some(name) = renamed {
                    account.display_name = name;
                    self.record(&tx, Some(account.id), &who.origin(), What::DisplayNameChanged)
                        .await?;
                }
                let before = account.personal.clone();
                for (claim, typed) in &change.claims {
                    // Judged above.
                    let _ = account.personal.set(*claim, typed);
                }
                let is_changed = account.personal != before;
                if is_changed {
                    self.record(&tx, Some(account.id), &who.origin(), What::ProfileChanged)
                        .await?;
                }
                if is_renamed || is_changed {
                    account.updated_at = tx.now();
                    tx.write::<Account>(account)?;
                }
                Ok::<_, Error>(())
            })
            .await?;
        Ok(Ok(()))
    }

    /// Sets claims of an account by the operator's word, who may also say that address and telephone number are
    /// verified.
    ///
    /// # Errors
    /// [`SetClaimsError`]; nothing is changed then.
    pub async fn set_claims(
        &self,
        user_name: &str,
        claims: &[(String, String)],
    ) -> Result<(), SetClaimsError> {
        let name = UserName::parse(user_name).map_err(|_| SetClaimsError::Unknown)?;
        let (name, said) = (&name.normalized(), &Said::parse(claims)?);
        self.store()
            .transact(self.now(), |tx| async move {
                let handle = tx.read::<Handle>(name).await?.ok_or(SetClaimsError::Unknown)?;
                let account = tx.read::<Account>(&handle.account).await?;
                let mut account = account.ok_or(SetClaimsError::Unknown)?;
                said.apply(&mut account.personal, &mut account.email_verified);
                account.updated_at = tx.now();
                self.record(&tx, Some(account.id), &Origin::default(), What::ProfileChanged)
                    .await?;
                tx.write::<Account>(account)?;
                Ok(())
            })
            .await
    }
}

/// What an operator said, judged.
#[derive(Default)]
struct Said {
    claims: Vec<(PersonalClaim, String)>,
    email_verified: Option<bool>,
    phone_verified: Option<bool>,
}

impl Said {
    fn parse(claims: &[(String, String)]) -> Result<Self, SetClaimsError> {
        let truth = |name, text: &str| text.parse::<bool>().map_err(|_| SetClaimsError::Truth(name));
        let mut said = Self::default();
        for (name, text) in claims {
            match name.as_str() {
                EMAIL_VERIFIED => said.email_verified = Some(truth(EMAIL_VERIFIED, text)?),
                PHONE_VERIFIED => said.phone_verified = Some(truth(PHONE_VERIFIED, text)?),
                other => {
                    let claim = PersonalClaim::from_word(other)
                        .ok_or_else(|| SetClaimsError::NoSuchClaim(name.clone()))?;
                    claim
                        .parse(text)
                        .map_err(|error| SetClaimsError::Value(name.clone(), error))?;
                    said.claims.push((claim, text.clone()));
                }
            }
        }
        Ok(said)
    }

    fn apply(&self, data: &mut PersonalData, email_verified: &mut bool) {
        for (claim, text) in &self.claims {
            // Judged when it was read.
            let _ = data.set(*claim, text);
        }
        if let Some(verified) = self.phone_verified {
            data.phone_number_verified = verified && data.phone_number.is_some();
        }
        if let Some(verified) = self.email_verified {
            *email_verified = verified;
        }
    }
}

fn known_words() -> String {
    let words = PersonalClaim::ALL.iter().map(|claim| claim.word());
    let words: Vec<&str> = words.chain([EMAIL_VERIFIED, PHONE_VERIFIED]).collect();
    words.join(", ")
}
