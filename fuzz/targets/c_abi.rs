//! The C functions as C calls them: each byte of the input is a call, or an argument of one. `src/c.rs` has the rest.
#![no_main]

use std::ffi::c_char;
use std::ptr;

use authwright::*;
use authwright_fuzz::c::{Kind, Program};
use authwright_fuzz::keys::is_costly;
use libfuzzer_sys::fuzz_target;

const MOST_CALLS: usize = 64;

fuzz_target!(|data: &[u8]| {
    let mut program = Program::new(data);
    for _ in 0..MOST_CALLS {
        if !program.goes_on() {
            break;
        }
        // SAFETY: `Program` passes what the header allows.
        unsafe { step(&mut program) }
    }
});

/// `seed.py` writes programs in these numbers.
unsafe fn step(c: &mut Program<'_>) {
    // SAFETY: the caller's promise, for every call below.
    unsafe {
        match c.byte() % 64 {
            0..=3 => import(c, 0),
            4..=7 => token(c),
            8..=11 => claim(c),
            12 => {
                let (url, options) = (c.store_url(), c.data());
                c.make(Kind::Store, |store, error| {
                    aw_store_open(url.pointer(), url.length(), options.pointer(), options.length(), store, error)
                });
            }
            13 => c.make_store(),
            14 => {
                let options = c.data();
                let peppers: Vec<*const aw_key> =
                    (0..c.byte() % 3).map(|_| c.handle::<aw_key>(Kind::Key).cast_const()).collect();
                let store = c.handle(Kind::Store);
                let (list, count) = match c.byte() {
                    0xff => (ptr::null(), 1),
                    _ => (peppers.as_ptr(), peppers.len()),
                };
                c.make(Kind::ApiKeys, |keys, error| {
                    aw_api_keys_new(options.pointer(), options.length(), list, count, store, keys, error)
                });
            }
            15 => {
                let (keys, options, timeout) = (c.handle(Kind::ApiKeys), c.data(), c.timeout());
                c.make(Kind::ApiKey, |key, error| {
                    aw_api_keys_issue(keys, options.pointer(), options.length(), timeout, key, error)
                });
            }
            16 => import(c, 1),
            17 => import(c, 2),
            18 => import(c, 3),
            19 => {
                let (algorithm, kid, bits) = (c.name(), c.name(), u32::from(c.byte()));
                // The making of an RSA key takes a second; 0 asks for 2048 bits.
                let bits =
                    if algorithm.bytes().starts_with(b"RS") || algorithm.bytes().starts_with(b"PS") { 1 } else { bits };
                c.make(Kind::Key, |key, error| aw_key_generate(algorithm.pointer(), kid.pointer(), bits, key, error));
            }
            20 => {
                let key = c.handle(Kind::Key);
                c.make(Kind::Key, |public, error| aw_key_public_key(key, public, error));
            }
            21 => {
                let (key, private) = (c.handle(Kind::Key), c.byte() & 1 == 1);
                c.make(Kind::Buffer, |jwk, error| aw_key_to_jwk(key, private, jwk, error));
                c.make(Kind::Buffer, |pem, error| aw_key_to_pem(key, private, pem, error));
                c.make(Kind::Buffer, |der, error| aw_key_to_der(key, private, der, error));
                c.make(Kind::Buffer, |thumbprint, error| aw_key_thumbprint(key, thumbprint, error));
            }
            22 => {
                let key = c.handle(Kind::Key);
                c.borrowed(|length| aw_key_kid(key, length));
                c.shown(aw_key_algorithm(key));
                aw_key_is_private(key);
            }
            23 => {
                let keys: Vec<*const aw_key> =
                    (0..c.byte() % 5).map(|_| c.handle::<aw_key>(Kind::Key).cast_const()).collect();
                c.make(Kind::KeySet, |set, error| aw_keyset_new(keys.as_ptr(), keys.len(), set, error));
            }
            24 => {
                let count = c.byte() as usize;
                c.make(Kind::KeySet, |set, error| aw_keyset_new(ptr::null(), count, set, error));
            }
            25 => {
                let json = c.data();
                c.make(Kind::KeySet, |set, error| aw_keyset_from_json(json.pointer(), json.length(), set, error));
            }
            26 => key_set(c),
            27 => c.make(Kind::Claims, |claims, error| aw_claims_new(claims, error)),
            28 => {
                let (keys, options, timeout) = (c.handle(Kind::ApiKeys), c.data(), c.timeout());
                c.make(Kind::ApiKey, |key, error| {
                    aw_api_keys_import_hash(keys, options.pointer(), options.length(), timeout, key, error)
                });
            }
            29 => check_api_key(c),
            30 => {
                let (keys, id, timeout) = (c.handle(Kind::ApiKeys), c.data(), c.timeout());
                c.make(Kind::ApiKey, |key, error| {
                    aw_api_keys_get(keys, id.pointer(), id.length(), timeout, key, error)
                });
            }
            31 => list_api_keys(c),
            32 => {
                let (keys, id, options, timeout) = (c.handle(Kind::ApiKeys), c.data(), c.data(), c.timeout());
                c.make(Kind::ApiKey, |key, error| {
                    aw_api_keys_rotate(
                        keys,
                        id.pointer(),
                        id.length(),
                        options.pointer(),
                        options.length(),
                        timeout,
                        key,
                        error,
                    )
                });
            }
            33 => {
                let (keys, id, timeout) = (c.handle(Kind::ApiKeys), c.data(), c.timeout());
                c.make_if(Kind::ApiKey, |key, error| {
                    aw_api_keys_revoke(keys, id.pointer(), id.length(), timeout, key, error)
                });
            }
            34 => {
                let (keys, owner, timeout) = (c.handle(Kind::ApiKeys), c.data(), c.timeout());
                c.count(|revoked, error| {
                    aw_api_keys_revoke_all(keys, owner.pointer(), owner.length(), timeout, revoked, error)
                });
            }
            35 => {
                let claims = c.handle::<aw_claims>(Kind::Claims);
                c.make(Kind::Buffer, |json, error| aw_claims_to_json(claims, json, error));
            }
            36 => {
                let (key, options) = (c.handle(Kind::Key), c.data());
                c.make(Kind::Signer, |signer, error| {
                    aw_signer_new(key, options.pointer(), options.length(), signer, error)
                });
            }
            37 => {
                let (signer, claims, now) = (c.handle(Kind::Signer), c.data(), c.word() as i64);
                c.make(Kind::Buffer, |token, error| {
                    aw_signer_sign_at(signer, claims.pointer(), claims.length(), now, token, error)
                });
            }
            38 => {
                let (signer, claims) = (c.handle(Kind::Signer), c.data());
                c.make(Kind::Buffer, |token, error| {
                    aw_signer_sign(signer, claims.pointer(), claims.length(), token, error)
                });
            }
            39 => {
                let (signer, claims) = (c.handle(Kind::Signer), c.handle::<aw_claims>(Kind::Claims));
                c.make(Kind::Buffer, |token, error| aw_signer_sign_claims(signer, claims, token, error));
            }
            40 => {
                let (signer, claims, now) = (c.handle(Kind::Signer), c.data(), c.word() as i64);
                c.make(Kind::Prepared, |prepared, error| {
                    aw_signer_prepare_at(signer, claims.pointer(), claims.length(), now, prepared, error)
                });
                c.make(Kind::Prepared, |prepared, error| {
                    aw_signer_prepare(signer, claims.pointer(), claims.length(), prepared, error)
                });
            }
            41 => {
                let prepared = c.handle(Kind::Prepared);
                c.borrowed(|length| aw_prepared_signing_input(prepared, length));
                c.shown(aw_prepared_algorithm(prepared));
            }
            42 => {
                let (signer, prepared) = (c.handle(Kind::Signer), c.handle::<aw_prepared>(Kind::Prepared));
                let (signature, format) = (c.data(), u32::from(c.byte()));
                c.make(Kind::Buffer, |token, error| {
                    aw_signer_finish(signer, prepared, signature.pointer(), signature.length(), format, token, error)
                });
            }
            43 => {
                let (keys, policy) = (c.handle(Kind::KeySet), c.data());
                c.make(Kind::Verifier, |verifier, error| {
                    aw_verifier_new(keys, policy.pointer(), policy.length(), verifier, error)
                });
            }
            44 => {
                let (key, policy) = (c.handle(Kind::Key), c.data());
                c.make(Kind::Verifier, |verifier, error| {
                    aw_verifier_new_with_key(key, policy.pointer(), policy.length(), verifier, error)
                });
            }
            45 => {
                let (verifier, text, now) = (c.handle(Kind::Verifier), c.data(), c.word() as i64);
                c.make(Kind::Token, |token, error| {
                    aw_verifier_verify_at(verifier, text.pointer(), text.length(), now, token, error)
                });
            }
            46 => {
                let (verifier, text) = (c.handle(Kind::Verifier), c.data());
                c.make(Kind::Token, |token, error| {
                    aw_verifier_verify(verifier, text.pointer(), text.length(), token, error)
                });
            }
            47 => {
                let (keys, text) = (c.handle::<aw_api_keys>(Kind::ApiKeys), c.data());
                aw_api_keys_is_well_formed(keys, text.pointer(), text.length());
                c.shown(aw_api_keys_pattern(keys));
            }
            48 => {
                let key = c.handle(Kind::ApiKey);
                api_key(c, key);
            }
            49 => {
                let (page, index) = (c.handle::<aw_api_key_page>(Kind::ApiKeyPage), usize::from(c.byte()));
                let key = aw_api_key_page_at(page, index);
                assert_eq!(index < aw_api_key_page_count(page), !key.is_null());
                c.borrowed(|length| aw_api_key_page_next(page, length));
                c.make(Kind::Buffer, |json, error| aw_api_key_page_to_json(page, json, error));
                api_key(c, key);
            }
            50 => {
                let (store, timeout) = (c.handle(Kind::Store), c.timeout());
                c.count(|removed, error| aw_store_sweep(store, timeout, removed, error));
            }
            51 => check_store(c),
            52 => {
                aw_store_close(c.handle(Kind::Store));
                // Nothing that a program has is a sink.
                let (sink, next) = (c.handle(Kind::Store), c.name());
                assert_eq!(aw_record_sink_add(sink, ptr::null()), AW_STORE_CORRUPT);
                assert_eq!(aw_record_sink_set_next(sink, next.pointer()), AW_STORE_CORRUPT);
            }
            53 => {
                let text = c.data();
                c.make(Kind::Unverified, |token, error| {
                    aw_dangerous_decode(text.pointer(), text.length(), token, error)
                });
            }
            54 => {
                let (token, name) = (c.handle::<aw_unverified_token>(Kind::Unverified), c.name());
                c.borrowed(|length| aw_unverified_token_claims_json(token, length));
                c.borrowed(|length| aw_unverified_token_header_json(token, length));
                c.text(|value, length, error| {
                    aw_unverified_token_get_string(token, name.pointer(), value, length, error)
                });
            }
            55 => {
                let (payload, key, algorithm) = (c.data(), c.handle::<aw_key>(Kind::Key), c.name());
                let (headers, flags) = (c.data(), u32::from(c.byte()));
                c.make(Kind::Buffer, |token, error| {
                    aw_jws_sign(
                        payload.pointer(),
                        payload.length(),
                        key,
                        algorithm.pointer(),
                        headers.pointer(),
                        headers.length(),
                        flags,
                        token,
                        error,
                    )
                });
            }
            56 => jws_verify(c),
            57 => {
                let jws = c.handle::<aw_jws>(Kind::Jws);
                c.borrowed(|length| aw_jws_payload(jws, length));
                c.borrowed(|length| aw_jws_header_json(jws, length));
            }
            58 => {
                let buffer = c.handle::<aw_buffer>(Kind::Buffer);
                let length = aw_buffer_length(buffer);
                c.borrowed(|place| {
                    if !place.is_null() {
                        place.write(length);
                    }
                    aw_buffer_data(buffer)
                });
            }
            59 => {
                let status = c.word() as i32;
                c.shown(aw_status_name(status));
                c.shown(aw_status_meaning(status));
                c.shown(aw_version());
            }
            61 => {
                let (source, target, timeout) = (c.handle(Kind::Store), c.handle(Kind::Store), c.timeout());
                c.count(|written, error| {
                    let status = aw_store_copy(source, target, timeout, written, error);
                    assert_ne!(status, aw_status::AW_OK, "no store here is in SQLite");
                    status
                });
            }
            _ => c.free(),
        }
    }
}

unsafe fn import(c: &mut Program<'_>, form: u8) {
    let data = c.data();
    let (algorithm, kid) = if form == 1 { (None, None) } else { (Some(c.name()), Some(c.name())) };
    let pointer =
        |name: &Option<authwright_fuzz::c::Data>| name.as_ref().map_or(ptr::null(), |name| name.pointer::<c_char>());
    let (algorithm_name, kid_name) = (pointer(&algorithm), pointer(&kid));
    // SAFETY: the caller's promise.
    unsafe {
        match form {
            1 => c.make(Kind::Key, |key, error| aw_key_from_jwk(data.pointer(), data.length(), key, error)),
            2 => c.make(Kind::Key, |key, error| {
                aw_key_from_secret(data.pointer(), data.length(), algorithm_name, kid_name, key, error)
            }),
            _ => {
                let password = c.data();
                if is_costly(data.bytes()) {
                    return;
                }
                c.make(Kind::Key, |key, error| {
                    let (secret, secret_length) = (password.pointer(), password.length());
                    if form == 0 {
                        aw_key_from_pem(
                            data.pointer(),
                            data.length(),
                            algorithm_name,
                            kid_name,
                            secret,
                            secret_length,
                            key,
                            error,
                        )
                    } else {
                        aw_key_from_der(
                            data.pointer(),
                            data.length(),
                            algorithm_name,
                            kid_name,
                            secret,
                            secret_length,
                            key,
                            error,
                        )
                    }
                });
            }
        }
    }
}

unsafe fn key_set(c: &mut Program<'_>) {
    let (set, index) = (c.handle::<aw_keyset>(Kind::KeySet), c.byte() as usize);
    // SAFETY: the caller's promise.
    unsafe {
        c.make(Kind::Buffer, |json, error| aw_keyset_to_json(set, json, error));
        let (keys, rejected) = (aw_keyset_len(set), aw_keyset_rejected_len(set));
        c.make(Kind::Key, |key, error| {
            let status = aw_keyset_get(set, index, key, error);
            assert!(index < keys || status != aw_status::AW_OK);
            status
        });
        let status = c.run(|error| aw_keyset_rejected(set, index, error));
        assert!(status != aw_status::AW_OK && (index < rejected || status == aw_status::AW_ERR_INVALID_ARGUMENT));
    }
}

unsafe fn claim(c: &mut Program<'_>) {
    let (claims, name) = (c.handle::<aw_claims>(Kind::Claims), c.name());
    let name = name.pointer();
    // SAFETY: the caller's promise.
    unsafe {
        match c.byte() % 7 {
            0 => {
                let value = c.data();
                c.run(|error| aw_claims_set_string(claims, name, value.pointer(), value.length(), error));
            }
            1 => {
                let values: Vec<_> = (0..c.byte() % 5).map(|_| c.name()).collect();
                let pointers: Vec<*const c_char> = values.iter().map(|value| value.pointer()).collect();
                c.run(|error| aw_claims_set_strings(claims, name, pointers.as_ptr(), pointers.len(), error));
            }
            2 => {
                let value = c.word() as i64;
                c.run(|error| aw_claims_set_int(claims, name, value, error));
            }
            3 => {
                let value = f64::from_bits(c.word());
                c.run(|error| aw_claims_set_double(claims, name, value, error));
            }
            4 => {
                let value = c.byte() & 1 == 1;
                c.run(|error| aw_claims_set_bool(claims, name, value, error));
            }
            5 => {
                c.run(|error| aw_claims_set_null(claims, name, error));
            }
            _ => {
                let json = c.data();
                c.run(|error| aw_claims_set_json(claims, name, json.pointer(), json.length(), error));
            }
        }
    }
}

unsafe fn token(c: &mut Program<'_>) {
    let (token, name, index) = (c.handle::<aw_token>(Kind::Token), c.name(), c.byte() as usize);
    let name = name.pointer();
    // SAFETY: the caller's promise.
    unsafe {
        c.borrowed(|length| aw_token_claims_json(token, length));
        c.borrowed(|length| aw_token_header_json(token, length));
        c.text(|value, length, error| aw_token_get_string(token, name, value, length, error));
        c.text(|value, length, error| aw_token_get_string_at(token, name, index, value, length, error));
        c.text(|json, length, error| aw_token_get_json(token, name, json, length, error));
        c.value((-7, 0), |value, error| aw_token_get_int(token, name, value, error));
        c.value((-7.0, 0.0), |value, error| aw_token_get_double(token, name, value, error));
        c.value((true, false), |value, error| aw_token_get_bool(token, name, value, error));
    }
}

unsafe fn jws_verify(c: &mut Program<'_>) {
    let (text, payload) = (c.data(), c.data());
    let (key, set) = (c.handle::<aw_key>(Kind::Key), c.handle::<aw_keyset>(Kind::KeySet));
    let names = c.names();
    // SAFETY: the caller's promise.
    unsafe {
        c.make(Kind::Jws, |jws, error| {
            aw_jws_verify_with_key(
                text.pointer(),
                text.length(),
                payload.pointer(),
                payload.length(),
                key,
                names.pointer(),
                names.count(),
                jws,
                error,
            )
        });
        c.make(Kind::Jws, |jws, error| {
            aw_jws_verify(
                text.pointer(),
                text.length(),
                payload.pointer(),
                payload.length(),
                set,
                names.pointer(),
                names.count(),
                jws,
                error,
            )
        });
    }
}

unsafe fn check_api_key(c: &mut Program<'_>) {
    let (keys, presented, scopes) = (c.handle::<aw_api_keys>(Kind::ApiKeys), c.data(), c.names());
    let (timeout, now) = (c.timeout(), c.word() as i64);
    // SAFETY: the caller's promise.
    unsafe {
        c.make(Kind::ApiKey, |key, error| {
            aw_api_keys_verify(
                keys,
                presented.pointer(),
                presented.length(),
                scopes.pointer(),
                scopes.count(),
                timeout,
                key,
                error,
            )
        });
        c.make(Kind::ApiKey, |key, error| {
            aw_api_keys_verify_at(
                keys,
                presented.pointer(),
                presented.length(),
                scopes.pointer(),
                scopes.count(),
                now,
                timeout,
                key,
                error,
            )
        });
    }
}

unsafe fn list_api_keys(c: &mut Program<'_>) {
    let (keys, owner, after) = (c.handle::<aw_api_keys>(Kind::ApiKeys), c.data(), c.data());
    let limit = match c.byte() {
        0xff => usize::MAX,
        limit => usize::from(limit) * 4,
    };
    let timeout = c.timeout();
    // SAFETY: the caller's promise.
    unsafe {
        c.make(Kind::ApiKeyPage, |page, error| {
            aw_api_keys_list(
                keys,
                owner.pointer(),
                owner.length(),
                after.pointer(),
                after.length(),
                limit,
                timeout,
                page,
                error,
            )
        });
    }
}

/// A key of the program's, of a page's, or none.
unsafe fn api_key(c: &mut Program<'_>, key: *const aw_api_key) {
    let index = usize::from(c.byte());
    // SAFETY: the caller's promise.
    unsafe {
        c.borrowed(|length| aw_api_key_secret(key, length));
        c.borrowed(|length| aw_api_key_id(key, length));
        c.borrowed(|length| aw_api_key_owner(key, length));
        c.borrowed(|length| aw_api_key_scope_at(key, index, length));
        assert_eq!(index < aw_api_key_scope_count(key), !aw_api_key_scope_at(key, index, ptr::null_mut()).is_null());
        c.borrowed(|length| aw_api_key_metadata_json(key, length));
        c.borrowed(|length| aw_api_key_last4(key, length));
        aw_api_key_created_at(key);
        c.time(|time| aw_api_key_expires_at(key, time));
        c.time(|time| aw_api_key_revoked_at(key, time));
        c.time(|time| aw_api_key_rotated_at(key, time));
        c.time(|time| aw_api_key_last_used_at(key, time));
        c.make(Kind::Buffer, |json, error| aw_api_key_to_json(key, json, error));
    }
}

unsafe fn check_store(c: &mut Program<'_>) {
    let (store, options) = (c.handle::<aw_store>(Kind::Store), c.data());
    // The whole of it takes a good part of a second.
    let timeout = c.timeout().min(20);
    let mut passed = c.place(true);
    // SAFETY: the caller's promise.
    unsafe {
        c.make(Kind::Buffer, |json, error| {
            let status =
                aw_store_check(store, options.pointer(), options.length(), timeout, passed.pointer(), json, error);
            assert!(status == aw_status::AW_OK || !passed.pointer().as_ref().is_some_and(|passed| *passed));
            status
        });
    }
}
