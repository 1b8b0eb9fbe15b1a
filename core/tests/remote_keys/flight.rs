//! Many callers, one fetch.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use authwright_core::operation::{EffectKind, Failure, Sent, Step};
use authwright_core::{Code, Error};

use crate::issuer::{
    HOUR, Issuer, MINUTE, SECOND, START, code, effect, forged, refused, seconds, token, verifier, wait,
};

#[test]
fn one_fetch_serves_all_who_wait() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let mut operations: Vec<_> =
        (0..100).map(|_| verifier.verify_fetching(token(0), None, START + 5 * SECOND)).collect();
    let (leader, others) = operations.split_first_mut().unwrap();
    let (id, request) = effect(leader, START);
    let told = Arc::new(AtomicBool::new(false));
    for other in others.iter_mut() {
        let wait = wait(other, START);
        assert_eq!(wait.until, START + 4 * SECOND, "some time is kept for judging");
        let told = Arc::clone(&told);
        wait.signal.notify(Box::new(move || told.store(true, Ordering::Relaxed)));
    }
    leader.resume(id, START, issuer.answer(&request)).unwrap();
    assert!(!told.load(Ordering::Relaxed));
    let (id, request) = effect(leader, START);
    leader.resume(id, START, issuer.answer(&request)).unwrap();
    assert!(told.load(Ordering::Relaxed));
    for operation in &mut operations {
        assert!(matches!(operation.step(START), Step::Done(_)));
        assert!(matches!(operation.step(START), Step::Failed(_)), "it is over");
    }
    assert_eq!((issuer.metadata_fetches, issuer.key_fetches), (1, 1));
}

#[test]
fn a_cancelled_leader_leaves_the_others_whole() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let begin = || verifier.verify_fetching(token(0), None, START + 5 * SECOND);
    let (mut leader, mut second, mut third) = (begin(), begin(), begin());
    effect(&mut leader, START);
    let waiting = wait(&mut second, START);
    wait(&mut third, START);
    let told = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&told);
    waiting.signal.notify(Box::new(move || tell.store(true, Ordering::Relaxed)));
    drop(leader);
    assert!(told.load(Ordering::Relaxed));
    effect(&mut second, START + SECOND);
    wait(&mut third, START + SECOND);
    issuer.drive(second, START + SECOND).unwrap();
    assert!(matches!(third.step(START + SECOND), Step::Done(_)));
    assert_eq!((issuer.metadata_fetches, issuer.key_fetches), (1, 1));
}

#[test]
fn a_leader_that_is_never_driven_is_given_up_on() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let mut leader = verifier.verify_fetching(token(0), None, START + HOUR);
    effect(&mut leader, START);
    let mut second = verifier.verify_fetching(token(0), None, START + HOUR);
    let until = wait(&mut second, START).until;
    assert_eq!(until, START + 11 * SECOND);
    issuer.drive(second, until).unwrap();
    // Its answer, should it come, changes nothing any more.
    let (id, _) = effect(&mut leader, until);
    leader.resume(id, until, Err(Failure::transport(Sent::Maybe, "late"))).unwrap();
    assert!(matches!(leader.step(until), Step::Done(_)));
    verifier.verify(token(0), seconds(until)).unwrap();
}

#[test]
fn a_fetch_that_ends_at_its_deadline_fails_for_all() {
    let (verifier, mut issuer) = (verifier(), Issuer::new());
    let mut operations: Vec<_> = (0..3).map(|_| verifier.verify_fetching(token(0), None, START + MINUTE)).collect();
    let (id, request) = effect(&mut operations[0], START);
    assert_eq!(request.deadline, START + 10 * SECOND);
    wait(&mut operations[1], START);
    wait(&mut operations[2], START);
    let end = START + 10 * SECOND + 5;
    wait(&mut operations[1], end);
    operations[0].resume(id, end, Err(Failure::deadline(Sent::Maybe))).unwrap();
    for mut operation in operations {
        let Step::Failed(error) = operation.step(end) else { panic!("the fetch failed") };
        assert_eq!((error.code(), error.cause().map(Error::code)), (Code::KeysNeeded, Some(Code::Deadline)));
    }
    assert_eq!(code(issuer.verify(&verifier, &token(0), end)), Code::KeysNeeded);
    assert_eq!(issuer.metadata_fetches, 0, "the pause is kept");
}

#[test]
fn ids_deadlines_and_ends() {
    let verifier = verifier();
    let mut operation = verifier.verify_fetching(token(0), None, START + SECOND);
    let (id, first) = effect(&mut operation, START);
    let (again, second) = effect(&mut operation, START);
    assert_eq!((id, &first.url), (again, &second.url));
    assert!(first.deadline <= START + SECOND);
    let error = operation.resume(id + 1, START, Err(Failure::deadline(Sent::Maybe))).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("id")));
    assert_eq!(effect(&mut operation, START).0, id, "nothing has changed");
    let Step::Failed(error) = operation.step(START + SECOND) else { panic!("its time is over") };
    assert_eq!(error.code(), Code::Deadline);
    assert!(operation.resume(id, START + SECOND, Err(Failure::deadline(Sent::Maybe))).is_err());
    let Step::Failed(error) = operation.step(START) else { panic!("over") };
    assert_eq!(error.field(), Some("operation"));
}

#[test]
fn a_fetch_that_nobody_ended_costs_nobody_a_cooldown() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let mut first = verifier.verify_fetching(token(0), None, START + 5 * SECOND);
    effect(&mut first, START);
    drop(first);
    issuer.verify(&verifier, &token(0), START).unwrap();
}

#[test]
fn who_cancels_again_and_again_is_not_served_faster() {
    let verifier = verifier();
    let (mut requests, mut now) = (0, START);
    while now < START + 60 * SECOND {
        let mut operation = verifier.verify_fetching(forged("x"), None, now + 5 * SECOND);
        if matches!(operation.step(now), Step::Effect(_)) {
            requests += 1;
        }
        drop(operation);
        now += 100;
    }
    // At 0, 0, 1, 3, 7, 15, 31 seconds, and so on.
    assert!((5..=9).contains(&requests), "{requests}");
    // And whoever waits through such a pause is served at its end.
    let mut patient = verifier.verify_fetching(token(0), None, now + 60 * SECOND);
    let until = wait(&mut patient, now).until;
    assert!(until <= now + 30 * SECOND);
    Issuer::new().drive(patient, until).unwrap();
}

#[test]
fn an_impatient_leader_does_not_fail_for_the_others() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let mut impatient = verifier.verify_fetching(token(0), None, START + 100);
    let mut patient = verifier.verify_fetching(token(0), None, START + MINUTE);
    let (id, request) = effect(&mut impatient, START);
    assert_eq!(request.deadline, START + 80);
    wait(&mut patient, START);
    impatient.resume(id, START + 80, Err(Failure::deadline(Sent::Maybe))).unwrap();
    let Step::Failed(error) = impatient.step(START + 80) else { panic!("no keys") };
    assert_eq!((error.code(), error.cause().map(Error::code)), (Code::KeysNeeded, Some(Code::Deadline)));
    issuer.drive(patient, START + 90).unwrap();
}

#[test]
fn who_has_less_time_than_a_refresh_ends_it_for_itself_alone() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    let keys = verifier.remote_keys().unwrap();
    let mut impatient = keys.refresh(START).within(START + 100);
    let patient = keys.refresh(START).within(START + HOUR);
    assert_eq!(impatient.deadline(), START + 100);
    assert!(patient.deadline() < START + MINUTE, "no later than its own");
    let Step::Effect(effect) = impatient.step(START) else { panic!("an effect") };
    let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
    assert_eq!(request.deadline, START + 100);
    let id = effect.id;
    impatient.resume(id, START + 100, Err(Failure::deadline(Sent::Maybe))).unwrap();
    let Step::Failed(error) = impatient.step(START + 100) else { panic!("its time is over") };
    assert_eq!(error.code(), Code::Deadline);
    issuer.drive(patient, START + 100).unwrap();
}

#[test]
fn a_late_answer_is_as_good_as_it_is_new() {
    let (mut issuer, verifier) = (Issuer::new(), verifier());
    issuer.verify(&verifier, &token(0), START).unwrap();
    issuer.published = 0..2;
    let now = START + MINUTE;
    let mut lost = verifier.verify_fetching(token(1), None, now + HOUR);
    let (id, request) = effect(&mut lost, now);
    // Thought lost, and taken over by one whose request fails.
    let later = now + 11 * SECOND;
    let mut next = verifier.verify_fetching(token(1), None, later + HOUR);
    let (other, _) = effect(&mut next, later);
    lost.resume(id, later, issuer.answer(&request)).unwrap();
    assert!(matches!(lost.step(later), Step::Done(_)), "its keys were asked for after those at hand");
    next.resume(other, later, refused()).unwrap();
    assert!(matches!(next.step(later), Step::Done(_)));
    verifier.verify(token(1), seconds(later)).unwrap();
}

#[test]
fn one_who_panics_when_told_leaves_nobody_waiting() {
    let verifier = verifier();
    let mut leader = verifier.verify_fetching(token(0), None, START + 5 * SECOND);
    let mut other = verifier.verify_fetching(token(0), None, START + 5 * SECOND);
    effect(&mut leader, START);
    let signal = wait(&mut other, START).signal;
    let told = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&told);
    signal.notify(Box::new(|| panic!("a hook")));
    signal.notify(Box::new(move || tell.store(true, Ordering::Relaxed)));
    drop(leader);
    assert!(told.load(Ordering::Relaxed));
}

#[test]
fn threads_wait_for_one_fetch() {
    let verifier = verifier();
    let fetches = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| {
                let now = || START + u64::try_from(BEGUN.elapsed().as_millis()).unwrap();
                let mut operation = verifier.verify_fetching(token(0), None, now() + 5 * SECOND);
                loop {
                    let time = now();
                    let (id, request) = match operation.step(time) {
                        Step::Effect(effect) => {
                            let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
                            (effect.id, request.clone())
                        }
                        Step::Wait(wait) => {
                            wait.signal.wait(wait.until - time);
                            continue;
                        }
                        Step::Done(_) => return,
                        Step::Failed(error) => panic!("{error}"),
                    };
                    fetches.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(std::time::Duration::from_millis(50));
                    operation.resume(id, now(), Issuer::new().answer(&request)).unwrap();
                }
            });
        }
    });
    assert_eq!(fetches.into_inner(), 2, "the metadata, and the keys");
}

static BEGUN: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);
