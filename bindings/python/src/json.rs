//! Python values on their way to JSON text: claims, option documents, JWKs.
//!
//! A value is a `serde::Serialize` that walks the Python objects where they lie, so that the core writes a token's claims
//! in one pass with no tree in between. What JSON cannot say exactly is refused, with the name of the member that holds
//! it: keys that are not `str`, NaN and infinity, integers of more than 308 digits, naive datetimes, bytes, other types.

use std::cell::RefCell;
use std::ffi::c_int;

use authwright_core::Code;
use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::{
    PyBool, PyDict, PyFloat, PyFrozenSet, PyInt, PyIterator, PyList, PyMapping, PySet, PyString, PyTuple,
};
use pyo3::{Borrowed, ffi};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::argument;
use crate::datetime::{self, Refusal};
use crate::error::{call, invalid, raise, type_name};
use crate::utf8::utf8;

/// The core reads objects and arrays nested this deep, and no deeper.
const MAX_DEPTH: usize = 64;
/// The most decimal digits that the core reads in an integer, and the bits that they need at most.
const MAX_INTEGER_DIGITS: usize = 308;
const MAX_INTEGER_BITS: u64 = 1024;

/// What a document is for, and so what may stand in it beside JSON's own types and aware datetimes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Claims: nothing more.
    Claims,
    /// Options: a timedelta for seconds, a set for a list. No option is a point in time, though there may be some within
    /// one.
    Options,
    /// A JWK and the like, of which the core knows some members: as options, with points in time.
    Document,
    /// A value of the program's own: as claims, but its mistakes are the parameter's.
    Data,
}

/// A mapping to be written as one JSON object, and what went wrong in it.
///
/// serde's errors carry text only: the exception is kept here, and [`Source::call`] puts it in the place of the
/// core's report that serialisation failed.
pub(crate) struct Source<'py> {
    dict: Bound<'py, PyDict>,
    parameter: &'static str,
    purpose: Purpose,
    failure: RefCell<Option<PyErr>>,
}

impl<'py> Source<'py> {
    /// `value` is the argument `parameter`: a dict, or another mapping, which is copied into one.
    #[inline]
    pub(crate) fn new(value: &Bound<'py, PyAny>, parameter: &'static str, purpose: Purpose) -> PyResult<Self> {
        let dict = match value.cast::<PyDict>() {
            Ok(dict) => dict.clone(),
            Err(_) => copy(value, parameter)?,
        };
        Ok(Self { dict, parameter, purpose, failure: RefCell::new(None) })
    }

    /// The JSON text. It may hold a key, so it is wiped after use.
    pub(crate) fn text(&self) -> PyResult<Zeroizing<String>> {
        let py = self.dict.py();
        // Room for an RSA-4096 JWK, so that growing leaves no copies behind.
        let mut text = Zeroizing::new(Vec::with_capacity(8192));
        if let Err(error) = serde_json::to_writer(&mut *text, self) {
            return Err(self.failure.take().unwrap_or_else(|| invalid(py, self.parameter, error.to_string())));
        }
        let text = String::from_utf8(std::mem::take(&mut *text));
        text.map(Zeroizing::new).map_err(|_| invalid(py, self.parameter, format!("{} is not UTF-8", self.parameter)))
    }

    /// What the core reads from the JSON text of options.
    ///
    /// A value that cannot be written hides no name that is not known: a value is good or bad for an option that there
    /// is. Which there are is the core's to say, which is asked about each name alone.
    pub(crate) fn read<T>(&self, read: impl Fn(&str) -> authwright_core::Result<T>) -> PyResult<T> {
        let py = self.dict.py();
        let unwritten = match self.text() {
            Ok(text) => return call(py, || read(&text)),
            Err(error) => error,
        };
        let unknown = |name: Bound<'_, PyAny>| {
            let alone = serde_json::json!({ name.extract::<String>().ok()?: null }).to_string();
            read(&alone).err().filter(|error| error.code() == Code::UnknownOption)
        };
        match call(py, || Ok(self.dict.keys().iter().find_map(unknown)))? {
            Some(error) => Err(raise(py, &error)),
            None => Err(unwritten),
        }
    }

    /// Makes one call into the core that serialises this mapping.
    #[inline]
    pub(crate) fn call<T>(&self, operation: impl FnOnce() -> authwright_core::Result<T>) -> PyResult<T> {
        call(self.dict.py(), || Ok(operation()))?
            .map_err(|error| self.failure.take().unwrap_or_else(|| raise(self.dict.py(), &error)))
    }

    /// Keeps the first exception and gives serde something to return.
    #[cold]
    fn fail<E: serde::ser::Error>(&self, exception: PyErr) -> E {
        self.failure.borrow_mut().get_or_insert(exception);
        E::custom("a Python value cannot be written as JSON")
    }
}

/// What the core reads from option members given as keyword arguments.
pub(crate) fn options<T>(
    py: Python<'_>,
    keywords: Option<&Bound<'_, PyDict>>,
    read: impl Fn(&str) -> authwright_core::Result<T>,
) -> PyResult<T> {
    match keywords {
        Some(keywords) => Source::new(keywords.as_any(), "options", Purpose::Options)?.read(read),
        None => call(py, || read("{}")),
    }
}

#[cold]
fn copy<'py>(value: &Bound<'py, PyAny>, parameter: &'static str) -> PyResult<Bound<'py, PyDict>> {
    let py = value.py();
    let Ok(mapping) = value.cast::<PyMapping>() else {
        return Err(invalid(py, parameter, format!("{parameter} is {}: pass a dict", type_name(value))));
    };
    let dict = PyDict::new(py);
    dict.update(mapping)?;
    Ok(dict)
}

impl Serialize for Source<'_> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value { object: self.dict.as_any().as_borrowed(), source: self, within: None, depth: 0 }
            .mapping(&self.dict, serializer)
    }
}

/// One value inside the mapping.
struct Value<'a, 'py> {
    object: Borrowed<'a, 'py, PyAny>,
    source: &'a Source<'py>,
    /// What it is in, and where there.
    within: Option<(&'a Value<'a, 'py>, At<'a>)>,
    /// How many objects and arrays it is in.
    depth: usize,
}

/// Which of a mapping's or a list's values it is.
#[derive(Clone, Copy)]
enum At<'a> {
    Member(&'a str),
    Index(usize),
}

impl Serialize for Value<'_, '_> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let object = self.object;
        if let Ok(text) = object.cast_exact::<PyString>() {
            self.text(text, serializer)
        } else if let Ok(integer) = object.cast_exact::<PyInt>() {
            self.integer(integer, serializer)
        } else if let Ok(boolean) = object.cast_exact::<PyBool>() {
            serializer.serialize_bool(boolean.is_true())
        } else if let Ok(list) = object.cast_exact::<PyList>() {
            self.list(&list, serializer)
        } else if let Ok(dict) = object.cast_exact::<PyDict>() {
            self.mapping(&dict, serializer)
        } else if object.is_none() {
            serializer.serialize_none()
        } else if let Ok(float) = object.cast_exact::<PyFloat>() {
            self.float(float.value(), serializer)
        } else {
            self.other(serializer)
        }
    }
}

impl<'py> Value<'_, 'py> {
    /// A subclass, or a type that is not JSON's own.
    #[cold]
    fn other<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let object = self.object;
        if let Ok(text) = object.cast::<PyString>() {
            return self.text(text, serializer);
        }
        if let Ok(integer) = object.cast::<PyInt>() {
            return self.integer(integer, serializer);
        }
        if let Ok(float) = object.cast::<PyFloat>() {
            return self.float(float.value(), serializer);
        }
        if let Ok(dict) = object.cast::<PyDict>() {
            return self.mapping(&dict, serializer);
        }
        if let Ok(list) = object.cast::<PyList>() {
            return self.list(&list, serializer);
        }
        if let Ok(tuple) = object.cast::<PyTuple>() {
            return self.sequence(tuple.len(), tuple.iter_borrowed().map(|item| Ok(item.to_owned())), serializer);
        }
        let date = if matches!(self.source.purpose, Purpose::Options | Purpose::Document) {
            if object.cast::<PySet>().is_ok() || object.cast::<PyFrozenSet>().is_ok() {
                let items: PyResult<Bound<'py, PyIterator>> = object.try_iter();
                let length = object.len().unwrap_or(0);
                return items
                    .map_err(|error| self.source.fail(error))
                    .and_then(|items| self.sequence(length, items, serializer));
            }
            let span = if self.is_option() { datetime::span(&object) } else { datetime::duration(&object) };
            span.and_then(|found| found.map_or_else(|| datetime::numeric_date(&object), |seconds| Ok(Some(seconds))))
        } else {
            datetime::numeric_date(&object)
        };
        match date {
            Ok(Some(seconds)) => return serializer.serialize_i64(seconds),
            Ok(None) => {}
            Err(Refusal::Raised(error)) => return Err(self.source.fail(error)),
            Err(refusal) => return Err(self.source.fail(refusal.raise(object.py(), self.name(), &self.path()))),
        }
        if let Ok(mapping) = object.cast::<PyMapping>() {
            let dict = PyDict::new(object.py());
            return match dict.update(&mapping) {
                Ok(()) => self.mapping(&dict, serializer),
                Err(error) => Err(self.source.fail(error)),
            };
        }
        let class = type_name(&object);
        Err(self.refuse(&match self.source.purpose {
            Purpose::Options if argument::is_bytes(&object) => format!("is {class}: pass str"),
            Purpose::Options if object.hasattr("__next__").is_ok_and(|found| found) => {
                format!("is {class}: pass a list")
            }
            Purpose::Options => format!("is {class}, which no option takes"),
            _ => format!("is {class}, which has no form in JSON"),
        }))
    }

    #[inline]
    fn text<S: Serializer>(&self, text: Borrowed<'_, 'py, PyString>, serializer: S) -> Result<S::Ok, S::Error> {
        match utf8(&text) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => Err(self.refuse("holds a lone surrogate")),
        }
    }

    #[inline]
    fn integer<S: Serializer>(&self, integer: Borrowed<'_, 'py, PyInt>, serializer: S) -> Result<S::Ok, S::Error> {
        let mut overflow: c_int = 0;
        // SAFETY: `integer` is an int (or of a subclass), the interpreter is attached, and `overflow` outlives the
        // call, which cannot fail for an int.
        let value = unsafe { ffi::PyLong_AsLongLongAndOverflow(integer.as_ptr(), &raw mut overflow) };
        if overflow == 0 { serializer.serialize_i64(value) } else { self.long(&integer, serializer) }
    }

    /// An integer beyond 64 bits.
    #[cold]
    fn long<S: Serializer>(&self, integer: &Bound<'py, PyInt>, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = || -> PyResult<Option<String>> {
            // Asked first: writing out a huge integer takes quadratic time.
            if integer.call_method0("bit_length")?.extract::<u64>()? > MAX_INTEGER_BITS {
                return Ok(None);
            }
            let text = integer.py().get_type::<PyInt>().call_method1("__repr__", (integer,))?.extract::<String>()?;
            Ok((text.trim_start_matches('-').len() <= MAX_INTEGER_DIGITS).then_some(text))
        };
        match digits() {
            Ok(Some(text)) => match RawValue::from_string(text) {
                Ok(raw) => raw.serialize(serializer),
                Err(error) => Err(S::Error::custom(error)),
            },
            Ok(None) => Err(self.refuse("is an integer of more than 308 digits")),
            Err(error) => Err(self.source.fail(error)),
        }
    }

    fn float<S: Serializer>(&self, value: f64, serializer: S) -> Result<S::Ok, S::Error> {
        if value.is_finite() { serializer.serialize_f64(value) } else { Err(self.refuse("is NaN or infinite")) }
    }

    fn list<S: Serializer>(&self, list: &Bound<'py, PyList>, serializer: S) -> Result<S::Ok, S::Error> {
        // The list's iterator takes a reference to each item and looks at the length again each time: what an item's
        // own code does to the list cannot make it read a freed one.
        self.sequence(list.len(), list.iter().map(Ok), serializer)
    }

    fn sequence<S: Serializer>(
        &self,
        length: usize,
        items: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let depth = self.deeper()?;
        let mut sequence = serializer.serialize_seq(Some(length))?;
        for (index, item) in items.enumerate() {
            let item = item.map_err(|error| self.source.fail::<S::Error>(error))?;
            let (source, within) = (self.source, Some((self, At::Index(index))));
            sequence.serialize_element(&Value { object: item.as_borrowed(), source, within, depth })?;
        }
        sequence.end()
    }

    fn mapping<S: Serializer>(&self, dict: &Bound<'py, PyDict>, serializer: S) -> Result<S::Ok, S::Error> {
        let depth = self.deeper()?;
        let length = dict.len();
        let mut map = serializer.serialize_map(Some(length))?;
        with_critical_section(dict, || {
            let mut position = 0;
            // Bounded by the length at the start, should a value's own code add members meanwhile.
            for _ in 0..length {
                let Some((key, object)) = next(dict, &mut position) else { break };
                // Other values may run code of their own, which may take these two out of the dict.
                let _held = if is_plain(object) { None } else { Some((key.to_owned(), object.to_owned())) };
                let Ok(key) = key.cast::<PyString>() else {
                    return Err(
                        self.refuse(&format!("has a key that is {}: the keys of JSON are str", type_name(&key)))
                    );
                };
                let Ok(name) = utf8(&key) else { return Err(self.refuse("has a key with a lone surrogate")) };
                let within = Some((self, At::Member(name)));
                map.serialize_entry(name, &Value { object, source: self.source, within, depth })?;
            }
            Ok(())
        })?;
        map.end()
    }

    #[inline]
    fn deeper<E: serde::ser::Error>(&self) -> Result<usize, E> {
        if self.depth >= MAX_DEPTH {
            return Err(self.refuse("is nested deeper than 64 objects and arrays"));
        }
        Ok(self.depth.saturating_add(1))
    }

    #[cold]
    fn refuse<E: serde::ser::Error>(&self, reason: &str) -> E {
        self.source.fail(invalid(self.object.py(), self.name(), format!("{} {reason}", self.path())))
    }

    /// Whether it is an option's own value, rather than something in one.
    fn is_option(&self) -> bool {
        self.source.purpose == Purpose::Options && self.depth == 1
    }

    /// What an error is about: the member of the outermost mapping that it belongs to, or the parameter.
    fn name(&self) -> &str {
        match self.within {
            Some((outermost, At::Member(name))) if self.is_named_alone(outermost) => name,
            Some((outer, _)) => outer.name(),
            None => self.source.parameter,
        }
    }

    /// Where it is, as `metadata.plan.limits[1]`.
    #[cold]
    fn path(&self) -> String {
        match self.within {
            Some((outermost, At::Member(name))) if self.is_named_alone(outermost) => name.to_owned(),
            Some((outer, At::Member(name))) => format!("{}.{name}", outer.path()),
            Some((outer, At::Index(index))) => format!("{}[{index}]", outer.path()),
            None => self.source.parameter.to_owned(),
        }
    }

    /// A claim or an option is known by its name, without that of the mapping.
    fn is_named_alone(&self, outer: &Self) -> bool {
        outer.within.is_none() && self.source.purpose != Purpose::Data
    }
}

/// Whether writing the value runs no code but the interpreter's and ours.
#[inline]
fn is_plain(object: Borrowed<'_, '_, PyAny>) -> bool {
    object.is_exact_instance_of::<PyString>()
        || object.is_exact_instance_of::<PyInt>()
        || object.is_exact_instance_of::<PyBool>()
        || object.is_exact_instance_of::<PyFloat>()
        || object.is_none()
}

/// The member of a dict at `position`, which moves on; `None` after the last.
///
/// pyo3's own iterator panics when the dict changes meanwhile, which is the caller's to decide. The references are the
/// dict's: they are good until other code runs (the caller's critical section keeps other threads away).
#[inline]
fn next<'a, 'py>(
    dict: &'a Bound<'py, PyDict>,
    position: &mut ffi::Py_ssize_t,
) -> Option<(Borrowed<'a, 'py, PyAny>, Borrowed<'a, 'py, PyAny>)> {
    let (mut key, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: `dict` is a dict, the interpreter is attached, the three pointers are valid for writing, and `position`
    // started at 0 and was moved by this call only.
    let found = unsafe { ffi::PyDict_Next(dict.as_ptr(), position, &raw mut key, &raw mut value) };
    // SAFETY: PyDict_Next returned 1, so both are references that the dict holds. The one caller takes references of its
    // own before it does anything that could run other code.
    (found != 0).then(|| unsafe { (Borrowed::from_ptr(dict.py(), key), Borrowed::from_ptr(dict.py(), value)) })
}
