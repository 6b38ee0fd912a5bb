//! A software authenticator for tests, fixtures and load.
