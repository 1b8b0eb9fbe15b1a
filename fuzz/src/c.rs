//! A C program, decoded from an input: what it passes to the functions of the C ABI, and what it makes of their answers.
//!
//! Arguments are copied to allocations of their exact size, so that the address sanitizer sees a byte read too many. What a
//! C program must never do (use a handle that was freed, lie about a length that memory could hold) is left out; NULLs,
//! handles of another type, lengths beyond all memory and bytes of any kind are not.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use authwright::*;

use crate::liar::Liar;

/// As a length: up to the terminating NUL.
const AW_NUL: usize = usize::MAX;

/// The types of handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    ApiKey,
    ApiKeyPage,
    ApiKeys,
    Buffer,
    Claims,
    Error,
    Jws,
    Key,
    KeySet,
    Prepared,
    Signer,
    Store,
    Token,
    Unverified,
    Verifier,
}

/// Texts that get far, by their number in an input.
const TEXTS: &[&str] = &[
    "{}",
    r#"{"sub":"alice","scope":["read","write"],"admin":false,"count":3,"ratio":0.5,"name":"a\u0000b","none":null}"#,
    r#"{"lifetime":900}"#,
    r#"{"issuer":"https://id.example","audience":["api","web"],"subject":"alice","lifetime":900,"jwt_id":true}"#,
    r#"{"dangerous_any_audience":true,"dangerous_weak_keys":true}"#,
    r#"{"issuer":"https://id.example","audience":"api"}"#,
    r#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","kid":"s","alg":"HS256"}"#,
    r#"{"keys":[{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","kid":"k\u0000s"},{"kty":"none"},7]}"#,
    include_str!("../../core/tests/keys/p256-private.pem"),
    include_str!("../../core/tests/keys/ed25519-private.pem"),
    include_str!("../../core/tests/keys/rsa-2048-private.pem"),
    include_str!("../../core/tests/keys/p256-certificate.pem"),
    include_str!("../../core/tests/keys/rsa-2048-private.jwk"),
    "thirty-two bytes and some to be on the safe side",
    r#"{"prefix":"acme","environment":"live"}"#,
    r#"{"prefix":"acme","environment":"live","accept_imported":true,"cache_seconds":60,"last_used_every":60}"#,
    r#"{"owner":"alice","scopes":["read","write"],"metadata":{"a":1},"expires_in":60}"#,
    r#"{"owner":"alice","sha256":"ae9b2fc169649f68ac98d4cb0e5400c52739d232e944c79023029c5621543dda"}"#,
    "an imported key of 128 random bits, or more",
    r#"{"overlap":60,"expires_in":90}"#,
    r#"{"max_records":2}"#,
    r#"{"part":"contend","run_id":"r","racer":1,"rounds":1}"#,
    r#"{"part":"settle","run_id":"r","racers":1,"acknowledged":[]}"#,
    "alice",
];

/// URLs of stores.
const STORES: &[&CStr] = &[c"memory:", c"memory:/", c"", c"sqlite", c"redis", c"postgres://u:p@h", c":", c"Memory:"];

/// In milliseconds. No call takes the longest: a store in memory answers at once, and a [`Liar`] at last.
const TIMEOUTS: &[u64] = &[5000, 0, 1, 20, u64::MAX];

/// Names that get far: of claims, algorithms, keys.
const NAMES: &[&CStr] = &[
    c"HS256", c"ES256", c"EdDSA", c"HS512", c"ES512", c"ES256K", c"RS256", c"none", c"sub", c"scope", c"admin",
    c"count", c"ratio", c"name", c"none", c"exp", c"iss", c"aud", c"kid", c"", c"read", c"write",
];

/// The program as it runs.
pub struct Program<'a> {
    input: &'a [u8],
    handles: Vec<(Kind, *mut c_void)>,
    /// Those that their stores do not free.
    liars: Vec<*mut Liar>,
}

/// NUL-terminated texts, and an array of pointers to them.
pub struct Names {
    _kept: Vec<Data>,
    pointers: Option<Vec<*const c_char>>,
    count: usize,
}

/// A pointer and a length, and what is behind them.
pub struct Data {
    pointer: *const c_void,
    length: usize,
    bytes: Box<[u8]>,
}

/// A place in which a function puts its answer, poisoned so that a function that does not clear it is found out.
pub struct Place<T>(Option<T>);

impl Data {
    fn of(bytes: &[u8]) -> Self {
        let bytes: Box<[u8]> = bytes.into();
        Self { pointer: bytes.as_ptr().cast(), length: bytes.len(), bytes }
    }

    fn terminated(bytes: &[u8]) -> Self {
        let text = bytes.split(|byte| *byte == 0).next().unwrap_or(&[]);
        Self { length: AW_NUL, ..Self::of(&[text, &[0]].concat()) }
    }

    fn null(length: usize) -> Self {
        Self { pointer: ptr::null(), length, bytes: Box::default() }
    }

    pub fn pointer<T>(&self) -> *const T {
        self.pointer.cast()
    }

    pub fn length(&self) -> usize {
        self.length
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Names {
    pub fn pointer(&self) -> *const *const c_char {
        self.pointers.as_ref().map_or(ptr::null(), |pointers| pointers.as_ptr())
    }

    pub fn count(&self) -> usize {
        self.count
    }
}

impl<T> Place<T> {
    /// Where to write, or NULL.
    pub fn pointer(&mut self) -> *mut T {
        self.0.as_mut().map_or(ptr::null_mut(), |value| value)
    }
}

impl<'a> Program<'a> {
    pub fn new(input: &'a [u8]) -> Self {
        Self { input, handles: Vec::new(), liars: Vec::new() }
    }

    /// Whether there is more to do.
    pub fn goes_on(&self) -> bool {
        !self.input.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.input.split_first() else { return 0 };
        self.input = rest;
        *first
    }

    pub fn word(&mut self) -> u64 {
        (0..8).fold(0, |word, _| word << 8 | u64::from(self.byte()))
    }

    fn inline(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.input.len());
        let (bytes, rest) = self.input.split_at(length);
        self.input = rest;
        bytes
    }

    /// Bytes: of the input's own, one of [`TEXTS`], the content of a buffer, or none in every way that C has for it.
    pub fn data(&mut self) -> Data {
        match self.byte() {
            0 => Data::null(0),
            1 => Data::null(AW_NUL),
            2 => Data::null(usize::from(self.byte())),
            3 => Data::of(self.inline()),
            4 => Data::terminated(self.inline()),
            // More than memory can hold.
            5 => Data { length: isize::MAX as usize + 1, ..Data::of(b"short") },
            6 => Data { length: usize::MAX - 1, ..Data::of(b"short") },
            7 => {
                let buffer = self.handle(Kind::Buffer);
                // SAFETY: a handle, of whatever type, or NULL.
                unsafe {
                    let (pointer, length) = (aw_buffer_data(buffer), aw_buffer_length(buffer));
                    if pointer.is_null() { Data::null(0) } else { Data::of(read(pointer, length)) }
                }
            }
            8 => self.told(Kind::ApiKey, |key, length| {
                // SAFETY: as above.
                unsafe { aw_api_key_secret(key, length) }
            }),
            9 => self.told(Kind::ApiKey, |key, length| {
                // SAFETY: as above.
                unsafe { aw_api_key_id(key, length) }
            }),
            10 => self.told(Kind::ApiKeyPage, |page, length| {
                // SAFETY: as above.
                unsafe { aw_api_key_page_next(page, length) }
            }),
            number => {
                let text = TEXTS[usize::from(number & 0x7f) % TEXTS.len()].as_bytes();
                if number & 0x80 == 0 { Data::of(text) } else { Data::terminated(text) }
            }
        }
    }

    /// What a handle tells.
    fn told<T>(&mut self, kind: Kind, tell: impl FnOnce(*const T, *mut usize) -> *const c_char) -> Data {
        let mut length = 0;
        let pointer = tell(self.handle::<T>(kind), &raw mut length);
        // SAFETY: NULL, or so many bytes.
        if pointer.is_null() { Data::null(0) } else { unsafe { Data::of(read(pointer, length)) } }
    }

    /// The URL of a store in memory, or of none: nothing here opens a file or a connection.
    pub fn store_url(&mut self) -> Data {
        match self.byte() {
            0xff => {
                let data = self.data();
                let is_safe = data.bytes().starts_with(b"memory:") || !data.bytes().contains(&b':');
                if is_safe { data } else { Data::null(AW_NUL) }
            }
            number => Data::terminated(STORES[usize::from(number) % STORES.len()].to_bytes()),
        }
    }

    /// Milliseconds.
    pub fn timeout(&mut self) -> u64 {
        TIMEOUTS[usize::from(self.byte()) % TIMEOUTS.len()]
    }

    /// None, one to three, a list that is there and empty, or one that is said to be there.
    pub fn names(&mut self) -> Names {
        let choice = self.byte() % 6;
        let kept: Vec<Data> = (0..choice % 4).map(|_| self.name()).collect();
        let pointers = kept.iter().map(Data::pointer).collect();
        match choice {
            0 => Names { _kept: kept, pointers: None, count: 0 },
            5 => Names { _kept: kept, pointers: None, count: 1 },
            _ => Names { count: kept.len(), _kept: kept, pointers: Some(pointers) },
        }
    }

    /// A NUL-terminated name, or NULL.
    pub fn name(&mut self) -> Data {
        match self.byte() {
            0 => Data::null(0),
            1 => Data::terminated(self.inline()),
            number => Data::terminated(NAMES[usize::from(number) % NAMES.len()].to_bytes()),
        }
    }

    /// A handle of this type; sometimes of another, or NULL. The newest ones are the lowest numbers.
    pub fn handle<T>(&mut self, kind: Kind) -> *mut T {
        let number = self.byte();
        let fitting = |of: &&(Kind, *mut c_void)| number >= 0xe0 || of.0 == kind;
        let count = self.handles.iter().filter(fitting).count();
        if count == 0 || number == 0xff {
            return ptr::null_mut();
        }
        let place = usize::from(number) % count;
        self.handles.iter().rev().filter(fitting).nth(place).map_or(ptr::null_mut(), |(_, handle)| handle.cast())
    }

    /// An out parameter; sometimes NULL.
    pub fn place<T>(&mut self, poison: T) -> Place<T> {
        Place((self.byte() != 0xff).then_some(poison))
    }

    /// Calls a function that makes a handle, and keeps what it makes.
    pub fn make<T>(&mut self, kind: Kind, call: impl FnOnce(*mut *mut T, *mut *mut aw_error) -> aw_status) {
        let mut made = self.place(ptr::dangling_mut::<T>());
        let status = self.run(|error| call(made.pointer(), error));
        self.keep(kind, made, status);
    }

    fn keep<T>(&mut self, kind: Kind, made: Place<*mut T>, status: aw_status) {
        match made.0 {
            Some(made) => {
                assert_eq!(
                    status == aw_status::AW_OK,
                    !made.is_null(),
                    "{kind:?}: a result with a failure, or none without"
                );
                if !made.is_null() {
                    self.handles.push((kind, made.cast()));
                }
            }
            None => assert_eq!(status, aw_status::AW_ERR_INVALID_ARGUMENT, "nowhere to put the {kind:?}"),
        }
    }

    /// Calls a function that makes a handle, if there is a place for it.
    pub fn make_if<T>(&mut self, kind: Kind, call: impl FnOnce(*mut *mut T, *mut *mut aw_error) -> aw_status) {
        let mut made = self.place(ptr::dangling_mut::<T>());
        let status = self.run(|error| call(made.pointer(), error));
        if made.0.is_some() {
            self.keep(kind, made, status);
        }
    }

    /// Makes a store of functions.
    pub fn make_store(&mut self) {
        let flaw = self.byte();
        let liar = Box::into_raw(Box::new(Liar::new(self.inline())));
        let mut table = Liar::table();
        let short = Box::new(size_of::<usize>());
        let mut functions = &raw const table;
        match flaw {
            1 => functions = ptr::null(),
            2 => functions = (&raw const *short).cast(),
            3 => table.size += 8,
            4 => table.list = None,
            5 => (table.close, table.free) = (None, None),
            _ => (),
        }
        let mut store = self.place(ptr::dangling_mut::<aw_store>());
        // SAFETY: a table, or NULL, and what its functions are handed.
        let status = self.run(|error| unsafe { aw_store_new(functions, liar.cast(), store.pointer(), error) });
        if status != aw_status::AW_OK || table.free.is_none() {
            self.liars.push(liar);
        }
        self.keep(Kind::Store, store, status);
    }

    /// Calls a function that counts, if there is a place for it.
    pub fn count(&mut self, call: impl FnOnce(*mut usize, *mut *mut aw_error) -> aw_status) {
        const POISON: usize = 0x5a5a_5a5a;
        let mut count = self.place(POISON);
        let status = self.run(|error| call(count.pointer(), error));
        assert!(count.0.is_none_or(|count| if status == aw_status::AW_OK { count != POISON } else { count == 0 }));
    }

    /// Calls a function that tells a time, if there is one, and a place for it.
    pub fn time(&mut self, call: impl FnOnce(*mut i64) -> bool) {
        let mut time = self.place(i64::MIN);
        let is_there = call(time.pointer());
        assert!(time.0.is_none_or(|time| if is_there { time > 0 } else { time == 0 }));
    }

    /// Calls a function that reads text from a token.
    pub fn text(&mut self, call: impl FnOnce(*mut *const c_char, *mut usize, *mut *mut aw_error) -> aw_status) {
        let (mut value, mut length) = (self.place(ptr::dangling()), self.place(usize::MAX));
        let status = self.run(|error| call(value.pointer(), length.pointer(), error));
        if status == aw_status::AW_OK {
            let pointer = value.0.expect("there is nowhere to put the text");
            assert!(!pointer.is_null());
            check_bytes(pointer, length.0);
        } else {
            assert!(value.0.is_none_or(|pointer| pointer.is_null()) && length.0.is_none_or(|length| length == 0));
        }
    }

    /// Calls a function that reads a value from a token.
    pub fn value<T: Copy + PartialEq>(
        &mut self,
        (poison, cleared): (T, T),
        call: impl FnOnce(*mut T, *mut *mut aw_error) -> aw_status,
    ) {
        let mut value = self.place(poison);
        let status = self.run(|error| call(value.pointer(), error));
        match value.0 {
            Some(value) => assert!(status == aw_status::AW_OK || value == cleared),
            None => assert_ne!(status, aw_status::AW_OK),
        }
    }

    /// Calls a function that answers with a pointer into an object, to any bytes, or NULL.
    pub fn borrowed(&mut self, call: impl FnOnce(*mut usize) -> *const c_char) {
        let mut length = self.place(usize::MAX);
        let pointer = call(length.pointer());
        if !pointer.is_null() {
            check_bytes(pointer, length.0);
        }
    }

    /// Looks at text that a function answers with, or NULL.
    pub fn shown(&self, pointer: *const c_char) {
        if !pointer.is_null() {
            check_text(pointer);
        }
    }

    /// Calls a function that can fail, and looks at what it says of that.
    pub fn run(&mut self, call: impl FnOnce(*mut *mut aw_error) -> aw_status) -> aw_status {
        let mut error = self.place(ptr::dangling_mut::<aw_error>());
        let status = call(error.pointer());
        assert_ne!(status, aw_status::AW_ERR_INTERNAL);
        if let Some(error) = error.0 {
            assert_eq!(status == aw_status::AW_OK, error.is_null(), "an error without a failure, or none with it");
            if !error.is_null() {
                // SAFETY: an error that was just made.
                unsafe {
                    assert_eq!(aw_error_code(error), status);
                    check_text(aw_error_message(error));
                    if !aw_error_field(error).is_null() {
                        check_text(aw_error_field(error));
                    }
                }
                self.handles.push((Kind::Error, error.cast()));
            }
        }
        status
    }

    /// Frees a handle with the function of some type: that of another type must leave it alone.
    pub fn free(&mut self) {
        let number = self.byte();
        if self.handles.is_empty() {
            return free(Kind::Key, ptr::null_mut());
        }
        let place = usize::from(number) % self.handles.len();
        let (own, handle) = self.handles[place];
        const OTHERS: [Kind; 3] = [Kind::Key, Kind::Buffer, Kind::Token];
        let kind = *OTHERS.get(usize::from(self.byte())).unwrap_or(&own);
        free(kind, handle);
        if kind == own {
            self.handles.remove(place);
        }
    }
}

impl Drop for Program<'_> {
    fn drop(&mut self) {
        self.handles.drain(..).for_each(|(kind, handle)| free(kind, handle));
        // SAFETY: from a box, and nothing that could call them is left.
        self.liars.drain(..).for_each(|liar| unsafe { drop(Box::from_raw(liar)) });
    }
}

fn free(kind: Kind, handle: *mut c_void) {
    // SAFETY: NULL, or a live handle: of this type, or of another, which is left alone.
    unsafe {
        match kind {
            Kind::ApiKey => aw_api_key_free(handle.cast()),
            Kind::ApiKeyPage => aw_api_key_page_free(handle.cast()),
            Kind::ApiKeys => aw_api_keys_free(handle.cast()),
            Kind::Buffer => aw_buffer_free(handle.cast()),
            Kind::Claims => aw_claims_free(handle.cast()),
            Kind::Error => aw_error_free(handle.cast()),
            Kind::Jws => aw_jws_free(handle.cast()),
            Kind::Key => aw_key_free(handle.cast()),
            Kind::KeySet => aw_keyset_free(handle.cast()),
            Kind::Prepared => aw_prepared_free(handle.cast()),
            Kind::Signer => aw_signer_free(handle.cast()),
            Kind::Store => aw_store_free(handle.cast()),
            Kind::Token => aw_token_free(handle.cast()),
            Kind::Unverified => aw_unverified_token_free(handle.cast()),
            Kind::Verifier => aw_verifier_free(handle.cast()),
        }
    }
}

/// Reads text without a NUL inside.
fn check_text(pointer: *const c_char) {
    // SAFETY: the documentation promises a NUL behind every text.
    assert!(unsafe { CStr::from_ptr(pointer) }.to_str().is_ok());
}

/// Reads every byte, as far as C would, and the NUL behind them.
fn check_bytes(pointer: *const c_char, length: Option<usize>) {
    // SAFETY: the documentation promises a NUL behind whatever is handed out.
    unsafe {
        let terminated = CStr::from_ptr(pointer).count_bytes();
        if let Some(length) = length {
            let bytes = read(pointer, length + 1);
            assert!(bytes.last() == Some(&0) && terminated <= length);
        }
    }
}

/// # Safety
/// So many bytes can be read there.
unsafe fn read<'a>(pointer: *const c_char, length: usize) -> &'a [u8] {
    // SAFETY: passed on.
    unsafe { std::slice::from_raw_parts(pointer.cast(), length) }
}
