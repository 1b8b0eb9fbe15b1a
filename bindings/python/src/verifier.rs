//! `Verifier`.

use authwright_core::Policy;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::argument;
use crate::error::call;
use crate::json;
use crate::key::document;
use crate::recurring::Recurring;
use crate::token::Token;

/// Verifies tokens by one policy, with one Key or KeySet.
///
/// The policy's members are keyword arguments: issuer, audience, subject, typ, algorithms, required, claims, leeway,
/// max_token_age, max_token_bytes, compat, dangerous_any_audience, dangerous_no_expiration, dangerous_weak_keys.
/// leeway (30 by default) and max_token_age are seconds, or a timedelta. An unknown member is UnknownOptionError, and None is no
/// value: leave out what is not to be checked. Build a verifier once and share it between threads.
///
/// Raises UnknownOptionError, InvalidArgumentError, PolicyVersionError, UnsupportedAlgorithmError, KeyTooWeakError,
/// KeyMismatchError.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct Verifier {
    verifier: authwright_core::Verifier,
    recurring: Recurring,
}

#[pymethods]
impl Verifier {
    #[new]
    #[pyo3(signature = (keys, /, **policy))]
    fn new(keys: &Bound<'_, PyAny>, policy: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Self::build(keys, &json::options(policy)?)
    }

    /// A verifier by a policy document: a dict, or JSON text such as the contents of a file that services share.
    #[staticmethod]
    #[pyo3(signature = (keys, policy, /))]
    fn from_policy(keys: &Bound<'_, PyAny>, policy: &Bound<'_, PyAny>) -> PyResult<Self> {
        document(policy, "policy", |json| Self::build(keys, json))
    }

    /// Verifies a token and returns it, or raises the error of the first check that failed.
    ///
    /// `token` is str, bytes or a buffer. `now` is the instant to judge by: seconds since 1970 or an aware datetime; the system's
    /// clock by default.
    ///
    /// Raises TokenMalformedError, TokenTooLargeError, TokenEncodingError, TokenJsonError, TokenCriticalError,
    /// TokenTypeError, AlgorithmNotAllowedError, KeyNotFoundError, SignatureInvalidError, TokenExpiredError,
    /// TokenNotYetValidError, TokenIssuedInFutureError, TokenTooOldError, IssuerMismatchError, AudienceMismatchError,
    /// SubjectMismatchError, ClaimMissingError, ClaimTypeError, ClaimMismatchError, InvalidArgumentError.
    #[pyo3(signature = (token, now=None))]
    fn verify(&self, token: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> PyResult<Token> {
        let py = token.py();
        let bytes = argument::bytes(token, "token")?;
        let now = argument::now(now)?;
        // The interpreter is not released. That is cheap, but getting it back can take a whole switch interval (5 ms) while
        // other threads compute, for work that takes 1 us (HMAC), 12 to 40 us (RSA, P-256, Ed25519) or up to 0.3 ms.
        let token = call(py, || self.verifier.verify(&*bytes, now))?;
        Token::new(py, token, &self.recurring)
    }

    fn __repr__(&self) -> &'static str {
        "<authwright.Verifier>"
    }
}

impl Verifier {
    fn build(keys: &Bound<'_, PyAny>, policy: &str) -> PyResult<Self> {
        let py = keys.py();
        let keys = argument::keys(keys, "keys")?;
        let verifier = call(py, || authwright_core::Verifier::new(keys, Policy::from_json(policy)?))?;
        Ok(Self { verifier, recurring: Recurring::default() })
    }
}
