//! The files that pages load: embedded in the binary, served under a name that carries their hash.
//!
//! A file that changes gets a new address, so that a browser may keep the old one for a year. What is not in
//! the table is not served. Scripts import one another by their plain names; the import is rewritten to the
//! hashed one when the table is made.

use std::{borrow::Cow, sync::LazyLock};

use doorward_crypto::hash::Sha256;

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// `/assets/{name}.{hash}.{extension}`.
    pub path: String,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// What is served.
    pub body: Cow<'static, str>,
}

/// The addresses of all embedded files, by what templates call them.
#[derive(Debug)]
pub struct Assets {
    /// Colour roles, space and size.
    pub tokens: String,
    /// All other style.
    pub base: String,
    /// What every page runs.
    pub page: String,
    /// What pages with a passkey ceremony run.
    pub passkey: String,
    /// Sends a `form_post` answer on.
    pub post: String,
    /// The icon in the browser's tab.
    pub icon: String,
    all: [Asset; 7],
}

/// The table, made at first use.
pub static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::new);

impl Assets {
    fn new() -> Self {
        let ceremony = script("ceremony", Cow::Borrowed(include_str!("../assets/ceremony.js")));
        let passkey = include_str!("../assets/passkey.js").replace("./ceremony.js", &ceremony.path);
        let passkey = script("passkey", Cow::Owned(passkey));
        let page = script("page", Cow::Borrowed(include_str!("../assets/page.js")));
        let post = script("post", Cow::Borrowed(include_str!("../assets/post.js")));
        let tokens = style("tokens", include_str!("../assets/tokens.css"));
        let base = style("base", include_str!("../assets/base.css"));
        let icon = asset(
            "icon",
            "svg",
            "image/svg+xml",
            Cow::Borrowed(include_str!("../assets/icon.svg")),
        );
        Self {
            tokens: tokens.path.clone(),
            base: base.path.clone(),
            page: page.path.clone(),
            passkey: passkey.path.clone(),
            post: post.path.clone(),
            icon: icon.path.clone(),
            all: [ceremony, passkey, page, post, tokens, base, icon],
        }
    }

    /// The file served at this path, if there is one.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Asset> {
        self.all.iter().find(|asset| asset.path == path)
    }
}

fn script(name: &str, body: Cow<'static, str>) -> Asset {
    asset(name, "js", "text/javascript; charset=utf-8", body)
}

fn style(name: &str, body: &'static str) -> Asset {
    asset(name, "css", "text/css; charset=utf-8", Cow::Borrowed(body))
}

fn asset(name: &str, extension: &str, content_type: &'static str, body: Cow<'static, str>) -> Asset {
    use std::fmt::Write as _;
    let mut hash = String::new();
    for byte in Sha256::of(body.as_bytes()).iter().take(8) {
        // Writing to a String cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    Asset {
        path: format!("/assets/{name}.{hash}.{extension}"),
        content_type,
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_is_served_and_imports_point_to_served_files() {
        for asset in &ASSETS.all {
            assert!(std::ptr::eq(ASSETS.find(&asset.path).unwrap(), asset));
        }
        let passkey = ASSETS.find(&ASSETS.passkey).unwrap();
        assert!(
            !passkey.body.contains("./ceremony.js"),
            "the import was rewritten"
        );
        assert!(ASSETS.find("/assets/base.css").is_none());
    }

    #[test]
    fn a_page_loads_at_most_30_kib_of_script_and_15_of_style() {
        let size = |kind: &str| -> usize {
            ASSETS
                .all
                .iter()
                .filter(|a| a.content_type.starts_with(kind))
                .map(|a| a.body.len())
                .sum()
        };
        assert!(
            size("text/javascript") <= 30 * 1024,
            "{}",
            size("text/javascript")
        );
        assert!(size("text/css") <= 15 * 1024, "{}", size("text/css"));
    }
}
