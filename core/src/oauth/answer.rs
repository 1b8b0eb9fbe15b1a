//! Reading what a server answered.

use crate::encoding::json::{Document, Parsed, Value};
use crate::error::{Answer, Code, Error, Excerpt, Result};
use crate::operation::Response;

/// No provider's own words are kept at greater length.
const MOST_WORDS: usize = 512;

/// The JSON object that a server answered with status 200. `what` names it in messages.
pub(crate) fn json_body(response: &Response, what: &'static str) -> Result<Parsed> {
    if response.status != 200 {
        return Err(failed(response, what));
    }
    let media_type = media_type(response);
    if !is_json(media_type) {
        let message = format!("{what} came as {}, which is not JSON", Excerpt(media_type));
        return Err(invalid(response, message));
    }
    let text = std::str::from_utf8(&response.body).map_err(|_| invalid(response, format!("{what} is not UTF-8")))?;
    Parsed::new(text.to_owned())
        .map_err(|fault| invalid(response, format!("{what} is not a strict JSON object: {fault}")))
}

/// The JSON array that a server answered with status 200, as the one member `list` of an object.
pub(crate) fn json_list(response: &Response, what: &'static str) -> Result<Parsed> {
    if response.status != 200 {
        return Err(failed(response, what));
    }
    let text = std::str::from_utf8(&response.body).map_err(|_| invalid(response, format!("{what} is not UTF-8")))?;
    let parsed = Parsed::new(format!("{{\"list\":{text}}}"))
        .map_err(|fault| invalid(response, format!("{what} is not a strict JSON array: {fault}")))?;
    // A text that closes the member and begins another makes more than one.
    let root = parsed.document().root();
    if root.len() != 1 || !matches!(root.get("list"), Some(Value::Array(_))) {
        return Err(invalid(response, format!("{what} is not a JSON array")));
    }
    Ok(parsed)
}

/// For how many seconds the answer is fresh (RFC 9111 section 4.2), if it says so.
pub(crate) fn max_age(response: &Response) -> Option<u64> {
    let lines = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cache-control"));
    let directives = lines.flat_map(|(_, value)| value.split(',')).map(str::trim);
    let mut seconds = None;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return Some(0);
        }
        if name.eq_ignore_ascii_case("max-age") {
            seconds = value.trim_matches('"').parse::<u64>().ok();
        }
    }
    let age = response.header("age").and_then(|age| age.trim().parse::<u64>().ok()).unwrap_or(0);
    seconds.map(|seconds| seconds.saturating_sub(age))
}

/// Content that is parsed as JSON: what says so, and what says nothing. Files on a web server often do the latter.
fn is_json(media_type: &str) -> bool {
    let is = |name: &str| media_type.eq_ignore_ascii_case(name);
    let suffix = media_type
        .rsplit('+')
        .next()
        .is_some_and(|suffix| media_type.contains('+') && suffix.eq_ignore_ascii_case("json"));
    media_type.is_empty()
        || is("application/json")
        || suffix
        || is("text/plain")
        || is("application/octet-stream")
        || is("text/json")
}

/// What the answer says that it is, without parameters; empty if it does not.
pub(super) fn media_type(response: &Response) -> &str {
    response.header("content-type").and_then(|value| value.split(';').next()).unwrap_or_default().trim()
}

/// The error that a document of a server's reports, if it is one (RFC 6749 section 5.2). Some send it with status 200,
/// as an object with a message (Facebook, Google), or beside `"ok": false` (Slack).
pub(crate) fn refusal(document: Document<'_>, status: u16) -> Option<Answer> {
    let is_not_ok = matches!(document.get("ok"), Some(Value::Bool(false)));
    let nothing = Answer { status: Some(status), ..Answer::default() };
    match document.get("error") {
        Some(Value::String(text)) if !text.raw().is_empty() => {
            let description = document.get("error_description").and_then(string);
            Some(Answer { status: Some(status), error: Some(words(&text.to_str())), description })
        }
        Some(Value::Object(members)) => {
            let error = ["type", "status", "code"].into_iter().find_map(|name| members.get(name).and_then(string));
            Some(Answer { status: Some(status), error, description: members.get("message").and_then(string) })
        }
        None | Some(Value::Null | Value::Bool(false) | Value::String(_)) => is_not_ok.then_some(nothing),
        Some(_) => Some(nothing),
    }
}

/// An answer without success, with what the server said of it.
pub(crate) fn failed(response: &Response, what: &str) -> Error {
    let redirected = matches!(response.status, 301 | 302 | 303 | 307 | 308);
    let message = if redirected {
        format!("asked for {what}, the server answered {}: redirects are not followed", response.status)
    } else {
        format!("asked for {what}, the server answered {}", response.status)
    };
    let parsed = std::str::from_utf8(&response.body).ok().and_then(|text| Parsed::new(text.to_owned()).ok());
    let answer = parsed.and_then(|parsed| refusal(parsed.document(), response.status));
    Error::new(Code::ResponseStatus, message)
        .answered(answer.unwrap_or(Answer { status: Some(response.status), ..Answer::default() }))
}

fn string(value: Value<'_>) -> Option<String> {
    Some(words(&value.as_str()?.to_str()))
}

/// A provider's own words: not longer than they need be, and on one line.
pub(super) fn words(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(MOST_WORDS).collect()
}

pub(super) fn invalid(response: &Response, message: String) -> Error {
    Error::new(Code::ResponseInvalid, message).answered(Answer { status: Some(response.status), ..Answer::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response::new(status, headers, body.as_bytes().to_vec())
    }

    #[test]
    fn json_is_what_says_so_or_says_nothing() {
        for media_type in
            ["application/json", "Application/JSON; charset=utf-8", "application/jwk-set+json", "text/plain", ""]
        {
            json_body(&response(200, &[("Content-Type", media_type)], "{}"), "it").unwrap();
        }
        json_body(&response(200, &[], "{}"), "it").unwrap();
        for media_type in ["text/html", "application/xml", "json", "image/png"] {
            let error = json_body(&response(200, &[("content-type", media_type)], "{}"), "it").err().unwrap();
            assert_eq!((error.code(), error.http_status()), (Code::ResponseInvalid, Some(200)));
        }
    }

    #[test]
    fn a_failure_keeps_the_providers_words() {
        let body = r#"{"error":"server_error","error_description":"out of \"order\""}"#;
        let error = json_body(&response(503, &[], body), "it").err().unwrap();
        assert_eq!(error.code(), Code::ResponseStatus);
        assert_eq!(error.http_status(), Some(503));
        assert_eq!(error.provider_error(), Some("server_error"));
        assert_eq!(error.provider_error_description(), Some("out of \"order\""));
        for (status, body) in [(500, "<html>"), (302, ""), (201, "{}"), (500, r#"{"error":{"code":1}}"#)] {
            let error = json_body(&response(status, &[], body), "it").err().unwrap();
            assert_eq!(
                (error.code(), error.http_status(), error.provider_error()),
                (Code::ResponseStatus, Some(status), None)
            );
        }
    }

    #[test]
    fn a_list_is_nothing_but_a_list() {
        let read =
            |body: &str| json_list(&response(200, &[], body), "it").map(|parsed| parsed.document().text().to_owned());
        assert_eq!(read(" [{}, 1] ").unwrap(), "{\"list\": [{}, 1] }");
        for body in ["", "{}", "[]}", "[],\"a\":1", "[],\"list\":1", "1", "[{\"a\":1,\"a\":2}]"] {
            assert_eq!(read(body).unwrap_err().code(), Code::ResponseInvalid, "{body}");
        }
        assert_eq!(json_list(&response(404, &[], "[]"), "it").err().unwrap().code(), Code::ResponseStatus);
    }

    #[test]
    fn freshness() {
        for (headers, seconds) in [
            (vec![], None),
            (vec![("cache-control", "public, max-age=300")], Some(300)),
            (vec![("Cache-Control", "MAX-AGE=\"60\"")], Some(60)),
            (vec![("cache-control", "max-age=300"), ("age", "100")], Some(200)),
            (vec![("cache-control", "max-age=300"), ("age", "900")], Some(0)),
            (vec![("cache-control", "no-store")], Some(0)),
            (vec![("cache-control", "public"), ("cache-control", "max-age=300")], Some(300)),
            (vec![("cache-control", "max-age=x")], None),
            (vec![("cache-control", "max-age=99999999999999999999")], None),
        ] {
            assert_eq!(max_age(&response(200, &headers, "")), seconds, "{headers:?}");
        }
    }
}
