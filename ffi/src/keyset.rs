//! `aw_keyset`: the keys of one issuer.

use std::ffi::c_char;

use authwright_core::{Key, KeySet};

use crate::arguments::{Outcome, list, out, text};
use crate::buffer::{aw_buffer, of_text};
use crate::error::{Failure, aw_error};
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, peek, release};
use crate::key::{aw_key, handle_of};
use crate::status::aw_status;

/// A set of keys (JWKS) from which a verifier chooses by the token's `kid` and `alg`. All keys of a set must belong to
/// one issuer: each of them can sign for all. Immutable.
///
/// Ownership: yours; free it with aw_keyset_free(). Verifiers keep what they need, so it may be freed before them.
/// Threads: `const aw_keyset *` may be used from many at once.
pub struct aw_keyset {
    _opaque: [u8; 0],
}

impl Handle for aw_keyset {
    type Value = KeySet;
    const TAG: u64 = u64::from_be_bytes(*b"aw_keyse");
    const NAME: &'static str = "keys";
}

/// Makes a set of keys.
///
/// @param keys   An array of `count` keys, declared as `const aw_key *keys[]`. They stay yours. NULL if `count` is 0.
/// @param count  How many there are.
/// @param set    Set to the new key set; free it with aw_keyset_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_keyset_new(
    keys: *const *const aw_key,
    count: usize,
    set: *mut *mut aw_keyset,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let set = out(set, "set")?;
            let keys = list(keys, count, "keys")?.iter().map(|key| Ok(borrow(*key)?.key.clone()));
            set.set(into_raw(KeySet::new(keys.collect::<Outcome<Vec<Key>>>()?)));
            Ok(())
        })
    }
}

/// Reads a key set from JSON (RFC 7517 section 5), such as an issuer's jwks_uri serves. Members that are of no use (an
/// unknown type, a broken or weak key) do not fail the set; aw_keyset_rejected() tells why they were left out.
///
/// @param set  Set to the new key set; free it with aw_keyset_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_keyset_from_json(
    json: *const c_char,
    length: usize,
    set: *mut *mut aw_keyset,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let set = out(set, "set")?;
            set.set(into_raw(KeySet::from_json(text(json, length, "json")?)?));
            Ok(())
        })
    }
}

/// Writes a key set as JSON, ready to be served: public parts only, and no secrets.
///
/// @param json  Set to the JSON text; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_keyset_to_json(
    set: *const aw_keyset,
    json: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let json = out(json, "json")?;
            json.set(of_text(borrow(set)?.to_json()));
            Ok(())
        })
    }
}

/// How many keys the set holds. 0 if `set` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_keyset_len(set: *const aw_keyset) -> usize {
    // SAFETY: the header's contract.
    shield(0, || unsafe { peek(set) }.map_or(0, |set| set.keys().len()))
}

/// One key of the set.
///
/// @param index  From 0 to aw_keyset_len() - 1.
/// @param key    Set to the key, which outlives the set; free it with aw_key_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_keyset_get(
    set: *const aw_keyset,
    index: usize,
    key: *mut *mut aw_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let key = out(key, "key")?;
            let found = borrow(set)?.keys().get(index);
            key.set(handle_of(found.ok_or_else(|| Failure::argument("index", "the set has no such key"))?.clone()));
            Ok(())
        })
    }
}

/// How many members of the JSON were left out of the set. 0 if `set` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_keyset_rejected_len(set: *const aw_keyset) -> usize {
    // SAFETY: the header's contract.
    shield(0, || unsafe { peek(set) }.map_or(0, |set| set.rejected().len()))
}

/// Why a member of the JSON was left out of the set: returns that member's own status, never `AW_OK`.
///
/// @param index  From 0 to aw_keyset_rejected_len() - 1; `AW_ERR_INVALID_ARGUMENT` beyond.
/// @param error  Set to the reason, if not NULL; free it with aw_error_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_keyset_rejected(
    set: *const aw_keyset,
    index: usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || match borrow(set)?.rejected().get(index) {
            Some(rejected) => Err(rejected.error.clone().into()),
            None => Err(Failure::argument("index", "the set has no such rejected member")),
        })
    }
}

/// Frees a key set. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_keyset_free(set: *mut aw_keyset) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(set) });
}
