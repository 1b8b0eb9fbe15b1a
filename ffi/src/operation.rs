//! `aw_operation`: an operation that the program drives itself, with an HTTP client and an event loop of its own.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use authwright_core::operation::{Failure as Unanswered, Response, Sent};
use authwright_core::system_now_ms;

use crate::arguments::{Outcome, bytes, list, optional_name, optional_out, out};
use crate::buffer::{aw_buffer, of_text};
use crate::error::{Failure, aw_error};
use crate::guard::{guard, shield};
use crate::handle::{Handle, Nested, borrow_mut, into_raw, peek, release};
use crate::login::{Begun, aw_login};
use crate::running::{Product, Running, Wake};
use crate::status::aw_status;
use crate::token::{Verified, aw_token};
use crate::tokens::{Granted, aw_tokens};
use crate::user::{Known, aw_user};

/// For aw_operation_fail(): resolving the name, connecting, sending or receiving failed.
pub const AW_FAILURE_TRANSPORT: u32 = 1;

/// For aw_operation_fail(): TLS was not agreed on, because of an untrusted or expired certificate, or a wrong name.
pub const AW_FAILURE_TLS: u32 = 2;

/// For aw_operation_fail(): the request's time was over.
pub const AW_FAILURE_DEADLINE: u32 = 3;

/// For aw_operation_fail(): the body was longer than aw_operation_request_max_body_bytes().
pub const AW_FAILURE_TOO_LARGE: u32 = 4;

/// For aw_operation_fail(): the address to connect to is one that aw_operation_request_reach() forbids.
pub const AW_FAILURE_ADDRESS: u32 = 5;

/// For aw_operation_fail(): the program's client cannot do what the request asks for.
pub const AW_FAILURE_UNSUPPORTED: u32 = 6;

/// For aw_operation_fail(): the request may have reached the server. If in doubt, this.
pub const AW_SENT_MAYBE: u32 = 0;

/// For aw_operation_fail(): not a byte of the request can have reached the server.
pub const AW_SENT_NOT: u32 = 1;

/// What talks to the outside, without doing so itself: a state machine that asks for one request at a time. A program
/// sends it with the HTTP client that it has, and hands back what came of it. In a loop, with a client that blocks:
///
///     uint64_t id, until, now;
///     for (;;) {
///         now = aw_now_ms();
///         switch (aw_operation_step(operation, now, &id, &until)) {
///         case AW_STEP_SEND: ... aw_operation_resume() or aw_operation_fail() ... break;
///         case AW_STEP_WAIT: aw_operation_wait(operation, until - now); break;
///         default: return aw_operation_token(operation, &token, &error);
///         }
///     }
///
/// An event loop does the same: it steps when an answer is there, when the time to wait is over, and when the
/// function that it gave to aw_operation_notify() is called.
///
/// No function of an operation does I/O, reads a clock or, but for aw_operation_wait(), blocks. The program must send
/// the request as it is, check certificates, follow no redirect, stop reading a body that is too long, and give up at
/// the request's deadline.
///
/// Ownership: yours; free it with aw_operation_free(), which cancels what is not over. What it was begun with may be
/// freed before it. Threads: use it from one thread at a time, not always the same one. Fork: it belongs to the process
/// that began it.
pub struct aw_operation {
    _opaque: [u8; 0],
}

/// What to do next with an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum aw_step {
    /// Send the request, then call aw_operation_resume() or aw_operation_fail().
    AW_STEP_SEND = 1,
    /// Somebody else is making the request. Step again when that is over, or the time to wait.
    AW_STEP_WAIT = 2,
    /// It has succeeded.
    AW_STEP_DONE = 3,
    /// It has failed.
    AW_STEP_FAILED = 4,
    /// Keep the tokens of aw_operation_persist_tokens(), then call aw_operation_persisted(). Only the operations of an
    /// aw_token_manager with the option "persist" ask for it.
    AW_STEP_PERSIST = 5,
}

/// A header of an answer: two strings that end in a NUL.
#[repr(C)]
pub struct aw_header {
    /// Its name, such as "Content-Type", in lower or upper case.
    pub name: *const c_char,
    /// Its value.
    pub value: *const c_char,
}

/// The function that aw_operation_notify() is given.
pub type aw_wake = Option<unsafe extern "C" fn(user: *mut c_void)>;

impl Handle for aw_operation {
    type Value = Running;
    const TAG: u64 = u64::from_be_bytes(*b"aw_opera");
    const NAME: &'static str = "operation";
}

/// Says what to do next. While something is outstanding that is the same, with the same id: not a second one.
/// After the end it is the end.
///
/// @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it. The first step at or after the
///                    deadline fails the operation, with `AW_ERR_DEADLINE`.
/// @param id          With `AW_STEP_SEND` and `AW_STEP_PERSIST` set to the number of what is outstanding, otherwise to
///                    0. May be NULL.
/// @param wait_until  With `AW_STEP_WAIT` set to the time at which to step again at the latest, in milliseconds since
///                    1970, otherwise to 0. May be NULL.
/// @return            `AW_STEP_FAILED` if `operation` is NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_operation_step(
    operation: *mut aw_operation,
    now_ms: u64,
    id: *mut u64,
    wait_until: *mut u64,
) -> aw_step {
    shield(aw_step::AW_STEP_FAILED, || {
        // SAFETY: the header's contract.
        let (id, wait_until, running) = unsafe { (optional_out(id), optional_out(wait_until), borrow_mut(operation)) };
        let Ok(running) = running else { return aw_step::AW_STEP_FAILED };
        let step = running.step(now_ms);
        if let (Some(id), Some(outstanding)) = (id, running.outstanding()) {
            id.set(outstanding);
        }
        if let (Some(wait_until), Some((wait, _))) = (wait_until, running.wait()) {
            wait_until.set(wait.until);
        }
        step
    })
}

/// Hands over the answer to the outstanding request, whatever its status. Then step again. `AW_ERR_INVALID_ARGUMENT` if
/// no request with this id is outstanding: nothing has changed then.
///
/// @param id            What aw_operation_step() set.
/// @param now_ms        The time in milliseconds since 1970.
/// @param status        The HTTP status: 100 to 999.
/// @param headers       An array of `header_count` headers, in any order; "Content-Type", "Cache-Control", "Age" and
///                      "ETag" matter. NULL if `header_count` is 0.
/// @param body          The body, decompressed. One that is longer than the request allows fails the request.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_operation_resume(
    operation: *mut aw_operation,
    id: u64,
    now_ms: u64,
    status: u32,
    headers: *const aw_header,
    header_count: usize,
    body: *const c_void,
    body_length: usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let running = borrow_mut(operation)?;
            let status = u16::try_from(status).ok().filter(|status| (100..1000).contains(status));
            let status = status.ok_or_else(|| Failure::argument("status", "status is not from 100 to 999"))?;
            let headers = list(headers, header_count, "headers")?.iter().map(|header| {
                let part = |text: *const c_char| match text.is_null() {
                    true => Err(Failure::argument("headers", "headers has a name or a value that is NULL")),
                    // Values may be in any encoding (RFC 9110 section 5.5); those that matter are ASCII.
                    false => Ok(CStr::from_ptr(text).to_string_lossy().into_owned()),
                };
                Ok((part(header.name)?, part(header.value)?))
            });
            let headers = headers.collect::<Outcome<Vec<_>>>()?;
            let body = bytes(body, body_length, "body")?;
            running.resume(id, now_ms, Ok(Response::new(status, headers, body.to_vec())))
        })
    }
}

/// Says that there is no answer to the outstanding request. Then step again. `AW_ERR_INVALID_ARGUMENT` if no request
/// with this id is outstanding: nothing has changed then.
///
/// @param id      What aw_operation_step() set.
/// @param now_ms  The time in milliseconds since 1970.
/// @param kind    `AW_FAILURE_TRANSPORT`, `_TLS`, `_DEADLINE`, `_TOO_LARGE`, `_ADDRESS` or `_UNSUPPORTED`.
/// @param sent    `AW_SENT_NOT` or `AW_SENT_MAYBE`: what may have been sent is not repeated where that could spend
///                something twice. Matters with `AW_FAILURE_TRANSPORT` and `_DEADLINE`; the others say it themselves.
/// @param reason  For people, and NUL-terminated: the client's words, the address with `_ADDRESS`, what is missing with
///                `_UNSUPPORTED`. May be NULL. It becomes part of a message, so it must hold no secrets.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_operation_fail(
    operation: *mut aw_operation,
    id: u64,
    now_ms: u64,
    kind: u32,
    sent: u32,
    reason: *const c_char,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let running = borrow_mut(operation)?;
            let reason = optional_name(reason, "reason")?;
            let sent = match sent {
                AW_SENT_MAYBE => Sent::Maybe,
                AW_SENT_NOT => Sent::Not,
                _ => return Err(Failure::argument("sent", "sent is not AW_SENT_MAYBE or AW_SENT_NOT")),
            };
            let failure = match kind {
                AW_FAILURE_TRANSPORT => Unanswered::transport(sent, reason.unwrap_or("the request failed")),
                AW_FAILURE_TLS => Unanswered::tls(reason.unwrap_or("TLS was not agreed on")),
                AW_FAILURE_DEADLINE => Unanswered::deadline(sent),
                AW_FAILURE_TOO_LARGE => Unanswered::too_large(),
                AW_FAILURE_ADDRESS => Unanswered::address(reason.unwrap_or("the address")),
                AW_FAILURE_UNSUPPORTED => Unanswered::unsupported(reason.unwrap_or("means for what the request asks")),
                _ => return Err(Failure::argument("kind", "kind is not one of the AW_FAILURE_ constants")),
            };
            running.resume(id, now_ms, Err(failure))
        })
    }
}

/// After `AW_STEP_PERSIST`: the tokens to keep, which replace those before them. They belong to the operation and live
/// until aw_operation_persisted() has taken the outcome, a step ends the operation, or aw_operation_free(). NULL if none
/// are to be kept.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_persist_tokens(operation: *const aw_operation) -> *const aw_tokens {
    shield(ptr::null(), || {
        // SAFETY: the header's contract.
        unsafe { peek(operation) }.and_then(Running::to_persist).map_or(ptr::null(), Nested::as_ptr)
    })
}

/// Says whether the tokens are kept. Then step again. `AW_ERR_INVALID_ARGUMENT` if none with this id are to be kept:
/// nothing has changed then.
///
/// @param id      What aw_operation_step() set.
/// @param now_ms  The time in milliseconds since 1970.
/// @param kept    true: they are. false: they are not; they will be handed over again before they are used.
/// @param reason  Why not, for people, and NUL-terminated. May be NULL. It becomes part of a message, so it must hold no
///                secrets.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_operation_persisted(
    operation: *mut aw_operation,
    id: u64,
    now_ms: u64,
    kept: bool,
    reason: *const c_char,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let running = borrow_mut(operation)?;
            let reason = optional_name(reason, "reason")?.unwrap_or("the program did not say why");
            running.resume_persist(id, now_ms, if kept { Ok(()) } else { Err(reason.to_owned()) })
        })
    }
}

/// After `AW_STEP_WAIT`: blocks until it is worth while to step again, or the time is over. Returns at once if the last
/// step was another.
///
/// @param timeout_ms  How long at most, in milliseconds: from now until what the step set. More than what was left then
///                    counts as that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_wait(operation: *const aw_operation, timeout_ms: u64) {
    shield((), || {
        // SAFETY: the header's contract.
        if let Some((wait, left)) = unsafe { peek(operation) }.and_then(Running::wait) {
            wait.signal.wait(timeout_ms.min(*left));
        }
    });
}

/// After `AW_STEP_WAIT`, for event loops: has `wake` called once when it is worth while to step again, if that comes
/// before the next aw_operation_step() or aw_operation_free() of this operation; it is never called after those return.
/// `AW_ERR_INVALID_ARGUMENT` if the last step was another.
///
/// @param wake  Called on any thread: on this one, before the function returns, or within a call for another operation
///              that ends the wait. It must not use this operation; let it write to a pipe or an eventfd, or put the
///              operation into a queue.
/// @param user  Handed to `wake`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_operation_notify(
    operation: *mut aw_operation,
    wake: aw_wake,
    user: *mut c_void,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let running = borrow_mut(operation)?;
            let call = wake.ok_or_else(|| Failure::argument("wake", "wake is NULL"))?;
            running.notify(Wake { call, user })
        })
    }
}

/// The verified token of an operation that aw_verifier_begin() began. If the operation failed, the status and the error
/// are those of its failure. `AW_ERR_INVALID_ARGUMENT` while it is not over, for an operation of another kind, and the
/// second time.
///
/// @param token  Set to the verified token; free it with aw_token_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_operation_token(
    operation: *mut aw_operation,
    token: *mut *mut aw_token,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let token = out(token, "token")?;
            let taken = borrow_mut(operation)?.take("token", |product| match product {
                Product::Token(token) => Ok(token),
                other => Err(other),
            })?;
            token.set(into_raw(Verified::from(*taken)));
            Ok(())
        })
    }
}

/// The login of an operation that aw_oauth_client_begin_login_operation() began. The rest is as for
/// aw_operation_token().
///
/// @param login  Set to the login; free it with aw_login_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_operation_login(
    operation: *mut aw_operation,
    login: *mut *mut aw_login,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let login = out(login, "login")?;
            let taken = borrow_mut(operation)?.take("login", |product| match product {
                Product::Login(login) => Ok(login),
                other => Err(other),
            })?;
            login.set(into_raw(Begun::from(*taken)));
            Ok(())
        })
    }
}

/// The tokens of an operation that finishes a login, refreshes, or asks a token manager. The rest is as for
/// aw_operation_token().
///
/// @param tokens  Set to the tokens; free them with aw_tokens_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_operation_tokens(
    operation: *mut aw_operation,
    tokens: *mut *mut aw_tokens,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let tokens = out(tokens, "tokens")?;
            let taken = borrow_mut(operation)?.take("tokens", |product| match product {
                Product::Tokens(tokens) => Ok(tokens),
                other => Err(other),
            })?;
            tokens.set(into_raw(Granted::from(*taken)));
            Ok(())
        })
    }
}

/// The user of an operation that aw_oauth_client_userinfo_operation() began. The rest is as for aw_operation_token().
///
/// @param user  Set to the user; free it with aw_user_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_operation_user(
    operation: *mut aw_operation,
    user: *mut *mut aw_user,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let user = out(user, "user")?;
            let taken = borrow_mut(operation)?.take("user", |product| match product {
                Product::User(user) => Ok(user),
                other => Err(other),
            })?;
            user.set(into_raw(Known::from(*taken)));
            Ok(())
        })
    }
}

/// The text of an operation that aw_oauth_client_logout_url_operation() began. The rest is as for aw_operation_token().
///
/// @param text  Set to the text; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_operation_text(
    operation: *mut aw_operation,
    text: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let text = out(text, "text")?;
            let taken = borrow_mut(operation)?.take("text", |product| match product {
                Product::Text(text) => Ok(text),
                other => Err(other),
            })?;
            text.set(of_text(taken));
            Ok(())
        })
    }
}

/// How an operation of any kind ended: `AW_OK`, or the status and the error of its failure. `AW_ERR_INVALID_ARGUMENT`
/// while it is not over.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_operation_result(operation: *mut aw_operation, error: *mut *mut aw_error) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { guard(error, || borrow_mut(operation)?.outcome().map(|_| ())) }
}

/// The time by the system's clock, in the unit of operations: milliseconds since 1970.
#[unsafe(no_mangle)]
pub extern "C" fn aw_now_ms() -> u64 {
    shield(0, system_now_ms)
}

/// Frees an operation, and cancels it if it is not over: should others wait for its request, one of them takes over. A
/// request that is under way is the program's to end. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_free(operation: *mut aw_operation) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(operation) });
}
