//! One suite, run against whichever provider is compiled in.

mod vectors;

use zeroize::Zeroizing;

use super::signature::InvalidSignature;
use super::*;
use crate::algorithm::{Algorithm, Curve, KeyType};
use crate::encoding::base64url;
use crate::error::{Code, Error};
use crate::jwk::{EcPublic, Material, RsaPrivate, RsaPublic};
use vectors as v;

const MESSAGE: &[u8] = b"authwright";

fn is_ring() -> bool {
    cfg!(not(feature = "aws-lc-rs"))
}

fn decode(text: &str) -> Vec<u8> {
    base64url::decode(text.as_bytes()).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(digits).collect()
}

fn rsa(parts: [&str; 8]) -> Material {
    let [n, e, d, p, q, dp, dq, qi] = parts.map(decode);
    let [d, p, q, dp, dq, qi] = [d, p, q, dp, dq, qi].map(Zeroizing::new);
    Material::Rsa { public: RsaPublic { n, e }, private: Some(RsaPrivate { d, p, q, dp, dq, qi }) }
}

fn ec(curve: Curve, x: &str, y: &str, d: &str) -> Material {
    let public = EcPublic { x: decode(x), y: decode(y) };
    Material::Ec { curve, public, d: Some(Zeroizing::new(decode(d))) }
}

fn ed25519(x: &str, d: &str) -> Material {
    let (x, d) = (decode(x).try_into().unwrap(), decode(d).try_into().unwrap());
    Material::Ed25519 { x, d: Some(Zeroizing::new(d)) }
}

/// RFC 7515 appendix A.3.1.
fn p256() -> Material {
    let (x, y) = ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    ec(Curve::P256, x, y, "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")
}

/// RFC 8037 appendix A.1.
fn rfc8037() -> Material {
    ed25519("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
}

fn p384() -> Material {
    ec(Curve::P384, v::P384[0], v::P384[1], v::P384[2])
}

fn public(material: &Material) -> Material {
    match material.clone() {
        Material::Secret(secret) => Material::Secret(secret),
        Material::Rsa { public, .. } => Material::Rsa { public, private: None },
        Material::Ec { curve, public, .. } => Material::Ec { curve, public, d: None },
        Material::Ed25519 { x, .. } => Material::Ed25519 { x, d: None },
    }
}

/// A key for the algorithm: new, or the RFC's where the provider makes none.
fn key_for(algorithm: Algorithm) -> Option<Material> {
    match generate(algorithm, None) {
        Ok(material) => Some(material),
        Err(error) => {
            assert!(is_ring(), "{error:?}");
            assert_eq!(error.code(), Code::UnsupportedAlgorithm);
            assert!(error.message().contains("ring"), "{error:?}");
            (algorithm.key_type() == KeyType::Rsa).then(|| rsa(v::RSA_A2))
        }
    }
}

fn verify(algorithm: Algorithm, material: &Material, message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
    VerifyingKey::new(algorithm, material).unwrap().verify(message, signature)
}

fn sign(algorithm: Algorithm, material: &Material, message: &[u8]) -> Vec<u8> {
    SigningKey::new(algorithm, material).unwrap().sign(message).unwrap().to_vec()
}

#[track_caller]
fn refused<T>(result: Result<T>, code: Code) -> Error {
    let error = result.err().expect("it was accepted");
    assert_eq!(error.code(), code, "{error:?}");
    error
}

// ---- Known answers

const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

#[test]
fn rfc_7515_a1_hs256() {
    let k = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let key = Material::Secret(Zeroizing::new(decode(k)));
    let input = format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{CLAIMS}");
    let tag = decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(sign(Algorithm::HS256, &key, input.as_bytes()), tag);
    assert_eq!(verify(Algorithm::HS256, &key, input.as_bytes(), &tag), Ok(()));
}

#[test]
fn rfc_7515_a2_rs256() {
    let key = rsa(v::RSA_A2);
    check(&key).unwrap();
    let input = format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}");
    let signature = decode(v::RFC_7515_A2);
    assert_eq!(sign(Algorithm::RS256, &key, input.as_bytes()), signature);
    assert_eq!(verify(Algorithm::RS256, &public(&key), input.as_bytes(), &signature), Ok(()));
}

#[test]
fn rfc_7515_a3_es256() {
    check(&p256()).unwrap();
    let input = format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}");
    let signature = decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    assert_eq!(verify(Algorithm::ES256, &public(&p256()), input.as_bytes(), &signature), Ok(()));
}

#[test]
fn rfc_7515_a4_es512() {
    let [x, y, d, signature] = v::RFC_7515_A4;
    let key = ec(Curve::P521, x, y, d);
    if is_ring() {
        let error = refused(check(&key), Code::UnsupportedAlgorithm);
        assert!(error.message().contains("P-521") && error.message().contains("ring"), "{error:?}");
        return;
    }
    check(&key).unwrap();
    assert_eq!(verify(Algorithm::ES512, &public(&key), b"eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA", &decode(signature)), Ok(()));
}

#[test]
fn rfc_8037_a4_eddsa() {
    let key = rfc8037();
    check(&key).unwrap();
    let input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    for algorithm in [Algorithm::EdDSA, Algorithm::Ed25519] {
        assert_eq!(sign(algorithm, &key, input), signature);
        assert_eq!(verify(algorithm, &public(&key), input, &signature), Ok(()));
    }
}

#[test]
fn signatures_of_openssl() {
    let a2 = rsa(v::RSA_A2);
    for (algorithm, signature) in [(Algorithm::RS384, v::RS384), (Algorithm::RS512, v::RS512)] {
        assert_eq!(sign(algorithm, &a2, MESSAGE), decode(signature), "{algorithm}");
    }
    for (algorithm, signature) in [
        (Algorithm::RS384, v::RS384),
        (Algorithm::RS512, v::RS512),
        (Algorithm::PS256, v::PS256),
        (Algorithm::PS384, v::PS384),
        (Algorithm::PS512, v::PS512),
    ] {
        assert_eq!(verify(algorithm, &a2, MESSAGE, &decode(signature)), Ok(()), "{algorithm}");
    }
    for (curve, [x, y, d, signature]) in
        [(Curve::P384, v::P384), (Curve::P521, v::P521), (Curve::Secp256k1, v::SECP256K1)]
    {
        let key = ec(curve, x, y, d);
        match check(&key) {
            Ok(()) => {
                assert_eq!(verify(curve.algorithm(), &key, MESSAGE, &decode(signature)), Ok(()), "{}", curve.name())
            }
            Err(error) => {
                assert!(is_ring() && curve != Curve::P384, "{error:?}");
                assert_eq!(error.code(), Code::UnsupportedAlgorithm);
                assert!(error.message().contains(curve.name()) && error.message().contains("ring"), "{error:?}");
                refused(VerifyingKey::new(curve.algorithm(), &key), Code::UnsupportedAlgorithm);
                refused(SigningKey::new(curve.algorithm(), &key), Code::UnsupportedAlgorithm);
            }
        }
    }
}

// ---- Signing and verifying

#[test]
fn every_algorithm_signs_what_it_verifies() {
    let lengths = |algorithm: Algorithm| match algorithm.curve() {
        Some(curve) => 2 * curve.coordinate_bytes(),
        None if algorithm.key_type() == KeyType::Rsa => 256,
        None => algorithm.hash_bytes(),
    };
    for algorithm in Algorithm::ALL.iter().copied() {
        let Some(material) = key_for(algorithm) else { continue };
        check(&material).unwrap_or_else(|error| panic!("{algorithm}: {error:?}"));
        check(&public(&material)).unwrap();
        let signing = SigningKey::new(algorithm, &material).unwrap();
        let verifying = VerifyingKey::new(algorithm, &public(&material)).unwrap();
        let other =
            VerifyingKey::new(algorithm, &generate(algorithm, None).unwrap_or_else(|_| rsa(v::RSA_E3))).unwrap();
        for message in [&b""[..], MESSAGE, &[0xa5; 5000]] {
            let signature = signing.sign(message).unwrap();
            assert_eq!(signature.len(), lengths(algorithm), "{algorithm}");
            assert_eq!(verifying.verify(message, &signature), Ok(()), "{algorithm}");
            assert_eq!(other.verify(message, &signature), Err(InvalidSignature), "{algorithm}");
            assert_eq!(verifying.verify(&[message, b"."].concat(), &signature), Err(InvalidSignature), "{algorithm}");

            let mut wrong = vec![Vec::new(), signature[1..].to_vec(), signature[..signature.len() - 1].to_vec()];
            wrong.push([&signature, &[0][..]].concat());
            wrong.push([&[0], &signature[..]].concat());
            wrong.push(vec![0; signature.len()]);
            wrong.push(vec![0xff; signature.len()]);
            for bit in [0, 1, 7, 8, signature.len() * 4, signature.len() * 8 - 1] {
                let mut altered = signature.to_vec();
                altered[bit / 8] ^= 0x80 >> (bit % 8);
                wrong.push(altered);
            }
            for wrong in wrong {
                assert_eq!(verifying.verify(message, &wrong), Err(InvalidSignature), "{algorithm}: {wrong:02x?}");
            }
        }
    }
}

/// The order of the curve, big-endian.
fn order(curve: Curve) -> Vec<u8> {
    hex(match curve {
        Curve::P256 => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        Curve::P384 => {
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        }
        Curve::P521 => {
            "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709\
             a5d03bb5c9b8899c47aebb6fb71e91386409"
        }
        Curve::Secp256k1 => "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    })
}

#[test]
fn ecdsa_takes_only_raw_signatures_in_range() {
    for algorithm in [Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::ES256K] {
        let Some(material) = key_for(algorithm) else { continue };
        let curve = algorithm.curve().unwrap();
        let length = curve.coordinate_bytes();
        let verifying = VerifyingKey::new(algorithm, &material).unwrap();
        let signature = sign(algorithm, &material, MESSAGE);
        assert_eq!(verifying.verify(MESSAGE, &signature), Ok(()));

        let (r, s) = signature.split_at(length);
        let (zero, n) = (vec![0; length], order(curve));
        let mut one = zero.clone();
        one[length - 1] = 1;
        // Forged "signatures" that fit any message where the range of r and s is not checked (CVE-2022-21449).
        for r in [&zero, &one, &n] {
            for s in [&zero, &one, &n] {
                let forged = [r.as_slice(), s].concat();
                assert_eq!(verifying.verify(MESSAGE, &forged), Err(InvalidSignature), "{algorithm}: {forged:02x?}");
            }
        }
        for altered in [[&zero, s], [r, &zero], [&n, s], [r, &n], [s, r]] {
            assert_eq!(verifying.verify(MESSAGE, &altered.concat()), Err(InvalidSignature), "{algorithm}");
        }
        // Each half one byte longer, with the same value.
        let padded = [&[0], r, &[0], s].concat();
        assert_eq!(verifying.verify(MESSAGE, &padded), Err(InvalidSignature), "{algorithm}");
        // The same two numbers as DER.
        let integer = |number: &[u8]| {
            let start = number.iter().position(|byte| *byte != 0).unwrap();
            let sign: &[u8] = if number[start] < 0x80 { &[] } else { &[0] };
            let content = [sign, &number[start..]].concat();
            [&[2, content.len() as u8], &content[..]].concat()
        };
        let content = [integer(r), integer(s)].concat();
        let header: &[u8] = if content.len() < 0x80 { &[0x30] } else { &[0x30, 0x81] };
        let der = [header, &[content.len() as u8], &content].concat();
        assert_eq!(verifying.verify(MESSAGE, &der), Err(InvalidSignature), "{algorithm}");
    }
}

#[test]
fn ed25519_takes_only_a_canonical_s() {
    let key = rfc8037();
    let signature = sign(Algorithm::EdDSA, &key, MESSAGE);
    // S + L has the same value modulo L (RFC 8032 section 5.1.7).
    let l = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut malleable = signature.clone();
    let mut carry = 0;
    for (byte, part) in malleable[32..].iter_mut().zip(&l) {
        carry += u16::from(*byte) + u16::from(*part);
        *byte = carry as u8;
        carry >>= 8;
    }
    assert_eq!(verify(Algorithm::EdDSA, &key, MESSAGE, &signature), Ok(()));
    assert_eq!(verify(Algorithm::EdDSA, &key, MESSAGE, &malleable), Err(InvalidSignature));
}

#[test]
fn rsa_takes_only_its_own_padding_hash_and_salt() {
    let key = rsa(v::RSA_A2);
    let algorithms =
        [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512];
    for signed in algorithms {
        let signature = sign(signed, &key, MESSAGE);
        for algorithm in algorithms {
            let verdict = verify(algorithm, &key, MESSAGE, &signature);
            assert_eq!(verdict.is_ok(), algorithm == signed, "{signed} as {algorithm}");
        }
    }
    // RFC 7518 section 3.5: the salt has the hash's length, and MGF1 the hash.
    for signature in [v::PS256_NO_SALT, v::PS256_LONG_SALT, v::PS256_MGF1_SHA1] {
        assert_eq!(verify(Algorithm::PS256, &key, MESSAGE, &decode(signature)), Err(InvalidSignature));
    }
    // A signature must be below the modulus.
    let Material::Rsa { public, .. } = &key else { panic!() };
    assert_eq!(verify(Algorithm::RS256, &key, MESSAGE, &public.n), Err(InvalidSignature));
}

#[test]
fn rsa_of_1024_bits_verifies_and_no_more() {
    let key = rsa(v::RSA_1024);
    let weak = public(&key);
    check(&weak).unwrap();
    assert_eq!(verify(Algorithm::RS256, &weak, MESSAGE, &decode(v::RSA_1024_RS256)), Ok(()));
    assert_eq!(verify(Algorithm::RS512, &weak, MESSAGE, &decode(v::RSA_1024_RS512)), Ok(()));
    assert_eq!(verify(Algorithm::RS256, &weak, MESSAGE, &decode(v::RSA_1024_RS512)), Err(InvalidSignature));
    for algorithm in [Algorithm::RS384, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512] {
        refused(VerifyingKey::new(algorithm, &weak), Code::KeyTooWeak);
    }
    refused(check(&key), Code::KeyTooWeak);
    assert!(SigningKey::new(Algorithm::RS256, &key).is_err());
}

#[test]
fn rsa_with_the_exponent_3() {
    let key = rsa(v::RSA_E3);
    check(&public(&key)).unwrap();
    assert_eq!(verify(Algorithm::RS256, &public(&key), MESSAGE, &decode(v::RSA_E3_RS256)), Ok(()));
    if is_ring() {
        refused(check(&key), Code::UnsupportedAlgorithm);
    } else {
        check(&key).unwrap();
        assert_eq!(sign(Algorithm::RS256, &key, MESSAGE), decode(v::RSA_E3_RS256));
    }
}

#[test]
fn a_key_works_with_its_own_algorithms_only() {
    let keys = [
        Material::Secret(Zeroizing::new(vec![7; 64])),
        rsa(v::RSA_A2),
        p256(),
        p384(),
        ec(Curve::Secp256k1, v::SECP256K1[0], v::SECP256K1[1], v::SECP256K1[2]),
        rfc8037(),
    ];
    for key in &keys {
        for algorithm in Algorithm::ALL.iter().copied() {
            let fits = match key {
                Material::Ec { curve, .. } => algorithm == curve.algorithm(),
                other => algorithm.key_type() == other.key_type(),
            };
            if !fits {
                refused(VerifyingKey::new(algorithm, key), Code::KeyMismatch);
                refused(SigningKey::new(algorithm, key), Code::KeyMismatch);
            }
        }
    }
    for (algorithm, key) in [(Algorithm::RS256, &keys[1]), (Algorithm::ES256, &keys[2]), (Algorithm::EdDSA, &keys[5])] {
        refused(SigningKey::new(algorithm, &public(key)), Code::KeyNotPrivate);
    }
}

// ---- Making keys

#[test]
fn generate_makes_the_size_asked_for() {
    for (algorithm, bits, bytes) in [
        (Algorithm::HS256, None, 32),
        (Algorithm::HS384, None, 48),
        (Algorithm::HS512, None, 64),
        (Algorithm::HS256, Some(512), 64),
    ] {
        let Material::Secret(secret) = generate(algorithm, bits).unwrap() else { panic!() };
        assert_eq!(secret.len(), bytes);
    }
    for (algorithm, bits) in [(Algorithm::RS256, None), (Algorithm::PS384, Some(3072))] {
        match generate(algorithm, bits) {
            Ok(material) => {
                check(&material).unwrap();
                let Material::Rsa { public, private } = material else { panic!() };
                assert_eq!(public.bits() as u32, bits.unwrap_or(2048));
                assert_eq!(public.e, [1, 0, 1]);
                assert!(private.is_some());
            }
            Err(error) => assert!(is_ring() && error.code() == Code::UnsupportedAlgorithm, "{error:?}"),
        }
    }
    for (algorithm, bits, code) in [
        (Algorithm::RS256, 1024, Code::KeyTooWeak),
        (Algorithm::RS256, 0, Code::KeyTooWeak),
        (Algorithm::RS256, 2049, Code::InvalidArgument),
        (Algorithm::RS256, 8192, Code::InvalidArgument),
        (Algorithm::HS256, 128, Code::KeyTooWeak),
        (Algorithm::HS512, 256, Code::KeyTooWeak),
        (Algorithm::HS256, 257, Code::InvalidArgument),
        (Algorithm::HS256, u32::MAX, Code::InvalidArgument),
        (Algorithm::ES256, 256, Code::InvalidArgument),
        (Algorithm::EdDSA, 256, Code::InvalidArgument),
    ] {
        assert_eq!(refused(generate(algorithm, Some(bits)), code).field(), Some("bits"), "{algorithm} {bits}");
    }
}

#[test]
fn public_parts_are_derived() {
    for (curve, [x, y, d, _]) in [(Curve::P384, v::P384), (Curve::P521, v::P521), (Curve::Secp256k1, v::SECP256K1)] {
        match ec_public(curve, &decode(d)) {
            Ok(public) => assert!(public == EcPublic { x: decode(x), y: decode(y) }, "{}", curve.name()),
            Err(error) => assert!(is_ring() && error.code() == Code::UnsupportedAlgorithm, "{error:?}"),
        }
    }
    for d in [vec![0; 32], order(Curve::P256), vec![0xff; 32]] {
        refused(ec_public(Curve::P256, &d), if is_ring() { Code::UnsupportedAlgorithm } else { Code::KeyFormat });
    }
    let Material::Ed25519 { x, d: Some(d) } = rfc8037() else { panic!() };
    assert_eq!(ed25519_public(&d).unwrap(), x);
}

#[test]
fn hashes_and_random_bytes() {
    assert_eq!(sha256(b"abc")[..], hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    let (mut one, mut other) = ([0; 32], [0; 32]);
    random(&mut one).unwrap();
    random(&mut other).unwrap();
    assert_ne!(one, other);
    random(&mut []).unwrap();
}

#[test]
fn keys_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<VerifyingKey>();
    shared::<SigningKey>();
}

// ---- Keys that are none

#[test]
fn rsa_parts_that_do_not_belong_together() {
    type Part = for<'a> fn(&'a mut RsaPublic, &'a mut RsaPrivate) -> &'a mut Vec<u8>;
    let parts: [(&str, Part); 7] = [
        ("n", |public, _| &mut public.n),
        ("d", |_, private| &mut private.d),
        ("p", |_, private| &mut private.p),
        ("q", |_, private| &mut private.q),
        ("dp", |_, private| &mut private.dp),
        ("dq", |_, private| &mut private.dq),
        ("qi", |_, private| &mut private.qi),
    ];
    let altered = |part: &str, change: &dyn Fn(&mut RsaPublic, &mut RsaPrivate)| {
        let Material::Rsa { mut public, private: Some(mut private) } = rsa(v::RSA_A2) else { panic!() };
        change(&mut public, &mut private);
        let error = refused(check(&Material::Rsa { public, private: Some(private) }), Code::KeyInconsistent);
        assert!(error.message().contains("do not belong together"), "{part}: {error:?}");
    };
    for (name, part) in parts {
        // An odd number stays odd, so that only the comparison of the parts can find it out.
        for place in [0, 100] {
            altered(name, &|public, private| {
                let number = part(public, private);
                let at = number.len() - 1 - place;
                number[at] ^= 2;
            });
        }
    }
    for (name, part) in &parts[1..] {
        altered(name, &|public, private| *part(public, private) = vec![1]);
        altered(name, &|public, private| *part(public, private) = Vec::new());
    }
    altered("e", &|public, _| public.e = vec![1, 0, 3]);
    altered("p and q", &|_, private| std::mem::swap(&mut private.p, &mut private.q));
    altered("dp and dq", &|_, private| std::mem::swap(&mut private.dp, &mut private.dq));
    // p = n, q = 1 multiply to n as well.
    altered("1", &|public, private| (*private.p, *private.q) = (public.n.clone(), vec![1]));

    let Material::Rsa { public, .. } = rsa(v::RSA_COMPOSITE) else { panic!() };
    let Material::Rsa { private, .. } = rsa(v::RSA_A2) else { panic!() };
    refused(check(&Material::Rsa { public, private }), Code::KeyInconsistent);
}

#[test]
fn rsa_with_a_composite_prime() {
    // It passes every comparison of the numbers, and only a signature finds it out.
    let error = refused(check(&rsa(v::RSA_COMPOSITE)), Code::KeyInconsistent);
    assert!(error.message().contains("verify"), "{error:?}");
}

#[test]
fn rsa_numbers_out_of_range() {
    let number = |bits: usize| {
        let mut n = vec![0xff; bits.div_ceil(8)];
        n[0] = if bits.is_multiple_of(8) { 0xff } else { 0xff >> (8 - bits % 8) };
        n
    };
    let key = |n: Vec<u8>, e: &[u8]| Material::Rsa { public: RsaPublic { n, e: e.to_vec() }, private: None };
    for (bits, code) in
        [(1, Code::KeyTooWeak), (512, Code::KeyTooWeak), (1023, Code::KeyTooWeak), (8193, Code::KeyFormat)]
    {
        refused(check(&key(number(bits), &[1, 0, 1])), code);
    }
    refused(check(&key(Vec::new(), &[1, 0, 1])), Code::KeyTooWeak);
    for bits in [1024, 2047, 2048, 8192] {
        check(&key(number(bits), &[1, 0, 1])).unwrap();
    }
    let mut even = number(2048);
    even[255] = 0xfe;
    refused(check(&key(even, &[1, 0, 1])), Code::KeyFormat);
    for e in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[2, 0, 0, 0, 1], &[0xff; 8], &[0xff; 9], &[0xff; 256]] {
        refused(check(&key(number(2048), e)), Code::KeyFormat);
    }
    for e in [&[3][..], &[17], &[1, 0, 1], &[1, 0xff, 0xff, 0xff, 0xff]] {
        check(&key(number(2048), e)).unwrap();
    }
}

#[test]
fn ec_points_off_the_curve() {
    for material in [p256(), p384(), ec(Curve::P521, v::P521[0], v::P521[1], v::P521[2])] {
        if check(&material).is_err_and(|error| error.code() == Code::UnsupportedAlgorithm) {
            assert!(is_ring());
            continue;
        }
        let Material::Ec { curve, public: good, d } = material else { panic!() };
        let length = curve.coordinate_bytes();
        let mut moved = good.clone();
        moved.y[length - 1] ^= 1;
        let points = [
            moved,
            EcPublic { x: good.y.clone(), y: good.x.clone() },
            EcPublic { x: vec![0; length], y: vec![0; length] },
            EcPublic { x: vec![0xff; length], y: good.y.clone() },
            EcPublic { x: good.x.clone(), y: vec![0xff; length] },
            EcPublic { x: good.x[1..].to_vec(), y: good.y.clone() },
            EcPublic { x: Vec::new(), y: Vec::new() },
        ];
        for public in points {
            for d in [None, d.clone()] {
                let key = Material::Ec { curve, public: public.clone(), d };
                let error = refused(check(&key), Code::KeyInconsistent);
                assert!(error.message().contains(curve.name()), "{error:?}");
                refused(VerifyingKey::new(curve.algorithm(), &key), Code::KeyInconsistent);
            }
        }
    }
    // On P-256, and called a point of secp256k1.
    let Material::Ec { public, .. } = p256() else { panic!() };
    let code = if is_ring() { Code::UnsupportedAlgorithm } else { Code::KeyInconsistent };
    refused(check(&Material::Ec { curve: Curve::Secp256k1, public, d: None }), code);
}

#[test]
fn private_parts_of_another_key() {
    let Material::Ec { curve, public, d: Some(d) } = p256() else { panic!() };
    let mut other = d.clone();
    other[31] ^= 1;
    for d in [other, Zeroizing::new(vec![0; 32]), Zeroizing::new(order(curve)), Zeroizing::new(vec![0xff; 32])] {
        refused(check(&Material::Ec { curve, public: public.clone(), d: Some(d) }), Code::KeyInconsistent);
    }
    // The negated point has the same x.
    let p = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let mut negated = public.clone();
    let mut borrow = 0;
    for at in (0..32).rev() {
        let difference = i16::from(p[at]) - i16::from(public.y[at]) - borrow;
        borrow = i16::from(difference < 0);
        negated.y[at] = difference as u8;
    }
    check(&Material::Ec { curve, public: negated.clone(), d: None }).unwrap();
    refused(check(&Material::Ec { curve, public: negated, d: Some(d) }), Code::KeyInconsistent);

    let Material::Ed25519 { x, d: Some(mut d) } = rfc8037() else { panic!() };
    d[0] ^= 1;
    refused(check(&Material::Ed25519 { x, d: Some(d) }), Code::KeyInconsistent);
}

#[test]
fn ed25519_points_of_small_order() {
    for (y, sign) in [
        ("0000000000000000000000000000000000000000000000000000000000000000", 0),
        ("0000000000000000000000000000000000000000000000000000000000000000", 0x80),
        ("0100000000000000000000000000000000000000000000000000000000000000", 0),
        ("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", 0),
        ("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", 0x80),
        ("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", 0),
        ("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", 0),
        ("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", 0x80),
        ("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", 0),
    ] {
        let mut x: [u8; 32] = hex(y).try_into().unwrap();
        x[31] |= sign;
        refused(check(&Material::Ed25519 { x, d: None }), Code::KeyTooWeak);
    }
}

#[test]
fn secrets() {
    refused(check(&Material::Secret(Zeroizing::new(Vec::new()))), Code::KeyTooWeak);
    check(&Material::Secret(Zeroizing::new(vec![1]))).unwrap();
}
