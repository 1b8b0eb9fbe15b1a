//! `Key`.

use authwright_core::{Algorithm, KeyOptions};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict};

use crate::argument::{self, Bytes};
use crate::error::{call, call_detached};
use crate::json::{Purpose, Source};

/// A key, of any kind: a shared secret, an RSA, EC or Ed25519 private key, or the public part of one.
///
/// Made by one of the class methods, checked once, and immutable: share it between threads as you like.
/// A key with an algorithm does that algorithm only. It cannot be pickled, and its repr shows no key material.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct Key(pub(crate) authwright_core::Key);

#[pymethods]
impl Key {
    /// Generates a key for `alg`, such as "ES256".
    ///
    /// `bits` is for RSA: 2048 (the default), 3072 or 4096. A secret gets as many bytes as its hash has. An asymmetric
    /// key without `kid` gets its thumbprint as `kid`.
    ///
    /// Raises UnsupportedAlgorithmError, InvalidArgumentError.
    #[staticmethod]
    #[pyo3(signature = (alg, *, kid=None, bits=None))]
    fn generate(
        alg: &Bound<'_, PyAny>,
        kid: Option<&Bound<'_, PyAny>>,
        bits: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = alg.py();
        let algorithm = argument::algorithm(alg, "alg")?;
        let kid = argument::optional_text(kid, "kid")?;
        let bits = bits.map(|bits| argument::unsigned(bits, "bits")).transpose()?;
        call_detached(py, || authwright_core::Key::generate(algorithm, kid, bits)).map(Self)
    }

    /// Reads a PEM document: PKCS#8 (also encrypted), PKCS#1, SEC1, SPKI, or an X.509 certificate, whose dates are not checked.
    ///
    /// `alg` binds the key to one algorithm. `password` is for an encrypted key. An OpenSSH key is refused with advice.
    ///
    /// Raises KeyFormatError, KeyPasswordError, KeyTooWeakError, KeyInconsistentError, KeyMismatchError,
    /// UnsupportedAlgorithmError, InvalidArgumentError.
    #[staticmethod]
    #[pyo3(signature = (data, *, alg=None, kid=None, password=None))]
    fn from_pem(
        data: &Bound<'_, PyAny>,
        alg: Option<&Bound<'_, PyAny>>,
        kid: Option<&Bound<'_, PyAny>>,
        password: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        load(data, alg, kid, password, authwright_core::Key::from_pem)
    }

    /// Reads a DER document, in any of the forms that from_pem() reads.
    #[staticmethod]
    #[pyo3(signature = (data, *, alg=None, kid=None, password=None))]
    fn from_der(
        data: &Bound<'_, PyAny>,
        alg: Option<&Bound<'_, PyAny>>,
        kid: Option<&Bound<'_, PyAny>>,
        password: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        load(data, alg, kid, password, authwright_core::Key::from_der)
    }

    /// Reads a JWK (RFC 7517), given as a dict or as JSON text. Members that are not known are kept.
    ///
    /// Raises KeyFormatError, KeyInconsistentError, KeyTooWeakError, UnsupportedAlgorithmError, InvalidArgumentError.
    #[staticmethod]
    #[pyo3(signature = (jwk, /))]
    fn from_jwk(jwk: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = jwk.py();
        document(jwk, "jwk", |json| call(py, || authwright_core::Key::from_jwk(json))).map(Self)
    }

    /// Takes a shared secret for HMAC: bytes, or a str as its UTF-8.
    ///
    /// It must be as long as the hash of the algorithm it is used with: 32 bytes for HS256.
    ///
    /// Raises KeyTooWeakError, KeyMismatchError, InvalidArgumentError.
    #[staticmethod]
    #[pyo3(signature = (secret, *, alg=None, kid=None))]
    fn from_secret(
        secret: &Bound<'_, PyAny>,
        alg: Option<&Bound<'_, PyAny>>,
        kid: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = secret.py();
        let secret = argument::bytes(secret, "secret")?;
        let algorithm = argument::optional_algorithm(alg, "alg")?;
        let kid = argument::optional_text(kid, "kid")?;
        call(py, || authwright_core::Key::from_secret(&secret, &KeyOptions { algorithm, kid, password: None }))
            .map(Self)
    }

    /// The public part of an asymmetric key. A secret has none: KeyMismatchError.
    fn public_key(&self, py: Python<'_>) -> PyResult<Self> {
        call(py, || self.0.public_key()).map(Self)
    }

    /// The key as a JWK: a new dict. The private members only with `private=True`; a secret has no others.
    ///
    /// Raises KeyNotPrivateError, KeyMismatchError.
    #[pyo3(signature = (private=None), text_signature = "($self, private=False)")]
    fn to_jwk<'py>(&self, py: Python<'py>, private: Option<&Bound<'_, PyAny>>) -> PyResult<Bound<'py, PyDict>> {
        let private = argument::flag(private, "private", false)?;
        let json = call(py, || self.0.to_jwk(private))?;
        dict(py, &json)
    }

    /// The key as PEM text: SPKI, or PKCS#8 with `private=True`.
    ///
    /// Raises KeyNotPrivateError, KeyMismatchError.
    #[pyo3(signature = (private=None), text_signature = "($self, private=False)")]
    fn to_pem(&self, py: Python<'_>, private: Option<&Bound<'_, PyAny>>) -> PyResult<String> {
        let private = argument::flag(private, "private", false)?;
        call(py, || self.0.to_pem(private)).map(|pem| pem.to_string())
    }

    /// The key as DER bytes: SPKI, or PKCS#8 with `private=True`.
    ///
    /// Raises KeyNotPrivateError, KeyMismatchError.
    #[pyo3(signature = (private=None), text_signature = "($self, private=False)")]
    fn to_der<'py>(&self, py: Python<'py>, private: Option<&Bound<'_, PyAny>>) -> PyResult<Bound<'py, PyBytes>> {
        let private = argument::flag(private, "private", false)?;
        let der = call(py, || self.0.to_der(private))?;
        Ok(PyBytes::new(py, &der))
    }

    /// The RFC 7638 thumbprint: SHA-256, in base64url. It names the key, whatever its kid.
    fn thumbprint(&self, py: Python<'_>) -> PyResult<String> {
        call(py, || Ok(self.0.thumbprint()))
    }

    /// The key id, or None.
    #[getter]
    fn kid(&self) -> Option<&str> {
        self.0.kid()
    }

    /// The one algorithm that the key does, or None when its type decides.
    #[getter]
    fn algorithm(&self) -> Option<&'static str> {
        self.0.algorithm().map(Algorithm::name)
    }

    /// Whether the key can sign: a private key, or a secret.
    #[getter]
    fn is_private(&self) -> bool {
        self.0.is_private()
    }

    fn __repr__(&self) -> String {
        format!("<authwright.{:?}>", self.0)
    }
}

/// Calls `read` with the document's JSON text: the text given, or a mapping written as text.
pub(crate) fn document<T>(
    value: &Bound<'_, PyAny>,
    parameter: &'static str,
    read: impl FnOnce(&str) -> PyResult<T>,
) -> PyResult<T> {
    let py = value.py();
    if argument::is_text(value) {
        let bytes: Bytes<'_> = argument::bytes(value, parameter)?;
        return read(argument::document_text(&bytes, py, parameter)?);
    }
    read(&Source::new(value, parameter, Purpose::Document)?.text()?)
}

/// A JSON object of the core's own making, as a dict.
pub(crate) fn dict<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyDict>> {
    Ok(loads(py)?.call1((json,))?.cast_into::<PyDict>()?)
}

/// Python's `json.loads`, imported when it is first needed: few programs need it.
pub(crate) fn loads(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let loads = LOADS.get_or_try_init(py, || Ok::<_, PyErr>(py.import("json")?.getattr("loads")?.unbind()))?;
    Ok(loads.bind(py))
}

fn load(
    data: &Bound<'_, PyAny>,
    alg: Option<&Bound<'_, PyAny>>,
    kid: Option<&Bound<'_, PyAny>>,
    password: Option<&Bound<'_, PyAny>>,
    read: fn(&[u8], &KeyOptions<'_>) -> authwright_core::Result<authwright_core::Key>,
) -> PyResult<Key> {
    let py = data.py();
    let data = argument::bytes(data, "data")?;
    let algorithm = argument::optional_algorithm(alg, "alg")?;
    let kid = argument::optional_text(kid, "kid")?;
    let Some(password) = password else {
        return call(py, || read(&data, &KeyOptions { algorithm, kid, password: None })).map(Key);
    };
    let password = argument::bytes(password, "password")?;
    // Deriving a key from a password takes from milliseconds to seconds.
    call_detached(py, || read(&data, &KeyOptions { algorithm, kid, password: Some(&password) })).map(Key)
}
