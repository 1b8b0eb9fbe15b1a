//! The key files of `tests/keys`, for the unit tests.

use super::{Key, KeyOptions};
use crate::error::{Code, Error, Result};

/// Whether the provider has ES512, ES256K and RSA generation.
pub(super) const COMPLETE: bool = cfg!(feature = "aws-lc-rs");

pub(super) fn bytes(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(super) fn text(name: &str) -> String {
    String::from_utf8(bytes(name)).unwrap()
}

/// Loads a file by its extension, with the password of all of them.
pub(super) fn load(name: &str) -> Result<Key> {
    load_with(name, &KeyOptions { password: Some(b"correct"), ..KeyOptions::default() })
}

pub(super) fn load_with(name: &str, options: &KeyOptions<'_>) -> Result<Key> {
    match name.rsplit('.').next() {
        Some("der" | "p12") => Key::from_der(&bytes(name), options),
        Some("jwk") => Key::from_jwk(&text(name)),
        _ => Key::from_pem(&bytes(name), options),
    }
}

pub(super) fn refusal(name: &str) -> Error {
    load(name).err().unwrap_or_else(|| panic!("{name} is accepted"))
}

/// Asserts the code, and that the message has the words.
pub(super) fn assert_refused<T>(result: Result<T>, code: Code, words: &str) {
    let error = result.err().unwrap_or_else(|| panic!("accepted, and not refused with {code} {words:?}"));
    assert_eq!(error.code(), code, "{error}");
    assert!(error.message().contains(words), "{error} without {words:?}");
}
