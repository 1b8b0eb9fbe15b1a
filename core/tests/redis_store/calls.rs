//! What the calls do, where the conformance suite does not look: what the server holds, and what others did to it.

use authwright_core::store::{Page, Record, RedisStore, Store};
use authwright_core::{Code, system_now_ms};
use serde_json::json;

use super::{Servers, TIMEOUT, open, options, owned, record};

const DAY: u64 = 86_400_000;

#[test]
fn the_server_collects_a_day_after_the_end() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    let now = system_now_ms();
    let ends = |version, end| Record { expires_at: Some(end), ..record(version, "value") };
    let mut left = |key: &str| servers.call(0, &["PTTL", &format!("authwright:r:{key}")]).as_i64().unwrap();
    let about = |left: i64, expected: u64| assert!(left.abs_diff(expected as i64) < 60_000, "{left}, not {expected}");

    assert!(store.put_if("a", None, &ends(1, now + 5 * DAY), TIMEOUT).unwrap());
    about(left("a"), 6 * DAY);
    assert!(store.put_if("a", Some(1), &ends(2, now + DAY), TIMEOUT).unwrap());
    about(left("a"), 2 * DAY);
    assert!(store.put_if("a", Some(2), &record(3, "for ever"), TIMEOUT).unwrap());
    assert_eq!(left("a"), -1);
    // What is over for the server may not be for who wrote it.
    assert!(store.put_if("a", Some(3), &ends(4, 1000), TIMEOUT).unwrap());
    about(left("a"), DAY);
    assert_eq!(store.get("a", TIMEOUT).unwrap(), Some(ends(4, 1000)));
    assert!(store.put_if("b", None, &ends(1, (1 << 53) - 1), TIMEOUT).unwrap());
    assert_eq!(store.get("b", TIMEOUT).unwrap(), Some(ends(1, (1 << 53) - 1)));
    assert!(left("b") > 0);
    assert_eq!(store.sweep(u64::MAX, 10, TIMEOUT).unwrap(), 0);
}

#[test]
fn fields_that_a_record_no_longer_has_are_gone() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    let full = Record { expires_at: Some(1 << 50), ..owned(1, "owner") };
    assert!(store.put_if("a", None, &full, TIMEOUT).unwrap());
    assert_eq!(servers.call(0, &["HLEN", "authwright:r:a"]), json!(4));
    assert!(store.put_if("a", Some(1), &record(2, ""), TIMEOUT).unwrap());
    assert_eq!(servers.call(0, &["HLEN", "authwright:r:a"]), json!(2));
    assert_eq!(store.get("a", TIMEOUT).unwrap(), Some(record(2, "")));
}

#[test]
fn scripts_that_the_server_has_forgotten_are_sent_again() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    for version in 1..4 {
        servers.call(0, &["SCRIPT", "FLUSH"]);
        assert!(store.put_if("key", (version > 1).then_some(version - 1), &owned(version, "owner"), TIMEOUT).unwrap());
        servers.call(0, &["SCRIPT", "FLUSH"]);
        assert_eq!(store.list("owner", None, 10, TIMEOUT).unwrap().entries.len(), 1);
    }
    servers.call(0, &["SCRIPT", "FLUSH"]);
    assert!(store.delete_if("key", 3, TIMEOUT).unwrap());
}

#[test]
fn records_that_others_have_changed_are_corrupt() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    assert!(store.put_if("key", None, &owned(5, "owner"), TIMEOUT).unwrap());
    assert!(store.put_if("other", None, &owned(5, "owner"), TIMEOUT).unwrap());
    let name = "authwright:r:key";
    let listed = |store: &RedisStore| {
        let mut entries = store.list("owner", None, 10, TIMEOUT).unwrap().entries;
        entries.sort_by(|one, other| one.key.cmp(&other.key));
        assert_eq!(entries[0].record, Record { value: String::new(), ..owned(0, "owner") });
        assert_eq!(entries[1].record, owned(5, "owner"));
        entries.into_iter().map(|entry| entry.key).collect::<Vec<_>>()
    };
    for (field, value) in [
        ("v", "x"),
        ("v", ""),
        ("v", "-1"),
        ("v", "05"),
        ("v", "9007199254740992"),
        ("e", "soon"),
        ("e", ""),
        ("o", ""),
        ("o", "an owner"),
        ("more", "fields"),
    ] {
        let before = servers.call(0, &["HGET", name, field]);
        servers.call(0, &["HSET", name, field, value]);
        assert_eq!(store.get("key", TIMEOUT).unwrap_err().code(), Code::StoreCorrupt, "{field} {value}");
        // A listing has it all the same, as a record that nobody has written.
        assert_eq!(listed(&store), ["key", "other"], "{field} {value}");
        match before.as_str() {
            Some(before) => servers.call(0, &["HSET", name, field, before]),
            None => servers.call(0, &["HDEL", name, field]),
        };
        assert_eq!(store.get("key", TIMEOUT).unwrap(), Some(owned(5, "owner")));
    }
    for field in ["v", "d"] {
        let before = servers.call(0, &["HGET", name, field]);
        servers.call(0, &["HDEL", name, field]);
        assert_eq!(store.get("key", TIMEOUT).unwrap_err().code(), Code::StoreCorrupt, "{field}");
        servers.call(0, &["HSET", name, field, before.as_str().unwrap()]);
    }
    servers.call(0, &["HDEL", name, "v"]);
    assert_eq!(store.put_if("key", None, &record(6, ""), TIMEOUT).unwrap_err().code(), Code::StoreCorrupt);
    assert_eq!(store.delete_if("key", 5, TIMEOUT).unwrap_err().code(), Code::StoreCorrupt);

    servers.call(0, &["SET", "authwright:r:text", "something else"]);
    assert_eq!(store.get("text", TIMEOUT).unwrap_err().code(), Code::StoreCorrupt);
    assert_eq!(store.put_if("text", None, &record(6, ""), TIMEOUT).unwrap_err().code(), Code::StoreCorrupt);
    assert_eq!(store.delete_if("text", 5, TIMEOUT).unwrap_err().code(), Code::StoreCorrupt);
    assert_eq!(servers.call(0, &["GET", "authwright:r:text"]), json!("something else"));
    servers.call(0, &["DEL", name]);
    servers.call(0, &["SET", name, "something else"]);
    assert_eq!(listed(&store), ["key", "other"]);

    servers.call(0, &["SET", "authwright:o:someone", "something else"]);
    assert_eq!(store.list("someone", None, 1, TIMEOUT).unwrap_err().code(), Code::StoreCorrupt);
    assert_eq!(store.put_if("new", None, &owned(6, "someone"), TIMEOUT).unwrap_err().code(), Code::StoreCorrupt);
    assert_eq!(store.get("new", TIMEOUT).unwrap(), None);
    servers.call(0, &["ZADD", "authwright:o:else", "1.5", "key"]);
    assert_eq!(store.list("else", None, 1, TIMEOUT).unwrap(), Page::default());
}

#[test]
fn a_foreign_namespace_is_not_touched() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let others = [
        (Code::StoreForeign, vec!["SET", "x:schema", "somebody else's"]),
        (Code::StoreForeign, vec!["SET", "x:schema", "authwright"]),
        (Code::StoreForeign, vec!["SET", "x:schema", "authwright 0"]),
        (Code::StoreForeign, vec!["SET", "x:schema", "authwright 1 "]),
        (Code::StoreForeign, vec!["HSET", "x:schema", "field", "value"]),
        (Code::StoreVersion, vec!["SET", "x:schema", "authwright 2"]),
    ];
    for (code, command) in others {
        servers.call(0, &["FLUSHALL"]);
        servers.call(0, &command);
        let store = RedisStore::new(servers.url(), &options(r#"{"namespace": "x"}"#)).unwrap();
        assert_eq!(store.get("key", TIMEOUT).unwrap_err().code(), code, "{command:?}");
        assert_eq!(store.put_if("key", None, &owned(1, "owner"), TIMEOUT).unwrap_err().code(), code);
        assert_eq!(store.delete_if("key", 1, TIMEOUT).unwrap_err().code(), code);
        assert_eq!(store.list("owner", None, 1, TIMEOUT).unwrap_err().code(), code);
        assert_eq!(store.sweep(1, 1, TIMEOUT).unwrap_err().code(), code);
        assert_eq!(servers.call(0, &["DBSIZE"]), json!(1));
        // It may be put right.
        servers.call(0, &["DEL", "x:schema"]);
        assert!(store.put_if("key", None, &record(1, ""), TIMEOUT).unwrap());
        assert_eq!(servers.call(0, &["GET", "x:schema"]), json!("authwright 1"));
    }
}

#[test]
fn namespaces_and_databases_are_apart_and_who_reads_writes_nothing() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let other = RedisStore::new(servers.url(), &options(r#"{"namespace": "other"}"#)).unwrap();
    let ninth = open(&format!("{}/9", servers.url()));
    let store = open(servers.url());
    for store in [&other, &ninth, &store] {
        assert_eq!(store.get("key", TIMEOUT).unwrap(), None);
        assert_eq!(store.list("owner", None, 1, TIMEOUT).unwrap().entries, []);
        assert_eq!(store.sweep(1 << 50, 100, TIMEOUT).unwrap(), 0);
    }
    assert_eq!(servers.call(0, &["DBSIZE"]), json!(0));
    assert!(store.put_if("key", None, &owned(1, "owner"), TIMEOUT).unwrap());
    assert_eq!(servers.call(0, &["DBSIZE"]), json!(3));
    for store in [&other, &ninth] {
        assert_eq!(store.get("key", TIMEOUT).unwrap(), None);
        assert_eq!(store.list("owner", None, 1, TIMEOUT).unwrap().entries, []);
    }
    assert!(ninth.put_if("key", None, &record(2, "there"), TIMEOUT).unwrap());
    assert_eq!(store.get("key", TIMEOUT).unwrap(), Some(owned(1, "owner")));
}

#[test]
fn no_more_connections_than_allowed_and_none_after_close() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = RedisStore::new(servers.url(), &options(r#"{"connections": 3}"#)).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..12 {
            let store = &store;
            scope.spawn(move || {
                for version in 1..50 {
                    let key = format!("key-{thread}");
                    let expected = (version > 1).then_some(version - 1);
                    assert!(store.put_if(&key, expected, &record(version, ""), TIMEOUT).unwrap());
                    assert_eq!(store.get(&key, TIMEOUT).unwrap().unwrap().version, version);
                }
            });
        }
    });
    let mut clients = || servers.call(0, &["CLIENT", "LIST", "TYPE", "NORMAL"]).as_str().unwrap().lines().count();
    // One of them is who asks.
    assert!((2..=4).contains(&clients()), "{}", clients());
    store.close();
    store.close();
    assert_eq!(clients(), 1);
    assert_eq!(store.get("key-1", TIMEOUT).unwrap_err().code(), Code::Closed);
    assert_eq!(store.put_if("key-1", None, &record(1, ""), TIMEOUT).unwrap_err().code(), Code::Closed);
    assert_eq!(store.sweep(1, 1, TIMEOUT).unwrap_err().code(), Code::Closed);
}
