//! What people read when a request cannot be answered: what happened, then what to do.

use super::errors::Problem;

/// Heading and sentence.
pub(crate) fn of(problem: &Problem) -> (&'static str, &'static str) {
    match problem {
        Problem::NotFound => ("Not found", "There is nothing at this address."),
        Problem::Method(_) => ("Not here", "This address can't be used that way."),
        Problem::Malformed(_) => (
            "That can't be read",
            "Something in the request is missing or not of the right form. Go back and try again.",
        ),
        Problem::Forged => (
            "Try that again",
            "This page was out of date, or it came from another site. Nothing was changed. Go back, reload the page, and try again.",
        ),
        Problem::TooLarge => ("Too large", "That was larger than this address takes."),
        Problem::HeadersTooLarge => (
            "Too many cookies",
            "Your browser sent more than this address takes, most likely cookies of neighbouring sites. They have been cleared: reload the page.",
        ),
        Problem::MediaType => (
            "That can't be read",
            "This address takes another kind of content.",
        ),
        Problem::TooSlow => ("Too slow", "The request did not arrive in time. Try again."),
        Problem::WrongHost(_) => (
            "This is not the right address",
            "This instance has another address.",
        ),
        Problem::SignInFirst(_) => ("Sign in first", "You have been signed out. Sign in again."),
        Problem::Expired => ("This page waited too long", "Start again; nothing was changed."),
        Problem::SlowDown(_) => (
            "Not so fast",
            "There were too many tries. Wait a little and try again.",
        ),
        Problem::Busy => (
            "Busy",
            "Too many people are signing in with a password just now. Try again in a few seconds.",
        ),
        Problem::Refused(_) => ("That didn't work", "That was not accepted."),
        Problem::Internal(_) => (
            "Something went wrong here",
            "It's not your fault. Try again; if it happens again, tell your operator the event below.",
        ),
    }
}

/// The page under the wrong name says which is right, and why it matters.
pub(crate) fn wrong_host(configured: &str, used: &str) -> Vec<String> {
    let shown: String = used.chars().filter(|c| !c.is_control()).take(100).collect();
    vec![
        format!("You opened {}, but the address of this instance is {configured}.", if shown.is_empty() { "an address without a name" } else { &shown }),
        "Passkeys belong to one address. One that is made at another could never be used here.".to_owned(),
        "If you run this instance: set url in the section [server] of its configuration, or start it with --url.".to_owned(),
    ]
}
