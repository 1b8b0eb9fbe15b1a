//! Makes a key, signs a token, verifies it, and shows what happens to one that is not for us.

use authwright_core::{Algorithm, Key, Policy, Result, Signer, SignerOptions, Verifier, json::Value, system_now};
use serde_json::json;

fn main() -> Result<()> {
    let key = Key::generate(Algorithm::ES256, Some("2026-11"), None)?;

    let options = SignerOptions::from_json(r#"{"issuer":"https://id.example","audience":"api","lifetime":900}"#)?;
    let signer = Signer::new(&key, options)?;
    let token = signer.sign(&json!({ "sub": "alice", "scope": "read" }), system_now())?;
    say(&token);

    let policy = Policy::from_json(r#"{"issuer":"https://id.example","audience":"api"}"#)?;
    let verifier = Verifier::new(key.public_key()?, policy)?;
    let verified = verifier.verify(token.as_bytes(), system_now())?;
    if let Some(Value::String(subject)) = verified.claims().get("sub") {
        say(&format!("this is {}", subject.to_str()));
    }
    say(verified.claims_json());

    let elsewhere = Policy::from_json(r#"{"issuer":"https://id.example","audience":"another-api"}"#)?;
    match Verifier::new(key.public_key()?, elsewhere)?.verify(token.as_bytes(), system_now()) {
        Ok(_) => say("this should not have been accepted"),
        Err(error) => say(&format!("{}: {}", error.code(), error.message())),
    }
    Ok(())
}

#[allow(clippy::print_stdout, reason = "an example shows what it does")]
fn say(line: &str) {
    println!("{line}");
}
