//! RSA keys in ASN.1: PKCS#1 (RFC 8017 appendix A.1) and the parameters of RSASSA-PSS (appendix A.2.3).

use der::asn1::{AnyRef, UintRef};
use der::{Decode, Encode};
use pkcs1::{RsaPrivateKeyRef, RsaPssParamsOwned, RsaPublicKeyRef};
use zeroize::Zeroizing;

use super::asn1::{malformed, unwritable};
use super::der::Scheme;
use super::material::{Material, RsaPrivate, RsaPublic};
use super::oid;
use crate::error::{Code, Error, Result};

/// Reads `RSAPublicKey`.
pub(super) fn read_public(der: &[u8]) -> Result<Material> {
    let key = RsaPublicKeyRef::from_der(der).map_err(|_| malformed("RSA public key"))?;
    Ok(Material::Rsa { public: public(key), private: None })
}

/// Reads `RSAPrivateKey`.
pub(super) fn read_private(der: &[u8]) -> Result<Material> {
    let key = RsaPrivateKeyRef::from_der(der).map_err(|_| malformed("RSA private key"))?;
    if key.other_prime_infos.is_some() {
        return Err(Error::new(Code::KeyFormat, "this RSA key has more than two primes: use a key with two"));
    }
    let secret = |part: UintRef<'_>| Zeroizing::new(part.as_bytes().to_vec());
    let private = RsaPrivate {
        d: secret(key.private_exponent),
        p: secret(key.prime1),
        q: secret(key.prime2),
        dp: secret(key.exponent1),
        dq: secret(key.exponent2),
        qi: secret(key.coefficient),
    };
    Ok(Material::Rsa { public: public(key.public_key()), private: Some(private) })
}

/// Writes `RSAPublicKey`.
pub(super) fn write_public(key: &RsaPublic) -> Result<Vec<u8>> {
    let write = || RsaPublicKeyRef { modulus: UintRef::new(&key.n)?, public_exponent: UintRef::new(&key.e)? }.to_der();
    write().map_err(unwritable)
}

/// Writes `RSAPrivateKey`.
pub(super) fn write_private(public: &RsaPublic, private: &RsaPrivate) -> Result<Zeroizing<Vec<u8>>> {
    let write = || {
        let key = RsaPrivateKeyRef {
            modulus: UintRef::new(&public.n)?,
            public_exponent: UintRef::new(&public.e)?,
            private_exponent: UintRef::new(&private.d)?,
            prime1: UintRef::new(&private.p)?,
            prime2: UintRef::new(&private.q)?,
            exponent1: UintRef::new(&private.dp)?,
            exponent2: UintRef::new(&private.dq)?,
            coefficient: UintRef::new(&private.qi)?,
            other_prime_infos: None,
        };
        key.to_der().map(Zeroizing::new)
    };
    write().map_err(unwritable)
}

/// What a key marked `id-RSASSA-PSS` may do: every PS algorithm without parameters, else the one they name.
///
/// Parameters in a key are a restriction (RFC 4055 section 3.1). JWS fixes MGF1's hash and the salt's length to the
/// hash (RFC 7518 section 3.5), so parameters that demand anything else leave no algorithm.
pub(super) fn pss_scheme(parameters: Option<AnyRef<'_>>) -> Result<Scheme> {
    let Some(parameters) = parameters else { return Ok(Scheme::Pss) };
    let parameters =
        parameters.decode_as::<RsaPssParamsOwned>().map_err(|_| malformed("RSASSA-PSS key's parameters"))?;
    let algorithm = oid::pss_algorithm(parameters.hash.oid).filter(|algorithm| {
        let mask = &parameters.mask_gen;
        mask.oid == oid::MGF1
            && mask.parameters.as_ref().is_some_and(|hash| hash.oid == parameters.hash.oid)
            && usize::from(parameters.salt_len) <= algorithm.hash_bytes()
    });
    algorithm.map(Scheme::Only).ok_or_else(|| {
        Error::new(
            Code::UnsupportedAlgorithm,
            "this RSASSA-PSS key's parameters allow neither PS256, PS384 nor PS512 (RFC 7518 section 3.5)",
        )
    })
}

fn public(key: RsaPublicKeyRef<'_>) -> RsaPublic {
    RsaPublic { n: key.modulus.as_bytes().to_vec(), e: key.public_exponent.as_bytes().to_vec() }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{assert_refused, load, load_with};
    use super::super::{Key, KeyOptions};
    use crate::algorithm::Algorithm::{self, PS256, PS384, PS512, RS256};
    use crate::error::Code;

    #[test]
    fn every_form_is_the_same_key() {
        let thumbprint = load("rsa-2048-private.jwk").unwrap().thumbprint();
        for name in [
            "rsa-2048-private.pem",
            "rsa-2048-private-pkcs1.pem",
            "rsa-2048-public.pem",
            "rsa-2048-public-pkcs1.pem",
            "rsa-2048-certificate.pem",
        ] {
            let key = load(name).unwrap();
            assert_eq!(key.thumbprint(), thumbprint, "{name}");
            assert_eq!(key.is_private(), name.contains("private"), "{name}");
        }
    }

    #[test]
    fn pss_keys_do_pss_only() {
        let algorithms = |key: &Key| key.verifying_algorithms().collect::<Vec<Algorithm>>();
        for name in ["rsa-pss-private.pem", "rsa-pss-public.pem"] {
            let key = load(name).unwrap();
            assert_eq!(algorithms(&key), [PS256, PS384, PS512], "{name}");
            assert_eq!(key.signing_algorithm(None).unwrap(), PS256);
            let again = Key::from_pem(key.to_pem(false).unwrap().as_bytes(), &KeyOptions::default()).unwrap();
            assert_eq!(algorithms(&again), [PS256, PS384, PS512], "{name}");
            assert_eq!(*key.to_pem(key.is_private()).unwrap(), super::super::fixture::text(name));
        }
        let options = |algorithm| KeyOptions { algorithm: Some(algorithm), ..KeyOptions::default() };
        assert_refused(load_with("rsa-pss-private.pem", &options(RS256)), Code::KeyMismatch, "RSASSA-PSS");

        let restricted = load("rsa-pss-sha384-private.pem").unwrap();
        assert_eq!(algorithms(&restricted), [PS384]);
        assert_eq!(restricted.algorithm(), Some(PS384));
        assert!(load_with("rsa-pss-sha384-private.pem", &options(PS384)).is_ok());
        assert_refused(load_with("rsa-pss-sha384-private.pem", &options(PS256)), Code::KeyMismatch, "restrict");
        assert_refused(load("rsa-pss-sha1-private.pem"), Code::UnsupportedAlgorithm, "PS256");
    }

    #[test]
    fn sizes_and_primes_are_checked() {
        assert_refused(load("rsa-768-public.pem"), Code::KeyTooWeak, "768");
        assert_refused(load("rsa-1024-private.pem"), Code::KeyTooWeak, "1024");
        let weak = load("rsa-1024-public.pem").unwrap();
        assert_refused(weak.verifying_key(RS256, false), Code::KeyTooWeak, "1024");
        assert!(weak.verifying_key(RS256, true).is_ok());
        assert_refused(load("rsa-2048-three-primes.pem"), Code::KeyFormat, "two primes");
    }
}
