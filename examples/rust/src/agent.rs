//! The agent of Rust for `tests/scenarios/run_api_keys.py`: does what it is told with the core, and judges nothing. The
//! README there defines the commands.
//!
//! Built-in stores are asked on this thread; its own store is asked effect by effect, as a front end does it whose store
//! cannot block.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, Write, stdin, stdout};
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use authwright_core::api_key::{ApiKeys, ApiKeysOptions, ImportOptions, IssueOptions, RotateOptions};
use authwright_core::operation::{Effect, EffectKind, Operation, Step};
use authwright_core::store::{
    self, Entry, Page, Record, Store, StoreAnswer, StoreOptions, StoreRequest, conformance, unavailable,
};
use authwright_core::{Error, Key, Result, system_now_ms};
use serde_json::{Value, json};

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    let mut agent = Agent::default();
    for line in stdin().lock().lines().map_while(std::io::Result::ok) {
        let fields: Vec<&str> = line.split('\t').collect();
        let answer = match agent.answer(&fields) {
            Ok(ok) => json!({ "ok": ok }),
            Err(Refusal::Error(error)) => json!({ "error": told(&error) }),
            Err(Refusal::Command) => json!({ "unsupported": format!("the command {line}") }),
        };
        say(&answer);
    }
}

fn told(error: &Error) -> Value {
    json!({ "code": error.code().name(), "field": error.field(), "message": error.message() })
}

#[allow(clippy::print_stdout, reason = "it is what the program is for")]
fn say(answer: &Value) {
    println!("{answer}");
    let _ = stdout().flush();
}

enum Refusal {
    Error(Error),
    /// There is no such command, or it has other fields.
    Command,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

#[derive(Default)]
struct Agent {
    stores: HashMap<String, Where>,
    keys: HashMap<String, (ApiKeys, String)>,
}

enum Where {
    BuiltIn(Arc<dyn Store>),
    Own(Shelf),
}

/// A store such as a program makes for itself: it has nothing of the library's but the words.
#[derive(Default)]
struct Shelf {
    is_closed: bool,
    records: BTreeMap<String, Record>,
}

impl Agent {
    fn answer(&mut self, fields: &[&str]) -> std::result::Result<Value, Refusal> {
        match *fields {
            ["store", name, url, options] => {
                let opened = store::open(url, &StoreOptions::from_json(options)?)?;
                self.stores.insert(name.to_owned(), Where::BuiltIn(opened));
            }
            ["host_store", name] => {
                self.stores.insert(name.to_owned(), Where::Own(Shelf::default()));
            }
            ["store_close", name] => match self.store(name)? {
                Where::BuiltIn(opened) => opened.close(),
                Where::Own(shelf) => shelf.is_closed = true,
            },
            ["store_sweep", name] => {
                let swept = match self.store(name)? {
                    Where::BuiltIn(opened) => store::sweep(&**opened, system_now_ms(), PATIENCE).0,
                    Where::Own(shelf) => shelf.drive(store::begin_sweep(deadline()), system_now_ms()),
                };
                return Ok(json!(swept?));
            }
            ["store_check", name] => {
                let report = match self.store(name)? {
                    Where::BuiltIn(opened) => conformance::check(&**opened, system_now_ms(), PATIENCE),
                    Where::Own(shelf) => {
                        let options = conformance::ConformanceOptions::default();
                        shelf.drive(conformance::begin(options, deadline()), system_now_ms())
                    }
                };
                return Ok(value(&report?.to_json()));
            }
            ["keys", name, store, options, peppers] => {
                let options = ApiKeysOptions::from_json(options)?;
                let keys = ApiKeys::new(options, &secrets(peppers)?)?;
                self.keys.insert(name.to_owned(), (keys, store.to_owned()));
            }
            ["keys_issue", name, options] => {
                let options = IssueOptions::from_json(options)?;
                let issued = self.call(
                    name,
                    system_now_ms(),
                    |keys, store, now| keys.at(store, now, PATIENCE).issue(&options).0,
                    |keys, until| keys.issue(options.clone(), until),
                )?;
                return Ok(value(&issued.to_json()));
            }
            ["keys_import", name, options] => {
                let options = ImportOptions::from_json(options)?;
                let key = self.call(
                    name,
                    system_now_ms(),
                    |keys, store, now| keys.at(store, now, PATIENCE).import_hash(&options).0,
                    |keys, until| keys.import_hash(options.clone(), until),
                )?;
                return Ok(value(&key.to_json()));
            }
            ["keys_verify", name, presented, scopes, now] => {
                let (presented, scopes) = (text(presented)?, texts(scopes)?);
                let now = now.parse().map_or_else(|_| system_now_ms(), |now: u64| now.saturating_mul(1000));
                let key = self.call(
                    name,
                    now,
                    |keys, store, now| keys.at(store, now, PATIENCE).verify(&presented, &scopes).0,
                    |keys, until| keys.verify(presented.clone(), scopes.clone(), until),
                )?;
                return Ok(value(&key.to_json()));
            }
            ["keys_get", name, id] => {
                let key = self.call(
                    name,
                    system_now_ms(),
                    |keys, store, now| keys.at(store, now, PATIENCE).get(id).0,
                    |keys, until| keys.get(id.to_owned(), until),
                )?;
                return Ok(value(&key.to_json()));
            }
            ["keys_list", name, owner, after, limit] => {
                let after = Some(after).filter(|after| !after.is_empty());
                let limit = limit.parse().unwrap_or(usize::MAX);
                let page = self.call(
                    name,
                    system_now_ms(),
                    |keys, store, now| keys.at(store, now, PATIENCE).list(owner, after, limit).0,
                    |keys, until| keys.list(owner.to_owned(), after.map(str::to_owned), limit, until),
                )?;
                return Ok(value(&page.to_json()));
            }
            ["keys_rotate", name, id, options] => {
                let options = RotateOptions::from_json(options)?;
                let issued = self.call(
                    name,
                    system_now_ms(),
                    |keys, store, now| keys.at(store, now, PATIENCE).rotate(id, &options).0,
                    |keys, until| keys.rotate(id.to_owned(), options.clone(), until),
                )?;
                return Ok(value(&issued.to_json()));
            }
            ["keys_revoke", name, id] => {
                let key = self.call(
                    name,
                    system_now_ms(),
                    |keys, store, now| keys.at(store, now, PATIENCE).revoke(id).0,
                    |keys, until| keys.revoke(id.to_owned(), until),
                )?;
                return Ok(value(&key.to_json()));
            }
            ["keys_revoke_all", name, owner] => {
                let count = self.call(
                    name,
                    system_now_ms(),
                    |keys, store, now| keys.at(store, now, PATIENCE).revoke_all(owner).0,
                    |keys, until| keys.revoke_all(owner.to_owned(), until),
                )?;
                return Ok(json!(count));
            }
            ["keys_well_formed", name, presented] => {
                let (keys, _) = self.keys.get(name).ok_or(Refusal::Command)?;
                return Ok(json!(keys.format().id(&text(presented)?).is_some()));
            }
            ["keys_pattern", name] => {
                let (keys, _) = self.keys.get(name).ok_or(Refusal::Command)?;
                return Ok(json!(keys.format().pattern()));
            }
            _ => return Err(Refusal::Command),
        }
        Ok(json!(true))
    }

    fn store(&mut self, name: &str) -> std::result::Result<&mut Where, Refusal> {
        self.stores.get_mut(name).ok_or(Refusal::Command)
    }

    /// A call of those keys, where their store is.
    fn call<T>(
        &mut self,
        name: &str,
        now: u64,
        at_once: impl FnOnce(&ApiKeys, &dyn Store, u64) -> Result<T>,
        begin: impl FnOnce(&ApiKeys, u64) -> Operation<T>,
    ) -> std::result::Result<T, Refusal> {
        let (keys, store) = self.keys.get(name).ok_or(Refusal::Command)?;
        Ok(match self.stores.get_mut(store).ok_or(Refusal::Command)? {
            Where::BuiltIn(opened) => at_once(keys, &**opened, now)?,
            Where::Own(shelf) => {
                let until = now.saturating_add(u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX));
                shelf.drive(begin(keys, until), now)?
            }
        })
    }
}

impl Shelf {
    /// Carries out what the operation asks for until it is over.
    fn drive<T>(&mut self, mut operation: Operation<T>, now: u64) -> Result<T> {
        loop {
            let (id, outcome) = match operation.step(now) {
                Step::Effect(Effect { id, kind: EffectKind::Store(request) }) => (*id, self.carry_out(request)),
                Step::Effect(Effect { id, .. }) => (*id, Err(unavailable("it was asked for another effect"))),
                Step::Wait(wait) => {
                    wait.signal.wait(wait.until.saturating_sub(now));
                    continue;
                }
                Step::Done(result) => return Ok(result),
                Step::Failed(error) => return Err(error),
            };
            operation.resume_store(id, now, outcome)?;
        }
    }

    fn carry_out(&mut self, request: &StoreRequest) -> Result<StoreAnswer> {
        if self.is_closed {
            return Err(request.failed(None, "ItIsClosed"));
        }
        let there = |key: &str| self.records.get(key).map(|record| record.version);
        Ok(match request {
            StoreRequest::Get { key } => StoreAnswer::Record(self.records.get(key).cloned()),
            StoreRequest::PutIf { key, expected, record } => {
                let is_so = there(key) == *expected;
                if is_so {
                    self.records.insert(key.clone(), record.clone());
                }
                StoreAnswer::Done(is_so)
            }
            StoreRequest::DeleteIf { key, version } => {
                let is_so = there(key) == Some(*version);
                if is_so {
                    self.records.remove(key);
                }
                StoreAnswer::Done(is_so)
            }
            StoreRequest::List { owner, after, limit } => {
                let begin = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
                let mut theirs = self
                    .records
                    .range::<str, _>((begin, Bound::Unbounded))
                    .filter(|(_, record)| record.owner.as_ref() == Some(owner));
                let entry = |(key, record): (&String, &Record)| Entry { key: key.clone(), record: record.clone() };
                let entries: Vec<Entry> = theirs.by_ref().take(*limit).map(entry).collect();
                let next = theirs.next().and(entries.last()).map(|entry| entry.key.clone());
                StoreAnswer::Page(Page { entries, next })
            }
            StoreRequest::Sweep { before, limit } => {
                let is_over = |record: &Record| record.expires_at.is_some_and(|end| end < *before);
                let over = self.records.iter().filter(|(_, record)| is_over(record)).take(*limit);
                let over: Vec<String> = over.map(|(key, _)| key.clone()).collect();
                over.iter().for_each(|key| drop(self.records.remove(key)));
                StoreAnswer::Swept(over.len())
            }
        })
    }
}

fn deadline() -> u64 {
    system_now_ms().saturating_add(u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX))
}

fn secrets(peppers: &str) -> std::result::Result<Vec<Key>, Refusal> {
    let key = |text: &String| Key::from_jwk(&json!({ "kty": "oct", "k": text }).to_string()).map_err(Refusal::from);
    texts(peppers)?.iter().map(key).collect()
}

fn text(json: &str) -> std::result::Result<String, Refusal> {
    serde_json::from_str(json).map_err(|_| Refusal::Command)
}

fn texts(json: &str) -> std::result::Result<Vec<String>, Refusal> {
    serde_json::from_str(json).map_err(|_| Refusal::Command)
}

/// A document of the core's as a value, to be put into another.
fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or(Value::Null)
}
