//! What the sample application remembers of each browser: in memory, bounded, named by one random cookie.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use openidconnect::core::{CoreIdToken, CoreIdTokenClaims, CoreUserInfoClaims};
use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier, RefreshToken};

/// A demo has few visitors; the longest unseen one is forgotten first.
const BROWSERS_MAX: usize = 256;
/// Sign-ins that one browser may have open at once, in tabs.
const PENDING_MAX: usize = 4;

/// Every browser we know, the most recently seen one last.
#[derive(Default)]
pub(super) struct Browsers(Mutex<VecDeque<(String, Browser)>>);

/// One browser.
#[derive(Default)]
pub(super) struct Browser {
    pending: VecDeque<Pending>,
    pub(super) visitor: Option<Visitor>,
    pub(super) notice: Option<Notice>,
    /// `state` of the sign-out that was sent to the provider.
    pub(super) leaving: Option<CsrfToken>,
}

/// A sign-in on its way: what must come back, and what proves that it is ours.
pub(super) struct Pending {
    pub(super) state: CsrfToken,
    pub(super) nonce: Nonce,
    pub(super) verifier: PkceCodeVerifier,
}

/// Who is signed in, and what was learned about them.
#[derive(Clone)]
pub(super) struct Visitor {
    pub(super) id_token: CoreIdToken,
    pub(super) claims: CoreIdTokenClaims,
    pub(super) user_info: CoreUserInfoClaims,
    pub(super) refresh_token: Option<RefreshToken>,
    pub(super) refreshed: u32,
}

/// A sentence for the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    Refreshed,
}

impl Browsers {
    /// Does something with the browser of this cookie, which is made when it is not known.
    pub(super) fn with<T>(&self, cookie: &str, act: impl FnOnce(&mut Browser) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all
            .iter()
            .position(|(name, _)| name == cookie)
            .and_then(|at| all.remove(at));
        let (name, mut browser) = known.unwrap_or_else(|| (cookie.to_owned(), Browser::default()));
        let answer = act(&mut browser);
        if all.len() >= BROWSERS_MAX {
            all.pop_front();
        }
        all.push_back((name, browser));
        answer
    }

    /// Looks at the browser of this cookie; an unknown one is not made.
    pub(super) fn look<T>(&self, cookie: Option<&str>, at: impl FnOnce(&mut Browser) -> T) -> Option<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, browser) = all.iter_mut().find(|(name, _)| Some(name.as_str()) == cookie)?;
        Some(at(browser))
    }

    /// Forgets the browser of this cookie.
    pub(super) fn forget(&self, cookie: &str) -> Option<Browser> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|(name, _)| name == cookie)?;
        all.remove(at).map(|(_, browser)| browser)
    }
}

impl Browser {
    pub(super) fn begin(&mut self, pending: Pending) {
        if self.pending.len() >= PENDING_MAX {
            self.pending.pop_front();
        }
        self.pending.push_back(pending);
    }

    /// The sign-in with this `state`, which is spent by being taken.
    pub(super) fn take(&mut self, state: &str) -> Option<Pending> {
        let at = self
            .pending
            .iter()
            .position(|pending| pending.state.secret() == state)?;
        self.pending.remove(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(state: &str) -> Pending {
        Pending {
            state: CsrfToken::new(state.to_owned()),
            nonce: Nonce::new("n".to_owned()),
            verifier: PkceCodeVerifier::new("v".repeat(43)),
        }
    }

    #[test]
    fn a_state_is_spent_by_the_first_answer() {
        let browsers = Browsers::default();
        browsers.with("one", |browser| browser.begin(pending("s")));
        assert!(browsers.look(Some("two"), |browser| browser.take("s")).is_none());
        assert!(browsers.with("one", |browser| browser.take("s")).is_some());
        assert!(browsers.with("one", |browser| browser.take("s")).is_none());
    }

    #[test]
    fn the_longest_unseen_browser_is_forgotten_first() {
        let browsers = Browsers::default();
        for number in 0..=BROWSERS_MAX {
            browsers.with(&number.to_string(), |_| ());
        }
        assert!(browsers.look(Some("0"), |_| ()).is_none());
        assert!(browsers.look(Some("1"), |_| ()).is_some());
    }

    #[test]
    fn the_oldest_of_five_open_sign_ins_goes() {
        let mut browser = Browser::default();
        for state in ["a", "b", "c", "d", "e"] {
            browser.begin(pending(state));
        }
        assert!(browser.take("a").is_none());
        assert!(browser.take("b").is_some());
    }
}
