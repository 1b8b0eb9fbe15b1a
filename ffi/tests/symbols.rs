//! The shared library exports the functions of the header, and nothing else. `BLESS=1` writes `symbols.txt` anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The test runs in target/<profile>/deps, where cargo puts the library beside it.
fn library() -> PathBuf {
    env::current_exe().unwrap().parent().unwrap().join("libauthwright.so")
}

#[test]
fn exported_symbols_are_the_golden_ones() {
    let Ok(output) = Command::new("nm").args(["-D", "--defined-only"]).arg(library()).output() else {
        assert!(env::var_os("AW_REQUIRE_ALL").is_none(), "nm is not installed");
        eprintln!("SKIPPED: nm is not installed");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut symbols: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2).map(|name| format!("{name}\n")))
        .collect();
    symbols.sort();
    let symbols = symbols.concat();

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/symbols.txt");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &symbols).unwrap();
    }
    assert_eq!(symbols, fs::read_to_string(&path).unwrap_or_default());

    let header = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/authwright.h")).unwrap();
    for symbol in symbols.lines() {
        assert!(header.contains(&format!("{symbol}(")), "{symbol} is exported but not in the header");
    }
}
