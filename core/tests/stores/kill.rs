//! Processes that are killed while they write.

use std::collections::HashMap;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use authwright_core::store::conformance::settle;

use super::racer::Racer;
use super::{PATIENCE, Scratch, assert_passed, now, open};

/// How many are killed on one file.
const GENERATION: u64 = 50;

/// How many are alive at a time: one often waits for what another holds when it is killed.
const AT_ONCE: u64 = 4;

/// More rounds than any of them lives for.
const ENDLESS: u64 = 1_000_000;

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

#[test]
fn nothing_acknowledged_is_lost_and_nothing_doubled() {
    let kills = std::env::var("AW_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let begun = Instant::now();
    let mut acknowledged = 0;
    let mut left = kills;
    for generation in 0.. {
        if left == 0 {
            break;
        }
        let count = left.min(GENERATION);
        left -= count;
        acknowledged += kill_on_one_file(generation, count);
    }
    println!("{kills} kills, {acknowledged} changes acknowledged, {:.1} s", begun.elapsed().as_secs_f64());
}

fn kill_on_one_file(generation: u64, kills: u64) -> usize {
    let scratch = Scratch::new(&format!("kill-{generation}"));
    let url = scratch.url();
    let next = AtomicU64::new(1);
    let lines = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for killer in 1..=AT_ONCE {
            let (url, next, lines) = (&url, &next, &lines);
            let mut dice = Dice(generation * AT_ONCE + killer + 0x9e37_79b9_7f4a_7c15);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number > kills {
                        break;
                    }
                    let mut racer = Racer::start(url, "kill", number, ENDLESS);
                    // Some are killed while they open the file, or make it; most while they write.
                    if dice.roll(5) > 0 {
                        assert!(racer.wait(), "a racer has failed");
                    }
                    thread::sleep(Duration::from_micros(dice.roll(20_000)));
                    let told = racer.kill();
                    check_now(url, &told);
                    lines.lock().unwrap().extend(told);
                }
            });
        }
    });
    let lines = lines.into_inner().unwrap();
    is_sound(&scratch);
    assert_passed(settle(&*open(&url), "kill", kills, kills, &lines, now(), PATIENCE));
    lines.len()
}

/// What the racer was told last is there, though another goes on.
fn check_now(url: &str, told: &[String]) {
    let store = open(url);
    let deeds: HashMap<&str, &str> = told.iter().filter_map(|line| line.split_once(' ')?.1.split_once(' ')).collect();
    if let Some(count) = deeds.get("increment") {
        let counter = store.get("conformance/kill/race/counter", PATIENCE).unwrap().unwrap().value;
        let there: u64 = counter.split(' ').next().unwrap().parse().unwrap();
        assert!(there >= count.parse().unwrap(), "{there} is less than {count}");
    }
    if let Some(name) = deeds.get("record") {
        let record = store.get(&format!("conformance/kill/race/records/{name}"), PATIENCE).unwrap();
        assert!(record.is_some(), "{name} is lost");
    }
}

/// By the eyes of another program.
fn is_sound(scratch: &Scratch) {
    let script =
        "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone()[0])";
    match Command::new("python3").args(["-c", script]).arg(scratch.0.join("keys.db")).output() {
        Ok(output) if output.status.success() => assert_eq!(output.stdout, b"ok\n"),
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) if std::env::var("AW_REQUIRE_ALL").is_ok_and(|value| value == "1") => panic!("python3: {error}"),
        Err(_) => {}
    }
}
