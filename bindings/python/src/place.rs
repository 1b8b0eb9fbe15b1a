//! Where records are kept: a store of ours, or the program's own.

use std::sync::Arc;

use authwright_core::store;
use pyo3::prelude::*;
use pyo3::types::PyString;
use pyo3::{PyTraverseError, PyVisit};

use crate::error::{call, call_detached, raise};
use crate::host_store::{self, HostStore, Told};
use crate::interruptible;
use crate::store::Store;

/// What an argument that is a store names.
pub(crate) enum Place {
    BuiltIn {
        store: Arc<dyn store::Store>,
        is_memory: bool,
        /// Whether nobody else has it, so that it is closed with what has the place.
        is_ours: bool,
    },
    Host(Py<PyAny>),
}

impl Place {
    /// The argument of that name: a URL, a `Store`, or an object with the methods of one.
    pub(crate) fn argument(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        if let Some(built_in) = Self::built_in(value)? {
            return Ok(built_in);
        }
        host_store::check(value, name)?;
        Ok(Self::Host(value.clone().unbind()))
    }

    /// A URL or a `Store`; none if it is neither.
    pub(crate) fn built_in(value: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        if let Ok(store) = value.cast::<Store>() {
            let (store, is_memory) = (Arc::clone(store.get().inner()), store.get().is_memory());
            return Ok(Some(Self::BuiltIn { store, is_memory, is_ours: false }));
        }
        if !value.is_instance_of::<PyString>() {
            return Ok(None);
        }
        let opened = Store::open(value, None)?;
        let (store, is_memory) = (Arc::clone(opened.inner()), opened.is_memory());
        Ok(Some(Self::BuiltIn { store, is_memory, is_ours: true }))
    }

    /// Makes a call of the core's on this thread: with the interpreter released where the store does I/O. In memory it is
    /// over before others could have it.
    pub(crate) fn ask<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&dyn store::Store) -> Told<T> + Send,
    ) -> PyResult<T> {
        match self {
            Self::BuiltIn { store, is_memory: true, .. } => {
                let told = call(py, || Ok(ask(&**store)))?;
                host_store::result(told).map_err(|error| raise(py, &error))
            }
            Self::BuiltIn { store, .. } => {
                let told = call_detached(py, || Ok(ask(&**store)))?;
                host_store::result(told).map_err(|error| raise(py, &error))
            }
            Self::Host(object) => {
                let store = HostStore::new(object);
                let told = call(py, || Ok(ask(&store)))?;
                store.outcome(py, host_store::result(told))
            }
        }
    }

    /// The same for what takes long wherever it is done, and so must heed Ctrl-C.
    pub(crate) fn ask_at_length<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&dyn store::Store) -> Told<T> + Send,
    ) -> PyResult<T> {
        match self {
            Self::BuiltIn { store, .. } => interruptible::ask(py, &**store, ask),
            // Each of its methods is called with the interpreter, which others may have in between.
            Self::Host(object) => {
                let store = HostStore::new(object);
                let told = call_detached(py, || Ok(ask(&store)))?;
                store.outcome(py, host_store::result(told))
            }
        }
    }

    /// Closes a store that nobody else has.
    pub(crate) fn close(&self, py: Python<'_>) {
        if let Self::BuiltIn { store, is_ours: true, .. } = self {
            py.detach(|| store.close());
        }
    }

    /// For `async_api_keys.py`, which asks each in another way.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::BuiltIn { is_memory: true, .. } => "memory",
            Self::BuiltIn { is_memory: false, .. } => "blocking",
            Self::Host(_) => "host",
        }
    }

    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::BuiltIn { .. } => Ok(()),
            Self::Host(object) => visit.call(object),
        }
    }
}
