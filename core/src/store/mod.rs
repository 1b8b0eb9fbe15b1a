//! Stores: versioned records, in memory, in an SQLite file, on Redis, or where a program's own code keeps them.
//!
//! | noun | what it is |
//! | --- | --- |
//! | [`Store`] | the five calls that every store answers |
//! | [`Record`], [`Entry`], [`Page`] | what is kept |
//! | [`open()`] | one of the built-in stores, by its URL |
//! | [`StoreRequest`], [`StoreAnswer`] | the same calls as effects of an operation, for stores that cannot block |
//! | [`copy`](copy()) | from one machine's store to one for several |
//! | [`conformance`] | the tests that every store passes |
//!
//! What decides lives above: a store compares versions and keeps bytes.

mod ask;
mod backend;
pub mod conformance;
mod copy;
mod direct;
mod memory;
mod open;
mod record;
#[cfg(feature = "redis")]
mod redis;
mod request;
#[cfg(feature = "sqlite")]
mod sqlite;
mod sweep;

pub(crate) use ask::{Ask, Asked, Change};
pub use backend::Store;
pub use copy::copy;
pub(crate) use direct::{Direct, at_once};
pub use memory::MemoryStore;
pub use open::{StoreOptions, open};
pub use record::{END_OF_VERSIONS, Entry, MAX_KEY_BYTES, MAX_PAGE, MAX_VALUE_BYTES, Page, Record};
#[cfg(feature = "redis")]
pub use redis::RedisStore;
pub use request::{StoreAnswer, StoreRequest, closed, corrupt, full, unavailable, uncertain};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use sweep::{begin_sweep, sweep};
