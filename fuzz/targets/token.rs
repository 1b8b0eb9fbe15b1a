//! A token, whole or in parts that the target signs, through a verifier, `jws::verify` and `dangerous_decode`.
//!
//! The first byte chooses:
//! - `r`: key, policy, token. Corpus tokens with good signatures get past them.
//! - `s`: policy, header, claims. The target signs, so that everything behind the signature is reached.
//! - anything else: a token for keys of every type and a set of them, under the default policy.
#![no_main]

use authwright_core::{Code, Keys, Policy, Verifier, dangerous_decode, jws};
use authwright_fuzz::{NOW, check, input, keys, policy, token};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    match input::selector(data) {
        (b'r', rest) => {
            let [key, policy, token] = input::texts(rest);
            if let (Some(keys), Some(policy)) = (keys::load(key), read(policy)) {
                judge(&keys, &policy, token);
            }
        }
        (b's', rest) => {
            let [policy, header, claims] = input::texts(rest);
            if let Some(policy) = read(policy) {
                judge(&Keys::from(&*keys::HMAC), &policy, token::signed(header, claims).as_bytes());
            }
        }
        _ => keys::VERIFYING.iter().for_each(|keys| judge(keys, &Policy::new(), data)),
    }
});

fn read(policy: &[u8]) -> Option<Policy> {
    Policy::from_json(input::text(policy)?).inspect_err(check::error).ok()
}

fn judge(keys: &Keys, policy: &Policy, token: &[u8]) {
    let verifier = || Verifier::new(keys.clone(), policy.clone());
    let verifier = match (verifier(), verifier()) {
        (Ok(one), Ok(other)) => [one, other],
        (Err(error), _) | (_, Err(error)) => return check::error(&error),
    };
    let verdict = verifier[0].verify(token, NOW);
    // The second time the header comes from the cache, and in a new verifier it does not.
    assert_eq!(check::verdict(&verdict), check::verdict(&verifier[0].verify(token, NOW)));
    assert_eq!(check::verdict(&verdict), check::verdict(&verifier[1].verify(token, NOW)));

    let document: Value = serde_json::from_str(&policy.to_json()).expect("a policy is JSON");
    let lenient = ["compat", "dangerous_weak_keys"].iter().any(|name| document.get(name).is_some());
    let decoded = dangerous_decode(token);
    let signed = jws::verify(token, keys.clone(), &jws::VerifyOptions::default());
    if let Err(error) = &signed {
        check::error(error);
    }
    if let Ok(decoded) = &decoded {
        check::document(decoded.header());
        check::document(decoded.claims());
    }
    match verdict {
        Ok(verified) => {
            let (header, claims) = (check::document(verified.header()), check::document(verified.claims()));
            policy::assert_fulfilled(&document, &header, &claims);
            if !lenient {
                let decoded = decoded.expect("a good token can be decoded");
                assert_eq!(decoded.claims_json(), verified.claims_json());
                assert_eq!(decoded.header_json(), verified.header_json());
                let signed = signed.expect("a good token has a good signature");
                assert_eq!(signed.payload(), verified.claims_json().as_bytes());
                assert_eq!(signed.header_json(), verified.header_json());
            }
        }
        Err(error) if error.code().number() >= 400 && !lenient => {
            assert!(decoded.is_ok(), "claims are judged that cannot be decoded");
            assert!(signed.is_ok(), "claims are judged before the signature");
        }
        Err(error) => assert_ne!(error.code(), Code::InvalidArgument, "any token is worth a verdict"),
    }
}
