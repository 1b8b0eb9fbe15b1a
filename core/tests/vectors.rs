//! Runs the corpus in `tests/vectors/`: data that Rust, C, Python and Node must answer with the same code.
//! Its README says what a vector means.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, clippy::print_stdout)]

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use authwright_core::{
    Algorithm, Code, Error, Key, KeyOptions, KeySet, Keys, Policy, Signer, SignerOptions, Verifier, dangerous_decode,
    jws,
};
use serde_json::{Map, Value, json};

/// The corpus never shrinks below this; fewer means that files were not found.
const FEWEST: usize = 400;

/// What this build's provider lacks.
const LACKING: &[&str] = if cfg!(feature = "aws-lc-rs") { &[] } else { &["ES512", "ES256K"] };

type Answer = Result<Map<String, Value>, Error>;

/// The verifiers of a file's vectors, by their keys and policy. Each vector is also put to one that has seen the
/// others: what a verifier remembers must never change its answer.
type Verifiers = HashMap<(String, String), Verifier>;

#[test]
fn the_corpus_gets_the_expected_answers() {
    let mut ran = 0;
    let mut seen = HashSet::new();
    let mut disagreements = String::new();
    for path in files() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut used = Verifiers::new();
        for vector in file["vectors"].as_array().unwrap() {
            let id = vector["id"].as_str().unwrap();
            assert!(seen.insert(id.to_owned()), "{name}: {id} is there twice");
            ran += 1;
            let expected = expected(vector);
            let got = match catch_unwind(AssertUnwindSafe(|| run(&file, vector, &mut used))) {
                Ok(Ok(members)) => Value::Object(members),
                Ok(Err(error)) => {
                    json!({ "error": error.code().name(), "field": error.field(), "message": error.message() })
                }
                Err(_) => json!({ "panic": true }),
            };
            if !agrees(&expected, &got) {
                writeln!(disagreements, "{name}: {id}\n  expected {}\n  got      {}", short(&expected), short(&got))
                    .unwrap();
            }
        }
    }
    println!("{ran} vectors ran");
    assert!(disagreements.is_empty(), "\n{disagreements}{} of {ran} disagree", disagreements.lines().count() / 3);
    assert!(ran >= FEWEST, "only {ran} vectors ran");
}

fn files() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json") && !path.ends_with("schema.json"))
        .collect();
    files.sort();
    files
}

fn expected(vector: &Value) -> Value {
    let lacks = |name: &Value| LACKING.contains(&name.as_str().unwrap());
    if vector["requires"].as_array().is_some_and(|names| names.iter().any(lacks)) {
        return json!({ "error": Code::UnsupportedAlgorithm.name() });
    }
    vector["expect"].clone()
}

/// The whole chain of one vector: its first error is the answer.
fn run(file: &Value, vector: &Value, used: &mut Verifiers) -> Answer {
    let spec = match &vector["keys"] {
        Value::String(name) => &file["keys"][name],
        spec => spec,
    };
    let now = vector["now"].as_i64().unwrap_or_default();
    match vector["operation"].as_str().unwrap_or("verify") {
        "verify" => {
            let new = || Verifier::new(load(spec)?, policy(&vector["policy"])?);
            let (fresh, place) = (new()?, (spec.to_string(), vector["policy"].to_string()));
            let used = used.entry(place).or_insert(new()?);
            let judge = |verifier: &Verifier| -> Answer {
                let token = verifier.verify(bytes(&vector["input"]), now)?;
                Ok(members([("claims", parse(token.claims_json())), ("header", parse(token.header_json()))]))
            };
            let answer = judge(&fresh);
            for verifier in [&fresh, &*used] {
                assert_eq!(
                    told(&judge(verifier)),
                    told(&answer),
                    "a verifier that was used before answers differently"
                );
            }
            answer
        }
        "sign" => sign(spec, vector, now),
        "jws_verify" => {
            let detached = vector.get("payload").map(bytes);
            let algorithms = match vector["options"]["algorithms"].as_array() {
                Some(names) => Some(
                    names.iter().map(|name| name.as_str().unwrap().parse()).collect::<Result<Vec<Algorithm>, _>>()?,
                ),
                None => None,
            };
            let options = jws::VerifyOptions { algorithms, payload: detached.as_deref() };
            let verified = jws::verify(bytes(&vector["input"]), load(spec)?, &options)?;
            Ok(members([("payload", payload(verified.payload())), ("header", parse(verified.header_json()))]))
        }
        "jws_sign" => jws_sign(spec, vector),
        "import" => Ok(match load(spec)? {
            Keys::One(key) => members([("key", describe(&key)?)]),
            Keys::Set(set) => members([("set", json!({ "length": set.len(), "jwks": parse(&set.to_json()) }))]),
        }),
        "decode" => {
            let token = dangerous_decode(bytes(&vector["input"]))?;
            Ok(members([("claims", parse(token.claims_json())), ("header", parse(token.header_json()))]))
        }
        other => panic!("an operation unknown to this runner: {other}"),
    }
}

/// An answer in a form that can be compared.
fn told(answer: &Answer) -> Value {
    match answer {
        Ok(members) => Value::Object(members.clone()),
        Err(error) => json!({ "error": error.code().name(), "field": error.field() }),
    }
}

fn sign(spec: &Value, vector: &Value, now: i64) -> Answer {
    let key = one(spec)?;
    let options = vector.get("options").map_or_else(|| "{}".to_owned(), Value::to_string);
    let signer = Signer::new(&key, SignerOptions::from_json(&options)?)?;
    let token = signer.sign_json(&vector["input"].to_string(), now)?;
    if let Some(document) = vector.get("policy") {
        Verifier::new(verifying(&key)?, policy(document)?)?.verify(token.as_bytes(), now)?;
    }
    let decoded = dangerous_decode(token.as_bytes())?;
    Ok(members([("claims", parse(decoded.claims_json())), ("header", parse(decoded.header_json()))]))
}

fn jws_sign(spec: &Value, vector: &Value) -> Answer {
    let key = one(spec)?;
    let given = &vector["options"];
    let headers = given.get("headers").map(Value::to_string);
    let detached = given["detached"].as_bool().unwrap_or(false);
    let options = jws::SignOptions {
        algorithm: given["algorithm"].as_str().map(str::parse).transpose()?,
        headers: headers.as_deref(),
        detached,
        b64: given["b64"].as_bool().unwrap_or(true),
    };
    let input = bytes(&vector["input"]);
    let token = jws::sign(&input, &key, &options)?;
    let check = jws::VerifyOptions { payload: detached.then_some(input.as_slice()), ..Default::default() };
    let verified = jws::verify(token.as_bytes(), verifying(&key)?, &check)?;
    assert_eq!(verified.payload(), input, "the payload came back altered");
    Ok(members([("header", parse(verified.header_json())), ("token", token.into())]))
}

/// What the token of a signing key is verified with.
fn verifying(key: &Key) -> Result<Key, Error> {
    if key.key_type() == authwright_core::KeyType::Secret { Ok(key.clone()) } else { key.public_key() }
}

fn policy(document: &Value) -> Result<Policy, Error> {
    Policy::from_json(&text_or(document, "{}"))
}

/// JSON text: a string holds it, anything else is written out.
fn text_or(value: &Value, absent: &str) -> String {
    match value {
        Value::Null => absent.to_owned(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

fn one(spec: &Value) -> Result<Key, Error> {
    match load(spec)? {
        Keys::One(key) => Ok(key),
        Keys::Set(_) => panic!("a signing vector with a key set"),
    }
}

fn load(spec: &Value) -> Result<Keys, Error> {
    let options = || -> Result<KeyOptions<'_>, Error> {
        Ok(KeyOptions {
            algorithm: spec["alg"].as_str().map(str::parse).transpose()?,
            kid: spec["kid"].as_str(),
            password: spec["password"].as_str().map(str::as_bytes),
        })
    };
    if let Some(jwk) = spec.get("jwk") {
        Ok(Key::from_jwk(&text_or(jwk, ""))?.into())
    } else if let Some(jwks) = spec.get("jwks") {
        Ok(KeySet::from_json(&text_or(jwks, ""))?.into())
    } else if let Some(pem) = spec["pem"].as_str() {
        Ok(Key::from_pem(pem.as_bytes(), &options()?)?.into())
    } else if let Some(der) = spec["der"].as_str() {
        Ok(Key::from_der(&base64(der), &options()?)?.into())
    } else {
        let secret = spec["secret"].as_str().expect("one of the five forms of a key");
        Ok(Key::from_secret(&base64url(secret), &options()?)?.into())
    }
}

fn describe(key: &Key) -> Result<Value, Error> {
    let secret = key.key_type() == authwright_core::KeyType::Secret;
    Ok(json!({
        "kid": key.kid(),
        "algorithm": key.algorithm().map(Algorithm::name),
        "is_private": key.is_private(),
        "thumbprint": key.thumbprint(),
        "jwk": if secret { Value::Null } else { parse(&key.to_jwk(false)?) },
        "private_jwk": if key.is_private() { parse(&key.to_jwk(true)?) } else { Value::Null },
    }))
}

/// The bytes that a vector's member stands for.
fn bytes(value: &Value) -> Vec<u8> {
    if let Some(text) = value.as_str() {
        return text.as_bytes().to_vec();
    }
    if let Some(encoded) = value["base64"].as_str() {
        return base64(encoded);
    }
    let mut bytes = Vec::new();
    for part in value["parts"].as_array().expect("one of the three forms of bytes") {
        match part {
            Value::String(text) => bytes.extend_from_slice(text.as_bytes()),
            part => {
                let times = usize::try_from(part["times"].as_u64().unwrap()).unwrap();
                bytes.extend_from_slice(part["repeat"].as_str().unwrap().repeat(times).as_bytes());
            }
        }
    }
    bytes
}

fn base64(text: &str) -> Vec<u8> {
    base64_turbo::STANDARD.decode(text).expect("standard base64")
}

fn base64url(text: &str) -> Vec<u8> {
    base64_turbo::URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// Bytes as `expect` has them: text, or base64.
fn payload(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text.into(),
        _ => json!({ "base64": base64_turbo::STANDARD.encode(bytes) }),
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn members<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Every member that is expected is there and the same; inside `key` and `set` too.
fn agrees(expected: &Value, got: &Value) -> bool {
    let all = |expected: &Map<String, Value>, got: &Value, same: fn(&Value, &Value) -> bool| {
        expected.iter().all(|(name, value)| got.get(name).is_some_and(|got| same(value, got)))
    };
    if expected.get("error").is_none() && got.get("error").is_some() {
        return false;
    }
    all(expected.as_object().unwrap(), got, |expected, got| match expected {
        Value::Object(members) if got.get("is_private").is_some() || got.get("length").is_some() => {
            members.iter().all(|(name, value)| got.get(name).is_some_and(|got| same(value, got)))
        }
        _ => same(expected, got),
    })
}

/// JSON equality: members in any order, numbers by value.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => left == right,
            _ => left.as_f64() == right.as_f64(),
        },
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| same(left, right)))
        }
        _ => left == right,
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 700 { text.chars().take(700).collect::<String>() + "…" } else { text }
}
