//! Driving operations by the system's clock with the built-in client: what the blocking calls do.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;

use authwright_core::oauth::Tokens;
use authwright_core::operation::{Operation, Step};
use authwright_core::{RemoteKeySet, system_now_ms};

use crate::arguments::Outcome;
use crate::event::report;
use crate::http_client::Client;

/// A number that differs from process to process.
pub(crate) fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Drives the operation to its end.
pub(crate) fn run<T>(client: &Client, operation: Operation<T>) -> Outcome<T> {
    run_persisting(client, operation, |_| Err("nobody was named who keeps tokens".to_owned()))
}

/// The same for the operations of a token manager. `persist` is called without any lock held.
pub(crate) fn run_persisting<T>(
    client: &Client,
    operation: Operation<T>,
    persist: impl FnMut(&Tokens) -> Result<(), String>,
) -> Outcome<T> {
    Ok(operation.run(system_now_ms, |request, now| client.send(request, now), persist, report)?)
}

/// Makes the fetch that is due, if one is, on a thread of its own that ends with it: nobody waits for it.
pub(crate) fn refresh_ahead(keys: &RemoteKeySet, client: &Client) {
    let now = system_now_ms();
    let Some(mut operation) = keys.refresh_ahead(now).filter(|_| !client.is_closed()) else { return };
    // Taking the lead at once keeps a crowd of callers from starting a thread each.
    if !matches!(operation.step(now), Step::Effect(_)) {
        return;
    }
    let client = client.clone();
    // What comes of it is told by events. If there is no thread to be had, dropping the operation gives it up.
    let _ = thread::Builder::new().name("authwright".to_owned()).spawn(move || run(&client, operation).is_ok());
}
