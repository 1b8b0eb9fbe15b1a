//! `aw_api_key_page`: a part of an owner's keys.

use std::ffi::c_char;
use std::ptr;

use authwright_core::api_key::ApiKeyPage;

use crate::api_key::{Held, aw_api_key};
use crate::arguments::out;
use crate::buffer::{aw_buffer, of_text};
use crate::error::aw_error;
use crate::guard::{guard, shield};
use crate::handle::{Handle, Nested, borrow, peek, release};
use crate::status::aw_status;
use crate::texts::{OwnText, own_text};

/// A part of an owner's API keys. Immutable.
///
/// Ownership: yours; free it with aw_api_key_page_free(), and its keys with it. Threads: `const aw_api_key_page *` may be
/// used from many at once. Fork: a child has a copy.
pub struct aw_api_key_page {
    _opaque: [u8; 0],
}

/// The keys, each behind a handle, and the page as it came.
pub struct Listed {
    page: ApiKeyPage,
    keys: Vec<Nested<aw_api_key>>,
    next: Option<OwnText>,
}

impl Handle for aw_api_key_page {
    type Value = Listed;
    const TAG: u64 = u64::from_be_bytes(*b"aw_apipg");
    const NAME: &'static str = "page";
}

impl From<ApiKeyPage> for Listed {
    fn from(page: ApiKeyPage) -> Self {
        let keys = page.keys.iter().map(|key| Nested::new(Held::from(key.clone()))).collect();
        Self { keys, next: page.next.as_deref().map(OwnText::from), page }
    }
}

/// How many keys are on the page: none, perhaps, and yet not the last page. 0 if `page` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_page_count(page: *const aw_api_key_page) -> usize {
    // SAFETY: the header's contract.
    shield(0, || unsafe { peek(page) }.map_or(0, |page| page.keys.len()))
}

/// A key of the page. It belongs to the page and lives as long as that: do not free it. NULL if there is none with this
/// index.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_page_at(page: *const aw_api_key_page, index: usize) -> *const aw_api_key {
    shield(ptr::null(), || {
        // SAFETY: the header's contract.
        unsafe { peek(page) }.and_then(|page| page.keys.get(index)).map_or(ptr::null(), Nested::as_ptr)
    })
}

/// Where the next page begins: `after` of aw_api_keys_list(). Lives as long as the page; NULL after the last.
///
/// @param length  Set to the length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_page_next(page: *const aw_api_key_page, length: *mut usize) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { own_text(page, length, |page| page.next.as_ref()) }
}

/// Writes the page as a JSON object: "keys", a list of what aw_api_key_to_json() writes, and "next", if there is more.
///
/// @param json  Set to the JSON text; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_api_key_page_to_json(
    page: *const aw_api_key_page,
    json: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let json = out(json, "json")?;
            json.set(of_text(borrow(page)?.page.to_json()));
            Ok(())
        })
    }
}

/// Frees a page and its keys. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_api_key_page_free(page: *mut aw_api_key_page) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(page) });
}
