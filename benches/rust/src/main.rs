//! authwright against the bare primitives of its own provider, against jsonwebtoken, and against itself through the C
//! library: one process, one set of keys and claims, raw results as JSON on standard output. Arguments, if any, are the
//! names of the contests to run, such as "HS256 sign".

mod c_library;
mod claims;
mod contest;
mod primitives;
mod remote;
mod soak;

use authwright_core::{Algorithm, Key, KeyOptions, KeySet, Policy, Signer, SignerOptions, Verifier, system_now};
use serde_json::json;

use crate::claims::{AUDIENCE, Borrowed, ISSUER, Owned, TEXT};
use crate::contest::{Contest, Effort};
use crate::primitives::Primitive;

fn main() {
    let effort = Effort::from_environment();
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let c = c_library::Library::open();
    let mut groups = Vec::new();
    for algorithm in [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let bench = Bench::new(algorithm);
        for contest in [bench.verify(c.as_ref()), bench.sign(c.as_ref())] {
            if wanted.is_empty() || wanted.iter().any(|name| name == contest.name()) {
                groups.push(contest.run(effort));
            }
        }
    }
    for contest in Bench::new(Algorithm::RS256).remote() {
        if wanted.is_empty() || wanted.iter().any(|name| name == contest.name()) {
            groups.push(contest.run(effort));
        }
    }
    let soak = soak::wanted().map(|calls| {
        let bench = Bench::new(Algorithm::HS256);
        let (signer, verifier, token) = (bench.signer(), bench.verifier(), bench.token());
        let typed: Borrowed = serde_json::from_str(TEXT).expect("the claims");
        json!({
            "verify": soak::run("verify", calls, || verifier.verify(token.as_bytes(), system_now()).expect("a good token")),
            "sign": soak::run("sign", calls, || signer.sign(&typed, system_now()).expect("a token")),
        })
    });
    let report = json!({
        "language": "Rust",
        "clock": "thread CPU time",
        "versions": { "jsonwebtoken": "11.1.0 (aws_lc_rs)" },
        "groups": groups,
        "soak": soak,
    });
    println!("{report}");
}

/// One algorithm's key, in everyone's form.
struct Bench {
    algorithm: Algorithm,
    secret: Vec<u8>,
    key: Key,
}

impl Bench {
    fn new(algorithm: Algorithm) -> Bench {
        let secret: Vec<u8> = (0..32).map(|i: u8| i.wrapping_mul(37).wrapping_add(11)).collect();
        let options = KeyOptions { algorithm: Some(Algorithm::HS256), ..KeyOptions::default() };
        let key = match algorithm {
            Algorithm::HS256 => Key::from_secret(&secret, &options).expect("a secret"),
            // Imported rather than generated: no `kid`, so that the header is as long as the peers'.
            _ => {
                let made = Key::generate(algorithm, None, None).expect("a key");
                let pem = made.to_pem(true).expect("a PEM");
                Key::from_pem(pem.as_bytes(), &KeyOptions { algorithm: Some(algorithm), ..KeyOptions::default() })
                    .expect("the same key")
            }
        };
        Bench { algorithm, secret, key }
    }

    fn signer(&self) -> Signer {
        Signer::new(&self.key, SignerOptions::from_json("{}").expect("options")).expect("a signer")
    }

    fn verifier(&self) -> Verifier {
        let policy = json!({ "issuer": ISSUER, "audience": AUDIENCE }).to_string();
        let key = if self.algorithm == Algorithm::HS256 { self.key.clone() } else { self.public() };
        Verifier::new(key, Policy::from_json(&policy).expect("a policy")).expect("a verifier")
    }

    fn public(&self) -> Key {
        self.key.public_key().expect("a public key")
    }

    fn token(&self) -> String {
        let token = self.signer().sign_json(TEXT, system_now()).expect("a token");
        let input = token.rfind('.').expect("three segments");
        assert!((477..=480).contains(&input), "the signing input should be some 479 bytes, not {input}");
        token
    }

    fn primitives(&self, input: &'static [u8]) -> Vec<Primitive> {
        let pkcs8 = || self.key.to_der(true).expect("a PKCS#8 key");
        match self.algorithm {
            Algorithm::HS256 => {
                vec![primitives::hmac_rustcrypto(&self.secret, input), primitives::hmac_aws_lc(&self.secret, input)]
            }
            Algorithm::RS256 => vec![primitives::rs256(&pkcs8(), input)],
            Algorithm::ES256 => vec![primitives::es256(&pkcs8(), input)],
            _ => vec![primitives::ed25519(&pkcs8(), input)],
        }
    }

    fn verify(&self, c: Option<&c_library::Library>) -> Contest {
        let token = self.token();
        let input = token.get(..token.rfind('.').unwrap_or(0)).unwrap_or("").to_owned().leak().as_bytes();
        let mut contest = Contest::new(format!("{} verify", self.algorithm.name()));
        for Primitive { name, mut verify, .. } in self.primitives(input) {
            contest.peer(name, move || assert!(verify()));
        }
        let (verifier, text) = (self.verifier(), token.clone());
        contest.ours("authwright, claims as checked JSON bytes", move || {
            verifier.verify(text.as_bytes(), system_now()).expect("a good token")
        });
        let (verifier, text) = (self.verifier(), token.clone());
        contest.ours("authwright, typed claims, borrowed", move || {
            let token = verifier.verify(text.as_bytes(), system_now()).expect("a good token");
            let claims: Borrowed = token.claims_as().expect("these claims");
            std::hint::black_box(&claims);
        });
        let (verifier, text) = (self.verifier(), token.clone());
        contest.ours("authwright, typed claims, owned", move || {
            let token = verifier.verify(text.as_bytes(), system_now()).expect("a good token");
            token.claims_as::<Owned>().expect("these claims")
        });
        if let Some(c) = c {
            let policy = json!({ "issuer": ISSUER, "audience": AUDIENCE }).to_string();
            let verifying = c.verifier(&self.verifying_jwk(), &policy);
            let text = token.clone();
            contest.ours("authwright through its C library", move || verifying.verify(text.as_bytes()));
        }
        let (key, validation) = (self.peer_decoding_key(), self.peer_validation());
        contest.peer("jsonwebtoken 11.1 (aws_lc_rs), typed claims, owned", move || {
            jsonwebtoken::decode::<Owned>(&token, &key, &validation).expect("a good token")
        });
        contest
    }

    fn sign(&self, c: Option<&c_library::Library>) -> Contest {
        let token = self.token();
        let input = token.get(..token.rfind('.').unwrap_or(0)).unwrap_or("").to_owned().leak().as_bytes();
        let mut contest = Contest::new(format!("{} sign", self.algorithm.name()));
        for Primitive { name, sign, .. } in self.primitives(input) {
            contest.peer(name, sign);
        }
        let typed: Borrowed = serde_json::from_str(TEXT).expect("the claims");
        let signer = self.signer();
        contest.ours("authwright, typed claims", move || signer.sign(&typed, system_now()).expect("a token"));
        let signer = self.signer();
        contest.ours("authwright, claims as JSON text", move || signer.sign_json(TEXT, system_now()).expect("a token"));
        if let Some(c) = c {
            let signing = c.signer(&self.signing_jwk());
            contest.ours("authwright through its C library, JSON text", move || signing.sign(TEXT.as_bytes()));
        }
        let header = jsonwebtoken::Header::new(self.peer_algorithm());
        let (key, claims) = (self.peer_encoding_key(), serde_json::from_str::<Borrowed>(TEXT).expect("the claims"));
        contest.peer("jsonwebtoken 11.1 (aws_lc_rs), typed claims", move || {
            jsonwebtoken::encode(&header, &claims, &key).expect("a token")
        });
        contest
    }

    fn remote(&self) -> [Contest; 3] {
        let policy = json!({ "issuer": ISSUER, "audience": AUDIENCE }).to_string();
        let keys = KeySet::new([self.public()]);
        let [alone, beside] = remote::contests(&keys, &self.token(), &policy);
        [alone, beside, remote::fetch(&keys)]
    }

    fn signing_jwk(&self) -> String {
        self.key.to_jwk(true).expect("a JWK").to_string()
    }

    fn verifying_jwk(&self) -> String {
        match self.algorithm {
            Algorithm::HS256 => self.signing_jwk(),
            _ => self.public().to_jwk(false).expect("a JWK").to_string(),
        }
    }

    fn peer_algorithm(&self) -> jsonwebtoken::Algorithm {
        match self.algorithm {
            Algorithm::HS256 => jsonwebtoken::Algorithm::HS256,
            Algorithm::RS256 => jsonwebtoken::Algorithm::RS256,
            Algorithm::ES256 => jsonwebtoken::Algorithm::ES256,
            _ => jsonwebtoken::Algorithm::EdDSA,
        }
    }

    /// The checks that we make too: issuer, audience, expiry, not before.
    fn peer_validation(&self) -> jsonwebtoken::Validation {
        let mut validation = jsonwebtoken::Validation::new(self.peer_algorithm());
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.validate_nbf = true;
        validation
    }

    fn peer_encoding_key(&self) -> jsonwebtoken::EncodingKey {
        let pem = || self.key.to_pem(true).expect("a PEM");
        match self.algorithm {
            Algorithm::HS256 => jsonwebtoken::EncodingKey::from_secret(&self.secret),
            Algorithm::RS256 => jsonwebtoken::EncodingKey::from_rsa_pem(pem().as_bytes()).expect("a key"),
            Algorithm::ES256 => jsonwebtoken::EncodingKey::from_ec_pem(pem().as_bytes()).expect("a key"),
            _ => jsonwebtoken::EncodingKey::from_ed_pem(pem().as_bytes()).expect("a key"),
        }
    }

    fn peer_decoding_key(&self) -> jsonwebtoken::DecodingKey {
        let pem = || self.public().to_pem(false).expect("a PEM");
        match self.algorithm {
            Algorithm::HS256 => jsonwebtoken::DecodingKey::from_secret(&self.secret),
            Algorithm::RS256 => jsonwebtoken::DecodingKey::from_rsa_pem(pem().as_bytes()).expect("a key"),
            Algorithm::ES256 => jsonwebtoken::DecodingKey::from_ec_pem(pem().as_bytes()).expect("a key"),
            _ => jsonwebtoken::DecodingKey::from_ed_pem(pem().as_bytes()).expect("a key"),
        }
    }
}
