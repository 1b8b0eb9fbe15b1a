//! What the fuzz targets share: how an input is taken apart, tokens that are put together without the library under test,
//! and the invariants that are checked on whatever it answers.
//!
//! A target is one file in `targets/`. It turns bytes into one call, or one chain of calls, and asserts what must hold of
//! the answer: a panic, a failed assertion, a memory error and a time-out are findings.

pub mod c;
pub mod check;
pub mod input;
pub mod json;
pub mod keys;
pub mod liar;
pub mod policy;
pub mod token;

/// The moment at which tokens are signed and verified: that of most vectors in `tests/vectors/`.
pub const NOW: i64 = 1_700_000_000;
