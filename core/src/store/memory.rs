//! A store in memory: for tests, and for programs of one process that may forget.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::backend::Store;
use super::record::{Entry, Page, Record};
use super::request::full;
use crate::error::{Code, Error, Result};

/// Records in memory, of this process only. What a child process of a fork writes, its parent does not see.
#[derive(Debug)]
pub struct MemoryStore {
    max_records: usize,
    shelves: Mutex<Shelves>,
}

#[derive(Debug, Default)]
struct Shelves {
    is_closed: bool,
    records: HashMap<Arc<str>, Record>,
    by_owner: HashMap<String, BTreeSet<Arc<str>>>,
    by_end: BTreeMap<u64, BTreeSet<Arc<str>>>,
}

impl MemoryStore {
    /// With room for so many records, and not one more: `ERR_STORE_FULL`.
    #[must_use]
    pub fn new(max_records: usize) -> Self {
        Self { max_records, shelves: Mutex::default() }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shelves.lock().unwrap().records.len()
    }

    fn shelves(&self) -> Result<MutexGuard<'_, Shelves>> {
        // What is behind the lock is whole whenever it is released: a record is added in one step, or not.
        let shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        match shelves.is_closed {
            true => Err(Error::new(Code::Closed, "the store is closed")),
            false => Ok(shelves),
        }
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &str, _timeout: Duration) -> Result<Option<Record>> {
        Ok(self.shelves()?.records.get(key).cloned())
    }

    fn put_if(&self, key: &str, expected: Option<u64>, record: &Record, _timeout: Duration) -> Result<bool> {
        let mut shelves = self.shelves()?;
        if shelves.records.get(key).map(|there| there.version) != expected {
            return Ok(false);
        }
        if expected.is_none() && shelves.records.len() >= self.max_records {
            return Err(full(&format!("it keeps {} records at most", self.max_records)));
        }
        let key = shelves.remove(key).map_or_else(|| Arc::from(key), |(key, _)| key);
        shelves.add(key, record.clone());
        Ok(true)
    }

    fn delete_if(&self, key: &str, version: u64, _timeout: Duration) -> Result<bool> {
        let mut shelves = self.shelves()?;
        if shelves.records.get(key).map(|there| there.version) != Some(version) {
            return Ok(false);
        }
        shelves.remove(key);
        Ok(true)
    }

    fn list(&self, owner: &str, after: Option<&str>, limit: usize, _timeout: Duration) -> Result<Page> {
        let shelves = self.shelves()?;
        let Some(keys) = shelves.by_owner.get(owner) else { return Ok(Page::default()) };
        let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut found = keys.range::<str, _>((begin, Bound::Unbounded));
        let taken = found.by_ref().take(limit).filter_map(|key| {
            let record = shelves.records.get(key)?.clone();
            Some(Entry { key: key.as_ref().to_owned(), record })
        });
        let entries: Vec<Entry> = taken.collect();
        let next = found.next().and(entries.last()).map(|entry| entry.key.clone());
        Ok(Page { entries, next })
    }

    fn sweep(&self, before: u64, limit: usize, _timeout: Duration) -> Result<usize> {
        let mut shelves = self.shelves()?;
        let over: Vec<Arc<str>> =
            shelves.by_end.range(..before).flat_map(|(_, keys)| keys).take(limit).cloned().collect();
        for key in &over {
            shelves.remove(key);
        }
        Ok(over.len())
    }

    fn close(&self) {
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        *shelves = Shelves { is_closed: true, ..Shelves::default() };
    }
}

impl Shelves {
    fn add(&mut self, key: Arc<str>, record: Record) {
        if let Some(owner) = &record.owner {
            self.by_owner.entry(owner.clone()).or_default().insert(Arc::clone(&key));
        }
        if let Some(end) = record.expires_at {
            self.by_end.entry(end).or_default().insert(Arc::clone(&key));
        }
        self.records.insert(key, record);
    }

    fn remove(&mut self, key: &str) -> Option<(Arc<str>, Record)> {
        let (key, record) = self.records.remove_entry(key)?;
        if let Some(owner) = &record.owner
            && let Some(keys) = self.by_owner.get_mut(owner)
        {
            keys.remove(&key);
            if keys.is_empty() {
                self.by_owner.remove(owner);
            }
        }
        if let Some(end) = record.expires_at
            && let Some(keys) = self.by_end.get_mut(&end)
        {
            keys.remove(&key);
            if keys.is_empty() {
                self.by_end.remove(&end);
            }
        }
        Some((key, record))
    }
}
