//! Records that were read a moment ago.

use std::collections::HashMap;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use crate::store::Record;

/// The most records that are remembered.
const ROOM: usize = 10_000;

/// Records by their ids, each for a moment. What it says is no older than that; what was never found is not remembered, so
/// that a guesser fills nothing.
pub(super) struct Cache {
    milliseconds: u64,
    /// A child process makes its own: its parent's may be locked by a thread that is not there.
    memory: ArcSwap<Memory>,
}

struct Memory {
    process: u32,
    records: Mutex<Records>,
}

#[derive(Default)]
struct Records {
    by_id: HashMap<String, Remembered>,
    /// How often something was forgotten: what was read before that is not remembered any more.
    forgotten: u64,
    /// When it was last looked through for what is too old.
    pruned_at: u64,
}

struct Remembered {
    record: Record,
    read_at: u64,
    /// The same by a clock that is never set: what was read in a future that was none is not young when it comes.
    since: Instant,
}

/// A read that began then.
pub(super) struct Reading {
    forgotten: u64,
    began_at: u64,
    since: Instant,
}

impl Cache {
    /// None if nothing is to be remembered.
    pub(super) fn new(lifetime: Duration) -> Option<Self> {
        let milliseconds = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        (milliseconds > 0).then(|| Self { milliseconds, memory: ArcSwap::from_pointee(Memory::new()) })
    }

    /// The record, unless it is too old, or was read in the future: a clock that was set back must not make it last. If it
    /// must be read, what [`Cache::put`] wants afterwards.
    pub(super) fn get(&self, id: &str, now: u64) -> Result<Record, Reading> {
        let memory = self.memory();
        let records = memory.records();
        let is_young = |remembered: &&Remembered| self.is_young(remembered, now);
        match records.by_id.get(id).filter(is_young) {
            Some(remembered) => Ok(remembered.record.clone()),
            None => Err(Reading { forgotten: records.forgotten, began_at: now, since: Instant::now() }),
        }
    }

    /// Remembers what was read, unless something was forgotten in between: it may be what was there before.
    pub(super) fn put(&self, id: &str, record: Record, reading: Reading) {
        let memory = self.memory();
        let mut records = memory.records();
        if records.forgotten != reading.forgotten {
            return;
        }
        let now = reading.began_at;
        if records.by_id.len() >= ROOM && now.abs_diff(records.pruned_at) >= self.milliseconds {
            records.pruned_at = now;
            records.by_id.retain(|_, remembered| self.is_young(remembered, now));
        }
        if records.by_id.len() < ROOM || records.by_id.contains_key(id) {
            records.by_id.insert(id.to_owned(), Remembered { record, read_at: now, since: reading.since });
        }
    }

    /// For what this process changes.
    pub(super) fn forget(&self, id: &str) {
        let memory = self.memory();
        let mut records = memory.records();
        records.by_id.remove(id);
        records.forgotten = records.forgotten.wrapping_add(1);
    }

    fn is_young(&self, remembered: &Remembered, now: u64) -> bool {
        let lifetime = Duration::from_millis(self.milliseconds);
        now.checked_sub(remembered.read_at).is_some_and(|age| age < self.milliseconds)
            && remembered.since.elapsed() < lifetime
    }

    /// This process's.
    fn memory(&self) -> Arc<Memory> {
        let memory = self.memory.load_full();
        if memory.process == process::id() {
            return memory;
        }
        self.memory.rcu(|memory| match memory.process == process::id() {
            true => Arc::clone(memory),
            false => Arc::new(Memory::new()),
        });
        self.memory.load_full()
    }
}

impl Memory {
    fn new() -> Self {
        Self { process: process::id(), records: Mutex::default() }
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        // Whole whenever it is released.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(version: u64) -> Record {
        Record { version, value: String::new(), owner: None, expires_at: None }
    }

    #[test]
    fn what_was_read_before_a_change_is_not_remembered_after_it() {
        let cache = Cache::new(Duration::from_secs(5)).unwrap();
        let before = cache.get("a", 1000).unwrap_err();
        cache.forget("a");
        cache.put("a", record(1), before);
        let reading = cache.get("a", 1000).unwrap_err();
        cache.put("a", record(2), reading);
        assert_eq!(cache.get("a", 1000).ok().unwrap().version, 2);
        assert!(cache.get("a", 999).is_err(), "a clock that went back");
        assert!(cache.get("a", 6000).is_err(), "too old, counted from when the read began");
    }

    #[test]
    fn what_was_read_in_the_future_does_not_wait_for_it() {
        let cache = Cache::new(Duration::from_millis(20)).unwrap();
        let reading = cache.get("a", 1000).unwrap_err();
        cache.put("a", record(1), reading);
        assert!(cache.get("a", 900).is_err());
        std::thread::sleep(Duration::from_millis(25));
        assert!(cache.get("a", 1000).is_err());
    }

    #[test]
    fn it_has_an_end() {
        let cache = Cache::new(Duration::from_secs(5)).unwrap();
        for number in 0..ROOM + 10 {
            let id = number.to_string();
            let reading = cache.get(&id, 1000).unwrap_err();
            cache.put(&id, record(1), reading);
        }
        assert_eq!(cache.memory().records().by_id.len(), ROOM);
        let reading = cache.get("another", 7000).unwrap_err();
        cache.put("another", record(1), reading);
        assert_eq!(cache.memory().records().by_id.len(), 1);
    }
}
