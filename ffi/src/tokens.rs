//! `aw_tokens`: what a provider grants.

use std::ffi::c_char;
use std::ptr;

use authwright_core::oauth::Tokens;

use crate::arguments::{name, optional_out, out, text};
use crate::buffer::{aw_buffer, copy_of};
use crate::error::{Failure, aw_error};
use crate::getters::string;
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, peek, release};
use crate::status::aw_status;
use crate::texts::{Form, OwnText, Texts, own_text};

/// The tokens of a login or a refresh, and what came with them. Immutable.
///
/// The texts that its functions return are UTF-8, end in a NUL and live as long as the tokens. NULL stands for what is
/// not there; a text with a NUL inside counts as not there unless its length is read.
///
/// Ownership: yours; free them with aw_tokens_free(), which overwrites them first. Threads: `const aw_tokens *` may be
/// used from many at once.
pub struct aw_tokens {
    _opaque: [u8; 0],
}

/// Tokens, and their texts with NULs behind them.
pub struct Granted {
    pub(crate) tokens: Tokens,
    access_token: OwnText,
    token_type: OwnText,
    authorization: OwnText,
    refresh_token: Option<OwnText>,
    scope: Vec<OwnText>,
    id_token: Option<OwnText>,
    claims_json: Option<OwnText>,
    name: Option<OwnText>,
    leniencies: Vec<OwnText>,
    return_to: Option<OwnText>,
    clear_cookie: Option<OwnText>,
    /// Of single claims.
    texts: Texts,
}

impl Handle for aw_tokens {
    type Value = Granted;
    // Its first eight letters are those of a verified token.
    const TAG: u64 = u64::from_be_bytes(*b"aw_grant");
    const NAME: &'static str = "tokens";
}

impl From<Tokens> for Granted {
    fn from(tokens: Tokens) -> Self {
        let list = |list: &[String]| list.iter().map(|text| text.as_str().into()).collect();
        Self {
            access_token: tokens.access_token().into(),
            token_type: tokens.token_type().into(),
            authorization: tokens.authorization().as_str().into(),
            refresh_token: tokens.refresh_token().map(OwnText::from),
            scope: list(tokens.scope()),
            id_token: tokens.id_token().map(OwnText::from),
            claims_json: tokens.claims().map(|claims| claims.text().into()),
            name: tokens.name().map(OwnText::from),
            leniencies: list(tokens.leniencies()),
            return_to: tokens.return_to().map(OwnText::from),
            clear_cookie: tokens.clear_cookie().map(OwnText::from),
            texts: Texts::default(),
            tokens,
        }
    }
}

/// Reads what aw_tokens_to_json() wrote. It is believed: claims are not verified again.
///
/// @param json    A JSON object: "access_token", and what else there is. Members that are not known
///                are passed over: another release may have written them.
/// @param tokens  Set to the tokens; free them with aw_tokens_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_tokens_from_json(
    json: *const c_char,
    length: usize,
    tokens: *mut *mut aw_tokens,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let tokens = out(tokens, "tokens")?;
            tokens.set(into_raw(Granted::from(Tokens::from_json(text(json, length, "json")?)?)));
            Ok(())
        })
    }
}

/// Writes the tokens as a JSON object, to be kept where secrets are: encrypted, on the server.
///
/// @param json  Set to the JSON text; free it with aw_buffer_free(), which overwrites it first.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_tokens_to_json(
    tokens: *const aw_tokens,
    json: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let json = out(json, "json")?;
            json.set(copy_of(borrow(tokens)?.tokens.to_json().as_bytes()));
            Ok(())
        })
    }
}

/// The access token. NULL if `tokens` is NULL.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_access_token(tokens: *const aw_tokens, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(tokens, length, |tokens| Some(&tokens.access_token)) }
}

/// How to present it: "Bearer". NULL if `tokens` is NULL.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_token_type(tokens: *const aw_tokens, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(tokens, length, |tokens| Some(&tokens.token_type)) }
}

/// The value of an `Authorization` header: type and access token. NULL if `tokens` is NULL.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_authorization(tokens: *const aw_tokens, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(tokens, length, |tokens| Some(&tokens.authorization)) }
}

/// The refresh token. NULL if there is none.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_refresh_token(tokens: *const aw_tokens, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(tokens, length, |tokens| tokens.refresh_token.as_ref()) }
}

/// Whether the provider says when the access token ends.
///
/// @param expires_at  Set to when that is, in seconds since 1970; otherwise to 0. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_expires_at(tokens: *const aw_tokens, expires_at: *mut i64) -> bool {
    shield(false, || {
        // SAFETY: the header's contract.
        let (place, tokens) = unsafe { (optional_out(expires_at), peek(tokens)) };
        let end = tokens.and_then(|tokens| tokens.tokens.expires_at());
        if let (Some(place), Some(end)) = (place, end) {
            place.set(end);
        }
        end.is_some()
    })
}

/// How many scopes were granted: they need not be those that were asked for. 0 if `tokens` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_scope_count(tokens: *const aw_tokens) -> usize {
    // SAFETY: the header's contract.
    shield(0, || unsafe { peek(tokens) }.map_or(0, |tokens| tokens.scope.len()))
}

/// A scope that was granted. NULL if there is none with this index.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_scope_at(
    tokens: *const aw_tokens,
    index: usize,
    length: *mut usize,
) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(tokens, length, |tokens| tokens.scope.get(index)) }
}

/// The ID token as it came, to be handed back at logout ("id_token_hint"). NULL if there is none.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_id_token(tokens: *const aw_tokens, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(tokens, length, |tokens| tokens.id_token.as_ref()) }
}

/// The claims of the ID token, which was verified, as JSON text: one object. NULL if there are none.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_claims_json(tokens: *const aw_tokens, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(tokens, length, |tokens| tokens.claims_json.as_ref()) }
}

/// Reads a claim of the ID token that is a string, such as "sub", as aw_token_get_string() does.
///
/// @param name    The claim's name.
/// @param value   Set to the text with its escapes resolved; it lives as long as the tokens.
/// @param length  As for aw_token_get_string().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_tokens_get_string(
    tokens: *const aw_tokens,
    name: *const c_char,
    value: *mut *const c_char,
    length: *mut usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let (length, value) = (optional_out(length), out(value, "value")?);
            let (granted, name) = (borrow(tokens)?, self::name(name, "name")?);
            let claims = granted.tokens.claims().ok_or_else(|| Failure::claim_missing(name))?;
            let found = string(claims, name)?;
            granted.texts.keep(Form::Plain, found.raw(), &found.to_str()).give(name, value, length)
        })
    }
}

/// The user's name as the first callback of a user said it (Apple): the browser brought it, and nobody signed it. NULL
/// if there is none.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_name(tokens: *const aw_tokens, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(tokens, length, |tokens| tokens.name.as_ref()) }
}

/// In how many ways the provider's answer deviated from the specifications, harmlessly. 0 if `tokens` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_leniency_count(tokens: *const aw_tokens) -> usize {
    // SAFETY: the header's contract.
    shield(0, || unsafe { peek(tokens) }.map_or(0, |tokens| tokens.leniencies.len()))
}

/// The name of such a deviation, such as "expires_in_string". NULL if there is none with this index.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_leniency_at(tokens: *const aw_tokens, index: usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(tokens, ptr::null_mut(), |tokens| tokens.leniencies.get(index)) }
}

/// Where the user was going: the path that was the login's "return_to". NULL if there was none.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_return_to(tokens: *const aw_tokens, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(tokens, length, |tokens| tokens.return_to.as_ref()) }
}

/// The value of the `Set-Cookie` header that removes the login's cookie. NULL unless the login was finished from cookies.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_clear_cookie(tokens: *const aw_tokens, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(tokens, length, |tokens| tokens.clear_cookie.as_ref()) }
}

/// Overwrites tokens and frees them. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_tokens_free(tokens: *mut aw_tokens) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(tokens) });
}
