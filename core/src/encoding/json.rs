//! Reading JSON that the scanner has passed: a text, and the tape that says where its values are.
//!
//! Nothing here allocates or fails: the strictness lies in the scan, once, and the views only walk.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::slice;

pub use super::json_number::Number;
pub(crate) use super::json_scan::{Fault, MAX_DEPTH, Node, is_plain, scan};
use super::json_scan::{Kind, unescape};

/// A strictly checked JSON object: a view of its text and of the tape beside it.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    text: &'a str,
    tape: &'a [Node],
}

/// One value of a [`Document`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number: finite as a double, an integer of at most 308 digits.
    Number(Number<'a>),
    /// A string.
    String(Str<'a>),
    /// An array.
    Array(Array<'a>),
    /// An object: its members' names differ from each other.
    Object(Object<'a>),
}

/// A string, as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Str<'a> {
    raw: &'a str,
    escaped: bool,
}

/// An array, and the iterator over what is left of it.
#[derive(Clone, Copy)]
pub struct Array<'a>(Container<'a>);

/// An object, and the iterator over what is left of it, in the order of the text.
#[derive(Clone, Copy)]
pub struct Object<'a>(Container<'a>);

/// A value without what it contains: the flat view of a document, for who walks through all of it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Part<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number<'a>),
    /// A string, or a member's name.
    String(Str<'a>),
    /// The beginning of an array of so many elements, which follow.
    Array(usize),
    /// The beginning of an object of so many members, whose names and values follow in turns.
    Object(usize),
}

/// The iterator that [`Document::parts`] returns.
#[derive(Clone)]
pub struct Parts<'a> {
    text: &'a str,
    nodes: slice::Iter<'a, Node>,
    /// The last container that began.
    container: Option<&'a Node>,
}

/// A text with its tape: what owns a [`Document`].
#[derive(Clone)]
pub(crate) struct Parsed {
    text: String,
    tape: Vec<Node>,
}

impl Parsed {
    /// Checks the text.
    pub(crate) fn new(text: String) -> Result<Self, Fault> {
        let mut tape = Vec::new();
        scan(&text, &mut tape)?;
        Ok(Self { text, tape })
    }

    pub(crate) fn document(&self) -> Document<'_> {
        Document::new(&self.text, &self.tape)
    }

    pub(crate) fn tape(&self) -> &[Node] {
        &self.tape
    }
}

impl<'a> Document<'a> {
    /// `tape` is what [`scan`] wrote for `text`.
    pub(crate) fn new(text: &'a str, tape: &'a [Node]) -> Self {
        Self { text, tape }
    }

    /// The whole text.
    #[must_use]
    pub fn text(self) -> &'a str {
        self.text
    }

    /// The object at the top.
    #[must_use]
    pub fn root(self) -> Object<'a> {
        match (Cursor { text: self.text, tape: self.tape }).value() {
            Some((Value::Object(object), _)) => object,
            // The scanner passes nothing but an object.
            _ => Object(Container { cursor: Cursor { text: "", tape: &[] }, json: "{}", left: 0 }),
        }
    }

    /// All values and names in the order of the text, the top object first.
    #[must_use]
    #[inline]
    pub fn parts(self) -> Parts<'a> {
        Parts { text: self.text, nodes: self.tape.iter(), container: None }
    }

    /// The value of a member of the top object.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Value<'a>> {
        self.root().get(name)
    }

    /// The values of the members with these names, in one walk. A name that is written with escapes is found too.
    #[inline]
    pub(crate) fn named<const COUNT: usize>(self, names: [&[u8; 3]; COUNT]) -> [Option<Place<'a>>; COUNT] {
        let names = names.map(packed);
        let mut found = [None; COUNT];
        let mut tape = self.tape.get(1..).unwrap_or(&[]);
        while let Some((name, rest)) = tape.split_first() {
            let place = match name.kind {
                Kind::String if name.end.wrapping_sub(name.start) == 3 => {
                    let text = self.text.as_bytes().get(name.start as usize..).and_then(|text| text.first_chunk::<3>());
                    text.map(packed).and_then(|text| names.iter().position(|known| *known == text))
                }
                Kind::Escaped => {
                    let text = self.text.get(name.start as usize..name.end as usize).map(unescape).unwrap_or_default();
                    let text = <&[u8; 3]>::try_from(text.as_bytes()).ok().map(packed);
                    text.and_then(|text| names.iter().position(|known| *known == text))
                }
                _ => None,
            };
            if let Some(slot) = place.and_then(|place| found.get_mut(place)) {
                *slot = Some(Place(Cursor { text: self.text, tape: rest }));
            }
            tape = rest.first().and_then(|value| rest.get(value.nodes as usize..)).unwrap_or(&[]);
        }
        found
    }

    /// The members of the top object, with the place of each value's JSON in the text.
    pub(crate) fn member_ranges(self) -> impl Iterator<Item = (Str<'a>, Range<usize>)> {
        let mut tape = self.tape.get(1..).unwrap_or(&[]);
        std::iter::from_fn(move || {
            let (name, rest) = tape.split_first()?;
            let value = rest.first()?;
            tape = rest.get(value.nodes as usize..)?;
            let raw = self.text.get(name.start as usize..name.end as usize)?;
            let quote = usize::from(matches!(value.kind, Kind::String | Kind::Escaped));
            let range = (value.start as usize).saturating_sub(quote)..(value.end as usize).saturating_add(quote);
            Some((Str { raw, escaped: name.kind == Kind::Escaped }, range))
        })
    }
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text)
    }
}

impl<'a> Value<'a> {
    /// The value's own JSON text.
    #[must_use]
    pub fn json(self) -> Cow<'a, str> {
        match self {
            Self::Null => Cow::Borrowed("null"),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Number(number) => Cow::Borrowed(number.text()),
            Self::String(string) => Cow::Owned(format!("\"{}\"", string.raw)),
            Self::Array(Array(container)) | Self::Object(Object(container)) => Cow::Borrowed(container.json),
        }
    }

    /// The name of its type, for messages.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(self) -> Option<Str<'a>> {
        if let Self::String(string) = self { Some(string) } else { None }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(value) } else { None }
    }
}

/// JSON equality: numbers by value, objects whatever their members' order.
impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Number(left), Self::Number(right)) => left == right,
            (Self::String(left), Self::String(right)) => left == right,
            (Self::Array(left), Self::Array(right)) => left.len() == right.len() && left.eq(right),
            (Self::Object(left), Self::Object(right)) => {
                // Names are unique on both sides, so equal counts and inclusion make equality.
                left.len() == right.len() && { left }
                    .all(|(name, value)| right.get(&name.to_str()).is_some_and(|other| other == value))
            }
            _ => false,
        }
    }
}

impl<'a> Str<'a> {
    /// What stands between the quotes.
    #[must_use]
    pub fn raw(self) -> &'a str {
        self.raw
    }

    /// Whether [`Str::raw`] has escapes, and so differs from [`Str::to_str`].
    #[must_use]
    pub fn has_escapes(self) -> bool {
        self.escaped
    }

    /// The text, with escapes resolved.
    #[must_use]
    pub fn to_str(self) -> Cow<'a, str> {
        if self.escaped { unescape(self.raw) } else { Cow::Borrowed(self.raw) }
    }
}

impl PartialEq for Str<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.escaped || other.escaped { self.to_str() == other.to_str() } else { self.raw == other.raw }
    }
}

impl PartialEq<str> for Str<'_> {
    fn eq(&self, other: &str) -> bool {
        if self.escaped { self.to_str() == other } else { self.raw == other }
    }
}

impl PartialEq<&str> for Str<'_> {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl Array<'_> {
    /// How many elements are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.left
    }

    /// Whether none is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.left == 0
    }
}

impl<'a> Iterator for Array<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Value<'a>> {
        self.0.left = self.0.left.checked_sub(1)?;
        self.0.take()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.left, Some(self.0.left))
    }
}

impl<'a> Object<'a> {
    /// How many members are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.left
    }

    /// Whether none is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.left == 0
    }

    /// The value of a member.
    #[must_use]
    pub fn get(mut self, name: &str) -> Option<Value<'a>> {
        self.find(|(known, _)| *known == *name).map(|(_, value)| value)
    }
}

impl<'a> Iterator for Object<'a> {
    type Item = (Str<'a>, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.left = self.0.left.checked_sub(1)?;
        match self.0.take()? {
            Value::String(name) => Some((name, self.0.take()?)),
            _ => None,
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.left, Some(self.0.left))
    }
}

impl ExactSizeIterator for Array<'_> {}
impl ExactSizeIterator for Object<'_> {}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    // Where each part is matched at once, none is ever built.
    #[inline(always)]
    fn next(&mut self) -> Option<Part<'a>> {
        let node = self.nodes.next()?;
        let text = || self.text.get(node.start as usize..node.end as usize).unwrap_or("");
        Some(match node.kind {
            Kind::String => Part::String(Str { raw: text(), escaped: false }),
            Kind::Escaped => Part::String(Str { raw: text(), escaped: true }),
            Kind::Small => Part::Number(Number::small(text(), node.len)),
            Kind::Integer => Part::Number(Number::integer(text())),
            Kind::Float => Part::Number(Number::float(text())),
            Kind::Null => Part::Null,
            Kind::False => Part::Bool(false),
            Kind::True => Part::Bool(true),
            Kind::Array => {
                self.container = Some(node);
                Part::Array(node.len as usize)
            }
            Kind::Object => {
                self.container = Some(node);
                Part::Object(node.len as usize)
            }
        })
    }
}

impl<'a> Parts<'a> {
    /// Right after the beginning of an array or object: its JSON. What is in it is passed over.
    pub fn pass_over(&mut self) -> &'a str {
        let Some(node) = self.container else { return "" };
        let inside = (node.nodes as usize).saturating_sub(1);
        self.nodes = self.nodes.as_slice().get(inside..).unwrap_or_default().iter();
        self.text.get(node.start as usize..node.end as usize).unwrap_or("")
    }
}

impl fmt::Debug for Array<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.json)
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.json)
    }
}

/// Where a value is: reading it as what it should be costs less than carrying it along as what it may be.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a>(Cursor<'a>);

impl<'a> Place<'a> {
    #[inline]
    pub(crate) fn value(self) -> Value<'a> {
        self.0.value().map_or(Value::Null, |(value, _)| value)
    }
}

/// Three bytes as a number: one comparison instead of three.
#[inline]
fn packed([first, second, third]: &[u8; 3]) -> u32 {
    u32::from_le_bytes([*first, *second, *third, 0])
}

/// What is left of a container.
#[derive(Clone, Copy)]
struct Container<'a> {
    cursor: Cursor<'a>,
    /// The whole container's text.
    json: &'a str,
    left: usize,
}

impl<'a> Container<'a> {
    #[inline]
    fn take(&mut self) -> Option<Value<'a>> {
        let (value, rest) = self.cursor.value()?;
        self.cursor.tape = rest;
        Some(value)
    }
}

/// The rest of a tape, and the text that it points into.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    text: &'a str,
    tape: &'a [Node],
}

impl<'a> Cursor<'a> {
    /// The first value and the tape behind it.
    #[inline]
    fn value(self) -> Option<(Value<'a>, &'a [Node])> {
        let node = self.tape.first()?;
        let text = self.text.get(node.start as usize..node.end as usize)?;
        let rest = self.tape.get(node.nodes as usize..)?;
        let container = || Container {
            cursor: Cursor { text: self.text, tape: self.tape.get(1..).unwrap_or(&[]) },
            json: text,
            left: node.len as usize,
        };
        let value = match node.kind {
            Kind::Null => Value::Null,
            Kind::False => Value::Bool(false),
            Kind::True => Value::Bool(true),
            Kind::Small => Value::Number(Number::small(text, node.len)),
            Kind::Integer => Value::Number(Number::integer(text)),
            Kind::Float => Value::Number(Number::float(text)),
            Kind::String => Value::String(Str { raw: text, escaped: false }),
            Kind::Escaped => Value::String(Str { raw: text, escaped: true }),
            Kind::Array => Value::Array(Array(container())),
            Kind::Object => Value::Object(Object(container())),
        };
        Some((value, rest))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::json_scan::Reason;
    use super::*;

    fn parse(text: &str) -> Result<Parsed, Reason> {
        Parsed::new(text.to_owned()).map_err(|fault| fault.reason)
    }

    /// The tape read back into serde_json's tree.
    fn tree(value: Value<'_>) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => value.into(),
            Value::Number(number) => serde_json::from_str(number.text()).unwrap(),
            Value::String(string) => string.to_str().into(),
            Value::Array(array) => array.map(tree).collect(),
            Value::Object(object) => object
                .map(|(name, value)| (name.to_str().into_owned(), tree(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    #[test]
    fn reads_every_kind_of_value() {
        let text = r#" { "a" : [ 1 , -2.5e3, "x\u00e9\ud83d\ude00\n\/", true , false, null, [], {} ] , "": {"b":{"c":"d"}} } "#;
        let parsed = parse(text).unwrap();
        assert_eq!(
            tree(Value::Object(parsed.document().root())),
            serde_json::from_str::<serde_json::Value>(text).unwrap()
        );
        let Some(Value::Object(inner)) = parsed.document().get("") else { panic!("an object") };
        assert_eq!(Value::Object(inner).json(), r#"{"b":{"c":"d"}}"#);
        assert!(parsed.document().get("z").is_none());
    }

    #[test]
    fn parts_come_in_the_order_of_the_text() {
        let parsed = parse(r#"{"a":[1,{"b":null}],"c":"d"}"#).unwrap();
        let mut parts = parsed.document().parts();
        assert!(matches!(parts.next(), Some(Part::Object(2))));
        assert!(matches!(parts.next(), Some(Part::String(name)) if name == "a"));
        assert!(matches!(parts.next(), Some(Part::Array(2))));
        let mut inside = parts.clone();
        assert!(matches!(inside.next(), Some(Part::Number(one)) if one.as_u64() == Some(1)));
        assert!(matches!(inside.next(), Some(Part::Object(1))));
        assert_eq!(inside.pass_over(), r#"{"b":null}"#);
        assert_eq!(parts.pass_over(), r#"[1,{"b":null}]"#);
        for rest in [&mut parts, &mut inside] {
            assert!(matches!(rest.next(), Some(Part::String(name)) if name == "c"));
            assert!(matches!(rest.next(), Some(Part::String(value)) if value == "d"));
            assert!(rest.next().is_none());
        }
    }

    #[test]
    fn refuses_what_parsers_disagree_about() {
        let deep = |levels: usize| "{\"a\":".repeat(levels) + "0" + &"}".repeat(levels);
        let many = |last: &str| {
            let members: Vec<String> = (0..100).map(|number| format!("\"m{number}\":0")).collect();
            format!("{{{},\"{last}\":1}}", members.join(","))
        };
        let digits = "9".repeat(309);
        for (text, reason) in [
            ("", Reason::NotAnObject),
            ("[]", Reason::NotAnObject),
            ("\u{feff}{}", Reason::NotAnObject),
            ("{", Reason::Truncated),
            ("{\"a\"", Reason::Truncated),
            ("{\"a\":", Reason::Truncated),
            ("{\"a\":\"", Reason::Truncated),
            ("{\"a\":1,}", Reason::Syntax),
            ("{a:1}", Reason::Syntax),
            ("{\"a\":1}x", Reason::TrailingBytes),
            ("{\"a\":1}{}", Reason::TrailingBytes),
            ("{\"a\":01}", Reason::Number),
            ("{\"a\":1.}", Reason::Number),
            ("{\"a\":-}", Reason::Number),
            ("{\"a\":1e}", Reason::Number),
            ("{\"a\":.5}", Reason::Syntax),
            ("{\"a\":+1}", Reason::Syntax),
            ("{\"a\":NaN}", Reason::Syntax),
            ("{\"a\":Infinity}", Reason::Syntax),
            ("{\"a\":1e400}", Reason::NumberRange),
            (&format!("{{\"a\":{digits}}}"), Reason::NumberRange),
            ("{\"a\":\"\t\"}", Reason::ControlCharacter),
            ("{\"a\":\"\\x41\"}", Reason::Escape),
            ("{\"a\":\"\\u12g4\"}", Reason::Escape),
            ("{\"a\":\"\\ud800\"}", Reason::LoneSurrogate),
            ("{\"a\":\"\\ud800\\u0041\"}", Reason::LoneSurrogate),
            ("{\"a\":\"\\udc00\"}", Reason::LoneSurrogate),
            ("{\"a\":1,\"a\":1}", Reason::DuplicateMember),
            ("{\"a\":1,\"\\u0061\":1}", Reason::DuplicateMember),
            ("{\"x\":[{\"a\":1,\"b\":2,\"a\":1}]}", Reason::DuplicateMember),
            (&many("m7"), Reason::DuplicateMember),
            (&many("\\u006d7"), Reason::DuplicateMember),
            (&deep(65), Reason::TooDeep),
        ] {
            assert_eq!(parse(text).err(), Some(reason), "{text}");
        }
        assert!(parse(&deep(64)).is_ok());
        assert!(parse(&many("other")).is_ok());
        assert!(parse(&format!("{{\"a\":-{}}}", &digits[1..])).is_ok());
    }

    #[test]
    fn equality_is_of_values() {
        for (left, right, equal) in [
            ("1", "1.0", true),
            ("0", "-0", true),
            ("100", "1e2", true),
            ("9007199254740993", "9007199254740992", false),
            ("9007199254740993", "9007199254740992.0", false),
            ("9007199254740992", "9007199254740992.0", true),
            ("0", "1e-400", false),
            ("0", "0.0e5", true),
            ("\"a\"", "\"\\u0061\"", true),
            ("{\"a\":1,\"b\":[true,null]}", "{\"b\":[true,null],\"a\":1}", true),
            ("{\"a\":1}", "{\"a\":1,\"b\":2}", false),
            ("[1,2]", "[2,1]", false),
            ("true", "\"true\"", false),
        ] {
            let parsed = parse(&format!("{{\"left\":{left},\"right\":{right}}}")).unwrap();
            let document = parsed.document();
            assert_eq!(document.get("left") == document.get("right"), equal, "{left} {right}");
        }
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
                prop::collection::hash_map(any::<String>(), inner, 0..40)
                    .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_read_alike(value in json()) {
            let text = serde_json::json!({ "value": value }).to_string();
            let parsed = parse(&text).unwrap();
            prop_assert_eq!(tree(Value::Object(parsed.document().root())), serde_json::from_str::<serde_json::Value>(&text).unwrap());
        }

        #[test]
        fn what_passes_is_what_serde_json_reads(text in r#"\{("[ab\\u0-9"]{0,6}"[:,]?|[-0-9.eE]{1,5}|[\[\]{},: tfn]|true|null){0,8}\}"#) {
            if let Ok(parsed) = parse(&text) {
                let tree = tree(Value::Object(parsed.document().root()));
                prop_assert_eq!(tree, serde_json::from_str::<serde_json::Value>(&text).unwrap());
            }
        }

        #[test]
        fn any_text_is_answered(text in any::<String>(), inside in any::<String>()) {
            let _ = parse(&text);
            let _ = parse(&format!("{{\"{inside}\":0}}"));
        }
    }
}
