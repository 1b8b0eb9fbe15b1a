//! Stores that a program has written in Python: an object with the five methods of `authwright.stores.HostStore`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use authwright_core::operation::Event;
use authwright_core::store::{self, Entry, Page, StoreAnswer, StoreRequest};
use authwright_core::{Code, Error};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyList, PyString, PyTuple};

use crate::error::{invalid, raise, type_name};
use crate::event;
use crate::record::Record;

const METHODS: [&str; 5] = ["get", "put_if", "delete_if", "list", "sweep"];

/// What a call of ours comes to, and what happened on the way.
pub(crate) type Told<T> = (authwright_core::Result<T>, Vec<Event>);

/// A store whose methods block, for one call of ours, which is made on the thread that has the interpreter.
pub(crate) struct HostStore<'a> {
    store: &'a Py<PyAny>,
    /// What a method raised last. One that is no `Exception` (KeyboardInterrupt) is the end: nothing is asked after it.
    raised: Mutex<Option<PyErr>>,
}

/// Refuses an object, the argument of that name, that lacks a method.
pub(crate) fn check(store: &Bound<'_, PyAny>, parameter: &str) -> PyResult<()> {
    has_methods(store, parameter, |methods| format!("pass a URL, a Store, or an object with {methods}"))
}

/// The same for what awaits its methods, and takes no other store.
pub(crate) fn check_awaited(store: &Bound<'_, PyAny>) -> PyResult<()> {
    has_methods(store, "store", |methods| {
        format!(
            "pass an object with the coroutine functions {methods}; sweep_store and check_store take a URL or a Store"
        )
    })
}

fn has_methods(store: &Bound<'_, PyAny>, parameter: &str, advice: impl FnOnce(&str) -> String) -> PyResult<()> {
    let lacks = |name: &&str| !store.getattr(*name).is_ok_and(|method| method.is_callable());
    match METHODS.iter().find(|name| lacks(name)) {
        None => Ok(()),
        Some(name) => {
            let message = format!(
                "{parameter} is {}, which has no method {name}: {}",
                type_name(store),
                advice(&METHODS.join(", "))
            );
            Err(invalid(store.py(), parameter, message))
        }
    }
}

/// Calls the method that the request is for.
pub(crate) fn call<'py>(store: &Bound<'py, PyAny>, request: &StoreRequest) -> PyResult<Bound<'py, PyAny>> {
    let name = name(request);
    match request {
        StoreRequest::Get { key } => store.call_method1(name, (key,)),
        StoreRequest::PutIf { key, expected, record } => {
            store.call_method1(name, (key, *expected, Record::of(record.clone())))
        }
        StoreRequest::DeleteIf { key, version } => store.call_method1(name, (key, *version)),
        StoreRequest::List { owner, after, limit } => store.call_method1(name, (owner, after.as_deref(), *limit)),
        StoreRequest::Sweep { before, limit } => store.call_method1(name, (*before, *limit)),
    }
}

/// What the method returned, as the core has it.
pub(crate) fn answer(request: &StoreRequest, returned: &Bound<'_, PyAny>) -> authwright_core::Result<StoreAnswer> {
    let read = match request {
        StoreRequest::Get { .. } if returned.is_none() => Some(StoreAnswer::Record(None)),
        StoreRequest::Get { .. } => record(returned).map(|record| StoreAnswer::Record(Some(record))),
        StoreRequest::PutIf { .. } | StoreRequest::DeleteIf { .. } => {
            returned.cast::<PyBool>().ok().map(|done| StoreAnswer::Done(done.is_true()))
        }
        StoreRequest::List { .. } => page(returned).map(StoreAnswer::Page),
        StoreRequest::Sweep { .. } => match count(returned) {
            Some(count) => return count.map(StoreAnswer::Swept),
            None => None,
        },
    };
    let expected = match request {
        StoreRequest::Get { .. } => "a Record or None",
        StoreRequest::PutIf { .. } | StoreRequest::DeleteIf { .. } => "a bool",
        StoreRequest::List { .. } => "a tuple of a list of tuples (key, Record) and a str or None",
        StoreRequest::Sweep { .. } => "how many records it removed",
    };
    read.ok_or_else(|| wrong(request, returned, &format!("return {expected}")))
}

/// The error of a method that returned something else, and what to do about it.
pub(crate) fn wrong(request: &StoreRequest, returned: &Bound<'_, PyAny>, advice: &str) -> Error {
    let message = format!("store.{}() returned {}: {advice}", name(request), type_name(returned));
    Error::invalid_argument("store", message)
}

/// The error of a method that raised. What an exception says may hold what the store keeps, so that only its class is
/// named, beside the code of one of ours.
pub(crate) fn failed(py: Python<'_>, request: &StoreRequest, raised: &PyErr) -> Error {
    let class = raised.get_type(py).name().map_or_else(|_| "an exception".to_owned(), |name| name.to_string());
    let code = raised.value(py).getattr("code").and_then(|code| code.extract::<String>()).unwrap_or_default();
    request.failed(Code::from_name(&code), &class)
}

impl<'a> HostStore<'a> {
    pub(crate) fn new(store: &'a Py<PyAny>) -> Self {
        Self { store, raised: Mutex::new(None) }
    }

    /// What the call comes to, as Python sees it: what interrupted it, or an error whose cause is what a method raised.
    pub(crate) fn outcome<T>(self, py: Python<'_>, result: authwright_core::Result<T>) -> PyResult<T> {
        let raised = self.raised.into_inner().unwrap_or_else(PoisonError::into_inner);
        match (result, raised) {
            (_, Some(raised)) if is_interrupt(py, &raised) => Err(raised),
            (Err(error), Some(raised)) if is_of_store(error.code()) => {
                let error = raise(py, &error);
                error.set_cause(py, Some(raised));
                Err(error)
            }
            (result, _) => result.map_err(|error| raise(py, &error)),
        }
    }

    fn ask(&self, request: &StoreRequest) -> authwright_core::Result<StoreAnswer> {
        let answer = Python::try_attach(|py| {
            if self.is_interrupted(py) {
                return Err(request.failed(None, "interrupted"));
            }
            let returned = match call(self.store.bind(py), request) {
                Ok(returned) => returned,
                Err(raised) => {
                    let error = failed(py, request, &raised);
                    self.remember(raised);
                    return Err(error);
                }
            };
            if returned.getattr("__await__").is_ok() {
                // Or Python warns that it was never awaited.
                let _ = returned.call_method0("close");
                return Err(wrong(
                    request,
                    &returned,
                    "only AsyncApiKeys, sweep_async_store and check_async_store await a store",
                ));
            }
            answer(request, &returned)
        });
        answer.unwrap_or_else(|| Err(store::unavailable("the interpreter is on its way out")))
    }

    fn is_interrupted(&self, py: Python<'_>) -> bool {
        let raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        raised.as_ref().is_some_and(|raised| is_interrupt(py, raised))
    }

    fn remember(&self, raised: PyErr) {
        // What was there is dropped after the lock is released.
        let _before = self.raised.lock().unwrap_or_else(PoisonError::into_inner).replace(raised);
    }
}

impl store::Store for HostStore<'_> {
    fn get(&self, key: &str, _timeout: Duration) -> authwright_core::Result<Option<store::Record>> {
        match self.ask(&StoreRequest::Get { key: key.to_owned() })? {
            StoreAnswer::Record(record) => Ok(record),
            _ => Err(another()),
        }
    }

    fn put_if(
        &self,
        key: &str,
        expected: Option<u64>,
        record: &store::Record,
        _timeout: Duration,
    ) -> authwright_core::Result<bool> {
        self.done(&StoreRequest::PutIf { key: key.to_owned(), expected, record: record.clone() })
    }

    fn delete_if(&self, key: &str, version: u64, _timeout: Duration) -> authwright_core::Result<bool> {
        self.done(&StoreRequest::DeleteIf { key: key.to_owned(), version })
    }

    fn list(
        &self,
        owner: &str,
        after: Option<&str>,
        limit: usize,
        _timeout: Duration,
    ) -> authwright_core::Result<Page> {
        match self.ask(&StoreRequest::List { owner: owner.to_owned(), after: after.map(str::to_owned), limit })? {
            StoreAnswer::Page(page) => Ok(page),
            _ => Err(another()),
        }
    }

    fn sweep(&self, before: u64, limit: usize, _timeout: Duration) -> authwright_core::Result<usize> {
        match self.ask(&StoreRequest::Sweep { before, limit })? {
            StoreAnswer::Swept(count) => Ok(count),
            _ => Err(another()),
        }
    }

    /// The program's own is the program's to close.
    fn close(&self) {}
}

impl HostStore<'_> {
    fn done(&self, request: &StoreRequest) -> authwright_core::Result<bool> {
        match self.ask(request)? {
            StoreAnswer::Done(done) => Ok(done),
            _ => Err(another()),
        }
    }
}

/// Tells the program's hook, with the interpreter attached.
pub(crate) fn result<T>((result, events): Told<T>) -> authwright_core::Result<T> {
    events.iter().for_each(event::report);
    result
}

fn another() -> Error {
    Error::internal("an answer to another request")
}

fn is_interrupt(py: Python<'_>, raised: &PyErr) -> bool {
    !raised.is_instance_of::<PyException>(py)
}

/// Whether the error may be what became of an exception.
fn is_of_store(code: Code) -> bool {
    matches!(code, Code::StoreUnavailable | Code::StoreUncertain | Code::StoreFull | Code::StoreCorrupt | Code::Closed)
}

fn name(request: &StoreRequest) -> &'static str {
    let [get, put_if, delete_if, list, sweep] = METHODS;
    match request {
        StoreRequest::Get { .. } => get,
        StoreRequest::PutIf { .. } => put_if,
        StoreRequest::DeleteIf { .. } => delete_if,
        StoreRequest::List { .. } => list,
        StoreRequest::Sweep { .. } => sweep,
    }
}

fn record(value: &Bound<'_, PyAny>) -> Option<store::Record> {
    value.cast::<Record>().ok().map(|record| record.get().inner().clone())
}

fn page(value: &Bound<'_, PyAny>) -> Option<Page> {
    let (entries, next) = pair(value)?;
    let entries: Vec<Entry> = match entries.cast::<PyList>() {
        Ok(list) => list.iter().map(|entry| self::entry(&entry)).collect::<Option<_>>()?,
        Err(_) => entries.cast::<PyTuple>().ok()?.iter().map(|entry| self::entry(&entry)).collect::<Option<_>>()?,
    };
    let next = if next.is_none() { None } else { Some(text(&next)?) };
    Some(Page { entries, next })
}

fn entry(value: &Bound<'_, PyAny>) -> Option<Entry> {
    let (key, record) = pair(value)?;
    Some(Entry { key: text(&key)?, record: self::record(&record)? })
}

fn pair<'py>(value: &Bound<'py, PyAny>) -> Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    value.cast::<PyTuple>().ok()?.extract().ok()
}

fn text(value: &Bound<'_, PyAny>) -> Option<String> {
    value.cast::<PyString>().ok()?.to_str().ok().map(str::to_owned)
}

fn count(value: &Bound<'_, PyAny>) -> Option<authwright_core::Result<usize>> {
    if value.is_instance_of::<PyBool>() || !value.is_instance_of::<PyInt>() {
        return None;
    }
    // A number it is, though none of records.
    Some(value.extract().map_err(|_| store::corrupt("how many were removed is out of range")))
}
