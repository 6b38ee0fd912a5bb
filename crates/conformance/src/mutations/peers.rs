//! The other libraries, and what was measured of them.

/// A library.
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

/// The libraries of the table of mutations, in the order of its columns.
pub(super) const PEERS: [Peer; 3] = [
    Peer {
        name: "webauthn-rs",
        version: "0.6.2",
    },
    Peer {
        name: "py_webauthn",
        version: "3.0.1",
    },
    Peer {
        name: "SimpleWebAuthn",
        version: "14.0.3",
    },
];

/// How the figures of the others came about.
pub(super) const HOW: &str = "Wrong answers stand in capitals. The columns of the others were measured once, by \
    running each library in the version named here on the same mutations, and are not run again with this table.";

/// What a library does with a mutation.
pub(super) struct Said {
    pub(super) words: &'static str,
    pub(super) wrong: bool,
}

pub(super) const fn right(words: &'static str) -> Said {
    Said { words, wrong: false }
}

pub(super) const fn wrong(words: &'static str) -> Said {
    Said { words, wrong: true }
}

/// How many of the specification's 15 pairs of registration and login a library passes.
pub(super) struct PairsPassed {
    pub(super) library: &'static str,
    pub(super) passed: &'static str,
    pub(super) fails: &'static str,
}

/// The libraries beside each other on the specification's own test vectors.
pub(super) const PAIRS: [PairsPassed; 6] = [
    PairsPassed {
        library: "webauthn-rs-core 0.6.2",
        passed: "6 of 15",
        fails: "ES512, crossOrigin and topOrigin, RS256, EdDSA, Ed448, tpm, android-key",
    },
    PairsPassed {
        library: "webauthn_rp 0.3.0",
        passed: "0 of 15",
        fails: "its challenge is a u128; five registrations can be read",
    },
    PairsPassed {
        library: "py_webauthn 3.0.1",
        passed: "10 of 15",
        fails: "ES384, Ed448, tpm, android-key, fido-u2f",
    },
    PairsPassed {
        library: "@simplewebauthn/server 14.0.3",
        passed: "10 of 15",
        fails: "topOrigin (passes with its option expectedTopOrigin), Ed448, tpm, android-key, fido-u2f",
    },
    PairsPassed {
        library: "go-webauthn",
        passed: "all but Ed448",
        fails: "as its own test in its repository says; it was not run here",
    },
    PairsPassed {
        library: "ring 0.17.14 alone",
        passed: "13 of 15",
        fails: "signatures of the logins only: ES512 and Ed448 are not in it",
    },
];
