//! The two ways in which a C function runs its body: nothing unwinds into C.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::arguments::Outcome;
use crate::error::{Failure, aw_error};
use crate::status::aw_status;

/// Runs the body of a function that can fail. A failure goes to `error`, where the caller wants it, and its code is
/// returned. A panic becomes `AW_ERR_INTERNAL`.
///
/// # Safety
/// `error` is NULL or may be written to.
#[inline]
pub(crate) unsafe fn guard(error: *mut *mut aw_error, body: impl FnOnce() -> Outcome<()>) -> aw_status {
    if !error.is_null() {
        // SAFETY: promised by the caller.
        unsafe { error.write(ptr::null_mut()) };
    }
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => aw_status::AW_OK,
        // SAFETY: promised by the caller.
        Ok(Err(failure)) => unsafe { report(error, failure) },
        Err(payload) => {
            // Dropping a payload may panic again.
            mem::forget(payload);
            // SAFETY: promised by the caller.
            unsafe { report(error, Failure::panicked()) }
        }
    }
}

/// Runs the body of a function that cannot fail, such as a getter; were it to panic, the answer is `fallback`.
#[inline]
pub(crate) fn shield<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        mem::forget(payload);
        fallback
    })
}

#[cold]
unsafe fn report(error: *mut *mut aw_error, failure: Failure) -> aw_status {
    let status = failure.status();
    if !error.is_null() {
        // SAFETY: promised by the caller of `guard`.
        unsafe { error.write(failure.into_handle()) };
    }
    status
}
