//! `TokenManager`.

use std::sync::{Mutex, PoisonError, TryLockError};

use authwright_core::oauth;
use authwright_core::operation::{Operation, Step};
use authwright_core::system_now_ms;
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::{PyTraverseError, PyVisit};

use crate::argument;
use crate::error::{call, call_detached};
use crate::event;
use crate::http_client::HttpClient;
use crate::oauth_client::deadline;
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
    #[pyo3(signature = (force=None, timeout=None), text_signature = "($self, force=False, timeout=30)")]
    fn tokens(
        &self,
        py: Python<'_>,
        force: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Tokens> {
        let operation = match self.attempt(py, force, timeout)? {
            Renewal::Over(tokens) => return Ok(tokens),
            Renewal::Unfinished(operation) => operation,
        };
        let client = self.http.get().client().clone();
        let mut raised = None;
        let keep = |tokens: &oauth::Tokens| {
            let kept = Python::try_attach(|py| {
                self.keep(py, tokens).map_err(|error| {
                    // The name of its class only: what an exception says of tokens may hold them.
                    let reason = error.get_type(py).name().map(|name| format!("on_tokens raised {name}"));
                    raised = Some(error);
                    reason.unwrap_or_else(|_| "on_tokens failed".to_owned())
                })
            });
            kept.unwrap_or_else(|| Err("the interpreter is on its way out".to_owned()))
        };
        let renewed = call_detached(py, || client.run_persisting(operation, keep, &event::report));
        match (renewed, raised) {
            (Err(_), Some(raised)) if !raised.is_instance_of::<PyException>(py) => Err(raised),
            (Err(failed), Some(raised)) => {
                failed.set_cause(py, Some(raised));
                Err(failed)
            }
            (renewed, _) => renewed.map(Tokens::new),
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
        match self.on_tokens.try_lock() {
            Ok(hook) => visit.call(&*hook),
            Err(TryLockError::Poisoned(hook)) => visit.call(&*hook.into_inner()),
            // It is in use, and so is no garbage.
            Err(TryLockError::WouldBlock) => Ok(()),
        }
    }

    fn __clear__(&self) {
        let _hook = self.on_tokens.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl TokenManager {
    pub(crate) fn new(manager: oauth::TokenManager, http: Py<HttpClient>, on_tokens: Option<Py<PyAny>>) -> Self {
        Self { manager, http, on_tokens: Mutex::new(on_tokens) }
    }

    /// The first step, which is the last one as long as the tokens are valid.
    pub(crate) fn attempt(
        &self,
        py: Python<'_>,
        force: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Renewal> {
        let force = argument::flag(force, "force", false)?;
        let deadline = deadline(timeout)?;
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
}
