//! Processes that are killed while they write.

use std::collections::HashMap;
#[cfg(feature = "sqlite")]
use std::path::Path;
#[cfg(feature = "sqlite")]
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
#[cfg(feature = "sqlite")]
use std::time::Instant;

use authwright_core::store::conformance::settle;

#[cfg(feature = "sqlite")]
use super::Scratch;
use super::worker::{Worker, racer};
use super::{PATIENCE, assert_passed, now, open};

/// How many are killed on one file.
#[cfg(feature = "sqlite")]
const GENERATION: u64 = 50;

/// How many are alive at a time: one often waits for what another holds when it is killed.
const AT_ONCE: u64 = 4;

/// More rounds than any of them lives for.
const ENDLESS: u64 = 1_000_000;

/// A folder in memory, where a process writes a hundred times as often before it is killed. Every other file is there.
#[cfg(feature = "sqlite")]
const FAST: &str = "/dev/shm";

/// Where nothing else is asked for.
const KILLS: u64 = 1000;

/// Numbers that look random, and are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

#[cfg(feature = "sqlite")]
#[test]
#[allow(clippy::print_stdout)]
fn on_sqlite() {
    let begun = Instant::now();
    let (mut left, mut acknowledged) = (kills(), 0);
    for generation in 0.. {
        if left == 0 {
            break;
        }
        let (fast, name) = (Path::new(FAST), format!("kill-{generation}"));
        let (scratch, longest) = match generation % 2 == 1 && fast.is_dir() {
            true => (Scratch::in_folder(fast, &name), 10_000),
            false => (Scratch::new(&name), 50_000),
        };
        let count = left.min(GENERATION);
        left -= count;
        acknowledged += kill_all(&scratch.url(), &name, count, longest, generation);
        is_sound(&scratch);
    }
    println!("{} kills, {acknowledged} changes acknowledged, {:?}", kills(), begun.elapsed());
}

/// The server lives on, and does what it was asked last.
#[cfg(feature = "redis")]
#[test]
fn on_redis() {
    let Some((url, _servers)) = super::redis() else { return };
    kill_all(&url, "kill", kills().div_ceil(10), 20_000, 0);
}

pub(super) fn kills() -> u64 {
    std::env::var("AW_KILLS").map_or(KILLS, |kills| kills.parse().unwrap())
}

/// Has racers on the store and kills each after some microseconds; judges what they have left. How much they were told.
fn kill_all(url: &str, run_id: &str, kills: u64, longest: u64, seed: u64) -> usize {
    let lines = Mutex::new(Vec::new());
    let start = |number| racer(url, run_id, number, ENDLESS);
    kill_each(kills, longest, seed, start, |_, told| {
        check_now(url, run_id, &told);
        lines.lock().unwrap().extend(told);
    });
    let lines = lines.into_inner().unwrap();
    assert_passed(settle(&*open(url), run_id, kills, kills, &lines, now(), PATIENCE));
    lines.len()
}

/// Starts so many workers, with their numbers from 1 on, some at a time, and kills each after some microseconds; `judge` gets
/// the lines of its progress.
pub(super) fn kill_each(
    kills: u64,
    longest: u64,
    seed: u64,
    start: impl Fn(u64) -> Worker + Sync,
    judge: impl Fn(u64, Vec<String>) + Sync,
) {
    let next = AtomicU64::new(1);
    thread::scope(|scope| {
        for killer in 1..=AT_ONCE {
            let (next, start, judge) = (&next, &start, &judge);
            let mut dice = Dice(seed * AT_ONCE + killer + 0x9e37_79b9_7f4a_7c15);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number > kills {
                        break;
                    }
                    let mut worker = start(number);
                    // Some are killed before they write; most while they do.
                    if dice.roll(5) > 0 {
                        assert!(worker.wait(), "a worker has failed");
                    }
                    thread::sleep(Duration::from_micros(dice.roll(longest)));
                    judge(number, worker.kill());
                }
            });
        }
    });
}

/// What the racer was told last is there, though another goes on.
fn check_now(url: &str, run_id: &str, told: &[String]) {
    let store = open(url);
    let deeds: HashMap<&str, &str> = told.iter().filter_map(|line| line.split_once(' ')?.1.split_once(' ')).collect();
    if let Some(count) = deeds.get("increment") {
        let counter = store.get(&format!("conformance/{run_id}/race/counter"), PATIENCE).unwrap().unwrap().value;
        let there: u64 = counter.split(' ').next().unwrap().parse().unwrap();
        assert!(there >= count.parse().unwrap(), "{there} is less than {count}");
    }
    if let Some(name) = deeds.get("record") {
        let record = store.get(&format!("conformance/{run_id}/race/records/{name}"), PATIENCE).unwrap();
        assert!(record.is_some(), "{name} is lost");
    }
}

/// By the eyes of another program.
#[cfg(feature = "sqlite")]
pub(super) fn is_sound(scratch: &Scratch) {
    let script =
        "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone()[0])";
    match Command::new("python3").args(["-c", script]).arg(scratch.0.join("keys.db")).output() {
        Ok(output) if output.status.success() => assert_eq!(output.stdout, b"ok\n"),
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) if std::env::var("AW_REQUIRE_ALL").is_ok_and(|value| value == "1") => panic!("python3: {error}"),
        Err(_) => {}
    }
}
