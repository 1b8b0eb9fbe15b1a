//! `aw_store`: where API keys are kept.

use std::ffi::{c_char, c_void};
use std::sync::Arc;
use std::time::{Duration, Instant};

use authwright_core::operation::{EffectKind, Step};
use authwright_core::store::conformance::{self, ConformanceOptions};
use authwright_core::store::{self, Store, StoreOptions};
use authwright_core::{Error, system_now_ms};

use crate::arguments::{Outcome, optional_out, out, text};
use crate::buffer::{aw_buffer, of_text};
use crate::error::aw_error;
use crate::event::report;
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, peek, release};
use crate::host_store::{HostStore, aw_store_functions};
use crate::oauth_client::document;
use crate::status::aw_status;

/// A place for records that several parts of a program share: in memory, in an SQLite file, on Redis, or where functions of
/// the program's own keep them. What fails with `AW_ERR_STORE_UNAVAILABLE` has changed nothing, and with
/// `AW_ERR_STORE_UNCERTAIN` perhaps; neither says anything about a key: answer with 503.
///
/// Ownership: yours; free it with aw_store_free(). What was made with it keeps what it needs, so it may be freed before.
/// Threads: `const aw_store *` may be used from many at once.
///
/// Fork: a child has a copy of what is in memory, or, if another thread was at it just then, `AW_ERR_STORE_FORKED` for
/// ever. It makes Redis connections of its own. It is refused, with the same, every SQLite file that its parent had open
/// at the fork, through this store and through any that it opens itself: the parent must not have it open at the fork.
/// If a thread of the parent was inside of SQLite just then, it is refused every file. Functions of the program's own
/// are called in the child as they are.
pub struct aw_store {
    _opaque: [u8; 0],
}

/// A store that others share.
#[derive(Clone)]
pub struct Shared(pub(crate) Arc<dyn Store>);

impl Handle for aw_store {
    type Value = Shared;
    const TAG: u64 = u64::from_be_bytes(*b"aw_store");
    const NAME: &'static str = "store";
}

/// Opens a built-in store. Nothing is connected to yet: a server that is down is no error here. What is read at once is the
/// file that the parameter `ca_file` of a URL of Redis names.
/// `AW_ERR_TRANSPORT_UNSUPPORTED` in a library that was built without it.
///
/// @param url      "memory:"; "sqlite:" and the path of a file; or a URL that begins with "redis://", "rediss://" (TLS),
///                 "redis+sentinel://" or "redis+cluster://". It may hold a password, which no message tells.
/// @param options  A JSON object, see the top of this header. NULL: the defaults.
/// @param store    Set to the store; free it with aw_store_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_store_open(
    url: *const c_char,
    url_length: usize,
    options: *const c_char,
    options_length: usize,
    store: *mut *mut aw_store,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let store = out(store, "store")?;
            let url = text(url, url_length, "url")?;
            let options = StoreOptions::from_json(document(options, options_length)?)?;
            store.set(into_raw(Shared(store::open(url, &options)?)));
            Ok(())
        })
    }
}

/// Makes a store of functions of the program's own. If it fails, none of them is called.
///
/// @param functions  The table, which is copied.
/// @param user       Handed to the functions. It and they must be there until `free` was called; without that function,
///                   until the store and all that was made with it are freed, and their calls have returned.
/// @param store      Set to the store; free it with aw_store_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_store_new(
    functions: *const aw_store_functions,
    user: *mut c_void,
    store: *mut *mut aw_store,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let store = out(store, "store")?;
            store.set(into_raw(Shared(Arc::new(HostStore::new(functions, user)?))));
            Ok(())
        })
    }
}

/// Removes the records that ended more than an hour ago, a few at a time, so that others go on meanwhile. Call it now and
/// then: once a day, say, from one process. Blocks.
///
/// @param timeout_ms  How long it may take at most, in milliseconds: 60000 is a good choice. Over is `AW_ERR_DEADLINE`,
///                    or what the store says of its own time: see aw_api_keys. What was removed by then stays so.
/// @param removed     Set to how many there were: 0 where the store collects by itself. May be NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_store_sweep(
    store: *const aw_store,
    timeout_ms: u64,
    removed: *mut usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let removed = optional_out(removed);
            let store = &*borrow(store)?.0;
            let (count, events) = store::sweep(store, system_now_ms(), Duration::from_millis(timeout_ms));
            events.iter().for_each(report);
            let count = count?;
            if let Some(removed) = removed {
                removed.set(count);
            }
            Ok(())
        })
    }
}

/// Copies the records of a store in SQLite to another store: from one machine to several. Both may be in use meanwhile.
/// Where the other has a record already, the one that was changed later stays: so it may be called again, and takes what
/// has changed since. What is over is not taken along, and what was removed in between is not removed there. Blocks.
///
/// @param source      A store in SQLite: `AW_ERR_INVALID_ARGUMENT` (`source`) for any other.
/// @param target      Any store.
/// @param timeout_ms  How long it may take at most, in milliseconds: 600000 is a good choice. Over is
///                    `AW_ERR_DEADLINE`, or what a store says of its own time: see aw_api_keys. What was copied by then
///                    stays so.
/// @param written     Set to how many records were written to the other store. May be NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_store_copy(
    source: *const aw_store,
    target: *const aw_store,
    timeout_ms: u64,
    written: *mut usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let written = optional_out(written);
            let (source, target) = (&*borrow(source)?.0, &*borrow(target)?.0);
            let (count, events) = store::copy(source, target, system_now_ms(), Duration::from_millis(timeout_ms));
            events.iter().for_each(report);
            let count = count?;
            if let Some(written) = written {
                written.set(count);
            }
            Ok(())
        })
    }
}

/// Tries out whether a store does what it must, in some thousands of calls: for the tests of a program that makes its own.
/// What it writes has keys and owners that begin with "conformance/", and it removes it. Blocks.
///
/// Racers, threads or processes that change the same records at once and may be killed, are runs of the part "contend"; one
/// of the part "settle" judges what they have left. The lines of a racer's progress, which "settle" reads, are the member
/// `line` of events `store_contention`: each is told before the next change is asked for.
///
/// @param options     A JSON object, see the top of this header. NULL: all that can be tried by one caller.
/// @param timeout_ms  How long it may take at most, in milliseconds: 60000 is a good choice. Over is `AW_ERR_DEADLINE`.
/// @param passed      Set to whether the store did all that it must. AW_OK says only that there is a report.
/// @param json        Set to the report, a JSON object: "run_id", "passed", and "checks", a list of objects with "name" and
///                    "passed", with "expected" and "found" where it failed, and perhaps with a "note". Free it with
///                    aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_store_check(
    store: *const aw_store,
    options: *const c_char,
    options_length: usize,
    timeout_ms: u64,
    passed: *mut bool,
    json: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let (passed, json) = (out(passed, "passed"), out(json, "json"));
            let (passed, json) = (passed?, json?);
            let store = &*borrow(store)?.0;
            let options = ConformanceOptions::from_json(document(options, options_length)?)?;
            let outcome = check(store, options, timeout_ms)?;
            passed.set(outcome.passed());
            json.set(of_text(outcome.to_json()));
            Ok(())
        })
    }
}

/// Gives up the store's connections, for all that was made with it: every later call fails with `AW_ERR_CLOSED`. What is in
/// memory is gone. Calls that are under way come to their own end, which may be that their time is over, or
/// `AW_ERR_CLOSED` at the next thing that they ask. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_store_close(store: *const aw_store) {
    shield((), || {
        // SAFETY: the header's contract.
        if let Some(store) = unsafe { peek(store) } {
            store.0.close();
        }
    });
}

/// Frees a store. NULL is fine. It is not closed by that while something that was made with it is there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_store_free(store: *mut aw_store) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(store) });
}

/// Driven as an operation, because a racer's progress is told by its events.
fn check(store: &dyn Store, options: ConformanceOptions, timeout_ms: u64) -> Outcome<conformance::Report> {
    // The system's clock only says when it begins: one that is set meanwhile must not make the time-out another.
    let (began_at, begun) = (system_now_ms(), Instant::now());
    let clock = || began_at.saturating_add(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
    let mut operation = conformance::begin(options, began_at.saturating_add(timeout_ms));
    loop {
        let now = clock();
        let left = Duration::from_millis(operation.deadline().saturating_sub(now));
        let asked = match operation.step(now) {
            Step::Effect(effect) => match &effect.kind {
                EffectKind::Store(request) => Ok(Ok((effect.id, request.clone()))),
                _ => Err(Error::internal("an effect that no store carries out")),
            },
            Step::Done(outcome) => Ok(Err(outcome)),
            Step::Failed(error) => Err(error),
            Step::Wait(_) => Err(Error::internal("a check of a store that waits")),
        };
        operation.take_events().iter().for_each(report);
        match asked? {
            Ok((id, request)) => operation.resume_store(id, clock(), request.carry_out(store, left))?,
            Err(outcome) => {
                store.take_events().iter().for_each(report);
                return Ok(outcome);
            }
        }
    }
}
