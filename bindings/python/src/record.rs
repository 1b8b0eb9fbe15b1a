//! `Record`.

use authwright_core::store;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::argument;

/// What a store keeps under a key: made and read by stores that a program has written itself.
///
/// `version` is an int, `value` a str, which a store gives back as it is, `owner` a str by which list() finds it, or None,
/// `expires_at` an int, in milliseconds since 1970, from which on a sweep may remove it, or None. Read-only. The repr does
/// not show the value.
///
/// Raises InvalidArgumentError.
#[pyclass(frozen, eq, module = "authwright")]
#[derive(PartialEq, Eq)]
pub(crate) struct Record(store::Record);

#[pymethods]
impl Record {
    #[new]
    #[pyo3(signature = (version, value, owner=None, expires_at=None))]
    fn new(
        version: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        owner: Option<&Bound<'_, PyAny>>,
        expires_at: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        // What a store may keep at all is the core's to say, of each answer.
        Ok(Self(store::Record {
            version: argument::whole(version, "version")?,
            value: argument::text(value, "value")?.to_owned(),
            owner: argument::optional_text(owner, "owner")?.map(str::to_owned),
            expires_at: expires_at.map(|time| argument::whole(time, "expires_at")).transpose()?,
        }))
    }

    /// Differs from that of every record that was ever under this key.
    #[getter]
    fn version(&self) -> u64 {
        self.0.version
    }

    /// The text.
    #[getter]
    fn value(&self) -> &str {
        &self.0.value
    }

    /// By whom list() finds it, or None.
    #[getter]
    fn owner(&self) -> Option<&str> {
        self.0.owner.as_deref()
    }

    /// In milliseconds since 1970, or None.
    #[getter]
    fn expires_at(&self) -> Option<u64> {
        self.0.expires_at
    }

    /// What makes it again: records can be copied and pickled.
    fn __getnewargs__<'py>(
        &self,
        py: Python<'py>,
    ) -> (u64, Bound<'py, PyString>, Option<Bound<'py, PyString>>, Option<u64>) {
        let owner = self.owner().map(|owner| PyString::new(py, owner));
        (self.0.version, PyString::new(py, &self.0.value), owner, self.0.expires_at)
    }

    fn __repr__(&self) -> String {
        let (version, bytes) = (self.0.version, self.0.value.len());
        format!("<authwright.Record version={version}, {bytes} bytes>")
    }
}

impl Record {
    pub(crate) fn of(record: store::Record) -> Self {
        Self(record)
    }

    pub(crate) fn inner(&self) -> &store::Record {
        &self.0
    }
}
