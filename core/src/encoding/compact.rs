//! The JWS compact serialisation (RFC 7515 section 7.1): three segments, two dots.

use crate::error::{Code, Error, Result};

/// A token cut at its dots. Nothing is decoded yet.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'a> {
    pub(crate) header: &'a [u8],
    pub(crate) payload: &'a [u8],
    pub(crate) signature: &'a [u8],
    /// `header.payload`: the bytes that were signed.
    pub(crate) signing_input: &'a [u8],
}

impl<'a> Compact<'a> {
    /// Cuts the token. The work is bounded however many dots there are: looking stops at the third.
    pub(crate) fn split(token: &'a [u8]) -> Result<Self> {
        Self::cut(token).ok_or_else(|| malformed(token))
    }

    fn cut(token: &'a [u8]) -> Option<Self> {
        let first = memchr::memchr(b'.', token)?;
        let (header, rest) = (token.get(..first)?, token.get(first.checked_add(1)?..)?);
        let second = memchr::memchr(b'.', rest)?;
        let (payload, signature) = (rest.get(..second)?, rest.get(second.checked_add(1)?..)?);
        if header.is_empty() || memchr::memchr(b'.', signature).is_some() {
            return None;
        }
        let signing_input = token.get(..first.checked_add(1)?.checked_add(second)?)?;
        Some(Self { header, payload, signature, signing_input })
    }
}

/// Says what the text looks like instead, because this is the first error that everybody meets.
#[cold]
fn malformed(token: &[u8]) -> Error {
    let trimmed = token.trim_ascii_start();
    let message = if token.is_empty() {
        "the token is empty"
    } else if trimmed.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"Bearer ")) {
        "the token starts with `Bearer `: pass what follows it"
    } else if trimmed.first() == Some(&b'{') {
        "this is a JSON serialisation: only the compact serialisation is read"
    } else {
        // Five segments are an encrypted token (RFC 7516 section 7.1). Counting stops early on a flood of dots.
        match memchr::memchr_iter(b'.', token).take(5).count() {
            4 => "this is an encrypted token (JWE): only signed tokens (JWS) are read",
            2 => "the token's header segment is empty",
            _ => "a token has exactly three segments, separated by dots",
        }
    };
    Error::new(Code::TokenMalformed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_segments_are_cut() {
        let compact = Compact::split(b"aa.bbb.c").unwrap();
        assert_eq!(compact.header, b"aa");
        assert_eq!(compact.payload, b"bbb");
        assert_eq!(compact.signature, b"c");
        assert_eq!(compact.signing_input, b"aa.bbb");
        assert!(Compact::split(b"a..").is_ok(), "an empty payload and an empty signature are judged later");
    }

    #[test]
    fn everything_else_is_malformed_and_told_apart() {
        for (token, part) in [
            ("", "empty"),
            ("a", "three segments"),
            ("a.b", "three segments"),
            (".b.c", "header segment"),
            ("a.b.c.d", "three segments"),
            ("a.b.c.d.e", "encrypted"),
            ("a.b.c.d.e.f", "three segments"),
            ("Bearer a.b", "Bearer"),
            ("{\"payload\":\"\"}", "JSON serialisation"),
        ] {
            let error = Compact::split(token.as_bytes()).err().unwrap();
            assert_eq!(error.code(), Code::TokenMalformed, "{token}");
            assert!(error.message().contains(part), "{token}: {error}");
        }
    }
}
