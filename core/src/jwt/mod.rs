//! JSON Web Tokens (RFC 7519): claims with rules, on top of [`crate::jws`].

mod claims_writer;
mod expectations;
mod fetching;
mod header_cache;
mod judge;
mod policy;
mod profile;
mod remote;
mod signer;
mod token;
mod value_writer;
mod verifier;

pub use policy::Policy;
pub use signer::{Prepared, SignatureFormat, Signer, SignerOptions};
pub use token::{Token, UnverifiedToken, dangerous_decode};
pub use verifier::Verifier;
