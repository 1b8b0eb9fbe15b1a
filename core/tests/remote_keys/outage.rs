//! An issuer that is out of reach, and the times of keys.

use authwright_core::operation::{Failure, Response, Sent, Step};
use authwright_core::{Code, Error, RemoteKeySet, RemoteOptions, Verifier};

use crate::issuer::{
    HOUR, ISSUER, Issuer, MINUTE, SECOND, START, answer, code, effect, json, key_0, pinned, policy, refused, seconds,
    token, verifier, wait,
};

/// The order of the checks is fixed: what no key could make good is told as it is, and nothing is fetched for it.
#[test]
fn what_is_no_token_needs_no_keys() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.is_down = true;
    for (token, expected) in [
        (String::new(), Code::TokenMalformed),
        ("Bearer x".to_owned(), Code::TokenMalformed),
        ("a.b.c".to_owned(), Code::TokenEncoding),
        ("x".repeat(100_000), Code::TokenTooLarge),
        // {"alg":"none"} and {"alg":"HS256"}
        ("eyJhbGciOiJub25lIn0.e30.".to_owned(), Code::AlgorithmNotAllowed),
        ("eyJhbGciOiJIUzI1NiJ9.e30.c2ln".to_owned(), Code::AlgorithmNotAllowed),
    ] {
        assert_eq!(code(verifier.verify(&token, seconds(START))), expected, "{token:.20}");
        assert_eq!(code(issuer.verify(&verifier, &token, START)), expected, "{token:.20}");
    }
    assert_eq!(issuer.metadata_fetches, 0);
    assert_eq!(code(issuer.verify(&verifier, &token(0), START)), Code::KeysNeeded);
    assert!(issuer.metadata_fetches > 0);
}

#[test]
fn an_outage_takes_no_keys_away_for_a_day() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    issuer.is_down = true;
    // Ten minutes of life: then asked for before they are used, and used when that fails.
    let end = START + 10 * MINUTE;
    assert_eq!(code(verifier.verify(token(0), seconds(end))), Code::KeysNeeded);
    issuer.verify(&verifier, &token(0), end).unwrap();
    verifier.verify(token(0), seconds(end)).unwrap();
    let mut now = end;
    while now < end + 23 * HOUR {
        now += 10 * SECOND;
        issuer.verify(&verifier, &token(0), now).unwrap();
        assert_eq!(code(issuer.verify(&verifier, &token(1), now)), Code::KeysNeeded);
    }
    let attempts = (issuer.metadata_fetches + issuer.key_fetches) as u64;
    assert!(attempts <= 24 * HOUR / (30 * SECOND) + 2, "{attempts}");
    issuer.is_down = false;
    issuer.published = 1..2;
    issuer.verify(&verifier, &token(1), now + MINUTE).unwrap();
    assert_eq!(code(verifier.verify(token(0), seconds(now + MINUTE))), Code::KeysNeeded);

    issuer.is_down = true;
    let too_long = now + MINUTE + 10 * MINUTE + 24 * HOUR;
    let error = issuer.verify(&verifier, &token(1), too_long).unwrap_err();
    assert_eq!(error.code(), Code::KeysNeeded);
    assert_eq!(error.cause().map(Error::code), Some(Code::Transport));
}

#[test]
fn an_issuer_that_does_not_answer_is_given_up_on_in_time_to_use_the_keys_at_hand() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    let end = START + 10 * MINUTE;
    let mut operations: Vec<_> = (0..3).map(|_| verifier.verify_fetching(token(0), None, end + 5 * SECOND)).collect();
    let (_, request) = effect(&mut operations[0], end);
    assert_eq!(request.deadline, end + 4 * SECOND);
    for operation in &mut operations[1..] {
        assert_eq!(wait(operation, end).until, end + 4 * SECOND);
    }
    for operation in &mut operations[1..] {
        assert!(matches!(operation.step(end + 4 * SECOND), Step::Done(_)));
    }
    let (id, _) = effect(&mut operations[0], end + 4 * SECOND);
    operations[0].resume(id, end + 4 * SECOND, Err(Failure::deadline(Sent::Maybe))).unwrap();
    assert!(matches!(operations[0].step(end + 4 * SECOND), Step::Done(_)));

    // Without usable keys it is the deadline that they are needed for.
    let verifier = self::verifier();
    let mut operation = verifier.verify_fetching(token(0), None, START + 5 * SECOND);
    effect(&mut operation, START);
    let mut other = verifier.verify_fetching(token(0), None, START + 5 * SECOND);
    wait(&mut other, START);
    let Step::Failed(error) = other.step(START + 4 * SECOND) else { panic!("no keys") };
    assert_eq!((error.code(), error.cause().map(Error::code)), (Code::KeysNeeded, Some(Code::Deadline)));
}

#[test]
fn an_issuer_that_is_down_at_first_is_asked_again_soon_and_less_and_less() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.is_down = true;
    let mut attempts = Vec::new();
    for tick in 0..600 {
        let now = START + tick * SECOND / 2;
        let before = issuer.metadata_fetches;
        let error = issuer.verify(&verifier, &token(0), now).unwrap_err();
        assert_eq!((error.code(), error.cause().map(Error::code)), (Code::KeysNeeded, Some(Code::Transport)));
        if issuer.metadata_fetches > before {
            attempts.push((now - START) / SECOND);
        }
    }
    assert_eq!(attempts[0], 0);
    assert!(attempts[1] <= 2, "{attempts:?}");
    let pauses: Vec<u64> = attempts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1] + 10) && *pauses.last().unwrap() >= 30, "{attempts:?}");
    issuer.is_down = false;
    issuer.verify(&verifier, &token(0), START + 400 * SECOND).unwrap();
}

#[test]
fn what_is_due_is_refreshed_in_the_background_and_spread() {
    let mut due = Vec::new();
    for seed in 0..50 {
        let mut issuer = Issuer::new();
        issuer.headers = vec![("Cache-Control", "max-age=3600".to_owned()), ("ETag", "\"1\"".to_owned())];
        let verifier = Verifier::discover(ISSUER, policy(), seed).unwrap();
        issuer.verify(&verifier, &token(0), START).unwrap();
        let keys = verifier.remote_keys().unwrap();
        let first = (0..60).find(|minute| keys.refresh_ahead(START + minute * MINUTE).is_some()).unwrap();
        due.push(first);
        let now = START + first * MINUTE;
        issuer.verify(&verifier, &token(0), now).unwrap();
        assert_eq!(issuer.key_fetches, 1, "nobody waits for it");
        issuer.drive(keys.refresh_ahead(now).unwrap(), now).unwrap();
        assert_eq!((issuer.key_fetches, issuer.metadata_fetches), (2, 1));
        assert!(keys.refresh_ahead(now).is_none());
        verifier.verify(token(0), seconds(START + HOUR + MINUTE)).unwrap();
    }
    assert!(due.iter().all(|minute| (42..=54).contains(minute)), "{due:?}");
    assert!(due.iter().max().unwrap() - due.iter().min().unwrap() >= 9, "{due:?}");
}

#[test]
fn the_life_of_keys_is_bounded() {
    for (cache_control, life) in [
        ("max-age=1", MINUTE),
        ("no-store", MINUTE),
        ("max-age=99999999", 24 * HOUR),
        ("public", 10 * MINUTE),
        ("max-age=7200", 2 * HOUR),
    ] {
        let (mut issuer, verifier) = (Issuer::new(), verifier());
        issuer.headers = vec![("Cache-Control", cache_control.to_owned())];
        issuer.verify(&verifier, &token(0), START).unwrap();
        verifier.verify(token(0), seconds(START + life - SECOND)).unwrap();
        assert_eq!(code(verifier.verify(token(0), seconds(START + life))), Code::KeysNeeded, "{cache_control}");
    }
}

#[test]
fn a_failure_does_not_move_what_the_program_pinned() {
    for options in [
        r#"{"jwks_uri":"https://keys.example/jwks"}"#,
        r#"{"jwks_uri":"https://keys.example/jwks","issuer":"https://id.example"}"#,
        r#"{"jwks_uri":"https://keys.example/jwks","issuer":"not a URL"}"#,
    ] {
        let set = pinned(options);
        let mut now = START;
        for outcome in [refused(), refused(), key_0(None), refused(), key_0(None)] {
            let succeeds = outcome.is_ok();
            let mut fetch = set.refresh(now);
            assert_eq!(answer(&mut fetch, now, outcome).0, "https://keys.example/jwks");
            assert_eq!(matches!(fetch.step(now), Step::Done(())), succeeds);
            now += MINUTE;
        }
        set.key_set(now).unwrap();
    }
    let set = pinned(r#"{"issuer":"https://id.example","metadata_url":"https://id.example/metadata"}"#);
    let mut fetch = set.refresh(START);
    assert_eq!(answer(&mut fetch, START, Ok(Response::new(404, vec![], vec![]))).0, "https://id.example/metadata");
    assert!(matches!(fetch.step(START), Step::Failed(_)), "no other place is tried");
}

#[test]
fn a_clock_that_was_ahead_is_not_believed() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let ahead = START + 24 * HOUR;
    issuer.verify(&verifier, &token(0), ahead).unwrap();
    issuer.published = 1..2;
    let corrected = START + HOUR;
    assert_eq!(code(verifier.verify(token(0), seconds(corrected))), Code::KeysNeeded, "nobody knows how old they are");
    issuer.verify(&verifier, &token(1), corrected).unwrap();
    assert_eq!(code(issuer.verify(&verifier, &token(0), corrected + MINUTE)), Code::KeyNotFound);

    // But threads read it one after the other, and come in another order.
    let threads = self::verifier();
    let mut first = threads.verify_fetching(token(1), None, START + MINUTE);
    let mut second = threads.verify_fetching(token(1), None, START + MINUTE);
    effect(&mut first, START + 1);
    wait(&mut second, START);

    // So with a fetch that was begun then.
    let verifier = self::verifier();
    let mut lost = verifier.verify_fetching(token(1), None, ahead + MINUTE);
    effect(&mut lost, ahead);
    issuer.verify(&verifier, &token(1), corrected).unwrap();
}

#[test]
fn metadata_is_asked_for_again_after_a_day_and_leads_to_where_the_keys_are() {
    let set = RemoteKeySet::new(RemoteOptions::issuer(ISSUER), 1).unwrap();
    let metadata = |place: &str| Ok(json(&format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"{ISSUER}/{place}"}}"#)));
    let mut fetch = set.refresh(START);
    answer(&mut fetch, START, metadata("one"));
    assert_eq!(answer(&mut fetch, START, key_0(Some("\"1\""))), (format!("{ISSUER}/one"), None));
    assert!(matches!(fetch.step(START), Step::Done(())));
    let now = START + 24 * HOUR;
    let mut fetch = set.refresh(now);
    answer(&mut fetch, now, metadata("two"));
    assert_eq!(answer(&mut fetch, now, key_0(None)), (format!("{ISSUER}/two"), None), "the validator is another URL's");
}
