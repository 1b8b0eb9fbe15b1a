//! The settings of keys: documents with one spelling in every language.

use std::fmt;
use std::time::Duration;

use super::format::KeyFormat;
use crate::encoding::json::{Parsed, Value};
use crate::error::{Code, Error, Excerpt, Result};
use crate::options;

/// The most bytes of an owner's name.
const MAX_OWNER: usize = 256;

/// The most scopes of a key, and the most bytes of one.
const MAX_SCOPES: usize = 100;
const MAX_SCOPE: usize = 128;

/// The most bytes of metadata, as compact JSON.
const MAX_METADATA: usize = 4096;

const KEYS: &str = "API keys";
const MEMBERS: &[&str] = &["prefix", "environment", PEPPERS, "last_used_every", "accept_imported", "cache_seconds"];

/// Not in the document, but who misspells it must be told so.
const PEPPERS: &str = "peppers";

const ISSUE: &str = "API key";
const ISSUE_MEMBERS: &[&str] = &["owner", "scopes", "metadata", "expires_in"];
const IMPORT_MEMBERS: &[&str] = &["sha256", "owner", "scopes", "metadata", "expires_in"];

const ROTATE: &str = "rotation";
const ROTATE_MEMBERS: &[&str] = &["overlap", "expires_in"];

/// What all keys of one prefix and environment have in common.
#[derive(Clone, Debug)]
pub struct ApiKeysOptions {
    pub(super) format: KeyFormat,
    /// In seconds.
    pub(super) last_used_every: i64,
    pub(super) accept_imported: bool,
    pub(super) cache: Duration,
}

/// A key to issue.
#[derive(Clone)]
pub struct IssueOptions {
    pub(super) owner: String,
    pub(super) scopes: Vec<String>,
    pub(super) metadata: Parsed,
    pub(super) expires_in: Option<Duration>,
}

/// A key that another system issued. `Debug` does not show its hash.
#[derive(Clone)]
pub struct ImportOptions {
    /// In lower-case hexadecimal.
    pub(super) sha256: String,
    pub(super) issue: IssueOptions,
}

/// How a key gets another secret.
#[derive(Clone, Debug)]
pub struct RotateOptions {
    pub(super) overlap: Duration,
    pub(super) expires_in: Option<Duration>,
}

impl ApiKeysOptions {
    /// Reads the document:
    ///
    /// - `prefix`, `environment`: what every key begins with, `acme` and `live`, say. Each is a lower-case letter and at
    ///   most 15 more, or digits. Keys of one environment are none of another;
    /// - `last_used_every`: how coarse the time of the last use is, in seconds from 60 on: 3600. A check writes it at most
    ///   so often for a key;
    /// - `accept_imported`: whether keys of other forms are looked for among those of [`ApiKeys::import_hash`]: false;
    /// - `cache_seconds`: for how long a record that was read may serve other checks of the same [`ApiKeys`], from 0 to 60:
    ///   0. A revocation by another one, in this process or elsewhere, is seen that much later. Only for keys that are used at
    ///   one store.
    ///
    /// [`ApiKeys`]: super::ApiKeys
    /// [`ApiKeys::import_hash`]: super::ApiKeys::import_hash
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION`, `ERR_INVALID_ARGUMENT`: the field names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, KEYS)?;
        let (mut prefix, mut environment) = (None, None);
        let (mut last_used_every, mut accept_imported, mut cache) = (3600, false, Duration::ZERO);
        options::each(parsed.document(), |name, value| {
            match name {
                "prefix" => prefix = Some(options::string(name, value)?),
                "environment" => environment = Some(options::string(name, value)?),
                "last_used_every" => last_used_every = seconds(name, value, 60, u64::MAX)?,
                "accept_imported" => accept_imported = options::flag(name, value)?,
                "cache_seconds" => cache = Duration::from_secs(seconds(name, value, 0, 60)?.unsigned_abs()),
                PEPPERS => {
                    let message = "peppers are secrets, and stand beside the document";
                    return Err(Error::new(Code::UnknownOption, message).at(PEPPERS));
                }
                _ => return Err(options::unknown(name, MEMBERS, KEYS)),
            }
            Ok(())
        })?;
        let format = KeyFormat::new(&required("prefix", prefix)?, &required("environment", environment)?)?;
        Ok(Self { format, last_used_every, accept_imported, cache })
    }
}

impl IssueOptions {
    /// Reads the document:
    ///
    /// - `owner`: whose it is, 1 to 256 bytes without control characters;
    /// - `scopes`: what it may be used for, at most 100 of RFC 6749 section 3.3, or one as a string; none if absent;
    /// - `metadata`: an object of the program's own, at most 4096 bytes of compact JSON;
    /// - `expires_in`: in seconds from now, at least 1. Without it the key does not end.
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION`, `ERR_INVALID_ARGUMENT`: the field names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        Self::read(&options::parse(json, ISSUE)?, ISSUE_MEMBERS)
    }

    fn read(parsed: &Parsed, members: &[&str]) -> Result<Self> {
        let (mut owner, mut scopes, mut metadata, mut expires_in) = (None, Vec::new(), None, None);
        options::each(parsed.document(), |name, value| {
            match name {
                "owner" => owner = Some(self::owner(name, options::string(name, value)?)?),
                "scopes" => scopes = self::scopes(name, value)?,
                "metadata" => metadata = Some(self::metadata(name, value)?),
                "expires_in" => {
                    expires_in = Some(Duration::from_secs(seconds(name, value, 1, u64::MAX)?.unsigned_abs()))
                }
                _ if members.contains(&name) => {}
                _ => return Err(options::unknown(name, members, ISSUE)),
            }
            Ok(())
        })?;
        let metadata = match metadata {
            Some(metadata) => metadata,
            None => options::parse("{}", "metadata")?,
        };
        Ok(Self { owner: required("owner", owner)?, scopes, metadata, expires_in })
    }
}

impl ImportOptions {
    /// Reads the document: the members of [`IssueOptions::from_json`], and `sha256`, the SHA-256 of the whole key in
    /// hexadecimal. The key must be one that nobody can guess, of 128 random bits or more: a fast hash protects no other.
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION`, `ERR_INVALID_ARGUMENT`: the field names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, ISSUE)?;
        let given = parsed.document().get("sha256").map(|value| options::string("sha256", value)).transpose()?;
        let sha256 = required("sha256", given)?.to_ascii_lowercase();
        if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::invalid_argument("sha256", "sha256 must be 64 hexadecimal digits"));
        }
        Ok(Self { sha256, issue: IssueOptions::read(&parsed, IMPORT_MEMBERS)? })
    }
}

impl RotateOptions {
    /// Reads the document:
    ///
    /// - `overlap`: for how many seconds, at most, the secrets before it are good still: 0, they end at once;
    /// - `expires_in`: in seconds from now, at least 1: when the key ends from here on. Without it, when it did before.
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION`, `ERR_INVALID_ARGUMENT`: the field names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, ROTATE)?;
        let mut settings = Self { overlap: Duration::ZERO, expires_in: None };
        options::each(parsed.document(), |name, value| {
            match name {
                "overlap" => settings.overlap = options::seconds(name, value)?,
                "expires_in" => {
                    settings.expires_in = Some(Duration::from_secs(seconds(name, value, 1, u64::MAX)?.unsigned_abs()));
                }
                _ => return Err(options::unknown(name, ROTATE_MEMBERS, ROTATE)),
            }
            Ok(())
        })?;
        Ok(settings)
    }
}

impl fmt::Debug for ImportOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("ImportOptions").field(&self.issue).finish()
    }
}

impl fmt::Debug for IssueOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("IssueOptions")
            .field("owner", &self.owner)
            .field("scopes", &self.scopes)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// The name of an owner.
pub(super) fn owner(name: &str, text: String) -> Result<String> {
    if text.is_empty() || text.len() > MAX_OWNER || text.chars().any(char::is_control) {
        let message = format!("{name} must be 1 to {MAX_OWNER} bytes, without control characters");
        return Err(Error::invalid_argument(name.to_owned(), message));
    }
    Ok(text)
}

/// Refuses what is no scope-token (RFC 6749 section 3.3).
pub(super) fn check_scope(name: &str, scope: &str) -> Result<()> {
    let is_one = !scope.is_empty()
        && scope.len() <= MAX_SCOPE
        && scope.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    if is_one {
        return Ok(());
    }
    let message = format!(
        "{name} has {}: a scope is 1 to {MAX_SCOPE} visible ASCII characters, without quotation marks and backslashes",
        Excerpt(scope)
    );
    Err(Error::invalid_argument(name.to_owned(), message))
}

fn scopes(name: &str, value: Value<'_>) -> Result<Vec<String>> {
    let scopes = match value {
        // A key without scopes is one that may be used for nothing in particular.
        Value::Array(array) if array.is_empty() => return Ok(Vec::new()),
        _ => options::strings(name, value)?,
    };
    let mut sorted: Vec<&String> = scopes.iter().collect();
    sorted.sort_unstable();
    if scopes.len() > MAX_SCOPES || sorted.array_windows().any(|[one, next]| one == next) {
        let message = format!("{name} must be at most {MAX_SCOPES} scopes that differ from each other");
        return Err(Error::invalid_argument(name.to_owned(), message));
    }
    scopes.iter().try_for_each(|scope| check_scope(name, scope))?;
    Ok(scopes)
}

fn metadata(name: &str, value: Value<'_>) -> Result<Parsed> {
    options::object(name, value)?;
    let compact = value.to_compact();
    if compact.len() > MAX_METADATA {
        let message = format!("{name} must be at most {MAX_METADATA} bytes of compact JSON, not {}", compact.len());
        return Err(Error::invalid_argument(name.to_owned(), message));
    }
    options::parse(&compact, "metadata")
}

fn seconds(name: &str, value: Value<'_>, least: u64, most: u64) -> Result<i64> {
    let seconds = options::seconds(name, value)?.as_secs();
    if !(least..=most).contains(&seconds) {
        let message = match most {
            u64::MAX => format!("{name} must be {least} seconds at least"),
            _ => format!("{name} must be from {least} to {most} seconds"),
        };
        return Err(Error::invalid_argument(name.to_owned(), message));
    }
    i64::try_from(seconds).map_err(|_| options::wrong(name, "a number of seconds", value))
}

fn required<T>(name: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::invalid_argument(name, format!("{name} is missing")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn field<T>(outcome: Result<T>) -> (Code, Option<String>) {
        let error = outcome.err().unwrap();
        (error.code(), error.field().map(str::to_owned))
    }

    #[test]
    fn what_is_wrong_is_named() {
        let invalid = |name: &str| (Code::InvalidArgument, Some(name.to_owned()));
        let keys =
            |more: &str| field(ApiKeysOptions::from_json(&format!(r#"{{"prefix":"a","environment":"b"{more}}}"#)));
        assert_eq!(field(ApiKeysOptions::from_json(r#"{"prefix":"a"}"#)), invalid("environment"));
        assert_eq!(field(ApiKeysOptions::from_json(r#"{"prefix":"A","environment":"b"}"#)), invalid("prefix"));
        assert_eq!(keys(r#","last_used_every":59"#), invalid("last_used_every"));
        assert_eq!(keys(r#","cache_seconds":61"#), invalid("cache_seconds"));
        assert_eq!(keys(r#","cache":1"#), (Code::UnknownOption, Some("cache".to_owned())));
        assert_eq!(keys(r#","peppers":[]"#), (Code::UnknownOption, Some("peppers".to_owned())));
        let error = ApiKeysOptions::from_json(r#"{"pepper":null}"#).unwrap_err();
        assert!(error.message().contains("did you mean \"peppers\"?"), "{error}");
        let issue = |more: &str| field(IssueOptions::from_json(&format!(r#"{{"owner":"o"{more}}}"#)));
        assert_eq!(field(IssueOptions::from_json("{}")), invalid("owner"));
        assert_eq!(field(IssueOptions::from_json(r#"{"owner":"a\u0000b"}"#)), invalid("owner"));
        assert_eq!(field(IssueOptions::from_json(&format!(r#"{{"owner":"{}"}}"#, "o".repeat(257)))), invalid("owner"));
        for scopes in [r#"["a b"]"#, r#"["a","a"]"#, r#"["é"]"#, r#"["a\\"]"#, "[1]", "null", r#"[""]"#] {
            assert_eq!(issue(&format!(r#","scopes":{scopes}"#)), invalid("scopes"), "{scopes}");
        }
        for metadata in ["1", "[]", &format!(r#"{{"a":"{}"}}"#, "x".repeat(4096))] {
            assert_eq!(issue(&format!(r#","metadata":{metadata}"#)), invalid("metadata"), "{metadata}");
        }
        for expires_in in ["0", "-1", "1.5", "\"1\"", "9007199254740992"] {
            assert_eq!(issue(&format!(r#","expires_in":{expires_in}"#)), invalid("expires_in"), "{expires_in}");
        }
        assert_eq!(issue(r#","sha256":"""#), (Code::UnknownOption, Some("sha256".to_owned())));
        assert_eq!(field(ImportOptions::from_json(r#"{"owner":"o","sha256":"abc"}"#)), invalid("sha256"));
        assert_eq!(field(RotateOptions::from_json(r#"{"overlap":-1}"#)), invalid("overlap"));
        IssueOptions::from_json(r#"{"owner":"o","scopes":[],"metadata":{"n": 1.50}}"#).unwrap();
        assert_eq!(IssueOptions::from_json(r#"{"owner":"o","scopes":"a:b"}"#).unwrap().scopes, ["a:b"]);
    }
}
