//! Writing a value that the scanner has passed: in one stable form, and with every number as it was written, which a
//! tree of doubles would not hold to the last digit.

use super::json::Value;

impl Value<'_> {
    /// The value's JSON without white space, its members in the order of their names, its strings with no needless
    /// escapes.
    pub(crate) fn to_compact(self) -> String {
        match self {
            Self::Array(array) => {
                let elements: Vec<String> = array.map(Value::to_compact).collect();
                format!("[{}]", elements.join(","))
            }
            Self::Object(object) => {
                let mut members: Vec<_> = object.map(|(name, value)| (name.to_str(), value)).collect();
                members.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
                let members: Vec<String> =
                    members.into_iter().map(|(name, value)| member(&name, &value.to_compact())).collect();
                format!("{{{}}}", members.join(","))
            }
            Self::String(string) => serde_json::Value::from(string.to_str()).to_string(),
            other => other.json().into_owned(),
        }
    }
}

/// `"name":json`.
pub(crate) fn member(name: &str, json: &str) -> String {
    format!("{}:{json}", serde_json::Value::from(name))
}

#[cfg(test)]
mod tests {
    use super::super::json::Parsed;
    use super::*;

    #[test]
    fn one_form_whose_numbers_are_untouched() {
        let text = r#" { "b" : [ 18446740001771897.74 , 123456789012345678901234567890, -0, 1E2 ], "a": "\u00e9\"\u0007",
            "c\/": {"z": {}, "y": [ ], "x": null, "w": true} } "#;
        let compact = "{\"a\":\"\u{e9}\\\"\\u0007\",\"b\":[18446740001771897.74,123456789012345678901234567890,-0,1E2],\
            \"c/\":{\"w\":true,\"x\":null,\"y\":[],\"z\":{}}}";
        let parsed = Parsed::new(text.to_owned()).unwrap();
        assert_eq!(Value::Object(parsed.document().root()).to_compact(), compact);
        let again = Parsed::new(compact.to_owned()).unwrap();
        assert!(Value::Object(parsed.document().root()) == Value::Object(again.document().root()));
    }
}
