//! base64url without padding (RFC 7515 section 2), in its one canonical form.
//!
//! Two texts that decode to the same bytes would let a token be altered without breaking its signature check
//! (a denylist keyed by the token's text would miss it), so the unused bits of the last character must be zero and
//! nothing but the alphabet is accepted.

use base64_turbo::URL_SAFE_NO_PAD as ENGINE;

/// The bytes as base64url text.
pub(crate) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// The length of the text for so many bytes.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    ENGINE.encoded_len(bytes)
}

/// Appends the text for the bytes.
pub(crate) fn encode_to(bytes: &[u8], output: &mut Vec<u8>) {
    let start = output.len();
    output.resize(start.saturating_add(encoded_len(bytes.len())), 0);
    if let Some(slot) = output.get_mut(start..) {
        // The slot has the exact length that the engine asks for.
        let _ = ENGINE.encode_slice(bytes, slot);
    }
}

/// Writes the text for the bytes into a place of its exact length; `false` if it has another.
pub(crate) fn encode_into(bytes: &[u8], place: &mut [u8]) -> bool {
    place.len() == encoded_len(bytes.len()) && ENGINE.encode_slice(bytes, place).is_ok()
}

/// The bytes of a strict text, or `None`.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(ENGINE.decoded_len_estimate(text.len()));
    decode_to(text, &mut bytes)?;
    Some(bytes)
}

/// Appends the bytes of a strict text. On `None`, `output` is as it was.
pub(crate) fn decode_to(text: &[u8], output: &mut Vec<u8>) -> Option<()> {
    if !has_canonical_end(text) {
        return None;
    }
    let start = output.len();
    output.resize(start.checked_add(ENGINE.decoded_len_estimate(text.len()))?, 0);
    let written = output.get_mut(start..).and_then(|slot| ENGINE.decode_slice(text, slot).ok());
    output.truncate(start.saturating_add(written.unwrap_or(0)));
    written.map(|_| ())
}

/// The bytes of a strict text, decoded into `buffer`; `None` also when it is too small.
///
/// The engine asks for room for whole groups, so `buffer` needs up to two bytes more than the result.
pub(crate) fn decode_into<'a>(text: &[u8], buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    if !has_canonical_end(text) {
        return None;
    }
    let written = ENGINE.decode_slice(text, buffer).ok()?;
    buffer.get(..written)
}

/// The text without its padding, where the padding is exactly what base64 (RFC 4648 section 3.2) would add.
pub(crate) fn strip_padding(text: &[u8]) -> &[u8] {
    match text {
        [rest @ .., b'=', b'='] if rest.len() % 4 == 2 => rest,
        [rest @ .., b'='] if rest.len() % 4 == 3 => rest,
        whole => whole,
    }
}

/// Whether the bits of the last character that carry no data are zero. A character outside the alphabet is the
/// engine's to refuse.
fn has_canonical_end(text: &[u8]) -> bool {
    let unused = match text.len() % 4 {
        0 => return true,
        2 => 0b1111,
        3 => 0b11,
        _ => return false,
    };
    text.last().and_then(|last| sextet(*last)).is_some_and(|value| value & unused == 0)
}

fn sextet(character: u8) -> Option<u8> {
    match character {
        b'A'..=b'Z' => character.checked_sub(b'A'),
        b'a'..=b'z' => character.checked_sub(b'a' - 26),
        b'0'..=b'9' => character.checked_add(52 - b'0'),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// RFC 4648 section 5, a bit at a time: slow, and plainly right.
    fn reference(text: &[u8]) -> Option<Vec<u8>> {
        let mut bits = Vec::new();
        for character in text {
            let value = ALPHABET.iter().position(|known| known == character)?;
            bits.extend((0..6).rev().map(|bit| value >> bit & 1));
        }
        if text.len() % 4 == 1 || bits[bits.len() / 8 * 8..].contains(&1) {
            return None;
        }
        Some(bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | *bit as u8)).collect())
    }

    #[test]
    fn every_byte_in_every_place_of_every_short_length() {
        // Long enough to pass through each of the engine's vector kernels and their tails.
        for length in 0..100 {
            let mut text = vec![b'A'; length];
            assert_eq!(decode(&text), reference(&text), "length {length}");
            for place in 0..length {
                for byte in 0..=255 {
                    text[place] = byte;
                    assert_eq!(decode(&text), reference(&text), "byte {byte} at {place} of {length}");
                }
                text[place] = b'A';
            }
        }
    }

    #[test]
    fn padding_is_stripped_only_where_it_belongs() {
        for (text, stripped) in [("QQ==", "QQ"), ("QUI=", "QUI"), ("QUJD", "QUJD"), ("QQ=", "QQ="), ("QUJD=", "QUJD=")]
        {
            assert_eq!(strip_padding(text.as_bytes()), stripped.as_bytes(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert_eq!(text.len(), encoded_len(bytes.len()));
            prop_assert_eq!(decode(text.as_bytes()), Some(bytes.clone()));
            let mut appended = b"before".to_vec();
            encode_to(&bytes, &mut appended);
            prop_assert_eq!(appended, [b"before", text.as_bytes()].concat());
        }

        #[test]
        fn what_is_decoded_is_encoded(text in "[A-Za-z0-9_-]{0,200}") {
            let decoded = decode(text.as_bytes());
            prop_assert_eq!(&decoded, &reference(text.as_bytes()));
            if let Some(bytes) = decoded {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
