//! X.509 certificates (RFC 5280), for the public key in them and nothing else.

use der::Decode;
use der::referenced::OwnedToRef;
use x509_cert::Certificate;

use super::der::Imported;
use super::pkcs8;
use crate::error::{Code, Error, Result};

/// Reads the public key out of a certificate. Dates, names, extensions and the signature are not checked: whoever hands the
/// certificate over has decided to trust the key in it.
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
