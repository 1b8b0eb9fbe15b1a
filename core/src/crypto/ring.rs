//! The provider ring: no P-521, no secp256k1, no making of RSA keys, and private RSA keys of common shapes only.

use ::ring::agreement::{self, EphemeralPrivateKey, agree_ephemeral};
use ::ring::error::KeyRejected;
use ::ring::rand::{SecureRandom, SystemRandom};
use ::ring::rsa::{KeyPair as RsaKeyPair, PublicKeyComponents};
use ::ring::signature::{
    self as ring, EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, Ed25519KeyPair, KeyPair,
    RsaEncoding, RsaParameters, UnparsedPublicKey,
};
use pkcs8::PrivateKeyInfoRef;
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use super::generate::{coordinates, not_generated};
use super::rsa;
use super::signature::{InvalidSignature, Signature};
use crate::algorithm::{Algorithm, Curve};
use crate::error::{Code, Error, Result};
use crate::jwk::{EcPublic, Material, RsaPrivate, RsaPublic};

/// A public key. ring has no form of it that is parsed beforehand.
pub(crate) enum PublicKey {
    Rsa { key: PublicKeyComponents<Vec<u8>>, parameters: &'static RsaParameters },
    Other(UnparsedPublicKey<Vec<u8>>),
}

impl PublicKey {
    pub(super) fn new(algorithm: Algorithm, material: &Material) -> Result<Self> {
        match material {
            Material::Rsa { public, .. } => Ok(Self::Rsa {
                key: PublicKeyComponents { n: public.n.clone(), e: public.e.clone() },
                parameters: rsa::parameters(algorithm, public)?,
            }),
            Material::Ec { curve, public, .. } => {
                let (verifying, _, agreement) = ecdsa(*curve)?;
                let point = public.point();
                on_curve(*curve, agreement, &point)?;
                Ok(Self::Other(UnparsedPublicKey::new(verifying, point)))
            }
            Material::Ed25519 { x, .. } => Ok(Self::Other(UnparsedPublicKey::new(&ring::ED25519, x.to_vec()))),
            Material::Secret(_) => Err(Error::internal("a secret is no public key")),
        }
    }

    #[inline]
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        match self {
            Self::Rsa { key, parameters } => key.verify(parameters, message, signature),
            Self::Other(key) => key.verify(message, signature),
        }
        .map_err(|_| InvalidSignature)
    }
}

/// ring looks at a point only when it is used. It verifies nothing with a point off the curve, and agrees on nothing
/// with it either; only the latter can be tried without a signature.
fn on_curve(curve: Curve, algorithm: &'static agreement::Algorithm, point: &[u8]) -> Result<()> {
    let own = EphemeralPrivateKey::generate(algorithm, &SystemRandom::new()).map_err(|_| not_generated())?;
    agree_ephemeral(own, &agreement::UnparsedPublicKey::new(algorithm, point), |_| ())
        .map_err(|_| Error::new(Code::KeyInconsistent, format!("the point is not on the curve {}", curve.name())))
}

/// A private key with the tables that signing needs.
pub(crate) enum PrivateKey {
    Rsa { key: Box<RsaKeyPair>, encoding: &'static dyn RsaEncoding },
    Ec(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl PrivateKey {
    /// Refuses parts that do not belong together.
    pub(super) fn new(algorithm: Algorithm, material: &Material) -> Result<Self> {
        let inconsistent = |message: &'static str| move |_: KeyRejected| Error::new(Code::KeyInconsistent, message);
        match material {
            Material::Rsa { public, private: Some(private) } => {
                let encoding = rsa::encoding(algorithm)?;
                rsa_supported(public)?;
                const MESSAGE: &str = "the private key's numbers do not belong together";
                let key =
                    RsaKeyPair::from_components(&rsa::components(public, private)).map_err(inconsistent(MESSAGE))?;
                if !exponents_agree(private) {
                    return Err(Error::new(Code::KeyInconsistent, MESSAGE));
                }
                Ok(Self::Rsa { key: Box::new(key), encoding })
            }
            Material::Ec { curve, public, d: Some(d) } => {
                let (_, signing, _) = ecdsa(*curve)?;
                EcdsaKeyPair::from_private_key_and_public_key(signing, d, &public.point(), &SystemRandom::new())
                    .map(|key| Self::Ec(Box::new(key)))
                    .map_err(inconsistent("the private part does not belong to the public point"))
            }
            Material::Ed25519 { x, d: Some(d) } => Ed25519KeyPair::from_seed_and_public_key(d.as_slice(), x)
                .map(|key| Self::Ed25519(Box::new(key)))
                .map_err(inconsistent("the private part does not belong to the public part")),
            _ => Err(Error::internal("the key has no private part")),
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Signature> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa { key, encoding } => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(*encoding, &random, message, &mut signature).map(|()| Signature::long(signature))
            }
            Self::Ec(key) => key.sign(&random, message).map(|signature| Signature::new(signature.as_ref())),
            Self::Ed25519(key) => Ok(Signature::new(key.sign(message).as_ref())),
        }
        .map_err(|_| Error::internal("the crypto provider could not sign"))
    }
}

type Ecdsa = (&'static EcdsaVerificationAlgorithm, &'static EcdsaSigningAlgorithm, &'static agreement::Algorithm);

fn ecdsa(curve: Curve) -> Result<Ecdsa> {
    match curve {
        Curve::P256 => {
            Ok((&ring::ECDSA_P256_SHA256_FIXED, &ring::ECDSA_P256_SHA256_FIXED_SIGNING, &agreement::ECDH_P256))
        }
        Curve::P384 => {
            Ok((&ring::ECDSA_P384_SHA384_FIXED, &ring::ECDSA_P384_SHA384_FIXED_SIGNING, &agreement::ECDH_P384))
        }
        Curve::P521 | Curve::Secp256k1 => Err(unsupported(format!("it lacks the curve {}", curve.name()))),
    }
}

/// ring's limits for private keys, told apart from keys that are broken.
fn rsa_supported(public: &RsaPublic) -> Result<()> {
    let bits = public.bits();
    if bits > 4096 || !bits.is_multiple_of(1024) {
        return Err(unsupported(format!("it signs with RSA of 2048, 3072 or 4096 bits, and the key has {bits}")));
    }
    if public.e.len() < 3 {
        return Err(unsupported("it signs with RSA whose exponent is 65537 or more".to_owned()));
    }
    Ok(())
}

/// Whether `dp` is `d mod (p - 1)`, and `dq` likewise. ring signs without `d`, and so does not look; but whoever gets
/// the key from us in another form may sign with it.
fn exponents_agree(private: &RsaPrivate) -> bool {
    [(&private.p, &private.dp), (&private.q, &private.dq)].into_iter().all(|(prime, exponent)| {
        let mut prime = digits(prime);
        // Primes are odd, and ring has seen to it that these are.
        if let Some(lowest) = prime.first_mut() {
            *lowest &= !1;
        }
        let mut expected = digits(exponent);
        expected.resize(prime.len(), 0);
        *remainder(&private.d, &prime) == *expected
    })
}

/// A big-endian number as its digits in base 2^32, the lowest first.
fn digits(number: &[u8]) -> Zeroizing<Vec<u32>> {
    let digit = |bytes: &[u8]| bytes.iter().fold(0, |digit, byte| digit << 8 | u32::from(*byte));
    Zeroizing::new(number.rchunks(4).map(digit).collect())
}

/// `number mod modulus` by long division in base 2: slow, but done once a key.
fn remainder(number: &[u8], modulus: &[u32]) -> Zeroizing<Vec<u32>> {
    let mut rest = Zeroizing::new(vec![0u32; modulus.len()]);
    let mut less = Zeroizing::new(vec![0u32; modulus.len()]);
    for byte in number {
        for place in (0..8).rev() {
            let mut carry = u32::from(byte >> place & 1);
            for digit in rest.iter_mut() {
                (*digit, carry) = (*digit << 1 | carry, *digit >> 31);
            }
            let mut borrow = false;
            for ((slot, digit), part) in less.iter_mut().zip(rest.iter()).zip(modulus) {
                let (value, first) = digit.overflowing_sub(*part);
                let (value, second) = value.overflowing_sub(u32::from(borrow));
                (*slot, borrow) = (value, first | second);
            }
            // Doubled, the rest was below twice the modulus, so that once is enough.
            if carry == 1 || !borrow {
                std::mem::swap(&mut rest, &mut less);
            }
        }
    }
    rest
}

/// ring makes no RSA keys.
pub(super) fn generate_rsa(_bits: u32) -> Result<Material> {
    Err(unsupported("it makes no RSA keys: make one with `openssl genpkey -algorithm RSA`".to_owned()))
}

/// A new key on the curve.
pub(super) fn generate_ec(curve: Curve) -> Result<Material> {
    let (_, signing, _) = ecdsa(curve)?;
    let document = EcdsaKeyPair::generate_pkcs8(signing, &SystemRandom::new()).map_err(|_| not_generated())?;
    let info = PrivateKeyInfoRef::try_from(document.as_ref()).map_err(|_| not_generated())?;
    let key = EcPrivateKey::try_from(info.private_key.as_bytes()).map_err(|_| not_generated())?;
    let public = key.public_key.and_then(|point| coordinates(curve, point)).ok_or_else(not_generated)?;
    Ok(Material::Ec { curve, public, d: Some(Zeroizing::new(key.private_key.to_vec())) })
}

/// ring computes no public point from a private scalar that it did not make itself.
pub(super) fn ec_public(curve: Curve, _d: &[u8]) -> Result<EcPublic> {
    ecdsa(curve)?;
    Err(Error::new(
        Code::UnsupportedAlgorithm,
        "the EC private key comes without its public part, and the crypto provider ring cannot compute it: build \
         authwright with aws-lc-rs",
    ))
}

/// The public part of an Ed25519 private key.
pub(super) fn ed25519_public(d: &[u8; 32]) -> Result<[u8; 32]> {
    let key = Ed25519KeyPair::from_seed_unchecked(d).map_err(|_| not_generated())?;
    key.public_key().as_ref().try_into().map_err(|_| not_generated())
}

/// Fills the buffer with random bytes.
pub(super) fn random(buffer: &mut [u8]) -> Result<()> {
    SystemRandom::new().fill(buffer).map_err(|_| Error::internal("the system has no random bytes"))
}

fn unsupported(limit: String) -> Error {
    let message = format!("authwright was built with the crypto provider ring, and {limit}");
    Error::new(Code::UnsupportedAlgorithm, message)
}
