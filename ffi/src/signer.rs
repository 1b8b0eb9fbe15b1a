//! `aw_signer`: makes tokens.

use std::ffi::{c_char, c_void};

use authwright_core::{SignatureFormat, Signer, SignerOptions, system_now};

use crate::arguments::{Outcome, bytes, optional_text, out, text};
use crate::buffer::{aw_buffer, of_bytes, of_text};
use crate::claims::aw_claims;
use crate::error::{Failure, aw_error};
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, release};
use crate::key::aw_key;
use crate::prepared::aw_prepared;
use crate::status::aw_status;

/// For aw_signer_finish(): a signature as JWS wants it; for ECDSA the two numbers one after the other (RFC 7518
/// section 3.4).
pub const AW_SIGNATURE_RAW: u32 = 0;

/// For aw_signer_finish(): an ECDSA signature in DER, as cloud KMS services and most HSMs return it.
pub const AW_SIGNATURE_DER: u32 = 1;

/// Makes tokens with one key and one set of options. Immutable.
///
/// Ownership: yours; free it with aw_signer_free(). Threads: `const aw_signer *` may be used from many at once.
pub struct aw_signer {
    _opaque: [u8; 0],
}

impl Handle for aw_signer {
    type Value = Signer;
    const TAG: u64 = u64::from_be_bytes(*b"aw_signe");
    const NAME: &'static str = "signer";
}

/// Makes a signer.
///
/// @param key      The key; it stays yours. A public key will do for aw_signer_prepare() and aw_signer_finish().
/// @param options  A JSON object with any of "algorithm", "issuer", "audience", "subject", "lifetime" (seconds), "typ",
///                 "headers", "jwt_id", or NULL for none. An unknown member is an error.
/// @param signer   Set to the new signer; free it with aw_signer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_signer_new(
    key: *const aw_key,
    options: *const c_char,
    options_length: usize,
    signer: *mut *mut aw_signer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let signer = out(signer, "signer")?;
            let options = optional_text(options, options_length, "options")?.unwrap_or("{}");
            signer.set(into_raw(Signer::new(&borrow(key)?.key, SignerOptions::from_json(options)?)?));
            Ok(())
        })
    }
}

/// Signs claims, at the system's time.
///
/// @param claims  The claims as JSON text: one object.
/// @param token   Set to the token; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_signer_sign(
    signer: *const aw_signer,
    claims: *const c_char,
    length: usize,
    token: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { sign(signer, claims, length, system_now, token, error) }
}

/// Signs claims as if it were `now`, in seconds since 1970.
///
/// @param claims  The claims as JSON text: one object.
/// @param token   Set to the token; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_signer_sign_at(
    signer: *const aw_signer,
    claims: *const c_char,
    length: usize,
    now: i64,
    token: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { sign(signer, claims, length, || now, token, error) }
}

/// Signs claims that were put together with aw_claims_new() and its setters, at the system's time.
///
/// @param claims  They stay yours and may be changed and signed again.
/// @param token   Set to the token; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_signer_sign_claims(
    signer: *const aw_signer,
    claims: *const aw_claims,
    token: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let token = out(token, "token")?;
            token.set(of_bytes(borrow(signer)?.sign_json_bytes(&borrow(claims)?.to_json()?, system_now())?));
            Ok(())
        })
    }
}

/// The first of two steps to sign with a key that is elsewhere, in a KMS or an HSM: checks the claims and gives the
/// bytes to sign, at the system's time.
///
/// @param claims    The claims as JSON text: one object.
/// @param prepared  Set to the prepared token; free it with aw_prepared_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_signer_prepare(
    signer: *const aw_signer,
    claims: *const c_char,
    length: usize,
    prepared: *mut *mut aw_prepared,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { prepare(signer, claims, length, system_now, prepared, error) }
}

/// As aw_signer_prepare(), as if it were `now`, in seconds since 1970.
///
/// @param claims    The claims as JSON text: one object.
/// @param prepared  Set to the prepared token; free it with aw_prepared_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_signer_prepare_at(
    signer: *const aw_signer,
    claims: *const c_char,
    length: usize,
    now: i64,
    prepared: *mut *mut aw_prepared,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { prepare(signer, claims, length, || now, prepared, error) }
}

/// The second step: checks the signature with the signer's key and puts the token together.
/// `AW_ERR_SIGNATURE_INVALID` if it does not fit.
///
/// @param prepared   It stays yours.
/// @param signature  The signature over aw_prepared_signing_input().
/// @param format     `AW_SIGNATURE_RAW` or `AW_SIGNATURE_DER`.
/// @param token      Set to the token; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_signer_finish(
    signer: *const aw_signer,
    prepared: *const aw_prepared,
    signature: *const c_void,
    signature_length: usize,
    format: u32,
    token: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let token = out(token, "token")?;
            let signature = bytes(signature, signature_length, "signature")?;
            let prepared = &borrow(prepared)?.prepared;
            token.set(of_text(borrow(signer)?.finish(prepared, signature, format_of(format)?)?));
            Ok(())
        })
    }
}

/// Frees a signer. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_signer_free(signer: *mut aw_signer) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(signer) });
}

unsafe fn sign(
    signer: *const aw_signer,
    claims: *const c_char,
    length: usize,
    now: impl FnOnce() -> i64,
    token: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: passed on.
    unsafe {
        guard(error, || {
            let token = out(token, "token")?;
            token.set(of_bytes(borrow(signer)?.sign_json_bytes(text(claims, length, "claims")?, now())?));
            Ok(())
        })
    }
}

unsafe fn prepare(
    signer: *const aw_signer,
    claims: *const c_char,
    length: usize,
    now: impl FnOnce() -> i64,
    prepared: *mut *mut aw_prepared,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: passed on.
    unsafe {
        guard(error, || {
            let prepared = out(prepared, "prepared")?;
            prepared.set(into_raw(borrow(signer)?.prepare_json(text(claims, length, "claims")?, now())?.into()));
            Ok(())
        })
    }
}

fn format_of(format: u32) -> Outcome<SignatureFormat> {
    match format {
        AW_SIGNATURE_RAW => Ok(SignatureFormat::Raw),
        AW_SIGNATURE_DER => Ok(SignatureFormat::Der),
        _ => Err(Failure::argument("format", "format is neither AW_SIGNATURE_RAW nor AW_SIGNATURE_DER")),
    }
}
