//! `StoreReport`, and the checks that it is of.

use std::time::Duration;

use authwright_core::operation::{Effect, EffectKind, Operation, Step};
use authwright_core::store::conformance::{self, ConformanceOptions, Report};
use authwright_core::store::{Store, StoreRequest};
use authwright_core::{Error, system_now_ms};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::argument::Timeout;
use crate::event;
use crate::host_store;
use crate::json;
use crate::place::Place;

/// The seconds that all checks may take, unless the call says otherwise.
const TIMEOUT: u64 = 60;

/// What check_store() has found. It is read in a test: `assert report.passed, report`.
#[pyclass(frozen, module = "authwright")]
pub(crate) struct StoreReport(Report);

#[pymethods]
impl StoreReport {
    /// Whether the store did all that it must.
    #[getter]
    fn passed(&self) -> bool {
        self.0.passed()
    }

    /// What the keys and owners of the run began with, after "conformance/".
    #[getter]
    fn run_id(&self) -> &str {
        self.0.run_id()
    }

    /// Every check, in order, as dicts: `name` and `passed`; one that failed also has `expected` and `found`, for people;
    /// one that left something open has a `note`.
    #[getter]
    fn checks<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let made = |check: &conformance::Check| {
            let dict = PyDict::new(py);
            dict.set_item("name", check.name())?;
            dict.set_item("passed", check.passed())?;
            if let (Some(expected), Some(found)) = (check.expected(), check.found()) {
                dict.set_item("expected", expected)?;
                dict.set_item("found", found)?;
            }
            if let Some(note) = check.note() {
                dict.set_item("note", note)?;
            }
            Ok(dict)
        };
        self.0.checks().iter().map(made).collect()
    }

    /// A JSON text of all this.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    fn __repr__(&self) -> String {
        let failed = self.0.checks().iter().filter_map(|check| {
            Some(format!("; {}: expected {}, found {}", check.name(), check.expected()?, check.found()?))
        });
        let failed: Vec<String> = failed.collect();
        let count = self.0.checks().len();
        format!("<authwright.StoreReport: {} of {count} checks failed{}>", failed.len(), failed.concat())
    }
}

impl StoreReport {
    pub(crate) fn new(report: Report) -> Self {
        Self(report)
    }
}

/// Checks a store: all that one caller can ask of it, in some thousands of calls. A StoreReport.
///
/// `store` is a store that the program has written itself, or a Store, or a URL. Whatever is written begins with
/// "conformance/" and is removed at the end; real records are left alone. `timeout` is seconds, or a timedelta.
///
/// Options: part ("check" by default), run_id, collects_by_itself (whether the store removes what is over on its own), only (the
/// name of one check, to make no other). Several racers, threads or processes in any language, change the same records with part="contend", racer (1 and so on), rounds
/// and a run_id that they share; then part="settle" with racers (how many) judges what they have left. Of a racer that may be
/// killed, pass on the `line` of the events "store_contention" (on_event) at once, and to "settle" with killed and
/// acknowledged.
///
/// Raises UnknownOptionError, InvalidArgumentError, DeadlineError. What the store raises is in the report.
#[pyfunction]
#[pyo3(
    signature = (store, *, timeout=Timeout::of_seconds(TIMEOUT), **options),
    text_signature = "(store, *, timeout=60, **options)"
)]
pub(crate) fn check_store(
    py: Python<'_>,
    store: &Bound<'_, PyAny>,
    timeout: Timeout,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<StoreReport> {
    let operation = checking(py, timeout, options)?;
    let place = Place::argument(store, "store")?;
    let report = place.ask_at_length(py, |store| (run(operation, store), store.take_events()));
    place.close(py);
    report.map(StoreReport)
}

/// The same, for who asks the store.
pub(crate) fn checking(
    py: Python<'_>,
    timeout: Timeout,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<Operation<Report>> {
    let options = json::options(py, options, ConformanceOptions::from_json)?;
    let deadline = timeout.after(system_now_ms());
    Ok(conformance::begin(options, deadline))
}

/// The same for a store of the program's whose methods are awaited.
pub(crate) fn checking_host(
    store: &Bound<'_, PyAny>,
    timeout: Timeout,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<Operation<Report>> {
    host_store::check_awaited(store)?;
    checking(store.py(), timeout, options)
}

/// Drives the checks. The program is told of each change before the next is asked for.
fn run(mut operation: Operation<Report>, store: &dyn Store) -> authwright_core::Result<Report> {
    loop {
        let now = system_now_ms();
        let next: Result<(u64, StoreRequest), authwright_core::Result<Report>> = match operation.step(now) {
            Step::Effect(Effect { id, kind: EffectKind::Store(request) }) => Ok((*id, request.clone())),
            Step::Effect(_) | Step::Wait(_) => Err(Err(Error::internal("the checks asked for something else"))),
            Step::Done(report) => Err(Ok(report)),
            Step::Failed(error) => Err(Err(error)),
        };
        operation.take_events().iter().for_each(event::report);
        match next {
            Ok((id, request)) => {
                let left = Duration::from_millis(operation.deadline().saturating_sub(now));
                let answer = request.carry_out(store, left);
                operation.resume_store(id, system_now_ms(), answer)?;
            }
            Err(outcome) => return outcome,
        }
    }
}
