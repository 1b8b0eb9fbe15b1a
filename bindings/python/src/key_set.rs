//! `KeySet`.

use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList};

use crate::error::{call, invalid, raise, type_name};
use crate::key::{Key, document};

/// A set of keys (JWKS) of one issuer: a verifier chooses among them by the token's kid and alg.
///
/// `KeySet([key, ...])` takes any iterable of Key. Do not mix the keys of several issuers: each could then sign for the others.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct KeySet(pub(crate) authwright_core::KeySet);

#[pymethods]
impl KeySet {
    #[new]
    #[pyo3(signature = (keys, /))]
    fn new(keys: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = keys.py();
        let wrong = |found: &Bound<'_, PyAny>| {
            invalid(py, "keys", format!("keys holds {}: pass an iterable of Key", type_name(found)))
        };
        let items = keys.try_iter().map_err(|_| wrong(keys))?;
        let mut members = Vec::new();
        for item in items {
            let item = item?;
            members.push(item.cast::<Key>().map_err(|_| wrong(&item))?.get().0.clone());
        }
        call(py, || Ok(authwright_core::KeySet::new(members))).map(Self)
    }

    /// Reads a JWKS (RFC 7517 section 5), given as JSON text or as a dict.
    ///
    /// Keys that cannot be used are kept out of the way, see `rejected`. Raises KeyFormatError, InvalidArgumentError.
    #[staticmethod]
    #[pyo3(signature = (jwks, /))]
    fn from_json(jwks: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = jwks.py();
        document(jwks, "jwks", |json| call(py, || authwright_core::KeySet::from_json(json))).map(Self)
    }

    /// The set as JSON text, ready to be published: the public parts only. Shared secrets are left out.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        call(py, || Ok(self.0.to_json()))
    }

    /// The members that from_json() could not use: a new list of (index, kid or None, AuthwrightError).
    #[getter]
    fn rejected<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let rejected =
            self.0.rejected().iter().map(|member| (member.index, member.kid.as_deref(), raise(py, &member.error)));
        PyList::new(py, rejected.collect::<Vec<_>>())
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyList::new(py, self.0.keys().iter().cloned().map(Key).collect::<Vec<_>>())?.try_iter()
    }

    fn __repr__(&self) -> String {
        format!("<authwright.KeySet of {} keys>", self.0.len())
    }
}
