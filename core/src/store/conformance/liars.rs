//! Stores that are wrong, each in one way, and the check that finds it.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::*;
use crate::store::record::{Entry, MAX_PAGE, Page, Record};
use crate::store::request::uncertain;
use crate::store::{MemoryStore, StoreAnswer, StoreRequest};

const NOW: u64 = 1_700_000_000_000;
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    // Of get.
    CutsValues,
    CutsValuesAtNul,
    TrimsValues,
    WritesJsonAnew,
    ReadsNumbers,
    ReplacesAstral,
    HidesWhatIsOver,
    RoundsEnds,
    // Of put_if.
    IgnoresExpected,
    PutsOverAnything,
    PutsOverNothing,
    PutsOverOlder,
    ZeroIsNothing,
    RoundsVersions,
    LosesOwner,
    LosesOwnerAtChange,
    SaysDone,
    DoesAndDenies,
    KeepsOldValue,
    LowersKeys,
    CutsKeys,
    KeysArePatterns,
    KeysArePaths,
    // Of delete_if.
    DeletesAnyVersion,
    DeletesNothing,
    SaysDeleted,
    RemembersDeleted,
    // Of list.
    ListsDeleted,
    ListsPrefixes,
    ListsAnyCase,
    ListsPatterns,
    ListsTooMany,
    ListsWithoutOwner,
    RepeatsLast,
    SkipsOne,
    EndsEarly,
    NeverEnds,
    InOrderOfVersions,
    ByNumbers,
    ForgetsMadeAnew,
    ListsOnceAThousand,
    // Of sweep.
    SweepsTheBoundary,
    SweepsAll,
    SweepsByNow,
    IgnoresLimit,
    SweepsNothing,
    Miscounts,
    SweepsByFirstEnd,
    // Of all.
    AnswersAnother,
    ForgetsByTurns,
}

use Lie::*;

/// Which check is meant for each.
const LIES: &[(Lie, &str)] = &[
    (CutsValues, "values/lengths"),
    (CutsValuesAtNul, "values/characters"),
    (TrimsValues, "values/characters"),
    (WritesJsonAnew, "values/json_as_it_is"),
    (ReadsNumbers, "values/like_other_types"),
    (ReplacesAstral, "values/characters"),
    (HidesWhatIsOver, "expiry/found_until_swept"),
    (RoundsEnds, "expiry/round_trip"),
    (IgnoresExpected, "records/put_over_another_version"),
    (PutsOverAnything, "records/put_once"),
    (PutsOverNothing, "records/put_over_nothing"),
    (PutsOverOlder, "records/put_over_another_version"),
    (ZeroIsNothing, "records/version_zero"),
    (RoundsVersions, "records/versions"),
    (LosesOwner, "listing/owners_and_records"),
    (LosesOwnerAtChange, "listing/owners_and_records"),
    (SaysDone, "records/put_once"),
    (DoesAndDenies, "records/put_once"),
    (KeepsOldValue, "values/replaced_whole"),
    (LowersKeys, "keys/upper_and_lower_case"),
    (CutsKeys, "keys/longest"),
    (KeysArePatterns, "keys/patterns"),
    (KeysArePaths, "keys/hostile"),
    (DeletesAnyVersion, "records/delete_another_version"),
    (DeletesNothing, "records/delete"),
    (SaysDeleted, "records/delete_nothing"),
    (RemembersDeleted, "records/put_after_delete"),
    (ListsDeleted, "listing/deleted_never_again"),
    (ListsPrefixes, "listing/similar_owners"),
    (ListsAnyCase, "listing/similar_owners"),
    (ListsPatterns, "listing/hostile_owners"),
    (ListsTooMany, "listing/pages_of_every_size"),
    (ListsWithoutOwner, "listing/without_owner"),
    (RepeatsLast, "listing/pages_of_every_size"),
    (SkipsOne, "listing/pages_of_every_size"),
    (EndsEarly, "listing/pages_of_every_size"),
    (NeverEnds, "listing/pages_of_every_size"),
    (InOrderOfVersions, "listing/changed_between_pages"),
    (ByNumbers, "listing/deleted_between_pages"),
    (ForgetsMadeAnew, "listing/made_anew_once"),
    (ListsOnceAThousand, "listing/largest_pages"),
    (SweepsTheBoundary, "expiry/sweep_boundary"),
    (SweepsAll, "expiry/sweep_boundary"),
    (SweepsByNow, "expiry/sweep_boundary"),
    (IgnoresLimit, "expiry/sweep_limit"),
    (SweepsNothing, "expiry/sweep_boundary"),
    (Miscounts, "expiry/sweep_limit"),
    (SweepsByFirstEnd, "expiry/sweep_after_changes"),
    (AnswersAnother, "records/nothing_is_there"),
    (ForgetsByTurns, "records/many_changes"),
];

/// A store in memory that lies in one way.
struct Liar {
    lie: Lie,
    inner: MemoryStore,
    calls: AtomicU64,
    /// Of every owner, all that was ever put.
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    entries: Vec<Entry>,
    deleted: HashSet<String>,
    first_ends: HashMap<String, u64>,
}

impl Liar {
    fn new(lie: Lie) -> Self {
        Self { lie, inner: MemoryStore::new(100_000), calls: AtomicU64::new(0), known: Mutex::default() }
    }

    fn key(&self, key: &str) -> String {
        match self.lie {
            LowersKeys => key.to_ascii_lowercase(),
            CutsKeys => key.chars().take(250).collect(),
            KeysArePaths => key.replace("//", "/").trim_end_matches('/').to_owned(),
            _ => key.to_owned(),
        }
    }

    fn version(&self, version: u64) -> u64 {
        // As "%.14g" does.
        if self.lie == RoundsVersions && version > 99_999_999_999_999 { version / 1000 * 1000 } else { version }
    }

    fn every(&self, turns: u64) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed) % turns == turns - 1
    }

    fn shown(&self, mut record: Record) -> Option<Record> {
        let value = &record.value;
        record.value = match self.lie {
            CutsValues => value.chars().take(60_000).collect(),
            CutsValuesAtNul => value.split('\0').next().unwrap().to_owned(),
            TrimsValues => value.trim().to_owned(),
            WritesJsonAnew => {
                serde_json::from_str::<serde_json::Value>(value).map_or(value.clone(), |it| it.to_string())
            }
            ReadsNumbers => value.parse::<f64>().map_or(value.clone(), |it| it.to_string()),
            ReplacesAstral => value.replace(|character| character > '\u{ffff}', "\u{fffd}"),
            _ => value.clone(),
        };
        match (self.lie, record.expires_at) {
            (HidesWhatIsOver, Some(end)) if end <= NOW => return None,
            (RoundsEnds, Some(end)) => record.expires_at = Some(end / 1000 * 1000),
            _ => {}
        }
        Some(record)
    }

    /// Every record of the store.
    fn all(&self) -> Vec<Entry> {
        let known: Vec<String> = self.known.lock().unwrap().entries.iter().map(|entry| entry.key.clone()).collect();
        let mut seen = HashSet::new();
        let keys = known.into_iter().filter(|key| seen.insert(key.clone()));
        keys.filter_map(|key| Some(Entry { record: self.inner.get(&key, MINUTE).unwrap()?, key })).collect()
    }

    fn force(&self, key: &str, record: &Record) {
        let there = self.inner.get(key, MINUTE).unwrap();
        assert!(self.inner.put_if(key, there.map(|there| there.version), record, MINUTE).unwrap());
    }
}

impl Store for Liar {
    fn get(&self, key: &str, timeout: Duration) -> Result<Option<Record>> {
        if self.lie == AnswersAnother {
            let value = "x".repeat(70_000);
            return Ok(Some(Record { version: 1, value, owner: None, expires_at: None }));
        }
        Ok(self.inner.get(&self.key(key), timeout)?.and_then(|record| self.shown(record)))
    }

    fn put_if(&self, key: &str, expected: Option<u64>, record: &Record, timeout: Duration) -> Result<bool> {
        let key = self.key(key);
        let mut record = Record { version: self.version(record.version), ..record.clone() };
        let expected = expected.map(|version| self.version(version));
        let there = self.inner.get(&key, timeout)?;
        let version = there.as_ref().map(|there| there.version);
        let forced = match (self.lie, expected, version) {
            (IgnoresExpected, _, _)
            | (PutsOverAnything, None, _)
            | (PutsOverNothing, Some(_), None)
            | (ZeroIsNothing, None, Some(0)) => true,
            (PutsOverOlder, Some(expected), Some(version)) => version <= expected,
            _ => false,
        };
        if self.lie == LosesOwner || (self.lie == LosesOwnerAtChange && expected.is_some()) {
            record.owner = None;
        }
        if let (KeepsOldValue, Some(there)) = (self.lie, &there)
            && there.value.len() > record.value.len()
        {
            record.value += &there.value[record.value.len()..];
        }
        if self.lie == RemembersDeleted && version.is_none() && self.known.lock().unwrap().deleted.contains(&key) {
            return Ok(false);
        }
        let fits = forced || version == expected;
        match self.lie {
            SaysDone => return Ok(true),
            ForgetsByTurns if fits && expected.is_some() && self.every(20) => return Ok(true),
            _ => {}
        }
        if !fits {
            return Ok(false);
        }
        self.force(&key, &record);
        let mut known = self.known.lock().unwrap();
        if let Some(end) = record.expires_at {
            known.first_ends.entry(key.clone()).or_insert(end);
        }
        known.entries.push(Entry { key, record });
        Ok(self.lie != DoesAndDenies)
    }

    fn delete_if(&self, key: &str, version: u64, timeout: Duration) -> Result<bool> {
        let key = self.key(key);
        let there = self.inner.get(&key, timeout)?;
        let version = match (self.lie, &there) {
            (DeletesAnyVersion, Some(there)) => there.version,
            (SaysDeleted, None) => return Ok(true),
            _ => self.version(version),
        };
        if self.lie == DeletesNothing {
            return Ok(there.is_some_and(|there| there.version == version));
        }
        let done = self.inner.delete_if(&key, version, timeout)?;
        if done {
            self.known.lock().unwrap().deleted.insert(key.clone());
        }
        if let (KeysArePatterns, true, Some((prefix, ""))) = (self.lie, done, key.split_once('*')) {
            for entry in self.all().into_iter().filter(|entry| entry.key.starts_with(prefix)) {
                self.inner.delete_if(&entry.key, entry.record.version, timeout)?;
            }
        }
        Ok(done)
    }

    fn list(&self, owner: &str, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page> {
        let honest = self.inner.list(owner, after, limit, timeout)?;
        let of = |fits: &dyn Fn(&str) -> bool| {
            let mut entries = self.all();
            entries.retain(|entry| entry.record.owner.as_deref().is_some_and(fits));
            Page { entries, next: None }
        };
        Ok(match self.lie {
            ListsDeleted if after.is_none() => {
                let known = self.known.lock().unwrap();
                let old = known
                    .entries
                    .iter()
                    .find(|entry| entry.record.owner.as_deref() == Some(owner) && known.deleted.contains(&entry.key));
                let mut entries: Vec<Entry> = old.cloned().into_iter().collect();
                entries.extend(honest.entries.into_iter().take(limit - entries.len()));
                let next = entries.last().filter(|_| honest.next.is_some()).map(|entry| entry.key.clone());
                Page { entries, next }
            }
            ListsPrefixes => of(&|other| other.starts_with(owner)),
            ListsAnyCase => of(&|other| other.eq_ignore_ascii_case(owner)),
            ListsPatterns if owner.ends_with('%') => of(&|other| other.starts_with(owner.trim_end_matches('%'))),
            ListsTooMany => self.inner.list(owner, after, limit + 1, timeout)?,
            ListsWithoutOwner => {
                let mut page = honest;
                page.entries.extend(self.all().into_iter().filter(|entry| entry.record.owner.is_none()).take(1));
                page
            }
            RepeatsLast => match honest.entries.as_slice() {
                // The next page begins with the last entry of this one.
                [.., before, _] if honest.next.is_some() => {
                    Page { next: Some(before.key.clone()), entries: honest.entries }
                }
                _ => honest,
            },
            SkipsOne => match honest.next {
                Some(next) => Page { next: self.skip(owner, &next)?, entries: honest.entries },
                None => honest,
            },
            EndsEarly => Page { next: None, ..honest },
            NeverEnds => Page { next: honest.next.or_else(|| Some("~".to_owned())), ..honest },
            InOrderOfVersions => {
                let mut page = of(&|other| other == owner);
                page.entries.sort_by_key(place);
                page.entries.retain(|entry| after.is_none_or(|after| place(entry).as_str() > after));
                let more = page.entries.len() > limit;
                page.entries.truncate(limit);
                page.next = page.entries.last().filter(|_| more).map(place);
                page
            }
            ByNumbers => {
                let mut page = of(&|other| other == owner);
                page.entries.sort_by(|one, other| one.key.cmp(&other.key));
                let begin: usize = after.and_then(|after| after.parse().ok()).unwrap_or(0);
                let next = begin + limit;
                page.next = Some(next.to_string()).filter(|_| next < page.entries.len());
                page.entries = page.entries.into_iter().skip(begin).take(limit).collect();
                page
            }
            ForgetsMadeAnew => {
                let mut page = honest;
                let known = self.known.lock().unwrap();
                page.entries.retain(|entry| !known.deleted.contains(&entry.key));
                page
            }
            ListsOnceAThousand if honest.entries.len() > 998 => Page { next: None, ..honest },
            _ => honest,
        })
    }

    fn sweep(&self, before: u64, limit: usize, timeout: Duration) -> Result<usize> {
        match self.lie {
            SweepsTheBoundary => self.inner.sweep(before + 1, limit, timeout),
            SweepsByNow => self.inner.sweep(NOW, limit, timeout),
            SweepsAll => {
                let endless = self.all().into_iter().filter(|entry| entry.record.expires_at.is_none());
                for entry in endless {
                    self.inner.delete_if(&entry.key, entry.record.version, timeout)?;
                }
                self.inner.sweep(before, limit, timeout)
            }
            IgnoresLimit => self.inner.sweep(before, MAX_PAGE, timeout).map(|count| count.min(limit)),
            SweepsNothing => Ok(0),
            Miscounts => self.inner.sweep(before, limit, timeout).map(|count| count.min(1)),
            SweepsByFirstEnd => {
                let ends = self.known.lock().unwrap().first_ends.clone();
                let over = self.all().into_iter().filter(|entry| ends.get(&entry.key).is_some_and(|end| *end < before));
                Ok(over
                    .filter(|entry| self.inner.delete_if(&entry.key, entry.record.version, timeout).unwrap())
                    .count())
            }
            _ => self.inner.sweep(before, limit, timeout),
        }
    }

    fn close(&self) {
        self.inner.close();
    }
}

impl Liar {
    /// The cursor after the one that is right.
    fn skip(&self, owner: &str, next: &str) -> Result<Option<String>> {
        Ok(self.inner.list(owner, Some(next), 1, MINUTE)?.next)
    }
}

fn place(entry: &Entry) -> String {
    format!("{:020} {}", entry.record.version, entry.key)
}

#[test]
fn every_lie_is_found_by_the_check_that_is_meant_for_it() {
    for (lie, meant) in LIES {
        let options = ConformanceOptions::default().collects_by_itself(false).only(meant);
        let report = run(&Liar::new(*lie), &options, NOW, MINUTE, &mut |_| ()).unwrap();
        assert!(!report.passed(), "{lie:?} is not found by {meant}");
    }
    let report = check(&Liar::new(IgnoresExpected), NOW, MINUTE).unwrap();
    let passed = report.checks().iter().filter(|check| check.passed()).count();
    assert!(passed > 20, "what does not depend on it is well: {}", report.to_json());
}

#[test]
fn who_collects_by_itself_may_sweep_nothing_but_not_too_much() {
    for collects in [None, Some(true), Some(false)] {
        for (lie, passes) in [(SweepsNothing, collects != Some(false)), (SweepsAll, false), (SweepsByNow, false)] {
            let options = collects.map_or_else(ConformanceOptions::default, |collects| {
                ConformanceOptions::default().collects_by_itself(collects)
            });
            let report = run(&Liar::new(lie), &options, NOW, MINUTE, &mut |_| ()).unwrap();
            assert_eq!(report.passed(), passes, "{lie:?} {collects:?} {}", report.to_json());
            let has_notes = report.checks().iter().any(|check| check.note().is_some());
            assert_eq!(has_notes, lie == SweepsNothing && collects.is_none(), "{}", report.to_json());
        }
    }
}

/// A store whose compare-and-set is a comparison and a setting.
struct Unguarded(MemoryStore);

impl Store for Unguarded {
    fn get(&self, key: &str, timeout: Duration) -> Result<Option<Record>> {
        self.0.get(key, timeout)
    }

    fn put_if(&self, key: &str, expected: Option<u64>, record: &Record, timeout: Duration) -> Result<bool> {
        let version = || Ok::<_, Error>(self.0.get(key, timeout)?.map(|there| there.version));
        if version()? != expected {
            return Ok(false);
        }
        thread::sleep(Duration::from_micros(100));
        while !self.0.put_if(key, version()?, record, timeout)? {}
        Ok(true)
    }

    fn delete_if(&self, key: &str, version: u64, timeout: Duration) -> Result<bool> {
        self.0.delete_if(key, version, timeout)
    }

    fn list(&self, owner: &str, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page> {
        self.0.list(owner, after, limit, timeout)
    }

    fn sweep(&self, before: u64, limit: usize, timeout: Duration) -> Result<usize> {
        self.0.sweep(before, limit, timeout)
    }

    fn close(&self) {
        self.0.close();
    }
}

#[test]
fn a_store_that_is_not_atomic_is_found_by_a_race_only() {
    let store = Unguarded(MemoryStore::new(100_000));
    assert!(check(&store, NOW, MINUTE).unwrap().passed());
    thread::scope(|scope| {
        for racer in 1..=4 {
            let store = &store;
            scope.spawn(move || contend(store, "race", racer, 20, NOW, MINUTE, &mut |_| ()).unwrap());
        }
    });
    let report = settle(&store, "race", 4, 0, &[], NOW, MINUTE).unwrap();
    let found: Vec<&str> = report.checks().iter().filter(|check| !check.passed()).map(Check::name).collect();
    assert!(found.contains(&"contention/logs"), "two were told the same: {found:?}");
}

/// A race of three, each of five rounds, as its racers were told.
fn race() -> (MemoryStore, Vec<String>) {
    let store = MemoryStore::new(100_000);
    let mut lines = Vec::new();
    for racer in 1..=3 {
        let report = contend(&store, "race", racer, 5, NOW, MINUTE, &mut |line| lines.push(line.to_owned())).unwrap();
        assert!(report.passed(), "{}", report.to_json());
    }
    (store, lines)
}

fn found(store: &MemoryStore, killed: u64, lines: &[String]) -> Vec<&'static str> {
    let report = settle(store, "race", 3, killed, lines, NOW, MINUTE).unwrap();
    report.checks().iter().filter(|check| !check.passed()).map(Check::name).collect()
}

fn remove(store: &MemoryStore, key: &str) -> Record {
    let key = format!("conformance/race/race/{key}");
    let record = store.get(&key, MINUTE).unwrap().unwrap();
    assert!(store.delete_if(&key, record.version, MINUTE).unwrap());
    record
}

fn put(store: &MemoryStore, key: &str, record: &Record) {
    assert!(store.put_if(&format!("conformance/race/race/{key}"), None, record, MINUTE).unwrap());
}

#[test]
fn a_good_race_is_settled_and_cleared() {
    let (store, lines) = race();
    assert_eq!(lines.iter().filter(|line| line.contains(" increment ")).count(), 15);
    assert_eq!(found(&store, 0, &lines), [""; 0]);
    assert_eq!(store.len(), 0);
    let (store, _) = race();
    assert_eq!(found(&store, 0, &[]), [""; 0], "by the logs alone");
}

#[test]
fn what_is_lost_or_doubled_is_found() {
    let spoil = |what: &dyn Fn(&MemoryStore, &mut Vec<String>), killed: u64| {
        let (store, mut lines) = race();
        what(&store, &mut lines);
        found(&store, killed, &lines)
    };
    let count = |store: &MemoryStore, value: &str| {
        let record = remove(store, "counter");
        put(store, "counter", &Record { value: value.to_owned(), ..record });
    };
    for value in ["14", "16", "fifteen"] {
        assert!(spoil(&|store, _| count(store, value), 0).contains(&"contention/counter"), "{value}");
    }
    assert_eq!(spoil(&|store, _| count(store, "14"), 1), ["contention/counter"]);
    assert_eq!(spoil(&|store, _| count(store, "16"), 1), [""; 0]);
    assert_eq!(spoil(&|store, _| drop(remove(store, "records/2-3")), 3), ["contention/records"]);
    let add = |store: &MemoryStore, name: &str, value: &str| {
        let owner = Some("conformance/race/race/records".to_owned());
        put(store, name, &Record { version: 1, value: value.to_owned(), owner, expires_at: None });
    };
    let one_more = |store: &MemoryStore, _: &mut Vec<String>| add(store, "records/2-6", "made by 2-6");
    assert_eq!(spoil(&one_more, 0), ["contention/records", "contention/untold"]);
    assert_eq!(spoil(&one_more, 1), [""; 0]);
    assert_eq!(spoil(&|store, _| add(store, "records/2-6", "made by 2-7"), 1), ["contention/records"]);
    let both = |store: &MemoryStore, lines: &mut Vec<String>| {
        one_more(store, lines);
        count(store, "16");
    };
    assert_eq!(spoil(&both, 1), ["contention/untold"]);
    assert_eq!(spoil(&both, 2), [""; 0]);
    let again = |_: &MemoryStore, lines: &mut Vec<String>| lines.push("2 increment 1".to_owned());
    assert_eq!(spoil(&again, 3), ["contention/logs"]);
    let never = |_: &MemoryStore, lines: &mut Vec<String>| lines.push("2 record 2-9".to_owned());
    assert_eq!(spoil(&never, 3), ["contention/records"]);
    let nonsense = |_: &MemoryStore, lines: &mut Vec<String>| lines.push("nonsense".to_owned());
    assert_eq!(spoil(&nonsense, 3), ["contention/logs"]);
    let fence = |_: &MemoryStore, lines: &mut Vec<String>| lines.push(format!("2 fence {}", NOW * 2000));
    assert_eq!(spoil(&fence, 3), ["contention/fences"]);
    // All tokens were taken: one that is there was not, and one more was lost.
    let back = |store: &MemoryStore, _: &mut Vec<String>| {
        let owner = Some("conformance/race/race/heap".to_owned());
        let value = "made by 2-3".to_owned();
        put(store, "heap/2-3", &Record { version: 1, value, owner, expires_at: None });
    };
    assert_eq!(spoil(&back, 3), ["contention/tokens"]);
    let lost = |_: &MemoryStore, lines: &mut Vec<String>| lines.push("2 token 2-9".to_owned());
    assert_eq!(spoil(&lost, 0), ["contention/tokens", "contention/untold"]);
    assert_eq!(spoil(&lost, 1), [""; 0]);
}

#[test]
fn a_racer_that_did_not_come_to_its_end_is_missed() {
    let (store, lines) = race();
    assert_eq!(found(&store, 0, &lines), [""; 0]);
    let store = MemoryStore::new(100_000);
    let report = contend(&store, "race", 1, 5, NOW, MINUTE, &mut |_| ()).unwrap();
    assert!(report.passed());
    assert_eq!(found(&store, 0, &[]), ["contention/logs"]);
    assert_eq!(found(&store, 2, &[]), [""; 0]);
}

/// A store that does every fifth change and does not say so, or says so and does not.
struct Unsure(MemoryStore, AtomicU64);

impl Unsure {
    fn ask(&self, request: &StoreRequest) -> Result<StoreAnswer> {
        match self.1.fetch_add(1, Ordering::Relaxed) % 10 {
            4 => request.carry_out(&self.0, MINUTE).and(Err(uncertain("a test"))),
            9 => Err(uncertain("a test")),
            _ => request.carry_out(&self.0, MINUTE),
        }
    }
}

impl Store for Unsure {
    fn get(&self, key: &str, timeout: Duration) -> Result<Option<Record>> {
        self.0.get(key, timeout)
    }

    fn put_if(&self, key: &str, expected: Option<u64>, record: &Record, _timeout: Duration) -> Result<bool> {
        let request = StoreRequest::PutIf { key: key.to_owned(), expected, record: record.clone() };
        self.ask(&request).map(|answer| matches!(answer, StoreAnswer::Done(true)))
    }

    fn delete_if(&self, key: &str, version: u64, _timeout: Duration) -> Result<bool> {
        let request = StoreRequest::DeleteIf { key: key.to_owned(), version };
        self.ask(&request).map(|answer| matches!(answer, StoreAnswer::Done(true)))
    }

    fn list(&self, owner: &str, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page> {
        self.0.list(owner, after, limit, timeout)
    }

    fn sweep(&self, before: u64, limit: usize, timeout: Duration) -> Result<usize> {
        self.0.sweep(before, limit, timeout)
    }

    fn close(&self) {
        self.0.close();
    }
}

#[test]
fn a_race_goes_on_where_the_store_is_unsure() {
    let store = Unsure(MemoryStore::new(100_000), AtomicU64::new(0));
    thread::scope(|scope| {
        for racer in 1..=4 {
            let store = &store;
            scope.spawn(move || {
                let report = contend(store, "race", racer, 30, NOW, MINUTE, &mut |_| ()).unwrap();
                assert!(report.passed(), "{}", report.to_json());
            });
        }
    });
    // The logs may be among what was not kept.
    let report = settle(&store.0, "race", 4, 0, &[], NOW, MINUTE).unwrap();
    let found: Vec<&str> = report.checks().iter().filter(|check| !check.passed()).map(Check::name).collect();
    assert_eq!(found, [""; 0], "{}", report.to_json());
}
