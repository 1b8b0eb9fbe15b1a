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

/// Names behind the first so many of an object are not compared with those before them one by one.
const MAX_NAMES_COMPARED: u32 = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    False,
    True,
    /// A number without sign, fraction and exponent, below 2^32, which is what dates are: its value is the node's `len`.
    Small,
    /// Any other number without fraction and exponent.
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
    /// How many elements or members a container holds; the value of [`Kind::Small`].
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
    let mut scanner = Scanner { text, bytes: text.as_bytes(), depth: 0, tape, fault: None };
    match scanner.document() {
        Some(()) => Ok(()),
        None => Err(scanner.fault.unwrap_or(Fault { reason: Reason::Syntax, offset: 0 })),
    }
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
    let is_plain = |word: &[u8; WORD]| stops(word) == 0;
    match bytes.last_chunk() {
        // The last word overlaps the one before it.
        Some(last) => is_plain(last) && bytes.as_chunks().0.iter().all(is_plain),
        None => bytes.iter().all(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\'),
    }
}

/// The place in the text is passed along and returned rather than kept here, and a fault kept here rather than returned:
/// so both stay in registers, which makes the scan a third faster.
struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    depth: usize,
    tape: &'a mut Vec<Node>,
    /// Why the last function returned `None`.
    fault: Option<Fault>,
}

impl Scanner<'_> {
    fn document(&mut self) -> Option<()> {
        let at = self.skip_space(0);
        if self.peek(at) != Some(b'{') {
            return self.fail(Reason::NotAnObject, at);
        }
        let at = self.value(at)?;
        let at = self.skip_space(at);
        if at == self.bytes.len() { Some(()) } else { self.fail(Reason::TrailingBytes, at) }
    }

    #[cold]
    fn fail<T>(&mut self, reason: Reason, offset: usize) -> Option<T> {
        self.fault = Some(Fault { reason, offset });
        None
    }

    /// What is wrong where no other reason applies.
    #[cold]
    fn unexpected<T>(&mut self, at: usize) -> Option<T> {
        self.fail(if at >= self.bytes.len() { Reason::Truncated } else { Reason::Syntax }, at)
    }

    #[inline]
    fn peek(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    #[inline]
    fn skip_space(&self, at: usize) -> usize {
        // Issuers write none.
        if let Some(0..=b' ') = self.peek(at) { self.skip_more_space(at) } else { at }
    }

    #[cold]
    fn skip_more_space(&self, mut at: usize) -> usize {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek(at) {
            at += 1;
        }
        at
    }

    #[inline]
    fn push(&mut self, kind: Kind, start: usize, end: usize, len: u32) {
        self.tape.push(Node { kind, start: start as u32, end: end as u32, nodes: 1, len });
    }

    // Inlined, as are strings and numbers, so that only containers and literals cost a call.
    #[inline(always)]
    fn value(&mut self, at: usize) -> Option<usize> {
        match self.peek(at) {
            Some(b'"') => self.string(at),
            Some(b'-' | b'0'..=b'9') => self.number(at),
            _ => self.container_or_literal(at),
        }
    }

    fn container_or_literal(&mut self, at: usize) -> Option<usize> {
        match self.peek(at) {
            Some(b'{') => self.object(at),
            Some(b'[') => self.array(at),
            Some(b't') => self.literal(at, "true", Kind::True),
            Some(b'f') => self.literal(at, "false", Kind::False),
            Some(b'n') => self.literal(at, "null", Kind::Null),
            _ => self.unexpected(at),
        }
    }

    fn literal(&mut self, at: usize, word: &str, kind: Kind) -> Option<usize> {
        let end = at + word.len();
        match self.bytes.get(at..end) {
            Some(found) if found == word.as_bytes() => {
                self.push(kind, at, end, 0);
                Some(end)
            }
            _ => self.unexpected(at),
        }
    }

    /// At the opening quote.
    #[inline(always)]
    fn string(&mut self, at: usize) -> Option<usize> {
        let start = at + 1;
        let (mut at, mut kind) = (start, Kind::String);
        loop {
            while let Some(word) = self.bytes.get(at..).and_then(|rest| rest.first_chunk()) {
                // The next word's place does not wait for what is found in this one, unless the string ends here.
                let stops = stops(word);
                if stops != 0 {
                    at += (stops.trailing_zeros() / 8) as usize;
                    break;
                }
                at += WORD;
            }
            match self.peek(at) {
                Some(b'"') => {
                    self.push(kind, start, at, 0);
                    return Some(at + 1);
                }
                Some(b'\\') => {
                    kind = Kind::Escaped;
                    at = self.escape(at)?;
                }
                Some(0x20..) => at += 1,
                Some(_) => return self.fail(Reason::ControlCharacter, at),
                None => return self.fail(Reason::Truncated, at),
            }
        }
    }

    /// At the backslash.
    #[cold]
    fn escape(&mut self, at: usize) -> Option<usize> {
        match self.peek(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Some(at + 2),
            Some(b'u') => {
                let (unit, end) = self.code_unit(at)?;
                match unit {
                    0xd800..=0xdbff => {
                        if self.bytes.get(end..end + 2) != Some(b"\\u") {
                            return self.fail(Reason::LoneSurrogate, end);
                        }
                        let (low, end) = self.code_unit(end)?;
                        if !(0xdc00..=0xdfff).contains(&low) {
                            return self.fail(Reason::LoneSurrogate, end);
                        }
                        Some(end)
                    }
                    0xdc00..=0xdfff => self.fail(Reason::LoneSurrogate, end),
                    _ => Some(end),
                }
            }
            Some(_) => self.fail(Reason::Escape, at),
            None => self.fail(Reason::Truncated, at),
        }
    }

    /// At the backslash of a `\uXXXX`: its value, and where it ends.
    fn code_unit(&mut self, at: usize) -> Option<(u32, usize)> {
        match hex4(self.bytes.get(at + 2..at + 6)) {
            Some(unit) => Some((unit, at + 6)),
            None => self.fail(Reason::Escape, at),
        }
    }

    /// Passes digits: where they end, and their value unless it overflows.
    #[inline]
    fn digits(&self, mut at: usize) -> (usize, u64) {
        let mut value = 0_u64;
        while let Some(digit @ b'0'..=b'9') = self.peek(at) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit & 0xf));
            at += 1;
        }
        (at, value)
    }

    #[inline(always)]
    fn number(&mut self, start: usize) -> Option<usize> {
        let first = start + usize::from(self.peek(start) == Some(b'-'));
        let (mut at, value) = self.digits(first);
        let digits = at - first;
        if digits == 0 || digits > 1 && self.peek(first) == Some(b'0') {
            return self.fail(Reason::Number, at);
        }
        // A longer integer part is out of range unless an exponent brings it back: so rare that refusing all is kinder.
        if digits > MAX_INTEGER_DIGITS {
            return self.fail(Reason::NumberRange, at);
        }
        if let Some(b'.' | b'e' | b'E') = self.peek(at) {
            at = self.fraction(start, at)?;
            self.push(Kind::Float, start, at, 0);
            return Some(at);
        }
        // Nineteen digits do not overflow 64 bits.
        match u32::try_from(value) {
            Ok(value) if first == start && digits < 20 => self.push(Kind::Small, start, at, value),
            _ => self.push(Kind::Integer, start, at, 0),
        }
        Some(at)
    }

    /// Behind a number's integer part.
    fn fraction(&mut self, start: usize, mut at: usize) -> Option<usize> {
        let digits = |scanner: &mut Self, from: usize| match scanner.digits(from).0 {
            end if end > from => Some(end),
            end => scanner.fail(Reason::Number, end),
        };
        if self.peek(at) == Some(b'.') {
            at = digits(self, at + 1)?;
        }
        if let Some(b'e' | b'E') = self.peek(at) {
            at += 1;
            if let Some(b'+' | b'-') = self.peek(at) {
                at += 1;
            }
            at = digits(self, at)?;
            let finite = self.text.get(start..at).and_then(|text| text.parse::<f64>().ok()).is_some_and(f64::is_finite);
            if !finite {
                return self.fail(Reason::NumberRange, at);
            }
        }
        // Parsers differ in how far they follow digits and exponents that cancel each other out.
        if at - start > MAX_NUMBER_BYTES {
            return self.fail(Reason::NumberRange, at);
        }
        Some(at)
    }

    /// Opens a container: the place of its node, and what comes behind the bracket.
    #[inline]
    fn open(&mut self, kind: Kind, at: usize) -> Option<(usize, usize)> {
        if self.depth >= MAX_DEPTH {
            return self.fail(Reason::TooDeep, at);
        }
        self.depth += 1;
        let place = self.tape.len();
        self.push(kind, at, 0, 0);
        Some((place, self.skip_space(at + 1)))
    }

    /// At the closing bracket.
    #[inline]
    fn close(&mut self, place: usize, len: u32, at: usize) -> usize {
        self.depth -= 1;
        let nodes = (self.tape.len() - place) as u32;
        if let Some(node) = self.tape.get_mut(place) {
            (node.end, node.nodes, node.len) = (at as u32 + 1, nodes, len);
        }
        at + 1
    }

    fn array(&mut self, at: usize) -> Option<usize> {
        let (place, mut at) = self.open(Kind::Array, at)?;
        let mut len = 0;
        if self.peek(at) == Some(b']') {
            return Some(self.close(place, len, at));
        }
        loop {
            at = self.value(at)?;
            len += 1;
            at = self.skip_space(at);
            match self.peek(at) {
                Some(b',') => at = self.skip_space(at + 1),
                Some(b']') => return Some(self.close(place, len, at)),
                _ => return self.unexpected(at),
            }
        }
    }

    fn object(&mut self, at: usize) -> Option<usize> {
        let (place, mut at) = self.open(Kind::Object, at)?;
        let (mut len, mut seen, mut may_repeat) = (0, [0; 4], false);
        if self.peek(at) == Some(b'}') {
            return Some(self.close(place, len, at));
        }
        loop {
            if self.peek(at) != Some(b'"') {
                return self.unexpected(at);
            }
            at = self.string(at)?;
            may_repeat |= self.may_repeat(&mut seen, place, len);
            at = self.skip_space(at);
            if self.peek(at) != Some(b':') {
                return self.unexpected(at);
            }
            at = self.skip_space(at + 1);
            at = self.value(at)?;
            len += 1;
            at = self.skip_space(at);
            match self.peek(at) {
                Some(b',') => at = self.skip_space(at + 1),
                Some(b'}') => {
                    let end = self.close(place, len, at);
                    if may_repeat && self.has_duplicates(place, len) {
                        return self.fail(Reason::DuplicateMember, end);
                    }
                    return Some(end);
                }
                _ => return self.unexpected(at),
            }
        }
    }

    /// Whether the name that was just read, behind `count` others of the object at `place`, may be one of those. A filter of
    /// 256 bits tells nearly every two names apart; what it cannot tell is compared.
    #[inline]
    fn may_repeat(&self, seen: &mut [u64; 4], place: usize, count: u32) -> bool {
        let Some(name) = self.tape.last() else { return true };
        let hash = self.fingerprint(name);
        let bit = 1 << (hash & 63);
        let Some(word) = seen.get_mut((hash >> 6 & 3) as usize) else { return true };
        let is_new = *word & bit == 0 && name.kind == Kind::String;
        *word |= bit;
        !is_new && self.is_similar(name, place, count)
    }

    #[cold]
    fn is_similar(&self, name: &Node, place: usize, count: u32) -> bool {
        name.kind == Kind::Escaped
            || count > MAX_NAMES_COMPARED
            || names(self.tape, place, count).any(|earlier| self.raw(earlier) == self.raw(name))
    }

    /// Bounded by n log n however many members there are, and whatever their names.
    #[cold]
    fn has_duplicates(&self, place: usize, count: u32) -> bool {
        let mut texts: Vec<_> = names(self.tape, place, count).map(|name| unescape(self.raw(name))).collect();
        texts.sort_unstable();
        texts.array_windows().any(|[left, right]| left == right)
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

/// The first so many name nodes of the object at `place`.
fn names(tape: &[Node], place: usize, count: u32) -> impl Iterator<Item = &Node> {
    let mut next = place + 1;
    (0..count).map_while(move |_| {
        let name = tape.get(next)?;
        next += 1 + tape.get(next + 1)?.nodes as usize;
        Some(name)
    })
}

const WORD: usize = 8;

/// Where a string's run of plain characters stops, at a quote, a backslash or a control character: the high bit of the first
/// such byte is the lowest bit set. Bits above it mean nothing.
#[inline]
const fn stops(word: &[u8; WORD]) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    const fn zero_bytes(word: u64) -> u64 {
        word.wrapping_sub(ONES) & !word
    }
    let word = u64::from_le_bytes(*word);
    let quotes = zero_bytes(word ^ (ONES * b'"' as u64));
    let backslashes = zero_bytes(word ^ (ONES * b'\\' as u64));
    let controls = word.wrapping_sub(ONES * 0x20) & !word;
    (quotes | backslashes | controls) & HIGHS
}
