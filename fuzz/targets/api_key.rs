//! Everything that a caller, a settings file or a store can put before API keys. The first byte says what the rest is.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use authwright_core::api_key::{ApiKey, ApiKeys, ApiKeysOptions, AtHand, ImportOptions, IssueOptions, RotateOptions};
use authwright_core::store::{self, MemoryStore, Record, Store, StoreOptions, StoreRequest};
use authwright_core::{Code, Key, KeyOptions, Result};
use authwright_fuzz::token::base64url;
use authwright_fuzz::{check, input};
use hmac::{Hmac, KeyInit, Mac};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

const NOW: u64 = 1_700_000_000_000;
const PATIENCE: Duration = Duration::from_secs(5);
const PEPPER: [u8; 32] = [7; 32];
const OWNER: &str = "alice";

static KEYS: LazyLock<ApiKeys> =
    LazyLock::new(|| keys(r#"{"prefix":"acme","environment":"live","accept_imported":true}"#));
static ISSUED: LazyLock<Issued> = LazyLock::new(Issued::new);

fuzz_target!(|data: &[u8]| {
    let (kind, data) = input::selector(data);
    let Some(text) = input::text(data) else { return };
    match kind % 9 {
        0 => present(text),
        1 => checked(ApiKeysOptions::from_json(text).and_then(|options| {
            let keys = ApiKeys::new(options, &[pepper()])?;
            assert!(keys.format().id(&ISSUED.secret).is_none() || keys.format().pattern() == KEYS.format().pattern());
            whole(&keys, &IssueOptions::from_json(r#"{"owner":"o"}"#)?);
            Ok(())
        })),
        2 => checked(IssueOptions::from_json(text).map(|options| whole(&KEYS, &options))),
        3 => checked(ImportOptions::from_json(text).map(|options| {
            let shelf = MemoryStore::new(10);
            let at = KEYS.at(&shelf, NOW, PATIENCE);
            let key = at.import_hash(&options).0.expect("options that were read are taken");
            same(&at.get(key.id()).0.expect("it is there"), &key);
            assert_eq!(at.import_hash(&options).0.expect_err("it is there already").field(), Some("sha256"));
        })),
        4 => checked(RotateOptions::from_json(text).map(|options| {
            let shelf = ISSUED.shelf();
            let at = KEYS.at(&shelf, NOW, PATIENCE);
            let rotated = at.rotate(&ISSUED.id, &options).0.expect("options that were read are taken");
            same(&at.verify(rotated.secret(), &[]).0.expect("a good secret"), rotated.key());
        })),
        5 => {
            let [options, url] = input::texts(data);
            let (Some(options), Some(url)) = (input::text(options), input::text(url)) else { return };
            // Nothing is opened, and nobody asked.
            checked(StoreOptions::from_json(options).and_then(|options| store::open(url, &options)).map(drop));
        }
        6 => lie(text, false),
        7 => lie(&sealed(text), true),
        _ => {
            let at = KEYS.at(&ISSUED.shelf, NOW, PATIENCE);
            for outcome in [at.get(text).0.map(drop), at.verify(&ISSUED.secret, &[text.to_owned()]).0.map(drop)] {
                checked(outcome);
            }
            checked(at.list(text, Some(text), 10).0.map(|page| assert!(text == OWNER || page.keys.is_empty())));
        }
    }
});

/// A key that was issued, and the store that it is in.
struct Issued {
    secret: String,
    id: String,
    place: String,
    record: Record,
    shelf: MemoryStore,
}

impl Issued {
    fn new() -> Self {
        let shelf = MemoryStore::new(10);
        let options = IssueOptions::from_json(r#"{"owner":"alice","metadata":{"a":1},"expires_in":60}"#);
        let at = KEYS.at(&shelf, NOW, PATIENCE);
        let issued = at.issue(&options.expect("good options")).0.expect("an empty store");
        // The last use is written down: a store that is only read stays as it is.
        at.verify(issued.secret(), &[]).0.expect("a good key");
        let place = format!("api_key/acme_live/{}", issued.id());
        let record = shelf.get(&place, PATIENCE).expect("an open store").expect("the record");
        Self { secret: issued.secret().to_owned(), id: issued.id().to_owned(), place, record, shelf }
    }

    /// A store of its own that has it.
    fn shelf(&self) -> MemoryStore {
        shelf(&self.place, &self.record)
    }
}

fn keys(options: &str) -> ApiKeys {
    ApiKeys::new(ApiKeysOptions::from_json(options).expect("good options"), &[pepper()]).expect("a good pepper")
}

fn pepper() -> Key {
    Key::from_secret(&PEPPER, &KeyOptions::default()).expect("32 bytes")
}

fn shelf(place: &str, record: &Record) -> MemoryStore {
    let shelf = MemoryStore::new(10);
    assert!(shelf.put_if(place, None, record, PATIENCE).expect("an open store"));
    shelf
}

/// Only the key itself is good, and nothing of the answer tells how far another one is from it.
fn present(text: &str) {
    let outcome = KEYS.at(&ISSUED.shelf, NOW, PATIENCE).verify(text, &[]).0;
    match outcome {
        Ok(_) => assert_eq!(text, ISSUED.secret),
        Err(error) => {
            check::error(&error);
            assert_eq!((error.code(), error.field()), (Code::ApiKeyInvalid, None));
            assert_eq!(error.message(), "the API key is not valid");
        }
    }
    if KEYS.format().id(text).is_some() {
        assert!(text.is_ascii() && text.starts_with("acme_live_"));
    }
}

/// From its issue to its end.
fn whole(keys: &ApiKeys, options: &IssueOptions) {
    let shelf = MemoryStore::new(10);
    let at: AtHand<'_> = keys.at(&shelf, NOW, PATIENCE);
    let issued = at.issue(options).0.expect("options that were read are taken");
    check::document(issued.metadata());
    assert_eq!(keys.format().id(issued.secret()), Some(issued.id()));
    same(&at.verify(issued.secret(), issued.scopes()).0.expect("a good key"), issued.key());
    let listed = at.list(issued.owner(), None, 10).0.expect("an owner that was taken").keys;
    assert_eq!(listed.iter().map(ApiKey::id).collect::<Vec<_>>(), [issued.id()]);
    assert_eq!(at.revoke_all(issued.owner()).0.expect("a good owner"), 1);
    assert_eq!(at.verify(issued.secret(), &[]).0.expect_err("it is over").code(), Code::ApiKeyRevoked);
}

fn same(key: &ApiKey, issued: &ApiKey) {
    assert_eq!((key.id(), key.owner(), key.scopes()), (issued.id(), issued.owner(), issued.scopes()));
    assert_eq!((key.metadata().text(), key.expires_at()), (issued.metadata().text(), issued.expires_at()));
}

/// A store whose record is not the one that was written.
fn lie(value: &str, has_seal: bool) {
    let record = Record { value: value.to_owned(), ..ISSUED.record.clone() };
    // What no store takes from us, one may still give back.
    let shelf = shelf(&ISSUED.place, &record);
    let is_whole = has_seal || value == ISSUED.record.value;
    let at = KEYS.at(&shelf, NOW, PATIENCE);
    let rotation = RotateOptions::from_json("{}").expect("good options");
    let outcomes = [
        at.verify(&ISSUED.secret, &[]).0.map(drop),
        at.get(&ISSUED.id).0.map(drop),
        at.list(OWNER, None, 10).0.map(|page| assert!(is_whole || page.keys.is_empty())),
        at.rotate(&ISSUED.id, &rotation).0.map(drop),
        at.revoke(&ISSUED.id).0.map(drop),
    ];
    for (number, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(()) => assert!(is_whole || number == 2, "a record that nobody wrote is taken"),
            Err(error) => {
                check::error(&error);
                let codes = [Code::StoreCorrupt, Code::ApiKeyInvalid, Code::ApiKeyExpired, Code::ApiKeyRevoked];
                assert!(codes.contains(&error.code()), "{error:?}");
                assert!(has_seal || value.len() < 16 || !error.message().contains(value), "{error:?}");
            }
        }
    }
    if !is_whole {
        let answer = StoreRequest::Get { key: ISSUED.place.clone() }.carry_out(&shelf, PATIENCE);
        assert!(format!("{answer:?}").contains(&format!("version: {}", record.version)), "it was changed");
    }
}

/// The text as a record that somebody sealed who has the pepper: what a defect of ours might have written.
fn sealed(json: &str) -> String {
    let derived = |purpose: &str| hmac(&PEPPER, format!("authwright api key 1 {purpose}").as_bytes());
    let name = base64url(&Sha256::digest(derived("name"))[..6]);
    let seal = hmac(&derived("seal"), format!("{}\n{json}", ISSUED.place).as_bytes());
    format!("{name}.{}.{json}", base64url(&seal))
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length of key");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn checked<T>(outcome: Result<T>) {
    if let Err(error) = outcome {
        check::error(&error);
    }
}
