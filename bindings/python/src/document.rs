//! The core's checked JSON as Python objects: a walk of the document's tape straight into dicts and lists.
//!
//! This is where a verification by HMAC spends most of its time, so it is written against the C API: a pointer, null
//! with an exception set, travels in a register where a `PyResult` goes through memory. Built for one version of CPython,
//! strings are written straight into their place; with the stable ABI (feature `abi3`) they go through its UTF-8 decoder.
//! Recursion is bounded: the core reads nothing nested deeper than 64.

use std::ptr;

use authwright_core::json::{Array, Document, Number, Object, Str, Value};
use pyo3::exceptions::PySystemError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyString};

use crate::names::{self, Kind};
use crate::recurring::Access;

/// A new reference, or null with an exception set.
pub(crate) type Made = *mut ffi::PyObject;

/// The document as a new dict.
#[inline]
pub(crate) fn dict<'py>(py: Python<'py>, document: Document<'_>) -> PyResult<Bound<'py, PyDict>> {
    dict_with(py, document, &mut Access::none())
}

/// The same, of a verified document, with the strings that its verifier keeps.
#[inline]
pub(crate) fn dict_with<'py>(
    py: Python<'py>,
    document: Document<'_>,
    strings: &mut Access<'_>,
) -> PyResult<Bound<'py, PyDict>> {
    let mut walk = Walk { py, strings, recurs: false };
    // SAFETY: `object` makes a new reference to a dict, or null with an exception set.
    unsafe { Ok(Bound::from_owned_ptr_or_err(py, walk.object(document.root()))?.cast_into_unchecked()) }
}

/// A token that the core made, as a str.
#[inline]
pub(crate) fn text<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyString>> {
    // SAFETY: `plain` makes a new reference to a str, or null with an exception set.
    unsafe { Ok(Bound::from_owned_ptr_or_err(py, plain(py, text))?.cast_into_unchecked()) }
}

/// One document on its way.
struct Walk<'a, 'b, 'py> {
    py: Python<'py>,
    strings: &'a mut Access<'b>,
    /// Whether the value at hand is of a kind that comes again.
    recurs: bool,
}

impl Walk<'_, '_, '_> {
    fn object(&mut self, members: Object<'_>) -> Made {
        // SAFETY: the interpreter is attached, as `py` says.
        let dict = unsafe { ffi::PyDict_New() };
        if dict.is_null() {
            return dict;
        }
        let recurs = self.recurs;
        for (name, member) in members {
            let known = if name.has_escapes() { None } else { names::interned(self.py, name.raw()) };
            let name = match known {
                Some((name, kind)) => {
                    self.recurs = kind == Kind::Recurring;
                    name.to_owned().into_ptr()
                }
                None => {
                    self.recurs = false;
                    self.string(name)
                }
            };
            let member = if name.is_null() { ptr::null_mut() } else { self.value(member) };
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

    fn array(&mut self, items: Array<'_>) -> Made {
        // A collection in memory has no more than isize::MAX parts.
        let length = ffi::Py_ssize_t::try_from(items.len()).unwrap_or(ffi::Py_ssize_t::MAX);
        // SAFETY: the interpreter is attached.
        let list = unsafe { ffi::PyList_New(length) };
        if list.is_null() {
            return list;
        }
        let mut filled = 0;
        for item in items {
            let item = self.value(item);
            // SAFETY: `list` is a list that nothing else sees. PyList_SetItem checks the index, and takes over the
            // reference to the item whatever happens.
            if item.is_null() || unsafe { ffi::PyList_SetItem(list, filled, item) } != 0 {
                // SAFETY: the list is owned by this function and not used any more; it allows empty places, which are null.
                unsafe { ffi::Py_DECREF(list) };
                return ptr::null_mut();
            }
            filled = filled.saturating_add(1);
        }
        if filled != length {
            // SAFETY: as above. A place left empty would crash whoever reads it.
            unsafe { ffi::Py_DECREF(list) };
            return made(self.py, Err(PySystemError::new_err("an array has fewer elements than it says")));
        }
        list
    }

    #[inline]
    fn value(&mut self, value: Value<'_>) -> Made {
        match value {
            Value::String(text) => self.string(text),
            Value::Number(number) => self::number(self.py, number),
            // SAFETY: the interpreter is attached; it makes a new reference.
            Value::Bool(boolean) => unsafe { ffi::PyBool_FromLong(boolean.into()) },
            Value::Array(items) => self.array(items),
            Value::Object(members) => self.object(members),
            // `null`; the core's enum may grow, JSON does not.
            _ => self.py.None().into_ptr(),
        }
    }

    #[inline]
    fn string(&mut self, text: Str<'_>) -> Made {
        if text.has_escapes() {
            decoded(self.py, &text.to_str())
        } else if self.recurs {
            self.strings.string(self.py, text.raw())
        } else {
            plain(self.py, text.raw())
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
fn decoded(_: Python<'_>, text: &str) -> Made {
    let length = ffi::Py_ssize_t::try_from(text.len()).unwrap_or(ffi::Py_ssize_t::MAX);
    // SAFETY: the interpreter is attached, and the pointer and the length are those of a str. It makes a new reference, or
    // null with an exception set.
    unsafe { ffi::PyUnicode_FromStringAndSize(text.as_ptr().cast(), length) }
}

#[cfg(Py_LIMITED_API)]
#[inline]
pub(crate) fn plain(py: Python<'_>, text: &str) -> Made {
    decoded(py, text)
}

/// ASCII is stored as it is, right behind the object's head. CPython's decoder would look for the first byte that is
/// not ASCII and make the same string, more slowly.
#[cfg(not(Py_LIMITED_API))]
#[inline]
pub(crate) fn plain(py: Python<'_>, text: &str) -> Made {
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
