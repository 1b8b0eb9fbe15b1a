//! What a store says when its server is gone, mute, full or another than it was.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use authwright_core::Code;
use authwright_core::store::{RedisStore, Store};
use serde_json::json;

use super::{Servers, TIMEOUT, open, options, owned, record};

/// The time of calls that end without an answer, and what is too late for them: less than twice the time, as a call
/// would take that began anew, and so much more that a machine may stand still for a second.
const SHORT: Duration = Duration::from_millis(1500);
const TOO_LATE: Duration = Duration::from_millis(2800);

/// Less than a call takes that waits for its [`TIMEOUT`], and more than one that does not.
const AT_ONCE: Duration = Duration::from_secs(5);

/// As many connections that rest as there are threads.
fn fill_pool(store: &RedisStore) {
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..50).for_each(|_| drop(store.get("key", TIMEOUT).unwrap())));
        }
    });
}

#[test]
fn a_server_that_was_started_again_is_found_again() {
    let Some(mut servers) = Servers::start("single", &["appendonly=yes", "appendfsync=always"]) else { return };
    let store = open(servers.url());
    assert!(store.put_if("key", None, &owned(1, "owner"), TIMEOUT).unwrap());
    for version in 1..4 {
        fill_pool(&store);
        servers.kill(0);
        let begun = Instant::now();
        for error in [
            store.get("key", TIMEOUT).unwrap_err(),
            store.put_if("key", Some(version), &owned(9, "owner"), TIMEOUT).unwrap_err(),
            store.delete_if("key", version, TIMEOUT).unwrap_err(),
            store.list("owner", None, 1, TIMEOUT).unwrap_err(),
        ] {
            assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
        }
        assert!(begun.elapsed() < AT_ONCE);
        servers.start_again(0);
        assert_eq!(store.get("key", TIMEOUT).unwrap(), Some(owned(version, "owner")));

        fill_pool(&store);
        servers.kill(0);
        servers.start_again(0);
        assert_eq!(store.get("key", TIMEOUT).unwrap(), Some(owned(version, "owner")));
        assert_eq!(store.list("owner", None, 1, TIMEOUT).unwrap().entries.len(), 1);

        // A change is not sent into a connection that was closed.
        for is_deletion in [false, true] {
            fill_pool(&store);
            servers.kill(0);
            servers.start_again(0);
            match is_deletion {
                false => assert!(store.put_if("key", Some(version), &owned(version + 1, "owner"), TIMEOUT).unwrap()),
                true => assert!(store.delete_if("key", version + 1, TIMEOUT).unwrap()),
            }
        }
        assert!(store.put_if("key", None, &owned(version + 1, "owner"), TIMEOUT).unwrap());
    }
}

#[test]
fn every_call_ends_in_time_when_the_server_stalls() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = RedisStore::new(servers.url(), &options(r#"{"connections": 2}"#)).unwrap();
    assert!(store.put_if("key", None, &owned(1, "owner"), TIMEOUT).unwrap());
    servers.stall(0);
    let in_time = |code: Code, work: &dyn Fn() -> authwright_core::Error| {
        let begun = Instant::now();
        let error = work();
        assert_eq!(error.code(), code, "{error}");
        assert!((SHORT / 2..TOO_LATE).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    };
    in_time(Code::StoreUnavailable, &|| store.get("key", SHORT).unwrap_err());
    // Over a connection that cannot be logged in on: nothing was sent.
    in_time(Code::StoreUnavailable, &|| open(servers.url()).put_if("new", None, &record(2, ""), SHORT).unwrap_err());
    servers.resume(0);
    for change in [0, 1, 2] {
        fill_pool(&store);
        servers.stall(0);
        in_time(Code::StoreUncertain, &|| match change {
            0 => store.put_if("key", Some(1), &owned(2, "owner"), SHORT).unwrap_err(),
            1 => store.delete_if("key", 7, SHORT).unwrap_err(),
            // Of a new record the index is first, which changes no record.
            _ => store.put_if("lease", None, &record(2, ""), SHORT).unwrap_err(),
        });
        servers.resume(0);
    }
    in_time_for_all(&mut servers, &store);
    assert!(store.get("key", TIMEOUT).unwrap().is_some());
}

/// The signal that wakes it interrupts what waits for a socket: the call goes on, and a change is not uncertain.
#[cfg(unix)]
#[test]
fn a_process_that_is_stopped_and_goes_on() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    assert!(store.put_if("key", None, &record(1, ""), TIMEOUT).unwrap());
    fill_pool(&store);
    servers.stall(0);
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| store.get("key", TIMEOUT).unwrap());
        let writing = scope.spawn(|| store.put_if("other", None, &record(1, ""), TIMEOUT).unwrap());
        std::thread::sleep(Duration::from_millis(300));
        let stop = format!("kill -STOP {0}; sleep 0.1; kill -CONT {0}", std::process::id());
        assert!(std::process::Command::new("sh").args(["-c", &stop]).status().unwrap().success());
        std::thread::sleep(Duration::from_millis(100));
        servers.resume(0);
        assert_eq!(reading.join().unwrap(), Some(record(1, "")));
        assert!(writing.join().unwrap());
    });
}

/// Who waits for one of two connections waits no longer than who has one.
fn in_time_for_all(servers: &mut Servers, store: &RedisStore) {
    fill_pool(store);
    servers.stall(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let begun = Instant::now();
                assert_eq!(store.get("key", SHORT).unwrap_err().code(), Code::StoreUnavailable);
                assert!(begun.elapsed() < TOO_LATE, "{:?}", begun.elapsed());
            });
        }
    });
    servers.resume(0);
}

#[test]
fn a_full_server_refuses_what_is_new_and_nothing_else() {
    let Some(mut servers) = Servers::start("single", &["maxmemory=100mb", "maxmemory-policy=noeviction"]) else {
        return;
    };
    let store = open(servers.url());
    assert!(store.put_if("key", None, &owned(1, "owner"), TIMEOUT).unwrap());
    assert!(store.put_if("other", None, &record(1, ""), TIMEOUT).unwrap());
    assert!(store.take_events().is_empty());
    servers.call(0, &["CONFIG", "SET", "maxmemory", "1"]);
    for new in [record(1, "value"), owned(1, "owner"), owned(1, "somebody new")] {
        let error = store.put_if("new", None, &new, TIMEOUT).unwrap_err();
        assert_eq!(error.code(), Code::StoreFull, "{error}");
    }
    assert_eq!(store.get("new", TIMEOUT).unwrap(), None);
    assert!(store.put_if("key", Some(1), &owned(2, "owner"), TIMEOUT).unwrap());
    assert_eq!(store.list("owner", None, 5, TIMEOUT).unwrap().entries.len(), 1);
    assert!(store.delete_if("other", 1, TIMEOUT).unwrap());
    assert_eq!(store.sweep(1, 1, TIMEOUT).unwrap(), 0);
    servers.call(0, &["CONFIG", "SET", "maxmemory", "0"]);
    assert!(store.put_if("new", None, &owned(1, "owner"), TIMEOUT).unwrap());

    // A namespace that nobody has written in.
    servers.call(0, &["CONFIG", "SET", "maxmemory", "1"]);
    let fresh = RedisStore::new(servers.url(), &options(r#"{"namespace": "fresh"}"#)).unwrap();
    assert_eq!(fresh.get("key", TIMEOUT).unwrap(), None);
    assert_eq!(fresh.put_if("key", None, &record(1, ""), TIMEOUT).unwrap_err().code(), Code::StoreFull);
}

#[test]
fn a_server_that_may_evict_is_reported_once() {
    for (settings, expected) in [
        (&["maxmemory=100mb", "maxmemory-policy=allkeys-lru"][..], Some("allkeys-lru")),
        (&["maxmemory=100mb", "maxmemory-policy=volatile-ttl"], Some("volatile-ttl")),
        (&["maxmemory-policy=allkeys-lru"], None),
        (&["maxmemory=100mb"], None),
    ] {
        let Some(servers) = Servers::start("single", settings) else { return };
        let store = open(servers.url());
        assert!(store.take_events().is_empty());
        fill_pool(&store);
        let events: Vec<String> = store.take_events().iter().map(|event| event.to_json()).collect();
        let expected = expected.map(|policy| json!({"event": "store_may_evict", "policy": policy}).to_string());
        assert_eq!(events, Vec::from_iter(expected));
        fill_pool(&store);
        assert!(store.take_events().is_empty());
    }
}

#[test]
fn a_primary_that_no_longer_is_one() {
    let Some(mut servers) = Servers::start("single", &["replica-serve-stale-data=no"]) else { return };
    let store = open(servers.url());
    assert!(store.put_if("key", None, &record(1, ""), TIMEOUT).unwrap());
    servers.call(0, &["REPLICAOF", "127.0.0.1", "1"]);
    for error in [
        store.get("key", TIMEOUT).unwrap_err(),
        store.put_if("key", Some(1), &record(2, ""), TIMEOUT).unwrap_err(),
        store.delete_if("key", 1, TIMEOUT).unwrap_err(),
    ] {
        assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
        assert!(error.message().contains("MASTERDOWN"), "{error}");
    }
    servers.call(0, &["CONFIG", "SET", "replica-serve-stale-data", "yes"]);
    assert!(store.get("key", TIMEOUT).unwrap().is_some());
    for error in [
        store.put_if("key", Some(1), &record(2, ""), TIMEOUT).unwrap_err(),
        store.delete_if("key", 1, TIMEOUT).unwrap_err(),
    ] {
        assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
        assert!(error.message().contains("READONLY"), "{error}");
    }
    servers.call(0, &["REPLICAOF", "NO", "ONE"]);
    assert!(store.put_if("key", Some(1), &record(2, ""), TIMEOUT).unwrap());
}

#[test]
fn a_change_that_too_few_replicas_have_is_uncertain() {
    let Some(servers) = Servers::start("single", &[]) else { return };
    let store = open(&format!("{}?wait_replicas=1", servers.url()));
    // Nine tenths of the time are for the replicas, and the last is more than a second.
    let (begun, timeout) = (Instant::now(), Duration::from_secs(12));
    let error = store.put_if("key", None, &record(1, ""), timeout).unwrap_err();
    assert_eq!(error.code(), Code::StoreUncertain, "{error}");
    assert!(error.message().contains("0 of 1"), "{error}");
    assert!(begun.elapsed() < timeout * 2);
    assert_eq!(store.get("key", SHORT).unwrap(), Some(record(1, "")));
    // What was refused has nothing to wait for.
    let begun = Instant::now();
    assert!(!store.put_if("key", Some(7), &record(8, ""), TIMEOUT).unwrap());
    assert!(!store.delete_if("key", 7, TIMEOUT).unwrap());
    assert!(begun.elapsed() < AT_ONCE);
    assert_eq!(store.delete_if("key", 1, SHORT).unwrap_err().code(), Code::StoreUncertain);
    // Of a record with an owner the entry comes first, and no record has changed.
    let error = store.put_if("other", None, &owned(1, "owner"), SHORT).unwrap_err();
    assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
    assert_eq!(store.get("other", SHORT).unwrap(), None);
}

/// Where a proxy loses a connection.
#[derive(Clone, Copy, PartialEq)]
enum Loses {
    /// The command, before the server has it.
    Command,
    /// The answer, after the server has done it.
    Answer,
}

/// A proxy before a server that loses the first connection that speaks of `word`. Its URL.
fn losing(servers: &Servers, word: &'static str, loses: Loses) -> String {
    let server: SocketAddr = servers.url().trim_start_matches("redis://").parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let lost = Arc::new(AtomicUsize::new(0));
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let lost = Arc::clone(&lost);
            std::thread::spawn(move || pass_on(client, TcpStream::connect(server).unwrap(), word, loses, &lost));
        }
    });
    url
}

fn pass_on(mut client: TcpStream, mut server: TcpStream, word: &str, loses: Loses, lost: &AtomicUsize) {
    let mut piece = vec![0; 1 << 17];
    while let Ok(amount @ 1..) = client.read(&mut piece) {
        let text = String::from_utf8_lossy(&piece[..amount]).into_owned();
        // Scripts are known to the server: their names are loaded before.
        let is_lost = text.contains("EVALSHA") && text.contains(word) && lost.fetch_add(1, Ordering::Relaxed) == 0;
        if is_lost && loses == Loses::Command {
            break;
        }
        server.write_all(&piece[..amount]).unwrap();
        let answered = server.read(&mut piece).unwrap();
        if is_lost {
            break;
        }
        client.write_all(&piece[..answered]).unwrap();
    }
    let _ = client.shutdown(Shutdown::Both);
}

#[test]
fn a_change_whose_answer_is_lost_is_uncertain_and_not_sent_again() {
    let Some(servers) = Servers::start("single", &[]) else { return };
    let direct = open(servers.url());
    // The server has the scripts from here on.
    assert!(direct.put_if("key", None, &record(1, "first"), TIMEOUT).unwrap());
    assert!(direct.put_if("scratch", None, &record(1, ""), TIMEOUT).unwrap());
    assert!(direct.delete_if("scratch", 1, TIMEOUT).unwrap());
    for (loses, there) in [(Loses::Command, record(1, "first")), (Loses::Answer, record(2, "second"))] {
        let store = open(&losing(&servers, "second", loses));
        let error = store.put_if("key", Some(1), &record(2, "second"), TIMEOUT).unwrap_err();
        assert_eq!(error.code(), Code::StoreUncertain, "{error}");
        assert_eq!(store.get("key", TIMEOUT).unwrap(), Some(there));
    }
    for (loses, there) in [(Loses::Command, Some(record(2, "second"))), (Loses::Answer, None)] {
        let store = open(&losing(&servers, "authwright:r:key", loses));
        let error = store.delete_if("key", 2, TIMEOUT).unwrap_err();
        assert_eq!(error.code(), Code::StoreUncertain, "{error}");
        assert_eq!(store.get("key", TIMEOUT).unwrap(), there);
    }
}

/// A proxy puts it behind the first answer with a record.
#[test]
fn an_answer_too_many_is_not_taken_for_the_next() {
    let Some(servers) = Servers::start("single", &[]) else { return };
    let direct = open(servers.url());
    assert!(direct.put_if("key", None, &record(1, "first"), TIMEOUT).unwrap());
    let server: SocketAddr = servers.url().trim_start_matches("redis://").parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let store = open(&format!("redis://{}", listener.local_addr().unwrap()));
    std::thread::spawn(move || {
        for (position, mut client) in listener.incoming().flatten().enumerate() {
            std::thread::spawn(move || {
                let mut server = TcpStream::connect(server).unwrap();
                let mut piece = vec![0; 1 << 17];
                while let Ok(amount @ 1..) = client.read(&mut piece) {
                    let is_more = position == 0 && String::from_utf8_lossy(&piece[..amount]).contains("HGETALL");
                    server.write_all(&piece[..amount]).unwrap();
                    let answered = server.read(&mut piece).unwrap();
                    let more: &[u8] = if is_more { b"*0\r\n" } else { b"" };
                    client.write_all(&[&piece[..answered], more].concat()).unwrap();
                }
            });
        }
    });
    for _ in 0..3 {
        assert_eq!(store.get("key", TIMEOUT).unwrap(), Some(record(1, "first")));
    }
}

/// Who has little time does not take the others' connections away.
#[test]
fn a_call_without_time_costs_its_own_connection_only() {
    let Some(mut servers) = Servers::start("single", &[]) else { return };
    let store = open(servers.url());
    fill_pool(&store);
    let mut clients = || servers.call(0, &["CLIENT", "LIST", "TYPE", "NORMAL"]).as_str().unwrap().lines().count();
    let before = clients();
    assert!(before > 2, "{before}");
    assert_eq!(store.get("key", Duration::from_nanos(1)).unwrap_err().code(), Code::StoreUnavailable);
    assert!(clients() + 1 >= before, "{} of {before}", clients());
}

/// The number behind a name in what `INFO` says.
fn counted(servers: &mut Servers, server: usize, section: &str, name: &str) -> u64 {
    let info = servers.call(server, &["INFO", section]);
    let line = info.as_str().unwrap().lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
}

/// Nor does it make them ask where things are.
#[test]
fn calls_without_time_leave_what_is_known_as_it_is() {
    const CALLS: u64 = 50;
    let hurry = |store: &RedisStore| {
        let begun = Instant::now();
        for _ in 0..CALLS {
            assert_eq!(store.get("key", Duration::from_nanos(1)).unwrap_err().code(), Code::StoreUnavailable);
            assert!(store.get("key", TIMEOUT).unwrap().is_some());
        }
        begun.elapsed().as_secs()
    };
    let Some(mut cluster) = Servers::start("cluster", &[]) else { return };
    let store = open(cluster.url());
    assert!(store.put_if("key", None, &record(1, ""), TIMEOUT).unwrap());
    let mut asked =
        || (0..3).map(|node| counted(&mut cluster, node, "commandstats", "cmdstat_cluster|slots:calls=")).sum();
    let before: u64 = asked();
    let seconds = hurry(&store);
    // Once a second at most: somebody may have taken over.
    assert!(before > 0 && asked() <= before + seconds + 1, "{} after {before} in {seconds} s", asked());

    let Some(mut servers) = Servers::start("sentinel", &[]) else { return };
    let store = open(servers.url());
    assert!(store.put_if("key", None, &record(1, ""), TIMEOUT).unwrap());
    let mut asked = || counted(&mut servers, 2, "stats", "total_connections_received:");
    let before = asked();
    let seconds = hurry(&store);
    // Once in ten seconds; and who counts is counted.
    let more = asked() - before;
    assert!(more <= 2 + seconds / 10, "{more} in {seconds} s");
}

#[test]
fn what_is_not_redis_is_unavailable_in_time() {
    let behaviours: [(&str, &[u8], Duration); 6] = [
        ("an HTTP server", b"HTTP/1.1 400 Bad Request\r\n\r\n", Duration::ZERO),
        ("one that says nothing", b"", Duration::ZERO),
        ("one that dribbles", &[b"$100000\r\n".as_slice(), &[b'x'; 200]].concat(), Duration::from_millis(40)),
        ("one that promises too much", b"$99999999999999\r\n", Duration::ZERO),
        ("one that nests", &[b'*', b'1', b'\r', b'\n'].repeat(1000), Duration::ZERO),
        ("one that answers something else", b":5\r\n:5\r\n:5\r\n", Duration::ZERO),
    ];
    for (what, said, pause) in behaviours {
        let said = said.to_vec();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("redis://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let said = said.clone();
                std::thread::spawn(move || {
                    let _ = client.read(&mut [0; 4096]);
                    for byte in &said {
                        std::thread::sleep(pause);
                        if client.write_all(&[*byte]).is_err() {
                            return;
                        }
                    }
                    std::thread::sleep(TIMEOUT);
                });
            }
        });
        let store = open(&url);
        for is_change in [false, true] {
            let begun = Instant::now();
            let error = match is_change {
                false => store.get("key", SHORT).unwrap_err(),
                true => store.put_if("key", None, &record(1, ""), SHORT).unwrap_err(),
            };
            let code = error.code();
            assert!(matches!(code, Code::StoreUnavailable | Code::StoreCorrupt | Code::StoreForeign), "{what}: {code}");
            assert!(begun.elapsed() < TOO_LATE, "{what}: {:?}", begun.elapsed());
        }
    }
}
