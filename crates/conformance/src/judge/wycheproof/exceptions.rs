//! Faults of the collection itself: tests whose result contradicts the RFC, or the collection's own other tests.
//!
//! A test stands here by its number and its comment, so that another edition of the file does not inherit an
//! exception. Such a case is counted as excepted, never as agreeing, and is printed with its reason.

use super::{Expected, Test};
use crate::case::{Case, Verdict};

/// One fault.
struct Exception {
    test: u32,
    comment: &'static str,
    /// What the collection says.
    says: Expected,
    why: &'static str,
}

const OTHER_ALGORITHM: &str = "the key's alg is PS256 and the header's is PS384. RFC 7517 section 4.4 makes alg the \
    algorithm that the key is for, and the file's own flag WrongPrimitive calls exactly this invalid. The key of RFC \
    7520 section 4.2, whose example this is, has no alg";
const SAME_AS_357: &str = "the message is that of tcId 357, byte for byte, under the same key, and that one is \
    valid: the padding that the comment speaks of is not in it";
const OUTSIDE_THE_ALPHABET: &str = "a question mark stands in the message. RFC 7515 section 2 wants base64url \
    without line breaks, whitespace or other additional characters, and section 5.2 step 2 wants that checked";

/// Every fault that was found, all in `json_web_signature_test.json`.
const EXCEPTIONS: [Exception; 6] = [
    exception(346, "Figure20", Expected::Valid, OTHER_ALGORITHM),
    exception(350, "Figure20", Expected::Valid, OTHER_ALGORITHM),
    exception(367, "invalidBase64Padding", Expected::Invalid, SAME_AS_357),
    exception(
        370,
        "invalidBase64PaddingInPayload",
        Expected::Invalid,
        SAME_AS_357,
    ),
    exception(
        372,
        "InvalidCharacterInsertedInHeader",
        Expected::Valid,
        OUTSIDE_THE_ALPHABET,
    ),
    exception(
        373,
        "InvalidCharacterInsertedInPayload",
        Expected::Valid,
        OUTSIDE_THE_ALPHABET,
    ),
];

const fn exception(test: u32, comment: &'static str, says: Expected, why: &'static str) -> Exception {
    Exception {
        test,
        comment,
        says,
        why,
    }
}

/// The case, excepted where it disagrees with a fault of the collection.
pub(super) fn judged(kind: &str, test: &Test, case: Case) -> Case {
    let fault = EXCEPTIONS.iter().find(|row| {
        kind == "JsonWebSignature"
            && (row.test, row.comment, row.says) == (test.tc_id, test.comment.as_str(), test.result)
    });
    match fault {
        Some(fault) if case.verdict == Verdict::Disagree => Case {
            verdict: Verdict::Excepted,
            expected: format!("{}, wrongly: {}", case.expected, fault.why),
            ..case
        },
        _ => case,
    }
}
