//! Records `fixtures/webauthn/chromium.jsonl`: ceremonies of a real Chromium with its virtual authenticators.
//!
//! `DOORWARD_RECORD=1 cargo test -p doorward-tests --test recordings` writes the file anew; without the variable
//! nothing runs. Keys and moments are new each time, so the file is not compared with what would be made: the tests
//! of `crates/webauthn` and the conformance runner judge what was recorded.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a recording that cannot be made ends, saying why"
)]
#![expect(
    clippy::indexing_slicing,
    reason = "JSON members are looked up by name; an absent one is null"
)]

mod ceremonies;
mod line;

use std::fs;

use doorward_tests::{browser::Browser, root};
use serde_json::json;

use crate::ceremonies::CEREMONIES;

#[tokio::main]
async fn main() {
    if std::env::var_os("DOORWARD_RECORD").is_none() {
        println!("recordings: none (DOORWARD_RECORD=1 records)");
        return;
    }
    let browser = Browser::launch().await;
    let page = browser.page().await;
    let version = page
        .call("Browser.getVersion", json!({}))
        .await
        .expect("a browser knows its version");
    let version = version["product"].as_str().expect("a version is text").to_owned();
    page.stage(&ceremonies::document())
        .await
        .expect("pages can be staged");
    let mut text = String::new();
    for ceremony in CEREMONIES {
        let lines = ceremony
            .record(&page, &version)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", ceremony.name));
        for line in lines {
            text += &line.to_string();
            text.push('\n');
        }
    }
    let path = root().join("fixtures/webauthn/chromium.jsonl");
    fs::write(&path, &text).expect("the fixtures can be written");
    println!("recordings: {} lines by {version}", text.lines().count());
}
