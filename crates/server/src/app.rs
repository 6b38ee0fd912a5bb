//! What handlers share.

use std::fmt;
use std::sync::Arc;

use doorward_crypto::{Random, Timestamp};
use doorward_identity::Identity;
use doorward_identity::policy::Passwords;
use doorward_storage::Sealer;

use crate::config::{Config, HostName, Network};
use crate::http::cookies::Cookies;
use crate::http::visit::Visit;
use crate::pages::{AccountMenu, Layout};

/// The running instance, as handlers see it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

struct Inner {
    identity: Identity,
    origin: String,
    host: String,
    rp_id: String,
    https: bool,
    instance: String,
    help: Option<String>,
    contact: String,
    offer_stay: bool,
    band: Option<String>,
    trusted_proxies: Vec<Network>,
    webfinger_domains: Vec<HostName>,
}

impl App {
    /// Puts it together; `band` is a sentence for the head of every page.
    pub(crate) fn new(config: &Config, identity: Identity, band: Option<String>) -> Self {
        let url = &config.server.url;
        let host = match url.url().port() {
            Some(port) => format!("{}:{port}", url.host()),
            None => url.host().to_owned(),
        };
        Self(Arc::new(Inner {
            identity,
            origin: url.origin(),
            host,
            rp_id: url.host().to_owned(),
            https: url.is_https(),
            instance: config.branding.name.clone(),
            help: Some(config.branding.help.clone()).filter(|help| !help.is_empty()),
            contact: config.branding.contact.clone(),
            offer_stay: config.sign_in.offer_stay,
            band,
            trusted_proxies: config.server.trusted_proxies.clone(),
            webfinger_domains: config.server.webfinger_domains.clone(),
        }))
    }

    /// The rules.
    pub(crate) fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// Scheme, host and port, without a slash at the end: the issuer too.
    pub(crate) fn origin(&self) -> &str {
        &self.0.origin
    }

    /// Host and port as browsers send them.
    pub(crate) fn host(&self) -> &str {
        &self.0.host
    }

    /// Whether the address is https.
    pub(crate) fn is_https(&self) -> bool {
        self.0.https
    }

    /// The name of this instance.
    pub(crate) fn instance(&self) -> &str {
        &self.0.instance
    }

    /// Whom to ask when nothing else helps.
    pub(crate) fn contact(&self) -> &str {
        &self.0.contact
    }

    /// Whether a password opens anything here.
    pub(crate) fn takes_passwords(&self) -> bool {
        self.0.identity.policy().passwords != Passwords::Off
    }

    /// Whether an account may begin with a password.
    pub(crate) fn password_can_be_first(&self) -> bool {
        self.0.identity.policy().passwords == Passwords::Allowed
    }

    /// Whether people may stay signed in.
    pub(crate) fn offers_stay(&self) -> bool {
        self.0.offer_stay
    }

    /// Whether people of this domain sign in here.
    pub(crate) fn answers_for(&self, domain: &str) -> bool {
        domain == self.0.rp_id || self.0.webfinger_domains.iter().any(|own| own.as_str() == domain)
    }

    /// Whose word on addresses counts.
    pub(crate) fn trusted_proxies(&self) -> &[Network] {
        &self.0.trusted_proxies
    }

    /// How cookies are named and written.
    pub(crate) fn cookies(&self) -> Cookies {
        Cookies::new(self.0.https)
    }

    /// What seals cookies.
    pub(crate) fn sealer(&self) -> &Sealer {
        self.0.identity.sealer()
    }

    /// Randomness.
    pub(crate) fn random(&self) -> &dyn Random {
        self.0.identity.random().as_ref()
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.identity.now()
    }

    /// The frame of a page for this visit; an error may have no visit yet.
    pub(crate) fn layout(&self, visit: Option<&Visit>) -> Layout {
        let csrf = visit.map(|visit| visit.csrf.as_str()).unwrap_or_default();
        let mut layout = Layout::new(&self.0.instance, &self.0.rp_id, csrf);
        layout.band = self.0.band.clone();
        layout.help = self.0.help.clone();
        if let Some(visit) = visit {
            layout.notice = visit.notice.clone();
            layout.account = visit.person().map(|person| {
                AccountMenu::of(
                    person.account.display_name.as_str(),
                    person.account.user_name.as_str(),
                )
            });
        }
        layout
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("origin", &self.0.origin)
            .finish_non_exhaustive()
    }
}
