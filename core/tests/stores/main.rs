//! What every store passes: the conformance suite by one caller, races of threads and of processes, and processes that are
//! killed in the middle.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod check;
#[cfg(all(unix, any(feature = "sqlite", feature = "redis")))]
mod keys;
#[cfg(all(unix, any(feature = "sqlite", feature = "redis")))]
mod kill;
mod race;
#[cfg(feature = "redis")]
#[path = "../redis_store/servers.rs"]
#[allow(dead_code)]
mod servers;
#[cfg(any(feature = "sqlite", feature = "redis"))]
mod worker;

use std::sync::Arc;
use std::time::Duration;

use authwright_core::store::conformance::Report;
use authwright_core::store::{self, Store, StoreOptions};
use authwright_core::{Result, system_now_ms};

/// For all calls of a test.
const PATIENCE: Duration = Duration::from_secs(300);

fn open(url: &str) -> Arc<dyn Store> {
    store::open(url, &StoreOptions::from_json("{}").unwrap()).unwrap()
}

fn now() -> u64 {
    system_now_ms()
}

#[track_caller]
fn assert_passed(report: Result<Report>) {
    let report = report.unwrap();
    let failed: Vec<_> = report.checks().iter().filter(|check| !check.passed()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// A directory of one test.
#[cfg(feature = "sqlite")]
struct Scratch(std::path::PathBuf);

#[cfg(feature = "sqlite")]
impl Scratch {
    fn new(name: &str) -> Self {
        Self::in_folder(&std::env::temp_dir(), name)
    }

    fn in_folder(folder: &std::path::Path, name: &str) -> Self {
        let path = folder.join(format!("authwright-stores-{}-{name}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn url(&self) -> String {
        format!("sqlite:{}/keys.db", self.0.display())
    }
}

#[cfg(feature = "sqlite")]
impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The URL of a Redis server: the one in AW_TEST_REDIS, or one of the test's own. None if there is no redis-server.
#[cfg(feature = "redis")]
fn redis() -> Option<(String, Option<servers::Servers>)> {
    if let Ok(servers) = std::env::var("AW_TEST_REDIS") {
        let servers: serde_json::Value = serde_json::from_str(&servers).unwrap();
        return Some((servers["single"]["url"].as_str().unwrap().to_owned(), None));
    }
    let servers = servers::Servers::start("single", &[])?;
    Some((servers.url().to_owned(), Some(servers)))
}
