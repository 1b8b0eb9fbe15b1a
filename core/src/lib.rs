//! The core of authwright: everything that decides, and, apart from one module behind a feature, nothing that talks to
//! the outside.
//!
//! The front ends (a C ABI, a Python module, a Node addon) translate their arguments, make one call here and translate
//! the answer, so that the same token, key or policy gets the same verdict and the same [`Code`] in every language.
//! Rust programs use this crate as it is.
//!
//! | noun | what it is |
//! | --- | --- |
//! | [`Key`], [`KeySet`] | keys, from PEM, DER, JWK, certificates, raw secrets, or generated |
//! | [`Signer`], [`SignerOptions`] | makes tokens |
//! | [`Verifier`], [`Policy`] | judges tokens |
//! | [`Token`] | what a verification returns, and nothing else can make |
//! | [`RemoteKeySet`] | the keys of an issuer, fetched and kept up to date |
//! | [`oauth`] | logging users in at OAuth 2.0 and OpenID Connect providers |
//! | [`api_key`] | issuing and checking API keys |
//! | [`store`] | where API keys are kept: memory, SQLite, Redis, or a program's own |
//! | [`operation`] | what needs the outside: state machines that ask for one effect at a time |
//! | `transport` (feature `http`) | the built-in HTTPS client, which drives them |
//! | [`jws`] | signatures over any bytes, without claims |
//! | [`Error`], [`Code`] | the one error table |
//!
//! Everything is built once, checked once, immutable, `Send + Sync`, and used from every thread without a lock; a
//! [`RemoteKeySet`] has state, and is read without one too. What decides opens no socket and reads no clock: `now` is
//! an argument, answers are handed in, and [`system_now`] is there for the edge.
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod algorithm;
pub mod api_key;
mod clock;
mod crypto;
mod encoding;
mod error;
mod jwk;
pub mod jws;
mod jwt;
pub mod oauth;
mod oidc;
pub mod operation;
mod options;
mod sealed;
pub mod store;
#[cfg(feature = "http")]
pub mod transport;
mod url;

pub use algorithm::{Algorithm, Curve, KeyType};
pub use clock::{system_now, system_now_ms};
pub use encoding::json;
pub use error::{Code, Error, Result};
pub use jwk::{Key, KeyOptions, KeySet, Keys, Rejected, RemoteKeySet, RemoteOptions};
pub use jwt::{
    Policy, Prepared, SignatureFormat, Signer, SignerOptions, Token, UnverifiedToken, Verifier, dangerous_decode,
};
