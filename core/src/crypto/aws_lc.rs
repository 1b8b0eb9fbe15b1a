//! The provider aws-lc-rs.

use aws_lc_rs::digest::{self, digest};
use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    self as aws, EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, Ed25519KeyPair, KeyPair,
    ParsedPublicKey, RsaEncoding,
};
use der::SecretDocument;
use der::asn1::UintRef;
use pkcs1::RsaPrivateKeyRef;
use pkcs8::PrivateKeyInfoRef;
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use super::generate::{coordinates, not_generated};
use super::rsa;
use super::signature::{InvalidSignature, Signature};
use crate::algorithm::{Algorithm, Curve};
use crate::error::{Code, Error, Result};
use crate::jwk::{EcPublic, Material, RsaPrivate, RsaPublic};

/// A public key with the tables that verifying needs.
pub(crate) struct PublicKey {
    key: ParsedPublicKey,
    /// What the message is hashed with; Ed25519 takes it as it is.
    digest: Option<&'static digest::Algorithm>,
}

impl PublicKey {
    pub(super) fn new(algorithm: Algorithm, material: &Material) -> Result<Self> {
        match material {
            Material::Rsa { public, .. } => PublicKeyComponents { n: &public.n, e: &public.e }
                .to_parsed_public_key(rsa::parameters(algorithm, public)?)
                .map_err(|_| Error::new(Code::KeyFormat, "the RSA key is not usable")),
            Material::Ec { curve, public, .. } => ParsedPublicKey::new(ecdsa(*curve).0, public.point()).map_err(|_| {
                Error::new(Code::KeyInconsistent, format!("the point is not on the curve {}", curve.name()))
            }),
            Material::Ed25519 { x, .. } => ParsedPublicKey::new(&aws::ED25519, x)
                .map_err(|_| Error::new(Code::KeyFormat, "the Ed25519 key is not usable")),
            Material::Secret(_) => Err(Error::internal("a secret is no public key")),
        }
        .map(|key| Self { key, digest: digest_of(algorithm) })
    }

    /// Hashes first: in one call, the library would set up a context for the hash and one for the key, and an RSA signature
    /// takes a hundredth longer.
    #[inline]
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        match self.digest {
            Some(algorithm) => self.key.verify_digest_sig(&digest(algorithm, message), signature),
            None => self.key.verify_sig(message, signature),
        }
        .map_err(|_| InvalidSignature)
    }
}

/// A private key with the tables that signing needs.
pub(crate) enum PrivateKey {
    Rsa { key: RsaKeyPair, encoding: &'static dyn RsaEncoding },
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl PrivateKey {
    /// Refuses parts that do not belong together.
    pub(super) fn new(algorithm: Algorithm, material: &Material) -> Result<Self> {
        match material {
            Material::Rsa { public, private: Some(private) } => {
                let encoding = rsa::encoding(algorithm)?;
                // RSA_check_key relates every part to the others: n, e, d, p, q, dp, dq and qi.
                RsaKeyPair::from_components(&rsa::components(public, private))
                    .map(|key| Self::Rsa { key, encoding })
                    .map_err(|_| "the private key's numbers do not belong together")
            }
            Material::Ec { curve, public, d: Some(d) } => {
                EcdsaKeyPair::from_private_key_and_public_key(ecdsa(*curve).1, d, &public.point())
                    .map(Self::Ec)
                    .map_err(|_| "the private part does not belong to the public point")
            }
            Material::Ed25519 { x, d: Some(d) } => Ed25519KeyPair::from_seed_and_public_key(d.as_slice(), x)
                .map(Self::Ed25519)
                .map_err(|_| "the private part does not belong to the public part"),
            _ => return Err(Error::internal("the key has no private part")),
        }
        .map_err(|message| Error::new(Code::KeyInconsistent, message))
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Signature> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa { key, encoding } => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &random, message, &mut signature).map(|()| Signature::long(signature))
            }
            Self::Ec(key) => key.sign(&random, message).map(|signature| Signature::new(signature.as_ref())),
            Self::Ed25519(key) => key.try_sign(message).map(|signature| Signature::new(signature.as_ref())),
        }
        .map_err(|_| Error::internal("the crypto provider could not sign"))
    }
}

/// The hash of RFC 7518 sections 3.3 to 3.5 and of RFC 8812 section 3.2; EdDSA has none beside it.
fn digest_of(algorithm: Algorithm) -> Option<&'static digest::Algorithm> {
    use Algorithm::*;
    match algorithm {
        RS256 | PS256 | ES256 | ES256K | HS256 => Some(&digest::SHA256),
        RS384 | PS384 | ES384 | HS384 => Some(&digest::SHA384),
        RS512 | PS512 | ES512 | HS512 => Some(&digest::SHA512),
        EdDSA | Ed25519 => None,
    }
}

fn ecdsa(curve: Curve) -> (&'static EcdsaVerificationAlgorithm, &'static EcdsaSigningAlgorithm) {
    match curve {
        Curve::P256 => (&aws::ECDSA_P256_SHA256_FIXED, &aws::ECDSA_P256_SHA256_FIXED_SIGNING),
        Curve::P384 => (&aws::ECDSA_P384_SHA384_FIXED, &aws::ECDSA_P384_SHA384_FIXED_SIGNING),
        Curve::P521 => (&aws::ECDSA_P521_SHA512_FIXED, &aws::ECDSA_P521_SHA512_FIXED_SIGNING),
        Curve::Secp256k1 => (&aws::ECDSA_P256K1_SHA256_FIXED, &aws::ECDSA_P256K1_SHA256_FIXED_SIGNING),
    }
}

/// A new RSA key of 2048, 3072 or 4096 bits.
pub(super) fn generate_rsa(bits: u32) -> Result<Material> {
    let size = match bits {
        3072 => KeySize::Rsa3072,
        4096 => KeySize::Rsa4096,
        _ => KeySize::Rsa2048,
    };
    let pkcs8: Pkcs8V1Der<'_> = RsaKeyPair::generate(size).and_then(|key| key.as_der()).map_err(|_| not_generated())?;
    let info = PrivateKeyInfoRef::try_from(pkcs8.as_ref()).map_err(|_| not_generated())?;
    let key = RsaPrivateKeyRef::try_from(info.private_key.as_bytes()).map_err(|_| not_generated())?;
    let secret = |number: UintRef<'_>| Zeroizing::new(number.as_bytes().to_vec());
    Ok(Material::Rsa {
        public: RsaPublic { n: key.modulus.as_bytes().to_vec(), e: key.public_exponent.as_bytes().to_vec() },
        private: Some(RsaPrivate {
            d: secret(key.private_exponent),
            p: secret(key.prime1),
            q: secret(key.prime2),
            dp: secret(key.exponent1),
            dq: secret(key.exponent2),
            qi: secret(key.coefficient),
        }),
    })
}

/// A new key on the curve.
pub(super) fn generate_ec(curve: Curve) -> Result<Material> {
    let key = EcdsaKeyPair::generate(ecdsa(curve).1).map_err(|_| not_generated())?;
    let d: EcPrivateKeyBin<'_> = key.private_key().as_be_bytes().map_err(|_| not_generated())?;
    let d = Some(Zeroizing::new(d.as_ref().to_vec()));
    Ok(Material::Ec { curve, public: public_point(curve, &key)?, d })
}

/// Multiplies the private scalar with the curve's generator.
pub(super) fn ec_public(curve: Curve, d: &[u8]) -> Result<EcPublic> {
    // RFC 5915 section 3 lets the public key be left out, and aws-lc computes it then.
    let refused = || Error::new(Code::KeyFormat, format!("the private part is not a scalar of {}", curve.name()));
    let sec1 = SecretDocument::encode_msg(&EcPrivateKey { private_key: d, parameters: None, public_key: None })
        .map_err(|_| refused())?;
    let key = EcdsaKeyPair::from_private_key_der(ecdsa(curve).1, sec1.as_bytes()).map_err(|_| refused())?;
    public_point(curve, &key)
}

fn public_point(curve: Curve, key: &EcdsaKeyPair) -> Result<EcPublic> {
    coordinates(curve, key.public_key().as_ref()).ok_or_else(not_generated)
}

/// The public part of an Ed25519 private key.
pub(super) fn ed25519_public(d: &[u8; 32]) -> Result<[u8; 32]> {
    let key = Ed25519KeyPair::from_seed_unchecked(d).map_err(|_| not_generated())?;
    key.public_key().as_ref().try_into().map_err(|_| not_generated())
}

/// Fills the buffer with random bytes.
pub(super) fn random(buffer: &mut [u8]) -> Result<()> {
    aws_lc_rs::rand::fill(buffer).map_err(|_| Error::internal("the system has no random bytes"))
}
