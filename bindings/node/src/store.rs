//! Store: the built-in ones. A program's own is asked by JavaScript: see `store_effect`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use authwright_core::operation::{Event, Operation};
use authwright_core::store::conformance::{self, ConformanceOptions};
use authwright_core::store::{self, Store, StoreOptions};
use authwright_core::{Error, Result};
use napi_sys::napi_type_tag;

use crate::call::{self, Call};
use crate::handle::{self, Owned};
use crate::operation;
use crate::value::{Env, Value};
use crate::work::{self, Convert};

/// A store, and whether it answers at once: then another thread would take longer than the answer.
#[derive(Clone)]
pub(crate) struct Opened {
    store: Arc<dyn Store>,
    is_at_hand: bool,
}

impl Owned for Opened {
    const NOUN: &'static str = "a Store";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x9f31_c2d8_57e4_0ab6, upper: 0x64b8_1e7d_f293_a50c };
    const WEIGHT: i64 = 16384;
}

/// A job that waits for a thread: whoever takes it, a thread or the caller who waits no longer, is the only one.
#[derive(Clone, Default)]
struct Ticket(Arc<AtomicBool>);

impl Owned for Ticket {
    const NOUN: &'static str = "a ticket";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x3d60_a9e4_18b7_f25c, upper: 0xc27f_04d1_6e95_8b3a };
    const WEIGHT: i64 = 64;
}

impl Ticket {
    /// Whether somebody has it already; if not, it is the caller's now.
    fn is_taken(&self) -> bool {
        self.0.swap(true, Ordering::AcqRel)
    }
}

/// Takes a ticket; whether the job had not begun: then it never does.
pub(crate) fn leave<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().boolean(!call.handle::<Ticket>(0, "ticket")?.is_taken())
}

impl Opened {
    /// Runs what asks the store: here, or on another thread, and then a promise comes back, with the job's `ticket`.
    pub(crate) fn ask<'env, T: Send + 'static>(
        &self,
        env: Env<'env>,
        job: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static,
        convert: Convert<T>,
    ) -> Result<Value<'env>> {
        if self.is_at_hand {
            return convert(env, job(&*self.store)?);
        }
        let (store, ticket) = (Arc::clone(&self.store), Ticket::default());
        // Made first: once there is a promise, the job runs.
        let theirs = handle::create(env, ticket.clone())?;
        let begin = move || match ticket.is_taken() {
            true => Err(Error::internal("a job that was given up")),
            false => job(&*store),
        };
        let promise = work::promise(env, begin, convert)?;
        env.set(promise, "ticket", theirs)?;
        Ok(promise)
    }
}

/// What a call at hand ends with, and what happened on the way.
pub(crate) type Told<T> = (Result<T>, Vec<Event>);

struct Ended<T> {
    told: Told<T>,
    convert: Convert<T>,
}

/// A call that asks a store. Its first three arguments are the Store, or `undefined` for a program's own, the time and for
/// how many milliseconds it may take. `given` are the others.
///
/// With a Store what comes back is a result, or a promise of it; if something has happened on the way, it is an object with
/// that as text (`events`) and with the result (`outcome`). Without one, an operation comes back.
pub(crate) fn make<'env, A: Send + 'static, T: Send + 'static>(
    call: &Call<'env>,
    given: A,
    at_hand: impl FnOnce(A, &dyn Store, u64, Duration) -> Told<T> + Send + 'static,
    begin: impl FnOnce(A, u64) -> Operation<T>,
    convert: Convert<T>,
) -> Result<Value<'env>> {
    let (now, milliseconds) = (call.milliseconds(1, "now")?, call.milliseconds(2, "timeout")?);
    if call.is_absent(0)? {
        return operation::create(call.env(), begin(given, now.saturating_add(milliseconds)), convert);
    }
    make_at_hand(call, move |store, left| at_hand(given, store, now, left), milliseconds, convert)
}

/// The same where there is a Store.
fn make_at_hand<'env, T: Send + 'static>(
    call: &Call<'env>,
    at_hand: impl FnOnce(&dyn Store, Duration) -> Told<T> + Send + 'static,
    milliseconds: u64,
    convert: Convert<T>,
) -> Result<Value<'env>> {
    let begun = Instant::now();
    let job = move |store: &dyn Store| {
        // The wait for a thread counts.
        let left = Duration::from_millis(milliseconds).saturating_sub(begun.elapsed());
        Ok(Ended { told: at_hand(store, left), convert })
    };
    call.handle::<Opened>(0, "store")?.ask(call.env(), job, hand_out)
}

fn hand_out<T>(env: Env<'_>, Ended { told: (outcome, events), convert }: Ended<T>) -> Result<Value<'_>> {
    let outcome = outcome.and_then(|result| convert(env, result));
    let Some(events) = operation::told(&events) else { return outcome };
    let object = env.object()?;
    env.set(object, "events", env.text(&events)?)?;
    env.set(object, "outcome", outcome.or_else(|error| call::failure(env, &error))?)?;
    Ok(object)
}

/// How a number goes out: as text, since a number is the time of an operation that waits.
pub(crate) fn count(env: Env<'_>, count: usize) -> Result<Value<'_>> {
    env.text(&count.to_string())
}

/// Takes the URL and the options' text.
pub(crate) fn open<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let url = call.text(0, "url")?;
    let store = store::open(&url, &StoreOptions::from_json(&call.text(1, "options")?)?)?;
    handle::create(call.env(), Opened { store, is_at_hand: url.starts_with("memory:") })
}

/// Takes the Store; nothing comes back, or a promise of it.
pub(crate) fn close<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let job = |store: &dyn Store| {
        store.close();
        Ok(())
    };
    call.handle::<Opened>(0, "store")?.ask(call.env(), job, |env, ()| env.undefined())
}

/// See `make`; how many records were removed.
pub(crate) fn sweep<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    make(
        call,
        (),
        |(), store, now, timeout| store::sweep(store, now, timeout),
        |(), deadline| store::begin_sweep(deadline),
        count,
    )
}

/// Takes the Store that is copied, the time, for how many milliseconds it may take, and the other Store; how many records were
/// written.
pub(crate) fn copy<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let (now, milliseconds) = (call.milliseconds(1, "now")?, call.milliseconds(2, "timeout")?);
    let target = Arc::clone(&call.handle::<Opened>(3, "target")?.store);
    make_at_hand(call, move |source, left| store::copy(source, &*target, now, left), milliseconds, count)
}

/// Takes the options' text and the deadline; an operation, which ends with a report.
pub(crate) fn check<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let options = ConformanceOptions::from_json(&call.text(0, "options")?)?;
    let check = conformance::begin(options, call.milliseconds(1, "deadline")?);
    operation::create(call.env(), check, |env, report| env.text(&report.to_json()))
}
