//! JavaScript values, in and out.
//!
//! Every function that reads a value copies it: what JavaScript may change or detach later is never borrowed.

use std::ffi::c_void;
use std::marker::PhantomData;
use std::mem::{self, MaybeUninit};
use std::ptr;

use authwright_core::{Error, Result};
use napi_sys::{Status, TypedarrayType, ValueType, napi_env, napi_status, napi_value};
use zeroize::Zeroizing;

/// An environment within one open handle scope: the duration of one call from Node.
#[derive(Clone, Copy)]
pub(crate) struct Env<'env> {
    raw: napi_env,
    scope: PhantomData<&'env ()>,
}

/// A value that lives as long as that scope.
#[derive(Clone, Copy)]
pub(crate) struct Value<'env> {
    raw: napi_value,
    scope: PhantomData<&'env ()>,
}

/// Room on the stack for a token or a claims text: reading one of common size allocates nothing.
pub(crate) struct Scratch {
    units: [MaybeUninit<u16>; SHORT],
    bytes: [MaybeUninit<u8>; SHORT],
    long: Option<Zeroizing<String>>,
}

/// The longest string, with the NUL that Node-API adds, that is read on the stack.
const SHORT: usize = 4096;

/// 2^53: up to here a double holds every whole number.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// Turns a status of Node-API into a result. A failure here is never the input's fault: out of memory, or an
/// environment that is shutting down.
#[inline]
pub(crate) fn check(status: napi_status) -> Result<()> {
    if status == Status::napi_ok { Ok(()) } else { Err(refused(status)) }
}

#[cold]
fn refused(status: napi_status) -> Error {
    Error::internal(format!("Node-API answered with status {status}"))
}

impl<'env> Value<'env> {
    /// # Safety
    ///
    /// `raw` is a live value of the scope that `'env` stands for.
    #[inline]
    pub(crate) unsafe fn new(raw: napi_value) -> Self {
        Self { raw, scope: PhantomData }
    }

    #[inline]
    pub(crate) fn raw(self) -> napi_value {
        self.raw
    }
}

impl<'env> Env<'env> {
    /// # Safety
    ///
    /// `raw` is a live environment, this thread is its thread, and a handle scope is open as long as `'env` lasts.
    #[inline]
    pub(crate) unsafe fn new(raw: napi_env) -> Self {
        Self { raw, scope: PhantomData }
    }

    #[inline]
    pub(crate) fn raw(self) -> napi_env {
        self.raw
    }

    /// Runs one Node-API function that writes a value.
    #[inline]
    pub(crate) fn make(self, create: impl FnOnce(napi_env, *mut napi_value) -> napi_status) -> Result<Value<'env>> {
        let mut raw = ptr::null_mut();
        check(create(self.raw, &raw mut raw))?;
        // SAFETY: the call succeeded, so it wrote a value of the current scope.
        Ok(unsafe { Value::new(raw) })
    }

    pub(crate) fn undefined(self) -> Result<Value<'env>> {
        // SAFETY: the environment is live, and `out` is writable.
        self.make(|env, out| unsafe { napi_sys::napi_get_undefined(env, out) })
    }

    pub(crate) fn boolean(self, value: bool) -> Result<Value<'env>> {
        // SAFETY: the environment is live, and `out` is writable.
        self.make(|env, out| unsafe { napi_sys::napi_get_boolean(env, value, out) })
    }

    pub(crate) fn int(self, value: i32) -> Result<Value<'env>> {
        // SAFETY: the environment is live, and `out` is writable.
        self.make(|env, out| unsafe { napi_sys::napi_create_int32(env, value, out) })
    }

    /// A length.
    pub(crate) fn size(self, value: usize) -> Result<Value<'env>> {
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        // SAFETY: the environment is live, and `out` is writable.
        self.make(|env, out| unsafe { napi_sys::napi_create_uint32(env, value, out) })
    }

    /// A time in milliseconds since 1970. What a double cannot hold exactly is rounded: no time is that late.
    pub(crate) fn milliseconds(self, value: u64) -> Result<Value<'env>> {
        // SAFETY: the environment is live, and `out` is writable.
        self.make(|env, out| unsafe { napi_sys::napi_create_double(env, value as f64, out) })
    }

    /// A string. An ASCII one takes V8's shorter way, which copies bytes without decoding them.
    #[inline]
    pub(crate) fn text(self, text: &str) -> Result<Value<'env>> {
        if text.is_ascii() {
            return self.ascii(text.as_bytes());
        }
        let length = isize::try_from(text.len()).unwrap_or(isize::MAX);
        let start = text.as_ptr().cast();
        // SAFETY: `start` points to `length` initialised bytes of UTF-8, which V8 copies.
        self.make(|env, out| unsafe { napi_sys::napi_create_string_utf8(env, start, length, out) })
    }

    /// A string of bytes that are known to be ASCII. Others would be read as Latin-1.
    #[inline]
    pub(crate) fn ascii(self, bytes: &[u8]) -> Result<Value<'env>> {
        let length = isize::try_from(bytes.len()).unwrap_or(isize::MAX);
        let start = bytes.as_ptr().cast();
        // SAFETY: `start` points to `length` initialised bytes, which V8 copies.
        self.make(|env, out| unsafe { napi_sys::napi_create_string_latin1(env, start, length, out) })
    }

    /// A string, or `undefined`.
    pub(crate) fn optional_text(self, text: Option<&str>) -> Result<Value<'env>> {
        text.map_or_else(|| self.undefined(), |text| self.text(text))
    }

    /// A Buffer with a copy of the bytes, in memory that V8 owns: external memory is refused under Electron.
    pub(crate) fn buffer(self, bytes: &[u8]) -> Result<Value<'env>> {
        let mut data = ptr::null_mut();
        // SAFETY: the pointer and the length describe initialised bytes, which Node copies; both outs are writable.
        self.make(|env, out| unsafe {
            napi_sys::napi_create_buffer_copy(env, bytes.len(), bytes.as_ptr().cast(), &raw mut data, out)
        })
    }

    pub(crate) fn array(self, items: &[Value<'env>]) -> Result<Value<'env>> {
        // SAFETY: the environment is live, and `out` is writable.
        let array = self.make(|env, out| unsafe { napi_sys::napi_create_array_with_length(env, items.len(), out) })?;
        for (index, item) in (0_u32..).zip(items) {
            // SAFETY: `array` and `item` are live values of this environment.
            check(unsafe { napi_sys::napi_set_element(self.raw, array.raw, index, item.raw) })?;
        }
        Ok(array)
    }

    pub(crate) fn object(self) -> Result<Value<'env>> {
        // SAFETY: the environment is live, and `out` is writable.
        self.make(|env, out| unsafe { napi_sys::napi_create_object(env, out) })
    }

    /// Sets a property of an object that this addon has made.
    pub(crate) fn set(self, object: Value<'env>, name: &str, value: Value<'env>) -> Result<()> {
        let name = self.text(name)?;
        // SAFETY: all three are live values of this environment.
        check(unsafe { napi_sys::napi_set_property(self.raw, object.raw, name.raw, value.raw) })
    }

    /// What `typeof` says, as Node-API tells it.
    pub(crate) fn kind(self, value: Value<'env>) -> Result<i32> {
        let mut kind = ValueType::napi_undefined;
        // SAFETY: the value is live, and `kind` is writable.
        check(unsafe { napi_sys::napi_typeof(self.raw, value.raw, &raw mut kind) })?;
        Ok(kind)
    }

    pub(crate) fn is_undefined(self, value: Value<'env>) -> Result<bool> {
        Ok(self.kind(value)? == ValueType::napi_undefined)
    }

    #[inline]
    pub(crate) fn number(self, value: Value<'env>) -> Option<f64> {
        let mut number = 0.0;
        // SAFETY: the value is live, and `number` is writable.
        let status = unsafe { napi_sys::napi_get_value_double(self.raw, value.raw, &raw mut number) };
        (status == Status::napi_ok).then_some(number)
    }

    /// A number that is whole and not negative, and exact.
    #[inline]
    pub(crate) fn whole(self, value: Value<'env>) -> Option<u64> {
        let number = self.number(value)?;
        // The range is checked first, so the cast is exact.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (number.fract() == 0.0 && (0.0..=MOST_EXACT).contains(&number)).then_some(number as u64)
    }

    pub(crate) fn bool(self, value: Value<'env>) -> Option<bool> {
        let mut truth = false;
        // SAFETY: the value is live, and `truth` is writable.
        let status = unsafe { napi_sys::napi_get_value_bool(self.raw, value.raw, &raw mut truth) };
        (status == Status::napi_ok).then_some(truth)
    }

    /// The items of an array.
    pub(crate) fn items(self, value: Value<'env>) -> Option<Vec<Value<'env>>> {
        let mut length = 0;
        // SAFETY: the value is live, and `length` is writable. What is no array is refused with a status.
        let status = unsafe { napi_sys::napi_get_array_length(self.raw, value.raw, &raw mut length) };
        if status != Status::napi_ok {
            return None;
        }
        (0..length)
            // SAFETY: the array is live, and `out` is writable.
            .map(|index| self.make(|env, out| unsafe { napi_sys::napi_get_element(env, value.raw, index, out) }).ok())
            .collect()
    }

    /// A string as UTF-8; `None` if the value is not a string. A lone surrogate becomes U+FFFD.
    pub(crate) fn string(self, value: Value<'env>) -> Result<Option<Zeroizing<String>>> {
        let mut length = 0;
        // SAFETY: with no buffer, Node-API writes only the length.
        let status =
            unsafe { napi_sys::napi_get_value_string_utf8(self.raw, value.raw, ptr::null_mut(), 0, &raw mut length) };
        if status != Status::napi_ok {
            return Ok(None);
        }
        let mut bytes = Zeroizing::new(Vec::<u8>::new());
        // Node-API ends what it writes with a NUL.
        let capacity = length.saturating_add(1);
        bytes.try_reserve_exact(capacity).map_err(|_| Error::internal("not enough memory for a string"))?;
        let (start, mut written) = (bytes.as_mut_ptr().cast(), 0);
        // SAFETY: there is room for `capacity` bytes; Node-API initialises the `written` first ones of them, and one more.
        unsafe {
            check(napi_sys::napi_get_value_string_utf8(self.raw, value.raw, start, capacity, &raw mut written))?;
            bytes.set_len(written.min(length));
        }
        match String::from_utf8(mem::take(&mut *bytes)) {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(_) => Err(Error::internal("Node-API gave a string that is not UTF-8")),
        }
    }

    /// Bytes: a `Uint8Array` (and so a Buffer) or an `ArrayBuffer` of any realm; `None` for anything else.
    ///
    /// Memory that other threads may write while it is read is refused, and so is memory that was given away.
    pub(crate) fn bytes(self, value: Value<'env>, name: &'static str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let (mut data, mut length) = (ptr::null_mut::<c_void>(), 0_usize);
        let mut buffer = value.raw;
        let mut is_view = false;
        // SAFETY: the value is live, and the out is writable.
        check(unsafe { napi_sys::napi_is_typedarray(self.raw, value.raw, &raw mut is_view) })?;
        if is_view {
            let (mut element, mut offset) = (TypedarrayType::int8_array, 0_usize);
            // SAFETY: the value is a live typed array, and every out is writable.
            check(unsafe {
                napi_sys::napi_get_typedarray_info(
                    self.raw,
                    value.raw,
                    &raw mut element,
                    &raw mut length,
                    &raw mut data,
                    &raw mut buffer,
                    &raw mut offset,
                )
            })?;
            if element != TypedarrayType::uint8_array {
                return Ok(None);
            }
        }
        let (mut is_buffer, mut is_detached) = (false, false);
        // SAFETY: `buffer` is a live value, and the out is writable.
        check(unsafe { napi_sys::napi_is_arraybuffer(self.raw, buffer, &raw mut is_buffer) })?;
        if !is_buffer {
            return if is_view {
                Err(Error::invalid_argument(name, format!("{name} lies in a SharedArrayBuffer: pass a copy of it")))
            } else {
                Ok(None)
            };
        }
        // SAFETY: as above.
        check(unsafe { napi_sys::napi_is_detached_arraybuffer(self.raw, buffer, &raw mut is_detached) })?;
        if is_detached {
            return Err(Error::invalid_argument(
                name,
                format!("{name} lies in an ArrayBuffer that was transferred away"),
            ));
        }
        if !is_view {
            // SAFETY: `buffer` is a live ArrayBuffer, and both outs are writable.
            check(unsafe { napi_sys::napi_get_arraybuffer_info(self.raw, buffer, &raw mut data, &raw mut length) })?;
        }
        let mut bytes = Zeroizing::new(Vec::new());
        bytes.try_reserve_exact(length).map_err(|_| Error::internal("not enough memory for a copy of the bytes"))?;
        if !data.is_null() && length > 0 {
            // SAFETY: Node-API says that `data` points to `length` bytes. They belong to no other thread (not shared), and
            // no JavaScript runs on this one before the copy is made.
            bytes.extend_from_slice(unsafe { std::slice::from_raw_parts(data.cast::<u8>(), length) });
        }
        Ok(Some(bytes))
    }

    /// A string as UTF-8, in `scratch` if it is short ASCII; `None` if the value is not a string.
    ///
    /// V8 keeps ASCII as one byte a character. It hands that out most quickly as Latin-1, which cuts every character to one
    /// byte, so that U+0141 would read as `A`; to ask for the length in UTF-8, too, which tells the two apart, costs more
    /// than to take UTF-16 and narrow it here.
    #[inline]
    pub(crate) fn short_string<'a>(self, value: Value<'env>, scratch: &'a mut Scratch) -> Result<Option<&'a str>> {
        let mut length = 0;
        let units = scratch.units.as_mut_ptr().cast::<u16>();
        // SAFETY: the buffer has room for SHORT units; Node-API initialises the `length` first ones of them, and one more for
        // its NUL.
        let status =
            unsafe { napi_sys::napi_get_value_string_utf16(self.raw, value.raw, units, SHORT, &raw mut length) };
        if status != Status::napi_ok {
            return Ok(None);
        }
        // A string that does not fit fills the buffer.
        if length < SHORT.saturating_sub(1) {
            // SAFETY: Node-API wrote `length` units.
            let units = unsafe { std::slice::from_raw_parts(units, length) };
            let mut all = 0;
            for (byte, unit) in scratch.bytes.iter_mut().zip(units) {
                byte.write(*unit as u8);
                all |= *unit;
            }
            if all < 0x80 {
                let bytes = scratch.bytes.as_ptr().cast::<u8>();
                // SAFETY: the loop wrote `length` bytes, fewer than there is room for, and all of them are ASCII.
                let text = unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(bytes, length)) };
                return Ok(Some(text));
            }
        }
        scratch.long = self.string(value)?;
        Ok(scratch.long.as_ref().map(|text| text.as_str()))
    }
}

impl Scratch {
    #[inline]
    pub(crate) fn new() -> Self {
        Self { units: [MaybeUninit::uninit(); SHORT], bytes: [MaybeUninit::uninit(); SHORT], long: None }
    }
}
