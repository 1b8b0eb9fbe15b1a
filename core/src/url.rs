//! The URLs that requests are sent to.
//!
//! Stricter than RFC 3986, so that every HTTP library reads the same host in it: WHATWG's rules and the RFC's differ on
//! backslashes, on percent-encoding in hosts and on what numbers mean.

use fluent_uri::Uri;
use fluent_uri::component::Host;

use crate::error::{Code, Error, Excerpt, Result};

/// No endpoint has a longer one.
const MOST_BYTES: usize = 2048;

/// Checks a URL: https, or http to a loopback address; a plain host name or an address; no user, no fragment. `field`
/// is where it stands.
pub(crate) fn check(url: &str, field: &'static str) -> Result<()> {
    parts(url, field).map(|_| ())
}

/// The same for a URL that a document names: http only if the document itself came that way. What comes from elsewhere
/// does not lead to this machine without TLS.
pub(crate) fn check_beside(url: &str, field: &'static str, source: &str) -> Result<()> {
    let is_plain = |url: &str| url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
    check(url, field)?;
    if is_plain(url) && !is_plain(source) {
        return Err(refused(field, url, "it is not https, and what names it is"));
    }
    Ok(())
}

/// Checks a URL that the browser is sent back to: the same, or a scheme of the program's own with a dot in it (RFC 8252
/// section 7.1).
pub(crate) fn check_redirect(url: &str, field: &'static str) -> Result<()> {
    let scheme = url.split(':').next().unwrap_or_default();
    if !scheme.contains('.') {
        return check(url, field);
    }
    let uri = Uri::parse(url).map_err(|_| refused(field, url, "it is no absolute URL (RFC 3986)"))?;
    if url.len() > MOST_BYTES || uri.has_fragment() {
        return Err(refused(field, url, "it is longer than 2048 bytes, or has a fragment"));
    }
    Ok(())
}

/// Whether the text is a path of this site, safe to redirect a browser to: no host, nothing that a browser reads as
/// one.
pub(crate) fn is_local_path(path: &str) -> bool {
    let only_path = path.split(['?', '#']).next().unwrap_or_default();
    path.starts_with('/')
        && path.len() <= 1024
        && path.bytes().all(|byte| (0x21..0x7f).contains(&byte) && byte != b'\\')
        && !only_path.contains("//")
        && !only_path.split('/').any(|segment| matches!(segment, "." | ".."))
}

/// The URL with more parameters in its query, which may have some.
pub(crate) fn with_query(url: &str, query: &str) -> String {
    let joint = match url.split_once('?') {
        None => "?",
        Some((_, known)) if known.is_empty() || known.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{url}{joint}{query}")
}

/// The URL of what is below another in its path.
pub(crate) fn below(url: &str, path: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let base = base.trim_end_matches('/');
    query.map_or_else(|| format!("{base}{path}"), |query| format!("{base}{path}?{query}"))
}

/// The URL as it may be shown: a query may hold a secret.
pub(crate) fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// The URL of an issuer's document: `name` is appended to the issuer's path, as OpenID Connect Discovery section 4.1
/// says, or with `inserted` put in front of it, as RFC 8414 section 3.1 says.
pub(crate) fn well_known(issuer: &str, name: &str, inserted: bool) -> Result<String> {
    let uri = parts(issuer, "issuer")?;
    if uri.has_query() {
        return Err(refused("issuer", issuer, "an issuer has no query"));
    }
    let path = uri.path().as_str().trim_end_matches('/');
    let origin = issuer.get(..issuer.len().saturating_sub(uri.path().as_str().len())).unwrap_or_default();
    Ok(if inserted {
        format!("{origin}/.well-known/{name}{path}")
    } else {
        format!("{origin}{path}/.well-known/{name}")
    })
}

fn parts<'a>(url: &'a str, field: &'static str) -> Result<Uri<&'a str>> {
    let refused = |reason| refused(field, url, reason);
    if url.len() > MOST_BYTES {
        return Err(refused("it is longer than 2048 bytes"));
    }
    let uri = Uri::parse(url).map_err(|_| refused("it is no absolute URL (RFC 3986)"))?;
    let authority = uri.authority().ok_or_else(|| refused("it has no host"))?;
    if authority.has_userinfo() {
        return Err(refused("it has a user"));
    }
    if uri.has_fragment() {
        return Err(refused("it has a fragment"));
    }
    let is_plain = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    let is_loopback = match authority.host_parsed() {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::RegName(name) if is_plain(name.as_str()) => {
            // WHATWG reads a last label of digits as an address, written in a way that the RFC does not know.
            let last = name.as_str().trim_end_matches('.').rsplit('.').next().unwrap_or_default();
            if last.bytes().next().is_none_or(|byte| byte.is_ascii_digit()) {
                return Err(refused("its host is neither a name nor an address"));
            }
            name.as_str().eq_ignore_ascii_case("localhost")
        }
        _ => return Err(refused("its host is neither a name nor an address")),
    };
    if !authority.port().is_none_or(|port| port.as_str().is_empty() || authority.port_to_u16().is_ok()) {
        return Err(refused("its port is no port"));
    }
    match uri.scheme().as_str().to_ascii_lowercase().as_str() {
        "https" => Ok(uri),
        "http" if is_loopback => Ok(uri),
        "http" => Err(refused("it is not https, and its host is not a loopback address")),
        _ => Err(refused("it is not https")),
    }
}

#[cold]
fn refused(field: &'static str, url: &str, reason: &str) -> Error {
    // What stands before an @ may be a password, and a query a token.
    let shown = without_query(url).rsplit('@').next().unwrap_or_default();
    Error::new(Code::UrlRefused, format!("{field} {} is refused: {reason}", Excerpt(shown))).at(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_loopback_pass() {
        for url in [
            "https://id.example",
            "https://id.example:8443/realms/main?x=1",
            "HTTPS://ID.example/",
            "https://10.0.0.7/keys",
            "https://[2001:db8::1]/",
            "http://127.0.0.1:8080/",
            "http://localhost/",
            "http://[::1]:1/",
        ] {
            check(url, "issuer").unwrap();
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for url in [
            "",
            "id.example",
            "//id.example",
            "ftp://id.example",
            "file:///etc/passwd",
            "http://id.example",
            "https://",
            "https:///path",
            "https://user@id.example",
            "https://user:secret@id.example",
            "https://id.example/#f",
            "https://id.example\\@evil.example",
            "https://ev%69l.example",
            "https://2130706433",
            "https://0x7f.1",
            "https://127.1",
            "https://1.2.3.4.",
            "https://id.example:99999",
            "https://id.example:x",
            "https://id example",
            "https://id.exam\u{440}le",
            "http://localhost.evil.example",
            "https://a/\n",
        ] {
            let error = check(url, "jwks_uri").unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::UrlRefused, Some("jwks_uri")), "{url}");
            assert!(!error.message().contains("secret"), "{error}");
        }
        assert!(check(&format!("https://id.example/{}", "a".repeat(2048)), "issuer").is_err());
    }

    #[test]
    fn where_a_browser_may_be_sent() {
        for url in ["https://app.example/cb?x=1", "http://localhost:8000/cb", "com.example.app:/cb"] {
            check_redirect(url, "redirect_uri").unwrap();
        }
        for url in
            ["http://app.example/cb", "javascript:alert(1)", "app:/cb", "com.example.app:/cb#f", "com.exam ple:/"]
        {
            assert_eq!(check_redirect(url, "redirect_uri").unwrap_err().field(), Some("redirect_uri"), "{url}");
        }
        for path in ["/", "/inbox?x=https://a//b#c", "/a/b.c/..d", "/%2f%2fevil.example"] {
            assert!(is_local_path(path), "{path}");
        }
        for path in [
            "",
            "inbox",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "/\tevil",
            "/a\r\nb",
            "/a b",
            "/../x",
            "/a/./b",
            "/a//b",
            "/\u{e4}",
            " /",
            &format!("/{}", "a".repeat(1024)),
        ] {
            assert!(!is_local_path(path), "{path}");
        }
    }

    #[test]
    fn parameters_are_added() {
        assert_eq!(with_query("https://id.example/a", "b=c"), "https://id.example/a?b=c");
        assert_eq!(with_query("https://id.example/a?x=1", "b=c"), "https://id.example/a?x=1&b=c");
        assert_eq!(with_query("https://id.example/a?", "b=c"), "https://id.example/a?b=c");
        assert_eq!(below("https://id.example/user?v=1", "/emails"), "https://id.example/user/emails?v=1");
        assert_eq!(below("https://id.example/user/", "/emails"), "https://id.example/user/emails");
    }

    #[test]
    fn well_known_documents() {
        let url = |issuer, inserted| well_known(issuer, "name", inserted).unwrap();
        assert_eq!(url("https://id.example", false), "https://id.example/.well-known/name");
        assert_eq!(url("https://id.example/", true), "https://id.example/.well-known/name");
        assert_eq!(url("https://id.example/a/b/", false), "https://id.example/a/b/.well-known/name");
        assert_eq!(url("https://id.example:1/a/b", true), "https://id.example:1/.well-known/name/a/b");
        assert!(well_known("https://id.example/?a", "name", false).is_err());
    }
}
