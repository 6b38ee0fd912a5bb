//! Journeys of people through a real headless Chromium with a virtual authenticator.
//!
//! Controls are found by role and accessible name only. Each picture is taken on a desktop and a phone, light and
//! dark, and is refused when axe-core, the console, the layout or a foreign host has something to say.

#![expect(clippy::expect_used, reason = "a journey that cannot go on ends, saying why")]

mod factors;
mod first_run;
mod lost;
mod people;
mod relying_party;
mod sign_in;
mod upkeep;

use doorward_tests::{Journey, run_group};

macro_rules! journeys {
    ($($name:literal => $journey:path,)*) => { vec![$(($name, || Box::pin($journey()))),*] };
}

fn main() {
    let journeys: Vec<Journey> = journeys! {
        "journey_01_first_run" => first_run::first_run,
        "journey_01_setup_link_has_one_winner_of_64" => first_run::one_winner,
        "journey_02_guide_passkey" => factors::passkey,
        "journey_03_guide_totp" => factors::totp,
        "journey_04_passkeys_in_order" => upkeep::passkeys,
        "journey_05_sign_in_by_autofill" => sign_in::autofill,
        "journey_06_sign_in_by_button_without_passkey" => sign_in::no_passkey,
        "journey_07_password_and_totp" => sign_in::password_and_totp,
        "journey_07_password_and_totp_without_script" => sign_in::without_script,
        "journey_09_recovery_codes" => upkeep::recovery_codes,
        "journey_10_removed_passkey" => lost::removed_passkey,
        "journey_12_relying_party" => relying_party::delegated,
        "journey_14_sessions" => upkeep::sessions,
    };
    run_group("browser", journeys);
}
