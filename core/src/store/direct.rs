//! A store at hand.

use std::future::{Future, ready};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::ask::Ask;
use super::backend::Store;
use super::request::{StoreAnswer, StoreRequest};
use crate::error::{Code, Error, Result};
use crate::operation::Event;

/// The most time for what is not worth a wait.
const BRIEFLY: Duration = Duration::from_millis(500);

/// A store that blocks, asked on the caller's thread.
pub(crate) struct Direct<'a> {
    store: &'a dyn Store,
    now: u64,
    timeout: Duration,
    begun: Instant,
    events: Mutex<Vec<Event>>,
}

impl<'a> Direct<'a> {
    pub(crate) fn new(store: &'a dyn Store, now: u64, timeout: Duration) -> Self {
        Self { store, now, timeout, begun: Instant::now(), events: Mutex::default() }
    }

    fn ask_within(&self, request: &StoreRequest, most: Duration) -> Result<StoreAnswer> {
        let left = self.timeout.saturating_sub(self.begun.elapsed()).min(most);
        match left.is_zero() {
            true => Err(Error::new(Code::Deadline, "the time for the store is over")),
            false => request.carry_out(self.store, left),
        }
    }

    /// What has happened, and with the store.
    pub(crate) fn into_events(self) -> Vec<Event> {
        let mut events = self.events.into_inner().unwrap_or_else(PoisonError::into_inner);
        events.extend(self.store.take_events());
        events
    }
}

impl Ask for Direct<'_> {
    fn now(&self) -> u64 {
        self.now
    }

    fn event(&self, event: Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    fn ask(&self, request: StoreRequest) -> impl Future<Output = Result<StoreAnswer>> + Send {
        ready(self.ask_within(&request, Duration::MAX))
    }

    fn ask_briefly(&self, request: StoreRequest) -> impl Future<Output = Result<StoreAnswer>> + Send {
        ready(self.ask_within(&request, BRIEFLY))
    }
}

/// What an `async` function over a [`Direct`] ends with: it never waits.
pub(crate) fn at_once<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(Error::internal("a store that is at hand was waited for")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ask::Asked;
    use crate::store::{MemoryStore, Record};

    const NOW: u64 = 1_700_000_000_000;

    #[test]
    fn a_store_at_hand_is_asked_at_once_and_for_a_time() {
        let store = MemoryStore::new(10);
        let direct = Direct::new(&store, NOW, Duration::from_secs(60));
        let record = Record { version: 0, value: "value".to_owned(), owner: None, expires_at: None };
        assert!(at_once(direct.create("key", record)).unwrap().is_some());
        direct.event(Event::new("test"));
        assert_eq!(direct.into_events().len(), 1);
        let direct = Direct::new(&store, NOW, Duration::ZERO);
        assert_eq!(at_once(direct.get("key")).unwrap_err().code(), Code::Deadline);
        assert_eq!(at_once(std::future::pending::<Result<()>>()).unwrap_err().code(), Code::Internal);
    }
}
