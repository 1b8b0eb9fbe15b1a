//! Taking records from one store to another.

use std::time::{Duration, Instant};

use super::ask::{Ask, Asked};
use super::backend::Store;
use super::direct::{Direct, at_once};
use super::record::{Entry, MAX_PAGE};
use super::request::is_name;
use crate::error::{Code, Error, Result};
use crate::operation::Event;

/// Copies all records from a store in SQLite to any other, but for those that are over by `now`, in milliseconds since 1970,
/// and are not there either. How many it has written. Both may be in use meanwhile.
///
/// Where the other store has a record under the same key, the one that was changed later stays: so a copy may be made again,
/// and takes what has changed since. That a key was used is no change. What was deleted in between is not deleted there. A
/// record that was damaged is as damaged there. It ends with `ERR_DEADLINE` when `timeout` is over; what was copied by then
/// stays so.
///
/// # Errors
/// `ERR_INVALID_ARGUMENT` (`source`) if that store cannot be read whole, and what either store fails with.
pub fn copy(source: &dyn Store, target: &dyn Store, now: u64, timeout: Duration) -> (Result<usize>, Vec<Event>) {
    let begun = Instant::now();
    let left = || match timeout.saturating_sub(begun.elapsed()) {
        Duration::ZERO => Err(Error::new(Code::Deadline, "the time for the copy is over")),
        left => Ok(left),
    };
    let outside = Direct::new(target, now, timeout);
    let copied = (|| {
        let (mut count, mut after) = (0_usize, None::<String>);
        loop {
            let page = source.all(after.as_deref(), MAX_PAGE, left()?)?;
            for entry in page.entries {
                count = count.saturating_add(usize::from(at_once(put(&outside, entry))?));
            }
            after = match page.next {
                Some(next) => Some(next),
                None => return Ok(count),
            };
        }
    })();
    let mut events = source.take_events();
    events.extend(outside.into_events());
    (copied, events)
}

/// Whether it was written. With the version that it has: that tells which of two is the later one.
async fn put<A: Ask>(target: &A, Entry { key, record }: Entry) -> Result<bool> {
    // Nobody can ask for such a record, here or there.
    if !is_name(&key) {
        return Ok(false);
    }
    let mut there = None;
    if record.expires_at.is_some_and(|until| until <= target.now()) {
        // Where an earlier copy of it is, it may not be over: a key that was revoked since.
        match target.get_even_if_over(&key).await? {
            Some(found) if found.version < record.version => there = Some(found.version),
            _ => return Ok(false),
        }
    }
    loop {
        if target.put_if(&key, there, record.clone()).await? {
            return Ok(true);
        }
        // Another writer is there, and it goes forward: versions only rise.
        match target.get_even_if_over(&key).await? {
            Some(found) if found.version >= record.version => return Ok(false),
            found => there = found.map(|found| found.version),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryStore, Page, Record};

    const NOW: u64 = 1_700_000_000_000;
    const MINUTE: Duration = Duration::from_secs(60);

    /// A store in memory that can be read whole: a page of these records after the other.
    struct Whole(Vec<Entry>);

    impl Store for Whole {
        fn get(&self, _: &str, _: Duration) -> Result<Option<Record>> {
            unreachable!()
        }

        fn put_if(&self, _: &str, _: Option<u64>, _: &Record, _: Duration) -> Result<bool> {
            unreachable!()
        }

        fn delete_if(&self, _: &str, _: u64, _: Duration) -> Result<bool> {
            unreachable!()
        }

        fn list(&self, _: &str, _: Option<&str>, _: usize, _: Duration) -> Result<Page> {
            unreachable!()
        }

        fn sweep(&self, _: u64, _: usize, _: Duration) -> Result<usize> {
            unreachable!()
        }

        fn all(&self, after: Option<&str>, limit: usize, _: Duration) -> Result<Page> {
            let place = after.map_or(0, |after| after.parse().unwrap());
            let entries: Vec<Entry> = self.0.iter().skip(place).take(limit.min(2)).cloned().collect();
            let next = (place + 2 < self.0.len()).then(|| (place + 2).to_string());
            Ok(Page { entries, next })
        }

        fn close(&self) {}
    }

    fn entry(key: &str, version: u64, expires_at: Option<u64>) -> Entry {
        let record = Record { version, value: format!("{key} {version}"), owner: Some("alice".to_owned()), expires_at };
        Entry { key: key.to_owned(), record }
    }

    #[test]
    fn the_later_of_two_stays() {
        let to = MemoryStore::new(10);
        let from = Whole(vec![
            entry("new", 5, None),
            entry("older", 5, None),
            entry("newer", 5, Some(NOW + 1)),
            entry("same", 5, None),
            entry("over", 5, Some(NOW)),
            entry("over-since", 5, Some(NOW)),
        ]);
        let earlier =
            [entry("older", 4, None), entry("newer", 6, None), entry("same", 5, None), entry("over-since", 4, None)];
        for there in earlier {
            assert!(to.put_if(&there.key, None, &there.record, MINUTE).unwrap());
        }
        assert_eq!(copy(&from, &to, NOW, MINUTE).0.unwrap(), 3);
        let version = |key| to.get(key, MINUTE).unwrap().map(|record| record.version);
        assert_eq!(["new", "older", "newer", "same"].map(version), [Some(5), Some(5), Some(6), Some(5)]);
        assert_eq!(["over", "over-since"].map(version), [None, Some(5)]);
        assert_eq!(to.get("new", MINUTE).unwrap(), Some(entry("new", 5, None).record));
        assert_eq!(copy(&from, &to, NOW, MINUTE).0.unwrap(), 0, "a second copy has nothing to do");
    }

    #[test]
    fn what_fails_leaves_what_was_copied() {
        let to = MemoryStore::new(2);
        let from = Whole(vec![entry("a", 1, None), entry("b", 1, None), entry("c", 1, None)]);
        assert_eq!(copy(&from, &to, NOW, MINUTE).0.unwrap_err().code(), Code::StoreFull);
        assert_eq!(to.list("alice", None, 10, MINUTE).unwrap().entries.len(), 2);
        assert_eq!(copy(&from, &to, NOW, Duration::ZERO).0.unwrap_err().code(), Code::Deadline);
        let error = copy(&to, &from, NOW, MINUTE).0.unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("source")));
    }
}
