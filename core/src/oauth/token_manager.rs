//! One access token for all of a process, renewed before it ends.
//!
//! ```text
//!            renew_at                   expires_at
//!  ── Fresh ────┬───── renewed by one, used by all ─────┬── Over: renewed by one, all others wait ──
//! ```
//!
//! - **One refresh at a time.** Who comes meanwhile gets the token that is still valid, or waits.
//! - **New tokens are used once the program has kept them**: a provider that rotates refresh tokens takes the old one
//!   back, and a process that dies with the only copy of the new one has logged its user out. If keeping them fails,
//!   they are handed over again at a later call, before anything else.
//! - **A refresh token is sent once.** An answer that is lost may have replaced it, and a provider that sees one twice
//!   revokes all that came of it (RFC 9700 section 4.14.2). An answer that came is kept whatever happens to who asked
//!   for it: the next caller goes on from there.
//! - **Who is cancelled takes nothing from the others.** Before the request was sent, another takes over; after it,
//!   its fate is unknown, and so front ends let it come to its end.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::client::{Client, Inner};
use super::token_endpoint::uncertain;
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

/// For so many seconds new tokens are used, whatever they say of their life.
const SHORTEST_USE: i64 = 5;

/// How long a refresh that failed for a passing reason is left alone, in milliseconds.
const PAUSE: u64 = 5_000;

/// The settings of a token manager.
#[derive(Clone, Debug)]
pub struct ManagerOptions {
    renew_before: Option<i64>,
    persist: bool,
}

/// Holds the tokens of one login or client, and renews them. Has state, and is shared by all threads of a process; a
/// clone is the same manager.
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
    /// The answer to their refresh: not judged yet, or not kept yet.
    arrived: Option<Arc<Arrived>>,
    /// Why there is no way from these tokens to others.
    end: Option<Error>,
    /// The last failure that may pass, and until when nobody tries again, in milliseconds since 1970.
    failed: Option<(Error, u64)>,
    flight: Option<Arc<Flight>>,
    /// Whether the flight's request was sent.
    is_sent: bool,
}

struct Arrived {
    tokens: Tokens,
    is_judged: bool,
}

impl ManagerOptions {
    /// Reads the document: `renew_before` (seconds before its end that a token is renewed; unless set a tenth of what
    /// is left of it, from 10 to 300; never more than half), `persist` (whether the program keeps new tokens: then
    /// every refresh asks it to).
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

    /// The same, with new tokens kept by the program or not.
    #[must_use]
    pub fn persist(mut self, persist: bool) -> Self {
        self.persist = persist;
        self
    }
}

impl TokenManager {
    /// A manager of these tokens. `now` is in milliseconds since 1970.
    #[must_use]
    pub fn new(client: &Client, tokens: Tokens, options: ManagerOptions, now: u64) -> Self {
        let manager = Manager {
            client: client.clone(),
            state: ArcSwap::from_pointee(options.state(tokens, now, false)),
            options,
        };
        Self(Arc::new(manager))
    }

    /// The tokens at hand, whether or not they are valid still.
    #[must_use]
    pub fn current(&self) -> Tokens {
        Tokens::clone(&self.0.state.load().tokens)
    }

    /// Other tokens from here on: of a new login, or that another process got.
    pub fn replace(&self, tokens: Tokens, now: u64) {
        self.0.state.store(Arc::new(self.0.options.state(tokens, now, false)));
    }

    /// Tokens that are valid: those at hand, or renewed ones. `force` renews them whatever they say, for a server that
    /// refused the access token. `deadline` is in milliseconds since 1970; who makes the refresh may take longer, by
    /// the time of its requests.
    ///
    /// A refresh that fails while the tokens at hand are valid fails nobody.
    ///
    /// # Errors
    /// `ERR_REFRESH_TOKEN_MISSING`, `ERR_GRANT_REFUSED`, `ERR_REFRESH_UNCERTAIN`: the user must log in again.
    /// `ERR_PERSIST_FAILED`, and those of [`Client::refresh`]: try again later. A hook that keeps tokens must not ask
    /// the manager for some: it would wait for itself.
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
    /// `is_renewed`: they have just come from the provider.
    fn state(&self, tokens: Tokens, now: u64, is_renewed: bool) -> State {
        let now = seconds(now);
        let renew_at = tokens.expires_at.map(|end| {
            let left = end.saturating_sub(now).max(0);
            let wanted = self.renew_before.unwrap_or_else(|| (left / 10).clamp(10, 300));
            let before = wanted.min(left / 2);
            // Many processes that were started together must not ask together.
            let spread = (before / 4).saturating_add(1);
            let at = end.saturating_sub(before).saturating_sub(below(spread)).min(end.saturating_sub(LAST_SECONDS));
            // However short its life is, what was renewed serves for a while: else every call would be a refresh.
            if is_renewed { at.max(now.saturating_add(SHORTEST_USE)) } else { at }
        });
        let tokens = Arc::new(tokens);
        State { tokens, renew_at, arrived: None, end: None, failed: None, flight: None, is_sent: false }
    }
}

/// What a caller does next.
enum Turn {
    Use(Arc<Tokens>),
    Wait(Arc<Flight>),
    /// The refresh is this caller's, or the keeping of what one brought.
    Lead(Arc<Flight>, Arc<Tokens>),
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
            match self.turn(refused, outside.now(), deadline) {
                Turn::Use(tokens) => return Ok(Tokens::clone(&tokens)),
                Turn::Fail(error) => return Err(error),
                Turn::Wait(flight) => {
                    let until = flight.given_up_at().min(deadline);
                    outside.wait(Wait { until, signal: flight }).await;
                }
                Turn::Lead(flight, tokens) => {
                    let is_wanted = refused.is_some_and(|refused| Arc::ptr_eq(refused, &tokens));
                    let lead = Lead { manager: self, flight, begun_with: tokens };
                    match lead.renew(client, outside).await {
                        Landed::New(tokens) => return Ok(*tokens),
                        Landed::Failed(error) => {
                            let tokens = &lead.begun_with;
                            let is_usable = !is_wanted && is_valid(tokens, outside.now());
                            return if is_usable { Ok(Tokens::clone(tokens)) } else { Err(error) };
                        }
                        Landed::Superseded => {}
                    }
                }
            }
        }
    }

    fn turn(&self, refused: Option<&Arc<Tokens>>, now: u64, deadline: u64) -> Turn {
        loop {
            let state = self.state.load_full();
            let is_wanted = refused.is_some_and(|tokens| Arc::ptr_eq(tokens, &state.tokens));
            let is_due = state.renew_at.is_some_and(|at| at <= seconds(now));
            if state.arrived.is_none() && !is_wanted && !is_due {
                return Turn::Use(Arc::clone(&state.tokens));
            }
            let usable = (!is_wanted && is_valid(&state.tokens, now)).then(|| Arc::clone(&state.tokens));
            if let Some(flight) = state.flight.as_ref().filter(|flight| flight.is_up(now)) {
                return match usable {
                    Some(tokens) => Turn::Use(tokens),
                    None if now >= deadline => Turn::Fail(too_late()),
                    None => Turn::Wait(Arc::clone(flight)),
                };
            }
            // Its maker is gone, and so far there is no answer.
            if state.flight.is_some() && state.is_sent && state.arrived.is_none() && state.end.is_none() {
                self.change(&state, |next| next.end = Some(uncertain(None)));
                continue;
            }
            let passing = state.failed.as_ref();
            let passing = passing.filter(|(_, until)| now < *until && until.saturating_sub(now) <= PAUSE);
            let obstacle = match (&state.arrived, &state.end, passing) {
                (None, Some(error), _) | (_, _, Some((error, _))) => Some(error.clone()),
                (None, None, None) if state.tokens.refresh_token.is_none() => {
                    let message = "the access token is to be renewed, and there is no refresh token";
                    Some(Error::new(Code::RefreshTokenMissing, message))
                }
                _ => None,
            };
            match (obstacle, usable) {
                (Some(_), Some(tokens)) => return Turn::Use(tokens),
                (Some(error), None) => return Turn::Fail(error),
                (None, _) if now >= deadline => return Turn::Fail(too_late()),
                (None, _) => {}
            }
            let flight = Arc::new(Flight::new(now, self.patience()));
            let changed = self.change(&state, |next| (next.flight, next.is_sent) = (Some(Arc::clone(&flight)), false));
            if changed {
                return Turn::Lead(flight, Arc::clone(&state.tokens));
            }
        }
    }

    /// Replaces the state, if it is still this one.
    fn change(&self, state: &Arc<State>, change: impl FnOnce(&mut State)) -> bool {
        let mut next = State::clone(state);
        change(&mut next);
        Arc::ptr_eq(&self.state.compare_and_swap(state, Arc::new(next)), state)
    }

    /// How long a refresh may take, in milliseconds: discovery, the request itself, the keys for an ID token, and the
    /// program's hook.
    fn patience(&self) -> u64 {
        let timeout = self.client.0.timeout_ms();
        timeout.saturating_mul(4).saturating_add(GRACE)
    }
}

/// The one who refreshes. Dropping it tells the others to look for themselves.
struct Lead<'a> {
    manager: &'a Manager,
    flight: Arc<Flight>,
    /// The tokens that are to be replaced: as long as the manager has these, what came of them counts.
    begun_with: Arc<Tokens>,
}

enum Landed {
    New(Box<Tokens>),
    Failed(Error),
    /// The manager has gone on without this one: look again.
    Superseded,
}

impl Lead<'_> {
    async fn renew(&self, client: &Inner, outside: &Outside) -> Landed {
        let arrived = match self.manager.state.load().arrived.clone() {
            Some(arrived) => arrived,
            None => match self.refresh(client, outside).await {
                Ok(arrived) => arrived,
                Err(landed) => return landed,
            },
        };
        let arrived = match self.judge(client, arrived, outside).await {
            Ok(arrived) => arrived,
            Err(landed) => return landed,
        };
        if self.manager.options.persist {
            // What was superseded must not overwrite what the program has kept since.
            if !self.is_current() {
                return Landed::Superseded;
            }
            if let Err(reason) = outside.persist(arrived.tokens.clone()).await {
                let message = format!("the program did not keep the new tokens: {reason:.200}");
                let error = Error::new(Code::PersistFailed, message);
                return self.fail(error, End::Pause, outside);
            }
        }
        let fresh = self.manager.options.state(arrived.tokens.clone(), outside.now(), true);
        if !self.update(|next| *next = fresh.clone()) {
            return Landed::Superseded;
        }
        self.flight.land(Outcome::Over(Ok(())));
        let rotated = arrived.tokens.refresh_token != self.begun_with.refresh_token;
        outside.event(Event::new("tokens_refreshed").with("rotated", rotated));
        Landed::New(Box::new(arrived.tokens.clone()))
    }

    /// Sends the refresh token, and takes the answer into the state before anything else is done with it.
    async fn refresh(&self, client: &Inner, outside: &Outside) -> Result<Arc<Arrived>, Landed> {
        // Before the moment that counts, so that nothing lies between that and the request.
        let provider = match client.provider(outside).await {
            Ok(provider) => provider,
            Err(error) => return Err(self.fail(error, End::Pause, outside)),
        };
        // Who took so long that another took over does not send it a second time.
        let is_mine = |state: &State| {
            state.flight.as_ref().is_some_and(|flight| Arc::ptr_eq(flight, &self.flight)) && state.arrived.is_none()
        };
        if !self.update_if(is_mine, |next| next.is_sent = true) {
            return Err(Landed::Superseded);
        }
        match client.refresh_at(&provider, &self.begun_with, &self.begun_with.scope, None, outside).await {
            Ok(tokens) => {
                let arrived = Arc::new(Arrived { tokens, is_judged: false });
                let is_ours = self.update(|next| {
                    (next.arrived, next.end, next.failed) = (Some(Arc::clone(&arrived)), None, None);
                });
                if is_ours { Ok(arrived) } else { Err(Landed::Superseded) }
            }
            Err(failure) if failure.is_uncertain => Err(self.fail(uncertain(Some(failure.error)), End::Final, outside)),
            Err(failure) => {
                let end = if is_final(&failure.error) { End::Final } else { End::Pause };
                Err(self.fail(failure.error, end, outside))
            }
        }
    }

    /// Judges the ID token that came with the tokens.
    async fn judge(&self, client: &Inner, arrived: Arc<Arrived>, outside: &Outside) -> Result<Arc<Arrived>, Landed> {
        if arrived.is_judged {
            return Ok(arrived);
        }
        let deadline = self.flight.given_up_at().saturating_sub(GRACE);
        match client.judge_refreshed(arrived.tokens.clone(), &self.begun_with, outside, deadline).await {
            Ok(tokens) => {
                let judged = Arc::new(Arrived { tokens, is_judged: true });
                let is_ours = self.update(|next| next.arrived = Some(Arc::clone(&judged)));
                if is_ours { Ok(judged) } else { Err(Landed::Superseded) }
            }
            // The old refresh token is spent, and what replaces it is not this user's.
            Err(error) => Err(self.fail(error, End::Refused, outside)),
        }
    }

    fn fail(&self, error: Error, end: End, outside: &Outside) -> Landed {
        let (code, message) = (error.code().name(), error.message());
        outside.event(Event::new("tokens_refresh_failed").with("code", code).with("message", message));
        let until = outside.now().saturating_add(PAUSE);
        let is_mine = |state: &State| state.flight.as_ref().is_some_and(|flight| Arc::ptr_eq(flight, &self.flight));
        let is_ours = self.update_if(is_mine, |next| {
            match end {
                End::Pause => next.failed = Some((error.clone(), until)),
                End::Final => next.end = Some(error.clone()),
                End::Refused => (next.end, next.arrived) = (Some(error.clone()), None),
            }
            (next.flight, next.is_sent) = (None, false);
        });
        self.flight.land(Outcome::Over(Ok(())));
        if is_ours { Landed::Failed(error) } else { Landed::Superseded }
    }

    fn is_current(&self) -> bool {
        Arc::ptr_eq(&self.manager.state.load().tokens, &self.begun_with)
    }

    /// Changes the state, if the manager still has the tokens that this began with: whoever leads by now, what came of
    /// them is news of them.
    fn update(&self, change: impl FnMut(&mut State)) -> bool {
        self.update_if(|_| true, change)
    }

    fn update_if(&self, condition: impl Fn(&State) -> bool, mut change: impl FnMut(&mut State)) -> bool {
        let mut is_done = false;
        self.manager.state.rcu(|state| {
            is_done = Arc::ptr_eq(&state.tokens, &self.begun_with) && condition(state);
            if !is_done {
                return Arc::clone(state);
            }
            let mut next = State::clone(state);
            change(&mut next);
            Arc::new(next)
        });
        is_done
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        self.flight.land(Outcome::Abandoned);
    }
}

/// How a failure is remembered.
enum End {
    /// Somebody tries again after a while.
    Pause,
    /// Nothing comes of these tokens any more.
    Final,
    /// The same, and what came of them is not used.
    Refused,
}

/// The words for a refresh token that is over: RFC 6749's, GitHub's, Slack's.
fn is_final(error: &Error) -> bool {
    const WORDS: [&str; 4] = ["invalid_grant", "bad_refresh_token", "invalid_refresh_token", "token_revoked"];
    error.code() == Code::GrantRefused && error.provider_error().is_some_and(|word| WORDS.contains(&word))
}

fn too_late() -> Error {
    Error::new(Code::Deadline, "the tokens were not renewed in time")
}

fn is_valid(tokens: &Tokens, now: u64) -> bool {
    tokens.expires_at.is_none_or(|end| seconds(now).saturating_add(LAST_SECONDS) < end)
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
