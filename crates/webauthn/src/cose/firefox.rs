//! Firefox 117 wrote Ed25519 keys as a map of three that has four entries, with `"OKP"` and `"Ed25519"` for
//! numbers. Under [`Leniency::Firefox117Ed25519Key`](crate::policy::Leniency) exactly those bytes are read.

/// The head of the map and its first three entries: `kty` "OKP", `alg` -8, `crv` "Ed25519".
pub(super) const HEAD: &[u8] = b"\xa3\x01\x63OKP\x03\x27\x20\x67Ed25519";
const X: &[u8] = b"\x21\x58\x20";

/// The 32 bytes of the key, and what follows it.
pub(super) fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    bytes.strip_prefix(HEAD)?.strip_prefix(X)?.split_at_checked(32)
}
