//! A small identity provider that a team runs itself.
