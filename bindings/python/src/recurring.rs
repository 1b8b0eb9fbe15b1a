//! Values that come again in token after token of one issuer, kept as the strings made for an earlier one.
//!
//! Making a short str and freeing it again costs more than finding it, and a service sees the same issuer, audience, client
//! and roles all day. Only claims whose values are of that kind are kept (`names` tells which): who the token is about,
//! and what is unique to it, is not remembered. Only verified tokens get here.

use std::sync::{Mutex, MutexGuard};

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::document::{Made, plain};
use crate::template::Template;

/// A power of two: one for each recurring claim, and as many for the elements of lists.
const SLOTS: usize = 64;

/// Longer strings are made anew. With this length a slot is one line of the processor's cache.
const MOST_BYTES: usize = 48;

/// What one verifier keeps.
#[derive(Default)]
pub(crate) struct Recurring(Mutex<Kept>);

#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) strings: Strings,
    pub(crate) template: Template,
}

/// Strings by their claims' places: 4 KiB, once something was verified.
#[derive(Default)]
pub(crate) struct Strings(Vec<Slot>);

/// The place of a string, which the next one for the same place takes over.
#[repr(align(64))]
struct Slot {
    text: [u8; MOST_BYTES],
    length: usize,
    string: Option<Py<PyString>>,
}

impl Recurring {
    /// For the length of one token; none while another thread has it, for nobody waits for a cache.
    #[inline]
    pub(crate) fn access(&self) -> Option<MutexGuard<'_, Kept>> {
        let mut kept = self.0.try_lock().ok()?;
        if kept.strings.0.is_empty() {
            kept.strings.0.resize_with(SLOTS, || Slot { text: [0; MOST_BYTES], length: 0, string: None });
        }
        Some(kept)
    }
}

impl Strings {
    /// The text as a str, looked for at its claim's place: a new reference, or null with an exception set.
    #[inline]
    pub(crate) fn string(&mut self, py: Python<'_>, text: &str, place: usize) -> Made {
        let Some(slot) = self.0.get_mut(place % SLOTS) else {
            return plain(py, text.as_bytes());
        };
        if let Some(string) = &slot.string
            && slot.text.get(..slot.length) == Some(text.as_bytes())
        {
            return string.clone_ref(py).into_ptr();
        }
        let made = plain(py, text.as_bytes());
        if let Some(copy) = slot.text.get_mut(..text.len())
            && !made.is_null()
        {
            copy.copy_from_slice(text.as_bytes());
            slot.length = text.len();
            // SAFETY: `plain` made a str; the slot takes a reference of its own.
            slot.string = Some(unsafe { Bound::from_borrowed_ptr(py, made).cast_into_unchecked().unbind() });
        }
        made
    }
}
