//! A state that outlives its process, and the end of a set.

use authwright_core::{Code, Key, KeyOptions, RemoteKeySet, RemoteOptions};

use crate::issuer::{HOUR, Issuer, MINUTE, START, code, seconds, token, verifier};

#[test]
fn a_state_starts_the_next_process_warm() {
    let seal = |byte: u8| Key::from_secret(&[byte; 32], &KeyOptions::default()).unwrap();
    let (mut issuer, first) = (Issuer::new(), verifier());
    let keys = first.remote_keys().unwrap();
    assert_eq!(code(keys.export_state(&seal(1))), Code::KeysNeeded);
    issuer.verify(&first, &token(0), START).unwrap();
    let state = keys.export_state(&seal(1)).unwrap();

    let second = verifier();
    let keys = second.remote_keys().unwrap();
    assert_eq!(code(keys.import_state(&state, &[seal(2)], START)), Code::StateInvalid);
    assert_eq!(code(keys.import_state(&state, &[seal(1)], START - HOUR)), Code::StateInvalid);
    assert_eq!(code(keys.import_state("x", &[seal(1)], START)), Code::StateInvalid);
    assert_eq!(code(second.verify(token(0), seconds(START))), Code::KeysNeeded);
    keys.import_state(&state, &[seal(2), seal(1)], START + MINUTE).unwrap();
    second.verify(token(0), seconds(START + MINUTE)).unwrap();
    assert_eq!(code(second.verify(token(0), seconds(START + 10 * MINUTE))), Code::KeysNeeded, "as old as they were");

    // A state that is older than the keys at hand changes nothing.
    issuer.published = 1..2;
    issuer.verify(&second, &token(1), START + 2 * MINUTE).unwrap();
    keys.import_state(&state, &[seal(1)], START + 3 * MINUTE).unwrap();
    second.verify(token(1), seconds(START + 3 * MINUTE)).unwrap();

    let another = RemoteKeySet::new(RemoteOptions::issuer("https://other.example"), 1).unwrap();
    assert_eq!(code(another.import_state(&state, &[seal(1)], START)), Code::StateInvalid);
}

#[test]
fn a_closed_set_fetches_no_more() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    verifier.remote_keys().unwrap().close();
    verifier.verify(token(0), seconds(START)).unwrap();
    assert_eq!(code(issuer.verify(&verifier, &token(1), START + HOUR)), Code::Closed);
    assert!(verifier.remote_keys().unwrap().refresh_ahead(START + 9 * MINUTE).is_none());
}

#[test]
fn a_state_is_exported_in_an_outage_too() {
    let seal = Key::from_secret(&[1; 32], &KeyOptions::default()).unwrap();
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    issuer.is_down = true;
    issuer.verify(&verifier, &token(0), START + 10 * MINUTE).unwrap();
    let state = verifier.remote_keys().unwrap().export_state(&seal).unwrap();
    let next = self::verifier();
    next.remote_keys().unwrap().import_state(&state, &[seal], START + 10 * MINUTE).unwrap();
    issuer.verify(&next, &token(0), START + 11 * MINUTE).unwrap();
}
