//! Rust's part of the demonstration; the programs of the other languages do the same.
//!
//! ```text
//! interop sign KEY-FILE ALGORITHM     prints a token made with the private key or secret in the file (a JWK)
//! interop verify KEY-FILE             reads tokens from standard input, one a line, and prints for each of them
//!                                     `ok SUBJECT LANGUAGE`, or the error's code
//! ```

use std::io::{BufRead, Write};
use std::process::ExitCode;

use authwright_core::{Key, Policy, Signer, SignerOptions, Token, Verifier, json::Value, system_now};
use serde_json::json;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["sign", key_file, algorithm] => sign(key_file, algorithm),
        ["verify", key_file] => verify(key_file),
        _ => Err("usage: interop sign KEY-FILE ALGORITHM | interop verify KEY-FILE".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "interop: {message}");
            ExitCode::FAILURE
        }
    }
}

fn sign(key_file: &str, algorithm: &str) -> Result<(), String> {
    let options = json!({
        "algorithm": algorithm,
        "issuer": "https://id.example",
        "audience": "api",
        "lifetime": 900,
    });
    let options = SignerOptions::from_json(&options.to_string()).map_err(said)?;
    let signer = Signer::new(&key(key_file)?, options).map_err(said)?;
    let claims = json!({ "sub": "alice", "scope": "read", "lang": "rust" });
    let token = signer.sign(&claims, system_now()).map_err(said)?;
    writeln!(std::io::stdout(), "{token}").map_err(|error| error.to_string())
}

fn verify(key_file: &str) -> Result<(), String> {
    let policy = json!({ "issuer": "https://id.example", "audience": "api" });
    let policy = Policy::from_json(&policy.to_string()).map_err(said)?;
    let verifier = Verifier::new(key(key_file)?, policy).map_err(said)?;
    let mut answers = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let answer = match verifier.verify(line.as_bytes(), system_now()) {
            Ok(token) => format!("ok {} {}", text(&token, "sub"), text(&token, "lang")),
            Err(error) => error.code().name().to_owned(),
        };
        writeln!(answers, "{answer}").map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn key(file: &str) -> Result<Key, String> {
    let jwk = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    Key::from_jwk(&jwk).map_err(said)
}

fn text(token: &Token, claim: &str) -> String {
    match token.claims().get(claim) {
        Some(Value::String(text)) => text.to_str().into_owned(),
        _ => "-".to_owned(),
    }
}

fn said(error: authwright_core::Error) -> String {
    format!("{}: {}", error.code().name(), error.message())
}
