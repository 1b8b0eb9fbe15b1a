//! One access token for all of a process.

use std::sync::Arc;
use std::thread;

use authwright_core::Code;
use authwright_core::oauth::{ManagerOptions, TokenManager, Tokens};
use authwright_core::operation::{EffectKind, Failure, Operation, Request, Sent, Step};
use serde_json::json;

use crate::provider::{Provider, SECOND, START, client};

const HOUR: u64 = 3600 * SECOND;

fn manager(provider: &mut Provider, options: &str) -> TokenManager {
    let client = client(json!({}));
    let tokens = provider.log_in(&client).unwrap();
    TokenManager::new(&client, tokens, ManagerOptions::from_json(options).unwrap(), START)
}

fn ask(provider: &mut Provider, manager: &TokenManager, now: u64) -> Result<String, Code> {
    let outcome = provider.drive(manager.tokens(false, now + 30 * SECOND), now);
    outcome.map(|tokens| tokens.access_token().to_owned()).map_err(|error| error.code())
}

/// Steps to the request, without answering it.
fn leads(operation: &mut Operation<Tokens>, now: u64) -> (u64, Request) {
    let Step::Effect(effect) = operation.step(now) else { panic!("another leads") };
    let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
    (effect.id, request.clone())
}

/// The refresh tokens that the provider got.
fn sent(provider: &Provider) -> Vec<&str> {
    provider.forms.iter().filter_map(|form| form.get("refresh_token")).map(String::as_str).collect()
}

#[test]
fn a_token_is_renewed_before_it_ends() {
    let mut provider = Provider::new();
    let manager = manager(&mut provider, "{}");
    assert_eq!(ask(&mut provider, &manager, START + HOUR / 2).unwrap(), "at-1");
    // A tenth of its life is 360 s, and 300 the most; up to 75 s earlier, so that processes do not ask together.
    assert_eq!(ask(&mut provider, &manager, START + HOUR - 376 * SECOND).unwrap(), "at-1");
    assert_eq!(ask(&mut provider, &manager, START + HOUR - 300 * SECOND).unwrap(), "at-2");
    assert_eq!(provider.forms[1]["refresh_token"], "rt-1");
    assert_eq!(ask(&mut provider, &manager, START + HOUR).unwrap(), "at-2");
    let forced = provider.drive(manager.tokens(true, START + 2 * HOUR), START + HOUR).unwrap();
    assert_eq!((forced.access_token(), provider.forms[2]["refresh_token"].as_str()), ("at-3", "rt-2"));
}

#[test]
fn one_refreshes_and_the_others_use_or_wait() {
    let mut provider = Provider::new();
    let manager = manager(&mut provider, "{}");
    let due = START + HOUR - SECOND * 30;
    let mut leader = manager.tokens(false, due + 10 * SECOND);
    leads(&mut leader, due);
    // The old token is valid still.
    assert_eq!(ask(&mut provider, &manager, due).unwrap(), "at-1");
    // Over: they wait, to their own deadline.
    let over = START + HOUR + SECOND;
    let mut waiter = manager.tokens(false, over + 20 * SECOND);
    assert!(matches!(waiter.step(over), Step::Wait(_)));
    // Its maker goes, and takes along what became of the refresh token.
    drop(leader);
    match waiter.step(over) {
        Step::Failed(error) => assert_eq!(error.code(), Code::RefreshUncertain),
        other => panic!("{other:?}"),
    }
    assert_eq!(provider.forms.len(), 1);
}

#[test]
fn a_waiter_has_a_deadline_of_its_own() {
    let mut provider = Provider::new();
    let manager = manager(&mut provider, "{}");
    let over = START + HOUR + SECOND;
    let mut leader = manager.tokens(false, over + SECOND);
    let (id, request) = leads(&mut leader, over);
    let (mut one, mut other) = (manager.tokens(false, over + 2 * SECOND), manager.tokens(false, over + 9 * SECOND));
    assert!(matches!(one.step(over), Step::Wait(wait) if wait.until == over + 2 * SECOND));
    assert!(matches!(other.step(over), Step::Wait(_)));
    match one.step(over + 2 * SECOND) {
        Step::Failed(error) => assert_eq!(error.code(), Code::Deadline),
        step => panic!("{step:?}"),
    }
    // Who leads goes on beyond its own deadline: the request is out.
    let late = over + 5 * SECOND;
    let outcome = provider.send(&request, late);
    leader.resume(id, late, outcome).unwrap();
    assert_eq!(provider.drive(leader, late).unwrap().access_token(), "at-2");
    assert!(matches!(other.step(late), Step::Done(tokens) if tokens.access_token() == "at-2"));
    assert_eq!(provider.forms.len(), 2);
}

#[test]
fn who_is_cancelled_before_the_request_leaves_it_to_another() {
    let mut provider = Provider::new();
    let client = client(json!({}));
    let tokens = provider.log_in(&client).unwrap();
    // A client that has discovered nothing yet.
    let fresh = crate::provider::client(json!({}));
    let manager = TokenManager::new(&fresh, tokens, ManagerOptions::from_json("{}").unwrap(), START);
    let over = START + HOUR + SECOND;
    let mut leader = manager.tokens(false, over + SECOND);
    leads(&mut leader, over);
    drop(leader);
    assert_eq!(ask(&mut provider, &manager, over + 2 * SECOND).unwrap(), "at-2");
}

#[test]
fn what_may_have_been_sent_is_not_sent_again() {
    let mut provider = Provider::new();
    let manager = manager(&mut provider, "{}");
    provider.failure = Some(Failure::transport(Sent::Maybe, "reset"));
    // The token at hand is valid for 200 s more.
    let due = START + HOUR - 200 * SECOND;
    assert_eq!(ask(&mut provider, &manager, due).unwrap(), "at-1");
    assert_eq!(ask(&mut provider, &manager, due + 60 * SECOND).unwrap(), "at-1");
    assert_eq!(ask(&mut provider, &manager, START + HOUR).unwrap_err(), Code::RefreshUncertain);
    assert_eq!(provider.forms.len(), 2);
    // The program got others.
    let tokens = Tokens::from_json(r#"{"access_token":"new","expires_at":1700009999}"#).unwrap();
    manager.replace(tokens, START + HOUR);
    assert_eq!(ask(&mut provider, &manager, START + HOUR).unwrap(), "new");
    assert_eq!(manager.current().access_token(), "new");
    assert_eq!(ask(&mut provider, &manager, START + 3 * HOUR).unwrap_err(), Code::RefreshTokenMissing);
}

#[test]
fn what_passes_is_tried_again() {
    let mut provider = Provider::new();
    let manager = manager(&mut provider, "{}");
    let over = START + HOUR + SECOND;
    provider.failure = Some(Failure::transport(Sent::Not, "refused"));
    assert_eq!(ask(&mut provider, &manager, over).unwrap_err(), Code::Transport);
    assert_eq!(
        ask(&mut provider, &manager, over + SECOND).unwrap_err(),
        Code::Transport,
        "not in step with every caller"
    );
    assert_eq!(provider.forms.len(), 2);
    (provider.status, provider.answer) = (503, json!({"error": "temporarily_unavailable"}));
    assert_eq!(ask(&mut provider, &manager, over + 6 * SECOND).unwrap_err(), Code::GrantRefused);
    (provider.status, provider.answer) = (200, json!({}));
    assert_eq!(ask(&mut provider, &manager, over + 12 * SECOND).unwrap(), "at-4");
    (provider.status, provider.answer) = (400, json!({"error": "invalid_grant"}));
    let end = over + 2 * HOUR;
    assert_eq!(ask(&mut provider, &manager, end).unwrap_err(), Code::GrantRefused);
    (provider.status, provider.answer) = (200, json!({}));
    assert_eq!(
        ask(&mut provider, &manager, end + HOUR).unwrap_err(),
        Code::GrantRefused,
        "it will not change its mind"
    );
    assert_eq!(provider.forms.len(), 5);
}

#[test]
fn new_tokens_are_used_once_they_are_kept() {
    let mut provider = Provider::new();
    let manager = manager(&mut provider, r#"{"persist":true}"#);
    provider.keeps = false;
    // The token at hand is valid still, but the refresh token behind it is spent.
    let due = START + HOUR - 200 * SECOND;
    assert_eq!(ask(&mut provider, &manager, due).unwrap(), "at-1");
    assert_eq!(ask(&mut provider, &manager, due + SECOND).unwrap(), "at-1");
    assert_eq!(provider.kept.len(), 1, "not with every call");
    assert_eq!(ask(&mut provider, &manager, START + HOUR).unwrap_err(), Code::PersistFailed);
    assert_eq!(provider.kept.len(), 2, "handed over again, before anything else");
    provider.keeps = true;
    assert_eq!(ask(&mut provider, &manager, START + HOUR + SECOND).unwrap_err(), Code::PersistFailed);
    assert_eq!(ask(&mut provider, &manager, START + HOUR + 6 * SECOND).unwrap(), "at-2");
    assert_eq!(provider.forms.len(), 2, "one refresh for all of it");
    assert!(
        provider.kept.iter().all(|tokens| tokens.access_token() == "at-2" && tokens.refresh_token() == Some("rt-2"))
    );
}

#[test]
fn many_threads_make_one_refresh() {
    let provider = Arc::new(std::sync::Mutex::new(Provider::new()));
    let manager = manager(&mut provider.lock().unwrap(), r#"{"persist":true}"#);
    let over = START + HOUR + SECOND;
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let (manager, provider) = (manager.clone(), Arc::clone(&provider));
            thread::spawn(move || {
                manager
                    .tokens(false, over + 60 * SECOND)
                    .run(
                        || over,
                        |request, now| provider.lock().unwrap().send(request, now),
                        |tokens| provider.lock().unwrap().keep(tokens),
                        |_| {},
                    )
                    .unwrap()
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap().access_token(), "at-2");
    }
    let provider = provider.lock().unwrap();
    assert_eq!((provider.forms.len(), provider.kept.len()), (2, 1));
}

#[test]
fn however_short_its_life_a_token_is_not_renewed_by_every_call() {
    for (answer, options) in
        [(json!({"expires_in": 0}), "{}"), (json!({"expires_in": 10}), "{}"), (json!({}), r#"{"renew_before":3600}"#)]
    {
        let mut provider = Provider::new();
        let manager = manager(&mut provider, options);
        provider.answer = answer;
        let over = START + HOUR + SECOND;
        for _ in 0..3 {
            assert_eq!(ask(&mut provider, &manager, over).unwrap(), "at-2");
        }
        assert_eq!(provider.forms.len(), 2);
    }
}

#[test]
fn what_the_program_hands_over_is_not_used_beyond_its_time() {
    let mut provider = Provider::new();
    let manager = manager(&mut provider, r#"{"renew_before":1}"#);
    let tokens = r#"{"access_token":"old","refresh_token":"rt","expires_at":1700003600}"#;
    for (now, expected) in
        [(START + HOUR - 6 * SECOND, "old"), (START + HOUR - 5 * SECOND, "at-2"), (START + HOUR, "at-3")]
    {
        manager.replace(Tokens::from_json(tokens).unwrap(), now);
        assert_eq!(ask(&mut provider, &manager, now).unwrap(), expected);
    }
}

#[test]
fn who_took_too_long_does_not_send_it_a_second_time() {
    let mut provider = Provider::new();
    let tokens = provider.log_in(&client(json!({}))).unwrap();
    let options = ManagerOptions::from_json("{}").unwrap();
    let manager = TokenManager::new(&client(json!({})), tokens, options, START);
    let over = START + HOUR + SECOND;
    let mut leader = manager.tokens(false, over + 600 * SECOND);
    let (id, discovery) = leads(&mut leader, over);
    // Its process was suspended, and another took over.
    let later = over + 60 * SECOND;
    assert_eq!(ask(&mut provider, &manager, later).unwrap(), "at-2");
    let outcome = provider.send(&discovery, later);
    leader.resume(id, later, outcome).unwrap();
    assert_eq!(provider.drive(leader, later).unwrap().access_token(), "at-2");
    assert_eq!(sent(&provider), ["rt-1"]);
}

#[test]
fn an_answer_that_came_late_is_an_answer() {
    let mut provider = Provider::new();
    let manager = manager(&mut provider, "{}");
    let over = START + HOUR + SECOND;
    let mut leader = manager.tokens(false, over + 600 * SECOND);
    let (id, request) = leads(&mut leader, over);
    let outcome = provider.send(&request, over);
    // The clock is set on by a minute, and another thinks that the leader is lost.
    let later = over + 60 * SECOND;
    assert_eq!(ask(&mut provider, &manager, later).unwrap_err(), Code::RefreshUncertain);
    leader.resume(id, later, outcome).unwrap();
    assert_eq!(provider.drive(leader, later).unwrap().access_token(), "at-2");
    assert_eq!(ask(&mut provider, &manager, later).unwrap(), "at-2");
    assert_eq!(sent(&provider), ["rt-1"]);
}

#[test]
fn an_answer_that_came_outlives_who_asked_for_it() {
    for is_stepped in [false, true] {
        let mut provider = Provider::new();
        let manager = manager(&mut provider, "{}");
        let over = START + HOUR + SECOND;
        let mut leader = manager.tokens(false, over + 60 * SECOND);
        let (id, request) = leads(&mut leader, over);
        let outcome = provider.send(&request, over);
        leader.resume(id, over, outcome).unwrap();
        if is_stepped {
            // The keys for its ID token are an hour old.
            assert!(leads(&mut leader, over).1.url.ends_with("/jwks"));
        }
        drop(leader);
        assert_eq!(ask(&mut provider, &manager, over + SECOND).unwrap(), "at-2");
        assert_eq!(sent(&provider), ["rt-1"]);
    }
}

#[test]
fn what_the_program_replaced_is_not_kept_over_it() {
    let mut provider = Provider::new();
    let manager = manager(&mut provider, r#"{"persist":true}"#);
    let over = START + HOUR + SECOND;
    let mut leader = manager.tokens(false, over + 60 * SECOND);
    let (id, request) = leads(&mut leader, over);
    let outcome = provider.send(&request, over);
    let tokens = r#"{"access_token":"new","refresh_token":"new","expires_at":1700009999}"#;
    manager.replace(Tokens::from_json(tokens).unwrap(), over);
    leader.resume(id, over, outcome).unwrap();
    assert_eq!(provider.drive(leader, over).unwrap().access_token(), "new");
    assert_eq!(provider.kept.len(), 0);
}

#[test]
fn a_refusal_is_certain_whatever_its_status() {
    let mut provider = Provider::new();
    let manager = manager(&mut provider, "{}");
    let over = START + HOUR + SECOND;
    provider.answer = json!({"ok": false, "error": "ratelimited"});
    assert_eq!(ask(&mut provider, &manager, over).unwrap_err(), Code::GrantRefused);
    provider.answer = json!({});
    assert_eq!(ask(&mut provider, &manager, over + 6 * SECOND).unwrap(), "at-3");
    // What stands in front of it may know no better.
    (provider.status, provider.answer) = (503, json!({"access_token": null}));
    let end = over + 2 * HOUR;
    assert_eq!(ask(&mut provider, &manager, end).unwrap_err(), Code::RefreshUncertain);
    assert_eq!(ask(&mut provider, &manager, end + HOUR).unwrap_err(), Code::RefreshUncertain);
    assert_eq!(sent(&provider), ["rt-1", "rt-1", "rt-3"]);
}

#[test]
fn a_clock_that_differs_is_no_verdict_on_who_the_user_is() {
    let mut provider = Provider::new();
    let manager = manager(&mut provider, "{}");
    let over = START + HOUR + SECOND;
    provider.claims = json!({"iat": over / 1000 + 120, "exp": over / 1000 + 900});
    let tokens = provider.drive(manager.tokens(false, over + SECOND), over).unwrap();
    assert_eq!(tokens.access_token(), "at-2");
    assert!(tokens.claims().unwrap().get("sub").unwrap().as_str().unwrap() == *"alice");
    provider.claims = json!({"sub": "mallory"});
    let end = over + 2 * HOUR;
    assert_eq!(ask(&mut provider, &manager, end).unwrap_err(), Code::SubjectMismatch);
    assert_eq!(ask(&mut provider, &manager, end + HOUR).unwrap_err(), Code::SubjectMismatch);
    assert_eq!(sent(&provider), ["rt-1", "rt-2"]);
}

#[test]
fn who_comes_too_late_does_not_lead() {
    let mut provider = Provider::new();
    let manager = manager(&mut provider, "{}");
    let over = START + HOUR + SECOND;
    let mut late = manager.tokens(false, over);
    match late.step(over + 20 * SECOND) {
        Step::Failed(error) => assert_eq!(error.code(), Code::Deadline),
        step => panic!("{step:?}"),
    }
    assert_eq!(ask(&mut provider, &manager, over + 20 * SECOND).unwrap(), "at-2");
}
