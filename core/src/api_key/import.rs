//! Keys that another system issued, known by their hashes.

use crate::crypto::sha256;
use crate::encoding::base64url;

/// The most bytes of a key.
const MAX_PRESENTED: usize = 1024;

/// The bytes of the hash that make the id: enough that no two meet, and of no use to who wants to know the rest.
const ID_BYTES: usize = 16;

/// What every such id begins with: no id of a key that was issued here has a hyphen.
const MARK: &str = "imported-";

/// A presented key: the id that it has if it was imported, and the text that its hash is made of.
pub(super) struct Imported {
    pub(super) id: String,
    pub(super) hashed: String,
}

impl Imported {
    /// Of what a caller presents; none if it cannot be a key.
    pub(super) fn presented(text: &str) -> Option<Self> {
        let is_possible =
            !text.is_empty() && text.len() <= MAX_PRESENTED && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_possible.then(|| Self::of(&sha256(text.as_bytes())))
    }

    /// Of a SHA-256 in lower-case hexadecimal.
    pub(super) fn hashed(hex: &str) -> Option<Self> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { return None };
        let bytes =
            pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect::<Option<Vec<u8>>>()?;
        <[u8; 32]>::try_from(bytes).ok().map(|hash| Self::of(&hash))
    }

    fn of(hash: &[u8; 32]) -> Self {
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let id = format!("{MARK}{}", base64url::encode(hash.get(..ID_BYTES).unwrap_or_default()));
        // What is hashed here is no key that was issued: those have no colon.
        Self { id, hashed: format!("sha256:{hex}") }
    }
}

/// Whether this is the id of an imported key.
pub(super) fn is_imported(id: &str) -> bool {
    id.starts_with(MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_hash_are_the_same_key() {
        // SHA-256 of "abc" (FIPS 180-2, appendix B.1).
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let (presented, hashed) = (Imported::presented("abc").unwrap(), Imported::hashed(hex).unwrap());
        assert_eq!((&presented.id, &presented.hashed), (&hashed.id, &hashed.hashed));
        assert_eq!(presented.hashed, format!("sha256:{hex}"));
        assert!(is_imported(&presented.id) && !is_imported("0123456789abcdef"));
        for text in ["", "a b", "é", "a\n", &"a".repeat(1025)] {
            assert!(Imported::presented(text).is_none(), "{text:?}");
        }
    }
}
