//! `authwright.jws`: signatures over any bytes, with no claims.

use authwright_core::KeyType;
use authwright_core::jws::{self, SignOptions, VerifyOptions};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::argument;
use crate::document;
use crate::error::{call, call_detached, invalid, type_name};
use crate::json::{Purpose, Source};
use crate::key::Key;

/// Signs a payload and returns the compact JWS (RFC 7515).
///
/// `payload` is bytes, a buffer, or a str as its UTF-8. `algorithm` is needed where the key does several and the first is not meant.
/// `headers` is a dict of further header members. `detached=True` leaves the payload out of the result; `b64=False` signs it as it is
/// (RFC 7797).
///
/// Raises InvalidArgumentError, KeyNotPrivateError, KeyMismatchError, KeyTooWeakError, UnsupportedAlgorithmError.
#[pyfunction]
#[pyo3(
    signature = (payload, key, *, algorithm=None, headers=None, detached=None, b64=None),
    text_signature = "(payload, key, *, algorithm=None, headers=None, detached=False, b64=True)"
)]
pub(crate) fn jws_sign(
    payload: &Bound<'_, PyAny>,
    key: &Bound<'_, PyAny>,
    algorithm: Option<&Bound<'_, PyAny>>,
    headers: Option<&Bound<'_, PyAny>>,
    detached: Option<&Bound<'_, PyAny>>,
    b64: Option<&Bound<'_, PyAny>>,
) -> PyResult<String> {
    let py = payload.py();
    let payload = argument::bytes(payload, "payload")?;
    let Ok(key) = key.cast::<Key>() else {
        return Err(invalid(py, "key", format!("key is {}: pass a Key", type_name(key))));
    };
    let key = &key.get().0;
    let algorithm = argument::optional_algorithm(algorithm, "algorithm")?;
    let headers = headers.map(|headers| Source::new(headers, "headers", Purpose::Claims)?.text()).transpose()?;
    let headers = headers.as_ref().map(|headers| headers.as_str());
    let detached = argument::flag(detached, "detached", false)?;
    let b64 = argument::flag(b64, "b64", true)?;
    let operation = || jws::sign(&payload, key, &SignOptions { algorithm, headers, detached, b64 });
    if key.key_type() == KeyType::Rsa { call_detached(py, operation) } else { call(py, operation) }
}

/// Verifies a compact JWS and returns its payload and header.
///
/// `keys` is a Key or a KeySet; `algorithms` narrows what the keys allow. `payload` is the payload of a detached JWS.
///
/// Raises TokenMalformedError, TokenEncodingError, TokenJsonError, TokenCriticalError, AlgorithmNotAllowedError,
/// KeyNotFoundError, SignatureInvalidError, InvalidArgumentError.
#[pyfunction]
#[pyo3(signature = (token, keys, *, algorithms=None, payload=None))]
pub(crate) fn jws_verify(
    token: &Bound<'_, PyAny>,
    keys: &Bound<'_, PyAny>,
    algorithms: Option<&Bound<'_, PyAny>>,
    payload: Option<&Bound<'_, PyAny>>,
) -> PyResult<Verified> {
    let py = token.py();
    let token = argument::bytes(token, "token")?;
    let keys = argument::keys(keys, "keys")?;
    let algorithms = algorithms.map(|names| argument::algorithms(names, "algorithms")).transpose()?;
    let payload = payload.map(|payload| argument::bytes(payload, "payload")).transpose()?;
    let options = VerifyOptions { algorithms, payload: payload.as_deref() };
    call(py, || jws::verify(&*token, keys, &options)).map(Verified)
}

/// A payload whose signature is good. Only jws.verify() makes one.
#[pyclass(frozen, module = "authwright.jws")]
pub(crate) struct Verified(jws::Verified);

#[pymethods]
impl Verified {
    /// The payload.
    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.payload())
    }

    /// The header: a new dict each time.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        document::dict(py, self.0.header())
    }

    fn __repr__(&self) -> &'static str {
        "<authwright.jws.Verified>"
    }
}
