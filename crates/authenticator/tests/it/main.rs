//! What the software authenticator makes is what `doorward-webauthn` accepts, and each fault is refused.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it must be"
)]

mod ceremonies;
