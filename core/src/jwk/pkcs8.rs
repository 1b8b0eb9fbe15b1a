//! Keys that say what they are: `PrivateKeyInfo` (PKCS#8, RFC 5958) and `SubjectPublicKeyInfo` (RFC 5280).

use der::asn1::{AnyRef, BitStringRef, OctetStringRef};
use der::{Decode, Encode, Tag, Tagged};
use pkcs8::{AlgorithmIdentifierRef, PrivateKeyInfoRef, SubjectPublicKeyInfoRef};
use zeroize::Zeroizing;

use super::asn1::{bits, malformed, octets, parts, required, small, unwritable};
use super::der::{Imported, Scheme};
use super::material::Material;
use super::{ec, oid, rsa};
use crate::crypto;
use crate::error::{Code, Error, Result};

const NAME: &str = "PKCS#8 private key";

/// Reads `PrivateKeyInfo`.
///
/// The parts are taken one by one: [`PrivateKeyInfoRef`] wants the version to match the optional parts, and keys that
/// ring and others wrote do not.
pub(super) fn read_private(der: &[u8]) -> Result<Imported> {
    let parts = required(parts(der), NAME)?;
    let [version, algorithm, key, rest @ ..] = parts.as_slice() else { return Err(malformed(NAME)) };
    if !matches!(small(*version), Some(0 | 1)) {
        return Err(malformed(NAME));
    }
    let algorithm = algorithm.decode_as::<AlgorithmIdentifierRef<'_>>().map_err(|_| malformed(NAME))?;
    let key = required(octets(*key), NAME)?;
    let public = rest.iter().find_map(|part| public_part(*part)).transpose()?;
    let imported = match algorithm.oid {
        oid::RSA => Imported { material: rsa::read_private(key)?, scheme: Scheme::Any },
        oid::RSA_PSS => Imported { scheme: rsa::pss_scheme(algorithm.parameters)?, material: rsa::read_private(key)? },
        oid::EC => {
            let curve = ec::curve(algorithm.parameters)?;
            Imported { material: ec::read_private(key, Some(curve))?, scheme: Scheme::Any }
        }
        oid::ED25519 => Imported { material: read_ed25519(key)?, scheme: Scheme::Any },
        other => return Err(oid::unsupported("type", other)),
    };
    if let (Some(public), Material::Ed25519 { x, .. }) = (public, &imported.material)
        && public != x
    {
        return Err(Error::new(
            Code::KeyInconsistent,
            "the public part of the Ed25519 key is not that of its private part",
        ));
    }
    Ok(imported)
}

/// Reads `SubjectPublicKeyInfo`.
pub(super) fn read_public(der: &[u8]) -> Result<Imported> {
    public_key(SubjectPublicKeyInfoRef::from_der(der).map_err(|_| malformed("public key"))?)
}

/// The key in a `SubjectPublicKeyInfo`.
pub(super) fn public_key(info: SubjectPublicKeyInfoRef<'_>) -> Result<Imported> {
    let key = required(info.subject_public_key.as_bytes(), "public key")?;
    let parameters = info.algorithm.parameters;
    let any = |material| Imported { material, scheme: Scheme::Any };
    match info.algorithm.oid {
        oid::RSA => rsa::read_public(key).map(any),
        oid::RSA_PSS => Ok(Imported { scheme: rsa::pss_scheme(parameters)?, material: rsa::read_public(key)? }),
        oid::EC => {
            let curve = ec::curve(parameters)?;
            Ok(any(Material::Ec { curve, public: ec::read_point(curve, key)?, d: None }))
        }
        oid::ED25519 => {
            let x = key.try_into().map_err(|_| malformed("Ed25519 public key"))?;
            Ok(any(Material::Ed25519 { x, d: None }))
        }
        other => Err(oid::unsupported("type", other)),
    }
}

/// Writes `PrivateKeyInfo`. `None` if the key has no private part, or no part that PKCS#8 holds.
pub(super) fn write_private(material: &Material, pss: bool) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let key = match material {
        Material::Rsa { public, private: Some(private) } => rsa::write_private(public, private)?,
        Material::Ec { public, d: Some(d), .. } => ec::write_private(public, d)?,
        Material::Ed25519 { d: Some(d), .. } => {
            // RFC 8410 section 7: the seed in an OCTET STRING of its own.
            let seed = OctetStringRef::new(d.as_slice()).map_err(unwritable)?;
            Zeroizing::new(seed.to_der().map_err(unwritable)?)
        }
        _ => return Ok(None),
    };
    let write = || {
        let curve = curve_of(material);
        let algorithm = algorithm_of(material, curve.as_ref(), pss)?;
        PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&key)?).to_der().map(Zeroizing::new)
    };
    write().map(Some).map_err(unwritable)
}

/// Writes `SubjectPublicKeyInfo`. `None` for a secret.
pub(super) fn write_public(material: &Material, pss: bool) -> Result<Option<Vec<u8>>> {
    let key = match material {
        Material::Rsa { public, .. } => rsa::write_public(public)?,
        Material::Ec { public, .. } => public.point(),
        Material::Ed25519 { x, .. } => x.to_vec(),
        Material::Secret(_) => return Ok(None),
    };
    let write = || {
        let curve = curve_of(material);
        let algorithm = algorithm_of(material, curve.as_ref(), pss)?;
        SubjectPublicKeyInfoRef { algorithm, subject_public_key: BitStringRef::from_bytes(&key)? }.to_der()
    };
    write().map(Some).map_err(unwritable)
}

fn curve_of(material: &Material) -> Option<der::asn1::ObjectIdentifier> {
    if let Material::Ec { curve, .. } = material { Some(oid::of_curve(*curve)) } else { None }
}

fn algorithm_of<'a>(
    material: &Material,
    curve: Option<&'a der::asn1::ObjectIdentifier>,
    pss: bool,
) -> der::Result<AlgorithmIdentifierRef<'a>> {
    Ok(match material {
        // RFC 4055 section 3.1: no parameters, no restriction beyond PSS.
        Material::Rsa { .. } if pss => AlgorithmIdentifierRef { oid: oid::RSA_PSS, parameters: None },
        Material::Rsa { .. } => AlgorithmIdentifierRef { oid: oid::RSA, parameters: Some(AnyRef::NULL) },
        Material::Ec { .. } => AlgorithmIdentifierRef { oid: oid::EC, parameters: curve.map(AnyRef::from) },
        Material::Ed25519 { .. } => AlgorithmIdentifierRef { oid: oid::ED25519, parameters: None },
        Material::Secret(_) => return Err(Tag::Sequence.value_error().into()),
    })
}

/// `CurvePrivateKey` of RFC 8410 section 7.
fn read_ed25519(key: &[u8]) -> Result<Material> {
    let seed = <&OctetStringRef>::from_der(key).map_err(|_| malformed("Ed25519 private key"))?;
    let seed: [u8; 32] = seed.as_bytes().try_into().map_err(|_| malformed("Ed25519 private key"))?;
    let d = Zeroizing::new(seed);
    Ok(Material::Ed25519 { x: crypto::ed25519_public(&d)?, d: Some(d) })
}

/// The optional `publicKey [1]`: IMPLICIT, as RFC 5958 has it, or EXPLICIT, as ring wrote it before 0.17.
fn public_part(part: AnyRef<'_>) -> Option<Result<&[u8]>> {
    match part.tag() {
        Tag::ContextSpecific { number, constructed } if number.value() == 1 => {
            let public = if constructed {
                AnyRef::from_der(part.value()).ok().and_then(bits)
            } else {
                part.value().split_first().filter(|(unused, _)| **unused == 0).map(|(_, public)| public)
            };
            Some(required(public, NAME))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{assert_refused, load, refusal};
    use super::*;

    #[test]
    fn ed25519_in_every_version() {
        let thumbprint = load("ed25519-private.jwk").unwrap().thumbprint();
        for name in ["private.pem", "private-v2.pem", "private-ring.pem", "public.pem", "certificate.pem"] {
            let key = load(&format!("ed25519-{name}")).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(key.thumbprint(), thumbprint, "{name}");
        }
        assert_refused(load("ed25519-private-v2-other-public.pem"), Code::KeyInconsistent, "Ed25519");
    }

    #[test]
    fn keys_of_other_types_are_named() {
        for (name, words) in [("ed448-private.pem", "Ed448"), ("x25519-private.pem", "X25519")] {
            let error = refusal(name);
            assert_eq!(error.code(), Code::UnsupportedAlgorithm);
            assert!(error.message().contains(words), "{error}");
        }
    }
}
