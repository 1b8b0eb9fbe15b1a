//! What a key is made of: the numbers, before any provider has prepared them.

use zeroize::Zeroizing;

use crate::algorithm::{Curve, KeyType};

/// The parts of a key. Private parts are wiped when dropped. No `Debug`: there is nothing here to print safely.
///
/// Integers are unsigned, big-endian. Those of RSA have no leading zero byte; those of EC have the curve's full length.
#[derive(Clone)]
pub(crate) enum Material {
    Secret(Zeroizing<Vec<u8>>),
    Rsa { public: RsaPublic, private: Option<RsaPrivate> },
    Ec { curve: Curve, public: EcPublic, d: Option<Zeroizing<Vec<u8>>> },
    Ed25519 { x: [u8; 32], d: Option<Zeroizing<[u8; 32]>> },
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RsaPublic {
    pub(crate) n: Vec<u8>,
    pub(crate) e: Vec<u8>,
}

/// The private exponent and the parts for the Chinese remainder theorem, named as in RFC 7518 section 6.3.2.
#[derive(Clone)]
pub(crate) struct RsaPrivate {
    pub(crate) d: Zeroizing<Vec<u8>>,
    pub(crate) p: Zeroizing<Vec<u8>>,
    pub(crate) q: Zeroizing<Vec<u8>>,
    pub(crate) dp: Zeroizing<Vec<u8>>,
    pub(crate) dq: Zeroizing<Vec<u8>>,
    pub(crate) qi: Zeroizing<Vec<u8>>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct EcPublic {
    pub(crate) x: Vec<u8>,
    pub(crate) y: Vec<u8>,
}

impl RsaPublic {
    /// The size of the modulus in bits.
    pub(crate) fn bits(&self) -> usize {
        let leading = self.n.first().map_or(0, |byte| byte.leading_zeros() as usize);
        self.n.len().saturating_mul(8).saturating_sub(leading)
    }
}

impl EcPublic {
    /// The uncompressed point of SEC 1 section 2.3.3: `04 || x || y`.
    pub(crate) fn point(&self) -> Vec<u8> {
        let mut point = Vec::with_capacity(self.x.len().saturating_mul(2).saturating_add(1));
        point.push(4);
        point.extend_from_slice(&self.x);
        point.extend_from_slice(&self.y);
        point
    }
}

impl Material {
    pub(crate) fn key_type(&self) -> KeyType {
        match self {
            Self::Secret(_) => KeyType::Secret,
            Self::Rsa { .. } => KeyType::Rsa,
            Self::Ec { .. } => KeyType::Ec,
            Self::Ed25519 { .. } => KeyType::Okp,
        }
    }

    /// Whether it can sign. A secret can.
    pub(crate) fn is_private(&self) -> bool {
        match self {
            Self::Secret(_) => true,
            Self::Rsa { private, .. } => private.is_some(),
            Self::Ec { d, .. } => d.is_some(),
            Self::Ed25519 { d, .. } => d.is_some(),
        }
    }
}
