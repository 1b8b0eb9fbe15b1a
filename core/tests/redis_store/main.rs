//! The store on Redis: what it keeps, on one server, behind Sentinels and on a Cluster, and what it says when they fail.
//!
//! The servers are real ones: `tests/servers/redis_server.py` starts them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod calls;
mod conformance;
mod listing;
mod secured;
mod servers;
mod several;
mod trouble;
mod urls;

use std::time::Duration;

use authwright_core::Result;
use authwright_core::store::{Record, RedisStore, Store, StoreOptions};

use servers::Servers;

const TIMEOUT: Duration = Duration::from_secs(10);

fn options(json: &str) -> StoreOptions {
    StoreOptions::from_json(json).unwrap()
}

fn open(url: &str) -> RedisStore {
    RedisStore::new(url, &options("{}")).unwrap()
}

fn record(version: u64, value: &str) -> Record {
    Record { version, value: value.to_owned(), owner: None, expires_at: None }
}

fn owned(version: u64, owner: &str) -> Record {
    Record { owner: Some(owner.to_owned()), ..record(version, "theirs") }
}

/// All of the owner's keys, over pages of that size.
fn all(store: &RedisStore, owner: &str, limit: usize) -> Result<Vec<String>> {
    let (mut keys, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = store.list(owner, after.as_deref(), limit, TIMEOUT)?;
        assert!(page.entries.len() <= limit);
        keys.extend(page.entries.into_iter().map(|entry| entry.key));
        after = page.next;
        if after.is_none() {
            return Ok(keys);
        }
    }
}
