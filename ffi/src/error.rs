//! `aw_error`: the detail of a failure, and the failure that function bodies return on its way there.

use std::borrow::Cow;
use std::ffi::{CString, c_char};
use std::ptr;

use authwright_core::{Code, Error};

use crate::guard::shield;
use crate::handle::{Handle, Nested, into_raw, peek, release};
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
    cause: Option<Nested<aw_error>>,
    http_status: u32,
    provider_error: Option<CString>,
    provider_error_description: Option<CString>,
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
    // SAFETY: the header's contract.
    unsafe { string(error, |detail| detail.field.as_ref()) }
}

/// The error that led to this one, such as the failed request behind `AW_ERR_KEYS_NEEDED`. It belongs to `error` and
/// lives as long as that: do not free it. NULL if there is none, or if `error` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_error_cause(error: *const aw_error) -> *const aw_error {
    shield(ptr::null(), || {
        // SAFETY: the header's contract.
        unsafe { peek(error) }.and_then(|detail| detail.cause.as_ref()).map_or(ptr::null(), Nested::as_ptr)
    })
}

/// The HTTP status of the server's answer that led to this error. 0 where no answer did, or if `error` is NULL. Look at
/// the causes too: `AW_ERR_KEYS_NEEDED` has none itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_error_http_status(error: *const aw_error) -> u32 {
    // SAFETY: the header's contract.
    shield(0, || unsafe { peek(error) }.map_or(0, |detail| detail.http_status))
}

/// The `error` member of the server's answer (RFC 6749 section 5.2), as the server wrote it: not to be trusted. Lives
/// as long as the error; NULL if there is none, or if `error` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_error_provider_error(error: *const aw_error) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { string(error, |detail| detail.provider_error.as_ref()) }
}

/// The `error_description` member of the server's answer. The rest is as for aw_error_provider_error().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_error_provider_error_description(error: *const aw_error) -> *const c_char {
    // SAFETY: the header's contract.
    unsafe { string(error, |detail| detail.provider_error_description.as_ref()) }
}

/// Frees an error. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_error_free(error: *mut aw_error) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(error) });
}

/// A failure of the core, or one that only C can have: of its arguments, of asking a token for a claim that is not
/// there or has another type, or of a library without the part that was asked for.
pub(crate) enum Failure {
    Core(Error),
    Own { code: Code, message: Cow<'static, str>, field: Option<Cow<'static, str>> },
}

impl Failure {
    #[cold]
    pub(crate) fn argument(parameter: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Core(Error::invalid_argument(parameter, message))
    }

    #[cold]
    pub(crate) fn claim_missing(claim: &str) -> Self {
        let message = format!("the token has no claim {claim:?}");
        Self::Own { code: Code::ClaimMissing, message: message.into(), field: Some(claim.to_owned().into()) }
    }

    #[cold]
    pub(crate) fn claim_type(claim: &str, expected: &str) -> Self {
        let message = format!("the claim {claim:?} is not {expected}");
        Self::Own { code: Code::ClaimType, message: message.into(), field: Some(claim.to_owned().into()) }
    }

    #[cold]
    pub(crate) fn no_client() -> Self {
        let message = "this library was built without its HTTP client: drive an operation with one of your own".into();
        Self::Own { code: Code::TransportUnsupported, message, field: None }
    }

    #[cold]
    pub(crate) fn panicked() -> Self {
        Self::Core(Error::internal("authwright ran into a defect of its own; please report it"))
    }

    pub(crate) fn status(&self) -> aw_status {
        aw_status::of(match self {
            Self::Core(error) => error.code(),
            Self::Own { code, .. } => *code,
        })
    }

    pub(crate) fn into_handle(self) -> *mut aw_error {
        into_raw(match &self {
            Self::Core(error) => Detail::of(error),
            Self::Own { message, field, .. } => Detail {
                status: self.status(),
                message: terminated(message),
                field: field.as_deref().map(terminated),
                cause: None,
                http_status: 0,
                provider_error: None,
                provider_error_description: None,
            },
        })
    }
}

impl From<Error> for Failure {
    #[cold]
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl Detail {
    fn of(error: &Error) -> Self {
        Self {
            status: aw_status::of(error.code()),
            message: terminated(error.message()),
            field: error.field().map(terminated),
            cause: error.cause().map(|cause| Nested::new(Self::of(cause))),
            http_status: error.http_status().map_or(0, u32::from),
            provider_error: error.provider_error().map(terminated),
            provider_error_description: error.provider_error_description().map(terminated),
        }
    }
}

unsafe fn string(error: *const aw_error, part: impl FnOnce(&Detail) -> Option<&CString>) -> *const c_char {
    // SAFETY: passed on.
    shield(ptr::null(), || unsafe { peek(error) }.and_then(part).map_or(ptr::null(), |text| text.as_ptr()))
}

/// C strings end at the first NUL; one inside a claim's name is shown as U+FFFD instead of cutting the text short.
pub(crate) fn terminated(text: &str) -> CString {
    CString::new(text).or_else(|_| CString::new(text.replace('\0', "\u{FFFD}"))).unwrap_or_default()
}
