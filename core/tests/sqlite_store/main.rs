//! The store in an SQLite file: what it keeps, whose files it refuses, and many at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod calls;
mod conformance;
mod copy;
mod files;
mod many;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authwright_core::store::{Record, SqliteStore, Store, StoreOptions};
use authwright_core::{Code, Result};

const TIMEOUT: Duration = Duration::from_secs(30);

const SHORT: Duration = Duration::from_millis(200);

/// A directory of one test.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("authwright-sqlite-{}-{number}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("keys.db")
    }

    fn store(&self) -> SqliteStore {
        store(&self.file())
    }

    /// Every file, byte for byte.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap()))
            .collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn store(file: &Path) -> SqliteStore {
    store_with(file, "{}").unwrap()
}

fn store_with(file: &Path, options: &str) -> Result<SqliteStore> {
    SqliteStore::new(&format!("sqlite:{}", file.to_str().unwrap()), &StoreOptions::from_json(options)?)
}

fn plain(version: u64, value: &str) -> Record {
    Record { version, value: value.to_owned(), owner: None, expires_at: None }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> Code {
    result.unwrap_err().code()
}

/// Adds one to the number in a record, whatever others do meanwhile.
fn increment(store: &dyn Store, key: &str) {
    loop {
        let there = store.get(key, TIMEOUT).unwrap();
        let count: u64 = there.as_ref().map_or(0, |record| record.value.parse().unwrap());
        let expected = there.map(|record| record.version);
        let next = plain(expected.unwrap_or(0) + 1, &(count + 1).to_string());
        if store.put_if(key, expected, &next, TIMEOUT).unwrap() {
            return;
        }
    }
}
