//! Removing what is over, without a stop.

use std::time::Duration;

use super::ask::{Ask, Asked};
use super::backend::Store;
use super::direct::{Direct, at_once};
use crate::error::Result;
use crate::operation::{Event, Flow, Operation};

/// How many records one call removes: a lock that is held for it is held for a moment.
const BATCH: usize = 256;

/// For how long after its end a record is left alone, in milliseconds: other machines' clocks may be behind.
const MARGIN: u64 = 3_600_000;

/// Removes the records that ended more than an hour before `now`, in milliseconds since 1970, a few at a time, so that
/// others go on meanwhile. How many it has removed: 0 where the store collects by itself. It ends when nothing is left, or
/// with `ERR_DEADLINE` when `timeout` is over; what was removed by then stays so.
pub fn sweep(store: &dyn Store, now: u64, timeout: Duration) -> (Result<usize>, Vec<Event>) {
    let outside = Direct::new(store, now, timeout);
    (at_once(all(&outside)), outside.into_events())
}

/// The same as an operation, for a store that cannot block.
#[must_use]
pub fn begin_sweep(deadline: u64) -> Operation<usize> {
    Operation::new(Flow::new(|outside| async move { all(&outside).await }), deadline)
}

async fn all<A: Ask>(outside: &A) -> Result<usize> {
    let before = outside.now().saturating_sub(MARGIN);
    let mut count = 0_usize;
    loop {
        let removed = outside.sweep(before, BATCH).await?;
        count = count.saturating_add(removed);
        if removed < BATCH {
            return Ok(count);
        }
    }
}
