//! The protected header (RFC 7515 section 4) of a token that is being verified.
//!
//! Keys that a header brings or points to (`jwk`, `x5c`, `jku`, `x5u`) are never looked at: whoever made the token
//! made them.

use std::borrow::Cow;

use crate::algorithm::Algorithm;
use crate::encoding::base64url;
use crate::encoding::json::{Document, Parsed, Value};
use crate::error::{Code, Error, Excerpt, Result};

/// Decodes a header segment.
pub(crate) fn decode(segment: &[u8]) -> Result<Parsed> {
    let Some(bytes) = base64url::decode(segment) else {
        let message = if segment.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"Bearer ")) {
            "the token starts with `Bearer `: pass what follows it"
        } else {
            "the header segment is not canonical base64url without padding"
        };
        return Err(Error::new(Code::TokenEncoding, message));
    };
    let text = String::from_utf8(bytes).map_err(|_| Error::new(Code::TokenJson, "the header is not UTF-8"))?;
    Parsed::new(text).map_err(|fault| Error::new(Code::TokenJson, format!("the header is not strict JSON: {fault}")))
}

/// What choosing a key needs of a header.
pub(crate) struct Header<'a> {
    document: Document<'a>,
}

impl<'a> Header<'a> {
    pub(crate) fn new(document: Document<'a>) -> Self {
        Self { document }
    }

    /// `alg`. A name that is not one of [`Algorithm`]'s, `none` in every spelling included, is not allowed.
    pub(crate) fn algorithm(&self) -> Result<Algorithm> {
        let malformed = |message| Error::new(Code::TokenMalformed, message).at("alg");
        let value = self.document.get("alg").ok_or_else(|| malformed("the header has no alg"))?;
        let name = value.as_str().ok_or_else(|| malformed("the header's alg is not a string"))?.to_str();
        Algorithm::from_name(&name).ok_or_else(|| {
            Error::new(
                Code::AlgorithmNotAllowed,
                format!("the token's alg {} is not an algorithm of authwright", Excerpt(&name)),
            )
            .at("alg")
        })
    }

    /// `kid`.
    pub(crate) fn key_id(&self) -> Result<Option<Cow<'a, str>>> {
        match self.document.get("kid") {
            None => Ok(None),
            Some(Value::String(kid)) => Ok(Some(kid.to_str())),
            Some(_) => Err(Error::new(Code::TokenMalformed, "the header's kid is not a string").at("kid")),
        }
    }

    /// Refuses a `crit` that is malformed, or names an extension that is not in `understood`, or one that the header
    /// does not have (RFC 7515 section 4.1.11).
    pub(crate) fn check_critical(&self, understood: &[&str]) -> Result<()> {
        let critical = |message: String| Error::new(Code::TokenCritical, message).at("crit");
        let names = match self.document.get("crit") {
            None => return Ok(()),
            Some(Value::Array(names)) => names,
            Some(_) => return Err(critical("the header's crit is not a list".to_owned())),
        };
        if names.is_empty() {
            return Err(critical("the header's crit is empty".to_owned()));
        }
        let mut seen = Vec::new();
        for name in names {
            let Value::String(name) = name else {
                return Err(critical("the header's crit names something that is not a string".to_owned()));
            };
            let name = name.to_str();
            // A registered parameter is not an extension, so it is never in `understood`.
            let Some(known) = understood.iter().find(|known| **known == name) else {
                return Err(critical(format!("the header's crit names {}, which is not understood", Excerpt(&name))));
            };
            if seen.contains(known) {
                return Err(critical(format!("the header's crit names {name:?} twice")));
            }
            if self.document.get(known).is_none() {
                return Err(critical(format!("the header's crit names {name:?}, which the header does not have")));
            }
            seen.push(*known);
        }
        Ok(())
    }

    /// Whether the payload is base64url: `b64` is a boolean, and `false` only where `crit` names it (RFC 7797 section
    /// 6). So a token whose `crit` may not name it, as a JWT's may not (section 7), is always encoded.
    pub(crate) fn is_encoded(&self) -> Result<bool> {
        match self.document.get("b64") {
            None | Some(Value::Bool(true)) => Ok(true),
            Some(Value::Bool(false)) if self.document.get("crit").is_some() => Ok(false),
            Some(Value::Bool(false)) => {
                Err(Error::new(Code::TokenCritical, "the header has b64 false and no crit that names it").at("crit"))
            }
            Some(_) => Err(Error::new(Code::TokenCritical, "the header's b64 is not a boolean").at("b64")),
        }
    }

    /// Refuses a `typ` that is there and none of `expected`.
    pub(crate) fn check_type_if_present(&self, expected: &[&str]) -> Result<()> {
        match self.document.get("typ") {
            None => Ok(()),
            Some(found) => check_type(found, expected),
        }
    }

    /// Refuses a `typ` that is none of `expected`; an empty list expects nothing.
    pub(crate) fn check_type(&self, expected: &[String]) -> Result<()> {
        if expected.is_empty() {
            return Ok(());
        }
        let missing = || Error::new(Code::TokenType, "the header has no typ, and one is expected").at("typ");
        check_type(self.document.get("typ").ok_or_else(missing)?, expected)
    }
}

fn check_type<S: AsRef<str>>(found: Value<'_>, expected: &[S]) -> Result<()> {
    let wrong = |message| Error::new(Code::TokenType, message).at("typ");
    let found = found.as_str().ok_or_else(|| wrong("the header's typ is not a string".to_owned()))?.to_str();
    if expected.iter().any(|one| media_type(one.as_ref()).eq_ignore_ascii_case(media_type(&found))) {
        return Ok(());
    }
    Err(wrong(format!("the token's typ {} is not an expected one", Excerpt(&found))))
}

/// The name without the `application/` that RFC 7515 section 4.1.9 lets a producer leave out. Case is folded in ASCII
/// only: U+212A (the Kelvin sign) is not a k.
fn media_type(name: &str) -> &str {
    const PREFIX: &str = "application/";
    match (name.get(..PREFIX.len()), name.get(PREFIX.len()..)) {
        (Some(prefix), Some(rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => rest,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_compare_with_or_without_application() {
        let check = |typ: &str, expected: &str| {
            let parsed = Parsed::new(format!("{{\"typ\":\"{typ}\"}}")).unwrap();
            Header::new(parsed.document()).check_type(&[expected.to_owned()]).is_ok()
        };
        assert!(check("at+jwt", "at+jwt"));
        assert!(check("application/at+jwt", "AT+JWT"));
        assert!(check("AT+jwt", "Application/at+jwt"));
        assert!(!check("JWT", "at+jwt"));
        assert!(!check("\u{212a}wt", "kwt"));
        assert!(!check("text/jwt", "jwt"));
    }

    #[test]
    fn critical_names_are_enforced() {
        let check = |header: &str| {
            let parsed = Parsed::new(header.to_owned()).unwrap();
            Header::new(parsed.document()).check_critical(&["b64"]).is_ok()
        };
        assert!(check("{}"));
        assert!(check(r#"{"crit":["b64"],"b64":true}"#));
        for refused in [
            r#"{"crit":[]}"#,
            r#"{"crit":"b64","b64":true}"#,
            r#"{"crit":["b64"]}"#,
            r#"{"crit":["b64","b64"],"b64":true}"#,
            r#"{"crit":[1],"b64":true}"#,
            r#"{"crit":["alg"],"alg":"HS256"}"#,
            r#"{"crit":["exp"],"exp":1}"#,
            r#"{"crit":null}"#,
        ] {
            assert!(!check(refused), "{refused}");
        }
    }
}
