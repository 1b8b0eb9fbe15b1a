//! `Login`.

use authwright_core::oauth;
use pyo3::prelude::*;

/// A login that has begun: redirect the browser to `url`, and set `cookie`, or keep `transaction` in the browser's
/// session.
#[pyclass(frozen, module = "authwright.oauth")]
pub(crate) struct Login(pub(crate) oauth::Login);

#[pymethods]
impl Login {
    /// Where to redirect the browser.
    #[getter]
    fn url(&self) -> &str {
        self.0.url()
    }

    /// What finish_login() needs, sealed. Who keeps it must bind it to the browser's session.
    #[getter]
    fn transaction(&self) -> &str {
        self.0.transaction()
    }

    /// The value of a Set-Cookie header that keeps the transaction in the browser.
    #[getter]
    fn cookie(&self) -> &str {
        self.0.cookie()
    }

    /// Values of more Set-Cookie headers, which remove cookies of old logins.
    #[getter]
    fn stale_cookies(&self) -> Vec<String> {
        self.0.stale_cookies().to_vec()
    }

    fn __repr__(&self) -> &'static str {
        "<authwright.oauth.Login>"
    }
}
