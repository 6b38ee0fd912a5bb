//! The rows: what is edited, what is right, and what the others do.

use doorward_authenticator::cbor::Value;
use serde_json::json;

use super::peers::{Said, right, wrong};
use super::scene::{BACKUP_STATE, On, RFU1, RFU2, Scene, USER_PRESENT, text};

/// What a relying party must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    Refuse,
    Accept,
}

/// A mutation.
pub(super) struct Row {
    pub(super) mutation: &'static str,
    pub(super) right: Right,
    /// In the order of the table of peers.
    pub(super) peers: [Said; 3],
    pub(super) trials: &'static [Trial],
}

/// One edited ceremony.
pub(super) struct Trial {
    pub(super) on: On,
    /// In words, for a wrong answer.
    pub(super) what: &'static str,
    pub(super) edit: fn(&mut Scene),
}

const fn at_registration(what: &'static str, edit: fn(&mut Scene)) -> Trial {
    Trial {
        on: On::Registration,
        what,
        edit,
    }
}

const fn at_login(what: &'static str, edit: fn(&mut Scene)) -> Trial {
    Trial {
        on: On::Login,
        what,
        edit,
    }
}

/// The members of a credential public key (RFC 9052 §7.1, RFC 9053 §7.1).
const ALG: i64 = 3;
const KEY_OPS: i64 = 4;
const Y: i64 = -3;

/// Every mutation; the first row is none.
pub(super) const ROWS: &[Row] = &[
    Row {
        mutation: "none: the ceremony as it should be",
        right: Right::Accept,
        peers: [right("-"), right("-"), right("-")],
        trials: &[
            at_registration("a registration", |_| {}),
            at_login("a login", |_| {}),
        ],
    },
    Row {
        mutation: "a byte after attestationObject",
        right: Right::Refuse,
        peers: [right("rejects"), wrong("accepts"), wrong("accepts")],
        trials: &[at_registration("it", |scene| scene.after_object.push(0))],
    },
    Row {
        mutation: "a byte inside authData, at its end",
        right: Right::Refuse,
        peers: [wrong("accepts"), right("rejects"), right("rejects")],
        trials: &[
            at_registration("it at registration", |scene| scene.after_data.push(0)),
            at_login("it at login", |scene| scene.after_data.push(0)),
        ],
    },
    Row {
        mutation: "alg twice in the COSE key",
        right: Right::Refuse,
        peers: [wrong("accepts"), right("rejects"), right("rejects")],
        trials: &[at_registration("it", |scene| {
            scene.add_to_key(ALG, Value::Integer(-7));
        })],
    },
    Row {
        mutation: "key_ops in the COSE key, which allows no optional parameters",
        right: Right::Refuse,
        peers: [wrong("accepts"), wrong("accepts"), wrong("accepts")],
        trials: &[at_registration("it", |scene| {
            let verify = Value::Array(vec![Value::Integer(2)]);
            scene.add_to_key(KEY_OPS, verify);
        })],
    },
    Row {
        mutation: "a public key that is no point of its curve",
        right: Right::Refuse,
        peers: [right("rejects"), wrong("accepts"), wrong("accepts")],
        trials: &[at_registration("it", |scene| scene.flip_in_key(Y))],
    },
    Row {
        mutation: "fmt none with a statement that is not empty",
        right: Right::Refuse,
        peers: [
            wrong("accepts"),
            wrong("accepts an unknown member"),
            right("rejects"),
        ],
        trials: &[
            at_registration("alg in it", |scene| {
                scene.statement = Value::Map(vec![(Value::text("alg"), Value::Integer(-7))]);
            }),
            at_registration("an unknown member in it", |scene| {
                scene.statement = Value::Map(vec![(Value::text("x"), Value::Bool(true))]);
            }),
        ],
    },
    Row {
        mutation: "JSON id and rawId that are not the attested id",
        right: Right::Refuse,
        peers: [wrong("accepts"), wrong("accepts"), wrong("accepts")],
        trials: &[at_registration("it", |scene| {
            scene.told_id = text(b"another credential");
        })],
    },
    Row {
        mutation: "JSON type that is not public-key",
        right: Right::Refuse,
        peers: [wrong("accepts"), right("rejects"), right("rejects")],
        trials: &[
            at_registration("it at registration", |scene| scene.told_type = json!("password")),
            at_login("it at login", |scene| scene.told_type = json!("password")),
        ],
    },
    Row {
        mutation: "challenge twice in clientDataJSON",
        right: Right::Refuse,
        peers: [right("rejects"), wrong("accepts"), wrong("accepts")],
        trials: &[
            at_registration("the right one last, at registration", |scene| {
                scene.before_challenge = r#""challenge":"AAAA","#;
            }),
            at_registration("the right one first, at registration", |scene| {
                scene.after_origin = r#","challenge":"AAAA""#;
            }),
            at_login("the right one last, at login", |scene| {
                scene.before_challenge = r#""challenge":"AAAA","#;
            }),
            at_login("the right one first, at login", |scene| {
                scene.after_origin = r#","challenge":"AAAA""#;
            }),
        ],
    },
    Row {
        mutation: "a byte order mark before clientDataJSON, which decoding strips",
        right: Right::Accept,
        peers: [wrong("rejects"), right("accepts"), right("accepts")],
        trials: &[
            at_registration("it at registration", |scene| {
                scene.before_client_data = BYTE_ORDER_MARK
            }),
            at_login("it at login", |scene| scene.before_client_data = BYTE_ORDER_MARK),
        ],
    },
    odd_origin(
        "origin https://evil@example.org/x?y",
        &[
            at_registration("it at registration", |scene| {
                scene.origin = "https://evil@example.org/x?y"
            }),
            at_login("it at login", |scene| {
                scene.origin = "https://evil@example.org/x?y"
            }),
        ],
    ),
    odd_origin(
        "origin https://example.org:443",
        &[
            at_registration("it at registration", |scene| {
                scene.origin = "https://example.org:443"
            }),
            at_login("it at login", |scene| scene.origin = "https://example.org:443"),
        ],
    ),
    odd_origin(
        "origin https://EXAMPLE.org",
        &[
            at_registration("it at registration", |scene| scene.origin = "https://EXAMPLE.org"),
            at_login("it at login", |scene| scene.origin = "https://EXAMPLE.org"),
        ],
    ),
    Row {
        mutation: "crossOrigin true",
        right: Right::Refuse,
        peers: [
            wrong("accepts at login"),
            wrong("never checks"),
            wrong("never checks at registration"),
        ],
        trials: &[
            at_registration("it at registration", |scene| scene.cross_origin = true),
            at_login("it at login", |scene| scene.cross_origin = true),
        ],
    },
    Row {
        mutation: "a flag that is reserved for future use, which is to be tolerated",
        right: Right::Accept,
        peers: [right("accepts"), right("accepts"), right("accepts")],
        trials: &[
            at_registration("bit 1 at registration", |scene| scene.flags |= RFU1),
            at_registration("bit 5 at registration", |scene| scene.flags |= RFU2),
            at_login("bit 1 at login", |scene| scene.flags |= RFU1),
            at_login("bit 5 at login", |scene| scene.flags |= RFU2),
        ],
    },
    Row {
        mutation: "backed up (BS) and not eligible for it (BE)",
        right: Right::Refuse,
        peers: [right("rejects"), right("rejects"), right("rejects")],
        trials: &[
            at_registration("it at registration", |scene| scene.flags |= BACKUP_STATE),
            at_login("it at login", |scene| scene.flags |= BACKUP_STATE),
        ],
    },
    Row {
        mutation: "nobody was present (UP)",
        right: Right::Refuse,
        peers: [right("rejects"), right("rejects"), right("rejects")],
        trials: &[
            at_registration("it at registration", |scene| scene.flags &= !USER_PRESENT),
            at_login("it at login", |scene| scene.flags &= !USER_PRESENT),
        ],
    },
    Row {
        mutation: "the signature counter goes from 5 to 0",
        right: Right::Refuse,
        peers: [right("rejects"), right("rejects"), right("rejects")],
        trials: &[at_login("it", |scene| {
            scene.stored_count = 5;
            scene.count = 0;
        })],
    },
];

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Another spelling of the origin, which no browser sends.
const fn odd_origin(mutation: &'static str, trials: &'static [Trial]) -> Row {
    Row {
        mutation,
        right: Right::Refuse,
        peers: [wrong("accepts"), right("rejects"), right("rejects")],
        trials,
    }
}
