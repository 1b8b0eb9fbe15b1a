//! The suite that every store passes.

use std::io::{BufRead, BufReader};
use std::process::Child;
use std::time::Duration;

use authwright_core::store::conformance::{check, contend, settle};
use authwright_core::system_now_ms;

use super::Scratch;
use super::many::worker;

const LONG: Duration = Duration::from_secs(300);

#[test]
fn one_caller() {
    let scratch = Scratch::new();
    let report = check(&scratch.store(), system_now_ms(), LONG).unwrap();
    assert!(report.passed(), "{}", report.to_json());
}

#[test]
fn racing_threads() {
    let scratch = Scratch::new();
    let stores = [scratch.store(), scratch.store()];
    let now = system_now_ms();
    std::thread::scope(|scope| {
        for racer in 1..=6 {
            let store = &stores[racer % 2];
            scope.spawn(move || {
                let report = contend(store, "threads", racer as u64, 10, now, LONG, &mut |_| ()).unwrap();
                assert!(report.passed(), "{}", report.to_json());
            });
        }
    });
    let report = settle(&stores[0], "threads", 6, 0, &[], now, LONG).unwrap();
    assert!(report.passed(), "{}", report.to_json());
}

#[test]
fn racing_processes_of_which_some_are_killed() {
    let scratch = Scratch::new();
    let mut racers: Vec<Child> = (1..=6).map(|racer| worker(&scratch, &format!("race-{racer}"))).collect();
    for racer in &mut racers {
        drop(racer.stdin.take());
    }
    let mut acknowledged = Vec::new();
    let mut killed = 0;
    for (number, mut racer) in racers.into_iter().enumerate() {
        let lines = BufReader::new(racer.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut kept = lines.filter_map(|line| line.split_once("kept ").map(|(_, rest)| rest.to_owned()));
        if number < 3 {
            acknowledged.extend(kept.by_ref().take(5 + 7 * number));
            racer.kill().unwrap();
        }
        acknowledged.extend(kept);
        // One may have been done already.
        killed += u64::from(!racer.wait().unwrap().success());
    }
    assert!((1..=3).contains(&killed), "{killed}");
    let store = scratch.store();
    let report = settle(&store, "processes", 6, killed, &acknowledged, system_now_ms(), LONG).unwrap();
    assert!(report.passed(), "{}", report.to_json());
}
