//! What a key may be used for: its algorithms, and what `use` and `key_ops` allow.

use std::sync::Arc;

use super::key::Key;
use super::material::Material;
use crate::algorithm::Algorithm;
use crate::crypto::{SigningKey, VerifyingKey};
use crate::error::{Code, Error, Result};

/// What a JWS asks of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Sign,
    Verify,
}

impl Key {
    /// Whether `use` and `key_ops` allow it (RFC 7517 sections 4.2 and 4.3). A key that says nothing allows everything.
    ///
    /// A public key can only verify, so whichever of `sign` and `verify` it says, it means that; it may also stand in
    /// for the private key where a KMS signs and the signature is verified afterwards.
    pub(crate) fn allows(&self, operation: Operation) -> bool {
        let parts = self.parts();
        if parts.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return false;
        }
        let Some(names) = &parts.operations else { return true };
        let named = |wanted: &str| names.iter().any(|name| name == wanted);
        match operation {
            _ if !self.is_private() => named("verify") || named("sign"),
            Operation::Sign => named("sign"),
            // A private key that may sign has a public part, which may verify.
            Operation::Verify => named("verify") || (named("sign") && !matches!(parts.material, Material::Secret(_))),
        }
    }

    /// Every algorithm whose signatures the key verifies, whatever its strength: a weak one fails to be prepared.
    pub(crate) fn verifying_algorithms(&self) -> impl Iterator<Item = Algorithm> + use<> {
        let parts = self.parts();
        let own = parts.algorithm.map(Algorithm::canonical);
        let (key_type, pss) = (parts.material.key_type(), parts.pss);
        let curve = if let Material::Ec { curve, .. } = &parts.material { Some(*curve) } else { None };
        Algorithm::ALL.iter().copied().filter(move |algorithm| {
            own.is_none_or(|own| own == algorithm.canonical())
                && algorithm.key_type() == key_type
                && algorithm.curve() == curve
                && (!pss || matches!(algorithm, Algorithm::PS256 | Algorithm::PS384 | Algorithm::PS512))
        })
    }

    /// The algorithm to sign with: the one asked for, if the key does it, else the key's own, else the default of its
    /// type.
    pub(crate) fn signing_algorithm(&self, requested: Option<Algorithm>) -> Result<Algorithm> {
        if let Some(requested) = requested {
            return self.check_does(requested).map(|()| requested);
        }
        let parts = self.parts();
        Ok(parts.algorithm.unwrap_or(match &parts.material {
            Material::Secret(_) => Algorithm::HS256,
            Material::Rsa { .. } if parts.pss => Algorithm::PS256,
            Material::Rsa { .. } => Algorithm::RS256,
            Material::Ec { curve, .. } => curve.algorithm(),
            Material::Ed25519 { .. } => Algorithm::EdDSA,
        }))
    }

    /// Prepares the key for verifying. A weak one only if `weak` allows it.
    pub(crate) fn verifying_key(&self, algorithm: Algorithm, weak: bool) -> Result<Arc<VerifyingKey>> {
        self.check_does(algorithm)?;
        self.check_strength(algorithm, weak)?;
        VerifyingKey::new(algorithm, &self.parts().material).map(Arc::new)
    }

    /// Prepares the key for signing. A weak one only if `weak` allows it.
    pub(crate) fn signing_key(&self, algorithm: Algorithm, weak: bool) -> Result<Arc<SigningKey>> {
        self.check_does(algorithm)?;
        self.check_strength(algorithm, weak)?;
        if !self.is_private() {
            return Err(Error::new(
                Code::KeyNotPrivate,
                "signing needs the private key: where a KMS or HSM holds it, sign in two steps with prepare and finish",
            ));
        }
        SigningKey::new(algorithm, &self.parts().material).map(Arc::new)
    }

    fn check_does(&self, algorithm: Algorithm) -> Result<()> {
        if self.verifying_algorithms().any(|known| known == algorithm) { Ok(()) } else { Err(self.not_for(algorithm)) }
    }

    /// RFC 7518 sections 3.2 and 3.3.
    fn check_strength(&self, algorithm: Algorithm, weak: bool) -> Result<()> {
        let message = match &self.parts().material {
            _ if weak => return Ok(()),
            Material::Secret(secret) if secret.len() < algorithm.hash_bytes() => {
                format!("the secret is {} bytes long: {algorithm} needs {}", secret.len(), algorithm.hash_bytes())
            }
            Material::Rsa { public, .. } if public.bits() < 2048 => {
                format!("the RSA key has {} bits: {algorithm} needs 2048", public.bits())
            }
            _ => return Ok(()),
        };
        Err(Error::new(Code::KeyTooWeak, message))
    }

    #[cold]
    fn not_for(&self, algorithm: Algorithm) -> Error {
        let can: Vec<&str> = self.verifying_algorithms().map(Algorithm::name).collect();
        Error::new(Code::KeyMismatch, format!("the key does {}, not {algorithm}", can.join(", "))).at("algorithm")
    }
}

/// What `key_ops` becomes when the private part is left out: each private operation turns into its public counterpart.
pub(super) fn of_public_key(names: &[String], was_private: bool) -> Vec<String> {
    if !was_private {
        return names.to_vec();
    }
    let mut public: Vec<String> = Vec::new();
    for name in names {
        let name = match name.as_str() {
            "sign" => "verify",
            "decrypt" => "encrypt",
            "unwrapKey" => "wrapKey",
            "deriveKey" | "deriveBits" => continue,
            other => other,
        };
        if !public.iter().any(|known| known == name) {
            public.push(name.to_owned());
        }
    }
    public
}

#[cfg(test)]
mod tests {
    use super::super::KeyOptions;
    use super::super::fixture::{assert_refused, load, text};
    use super::*;
    use crate::algorithm::Algorithm::*;

    fn with(file: &str, members: &str) -> Key {
        Key::from_jwk(&text(file).replacen('{', &format!("{{{members},"), 1)).unwrap()
    }

    #[test]
    fn algorithms_follow_the_type() {
        let algorithms = |key: &Key| key.verifying_algorithms().collect::<Vec<_>>();
        let rsa = load("rsa-2048-public.pem").unwrap();
        assert_eq!(algorithms(&rsa), [RS256, RS384, RS512, PS256, PS384, PS512]);
        assert_eq!(rsa.signing_algorithm(None).unwrap(), RS256);
        assert_eq!(rsa.signing_algorithm(Some(PS384)).unwrap(), PS384);
        assert_refused(rsa.signing_algorithm(Some(HS256)), Code::KeyMismatch, "HS256");
        assert_eq!(algorithms(&with("rsa-2048-private.jwk", r#""alg":"PS256""#)), [PS256]);
        assert_eq!(algorithms(&load("p384-public.pem").unwrap()), [ES384]);
        assert_eq!(load("p384-public.pem").unwrap().signing_algorithm(None).unwrap(), ES384);
        let secret = Key::from_secret(&[1; 48], &KeyOptions::default()).unwrap();
        assert_eq!(algorithms(&secret), [HS256, HS384, HS512]);
        assert_eq!(secret.signing_algorithm(None).unwrap(), HS256);
        assert!(secret.verifying_key(HS384, false).is_ok());
        assert_refused(secret.verifying_key(HS512, false), Code::KeyTooWeak, "64");
        assert_refused(secret.signing_key(HS512, false), Code::KeyTooWeak, "64");
        assert_refused(rsa.verifying_key(HS256, true), Code::KeyMismatch, "HS256");
    }

    #[test]
    fn ed25519_goes_by_both_names() {
        let plain = load("ed25519-private.jwk").unwrap();
        let named = with("ed25519-private.jwk", r#""alg":"Ed25519""#);
        for key in [&plain, &named] {
            assert_eq!(key.verifying_algorithms().collect::<Vec<_>>(), [EdDSA, Ed25519]);
        }
        assert_eq!(plain.signing_algorithm(None).unwrap(), EdDSA);
        assert_eq!(named.signing_algorithm(None).unwrap(), Ed25519);
        assert_eq!(plain.signing_algorithm(Some(Ed25519)).unwrap(), Ed25519);
        assert_eq!(named.signing_algorithm(Some(EdDSA)).unwrap(), EdDSA);
    }

    #[test]
    fn use_and_key_ops_are_enforced() {
        use Operation::{Sign, Verify};
        for (members, sign, verify) in [
            (r#""use":"sig""#, true, true),
            (r#""use":"enc""#, false, false),
            (r#""use":"SIG""#, false, false),
            (r#""key_ops":["sign"]"#, true, true),
            (r#""key_ops":["verify"]"#, false, true),
            (r#""key_ops":["deriveBits"]"#, false, false),
            (r#""key_ops":[]"#, false, false),
            (r#""use":"enc","key_ops":["sign","verify"]"#, false, false),
        ] {
            let key = with("p256-private.jwk", members);
            assert_eq!((key.allows(Sign), key.allows(Verify)), (sign, verify), "{members}");
            assert_eq!(key.public_key().unwrap().allows(Verify), verify, "{members}");
        }
        let secret = |ops| Key::from_jwk(&format!(r#"{{"kty":"oct","k":"AAECAwQ","key_ops":["{ops}"]}}"#)).unwrap();
        assert!(secret("sign").allows(Sign) && !secret("sign").allows(Verify));
        assert!(secret("verify").allows(Verify) && !secret("verify").allows(Sign));
        assert!(load("p256-public.pem").unwrap().allows(Sign), "the private part may be in a KMS");
    }

    #[test]
    fn operations_turn_public() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let private = names(&["sign", "verify", "decrypt", "deriveKey", "own"]);
        assert_eq!(of_public_key(&private, true), names(&["verify", "encrypt", "own"]));
        assert_eq!(of_public_key(&private, false), private);
    }

    #[test]
    fn signing_needs_the_private_key() {
        assert_refused(load("p256-public.pem").unwrap().signing_key(ES256, false), Code::KeyNotPrivate, "KMS");
        let key = load("p256-private.pem").unwrap();
        let signature = key.signing_key(ES256, false).unwrap().sign(b"message").unwrap();
        assert!(key.public_key().unwrap().verifying_key(ES256, false).unwrap().verify(b"message", &signature).is_ok());
    }
}
