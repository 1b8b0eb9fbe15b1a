//! Listing by owner, where the conformance suite does not look: the index itself.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use authwright_core::store::{RedisStore, Store};
use authwright_core::{Code, system_now_ms};
use serde_json::json;

use super::{Servers, TIMEOUT, all, open, options, owned};

const HOUR: u64 = 3_600_000;

#[test]
fn entries_of_the_same_time_are_all_met_wherever_a_page_ends() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    let mut keys: Vec<String> = (0..23).map(|number| format!("key-{number:02}")).collect();
    // As they are sorted by their bytes, and not as a language would.
    keys.extend(["B".to_owned(), "_".to_owned(), "a".to_owned(), "{b}".to_owned()]);
    keys.sort();
    for key in &keys {
        assert!(store.put_if(key, None, &owned(1, "owner"), TIMEOUT).unwrap());
        servers.call(0, &["ZADD", "authwright:o:owner", "1700000000000", key]);
    }
    for limit in [1, 2, 5, 26, 27, 28, 1000] {
        assert_eq!(all(&store, "owner", limit).unwrap(), keys, "{limit}");
    }
    // The page's last entry is gone when the next is asked for.
    for limit in [1, 7, 25] {
        let page = store.list("owner", None, limit, TIMEOUT).unwrap();
        let last = page.entries.last().unwrap().key.clone();
        servers.call(0, &["ZREM", "authwright:o:owner", &last]);
        let rest = store.list("owner", page.next.as_deref(), 1000, TIMEOUT).unwrap();
        let rest: Vec<&str> = rest.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(rest, keys[limit..], "{limit}");
        let rest = store.list("owner", page.next.as_deref(), 1, TIMEOUT).unwrap();
        assert_eq!(rest.entries[0].key, keys[limit]);
        servers.call(0, &["ZADD", "authwright:o:owner", "1700000000000", &last]);
    }
}

#[test]
fn entries_without_records_are_passed_over_and_go_when_they_are_old() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    let old = (system_now_ms() - HOUR - 60_000).to_string();
    let young = (system_now_ms() - HOUR + 60_000).to_string();
    let index = "authwright:o:owner";
    for number in 0..20 {
        servers.call(0, &["ZADD", index, &old, &format!("old-{number}")]);
        servers.call(0, &["ZADD", index, &young, &format!("young-{number}")]);
    }
    assert!(store.put_if("key", None, &owned(1, "owner"), TIMEOUT).unwrap());
    // Of another owner now.
    assert!(store.put_if("moved", None, &owned(1, "other"), TIMEOUT).unwrap());
    servers.call(0, &["ZADD", index, &old, "moved"]);
    assert_eq!(servers.call(0, &["ZCARD", index]), json!(42));
    for limit in [3, 1, 1000] {
        let page = store.list("owner", None, limit, TIMEOUT).unwrap();
        assert_eq!(page.entries.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["key"]);
        assert_eq!(page.next, None);
    }
    assert_eq!(servers.call(0, &["ZCARD", index]), json!(21));
    assert_eq!(all(&store, "other", 10).unwrap(), ["moved"]);
}

#[test]
fn an_entry_that_was_left_is_made_young_before_a_record_follows_it() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    let index = "authwright:o:owner";
    let mut entered = |key: &str, at: Option<u64>| {
        if let Some(at) = at {
            servers.call(0, &["ZADD", index, &at.to_string(), key]);
        }
        servers.call(0, &["ZSCORE", index, key]).as_str().map(|score| score.parse::<u64>().unwrap())
    };
    let now = system_now_ms();
    for (age, is_renewed) in [(2 * HOUR, true), (HOUR / 2 + 60_000, true), (HOUR / 2 - 60_000, false)] {
        let key = format!("key-{age}");
        entered(&key, Some(now - age));
        assert!(store.put_if(&key, None, &owned(1, "owner"), TIMEOUT).unwrap());
        let at = entered(&key, None).unwrap();
        assert_eq!(at >= now - 60_000, is_renewed, "{at}");
        // The entry of a record stays where it is, whoever tries to make the record again, or replaces it.
        entered(&key, Some(1000));
        assert!(!store.put_if(&key, None, &owned(1, "owner"), TIMEOUT).unwrap());
        assert!(store.put_if(&key, Some(1), &owned(2, "owner"), TIMEOUT).unwrap());
        assert_eq!(entered(&key, None), Some(1000));
    }
    assert_eq!(all(&store, "owner", 10).unwrap().len(), 3);
}

#[test]
fn an_entry_that_was_lost_comes_back_when_its_record_is_replaced() {
    for kind in ["single", "cluster"] {
        let Some(mut servers) = Servers::start(kind, &[]) else { return };
        let nodes = if kind == "cluster" { 3 } else { 1 };
        let store = open(servers.url());
        assert!(store.put_if("key", None, &owned(1, "owner"), TIMEOUT).unwrap());
        for node in 0..nodes {
            for index in servers.call(node, &["KEYS", "authwright:o:*"]).as_array().unwrap() {
                servers.call(node, &["DEL", index.as_str().unwrap()]);
            }
        }
        assert!(all(&store, "owner", 10).unwrap().is_empty());
        assert!(!store.put_if("key", Some(7), &owned(8, "owner"), TIMEOUT).unwrap());
        assert!(all(&store, "owner", 10).unwrap().is_empty());
        assert!(store.put_if("key", Some(1), &owned(2, "owner"), TIMEOUT).unwrap());
        assert_eq!(all(&store, "owner", 10).unwrap(), ["key"]);
    }
}

#[test]
fn sweeping_tidies_indexes_that_nobody_lists() {
    for kind in ["single", "cluster"] {
        let Some(mut servers) = Servers::start(kind, &[]) else { return };
        let nodes = if kind == "cluster" { 3 } else { 1 };
        let namespace = r"we[i]rd*?\^";
        let json = json!({ "namespace": namespace }).to_string();
        let store = RedisStore::new(servers.url(), &options(&json)).unwrap();
        for number in 0..40 {
            let owner = format!("owner-{number}");
            for key in 0..5 {
                assert!(store.put_if(&format!("{owner}-{key}"), None, &owned(1, &owner), TIMEOUT).unwrap());
            }
        }
        // An hour and more ago, as it were.
        let mut keys = Vec::new();
        for node in 0..nodes {
            for key in servers.call(node, &["KEYS", r"we\[i\]rd\*\?\\\^:o:*"]).as_array().unwrap() {
                let key = key.as_str().unwrap().to_owned();
                for entry in servers.call(node, &["ZRANGE", &key, "0", "-1"]).as_array().unwrap() {
                    servers.call(node, &["ZADD", &key, "1000", entry.as_str().unwrap()]);
                }
                keys.push((node, key));
            }
        }
        assert_eq!(keys.len(), 40);
        for number in 0..40 {
            for key in 0..4 {
                assert!(store.delete_if(&format!("owner-{number}-{key}"), 1, TIMEOUT).unwrap());
            }
        }
        // These are no indexes, and are gone past.
        for node in 0..nodes {
            for number in 0..60 {
                let key = format!("{namespace}:o:none-{number}");
                let _ = servers.try_call(node, &["SET", &key, "something else"]);
                let _ = servers.try_call(node, &["ZADD", &format!("{key}-odd"), "1.5", "odd"]);
            }
        }
        assert_eq!(store.sweep(1 << 50, 1, TIMEOUT).unwrap(), 0);
        for (node, key) in keys {
            assert_eq!(servers.call(node, &["ZCARD", &key]), json!(1), "{kind} {key}");
        }
        assert_eq!(all(&store, "owner-7", 10).unwrap(), ["owner-7-4"]);
    }
}

/// Whoever writes to the server by hand hides no record.
#[test]
fn what_can_be_no_entry_is_gone_past() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    for number in 0..10 {
        assert!(store.put_if(&format!("key-{number}"), None, &owned(1, "owner"), TIMEOUT).unwrap());
        for wrong in [format!("a b {number}"), "x".repeat(257 + number), format!("\u{e9}{number}")] {
            servers.call(0, &["ZADD", "authwright:o:owner", &number.to_string(), &wrong]);
        }
        servers.call(0, &["ZADD", "authwright:o:owner", "1.5", &format!("half-{number}")]);
        servers.call(0, &["ZADD", "authwright:o:owner", "-1", &format!("before-{number}")]);
        servers.call(0, &["ZADD", "authwright:o:owner", "+inf", &format!("never-{number}")]);
    }
    for limit in [1, 3, 100] {
        let found = all(&store, "owner", limit).unwrap();
        assert_eq!(found.len(), 10, "{limit}: {found:?}");
    }
    assert_eq!(servers.call(0, &["ZCARD", "authwright:o:owner"]), json!(10));
}

#[test]
fn a_sweep_goes_on_where_the_one_before_had_to_stop() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    // Of each owner one record, and the entry of one that went more than an hour ago.
    for number in 0..2000 {
        let (owner, key) = (format!("owner-{number}"), format!("key-{number}"));
        servers.call(0, &["ZADD", &format!("authwright:o:{owner}"), "1000", "gone", "1000", &key]);
        servers.call(0, &["HSET", &format!("authwright:r:{key}"), "o", &owner]);
    }
    let count = "local left = 0
        for _, index in ipairs(redis.call('KEYS', 'authwright:o:*')) do
            if redis.call('ZSCORE', index, 'gone') then left = left + 1 end
        end
        return left";
    let mut left = || servers.call(0, &["EVAL", count, "0"]).as_u64().unwrap();
    let (begun, mut sweeps) = (Instant::now(), 0);
    while left() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} are left after {sweeps} sweeps", left());
        // Too short for all of them, and now and then for anything.
        let _ = store.sweep(1, 1, Duration::from_millis(60));
        sweeps += 1;
    }
    assert!(sweeps > 1, "all of them in one");
}

#[test]
fn records_that_stay_are_seen_once_while_others_come_and_go() {
    let Some(servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    for number in 0..100 {
        assert!(store.put_if(&format!("stays-{number}"), None, &owned(1, "owner"), TIMEOUT).unwrap());
        assert!(store.put_if(&format!("goes-{number}"), None, &owned(1, "owner"), TIMEOUT).unwrap());
    }
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..100 {
                store.delete_if(&format!("goes-{number}"), 1, TIMEOUT).unwrap();
                store.put_if(&format!("comes-{number}"), None, &owned(1, "owner"), TIMEOUT).unwrap();
                store.put_if(&format!("stays-{number}"), Some(1), &owned(2, "owner"), TIMEOUT).unwrap();
            }
            is_over.store(true, Ordering::Relaxed);
        });
        while !is_over.load(Ordering::Relaxed) {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for key in all(&store, "owner", 7).unwrap() {
                *seen.entry(key).or_default() += 1;
            }
            assert!(seen.values().all(|count| *count == 1), "{seen:?}");
            assert_eq!(seen.keys().filter(|key| key.starts_with("stays-")).count(), 100);
        }
    });
}

#[test]
fn cursors_that_are_none_are_refused() {
    let Some(servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    for cursor in [
        "",
        "x",
        "key",
        "MTphIGI",
        "LTE6YQ",
        "MToA",
        "OjE",
        "MTo",
        "MS41OmE",
        "AAAA",
        "\u{e4}",
        "MTph=",
        "OTAwNzE5OTI1NDc0MDk5MjphIA",
    ] {
        let error = store.list("owner", Some(cursor), 1, TIMEOUT).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("after")), "{cursor}");
    }
    // 1:a
    assert_eq!(store.list("owner", Some("MTph"), 1, TIMEOUT).unwrap().entries, []);
}
