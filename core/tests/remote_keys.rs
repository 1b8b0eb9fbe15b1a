//! An issuer's keys on virtual time: what is fetched when, and what is said of a token meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use authwright_core::operation::{EffectKind, Failure, Operation, Request, Response, Sent, Step, Wait};
use authwright_core::{
    Algorithm, Code, Error, Key, KeyOptions, KeySet, Policy, RemoteKeySet, RemoteOptions, Signer, SignerOptions, Token,
    Verifier,
};
use proptest::prelude::*;

const ISSUER: &str = "https://id.example";
const START: u64 = 1_700_000_000_000;
const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// Keys are slow to make: all tests share these.
static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    (0..4).map(|n| Key::generate(Algorithm::EdDSA, Some(&format!("key-{n}")), None).unwrap()).collect()
});

/// An issuer, as its HTTP interface.
struct Issuer {
    /// The place of the first and the last of the keys that it publishes.
    published: std::ops::Range<usize>,
    headers: Vec<(&'static str, String)>,
    is_down: bool,
    metadata_fetches: usize,
    key_fetches: usize,
}

impl Issuer {
    fn new() -> Self {
        Self { published: 0..1, headers: Vec::new(), is_down: false, metadata_fetches: 0, key_fetches: 0 }
    }

    fn answer(&mut self, request: &Request) -> Result<Response, Failure> {
        let is_metadata = request.url.contains("/.well-known/");
        *(if is_metadata { &mut self.metadata_fetches } else { &mut self.key_fetches }) += 1;
        if self.is_down {
            return Err(Failure::transport(Sent::Not, "connection refused"));
        }
        let headers = self.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        if is_metadata {
            return Ok(json(&format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"{ISSUER}/jwks"}}"#)));
        }
        let etag = self.headers.iter().find(|(name, _)| *name == "ETag").map(|(_, value)| value);
        let known = request.headers.iter().find(|(name, _)| *name == "If-None-Match").map(|(_, value)| value);
        if etag.is_some() && etag == known {
            return Ok(Response::new(304, headers, Vec::new()));
        }
        let set = KeySet::new(KEYS[self.published.clone()].iter().cloned());
        Ok(Response::new(200, headers, set.to_json().into_bytes()))
    }

    /// Drives an operation to its end at one instant.
    fn drive<T>(&mut self, mut operation: Operation<T>, now: u64) -> Result<T, Error> {
        loop {
            let (id, outcome) = match operation.step(now) {
                Step::Effect(effect) => {
                    let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
                    (effect.id, self.answer(request))
                }
                Step::Done(result) => return Ok(result),
                Step::Failed(error) => return Err(error),
                Step::Wait(_) => panic!("nobody else is at it"),
            };
            operation.resume(id, now, outcome).unwrap();
        }
    }

    fn verify(&mut self, verifier: &Verifier, token: &str, now: u64) -> Result<Token, Error> {
        self.drive(verifier.verify_fetching(token, None, now + 5 * SECOND), now)
    }
}

fn json(text: &str) -> Response {
    Response::new(200, vec![("content-type".to_owned(), "application/json".to_owned())], text.as_bytes().to_vec())
}

fn policy() -> Policy {
    Policy::from_json(r#"{"audience":"api","dangerous_no_expiration":true}"#).unwrap()
}

fn verifier() -> Verifier {
    Verifier::discover(ISSUER, policy(), 1).unwrap()
}

fn token_of(key: &Key, claims: &str) -> String {
    let options = SignerOptions::from_json(r#"{"dangerous_no_expiration":true}"#).unwrap();
    Signer::new(key, options).unwrap().sign_json(claims, i64::try_from(START / 1000).unwrap()).unwrap()
}

fn token(key: usize) -> String {
    token_of(&KEYS[key], &format!(r#"{{"iss":"{ISSUER}","aud":"api"}}"#))
}

/// A token whose key nobody has.
fn forged(kid: &str) -> String {
    let key = Key::from_jwk(&KEYS[3].to_jwk(true).unwrap().replace("key-3", kid)).unwrap();
    token_of(&key, &format!(r#"{{"iss":"{ISSUER}","aud":"api"}}"#))
}

fn seconds(now: u64) -> i64 {
    i64::try_from(now / 1000).unwrap()
}

fn code<T>(result: Result<T, Error>) -> Code {
    result.err().expect("an error").code()
}

fn effect(operation: &mut Operation<Token>, now: u64) -> (u64, Request) {
    match operation.step(now) {
        Step::Effect(effect) => {
            let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
            (effect.id, request.clone())
        }
        _ => panic!("an effect"),
    }
}

fn wait(operation: &mut Operation<Token>, now: u64) -> Wait {
    match operation.step(now) {
        Step::Wait(wait) => wait,
        _ => panic!("a wait"),
    }
}

#[test]
fn nothing_is_fetched_before_a_token_comes_and_then_once() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let error = verifier.verify(token(0), seconds(START)).unwrap_err();
    assert_eq!((error.code(), error.cause().is_none()), (Code::KeysNeeded, true));
    assert_eq!(issuer.verify(&verifier, &token(0), START).unwrap().claims_json(), token_claims());
    assert_eq!((issuer.metadata_fetches, issuer.key_fetches), (1, 1));
    verifier.verify(token(0), seconds(START)).unwrap();
    for _ in 0..100 {
        issuer.verify(&verifier, &token(0), START + 5 * MINUTE).unwrap();
    }
    assert_eq!((issuer.metadata_fetches, issuer.key_fetches), (1, 1));
}

fn token_claims() -> String {
    format!(r#"{{"iss":"{ISSUER}","aud":"api","iat":{}}}"#, START / 1000)
}

#[test]
fn claims_are_judged_as_ever() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    for (claims, expected) in [
        (r#"{"iss":"https://id.example/","aud":"api"}"#, Code::IssuerMismatch),
        (r#"{"iss":"https://id.example","aud":"another"}"#, Code::AudienceMismatch),
        (r#"{"aud":"api"}"#, Code::ClaimMissing),
    ] {
        assert_eq!(code(issuer.verify(&verifier, &token_of(&KEYS[0], claims), START)), expected, "{claims}");
    }
    assert_eq!(code(issuer.verify(&verifier, "x", START)), Code::TokenMalformed);
    assert_eq!(issuer.key_fetches, 1);
}

#[test]
fn a_rotation_is_picked_up_by_the_first_token_of_the_new_key() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    issuer.published = 0..2;
    let later = START + MINUTE;
    assert_eq!(code(verifier.verify(token(1), seconds(later))), Code::KeysNeeded);
    issuer.verify(&verifier, &token(1), later).unwrap();
    verifier.verify(token(0), seconds(later)).unwrap();
    // Twice within a cooldown is the one thing that must wait.
    issuer.published = 0..3;
    let error = issuer.verify(&verifier, &token(2), later + SECOND).unwrap_err();
    assert_eq!((error.code(), issuer.key_fetches), (Code::KeysNeeded, 2));
    issuer.verify(&verifier, &token(2), later + MINUTE).unwrap();
    assert_eq!(issuer.key_fetches, 3);
}

#[test]
fn another_algorithm_is_a_rotation_too_but_none_that_the_policy_or_a_public_key_forbids() {
    let mut issuer = Issuer::new();
    let (verifier, strict) = (
        verifier(),
        Verifier::discover(ISSUER, Policy::from_json(r#"{"audience":"api","algorithms":["EdDSA"]}"#).unwrap(), 1)
            .unwrap(),
    );
    issuer.verify(&verifier, &token(0), START).unwrap();
    code(issuer.verify(&strict, &token(0), START));
    let es256 = Key::generate(Algorithm::ES256, Some("es"), None).unwrap();
    let token = token_of(&es256, "{}");
    assert_eq!(code(verifier.verify(&token, seconds(START))), Code::KeysNeeded);
    assert_eq!(code(strict.verify(&token, seconds(START))), Code::AlgorithmNotAllowed);
    let secret = Key::from_secret(&[7; 32], &KeyOptions::default()).unwrap();
    assert_eq!(code(verifier.verify(token_of(&secret, "{}"), seconds(START))), Code::AlgorithmNotAllowed);
}

#[test]
fn a_flood_of_invented_keys_is_one_fetch_in_a_cooldown() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    let flood = START + MINUTE;
    assert_eq!(code(issuer.verify(&verifier, &forged("first"), flood)), Code::KeyNotFound);
    for second in 0..30 {
        let now = flood + second * SECOND;
        // The one that the issuer was asked for is known to be no key of its; of the others nobody knows.
        assert_eq!(code(issuer.verify(&verifier, &forged("first"), now)), Code::KeyNotFound);
        assert_eq!(code(issuer.verify(&verifier, &forged(&format!("kid-{second}")), now)), Code::KeysNeeded);
        verifier.verify(token(0), seconds(now)).unwrap();
    }
    assert_eq!(issuer.key_fetches, 2);
    // An issuer may come to have a key whose name was guessed before.
    assert_eq!(code(issuer.verify(&verifier, &forged("first"), flood + 38 * SECOND)), Code::KeyNotFound);
    assert_eq!(issuer.key_fetches, 3);
}

#[test]
fn keys_without_kid_are_rotated_too() {
    let nameless =
        |n: usize| Key::from_jwk(&KEYS[n].to_jwk(true).unwrap().replace(&format!(r#","kid":"key-{n}""#), "")).unwrap();
    assert_eq!(nameless(0).kid(), None);
    let set =
        RemoteKeySet::new(RemoteOptions::from_json(r#"{"jwks_uri":"https://id.example/jwks"}"#).unwrap(), 1).unwrap();
    let verifier = Verifier::remote(&set, policy()).unwrap();
    let drive = |token: &str, published: usize, now| {
        let mut operation = verifier.verify_fetching(token, None, now + SECOND);
        loop {
            match operation.step(now) {
                Step::Effect(effect) => {
                    let id = effect.id;
                    let body = KeySet::new([nameless(published)]).to_json();
                    operation.resume(id, now, Ok(json(&body))).unwrap();
                }
                Step::Done(token) => return Ok(token),
                Step::Failed(error) => return Err(error),
                Step::Wait(_) => panic!("nobody else is at it"),
            }
        }
    };
    let token = |n: usize| token_of(&nameless(n), r#"{"aud":"api"}"#);
    drive(&token(0), 0, START).unwrap();
    drive(&token(1), 1, START + MINUTE).unwrap();
    assert_eq!(code(drive(&token(0), 1, START + 2 * MINUTE)), Code::SignatureInvalid);
}

#[test]
fn an_outage_takes_no_keys_away_for_a_day() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    issuer.is_down = true;
    // Ten minutes of life: then asked for before they are used, and used when that fails.
    let end = START + 10 * MINUTE;
    assert_eq!(code(verifier.verify(token(0), seconds(end))), Code::KeysNeeded);
    issuer.verify(&verifier, &token(0), end).unwrap();
    verifier.verify(token(0), seconds(end)).unwrap();
    let mut now = end;
    while now < end + 23 * HOUR {
        now += 10 * SECOND;
        issuer.verify(&verifier, &token(0), now).unwrap();
        assert_eq!(code(issuer.verify(&verifier, &token(1), now)), Code::KeysNeeded);
    }
    let attempts = (issuer.metadata_fetches + issuer.key_fetches) as u64;
    assert!(attempts <= 24 * HOUR / (30 * SECOND) + 2, "{attempts}");
    issuer.is_down = false;
    issuer.published = 1..2;
    issuer.verify(&verifier, &token(1), now + MINUTE).unwrap();
    assert_eq!(code(verifier.verify(token(0), seconds(now + MINUTE))), Code::KeysNeeded);

    issuer.is_down = true;
    let too_long = now + MINUTE + 10 * MINUTE + 24 * HOUR;
    let error = issuer.verify(&verifier, &token(1), too_long).unwrap_err();
    assert_eq!(error.code(), Code::KeysNeeded);
    assert_eq!(error.cause().map(Error::code), Some(Code::Transport));
}

#[test]
fn an_issuer_that_does_not_answer_is_given_up_on_in_time_to_use_the_keys_at_hand() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    let end = START + 10 * MINUTE;
    let mut operations: Vec<_> = (0..3).map(|_| verifier.verify_fetching(token(0), None, end + 5 * SECOND)).collect();
    let (_, request) = effect(&mut operations[0], end);
    assert_eq!(request.deadline, end + 4 * SECOND);
    for operation in &mut operations[1..] {
        assert_eq!(wait(operation, end).until, end + 4 * SECOND);
    }
    for operation in &mut operations[1..] {
        assert!(matches!(operation.step(end + 4 * SECOND), Step::Done(_)));
    }
    let (id, _) = effect(&mut operations[0], end + 4 * SECOND);
    operations[0].resume(id, end + 4 * SECOND, Err(Failure::deadline(Sent::Maybe))).unwrap();
    assert!(matches!(operations[0].step(end + 4 * SECOND), Step::Done(_)));

    // Without usable keys it is the deadline that they are needed for.
    let verifier = self::verifier();
    let mut operation = verifier.verify_fetching(token(0), None, START + 5 * SECOND);
    effect(&mut operation, START);
    let mut other = verifier.verify_fetching(token(0), None, START + 5 * SECOND);
    wait(&mut other, START);
    let Step::Failed(error) = other.step(START + 4 * SECOND) else { panic!("no keys") };
    assert_eq!((error.code(), error.cause().map(Error::code)), (Code::KeysNeeded, Some(Code::Deadline)));
}

#[test]
fn an_issuer_that_is_down_at_first_is_asked_again_soon_and_less_and_less() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.is_down = true;
    let mut attempts = Vec::new();
    for tick in 0..600 {
        let now = START + tick * SECOND / 2;
        let before = issuer.metadata_fetches;
        let error = issuer.verify(&verifier, &token(0), now).unwrap_err();
        assert_eq!((error.code(), error.cause().map(Error::code)), (Code::KeysNeeded, Some(Code::Transport)));
        if issuer.metadata_fetches > before {
            attempts.push((now - START) / SECOND);
        }
    }
    assert_eq!(attempts[0], 0);
    assert!(attempts[1] <= 2, "{attempts:?}");
    let pauses: Vec<u64> = attempts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1] + 10) && *pauses.last().unwrap() >= 30, "{attempts:?}");
    issuer.is_down = false;
    issuer.verify(&verifier, &token(0), START + 400 * SECOND).unwrap();
}

#[test]
fn what_is_due_is_refreshed_in_the_background_and_spread() {
    let mut due = Vec::new();
    for seed in 0..50 {
        let mut issuer = Issuer::new();
        issuer.headers = vec![("Cache-Control", "max-age=3600".to_owned()), ("ETag", "\"1\"".to_owned())];
        let verifier = Verifier::discover(ISSUER, policy(), seed).unwrap();
        issuer.verify(&verifier, &token(0), START).unwrap();
        let keys = verifier.remote_keys().unwrap();
        let first = (0..60).find(|minute| keys.refresh_ahead(START + minute * MINUTE).is_some()).unwrap();
        due.push(first);
        let now = START + first * MINUTE;
        issuer.verify(&verifier, &token(0), now).unwrap();
        assert_eq!(issuer.key_fetches, 1, "nobody waits for it");
        issuer.drive(keys.refresh_ahead(now).unwrap(), now).unwrap();
        assert_eq!((issuer.key_fetches, issuer.metadata_fetches), (2, 1));
        assert!(keys.refresh_ahead(now).is_none());
        verifier.verify(token(0), seconds(START + HOUR + MINUTE)).unwrap();
    }
    assert!(due.iter().all(|minute| (42..=54).contains(minute)), "{due:?}");
    assert!(due.iter().max().unwrap() - due.iter().min().unwrap() >= 9, "{due:?}");
}

#[test]
fn the_life_of_keys_is_bounded() {
    for (cache_control, life) in [
        ("max-age=1", MINUTE),
        ("no-store", MINUTE),
        ("max-age=99999999", 24 * HOUR),
        ("public", 10 * MINUTE),
        ("max-age=7200", 2 * HOUR),
    ] {
        let (mut issuer, verifier) = (Issuer::new(), verifier());
        issuer.headers = vec![("Cache-Control", cache_control.to_owned())];
        issuer.verify(&verifier, &token(0), START).unwrap();
        verifier.verify(token(0), seconds(START + life - SECOND)).unwrap();
        assert_eq!(code(verifier.verify(token(0), seconds(START + life))), Code::KeysNeeded, "{cache_control}");
    }
}

#[test]
fn one_fetch_serves_all_who_wait() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let mut operations: Vec<_> =
        (0..100).map(|_| verifier.verify_fetching(token(0), None, START + 5 * SECOND)).collect();
    let (leader, others) = operations.split_first_mut().unwrap();
    let (id, request) = effect(leader, START);
    let told = Arc::new(AtomicBool::new(false));
    for other in others.iter_mut() {
        let wait = wait(other, START);
        assert_eq!(wait.until, START + 4 * SECOND, "some time is kept for judging");
        let told = Arc::clone(&told);
        wait.signal.notify(Box::new(move || told.store(true, Ordering::Relaxed)));
    }
    leader.resume(id, START, issuer.answer(&request)).unwrap();
    assert!(!told.load(Ordering::Relaxed));
    let (id, request) = effect(leader, START);
    leader.resume(id, START, issuer.answer(&request)).unwrap();
    assert!(told.load(Ordering::Relaxed));
    for operation in &mut operations {
        assert!(matches!(operation.step(START), Step::Done(_)));
        assert!(matches!(operation.step(START), Step::Failed(_)), "it is over");
    }
    assert_eq!((issuer.metadata_fetches, issuer.key_fetches), (1, 1));
}

#[test]
fn a_cancelled_leader_leaves_the_others_whole() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let begin = || verifier.verify_fetching(token(0), None, START + 5 * SECOND);
    let (mut leader, mut second, mut third) = (begin(), begin(), begin());
    effect(&mut leader, START);
    let waiting = wait(&mut second, START);
    wait(&mut third, START);
    let told = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&told);
    waiting.signal.notify(Box::new(move || tell.store(true, Ordering::Relaxed)));
    drop(leader);
    assert!(told.load(Ordering::Relaxed));
    effect(&mut second, START + SECOND);
    wait(&mut third, START + SECOND);
    issuer.drive(second, START + SECOND).unwrap();
    assert!(matches!(third.step(START + SECOND), Step::Done(_)));
    assert_eq!((issuer.metadata_fetches, issuer.key_fetches), (1, 1));
}

#[test]
fn a_leader_that_is_never_driven_is_given_up_on() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let mut leader = verifier.verify_fetching(token(0), None, START + HOUR);
    effect(&mut leader, START);
    let mut second = verifier.verify_fetching(token(0), None, START + HOUR);
    let until = wait(&mut second, START).until;
    assert_eq!(until, START + 11 * SECOND);
    issuer.drive(second, until).unwrap();
    // Its answer, should it come, changes nothing any more.
    let (id, _) = effect(&mut leader, until);
    leader.resume(id, until, Err(Failure::transport(Sent::Maybe, "late"))).unwrap();
    assert!(matches!(leader.step(until), Step::Done(_)));
    verifier.verify(token(0), seconds(until)).unwrap();
}

#[test]
fn a_fetch_that_ends_at_its_deadline_fails_for_all() {
    let (verifier, mut issuer) = (verifier(), Issuer::new());
    let mut operations: Vec<_> = (0..3).map(|_| verifier.verify_fetching(token(0), None, START + MINUTE)).collect();
    let (id, request) = effect(&mut operations[0], START);
    assert_eq!(request.deadline, START + 10 * SECOND);
    wait(&mut operations[1], START);
    wait(&mut operations[2], START);
    let end = START + 10 * SECOND + 5;
    wait(&mut operations[1], end);
    operations[0].resume(id, end, Err(Failure::deadline(Sent::Maybe))).unwrap();
    for mut operation in operations {
        let Step::Failed(error) = operation.step(end) else { panic!("the fetch failed") };
        assert_eq!((error.code(), error.cause().map(Error::code)), (Code::KeysNeeded, Some(Code::Deadline)));
    }
    assert_eq!(code(issuer.verify(&verifier, &token(0), end)), Code::KeysNeeded);
    assert_eq!(issuer.metadata_fetches, 0, "the pause is kept");
}

#[test]
fn ids_deadlines_and_ends() {
    let verifier = verifier();
    let mut operation = verifier.verify_fetching(token(0), None, START + SECOND);
    let (id, first) = effect(&mut operation, START);
    let (again, second) = effect(&mut operation, START);
    assert_eq!((id, &first.url), (again, &second.url));
    assert!(first.deadline <= START + SECOND);
    let error = operation.resume(id + 1, START, Err(Failure::deadline(Sent::Maybe))).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("id")));
    assert_eq!(effect(&mut operation, START).0, id, "nothing has changed");
    let Step::Failed(error) = operation.step(START + SECOND) else { panic!("its time is over") };
    assert_eq!(error.code(), Code::Deadline);
    assert!(operation.resume(id, START + SECOND, Err(Failure::deadline(Sent::Maybe))).is_err());
    let Step::Failed(error) = operation.step(START) else { panic!("over") };
    assert_eq!(error.field(), Some("operation"));
}

#[test]
fn whatever_a_server_answers_is_an_error_with_its_code() {
    let set = KeySet::new([KEYS[0].clone()]).to_json();
    let with = |media: &str, body: &str| {
        Response::new(200, vec![("content-type".to_owned(), media.to_owned())], body.as_bytes().to_vec())
    };
    let many = format!(r#"{{"keys":[{}]}}"#, vec!["{}"; 1001].join(","));
    let big = format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(1 << 20));
    for (answer, expected, status) in [
        (Ok(with("text/html", &set)), Code::ResponseInvalid, Some(200)),
        (Ok(with("application/json", "{")), Code::ResponseInvalid, Some(200)),
        (Ok(with("application/json", r#"{"keys":[],"keys":[]}"#)), Code::ResponseInvalid, Some(200)),
        (Ok(json(r#"{"keys":[]}"#)), Code::ResponseInvalid, None),
        (
            Ok(json(r#"{"keys":[{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#)),
            Code::ResponseInvalid,
            None,
        ),
        (Ok(json(&set.replace(r#""kty""#, r#""use":"enc","kty""#))), Code::ResponseInvalid, None),
        (Ok(json(r#"{"keys":[{"kty":"XX"}]}"#)), Code::ResponseInvalid, None),
        (Ok(json(r#"{"other":1}"#)), Code::ResponseInvalid, None),
        (Ok(json(&many)), Code::ResponseInvalid, None),
        (Ok(json(&big)), Code::ResponseTooLarge, None),
        (Ok(Response::new(200, vec![], vec![0xff])), Code::ResponseInvalid, Some(200)),
        (Ok(Response::new(200, vec![], vec![])), Code::ResponseInvalid, Some(200)),
        (Ok(Response::new(302, vec![], vec![])), Code::ResponseStatus, Some(302)),
        (Ok(Response::new(304, vec![], vec![])), Code::ResponseStatus, Some(304)),
        (Ok(Response::new(500, vec![], vec![])), Code::ResponseStatus, Some(500)),
        (Err(Failure::too_large()), Code::ResponseTooLarge, None),
        (Err(Failure::tls("expired")), Code::TransportTls, None),
        (Err(Failure::unsupported("x")), Code::TransportUnsupported, None),
        (Err(Failure::deadline(Sent::Maybe)), Code::Deadline, None),
        (Err(Failure::address("169.254.169.254")), Code::AddressRefused, None),
    ] {
        let options = RemoteOptions::from_json(r#"{"jwks_uri":"https://id.example/jwks"}"#).unwrap();
        let remote = RemoteKeySet::new(options, 1).unwrap();
        let mut operation =
            Verifier::remote(&remote, policy()).unwrap().verify_fetching(token(0), None, START + SECOND);
        let (id, _) = effect(&mut operation, START);
        operation.resume(id, START, answer).unwrap();
        let Step::Failed(error) = operation.step(START) else { panic!("{expected}") };
        let cause = error.cause().expect("a cause");
        assert_eq!((error.code(), cause.code(), cause.http_status()), (Code::KeysNeeded, expected, status), "{error}");
        let events: Vec<String> = operation.take_events().iter().map(|event| event.to_json()).collect();
        assert!(events.len() == 1 && events[0].starts_with(r#"{"event":"keys_refresh_failed","#), "{events:?}");
    }
}

#[test]
fn private_keys_and_secrets_of_a_published_set_are_not_used() {
    let private = KEYS[0].to_jwk(true).unwrap();
    let secret = Key::from_secret(&[9; 32], &KeyOptions::default()).unwrap();
    let body = format!(r#"{{"keys":[{},{}]}}"#, *private, *secret.to_jwk(true).unwrap());
    let remote =
        RemoteKeySet::new(RemoteOptions::from_json(r#"{"jwks_uri":"https://id.example/jwks"}"#).unwrap(), 1).unwrap();
    let mut operation = remote.refresh(START);
    let Step::Effect(effect) = operation.step(START) else { panic!("an effect") };
    let id = effect.id;
    operation.resume(id, START, Ok(json(&body))).unwrap();
    assert!(matches!(operation.step(START), Step::Done(())));
    let keys = remote.key_set(START).unwrap();
    assert_eq!(keys.len(), 1);
    assert!(!keys.keys()[0].is_private());
    let verifier = Verifier::remote(&remote, policy()).unwrap();
    assert_eq!(code(verifier.verify(token_of(&secret, r#"{"aud":"api"}"#), seconds(START))), Code::AlgorithmNotAllowed);
}

#[test]
fn a_templated_issuer_binds_tenant_and_key() {
    const COMMON: &str = "https://login.example/common/v2.0";
    let jwk = |n: usize, issuer: &str| {
        KEYS[n].public_key().unwrap().to_jwk(false).unwrap().replacen('{', &format!(r#"{{"issuer":"{issuer}","#), 1)
    };
    let template = "https://login.example/{tenantid}/v2.0";
    let keys = format!(
        r#"{{"keys":[{},{},{},{}]}}"#,
        jwk(0, template),
        jwk(1, "https://login.example/tenant-1/v2.0"),
        jwk(1, "https://login.example/tenant-3/v2.0"),
        *KEYS[2].public_key().unwrap().to_jwk(false).unwrap(),
    );
    let verifier = Verifier::discover(COMMON, policy(), 1).unwrap();
    let verify = |key: usize, claims: &str| {
        let mut operation = verifier.verify_fetching(token_of(&KEYS[key], claims), None, START + SECOND);
        loop {
            let (id, body) = match operation.step(START) {
                Step::Effect(effect) => {
                    let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
                    let metadata = format!(r#"{{"issuer":"{template}","jwks_uri":"https://login.example/keys"}}"#);
                    (effect.id, if request.url.ends_with("/keys") { keys.clone() } else { metadata })
                }
                Step::Done(token) => return Ok(token),
                Step::Failed(error) => return Err(error),
                Step::Wait(_) => panic!("nobody else is at it"),
            };
            operation.resume(id, START, Ok(json(&body))).unwrap();
        }
    };
    let claims = |tenant: &str, issuer: &str| {
        format!(r#"{{"aud":"api","tid":"{tenant}","iss":"https://login.example/{issuer}/v2.0"}}"#)
    };
    verify(0, &claims("tenant-1", "tenant-1")).unwrap();
    verify(0, &claims("tenant-2", "tenant-2")).unwrap();
    verify(1, &claims("tenant-1", "tenant-1")).unwrap();
    verify(1, &claims("tenant-3", "tenant-3")).unwrap();
    for (key, claims, expected) in [
        (0, claims("tenant-1", "tenant-2"), Code::IssuerMismatch),
        (0, claims("common", "{tenantid}"), Code::IssuerMismatch),
        (1, claims("tenant-2", "tenant-2"), Code::IssuerMismatch),
        (2, claims("tenant-1", "tenant-1"), Code::IssuerMismatch),
        (0, claims("../x", "../x"), Code::IssuerMismatch),
        (0, r#"{"aud":"api","iss":"https://login.example/tenant-1/v2.0"}"#.to_owned(), Code::ClaimMissing),
        (
            0,
            r#"{"aud":"api","tid":["tenant-1"],"iss":"https://login.example/tenant-1/v2.0"}"#.to_owned(),
            Code::ClaimType,
        ),
    ] {
        assert_eq!(code(verify(key, &claims)), expected, "{claims}");
    }
}

#[test]
fn a_state_starts_the_next_process_warm() {
    let seal = |byte: u8| Key::from_secret(&[byte; 32], &KeyOptions::default()).unwrap();
    let (mut issuer, first) = (Issuer::new(), verifier());
    let keys = first.remote_keys().unwrap();
    assert_eq!(code(keys.export_state(&seal(1))), Code::KeysNeeded);
    issuer.verify(&first, &token(0), START).unwrap();
    let state = keys.export_state(&seal(1)).unwrap();

    let second = verifier();
    let keys = second.remote_keys().unwrap();
    assert_eq!(code(keys.import_state(&state, &[seal(2)], START)), Code::StateInvalid);
    assert_eq!(code(keys.import_state(&state, &[seal(1)], START - HOUR)), Code::StateInvalid);
    assert_eq!(code(keys.import_state("x", &[seal(1)], START)), Code::StateInvalid);
    assert_eq!(code(second.verify(token(0), seconds(START))), Code::KeysNeeded);
    keys.import_state(&state, &[seal(2), seal(1)], START + MINUTE).unwrap();
    second.verify(token(0), seconds(START + MINUTE)).unwrap();
    assert_eq!(code(second.verify(token(0), seconds(START + 10 * MINUTE))), Code::KeysNeeded, "as old as they were");

    // A state that is older than the keys at hand changes nothing.
    issuer.published = 1..2;
    issuer.verify(&second, &token(1), START + 2 * MINUTE).unwrap();
    keys.import_state(&state, &[seal(1)], START + 3 * MINUTE).unwrap();
    second.verify(token(1), seconds(START + 3 * MINUTE)).unwrap();

    let another = RemoteKeySet::new(RemoteOptions::issuer("https://other.example"), 1).unwrap();
    assert_eq!(code(another.import_state(&state, &[seal(1)], START)), Code::StateInvalid);
}

#[test]
fn a_closed_set_fetches_no_more() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    verifier.remote_keys().unwrap().close();
    verifier.verify(token(0), seconds(START)).unwrap();
    assert_eq!(code(issuer.verify(&verifier, &token(1), START + HOUR)), Code::Closed);
    assert!(verifier.remote_keys().unwrap().refresh_ahead(START + 9 * MINUTE).is_none());
}

#[test]
fn the_policy_and_the_keys_are_of_one_issuer() {
    let keys = RemoteKeySet::new(RemoteOptions::issuer(ISSUER), 1).unwrap();
    let remote = |policy: &str| Verifier::remote(&keys, Policy::from_json(policy).unwrap());
    remote(r#"{"issuer":"https://id.example"}"#).unwrap();
    for policy in
        [r#"{"issuer":"https://other.example"}"#, r#"{"issuer":["https://id.example","https://other.example"]}"#]
    {
        let error = remote(policy).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("issuer")));
    }
    assert_eq!(code(Verifier::discover("http://id.example", policy(), 1)), Code::UrlRefused);
}

#[test]
fn fixed_keys_need_no_fetch() {
    let verifier = Verifier::new(KEYS[0].public_key().unwrap(), policy()).unwrap();
    let mut operation = verifier.verify_fetching(token(0), None, START + SECOND);
    assert!(matches!(operation.step(START), Step::Done(_)));
    assert!(verifier.remote_keys().is_none());
}

#[test]
fn providers_of_plain_oauth_are_asked_by_their_own_name() {
    let mut operation = verifier().verify_fetching(token(0), None, START + SECOND);
    let (id, request) = effect(&mut operation, START);
    assert_eq!(request.url, "https://id.example/.well-known/openid-configuration");
    operation.resume(id, START, Ok(Response::new(404, vec![], vec![]))).unwrap();
    let (id, request) = effect(&mut operation, START);
    assert_eq!(request.url, "https://id.example/.well-known/oauth-authorization-server");
    operation.resume(id, START, Ok(Response::new(404, vec![], vec![]))).unwrap();
    let Step::Failed(error) = operation.step(START) else { panic!("no metadata") };
    assert_eq!(error.cause().map(Error::code), Some(Code::ResponseStatus));
}

/// A set with the keys' own URL, and an answer to what it asks for.
fn pinned(options: &str) -> RemoteKeySet {
    RemoteKeySet::new(RemoteOptions::from_json(options).unwrap(), 1).unwrap()
}

/// One step of a fetch that is answered: the URL and the validator that it was asked with.
fn answer(operation: &mut Operation<()>, now: u64, outcome: Result<Response, Failure>) -> (String, Option<String>) {
    let Step::Effect(effect) = operation.step(now) else { panic!("an effect") };
    let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
    let etag = request.headers.iter().find(|(name, _)| *name == "If-None-Match").map(|(_, value)| value.clone());
    let (id, url) = (effect.id, request.url.clone());
    operation.resume(id, now, outcome).unwrap();
    (url, etag)
}

fn refused() -> Result<Response, Failure> {
    Err(Failure::transport(Sent::Not, "refused"))
}

fn key_0(etag: Option<&str>) -> Result<Response, Failure> {
    let headers = etag.map(|etag| ("etag".to_owned(), etag.to_owned())).into_iter().collect();
    Ok(Response::new(200, headers, KeySet::new([KEYS[0].clone()]).to_json().into_bytes()))
}

#[test]
fn a_failure_does_not_move_what_the_program_pinned() {
    for options in [
        r#"{"jwks_uri":"https://keys.example/jwks"}"#,
        r#"{"jwks_uri":"https://keys.example/jwks","issuer":"https://id.example"}"#,
        r#"{"jwks_uri":"https://keys.example/jwks","issuer":"not a URL"}"#,
    ] {
        let set = pinned(options);
        let mut now = START;
        for outcome in [refused(), refused(), key_0(None), refused(), key_0(None)] {
            let succeeds = outcome.is_ok();
            let mut fetch = set.refresh(now);
            assert_eq!(answer(&mut fetch, now, outcome).0, "https://keys.example/jwks");
            assert_eq!(matches!(fetch.step(now), Step::Done(())), succeeds);
            now += MINUTE;
        }
        set.key_set(now).unwrap();
    }
    let set = pinned(r#"{"issuer":"https://id.example","metadata_url":"https://id.example/metadata"}"#);
    let mut fetch = set.refresh(START);
    assert_eq!(answer(&mut fetch, START, Ok(Response::new(404, vec![], vec![]))).0, "https://id.example/metadata");
    assert!(matches!(fetch.step(START), Step::Failed(_)), "no other place is tried");
}

#[test]
fn a_state_is_exported_in_an_outage_too() {
    let seal = Key::from_secret(&[1; 32], &KeyOptions::default()).unwrap();
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    issuer.is_down = true;
    issuer.verify(&verifier, &token(0), START + 10 * MINUTE).unwrap();
    let state = verifier.remote_keys().unwrap().export_state(&seal).unwrap();
    let next = self::verifier();
    next.remote_keys().unwrap().import_state(&state, &[seal], START + 10 * MINUTE).unwrap();
    issuer.verify(&next, &token(0), START + 11 * MINUTE).unwrap();
}

#[test]
fn a_fetch_that_nobody_ended_costs_nobody_a_cooldown() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let mut first = verifier.verify_fetching(token(0), None, START + 5 * SECOND);
    effect(&mut first, START);
    drop(first);
    issuer.verify(&verifier, &token(0), START).unwrap();
}

#[test]
fn who_cancels_again_and_again_is_not_served_faster() {
    let verifier = verifier();
    let (mut requests, mut now) = (0, START);
    while now < START + 60 * SECOND {
        let mut operation = verifier.verify_fetching(forged("x"), None, now + 5 * SECOND);
        if matches!(operation.step(now), Step::Effect(_)) {
            requests += 1;
        }
        drop(operation);
        now += 100;
    }
    // At 0, 0, 1, 3, 7, 15, 31 seconds, and so on.
    assert!((5..=9).contains(&requests), "{requests}");
    // And whoever waits through such a pause is served at its end.
    let mut patient = verifier.verify_fetching(token(0), None, now + 60 * SECOND);
    let until = wait(&mut patient, now).until;
    assert!(until <= now + 30 * SECOND);
    Issuer::new().drive(patient, until).unwrap();
}

#[test]
fn an_impatient_leader_does_not_fail_for_the_others() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let mut impatient = verifier.verify_fetching(token(0), None, START + 100);
    let mut patient = verifier.verify_fetching(token(0), None, START + MINUTE);
    let (id, request) = effect(&mut impatient, START);
    assert_eq!(request.deadline, START + 80);
    wait(&mut patient, START);
    impatient.resume(id, START + 80, Err(Failure::deadline(Sent::Maybe))).unwrap();
    let Step::Failed(error) = impatient.step(START + 80) else { panic!("no keys") };
    assert_eq!((error.code(), error.cause().map(Error::code)), (Code::KeysNeeded, Some(Code::Deadline)));
    issuer.drive(patient, START + 90).unwrap();
}

#[test]
fn who_has_less_time_than_a_refresh_ends_it_for_itself_alone() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let keys = verifier.remote_keys().unwrap();
    let mut impatient = keys.refresh(START).within(START + 100);
    let patient = keys.refresh(START).within(START + HOUR);
    assert_eq!(impatient.deadline(), START + 100);
    assert!(patient.deadline() < START + MINUTE, "no later than its own");
    let Step::Effect(effect) = impatient.step(START) else { panic!("an effect") };
    let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
    assert_eq!(request.deadline, START + 100);
    let id = effect.id;
    impatient.resume(id, START + 100, Err(Failure::deadline(Sent::Maybe))).unwrap();
    let Step::Failed(error) = impatient.step(START + 100) else { panic!("its time is over") };
    assert_eq!(error.code(), Code::Deadline);
    issuer.drive(patient, START + 100).unwrap();
}

#[test]
fn a_late_answer_is_as_good_as_it_is_new() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    issuer.published = 0..2;
    let now = START + MINUTE;
    let mut lost = verifier.verify_fetching(token(1), None, now + HOUR);
    let (id, request) = effect(&mut lost, now);
    // Thought lost, and taken over by one whose request fails.
    let later = now + 11 * SECOND;
    let mut next = verifier.verify_fetching(token(1), None, later + HOUR);
    let (other, _) = effect(&mut next, later);
    lost.resume(id, later, issuer.answer(&request)).unwrap();
    assert!(matches!(lost.step(later), Step::Done(_)), "its keys were asked for after those at hand");
    next.resume(other, later, refused()).unwrap();
    assert!(matches!(next.step(later), Step::Done(_)));
    verifier.verify(token(1), seconds(later)).unwrap();
}

#[test]
fn a_clock_that_was_ahead_is_not_believed() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let ahead = START + 24 * HOUR;
    issuer.verify(&verifier, &token(0), ahead).unwrap();
    issuer.published = 1..2;
    let corrected = START + HOUR;
    assert_eq!(code(verifier.verify(token(0), seconds(corrected))), Code::KeysNeeded, "nobody knows how old they are");
    issuer.verify(&verifier, &token(1), corrected).unwrap();
    assert_eq!(code(issuer.verify(&verifier, &token(0), corrected + MINUTE)), Code::KeyNotFound);

    // But threads read it one after the other, and come in another order.
    let threads = self::verifier();
    let mut first = threads.verify_fetching(token(1), None, START + MINUTE);
    let mut second = threads.verify_fetching(token(1), None, START + MINUTE);
    effect(&mut first, START + 1);
    wait(&mut second, START);

    // So with a fetch that was begun then.
    let verifier = self::verifier();
    let mut lost = verifier.verify_fetching(token(1), None, ahead + MINUTE);
    effect(&mut lost, ahead);
    issuer.verify(&verifier, &token(1), corrected).unwrap();
}

#[test]
fn a_validator_stays_with_its_url_and_its_answer() {
    let not_modified = || Ok(Response::new(304, vec![], vec![]));
    let set = pinned(r#"{"jwks_uri":"https://keys.example/jwks"}"#);
    let (mut now, mut sent) = (START, Vec::new());
    for outcome in [
        key_0(Some("\"1\"")),
        not_modified(),
        not_modified(),
        refused(),
        key_0(None),
        not_modified(),
        key_0(Some(&format!("\"{}\"", "x".repeat(300)))),
        key_0(Some("\"\u{e9}\"")),
        key_0(Some("\"2\"")),
        key_0(None),
    ] {
        let mut fetch = set.refresh(now);
        sent.push(answer(&mut fetch, now, outcome).1);
        fetch.step(now);
        now += MINUTE;
    }
    let one = || Some("\"1\"".to_owned());
    // A 304 keeps it, a failure drops it, and one that was not asked for is a failure.
    assert_eq!(sent, [None, one(), one(), one(), None, None, None, None, None, Some("\"2\"".to_owned())]);
    let mut fetch = pinned(r#"{"jwks_uri":"https://keys.example/jwks"}"#).refresh(now);
    answer(&mut fetch, now, not_modified());
    let Step::Failed(error) = fetch.step(now) else { panic!("nothing to keep") };
    assert_eq!((error.code(), error.http_status()), (Code::ResponseStatus, Some(304)));
}

#[test]
fn metadata_is_asked_for_again_after_a_day_and_leads_to_where_the_keys_are() {
    let set = RemoteKeySet::new(RemoteOptions::issuer(ISSUER), 1).unwrap();
    let metadata = |place: &str| Ok(json(&format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"{ISSUER}/{place}"}}"#)));
    let mut fetch = set.refresh(START);
    answer(&mut fetch, START, metadata("one"));
    assert_eq!(answer(&mut fetch, START, key_0(Some("\"1\""))), (format!("{ISSUER}/one"), None));
    assert!(matches!(fetch.step(START), Step::Done(())));
    let now = START + 24 * HOUR;
    let mut fetch = set.refresh(now);
    answer(&mut fetch, now, metadata("two"));
    assert_eq!(answer(&mut fetch, now, key_0(None)), (format!("{ISSUER}/two"), None), "the validator is another URL's");
}

#[test]
fn nothing_shows_the_query_of_a_url() {
    let set = pinned(r#"{"jwks_uri":"https://keys.example/jwks?code=hunter2"}"#);
    let mut verifying = Verifier::remote(&set, policy()).unwrap().verify_fetching(token(0), None, START + MINUTE);
    let (id, request) = effect(&mut verifying, START);
    assert!(request.url.ends_with("?code=hunter2"));
    verifying.resume(id, START, refused()).unwrap();
    let events = verifying.take_events();
    let Step::Failed(error) = verifying.step(START) else { panic!("no keys") };
    let options = RemoteOptions::from_json(r#"{"jwks_uri":"https://keys.example/jwks?code=hunter2"}"#).unwrap();
    let shown = format!("{error} {error:?} {request:?} {set:?} {options:?} {} {verifying:?}", events[0].to_json());
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_key_that_the_issuer_was_just_asked_for_is_known_not_to_be_its() {
    // Even if asking took longer than the cooldown.
    let set = pinned(r#"{"jwks_uri":"https://keys.example/jwks","cooldown":1}"#);
    let verifier = Verifier::remote(&set, policy()).unwrap();
    let mut operation = verifier.verify_fetching(token(1), None, START + MINUTE);
    let (id, _) = effect(&mut operation, START);
    operation.resume(id, START + 5 * SECOND, key_0(None)).unwrap();
    let Step::Failed(error) = operation.step(START + 5 * SECOND) else { panic!("not its key") };
    assert_eq!(error.code(), Code::KeyNotFound);
}

#[test]
fn one_forged_token_without_kid_does_not_speak_for_all() {
    let nameless =
        |n: usize| Key::from_jwk(&KEYS[n].to_jwk(true).unwrap().replace(&format!(r#","kid":"key-{n}""#), "")).unwrap();
    let set = pinned(r#"{"jwks_uri":"https://keys.example/jwks"}"#);
    let verifier = Verifier::remote(&set, policy()).unwrap();
    let forged = token_of(&nameless(3), r#"{"aud":"api"}"#);
    let mut operation = verifier.verify_fetching(&forged, None, START + MINUTE);
    let (id, _) = effect(&mut operation, START);
    operation.resume(id, START, Ok(json(&KeySet::new([nameless(0)]).to_json()))).unwrap();
    let Step::Failed(error) = operation.step(START) else { panic!("forged") };
    assert_eq!(error.code(), Code::SignatureInvalid);
    assert_eq!(code(verifier.verify(&forged, seconds(START))), Code::SignatureInvalid);
    // The issuer may have rotated its key since.
    assert_eq!(code(verifier.verify(token_of(&nameless(1), r#"{"aud":"api"}"#), seconds(START))), Code::KeysNeeded);
}

#[test]
fn one_who_panics_when_told_leaves_nobody_waiting() {
    let verifier = verifier();
    let mut leader = verifier.verify_fetching(token(0), None, START + 5 * SECOND);
    let mut other = verifier.verify_fetching(token(0), None, START + 5 * SECOND);
    effect(&mut leader, START);
    let signal = wait(&mut other, START).signal;
    let told = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&told);
    signal.notify(Box::new(|| panic!("a hook")));
    signal.notify(Box::new(move || tell.store(true, Ordering::Relaxed)));
    drop(leader);
    assert!(told.load(Ordering::Relaxed));
}

#[test]
fn threads_wait_for_one_fetch() {
    let verifier = verifier();
    let fetches = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| {
                let now = || START + u64::try_from(BEGUN.elapsed().as_millis()).unwrap();
                let mut operation = verifier.verify_fetching(token(0), None, now() + 5 * SECOND);
                loop {
                    let time = now();
                    let (id, request) = match operation.step(time) {
                        Step::Effect(effect) => {
                            let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
                            (effect.id, request.clone())
                        }
                        Step::Wait(wait) => {
                            wait.signal.wait(wait.until - time);
                            continue;
                        }
                        Step::Done(_) => return,
                        Step::Failed(error) => panic!("{error}"),
                    };
                    fetches.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(std::time::Duration::from_millis(50));
                    operation.resume(id, now(), Issuer::new().answer(&request)).unwrap();
                }
            });
        }
    });
    assert_eq!(fetches.into_inner(), 2, "the metadata, and the keys");
}

static BEGUN: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

/// What happens next to one of several operations.
#[derive(Clone, Debug)]
enum Happening {
    Begin { key: usize },
    Step(usize),
    Resume { operation: usize, answer: u8 },
    WrongId(usize),
    Cancel(usize),
    Later(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0..4_usize).prop_map(|key| Happening::Begin { key }),
        (0..6_usize).prop_map(Happening::Step),
        (0..6_usize, any::<u8>()).prop_map(|(operation, answer)| Happening::Resume { operation, answer }),
        (0..6_usize).prop_map(Happening::WrongId),
        (0..6_usize).prop_map(Happening::Cancel),
        prop_oneof![0..2 * SECOND, 0..2 * MINUTE, 0..26 * HOUR].prop_map(Happening::Later),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_things_sends_twice_or_hangs(happenings in prop::collection::vec(happening(), 1..120)) {
        let tokens: Vec<String> = (0..4).map(token).collect();
        let (verifier, mut issuer, mut now) = (verifier(), Issuer::new(), START);
        // Each with the id and URL of its outstanding effect, if any, and the highest id that it has had.
        let mut running: Vec<(Operation<Token>, Option<u64>, u64)> = Vec::new();
        for happening in happenings {
            match happening {
                Happening::Begin { key } if running.len() < 6 => {
                    running.push((verifier.verify_fetching(&tokens[key], None, now + 30 * SECOND), None, 0));
                }
                Happening::Begin { .. } => {}
                Happening::Step(place) if place < running.len() => {
                    let (operation, outstanding, highest) = &mut running[place];
                    let deadline = operation.deadline();
                    let is_over = match operation.step(now) {
                        Step::Effect(effect) => {
                            match outstanding {
                                Some(id) => prop_assert_eq!(*id, effect.id, "the same effect"),
                                None => prop_assert!(effect.id > *highest, "a new effect has a new id"),
                            }
                            *highest = effect.id;
                            *outstanding = Some(effect.id);
                            false
                        }
                        Step::Wait(wait) => {
                            prop_assert!(outstanding.is_none());
                            prop_assert!(wait.until > now && wait.until <= deadline, "every wait has an end");
                            false
                        }
                        Step::Done(_) | Step::Failed(_) => true,
                    };
                    prop_assert!(is_over || now < deadline);
                    if is_over {
                        running.remove(place);
                    }
                }
                Happening::Resume { operation: place, answer } if place < running.len() => {
                    let (operation, outstanding, _) = &mut running[place];
                    if let Some(id) = *outstanding {
                        let request = match operation.step(now) {
                            Step::Effect(effect) => {
                                let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
                                Some(request.clone())
                            }
                            _ => None,
                        };
                        match request {
                            Some(request) => {
                                issuer.is_down = answer % 3 == 0;
                                issuer.published = 0..usize::from(answer % 4) + 1;
                                operation.resume(id, now, issuer.answer(&request)).unwrap();
                                prop_assert!(operation.resume(id, now, issuer.answer(&request)).is_err(), "taken once");
                                *outstanding = None;
                            }
                            None => { running.remove(place); }
                        }
                    }
                }
                Happening::WrongId(place) if place < running.len() => {
                    let outcome = running[place].0.resume(u64::MAX, now, Err(Failure::deadline(Sent::Maybe)));
                    prop_assert!(outcome.is_err());
                }
                Happening::Cancel(place) if place < running.len() => { running.remove(place); }
                Happening::Later(time) => now += time,
                _ => {}
            }
            // Whoever fetches, it is one at a time: those whose deadline and whose flight's are not over.
            let fetching = running.iter_mut().filter(|(operation, outstanding, _)| outstanding.is_some() && now + 20 * SECOND < operation.deadline());
            prop_assert!(fetching.count() <= 1);
        }
        // And in the end, with a good issuer and enough time, everybody is served.
        drop(running);
        issuer.is_down = false;
        issuer.published = 0..4;
        now += HOUR;
        issuer.verify(&verifier, &tokens[3], now).unwrap();
    }
}
