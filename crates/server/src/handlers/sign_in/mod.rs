//! The pages of the sign-in. What is under way travels in one sealed cookie; where it leads travels in `then`.

pub(crate) mod name;
pub(crate) mod passkey;
pub(crate) mod password;
pub(crate) mod second;

use doorward_identity::tokens::HalfToken;
use poem::http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::cookies::Name;
use crate::http::errors::Problem;
use crate::http::visit::Visit;
use crate::http::waiting::Then;
use crate::http::{ATTEMPT, sealed};
use crate::pages::Layout;

/// A sign-in that is under way.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Attempt {
    /// What was typed as name.
    name: String,
    /// The handle of the half sign-in, once the first proof was right.
    half: Option<String>,
}

impl Attempt {
    fn of(visit: &Visit) -> Self {
        visit.sealed(Name::Attempt, sealed::ATTEMPT).unwrap_or_default()
    }

    /// The handle of the half sign-in.
    fn half(&self) -> Option<HalfToken> {
        HalfToken::parse(self.half.as_deref()?).ok()
    }

    fn cookie(&self, visit: &Visit) -> Result<HeaderValue, Problem> {
        visit.seal(Name::Attempt, sealed::ATTEMPT, self, ATTEMPT)
    }
}

/// The frame of a page of the sign-in.
fn layout(app: &App, visit: &Visit, then: Then) -> Layout {
    let mut layout = app.layout(Some(visit));
    layout.then = then.field();
    layout.then_query = then.query();
    layout
}
