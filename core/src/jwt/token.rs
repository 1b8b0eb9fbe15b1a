//! What a verification returns, and what decoding without one does.

use std::fmt;

use serde::Deserialize;

use crate::encoding::base64url;
use crate::encoding::compact::Compact;
use crate::encoding::json::{Document, Node, Parsed, scan};
use crate::error::{Code, Error, Result};
use crate::jws::header;

/// A verified token: its signature and claims fulfil the verifier's keys and policy.
///
/// Only a [`crate::Verifier`] makes one, so a function that takes a `Token` cannot be given an unchecked one.
/// The claims are as the issuer wrote them; what the policy did not ask for, nobody has checked.
pub struct Token(Decoded);

/// A token that nobody has verified. Its claims are whatever its sender liked to write.
///
/// Another type than [`Token`], so that it cannot be passed on as one.
pub struct UnverifiedToken(Decoded);

/// Header and claims in one text with one tape, the header first: two allocations, and nothing shared between threads.
/// A NUL follows each of them, so that C reads them where they are.
struct Decoded {
    text: String,
    tape: Vec<Node>,
    /// The length of the header, with its NUL.
    header_text: usize,
    header_tape: usize,
}

impl Token {
    /// The claims of a payload segment whose signature is good, beside their header.
    pub(super) fn decode(header: &Parsed, payload: &[u8]) -> Result<Self> {
        Decoded::new(header, payload).map(Self)
    }

    /// The claims.
    #[must_use]
    pub fn claims(&self) -> Document<'_> {
        self.0.claims()
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> Document<'_> {
        self.0.header()
    }

    /// The claims as the JSON text that was signed.
    #[must_use]
    pub fn claims_json(&self) -> &str {
        self.claims().text()
    }

    /// The header as the JSON text that was signed.
    #[must_use]
    pub fn header_json(&self) -> &str {
        self.header().text()
    }

    /// [`Self::claims_json`] and the NUL behind it: for C, which reads up to there.
    #[must_use]
    pub fn claims_json_nul(&self) -> &str {
        self.0.claims_nul()
    }

    /// [`Self::header_json`] and the NUL behind it.
    #[must_use]
    pub fn header_json_nul(&self) -> &str {
        self.0.header_nul()
    }

    /// The claims as a type of the program's own. Strings without escapes can be borrowed.
    ///
    /// # Errors
    /// `ERR_CLAIM_TYPE` or `ERR_CLAIM_MISSING` when the type asks for something else than the token holds.
    pub fn claims_as<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        self.claims().deserialize()
    }
}

impl UnverifiedToken {
    /// The claims: unverified.
    #[must_use]
    pub fn claims(&self) -> Document<'_> {
        self.0.claims()
    }

    /// The header: unverified.
    #[must_use]
    pub fn header(&self) -> Document<'_> {
        self.0.header()
    }

    /// The claims as JSON text: unverified.
    #[must_use]
    pub fn claims_json(&self) -> &str {
        self.claims().text()
    }

    /// The header as JSON text: unverified.
    #[must_use]
    pub fn header_json(&self) -> &str {
        self.header().text()
    }

    /// [`Self::claims_json`] and the NUL behind it: for C, which reads up to there.
    #[must_use]
    pub fn claims_json_nul(&self) -> &str {
        self.0.claims_nul()
    }

    /// [`Self::header_json`] and the NUL behind it.
    #[must_use]
    pub fn header_json_nul(&self) -> &str {
        self.0.header_nul()
    }
}

/// Decodes a token and checks **nothing**: neither signature nor expiry nor audience. For looking at tokens in tools
/// and logs; what it returns must never decide who somebody is.
///
/// # Errors
/// `ERR_TOKEN_TOO_LARGE` above 1 MiB, `ERR_TOKEN_MALFORMED`, `ERR_TOKEN_ENCODING`, `ERR_TOKEN_JSON`.
pub fn dangerous_decode(token: impl AsRef<[u8]>) -> Result<UnverifiedToken> {
    const MAX_BYTES: usize = 1 << 20;
    let token = token.as_ref();
    if token.len() > MAX_BYTES {
        return Err(Error::new(Code::TokenTooLarge, format!("the token is longer than {MAX_BYTES} bytes")));
    }
    let compact = Compact::split(token)?;
    Decoded::new(&header::decode(compact.header)?, compact.payload).map(UnverifiedToken)
}

impl Decoded {
    fn new(header: &Parsed, payload: &[u8]) -> Result<Self> {
        let (header_text, header_tape) = (header.document().text(), header.tape());
        let mut bytes = Vec::with_capacity(header_text.len().saturating_add(payload.len()).saturating_add(2));
        bytes.extend_from_slice(header_text.as_bytes());
        bytes.push(0);
        let header_end = bytes.len();
        base64url::decode_to(payload, &mut bytes).ok_or_else(|| {
            Error::new(Code::TokenEncoding, "the payload segment is not canonical base64url without padding")
        })?;
        bytes.push(0);
        // A cut inside a character is impossible: the header is UTF-8 by itself.
        let text = String::from_utf8(bytes).map_err(|_| Error::new(Code::TokenJson, "the claims are not UTF-8"))?;
        let claims = before_nul(text.get(header_end..));
        let mut tape = Vec::with_capacity(header_tape.len().saturating_add(claims.len() / 10).saturating_add(8));
        tape.extend_from_slice(header_tape);
        scan(claims, &mut tape)
            .map_err(|fault| Error::new(Code::TokenJson, format!("the claims are not strict JSON: {fault}")))?;
        Ok(Self { header_text: header_end, header_tape: header_tape.len(), text, tape })
    }

    fn header(&self) -> Document<'_> {
        Document::new(before_nul(Some(self.header_nul())), self.tape.get(..self.header_tape).unwrap_or(&[]))
    }

    fn claims(&self) -> Document<'_> {
        Document::new(before_nul(Some(self.claims_nul())), self.tape.get(self.header_tape..).unwrap_or(&[]))
    }

    fn header_nul(&self) -> &str {
        self.text.get(..self.header_text).unwrap_or("\0")
    }

    fn claims_nul(&self) -> &str {
        self.text.get(self.header_text..).unwrap_or("\0")
    }
}

fn before_nul(text: Option<&str>) -> &str {
    text.and_then(|text| text.strip_suffix('\0')).unwrap_or("")
}

// Claims are personal data: they do not get into a log by accident.
impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Token(header {})", self.header_json())
    }
}

impl fmt::Debug for UnverifiedToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UnverifiedToken(header {})", self.header_json())
    }
}
