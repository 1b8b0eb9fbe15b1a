//! How a key is written: `{prefix}_{environment}_{id}_{secret}{checksum}`.

use zeroize::Zeroizing;

use crate::crypto::random;
use crate::error::{Error, Result};

/// base62: letters and digits, so that a double click selects a whole key.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 95 bits: ids are not secret, and must not meet.
const ID: usize = 16;

/// 256 bits: a fast hash of it is as good as a slow one.
const SECRET: usize = 43;

/// Of a CRC-32: 2^32 < 62^6.
const CHECKSUM: usize = 6;

/// The most characters of a prefix and of an environment.
const MAX_WORD: usize = 16;

/// The prefix and the environment of keys: who they are for, and where.
#[derive(Clone, Debug)]
pub struct KeyFormat {
    /// `{prefix}_{environment}_`.
    head: String,
}

impl KeyFormat {
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` (`prefix`, `environment`): each is a lower-case letter and at most 15 more, or digits.
    pub fn new(prefix: &str, environment: &str) -> Result<Self> {
        for (name, word) in [("prefix", prefix), ("environment", environment)] {
            let is_letter = |byte: &u8| byte.is_ascii_lowercase();
            let rest = word.as_bytes().split_first().filter(|(first, _)| is_letter(first)).map(|(_, rest)| rest);
            if !rest.is_some_and(|rest| {
                rest.len() < MAX_WORD && rest.iter().all(|byte| is_letter(byte) || byte.is_ascii_digit())
            }) {
                let message =
                    format!("{name} must be a lower-case letter and at most {} more, or digits", MAX_WORD - 1);
                return Err(Error::invalid_argument(name, message));
            }
        }
        Ok(Self { head: format!("{prefix}_{environment}_") })
    }

    /// `{prefix}_{environment}`.
    pub(super) fn name(&self) -> &str {
        self.head.trim_end_matches('_')
    }

    /// The id of a key that is written as it should be, its checksum included. Says nothing about whether it was issued;
    /// that takes a store.
    #[must_use]
    pub fn id<'text>(&self, presented: &'text str) -> Option<&'text str> {
        let (id, secret) = presented.strip_prefix(&self.head)?.split_once('_')?;
        let is_written = id.len() == ID && secret.len() == SECRET + CHECKSUM && is_base62(id) && is_base62(secret);
        let (begin, checksum) = presented.split_at_checked(presented.len().checked_sub(CHECKSUM)?)?;
        (is_written && checksum.as_bytes() == self::checksum(begin)).then_some(id)
    }

    /// A regular expression for scanners of source code and logs, without anchors. It reads the same in every dialect.
    #[must_use]
    pub fn pattern(&self) -> String {
        format!("{}[0-9A-Za-z]{{{ID}}}_[0-9A-Za-z]{{{}}}", self.head, SECRET + CHECKSUM)
    }

    pub(super) fn new_id() -> Result<String> {
        Ok(random_text(ID)?.as_str().to_owned())
    }

    /// A new key with this id.
    pub(super) fn new_key(&self, id: &str) -> Result<Zeroizing<String>> {
        let secret = random_text(SECRET)?;
        // Room for all of it at once: a string that grows leaves copies behind.
        let length = self.head.len().saturating_add(ID + 1 + SECRET + CHECKSUM);
        let mut key = Zeroizing::new(String::with_capacity(length));
        for part in [&self.head, id, "_", &secret] {
            key.push_str(part);
        }
        let checksum = checksum(&key);
        key.extend(checksum.map(char::from));
        Ok(key)
    }
}

/// Without a way out half-way: so many bytes are looked at at once.
fn is_base62(text: &str) -> bool {
    text.bytes().fold(true, |is_so, byte| is_so & byte.is_ascii_alphanumeric())
}

/// The CRC-32 (ISO-HDLC) in base62, most significant first. It finds typing errors and lets scanners skip what only looks
/// like a key; whoever makes up a key can compute it.
fn checksum(begin: &str) -> [u8; CHECKSUM] {
    let mut rest = crc32fast::hash(begin.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for slot in digits.iter_mut().rev() {
        *slot = digit(rest % 62);
        rest /= 62;
    }
    digits
}

fn digit(value: u32) -> u8 {
    usize::try_from(value).ok().and_then(|place| ALPHABET.get(place)).copied().unwrap_or(b'0')
}

/// So many characters, each of the 62 equally likely.
fn random_text(length: usize) -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(length));
    let mut bytes = Zeroizing::new([0; 64]);
    while text.len() < length {
        random(&mut *bytes)?;
        // 248 is the last multiple of 62 in a byte: what is above it would make the first characters likelier.
        let fair = bytes.iter().filter(|byte| **byte < 248).take(length.saturating_sub(text.len()));
        text.extend(fair.map(|byte| char::from(digit(u32::from(byte % 62)))));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format() -> KeyFormat {
        KeyFormat::new("acme", "live").unwrap()
    }

    #[test]
    fn a_key_is_found_again_by_its_id_and_no_two_are_alike() {
        let (id, other) = (KeyFormat::new_id().unwrap(), KeyFormat::new_id().unwrap());
        let key = format().new_key(&id).unwrap();
        assert_eq!(format().id(&key), Some(id.as_str()));
        assert_eq!(key.len(), "acme_live_".len() + 16 + 1 + 43 + 6);
        assert_ne!(id, other);
        assert_ne!(*key, *format().new_key(&id).unwrap());
    }

    #[test]
    fn what_is_not_written_as_a_key_is_found_without_a_store() {
        let key = format().new_key(&KeyFormat::new_id().unwrap()).unwrap();
        for place in 0..key.len() {
            let mut bytes = key.as_bytes().to_vec();
            bytes[place] = if bytes[place] == b'a' { b'b' } else { b'a' };
            assert_eq!(format().id(std::str::from_utf8(&bytes).unwrap()), None, "altered at {place}");
            assert_eq!(format().id(&key[..place]), None, "cut at {place}");
        }
        for text in
            ["", "_", "acme_live_", "acme_live__", &format!("{}x", *key), &format!(" {}", *key), &"é".repeat(76)]
        {
            assert_eq!(format().id(text), None, "{text}");
        }
        assert_eq!(KeyFormat::new("acme", "test").unwrap().id(&key), None);
        assert_eq!(KeyFormat::new("acm", "live").unwrap().id(&key), None);
    }

    /// CRC-32 of "acme_live_" and so on, as zlib computes it.
    #[test]
    fn the_checksum_is_the_crc_of_zlib() {
        assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
        let begin = format!("acme_live_{}_{}", "A".repeat(16), "a".repeat(43));
        let key = format!("{begin}{}", String::from_utf8(checksum(&begin).to_vec()).unwrap());
        assert_eq!(format().id(&key), Some("AAAAAAAAAAAAAAAA"));
        assert_eq!(checksum("123456789"), *b"3jZRME");
    }

    #[test]
    fn words() {
        for word in ["", "A", "1a", "a-b", "a_b", "é", "a\n", "abcdefghijklmnopq"] {
            assert_eq!(KeyFormat::new(word, "live").unwrap_err().field(), Some("prefix"), "{word:?}");
            assert_eq!(KeyFormat::new("acme", word).unwrap_err().field(), Some("environment"), "{word:?}");
        }
        KeyFormat::new("abcdefghijklmnop", "p2").unwrap();
    }

    #[test]
    fn every_character_is_equally_likely() {
        let mut counts = std::collections::HashMap::new();
        let text = random_text(62_000).unwrap();
        text.chars().for_each(|letter| *counts.entry(letter).or_insert(0) += 1);
        // 1000 of each are expected; ten standard deviations off is not chance.
        assert!(counts.len() == 62 && counts.values().all(|count| (700..1300).contains(count)), "{counts:?}");
    }
}
