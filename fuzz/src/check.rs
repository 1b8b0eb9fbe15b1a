//! What must hold of every answer.

use authwright_core::json::{Document, Value};
use authwright_core::{Code, Error, Result, Token};
use serde_json::Value as Tree;

use crate::json;

/// An error is one that somebody can act on: never a defect of our own, and never a copy of its input.
pub fn error(error: &Error) {
    assert_ne!(error.code(), Code::Internal, "{error:?}");
    assert!(!error.message().is_empty(), "{error:?}");
    assert!(error.message().len() < 1024, "a message of {} bytes: {:?}", error.message().len(), error.code());
}

/// A verdict in a form that can be compared: the token's two texts, or code, field and message.
pub fn verdict(verdict: &Result<Token>) -> std::result::Result<[&str; 2], (Code, Option<&str>, &str)> {
    match verdict {
        Ok(token) => Ok([token.header_json(), token.claims_json()]),
        Err(error) => {
            self::error(error);
            Err((error.code(), error.field(), error.message()))
        }
    }
}

/// What the scanner has passed is strict JSON, and reads the same through the tape, serde and serde_json.
pub fn document(document: Document<'_>) -> Tree {
    let reference = match json::judge(document.text().as_bytes()) {
        json::Verdict::Object(reference) => reference,
        json::Verdict::Refused(reason) => panic!("accepted, but {reason}: {}", document.text()),
        json::Verdict::Unclear => return Tree::Null,
    };
    let walked = tree(Value::Object(document.root()));
    assert!(json::same(&walked, &reference), "the tape reads {walked}, serde_json {reference}");
    let typed: Tree = document.deserialize().expect("any JSON is a tree");
    assert!(json::same(&typed, &reference), "serde reads {typed}, serde_json {reference}");
    reference
}

/// The tape read back into serde_json's tree, with every accessor used on the way.
pub fn tree(value: Value<'_>) -> Tree {
    assert!(value == value, "{value:?}");
    match value {
        Value::Null => Tree::Null,
        Value::Bool(value) => value.into(),
        Value::Number(number) => {
            assert!(number.as_f64().is_finite());
            assert_eq!(number.is_integer(), !number.text().contains(['.', 'e', 'E']));
            let fits = number.is_integer() && number.text().parse::<i64>().is_ok();
            assert_eq!(number.as_i64().is_some(), fits);
            serde_json::from_str(number.text()).unwrap_or_else(|_| number.as_f64().into())
        }
        Value::String(string) => {
            assert_eq!(string.has_escapes(), string.raw().contains('\\'));
            string.to_str().into()
        }
        Value::Array(array) => {
            let length = array.len();
            let elements: Vec<Tree> = array.map(tree).collect();
            assert_eq!(elements.len(), length);
            elements.into()
        }
        Value::Object(object) => {
            let members: serde_json::Map<_, _> = object
                .map(|(name, value)| {
                    let name = name.to_str().into_owned();
                    assert!(object.get(&name).is_some_and(|found| found == value), "a member is found by its name");
                    (name, tree(value))
                })
                .collect();
            assert_eq!(members.len(), object.len());
            members.into()
        }
        other => panic!("an unknown kind of value: {other:?}"),
    }
}

/// A JWK that is to be published holds nothing private, whatever its type and wherever it stood when it came in.
pub fn has_no_private_member(jwk: &Tree) {
    let members = jwk.as_object().expect("a JWK is an object");
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        assert!(!members.contains_key(name), "a public key has {name}");
    }
    assert_ne!(jwk["kty"], "oct");
}
