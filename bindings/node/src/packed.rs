//! Claims in a form that JavaScript unpacks faster than `JSON.parse` reads them.
//!
//! Tokens of one issuer have the same claims in the same order as a rule. When the names are those of the last token, only the
//! values are handed over, one behind the other in one string: half of what `JSON.parse` costs goes into finding where
//! things begin and end, which the core's scanner knows already. What is not plain is left to `JSON.parse`, value by value or
//! as a whole, so that the object is the same in every case.

use authwright_core::json::{Document, Value};

/// Longer texts are parsed as they are: a string cut out of the packed one keeps all of it alive.
const MOST_BYTES: usize = 2048;

/// Names that an assignment would not simply create: those that `Object.prototype` has.
const INHERITED: [&str; 12] = [
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// What stands before each value. A string and a JSON text are preceded by two bytes of length as well, the low one first; an
/// integer has five bytes, the low one first.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Tag {
    String = 1,
    Integer,
    Json,
    True,
    False,
    Null,
}

/// The names of the claims, in their order. Empty if claims of these names are not packed.
#[derive(Default)]
pub(crate) struct Layout(Vec<Box<str>>);

impl Layout {
    /// The layout of these claims.
    pub(crate) fn of(claims: Document<'_>) -> Self {
        let mut names = Vec::new();
        for (name, _) in claims.root() {
            // Names that look like array indices are not kept in their order by JavaScript.
            let is_index = name.raw().starts_with(|first: char| first.is_ascii_digit());
            if name.has_escapes() || is_index || INHERITED.contains(&name.raw()) {
                return Self::default();
            }
            names.push(name.raw().into());
        }
        Self(names)
    }

    /// Appends the values of claims that have exactly these names; `false` if they have not, or are not packed.
    pub(crate) fn pack(&self, claims: Document<'_>, into: &mut Vec<u8>) -> bool {
        let members = claims.root();
        if self.0.is_empty() || members.len() != self.0.len() || claims.text().len() > MOST_BYTES {
            return false;
        }
        for ((name, value), expected) in members.zip(&self.0) {
            if *name.raw() != **expected || !pack_value(value, into) {
                return false;
            }
        }
        true
    }
}

fn pack_value(value: Value<'_>, into: &mut Vec<u8>) -> bool {
    match value {
        Value::Null => into.push(Tag::Null as u8),
        Value::Bool(true) => into.push(Tag::True as u8),
        Value::Bool(false) => into.push(Tag::False as u8),
        Value::String(string) if !string.has_escapes() => return pack_text(Tag::String, string.raw(), into),
        Value::Number(number) => match small(number.text()) {
            Some([a, b, c, d, e, 0, 0, 0]) => into.extend_from_slice(&[Tag::Integer as u8, a, b, c, d, e]),
            _ => return pack_text(Tag::Json, number.text(), into),
        },
        other => return pack_text(Tag::Json, &other.json(), into),
    }
    true
}

/// The bytes of a whole number that any parser reads alike: digits only, and few of them.
fn small(digits: &str) -> Option<[u8; 8]> {
    let is_small = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_small { digits.parse::<u64>().ok().map(u64::to_le_bytes) } else { None }
}

fn pack_text(tag: Tag, text: &str, into: &mut Vec<u8>) -> bool {
    // Beyond ASCII, bytes are not characters.
    let Ok(length) = u16::try_from(text.len()) else { return false };
    if !text.is_ascii() {
        return false;
    }
    let [low, high] = length.to_le_bytes();
    into.extend_from_slice(&[tag as u8, low, high]);
    into.extend_from_slice(text.as_bytes());
    true
}
