//! One call from JavaScript: its arguments, and the guard around it.

use std::ffi::c_void;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use authwright_core::{Algorithm, Error, Result};
use napi_sys::{napi_callback_info, napi_env, napi_value};
use zeroize::Zeroizing;

use crate::handle::{self, Owned};
use crate::value::{Env, Scratch, Value, check};

/// What an exported function does.
pub(crate) type Body = for<'env> fn(&Call<'env>) -> Result<Value<'env>>;

/// The arguments of a call. Those that are missing are `undefined`.
pub(crate) struct Call<'env> {
    env: Env<'env>,
    count: usize,
    arguments: [napi_value; MOST_ARGUMENTS],
}

const MOST_ARGUMENTS: usize = 7;

/// 2^63, which a double holds exactly.
const I64_RANGE: f64 = 9_223_372_036_854_775_808.0;

/// Makes a function of an exported body.
pub(crate) fn function<'env>(env: Env<'env>, name: &str, body: &'static Body) -> Result<Value<'env>> {
    let length = isize::try_from(name.len()).unwrap_or(isize::MAX);
    let data = ptr::from_ref(body).cast_mut().cast::<c_void>();
    // SAFETY: the name is `length` bytes that Node copies; `run` reads `data` as what it is, a `&'static Body`.
    env.make(|env, out| unsafe {
        napi_sys::napi_create_function(env, name.as_ptr().cast(), length, Some(run), data, out)
    })
}

/// The one callback behind every function of the table.
unsafe extern "C" fn run(env: napi_env, info: napi_callback_info) -> napi_value {
    // SAFETY: Node calls this with a live environment, on its thread, within a handle scope.
    let scope = unsafe { Env::new(env) };
    guarded(scope, || {
        // SAFETY: `info` is the one of this call.
        let (call, data) = unsafe { Call::read(scope, info) }?;
        // SAFETY: `function` is the only place that makes functions with this callback, and its data is a `&'static Body`.
        let body = unsafe { &*data.cast::<Body>() };
        body(&call)
    })
}

/// Runs `body` so that neither a failure nor a panic leaves it: both become the failure record that JavaScript throws.
#[inline]
pub(crate) fn guarded<'env>(env: Env<'env>, body: impl FnOnce() -> Result<Value<'env>>) -> napi_value {
    let outcome = catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|_| Err(Error::internal("a panic was caught at the edge of the addon")));
    match outcome {
        Ok(value) => value.raw(),
        // With no memory left even for the record, JavaScript sees `undefined`, and throws an InternalError for that.
        Err(error) => failure(env, &error).map_or(ptr::null_mut(), Value::raw),
    }
}

/// The record of a failure: the code's number, the message, the field or `undefined`; where there is a cause or a server's
/// answer, the record of the cause, and the answer's status, error and description.
#[cold]
pub(crate) fn failure<'env>(env: Env<'env>, error: &Error) -> Result<Value<'env>> {
    let [number, message, field] =
        [env.int(error.code().number())?, env.text(error.message())?, env.optional_text(error.field())?];
    let (cause, status) = (error.cause(), error.http_status());
    if cause.is_none() && status.is_none() && error.provider_error().is_none() {
        return env.array(&[number, message, field]);
    }
    let cause = cause.map_or_else(|| env.undefined(), |cause| failure(env, cause))?;
    let status = status.map_or_else(|| env.undefined(), |status| env.int(status.into()))?;
    let [named, described] =
        [env.optional_text(error.provider_error())?, env.optional_text(error.provider_error_description())?];
    env.array(&[number, message, field, cause, status, named, described])
}

impl<'env> Call<'env> {
    /// Reads the arguments and the data pointer of the function that was called.
    ///
    /// # Safety
    ///
    /// `info` is the one that Node passed to the callback that is running.
    #[inline]
    pub(crate) unsafe fn read(env: Env<'env>, info: napi_callback_info) -> Result<(Self, *mut c_void)> {
        let mut call = Self { env, count: MOST_ARGUMENTS, arguments: [ptr::null_mut(); MOST_ARGUMENTS] };
        let mut data = ptr::null_mut();
        // SAFETY: the array has room for `count` values; Node fills what is not given with `undefined`.
        check(unsafe {
            napi_sys::napi_get_cb_info(
                env.raw(),
                info,
                &raw mut call.count,
                call.arguments.as_mut_ptr(),
                ptr::null_mut(),
                &raw mut data,
            )
        })?;
        Ok((call, data))
    }

    #[inline]
    pub(crate) fn env(&self) -> Env<'env> {
        self.env
    }

    /// How many arguments were given.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    #[inline]
    pub(crate) fn argument(&self, index: usize) -> Result<Value<'env>> {
        match self.arguments.get(index) {
            // SAFETY: Node filled the whole array with values of this scope.
            Some(raw) => Ok(unsafe { Value::new(*raw) }),
            None => Err(Error::internal("a function of the addon reads more arguments than a call holds")),
        }
    }

    /// Whether an optional argument was left out.
    pub(crate) fn is_absent(&self, index: usize) -> Result<bool> {
        self.env.is_undefined(self.argument(index)?)
    }

    pub(crate) fn text(&self, index: usize, name: &'static str) -> Result<Zeroizing<String>> {
        self.env
            .string(self.argument(index)?)?
            .ok_or_else(|| Error::invalid_argument(name, format!("{name} must be a string")))
    }

    pub(crate) fn optional_text(&self, index: usize, name: &'static str) -> Result<Option<Zeroizing<String>>> {
        if self.is_absent(index)? { Ok(None) } else { self.text(index, name).map(Some) }
    }

    /// An array of strings.
    pub(crate) fn texts(&self, index: usize, name: &'static str) -> Result<Vec<String>> {
        let expected = || Error::invalid_argument(name, format!("{name} must be an array of strings"));
        let text = |item| Ok(mem::take(&mut *self.env.string(item)?.ok_or_else(expected)?));
        self.env.items(self.argument(index)?).ok_or_else(expected)?.into_iter().map(text).collect()
    }

    pub(crate) fn bytes(&self, index: usize, name: &'static str) -> Result<Zeroizing<Vec<u8>>> {
        self.env
            .bytes(self.argument(index)?, name)?
            .ok_or_else(|| Error::invalid_argument(name, format!("{name} must be a Uint8Array, Buffer or ArrayBuffer")))
    }

    /// Bytes, or a string that stands for its UTF-8.
    pub(crate) fn bytes_or_text(&self, index: usize, name: &'static str) -> Result<Zeroizing<Vec<u8>>> {
        let value = self.argument(index)?;
        if let Some(text) = self.env.string(value)? {
            return Ok(Zeroizing::new(text.as_bytes().to_vec()));
        }
        self.env.bytes(value, name)?.ok_or_else(|| {
            Error::invalid_argument(name, format!("{name} must be a string, Uint8Array, Buffer or ArrayBuffer"))
        })
    }

    /// The same for a text that is short as a rule and read often: it stays on the stack.
    #[inline]
    pub(crate) fn short_bytes<'a>(
        &self,
        index: usize,
        name: &'static str,
        scratch: &'a mut Scratch,
        held: &'a mut Zeroizing<Vec<u8>>,
    ) -> Result<&'a [u8]> {
        match self.env.short_string(self.argument(index)?, scratch)? {
            Some(text) => Ok(text.as_bytes()),
            None => {
                *held = self.bytes_or_text(index, name)?;
                Ok(held)
            }
        }
    }

    /// A JSON text that is short as a rule and read often.
    #[inline]
    pub(crate) fn short_text<'a>(&self, index: usize, name: &'static str, scratch: &'a mut Scratch) -> Result<&'a str> {
        self.env
            .short_string(self.argument(index)?, scratch)?
            .ok_or_else(|| Error::invalid_argument(name, format!("{name} must be a string")))
    }

    pub(crate) fn optional_bytes_or_text(
        &self,
        index: usize,
        name: &'static str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        if self.is_absent(index)? { Ok(None) } else { self.bytes_or_text(index, name).map(Some) }
    }

    pub(crate) fn boolean(&self, index: usize, name: &'static str) -> Result<bool> {
        self.env
            .bool(self.argument(index)?)
            .ok_or_else(|| Error::invalid_argument(name, format!("{name} must be true or false")))
    }

    pub(crate) fn algorithm(&self, index: usize, name: &'static str) -> Result<Option<Algorithm>> {
        self.optional_text(index, name)?.map(|text| text.parse()).transpose()
    }

    /// A whole number that fits 32 bits.
    pub(crate) fn integer(&self, index: usize, name: &'static str) -> Result<u32> {
        let number = self.env.number(self.argument(index)?).filter(|number| number.fract() == 0.0);
        match number {
            // The range is checked first, so the cast is exact.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Some(number) if (0.0..=f64::from(u32::MAX)).contains(&number) => Ok(number as u32),
            _ => Err(Error::invalid_argument(name, format!("{name} must be a whole number, at least 0"))),
        }
    }

    /// The time to judge by, in seconds since 1970: the argument, or the system's clock if it was not given.
    #[inline]
    pub(crate) fn now(&self, index: usize) -> Result<i64> {
        if self.count <= index {
            return Ok(authwright_core::system_now());
        }
        let seconds = self.env.number(self.argument(index)?).filter(|seconds| seconds.fract() == 0.0);
        match seconds {
            // A whole number in the range of i64 casts exactly.
            #[expect(clippy::cast_possible_truncation)]
            Some(seconds) if (-I64_RANGE..I64_RANGE).contains(&seconds) => Ok(seconds as i64),
            _ => Err(Error::invalid_argument("now", "now must be whole seconds since 1970")),
        }
    }

    /// A time in milliseconds since 1970.
    #[inline]
    pub(crate) fn milliseconds(&self, index: usize, name: &'static str) -> Result<u64> {
        let whole = self.env.whole(self.argument(index)?);
        whole.ok_or_else(|| Error::invalid_argument(name, format!("{name} must be whole milliseconds since 1970")))
    }

    /// The Rust value behind a handle.
    pub(crate) fn handle<T: Owned>(&self, index: usize, name: &'static str) -> Result<&'env T> {
        handle::get(self.env, self.argument(index)?)?
            .ok_or_else(|| Error::invalid_argument(name, format!("{name} must be {}", T::NOUN)))
    }

    /// The same where more than one noun fits.
    pub(crate) fn try_handle<T: Owned>(&self, index: usize) -> Result<Option<&'env T>> {
        handle::get(self.env, self.argument(index)?)
    }
}
