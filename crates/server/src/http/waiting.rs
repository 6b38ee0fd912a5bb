//! Where a sign-in leads: home, a page of ours, or an application's request that waits for it.
//!
//! An application's request stays with the browser, sealed, in a cookie of its own in one of four places. The pages
//! of the sign-in carry its name, so that two tabs do not mix. When all places are taken the oldest gives way.

use doorward_identity::grants::{RequestId, SealedRequest};
use doorward_oidc::device::UserCode;
use poem::http::HeaderValue;

use super::cookies::Name;
use super::errors::Problem;
use super::visit::Visit;
use super::{limits, routes};
use crate::app::App;

/// Where a sign-in leads. Its text travels in the field `then`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Then {
    /// Home.
    #[default]
    Home,
    /// One of our own pages, by its row in the table of routes.
    Page(&'static str),
    /// The application's request with this name.
    Request(RequestId),
    /// The question of the device with this code.
    Device(Typed),
}

/// The code of a device, as the address of its question carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Typed([u8; 8]);

impl Typed {
    /// The code: eight letters.
    pub(crate) fn of(code: &UserCode) -> Self {
        let mut letters = [0; 8];
        letters
            .iter_mut()
            .zip(code.expose().bytes())
            .for_each(|(to, from)| *to = from);
        Self(letters)
    }

    fn parse(text: &str) -> Option<Self> {
        let code = UserCode::parse(text.strip_prefix(DEVICE)?)?;
        Some(Self::of(&code))
    }

    fn letters(self) -> String {
        self.0.map(char::from).iter().collect()
    }
}

/// What the field begins with where a device waits.
const DEVICE: &str = "device.";

impl Then {
    /// Reads the field. What is not ours is home: an address from outside is never followed.
    pub(crate) fn parse(text: &str) -> Self {
        if let Some(typed) = Typed::parse(text) {
            return Self::Device(typed);
        }
        match (routes::page(text), text.parse()) {
            (Some(page), _) => Self::Page(page),
            (None, Ok(request)) => Self::Request(request),
            (None, Err(_)) => Self::Home,
        }
    }

    /// The text of the field.
    pub(crate) fn field(self) -> String {
        match self {
            Self::Home => String::new(),
            Self::Page(path) => path.to_owned(),
            Self::Request(name) => name.to_string(),
            Self::Device(typed) => format!("{DEVICE}{}", typed.letters()),
        }
    }

    /// The address after the sign-in.
    pub(crate) fn location(self) -> String {
        match self {
            Self::Home => "/".to_owned(),
            Self::Page(path) => path.to_owned(),
            Self::Request(name) => format!("/continue?request={name}"),
            Self::Device(typed) => format!("/device?user_code={}", typed.letters()),
        }
    }

    /// The field as the query of the sign-in's own addresses: empty, or with its question mark.
    pub(crate) fn query(self) -> String {
        match self {
            Self::Home => String::new(),
            Self::Page(_) | Self::Request(_) | Self::Device(_) => format!("?then={}", self.field()),
        }
    }
}

/// Keeps a request in this browser; gives the cookie. One that waits already keeps its place.
///
/// # Errors
/// [`Problem::TooLarge`] for a request that no cookie holds: browsers would drop it without a word.
pub(crate) fn keep(app: &App, visit: &Visit, request: &SealedRequest) -> Result<HeaderValue, Problem> {
    let kept: Vec<Option<Waiting>> = places(visit).map(|(_, waiting)| waiting).collect();
    let same = kept.iter().position(|kept| {
        kept.as_ref()
            .is_some_and(|kept| kept.request.id() == request.id())
    });
    let oldest = kept
        .iter()
        .enumerate()
        .min_by_key(|(_, kept)| kept.as_ref().map_or(0, |kept| kept.since));
    let place = same.or(oldest.map(|(place, _)| place)).unwrap_or(0);
    let value = format!("{}~{}", visit.now.seconds(), request.encode());
    let cookie = app
        .cookies()
        .set(Name::Request(place), &value, Some(limits::REQUEST_WAITS));
    if cookie.len() > limits::COOKIE {
        Err(Problem::TooLarge)
    } else {
        Ok(cookie)
    }
}

/// The request with this name, and the name of its cookie, which goes when it is answered.
pub(crate) fn find(visit: &Visit, name: RequestId) -> Option<(SealedRequest, Name)> {
    let (place, waiting) =
        places(visit).find(|(_, waiting)| waiting.as_ref().is_some_and(|it| it.request.id() == name))?;
    Some((waiting?.request, place))
}

struct Waiting {
    since: u64,
    request: SealedRequest,
}

fn places(visit: &Visit) -> impl Iterator<Item = (Name, Option<Waiting>)> + '_ {
    (0..limits::WAITING_REQUESTS).map(|place| {
        let name = Name::Request(place);
        let waiting = visit.cookie(name).and_then(|value| {
            let (since, request) = value.split_once('~')?;
            Some(Waiting {
                since: since.parse().ok()?,
                request: SealedRequest::parse(request).ok()?,
            })
        });
        (name, waiting)
    })
}
