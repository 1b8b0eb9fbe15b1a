//! Python's dates and durations as JWT's: NumericDate (RFC 7519 section 2) and seconds.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::error::invalid;

/// Why a date or a duration is refused.
pub(crate) enum Refusal {
    /// A datetime where a span is meant: it would be one of decades.
    Point,
    /// A datetime without a time zone: the same wall clock is many instants.
    Naive,
    /// A duration that is not a whole number of seconds.
    Fraction,
    /// A value out of range.
    Range,
    /// What the object's own code raised.
    Raised(PyErr),
}

impl Refusal {
    /// The reason, in words, about `what`, which is the parameter or something in it; or what was raised.
    pub(crate) fn raise(self, py: Python<'_>, parameter: &str, what: &str) -> PyErr {
        let message = match self {
            Self::Point => format!("{what} is a datetime: pass seconds or a timedelta"),
            Self::Naive => format!("{what} is a naive datetime: give it a time zone, as in datetime.now(timezone.utc)"),
            Self::Fraction => format!("{what} is a timedelta that is not a whole number of seconds"),
            Self::Range => format!("{what} is out of range"),
            Self::Raised(error) => return error,
        };
        invalid(py, parameter, message)
    }
}

/// The whole seconds since 1970 of an aware `datetime`; `None` for any other object.
///
/// A fraction of a second is cut off, towards the past: an `exp` must not last longer than was asked.
pub(crate) fn numeric_date(value: &Bound<'_, PyAny>) -> Result<Option<i64>, Refusal> {
    if !is_datetime(value)? {
        return Ok(None);
    }
    if value.call_method0("utcoffset").map_err(Refusal::Raised)?.is_none() {
        return Err(Refusal::Naive);
    }
    let seconds: f64 =
        value.call_method0("timestamp").and_then(|seconds| seconds.extract()).map_err(Refusal::Raised)?;
    whole(seconds).map(Some).ok_or(Refusal::Range)
}

/// The whole seconds of a `timedelta`; `None` for any other object but a `datetime`, which is refused.
pub(crate) fn span(value: &Bound<'_, PyAny>) -> Result<Option<i64>, Refusal> {
    match duration(value)? {
        None if is_datetime(value)? => Err(Refusal::Point),
        seconds => Ok(seconds),
    }
}

fn is_datetime(value: &Bound<'_, PyAny>) -> Result<bool, Refusal> {
    static DATETIME: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = DATETIME.import(value.py(), "datetime", "datetime").map_err(Refusal::Raised)?;
    value.is_instance(class).map_err(Refusal::Raised)
}

/// The whole seconds of a `timedelta`; `None` for any other object.
pub(crate) fn duration(value: &Bound<'_, PyAny>) -> Result<Option<i64>, Refusal> {
    let Some(seconds) = total_seconds(value)? else { return Ok(None) };
    if seconds.fract() != 0.0 {
        return Err(Refusal::Fraction);
    }
    whole(seconds).map(Some).ok_or(Refusal::Range)
}

/// The seconds of a `timedelta`, with their fraction; `None` for any other object.
pub(crate) fn total_seconds(value: &Bound<'_, PyAny>) -> Result<Option<f64>, Refusal> {
    static TIMEDELTA: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = value.py();
    let class = TIMEDELTA.import(py, "datetime", "timedelta").map_err(Refusal::Raised)?;
    if !value.is_instance(class).map_err(Refusal::Raised)? {
        return Ok(None);
    }
    value.call_method0("total_seconds").and_then(|seconds| seconds.extract()).map(Some).map_err(Refusal::Raised)
}

/// The seconds without their fraction, where an `i64` and a double agree about them.
pub(crate) fn whole(seconds: f64) -> Option<i64> {
    let floor = seconds.floor();
    // 2^53: beyond, doubles skip integers.
    #[allow(clippy::cast_possible_truncation)]
    (floor.abs() <= 9_007_199_254_740_992.0).then_some(floor as i64)
}
