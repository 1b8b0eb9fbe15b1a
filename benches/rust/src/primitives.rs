//! The bare primitives: what no token library over the same provider can be faster than.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey, RsaKeyPair, VerificationAlgorithm,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// One primitive's two halves over fixed bytes, their keys parsed and prepared once.
pub struct Primitive {
    /// What the rows are called.
    pub name: &'static str,
    /// Signs the input.
    pub sign: Box<dyn FnMut() -> usize>,
    /// Verifies the signature that `sign` made when this was set up.
    pub verify: Box<dyn FnMut() -> bool>,
}

/// HMAC-SHA-256 by RustCrypto, from a state whose pads are already absorbed.
pub fn hmac_rustcrypto(secret: &[u8], input: &'static [u8]) -> Primitive {
    let prepared: Hmac<Sha256> = Hmac::new_from_slice(secret).expect("any length is a key");
    let tag = prepared.clone().chain_update(input).finalize().into_bytes();
    let again = prepared.clone();
    Primitive {
        name: "bare HMAC-SHA-256, prepared (RustCrypto)",
        sign: Box::new(move || prepared.clone().chain_update(input).finalize().into_bytes()[0] as usize),
        verify: Box::new(move || again.clone().chain_update(input).verify(&tag).is_ok()),
    }
}

/// HMAC-SHA-256 by aws-lc-rs.
pub fn hmac_aws_lc(secret: &[u8], input: &'static [u8]) -> Primitive {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
    let tag = aws_lc_rs::hmac::sign(&key, input);
    let again = key.clone();
    Primitive {
        name: "bare HMAC-SHA-256, prepared (aws-lc-rs)",
        sign: Box::new(move || aws_lc_rs::hmac::sign(&key, input).as_ref()[0] as usize),
        verify: Box::new(move || aws_lc_rs::hmac::verify(&again, input, tag.as_ref()).is_ok()),
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256.
pub fn rs256(pkcs8: &[u8], input: &'static [u8]) -> Primitive {
    let pair = RsaKeyPair::from_pkcs8(pkcs8).expect("a PKCS#8 RSA key");
    let random = SystemRandom::new();
    let mut signed = vec![0; pair.public_modulus_len()];
    pair.sign(&signature::RSA_PKCS1_SHA256, &random, input, &mut signed).expect("an RSA signature");
    let verify = verifier(&signature::RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref(), input, signed.clone());
    Primitive {
        name: "bare RSA 2048, prepared (aws-lc-rs)",
        sign: Box::new(move || {
            pair.sign(&signature::RSA_PKCS1_SHA256, &random, input, &mut signed).expect("an RSA signature");
            signed.len()
        }),
        verify,
    }
}

/// ECDSA on P-256 with SHA-256, signatures as r and s.
pub fn es256(pkcs8: &[u8], input: &'static [u8]) -> Primitive {
    let pair = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).expect("a P-256 key");
    let random = SystemRandom::new();
    let signed = pair.sign(&random, input).expect("an ECDSA signature").as_ref().to_vec();
    let verify = verifier(&signature::ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref(), input, signed);
    Primitive {
        name: "bare ECDSA P-256, prepared (aws-lc-rs)",
        sign: Box::new(move || pair.sign(&random, input).expect("an ECDSA signature").as_ref().len()),
        verify,
    }
}

/// Ed25519.
pub fn ed25519(pkcs8: &[u8], input: &'static [u8]) -> Primitive {
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).expect("an Ed25519 key");
    let signed = pair.sign(input).as_ref().to_vec();
    let verify = verifier(&signature::ED25519, pair.public_key().as_ref(), input, signed);
    Primitive {
        name: "bare Ed25519, prepared (aws-lc-rs)",
        sign: Box::new(move || pair.sign(input).as_ref().len()),
        verify,
    }
}

fn verifier(
    algorithm: &'static dyn VerificationAlgorithm,
    public: &[u8],
    input: &'static [u8],
    signed: Vec<u8>,
) -> Box<dyn FnMut() -> bool> {
    let key = ParsedPublicKey::new(algorithm, public).expect("a public key");
    Box::new(move || key.verify_sig(input, &signed).is_ok())
}
