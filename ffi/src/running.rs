//! An operation while C drives it: of whatever kind, with what C reads of it, and who is to be woken.

use std::ffi::c_void;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use authwright_core::oauth::{Login, Tokens, User};
use authwright_core::operation::{EffectKind, Event, Failure as Unanswered, Operation, Response, Step, Wait};
use authwright_core::{Error, Token};

use crate::arguments::Outcome;
use crate::error::Failure;
use crate::event::report;
use crate::handle::Nested;
use crate::operation::aw_step;
use crate::request::Outgoing;
use crate::tokens::{Granted, aw_tokens};

/// An operation, with what C reads of it.
pub struct Running {
    /// Behind a mutex because operations are not `Sync`; never locked, because only one thread at a time uses them.
    state: Mutex<State>,
    outstanding: Option<Outstanding>,
    /// What the last step said to wait for, and for how many milliseconds.
    wait: Option<(Wait, u64)>,
    wake: Option<Arc<Slot>>,
}

/// What an operation ends with.
pub(crate) enum Product {
    Nothing,
    Token(Box<Token>),
    Login(Box<Login>),
    Tokens(Box<Tokens>),
    User(Box<User>),
    Text(String),
}

/// What to call when there is something to wake up for.
pub(crate) struct Wake {
    pub(crate) call: unsafe extern "C" fn(user: *mut c_void),
    pub(crate) user: *mut c_void,
}

enum State {
    Driven(Box<dyn Driven>),
    /// Empty once the product was fetched.
    Over(Result<Option<Product>, Error>),
}

enum Outstanding {
    Request(Outgoing),
    Persist(u64, Nested<aw_tokens>),
}

/// Empty once it was called, or is not wanted any more.
struct Slot(Mutex<Option<Wake>>);

// SAFETY: the header asks for a function, and for `user`, that may be used on any thread.
unsafe impl Send for Wake {}

/// An operation of any kind.
trait Driven: Send {
    fn step(&mut self, now: u64) -> Step<'_, Product>;
    fn resume(&mut self, id: u64, now: u64, outcome: Result<Response, Unanswered>) -> Result<(), Error>;
    fn resume_persist(&mut self, id: u64, now: u64, outcome: Result<(), String>) -> Result<(), Error>;
    fn take_events(&mut self) -> Vec<Event>;
}

impl<T: Into<Product>> Driven for Operation<T> {
    fn step(&mut self, now: u64) -> Step<'_, Product> {
        match Operation::step(self, now) {
            Step::Effect(effect) => Step::Effect(effect),
            Step::Wait(wait) => Step::Wait(wait),
            Step::Done(result) => Step::Done(result.into()),
            Step::Failed(error) => Step::Failed(error),
        }
    }

    fn resume(&mut self, id: u64, now: u64, outcome: Result<Response, Unanswered>) -> Result<(), Error> {
        Operation::resume(self, id, now, outcome)
    }

    fn resume_persist(&mut self, id: u64, now: u64, outcome: Result<(), String>) -> Result<(), Error> {
        Operation::resume_persist(self, id, now, outcome)
    }

    fn take_events(&mut self) -> Vec<Event> {
        Operation::take_events(self)
    }
}

impl<T: Into<Product> + 'static> From<Operation<T>> for Running {
    fn from(operation: Operation<T>) -> Self {
        let state = Mutex::new(State::Driven(Box::new(operation)));
        Self { state, outstanding: None, wait: None, wake: None }
    }
}

impl From<()> for Product {
    fn from((): ()) -> Self {
        Self::Nothing
    }
}

impl From<Token> for Product {
    fn from(token: Token) -> Self {
        Self::Token(Box::new(token))
    }
}

impl From<Login> for Product {
    fn from(login: Login) -> Self {
        Self::Login(Box::new(login))
    }
}

impl From<Tokens> for Product {
    fn from(tokens: Tokens) -> Self {
        Self::Tokens(Box::new(tokens))
    }
}

impl From<User> for Product {
    fn from(user: User) -> Self {
        Self::User(Box::new(user))
    }
}

impl From<String> for Product {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Running {
    /// The number of what is outstanding.
    pub(crate) fn outstanding(&self) -> Option<u64> {
        self.outstanding.as_ref().map(Outstanding::id)
    }

    /// The request that is outstanding, as C reads it.
    pub(crate) fn request(&self) -> Option<&Outgoing> {
        match &self.outstanding {
            Some(Outstanding::Request(request)) => Some(request),
            _ => None,
        }
    }

    /// The tokens that are to be kept.
    pub(crate) fn to_persist(&self) -> Option<&Nested<aw_tokens>> {
        match &self.outstanding {
            Some(Outstanding::Persist(_, tokens)) => Some(tokens),
            _ => None,
        }
    }

    pub(crate) fn wait(&self) -> Option<&(Wait, u64)> {
        self.wait.as_ref()
    }

    pub(crate) fn step(&mut self, now: u64) -> aw_step {
        self.silence();
        self.wait = None;
        // Were the core to panic, this would be the end.
        let broken = State::Over(Err(Error::internal("the operation ran into a defect; please report it")));
        let (state, step) = match mem::replace(self.state(), broken) {
            State::Driven(operation) => self.advance(operation, now),
            State::Over(Ok(product)) => (State::Over(Ok(product)), aw_step::AW_STEP_DONE),
            State::Over(Err(error)) => (State::Over(Err(error)), aw_step::AW_STEP_FAILED),
        };
        *self.state() = state;
        step
    }

    pub(crate) fn resume(&mut self, id: u64, now: u64, outcome: Result<Response, Unanswered>) -> Outcome<()> {
        self.hand_over(|operation| operation.resume(id, now, outcome))
    }

    pub(crate) fn resume_persist(&mut self, id: u64, now: u64, outcome: Result<(), String>) -> Outcome<()> {
        self.hand_over(|operation| operation.resume_persist(id, now, outcome))
    }

    /// How it ended.
    pub(crate) fn outcome(&mut self) -> Outcome<&mut Option<Product>> {
        match self.state() {
            State::Over(Ok(product)) => Ok(product),
            State::Over(Err(error)) => Err(error.clone().into()),
            State::Driven(_) => Err(Failure::argument("operation", "the operation is not over: step on")),
        }
    }

    /// What it ended with. `pick` gives back a product of another kind.
    pub(crate) fn take<T>(&mut self, what: &str, pick: impl FnOnce(Product) -> Result<T, Product>) -> Outcome<T> {
        let place = self.outcome()?;
        match place.take().map(pick) {
            Some(Ok(picked)) => return Ok(picked),
            Some(Err(other)) => *place = Some(other),
            None => {}
        }
        Err(Failure::argument("operation", format!("the operation has no {what}")))
    }

    pub(crate) fn notify(&mut self, wake: Wake) -> Outcome<()> {
        self.silence();
        let Some((wait, _)) = &self.wait else {
            return Err(Failure::argument("operation", "the operation does not wait for anything"));
        };
        let slot = Arc::new(Slot(Mutex::new(Some(wake))));
        self.wake = Some(Arc::clone(&slot));
        wait.signal.notify(Box::new(move || slot.call()));
        Ok(())
    }

    fn state(&mut self) -> &mut State {
        self.state.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn advance(&mut self, mut operation: Box<dyn Driven>, now: u64) -> (State, aw_step) {
        let known = self.outstanding();
        let (step, outcome) = match operation.step(now) {
            Step::Effect(effect) => {
                let is_new = known != Some(effect.id);
                match &effect.kind {
                    EffectKind::Send(request) => {
                        if is_new {
                            self.outstanding = Some(Outstanding::Request(Outgoing::of(effect.id, request)));
                        }
                        (aw_step::AW_STEP_SEND, None)
                    }
                    EffectKind::Persist(tokens) => {
                        if is_new {
                            let tokens = Nested::new(Granted::from(Tokens::clone(tokens)));
                            self.outstanding = Some(Outstanding::Persist(effect.id, tokens));
                        }
                        (aw_step::AW_STEP_PERSIST, None)
                    }
                    _ => (aw_step::AW_STEP_FAILED, Some(Err(Error::internal("an effect that C does not know")))),
                }
            }
            Step::Wait(wait) => {
                let left = wait.until.saturating_sub(now);
                self.wait = Some((wait, left));
                (aw_step::AW_STEP_WAIT, None)
            }
            Step::Done(product) => (aw_step::AW_STEP_DONE, Some(Ok(Some(product)))),
            Step::Failed(error) => (aw_step::AW_STEP_FAILED, Some(Err(error))),
        };
        operation.take_events().iter().for_each(report);
        if !matches!(step, aw_step::AW_STEP_SEND | aw_step::AW_STEP_PERSIST) {
            self.outstanding = None;
        }
        (outcome.map_or_else(|| State::Driven(operation), State::Over), step)
    }

    fn hand_over(&mut self, outcome: impl FnOnce(&mut dyn Driven) -> Result<(), Error>) -> Outcome<()> {
        let State::Driven(operation) = self.state() else {
            return Err(Failure::argument("id", "the operation is over: nothing is outstanding"));
        };
        outcome(operation.as_mut())?;
        operation.take_events().iter().for_each(report);
        self.outstanding = None;
        Ok(())
    }

    /// From here on nobody is woken; a call that is under way on another thread is waited for.
    fn silence(&mut self) {
        if let Some(slot) = self.wake.take() {
            slot.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.silence();
    }
}

impl Outstanding {
    fn id(&self) -> u64 {
        match self {
            Self::Request(request) => request.id(),
            Self::Persist(id, _) => *id,
        }
    }
}

impl Slot {
    fn call(&self) {
        // Held during the call, so that who empties the slot knows that it is over.
        let mut wake = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wake) = wake.take() {
            // SAFETY: `aw_operation_notify` was promised a function that may be called so.
            unsafe { (wake.call)(wake.user) };
        }
    }
}
