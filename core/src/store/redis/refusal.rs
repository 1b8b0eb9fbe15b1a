//! What the server's errors mean.

use ::redis::ServerError;

use crate::error::{Code, Error, Excerpt};
use crate::store::corrupt;
pub(super) use crate::store::request::{unavailable_since as unavailable, uncertain_since as uncertain};

/// Codes that a script's error may have within its text, as releases before 7 wrote it.
const CODES: &[&str] = &["OOM", "WRONGTYPE", "READONLY", "MISCONF", "NOREPLICAS", "LOADING", "MASTERDOWN"];

/// An error that the server answered.
pub(super) struct Refusal {
    /// Its first word: `OOM`.
    pub(super) code: String,
    /// The beginning of it, as a message shows it.
    pub(super) text: String,
    /// Whether a script has met it.
    is_met_within: bool,
}

/// Reads the server's error.
pub(super) fn refusal(error: &ServerError) -> Refusal {
    let (code, details) = (error.code(), error.details().unwrap_or_default());
    let is_met_within = details.contains("user_script");
    let within =
        || details.split([' ', ':']).map(|word| word.trim_start_matches('-')).find(|word| CODES.contains(word));
    let known = if is_met_within && code == "ERR" { within().unwrap_or(code) } else { code };
    let text = Excerpt(&format!("{code} {details}")).to_string();
    Refusal { code: known.to_owned(), text, is_met_within }
}

impl Refusal {
    /// `is_change` if it answers a command that changes a record: whatever stops a script while it runs does not take
    /// back what it has done.
    pub(super) fn into_error(self, is_change: bool) -> Error {
        match self.code.as_str() {
            "OOM" => Error::new(Code::StoreFull, format!("the store has no room: {}", self.text)),
            "WRONGTYPE" => corrupt("a key of the namespace holds something else"),
            "NOAUTH" => unavailable("the server wants a password (NOAUTH)"),
            "WRONGPASS" => unavailable("the server does not take this user and password (WRONGPASS)"),
            // These come before anything is changed.
            "MISCONF" | "NOREPLICAS" | "BUSY" | "CROSSSLOT" => unavailable(&self.text),
            "NOPERM" if !self.is_met_within => unavailable(&self.text),
            _ if is_change => uncertain(&self.text),
            _ => unavailable(&self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::redis::{Value, parse_redis_value};

    fn meant(line: &str, is_change: bool) -> Code {
        match parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap() {
            Value::ServerError(error) => refusal(&error).into_error(is_change).code(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn errors_of_scripts_are_read_as_every_release_writes_them() {
        for (line, code) in [
            (
                "OOM command not allowed when used memory > 'maxmemory'. script: 1f, on @user_script:20.",
                Code::StoreFull,
            ),
            (
                "ERR Error running script (call to f_1f): @user_script:20: -OOM command not allowed when used memory",
                Code::StoreFull,
            ),
            (
                "ERR Error running script (call to f_1f): @user_script:4: WRONGTYPE Operation against",
                Code::StoreCorrupt,
            ),
            ("NOPERM this user has no permissions to run the 'evalsha' command", Code::StoreUnavailable),
            (
                "ERR The user executing the script can't run this command script: 1f, on @user_script:20.",
                Code::StoreUncertain,
            ),
            ("BUSY Redis is busy running a script.", Code::StoreUnavailable),
            ("ERR something that nobody has heard of", Code::StoreUncertain),
        ] {
            assert_eq!(meant(line, true), code, "{line}");
            let reading = if code == Code::StoreUncertain { Code::StoreUnavailable } else { code };
            assert_eq!(meant(line, false), reading, "{line}");
        }
    }
}
