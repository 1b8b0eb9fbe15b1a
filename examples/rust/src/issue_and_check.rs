//! Issues API keys, checks them, rotates and revokes them, on a store of which it knows nothing but the URL.
//!
//! ```text
//! PEPPER=... issue_and_check STORE
//! ```
//!
//! Reads commands from its input, a line each, and answers each with a line: `ok` and what there is, or the code of the
//! error.
//!
//! ```text
//! issue OWNER SCOPE SECONDS    a key for so long: ok ID KEY
//! check KEY SCOPE              whose it is: ok OWNER
//! rotate ID SECONDS            the key before it is good for so long: ok ID KEY
//! revoke ID                    ok
//! ```
//!
//! PEPPER is the base64 of 32 random bytes (`openssl rand -base64 32`), the same in every process that uses the store.

use std::io::{BufRead, Write, stdin, stdout};
use std::process::ExitCode;
use std::time::Duration;

use authwright_core::api_key::{ApiKeys, ApiKeysOptions, IssueOptions, RotateOptions};
use authwright_core::store::{self, Store, StoreOptions};
use authwright_core::{Key, Result, system_now_ms};
use serde_json::json;

/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let pepper = std::env::var("PEPPER").map(|base64| read_pepper(&base64));
    let ([url], Ok(Ok(pepper))) = (arguments.as_slice(), pepper) else {
        say("usage: PEPPER=... issue_and_check STORE, with PEPPER in base64: openssl rand -base64 32");
        return ExitCode::from(2);
    };
    match serve(url, pepper) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// A key of its base64. A JWK has it in base64url, without the padding and with other letters for two.
fn read_pepper(base64: &str) -> Result<Key> {
    let base64url = base64.trim_end_matches('=').replace('+', "-").replace('/', "_");
    Key::from_jwk(&json!({ "kty": "oct", "k": base64url }).to_string())
}

fn serve(url: &str, pepper: Key) -> Result<()> {
    // Nothing is opened yet: a server that is down at this moment is no error.
    let store = store::open(url, &StoreOptions::from_json("{}")?)?;
    let options = ApiKeysOptions::from_json(r#"{"prefix":"acme","environment":"live"}"#)?;
    let keys = ApiKeys::new(options, &[pepper])?;
    for line in stdin().lock().lines().map_while(std::io::Result::ok) {
        let words: Vec<&str> = line.split(' ').collect();
        match answer(&keys, &*store, &words) {
            Ok(answer) => say(&["ok", &answer].join(" ")),
            // ERR_STORE_... says nothing about a key: a service answers 503 rather than 401.
            Err(error) => say(error.code().name()),
        }
    }
    store.close();
    Ok(())
}

fn answer(keys: &ApiKeys, store: &dyn Store, words: &[&str]) -> Result<String> {
    // What has happened comes with the result: a program would log it.
    let at = keys.at(store, system_now_ms(), PATIENCE);
    let seconds = |text: &str| text.parse::<u64>().unwrap_or(0);
    match *words {
        ["issue", owner, scope, lifetime] => {
            let options = json!({ "owner": owner, "scopes": [scope], "expires_in": seconds(lifetime) });
            let issued = at.issue(&IssueOptions::from_json(&options.to_string())?).0?;
            // The only time that it is shown: the store has a hash.
            Ok(format!("{} {}", issued.id(), issued.secret()))
        }
        ["check", presented, scope] => Ok(at.verify(presented, &[scope.to_owned()]).0?.owner().to_owned()),
        ["rotate", id, overlap] => {
            let options = json!({ "overlap": seconds(overlap) });
            let rotated = at.rotate(id, &RotateOptions::from_json(&options.to_string())?).0?;
            Ok(format!("{} {}", rotated.id(), rotated.secret()))
        }
        ["revoke", id] => at.revoke(id).0.map(|_| String::new()),
        _ => Ok("no such command".to_owned()),
    }
}

#[allow(clippy::print_stdout, reason = "it is what the program is for")]
fn say(line: &str) {
    println!("{}", line.trim_end());
    let _ = stdout().flush();
}
