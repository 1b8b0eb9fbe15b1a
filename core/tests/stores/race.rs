//! Races of threads and of processes.

use std::sync::Arc;
use std::thread;

use authwright_core::store::Store;
use authwright_core::store::conformance::{contend, settle};

#[cfg(any(feature = "sqlite", feature = "redis"))]
use super::worker::{Worker, racer};
use super::{PATIENCE, assert_passed, now, open};

const RACERS: u64 = 8;

fn of_threads(run_id: &str, rounds: u64, store_of: impl Fn() -> Arc<dyn Store>) {
    let now = now();
    thread::scope(|scope| {
        for racer in 1..=RACERS {
            let store = store_of();
            scope.spawn(move || assert_passed(contend(&*store, run_id, racer, rounds, now, PATIENCE, &mut |_| ())));
        }
    });
    assert_passed(settle(&*store_of(), run_id, RACERS, 0, &[], now, PATIENCE));
}

#[cfg(any(feature = "sqlite", feature = "redis"))]
fn of_processes(url: &str, run_id: &str, rounds: u64) {
    let racers: Vec<Worker> = (1..=RACERS).map(|number| racer(url, run_id, number, rounds)).collect();
    let lines: Vec<String> = racers.into_iter().flat_map(Worker::finish).collect();
    let increments = lines.iter().filter(|line| line.contains(" increment ")).count();
    assert_eq!(increments, usize::try_from(RACERS * rounds).unwrap());
    assert_passed(settle(&*open(url), run_id, RACERS, 0, &lines, now(), PATIENCE));
}

#[test]
fn threads_in_memory() {
    let store = open("memory:");
    of_threads("threads", 100, || Arc::clone(&store));
}

#[test]
#[cfg(feature = "sqlite")]
fn threads_on_sqlite() {
    let scratch = super::Scratch::new("threads");
    let store = open(&scratch.url());
    of_threads("one", 15, || Arc::clone(&store));
    of_threads("each", 15, || open(&scratch.url()));
}

#[test]
#[cfg(feature = "sqlite")]
fn processes_on_sqlite() {
    of_processes(&super::Scratch::new("processes").url(), "processes", 20);
}

#[test]
#[cfg(feature = "redis")]
fn threads_on_redis() {
    let Some((url, _servers)) = super::redis() else { return };
    let store = open(&url);
    of_threads("threads", 30, || Arc::clone(&store));
}

#[test]
#[cfg(feature = "redis")]
fn processes_on_redis() {
    let Some((url, _servers)) = super::redis() else { return };
    of_processes(&url, "processes", 50);
}
