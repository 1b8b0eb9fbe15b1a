//! `aw_remote_keyset`: the keys of an issuer that publishes them.

use std::ffi::{CString, c_char};
use std::ptr;

use authwright_core::operation::Operation;
use authwright_core::{Key, RemoteKeySet, RemoteOptions, system_now_ms};

use crate::arguments::{Out, Outcome, list, out, text};
use crate::buffer::{aw_buffer, of_text};
use crate::driver::{run, seed};
use crate::error::{Failure, aw_error, terminated};
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, peek, release};
use crate::http_client::{Client, aw_http_client};
use crate::key::aw_key;
use crate::keyset::aw_keyset;
use crate::operation::aw_operation;
use crate::running::Running;
use crate::status::aw_status;

/// The keys of one issuer, fetched from it when they are needed and kept up to date. It has state, which the verifiers
/// made with it share: one fetch serves all who wait for it, and between two fetches there is a cooldown, so that
/// forged tokens cannot make it flood the issuer. Keys stay usable while the issuer is out of reach. Nothing runs by
/// itself: no thread and no timer lives longer than a fetch.
///
/// Ownership: yours; free it with aw_remote_keyset_free(). Verifiers keep what they need, so it may be freed before
/// them. Threads: `const aw_remote_keyset *` may be used from many at once. Fork: a child goes on with the keys that
/// were there, and abandons a fetch that its parent was making.
pub struct aw_remote_keyset {
    _opaque: [u8; 0],
}

/// A remote key set, and what fetches for it.
#[derive(Clone)]
pub struct Fetched {
    pub(crate) keys: RemoteKeySet,
    /// None in a library without one.
    client: Option<Client>,
    /// Whether the client is nobody else's.
    owns_client: bool,
    issuer: Option<CString>,
}

impl Handle for aw_remote_keyset {
    type Value = Fetched;
    const TAG: u64 = u64::from_be_bytes(*b"aw_remot");
    const NAME: &'static str = "set";
}

/// Makes a set that has not fetched anything: an issuer that is down is no error here.
///
/// @param options  A JSON object, see the top of this header: "issuer" or "jwks_uri" must be there.
/// @param client   What the blocking calls fetch with; it stays yours. NULL: one of the set's own, with the default
///                 options. Of no use to a program that only drives operations itself.
/// @param set      Set to the new set; free it with aw_remote_keyset_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_remote_keyset_new(
    options: *const c_char,
    length: usize,
    client: *const aw_http_client,
    set: *mut *mut aw_remote_keyset,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let set = out(set, "set")?;
            let options = RemoteOptions::from_json(text(options, length, "options")?)?;
            set.set(into_raw(Fetched::new(RemoteKeySet::new(options, seed())?, client)?));
            Ok(())
        })
    }
}

/// Fetches the keys, or waits for who is fetching them. Blocks. Within the cooldown of an earlier fetch it is
/// `AW_ERR_KEYS_NEEDED`.
///
/// @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_remote_keyset_refresh(
    set: *const aw_remote_keyset,
    timeout_ms: u64,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let set = borrow(set)?;
            let (client, now) = (set.client()?, system_now_ms());
            run(client, set.keys.refresh(now).within(now.saturating_add(timeout_ms)))
        })
    }
}

/// The keys at hand, as a set that does not change any more. Does no I/O; `AW_ERR_KEYS_NEEDED` if there are none, or
/// their time is over.
///
/// @param keys  Set to the keys; free them with aw_keyset_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_remote_keyset_key_set(
    set: *const aw_remote_keyset,
    keys: *mut *mut aw_keyset,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let keys = out(keys, "keys")?;
            keys.set(into_raw(borrow(set)?.keys.key_set(system_now_ms())?));
            Ok(())
        })
    }
}

/// The issuer, as it was configured. Lives as long as the set; NULL if the options named only a "jwks_uri", or if `set`
/// is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_remote_keyset_issuer(set: *const aw_remote_keyset) -> *const c_char {
    shield(ptr::null(), || {
        // SAFETY: the header's contract.
        unsafe { peek(set) }.and_then(|set| set.issuer.as_ref()).map_or(ptr::null(), |issuer| issuer.as_ptr())
    })
}

/// Writes the keys at hand and their times as a sealed text, so that the next process starts with them. It is
/// encrypted, and bound to the issuer and the URLs of the options. `AW_ERR_KEYS_NEEDED` if there are no keys.
///
/// @param key    A secret of at least 32 bytes, which all of the program's processes have; it stays yours.
/// @param state  Set to the text; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_remote_keyset_export_state(
    set: *const aw_remote_keyset,
    key: *const aw_key,
    state: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let state = out(state, "state")?;
            state.set(of_text(borrow(set)?.keys.export_state(&borrow(key)?.key)?));
            Ok(())
        })
    }
}

/// Takes over an exported state, unless the keys at hand are newer. The keys are as old as they were.
/// `AW_ERR_STATE_INVALID` if no key opens it, or it belongs to another issuer or URL: the set is as it was then, and
/// fetches when keys are needed.
///
/// @param state  What aw_remote_keyset_export_state() wrote.
/// @param keys   An array of `count` secrets, declared as `const aw_key *keys[]`, the newest first. They stay yours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_remote_keyset_import_state(
    set: *const aw_remote_keyset,
    state: *const c_char,
    length: usize,
    keys: *const *const aw_key,
    count: usize,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let set = borrow(set)?;
            let state = text(state, length, "state")?;
            let keys = list(keys, count, "keys")?.iter().map(|key| Ok(borrow(*key)?.key.clone()));
            Ok(set.keys.import_state(state, &keys.collect::<Outcome<Vec<Key>>>()?, system_now_ms())?)
        })
    }
}

/// Begins an operation that fetches the keys, or waits for who is fetching them, for a program that sends the request
/// itself: see aw_operation. Its deadline is a little more than twice the "timeout" of the options. Does no I/O.
///
/// @param now_ms     The time in milliseconds since 1970, as aw_now_ms() tells it.
/// @param operation  Set to the new operation; free it with aw_operation_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_remote_keyset_begin_refresh(
    set: *const aw_remote_keyset,
    now_ms: u64,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { begin(set, |keys| Some(keys.refresh(now_ms)), operation, error) }
}

/// Begins the fetch that is due although the keys at hand still serve, so that nobody will have to wait for it. Ask
/// after each verification, or now and then, and drive it beside your other work. Does no I/O.
///
/// @param now_ms     The time in milliseconds since 1970, as aw_now_ms() tells it.
/// @param operation  Set to the new operation, or to NULL if nothing is due or somebody is at it already.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_remote_keyset_begin_refresh_ahead(
    set: *const aw_remote_keyset,
    now_ms: u64,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { begin(set, |keys| keys.refresh_ahead(now_ms), operation, error) }
}

/// Fetches no more: what needs keys that are not there fails with `AW_ERR_CLOSED`. Closes the set's own client; one
/// that was passed in stays open. Fetches that are under way come to their own end. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_remote_keyset_close(set: *const aw_remote_keyset) {
    shield((), || {
        // SAFETY: the header's contract.
        let Some(set) = (unsafe { peek(set) }) else { return };
        set.keys.close();
        if let Some(client) = set.client.as_ref().filter(|_| set.owns_client) {
            client.close();
        }
    });
}

/// Frees a remote key set. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_remote_keyset_free(set: *mut aw_remote_keyset) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(set) });
}

impl Fetched {
    /// With the client given, or one of its own if that is NULL.
    ///
    /// # Safety
    /// As [`borrow`].
    pub(crate) unsafe fn new(keys: RemoteKeySet, client: *const aw_http_client) -> Outcome<Self> {
        let owns_client = client.is_null();
        let client = match owns_client {
            true => Client::unless_given()?,
            // SAFETY: passed on.
            false => Some(unsafe { borrow(client) }?.clone()),
        };
        let issuer = keys.issuer().map(terminated);
        Ok(Self { keys, client, owns_client, issuer })
    }

    /// The keys of an OAuth client, which it goes on using together with its HTTP client.
    pub(crate) fn of_client(keys: RemoteKeySet, client: Option<Client>) -> Self {
        let issuer = keys.issuer().map(terminated);
        Self { keys, client, owns_client: false, issuer }
    }

    pub(crate) fn client(&self) -> Outcome<&Client> {
        self.client.as_ref().ok_or_else(Failure::no_client)
    }
}

unsafe fn begin(
    set: *const aw_remote_keyset,
    begun: impl FnOnce(&RemoteKeySet) -> Option<Operation<()>>,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: passed on.
    unsafe {
        guard(error, || {
            let operation: Out<*mut aw_operation> = out(operation, "operation")?;
            if let Some(begun) = begun(&borrow(set)?.keys) {
                operation.set(into_raw(Running::from(begun)));
            }
            Ok(())
        })
    }
}
