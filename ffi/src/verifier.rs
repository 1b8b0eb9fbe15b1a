//! `aw_verifier`: decides about tokens.

use std::ffi::c_char;

use authwright_core::{Keys, Policy, Verifier, system_now};

use crate::arguments::{Outcome, bytes, out, text};
use crate::error::aw_error;
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, release};
use crate::key::aw_key;
use crate::keyset::aw_keyset;
use crate::status::aw_status;
use crate::token::{Verified, aw_token};

/// Decides about tokens: the keys that may have signed them, and a policy. Make it once and use it for every token.
/// Immutable.
///
/// Ownership: yours; free it with aw_verifier_free(). Tokens may outlive it. Threads: `const aw_verifier *` may be used
/// from many at once, without a lock.
pub struct aw_verifier {
    _opaque: [u8; 0],
}

impl Handle for aw_verifier {
    type Value = Verifier;
    const TAG: u64 = u64::from_be_bytes(*b"aw_verif");
    const NAME: &'static str = "verifier";
}

/// Makes a verifier that chooses from a set of keys.
///
/// @param keys      The keys of the issuer; they stay yours.
/// @param policy    What a token must satisfy, as a JSON object: "issuer", "audience", "algorithms", "required",
///                  "claims", "leeway" and so on. An unknown member is an error. NULL is one too: "{}" is the policy that
///                  expects nothing beyond the strict defaults.
/// @param verifier  Set to the new verifier; free it with aw_verifier_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_verifier_new(
    keys: *const aw_keyset,
    policy: *const c_char,
    policy_length: usize,
    verifier: *mut *mut aw_verifier,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { build(|| Ok(borrow(keys)?.into()), policy, policy_length, verifier, error) }
}

/// Makes a verifier with one key, which is used whatever `kid` a token names.
///
/// @param key       The key; it stays yours.
/// @param policy    As for aw_verifier_new().
/// @param verifier  Set to the new verifier; free it with aw_verifier_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_verifier_new_with_key(
    key: *const aw_key,
    policy: *const c_char,
    policy_length: usize,
    verifier: *mut *mut aw_verifier,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { build(|| Ok((&borrow(key)?.key).into()), policy, policy_length, verifier, error) }
}

/// Verifies a token, at the system's time. `AW_OK` means that everything holds: signature, times and the whole policy.
/// Any other status means that the token must not be used, and `*token` is NULL.
///
/// @param text    The token, as it was received: any bytes.
/// @param length  Its length in bytes, or `AW_NUL`.
/// @param token   Set to the verified token; free it with aw_token_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_verifier_verify(
    verifier: *const aw_verifier,
    text: *const c_char,
    length: usize,
    token: *mut *mut aw_token,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { verify(verifier, text, length, system_now, token, error) }
}

/// Verifies a token as if it were `now`, in seconds since 1970.
///
/// @param text    The token, as it was received: any bytes.
/// @param length  Its length in bytes, or `AW_NUL`.
/// @param token   Set to the verified token; free it with aw_token_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_verifier_verify_at(
    verifier: *const aw_verifier,
    text: *const c_char,
    length: usize,
    now: i64,
    token: *mut *mut aw_token,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { verify(verifier, text, length, || now, token, error) }
}

/// Frees a verifier. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_verifier_free(verifier: *mut aw_verifier) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(verifier) });
}

unsafe fn build(
    keys: impl FnOnce() -> Outcome<Keys>,
    policy: *const c_char,
    policy_length: usize,
    verifier: *mut *mut aw_verifier,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: passed on.
    unsafe {
        guard(error, || {
            let verifier = out(verifier, "verifier")?;
            let policy = Policy::from_json(text(policy, policy_length, "policy")?)?;
            verifier.set(into_raw(Verifier::new(keys()?, policy)?));
            Ok(())
        })
    }
}

#[inline]
unsafe fn verify(
    verifier: *const aw_verifier,
    text: *const c_char,
    length: usize,
    now: impl FnOnce() -> i64,
    token: *mut *mut aw_token,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: passed on.
    unsafe {
        guard(error, || {
            let token = out(token, "token")?;
            let verified = borrow(verifier)?.verify(bytes(text.cast(), length, "text")?, now())?;
            token.set(into_raw(Verified::from(verified)));
            Ok(())
        })
    }
}
