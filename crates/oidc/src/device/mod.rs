//! Signing in a device without a browser (RFC 8628): what it asks for, what it shows, what its polls get.

pub mod request;
pub mod user_code;

pub use request::{DeviceAnswer, DeviceGrant, DeviceRequest, Poll, Progress};
pub use user_code::UserCode;
