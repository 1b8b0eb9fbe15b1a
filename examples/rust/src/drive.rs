//! Verifies a token with the keys of its issuer, and carries out itself what that takes.
//!
//! ```text
//! drive ISSUER AUDIENCE TOKEN
//! ```
//!
//! Once with the built-in client, and once by a loop of its own, as a program does that has another client.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;
use std::process::ExitCode;
use std::thread;

use authwright_core::operation::{Effect, EffectKind, Event, Failure, Operation, Request, Response, Step};
use authwright_core::transport::{HttpClient, HttpOptions};
use authwright_core::{Code, Policy, Result, Token, Verifier, system_now_ms};
use serde_json::json;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [issuer, audience, token] = arguments.as_slice() else {
        say("drive ISSUER AUDIENCE TOKEN");
        return ExitCode::FAILURE;
    };
    match both(issuer, &json!({ "audience": audience }).to_string(), token) {
        Ok(status) => {
            say(&format!("a service would answer with {status}"));
            if status == 200 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            say(&format!("{}: {}", error.code(), error.message()));
            ExitCode::FAILURE
        }
    }
}

fn both(issuer: &str, policy: &str, token: &str) -> Result<u16> {
    let client = HttpClient::new(HttpOptions::from_json("{}")?)?;
    let verifier = Verifier::discover(issuer, Policy::from_json(policy)?, seed())?;

    let verified = verify(&verifier, &client, token);
    match &verified {
        Ok(token) => say(token.claims_json()),
        Err(error) => say(&format!("{}: {}", error.code(), error.message())),
    }

    let another = Verifier::discover(issuer, Policy::from_json(policy)?, seed())?;
    let operation = another.verify_fetching(token, None, system_now_ms().saturating_add(10_000));
    let driven = drive(operation, |request| client.send(request, system_now_ms()));
    Ok(status(&verified).max(status(&driven)))
}

/// Verifies with the built-in client, which blocks while it fetches.
fn verify(verifier: &Verifier, client: &HttpClient, token: &str) -> Result<Token> {
    let verified = client.run(verifier.verify_fetching(token, None, system_now_ms().saturating_add(10_000)), &log)?;
    if let Some(mut due) = verifier.remote_keys().and_then(|keys| keys.refresh_ahead(system_now_ms())) {
        // The first step takes the lead, so that only one of many callers starts a thread.
        if matches!(due.step(system_now_ms()), Step::Effect(_)) {
            let client = client.clone();
            thread::spawn(move || client.run(due, &log));
        }
    }
    Ok(verified)
}

/// The status to answer a request with.
fn status(outcome: &Result<Token>) -> u16 {
    match outcome {
        Ok(_) => 200,
        Err(error) if matches!(error.code(), Code::KeysNeeded | Code::Deadline | Code::Closed) => 503,
        Err(_) => 401,
    }
}

/// Carries out what an operation asks for until it is over. `send` is the program's own HTTP client.
fn drive<T>(mut operation: Operation<T>, send: impl Fn(&Request) -> Result<Response, Failure>) -> Result<T> {
    loop {
        let now = system_now_ms();
        let (id, outcome) = match operation.step(now) {
            Step::Effect(Effect { id, kind: EffectKind::Send(request) }) => (*id, send(request)),
            Step::Effect(Effect { id, .. }) => (*id, Err(Failure::unsupported("such effect"))),
            Step::Wait(wait) => {
                wait.signal.wait(wait.until.saturating_sub(now));
                continue;
            }
            Step::Done(result) => return Ok(result),
            Step::Failed(error) => return Err(error),
        };
        operation.resume(id, system_now_ms(), outcome)?;
        operation.take_events().iter().for_each(log);
    }
}

/// A number that differs from process to process.
fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn log(event: &Event) {
    let _ = writeln!(std::io::stderr(), "{}", event.to_json());
}

#[allow(clippy::print_stdout, reason = "an example shows what it does")]
fn say(line: &str) {
    println!("{line}");
}
