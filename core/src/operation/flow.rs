//! Operations that are written as `async` blocks: the compiler makes the state machine.
//!
//! No runtime and no waker: each step polls the block once, which runs up to its next question to the outside. Dropping
//! the operation drops the block, and with it whatever it held.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::{Event, Failure, Machine, Next, Request, Response, Wait};
use crate::error::{Error, Result};
use crate::oauth::Tokens;
use crate::store::{StoreAnswer, StoreRequest};

/// A block, and the desk over which it asks.
pub(crate) struct Flow<T> {
    block: Pin<Box<dyn Future<Output = Result<T>> + Send>>,
    desk: Arc<Mutex<Desk>>,
    /// What the block asked for, or said, when it got its last answer.
    next: Option<Next<T>>,
}

/// What the block and the steps hand to each other. Only the operation's owner ever locks it.
#[derive(Default)]
struct Desk {
    now: u64,
    asked: Option<Asked>,
    outcome: Option<Result<Response, Failure>>,
    persisted: Option<Result<(), String>>,
    answered: Option<Result<StoreAnswer>>,
    /// Whether the store is asked for what can be done without.
    is_brief: bool,
    events: Vec<Event>,
}

enum Asked {
    Send(Request),
    Persist(Box<Tokens>),
    Store(StoreRequest),
    Wait(Wait),
}

/// The outside, as the block sees it.
pub(crate) struct Outside(Arc<Mutex<Desk>>);

impl<T> Flow<T> {
    pub(crate) fn new<F>(block: impl FnOnce(Outside) -> F) -> Self
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let desk = Arc::<Mutex<Desk>>::default();
        Self { block: Box::pin(block(Outside(Arc::clone(&desk)))), desk, next: None }
    }
}

impl<T> Flow<T> {
    fn poll(&mut self) -> Next<T> {
        let polled = self.block.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match (polled, lock(&self.desk).asked.take()) {
            (Poll::Ready(outcome), _) => Next::Done(outcome),
            (Poll::Pending, Some(Asked::Send(request))) => Next::Send(request),
            (Poll::Pending, Some(Asked::Persist(tokens))) => Next::Persist(tokens),
            (Poll::Pending, Some(Asked::Store(request))) => Next::Store(request),
            (Poll::Pending, Some(Asked::Wait(wait))) => Next::Wait(wait),
            (Poll::Pending, None) => Next::Done(Err(Error::internal("an operation that waits for nothing"))),
        }
    }
}

impl<T: Send> Machine for Flow<T> {
    type Output = T;

    fn step(&mut self, now: u64, events: &mut Vec<Event>) -> Next<T> {
        lock(&self.desk).now = now;
        let next = self.next.take().unwrap_or_else(|| self.poll());
        events.append(&mut lock(&self.desk).events);
        next
    }

    // The block takes its answer at once: what it does with one that can be had only once must not depend on another
    // step.
    fn resume(&mut self, now: u64, outcome: Result<Response, Failure>, _events: &mut Vec<Event>) {
        {
            let mut desk = lock(&self.desk);
            (desk.now, desk.outcome) = (now, Some(outcome));
        }
        self.next = Some(self.poll());
    }

    fn resume_persist(&mut self, now: u64, outcome: Result<(), String>) {
        {
            let mut desk = lock(&self.desk);
            (desk.now, desk.persisted) = (now, Some(outcome));
        }
        self.next = Some(self.poll());
    }

    fn resume_store(&mut self, now: u64, outcome: Result<StoreAnswer>) {
        {
            let mut desk = lock(&self.desk);
            (desk.now, desk.answered, desk.is_brief) = (now, Some(outcome), false);
        }
        self.next = Some(self.poll());
    }

    fn can_do_without(&self) -> bool {
        lock(&self.desk).is_brief
    }
}

impl Outside {
    /// Milliseconds since 1970, as of the last step or answer.
    pub(crate) fn now(&self) -> u64 {
        lock(&self.0).now
    }

    /// The same in whole seconds, as tokens count.
    pub(crate) fn now_seconds(&self) -> i64 {
        i64::try_from(self.now() / 1000).unwrap_or(i64::MAX)
    }

    pub(crate) fn report(&self, events: &mut Vec<Event>) {
        lock(&self.0).events.append(events);
    }

    pub(crate) fn event(&self, event: Event) {
        lock(&self.0).events.push(event);
    }

    /// Sends the request: once, whatever comes of it.
    pub(crate) async fn send(&self, request: Request) -> Result<Response, Failure> {
        let mut request = Some(request);
        poll_fn(|_| {
            let mut desk = lock(&self.0);
            if let Some(request) = request.take() {
                desk.asked = Some(Asked::Send(request));
                return Poll::Pending;
            }
            desk.outcome.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Has the program keep tokens; the reason why it did not is for people.
    pub(crate) async fn persist(&self, tokens: Tokens) -> Result<(), String> {
        let mut tokens = Some(Box::new(tokens));
        poll_fn(|_| {
            let mut desk = lock(&self.0);
            if let Some(tokens) = tokens.take() {
                desk.asked = Some(Asked::Persist(tokens));
                return Poll::Pending;
            }
            desk.persisted.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Asks the store: once, whatever comes of it. `is_brief` if the block can do without the answer.
    pub(crate) async fn store(&self, request: StoreRequest, is_brief: bool) -> Result<StoreAnswer> {
        let mut request = Some(request);
        poll_fn(|_| {
            let mut desk = lock(&self.0);
            if let Some(request) = request.take() {
                (desk.asked, desk.is_brief) = (Some(Asked::Store(request)), is_brief);
                return Poll::Pending;
            }
            desk.answered.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Waits as it says; whoever waits looks again whether it was for long enough.
    pub(crate) async fn wait(&self, wait: Wait) {
        let mut wait = Some(wait);
        poll_fn(|_| match wait.take() {
            Some(wait) => {
                lock(&self.0).asked = Some(Asked::Wait(wait));
                Poll::Pending
            }
            None => Poll::Ready(()),
        })
        .await;
    }

    /// Another machine's whole way, as a part of this one's.
    pub(crate) async fn run<M: Machine>(&self, mut machine: M) -> Result<M::Output> {
        loop {
            let mut events = Vec::new();
            let next = machine.step(self.now(), &mut events);
            self.report(&mut events);
            match next {
                Next::Done(outcome) => return outcome,
                Next::Wait(wait) => self.wait(wait).await,
                Next::Persist(tokens) => {
                    let outcome = self.persist(*tokens).await;
                    machine.resume_persist(self.now(), outcome);
                }
                Next::Store(request) => {
                    let outcome = self.store(request, false).await;
                    machine.resume_store(self.now(), outcome);
                }
                Next::Send(request) => {
                    let outcome = self.send(request).await;
                    machine.resume(self.now(), outcome, &mut events);
                    self.report(&mut events);
                }
            }
        }
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    // What is on the desk is whole whenever it is released.
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}
