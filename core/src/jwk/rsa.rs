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
/// Parameters in a key are a restriction (RFC 4055 section 3.1). JWS fixes MGF1's hash and the salt's length to the hash
/// (RFC 7518 section 3.5), so parameters that demand anything else leave no algorithm.
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
