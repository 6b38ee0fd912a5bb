//! The relying party's half of Web Authentication Level 3.
