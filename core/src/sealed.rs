//! Sealed texts: what the library gives its program to keep, and nobody else can read or alter.
//!
//! `base64url(version || hint || nonce || AES-256-GCM(text))`. The AES key is derived from the program's secret for one
//! purpose, with HMAC-SHA-256, so that one secret may serve several; the hint tells which of several keys it was,
//! without trying all. What the text belongs to is bound in as additional data and not part of it.

use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, KeyType};
use crate::crypto::{NONCE_BYTES, SEAL_KEY_BYTES, open as decrypt, random, seal as encrypt, sha256};
use crate::encoding::base64url;
use crate::error::{Code, Error, Result};
use crate::jwk::Key;

const VERSION: u8 = 1;

const HINT_BYTES: usize = 4;

/// The text, sealed with a secret of at least 32 bytes.
pub(crate) fn seal(text: &str, key: &Key, purpose: &str, bound_to: &str) -> Result<String> {
    let derived = derived(key, purpose)?;
    let mut nonce = [0; NONCE_BYTES];
    random(&mut nonce)?;
    let mut body = text.as_bytes().to_vec();
    encrypt(&derived, nonce, bound_to.as_bytes(), &mut body)?;
    Ok(base64url::encode(&[&[VERSION][..], &hint(&derived), &nonce, &body].concat()))
}

/// The text again, if one of the keys opens it.
pub(crate) fn open(sealed: &str, keys: &[Key], purpose: &str, bound_to: &str) -> Result<String> {
    let refused = || Error::new(Code::StateInvalid, "the state does not open with any of the keys for this purpose");
    let mut bytes = base64url::decode(sealed.as_bytes()).ok_or_else(refused)?;
    let (head, body) = bytes.split_at_mut_checked(1 + HINT_BYTES + NONCE_BYTES).ok_or_else(refused)?;
    let (version, head) = head.split_first().ok_or_else(refused)?;
    let (found, nonce) = head.split_at_checked(HINT_BYTES).ok_or_else(refused)?;
    let nonce = <[u8; NONCE_BYTES]>::try_from(nonce).map_err(|_| refused())?;
    if *version != VERSION {
        return Err(Error::new(Code::StateInvalid, "the state was sealed by another version of authwright"));
    }
    for key in keys {
        let derived = derived(key, purpose)?;
        if hint(&derived) == *found
            && let Some(text) = decrypt(&derived, nonce, bound_to.as_bytes(), &mut body.to_vec())
        {
            return String::from_utf8(text.to_vec()).map_err(|_| refused());
        }
    }
    Err(refused())
}

/// Refuses a key that cannot seal.
pub(crate) fn check_key(key: &Key) -> Result<()> {
    derived(key, "").map(drop)
}

fn derived(key: &Key, purpose: &str) -> Result<Zeroizing<[u8; SEAL_KEY_BYTES]>> {
    if !matches!(key.key_type(), KeyType::Secret) {
        return Err(Error::new(Code::KeyMismatch, "a seal key is a secret of at least 32 bytes").at("key"));
    }
    let tag = key.signing_key(Algorithm::HS256, false)?.sign(format!("authwright seal 1 {purpose}").as_bytes())?;
    let tag = Zeroizing::new(tag);
    let mut derived = Zeroizing::new([0; SEAL_KEY_BYTES]);
    derived.iter_mut().zip(tag.iter()).for_each(|(slot, byte)| *slot = *byte);
    Ok(derived)
}

fn hint(derived: &[u8; SEAL_KEY_BYTES]) -> [u8; HINT_BYTES] {
    let [first, second, third, fourth, ..] = sha256(derived);
    [first, second, third, fourth]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwk::KeyOptions;

    fn key(byte: u8) -> Key {
        Key::from_secret(&[byte; 32], &KeyOptions::default()).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_for_the_same_thing_only() {
        let sealed = seal("text", &key(1), "purpose", "bound").unwrap();
        let open = |keys: &[Key], purpose, bound| open(&sealed, keys, purpose, bound);
        assert_eq!(open(&[key(2), key(1)], "purpose", "bound").unwrap(), "text");
        for refused in [
            open(&[key(2)], "purpose", "bound"),
            open(&[], "purpose", "bound"),
            open(&[key(1)], "another", "bound"),
            open(&[key(1)], "purpose", "another"),
        ] {
            assert_eq!(refused.unwrap_err().code(), Code::StateInvalid);
        }
        assert_ne!(seal("text", &key(1), "purpose", "bound").unwrap(), sealed, "a nonce of its own each time");
    }

    #[test]
    fn every_alteration_is_refused() {
        let sealed = seal("text", &key(1), "purpose", "bound").unwrap();
        for place in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert!(open(&altered, &[key(1)], "purpose", "bound").is_err(), "{place}");
            assert!(open(&sealed[..place], &[key(1)], "purpose", "bound").is_err(), "{place}");
        }
        assert_eq!(
            seal("text", &Key::from_secret(&[1; 31], &KeyOptions::default()).unwrap(), "p", "b").unwrap_err().code(),
            Code::KeyTooWeak
        );
    }
}
