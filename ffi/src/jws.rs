//! `aw_jws`: signatures over any bytes, without claims.

use std::ffi::{c_char, c_void};
use std::ptr;

use authwright_core::Keys;
use authwright_core::jws::{self, SignOptions, Verified, VerifyOptions};

use crate::arguments::{Outcome, bytes, list, name, optional_bytes, optional_name, optional_out, optional_text, out};
use crate::buffer::{aw_buffer, of_text};
use crate::error::{Failure, aw_error};
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, peek, release};
use crate::key::aw_key;
use crate::keyset::aw_keyset;
use crate::status::aw_status;

/// For aw_jws_sign(): leave the payload out of the token (RFC 7515 appendix F).
pub const AW_JWS_DETACHED: u32 = 1;

/// For aw_jws_sign(): sign the payload as it is instead of in base64url, "b64": false (RFC 7797).
pub const AW_JWS_UNENCODED: u32 = 2;

/// The verified payload and header of a JWS. Immutable.
///
/// Ownership: yours; free it with aw_jws_free(). Threads: `const aw_jws *` may be used from many at once.
pub struct aw_jws {
    _opaque: [u8; 0],
}

/// The parts of a verified JWS, each with a NUL behind it.
pub struct Parts {
    payload: Box<[u8]>,
    header: Box<[u8]>,
}

impl Handle for aw_jws {
    type Value = Parts;
    const TAG: u64 = u64::from_be_bytes(*b"aw_jws\0\0");
    const NAME: &'static str = "jws";
}

/// Signs bytes, as a compact JWS.
///
/// @param payload    The bytes, of any content.
/// @param key        The private key or secret; it stays yours.
/// @param algorithm  One that fits the key, or NULL: the key's own, or the default for its type.
/// @param headers    More header members as a JSON object, or NULL.
/// @param flags      0, or any of `AW_JWS_DETACHED` and `AW_JWS_UNENCODED`.
/// @param token      Set to the token; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_jws_sign(
    payload: *const c_void,
    payload_length: usize,
    key: *const aw_key,
    algorithm: *const c_char,
    headers: *const c_char,
    headers_length: usize,
    flags: u32,
    token: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let token = out(token, "token")?;
            let payload = bytes(payload, payload_length, "payload")?;
            let options = SignOptions {
                algorithm: optional_name(algorithm, "algorithm")?.map(str::parse).transpose()?,
                headers: optional_text(headers, headers_length, "headers")?,
                ..flagged(flags)?
            };
            token.set(of_text(jws::sign(payload, &borrow(key)?.key, &options)?));
            Ok(())
        })
    }
}

/// Verifies a compact JWS with a set of keys.
///
/// @param text             The token, as it was received: any bytes.
/// @param payload          The payload of a detached JWS, or NULL if the token carries its own.
/// @param keys             The keys that may have signed it; they stay yours.
/// @param algorithms       An array of `algorithm_count` names, declared as `const char *algorithms[]`: the only ones
///                         to accept. NULL and 0: those that fit the keys.
/// @param jws              Set to the verified payload and header; free it with aw_jws_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_jws_verify(
    text: *const c_char,
    length: usize,
    payload: *const c_void,
    payload_length: usize,
    keys: *const aw_keyset,
    algorithms: *const *const c_char,
    algorithm_count: usize,
    jws: *mut *mut aw_jws,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let jws = out(jws, "jws")?;
            let options = verify_options(payload, payload_length, algorithms, algorithm_count)?;
            jws.set(verify(bytes(text.cast(), length, "text")?, borrow(keys)?.into(), &options)?);
            Ok(())
        })
    }
}

/// Verifies a compact JWS with one key, whatever `kid` it names. The rest is as for aw_jws_verify().
///
/// @param jws  Set to the verified payload and header; free it with aw_jws_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_jws_verify_with_key(
    text: *const c_char,
    length: usize,
    payload: *const c_void,
    payload_length: usize,
    key: *const aw_key,
    algorithms: *const *const c_char,
    algorithm_count: usize,
    jws: *mut *mut aw_jws,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let jws = out(jws, "jws")?;
            let options = verify_options(payload, payload_length, algorithms, algorithm_count)?;
            jws.set(verify(bytes(text.cast(), length, "text")?, (&borrow(key)?.key).into(), &options)?);
            Ok(())
        })
    }
}

/// The verified payload: any bytes, followed by a NUL. It lives as long as `jws`. NULL if `jws` is NULL.
///
/// @param length  Set to the number of bytes, without the NUL. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_jws_payload(jws: *const aw_jws, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { part(jws, length, |parts| &parts.payload) }
}

/// The verified header as JSON text. It lives as long as `jws`. NULL if `jws` is NULL.
///
/// @param length  Set to its length in bytes, without the NUL. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_jws_header_json(jws: *const aw_jws, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { part(jws, length, |parts| &parts.header) }
}

/// Frees a verified JWS. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_jws_free(jws: *mut aw_jws) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(jws) });
}

fn flagged<'a>(flags: u32) -> Outcome<SignOptions<'a>> {
    if flags & !(AW_JWS_DETACHED | AW_JWS_UNENCODED) != 0 {
        return Err(Failure::argument("flags", "flags has bits other than AW_JWS_DETACHED and AW_JWS_UNENCODED"));
    }
    let (detached, b64) = (flags & AW_JWS_DETACHED != 0, flags & AW_JWS_UNENCODED == 0);
    Ok(SignOptions { detached, b64, ..SignOptions::default() })
}

unsafe fn verify_options<'a>(
    payload: *const c_void,
    payload_length: usize,
    algorithms: *const *const c_char,
    algorithm_count: usize,
) -> Outcome<VerifyOptions<'a>> {
    // SAFETY: passed on.
    unsafe {
        let names = list(algorithms, algorithm_count, "algorithms")?.iter();
        let names = names.map(|algorithm| Ok(name(*algorithm, "algorithms")?.parse()?)).collect::<Outcome<Vec<_>>>()?;
        Ok(VerifyOptions {
            algorithms: (!algorithms.is_null()).then_some(names),
            payload: optional_bytes(payload, payload_length, "payload")?,
        })
    }
}

fn verify(token: &[u8], keys: Keys, options: &VerifyOptions<'_>) -> Outcome<*mut aw_jws> {
    let verified: Verified = jws::verify(token, keys, options)?;
    let terminated = |part: &[u8]| part.iter().copied().chain([0]).collect();
    let (payload, header) = (terminated(verified.payload()), terminated(verified.header_json().as_bytes()));
    Ok(into_raw(Parts { payload, header }))
}

unsafe fn part(jws: *const aw_jws, length: *mut usize, which: fn(&Parts) -> &[u8]) -> *const c_char {
    shield(ptr::null(), || {
        // SAFETY: passed on.
        let (length, jws) = unsafe { (optional_out(length), peek(jws)) };
        let Some(bytes) = jws.map(which) else { return ptr::null() };
        if let Some(length) = length {
            length.set(bytes.len().saturating_sub(1));
        }
        bytes.as_ptr().cast()
    })
}
