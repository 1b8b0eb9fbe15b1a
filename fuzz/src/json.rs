//! The strict JSON of the documentation, a second time: serde_json with what it lacks on top. It shares no code with the
//! scanner that it is compared with.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// What strict JSON says of a text.
pub enum Verdict {
    /// One object.
    Object(Value),
    /// Not one.
    Refused(String),
    /// A number so near the end of the doubles that serde_json, which rounds differently, may refuse or accept it.
    Unclear,
}

/// Judges a text.
pub fn judge(text: &[u8]) -> Verdict {
    let value = match serde_json::from_slice::<Strict>(text) {
        Ok(Strict(value)) => value,
        Err(error) if error.to_string().contains("number out of range") => return Verdict::Unclear,
        Err(error) => return Verdict::Refused(error.to_string()),
    };
    if !value.is_object() {
        return Verdict::Refused("no object at the top".to_owned());
    }
    match shape(text) {
        Shape { depth: 65.., .. } => Verdict::Refused("too deep".to_owned()),
        Shape { digits: 309.., .. } | Shape { longest: 1025.., .. } => Verdict::Refused("a long number".to_owned()),
        Shape { finite: false, .. } => Verdict::Unclear,
        _ => Verdict::Object(value),
    }
}

/// Whether two trees mean the same: numbers by value, `-0` and `0` alike, and doubles to within the rounding of parsers.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || {
                let (left, right) = (left.as_f64().unwrap_or(0.0), right.as_f64().unwrap_or(1.0));
                left == right || (left - right).abs() <= left.abs() * 1e-15 || (left - right).abs() < 1e-300
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| same(left, right)))
        }
        (left, right) => left == right,
    }
}

/// A tree that refuses duplicate members.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Build).map(Strict)
    }
}

struct Build;

impl<'de> Visitor<'de> for Build {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("strict JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(value)) = elements.next_element()? {
            array.push(value);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a duplicate member"));
            }
        }
        Ok(object.into())
    }
}

/// What serde_json's tree does not tell.
struct Shape {
    depth: usize,
    /// The most digits before a fraction or exponent.
    digits: usize,
    /// The bytes of the longest number.
    longest: usize,
    /// Whether every number is safely within the doubles.
    finite: bool,
}

/// Reads a text that serde_json has accepted.
fn shape(text: &[u8]) -> Shape {
    let mut shape = Shape { depth: 0, digits: 0, longest: 0, finite: true };
    let (mut depth, mut at) = (0usize, 0);
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => {
                while text[at] != b'"' {
                    at += if text[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'{' | b'[' => {
                depth += 1;
                shape.depth = shape.depth.max(depth);
            }
            b'}' | b']' => depth -= 1,
            b'-' | b'0'..=b'9' => {
                let rest = &text[at - 1..];
                let length = rest.iter().take_while(|byte| b"+-.eE0123456789".contains(byte)).count();
                let number = std::str::from_utf8(&rest[..length]).unwrap();
                let digits = number.trim_start_matches('-').bytes().take_while(u8::is_ascii_digit).count();
                shape.digits = shape.digits.max(digits);
                shape.longest = shape.longest.max(length);
                shape.finite &= number.parse::<f64>().unwrap().abs() < 1.797e308;
                at += length - 1;
            }
            _ => {}
        }
    }
    shape
}
