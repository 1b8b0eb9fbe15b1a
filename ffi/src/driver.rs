//! Driving operations by the system's clock with the built-in client: what the blocking calls do.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use authwright_core::operation::{Effect, EffectKind, Operation, Request, Step, Wait};
use authwright_core::{Error, RemoteKeySet};

use crate::arguments::Outcome;
use crate::error::Failure;
use crate::event::report;
use crate::http_client::Client;

/// Milliseconds since 1970. A clock set before that reads as 0.
pub(crate) fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    elapsed.and_then(|elapsed| u64::try_from(elapsed.as_millis()).ok()).unwrap_or(0)
}

/// A number that differs from process to process.
pub(crate) fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Drives the operation to its end, and no longer than until the deadline.
pub(crate) fn run<T>(client: &Client, mut operation: Operation<T>, deadline: u64) -> Outcome<T> {
    enum Next<T> {
        Send(u64, Request),
        Wait(Wait),
        Over(Result<T, Error>),
    }
    loop {
        let now = now_ms();
        if now >= deadline {
            return Err(Failure::deadline());
        }
        let next = match operation.step(now) {
            Step::Effect(Effect { id, kind: EffectKind::Send(request) }) => Next::Send(*id, request.clone()),
            Step::Effect(_) => return Err(Failure::no_client()),
            Step::Wait(wait) => Next::Wait(wait),
            Step::Done(result) => Next::Over(Ok(result)),
            Step::Failed(error) => Next::Over(Err(error)),
        };
        report(operation.take_events());
        match next {
            Next::Send(id, mut request) => {
                request.deadline = request.deadline.min(deadline);
                let outcome = client.send(&request, now);
                operation.resume(id, now_ms(), outcome)?;
                report(operation.take_events());
            }
            Next::Wait(wait) => wait.signal.wait(wait.until.min(deadline).saturating_sub(now)),
            Next::Over(result) => return Ok(result?),
        }
    }
}

/// Makes the fetch that is due, if one is, on a thread of its own that ends with it: nobody waits for it.
pub(crate) fn refresh_ahead(keys: &RemoteKeySet, client: &Client) {
    let now = now_ms();
    let Some(mut operation) = keys.refresh_ahead(now).filter(|_| !client.is_closed()) else { return };
    // Taking the lead at once keeps a crowd of callers from starting a thread each.
    if !matches!(operation.step(now), Step::Effect(_)) {
        return;
    }
    let (client, deadline) = (client.clone(), operation.deadline());
    // What comes of it is told by events. If there is no thread to be had, dropping the operation gives it up.
    let _ =
        thread::Builder::new().name("authwright".to_owned()).spawn(move || run(&client, operation, deadline).is_ok());
}
