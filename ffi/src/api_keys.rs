//! `aw_api_keys`: issues API keys and checks them.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use authwright_core::api_key::{
    ApiKey, ApiKeys, ApiKeysOptions, AtHand, ImportOptions, IssueOptions, RotateOptions, Told,
};
use authwright_core::store::Store;
use authwright_core::{Key, system_now_ms};

use crate::api_key::{Held, aw_api_key};
use crate::api_key_page::{Listed, aw_api_key_page};
use crate::arguments::{Outcome, bytes, list, name, optional_out, optional_text, out, text};
use crate::error::{Failure, aw_error, terminated};
use crate::event::report;
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, peek, release};
use crate::key::aw_key;
use crate::oauth_client::document;
use crate::status::aw_status;
use crate::store::aw_store;

/// The API keys of one prefix and environment: issues them, checks them, lists, rotates and revokes them. A key reads
/// `acme_live_` and an id, a secret and a checksum; the store has a hash of it under a pepper, which the store has not.
///
/// `AW_ERR_API_KEY_INVALID` is all that is said of a text that is no key, of an id that is not known and of a secret that
/// is wrong: answer with 401. Only who has the whole key is told `AW_ERR_API_KEY_EXPIRED`, `AW_ERR_API_KEY_REVOKED` (401)
/// or `AW_ERR_API_KEY_SCOPE` (403). A store that fails is `AW_ERR_STORE_…` or `AW_ERR_DEADLINE`: answer with 503.
///
/// The functions with a `timeout_ms` block, and take no longer than that: 5000 is a good choice. Over is `AW_ERR_DEADLINE`
/// where nothing was being asked just then. A store that was, and has not answered in time, is `AW_ERR_STORE_UNAVAILABLE`,
/// or `AW_ERR_STORE_UNCERTAIN` if a change was on its way.
///
/// Ownership: yours; free it with aw_api_keys_free(). It keeps what it needs of the store and the peppers. Threads:
/// `const aw_api_keys *` may be used from many at once. Fork: as the store's.
pub struct aw_api_keys {
    _opaque: [u8; 0],
}

/// Keys, and the store that they are in.
pub struct Placed {
    keys: ApiKeys,
    store: Arc<dyn Store>,
    pattern: CString,
}

impl Handle for aw_api_keys {
    type Value = Placed;
    const TAG: u64 = u64::from_be_bytes(*b"aw_apiks");
    const NAME: &'static str = "keys";
}

/// Makes what issues and checks keys. Nothing is asked of the store yet.
///
/// @param options  A JSON object, see the top of this header: "prefix", "environment" and so on.
/// @param peppers  An array of `pepper_count` secrets of at least 32 bytes, declared as `const aw_key *peppers[]`, the
///                 newest first: new keys are hashed under it, keys under older ones are good as long as those are
///                 there. They stay yours.
/// @param store    Where the keys are; it stays yours.
/// @param keys     Set to the new object; free it with aw_api_keys_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_api_keys_new(
    options: *const c_char,
    options_length: usize,
    peppers: *const *const aw_key,
    pepper_count: usize,
    store: *const aw_store,
    keys: *mut *mut aw_api_keys,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let keys = out(keys, "keys")?;
            let options = ApiKeysOptions::from_json(text(options, options_length, "options")?)?;
            let peppers = list(peppers, pepper_count, "peppers")?.iter().enumerate().map(|(index, pepper)| {
                let problem = if pepper.is_null() { "is NULL" } else { "is a handle of another type" };
                let unusable = || Failure::argument("peppers", format!("peppers[{index}] {problem}"));
                peek(*pepper).map(|pepper| pepper.key.clone()).ok_or_else(unusable)
            });
            let made = ApiKeys::new(options, &peppers.collect::<Outcome<Vec<Key>>>()?)?;
            let (store, pattern) = (Arc::clone(&borrow(store)?.0), terminated(&made.format().pattern()));
            keys.set(into_raw(Placed { keys: made, store, pattern }));
            Ok(())
        })
    }
}

/// Issues a key. aw_api_key_secret() is the key to hand out, and nobody can show it again.
///
/// @param options  A JSON object, see the top of this header: "owner" and so on.
/// @param key      Set to the key; free it with aw_api_key_free(), which overwrites its secret first.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_api_keys_issue(
    keys: *const aw_api_keys,
    options: *const c_char,
    options_length: usize,
    timeout_ms: u64,
    key: *mut *mut aw_api_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let key = out(key, "key")?;
            let placed = borrow(keys)?;
            let options = IssueOptions::from_json(text(options, options_length, "options")?)?;
            key.set(into_raw(Held::from(placed.ask(timeout_ms, |keys| keys.issue(&options))?)));
            Ok(())
        })
    }
}

/// Takes in a key of another system by its hash. It is found if the option "accept_imported" is true.
/// `AW_ERR_INVALID_ARGUMENT` (`sha256`) if it is there already.
///
/// @param options  A JSON object, see the top of this header: "sha256", "owner" and so on.
/// @param key      Set to what is known of the key; free it with aw_api_key_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_api_keys_import_hash(
    keys: *const aw_api_keys,
    options: *const c_char,
    options_length: usize,
    timeout_ms: u64,
    key: *mut *mut aw_api_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let key = out(key, "key")?;
            let placed = borrow(keys)?;
            let options = ImportOptions::from_json(text(options, options_length, "options")?)?;
            key.set(into_raw(Held::from(placed.ask(timeout_ms, |keys| keys.import_hash(&options))?)));
            Ok(())
        })
    }
}

/// Tells whose key was presented, if it is genuine and valid and has all these scopes.
///
/// @param presented    The key, as it was received: any bytes. A header that was not sent is NULL with length 0: no key.
/// @param scopes       An array of `scope_count` names, declared as `const char *scopes[]`, all of which the key must have.
///                     NULL and 0: none. The field of `AW_ERR_API_KEY_SCOPE` is the first that it lacks.
/// @param key          Set to what is known of the key; free it with aw_api_key_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_api_keys_verify(
    keys: *const aw_api_keys,
    presented: *const c_char,
    presented_length: usize,
    scopes: *const *const c_char,
    scope_count: usize,
    timeout_ms: u64,
    key: *mut *mut aw_api_key,
    error: *mut *mut aw_error,
) -> aw_status {
    let clock = || Ok(system_now_ms());
    // SAFETY: the header's contract.
    unsafe { verify(keys, presented, presented_length, scopes, scope_count, clock, timeout_ms, key, error) }
}

/// As aw_api_keys_verify(), as if it were `now`, in seconds since 1970. That is the time that is judged by, and the one
/// that is noted as the last use: for tests, and for programs with a clock of their own, but not for a question about
/// another time.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_api_keys_verify_at(
    keys: *const aw_api_keys,
    presented: *const c_char,
    presented_length: usize,
    scopes: *const *const c_char,
    scope_count: usize,
    now: i64,
    timeout_ms: u64,
    key: *mut *mut aw_api_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // Seconds are whole in all of authwright's languages, and exact below 2^53.
    let clock = || {
        let seconds = u64::try_from(now).ok().filter(|seconds| *seconds < 1 << 53);
        let message = "now must be whole seconds since 1970, from 0 up to 2^53";
        seconds.map(|seconds| seconds.saturating_mul(1000)).ok_or_else(|| Failure::argument("now", message))
    };
    // SAFETY: the header's contract.
    unsafe { verify(keys, presented, presented_length, scopes, scope_count, clock, timeout_ms, key, error) }
}

/// Tells what is known of a key. `AW_ERR_API_KEY_NOT_FOUND` if there is none with this id.
///
/// @param id   As aw_api_key_id() tells it.
/// @param key  Set to what is known of the key; free it with aw_api_key_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_api_keys_get(
    keys: *const aw_api_keys,
    id: *const c_char,
    id_length: usize,
    timeout_ms: u64,
    key: *mut *mut aw_api_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let key = out(key, "key")?;
            let (placed, id) = (borrow(keys)?, text(id, id_length, "id")?);
            key.set(into_raw(Held::from(placed.ask(timeout_ms, |keys| keys.get(id))?)));
            Ok(())
        })
    }
}

/// Lists an owner's keys, in no order that would mean anything. Revoked and expired ones are among them for 30 days, and
/// then until they are swept; revoked ones that were imported for ever. A key whose record was altered, or whose pepper
/// is not there, is left out: an event tells of each, `api_key_record_altered` or `api_key_pepper_unknown`.
///
/// @param owner  Whose.
/// @param after  aw_api_key_page_next() of the page before, of this owner in this store. NULL: the first page. Any other
///               text is an error, or a page that says nothing.
/// @param limit  At most so many: 1 to 1000. There may be fewer, none even, and another page.
/// @param page   Set to the page; free it with aw_api_key_page_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_api_keys_list(
    keys: *const aw_api_keys,
    owner: *const c_char,
    owner_length: usize,
    after: *const c_char,
    after_length: usize,
    limit: usize,
    timeout_ms: u64,
    page: *mut *mut aw_api_key_page,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let page = out(page, "page")?;
            let (placed, owner) = (borrow(keys)?, text(owner, owner_length, "owner")?);
            let after = optional_text(after, after_length, "after")?;
            page.set(into_raw(Listed::from(placed.ask(timeout_ms, |keys| keys.list(owner, after, limit))?)));
            Ok(())
        })
    }
}

/// Gives a key another secret; its id stays. `AW_ERR_API_KEY_NOT_FOUND`, `AW_ERR_API_KEY_REVOKED`,
/// `AW_ERR_API_KEY_EXPIRED`, also with another "expires_in", and `AW_ERR_INVALID_ARGUMENT` (`id`) for a key that was
/// imported.
///
/// @param id       Which key.
/// @param options  A JSON object, see the top of this header: "overlap", "expires_in". NULL: the defaults.
/// @param key      Set to the key, with its new secret; free it with aw_api_key_free(), which overwrites that first.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_api_keys_rotate(
    keys: *const aw_api_keys,
    id: *const c_char,
    id_length: usize,
    options: *const c_char,
    options_length: usize,
    timeout_ms: u64,
    key: *mut *mut aw_api_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let key = out(key, "key")?;
            let (placed, id) = (borrow(keys)?, text(id, id_length, "id")?);
            let options = RotateOptions::from_json(document(options, options_length)?)?;
            key.set(into_raw(Held::from(placed.ask(timeout_ms, |keys| keys.rotate(id, &options))?)));
            Ok(())
        })
    }
}

/// Ends a key, for good. One that is revoked already stays so, since when it was, and that is no error. It is written
/// again, for who asks twice may not know whether it was kept: that may fail like the first time.
/// `AW_ERR_API_KEY_NOT_FOUND` if there is none with this id, or if it ended 30 days ago.
///
/// @param id   Which key.
/// @param key  Set to what is known of the key; free it with aw_api_key_free(). May be NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_api_keys_revoke(
    keys: *const aw_api_keys,
    id: *const c_char,
    id_length: usize,
    timeout_ms: u64,
    key: *mut *mut aw_api_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let key = optional_out(key);
            let (placed, id) = (borrow(keys)?, text(id, id_length, "id")?);
            let revoked = placed.ask(timeout_ms, |keys| keys.revoke(id))?;
            if let Some(key) = key {
                key.set(into_raw(Held::from(revoked)));
            }
            Ok(())
        })
    }
}

/// Ends all keys that an owner has when it begins: first those that are not revoked. Those that were revoked within the
/// last hour are written again after them, for that may not have been kept; older ones are left alone. A key that
/// cannot be revoked, for a reason of its own, does not stop the others: its error comes at the end. If it fails, some
/// may be revoked: do it again, it goes on with the rest.
///
/// @param owner    Whose.
/// @param revoked  Set to how many were good until then. May be NULL.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_api_keys_revoke_all(
    keys: *const aw_api_keys,
    owner: *const c_char,
    owner_length: usize,
    timeout_ms: u64,
    revoked: *mut usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let revoked = optional_out(revoked);
            let (placed, owner) = (borrow(keys)?, text(owner, owner_length, "owner")?);
            let count = placed.ask(timeout_ms, |keys| keys.revoke_all(owner))?;
            if let Some(revoked) = revoked {
                revoked.set(count);
            }
            Ok(())
        })
    }
}

/// Whether a text is written as these keys are, its checksum included: finds typing errors without a store. It says nothing
/// about whether there is such a key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_keys_is_well_formed(
    keys: *const aw_api_keys,
    text: *const c_char,
    length: usize,
) -> bool {
    shield(false, || {
        // SAFETY: the header's contract.
        let (placed, text) = unsafe { (peek(keys), bytes(text.cast(), length, "text")) };
        let text = text.ok().and_then(|text| std::str::from_utf8(text).ok());
        placed.zip(text).is_some_and(|(placed, text)| placed.keys.format().id(text).is_some())
    })
}

/// A regular expression for scanners of source code and logs, without anchors, which reads the same in every dialect. Lives
/// as long as `keys`; NULL if that is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_keys_pattern(keys: *const aw_api_keys) -> *const c_char {
    // SAFETY: the header's contract.
    shield(ptr::null(), || unsafe { peek(keys) }.map_or(ptr::null(), |placed| placed.pattern.as_ptr()))
}

/// Frees what issues and checks keys. NULL is fine. The store is not closed by that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_keys_free(keys: *mut aw_api_keys) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(keys) });
}

impl Placed {
    fn ask<T>(&self, timeout_ms: u64, call: impl FnOnce(AtHand<'_>) -> Told<T>) -> Outcome<T> {
        self.ask_at(system_now_ms(), timeout_ms, call)
    }

    /// Asks, and tells the program's hook what happened.
    fn ask_at<T>(&self, now_ms: u64, timeout_ms: u64, call: impl FnOnce(AtHand<'_>) -> Told<T>) -> Outcome<T> {
        let (outcome, events) = call(self.keys.at(&*self.store, now_ms, Duration::from_millis(timeout_ms)));
        events.iter().for_each(report);
        Ok(outcome?)
    }
}

#[allow(clippy::too_many_arguments, reason = "they are C's")]
unsafe fn verify(
    keys: *const aw_api_keys,
    presented: *const c_char,
    presented_length: usize,
    scopes: *const *const c_char,
    scope_count: usize,
    clock: impl FnOnce() -> Outcome<u64>,
    timeout_ms: u64,
    key: *mut *mut aw_api_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: passed on.
    unsafe {
        guard(error, || {
            let key = out(key, "key")?;
            let placed = borrow(keys)?;
            let presented = bytes(presented.cast(), presented_length, "presented")?;
            // What is not text is no key, and no mistake of the program; nor is any key empty.
            let presented = std::str::from_utf8(presented).unwrap_or_default();
            let scopes = list(scopes, scope_count, "scopes")?.iter();
            let scopes = scopes.map(|scope| name(*scope, "scopes").map(str::to_owned)).collect::<Outcome<Vec<_>>>()?;
            let found: ApiKey = placed.ask_at(clock()?, timeout_ms, |keys| keys.verify(presented, &scopes))?;
            key.set(into_raw(Held::from(found)));
            Ok(())
        })
    }
}
