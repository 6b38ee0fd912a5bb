//! What applications may learn, as sentences.

use doorward_identity::grants::Disclosure;
use doorward_oidc::authorize::Permissions;
use doorward_oidc::scope;

use crate::pages::consent::Claim;

/// Claims with words of their own; others are shown by their name.
const CLAIMS: [(&str, &str); 18] = [
    ("name", "your name"),
    ("preferred_username", "your user name"),
    ("given_name", "your first name"),
    ("middle_name", "your middle name"),
    ("family_name", "your last name"),
    ("nickname", "your nickname"),
    ("profile", "your profile page"),
    ("picture", "your picture"),
    ("website", "your website"),
    ("gender", "your gender"),
    ("birthdate", "your date of birth"),
    ("zoneinfo", "your time zone"),
    ("locale", "your language"),
    ("updated_at", "when your profile last changed"),
    ("email", "your e-mail"),
    ("phone_number", "your telephone number"),
    ("address", "your postal address"),
    ("groups", "the groups you are in"),
];

/// Scopes whose claims the account may lack.
const SCOPES: [(&str, &str); 5] = [
    (scope::PROFILE, "your profile"),
    (scope::EMAIL, "your e-mail"),
    (scope::ADDRESS, "your postal address"),
    (scope::PHONE, "your telephone number"),
    (scope::GROUPS, "the groups you are in"),
];

/// Lines for the consent page. Every scope has one, so that nothing is allowed that was not read.
pub(super) fn claims(disclosures: &[Disclosure]) -> Vec<Claim> {
    let mut lines = vec![Claim {
        sentence: "that you have an account here".to_owned(),
        value: String::new(),
    }];
    for disclosure in disclosures {
        if disclosure.values.is_empty() {
            lines.push(Claim {
                sentence: without_value(&disclosure.name),
                value: String::new(),
            });
        }
        for (claim, value) in &disclosure.values {
            lines.push(Claim {
                sentence: of_claim(claim),
                value: value.clone(),
            });
        }
    }
    lines
}

/// What an application may see, in one phrase.
pub(super) fn phrase(permissions: &Permissions) -> String {
    let quiet = |name: &&str| ![scope::OPENID, scope::OFFLINE_ACCESS].contains(name);
    let scopes = permissions.scope.iter().filter(quiet).map(of_scope);
    let mut words: Vec<String> = scopes
        .chain(permissions.claims.iter().map(|claim| of_claim(claim)))
        .collect();
    words.dedup();
    match (words.pop(), words.is_empty()) {
        (None, _) => "that you have an account here".to_owned(),
        (Some(only), true) => only,
        (Some(last), false) => format!("{} and {last}", words.join(", ")),
    }
}

/// A scope of which the account holds nothing: what is added later will be seen, and the line says so.
fn without_value(name: &str) -> String {
    let known = SCOPES.iter().find(|(scope, _)| *scope == name);
    known.map_or_else(
        || of_scope(name),
        |(_, words)| format!("{words}, once your account has it (there is none now)"),
    )
}

fn of_claim(claim: &str) -> String {
    let known = CLAIMS.iter().find(|(name, _)| *name == claim);
    known.map_or_else(|| format!("the claim {claim}"), |(_, words)| (*words).to_owned())
}

fn of_scope(name: &str) -> String {
    let known = SCOPES.iter().find(|(scope, _)| *scope == name);
    known.map_or_else(|| format!("the scope {name}"), |(_, words)| (*words).to_owned())
}

#[cfg(test)]
mod tests {
    use doorward_oidc::scope::Scope;

    use super::*;

    #[test]
    fn consent_shows_all_scopes() {
        let with_value = Disclosure {
            name: "email".into(),
            values: vec![("email".into(), "ana@example.org".into())],
        };
        let without = Disclosure {
            name: "phone".into(),
            values: Vec::new(),
        };
        let unknown = Disclosure {
            name: "printers".into(),
            values: Vec::new(),
        };
        let lines = claims(&[with_value, without, unknown]);
        let read: Vec<_> = lines
            .iter()
            .map(|line| (line.sentence.as_str(), line.value.as_str()))
            .collect();
        assert_eq!(
            read,
            [
                ("that you have an account here", ""),
                ("your e-mail", "ana@example.org"),
                (
                    "your telephone number, once your account has it (there is none now)",
                    ""
                ),
                ("the scope printers", ""),
            ]
        );
    }

    #[test]
    fn a_phrase_joins_what_may_be_seen() {
        let phrase = |text: &str| {
            phrase(&Permissions {
                scope: Scope::parse(text).expect("well formed"),
                ..Permissions::default()
            })
        };
        assert_eq!(phrase("openid offline_access"), "that you have an account here");
        assert_eq!(phrase("openid email"), "your e-mail");
        assert_eq!(
            phrase("openid profile email groups"),
            "your profile, your e-mail and the groups you are in"
        );
    }
}
