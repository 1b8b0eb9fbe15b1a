//! Verification with an issuer's keys that are at hand, against the same keys fixed: alone, and while another thread does
//! the same with the same verifier. And the fetch of the keys, against the same request alone.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use authwright_core::operation::{Response, Step};
use authwright_core::transport::{HttpClient, HttpOptions};
use authwright_core::{KeySet, Policy, RemoteKeySet, RemoteOptions, Verifier, system_now};

use crate::contest::Contest;

/// The rows' names, which the report knows.
const FIXED: &str = "authwright, a fixed KeySet";
const FETCHED: &str = "authwright, an issuer's keys at hand";

/// A fetch of a JWK Set from this machine, on a connection that is kept: sent, received, checked and kept by us; sent and
/// received by the HTTP library that is underneath.
pub fn fetch(keys: &KeySet) -> Contest {
    let url = serve(keys.to_json());
    let mut contest = Contest::new("keys fetched over http");
    let (agent, bare) = (ureq::Agent::new_with_defaults(), url.clone());
    contest.peer("ureq, the request alone", move || {
        agent.get(&bare).call().expect("an answer").body_mut().read_to_vec().expect("a body")
    });
    let client = HttpClient::new(HttpOptions::default()).expect("a client");
    let options = format!(r#"{{"jwks_uri":"{url}"}}"#);
    contest.ours("authwright, a new RemoteKeySet and its fetch", move || {
        let options = RemoteOptions::from_json(&options).expect("options");
        let set = RemoteKeySet::new(options, 1).expect("a set");
        let now = u64::try_from(system_now()).expect("a time") * 1000;
        client.run(set.refresh(now), &|_event| {}).expect("the keys");
        set
    });
    contest
}

/// Serves a text for as long as the process lives. Returns its URL.
fn serve(text: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/jwks", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
                text.len()
            );
            std::thread::spawn(move || {
                let mut lines = BufReader::new(connection.try_clone().expect("a socket")).lines();
                while let Some(Ok(line)) = lines.next() {
                    // The end of a request's head: a GET has nothing behind it.
                    if line.is_empty() && connection.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

/// Judged with keys at hand, alone and with a second thread.
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
