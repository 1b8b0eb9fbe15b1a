//! A signature, and the one way it can fail.

use std::ops::Deref;

use zeroize::Zeroize;

/// The longest of the short ones is ES384's. With room for ES512's too, moving one would be felt beside an HMAC; with
/// RSA and ES512, nobody feels an allocation.
const SHORT: usize = 96;

/// A signature or tag in the form that JWS carries: on the heap for RSA and ES512, on the stack for all others.
pub(crate) struct Signature(Bytes);

enum Bytes {
    Short { bytes: [u8; SHORT], length: usize },
    Long(Vec<u8>),
}

impl Signature {
    /// Copies a signature.
    #[inline]
    pub(super) fn new(signature: &[u8]) -> Self {
        let mut bytes = [0; SHORT];
        match bytes.get_mut(..signature.len()) {
            Some(start) => start.copy_from_slice(signature),
            None => return Self::long(signature.to_vec()),
        }
        Self(Bytes::Short { bytes, length: signature.len() })
    }

    /// Takes over one that is on the heap already.
    pub(super) fn long(signature: Vec<u8>) -> Self {
        Self(Bytes::Long(signature))
    }
}

/// For those that are made into keys.
impl Zeroize for Signature {
    fn zeroize(&mut self) {
        match &mut self.0 {
            Bytes::Short { bytes, .. } => bytes.zeroize(),
            Bytes::Long(bytes) => bytes.zeroize(),
        }
    }
}

impl Deref for Signature {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Short { bytes, length } => bytes.get(..*length).unwrap_or_default(),
            Bytes::Long(bytes) => bytes,
        }
    }
}

/// The signature does not fit the message and the key. There is nothing more to know, and nothing is allocated to say
/// so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidSignature;
