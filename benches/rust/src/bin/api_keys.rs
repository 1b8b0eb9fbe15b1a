//! API keys on each store: what a check costs, and whether it stays so when there are many keys. Wall time, since a store
//! waits for disks and servers; raw results as JSON on standard output.
//!
//! AW_BENCH_REDIS names a Redis server that may be written to. AW_BENCH_KEYS (1,000,000) is how many keys there are at most.

use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
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

/// The sizes at which a check is measured.
const SIZES: [usize; 4] = [1000, 10_000, 100_000, 1_000_000];

fn main() {
    let most = std::env::var("AW_BENCH_KEYS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.db");
    let mut stores = vec![Bench::memory(), Bench::sqlite(path.to_str().expect("a path"))];
    if let Ok(url) = std::env::var("AW_BENCH_REDIS") {
        stores.push(Bench::open("Redis", &url, 100_000));
    }
    let measured: Vec<Value> = stores.iter_mut().map(|bench| bench.run(most)).collect();
    println!("{}", json!({ "two_hmacs": two_hmacs(), "stores": measured }));
}

/// Nanoseconds for the HMAC-SHA-256 of a key, twice: what any check must cost.
fn two_hmacs() -> f64 {
    let prepared = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("a key");
    let text = [b'a'; 76];
    median(|| {
        for _ in 0..2 {
            let mut one = prepared.clone();
            one.update(black_box(&text));
            black_box(one.finalize().into_bytes());
        }
    })
}

struct Bench {
    name: &'static str,
    store: std::sync::Arc<dyn Store>,
    /// Where bulk goes: a server or a file takes a million writes one by one for too long.
    bulk: Option<String>,
    keys: ApiKeys,
    most: usize,
}

impl Bench {
    fn open(name: &'static str, url: &str, most: usize) -> Self {
        let store = store::open(url, &StoreOptions::from_json("{}").expect("options")).expect("a store");
        Self { name, store, bulk: None, keys: keys(), most }
    }

    fn memory() -> Self {
        let store = std::sync::Arc::new(MemoryStore::new(2_000_000));
        Self { name: "memory", store, bulk: None, keys: keys(), most: usize::MAX }
    }

    fn sqlite(path: &str) -> Self {
        Self { bulk: Some(path.to_owned()), ..Self::open("SQLite", &format!("sqlite:{path}"), usize::MAX) }
    }

    fn run(&mut self, most: usize) -> Value {
        let mut secrets = Vec::new();
        let mut sizes = Vec::new();
        let before = resident();
        for size in SIZES.into_iter().filter(|size| *size <= most.min(self.most)) {
            secrets.extend(self.fill(size - secrets.len()));
            sizes.push(json!({ "keys": size, "check_ns": self.check(&secrets) }));
        }
        let bytes = (self.name == "memory").then(|| resident().saturating_sub(before) / secrets.len() as u64);
        json!({
            "name": self.name,
            "sizes": sizes,
            "check_ns": self.check(&secrets[..100]),
            "checks_per_second": self.throughput(&secrets),
            "issue_ns": median(|| drop(self.issue())),
            "list_ns": self.list(),
            "bytes_per_key": bytes,
        })
    }

    /// Nanoseconds of a check, of keys all over the store. The first check of each writes down its use; that is not what is
    /// measured.
    fn check(&self, secrets: &[String]) -> f64 {
        let step = (secrets.len() / 2000).max(1);
        let some: Vec<&String> = secrets.iter().step_by(step).take(2000).collect();
        some.iter().for_each(|secret| self.verify(secret));
        let mut next = 0;
        median(|| {
            next = (next + 1) % some.len();
            self.verify(some[next]);
        })
    }

    fn verify(&self, secret: &str) {
        self.keys.at(&*self.store, system_now_ms(), TIMEOUT).verify(black_box(secret), &[]).0.expect("a good key");
    }

    fn issue(&self) -> String {
        let options = IssueOptions::from_json(r#"{"owner":"many","scopes":["invoices:read","invoices:write"]}"#);
        let issued = self.keys.at(&*self.store, system_now_ms(), TIMEOUT).issue(&options.expect("options")).0;
        issued.expect("a key").secret().to_owned()
    }

    fn list(&self) -> f64 {
        let options = IssueOptions::from_json(r#"{"owner":"hundred"}"#).expect("options");
        for _ in 0..100 {
            self.keys.at(&*self.store, system_now_ms(), TIMEOUT).issue(&options).0.expect("a key");
        }
        median(|| {
            let page = self.keys.at(&*self.store, system_now_ms(), TIMEOUT).list("hundred", None, 100).0.expect("a page");
            assert_eq!(page.keys.len(), 100);
        })
    }

    /// Checks in a second, by two threads.
    fn throughput(&self, secrets: &[String]) -> f64 {
        let done = AtomicU64::new(0);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for thread in 0..2 {
                let done = &done;
                scope.spawn(move || {
                    let mut secrets = secrets.iter().take(1000).skip(thread).step_by(2).cycle();
                    while begun.elapsed() < WHILE {
                        secrets.by_ref().take(20).for_each(|secret| self.verify(secret));
                        done.fetch_add(20, Ordering::Relaxed);
                    }
                });
            }
        });
        done.into_inner() as f64 / begun.elapsed().as_secs_f64()
    }

    /// So many keys more, of a thousand owners; their secrets.
    fn fill(&self, count: usize) -> Vec<String> {
        let collected = Collected::default();
        let store: &dyn Store = if self.bulk.is_some() { &collected } else { &*self.store };
        let secrets = (0..count)
            .map(|number| {
                let owner = format!("owner-{}", number % 1000);
                let options = json!({ "owner": owner, "scopes": ["invoices:read", "invoices:write"] }).to_string();
                let options = IssueOptions::from_json(&options).expect("options");
                self.keys.at(store, system_now_ms(), TIMEOUT).issue(&options).0.expect("a key").secret().to_owned()
            })
            .collect();
        if let Some(path) = &self.bulk {
            // The store makes its file.
            self.store.get("nothing", TIMEOUT).expect("a store");
            collected.write(path);
        }
        secrets
    }
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
