//! Operations: what JavaScript drives, a step at a time.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use authwright_core::oauth::Tokens;
use authwright_core::operation::{Effect, EffectKind, Event, Failure, Operation, Reach, Request, Response, Sent, Step};
use authwright_core::store::{Store, StoreAnswer, StoreRequest};
use authwright_core::{Code, Error, Result, Token};
use napi_sys::napi_type_tag;

use crate::call::Call;
use crate::handle::{self, Owned};
use crate::store::Opened;
use crate::store_effect;
use crate::value::{Env, Value};
use crate::work::{self, Convert};

/// An operation that is under way. `None` when it is over, and while another thread reads an answer for it.
#[derive(Clone)]
struct Pending(Arc<Mutex<Option<Box<dyn Running>>>>);

impl Owned for Pending {
    const NOUN: &'static str = "an operation";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x4a16_e8d3_7b05_9fc2, upper: 0xf3c8_52b7_0da9_e461 };
    const WEIGHT: i64 = 2048;
}

/// An operation, whatever it ends with.
trait Running: Send {
    fn step<'env>(&mut self, env: Env<'env>, now: u64) -> Result<Value<'env>>;
    fn resume(&mut self, id: u64, now: u64, outcome: Result<Response, Failure>) -> Result<()>;
    fn resume_persist(&mut self, id: u64, now: u64, outcome: Result<(), String>) -> Result<()>;
    /// The request to a store that is outstanding: once.
    fn asked(&mut self) -> Result<StoreRequest>;
    fn resume_store(&mut self, id: u64, now: u64, outcome: Result<StoreAnswer>) -> Result<()>;
    fn deadline(&self) -> u64;
    fn take_events(&mut self) -> Vec<Event>;
}

/// One that ends with a `T`.
struct Ending<T> {
    operation: Operation<T>,
    ended: Option<Result<T>>,
    asked: Option<StoreRequest>,
    convert: Convert<T>,
}

/// Gives an operation to JavaScript. Its result must become a text or a boolean: see `step`.
pub(crate) fn create<T: Send + 'static>(
    env: Env<'_>,
    operation: Operation<T>,
    convert: Convert<T>,
) -> Result<Value<'_>> {
    let ending = Ending { operation, ended: None, asked: None, convert };
    handle::create(env, Pending(Arc::new(Mutex::new(Some(Box::new(ending))))))
}

/// How a token goes out: its header's text, NUL, its claims'.
pub(crate) fn token(env: Env<'_>, token: Token) -> Result<Value<'_>> {
    // NUL is a character that no JSON text contains.
    env.text(&[token.header_json(), "\0", token.claims_json()].concat())
}

/// How nothing goes out.
pub(crate) fn nothing(env: Env<'_>, (): ()) -> Result<Value<'_>> {
    env.boolean(true)
}

impl Pending {
    /// Held for a moment only: nobody waits here while an answer is read.
    fn slot(&self) -> MutexGuard<'_, Option<Box<dyn Running>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn over() -> Error {
    Error::invalid_argument("operation", "the operation is over")
}

/// Takes an operation and the time. What comes back tells by its type what it is: an object is a request to send, tokens
/// to keep, or a call of a store; a number the time until which to wait; anything else is the result, and the operation is
/// over.
pub(crate) fn step<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let now = call.milliseconds(1, "now")?;
    let mut slot = call.handle::<Pending>(0, "operation")?.slot();
    slot.as_mut().ok_or_else(over)?.step(call.env(), now)
}

impl<T: Send> Running for Ending<T> {
    fn step<'env>(&mut self, env: Env<'env>, now: u64) -> Result<Value<'env>> {
        if let Some(ended) = self.ended.take() {
            return (self.convert)(env, ended?);
        }
        let deadline = self.operation.deadline();
        match self.operation.step(now) {
            Step::Effect(Effect { id, kind: EffectKind::Send(request) }) => describe(env, *id, request),
            Step::Effect(Effect { id, kind: EffectKind::Persist(tokens) }) => hand_out(env, *id, tokens, deadline),
            Step::Effect(Effect { id, kind: EffectKind::Store(request) }) => {
                self.asked = Some(request.clone());
                store_effect::describe(env, *id, request, deadline)
            }
            Step::Effect(_) => Err(Error::internal("an effect that this addon does not know")),
            Step::Wait(wait) => env.milliseconds(wait.until),
            Step::Done(result) => (self.convert)(env, result),
            Step::Failed(error) => Err(error),
        }
    }

    /// An answer is read in the step after it, so that is taken here, too.
    fn resume(&mut self, id: u64, now: u64, outcome: Result<Response, Failure>) -> Result<()> {
        self.operation.resume(id, now, outcome)?;
        self.ended = match self.operation.step(now) {
            Step::Done(result) => Some(Ok(result)),
            Step::Failed(error) => Some(Err(error)),
            // The next step says the same again.
            Step::Effect(_) | Step::Wait(_) => None,
        };
        Ok(())
    }

    fn resume_persist(&mut self, id: u64, now: u64, outcome: Result<(), String>) -> Result<()> {
        self.operation.resume_persist(id, now, outcome)
    }

    fn asked(&mut self) -> Result<StoreRequest> {
        self.asked.take().ok_or_else(|| Error::invalid_argument("operation", "the operation asks no store"))
    }

    fn resume_store(&mut self, id: u64, now: u64, outcome: Result<StoreAnswer>) -> Result<()> {
        self.operation.resume_store(id, now, outcome)
    }

    fn deadline(&self) -> u64 {
        self.operation.deadline()
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.operation.take_events()
    }
}

fn hand_out<'env>(env: Env<'env>, id: u64, tokens: &Tokens, deadline: u64) -> Result<Value<'env>> {
    let object = env.object()?;
    env.set(object, "id", env.milliseconds(id)?)?;
    env.set(object, "tokens", env.text(&tokens.to_json())?)?;
    env.set(object, "deadline", env.milliseconds(deadline)?)?;
    Ok(object)
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
    env.set(object, "needsClientCertificate", env.boolean(request.needs_client_certificate)?)?;
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
        let outcome = running.resume(id, now, Ok(response));
        *pending.slot() = Some(running);
        outcome
    };
    work::promise(call.env(), job, |env, ()| env.undefined())
}

/// Takes an operation, the request's id, the time, the kind of the failure, whether the request can have been sent,
/// and a reason for people.
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
    slot.as_mut().ok_or_else(over)?.resume(id, now, Err(failure))?;
    call.env().undefined()
}

/// Takes an operation, the id of the tokens to keep, the time, and whether they are kept.
pub(crate) fn persisted<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let (id, now) = (u64::from(call.integer(1, "id")?), call.milliseconds(2, "now")?);
    let outcome = if call.boolean(3, "isKept")? { Ok(()) } else { Err("the hook failed".to_owned()) };
    let mut slot = call.handle::<Pending>(0, "operation")?.slot();
    slot.as_mut().ok_or_else(over)?.resume_persist(id, now, outcome)?;
    call.env().undefined()
}

/// Takes an operation, the id of the call of a store, the time, and what the store answered: see `store_effect`.
pub(crate) fn resume_store<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let answer = call.argument(3)?;
    answer_store(call, |request| store_effect::read(call.env(), request, answer))
}

/// Takes an operation, the id of the call of a store, the time, the code of what the store failed with, and the name of its
/// class; if it answered with something else than it was asked for, the code of that and what it should do.
pub(crate) fn fail_store<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let (code, reason) = (call.optional_text(3, "code")?, call.text(4, "reason")?);
    let code = code.and_then(|name| Code::from_name(&name));
    answer_store(call, |request| {
        Err(match code {
            Some(Code::InvalidArgument) => Error::invalid_argument("store", reason.to_string()),
            code => request.failed(code, &reason),
        })
    })
}

fn answer_store<'env>(
    call: &Call<'env>,
    answer: impl FnOnce(&StoreRequest) -> Result<StoreAnswer>,
) -> Result<Value<'env>> {
    let (id, now) = (u64::from(call.integer(1, "id")?), call.milliseconds(2, "now")?);
    let mut slot = call.handle::<Pending>(0, "operation")?.slot();
    let running = slot.as_mut().ok_or_else(over)?;
    let request = running.asked()?;
    running.resume_store(id, now, answer(&request))?;
    call.env().undefined()
}

/// Takes an operation, the id of the call of a store, the time, and a built-in store, which is asked: nothing comes back, or
/// a promise of it.
pub(crate) fn ask_store<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let (id, now) = (u64::from(call.integer(1, "id")?), call.milliseconds(2, "now")?);
    let pending = call.handle::<Pending>(0, "operation")?.clone();
    let begun = Instant::now();
    let job = move |store: &dyn Store| {
        let mut running = pending.slot().take().ok_or_else(over)?;
        let clock = || now.saturating_add(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
        let left = Duration::from_millis(running.deadline().saturating_sub(clock()));
        let outcome = running.asked().and_then(|request| {
            let answer = request.carry_out(store, left);
            running.resume_store(id, clock(), answer)
        });
        *pending.slot() = Some(running);
        outcome
    };
    call.handle::<Opened>(3, "store")?.ask(call.env(), job, |env, ()| env.undefined())
}

/// Takes an operation; what has happened since the last call, as the text of a JSON array, or `undefined` for nothing.
pub(crate) fn events<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let mut slot = call.handle::<Pending>(0, "operation")?.slot();
    let events = slot.as_mut().map(|running| running.take_events()).unwrap_or_default();
    call.env().optional_text(told(&events).as_deref())
}

/// What has happened, as the text of a JSON array; none for nothing.
pub(crate) fn told(events: &[Event]) -> Option<String> {
    let texts: Vec<String> = events.iter().map(Event::to_json).collect();
    (!texts.is_empty()).then(|| format!("[{}]", texts.join(",")))
}

/// Takes an operation, and ends it: others who wait for the same thing go on by themselves.
pub(crate) fn close<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let ended = call.handle::<Pending>(0, "operation")?.slot().take();
    drop(ended);
    call.env().undefined()
}
