//! One request of one browser, as the border found it: which browser, who is signed in, what was asked for.

use std::ops::Deref;
use std::sync::Arc;

use doorward_crypto::Timestamp;
use doorward_identity::ids::AccountId;
use doorward_identity::tokens::{BrowserToken, SessionToken};
use doorward_identity::{Browser, SignedIn};
use doorward_storage::{Cursor, Purpose};
use poem::http::{HeaderMap, HeaderValue, Method, header};
use poem::{FromRequest, Request, RequestBody};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cookies::Name;
use super::errors::Problem;
use super::fields::Fields;
use super::sealed::{self, Envelope};
use super::{address, csrf, limits, user_agent};
use crate::app::App;

/// What the border knows of a request of a browser.
pub(crate) struct Visit {
    /// The browser, for the rules.
    pub(crate) browser: Browser,
    /// When the request came. One moment a request.
    pub(crate) now: Timestamp,
    /// The token that this browser's forms must carry.
    pub(crate) csrf: String,
    /// Whether this browser last used a passkey.
    pub(crate) passkey_first: bool,
    /// What was just done.
    pub(crate) notice: Option<String>,
    /// What its passkeys would be called.
    pub(crate) device: &'static str,
    /// The text of the browser's cookie, and of the session's id: what the token is bound to.
    name: String,
    holder: Option<String>,
    person: Option<SignedIn>,
    headers: HeaderMap,
    app: App,
    fresh: Option<HeaderValue>,
}

/// Without the names of browser and session, the token and the cookies, which are secrets.
impl core::fmt::Debug for Visit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Visit")
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

impl Visit {
    /// Looks at cookies and address. Nothing is written: a browser without a name is given one, which only its
    /// cookie remembers.
    pub(super) async fn begin(app: &App, request: &Request) -> Result<Self, Problem> {
        let headers = request.headers();
        let now = app.now();
        let cookies = app.cookies();
        let carried = cookies
            .read(headers, Name::Browser)
            .and_then(|text| BrowserToken::parse(&text).ok());
        let (token, fresh) = match carried {
            Some(token) => (token, None),
            None => {
                let token = BrowserToken::random(app.random()).map_err(Problem::internal)?;
                let cookie = cookies.set(Name::Browser, &token.encode(), Some(limits::BROWSER));
                (token, Some(cookie))
            }
        };
        let mut browser = Browser::new(&token);
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|agent| agent.to_str().ok())
            .unwrap_or_default();
        browser = browser.described(&user_agent::words(agent));
        let peer = request
            .remote_addr()
            .as_socket_addr()
            .map(std::net::SocketAddr::ip);
        if let Some(address) = address::of(peer, headers, app.trusted_proxies()) {
            browser = browser.at(address.to_string());
        }
        if let Some(device) = cookies.read(headers, Name::Device) {
            browser = browser.known_by(device);
        }
        let session = cookies
            .read(headers, Name::Session)
            .and_then(|text| SessionToken::parse(&text).ok());
        let person = match &session {
            Some(session) if sent_by_others(request) => app.identity().signed_in_untouched(session).await?,
            Some(session) => app.identity().signed_in(session).await?,
            None => None,
        };
        let person = person.map(|person| person.from_browser(browser.clone()));
        // A cookie of a session that has ended is no session: its forms belong to the browser again.
        let holder = person
            .as_ref()
            .and(session.as_ref())
            .map(|session| session.id().to_string());
        let name = token.encode();
        let csrf = csrf::token(app.sealer(), &name, holder.as_deref());
        let mut visit = Self {
            browser,
            now,
            csrf,
            passkey_first: cookies.read(headers, Name::Hint).as_deref() == Some("passkey"),
            notice: None,
            name,
            holder,
            device: user_agent::device(agent),
            person,
            headers: headers.clone(),
            app: app.clone(),
            fresh,
        };
        if visit.person.is_some() {
            visit.notice = visit.sealed_own(Name::Notice, sealed::NOTICE);
        }
        Ok(visit)
    }

    /// Who is signed in.
    pub(crate) fn person(&self) -> Option<&SignedIn> {
        self.person.as_ref()
    }

    /// The cookie that names the browser, when it had none.
    pub(super) fn fresh_cookie(&self) -> Option<&HeaderValue> {
        self.fresh.as_ref()
    }

    /// Whether `given` is the token that this browser's forms carry.
    pub(super) fn accepts(&self, given: &str) -> bool {
        csrf::matches(self.app.sealer(), &self.name, self.holder.as_deref(), given)
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: Name) -> Option<String> {
        self.app.cookies().read(&self.headers, name)
    }

    /// Whether the browser carries this cookie at all.
    pub(crate) fn carries(&self, name: Name) -> bool {
        self.cookie(name).is_some()
    }

    /// What an earlier answer sealed into a cookie for this browser.
    pub(crate) fn sealed<T: DeserializeOwned>(&self, name: Name, purpose: Purpose) -> Option<T> {
        self.envelope().open(purpose, &self.cookie(name)?)
    }

    /// A cookie that this browser alone brings back.
    pub(crate) fn seal<T: Serialize>(
        &self,
        name: Name,
        purpose: Purpose,
        value: T,
        lives: std::time::Duration,
    ) -> Result<HeaderValue, Problem> {
        let sealed = self.envelope().seal(purpose, value, lives)?;
        Ok(self.app.cookies().set(name, &sealed, Some(lives)))
    }

    /// What an earlier answer sealed into a cookie for this browser and the account that is signed in.
    pub(crate) fn sealed_own<T: DeserializeOwned>(&self, name: Name, purpose: Purpose) -> Option<T> {
        let (owner, value): (String, T) = self.sealed(name, purpose)?;
        (self.person.is_some() && owner == self.owner()).then_some(value)
    }

    /// A cookie that this browser alone brings back, of use while this account is signed in and to nobody else.
    pub(crate) fn seal_for<T: Serialize>(
        &self,
        account: AccountId,
        name: Name,
        purpose: Purpose,
        value: T,
        lives: std::time::Duration,
    ) -> Result<HeaderValue, Problem> {
        self.seal(name, purpose, (account.to_string(), value), lives)
    }

    /// The same for the account that is signed in.
    pub(crate) fn seal_own<T: Serialize>(
        &self,
        name: Name,
        purpose: Purpose,
        value: T,
        lives: std::time::Duration,
    ) -> Result<HeaderValue, Problem> {
        self.seal(name, purpose, (self.owner(), value), lives)
    }

    /// A place in a list as text of an address: this person's, this list's, for an hour.
    pub(crate) fn place(&self, list: &str, cursor: &Cursor) -> Result<String, Problem> {
        let place = (list, self.owner(), cursor.as_bytes());
        self.envelope().seal(sealed::PLACE, place, limits::PLACE)
    }

    /// The place that [`place`](Self::place) wrote.
    pub(crate) fn at_place(&self, list: &str, text: &str) -> Result<Cursor, Problem> {
        let (of, owner, bytes): (String, String, Vec<u8>) = self
            .envelope()
            .open(sealed::PLACE, text)
            .ok_or(Problem::Malformed("that is no place in this list"))?;
        if of == list && owner == self.owner() {
            Ok(Cursor::from_bytes(&bytes))
        } else {
            Err(Problem::Malformed("that is no place in this list"))
        }
    }

    fn owner(&self) -> String {
        self.person
            .as_ref()
            .map(|person| person.account.id.to_string())
            .unwrap_or_default()
    }

    fn envelope(&self) -> Envelope<'_> {
        Envelope {
            sealer: self.app.sealer(),
            random: self.app.random(),
            browser: &self.browser,
            now: self.now,
        }
    }
}

/// Whether another site may have sent the browser here without the person: that does not keep a session alive.
fn sent_by_others(request: &Request) -> bool {
    let site = request.headers().get("sec-fetch-site");
    let elsewhere = site.is_some_and(|site| site == "cross-site") || request.uri().path() == "/authorize";
    request.method() == Method::GET && elsewhere
}

/// Who is signed in; without anybody the border has already answered.
#[derive(Clone, Copy)]
pub(crate) struct Person<'a>(pub(crate) &'a SignedIn);

impl Deref for Person<'_> {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        self.0
    }
}

/// The fields of the query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked(pub(crate) Fields);

impl Deref for Asked {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.0
    }
}

/// The bytes of the body, for whoever reads them by rules of its own.
#[derive(Clone)]
pub(crate) struct Raw(pub(crate) Arc<[u8]>);

/// A JSON body read as `T`, which names every field that it may have.
pub(crate) struct Strict<T>(pub(crate) T);

impl<'a> FromRequest<'a> for &'a App {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        found(request)
    }
}

impl<'a> FromRequest<'a> for &'a Visit {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        found::<Arc<Visit>>(request).map(Arc::as_ref)
    }
}

impl<'a> FromRequest<'a> for Person<'a> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let visit: &Arc<Visit> = found(request)?;
        match visit.person() {
            Some(person) => Ok(Self(person)),
            None => Err(Problem::SignInFirst(request.uri().path().to_owned()).into()),
        }
    }
}

impl<'a> FromRequest<'a> for &'a Fields {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        found(request)
    }
}

impl<'a> FromRequest<'a> for &'a Asked {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        found(request)
    }
}

impl<'a> FromRequest<'a> for &'a Raw {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        found(request)
    }
}

impl<'a, T: DeserializeOwned + Send> FromRequest<'a> for Strict<T> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let raw: &Raw = found(request)?;
        let value = serde_json::from_slice(&raw.0).map_err(|error| {
            tracing::debug!(%error, "a JSON body was refused");
            Problem::Malformed("not the JSON that this address takes")
        })?;
        Ok(Self(value))
    }
}

/// What the border put there. A route whose row says that it takes no form has no `Fields`.
fn found<T: Send + Sync + 'static>(request: &Request) -> poem::Result<&T> {
    request.data::<T>().ok_or_else(|| {
        let name = std::any::type_name::<T>();
        tracing::error!(name, "a handler asks for what its row does not take");
        Problem::Malformed("this address takes something else").into()
    })
}
