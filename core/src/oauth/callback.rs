//! The callback: what the provider's authorization endpoint had the browser bring (RFC 6749 section 4.1.2).

use zeroize::Zeroizing;

use super::answer::words;
use crate::encoding::form;
use crate::error::{Answer, Code, Error, Result};

/// No provider sends more: an ID token may be in it.
const MOST_BYTES: usize = 64 * 1024;

/// The parameters of a callback that are understood. The rest is ignored (RFC 6749 section 4.1.2).
pub(super) struct Callback {
    pub(super) state: String,
    pub(super) iss: Option<String>,
    pub(super) code: Option<Zeroizing<String>>,
    /// In a hybrid flow.
    pub(super) id_token: Option<Zeroizing<String>>,
    /// Apple's: name and address, sent at the first login only.
    pub(super) user: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

impl Callback {
    /// Reads a URL, a path with a query, a query, or the body of a form. The host is not looked at: a proxy may have
    /// changed it.
    pub(super) fn read(callback: &str) -> Result<Self> {
        if callback.len() > MOST_BYTES {
            return Err(invalid("callback", "the callback is longer than 64 KiB"));
        }
        let callback = callback.trim();
        let is_url =
            callback.starts_with('/') || callback.split(['?', '=']).next().is_some_and(|head| head.contains("://"));
        let form = match callback.split_once('?') {
            Some((before, query)) if is_url || before.is_empty() => query.split('#').next().unwrap_or_default(),
            _ if is_url => "",
            _ => callback,
        };
        let pairs = form::decode(form).ok_or_else(|| {
            invalid("callback", "the callback has a parameter twice, one that is not encoded well, or more than 64")
        })?;
        let mut values = Self {
            state: String::new(),
            iss: None,
            code: None,
            id_token: None,
            user: None,
            error: None,
            error_description: None,
        };
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            match name.as_str() {
                "state" => values.state = value,
                "iss" => values.iss = Some(value),
                "code" => values.code = Some(Zeroizing::new(value)),
                "id_token" => values.id_token = Some(Zeroizing::new(value)),
                "user" => values.user = Some(value),
                "error" => values.error = Some(value),
                "error_description" => values.error_description = Some(value),
                _ => {}
            }
        }
        if values.state.is_empty() {
            return Err(invalid("state", "the callback has no state"));
        }
        Ok(values)
    }

    /// The code, or what the provider said instead.
    pub(super) fn code(&self) -> Result<&str> {
        if let Some(error) = &self.error {
            let answer = Answer {
                status: None,
                error: Some(words(error)),
                description: self.error_description.as_deref().map(words),
            };
            return Err(Error::new(Code::AuthorizationRefused, "the provider did not authorize").answered(answer));
        }
        self.code.as_ref().map(|code| code.as_str()).ok_or_else(|| invalid("code", "the callback has no code"))
    }
}

fn invalid(field: &'static str, message: &'static str) -> Error {
    Error::new(Code::CallbackInvalid, message).at(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_its_shapes() {
        for callback in [
            "https://app.example/cb?code=c&state=s",
            "http://10.0.0.1:8080/cb?x=1&code=c&state=s#frag",
            "/cb?code=c&state=s",
            "?code=c&state=s",
            "code=c&state=s",
            "state=s&code=c&next=https://app.example/?x=1",
            " code=c&state=s\r\n",
        ] {
            let read = Callback::read(callback).unwrap();
            assert_eq!((read.code().unwrap(), read.state.as_str()), ("c", "s"), "{callback}");
        }
    }

    #[test]
    fn what_is_none() {
        for (callback, field) in [
            ("", "state"),
            ("https://app.example/cb", "state"),
            ("code=c", "state"),
            ("code=c&state=", "state"),
            ("state=s&state=t&code=c", "callback"),
            ("code=%ff&state=s", "callback"),
            (&format!("code={}&state=s", "c".repeat(70_000)), "callback"),
        ] {
            let error = Callback::read(callback).err().unwrap();
            assert_eq!((error.code(), error.field()), (Code::CallbackInvalid, Some(field)), "{callback:.40}");
        }
        let error = Callback::read("state=s").unwrap().code().unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::CallbackInvalid, Some("code")));
    }

    #[test]
    fn the_providers_error_keeps_its_words() {
        let read =
            Callback::read("state=s&code=c&error=access_denied&error_description=No%0d%0aSet-Cookie:+way").unwrap();
        let error = read.code().unwrap_err();
        assert_eq!(error.code(), Code::AuthorizationRefused);
        assert_eq!(error.provider_error(), Some("access_denied"));
        assert_eq!(error.provider_error_description(), Some("NoSet-Cookie: way"));
    }
}
