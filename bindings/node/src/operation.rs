//! Operations: what JavaScript drives, a step at a time.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authwright_core::operation::{Effect, EffectKind, Event, Failure, Operation, Reach, Request, Response, Sent, Step};
use authwright_core::{Error, Result, Token};
use napi_sys::napi_type_tag;

use crate::call::Call;
use crate::handle::{self, Owned};
use crate::value::{Env, Value};
use crate::work;

/// An operation that is under way. `None` when it is over, and while another thread reads an answer for it.
#[derive(Clone)]
struct Pending(Arc<Mutex<Option<Running>>>);

enum Running {
    Verification(Operation<Token>),
    Refresh(Operation<()>),
}

impl Owned for Pending {
    const NOUN: &'static str = "an operation";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x4a16_e8d3_7b05_9fc2, upper: 0xf3c8_52b7_0da9_e461 };
    const WEIGHT: i64 = 2048;
}

/// An operation that ends with a token.
pub(crate) fn verification(env: Env<'_>, operation: Operation<Token>) -> Result<Value<'_>> {
    create(env, Running::Verification(operation))
}

/// An operation that fetches keys.
pub(crate) fn refresh(env: Env<'_>, operation: Operation<()>) -> Result<Value<'_>> {
    create(env, Running::Refresh(operation))
}

fn create(env: Env<'_>, running: Running) -> Result<Value<'_>> {
    handle::create(env, Pending(Arc::new(Mutex::new(Some(running)))))
}

impl Pending {
    /// Held for a moment only: nobody waits here while an answer is read.
    fn slot(&self) -> MutexGuard<'_, Option<Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn over() -> Error {
    Error::invalid_argument("operation", "the operation is over")
}

/// Takes an operation and the time. What comes back tells by its type what it is: an object is a request to send, a
/// number the time until which to wait; anything else is the result, and the operation is over.
pub(crate) fn step<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let (env, now) = (call.env(), call.milliseconds(1, "now")?);
    let mut slot = call.handle::<Pending>(0, "operation")?.slot();
    match slot.as_mut().ok_or_else(over)? {
        Running::Verification(operation) => answer(env, operation.step(now), |token| {
            // NUL is a character that no JSON text contains.
            env.text(&[token.header_json(), "\0", token.claims_json()].concat())
        }),
        Running::Refresh(operation) => answer(env, operation.step(now), |()| env.boolean(true)),
    }
}

fn answer<'env, T>(
    env: Env<'env>,
    step: Step<'_, T>,
    result: impl FnOnce(T) -> Result<Value<'env>>,
) -> Result<Value<'env>> {
    match step {
        Step::Effect(Effect { id, kind: EffectKind::Send(request) }) => describe(env, *id, request),
        Step::Effect(_) => Err(Error::internal("an effect that this addon does not know")),
        Step::Wait(wait) => env.milliseconds(wait.until),
        Step::Done(outcome) => result(outcome),
        Step::Failed(error) => Err(error),
    }
}

fn describe<'env>(env: Env<'env>, id: u64, request: &Request) -> Result<Value<'env>> {
    let headers = env.object()?;
    for (name, value) in &request.headers {
        env.set(headers, name, env.text(value)?)?;
    }
    let object = env.object()?;
    env.set(object, "id", env.milliseconds(id)?)?;
    env.set(object, "method", env.text(request.method.as_str())?)?;
    env.set(object, "url", env.text(&request.url)?)?;
    env.set(object, "headers", headers)?;
    let body = request.body.as_deref();
    env.set(object, "body", body.map_or_else(|| env.undefined(), |body| env.buffer(body))?)?;
    env.set(object, "maxBodyBytes", env.size(request.max_body_bytes)?)?;
    env.set(object, "deadline", env.milliseconds(request.deadline)?)?;
    env.set(object, "isPublicOnly", env.boolean(request.reach == Reach::Public)?)?;
    Ok(object)
}

/// Takes an operation, the request's id, the time, the status, an array of names and values of headers in turn, and the
/// body. A promise: keys are read on another thread, because that can take tens of milliseconds if there are many.
pub(crate) fn resume<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let status = u16::try_from(call.integer(3, "status")?).unwrap_or(0);
    let expected = || Error::invalid_argument("headers", "headers must be an array of names and values");
    let mut texts = Vec::new();
    for item in call.env().items(call.argument(4)?).ok_or_else(expected)? {
        let mut text = call.env().string(item)?.ok_or_else(expected)?;
        texts.push(mem::take(&mut *text));
    }
    let pairs = texts.as_chunks_mut::<2>().0.iter_mut();
    let headers = pairs.map(|[name, value]| (mem::take(name), mem::take(value))).collect();
    let mut body = call.bytes(5, "body")?;
    let response = Response::new(status, headers, mem::take(&mut *body));
    let (id, now) = (u64::from(call.integer(1, "id")?), call.milliseconds(2, "now")?);
    let pending = call.handle::<Pending>(0, "operation")?.clone();
    let job = move || {
        let mut running = pending.slot().take().ok_or_else(over)?;
        let outcome = running.hand_over(id, now, Ok(response));
        *pending.slot() = Some(running);
        outcome
    };
    work::promise(call.env(), job, |env, ()| env.undefined())
}

/// Takes an operation, the request's id, the time, the kind of the failure, whether the request can have been sent, and a
/// reason for people.
pub(crate) fn fail<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let sent = if call.boolean(4, "isSent")? { Sent::Maybe } else { Sent::Not };
    let reason = call.text(5, "reason")?;
    let failure = match call.text(3, "kind")?.as_str() {
        "transport" => Failure::transport(sent, &reason),
        "tls" => Failure::tls(&reason),
        "deadline" => Failure::deadline(sent),
        "tooLarge" => Failure::too_large(),
        "unsupported" => Failure::unsupported(&reason),
        _ => return Err(Error::internal("a failure that this addon does not know")),
    };
    let (id, now) = (u64::from(call.integer(1, "id")?), call.milliseconds(2, "now")?);
    let mut slot = call.handle::<Pending>(0, "operation")?.slot();
    slot.as_mut().ok_or_else(over)?.hand_over(id, now, Err(failure))?;
    call.env().undefined()
}

impl Running {
    fn hand_over(&mut self, id: u64, now: u64, outcome: Result<Response, Failure>) -> Result<()> {
        match self {
            Self::Verification(operation) => operation.resume(id, now, outcome),
            Self::Refresh(operation) => operation.resume(id, now, outcome),
        }
    }
}

/// Takes an operation; what has happened since the last call, as the text of a JSON array, or `undefined` for nothing.
pub(crate) fn events<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let mut slot = call.handle::<Pending>(0, "operation")?.slot();
    let events = match slot.as_mut() {
        Some(Running::Verification(operation)) => operation.take_events(),
        Some(Running::Refresh(operation)) => operation.take_events(),
        None => Vec::new(),
    };
    if events.is_empty() {
        return call.env().undefined();
    }
    let texts: Vec<String> = events.iter().map(Event::to_json).collect();
    call.env().text(&format!("[{}]", texts.join(",")))
}

/// Takes an operation, and ends it: others who wait for the same thing go on by themselves.
pub(crate) fn close<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let ended = call.handle::<Pending>(0, "operation")?.slot().take();
    drop(ended);
    call.env().undefined()
}
