//! Memory over very many calls.

use serde_json::{Value, json};

/// How many calls each soak makes: `AW_SOAK` is a number of calls, or `1` for ten million, or `0` for none.
pub fn wanted() -> Option<u64> {
    match std::env::var("AW_SOAK").ok()?.parse().ok()? {
        0 => None,
        1 => Some(10_000_000),
        calls => Some(calls),
    }
}

/// Makes the calls, and tells how the process's resident memory changed after a first hundredth of them.
pub fn run<T>(name: &str, calls: u64, mut work: impl FnMut() -> T) -> Value {
    for _ in 0..calls / 100 {
        std::hint::black_box(work());
    }
    let before = resident_kib();
    for _ in 0..calls {
        std::hint::black_box(work());
    }
    let grown = resident_kib() - before;
    eprintln!("  soak: {name}, {calls} calls: {grown:+} KiB");
    json!({ "calls": calls, "grown_kib": grown })
}

fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.split_whitespace().next()).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}
