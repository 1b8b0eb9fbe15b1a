//! Signatures over any bytes (RFC 7515, compact serialisation), without claims and their rules.
//!
//! For JSON Web Tokens use [`crate::Signer`] and [`crate::Verifier`]: what is verified here says nothing about expiry,
//! audience or issuer.

pub(crate) mod header;
pub(crate) mod keyring;
pub(crate) mod signing;

use std::fmt;

use header::Header;

use keyring::{Keyring, verify_any};
use signing::{HeaderWriter, JwsSigner};

use crate::algorithm::Algorithm;
use crate::encoding::base64url;
use crate::encoding::compact::Compact;
use crate::encoding::json::{Document, Parsed};
use crate::error::{Code, Error, Result};
use crate::jwk::{Key, Keys};
use crate::options;

/// The largest token that is read, in bytes. A detached payload does not count.
const MAX_TOKEN_BYTES: usize = 1 << 20;

/// How to sign.
#[derive(Clone, Debug)]
pub struct SignOptions<'a> {
    /// The algorithm, where the key would allow several.
    pub algorithm: Option<Algorithm>,
    /// Further header parameters, as the JSON text of an object.
    pub headers: Option<&'a str>,
    /// Leaves the payload out of the token (RFC 7515 appendix F).
    pub detached: bool,
    /// `false` signs the payload as it is instead of its base64url (RFC 7797), and says so in `b64` and `crit`. A
    /// payload that stays in the token must then be printable ASCII without a dot.
    pub b64: bool,
}

impl Default for SignOptions<'_> {
    fn default() -> Self {
        Self { algorithm: None, headers: None, detached: false, b64: true }
    }
}

/// How to verify.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions<'a> {
    /// The algorithms, narrowing what the keys allow.
    pub algorithms: Option<Vec<Algorithm>>,
    /// The payload, of a token that was signed detached.
    pub payload: Option<&'a [u8]>,
}

/// A payload whose signature is good, and the header that was signed with it.
pub struct Verified {
    payload: Vec<u8>,
    header: Parsed,
}

/// Signs a payload of any bytes.
///
/// ```
/// use authwright_core::{Algorithm, Key, jws};
///
/// let key = Key::generate(Algorithm::EdDSA, None, None)?;
/// let token = jws::sign(b"any bytes", &key, &jws::SignOptions::default())?;
/// let verified = jws::verify(&token, key.public_key()?, &jws::VerifyOptions::default())?;
/// assert_eq!(verified.payload(), b"any bytes");
/// # Ok::<(), authwright_core::Error>(())
/// ```
///
/// # Errors
/// `ERR_KEY_NOT_PRIVATE`, `ERR_KEY_MISMATCH`, `ERR_KEY_TOO_WEAK`; `ERR_INVALID_ARGUMENT` for headers that are set
/// otherwise and for an unencoded payload that cannot stand in a token.
pub fn sign(payload: &[u8], key: &Key, options: &SignOptions<'_>) -> Result<String> {
    let mut header = HeaderWriter::new();
    if let Some(headers) = options.headers {
        header.others(options::parse(headers, "headers")?.document(), &[])?;
    }
    if !options.b64 {
        header.unencoded();
    }
    let signer = JwsSigner::new(key, options.algorithm, header, false)?;
    if options.detached {
        return signer.sign_detached(payload, options.b64);
    }
    if options.b64 {
        return signing::text(signer.sign(payload)?);
    }
    // RFC 7797 section 5.2: what could not be told from the token around it must be detached.
    if payload.iter().any(|byte| *byte == b'.' || !(0x20..0x7f).contains(byte)) {
        let message = "an unencoded payload in a token must be printable ASCII without a dot: sign it detached";
        return Err(Error::invalid_argument("payload", message));
    }
    signer.sign_unencoded(payload)
}

/// Verifies a token and returns its payload.
///
/// # Errors
/// The checks and their codes are those of [`crate::Verifier`], up to the signature. `ERR_TOKEN_MALFORMED` (payload)
/// when a detached payload is given for a token that brings its own; a detached token without one is
/// `ERR_SIGNATURE_INVALID` unless its payload is empty.
pub fn verify(token: impl AsRef<[u8]>, keys: impl Into<Keys>, options: &VerifyOptions<'_>) -> Result<Verified> {
    let token = token.as_ref();
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Error::new(Code::TokenTooLarge, format!("the token is longer than {MAX_TOKEN_BYTES} bytes")));
    }
    let compact = Compact::split(token)?;
    if options.payload.is_some() && !compact.payload.is_empty() {
        let message = "the token brings its payload, and a detached one is expected";
        return Err(Error::new(Code::TokenMalformed, message).at("payload"));
    }
    let parsed = header::decode(compact.header)?;
    let header = Header::new(parsed.document());
    header.check_critical(&["b64"])?;
    let encoded = header.is_encoded()?;
    let algorithm = header.algorithm()?;
    let kid = header.key_id()?;
    // Only the algorithm that the token asks for is worth preparing keys for.
    let allowed = match &options.algorithms {
        Some(list) if !list.iter().any(|one| one.canonical() == algorithm.canonical()) => {
            let message = format!("the token's alg {algorithm} is not one of the allowed algorithms");
            return Err(Error::new(Code::AlgorithmNotAllowed, message).at("alg"));
        }
        _ => [algorithm],
    };
    let keyring = Keyring::new(keys.into(), Some(&allowed), false).map_err(|error| {
        // A key that does not do the token's algorithm is, seen from the token, an algorithm that is not allowed.
        if error.field() == Some("algorithms") {
            let message = format!("the token's alg {algorithm} is not one that the key allows");
            return Error::new(Code::AlgorithmNotAllowed, message).at("alg");
        }
        error
    })?;
    let keys = keyring.candidates(algorithm, kid.as_deref())?;
    let payload = match options.payload {
        None => {
            verify_any(&keys, compact.signing_input, compact.signature)?;
            if encoded {
                base64url::decode(compact.payload).ok_or_else(|| {
                    Error::new(Code::TokenEncoding, "the payload segment is not canonical base64url without padding")
                })?
            } else {
                compact.payload.to_vec()
            }
        }
        Some(detached) => {
            let mut input = [compact.header, b"."].concat();
            if encoded {
                base64url::encode_to(detached, &mut input);
            } else {
                input.extend_from_slice(detached);
            }
            verify_any(&keys, &input, compact.signature)?;
            detached.to_vec()
        }
    };
    Ok(Verified { payload, header: parsed })
}

impl Verified {
    /// The payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> Document<'_> {
        self.header.document()
    }

    /// The header as the JSON text that was signed.
    #[must_use]
    pub fn header_json(&self) -> &str {
        self.header().text()
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Verified(header {})", self.header_json())
    }
}
