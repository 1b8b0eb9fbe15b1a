//! One access token for all of a process, renewed before it ends.
//!
//! ```text
//!            renew_at                   expires_at
//!  ── Fresh ────┬───── renewed by one, used by all ─────┬── Over: renewed by one, all others wait ──
//! ```
//!
//! - **One refresh at a time.** Who comes meanwhile gets the token that is still valid, or waits.
//! - **New tokens are used once the program has kept them**: a provider that rotates refresh tokens takes the old one back, and a
//!   process that dies with the only copy of the new one has logged its user out. If keeping them fails, they are handed over again at
//!   the next call, before anything else.
//! - **A refresh token whose fate is unknown is not sent again**: it may be spent, and a provider that sees it twice revokes all that came
//!   of it (RFC 9700 section 4.14.2).
//! - **Who is cancelled takes nothing from the others.** Before the request was sent, another takes over; after it, its fate is unknown,
//!   and so front ends let it come to its end.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::client::{Client, Inner};
use super::tokens::Tokens;
use crate::crypto::random;
use crate::encoding::json::Value;
use crate::error::{Code, Error, Result};
use crate::operation::flight::{Flight, GRACE, Outcome};
use crate::operation::{Event, Operation, Outside, Wait};
use crate::options;

const MEMBERS: &[&str] = &["renew_before", "persist"];

/// A token is not handed out in its last seconds: it has to arrive, too.
const LAST_SECONDS: i64 = 5;

/// How long a refresh that failed for a passing reason is left alone, in milliseconds.
const PAUSE: u64 = 5_000;

/// The settings of a token manager.
#[derive(Clone, Debug)]
pub struct ManagerOptions {
    renew_before: Option<i64>,
    persist: bool,
}

/// Holds the tokens of one login or client, and renews them. Has state, and is shared by all threads of a process; a clone is the
/// same manager.
#[derive(Clone)]
pub struct TokenManager(Arc<Manager>);

struct Manager {
    client: Client,
    options: ManagerOptions,
    state: ArcSwap<State>,
}

#[derive(Clone)]
struct State {
    tokens: Arc<Tokens>,
    /// When they are renewed, in seconds since 1970.
    renew_at: Option<i64>,
    /// Tokens that the program has not kept yet.
    unkept: Option<Arc<Tokens>>,
    /// Why there is no way from these tokens to others.
    end: Option<Error>,
    /// The last failure that may pass, and until when nobody tries again, in milliseconds since 1970.
    failed: Option<(Error, u64)>,
    flight: Option<Arc<Flight>>,
}

impl ManagerOptions {
    /// Reads the document: `renew_before` (seconds before its end that a token is renewed; unless set a tenth of its life, from 10 to
    /// 300), `persist` (whether the program keeps new tokens: then every refresh asks it to).
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION`, `ERR_INVALID_ARGUMENT`: the field names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, "token manager")?;
        let mut settings = Self { renew_before: None, persist: false };
        options::each(parsed.document(), |name, value: Value<'_>| {
            match name {
                "renew_before" => settings.renew_before = i64::try_from(options::seconds(name, value)?.as_secs()).ok(),
                "persist" => settings.persist = options::flag(name, value)?,
                _ => return Err(options::unknown(name, MEMBERS, "the token manager")),
            }
            Ok(())
        })?;
        Ok(settings)
    }
}

impl TokenManager {
    /// A manager of these tokens. `now` is in milliseconds since 1970.
    #[must_use]
    pub fn new(client: &Client, tokens: Tokens, options: ManagerOptions, now: u64) -> Self {
        let manager =
            Manager { client: client.clone(), state: ArcSwap::from_pointee(options.state(tokens, now)), options };
        Self(Arc::new(manager))
    }

    /// The tokens at hand, whether or not they are valid still.
    #[must_use]
    pub fn current(&self) -> Tokens {
        Tokens::clone(&self.0.state.load().tokens)
    }

    /// Other tokens from here on: of a new login, or that another process got.
    pub fn replace(&self, tokens: Tokens, now: u64) {
        self.0.state.store(Arc::new(self.0.options.state(tokens, now)));
    }

    /// Tokens that are valid: those at hand, or renewed ones. `force` renews them whatever they say, for a server that refused
    /// the access token. `deadline` is in milliseconds since 1970; who makes the refresh may take longer, by the time of its requests.
    ///
    /// A refresh that fails while the tokens at hand are valid fails nobody.
    ///
    /// # Errors
    /// `ERR_REFRESH_TOKEN_MISSING`, `ERR_GRANT_REFUSED`, `ERR_REFRESH_UNCERTAIN`: the user must log in again. `ERR_PERSIST_FAILED`, and those of
    /// [`Client::refresh`]: try again later.
    #[must_use]
    pub fn tokens(&self, force: bool, deadline: u64) -> Operation<Tokens> {
        let manager = Arc::clone(&self.0);
        let begun_with = force.then(|| Arc::clone(&manager.state.load().tokens));
        // Who leads comes to an end of its own: see `Manager::patience`.
        let last = deadline.saturating_add(manager.patience());
        self.0.client.operation(last, move |client, outside| async move {
            manager.tokens(&client, begun_with.as_ref(), &outside, deadline).await
        })
    }
}

impl ManagerOptions {
    fn state(&self, tokens: Tokens, now: u64) -> State {
        let now = seconds(now);
        let renew_at = tokens.expires_at.map(|end| {
            let left = end.saturating_sub(now).max(0);
            let before = self.renew_before.unwrap_or_else(|| (left / 10).clamp(10, 300));
            // Many processes that were started together must not ask together.
            let spread = (before / 4).saturating_add(1);
            end.saturating_sub(before).saturating_sub(below(spread))
        });
        State { tokens: Arc::new(tokens), renew_at, unkept: None, end: None, failed: None, flight: None }
    }
}

/// What a caller does next.
enum Turn {
    Use(Arc<Tokens>),
    Wait(Arc<Flight>),
    /// The refresh is this caller's, or the keeping of what one brought.
    Lead(Arc<Flight>, Arc<State>),
    Fail(Error),
}

impl Manager {
    async fn tokens(
        &self,
        client: &Inner,
        refused: Option<&Arc<Tokens>>,
        outside: &Outside,
        deadline: u64,
    ) -> Result<Tokens> {
        loop {
            match self.turn(refused, outside.now()) {
                Turn::Use(tokens) => return Ok(Tokens::clone(&tokens)),
                Turn::Fail(error) => return Err(error),
                Turn::Wait(_) if outside.now() >= deadline => {
                    return Err(Error::new(Code::Deadline, "the tokens were not renewed in time"));
                }
                Turn::Wait(flight) => {
                    let until = flight.given_up_at().min(deadline);
                    outside.wait(Wait { until, signal: flight }).await;
                }
                Turn::Lead(flight, state) => {
                    let lead = Lead { manager: self, flight };
                    lead.renew(client, &state, outside).await;
                    // Whatever came of it is in the state; a caller that asked for new ones has its answer.
                    if let Some(answer) = self.after(refused, outside.now()) {
                        return answer;
                    }
                }
            }
        }
    }

    fn turn(&self, refused: Option<&Arc<Tokens>>, now: u64) -> Turn {
        loop {
            let state = self.state.load_full();
            let is_wanted = refused.is_some_and(|tokens| Arc::ptr_eq(tokens, &state.tokens));
            let is_due = state.renew_at.is_some_and(|at| at <= seconds(now));
            if state.unkept.is_none() && !is_wanted && !is_due {
                return Turn::Use(Arc::clone(&state.tokens));
            }
            let usable = (!is_wanted && is_valid(&state.tokens, now)).then(|| Arc::clone(&state.tokens));
            if let Some(flight) = &state.flight {
                match flight.outcome() {
                    None if flight.is_up(now) => {
                        return usable.map_or_else(|| Turn::Wait(Arc::clone(flight)), Turn::Use);
                    }
                    // Its maker is gone, and took what became of the refresh token along.
                    _ if flight.asked_at() != 0 && state.unkept.is_none() => {
                        let error = uncertain(None);
                        self.change(&state, |next| (next.flight, next.end) = (None, Some(error.clone())));
                        continue;
                    }
                    _ => {}
                }
            }
            let obstacle = match (&state.unkept, &state.end, &state.failed) {
                (Some(_), _, _) => None,
                (None, Some(error), _) => Some(error.clone()),
                (None, None, _) if state.tokens.refresh_token.is_none() => Some(Error::new(
                    Code::RefreshTokenMissing,
                    "the access token is over, and there is no refresh token",
                )),
                (None, None, Some((error, until))) if now < *until && until.saturating_sub(now) <= PAUSE => {
                    Some(error.clone())
                }
                _ => None,
            };
            match (obstacle, usable) {
                (Some(_), Some(tokens)) => return Turn::Use(tokens),
                (Some(error), None) => return Turn::Fail(error),
                (None, _) => {}
            }
            let flight = Arc::new(Flight::new(now, self.patience()));
            if let Some(state) = self.change(&state, |next| next.flight = Some(Arc::clone(&flight))) {
                return Turn::Lead(flight, state);
            }
        }
    }

    /// The answer for who made the refresh, once it is over; none if it is to look again.
    fn after(&self, refused: Option<&Arc<Tokens>>, now: u64) -> Option<Result<Tokens>> {
        let state = self.state.load_full();
        let failure = state.end.clone().or_else(|| state.failed.as_ref().map(|(error, _)| error.clone()))?;
        let is_wanted = refused.is_some_and(|tokens| Arc::ptr_eq(tokens, &state.tokens));
        let is_usable = state.unkept.is_none() && !is_wanted && is_valid(&state.tokens, now);
        Some(if is_usable { Ok(Tokens::clone(&state.tokens)) } else { Err(failure) })
    }

    /// Replaces the state, if it is still this one.
    fn change(&self, state: &Arc<State>, change: impl FnOnce(&mut State)) -> Option<Arc<State>> {
        let mut next = State::clone(state);
        change(&mut next);
        let next = Arc::new(next);
        let before = self.state.compare_and_swap(state, Arc::clone(&next));
        Arc::ptr_eq(&before, state).then_some(next)
    }

    /// How long a refresh may take, in milliseconds: discovery, the request itself, the keys for an ID token, and the program's hook.
    fn patience(&self) -> u64 {
        let timeout = self.client.0.timeout_ms();
        timeout.saturating_mul(4).saturating_add(GRACE)
    }
}

/// The one who refreshes. Dropping it tells the others to look for themselves.
struct Lead<'a> {
    manager: &'a Manager,
    flight: Arc<Flight>,
}

impl Lead<'_> {
    async fn renew(&self, client: &Inner, state: &State, outside: &Outside) {
        let unkept = match &state.unkept {
            Some(tokens) => Arc::clone(tokens),
            None => match self.refresh(client, &state.tokens, outside).await {
                Some(tokens) => tokens,
                None => return,
            },
        };
        if self.manager.options.persist {
            self.update(|next| next.unkept = Some(Arc::clone(&unkept)));
            if let Err(reason) = outside.persist(Tokens::clone(&unkept)).await {
                let error = Error::new(Code::PersistFailed, format!("the new tokens were not kept: {reason}"));
                let until = outside.now().saturating_add(PAUSE);
                self.land(|next| next.failed = Some((error.clone(), until)));
                return;
            }
        }
        let fresh = self.manager.options.state(Tokens::clone(&unkept), outside.now());
        self.land(|next| *next = fresh.clone());
        outside
            .event(Event::new("tokens_refreshed").with("rotated", unkept.refresh_token != state.tokens.refresh_token));
    }

    async fn refresh(&self, client: &Inner, tokens: &Tokens, outside: &Outside) -> Option<Arc<Tokens>> {
        let deadline = self.flight.given_up_at().saturating_sub(GRACE);
        // So that nothing lies between the moment that counts and the request.
        let provider = match client.provider(outside).await {
            Ok(provider) => provider,
            Err(error) => {
                self.fail(error, false, outside);
                return None;
            }
        };
        self.flight.asked(outside.now());
        match client.refresh_at(&provider, tokens, None, outside, deadline).await {
            Ok(tokens) => Some(Arc::new(tokens)),
            Err(failure) => {
                self.fail(failure.error, failure.is_uncertain, outside);
                None
            }
        }
    }

    fn fail(&self, error: Error, is_uncertain: bool, outside: &Outside) {
        let event =
            Event::new("tokens_refresh_failed").with("code", error.code().name()).with("message", error.message());
        outside.event(event);
        let until = outside.now().saturating_add(PAUSE);
        self.land(|next| {
            if is_uncertain {
                next.end = Some(uncertain(Some(error.clone())));
            } else if error.code() == Code::GrantRefused && error.provider_error() == Some("invalid_grant") {
                next.end = Some(error.clone());
            } else {
                next.failed = Some((error.clone(), until));
            }
        });
    }

    /// Changes the state, unless the manager has gone on without this one.
    fn update(&self, mut change: impl FnMut(&mut State)) {
        self.manager.state.rcu(|state| {
            let mut next = State::clone(state);
            if state.flight.as_ref().is_some_and(|flight| Arc::ptr_eq(flight, &self.flight)) {
                change(&mut next);
            }
            next
        });
    }

    fn land(&self, mut change: impl FnMut(&mut State)) {
        self.update(|next| {
            change(next);
            next.flight = None;
        });
        self.flight.land(Outcome::Over(Ok(())));
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        self.flight.land(Outcome::Abandoned);
    }
}

fn is_valid(tokens: &Tokens, now: u64) -> bool {
    tokens.expires_at.is_none_or(|end| seconds(now).saturating_add(LAST_SECONDS) < end)
}

fn uncertain(cause: Option<Error>) -> Error {
    let error =
        Error::new(Code::RefreshUncertain, "a refresh was sent, and what became of the refresh token is not known");
    match cause {
        Some(cause) => error.caused_by(cause),
        None => error,
    }
}

fn seconds(milliseconds: u64) -> i64 {
    i64::try_from(milliseconds / 1000).unwrap_or(i64::MAX)
}

/// A number below `limit`. It only spreads requests in time.
fn below(limit: i64) -> i64 {
    let mut bytes = [0; 4];
    // Without randomness nothing is spread, and nothing is wrong.
    let _ = random(&mut bytes);
    i64::from(u32::from_le_bytes(bytes)).checked_rem(limit).unwrap_or(0)
}

impl fmt::Debug for TokenManager {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.state.load();
        formatter.debug_struct("TokenManager").field("tokens", &state.tokens).finish_non_exhaustive()
    }
}
