//! `ApiKey`, `IssuedKey` and `ApiKeyPage`.

use authwright_core::api_key;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::document;

/// What is known of an API key: whose it is, what it may do, until when. The secret is not among it.
///
/// Read-only. Times are in seconds since 1970.
#[pyclass(frozen, subclass, module = "authwright")]
pub(crate) struct ApiKey {
    key: api_key::ApiKey,
    metadata: PyOnceLock<Py<PyDict>>,
}

#[pymethods]
impl ApiKey {
    /// What it is named by: no secret, and good for a log.
    #[getter]
    fn id(&self) -> &str {
        self.key.id()
    }

    /// Whom it was issued to.
    #[getter]
    fn owner(&self) -> &str {
        self.key.owner()
    }

    /// What it may be used for: a new list each time.
    #[getter]
    fn scopes(&self) -> Vec<String> {
        self.key.scopes().to_vec()
    }

    /// What the program wrote beside it: a dict, the same one each time.
    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let make = || document::dict(py, self.key.metadata()).map(Bound::unbind);
        Ok(self.metadata.get_or_try_init(py, make)?.bind(py).clone())
    }

    /// When it was issued.
    #[getter]
    fn created_at(&self) -> i64 {
        self.key.created_at()
    }

    /// When it ends, or None.
    #[getter]
    fn expires_at(&self) -> Option<i64> {
        self.key.expires_at()
    }

    /// When it was revoked, or None.
    #[getter]
    fn revoked_at(&self) -> Option<i64> {
        self.key.revoked_at()
    }

    /// When it last got another secret, or None.
    #[getter]
    fn rotated_at(&self) -> Option<i64> {
        self.key.rotated_at()
    }

    /// When it was used, coarsely (see last_used_every of ApiKeys), or None.
    #[getter]
    fn last_used_at(&self) -> Option<i64> {
        self.key.last_used_at()
    }

    /// The last four characters of the key, by which its owner knows it; None for an imported one.
    #[getter]
    fn last4(&self) -> Option<&str> {
        self.key.last4()
    }

    /// A JSON text of all this.
    fn to_json(&self) -> String {
        self.key.to_json()
    }

    fn __repr__(&self) -> String {
        format!("<authwright.ApiKey {}>", self.key.id())
    }
}

impl ApiKey {
    pub(crate) fn new(key: api_key::ApiKey) -> Self {
        Self { key, metadata: PyOnceLock::new() }
    }
}

/// A key that was just issued or rotated: an ApiKey, and the secret, which nobody can show again.
///
/// The secret and to_json() are secrets; the repr shows none.
#[pyclass(frozen, extends = ApiKey, module = "authwright")]
pub(crate) struct IssuedKey(api_key::IssuedKey);

#[pymethods]
impl IssuedKey {
    /// The whole key, as its owner presents it.
    #[getter]
    fn secret(&self) -> &str {
        self.0.secret()
    }

    /// A JSON text of all this, with the secret.
    fn to_json(&self) -> String {
        self.0.to_json().to_string()
    }

    fn __repr__(&self) -> String {
        format!("<authwright.IssuedKey {}>", self.0.key().id())
    }
}

impl IssuedKey {
    pub(crate) fn made(py: Python<'_>, key: api_key::IssuedKey) -> PyResult<Py<Self>> {
        let base = ApiKey::new(key.key().clone());
        Py::new(py, PyClassInitializer::from(base).add_subclass(Self(key)))
    }
}

/// A part of an owner's keys.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct ApiKeyPage {
    page: api_key::ApiKeyPage,
    keys: Vec<Py<ApiKey>>,
}

#[pymethods]
impl ApiKeyPage {
    /// At most as many as were asked for: a new list each time. It may be fewer, none even, and not the end.
    #[getter]
    fn keys(&self, py: Python<'_>) -> Vec<Py<ApiKey>> {
        self.keys.iter().map(|key| key.clone_ref(py)).collect()
    }

    /// What list() is given as `after` for the next page, or None after the last.
    #[getter]
    fn next(&self) -> Option<&str> {
        self.page.next.as_deref()
    }

    /// A JSON text of all this.
    fn to_json(&self) -> String {
        self.page.to_json()
    }

    fn __repr__(&self) -> String {
        format!("<authwright.ApiKeyPage of {}>", self.keys.len())
    }
}

impl ApiKeyPage {
    pub(crate) fn new(py: Python<'_>, page: api_key::ApiKeyPage) -> PyResult<Self> {
        let keys = page.keys.iter().map(|key| Py::new(py, ApiKey::new(key.clone()))).collect::<PyResult<_>>()?;
        Ok(Self { page, keys })
    }
}
