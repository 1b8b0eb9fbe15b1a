//! Typed claims straight from the tape: a serde deserializer that scans nothing twice and borrows strings where it can.

use serde::de::value::{BorrowedStrDeserializer, CowStrDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};

use super::json::{Array, Document, Object, Str, Value};
use crate::error::{Code, Error, Result};

impl<'a> Document<'a> {
    /// The object as a type of the program's own. Strings without escapes can be borrowed.
    ///
    /// # Errors
    /// `ERR_CLAIM_TYPE` when the type asks for something else than the document holds.
    pub fn deserialize<T: Deserialize<'a>>(self) -> Result<T> {
        T::deserialize(Value::Object(self.root()))
    }
}

impl serde::de::Error for Error {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::new(Code::ClaimType, message.to_string())
    }

    // The value itself may be personal data, and messages end up in logs.
    fn invalid_type(found: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::custom(format_args!("expected {expected}, found {}", type_of(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::custom(format_args!("expected {expected}, found another value ({})", type_of(found)))
    }

    fn unknown_variant(_variant: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!("expected one of {}, found another name", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Code::ClaimMissing, format!("missing claim `{field}`")).at(field)
    }
}

fn type_of(value: Unexpected<'_>) -> &'static str {
    match value {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) => "a string",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "an array",
        Unexpected::Map => "an object",
        _ => "something else",
    }
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Number(number) => {
                if let Some(value) = number.as_u64() {
                    visitor.visit_u64(value)
                } else if let Some(value) = number.as_i64() {
                    visitor.visit_i64(value)
                } else {
                    visitor.visit_f64(number.as_f64())
                }
            }
            Self::String(string) => string.visit(visitor),
            Self::Array(array) => visitor.visit_seq(Elements(array)),
            Self::Object(object) => visitor.visit_map(Members { object, value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Self::Null => visitor.visit_none(),
            value => visitor.visit_some(value),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    /// Externally tagged, as serde_json writes them: `"Unit"` or `{"Variant": content}`.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self {
            Self::String(name) => visitor.visit_enum(Variant { name, content: None }),
            Self::Object(mut object) if object.len() == 1 => match object.next() {
                Some((name, content)) => visitor.visit_enum(Variant { name, content: Some(content) }),
                None => Err(Error::invalid_type(Unexpected::Map, &"one variant")),
            },
            other => Err(Error::custom(format_args!("expected an enum variant, found {}", other.type_name()))),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

impl<'de> IntoDeserializer<'de, Error> for Value<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Str<'de> {
    fn visit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.has_escapes() {
            visitor.visit_string(self.to_str().into_owned())
        } else {
            visitor.visit_borrowed_str(self.raw())
        }
    }

    fn seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        if self.has_escapes() {
            seed.deserialize(CowStrDeserializer::new(self.to_str()))
        } else {
            seed.deserialize(BorrowedStrDeserializer::new(self.raw()))
        }
    }
}

struct Elements<'de>(Array<'de>);

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        self.0.next().map(|value| seed.deserialize(value)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Members<'de> {
    object: Object<'de>,
    value: Option<Value<'de>>,
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        let Some((name, value)) = self.object.next() else { return Ok(None) };
        self.value = Some(value);
        name.seed(seed).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        seed.deserialize(self.value.take().unwrap_or(Value::Null))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.object.len())
    }
}

struct Variant<'de> {
    name: Str<'de>,
    content: Option<Value<'de>>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Content<'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Content<'de>)> {
        Ok((self.name.seed(seed)?, Content(self.content)))
    }
}

struct Content<'de>(Option<Value<'de>>);

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        match self.0 {
            None | Some(Value::Null) => Ok(()),
            Some(other) => Err(Error::custom(format_args!("expected no content, found {}", other.type_name()))),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        seed.deserialize(self.0.unwrap_or(Value::Null))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        self.0.unwrap_or(Value::Null).deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.0.unwrap_or(Value::Null).deserialize_any(visitor)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::encoding::json::Parsed;

    #[derive(Debug, PartialEq, Deserialize)]
    enum Plan {
        Free,
        Paid(u8),
        Custom { seats: u32 },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Claims<'a> {
        sub: &'a str,
        name: String,
        exp: f64,
        admin: Option<bool>,
        roles: Vec<&'a str>,
        plans: Vec<Plan>,
        nothing: Option<u8>,
    }

    #[test]
    fn claims_of_a_type_of_ones_own() {
        let text = r#"{"sub":"alice","name":"\u00c5sa","exp":1.5,"admin":true,"roles":["a","b"],"nothing":null,
            "plans":["Free",{"Paid":3},{"Custom":{"seats":9}}],"ignored":[{"x":1}]}"#;
        let parsed = Parsed::new(text.to_owned()).unwrap();
        let claims: Claims<'_> = parsed.document().deserialize().unwrap();
        assert_eq!(
            claims,
            Claims {
                sub: "alice",
                name: "Åsa".to_owned(),
                exp: 1.5,
                admin: Some(true),
                roles: vec!["a", "b"],
                plans: vec![Plan::Free, Plan::Paid(3), Plan::Custom { seats: 9 }],
                nothing: None,
            }
        );
    }

    #[test]
    fn a_wrong_shape_is_a_claim_error() {
        let parsed = Parsed::new(r#"{"sub":1}"#.to_owned()).unwrap();
        #[derive(Debug, Deserialize)]
        #[allow(dead_code)]
        struct Typed {
            sub: String,
        }
        #[derive(Debug, Deserialize)]
        #[allow(dead_code)]
        struct Missing {
            scope: String,
        }
        let error = parsed.document().deserialize::<Typed>().unwrap_err();
        assert_eq!((error.code(), error.message()), (Code::ClaimType, "expected a string, found a number"));
        let error = parsed.document().deserialize::<Missing>().unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::ClaimMissing, Some("scope")));
    }
}
