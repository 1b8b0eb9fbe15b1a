//! Keys that come and go.

use authwright_core::operation::Step;
use authwright_core::{Algorithm, Code, Key, KeyOptions, KeySet, Policy, RemoteKeySet, RemoteOptions, Verifier};

use crate::issuer::{
    ISSUER, Issuer, KEYS, MINUTE, SECOND, START, code, effect, forged, json, key_0, pinned, policy, seconds, token,
    token_claims, token_of, verifier,
};

#[test]
fn nothing_is_fetched_before_a_token_comes_and_then_once() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let error = verifier.verify(token(0), seconds(START)).unwrap_err();
    assert_eq!((error.code(), error.cause().is_none()), (Code::KeysNeeded, true));
    assert_eq!(issuer.verify(&verifier, &token(0), START).unwrap().claims_json(), token_claims());
    assert_eq!((issuer.metadata_fetches, issuer.key_fetches), (1, 1));
    verifier.verify(token(0), seconds(START)).unwrap();
    for _ in 0..100 {
        issuer.verify(&verifier, &token(0), START + 5 * MINUTE).unwrap();
    }
    assert_eq!((issuer.metadata_fetches, issuer.key_fetches), (1, 1));
}

#[test]
fn claims_are_judged_as_ever() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    for (claims, expected) in [
        (r#"{"iss":"https://id.example/","aud":"api"}"#, Code::IssuerMismatch),
        (r#"{"iss":"https://id.example","aud":"another"}"#, Code::AudienceMismatch),
        (r#"{"aud":"api"}"#, Code::ClaimMissing),
    ] {
        assert_eq!(code(issuer.verify(&verifier, &token_of(&KEYS[0], claims), START)), expected, "{claims}");
    }
    assert_eq!(code(issuer.verify(&verifier, "x", START)), Code::TokenMalformed);
    assert_eq!(issuer.key_fetches, 1);
}

#[test]
fn a_rotation_is_picked_up_by_the_first_token_of_the_new_key() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    issuer.published = 0..2;
    let later = START + MINUTE;
    assert_eq!(code(verifier.verify(token(1), seconds(later))), Code::KeysNeeded);
    issuer.verify(&verifier, &token(1), later).unwrap();
    verifier.verify(token(0), seconds(later)).unwrap();
    // Twice within a cooldown is the one thing that must wait.
    issuer.published = 0..3;
    let error = issuer.verify(&verifier, &token(2), later + SECOND).unwrap_err();
    assert_eq!((error.code(), issuer.key_fetches), (Code::KeysNeeded, 2));
    issuer.verify(&verifier, &token(2), later + MINUTE).unwrap();
    assert_eq!(issuer.key_fetches, 3);
}

#[test]
fn another_algorithm_is_a_rotation_too_but_none_that_the_policy_or_a_public_key_forbids() {
    let mut issuer = Issuer::new();
    let (verifier, strict) = (
        verifier(),
        Verifier::discover(ISSUER, Policy::from_json(r#"{"audience":"api","algorithms":["EdDSA"]}"#).unwrap(), 1)
            .unwrap(),
    );
    issuer.verify(&verifier, &token(0), START).unwrap();
    code(issuer.verify(&strict, &token(0), START));
    let es256 = Key::generate(Algorithm::ES256, Some("es"), None).unwrap();
    let token = token_of(&es256, "{}");
    assert_eq!(code(verifier.verify(&token, seconds(START))), Code::KeysNeeded);
    assert_eq!(code(strict.verify(&token, seconds(START))), Code::AlgorithmNotAllowed);
    let secret = Key::from_secret(&[7; 32], &KeyOptions::default()).unwrap();
    assert_eq!(code(verifier.verify(token_of(&secret, "{}"), seconds(START))), Code::AlgorithmNotAllowed);
}

#[test]
fn a_flood_of_invented_keys_is_one_fetch_in_a_cooldown() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    let flood = START + MINUTE;
    assert_eq!(code(issuer.verify(&verifier, &forged("first"), flood)), Code::KeyNotFound);
    for second in 0..30 {
        let now = flood + second * SECOND;
        // The one that the issuer was asked for is known to be no key of its; of the others nobody knows.
        assert_eq!(code(issuer.verify(&verifier, &forged("first"), now)), Code::KeyNotFound);
        assert_eq!(code(issuer.verify(&verifier, &forged(&format!("kid-{second}")), now)), Code::KeysNeeded);
        verifier.verify(token(0), seconds(now)).unwrap();
    }
    assert_eq!(issuer.key_fetches, 2);
    // An issuer may come to have a key whose name was guessed before.
    assert_eq!(code(issuer.verify(&verifier, &forged("first"), flood + 38 * SECOND)), Code::KeyNotFound);
    assert_eq!(issuer.key_fetches, 3);
}

#[test]
fn keys_without_kid_are_rotated_too() {
    let nameless =
        |n: usize| Key::from_jwk(&KEYS[n].to_jwk(true).unwrap().replace(&format!(r#","kid":"key-{n}""#), "")).unwrap();
    assert_eq!(nameless(0).kid(), None);
    let set =
        RemoteKeySet::new(RemoteOptions::from_json(r#"{"jwks_uri":"https://id.example/jwks"}"#).unwrap(), 1).unwrap();
    let verifier = Verifier::remote(&set, policy()).unwrap();
    let drive = |token: &str, published: usize, now| {
        let mut operation = verifier.verify_fetching(token, None, now + SECOND);
        loop {
            match operation.step(now) {
                Step::Effect(effect) => {
                    let id = effect.id;
                    let body = KeySet::new([nameless(published)]).to_json();
                    operation.resume(id, now, Ok(json(&body))).unwrap();
                }
                Step::Done(token) => return Ok(token),
                Step::Failed(error) => return Err(error),
                Step::Wait(_) => panic!("nobody else is at it"),
            }
        }
    };
    let token = |n: usize| token_of(&nameless(n), r#"{"aud":"api"}"#);
    drive(&token(0), 0, START).unwrap();
    drive(&token(1), 1, START + MINUTE).unwrap();
    assert_eq!(code(drive(&token(0), 1, START + 2 * MINUTE)), Code::SignatureInvalid);
}

#[test]
fn the_policy_and_the_keys_are_of_one_issuer() {
    let keys = RemoteKeySet::new(RemoteOptions::issuer(ISSUER), 1).unwrap();
    let remote = |policy: &str| Verifier::remote(&keys, Policy::from_json(policy).unwrap());
    remote(r#"{"issuer":"https://id.example"}"#).unwrap();
    for policy in
        [r#"{"issuer":"https://other.example"}"#, r#"{"issuer":["https://id.example","https://other.example"]}"#]
    {
        let error = remote(policy).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("issuer")));
    }
    assert_eq!(code(Verifier::discover("http://id.example", policy(), 1)), Code::UrlRefused);
}

#[test]
fn fixed_keys_need_no_fetch() {
    let verifier = Verifier::new(KEYS[0].public_key().unwrap(), policy()).unwrap();
    let mut operation = verifier.verify_fetching(token(0), None, START + SECOND);
    assert!(matches!(operation.step(START), Step::Done(_)));
    assert!(verifier.remote_keys().is_none());
}

#[test]
fn a_key_that_the_issuer_was_just_asked_for_is_known_not_to_be_its() {
    // Even if asking took longer than the cooldown.
    let set = pinned(r#"{"jwks_uri":"https://keys.example/jwks","cooldown":1}"#);
    let verifier = Verifier::remote(&set, policy()).unwrap();
    let mut operation = verifier.verify_fetching(token(1), None, START + MINUTE);
    let (id, _) = effect(&mut operation, START);
    operation.resume(id, START + 5 * SECOND, key_0(None)).unwrap();
    let Step::Failed(error) = operation.step(START + 5 * SECOND) else { panic!("not its key") };
    assert_eq!(error.code(), Code::KeyNotFound);
}

#[test]
fn one_forged_token_without_kid_does_not_speak_for_all() {
    let nameless =
        |n: usize| Key::from_jwk(&KEYS[n].to_jwk(true).unwrap().replace(&format!(r#","kid":"key-{n}""#), "")).unwrap();
    let set = pinned(r#"{"jwks_uri":"https://keys.example/jwks"}"#);
    let verifier = Verifier::remote(&set, policy()).unwrap();
    let forged = token_of(&nameless(3), r#"{"aud":"api"}"#);
    let mut operation = verifier.verify_fetching(&forged, None, START + MINUTE);
    let (id, _) = effect(&mut operation, START);
    operation.resume(id, START, Ok(json(&KeySet::new([nameless(0)]).to_json()))).unwrap();
    let Step::Failed(error) = operation.step(START) else { panic!("forged") };
    assert_eq!(error.code(), Code::SignatureInvalid);
    assert_eq!(code(verifier.verify(&forged, seconds(START))), Code::SignatureInvalid);
    // The issuer may have rotated its key since.
    assert_eq!(code(verifier.verify(token_of(&nameless(1), r#"{"aud":"api"}"#), seconds(START))), Code::KeysNeeded);
}
