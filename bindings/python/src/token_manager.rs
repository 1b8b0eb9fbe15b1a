//! `TokenManager`.

use std::sync::{Mutex, PoisonError, TryLockError};

use authwright_core::Code;
use authwright_core::oauth;
use authwright_core::operation::{Operation, Step};
use authwright_core::system_now_ms;
use pyo3::exceptions::{PyBaseException, PyException, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::{PyTraverseError, PyVisit};

use crate::argument::{self, Timeout};
use crate::error::{call, call_detached};
use crate::event;
use crate::http_client::HttpClient;
use crate::oauth_client::TIMEOUT;
use crate::tokens::Tokens;

/// Holds the tokens of one login, and renews them: one refresh at a time for all threads of a process.
///
/// Client.token_manager() makes one. Who comes while another refreshes gets the tokens that are still valid, or waits.
/// New tokens are used only once `on_tokens` has kept them: if it raises, they are handed to it again at the next call.
/// It survives a fork, but processes that each refresh the same token take it from one another: keep the tokens in one
/// of them.
#[pyclass(frozen, module = "authwright.oauth")]
pub(crate) struct TokenManager {
    manager: oauth::TokenManager,
    http: Py<HttpClient>,
    /// A method of an object that has the manager is a cycle, which the collector takes apart here.
    on_tokens: Mutex<Option<Py<PyAny>>>,
    /// What the hook raised when it was called last: the cause of every PersistFailedError until it is called again.
    raised: Mutex<Option<Py<PyBaseException>>>,
}

/// What a call came to without I/O.
pub(crate) enum Renewal {
    Over(Tokens),
    /// There is something to do, or to wait for.
    Unfinished(Operation<oauth::Tokens>),
}

#[pymethods]
impl TokenManager {
    /// Tokens that are valid: those at hand, or renewed ones.
    ///
    /// `force=True` renews them whatever they say, for a server that refused the access token. `timeout` is how long to
    /// wait for who is at it: seconds, or a timedelta; 30 by default. Who makes the refresh itself may take longer, by
    /// the time of its requests. The GIL is released meanwhile. A refresh that fails while the tokens at hand are valid
    /// fails nobody.
    ///
    /// Raises RefreshTokenMissingError, GrantRefusedError, RefreshUncertainError: the user must log in again.
    /// PersistFailedError: `on_tokens` raised what is its __cause__. DeadlineError, and what Client.refresh() raises:
    /// try again later.
    #[pyo3(signature = (force=None, timeout=Timeout::of_seconds(TIMEOUT)), text_signature = "($self, force=False, timeout=30)")]
    fn tokens(&self, py: Python<'_>, force: Option<&Bound<'_, PyAny>>, timeout: Timeout) -> PyResult<Tokens> {
        let operation = match self.attempt(py, force, timeout).map_err(|error| self.explained(py, error))? {
            Renewal::Over(tokens) => return Ok(tokens),
            Renewal::Unfinished(operation) => operation,
        };
        let client = self.http.get().client().clone();
        let mut interrupt = None;
        let keep = |tokens: &oauth::Tokens| {
            let kept = Python::try_attach(|py| {
                let kept = self.keep(py, tokens);
                self.remember(py, kept.as_ref().err().map(|error| error.clone_ref(py)));
                kept.map_err(|error| {
                    // The name of its class only: what an exception says of tokens may hold them.
                    let reason = error.get_type(py).name().map(|name| format!("on_tokens raised {name}"));
                    interrupt = Some(error).filter(|error| !error.is_instance_of::<PyException>(py));
                    reason.unwrap_or_else(|_| "on_tokens failed".to_owned())
                })
            });
            kept.unwrap_or_else(|| Err("the interpreter is on its way out".to_owned()))
        };
        let renewed = call_detached(py, || client.run_persisting(operation, keep, &event::report));
        match (renewed, interrupt) {
            (Err(_), Some(interrupt)) => Err(interrupt),
            (renewed, _) => renewed.map(Tokens::new).map_err(|error| self.explained(py, error)),
        }
    }

    /// The tokens at hand, whether or not they are valid still.
    #[getter]
    fn current(&self) -> Tokens {
        Tokens::new(self.manager.current())
    }

    /// Other tokens from here on: of a new login, or that another process got.
    #[pyo3(signature = (tokens, /))]
    fn replace(&self, tokens: &Bound<'_, PyAny>) -> PyResult<()> {
        let (py, tokens) = (tokens.py(), Tokens::argument(tokens)?.clone());
        call(py, || {
            self.manager.replace(tokens, system_now_ms());
            Ok(())
        })
    }

    fn __repr__(&self) -> &'static str {
        "<authwright.oauth.TokenManager>"
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.http)?;
        visit_locked(&self.on_tokens, &visit)?;
        visit_locked(&self.raised, &visit)
    }

    fn __clear__(&self) {
        let _hook = self.on_tokens.lock().unwrap_or_else(PoisonError::into_inner).take();
        let _raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

fn visit_locked<T>(member: &Mutex<Option<Py<T>>>, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
    match member.try_lock() {
        Ok(object) => visit.call(&*object),
        Err(TryLockError::Poisoned(object)) => visit.call(&*object.into_inner()),
        // It is in use, and so is no garbage.
        Err(TryLockError::WouldBlock) => Ok(()),
    }
}

impl TokenManager {
    pub(crate) fn new(manager: oauth::TokenManager, http: Py<HttpClient>, on_tokens: Option<Py<PyAny>>) -> Self {
        Self { manager, http, on_tokens: Mutex::new(on_tokens), raised: Mutex::new(None) }
    }

    /// The first step, which is the last one as long as the tokens are valid.
    pub(crate) fn attempt(
        &self,
        py: Python<'_>,
        force: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
    ) -> PyResult<Renewal> {
        let force = argument::flag(force, "force", false)?;
        let deadline = timeout.after(system_now_ms());
        call(py, || {
            let mut operation = self.manager.tokens(force, deadline);
            let step = operation.step(system_now_ms());
            match step {
                Step::Done(tokens) => Ok(Renewal::Over(Tokens::new(tokens))),
                Step::Failed(error) => Err(error),
                Step::Effect(_) | Step::Wait(_) => Ok(Renewal::Unfinished(operation)),
            }
        })
    }

    /// Has the program keep tokens.
    fn keep(&self, py: Python<'_>, tokens: &oauth::Tokens) -> PyResult<()> {
        // The lock is released before the hook is called, which may come here again.
        let hook = self
            .on_tokens
            .lock_py_attached(py)
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(|h| h.clone_ref(py));
        let Some(hook) = hook else { return Ok(()) };
        let answer = hook.bind(py).call1((Tokens::new(tokens.clone()),))?;
        if answer.hasattr("__await__")? {
            if answer.hasattr("close")? {
                answer.call_method0("close")?;
            }
            return Err(PyTypeError::new_err("on_tokens is a coroutine function: use it with AsyncClient"));
        }
        Ok(())
    }

    fn remember(&self, py: Python<'_>, raised: Option<PyErr>) {
        let mut raised = raised.map(|error| error.into_value(py));
        // What was there is dropped after the lock is released.
        std::mem::swap(&mut *self.raised.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner), &mut raised);
    }

    /// The same error, with what the hook raised if that is why.
    fn explained(&self, py: Python<'_>, error: PyErr) -> PyErr {
        if is_persist_failed(py, &error) {
            let raised = self.raised.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
            let raised = raised.as_ref().map(|raised| PyErr::from_value(raised.bind(py).clone().into_any()));
            error.set_cause(py, raised);
        }
        error
    }
}

fn is_persist_failed(py: Python<'_>, error: &PyErr) -> bool {
    let name = error.value(py).getattr("code").and_then(|code| code.extract::<String>());
    name.is_ok_and(|name| name == Code::PersistFailed.name())
}
