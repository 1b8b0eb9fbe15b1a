//! Whether a command that came to nothing is tried again, where, and after which pause.

use std::time::{Duration, Instant};

use super::command::Command;
use super::miss::{Detour, Hope, Miss};
use super::refusal::unavailable;
use crate::error::Result;

/// How often a command is tried anew after a failure, and how long it waits before, each time longer, unless the failure
/// was that of a connection that had rested.
const RETRIES: u32 = 2;
const PAUSE: Duration = Duration::from_millis(50);

/// How often a Cluster may send a command elsewhere.
const HOPS: u32 = 5;

/// Those of one command.
#[derive(Default)]
pub(super) struct Attempts {
    failures: u32,
    hops: u32,
}

impl Attempts {
    /// Waits until it is time for another attempt, which may have to go elsewhere; or says that there is none.
    pub(super) fn after(&mut self, miss: Miss, command: &Command<'_>, until: Instant) -> Result<Option<Detour>> {
        match miss {
            Miss::Elsewhere(_) if self.hops >= HOPS => Err(unavailable("the nodes send from one to the other")),
            Miss::Elsewhere(detour) => {
                self.hops = self.hops.saturating_add(1);
                Ok(Some(detour))
            }
            Miss::Refused(error) => Err(error),
            Miss::NotReplicated(why) => Err(command.failed(&why, true).at("wait_replicas")),
            Miss::Failed { lost, hope } => {
                self.failures = self.failures.saturating_add(1);
                let pause = if hope == Hope::Later { PAUSE.saturating_mul(self.failures) } else { Duration::ZERO };
                let left = until.saturating_duration_since(Instant::now());
                let is_over = hope == Hope::None || self.failures > RETRIES || left <= pause;
                if is_over || (lost.is_sent && command.is_change()) {
                    return Err(command.failed(&lost.why, lost.is_sent));
                }
                std::thread::sleep(pause);
                Ok(None)
            }
        }
    }
}
