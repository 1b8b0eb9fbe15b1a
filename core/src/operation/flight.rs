//! Something that one caller does for all: a fetch of keys, a refresh of tokens. And those who wait for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Signal;
use crate::error::Result;

/// How long after its deadline a flight may end, in milliseconds: a request that fails at the deadline takes a moment
/// to say so, and that is everybody's failure.
pub(crate) const GRACE: u64 = 1000;

/// What one caller does for all.
///
/// Nobody holds a lock of it for longer than it takes to look. It is made anew for each fetch, and a child process
/// leaves its parent's alone, whose maker is not there and whose lock may be held for ever.
pub(crate) struct Flight {
    process: u32,
    /// How long it may take, and when its requests are over: in milliseconds, since 1970.
    timeout: u64,
    deadline: u64,
    /// When its maker was last heard of.
    stepped_at: AtomicU64,
    /// When the request that counts was sent; 0 before. Its answer says nothing of what came after that.
    asked_at: AtomicU64,
    landing: Mutex<Landing>,
    landed: Condvar,
}

#[derive(Default)]
struct Landing {
    outcome: Option<Outcome>,
    calls: Vec<Box<dyn FnOnce() + Send>>,
}

/// How a flight ended.
#[derive(Clone)]
pub(crate) enum Outcome {
    /// With what it was for, or an error that is everybody's.
    Over(Result<()>),
    /// Its maker was cancelled, or had no more time of its own: another takes over.
    Abandoned,
}

impl Flight {
    pub(crate) fn new(now: u64, timeout: u64) -> Self {
        Self {
            process: std::process::id(),
            timeout,
            deadline: now.saturating_add(timeout),
            stepped_at: AtomicU64::new(now),
            asked_at: AtomicU64::new(0),
            landing: Mutex::default(),
            landed: Condvar::new(),
        }
    }

    pub(crate) fn deadline(&self) -> u64 {
        self.deadline
    }

    /// Who makes it is given up on then.
    pub(crate) fn given_up_at(&self) -> u64 {
        self.deadline.saturating_add(GRACE)
    }

    /// Whether this process made it.
    pub(crate) fn is_own(&self) -> bool {
        self.process == std::process::id()
    }

    /// Whether somebody in this process is still at it. A clock that was ahead when it began is not believed; but
    /// threads read theirs one after the other, and come in another order.
    pub(crate) fn is_up(&self, now: u64) -> bool {
        self.is_own()
            && now < self.given_up_at()
            && self.deadline.saturating_sub(now) <= self.timeout.saturating_add(GRACE)
            && self.outcome().is_none()
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        if self.is_own() { self.landing().outcome.clone() } else { Some(Outcome::Abandoned) }
    }

    pub(crate) fn step(&self, now: u64) {
        self.stepped_at.store(now, Ordering::Relaxed);
    }

    pub(crate) fn stepped_at(&self) -> u64 {
        self.stepped_at.load(Ordering::Relaxed)
    }

    pub(crate) fn asked(&self, now: u64) {
        self.asked_at.store(now, Ordering::Release);
    }

    /// When the request that counts was sent; 0 before.
    pub(crate) fn asked_at(&self) -> u64 {
        self.asked_at.load(Ordering::Acquire)
    }

    /// Ends it, and tells everybody. The first end counts.
    pub(crate) fn land(&self, outcome: Outcome) {
        if !self.is_own() {
            return;
        }
        let calls = {
            let mut landing = self.landing();
            landing.outcome.get_or_insert(outcome);
            std::mem::take(&mut landing.calls)
        };
        self.landed.notify_all();
        for call in calls {
            // One who panics must not leave the others waiting, nor end a process that is unwinding already.
            let _ = catch_unwind(AssertUnwindSafe(call));
        }
    }

    fn landing(&self) -> MutexGuard<'_, Landing> {
        // What is behind the lock is whole whenever it is released.
        self.landing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Signal for Flight {
    fn wait(&self, milliseconds: u64) {
        if !self.is_own() {
            return;
        }
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
        if self.is_own() {
            let mut landing = self.landing();
            if landing.outcome.is_none() {
                landing.calls.push(call);
                return;
            }
        }
        call();
    }
}

/// The signal of a wait for nothing but time.
pub(crate) struct Pause;

impl Signal for Pause {
    fn wait(&self, milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }

    fn notify(&self, _call: Box<dyn FnOnce() + Send>) {}
}
