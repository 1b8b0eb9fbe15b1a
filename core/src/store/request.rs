//! What an operation asks of a store, and what comes of it.

use std::fmt;
use std::time::Duration;

use super::backend::Store;
use super::record::{END_OF_VERSIONS, MAX_KEY_BYTES, MAX_PAGE, MAX_VALUE_BYTES, Page, Record};
use crate::error::{Code, Error, Excerpt, Result};

/// One call of a [`Store`], with its arguments.
#[derive(Clone, Debug)]
pub enum StoreRequest {
    /// [`Store::get`].
    Get {
        /// The key.
        key: String,
    },
    /// [`Store::put_if`].
    PutIf {
        /// The key.
        key: String,
        /// The version of what must be there; none if nothing must be.
        expected: Option<u64>,
        /// What to keep.
        record: Record,
    },
    /// [`Store::delete_if`].
    DeleteIf {
        /// The key.
        key: String,
        /// The version that it must have.
        version: u64,
    },
    /// [`Store::list`].
    List {
        /// Whose.
        owner: String,
        /// From where on.
        after: Option<String>,
        /// At most so many.
        limit: usize,
    },
    /// [`Store::sweep`].
    Sweep {
        /// In milliseconds since 1970.
        before: u64,
        /// At most so many.
        limit: usize,
    },
}

/// What a store answers.
#[derive(Clone, Debug)]
pub enum StoreAnswer {
    /// Of `get`.
    Record(Option<Record>),
    /// Of `put_if` and `delete_if`: whether it was done.
    Done(bool),
    /// Of `list`.
    Page(Page),
    /// Of `sweep`.
    Swept(usize),
}

impl StoreRequest {
    /// Asks the store, which may take so long.
    ///
    /// # Errors
    /// Those of the store.
    pub fn carry_out(&self, store: &dyn Store, timeout: Duration) -> Result<StoreAnswer> {
        match self {
            Self::Get { key } => store.get(key, timeout).map(StoreAnswer::Record),
            Self::PutIf { key, expected, record } => {
                store.put_if(key, *expected, record, timeout).map(StoreAnswer::Done)
            }
            Self::DeleteIf { key, version } => store.delete_if(key, *version, timeout).map(StoreAnswer::Done),
            Self::List { owner, after, limit } => {
                store.list(owner, after.as_deref(), *limit, timeout).map(StoreAnswer::Page)
            }
            Self::Sweep { before, limit } => store.sweep(*before, *limit, timeout).map(StoreAnswer::Swept),
        }
    }

    /// Whether it may change something.
    #[must_use]
    pub fn is_write(&self) -> bool {
        matches!(self, Self::PutIf { .. } | Self::DeleteIf { .. } | Self::Sweep { .. })
    }

    /// The error of a store that a program has made itself and that failed with this code, or with none of ours. Five codes
    /// are the store's to say, since it may know better; with all others nothing has changed if the request reads, and
    /// nobody knows if it writes. The reason becomes part of the message, so it must hold no secrets.
    #[must_use]
    pub fn failed(&self, code: Option<Code>, reason: &str) -> Error {
        match code {
            Some(Code::StoreUnavailable) => unavailable(reason),
            Some(Code::StoreUncertain) => uncertain(reason),
            Some(Code::StoreFull) => full(reason),
            Some(Code::StoreCorrupt) => corrupt(reason),
            Some(Code::Closed) => closed(),
            _ if self.is_write() => uncertain(reason),
            _ => unavailable(reason),
        }
    }

    /// What an answer is held against.
    pub(crate) fn expected(&self) -> Expected {
        match self {
            Self::Get { .. } => Expected::Record,
            Self::PutIf { .. } | Self::DeleteIf { .. } => Expected::Done,
            Self::List { owner, limit, .. } => Expected::Page { owner: owner.clone(), limit: *limit },
            Self::Sweep { limit, .. } => Expected::Swept { limit: *limit },
        }
    }

    /// Refuses what no store keeps.
    pub(crate) fn is_possible(&self) -> bool {
        match self {
            Self::Get { key } | Self::DeleteIf { key, .. } => is_name(key),
            Self::PutIf { key, record, .. } => is_name(key) && is_sound(record),
            Self::List { owner, limit, .. } => is_name(owner) && (1..=MAX_PAGE).contains(limit),
            Self::Sweep { limit, .. } => *limit > 0,
        }
    }
}

/// What a request can be answered with.
pub(crate) enum Expected {
    Record,
    Done,
    Page { owner: String, limit: usize },
    Swept { limit: usize },
}

impl Expected {
    /// Refuses an answer that the request cannot have: stores are made by others, too, and their records are changed by
    /// hand.
    pub(crate) fn check(&self, answer: &StoreAnswer) -> Result<()> {
        let fits = match (self, answer) {
            (Self::Record, StoreAnswer::Record(record)) => record.as_ref().is_none_or(is_sound),
            (Self::Done, StoreAnswer::Done(_)) => true,
            (Self::Swept { limit }, StoreAnswer::Swept(count)) => count <= limit,
            (Self::Page { owner, limit }, StoreAnswer::Page(page)) => {
                let is_theirs = |record: &Record| record.owner.as_deref() == Some(owner);
                page.entries.len() <= *limit
                    && page
                        .entries
                        .iter()
                        .all(|entry| is_name(&entry.key) && is_sound(&entry.record) && is_theirs(&entry.record))
                    && page.next.as_deref().is_none_or(|next| !next.is_empty() && next.len() <= 2 * MAX_KEY_BYTES)
            }
            _ => false,
        };
        if fits { Ok(()) } else { Err(corrupt("the store answered what it was not asked")) }
    }
}

/// Whether a key or an owner is one.
pub(crate) fn is_name(text: &str) -> bool {
    // Without a way out half-way: so many bytes are looked at at once.
    let is_visible = || text.bytes().fold(true, |is_so, byte| is_so & byte.is_ascii_graphic());
    !text.is_empty() && text.len() <= MAX_KEY_BYTES && is_visible()
}

pub(crate) fn is_sound(record: &Record) -> bool {
    record.version < END_OF_VERSIONS
        && record.value.len() <= MAX_VALUE_BYTES
        && record.owner.as_deref().is_none_or(is_name)
        && record.expires_at.is_none_or(|time| time < END_OF_VERSIONS)
}

/// The error of a store that cannot be asked: nothing has changed.
#[must_use]
pub fn unavailable(reason: &str) -> Error {
    unavailable_since(Excerpt(reason))
}

/// The same for a reason that is ours, or cut short already.
pub(super) fn unavailable_since(reason: impl fmt::Display) -> Error {
    Error::new(Code::StoreUnavailable, format!("the store cannot be asked: {reason}"))
}

/// The error of a store that was asked to change something, and did not say whether it has.
#[must_use]
pub fn uncertain(reason: &str) -> Error {
    uncertain_since(Excerpt(reason))
}

/// The same for a reason that is ours, or cut short already.
pub(super) fn uncertain_since(reason: impl fmt::Display) -> Error {
    Error::new(Code::StoreUncertain, format!("the store did not say whether it has done it: {reason}"))
}

/// The error of a store that was closed.
#[must_use]
pub fn closed() -> Error {
    Error::new(Code::Closed, "the store is closed")
}

/// The error of a store that has no room.
#[must_use]
pub fn full(reason: &str) -> Error {
    Error::new(Code::StoreFull, format!("the store has no room: {}", Excerpt(reason)))
}

/// The error of a store, or of a record in it, that is not as it was written.
#[must_use]
pub fn corrupt(reason: &str) -> Error {
    Error::new(Code::StoreCorrupt, format!("the store is damaged: {}", Excerpt(reason)))
}
