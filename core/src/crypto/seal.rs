//! AES-256-GCM (NIST SP 800-38D), for what the library hands to its program to keep.

use super::library::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use crate::error::{Error, Result};

/// The length of a key, in bytes.
pub(crate) const SEAL_KEY_BYTES: usize = 32;

/// The length of a nonce, in bytes.
pub(crate) const NONCE_BYTES: usize = 12;

/// Encrypts in place and appends the tag. The nonce must be a new one each time; a random one is.
pub(crate) fn seal(
    key: &[u8; SEAL_KEY_BYTES],
    nonce: [u8; NONCE_BYTES],
    bound_to: &[u8],
    text: &mut Vec<u8>,
) -> Result<()> {
    prepared(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound_to), text)
        .map_err(|_| Error::internal("the crypto provider could not seal"))
}

/// Decrypts in place; `None` if it was sealed with another key or bound to something else, or was altered.
pub(crate) fn open<'a>(
    key: &[u8; SEAL_KEY_BYTES],
    nonce: [u8; NONCE_BYTES],
    bound_to: &[u8],
    sealed: &'a mut [u8],
) -> Option<&'a [u8]> {
    let nonce = Nonce::assume_unique_for_key(nonce);
    prepared(key).ok()?.open_in_place(nonce, Aad::from(bound_to), sealed).ok().map(|text| &*text)
}

fn prepared(key: &[u8; SEAL_KEY_BYTES]) -> Result<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key)
        .map(LessSafeKey::new)
        .map_err(|_| Error::internal("the crypto provider has no AES-256-GCM"))
}
