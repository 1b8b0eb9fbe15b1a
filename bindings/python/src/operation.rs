//! Operations for drivers that are written in Python: `authwright/_driver.py` is the only one, and none of this is public.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authwright_core::operation::{self, Effect, EffectKind, Event, Failure, Reach, Response, Sent, Signal, Step};
use authwright_core::system_now_ms;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyBytes;

use crate::argument;
use crate::error::{call, invalid, raise};
use crate::event;
use crate::http_client::HttpClient;
use crate::remote_key_set::RemoteKeySet;
use crate::token::Token;
use crate::verifier::{Attempt, Verifier};

/// The seconds from now until then.
fn seconds_until(time: u64) -> f64 {
    std::time::Duration::from_millis(time.saturating_sub(system_now_ms())).as_secs_f64()
}

/// An operation of the core. One driver owns it, and close() must end it.
#[pyclass(frozen, module = "authwright._core")]
pub(crate) struct Operation(Mutex<Running>);

enum Running {
    Verify { operation: operation::Operation<authwright_core::Token>, verifier: Py<Verifier> },
    Refresh(operation::Operation<()>),
    Over(Option<Py<Token>>),
}

/// What the operation does next, detached from it.
enum Next {
    Send(Request),
    Wait(Wait),
    Verified(authwright_core::Token, Py<Verifier>),
    Refreshed,
    Failed(authwright_core::Error),
}

impl Next {
    fn new<T>(step: Step<'_, T>, done: impl FnOnce(T) -> Self) -> Self {
        match step {
            Step::Effect(Effect { id, kind: EffectKind::Send(request) }) => {
                Self::Send(Request { id: *id, request: request.clone() })
            }
            Step::Effect(_) => Self::Failed(Failure::unsupported("such effect").error().clone()),
            Step::Wait(wait) => Self::Wait(Wait { until: wait.until, signal: wait.signal }),
            Step::Done(result) => done(result),
            Step::Failed(error) => Self::Failed(error),
        }
    }
}

#[pymethods]
impl Operation {
    /// A verification: the token, if nothing has to be fetched for it.
    #[staticmethod]
    #[pyo3(signature = (verifier, token, now, timeout, /))]
    fn verify<'py>(
        verifier: &Bound<'py, Verifier>,
        token: &Bound<'py, PyAny>,
        now: Option<&Bound<'py, PyAny>>,
        timeout: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = verifier.py();
        match verifier.get().attempt(py, token, now, Some(timeout))? {
            Attempt::Over(token) => token.into_bound_py_any(py),
            Attempt::Unfinished(operation) => {
                let verifier = verifier.clone().unbind();
                Self(Mutex::new(Running::Verify { operation, verifier })).into_bound_py_any(py)
            }
        }
    }

    /// A fetch of the keys.
    #[staticmethod]
    #[pyo3(signature = (keys, /))]
    fn refresh(keys: &Bound<'_, RemoteKeySet>) -> Self {
        Self(Mutex::new(Running::Refresh(keys.get().set().refresh(system_now_ms()))))
    }

    /// The fetch that is due, already begun, or None.
    #[staticmethod]
    #[pyo3(signature = (keys, /))]
    fn refresh_ahead(keys: &Bound<'_, RemoteKeySet>) -> PyResult<Option<Self>> {
        let due = keys.get().due(keys.py())?;
        Ok(due.map(|operation| Self(Mutex::new(Running::Refresh(operation)))))
    }

    /// What to do next: send a Request and resume(), or Wait; None when it is over. Raises the operation's error.
    fn step<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (next, events) = call(py, || Ok(self.next(py)))?;
        events.iter().for_each(event::report);
        match next {
            Next::Send(request) => request.into_bound_py_any(py).map(Some),
            Next::Wait(wait) => wait.into_bound_py_any(py).map(Some),
            Next::Verified(token, verifier) => {
                let token = Py::new(py, verifier.get().token(py, token)?)?;
                self.replace(py, Running::Over(Some(token)));
                Ok(None)
            }
            Next::Refreshed => Ok(None),
            Next::Failed(error) => Err(raise(py, &error)),
        }
    }

    /// Hands over what came of a request.
    #[pyo3(signature = (request, outcome, /))]
    fn resume(&self, py: Python<'_>, request: &Bound<'_, Request>, outcome: &Bound<'_, Outcome>) -> PyResult<()> {
        let (id, outcome, now) = (request.get().id, outcome.get().0.clone(), system_now_ms());
        let events = call(py, || match &mut *self.running(py) {
            Running::Verify { operation, .. } => operation.resume(id, now, outcome).map(|()| operation.take_events()),
            Running::Refresh(operation) => operation.resume(id, now, outcome).map(|()| operation.take_events()),
            Running::Over(_) => Ok(Vec::new()),
        })?;
        events.iter().for_each(event::report);
        Ok(())
    }

    /// The token, after the end of a verification.
    #[getter]
    fn token(&self, py: Python<'_>) -> PyResult<Py<Token>> {
        match &*self.running(py) {
            Running::Over(Some(token)) => Ok(token.clone_ref(py)),
            _ => Err(PyAttributeError::new_err("token")),
        }
    }

    /// Ends it, wherever it is: who waits for what it was doing takes over.
    fn close(&self, py: Python<'_>) {
        if !matches!(*self.running(py), Running::Over(_)) {
            self.replace(py, Running::Over(None));
        }
    }
}

impl Operation {
    fn running(&self, py: Python<'_>) -> MutexGuard<'_, Running> {
        self.0.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }

    /// What was there is dropped after the lock is released: that tells those who wait, and they are Python's.
    fn replace(&self, py: Python<'_>, new: Running) {
        let _old = std::mem::replace(&mut *self.running(py), new);
    }

    fn next(&self, py: Python<'_>) -> (Next, Vec<Event>) {
        let now = system_now_ms();
        match &mut *self.running(py) {
            Running::Verify { operation, verifier } => {
                let next = Next::new(operation.step(now), |token| Next::Verified(token, verifier.clone_ref(py)));
                (next, operation.take_events())
            }
            Running::Refresh(operation) => {
                let next = Next::new(operation.step(now), |()| Next::Refreshed);
                (next, operation.take_events())
            }
            Running::Over(_) => (Next::Refreshed, Vec::new()),
        }
    }
}

/// A request that a driver sends as it is.
#[pyclass(frozen, module = "authwright._core")]
pub(crate) struct Request {
    id: u64,
    request: operation::Request,
}

#[pymethods]
impl Request {
    /// Such as "GET".
    #[getter]
    fn method(&self) -> &'static str {
        self.request.method.as_str()
    }

    /// An absolute URL.
    #[getter]
    fn url(&self) -> &str {
        &self.request.url
    }

    /// Names and values.
    #[getter]
    fn headers(&self) -> Vec<(&'static str, &str)> {
        self.request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// The body, or None.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.request.body.as_deref().map(|body| PyBytes::new(py, body))
    }

    /// The most bytes that the body of the answer may have, after decompression.
    #[getter]
    fn max_body_bytes(&self) -> usize {
        self.request.max_body_bytes
    }

    /// Whether the address must be looked at before it is connected to.
    #[getter]
    fn public_only(&self) -> bool {
        self.request.reach != Reach::Anywhere
    }

    /// The seconds that are left for it.
    #[getter]
    fn seconds_left(&self) -> f64 {
        seconds_until(self.request.deadline)
    }

    /// Sends it with the built-in client, which blocks, with the GIL released.
    #[pyo3(signature = (client, /))]
    fn send(&self, client: &Bound<'_, HttpClient>) -> PyResult<Outcome> {
        client.get().send(client.py(), self).map(Outcome)
    }
}

impl Request {
    pub(crate) fn inner(&self) -> &operation::Request {
        &self.request
    }
}

/// How long to wait for what another operation is doing.
#[pyclass(frozen, module = "authwright._core")]
pub(crate) struct Wait {
    until: u64,
    signal: Arc<dyn Signal>,
}

#[pymethods]
impl Wait {
    /// Step again after so many seconds at the latest.
    #[getter]
    fn seconds_left(&self) -> f64 {
        seconds_until(self.until)
    }

    /// Calls the function when stepping again is worth while: once, on whatever thread that happens.
    #[pyo3(signature = (call, /))]
    fn notify(&self, call: &Bound<'_, PyAny>) {
        let call = call.clone().unbind();
        self.signal.notify(Box::new(move || {
            // None when the interpreter is on its way out: nobody waits any more.
            let _ = Python::try_attach(|py| {
                if let Err(error) = call.call0(py) {
                    error.write_unraisable(py, Some(call.bind(py)));
                }
            });
        }));
    }
}

/// What came of a request.
#[pyclass(frozen, module = "authwright._core")]
pub(crate) struct Outcome(Result<Response, Failure>);

#[pymethods]
impl Outcome {
    /// An answer, whatever its status; the body is decompressed.
    #[staticmethod]
    #[pyo3(signature = (status, headers, body, /))]
    fn answer(status: &Bound<'_, PyAny>, headers: Vec<(String, String)>, body: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = status.py();
        let status = u16::try_from(argument::unsigned(status, "status")?)
            .map_err(|_| invalid(py, "status", "status is out of range".to_owned()))?;
        Ok(Self(Ok(Response::new(status, headers, argument::bytes(body, "body")?.to_vec()))))
    }

    /// Resolving, connecting, sending or receiving failed.
    #[staticmethod]
    #[pyo3(signature = (reason, /, *, sent))]
    fn transport(reason: &str, sent: bool) -> Self {
        Self(Err(Failure::transport(sent_or_not(sent), reason)))
    }

    /// TLS was not agreed on.
    #[staticmethod]
    #[pyo3(signature = (reason, /))]
    fn tls(reason: &str) -> Self {
        Self(Err(Failure::tls(reason)))
    }

    /// The time was over.
    #[staticmethod]
    #[pyo3(signature = (*, sent))]
    fn deadline(sent: bool) -> Self {
        Self(Err(Failure::deadline(sent_or_not(sent))))
    }

    /// The body is longer than the request allows.
    #[staticmethod]
    fn too_large() -> Self {
        Self(Err(Failure::too_large()))
    }

    /// The transport has no such thing.
    #[staticmethod]
    #[pyo3(signature = (what, /))]
    fn unsupported(what: &str) -> Self {
        Self(Err(Failure::unsupported(what)))
    }
}

fn sent_or_not(sent: bool) -> Sent {
    if sent { Sent::Maybe } else { Sent::Not }
}
