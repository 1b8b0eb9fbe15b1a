//! A JWK Set, as an issuer serves it: what it publishes again is public, and the same keys.
#![no_main]

use authwright_core::{KeySet, Policy, Verifier};
use authwright_fuzz::{NOW, check, input, keys, token};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Some(json) = input::text(data) else { return };
    let set = match KeySet::from_json(json) {
        Ok(set) => set,
        Err(error) => return check::error(&error),
    };
    let members: Value = serde_json::from_str(json).expect("a strict JSON object is JSON");
    let members = members["keys"].as_array().expect("the set has keys").len();
    assert!(set.len() + set.rejected().len() <= members);
    for rejected in set.rejected() {
        assert!(rejected.index < members);
        check::error(&rejected.error);
    }

    let text = set.to_json();
    let published: Value = serde_json::from_str(&text).expect("a set is JSON");
    let published = published["keys"].as_array().expect("and has keys");
    published.iter().for_each(check::has_no_private_member);
    let again = KeySet::from_json(&text).expect("a published set can be read");
    assert!(again.rejected().is_empty(), "{:?}", again.rejected());
    assert_eq!(again.len(), published.len());
    assert_eq!(again.to_json(), text);
    let known: Vec<String> = set.keys().iter().map(|key| key.thumbprint()).collect();
    assert!(again.keys().iter().all(|key| !key.is_private() && known.contains(&key.thumbprint())));

    // Whatever a set holds, a verifier of it can be made; and a token for another key is not accepted.
    let verifier = Verifier::new(&set, Policy::new()).expect("a set makes a verifier");
    let kid = set.keys().iter().find_map(|key| key.kid()).unwrap_or("none");
    let header = serde_json::json!({"alg": "HS256", "kid": kid}).to_string();
    let verdict = verifier.verify(token::signed(header.as_bytes(), br#"{"exp":1800000000}"#), NOW);
    if !known.contains(&keys::HMAC.thumbprint()) {
        check::error(&verdict.expect_err("signed by a key that is not in the set"));
    }
});
