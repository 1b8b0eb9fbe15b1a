//! The fetch: metadata where it is needed, then the keys.

use std::sync::Arc;

use super::Inner;
use super::state::{Attempts, CLOCKS_APART, Published, State, Times};
use crate::error::{Code, Error, Result};
use crate::jwk::{KeySet, Operation};
use crate::oauth::{ProviderMetadata, json_body, max_age};
use crate::operation::flight::{Flight, Outcome};
use crate::operation::{Event, Failure, Reach, Request, Response};
use crate::url::well_known;

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 24 * 60 * MINUTE;

/// How long metadata is believed: endpoints move seldom, and keys are asked for at the old one until then.
pub(super) const METADATA_LIFE: u64 = DAY;

/// The bounds of the keys' life, and their life if the answer says nothing of it.
const SHORTEST_LIFE: u64 = MINUTE;
const LONGEST_LIFE: u64 = DAY;
const USUAL_LIFE: u64 = 10 * MINUTE;

/// A longer validator is not kept.
const MOST_ETAG_BYTES: usize = 256;

/// The names of the well-known documents (OpenID Connect Discovery section 4, RFC 8414 section 3), and whether they are
/// inserted in front of the issuer's path. Providers of OpenID Connect have the first; the second is asked for if there
/// is none.
const WELL_KNOWN: [(&str, bool); 2] = [("openid-configuration", false), ("oauth-authorization-server", true)];

/// The one who fetches, on behalf of all. Dropping it abandons the flight.
pub(super) struct Fetch {
    set: Arc<Inner>,
    flight: Arc<Flight>,
    phase: Phase,
    /// Whether what it brought is what the set has: not if another had taken over and was first.
    is_current: bool,
}

enum Phase {
    /// Ask for the well-known document at this place of the list.
    Discover(usize),
    Keys(Asking),
    Over(Result<()>),
}

/// Where the keys are asked for.
struct Asking {
    metadata: Arc<ProviderMetadata>,
    metadata_until: u64,
    /// The keys that the same URL gave before, and their validator: the answer may be that they have not changed.
    known: Option<(Arc<Published>, Arc<str>)>,
}

pub(super) enum Asked {
    Send(Request),
    Over(Result<()>),
}

impl Fetch {
    pub(super) fn new(set: Arc<Inner>, flight: Arc<Flight>, now: u64) -> Self {
        let state = set.state.load_full();
        let discovered =
            state.metadata.as_ref().filter(|_| now < state.metadata_until && !state.is_metadata_doubted).cloned();
        let phase = match (&set.configured, discovered) {
            (Some(metadata), _) => Phase::Keys(Asking::new(&state, Arc::clone(metadata), u64::MAX)),
            (None, Some(metadata)) => Phase::Keys(Asking::new(&state, metadata, state.metadata_until)),
            (None, None) => Phase::Discover(0),
        };
        Self { set, flight, phase, is_current: true }
    }

    pub(super) fn step(&mut self, now: u64, events: &mut Vec<Event>) -> Asked {
        self.flight.step(now);
        match self.request(now) {
            Ok(request) => return Asked::Send(request),
            Err(Some(error)) => self.fail(now, error, false, events),
            Err(None) => {}
        }
        match &self.phase {
            Phase::Over(outcome) => Asked::Over(outcome.clone()),
            _ => Asked::Over(Err(Error::internal("a fetch without a request"))),
        }
    }

    pub(super) fn resume(&mut self, now: u64, outcome: Result<Response, Failure>, events: &mut Vec<Event>) {
        self.flight.step(now);
        // Its maker had less time than a fetch may take: the others go on.
        let is_cut = outcome.as_ref().is_err_and(|failure| failure.is_out_of_time) && now < self.flight.deadline();
        let outcome = outcome.map_err(|failure| failure.error);
        match outcome.and_then(|response| self.take(now, &response, events)) {
            Ok(phase) => self.phase = phase,
            Err(error) => self.fail(now, error, is_cut, events),
        }
    }

    /// Whether the keys were asked for at that time or later, and are those that the set has.
    pub(super) fn is_final_since(&self, time: u64) -> bool {
        self.is_current && self.flight.asked_at() >= time
    }

    fn fail(&mut self, now: u64, error: Error, is_cut: bool, events: &mut Vec<Event>) {
        if is_cut {
            self.set.cut_short(now, &error);
            self.flight.land(Outcome::Abandoned);
        } else {
            self.set.failed(&self.flight, now, &error, events);
        }
        self.phase = Phase::Over(Err(error));
    }

    /// The request of the phase; no error if it has none.
    fn request(&self, now: u64) -> Result<Request, Option<Error>> {
        let deadline = self.flight.deadline();
        match &self.phase {
            Phase::Over(_) => Err(None),
            Phase::Discover(place) => {
                let url = self.set.metadata_url(*place)?;
                Ok(Request::get(url, "application/json", deadline, Reach::Anywhere))
            }
            Phase::Keys(asking) => {
                let url = asking.metadata.jwks_uri()?.to_owned();
                let mut request =
                    Request::get(url, "application/json, application/jwk-set+json", deadline, Reach::Anywhere);
                if let Some((_, etag)) = &asking.known {
                    request.headers.push(("If-None-Match", etag.to_string()));
                }
                self.flight.asked(now);
                Ok(request)
            }
        }
    }

    fn take(&mut self, now: u64, response: &Response, events: &mut Vec<Event>) -> Result<Phase> {
        match &self.phase {
            Phase::Discover(place) => {
                let next = place.saturating_add(1);
                let may_go_on = self.set.options.metadata_url.is_none() && next < WELL_KNOWN.len();
                if matches!(response.status, 404 | 405) && may_go_on {
                    return Ok(Phase::Discover(next));
                }
                let document = json_body(response, "the issuer's metadata")?;
                let issuer = self.set.options.issuer.as_deref().unwrap_or_default();
                let metadata = ProviderMetadata::new(&document, issuer, &self.set.metadata_url(*place)?)?;
                let (metadata, until) = (Arc::new(metadata), now.saturating_add(METADATA_LIFE));
                self.set.discovered(&metadata, until);
                Ok(Phase::Keys(Asking::new(&self.set.state.load(), metadata, until)))
            }
            Phase::Keys(asking) => {
                self.is_current = asking.take(&self.set, &self.flight, now, response, events)?;
                Ok(Phase::Over(Ok(())))
            }
            Phase::Over(_) => Err(Error::internal("an answer that nobody asked for")),
        }
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.flight.land(Outcome::Abandoned);
    }
}

impl Asking {
    fn new(state: &State, metadata: Arc<ProviderMetadata>, metadata_until: u64) -> Self {
        let is_same = |published: &Published| {
            Some(&*published.jwks_uri) == metadata.endpoints().jwks_uri.as_deref()
                && published.template.as_deref() == metadata.template()
        };
        let known = state.keys.clone().filter(|published| is_same(published)).zip(state.etag.clone());
        Self { metadata, metadata_until, known }
    }

    /// Hands the keys of the answer to the set. `false` if it has newer ones.
    fn take(
        &self,
        set: &Inner,
        flight: &Arc<Flight>,
        now: u64,
        response: &Response,
        events: &mut Vec<Event>,
    ) -> Result<bool> {
        let new_etag = response.header("etag").filter(|etag| etag.len() <= MOST_ETAG_BYTES && is_visible(etag));
        let (published, etag) = match self.known.as_ref().filter(|_| response.status == 304) {
            Some((published, etag)) => {
                (Arc::clone(published), Some(new_etag.map_or_else(|| Arc::clone(etag), Arc::from)))
            }
            None => {
                let text = json_body(response, "the issuer's keys")?.document().text().to_owned();
                let made = published(text, &self.metadata)?;
                (Arc::new(made), new_etag.map(Arc::from))
            }
        };
        let life = max_age(response)
            .map_or(USUAL_LIFE, |seconds| seconds.saturating_mul(SECOND).clamp(SHORTEST_LIFE, LONGEST_LIFE));
        Ok(set.arrived(flight, now, self, published, set.times(now, life), etag, events))
    }
}

/// Whether a header can carry the text.
fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| (0x21..0x7f).contains(&byte))
}

/// The keys of a JWK Set that a server sent: public ones only. A secret that is published is no secret, and a private
/// key is reduced to what it should have been.
pub(super) fn published(text: String, metadata: &ProviderMetadata) -> Result<Published> {
    let invalid = |message: String| Error::new(Code::ResponseInvalid, message);
    let set = KeySet::from_json(&text)
        .map_err(|cause| invalid("the issuer's keys are no JWK Set".to_owned()).caused_by(cause))?;
    let keys = set.public();
    if !keys.keys().iter().any(|key| key.allows(Operation::Verify)) {
        let message = match set.rejected().first() {
            Some(one) => format!("none of the issuer's keys can be used; the first because {}", one.error.message()),
            None => "the issuer's JWK Set has no keys for signatures".to_owned(),
        };
        return Err(invalid(message));
    }
    let template = metadata.template().map(str::to_owned);
    Ok(Published { keys, template, text, jwks_uri: metadata.jwks_uri()?.to_owned() })
}

impl Inner {
    fn metadata_url(&self, place: usize) -> Result<String> {
        if let Some(url) = &self.options.metadata_url {
            return Ok(url.clone());
        }
        let issuer = self.options.issuer.as_deref().unwrap_or_default();
        let (name, inserted) = WELL_KNOWN.get(place).copied().unwrap_or(("openid-configuration", false));
        well_known(issuer, name, inserted)
    }

    /// The times of keys that live so long from now on, spread so that many processes do not ask in step.
    pub(super) fn times(&self, now: u64, life: u64) -> Times {
        // From 70 to 90 percent of their life.
        let ahead = (life / 10).saturating_mul(7).saturating_add(self.jitter(life / 5));
        let fresh_until = now.saturating_add(life);
        Times {
            fetched_at: now,
            ahead_at: now.saturating_add(ahead),
            fresh_until,
            usable_until: fresh_until.saturating_add(self.outage_limit()),
        }
    }

    /// The metadata came: a login needs nothing more, even if the keys do not come.
    fn discovered(&self, metadata: &Arc<ProviderMetadata>, until: u64) {
        self.state.rcu(|state| {
            // A fetch that was given up on must not put the older in the place of the newer.
            if state.metadata_until > until && state.metadata_until <= until.saturating_add(CLOCKS_APART) {
                return Arc::clone(state);
            }
            // Who asked for no more goes now, and was no vain attempt.
            let attempts = Attempts { abandoned: 0, ..state.attempts.clone() };
            Arc::new(State {
                attempts,
                metadata: Some(Arc::clone(metadata)),
                metadata_until: until,
                metadata_usable_until: until.saturating_add(self.outage_limit()),
                is_metadata_doubted: false,
                ..State::clone(state)
            })
        });
    }

    /// A fetch ended well. `false` if the set has keys that were asked for later.
    #[allow(clippy::too_many_arguments, reason = "one place in which a fetch ends well, and all that it brings")]
    fn arrived(
        &self,
        flight: &Arc<Flight>,
        now: u64,
        asking: &Asking,
        published: Arc<Published>,
        times: Times,
        etag: Option<Arc<str>>,
        events: &mut Vec<Event>,
    ) -> bool {
        let (mut is_current, mut changed) = (false, false);
        self.state.rcu(|state| {
            let is_ours = is_at(state, flight);
            // Another took over from a maker that was thought lost: what is newer counts.
            is_current = is_ours || state.keys.is_none() || state.times.fetched_at < flight.asked_at();
            if !is_current {
                return Arc::clone(state);
            }
            let kept = state.keys.as_ref().filter(|known| known.is_same(&published)).cloned();
            changed = kept.is_none();
            let mut next = State {
                keys: Some(kept.unwrap_or_else(|| Arc::clone(&published))),
                times,
                etag: etag.clone(),
                absent: Arc::default(),
                ..State::clone(state)
            };
            if self.configured.is_none() {
                (next.metadata, next.metadata_until) = (Some(Arc::clone(&asking.metadata)), asking.metadata_until);
            }
            (next.attempts.failures, next.attempts.failed, next.attempts.abandoned) = (0, None, 0);
            if is_ours {
                next.flight = None;
            }
            Arc::new(next)
        });
        flight.land(Outcome::Over(Ok(())));
        if is_current {
            let event = Event::new("keys_refreshed")
                .with("issuer", self.name())
                .with("changed", changed)
                .with("keys", published.keys.len())
                .with("rejected", published.keys.rejected().len())
                .with("fresh_for", times.fresh_until.saturating_sub(now) / SECOND);
            events.push(event);
        }
        is_current
    }

    /// A fetch failed. It takes no keys away.
    fn failed(&self, flight: &Arc<Flight>, now: u64, error: &Error, events: &mut Vec<Event>) {
        let (mut is_ours, mut usable) = (false, false);
        self.state.rcu(|state| {
            is_ours = is_at(state, flight);
            if !is_ours {
                return Arc::clone(state);
            }
            let mut next = State { flight: None, etag: None, ..State::clone(state) };
            // The keys may have moved, and the validator may be what the server cannot read.
            next.is_metadata_doubted = true;
            let attempts = &mut next.attempts;
            attempts.failures = attempts.failures.saturating_add(1);
            attempts.failed = Some((error.clone(), now));
            attempts.abandoned = 0;
            usable = state.keys.is_some() && now < state.times.usable_until;
            if !usable {
                // Without keys nothing can be verified: asked again sooner, and less and less often.
                let pause = self.pause(attempts.failures);
                attempts.next_at =
                    attempts.next_at.min(now.saturating_add(pause.saturating_add(self.jitter(pause / 4))));
            }
            Arc::new(next)
        });
        flight.land(Outcome::Over(Err(error.clone())));
        if is_ours {
            let event = Event::new("keys_refresh_failed")
                .with("issuer", self.name())
                .with("code", error.code().name())
                .with("message", error.message())
                .with("usable", usable);
            events.push(event);
        }
    }

    /// A caller's own time was over before the fetch's. That the issuer is slow is known from now on, and nothing else.
    fn cut_short(&self, now: u64, error: &Error) {
        self.state.rcu(|state| {
            let mut next = State::clone(state);
            next.attempts.failed = Some((error.clone(), now));
            next
        });
    }

    /// How long to wait after so many vain attempts in a row: a second, doubled each time, up to the cooldown.
    pub(super) fn pause(&self, attempts: u32) -> u64 {
        SECOND.saturating_mul(1 << attempts.saturating_sub(1).min(10)).min(self.cooldown())
    }
}

impl Published {
    /// Whether an answer brought the same again.
    fn is_same(&self, other: &Self) -> bool {
        self.text == other.text && self.template == other.template && self.jwks_uri == other.jwks_uri
    }
}

fn is_at(state: &State, flight: &Arc<Flight>) -> bool {
    state.flight.as_ref().is_some_and(|current| Arc::ptr_eq(current, flight))
}
