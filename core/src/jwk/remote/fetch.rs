//! The fetch: metadata where it is needed, then the keys.

use std::sync::Arc;

use super::Inner;
use super::flight::{Flight, Outcome};
use super::state::{Located, Published, State, Times};
use crate::error::{Code, Error, Result};
use crate::jwk::{KeySet, Operation};
use crate::oauth::{Issuer, ProviderMetadata, json_body, max_age};
use crate::operation::{Event, Failure, Reach, Request, Response};
use crate::url::well_known;

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 24 * 60 * MINUTE;

/// How long metadata is believed: endpoints move seldom, and keys are asked for at the old one until then.
const METADATA_LIFE: u64 = DAY;

/// The bounds of the keys' life, and their life if the answer says nothing of it.
const SHORTEST_LIFE: u64 = MINUTE;
const LONGEST_LIFE: u64 = DAY;
const USUAL_LIFE: u64 = 10 * MINUTE;

/// The names of the well-known documents (OpenID Connect Discovery section 4, RFC 8414 section 3), and whether they are inserted in
/// front of the issuer's path. Providers of OpenID Connect have the first; the second is asked for if there is none.
const WELL_KNOWN: [(&str, bool); 2] = [("openid-configuration", false), ("oauth-authorization-server", true)];

/// The one who fetches, on behalf of all. Dropping it abandons the flight.
pub(super) struct Fetch {
    set: Arc<Inner>,
    flight: Arc<Flight>,
    phase: Phase,
}

enum Phase {
    /// Ask for the well-known document at this place of the list.
    Discover(usize),
    Keys(Arc<Located>),
    Over(Option<Result<()>>),
}

pub(super) enum Asked {
    Send(Request),
    Over(Result<()>),
}

impl Fetch {
    pub(super) fn new(set: Arc<Inner>, flight: Arc<Flight>, now: u64) -> Self {
        let state = set.state.load();
        let known = state.metadata.as_ref().filter(|located| now < located.until).cloned();
        let phase = match known {
            Some(located) => Phase::Keys(located),
            None => Phase::Discover(0),
        };
        drop(state);
        Self { set, flight, phase }
    }

    pub(super) fn flight(&self) -> &Arc<Flight> {
        &self.flight
    }

    pub(super) fn step(&mut self, now: u64) -> Asked {
        match self.request(now) {
            Ok(Some(request)) => Asked::Send(request),
            Ok(None) => match &mut self.phase {
                Phase::Over(outcome) => Asked::Over(outcome.take().unwrap_or(Ok(()))),
                _ => Asked::Over(Err(Error::internal("a fetch without a request"))),
            },
            Err(error) => Asked::Over(Err(error)),
        }
    }

    pub(super) fn resume(&mut self, now: u64, outcome: Result<Response, Failure>, events: &mut Vec<Event>) {
        let next = outcome.map_err(|failure| failure.error).and_then(|response| self.take(now, &response, events));
        match next {
            Ok(phase) => self.phase = phase,
            Err(error) => {
                self.set.failed(&self.flight, now, &error, events);
                self.phase = Phase::Over(Some(Err(error)));
            }
        }
    }

    /// The request of the phase, if it has one.
    fn request(&self, now: u64) -> Result<Option<Request>> {
        let url = match &self.phase {
            Phase::Over(_) => return Ok(None),
            Phase::Keys(located) => located.metadata.jwks_uri().to_owned(),
            Phase::Discover(place) => self.metadata_url(*place)?,
        };
        let accept = match &self.phase {
            Phase::Keys(_) => "application/json, application/jwk-set+json",
            _ => "application/json",
        };
        let mut request = Request::get(url, accept, self.flight.deadline(), Reach::Anywhere);
        if let Phase::Keys(_) = self.phase {
            let state = self.set.state.load();
            if let Some(etag) = state.etag.as_deref().filter(|_| state.keys.is_some()) {
                request.headers.push(("If-None-Match", etag.to_owned()));
            }
            self.flight.keys_asked_for(now);
        }
        Ok(Some(request))
    }

    fn metadata_url(&self, place: usize) -> Result<String> {
        let options = &self.set.options;
        if let Some(url) = &options.metadata_url {
            return Ok(url.clone());
        }
        let issuer = options.issuer.as_deref().unwrap_or_default();
        let (name, inserted) = WELL_KNOWN.get(place).copied().unwrap_or(("openid-configuration", false));
        well_known(issuer, name, inserted)
    }

    fn take(&mut self, now: u64, response: &Response, events: &mut Vec<Event>) -> Result<Phase> {
        match &self.phase {
            Phase::Discover(place) => {
                let next = place.saturating_add(1);
                if matches!(response.status, 404 | 405)
                    && self.set.options.metadata_url.is_none()
                    && next < WELL_KNOWN.len()
                {
                    return Ok(Phase::Discover(next));
                }
                let document = json_body(response, "the issuer's metadata")?;
                let issuer = self.set.options.issuer.as_deref().unwrap_or_default();
                let metadata = ProviderMetadata::new(&document, issuer)?;
                Ok(Phase::Keys(Arc::new(Located { metadata, until: now.saturating_add(METADATA_LIFE) })))
            }
            Phase::Keys(located) => {
                let located = Arc::clone(located);
                self.take_keys(now, response, located, events)?;
                Ok(Phase::Over(Some(Ok(()))))
            }
            Phase::Over(_) => Err(Error::internal("an answer that nobody asked for")),
        }
    }

    fn take_keys(&self, now: u64, response: &Response, located: Arc<Located>, events: &mut Vec<Event>) -> Result<()> {
        let known = self.set.state.load().keys.clone();
        let etag = response.header("etag").map(Arc::from);
        let published = match known.filter(|_| response.status == 304) {
            Some(known) => known,
            None => {
                let text = json_body(response, "the issuer's keys")?.document().text().to_owned();
                let template = match located.metadata.issuer() {
                    Issuer::Template(template) => Some(template.clone()),
                    Issuer::Exact(_) => None,
                };
                self.set
                    .state
                    .load()
                    .keys
                    .clone()
                    .filter(|known| known.text == text && known.template == template)
                    .map_or_else(|| published(text, template).map(Arc::new), Ok)?
            }
        };
        let life = max_age(response)
            .map_or(USUAL_LIFE, |seconds| seconds.saturating_mul(SECOND).clamp(SHORTEST_LIFE, LONGEST_LIFE));
        self.set.arrived(&self.flight, now, published, self.set.times(now, life), etag, located, events);
        Ok(())
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.flight.land(Outcome::Abandoned);
    }
}

/// The keys of a JWK Set that a server sent: public ones only. A secret that is published is no secret, and a private key is
/// reduced to what it should have been.
pub(super) fn published(text: String, template: Option<String>) -> Result<Published> {
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
    Ok(Published { keys, template, text })
}

impl Inner {
    /// The times of keys that live so long from now on, spread so that many processes do not ask in step.
    pub(super) fn times(&self, now: u64, life: u64) -> Times {
        // From 70 to 90 percent of their life.
        let ahead = life / 100 * 70 + self.jitter(life / 5);
        let fresh_until = now.saturating_add(life);
        let outage = u64::try_from(self.options.outage_limit.as_millis()).unwrap_or(u64::MAX);
        Times {
            fetched_at: now,
            ahead_at: now.saturating_add(ahead),
            fresh_until,
            usable_until: fresh_until.saturating_add(outage),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one place in which a fetch ends well, and all that it brings")]
    fn arrived(
        &self,
        flight: &Arc<Flight>,
        now: u64,
        keys: Arc<Published>,
        times: Times,
        etag: Option<Arc<str>>,
        metadata: Arc<Located>,
        events: &mut Vec<Event>,
    ) {
        let count = keys.keys.len();
        let changed = self.state.load().keys.as_ref().is_none_or(|known| !Arc::ptr_eq(known, &keys));
        let rejected = keys.keys.rejected().len();
        let is_ours = self.end(flight, Ok(()), |state| {
            let mut attempts = state.attempts.clone();
            (attempts.failures, attempts.failed) = (0, None);
            State {
                keys: Some(Arc::clone(&keys)),
                times,
                etag: etag.clone(),
                metadata: Some(Arc::clone(&metadata)),
                attempts,
                absent: Arc::default(),
                ..state.clone()
            }
        });
        let event = Event::new("keys_refreshed")
            .with("issuer", self.name())
            .with("changed", changed)
            .with("keys", count)
            .with("rejected", rejected)
            .with("fresh_for", times.fresh_until.saturating_sub(now) / SECOND);
        events.extend(is_ours.then_some(event));
    }

    fn failed(&self, flight: &Arc<Flight>, now: u64, error: &Error, events: &mut Vec<Event>) {
        let mut usable = false;
        let is_ours = self.end(flight, Err(error.clone()), |state| {
            let mut attempts = state.attempts.clone();
            attempts.failures = attempts.failures.saturating_add(1);
            attempts.failed = Some((error.clone(), now));
            usable = state.keys.is_some() && now < state.times.usable_until;
            if !usable {
                // Without keys nothing can be verified: asked again sooner, and less and less often.
                let pause = SECOND.saturating_mul(1 << attempts.failures.saturating_sub(1).min(10));
                let pause = pause.min(self.cooldown());
                attempts.next_at =
                    attempts.next_at.min(now.saturating_add(pause.saturating_add(self.jitter(pause / 4))));
            }
            // The keys may have moved.
            State { attempts, metadata: None, ..state.clone() }
        });
        let event = Event::new("keys_refresh_failed")
            .with("issuer", self.name())
            .with("code", error.code().name())
            .with("message", error.message())
            .with("usable", usable);
        events.extend(is_ours.then_some(event));
    }

    /// Ends a flight: the state becomes what `change` makes of it, unless another flight has taken this one's place.
    fn end(&self, flight: &Arc<Flight>, outcome: Result<()>, mut change: impl FnMut(&State) -> State) -> bool {
        let mut is_ours = false;
        self.state.rcu(|state| {
            is_ours = state.flight.as_ref().is_some_and(|current| Arc::ptr_eq(current, flight));
            if is_ours { Arc::new(State { flight: None, ..change(state) }) } else { Arc::clone(state) }
        });
        flight.land(Outcome::Over(outcome));
        is_ours
    }
}
