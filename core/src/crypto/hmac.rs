//! HMAC (RFC 2104) with a prepared key, for HS256, HS384 and HS512 (RFC 7518 section 3.2).
//!
//! Only the compression function comes from `sha2`; the construction around it is here, because a token's HMAC is the
//! hottest call of all. A prepared key is the two states that remain after the padded secret. A call works on copies of
//! them, which the message overwrites, so that nothing is left to wipe. `hmac::Hmac` copies and wipes four times as
//! much for each message, and takes a sixth longer at the size of a token; the tests hold the two against each other.

use sha2::block_api::{compress256, compress512};
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::signature::Signature;
use crate::algorithm::Algorithm;
use crate::error::{Code, Error, Result};

/// A secret, prepared for one algorithm. Wiped when dropped.
pub(crate) struct HmacKey(Prepared);

enum Prepared {
    HS256(States256),
    HS384(States512),
    HS512(States512),
}

impl HmacKey {
    /// Prepares the secret. Its strength is the caller's to judge.
    pub(crate) fn new(algorithm: Algorithm, secret: &[u8]) -> Result<Self> {
        Ok(Self(match algorithm {
            Algorithm::HS256 => Prepared::HS256(States256::new(SHA256, secret, |long| Sha256::digest(long).to_vec())),
            Algorithm::HS384 => Prepared::HS384(States512::new(SHA384, secret, |long| Sha384::digest(long).to_vec())),
            Algorithm::HS512 => Prepared::HS512(States512::new(SHA512, secret, |long| Sha512::digest(long).to_vec())),
            other => return Err(Error::new(Code::KeyMismatch, format!("a secret cannot be used with {other}"))),
        }))
    }

    /// The tag of the message.
    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        match &self.0 {
            Prepared::HS256(states) => Signature::new(&states.tag::<32>(message)),
            Prepared::HS384(states) => Signature::new(&states.tag::<48>(message)),
            Prepared::HS512(states) => Signature::new(&states.tag::<64>(message)),
        }
    }

    /// Whether the tag is the message's. Takes the same time wherever two tags differ.
    pub(crate) fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        match &self.0 {
            Prepared::HS256(states) => equal(&states.tag::<32>(message), tag),
            Prepared::HS384(states) => equal(&states.tag::<48>(message), tag),
            Prepared::HS512(states) => equal(&states.tag::<64>(message), tag),
        }
    }
}

/// Compares in constant time, a word at a time; lengths are public.
fn equal<const LENGTH: usize>(expected: &[u8; LENGTH], given: &[u8]) -> bool {
    let Ok(given) = <&[u8; LENGTH]>::try_from(given) else { return false };
    let (expected, given) = (expected.as_chunks::<8>(), given.as_chunks::<8>());
    let mut difference = 0;
    for (left, right) in expected.0.iter().zip(given.0) {
        difference |= u64::from_ne_bytes(*left) ^ u64::from_ne_bytes(*right);
    }
    for (left, right) in expected.1.iter().zip(given.1) {
        difference |= u64::from(left ^ right);
    }
    difference.ct_eq(&0).into()
}

/// The states of SHA-256 and of SHA-512 differ in their words only.
macro_rules! states {
    ($name:ident, $word:ty, $length:ty, $block:literal, $compress:path) => {
        /// The hash after the block of the inner padding, and after that of the outer.
        #[derive(Zeroize, ZeroizeOnDrop)]
        struct $name {
            inner: [$word; 8],
            outer: [$word; 8],
        }

        impl $name {
            fn new(initial: [$word; 8], secret: &[u8], hash: impl Fn(&[u8]) -> Vec<u8>) -> Self {
                let hashed = Zeroizing::new(if secret.len() > $block { hash(secret) } else { Vec::new() });
                let short = if hashed.is_empty() { secret } else { &hashed };
                let padded = |pad: u8| {
                    let mut block = Zeroizing::new([pad; $block]);
                    for (slot, byte) in block.iter_mut().zip(short) {
                        *slot ^= byte;
                    }
                    let mut state = initial;
                    $compress(&mut state, std::slice::from_ref(&*block));
                    state
                };
                Self { inner: padded(0x36), outer: padded(0x5c) }
            }

            fn tag<const LENGTH: usize>(&self, message: &[u8]) -> [u8; LENGTH] {
                let hash: [u8; LENGTH] = Self::finish(self.inner, message);
                Self::finish(self.outer, &hash)
            }

            /// The hash of one block that is already in the state, and the message after it (FIPS 180-4 section 5.1).
            #[inline(always)]
            fn finish<const LENGTH: usize>(mut state: [$word; 8], message: &[u8]) -> [u8; LENGTH] {
                let (blocks, tail) = message.as_chunks::<$block>();
                if !blocks.is_empty() {
                    $compress(&mut state, blocks);
                }
                let mut block = [0; $block];
                if let Some((start, [mark, ..])) = block.split_at_mut_checked(tail.len()) {
                    start.copy_from_slice(tail);
                    *mark = 0x80;
                }
                if tail.len() >= const { $block - size_of::<$length>() } {
                    $compress(&mut state, &[block]);
                    block = [0; $block];
                }
                let bits = (message.len() as $length).wrapping_add($block).wrapping_mul(8);
                if let Some(end) = block.last_chunk_mut() {
                    *end = bits.to_be_bytes();
                }
                $compress(&mut state, &[block]);

                let mut hash = [0; LENGTH];
                for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
                    *bytes = word.to_be_bytes();
                }
                hash
            }
        }
    };
}

states!(States256, u32, u64, 64, compress256);
states!(States512, u64, u128, 128, compress512);

// The initial hash values of FIPS 180-4 section 5.3.
const SHA256: [u32; 8] =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
const SHA384: [u64; 8] = [
    0xcbbb9d5dc1059ed8,
    0x629a292a367cd507,
    0x9159015a3070dd17,
    0x152fecd8f70e5939,
    0x67332667ffc00b31,
    0x8eb44a8768581511,
    0xdb0c2e0d64f98fa7,
    0x47b5481dbefa4fa4,
];
const SHA512: [u64; 8] = [
    0x6a09e667f3bcc908,
    0xbb67ae8584caa73b,
    0x3c6ef372fe94f82b,
    0xa54ff53a5f1d36f1,
    0x510e527fade682d1,
    0x9b05688c2b3e6c1f,
    0x1f83d9abfb41bd6b,
    0x5be0cd19137e2179,
];

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};

    use super::*;

    fn reference(algorithm: Algorithm, secret: &[u8], message: &[u8]) -> Vec<u8> {
        fn tag<M: Mac + KeyInit>(secret: &[u8], message: &[u8]) -> Vec<u8> {
            let mut mac = <M as KeyInit>::new_from_slice(secret).unwrap();
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }
        match algorithm {
            Algorithm::HS256 => tag::<Hmac<Sha256>>(secret, message),
            Algorithm::HS384 => tag::<Hmac<Sha384>>(secret, message),
            _ => tag::<Hmac<Sha512>>(secret, message),
        }
    }

    #[test]
    fn agrees_with_the_hmac_crate_at_every_length() {
        let bytes: Vec<u8> = (0..600u32).map(|index| (index * 7 + index / 256) as u8).collect();
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            // Every place in a block for the message to end, and every length of a secret around the block's.
            for length in 0..300 {
                let (message, secret) = (&bytes[..length], &bytes[100..100 + length]);
                for (message, secret) in [(message, &bytes[..32]), (&bytes[..479], secret)] {
                    let key = HmacKey::new(algorithm, secret).unwrap();
                    let tag = key.sign(message);
                    assert_eq!(*tag, reference(algorithm, secret, message), "{algorithm} {length}");
                    assert!(key.verify(message, &tag));
                }
            }
        }
    }

    #[test]
    fn only_the_whole_and_exact_tag_is_accepted() {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let key = HmacKey::new(algorithm, &[7; 64]).unwrap();
            let tag = key.sign(b"message").to_vec();
            assert_eq!(tag.len(), algorithm.hash_bytes());
            assert!(key.verify(b"message", &tag));
            assert!(!key.verify(b"Message", &tag));
            for length in 0..tag.len() {
                assert!(!key.verify(b"message", &tag[..length]), "{length} bytes");
            }
            assert!(!key.verify(b"message", &[tag.as_slice(), &[0]].concat()));
            for bit in 0..tag.len() * 8 {
                let mut altered = tag.clone();
                altered[bit / 8] ^= 1 << (bit % 8);
                assert!(!key.verify(b"message", &altered), "bit {bit}");
            }
        }
    }

    #[test]
    fn other_algorithms_are_refused() {
        for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
            assert_eq!(HmacKey::new(algorithm, &[7; 64]).err().unwrap().code(), Code::KeyMismatch);
        }
    }
}
