//! `Signer` and `Prepared`.

#[cfg(not(Py_LIMITED_API))]
use authwright_core::Error;
use authwright_core::{Algorithm, SignatureFormat, SignerOptions};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::argument;
use crate::document;
use crate::error::{call, call_detached, invalid, type_name};
use crate::json::{self, Purpose, Source};
use crate::key::Key;

/// Signs tokens with one key.
///
/// Options: algorithm (where the key does several), issuer, audience (a str or a list), subject, lifetime (seconds or a timedelta),
/// typ ("JWT" by default), headers (a dict of further header members), jwt_id (True gives each token an id of its own),
/// dangerous_no_expiration, dangerous_weak_keys. An unknown option is UnknownOptionError, and None is no value. Build a signer once and
/// share it between threads. With a public key it can only prepare() and finish().
///
/// Raises UnknownOptionError, InvalidArgumentError, UnsupportedAlgorithmError, KeyMismatchError, KeyTooWeakError.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct Signer {
    signer: authwright_core::Signer,
    slow: bool,
}

#[pymethods]
impl Signer {
    #[new]
    #[pyo3(signature = (key, /, **options))]
    fn new(key: &Bound<'_, PyAny>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let py = key.py();
        let Ok(key) = key.cast::<Key>() else {
            return Err(invalid(py, "key", format!("key is {}: pass a Key", type_name(key))));
        };
        let key = &key.get().0;
        let options = json::options(py, options, SignerOptions::from_json)?;
        let signer = call(py, || authwright_core::Signer::new(key, options))?;
        let slow = is_slow(signer.algorithm());
        Ok(Self { signer, slow })
    }

    /// Signs claims, and returns the token.
    ///
    /// `claims` is a dict (or another mapping) of what JSON can say; an aware datetime becomes seconds since 1970. iat is always
    /// there; exp comes from lifetime. `now` is the instant of signing: seconds since 1970 or an aware datetime; the system's
    /// clock by default.
    ///
    /// Raises InvalidArgumentError (field names the claim), ClaimMissingError, ClaimTypeError, ClaimMismatchError,
    /// KeyNotPrivateError.
    #[pyo3(signature = (claims, now=None))]
    fn sign<'py>(&self, claims: &Bound<'py, PyAny>, now: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyString>> {
        let py = claims.py();
        let source = Source::new(claims, "claims", Purpose::Claims)?;
        let now = argument::now(now)?;
        if self.slow {
            let json = source.text()?;
            let token = call_detached(py, || self.signer.sign_json_bytes(&json, now))?;
            return document::text(py, &token);
        }
        written(&self.signer, &source, now, py)
    }

    /// The first half of sign(), for a key that a KMS or HSM holds: have it sign `.signing_input`, then call finish().
    ///
    /// Raises what sign() raises, except KeyNotPrivateError.
    #[pyo3(signature = (claims, now=None))]
    fn prepare(&self, claims: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> PyResult<Prepared> {
        let source = Source::new(claims, "claims", Purpose::Claims)?;
        let now = argument::now(now)?;
        source.call(|| self.signer.prepare(&source, now)).map(Prepared)
    }

    /// The second half: checks the signature, and returns the token.
    ///
    /// `signature` is raw, as in JWS; `der=True` takes ECDSA's DER form, which KMSs answer with.
    ///
    /// Raises SignatureInvalidError, InvalidArgumentError.
    #[pyo3(signature = (prepared, signature, der=None), text_signature = "($self, prepared, signature, der=False)")]
    fn finish(
        &self,
        prepared: &Bound<'_, PyAny>,
        signature: &Bound<'_, PyAny>,
        der: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let py = prepared.py();
        let Ok(half) = prepared.cast::<Prepared>() else {
            return Err(invalid(
                py,
                "prepared",
                format!("prepared is {}: pass what prepare() returned", type_name(prepared)),
            ));
        };
        let signature = argument::bytes(signature, "signature")?;
        let format = if argument::flag(der, "der", false)? { SignatureFormat::Der } else { SignatureFormat::Raw };
        call(py, || self.signer.finish(&half.get().0, &signature, format))
    }

    fn __repr__(&self) -> &'static str {
        "<authwright.Signer>"
    }
}

/// The token, made in the str that Python gets.
#[cfg(not(Py_LIMITED_API))]
#[inline]
fn written<'py>(
    signer: &authwright_core::Signer,
    source: &Source<'py>,
    now: i64,
    py: Python<'py>,
) -> PyResult<Bound<'py, PyString>> {
    let mut no_room = None;
    let token = source.call(|| {
        signer.sign_into(source, now, |length| {
            document::Blank::new(py, length).ok_or_else(|| {
                no_room = PyErr::take(py);
                Error::internal("no room for a str")
            })
        })
    });
    match (token, no_room) {
        (Ok(token), _) => Ok(token.finish()),
        (Err(_), Some(exception)) => Err(exception),
        (Err(error), None) => Err(error),
    }
}

/// The token: the stable ABI lets nobody write into a str.
#[cfg(Py_LIMITED_API)]
fn written<'py>(
    signer: &authwright_core::Signer,
    source: &Source<'py>,
    now: i64,
    py: Python<'py>,
) -> PyResult<Bound<'py, PyString>> {
    let token = source.call(|| signer.sign_into(source, now, |length| Ok(vec![0; length])))?;
    document::text(py, &token)
}

/// A token that lacks its signature: what Signer.prepare() returns.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct Prepared(authwright_core::Prepared);

#[pymethods]
impl Prepared {
    /// The bytes to sign.
    #[getter]
    fn signing_input<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.signing_input())
    }

    /// The algorithm to sign them with, such as "ES256".
    #[getter]
    fn algorithm(&self) -> &'static str {
        self.0.algorithm().name()
    }

    fn __repr__(&self) -> String {
        format!("<authwright.Prepared {}>", self.0.algorithm())
    }
}

/// Whether a signature takes so long that other threads should run meanwhile: RSA 0.2 to 3 ms, the larger curves 0.1 to 1 ms.
/// See the same question in `verifier`.
pub(crate) fn is_slow(algorithm: Algorithm) -> bool {
    !matches!(
        algorithm,
        Algorithm::HS256
            | Algorithm::HS384
            | Algorithm::HS512
            | Algorithm::ES256
            | Algorithm::EdDSA
            | Algorithm::Ed25519
    )
}
