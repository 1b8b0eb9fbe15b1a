//! The seam to the crypto provider: the only module that names a crypto crate.
//!
//! Exactly one provider is compiled in. `aws_lc` is the default and wins when both features are on; `ring` is
//! smaller and needs no C build of its own, but has fewer algorithms. Everything above this module sees the same nouns:
//! a [`VerifyingKey`] and a [`SigningKey`] are prepared once from a key's [`Material`](crate::jwk::Material) and
//! then used from every thread.

#[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
compile_error!("authwright-core needs a crypto provider: enable its feature `aws-lc-rs` (the default) or `ring`");

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
mod check;
mod generate;
mod hmac;
mod key;
#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
mod ring;
mod rsa;
mod seal;
mod signature;
#[cfg(any(feature = "http", feature = "redis"))]
pub(crate) mod tls;

#[cfg(feature = "aws-lc-rs")]
use self::aws_lc as provider;
#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
use self::ring as provider;
#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
use ::ring as library;
#[cfg(feature = "aws-lc-rs")]
use aws_lc_rs as library;

pub(crate) use self::check::check;
pub(crate) use self::generate::{ec_public, ed25519_public, generate};
pub(crate) use self::key::{SigningKey, VerifyingKey};
pub(crate) use self::seal::{NONCE_BYTES, SEAL_KEY_BYTES, open, seal};

use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::error::Result;

/// SHA-256 of the data.
pub(crate) fn sha256(data: &[u8]) -> [u8; 32] {
    Sha256::digest(data).into()
}

/// SHA-384 of the data.
pub(crate) fn sha384(data: &[u8]) -> [u8; 48] {
    Sha384::digest(data).into()
}

/// SHA-512 of the data.
pub(crate) fn sha512(data: &[u8]) -> [u8; 64] {
    Sha512::digest(data).into()
}

/// Fills the buffer from the provider's cryptographically secure generator.
pub(crate) fn random(buffer: &mut [u8]) -> Result<()> {
    provider::random(buffer)
}

#[cfg(test)]
mod tests;
