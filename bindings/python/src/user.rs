//! `User`.

use authwright_core::oauth;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::document;

/// Who the user is, as the provider says, in one shape for all providers.
///
/// Only `subject` identifies a user, and only together with the provider: addresses and names change hands.
#[pyclass(frozen, module = "authwright.oauth")]
pub(crate) struct User {
    user: oauth::User,
    claims: PyOnceLock<Py<PyDict>>,
}

#[pymethods]
impl User {
    /// What identifies the user at this provider, for ever.
    #[getter]
    fn subject(&self) -> &str {
        self.user.subject()
    }

    /// The address, or None.
    #[getter]
    fn email(&self) -> Option<&str> {
        self.user.email()
    }

    /// Whether the provider has checked that the address is the user's; None if it does not say.
    #[getter]
    fn email_verified(&self) -> Option<bool> {
        self.user.email_verified()
    }

    /// The name to show, or None.
    #[getter]
    fn name(&self) -> Option<&str> {
        self.user.name()
    }

    /// The URL of a picture, or None.
    #[getter]
    fn picture(&self) -> Option<&str> {
        self.user.picture()
    }

    /// All that the provider says, in its own words: a dict, the same one each time.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let claims = self.claims.get_or_try_init(py, || document::dict(py, self.user.claims()).map(Bound::unbind))?;
        Ok(claims.bind(py).clone())
    }

    /// A JSON text of all this.
    fn to_json(&self) -> String {
        self.user.to_json()
    }

    fn __repr__(&self) -> String {
        format!("<authwright.oauth.User {:?}>", self.user.subject())
    }
}

impl User {
    pub(crate) fn new(user: oauth::User) -> Self {
        Self { user, claims: PyOnceLock::new() }
    }
}
