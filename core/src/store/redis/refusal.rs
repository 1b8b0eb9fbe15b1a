//! What the server's errors mean.

use ::redis::ServerError;

use crate::error::Error;
use crate::store::{corrupt, full, unavailable, uncertain};

/// Codes that a script's error may have within its text, as releases before 7 wrote it.
const CODES: &[&str] = &["OOM", "WRONGTYPE", "READONLY", "MISCONF", "NOREPLICAS", "LOADING", "MASTERDOWN"];

/// An error that the server answered.
pub(super) struct Refusal {
    /// Its first word: `OOM`.
    pub(super) code: String,
    /// All of it.
    pub(super) text: String,
}

/// Reads the server's error.
pub(super) fn refusal(error: &ServerError) -> Refusal {
    let (code, details) = (error.code(), error.details().unwrap_or_default());
    let within = details.contains("user_script").then(|| {
        let mut words = details.split([' ', ':']).map(|word| word.trim_start_matches('-'));
        words.find(|word| CODES.contains(word))
    });
    let known = if code == "ERR" { within.flatten().unwrap_or(code) } else { code };
    Refusal { code: known.to_owned(), text: format!("{code} {details}") }
}

impl Refusal {
    /// `is_change` if it answers a command that changes a record: whatever stops a script while it runs does not take
    /// back what it has done.
    pub(super) fn into_error(self, is_change: bool) -> Error {
        match self.code.as_str() {
            "OOM" => full(&self.text),
            "WRONGTYPE" => corrupt("a key of the namespace holds something else"),
            "NOAUTH" => unavailable("the server wants a password (NOAUTH)"),
            "WRONGPASS" => unavailable("the server does not take this user and password (WRONGPASS)"),
            "NOPERM" if !self.text.contains("script") => unavailable(&self.text),
            // These come before anything is changed.
            "MISCONF" | "NOREPLICAS" | "BUSY" | "CROSSSLOT" => unavailable(&self.text),
            _ if is_change => uncertain(&self.text),
            _ => unavailable(&self.text),
        }
    }
}
