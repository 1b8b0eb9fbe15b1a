//! Many stores, threads and processes on one file.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use authwright_core::store::conformance::contend;
use authwright_core::store::{Record, Store};
use authwright_core::system_now_ms;

use super::{Scratch, TIMEOUT, increment, plain, store};

const WORK: &str = "AUTHWRIGHT_TEST_SQLITE_WORK";

#[test]
fn two_stores_see_the_same() {
    let scratch = Scratch::new();
    let (one, other) = (scratch.store(), scratch.store());
    assert!(one.put_if("a", None, &plain(1, "1"), TIMEOUT).unwrap());
    assert_eq!(other.get("a", TIMEOUT).unwrap(), Some(plain(1, "1")));
    assert!(!other.put_if("a", None, &plain(2, "2"), TIMEOUT).unwrap());
    assert!(other.put_if("a", Some(1), &plain(2, "2"), TIMEOUT).unwrap());
    assert!(!one.delete_if("a", 1, TIMEOUT).unwrap());
    one.close();
    assert_eq!(other.get("a", TIMEOUT).unwrap(), Some(plain(2, "2")));
    assert!(other.delete_if("a", 2, TIMEOUT).unwrap());
}

#[test]
fn threads_lose_and_double_nothing() {
    let scratch = Scratch::new();
    let stores = [scratch.store(), scratch.store()];
    std::thread::scope(|scope| {
        for number in 0..20 {
            let store = &stores[number % 2];
            scope.spawn(move || {
                for _ in 0..20 {
                    increment(store, "count");
                }
            });
        }
    });
    assert_eq!(stores[0].get("count", TIMEOUT).unwrap().unwrap().value, "400");
}

#[test]
fn one_of_many_takes_it() {
    let scratch = Scratch::new();
    let store = scratch.store();
    for round in 1..20 {
        assert!(store.put_if("prize", None, &plain(round, ""), TIMEOUT).unwrap());
        let winners = std::thread::scope(|scope| {
            let takers: Vec<_> =
                (0..8).map(|_| scope.spawn(|| store.delete_if("prize", round, TIMEOUT).unwrap())).collect();
            takers.into_iter().map(|taker| taker.join().unwrap()).filter(|won| *won).count()
        });
        assert_eq!(winners, 1);
    }
}

/// This test again, as a process that does some work.
pub(super) fn worker(scratch: &Scratch, work: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "many::work", "--nocapture"])
        .env(WORK, format!("{work} {}", scratch.file().display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn work() {
    let Ok(work) = std::env::var(WORK) else { return };
    let (work, file) = work.split_once(' ').unwrap();
    let store = store(file.as_ref());
    // Everybody begins when they are told.
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let kept = |what: &str| {
        let mut output = std::io::stdout();
        writeln!(output, "kept {what}").unwrap();
        output.flush().unwrap();
    };
    if work == "count" {
        for _ in 0..25 {
            increment(&store, "count");
        }
    } else if let Some(racer) = work.strip_prefix("race-") {
        let now = system_now_ms();
        let report =
            contend(&store, "processes", racer.parse().unwrap(), 20, now, 10 * TIMEOUT, &mut |line| kept(line));
        assert!(report.as_ref().unwrap().passed(), "{report:?}");
    } else {
        for number in 0.. {
            let record = Record { owner: Some(work.to_owned()), ..plain(1, &number.to_string()) };
            assert!(store.put_if(&format!("{work}-{number}"), None, &record, TIMEOUT).unwrap());
            kept(&format!("{work}-{number}"));
        }
    }
}

#[test]
fn processes_make_the_file_at_once_and_lose_nothing() {
    for _ in 0..3 {
        let scratch = Scratch::new();
        let mut workers: Vec<Child> = (0..8).map(|_| worker(&scratch, "count")).collect();
        for worker in &mut workers {
            drop(worker.stdin.take());
        }
        for worker in workers {
            let output = worker.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
        assert_eq!(scratch.store().get("count", TIMEOUT).unwrap().unwrap().value, "200");
    }
}

#[test]
fn what_was_acknowledged_outlives_a_kill() {
    let scratch = Scratch::new();
    for round in 0..10 {
        let name = format!("round{round}");
        let mut worker = worker(&scratch, &name);
        drop(worker.stdin.take());
        let mut lines = BufReader::new(worker.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut kept: Vec<String> = Vec::new();
        for line in lines.by_ref() {
            kept.extend(line.split_once("kept ").map(|(_, key)| key.to_owned()));
            // The first is killed while it makes the file, or nearly.
            if kept.len() > round * 5 {
                break;
            }
        }
        worker.kill().unwrap();
        kept.extend(lines.filter_map(|line| line.strip_prefix("kept ").map(str::to_owned)));
        worker.wait().unwrap();
        let store = scratch.store();
        for key in &kept {
            assert!(store.get(key, TIMEOUT).unwrap().is_some(), "{key} was lost");
        }
        let there = store.list(&name, None, 1000, TIMEOUT).unwrap().entries.len();
        assert!((kept.len()..=kept.len() + 1).contains(&there), "{there} are there, {} were kept", kept.len());
    }
}
