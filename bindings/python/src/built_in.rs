//! The built-in HTTPS client; in a build without it, what says so in its place.

#[cfg(feature = "http")]
pub(crate) use authwright_core::transport::{HttpClient, HttpOptions};

#[cfg(not(feature = "http"))]
pub(crate) use self::absent::{HttpClient, HttpOptions};

#[cfg(not(feature = "http"))]
mod absent {
    use authwright_core::oauth::Tokens;
    use authwright_core::operation::{Event, Failure, Operation, Request, Response};
    use authwright_core::{Result, system_now_ms};

    #[derive(Clone)]
    pub(crate) struct HttpClient;

    #[derive(Default)]
    pub(crate) struct HttpOptions(());

    impl HttpOptions {
        pub(crate) fn from_json(_json: &str) -> Result<Self> {
            Err(unsupported().error().clone())
        }
    }

    impl HttpClient {
        pub(crate) fn new(_options: HttpOptions) -> Result<Self> {
            Ok(Self)
        }

        pub(crate) fn send(&self, _request: &Request, _now: u64) -> Result<Response, Failure> {
            Err(unsupported())
        }

        pub(crate) fn run<T>(&self, operation: Operation<T>, events: &dyn Fn(&Event)) -> Result<T> {
            self.run_persisting(operation, |_| Ok(()), events)
        }

        pub(crate) fn run_persisting<T>(
            &self,
            operation: Operation<T>,
            persist: impl FnMut(&Tokens) -> Result<(), String>,
            events: &dyn Fn(&Event),
        ) -> Result<T> {
            operation.run(system_now_ms, |request, now| self.send(request, now), persist, events)
        }

        pub(crate) fn close(&self) {}
    }

    fn unsupported() -> Failure {
        Failure::unsupported("HTTP client: this build of authwright has none")
    }
}
