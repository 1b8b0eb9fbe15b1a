//! `HttpClient`.

use authwright_core::operation::{Failure, Response};
use authwright_core::system_now_ms;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

use crate::argument;
use crate::built_in::{self, HttpOptions};
use crate::error::{call, call_detached, invalid, type_name};
use crate::json;
use crate::operation::Request;

/// The members that may be bytes too, as files are read.
const PEM: &[&str] = &["ca", "client_certificate", "client_key"];

/// The built-in HTTPS client, with other settings than the default ones.
///
/// Options: ca (certificates in PEM, trusted instead of the platform's authorities), client_certificate and client_key (PEM, for servers
/// that ask for one), proxy (`http://user:password@host:port`, "environment", which is the default, or "none"), connect_timeout (seconds
/// for making a connection, 5 by default), timeout (seconds for a whole request, 10 by default); seconds are whole ones, or
/// a timedelta. An unknown option is UnknownOptionError, and None is no value. Threads may share one; it survives a fork.
///
/// Raises UnknownOptionError, InvalidArgumentError, TransportUnsupportedError where authwright was built without it.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct HttpClient(built_in::HttpClient);

#[pymethods]
impl HttpClient {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(py: Python<'_>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let options = options.map(with_text).transpose()?;
        let options = json::options(py, options.as_ref(), HttpOptions::from_json)?;
        call(py, || built_in::HttpClient::new(options)).map(Self)
    }

    /// Closes the connections, and sends nothing more: what would, fails with ClosedError.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) {
        self.close(py);
    }

    fn __repr__(&self) -> &'static str {
        "<authwright.HttpClient>"
    }
}

impl HttpClient {
    /// The argument `http`, or the one that all share.
    pub(crate) fn or_shared(py: Python<'_>, http: Option<&Bound<'_, PyAny>>) -> PyResult<Py<Self>> {
        let Some(http) = http else { return Self::shared(py) };
        match http.cast::<Self>() {
            Ok(http) => Ok(http.clone().unbind()),
            Err(_) => Err(invalid(py, "http", format!("http is {}: pass an HttpClient", type_name(http)))),
        }
    }

    /// The one that is used where the program names none. It is never closed, and keeps no connection for long.
    fn shared(py: Python<'_>) -> PyResult<Py<Self>> {
        static SHARED: PyOnceLock<Py<HttpClient>> = PyOnceLock::new();
        let make = || Py::new(py, Self(call(py, || built_in::HttpClient::new(HttpOptions::default()))?));
        SHARED.get_or_try_init(py, make).map(|client| client.clone_ref(py))
    }

    pub(crate) fn client(&self) -> &built_in::HttpClient {
        &self.0
    }

    pub(crate) fn send(&self, py: Python<'_>, request: &Request) -> PyResult<Result<Response, Failure>> {
        call_detached(py, || Ok(self.0.send(request.inner(), system_now_ms())))
    }
}

/// The options with PEM as text.
fn with_text<'py>(options: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
    let py = options.py();
    let options = options.copy()?;
    for name in PEM {
        let Some(value) = options.get_item(name)? else { continue };
        if !value.is_instance_of::<PyString>() && argument::is_text(&value) {
            let bytes = argument::bytes(&value, name)?;
            let text = std::str::from_utf8(&bytes).map_err(|_| invalid(py, name, format!("{name} is not PEM")))?;
            options.set_item(name, text)?;
        }
    }
    Ok(options)
}
