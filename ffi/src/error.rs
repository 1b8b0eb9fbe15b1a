//! `aw_error`: the detail of a failure, and the failure that function bodies return on its way there.

use std::borrow::Cow;
use std::ffi::{CString, c_char};
use std::ptr;

use authwright_core::{Code, Error};

use crate::guard::shield;
use crate::handle::{Handle, into_raw, peek, release};
use crate::status::aw_status;

/// Why a call failed: its status again, a message for people, and the claim, member, option or parameter at fault.
///
/// A function with an `aw_error **` parameter sets it to NULL when it begins and to a new error when it fails; what was
/// there before is overwritten, not freed. Pass NULL if the status is enough.
///
/// Ownership: yours; free it with aw_error_free(). Threads: `const aw_error *` may be read from many at once.
pub struct aw_error {
    _opaque: [u8; 0],
}

/// What an `aw_error` tells.
pub struct Detail {
    status: aw_status,
    message: CString,
    field: Option<CString>,
}

impl Handle for aw_error {
    type Value = Detail;
    const TAG: u64 = u64::from_be_bytes(*b"aw_error");
    const NAME: &'static str = "error";
}

/// The status that the failed call returned. `AW_OK` if `error` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_error_code(error: *const aw_error) -> aw_status {
    // SAFETY: the header's contract.
    shield(aw_status::AW_OK, || unsafe { peek(error) }.map_or(aw_status::AW_OK, |detail| detail.status))
}

/// What went wrong, in English, for people: the wording is not part of the API. It never holds secrets, key material
/// or whole tokens. Lives as long as the error; never NULL ("" if `error` is NULL).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_error_message(error: *const aw_error) -> *const c_char {
    // SAFETY: the header's contract.
    shield(c"".as_ptr(), || unsafe { peek(error) }.map_or(c"".as_ptr(), |detail| detail.message.as_ptr()))
}

/// The claim, header member, option or parameter at fault. Lives as long as the error; NULL where none can be named,
/// or if `error` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_error_field(error: *const aw_error) -> *const c_char {
    shield(ptr::null(), || {
        // SAFETY: the header's contract.
        unsafe { peek(error) }.and_then(|detail| detail.field.as_ref()).map_or(ptr::null(), |field| field.as_ptr())
    })
}

/// Frees an error. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_error_free(error: *mut aw_error) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(error) });
}

/// A failure of the core, or one that only C can have: of its arguments, or of asking a token for a claim that is not
/// there or has another type.
pub(crate) struct Failure {
    code: Code,
    message: Cow<'static, str>,
    field: Option<Cow<'static, str>>,
}

impl Failure {
    #[cold]
    pub(crate) fn argument(parameter: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Code::InvalidArgument, message: message.into(), field: Some(parameter.into()) }
    }

    #[cold]
    pub(crate) fn claim_missing(claim: &str) -> Self {
        let message = format!("the token has no claim {claim:?}");
        Self { code: Code::ClaimMissing, message: message.into(), field: Some(claim.to_owned().into()) }
    }

    #[cold]
    pub(crate) fn claim_type(claim: &str, expected: &str) -> Self {
        let message = format!("the claim {claim:?} is not {expected}");
        Self { code: Code::ClaimType, message: message.into(), field: Some(claim.to_owned().into()) }
    }

    #[cold]
    pub(crate) fn panicked() -> Self {
        let message = "authwright ran into a defect of its own; please report it".into();
        Self { code: Code::Internal, message, field: None }
    }

    pub(crate) fn status(&self) -> aw_status {
        aw_status::of(self.code)
    }

    pub(crate) fn into_handle(self) -> *mut aw_error {
        let status = self.status();
        into_raw(Detail { status, message: terminated(&self.message), field: self.field.as_deref().map(terminated) })
    }
}

impl From<Error> for Failure {
    #[cold]
    fn from(error: Error) -> Self {
        let field = error.field().map(|field| field.to_owned().into());
        Self { code: error.code(), message: error.message().to_owned().into(), field }
    }
}

/// C strings end at the first NUL; one inside a claim's name is shown as U+FFFD instead of cutting the text short.
fn terminated(text: &str) -> CString {
    CString::new(text).or_else(|_| CString::new(text.replace('\0', "\u{FFFD}"))).unwrap_or_default()
}
