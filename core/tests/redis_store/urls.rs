//! URLs that are taken, and those that are not.

use authwright_core::Code;
use authwright_core::store::{RedisStore, Store};

use super::{TIMEOUT, options};

#[test]
fn urls_that_are_none_are_refused_and_not_repeated() {
    for url in [
        "redis",
        "redis:",
        "redis:/127.0.0.1",
        "redis://",
        "redis://:6379",
        "redis://127.0.0.1:0",
        "redis://127.0.0.1:65536",
        "redis://127.0.0.1:+1",
        "redis://127.0.0.1:",
        "redis://::1",
        "redis://[::1",
        "redis://[::1]x",
        "redis://[secret]",
        "redis://h\u{f6}st",
        "redis://ho st",
        "redis://a,b",
        "redis://host/x",
        "redis://host/-1",
        "redis://host/0/0",
        "redis://host/99999999999",
        "redis://user@host",
        "redis://user:@host",
        "redis://user:sec/ret@host",
        "redis://user:sec?ret@host",
        "redis://user:sec#ret@host",
        "redis://user:sec@ret@host",
        "redis://user:secret%@host",
        "redis://user:secret%2@host",
        "redis://user:secret%zz@host",
        "redis://user:secret%ff@host",
        "redis://user:secret@ho%73t",
        "redis://:secret@host?password=secret",
        "redis://host?",
        "redis://host?wait_replicas",
        "redis://host?wait_replicas=-1",
        "redis://host?wait_replicas=101",
        "redis://host?wait_replicas=1&wait_replicas=1",
        "redis://host?ca_file=/etc/hosts",
        "rediss://host?ca_file=/nowhere/secret",
        "rediss://host?ca_file=/etc/hosts",
        "rediss://host?insecure=1",
        "rediss://host#insecure",
        "redis+sentinel://host",
        "redis+sentinel://host/",
        "redis+sentinel://host//0",
        "redis+sentinel://host/name/x",
        "redis+sentinel:///name",
        "redis+sentinel://host,/name",
        "redis+cluster://host/1",
        "redis+cluster://a,,b",
        "redis+unix://host",
        "REDIS://host",
    ] {
        let error = RedisStore::new(url, &options("{}")).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("url")), "{url}");
        for piece in ["secret", "sec", "ret@"] {
            assert!(!error.message().contains(piece), "{url}: {error}");
        }
    }
    let long = format!("redis+cluster://{}", vec!["host"; 65].join(","));
    assert!(RedisStore::new(&long, &options("{}")).is_err());
}

#[test]
fn what_is_shown_of_a_store_has_no_password() {
    for (url, servers) in [
        ("redis://127.0.0.1", "127.0.0.1:6379"),
        ("redis://[::1]/", "[::1]:6379"),
        ("redis://:secret@host:1/0", "host:1"),
        ("redis://user:sec%2Fret%20secret@host:1/15?wait_replicas=2", "host:1"),
        ("rediss://user:secret@host", "host:6379"),
        ("redis+sentinel://user:secret@a,b:1/name", "a:26379,b:1/name"),
        ("rediss+sentinel://a/my%20name%2F/1", ""),
        ("redis+sentinel://a/my%2Fname/1", "a:26379/my/name"),
        ("redis+cluster://user:secret@a,b:1", "a:6379,b:1"),
        ("rediss+cluster://a/0", "a:6379"),
    ] {
        let store = RedisStore::new(url, &options(r#"{"namespace": "space"}"#));
        if servers.is_empty() {
            assert!(store.is_err(), "{url}");
            continue;
        }
        let expected = format!("RedisStore {{ servers: {servers}, namespace: \"space\", .. }}");
        assert_eq!(format!("{:?}", store.unwrap()), expected);
    }
}

#[test]
fn nothing_is_connected_to_before_the_first_call_and_nothing_after_the_last() {
    let store = RedisStore::new("redis://user:secret@127.0.0.1:1", &options("{}")).unwrap();
    let error = store.get("key", TIMEOUT).unwrap_err();
    assert_eq!(error.code(), Code::StoreUnavailable);
    assert!(error.message().contains("127.0.0.1:1") && !error.message().contains("secret"), "{error}");
    store.close();
    assert_eq!(store.get("key", TIMEOUT).unwrap_err().code(), Code::Closed);
    let unresolved = RedisStore::new("redis://name.invalid", &options("{}")).unwrap();
    assert_eq!(unresolved.get("key", TIMEOUT).unwrap_err().code(), Code::StoreUnavailable);
}
