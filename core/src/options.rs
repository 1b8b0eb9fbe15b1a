//! Reading a document of options: a policy, a signer's settings.
//!
//! Every front end hands its options over as one JSON document, so that names, types and the refusal of what is unknown
//! are decided here, once. A member that is `null` or an empty list is refused like any other wrong value: an unset
//! environment variable must never switch a check off.

use std::time::Duration;

use crate::encoding::json::{Document, Parsed, Value};
use crate::error::{Code, Error, Result};

/// The largest number of seconds, and the first instant that no date reaches: beyond it doubles are not exact.
pub(crate) const MAX_SECONDS: i64 = 1 << 53;

/// A document of options, strictly checked. `what` names it in messages.
pub(crate) fn parse(json: &str, what: &'static str) -> Result<Parsed> {
    Parsed::new(json.to_owned()).map_err(|fault| {
        Error::invalid_argument(what, format!("the {what} document is not a strict JSON object: {fault}"))
    })
}

/// The error for a member that is not known, with the likeliest one that is.
#[cold]
pub(crate) fn unknown(name: &str, known: &[&str], what: &'static str) -> Error {
    let shown: String = name.chars().take(64).collect();
    let nearest = known.iter().map(|candidate| (distance(&shown, candidate), candidate)).min();
    let message = match nearest {
        Some((edits, candidate)) if edits <= (candidate.len() / 4).max(1) => {
            format!("{what} has no member {shown:?}: did you mean {candidate:?}?")
        }
        _ => format!("{what} has no member {shown:?}; it knows {}", known.join(", ")),
    };
    Error::new(Code::UnknownOption, message).at(shown)
}

/// The error for a member of the wrong type.
#[cold]
pub(crate) fn wrong(name: &str, expected: &str, value: Value<'_>) -> Error {
    Error::invalid_argument(name.to_owned(), format!("{name} must be {expected}, not {}", value.type_name()))
}

/// A string that is not empty.
pub(crate) fn string(name: &str, value: Value<'_>) -> Result<String> {
    let text = value.as_str().ok_or_else(|| wrong(name, "a string", value))?.to_str().into_owned();
    if text.is_empty() {
        return Err(Error::invalid_argument(name.to_owned(), format!("{name} must not be empty")));
    }
    Ok(text)
}

/// A string or a list of strings, neither empty.
pub(crate) fn strings(name: &str, value: Value<'_>) -> Result<Vec<String>> {
    let strings = match value {
        Value::String(_) => vec![string(name, value)?],
        Value::Array(array) => array.map(|element| string(name, element)).collect::<Result<_>>()?,
        _ => return Err(wrong(name, "a string or a list of strings", value)),
    };
    if strings.is_empty() {
        return Err(Error::invalid_argument(name.to_owned(), format!("{name} must not be an empty list")));
    }
    Ok(strings)
}

/// `true` or `false`.
pub(crate) fn flag(name: &str, value: Value<'_>) -> Result<bool> {
    value.as_bool().ok_or_else(|| wrong(name, "true or false", value))
}

/// Whole seconds, from 0 up to 2^53.
pub(crate) fn seconds(name: &str, value: Value<'_>) -> Result<Duration> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        _ => return Err(wrong(name, "a whole number of seconds", value)),
    };
    match number.filter(|seconds| *seconds < MAX_SECONDS).and_then(|seconds| u64::try_from(seconds).ok()) {
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Err(Error::invalid_argument(
            name.to_owned(),
            format!("{name} must be a whole number of seconds, 0 or more, below 2^53, without a point or an exponent"),
        )),
    }
}

/// A time in whole seconds since 1970.
pub(crate) fn instant(name: &str, value: Value<'_>) -> Result<i64> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    };
    number
        .filter(|seconds| (0..MAX_SECONDS).contains(seconds))
        .ok_or_else(|| wrong(name, "a whole number of seconds since 1970", value))
}

/// An object, as a document of its own.
pub(crate) fn object(name: &str, value: Value<'_>) -> Result<Parsed> {
    match value {
        Value::Object(_) => Parsed::new(value.json().into_owned())
            .map_err(|fault| Error::invalid_argument(name.to_owned(), format!("{name}: {fault}"))),
        _ => Err(wrong(name, "an object", value)),
    }
}

/// Calls `take` with each member.
pub(crate) fn each(document: Document<'_>, mut take: impl FnMut(&str, Value<'_>) -> Result<()>) -> Result<()> {
    document.root().try_for_each(|(name, value)| take(&name.to_str(), value))
}

/// How many characters must be inserted, removed or replaced to make one of the other (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, character) in left.chars().enumerate() {
        let mut diagonal = line;
        let mut before = line.saturating_add(1);
        let mut next = Vec::with_capacity(row.len());
        next.push(before);
        for (other, above) in right.iter().zip(row.iter().skip(1)) {
            let replaced = diagonal.saturating_add(usize::from(*other != character));
            before = replaced.min(above.saturating_add(1)).min(before.saturating_add(1));
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (left, right, edits) in [("", "", 0), ("a", "", 1), ("audiance", "audience", 1), ("kitten", "sitting", 3)] {
            assert_eq!(distance(left, right), edits, "{left} {right}");
            assert_eq!(distance(right, left), edits, "{right} {left}");
        }
    }

    #[test]
    fn a_misspelt_member_is_recognised() {
        let known = &["audience", "issuer", "leeway"];
        assert!(unknown("audiance", known, "the policy").message().contains("did you mean \"audience\""));
        assert!(unknown("zebra", known, "the policy").message().contains("it knows audience, issuer, leeway"));
        assert_eq!(unknown("zebra", known, "the policy").field(), Some("zebra"));
    }
}
