//! The making of a compact JWS: header, signing input, signature.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::crypto::{SigningKey, VerifyingKey};
use crate::encoding::base64url;
use crate::encoding::json::Document;
use crate::encoding::json_write::member;
use crate::error::{Code, Error, Result};
use crate::jwk::{Key, Operation};

/// How a signature that was made elsewhere is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignatureFormat {
    /// As JWS has it (RFC 7518 section 3): for ECDSA, `R || S`.
    #[default]
    Raw,
    /// ECDSA as a DER sequence of two integers, the way most KMS and OpenSSL answer.
    Der,
}

/// The header in the making.
pub(crate) struct HeaderWriter {
    typ: Option<String>,
    /// By name, with the values' JSON.
    others: BTreeMap<String, String>,
}

impl HeaderWriter {
    pub(crate) fn new() -> Self {
        Self { typ: None, others: BTreeMap::new() }
    }

    pub(crate) fn typ(&mut self, typ: &str) {
        self.typ = Some(typ.to_owned());
    }

    /// Further parameters. Those that decide how a token is read are set by their own options, never here.
    pub(crate) fn others(&mut self, headers: Document<'_>, reserved: &[&str]) -> Result<()> {
        for (name, value) in headers.root() {
            let name = name.to_str();
            if ["alg", "kid", "crit", "b64"].contains(&&*name) || reserved.contains(&&*name) {
                let message = format!("headers must not hold {name}: the key or an option of its own sets it");
                return Err(Error::invalid_argument("headers", message));
            }
            self.others.insert(name.into_owned(), value.to_compact());
        }
        Ok(())
    }

    /// The parameter `b64: false` and its `crit` (RFC 7797 section 3).
    pub(crate) fn unencoded(&mut self) {
        self.others.insert("b64".to_owned(), "false".to_owned());
        self.others.insert("crit".to_owned(), r#"["b64"]"#.to_owned());
    }

    fn segment(&self, algorithm: Algorithm, kid: Option<&str>) -> Vec<u8> {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut members = vec![member("alg", &quoted(algorithm.name()))];
        members.extend(self.typ.as_deref().map(|typ| member("typ", &quoted(typ))));
        members.extend(kid.map(|kid| member("kid", &quoted(kid))));
        members.extend(self.others.iter().map(|(name, json)| member(name, json)));
        base64url::encode(format!("{{{}}}", members.join(",")).as_bytes()).into_bytes()
    }
}

/// A key prepared for one algorithm, with its header encoded once.
pub(crate) struct JwsSigner {
    algorithm: Algorithm,
    /// Absent where the key is public: then signatures come from elsewhere.
    signing: Option<Arc<SigningKey>>,
    verifying: Arc<VerifyingKey>,
    /// The header segment and the dot behind it.
    header: Vec<u8>,
}

impl JwsSigner {
    pub(crate) fn new(key: &Key, algorithm: Option<Algorithm>, header: HeaderWriter, weak: bool) -> Result<Self> {
        let algorithm = key.signing_algorithm(algorithm)?;
        if !key.allows(Operation::Sign) {
            return Err(Error::new(Code::KeyMismatch, "the key's use or key_ops does not allow it to sign"));
        }
        let verifying = key.verifying_key(algorithm, weak)?;
        let signing = if key.is_private() { Some(key.signing_key(algorithm, weak)?) } else { None };
        let mut header = header.segment(algorithm, key.kid());
        header.push(b'.');
        Ok(Self { algorithm, signing, verifying, header })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `header.payload`, with room for the signature.
    pub(crate) fn signing_input(&self, payload: &[u8]) -> Vec<u8> {
        // 90 characters hold a signature of every algorithm up to 64 bytes, and the dot.
        let length = self.header.len().saturating_add(base64url::encoded_len(payload.len())).saturating_add(90);
        let mut token = Vec::with_capacity(length);
        token.extend_from_slice(&self.header);
        base64url::encode_to(payload, &mut token);
        token
    }

    pub(crate) fn sign(&self, payload: &[u8]) -> Result<Vec<u8>> {
        let token = self.signing_input(payload);
        let signature = self.signing()?.sign(&token)?;
        Ok(finished(token, &signature))
    }

    /// The token, written where `place` says for its length: once, if the length of a signature is known beforehand.
    pub(crate) fn sign_into<P: AsMut<[u8]>>(
        &self,
        payload: &[u8],
        place: impl FnOnce(usize) -> Result<P>,
    ) -> Result<P> {
        let misfit = || Error::internal("a place of another length than was asked for");
        let Some(signature_bytes) = signature_bytes(self.algorithm) else {
            let token = self.sign(payload)?;
            let mut written = place(token.len())?;
            let slot = written.as_mut();
            if slot.len() != token.len() {
                return Err(misfit());
            }
            slot.copy_from_slice(&token);
            return Ok(written);
        };
        let signing = self.signing()?;
        let input = self.header.len().saturating_add(base64url::encoded_len(payload.len()));
        let length = input.saturating_add(1).saturating_add(base64url::encoded_len(signature_bytes));
        let mut written = place(length)?;
        let (input, end) = written.as_mut().split_at_mut_checked(input).ok_or_else(misfit)?;
        let (header, encoded) = input.split_at_mut_checked(self.header.len()).ok_or_else(misfit)?;
        header.copy_from_slice(&self.header);
        let is_encoded = base64url::encode_into(payload, encoded);
        let signature = signing.sign(input)?;
        let Some((dot, end)) = end.split_first_mut().filter(|_| is_encoded) else { return Err(misfit()) };
        *dot = b'.';
        if base64url::encode_into(&signature, end) { Ok(written) } else { Err(misfit()) }
    }

    /// A token without its payload (RFC 7515 appendix F), signed over `header.payload` with the payload encoded or not.
    pub(crate) fn sign_detached(&self, payload: &[u8], encoded: bool) -> Result<String> {
        let input = if encoded { self.signing_input(payload) } else { [&self.header, payload].concat() };
        let signature = self.signing()?.sign(&input)?;
        text(finished(self.header.clone(), &signature))
    }

    /// A token whose payload stands in it as it is (RFC 7797 section 5.2).
    pub(crate) fn sign_unencoded(&self, payload: &[u8]) -> Result<String> {
        let token = [&self.header, payload].concat();
        let signature = self.signing()?.sign(&token)?;
        text(finished(token, &signature))
    }

    /// A token with a signature that was made elsewhere, once that has been checked.
    pub(crate) fn finish(&self, signing_input: &[u8], signature: &[u8], format: SignatureFormat) -> Result<String> {
        let raw = match (format, self.algorithm.curve()) {
            (SignatureFormat::Raw, _) => signature.to_vec(),
            (SignatureFormat::Der, Some(curve)) => {
                ecdsa_from_der(signature, curve.coordinate_bytes()).ok_or_else(|| {
                    Error::invalid_argument("signature", "the signature is not a DER sequence of two integers")
                })?
            }
            (SignatureFormat::Der, None) => {
                let message = format!("only ECDSA signatures come as DER, and the algorithm is {}", self.algorithm);
                return Err(Error::invalid_argument("signature", message));
            }
        };
        // Another signer's header would name another key.
        if !signing_input.starts_with(&self.header) {
            return Err(Error::invalid_argument("prepared", "prepared by another signer"));
        }
        if self.verifying.verify(signing_input, &raw).is_err() {
            return Err(Error::new(Code::SignatureInvalid, "the signature does not fit what was prepared and the key"));
        }
        text(finished(signing_input.to_vec(), &raw))
    }

    fn signing(&self) -> Result<&SigningKey> {
        self.signing.as_deref().ok_or_else(|| {
            let message =
                "the key is public: sign with the private key, or with prepare and finish where a KMS holds it";
            Error::new(Code::KeyNotPrivate, message)
        })
    }
}

/// The length of a signature, where the algorithm says it (RFC 7518 section 3, RFC 8037 section 3.1): RSA's is the key's.
fn signature_bytes(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => Some(algorithm.hash_bytes()),
        Algorithm::EdDSA | Algorithm::Ed25519 => Some(64),
        _ => algorithm.curve().map(|curve| curve.coordinate_bytes().saturating_mul(2)),
    }
}

fn finished(mut token: Vec<u8>, signature: &[u8]) -> Vec<u8> {
    token.push(b'.');
    base64url::encode_to(signature, &mut token);
    token
}

/// The token as text, which only an unencoded payload can keep it from being.
pub(crate) fn text(token: Vec<u8>) -> Result<String> {
    String::from_utf8(token).map_err(|_| Error::invalid_argument("payload", "an unencoded payload must be UTF-8"))
}

/// `SEQUENCE { INTEGER r, INTEGER s }` (RFC 3279 section 2.2.3) as `R || S`, each padded to the length of a coordinate.
fn ecdsa_from_der(der: &[u8], coordinate: usize) -> Option<Vec<u8>> {
    use der::{Decode, asn1::UintRef};

    #[derive(der::Sequence)]
    struct Signature<'a> {
        r: UintRef<'a>,
        s: UintRef<'a>,
    }

    let signature = Signature::from_der(der).ok()?;
    let mut raw = Vec::with_capacity(coordinate.saturating_mul(2));
    for integer in [signature.r, signature.s] {
        let bytes = integer.as_bytes();
        raw.resize(raw.len().saturating_add(coordinate.checked_sub(bytes.len())?), 0);
        raw.extend_from_slice(bytes);
    }
    Some(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn der_signatures_are_padded_and_bounded() {
        let der = [0x30, 0x07, 0x02, 0x01, 0x05, 0x02, 0x02, 0x00, 0x80];
        assert_eq!(ecdsa_from_der(&der, 3), Some(vec![0, 0, 5, 0, 0, 0x80]));
        let long = [0x30, 0x0a, 0x02, 0x04, 1, 2, 3, 4, 0x02, 0x02, 0x00, 0x80];
        assert_eq!(ecdsa_from_der(&long, 3), None, "an integer longer than a coordinate");
        for bad in [&der[..8], &[0x30, 0x00], b"", &[0x30, 0x06, 0x02, 0x01, 0x80, 0x02, 0x01, 0x01]] {
            assert_eq!(ecdsa_from_der(bad, 32), None, "{bad:?}");
        }
    }
}
