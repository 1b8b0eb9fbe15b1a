//! The hook of the program, which is told what happened.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use authwright_core::operation::Event;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use crate::error::{invalid, type_name};
use crate::key::dict;

static HOOK: Mutex<Option<Py<PyAny>>> = Mutex::new(None);

/// Whether there is a hook: a thread that fetches in the background touches Python only then.
static IS_SET: AtomicBool = AtomicBool::new(false);

/// Sets the hook of the program, or takes it away with None: what is called when keys were fetched, and the like.
///
/// `hook` is called with one dict, a new one each time: "event" is its name, such as "keys_refreshed" or "keys_refresh_failed", and the
/// other members say more. It is for logs and metrics, and holds no secret. It is called on the thread that made it
/// happen, which may be one of authwright's own, so it must be quick. What it raises goes to sys.unraisablehook.
///
/// Raises InvalidArgumentError.
#[pyfunction]
#[pyo3(signature = (hook, /))]
pub(crate) fn on_event(hook: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = hook.py();
    let new = match hook {
        hook if hook.is_none() => None,
        hook if hook.is_callable() => {
            // By the time of an event the program may have given up the right to read modules.
            crate::key::loads(py)?;
            Some(hook.clone().unbind())
        }
        _ => return Err(invalid(py, "hook", format!("hook is {}: pass a callable or None", type_name(hook)))),
    };
    IS_SET.store(new.is_some(), Ordering::Release);
    // Dropped after the lock is released: what is dropped may run code that comes here again.
    let _old = std::mem::replace(&mut *HOOK.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner), new);
    Ok(())
}

/// Tells the hook, from any thread, attached to the interpreter or not.
pub(crate) fn report(event: &Event) {
    if IS_SET.load(Ordering::Acquire) {
        // None when the interpreter is on its way out: there is nobody left to tell.
        let _ = Python::try_attach(|py| tell(py, event));
    }
}

fn tell(py: Python<'_>, event: &Event) {
    let hook =
        HOOK.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner).as_ref().map(|hook| hook.clone_ref(py));
    let Some(hook) = hook else { return };
    if let Err(error) = dict(py, &event.to_json()).and_then(|event| hook.call1(py, (event,))) {
        error.write_unraisable(py, Some(hook.bind(py)));
    }
}
