//! The object identifiers in keys: those that are read, and names for those that are refused.

use der::asn1::ObjectIdentifier;

use crate::algorithm::{Algorithm, Curve};
use crate::error::{Code, Error};

/// `rsaEncryption` (RFC 8017 appendix C).
pub(super) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `id-RSASSA-PSS` (RFC 8017 appendix C).
pub(super) const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// `id-mgf1` (RFC 8017 appendix C).
pub(super) const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
/// `id-ecPublicKey` (RFC 5480 section 2.1.1).
pub(super) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// `id-Ed25519` (RFC 8410 section 3).
pub(super) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// `id-PBES2` (RFC 8018 appendix A.4).
pub(super) const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");

const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const SECP256K1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.10");

const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// Key types and curves that people meet and authwright does not do, so that the error can name them.
const FOREIGN: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.7", "RSA-OAEP, which encrypts and does not sign"),
    ("1.2.840.113549.1.3.1", "Diffie-Hellman"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.3.101.110", "X25519, which agrees on keys and does not sign"),
    ("1.3.101.111", "X448, which agrees on keys and does not sign"),
    ("1.3.101.113", "Ed448"),
    ("1.2.840.10045.3.1.1", "P-192"),
    ("1.3.132.0.33", "P-224"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
    ("1.2.156.10197.1.301", "SM2"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
];

/// The object identifier of the curve (RFC 5480 section 2.1.1.1, SEC 2).
pub(super) const fn of_curve(curve: Curve) -> ObjectIdentifier {
    match curve {
        Curve::P256 => P256,
        Curve::P384 => P384,
        Curve::P521 => P521,
        Curve::Secp256k1 => SECP256K1,
    }
}

/// The curve with this object identifier.
pub(super) fn curve(oid: ObjectIdentifier) -> Option<Curve> {
    [Curve::P256, Curve::P384, Curve::P521, Curve::Secp256k1].into_iter().find(|curve| of_curve(*curve) == oid)
}

/// The RSASSA-PSS algorithm with this hash.
pub(super) fn pss_algorithm(hash: ObjectIdentifier) -> Option<Algorithm> {
    match hash {
        SHA256 => Some(Algorithm::PS256),
        SHA384 => Some(Algorithm::PS384),
        SHA512 => Some(Algorithm::PS512),
        _ => None,
    }
}

/// The refusal of a key whose type or curve is not one of ours.
pub(super) fn unsupported(what: &str, oid: ObjectIdentifier) -> Error {
    let dotted = oid.to_string();
    let name = FOREIGN.iter().find(|(known, _)| *known == dotted).map_or(dotted.as_str(), |(_, name)| *name);
    Error::new(
        Code::UnsupportedAlgorithm,
        format!(
            "the key's {what} is {name}: authwright signs with RSA, P-256, P-384, P-521, secp256k1 and Ed25519 keys"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_and_identifiers_are_one_to_one() {
        for known in [Curve::P256, Curve::P384, Curve::P521, Curve::Secp256k1] {
            assert_eq!(curve(of_curve(known)), Some(known));
        }
        assert_eq!(curve(ED25519), None);
    }

    #[test]
    fn foreign_identifiers_are_well_formed_and_named() {
        for (oid, name) in FOREIGN {
            let error = unsupported("type", ObjectIdentifier::new(oid).unwrap());
            assert_eq!(error.code(), Code::UnsupportedAlgorithm);
            assert!(error.message().contains(name), "{error}");
        }
        assert!(unsupported("type", SHA256).message().contains("2.16.840.1.101.3.4.2.1"));
    }
}
