//! The first page, and the list of other ways.

use doorward_identity::grants;
use doorward_identity::sign_in::Method;
use poem::{Response, handler};

use super::{Attempt, layout};
use crate::app::App;
use crate::http::Fields;
use crate::http::answer::{WithCookie as _, page, see_other};
use crate::http::errors::Problem;
use crate::http::visit::{Asked, Visit};
use crate::http::waiting::{self, Then};
use crate::pages::sign_in::{ClientView, MethodView, MethodsPage, SignInPage};

#[handler]
pub(crate) async fn show(app: &App, visit: &Visit, asked: &Asked) -> Result<Response, Problem> {
    let then = Then::parse(asked.text("then")?);
    let waiting = match then {
        Then::Request(name) => match waiting::find(visit, name) {
            Some((request, _)) => {
                app.identity()
                    .waiting_for_sign_in(&request, &visit.browser)
                    .await?
            }
            None => None,
        },
        // Who is here already has nothing to do on this page, unless an application asks for it.
        Then::Home | Then::Page(_) if visit.person().is_some() => return Ok(see_other(then.location())),
        Then::Home | Then::Page(_) | Then::Device(_) => None,
    };
    let hint = waiting
        .as_ref()
        .and_then(|waiting| waiting.login_hint.clone())
        .unwrap_or_default();
    let client = waiting.map(|waiting| view(waiting.client));
    page(&SignInPage {
        layout: layout(app, visit, then),
        heading: client.as_ref().map_or_else(
            || "Sign in".to_owned(),
            |client| format!("Sign in to {}", client.name),
        ),
        client,
        name: hint,
        passkey_first: visit.passkey_first || !app.takes_passwords(),
        passwords: app.takes_passwords(),
    })
}

#[handler]
pub(crate) async fn submit(app: &App, visit: &Visit, fields: &Fields) -> Result<Response, Problem> {
    let then = Then::parse(fields.text("then")?);
    let name = fields.text("name")?.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS {
        return Ok(see_other(format!("/sign-in{}", then.query())));
    }
    let prompt = app.identity().identify(&name).await?;
    let cookie = Attempt { name, half: None }.cookie(visit)?;
    let path = match prompt.method {
        Method::Passkey => "/sign-in/passkey",
        Method::Password | Method::Totp | Method::RecoveryCode => "/sign-in/password",
    };
    Ok(see_other(format!("{path}{}", then.query())).cookie(cookie))
}

#[handler]
pub(crate) async fn methods(app: &App, visit: &Visit, asked: &Asked) -> Result<Response, Problem> {
    let then = Then::parse(asked.text("then")?);
    let attempt = Attempt::of(visit);
    let methods = match attempt.half() {
        // The same for everybody until a first proof is right: the list says nothing about the account.
        None => first(app),
        Some(half) => match app.identity().second_factors(&visit.browser, &half).await {
            Ok((_, possible)) => ORDER
                .into_iter()
                .filter(|method| possible.contains(method))
                .collect(),
            Err(_) => first(app),
        },
    };
    page(&MethodsPage {
        layout: layout(app, visit, then),
        name: attempt.name,
        methods: methods.into_iter().map(way).collect(),
        contact: format!("Ask {}.", app.contact()),
    })
}

/// The most characters that the field takes: no user name and no address is longer.
const NAME_CHARACTERS: usize = 320;

/// The order of the list.
const ORDER: [Method; 4] = [
    Method::Passkey,
    Method::Password,
    Method::Totp,
    Method::RecoveryCode,
];

/// What can be proved first here.
fn first(app: &App) -> Vec<Method> {
    if app.takes_passwords() {
        vec![Method::Passkey, Method::Password]
    } else {
        vec![Method::Passkey]
    }
}

fn way(method: Method) -> MethodView {
    let (path, name, about) = match method {
        Method::Passkey => (
            "/sign-in/passkey",
            "Passkey",
            "On this device, a phone, or a security key.",
        ),
        Method::Password => (
            "/sign-in/password",
            "Password",
            "Then a code from your authenticator app or a recovery code, where that is set up.",
        ),
        Method::Totp => (
            "/sign-in/code",
            "Authenticator app",
            "The 6-digit code that it shows now.",
        ),
        Method::RecoveryCode => (
            "/sign-in/recovery",
            "Recovery code",
            "One of the codes that you saved. Each works once.",
        ),
    };
    MethodView { path, name, about }
}

fn view(client: grants::ClientView) -> ClientView {
    ClientView {
        name: client.name,
        host: client.host,
        policy: client.policy_uri,
        terms: client.tos_uri,
    }
}
