//! `seed conformance`: the printed steps are walked as the suite's browser walks them, without script.

use reqwest::StatusCode;
use serde_json::Value;

use super::provider::{Browser, Page, Provider, client, header, parameter};

const SUITE: &str = "https://localhost.emobix.co.uk:8443";

/// `*` stands for anything.
fn matches(pattern: &str, address: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == address,
        Some((start, rest)) => address
            .strip_prefix(start)
            .is_some_and(|left| rest.is_empty() || (0..=left.len()).any(|at| matches(rest, &left[at..]))),
    }
}

/// A page in the suite's browser: what was typed, and where it is.
struct Walk<'a> {
    browser: &'a mut Browser,
    address: String,
    page: Page,
    typed: Vec<(String, String)>,
}

impl<'a> Walk<'a> {
    /// Follows redirects as far as they are ours.
    async fn open(browser: &'a mut Browser, address: &str) -> Self {
        let page = browser.get(address).await;
        let mut walk = Self {
            browser,
            address: address.to_owned(),
            page,
            typed: Vec::new(),
        };
        walk.follow().await;
        walk
    }

    async fn follow(&mut self) {
        while self.page.status == StatusCode::SEE_OTHER {
            let next = self.page.location.clone();
            let next = if next.starts_with('/') {
                format!("{}{next}", self.browser.origin())
            } else {
                next
            };
            self.address.clone_from(&next);
            if next.starts_with(SUITE) {
                return;
            }
            self.page = self.browser.get(&next).await;
        }
    }

    /// Whether there was such an element.
    async fn perform(&mut self, command: &Value) -> bool {
        let word = |at: usize| command[at].as_str().unwrap_or_default().to_owned();
        let element = format!("id=\"{}\"", word(2));
        let found = self.page.body.contains(&element);
        match word(0).as_str() {
            "text" if found => {
                let tag = tag_with(&self.page.body, &element);
                self.typed
                    .push((attribute(&tag, "name").expect("a field has a name"), word(3)));
            }
            "click" if found => self.click(&element).await,
            "wait" | "text" | "click" => {}
            other => panic!("no such command: {other}"),
        }
        found
    }

    async fn click(&mut self, element: &str) {
        let tag = tag_with(&self.page.body, element);
        if tag.starts_with("<a ") {
            self.address = attribute(&tag, "href").expect("a link leads somewhere");
            return;
        }
        let at = self.page.body.find(element).expect("it is there");
        let start = self.page.body[..at].rfind("<form").expect("a button has a form");
        let end = at + self.page.body[at..].find("</form>").expect("a form ends");
        let form = &self.page.body[start..end];
        let action = attribute(&form[..=form.find('>').expect("a tag")], "action").expect("an action");
        let mut fields: Vec<(String, String)> = Vec::new();
        for piece in form.split("<input ").skip(1) {
            let tag = format!("<input {}", piece.split('>').next().unwrap_or_default());
            if let Some(name) = attribute(&tag, "name")
                && attribute(&tag, "type").as_deref() != Some("checkbox")
            {
                let typed = self
                    .typed
                    .iter()
                    .find(|(own, _)| *own == name)
                    .map(|(_, value)| value.clone());
                fields.push((
                    name,
                    typed.or_else(|| attribute(&tag, "value")).unwrap_or_default(),
                ));
            }
        }
        if let (Some(name), Some(value)) = (attribute(&tag, "name"), attribute(&tag, "value")) {
            fields.push((name, value));
        }
        let pairs: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.address = format!("{}{action}", self.browser.origin());
        self.page = self.browser.post(&self.address, &pairs).await;
        self.typed.clear();
        self.follow().await;
    }
}

/// The tag in which this stands.
fn tag_with(html: &str, text: &str) -> String {
    let at = html.find(text).expect("it is there");
    let start = html[..at].rfind('<').expect("a tag");
    html[start..].split('>').next().unwrap_or_default().to_owned()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
    Some(
        value
            .replace("&#38;", "&")
            .replace("&#34;", "\"")
            .replace("&#39;", "'"),
    )
}

#[tokio::test]
async fn seed_conformance_prints_steps_that_lead_through_our_pages() {
    let provider = Provider::start();
    let arguments = ["seed", "conformance", "--suite-url", SUITE, "--alias", "door"];
    let configuration = provider.operator(&arguments);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    assert_eq!(configuration["alias"], "door");
    let discovery = client()
        .get(text(&configuration["server"]["discoveryUrl"]))
        .send()
        .await
        .expect("an answer");
    assert_eq!(discovery.status(), StatusCode::OK);
    for name in ["client", "client_secret_post", "client2"] {
        assert!(
            configuration[name]["client_id"].is_string() && configuration[name]["client_secret"].is_string()
        );
    }

    let callback = format!("{SUITE}/test/a/door/callback");
    let id = text(&configuration["client"]["client_id"]);
    let asked = format!(
        "{}/authorize?client_id={id}&response_type=code&scope=openid+profile+email+address+phone&state=s&redirect_uri={callback}",
        provider.origin
    );
    let mut browser = Browser::new(&provider.origin);
    let entry = |address: &str| {
        let entries = configuration["browser"].as_array().expect("a list");
        let found = entries
            .iter()
            .find(|entry| matches(entry["match"].as_str().unwrap_or_default(), address));
        found.expect("an entry for the address")["tasks"]
            .as_array()
            .expect("a list")
            .clone()
    };
    let mut walk = Walk::open(&mut browser, &asked).await;
    let mut done = Vec::new();
    for task in entry(&asked) {
        if matches(task["match"].as_str().expect("a pattern"), &walk.address) {
            for command in task["commands"].as_array().expect("a list") {
                walk.perform(command).await;
            }
            done.push(text(&task["task"]));
        }
    }
    let arrived: url::Url = walk.address.parse().expect("an address");
    assert!(arrived.as_str().starts_with(&callback), "{done:?}: {arrived}");
    assert!(
        done.starts_with(&["Name".to_owned(), "Password".to_owned()]),
        "{done:?}"
    );
    let code = parameter(&arrived, "code").expect("a code");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", &callback),
    ];
    let answer = client()
        .post(format!("{}/token", provider.origin))
        .basic_auth(&id, configuration["client"]["client_secret"].as_str())
        .form(&form)
        .send()
        .await
        .expect("an answer");
    let tokens: Value = answer.json().await.expect("JSON");
    let claims = provider.userinfo(&tokens).await;
    for name in [
        "given_name",
        "birthdate",
        "address",
        "phone_number",
        "email_verified",
        "zoneinfo",
        "picture",
    ] {
        assert!(claims.get(name).is_some(), "{name}");
    }

    let again = Walk::open(&mut browser, &format!("{asked}&prompt=none")).await;
    assert!(
        again.address.contains("code="),
        "oidcc-prompt-none-logged-in: {}",
        again.address
    );
    let out = format!("{}/end-session?state=x", provider.origin);
    let mut walk = Walk::open(&mut browser, &out).await;
    for task in entry(&out) {
        if matches(task["match"].as_str().expect("a pattern"), &walk.address) {
            for command in task["commands"].as_array().expect("a list") {
                walk.perform(command).await;
            }
        }
    }
    assert!(
        walk.address.ends_with("/signed-out"),
        "logout-confirm: {}",
        walk.address
    );
}

#[tokio::test]
async fn webfinger() {
    let provider = Provider::with(&[("DOORWARD_SERVER_WEBFINGER_DOMAINS", "mail.example")]);
    let ask = async |query: &str| {
        client()
            .get(format!("{}/.well-known/webfinger?{query}", provider.origin))
            .send()
            .await
            .expect("an answer")
    };
    let rel = "rel=http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer";
    for resource in [
        "acct:ana@mail.example",
        "acct:nobody%40x@mail.example",
        "acct:ana@localhost",
        "http://localhost/",
    ] {
        let answer = ask(&format!("resource={resource}&{rel}")).await;
        assert_eq!(answer.status(), StatusCode::OK, "{resource}");
        assert_eq!(header(&answer, "content-type"), "application/jrd+json");
        assert_eq!(header(&answer, "access-control-allow-origin"), "*");
        let found: Value = answer.json().await.expect("JSON");
        assert_eq!(found["links"][0]["href"], provider.origin, "to the byte");
    }
    for (query, status) in [
        ("resource=acct:ana@other.example", StatusCode::NOT_FOUND),
        ("resource=nonsense", StatusCode::NOT_FOUND),
        ("", StatusCode::BAD_REQUEST),
        (
            "resource=acct:a@mail.example&resource=acct:b@mail.example",
            StatusCode::BAD_REQUEST,
        ),
    ] {
        assert_eq!(ask(query).await.status(), status, "{query}");
    }
}
