//! The C ABI of authwright. C programs read `include/authwright.h`, which is generated from the comments here; this
//! crate's own items are public only for the fuzz targets, which take its sources as a Rust library (`fuzz/ffi`).
//!
//! One file per C noun. Each function converts its arguments, makes one call of the core and converts the answer,
//! inside `guard`, so that neither a failure nor a panic leaves through anything but the status. The conversions are
//! in `arguments`, and what stands behind an opaque pointer is in `handle`.
#![allow(non_camel_case_types, reason = "types carry the names that C programs write")]
#![allow(clippy::missing_safety_doc, reason = "comments become the C header; its first page states the contract once")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod api_key;
mod api_key_page;
mod api_keys;
mod arguments;
mod buffer;
mod claims;
mod driver;
mod error;
mod event;
mod getters;
mod guard;
mod handle;
mod host_store;
mod http_client;
mod jws;
mod key;
mod keyset;
mod login;
mod oauth_client;
mod operation;
mod prepared;
mod remote_keyset;
mod request;
mod running;
mod signer;
mod status;
mod store;
mod texts;
mod token;
mod token_manager;
mod tokens;
mod unverified;
mod user;
mod verifier;
mod version;

pub use api_key::*;
pub use api_key_page::*;
pub use api_keys::*;
pub use buffer::*;
pub use claims::*;
pub use error::*;
pub use event::*;
pub use host_store::*;
pub use http_client::*;
pub use jws::*;
pub use key::*;
pub use keyset::*;
pub use login::*;
pub use oauth_client::*;
pub use operation::*;
pub use prepared::*;
pub use remote_keyset::*;
pub use request::*;
pub use running::Running;
pub use signer::*;
pub use status::*;
pub use store::*;
pub use token::*;
pub use token_manager::*;
pub use tokens::*;
pub use unverified::*;
pub use user::*;
pub use verifier::*;
pub use version::*;
