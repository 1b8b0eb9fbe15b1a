//! `aw_http_client`: the built-in HTTPS client.

use std::ffi::c_char;

use crate::arguments::{out, text};
use crate::error::aw_error;
use crate::guard::{guard, shield};
use crate::handle::{Handle, into_raw, peek, release};
use crate::status::aw_status;

pub use self::built_in::Client;

/// The built-in HTTPS client: the connections of key sets and verifiers that were made with it. It follows no redirect,
/// sends nothing twice but a GET whose kept connection ended before an answer, and every wait of it has an end. Without
/// one, each key set makes its own with the default options.
///
/// It opens a connection when one is needed, and a child process makes its own.
///
/// Ownership: yours; free it with aw_http_client_free(). Key sets and verifiers keep what they need, so it may be freed
/// before them. Threads: `const aw_http_client *` may be used from many at once; they do not wait for each other.
pub struct aw_http_client {
    _opaque: [u8; 0],
}

impl Handle for aw_http_client {
    type Value = Client;
    const TAG: u64 = u64::from_be_bytes(*b"aw_httpc");
    const NAME: &'static str = "client";
}

/// Makes a client. `AW_ERR_TRANSPORT_UNSUPPORTED` in a library that was built without it.
///
/// @param options  A JSON object, see the top of this header; "{}" for the defaults.
/// @param client   Set to the new client; free it with aw_http_client_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_http_client_new(
    options: *const c_char,
    length: usize,
    client: *mut *mut aw_http_client,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let client = out(client, "client")?;
            client.set(into_raw(Client::new(text(options, length, "options")?)?));
            Ok(())
        })
    }
}

/// Closes the client's idle connections and refuses to send anything more: what would fetch with it fails with
/// `AW_ERR_CLOSED`, or with that as the cause. Requests that are under way come to their own end. Keys at hand stay
/// usable. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_http_client_close(client: *const aw_http_client) {
    shield((), || {
        // SAFETY: the header's contract.
        if let Some(client) = unsafe { peek(client) } {
            client.close();
        }
    });
}

/// Frees a client. NULL is fine. It is not closed by that: what was made with it goes on using it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_http_client_free(client: *mut aw_http_client) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(client) });
}

#[cfg(feature = "http")]
mod built_in {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use authwright_core::operation::{Failure, Request, Response};
    use authwright_core::transport::{HttpClient, HttpOptions};

    use crate::arguments::Outcome;

    /// A client, and whether it was closed. A clone is the same client.
    #[derive(Clone)]
    pub struct Client {
        http: HttpClient,
        closed: Arc<AtomicBool>,
    }

    impl Client {
        pub(crate) fn new(options: &str) -> Outcome<Self> {
            let http = HttpClient::new(HttpOptions::from_json(options)?)?;
            Ok(Self { http, closed: Arc::default() })
        }

        /// That of a key set for which no other was given.
        pub(crate) fn unless_given() -> Outcome<Option<Self>> {
            Self::new("{}").map(Some)
        }

        pub(crate) fn send(&self, request: &Request, now: u64) -> Result<Response, Failure> {
            self.http.send(request, now)
        }

        pub(crate) fn close(&self) {
            self.closed.store(true, Ordering::Release);
            self.http.close();
        }

        pub(crate) fn is_closed(&self) -> bool {
            self.closed.load(Ordering::Acquire)
        }
    }
}

#[cfg(not(feature = "http"))]
mod built_in {
    use authwright_core::operation::{Failure as Unanswered, Request, Response};

    use crate::arguments::Outcome;
    use crate::error::Failure;

    /// There is none in this library, and nothing makes one.
    #[derive(Clone)]
    pub struct Client(());

    impl Client {
        pub(crate) fn new(_options: &str) -> Outcome<Self> {
            Err(Failure::no_client())
        }

        pub(crate) fn unless_given() -> Outcome<Option<Self>> {
            Ok(None)
        }

        pub(crate) fn send(&self, _request: &Request, _now: u64) -> Result<Response, Unanswered> {
            Err(Unanswered::unsupported("client"))
        }

        pub(crate) fn close(&self) {}

        pub(crate) fn is_closed(&self) -> bool {
            true
        }
    }
}
