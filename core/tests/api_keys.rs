//! API keys on a store in memory, with a clock that the tests set; and on stores that fail or lie.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authwright_core::api_key::{ApiKeys, ApiKeysOptions, ImportOptions, IssueOptions, IssuedKey, RotateOptions};
use authwright_core::operation::{Effect, EffectKind, Operation, Step};
use authwright_core::store::conformance::ConformanceOptions;
use authwright_core::store::{self, END_OF_VERSIONS, MemoryStore, Page, Record, Store, unavailable, uncertain};
use authwright_core::{Code, Error, Key, KeyOptions, Result};

const NOW: u64 = 1_700_000_000_000;
const SECOND: u64 = 1000;
const DAY: u64 = 86_400 * SECOND;
const TIMEOUT: Duration = Duration::from_secs(5);

fn pepper(byte: u8) -> Key {
    Key::from_secret(&[byte; 32], &KeyOptions::default()).unwrap()
}

fn keys_with(more: &str, peppers: &[Key]) -> ApiKeys {
    let options = format!(r#"{{"prefix":"acme","environment":"live"{more}}}"#);
    ApiKeys::new(ApiKeysOptions::from_json(&options).unwrap(), peppers).unwrap()
}

fn keys() -> ApiKeys {
    keys_with("", &[pepper(1)])
}

fn issue(keys: &ApiKeys, store: &dyn Store, options: &str) -> IssuedKey {
    keys.at(store, NOW, TIMEOUT).issue(&IssueOptions::from_json(options).unwrap()).0.unwrap()
}

fn verify(keys: &ApiKeys, store: &dyn Store, secret: &str, now: u64) -> Result<authwright_core::api_key::ApiKey> {
    keys.at(store, now, TIMEOUT).verify(secret, &[]).0
}

fn code<T>(outcome: Result<T>) -> Code {
    outcome.err().expect("it succeeded").code()
}

#[test]
fn a_key_from_its_issue_to_its_end() {
    let (keys, store) = (keys(), MemoryStore::new(100));
    let issued =
        issue(&keys, &store, r#"{"owner":"billing","scopes":["a","b"],"metadata":{"n": 1.50},"expires_in":100}"#);
    assert!(issued.secret().starts_with("acme_live_") && issued.secret().ends_with(issued.last4().unwrap()));
    let caller = verify(&keys, &store, issued.secret(), NOW).unwrap();
    assert_eq!((caller.id(), caller.owner(), caller.scopes()), (issued.id(), "billing", &["a".into(), "b".into()][..]));
    assert_eq!((caller.metadata().text(), caller.expires_at()), (r#"{"n":1.50}"#, Some(1_700_000_100)));
    let at = keys.at(&store, NOW, TIMEOUT);
    at.verify(issued.secret(), &["b".into(), "a".into()]).0.unwrap();
    let error = at.verify(issued.secret(), &["a".into(), "c".into()]).0.unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::ApiKeyScope, Some("c")));
    assert_eq!(at.verify(issued.secret(), &["a b".into()]).0.unwrap_err().field(), Some("scopes"));
    verify(&keys, &store, issued.secret(), NOW + 100 * SECOND - 1).unwrap();
    assert_eq!(code(verify(&keys, &store, issued.secret(), NOW + 100 * SECOND)), Code::ApiKeyExpired);
    // A clock that was wrong does no lasting harm.
    verify(&keys, &store, issued.secret(), NOW).unwrap();
    at.revoke(issued.id()).0.unwrap();
    at.revoke(issued.id()).0.unwrap();
    assert_eq!(code(verify(&keys, &store, issued.secret(), NOW)), Code::ApiKeyRevoked);
    assert_eq!(code(at.revoke("0123456789abcdef").0), Code::ApiKeyNotFound);
    assert_eq!(code(at.revoke("../etc").0), Code::ApiKeyNotFound);
    assert!(!format!("{issued:?}").contains(issued.secret()));
    assert!(issued.to_json().contains(issued.secret()));
}

#[test]
fn every_wrong_key_has_one_answer() {
    let (keys, store) = (keys(), MemoryStore::new(100));
    let issued = issue(&keys, &store, r#"{"owner":"o"}"#);
    let other = issue(&keys, &MemoryStore::new(1), r#"{"owner":"o"}"#);
    let test =
        ApiKeys::new(ApiKeysOptions::from_json(r#"{"prefix":"acme","environment":"test"}"#).unwrap(), &[pepper(1)])
            .unwrap();
    let of_test = issue(&test, &store, r#"{"owner":"o"}"#);
    let rotation = RotateOptions::from_json("{}").unwrap();
    let current = keys.at(&store, NOW, TIMEOUT).rotate(issued.id(), &rotation).0.unwrap();
    let texts = [issued.secret(), other.secret(), of_test.secret(), "", "x", &"é".repeat(30), &"a".repeat(100_000)];
    let expected = verify(&keys, &store, "", NOW).unwrap_err();
    for text in texts {
        let error = verify(&keys, &store, text, NOW).unwrap_err();
        assert_eq!(error.code(), Code::ApiKeyInvalid, "{text}");
        assert_eq!((error.message(), error.field()), (expected.message(), None), "{text}");
    }
    verify(&keys, &store, current.secret(), NOW).unwrap();
}

#[test]
fn a_rotation_leaves_the_old_secret_for_the_overlap() {
    let (keys, store) = (keys(), MemoryStore::new(100));
    let first = issue(&keys, &store, r#"{"owner":"o","expires_in":86400}"#);
    let rotate = |now, overlap: u64| {
        let options = RotateOptions::from_json(&format!(r#"{{"overlap":{overlap}}}"#)).unwrap();
        keys.at(&store, now, TIMEOUT).rotate(first.id(), &options).0.unwrap()
    };
    let second = rotate(NOW, 60);
    assert_eq!((second.id(), second.expires_at()), (first.id(), first.expires_at()));
    verify(&keys, &store, first.secret(), NOW + 59 * SECOND).unwrap();
    verify(&keys, &store, second.secret(), NOW).unwrap();
    assert_eq!(code(verify(&keys, &store, first.secret(), NOW + 60 * SECOND)), Code::ApiKeyInvalid);
    // Whose answer was lost rotates again: the one that is in use stays good.
    let third = rotate(NOW + SECOND, 60);
    for secret in [&first, &second, &third] {
        verify(&keys, &store, secret.secret(), NOW + 30 * SECOND).unwrap();
    }
    // However often it rotates at once, the one before is good; the oldest go.
    let many: Vec<IssuedKey> = (0..6).map(|_| rotate(NOW + 90 * SECOND, 5)).collect();
    for (number, secret) in many.iter().enumerate() {
        assert_eq!(verify(&keys, &store, secret.secret(), NOW + 90 * SECOND).is_ok(), number > 0, "{number}");
    }
    // None ends all of them.
    rotate(NOW + 90 * SECOND, 0);
    for secret in &many {
        assert_eq!(code(verify(&keys, &store, secret.secret(), NOW + 90 * SECOND)), Code::ApiKeyInvalid);
    }
    let fourth = rotate(NOW + 120 * SECOND, 0);
    for secret in [&first, &second, &third] {
        assert_eq!(code(verify(&keys, &store, secret.secret(), NOW + 120 * SECOND)), Code::ApiKeyInvalid);
    }
    verify(&keys, &store, fourth.secret(), NOW + 120 * SECOND).unwrap();
    let options = RotateOptions::from_json(r#"{"expires_in":10}"#).unwrap();
    assert_eq!(code(keys.at(&store, NOW + DAY, TIMEOUT).rotate(first.id(), &options).0), Code::ApiKeyExpired);
    keys.at(&store, NOW, TIMEOUT).revoke(first.id()).0.unwrap();
    assert_eq!(code(keys.at(&store, NOW, TIMEOUT).rotate(first.id(), &options).0), Code::ApiKeyRevoked);
}

/// A secret that was rotated away is genuine for its overlap, and so is told why it is refused.
#[test]
fn a_revocation_is_told_to_every_secret_that_was_good() {
    let (keys, store) = (keys(), MemoryStore::new(100));
    let first = issue(&keys, &store, r#"{"owner":"o"}"#);
    let overlap = RotateOptions::from_json(r#"{"overlap":60}"#).unwrap();
    let second = keys.at(&store, NOW, TIMEOUT).rotate(first.id(), &overlap).0.unwrap();
    keys.at(&store, NOW, TIMEOUT).revoke(first.id()).0.unwrap();
    for secret in [&first, &second] {
        assert_eq!(code(verify(&keys, &store, secret.secret(), NOW)), Code::ApiKeyRevoked);
    }
    assert_eq!(code(verify(&keys, &store, first.secret(), NOW + 60 * SECOND)), Code::ApiKeyInvalid);
}

#[test]
fn a_use_is_written_down_coarsely() {
    let (keys, store) = (keys_with(r#","last_used_every":60"#, &[pepper(1)]), Counting::new(MemoryStore::new(100)));
    let issued = issue(&keys, &store, r#"{"owner":"o"}"#);
    let used = |now| keys.at(&store, now, TIMEOUT).get(issued.id()).0.unwrap().last_used_at();
    assert_eq!((used(NOW), store.writes()), (None, 1));
    for after in [0, 1, 59] {
        verify(&keys, &store, issued.secret(), NOW + after * SECOND).unwrap();
    }
    assert_eq!((used(NOW), store.writes()), (Some(1_700_000_000), 2));
    verify(&keys, &store, issued.secret(), NOW + 60 * SECOND).unwrap();
    assert_eq!((used(NOW), store.writes()), (Some(1_700_000_060), 3));
    // What a clock that was ahead has written is put right by the next that is.
    verify(&keys, &store, issued.secret(), NOW + DAY).unwrap();
    verify(&keys, &store, issued.secret(), NOW + 61 * SECOND).unwrap();
    assert_eq!((used(NOW), store.writes()), (Some(1_700_000_061), 5));
}

#[test]
fn peppers_come_and_go() {
    let store = MemoryStore::new(100);
    let old = keys_with("", &[pepper(1)]);
    let (used, unused) = (issue(&old, &store, r#"{"owner":"o"}"#), issue(&old, &store, r#"{"owner":"o"}"#));
    let both = keys_with("", &[pepper(2), pepper(1)]);
    verify(&both, &store, used.secret(), NOW).unwrap();
    // Used once, it is under the new one; the other died with the old.
    let new = keys_with("", &[pepper(2)]);
    verify(&new, &store, used.secret(), NOW).unwrap();
    let (outcome, events) = new.at(&store, NOW, TIMEOUT).verify(unused.secret(), &[]);
    assert_eq!((code(outcome), events[0].name()), (Code::ApiKeyInvalid, "api_key_pepper_unknown"));
    assert_eq!(code(verify(&old, &store, used.secret(), NOW)), Code::ApiKeyInvalid);
    verify(&old, &store, unused.secret(), NOW).unwrap();
    let (page, events) = new.at(&store, NOW, TIMEOUT).list("o", None, 10);
    assert_eq!((page.unwrap().keys.len(), events.len()), (1, 1));
    // Nobody is told that all are revoked when one could not be read.
    let error = new.at(&store, NOW, TIMEOUT).revoke_all("o").0.unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::StoreCorrupt, Some("peppers")));
    assert_eq!(code(verify(&new, &store, used.secret(), NOW)), Code::ApiKeyRevoked);
    // The secret before the current one is used on, and hides that the current one is under the old pepper.
    let rotated = issue(&old, &store, r#"{"owner":"p"}"#);
    let overlap = RotateOptions::from_json(r#"{"overlap":1000}"#).unwrap();
    let current = old.at(&store, NOW, TIMEOUT).rotate(rotated.id(), &overlap).0.unwrap();
    verify(&both, &store, rotated.secret(), NOW).unwrap();
    let (outcome, events) = new.at(&store, NOW, TIMEOUT).verify(current.secret(), &[]);
    assert_eq!((code(outcome), events[0].name()), (Code::ApiKeyInvalid, "api_key_pepper_unknown"));
    let refused = |peppers: &[Key]| {
        let options = ApiKeysOptions::from_json(r#"{"prefix":"a","environment":"b"}"#).unwrap();
        ApiKeys::new(options, peppers).unwrap_err()
    };
    assert_eq!(refused(&[]).field(), Some("peppers"));
    let short = Key::from_secret(&[1; 31], &KeyOptions::default()).unwrap();
    assert_eq!((refused(&[short]).code(), refused(&[]).code()), (Code::KeyTooWeak, Code::InvalidArgument));
}

/// Too little time for all of them: each try gets further, and ends those that are good before it looks after the others.
#[test]
fn revoking_all_goes_on_where_it_had_to_stop() {
    let (keys, store) = (keys(), Failing::new(MemoryStore::new(100)));
    let issued: Vec<IssuedKey> = (0..10).map(|_| issue(&keys, &store, r#"{"owner":"o"}"#)).collect();
    let good = || {
        let store = &store.store;
        issued.iter().filter(|key| verify(&keys, store, key.secret(), NOW).is_ok()).count()
    };
    for tried in 1..=3 {
        store.fail_writes_after(3);
        assert_eq!(code(keys.at(&store, NOW, TIMEOUT).revoke_all("o").0), Code::StoreUncertain);
        assert_eq!(good(), 10 - 3 * tried);
    }
    store.fail_writes_after(10);
    assert_eq!(keys.at(&store, NOW, TIMEOUT).revoke_all("o").0.unwrap(), 1, "and nine are made sure of");
    assert_eq!(store.left.load(Ordering::Relaxed), 0);
    store.fail_writes_after(0);
    assert_eq!(keys.at(&store, NOW + 3_600_000, TIMEOUT).revoke_all("o").0.unwrap(), 0, "nobody waits for an hour");
}

/// One that cannot be revoked stands before no other.
#[test]
fn revoking_all_goes_on_after_a_key_that_cannot_be() {
    let (keys, store) = (keys(), MemoryStore::new(100));
    let issued: Vec<IssuedKey> = (0..3).map(|_| issue(&keys, &store, r#"{"owner":"o"}"#)).collect();
    for page in store.list("api_key/acme_live/o", None, 2, TIMEOUT).unwrap().entries {
        // Its version is the last that there is, so that it cannot be replaced.
        let last = Record { version: END_OF_VERSIONS - 1, ..page.record.clone() };
        assert!(store.put_if(&page.key, Some(page.record.version), &last, TIMEOUT).unwrap());
    }
    assert_eq!(code(keys.at(&store, NOW, TIMEOUT).revoke_all("o").0), Code::StoreCorrupt);
    let good = issued.iter().filter(|key| verify(&keys, &store, key.secret(), NOW).is_ok()).count();
    assert_eq!(good, 2);
}

/// Notes of uses in one store are before a revocation in another, also where the clock was ahead when the key was issued.
#[test]
fn a_clock_that_was_ahead_lets_no_note_undo_a_revocation() {
    let (keys, here, there) = (keys(), MemoryStore::new(10), MemoryStore::new(10));
    for _ in 0..20 {
        let ahead = NOW + 3_600_000;
        let issued =
            keys.at(&here, ahead, TIMEOUT).issue(&IssueOptions::from_json(r#"{"owner":"o"}"#).unwrap()).0.unwrap();
        let place = format!("api_key/acme_live/{}", issued.id());
        assert!(there.put_if(&place, None, &here.get(&place, TIMEOUT).unwrap().unwrap(), TIMEOUT).unwrap());
        keys.at(&there, NOW, TIMEOUT).revoke(issued.id()).0.unwrap();
        for hour in 0..5 {
            verify(&keys, &here, issued.secret(), NOW - hour * 3_600_000).unwrap();
        }
        let version = |store: &MemoryStore| store.get(&place, TIMEOUT).unwrap().unwrap().version;
        assert!(version(&here) < version(&there));
        here.delete_if(&place, version(&here), TIMEOUT).unwrap();
        there.delete_if(&place, version(&there), TIMEOUT).unwrap();
    }
}

#[test]
fn listing_and_revoking_all() {
    let (keys, store) = (keys(), MemoryStore::new(100));
    // Owners that a store could not have as they are.
    for owner in ["o", "o/", "ä ö", "~o", &"x".repeat(256)] {
        let document = |owner: &str| format!(r#"{{"owner":"{owner}"}}"#);
        let mut ids: Vec<String> = (0..5).map(|_| issue(&keys, &store, &document(owner)).id().to_owned()).collect();
        let at = keys.at(&store, NOW, TIMEOUT);
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = at.list(owner, after.as_deref(), 2).0.unwrap();
            assert!(page.keys.len() <= 2 && page.keys.iter().all(|key| key.owner() == owner));
            found.extend(page.keys.iter().map(|key| key.id().to_owned()));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        ids.sort();
        found.sort();
        assert_eq!(ids, found, "{owner}");
        assert_eq!(at.revoke_all(owner).0.unwrap(), 5, "{owner}");
        assert_eq!(at.revoke_all(owner).0.unwrap(), 0, "{owner}");
    }
    let at = keys.at(&store, NOW, TIMEOUT);
    assert_eq!(at.list("o", None, 0).0.unwrap_err().field(), Some("limit"));
    assert_eq!(at.list("", None, 1).0.unwrap_err().field(), Some("owner"));
}

#[test]
fn keys_of_another_system() {
    let store = MemoryStore::new(100);
    // SHA-256 of "abc" (FIPS 180-2, appendix B.1).
    let hash = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
    let options = ImportOptions::from_json(&format!(r#"{{"sha256":"{hash}","owner":"o","scopes":["s"]}}"#)).unwrap();
    let (keys, accepting) = (keys(), keys_with(r#","accept_imported":true"#, &[pepper(1)]));
    let imported = keys.at(&store, NOW, TIMEOUT).import_hash(&options).0.unwrap();
    assert_eq!(keys.at(&store, NOW, TIMEOUT).import_hash(&options).0.unwrap_err().field(), Some("sha256"));
    assert_eq!(code(verify(&keys, &store, "abc", NOW)), Code::ApiKeyInvalid);
    assert_eq!(verify(&accepting, &store, "abc", NOW).unwrap().id(), imported.id());
    assert_eq!(code(verify(&accepting, &store, "abd", NOW)), Code::ApiKeyInvalid);
    // Its hash is no key.
    assert_eq!(code(verify(&accepting, &store, hash, NOW)), Code::ApiKeyInvalid);
    let rotation = RotateOptions::from_json("{}").unwrap();
    assert_eq!(keys.at(&store, NOW, TIMEOUT).rotate(imported.id(), &rotation).0.unwrap_err().field(), Some("id"));
    keys.at(&store, NOW, TIMEOUT).revoke(imported.id()).0.unwrap();
    assert_eq!(code(verify(&accepting, &store, "abc", NOW)), Code::ApiKeyRevoked);
    // Who imports the same keys every night does not bring it back, ever.
    let later = NOW + 10_000 * DAY;
    assert_eq!(store::sweep(&store, later, TIMEOUT).0.unwrap(), 0);
    assert_eq!(keys.at(&store, later, TIMEOUT).import_hash(&options).0.unwrap_err().field(), Some("sha256"));
    assert_eq!(code(verify(&accepting, &store, "abc", later)), Code::ApiKeyRevoked);
}

#[test]
fn a_record_that_was_changed_by_hand_is_refused() {
    let (keys, store) = (keys(), MemoryStore::new(100));
    let issued = issue(&keys, &store, r#"{"owner":"o","scopes":["read"],"expires_in":100}"#);
    let other = issue(&keys, &store, r#"{"owner":"admin","scopes":["write"]}"#);
    let place = |id: &str| format!("api_key/acme_live/{id}");
    let sound = store.get(&place(issued.id()), TIMEOUT).unwrap().unwrap();
    let theirs = store.get(&place(other.id()), TIMEOUT).unwrap().unwrap();
    let value = |value: String| Record { value, ..sound.clone() };
    let mut altered = vec![
        Record { owner: theirs.owner.clone(), ..sound.clone() },
        Record { owner: None, ..sound.clone() },
        Record { expires_at: None, ..sound.clone() },
        Record { value: theirs.value.clone(), ..sound.clone() },
        theirs.clone(),
        value(sound.value.replace("read", "admin")),
        value(String::new()),
        value(format!("{} ", sound.value)),
    ];
    for place in 0..sound.value.len() {
        let mut bytes = sound.value.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        altered.push(value(String::from_utf8(bytes).unwrap()));
        altered.push(value(sound.value[..place].to_owned()));
    }
    for record in altered {
        let version = store.get(&place(issued.id()), TIMEOUT).unwrap().unwrap().version;
        let record = Record { version: version + 1, ..record };
        assert!(store.put_if(&place(issued.id()), Some(version), &record, TIMEOUT).unwrap());
        let error = verify(&keys, &store, issued.secret(), NOW).unwrap_err();
        // Only the name of a pepper can be altered into one that is not there.
        assert!(matches!(error.code(), Code::StoreCorrupt | Code::ApiKeyInvalid), "{}: {error}", record.value);
        assert!(
            error.code() == Code::StoreCorrupt || !record.value.starts_with(&sound.value[..11]),
            "{}",
            record.value
        );
        assert_eq!(store.get(&place(issued.id()), TIMEOUT).unwrap().unwrap(), record, "it was written to");
        assert_ne!(verify(&keys, &store, other.secret(), NOW).unwrap().owner(), "o");
    }
}

#[test]
fn a_store_that_fails_says_nothing_about_a_key() {
    let keys = keys();
    let store = Failing::new(MemoryStore::new(100));
    let issued = issue(&keys, &store, r#"{"owner":"o"}"#);
    store.fail_reads(true);
    assert_eq!(code(verify(&keys, &store, issued.secret(), NOW)), Code::StoreUnavailable);
    // What is no key needs no store.
    assert_eq!(code(verify(&keys, &store, "acme_live_x", NOW)), Code::ApiKeyInvalid);
    store.fail_reads(false);
    store.fail_writes(Some(Lost::Before));
    let (outcome, events) = keys.at(&store, NOW, TIMEOUT).verify(issued.secret(), &[]);
    outcome.unwrap();
    assert_eq!(events[0].name(), "api_key_use_not_noted");
    // For a while no check tries again, and none waits.
    let (outcome, events) = keys.at(&store, NOW + 9 * SECOND, TIMEOUT).verify(issued.secret(), &[]);
    assert_eq!((outcome.unwrap().last_used_at(), events.len()), (None, 0));
    let (outcome, events) = keys.at(&store, NOW + 10 * SECOND, TIMEOUT).verify(issued.secret(), &[]);
    assert_eq!((outcome.unwrap().last_used_at(), events.len()), (None, 1));
    assert_eq!(code(keys.at(&store, NOW, TIMEOUT).revoke(issued.id()).0), Code::StoreUncertain);
    // An answer that was lost, of a write that was made, is found out.
    store.fail_writes(Some(Lost::After));
    keys.at(&store, NOW, TIMEOUT).revoke(issued.id()).0.unwrap();
    let again = keys.at(&store, NOW, TIMEOUT).issue(&IssueOptions::from_json(r#"{"owner":"o"}"#).unwrap()).0.unwrap();
    store.fail_writes(None);
    verify(&keys, &store, again.secret(), NOW).unwrap();
    assert_eq!(code(verify(&keys, &store, issued.secret(), NOW)), Code::ApiKeyRevoked);
    assert_eq!(code(keys.at(&store, NOW, Duration::ZERO).verify(again.secret(), &[]).0), Code::Deadline);
    let full = MemoryStore::new(0);
    let options = IssueOptions::from_json(r#"{"owner":"o"}"#).unwrap();
    assert_eq!(code(keys.at(&full, NOW, TIMEOUT).issue(&options).0), Code::StoreFull);
    full.close();
    assert_eq!(code(verify(&keys, &full, again.secret(), NOW)), Code::Closed);
}

#[test]
fn a_cached_record_is_no_older_than_it_says() {
    let keys = keys_with(r#","cache_seconds":5"#, &[pepper(1)]);
    let elsewhere = keys_with("", &[pepper(1)]);
    let store = Counting::new(MemoryStore::new(100));
    let issued = issue(&keys, &store, r#"{"owner":"o"}"#);
    // The first writes its use down, the second reads what was written.
    verify(&keys, &store, issued.secret(), NOW).unwrap();
    verify(&keys, &store, issued.secret(), NOW).unwrap();
    let reads = store.reads();
    for _ in 0..10 {
        verify(&keys, &store, issued.secret(), NOW + 4 * SECOND).unwrap();
    }
    assert_eq!(store.reads(), reads);
    // It remembers records, not verdicts.
    assert_eq!(code(keys.at(&store, NOW, TIMEOUT).verify(issued.secret(), &["s".into()]).0), Code::ApiKeyScope);
    elsewhere.at(&store, NOW, TIMEOUT).revoke(issued.id()).0.unwrap();
    verify(&keys, &store, issued.secret(), NOW + 4 * SECOND).unwrap();
    assert_eq!(code(verify(&keys, &store, issued.secret(), NOW + 5 * SECOND)), Code::ApiKeyRevoked);
    // What this process has done is seen at once, and so is a clock that goes back.
    let other = issue(&keys, &store, r#"{"owner":"o"}"#);
    verify(&keys, &store, other.secret(), NOW).unwrap();
    verify(&keys, &store, other.secret(), NOW).unwrap();
    keys.at(&store, NOW, TIMEOUT).revoke(other.id()).0.unwrap();
    assert_eq!(code(verify(&keys, &store, other.secret(), NOW)), Code::ApiKeyRevoked);
}

#[test]
fn an_operation_does_the_same_in_steps() {
    let (keys, store) = (keys(), MemoryStore::new(100));
    let deadline = NOW + 10 * SECOND;
    let issued = drive(keys.issue(IssueOptions::from_json(r#"{"owner":"o"}"#).unwrap(), deadline), &store).unwrap();
    let verified = drive(keys.verify(issued.secret().to_owned(), Vec::new(), deadline), &store).unwrap();
    assert_eq!(verified.owner(), "o");
    let page = drive(keys.list("o".into(), None, 10, deadline), &store).unwrap();
    assert_eq!(page.keys.len(), 1);
    assert_eq!(drive(keys.revoke_all("o".into(), deadline), &store).unwrap(), 1);
    assert_eq!(code(drive(keys.verify(issued.secret().to_owned(), Vec::new(), deadline), &store)), Code::ApiKeyRevoked);
    // Whose time is over while the store writes does not know what became of it.
    let mut operation = keys.revoke(issued.id().to_owned(), deadline);
    let Step::Effect(Effect { id, .. }) = operation.step(NOW) else { panic!("no effect") };
    let id = *id;
    let other = issue(&keys, &store, r#"{"owner":"o"}"#);
    let mut writing = keys.revoke(other.id().to_owned(), deadline);
    let read = loop {
        match writing.step(NOW) {
            Step::Effect(Effect { kind: EffectKind::Store(request), .. }) if request.is_write() => break true,
            Step::Effect(Effect { id, kind: EffectKind::Store(request) }) => {
                let (id, answer) = (*id, request.carry_out(&store, TIMEOUT));
                writing.resume_store(id, NOW, answer).unwrap();
            }
            _ => break false,
        }
    };
    assert!(read, "it did not come to write");
    let Step::Failed(error) = writing.step(deadline) else { panic!("it did not fail") };
    assert_eq!(error.code(), Code::StoreUncertain);
    let Step::Failed(error) = operation.step(deadline) else { panic!("it did not fail") };
    assert_eq!((error.code(), id), (Code::Deadline, 1));
    // A key that was found good is good, though its use cannot be noted in time: by the store, or by who drives it.
    for is_asked in [true, false] {
        let keys = keys_with("", &[pepper(1)]);
        let issued = issue(&keys, &store, r#"{"owner":"o"}"#);
        let mut checking = keys.verify(issued.secret().to_owned(), Vec::new(), deadline);
        let Step::Effect(Effect { id, kind: EffectKind::Store(request) }) = checking.step(NOW) else {
            panic!("nothing is read")
        };
        let (id, answer) = (*id, request.carry_out(&store, TIMEOUT));
        checking.resume_store(id, NOW, answer).unwrap();
        if is_asked {
            let Step::Effect(Effect { kind: EffectKind::Store(request), .. }) = checking.step(NOW) else {
                panic!("nothing is noted")
            };
            assert!(request.is_write());
        }
        let Step::Done(key) = checking.step(deadline) else { panic!("it failed") };
        assert_eq!(key.id(), issued.id());
        assert_eq!(checking.take_events()[0].name(), "api_key_use_not_noted");
    }
    // A store that answers what it was not asked.
    let mut operation = keys.get(issued.id().to_owned(), deadline);
    let Step::Effect(Effect { id, .. }) = operation.step(NOW) else { panic!("no effect") };
    let id = *id;
    operation.resume_store(id, NOW, Ok(store::StoreAnswer::Swept(1))).unwrap();
    let Step::Failed(error) = operation.step(NOW) else { panic!("it did not fail") };
    assert_eq!(error.code(), Code::StoreCorrupt);
}

#[test]
fn who_has_no_answer_at_the_deadline_has_no_report() {
    let options = ConformanceOptions::from_json(r#"{"part":"contend","run_id":"r","racer":1,"rounds":10}"#).unwrap();
    let mut racing = store::conformance::begin(options, NOW + SECOND);
    let store = MemoryStore::new(100);
    loop {
        let Step::Effect(Effect { id, kind: EffectKind::Store(request) }) = racing.step(NOW) else {
            panic!("nothing is asked")
        };
        if !request.is_write() {
            break;
        }
        let (id, answer) = (*id, request.carry_out(&store, TIMEOUT));
        racing.resume_store(id, NOW, answer).unwrap();
    }
    let Step::Failed(error) = racing.step(NOW + SECOND) else { panic!("it did not fail") };
    assert_eq!(error.code(), Code::Deadline);
}

#[test]
fn many_threads_use_one_set_of_keys() {
    let (keys, store) = (keys_with(r#","last_used_every":60"#, &[pepper(2), pepper(1)]), MemoryStore::new(10_000));
    let issued = issue(&keys_with("", &[pepper(1)]), &store, r#"{"owner":"o"}"#);
    let good = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..8_u64 {
            let (keys, store, issued, good) = (&keys, &store, &issued, &good);
            scope.spawn(move || {
                for round in 0..200 {
                    verify(keys, store, issued.secret(), NOW + (thread + round) * 30 * SECOND).unwrap();
                    issue(keys, store, r#"{"owner":"many"}"#);
                    good.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(good.into_inner(), 1600);
    assert_eq!(keys.at(&store, NOW, TIMEOUT).revoke_all("many").0.unwrap(), 1600);
}

fn drive<T>(mut operation: Operation<T>, store: &dyn Store) -> Result<T> {
    loop {
        let (id, answer) = match operation.step(NOW) {
            Step::Effect(Effect { id, kind: EffectKind::Store(request) }) => (*id, request.carry_out(store, TIMEOUT)),
            Step::Done(result) => return Ok(result),
            Step::Failed(error) => return Err(error),
            other => panic!("{:?}", std::mem::discriminant(&other)),
        };
        operation.resume_store(id, NOW, answer)?;
    }
}

/// Counts calls.
struct Counting {
    store: MemoryStore,
    reads: AtomicUsize,
    writes: AtomicUsize,
}

impl Counting {
    fn new(store: MemoryStore) -> Self {
        Self { store, reads: AtomicUsize::new(0), writes: AtomicUsize::new(0) }
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }

    fn writes(&self) -> usize {
        self.writes.load(Ordering::Relaxed)
    }
}

impl Store for Counting {
    fn get(&self, key: &str, timeout: Duration) -> Result<Option<Record>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.store.get(key, timeout)
    }

    fn put_if(&self, key: &str, expected: Option<u64>, record: &Record, timeout: Duration) -> Result<bool> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        self.store.put_if(key, expected, record, timeout)
    }

    fn delete_if(&self, key: &str, version: u64, timeout: Duration) -> Result<bool> {
        self.store.delete_if(key, version, timeout)
    }

    fn list(&self, owner: &str, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page> {
        self.store.list(owner, after, limit, timeout)
    }

    fn sweep(&self, before: u64, limit: usize, timeout: Duration) -> Result<usize> {
        self.store.sweep(before, limit, timeout)
    }

    fn close(&self) {
        self.store.close();
    }
}

/// Where a write is lost: on the way there, or the answer on the way back.
#[derive(Clone, Copy)]
enum Lost {
    Before,
    After,
}

/// Fails as it is told.
struct Failing {
    store: MemoryStore,
    reads: Mutex<bool>,
    writes: Mutex<Option<Lost>>,
    /// How many writes there are before they are lost.
    left: AtomicUsize,
}

impl Failing {
    fn new(store: MemoryStore) -> Self {
        Self { store, reads: Mutex::new(false), writes: Mutex::new(None), left: AtomicUsize::new(0) }
    }

    fn fail_reads(&self, fails: bool) {
        *self.reads.lock().unwrap() = fails;
    }

    fn fail_writes(&self, lost: Option<Lost>) {
        *self.writes.lock().unwrap() = lost;
    }

    fn fail_writes_after(&self, count: usize) {
        self.left.store(count, Ordering::Relaxed);
        self.fail_writes(Some(Lost::Before));
    }

    fn read(&self) -> Result<(), Error> {
        if *self.reads.lock().unwrap() { Err(unavailable("it is down")) } else { Ok(()) }
    }
}

impl Store for Failing {
    fn get(&self, key: &str, timeout: Duration) -> Result<Option<Record>> {
        self.read()?;
        self.store.get(key, timeout)
    }

    fn put_if(&self, key: &str, expected: Option<u64>, record: &Record, timeout: Duration) -> Result<bool> {
        let is_left = |left: usize| left.checked_sub(1);
        match *self.writes.lock().unwrap() {
            _ if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, is_left).is_ok() => {
                self.store.put_if(key, expected, record, timeout)
            }
            None => self.store.put_if(key, expected, record, timeout),
            Some(Lost::Before) => Err(uncertain("the connection broke")),
            Some(Lost::After) => {
                self.store.put_if(key, expected, record, timeout)?;
                Err(uncertain("the connection broke"))
            }
        }
    }

    fn delete_if(&self, key: &str, version: u64, timeout: Duration) -> Result<bool> {
        self.store.delete_if(key, version, timeout)
    }

    fn list(&self, owner: &str, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page> {
        self.read()?;
        self.store.list(owner, after, limit, timeout)
    }

    fn sweep(&self, before: u64, limit: usize, timeout: Duration) -> Result<usize> {
        self.store.sweep(before, limit, timeout)
    }

    fn close(&self) {
        self.store.close();
    }
}
