//! The UTF-8 of a str.

use pyo3::prelude::*;
use pyo3::types::PyString;

/// The text of a str; an exception when it holds a lone surrogate.
///
/// CPython stores ASCII as it is, and most names and values are ASCII: where its layout may be relied on, that form is read
/// in place, without a call.
#[inline]
pub(crate) fn utf8<'a>(text: &'a Bound<'_, PyString>) -> PyResult<&'a str> {
    #[cfg(not(any(Py_LIMITED_API, Py_3_14, Py_GIL_DISABLED)))]
    {
        use pyo3::ffi;

        // SAFETY: a str in the compact ASCII form is a PyASCIIObject and right behind it `length` bytes of ASCII. It is
        // immutable, and borrowed as long as the result.
        unsafe {
            let object = text.as_ptr();
            if ffi::PyUnicode_IS_COMPACT_ASCII(object) != 0 {
                let length = usize::try_from(ffi::PyUnicode_GET_LENGTH(object)).unwrap_or(0);
                let data = object.cast::<ffi::PyASCIIObject>().add(1).cast::<u8>();
                return Ok(std::str::from_utf8_unchecked(std::slice::from_raw_parts(data, length)));
            }
        }
    }
    text.to_str()
}
