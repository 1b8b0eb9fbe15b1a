//! The statuses of C are the codes of the core, no more and no fewer.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::ffi::{CStr, c_char};

use authwright::{aw_status, aw_status_meaning, aw_status_name, aw_version};
use authwright_core::Code;

fn text(pointer: *const c_char) -> &'static str {
    // SAFETY: these functions return NUL-terminated strings that live as long as the program.
    unsafe { CStr::from_ptr(pointer) }.to_str().unwrap()
}

#[test]
fn statuses_equal_the_table_of_the_core() {
    assert_eq!(aw_status::FAILURES.len(), Code::ALL.len());
    for (status, code) in aw_status::FAILURES.iter().zip(Code::ALL) {
        assert_eq!(*status as i32, code.number());
        assert_eq!(format!("{status:?}"), format!("AW_{}", code.name()));
        assert_eq!(text(aw_status_name(code.number())), code.name());
        assert_eq!(text(aw_status_meaning(code.number())), code.meaning());
    }
}

#[test]
fn every_number_has_an_answer() {
    assert_eq!(text(aw_status_name(0)), "OK");
    for number in [-1, 5, i32::MIN, i32::MAX] {
        assert_eq!(text(aw_status_name(number)), "ERR_UNKNOWN");
        assert!(!text(aw_status_meaning(number)).is_empty());
    }
}

#[test]
fn version_is_that_of_the_package() {
    assert_eq!(text(aw_version()), env!("CARGO_PKG_VERSION"));
}
