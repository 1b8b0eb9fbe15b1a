//! API keys on each store: what a check costs, and whether it stays so when there are many keys. Wall time, since a store
//! waits for disks and servers; raw results as JSON on standard output.
//!
//! AW_BENCH_REDIS names a Redis server that may be written to. AW_BENCH_KEYS (1,000,000) is how many keys there are at most.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use authwright_core::api_key::{ApiKeys, ApiKeysOptions, IssueOptions};
use authwright_core::store::{self, MemoryStore, Page, Record, Store, StoreOptions};
use authwright_core::{Key, KeyOptions, Result, system_now_ms};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const TIMEOUT: Duration = Duration::from_secs(10);

/// How long each figure is measured.
const WHILE: Duration = Duration::from_millis(1500);

/// The sizes at which a check is measured, as far as there are to be so many.
const SIZES: [usize; 4] = [1000, 10_000, 100_000, 1_000_000];

/// How many keys take turns in the checks of one size.
const TURNS: usize = 2000;

/// How many rows a transaction of the fill has.
const BULK: usize = 100_000;

fn main() {
    let asked = std::env::var("AW_BENCH_KEYS").ok().and_then(|text| text.parse().ok());
    let most = asked.unwrap_or(1_000_000).max(2);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.db");
    let mut measured = vec![json!({ "bytes_per_key": memory_per_key(most) })];
    merge(&mut measured[0], Bench::memory().run(most));
    measured.push(Bench::sqlite(path.to_str().expect("a path")).run(most));
    if let Ok(url) = std::env::var("AW_BENCH_REDIS") {
        measured.push(Bench::redis(&url).run(most));
    }
    println!("{}", json!({ "two_hmacs_ns": two_hmacs(), "stores": measured }));
}

/// Bytes in memory for a key: in a store of its own, first thing in the process, with nothing kept beside it.
fn memory_per_key(most: usize) -> u64 {
    let bench = Bench::memory();
    let before = resident();
    drop(bench.fill(most));
    resident().saturating_sub(before) / most as u64
}

/// Nanoseconds for what any check must do: the HMAC-SHA-256 of a key, and that of its record.
fn two_hmacs() -> f64 {
    let collected = Collected::default();
    let mut texts = Bench::memory().issue_many(&collected, 0..1, 1);
    for (key, record) in collected.0.into_inner().expect("the records") {
        // A version, the pepper's name and the seal itself stand before what is sealed.
        texts.push(format!("1\n{key}\n{}", record.value.splitn(4, '.').last().expect("a document")));
    }
    let prepared = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("a key");
    median(|| {
        for text in &texts {
            let mut one = prepared.clone();
            one.update(black_box(text.as_bytes()));
            black_box(one.finalize().into_bytes());
        }
    })
}

struct Bench {
    name: &'static str,
    store: Arc<dyn Store>,
    place: Place,
    keys: ApiKeys,
}

/// Where the records are, beside the store's own way to them.
enum Place {
    Memory,
    /// A file that takes a million writes one by one, each to the disk, for too long: they come in transactions.
    File(String),
    /// A server, which several threads keep busy.
    Server(String),
}

impl Bench {
    fn memory() -> Self {
        Self { name: "memory", store: Arc::new(MemoryStore::new(100_000_000)), place: Place::Memory, keys: keys() }
    }

    fn sqlite(path: &str) -> Self {
        let store = opened(&format!("sqlite:{path}"));
        Self { name: "SQLite", store, place: Place::File(path.to_owned()), keys: keys() }
    }

    fn redis(url: &str) -> Self {
        Self { name: "Redis", store: opened(url), place: Place::Server(url.to_owned()), keys: keys() }
    }

    fn run(&self, most: usize) -> Value {
        let mut sizes = Vec::new();
        let mut filled = 0;
        let mut secrets = Vec::new();
        let before = self.bytes();
        for size in SIZES.into_iter().filter(|size| *size < most).chain([most]) {
            secrets = self.fill(size - filled);
            filled = size;
            sizes.push(json!({ "keys": size, "check_ns": self.check(&secrets) }));
        }
        let bytes = self.bytes().zip(before).map(|(after, before)| after.saturating_sub(before) / most as u64);
        let mut measured = json!({
            "name": self.name,
            "sizes": sizes,
            "checks_per_second": self.throughput(&secrets),
            "issue_ns": self.issue(),
            "list_ns": self.list(),
        });
        if let Some(bytes) = bytes {
            merge(&mut measured, json!({ "bytes_per_key": bytes }));
        }
        measured
    }

    /// What the file or the server holds. What a process holds is measured apart.
    fn bytes(&self) -> Option<u64> {
        match &self.place {
            Place::Memory => None,
            Place::File(path) => Some(std::fs::metadata(path).map_or(0, |file| file.len())),
            Place::Server(url) => used_memory(url),
        }
    }

    /// Nanoseconds of a check, of these keys in turn. The first check of each writes down its use; that is not what is
    /// measured.
    fn check(&self, secrets: &[String]) -> f64 {
        secrets.iter().for_each(|secret| self.verify(secret));
        let mut turns = secrets.iter().cycle();
        median(|| turns.next().into_iter().for_each(|secret| self.verify(secret)))
    }

    fn verify(&self, secret: &str) {
        self.keys.at(&*self.store, system_now_ms(), TIMEOUT).verify(black_box(secret), &[]).0.expect("a good key");
    }

    fn issue(&self) -> f64 {
        let options = IssueOptions::from_json(r#"{"owner":"many","scopes":["invoices:read","invoices:write"]}"#);
        let options = options.expect("options");
        median(|| drop(self.keys.at(&*self.store, system_now_ms(), TIMEOUT).issue(&options).0.expect("a key")))
    }

    fn list(&self) -> f64 {
        let options = IssueOptions::from_json(r#"{"owner":"hundred"}"#).expect("options");
        for _ in 0..100 {
            self.keys.at(&*self.store, system_now_ms(), TIMEOUT).issue(&options).0.expect("a key");
        }
        median(|| {
            let page =
                self.keys.at(&*self.store, system_now_ms(), TIMEOUT).list("hundred", None, 100).0.expect("a page");
            assert_eq!(page.keys.len(), 100);
        })
    }

    /// Checks in a second, by two threads, each with keys of its own. Their uses are written down already.
    fn throughput(&self, secrets: &[String]) -> f64 {
        let done = AtomicU64::new(0);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for thread in 0..2 {
                let done = &done;
                scope.spawn(move || {
                    let mut secrets = secrets.iter().skip(thread).step_by(2).cycle();
                    while begun.elapsed() < WHILE {
                        secrets.by_ref().take(20).for_each(|secret| self.verify(secret));
                        done.fetch_add(20, Ordering::Relaxed);
                    }
                });
            }
        });
        done.into_inner() as f64 / begun.elapsed().as_secs_f64()
    }

    /// So many keys more, of a thousand owners. The secrets of some of them, from all over.
    fn fill(&self, count: usize) -> Vec<String> {
        let every = count.div_ceil(TURNS);
        match &self.place {
            Place::Memory => self.issue_many(&*self.store, 0..count, every),
            Place::File(path) => {
                // The store makes its file.
                self.store.get("nothing", TIMEOUT).expect("a store");
                let mut secrets = Vec::new();
                for begin in (0..count).step_by(BULK) {
                    let collected = Collected::default();
                    secrets.extend(self.issue_many(&collected, begin..count.min(begin + BULK), every));
                    collected.write(path);
                }
                secrets
            }
            Place::Server(_) => {
                let part = count.div_ceil(8);
                std::thread::scope(|scope| {
                    let parts = (0..count).step_by(part).map(|begin| {
                        scope.spawn(move || self.issue_many(&*self.store, begin..count.min(begin + part), every))
                    });
                    let parts: Vec<_> = parts.collect();
                    parts.into_iter().flat_map(|part| part.join().expect("a part of the keys")).collect()
                })
            }
        }
    }

    fn issue_many(&self, store: &dyn Store, numbers: std::ops::Range<usize>, every: usize) -> Vec<String> {
        let issued = numbers.filter_map(|number| {
            let owner = format!("owner-{}", number % 1000);
            let options = json!({ "owner": owner, "scopes": ["invoices:read", "invoices:write"] }).to_string();
            let options = IssueOptions::from_json(&options).expect("options");
            let key = self.keys.at(store, system_now_ms(), TIMEOUT).issue(&options).0.expect("a key");
            (number % every == 0).then(|| key.secret().to_owned())
        });
        issued.collect()
    }
}

fn opened(url: &str) -> Arc<dyn Store> {
    store::open(url, &StoreOptions::from_json("{}").expect("options")).expect("a store")
}

fn keys() -> ApiKeys {
    let options = ApiKeysOptions::from_json(r#"{"prefix":"acme","environment":"live"}"#).expect("options");
    let pepper = Key::from_secret(&[7; 32], &KeyOptions::default()).expect("a pepper");
    ApiKeys::new(options, &[pepper]).expect("keys")
}

/// Records on their way into a file, in one transaction.
#[derive(Default)]
struct Collected(Mutex<Vec<(String, Record)>>);

impl Collected {
    fn write(self, path: &str) {
        let mut file = rusqlite::Connection::open(path).expect("the file");
        let transaction = file.transaction().expect("a transaction");
        {
            let insert = "INSERT INTO records (key, version, value, owner, expires_at) VALUES (?, ?, ?, ?, ?)";
            let mut insert = transaction.prepare(insert).expect("a statement");
            for (key, record) in self.0.into_inner().expect("the records") {
                let version = i64::try_from(record.version).expect("a version");
                let end = record.expires_at.map(|end| i64::try_from(end).expect("a time"));
                insert.execute(rusqlite::params![key, version, record.value, record.owner, end]).expect("a row");
            }
        }
        transaction.commit().expect("a commit");
        // What a store that fills up slowly has done long ago.
        let checkpoint = file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        checkpoint.expect("a checkpoint");
    }
}

impl Store for Collected {
    fn get(&self, _key: &str, _timeout: Duration) -> Result<Option<Record>> {
        Ok(None)
    }

    fn put_if(&self, key: &str, _expected: Option<u64>, record: &Record, _timeout: Duration) -> Result<bool> {
        self.0.lock().expect("the records").push((key.to_owned(), record.clone()));
        Ok(true)
    }

    fn delete_if(&self, _key: &str, _version: u64, _timeout: Duration) -> Result<bool> {
        Ok(false)
    }

    fn list(&self, _owner: &str, _after: Option<&str>, _limit: usize, _timeout: Duration) -> Result<Page> {
        Ok(Page::default())
    }

    fn sweep(&self, _before: u64, _limit: usize, _timeout: Duration) -> Result<usize> {
        Ok(0)
    }

    fn close(&self) {}
}

/// Nanoseconds of a call: the median of samples of about a millisecond.
fn median(mut call: impl FnMut()) -> f64 {
    let begun = Instant::now();
    call();
    let calls = (1_000_000 / begun.elapsed().as_nanos().max(1)).clamp(1, 10_000) as u32;
    let mut samples = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < WHILE {
        let sample = Instant::now();
        (0..calls).for_each(|_| call());
        samples.push(sample.elapsed().as_nanos() as f64 / f64::from(calls));
    }
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

/// The bytes that are in memory.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok()).unwrap_or(0) * 4096
}

/// The bytes that a server at `redis://host:port` has in use.
fn used_memory(url: &str) -> Option<u64> {
    let mut connection = TcpStream::connect(url.strip_prefix("redis://")?).ok()?;
    connection.write_all(b"INFO memory\r\nQUIT\r\n").ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    answer.lines().find_map(|line| line.strip_prefix("used_memory:")?.parse().ok())
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}
