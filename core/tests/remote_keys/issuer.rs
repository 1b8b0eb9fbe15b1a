//! An issuer, as its HTTP interface, and what every test needs.

use std::sync::LazyLock;

use authwright_core::operation::{EffectKind, Failure, Operation, Request, Response, Sent, Step, Wait};
use authwright_core::{
    Algorithm, Code, Error, Key, KeySet, Policy, RemoteKeySet, RemoteOptions, Signer, SignerOptions, Token, Verifier,
};

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const START: u64 = 1_700_000_000_000;
pub(crate) const SECOND: u64 = 1000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;

/// Keys are slow to make: all tests share these.
pub(crate) static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    (0..4).map(|n| Key::generate(Algorithm::EdDSA, Some(&format!("key-{n}")), None).unwrap()).collect()
});

/// An issuer, as its HTTP interface.
pub(crate) struct Issuer {
    /// The place of the first and the last of the keys that it publishes.
    pub(crate) published: std::ops::Range<usize>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) is_down: bool,
    pub(crate) metadata_fetches: usize,
    pub(crate) key_fetches: usize,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        Self { published: 0..1, headers: Vec::new(), is_down: false, metadata_fetches: 0, key_fetches: 0 }
    }

    pub(crate) fn answer(&mut self, request: &Request) -> Result<Response, Failure> {
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
    pub(crate) fn drive<T>(&mut self, mut operation: Operation<T>, now: u64) -> Result<T, Error> {
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

    pub(crate) fn verify(&mut self, verifier: &Verifier, token: &str, now: u64) -> Result<Token, Error> {
        self.drive(verifier.verify_fetching(token, None, now + 5 * SECOND), now)
    }
}

pub(crate) fn json(text: &str) -> Response {
    Response::new(200, vec![("content-type".to_owned(), "application/json".to_owned())], text.as_bytes().to_vec())
}

pub(crate) fn policy() -> Policy {
    Policy::from_json(r#"{"audience":"api","dangerous_no_expiration":true}"#).unwrap()
}

pub(crate) fn verifier() -> Verifier {
    Verifier::discover(ISSUER, policy(), 1).unwrap()
}

pub(crate) fn token_of(key: &Key, claims: &str) -> String {
    let options = SignerOptions::from_json(r#"{"dangerous_no_expiration":true}"#).unwrap();
    Signer::new(key, options).unwrap().sign_json(claims, i64::try_from(START / 1000).unwrap()).unwrap()
}

pub(crate) fn token(key: usize) -> String {
    token_of(&KEYS[key], &format!(r#"{{"iss":"{ISSUER}","aud":"api"}}"#))
}

/// A token whose key nobody has.
pub(crate) fn forged(kid: &str) -> String {
    let key = Key::from_jwk(&KEYS[3].to_jwk(true).unwrap().replace("key-3", kid)).unwrap();
    token_of(&key, &format!(r#"{{"iss":"{ISSUER}","aud":"api"}}"#))
}

pub(crate) fn seconds(now: u64) -> i64 {
    i64::try_from(now / 1000).unwrap()
}

pub(crate) fn code<T>(result: Result<T, Error>) -> Code {
    result.err().expect("an error").code()
}

pub(crate) fn effect(operation: &mut Operation<Token>, now: u64) -> (u64, Request) {
    match operation.step(now) {
        Step::Effect(effect) => {
            let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
            (effect.id, request.clone())
        }
        _ => panic!("an effect"),
    }
}

pub(crate) fn wait(operation: &mut Operation<Token>, now: u64) -> Wait {
    match operation.step(now) {
        Step::Wait(wait) => wait,
        _ => panic!("a wait"),
    }
}

pub(crate) fn token_claims() -> String {
    format!(r#"{{"iss":"{ISSUER}","aud":"api","iat":{}}}"#, START / 1000)
}

/// A set with the keys' own URL, and an answer to what it asks for.
pub(crate) fn pinned(options: &str) -> RemoteKeySet {
    RemoteKeySet::new(RemoteOptions::from_json(options).unwrap(), 1).unwrap()
}

/// One step of a fetch that is answered: the URL and the validator that it was asked with.
pub(crate) fn answer(
    operation: &mut Operation<()>,
    now: u64,
    outcome: Result<Response, Failure>,
) -> (String, Option<String>) {
    let Step::Effect(effect) = operation.step(now) else { panic!("an effect") };
    let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
    let etag = request.headers.iter().find(|(name, _)| *name == "If-None-Match").map(|(_, value)| value.clone());
    let (id, url) = (effect.id, request.url.clone());
    operation.resume(id, now, outcome).unwrap();
    (url, etag)
}

pub(crate) fn refused() -> Result<Response, Failure> {
    Err(Failure::transport(Sent::Not, "refused"))
}

pub(crate) fn key_0(etag: Option<&str>) -> Result<Response, Failure> {
    let headers = etag.map(|etag| ("etag".to_owned(), etag.to_owned())).into_iter().collect();
    Ok(Response::new(200, headers, KeySet::new([KEYS[0].clone()]).to_json().into_bytes()))
}
