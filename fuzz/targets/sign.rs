//! Claims, and the options of a signer: what is signed is what was given, and what a verifier accepts.
//!
//! Two texts: the options' document, and the claims.
#![no_main]

use authwright_core::json::{self, Object};
use authwright_core::{
    Algorithm, Code, Key, Policy, SignatureFormat, Signer, SignerOptions, Verifier, dangerous_decode,
};
use authwright_fuzz::{NOW, check, input, keys, token};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const ADDED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

fuzz_target!(|data: &[u8]| {
    let [options, claims] = input::texts(data);
    let (Some(options), Some(claims)) = (input::text(options), input::text(claims)) else { return };
    let Ok(parsed) = SignerOptions::from_json(options) else { return };
    for key in keys::PRIVATE.iter().take(3) {
        match Signer::new(key, parsed.clone()) {
            Ok(signer) => sign(key, &signer, options, claims),
            Err(error) => check::error(&error),
        }
    }
});

fn sign(key: &Key, signer: &Signer, options: &str, claims: &str) {
    let token = match signer.sign_json(claims, NOW) {
        Ok(token) => token,
        Err(error) => {
            check::error(&error);
            assert!([1, 408, 409, 410].contains(&error.code().number()), "{error:?}");
            return;
        }
    };
    let parsed: Value = serde_json::from_str(options).expect("options are JSON");
    let policy = policy(&parsed, claims);
    let verifier = Verifier::new(key.public_key().unwrap_or_else(|_| key.clone()), policy).expect("the key verifies");
    match verifier.verify(&token, NOW) {
        Ok(verified) => {
            check::document(verified.header());
            check::document(verified.claims());
        }
        // The claims' own dates.
        Err(error) => assert!(
            [Code::TokenExpired, Code::TokenNotYetValid, Code::TokenIssuedInFuture].contains(&error.code()),
            "we refuse what we signed: {error:?}"
        ),
    }
    let decode = |text: &str| dangerous_decode(token::unsigned(text.as_bytes())).expect("strict JSON");
    let decoded = dangerous_decode(&token).expect("a token that was just signed");
    let given = decode(claims);
    keeps(given.claims().root(), decoded.claims().root(), &ADDED);
    if let Some(json::Value::Object(headers)) = decode(options).claims().get("headers") {
        keeps(headers, decoded.header().root(), &["alg", "typ", "kid"]);
    }

    // The same claims through serde, and in two steps.
    let tree: Value = serde_json::from_str(claims).expect("claims are JSON");
    signer.sign(&tree, NOW).expect("what is signed as text is signed as a tree");
    let prepared = signer.prepare_json(claims, NOW).expect("what is signed can be prepared");
    let noise = signer.finish(&prepared, claims.as_bytes(), SignatureFormat::Der);
    check::error(&noise.expect_err("claims are no signature"));
    let noise = signer.finish(&prepared, claims.as_bytes(), SignatureFormat::Raw);
    check::error(&noise.expect_err("claims are no signature"));
    if prepared.algorithm() == Algorithm::HS256 {
        let signature = token::hs256(prepared.signing_input());
        let finished = signer.finish(&prepared, &signature, SignatureFormat::Raw).expect("a good signature");
        if parsed.get("jwt_id") != Some(&Value::Bool(true)) {
            assert_eq!(finished, token);
        }
    }
}

/// Every member that was given is there unchanged, and nothing but `added` came to it.
fn keeps(given: Object<'_>, signed: Object<'_>, added: &[&str]) {
    for (name, value) in given {
        assert!(signed.get(&name.to_str()) == Some(value), "{} is altered", name.raw());
    }
    for (name, _) in signed {
        let name = name.to_str();
        assert!(given.get(&name).is_some() || added.contains(&&*name), "{name} came from nowhere");
    }
}

/// What the options promise, as a policy.
fn policy(options: &Value, claims: &str) -> Policy {
    let claims: Value = serde_json::from_str(claims).expect("claims are JSON");
    let mut policy = serde_json::json!({
        "max_token_bytes": u32::MAX,
        "typ": options.get("typ").cloned().unwrap_or_else(|| "JWT".into()),
        "dangerous_weak_keys": true,
    });
    for name in ["issuer", "audience", "subject"] {
        if let Some(value) = options.get(name) {
            policy[name] = value.clone();
        }
    }
    if policy.get("audience").is_none() {
        policy["dangerous_any_audience"] = true.into();
    }
    if claims.get("exp").is_none() && options.get("lifetime").is_none() {
        policy["dangerous_no_expiration"] = true.into();
    }
    Policy::from_json(&policy.to_string()).expect("options that a signer takes, a policy takes")
}
