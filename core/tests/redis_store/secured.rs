//! Passwords and TLS.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use authwright_core::Code;
use authwright_core::store::Store;

use super::{Servers, TIMEOUT, open, record};

#[test]
fn a_password_and_tls() {
    let Some(servers) = Servers::start("tls", &[]) else { return };
    for url in [servers.url(), servers.fact("plain_url")] {
        let store = open(url);
        assert!(store.put_if(url, None, &record(1, "value"), TIMEOUT).is_ok());
        assert!(
            store
                .put_if(
                    "key",
                    store.get("key", TIMEOUT).unwrap().map(|there| there.version),
                    &record(7, &"long ".repeat(13_000)),
                    TIMEOUT
                )
                .unwrap()
        );
        assert_eq!(store.get("key", TIMEOUT).unwrap(), Some(record(7, &"long ".repeat(13_000))));
        assert!(!format!("{store:?}").contains("password"));
    }
}

/// Which answers with what it was sent: that is the password.
#[test]
fn a_server_that_knows_no_login_is_not_quoted() {
    let Some(servers) = Servers::start("single", &["rename-command=AUTH \"\""]) else { return };
    for login in [":hunter2", "hunter2:hunter2"] {
        let store = open(&servers.url().replace("redis://", &format!("redis://{login}@")));
        let error = store.get("key", TIMEOUT).unwrap_err();
        assert_eq!(error.code(), Code::StoreUnavailable);
        assert!(!error.message().contains("hunter2") && error.message().contains("ERR"), "{error}");
    }
}

/// As a Sentinel would that wants a password and has its `AUTH` renamed.
#[test]
fn a_sentinel_that_knows_no_login_is_not_quoted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis+sentinel://:hunter2@{}/mymaster", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut piece = [0; 4096];
            while let Ok(amount @ 1..) = client.read(&mut piece) {
                let answer = match String::from_utf8_lossy(&piece[..amount]).contains("AUTH") {
                    true => "-ERR unknown command 'AUTH', with args beginning with: 'hunter2' \r\n",
                    false => "-NOAUTH Authentication required.\r\n",
                };
                client.write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    let error = open(&url).get("key", Duration::from_secs(2)).unwrap_err();
    assert!(!error.message().contains("hunter2") && error.message().contains("answers"), "{error}");
}

#[test]
fn who_is_not_trusted_or_does_not_trust_is_told_why() {
    let Some(mut servers) = Servers::start("tls", &[]) else { return };
    servers.call(0, &["ACL", "SETUSER", "limited", "on", ">limited", "~other:*", "+@all"]);
    servers.call(0, &["ACL", "SETUSER", "reader", "on", ">reader", "~*", "+@read", "+@connection"]);
    let good = servers.url().to_owned();
    let plain = servers.fact("plain_url").to_owned();
    let password = servers.fact("encoded_password").to_owned();
    let (tls_place, plain_place) = (good.split(['@', '?']).nth(1).unwrap(), plain.split('@').nth(1).unwrap());
    let (without_ca, ca) = good.split_once('?').unwrap();
    for (url, why) in [
        (without_ca.to_owned(), "UnknownIssuer"),
        (good.replace("localhost", "127.0.0.1"), "not valid for name"),
        (format!("redis://:{password}@{tls_place}"), ""),
        (format!("rediss://:{password}@{plain_place}?{ca}").replace("127.0.0.1", "localhost"), "TLS"),
        (good.replace(&password, "wrong"), "WRONGPASS"),
        (plain.replace(&password, "wrong"), "WRONGPASS"),
        (plain.replace(&format!(":{password}"), &format!("nobody:{password}")), "WRONGPASS"),
        (format!("redis://{plain_place}"), "NOAUTH"),
        (format!("redis://limited:limited@{plain_place}"), "NOPERM"),
    ] {
        let store = open(&url);
        let begun = Instant::now();
        let reading = store.get("key", Duration::from_secs(3)).unwrap_err();
        let writing = store.put_if("key", None, &record(1, ""), Duration::from_secs(3)).unwrap_err();
        for error in [reading, writing] {
            assert_eq!(error.code(), Code::StoreUnavailable, "{url}: {error}");
            assert!(error.message().contains(why), "{url}: {error}");
            assert!(!error.message().contains("100%") && !error.message().contains(&password), "{error}");
        }
        assert!(begun.elapsed() < Duration::from_secs(9));
    }
    open(&good).put_if("key", None, &record(1, ""), TIMEOUT).unwrap();
    let reader = open(&format!("redis://reader:reader@{plain_place}"));
    assert_eq!(reader.get("key", TIMEOUT).unwrap(), Some(record(1, "")));
    assert_eq!(reader.put_if("key", Some(1), &record(2, ""), TIMEOUT).unwrap_err().code(), Code::StoreUnavailable);
}
