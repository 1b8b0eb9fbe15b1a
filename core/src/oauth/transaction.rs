//! What a login must remember while the browser is away: one sealed text.

use subtle::ConstantTimeEq;

use super::cookie;
use crate::crypto::random;
use crate::encoding::base64url;
use crate::encoding::json::{Parsed, Value};
use crate::error::{Code, Error, Result};
use crate::jwk::Key;
use crate::sealed;

const PURPOSE: &str = "oauth_login";

/// The bytes of each random value: 256 bits, 43 characters (RFC 7636 section 4.1 asks for 43 at least).
const RANDOM_BYTES: usize = 32;

/// One login, from its begin to its end. Its values are used once, and worth nothing afterwards.
pub(super) struct Transaction {
    pub(super) state: String,
    pub(super) nonce: String,
    /// The PKCE code verifier (RFC 7636 section 4.1).
    pub(super) code_verifier: String,
    /// In seconds since 1970.
    pub(super) begun_at: i64,
    pub(super) scope: Vec<String>,
    pub(super) return_to: Option<String>,
    pub(super) max_age: Option<i64>,
    pub(super) acr_values: Vec<String>,
}

impl Transaction {
    pub(super) fn begin(now: i64) -> Result<Self> {
        Ok(Self {
            state: unguessable()?,
            nonce: unguessable()?,
            code_verifier: unguessable()?,
            begun_at: now,
            scope: Vec::new(),
            return_to: None,
            max_age: None,
            acr_values: Vec::new(),
        })
    }

    /// Sealed with the newest key and bound to the client: its id, its issuer, its redirect URI.
    pub(super) fn seal(&self, keys: &[Key], binding: &str) -> Result<String> {
        let newest = keys.first().ok_or_else(|| Error::invalid_argument("seal_keys", "a login needs a seal key"))?;
        let mut document = serde_json::json!({
            "state": self.state,
            "nonce": self.nonce,
            "verifier": self.code_verifier,
            "begun": self.begun_at,
            "scope": self.scope.join(" "),
        });
        if let Some(members) = document.as_object_mut() {
            let mut add = |name: &str, value: serde_json::Value| members.insert(name.to_owned(), value);
            self.return_to.as_deref().map(|path| add("return_to", path.into()));
            self.max_age.map(|seconds| add("max_age", seconds.into()));
            (!self.acr_values.is_empty()).then(|| add("acr", self.acr_values.as_slice().into()));
        }
        sealed::seal(&document.to_string(), newest, PURPOSE, binding)
    }

    pub(super) fn open(sealed: &str, keys: &[Key], binding: &str, now: i64) -> Result<Self> {
        let text = sealed::open(sealed.trim(), keys, PURPOSE, binding).map_err(|error| match error.code() {
            Code::StateInvalid => {
                invalid("the login's transaction does not open: another client's, altered, or sealed with another key")
            }
            _ => error,
        })?;
        let damaged = || invalid("the login's transaction is not one of this version of authwright");
        let parsed = Parsed::new(text).map_err(|_| damaged())?;
        let document = parsed.document();
        let text = |name: &str| match document.get(name) {
            Some(Value::String(text)) => Some(text.to_str().into_owned()),
            _ => None,
        };
        let number = |name: &str| match document.get(name) {
            Some(Value::Number(number)) => number.as_i64(),
            _ => None,
        };
        let list = |name: &str| match document.get(name) {
            Some(Value::Array(list)) => list.filter_map(|one| Some(one.as_str()?.to_str().into_owned())).collect(),
            _ => Vec::new(),
        };
        let transaction = Self {
            state: text("state").ok_or_else(damaged)?,
            nonce: text("nonce").ok_or_else(damaged)?,
            code_verifier: text("verifier").ok_or_else(damaged)?,
            begun_at: number("begun").ok_or_else(damaged)?,
            scope: text("scope").ok_or_else(damaged)?.split_ascii_whitespace().map(str::to_owned).collect(),
            return_to: text("return_to"),
            max_age: number("max_age"),
            acr_values: list("acr"),
        };
        // A clock that went back by more than clocks differ is as good a reason to begin anew as one that went on.
        let age = now.saturating_sub(transaction.begun_at);
        if !(-60..cookie::LIFE).contains(&age) {
            return Err(Error::new(Code::TransactionExpired, "the login took longer than ten minutes"));
        }
        Ok(transaction)
    }

    /// Whether the callback is of this login.
    pub(super) fn check_state(&self, state: &str) -> Result<()> {
        if bool::from(self.state.as_bytes().ct_eq(state.as_bytes())) {
            return Ok(());
        }
        Err(Error::new(Code::StateMismatch, "the callback's state is not that of this login").at("state"))
    }

    pub(super) fn has_scope(&self, name: &str) -> bool {
        self.scope.iter().any(|one| one == name)
    }
}

pub(super) fn invalid(message: &'static str) -> Error {
    Error::new(Code::TransactionInvalid, message)
}

fn unguessable() -> Result<String> {
    let mut bytes = [0; RANDOM_BYTES];
    random(&mut bytes)?;
    Ok(base64url::encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwk::KeyOptions;

    fn key(byte: u8) -> Key {
        Key::from_secret(&[byte; 32], &KeyOptions::default()).unwrap()
    }

    #[test]
    fn it_survives_its_seal() {
        let mut begun = Transaction::begin(1000).unwrap();
        begun.scope = vec!["openid".to_owned(), "email".to_owned()];
        begun.return_to = Some("/inbox?x=1".to_owned());
        (begun.max_age, begun.acr_values) = (Some(0), vec!["gold".to_owned()]);
        let sealed = begun.seal(&[key(1), key(2)], "client").unwrap();
        let opened = Transaction::open(&sealed, &[key(3), key(1)], "client", 1599).unwrap();
        assert_eq!(opened.state, begun.state);
        assert_eq!(opened.nonce, begun.nonce);
        assert_eq!(opened.code_verifier, begun.code_verifier);
        assert_eq!(opened.scope, begun.scope);
        assert_eq!(opened.return_to, begun.return_to);
        assert_eq!(opened.max_age, Some(0));
        assert_eq!(opened.acr_values, begun.acr_values);
        opened.check_state(&begun.state).unwrap();
        for other in ["", "x", &begun.state[1..], &begun.nonce] {
            assert_eq!(opened.check_state(other).unwrap_err().code(), Code::StateMismatch);
        }
    }

    #[test]
    fn who_may_not_open_it() {
        let sealed = Transaction::begin(1000).unwrap().seal(&[key(1)], "client").unwrap();
        let code = |sealed: &str, keys: &[Key], binding, now| {
            Transaction::open(sealed, keys, binding, now).err().unwrap().code()
        };
        assert_eq!(code(&sealed, &[key(2)], "client", 1000), Code::TransactionInvalid);
        assert_eq!(code(&sealed, &[], "client", 1000), Code::TransactionInvalid);
        assert_eq!(code(&sealed, &[key(1)], "other", 1000), Code::TransactionInvalid);
        assert_eq!(code("", &[key(1)], "client", 1000), Code::TransactionInvalid);
        assert_eq!(code(&sealed, &[key(1)], "client", 1600), Code::TransactionExpired);
        assert_eq!(code(&sealed, &[key(1)], "client", 900), Code::TransactionExpired);
        Transaction::open(&sealed, &[key(1)], "client", 941).unwrap();
    }

    #[test]
    fn no_two_are_alike() {
        let (one, other) = (Transaction::begin(0).unwrap(), Transaction::begin(0).unwrap());
        assert!(one.state != other.state && one.nonce != other.nonce && one.code_verifier != other.code_verifier);
        assert!(one.state != one.nonce && one.nonce != one.code_verifier);
        assert_eq!(one.code_verifier.len(), 43);
    }
}
