//! Reading what a token endpoint answers: RFC 6749 section 5, and what providers make of it.

use std::fmt;

use zeroize::Zeroizing;

use super::answer::{failed, invalid, media_type, refusal};
use super::leniency::Leniency;
use crate::encoding::form;
use crate::encoding::json::{Document, Node, Value, scan};
use crate::encoding::json_write::member;
use crate::error::{Answer, Code, Error, Excerpt, Result};
use crate::operation::Response;

/// No token is longer: it has to fit into a header.
const MOST_TOKEN_BYTES: usize = 65_536;

/// No lifetime is longer, in seconds: 68 years. What is has another meaning than a lifetime.
const MOST_SECONDS: u64 = 1 << 31;

/// The tokens that a token endpoint issued.
pub(super) struct TokenResponse {
    pub(super) access_token: Zeroizing<String>,
    /// `Bearer` or `DPoP`, however the provider wrote it (RFC 6749 section 5.1: case-insensitive).
    pub(super) token_type: &'static str,
    pub(super) refresh_token: Option<Zeroizing<String>>,
    /// In seconds, from the time of the answer.
    pub(super) expires_in: Option<u64>,
    /// What was granted; none means what was asked for (RFC 6749 section 5.1).
    pub(super) scope: Option<Vec<String>>,
    pub(super) id_token: Option<Zeroizing<String>>,
    pub(super) leniencies: Vec<Leniency>,
}

/// Reads the answer. `strict` refuses what would be a leniency otherwise, as `ERR_RESPONSE_INVALID` at the member.
///
/// An error of the endpoint's, whatever its status, is `ERR_GRANT_REFUSED`; another status than success without one is
/// `ERR_RESPONSE_STATUS`; tokens that cannot be used are `ERR_RESPONSE_INVALID`.
pub(super) fn read(response: &Response, strict: bool) -> Result<TokenResponse> {
    let body = Body::read(response);
    // A redirect is no answer of the endpoint's, whatever it carries.
    if !(300..400).contains(&response.status)
        && let Ok(body) = &body
        && let Some(answer) = refusal(body.document(), response.status)
    {
        return Err(refused(answer));
    }
    if !matches!(response.status, 200 | 201) {
        return Err(failed(response, "tokens"));
    }
    let body = body?;
    let mut reader =
        Reader { response, members: body.document(), is_form: body.is_form, strict, leniencies: Vec::new() };
    if response.status == 201 {
        reader.allow(Leniency::Status201)?;
    }
    body.leniency.map_or(Ok(()), |leniency| reader.allow(leniency))?;
    if reader.members.get("error").is_some() {
        reader.allow(Leniency::ErrorEmpty)?;
    }
    let access_token = match reader.members.get("access_token") {
        Some(value) => reader.token("access_token", value)?,
        None => return Err(reader.wrong("access_token", "is missing")),
    };
    let token_type = reader.token_type()?;
    let refresh_token = reader.optional_token("refresh_token", Leniency::RefreshTokenEmpty)?;
    let expires_in = reader.expires_in()?;
    let scope = reader.scope()?;
    let id_token = reader.optional_token("id_token", Leniency::IdTokenEmpty)?;
    let leniencies = reader.leniencies;
    Ok(TokenResponse { access_token, token_type, refresh_token, expires_in, scope, id_token, leniencies })
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenResponse")
            .field("token_type", &self.token_type)
            .field("expires_in", &self.expires_in)
            .field("scope", &self.scope)
            .field("leniencies", &self.leniencies)
            .finish_non_exhaustive()
    }
}

/// The endpoint's refusal as an error.
fn refused(answer: Answer) -> Error {
    let message = match answer.error.as_deref().filter(|error| is_word(error)) {
        Some(error) => format!("the token endpoint refused: {error}"),
        None => "the token endpoint refused".to_owned(),
    };
    Error::new(Code::GrantRefused, message).answered(answer)
}

/// Whether a text looks like a name of the protocol's. Messages show nothing else of an answer: a provider that mixes
/// its members up may have put a token there.
fn is_word(text: &str) -> bool {
    text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'))
}

/// An answer's body as a strict JSON object.
struct Body {
    text: Zeroizing<String>,
    tape: Vec<Node>,
    is_form: bool,
    /// How it deviates from `application/json`.
    leniency: Option<Leniency>,
}

impl Body {
    fn read(response: &Response) -> Result<Self> {
        let text = std::str::from_utf8(&response.body)
            .map_err(|_| invalid(response, "the token response is not UTF-8".to_owned()))?;
        let media_type = media_type(response);
        let is_json = media_type.eq_ignore_ascii_case("application/json")
            || media_type.len() > 5 && media_type.to_ascii_lowercase().ends_with("+json");
        let (text, is_form, leniency) = match form_as_json(text) {
            Some(json) => (json, true, Some(Leniency::FormEncoded)),
            None => (Zeroizing::new(text.to_owned()), false, (!is_json).then_some(Leniency::ContentType)),
        };
        let mut tape = Vec::new();
        scan(&text, &mut tape).map_err(|fault| {
            let came_as = Excerpt(media_type);
            invalid(
                response,
                format!("the token response, {came_as}, is neither a strict JSON object nor a form: {fault}"),
            )
        })?;
        Ok(Self { text, tape, is_form, leniency })
    }

    fn document(&self) -> Document<'_> {
        Document::new(&self.text, &self.tape)
    }
}

/// The JSON object that a form amounts to, if the text is a form of tokens or of an error. What could be JSON or HTML
/// never is.
fn form_as_json(text: &str) -> Option<Zeroizing<String>> {
    let text = text.trim_ascii();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!*'(),;:@/?$+%&=".contains(&byte);
    if !text.bytes().all(is_plain) {
        return None;
    }
    let pairs = Zeroizing::new(form::decode(text)?);
    if !pairs.iter().any(|(name, _)| name == "access_token" || name == "error") {
        return None;
    }
    let members: Vec<String> =
        pairs.iter().map(|(name, value)| member(name, &serde_json::Value::from(value.as_str()).to_string())).collect();
    Some(Zeroizing::new(format!("{{{}}}", Zeroizing::new(members).join(","))))
}

/// Reads the members, and keeps which leniencies that took.
struct Reader<'a> {
    response: &'a Response,
    members: Document<'a>,
    is_form: bool,
    strict: bool,
    leniencies: Vec<Leniency>,
}

impl Reader<'_> {
    fn allow(&mut self, leniency: Leniency) -> Result<()> {
        if self.strict {
            let message = format!("the token response deviates from RFC 6749: {leniency}");
            return Err(invalid(self.response, message).at(leniency.field()));
        }
        self.leniencies.push(leniency);
        Ok(())
    }

    #[cold]
    fn wrong(&self, name: &'static str, problem: &str) -> Error {
        invalid(self.response, format!("the token response's {name} {problem}")).at(name)
    }

    /// A token: visible characters (RFC 6749 sections A.12 and A.17).
    fn token(&self, name: &'static str, value: Value<'_>) -> Result<Zeroizing<String>> {
        let Value::String(text) = value else {
            return Err(self.wrong(name, &format!("is {}, not a string", value.type_name())));
        };
        let text = Zeroizing::new(text.to_str().into_owned());
        if text.is_empty() {
            return Err(self.wrong(name, "is empty"));
        }
        if text.len() > MOST_TOKEN_BYTES {
            return Err(self.wrong(name, &format!("is longer than {MOST_TOKEN_BYTES} bytes")));
        }
        if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(self.wrong(name, "has characters that a token cannot have"));
        }
        Ok(text)
    }

    fn optional_token(&mut self, name: &'static str, leniency: Leniency) -> Result<Option<Zeroizing<String>>> {
        match self.members.get(name) {
            None => Ok(None),
            Some(value) if is_empty(value) => self.allow(leniency).map(|()| None),
            Some(value) => self.token(name, value).map(Some),
        }
    }

    fn token_type(&mut self) -> Result<&'static str> {
        let text = match self.members.get("token_type") {
            Some(Value::String(text)) if !text.raw().is_empty() => text.to_str(),
            None | Some(Value::String(_) | Value::Null) => {
                return self.allow(Leniency::TokenTypeMissing).map(|()| "Bearer");
            }
            Some(other) => return Err(self.wrong("token_type", &format!("is {}", other.type_name()))),
        };
        // What is unknown must not be sent as a bearer token: it may need a proof (RFC 6749 section 7.1).
        match ["Bearer", "DPoP"].into_iter().find(|known| known.eq_ignore_ascii_case(&text)) {
            Some(known) => Ok(known),
            None if is_word(&text) => Err(self.wrong("token_type", &format!("is {text}, not Bearer or DPoP"))),
            None => Err(self.wrong("token_type", "is not Bearer or DPoP")),
        }
    }

    fn expires_in(&mut self) -> Result<Option<u64>> {
        let seconds = match self.members.get("expires_in") {
            None => return Ok(None),
            Some(value) if is_empty(value) => return self.allow(Leniency::ExpiresInEmpty).map(|()| None),
            Some(Value::Number(number)) if number.is_integer() => {
                number.as_i64().and_then(|seconds| u64::try_from(seconds).ok())
            }
            Some(Value::Number(number)) => {
                let seconds = number.as_f64();
                let is_in_range = (0.0..=MOST_SECONDS as f64).contains(&seconds);
                if is_in_range {
                    self.allow(Leniency::ExpiresInFraction)?;
                }
                is_in_range.then_some(seconds as u64)
            }
            Some(Value::String(text)) => {
                let text = text.to_str();
                let seconds = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
                if seconds.is_some() && !self.is_form {
                    self.allow(Leniency::ExpiresInString)?;
                }
                seconds
            }
            Some(other) => return Err(self.wrong("expires_in", &format!("is {}, not a number", other.type_name()))),
        };
        match seconds.filter(|seconds| *seconds <= MOST_SECONDS) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(self.wrong("expires_in", "is not a number of seconds, at most 2^31")),
        }
    }

    fn scope(&mut self) -> Result<Option<Vec<String>>> {
        let scope: Vec<String> = match self.members.get("scope") {
            None => return Ok(None),
            Some(Value::Null) => return self.allow(Leniency::ScopeNull).map(|()| None),
            Some(Value::String(text)) => {
                let text = text.to_str();
                let has_commas = text.contains(',') && !text.contains(' ');
                if text.is_empty() {
                    self.allow(Leniency::ScopeEmpty)?;
                }
                if has_commas {
                    self.allow(Leniency::ScopeCommas)?;
                }
                split(&text, if has_commas { ',' } else { ' ' }).collect()
            }
            Some(Value::Array(list)) => {
                self.allow(Leniency::ScopeArray)?;
                let mut scope = Vec::new();
                for value in list {
                    let Value::String(text) = value else {
                        return Err(self.wrong("scope", &format!("has {} in its list", value.type_name())));
                    };
                    scope.extend(split(&text.to_str(), ' '));
                }
                scope
            }
            Some(other) => return Err(self.wrong("scope", &format!("is {}, not a string", other.type_name()))),
        };
        if scope.iter().any(|name| name.contains(char::is_control)) {
            return Err(self.wrong("scope", "has control characters"));
        }
        Ok(Some(scope))
    }
}

fn split(text: &str, separator: char) -> impl Iterator<Item = String> {
    text.split(separator).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// What some write for a member that they do not have.
fn is_empty(value: Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.raw().is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response::new(status, headers, body.as_bytes().to_vec())
    }

    /// An answer that is good but for these members.
    fn with(members: &str) -> Response {
        response(200, JSON, &format!(r#"{{"access_token":"at-1","token_type":"Bearer",{members}}}"#))
    }

    /// What is read leniently, and refused strictly at the right field.
    fn lenient(response: &Response, leniency: Leniency) -> TokenResponse {
        let error = read(response, true).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::ResponseInvalid, Some(leniency.field())), "{error}");
        assert_eq!(error.http_status(), Some(response.status));
        let tokens = read(response, false).unwrap();
        assert_eq!(tokens.leniencies, [leniency]);
        tokens
    }

    fn refused_at(response: &Response, field: &str) {
        for strict in [false, true] {
            let error = read(response, strict).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::ResponseInvalid, Some(field)), "{error}");
        }
    }

    #[test]
    fn what_the_rfc_says_is_read_without_leniency() {
        let body = r#"{"access_token":"at-1","token_type":"bearer","expires_in":3600,"refresh_token":"rt-1",
            "scope":"openid  email","id_token":"a.b.c","other":{"x":1}}"#;
        let headers: &[(&str, &str)] = &[("content-type", "application/json;charset=UTF-8")];
        let tokens = read(&response(200, headers, body), true).unwrap();
        assert_eq!(
            (tokens.access_token.as_str(), tokens.token_type, tokens.expires_in),
            ("at-1", "Bearer", Some(3600))
        );
        assert_eq!(tokens.refresh_token.as_ref().unwrap().as_str(), "rt-1");
        assert_eq!(tokens.id_token.as_ref().unwrap().as_str(), "a.b.c");
        assert_eq!(tokens.scope.as_deref().unwrap(), ["openid", "email"]);
        assert_eq!(tokens.leniencies, []);
        let shown = format!("{tokens:?}");
        assert!(["at-1", "rt-1", "a.b.c"].iter().all(|secret| !shown.contains(secret)), "{shown}");

        let tokens = read(&response(200, JSON, r#"{"access_token":"a b","token_type":"DPOP"}"#), true).unwrap();
        assert_eq!((tokens.token_type, tokens.expires_in, tokens.scope), ("DPoP", None, None));
        assert!(tokens.refresh_token.is_none() && tokens.id_token.is_none());
        let headers: &[(&str, &str)] = &[("content-type", "application/vnd.example+JSON")];
        read(&response(200, headers, r#"{"access_token":"a","token_type":"Bearer"}"#), true).unwrap();
    }

    #[test]
    fn statuses() {
        let body = r#"{"access_token":"at-1","token_type":"Bearer"}"#;
        lenient(&response(201, JSON, body), Leniency::Status201);
        for status in [0, 100, 202, 204, 301, 302, 303, 307, 308, 400, 403, 500, 502, 999] {
            let error = read(&response(status, JSON, body), false).unwrap_err();
            assert_eq!((error.code(), error.http_status()), (Code::ResponseStatus, Some(status)));
            assert!(!error.message().contains("at-1"));
        }
        for (status, body) in [(400, ""), (502, "<html>Bad Gateway</html>"), (404, "error"), (500, "[]"), (503, "{}")] {
            let error = read(&response(status, &[("Content-Type", "text/html")], body), false).unwrap_err();
            assert_eq!((error.code(), error.provider_error()), (Code::ResponseStatus, None), "{body}");
        }
        let error = read(&response(307, JSON, r#"{"error":"invalid_grant"}"#), false).unwrap_err();
        assert_eq!(error.code(), Code::ResponseStatus);
        assert!(error.message().contains("redirects are not followed"));
    }

    #[test]
    fn errors_are_refusals_whatever_the_status() {
        for (status, body, word, description) in [
            (400, r#"{"error":"invalid_grant","error_description":"gone"}"#, Some("invalid_grant"), Some("gone")),
            (401, r#"{"error":"invalid_client"}"#, Some("invalid_client"), None),
            (403, r#"{"error":"access_denied"}"#, Some("access_denied"), None),
            (503, r#"{"error":"temporarily_unavailable"}"#, Some("temporarily_unavailable"), None),
            // GitHub.
            (
                200,
                r#"{"error":"bad_verification_code","error_description":"expired"}"#,
                Some("bad_verification_code"),
                Some("expired"),
            ),
            (
                200,
                "error=bad_verification_code&error_description=The+code",
                Some("bad_verification_code"),
                Some("The code"),
            ),
            (400, "error=invalid_request\n", Some("invalid_request"), None),
            // Slack.
            (200, r#"{"ok":false,"error":"invalid_code"}"#, Some("invalid_code"), None),
            (200, r#"{"ok":false}"#, None, None),
            // Facebook.
            (
                400,
                r#"{"error":{"message":"Code was used","type":"OAuthException","code":100,"fbtrace_id":"x"}}"#,
                Some("OAuthException"),
                Some("Code was used"),
            ),
            (
                200,
                r#"{"error":{"code":401,"message":"m","status":"UNAUTHENTICATED"}}"#,
                Some("UNAUTHENTICATED"),
                Some("m"),
            ),
            (200, r#"{"access_token":"at-1","token_type":"Bearer","error":true}"#, None, None),
            (
                201,
                r#"{"access_token":"at-1","token_type":"Bearer","error":"server_error"}"#,
                Some("server_error"),
                None,
            ),
        ] {
            let error = read(&response(status, JSON, body), false).unwrap_err();
            assert_eq!((error.code(), error.http_status()), (Code::GrantRefused, Some(status)), "{body}");
            assert_eq!((error.provider_error(), error.provider_error_description()), (word, description), "{body}");
        }
        for nothing in ["null", "false", "\"\""] {
            lenient(&with(&format!(r#""error":{nothing}"#)), Leniency::ErrorEmpty);
        }
        let error = read(&response(400, JSON, r#"{"error":"the token eyJhbGciOi is bad"}"#), false).unwrap_err();
        assert!(!error.message().contains("eyJ"), "{error}");
    }

    #[test]
    fn content_types() {
        let body = r#"{"access_token":"at-1","token_type":"Bearer"}"#;
        for content_type in
            ["text/plain", "text/html; charset=utf-8", "text/javascript", "", "application/x-www-form-urlencoded"]
        {
            lenient(&response(200, &[("Content-Type", content_type)], body), Leniency::ContentType);
        }
        lenient(&response(200, &[], body), Leniency::ContentType);
        let form = "access_token=at%2B1&token_type=bearer&expires_in=3600&scope=a,b";
        for content_type in ["application/x-www-form-urlencoded", "text/plain", "application/json", ""] {
            let response = response(200, &[("Content-Type", content_type)], form);
            assert_eq!(read(&response, true).unwrap_err().field(), Some("content-type"));
            let tokens = read(&response, false).unwrap();
            assert_eq!((tokens.access_token.as_str(), tokens.expires_in), ("at+1", Some(3600)));
            assert_eq!(tokens.leniencies, [Leniency::FormEncoded, Leniency::ScopeCommas]);
        }
    }

    #[test]
    fn bodies_that_read_in_two_ways_are_refused() {
        for body in [
            "",
            "null",
            "[]",
            "<html>access_token=1</html>",
            "access_token=1&access_token=2",
            "token=1",
            "access_token=%zz",
            r#"{"access_token":"1","access_token":"2","token_type":"Bearer"}"#,
            r#"{"access_token":"1","token_type":"Bearer"}&access_token=2"#,
            r#"{"access_token":"1","token_type":"Bearer"}{}"#,
            "\u{feff}{}",
        ] {
            let error = read(&response(200, JSON, body), false).unwrap_err();
            assert_eq!(error.code(), Code::ResponseInvalid, "{body}");
        }
        let bytes = Response::new(200, Vec::new(), b"{\"access_token\":\"\xff\"}".to_vec());
        assert_eq!(read(&bytes, false).unwrap_err().code(), Code::ResponseInvalid);
    }

    #[test]
    fn access_tokens() {
        let long = "a".repeat(MOST_TOKEN_BYTES);
        for token in [
            "null",
            "\"\"",
            "7",
            "{}",
            "[\"a\"]",
            "true",
            r#""a\nb""#,
            r#""a\u0000""#,
            "\"\u{e9}\"",
            &format!("\"{long}a\""),
        ] {
            refused_at(
                &response(200, JSON, &format!(r#"{{"access_token":{token},"token_type":"Bearer"}}"#)),
                "access_token",
            );
        }
        refused_at(&response(200, JSON, r#"{"token_type":"Bearer"}"#), "access_token");
        read(&response(200, JSON, &format!(r#"{{"access_token":"{long}","token_type":"Bearer"}}"#)), true).unwrap();
    }

    #[test]
    fn token_types() {
        for members in ["", r#","token_type":null"#, r#","token_type":"""#] {
            let body = format!(r#"{{"access_token":"at-1"{members}}}"#);
            assert_eq!(lenient(&response(200, JSON, &body), Leniency::TokenTypeMissing).token_type, "Bearer");
        }
        for token_type in ["\"mac\"", "\"N_A\"", "\"Bearer \"", "1", "[]", "\"bearer\\u0000\""] {
            let body = format!(r#"{{"access_token":"at-1","token_type":{token_type}}}"#);
            refused_at(&response(200, JSON, &body), "token_type");
        }
    }

    #[test]
    fn optional_tokens() {
        for (name, leniency) in [("refresh_token", Leniency::RefreshTokenEmpty), ("id_token", Leniency::IdTokenEmpty)] {
            for value in ["null", "\"\""] {
                let tokens = lenient(&with(&format!("\"{name}\":{value}")), leniency);
                assert!(tokens.refresh_token.is_none() && tokens.id_token.is_none());
            }
            for value in ["1", "false", "{}", r#""a\tb""#] {
                refused_at(&with(&format!("\"{name}\":{value}")), name);
            }
        }
    }

    #[test]
    fn lifetimes() {
        for (value, seconds) in [("0", 0), ("-0", 0), ("315360000", 315_360_000), ("2147483648", 1 << 31)] {
            let tokens = read(&with(&format!(r#""expires_in":{value}"#)), true).unwrap();
            assert_eq!(tokens.expires_in, Some(seconds), "{value}");
        }
        for (value, seconds, leniency) in [
            ("\"3600\"", Some(3600), Leniency::ExpiresInString),
            ("\"0\"", Some(0), Leniency::ExpiresInString),
            ("3599.97", Some(3599), Leniency::ExpiresInFraction),
            ("3.6e3", Some(3600), Leniency::ExpiresInFraction),
            ("-0.0", Some(0), Leniency::ExpiresInFraction),
            ("null", None, Leniency::ExpiresInEmpty),
            ("\"\"", None, Leniency::ExpiresInEmpty),
        ] {
            assert_eq!(lenient(&with(&format!(r#""expires_in":{value}"#)), leniency).expires_in, seconds, "{value}");
        }
        for value in [
            "-1",
            "-1.5",
            "-0.5",
            "2147483648.5",
            "1e300",
            "2147483649",
            "18446744073709551616",
            "true",
            "[]",
            "{}",
            "\"-1\"",
            "\"+1\"",
            "\"1h\"",
            "\" 1\"",
            "\"3600.0\"",
            "\"99999999999999999999\"",
        ] {
            refused_at(&with(&format!(r#""expires_in":{value}"#)), "expires_in");
        }
        let form = response(200, &[], "access_token=a&token_type=bearer&expires_in=");
        assert_eq!(read(&form, false).unwrap().leniencies, [Leniency::FormEncoded, Leniency::ExpiresInEmpty]);
    }

    #[test]
    fn scopes() {
        let scope = |value: &str| with(&format!(r#""scope":{value}"#));
        for (value, names) in [
            ("\"a\"", &["a"][..]),
            ("\" a  b \"", &["a", "b"]),
            ("\"a,b c\"", &["a,b", "c"]),
            (r#""https:\/\/x.example\/a b""#, &["https://x.example/a", "b"]),
        ] {
            assert_eq!(read(&scope(value), true).unwrap().scope.unwrap(), names, "{value}");
        }
        for (value, names, leniency) in [
            ("[\"a\",\"b\"]", &["a", "b"][..], Leniency::ScopeArray),
            ("[]", &[], Leniency::ScopeArray),
            ("[\"a b\",\"\"]", &["a", "b"], Leniency::ScopeArray),
            ("\"a,b,,\"", &["a", "b"], Leniency::ScopeCommas),
            ("\"\"", &[], Leniency::ScopeEmpty),
        ] {
            assert_eq!(lenient(&scope(value), leniency).scope.unwrap(), names, "{value}");
        }
        assert_eq!(lenient(&scope("null"), Leniency::ScopeNull).scope, None);
        for value in ["1", "{}", "false", "[1]", "[null]", r#""a\nb""#] {
            let error = read(&scope(value), false).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::ResponseInvalid, Some("scope")), "{value}");
        }
    }

    #[test]
    fn many_leniencies_at_once() {
        let body = r#"{"access_token":"a","expires_in":"60","scope":["x"],"refresh_token":null,"id_token":""}"#;
        let tokens = read(&response(201, &[], body), false).unwrap();
        let names: Vec<&str> = tokens.leniencies.iter().map(|leniency| leniency.name()).collect();
        assert_eq!(
            names,
            [
                "status_201",
                "content_type",
                "token_type_missing",
                "refresh_token_empty",
                "expires_in_string",
                "scope_array",
                "id_token_empty"
            ]
        );
    }

    const NAMES: &str = "access_token|token_type|refresh_token|expires_in|scope|id_token|error|ok";

    fn value() -> impl Strategy<Value = String> {
        prop_oneof![
            "\"(at-77)?[ -~]{0,8}\"".prop_map(|text| text.replace('\\', "/")),
            Just("\"Bearer\"".to_owned()),
            "(null|true|false|-?[0-9]{1,20}|[0-9]{1,5}[.][0-9]{1,3}|1e[0-9]{1,3}|\\[\\]|\\{\\}|\\[\"a\"\\])",
        ]
    }

    fn body() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[ -~]{0,100}".prop_map(String::into_bytes),
            prop::collection::vec((NAMES, value()), 0..8).prop_map(|members| {
                let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{\"access_token\":\"at-77\",{}}}", members.join(",")).into_bytes()
            }),
            prop::collection::vec((NAMES, "[A-Za-z0-9%+]{0,8}"), 0..8).prop_map(|pairs| {
                let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
                pairs.join("&").into_bytes()
            }),
        ]
    }

    proptest! {
        #[test]
        fn any_answer_is_judged(
            status in prop_oneof![Just(200), Just(201), Just(400), any::<u16>()],
            headers in prop::collection::vec(("content-type|location|x", ".{0,20}"), 0..3),
            body in body(),
        ) {
            let response = Response::new(status, headers, body);
            match read(&response, false) {
                Ok(tokens) => {
                    prop_assert!(!tokens.access_token.is_empty());
                    prop_assert!(tokens.access_token.bytes().all(|byte| (32..127).contains(&byte)));
                    prop_assert_eq!(read(&response, true).is_ok(), tokens.leniencies.is_empty());
                }
                Err(error) => {
                    prop_assert!(matches!(
                        error.code(),
                        Code::ResponseInvalid | Code::ResponseStatus | Code::GrantRefused
                    ));
                    prop_assert_eq!(error.http_status(), Some(status));
                    let shown = format!("{error:?}");
                    prop_assert!(!shown.contains("at-77"), "{}", shown);
                    prop_assert!(read(&response, true).is_err());
                }
            }
        }
    }
}
