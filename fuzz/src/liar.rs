//! A store that a C program makes of functions. It keeps records in memory, and what its script says is wrong.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ops::Bound;
use std::ptr;

use authwright::*;

/// As a version: nothing must be there. As a time: never.
const NONE: u64 = u64::MAX;

const MAX_NAME: usize = 256;
const MAX_VALUE: usize = 65536;

/// It fails from then on: what follows a listing that never ends comes to its own end.
const MOST_CALLS: usize = 2000;

/// What the functions are handed. Each call takes a byte of the script, and wrong ones take more; behind the last comes the
/// first again, and without a script all is well.
pub struct Liar {
    script: Box<[u8]>,
    place: usize,
    calls: usize,
    records: BTreeMap<CString, Kept>,
    is_closed: bool,
}

#[derive(Clone)]
struct Kept {
    version: u64,
    value: Box<[u8]>,
    owner: Option<CString>,
    expires_at: u64,
}

impl Liar {
    pub fn new(script: &[u8]) -> Self {
        Self { script: script.into(), place: 0, calls: 0, records: BTreeMap::new(), is_closed: false }
    }

    pub fn table() -> aw_store_functions {
        aw_store_functions {
            size: size_of::<aw_store_functions>(),
            get: Some(get),
            put_if: Some(put_if),
            delete_if: Some(delete_if),
            list: Some(list),
            sweep: Some(sweep),
            close: Some(close),
            free: Some(free),
        }
    }

    fn byte(&mut self) -> u8 {
        let byte = self.script.get(self.place).copied().unwrap_or(0);
        self.place = if self.place + 1 < self.script.len() { self.place + 1 } else { 0 };
        byte
    }

    fn word(&mut self) -> u64 {
        (0..8).fold(0, |word, _| word << 8 | u64::from(self.byte()))
    }

    fn text(&mut self, most: usize) -> CString {
        let bytes: Vec<u8> = match self.byte() {
            0xff => vec![b'n'; most + 1],
            0xfe => vec![b'n'; most],
            length => (0..length % 16).map(|_| self.byte()).filter(|byte| *byte != 0).collect(),
        };
        CString::new(bytes).expect("no NUL")
    }

    /// Begins a call: whether it goes wrong.
    fn goes_wrong(&mut self) -> bool {
        assert!(!self.is_closed, "a store is asked that was closed");
        self.calls += 1;
        self.byte() >= 0x80 && !self.is_tired()
    }

    fn is_tired(&self) -> bool {
        self.calls > MOST_CALLS
    }

    /// What to answer: one of the numbers that there are, or another.
    fn answer(&mut self) -> c_int {
        match self.byte() % 16 {
            number @ 0..=7 => c_int::from(number),
            8 => -1,
            9 => c_int::MIN,
            _ => AW_STORE_DONE,
        }
    }

    /// Hands over what may be no record.
    ///
    /// # Safety
    /// The sink is one, and `key` a NUL-terminated text.
    unsafe fn hand_wrong(&mut self, sink: *mut aw_record_sink, key: *const c_char) {
        let truth = self.records.values().next().cloned();
        let mut kept = truth.unwrap_or(Kept { version: 1, value: (*b"{}\0").into(), owner: None, expires_at: NONE });
        let flaw = self.byte() % 14;
        let text = self.text(MAX_NAME);
        match flaw {
            0 => kept.version = self.word(),
            1 => kept.expires_at = self.word(),
            2 => kept.value = text.as_bytes_with_nul().into(),
            3 => kept.value = vec![b'v'; MAX_VALUE + 2].into(),
            4 => kept.owner = None,
            5 => kept.owner = Some(text.clone()),
            _ => (),
        }
        let mut record = kept.record(key);
        match flaw {
            8 => record.size -= 1,
            9 => record.key = ptr::null(),
            10 => record.key = text.as_ptr(),
            11 => record.value = ptr::null(),
            // More than memory can hold.
            12 => record.value_length = usize::MAX - 1,
            _ => (),
        }
        let short = Box::new(size_of::<usize>());
        let (sink, handed) = match flaw {
            6 => (sink, ptr::null()),
            7 => (sink, (&raw const *short).cast()),
            13 => (ptr::null_mut(), &raw const record),
            _ => (sink, &raw const record),
        };
        // SAFETY: a record that is as long as its size says, or NULL.
        let answer = unsafe { aw_record_sink_add(sink, handed) };
        assert!(matches!(answer, AW_STORE_DONE | AW_STORE_CORRUPT));
        assert!(matches!(flaw, 0..=2 | 4 | 5 | 9 | 10) || answer == AW_STORE_CORRUPT, "flaw {flaw} is taken");
    }
}

impl Kept {
    fn record(&self, key: *const c_char) -> aw_record {
        aw_record {
            size: size_of::<aw_record>(),
            key,
            version: self.version,
            value: self.value.as_ptr().cast(),
            value_length: self.value.len() - 1,
            owner: self.owner.as_ref().map_or(ptr::null(), |owner| owner.as_ptr()),
            expires_at: self.expires_at,
        }
    }
}

unsafe extern "C" fn get(key: *const c_char, timeout_ms: u64, found: *mut aw_record_sink, user: *mut c_void) -> c_int {
    // SAFETY: what the header promises, of which the texts are looked at.
    unsafe {
        let (liar, key) = (&mut *user.cast::<Liar>(), name(key, timeout_ms));
        if liar.goes_wrong() {
            for _ in 0..liar.byte() % 3 {
                liar.hand_wrong(found, key.as_ptr());
            }
            if liar.byte() == 0xff {
                assert_eq!(aw_record_sink_set_next(found, c"next".as_ptr()), AW_STORE_DONE);
            }
            return liar.answer();
        }
        if let Some(kept) = liar.records.get(key) {
            let record = kept.record(ptr::null());
            assert_eq!(aw_record_sink_add(found, &raw const record), AW_STORE_DONE);
        }
        if liar.is_tired() { AW_STORE_FAILED } else { AW_STORE_DONE }
    }
}

unsafe extern "C" fn put_if(record: *const aw_record, expected: u64, timeout_ms: u64, user: *mut c_void) -> c_int {
    // SAFETY: as above.
    unsafe {
        let (liar, record) = (&mut *user.cast::<Liar>(), &*record);
        assert_eq!(record.size, size_of::<aw_record>());
        let key = name(record.key, timeout_ms);
        let owner = (!record.owner.is_null()).then(|| name(record.owner, timeout_ms).to_owned());
        assert!(record.version < 1 << 53 && (expected < 1 << 53 || expected == NONE));
        assert!(record.value_length <= MAX_VALUE);
        let value = std::slice::from_raw_parts(record.value.cast::<u8>(), record.value_length + 1);
        assert!(std::str::from_utf8(value).is_ok() && value.last() == Some(&0));
        let kept = Kept { version: record.version, value: value.into(), owner, expires_at: record.expires_at };
        let there = liar.records.get(key).map_or(NONE, |kept| kept.version);
        let is_wrong = liar.goes_wrong();
        if is_wrong && liar.byte() & 1 == 0 {
            return liar.answer();
        }
        if liar.is_tired() {
            return AW_STORE_FAILED;
        }
        if there != expected {
            return AW_STORE_REFUSED;
        }
        liar.records.insert(key.to_owned(), kept);
        if is_wrong { liar.answer() } else { AW_STORE_DONE }
    }
}

unsafe extern "C" fn delete_if(key: *const c_char, version: u64, timeout_ms: u64, user: *mut c_void) -> c_int {
    // SAFETY: as above.
    unsafe {
        let (liar, key) = (&mut *user.cast::<Liar>(), name(key, timeout_ms));
        if liar.goes_wrong() {
            return liar.answer();
        }
        if liar.is_tired() {
            return AW_STORE_FAILED;
        }
        match liar.records.get(key) {
            Some(kept) if kept.version == version => {
                liar.records.remove(key).map_or(AW_STORE_REFUSED, |_| AW_STORE_DONE)
            }
            _ => AW_STORE_REFUSED,
        }
    }
}

unsafe extern "C" fn list(
    owner: *const c_char,
    after: *const c_char,
    limit: usize,
    timeout_ms: u64,
    page: *mut aw_record_sink,
    user: *mut c_void,
) -> c_int {
    // SAFETY: as above.
    unsafe {
        let (liar, owner) = (&mut *user.cast::<Liar>(), name(owner, timeout_ms));
        assert!(limit > 0);
        let after = (!after.is_null()).then(|| CStr::from_ptr(after));
        assert!(
            after.is_none_or(|after| (1..=2 * MAX_NAME).contains(&after.to_bytes().len()) && after.to_str().is_ok())
        );
        if liar.goes_wrong() {
            for _ in 0..liar.byte() % 4 {
                liar.hand_wrong(page, c"api_key/acme_live/0000000000000000".as_ptr());
            }
            match liar.byte() % 8 {
                // The same page again, and again.
                0 => drop(aw_record_sink_set_next(page, after.map_or(c"again".as_ptr(), CStr::as_ptr))),
                1 => drop(aw_record_sink_set_next(page, ptr::null())),
                2 => drop(aw_record_sink_set_next(page, liar.text(2 * MAX_NAME).as_ptr())),
                3 => drop(aw_record_sink_set_next(ptr::null_mut(), c"next".as_ptr())),
                _ => (),
            }
            return liar.answer();
        }
        if liar.is_tired() {
            return AW_STORE_FAILED;
        }
        let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut found = liar
            .records
            .range::<CStr, _>((begin, Bound::Unbounded))
            .filter(|(_, kept)| kept.owner.as_deref() == Some(owner));
        let mut last = None;
        for (key, kept) in found.by_ref().take(limit) {
            let record = kept.record(key.as_ptr());
            assert_eq!(aw_record_sink_add(page, &raw const record), AW_STORE_DONE);
            last = Some(key);
        }
        if let (Some(last), Some(_)) = (last, found.next()) {
            assert_eq!(aw_record_sink_set_next(page, last.as_ptr()), AW_STORE_DONE);
        }
        AW_STORE_DONE
    }
}

unsafe extern "C" fn sweep(
    before: u64,
    limit: usize,
    timeout_ms: u64,
    removed: *mut usize,
    user: *mut c_void,
) -> c_int {
    // SAFETY: as above.
    unsafe {
        let liar = &mut *user.cast::<Liar>();
        assert!(limit > 0 && timeout_ms > 0 && *removed == 0);
        if liar.goes_wrong() {
            *removed = liar.word() as usize;
            return liar.answer();
        }
        if liar.is_tired() {
            return AW_STORE_FAILED;
        }
        let over = liar.records.iter().filter(|(_, kept)| kept.expires_at < before).map(|(key, _)| key.clone());
        let over: Vec<CString> = over.take(limit).collect();
        over.iter().for_each(|key| drop(liar.records.remove(key)));
        *removed = over.len();
        AW_STORE_DONE
    }
}

unsafe extern "C" fn close(user: *mut c_void) {
    // SAFETY: as above.
    let liar = unsafe { &mut *user.cast::<Liar>() };
    assert!(!liar.is_closed);
    liar.is_closed = true;
}

unsafe extern "C" fn free(user: *mut c_void) {
    // SAFETY: from a box, and nothing is called any more.
    drop(unsafe { Box::from_raw(user.cast::<Liar>()) });
}

/// A key or an owner, of a call that has some time left.
///
/// # Safety
/// A NUL-terminated text.
unsafe fn name<'a>(text: *const c_char, timeout_ms: u64) -> &'a CStr {
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(text) };
    assert!((1..=MAX_NAME).contains(&text.to_bytes().len()) && text.to_bytes().iter().all(u8::is_ascii_graphic));
    assert!(timeout_ms > 0);
    text
}
