//! `aw_claims`: claims put together by a program that has no JSON library at hand.

use std::ffi::c_char;

use serde::de::IgnoredAny;

use crate::arguments::{Outcome, list, name, out, text};
use crate::buffer::{aw_buffer, of_text};
use crate::error::{Failure, aw_error};
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, borrow_mut, into_raw, release};
use crate::status::aw_status;

/// Claims in the making: an object whose members are set one by one, with all escaping done. Setting a name again
/// replaces its value.
///
/// Ownership: yours; free it with aw_claims_free(). Threads: use it from one thread at a time.
pub struct aw_claims {
    _opaque: [u8; 0],
}

/// Names, and their values as JSON text, in the order in which they were first set.
#[derive(Default)]
pub struct Members(Vec<(String, String)>);

impl Handle for aw_claims {
    type Value = Members;
    const TAG: u64 = u64::from_be_bytes(*b"aw_claim");
    const NAME: &'static str = "claims";
}

/// Begins with no claims.
///
/// @param claims  Set to the new claims; free them with aw_claims_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_claims_new(claims: *mut *mut aw_claims, error: *mut *mut aw_error) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            out(claims, "claims")?.set(into_raw(Members::default()));
            Ok(())
        })
    }
}

/// Sets a claim to a string: UTF-8 text, of any content.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_claims_set_string(
    claims: *mut aw_claims,
    name: *const c_char,
    value: *const c_char,
    length: usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { set(claims, name, error, || json_of(text(value, length, "value")?)) }
}

/// Sets a claim to an array of strings.
///
/// @param values  An array of `count` NUL-terminated strings, declared as `const char *values[]`. NULL if `count` is 0.
/// @param count   How many there are.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_claims_set_strings(
    claims: *mut aw_claims,
    name: *const c_char,
    values: *const *const c_char,
    count: usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        set(claims, name, error, || {
            let values = list(values, count, "values")?.iter().map(|value| self::name(*value, "values"));
            json_of(&values.collect::<Outcome<Vec<&str>>>()?)
        })
    }
}

/// Sets a claim to an integer, such as a time in seconds since 1970.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_claims_set_int(
    claims: *mut aw_claims,
    name: *const c_char,
    value: i64,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { set(claims, name, error, || json_of(&value)) }
}

/// Sets a claim to a number. JSON has no infinities and no NaN: they are `AW_ERR_INVALID_ARGUMENT`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_claims_set_double(
    claims: *mut aw_claims,
    name: *const c_char,
    value: f64,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        set(claims, name, error, || {
            if value.is_finite() { json_of(&value) } else { Err(Failure::argument("value", "value is not finite")) }
        })
    }
}

/// Sets a claim to true or false.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_claims_set_bool(
    claims: *mut aw_claims,
    name: *const c_char,
    value: bool,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { set(claims, name, error, || json_of(&value)) }
}

/// Sets a claim to null.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_claims_set_null(
    claims: *mut aw_claims,
    name: *const c_char,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { set(claims, name, error, || json_of(&())) }
}

/// Sets a claim to a value given as JSON text: exactly one value, such as an array or an object.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_claims_set_json(
    claims: *mut aw_claims,
    name: *const c_char,
    json: *const c_char,
    length: usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        set(claims, name, error, || {
            let json = text(json, length, "json")?;
            // One whole value, so that nothing can be smuggled in behind it. Signing checks the rest.
            serde_json::from_str::<IgnoredAny>(json)
                .map_err(|_| Failure::argument("json", "json is not one JSON value"))?;
            Ok(json.to_owned())
        })
    }
}

/// Writes the claims as JSON, for aw_signer_sign_at(), for aw_signer_prepare() or to look at.
///
/// @param json  Set to the JSON text; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_claims_to_json(
    claims: *const aw_claims,
    json: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let json = out(json, "json")?;
            json.set(of_text(borrow(claims)?.to_json()?));
            Ok(())
        })
    }
}

/// Frees claims. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_claims_free(claims: *mut aw_claims) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(claims) });
}

impl Members {
    pub(crate) fn to_json(&self) -> Outcome<String> {
        let mut json = String::from("{");
        for (index, (name, value)) in self.0.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            json.push_str(&json_of(name)?);
            json.push(':');
            json.push_str(value);
        }
        json.push('}');
        Ok(json)
    }

    fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }
}

/// What every setter does around its own conversion of the value.
unsafe fn set(
    claims: *mut aw_claims,
    claim: *const c_char,
    error: *mut *mut aw_error,
    value: impl FnOnce() -> Outcome<String>,
) -> aw_status {
    // SAFETY: passed on.
    unsafe {
        guard(error, || {
            let value = value()?;
            borrow_mut(claims)?.set(name(claim, "name")?, value);
            Ok(())
        })
    }
}

fn json_of<T: serde::Serialize + ?Sized>(value: &T) -> Outcome<String> {
    serde_json::to_string(value).map_err(|_| Failure::panicked())
}
