//! What stands behind an opaque pointer: a boxed value that begins with a tag of its type.
//!
//! The tag costs one comparison and turns the classic mistake of C, a handle of another type passed through a `void *`,
//! into `AW_ERR_INVALID_ARGUMENT`. It cannot catch a pointer that was already freed. A handle that another one owns has a
//! bit more in it, so that freeing it does nothing.

use crate::arguments::Outcome;
use crate::error::Failure;

/// A C type that owns a Rust value. The C type itself is an empty marker and only ever used behind a pointer.
pub(crate) trait Handle {
    /// What the handle owns. Shared between threads through `const` pointers, hence the bounds.
    type Value: Send + Sync;
    /// Eight bytes that no other handle type begins with.
    const TAG: u64;
    /// The parameter named in errors.
    const NAME: &'static str;
}

/// In the tag of a handle that another one owns. Tags are ASCII, whose bytes are below it.
const NESTED: u64 = 1 << 63;

#[repr(C)]
struct Tagged<T> {
    tag: u64,
    value: T,
}

/// Moves a value behind a new handle.
pub(crate) fn into_raw<H: Handle>(value: H::Value) -> *mut H {
    Box::into_raw(Box::new(Tagged { tag: H::TAG, value })).cast()
}

/// A handle that the value behind another one owns: C sees it through a `const` pointer and does not free it. If it does,
/// after a cast, nothing happens.
pub(crate) struct Nested<H: Handle>(Box<Tagged<H::Value>>);

impl<H: Handle> Nested<H> {
    pub(crate) fn new(value: H::Value) -> Self {
        Self(Box::new(Tagged { tag: H::TAG | NESTED, value }))
    }

    pub(crate) fn as_ptr(&self) -> *const H {
        std::ptr::from_ref(&*self.0).cast()
    }
}

/// The value behind a handle, or `None` for NULL and for a handle of another type.
///
/// # Safety
/// `handle` is NULL or came from [`into_raw`] or a [`Nested`] (of any handle type) and is not freed while the reference is
/// used.
#[inline]
pub(crate) unsafe fn peek<'a, H: Handle>(handle: *const H) -> Option<&'a H::Value> {
    let tag = handle.cast::<u64>();
    if tag.is_null() || !tag.is_aligned() {
        return None;
    }
    // SAFETY: every handle begins with its tag; only when that is ours is the rest read as ours.
    unsafe { (tag.read() & !NESTED == H::TAG).then(|| &(*handle.cast::<Tagged<H::Value>>()).value) }
}

/// The value behind a handle that a function cannot do without.
///
/// # Safety
/// As [`peek`].
#[inline]
pub(crate) unsafe fn borrow<'a, H: Handle>(handle: *const H) -> Outcome<&'a H::Value> {
    // SAFETY: passed on.
    unsafe { peek(handle) }.ok_or_else(|| unusable::<H>(handle.is_null()))
}

/// As [`borrow`], for a handle that the caller uses from one thread at a time.
///
/// # Safety
/// As [`peek`], and nothing else uses the handle meanwhile.
pub(crate) unsafe fn borrow_mut<'a, H: Handle>(handle: *mut H) -> Outcome<&'a mut H::Value> {
    // SAFETY: `peek` checks the tag; the caller promises that this is the only use.
    unsafe {
        if peek(handle.cast_const()).is_none() {
            return Err(unusable::<H>(handle.is_null()));
        }
        Ok(&mut (*handle.cast::<Tagged<H::Value>>()).value)
    }
}

/// Drops what a handle owns. NULL, a handle of another type and one that another handle owns are left alone.
///
/// # Safety
/// As [`peek`], and the handle is not used afterwards.
pub(crate) unsafe fn release<H: Handle>(handle: *mut H) {
    // SAFETY: the tag says that this box was made by `into_raw::<H>`.
    unsafe {
        if peek(handle.cast_const()).is_some() && handle.cast::<u64>().read() == H::TAG {
            drop(Box::from_raw(handle.cast::<Tagged<H::Value>>()));
        }
    }
}

#[cold]
fn unusable<H: Handle>(null: bool) -> Failure {
    let problem = if null { "is NULL" } else { "is a handle of another type" };
    Failure::argument(H::NAME, format!("{} {problem}", H::NAME))
}
