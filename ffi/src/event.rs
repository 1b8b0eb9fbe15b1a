//! The hook that a program's log and metrics hang on.

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use authwright_core::operation::Event;

use crate::guard::shield;

/// Receives an event: a JSON object whose `event` is its name, such as "keys_refreshed", and whose other members say
/// more. New events and new members may come with any release. They hold no secret. The text ends in a NUL and is gone
/// when the function returns.
pub type aw_event_hook = Option<unsafe extern "C" fn(json: *const c_char, length: usize, user: *mut c_void)>;

struct Hook {
    call: unsafe extern "C" fn(json: *const c_char, length: usize, user: *mut c_void),
    user: *mut c_void,
}

// SAFETY: the header asks for a function, and for `user`, that may be used on any thread.
unsafe impl Send for Hook {}
// SAFETY: as above, and from many at once.
unsafe impl Sync for Hook {}

/// Without a lock: a fork would leave one behind that nobody releases.
static HOOK: ArcSwapOption<Hook> = ArcSwapOption::const_empty();

/// Sets the program's event hook, the only state that the whole process shares. It is called on the threads that make
/// authwright's calls and on those that it fetches on in the background, on several at once, so it must be safe for
/// that; it should be quick, must not unwind or jump out, and may call authwright.
///
/// @param hook  NULL: none, as it is in the beginning. A call of the one before may still be under way on another
///              thread.
/// @param user  Handed to the hook.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_set_event_hook(hook: aw_event_hook, user: *mut c_void) {
    shield((), || HOOK.store(hook.map(|call| Arc::new(Hook { call, user }))));
}

/// Hands an event to the hook, if there is one.
pub(crate) fn report(event: &Event) {
    let Some(hook) = HOOK.load_full() else { return };
    // JSON has no NUL: it writes one as an escape.
    let json = CString::new(event.to_json()).unwrap_or_default();
    // SAFETY: `aw_set_event_hook` was promised a function that may be called so.
    unsafe { (hook.call)(json.as_ptr(), json.as_bytes().len(), hook.user) };
}
