//! New keys, and public parts from private ones.

use zeroize::Zeroizing;

use super::{provider, random};
use crate::algorithm::{Algorithm, Curve, KeyType};
use crate::error::{Code, Error, Result};
use crate::jwk::{EcPublic, Material};

/// The longest secret that `generate` makes: HMAC hashes anything beyond a block, and nobody needs more.
const LONGEST_SECRET_BITS: u32 = 4096;

/// A new key for the algorithm. `bits` is the size of an RSA modulus (2048 if not given) or of a secret (the hash
/// output's if not given); the other keys come in one size.
pub(crate) fn generate(algorithm: Algorithm, bits: Option<u32>) -> Result<Material> {
    match (algorithm.key_type(), algorithm.curve(), bits) {
        (KeyType::Secret, ..) => generate_secret(algorithm, bits),
        (KeyType::Rsa, ..) => match bits.unwrap_or(2048) {
            size @ (2048 | 3072 | 4096) => provider::generate_rsa(size),
            size @ ..2048 => Err(Error::new(Code::KeyTooWeak, format!("RSA of {size} bits is too weak")).at("bits")),
            _ => Err(Error::invalid_argument("bits", "RSA keys are made with 2048, 3072 or 4096 bits")),
        },
        (.., Some(_)) => Err(Error::invalid_argument("bits", format!("keys for {algorithm} come in one size"))),
        (_, Some(curve), None) => provider::generate_ec(curve),
        (_, None, None) => {
            let mut d = Zeroizing::new([0; 32]);
            random(d.as_mut())?;
            Ok(Material::Ed25519 { x: ed25519_public(&d)?, d: Some(d) })
        }
    }
}

fn generate_secret(algorithm: Algorithm, bits: Option<u32>) -> Result<Material> {
    let least = algorithm.hash_bytes();
    let bytes = match bits {
        None => least,
        Some(bits) if !bits.is_multiple_of(8) || bits > LONGEST_SECRET_BITS => {
            let message = format!("a secret has a multiple of 8 bits, at most {LONGEST_SECRET_BITS}");
            return Err(Error::invalid_argument("bits", message));
        }
        Some(bits) => bits as usize / 8,
    };
    if bytes < least {
        let message = format!("a secret for {algorithm} needs at least {} bits", least.saturating_mul(8));
        return Err(Error::new(Code::KeyTooWeak, message).at("bits"));
    }
    let mut secret = Zeroizing::new(vec![0; bytes]);
    random(&mut secret)?;
    Ok(Material::Secret(secret))
}

/// The public part of an EC key, for a private key that came without it (SEC 1 and PKCS#8 may leave it out).
pub(crate) fn ec_public(curve: Curve, d: &[u8]) -> Result<EcPublic> {
    provider::ec_public(curve, d)
}

/// The public part of an Ed25519 key.
pub(crate) fn ed25519_public(d: &[u8; 32]) -> Result<[u8; 32]> {
    provider::ed25519_public(d)
}

/// Splits an uncompressed point (SEC 1 section 2.3.4) into its coordinates.
pub(super) fn coordinates(curve: Curve, point: &[u8]) -> Option<EcPublic> {
    let (x, y) = point.strip_prefix(&[4])?.split_at_checked(curve.coordinate_bytes())?;
    (x.len() == y.len()).then(|| EcPublic { x: x.to_vec(), y: y.to_vec() })
}

pub(super) fn not_generated() -> Error {
    Error::internal("the crypto provider could not make a key")
}
