//! Asking a store, and what is made of its five calls.
//!
//! The code that decides is written once, as `async` functions over [`Ask`]. Where the store is at hand they run through at
//! once on the caller's thread, with nothing allocated for it; where a program carries out effects, they are the block of an
//! operation.

use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};

use super::record::{END_OF_VERSIONS, Page, Record};
use super::request::{StoreAnswer, StoreRequest, corrupt};
use crate::error::{Code, Error, Result};
use crate::operation::{Event, Outside};

/// How often a change is tried anew because somebody else made one in between.
const ATTEMPTS: usize = 32;

/// By how much a change is later than what it changes, at least, in microseconds. A note is later by one: where the clock is
/// behind a record's version, so many notes in one store are still before the change in another.
const STEP: u64 = 10_000;

/// The end of the times that a version can be, in microseconds, with room for changes.
const LAST_TIME: u64 = END_OF_VERSIONS - (1 << 44);

/// The field of the error that too few replicas have what the primary has: there is nothing to look for then.
const REPLICAS: &str = "wait_replicas";

/// Who carries out what is asked of a store.
pub(crate) trait Ask: Sync {
    /// Milliseconds since 1970.
    fn now(&self) -> u64;

    fn event(&self, event: Event);

    /// The answer, unchecked.
    fn ask(&self, request: StoreRequest) -> impl Future<Output = Result<StoreAnswer>> + Send;

    /// The same for what is not worth a wait, and can be done without.
    fn ask_briefly(&self, request: StoreRequest) -> impl Future<Output = Result<StoreAnswer>> + Send {
        self.ask(request)
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
        self.store(request, false)
    }

    fn ask_briefly(&self, request: StoreRequest) -> impl Future<Output = Result<StoreAnswer>> + Send {
        self.store(request, true)
    }
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
            let record = Record { version: next_version(None, self.now())?, ..record };
            let version = record.version;
            if self.put_if(key, None, record.clone()).await? {
                return Ok(Some(version));
            }
            let now = self.now();
            match self.get_even_if_over(key).await? {
                // A client between us and the store has sent it twice, and told of the second time.
                Some(there) if there == record => Ok(Some(version)),
                Some(there) if there.expires_at.is_some_and(|until| until <= now) => {
                    let record = Record { version: next_version(Some(there.version), now)?, ..record };
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
            let next = next_version(Some(version), self.now())?;
            Ok(self.put_if(key, Some(version), Record { version: next, ..record }).await?.then_some(next))
        }
    }

    /// Replaces the record with this version, if that is done in a moment: nobody depends on it, or is kept waiting for it.
    /// Its version is the next one, whatever the time: where two stores are held against each other, a note is not what was
    /// changed later.
    fn note(&self, key: &str, version: u64, record: Record) -> impl Future<Output = Result<()>> + Send {
        async move {
            let version_of_note =
                version.checked_add(1).filter(|next| *next < END_OF_VERSIONS).ok_or_else(last_version)?;
            let record = Record { version: version_of_note, ..record };
            let request = StoreRequest::PutIf { key: key.to_owned(), expected: Some(version), record };
            match request.is_possible() {
                true => self.ask_briefly(request).await.map(drop),
                false => Err(impossible()),
            }
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
                let record =
                    |until| Record { version: 0, value: holder.to_owned(), owner: None, expires_at: Some(until) };
                let fence = match self.get(key).await? {
                    Some(there) if there.value != holder => {
                        return Ok(Lease::Held { until: there.expires_at.unwrap_or(u64::MAX) });
                    }
                    // Who asks again has no less time than before.
                    Some(there) => {
                        let until = there.expires_at.map_or(until, |end| end.max(until));
                        self.replace(key, there.version, record(until)).await?
                    }
                    None => self.create(key, record(until)).await?,
                };
                if let Some(fence) = fence {
                    return Ok(Lease::Granted { fence });
                }
            }
            Err(Error::new(Code::StoreConflict, "others changed the record again and again"))
        }
    }

    /// Keeps the record as it is. A record that was sent and not acknowledged is looked for once: what is there with its
    /// version and its value is what was sent, for nobody else has chosen it.
    fn put_if(&self, key: &str, expected: Option<u64>, record: Record) -> impl Future<Output = Result<bool>> + Send {
        async move {
            let sent = record.clone();
            match self.checked(StoreRequest::PutIf { key: key.to_owned(), expected, record }).await {
                Ok(StoreAnswer::Done(done)) => Ok(done),
                Ok(_) => Err(corrupt("another answer")),
                Err(error) if error.code() == Code::StoreUncertain && error.field() != Some(REPLICAS) => {
                    match self.get_even_if_over(key).await {
                        Ok(Some(there)) if there == sent => Ok(true),
                        // What is there may be another's; and what was sent may still arrive.
                        _ => Err(error),
                    }
                }
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
                return Err(impossible());
            }
            let expected = request.expected();
            let answer = self.ask(request).await?;
            expected.check(&answer)?;
            Ok(answer)
        }
    }
}

impl<A: Ask> Asked for A {}

/// What came of asking for a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lease {
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

fn impossible() -> Error {
    Error::internal("no store keeps this")
}

/// Higher than the version that is there, and than those of records that were there before: versions are the time in
/// microseconds, unless changes come faster. So a record that is removed and made anew is not mistaken for the old one.
///
/// What the clock does not tell, the place within the millisecond, is random: two who write at once, or who remove a record
/// and make it anew within a millisecond, would choose the same version otherwise, and neither would see the other's.
fn next_version(there: Option<u64>, now: u64) -> Result<u64> {
    // A secret's randomness takes the provider 30 ms the first time, and this is no secret. A child of a fork inherits the
    // state of what is used here, but not the number of its process.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    let part = hasher.finish().checked_rem(1000).unwrap_or_default();
    let time = now.saturating_mul(1000).saturating_add(part);
    // A record that is written now must be one that can be replaced later.
    if time >= LAST_TIME {
        return Err(Error::invalid_argument("now", "now is after the year 2254: is the clock right?"));
    }
    let after = there.map_or(0, |version| version.saturating_add(STEP).saturating_add(part));
    Some(time.max(after)).filter(|next| *next < END_OF_VERSIONS).ok_or_else(last_version)
}

fn last_version() -> Error {
    corrupt("a record has the last version that there is")
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::future::ready;
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;
    use crate::store::request::{unavailable, uncertain};
    use crate::store::{MemoryStore, Store, at_once};

    const NOW: u64 = 1_700_000_000_000;
    const MINUTE: Duration = Duration::from_secs(60);

    /// What becomes of a call.
    enum Fate {
        Well,
        /// It is done, and the answer is lost.
        Lost,
        /// It is not done, and nobody knows.
        Dropped,
        Unavailable,
        /// Somebody else is faster.
        After(fn(&MemoryStore)),
        /// The answer is lost, and then somebody else changes what is there.
        LostBefore(fn(&MemoryStore)),
        Answer(StoreAnswer),
    }

    use Fate::*;

    /// A store whose calls end as it was said, and well when nothing is left of that.
    struct Fateful {
        store: MemoryStore,
        fates: Mutex<VecDeque<Fate>>,
        now: u64,
        asked: Mutex<Vec<StoreRequest>>,
    }

    impl Fateful {
        fn new(fates: impl IntoIterator<Item = Fate>) -> Self {
            let fates = Mutex::new(fates.into_iter().collect());
            Self { store: MemoryStore::new(100), fates, now: NOW, asked: Mutex::default() }
        }

        fn then(&self, fates: impl IntoIterator<Item = Fate>) {
            self.fates.lock().unwrap().extend(fates);
        }

        fn at(mut self, now: u64) -> Self {
            self.now = now;
            self
        }

        fn asked(&self) -> usize {
            std::mem::take(&mut *self.asked.lock().unwrap()).len()
        }

        fn there(&self) -> Option<Record> {
            self.store.get("key", MINUTE).unwrap()
        }
    }

    impl Ask for Fateful {
        fn now(&self) -> u64 {
            self.now
        }

        fn event(&self, _event: Event) {}

        fn ask(&self, request: StoreRequest) -> impl Future<Output = Result<StoreAnswer>> + Send {
            self.asked.lock().unwrap().push(request.clone());
            let fate = self.fates.lock().unwrap().pop_front().unwrap_or(Well);
            let carry_out = || request.carry_out(&self.store, MINUTE);
            ready(match fate {
                Well => carry_out(),
                Lost => carry_out().and(Err(uncertain("a test"))),
                Dropped => Err(uncertain("a test")),
                Unavailable => Err(unavailable("a test")),
                After(other) => {
                    other(&self.store);
                    carry_out()
                }
                LostBefore(other) => {
                    carry_out().unwrap();
                    other(&self.store);
                    Err(uncertain("a test"))
                }
                Answer(answer) => Ok(answer),
            })
        }
    }

    fn record(value: &str) -> Record {
        Record { version: 0, value: value.to_owned(), owner: None, expires_at: None }
    }

    fn until(value: &str, end: u64) -> Record {
        Record { expires_at: Some(end), ..record(value) }
    }

    /// As another process does.
    fn other(store: &MemoryStore) {
        let there = store.get("key", MINUTE).unwrap().map(|there| there.version);
        let record = Record { version: there.map_or(7, |version| version + 1), ..record("another's") };
        assert!(store.put_if("key", there, &record, MINUTE).unwrap());
    }

    fn remove(store: &MemoryStore) {
        let there = store.get("key", MINUTE).unwrap().unwrap();
        assert!(store.delete_if("key", there.version, MINUTE).unwrap());
    }

    fn code<T: std::fmt::Debug>(outcome: Result<T>) -> Code {
        outcome.unwrap_err().code()
    }

    fn count(asker: &Fateful) -> Result<u64> {
        at_once(asker.change("key", |there| {
            let count = there.and_then(|there| there.value.parse().ok()).unwrap_or(0) + 1;
            Ok(Change::Put(record(&count.to_string()), count))
        }))
    }

    #[test]
    fn create_keeps_a_record_where_none_is() {
        let asker = Fateful::new([]);
        let version = at_once(asker.create("key", until("first", NOW + 10))).unwrap().unwrap();
        assert!((NOW * 1000..(NOW + 1) * 1000).contains(&version));
        assert_eq!(asker.there(), Some(Record { version, ..until("first", NOW + 10) }));
        assert_eq!(at_once(asker.create("key", record("second"))).unwrap(), None);
        assert_eq!(asker.there().unwrap().value, "first");
        // Over at its end, and not before.
        let asker = asker.at(NOW + 9);
        assert_eq!(at_once(asker.create("key", record("second"))).unwrap(), None);
        assert!(at_once(asker.get("key")).unwrap().is_some());
        let asker = asker.at(NOW + 10);
        assert_eq!(at_once(asker.get("key")).unwrap(), None);
        assert!(at_once(asker.get_even_if_over("key")).unwrap().is_some());
        let second = at_once(asker.create("key", record("second"))).unwrap().unwrap();
        assert!(second > version);
        assert_eq!(asker.there(), Some(Record { version: second, ..record("second") }));
    }

    #[test]
    fn create_over_what_is_over_is_for_one() {
        let asker = Fateful::new([]);
        at_once(asker.create("key", until("first", NOW))).unwrap().unwrap();
        asker.then([Well, Well, After(other)]);
        assert_eq!(at_once(asker.create("key", record("second"))).unwrap(), None);
        assert_eq!(asker.there().unwrap().value, "another's");
        // It is swept in between: the caller is told no, and there is nothing.
        let asker = Fateful::new([]);
        at_once(asker.create("key", until("first", NOW))).unwrap().unwrap();
        asker.then([Well, After(remove)]);
        assert_eq!(at_once(asker.create("key", record("second"))).unwrap(), None);
        assert_eq!(asker.there(), None);
    }

    #[test]
    fn replace_needs_the_version_that_is_there() {
        let asker = Fateful::new([]);
        let first = at_once(asker.create("key", record("first"))).unwrap().unwrap();
        let second = at_once(asker.replace("key", first, record("second"))).unwrap().unwrap();
        assert!(second > first);
        assert_eq!(at_once(asker.replace("key", first, record("third"))).unwrap(), None);
        assert_eq!(at_once(asker.replace("nothing", first, record("third"))).unwrap(), None);
        assert_eq!(asker.there(), Some(Record { version: second, ..record("second") }));
    }

    #[test]
    fn an_answer_that_was_lost_is_looked_for() {
        for fates in [[Lost], [Dropped]] {
            let was_done = matches!(fates, [Lost]);
            let asker = Fateful::new(fates);
            let outcome = at_once(asker.create("key", record("first")));
            assert_eq!(asker.asked(), 2);
            match was_done {
                true => assert_eq!(outcome.unwrap(), asker.there().map(|there| there.version)),
                false => assert_eq!((code(outcome), asker.there()), (Code::StoreUncertain, None)),
            }
        }
        for fates in [[Lost], [Dropped]] {
            let was_done = matches!(fates, [Lost]);
            let asker = Fateful::new([]);
            let version = at_once(asker.create("key", record("first"))).unwrap().unwrap();
            asker.then(fates);
            let outcome = at_once(asker.replace("key", version, record("second")));
            match was_done {
                true => assert_eq!(outcome.unwrap(), asker.there().map(|there| there.version)),
                false => assert_eq!(code(outcome), Code::StoreUncertain),
            }
            assert_eq!(asker.there().unwrap().value, if was_done { "second" } else { "first" });
        }
    }

    #[test]
    fn what_cannot_be_known_is_said() {
        // It cannot be looked for.
        let asker = Fateful::new([Lost, Unavailable]);
        assert_eq!(code(at_once(asker.create("key", record("first")))), Code::StoreUncertain);
        let asker = Fateful::new([Lost, Lost]);
        assert_eq!(code(at_once(asker.create("key", record("first")))), Code::StoreUncertain);
        // Another's is there: before it, or instead.
        for fates in [[LostBefore(other)], [LostBefore(remove)]] {
            let asker = Fateful::new(fates);
            assert_eq!(code(at_once(asker.create("key", record("first")))), Code::StoreUncertain);
        }
        let asker = Fateful::new([]);
        other(&asker.store);
        asker.then([Dropped]);
        assert_eq!(code(at_once(asker.create("key", record("another's")))), Code::StoreUncertain);
        // A removal has left nothing to look for.
        let asker = Fateful::new([]);
        at_once(asker.create("key", record("first"))).unwrap().unwrap();
        asker.then([Well, Lost]);
        assert_eq!(code(at_once(asker.take("key"))), Code::StoreUncertain);
        // Of what surely has not happened, nothing is looked for.
        let asker = Fateful::new([Unavailable]);
        assert_eq!(code(at_once(asker.create("key", record("first")))), Code::StoreUnavailable);
        assert_eq!(asker.asked(), 1);
    }

    #[test]
    fn a_change_is_tried_anew_when_others_were_faster() {
        let asker = Fateful::new([]);
        assert_eq!((count(&asker).unwrap(), count(&asker).unwrap()), (1, 2));
        // Between reading and writing.
        asker.then([Well, After(other)]);
        assert_eq!(count(&asker).unwrap(), 1, "of another's value, which is no number");
        asker.then([Well, After(remove)]);
        assert_eq!(count(&asker).unwrap(), 1);
        remove(&asker.store);
        asker.then([Well, After(other)]);
        assert_eq!(count(&asker).unwrap(), 1);
        asker.then([Well, Lost]);
        assert_eq!(count(&asker).unwrap(), 2, "which was done, and is not done again");
        assert_eq!(asker.there().unwrap().value, "2");
        asker.then([Well, Dropped]);
        assert_eq!(code(count(&asker)), Code::StoreUncertain);
        asker.then([Unavailable]);
        assert_eq!(code(count(&asker)), Code::StoreUnavailable);
        asker.then((0..2 * ATTEMPTS).map(|call| if call % 2 == 1 { After(other) } else { Well }));
        assert_eq!(code(count(&asker)), Code::StoreConflict);
        assert_eq!(asker.there().unwrap().value, "another's");
    }

    #[test]
    fn a_change_may_leave_things_as_they_are() {
        let asker = Fateful::new([]);
        assert_eq!(count(&asker).unwrap(), 1);
        asker.asked();
        let value = at_once(asker.change("key", |there| Ok(Change::Leave(there.unwrap().value.clone()))));
        assert_eq!((value.unwrap().as_str(), asker.asked()), ("1", 1));
        let refused = asker.change("key", |_| Err::<Change<()>, _>(Error::invalid_argument("it", "no")));
        assert_eq!((code(at_once(refused)), asker.asked()), (Code::InvalidArgument, 1));
        // What is over is as if it was not there, and is changed all the same.
        let asker = Fateful::new([]);
        at_once(asker.create("key", until("5", NOW))).unwrap().unwrap();
        assert_eq!(count(&asker).unwrap(), 1);
    }

    #[test]
    fn one_takes_a_record() {
        let asker = Fateful::new([]);
        assert_eq!(at_once(asker.take("key")).unwrap(), None);
        at_once(asker.create("key", record("token"))).unwrap().unwrap();
        asker.then([Well, After(remove)]);
        assert_eq!(at_once(asker.take("key")).unwrap(), None, "another was faster");
        at_once(asker.create("key", record("token"))).unwrap().unwrap();
        asker.then([Well, After(other)]);
        assert_eq!(at_once(asker.take("key")).unwrap().unwrap().value, "another's", "as it is when it is taken");
        assert_eq!(asker.there(), None);
        at_once(asker.create("key", until("token", NOW))).unwrap().unwrap();
        assert_eq!(at_once(asker.take("key")).unwrap(), None, "over");
        asker.then((0..2 * ATTEMPTS).map(|call| if call % 2 == 1 { After(other) } else { Well }));
        let asker = asker.at(NOW - 1);
        assert_eq!(code(at_once(asker.take("key"))), Code::StoreConflict);
    }

    #[test]
    fn a_lease_is_held_by_one() {
        let lease = |asker: &Fateful, holder, until| at_once(asker.lease("key", holder, until));
        let fence = |lease| match lease {
            Lease::Granted { fence } => fence,
            Lease::Held { .. } => panic!("held"),
        };
        let asker = Fateful::new([]);
        let first = fence(lease(&asker, "alice", NOW + 10).unwrap());
        assert_eq!(lease(&asker, "bob", NOW + 10).unwrap(), Lease::Held { until: NOW + 10 });
        let second = fence(lease(&asker, "alice", NOW + 20).unwrap());
        assert!(second > first);
        let asker = asker.at(NOW + 19);
        assert_eq!(lease(&asker, "bob", NOW + 30).unwrap(), Lease::Held { until: NOW + 20 });
        let asker = asker.at(NOW + 20);
        let third = fence(lease(&asker, "bob", NOW + 30).unwrap());
        assert!(third > second);
        assert_eq!(lease(&asker, "alice", NOW + 30).unwrap(), Lease::Held { until: NOW + 30 });
        // A third is faster, and keeps it.
        let asker = asker.at(NOW + 30);
        fn carol(store: &MemoryStore) {
            let there = store.get("key", MINUTE).unwrap().unwrap().version;
            let record = Record { version: there + 1, ..until("carol", NOW + 40) };
            assert!(store.put_if("key", Some(there), &record, MINUTE).unwrap());
        }
        asker.then([Well, After(carol)]);
        assert_eq!(lease(&asker, "bob", NOW + 50).unwrap(), Lease::Held { until: NOW + 40 });
        asker.then([Well, Dropped]);
        assert_eq!(code(lease(&asker, "carol", NOW + 50)), Code::StoreUncertain);
        asker.then([Well, Lost]);
        assert!(fence(lease(&asker, "carol", NOW + 50).unwrap()) > third);
        // Without an end nobody else's is ever over.
        let asker = Fateful::new([]);
        other(&asker.store);
        assert_eq!(lease(&asker, "alice", NOW + 50).unwrap(), Lease::Held { until: u64::MAX });
    }

    #[test]
    fn answers_that_fit_no_question_are_refused() {
        let sound = Record { version: 1, ..record("value") };
        let large = Record { value: "x".repeat(65_537), ..sound.clone() };
        let late = Record { version: END_OF_VERSIONS, ..sound.clone() };
        let nameless = Record { owner: Some(String::new()), ..sound.clone() };
        let endless = Record { expires_at: Some(END_OF_VERSIONS), ..sound.clone() };
        for record in [large, late, nameless, endless] {
            let asker = Fateful::new([Answer(StoreAnswer::Record(Some(record)))]);
            assert_eq!(code(at_once(asker.get("key"))), Code::StoreCorrupt);
        }
        let entry = |key: &str, owner: Option<&str>| crate::store::Entry {
            key: key.to_owned(),
            record: Record { owner: owner.map(str::to_owned), ..sound.clone() },
        };
        let page = |entries: Vec<_>, next: Option<&str>| Page { entries, next: next.map(str::to_owned) };
        for wrong in [
            page(vec![entry("key", Some("bob"))], None),
            page(vec![entry("key", None)], None),
            page(vec![entry("", Some("alice"))], None),
            page(vec![entry("one", Some("alice")), entry("two", Some("alice")), entry("three", Some("alice"))], None),
            page(vec![], Some("")),
            page(vec![], Some(&"x".repeat(513))),
        ] {
            let asker = Fateful::new([Answer(StoreAnswer::Page(wrong))]);
            assert_eq!(code(at_once(asker.list("alice", None, 2))), Code::StoreCorrupt);
        }
        let asker = Fateful::new([]);
        let other = || [Answer(StoreAnswer::Swept(1))];
        asker.then(other());
        assert_eq!(code(at_once(asker.get("key"))), Code::StoreCorrupt);
        asker.then(other());
        assert_eq!(code(at_once(asker.create("key", record("value")))), Code::StoreCorrupt);
        asker.then(other());
        assert_eq!(code(at_once(asker.delete_if("key", 1))), Code::StoreCorrupt);
        asker.then(other());
        assert_eq!(code(at_once(asker.list("alice", None, 1))), Code::StoreCorrupt);
        asker.then([Answer(StoreAnswer::Done(true))]);
        assert_eq!(code(at_once(asker.sweep(1, 1))), Code::StoreCorrupt);
    }

    #[test]
    fn what_no_store_keeps_is_not_asked_for() {
        let asker = Fateful::new([]);
        for key in ["", "a b", "\u{e9}", "a\n", &"k".repeat(257)] {
            assert_eq!(code(at_once(asker.get(key))), Code::Internal, "{key:?}");
            assert_eq!(code(at_once(asker.create(key, record("value")))), Code::Internal);
            assert_eq!(code(at_once(asker.delete_if(key, 1))), Code::Internal);
            assert_eq!(code(at_once(asker.list(key, None, 1))), Code::Internal);
        }
        for limit in [0, 1001] {
            assert_eq!(code(at_once(asker.list("alice", None, limit))), Code::Internal);
        }
        assert_eq!(code(at_once(asker.sweep(1, 0))), Code::Internal);
        assert_eq!(code(at_once(asker.create("key", record(&"x".repeat(65_537))))), Code::Internal);
        assert_eq!(asker.asked(), 0);
        assert!(at_once(asker.create(&"k".repeat(256), record(&"x".repeat(65_536)))).unwrap().is_some());
    }

    #[test]
    fn versions_are_the_time_unless_changes_come_faster() {
        let next = |there, now| next_version(there, now).unwrap();
        for _ in 0..100 {
            assert!((NOW * 1000..(NOW + 1) * 1000).contains(&next(None, NOW)));
            assert!((NOW * 1000..(NOW + 1) * 1000).contains(&next(Some(5), NOW)));
            // The clock was put back, or others' are ahead.
            let ahead = (NOW + 500) * 1000;
            assert!((ahead + STEP..ahead + STEP + 1000).contains(&next(Some(ahead), NOW)));
        }
        let many: std::collections::HashSet<u64> = (0..100).map(|_| next(None, NOW)).collect();
        assert!(many.len() > 50, "they differ within a millisecond");
        for now in [u64::MAX, LAST_TIME / 1000 + 1] {
            assert_eq!(next_version(None, now).unwrap_err().field(), Some("now"));
        }
        assert!(next(None, LAST_TIME / 1000 - 1) < LAST_TIME);
        assert_eq!(code(next_version(Some(END_OF_VERSIONS - 1), NOW)), Code::StoreCorrupt);
        let asker = Fateful::new([]);
        let last = Record { version: END_OF_VERSIONS - 1, ..record("by hand") };
        assert!(asker.store.put_if("key", None, &last, MINUTE).unwrap());
        assert_eq!(code(count(&asker)), Code::StoreCorrupt, "and nothing has changed");
        assert_eq!(asker.there(), Some(last));
    }
}
