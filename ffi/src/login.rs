//! `aw_login`: a login that has begun.

use std::ffi::c_char;
use std::ptr;

use authwright_core::oauth::Login;

use crate::arguments::out;
use crate::buffer::{aw_buffer, copy_of};
use crate::error::aw_error;
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, peek, release};
use crate::status::aw_status;
use crate::texts::{OwnText, own_text};

/// A login that has begun: where to redirect the browser, and what to keep until it comes back. Immutable.
///
/// What aw_oauth_client_finish_login() needs is kept in the browser by aw_login_cookie(), or by the program, as
/// aw_login_transaction() and bound to the browser's session.
///
/// Ownership: yours; free it with aw_login_free(), which overwrites its texts first. Threads: `const aw_login *` may be
/// used from many at once.
pub struct aw_login {
    _opaque: [u8; 0],
}

/// A login, and its texts with NULs behind them.
pub struct Begun {
    login: Login,
    url: OwnText,
    transaction: OwnText,
    cookie: OwnText,
    stale_cookies: Vec<OwnText>,
}

impl Handle for aw_login {
    type Value = Begun;
    const TAG: u64 = u64::from_be_bytes(*b"aw_login");
    const NAME: &'static str = "login";
}

impl From<Login> for Begun {
    fn from(login: Login) -> Self {
        Self {
            url: login.url().into(),
            transaction: login.transaction().into(),
            cookie: login.cookie().into(),
            stale_cookies: login.stale_cookies().iter().map(|cookie| cookie.as_str().into()).collect(),
            login,
        }
    }
}

/// The URL to redirect the browser to. Lives as long as the login; NULL if `login` is NULL.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_login_url(login: *const aw_login, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(login, length, |login| Some(&login.url)) }
}

/// What aw_oauth_client_finish_login() needs, sealed: for a program that keeps it itself. Lives as long as the login;
/// NULL if `login` is NULL.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_login_transaction(login: *const aw_login, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(login, length, |login| Some(&login.transaction)) }
}

/// The value of the `Set-Cookie` header that keeps the transaction in the browser. Lives as long as the login; NULL if
/// `login` is NULL.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_login_cookie(login: *const aw_login, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(login, length, |login| Some(&login.cookie)) }
}

/// How many cookies of old logins are to be removed. 0 if `login` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_login_stale_cookie_count(login: *const aw_login) -> usize {
    // SAFETY: the header's contract.
    shield(0, || unsafe { peek(login) }.map_or(0, |login| login.stale_cookies.len()))
}

/// The value of a `Set-Cookie` header that removes the cookie of an old login. Lives as long as the login; NULL if there
/// is none with this index.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_login_stale_cookie_at(login: *const aw_login, index: usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(login, ptr::null_mut(), |login| login.stale_cookies.get(index)) }
}

/// Writes the login as a JSON object: "url", "transaction", "cookie", "stale_cookies".
///
/// @param json  Set to the JSON text; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_login_to_json(
    login: *const aw_login,
    json: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let json = out(json, "json")?;
            json.set(copy_of(borrow(login)?.login.to_json().as_bytes()));
            Ok(())
        })
    }
}

/// Frees a login. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_login_free(login: *mut aw_login) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(login) });
}
