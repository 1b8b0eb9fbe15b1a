//! The system's clock, for the edge. Nothing that decides calls it: `now` is always an argument.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z. A system clock set before that reads as 0.
#[must_use]
pub fn system_now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    elapsed.and_then(|elapsed| u64::try_from(elapsed.as_millis()).ok()).unwrap_or(0)
}

/// Whole seconds since 1970-01-01T00:00:00Z. A system clock set before that reads as 0.
#[must_use]
pub fn system_now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_secs()).ok())
        .unwrap_or(0)
}
