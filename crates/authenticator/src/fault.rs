//! Each defect that can be asked for, by one name.

/// What is wrong with the next answer. A device or browser with a fault makes exactly this mistake, and signs it
/// as if nothing were wrong wherever a real one could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The signature covers other bytes.
    Signature,
    /// The challenge is not the one that was sent.
    Challenge,
    /// Client data of the other ceremony.
    Type,
    /// `crossOrigin` is true.
    CrossOrigin,
    /// The hash of another RP ID.
    RpIdHash,
    /// The user was not present.
    UserAbsent,
    /// The user was not verified.
    Unverified,
    /// Backed up, but not eligible for it.
    BackupFlags,
    /// The signature counter stands still.
    CounterStill,
    /// A byte after the authenticator data.
    TrailingByte,
    /// The user handle of somebody else.
    UserHandle,
}
