//! What the five calls do, where the conformance suite does not look.

use std::time::{Duration, Instant};

use authwright_core::Code;
use authwright_core::store::{Record, Store};
use rusqlite::Connection;

use super::{SHORT, Scratch, TIMEOUT, code, plain, store_with};

#[test]
fn records_outlive_the_store() {
    let scratch = Scratch::new();
    let records = [
        ("a", plain(1, "")),
        ("A", plain(9_007_199_254_740_991, "\0 'x'; DROP TABLE records; -- \u{1f600} \r\n")),
        ("');DELETE-FROM-records--", Record { owner: Some("o'; --".to_owned()), expires_at: Some(0), ..plain(3, "x") }),
        ("%", plain(4, "4")),
        ("_", plain(5, &"x".repeat(65_536))),
        ("1", plain(6, "6")),
        ("1.0", plain(7, "NULL")),
    ];
    let store = scratch.store();
    for (key, record) in &records {
        assert!(store.put_if(key, None, record, TIMEOUT).unwrap(), "{key}");
    }
    drop(store);
    let store = scratch.store();
    for (key, record) in &records {
        assert_eq!(store.get(key, TIMEOUT).unwrap().as_ref(), Some(record), "{key}");
        assert!(!store.put_if(key, None, &plain(8, "other"), TIMEOUT).unwrap());
        assert!(!store.put_if(key, Some(record.version + 1), &plain(8, "other"), TIMEOUT).unwrap());
        assert!(!store.delete_if(key, record.version + 1, TIMEOUT).unwrap());
    }
    for (key, record) in &records {
        assert!(store.put_if(key, Some(record.version), &plain(8, "other"), TIMEOUT).unwrap());
        assert_eq!(store.get(key, TIMEOUT).unwrap(), Some(plain(8, "other")));
        assert!(store.delete_if(key, 8, TIMEOUT).unwrap());
        assert_eq!(store.get(key, TIMEOUT).unwrap(), None);
    }
}

#[test]
fn pages_follow_each_other() {
    let scratch = Scratch::new();
    let store = scratch.store();
    for number in 0..10 {
        let owner = if number % 2 == 0 { "even" } else { "odd" };
        let record = Record { owner: Some(owner.to_owned()), ..plain(1, "") };
        assert!(store.put_if(&format!("k{number}"), None, &record, TIMEOUT).unwrap());
    }
    let mut keys = Vec::new();
    let mut after = None;
    loop {
        let page = store.list("even", after.as_deref(), 2, TIMEOUT).unwrap();
        assert!(page.entries.len() <= 2);
        keys.extend(page.entries.into_iter().map(|entry| entry.key));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(keys, ["k0", "k2", "k4", "k6", "k8"]);
    assert_eq!(store.list("even", None, 5, TIMEOUT).unwrap().next, None);
    assert!(store.list("EVEN", None, 5, TIMEOUT).unwrap().entries.is_empty());
    let long = "k".repeat(257);
    for cursor in ["", "a b", "\u{e9}", "\0", long.as_str()] {
        let error = store.list("even", Some(cursor), 2, TIMEOUT).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("after")), "{cursor:?}");
    }
}

#[test]
fn a_sweep_removes_no_more_than_it_may_and_fewer_only_at_the_end() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let tidy = Connection::open(scratch.file()).unwrap();
    assert_eq!(store.sweep(1000, 10, TIMEOUT).unwrap(), 0);
    tidy.execute_batch(
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
         INSERT INTO records (key, version, value, expires_at) SELECT 'k' || i, 1, '', i FROM n;
         INSERT INTO records (key, version, value) VALUES ('stays', 1, '')",
    )
    .unwrap();
    assert_eq!(store.sweep(0, 1000, TIMEOUT).unwrap(), 0);
    assert_eq!(store.sweep(5, 1000, TIMEOUT).unwrap(), 5);
    assert_eq!(store.sweep(u64::MAX, 600, TIMEOUT).unwrap(), 600);
    assert!(store.get("k604", TIMEOUT).unwrap().is_none(), "the oldest go first");
    assert!(store.get("k605", TIMEOUT).unwrap().is_some());
    assert_eq!(store.sweep(u64::MAX, 600, TIMEOUT).unwrap(), 395);
    assert!(store.get("stays", TIMEOUT).unwrap().is_some());
}

#[test]
fn numbers_that_are_too_large() {
    let scratch = Scratch::new();
    let store = scratch.store();
    assert_eq!(code(store.put_if("a", None, &plain(u64::MAX, ""), TIMEOUT)), Code::InvalidArgument);
    let record = Record { expires_at: Some(u64::MAX), ..plain(1, "") };
    assert_eq!(code(store.put_if("a", None, &record, TIMEOUT)), Code::InvalidArgument);
    assert!(!store.put_if("a", Some(u64::MAX), &plain(1, ""), TIMEOUT).unwrap());
    assert!(!store.delete_if("a", u64::MAX, TIMEOUT).unwrap());
}

#[test]
fn a_writer_waits_for_its_turn_and_no_longer_than_its_timeout() {
    let scratch = Scratch::new();
    let store = scratch.store();
    assert!(store.put_if("a", None, &plain(1, "1"), TIMEOUT).unwrap());
    let other = Connection::open(scratch.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Instant::now();
    assert_eq!(code(store.put_if("a", Some(1), &plain(2, "2"), SHORT)), Code::StoreUnavailable);
    assert_eq!(code(store.sweep(1, 1, SHORT)), Code::StoreUnavailable);
    assert!((2 * SHORT..Duration::from_secs(5)).contains(&begun.elapsed()));
    assert_eq!(code(store.delete_if("a", 1, Duration::ZERO)), Code::StoreUnavailable);
    assert_eq!(store.get("a", SHORT).unwrap(), Some(plain(1, "1")), "who reads does not wait");
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| store.put_if("a", Some(1), &plain(2, "2"), TIMEOUT).unwrap());
        std::thread::sleep(SHORT);
        other.execute_batch("COMMIT").unwrap();
        assert!(writer.join().unwrap());
    });
    assert_eq!(store.get("a", TIMEOUT).unwrap(), Some(plain(2, "2")));
}

#[test]
fn a_call_waits_for_a_connection_and_no_longer_than_its_timeout() {
    let scratch = Scratch::new();
    let store = store_with(&scratch.file(), r#"{"connections": 1}"#).unwrap();
    assert!(store.put_if("a", None, &plain(1, "1"), TIMEOUT).unwrap());
    let other = Connection::open(scratch.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| store.put_if("a", Some(1), &plain(2, "2"), TIMEOUT).unwrap());
        std::thread::sleep(SHORT);
        assert_eq!(code(store.get("a", SHORT)), Code::StoreUnavailable);
        let reader = scope.spawn(|| store.get("a", TIMEOUT).unwrap());
        std::thread::sleep(SHORT);
        other.execute_batch("COMMIT").unwrap();
        assert!(writer.join().unwrap());
        assert_eq!(reader.join().unwrap(), Some(plain(2, "2")));
    });
}

#[test]
fn closing_wakes_who_waits() {
    let scratch = Scratch::new();
    let store = store_with(&scratch.file(), r#"{"connections": 1}"#).unwrap();
    assert!(store.put_if("a", None, &plain(1, "1"), TIMEOUT).unwrap());
    let other = Connection::open(scratch.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| store.put_if("a", Some(1), &plain(2, "2"), TIMEOUT).unwrap());
        std::thread::sleep(SHORT);
        let reader = scope.spawn(|| store.get("a", TIMEOUT));
        std::thread::sleep(SHORT);
        store.close();
        assert_eq!(code(reader.join().unwrap()), Code::Closed);
        assert_eq!(code(store.get("a", TIMEOUT)), Code::Closed);
        other.execute_batch("COMMIT").unwrap();
        assert!(writer.join().unwrap(), "what was begun is finished");
    });
    assert_eq!(code(store.sweep(1, 1, TIMEOUT)), Code::Closed);
    store.close();
    assert_eq!(scratch.store().get("a", TIMEOUT).unwrap(), Some(plain(2, "2")));
}

#[test]
fn closed_before_it_was_used() {
    let scratch = Scratch::new();
    let store = scratch.store();
    store.close();
    assert_eq!(code(store.get("a", TIMEOUT)), Code::Closed);
    assert!(scratch.files().is_empty());
}
