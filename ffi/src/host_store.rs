//! `aw_store_functions`: a store that a program makes itself, as functions over records.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use authwright_core::Error;
use authwright_core::store::{
    END_OF_VERSIONS, Entry, MAX_KEY_BYTES, MAX_VALUE_BYTES, Page, Record, Store, closed, corrupt, full, unavailable,
    uncertain,
};

use crate::arguments::{Outcome, null};
use crate::error::Failure;
use crate::guard::shield;
use crate::handle::{Handle, borrow_mut, into_raw, release};

/// What a function of a store returns: it has done what it was asked.
pub const AW_STORE_DONE: c_int = 0;

/// `put_if` and `delete_if`: what is there has another version, or nothing is there, or something is. Nothing has changed.
pub const AW_STORE_REFUSED: c_int = 1;

/// The store cannot be asked, and nothing has changed: `AW_ERR_STORE_UNAVAILABLE`.
pub const AW_STORE_FAILED: c_int = 2;

/// It may or may not have changed: `AW_ERR_STORE_UNCERTAIN`. So is every number that is not listed here, unless it comes
/// from `get` or `list`, which change nothing.
pub const AW_STORE_UNCERTAIN: c_int = 3;

/// There is no room, and nothing has changed: `AW_ERR_STORE_FULL`.
pub const AW_STORE_FULL: c_int = 4;

/// What is there is not as it was written: `AW_ERR_STORE_CORRUPT`.
pub const AW_STORE_CORRUPT: c_int = 5;

/// As a version, and as a time: there is none. The header has them as `AW_ABSENT` and `AW_NEVER`.
const NONE: u64 = u64::MAX;

/// A record of a store. Who fills one sets `size` to `sizeof(aw_record)`. What it points to belongs to who filled it, and
/// is read before the function that it is handed to returns.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct aw_record {
    /// sizeof(aw_record).
    pub size: usize,
    /// What it is found by: 1 to 256 visible ASCII characters and a NUL. Upper and lower case are two.
    pub key: *const c_char,
    /// Who writes has chosen it; below 2^53. A store keeps it, and compares.
    pub version: u64,
    /// UTF-8 text of at most 65536 bytes, which a store gives back byte for byte. It may have a NUL inside; one follows it.
    pub value: *const c_char,
    /// Its length in bytes, without the NUL behind it.
    pub value_length: usize,
    /// By whom `list` finds it, as `key` is written; NULL: nobody. It stays the same while the record is there.
    pub owner: *const c_char,
    /// In milliseconds since 1970: from then on `sweep` may remove it, and not before. `AW_NEVER`: it does not end.
    pub expires_at: u64,
}

/// Where `get` and `list` put what they have found. It is there until the function returns, for the thread that was called.
///
/// Ownership: the caller's of the function; do not free it. Threads: one at a time.
pub struct aw_record_sink {
    _opaque: [u8; 0],
}

/// A store that a program makes itself: five functions that each change one record or none, and two for the end.
///
/// A store compares versions and keeps bytes. It reads no clock: a record that is over is found until it is swept. What
/// `put_if` has acknowledged must be found by whoever asks next, in every thread and process that shares the store, and
/// outlive the process as far as the store says that records do. aw_store_check() tries all of this out.
///
/// The functions are called on the thread that made authwright's call, whichever that is, and from many at once, without
/// a lock held. They must not unwind or jump out; they may call authwright. They should return within `timeout_ms`, and
/// nothing interrupts them. The texts that they are handed end in a NUL and are gone when they return.
///
/// Each returns `AW_STORE_DONE`, or why not. Of two that want to change one record at once, one must be `AW_STORE_REFUSED`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct aw_store_functions {
    /// sizeof(aw_store_functions).
    pub size: usize,
    /// Hands the record with this key to aw_record_sink_add(), also one that is over. If there is none, `AW_STORE_DONE` is
    /// all.
    pub get: Option<
        unsafe extern "C" fn(
            key: *const c_char,
            timeout_ms: u64,
            found: *mut aw_record_sink,
            user: *mut c_void,
        ) -> c_int,
    >,
    /// Keeps the record if what is there under its key has the version `expected`, or, with `AW_ABSENT`, if nothing is
    /// there. Otherwise `AW_STORE_REFUSED`.
    pub put_if: Option<
        unsafe extern "C" fn(record: *const aw_record, expected: u64, timeout_ms: u64, user: *mut c_void) -> c_int,
    >,
    /// Removes the record with this key if it has this version. Otherwise `AW_STORE_REFUSED`.
    pub delete_if:
        Option<unsafe extern "C" fn(key: *const c_char, version: u64, timeout_ms: u64, user: *mut c_void) -> c_int>,
    /// Hands at most `limit` of the owner's records to aw_record_sink_add(), and to aw_record_sink_set_next() where the
    /// next page begins, if there is more. `after` is such a text, or NULL for the first page. Who follows them to the end
    /// has seen each record that was there all the time once, and none twice.
    pub list: Option<
        unsafe extern "C" fn(
            owner: *const c_char,
            after: *const c_char,
            limit: usize,
            timeout_ms: u64,
            page: *mut aw_record_sink,
            user: *mut c_void,
        ) -> c_int,
    >,
    /// Removes at most `limit` records whose `expires_at` is before this time, in milliseconds since 1970, and sets
    /// `removed` to their number: fewer than `limit` when there are no more, 0 where the store collects by itself.
    pub sweep: Option<
        unsafe extern "C" fn(
            before: u64,
            limit: usize,
            timeout_ms: u64,
            removed: *mut usize,
            user: *mut c_void,
        ) -> c_int,
    >,
    /// Gives up connections. Called by the first aw_store_close(); calls may be under way on other threads. May be NULL.
    pub close: Option<unsafe extern "C" fn(user: *mut c_void)>,
    /// Frees `user`. Called once, when the store and all that was made with it are freed: nothing is called after it. May
    /// be NULL.
    pub free: Option<unsafe extern "C" fn(user: *mut c_void)>,
}

/// What the functions have found.
#[derive(Default)]
pub struct Sink {
    /// Of `get`: the only key that there can be.
    asked: Option<String>,
    limit: usize,
    page: Page,
    fault: Option<&'static str>,
}

impl Handle for aw_record_sink {
    type Value = Sink;
    const TAG: u64 = u64::from_be_bytes(*b"aw_recsk");
    const NAME: &'static str = "sink";
}

/// Hands over a record that was found: for `get` and `list` of an aw_store_functions. Copies it.
///
/// @param record  What was found. Its `key` may be NULL in `get`.
/// @return        `AW_STORE_DONE`, or `AW_STORE_CORRUPT` for what no record can be, or one too many: the call that asked
///                for it fails then with `AW_ERR_STORE_CORRUPT`, whatever the function returns. The message names the
///                member.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_record_sink_add(sink: *mut aw_record_sink, record: *const aw_record) -> c_int {
    // SAFETY: the header's contract.
    shield(AW_STORE_CORRUPT, || unsafe {
        let Ok(sink) = borrow_mut(sink) else { return AW_STORE_CORRUPT };
        let entry = read(record, sink.asked.as_deref());
        sink.note(|sink| {
            let entry = entry?;
            if sink.page.entries.len() >= sink.limit {
                return Err("it handed over more records than it was asked for");
            }
            sink.page.entries.push(entry);
            Ok(())
        })
    })
}

/// Says where the next page begins: for `list` of an aw_store_functions.
///
/// @param next  In words of the store's own: 1 to 512 bytes of UTF-8 and a NUL. The next call has it as `after`.
/// @return      As for aw_record_sink_add().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_record_sink_set_next(sink: *mut aw_record_sink, next: *const c_char) -> c_int {
    // SAFETY: the header's contract.
    shield(AW_STORE_CORRUPT, || unsafe {
        let Ok(sink) = borrow_mut(sink) else { return AW_STORE_CORRUPT };
        let next = name(next, 2 * MAX_KEY_BYTES);
        sink.note(|sink| {
            sink.page.next = Some(next.flatten().ok_or("the place of the next page is no text of 1 to 512 bytes")?);
            Ok(())
        })
    })
}

impl Sink {
    /// What is wrong stays known, so that a program need not look at what it was answered.
    fn note(&mut self, step: impl FnOnce(&mut Self) -> Result<(), &'static str>) -> c_int {
        match step(self) {
            Ok(()) => AW_STORE_DONE,
            Err(fault) => {
                self.fault.get_or_insert(fault);
                AW_STORE_CORRUPT
            }
        }
    }
}

/// # Safety
/// `record` is NULL or points to a record whose pointers are NULL or readable.
unsafe fn read(record: *const aw_record, asked: Option<&str>) -> Result<Entry, &'static str> {
    if record.is_null() || !record.is_aligned() {
        return Err("it handed over NULL for a record");
    }
    // SAFETY: every record begins with its size, and is as long as that says.
    let record = unsafe {
        if record.cast::<usize>().read() != size_of::<aw_record>() {
            return Err("the size of a record is not sizeof(aw_record)");
        }
        record.read()
    };
    // SAFETY: promised by the caller.
    let (key, owner) = unsafe { (name(record.key, MAX_KEY_BYTES), name(record.owner, MAX_KEY_BYTES)) };
    let key = match (key.ok_or("the key of a record is no key")?, asked) {
        (None, Some(asked)) => asked.to_owned(),
        (Some(key), None) => key,
        (Some(key), Some(asked)) if key == asked => key,
        (Some(_), Some(_)) => return Err("it handed over a record with another key"),
        (None, None) => return Err("a record has no key"),
    };
    let owner = owner.ok_or("the owner of a record is no owner")?;
    // What it was asked for is a key.
    if asked.is_none() && !is_visible(&key) {
        return Err("the key of a record is no key");
    }
    if !owner.as_deref().is_none_or(is_visible) {
        return Err("the owner of a record is no owner");
    }
    if record.version >= END_OF_VERSIONS {
        return Err("the version of a record is not below 2^53");
    }
    if record.value.is_null() || record.value_length > MAX_VALUE_BYTES {
        return Err("a record has no value, or one that is too long");
    }
    // SAFETY: not NULL, bytes have no alignment, the length is in range, the rest is promised by the caller.
    let value = unsafe { std::slice::from_raw_parts(record.value.cast::<u8>(), record.value_length) };
    let value = std::str::from_utf8(value).map_err(|_| "the value of a record is not UTF-8")?.to_owned();
    let expires_at = (record.expires_at != NONE).then_some(record.expires_at);
    if expires_at.is_some_and(|at| at >= END_OF_VERSIONS) {
        return Err("expires_at of a record is neither below 2^53 nor AW_NEVER");
    }
    Ok(Entry { key, record: Record { version: record.version, value, owner, expires_at } })
}

/// Whether a key or an owner is of visible ASCII characters.
fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A NUL-terminated text, `Some(None)` for NULL, none if it is not 1 to `most` bytes of UTF-8.
///
/// # Safety
/// `text` is NULL or NUL-terminated.
unsafe fn name(text: *const c_char, most: usize) -> Option<Option<String>> {
    if text.is_null() {
        return Some(None);
    }
    // SAFETY: promised by the caller.
    let text = unsafe { CStr::from_ptr(text) };
    let text = text.to_str().ok().filter(|text| (1..=most).contains(&text.len()))?;
    Some(Some(text.to_owned()))
}

/// The functions, and what they are handed.
pub(crate) struct HostStore {
    get: unsafe extern "C" fn(*const c_char, u64, *mut aw_record_sink, *mut c_void) -> c_int,
    put_if: unsafe extern "C" fn(*const aw_record, u64, u64, *mut c_void) -> c_int,
    delete_if: unsafe extern "C" fn(*const c_char, u64, u64, *mut c_void) -> c_int,
    list: unsafe extern "C" fn(*const c_char, *const c_char, usize, u64, *mut aw_record_sink, *mut c_void) -> c_int,
    sweep: unsafe extern "C" fn(u64, usize, u64, *mut usize, *mut c_void) -> c_int,
    close: Option<unsafe extern "C" fn(*mut c_void)>,
    free: Option<unsafe extern "C" fn(*mut c_void)>,
    user: *mut c_void,
    is_closed: AtomicBool,
}

// SAFETY: the header asks for functions, and for `user`, that may be used on any thread.
unsafe impl Send for HostStore {}
// SAFETY: as above, and from many at once.
unsafe impl Sync for HostStore {}

impl HostStore {
    /// Copies the table.
    ///
    /// # Safety
    /// `functions` is NULL or points to a table as long as its `size` says. Its functions may be called as the header says
    /// until this is dropped, and `user` is what they may be handed.
    pub(crate) unsafe fn new(functions: *const aw_store_functions, user: *mut c_void) -> Outcome<Self> {
        if functions.is_null() || !functions.is_aligned() {
            return Err(null("functions"));
        }
        // SAFETY: every table begins with its size, and is as long as that says.
        let table = unsafe {
            if functions.cast::<usize>().read() != size_of::<aw_store_functions>() {
                let message = "the size of functions is not sizeof(aw_store_functions) of this library's header";
                return Err(Failure::argument("functions", message));
            }
            functions.read()
        };
        let missing = |name: &str| Failure::argument("functions", format!("functions has no {name}"));
        Ok(Self {
            get: table.get.ok_or_else(|| missing("get"))?,
            put_if: table.put_if.ok_or_else(|| missing("put_if"))?,
            delete_if: table.delete_if.ok_or_else(|| missing("delete_if"))?,
            list: table.list.ok_or_else(|| missing("list"))?,
            sweep: table.sweep.ok_or_else(|| missing("sweep"))?,
            close: table.close,
            free: table.free,
            user,
            is_closed: AtomicBool::new(false),
        })
    }

    fn open(&self) -> Result<(), Error> {
        match self.is_closed.load(Ordering::Acquire) {
            true => Err(closed()),
            false => Ok(()),
        }
    }

    /// Calls a function with a place for what it finds.
    fn find(
        &self,
        asked: Option<&str>,
        limit: usize,
        call: impl FnOnce(*mut aw_record_sink) -> c_int,
    ) -> Result<Page, Error> {
        let sink = into_raw::<aw_record_sink>(Sink { asked: asked.map(str::to_owned), limit, ..Sink::default() });
        let answer = call(sink);
        // SAFETY: made above, and the function that had it has returned.
        let found = unsafe {
            let found = borrow_mut(sink).map(std::mem::take);
            release(sink);
            found
        };
        let found = found.map_err(|_| Error::internal("a sink that is none"))?;
        match (found.fault, answer) {
            (Some(fault), _) => Err(corrupt(fault)),
            (None, AW_STORE_DONE) => Ok(found.page),
            (None, other) => Err(failure(other, false)),
        }
    }
}

impl Store for HostStore {
    fn get(&self, key: &str, timeout: Duration) -> Result<Option<Record>, Error> {
        self.open()?;
        let name = terminated(key)?;
        let page = self.find(Some(key), 1, |sink| {
            // SAFETY: `aw_store_new` was promised a function that may be called so.
            unsafe { (self.get)(name.as_ptr(), milliseconds(timeout), sink, self.user) }
        })?;
        if page.next.is_some() {
            return Err(corrupt("it said where the next page begins, and was asked for one record"));
        }
        Ok(page.entries.into_iter().next().map(|entry| entry.record))
    }

    fn put_if(&self, key: &str, expected: Option<u64>, record: &Record, timeout: Duration) -> Result<bool, Error> {
        self.open()?;
        let (key, owner) = (terminated(key)?, record.owner.as_deref().map(terminated).transpose()?);
        let mut value = Vec::with_capacity(record.value.len().saturating_add(1));
        value.extend_from_slice(record.value.as_bytes());
        value.push(0);
        let given = aw_record {
            size: size_of::<aw_record>(),
            key: key.as_ptr(),
            version: record.version,
            value: value.as_ptr().cast(),
            value_length: record.value.len(),
            owner: owner.as_ref().map_or(ptr::null(), |owner| owner.as_ptr()),
            expires_at: record.expires_at.unwrap_or(NONE),
        };
        // SAFETY: `aw_store_new` was promised a function that may be called so.
        changed(unsafe { (self.put_if)(&raw const given, expected.unwrap_or(NONE), milliseconds(timeout), self.user) })
    }

    fn delete_if(&self, key: &str, version: u64, timeout: Duration) -> Result<bool, Error> {
        self.open()?;
        let key = terminated(key)?;
        // SAFETY: `aw_store_new` was promised a function that may be called so.
        changed(unsafe { (self.delete_if)(key.as_ptr(), version, milliseconds(timeout), self.user) })
    }

    fn list(&self, owner: &str, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page, Error> {
        self.open()?;
        let (owner, after) = (terminated(owner)?, after.map(terminated).transpose()?);
        let after = after.as_ref().map_or(ptr::null(), |after| after.as_ptr());
        self.find(None, limit, |sink| {
            // SAFETY: `aw_store_new` was promised a function that may be called so.
            unsafe { (self.list)(owner.as_ptr(), after, limit, milliseconds(timeout), sink, self.user) }
        })
    }

    fn sweep(&self, before: u64, limit: usize, timeout: Duration) -> Result<usize, Error> {
        self.open()?;
        let mut removed = 0;
        // SAFETY: `aw_store_new` was promised a function that may be called so.
        match unsafe { (self.sweep)(before, limit, milliseconds(timeout), &raw mut removed, self.user) } {
            AW_STORE_DONE => Ok(removed),
            other => Err(failure(other, true)),
        }
    }

    fn close(&self) {
        if !self.is_closed.swap(true, Ordering::AcqRel)
            && let Some(close) = self.close
        {
            // SAFETY: `aw_store_new` was promised a function that may be called so.
            unsafe { close(self.user) }
        }
    }
}

impl Drop for HostStore {
    fn drop(&mut self) {
        if let Some(free) = self.free {
            // SAFETY: `aw_store_new` was promised a function that may be called so, and nobody has the others any longer.
            unsafe { free(self.user) }
        }
    }
}

fn changed(answer: c_int) -> Result<bool, Error> {
    match answer {
        AW_STORE_DONE => Ok(true),
        AW_STORE_REFUSED => Ok(false),
        other => Err(failure(other, true)),
    }
}

/// What a number that is no success says.
fn failure(answer: c_int, is_write: bool) -> Error {
    let reason = format!("the program's function answered {answer}");
    match answer {
        AW_STORE_FAILED => unavailable(&reason),
        AW_STORE_FULL => full(&reason),
        AW_STORE_CORRUPT => corrupt(&reason),
        _ if is_write => uncertain(&reason),
        _ => unavailable(&reason),
    }
}

fn terminated(text: &str) -> Result<CString, Error> {
    CString::new(text).map_err(|_| Error::internal("a key with a NUL"))
}

/// Never 0: there was some time left.
fn milliseconds(timeout: Duration) -> u64 {
    u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX).max(1)
}
