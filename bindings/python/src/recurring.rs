//! Values that come again in token after token of one issuer, kept as the strings made for an earlier one.
//!
//! Making a short str and freeing it again costs more than finding it, and a service sees the same issuer, audience, client
//! and roles all day. Only claims whose values are of that kind are kept (`names` tells which): who the token is about,
//! and what is unique to it, is not remembered. Only verified tokens get here.

use std::sync::{Mutex, MutexGuard};

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::document::{Made, plain};

/// A power of two.
const SLOTS: usize = 64;

/// Longer strings are made anew. With this length a slot is one line of the processor's cache.
const MOST_BYTES: usize = 48;

/// The strings of one verifier: 4 KiB, once it has verified something.
#[derive(Default)]
pub(crate) struct Recurring(Mutex<Vec<Slot>>);

/// Access to them for the length of one token; none while another thread has it, for nobody waits for a cache.
pub(crate) struct Access<'a>(Option<MutexGuard<'a, Vec<Slot>>>);

/// The place of a string, which the next one for the same place takes over.
#[repr(align(64))]
struct Slot {
    text: [u8; MOST_BYTES],
    length: usize,
    string: Option<Py<PyString>>,
}

impl Recurring {
    #[inline]
    pub(crate) fn access(&self) -> Access<'_> {
        let mut slots = self.0.try_lock().ok();
        if let Some(slots) = &mut slots
            && slots.is_empty()
        {
            slots.resize_with(SLOTS, || Slot { text: [0; MOST_BYTES], length: 0, string: None });
        }
        Access(slots)
    }
}

impl Access<'_> {
    /// For what no verifier has checked.
    #[inline]
    pub(crate) fn none() -> Self {
        Access(None)
    }

    /// The text as a str: a new reference, or null with an exception set.
    #[inline]
    pub(crate) fn string(&mut self, py: Python<'_>, text: &str) -> Made {
        let Some(slot) = self.0.as_mut().and_then(|slots| slots.get_mut(place(text.as_bytes()))) else {
            return plain(py, text);
        };
        if let Some(string) = &slot.string
            && slot.text.get(..slot.length) == Some(text.as_bytes())
        {
            return string.clone_ref(py).into_ptr();
        }
        let made = plain(py, text);
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

/// The slot of a text, by its length, beginning, middle and end: strings that differ elsewhere only take turns.
#[inline]
fn place(text: &[u8]) -> usize {
    // 2^64 divided by the golden ratio: the product's high bits depend on all bits of the factor.
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let middle = text.get(text.len() / 2..).unwrap_or_default();
    let mixed = (word(text) ^ word(middle).rotate_left(21)).wrapping_mul(FACTOR);
    let mixed = (mixed ^ last_word(text) ^ text.len() as u64).wrapping_mul(FACTOR);
    (mixed >> 48) as usize % SLOTS
}

#[inline]
fn word(text: &[u8]) -> u64 {
    text.first_chunk::<8>()
        .map_or_else(|| text.first().map_or(0, |byte| u64::from(*byte)), |word| u64::from_le_bytes(*word))
}

#[inline]
fn last_word(text: &[u8]) -> u64 {
    text.last_chunk::<8>()
        .map_or_else(|| text.last().map_or(0, |byte| u64::from(*byte)), |word| u64::from_le_bytes(*word))
}
