//! `Store`.

use std::sync::Arc;

use authwright_core::operation::Operation;
use authwright_core::store::{self, StoreOptions};
use authwright_core::system_now_ms;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::argument::{self, Timeout};
use crate::error::{call, invalid, type_name};
use crate::host_store;
use crate::interruptible;
use crate::json;
use crate::place::Place;

/// The seconds that a sweep may take, unless the call says otherwise.
const TIMEOUT: u64 = 60;

/// The seconds that a copy may take.
const COPY_TIMEOUT: u64 = 600;

/// A place for records, by its URL: "memory:", "sqlite:keys.db", "redis://127.0.0.1".
///
/// Also rediss:// (TLS), redis+sentinel:// and redis+cluster://. Options: max_records (of memory: for how many it has room,
/// 100,000 by default), connections (of SQLite and Redis: how many are open at most, 8 by default), namespace (of Redis:
/// what every key begins with, "authwright" by default). An unknown option is UnknownOptionError, and None is no value.
///
/// Nothing is connected to before the first call. Threads and ApiKeys may share one. After a fork, a child uses an SQLite
/// store only if the parent had not used it: StoreForkedError; Redis is connected to anew; what is in memory is a copy.
///
/// Raises UnknownOptionError, InvalidArgumentError, TransportUnsupportedError.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct Store {
    store: Arc<dyn store::Store>,
    /// What the URL begins with: the rest may hold a password.
    scheme: String,
}

#[pymethods]
impl Store {
    #[new]
    #[pyo3(signature = (url, **options))]
    fn new(url: &Bound<'_, PyAny>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Self::open(url, options)
    }

    /// Removes the records that ended more than an hour ago, a few at a time, so that others go on meanwhile: call it now and
    /// then. How many it has removed; 0 on Redis, which does it by itself. `timeout` is seconds, or a timedelta.
    ///
    /// Raises DeadlineError, and what was removed stays so; StoreUnavailableError, StoreUncertainError, StoreCorruptError,
    /// StoreForkedError, ClosedError.
    #[pyo3(signature = (timeout=Timeout::of_seconds(TIMEOUT)), text_signature = "($self, timeout=60)")]
    fn sweep(&self, py: Python<'_>, timeout: Timeout) -> PyResult<usize> {
        let timeout = timeout.duration();
        interruptible::ask(py, &*self.store, |store| store::sweep(store, system_now_ms(), timeout))
    }

    /// Gives up connections; what is in memory is gone. Every later call fails with ClosedError.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.store.close());
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        format!("<authwright.Store {}>", self.scheme)
    }
}

/// Removes the records that ended more than an hour ago, as Store.sweep() does, also from a store of the program's own: call it
/// now and then. How many it has removed.
///
/// `store` is a store that the program has written itself, or a Store, or a URL. `timeout` is seconds, or a timedelta.
///
/// Raises InvalidArgumentError, and what Store.sweep() raises.
#[pyfunction]
#[pyo3(signature = (store, timeout=Timeout::of_seconds(TIMEOUT)), text_signature = "(store, timeout=60)")]
pub(crate) fn sweep_store(py: Python<'_>, store: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<usize> {
    let timeout = timeout.duration();
    let place = Place::argument(store, "store")?;
    let count = place.ask_at_length(py, |store| store::sweep(store, system_now_ms(), timeout));
    place.close(py);
    count
}

/// Copies the records of a store in SQLite to another store: from one machine to several. How many it has written there.
///
/// Each is a Store, or a URL; `target` may also be a store that the program has written itself. Both may be in use meanwhile.
/// Where `target` has a record already, the one that was changed later stays: so it may be called again, and takes what has
/// changed since. What is over is not taken along, and what was removed in between is not removed there. `timeout` is seconds,
/// or a timedelta.
///
/// Raises DeadlineError, and what was copied stays so; InvalidArgumentError (`source`) for a store that is not in SQLite; and
/// what the stores fail with.
#[pyfunction]
#[pyo3(signature = (source, target, timeout=Timeout::of_seconds(COPY_TIMEOUT)), text_signature = "(source, target, timeout=600)")]
pub(crate) fn copy_store(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    target: &Bound<'_, PyAny>,
    timeout: Timeout,
) -> PyResult<usize> {
    let timeout = timeout.duration();
    let from = Place::built_in(source)?;
    let Some(from @ Place::BuiltIn { store, .. }) = &from else {
        return Err(invalid(py, "source", format!("source is {}: pass a URL or a Store", type_name(source))));
    };
    let copied = Place::argument(target, "target").and_then(|to| {
        let copied = to.ask_at_length(py, |target| store::copy(&**store, target, system_now_ms(), timeout));
        to.close(py);
        copied
    });
    from.close(py);
    copied
}

/// sweep_store() for a store of the program's whose methods are awaited.
pub(crate) fn sweeping(store: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Operation<usize>> {
    host_store::check_awaited(store)?;
    Ok(store::begin_sweep(timeout.after(system_now_ms())))
}

impl Store {
    pub(crate) fn open(url: &Bound<'_, PyAny>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let url_text = argument::text(url, "url")?;
        let options = json::options(url.py(), options, StoreOptions::from_json)?;
        let store = call(url.py(), || store::open(url_text, &options))?;
        let scheme = url_text.split_once(':').map_or("", |(scheme, _)| scheme);
        Ok(Self { store, scheme: scheme.to_owned() })
    }

    pub(crate) fn inner(&self) -> &Arc<dyn store::Store> {
        &self.store
    }

    /// Whether it answers at once.
    pub(crate) fn is_memory(&self) -> bool {
        self.scheme == "memory"
    }
}
