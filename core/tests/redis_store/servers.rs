//! Starts and handles the servers of `tests/servers/redis_server.py`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// Some servers that belong together. They end with it.
pub(crate) struct Servers {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    facts: Value,
}

impl Servers {
    /// Starts them, with these settings (`maxmemory=2mb`). None if a tool is missing, which AW_REQUIRE_ALL forbids.
    pub(crate) fn start(kind: &str, settings: &[&str]) -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/servers/redis_server.py");
        let mut command = Command::new("python3");
        command.args([script, "serve", &format!("--{kind}")]).args(settings);
        let mut child = match command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(error) if std::env::var("AW_REQUIRE_ALL").is_ok_and(|value| value == "1") => panic!("python3: {error}"),
            Err(_) => return None,
        };
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        if line.is_empty() {
            assert!(child.wait().unwrap().success(), "redis_server.py failed");
            return None;
        }
        let facts = serde_json::from_str(&line).unwrap();
        Some(Self { child, input, output, facts })
    }

    pub(crate) fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap()
    }

    pub(crate) fn url(&self) -> &str {
        self.fact("url")
    }

    pub(crate) fn kill(&mut self, server: usize) {
        self.tell(&format!("kill {server}"));
    }

    pub(crate) fn start_again(&mut self, server: usize) {
        self.tell(&format!("start {server}"));
    }

    pub(crate) fn stall(&mut self, server: usize) {
        self.tell(&format!("stall {server}"));
    }

    pub(crate) fn resume(&mut self, server: usize) {
        self.tell(&format!("resume {server}"));
    }

    /// One command on that server.
    pub(crate) fn call(&mut self, server: usize, words: &[&str]) -> Value {
        self.tell(&format!("call {server} {}", serde_json::to_string(words).unwrap()))
    }

    /// The same, of which nothing is expected: another server may have the key.
    pub(crate) fn try_call(&mut self, server: usize, words: &[&str]) -> Option<Value> {
        self.ask(&format!("call {server} {}", serde_json::to_string(words).unwrap())).get_mut("done").map(Value::take)
    }

    fn tell(&mut self, line: &str) -> Value {
        let mut answer = self.ask(line);
        match answer.get_mut("done") {
            Some(done) => done.take(),
            None => panic!("{line}: {answer}"),
        }
    }

    fn ask(&mut self, line: &str) -> Value {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
