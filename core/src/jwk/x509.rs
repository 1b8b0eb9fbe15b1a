//! X.509 certificates (RFC 5280), for the public key in them and nothing else.

use der::Decode;
use der::referenced::OwnedToRef;
use x509_cert::Certificate;

use super::der::Imported;
use super::pkcs8;
use crate::error::{Code, Error, Result};

/// Reads the public key out of a certificate. Dates, names, extensions and the signature are not checked: whoever hands
/// the certificate over has decided to trust the key in it.
pub(super) fn read(der: &[u8]) -> Result<Imported> {
    let certificate = Certificate::from_der(der).map_err(|_| {
        Error::new(
            Code::KeyFormat,
            "this looks like an X.509 structure, but not like a certificate: for a certificate request, take the key out with \
             `openssl req -in REQUEST -noout -pubkey`",
        )
    })?;
    pkcs8::public_key(certificate.tbs_certificate().subject_public_key_info().owned_to_ref())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{assert_refused, bytes, load};
    use super::super::{Key, KeyOptions};
    use crate::error::Code;

    #[test]
    fn a_certificate_is_a_public_key() {
        for name in ["rsa-2048", "p256", "p384", "ed25519"] {
            let key = load(&format!("{name}-certificate.pem")).unwrap();
            assert!(!key.is_private());
            assert_eq!(key.thumbprint(), load(&format!("{name}-public.pem")).unwrap().thumbprint());
        }
    }

    #[test]
    fn a_signature_is_not_looked_at() {
        let mut der = bytes("rsa-2048-certificate.der");
        *der.last_mut().unwrap() ^= 1;
        assert!(Key::from_der(&der, &KeyOptions::default()).is_ok());
        der.truncate(der.len() - 1);
        assert_refused(Key::from_der(&der, &KeyOptions::default()), Code::KeyFormat, "");
    }
}
