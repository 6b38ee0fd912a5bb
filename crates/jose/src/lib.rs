//! JWK, JWS and JWT, strict: one algorithm a key.
