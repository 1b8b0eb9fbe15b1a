//! Verifies the tokens of a live issuer, of which it knows nothing but the URL.
//!
//! ```text
//! verify_issuer ISSUER AUDIENCE [COOLDOWN]
//! ```
//!
//! Reads tokens from its input, a line each, and answers each with a line: `ok` and the subject, or the code of the error.
//! COOLDOWN is the number of seconds between two fetches that unknown keys cause, 30 unless it is given.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufRead, Write, stdin, stdout};

use authwright_core::transport::{HttpClient, HttpOptions};
use authwright_core::{Code, Policy, RemoteKeySet, RemoteOptions, Result, Token, Verifier, json::Value, system_now};
use serde_json::json;

/// How long one token may take, in milliseconds.
const PATIENCE: u64 = 10_000;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (issuer, audience, cooldown) = match arguments.as_slice() {
        [issuer, audience] => (issuer, audience, "30"),
        [issuer, audience, cooldown] => (issuer, audience, cooldown.as_str()),
        _ => {
            answer("verify_issuer ISSUER AUDIENCE [COOLDOWN]");
            std::process::exit(2);
        }
    };
    let cooldown: u64 = cooldown.parse().unwrap_or(30);
    let options = RemoteOptions::from_json(&json!({ "issuer": issuer, "cooldown": cooldown }).to_string())?;
    // Any number that differs from process to process: it spreads their requests in time.
    let keys = RemoteKeySet::new(options, RandomState::new().build_hasher().finish())?;
    let policy = Policy::from_json(&json!({ "audience": audience }).to_string())?;
    let verifier = Verifier::remote(&keys, policy)?;
    let client = HttpClient::new(HttpOptions::default())?;

    for token in stdin().lock().lines().map_while(std::io::Result::ok) {
        match verify(&verifier, &client, &token) {
            Ok(token) => match token.claims().get("sub") {
                Some(Value::String(subject)) => answer(&format!("ok {}", subject.to_str())),
                _ => answer("ok"),
            },
            Err(error) => answer(error.code().name()),
        }
    }
    Ok(())
}

/// Without I/O where the keys are at hand. Where they are not, one caller fetches them for all.
fn verify(verifier: &Verifier, client: &HttpClient, token: &str) -> Result<Token> {
    let now = system_now();
    match verifier.verify(token, now) {
        Err(error) if error.code() == Code::KeysNeeded => {
            let deadline = u64::try_from(now).unwrap_or(0).saturating_mul(1000).saturating_add(PATIENCE);
            client.run(verifier.verify_fetching(token, None, deadline), &|_event| {})
        }
        verdict => verdict,
    }
}

#[allow(clippy::print_stdout, reason = "it is what the program is for")]
fn answer(line: &str) {
    println!("{line}");
    let _ = stdout().flush();
}
