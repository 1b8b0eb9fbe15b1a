//! API keys: issued once, kept as a hash, checked on every request.
//!
//! | noun | what it is |
//! | --- | --- |
//! | [`ApiKeys`] | the keys of one prefix and environment: issues, verifies, lists, rotates, revokes |
//! | [`IssuedKey`] | a key that was just made, with the secret that is shown once |
//! | [`ApiKey`] | what is known of a key: whose it is, what it may do, until when |
//! | [`ApiKeysOptions`], [`IssueOptions`], [`ImportOptions`], [`RotateOptions`] | settings, as JSON documents |
//!
//! # What is kept
//!
//! A key reads `{prefix}_{environment}_{id}_{secret}{checksum}`: see [`KeyFormat::pattern`]. A store finds its record by the
//! id, and the record holds the HMAC-SHA-256 of the whole key under a pepper, which the program has and the store has not.
//! Who reads the store cannot make a key of it, nor try keys without the pepper.
//!
//! Each record is sealed: a second HMAC covers the id, the owner, the scopes, the times and the first HMAC. Who writes to
//! the store, and lacks the pepper, cannot give a key more than it had, nor to somebody else; such a record is
//! `ERR_STORE_CORRUPT`. They can remove records and put older ones back: a store must be as hard to write to as the
//! program's own.
//!
//! # One answer
//!
//! `ERR_API_KEY_INVALID` is all that is said of a text that is no key, of an id that is not known and of a secret that is
//! wrong. Only who has the whole key is told that it is expired, revoked or lacks a scope. A store that fails is
//! `ERR_STORE_…`: it says nothing about a key.

mod cache;
mod format;
mod import;
mod issued;
mod key;
mod keys;
mod options;
mod pepper;
mod stored;

pub use format::KeyFormat;
pub use issued::IssuedKey;
pub use key::{ApiKey, ApiKeyPage};
pub use keys::{ApiKeys, AtHand, Told};
pub use options::{ApiKeysOptions, ImportOptions, IssueOptions, RotateOptions};
