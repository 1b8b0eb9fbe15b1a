//! The core's checked JSON as Python objects: a walk of the document's tape straight into dicts and lists.
//!
//! Built for one version of CPython, strings are written straight into their place; with the stable ABI (feature `abi3`)
//! they go through its UTF-8 decoder. Recursion is bounded: the core reads nothing nested deeper than 64.

use authwright_core::json::{Array, Document, Number, Object, Str, Value};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};
use pyo3::{IntoPyObjectExt, ffi};

use crate::names;

/// The document as a new dict.
#[inline]
pub(crate) fn dict<'py>(py: Python<'py>, document: Document<'_>) -> PyResult<Bound<'py, PyDict>> {
    object(py, document.root())
}

fn object<'py>(py: Python<'py>, members: Object<'_>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, member) in members {
        let member = value(py, member)?;
        match if name.has_escapes() { None } else { names::interned(py, name.raw()) } {
            Some(name) => insert(&dict, &name, &member)?,
            None => insert(&dict, &string(py, name)?, &member)?,
        }
    }
    Ok(dict)
}

#[inline]
fn insert<'py>(dict: &Bound<'py, PyDict>, name: &Bound<'py, PyString>, value: &Bound<'py, PyAny>) -> PyResult<()> {
    // SAFETY: three live objects, the first of them a dict, and the interpreter is attached.
    let outcome = unsafe { ffi::PyDict_SetItem(dict.as_ptr(), name.as_ptr(), value.as_ptr()) };
    if outcome == 0 { Ok(()) } else { Err(PyErr::fetch(dict.py())) }
}

fn array<'py>(py: Python<'py>, items: Array<'_>) -> PyResult<Bound<'py, PyList>> {
    let items = items.map(|item| value(py, item));
    let list = PyList::empty(py);
    for item in items {
        list.append(item?)?;
    }
    Ok(list)
}

#[inline]
fn value<'py>(py: Python<'py>, value: Value<'_>) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::String(text) => string(py, text).map(Bound::into_any),
        Value::Number(number) => self::number(py, number),
        Value::Bool(boolean) => Ok(PyBool::new(py, boolean).to_owned().into_any()),
        Value::Array(items) => array(py, items).map(Bound::into_any),
        Value::Object(members) => object(py, members).map(Bound::into_any),
        // `null`; the core's enum may grow, JSON does not.
        _ => Ok(py.None().into_bound(py)),
    }
}

#[inline]
fn number<'py>(py: Python<'py>, number: Number<'_>) -> PyResult<Bound<'py, PyAny>> {
    if let Some(value) = number.as_i64() {
        return value.into_bound_py_any(py);
    }
    if number.is_integer() {
        return py.get_type::<PyInt>().call1((number.text(),));
    }
    Ok(PyFloat::new(py, number.as_f64()).into_any())
}

#[inline]
fn string<'py>(py: Python<'py>, text: Str<'_>) -> PyResult<Bound<'py, PyString>> {
    if text.has_escapes() { Ok(PyString::new(py, &text.to_str())) } else { plain(py, text.raw()) }
}

#[cfg(feature = "abi3")]
#[inline]
fn plain<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyString>> {
    Ok(PyString::new(py, text))
}

/// ASCII is stored as it is, right behind the object's head. CPython's decoder would look for the first byte that is
/// not ASCII, and make the same string, more slowly.
#[cfg(not(feature = "abi3"))]
#[inline]
fn plain<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyString>> {
    // CPython keeps its own empty and one-character strings.
    if text.len() < 2 || !text.is_ascii() {
        return Ok(PyString::new(py, text));
    }
    let length = ffi::Py_ssize_t::try_from(text.len()).unwrap_or(ffi::Py_ssize_t::MAX);
    // SAFETY: the interpreter is attached. PyUnicode_New returns a new reference to a str, or null with an exception set.
    let string = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyUnicode_New(length, 0x7f))? };
    // SAFETY: a str of at least two characters made for the maximum 0x7f is in the compact ASCII form: a PyASCIIObject
    // and right behind it `length` bytes and a terminating zero, which PyUnicode_New has written. Nothing else has seen
    // the new object, so its bytes may still be written; `text` is ASCII and `length` bytes long.
    unsafe {
        let data = string.as_ptr().cast::<ffi::PyASCIIObject>().add(1).cast::<u8>();
        std::ptr::copy_nonoverlapping(text.as_ptr(), data, text.len());
    }
    // SAFETY: PyUnicode_New makes str objects only.
    Ok(unsafe { string.cast_into_unchecked::<PyString>() })
}
