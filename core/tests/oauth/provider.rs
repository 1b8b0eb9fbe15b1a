//! A provider, as its HTTP interface, and the browser's part.

use std::collections::HashMap;
use std::sync::LazyLock;

use authwright_core::oauth::{Client, ClientOptions, Credentials, Kept, Login, LoginOptions, Tokens};
use authwright_core::operation::{EffectKind, Failure, Operation, Request, Response, Sent, Step};
use authwright_core::{Algorithm, Error, Key, KeyOptions, KeySet, Signer, SignerOptions};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const START: u64 = 1_700_000_000_000;
pub(crate) const SECOND: u64 = 1000;
pub(crate) const CALLBACK: &str = "https://app.example/cb";

pub(crate) static KEY: LazyLock<Key> = LazyLock::new(|| Key::generate(Algorithm::EdDSA, Some("one"), None).unwrap());

pub(crate) fn seal_key(byte: u8) -> Key {
    Key::from_secret(&[byte; 32], &KeyOptions::default()).unwrap()
}

#[derive(Debug)]
pub(crate) struct Provider {
    /// Members of the metadata beside, or instead of, what it has anyway.
    pub(crate) metadata: Value,
    /// Claims of the next ID tokens beside, or instead of, the right ones; null takes one away.
    pub(crate) claims: Value,
    /// Members of the next answers of the token endpoint.
    pub(crate) answer: Value,
    pub(crate) status: u16,
    /// How the next request to the token endpoint fails.
    pub(crate) failure: Option<Failure>,
    pub(crate) userinfo: Value,
    /// The forms that the token endpoint got.
    pub(crate) forms: Vec<HashMap<String, String>>,
    pub(crate) requests: Vec<String>,
    pub(crate) kept: Vec<Tokens>,
    pub(crate) keeps: bool,
    nonce: Option<String>,
}

impl Provider {
    pub(crate) fn new() -> Self {
        Self {
            metadata: json!({}),
            claims: json!({}),
            answer: json!({}),
            status: 200,
            failure: None,
            userinfo: json!({"sub": "alice", "email": "alice@id.example", "email_verified": true}),
            forms: Vec::new(),
            requests: Vec::new(),
            kept: Vec::new(),
            keeps: true,
            nonce: None,
        }
    }

    pub(crate) fn send(&mut self, request: &Request, now: u64) -> Result<Response, Failure> {
        let path = request.url.strip_prefix(ISSUER).unwrap_or(&request.url).to_owned();
        self.requests.push(path.clone());
        match path.as_str() {
            "/.well-known/openid-configuration" => Ok(answered(200, &with(self.right_metadata(), &self.metadata))),
            "/jwks" => Ok(response(200, &KeySet::new([KEY.clone()]).to_json())),
            "/userinfo" => Ok(answered(200, &self.userinfo)),
            "/revoke" => {
                self.forms.push(form(request));
                Ok(response(200, ""))
            }
            "/token" => {
                self.forms.push(form(request));
                if let Some(failure) = self.failure.take() {
                    return Err(failure);
                }
                let count = self.forms.len();
                let right = json!({
                    "access_token": format!("at-{count}"),
                    "token_type": "Bearer",
                    "expires_in": 3600,
                    "refresh_token": format!("rt-{count}"),
                    "id_token": self.id_token(now),
                });
                Ok(answered(self.status, &with(right, &self.answer)))
            }
            _ => Err(Failure::transport(Sent::Not, "no such host")),
        }
    }

    pub(crate) fn id_token(&self, now: u64) -> String {
        let now = now / 1000;
        let mut right = json!({"iss": ISSUER, "sub": "alice", "aud": "web", "iat": now, "exp": now + 300});
        if let Some(nonce) = &self.nonce {
            right["nonce"] = nonce.as_str().into();
        }
        let options = SignerOptions::from_json(r#"{"dangerous_no_expiration":true}"#).unwrap();
        let claims = with(right, &self.claims).to_string();
        Signer::new(&KEY, options).unwrap().sign_json(&claims, i64::try_from(now).unwrap()).unwrap()
    }

    fn right_metadata(&self) -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/auth?x=1"),
            "token_endpoint": format!("{ISSUER}/token"),
            "userinfo_endpoint": format!("{ISSUER}/userinfo"),
            "revocation_endpoint": format!("{ISSUER}/revoke"),
            "end_session_endpoint": format!("{ISSUER}/logout"),
            "jwks_uri": format!("{ISSUER}/jwks"),
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    /// Drives an operation to its end at one instant.
    pub(crate) fn drive<T>(&mut self, mut operation: Operation<T>, now: u64) -> Result<T, Error> {
        loop {
            match operation.step(now) {
                Step::Done(result) => return Ok(result),
                Step::Failed(error) => return Err(error),
                Step::Wait(_) => panic!("nobody else is at it"),
                Step::Effect(effect) => {
                    let id = effect.id;
                    match &effect.kind {
                        EffectKind::Send(request) => {
                            let outcome = self.send(request, now);
                            operation.resume(id, now, outcome).unwrap();
                        }
                        EffectKind::Persist(tokens) => {
                            let outcome = self.keep(tokens);
                            operation.resume_persist(id, now, outcome).unwrap();
                        }
                        _ => panic!("another effect"),
                    }
                }
            }
        }
    }

    pub(crate) fn keep(&mut self, tokens: &Tokens) -> Result<(), String> {
        self.kept.push(tokens.clone());
        if self.keeps { Ok(()) } else { Err("the disk is full".to_owned()) }
    }

    pub(crate) fn begin(&mut self, client: &Client, options: &str, now: u64) -> Result<Login, Error> {
        let options = LoginOptions::from_json(options).unwrap();
        self.drive(client.begin_login(options, None, now + 30 * SECOND), now)
    }

    /// The browser's part: the callback, with these parameters beside or instead of the right ones; empty takes one
    /// away.
    pub(crate) fn authorize(&mut self, login: &Login, parameters: &[(&str, &str)]) -> String {
        let asked = query(login.url());
        self.nonce = asked.get("nonce").cloned();
        let mut right = vec![("code", "c0de"), ("state", asked["state"].as_str()), ("iss", ISSUER)];
        right.retain(|(name, _)| !parameters.iter().any(|(other, _)| other == name));
        right.extend(parameters.iter().filter(|(_, value)| !value.is_empty()));
        let query: Vec<String> = right.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        format!("{CALLBACK}?{}", query.join("&"))
    }

    pub(crate) fn finish(&mut self, client: &Client, login: &Login, callback: &str, now: u64) -> Result<Tokens, Error> {
        let kept = Kept::Transaction(login.transaction());
        self.drive(client.finish_login(kept, callback, now + 30 * SECOND), now)
    }

    /// A whole login.
    pub(crate) fn log_in(&mut self, client: &Client) -> Result<Tokens, Error> {
        let login = self.begin(client, "{}", START)?;
        let callback = self.authorize(&login, &[]);
        self.finish(client, &login, &callback, START)
    }
}

pub(crate) fn client(more: Value) -> Client {
    client_with_keys(more, vec![seal_key(1)])
}

pub(crate) fn client_with_keys(more: Value, seal_keys: Vec<Key>) -> Client {
    made(more, seal_keys).unwrap()
}

pub(crate) fn try_client(more: Value) -> Result<Client, Error> {
    made(more, vec![seal_key(1)])
}

fn made(more: Value, seal_keys: Vec<Key>) -> Result<Client, Error> {
    let right = json!({"issuer": ISSUER, "client_id": "web", "client_secret": "s3cret", "redirect_uri": CALLBACK});
    let options = ClientOptions::from_json(&with(right, &more).to_string())?;
    Client::new(options, Credentials { seal_keys, client_key: None }, 1)
}

/// The members of an object, with others beside or instead; null takes one away.
fn with(mut object: Value, others: &Value) -> Value {
    for (name, value) in others.as_object().unwrap() {
        match value {
            Value::Null => drop(object.as_object_mut().unwrap().remove(name)),
            _ => object[name] = value.clone(),
        }
    }
    object
}

pub(crate) fn query(url: &str) -> HashMap<String, String> {
    pairs(url.split_once('?').unwrap().1)
}

fn form(request: &Request) -> HashMap<String, String> {
    pairs(std::str::from_utf8(request.body.as_deref().unwrap()).unwrap())
}

fn pairs(form: &str) -> HashMap<String, String> {
    let decode = |text: &str| percent_decode(&text.replace('+', " "));
    form.split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let hex = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn answered(status: u16, body: &Value) -> Response {
    response(status, &body.to_string())
}

fn response(status: u16, body: &str) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response::new(status, headers, body.as_bytes().to_vec())
}
