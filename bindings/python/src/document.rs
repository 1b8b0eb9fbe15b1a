//! The core's checked JSON as Python objects: a walk of the document's tape straight into dicts and lists.
//!
//! This is where a verification by HMAC spends most of its time, so it is written against the C API: a pointer, null
//! with an exception set, travels in a register where a `PyResult` goes through memory. Built for one version of CPython,
//! strings are written straight into their place; with the stable ABI (feature `abi3`) they go through its UTF-8 decoder.
//! Recursion is bounded: the core reads nothing nested deeper than 64.

use std::ptr;
#[cfg(not(Py_LIMITED_API))]
use std::slice;

use authwright_core::json::{Document, Number, Part, Parts, Str};
use pyo3::exceptions::PySystemError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyString};

use crate::names;
use crate::recurring::{Kept, Recurring, Strings};
use crate::template::Template;

/// A new reference, or null with an exception set.
pub(crate) type Made = *mut ffi::PyObject;

/// The document as a new dict.
pub(crate) fn dict<'py>(py: Python<'py>, document: Document<'_>) -> PyResult<Bound<'py, PyDict>> {
    walked(py, document, &mut Strings::default())
}

/// The same, of verified claims, with what their verifier keeps.
#[inline]
pub(crate) fn claims<'py>(
    py: Python<'py>,
    document: Document<'_>,
    recurring: &Recurring,
) -> PyResult<Bound<'py, PyDict>> {
    let Some(mut kept) = recurring.access() else { return dict(py, document) };
    let Kept { strings, template } = &mut *kept;
    let dict = Walk { py, parts: document.parts(), strings, recurs: None }.template(template);
    if let Some(dict) = dict {
        template.hit();
        return owned(py, dict);
    }
    template.miss(py, document)?;
    walked(py, document, strings)
}

#[inline]
fn walked<'py>(py: Python<'py>, document: Document<'_>, strings: &mut Strings) -> PyResult<Bound<'py, PyDict>> {
    // A document is an object, and so a dict.
    owned(py, Walk { py, parts: document.parts(), strings, recurs: None }.value())
}

#[inline]
fn owned(py: Python<'_>, dict: Made) -> PyResult<Bound<'_, PyDict>> {
    // SAFETY: both callers pass a new reference to a dict, or null with an exception set.
    unsafe { Ok(Bound::from_owned_ptr_or_err(py, dict)?.cast_into_unchecked()) }
}

/// A token that the core made, as a str.
#[inline]
pub(crate) fn text<'py>(py: Python<'py>, text: &[u8]) -> PyResult<Bound<'py, PyString>> {
    // SAFETY: `plain` makes a new reference to a str, or null with an exception set.
    unsafe { Ok(Bound::from_owned_ptr_or_err(py, plain(py, text))?.cast_into_unchecked()) }
}

/// A new str of ASCII whose characters are still to be written.
#[cfg(not(Py_LIMITED_API))]
pub(crate) struct Blank<'py> {
    string: Bound<'py, PyString>,
    length: usize,
}

#[cfg(not(Py_LIMITED_API))]
impl<'py> Blank<'py> {
    /// `None`, with an exception set, if there is no room.
    #[inline]
    pub(crate) fn new(py: Python<'py>, length: usize) -> Option<Self> {
        // CPython shares its own empty and one-character strings; no token is as short.
        let characters = ffi::Py_ssize_t::try_from(length.max(2)).unwrap_or(ffi::Py_ssize_t::MAX);
        // SAFETY: the interpreter is attached; it makes a new reference to a str, or null with an exception set.
        let string =
            unsafe { Bound::from_owned_ptr_or_opt(py, ffi::PyUnicode_New(characters, 0x7f))?.cast_into_unchecked() };
        let mut blank = Self { string, length: length.max(2) };
        // SAFETY: see `data`; the bytes are written before anything reads them.
        unsafe { ptr::write_bytes(blank.data(), b' ', blank.length) };
        Some(blank)
    }

    /// The str, which is ASCII: bytes that are not become question marks.
    #[inline]
    pub(crate) fn finish(mut self) -> Bound<'py, PyString> {
        let bytes = self.as_mut();
        if !bytes.is_ascii() {
            bytes.iter_mut().filter(|byte| !byte.is_ascii()).for_each(|byte| *byte = b'?');
        }
        self.string
    }

    /// A str of at least two characters made for the maximum 0x7f is in the compact ASCII form: a PyASCIIObject and right
    /// behind it `length` bytes and a terminating zero, which PyUnicode_New has written.
    #[inline]
    fn data(&mut self) -> *mut u8 {
        // SAFETY: the object is as long as that.
        unsafe { self.string.as_ptr().cast::<ffi::PyASCIIObject>().add(1).cast::<u8>() }
    }
}

#[cfg(not(Py_LIMITED_API))]
impl AsMut<[u8]> for Blank<'_> {
    #[inline]
    fn as_mut(&mut self) -> &mut [u8] {
        let (data, length) = (self.data(), self.length);
        // SAFETY: `length` bytes that `new` has written; nothing but this value has seen the new object, so that they may
        // still be changed.
        unsafe { slice::from_raw_parts_mut(data, length) }
    }
}

/// From the place of a list's element to that of the next: odd, so that all places come in turn.
const ELEMENTS_APART: usize = 37;

/// One document on its way.
struct Walk<'a, 'd, 'py> {
    py: Python<'py>,
    parts: Parts<'d>,
    strings: &'a mut Strings,
    /// Where to look for the value at hand, if it is of a kind that comes again.
    recurs: Option<usize>,
}

impl Walk<'_, '_, '_> {
    /// The document as a copy of the template's dict; `None` if it has other names, and nothing is made.
    #[inline]
    fn template(&mut self, template: &Template) -> Option<Made> {
        let Some(Part::Object(members)) = self.parts.next() else { return None };
        let dict = template.dict(members)?;
        if dict.is_null() {
            return Some(dict);
        }
        for name in template.names() {
            if !name.is(self.parts.next()) {
                // SAFETY: the dict is owned by this function and not used any more.
                unsafe { ffi::Py_DECREF(dict) };
                return None;
            }
            if name.kept().is_some_and(|kept| self.pass_over(kept)) {
                continue;
            }
            self.recurs = name.kind().place();
            let member = self.value();
            // SAFETY: `dict` is a dict, the name a live object, and so is the member, or null, which is looked at first; the
            // dict takes references of its own.
            let stored = unsafe {
                let stored = !member.is_null() && ffi::PyDict_SetItem(dict, name.string().as_ptr(), member) == 0;
                ffi::Py_XDECREF(member);
                stored
            };
            if !stored {
                // SAFETY: as above.
                unsafe { ffi::Py_DECREF(dict) };
                return Some(ptr::null_mut());
            }
        }
        Some(dict)
    }

    /// Passes over the next value if it is this string.
    #[inline]
    fn pass_over(&mut self, string: &str) -> bool {
        let mut ahead = self.parts.clone();
        let is_same = matches!(ahead.next(), Some(Part::String(text)) if !text.has_escapes() && text.raw() == string);
        if is_same {
            self.parts = ahead;
        }
        is_same
    }

    fn object(&mut self, length: usize) -> Made {
        // SAFETY: the interpreter is attached, as `py` says.
        let dict = unsafe { ffi::PyDict_New() };
        if dict.is_null() {
            return dict;
        }
        let recurs = self.recurs;
        for _ in 0..length {
            let name = self.name();
            let member = if name.is_null() { ptr::null_mut() } else { self.value() };
            // SAFETY: `dict` is a dict. The other two are live objects that this function owns, or null, which is looked
            // at first; the dict takes references of its own.
            let stored = unsafe {
                let stored = !member.is_null() && ffi::PyDict_SetItem(dict, name, member) == 0;
                ffi::Py_XDECREF(member);
                ffi::Py_XDECREF(name);
                stored
            };
            if !stored {
                // SAFETY: the dict is owned by this function and not used any more.
                unsafe { ffi::Py_DECREF(dict) };
                return ptr::null_mut();
            }
        }
        self.recurs = recurs;
        dict
    }

    fn array(&mut self, length: usize) -> Made {
        // A collection in memory has no more than isize::MAX parts.
        let places = ffi::Py_ssize_t::try_from(length).unwrap_or(ffi::Py_ssize_t::MAX);
        // SAFETY: the interpreter is attached.
        let list = unsafe { ffi::PyList_New(places) };
        if list.is_null() {
            return list;
        }
        for place in 0..places {
            let item = self.value();
            // The next element has a place of its own, away from the claims' and the same in every token.
            self.recurs = self.recurs.map(|claim| claim.wrapping_add(ELEMENTS_APART));
            // SAFETY: `list` is a list that nothing else sees. PyList_SetItem checks the index, and takes over the
            // reference to the item whatever happens.
            if item.is_null() || unsafe { ffi::PyList_SetItem(list, place, item) } != 0 {
                // SAFETY: the list is owned by this function and not used any more; it allows empty places, which are null.
                unsafe { ffi::Py_DECREF(list) };
                return ptr::null_mut();
            }
        }
        list
    }

    /// A member's name, and with it whether its value is of a kind that comes again.
    #[inline]
    fn name(&mut self) -> Made {
        let Some(Part::String(name)) = self.parts.next() else { return self.cut_short() };
        let known = if name.has_escapes() { None } else { names::interned(self.py, name.raw()) };
        match known {
            Some((name, kind)) => {
                self.recurs = kind.place();
                name.to_owned().into_ptr()
            }
            None => {
                self.recurs = None;
                self.string(name)
            }
        }
    }

    #[inline]
    fn value(&mut self) -> Made {
        match self.parts.next() {
            Some(Part::String(text)) => self.string(text),
            Some(Part::Number(number)) => self::number(self.py, number),
            // SAFETY: the interpreter is attached; it makes a new reference.
            Some(Part::Bool(boolean)) => unsafe { ffi::PyBool_FromLong(boolean.into()) },
            Some(Part::Array(length)) => self.array(length),
            Some(Part::Object(length)) => self.object(length),
            // `null`; the core's enum may grow, JSON does not.
            Some(_) => self.py.None().into_ptr(),
            None => self.cut_short(),
        }
    }

    /// The scanner's tape is whole: this is in nobody's way.
    #[cold]
    fn cut_short(&self) -> Made {
        made(self.py, Err(PySystemError::new_err("a document has fewer parts than it says")))
    }

    #[inline]
    fn string(&mut self, text: Str<'_>) -> Made {
        if text.has_escapes() {
            decoded(self.py, text.to_str().as_bytes())
        } else if let Some(place) = self.recurs {
            self.strings.string(self.py, text.raw(), place)
        } else {
            plain(self.py, text.raw().as_bytes())
        }
    }
}

#[inline]
fn number(py: Python<'_>, number: Number<'_>) -> Made {
    if let Some(value) = number.as_i64() {
        // SAFETY: the interpreter is attached; it makes a new reference, or null with an exception set.
        return unsafe { ffi::PyLong_FromLongLong(value) };
    }
    if number.is_integer() {
        return long(py, number.text());
    }
    // SAFETY: as above.
    unsafe { ffi::PyFloat_FromDouble(number.as_f64()) }
}

/// An integer beyond 64 bits; it has at most 308 digits.
#[cold]
fn long(py: Python<'_>, digits: &str) -> Made {
    made(py, py.get_type::<PyInt>().call1((digits,)))
}

/// By way of CPython's UTF-8 decoder.
fn decoded(_: Python<'_>, text: &[u8]) -> Made {
    let length = ffi::Py_ssize_t::try_from(text.len()).unwrap_or(ffi::Py_ssize_t::MAX);
    // SAFETY: the interpreter is attached, and the pointer and the length are those of a slice. It makes a new reference, or
    // null with an exception set.
    unsafe { ffi::PyUnicode_FromStringAndSize(text.as_ptr().cast(), length) }
}

#[cfg(Py_LIMITED_API)]
#[inline]
pub(crate) fn plain(py: Python<'_>, text: &[u8]) -> Made {
    decoded(py, text)
}

/// ASCII is stored as it is, right behind the object's head. CPython's decoder would look for the first byte that is
/// not ASCII and make the same string, more slowly.
#[cfg(not(Py_LIMITED_API))]
#[inline]
pub(crate) fn plain(py: Python<'_>, text: &[u8]) -> Made {
    // CPython keeps its own empty and one-character strings.
    if text.len() < 2 || !text.is_ascii() {
        return decoded(py, text);
    }
    let length = ffi::Py_ssize_t::try_from(text.len()).unwrap_or(ffi::Py_ssize_t::MAX);
    // SAFETY: the interpreter is attached; it makes a new reference to a str, or null with an exception set.
    let string = unsafe { ffi::PyUnicode_New(length, 0x7f) };
    if !string.is_null() {
        // SAFETY: a str of at least two characters made for the maximum 0x7f is in the compact ASCII form: a PyASCIIObject
        // and right behind it `length` bytes and a terminating zero, which PyUnicode_New has written. Nothing else has
        // seen the new object, so its bytes may still be written; `text` is ASCII and `length` bytes long.
        unsafe {
            let data = string.cast::<ffi::PyASCIIObject>().add(1).cast::<u8>();
            ptr::copy_nonoverlapping(text.as_ptr(), data, text.len());
        }
    }
    string
}

fn made(py: Python<'_>, outcome: PyResult<Bound<'_, PyAny>>) -> Made {
    match outcome {
        Ok(object) => object.into_ptr(),
        Err(error) => {
            error.restore(py);
            ptr::null_mut()
        }
    }
}
