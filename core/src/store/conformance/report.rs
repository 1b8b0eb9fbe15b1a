//! What came of the checks.

use serde_json::{Value, json};

use super::trial::Fault;

/// Every check that was made, in order.
#[derive(Clone, Debug)]
pub struct Report {
    pub(super) run_id: String,
    pub(super) checks: Vec<Check>,
}

/// One check.
#[derive(Clone, Debug)]
pub struct Check {
    name: &'static str,
    fault: Option<Fault>,
    note: Option<&'static str>,
}

impl Report {
    /// What the keys and owners of the run began with, after `conformance/`.
    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// The checks.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Whether all have passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.checks.iter().all(Check::passed)
    }

    /// A JSON object: `run_id`, `passed`, and `checks`, a list of objects with `name` and `passed`; for people, one that
    /// failed also has `expected` and `found`, and one that left something open `note`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let checks: Vec<Value> = self.checks.iter().map(Check::to_value).collect();
        json!({ "run_id": self.run_id, "passed": self.passed(), "checks": checks }).to_string()
    }
}

impl Check {
    pub(super) fn new(name: &'static str, fault: Option<Fault>) -> Self {
        Self { name, fault, note: None }
    }

    pub(super) fn with_note(self, note: Option<&'static str>) -> Self {
        Self { note: note.filter(|_| self.passed()), ..self }
    }

    /// Its subject and what is checked of it, such as `records/put_once`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether the store did what it must.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.fault.is_none()
    }

    /// What the store should have done, if it did something else. For people.
    #[must_use]
    pub fn expected(&self) -> Option<&str> {
        self.fault.as_ref().map(|fault| fault.expected.as_str())
    }

    /// What it did instead.
    #[must_use]
    pub fn found(&self) -> Option<&str> {
        self.fault.as_ref().map(|fault| fault.found.as_str())
    }

    /// What it has left open. For people.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note
    }

    fn to_value(&self) -> Value {
        match &self.fault {
            None => match self.note {
                Some(note) => json!({ "name": self.name, "passed": true, "note": note }),
                None => json!({ "name": self.name, "passed": true }),
            },
            Some(Fault { expected, found }) => {
                json!({ "name": self.name, "passed": false, "expected": expected, "found": found })
            }
        }
    }
}
