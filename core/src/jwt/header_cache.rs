//! Headers that this verifier has accepted before, so that the same one is not decoded and judged again.
//!
//! An issuer's tokens share a few headers. One is remembered only after a signature under it was good, so that
//! strangers cannot fill the places; eight at most, and never replaced, so that reading needs no lock and writes
//! nothing that another thread's cache line would notice. Tokens whose headers all differ fill the places and are
//! decoded each time: slower, and otherwise the same.

use std::sync::OnceLock;

use crate::encoding::json::Parsed;
use crate::jws::keyring::Candidate;

/// A header that was judged, and what came of it.
pub(super) struct Accepted {
    /// The segment as it stands in the token.
    pub(super) segment: Box<[u8]>,
    pub(super) header: Parsed,
    /// The keys that it chooses.
    pub(super) keys: Vec<Candidate>,
    pub(super) has_kid: bool,
    /// Whether none of the keys is one that it names, so that another may be the right one.
    pub(super) is_guess: bool,
}

#[derive(Default)]
pub(super) struct HeaderCache([OnceLock<Accepted>; 8]);

/// A longer header is rare, and not worth the memory.
const MAX_SEGMENT_BYTES: usize = 4096;

impl HeaderCache {
    #[inline]
    pub(super) fn find(&self, segment: &[u8]) -> Option<&Accepted> {
        self.0.iter().map_while(OnceLock::get).find(|accepted| *accepted.segment == *segment)
    }

    pub(super) fn remember(&self, mut accepted: Accepted) {
        if accepted.segment.len() > MAX_SEGMENT_BYTES {
            return;
        }
        for place in &self.0 {
            match place.set(accepted) {
                Ok(()) => return,
                Err(returned) => accepted = returned,
            }
            // Another thread was first with the same header.
            if place.get().is_some_and(|first| first.segment == accepted.segment) {
                return;
            }
        }
    }
}
