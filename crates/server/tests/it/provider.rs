//! A running provider with one person and one application, and a browser that keeps cookies.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests says by panicking what did not hold"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::{Method, Response, StatusCode, redirect};
use url::Url;

const BINARY: &str = env!("CARGO_BIN_EXE_doorward");
pub(crate) const PASSWORD: &str = "violet tram under the old bridge";
pub(crate) const CALLBACK: &str = "https://app.example/callback?kept=1";
pub(crate) const GOODBYE: &str = "https://app.example/goodbye";
/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The provider; it ends with the test.
pub(crate) struct Provider {
    child: Child,
    pub(crate) origin: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    setup: String,
    data: PathBuf,
    folder: tempfile::TempDir,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Provider {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// With variables of the environment beside the usual ones.
    pub(crate) fn with(variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|free| free.local_addr())
            .expect("a port is free")
            .port();
        let origin = format!("http://localhost:{port}");
        let data = folder.path().join("data");
        let mut child = Command::new(BINARY)
            .env("DOORWARD_SERVER_RUN_AS_ROOT", "true")
            .args([
                "serve",
                "--url",
                &origin,
                "--listen",
                &format!("127.0.0.1:{port}"),
                "--data",
            ])
            .arg(&data)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let said = lines
            .map(|line| line.expect("text"))
            .find(|line| line.contains("/setup/"));
        let line = said.expect("an empty store prints a link");
        let setup = line
            .split_whitespace()
            .find(|word| word.contains("/setup/"))
            .expect("a link")
            .to_owned();
        let usual = [
            "Site",
            "--consent",
            "--redirect-uri",
            CALLBACK,
            "--post-logout-redirect-uri",
            GOODBYE,
        ];
        let app = add(&data, &usual);
        let text = |name: &str| {
            app.get(name)
                .and_then(|value| value.as_str())
                .expect(name)
                .to_owned()
        };
        let (client_id, client_secret) = (text("client_id"), text("client_secret"));
        Self {
            child,
            origin,
            client_id,
            client_secret,
            setup,
            data,
            folder,
        }
    }

    /// The path of the link for the first run.
    pub(crate) fn setup_path(&self) -> &str {
        self.setup.strip_prefix(&self.origin).expect("a link of ours")
    }

    /// What the operator's command line says, which must be done.
    pub(crate) fn operator(&self, arguments: &[&str]) -> serde_json::Value {
        let done = Command::new(BINARY)
            .args(arguments)
            .args(["--json", "--url", &self.origin, "--data"])
            .arg(&self.data)
            .output()
            .expect("the binary starts");
        assert!(
            done.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        serde_json::from_slice(&done.stdout).unwrap_or_default()
    }

    /// The tokens that a person gives who allows this request.
    pub(crate) async fn tokens(&self, browser: &mut Browser, more: &[(&str, &str)]) -> serde_json::Value {
        let page = browser.get(&self.request(more)).await;
        let page = if page.status == StatusCode::OK {
            self.allow(browser, &page).await
        } else {
            page
        };
        let code = parameter(&page.onward(), "code");
        self.redeem(&code.unwrap_or_else(|| panic!("no code: {}", page.onward())))
            .await
    }

    /// What userinfo says to the holder of these tokens.
    pub(crate) async fn userinfo(&self, tokens: &serde_json::Value) -> serde_json::Value {
        let answer = client()
            .get(format!("{}/userinfo", self.origin))
            .bearer_auth(tokens["access_token"].as_str().expect("a token"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.expect("JSON")
    }

    /// Adds an application; gives what is printed.
    pub(crate) fn add(&self, arguments: &[&str]) -> serde_json::Value {
        self.operator(&[&["app", "add"], arguments].concat())
    }

    /// A file for an argument of the command line.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    }

    /// A browser in which the instance's first person is signed in.
    pub(crate) async fn person(&self) -> Browser {
        let mut browser = Browser::new(&self.origin);
        let page = browser.get(&self.setup).await;
        let csrf = page.field("csrf");
        let form = [
            ("csrf", csrf.as_str()),
            ("user_name", "ana"),
            ("display_name", "Ana Lima"),
            ("email", "ana@example.org"),
            ("password", PASSWORD),
            ("way", "password"),
        ];
        let done = browser.post(&self.setup, &form).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        browser
    }

    /// The address of an authorization request.
    pub(crate) fn request(&self, more: &[(&str, &str)]) -> String {
        let usual = [
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid email offline_access"),
            ("state", "st\"><script>"),
            ("nonce", "no"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let said = |name: &str| more.iter().any(|(own, _)| *own == name);
        let pairs = usual.iter().filter(|(name, _)| !said(name)).chain(more);
        let mut url = Url::parse(&format!("{}/authorize", self.origin)).expect("an address");
        url.query_pairs_mut().extend_pairs(pairs);
        url.into()
    }

    /// Presses `Allow` on a consent page.
    pub(crate) async fn allow(&self, browser: &mut Browser, page: &Page) -> Page {
        let (csrf, request) = (page.field("csrf"), page.field("request"));
        let form = [
            ("csrf", csrf.as_str()),
            ("request", request.as_str()),
            ("decision", "allow"),
        ];
        browser.post(&format!("{}/consent", self.origin), &form).await
    }

    /// The tokens for a code.
    pub(crate) async fn redeem(&self, code: &str) -> serde_json::Value {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let answer = client()
            .post(format!("{}/token", self.origin))
            .basic_auth(&self.client_id, Some(&self.client_secret))
            .form(&form)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            header(&answer, "cache-control"),
            "no-store",
            "token_response_no_store"
        );
        answer.json().await.expect("JSON")
    }
}

fn add(data: &Path, arguments: &[&str]) -> serde_json::Value {
    let added = Command::new(BINARY)
        .args(["app", "add", "--json"])
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .expect("the binary starts");
    serde_json::from_slice(&added.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&added.stderr)))
}

/// What came back.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) policy: String,
    pub(crate) body: String,
}

impl Page {
    /// The value of a hidden field.
    pub(crate) fn field(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let rest = self
            .body
            .split(&start)
            .nth(1)
            .unwrap_or_else(|| panic!("a field {name} in {}", self.body));
        unescaped(rest.split('"').next().expect("a first piece"))
    }

    /// Where the page sends the browser on: by its header, or by the page that leaves.
    pub(crate) fn onward(&self) -> Url {
        let by_page = self
            .body
            .split("content=\"0;url=")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let address = if self.location.is_empty() {
            by_page.map(unescaped)
        } else {
            Some(self.location.clone())
        };
        address
            .unwrap_or_else(|| panic!("leads nowhere: {}", self.body))
            .parse()
            .expect("an address")
    }
}

/// What askama escapes.
fn unescaped(text: &str) -> String {
    text.replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
}

/// A browser that follows nothing by itself.
pub(crate) struct Browser {
    origin: String,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            cookies: BTreeMap::new(),
        }
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) async fn get(&mut self, address: &str) -> Page {
        self.send(Method::GET, address, None).await
    }

    pub(crate) async fn post(&mut self, address: &str, form: &[(&str, &str)]) -> Page {
        self.send(Method::POST, address, Some(form)).await
    }

    async fn send(&mut self, method: Method, address: &str, form: Option<&[(&str, &str)]>) -> Page {
        let address = if address.starts_with('/') {
            format!("{}{address}", self.origin)
        } else {
            address.to_owned()
        };
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = client()
            .request(method, address)
            .header("cookie", cookies.join("; "));
        if let Some(form) = form {
            request = request
                .header("origin", &self.origin)
                .header("sec-fetch-site", "same-origin")
                .form(form);
        }
        let answer = request.send().await.expect("an answer");
        for set in answer.headers().get_all("set-cookie") {
            let pair = set
                .to_str()
                .expect("ASCII")
                .split(';')
                .next()
                .expect("a first piece");
            let (name, value) = pair.split_once('=').expect("a pair");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Page {
            status: answer.status(),
            location: header(&answer, "location").to_owned(),
            policy: header(&answer, "content-security-policy").to_owned(),
            body: answer.text().await.expect("text"),
        }
    }
}

pub(crate) fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy();
    builder
        .timeout(Duration::from_secs(30))
        .build()
        .expect("a client")
}

pub(crate) fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(own, _)| own == name)
        .map(|(_, value)| value.into_owned())
}
