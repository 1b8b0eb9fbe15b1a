//! `aw_unverified_token`: what a token says, when nobody has checked whether it may say so.

use std::ffi::c_char;
use std::ptr;

use authwright_core::{UnverifiedToken, dangerous_decode};

use crate::arguments::{bytes, name, optional_out, out};
use crate::error::aw_error;
use crate::getters::string;
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, peek, release};
use crate::status::aw_status;
use crate::texts::{Form, Texts};

/// A token that nobody has verified: anyone may have written it. A type of its own, so that it cannot pass for an
/// aw_token. Immutable.
///
/// Ownership: yours; free it with aw_unverified_token_free(). Threads: `const aw_unverified_token *` may be used from
/// many at once.
pub struct aw_unverified_token {
    _opaque: [u8; 0],
}

/// A decoded token, and the strings of it that C asked for.
pub struct Decoded {
    token: UnverifiedToken,
    texts: Texts,
}

impl Handle for aw_unverified_token {
    type Value = Decoded;
    const TAG: u64 = u64::from_be_bytes(*b"aw_unver");
    const NAME: &'static str = "token";
}

/// Decodes a token without checking its signature, its times or anything else about it. For logs and debugging, and to
/// look at the issuer before choosing a verifier; never to decide who is calling.
///
/// @param text   The token: any bytes.
/// @param token  Set to what it says; free it with aw_unverified_token_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_dangerous_decode(
    text: *const c_char,
    length: usize,
    token: *mut *mut aw_unverified_token,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let token = out(token, "token")?;
            let decoded = dangerous_decode(bytes(text.cast(), length, "text")?)?;
            token.set(into_raw(Decoded { token: decoded, texts: Texts::default() }));
            Ok(())
        })
    }
}

/// The claims that nobody has verified, as JSON text. It lives as long as `token`. NULL if `token` is NULL.
///
/// @param length  Set to the length in bytes, without the NUL. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_unverified_token_claims_json(
    token: *const aw_unverified_token,
    length: *mut usize,
) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { json(token, length, UnverifiedToken::claims_json_nul) }
}

/// The header that nobody has verified, as JSON text. It lives as long as `token`. NULL if `token` is NULL.
///
/// @param length  Set to the length in bytes, without the NUL. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_unverified_token_header_json(
    token: *const aw_unverified_token,
    length: *mut usize,
) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { json(token, length, UnverifiedToken::header_json_nul) }
}

/// Reads a claim that is a string and that nobody has verified, as aw_token_get_string() does.
///
/// @param name    The claim's name, such as "iss".
/// @param value   Set to the text; it lives as long as `token`.
/// @param length  As for aw_token_get_string().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_unverified_token_get_string(
    token: *const aw_unverified_token,
    name: *const c_char,
    value: *mut *const c_char,
    length: *mut usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let (length, value) = (optional_out(length), out(value, "value")?);
            let (token, name) = (borrow(token)?, self::name(name, "name")?);
            let found = string(token.token.claims(), name)?;
            token.texts.keep(Form::Plain, found.raw(), &found.to_str()).give(name, value, length)
        })
    }
}

/// Frees a decoded token and every string read from it. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_unverified_token_free(token: *mut aw_unverified_token) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(token) });
}

/// `part` gives the text and the NUL behind it.
unsafe fn json(
    token: *const aw_unverified_token,
    length: *mut usize,
    part: fn(&UnverifiedToken) -> &str,
) -> *const c_char {
    shield(ptr::null(), || {
        // SAFETY: passed on.
        let (length, token) = unsafe { (optional_out(length), peek(token)) };
        let Some(text) = token.map(|token| part(&token.token)) else { return ptr::null() };
        if let Some(length) = length {
            length.set(text.len().saturating_sub(1));
        }
        text.as_ptr().cast()
    })
}
