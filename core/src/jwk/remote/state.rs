//! What a remote key set knows at one moment: a record that is replaced as a whole, never changed.

use std::sync::Arc;

use crate::error::Error;
use crate::jwk::KeySet;
use crate::oauth::ProviderMetadata;
use crate::operation::flight::Flight;

/// How far two clocks may be apart, in milliseconds.
pub(super) const CLOCKS_APART: u64 = 60_000;

/// At most so many of the keys that an issuer does not have are remembered, until the next fetch.
const MOST_ABSENT: usize = 256;

#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) keys: Option<Arc<Published>>,
    pub(super) times: Times,
    /// The validator of the answer with these keys (RFC 9110 section 8.8.3).
    pub(super) etag: Option<Arc<str>>,
    /// What was discovered. Until when it is believed, and until when it is used while the issuer cannot be reached: in
    /// milliseconds since 1970.
    pub(super) metadata: Option<Arc<ProviderMetadata>>,
    pub(super) metadata_until: u64,
    pub(super) metadata_usable_until: u64,
    /// Whether keys could not be had from where it says: asked for again before they are asked for there.
    pub(super) is_metadata_doubted: bool,
    pub(super) attempts: Attempts,
    /// Fingerprints of keys that were asked for, and that the issuer does not have as of the last fetch.
    pub(super) absent: Arc<[u64]>,
    /// The fetch under way, or one that was abandoned.
    pub(super) flight: Option<Arc<Flight>>,
    pub(super) closed: bool,
}

/// The keys of an issuer. The same as long as the issuer publishes the same.
pub(crate) struct Published {
    pub(crate) keys: KeySet,
    /// The issuer of the tokens, where it is a template: see [`crate::oauth::Issuer`].
    pub(crate) template: Option<String>,
    /// The JWK Set as it came, and where from.
    pub(super) text: String,
    pub(super) jwks_uri: String,
}

/// Times of the keys, in milliseconds since 1970.
#[derive(Clone, Copy, Default)]
pub(super) struct Times {
    pub(super) fetched_at: u64,
    /// From here on it is worth while to fetch them again, without making anybody wait.
    pub(super) ahead_at: u64,
    /// Up to here they are used without asking.
    pub(super) fresh_until: u64,
    /// Up to here they are used while the issuer cannot be reached.
    pub(super) usable_until: u64,
}

/// The attempts at fetching.
#[derive(Clone, Default)]
pub(super) struct Attempts {
    /// No fetch begins before.
    pub(super) next_at: u64,
    /// Since the last success.
    pub(super) failures: u32,
    /// The last failure since the last success, and when.
    pub(super) failed: Option<(Error, u64)>,
    /// How many fetches in a row were abandoned.
    pub(super) abandoned: u32,
}

/// What the keys at hand are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Use them.
    Fresh,
    /// Use them, and fetch them again in the background.
    Due,
    /// Their time is over, the issuer is known to be out of reach, and they may be used meanwhile.
    Outage,
    /// Their time is over: fetch before judging. They may be used if that fails.
    Stale,
    /// There are none, or none that may be used any longer.
    Missing,
}

impl State {
    /// `patience`: for how many milliseconds a failure is believed.
    pub(super) fn standing(&self, now: u64, patience: u64) -> Standing {
        let times = &self.times;
        // Between two looks at one clock, or at two machines', so much may be amiss.
        let ahead = now.saturating_add(CLOCKS_APART);
        if self.keys.is_none() || now >= times.usable_until {
            Standing::Missing
        } else if times.fetched_at > ahead {
            // The clock was ahead when they were fetched: nobody knows how old they are.
            Standing::Stale
        } else if now < times.ahead_at {
            Standing::Fresh
        } else if now < times.fresh_until {
            Standing::Due
        } else if self
            .attempts
            .failed
            .as_ref()
            .is_some_and(|(_, at)| *at <= ahead && now.saturating_sub(*at) < patience)
        {
            Standing::Outage
        } else {
            Standing::Stale
        }
    }

    pub(super) fn is_absent(&self, fingerprint: u64) -> bool {
        self.absent.contains(&fingerprint)
    }

    /// With one more key that the issuer does not have.
    pub(super) fn with_absent(&self, fingerprint: u64) -> Self {
        let kept = self.absent.iter().rev().take(MOST_ABSENT - 1).rev().copied();
        Self { absent: kept.chain([fingerprint]).collect(), ..self.clone() }
    }
}
