//! EC keys in ASN.1: SEC 1 `ECPrivateKey` (RFC 5915) and points (SEC 1 section 2.3.3).

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Encode, Tag, Tagged};
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use super::asn1::{bits, explicit, malformed, octets, parts, required, small, unwritable};
use super::material::{EcPublic, Material};
use super::oid;
use crate::algorithm::Curve;
use crate::crypto;
use crate::error::{Code, Error, Result};

const NAME: &str = "EC private key";

/// Reads `ECPrivateKey`. `outer` is the curve that the structure around it names.
///
/// The parts are taken one by one rather than through [`EcPrivateKey`], which cannot tell a curve that is spelt out
/// from damage.
pub(super) fn read_private(der: &[u8], outer: Option<Curve>) -> Result<Material> {
    let parts = required(parts(der), NAME)?;
    let [version, scalar, rest @ ..] = parts.as_slice() else { return Err(malformed(NAME)) };
    if small(*version) != Some(1) {
        return Err(malformed(NAME));
    }
    let scalar = required(octets(*scalar), NAME)?;
    let named = rest.iter().find_map(|part| explicit(*part, 0)).map(|part| curve(Some(part))).transpose()?;
    let curve = match (outer, named) {
        (Some(outer), Some(named)) if outer != named => {
            return Err(Error::new(Code::KeyInconsistent, "the EC key names two different curves"));
        }
        (Some(curve), _) | (None, Some(curve)) => curve,
        (None, None) => return Err(Error::new(Code::KeyFormat, "the EC private key does not name its curve")),
    };
    let d = scalar_of(curve, scalar)?;
    let point = rest.iter().find_map(|part| explicit(*part, 1)).map(|part| required(bits(part), NAME)).transpose()?;
    let public = match point {
        Some(point @ [4, ..]) => read_point(curve, point)?,
        Some(compressed) => {
            let public = crypto::ec_public(curve, &d)?;
            if compressed_of(&public) != compressed {
                return Err(Error::new(
                    Code::KeyInconsistent,
                    "the EC key's public point is not that of its private key",
                ));
            }
            public
        }
        None => crypto::ec_public(curve, &d)?,
    };
    Ok(Material::Ec { curve, public, d: Some(d) })
}

/// Reads an uncompressed point: a public key.
pub(super) fn read_point(curve: Curve, point: &[u8]) -> Result<EcPublic> {
    match point {
        [4, coordinates @ ..] => {
            let length = curve.coordinate_bytes();
            match coordinates.split_at_checked(length) {
                Some((x, y)) if y.len() == length => Ok(EcPublic { x: x.to_vec(), y: y.to_vec() }),
                _ => Err(malformed("EC public key")),
            }
        }
        [2 | 3, ..] => Err(Error::new(
            Code::KeyFormat,
            "the EC public key is a compressed point: write it out with \
             `openssl ec -pubin -in KEY -conv_form uncompressed -pubout -out NEW`",
        )),
        _ => Err(malformed("EC public key")),
    }
}

/// The curve that `ECParameters` name (RFC 5480 section 2.1.1): by its object identifier, and in no other way.
pub(super) fn curve(parameters: Option<AnyRef<'_>>) -> Result<Curve> {
    let Some(parameters) = parameters else {
        return Err(Error::new(Code::KeyFormat, "the EC key does not name its curve"));
    };
    match parameters.tag() {
        Tag::ObjectIdentifier => {
            let oid =
                parameters.decode_as::<ObjectIdentifier>().map_err(|_| malformed("name of the EC key's curve"))?;
            oid::curve(oid).ok_or_else(|| oid::unsupported("curve", oid))
        }
        // CVE-2020-0601: parameters that are spelt out can differ in the generator only, and then anyone can sign.
        Tag::Sequence => Err(Error::new(
            Code::KeyFormat,
            "the EC key spells its curve's parameters out: write it again with \
             `openssl ec -in KEY -param_enc named_curve -out NEW`",
        )),
        _ => Err(malformed("EC key's parameters")),
    }
}

/// Writes `ECPrivateKey`, without the curve if the structure around it has it (RFC 5915 section 3).
pub(super) fn write_private(public: &EcPublic, d: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let point = public.point();
    EcPrivateKey { private_key: d, parameters: None, public_key: Some(&point) }
        .to_der()
        .map(Zeroizing::new)
        .map_err(unwritable)
}

/// The private key at its curve's full length (RFC 5915 section 3). Writers that drop or add leading zero bytes exist.
fn scalar_of(curve: Curve, scalar: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let length = curve.coordinate_bytes();
    let first = scalar.iter().position(|byte| *byte != 0).unwrap_or(scalar.len());
    let significant = scalar.get(first..).unwrap_or_default();
    let padding = length.checked_sub(significant.len()).ok_or_else(|| malformed(NAME))?;
    let mut d = Zeroizing::new(Vec::with_capacity(length));
    d.resize(padding, 0);
    d.extend_from_slice(significant);
    Ok(d)
}

fn compressed_of(public: &EcPublic) -> Vec<u8> {
    let parity = public.y.last().map_or(0, |byte| byte & 1);
    let mut point = vec![parity.saturating_add(2)];
    point.extend_from_slice(&public.x);
    point
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{COMPLETE, assert_refused, load};
    use super::*;

    #[test]
    fn every_form_is_the_same_key() {
        for name in ["p256", "p384", "p521", "secp256k1"] {
            if !COMPLETE && ["p521", "secp256k1"].contains(&name) {
                assert_refused(load(&format!("{name}-private.pem")), Code::UnsupportedAlgorithm, "");
                assert_refused(load(&format!("{name}-public.pem")), Code::UnsupportedAlgorithm, "");
                continue;
            }
            let thumbprint = load(&format!("{name}-private.jwk")).unwrap().thumbprint();
            for form in ["private.pem", "public.pem", "certificate.pem"] {
                let key = load(&format!("{name}-{form}")).unwrap();
                assert_eq!(key.thumbprint(), thumbprint, "{name}-{form}");
                assert_eq!(key.is_private(), form.contains("private"), "{name}-{form}");
            }
            assert!(load(&format!("{name}-private-sec1.pem")).unwrap().is_private());
        }
    }

    #[test]
    fn a_private_key_needs_no_public_point() {
        let thumbprint = load("p256-private.pem").unwrap().thumbprint();
        for name in ["p256-private-without-public.pem", "p256-private-compressed.pem", "p256-private-sec1.der"] {
            match load(name) {
                Ok(key) => assert_eq!(key.thumbprint(), thumbprint, "{name}"),
                // ring has no arithmetic for it.
                Err(error) => assert!(!COMPLETE && error.code() == Code::UnsupportedAlgorithm, "{name}: {error}"),
            }
        }
    }

    #[test]
    fn what_cannot_be_trusted_is_refused() {
        assert_refused(load("p256-private-explicit.pem"), Code::KeyFormat, "named_curve");
        assert_refused(load("p256-public-explicit.pem"), Code::KeyFormat, "named_curve");
        assert_refused(load("p256-public-compressed.pem"), Code::KeyFormat, "conv_form uncompressed");
        assert_refused(load("p256-private-other-public.pem"), Code::KeyInconsistent, "");
        assert!(load("p256-public-off-curve.pem").is_err());
    }

    #[test]
    fn scalars_get_their_full_length() {
        let short = scalar_of(Curve::P256, &[7]).unwrap();
        assert_eq!(short.len(), 32);
        assert_eq!(short[31], 7);
        assert_eq!(*scalar_of(Curve::P256, &[[0; 3].as_slice(), &[9; 32]].concat()).unwrap(), vec![9; 32]);
        assert!(scalar_of(Curve::P256, &[9; 33]).is_err());
    }
}
