//! DER of any kind that a key comes in, told apart by its structure.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Tag, Tagged};

use super::asn1::{parts, parts_of, small};
use super::material::Material;
use super::{ec, encrypted, pkcs8, rsa, x509};
use crate::algorithm::Algorithm;
use crate::error::{Code, Error, Result};

/// What came out of a file.
pub(super) struct Imported {
    pub(super) material: Material,
    pub(super) scheme: Scheme,
}

/// What the file says about the algorithms of an RSA key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Nothing.
    Any,
    /// Any RSASSA-PSS algorithm, and no other.
    Pss,
    /// This algorithm.
    Only(Algorithm),
}

/// The structures that are told apart. Only the outermost parts are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `PrivateKeyInfo`, PKCS#8.
    PrivateKey,
    /// `EncryptedPrivateKeyInfo`, PKCS#8.
    EncryptedPrivateKey,
    /// `RSAPrivateKey`, PKCS#1.
    RsaPrivateKey,
    /// `RSAPublicKey`, PKCS#1.
    RsaPublicKey,
    /// `ECPrivateKey`, SEC 1.
    EcPrivateKey,
    /// `SubjectPublicKeyInfo`.
    PublicKey,
    /// Something signed: a certificate, a request, a revocation list.
    Certificate,
    /// `PFX`, PKCS#12.
    Pkcs12,
    /// `ContentInfo`, PKCS#7.
    Pkcs7,
    /// The `DSAPrivateKey` that openssl writes.
    DsaPrivateKey,
    /// `ECParameters`.
    Parameters,
}

impl Form {
    pub(super) fn detect(der: &[u8]) -> Option<Self> {
        // PKCS#12 is often BER of indefinite length, which no strict decoder reads: its start is telling enough.
        if matches!(der, [0x30, 0x80, 2, 1, 3, ..]) {
            return Some(Self::Pkcs12);
        }
        if <ObjectIdentifier>::from_der(der).is_ok() {
            return Some(Self::Parameters);
        }
        let parts = parts(der)?;
        let tags: Vec<Tag> = parts.iter().map(Tagged::tag).collect();
        let version = parts.first().copied().and_then(small);
        Some(match tags.as_slice() {
            [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => Self::PrivateKey,
            [Tag::Integer, Tag::Sequence, ..] if version == Some(3) => Self::Pkcs12,
            [Tag::Integer, Tag::OctetString, ..] => Self::EcPrivateKey,
            [Tag::Integer, Tag::Integer] => Self::RsaPublicKey,
            [integers @ .., _] if integers.len() == 5 && tags.iter().all(|tag| *tag == Tag::Integer) => {
                Self::DsaPrivateKey
            }
            [integers @ .., last]
                if integers.len() >= 8
                    && integers.iter().all(|tag| *tag == Tag::Integer)
                    && matches!(last, Tag::Integer | Tag::Sequence) =>
            {
                Self::RsaPrivateKey
            }
            [Tag::Sequence, Tag::OctetString] => Self::EncryptedPrivateKey,
            [Tag::Sequence, Tag::BitString] => Self::PublicKey,
            [Tag::Sequence, Tag::Sequence, Tag::BitString] => Self::Certificate,
            [Tag::ObjectIdentifier, Tag::ContextSpecific { .. }] => Self::Pkcs7,
            _ => return None,
        })
    }
}

/// Reads a key in whichever form it is.
pub(super) fn read(der: &[u8], password: Option<&[u8]>) -> Result<Imported> {
    let any = |material| Imported { material, scheme: Scheme::Any };
    let refused = |message: &'static str| Err(Error::new(Code::KeyFormat, message));
    match Form::detect(der) {
        Some(Form::PrivateKey) => pkcs8::read_private(der),
        Some(Form::EncryptedPrivateKey) => {
            let decrypted = encrypted::decrypt(der, password)?;
            // With CBC, one wrong password in 256 leaves valid padding, and rubbish before it.
            match Form::detect(&decrypted) {
                Some(Form::PrivateKey) => pkcs8::read_private(&decrypted),
                _ => Err(encrypted::wrong_password()),
            }
        }
        Some(Form::RsaPrivateKey) => rsa::read_private(der).map(any),
        Some(Form::RsaPublicKey) => rsa::read_public(der).map(any),
        Some(Form::EcPrivateKey) => ec::read_private(der, None).map(any),
        Some(Form::PublicKey) => pkcs8::read_public(der),
        Some(Form::Certificate) => x509::read(der),
        Some(Form::Pkcs12) => refused(
            "this is a PKCS#12 file: take the private key out with `openssl pkcs12 -in FILE -nocerts -nodes -out KEY`, or the \
             certificate with `openssl pkcs12 -in FILE -clcerts -nokeys -out CERTIFICATE`",
        ),
        Some(Form::Pkcs7) => {
            refused("this is a PKCS#7 file: take the certificates out with `openssl pkcs7 -print_certs`")
        }
        Some(Form::DsaPrivateKey) => {
            Err(Error::new(Code::UnsupportedAlgorithm, "this is a DSA key: there is no JWS algorithm for it"))
        }
        Some(Form::Parameters) => refused("these are the parameters of a curve only: there is no key in them"),
        None => Err(unknown(der)),
    }
}

/// Whether this is a key of some form, so that it can be refused as a secret.
pub(super) fn is_key(der: &[u8]) -> bool {
    Form::detect(der).is_some_and(|form| match form {
        Form::PublicKey | Form::EncryptedPrivateKey => parts(der)
            .and_then(|parts| parts.first().copied().and_then(parts_of))
            .and_then(|algorithm| algorithm.first().map(|oid: &AnyRef<'_>| oid.tag() == Tag::ObjectIdentifier))
            .unwrap_or(false),
        // Short enough for a secret that happens to look like it.
        Form::Parameters | Form::Pkcs7 => false,
        Form::RsaPublicKey | Form::EcPrivateKey => der.len() > 32,
        _ => true,
    })
}

#[cold]
fn unknown(der: &[u8]) -> Error {
    let message = match der.trim_ascii_start() {
        [] => "the key is empty",
        [b'-', ..] => "this is PEM: load it with from_pem",
        [b'{', ..] => "this is JSON: load it with from_jwk",
        _ => {
            "this is not a key in DER: PKCS#8, PKCS#1, SEC1, SPKI and X.509 certificates are read, and nothing may follow them"
        }
    };
    Error::new(Code::KeyFormat, message)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{assert_refused, bytes, load, refusal, text};
    use super::super::{Key, KeyOptions};
    use super::*;
    use crate::encoding::base64url;

    fn from_der(der: &[u8]) -> Result<Key> {
        Key::from_der(der, &KeyOptions::default())
    }

    #[test]
    fn every_form_is_told_apart() {
        for (name, form, private) in [
            ("rsa-2048-private.der", Form::PrivateKey, true),
            ("rsa-2048-private-pkcs1.der", Form::RsaPrivateKey, true),
            ("rsa-2048-public.der", Form::PublicKey, false),
            ("rsa-2048-public-pkcs1.der", Form::RsaPublicKey, false),
            ("rsa-2048-certificate.der", Form::Certificate, false),
            ("p256-private-sec1.der", Form::EcPrivateKey, true),
            ("p256-public.der", Form::PublicKey, false),
            ("ed25519-public.der", Form::PublicKey, false),
        ] {
            assert_eq!(Form::detect(&bytes(name)), Some(form), "{name}");
            assert!(is_key(&bytes(name)), "{name}");
            let key = load(name).unwrap();
            assert_eq!(key.is_private(), private, "{name}");
            let original = name.split_inclusive(['-']).next().unwrap().trim_end_matches('-');
            let original = if original == "rsa" { "rsa-2048" } else { original };
            assert_eq!(key.thumbprint(), load(&format!("{original}-private.pem")).unwrap().thumbprint(), "{name}");
        }
        assert_eq!(Form::detect(&bytes("rsa-2048.p12")), Some(Form::Pkcs12));
        assert!(refusal("rsa-2048.p12").message().contains("openssl pkcs12"));
        assert_refused(from_der(&[0x30, 0x80, 2, 1, 3, 0x30, 0x80]), Code::KeyFormat, "PKCS#12");
        let dsa = [&[0x30, 18][..], &[2, 1, 0].repeat(6)].concat();
        assert_refused(from_der(&dsa), Code::UnsupportedAlgorithm, "DSA");
        assert_refused(from_der(&[6, 1, 42]), Code::KeyFormat, "parameters");
    }

    #[test]
    fn nothing_may_follow_and_nothing_be_cut_off() {
        let der = bytes("p256-private-sec1.der");
        assert!(from_der(&der).is_ok());
        assert!(from_der(&[der.as_slice(), &[0]].concat()).is_err());
        for length in 0..der.len() {
            assert_eq!(
                from_der(&der[..length]).err().map(|error| error.code()),
                Some(Code::KeyFormat),
                "{length} bytes"
            );
        }
    }

    #[test]
    fn no_altered_byte_crashes() {
        let options = KeyOptions::default();
        for name in [
            "rsa-2048-private.pem",
            "rsa-pss-sha384-private.pem",
            "rsa-2048-certificate.pem",
            "p256-public.pem",
            "p256-private-sec1.pem",
            "p256-private-explicit.pem",
            "ed25519-private-ring.pem",
            "ed25519-private-v2.pem",
            // Without a password, so that no altered count makes for work.
            "p256-private-pbkdf2-sha512.pem",
            "ed25519-private-scrypt.pem",
            "p256-private-pbes1.pem",
        ] {
            let pem = text(name);
            let body = pem.rsplit("-----").nth(2).unwrap().trim().replace('\n', "").replace('+', "-").replace('/', "_");
            let original = base64url::decode(body.trim_end_matches('=').as_bytes()).unwrap();
            // The check of a private RSA key is slow: a sample of the places will do there.
            let step = if name.starts_with("rsa") && name.contains("private") { 7 } else { 1 };
            for place in (0..original.len()).step_by(step) {
                for flip in [1, 0x80, 0xff] {
                    let mut der = original.clone();
                    der[place] ^= flip;
                    let _ = Key::from_der(&der, &options);
                    der.truncate(place);
                    assert!(Key::from_der(&der, &options).is_err());
                }
            }
        }
    }

    #[test]
    fn other_texts_are_told_apart() {
        assert_refused(from_der(&bytes("p256-private.pem")), Code::KeyFormat, "from_pem");
        assert_refused(from_der(b"{}"), Code::KeyFormat, "from_jwk");
        assert_refused(from_der(b""), Code::KeyFormat, "empty");
        assert_refused(from_der(&[0x30; 100]), Code::KeyFormat, "not a key in DER");
        assert_refused(from_der(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), Code::KeyFormat, "not a key in DER");
    }
}
