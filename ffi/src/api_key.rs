//! `aw_api_key`: what is known of a key.

use std::ffi::c_char;

use authwright_core::api_key::{ApiKey, IssuedKey};

use crate::arguments::{optional_out, out};
use crate::buffer::{aw_buffer, copy_of, of_text};
use crate::error::aw_error;
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, peek, release};
use crate::status::aw_status;
use crate::texts::{OwnText, own_text};

/// What is known of an API key: whose it is, what it may do, until when. Immutable. Only a key that was just issued or
/// rotated has its secret.
///
/// The texts that its functions return are UTF-8, end in a NUL and live as long as the key.
///
/// Ownership: yours; free it with aw_api_key_free(), which overwrites its secret first. One that aw_api_key_page_at()
/// returns is the page's. Threads: `const aw_api_key *` may be used from many at once. Fork: a child has a copy.
pub struct aw_api_key {
    _opaque: [u8; 0],
}

/// A key, and its texts with NULs behind them.
pub struct Held {
    key: Made,
    secret: Option<OwnText>,
    id: OwnText,
    owner: OwnText,
    scopes: Vec<OwnText>,
    metadata_json: OwnText,
    last4: Option<OwnText>,
}

enum Made {
    Now(IssuedKey),
    Before(ApiKey),
}

impl Handle for aw_api_key {
    type Value = Held;
    const TAG: u64 = u64::from_be_bytes(*b"aw_apike");
    const NAME: &'static str = "key";
}

impl From<IssuedKey> for Held {
    fn from(key: IssuedKey) -> Self {
        Self::new(Made::Now(key))
    }
}

impl From<ApiKey> for Held {
    fn from(key: ApiKey) -> Self {
        Self::new(Made::Before(key))
    }
}

/// The key as it is presented. NULL unless it was just issued or rotated.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_secret(key: *const aw_api_key, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(key, length, |key| key.secret.as_ref()) }
}

/// What the key is named by: no secret, and good for a log. NULL if `key` is NULL.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_id(key: *const aw_api_key, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(key, length, |key| Some(&key.id)) }
}

/// Whom it was issued to. NULL if `key` is NULL.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_owner(key: *const aw_api_key, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(key, length, |key| Some(&key.owner)) }
}

/// How many scopes it has. 0 if `key` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_scope_count(key: *const aw_api_key) -> usize {
    // SAFETY: the header's contract.
    shield(0, || unsafe { peek(key) }.map_or(0, |key| key.scopes.len()))
}

/// A scope that it has. NULL if there is none with this index.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_scope_at(
    key: *const aw_api_key,
    index: usize,
    length: *mut usize,
) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(key, length, |key| key.scopes.get(index)) }
}

/// What the program wrote beside it, as JSON text: one object, "{}" if there is nothing. NULL if `key` is NULL.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_metadata_json(key: *const aw_api_key, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(key, length, |key| Some(&key.metadata_json)) }
}

/// The last four characters of the key, by which its owner knows it. NULL for an imported key.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_last4(key: *const aw_api_key, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(key, length, |key| key.last4.as_ref()) }
}

/// When it was issued, in seconds since 1970. 0 if `key` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_created_at(key: *const aw_api_key) -> i64 {
    // SAFETY: the header's contract.
    shield(0, || unsafe { peek(key) }.map_or(0, |key| key.key().created_at()))
}

/// Whether it has an end.
///
/// @param expires_at  Set to when that is, in seconds since 1970; otherwise to 0. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_expires_at(key: *const aw_api_key, expires_at: *mut i64) -> bool {
    // SAFETY: the header's contract.
    unsafe { time(key, expires_at, ApiKey::expires_at) }
}

/// Whether it was revoked.
///
/// @param revoked_at  Set to when that was, in seconds since 1970; otherwise to 0. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_revoked_at(key: *const aw_api_key, revoked_at: *mut i64) -> bool {
    // SAFETY: the header's contract.
    unsafe { time(key, revoked_at, ApiKey::revoked_at) }
}

/// Whether it has got another secret since it was issued.
///
/// @param rotated_at  Set to when it last did, in seconds since 1970; otherwise to 0. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_rotated_at(key: *const aw_api_key, rotated_at: *mut i64) -> bool {
    // SAFETY: the header's contract.
    unsafe { time(key, rotated_at, ApiKey::rotated_at) }
}

/// Whether it was used, as far as it was noted: not for every use, see the option "last_used_every".
///
/// @param last_used_at  Set to when it was, in seconds since 1970; otherwise to 0. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_last_used_at(key: *const aw_api_key, last_used_at: *mut i64) -> bool {
    // SAFETY: the header's contract.
    unsafe { time(key, last_used_at, ApiKey::last_used_at) }
}

/// Writes the key as a JSON object: "id", "owner", "scopes", "metadata", "created_at", and "expires_at", "revoked_at",
/// "rotated_at", "last_used_at", "last4", "secret", as far as they are there.
///
/// @param json  Set to the JSON text; free it with aw_buffer_free(), which overwrites it first.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_api_key_to_json(
    key: *const aw_api_key,
    json: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let json = out(json, "json")?;
            json.set(match &borrow(key)?.key {
                Made::Now(key) => copy_of(key.to_json().as_bytes()),
                Made::Before(key) => of_text(key.to_json()),
            });
            Ok(())
        })
    }
}

/// Overwrites the secret of a key and frees it. NULL is fine, and so is a key of a page: it stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_free(key: *mut aw_api_key) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(key) });
}

impl Held {
    fn new(made: Made) -> Self {
        let secret = match &made {
            Made::Now(key) => Some(key.secret().into()),
            Made::Before(_) => None,
        };
        let key = made.key();
        Self {
            secret,
            id: key.id().into(),
            owner: key.owner().into(),
            scopes: key.scopes().iter().map(|scope| scope.as_str().into()).collect(),
            metadata_json: key.metadata().text().into(),
            last4: key.last4().map(OwnText::from),
            key: made,
        }
    }

    fn key(&self) -> &ApiKey {
        self.key.key()
    }
}

impl Made {
    fn key(&self) -> &ApiKey {
        match self {
            Self::Now(key) => key.key(),
            Self::Before(key) => key,
        }
    }
}

/// # Safety
/// As [`peek`], and as [`optional_out`] for `place`.
unsafe fn time(key: *const aw_api_key, place: *mut i64, part: impl FnOnce(&ApiKey) -> Option<i64>) -> bool {
    shield(false, || {
        // SAFETY: promised by the caller.
        let (place, key) = unsafe { (optional_out(place), peek(key)) };
        let time = key.and_then(|key| part(key.key()));
        if let (Some(place), Some(time)) = (place, time) {
            place.set(time);
        }
        time.is_some()
    })
}
