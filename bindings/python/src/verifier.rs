//! `Verifier`.

use authwright_core::operation::{Operation, Step};
use authwright_core::{Policy, RemoteOptions, system_now_ms};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::argument::{self, Timeout};
use crate::error::{call, call_detached, invalid, raise, type_name};
use crate::event;
use crate::json::{self, Purpose, Source};
use crate::key::{Key, document};
use crate::key_set::KeySet;
use crate::recurring::Recurring;
use crate::remote_key_set::RemoteKeySet;
use crate::token::Token;

/// The seconds that fetching keys for a token may take, unless the call says otherwise.
const TIMEOUT: u64 = 10;

/// Verifies tokens by one policy, with a Key, a KeySet, or the RemoteKeySet of an issuer.
///
/// The policy's members are keyword arguments: issuer, audience, subject, typ, algorithms, required, claims, leeway,
/// max_token_age, max_token_bytes, compat, profile ("id_token" or "logout_token": the rules of OpenID Connect for
/// these), dangerous_any_audience, dangerous_no_expiration, dangerous_weak_keys. leeway (30 by default) and
/// max_token_age are seconds, or a timedelta. An unknown member is UnknownOptionError, and None is no value: leave out
/// what is not to be checked. Build a verifier once and share it between threads.
///
/// With a RemoteKeySet the issuer is the set's, and need not be said again.
///
/// Raises UnknownOptionError, InvalidArgumentError, PolicyVersionError, UnsupportedAlgorithmError, KeyTooWeakError,
/// KeyMismatchError.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct Verifier {
    verifier: authwright_core::Verifier,
    recurring: Recurring,
    remote: Option<Py<RemoteKeySet>>,
}

/// What became of a token without I/O.
pub(crate) enum Attempt {
    Over(Token),
    /// Keys must be fetched first, or waited for.
    Unfinished(Operation<authwright_core::Token>),
}

#[pymethods]
impl Verifier {
    #[new]
    #[pyo3(signature = (keys, /, **policy))]
    fn new(keys: &Bound<'_, PyAny>, policy: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Self::build(keys, json::options(keys.py(), policy, Policy::from_json)?)
    }

    /// A verifier made from nothing but an issuer's URL: its metadata and its keys are fetched when the first token
    /// comes.
    ///
    /// An issuer that is down is no error yet. `http` is the HttpClient to fetch with; the rest is the policy.
    ///
    /// Raises UrlRefusedError, and what Verifier() raises.
    #[staticmethod]
    #[pyo3(signature = (issuer, /, *, http=None, **policy))]
    fn discover(
        issuer: &Bound<'_, PyAny>,
        http: Option<&Bound<'_, PyAny>>,
        policy: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let py = issuer.py();
        let issuer = argument::text(issuer, "issuer")?;
        let policy = json::options(py, policy, Policy::from_json)?;
        let keys = RemoteKeySet::build(py, http, || Ok(RemoteOptions::issuer(issuer)))?;
        Self::remote(Py::new(py, keys)?, py, policy)
    }

    /// A verifier by a policy document: a dict, or JSON text such as the contents of a file that services share.
    #[staticmethod]
    #[pyo3(signature = (keys, policy, /))]
    fn from_policy(keys: &Bound<'_, PyAny>, policy: &Bound<'_, PyAny>) -> PyResult<Self> {
        let read = if argument::is_text(policy) {
            document(policy, "policy", |json| call(policy.py(), || Policy::from_json(json)))
        } else {
            Source::new(policy, "policy", Purpose::Options)?.read(Policy::from_json)
        };
        Self::build(keys, read?)
    }

    /// Verifies a token and returns it, or raises the error of the first check that failed.
    ///
    /// `token` is str, bytes or a buffer. `now` is the instant to judge by: seconds since 1970 or an aware datetime;
    /// the system's clock by default. Does no I/O: with a RemoteKeySet whose keys are not here, it is KeysNeededError,
    /// which says nothing about the token, and verify_fetching() fetches them.
    ///
    /// Raises TokenMalformedError, TokenTooLargeError, TokenEncodingError, TokenJsonError, TokenCriticalError,
    /// TokenTypeError, AlgorithmNotAllowedError, KeyNotFoundError, SignatureInvalidError, TokenExpiredError,
    /// TokenNotYetValidError, TokenIssuedInFutureError, TokenTooOldError, IssuerMismatchError, AudienceMismatchError,
    /// SubjectMismatchError, ClaimMissingError, ClaimTypeError, ClaimMismatchError, KeysNeededError,
    /// InvalidArgumentError.
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

    /// Verifies a token, and fetches the issuer's keys first where they are needed, or waits for who is fetching them.
    ///
    /// `token` and `now` are those of verify(), which it costs when the keys are here. `timeout` is how long it may
    /// take otherwise: seconds, or a timedelta; 10 by default. The GIL is released while it waits. Keys whose time is
    /// about to be over are fetched in the background.
    ///
    /// Raises what verify() raises. KeysNeededError says that the issuer could not be asked, which is no verdict on the
    /// token: answer 503, not 401. Its __cause__ is why: TransportError, TransportTlsError, DeadlineError,
    /// ResponseStatusError, ResponseInvalidError, ResponseTooLargeError, MetadataInvalidError; none within the cooldown
    /// of a fetch that went well. DeadlineError: the timeout is over. ClosedError: the set was closed.
    #[pyo3(signature = (token, now=None, timeout=Timeout::of_seconds(TIMEOUT)), text_signature = "($self, token, now=None, timeout=10)")]
    fn verify_fetching(
        &self,
        token: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
    ) -> PyResult<Token> {
        let py = token.py();
        let token = match (self.attempt(py, token, now, timeout)?, &self.remote) {
            (Attempt::Over(token), _) => token,
            (Attempt::Unfinished(operation), Some(keys)) => {
                let client = keys.get().client();
                let token = call_detached(py, || client.run(operation, &event::report))?;
                self.token(py, token)?
            }
            (Attempt::Unfinished(_), None) => return Err(unfinished(py)),
        };
        if let Some(keys) = &self.remote {
            keys.get().refresh_ahead(py)?;
        }
        Ok(token)
    }

    /// The RemoteKeySet, or None with fixed keys.
    #[getter]
    fn remote_keys(&self, py: Python<'_>) -> Option<Py<RemoteKeySet>> {
        self.remote.as_ref().map(|keys| keys.clone_ref(py))
    }

    fn __repr__(&self) -> &'static str {
        "<authwright.Verifier>"
    }
}

impl Verifier {
    fn build(keys: &Bound<'_, PyAny>, policy: Policy) -> PyResult<Self> {
        let py = keys.py();
        if let Ok(remote) = keys.cast::<RemoteKeySet>() {
            return Self::remote(remote.clone().unbind(), py, policy);
        }
        if !keys.is_instance_of::<Key>() && !keys.is_instance_of::<KeySet>() {
            let message = format!("keys is {}: pass a Key, a KeySet or a RemoteKeySet", type_name(keys));
            return Err(invalid(py, "keys", message));
        }
        let keys = argument::keys(keys, "keys")?;
        let verifier = call(py, || authwright_core::Verifier::new(keys, policy))?;
        Ok(Self { verifier, recurring: Recurring::default(), remote: None })
    }

    fn remote(keys: Py<RemoteKeySet>, py: Python<'_>, policy: Policy) -> PyResult<Self> {
        let set = keys.get().set();
        let verifier = call(py, || authwright_core::Verifier::remote(set, policy))?;
        Ok(Self { verifier, recurring: Recurring::default(), remote: Some(keys) })
    }

    /// The first step of a verification that may fetch.
    pub(crate) fn attempt(
        &self,
        py: Python<'_>,
        token: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
    ) -> PyResult<Attempt> {
        let bytes = argument::bytes(token, "token")?;
        let judged_at = now.map(|now| argument::now(Some(now))).transpose()?;
        let now = system_now_ms();
        let (mut operation, verified) = call(py, || {
            let mut operation = self.verifier.verify_fetching(&*bytes, judged_at, timeout.after(now));
            let verified = match operation.step(now) {
                Step::Done(token) => Some(token),
                Step::Failed(error) => return Err(error),
                Step::Effect(_) | Step::Wait(_) => None,
            };
            Ok((operation, verified))
        })?;
        operation.take_events().iter().for_each(event::report);
        match verified {
            Some(token) => self.token(py, token).map(Attempt::Over),
            None => Ok(Attempt::Unfinished(operation)),
        }
    }

    /// A verified token, as Python sees it.
    pub(crate) fn token(&self, py: Python<'_>, token: authwright_core::Token) -> PyResult<Token> {
        Token::new(py, token, &self.recurring)
    }
}

/// With fixed keys a verification is over at its first step.
#[cold]
fn unfinished(py: Python<'_>) -> PyErr {
    raise(py, &authwright_core::Error::internal("a verification with fixed keys waits"))
}
