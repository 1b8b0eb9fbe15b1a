//! Sentinels that fail over, and Clusters that move their slots.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use authwright_core::Code;
use authwright_core::store::Store;
use serde_json::json;

use super::{Servers, TIMEOUT, all, open, owned, record};

/// Tries for a while what may fail as long as servers do not agree.
fn in_the_end<T>(mut work: impl FnMut() -> authwright_core::Result<T>) -> T {
    let begun = Instant::now();
    loop {
        match work() {
            Ok(done) => return done,
            Err(error) => {
                assert!(matches!(error.code(), Code::StoreUnavailable | Code::StoreUncertain), "{error}");
                assert!(begun.elapsed() < Duration::from_secs(40), "{error}");
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

#[test]
fn the_primary_that_the_sentinels_name() {
    let Some(mut servers) = Servers::start("sentinel", &[]) else { return };
    // Some Sentinels may be away.
    let url = servers.url().replace("redis+sentinel://", "redis+sentinel://127.0.0.1:1,");
    let store = open(&format!("{url}?wait_replicas=1"));
    for number in 0..20 {
        assert!(store.put_if(&format!("key-{number}"), None, &owned(1, "owner"), TIMEOUT).unwrap());
    }
    let nobody = open(&url.replace("mymaster", "another"));
    let error = nobody.get("key", TIMEOUT).unwrap_err();
    assert_eq!(error.code(), Code::StoreUnavailable);
    assert!(error.message().contains("another"), "{error}");

    let alone = open(&url);
    assert!(alone.get("key-0", TIMEOUT).unwrap().is_some());
    let first = usize::from(role(&mut servers, 0) != "master");
    servers.kill(first);
    // Nobody else has taken over yet.
    let error = alone.get("key-0", Duration::from_millis(500)).unwrap_err();
    assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
    assert_eq!(in_the_end(|| all(&alone, "owner", 7)).len(), 20);
    assert!(in_the_end(|| alone.put_if("new", None, &record(1, ""), TIMEOUT)));
    assert_eq!(role(&mut servers, 1 - first), "master");

    // The old primary comes back as a replica, and gets what was changed meanwhile.
    servers.start_again(first);
    let begun = Instant::now();
    while role(&mut servers, first) == "master" {
        assert!(begun.elapsed() < Duration::from_secs(90));
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut version = 0;
    in_the_end(|| {
        version += 1;
        let there = store.get("last", TIMEOUT)?.map(|there| there.version);
        store.put_if("last", there, &record(version, ""), Duration::from_secs(2))
    });
    assert_eq!(servers.call(first, &["EXISTS", "authwright:r:last"]), json!(1));
}

/// One that is cut off closes no connections: nothing but time-outs says that it is gone.
#[test]
fn a_primary_that_says_nothing_is_asked_after_at_the_sentinels() {
    let Some(mut servers) = Servers::start("sentinel", &[]) else { return };
    let store = open(&format!("{}?wait_replicas=1", servers.url()));
    assert!(store.put_if("key", None, &record(1, ""), TIMEOUT).unwrap());
    let named = |servers: &mut Servers| servers.call(2, &["SENTINEL", "get-master-addr-by-name", "mymaster"]);
    let (first, before) = (usize::from(role(&mut servers, 0) != "master"), named(&mut servers));
    servers.stall(first);
    let begun = Instant::now();
    while named(&mut servers) == before {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(50));
    }
    let begun = Instant::now();
    let outcomes: Vec<_> =
        (0..2).map(|_| store.get("key", Duration::from_millis(500)).map(|there| there.is_some())).collect();
    assert!(outcomes.iter().any(|outcome| matches!(outcome, Ok(true))), "{outcomes:?} within {:?}", begun.elapsed());
    servers.resume(first);
}

fn role(servers: &mut Servers, server: usize) -> String {
    servers.call(server, &["ROLE"])[0].as_str().unwrap().to_owned()
}

#[test]
fn a_cluster_whose_slots_move() {
    let Some(mut servers) = Servers::start("cluster", &[]) else { return };
    let store = open(servers.url());
    let keys: Vec<String> = (0..60).map(|number| format!("key-{number}")).collect();
    for key in &keys {
        assert!(store.put_if(key, None, &owned(1, "owner"), TIMEOUT).unwrap());
    }
    assert_eq!(all(&store, "owner", 7).unwrap().len(), 60);
    // Several records that are all on the first node: their slot moves to the second.
    let ids: Vec<String> =
        (0..2).map(|node| servers.call(node, &["CLUSTER", "MYID"]).as_str().unwrap().to_owned()).collect();
    let port = servers.call(1, &["CONFIG", "GET", "port"])[1].as_str().unwrap().to_owned();
    let tagged = |number: usize| format!("{{3}}-{number}");
    let slot = servers.call(0, &["CLUSTER", "KEYSLOT", "authwright:r:{3}-0"]).to_string();
    assert!(slot.parse::<u16>().unwrap() < 5461, "{slot}");
    for number in 0..4 {
        assert!(store.put_if(&tagged(number), None, &record(1, "value"), TIMEOUT).unwrap());
    }
    servers.call(1, &["CLUSTER", "SETSLOT", &slot, "IMPORTING", &ids[0]]);
    servers.call(0, &["CLUSTER", "SETSLOT", &slot, "MIGRATING", &ids[1]]);
    let migrate = |servers: &mut Servers, number: usize| {
        let key = format!("authwright:r:{}", tagged(number));
        servers.call(0, &["MIGRATE", "127.0.0.1", &port, &key, "0", "5000"]);
    };
    migrate(&mut servers, 0);
    migrate(&mut servers, 1);
    servers.call(1, &["SCRIPT", "FLUSH"]);
    // Half of the records are here and half there, and new ones there.
    for number in 0..4 {
        assert_eq!(store.get(&tagged(number), TIMEOUT).unwrap(), Some(record(1, "value")));
        assert!(store.put_if(&tagged(number), Some(1), &record(2, "value"), TIMEOUT).unwrap());
    }
    assert!(store.put_if(&tagged(4), None, &record(2, "value"), TIMEOUT).unwrap());
    assert!(store.delete_if(&tagged(1), 2, TIMEOUT).unwrap());
    for number in [2, 3] {
        migrate(&mut servers, number);
    }
    for node in [1, 0] {
        servers.call(node, &["CLUSTER", "SETSLOT", &slot, "NODE", &ids[1]]);
    }
    for number in [0, 2, 3, 4] {
        assert_eq!(store.get(&tagged(number), TIMEOUT).unwrap(), Some(record(2, "value")));
        assert!(store.put_if(&tagged(number), Some(2), &owned(3, "owner"), TIMEOUT).unwrap());
    }
    assert_eq!(open(servers.url()).get(&tagged(4), TIMEOUT).unwrap(), Some(owned(3, "owner")));
    // Those that got an owner are listed, too.
    assert_eq!(all(&store, "owner", 7).unwrap().len(), 64);
}

#[test]
fn a_cluster_of_which_a_node_is_away() {
    let Some(mut servers) =
        Servers::start("cluster", &["appendonly=yes", "appendfsync=always", "cluster-require-full-coverage=no"])
    else {
        return;
    };
    let store = open(servers.url());
    let keys: Vec<String> = (0..60).map(|number| format!("key-{number}")).collect();
    for key in &keys {
        assert!(store.put_if(key, None, &record(1, "value"), TIMEOUT).unwrap());
    }
    servers.kill(1);
    let (mut here, mut away) = (0, 0);
    for key in &keys {
        match store.get(key, TIMEOUT) {
            Ok(found) => {
                assert!(found.is_some());
                here += 1;
            }
            Err(error) => {
                assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
                let changed = store.put_if(key, Some(1), &record(2, "value"), TIMEOUT);
                assert_eq!(changed.unwrap_err().code(), Code::StoreUnavailable);
                away += 1;
            }
        }
    }
    assert!(here > 20 && away > 5, "{here} {away}");
    servers.start_again(1);
    for key in &keys {
        assert_eq!(in_the_end(|| store.get(key, TIMEOUT)), Some(record(1, "value")));
    }
}

#[test]
fn what_is_no_cluster_or_no_sentinel() {
    let Some(servers) = Servers::start("single", &[]) else { return };
    for (url, why) in [
        (servers.url().replace("redis://", "redis+cluster://"), "cluster support disabled"),
        (servers.url().replace("redis://", "redis+sentinel://") + "/mymaster", "SENTINEL"),
    ] {
        let error = open(&url).get("key", TIMEOUT).unwrap_err();
        assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
        assert!(error.message().contains(why), "{error}");
    }
}

/// A node that follows the first of the Cluster.
fn follower(servers: &mut Servers) -> Option<Servers> {
    let bus = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = [
        "cluster-enabled=yes",
        "cluster-config-file=nodes.conf",
        "cluster-node-timeout=1000",
        "cluster-replica-validity-factor=0",
        &format!("cluster-port={bus}"),
    ];
    let mut follower = Servers::start("single", &settings)?;
    let id = servers.call(0, &["CLUSTER", "MYID"]).as_str().unwrap().to_owned();
    let setting =
        |servers: &mut Servers, name: &str| servers.call(0, &["CONFIG", "GET", name])[1].as_str().unwrap().to_owned();
    let (port, bus) = (setting(servers, "port"), setting(servers, "cluster-port"));
    follower.call(0, &["CLUSTER", "MEET", "127.0.0.1", &port, &bus]);
    let begun = Instant::now();
    while follower.try_call(0, &["CLUSTER", "REPLICATE", &id]).is_none() {
        assert!(begun.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(100));
    }
    while !follower.call(0, &["INFO", "replication"]).as_str().unwrap().contains("master_link_status:up")
        || !servers.call(1, &["CLUSTER", "NODES"]).as_str().unwrap().contains(&format!("slave {id}"))
    {
        assert!(begun.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(100));
    }
    Some(follower)
}

#[test]
fn a_cluster_that_promotes_a_replica_and_what_is_lost() {
    let Some(mut servers) = Servers::start("cluster", &["repl-diskless-sync-delay=0", "cluster-node-timeout=1000"])
    else {
        return;
    };
    let Some(mut follower) = follower(&mut servers) else { return };
    let store = open(servers.url());
    let keys: Vec<String> = (0..60).map(|number| format!("key-{number}")).collect();
    for key in &keys {
        assert!(store.put_if(key, None, &owned(1, "owner"), TIMEOUT).unwrap());
    }
    // On the first node, which has the slots up to 5460: one with its replica, one after that has been cut off.
    let mut slot = |key: &str| servers.call(0, &["CLUSTER", "KEYSLOT", key]).as_u64().unwrap();
    let mut first =
        (0..).map(|number| format!("new-{number}")).filter(|key| slot(&format!("authwright:r:{key}")) < 5461);
    let (kept, lost, uncertain) = (first.next().unwrap(), first.next().unwrap(), first.next().unwrap());
    drop(first);
    let patient = open(&format!("{}?wait_replicas=1", servers.url()));
    assert!(patient.put_if(&kept, None, &record(1, "issued"), TIMEOUT).unwrap());
    follower.call(0, &["CONFIG", "SET", "masteruser", "nobody", "masterauth", "wrong"]);
    servers.call(0, &["CLIENT", "KILL", "TYPE", "replica"]);
    assert!(store.put_if(&lost, None, &record(1, "issued"), TIMEOUT).unwrap());
    assert!(store.put_if(&kept, Some(1), &record(2, "revoked"), TIMEOUT).unwrap());
    let error = patient.put_if(&uncertain, None, &record(1, "issued"), Duration::from_secs(3)).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::StoreUncertain, Some("wait_replicas")), "{error}");

    servers.kill(0);
    let begun = Instant::now();
    while role(&mut follower, 0) != "master" {
        assert!(begun.elapsed() < Duration::from_secs(40));
        std::thread::sleep(Duration::from_millis(100));
    }
    for key in &keys {
        assert_eq!(in_the_end(|| store.get(key, TIMEOUT)), Some(owned(1, "owner")), "{key}");
    }
    assert_eq!(in_the_end(|| all(&store, "owner", 7)).len(), 60);
    // What was acknowledged without waiting for it is as if it had never been: the documents say so.
    assert_eq!(store.get(&lost, TIMEOUT).unwrap(), None);
    assert_eq!(store.get(&kept, TIMEOUT).unwrap(), Some(record(1, "issued")));
    assert!(store.put_if(&kept, Some(1), &record(3, "revoked"), TIMEOUT).unwrap());
}

/// When the Sentinels are asked again, and are as good as gone, the call still has time for the primary; and the calls
/// after it do not ask them at once.
#[test]
fn sentinels_that_say_nothing_leave_the_primary_its_time() {
    let Some(servers) = Servers::start("sentinel", &[]) else { return };
    let sentinel: SocketAddr = servers.url()["redis+sentinel://".len()..].split('/').next().unwrap().parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let store = open(&format!("redis+sentinel://{}/mymaster", listener.local_addr().unwrap()));
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    std::thread::spawn(move || {
        let mut unanswered = Vec::new();
        for mut client in listener.incoming().flatten() {
            if counter.fetch_add(1, Ordering::Relaxed) > 0 {
                unanswered.push(client);
                continue;
            }
            let (mut server, mut piece) = (TcpStream::connect(sentinel).unwrap(), [0; 4096]);
            let amount = client.read(&mut piece).unwrap();
            server.write_all(&piece[..amount]).unwrap();
            let answered = server.read(&mut piece).unwrap();
            client.write_all(&piece[..answered]).unwrap();
        }
    });
    assert!(store.put_if("key", None, &record(1, ""), TIMEOUT).unwrap());
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    std::thread::sleep(Duration::from_millis(10_100));
    // One call asks, and half of its time is over then; the others go on at once.
    let timeout = Duration::from_secs(6);
    let begun = Instant::now();
    let waited: Vec<Duration> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let begun = Instant::now();
                    assert_eq!(store.get("key", timeout).unwrap(), Some(record(1, "")));
                    begun.elapsed()
                })
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(waited.iter().filter(|waited| **waited >= timeout / 2).count(), 1, "{waited:?}");
    assert_eq!(store.get("key", timeout).unwrap(), Some(record(1, "")));
    assert!(begun.elapsed() > Duration::from_secs(10) || asked.load(Ordering::Relaxed) == 2);
}

/// It works, with a way more.
#[test]
fn a_node_of_a_cluster_by_the_url_of_one_server_is_reported_once() {
    let Some(servers) = Servers::start("cluster", &[]) else { return };
    let node = servers.url()["redis+cluster://".len()..].split(',').next().unwrap();
    let (whole, single) = (open(servers.url()), open(&format!("redis://{node}")));
    for number in 0..30 {
        let key = format!("key-{number}");
        assert!(single.put_if(&key, None, &owned(1, "owner"), TIMEOUT).unwrap());
        assert_eq!(whole.get(&key, TIMEOUT).unwrap(), Some(owned(1, "owner")));
    }
    assert_eq!(all(&single, "owner", 7).unwrap().len(), 30);
    let events: Vec<String> = single.take_events().iter().map(|event| event.to_json()).collect();
    assert_eq!(events, [json!({"event": "store_is_cluster_node", "server": node}).to_string()]);
    assert_eq!(all(&single, "owner", 7).unwrap().len(), 30);
    assert!(single.take_events().is_empty() && whole.take_events().is_empty());
}
