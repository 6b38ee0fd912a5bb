//! A person with a browser and a device, walking through a running provider over HTTP.
//!
//! It follows pages as they are served: it reads the CSRF token of the page that it stands on, sends what the
//! page's script would send, and keeps cookies. It is the load generator's hand and the crash tests' witness.

use std::time::Duration;

use reqwest::{Client, Response, header::LOCATION, redirect::Policy};
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    device::{Declined, Device},
};

/// What went wrong on the way.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// No answer came: the server is gone, or the connection broke. Whether it acted is unknown.
    #[error("no answer: {0}")]
    NoAnswer(#[from] reqwest::Error),
    /// The server refused.
    #[error("refused with {status} at {path}: {body}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Which request.
        path: String,
        /// What it said.
        body: String,
    },
    /// The device refused.
    #[error("the device declined: {0}")]
    Device(#[from] Declined),
    /// The page was not what it should be.
    #[error("{0} is not on the page at {1}")]
    Page(&'static str, String),
}

impl Trouble {
    /// Whether the server gave a definite answer, so that what was asked certainly did not happen.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if *status < 500)
    }
}

/// One person, one browser profile, one device.
#[derive(Debug)]
pub struct Visitor {
    client: Client,
    browser: Browser,
    origin: String,
    /// The authenticator.
    pub device: Device,
    csrf: String,
    last: Option<(String, Value)>,
}

impl Visitor {
    /// A visitor of the provider at this origin.
    ///
    /// # Errors
    /// [`Trouble::NoAnswer`] when no HTTP client can be made.
    pub fn of(origin: &str, device: Device) -> Result<Self, Trouble> {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .timeout(Duration::from_secs(30))
            .user_agent("Doorward software authenticator")
            .build()?;
        let browser = Browser::at(origin);
        Ok(Self {
            client,
            browser,
            origin: origin.to_owned(),
            device,
            csrf: String::new(),
            last: None,
        })
    }

    /// Makes an account from a one-time link, with a passkey of the device.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn set_up(&mut self, link: &str, user_name: &str) -> Result<(), Trouble> {
        self.page(link).await?;
        let person = json!({ "user_name": user_name, "display_name": user_name, "email": "" });
        let path = link.strip_prefix(&self.origin).unwrap_or(link).to_owned();
        let asked = self
            .post_json(&format!("{path}/passkey/options"), &person)
            .await?;
        let response = self.browser.create(&mut self.device, &asked["publicKey"])?;
        let mut answer = person;
        answer["state"] = asked["state"].clone();
        answer["response"] = response;
        self.finish(format!("{path}/passkey"), answer).await
    }

    /// Makes an account from a one-time link, with a password.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn set_up_with_password(
        &mut self,
        link: &str,
        user_name: &str,
        password: &str,
    ) -> Result<(), Trouble> {
        self.page(link).await?;
        let form = [
            ("user_name", user_name),
            ("display_name", user_name),
            ("email", ""),
            ("password", password),
            ("way", "password"),
        ];
        let path = link.strip_prefix(&self.origin).unwrap_or(link).to_owned();
        self.submit(&path, &form).await.map(drop)
    }

    /// Signs in with a passkey and nothing typed.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn sign_in(&mut self) -> Result<(), Trouble> {
        self.page("/sign-in").await?;
        let asked = self.post_json("/sign-in/passkey/options", &json!({})).await?;
        let response = self.browser.get(&mut self.device, &asked["publicKey"])?;
        self.finish(
            "/sign-in/passkey".to_owned(),
            json!({ "state": asked["state"], "response": response }),
        )
        .await
    }

    /// Sends the last finished ceremony once more, as somebody who recorded it would.
    ///
    /// # Errors
    /// [`Trouble::Refused`] is what must come.
    pub async fn replay(&mut self) -> Result<(), Trouble> {
        let (path, answer) = self
            .last
            .clone()
            .ok_or(Trouble::Page("a finished ceremony", String::new()))?;
        self.page("/sign-in").await?;
        self.post_json(&path, &answer).await.map(drop)
    }

    /// Name and password; the address that came next (`/sign-in/code` when a second factor is asked).
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn enter_password(&mut self, user_name: &str, password: &str) -> Result<String, Trouble> {
        self.page("/sign-in").await?;
        self.submit("/sign-in", &[("name", user_name)]).await?;
        self.page("/sign-in/password").await?;
        self.submit(
            "/sign-in/password",
            &[("name", user_name), ("password", password)],
        )
        .await
    }

    /// The code of the second factor.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn enter_code(&mut self, code: &str) -> Result<String, Trouble> {
        self.page("/sign-in/code").await?;
        self.submit("/sign-in/code", &[("code", code)]).await
    }

    /// Adds a passkey of another device under this name; the device of before confirms it.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn add_passkey(&mut self, name: &str, newcomer: &mut Device) -> Result<(), Trouble> {
        self.page("/settings/security?dialog=add-passkey").await?;
        let asked = self
            .post_json("/settings/security/passkeys/options", &json!({ "name": name }))
            .await?;
        let response = self.browser.create(newcomer, &asked["publicKey"])?;
        let answer = json!({ "name": name, "state": asked["state"], "response": response });
        let answer = self.post_json("/settings/security/passkeys", &answer).await?;
        let location = answer["location"].as_str().unwrap_or_default().to_owned();
        let Some((_, change)) = location.split_once("change=") else {
            return Ok(());
        };
        let change = change.split('&').next().unwrap_or_default().to_owned();
        self.page(&location).await?;
        let asked = self
            .post_json("/verify/options", &json!({ "change": change }))
            .await?;
        let response = self.browser.get(&mut self.device, &asked["publicKey"])?;
        let answer = json!({ "change": change, "state": asked["state"], "response": response });
        self.finish("/verify/passkey".to_owned(), answer).await
    }

    /// Whether the settings open.
    ///
    /// # Errors
    /// [`Trouble::NoAnswer`].
    pub async fn is_signed_in(&self) -> Result<bool, Trouble> {
        Ok(self
            .client
            .get(self.address("/settings/security"))
            .send()
            .await?
            .status()
            .is_success())
    }

    /// The text of a page, whose CSRF token is kept for what is sent next.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn page(&mut self, path: &str) -> Result<String, Trouble> {
        let answer = self.client.get(self.address(path)).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(Trouble::Refused {
                status: status.as_u16(),
                path: path.to_owned(),
                body: shortened(&text),
            });
        }
        let token = text
            .split_once("name=\"csrf\" content=\"")
            .and_then(|(_, rest)| rest.split_once('"'));
        let (token, _) = token.ok_or_else(|| Trouble::Page("a CSRF token", path.to_owned()))?;
        self.csrf = token.to_owned();
        Ok(text)
    }

    /// Submits a form of the page; the address that the answer leads to.
    ///
    /// # Errors
    /// [`Trouble::Refused`] when the answer is no redirect: the form came back.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<String, Trouble> {
        let mut form = vec![("csrf", self.csrf.as_str())];
        form.extend_from_slice(fields);
        let request = self.client.post(self.address(path)).form(&form);
        let answer = request
            .header("origin", &self.origin)
            .header("sec-fetch-site", "same-origin")
            .send()
            .await?;
        if answer.status().is_redirection() {
            return Ok(location(&answer));
        }
        let status = answer.status().as_u16();
        // A form that comes back with 200 is a refusal too.
        let status = if status < 400 { 422 } else { status };
        Err(Trouble::Refused {
            status,
            path: path.to_owned(),
            body: shortened(&answer.text().await?),
        })
    }

    /// Follows an address of the provider along its own redirects; where it leaves the provider, that address.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn follow(&mut self, address: &str) -> Result<Option<String>, Trouble> {
        let mut next = address.to_owned();
        for _ in 0..10 {
            let answer = self.client.get(self.address(&next)).send().await?;
            if !answer.status().is_redirection() {
                return Ok(None);
            }
            next = location(&answer);
            if next.starts_with("http") && !next.starts_with(&self.origin) {
                return Ok(Some(next));
            }
        }
        Err(Trouble::Page("an end of redirects", next))
    }

    async fn finish(&mut self, path: String, answer: Value) -> Result<(), Trouble> {
        let sent = self.post_json(&path, &answer).await;
        self.last = Some((path, answer));
        sent.map(drop)
    }

    async fn post_json(&self, path: &str, body: &Value) -> Result<Value, Trouble> {
        let request = self.client.post(self.address(path)).json(body);
        let answer = request
            .header("origin", &self.origin)
            .header("sec-fetch-site", "same-origin")
            .header("x-csrf-token", &self.csrf)
            .send()
            .await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(Trouble::Refused {
                status: status.as_u16(),
                path: path.to_owned(),
                body: shortened(&text),
            });
        }
        serde_json::from_str(&text).map_err(|_| Trouble::Page("JSON", path.to_owned()))
    }

    fn address(&self, path: &str) -> String {
        if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.origin)
        }
    }
}

fn location(answer: &Response) -> String {
    answer
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

fn shortened(text: &str) -> String {
    text.chars().take(300).collect()
}
