//! Rust values that JavaScript owns: the garbage collector frees them.
//!
//! A value hangs either on an object (a handle, which JavaScript passes back) or on a function (a bound function, which
//! needs no `this`). A handle carries a type tag, so that no other object, and no handle of another type, is ever
//! taken for it.

use std::ffi::c_void;
use std::ptr;

use authwright_core::{Error, Result};
use napi_sys::{ValueType, napi_callback_info, napi_env, napi_type_tag, napi_value};

use crate::call::{self, Call};
use crate::value::{Env, Value, check};

/// A type whose values JavaScript may own.
pub(crate) trait Owned: Sized + 'static {
    /// With its article, for messages.
    const NOUN: &'static str;
    /// Any 128 random bits, different for each type.
    const TAG: &'static napi_type_tag;
    /// About how many bytes a value holds, so that the garbage collector knows what a small object keeps alive.
    const WEIGHT: i64;
}

/// Gives `value` to JavaScript as a handle.
pub(crate) fn create<T: Owned>(env: Env<'_>, value: T) -> Result<Value<'_>> {
    let object = env.object()?;
    // SAFETY: `object` is a live object that was just made, so it has no tag yet; the tag is only read.
    check(unsafe { napi_sys::napi_type_tag_object(env.raw(), object.raw(), T::TAG) })?;
    let data = Box::into_raw(Box::new(value));
    // SAFETY: `object` has nothing wrapped yet. Ownership of `data` passes to it: `free` is called exactly once, when
    // the object is collected or the environment ends.
    let status = unsafe {
        napi_sys::napi_wrap(env.raw(), object.raw(), data.cast(), Some(free::<T>), ptr::null_mut(), ptr::null_mut())
    };
    adopt(env, data, status)?;
    Ok(object)
}

/// The value behind a handle; `None` if this is not a handle of that type.
///
/// The reference lasts as long as the scope in which JavaScript passed the handle: handles are never unwrapped otherwise
/// than by the garbage collector, which cannot collect an argument of a running call.
pub(crate) fn get<'env, T: Owned>(env: Env<'env>, value: Value<'env>) -> Result<Option<&'env T>> {
    // Node-API would convert anything else to an object, and throw for null.
    if env.kind(value)? != ValueType::napi_object {
        return Ok(None);
    }
    let mut is_ours = false;
    // SAFETY: the value is a live object, the tag is only read, and the out is writable.
    check(unsafe { napi_sys::napi_check_object_type_tag(env.raw(), value.raw(), T::TAG, &raw mut is_ours) })?;
    if !is_ours {
        return Ok(None);
    }
    let mut data = ptr::null_mut();
    // SAFETY: the tag says that `create::<T>` made this object.
    check(unsafe { napi_sys::napi_unwrap(env.raw(), value.raw(), &raw mut data) })?;
    // SAFETY: so `data` is the box that `create` made, which lives as long as the object; nothing ever borrows it mutably.
    Ok(unsafe { data.cast::<T>().as_ref() })
}

/// What a bound function does with the value that it carries.
pub(crate) trait Bound: Owned {
    /// Answers one call.
    fn call<'env>(&self, call: &Call<'env>) -> Result<Value<'env>>;
}

/// Gives `value` to JavaScript as a function.
pub(crate) fn bind<'env, T: Bound>(env: Env<'env>, name: &str, value: T) -> Result<Value<'env>> {
    let data = Box::into_raw(Box::new(value));
    let length = isize::try_from(name.len()).unwrap_or(isize::MAX);
    let created = env.make(|env, out| {
        // SAFETY: the name is `length` bytes that Node copies. `run::<T>` reads `data` as what it is, a `T`, and is reached
        // only through this function, which keeps the box alive.
        unsafe { napi_sys::napi_create_function(env, name.as_ptr().cast(), length, Some(run::<T>), data.cast(), out) }
    });
    let function = match created {
        Ok(function) => function,
        Err(error) => {
            // SAFETY: no function was made, so the box is still only ours.
            drop(unsafe { Box::from_raw(data) });
            return Err(error);
        }
    };
    // SAFETY: ownership of `data` passes to the function: `free` is called exactly once, when it is collected or the
    // environment ends.
    let status = unsafe {
        napi_sys::napi_add_finalizer(
            env.raw(),
            function.raw(),
            data.cast(),
            Some(free::<T>),
            ptr::null_mut(),
            ptr::null_mut(),
        )
    };
    adopt(env, data, status)?;
    Ok(function)
}

#[inline(never)]
unsafe extern "C" fn run<T: Bound>(env: napi_env, info: napi_callback_info) -> napi_value {
    // SAFETY: Node calls this with a live environment, on its thread, within a handle scope.
    let scope = unsafe { Env::new(env) };
    call::guarded(scope, || {
        // SAFETY: `info` is the one of this call.
        let (call, data) = unsafe { Call::read(scope, info) }?;
        // SAFETY: `bind::<T>` is the only place that makes functions with this callback, and its data is a box of `T` that
        // lives as long as the function, which is being called. It is never borrowed mutably.
        match unsafe { data.cast::<T>().as_ref() } {
            Some(value) => value.call(&call),
            None => Err(Error::internal("a bound function without its value")),
        }
    })
}

/// Ends a transfer: tells the garbage collector what it has taken, or takes the value back.
fn adopt<T: Owned>(env: Env<'_>, data: *mut T, status: i32) -> Result<()> {
    if let Err(error) = check(status) {
        // SAFETY: the transfer failed, so no finalizer will run, and the box is still only ours. A function that was
        // made with it is unreachable: its value was never handed to JavaScript.
        drop(unsafe { Box::from_raw(data) });
        return Err(error);
    }
    weigh(env.raw(), T::WEIGHT);
    Ok(())
}

unsafe extern "C" fn free<T: Owned>(env: napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: Node calls this once with the box that `create` or `bind` gave it.
    drop(unsafe { Box::from_raw(data.cast::<T>()) });
    weigh(env, T::WEIGHT.wrapping_neg());
}

fn weigh(env: napi_env, bytes: i64) {
    let mut total = 0;
    // SAFETY: the environment is live, and the out is writable. Its answer is of no consequence: this is a hint.
    let _ = unsafe { napi_sys::napi_adjust_external_memory(env, bytes, &raw mut total) };
}
