//! `Tokens`.

use authwright_core::oauth;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::document;
use crate::error::{call, invalid, type_name};
use crate::key;

/// The tokens of a login or a refresh, and what came with them.
///
/// Read-only. The tokens and to_json() are secrets; the repr shows none.
#[pyclass(frozen, module = "authwright.oauth")]
pub(crate) struct Tokens {
    tokens: oauth::Tokens,
    claims: PyOnceLock<Option<Py<PyDict>>>,
}

#[pymethods]
impl Tokens {
    /// Reads what to_json() returned. It is believed: claims are not verified again.
    ///
    /// Raises InvalidArgumentError.
    #[staticmethod]
    #[pyo3(signature = (text, /))]
    fn from_json(text: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = text.py();
        key::document(text, "text", |json| call(py, || oauth::Tokens::from_json(json))).map(Self::new)
    }

    /// A JSON text of all this, to be kept where secrets are.
    fn to_json(&self) -> String {
        self.tokens.to_json().to_string()
    }

    /// The access token.
    #[getter]
    fn access_token(&self) -> &str {
        self.tokens.access_token()
    }

    /// How to present it: "Bearer".
    #[getter]
    fn token_type(&self) -> &str {
        self.tokens.token_type()
    }

    /// The value of an Authorization header with it.
    #[getter]
    fn authorization(&self) -> String {
        self.tokens.authorization().to_string()
    }

    /// The refresh token, or None.
    #[getter]
    fn refresh_token(&self) -> Option<&str> {
        self.tokens.refresh_token()
    }

    /// When the access token ends, in seconds since 1970, or None if the provider does not say.
    #[getter]
    fn expires_at(&self) -> Option<i64> {
        self.tokens.expires_at()
    }

    /// What was granted, which need not be what was asked for: a new list each time.
    #[getter]
    fn scope(&self) -> Vec<String> {
        self.tokens.scope().to_vec()
    }

    /// The ID token as it came, or None.
    #[getter]
    fn id_token(&self) -> Option<&str> {
        self.tokens.id_token()
    }

    /// The claims of the ID token, which was verified: a dict, the same one each time; or None.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let make = || self.tokens.claims().map(|claims| document::dict(py, claims).map(Bound::unbind)).transpose();
        let claims = self.claims.get_or_try_init(py, make)?;
        Ok(claims.as_ref().map(|claims| claims.bind(py).clone()))
    }

    /// The user's name as the browser brought it with a first login (Apple), or None. Nobody signed it.
    #[getter]
    fn name(&self) -> Option<&str> {
        self.tokens.name()
    }

    /// The names of harmless deviations from the specifications that the provider's answer had: a new list each time.
    #[getter]
    fn leniencies(&self) -> Vec<String> {
        self.tokens.leniencies().to_vec()
    }

    /// Where the user was going, or None: the path that begin_login() was given.
    #[getter]
    fn return_to(&self) -> Option<&str> {
        self.tokens.return_to()
    }

    /// The value of a Set-Cookie header that removes the login's cookie, after a login that was finished from cookies;
    /// or None.
    #[getter]
    fn clear_cookie(&self) -> Option<&str> {
        self.tokens.clear_cookie()
    }

    fn __repr__(&self) -> String {
        let (scope, expires_at) = (self.tokens.scope().join(" "), self.tokens.expires_at());
        let end = expires_at.map_or_else(|| "None".to_owned(), |at| at.to_string());
        format!("<authwright.oauth.Tokens scope={scope:?} expires_at={end}>")
    }
}

impl Tokens {
    pub(crate) fn new(tokens: oauth::Tokens) -> Self {
        Self { tokens, claims: PyOnceLock::new() }
    }

    /// The argument `tokens`.
    pub(crate) fn argument<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<&'a oauth::Tokens> {
        match value.cast::<Self>() {
            Ok(tokens) => Ok(&tokens.get().tokens),
            Err(_) => {
                let message = format!("tokens is {}: pass Tokens", type_name(value));
                Err(invalid(value.py(), "tokens", message))
            }
        }
    }
}
