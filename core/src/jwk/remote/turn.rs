//! A caller's turn: to fetch the keys for all, or to wait for who does.

use std::sync::Arc;

use super::Inner;
use super::fetch::{Asked, Fetch};
use super::flight::{Flight, Outcome};
use crate::error::{Code, Error, Result};
use crate::operation::{Event, Failure, Request, Response, Signal, Wait};

/// One caller's way to new keys.
pub(crate) struct Turn {
    set: Arc<Inner>,
    /// When the caller came.
    since: u64,
    role: Role,
}

enum Role {
    Enter { takes_over: bool },
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
        Self { set, since: now, role: Role::Enter { takes_over: false } }
    }

    pub(crate) fn step(&mut self, now: u64) -> Moved {
        loop {
            match &mut self.role {
                Role::Enter { takes_over } => match self.set.enter(now, *takes_over) {
                    Ok(Entered::Leads(flight)) => {
                        self.role = Role::Lead(Fetch::new(Arc::clone(&self.set), flight, now));
                    }
                    Ok(Entered::Joins(flight)) => self.role = Role::Join(flight),
                    Err(error) => return Moved::Over(Landed { outcome: Err(error), is_final: false }),
                },
                Role::Lead(fetch) => match fetch.step(now) {
                    Asked::Send(request) => return Moved::Send(request),
                    Asked::Over(outcome) => {
                        return Moved::Over(Landed { outcome, is_final: fetch.flight().asked_since(self.since) });
                    }
                },
                Role::Join(flight) => match flight.outcome() {
                    Some(Outcome::Over(outcome)) => {
                        let is_final = flight.asked_since(self.since);
                        return Moved::Over(Landed { outcome, is_final });
                    }
                    Some(Outcome::Abandoned) => self.role = Role::Enter { takes_over: true },
                    None if now >= flight.given_up_at() => self.role = Role::Enter { takes_over: true },
                    None => {
                        let signal: Arc<dyn Signal> = Arc::<Flight>::clone(flight);
                        return Moved::Wait(Wait { until: flight.given_up_at(), signal });
                    }
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

pub(super) enum Entered {
    Leads(Arc<Flight>),
    Joins(Arc<Flight>),
}

impl Inner {
    /// Joins the flight that is up, or begins one. Who takes over another's that was given up need not wait for the
    /// cooldown, which that one began.
    fn enter(&self, now: u64, takes_over: bool) -> Result<Entered> {
        loop {
            let state = self.state.load_full();
            if state.closed {
                return Err(Error::new(Code::Closed, "the remote key set was closed"));
            }
            if let Some(flight) = state.flight.as_ref().filter(|flight| flight.is_up(now)) {
                return Ok(Entered::Joins(Arc::clone(flight)));
            }
            // Somebody else's that is no longer up: its cooldown was for a fetch that never ended.
            let takes_over = takes_over && state.flight.is_some();
            if now < state.attempts.next_at && !takes_over {
                let seconds = state.attempts.next_at.saturating_sub(now).div_ceil(1000);
                let error = Error::new(
                    Code::KeysNeeded,
                    format!("the issuer was asked for its keys lately: it is asked again in {seconds} s"),
                );
                return Err(match &state.attempts.failed {
                    Some((cause, _)) => error.caused_by(cause.clone()),
                    None => error,
                });
            }
            let flight = Arc::new(Flight::new(now.saturating_add(self.timeout())));
            let mut next = super::State::clone(&state);
            next.flight = Some(Arc::clone(&flight));
            next.attempts.next_at =
                now.saturating_add(self.cooldown()).saturating_add(self.jitter(self.cooldown() / 4));
            let before = self.state.compare_and_swap(&state, Arc::new(next));
            if Arc::ptr_eq(&before, &state) {
                return Ok(Entered::Leads(flight));
            }
        }
    }
}
