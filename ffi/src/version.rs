//! The version of the library that is running.

use std::ffi::c_char;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// The version of the library that is running, such as "0.1.0". Compare it with `AW_VERSION`, the version of the header
/// that the program was compiled with. The string lives as long as the program.
#[unsafe(no_mangle)]
pub extern "C" fn aw_version() -> *const c_char {
    VERSION.as_ptr().cast()
}
