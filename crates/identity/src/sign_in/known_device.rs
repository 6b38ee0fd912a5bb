//! A browser that signed in to an account before. It proves nothing; its password tries are counted apart, so that
//! strangers' guesses do not slow its owner down, and it may be told the account's passkeys.
//!
//! The value is sealed for one account, one browser and one generation: it dies with a change of a factor.

use doorward_storage::Purpose;
use serde::{Deserialize, Serialize};

use crate::Identity;
use crate::browser::Browser;
use crate::error::Error;
use crate::ids::{AccountId, Digest};
use crate::records::account::Account;
use crate::sealed::Sealed;

const KNOWN_DEVICE: Purpose = Purpose::new("known device");

#[derive(Serialize, Deserialize)]
struct Known {
    account: AccountId,
    generation: u64,
}

impl Identity {
    /// The value for this browser's cookie.
    pub(crate) fn known_device(&self, account: &Account, browser: &Digest) -> Result<String, Error> {
        let known = Known {
            account: account.id,
            generation: account.generation,
        };
        let until = self.now().plus(self.limits().known_device);
        let sealed = self.seal(KNOWN_DEVICE, browser.as_bytes(), until, known)?;
        Ok(sealed.as_str().to_owned())
    }

    /// Whether this browser signed in to this account before.
    pub(crate) fn knows(&self, browser: &Browser, account: &Account) -> bool {
        let Some(value) = &browser.known_device else {
            return false;
        };
        let sealed = Sealed::from_text(value.as_str());
        self.unseal::<Known>(KNOWN_DEVICE, browser.digest().as_bytes(), &sealed)
            .is_ok_and(|known| known.account == account.id && known.generation == account.generation)
    }
}
