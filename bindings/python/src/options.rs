//! Options that are given as keyword arguments.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::invalid;

/// The options with one more, if there is a value for it.
pub(crate) fn with<'py>(
    py: Python<'py>,
    options: Option<&Bound<'py, PyDict>>,
    name: &str,
    value: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let options = options.map_or_else(|| Ok(PyDict::new(py)), |options| options.copy())?;
    if let Some(value) = value {
        if options.contains(name)? {
            return Err(invalid(py, name, format!("{name} is given twice")));
        }
        options.set_item(name, value)?;
    }
    Ok(options)
}
