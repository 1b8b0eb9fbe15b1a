//! `aw_token`: a verified token.

use std::ffi::c_char;
use std::ptr;

use authwright_core::Token;

use crate::arguments::{name, optional_out, out};
use crate::error::aw_error;
use crate::getters::{boolean, double, find, int, string, string_at};
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, peek, release};
use crate::status::aw_status;
use crate::texts::{Form, Texts};

/// A token that a verifier has accepted. Immutable.
///
/// Strings read from it are UTF-8, end in a NUL, and live as long as the token.
///
/// Ownership: yours; free it with aw_token_free(). Threads: `const aw_token *` may be used from many at once.
pub struct aw_token {
    _opaque: [u8; 0],
}

/// A token, and the strings of it that C asked for.
pub struct Verified {
    token: Token,
    texts: Texts,
}

impl Handle for aw_token {
    type Value = Verified;
    const TAG: u64 = u64::from_be_bytes(*b"aw_token");
    const NAME: &'static str = "token";
}

impl From<Token> for Verified {
    #[inline]
    fn from(token: Token) -> Self {
        Self { token, texts: Texts::default() }
    }
}

/// All claims as JSON text: one object, exactly as it was signed. Its members' names are unique. NULL if `token` is
/// NULL.
///
/// @param length  Set to the length in bytes, without the NUL. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_token_claims_json(token: *const aw_token, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { json(token, length, Token::claims_json_nul) }
}

/// The header as JSON text: one object, exactly as it was signed. NULL if `token` is NULL.
///
/// @param length  Set to the length in bytes, without the NUL. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_token_header_json(token: *const aw_token, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { json(token, length, Token::header_json_nul) }
}

/// Reads a claim that is a string. `AW_ERR_CLAIM_MISSING` if it is absent, `AW_ERR_CLAIM_TYPE` if it is something else.
///
/// @param name    The claim's name, such as "sub".
/// @param value   Set to the text with its escapes resolved; it lives as long as the token.
/// @param length  Set to its length in bytes. May be NULL; then a text with a NUL inside is `AW_ERR_CLAIM_TYPE`, because
///                it would look shorter than it is.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_token_get_string(
    token: *const aw_token,
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

/// Reads one string of a claim that is an array of strings, such as "aud" or "groups". A claim that is a string itself
/// is read as an array of one. `AW_ERR_CLAIM_MISSING` if the claim is absent or has no element `index`: count up from 0
/// until then.
///
/// @param name    The claim's name.
/// @param index   Which element, from 0.
/// @param value   Set to the text with its escapes resolved; it lives as long as the token.
/// @param length  As for aw_token_get_string().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_token_get_string_at(
    token: *const aw_token,
    name: *const c_char,
    index: usize,
    value: *mut *const c_char,
    length: *mut usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let (length, value) = (optional_out(length), out(value, "value")?);
            let (token, name) = (borrow(token)?, self::name(name, "name")?);
            let found = string_at(token.token.claims(), name, index)?;
            token.texts.keep(Form::Plain, found.raw(), &found.to_str()).give(name, value, length)
        })
    }
}

/// Reads a claim that is an integer. One written with a fraction or exponent, or beyond 64 bits, is
/// `AW_ERR_CLAIM_TYPE`: times may be such numbers, so read them with aw_token_get_double().
///
/// @param name   The claim's name.
/// @param value  Set to the integer; 0 on failure.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_token_get_int(
    token: *const aw_token,
    name: *const c_char,
    value: *mut i64,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let value = out(value, "value")?;
            value.set(int(borrow(token)?.token.claims(), self::name(name, "name")?)?);
            Ok(())
        })
    }
}

/// Reads a claim that is a number, as the nearest double: always finite.
///
/// @param name   The claim's name, such as "exp".
/// @param value  Set to the number; 0 on failure.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_token_get_double(
    token: *const aw_token,
    name: *const c_char,
    value: *mut f64,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let value = out(value, "value")?;
            value.set(double(borrow(token)?.token.claims(), self::name(name, "name")?)?);
            Ok(())
        })
    }
}

/// Reads a claim that is true or false.
///
/// @param name   The claim's name.
/// @param value  Set to it; false on failure.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_token_get_bool(
    token: *const aw_token,
    name: *const c_char,
    value: *mut bool,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let value = out(value, "value")?;
            value.set(boolean(borrow(token)?.token.claims(), self::name(name, "name")?)?);
            Ok(())
        })
    }
}

/// Reads a claim of any type as its JSON text, as it was signed.
///
/// @param name    The claim's name.
/// @param json    Set to the JSON text; it lives as long as the token.
/// @param length  Set to its length in bytes. May be NULL: JSON text never has a NUL inside.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_token_get_json(
    token: *const aw_token,
    name: *const c_char,
    json: *mut *const c_char,
    length: *mut usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let (length, json) = (optional_out(length), out(json, "json")?);
            let (token, name) = (borrow(token)?, self::name(name, "name")?);
            let found = find(token.token.claims(), name)?;
            token.texts.keep_json(found).give(name, json, length)
        })
    }
}

/// Frees a token and every string read from it. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_token_free(token: *mut aw_token) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(token) });
}

/// `part` gives the text and the NUL behind it.
unsafe fn json(token: *const aw_token, length: *mut usize, part: fn(&Token) -> &str) -> *const c_char {
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
