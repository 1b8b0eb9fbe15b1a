//! How things are written down: strict base64url, the one JSON scanner, the compact serialisation of tokens, and forms.

pub(crate) mod base64url;
pub(crate) mod compact;
pub(crate) mod form;
pub mod json;
mod json_deserialize;
mod json_number;
mod json_scan;
pub(crate) mod json_write;
