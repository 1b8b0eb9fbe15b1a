//! `aw_user`: who the user is.

use std::ffi::c_char;

use authwright_core::oauth::User;

use crate::arguments::{name, optional_out, out};
use crate::buffer::{aw_buffer, of_text};
use crate::error::aw_error;
use crate::getters::string;
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, peek, release};
use crate::status::aw_status;
use crate::texts::{Form, OwnText, Texts, own_text};

/// Who the user is, as the provider says, in one shape for all providers. Immutable. Only the subject identifies a user,
/// and only together with the provider: addresses and names change hands.
///
/// The texts that its functions return are UTF-8, end in a NUL and live as long as the user. NULL stands for what the
/// provider does not say; a text with a NUL inside counts as not there unless its length is read.
///
/// Ownership: yours; free it with aw_user_free(). Threads: `const aw_user *` may be used from many at once.
pub struct aw_user {
    _opaque: [u8; 0],
}

/// A user, and the texts with NULs behind them.
pub struct Known {
    user: User,
    subject: OwnText,
    email: Option<OwnText>,
    name: Option<OwnText>,
    picture: Option<OwnText>,
    claims_json: OwnText,
    /// Of single claims.
    texts: Texts,
}

impl Handle for aw_user {
    type Value = Known;
    const TAG: u64 = u64::from_be_bytes(*b"aw_user_");
    const NAME: &'static str = "user";
}

impl From<User> for Known {
    fn from(user: User) -> Self {
        Self {
            subject: user.subject().into(),
            email: user.email().map(OwnText::from),
            name: user.name().map(OwnText::from),
            picture: user.picture().map(OwnText::from),
            claims_json: user.claims().text().into(),
            texts: Texts::default(),
            user,
        }
    }
}

/// What identifies the user at this provider, for ever. NULL if `user` is NULL.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_user_subject(user: *const aw_user, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(user, length, |user| Some(&user.subject)) }
}

/// The address.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_user_email(user: *const aw_user, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(user, length, |user| user.email.as_ref()) }
}

/// Whether the provider says that it has checked that the address is the user's. false if it says nothing of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_user_email_verified(user: *const aw_user) -> bool {
    // SAFETY: the header's contract.
    shield(false, || unsafe { peek(user) }.and_then(|user| user.user.email_verified()).unwrap_or(false))
}

/// The name to show.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_user_name(user: *const aw_user, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(user, length, |user| user.name.as_ref()) }
}

/// The URL of a picture: http or https.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_user_picture(user: *const aw_user, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(user, length, |user| user.picture.as_ref()) }
}

/// All that the provider says, in its own words, as JSON text: one object. NULL if `user` is NULL.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_user_claims_json(user: *const aw_user, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(user, length, |user| Some(&user.claims_json)) }
}

/// Reads a string of what the provider says, such as "locale", as aw_token_get_string() does.
///
/// @param name    The member's name.
/// @param value   Set to the text with its escapes resolved; it lives as long as the user.
/// @param length  As for aw_token_get_string().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_user_get_string(
    user: *const aw_user,
    name: *const c_char,
    value: *mut *const c_char,
    length: *mut usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let (length, value) = (optional_out(length), out(value, "value")?);
            let (known, name) = (borrow(user)?, self::name(name, "name")?);
            let found = string(known.user.claims(), name)?;
            known.texts.keep(Form::Plain, found.raw(), &found.to_str()).give(name, value, length)
        })
    }
}

/// Writes the user as a JSON object: "subject", "email", "email_verified", "name", "picture", as far as they are there,
/// and "claims".
///
/// @param json  Set to the JSON text; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_user_to_json(
    user: *const aw_user,
    json: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let json = out(json, "json")?;
            json.set(of_text(borrow(user)?.user.to_json()));
            Ok(())
        })
    }
}

/// Frees a user. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_user_free(user: *mut aw_user) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(user) });
}
