//! The two documents of options: a policy, and a signer's.
#![no_main]

use authwright_core::{Code, Policy, Signer, SignerOptions, Verifier, dangerous_decode};
use authwright_fuzz::{NOW, check, input, keys, token};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(json) = input::text(data) else { return };
    match Policy::from_json(json) {
        Ok(policy) => survives_itself(json, &policy),
        Err(error) => check::error(&error),
    }
    match SignerOptions::from_json(json) {
        Ok(options) => signs(options),
        Err(error) => check::error(&error),
    }
});

fn survives_itself(json: &str, policy: &Policy) {
    let written = policy.to_json();
    let again = Policy::from_json(&written).expect("a policy reads its own document");
    assert_eq!(again.to_json(), written);
    // The expected values mean the same after the round, to the last digit.
    let decode = |text: &str| dangerous_decode(token::unsigned(text.as_bytes())).expect("a policy is strict JSON");
    let (given, written) = (decode(json), decode(&written));
    assert!(given.claims().get("claims") == written.claims().get("claims"), "claims are altered: {written:?}");

    match Verifier::new(&*keys::HMAC, policy.clone()) {
        Ok(verifier) => {
            let token = token::signed(br#"{"alg":"HS256","typ":"JWT"}"#, br#"{"exp":1800000000,"iat":1700000000}"#);
            if let Err(error) = verifier.verify(token, NOW) {
                check::error(&error);
            }
        }
        // Algorithms that a secret does not do.
        Err(error) => assert_eq!(error.code(), Code::KeyMismatch, "{error}"),
    }
}

fn signs(options: SignerOptions) {
    for key in keys::PRIVATE.iter() {
        match Signer::new(key, options.clone()).and_then(|signer| signer.sign_json("{}", NOW)) {
            Ok(token) => {
                let decoded = dangerous_decode(&token).expect("a token that was just signed");
                check::document(decoded.header());
                check::document(decoded.claims());
            }
            Err(error) => check::error(&error),
        }
    }
}
