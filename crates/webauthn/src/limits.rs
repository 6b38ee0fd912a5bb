//! Every limit of this crate, with its reason. What lies above a limit is refused before it is read.

use core::time::Duration;

/// Challenge made by this crate, in bytes. The specification asks for at least 16.
pub const CHALLENGE: usize = 32;

/// The shortest challenge that a caller may bring, in bytes (§13.4.3).
pub const CHALLENGE_MIN: usize = 16;

/// The longest challenge that a caller may bring, in bytes. It travels twice in each ceremony.
pub const CHALLENGE_MAX: usize = 1024;

/// The longest user handle, in bytes (§5.4.3).
pub const USER_HANDLE_MAX: usize = 64;

/// The longest credential id, in bytes (§7.1 step 25).
pub const CREDENTIAL_ID_MAX: usize = 1023;

/// The longest JSON form of an answer, in bytes. TPM statements with chains stay below 20 KiB; ML-DSA keys
/// and signatures add as much again.
pub const RESPONSE_JSON_MAX: usize = 128 * 1024;

/// The longest client data, in bytes. Browsers send below 1 KiB; the rest is room for members to come.
pub const CLIENT_DATA_MAX: usize = 16 * 1024;

/// The longest member of an answer, in bytes: attestation object, authenticator data, signature.
pub const MEMBER_MAX: usize = 64 * 1024;

/// How deep CTAP2 lets CBOR nest (CTAP 2.2 §8, "message encoding").
pub const CBOR_DEPTH: u8 = 4;

/// How deep an attestation object nests: object, compound array, member, statement, x5c.
pub const CBOR_DEPTH_ATTESTATION: u8 = 6;

/// The most entries of one CBOR map whose keys need not be sorted; looking for duplicates is quadratic there.
pub const CBOR_UNSORTED_MAX: u64 = 64;

/// The most credentials of one `allowCredentials` or `excludeCredentials`.
pub const DESCRIPTORS_MAX: usize = 64;

/// The most transports kept of one credential, and the longest name of one, in bytes.
pub const TRANSPORTS_MAX: usize = 16;

/// The longest name of a transport that is kept, in bytes.
pub const TRANSPORT_NAME_MAX: usize = 32;

/// The most certificates of one `x5c`. Real chains have at most five.
pub const CHAIN_MAX: usize = 10;

/// The most extensions of one certificate.
pub const CERTIFICATE_EXTENSIONS_MAX: usize = 32;

/// The most members of one compound statement.
pub const COMPOUND_MAX: usize = 8;

/// How long a ceremony may last unless said otherwise: the time-out that §5.4 recommends at least.
pub const LIFETIME: Duration = Duration::from_secs(300);

/// How long a ceremony may last at most.
pub const LIFETIME_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest revocation list, in bytes.
pub const CRL_MAX: usize = 8 * 1024 * 1024;

/// The longest metadata blob, in bytes. FIDO's has passed 5 MiB, icons included.
pub const METADATA_MAX: usize = 32 * 1024 * 1024;
