//! Where the claims of a token stand in their text, so that JavaScript need not look for them.
//!
//! Tokens of one issuer have the same claims in the same order as a rule. When the names are those of the last token, the
//! places of the values are handed over beside the text, and JavaScript cuts them out: finding where things begin and
//! end is more than half of what `JSON.parse` costs, and the core's scanner knows it already. What is not plain is left to
//! `JSON.parse`, value by value or as a whole, so that the object is the same in every case.

use std::ptr;

use authwright_core::Result;
use authwright_core::json::{Document, Number, Part};
use napi_sys::{TypedarrayType, napi_env, napi_ref};

use crate::value::{Env, Value, check};

/// Longer texts are parsed as they are: a string cut out of a text keeps all of it alive.
const MOST_BYTES: usize = 2048;

/// More members than this are parsed as they are.
const MOST_MEMBERS: usize = 32;

/// Arrays that have more elements together are parsed, too.
const MOST_ELEMENTS: usize = 64;

/// Three places for each member, behind the head; and behind those, two for each element of an array.
const PLACES: usize = ELEMENTS + 2 * MOST_ELEMENTS;
const ELEMENTS: usize = HEAD + 3 * MOST_MEMBERS;

/// The turn, and whether the places that follow are those of the text just returned.
const HEAD: usize = 2;

/// What JavaScript does with a member: its first place. The other two are where the value begins and ends in the text.
const STRING: i32 = 1;
/// The value is the member's number.
const INTEGER: i32 = 2;
const JSON: i32 = 3;
const TRUE: i32 = 4;
const FALSE: i32 = 5;
const NULL: i32 = 6;
/// The value is an array of strings: the other two say from where to where the places are that say where each begins and ends.
const STRINGS: i32 = 7;

/// Names that an assignment would not simply create: those that `Object.prototype` has.
const INHERITED: [&str; 12] = [
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// The names of the claims, in their order. Empty if claims of these names are always parsed.
#[derive(Default)]
pub(crate) struct Layout(Vec<Box<str>>);

impl Layout {
    /// The layout of these claims.
    pub(crate) fn of(claims: Document<'_>) -> Self {
        let mut names = Vec::new();
        for (name, _) in claims.root() {
            // Names that look like array indices are not kept in their order by JavaScript.
            let is_index = name.raw().starts_with(|first: char| first.is_ascii_digit());
            if name.has_escapes() || is_index || INHERITED.contains(&name.raw()) || names.len() == MOST_MEMBERS {
                return Self::default();
            }
            names.push(name.raw().into());
        }
        Self(names)
    }
}

/// Memory that the addon writes and JavaScript reads: an `Int32Array` of places and a `Float64Array` of numbers.
///
/// The addon makes both itself and gives them to one private field, so no other code can ever reach them to detach them.
pub(crate) struct Places {
    env: napi_env,
    keeper: napi_ref,
    memory: *mut Memory,
}

#[repr(C)]
struct Memory {
    numbers: [f64; MOST_MEMBERS],
    places: [i32; PLACES],
}

impl Places {
    /// Makes the memory, and its two views.
    pub(crate) fn new(env: Env<'_>) -> Result<(Self, [Value<'_>; 2])> {
        let mut memory = ptr::null_mut();
        // SAFETY: the environment is live, and both outs are writable.
        let buffer = env.make(|env, out| unsafe {
            napi_sys::napi_create_arraybuffer(env, size_of::<Memory>(), &raw mut memory, out)
        })?;
        let view = |kind, length, offset| {
            // SAFETY: the buffer is live and has room for a view of that type, length and offset, which is a multiple of 8.
            env.make(|env, out| unsafe {
                napi_sys::napi_create_typedarray(env, kind, length, buffer.raw(), offset, out)
            })
        };
        let numbers = view(TypedarrayType::float64_array, MOST_MEMBERS, 0)?;
        let places = view(TypedarrayType::int32_array, PLACES, std::mem::offset_of!(Memory, places))?;
        let mut keeper = ptr::null_mut();
        // SAFETY: the buffer is live, and the out is writable. The reference keeps the memory until `drop`.
        check(unsafe { napi_sys::napi_create_reference(env.raw(), buffer.raw(), 1, &raw mut keeper) })?;
        Ok((Self { env: env.raw(), keeper, memory: memory.cast() }, [places, numbers]))
    }

    /// The memory, for the duration of one call.
    fn memory(&mut self) -> &mut Memory {
        // SAFETY: V8 zeroed the memory and aligns it to 8 bytes or more, `keeper` keeps it alive, nobody can detach it (see the
        // type), and JavaScript reads it only while no function of the addon runs.
        unsafe { &mut *self.memory }
    }

    /// Says which turn it is, and that the next text is not laid out.
    pub(crate) fn turn(&mut self, turn: i32) {
        let [place, is_laid_out, ..] = &mut self.memory().places;
        (*place, *is_laid_out) = (turn, 0);
    }

    /// Writes the places of claims that have exactly the layout's names; `false` if they have not, or are to be parsed.
    pub(crate) fn lay_out(&mut self, claims: Document<'_>, layout: &Layout) -> bool {
        let memory = self.memory();
        let is_laid_out = memory.lay_out(claims, layout);
        let [_, flag, ..] = &mut memory.places;
        *flag = i32::from(is_laid_out);
        is_laid_out
    }
}

impl Memory {
    fn lay_out(&mut self, claims: Document<'_>, layout: &Layout) -> bool {
        let text = claims.text();
        let mut parts = claims.parts();
        let Some(Part::Object(members)) = parts.next() else { return false };
        // Beyond ASCII, bytes are not characters.
        if layout.0.is_empty() || members != layout.0.len() || text.len() > MOST_BYTES || !text.is_ascii() {
            return false;
        }
        let (members, elements) = self.places.split_at_mut(ELEMENTS);
        let (_, slots) = members.split_at_mut(HEAD);
        let slots = slots.as_chunks_mut::<3>().0.iter_mut().zip(&mut self.numbers);
        let mut elements = Elements { room: elements.as_chunks_mut::<2>().0, used: 0 };
        // A part of the text begins where its first byte lies. The text is far shorter than 2^31.
        let place = |part: &str| {
            let start = part.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
            [start, start.wrapping_add(part.len())].map(|place| i32::try_from(place).unwrap_or(0))
        };
        for (expected, (slot, number)) in layout.0.iter().zip(slots) {
            let Some(Part::String(name)) = parts.next() else { return false };
            if name.has_escapes() || *name.raw() != **expected {
                return false;
            }
            let (tag, [start, end]) = match parts.next() {
                Some(Part::String(string)) if !string.has_escapes() => (STRING, place(string.raw())),
                Some(Part::Number(digits)) => match small(digits) {
                    Some(value) => {
                        *number = value;
                        (INTEGER, NOWHERE)
                    }
                    None => (JSON, place(digits.text())),
                },
                Some(Part::Null) => (NULL, NOWHERE),
                Some(Part::Bool(truth)) => (if truth { TRUE } else { FALSE }, NOWHERE),
                Some(Part::Array(count)) => {
                    let inside = parts.clone().take(count);
                    let array = parts.pass_over();
                    elements.strings(inside, count, place).map_or((JSON, place(array)), |places| (STRINGS, places))
                }
                Some(Part::Object(_)) => (JSON, place(parts.pass_over())),
                // A string with escapes; and what JSON has not today.
                _ => return false,
            };
            *slot = [tag, start, end];
        }
        true
    }
}

const NOWHERE: [i32; 2] = [0; 2];

/// The places for the elements of arrays, and how many of them have been given away.
struct Elements<'m> {
    room: &'m mut [[i32; 2]],
    used: usize,
}

impl Elements<'_> {
    /// Writes where the elements are, if they are strings without escapes: from where to where that is written.
    fn strings<'a>(
        &mut self,
        elements: impl Iterator<Item = Part<'a>>,
        count: usize,
        place: impl Fn(&str) -> [i32; 2],
    ) -> Option<[i32; 2]> {
        let end = self.used.checked_add(count)?;
        for (slot, element) in self.room.get_mut(self.used..end)?.iter_mut().zip(elements) {
            match element {
                Part::String(string) if !string.has_escapes() => *slot = place(string.raw()),
                _ => return None,
            }
        }
        let places =
            [self.used, end].map(|nth| i32::try_from(ELEMENTS.saturating_add(nth.saturating_mul(2))).unwrap_or(0));
        self.used = end;
        Some(places)
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        // SAFETY: the reference is this value's own. It is dropped on its environment's thread, by a finalizer at the latest.
        let _ = unsafe { napi_sys::napi_delete_reference(self.env, self.keeper) };
    }
}

/// A whole number that any parser reads alike: from 0 up to 2^53.
#[inline]
fn small(number: Number<'_>) -> Option<f64> {
    const EXACT: u64 = 1 << 53;
    number.as_u64().filter(|value| *value < EXACT).map(|value| value as f64)
}
