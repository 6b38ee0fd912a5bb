//! What stands around every page: title, account menu, notice, help.

use crate::assets::{ASSETS, Assets};

/// The frame of a page.
#[derive(Debug, Clone)]
pub struct Layout {
    /// BCP 47 tag of the page's language.
    pub lang: &'static str,
    /// `ltr` or `rtl`.
    pub dir: &'static str,
    /// `light` or `dark` where the person chose one; the system's choice otherwise.
    pub theme: Option<&'static str>,
    /// The name of this instance.
    pub instance: String,
    /// The RP ID, which scripts pass to the signal methods.
    pub rp_id: String,
    /// The token that forms and scripts send back.
    pub csrf: String,
    /// Where a sign-in leads, for the field `then` of its forms.
    pub then: String,
    /// The same as a query with its question mark, for the links between its pages; empty when it leads home.
    pub then_query: String,
    /// A sentence over the whole page, such as that this is a demo.
    pub band: Option<String>,
    /// Who is signed in.
    pub account: Option<AccountMenu>,
    /// What was just done.
    pub notice: Option<String>,
    /// The operator's help text.
    pub help: Option<String>,
    /// Whether the page tells of an error, which its title then says first.
    pub failed: bool,
    /// Addresses of style and script.
    pub assets: &'static Assets,
}

/// The button at the top right.
#[derive(Debug, Clone)]
pub struct AccountMenu {
    /// One or two letters.
    pub initials: String,
    /// The name people see.
    pub display_name: String,
    /// The name they type.
    pub user_name: String,
}

impl Layout {
    /// A frame with nothing special about it.
    #[must_use]
    pub fn new(instance: &str, rp_id: &str, csrf: &str) -> Self {
        Self {
            lang: "en",
            dir: "ltr",
            theme: None,
            instance: instance.to_owned(),
            rp_id: rp_id.to_owned(),
            csrf: csrf.to_owned(),
            then: String::new(),
            then_query: String::new(),
            band: None,
            account: None,
            notice: None,
            help: None,
            failed: false,
            assets: &ASSETS,
        }
    }

    /// The same frame around a page that tells of an error.
    #[must_use]
    pub fn failing(mut self) -> Self {
        self.failed = true;
        self
    }
}

impl AccountMenu {
    /// The menu of this person.
    #[must_use]
    pub fn of(display_name: &str, user_name: &str) -> Self {
        let shown = if display_name.trim().is_empty() {
            user_name
        } else {
            display_name
        };
        let mut words = shown.split_whitespace();
        let first = words.next().and_then(|word| word.chars().next());
        let last = words.next_back().and_then(|word| word.chars().next());
        let initials = first
            .into_iter()
            .chain(last)
            .flat_map(char::to_uppercase)
            .collect();
        Self {
            initials,
            display_name: shown.to_owned(),
            user_name: user_name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_first_and_last_word() {
        for (name, initials) in [
            ("Ana Lima", "AL"),
            ("ana maria lima", "AL"),
            ("Ana", "A"),
            ("  ", "R"),
        ] {
            assert_eq!(AccountMenu::of(name, "root").initials, initials, "{name:?}");
        }
    }
}
