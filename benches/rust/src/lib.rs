//! The bare primitives of `primitives.rs` for the benchmarks of Python and Node. What our front ends add to a primitive
//! is no more than one process's figures differ from the next one's, so each language measures the primitive itself, in
//! turns with the others.
//!
//! It is one shared object for both: Python calls `bare_verify` and `bare_sign` through ctypes, and Node, which has no
//! such thing, loads it as an addon. A call makes all the calls of a sample, so that what it costs to reach the shared
//! object is spread over them.

mod node;
// Public because `main.rs`, which compiles it for itself, uses more of it.
pub mod primitives;

use std::cell::RefCell;
use std::hint::black_box;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};

use crate::primitives::Primitive;

/// As long as the signing input of the other contestants; what it says makes no difference to the time.
static INPUT: [u8; 479] = [b'a'; 479];

thread_local! {
    /// The primitives of HS256, RS256, ES256 and EdDSA: an algorithm is its place here.
    static PRIMITIVES: RefCell<[Primitive; 4]> = RefCell::new(prepared());
}

/// Makes so many calls of an algorithm's verification; whether all of them accepted the signature.
#[unsafe(no_mangle)]
pub extern "C" fn bare_verify(algorithm: u32, calls: u32) -> bool {
    with(algorithm, |primitive| (0..calls).all(|_| black_box((primitive.verify)())))
}

/// Makes so many calls of an algorithm's signing; whether there is such an algorithm.
#[unsafe(no_mangle)]
pub extern "C" fn bare_sign(algorithm: u32, calls: u32) -> bool {
    with(algorithm, |primitive| {
        for _ in 0..calls {
            black_box((primitive.sign)());
        }
        true
    })
}

fn with(algorithm: u32, work: impl FnOnce(&mut Primitive) -> bool) -> bool {
    PRIMITIVES.with_borrow_mut(|primitives| primitives.get_mut(algorithm as usize).is_some_and(work))
}

fn prepared() -> [Primitive; 4] {
    let random = SystemRandom::new();
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).and_then(|pair| pair.as_der()).expect("an RSA key");
    let p256 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a P-256 key");
    let ed25519 = Ed25519KeyPair::generate_pkcs8(&random).expect("an Ed25519 key");
    [
        primitives::hmac_rustcrypto(&[0x5a; 32], &INPUT),
        primitives::rs256(rsa.as_ref(), &INPUT),
        primitives::es256(p256.as_ref(), &INPUT),
        primitives::ed25519(ed25519.as_ref(), &INPUT),
    ]
}
