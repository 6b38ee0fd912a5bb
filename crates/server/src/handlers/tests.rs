//! Pages as one browser meets them, one after the other: what a person sees there is theirs alone.

use std::collections::BTreeMap;

use doorward_identity::accounts::NewPerson;
use doorward_identity::records::account::Role;
use doorward_identity::tokens::SetupToken;
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Request, Response};

use crate::app::App;
use crate::http::routes::endpoint;
use crate::http::tests::{HOST, app};

const PASSWORD: &str = "seven+grey+herons";

/// A browser: it keeps its cookies.
#[derive(Default)]
struct Visitor(BTreeMap<String, String>);

impl Visitor {
    async fn ask(
        &mut self,
        everything: &impl Endpoint<Output = Response>,
        method: Method,
        path: &str,
        body: String,
    ) -> Response {
        let cookies: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = Request::builder()
            .method(method)
            .uri_str(path)
            .header(header::HOST, HOST)
            .header(header::COOKIE, cookies.join("; "))
            .header("sec-fetch-site", "same-origin")
            .content_type("application/x-www-form-urlencoded")
            .body(body);
        let response = everything.get_response(request).await;
        for line in response.headers().get_all(header::SET_COOKIE) {
            let pair = line.to_str().ok().and_then(|line| line.split(';').next());
            let (name, value) = pair.and_then(|pair| pair.split_once('=')).expect("a cookie");
            if value.is_empty() {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    async fn open(&mut self, everything: &impl Endpoint<Output = Response>, path: &str) -> String {
        let page = self.ask(everything, Method::GET, path, String::new()).await;
        page.into_body().into_string().await.expect("a page")
    }

    /// Sends the form of the page at `page`.
    async fn send(
        &mut self,
        everything: &impl Endpoint<Output = Response>,
        page: &str,
        path: &str,
        fields: &str,
    ) -> Response {
        let html = self.open(everything, page).await;
        let token = html
            .split("name=\"csrf\" content=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("the page carries a token");
        self.ask(everything, Method::POST, path, format!("csrf={token}&{fields}"))
            .await
    }
}

async fn invited(app: &App, name: &str) -> SetupToken {
    let person = NewPerson::parse(name, "", "").expect("a person");
    let added = app.identity().add_person(&person, Role::Person).await;
    added.expect("a free name").1
}

#[tokio::test]
async fn an_invitation_opens_at_its_own_address_alone() {
    let app = app();
    let everything = endpoint(&app);
    let token = invited(&app, "ana").await.encode();
    let mut visitor = Visitor::default();
    let wrong = visitor
        .ask(
            &everything,
            Method::GET,
            &format!("/setup/{token}"),
            String::new(),
        )
        .await;
    assert_eq!(wrong.status(), StatusCode::NOT_FOUND);
    let page = visitor.open(&everything, &format!("/invite/{token}")).await;
    assert!(page.contains("readonly"), "the user name stays");
}

/// Makes the person's account in this browser; they are signed in then.
async fn set_up(visitor: &mut Visitor, app: &App, everything: &impl Endpoint<Output = Response>, name: &str) {
    let page = format!("/invite/{}", invited(app, name).await.encode());
    let fields = format!("way=password&user_name={name}&display_name={name}&email=&password={PASSWORD}");
    let made = visitor.send(everything, &page, &page, &fields).await;
    assert_eq!(made.status(), StatusCode::SEE_OTHER, "{name}");
    assert!(visitor.0.contains_key("doorward-session"), "{name}");
}

#[tokio::test]
async fn a_notice_is_of_one_account_and_goes_with_the_session() {
    let app = app();
    let everything = endpoint(&app);
    let mut visitor = Visitor::default();
    set_up(&mut visitor, &app, &everything, "ana").await;
    let profile = "/settings/profile";
    let saved = visitor
        .send(&everything, profile, profile, "display_name=Ana+B")
        .await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    let notice = visitor.0.get("doorward-notice").cloned().expect("it says so");
    assert!(visitor.open(&everything, "/").await.contains("Saved."));
    visitor.0.insert("doorward-notice".to_owned(), notice.clone());
    visitor.0.insert("doorward-codes".to_owned(), notice.clone());
    let html = visitor.open(&everything, "/settings/sessions").await;
    assert!(html.contains("This device"));
    visitor.0.insert("doorward-notice".to_owned(), notice.clone());
    let out = visitor
        .send(&everything, "/settings/sessions", "/sign-out", "")
        .await;
    assert_eq!(out.header("location"), Some("/signed-out"));
    for gone in ["doorward-session", "doorward-notice", "doorward-codes"] {
        assert!(!visitor.0.contains_key(gone), "{gone}");
    }
    set_up(&mut visitor, &app, &everything, "ben").await;
    visitor.0.insert("doorward-notice".to_owned(), notice);
    assert!(!visitor.open(&everything, "/").await.contains("Saved."));
}

#[tokio::test]
async fn a_name_longer_than_any_is_not_carried_on() {
    let everything = endpoint(&app());
    let fields = format!("name={}", "a".repeat(321));
    let answer = Visitor::default()
        .send(&everything, "/sign-in", "/sign-in", &fields)
        .await;
    assert_eq!(answer.header("location"), Some("/sign-in"));
}
