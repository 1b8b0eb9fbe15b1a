//! A key in each form that it is imported from.
//!
//! The first byte chooses the form and its options; in front of a PEM or DER file there is the password, and a NUL.
//! Encrypted keys that ask for seconds of work are left out: see `keys::is_costly`.
#![no_main]

use authwright_core::{Algorithm, Code, Key, KeyOptions, Policy, Signer, SignerOptions, Verifier};
use authwright_fuzz::{NOW, check, input, keys};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (selector, rest) = input::selector(data);
    let [password, file] = input::texts(rest);
    let options = KeyOptions {
        algorithm: Algorithm::ALL.get(usize::from(selector >> 3)).copied(),
        kid: (selector & 4 != 0).then_some("kid \"\u{e9}\""),
        password: Some(password),
    };
    let key = match selector & 3 {
        0 if !keys::is_costly(file) => Key::from_pem(file, &options),
        1 if !keys::is_costly(file) => Key::from_der(file, &options),
        2 => match input::text(rest) {
            Some(json) => Key::from_jwk(json),
            None => return,
        },
        3 => Key::from_secret(rest, &options),
        _ => return,
    };
    match key {
        Ok(key) => survives_export(&key),
        Err(error) => check::error(&error),
    }
});

fn survives_export(key: &Key) {
    if key.is_private() {
        let jwk = key.to_jwk(true).expect("a private key has a private JWK");
        let again = Key::from_jwk(&jwk).expect("a private JWK is a key");
        assert_eq!(*again.to_jwk(true).expect("and exports again"), *jwk);
        same(key, &again);
        works(key);
    } else {
        assert_eq!(code(key.to_jwk(true)), Code::KeyNotPrivate);
    }
    let Ok(public) = key.public_key() else {
        assert_eq!(code(key.to_jwk(false)), Code::KeyMismatch);
        assert_eq!(code(key.to_der(false)), Code::KeyMismatch);
        return;
    };
    assert!(!public.is_private());
    assert_eq!(public.thumbprint(), key.thumbprint());
    let jwk = public.to_jwk(false).expect("a public key has a JWK");
    assert_eq!(*key.to_jwk(false).expect("so has the private one"), *jwk);
    check::has_no_private_member(&serde_json::from_str(&jwk).expect("a JWK is JSON"));
    same(&public, &Key::from_jwk(&jwk).expect("a public JWK is a key"));
    for private in [false, true] {
        if private && !key.is_private() {
            assert_eq!(code(key.to_pem(true)), Code::KeyNotPrivate);
            continue;
        }
        let (der, pem) = (key.to_der(private).expect("has a DER form"), key.to_pem(private).expect("and a PEM form"));
        let options = KeyOptions { algorithm: key.algorithm(), kid: key.kid(), password: None };
        for again in [Key::from_der(&der, &options), Key::from_pem(pem.as_bytes(), &options)] {
            let again = again.expect("an export can be imported");
            assert_eq!(again.is_private(), private);
            same(if private { key } else { &public }, &again);
        }
    }
}

fn same(one: &Key, other: &Key) {
    assert_eq!(one.thumbprint(), other.thumbprint());
    assert_eq!(one.key_type(), other.key_type());
    assert_eq!(one.is_private(), other.is_private());
    assert_eq!((one.kid(), one.algorithm()), (other.kid(), other.algorithm()));
}

/// What a private key signs, its public part verifies.
fn works(key: &Key) {
    let options = r#"{"lifetime": 60, "dangerous_weak_keys": true}"#;
    let options = SignerOptions::from_json(options).expect("good options");
    let token = match Signer::new(key, options).and_then(|signer| signer.sign_json("{}", NOW)) {
        Ok(token) => token,
        // `use` or `key_ops` does not allow it.
        Err(error) => return assert_eq!(error.code(), Code::KeyMismatch, "{error}"),
    };
    let policy = Policy::from_json(r#"{"dangerous_weak_keys": true}"#).expect("a good policy");
    let public = key.public_key().unwrap_or_else(|_| key.clone());
    let verdict = Verifier::new(public, policy).and_then(|verifier| verifier.verify(&token, NOW));
    if let Err(error) = verdict {
        // A secret whose `key_ops` is `sign` alone.
        assert_eq!(error.code(), Code::KeyMismatch, "{error}");
    }
}

fn code<T>(result: authwright_core::Result<T>) -> Code {
    match result {
        Ok(_) => panic!("a form that the key does not have"),
        Err(error) => error.code(),
    }
}
