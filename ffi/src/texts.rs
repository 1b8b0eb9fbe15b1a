//! Strings that a token hands out to C: copies with a NUL behind them, owned by the token, made when first asked for.

use std::collections::BTreeMap;
use std::ffi::c_char;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use authwright_core::json::Value;
use zeroize::Zeroizing;

use crate::arguments::{Out, Outcome, optional_out};
use crate::error::Failure;
use crate::guard::shield;
use crate::handle::{Handle, peek};

/// The copies, each known by the place of its source in the token's text: asking again gives the same pointer, so a
/// token holds at most one copy of each of its values. A map that is made and dropped for nothing, unless C asks: a hash
/// map would fetch its seed from the thread's storage for each token.
#[derive(Default)]
pub(crate) struct Texts(Mutex<BTreeMap<Source, Kept>>);

/// The form of the copy, and the address and length of what it copies.
type Source = (Form, usize, usize);

/// The text and a NUL behind it.
struct Kept(Vec<u8>);

/// In which form a value is handed out: a string has both.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// Its JSON text.
    Json,
    /// The text itself, with escapes resolved.
    Plain,
}

/// A NUL-terminated text that lives as long as the token.
pub(crate) struct Text {
    pointer: *const c_char,
    length: usize,
    holds_nul: bool,
}

impl Texts {
    /// A copy of `text`, which was read from `source`, a part of the token's own text.
    pub(crate) fn keep(&self, form: Form, source: &str, text: &str) -> Text {
        let source = (form, source.as_ptr().addr(), source.len());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.entry(source).or_insert_with(|| {
            let mut bytes = Vec::with_capacity(text.len().saturating_add(1));
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(0);
            Kept(bytes)
        });
        // The bytes stay where they are when the map moves their owner.
        kept.text()
    }
}

impl Texts {
    /// The JSON text of a value.
    pub(crate) fn keep_json(&self, value: Value<'_>) -> Text {
        let json = value.json();
        // A string's quotes stand outside what it borrows, so its JSON text is put together anew.
        let source = value.as_str().map_or(&*json, |string| string.raw());
        self.keep(Form::Json, source, &json)
    }
}

/// A text that an object has from the beginning, with a NUL behind it. It may be a secret: it is wiped when it goes.
pub(crate) struct OwnText(Zeroizing<Vec<u8>>);

impl From<&str> for OwnText {
    fn from(text: &str) -> Self {
        // At its full size, so that growing leaves no second copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len().saturating_add(1)));
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        Self(bytes)
    }
}

/// Such a text of an object: NULL if it has none, if there is no such object, or if the text has a NUL inside and its
/// length is not read.
///
/// # Safety
/// As [`peek`], and as [`optional_out`] for `length`.
pub(crate) unsafe fn own_text<'a, H: Handle>(
    handle: *const H,
    length: *mut usize,
    part: impl FnOnce(&'a H::Value) -> Option<&'a OwnText>,
) -> *const c_char
where
    H::Value: 'a,
{
    shield(ptr::null(), || {
        // SAFETY: passed on.
        let (length, value) = unsafe { (optional_out(length), peek(handle)) };
        let text = value.and_then(part).and_then(|text| text.0.split_last()).map(|(_, text)| text);
        match (text, length) {
            (None, _) => return ptr::null(),
            (Some(text), Some(length)) => length.set(text.len()),
            (Some(text), None) if text.contains(&0) => return ptr::null(),
            (Some(_), None) => {}
        }
        text.map_or(ptr::null(), |text| text.as_ptr().cast())
    })
}

impl Kept {
    fn text(&self) -> Text {
        let text = self.0.split_last().map_or(&[][..], |(_, text)| text);
        Text { pointer: self.0.as_ptr().cast(), length: text.len(), holds_nul: text.contains(&0) }
    }
}

impl Text {
    /// Hands the text of a claim to C. Without a place for the length the program reads up to the first NUL, so a text
    /// that goes on behind one is refused: "admin\0.example" must not be read as "admin".
    pub(crate) fn give(self, claim: &str, value: Out<*const c_char>, length: Option<Out<usize>>) -> Outcome<()> {
        match length {
            Some(length) => length.set(self.length),
            None if self.holds_nul => {
                return Err(Failure::claim_type(claim, "free of NULs, and its length is not read"));
            }
            None => {}
        }
        value.set(self.pointer);
        Ok(())
    }
}
