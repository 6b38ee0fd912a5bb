//! The provider's half of OAuth 2 and OpenID Connect as messages and decisions.
