//! Verifying allocates the token it returns, and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use authwright_core::{Algorithm, Key, KeyOptions, Policy, Signer, SignerOptions, Verifier};

thread_local! {
    static COUNTED: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is passed on unchanged to the system's allocator, which keeps the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNTED.set(COUNTED.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`, and nothing is changed on the way.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System`, since `alloc` above takes it from there.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNTED.set(COUNTED.get() + 1);
        // SAFETY: as for `dealloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const NOW: i64 = 1_700_000_000;

fn allocations<T>(call: impl FnOnce() -> T) -> (T, usize) {
    let before = COUNTED.get();
    let result = call();
    (result, COUNTED.get() - before)
}

#[test]
fn verifying_allocates_the_text_and_the_tape_of_its_token() {
    let claims = r#"{"sub":"user-1234567890","jti":"8f14e45f-ceea-467f-a9d4-5c9d2f1e7a11","scope":"openid profile email",
        "client_id":"web","roles":["admin","billing","support"]}"#;
    let policy = r#"{"issuer":"https://id.example","audience":"api","required":["jti"]}"#;
    let options = r#"{"issuer":"https://id.example","audience":"api","lifetime":900}"#;
    let key =
        Key::from_secret(&[7; 32], &KeyOptions { algorithm: Some(Algorithm::HS256), ..Default::default() }).unwrap();
    let token = Signer::new(&key, SignerOptions::from_json(options).unwrap()).unwrap().sign_json(claims, NOW).unwrap();
    let verifier = Verifier::new(&key, Policy::from_json(policy).unwrap()).unwrap();
    // The first call remembers the header.
    verifier.verify(&token, NOW).unwrap();

    let (verified, count) = allocations(|| verifier.verify(&token, NOW));
    assert_eq!(count, 2, "the text and the tape");
    let verified = verified.unwrap();
    let (_, reading) = allocations(|| {
        assert!(verified.claims().get("sub").and_then(|sub| sub.as_str()).is_some_and(|sub| sub == "user-1234567890"));
        assert_eq!(verified.claims().root().count(), 9);
    });
    assert_eq!(reading, 0, "reading claims allocates nothing");

    let altered = token.replace('.', ".A");
    let (refused, count) = allocations(|| verifier.verify(&altered, NOW));
    assert!(refused.is_err() && count <= 2, "a forged token costs its error, and no parsing: {count}");
}
