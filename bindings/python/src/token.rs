//! `Token`, and `UnverifiedToken`, which is no token.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::argument;
use crate::document;
use crate::error::call;
use crate::recurring::Recurring;

/// A verified token: every check of the policy has passed.
///
/// Only Verifier.verify() makes one.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct Token {
    token: authwright_core::Token,
    /// The claims: a dict, the same one each time. Dates are seconds since 1970, as in the token.
    // Made with the token: to fill a cell later would cost more than is saved where nobody asks.
    #[pyo3(get)]
    claims: Py<PyDict>,
    header: PyOnceLock<Py<PyDict>>,
}

impl Token {
    #[inline]
    pub(crate) fn new(py: Python<'_>, token: authwright_core::Token, recurring: &Recurring) -> PyResult<Self> {
        let claims = document::claims(py, token.claims(), recurring)?.unbind();
        Ok(Self { token, claims, header: PyOnceLock::new() })
    }
}

#[pymethods]
impl Token {
    /// The header: a dict, the same one each time.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let header = self.header.get_or_try_init(py, || document::dict(py, self.token.header()).map(Bound::unbind))?;
        Ok(header.bind(py).clone())
    }

    fn __repr__(&self) -> &'static str {
        "<authwright.Token, verified>"
    }
}

/// What a token says of itself, with nothing checked: anyone can have written it.
///
/// Its type differs from Token's so that the two cannot be confused.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct UnverifiedToken(authwright_core::UnverifiedToken);

#[pymethods]
impl UnverifiedToken {
    /// The unverified claims: a new dict each time.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        document::dict(py, self.0.claims())
    }

    /// The unverified header: a new dict each time.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        document::dict(py, self.0.header())
    }

    fn __repr__(&self) -> &'static str {
        "<authwright.UnverifiedToken>"
    }
}

/// Reads a token without checking its signature or anything else: for debugging and for logs, never for a decision.
///
/// Raises TokenMalformedError, TokenTooLargeError, TokenEncodingError, TokenJsonError, InvalidArgumentError.
#[pyfunction]
#[pyo3(signature = (token, /))]
pub(crate) fn dangerous_decode(token: &Bound<'_, PyAny>) -> PyResult<UnverifiedToken> {
    let py = token.py();
    let bytes = argument::bytes(token, "token")?;
    call(py, || authwright_core::dangerous_decode(&*bytes)).map(UnverifiedToken)
}
