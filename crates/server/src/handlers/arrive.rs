//! The cookies at the end of every sign-in, and of every session.

use doorward_identity::sign_in::{Method, NewSession};
use poem::http::HeaderValue;

use crate::app::App;
use crate::http::cookies::Name;
use crate::http::visit::Visit;

/// A year: the hint holds nothing but which button stands first.
const HINT: std::time::Duration = std::time::Duration::from_secs(365 * 24 * 60 * 60);

/// Takes away what belonged to who was signed in here. What makes the browser known stays: it opens nothing.
pub(super) fn gone(app: &App) -> impl Iterator<Item = HeaderValue> {
    let cookies = app.cookies();
    Name::OF_A_SESSION
        .into_iter()
        .map(move |name| cookies.clear(name))
}

/// The session's cookie, what makes the browser known, which button stands first next time; the attempt is over.
pub(super) fn cookies(app: &App, visit: &Visit, new: &NewSession) -> Vec<HeaderValue> {
    let cookies = app.cookies();
    // Without "Stay signed in" the cookie ends with the browser's own session.
    let stays = u128::from(new.session.idle_millis) >= app.identity().limits().session_stay.as_millis();
    let lasts = stays.then(|| new.ends_at.since(visit.now));
    let mut set = vec![
        cookies.set(Name::Session, &new.token.encode(), lasts),
        cookies.clear(Name::Attempt),
    ];
    set.push(cookies.set(
        Name::Device,
        &new.known_device,
        Some(app.identity().limits().known_device),
    ));
    set.push(match new.used {
        Method::Passkey => cookies.set(Name::Hint, "passkey", Some(HINT)),
        Method::Password | Method::Totp | Method::RecoveryCode => cookies.clear(Name::Hint),
    });
    set
}
