//! One fetch of keys, and those who wait for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::operation::Signal;

/// How long after its deadline a fetch may end, in milliseconds.
const GRACE: u64 = 1000;

/// A fetch that one caller makes for all.
///
/// Nobody holds a lock of it for longer than it takes to look: it is made anew for each fetch, and a child process never
/// touches its parent's, whose maker is not there.
pub(super) struct Flight {
    process: u32,
    /// Its requests are over then, in milliseconds since 1970.
    deadline: u64,
    /// When the keys were asked for; 0 before. An answer says nothing about keys that were made known after that.
    asked_at: AtomicU64,
    landing: Mutex<Landing>,
    landed: Condvar,
}

#[derive(Default)]
struct Landing {
    outcome: Option<Outcome>,
    calls: Vec<Box<dyn FnOnce() + Send>>,
}

/// How a fetch ended.
#[derive(Clone)]
pub(super) enum Outcome {
    /// With keys, or an error that is everybody's.
    Over(Result<()>),
    /// Its maker was cancelled: one of those who wait takes over.
    Abandoned,
}

impl Flight {
    pub(super) fn new(deadline: u64) -> Self {
        Self {
            process: std::process::id(),
            deadline,
            asked_at: AtomicU64::new(0),
            landing: Mutex::default(),
            landed: Condvar::new(),
        }
    }

    pub(super) fn deadline(&self) -> u64 {
        self.deadline
    }

    /// Who makes it is given up on then. A request that fails at the deadline takes a moment to say so, and that is
    /// everybody's failure.
    pub(super) fn given_up_at(&self) -> u64 {
        self.deadline.saturating_add(GRACE)
    }

    /// Whether somebody in this process is still at it.
    pub(super) fn is_up(&self, now: u64) -> bool {
        self.process == std::process::id() && now < self.given_up_at() && self.outcome().is_none()
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.landing().outcome.clone()
    }

    pub(super) fn keys_asked_for(&self, now: u64) {
        self.asked_at.store(now, Ordering::Release);
    }

    /// Whether the keys were asked for at that time or later.
    pub(super) fn asked_since(&self, time: u64) -> bool {
        self.asked_at.load(Ordering::Acquire) >= time
    }

    /// Ends it, and tells everybody. The first end counts.
    pub(super) fn land(&self, outcome: Outcome) {
        let calls = {
            let mut landing = self.landing();
            landing.outcome.get_or_insert(outcome);
            std::mem::take(&mut landing.calls)
        };
        self.landed.notify_all();
        calls.into_iter().for_each(|call| call());
    }

    fn landing(&self) -> MutexGuard<'_, Landing> {
        // What is behind the lock is whole whenever it is released.
        self.landing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Signal for Flight {
    fn wait(&self, milliseconds: u64) {
        let end = Instant::now().checked_add(Duration::from_millis(milliseconds));
        let mut landing = self.landing();
        while landing.outcome.is_none() {
            let Some(left) =
                end.map(|end| end.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
            else {
                return;
            };
            landing = self.landed.wait_timeout(landing, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn notify(&self, call: Box<dyn FnOnce() + Send>) {
        let mut landing = self.landing();
        if landing.outcome.is_none() {
            landing.calls.push(call);
            return;
        }
        drop(landing);
        call();
    }
}
