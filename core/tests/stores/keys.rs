//! Processes that are killed while they issue, rotate and revoke keys: what was acknowledged holds, and nothing is there that
//! nobody has asked for.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use authwright_core::api_key::{ApiKeys, ApiKeysOptions, IssueOptions, RotateOptions};
use authwright_core::store::MemoryStore;
use authwright_core::{Code, Key, KeyOptions};

#[cfg(feature = "sqlite")]
use super::Scratch;
use super::kill::{kill_each, kills};
use super::worker::{Worker, tell, told};
use super::{PATIENCE, now, open};

/// A key, as far as its owner was told.
#[derive(Default)]
struct Known {
    secrets: Vec<String>,
    is_revoked: bool,
}

/// What a worker was told, and what it had begun when it was killed.
#[derive(Default)]
struct Told {
    keys: BTreeMap<String, Known>,
    begun: Option<String>,
}

#[cfg(feature = "sqlite")]
#[test]
fn on_sqlite() {
    let scratch = Scratch::new("kill-keys");
    kill_all(&scratch.url(), kills().div_ceil(10), 60_000);
    super::kill::is_sound(&scratch);
}

#[cfg(feature = "redis")]
#[test]
fn on_redis() {
    let Some((url, _servers)) = super::redis() else { return };
    kill_all(&url, kills().div_ceil(20), 20_000);
}

fn kill_all(url: &str, kills: u64, longest: u64) {
    // A server may be that of other tests, too.
    let owner = |number| format!("killed-{}-{number}", std::process::id());
    let start = |number| Worker::start("keys::works", &format!("{} {url}", owner(number)));
    let interrupted = AtomicU64::new(0);
    kill_each(kills, longest, 7, start, |number, lines| {
        let told = Told::read(&lines);
        told.judge(url, &owner(number));
        interrupted.fetch_add(u64::from(!told.keys.is_empty() && told.begun.is_some()), Ordering::Relaxed);
    });
    assert!(interrupted.into_inner() > kills / 10, "too few were killed in the middle of something");
}

fn api_keys() -> ApiKeys {
    let options = ApiKeysOptions::from_json(r#"{"prefix":"acme","environment":"live"}"#).unwrap();
    ApiKeys::new(options, &[Key::from_secret(&[7; 32], &KeyOptions::default()).unwrap()]).unwrap()
}

#[test]
#[ignore = "a process that other tests start"]
fn works() {
    let Some(told) = told() else { return };
    let (owner, url) = told.split_once(' ').unwrap();
    let (keys, store) = (api_keys(), open(url));
    let at = || keys.at(&*store, now(), PATIENCE);
    let issue = serde_json::json!({ "owner": owner }).to_string();
    // The provider's first random number takes longer than most of them live.
    keys.at(&MemoryStore::new(1), now(), PATIENCE).issue(&IssueOptions::from_json(&issue).unwrap()).0.unwrap();
    for round in 0.. {
        tell("issue");
        let issued = at().issue(&IssueOptions::from_json(&issue).unwrap()).0.unwrap();
        let id = issued.key().id();
        tell(&format!("done {id} {}", issued.secret()));
        if round % 2 == 0 {
            tell(&format!("rotate {id}"));
            let rotated = at().rotate(id, &RotateOptions::from_json("{}").unwrap()).0.unwrap();
            tell(&format!("done {id} {}", rotated.secret()));
        }
        if round % 3 == 0 {
            tell(&format!("revoke {id}"));
            at().revoke(id).0.unwrap();
            tell(&format!("done {id} revoked"));
        }
    }
}

impl Told {
    fn read(lines: &[String]) -> Self {
        let mut told = Self::default();
        for line in lines {
            let Some(done) = line.strip_prefix("done ") else {
                told.begun = Some(line.clone());
                continue;
            };
            let (id, what) = done.split_once(' ').unwrap();
            let known = told.keys.entry(id.to_owned()).or_default();
            match what {
                "revoked" => known.is_revoked = true,
                secret => known.secrets.push(secret.to_owned()),
            }
            told.begun = None;
        }
        told
    }

    fn judge(&self, url: &str, owner: &str) {
        let (keys, store) = (api_keys(), open(url));
        let at = || keys.at(&*store, now(), PATIENCE);
        let verdict = |secret: &String| at().verify(secret, &[]).0.map(drop).map_err(|error| error.code());
        for (id, known) in &self.keys {
            let (newest, older) = known.secrets.split_last().unwrap();
            let may_be = |deed: &str| self.begun.as_deref() == Some(&format!("{deed} {id}"));
            let verdicts = || (verdict(newest), older.iter().map(verdict).collect::<Vec<_>>());
            let (is, were) = verdicts();
            let fits = match is {
                Ok(()) => !known.is_revoked,
                Err(Code::ApiKeyRevoked) => known.is_revoked || may_be("revoke"),
                Err(Code::ApiKeyInvalid) => may_be("rotate"),
                Err(_) => false,
            };
            assert!(fits, "{owner}: {id} is {is:?} after {:?}", self.begun);
            assert!(were.iter().all(|was| *was == Err(Code::ApiKeyInvalid)), "{owner}: {id}, rotated away: {were:?}");
        }
        let mut listed = Vec::new();
        let mut after = None::<String>;
        loop {
            let page = at().list(owner, after.as_deref(), 7).0.unwrap();
            listed.extend(page.keys.iter().map(|key| key.id().to_owned()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let count = listed.len();
        listed.sort();
        listed.dedup();
        assert_eq!(count, listed.len(), "{owner}: one is listed twice");
        assert!(self.keys.keys().all(|id| listed.contains(id)), "{owner}: one is not listed");
        let unheard = count - self.keys.len();
        assert!(
            unheard <= usize::from(self.begun.as_deref() == Some("issue")),
            "{owner}: {unheard} more than it issued"
        );
    }
}
