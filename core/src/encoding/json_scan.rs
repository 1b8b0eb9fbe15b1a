//! The one JSON scanner: a single pass that checks every byte and writes the tape that [`super::json`] reads.
//!
//! Stricter than RFC 8259 wherever parsers are known to disagree, so that no parser of a host language can fail on, or
//! read differently, what has passed here: an object at the top, no duplicate members at any depth (compared after
//! unescaping), no lone surrogates, numbers finite as doubles, integers of at most 308 digits, depth at most 64, nothing after
//! the end. UTF-8 is the caller's to check, once for the whole text.
//!
//! Hand-written because the hot call needs it: serde_json skips values without looking into them, and a visitor that visits
//! each costs more than the HMAC of the whole token. What it emits is checked against serde_json in the tests.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "positions are at most the text's length, which `scan` bounds to 32 bits, and depths and counts less"
)]

use std::borrow::Cow;
use std::fmt;

/// The deepest nesting that is read: the top object is at depth 1.
pub(crate) const MAX_DEPTH: usize = 64;

/// The longest integer, in digits: the largest power of ten that a double holds has 309.
const MAX_INTEGER_DIGITS: usize = 308;

/// The longest number of any kind, in bytes.
const MAX_NUMBER_BYTES: usize = 1024;

/// Objects with more members than this are checked for duplicates by sorting.
const MAX_MEMBERS_UNSORTED: usize = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    False,
    True,
    /// A number without fraction and exponent.
    Integer,
    Float,
    /// `start..end` is what stands between the quotes, here without a backslash in it.
    String,
    /// The same, with at least one escape.
    Escaped,
    Array,
    Object,
}

/// One value, or one member's name, on the tape. A container is followed by its parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
    /// How many nodes it takes, itself included.
    pub(super) nodes: u32,
    /// How many elements or members a container holds.
    pub(super) len: u32,
}

/// Why a text is refused, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) reason: Reason,
    pub(crate) offset: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    TooLong,
    NotAnObject,
    Syntax,
    Truncated,
    TrailingBytes,
    TooDeep,
    ControlCharacter,
    Escape,
    LoneSurrogate,
    Number,
    NumberRange,
    DuplicateMember,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            Reason::TooLong => "a text too long to index",
            Reason::NotAnObject => "no object at the top",
            Reason::Syntax => "a syntax error",
            Reason::Truncated => "an end in the middle of a value",
            Reason::TrailingBytes => "bytes after the end of the object",
            Reason::TooDeep => "nesting deeper than 64",
            Reason::ControlCharacter => "an unescaped control character in a string",
            Reason::Escape => "an invalid escape in a string",
            Reason::LoneSurrogate => "a lone surrogate in a string",
            Reason::Number => "a malformed number",
            Reason::NumberRange => "a number out of range",
            Reason::DuplicateMember => "a duplicate member",
        };
        write!(formatter, "{reason} at byte {}", self.offset)
    }
}

/// Scans one object and appends its nodes to `tape`.
pub(crate) fn scan(text: &str, tape: &mut Vec<Node>) -> Result<(), Fault> {
    if u32::try_from(text.len()).is_err() {
        return Err(Fault { reason: Reason::TooLong, offset: 0 });
    }
    // A member takes two nodes and rarely fewer than twenty bytes; a wrong guess costs one reallocation.
    tape.reserve(text.len() / 10 + 8);
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0, depth: 0, tape };
    scanner.skip_space();
    if scanner.peek() != Some(b'{') {
        return Err(scanner.fault(Reason::NotAnObject));
    }
    scanner.value()?;
    scanner.skip_space();
    if scanner.at == text.len() { Ok(()) } else { Err(scanner.fault(Reason::TrailingBytes)) }
}

/// The text of a string with its escapes resolved. `raw` has passed the scanner.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    let Some((mut before, mut rest)) = raw.split_once('\\') else {
        return Cow::Borrowed(raw);
    };
    let mut text = String::with_capacity(raw.len());
    loop {
        text.push_str(before);
        let mut characters = rest.chars();
        match characters.next() {
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('u') => {
                let (character, length) = unicode_escape(rest.as_bytes());
                text.push(character);
                characters = rest.get(length..).unwrap_or("").chars();
            }
            Some(other) => text.push(other),
            None => {}
        }
        match characters.as_str().split_once('\\') {
            Some((next, tail)) => (before, rest) = (next, tail),
            None => {
                text.push_str(characters.as_str());
                return Cow::Owned(text);
            }
        }
    }
}

/// The character of a `u....` or `u....\u....` escape that has passed the scanner, and the escape's length.
fn unicode_escape(escape: &[u8]) -> (char, usize) {
    let first = hex4(escape.get(1..5)).unwrap_or(0);
    if (0xd800..0xdc00).contains(&first) {
        let second = hex4(escape.get(7..11)).unwrap_or(0);
        let code = 0x1_0000 + ((first & 0x3ff) << 10 | second & 0x3ff);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 5)
}

fn hex4(digits: Option<&[u8]>) -> Option<u32> {
    digits?.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

/// Whether a string can stand between quotes as it is.
#[inline]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    let is_plain = |word: &[u8; 8]| stops(u64::from_le_bytes(*word)) == 0;
    match bytes.last_chunk() {
        // The last word overlaps the one before it.
        Some(last) => is_plain(last) && bytes.as_chunks().0.iter().all(is_plain),
        None => bytes.iter().all(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\'),
    }
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    tape: &'a mut Vec<Node>,
}

impl Scanner<'_> {
    #[cold]
    fn fault(&self, reason: Reason) -> Fault {
        Fault { reason, offset: self.at }
    }

    /// What is wrong where no other reason applies.
    #[cold]
    fn unexpected(&self) -> Fault {
        self.fault(if self.at >= self.bytes.len() { Reason::Truncated } else { Reason::Syntax })
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.tape.push(Node { kind, start: start as u32, end: end as u32, nodes: 1, len: 0 });
    }

    fn value(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b't') => self.literal("true", Kind::True),
            Some(b'f') => self.literal("false", Kind::False),
            Some(b'n') => self.literal("null", Kind::Null),
            _ => Err(self.unexpected()),
        }
    }

    fn literal(&mut self, word: &str, kind: Kind) -> Result<(), Fault> {
        let end = self.at + word.len();
        match self.bytes.get(self.at..end) {
            Some(found) if found == word.as_bytes() => {
                self.push(kind, self.at, end);
                self.at = end;
                Ok(())
            }
            _ => Err(self.unexpected()),
        }
    }

    /// At the opening quote.
    #[inline]
    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        let start = self.at;
        let mut kind = Kind::String;
        loop {
            while let Some(word) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
                let stops = stops(u64::from_le_bytes(*word));
                if stops != 0 {
                    self.at += (stops.trailing_zeros() / 8) as usize;
                    break;
                }
                self.at += 8;
            }
            match self.peek() {
                Some(b'"') => {
                    self.push(kind, start, self.at);
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    kind = Kind::Escaped;
                    self.escape()?;
                }
                Some(0x20..) => self.at += 1,
                Some(_) => return Err(self.fault(Reason::ControlCharacter)),
                None => return Err(self.fault(Reason::Truncated)),
            }
        }
    }

    /// At the backslash.
    #[cold]
    fn escape(&mut self) -> Result<(), Fault> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Ok(())
            }
            Some(b'u') => {
                let unit = self.code_unit()?;
                match unit {
                    0xd800..=0xdbff => {
                        if self.bytes.get(self.at..self.at + 2) != Some(b"\\u") {
                            return Err(self.fault(Reason::LoneSurrogate));
                        }
                        if !(0xdc00..=0xdfff).contains(&self.code_unit()?) {
                            return Err(self.fault(Reason::LoneSurrogate));
                        }
                        Ok(())
                    }
                    0xdc00..=0xdfff => Err(self.fault(Reason::LoneSurrogate)),
                    _ => Ok(()),
                }
            }
            Some(_) => Err(self.fault(Reason::Escape)),
            None => Err(self.fault(Reason::Truncated)),
        }
    }

    /// At the backslash of a `\uXXXX`.
    fn code_unit(&mut self) -> Result<u32, Fault> {
        let unit = hex4(self.bytes.get(self.at + 2..self.at + 6)).ok_or_else(|| self.fault(Reason::Escape))?;
        self.at += 6;
        Ok(unit)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let leading_zero = self.peek() == Some(b'0');
        let digits = self.digits();
        if digits == 0 || leading_zero && digits > 1 {
            return Err(self.fault(Reason::Number));
        }
        // A longer integer part is out of range unless an exponent brings it back: so rare that refusing all is kinder.
        if digits > MAX_INTEGER_DIGITS {
            return Err(self.fault(Reason::NumberRange));
        }
        let mut kind = Kind::Integer;
        if self.peek() == Some(b'.') {
            kind = Kind::Float;
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.fault(Reason::Number));
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            kind = Kind::Float;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.fault(Reason::Number));
            }
            let finite =
                self.text.get(start..self.at).and_then(|text| text.parse::<f64>().ok()).is_some_and(f64::is_finite);
            if !finite {
                return Err(self.fault(Reason::NumberRange));
            }
        }
        // Parsers differ in how far they follow digits and exponents that cancel each other out.
        if self.at - start > MAX_NUMBER_BYTES {
            return Err(self.fault(Reason::NumberRange));
        }
        self.push(kind, start, self.at);
        Ok(())
    }

    /// Opens a container and returns the place of its node.
    #[inline]
    fn open(&mut self, kind: Kind) -> Result<usize, Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fault(Reason::TooDeep));
        }
        self.depth += 1;
        let place = self.tape.len();
        self.push(kind, self.at, 0);
        self.at += 1;
        self.skip_space();
        Ok(place)
    }

    /// At the closing bracket.
    #[inline]
    fn close(&mut self, place: usize, len: u32) {
        self.at += 1;
        self.depth -= 1;
        let nodes = (self.tape.len() - place) as u32;
        if let Some(node) = self.tape.get_mut(place) {
            node.end = self.at as u32;
            node.nodes = nodes;
            node.len = len;
        }
    }

    fn array(&mut self) -> Result<(), Fault> {
        let place = self.open(Kind::Array)?;
        let mut len = 0;
        if self.peek() == Some(b']') {
            self.close(place, len);
            return Ok(());
        }
        loop {
            self.value()?;
            len += 1;
            self.skip_space();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.skip_space();
                }
                Some(b']') => {
                    self.close(place, len);
                    return Ok(());
                }
                _ => return Err(self.unexpected()),
            }
        }
    }

    fn object(&mut self) -> Result<(), Fault> {
        let place = self.open(Kind::Object)?;
        let mut len = 0;
        if self.peek() == Some(b'}') {
            self.close(place, len);
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected());
            }
            self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected());
            }
            self.at += 1;
            self.skip_space();
            self.value()?;
            len += 1;
            self.skip_space();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.skip_space();
                }
                Some(b'}') => {
                    self.close(place, len);
                    return if len > 1 { self.refuse_duplicates(place, len as usize) } else { Ok(()) };
                }
                _ => return Err(self.unexpected()),
            }
        }
    }

    /// A filter of 256 bits tells nearly every set of names from one with a duplicate; what it cannot tell is compared.
    fn refuse_duplicates(&self, place: usize, len: usize) -> Result<(), Fault> {
        if len > MAX_MEMBERS_UNSORTED {
            return self.refuse_duplicates_sorted(place);
        }
        let mut filter = [0_u64; 4];
        for (nth, name) in names(self.tape, place).enumerate() {
            if name.kind == Kind::Escaped {
                return self.refuse_duplicates_sorted(place);
            }
            let hash = self.fingerprint(name);
            let bit = 1 << (hash & 63);
            let Some(word) = filter.get_mut((hash >> 6 & 3) as usize) else { continue };
            if *word & bit != 0 {
                let text = self.raw(name);
                if names(self.tape, place).take(nth).any(|earlier| self.raw(earlier) == text) {
                    return Err(self.fault(Reason::DuplicateMember));
                }
            }
            *word |= bit;
        }
        Ok(())
    }

    /// Bounded by n log n however many members there are, and whatever their names.
    #[cold]
    fn refuse_duplicates_sorted(&self, place: usize) -> Result<(), Fault> {
        let mut texts: Vec<Cow<'_, str>> = names(self.tape, place).map(|name| unescape(self.raw(name))).collect();
        texts.sort_unstable();
        if texts.array_windows().any(|[left, right]| left == right) {
            return Err(self.fault(Reason::DuplicateMember));
        }
        Ok(())
    }

    /// A hash of the length and the first eight bytes. An attacker who makes names collide buys a few comparisons.
    #[inline]
    fn fingerprint(&self, name: &Node) -> u64 {
        let length = u64::from(name.end - name.start);
        let rest = self.bytes.get(name.start as usize..).unwrap_or_default();
        let word = rest.first_chunk::<8>().copied().unwrap_or_else(|| {
            let mut end = [0; 8];
            end.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
            end
        });
        let mut word = u64::from_le_bytes(word);
        if length < 8 {
            word &= (1 << (8 * length)) - 1;
        }
        (word ^ length << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56
    }

    #[inline]
    fn raw(&self, node: &Node) -> &str {
        self.text.get(node.start as usize..node.end as usize).unwrap_or("")
    }
}

/// The name nodes of the object at `place`.
fn names(tape: &[Node], place: usize) -> impl Iterator<Item = &Node> {
    let len = tape.get(place).map_or(0, |node| node.len as usize);
    let mut next = place + 1;
    (0..len).map_while(move |_| {
        let name = tape.get(next)?;
        next += 1 + tape.get(next + 1)?.nodes as usize;
        Some(name)
    })
}

/// The high bit of each byte at which a string's run of plain characters stops: a quote, a backslash or a control
/// character. Bits above the lowest set one may be false, and are not looked at.
#[inline]
const fn stops(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    const fn zero_bytes(word: u64) -> u64 {
        word.wrapping_sub(ONES) & !word
    }
    let quotes = zero_bytes(word ^ (ONES * b'"' as u64));
    let backslashes = zero_bytes(word ^ (ONES * b'\\' as u64));
    let controls = word.wrapping_sub(ONES * 0x20) & !word;
    (quotes | backslashes | controls) & HIGHS
}
