//! The dict that the claims of one issuer's tokens begin as.
//!
//! Tokens of one issuer have the same claims in the same order as a rule. A copy of a dict that has these names already is
//! made in one go and never grows, its names need no looking up, and giving each its value is half of what inserting costs.
//! Tokens with other names are built name by name, to the same result.

use authwright_core::json::{Document, Part};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::document::Made;
use crate::names::{self, Kind};

/// More members than this are inserted.
const MOST_MEMBERS: usize = 32;

/// So many tokens in a row with other names, and the template is made anew.
const PATIENCE: u32 = 16;

/// The template of a verifier, and how it has fared.
#[derive(Default)]
pub(crate) struct Template {
    names: Vec<Name>,
    /// Those names, each with None. Only copies of it are given away.
    dict: Option<Py<PyDict>>,
    /// How many tokens in a row had other names.
    misses: u32,
    /// Whether there is a template, or none could be made of the claims at hand.
    was_tried: bool,
}

pub(crate) struct Name {
    text: Box<str>,
    string: Py<PyString>,
    kind: Kind,
}

impl Template {
    /// A new dict with the names, if there are as many: a new reference, or null with an exception set.
    #[inline]
    pub(crate) fn dict(&self, members: usize) -> Option<Made> {
        let dict = self.dict.as_ref().filter(|_| self.names.len() == members)?;
        // SAFETY: a `Walk` has the interpreter attached, and `dict` is a dict.
        Some(unsafe { ffi::PyDict_Copy(dict.as_ptr()) })
    }

    pub(crate) fn names(&self) -> &[Name] {
        &self.names
    }

    /// The template has served.
    #[inline]
    pub(crate) fn hit(&mut self) {
        self.misses = 0;
    }

    /// The claims have other names: after a while, theirs are kept instead.
    pub(crate) fn miss(&mut self, py: Python<'_>, claims: Document<'_>) -> PyResult<()> {
        self.misses = self.misses.saturating_add(1);
        if self.was_tried && self.misses < PATIENCE {
            return Ok(());
        }
        *self = Self { was_tried: true, ..Self::default() };
        if claims.root().len() > MOST_MEMBERS || claims.root().any(|(name, _)| name.has_escapes()) {
            return Ok(());
        }
        let dict = PyDict::new(py);
        let mut names = Vec::new();
        for (name, _) in claims.root() {
            let (string, kind) = match names::interned(py, name.raw()) {
                Some((string, kind)) => (string.to_owned(), kind),
                None => (PyString::new(py, name.raw()), Kind::Single),
            };
            dict.set_item(&string, py.None())?;
            names.push(Name { text: name.raw().into(), string: string.unbind(), kind });
        }
        (self.names, self.dict) = (names, Some(dict.unbind()));
        Ok(())
    }
}

impl Name {
    /// Whether the part is this name.
    #[inline]
    pub(crate) fn is(&self, part: Option<Part<'_>>) -> bool {
        matches!(part, Some(Part::String(name)) if !name.has_escapes() && *name.raw() == *self.text)
    }

    pub(crate) fn string(&self) -> &Py<PyString> {
        &self.string
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }
}
