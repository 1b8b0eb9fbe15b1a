//! Operations: what talks to the outside, without doing so itself.
//!
//! An operation is a state machine that asks for one effect at a time. Who drives it carries the effect out and hands
//! back what came of it; a few lines do for any program, blocking or not:
//!
//! ```text
//!            step(now)                      step(now)
//!  begin ──▶ Ready ───────────▶ Effect{id} ◀─────────┐   the same effect, the same id: never a second send
//!              ▲  │                 │    └───────────┘
//!              │  │ step(now)       │ resume(id, now, answer or failure)
//!              │  ▼                 ▼
//!              │ Wait{until} ──▶  Ready ──▶ Done(result) | Failed(error)
//!              └──────┘ step(now), at `until` or when the signal comes
//!
//!  from every state:  step(now) at or after the deadline ──▶ Failed(ERR_DEADLINE);  drop ──▶ cancelled
//! ```
//!
//! - **One effect is outstanding.** Stepping again returns the same one with the same id; it does not mean a second
//!   send.
//! - **Every wait has an end.** An operation has a deadline, and a step at or after it fails with `ERR_DEADLINE`.
//! - **One owner.** Dropping an operation cancels it. Others who wait for the same thing are told and go on by
//!   themselves.
//! - **Failures say what may have happened.** A [`Failure`] is [`Sent::Not`] or [`Sent::Maybe`], and what can be spent
//!   only once is never sent again after the latter.
//! - **Time and randomness come in.** `now` is in milliseconds since 1970. A clock that goes back makes time stand
//!   still.
//!
//! An operation is `Send`: it may be begun on one thread and driven on another.

mod event;
pub(crate) mod flight;
mod flow;
mod request;

use std::fmt;
use std::sync::Arc;

pub use event::Event;
pub(crate) use flow::{Flow, Outside};
pub use request::{Failure, Method, Reach, Request, Response, Sent};

use crate::error::{Code, Error, Result};
use crate::oauth::Tokens;
use crate::store::{StoreAnswer, StoreRequest, uncertain};

/// How much too early, in milliseconds, a driver's timer may go off.
const TIMERS_EARLY: u64 = 5;

/// A state machine that asks for one effect at a time: see the [module](self).
pub struct Operation<T> {
    /// Gone when the operation is over: dropping it is what cancels.
    machine: Option<Box<dyn Machine<Output = T>>>,
    outstanding: Option<Effect>,
    next_id: u64,
    deadline: u64,
    /// Whether an answer came that no step has looked at.
    is_resumed: bool,
    /// Whether a store said last that it may have changed something.
    is_uncertain: bool,
    events: Vec<Event>,
}

/// What to do next.
#[derive(Debug)]
pub enum Step<'a, T> {
    /// Carry this out, then call [`Operation::resume`].
    Effect(&'a Effect),
    /// There is nothing to do yet: step again as it says.
    Wait(Wait),
    /// The result. The operation is over.
    Done(T),
    /// The error. The operation is over.
    Failed(Error),
}

/// Something that an operation wants from the outside.
#[derive(Debug)]
pub struct Effect {
    /// Its number: each effect of an operation has another.
    pub id: u64,
    /// What it is.
    pub kind: EffectKind,
}

/// The kinds of effects.
#[derive(Debug)]
#[non_exhaustive]
pub enum EffectKind {
    /// Send a request, and resume with the [`Response`] or the [`Failure`].
    Send(Request),
    /// Keep tokens that replace others, and say with [`Operation::resume_persist`] whether they are kept. Only the
    /// operations of a [`crate::oauth::TokenManager`] ask for it.
    Persist(Box<Tokens>),
    /// Ask the store, and resume with [`Operation::resume_store`]: [`StoreRequest::carry_out`] does it with a store that
    /// blocks. It may take until the deadline of the operation.
    Store(StoreRequest),
}

/// How long to wait for something that another operation is doing.
#[derive(Clone)]
pub struct Wait {
    /// Step again at this time, in milliseconds since 1970, at the latest.
    pub until: u64,
    /// Says that stepping again is worth while.
    pub signal: Arc<dyn Signal>,
}

/// Something that other operations wait for.
pub trait Signal: Send + Sync {
    /// Blocks the thread until it has come, or for so many milliseconds.
    fn wait(&self, milliseconds: u64);

    /// Calls the function once when it comes, on whatever thread that happens; at once if it has come already.
    fn notify(&self, call: Box<dyn FnOnce() + Send>);
}

/// What an operation is made of.
pub(crate) trait Machine: Send {
    type Output;

    /// Goes on: there is no outstanding effect.
    fn step(&mut self, now: u64, events: &mut Vec<Event>) -> Next<Self::Output>;

    /// Takes what came of the request that it asked for last.
    fn resume(&mut self, now: u64, outcome: Result<Response, Failure>, events: &mut Vec<Event>);

    /// Takes whether the tokens that it asked to keep are kept; the reason is for people.
    fn resume_persist(&mut self, _now: u64, _outcome: Result<(), String>) {}

    /// Takes what the store answered that it asked last.
    fn resume_store(&mut self, _now: u64, _outcome: Result<StoreAnswer>) {}

    /// Whether it can do without the store's answer that it waits for.
    fn can_do_without(&self) -> bool {
        false
    }
}

impl<M: Machine + ?Sized> Machine for Box<M> {
    type Output = M::Output;

    fn step(&mut self, now: u64, events: &mut Vec<Event>) -> Next<M::Output> {
        (**self).step(now, events)
    }

    fn resume(&mut self, now: u64, outcome: Result<Response, Failure>, events: &mut Vec<Event>) {
        (**self).resume(now, outcome, events);
    }

    fn resume_persist(&mut self, now: u64, outcome: Result<(), String>) {
        (**self).resume_persist(now, outcome);
    }

    fn resume_store(&mut self, now: u64, outcome: Result<StoreAnswer>) {
        (**self).resume_store(now, outcome);
    }

    fn can_do_without(&self) -> bool {
        (**self).can_do_without()
    }
}

pub(crate) enum Next<T> {
    Send(Request),
    Persist(Box<Tokens>),
    Store(StoreRequest),
    Wait(Wait),
    Done(Result<T>),
}

impl<T> Operation<T> {
    /// `deadline` is in milliseconds since 1970.
    pub(crate) fn new(machine: impl Machine<Output = T> + 'static, deadline: u64) -> Self {
        Self::from_box(Box::new(machine), deadline)
    }

    pub(crate) fn from_box(machine: Box<dyn Machine<Output = T>>, deadline: u64) -> Self {
        Self {
            machine: Some(machine),
            outstanding: None,
            next_id: 1,
            deadline,
            is_resumed: false,
            is_uncertain: false,
            events: Vec::new(),
        }
    }

    /// What to do next, at `now` in milliseconds since 1970.
    ///
    /// After [`Step::Done`] or [`Step::Failed`] the operation is over, and further steps fail with
    /// `ERR_INVALID_ARGUMENT`.
    pub fn step(&mut self, now: u64) -> Step<'_, T> {
        let Some(machine) = &mut self.machine else {
            return Step::Failed(Error::invalid_argument("operation", "the operation is over"));
        };
        // An answer that came in time is an answer, even if this step did not.
        let is_over = now >= self.deadline;
        if is_over && !std::mem::take(&mut self.is_resumed) {
            // A store that was asked to change something may do it still.
            self.is_uncertain |= self
                .outstanding
                .take()
                .is_some_and(|effect| matches!(effect.kind, EffectKind::Store(asked) if asked.is_write()));
            return self.expire(now);
        }
        if self.outstanding.is_none() {
            self.is_resumed = false;
            match machine.step(now, &mut self.events) {
                Next::Send(_) | Next::Persist(_) | Next::Store(_) | Next::Wait(_) if is_over => {
                    return self.expire(now);
                }
                Next::Send(mut request) => {
                    request.deadline = request.deadline.min(self.deadline);
                    self.ask(EffectKind::Send(request));
                }
                Next::Persist(tokens) => self.ask(EffectKind::Persist(tokens)),
                Next::Store(request) => self.ask(EffectKind::Store(request)),
                Next::Wait(mut wait) => {
                    wait.until = wait.until.min(self.deadline);
                    return Step::Wait(wait);
                }
                Next::Done(outcome) => {
                    self.machine = None;
                    return over(outcome);
                }
            }
        }
        match &self.outstanding {
            Some(effect) => Step::Effect(effect),
            None => Step::Failed(Error::internal("an operation without an effect")),
        }
    }

    /// Ends at the deadline. What was decided stays decided where the answer that is missing has no part in it: a key is
    /// good, whether its use could be noted or not.
    fn expire(&mut self, now: u64) -> Step<'_, T> {
        let late = match self.is_uncertain {
            true => uncertain("the operation's time is over"),
            false => Error::new(Code::Deadline, "the operation's time is over"),
        };
        if let Some(mut machine) = self.machine.take().filter(|machine| machine.can_do_without()) {
            machine.resume_store(now, Err(late.clone()));
            if let Next::Done(outcome) = machine.step(now, &mut self.events) {
                return over(outcome);
            }
        }
        Step::Failed(late)
    }

    fn ask(&mut self, kind: EffectKind) {
        self.outstanding = Some(Effect { id: self.next_id, kind });
        self.next_id = self.next_id.saturating_add(1);
    }

    /// Hands over what came of the request with this id. A body that is longer than the request allows is a failure,
    /// whoever read it.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` (`id`) if that is not the outstanding effect: nothing has changed then.
    pub fn resume(&mut self, id: u64, now: u64, outcome: Result<Response, Failure>) -> Result<()> {
        let is_asked = |effect: &mut Effect| effect.id == id && matches!(effect.kind, EffectKind::Send(_));
        let Some(Effect { kind: EffectKind::Send(request), .. }) = self.outstanding.take_if(is_asked) else {
            return Err(not_outstanding());
        };
        let is_over = now.saturating_add(TIMERS_EARLY) >= request.deadline;
        let outcome = outcome.map_err(|failure| Failure { is_out_of_time: is_over, ..failure });
        let outcome = outcome.and_then(|response| match response.body.len() > request.max_body_bytes {
            true => Err(Failure::too_large()),
            false => Ok(response),
        });
        self.is_resumed = true;
        if let Some(machine) = &mut self.machine {
            machine.resume(now, outcome, &mut self.events);
        }
        Ok(())
    }

    /// Says whether the tokens of the effect with this id are kept, and if not, for people, why. The reason becomes part of a
    /// message: it must not be the text of an exception, which may quote what could not be written.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` (`id`) if that is not the outstanding effect: nothing has changed then.
    pub fn resume_persist(&mut self, id: u64, now: u64, outcome: Result<(), String>) -> Result<()> {
        let is_asked = |effect: &mut Effect| effect.id == id && matches!(effect.kind, EffectKind::Persist(_));
        self.outstanding.take_if(is_asked).ok_or_else(not_outstanding)?;
        self.is_resumed = true;
        if let Some(machine) = &mut self.machine {
            machine.resume_persist(now, outcome);
        }
        Ok(())
    }

    /// Hands over what the store answered to the effect with this id.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` (`id`) if that is not the outstanding effect: nothing has changed then.
    pub fn resume_store(&mut self, id: u64, now: u64, outcome: Result<StoreAnswer>) -> Result<()> {
        let is_asked = |effect: &mut Effect| effect.id == id && matches!(effect.kind, EffectKind::Store(_));
        self.outstanding.take_if(is_asked).ok_or_else(not_outstanding)?;
        self.is_resumed = true;
        self.is_uncertain = matches!(&outcome, Err(error) if error.code() == Code::StoreUncertain);
        if let Some(machine) = &mut self.machine {
            machine.resume_store(now, outcome);
        }
        Ok(())
    }

    /// The same operation with a deadline that is no later than this, in milliseconds since 1970: for a caller who has
    /// less time than the operation. What it was doing for others goes on without it; but a token manager's refresh
    /// that was sent is the operation's to end, and its fate is unknown to the others if it is dropped.
    #[must_use]
    pub fn within(mut self, deadline: u64) -> Self {
        self.deadline = self.deadline.min(deadline);
        self
    }

    /// Drives the operation to its end on this thread: the loop of every driver that may block. `clock` tells the time
    /// in milliseconds since 1970, `send` sends a request and waits for its answer, `persist` keeps tokens, `events` is
    /// told what happened.
    ///
    /// # Errors
    /// Those of the operation.
    pub fn run(
        mut self,
        clock: impl Fn() -> u64,
        mut send: impl FnMut(&Request, u64) -> Result<Response, Failure>,
        mut persist: impl FnMut(&Tokens) -> Result<(), String>,
        events: impl FnMut(&Event) + Copy,
    ) -> Result<T> {
        enum Next<T> {
            Send(u64, Request),
            Persist(u64, Box<Tokens>),
            Wait(Wait),
            Over(Result<T>),
        }
        loop {
            let now = clock();
            let next = match self.step(now) {
                Step::Effect(Effect { id, kind: EffectKind::Send(request) }) => Next::Send(*id, request.clone()),
                Step::Effect(Effect { id, kind: EffectKind::Persist(tokens) }) => Next::Persist(*id, tokens.clone()),
                Step::Effect(Effect { kind: EffectKind::Store(_), .. }) => {
                    Next::Over(Err(Error::internal("an operation on a store, driven without one")))
                }
                Step::Wait(wait) => Next::Wait(wait),
                Step::Done(result) => Next::Over(Ok(result)),
                Step::Failed(error) => Next::Over(Err(error)),
            };
            self.take_events().iter().for_each(events);
            match next {
                Next::Send(id, request) => {
                    let outcome = send(&request, now);
                    self.resume(id, clock(), outcome)?;
                }
                Next::Persist(id, tokens) => {
                    let outcome = persist(&tokens);
                    self.resume_persist(id, clock(), outcome)?;
                }
                Next::Wait(wait) => wait.signal.wait(wait.until.saturating_sub(now)),
                Next::Over(result) => return result,
            }
        }
    }

    /// When the operation's time is over, in milliseconds since 1970.
    #[must_use]
    pub fn deadline(&self) -> u64 {
        self.deadline
    }

    /// What has happened since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}

fn over<T>(outcome: Result<T>) -> Step<'static, T> {
    match outcome {
        Ok(result) => Step::Done(result),
        Err(error) => Step::Failed(error),
    }
}

fn not_outstanding() -> Error {
    Error::invalid_argument("id", "the operation has no outstanding effect of this kind with this id")
}

impl<T> fmt::Debug for Operation<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Operation")
            .field("outstanding", &self.outstanding)
            .field("over", &self.machine.is_none())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Wait").field("until", &self.until).finish_non_exhaustive()
    }
}
