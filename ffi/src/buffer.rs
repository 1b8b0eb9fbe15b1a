//! `aw_buffer`: bytes that the library hands over to the caller.

use std::ffi::c_char;
use std::ptr;

use zeroize::optimization_barrier;

use crate::guard::shield;
use crate::handle::{Handle, into_raw, peek, release};

/// Bytes made for the caller: a token, an exported key, a JSON document. A NUL follows them, not counted in the length,
/// so that text can be used as a C string.
///
/// Ownership: yours; free it with aw_buffer_free(), which overwrites the bytes first. Threads: `const aw_buffer *` may
/// be read from many at once.
pub struct aw_buffer {
    _opaque: [u8; 0],
}

/// The bytes and the NUL behind them.
pub struct Bytes(Vec<u8>);

impl Handle for aw_buffer {
    type Value = Bytes;
    const TAG: u64 = u64::from_be_bytes(*b"aw_buffe");
    const NAME: &'static str = "buffer";
}

/// The bytes, followed by a NUL. They live as long as the buffer. NULL if `buffer` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_buffer_data(buffer: *const aw_buffer) -> *const c_char {
    // SAFETY: the header's contract.
    shield(ptr::null(), || unsafe { peek(buffer) }.map_or(ptr::null(), |bytes| bytes.0.as_ptr().cast()))
}

/// The number of bytes, without the NUL. 0 if `buffer` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_buffer_length(buffer: *const aw_buffer) -> usize {
    // SAFETY: the header's contract.
    shield(0, || unsafe { peek(buffer) }.map_or(0, |bytes| bytes.0.len().saturating_sub(1)))
}

/// Overwrites the bytes with zeros and frees the buffer. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_buffer_free(buffer: *mut aw_buffer) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(buffer) });
}

/// Hands over text that holds no secret, such as a token, in its own allocation.
pub(crate) fn of_text(text: String) -> *mut aw_buffer {
    of_bytes(text.into_bytes())
}

/// The same for text that nobody need check to be UTF-8.
pub(crate) fn of_bytes(mut bytes: Vec<u8>) -> *mut aw_buffer {
    bytes.reserve_exact(1);
    bytes.push(0);
    into_raw(Bytes(bytes))
}

/// Hands over a copy, made at its full size so that growing leaves no second one behind.
pub(crate) fn copy_of(source: &[u8]) -> *mut aw_buffer {
    let mut bytes = Vec::with_capacity(source.len().saturating_add(1));
    bytes.extend_from_slice(source);
    bytes.push(0);
    into_raw(Bytes(bytes))
}

impl Drop for Bytes {
    fn drop(&mut self) {
        self.0.fill(0);
        // Keeps the compiler from dropping stores to memory that is about to be freed.
        optimization_barrier(self.0.as_slice());
    }
}
