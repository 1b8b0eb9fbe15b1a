//! Our C library as a C program meets it: the shared object, opened at run time, called through its symbols. So Rust and
//! C can be compared in one process.

use std::ffi::{c_char, c_void};
use std::path::Path;
use std::ptr;

use libloading::Library as SharedObject;

type Handle = *mut c_void;
type Status = i32;
type Make = unsafe extern "C" fn(*const c_char, usize, *mut Handle, *mut Handle) -> Status;
type MakeFrom = unsafe extern "C" fn(Handle, *const c_char, usize, *mut Handle, *mut Handle) -> Status;
type Text = unsafe extern "C" fn(Handle, *mut usize) -> *const c_char;
type Free = unsafe extern "C" fn(Handle);

/// The functions that the benchmark calls.
#[derive(Clone, Copy)]
pub struct Library {
    key_from_jwk: Make,
    signer_new: MakeFrom,
    signer_sign: MakeFrom,
    verifier_new: MakeFrom,
    verifier_verify: MakeFrom,
    token_claims_json: Text,
    token_free: Free,
    buffer_free: Free,
}

/// A verifier of the C library.
pub struct Verifying {
    library: Library,
    verifier: Handle,
}

/// A signer of the C library.
pub struct Signing {
    library: Library,
    signer: Handle,
}

impl Library {
    /// Opens the file that `AW_BENCH_LIBRARY` names; without it there are no rows for C.
    pub fn open() -> Option<Library> {
        let file = std::env::var_os("AW_BENCH_LIBRARY")?;
        // SAFETY: the library's initialisers are Rust's own, which do nothing at load.
        let object = unsafe { SharedObject::new(Path::new(&file)) };
        let object: &'static SharedObject = Box::leak(Box::new(object.expect("the C library can be opened")));
        // SAFETY: the types above are those of authwright.h.
        unsafe {
            Some(Library {
                key_from_jwk: symbol(object, "aw_key_from_jwk"),
                signer_new: symbol(object, "aw_signer_new"),
                signer_sign: symbol(object, "aw_signer_sign"),
                verifier_new: symbol(object, "aw_verifier_new_with_key"),
                verifier_verify: symbol(object, "aw_verifier_verify"),
                token_claims_json: symbol(object, "aw_token_claims_json"),
                token_free: symbol(object, "aw_token_free"),
                buffer_free: symbol(object, "aw_buffer_free"),
            })
        }
    }

    /// Makes a verifier from a JWK and a policy.
    pub fn verifier(self, jwk: &str, policy: &str) -> Verifying {
        Verifying { library: self, verifier: make_from(self.verifier_new, self.key(jwk), policy.as_bytes()) }
    }

    /// Makes a signer from a JWK.
    pub fn signer(self, jwk: &str) -> Signing {
        Signing { library: self, signer: make_from(self.signer_new, self.key(jwk), b"{}") }
    }

    fn key(self, jwk: &str) -> Handle {
        let mut key = ptr::null_mut();
        // SAFETY: the pointers are to a live text and a live variable.
        let status = unsafe { (self.key_from_jwk)(jwk.as_ptr().cast(), jwk.len(), &mut key, ptr::null_mut()) };
        assert_eq!(status, 0, "a JWK");
        key
    }
}

impl Verifying {
    /// Verifies a token, looks at its claims, and frees it; their length.
    pub fn verify(&self, token: &[u8]) -> usize {
        let token = make_from(self.library.verifier_verify, self.verifier, token);
        let mut length = 0;
        // SAFETY: the token is alive, and freed once.
        unsafe {
            (self.library.token_claims_json)(token, &mut length);
            (self.library.token_free)(token);
        }
        length
    }
}

impl Signing {
    /// Signs claims given as JSON text, and frees the token.
    pub fn sign(&self, claims: &[u8]) {
        let token = make_from(self.library.signer_sign, self.signer, claims);
        // SAFETY: the buffer is freed once.
        unsafe { (self.library.buffer_free)(token) };
    }
}

fn make_from(make: MakeFrom, from: Handle, text: &[u8]) -> Handle {
    let mut made = ptr::null_mut();
    // SAFETY: `from` is a live handle, and the pointers are to live bytes and a live variable.
    let status = unsafe { make(from, text.as_ptr().cast(), text.len(), &mut made, ptr::null_mut()) };
    assert_eq!(status, 0, "the C library accepts what Rust accepts");
    made
}

/// # Safety
/// `T` is the symbol's type.
unsafe fn symbol<T: Copy>(object: &SharedObject, name: &str) -> T {
    // SAFETY: the caller vouches for the type, and the object is never closed.
    *unsafe { object.get::<T>(name.as_bytes()) }.expect("a symbol of authwright.h")
}
