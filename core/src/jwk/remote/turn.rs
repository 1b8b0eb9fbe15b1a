//! A caller's turn: to fetch the keys for all, or to wait for who does.

use std::sync::Arc;

use super::fetch::{Asked, Fetch};
use super::state::State;
use super::{Inner, Standing};
use crate::error::{Code, Error, Result};
use crate::operation::flight::{Flight, GRACE, Outcome, Pause};
use crate::operation::{Event, Failure, Request, Response, Signal, Wait};

/// One caller's way to new keys.
pub(crate) struct Turn {
    set: Arc<Inner>,
    /// When the caller came.
    since: u64,
    role: Role,
}

enum Role {
    Enter,
    Lead(Fetch),
    Join(Arc<Flight>),
}

pub(crate) enum Moved {
    Send(Request),
    Wait(Wait),
    Over(Landed),
}

/// How the turn ended.
pub(crate) struct Landed {
    pub(crate) outcome: Result<()>,
    /// Whether the keys were asked for after the caller came: then what is not among them, the issuer does not have.
    pub(crate) is_final: bool,
}

impl Turn {
    pub(super) fn new(set: Arc<Inner>, now: u64) -> Self {
        Self { set, since: now, role: Role::Enter }
    }

    pub(crate) fn step(&mut self, now: u64, events: &mut Vec<Event>) -> Moved {
        loop {
            match &mut self.role {
                Role::Enter => match self.set.enter(now) {
                    Ok(Entered::Leads(flight)) => {
                        self.role = Role::Lead(Fetch::new(Arc::clone(&self.set), flight, now))
                    }
                    Ok(Entered::Joins(flight)) => self.role = Role::Join(flight),
                    Ok(Entered::Pauses(until)) => return Moved::Wait(Wait { until, signal: Arc::new(Pause) }),
                    Err(error) => return Moved::Over(Landed { outcome: Err(error), is_final: false }),
                },
                Role::Lead(fetch) => {
                    return match fetch.step(now, events) {
                        Asked::Send(request) => Moved::Send(request),
                        Asked::Over(outcome) => {
                            Moved::Over(Landed { outcome, is_final: fetch.is_final_since(self.since) })
                        }
                    };
                }
                Role::Join(flight) => match flight.outcome() {
                    Some(Outcome::Over(outcome)) => {
                        let is_final = flight.asked_at() >= self.since;
                        return Moved::Over(Landed { outcome, is_final });
                    }
                    None if flight.is_up(now) => {
                        let signal: Arc<dyn Signal> = Arc::<Flight>::clone(flight);
                        return Moved::Wait(Wait { until: flight.given_up_at(), signal });
                    }
                    Some(Outcome::Abandoned) | None => self.role = Role::Enter,
                },
            }
        }
    }

    pub(crate) fn resume(&mut self, now: u64, outcome: Result<Response, Failure>, events: &mut Vec<Event>) {
        if let Role::Lead(fetch) = &mut self.role {
            fetch.resume(now, outcome, events);
        }
    }
}

enum Entered {
    Leads(Arc<Flight>),
    Joins(Arc<Flight>),
    /// Until a time in milliseconds since 1970.
    Pauses(u64),
}

/// What a caller may do at the moment.
enum Admission {
    Lead,
    Join(Arc<Flight>),
    Pause(u64),
    /// The cooldown is not over: so many milliseconds are left.
    Refused(u64),
}

impl Inner {
    /// Whether nobody fetches, and somebody may.
    pub(super) fn is_free(&self, state: &State, now: u64) -> bool {
        !state.closed && matches!(self.admission(state, now), Admission::Lead)
    }

    fn admission(&self, state: &State, now: u64) -> Admission {
        match &state.flight {
            Some(flight) if flight.is_up(now) => Admission::Join(Arc::clone(flight)),
            // Another process's: it asked for itself.
            Some(flight) if !flight.is_own() => Admission::Lead,
            // Abandoned, or given up on. The next goes on at once; if one after the other is cancelled, later and
            // later.
            Some(flight) => {
                let pause = if state.attempts.abandoned == 0 { 0 } else { self.pause(state.attempts.abandoned) };
                let resumes_at = flight.stepped_at().saturating_add(pause);
                let is_believed = resumes_at <= now.saturating_add(pause);
                if now < resumes_at && is_believed { Admission::Pause(resumes_at) } else { Admission::Lead }
            }
            None => match self.left_of_cooldown(state, now) {
                0 => Admission::Lead,
                left => Admission::Refused(left),
            },
        }
    }

    /// For how many milliseconds nobody may ask. More than a cooldown is not believed: the clock was ahead.
    pub(super) fn left_of_cooldown(&self, state: &State, now: u64) -> u64 {
        let left = state.attempts.next_at.saturating_sub(now);
        if left > self.longest_cooldown().saturating_add(GRACE) { 0 } else { left }
    }

    /// Joins the flight that is up, or begins one.
    fn enter(&self, now: u64) -> Result<Entered> {
        loop {
            let state = self.state.load_full();
            if state.closed {
                return Err(Error::new(Code::Closed, "the remote key set was closed"));
            }
            match self.admission(&state, now) {
                Admission::Join(flight) => return Ok(Entered::Joins(flight)),
                Admission::Pause(until) => return Ok(Entered::Pauses(until)),
                Admission::Refused(left) => return Err(self.refused(&state, left)),
                Admission::Lead => {}
            }
            let flight = Arc::new(Flight::new(now, self.timeout()));
            let mut next = State::clone(&state);
            let takes_over = state.flight.as_ref().is_some_and(|lost| lost.is_own());
            next.attempts.abandoned = if takes_over { state.attempts.abandoned.saturating_add(1) } else { 0 };
            next.attempts.next_at =
                now.saturating_add(self.cooldown()).saturating_add(self.jitter(self.cooldown() / 4));
            next.flight = Some(Arc::clone(&flight));
            let before = self.state.compare_and_swap(&state, Arc::new(next));
            if Arc::ptr_eq(&before, &state) {
                return Ok(Entered::Leads(flight));
            }
        }
    }

    #[cold]
    fn refused(&self, state: &State, left: u64) -> Error {
        let seconds = left.div_ceil(1000);
        let message = format!("the issuer was asked for its keys lately: it is asked again in {seconds} s");
        let error = Error::new(Code::KeysNeeded, message);
        match &state.attempts.failed {
            Some((cause, _)) => error.caused_by(cause.clone()),
            None => error,
        }
    }

    pub(super) fn standing(&self, state: &State, now: u64) -> Standing {
        // A failure is believed for the time of several attempts: while tokens come they are made in the background,
        // and nobody waits for a server that does not answer.
        state.standing(now, self.cooldown().saturating_mul(4).saturating_add(self.timeout()))
    }
}
