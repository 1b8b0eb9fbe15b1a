//! A store of ours in a call that makes many: Ctrl-C ends it between two of them, rather than when its time is over.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use authwright_core::operation::Event;
use authwright_core::store::{self, Page, Record, Store};
use authwright_core::{Error, Result};
use pyo3::prelude::*;

use crate::error::{call_detached, raise};
use crate::host_store::{self, Told};

/// How often signals are looked for: it takes the interpreter, which others may have.
const INTERVAL: Duration = Duration::from_millis(100);

struct Interruptible<'a> {
    store: &'a dyn Store,
    state: Mutex<State>,
}

struct State {
    looked: Instant,
    /// What a signal's handler has raised, such as KeyboardInterrupt: nothing is asked after it.
    raised: Option<PyErr>,
}

/// Makes a call of the core's, with the interpreter released between looks.
pub(crate) fn ask<T: Send>(
    py: Python<'_>,
    store: &dyn Store,
    ask: impl FnOnce(&dyn Store) -> Told<T> + Send,
) -> PyResult<T> {
    let store = Interruptible { store, state: Mutex::new(State { looked: Instant::now(), raised: None }) };
    let told = call_detached(py, || Ok(ask(&store)))?;
    let result = host_store::result(told);
    match store.state.into_inner().unwrap_or_else(PoisonError::into_inner).raised {
        Some(raised) => Err(raised),
        None => result.map_err(|error| raise(py, &error)),
    }
}

impl Interruptible<'_> {
    /// The store, unless a signal ended the call.
    fn store(&self) -> Result<&dyn Store> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.raised.is_none() && state.looked.elapsed() >= INTERVAL {
            // One thread asks: nobody waits for this lock, whatever a handler does.
            state.raised = Python::try_attach(|py| py.check_signals().err()).flatten();
            state.looked = Instant::now();
        }
        if state.raised.is_some() { Err(interrupted()) } else { Ok(self.store) }
    }
}

impl Store for Interruptible<'_> {
    fn get(&self, key: &str, timeout: Duration) -> Result<Option<Record>> {
        self.store()?.get(key, timeout)
    }

    fn put_if(&self, key: &str, expected: Option<u64>, record: &Record, timeout: Duration) -> Result<bool> {
        self.store()?.put_if(key, expected, record, timeout)
    }

    fn delete_if(&self, key: &str, version: u64, timeout: Duration) -> Result<bool> {
        self.store()?.delete_if(key, version, timeout)
    }

    fn list(&self, owner: &str, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page> {
        self.store()?.list(owner, after, limit, timeout)
    }

    fn sweep(&self, before: u64, limit: usize, timeout: Duration) -> Result<usize> {
        self.store()?.sweep(before, limit, timeout)
    }

    fn all(&self, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page> {
        self.store()?.all(after, limit, timeout)
    }

    fn close(&self) {
        self.store.close();
    }

    fn take_events(&self) -> Vec<Event> {
        self.store.take_events()
    }
}

/// Nobody sees it: the call ends with what was raised.
fn interrupted() -> Error {
    store::unavailable("interrupted")
}
