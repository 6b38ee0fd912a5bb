//! A tab: find by role and name, press, type, read, and look.
//!
//! After each navigation nothing may have gone wrong unseen: [`Page::clean`] fails on console errors, violations
//! of the content security policy, hosts other than ours, layout shift, and what axe-core finds.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::cdp::{Connection, Event};
use crate::root;

const PATIENCE: Duration = Duration::from_secs(15);
const DESKTOP: (u32, u32) = (1280, 800);
const PHONE: (u32, u32) = (390, 844);

/// One tab.
#[derive(Debug)]
pub struct Page {
    pub(super) connection: Connection,
    pub(super) session: String,
    pub(super) seen: Arc<Mutex<Seen>>,
}

/// What happened in the tab since it was last asked.
#[derive(Debug, Default)]
pub(super) struct Seen {
    errors: Vec<String>,
    hosts: BTreeSet<String>,
    webauthn: Vec<String>,
    /// Where scripts can run now: the origin of the page or frame, and the number of its context.
    pub(super) contexts: Vec<(String, i64)>,
}

impl Page {
    pub(super) async fn prepare(connection: Connection, session: String) -> Self {
        let page = Self {
            connection,
            session,
            seen: Arc::default(),
        };
        page.listen();
        for domain in ["Page", "Runtime", "Network", "DOM", "Log", "Accessibility"] {
            page.call(&format!("{domain}.enable"), json!({}))
                .await
                .expect("a domain can be switched on");
        }
        page.size(DESKTOP).await.expect("a tab has a size");
        let watch = json!({ "source": WATCH });
        page.call("Page.addScriptToEvaluateOnNewDocument", watch)
            .await
            .expect("a page can be watched");
        page
    }

    fn listen(&self) {
        let (mut events, seen, session) = (
            self.connection.events(),
            Arc::clone(&self.seen),
            self.session.clone(),
        );
        tokio::spawn(async move {
            while let Ok(event) = events.recv().await {
                if event.session == session {
                    seen.lock().unwrap_or_else(PoisonError::into_inner).note(&event);
                }
            }
        });
    }

    /// A raw call of the protocol.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value, String> {
        self.connection.call(Some(&self.session), method, params).await
    }

    /// Opens an address and waits until it is loaded.
    pub async fn open(&self, address: &str) -> Result<(), String> {
        let answer = self.call("Page.navigate", json!({ "url": address })).await?;
        if let Some(error) = answer["errorText"].as_str() {
            return Err(format!("{address}: {error}"));
        }
        self.settle().await
    }

    /// Waits until the document is complete.
    pub async fn settle(&self) -> Result<(), String> {
        self.until("the page to load", || async {
            Ok(self
                .eval("document.readyState")
                .await
                .is_ok_and(|state| state == "complete"))
        })
        .await
    }

    /// The value of an expression in the page.
    pub async fn eval(&self, expression: &str) -> Result<Value, String> {
        let how = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", how).await?;
        match answer.get("exceptionDetails") {
            Some(thrown) => Err(format!("{expression}: {thrown}")),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    /// Where the tab is.
    pub async fn address(&self) -> Result<String, String> {
        Ok(self
            .eval("location.href")
            .await?
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// What can be read on the page, with single spaces in place of line breaks.
    pub async fn text(&self) -> Result<String, String> {
        let text = self.eval("document.body.innerText").await?;
        Ok(text
            .as_str()
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "))
    }

    /// Waits until the page says this.
    pub async fn sees(&self, words: &str) -> Result<(), String> {
        let waited = self
            .until(words, || async {
                Ok(self.text().await.is_ok_and(|text| text.contains(words)))
            })
            .await;
        match waited {
            Ok(()) => Ok(()),
            Err(_) => Err(format!(
                "the page does not say {words:?}; at {} it says:\n{}",
                self.address().await.unwrap_or_default(),
                self.text().await.unwrap_or_default()
            )),
        }
    }

    /// Fails when the page says this.
    pub async fn lacks(&self, words: &str) -> Result<(), String> {
        let text = self.text().await?;
        if text.contains(words) {
            Err(format!("the page says {words:?}:\n{text}"))
        } else {
            Ok(())
        }
    }

    /// Waits until the address begins with this.
    pub async fn arrives(&self, prefix: &str) -> Result<(), String> {
        let waited = self
            .until(prefix, || async {
                Ok(self.address().await.is_ok_and(|at| at.starts_with(prefix)))
            })
            .await;
        if waited.is_err() {
            let (at, text) = (
                self.address().await.unwrap_or_default(),
                self.text().await.unwrap_or_default(),
            );
            return Err(format!("did not arrive at {prefix}; at {at}:\n{text}"));
        }
        self.settle().await
    }

    /// Waits for a control with this role and accessible name.
    pub async fn find(&self, role: &str, name: &str) -> Result<i64, String> {
        let found = Mutex::new(None);
        let waited = self
            .until(name, || async {
                let node = self.look(role, name).await.unwrap_or_default();
                *found.lock().unwrap_or_else(PoisonError::into_inner) = node;
                Ok(node.is_some())
            })
            .await;
        let node = *found.lock().unwrap_or_else(PoisonError::into_inner);
        match (waited, node) {
            (Ok(()), Some(node)) => Ok(node),
            _ => Err(format!(
                "no {role} named {name:?} at {}; the page says:\n{}",
                self.address().await.unwrap_or_default(),
                self.text().await.unwrap_or_default()
            )),
        }
    }

    /// Whether there is such a control now.
    pub async fn has(&self, role: &str, name: &str) -> Result<bool, String> {
        Ok(self.look(role, name).await?.is_some())
    }

    async fn look(&self, role: &str, name: &str) -> Result<Option<i64>, String> {
        let document = self.call("DOM.getDocument", json!({ "depth": 0 })).await?;
        let how = json!({ "nodeId": document["root"]["nodeId"], "role": role, "accessibleName": name });
        let answer = self.call("Accessibility.queryAXTree", how).await?;
        let nodes = answer["nodes"].as_array().cloned().unwrap_or_default();
        Ok(nodes
            .iter()
            .filter(|node| node["ignored"] != json!(true))
            .find_map(|node| node["backendDOMNodeId"].as_i64()))
    }

    /// Presses a control with the mouse, where a person would.
    pub async fn press(&self, role: &str, name: &str) -> Result<(), String> {
        let node = self.find(role, name).await?;
        self.call("DOM.scrollIntoViewIfNeeded", json!({ "backendNodeId": node }))
            .await?;
        let quads = self
            .call("DOM.getContentQuads", json!({ "backendNodeId": node }))
            .await?;
        let corner = |index: usize| quads["quads"][0][index].as_f64();
        let (Some(left), Some(top), Some(right), Some(bottom)) = (corner(0), corner(1), corner(4), corner(5))
        else {
            return Err(format!("{role} {name:?} has no place on the page"));
        };
        let (x, y) = (f64::midpoint(left, right), f64::midpoint(top, bottom));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await?;
        }
        Ok(())
    }

    /// Presses a control, and waits until another page has come.
    pub async fn follow(&self, role: &str, name: &str) -> Result<(), String> {
        self.eval("window.doorwardLeft = true").await?;
        self.press(role, name).await?;
        self.until("another page", || async {
            Ok(self
                .eval("window.doorwardLeft === undefined && document.readyState === 'complete'")
                .await
                .is_ok_and(|v| v == true))
        })
        .await
        .map_err(|error| format!("pressing {role} {name:?}: {error}"))
    }

    /// Focuses a field and replaces what stands in it.
    pub async fn fill(&self, name: &str, text: &str) -> Result<(), String> {
        let node = self.find("textbox", name).await?;
        self.call("DOM.focus", json!({ "backendNodeId": node })).await?;
        self.eval("document.activeElement.select()").await?;
        self.call("Input.insertText", json!({ "text": text }))
            .await
            .map(drop)
    }

    /// Presses a key, named as in `KeyboardEvent.key`.
    pub async fn key(&self, key: &str) -> Result<(), String> {
        let (code, text) = match key {
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            "Tab" => (9, ""),
            " " => (32, " "),
            _ => return Err(format!("no key {key:?}")),
        };
        let mut event = json!({ "type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code });
        if !text.is_empty() {
            event["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", event.clone()).await?;
        event["type"] = json!("keyUp");
        self.call("Input.dispatchKeyEvent", event).await.map(drop)
    }

    /// The role and accessible name of what has the focus.
    pub async fn focused(&self) -> Result<String, String> {
        let text = self.eval("(document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || document.activeElement.id)").await?;
        Ok(text.as_str().unwrap_or_default().trim().to_owned())
    }

    /// Switches scripts of pages off or on.
    pub async fn scripts(&self, on: bool) -> Result<(), String> {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !on }))
            .await
            .map(drop)
    }

    /// Events of the `WebAuthn` domain since the last call, by name.
    #[must_use]
    pub fn webauthn_events(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner).webauthn)
    }

    /// Forgets the events of the `WebAuthn` domain so far.
    pub fn forget_events(&self) {
        drop(self.webauthn_events());
    }

    /// Forgets errors that the test provoked.
    pub fn forgive(&self) {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .errors
            .clear();
    }

    /// Pictures of the page: desktop and phone, light and dark.
    ///
    /// Layout shift is judged before: while pictures are taken it is the test that moves things.
    pub async fn picture(&self, name: &str) -> Result<(), String> {
        self.still().await?;
        let folder = root().join("tests/screenshots");
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        for (size_name, size) in [("desktop", DESKTOP), ("phone", PHONE)] {
            self.size(size).await?;
            for theme in ["light", "dark"] {
                let features = json!({ "features": [
                    { "name": "prefers-color-scheme", "value": theme },
                    { "name": "prefers-reduced-motion", "value": "reduce" },
                ] });
                self.call("Emulation.setEmulatedMedia", features).await?;
                self.fits(size.0).await?;
                let shot = self
                    .call("Page.captureScreenshot", json!({ "format": "png" }))
                    .await?;
                let bytes = BASE64_STANDARD.decode(shot["data"].as_str().unwrap_or_default());
                let path: PathBuf = folder.join(format!("{name}-{size_name}-{theme}.png"));
                std::fs::write(path, bytes.map_err(|error| error.to_string())?)
                    .map_err(|error| error.to_string())?;
                self.axe()
                    .await
                    .map_err(|found| format!("{name}, {size_name}, {theme}: {found}"))?;
            }
        }
        self.size(DESKTOP).await?;
        self.eval(FORGET_SHIFTS).await?;
        self.clean().await
    }

    /// Nothing went wrong unseen since the last call.
    pub async fn clean(&self) -> Result<(), String> {
        self.still().await?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let foreign: Vec<_> = seen
            .hosts
            .iter()
            .filter(|host| !host.starts_with("localhost"))
            .cloned()
            .collect();
        let errors = std::mem::take(&mut seen.errors);
        drop(seen);
        if !errors.is_empty() {
            return Err(format!("the console says: {}", errors.join("; ")));
        }
        if !foreign.is_empty() {
            return Err(format!("foreign hosts were asked: {}", foreign.join(", ")));
        }
        Ok(())
    }

    /// Nothing moved by itself; what did is named.
    async fn still(&self) -> Result<(), String> {
        let shifts = self.eval("(window.doorwardShifts || []).join('; ')").await?;
        match shifts.as_str() {
            None | Some("") => Ok(()),
            Some(shifts) => Err(format!(
                "the layout shifted at {}: {shifts}",
                self.address().await?
            )),
        }
    }

    async fn size(&self, (width, height): (u32, u32)) -> Result<(), String> {
        let how = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", how)
            .await
            .map(drop)
    }

    /// Nothing sticks out to the side.
    async fn fits(&self, width: u32) -> Result<(), String> {
        let wide = self
            .eval("document.documentElement.scrollWidth")
            .await?
            .as_u64()
            .unwrap_or_default();
        if wide > u64::from(width) {
            return Err(format!(
                "{} is {wide} px wide on a screen of {width}",
                self.address().await?
            ));
        }
        Ok(())
    }

    /// axe-core's findings, where it is installed.
    async fn axe(&self) -> Result<(), String> {
        let file = root().join("tests/clients/node_modules/axe-core/axe.min.js");
        let Ok(source) = std::fs::read_to_string(&file) else {
            return Err(format!(
                "axe-core is not at {}; tests/run installs it",
                file.display()
            ));
        };
        if self.eval("typeof window.axe").await? != "object" {
            self.eval(&format!("{source};0")).await?;
        }
        let found = self.eval(AXE).await?;
        match found.as_str() {
            Some("") => Ok(()),
            other => Err(format!("axe-core: {}", other.unwrap_or("no answer"))),
        }
    }

    async fn until<F, Fut>(&self, what: &str, mut holds: F) -> Result<(), String>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<bool, String>>,
    {
        let tries = PATIENCE.as_millis() / 40;
        for _ in 0..tries {
            if holds().await? {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        Err(format!("waited {} seconds for {what}", PATIENCE.as_secs()))
    }
}

impl Seen {
    fn note(&mut self, event: &Event) {
        let params = &event.params;
        match event.method.as_str() {
            "Runtime.executionContextsCleared" => self.contexts.clear(),
            "Runtime.executionContextCreated" => {
                let context = &params["context"];
                let origin = context["origin"].as_str().unwrap_or_default().to_owned();
                self.contexts
                    .push((origin, context["id"].as_i64().unwrap_or_default()));
            }
            "Runtime.exceptionThrown" => self.errors.push(params["exceptionDetails"].to_string()),
            "Runtime.consoleAPICalled" if params["type"] == "error" => {
                self.errors.push(params["args"].to_string())
            }
            "Log.entryAdded" if is_fault(&params["entry"]) => {
                self.errors
                    .push(format!("{} {}", params["entry"]["text"], params["entry"]["url"]));
            }
            "Network.requestWillBeSent" => {
                let address = params["request"]["url"].as_str().unwrap_or_default();
                if let Ok(address) = url::Url::parse(address)
                    && let Some(host) = address.host_str()
                {
                    self.hosts.insert(host.to_owned());
                }
            }
            method => {
                if let Some(name) = method.strip_prefix("WebAuthn.") {
                    self.webauthn.push(name.to_owned());
                }
            }
        }
    }
}

/// Whether an entry of the log is one. A form that comes back with 4xx is not: the page says what was wrong.
fn is_fault(entry: &Value) -> bool {
    let text = entry["text"].as_str().unwrap_or_default();
    let asset = entry["url"]
        .as_str()
        .is_some_and(|address| address.contains("/assets/"));
    entry["level"] == "error" && (asset || !text.contains("responded with a status of 4"))
}

/// Notes layout shift that no input explains: how much, what moved, and from where to where.
const WATCH: &str = "window.doorwardShifts = []; \
    const box = (r) => [r.x, r.y, r.width, r.height].map(Math.round).join(','); \
    const what = (source) => (source.node?.outerHTML ?? source.node?.textContent ?? 'gone').slice(0, 120) \
        + ' from ' + box(source.previousRect) + ' to ' + box(source.currentRect); \
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) \
        window.doorwardShifts.push([entry.value, innerWidth, ...entry.sources.map(what)].join(' ')); }) \
    .observe({ type: 'layout-shift', buffered: true });";

/// Once the window has been drawn in its own size again.
const FORGET_SHIFTS: &str = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => \
    setTimeout(() => { window.doorwardShifts = []; done(true); }, 0))))";

const AXE: &str = "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }) \
    .then((result) => result.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120) + ' ' + n.failureSummary).join(' | ')).join('; '))";
