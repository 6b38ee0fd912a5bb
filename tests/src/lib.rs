//! The whole product, tested as people use it.
