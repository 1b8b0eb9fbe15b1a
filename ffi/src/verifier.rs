//! `aw_verifier`: decides about tokens.

use std::ffi::c_char;

use authwright_core::{Keys, Policy, RemoteKeySet, RemoteOptions, Token, Verifier, system_now, system_now_ms};

use crate::arguments::{Outcome, bytes, out, text};
use crate::driver::{refresh_ahead, run, seed};
use crate::error::{Failure, aw_error};
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, release};
use crate::http_client::aw_http_client;
use crate::key::aw_key;
use crate::keyset::aw_keyset;
use crate::operation::aw_operation;
use crate::remote_keyset::{Fetched, aw_remote_keyset};
use crate::running::Running;
use crate::status::aw_status;
use crate::token::{Verified, aw_token};

/// Decides about tokens: the keys that may have signed them, and a policy. Make it once and use it for every token. Its
/// keys are fixed, or an issuer's that are fetched and kept up to date; that set of keys is all that changes.
///
/// Ownership: yours; free it with aw_verifier_free(). Tokens may outlive it. Threads: `const aw_verifier *` may be used
/// from many at once, without a lock. Fork: a child may go on using it.
pub struct aw_verifier {
    _opaque: [u8; 0],
}

/// A verifier, and its keys if they are an issuer's.
pub struct Deciding {
    verifier: Verifier,
    remote: Option<Fetched>,
}

impl Handle for aw_verifier {
    type Value = Deciding;
    const TAG: u64 = u64::from_be_bytes(*b"aw_verif");
    const NAME: &'static str = "verifier";
}

/// Makes a verifier that chooses from a set of keys.
///
/// @param keys      The keys of the issuer; they stay yours.
/// @param policy    What a token must satisfy, as a JSON object: "issuer", "audience", "algorithms", "required",
///                  "claims", "leeway" and so on. An unknown member is an error. NULL is one too: "{}" is the policy
///                  that expects nothing beyond the strict defaults.
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
    unsafe { fixed(|| Ok(borrow(keys)?.into()), policy, policy_length, verifier, error) }
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
    unsafe { fixed(|| Ok((&borrow(key)?.key).into()), policy, policy_length, verifier, error) }
}

/// Makes a verifier of nothing but an issuer's URL: its metadata (OpenID Connect Discovery, RFC 8414) and its keys are
/// fetched when the first token comes, so an issuer that is down is no error here. Settings beyond these: see
/// aw_verifier_new_remote().
///
/// @param issuer    The issuer, exactly as it writes itself in "iss": https, or http to a loopback address.
/// @param policy    As for aw_verifier_new(). Its "issuer" may be left out.
/// @param client    What aw_verifier_verify_fetching() fetches with; it stays yours. NULL: one of the verifier's own,
///                  with the default options.
/// @param verifier  Set to the new verifier; free it with aw_verifier_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_verifier_discover(
    issuer: *const c_char,
    issuer_length: usize,
    policy: *const c_char,
    policy_length: usize,
    client: *const aw_http_client,
    verifier: *mut *mut aw_verifier,
    error: *mut *mut aw_error,
) -> aw_status {
    let keys = || {
        // SAFETY: the header's contract.
        let issuer = unsafe { text(issuer, issuer_length, "issuer") }?;
        // SAFETY: the header's contract.
        unsafe { Fetched::new(RemoteKeySet::new(RemoteOptions::issuer(issuer), seed())?, client) }
    };
    // SAFETY: the header's contract.
    unsafe { remote(keys, policy, policy_length, verifier, error) }
}

/// Makes a verifier with the keys of an issuer, which several verifiers may share.
///
/// @param set       The issuer's keys; they stay yours.
/// @param policy    As for aw_verifier_new(). Its "issuer" may be left out, and must not be another than that of the
///                  set.
/// @param verifier  Set to the new verifier; free it with aw_verifier_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_verifier_new_remote(
    set: *const aw_remote_keyset,
    policy: *const c_char,
    policy_length: usize,
    verifier: *mut *mut aw_verifier,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { remote(|| Ok(borrow(set)?.clone()), policy, policy_length, verifier, error) }
}

/// Verifies a token, at the system's time. `AW_OK` means that everything holds: signature, times and the whole policy.
/// Any other status means that the token must not be used, and `*token` is NULL. Does no I/O: with an issuer's keys,
/// `AW_ERR_KEYS_NEEDED` says that the one for this token is not here, and nothing about the token.
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

/// Verifies a token, and fetches the issuer's keys first if they are needed: at most once, and once for all who wait
/// for them. Blocks meanwhile. After a success, a fetch that is due although the keys at hand still serve is made in
/// the background, on a thread that ends with it. With fixed keys it is aw_verifier_verify().
///
/// `AW_ERR_KEYS_NEEDED` says that the issuer could not be asked, or not again so soon: answer with 503 rather than 401.
/// Its cause, if it has one, is the error of the fetch.
///
/// @param text        The token, as it was received: any bytes.
/// @param length      Its length in bytes, or `AW_NUL`.
/// @param timeout_ms  How long it may take at most, in milliseconds: 10000 is a good choice. Over is `AW_ERR_DEADLINE`.
/// @param token       Set to the verified token; free it with aw_token_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_verifier_verify_fetching(
    verifier: *const aw_verifier,
    text: *const c_char,
    length: usize,
    timeout_ms: u64,
    token: *mut *mut aw_token,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let token = out(token, "token")?;
            let deciding = borrow(verifier)?;
            let text = bytes(text.cast(), length, "text")?;
            let verified = match &deciding.remote {
                Some(remote) => fetching(&deciding.verifier, remote, text, timeout_ms)?,
                None => deciding.verifier.verify(text, system_now())?,
            };
            token.set(into_raw(Verified::from(verified)));
            Ok(())
        })
    }
}

/// Begins the operation that verifies a token, and fetches the issuer's keys first if they are needed, for a program
/// that sends the request itself: see aw_operation. Does no I/O. Afterwards aw_remote_keyset_begin_refresh_ahead()
/// tells whether a fetch is due.
///
/// @param text        The token, as it was received: any bytes.
/// @param length      Its length in bytes, or `AW_NUL`.
/// @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
/// @param timeout_ms  How long it may take at most, in milliseconds.
/// @param operation   Set to the new operation; free it with aw_operation_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_verifier_begin(
    verifier: *const aw_verifier,
    text: *const c_char,
    length: usize,
    now_ms: u64,
    timeout_ms: u64,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let operation = out(operation, "operation")?;
            let (deciding, text) = (borrow(verifier)?, bytes(text.cast(), length, "text")?);
            let begun = deciding.verifier.verify_fetching(text, None, now_ms.saturating_add(timeout_ms));
            operation.set(into_raw(Running::from(begun)));
            Ok(())
        })
    }
}

/// The issuer's keys that a verifier uses: the same set, to be refreshed, exported or closed.
/// `AW_ERR_INVALID_ARGUMENT` if the verifier's keys are fixed.
///
/// @param set  Set to the set, which outlives the verifier; free it with aw_remote_keyset_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_verifier_remote_keys(
    verifier: *const aw_verifier,
    set: *mut *mut aw_remote_keyset,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let set = out(set, "set")?;
            let remote = borrow(verifier)?.remote.clone();
            set.set(into_raw(remote.ok_or_else(|| Failure::argument("verifier", "the verifier's keys are fixed"))?));
            Ok(())
        })
    }
}

/// Frees a verifier. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_verifier_free(verifier: *mut aw_verifier) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(verifier) });
}

unsafe fn fixed(
    keys: impl FnOnce() -> Outcome<Keys>,
    policy: *const c_char,
    policy_length: usize,
    verifier: *mut *mut aw_verifier,
    error: *mut *mut aw_error,
) -> aw_status {
    let make = |policy| Ok(Deciding { verifier: Verifier::new(keys()?, policy)?, remote: None });
    // SAFETY: passed on.
    unsafe { build(make, policy, policy_length, verifier, error) }
}

unsafe fn remote(
    keys: impl FnOnce() -> Outcome<Fetched>,
    policy: *const c_char,
    policy_length: usize,
    verifier: *mut *mut aw_verifier,
    error: *mut *mut aw_error,
) -> aw_status {
    let make = |policy| {
        let remote = keys()?;
        Ok(Deciding { verifier: Verifier::remote(&remote.keys, policy)?, remote: Some(remote) })
    };
    // SAFETY: passed on.
    unsafe { build(make, policy, policy_length, verifier, error) }
}

unsafe fn build(
    make: impl FnOnce(Policy) -> Outcome<Deciding>,
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
            verifier.set(into_raw(make(policy)?));
            Ok(())
        })
    }
}

fn fetching(verifier: &Verifier, remote: &Fetched, text: &[u8], timeout_ms: u64) -> Outcome<Token> {
    let client = remote.client()?;
    let deadline = system_now_ms().saturating_add(timeout_ms);
    let token = run(client, verifier.verify_fetching(text, None, deadline))?;
    refresh_ahead(&remote.keys, client);
    Ok(token)
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
            let verified = borrow(verifier)?.verifier.verify(bytes(text.cast(), length, "text")?, now())?;
            token.set(into_raw(Verified::from(verified)));
            Ok(())
        })
    }
}
