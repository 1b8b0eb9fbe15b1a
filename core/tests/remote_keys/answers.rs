//! What a server may answer.

use authwright_core::operation::{EffectKind, Failure, Response, Sent, Step};
use authwright_core::{Code, Error, Key, KeyOptions, KeySet, RemoteKeySet, RemoteOptions, Verifier};

use crate::issuer::{
    KEYS, MINUTE, SECOND, START, answer, code, effect, json, key_0, pinned, policy, refused, seconds, token, token_of,
    verifier,
};

#[test]
fn whatever_a_server_answers_is_an_error_with_its_code() {
    let set = KeySet::new([KEYS[0].clone()]).to_json();
    let with = |media: &str, body: &str| {
        Response::new(200, vec![("content-type".to_owned(), media.to_owned())], body.as_bytes().to_vec())
    };
    let many = format!(r#"{{"keys":[{}]}}"#, vec!["{}"; 1001].join(","));
    let big = format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(1 << 20));
    for (answer, expected, status) in [
        (Ok(with("text/html", &set)), Code::ResponseInvalid, Some(200)),
        (Ok(with("application/json", "{")), Code::ResponseInvalid, Some(200)),
        (Ok(with("application/json", r#"{"keys":[],"keys":[]}"#)), Code::ResponseInvalid, Some(200)),
        (Ok(json(r#"{"keys":[]}"#)), Code::ResponseInvalid, None),
        (
            Ok(json(r#"{"keys":[{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#)),
            Code::ResponseInvalid,
            None,
        ),
        (Ok(json(&set.replace(r#""kty""#, r#""use":"enc","kty""#))), Code::ResponseInvalid, None),
        (Ok(json(r#"{"keys":[{"kty":"XX"}]}"#)), Code::ResponseInvalid, None),
        (Ok(json(r#"{"other":1}"#)), Code::ResponseInvalid, None),
        (Ok(json(&many)), Code::ResponseInvalid, None),
        (Ok(json(&big)), Code::ResponseTooLarge, None),
        (Ok(Response::new(200, vec![], vec![0xff])), Code::ResponseInvalid, Some(200)),
        (Ok(Response::new(200, vec![], vec![])), Code::ResponseInvalid, Some(200)),
        (Ok(Response::new(302, vec![], vec![])), Code::ResponseStatus, Some(302)),
        (Ok(Response::new(304, vec![], vec![])), Code::ResponseStatus, Some(304)),
        (Ok(Response::new(500, vec![], vec![])), Code::ResponseStatus, Some(500)),
        (Err(Failure::too_large()), Code::ResponseTooLarge, None),
        (Err(Failure::tls("expired")), Code::TransportTls, None),
        (Err(Failure::unsupported("x")), Code::TransportUnsupported, None),
        (Err(Failure::deadline(Sent::Maybe)), Code::Deadline, None),
        (Err(Failure::address("169.254.169.254")), Code::AddressRefused, None),
    ] {
        let options = RemoteOptions::from_json(r#"{"jwks_uri":"https://id.example/jwks"}"#).unwrap();
        let remote = RemoteKeySet::new(options, 1).unwrap();
        let mut operation =
            Verifier::remote(&remote, policy()).unwrap().verify_fetching(token(0), None, START + SECOND);
        let (id, _) = effect(&mut operation, START);
        operation.resume(id, START, answer).unwrap();
        let Step::Failed(error) = operation.step(START) else { panic!("{expected}") };
        let cause = error.cause().expect("a cause");
        assert_eq!((error.code(), cause.code(), cause.http_status()), (Code::KeysNeeded, expected, status), "{error}");
        let events: Vec<String> = operation.take_events().iter().map(|event| event.to_json()).collect();
        assert!(events.len() == 1 && events[0].starts_with(r#"{"event":"keys_refresh_failed","#), "{events:?}");
    }
}

#[test]
fn private_keys_and_secrets_of_a_published_set_are_not_used() {
    let private = KEYS[0].to_jwk(true).unwrap();
    let secret = Key::from_secret(&[9; 32], &KeyOptions::default()).unwrap();
    let body = format!(r#"{{"keys":[{},{}]}}"#, *private, *secret.to_jwk(true).unwrap());
    let remote =
        RemoteKeySet::new(RemoteOptions::from_json(r#"{"jwks_uri":"https://id.example/jwks"}"#).unwrap(), 1).unwrap();
    let mut operation = remote.refresh(START);
    let Step::Effect(effect) = operation.step(START) else { panic!("an effect") };
    let id = effect.id;
    operation.resume(id, START, Ok(json(&body))).unwrap();
    assert!(matches!(operation.step(START), Step::Done(())));
    let keys = remote.key_set(START).unwrap();
    assert_eq!(keys.len(), 1);
    assert!(!keys.keys()[0].is_private());
    let verifier = Verifier::remote(&remote, policy()).unwrap();
    assert_eq!(code(verifier.verify(token_of(&secret, r#"{"aud":"api"}"#), seconds(START))), Code::AlgorithmNotAllowed);
}

#[test]
fn a_templated_issuer_binds_tenant_and_key() {
    const COMMON: &str = "https://login.example/common/v2.0";
    let jwk = |n: usize, issuer: &str| {
        KEYS[n].public_key().unwrap().to_jwk(false).unwrap().replacen('{', &format!(r#"{{"issuer":"{issuer}","#), 1)
    };
    let template = "https://login.example/{tenantid}/v2.0";
    let keys = format!(
        r#"{{"keys":[{},{},{},{}]}}"#,
        jwk(0, template),
        jwk(1, "https://login.example/tenant-1/v2.0"),
        jwk(1, "https://login.example/tenant-3/v2.0"),
        *KEYS[2].public_key().unwrap().to_jwk(false).unwrap(),
    );
    let verifier = Verifier::discover(COMMON, policy(), 1).unwrap();
    let verify = |key: usize, claims: &str| {
        let mut operation = verifier.verify_fetching(token_of(&KEYS[key], claims), None, START + SECOND);
        loop {
            let (id, body) = match operation.step(START) {
                Step::Effect(effect) => {
                    let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
                    let metadata = format!(r#"{{"issuer":"{template}","jwks_uri":"https://login.example/keys"}}"#);
                    (effect.id, if request.url.ends_with("/keys") { keys.clone() } else { metadata })
                }
                Step::Done(token) => return Ok(token),
                Step::Failed(error) => return Err(error),
                Step::Wait(_) => panic!("nobody else is at it"),
            };
            operation.resume(id, START, Ok(json(&body))).unwrap();
        }
    };
    let claims = |tenant: &str, issuer: &str| {
        format!(r#"{{"aud":"api","tid":"{tenant}","iss":"https://login.example/{issuer}/v2.0"}}"#)
    };
    verify(0, &claims("tenant-1", "tenant-1")).unwrap();
    verify(0, &claims("tenant-2", "tenant-2")).unwrap();
    verify(1, &claims("tenant-1", "tenant-1")).unwrap();
    verify(1, &claims("tenant-3", "tenant-3")).unwrap();
    for (key, claims, expected) in [
        (0, claims("tenant-1", "tenant-2"), Code::IssuerMismatch),
        (0, claims("common", "{tenantid}"), Code::IssuerMismatch),
        (1, claims("tenant-2", "tenant-2"), Code::IssuerMismatch),
        (2, claims("tenant-1", "tenant-1"), Code::IssuerMismatch),
        (0, claims("../x", "../x"), Code::IssuerMismatch),
        (0, r#"{"aud":"api","iss":"https://login.example/tenant-1/v2.0"}"#.to_owned(), Code::ClaimMissing),
        (
            0,
            r#"{"aud":"api","tid":["tenant-1"],"iss":"https://login.example/tenant-1/v2.0"}"#.to_owned(),
            Code::ClaimType,
        ),
    ] {
        assert_eq!(code(verify(key, &claims)), expected, "{claims}");
    }
}

#[test]
fn providers_of_plain_oauth_are_asked_by_their_own_name() {
    let mut operation = verifier().verify_fetching(token(0), None, START + SECOND);
    let (id, request) = effect(&mut operation, START);
    assert_eq!(request.url, "https://id.example/.well-known/openid-configuration");
    operation.resume(id, START, Ok(Response::new(404, vec![], vec![]))).unwrap();
    let (id, request) = effect(&mut operation, START);
    assert_eq!(request.url, "https://id.example/.well-known/oauth-authorization-server");
    operation.resume(id, START, Ok(Response::new(404, vec![], vec![]))).unwrap();
    let Step::Failed(error) = operation.step(START) else { panic!("no metadata") };
    assert_eq!(error.cause().map(Error::code), Some(Code::ResponseStatus));
}

#[test]
fn a_validator_stays_with_its_url_and_its_answer() {
    let not_modified = || Ok(Response::new(304, vec![], vec![]));
    let set = pinned(r#"{"jwks_uri":"https://keys.example/jwks"}"#);
    let (mut now, mut sent) = (START, Vec::new());
    for outcome in [
        key_0(Some("\"1\"")),
        not_modified(),
        not_modified(),
        refused(),
        key_0(None),
        not_modified(),
        key_0(Some(&format!("\"{}\"", "x".repeat(300)))),
        key_0(Some("\"\u{e9}\"")),
        key_0(Some("\"2\"")),
        key_0(None),
    ] {
        let mut fetch = set.refresh(now);
        sent.push(answer(&mut fetch, now, outcome).1);
        fetch.step(now);
        now += MINUTE;
    }
    let one = || Some("\"1\"".to_owned());
    // A 304 keeps it, a failure drops it, and one that was not asked for is a failure.
    assert_eq!(sent, [None, one(), one(), one(), None, None, None, None, None, Some("\"2\"".to_owned())]);
    let mut fetch = pinned(r#"{"jwks_uri":"https://keys.example/jwks"}"#).refresh(now);
    answer(&mut fetch, now, not_modified());
    let Step::Failed(error) = fetch.step(now) else { panic!("nothing to keep") };
    assert_eq!((error.code(), error.http_status()), (Code::ResponseStatus, Some(304)));
}

#[test]
fn nothing_shows_the_query_of_a_url() {
    let set = pinned(r#"{"jwks_uri":"https://keys.example/jwks?code=hunter2"}"#);
    let mut verifying = Verifier::remote(&set, policy()).unwrap().verify_fetching(token(0), None, START + MINUTE);
    let (id, request) = effect(&mut verifying, START);
    assert!(request.url.ends_with("?code=hunter2"));
    verifying.resume(id, START, refused()).unwrap();
    let events = verifying.take_events();
    let Step::Failed(error) = verifying.step(START) else { panic!("no keys") };
    let options = RemoteOptions::from_json(r#"{"jwks_uri":"https://keys.example/jwks?code=hunter2"}"#).unwrap();
    let shown = format!("{error} {error:?} {request:?} {set:?} {options:?} {} {verifying:?}", events[0].to_json());
    assert!(!shown.contains("hunter2"), "{shown}");
}
