//! The extension module `authwright._core`: each function converts its arguments, makes one call into the core and
//! converts the answer. The package `authwright` (in `python/`) gives it its public names.

mod api_key;
mod api_keys;
mod argument;
mod built_in;
mod datetime;
mod document;
mod error;
mod event;
mod host_store;
mod http_client;
mod interpreter;
mod interruptible;
mod json;
mod jws;
mod key;
mod key_set;
mod login;
mod names;
mod oauth_client;
mod operation;
mod options;
mod place;
mod record;
mod recurring;
mod remote_key_set;
mod signer;
mod store;
mod store_report;
mod template;
mod token;
mod token_manager;
mod tokens;
mod user;
mod utf8;
mod verifier;

use pyo3::prelude::*;

/// The native half of the package authwright. Import authwright instead.
// Nothing here relies on the GIL: the classes are frozen, and the tables are written once.
#[pymodule(name = "_core", gil_used = false)]
mod core_module {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::api_key::{ApiKey, ApiKeyPage, IssuedKey};
    #[pymodule_export]
    use crate::api_keys::{ApiKeys, store_kind};
    #[pymodule_export]
    use crate::argument::seconds;
    #[pymodule_export]
    use crate::error::error_table;
    #[pymodule_export]
    use crate::event::on_event;
    #[pymodule_export]
    use crate::http_client::HttpClient;
    #[pymodule_export]
    use crate::jws::{Verified, jws_sign, jws_verify};
    #[pymodule_export]
    use crate::key::Key;
    #[pymodule_export]
    use crate::key_set::KeySet;
    #[pymodule_export]
    use crate::login::Login;
    #[pymodule_export]
    use crate::oauth_client::Client;
    #[pymodule_export]
    use crate::operation::{Operation, Outcome, Persist, Request, StoreOutcome, StoreRequest, Wait};
    #[pymodule_export]
    use crate::record::Record;
    #[pymodule_export]
    use crate::remote_key_set::RemoteKeySet;
    #[pymodule_export]
    use crate::signer::{Prepared, Signer};
    #[pymodule_export]
    use crate::store::{Store, copy_store, sweep_store};
    #[pymodule_export]
    use crate::store_report::{StoreReport, check_store};
    #[pymodule_export]
    use crate::token::{Token, UnverifiedToken, dangerous_decode};
    #[pymodule_export]
    use crate::token_manager::TokenManager;
    #[pymodule_export]
    use crate::tokens::Tokens;
    #[pymodule_export]
    use crate::user::User;
    #[pymodule_export]
    use crate::verifier::Verifier;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        crate::interpreter::check(py)?;
        crate::names::intern(py);
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("debug_build", cfg!(debug_assertions))
    }
}
