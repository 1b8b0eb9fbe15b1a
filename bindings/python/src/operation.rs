//! Operations for drivers that are written in Python: `authwright/_driver.py` is the only one, and none of this is
//! public.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authwright_core::api_key;
use authwright_core::oauth;
use authwright_core::operation::{self, Effect, EffectKind, Event, Failure, Reach, Response, Sent, Signal, Step};
use authwright_core::store::{self, StoreAnswer};
use authwright_core::system_now_ms;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyDict};

use crate::api_key::{ApiKey, ApiKeyPage, IssuedKey};
use crate::api_keys::{ApiKeys, Limit};
use crate::argument::{self, Timeout};
use crate::error::{call, invalid, raise};
use crate::event;
use crate::host_store;
use crate::http_client::HttpClient;
use crate::login::Login;
use crate::oauth_client::Client;
use crate::remote_key_set::RemoteKeySet;
use crate::store_report::{self, StoreReport};
use crate::token_manager::{Renewal, TokenManager};
use crate::tokens::Tokens;
use crate::user::User;
use crate::verifier::{Attempt, Verifier};

/// The seconds from now until then.
fn seconds_until(time: u64) -> f64 {
    std::time::Duration::from_millis(time.saturating_sub(system_now_ms())).as_secs_f64()
}

/// An operation of the core. One driver owns it, and close() must end it.
#[pyclass(frozen, module = "authwright._core")]
pub(crate) struct Operation(Mutex<State>);

enum State {
    Running(Box<dyn Driven>),
    /// With its result, unless it failed or was closed.
    Over(Option<Py<PyAny>>),
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
        timeout: Timeout,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = verifier.py();
        match verifier.get().attempt(py, token, now, timeout)? {
            Attempt::Over(token) => token.into_bound_py_any(py),
            Attempt::Unfinished(operation) => {
                let verifier = verifier.clone().unbind();
                let made = move |py: Python<'_>, token| verifier.get().token(py, token)?.into_py_any(py);
                Self::new(operation, made).into_bound_py_any(py)
            }
        }
    }

    /// A fetch of the keys.
    #[staticmethod]
    #[pyo3(signature = (keys, /))]
    fn refresh(keys: &Bound<'_, RemoteKeySet>) -> Self {
        Self::of_nothing(keys.get().set().refresh(system_now_ms()))
    }

    /// The fetch that is due, already begun, or None.
    #[staticmethod]
    #[pyo3(signature = (keys, /))]
    fn refresh_ahead(keys: &Bound<'_, RemoteKeySet>) -> PyResult<Option<Self>> {
        Ok(keys.get().due(keys.py())?.map(Self::of_nothing))
    }

    /// Client.begin_login().
    #[staticmethod]
    #[pyo3(signature = (client, cookies, timeout, options, /))]
    fn begin_login(
        client: &Bound<'_, Client>,
        cookies: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let operation = client.get().beginning(client.py(), cookies, timeout, Some(options))?;
        Ok(Self::new(operation, |py, login| Login(login).into_py_any(py)))
    }

    /// Client.finish_login().
    #[staticmethod]
    #[pyo3(signature = (client, transaction, callback, cookies, timeout, /))]
    fn finish_login(
        client: &Bound<'_, Client>,
        transaction: Option<&Bound<'_, PyAny>>,
        callback: Option<&Bound<'_, PyAny>>,
        cookies: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
    ) -> PyResult<Self> {
        let operation = client.get().finishing(client.py(), transaction, callback, cookies, timeout)?;
        Ok(Self::of_tokens(operation))
    }

    /// Client.refresh().
    #[staticmethod]
    #[pyo3(signature = (client, tokens, timeout, options, /))]
    fn refresh_tokens(
        client: &Bound<'_, Client>,
        tokens: &Bound<'_, PyAny>,
        timeout: Timeout,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        client.get().refreshing(client.py(), tokens, timeout, Some(options)).map(Self::of_tokens)
    }

    /// Client.userinfo().
    #[staticmethod]
    #[pyo3(signature = (client, tokens, timeout, /))]
    fn userinfo(client: &Bound<'_, Client>, tokens: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Self> {
        let operation = client.get().asking_for_user(tokens, timeout)?;
        Ok(Self::new(operation, |py, user| User::new(user).into_py_any(py)))
    }

    /// Client.revoke().
    #[staticmethod]
    #[pyo3(signature = (client, tokens, timeout, /))]
    fn revoke(client: &Bound<'_, Client>, tokens: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Self> {
        client.get().revoking(tokens, timeout).map(Self::of_nothing)
    }

    /// Client.logout_url().
    #[staticmethod]
    #[pyo3(signature = (client, tokens, timeout, options, /))]
    fn logout_url(
        client: &Bound<'_, Client>,
        tokens: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let operation = client.get().logging_out(client.py(), tokens, timeout, Some(options))?;
        Ok(Self::new(operation, |py, url| url.into_py_any(py)))
    }

    /// Client.verify_logout_token().
    #[staticmethod]
    #[pyo3(signature = (client, token, timeout, /))]
    fn verify_logout_token(client: &Bound<'_, Client>, token: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Self> {
        let operation = client.get().verifying_logout(token, timeout)?;
        let client = client.clone().unbind();
        Ok(Self::new(operation, move |py, token| client.get().token(py, token)?.into_py_any(py)))
    }

    /// TokenManager.tokens(): the tokens, if nothing has to be done or waited for.
    #[staticmethod]
    #[pyo3(signature = (manager, force, timeout, /))]
    fn tokens<'py>(
        manager: &Bound<'py, TokenManager>,
        force: &Bound<'py, PyAny>,
        timeout: Timeout,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = manager.py();
        match manager.get().attempt(py, Some(force), timeout)? {
            Renewal::Over(tokens) => tokens.into_bound_py_any(py),
            Renewal::Unfinished(operation) => Self::of_tokens(operation).into_bound_py_any(py),
        }
    }

    /// ApiKeys.issue().
    #[staticmethod]
    #[pyo3(signature = (keys, owner, timeout, options, /))]
    fn issue_key(
        keys: &Bound<'_, ApiKeys>,
        owner: &Bound<'_, PyAny>,
        timeout: Timeout,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        keys.get().issuing(keys.py(), owner, timeout, Some(options)).map(Self::of_issued)
    }

    /// ApiKeys.verify().
    #[staticmethod]
    #[pyo3(signature = (keys, presented, scopes, now, timeout, /))]
    fn verify_key(
        keys: &Bound<'_, ApiKeys>,
        presented: &Bound<'_, PyAny>,
        scopes: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
    ) -> PyResult<Self> {
        let (operation, ahead) = keys.get().verifying(presented, scopes, now, timeout)?;
        Ok(Self::with_clock(operation, ahead, |py, key| ApiKey::new(key).into_py_any(py)))
    }

    /// ApiKeys.get().
    #[staticmethod]
    #[pyo3(signature = (keys, id, timeout, /))]
    fn get_key(keys: &Bound<'_, ApiKeys>, id: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Self> {
        keys.get().getting(id, timeout).map(Self::of_key)
    }

    /// ApiKeys.list().
    #[staticmethod]
    #[pyo3(signature = (keys, owner, after, limit, timeout, /))]
    fn list_keys(
        keys: &Bound<'_, ApiKeys>,
        owner: &Bound<'_, PyAny>,
        after: Option<&Bound<'_, PyAny>>,
        limit: Limit,
        timeout: Timeout,
    ) -> PyResult<Self> {
        let operation = keys.get().listing(owner, after, limit, timeout)?;
        Ok(Self::new(operation, |py, page| ApiKeyPage::new(py, page)?.into_py_any(py)))
    }

    /// ApiKeys.rotate().
    #[staticmethod]
    #[pyo3(signature = (keys, id, timeout, options, /))]
    fn rotate_key(
        keys: &Bound<'_, ApiKeys>,
        id: &Bound<'_, PyAny>,
        timeout: Timeout,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        keys.get().rotating(keys.py(), id, timeout, Some(options)).map(Self::of_issued)
    }

    /// ApiKeys.revoke().
    #[staticmethod]
    #[pyo3(signature = (keys, id, timeout, /))]
    fn revoke_key(keys: &Bound<'_, ApiKeys>, id: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Self> {
        keys.get().revoking(id, timeout).map(Self::of_key)
    }

    /// ApiKeys.revoke_all().
    #[staticmethod]
    #[pyo3(signature = (keys, owner, timeout, /))]
    fn revoke_keys(keys: &Bound<'_, ApiKeys>, owner: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Self> {
        let operation = keys.get().revoking_all(owner, timeout)?;
        Ok(Self::new(operation, |py, count| count.into_py_any(py)))
    }

    /// ApiKeys.import_hash().
    #[staticmethod]
    #[pyo3(signature = (keys, sha256, owner, timeout, options, /))]
    fn import_key(
        keys: &Bound<'_, ApiKeys>,
        sha256: &Bound<'_, PyAny>,
        owner: &Bound<'_, PyAny>,
        timeout: Timeout,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        keys.get().importing(keys.py(), sha256, owner, timeout, Some(options)).map(Self::of_key)
    }

    /// sweep_store(), of a store whose methods are awaited.
    #[staticmethod]
    #[pyo3(signature = (store, timeout, /))]
    fn sweep_store(store: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Self> {
        Ok(Self::new(crate::store::sweeping(store, timeout)?, |py, count| count.into_py_any(py)))
    }

    /// check_store(), of a store whose methods are awaited.
    #[staticmethod]
    #[pyo3(signature = (store, timeout, options, /))]
    fn check_store(store: &Bound<'_, PyAny>, timeout: Timeout, options: &Bound<'_, PyDict>) -> PyResult<Self> {
        let operation = store_report::checking_host(store, timeout, Some(options))?;
        Ok(Self::new(operation, |py, report| StoreReport::new(report).into_py_any(py)))
    }

    /// What to do next: send a Request and resume(), keep what Persist holds and resume_persist(), ask a store what a
    /// StoreRequest says and resume_store(), or Wait; None when it is over. Raises the operation's error.
    fn step<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (next, events) = call(py, || Ok(self.next(py)))?;
        events.iter().for_each(event::report);
        match next {
            Next::Send(request) => request.into_bound_py_any(py).map(Some),
            Next::Persist(persist) => persist.into_bound_py_any(py).map(Some),
            Next::Ask(request) => request.into_bound_py_any(py).map(Some),
            Next::Wait(wait) => wait.into_bound_py_any(py).map(Some),
            Next::Done(made) => {
                let result = made(py)?;
                self.replace(py, State::Over(Some(result)));
                Ok(None)
            }
            Next::Over => Ok(None),
            Next::Failed(error) => Err(raise(py, &error)),
        }
    }

    /// Hands over what came of a request.
    #[pyo3(signature = (request, outcome, /))]
    fn resume(&self, py: Python<'_>, request: &Bound<'_, Request>, outcome: &Bound<'_, Outcome>) -> PyResult<()> {
        let (id, outcome, now) = (request.get().id, outcome.get().0.clone(), system_now_ms());
        let events = call(py, || match &mut *self.state(py) {
            State::Running(operation) => operation.resume(id, now, outcome).map(|()| operation.take_events()),
            State::Over(_) => Ok(Vec::new()),
        })?;
        events.iter().for_each(event::report);
        Ok(())
    }

    /// Says whether the tokens are kept: None, or for people why not.
    #[pyo3(signature = (persist, reason, /))]
    fn resume_persist(&self, py: Python<'_>, persist: &Bound<'_, Persist>, reason: Option<String>) -> PyResult<()> {
        let (id, outcome) = (persist.get().id, reason.map_or(Ok(()), Err));
        call(py, || match &mut *self.state(py) {
            State::Running(operation) => operation.resume_persist(id, system_now_ms(), outcome),
            State::Over(_) => Ok(()),
        })
    }

    /// Hands over what came of asking the store.
    #[pyo3(signature = (request, outcome, /))]
    fn resume_store(
        &self,
        py: Python<'_>,
        request: &Bound<'_, StoreRequest>,
        outcome: &Bound<'_, StoreOutcome>,
    ) -> PyResult<()> {
        let (id, outcome) = (request.get().id, outcome.get().0.clone());
        call(py, || match &mut *self.state(py) {
            State::Running(operation) => operation.resume_store(id, system_now_ms(), outcome),
            State::Over(_) => Ok(()),
        })
    }

    /// What it ended with.
    #[getter]
    fn result(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match &*self.state(py) {
            State::Over(Some(result)) => Ok(result.clone_ref(py)),
            _ => Err(PyAttributeError::new_err("result")),
        }
    }

    /// Ends it, wherever it is: who waits for what it was doing takes over.
    fn close(&self, py: Python<'_>) {
        if !matches!(*self.state(py), State::Over(_)) {
            self.replace(py, State::Over(None));
        }
    }
}

impl Operation {
    /// `made` is what becomes of its result.
    fn new<T: Send + 'static>(
        operation: operation::Operation<T>,
        made: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
    ) -> Self {
        Self::with_clock(operation, 0, made)
    }

    /// The same by a clock that is so many milliseconds ahead of the system's.
    fn with_clock<T: Send + 'static>(
        operation: operation::Operation<T>,
        ahead: i64,
        made: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
    ) -> Self {
        Self(Mutex::new(State::Running(Box::new(Ending { operation, ahead, made: Some(made) }))))
    }

    fn of_nothing(operation: operation::Operation<()>) -> Self {
        Self::new(operation, |py, ()| Ok(py.None()))
    }

    fn of_tokens(operation: operation::Operation<oauth::Tokens>) -> Self {
        Self::new(operation, |py, tokens| Tokens::new(tokens).into_py_any(py))
    }

    fn of_key(operation: operation::Operation<api_key::ApiKey>) -> Self {
        Self::new(operation, |py, key| ApiKey::new(key).into_py_any(py))
    }

    fn of_issued(operation: operation::Operation<api_key::IssuedKey>) -> Self {
        Self::new(operation, |py, key| Ok(IssuedKey::made(py, key)?.into_any()))
    }

    fn state(&self, py: Python<'_>) -> MutexGuard<'_, State> {
        self.0.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }

    /// What was there is dropped after the lock is released: that tells those who wait, and they are Python's.
    fn replace(&self, py: Python<'_>, new: State) {
        let _old = std::mem::replace(&mut *self.state(py), new);
    }

    fn next(&self, py: Python<'_>) -> (Next, Vec<Event>) {
        match &mut *self.state(py) {
            State::Running(operation) => (operation.step(system_now_ms()), operation.take_events()),
            State::Over(_) => (Next::Over, Vec::new()),
        }
    }
}

/// What makes the result, as Python sees it.
type Made = dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send;

/// What an operation does next, detached from it.
enum Next {
    Send(Request),
    Persist(Persist),
    Ask(StoreRequest),
    Wait(Wait),
    /// Made once the lock is released.
    Done(Box<Made>),
    Over,
    Failed(authwright_core::Error),
}

/// An operation, whatever it ends with.
trait Driven: Send {
    fn step(&mut self, now: u64) -> Next;
    fn resume(&mut self, id: u64, now: u64, outcome: Result<Response, Failure>) -> authwright_core::Result<()>;
    fn resume_persist(&mut self, id: u64, now: u64, outcome: Result<(), String>) -> authwright_core::Result<()>;
    fn resume_store(
        &mut self,
        id: u64,
        now: u64,
        outcome: authwright_core::Result<StoreAnswer>,
    ) -> authwright_core::Result<()>;
    fn take_events(&mut self) -> Vec<Event>;
}

struct Ending<T, F> {
    operation: operation::Operation<T>,
    /// How many milliseconds its clock is ahead of the system's. What is sent, or waited for, has none of its own.
    ahead: i64,
    /// None after the end.
    made: Option<F>,
}

impl<T, F> Driven for Ending<T, F>
where
    T: Send + 'static,
    F: FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
{
    fn step(&mut self, now: u64) -> Next {
        let until = self.operation.deadline().saturating_add_signed(self.ahead.saturating_neg());
        match self.operation.step(now.saturating_add_signed(self.ahead)) {
            Step::Effect(Effect { id, kind: EffectKind::Send(request) }) => {
                Next::Send(Request { id: *id, request: request.clone() })
            }
            Step::Effect(Effect { id, kind: EffectKind::Persist(tokens) }) => {
                Next::Persist(Persist { id: *id, tokens: tokens.clone() })
            }
            Step::Effect(Effect { id, kind: EffectKind::Store(request) }) => {
                Next::Ask(StoreRequest { id: *id, request: request.clone(), until })
            }
            Step::Effect(_) => Next::Failed(Failure::unsupported("such effect").error().clone()),
            Step::Wait(wait) => Next::Wait(Wait { until: wait.until, signal: wait.signal }),
            Step::Done(result) => match self.made.take() {
                Some(made) => Next::Done(Box::new(move |py| made(py, result))),
                None => Next::Over,
            },
            Step::Failed(error) => Next::Failed(error),
        }
    }

    fn resume(&mut self, id: u64, now: u64, outcome: Result<Response, Failure>) -> authwright_core::Result<()> {
        self.operation.resume(id, now, outcome)
    }

    fn resume_persist(&mut self, id: u64, now: u64, outcome: Result<(), String>) -> authwright_core::Result<()> {
        self.operation.resume_persist(id, now, outcome)
    }

    fn resume_store(
        &mut self,
        id: u64,
        now: u64,
        outcome: authwright_core::Result<StoreAnswer>,
    ) -> authwright_core::Result<()> {
        self.operation.resume_store(id, now.saturating_add_signed(self.ahead), outcome)
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.operation.take_events()
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

    /// Whether the server is to see a certificate of the client's.
    #[getter]
    fn needs_client_certificate(&self) -> bool {
        self.request.needs_client_certificate
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

/// Tokens that the program is to keep before they are used.
#[pyclass(frozen, module = "authwright._core")]
pub(crate) struct Persist {
    id: u64,
    tokens: Box<oauth::Tokens>,
}

#[pymethods]
impl Persist {
    #[getter]
    fn tokens(&self) -> Tokens {
        Tokens::new(oauth::Tokens::clone(&self.tokens))
    }
}

/// What to ask a store of the program's, whose methods are awaited.
#[pyclass(frozen, module = "authwright._core")]
pub(crate) struct StoreRequest {
    id: u64,
    request: store::StoreRequest,
    until: u64,
}

#[pymethods]
impl StoreRequest {
    /// The seconds that are left for it.
    #[getter]
    fn seconds_left(&self) -> f64 {
        seconds_until(self.until)
    }

    /// Calls the store's method: what it returned.
    #[pyo3(signature = (store, /))]
    fn call<'py>(&self, store: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        host_store::call(store, &self.request)
    }

    /// The store answered so, which is looked at.
    #[pyo3(signature = (value, /))]
    fn answer(&self, value: &Bound<'_, PyAny>) -> StoreOutcome {
        StoreOutcome(host_store::answer(&self.request, value))
    }

    /// The method returned something that cannot be awaited.
    #[pyo3(signature = (value, /))]
    fn not_awaitable(&self, value: &Bound<'_, PyAny>) -> StoreOutcome {
        let advice = "the methods of a store for asyncio are coroutine functions; ApiKeys is for one that blocks";
        StoreOutcome(Err(host_store::wrong(&self.request, value, advice)))
    }

    /// The method raised.
    #[pyo3(signature = (error, /))]
    fn failed(&self, error: &Bound<'_, PyAny>) -> StoreOutcome {
        StoreOutcome(Err(host_store::failed(error.py(), &self.request, &PyErr::from_value(error.clone()))))
    }
}

/// What came of asking a store.
#[pyclass(frozen, module = "authwright._core")]
pub(crate) struct StoreOutcome(authwright_core::Result<StoreAnswer>);

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
