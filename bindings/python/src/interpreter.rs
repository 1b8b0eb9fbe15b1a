//! Which interpreters may load the module: one of the version that it was built for, and one only in each process.

use std::sync::atomic::{AtomicI64, Ordering};

use pyo3::exceptions::PyImportError;
use pyo3::ffi;
use pyo3::prelude::*;

/// No interpreter has this id.
const NONE: i64 = -1;

/// Refuses an interpreter that cannot use the module, with an `ImportError` where it would otherwise crash.
pub(crate) fn check(py: Python<'_>) -> PyResult<()> {
    static LOADED_IN: AtomicI64 = AtomicI64::new(NONE);

    let (built, running) = (env!("AUTHWRIGHT_PYTHON"), py.version_info());
    // Objects are laid out differently in each version.
    if !cfg!(Py_LIMITED_API) && built != format!("{}.{}", running.major, running.minor) {
        let message = format!(
            "authwright was built for Python {built}, and this is {}.{}: install it again with this Python",
            running.major, running.minor
        );
        return Err(PyImportError::new_err(message));
    }

    // SAFETY: the interpreter is attached, so there is a current one.
    let id = unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) };
    if id == NONE {
        return Err(PyErr::fetch(py));
    }
    // The classes and the interned names are the process's: a second interpreter would share them with the first. From
    // Python 3.12 on CPython sees to it, though only for interpreters that do not share the first one's GIL.
    match LOADED_IN.compare_exchange(NONE, id, Ordering::AcqRel, Ordering::Acquire) {
        Err(first) if first != id => {
            let message =
                "authwright does not support subinterpreters: this process has loaded it in another interpreter";
            Err(PyImportError::new_err(message))
        }
        _ => Ok(()),
    }
}
