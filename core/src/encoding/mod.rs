//! How tokens and keys are written down: strict base64url, the one JSON scanner, and the compact serialisation.

pub(crate) mod base64url;
pub(crate) mod compact;
pub mod json;
mod json_deserialize;
mod json_scan;
pub(crate) mod json_write;
