//! A key: what it is made of, and what its owner says about it.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::der::{Imported, Scheme};
use super::material::Material;
use super::{der, json, pem, pkcs8, secret, thumbprint};
use crate::algorithm::{Algorithm, KeyType};
use crate::crypto;
use crate::error::{Code, Error, Result};

/// No key file is longer; a bundle with its certificates comes nowhere near.
const MOST_BYTES: usize = 1 << 20;

/// A key for one type of algorithm: a secret, or a public key with or without its private part.
///
/// A key was checked when it was loaded, never changes, and is cheap to clone. Its `Debug` form has no key material.
#[derive(Clone)]
pub struct Key(Arc<Parts>);

/// What a file says nothing about, or what it takes to open it.
#[derive(Clone, Copy, Default)]
pub struct KeyOptions<'a> {
    /// Restricts the key to this algorithm.
    pub algorithm: Option<Algorithm>,
    /// The key's identifier, which goes into the header of what it signs.
    pub kid: Option<&'a str>,
    /// The password of an encrypted private key. Ignored if the key is not encrypted.
    pub password: Option<&'a [u8]>,
}

/// All that a [`Key`] holds.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) material: Material,
    pub(super) kid: Option<String>,
    pub(super) algorithm: Option<Algorithm>,
    /// Whether it came as `id-RSASSA-PSS`: a key for PS256, PS384 and PS512 only.
    pub(super) pss: bool,
    /// `use` (RFC 7517 section 4.2).
    pub(super) usage: Option<String>,
    /// `key_ops` (RFC 7517 section 4.3).
    pub(super) operations: Option<Vec<String>>,
    /// Unknown members of the JWK: names, and values as JSON texts.
    pub(super) extra: Vec<(String, String)>,
}

impl Parts {
    pub(super) fn new(material: Material) -> Self {
        Self { material, kid: None, algorithm: None, pss: false, usage: None, operations: None, extra: Vec::new() }
    }
}

impl Key {
    /// Makes a new key for an algorithm.
    ///
    /// `bits` is the size of an RSA key: 2048 (the default), 3072 or 4096. A secret gets the length of the algorithm's
    /// hash, or `bits` from there up to 4096.
    /// Without a `kid`, an asymmetric key gets its thumbprint as one; a secret gets none, for its thumbprint is a hash
    /// of it.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` for `bits` that do not fit; `ERR_UNSUPPORTED_ALGORITHM` where the crypto provider cannot.
    pub fn generate(algorithm: Algorithm, kid: Option<&str>, bits: Option<u32>) -> Result<Self> {
        let material = crypto::generate(algorithm, bits)?;
        let kid = match kid {
            Some(kid) => Some(kid.to_owned()),
            None if matches!(material, Material::Secret(_)) => None,
            None => Some(thumbprint::of(&material)),
        };
        Ok(Self(Arc::new(Parts { kid, algorithm: Some(algorithm), ..Parts::new(material) })))
    }

    /// Loads a key from PEM: PKCS#8 (encrypted too), PKCS#1, SEC1, a public key, or an X.509 certificate.
    ///
    /// An encrypted key may take as much work as ten million rounds of PBKDF2, or scrypt with 256 MiB; one that asks
    /// for more is refused before the work starts. Of a certificate, the public key is taken: **neither its dates nor
    /// its signature are checked**. If there are other blocks in the text, such as the certificates of a bundle, the
    /// key is taken if it is the only one. A key marked RSASSA-PSS does PS256, PS384 and PS512 only, or the one that
    /// its parameters name.
    ///
    /// # Errors
    /// `ERR_KEY_FORMAT`, with a message that says what was found and how to convert it; `ERR_KEY_PASSWORD`,
    /// `ERR_KEY_INCONSISTENT`, `ERR_KEY_TOO_WEAK`, `ERR_UNSUPPORTED_ALGORITHM`; `ERR_KEY_MISMATCH` if the key is not
    /// one for the algorithm in the options.
    pub fn from_pem(pem: &[u8], options: &KeyOptions<'_>) -> Result<Self> {
        bounded(pem)?;
        Self::imported(pem::read(pem, options.password)?, options)
    }

    /// Loads a key from DER, in each of the forms that [`Key::from_pem`] reads: they are told apart by their structure.
    ///
    /// # Errors
    /// Those of [`Key::from_pem`].
    pub fn from_der(der: &[u8], options: &KeyOptions<'_>) -> Result<Self> {
        bounded(der)?;
        Self::imported(der::read(der, options.password)?, options)
    }

    /// Loads a key from a JWK, a JSON text. Members that are not known are kept, and exported again.
    ///
    /// # Errors
    /// `ERR_KEY_FORMAT` (the field names the member), `ERR_KEY_INCONSISTENT`, `ERR_KEY_TOO_WEAK`; `ERR_KEY_MISMATCH` if
    /// `alg` is one for keys of another type; `ERR_UNSUPPORTED_ALGORITHM` if type, curve or `alg` is none of ours.
    pub fn from_jwk(json: &str) -> Result<Self> {
        json::read(json)
    }

    /// Makes a key of a secret that is shared with the other side.
    ///
    /// A secret that reads as a key (PEM, DER, a JWK, OpenSSH, or base64 of one) is refused: a public key taken for a
    /// secret lets everyone sign who knows it.
    ///
    /// # Errors
    /// `ERR_KEY_TOO_WEAK` if it is empty, `ERR_KEY_FORMAT` if it reads as a key or is longer than 1 MiB,
    /// `ERR_KEY_MISMATCH` if the algorithm in the options is not an HMAC.
    pub fn from_secret(secret: &[u8], options: &KeyOptions<'_>) -> Result<Self> {
        bounded(secret)?;
        let material = secret::read(Zeroizing::new(secret.to_vec()))?;
        Self::imported(Imported { material, scheme: Scheme::Any }, options)
    }

    /// The public part, to hand out or to verify with. It keeps `kid`, `alg` and the other public members.
    ///
    /// # Errors
    /// `ERR_KEY_MISMATCH` for a secret, which has none.
    pub fn public_key(&self) -> Result<Self> {
        let material = match &self.0.material {
            Material::Secret(_) => return Err(no_public_part()),
            Material::Rsa { public, .. } => Material::Rsa { public: public.clone(), private: None },
            Material::Ec { curve, public, .. } => Material::Ec { curve: *curve, public: public.clone(), d: None },
            Material::Ed25519 { x, .. } => Material::Ed25519 { x: *x, d: None },
        };
        let operations =
            self.0.operations.as_ref().map(|names| super::permission::of_public_key(names, self.is_private()));
        Ok(Self(Arc::new(Parts {
            material,
            operations,
            kid: self.0.kid.clone(),
            usage: self.0.usage.clone(),
            extra: self.0.extra.clone(),
            ..*self.0
        })))
    }

    /// The key as a JWK, a JSON text: the public part, or with `private` all of it.
    ///
    /// # Errors
    /// `ERR_KEY_NOT_PRIVATE` if there is no private part to write; `ERR_KEY_MISMATCH` for the public part of a secret.
    pub fn to_jwk(&self, private: bool) -> Result<Zeroizing<String>> {
        match (private, self.is_private()) {
            (true, false) => Err(not_private()),
            (true, true) => json::write(&self.0),
            (false, _) => json::write(&self.public_key()?.0),
        }
    }

    /// The key as PEM: a public key as SPKI, or with `private` a private key as PKCS#8, not encrypted.
    ///
    /// # Errors
    /// `ERR_KEY_NOT_PRIVATE` if there is no private part to write; `ERR_KEY_MISMATCH` for a secret, which has no such
    /// form.
    pub fn to_pem(&self, private: bool) -> Result<Zeroizing<String>> {
        let label = if private { "PRIVATE KEY" } else { "PUBLIC KEY" };
        pem::write(label, &self.to_der(private)?)
    }

    /// The key as DER: a public key as SPKI, or with `private` a private key as PKCS#8, not encrypted.
    ///
    /// # Errors
    /// Those of [`Key::to_pem`].
    pub fn to_der(&self, private: bool) -> Result<Zeroizing<Vec<u8>>> {
        if matches!(self.0.material, Material::Secret(_)) {
            return Err(Error::new(Code::KeyMismatch, "a secret has no form in PEM or DER: export it with to_jwk"));
        }
        if private {
            pkcs8::write_private(&self.0.material, self.0.pss)?.ok_or_else(not_private)
        } else {
            pkcs8::write_public(&self.0.material, self.0.pss)?.map(Zeroizing::new).ok_or_else(no_public_part)
        }
    }

    /// The thumbprint of the key (RFC 7638): SHA-256, as base64url. It is the same for a private key and its public
    /// part.
    ///
    /// That of a secret is a hash of the secret: do not publish it (RFC 7638 section 7).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        thumbprint::of(&self.0.material)
    }

    /// The key's identifier.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.0.kid.as_deref()
    }

    /// The `issuer` member of the JWK, which Microsoft's keys have and no RFC defines.
    pub(crate) fn issuer(&self) -> Option<String> {
        let (_, json) = self.0.extra.iter().find(|(name, _)| name == "issuer")?;
        serde_json::from_str(json).ok()
    }

    /// The one algorithm that the key is for, if it says so.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.0.algorithm
    }

    /// The key's type.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.0.material.key_type()
    }

    /// Whether it can sign: a private key, or a secret.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.0.material.is_private()
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.0
    }

    /// Checks that all parts fit together, and makes a key of them.
    pub(super) fn assemble(parts: Parts) -> Result<Self> {
        fit(&parts)?;
        crypto::check(&parts.material)?;
        Ok(Self(Arc::new(parts)))
    }

    fn imported(imported: Imported, options: &KeyOptions<'_>) -> Result<Self> {
        let own = if let Scheme::Only(algorithm) = imported.scheme { Some(algorithm) } else { None };
        if let (Some(own), Some(wanted)) = (own, options.algorithm)
            && own != wanted
        {
            return Err(Error::new(
                Code::KeyMismatch,
                format!("the key's parameters restrict it to {own}, not {wanted}"),
            )
            .at("alg"));
        }
        Self::assemble(Parts {
            kid: options.kid.map(str::to_owned),
            algorithm: own.or(options.algorithm),
            pss: imported.scheme != Scheme::Any,
            ..Parts::new(imported.material)
        })
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Key")
            .field("type", &self.key_type())
            .field("algorithm", &self.algorithm())
            .field("kid", &self.kid())
            .finish_non_exhaustive()
    }
}

/// Whether the key is one for the algorithm that it names.
fn fit(parts: &Parts) -> Result<()> {
    let Some(algorithm) = parts.algorithm else { return Ok(()) };
    let fits = match &parts.material {
        Material::Ec { curve, .. } => algorithm == curve.algorithm(),
        Material::Rsa { .. } if parts.pss => {
            matches!(algorithm, Algorithm::PS256 | Algorithm::PS384 | Algorithm::PS512)
        }
        other => algorithm.key_type() == other.key_type(),
    };
    if fits {
        return Ok(());
    }
    let what = match &parts.material {
        Material::Secret(_) => "a secret".to_owned(),
        Material::Rsa { .. } if parts.pss => "an RSASSA-PSS key".to_owned(),
        Material::Rsa { .. } => "an RSA key".to_owned(),
        Material::Ec { curve, .. } => format!("a key on {}", curve.name()),
        Material::Ed25519 { .. } => "an Ed25519 key".to_owned(),
    };
    Err(Error::new(Code::KeyMismatch, format!("{what} is not a key for {algorithm}")).at("alg"))
}

fn bounded(file: &[u8]) -> Result<()> {
    if file.len() > MOST_BYTES {
        return Err(Error::new(Code::KeyFormat, "the key is over 1 MiB long"));
    }
    Ok(())
}

#[cold]
fn not_private() -> Error {
    Error::new(Code::KeyNotPrivate, "the key has no private part to export")
}

#[cold]
fn no_public_part() -> Error {
    Error::new(Code::KeyMismatch, "a secret has no public part")
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{COMPLETE, assert_refused, load, load_with};
    use super::*;

    #[test]
    fn a_key_is_shared_between_threads() {
        fn shared<T: Send + Sync + Clone + 'static>() {}
        shared::<Key>();
    }

    #[test]
    fn every_algorithm_can_be_generated() {
        for algorithm in Algorithm::ALL.iter().copied() {
            let lacking =
                matches!(algorithm, Algorithm::ES512 | Algorithm::ES256K) || algorithm.key_type() == KeyType::Rsa;
            if !COMPLETE && lacking {
                assert_refused(Key::generate(algorithm, None, None), Code::UnsupportedAlgorithm, "");
                continue;
            }
            let key = Key::generate(algorithm, None, None).unwrap();
            assert_eq!(key.algorithm(), Some(algorithm));
            assert!(key.is_private());
            let again = Key::from_jwk(&key.to_jwk(true).unwrap()).unwrap();
            assert_eq!(*again.to_jwk(true).unwrap(), *key.to_jwk(true).unwrap());
            if key.key_type() == KeyType::Secret {
                assert_eq!(key.kid(), None);
                assert!(key.public_key().is_err());
            } else {
                assert_eq!(key.kid(), Some(key.thumbprint().as_str()));
                let public = key.public_key().unwrap();
                assert!(!public.is_private());
                assert_eq!((public.kid(), public.algorithm()), (key.kid(), key.algorithm()));
                let options = KeyOptions::default();
                assert_eq!(
                    Key::from_pem(key.to_pem(true).unwrap().as_bytes(), &options).unwrap().thumbprint(),
                    key.thumbprint()
                );
                assert_eq!(
                    Key::from_der(&public.to_der(false).unwrap(), &options).unwrap().thumbprint(),
                    key.thumbprint()
                );
            }
        }
    }

    #[test]
    fn a_kid_may_be_given() {
        for algorithm in [Algorithm::EdDSA, Algorithm::HS256] {
            assert_eq!(Key::generate(algorithm, Some("mine"), None).unwrap().kid(), Some("mine"));
        }
    }

    #[test]
    fn sizes_are_checked() {
        assert_refused(Key::generate(Algorithm::ES256, None, Some(256)), Code::InvalidArgument, "");
        assert!(Key::generate(Algorithm::RS256, None, Some(1024)).is_err());
        if COMPLETE {
            let jwk = Key::generate(Algorithm::PS256, None, Some(3072)).unwrap();
            let Material::Rsa { public, .. } = &jwk.parts().material else { panic!("not RSA") };
            assert_eq!(public.bits(), 3072);
        }
    }

    #[test]
    fn exports_need_what_they_export() {
        let private = load("p256-private.pem").unwrap();
        let public = private.public_key().unwrap();
        let secret = Key::from_secret(&[7; 32], &KeyOptions::default()).unwrap();
        assert_refused(public.to_jwk(true), Code::KeyNotPrivate, "");
        assert_refused(public.to_pem(true), Code::KeyNotPrivate, "");
        assert_refused(secret.to_jwk(false), Code::KeyMismatch, "");
        assert_refused(secret.to_pem(true), Code::KeyMismatch, "to_jwk");
        assert_refused(secret.to_pem(false), Code::KeyMismatch, "to_jwk");
        assert_refused(secret.public_key(), Code::KeyMismatch, "");
        assert_eq!(*private.to_pem(false).unwrap(), *public.to_pem(false).unwrap());
        assert_eq!(*secret.to_jwk(true).unwrap(), r#"{"kty":"oct","k":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}"#);
    }

    #[test]
    fn options_apply_and_must_fit() {
        let options = KeyOptions { algorithm: Some(Algorithm::PS384), kid: Some("k"), password: None };
        let key = load_with("rsa-2048-public.pem", &options).unwrap();
        assert_eq!((key.algorithm(), key.kid()), (Some(Algorithm::PS384), Some("k")));
        assert_refused(load_with("p384-public.pem", &options), Code::KeyMismatch, "P-384");
        assert_refused(Key::from_secret(&[7; 32], &options), Code::KeyMismatch, "secret");
        let hmac = KeyOptions { algorithm: Some(Algorithm::HS256), ..KeyOptions::default() };
        assert_refused(load_with("rsa-2048-public.pem", &hmac), Code::KeyMismatch, "RSA");
        let es384 = KeyOptions { algorithm: Some(Algorithm::ES384), ..KeyOptions::default() };
        assert_refused(load_with("p256-public.pem", &es384), Code::KeyMismatch, "P-256");
    }

    #[test]
    fn secrets_may_be_short_but_not_empty() {
        assert_refused(Key::from_secret(b"", &KeyOptions::default()), Code::KeyTooWeak, "empty");
        let short = Key::from_secret(b"x", &KeyOptions::default()).unwrap();
        assert_refused(short.verifying_key(Algorithm::HS256, false), Code::KeyTooWeak, "1 bytes");
        assert!(short.verifying_key(Algorithm::HS256, true).is_ok());
    }

    #[test]
    fn nothing_secret_is_printed() {
        let key = load("p256-private.jwk").unwrap();
        assert_eq!(format!("{key:?}"), "Key { type: Ec, algorithm: None, kid: None, .. }");
    }
}
