//! `aw_prepared`: a token that waits for its signature.

use std::ffi::c_char;
use std::ptr;

use authwright_core::Prepared;

use crate::arguments::optional_out;
use crate::guard::shield;
use crate::handle::{Handle, peek, release};
use crate::key::terminated;

/// A token that waits for its signature, between aw_signer_prepare() and aw_signer_finish(). Immutable.
///
/// Ownership: yours; free it with aw_prepared_free(). Threads: `const aw_prepared *` may be used from many at once.
pub struct aw_prepared {
    _opaque: [u8; 0],
}

/// A prepared token, and its signing input with a NUL behind it.
pub struct Waiting {
    pub(crate) prepared: Prepared,
    input: Box<[u8]>,
}

impl Handle for aw_prepared {
    type Value = Waiting;
    const TAG: u64 = u64::from_be_bytes(*b"aw_prepa");
    const NAME: &'static str = "prepared";
}

impl From<Prepared> for Waiting {
    fn from(prepared: Prepared) -> Self {
        let input = prepared.signing_input().iter().copied().chain([0]).collect();
        Self { prepared, input }
    }
}

/// The bytes to sign: ASCII text, followed by a NUL. They live as long as `prepared`. NULL if `prepared` is NULL.
///
/// @param length  Set to their number, without the NUL. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_prepared_signing_input(prepared: *const aw_prepared, length: *mut usize) -> *const c_char {
    shield(ptr::null(), || {
        // SAFETY: the header's contract.
        let (length, prepared) = unsafe { (optional_out(length), peek(prepared)) };
        let Some(waiting) = prepared else { return ptr::null() };
        if let Some(length) = length {
            length.set(waiting.input.len().saturating_sub(1));
        }
        waiting.input.as_ptr().cast()
    })
}

/// The algorithm to sign with, such as "ES256". The string lives as long as the program. NULL if `prepared` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_prepared_algorithm(prepared: *const aw_prepared) -> *const c_char {
    shield(ptr::null(), || {
        // SAFETY: the header's contract.
        unsafe { peek(prepared) }.map_or(ptr::null(), |waiting| terminated(waiting.prepared.algorithm()))
    })
}

/// Frees a prepared token. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_prepared_free(prepared: *mut aw_prepared) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(prepared) });
}
