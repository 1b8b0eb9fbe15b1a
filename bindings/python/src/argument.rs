//! Arguments as Python passes them, read with the parameter's name at hand: a wrong type is `InvalidArgumentError` with
//! that name in `.field`, never a bare `TypeError`.

use std::ops::Deref;
use std::time::Duration;

use authwright_core::{Algorithm, KeyOptions, Keys, system_now, system_now_ms};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyFloat, PyFrozenSet, PyInt, PyIterator, PyList, PySequence, PySet, PyString, PyTuple,
};
use zeroize::Zeroizing;

use crate::datetime;
use crate::error::{call, call_about, invalid, type_name};
use crate::key::Key;
use crate::key_set::KeySet;
use crate::utf8;

/// The longest time that a call may take: beyond it, a wait without an end is meant.
const MOST_SECONDS: f64 = 3600.0;

/// The bytes of an argument: borrowed from an immutable object, or a copy that is wiped after use, since it may be a
/// key.
pub(crate) enum Bytes<'a> {
    Borrowed(&'a [u8]),
    Copied(Zeroizing<Vec<u8>>),
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Copied(bytes) => bytes,
        }
    }
}

/// The bytes of a `str` (as UTF-8), of `bytes`, or of anything with the buffer protocol.
#[inline]
pub(crate) fn bytes<'a>(value: &'a Bound<'_, PyAny>, parameter: &str) -> PyResult<Bytes<'a>> {
    if let Ok(text) = value.cast::<PyString>() {
        return match utf8::utf8(text) {
            Ok(text) => Ok(Bytes::Borrowed(text.as_bytes())),
            Err(error) => surrogates(text, error),
        };
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Bytes::Borrowed(bytes.as_bytes()));
    }
    buffer(value, parameter)
}

/// A copy: what is behind a buffer may change while the core reads it.
fn buffer(value: &Bound<'_, PyAny>, parameter: &str) -> PyResult<Bytes<'static>> {
    let py = value.py();
    let wrong =
        || invalid(py, parameter, format!("{parameter} is {}: pass str, bytes or a buffer of bytes", type_name(value)));
    let buffer = PyBuffer::<u8>::get(value).map_err(|_| wrong())?;
    Ok(Bytes::Copied(Zeroizing::new(buffer.to_vec(py)?)))
}

/// A `str` with lone surrogates has no UTF-8. Its bytes are passed on in the form that the core's own check refuses.
#[cold]
fn surrogates(text: &Bound<'_, PyString>, error: PyErr) -> PyResult<Bytes<'static>> {
    if !error.is_instance_of::<PyUnicodeEncodeError>(text.py()) {
        return Err(error);
    }
    let bytes = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
    Ok(Bytes::Copied(Zeroizing::new(bytes.cast::<PyBytes>()?.as_bytes().to_vec())))
}

/// A `str`.
pub(crate) fn text<'a>(value: &'a Bound<'_, PyAny>, parameter: &str) -> PyResult<&'a str> {
    let py = value.py();
    let Ok(text) = value.cast::<PyString>() else {
        return Err(invalid(py, parameter, format!("{parameter} is {}: pass str", type_name(value))));
    };
    text.to_str().map_err(|_| invalid(py, parameter, format!("{parameter} holds a lone surrogate")))
}

/// A `str` or `None`.
pub(crate) fn optional_text<'a>(value: Option<&'a Bound<'_, PyAny>>, parameter: &str) -> PyResult<Option<&'a str>> {
    value.map(|value| text(value, parameter)).transpose()
}

/// The text of a JSON or PEM document: `str`, or bytes in UTF-8.
pub(crate) fn document_text<'a>(bytes: &'a Bytes<'_>, py: Python<'_>, parameter: &str) -> PyResult<&'a str> {
    std::str::from_utf8(bytes).map_err(|_| invalid(py, parameter, format!("{parameter} is not UTF-8")))
}

/// What a browser sent, as `str` or bytes: bytes that are no UTF-8 are its mistake rather than the program's, and
/// become characters that stand in nothing good.
pub(crate) fn sent(value: &Bound<'_, PyAny>, parameter: &str) -> PyResult<Zeroizing<String>> {
    let bytes = bytes(value, parameter)?;
    Ok(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
}

/// A `Key`.
pub(crate) fn key(value: &Bound<'_, PyAny>, parameter: &str) -> PyResult<authwright_core::Key> {
    match value.cast::<Key>() {
        Ok(key) => Ok(key.get().0.clone()),
        Err(_) => Err(invalid(value.py(), parameter, format!("{parameter} is {}: pass a Key", type_name(value)))),
    }
}

/// A `Key`, or several.
pub(crate) fn key_list(value: &Bound<'_, PyAny>, parameter: &str) -> PyResult<Vec<authwright_core::Key>> {
    if value.is_instance_of::<Key>() {
        return Ok(vec![key(value, parameter)?]);
    }
    let wrong =
        |_| invalid(value.py(), parameter, format!("{parameter} is {}: pass a Key or a list of Key", type_name(value)));
    value.try_iter().map_err(wrong)?.map(|one| key(&one?, parameter)).collect()
}

/// A secret, or several, whose order counts: each a `Key`, or bytes.
///
/// Text is refused, though `Key.from_secret` takes it: that of an environment variable is base64 as a rule, and nobody
/// would notice that other front ends use what it stands for.
pub(crate) fn secrets(value: &Bound<'_, PyAny>, parameter: &str) -> PyResult<Vec<authwright_core::Key>> {
    let py = value.py();
    let secret = |value: &Bound<'_, PyAny>| {
        if value.is_instance_of::<Key>() {
            return key(value, parameter);
        }
        if value.is_instance_of::<PyString>() {
            let message = format!(
                "{parameter} is {}: pass bytes, as base64.b64decode(...) has them, or .encode() if the text itself is meant",
                type_name(value)
            );
            return Err(invalid(py, parameter, message));
        }
        let bytes = bytes(value, parameter)?;
        call_about(py, parameter, || authwright_core::Key::from_secret(&bytes, &KeyOptions::default()))
    };
    if value.is_instance_of::<Key>() || is_text(value) {
        return Ok(vec![secret(value)?]);
    }
    match value.cast::<PySequence>() {
        Ok(several) => several.try_iter()?.map(|one| secret(&one?)).collect(),
        Err(_) => {
            let message = format!("{parameter} is {}: pass a Key, bytes, or a list of them", type_name(value));
            Err(invalid(py, parameter, message))
        }
    }
}

/// One `str`, or several.
pub(crate) fn texts(value: &Bound<'_, PyAny>, parameter: &str) -> PyResult<Vec<String>> {
    if value.is_instance_of::<PyString>() {
        return Ok(vec![text(value, parameter)?.to_owned()]);
    }
    names(value, parameter)?.map(|one| text(&one?, parameter).map(str::to_owned)).collect()
}

/// The names in a list. Nothing that is empty when it is read again, such as an iterator: who asks for no names would
/// ask for less.
fn names<'py>(value: &Bound<'py, PyAny>, parameter: &str) -> PyResult<Bound<'py, PyIterator>> {
    if value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyTuple>()
        || value.is_instance_of::<PySet>()
        || value.is_instance_of::<PyFrozenSet>()
    {
        return value.try_iter();
    }
    Err(invalid(value.py(), parameter, format!("{parameter} is {}: pass str or a list of str", type_name(value))))
}

/// Whether the argument is text or bytes, rather than a mapping that stands for its JSON text.
pub(crate) fn is_text(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyString>() || is_bytes(value)
}

/// Whether it is bytes, or a buffer of them.
pub(crate) fn is_bytes(value: &Bound<'_, PyAny>) -> bool {
    PyBuffer::<u8>::get(value).is_ok()
}

/// A bool; `default` where it is not given. What is merely true in a condition is refused: "false" would be.
pub(crate) fn flag(value: Option<&Bound<'_, PyAny>>, parameter: &str, default: bool) -> PyResult<bool> {
    let Some(value) = value else { return Ok(default) };
    match value.cast::<PyBool>() {
        Ok(value) => Ok(value.is_true()),
        Err(_) => Err(invalid(value.py(), parameter, format!("{parameter} is {}: pass a bool", type_name(value)))),
    }
}

/// A count.
pub(crate) fn unsigned(value: &Bound<'_, PyAny>, parameter: &str) -> PyResult<u32> {
    let py = value.py();
    if value.is_instance_of::<PyBool>() || !value.is_instance_of::<PyInt>() {
        return Err(invalid(py, parameter, format!("{parameter} is {}: pass int", type_name(value))));
    }
    value.extract().map_err(|_| invalid(py, parameter, format!("{parameter} is out of range")))
}

/// A whole number, 0 or more.
pub(crate) fn whole(value: &Bound<'_, PyAny>, parameter: &str) -> PyResult<u64> {
    let py = value.py();
    if value.is_instance_of::<PyBool>() || !value.is_instance_of::<PyInt>() {
        return Err(invalid(py, parameter, format!("{parameter} is {}: pass int", type_name(value))));
    }
    value.extract().map_err(|_| invalid(py, parameter, format!("{parameter} is out of range")))
}

/// The name of an algorithm.
pub(crate) fn algorithm(value: &Bound<'_, PyAny>, parameter: &str) -> PyResult<Algorithm> {
    let name = text(value, parameter)?;
    call(value.py(), || name.parse())
}

/// The name of an algorithm, or `None`.
pub(crate) fn optional_algorithm(value: Option<&Bound<'_, PyAny>>, parameter: &str) -> PyResult<Option<Algorithm>> {
    value.map(|value| algorithm(value, parameter)).transpose()
}

/// One name of an algorithm, or several.
pub(crate) fn algorithms(value: &Bound<'_, PyAny>, parameter: &str) -> PyResult<Vec<Algorithm>> {
    if value.is_instance_of::<PyString>() {
        return Ok(vec![algorithm(value, parameter)?]);
    }
    names(value, parameter)?.map(|name| algorithm(&name?, parameter)).collect()
}

/// A `Key` or a `KeySet`.
pub(crate) fn keys(value: &Bound<'_, PyAny>, parameter: &str) -> PyResult<Keys> {
    if let Ok(key) = value.cast::<Key>() {
        return Ok(Keys::from(&key.get().0));
    }
    if let Ok(set) = value.cast::<KeySet>() {
        return Ok(Keys::from(&set.get().0));
    }
    Err(invalid(value.py(), parameter, format!("{parameter} is {}: pass a Key or a KeySet", type_name(value))))
}

/// The instant to judge by, in whole seconds since 1970: the system's clock, `int`, `float` or an aware `datetime`.
#[inline]
pub(crate) fn now(value: Option<&Bound<'_, PyAny>>) -> PyResult<i64> {
    match value {
        None => Ok(system_now()),
        Some(value) => instant(value),
    }
}

/// The same in milliseconds, not before 1970 and below 2^53.
pub(crate) fn now_ms(value: Option<&Bound<'_, PyAny>>) -> PyResult<u64> {
    match value {
        None => Ok(system_now_ms()),
        Some(value) => u64::try_from(instant(value)?)
            .ok()
            .and_then(|seconds| seconds.checked_mul(1000))
            .filter(|milliseconds| *milliseconds < 1 << 53)
            .ok_or_else(|| invalid(value.py(), "now", "now must be seconds since 1970, and not before".to_owned())),
    }
}

/// The time that a call may take: seconds as `int` or `float`, or a `timedelta`. None is refused where it is passed: it
/// means a wait without an end elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Timeout {
    milliseconds: u64,
}

impl Timeout {
    /// What a signature has where the argument is left out.
    pub(crate) fn of_seconds(seconds: u64) -> Self {
        Self { milliseconds: seconds.saturating_mul(1000) }
    }

    pub(crate) fn duration(self) -> Duration {
        Duration::from_millis(self.milliseconds)
    }

    /// When it is over, in milliseconds since 1970, for a call that begins at `now`.
    pub(crate) fn after(self, now: u64) -> u64 {
        now.saturating_add(self.milliseconds)
    }
}

impl<'py> FromPyObject<'_, 'py> for Timeout {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        milliseconds(&value).map(|milliseconds| Self { milliseconds })
    }
}

fn milliseconds(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    let py = value.py();
    let is_number = value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>();
    let seconds = if is_number && !value.is_instance_of::<PyBool>() {
        // No float is as large as some integers.
        value.extract().unwrap_or(f64::INFINITY)
    } else if let Some(seconds) =
        datetime::total_seconds(value).map_err(|reason| reason.raise(py, "timeout", "timeout"))?
    {
        seconds
    } else {
        return Err(invalid(py, "timeout", format!("timeout is {}: pass seconds or a timedelta", type_name(value))));
    };
    if !(seconds > 0.0 && seconds <= MOST_SECONDS) {
        return Err(invalid(py, "timeout", format!("timeout must be more than 0 and at most {MOST_SECONDS} seconds")));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in range")]
    Ok((seconds * 1000.0).ceil() as u64)
}

/// The same in seconds, for what waits before the call is made.
#[pyfunction]
#[pyo3(signature = (timeout, /))]
pub(crate) fn seconds(timeout: Timeout) -> f64 {
    timeout.duration().as_secs_f64()
}

fn instant(value: &Bound<'_, PyAny>) -> PyResult<i64> {
    let py = value.py();
    let wrong = |message: String| invalid(py, "now", message);
    if value.is_instance_of::<PyBool>() {
        return Err(wrong("now is bool: pass seconds since 1970 or an aware datetime".to_owned()));
    }
    if value.is_instance_of::<PyInt>() {
        return value.extract().map_err(|_| wrong("now does not fit in 64 bits".to_owned()));
    }
    if value.is_instance_of::<PyFloat>() {
        let seconds: f64 = value.extract()?;
        return datetime::whole(seconds).ok_or_else(|| wrong("now is not finite, or out of range".to_owned()));
    }
    match datetime::numeric_date(value) {
        Ok(Some(seconds)) => Ok(seconds),
        Ok(None) => Err(wrong(format!("now is {}: pass seconds since 1970 or an aware datetime", type_name(value)))),
        Err(reason) => Err(reason.raise(py, "now", "now")),
    }
}
