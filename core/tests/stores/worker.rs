//! A racer, or another worker, in a process of its own: this test program again, which runs one test.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use authwright_core::store::conformance::contend;

use super::{PATIENCE, assert_passed, now, open};

/// What the worker is told. A racer: its number, its rounds, the run's id, the store's URL.
const VARIABLE: &str = "AW_WORKER";

/// What the lines of its progress begin with, among those of the test program.
const MARK: &str = "acknowledged: ";

pub(super) struct Worker {
    process: Child,
    output: BufReader<ChildStdout>,
    lines: Vec<String>,
}

/// A worker that is a racer of the conformance suite.
pub(super) fn racer(url: &str, run_id: &str, number: u64, rounds: u64) -> Worker {
    Worker::start("worker::races", &format!("{number} {rounds} {run_id} {url}"))
}

impl Worker {
    /// Starts a process that runs that test, which is one of those that are ignored, and tells it what to do.
    pub(super) fn start(test: &str, told: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .env(VARIABLE, told)
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
        assert!(self.process.wait().unwrap().success(), "a worker has failed");
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

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the process of this worker was told, if it is one.
pub(super) fn told() -> Option<String> {
    let told = std::env::var(VARIABLE).ok()?;
    // What the test program has written stays on a line of its own.
    std::io::stdout().write_all(b"\n").unwrap();
    Some(told)
}

/// A line of progress.
pub(super) fn tell(line: &str) {
    std::io::stdout().write_all(format!("{MARK}{line}\n").as_bytes()).unwrap();
}

#[test]
#[ignore = "a process that other tests start"]
fn races() {
    let Some(told) = told() else { return };
    let [number, rounds, run_id, url] = told.splitn(4, ' ').collect::<Vec<_>>()[..] else { panic!("{told}") };
    let (number, rounds) = (number.parse().unwrap(), rounds.parse().unwrap());
    assert_passed(contend(&*open(url), run_id, number, rounds, now(), PATIENCE, &mut tell));
}
