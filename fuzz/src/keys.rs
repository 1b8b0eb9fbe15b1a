//! Keys for the targets.

use std::sync::LazyLock;

use authwright_core::{Key, KeyOptions, KeySet, Keys};

use crate::input::text;
use crate::token::SECRET;

/// The secret of [`crate::token::signed`].
pub static HMAC: LazyLock<Key> =
    LazyLock::new(|| Key::from_secret(SECRET, &KeyOptions::default()).expect("a long secret"));

/// A key of each type that signs: a secret, P-256, Ed25519, RSA.
pub static PRIVATE: LazyLock<[Key; 4]> = LazyLock::new(|| {
    let pem = |text: &str| Key::from_pem(text.as_bytes(), &KeyOptions::default()).expect("a fixture");
    [
        HMAC.clone(),
        pem(include_str!("../../core/tests/keys/p256-private.pem")),
        pem(include_str!("../../core/tests/keys/ed25519-private.pem")),
        pem(include_str!("../../core/tests/keys/rsa-2048-private.pem")),
    ]
});

/// What verifies: each key by itself, and a set of all.
pub static VERIFYING: LazyLock<Vec<Keys>> = LazyLock::new(|| {
    let public: Vec<Key> = PRIVATE.iter().map(|key| key.public_key().unwrap_or_else(|_| key.clone())).collect();
    public.iter().map(Keys::from).chain([Keys::from(KeySet::new(public.clone()))]).collect()
});

/// A key or key set in any of the forms that begin unmistakably: JWK, JWK Set, PEM.
pub fn load(bytes: &[u8]) -> Option<Keys> {
    if bytes.starts_with(b"-----BEGIN ") {
        return (!is_costly(bytes)).then(|| Key::from_pem(bytes, &KeyOptions::default()).ok())?.map(Keys::from);
    }
    let json = text(bytes)?;
    Key::from_jwk(json).map(Keys::from).or_else(|_| KeySet::from_json(json).map(Keys::from)).ok()
}

/// Whether opening an encrypted key would take much more than the rest of a run. Up to ten million rounds of PBKDF2 are
/// allowed, which is seconds of work as documented and a minute under a sanitizer: nothing for a fuzzer. The limits
/// themselves are tested beside the code.
pub fn is_costly(file: &[u8]) -> bool {
    asks_much(file) || from_base64(file).iter().any(|block| asks_much(block))
}

/// Looks behind the object identifiers of PBKDF2 and scrypt for integers.
fn asks_much(der: &[u8]) -> bool {
    const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
    const SCRYPT: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];
    const MUCH: u64 = 10_000;
    let behind = der.windows(9).enumerate().filter(|(_, window)| *window == PBKDF2 || *window == SCRYPT);
    behind.map(|(at, _)| &der[at + 9..]).any(|parameters| {
        // The parameters are a SEQUENCE that opens with the salt; the integers follow within a few bytes.
        let salt = parameters.get(3).map_or(0, |length| usize::from(*length));
        let mut rest = parameters.get(4 + salt..).unwrap_or(&[]);
        let mut product = 1u64;
        while let [2, length @ 1..=8, after @ ..] = rest {
            let (value, after) = after.split_at_checked(usize::from(*length)).unwrap_or((after, &[]));
            product = product.saturating_mul(value.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)).max(1));
            rest = after;
        }
        product > MUCH
    })
}

/// The bytes in each stretch of base64 between the dashes of a PEM text, whatever is around them.
fn from_base64(text: &[u8]) -> Vec<Vec<u8>> {
    let mut blocks = vec![Vec::new()];
    let (mut bits, mut count, mut dashes) = (0u32, 0, 0);
    let mut characters = text.iter();
    while let Some(byte) = characters.next() {
        dashes = if *byte == b'-' { dashes + 1 } else { 0 };
        let sextet = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            // Line ends written as `\n` in so many characters.
            b'\\' => {
                characters.next();
                continue;
            }
            b'-' if dashes == 5 => {
                (bits, count) = (0, 0);
                blocks.push(Vec::new());
                continue;
            }
            _ => continue,
        };
        bits = bits << 6 | u32::from(sextet);
        count += 6;
        if count >= 8 {
            count -= 8;
            blocks.last_mut().expect("there is always one").push((bits >> count) as u8);
        }
    }
    blocks
}
