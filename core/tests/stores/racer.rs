//! A racer in a process of its own: this test program again, which runs one test.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use authwright_core::store::conformance::contend;

use super::{PATIENCE, assert_passed, now, open};

/// What the racer is told: the store's URL, the run's id, its number, its rounds.
const VARIABLE: &str = "AW_RACER";

/// What the lines of its progress begin with, among those of the test program.
const MARK: &str = "acknowledged: ";

pub(super) struct Racer {
    process: Child,
    output: BufReader<ChildStdout>,
    lines: Vec<String>,
}

impl Racer {
    pub(super) fn start(url: &str, run_id: &str, number: u64, rounds: u64) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["racer::races", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .env(VARIABLE, format!("{number} {rounds} {run_id} {url}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, output, lines: Vec::new() }
    }

    /// Waits for the end, which must be good; the lines of its progress.
    pub(super) fn finish(mut self) -> Vec<String> {
        self.read_all();
        assert!(self.process.wait().unwrap().success(), "a racer has failed");
        std::mem::take(&mut self.lines)
    }

    /// Waits for a line of its progress. False at its end.
    #[cfg(unix)]
    pub(super) fn wait(&mut self) -> bool {
        let mut line = String::new();
        loop {
            line.clear();
            if self.output.read_line(&mut line).unwrap() == 0 {
                return false;
            }
            if self.take(&line) {
                return true;
            }
        }
    }

    /// Kills it, with SIGKILL; the lines of its progress.
    #[cfg(unix)]
    pub(super) fn kill(mut self) -> Vec<String> {
        use std::os::unix::process::ExitStatusExt;
        self.process.kill().unwrap();
        self.read_all();
        assert_eq!(self.process.wait().unwrap().signal(), Some(9), "it had ended before");
        std::mem::take(&mut self.lines)
    }

    fn read_all(&mut self) {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        for line in rest.split_inclusive('\n') {
            self.take(line);
        }
    }

    /// A line that is whole, and of progress.
    fn take(&mut self, line: &str) -> bool {
        let line = line.strip_suffix('\n').and_then(|line| line.strip_prefix(MARK));
        self.lines.extend(line.map(str::to_owned));
        line.is_some()
    }
}

impl Drop for Racer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "a process that other tests start"]
fn races() {
    let Ok(told) = std::env::var(VARIABLE) else { return };
    let [number, rounds, run_id, url] = told.splitn(4, ' ').collect::<Vec<_>>()[..] else { panic!("{told}") };
    // What the test program has written stays on a line of its own.
    std::io::stdout().write_all(b"\n").unwrap();
    let mut progress = |line: &str| std::io::stdout().write_all(format!("{MARK}{line}\n").as_bytes()).unwrap();
    let (number, rounds) = (number.parse().unwrap(), rounds.parse().unwrap());
    assert_passed(contend(&*open(url), run_id, number, rounds, now(), PATIENCE, &mut progress));
}
