//! C's arguments as Rust's: text, bytes, names and out parameters. Whatever a pointer and a length can express is
//! either usable afterwards or refused here.

use std::borrow::Cow;
use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::slice;

use crate::error::Failure;

/// What the body of a C function returns.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// As a length: "up to the terminating NUL". The header defines it as `SIZE_MAX`.
pub(crate) const AW_NUL: usize = usize::MAX;

/// Bytes that may be missing: NULL with length 0 or `AW_NUL`.
///
/// # Safety
/// `data` points to `length` readable bytes, or to a NUL-terminated string when `length` is `AW_NUL`, and they stay
/// unchanged while the slice is used.
#[inline]
pub(crate) unsafe fn optional_bytes<'a>(
    data: *const c_void,
    length: usize,
    parameter: &'static str,
) -> Outcome<Option<&'a [u8]>> {
    if data.is_null() {
        return match length {
            0 | AW_NUL => Ok(None),
            _ => Err(Failure::argument(parameter, format!("{parameter} is NULL but its length is {length}"))),
        };
    }
    if length == AW_NUL {
        // SAFETY: the caller says that a NUL ends it.
        return Ok(Some(unsafe { CStr::from_ptr(data.cast()) }.to_bytes()));
    }
    // A slice must not be longer than isize::MAX, nor wrap around the end of the address space.
    if isize::try_from(length).is_err() || data.addr().checked_add(length).is_none() {
        return Err(Failure::argument(parameter, format!("the length of {parameter} is more than memory can hold")));
    }
    // SAFETY: not NULL, bytes have no alignment, the length is in range, the rest is promised by the caller.
    Ok(Some(unsafe { slice::from_raw_parts(data.cast(), length) }))
}

/// Bytes. NULL stands for no bytes, with length 0 only.
///
/// # Safety
/// As [`optional_bytes`].
#[inline]
pub(crate) unsafe fn bytes<'a>(data: *const c_void, length: usize, parameter: &'static str) -> Outcome<&'a [u8]> {
    // SAFETY: passed on.
    match unsafe { optional_bytes(data, length, parameter) }? {
        Some(bytes) => Ok(bytes),
        None if length == 0 => Ok(&[]),
        None => Err(null(parameter)),
    }
}

/// Text that a function cannot do without: NULL is refused, even with length 0.
///
/// # Safety
/// As [`optional_bytes`].
pub(crate) unsafe fn text<'a>(data: *const c_char, length: usize, parameter: &'static str) -> Outcome<&'a str> {
    // SAFETY: passed on.
    unsafe { optional_text(data, length, parameter) }?.ok_or_else(|| null(parameter))
}

/// Text that may be missing: NULL with length 0 or `AW_NUL`.
///
/// # Safety
/// As [`optional_bytes`].
pub(crate) unsafe fn optional_text<'a>(
    data: *const c_char,
    length: usize,
    parameter: &'static str,
) -> Outcome<Option<&'a str>> {
    // SAFETY: passed on.
    match unsafe { optional_bytes(data.cast(), length, parameter) }? {
        Some(bytes) => utf8(bytes, parameter).map(Some),
        None => Ok(None),
    }
}

/// Text that a browser sent, and that may be missing as [`optional_text`] may. Its bytes are anybody's, and those that
/// are not UTF-8 are no mistake of the program: the core sees U+FFFD in their place, and judges.
///
/// # Safety
/// As [`optional_bytes`].
pub(crate) unsafe fn optional_received<'a>(
    data: *const c_char,
    length: usize,
    parameter: &'static str,
) -> Outcome<Option<Cow<'a, str>>> {
    // SAFETY: passed on.
    Ok(unsafe { optional_bytes(data.cast(), length, parameter) }?.map(String::from_utf8_lossy))
}

/// A NUL-terminated name: of a claim, an algorithm, a key.
///
/// # Safety
/// `name` is NULL or NUL-terminated, and stays unchanged while the result is used.
pub(crate) unsafe fn name<'a>(name: *const c_char, parameter: &'static str) -> Outcome<&'a str> {
    // SAFETY: passed on.
    unsafe { optional_name(name, parameter) }?.ok_or_else(|| null(parameter))
}

/// A NUL-terminated name that may be missing.
///
/// # Safety
/// As [`name`].
pub(crate) unsafe fn optional_name<'a>(name: *const c_char, parameter: &'static str) -> Outcome<Option<&'a str>> {
    // SAFETY: passed on.
    unsafe { optional_text(name, AW_NUL, parameter) }
}

/// A list of pointers, or of records of pointers.
///
/// # Safety
/// `items` points to `count` readable items which stay unchanged while the slice is used.
pub(crate) unsafe fn list<'a, T>(items: *const T, count: usize, parameter: &'static str) -> Outcome<&'a [T]> {
    if items.is_null() {
        return if count == 0 { Ok(&[]) } else { Err(null(parameter)) };
    }
    let fits = count
        .checked_mul(size_of::<T>())
        .is_some_and(|size| isize::try_from(size).is_ok() && items.addr().checked_add(size).is_some());
    if !fits || !items.is_aligned() {
        return Err(Failure::argument(parameter, format!("the length of {parameter} is more than memory can hold")));
    }
    // SAFETY: not NULL, aligned, the size is in range, the rest is promised by the caller.
    Ok(unsafe { slice::from_raw_parts(items, count) })
}

/// What an out parameter holds when the function fails.
pub(crate) trait Cleared {
    const CLEARED: Self;
}

impl<T> Cleared for *mut T {
    const CLEARED: Self = ptr::null_mut();
}

impl<T> Cleared for *const T {
    const CLEARED: Self = ptr::null();
}

impl Cleared for usize {
    const CLEARED: Self = 0;
}

impl Cleared for u64 {
    const CLEARED: Self = 0;
}

impl Cleared for i64 {
    const CLEARED: Self = 0;
}

impl Cleared for f64 {
    const CLEARED: Self = 0.0;
}

impl Cleared for bool {
    const CLEARED: Self = false;
}

/// An out parameter that has been cleared and waits for its value.
pub(crate) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// Hands the value to the caller.
    #[inline]
    pub(crate) fn set(self, value: T) {
        // SAFETY: `optional_out` is the only constructor, and its caller promised that the place may be written.
        unsafe { self.0.write(value) }
    }
}

/// An out parameter that the caller must supply. Taken first in every body, so that a failure leaves it cleared.
///
/// # Safety
/// `place` is NULL or may be written to until the function returns.
#[inline]
pub(crate) unsafe fn out<T: Cleared>(place: *mut T, parameter: &'static str) -> Outcome<Out<T>> {
    // SAFETY: passed on.
    unsafe { optional_out(place) }.ok_or_else(|| null(parameter))
}

/// An out parameter that may be NULL.
///
/// # Safety
/// As [`out`].
#[inline]
pub(crate) unsafe fn optional_out<T: Cleared>(place: *mut T) -> Option<Out<T>> {
    if place.is_null() {
        return None;
    }
    // SAFETY: promised by the caller.
    unsafe { place.write(T::CLEARED) };
    Some(Out(place))
}

fn utf8<'a>(bytes: &'a [u8], parameter: &'static str) -> Outcome<&'a str> {
    std::str::from_utf8(bytes).map_err(|_| Failure::argument(parameter, format!("{parameter} is not UTF-8")))
}

#[cold]
pub(crate) fn null(parameter: &'static str) -> Failure {
    Failure::argument(parameter, format!("{parameter} is NULL"))
}
