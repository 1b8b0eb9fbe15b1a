//! The request that an operation asks for, as C reads it.

use std::ffi::{CString, c_char, c_void};
use std::ptr;

use authwright_core::operation::{Reach, Request};

use crate::arguments::{Out, optional_out};
use crate::error::terminated;
use crate::guard::shield;
use crate::handle::peek;
use crate::operation::aw_operation;

/// Which addresses a request may be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum aw_reach {
    /// Any: the program configured the URL, or its issuer's metadata names it.
    AW_REACH_ANYWHERE = 1,
    /// None that is loopback, private, link-local or special otherwise: the URL came from outside. Look at the address
    /// that is about to be connected to, and at no earlier answer of the resolver. A client that cannot: fail the
    /// request with `AW_FAILURE_UNSUPPORTED`.
    AW_REACH_PUBLIC = 2,
}

/// An outstanding request, its texts with NULs behind them.
pub(crate) struct Outgoing {
    id: u64,
    request: Request,
    method: CString,
    url: CString,
    headers: Vec<(CString, CString)>,
}

/// The request's method: "GET" or "POST". NULL if no request is outstanding.
///
/// What this function and those below return lives until aw_operation_resume() or aw_operation_fail() has taken the
/// request's outcome, a step ends the operation, or aw_operation_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_request_method(operation: *const aw_operation) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { read(operation, ptr::null(), |request| request.method.as_ptr()) }
}

/// The absolute URL: https, or http to a loopback address. NULL if no request is outstanding.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_request_url(operation: *const aw_operation) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { read(operation, ptr::null(), |request| request.url.as_ptr()) }
}

/// How many headers to send. 0 if no request is outstanding.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_request_header_count(operation: *const aw_operation) -> usize {
    // SAFETY: the header's contract.
    unsafe { read(operation, 0, |request| request.headers.len()) }
}

/// The name of a header, such as "Accept". NULL if there is none with this index.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_request_header_name(
    operation: *const aw_operation,
    index: usize,
) -> *const c_char {
    let name = |request: &Outgoing| request.headers.get(index).map_or(ptr::null(), |(name, _)| name.as_ptr());
    // SAFETY: the header's contract.
    unsafe { read(operation, ptr::null(), name) }
}

/// The value of a header. NULL if there is none with this index.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_request_header_value(
    operation: *const aw_operation,
    index: usize,
) -> *const c_char {
    let value = |request: &Outgoing| request.headers.get(index).map_or(ptr::null(), |(_, value)| value.as_ptr());
    // SAFETY: the header's contract.
    unsafe { read(operation, ptr::null(), value) }
}

/// The body to send: bytes, without a NUL behind them. NULL if there is none, or if no request is outstanding. It may
/// hold secrets, as headers may: log neither.
///
/// @param length  Set to its length in bytes. May be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_request_body(
    operation: *const aw_operation,
    length: *mut usize,
) -> *const c_void {
    // SAFETY: the header's contract.
    let length: Option<Out<usize>> = unsafe { optional_out(length) };
    let body = |request: &Outgoing| match (&request.request.body, length) {
        (Some(body), Some(length)) => {
            length.set(body.len());
            body.as_ptr().cast()
        }
        (Some(body), None) => body.as_ptr().cast(),
        (None, _) => ptr::null(),
    };
    // SAFETY: the header's contract.
    unsafe { read(operation, ptr::null(), body) }
}

/// The most bytes that the answer's body may have after decompression: read no more, and call aw_operation_fail() with
/// `AW_FAILURE_TOO_LARGE`. 0 if no request is outstanding.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_request_max_body_bytes(operation: *const aw_operation) -> usize {
    // SAFETY: the header's contract.
    unsafe { read(operation, 0, |request| request.request.max_body_bytes) }
}

/// When the whole answer must be there, in milliseconds since 1970: give up then. 0 if no request is outstanding.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_request_deadline(operation: *const aw_operation) -> u64 {
    // SAFETY: the header's contract.
    unsafe { read(operation, 0, |request| request.request.deadline) }
}

/// Where the request may go. `AW_REACH_PUBLIC` if no request is outstanding.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_request_reach(operation: *const aw_operation) -> aw_reach {
    let reach = |request: &Outgoing| match request.request.reach {
        Reach::Anywhere => aw_reach::AW_REACH_ANYWHERE,
        _ => aw_reach::AW_REACH_PUBLIC,
    };
    // SAFETY: the header's contract.
    unsafe { read(operation, aw_reach::AW_REACH_PUBLIC, reach) }
}

/// Whether the server is to see the program's TLS certificate (RFC 8705): then the secret is nowhere else in the
/// request. A client that has none: fail the request with `AW_FAILURE_UNSUPPORTED`. false if no request is outstanding.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_operation_request_needs_client_certificate(operation: *const aw_operation) -> bool {
    // SAFETY: the header's contract.
    unsafe { read(operation, false, |request| request.request.needs_client_certificate) }
}

impl Outgoing {
    pub(crate) fn of(id: u64, request: &Request) -> Self {
        let headers = request.headers.iter().map(|(name, value)| (terminated(name), terminated(value)));
        Self {
            id,
            method: terminated(request.method.as_str()),
            url: terminated(&request.url),
            headers: headers.collect(),
            request: request.clone(),
        }
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }
}

unsafe fn read<T>(operation: *const aw_operation, nothing: T, part: impl FnOnce(&Outgoing) -> T) -> T
where
    T: Copy,
{
    shield(nothing, || {
        // SAFETY: passed on.
        unsafe { peek(operation) }.and_then(|running| running.request()).map_or(nothing, part)
    })
}
