//! What the program's log should say.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use super::address::Place;
use super::locked;
use crate::operation::Event;

/// Events, of which each kind is told once for a server.
#[derive(Default)]
pub(super) struct Notices {
    told: Mutex<HashSet<(&'static str, Arc<Place>)>>,
    events: Mutex<Vec<Event>>,
}

impl Notices {
    pub(super) fn tell(&self, place: &Arc<Place>, event: Event) {
        if locked(&self.told).insert((event.name(), Arc::clone(place))) {
            locked(&self.events).push(event);
        }
    }

    /// Those since the last time.
    pub(super) fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *locked(&self.events))
    }
}
