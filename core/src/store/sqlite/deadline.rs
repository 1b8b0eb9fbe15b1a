//! Until when a call may take.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Longer than anybody waits, and short enough to be added to the time.
const LONGEST: Duration = Duration::from_secs(86_400);

/// When a call must end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn after(timeout: Duration) -> Self {
        let now = Instant::now();
        Self(now.checked_add(timeout.min(LONGEST)).unwrap_or(now))
    }

    pub(super) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    pub(super) fn is_over(self) -> bool {
        self.left().is_zero()
    }
}

/// How long a connection waits for its turn to write: until the deadline of the call that it is lent to.
#[derive(Debug)]
pub(super) struct Patience {
    begun: Instant,
    /// In microseconds.
    until: AtomicU64,
}

impl Patience {
    pub(super) fn new(deadline: Deadline) -> Self {
        let patience = Self { begun: Instant::now(), until: AtomicU64::new(0) };
        patience.set(deadline);
        patience
    }

    pub(super) fn set(&self, deadline: Deadline) {
        let until = deadline.0.saturating_duration_since(self.begun);
        self.until.store(u64::try_from(until.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Waits a moment after so many attempts; false if the time is over. SQLite's own waiting grows to a tenth of a
    /// second, in which a busy file passes from one to the other ten times.
    pub(super) fn wait(&self, attempts: i32) -> bool {
        let left = Duration::from_micros(self.until.load(Ordering::Relaxed)).saturating_sub(self.begun.elapsed());
        if left.is_zero() {
            return false;
        }
        let pause = Duration::from_micros(match attempts {
            ..5 => 200,
            5..20 => 1000,
            _ => 3000,
        });
        std::thread::sleep(pause.min(left));
        true
    }
}
