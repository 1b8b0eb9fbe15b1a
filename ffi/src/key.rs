//! `aw_key`: one key.

use std::ffi::{CString, c_char, c_void};
use std::ptr;
use std::sync::OnceLock;

use authwright_core::{Algorithm, Key, KeyOptions};

use crate::arguments::{Out, Outcome, bytes, name, optional_bytes, optional_name, optional_out, out, text};
use crate::buffer::{aw_buffer, copy_of, of_text};
use crate::error::aw_error;
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, peek, release};
use crate::status::aw_status;

/// A key: private, public or a secret. Checked once when it is made, immutable afterwards.
///
/// Ownership: yours; free it with aw_key_free(), which wipes it once nothing made from it is left. Signers, verifiers
/// and key sets keep what they need, so a key may be freed before them. Threads: `const aw_key *` may be used from many
/// at once.
pub struct aw_key {
    _opaque: [u8; 0],
}

/// A key, with the strings that C reads from it.
pub struct NamedKey {
    pub(crate) key: Key,
    /// The key id and a NUL behind it.
    kid: Option<Box<[u8]>>,
}

impl Handle for aw_key {
    type Value = NamedKey;
    const TAG: u64 = u64::from_be_bytes(*b"aw_key\0\0");
    const NAME: &'static str = "key";
}

/// Generates a key.
///
/// @param algorithm  What the key is for: "ES256", "EdDSA", "RS256", "HS256" and so on.
/// @param kid        Its key id. NULL: the thumbprint for an asymmetric key, none for a secret.
/// @param bits       RSA only: 2048, 3072 or 4096. 0 means 2048 for RSA, and is the only choice for the others.
/// @param key        Set to the new key; free it with aw_key_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_key_generate(
    algorithm: *const c_char,
    kid: *const c_char,
    bits: u32,
    key: *mut *mut aw_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let key = out(key, "key")?;
            let algorithm = name(algorithm, "algorithm")?.parse()?;
            let kid = optional_name(kid, "kid")?;
            key.set(handle_of(Key::generate(algorithm, kid, (bits != 0).then_some(bits))?));
            Ok(())
        })
    }
}

/// Reads a key from PEM: PKCS#8 (also encrypted), PKCS#1, SEC1, a public key, or an X.509 certificate, whose dates and
/// issuer are not checked.
///
/// @param algorithm  The one algorithm that the key is for, or NULL: every one that fits its type.
/// @param kid        Its key id, or NULL for none.
/// @param password   What decrypts it, with its length; NULL and 0 if it is not encrypted.
/// @param key        Set to the new key; free it with aw_key_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_key_from_pem(
    pem: *const c_char,
    length: usize,
    algorithm: *const c_char,
    kid: *const c_char,
    password: *const c_void,
    password_length: usize,
    key: *mut *mut aw_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let key = out(key, "key")?;
            let pem = bytes(pem.cast(), length, "pem")?;
            let password = optional_bytes(password, password_length, "password")?;
            key.set(handle_of(Key::from_pem(pem, &options(algorithm, kid, password)?)?));
            Ok(())
        })
    }
}

/// Reads a key from DER: the same forms as aw_key_from_pem(), told apart by their structure. `length` counts bytes;
/// `AW_NUL` is of no use here.
///
/// @param algorithm  The one algorithm that the key is for, or NULL: every one that fits its type.
/// @param kid        Its key id, or NULL for none.
/// @param password   What decrypts it, with its length; NULL and 0 if it is not encrypted.
/// @param key        Set to the new key; free it with aw_key_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_key_from_der(
    der: *const c_void,
    length: usize,
    algorithm: *const c_char,
    kid: *const c_char,
    password: *const c_void,
    password_length: usize,
    key: *mut *mut aw_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let key = out(key, "key")?;
            let der = bytes(der, length, "der")?;
            let password = optional_bytes(password, password_length, "password")?;
            key.set(handle_of(Key::from_der(der, &options(algorithm, kid, password)?)?));
            Ok(())
        })
    }
}

/// Reads a key from a JWK, the JSON form of RFC 7517: private, public or a secret.
///
/// @param key  Set to the new key; free it with aw_key_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_key_from_jwk(
    json: *const c_char,
    length: usize,
    key: *mut *mut aw_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let key = out(key, "key")?;
            key.set(handle_of(Key::from_jwk(text(json, length, "json")?)?));
            Ok(())
        })
    }
}

/// Makes a key from the bytes of a shared secret. The bytes are copied; they are not decoded from base64 or hex.
///
/// @param algorithm  "HS256", "HS384" or "HS512", or NULL: every one that the secret is long enough for.
/// @param kid        Its key id, or NULL for none.
/// @param key        Set to the new key; free it with aw_key_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_key_from_secret(
    secret: *const c_void,
    length: usize,
    algorithm: *const c_char,
    kid: *const c_char,
    key: *mut *mut aw_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let key = out(key, "key")?;
            let secret = bytes(secret, length, "secret")?;
            key.set(handle_of(Key::from_secret(secret, &options(algorithm, kid, None)?)?));
            Ok(())
        })
    }
}

/// The public half of a key pair, as a key of its own. `AW_ERR_KEY_MISMATCH` for a secret, which has none.
///
/// @param public_key  Set to the new key; free it with aw_key_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_key_public_key(
    key: *const aw_key,
    public_key: *mut *mut aw_key,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let public_key = out(public_key, "public_key")?;
            public_key.set(handle_of(borrow(key)?.key.public_key()?));
            Ok(())
        })
    }
}

/// Exports a key as a JWK.
///
/// @param include_private  false: the public parts only, which a secret does not have. true: the private parts too.
/// @param jwk              Set to the JSON text; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_key_to_jwk(
    key: *const aw_key,
    include_private: bool,
    jwk: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let jwk = out(jwk, "jwk")?;
            jwk.set(copy_of(borrow(key)?.key.to_jwk(include_private)?.as_bytes()));
            Ok(())
        })
    }
}

/// Exports a key as PEM: a public key (SPKI), or with `include_private` an unencrypted PKCS#8 private key.
///
/// @param pem  Set to the PEM text; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_key_to_pem(
    key: *const aw_key,
    include_private: bool,
    pem: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let pem = out(pem, "pem")?;
            pem.set(copy_of(borrow(key)?.key.to_pem(include_private)?.as_bytes()));
            Ok(())
        })
    }
}

/// Exports a key as DER: a public key (SPKI), or with `include_private` an unencrypted PKCS#8 private key.
///
/// @param der  Set to the bytes; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_key_to_der(
    key: *const aw_key,
    include_private: bool,
    der: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let der = out(der, "der")?;
            der.set(copy_of(&borrow(key)?.key.to_der(include_private)?));
            Ok(())
        })
    }
}

/// The key's SHA-256 thumbprint (RFC 7638) in base64url, the same for a private key and its public half.
///
/// @param thumbprint  Set to the text; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_key_thumbprint(
    key: *const aw_key,
    thumbprint: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let thumbprint = out(thumbprint, "thumbprint")?;
            thumbprint.set(of_text(borrow(key)?.key.thumbprint()));
            Ok(())
        })
    }
}

/// The key id. Lives as long as the key; NULL if it has none. A NUL follows the text.
///
/// @param length  Set to its length in bytes. May be NULL; then a key id with a NUL inside counts as none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_key_kid(key: *const aw_key, length: *mut usize) -> *const c_char {
    shield(ptr::null(), || {
        // SAFETY: the header's contract.
        let (length, key) = unsafe { (optional_out(length), peek(key)) };
        key.map_or(ptr::null(), |key| key.kid(length))
    })
}

/// The one algorithm that the key is for, such as "ES256". The string lives as long as the program. NULL if the key may
/// be used with every algorithm that fits its type, or if `key` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_key_algorithm(key: *const aw_key) -> *const c_char {
    // SAFETY: the header's contract.
    shield(ptr::null(), || unsafe { peek(key) }.and_then(|key| key.key.algorithm()).map_or(ptr::null(), terminated))
}

/// Whether the key can sign: true for private keys and secrets. false if `key` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_key_is_private(key: *const aw_key) -> bool {
    // SAFETY: the header's contract.
    shield(false, || unsafe { peek(key) }.is_some_and(|key| key.key.is_private()))
}

/// Frees a key. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_key_free(key: *mut aw_key) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(key) });
}

pub(crate) fn handle_of(key: Key) -> *mut aw_key {
    // A key id is text and may hold a NUL; the length tells C where it really ends.
    let bytes: Option<Vec<u8>> = key.kid().map(|kid| kid.bytes().chain([0]).collect());
    into_raw(NamedKey { key, kid: bytes.map(Vec::into_boxed_slice) })
}

impl NamedKey {
    fn kid(&self, length: Option<Out<usize>>) -> *const c_char {
        let Some(text) = self.kid.as_deref().and_then(|kid| kid.split_last()).map(|(_, text)| text) else {
            return ptr::null();
        };
        match length {
            Some(length) => length.set(text.len()),
            None if text.contains(&0) => return ptr::null(),
            None => {}
        }
        text.as_ptr().cast()
    }
}

unsafe fn options<'a>(
    algorithm: *const c_char,
    kid: *const c_char,
    password: Option<&'a [u8]>,
) -> Outcome<KeyOptions<'a>> {
    // SAFETY: passed on.
    let (algorithm, kid) = unsafe { (optional_name(algorithm, "algorithm")?, optional_name(kid, "kid")?) };
    Ok(KeyOptions { algorithm: algorithm.map(str::parse).transpose()?, kid, password })
}

/// The name of an algorithm with a NUL behind it.
pub(crate) fn terminated(algorithm: Algorithm) -> *const c_char {
    static NAMES: OnceLock<Vec<(Algorithm, CString)>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        Algorithm::ALL
            .iter()
            .map(|algorithm| (*algorithm, CString::new(algorithm.name()).unwrap_or_default()))
            .collect()
    });
    names.iter().find(|(known, _)| *known == algorithm).map_or(ptr::null(), |(_, name)| name.as_ptr())
}
