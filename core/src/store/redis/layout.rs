//! How records are kept: the names of keys, the fields of a hash, the words of a cursor.

use ::redis::Value;

use crate::encoding::base64url;
use crate::error::{Error, Result};
use crate::store::request::is_name;
use crate::store::{END_OF_VERSIONS, MAX_VALUE_BYTES, Record, corrupt};

/// What the key `{namespace}:schema` holds: this, and a number.
pub(super) const SCHEMA: &str = "authwright ";
pub(super) const SCHEMA_VERSION: u64 = 1;

/// An entry of an owner's index: by when it was entered, then by its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entered {
    /// In milliseconds, by the server's clock.
    pub(super) at: u64,
    pub(super) key: String,
}

/// The key of a record.
pub(super) fn record_key(namespace: &str, key: &str) -> Vec<u8> {
    [namespace, ":r:", key].concat().into_bytes()
}

/// The key of an owner's index.
pub(super) fn index_key(namespace: &str, owner: &str) -> Vec<u8> {
    [namespace, ":o:", owner].concat().into_bytes()
}

/// What all indexes are found by: a namespace may hold what is special in patterns.
pub(super) fn index_pattern(namespace: &str) -> String {
    let mut pattern = String::new();
    for character in namespace.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '^' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push_str(":o:*");
    pattern
}

/// Reads what `HGETALL` answers.
pub(super) fn record(answer: &Value) -> Result<Option<Record>> {
    let Value::Array(words) = answer else { return Err(corrupt("a record is no hash")) };
    if words.is_empty() {
        return Ok(None);
    }
    let (mut version, mut value, mut owner, mut expires_at) = (None, None, None, None);
    for pair in words.chunks(2) {
        let [Value::BulkString(name), Value::BulkString(content)] = pair else {
            return Err(corrupt("a record is no hash"));
        };
        let text = std::str::from_utf8(content).map_err(|_| corrupt("a field of a record is not UTF-8"))?;
        match name.as_slice() {
            b"v" => version = Some(number(text).ok_or_else(|| corrupt("the version of a record is no number"))?),
            b"d" if text.len() <= MAX_VALUE_BYTES => value = Some(text.to_owned()),
            b"o" if is_name(text) => owner = Some(text.to_owned()),
            b"e" => expires_at = Some(number(text).ok_or_else(|| corrupt("the end of a record is no number"))?),
            _ => return Err(corrupt("a record has a field that is none, or not as it should be")),
        }
    }
    match (version, value) {
        (Some(version), Some(value)) => Ok(Some(Record { version, value, owner, expires_at })),
        _ => Err(corrupt("a record lacks its version or its value")),
    }
}

/// Reads entries of an index with their scores.
pub(super) fn entries(answer: &Value) -> Result<Vec<Entered>> {
    let wrong = || corrupt("an entry of an index is none");
    let Value::Array(words) = answer else { return Err(wrong()) };
    let entry = |pair: &[Value]| {
        let [Value::BulkString(key), Value::BulkString(score)] = pair else { return None };
        let key = std::str::from_utf8(key).ok().filter(|key| is_name(key))?;
        Some(Entered { at: number(std::str::from_utf8(score).ok()?)?, key: key.to_owned() })
    };
    words.chunks(2).map(|pair| entry(pair).ok_or_else(wrong)).collect()
}

impl Entered {
    /// As `list` hands it out.
    pub(super) fn to_cursor(&self) -> String {
        base64url::encode(format!("{}:{}", self.at, self.key).as_bytes())
    }

    pub(super) fn from_cursor(cursor: &str) -> Result<Self> {
        let entered = base64url::decode(cursor.as_bytes()).and_then(|bytes| {
            let text = String::from_utf8(bytes).ok()?;
            let (at, key) = text.split_once(':')?;
            Some(Self { at: number(at)?, key: Some(key).filter(|key| is_name(key))?.to_owned() })
        });
        entered.ok_or_else(|| Error::invalid_argument("after", "after is not what an earlier page said"))
    }
}

/// A number as it is written here: nothing but digits.
pub(super) fn number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    text.parse().ok().filter(|number| is_plain && *number < END_OF_VERSIONS)
}
