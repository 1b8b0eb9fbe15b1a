//! A store in an SQLite file: for one machine, for as many processes as there are on it.
//!
//! - **One statement is one call**, and SQLite makes it atomic. What was written outlives the process, and the loss of
//!   power (WAL, `synchronous=FULL`).
//! - **The file** is made by the first call, with its tables, for its owner only. Another program's file, a damaged one and
//!   one of a newer release are refused and left as they are, byte for byte.
//! - **A file that is moved, removed or replaced** while the store is open makes every call fail, and is never made anew:
//!   an empty store would take every key for a wrong one. Back in its place it is used again; for another file, open
//!   another store.
//! - **Fork.** A child is refused the connections of its parent, and does not close them either.

mod deadline;
mod failure;
mod file;
mod pool;
mod process;
mod schema;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Rows, params};

use self::deadline::Deadline;
use self::failure::Failure;
use self::pool::Pool;
use self::process::{Call, forked};
use super::backend::Store;
use super::open::StoreOptions;
use super::record::{Entry, Page, Record};
use super::request::{corrupt, is_name, is_sound};
use crate::error::{Code, Error, Result};

/// What can be no key is gone past: nobody can ask for it, and it must not hide the others.
macro_rules! names {
    () => {
        " AND typeof(key) = 'text' AND length(CAST(key AS BLOB)) BETWEEN 1 AND 256 AND instr(key, char(0)) = 0 \
          AND key NOT GLOB '*[^!-~]*'"
    };
}

const GET: &str = "SELECT version, value, owner, expires_at FROM records WHERE key = ?1";

const CREATE: &str = "INSERT INTO records (key, version, value, owner, expires_at) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT (key) DO NOTHING";

const REPLACE: &str =
    "UPDATE records SET version = ?2, value = ?3, owner = ?4, expires_at = ?5 WHERE key = ?1 AND version = ?6";

const DELETE: &str = "DELETE FROM records WHERE key = ?1 AND version = ?2";

const LIST: &str = concat!(
    "SELECT version, value, owner, expires_at, key FROM records WHERE owner = ?1 AND key > ?2",
    names!(),
    " ORDER BY key LIMIT ?3"
);

const ALL: &str = concat!(
    "SELECT version, value, owner, expires_at, key FROM records WHERE key > ?1",
    names!(),
    " ORDER BY key LIMIT ?2"
);

const SWEEP: &str = "DELETE FROM records WHERE rowid IN \
     (SELECT rowid FROM records WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)";

const CONNECTIONS: usize = 8;

/// Records in an SQLite file.
pub struct SqliteStore {
    is_closed: AtomicBool,
    /// The process whose the connections are, once there may be some; 0 before. It is read before any lock is taken, which
    /// in a child may be held for ever.
    used_by: AtomicU32,
    pool: Pool,
}

impl SqliteStore {
    /// The store `sqlite:path`; a relative path is one of the directory that the process is in now. Nothing is opened.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` (`url`).
    pub fn new(url: &str, options: &StoreOptions) -> Result<Self> {
        let refuse = |message: &'static str| Error::invalid_argument("url", message);
        let path = url.strip_prefix("sqlite:").ok_or_else(|| refuse("a store in SQLite is sqlite:path"))?;
        if path.is_empty() {
            return Err(refuse("sqlite: is followed by the path of a file"));
        }
        // A path is not a URL: SQLite would read some of them as one, and what is meant by // differs between libraries.
        if path.starts_with("//") || path.starts_with("file:") || path.starts_with(':') || path.contains(['?', '\0']) {
            return Err(refuse(
                "sqlite: is followed by a plain path, such as keys.db or /var/lib/keys.db; no ?, no :memory:",
            ));
        }
        let path = std::path::absolute(path).map_err(|_| refuse("the current directory is not there"))?;
        let connections = options.connections.unwrap_or(CONNECTIONS);
        Ok(Self { is_closed: AtomicBool::new(false), used_by: AtomicU32::new(0), pool: Pool::new(path, connections) })
    }

    fn read<T>(&self, timeout: Duration, work: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T> {
        self.work(Deadline::after(timeout), false, work)
    }

    fn write<T>(&self, timeout: Duration, work: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T> {
        self.work(Deadline::after(timeout), true, work)
    }

    fn work<T>(
        &self,
        deadline: Deadline,
        is_write: bool,
        work: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T> {
        self.must_be_open()?;
        // Dropped after the connection has come back.
        let call = Call::begin()?;
        let used_by = match self.used_by.compare_exchange(0, call.process_id(), Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => call.process_id(),
            Err(used_by) => used_by,
        };
        // Who closes it either sees that it is used, or was seen here.
        self.must_be_open()?;
        if used_by != call.process_id() {
            return Err(forked("the parent process has used the store"));
        }
        let loan = self.pool.lend(&call, deadline)?;
        work(loan.connection()?).map_err(|failure| {
            if !failure.spares_connection() {
                loan.discard();
            }
            failure.into_error(is_write)
        })
    }

    fn must_be_open(&self) -> Result<()> {
        match self.is_closed.load(Ordering::SeqCst) {
            true => Err(Error::new(Code::Closed, "the store is closed")),
            false => Ok(()),
        }
    }

    /// Whether this process may have connections of it.
    fn is_used(&self) -> bool {
        self.used_by.load(Ordering::SeqCst) == std::process::id()
    }
}

impl Store for SqliteStore {
    fn get(&self, key: &str, timeout: Duration) -> Result<Option<Record>> {
        self.read(timeout, |connection| {
            let mut statement = connection.prepare_cached(GET)?;
            let mut rows = statement.query([key])?;
            rows.next()?.map(record).transpose()
        })
    }

    fn put_if(&self, key: &str, expected: Option<u64>, record: &Record, timeout: Duration) -> Result<bool> {
        let too_large = |_| Error::invalid_argument("record", "a number of the record is 2^63 or more");
        let version = i64::try_from(record.version).map_err(too_large)?;
        let expires_at = record.expires_at.map(i64::try_from).transpose().map_err(too_large)?;
        let expected = match expected.map(i64::try_from) {
            // No record has such a version.
            Some(Err(_)) => return Ok(false),
            Some(Ok(expected)) => Some(expected),
            None => None,
        };
        self.write(timeout, |connection| {
            let count = match expected {
                None => connection.prepare_cached(CREATE)?.execute(params![
                    key,
                    version,
                    record.value,
                    record.owner,
                    expires_at
                ])?,
                Some(expected) => connection.prepare_cached(REPLACE)?.execute(params![
                    key,
                    version,
                    record.value,
                    record.owner,
                    expires_at,
                    expected
                ])?,
            };
            Ok(count > 0)
        })
    }

    fn delete_if(&self, key: &str, version: u64, timeout: Duration) -> Result<bool> {
        let Ok(version) = i64::try_from(version) else { return Ok(false) };
        self.write(timeout, |connection| Ok(connection.prepare_cached(DELETE)?.execute(params![key, version])? > 0))
    }

    fn list(&self, owner: &str, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page> {
        self.read(timeout, |connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            page(statement.query(params![owner, beginning(after)?, rows_for(limit)])?, limit)
        })
    }

    fn all(&self, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page> {
        // Every other call makes the file, and a path that was mistyped would look like one that has nothing.
        if let Ok(false) = self.pool.path().try_exists() {
            return Err(Error::invalid_argument("source", "source is a file that is not there"));
        }
        self.read(timeout, |connection| {
            let mut statement = connection.prepare_cached(ALL)?;
            page(statement.query(params![after.unwrap_or_default(), rows_for(limit)])?, limit)
        })
    }

    fn sweep(&self, before: u64, limit: usize, timeout: Duration) -> Result<usize> {
        let before = i64::try_from(before).unwrap_or(i64::MAX);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.write(timeout, |connection| Ok(connection.prepare_cached(SWEEP)?.execute(params![before, limit])?))
    }

    /// A connection that is in use is closed when it comes back.
    fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        if self.is_used() {
            let _call = Call::begin();
            self.pool.close();
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        if self.is_used() {
            self.close();
        } else {
            self.pool.abandon();
        }
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqliteStore").field("path", &self.pool.path()).finish_non_exhaustive()
    }
}

/// The key that a page comes after: no key is empty.
fn beginning(after: Option<&str>) -> Result<&str> {
    match after {
        Some(after) if !is_name(after) => {
            Err(Error::invalid_argument("after", "after is not what a page gave as next"))
        }
        after => Ok(after.unwrap_or_default()),
    }
}

/// One more than are asked for tells whether there are more.
fn rows_for(limit: usize) -> i64 {
    i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX)
}

fn page(mut rows: Rows<'_>, limit: usize) -> Result<Page, Failure> {
    let mut page = Page::default();
    while let Some(row) = rows.next()? {
        if page.entries.len() == limit {
            page.next = page.entries.last().map(|entry| entry.key.clone());
            break;
        }
        let key = text(row.get_ref(4)?)?;
        page.entries.push(match record(row) {
            Ok(record) if is_sound(&record) => Entry { key, record },
            Ok(_) | Err(Failure::Own(_)) => {
                Entry::altered(key, text(row.get_ref(2)?).ok().filter(|owner| is_name(owner)))
            }
            Err(failure) => return Err(failure),
        });
    }
    Ok(page)
}

fn record(row: &Row<'_>) -> Result<Record, Failure> {
    let owner = match row.get_ref(2)? {
        ValueRef::Null => None,
        other => Some(text(other)?),
    };
    let expires_at = match row.get_ref(3)? {
        ValueRef::Null => None,
        other => Some(number(other)?),
    };
    Ok(Record { version: number(row.get_ref(0)?)?, value: text(row.get_ref(1)?)?, owner, expires_at })
}

fn text(value: ValueRef<'_>) -> Result<String, Failure> {
    match value {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        _ => None,
    }
    .ok_or_else(|| corrupt("a record has something else where text belongs").into())
}

fn number(value: ValueRef<'_>) -> Result<u64, Failure> {
    match value {
        ValueRef::Integer(number) => u64::try_from(number).ok(),
        _ => None,
    }
    .ok_or_else(|| corrupt("a record has something else where a number belongs").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    const TIMEOUT: Duration = Duration::from_secs(5);

    /// A directory of one test.
    pub(super) struct Scratch(pub(super) PathBuf);

    impl Scratch {
        pub(super) fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("authwright-{}-{name}", std::process::id()));
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn store(&self) -> SqliteStore {
            let options = StoreOptions::from_json("{}").unwrap();
            SqliteStore::new(&format!("sqlite:{}/keys.db", self.0.display()), &options).unwrap()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn plain(version: u64, value: &str) -> Record {
        Record { version, value: value.to_owned(), owner: None, expires_at: None }
    }

    #[cfg(target_os = "linux")]
    fn open_files(directory: &std::path::Path) -> usize {
        let open = std::fs::read_dir("/proc/self/fd").unwrap();
        open.filter(|entry| {
            std::fs::read_link(entry.as_ref().unwrap().path()).is_ok_and(|to| to.starts_with(directory))
        })
        .count()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_another_process_has_opened_is_neither_used_nor_closed() {
        let scratch = Scratch::new("inherited");
        let store = scratch.store();
        assert!(store.put_if("a", None, &plain(1, "1"), TIMEOUT).unwrap());
        let open = open_files(&scratch.0);
        assert!(open > 0);
        store.used_by.store(std::process::id() + 1, Ordering::SeqCst);
        assert_eq!(store.get("a", TIMEOUT).unwrap_err().code(), Code::StoreForked);
        assert_eq!(store.put_if("b", None, &plain(1, "1"), TIMEOUT).unwrap_err().code(), Code::StoreForked);
        assert_eq!(store.delete_if("a", 1, TIMEOUT).unwrap_err().code(), Code::StoreForked);
        assert_eq!(store.list("a", None, 1, TIMEOUT).unwrap_err().code(), Code::StoreForked);
        assert_eq!(store.sweep(1, 1, TIMEOUT).unwrap_err().code(), Code::StoreForked);
        store.close();
        assert_eq!(store.get("a", TIMEOUT).unwrap_err().code(), Code::Closed);
        drop(store);
        assert_eq!(open_files(&scratch.0), open);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn closing_closes() {
        let scratch = Scratch::new("closed");
        let store = scratch.store();
        assert!(store.put_if("a", None, &plain(1, "1"), TIMEOUT).unwrap());
        store.close();
        assert_eq!(open_files(&scratch.0), 0);
        assert!(!scratch.0.join("keys.db-wal").exists(), "the last one to close it puts the log into the file");
        let store = scratch.store();
        assert_eq!(store.get("a", TIMEOUT).unwrap(), Some(plain(1, "1")));
        drop(store);
        assert_eq!(open_files(&scratch.0), 0);
    }

    #[test]
    fn a_connection_that_is_lent_is_closed_when_it_comes_back() {
        let scratch = Scratch::new("lent");
        let store = scratch.store();
        let timeout = Deadline::after(TIMEOUT);
        store
            .work(timeout, false, |connection| {
                store.close();
                Ok(connection.query_row("SELECT count(*) FROM records", [], |row| row.get::<_, i64>(0))?)
            })
            .unwrap();
        assert!(!scratch.0.join("keys.db-wal").exists());
        assert_eq!(store.get("a", TIMEOUT).unwrap_err().code(), Code::Closed);
    }

    #[test]
    fn a_full_disk_changes_nothing() {
        let scratch = Scratch::new("full");
        let store = scratch.store();
        assert!(store.put_if("a", None, &plain(1, "1"), TIMEOUT).unwrap());
        store
            .read(TIMEOUT, |connection| {
                Ok(connection.pragma_update_and_check(None, "max_page_count", 8, |_| Ok(()))?)
            })
            .unwrap();
        let large = plain(2, &"x".repeat(60_000));
        assert_eq!(store.put_if("b", None, &large, TIMEOUT).unwrap_err().code(), Code::StoreFull);
        assert_eq!(store.put_if("a", Some(1), &large, TIMEOUT).unwrap_err().code(), Code::StoreFull);
        assert_eq!(store.get("a", TIMEOUT).unwrap(), Some(plain(1, "1")));
        assert_eq!(store.get("b", TIMEOUT).unwrap(), None);
        assert!(store.put_if("b", None, &plain(1, "small"), TIMEOUT).unwrap());
    }

    #[test]
    fn debug_shows_where_it_is() {
        let store = SqliteStore::new("sqlite:/a/keys.db", &StoreOptions::from_json("{}").unwrap()).unwrap();
        assert_eq!(format!("{store:?}"), r#"SqliteStore { path: "/a/keys.db", .. }"#);
    }
}
