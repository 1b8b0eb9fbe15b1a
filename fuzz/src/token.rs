//! Tokens that the library under test had no part in making.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret of every token that a target signs itself: long enough for HS512.
pub const SECRET: &[u8] = b"a secret of sixty-four bytes, which is enough for each HMAC, HS512";

/// base64url without padding (RFC 7515 section 2).
pub fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 3);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for sextet in 0..=group.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * sextet) & 63) as usize]));
        }
    }
    text
}

/// `header.payload.signature`, signed with HS256 whatever the header says.
pub fn signed(header: &[u8], payload: &[u8]) -> String {
    let input = format!("{}.{}", base64url(header), base64url(payload));
    let signature = base64url(&hs256(input.as_bytes()));
    format!("{input}.{signature}")
}

/// A token without a signature, to have its parts read by `dangerous_decode`.
pub fn unsigned(payload: &[u8]) -> String {
    format!("{}.{}.", base64url(br#"{"alg":"HS256"}"#), base64url(payload))
}

/// HMAC with SHA-256 under [`SECRET`].
pub fn hs256(message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).expect("any length of key");
    mac.update(message);
    mac.finalize().into_bytes().into()
}
