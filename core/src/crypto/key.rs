//! Keys, prepared: parsed once, then used for every token.

use super::hmac::HmacKey;
use super::provider;
use super::signature::{InvalidSignature, Signature};
use crate::algorithm::Algorithm;
use crate::error::{Code, Error, Result};
use crate::jwk::Material;

/// A key prepared to verify with one algorithm.
pub(crate) enum VerifyingKey {
    Hmac(HmacKey),
    Public(provider::PublicKey),
}

impl VerifyingKey {
    /// Prepares the key, or its public part. Whether a weak key is welcome is the caller's to say; RSA below 2048 bits
    /// does RS256 and RS512 only, because the providers offer no more for it.
    pub(crate) fn new(algorithm: Algorithm, material: &Material) -> Result<Self> {
        suits(algorithm, material)?;
        Ok(match material {
            Material::Secret(secret) => Self::Hmac(HmacKey::new(algorithm, secret)?),
            _ => Self::Public(provider::PublicKey::new(algorithm, material)?),
        })
    }

    /// Whether the signature is the message's. ECDSA signatures are `R || S` (RFC 7518 section 3.4), never DER.
    #[inline]
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        match self {
            Self::Hmac(key) if key.verify(message, signature) => Ok(()),
            Self::Hmac(_) => Err(InvalidSignature),
            Self::Public(key) => key.verify(message, signature),
        }
    }
}

/// A key prepared to sign with one algorithm.
pub(crate) enum SigningKey {
    Hmac(HmacKey),
    Private(provider::PrivateKey),
}

impl SigningKey {
    /// Prepares the key. Whether a weak one is welcome is the caller's to say.
    pub(crate) fn new(algorithm: Algorithm, material: &Material) -> Result<Self> {
        suits(algorithm, material)?;
        if !material.is_private() {
            return Err(Error::new(Code::KeyNotPrivate, "a public key cannot sign"));
        }
        Ok(match material {
            Material::Secret(secret) => Self::Hmac(HmacKey::new(algorithm, secret)?),
            _ => Self::Private(provider::PrivateKey::new(algorithm, material)?),
        })
    }

    /// Signs the message. ECDSA signatures are `R || S`.
    #[inline]
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Signature> {
        match self {
            Self::Hmac(key) => Ok(key.sign(message)),
            Self::Private(key) => key.sign(message),
        }
    }
}

/// Whether the algorithm works with this type of key, curve and size.
fn suits(algorithm: Algorithm, material: &Material) -> Result<()> {
    let fits = match material {
        Material::Ec { curve, .. } => algorithm.curve() == Some(*curve),
        other => algorithm.key_type() == other.key_type(),
    };
    if !fits {
        return Err(Error::new(Code::KeyMismatch, format!("this type of key does not work with {algorithm}")));
    }
    match material {
        Material::Rsa { public, .. }
            if public.bits() < 2048 && !matches!(algorithm, Algorithm::RS256 | Algorithm::RS512) =>
        {
            let message = format!("RSA below 2048 bits works with RS256 and RS512 only, not with {algorithm}");
            Err(Error::new(Code::KeyTooWeak, message))
        }
        _ => Ok(()),
    }
}
