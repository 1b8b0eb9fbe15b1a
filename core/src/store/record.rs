//! What a store keeps.

/// The most bytes of a key, and of an owner: visible ASCII characters, `!` to `~`.
pub const MAX_KEY_BYTES: usize = 256;

/// The most bytes of a value.
pub const MAX_VALUE_BYTES: usize = 65_536;

/// The most entries of a page.
pub const MAX_PAGE: usize = 1000;

/// The first version that there is not: versions are exact in every language's numbers.
pub const END_OF_VERSIONS: u64 = 1 << 53;

/// A record, beside the key that it is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Chosen by who writes: higher than that of the record that it replaces, and the time in microseconds since 1970 unless
    /// changes come faster or it is but a note. Below 2^53.
    pub version: u64,
    /// UTF-8 text, which a store gives back byte for byte. Never a secret that is of use by itself, but often personal.
    pub value: String,
    /// By whom `list` finds it; the same for as long as the record is there.
    pub owner: Option<String>,
    /// From this time on, in milliseconds since 1970, a sweep may collect it. Until then it must stay, and until it is
    /// collected it is found: what is over is decided by who reads it, with a clock of their own.
    pub expires_at: Option<u64>,
}

/// A record and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The record.
    pub record: Record,
}

impl Entry {
    /// Of a record that somebody has damaged so that it is none. It must not hide the others of a page, nor be hidden: who
    /// reads its value finds that it is not as it was written.
    #[cfg(any(feature = "sqlite", feature = "redis"))]
    pub(super) fn altered(key: String, owner: Option<String>) -> Self {
        Self { key, record: Record { version: 0, value: String::new(), owner, expires_at: None } }
    }
}

/// A part of an owner's records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// At most as many as were asked for.
    pub entries: Vec<Entry>,
    /// Where the next page begins, in words of the store's own; none after the last.
    pub next: Option<String>,
}
