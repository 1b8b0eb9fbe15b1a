//! A Cluster: what is known of it, and when it is asked again.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ::redis::Value;

use super::address::Place;
use super::locked;
use super::miss::Miss;
use super::refusal::refusal;
use super::slots::Slots;
use super::time::share;

/// For how long a time-out is nothing against slots that were just asked for. The next call asks after a time-out then:
/// somebody may have taken over where nothing answers. But many who have little time do not make every call ask.
const SLOTS_FRESH: Duration = Duration::from_secs(1);

/// The nodes, and who of them has which slots.
pub(super) struct Cluster {
    /// Those of the URL.
    seeds: Vec<Arc<Place>>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// The slots, and when they were asked for.
    slots: Option<(Arc<Slots>, Instant)>,
    is_believed: bool,
    /// The node that failed last, which is asked last.
    failed: Option<Arc<Place>>,
}

impl Cluster {
    pub(super) fn new(seeds: &[Arc<Place>]) -> Self {
        Self { seeds: seeds.to_vec(), known: Mutex::default() }
    }

    /// Who has which slots. `ask` sends one command to a node.
    pub(super) fn slots(
        &self,
        until: Instant,
        mut ask: impl FnMut(&Arc<Place>, &[&[u8]], Instant) -> Result<Value, Miss>,
    ) -> Result<Arc<Slots>, Miss> {
        let (known, failed) = match &*locked(&self.known) {
            Known { slots: Some((slots, _)), is_believed: true, .. } => return Ok(Arc::clone(slots)),
            Known { slots, failed, .. } => (slots.as_ref().map(|(slots, _)| slots.primaries()), failed.clone()),
        };
        // The nodes may all have moved since the program began.
        let mut nodes = known.unwrap_or_default();
        nodes.extend(self.seeds.iter().filter(|seed| !nodes.contains(seed)).cloned().collect::<Vec<_>>());
        nodes.sort_by_key(|node| failed.as_ref() == Some(node));
        let mut failure = Miss::later("no node of the Cluster answers".to_owned());
        for (asked, node) in nodes.iter().enumerate() {
            let answer = ask(node, &[b"CLUSTER", b"SLOTS"], share(until, nodes.len().saturating_sub(asked)));
            failure = match answer.map(|answer| (Slots::read(&answer, node), answer)) {
                Ok((Some(slots), _)) => {
                    let slots = Arc::new(slots);
                    let mut known = locked(&self.known);
                    known.slots = Some((Arc::clone(&slots), Instant::now()));
                    known.is_believed = true;
                    return Ok(slots);
                }
                Ok((None, Value::ServerError(error))) => Miss::later(format!("{node}: {}", refusal(&error).text)),
                Ok((None, _)) => Miss::later(format!("what is at {node} is no node of a Cluster")),
                Err(miss) => miss,
            };
        }
        Err(failure)
    }

    /// A node says that another has the key.
    pub(super) fn moved(&self) {
        locked(&self.known).is_believed = false;
    }

    /// A node cannot be reached, or is in no state to answer; it may be cut off from the others.
    pub(super) fn failed(&self, place: &Arc<Place>, is_late: bool) {
        let mut known = locked(&self.known);
        known.failed = Some(Arc::clone(place));
        let is_fresh = known.slots.as_ref().is_some_and(|(_, since)| since.elapsed() < SLOTS_FRESH);
        known.is_believed &= is_late && is_fresh;
    }
}
