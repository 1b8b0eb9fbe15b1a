//! The loop that drives an operation.

use std::cell::RefCell;
use std::sync::{Condvar, Mutex};

use super::*;
use crate::operation::{Machine, Next, Signal, Wait};

/// Sends two requests with a wait between them.
struct Twice {
    url: String,
    signal: Arc<Flag>,
    statuses: Vec<u16>,
    waited: bool,
}

#[derive(Default)]
struct Flag(Mutex<bool>, Condvar);

impl Signal for Flag {
    fn wait(&self, milliseconds: u64) {
        let set = self.0.lock().unwrap();
        drop(self.1.wait_timeout_while(set, Duration::from_millis(milliseconds), |set| !*set).unwrap());
    }

    fn notify(&self, _: Box<dyn FnOnce() + Send>) {}
}

impl Machine for Twice {
    type Output = Vec<u16>;

    fn step(&mut self, now: u64, events: &mut Vec<Event>) -> Next<Vec<u16>> {
        match self.statuses.len() {
            2 => Next::Done(Ok(self.statuses.clone())),
            1 if !std::mem::replace(&mut self.waited, true) => {
                events.push(Event::new("waiting"));
                Next::Wait(Wait { until: now + PLENTY, signal: Arc::clone(&self.signal) as _ })
            }
            _ => Next::Send(Request::get(self.url.clone(), "*/*", now + PLENTY, Reach::Anywhere)),
        }
    }

    fn resume(&mut self, _: u64, outcome: Result<Response, Failure>, events: &mut Vec<Event>) {
        let status = outcome.map_or(0, |response| response.status);
        self.statuses.push(status);
        events.push(Event::new("answered").with("status", status));
    }
}

fn twice(url: String) -> (Operation<Vec<u16>>, Arc<Flag>) {
    let signal = Arc::new(Flag::default());
    let machine = Twice { url, signal: Arc::clone(&signal), statuses: Vec::new(), waited: false };
    (Operation::new(machine, system_now_ms() + PLENTY), signal)
}

#[test]
fn an_operation_runs_to_its_end() {
    let address = serve(|mut stream| {
        read_head(&mut stream);
        stream.write_all(&answer("418 I'm a teapot", "", b"")).unwrap();
    });
    let (operation, signal) = twice(format!("http://{address}/"));
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        *signal.0.lock().unwrap() = true;
        signal.1.notify_all();
    });
    let events = RefCell::new(Vec::new());
    let statuses = client("{}").run(operation, &|event| events.borrow_mut().push(event.to_json())).unwrap();
    assert_eq!(statuses, [418, 418]);
    let answered = r#"{"event":"answered","status":418}"#;
    assert_eq!(events.into_inner(), [answered, r#"{"event":"waiting"}"#, answered]);
}

#[test]
fn failures_reach_the_operation() {
    let client = client("{}");
    client.close();
    let (operation, signal) = twice("http://127.0.0.1:1/".to_owned());
    *signal.0.lock().unwrap() = true;
    assert_eq!(client.run(operation, &|_| {}).unwrap(), [0, 0]);
}

#[test]
fn a_wait_ends_at_the_operations_deadline() {
    let client = client("{}");
    client.close();
    let machine =
        Twice { url: "http://127.0.0.1:1/".to_owned(), signal: Arc::default(), statuses: Vec::new(), waited: false };
    let error = client.run(Operation::new(machine, system_now_ms() + 100), &|_| {}).unwrap_err();
    assert_eq!(error.code().name(), "ERR_DEADLINE");
}
