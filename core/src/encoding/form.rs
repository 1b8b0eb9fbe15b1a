//! `application/x-www-form-urlencoded`: bodies of requests, queries of URLs, callbacks.

use std::borrow::Cow;

use form_urlencoded::Serializer;
use zeroize::Zeroizing;

/// The pairs, encoded. The text may hold secrets.
pub(crate) fn encode<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Zeroizing<String> {
    Zeroizing::new(Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// One value, encoded.
pub(crate) fn encode_value(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// No form that is read has more parameters; and a name is compared with all before it.
const MOST_PAIRS: usize = 64;

/// The pairs of a form. `None` if there are more than 64, an escape is none, a name or value is not UTF-8 or has
/// control characters, or a name stands twice: parsers differ on which of the two counts.
pub(crate) fn decode(form: &str) -> Option<Vec<(String, String)>> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for part in form.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let (name, value) = (decode_value(name)?, decode_value(value)?);
        if pairs.len() == MOST_PAIRS || pairs.iter().any(|(known, _)| *known == name) {
            return None;
        }
        pairs.push((name, value));
    }
    Some(pairs)
}

fn decode_value(text: &str) -> Option<String> {
    let mut escapes = text.split('%').skip(1);
    let is_whole = |escape: &str| escape.as_bytes().get(..2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
    if !escapes.all(is_whole) {
        return None;
    }
    let spaced = text.replace('+', " ");
    let decoded: Cow<'_, [u8]> = percent_encoding::percent_decode_str(&spaced).into();
    let decoded = String::from_utf8(decoded.into_owned()).ok()?;
    (!decoded.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t')))
        .then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_again() {
        let pairs = [("a b", "ä+&=%"), ("redirect_uri", "https://app.example/cb?x=1")];
        let form = encode(pairs);
        assert_eq!(*form, "a+b=%C3%A4%2B%26%3D%25&redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fx%3D1");
        assert_eq!(decode(&form).unwrap(), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(encode_value("a:b c"), "a%3Ab+c");
    }

    #[test]
    fn what_reads_in_two_ways_is_refused() {
        for form in ["a=1&a=2", "a=%", "a=%4", "a=%4g", "a=%ff", "a=%00", "a=1&%61=2"] {
            assert_eq!(decode(form), None, "{form}");
        }
        let many = |count: usize| (0..count).map(|number| format!("{number}&")).collect::<String>();
        assert_eq!((decode(&many(64)).unwrap().len(), decode(&many(65))), (64, None));
        assert_eq!(decode("a&&b=").unwrap().len(), 2);
        assert_eq!(decode("").unwrap(), []);
    }
}
