//! RSA's parameters and numbers, which both providers name alike.

use super::library;
use super::library::rsa::{KeyPairComponents, PublicKeyComponents};
use super::library::signature::{RsaEncoding, RsaParameters};
use crate::algorithm::Algorithm;
use crate::error::{Error, Result};
use crate::jwk::{RsaPrivate, RsaPublic};

/// What a verification asks for. Below 2048 bits, a provider has these two only.
pub(super) fn parameters(algorithm: Algorithm, public: &RsaPublic) -> Result<&'static RsaParameters> {
    Ok(match (algorithm, public.bits() < 2048) {
        (Algorithm::RS256, true) => &library::signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (Algorithm::RS512, true) => &library::signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        (Algorithm::RS256, false) => &library::signature::RSA_PKCS1_2048_8192_SHA256,
        (Algorithm::RS384, false) => &library::signature::RSA_PKCS1_2048_8192_SHA384,
        (Algorithm::RS512, false) => &library::signature::RSA_PKCS1_2048_8192_SHA512,
        (Algorithm::PS256, false) => &library::signature::RSA_PSS_2048_8192_SHA256,
        (Algorithm::PS384, false) => &library::signature::RSA_PSS_2048_8192_SHA384,
        (Algorithm::PS512, false) => &library::signature::RSA_PSS_2048_8192_SHA512,
        (other, _) => return Err(Error::internal(format!("{other} does not verify with this RSA key"))),
    })
}

/// How a signature is padded and hashed.
pub(super) fn encoding(algorithm: Algorithm) -> Result<&'static dyn RsaEncoding> {
    Ok(match algorithm {
        Algorithm::RS256 => &library::signature::RSA_PKCS1_SHA256,
        Algorithm::RS384 => &library::signature::RSA_PKCS1_SHA384,
        Algorithm::RS512 => &library::signature::RSA_PKCS1_SHA512,
        Algorithm::PS256 => &library::signature::RSA_PSS_SHA256,
        Algorithm::PS384 => &library::signature::RSA_PSS_SHA384,
        Algorithm::PS512 => &library::signature::RSA_PSS_SHA512,
        other => return Err(Error::internal(format!("{other} is not RSA"))),
    })
}

/// The numbers of a private key.
pub(super) fn components<'a>(public: &'a RsaPublic, private: &'a RsaPrivate) -> KeyPairComponents<&'a [u8]> {
    KeyPairComponents {
        public_key: PublicKeyComponents { n: &public.n, e: &public.e },
        d: &private.d,
        p: &private.p,
        q: &private.q,
        dP: &private.dp,
        dQ: &private.dq,
        qInv: &private.qi,
    }
}
