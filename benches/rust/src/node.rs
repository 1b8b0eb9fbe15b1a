//! The shared object as a Node addon: `verify` and `sign`, each of an algorithm and a number of calls.

use std::mem;
use std::ptr;

use napi_sys::{Status, napi_callback_info, napi_env, napi_status, napi_value};

use crate::{bare_sign, bare_verify};

/// Called by Node when the addon is loaded.
///
/// # Safety
///
/// Only Node calls this, with a live environment and the addon's exports object, and from its main thread only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_register_module_v1(env: napi_env, exports: napi_value) -> napi_value {
    // SAFETY: nothing else uses this copy of `napi_sys` while it looks up Node-API's functions, as only the main thread
    // comes here; and the program in which it finds them is never closed.
    mem::forget(unsafe { napi_sys::setup() });
    for (name, callback) in [(c"verify", verify as Callback), (c"sign", sign)] {
        let length = name.count_bytes() as isize;
        let mut function = ptr::null_mut();
        // SAFETY: `env` and `exports` are live, the name has a NUL after `length` bytes, and `function` is writable.
        unsafe {
            let made = napi_sys::napi_create_function(
                env,
                name.as_ptr(),
                length,
                Some(callback),
                ptr::null_mut(),
                &raw mut function,
            );
            check(made);
            check(napi_sys::napi_set_named_property(env, exports, name.as_ptr(), function));
        }
    }
    exports
}

type Callback = unsafe extern "C" fn(napi_env, napi_callback_info) -> napi_value;

unsafe extern "C" fn verify(env: napi_env, info: napi_callback_info) -> napi_value {
    // SAFETY: both are Node's own, of this call.
    unsafe { run(env, info, bare_verify) }
}

unsafe extern "C" fn sign(env: napi_env, info: napi_callback_info) -> napi_value {
    // SAFETY: both are Node's own, of this call.
    unsafe { run(env, info, bare_sign) }
}

/// # Safety
///
/// `env` and `info` are those that Node passed to the callback that is running.
unsafe fn run(env: napi_env, info: napi_callback_info, body: extern "C" fn(u32, u32) -> bool) -> napi_value {
    let mut arguments = [ptr::null_mut(); 2];
    let mut count = arguments.len();
    let (this, data) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the array has room for `count` values, and Node-API passes over an out that is null.
    check(unsafe { napi_sys::napi_get_cb_info(env, info, &raw mut count, arguments.as_mut_ptr(), this, data) });
    let [algorithm, calls] = arguments.map(|argument| {
        let mut number = 0;
        // SAFETY: Node filled the whole array with live values, and `number` is writable.
        check(unsafe { napi_sys::napi_get_value_uint32(env, argument, &raw mut number) });
        number
    });
    let mut answer = ptr::null_mut();
    // SAFETY: the environment is live, and `answer` is writable.
    check(unsafe { napi_sys::napi_get_boolean(env, body(algorithm, calls), &raw mut answer) });
    answer
}

/// A refusal ends the process: a panic does not leave a function of this kind.
fn check(status: napi_status) {
    assert_eq!(status, Status::napi_ok, "Node-API refused a call");
}
