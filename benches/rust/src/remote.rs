//! Verification with an issuer's keys that are at hand, against the same keys fixed: alone, and while another thread does
//! the same with the same verifier.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use authwright_core::operation::{Response, Step};
use authwright_core::{KeySet, Policy, RemoteKeySet, RemoteOptions, Verifier, system_now};

use crate::contest::Contest;

/// The rows' names, which the report knows.
const FIXED: &str = "authwright, a fixed KeySet";
const FETCHED: &str = "authwright, an issuer's keys at hand";

/// The two contests.
pub fn contests(keys: &KeySet, token: &str, policy: &str) -> [Contest; 2] {
    let policy = || Policy::from_json(policy).expect("a policy");
    let fixed = Arc::new(Verifier::new(keys, policy()).expect("a verifier"));
    let fetched = Arc::new(Verifier::remote(&warm(keys), policy()).expect("a verifier"));
    let mut alone = Contest::new("RS256 verify, keys of an issuer");
    let mut beside = Contest::new("RS256 verify, keys of an issuer, two threads");
    for (name, verifier) in [(FIXED, fixed), (FETCHED, fetched)] {
        let verify = {
            let token = token.to_owned();
            move || verifier.verify(token.as_bytes(), system_now()).expect("a good token")
        };
        alone.ours(name, verify.clone());
        let other = Other::new(verify.clone());
        beside.ours_in_samples(name, move |calls| {
            let _running = other.run();
            for _ in 0..calls {
                black_box(verify());
            }
        });
    }
    [alone, beside]
}

/// A set whose keys were fetched just now, for a day.
fn warm(keys: &KeySet) -> RemoteKeySet {
    let options = RemoteOptions::from_json(r#"{"jwks_uri":"https://id.example/jwks"}"#).expect("options");
    let set = RemoteKeySet::new(options, 1).expect("a set");
    let now = u64::try_from(system_now()).expect("a time") * 1000;
    let mut fetch = set.refresh(now);
    let Step::Effect(effect) = fetch.step(now) else { unreachable!("it asks for the keys") };
    let id = effect.id;
    let headers = vec![("cache-control".to_owned(), "max-age=86400".to_owned())];
    fetch.resume(id, now, Ok(Response::new(200, headers, keys.to_json().into_bytes()))).expect("the effect's id");
    assert!(matches!(fetch.step(now), Step::Done(())), "the keys were taken");
    set
}

/// Another thread that does the same work, while it is told to.
struct Other {
    runs: Arc<AtomicBool>,
}

struct Running<'a>(&'a AtomicBool);

impl Other {
    fn new<T>(mut work: impl FnMut() -> T + Send + 'static) -> Other {
        let runs = Arc::new(AtomicBool::new(false));
        let told = Arc::downgrade(&runs);
        std::thread::spawn(move || {
            while let Some(told) = told.upgrade() {
                if told.load(Ordering::Relaxed) {
                    black_box(work());
                } else {
                    std::thread::sleep(std::time::Duration::from_micros(200));
                }
            }
        });
        Other { runs }
    }

    fn run(&self) -> Running<'_> {
        self.runs.store(true, Ordering::Relaxed);
        Running(&self.runs)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}
