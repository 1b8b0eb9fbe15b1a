//! The dict that the claims of one issuer's tokens begin as.
//!
//! Tokens of one issuer have the same claims in the same order as a rule. A copy of a dict that has these names already is
//! made in one go and never grows, its names need no looking up, and giving each its value is half of what inserting costs.
//! A value that comes again and again (`names` tells which may) is in the copy already, as in the first such token.
//! Tokens with other names are built name by name, to the same result.

use authwright_core::json::{Document, Part, Str};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::document::Made;
use crate::names::{self, Kind, Packed};

/// More members than this are inserted.
const MOST_MEMBERS: usize = 32;

/// A longer value is not kept.
const MOST_BYTES: usize = 128;

/// So many tokens in a row with other names, and the template is made anew.
const PATIENCE: u32 = 16;

/// The template of a verifier, and how it has fared.
#[derive(Default)]
pub(crate) struct Template {
    names: Vec<Name>,
    /// Those names, each with the value that is kept for it, or with None. Only copies of it are given away.
    dict: Option<Py<PyDict>>,
    /// How many tokens in a row had other names.
    misses: u32,
    /// Whether there is a template, or none could be made of the claims at hand.
    was_tried: bool,
}

pub(crate) struct Name {
    text: Box<str>,
    /// The same, if it is short.
    packed: Option<Packed>,
    string: Py<PyString>,
    kind: Kind,
    /// The string that every copy has for it, as JSON has it.
    kept: Option<Box<str>>,
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
        for (name, value) in claims.root() {
            let (text, value) = (name.raw(), value.as_str().filter(|value| !value.has_escapes()).map(Str::raw));
            let (string, kind) = match names::interned(py, text) {
                Some((string, kind)) => (string.to_owned(), kind),
                None => (PyString::new(py, text), Kind::Single),
            };
            let kept = value.filter(|value| kind.place().is_some() && value.len() <= MOST_BYTES);
            dict.set_item(&string, kept)?;
            names.push(Name {
                text: text.into(),
                packed: Packed::new(text.as_bytes()),
                string: string.unbind(),
                kind,
                kept: kept.map(Into::into),
            });
        }
        (self.names, self.dict) = (names, Some(dict.unbind()));
        Ok(())
    }
}

impl Name {
    /// Whether the part is this name.
    #[inline]
    pub(crate) fn is(&self, part: Option<Part<'_>>) -> bool {
        let is_same = |name: &str| match &self.packed {
            Some(packed) => Packed::new(name.as_bytes()).as_ref() == Some(packed),
            None => *name == *self.text,
        };
        matches!(part, Some(Part::String(name)) if !name.has_escapes() && is_same(name.raw()))
    }

    /// The string that a copy of the template has for it, as JSON has it.
    #[inline]
    pub(crate) fn kept(&self) -> Option<&str> {
        self.kept.as_deref()
    }

    pub(crate) fn string(&self) -> &Py<PyString> {
        &self.string
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }
}
