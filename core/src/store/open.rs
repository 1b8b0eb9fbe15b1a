//! The built-in stores by their URLs: where records are kept is one line of a program's configuration.

use std::sync::Arc;

use super::backend::Store;
use super::memory::MemoryStore;
use super::request::is_name;
use crate::encoding::json::Value;
#[cfg(not(all(feature = "sqlite", feature = "redis")))]
use crate::error::Code;
use crate::error::{Error, Excerpt, Result};
use crate::options;

/// What a URL may begin with.
const KINDS: &str = "it is memory:, sqlite:path or redis://host";

const WHAT: &str = "store";

const MEMBERS: &[&str] = &["max_records", "namespace", "connections"];

/// What a store is opened with, beside its URL.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    pub(super) max_records: Option<usize>,
    pub(super) namespace: Option<String>,
    pub(super) connections: Option<usize>,
}

impl StoreOptions {
    /// Reads the document:
    ///
    /// - `max_records`, of `memory:` only: how many records it has room for, 100,000;
    /// - `namespace`, of Redis only: what every key begins with, so that several programs share a server: `authwright`;
    /// - `connections`, of SQLite and Redis: how many are open at most, 8.
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION`, `ERR_INVALID_ARGUMENT`: the field names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, WHAT)?;
        let mut settings = Self { max_records: None, namespace: None, connections: None };
        options::each(parsed.document(), |name, value| settings.set(name, value))?;
        Ok(settings)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Result<()> {
        match name {
            "max_records" => self.max_records = Some(count(name, value, 100_000_000)?),
            "connections" => self.connections = Some(count(name, value, 1000)?),
            "namespace" => {
                let text = options::string(name, value)?;
                if text.len() > 64 || !is_name(&text) || text.contains(['{', '}', ':']) {
                    let message = "namespace must be at most 64 visible ASCII characters, without braces and colons";
                    return Err(Error::invalid_argument(name.to_owned(), message));
                }
                self.namespace = Some(text);
            }
            _ => return Err(options::unknown(name, MEMBERS, WHAT)),
        }
        Ok(())
    }

    /// Refuses a member that the store has no use for.
    fn only(&self, scheme: &str, known: &[&str]) -> Result<()> {
        let given = [
            ("max_records", self.max_records.is_some()),
            ("namespace", self.namespace.is_some()),
            ("connections", self.connections.is_some()),
        ];
        match given.into_iter().find(|(name, is_given)| *is_given && !known.contains(name)) {
            Some((name, _)) => Err(Error::invalid_argument(name, format!("{name} is not for {scheme} stores"))),
            None => Ok(()),
        }
    }
}

fn count(name: &str, value: Value<'_>, most: u64) -> Result<usize> {
    let Value::Number(number) = value else { return Err(options::wrong(name, "a number", value)) };
    number
        .as_i64()
        .and_then(|count| u64::try_from(count).ok())
        .filter(|count| (1..=most).contains(count))
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| {
            Error::invalid_argument(name.to_owned(), format!("{name} must be a whole number from 1 to {most}"))
        })
}

/// The store that the URL names. Nothing is connected to before the first call.
///
/// - `memory:`: in this process, bounded, gone with it.
/// - `sqlite:path`: in a file, for all processes of one machine (feature `sqlite`).
/// - `redis://…`, `rediss://…` (TLS), `redis+sentinel://…`, `redis+cluster://…`: on a server, for many machines (feature
///   `redis`).
///
/// # Errors
/// `ERR_INVALID_ARGUMENT` (`url`, or the option); `ERR_STORE_…` never: a server that is down is found at the first call.
pub fn open(url: &str, options: &StoreOptions) -> Result<Arc<dyn Store>> {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme);
    match scheme {
        Some("memory") => {
            if url != "memory:" {
                return Err(Error::invalid_argument("url", "a store in memory has nothing after memory:"));
            }
            options.only("memory", &["max_records"])?;
            Ok(Arc::new(MemoryStore::new(options.max_records.unwrap_or(100_000))))
        }
        Some("sqlite") => {
            options.only("sqlite", &["connections"])?;
            sqlite(url, options)
        }
        Some("redis" | "rediss" | "redis+sentinel" | "rediss+sentinel" | "redis+cluster" | "rediss+cluster") => {
            options.only("redis", &["namespace", "connections"])?;
            redis(url, options)
        }
        // What stands before the colon cannot be a password; all of it might be.
        scheme => Err(Error::invalid_argument(
            "url",
            match scheme {
                Some(scheme) => format!("there is no store {}: {KINDS}", Excerpt(scheme)),
                None if url.is_empty() => format!("url is empty: {KINDS}"),
                None => format!("url does not say which store, for it has no colon: {KINDS}"),
            },
        )),
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(url: &str, options: &StoreOptions) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(super::sqlite::SqliteStore::new(url, options)?))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_url: &str, _options: &StoreOptions) -> Result<Arc<dyn Store>> {
    Err(not_built("sqlite"))
}

#[cfg(feature = "redis")]
fn redis(url: &str, options: &StoreOptions) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(super::redis::RedisStore::new(url, options)?))
}

#[cfg(not(feature = "redis"))]
fn redis(_url: &str, _options: &StoreOptions) -> Result<Arc<dyn Store>> {
    Err(not_built("redis"))
}

#[cfg(not(all(feature = "sqlite", feature = "redis")))]
fn not_built(feature: &str) -> Error {
    Error::new(Code::TransportUnsupported, format!("authwright was built without the feature {feature}"))
}
