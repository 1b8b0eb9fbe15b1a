//! The built-in HTTPS client; in a build without it, what says so in its place.

#[cfg(feature = "http")]
pub(crate) use authwright_core::transport::{HttpClient, HttpOptions};

#[cfg(not(feature = "http"))]
pub(crate) use self::absent::{HttpClient, HttpOptions};

#[cfg(not(feature = "http"))]
mod absent {
    use authwright_core::Result;
    use authwright_core::operation::{Effect, EffectKind, Event, Failure, Operation, Request, Response, Step};

    use crate::operation::system_now;

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

        pub(crate) fn run<T>(&self, mut operation: Operation<T>, events: &dyn Fn(&Event)) -> Result<T> {
            loop {
                let now = system_now();
                let id = match operation.step(now) {
                    Step::Effect(Effect { id, kind: EffectKind::Send(_) }) => *id,
                    Step::Effect(_) => return Err(unsupported().error().clone()),
                    Step::Wait(wait) => {
                        wait.signal.wait(wait.until.saturating_sub(now));
                        continue;
                    }
                    Step::Done(result) => return Ok(result),
                    Step::Failed(error) => return Err(error),
                };
                operation.resume(id, now, Err(unsupported()))?;
                operation.take_events().iter().for_each(events);
            }
        }

        pub(crate) fn close(&self) {}
    }

    fn unsupported() -> Failure {
        Failure::unsupported("HTTP client: this build of authwright has none")
    }
}
