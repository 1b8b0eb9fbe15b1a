//! From this store to another.

use std::time::Duration;

use authwright_core::api_key::{ApiKeys, ApiKeysOptions, IssueOptions};
use authwright_core::store::{MemoryStore, Store, copy};
use authwright_core::{Code, Key, KeyOptions};
use rusqlite::Connection;

use super::{Scratch, TIMEOUT, plain};

const NOW: u64 = 1_700_000_000_000;
const HOUR: u64 = 3_600_000;

fn keys() -> ApiKeys {
    let pepper = Key::from_secret(&[7; 32], &KeyOptions::default()).unwrap();
    let options = ApiKeysOptions::from_json(r#"{"prefix":"acme","environment":"live"}"#).unwrap();
    ApiKeys::new(options, &[pepper]).unwrap()
}

#[test]
fn thousands_go_along() {
    let scratch = Scratch::new();
    let (source, target) = (scratch.store(), MemoryStore::new(10_000));
    assert!(source.put_if("one", None, &plain(1, "1"), TIMEOUT).unwrap());
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
        INSERT INTO records (key, version, value, owner) SELECT 'many/' || i, i, 'value ' || i, 'alice' FROM n";
    Connection::open(scratch.file()).unwrap().execute_batch(rows).unwrap();
    assert_eq!(copy(&source, &target, NOW, TIMEOUT).0.unwrap(), 3001);
    assert_eq!(target.get("one", TIMEOUT).unwrap(), Some(plain(1, "1")));
    for number in [1, 1000, 1001, 2999, 3000] {
        let key = format!("many/{number}");
        assert_eq!(target.get(&key, TIMEOUT).unwrap(), source.get(&key, TIMEOUT).unwrap(), "{key}");
    }
    assert_eq!(copy(&source, &target, NOW, TIMEOUT).0.unwrap(), 0);
}

#[test]
fn a_use_undoes_no_revocation() {
    let scratch = Scratch::new();
    let (source, target, keys) = (scratch.store(), MemoryStore::new(100), keys());
    let issue =
        || keys.at(&source, NOW, TIMEOUT).issue(&IssueOptions::from_json(r#"{"owner":"o"}"#).unwrap()).0.unwrap();
    let (of_old, of_new) = (issue(), issue());
    assert_eq!(copy(&source, &target, NOW, TIMEOUT).0.unwrap(), 2);
    keys.at(&source, NOW + HOUR, TIMEOUT).revoke(of_old.id()).0.unwrap();
    keys.at(&target, NOW + HOUR, TIMEOUT).revoke(of_new.id()).0.unwrap();
    // Each is used, and that noted, where it is not revoked, and later than it was revoked.
    for (store, secret) in [(&target as &dyn Store, of_old.secret()), (&source, of_new.secret())] {
        let used = keys.at(store, NOW + 2 * HOUR, TIMEOUT).verify(secret, &[]);
        assert_eq!((used.0.is_ok(), used.1.len()), (true, 0));
    }
    let noted = keys.at(&target, NOW, TIMEOUT).get(of_old.id()).0.unwrap().last_used_at();
    assert_eq!(noted, Some(1_700_007_200));
    assert_eq!(copy(&source, &target, NOW + 3 * HOUR, TIMEOUT).0.unwrap(), 1);
    for secret in [of_old.secret(), of_new.secret()] {
        let error = keys.at(&target, NOW + 3 * HOUR, TIMEOUT).verify(secret, &[]).0.unwrap_err();
        assert_eq!(error.code(), Code::ApiKeyRevoked);
    }
}

#[test]
fn what_was_damaged_stops_nothing() {
    let scratch = Scratch::new();
    let (source, target) = (scratch.store(), MemoryStore::new(10_000));
    assert!(source.put_if("last", None, &plain(1, "1"), TIMEOUT).unwrap());
    // A page ends with a key that is none.
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 998)
        INSERT INTO records (key, version, value) SELECT printf('a%04d', i), i, 'value' FROM n;
        INSERT INTO records (key, version, value, owner) VALUES ('b', 1, 'value', 'a b'), ('c c', 1, 'value', NULL);";
    Connection::open(scratch.file()).unwrap().execute_batch(rows).unwrap();
    assert_eq!(copy(&source, &target, NOW, TIMEOUT).0.unwrap(), 1000);
    assert_eq!(target.get("last", TIMEOUT).unwrap(), Some(plain(1, "1")));
    assert_eq!(target.get("b", TIMEOUT).unwrap(), Some(plain(0, "")), "as damaged as it was");
}

#[test]
fn a_file_that_is_not_there_is_not_made() {
    let scratch = Scratch::new();
    let error = copy(&scratch.store(), &MemoryStore::new(10), NOW, TIMEOUT).0.unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("source")));
    assert!(!scratch.file().exists());
}

#[test]
fn it_ends_with_its_time() {
    let scratch = Scratch::new();
    let (source, target) = (scratch.store(), MemoryStore::new(10));
    assert!(source.put_if("one", None, &plain(1, "1"), TIMEOUT).unwrap());
    assert_eq!(copy(&source, &target, NOW, Duration::ZERO).0.unwrap_err().code(), Code::Deadline);
    source.close();
    assert_eq!(copy(&source, &target, NOW, TIMEOUT).0.unwrap_err().code(), Code::Closed);
}
