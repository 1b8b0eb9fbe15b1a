//! `RemoteKeySet`.

use std::hash::{BuildHasher, Hasher, RandomState};

use authwright_core::operation::{Operation, Step};
use authwright_core::{RemoteOptions, system_now_ms};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::argument;
use crate::built_in;
use crate::error::{call, call_detached};
use crate::event;
use crate::http_client::HttpClient;
use crate::json;
use crate::key_set::KeySet;

/// The keys of one issuer, fetched from it when they are needed and kept up to date.
///
/// Options: issuer (an https URL, whose metadata leads to the keys), jwks_uri (where the keys are: nothing is discovered then; one of
/// the two is required), metadata_url (instead of the well-known one), cooldown (seconds between two fetches that unknown keys cause, 30
/// by default), outage_limit (for how many seconds keys are used beyond their time while the issuer is out of reach, 86400 by
/// default), timeout (seconds for one fetch, 10 by default); seconds are whole ones, or a timedelta. `http` is the HttpClient to fetch
/// with. An unknown option is UnknownOptionError, and None is no value.
///
/// Nothing is fetched yet. Threads and verifiers may share one: they make one fetch at a time. It survives a fork.
///
/// Raises UnknownOptionError, InvalidArgumentError, UrlRefusedError.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct RemoteKeySet {
    set: authwright_core::RemoteKeySet,
    http: Py<HttpClient>,
}

#[pymethods]
impl RemoteKeySet {
    #[new]
    #[pyo3(signature = (*, http=None, **options))]
    fn new(py: Python<'_>, http: Option<&Bound<'_, PyAny>>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let options = json::options(py, options, RemoteOptions::from_json)?;
        Self::build(py, http, || Ok(options))
    }

    /// Fetches the keys now, or waits for who is fetching them, with the GIL released: for the start of a program that rather
    /// fails than starts without keys. It takes at most twice the set's timeout.
    ///
    /// Raises KeysNeededError within the cooldown of an earlier fetch; ClosedError; and why the fetch failed: TransportError,
    /// TransportTlsError, DeadlineError, ResponseStatusError, ResponseInvalidError, ResponseTooLargeError, MetadataInvalidError.
    fn refresh(&self, py: Python<'_>) -> PyResult<()> {
        let client = self.client();
        call_detached(py, || client.run(self.set.refresh(system_now_ms()), &event::report))
    }

    /// The keys at hand. Does no I/O. Raises KeysNeededError if there are none, or their time is over.
    fn key_set(&self, py: Python<'_>) -> PyResult<KeySet> {
        call(py, || self.set.key_set(system_now_ms())).map(KeySet)
    }

    /// The issuer, as it was given, or None.
    #[getter]
    fn issuer(&self) -> Option<&str> {
        self.set.issuer()
    }

    /// The HttpClient that it is fetched with, where the caller has no client of its own.
    #[getter]
    fn http(&self, py: Python<'_>) -> Py<HttpClient> {
        self.http.clone_ref(py)
    }

    /// The keys at hand as a sealed text, for a process that is to start with them. Does no I/O.
    ///
    /// `key` is a secret of at least 32 bytes (Key.from_secret): who lacks it can neither read nor alter the text.
    ///
    /// Raises KeysNeededError, KeyMismatchError, KeyTooWeakError, InvalidArgumentError.
    #[pyo3(signature = (key, /))]
    fn export_state(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<String> {
        let key = argument::key(key, "key")?;
        call(py, || self.set.export_state(&key))
    }

    /// Takes over what export_state() of a set with the same issuer and URLs returned, unless the keys at hand are newer.
    ///
    /// `keys` is the secret, or an iterable of secrets with the newest first. The keys are as old as they were: they are
    /// fetched again when their time is over.
    ///
    /// Raises StateInvalidError, and the set is as it was; KeyMismatchError, KeyTooWeakError, InvalidArgumentError.
    #[pyo3(signature = (text, keys, /))]
    fn import_state(&self, text: &Bound<'_, PyAny>, keys: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = text.py();
        let bytes = argument::bytes(text, "text")?;
        let text = argument::document_text(&bytes, py, "text")?;
        let keys = argument::key_list(keys, "keys")?;
        call(py, || self.set.import_state(text, &keys, system_now_ms()))
    }

    /// Fetches no more. What needs keys that are not here fails with ClosedError from now on. The HttpClient stays open.
    fn close(&self) {
        self.set.close();
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) {
        self.close();
    }

    fn __repr__(&self) -> String {
        match self.issuer() {
            Some(issuer) => format!("<authwright.RemoteKeySet of {issuer}>"),
            None => "<authwright.RemoteKeySet>".to_owned(),
        }
    }
}

impl RemoteKeySet {
    /// `http` is the argument of that name.
    pub(crate) fn build(
        py: Python<'_>,
        http: Option<&Bound<'_, PyAny>>,
        options: impl FnOnce() -> authwright_core::Result<RemoteOptions>,
    ) -> PyResult<Self> {
        let http = HttpClient::or_shared(py, http)?;
        // It only spreads requests in time.
        let seed = RandomState::new().build_hasher().finish();
        let set = call(py, || authwright_core::RemoteKeySet::new(options()?, seed))?;
        Ok(Self { set, http })
    }

    /// One that there is already.
    pub(crate) fn of(set: authwright_core::RemoteKeySet, http: Py<HttpClient>) -> Self {
        Self { set, http }
    }

    pub(crate) fn set(&self) -> &authwright_core::RemoteKeySet {
        &self.set
    }

    pub(crate) fn client(&self) -> built_in::HttpClient {
        self.http.get().client().clone()
    }

    /// The fetch that is due, begun: nobody else is given it from here on.
    #[inline]
    pub(crate) fn due(&self, py: Python<'_>) -> PyResult<Option<Operation<()>>> {
        call(py, || {
            let now = system_now_ms();
            let Some(mut operation) = self.set.refresh_ahead(now) else { return Ok(None) };
            Ok(matches!(operation.step(now), Step::Effect(_)).then_some(operation))
        })
    }

    /// Makes the fetch that is due, if one is, on a thread of its own that ends with it and holds up nothing. It leaves the
    /// interpreter alone, unless the program has a hook for events.
    pub(crate) fn refresh_ahead(&self, py: Python<'_>) -> PyResult<()> {
        let Some(operation) = self.due(py)? else { return Ok(()) };
        let client = self.client();
        let fetch = move || {
            // Its events say how it went.
            let _ = client.run(operation, &event::report);
        };
        // Without a thread the operation is dropped, and the next caller tries.
        let _ = std::thread::Builder::new().name("authwright".to_owned()).spawn(fetch);
        Ok(())
    }
}
