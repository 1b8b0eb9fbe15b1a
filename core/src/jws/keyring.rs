//! The keys that a verification may use, each prepared once, and the choice among them.

use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::crypto::VerifyingKey;
use crate::encoding::base64url;
use crate::error::{Code, Error, Excerpt, Result};
use crate::jwk::{Keys, Operation};

/// How many keys are tried for one token. More than that share a `kid`, or have none, only where something is wrong.
const MOST_CANDIDATES: usize = 8;

/// The keys, prepared for the algorithms that they and the caller allow.
pub(crate) struct Keyring {
    keys: Keys,
    prepared: Vec<Prepared>,
}

struct Prepared {
    /// The key's place in the set; 0 for a single key.
    place: usize,
    algorithm: Algorithm,
    key: Arc<VerifyingKey>,
}

/// A key to try.
pub(crate) struct Candidate {
    key: Arc<VerifyingKey>,
    /// Whether the token names it: otherwise it is a guess.
    pub(crate) is_named: bool,
    /// The issuers that the key says it is for: Microsoft's do, and the same key may stand in the set for several.
    pub(crate) issuers: Vec<String>,
}

impl Keyring {
    /// `allowed` narrows the algorithms; `weak` also takes keys that are too short.
    ///
    /// A single key that cannot be used is an error; in a set it is passed over, because its owner may serve it to
    /// others too.
    pub(crate) fn new(keys: Keys, allowed: Option<&[Algorithm]>, weak: bool) -> Result<Self> {
        let is_allowed = |algorithm: Algorithm| {
            allowed.is_none_or(|list| list.iter().any(|one| one.canonical() == algorithm.canonical()))
        };
        let mut prepared = Vec::new();
        match &keys {
            Keys::One(key) => {
                if !key.allows(Operation::Verify) {
                    return Err(Error::new(
                        Code::KeyMismatch,
                        "the key's use or key_ops does not allow it to verify signatures",
                    ));
                }
                let mut too_weak = None;
                for algorithm in key.verifying_algorithms().filter(|algorithm| is_allowed(*algorithm)) {
                    match key.verifying_key(algorithm, weak) {
                        Ok(verifying) => prepared.push(Prepared { place: 0, algorithm, key: verifying }),
                        // Long enough for another HMAC, perhaps.
                        Err(error) if error.code() == Code::KeyTooWeak => too_weak = Some(error),
                        Err(error) => return Err(error),
                    }
                }
                match too_weak {
                    Some(error) if prepared.is_empty() => return Err(error),
                    _ => {}
                }
                if prepared.is_empty() {
                    return Err(
                        Error::new(Code::KeyMismatch, "the key does none of the allowed algorithms").at("algorithms")
                    );
                }
            }
            Keys::Set(set) => {
                for (place, key) in set.keys().iter().enumerate().filter(|(_, key)| key.allows(Operation::Verify)) {
                    for algorithm in key.verifying_algorithms().filter(|algorithm| is_allowed(*algorithm)) {
                        if let Ok(verifying) = key.verifying_key(algorithm, weak) {
                            prepared.push(Prepared { place, algorithm, key: verifying });
                        }
                    }
                }
            }
        }
        Ok(Self { keys, prepared })
    }

    /// What it was made of.
    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The keys to try for a token with this `alg` and `kid`: at least one.
    pub(crate) fn candidates(&self, algorithm: Algorithm, kid: Option<&str>) -> Result<Vec<Candidate>> {
        let mut fitting = self.prepared.iter().filter(|prepared| prepared.algorithm == algorithm).peekable();
        if fitting.peek().is_none() {
            let message = format!("the token's alg {algorithm} is not one that the key and the policy allow");
            return Err(Error::new(Code::AlgorithmNotAllowed, message).at("alg"));
        }
        let set = match &self.keys {
            Keys::One(_) => {
                let candidate = |prepared: &Prepared| Candidate {
                    key: Arc::clone(&prepared.key),
                    is_named: true,
                    issuers: Vec::new(),
                };
                return Ok(fitting.map(candidate).collect());
            }
            Keys::Set(set) => set,
        };
        let chosen: Vec<_> = set
            .candidates(kid, algorithm)
            .filter_map(|(place, key)| {
                let prepared = self.prepared.iter().find(|one| one.place == place && one.algorithm == algorithm)?;
                let is_named = kid.is_some() && key.kid() == kid;
                Some(Candidate { key: Arc::clone(&prepared.key), is_named, issuers: set.issuers(key) })
            })
            .take(MOST_CANDIDATES)
            .collect();
        if chosen.is_empty() {
            let message = match kid {
                Some(kid) => format!("the key set has no key for kid {} and alg {algorithm}", Excerpt(kid)),
                None => format!("the key set has no key for alg {algorithm}, and the token has no kid"),
            };
            return Err(Error::new(Code::KeyNotFound, message).at("kid"));
        }
        Ok(chosen)
    }
}

/// Which of the keys made the signature, which stands in `segment` as base64url.
#[inline]
pub(crate) fn verify_any<'a>(keys: &'a [Candidate], message: &[u8], segment: &[u8]) -> Result<&'a Candidate> {
    /// Enough for every algorithm but RSA: P-521's 132 bytes, and the two that the decoder wants more.
    const SHORT: usize = 135;
    if segment.len() <= SHORT / 3 * 4 {
        verify_in(keys, message, segment, &mut [0; SHORT])
    } else {
        verify_long(keys, message, segment)
    }
}

/// RSA signatures: so costly by themselves that a larger buffer does not show.
#[inline(never)]
fn verify_long<'a>(keys: &'a [Candidate], message: &[u8], segment: &[u8]) -> Result<&'a Candidate> {
    /// RSA of 8192 bits.
    const LONG: usize = 1026;
    if segment.len() <= LONG / 3 * 4 {
        return verify_in(keys, message, segment, &mut [0; LONG]);
    }
    // Longer than any signature, and still either badly written or wrong.
    base64url::decode(segment).ok_or_else(badly_written)?;
    Err(invalid())
}

#[inline]
fn verify_in<'a>(keys: &'a [Candidate], message: &[u8], segment: &[u8], buffer: &mut [u8]) -> Result<&'a Candidate> {
    let signature = base64url::decode_into(segment, buffer).ok_or_else(badly_written)?;
    keys.iter().find(|one| one.key.verify(message, signature).is_ok()).ok_or_else(invalid)
}

#[cold]
fn badly_written() -> Error {
    Error::new(Code::TokenEncoding, "the signature segment is not canonical base64url without padding")
}

#[cold]
fn invalid() -> Error {
    Error::new(Code::SignatureInvalid, "the signature does not fit the token and the key")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwk::{Key, KeyOptions, KeySet};

    #[test]
    fn at_most_eight_keys_are_tried_and_weak_ones_do_not_count() {
        let secret = |byte: u8, length: usize| Key::from_secret(&vec![byte; length], &KeyOptions::default()).unwrap();
        let weak = (0..8).map(|byte| secret(byte, 16));
        let strong = (8..28).map(|byte| secret(byte, 32));
        let keyring = Keyring::new(Keys::Set(KeySet::new(weak.chain(strong))), None, false).unwrap();
        assert_eq!(keyring.candidates(Algorithm::HS256, None).unwrap().len(), MOST_CANDIDATES);
        assert_eq!(keyring.candidates(Algorithm::HS512, None).err().unwrap().code(), Code::AlgorithmNotAllowed);
        assert_eq!(keyring.candidates(Algorithm::ES256, Some("kid")).err().unwrap().code(), Code::AlgorithmNotAllowed);
    }
}
