//! Claims to JSON in one pass, noting on the way what the signer must know of them.
//!
//! The claims of a program are any type that serde serialises to an object. Serialising to a tree first, or scanning
//! the text afterwards, would cost as much as the signature of an HMAC. So the top object is written member by member
//! here, where names are checked and the registered ones noted, and serde_json writes what is inside.

use std::ops::Range;

use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeStruct, Serializer};

use super::value_writer::{self, Nesting};
use crate::encoding::json::{Document, Fault, MAX_DEPTH, is_plain, scan};
use crate::error::{Code, Error, Result};

/// The claims that a signer adds or compares (RFC 7519 section 4.1).
#[derive(Clone, Copy)]
pub(super) enum Claim {
    Iss,
    Sub,
    Aud,
    Exp,
    Nbf,
    Iat,
    Jti,
}

impl Claim {
    const COUNT: usize = 7;

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Iss => "iss",
            Self::Sub => "sub",
            Self::Aud => "aud",
            Self::Exp => "exp",
            Self::Nbf => "nbf",
            Self::Iat => "iat",
            Self::Jti => "jti",
        }
    }

    #[inline]
    fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"iss" => Self::Iss,
            b"sub" => Self::Sub,
            b"aud" => Self::Aud,
            b"exp" => Self::Exp,
            b"nbf" => Self::Nbf,
            b"iat" => Self::Iat,
            b"jti" => Self::Jti,
            _ => return None,
        })
    }
}

/// The text of an object in the making.
pub(super) struct ClaimsWriter {
    /// `{` and members; the closing brace is still to come.
    text: Vec<u8>,
    /// Where the value of each registered claim stands; nowhere is an empty range.
    registered: [Range<usize>; Claim::COUNT],
    names: NameFilter,
    nesting: Nesting,
}

impl ClaimsWriter {
    /// Nothing yet: one of the next two functions is to be called, once. They fill it in its place, since moving it
    /// would be noticed beside an HMAC.
    pub(super) fn new() -> Self {
        Self {
            text: Vec::new(),
            registered: Default::default(),
            names: NameFilter::default(),
            nesting: Nesting::default(),
        }
    }

    /// From any type that serde serialises to an object.
    pub(super) fn serialize<C: Serialize + ?Sized>(&mut self, claims: &C) -> Result<()> {
        self.text.reserve(512);
        self.text.push(b'{');
        claims.serialize(Top(self))?;
        self.check_nested()
    }

    /// From the text of an object.
    pub(super) fn parse(&mut self, json: &str) -> Result<()> {
        let mut tape = Vec::new();
        scan(json, &mut tape).map_err(refused)?;
        for (name, range) in Document::new(json, &tape).member_ranges() {
            self.note(Claim::named(name.to_str().as_bytes()), range);
        }
        // Room for the claims that are added, so that the text is not moved again.
        self.text.reserve(json.len().saturating_add(256));
        self.text.extend_from_slice(json.trim_end().strip_suffix('}').unwrap_or(json).trim_end().as_bytes());
        Ok(())
    }

    fn note(&mut self, claim: Option<Claim>, range: Range<usize>) {
        if let Some(slot) = claim.and_then(|claim| self.registered.get_mut(claim as usize)) {
            *slot = range;
        }
    }

    /// The JSON of a registered claim's value, where the claims have one.
    pub(super) fn get(&self, claim: Claim) -> Option<&[u8]> {
        self.text.get(self.registered.get(claim as usize)?.clone()).filter(|json| !json.is_empty())
    }

    /// Adds a registered claim that is not there yet. `json` is its value.
    pub(super) fn add(&mut self, claim: Claim, json: &[u8]) {
        self.separate();
        self.text.push(b'"');
        self.text.extend_from_slice(claim.name().as_bytes());
        self.text.extend_from_slice(b"\":");
        self.text.extend_from_slice(json);
    }

    /// The finished object.
    pub(super) fn finish(&mut self) -> &[u8] {
        self.text.push(b'}');
        &self.text
    }

    fn separate(&mut self) {
        if self.text.last() != Some(&b'{') {
            self.text.push(b',');
        }
    }

    fn member<N: Serialize + ?Sized, T: Serialize + ?Sized>(&mut self, name: &N, value: &T) -> Result<()> {
        self.separate();
        let start = self.text.len();
        value_writer::write(name, &mut self.text, &mut self.nesting).map_err(|error| unwritable(&error))?;
        let Some([b'"', name @ .., b'"']) = self.text.get(start..) else {
            return Err(Error::invalid_argument("claims", "the names of claims must be strings"));
        };
        self.names.add(name);
        let claim = Claim::named(name);
        self.text.push(b':');
        self.value(start, claim, value)
    }

    /// A member of a struct, whose name is known before it is written.
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        if !is_plain(name.as_bytes()) {
            return self.member(name, value);
        }
        self.separate();
        let start = self.text.len();
        self.text.push(b'"');
        self.text.extend_from_slice(name.as_bytes());
        self.text.extend_from_slice(b"\":");
        self.names.add(name.as_bytes());
        self.value(start, Claim::named(name.as_bytes()), value)
    }

    /// The value of the member whose name, and the colon behind it, were written from `name` on.
    fn value<T: Serialize + ?Sized>(&mut self, name: usize, claim: Option<Claim>, value: &T) -> Result<()> {
        let start = self.text.len();
        let written = value_writer::write(value, &mut self.text, &mut self.nesting);
        if let Err(error) = written.map_err(|error| unwritable(&error)) {
            let name = self.text.get(name..start).map(String::from_utf8_lossy).unwrap_or_default();
            let name = name.trim_end_matches(':').trim_matches('"');
            return Err(if error.field().is_some() { error } else { error.at(name.to_owned()) });
        }
        self.note(claim, start..self.text.len());
        Ok(())
    }

    /// What a verifier would refuse must not be signed. serde_json writes strict JSON, save that a type may write a
    /// name twice or nest too deeply: the scanner looks where that is possible, which for flat claims it is not.
    fn check_nested(&self) -> Result<()> {
        if self.nesting.objects > 0 || self.nesting.arrays >= MAX_DEPTH || self.names.may_repeat {
            let mut whole = self.text.clone();
            whole.push(b'}');
            let text = String::from_utf8_lossy(&whole);
            scan(&text, &mut Vec::new()).map_err(refused)?;
        }
        Ok(())
    }
}

#[cold]
fn refused(fault: Fault) -> Error {
    Error::invalid_argument("claims", format!("the claims are not a strict JSON object: {fault}"))
}

#[cold]
fn unwritable(error: &serde_json::Error) -> Error {
    Error::new(Code::InvalidArgument, format!("the claims cannot be written as JSON: {error}"))
}

/// Tells most sets of names from one with a name twice. Names are compared as they are written, and serde_json writes
/// the same name in the same way.
#[derive(Default)]
struct NameFilter {
    bits: [u64; 16],
    may_repeat: bool,
}

impl NameFilter {
    /// A hash of the length and three bytes: a set of names that it cannot tell apart costs a scan, and nothing else.
    fn add(&mut self, name: &[u8]) {
        let byte = |place: usize| usize::from(name.get(place).copied().unwrap_or(0));
        let (first, middle, last) = (byte(0), byte(name.len() / 2), byte(name.len().wrapping_sub(1)));
        let mixed = first.wrapping_mul(31).wrapping_add(middle).wrapping_mul(31).wrapping_add(last);
        let hash = mixed.wrapping_mul(31).wrapping_add(name.len()).wrapping_mul(0x9e37_79b9) >> 8;
        let bit = 1 << (hash & 63);
        if let Some(word) = self.bits.get_mut(hash >> 6 & 15) {
            self.may_repeat |= *word & bit != 0;
            *word |= bit;
        }
    }
}

/// The serializer of the top object: it takes a map or a struct, and nothing else.
struct Top<'a>(&'a mut ClaimsWriter);

impl ser::Error for Error {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::new(Code::InvalidArgument, message.to_string())
    }
}

#[cold]
fn not_an_object<T>() -> Result<T> {
    Err(Error::invalid_argument("claims", "the claims must be an object"))
}

macro_rules! refuse {
    ($( $method:ident($( $type:ty ),*) )*) => {
        $( fn $method(self, $( _: $type ),*) -> Result<()> { not_an_object() } )*
    };
}

impl<'a> Serializer for Top<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Impossible<(), Error>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), Error>;

    fn serialize_map(self, _len: Option<usize>) -> Result<Members<'a>> {
        Ok(Members { writer: self.0, name: None })
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Self> {
        Ok(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<()> {
        value.serialize(self)
    }

    refuse! {
        serialize_bool(bool) serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_f32(f32) serialize_f64(f64)
        serialize_char(char) serialize_str(&str) serialize_bytes(&[u8]) serialize_none() serialize_unit()
        serialize_unit_struct(&'static str) serialize_unit_variant(&'static str, u32, &'static str)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<()> {
        not_an_object()
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Self::SerializeSeq> {
        not_an_object()
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self::SerializeTuple> {
        not_an_object()
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Self::SerializeTupleStruct> {
        not_an_object()
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        not_an_object()
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStructVariant> {
        not_an_object()
    }
}

impl SerializeStruct for Top<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.0.field(name, value)
    }

    fn end(self) -> Result<()> {
        Ok(())
    }
}

struct Members<'a> {
    writer: &'a mut ClaimsWriter,
    /// A name whose value has not come yet, for types that serialise the two apart.
    name: Option<String>,
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_entry<N: Serialize + ?Sized, T: Serialize + ?Sized>(&mut self, name: &N, value: &T) -> Result<()> {
        self.writer.member(name, value)
    }

    fn serialize_key<N: Serialize + ?Sized>(&mut self, name: &N) -> Result<()> {
        match serde_json::to_value(name) {
            Ok(serde_json::Value::String(name)) => {
                self.name = Some(name);
                Ok(())
            }
            _ => Err(Error::invalid_argument("claims", "the names of claims must be strings")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let name = self.name.take().unwrap_or_default();
        self.writer.member(&name, value)
    }

    fn end(self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn write<C: Serialize>(claims: &C) -> Result<String> {
        let mut writer = ClaimsWriter::new();
        writer.serialize(claims)?;
        Ok(String::from_utf8(writer.finish().to_vec()).unwrap())
    }

    #[test]
    fn claims_of_every_shape_of_object() {
        #[derive(serde::Serialize)]
        struct Typed {
            sub: &'static str,
            #[serde(flatten)]
            rest: BTreeMap<&'static str, u8>,
        }
        let typed = Typed { sub: "alice", rest: BTreeMap::from([("a", 1)]) };
        assert_eq!(write(&typed).unwrap(), r#"{"sub":"alice","a":1}"#);
        assert_eq!(write(&Some(json!({"a": {"b": [1.5, null]}}))).unwrap(), r#"{"a":{"b":[1.5,null]}}"#);
        assert_eq!(write(&json!({})).unwrap(), "{}");
    }

    #[test]
    fn a_name_twice_is_refused_at_any_depth() {
        #[derive(serde::Serialize)]
        struct Typed {
            sub: &'static str,
            #[serde(flatten)]
            rest: BTreeMap<&'static str, &'static str>,
        }
        let twice = || Typed { sub: "alice", rest: BTreeMap::from([("sub", "bob")]) };
        assert_eq!(write(&twice()).unwrap_err().code(), Code::InvalidArgument);
        assert_eq!(write(&BTreeMap::from([("inner", twice())])).unwrap_err().code(), Code::InvalidArgument);
    }

    #[test]
    fn json_that_was_written_elsewhere_is_looked_at() {
        for fragment in [r#"{"a":1,"a":2}"#, "1e999", r#""\ud800""#, "[1e400]"] {
            let raw: Box<serde_json::value::RawValue> = serde_json::from_str(fragment).unwrap();
            assert_eq!(write(&BTreeMap::from([("x", raw)])).unwrap_err().code(), Code::InvalidArgument, "{fragment}");
        }
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for value in [json!(1), json!("a"), json!([1]), json!(null), json!(true)] {
            assert_eq!(write(&value).unwrap_err().field(), Some("claims"), "{value}");
        }
        assert!(write(&BTreeMap::from([(1, 2)])).is_err(), "a name that is no string");
        let mut deep = json!(1);
        for _ in 0..80 {
            deep = json!([deep]);
        }
        assert!(write(&json!({ "deep": deep })).is_err(), "nested too deeply");
    }

    #[test]
    fn registered_claims_are_noted_in_both_ways() {
        let text = r#" { "exp" : 5 , "sub":"a\"b","other":{"iss":1}} "#;
        let (mut parsed, mut serialized) = (ClaimsWriter::new(), ClaimsWriter::new());
        parsed.parse(text).unwrap();
        serialized.serialize(&serde_json::from_str::<serde_json::Value>(text).unwrap()).unwrap();
        for writer in [parsed, serialized] {
            assert_eq!(writer.get(Claim::Exp), Some(b"5".as_slice()));
            assert_eq!(writer.get(Claim::Sub), Some(br#""a\"b""#.as_slice()));
            assert_eq!(writer.get(Claim::Iss), None);
        }
        let mut writer = ClaimsWriter::new();
        writer.parse(" { } ").unwrap();
        writer.add(Claim::Iat, b"7");
        assert_eq!(writer.finish(), br#" {"iat":7}"#);
    }
}
