//! Everything that a browser, a provider or a settings file can put before a login. The first byte says what the rest is.
#![no_main]

use std::sync::LazyLock;

use authwright_core::oauth::{
    Client, ClientOptions, Credentials, Kept, Login, LoginOptions, LogoutOptions, ManagerOptions, Tokens,
};
use authwright_core::operation::{EffectKind, Operation, Request, Response, Step};
use authwright_core::{Code, Error, Key, KeyOptions};
use authwright_fuzz::{check, input};
use libfuzzer_sys::fuzz_target;

const NOW: u64 = 1_700_000_000_000;
const LATER: u64 = NOW + 10_000;
const METADATA: &str = r#"{"issuer":"https://id.example","authorization_endpoint":"https://id.example/auth","token_endpoint":"https://id.example/token","userinfo_endpoint":"https://id.example/userinfo","revocation_endpoint":"https://id.example/revoke","jwks_uri":"https://id.example/jwks"}"#;
const TOKENS: &str = r#"{"access_token":"at","token_type":"Bearer","expires_in":60,"refresh_token":"rt"}"#;

static SEAL_KEY: LazyLock<Key> = LazyLock::new(|| Key::from_secret(&[7; 32], &KeyOptions::default()).expect("32 bytes"));
static CLIENT: LazyLock<Client> = LazyLock::new(client);
static LOGIN: LazyLock<Login> =
    LazyLock::new(|| drive(CLIENT.begin_login(LoginOptions::default(), None, LATER), &[]).expect("all is well"));

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else { return };
    let text = input::text(data);
    match (kind % 12, text) {
        (0, Some(callback)) => finish(Kept::Transaction(LOGIN.transaction()), callback, &[]),
        (1, Some(transaction)) => finish(Kept::Transaction(transaction), &callback(), &[]),
        (2, Some(cookies)) => finish(Kept::Cookies(cookies), &callback(), &[]),
        (3, _) => finish(Kept::Transaction(LOGIN.transaction()), &callback(), &[("/token", data)]),
        (4, _) => checked(drive(client().begin_login(LoginOptions::default(), None, LATER), &[("/.well-known", data)])),
        (5, _) => checked(drive(CLIENT.userinfo(&tokens(), LATER), &[("/userinfo", data)])),
        (6, _) => checked(drive(CLIENT.revoke(&tokens(), LATER), &[("/revoke", data)])),
        (7, Some(json)) => checked(ClientOptions::from_json(json).and_then(|options| {
            Client::new(options, Credentials { seal_keys: vec![SEAL_KEY.clone()], client_key: None }, 1)
        })),
        (8, Some(json)) => checked(LoginOptions::from_json(json).map(|options| {
            let login = drive(CLIENT.begin_login(options, Some(json), LATER), &[]);
            checked(login.map(|login| {
                assert!(login.cookie().len() <= 2048 && !login.cookie().contains(['\r', '\n']));
                assert!(login.stale_cookies().iter().all(|cookie| !cookie.contains(['\r', '\n'])));
            }));
        })),
        (9, Some(json)) => checked(Tokens::from_json(json).map(|tokens| {
            let again = Tokens::from_json(&tokens.to_json()).expect("tokens read their own document");
            assert_eq!(again.to_json(), tokens.to_json());
        })),
        (10, Some(json)) => checked(LogoutOptions::from_json(json).map(drop).and(ManagerOptions::from_json(json))),
        (11, Some(cookies)) => {
            let login = drive(CLIENT.begin_login(LoginOptions::default(), Some(cookies), LATER), &[]).expect("all is well");
            assert!(login.stale_cookies().iter().all(|cookie| !cookie.contains(['\r', '\n'])));
        }
        _ => {}
    }
});

fn client() -> Client {
    let options = ClientOptions::from_json(
        r#"{"issuer":"https://id.example","client_id":"web","client_secret":"s","redirect_uri":"https://app.example/cb","scope":"read"}"#,
    );
    let credentials = Credentials { seal_keys: vec![SEAL_KEY.clone()], client_key: None };
    Client::new(options.expect("good options"), credentials, 1).expect("a good client")
}

fn tokens() -> Tokens {
    Tokens::from_json(r#"{"access_token":"at","refresh_token":"rt"}"#).expect("tokens")
}

/// The callback of the one login.
fn callback() -> String {
    let state = LOGIN.url().split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    format!("code=c&state={state}")
}

fn finish(kept: Kept<'_>, callback: &str, answers: &[(&str, &[u8])]) {
    checked(drive(CLIENT.finish_login(kept, callback, LATER), answers));
}

fn checked<T>(outcome: Result<T, Error>) {
    if let Err(error) = outcome {
        assert_ne!(error.code(), Code::Internal, "{error}");
        check::error(&error);
    }
}

/// Drives an operation. An answer's first byte is its status, its second its content type; the rest is the body.
fn drive<T>(mut operation: Operation<T>, answers: &[(&str, &[u8])]) -> Result<T, Error> {
    loop {
        let (id, outcome) = match operation.step(NOW) {
            Step::Effect(effect) => match &effect.kind {
                EffectKind::Send(request) => (effect.id, answer(request, answers)),
                other => panic!("{other:?}"),
            },
            Step::Done(result) => return Ok(result),
            Step::Failed(error) => return Err(error),
            Step::Wait(_) => panic!("nobody else is at it"),
        };
        operation.resume(id, NOW, Ok(outcome)).expect("it is the one that was asked for");
    }
}

fn answer(request: &Request, answers: &[(&str, &[u8])]) -> Response {
    let json = |body: &str| response(200, "application/json", body.as_bytes());
    if let Some((_, data)) = answers.iter().find(|(path, _)| request.url.contains(path)) {
        let (status, rest) = data.split_first().unwrap_or((&0, &[]));
        let (media_type, body) = rest.split_first().unwrap_or((&0, &[]));
        let statuses = [200, 201, 204, 302, 400, 401, 403, 429, 500, 502, 503];
        let types = ["application/json", "application/x-www-form-urlencoded", "text/html", "", "application/jwt"];
        let status = statuses[usize::from(*status) % statuses.len()];
        return response(status, types[usize::from(*media_type) % types.len()], body);
    }
    match request.url.rsplit('/').next() {
        Some("openid-configuration") => json(METADATA),
        Some("token") => json(TOKENS),
        Some("jwks") => json(r#"{"keys":[]}"#),
        _ => json("{}"),
    }
}

fn response(status: u16, media_type: &str, body: &[u8]) -> Response {
    Response::new(status, vec![("Content-Type".to_owned(), media_type.to_owned())], body.to_vec())
}
