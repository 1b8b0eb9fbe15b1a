//! Until when a call may go on, and what its parts get of that.

use std::io;
use std::time::{Duration, Instant};

/// No call takes longer, whatever is asked for: within this time a record follows its entry in the index.
const MOST_TIME: Duration = Duration::from_secs(600);

/// The end of a call that begins now.
pub(super) fn until(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout.min(MOST_TIME)).unwrap_or(now)
}

/// A part of the time that is left for one of so many.
pub(super) fn share(until: Instant, among: usize) -> Instant {
    let now = Instant::now();
    let left = until.saturating_duration_since(now);
    let part = u32::try_from(among).ok().and_then(|among| left.checked_div(among)).unwrap_or(left);
    now.checked_add(part).unwrap_or(until)
}

/// What is left of the time: never zero, which sockets take for ever.
pub(super) fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}
