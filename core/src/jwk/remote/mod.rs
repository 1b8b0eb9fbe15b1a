//! The keys of an issuer that publishes them, fetched when they are needed and kept up to date.
//!
//! ```text
//!            fetched              ahead_at      fresh_until                    usable_until
//!  Missing ────┬───── Fresh ─────────┬──── Due ─────┬── Stale / Outage ────────────┬── Missing
//!              │ used              │ used, and   │ asked for before they      │ never used
//!              │                   │ fetched in  │ are used; used if the      │
//!              │                   │ background  │ issuer is out of reach     │
//! ```
//!
//! - **One fetch at a time.** Whoever comes while one is under way waits for it. If who makes it is cancelled, or has
//!   no more time of its own, another takes over: at once, and if that happens again and again, after a second, two,
//!   four, up to a cooldown.
//! - **A cooldown between fetches** (30 seconds and up to a quarter more), whatever made them necessary: a flood of
//!   tokens with invented `kid`s makes an issuer see one fetch in that time. Before there are any keys it begins at one
//!   second and doubles.
//! - **What the issuer does not have is known until then**: its token is refused as `ERR_KEY_NOT_FOUND`. Where nobody
//!   could ask, it is `ERR_KEYS_NEEDED`: the token may be good.
//! - **A failed fetch takes nothing away.** Keys stay usable through an outage, for a day unless set otherwise.
//! - **Nothing runs by itself.** There is no thread and no timer: what is due is done when somebody verifies.
//! - **A clock that was ahead is not believed**: keys from the future are asked for again before they are used, and a
//!   cooldown or a fetch that would last longer than it can is over.
//!
//! The state is one record behind an atomic pointer: verifying takes no lock, and a process that forks leaves none
//! behind that nobody will release. A child abandons a fetch that its parent was making.

mod export;
mod fetch;
mod options;
mod state;
mod turn;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use self::fetch::METADATA_LIFE;
pub use self::options::RemoteOptions;
pub(crate) use self::state::Published;
use self::state::{CLOCKS_APART, Standing, State};
pub(crate) use self::turn::{Landed, Moved, Turn};
use super::{Key, KeySet};
use crate::error::{Code, Error, Result};
use crate::oauth::{Endpoints, ProviderMetadata};
use crate::operation::flight::GRACE;
use crate::operation::{Event, Failure, Machine, Next, Operation, Response};
use crate::url;

/// The keys of one issuer, fetched from it and kept up to date.
///
/// It has state, and may be shared: by the threads of a process, and by several verifiers. A clone is the same set. It
/// does nothing by itself: operations fetch, when a [`crate::Verifier`] or a caller of [`RemoteKeySet::refresh`] wants
/// it. It opens no connection of its own, and survives a fork.
#[derive(Clone)]
pub struct RemoteKeySet(Arc<Inner>);

pub(crate) struct Inner {
    options: RemoteOptions,
    /// Where the keys are, if the program said so: then nothing is discovered.
    configured: Option<Arc<ProviderMetadata>>,
    state: ArcSwap<State>,
    /// The state of a small generator (splitmix64), which only spreads requests in time.
    random: AtomicU64,
}

impl RemoteKeySet {
    /// A set that has not fetched anything. `seed` spreads the requests of many processes in time: any number that
    /// differs from process to process.
    ///
    /// # Errors
    /// Those of [`RemoteOptions::from_json`].
    pub fn new(options: RemoteOptions, seed: u64) -> Result<Self> {
        options.check()?;
        let metadata = |jwks_uri: &String| {
            let endpoints = Endpoints { jwks_uri: Some(jwks_uri.clone()), ..Endpoints::default() };
            ProviderMetadata::configured(options.issuer.as_deref(), endpoints)
        };
        let configured = options.jwks_uri.as_ref().map(metadata).map(Arc::new);
        let (state, random) = (ArcSwap::from_pointee(State::default()), AtomicU64::new(seed));
        Ok(Self(Arc::new(Inner { options, configured, state, random })))
    }

    /// The issuer, as it was configured.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.0.options.issuer.as_deref()
    }

    /// The keys at hand. Does no I/O.
    ///
    /// # Errors
    /// `ERR_KEYS_NEEDED` if there are none, or their time is over.
    pub fn key_set(&self, now: u64) -> Result<KeySet> {
        self.with_keys(now, false, |published| match published {
            Some(published) => Ok(published.keys.clone()),
            None => Err(self.needed(None)),
        })
    }

    /// Fetches the keys, or waits for who is fetching them.
    ///
    /// # Errors
    /// Those of the fetch. Within the cooldown of an earlier one, `ERR_KEYS_NEEDED`.
    #[must_use]
    pub fn refresh(&self, now: u64) -> Operation<()> {
        // Longer than a fetch, and than waiting for one that is never ended and then making it.
        let patience = self.0.timeout().saturating_mul(2).saturating_add(2 * GRACE);
        Operation::new(self.refreshing(now), now.saturating_add(patience))
    }

    /// What [`RemoteKeySet::refresh`] does, as a part of another operation.
    pub(crate) fn refreshing(&self, now: u64) -> impl Machine<Output = ()> + use<> {
        Refresh(self.turn(now))
    }

    /// The fetch that is due, if nobody is at it: for a driver to run in the background, while the keys at hand serve.
    #[must_use]
    pub fn refresh_ahead(&self, now: u64) -> Option<Operation<()>> {
        let state = self.0.state.load();
        let is_due = matches!(self.0.standing(&state, now), Standing::Due | Standing::Outage);
        (is_due && self.0.is_free(&state, now)).then(|| self.refresh(now))
    }

    /// Fetches no more. What needs keys that are not there fails with `ERR_CLOSED`.
    pub fn close(&self) {
        self.0.state.rcu(|state| State { closed: true, ..State::clone(state) });
    }

    pub(crate) fn turn(&self, now: u64) -> Turn {
        Turn::new(Arc::clone(&self.0), now)
    }

    /// Calls the function with the keys that a token may be judged by at the moment. `after_failure`: the issuer could
    /// not be asked just now.
    // Borrowed: to count one reference more and one less at each verification, all threads would pass a cache line
    // around.
    #[inline]
    pub(crate) fn with_keys<T>(
        &self,
        now: u64,
        after_failure: bool,
        call: impl FnOnce(Option<&Arc<Published>>) -> T,
    ) -> T {
        let state = self.0.state.load();
        let may_be_used = match self.0.standing(&state, now) {
            Standing::Fresh | Standing::Due | Standing::Outage => true,
            Standing::Stale => after_failure,
            Standing::Missing => false,
        };
        call(state.keys.as_ref().filter(|_| may_be_used))
    }

    /// The issuer's metadata, if it may be used at the moment. `after_failure`: the issuer could not be asked just now.
    pub(crate) fn metadata(&self, now: u64, after_failure: bool) -> Option<Arc<ProviderMetadata>> {
        let state = self.0.state.load();
        let until = if after_failure { state.metadata_usable_until } else { state.metadata_until };
        // A clock that was ahead when it came is not believed.
        let is_believed = after_failure || until.saturating_sub(now) <= METADATA_LIFE.saturating_add(CLOCKS_APART);
        state.metadata.clone().filter(|_| now < until && is_believed)
    }

    /// The error for a token whose key is not here.
    #[cold]
    pub(crate) fn needed(&self, cause: Option<Error>) -> Error {
        let state = self.0.state.load();
        let cause = cause.or_else(|| state.attempts.failed.as_ref().map(|(error, _)| error.clone()));
        let message = match &cause {
            Some(cause) => format!("the keys of {} could not be fetched: {}", self.0.name(), cause.message()),
            None => format!("the keys of {} are not here: verify_fetching fetches them", self.0.name()),
        };
        let error = Error::new(Code::KeysNeeded, message);
        match cause {
            Some(cause) => error.caused_by(cause),
            None => error,
        }
    }

    /// Whether the issuer was asked for a key, does not have it, and cannot be asked again yet.
    pub(crate) fn is_absent(&self, fingerprint: u64, now: u64) -> bool {
        let state = self.0.state.load();
        self.0.left_of_cooldown(&state, now) > 0 && state.is_absent(fingerprint)
    }

    pub(crate) fn note_absent(&self, fingerprint: u64) {
        self.0.state.rcu(|state| {
            if state.is_absent(fingerprint) { Arc::clone(state) } else { Arc::new(state.with_absent(fingerprint)) }
        });
    }
}

impl Inner {
    fn cooldown(&self) -> u64 {
        u64::try_from(self.options.cooldown.as_millis()).unwrap_or(u64::MAX)
    }

    /// With all the jitter that it may have.
    fn longest_cooldown(&self) -> u64 {
        self.cooldown().saturating_add(self.cooldown() / 4)
    }

    fn timeout(&self) -> u64 {
        u64::try_from(self.options.timeout.as_millis()).unwrap_or(u64::MAX)
    }

    fn outage_limit(&self) -> u64 {
        u64::try_from(self.options.outage_limit.as_millis()).unwrap_or(u64::MAX)
    }

    /// What the set is called in messages: a URL without its query, which may hold a secret.
    fn name(&self) -> &str {
        let options = &self.options;
        let name = options.issuer.as_deref().or(options.jwks_uri.as_deref()).unwrap_or("the issuer");
        url::without_query(name)
    }

    /// A number below `limit`.
    fn jitter(&self, limit: u64) -> u64 {
        // splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
        const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.random.fetch_add(GAMMA, Ordering::Relaxed).wrapping_add(GAMMA);
        // The children of one parent have the same state, and must not ask in step.
        mixed ^= u64::from(std::process::id()) << 32;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31).checked_rem(limit).unwrap_or(0)
    }
}

impl fmt::Debug for RemoteKeySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.state.load();
        formatter
            .debug_struct("RemoteKeySet")
            .field("of", &self.0.name())
            .field("keys", &state.keys.as_ref().map(|published| published.keys.len()))
            .finish_non_exhaustive()
    }
}

/// The operation that fetches and nothing else.
struct Refresh(Turn);

impl Machine for Refresh {
    type Output = ();

    fn step(&mut self, now: u64, events: &mut Vec<Event>) -> Next<()> {
        match self.0.step(now, events) {
            Moved::Send(request) => Next::Send(request),
            Moved::Wait(wait) => Next::Wait(wait),
            Moved::Over(landed) => Next::Done(landed.outcome),
        }
    }

    fn resume(&mut self, now: u64, outcome: Result<Response, Failure>, events: &mut Vec<Event>) {
        self.0.resume(now, outcome, events);
    }
}
