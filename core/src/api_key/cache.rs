//! Records that were read a moment ago.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::store::Record;

/// The most records that are remembered: some megabytes.
const ROOM: usize = 10_000;

/// Records by their ids, each for a moment. What it says is no older than that; what was never found is not remembered, so
/// that a guesser fills nothing.
pub(super) struct Cache {
    milliseconds: u64,
    records: Mutex<HashMap<String, Remembered>>,
}

struct Remembered {
    record: Record,
    read_at: u64,
}

impl Cache {
    /// None if nothing is to be remembered.
    pub(super) fn new(lifetime: Duration) -> Option<Self> {
        let milliseconds = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        (milliseconds > 0).then(|| Self { milliseconds, records: Mutex::default() })
    }

    /// Unless it is too old, or read in the future: a clock that was set back must not make it last.
    pub(super) fn get(&self, id: &str, now: u64) -> Option<Record> {
        let records = self.records();
        let remembered = records.get(id)?;
        let age = now.checked_sub(remembered.read_at)?;
        (age < self.milliseconds).then(|| remembered.record.clone())
    }

    pub(super) fn put(&self, id: &str, record: Record, now: u64) {
        let mut records = self.records();
        if records.len() >= ROOM && !records.contains_key(id) {
            let lifetime = self.milliseconds;
            records.retain(|_, remembered| now.checked_sub(remembered.read_at).is_some_and(|age| age < lifetime));
            if records.len() >= ROOM {
                return;
            }
        }
        records.insert(id.to_owned(), Remembered { record, read_at: now });
    }

    /// For what this process has changed.
    pub(super) fn forget(&self, id: &str) {
        self.records().remove(id);
    }

    fn records(&self) -> MutexGuard<'_, HashMap<String, Remembered>> {
        // Whole whenever it is released.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
