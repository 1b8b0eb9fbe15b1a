//! A store in memory: for tests, and for programs of one process that may forget.

use std::borrow::Borrow;
use std::cmp::Ordering as Order;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::ops::Bound;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};
use std::{process, thread};

use super::backend::Store;
use super::record::{Entry, Page, Record};
use super::request::full;
use crate::error::{Code, Error, Result};

/// For how long a child process waits for a lock that it may have inherited.
const PATIENCE: Duration = Duration::from_millis(100);

/// Records in memory, of this process only. A child process of a fork has those that were there; what it writes, its parent
/// does not see. If another thread was using the store at the moment of the fork, the child's calls are
/// `ERR_STORE_FORKED`.
#[derive(Debug)]
pub struct MemoryStore {
    max_records: usize,
    /// Whose the lock is known to be: a child may have inherited it from a thread that is not there to release it.
    process: AtomicU32,
    shelves: Mutex<Shelves>,
}

#[derive(Debug, Default)]
struct Shelves {
    is_closed: bool,
    records: HashMap<Keyed, Kept>,
    by_owner: HashMap<String, BTreeSet<Keyed>>,
    by_end: BTreeMap<u64, BTreeSet<Keyed>>,
}

/// The texts of a record, one after the other: its key, its owner, its value. Among a million records every allocation is a
/// page that the processor does not know and a line that it does not have, so that finding one costs more by each.
///
/// It is found, and in its place, by its key alone.
#[derive(Clone, Debug)]
struct Keyed {
    texts: Arc<str>,
    /// Where the key ends.
    end: usize,
}

/// What else there is of a record.
#[derive(Debug)]
struct Kept {
    version: u64,
    /// Where the owner ends, if there is one, and the value begins.
    owner_end: Option<usize>,
    expires_at: Option<u64>,
}

impl MemoryStore {
    /// With room for so many records, and not one more: `ERR_STORE_FULL`.
    #[must_use]
    pub fn new(max_records: usize) -> Self {
        Self { max_records, process: AtomicU32::new(process::id()), shelves: Mutex::default() }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shelves.lock().unwrap().records.len()
    }

    fn shelves(&self) -> Result<MutexGuard<'_, Shelves>> {
        let shelves = match self.shelves.try_lock() {
            Ok(shelves) => shelves,
            // What is behind the lock is whole whenever it is released: a record is added in one step, or not.
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Whose process this is costs a system call, a tenth of a check: only who would wait asks.
            Err(TryLockError::WouldBlock) if self.process.load(Ordering::Acquire) == process::id() => {
                self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
            }
            Err(TryLockError::WouldBlock) => self.inherited()?,
        };
        match shelves.is_closed {
            true => Err(Error::new(Code::Closed, "the store is closed")),
            false => Ok(shelves),
        }
    }

    /// The lock in a child process, unless a thread of the parent had it at the fork.
    #[cold]
    fn inherited(&self) -> Result<MutexGuard<'_, Shelves>> {
        let end = Instant::now().checked_add(PATIENCE);
        loop {
            match self.shelves.try_lock() {
                Ok(shelves) => {
                    self.process.store(process::id(), Ordering::Release);
                    return Ok(shelves);
                }
                Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
                // Or a thread of the child has it, for a moment.
                Err(TryLockError::WouldBlock) if end.is_some_and(|end| Instant::now() < end) => thread::yield_now(),
                Err(TryLockError::WouldBlock) => {
                    let message =
                        "another thread of the parent was using the store in memory when the process was forked";
                    return Err(Error::new(Code::StoreForked, message));
                }
            }
        }
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &str, _timeout: Duration) -> Result<Option<Record>> {
        Ok(self.shelves()?.find(key))
    }

    fn put_if(&self, key: &str, expected: Option<u64>, record: &Record, _timeout: Duration) -> Result<bool> {
        let mut shelves = self.shelves()?;
        if shelves.records.get(key).map(|there| there.version) != expected {
            return Ok(false);
        }
        if expected.is_none() && shelves.records.len() >= self.max_records {
            return Err(full(&format!("it keeps {} records at most (max_records)", self.max_records)));
        }
        shelves.remove(key);
        shelves.add(key, record);
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
        let taken = found.by_ref().take(limit).filter_map(|keyed| {
            let record = shelves.find(keyed.key())?;
            Some(Entry { key: keyed.key().to_owned(), record })
        });
        let entries: Vec<Entry> = taken.collect();
        let next = found.next().and(entries.last()).map(|entry| entry.key.clone());
        Ok(Page { entries, next })
    }

    fn sweep(&self, before: u64, limit: usize, _timeout: Duration) -> Result<usize> {
        let mut shelves = self.shelves()?;
        let over: Vec<Keyed> = shelves.by_end.range(..before).flat_map(|(_, keys)| keys).take(limit).cloned().collect();
        for keyed in &over {
            shelves.remove(keyed.key());
        }
        Ok(over.len())
    }

    fn close(&self) {
        if let Ok(mut shelves) = self.shelves() {
            *shelves = Shelves { is_closed: true, ..Shelves::default() };
        }
    }
}

impl Shelves {
    fn find(&self, key: &str) -> Option<Record> {
        let (keyed, kept) = self.records.get_key_value(key)?;
        Some(keyed.record(kept))
    }

    fn add(&mut self, key: &str, record: &Record) {
        let (keyed, kept) = Keyed::new(key, record);
        if let Some(owner) = &record.owner {
            self.by_owner.entry(owner.clone()).or_default().insert(keyed.clone());
        }
        if let Some(end) = record.expires_at {
            self.by_end.entry(end).or_default().insert(keyed.clone());
        }
        self.records.insert(keyed, kept);
    }

    fn remove(&mut self, key: &str) {
        let Some((keyed, kept)) = self.records.remove_entry(key) else { return };
        if let Some(owner) = keyed.owner(&kept)
            && let Some(keys) = self.by_owner.get_mut(owner)
        {
            keys.remove(&keyed);
            if keys.is_empty() {
                self.by_owner.remove(owner);
            }
        }
        if let Some(end) = kept.expires_at
            && let Some(keys) = self.by_end.get_mut(&end)
        {
            keys.remove(&keyed);
            if keys.is_empty() {
                self.by_end.remove(&end);
            }
        }
    }
}

impl Keyed {
    fn new(key: &str, record: &Record) -> (Self, Kept) {
        let owner = record.owner.as_deref();
        let texts = [key, owner.unwrap_or_default(), &record.value].concat();
        let owner_end = owner.map(|owner| key.len().saturating_add(owner.len()));
        let kept = Kept { version: record.version, owner_end, expires_at: record.expires_at };
        (Self { texts: texts.into(), end: key.len() }, kept)
    }

    fn key(&self) -> &str {
        self.texts.get(..self.end).unwrap_or_default()
    }

    fn owner(&self, kept: &Kept) -> Option<&str> {
        self.texts.get(self.end..kept.owner_end?)
    }

    fn record(&self, kept: &Kept) -> Record {
        let value = self.texts.get(kept.owner_end.unwrap_or(self.end)..).unwrap_or_default();
        Record {
            version: kept.version,
            value: value.to_owned(),
            owner: self.owner(kept).map(str::to_owned),
            expires_at: kept.expires_at,
        }
    }
}

impl Borrow<str> for Keyed {
    fn borrow(&self) -> &str {
        self.key()
    }
}

impl Hash for Keyed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialEq for Keyed {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Keyed {}

impl PartialOrd for Keyed {
    fn partial_cmp(&self, other: &Self) -> Option<Order> {
        Some(self.cmp(other))
    }
}

impl Ord for Keyed {
    fn cmp(&self, other: &Self) -> Order {
        self.key().cmp(other.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_does_not_wait_for_a_lock_that_nobody_releases() {
        let store = MemoryStore::new(1);
        let parent = process::id().wrapping_add(1);
        store.process.store(parent, Ordering::Release);
        let held = store.shelves.lock().unwrap();
        let error = thread::scope(|scope| scope.spawn(|| store.get("key", PATIENCE).unwrap_err()).join().unwrap());
        assert_eq!(error.code(), Code::StoreForked);
        drop(held);
        assert_eq!(store.get("key", PATIENCE).unwrap(), None);
    }

    const MINUTE: Duration = Duration::from_secs(60);

    fn record(version: u64, owner: Option<&str>, expires_at: Option<u64>) -> Record {
        Record { version, value: version.to_string(), owner: owner.map(str::to_owned), expires_at }
    }

    #[test]
    fn it_has_room_for_so_many() {
        let store = MemoryStore::new(2);
        let plain = record(1, None, None);
        assert!(store.put_if("a", None, &plain, MINUTE).unwrap());
        assert!(store.put_if("b", None, &plain, MINUTE).unwrap());
        assert_eq!(store.put_if("c", None, &plain, MINUTE).unwrap_err().code(), Code::StoreFull);
        assert_eq!(store.get("c", MINUTE).unwrap(), None);
        // What needs no room, or is refused anyway.
        assert!(!store.put_if("a", None, &plain, MINUTE).unwrap());
        assert!(!store.put_if("c", Some(1), &plain, MINUTE).unwrap());
        assert!(store.put_if("a", Some(1), &record(2, None, None), MINUTE).unwrap());
        assert!(store.delete_if("b", 1, MINUTE).unwrap());
        assert!(store.put_if("c", None, &plain, MINUTE).unwrap());
    }

    #[test]
    fn what_is_removed_leaves_nothing_behind() {
        let store = MemoryStore::new(100);
        for number in 0..30 {
            let owner = ["alice", "bob"].get(number % 3).copied();
            let end = [Some(5), Some(7)].get(number % 5).copied().flatten();
            assert!(store.put_if(&format!("key-{number}"), None, &record(1, owner, end), MINUTE).unwrap());
        }
        for number in 0..30 {
            // An owner, and an end, that changes.
            let changed =
                record(2, ["bob", "carol"].get(number % 4).copied(), [Some(7)].get(number % 2).copied().flatten());
            assert!(store.put_if(&format!("key-{number}"), Some(1), &changed, MINUTE).unwrap());
        }
        assert_eq!(store.sweep(7, 100, MINUTE).unwrap(), 0);
        assert_eq!(store.sweep(8, 100, MINUTE).unwrap(), 15);
        assert_eq!(store.list("alice", None, 100, MINUTE).unwrap(), Page::default());
        for number in (1..30).step_by(2) {
            assert!(store.delete_if(&format!("key-{number}"), 2, MINUTE).unwrap());
        }
        let shelves = store.shelves().unwrap();
        assert!(shelves.records.is_empty() && shelves.by_owner.is_empty() && shelves.by_end.is_empty(), "{shelves:?}");
    }

    #[test]
    fn a_store_that_is_closed_answers_nothing() {
        let store = MemoryStore::new(10);
        assert!(store.put_if("a", None, &record(1, Some("alice"), None), MINUTE).unwrap());
        store.close();
        store.close();
        let codes = [
            store.get("a", MINUTE).map(drop),
            store.put_if("a", None, &record(1, None, None), MINUTE).map(drop),
            store.delete_if("a", 1, MINUTE).map(drop),
            store.list("alice", None, 1, MINUTE).map(drop),
            store.sweep(1, 1, MINUTE).map(drop),
        ];
        assert!(codes.into_iter().all(|outcome| outcome.unwrap_err().code() == Code::Closed));
        assert_eq!(store.len(), 0);
    }
}
