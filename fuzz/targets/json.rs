//! The scanner against strict JSON as serde_json reads it: the same texts pass, and read the same.
#![no_main]

use authwright_core::{Code, dangerous_decode};
use authwright_fuzz::json::{Verdict, judge};
use authwright_fuzz::{check, token};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match (dangerous_decode(token::unsigned(data)), judge(data)) {
        (Ok(decoded), _) => {
            assert_eq!(decoded.claims_json().as_bytes(), data);
            check::document(decoded.claims());
        }
        (Err(error), verdict) => {
            check::error(&error);
            assert_eq!(error.code(), Code::TokenJson);
            if let Verdict::Object(_) = verdict {
                panic!("strict JSON is refused: {error}");
            }
        }
    }
});
