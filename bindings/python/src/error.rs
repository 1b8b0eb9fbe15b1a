//! The core's errors as Python exceptions.
//!
//! The classes are written in Python (`authwright/errors.py`, generated from the core's table), because an exception
//! with attributes cannot be a native subclass under the stable ABI before Python 3.12.

use std::panic::{AssertUnwindSafe, catch_unwind};

use authwright_core::{Code, Error};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// Makes one call into the core and turns its error into an exception. A panic becomes `InternalError`: pyo3's own
/// `PanicException` is no `Exception`, and so would pass the `except` clauses of a server.
#[inline]
pub(crate) fn call<T>(py: Python<'_>, operation: impl FnOnce() -> authwright_core::Result<T>) -> PyResult<T> {
    // Unwind safety: the core's types are immutable, and what the operation was building is dropped with the panic.
    match catch_unwind(AssertUnwindSafe(operation)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(raise(py, &error)),
        Err(_) => Err(raise(py, &Error::internal("authwright panicked; the process's standard error has the details"))),
    }
}

/// The same with the interpreter released: for work that takes longer than others should wait.
#[inline]
pub(crate) fn call_detached<T: Send>(
    py: Python<'_>,
    operation: impl FnOnce() -> authwright_core::Result<T> + Send,
) -> PyResult<T> {
    let outcome = py.detach(|| catch_unwind(AssertUnwindSafe(operation)));
    call(py, || outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
}

/// Makes a call into the core that knows nothing of the parameter, which its error is about.
pub(crate) fn call_about<T>(
    py: Python<'_>,
    parameter: &str,
    operation: impl FnOnce() -> authwright_core::Result<T>,
) -> PyResult<T> {
    call(py, || Ok(operation()))?.map_err(|error| raise_about(py, &error, error.field().or(Some(parameter))))
}

/// The exception for an error of the core.
#[cold]
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    raise_about(py, error, error.field())
}

fn raise_about(py: Python<'_>, error: &Error, field: Option<&str>) -> PyErr {
    let arguments = (error.message().to_owned(), field.map(ToOwned::to_owned));
    let raised = class(py, error.code()).map_or_else(|error| error, |class| PyErr::from_type(class, arguments));
    if let Some(cause) = error.cause() {
        raised.set_cause(py, Some(raise(py, cause)));
    }
    match (error.http_status(), error.provider_error()) {
        (None, None) => raised,
        _ => answered(py, &raised, error).err().unwrap_or(raised),
    }
}

/// Adds what the server said, in an answer or by way of the browser.
fn answered(py: Python<'_>, raised: &PyErr, error: &Error) -> PyResult<()> {
    let exception = raised.value(py);
    exception.setattr("http_status", error.http_status())?;
    exception.setattr("provider_error", error.provider_error())?;
    exception.setattr("provider_error_description", error.provider_error_description())
}

/// The exception for an argument that the binding itself cannot take.
#[cold]
pub(crate) fn invalid(py: Python<'_>, parameter: &str, message: String) -> PyErr {
    raise(py, &Error::invalid_argument(parameter.to_owned(), message))
}

/// The name of a value's type, for messages.
#[cold]
pub(crate) fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "an object".to_owned(), |name| name.to_string())
}

fn class(py: Python<'_>, code: Code) -> PyResult<Bound<'_, PyType>> {
    static CLASSES: PyOnceLock<Vec<(Code, Py<PyType>)>> = PyOnceLock::new();
    let classes = CLASSES.get_or_try_init(py, || {
        let module = py.import("authwright.errors")?;
        Code::ALL
            .iter()
            .map(|code| Ok((*code, module.getattr(code.class())?.cast_into::<PyType>()?.unbind())))
            .collect::<PyResult<_>>()
    })?;
    match classes.iter().find(|(known, _)| *known == code) {
        Some((_, class)) => Ok(class.bind(py).clone()),
        None => Err(pyo3::exceptions::PyRuntimeError::new_err(code.name())),
    }
}

/// The core's error table, as `(number, name, class, meaning, remedy)`: what `authwright.errors` is generated from.
#[pyfunction]
pub(crate) fn error_table() -> Vec<(i32, &'static str, &'static str, &'static str, &'static str)> {
    Code::ALL.iter().map(|code| (code.number(), code.name(), code.class(), code.meaning(), code.remedy())).collect()
}
