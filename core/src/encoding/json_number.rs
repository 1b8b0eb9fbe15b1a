//! Numbers of a JSON text: kept as they are written, so that none loses a digit before somebody asks for its value.

/// A number, as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Number<'a> {
    text: &'a str,
    written: Written,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// As an integer from 0 to 2^32 - 1: this one.
    Small(u32),
    /// As another integer.
    Integer,
    /// With a fraction or an exponent.
    Float,
}

impl<'a> Number<'a> {
    /// An integer from 0 to 2^32 - 1: this one.
    #[inline]
    pub(super) fn small(text: &'a str, value: u32) -> Self {
        Self { text, written: Written::Small(value) }
    }

    /// Another integer.
    #[inline]
    pub(super) fn integer(text: &'a str) -> Self {
        Self { text, written: Written::Integer }
    }

    /// A number with a fraction or an exponent.
    #[inline]
    pub(super) fn float(text: &'a str) -> Self {
        Self { text, written: Written::Float }
    }

    /// The number as it is written.
    #[must_use]
    pub fn text(self) -> &'a str {
        self.text
    }

    /// Whether it is written without fraction and exponent.
    #[must_use]
    pub fn is_integer(self) -> bool {
        self.written != Written::Float
    }

    /// Its value, where it is written as an integer that fits.
    #[must_use]
    #[inline]
    pub fn as_i64(self) -> Option<i64> {
        match self.written {
            Written::Small(value) => Some(value.into()),
            Written::Integer => self.text.parse().ok(),
            Written::Float => None,
        }
    }

    /// The same, unsigned.
    #[must_use]
    #[inline]
    pub fn as_u64(self) -> Option<u64> {
        match self.written {
            Written::Small(value) => Some(value.into()),
            Written::Integer => self.text.parse().ok(),
            Written::Float => None,
        }
    }

    /// The nearest double: always finite.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.text.parse().unwrap_or(0.0)
    }
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.is_integer() && other.is_integer() {
            // Exact, however long: the scanner refuses leading zeros, so only the sign of zero has two spellings.
            let digits = |number: &Self| if number.text == "-0" { "0" } else { number.text }.len();
            let plain = |text| if text == "-0" { "0" } else { text };
            return digits(self) == digits(other) && plain(self.text) == plain(other.text);
        }
        // As doubles, where a double is exact: not for an integer beyond 2^53, nor for what is too small to be told from 0.
        let (left, right) = (self.as_f64(), other.as_f64());
        let is_zero = |number: &Self| {
            number.text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).all(|byte| !matches!(byte, b'1'..=b'9'))
        };
        let is_exact = |number: &Self| {
            !number.is_integer() || number.as_i64().is_some_and(|value| value.unsigned_abs() <= 1 << 53)
        };
        left == right && is_exact(self) && is_exact(other) && (left != 0.0 || is_zero(self) == is_zero(other))
    }
}

#[cfg(test)]
mod tests {
    use crate::encoding::json::{Parsed, Value};

    #[test]
    fn integers_are_read_exactly() {
        for text in ["0", "7", "1700000000", "999999999999999999", "1000000000000000000", "18446744073709551615"] {
            let parsed = Parsed::new(format!("{{\"n\":{text}}}")).unwrap();
            let Some(Value::Number(number)) = parsed.document().get("n") else { panic!("a number") };
            assert_eq!((number.as_u64(), number.as_i64()), (text.parse().ok(), text.parse().ok()), "{text}");
        }
        for text in ["-1", "-0.0", "1.0", "1e3", "18446744073709551616"] {
            let parsed = Parsed::new(format!("{{\"n\":{text}}}")).unwrap();
            let Some(Value::Number(number)) = parsed.document().get("n") else { panic!("a number") };
            assert_eq!(number.as_u64(), None, "{text}");
        }
    }
}
