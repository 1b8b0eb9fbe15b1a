//! What a check asks with: raw calls, whose answers are compared with what they must be.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Debug;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::ConformanceOptions;
use crate::error::{Error, Excerpt, Result};
use crate::operation::Event;
use crate::store::ask::Ask;
use crate::store::record::{Entry, Page, Record};
use crate::store::request::{StoreAnswer, StoreRequest, corrupt};

/// The most pages of any list here: one that has more does not end.
const MAX_PAGES: usize = 5000;

/// What should have been, and what was.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) expected: String,
    pub(super) found: String,
}

pub(super) type Outcome<T = ()> = Result<T, Fault>;

/// The surroundings of one check.
pub(super) struct Trial<'a, A> {
    asker: &'a A,
    pub(super) options: &'a ConformanceOptions,
    pub(super) run_id: &'a str,
    prefix: String,
    /// By how many milliseconds the check's clock is ahead.
    ahead: AtomicU64,
    /// What may have to be removed.
    written: Mutex<BTreeSet<String>>,
    note: Mutex<Option<&'static str>>,
}

impl<'a, A: Ask> Trial<'a, A> {
    pub(super) fn new(asker: &'a A, options: &'a ConformanceOptions, run_id: &'a str, number: usize) -> Self {
        let prefix = format!("{}{number}/", prefix(run_id));
        Self {
            asker,
            options,
            run_id,
            prefix,
            ahead: AtomicU64::new(0),
            written: Mutex::default(),
            note: Mutex::default(),
        }
    }

    /// Has the report tell what was left open.
    pub(super) fn note(&self, note: &'static str) {
        *self.note.lock().unwrap_or_else(PoisonError::into_inner) = Some(note);
    }

    pub(super) fn into_note(self) -> Option<&'static str> {
        self.note.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// A key, or an owner, that no other check has.
    pub(super) fn name(&self, rest: impl AsRef<str>) -> String {
        format!("{}{}", self.prefix, rest.as_ref())
    }

    /// Has the clock go on.
    pub(super) fn pass(&self, milliseconds: u64) {
        self.ahead.fetch_add(milliseconds, Ordering::Relaxed);
    }

    pub(super) async fn read(&self, key: &str) -> Outcome<Option<Record>> {
        match self.raw("get", StoreRequest::Get { key: key.to_owned() }).await? {
            StoreAnswer::Record(record) => Ok(record),
            _ => Err(another_answer("get")),
        }
    }

    pub(super) async fn put(&self, key: &str, expected: Option<u64>, record: &Record) -> Outcome<bool> {
        let request = StoreRequest::PutIf { key: key.to_owned(), expected, record: record.clone() };
        match self.raw("put_if", request).await? {
            StoreAnswer::Done(done) => Ok(done),
            _ => Err(another_answer("put_if")),
        }
    }

    pub(super) async fn delete(&self, key: &str, version: u64) -> Outcome<bool> {
        match self.raw("delete_if", StoreRequest::DeleteIf { key: key.to_owned(), version }).await? {
            StoreAnswer::Done(done) => Ok(done),
            _ => Err(another_answer("delete_if")),
        }
    }

    pub(super) async fn page(&self, owner: &str, after: Option<String>, limit: usize) -> Outcome<Page> {
        match self.raw("list", StoreRequest::List { owner: owner.to_owned(), after, limit }).await? {
            StoreAnswer::Page(page) => Ok(page),
            _ => Err(another_answer("list")),
        }
    }

    pub(super) async fn collect(&self, before: u64, limit: usize) -> Outcome<usize> {
        match self.raw("sweep", StoreRequest::Sweep { before, limit }).await? {
            StoreAnswer::Swept(count) => Ok(count),
            _ => Err(another_answer("sweep")),
        }
    }

    /// The page again, which may hold anything or be refused: the store only must not answer what fits no question.
    pub(super) async fn page_or_error(&self, owner: &str, after: &str, limit: usize) -> Outcome<Option<Page>> {
        let request = StoreRequest::List { owner: owner.to_owned(), after: Some(after.to_owned()), limit };
        let expected = request.expected();
        let Ok(answer) = self.asker.ask(request).await else { return Ok(None) };
        expected.check(&answer).map_err(|error| unsound("list", &error))?;
        match answer {
            StoreAnswer::Page(page) => Ok(Some(page)),
            _ => Err(another_answer("list")),
        }
    }

    async fn raw(&self, call: &str, request: StoreRequest) -> Outcome<StoreAnswer> {
        let expected = request.expected();
        let answer = Ask::ask(self, request).await.map_err(|error| failed(call, &error))?;
        expected.check(&answer).map_err(|error| unsound(call, &error))?;
        Ok(answer)
    }

    /// Puts a record where none is.
    pub(super) async fn keep(&self, key: &str, record: &Record) -> Outcome {
        match self.put(key, None, record).await? {
            true => Ok(()),
            false => Err(fault(format!("put_if to keep a record where none is, at {key}"), "it was refused")),
        }
    }

    /// Compares what is there with what must be.
    pub(super) async fn holds(&self, when: &str, key: &str, expected: Option<&Record>) -> Outcome {
        let found = self.read(key).await?;
        match found.as_ref() == expected {
            true => Ok(()),
            false => Err(differ(&format!("get {when}: "), expected, found.as_ref())),
        }
    }

    /// All pages to the end, each entry once.
    pub(super) async fn walk(&self, owner: &str, limit: usize) -> Outcome<Vec<Entry>> {
        self.walk_on(owner, None, limit).await
    }

    pub(super) async fn walk_on(&self, owner: &str, after: Option<String>, limit: usize) -> Outcome<Vec<Entry>> {
        let (mut after, mut entries, mut seen) = (after, Vec::new(), HashSet::new());
        for _ in 0..MAX_PAGES {
            let page = self.page(owner, after, limit).await?;
            for entry in page.entries {
                if !seen.insert(entry.key.clone()) {
                    let found = format!("{} twice", entry.key);
                    return Err(fault(format!("a list of {owner} by pages of {limit}, each record once"), found));
                }
                entries.push(entry);
            }
            let Some(next) = page.next else { return Ok(entries) };
            after = Some(next);
        }
        Err(fault(format!("a list of {owner} by pages of {limit} that ends"), format!("{MAX_PAGES} pages, and a next")))
    }

    /// Compares all that is listed of an owner, in any order, with what must be.
    pub(super) async fn lists(&self, when: &str, owner: &str, limit: usize, expected: &[Entry]) -> Outcome {
        same_entries(&format!("list {when}, by pages of {limit}"), expected, &self.walk(owner, limit).await?)
    }

    /// Removes what the check has written, as far as the store lets it.
    pub(super) async fn clean_up(&self) {
        let written = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        for key in written {
            let answer = self.asker.ask(StoreRequest::Get { key: key.clone() }).await;
            if let Ok(StoreAnswer::Record(Some(Record { version, .. }))) = answer {
                let _ = self.asker.ask(StoreRequest::DeleteIf { key, version }).await;
            }
        }
    }
}

impl<A: Ask> Ask for Trial<'_, A> {
    fn now(&self) -> u64 {
        self.asker.now().saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    fn event(&self, event: Event) {
        self.asker.event(event);
    }

    fn ask(&self, request: StoreRequest) -> impl Future<Output = Result<StoreAnswer>> + Send {
        if let StoreRequest::PutIf { key, .. } = &request {
            self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        }
        self.asker.ask(request)
    }
}

/// What the keys and owners of a run begin with.
pub(super) fn prefix(run_id: &str) -> String {
    format!("conformance/{run_id}/")
}

/// A record without owner and end.
pub(super) fn plain(version: u64, value: impl Into<String>) -> Record {
    Record { version, value: value.into(), owner: None, expires_at: None }
}

pub(super) fn fault(expected: impl Into<String>, found: impl Into<String>) -> Fault {
    Fault { expected: expected.into(), found: found.into() }
}

pub(super) fn same<T: PartialEq + Debug>(what: &str, expected: &T, found: &T) -> Outcome {
    match expected == found {
        true => Ok(()),
        false => Err(fault(format!("{what}: {expected:?}"), format!("{found:?}"))),
    }
}

/// Compares without regard to order.
pub(super) fn same_entries(what: &str, expected: &[Entry], found: &[Entry]) -> Outcome {
    for entry in found {
        match expected.iter().find(|one| one.key == entry.key) {
            None => return Err(fault(format!("{what}: {} records", expected.len()), format!("{}, too", entry.key))),
            Some(one) if one.record != entry.record => {
                return Err(differ(&format!("{what}, {}: ", entry.key), Some(&one.record), Some(&entry.record)));
            }
            Some(_) => {}
        }
    }
    let keys: HashSet<&str> = found.iter().map(|entry| entry.key.as_str()).collect();
    match expected.iter().find(|one| !keys.contains(one.key.as_str())) {
        Some(missing) => {
            let found = format!("{} records, and not {}", found.len(), missing.key);
            Err(fault(format!("{what}: {} records", expected.len()), found))
        }
        None => Ok(()),
    }
}

fn differ(what: &str, expected: Option<&Record>, found: Option<&Record>) -> Fault {
    let values = expected.zip(found).map(|(expected, found)| (expected.value.as_bytes(), found.value.as_bytes()));
    let place = values.filter(|(expected, found)| expected != found).map(|(expected, found)| {
        let equal = expected.iter().zip(found).take_while(|(expected, found)| expected == found).count();
        format!("; the values differ from byte {equal} on")
    });
    fault(format!("{what}{}", shown(expected)), shown(found) + place.as_deref().unwrap_or_default())
}

fn shown(record: Option<&Record>) -> String {
    let Some(Record { version, value, owner, expires_at }) = record else { return "nothing".to_owned() };
    let (bytes, value) = (value.len(), Excerpt(value));
    format!("version {version}, owner {owner:?}, expires_at {expires_at:?}, a value of {bytes} bytes: {value}")
}

fn failed(call: &str, error: &Error) -> Fault {
    fault(format!("{call} to answer"), format!("{}: {}", error.code(), error.message()))
}

fn unsound(call: &str, error: &Error) -> Fault {
    fault(format!("an answer that {call} can have"), error.message())
}

fn another_answer(call: &str) -> Fault {
    unsound(call, &corrupt("another answer"))
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        failed("the store", &error)
    }
}
