//! Calls off the event loop: one job on a thread of libuv's pool, and a promise for what comes of it.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use authwright_core::{Error, Result};
use napi_sys::{napi_async_work, napi_deferred, napi_env, napi_status};

use crate::call;
use crate::value::{Env, Value, check};

/// How the result of a job becomes a value.
pub(crate) type Convert<T> = for<'env> fn(Env<'env>, T) -> Result<Value<'env>>;

struct Work<T> {
    job: Option<Box<dyn FnOnce() -> Result<T> + Send>>,
    outcome: Option<Result<T>>,
    convert: Convert<T>,
    deferred: napi_deferred,
    work: napi_async_work,
}

/// Runs `job` on another thread. The promise is fulfilled with the value or with the failure record, so that an error keeps
/// its code; JavaScript throws it.
pub(crate) fn promise<'env, T: Send + 'static>(
    env: Env<'env>,
    job: impl FnOnce() -> Result<T> + Send + 'static,
    convert: Convert<T>,
) -> Result<Value<'env>> {
    let name = env.text("authwright")?;
    let data = Box::into_raw(Box::new(Work {
        job: Some(Box::new(job)),
        outcome: None,
        convert,
        deferred: ptr::null_mut(),
        work: ptr::null_mut(),
    }));
    match start(env, name, data) {
        Ok(promise) => Ok(promise),
        Err(error) => {
            // SAFETY: nothing was queued, so no callback will run, and the box is still only ours.
            let work = unsafe { Box::from_raw(data) };
            if !work.work.is_null() {
                // SAFETY: the work exists and is not queued.
                let _ = unsafe { napi_sys::napi_delete_async_work(env.raw(), work.work) };
            }
            Err(error)
        }
    }
}

fn start<'env, T: Send + 'static>(env: Env<'env>, name: Value<'env>, data: *mut Work<T>) -> Result<Value<'env>> {
    // SAFETY: `data` is a live box that nobody else knows yet; the callbacks receive it as what it is. Once the work is
    // queued the thread pool has it, then `complete`, and it is not touched here again.
    unsafe {
        check(napi_sys::napi_create_async_work(
            env.raw(),
            ptr::null_mut(),
            name.raw(),
            Some(execute::<T>),
            Some(complete::<T>),
            data.cast(),
            &raw mut (*data).work,
        ))?;
        let promise = env.make(|env, out| napi_sys::napi_create_promise(env, &raw mut (*data).deferred, out))?;
        check(napi_sys::napi_queue_async_work(env.raw(), (*data).work))?;
        Ok(promise)
    }
}

/// On a thread of the pool: no Node-API function may be called here.
unsafe extern "C" fn execute<T: Send>(_env: napi_env, data: *mut c_void) {
    // SAFETY: Node calls this once with the box of `promise`, and nothing else has it meanwhile.
    let work = unsafe { &mut *data.cast::<Work<T>>() };
    if let Some(job) = work.job.take() {
        let outcome = catch_unwind(AssertUnwindSafe(job))
            .unwrap_or_else(|_| Err(Error::internal("a panic was caught on a worker thread")));
        work.outcome = Some(outcome);
    }
}

/// Back on the environment's thread.
unsafe extern "C" fn complete<T: Send>(env: napi_env, _status: napi_status, data: *mut c_void) {
    // SAFETY: Node calls this once, after `execute` or instead of it, with the box of `promise`.
    let work = unsafe { Box::from_raw(data.cast::<Work<T>>()) };
    // SAFETY: Node calls this with a live environment, on its thread, within a handle scope.
    let scope = unsafe { Env::new(env) };
    let outcome = work.outcome.unwrap_or_else(|| Err(Error::internal("the work was cancelled before it began")));
    let settled = call::guarded(scope, || (work.convert)(scope, outcome?));
    // SAFETY: the deferred and the work are this box's own and are settled and deleted once. An environment that is
    // shutting down refuses; then nobody is waiting.
    unsafe {
        if !settled.is_null() {
            let _ = napi_sys::napi_resolve_deferred(env, work.deferred, settled);
        }
        let _ = napi_sys::napi_delete_async_work(env, work.work);
    }
}
