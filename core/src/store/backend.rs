//! What a store must be able to do.

use std::time::Duration;

use super::record::{Page, Record};
use crate::error::{Error, Result};
use crate::operation::Event;

/// A place for versioned records: five calls, and each changes one record or none.
///
/// Everything else is made of these, by the core: taking a record so that one caller only gets it, leases with fencing
/// tokens, renewals. A compare-and-set does them all, on one key each, so that they are atomic on an SQLite file and on
/// a Redis Cluster alike; and who writes a store has five things to get right instead of eight.
///
/// Keys and owners are 1 to [`MAX_KEY_BYTES`](super::MAX_KEY_BYTES) visible ASCII characters and differ byte for byte:
/// upper and lower case are two. A store reads no clock to decide what is over.
///
/// Every call blocks for `timeout` at most. It fails with `ERR_STORE_UNAVAILABLE` if nothing has changed, with
/// `ERR_STORE_UNCERTAIN` if a change may have been made, and otherwise with the code that says what is wrong with the
/// store: `ERR_STORE_FULL`, `ERR_STORE_CORRUPT`, `ERR_STORE_FOREIGN`, `ERR_STORE_VERSION`, `ERR_STORE_FORKED`,
/// `ERR_CLOSED`. It is called from any thread, from many at once.
pub trait Store: Send + Sync {
    /// The record with this key, also one that is over.
    ///
    /// # Errors
    /// As above.
    fn get(&self, key: &str, timeout: Duration) -> Result<Option<Record>>;

    /// Keeps the record if what is there has the version `expected`, or, with none, if nothing is there. Whether it was
    /// kept. Once this has said so, the record outlives the process, as far as the store says that records do.
    ///
    /// # Errors
    /// As above.
    fn put_if(&self, key: &str, expected: Option<u64>, record: &Record, timeout: Duration) -> Result<bool>;

    /// Removes the record if it has this version. Whether it was removed.
    ///
    /// # Errors
    /// As above.
    fn delete_if(&self, key: &str, version: u64, timeout: Duration) -> Result<bool>;

    /// At most `limit` of the owner's records, from where another page's `next` says. Who follows `next` to the end has
    /// seen each record that was there all the time once, and none twice.
    ///
    /// # Errors
    /// As above.
    fn list(&self, owner: &str, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page>;

    /// Removes at most `limit` records whose `expires_at` is before this time, in milliseconds since 1970. How many it
    /// has removed: fewer than `limit` when there are no more, 0 where the store collects by itself.
    ///
    /// # Errors
    /// As above.
    fn sweep(&self, before: u64, limit: usize, timeout: Duration) -> Result<usize>;

    /// At most `limit` of all records, from where another page's `next` says, as [`Store::list`] has those of an owner: for
    /// [`copy`](super::copy()). Nothing else needs it, and most stores do not have it.
    ///
    /// # Errors
    /// As above; `ERR_INVALID_ARGUMENT` (`source`) of a store that does not have it.
    fn all(&self, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page> {
        let _ = (after, limit, timeout);
        Err(Error::invalid_argument("source", "source must be a store in SQLite: no other can be read whole"))
    }

    /// Gives up connections. Every later call fails with `ERR_CLOSED`.
    fn close(&self);

    /// What has happened since the last call, for the program's log: a server that may evict records, say.
    fn take_events(&self) -> Vec<Event> {
        Vec::new()
    }
}
