//! Lines marked `strict`: judged by the default policy, and with the switches that decide them.
//!
//! `may-refuse` agrees when the default policy accepts the line, or else the switches turn its refusal. `may-accept`
//! agrees when the default policy refuses the line; whether the switches turn that is said in the totals.

use doorward_webauthn::policy::Leniency;

use crate::case::{Case, Refusal, Strict, Verdict};
use crate::line::{Line, Strictness};

/// Where a line says what decides it, and the switch for that: first the words of `spec_deviations`.
const SWITCHES_BY_DEVIATION: [(&str, Leniency); 6] = [
    ("is not in the TCG vendor registry", Leniency::UnknownTpmVendor),
    ("SHA-1", Leniency::Sha1TpmSignature),
    ("SHA-1", Leniency::Sha1CredentialKey),
    ("fido-u2f with a non-zero AAGUID", Leniency::U2fAaguid),
    (
        "android-key: origin or purpose absent",
        Leniency::AndroidKeyUnrestricted,
    ),
    (
        "basic constraints encode the default value",
        Leniency::ExplicitDefault,
    ),
];

/// Then the `why_code` of what may be accepted.
const SWITCHES_BY_CODE: [(&str, Leniency); 5] = [
    ("credential-id", Leniency::IdNotRawId),
    ("client-data-malformed", Leniency::PaddedBase64),
    ("sign-count", Leniency::SignCountRegression),
    ("backup-flags", Leniency::BackupEligibilityChange),
    ("attestation-safetynet-cts", Leniency::SafetyNetNoCts),
];

/// The case of both judgements.
pub(super) fn case(
    line: &Line,
    strictness: Strictness,
    switches: &[Leniency],
    by_default: &Result<(), Refusal>,
    by_switch: &Result<(), Refusal>,
) -> Case {
    let is_refused = matches!(by_default, Err(Refusal::Refused { .. }));
    let (agrees, expected) = match strictness {
        Strictness::MayRefuse => (
            by_default.is_ok() || (is_refused && by_switch.is_ok()),
            "ok, by default or by the switch",
        ),
        Strictness::MayAccept => (is_refused, "refusal by default"),
    };
    let names: Vec<&'static str> = switches.iter().map(|switch| switch.word()).collect();
    let mut got = format!("default: {}", shown(by_default));
    if !names.is_empty() {
        got = format!("{got}; with {}: {}", names.join(", "), shown(by_switch));
    }
    Case {
        name: line.name.clone(),
        verdict: if agrees { Verdict::Agree } else { Verdict::Disagree },
        expected: expected.to_owned(),
        got,
        step: step(if agrees { by_default } else { by_switch }).or_else(|| step(by_default)),
        strict: Some(Strict {
            accepted_by_default: by_default.is_ok(),
            switches: names,
            accepted_by_switch: by_switch.is_ok(),
        }),
    }
}

/// An outcome in words.
pub(super) fn shown(outcome: &Result<(), Refusal>) -> String {
    match outcome {
        Ok(()) => "ok".to_owned(),
        Err(Refusal::Refused { why, .. }) => format!("refused: {why}"),
        Err(Refusal::Split(why) | Refusal::NotSupported(why)) => why.clone(),
    }
}

const fn step(outcome: &Result<(), Refusal>) -> Option<&'static str> {
    match outcome {
        Err(Refusal::Refused { step, .. }) => *step,
        Ok(()) | Err(Refusal::Split(_) | Refusal::NotSupported(_)) => None,
    }
}

/// The switches for the oddities of a recording.
pub(super) fn switches_for_oddities(line: &Line) -> Vec<Leniency> {
    let deviations = line.spec_deviations.as_deref().unwrap_or_default();
    let is_said = |words: &str| deviations.iter().any(|deviation| deviation.contains(words));
    SWITCHES_BY_DEVIATION
        .iter()
        .filter(|(words, _)| is_said(words))
        .map(|(_, switch)| *switch)
        .collect()
}

/// The switches that decide a strict line: those, and the one for the rule that may be policy.
pub(super) fn switches(line: &Line) -> Vec<Leniency> {
    let by_code = SWITCHES_BY_CODE
        .iter()
        .filter(|(code, _)| line.why_code.as_deref() == Some(code));
    switches_for_oddities(line)
        .into_iter()
        .chain(by_code.map(|(_, switch)| *switch))
        .collect()
}
