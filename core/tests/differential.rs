//! Random tokens, through ours and through jsonwebtoken: what ours accepts, jsonwebtoken accepts with the same claims;
//! where only ours refuses, it says which of its stricter rules was broken; and each reads what the other signs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::sync::OnceLock;

use authwright_core::{Algorithm, Code, Key, KeyOptions, KeyType, Policy, Signer, SignerOptions, Verifier, system_now};
use jsonwebtoken as peer;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const ISSUER: &str = "https://id.example";
const LEEWAY: i64 = 30;

/// Rules of ours that jsonwebtoken does not have.
const STRICTER: &[Code] = &[
    // Bits behind the last byte of a segment.
    Code::TokenEncoding,
    // Duplicate members and the like.
    Code::TokenJson,
    Code::TokenIssuedInFuture,
    // An expectation implies presence; dates are finite, positive numbers.
    Code::ClaimMissing,
    Code::ClaimType,
];

struct Pair {
    algorithm: Algorithm,
    signer: Signer,
    verifier: Verifier,
    encoding: peer::EncodingKey,
    decoding: peer::DecodingKey,
}

impl Pair {
    fn new(algorithm: Algorithm) -> Self {
        let (key, encoding, decoding) = if algorithm.name().starts_with("HS") {
            let secret = [0x5a; 64];
            let options = KeyOptions { algorithm: Some(algorithm), ..Default::default() };
            let key = Key::from_secret(&secret, &options).unwrap();
            (key, peer::EncodingKey::from_secret(&secret), peer::DecodingKey::from_secret(&secret))
        } else {
            // ring generates no RSA keys.
            let rsa = include_bytes!("keys/rsa-2048-private.pem");
            let key = match algorithm.key_type() {
                KeyType::Rsa => Key::from_pem(rsa, &KeyOptions { algorithm: Some(algorithm), ..Default::default() }),
                _ => Key::generate(algorithm, None, None),
            }
            .unwrap();
            let private = key.to_pem(true).unwrap();
            let public = key.to_pem(false).unwrap();
            let (private, public) = (private.as_bytes(), public.as_bytes());
            let (encoding, decoding) = match algorithm.name().get(..2) {
                Some("RS" | "PS") => {
                    (peer::EncodingKey::from_rsa_pem(private), peer::DecodingKey::from_rsa_pem(public))
                }
                Some("ES") => (peer::EncodingKey::from_ec_pem(private), peer::DecodingKey::from_ec_pem(public)),
                _ => (peer::EncodingKey::from_ed_pem(private), peer::DecodingKey::from_ed_pem(public)),
            };
            (key, encoding.unwrap(), decoding.unwrap())
        };
        let policy = Policy::new().issuer([ISSUER]).unwrap().audience(["api"]).unwrap();
        let verifier = Verifier::new(&key, policy).unwrap();
        let options = SignerOptions::from_json(r#"{"dangerous_no_expiration":true}"#).unwrap();
        Self { algorithm, signer: Signer::new(&key, options).unwrap(), verifier, encoding, decoding }
    }

    fn peer_algorithm(&self) -> peer::Algorithm {
        self.algorithm.name().parse().unwrap()
    }

    fn peer_verdict(&self, token: &str) -> Result<Map<String, Value>, String> {
        let mut validation = peer::Validation::new(self.peer_algorithm());
        validation.leeway = LEEWAY as u64;
        validation.validate_nbf = true;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&["api"]);
        peer::decode(token, &self.decoding, &validation).map(|data| data.claims).map_err(|error| error.to_string())
    }
}

/// The algorithms that both have, with keys made once.
fn pairs() -> &'static [Pair] {
    static PAIRS: OnceLock<Vec<Pair>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        peer::crypto::aws_lc::DEFAULT_PROVIDER.install_default().expect("no provider was installed before");
        let shared = [
            "HS256", "HS384", "HS512", "ES256", "ES384", "EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
        ];
        shared.map(|name| Pair::new(name.parse().unwrap())).into()
    })
}

/// Seconds from now, away from the borders so that a slow test does not cross one.
fn offset() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(-1000),
        Just(-LEEWAY - 20),
        Just(-LEEWAY + 20),
        Just(0),
        Just(LEEWAY - 20),
        Just(LEEWAY + 20),
        Just(1000)
    ]
}

fn date() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => offset().prop_map(|offset| json!(system_now() + offset)),
        1 => offset().prop_map(|offset| json!((system_now() + offset) as f64 + 0.25)),
        1 => prop_oneof![Just(json!("1700000000")), Just(json!(null)), Just(json!(-1)), Just(json!(1e300)), Just(json!([1]))],
    ]
}

fn name() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => Just(json!("api")),
        6 => Just(json!(ISSUER)),
        2 => Just(json!(["other", "api"])),
        1 => Just(json!([])),
        1 => Just(json!("other")),
        1 => Just(json!(1)),
        1 => Just(json!(null)),
    ]
}

fn claims() -> impl Strategy<Value = Map<String, Value>> {
    let registered = (
        prop::option::weighted(0.9, date()),
        prop::option::weighted(0.4, date()),
        prop::option::weighted(0.6, date()),
        prop::option::weighted(0.9, prop_oneof![4 => Just(json!(ISSUER)), 1 => name()]),
        prop::option::weighted(0.9, prop_oneof![4 => Just(json!("api")), 1 => name()]),
    );
    let others = prop::collection::hash_map("[a-z\\PC]{0,12}", any::<String>().prop_map(Value::from), 0..4);
    (registered, others).prop_map(|((exp, nbf, iat, iss, aud), others)| {
        let mut claims: Map<String, Value> = others.into_iter().collect();
        for (name, value) in [("exp", exp), ("nbf", nbf), ("iat", iat), ("iss", iss), ("aud", aud)] {
            claims.remove(name);
            claims.extend(value.map(|value| (name.to_owned(), value)));
        }
        claims
    })
}

/// What happens to a token on its way.
#[derive(Clone, Debug)]
enum Fate {
    Nothing,
    Replace(prop::sample::Index, char),
    Truncate(prop::sample::Index),
    Append(char),
}

fn fate() -> impl Strategy<Value = Fate> {
    let character = prop::sample::select("AZaz09-_.=+/ \n".chars().collect::<Vec<_>>());
    prop_oneof![
        4 => Just(Fate::Nothing),
        2 => (any::<prop::sample::Index>(), character.clone()).prop_map(|(place, with)| Fate::Replace(place, with)),
        1 => any::<prop::sample::Index>().prop_map(Fate::Truncate),
        1 => character.prop_map(Fate::Append),
    ]
}

fn befall(token: &str, fate: &Fate) -> String {
    let mut bytes = token.as_bytes().to_vec();
    match fate {
        Fate::Nothing => {}
        Fate::Replace(place, with) => *place.get_mut(&mut bytes) = *with as u8,
        Fate::Truncate(place) => bytes.truncate(place.index(token.len())),
        Fate::Append(character) => bytes.push(*character as u8),
    }
    String::from_utf8(bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn the_two_agree(pair in 0..pairs().len(), claims in claims(), fate in fate(), ours_signs: bool) {
        let pair = &pairs()[pair];
        // Ours refuses to sign what no verifier should accept; the peer signs anything.
        let ours = if ours_signs { pair.signer.sign(&claims, system_now()).ok() } else { None };
        let token = ours.unwrap_or_else(|| {
            peer::encode(&peer::Header::new(pair.peer_algorithm()), &claims, &pair.encoding).unwrap()
        });
        let token = befall(&token, &fate);

        let theirs = pair.peer_verdict(&token);
        match pair.verifier.verify(&token, system_now()) {
            Ok(verified) => {
                let claims: Map<String, Value> = serde_json::from_str(verified.claims_json()).unwrap();
                prop_assert_eq!(theirs, Ok(claims), "only ours accepts {}", token);
            }
            Err(error) if STRICTER.contains(&error.code()) => {}
            Err(error) => prop_assert!(theirs.is_err(), "only ours refuses, for {}: {}", error.code(), token),
        }
    }
}
