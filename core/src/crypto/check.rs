//! Whether the parts of a key make a key: asked once, when it is loaded.

use super::provider::{PrivateKey, PublicKey};
use super::signature::InvalidSignature;
use crate::algorithm::Algorithm;
use crate::error::{Code, Error, Result};
use crate::jwk::{Material, RsaPrivate, RsaPublic};

/// The sizes that verify. RSA of 829 bits has been factored in public; and the larger the modulus, the more a forged
/// signature costs the verifier, and nothing the attacker.
const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

/// The least that signs: a weak key of someone else's may have to be verified, but nobody has to sign with one.
const RSA_PRIVATE_BITS: usize = 2048;

/// Checks that the key is usable and that its parts belong together.
pub(crate) fn check(material: &Material) -> Result<()> {
    let algorithm = match material {
        Material::Secret(secret) if secret.is_empty() => {
            return Err(Error::new(Code::KeyTooWeak, "the secret is empty"));
        }
        Material::Secret(_) => return Ok(()),
        Material::Rsa { public, private } => {
            check_rsa(public, private.is_some())?;
            if let Some(private) = private {
                check_lengths(public, private)?;
            }
            Algorithm::RS256
        }
        Material::Ec { curve, .. } => curve.algorithm(),
        Material::Ed25519 { x, .. } => {
            check_ed25519(x)?;
            Algorithm::EdDSA
        }
    };
    // To prepare a key, the provider looks at the public part, and compares the private part with it.
    let verifying = PublicKey::new(algorithm, material)?;
    if material.is_private() {
        let signing = PrivateKey::new(algorithm, material)?;
        // A signature passes through all of an RSA key's parts, and does not verify if a "prime" is composite, which no
        // provider tests.
        if let Material::Rsa { .. } = material {
            let signature = signing.sign(MESSAGE).map_err(|_| InvalidSignature);
            signature.and_then(|signature| verifying.verify(MESSAGE, &signature)).map_err(|_| {
                Error::new(
                    Code::KeyInconsistent,
                    "what the RSA key signs, it does not verify: its parts do not belong together",
                )
            })?;
        }
    }
    Ok(())
}

const MESSAGE: &[u8] = b"whether a key's parts belong together";

fn check_rsa(public: &RsaPublic, private: bool) -> Result<()> {
    let bits = public.bits();
    if bits < *RSA_BITS.start() {
        return Err(Error::new(Code::KeyTooWeak, format!("RSA of {bits} bits can be broken")));
    }
    if bits > *RSA_BITS.end() {
        return Err(Error::new(
            Code::KeyFormat,
            format!("RSA of {bits} bits is more than the {} supported", RSA_BITS.end()),
        ));
    }
    if private && bits < RSA_PRIVATE_BITS {
        let message = format!("a private RSA key needs at least {RSA_PRIVATE_BITS} bits, and this one has {bits}");
        return Err(Error::new(Code::KeyTooWeak, message));
    }
    if is_even(&public.n) {
        return Err(Error::new(Code::KeyFormat, "the RSA modulus is even, so it is no product of two primes"));
    }
    // Both providers refuse an exponent beyond 33 bits, as it makes verification slow; 1 would make every message its
    // own signature.
    let exponent = public.e.iter().try_fold(0u64, |value, byte| Some(value.checked_mul(256)? | u64::from(*byte)));
    if is_even(&public.e) || !exponent.is_some_and(|value| (3..1 << 33).contains(&value)) {
        return Err(Error::new(Code::KeyFormat, "the RSA exponent is not an odd number of 3 to 2^33"));
    }
    Ok(())
}

/// No private part is longer than the modulus. Far longer ones would make the arithmetic on them take for ever.
fn check_lengths(public: &RsaPublic, private: &RsaPrivate) -> Result<()> {
    let RsaPrivate { d, p, q, dp, dq, qi } = private;
    if [d, p, q, dp, dq, qi].into_iter().any(|part| part.len() > public.n.len()) {
        return Err(Error::new(Code::KeyInconsistent, "a private part of the RSA key is longer than its modulus"));
    }
    Ok(())
}

fn is_even(number: &[u8]) -> bool {
    number.last().is_none_or(|byte| byte % 2 == 0)
}

/// The y-coordinates of the points of order 1, 2, 4 and 8, canonical or not (RFC 8032 section 5.1.7 leaves their
/// treatment open). Under such a "key", which an array never filled in makes, anyone can sign anything.
const ED25519_SMALL_ORDER: [[u8; 32]; 7] = {
    let mut one = [0; 32];
    one[0] = 1;
    let mut largest = [0xff; 32];
    largest[31] = 0x7f;
    let mut minus_one = largest;
    minus_one[0] = 0xec;
    let mut prime = largest;
    prime[0] = 0xed;
    let mut prime_and_one = largest;
    prime_and_one[0] = 0xee;
    [
        [0; 32],
        one,
        minus_one,
        prime,
        prime_and_one,
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
            0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
            0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
    ]
};

fn check_ed25519(x: &[u8; 32]) -> Result<()> {
    // The top bit is the sign of the other coordinate.
    let mut y = *x;
    if let Some(top) = y.last_mut() {
        *top &= 0x7f;
    }
    if ED25519_SMALL_ORDER.contains(&y) {
        return Err(Error::new(Code::KeyTooWeak, "the Ed25519 key is a point of small order: anyone can sign for it"));
    }
    Ok(())
}
