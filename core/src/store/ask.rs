//! Asking a store, and what is made of its five calls.
//!
//! The code that decides is written once, as `async` functions over [`Ask`]. Where the store is at hand they run through at
//! once on the caller's thread, with nothing allocated for it; where a program carries out effects, they are the block of an
//! operation.

use std::future::{Future, ready};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::backend::Store;
use super::record::{END_OF_VERSIONS, Page, Record};
use super::request::{StoreAnswer, StoreRequest, corrupt};
use crate::error::{Code, Error, Result};
use crate::operation::{Event, Outside};

/// How often a change is tried anew because somebody else made one in between.
const ATTEMPTS: usize = 32;

/// Who carries out what is asked of a store.
pub(crate) trait Ask: Sync {
    /// Milliseconds since 1970.
    fn now(&self) -> u64;

    fn event(&self, event: Event);

    /// The answer, unchecked.
    fn ask(&self, request: StoreRequest) -> impl Future<Output = Result<StoreAnswer>> + Send;
}

/// How the state of a record goes on: see [`Asked::change`].
pub(crate) enum Change<T> {
    /// To another value.
    Put(Record, T),
    /// Not at all.
    Leave(T),
}

/// The calls that are made of asking: every [`Ask`] has them.
pub(crate) trait Asked: Ask {
    /// The record, unless it is over by the clock of who asks.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Record>>> + Send {
        async move {
            let now = self.now();
            Ok(self.get_even_if_over(key).await?.filter(|record| record.expires_at.is_none_or(|until| now < until)))
        }
    }

    fn get_even_if_over(&self, key: &str) -> impl Future<Output = Result<Option<Record>>> + Send {
        async move {
            match self.checked(StoreRequest::Get { key: key.to_owned() }).await? {
                StoreAnswer::Record(record) => Ok(record),
                _ => Err(corrupt("another answer")),
            }
        }
    }

    /// Keeps a record where none is, or where one is that is over; the version it has got. None if there is one. A record
    /// that was sent and not acknowledged is looked for: what is there with this version is what was sent.
    fn create(&self, key: &str, record: Record) -> impl Future<Output = Result<Option<u64>>> + Send {
        async move {
            let record = Record { version: next_version(None, self.now()), ..record };
            let version = record.version;
            if self.put_if(key, None, record.clone()).await? {
                return Ok(Some(version));
            }
            let now = self.now();
            match self.get_even_if_over(key).await? {
                Some(there) if there.expires_at.is_some_and(|until| until <= now) => {
                    let record = Record { version: next_version(Some(there.version), now), ..record };
                    let version = record.version;
                    Ok(self.put_if(key, Some(there.version), record).await?.then_some(version))
                }
                _ => Ok(None),
            }
        }
    }

    /// Replaces the record with this version; the version it has got. None if what is there has another.
    fn replace(&self, key: &str, version: u64, record: Record) -> impl Future<Output = Result<Option<u64>>> + Send {
        async move {
            let next = next_version(Some(version), self.now());
            Ok(self.put_if(key, Some(version), Record { version: next, ..record }).await?.then_some(next))
        }
    }

    /// Reads, lets `decide` say how to go on, and writes, until nobody else has written in between.
    fn change<T: Send>(
        &self,
        key: &str,
        mut decide: impl FnMut(Option<&Record>) -> Result<Change<T>> + Send,
    ) -> impl Future<Output = Result<T>> + Send {
        async move {
            for _ in 0..ATTEMPTS {
                let there = self.get(key).await?;
                match decide(there.as_ref())? {
                    Change::Leave(result) => return Ok(result),
                    Change::Put(record, result) => {
                        let done = match &there {
                            Some(there) => self.replace(key, there.version, record).await?,
                            None => self.create(key, record).await?,
                        };
                        if done.is_some() {
                            return Ok(result);
                        }
                    }
                }
            }
            Err(Error::new(Code::StoreConflict, "others changed the record again and again"))
        }
    }

    /// Removes the record, and hands it to the one caller who did.
    fn take(&self, key: &str) -> impl Future<Output = Result<Option<Record>>> + Send {
        async move {
            for _ in 0..ATTEMPTS {
                let Some(record) = self.get(key).await? else { return Ok(None) };
                if self.delete_if(key, record.version).await? {
                    return Ok(Some(record));
                }
            }
            Err(Error::new(Code::StoreConflict, "others changed the record again and again"))
        }
    }

    /// Lets the holder do something alone until that time. The fencing token, which is higher than that of every holder
    /// before it, or the time until which another has it. Who holds it already has it for longer.
    fn lease(&self, key: &str, holder: &str, until: u64) -> impl Future<Output = Result<Lease>> + Send {
        async move {
            for _ in 0..ATTEMPTS {
                let record = Record { version: 0, value: holder.to_owned(), owner: None, expires_at: Some(until) };
                let fence = match self.get(key).await? {
                    Some(there) if there.value != holder => {
                        return Ok(Lease::Held { until: there.expires_at.unwrap_or(u64::MAX) });
                    }
                    Some(there) => self.replace(key, there.version, record).await?,
                    None => self.create(key, record).await?,
                };
                if let Some(fence) = fence {
                    return Ok(Lease::Granted { fence });
                }
            }
            Err(Error::new(Code::StoreConflict, "others changed the record again and again"))
        }
    }

    /// Keeps the record as it is. A record that was sent and not acknowledged is looked for once: what is there with its
    /// version is what was sent, for nobody else has chosen it.
    fn put_if(&self, key: &str, expected: Option<u64>, record: Record) -> impl Future<Output = Result<bool>> + Send {
        async move {
            let sent = record.clone();
            match self.checked(StoreRequest::PutIf { key: key.to_owned(), expected, record }).await {
                Ok(StoreAnswer::Done(done)) => Ok(done),
                Ok(_) => Err(corrupt("another answer")),
                Err(error) if error.code() == Code::StoreUncertain => match self.get_even_if_over(key).await {
                    Ok(Some(there)) if there == sent => Ok(true),
                    // What is there may be another's; and what was sent may still arrive.
                    _ => Err(error),
                },
                Err(error) => Err(error),
            }
        }
    }

    fn delete_if(&self, key: &str, version: u64) -> impl Future<Output = Result<bool>> + Send {
        async move {
            match self.checked(StoreRequest::DeleteIf { key: key.to_owned(), version }).await? {
                StoreAnswer::Done(done) => Ok(done),
                _ => Err(corrupt("another answer")),
            }
        }
    }

    fn list(&self, owner: &str, after: Option<&str>, limit: usize) -> impl Future<Output = Result<Page>> + Send {
        async move {
            let request = StoreRequest::List { owner: owner.to_owned(), after: after.map(str::to_owned), limit };
            match self.checked(request).await? {
                StoreAnswer::Page(page) => Ok(page),
                _ => Err(corrupt("another answer")),
            }
        }
    }

    fn sweep(&self, before: u64, limit: usize) -> impl Future<Output = Result<usize>> + Send {
        async move {
            match self.checked(StoreRequest::Sweep { before, limit }).await? {
                StoreAnswer::Swept(count) => Ok(count),
                _ => Err(corrupt("another answer")),
            }
        }
    }

    fn checked(&self, request: StoreRequest) -> impl Future<Output = Result<StoreAnswer>> + Send {
        async move {
            if !request.is_possible() {
                return Err(Error::internal("no store keeps this"));
            }
            // The request goes away with the asking; what is checked against is small.
            let asked = request.clone();
            let answer = self.ask(request).await?;
            asked.check(&answer)?;
            Ok(answer)
        }
    }
}

impl<A: Ask> Asked for A {}

/// What came of asking for a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// It is the asker's; the number goes with whatever is done under it.
    Granted {
        /// The fencing token.
        fence: u64,
    },
    /// It is another's until then, in milliseconds since 1970.
    Held {
        /// In milliseconds since 1970.
        until: u64,
    },
}

/// Higher than the version that is there, and than those of records that were there before: versions are the time in
/// microseconds, unless changes come faster. So a record that is removed and made anew is never mistaken for the old one.
fn next_version(there: Option<u64>, now: u64) -> u64 {
    let time = now.saturating_mul(1000);
    there.map_or(time, |version| version.saturating_add(1).max(time)).min(END_OF_VERSIONS.saturating_sub(1))
}

/// A store at hand, which blocks.
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
        let left = self.timeout.saturating_sub(self.begun.elapsed());
        ready(match left.is_zero() {
            true => Err(Error::new(Code::Deadline, "the time for the store is over")),
            false => request.carry_out(self.store, left),
        })
    }
}

impl Ask for Outside {
    fn now(&self) -> u64 {
        self.now()
    }

    fn event(&self, event: Event) {
        self.event(event);
    }

    fn ask(&self, request: StoreRequest) -> impl Future<Output = Result<StoreAnswer>> + Send {
        self.store(request)
    }
}

/// What an `async` function over a [`Direct`] ends with: it never waits.
pub(crate) fn at_once<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(Error::internal("a store that is at hand was waited for")),
    }
}
