//! Each method as a request shows it, the choice as a table, and every refusal.

use super::*;
use crate::jwt::{Policy, Token, Verifier};

const NOW: i64 = 1_700_000_000;

const ISSUER: &str = "https://id.example";

const LONG: &str = "a secret of more than thirty-two bytes";

/// What a request gets.
type Applied = (Vec<(&'static str, String)>, Vec<(&'static str, String)>, bool);

/// A client, what the provider lists of methods and of algorithms, and the method, if there is one.
type Row<'a> = (&'a Given, Option<&'a [&'a str]>, Option<&'a [&'a str]>, Option<AuthMethod>);

#[derive(Clone, Default)]
struct Given {
    secret: Option<&'static str>,
    key: Option<Key>,
    method: Option<AuthMethod>,
    algorithm: Option<Algorithm>,
    team: Option<&'static str>,
}

impl Given {
    fn secret(secret: &'static str) -> Self {
        Self { secret: Some(secret), ..Self::default() }
    }

    fn key(key: &Key) -> Self {
        Self { key: Some(key.clone()), ..Self::default() }
    }

    fn client(self) -> Result<ClientAuthentication> {
        let secret = self.secret.map(|text| Zeroizing::new(text.to_owned()));
        ClientAuthentication::new("client", secret, self.key, self.method, self.algorithm, self.team)
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn generated(algorithm: Algorithm) -> Key {
    Key::generate(algorithm, Some("k1"), None).unwrap()
}

fn rsa(members: &str) -> Key {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys/rsa-2048-private.jwk");
    let jwk = std::fs::read_to_string(path).unwrap();
    Key::from_jwk(&jwk.replacen('{', &format!("{{{members}"), 1)).unwrap()
}

fn apply(client: &ClientAuthentication, choice: Choice) -> Applied {
    let (mut form, mut headers) = (Vec::new(), Vec::new());
    let certificate = client.apply(choice, ISSUER, NOW, &mut form, &mut headers).unwrap();
    (form.into_iter().map(|(name, value)| (name, value.to_string())).collect(), headers, certificate)
}

fn applied(given: Given) -> Applied {
    let client = given.client().unwrap();
    apply(&client, client.choose(None, None).unwrap())
}

fn verified(token: &str, key: &Key, audience: &str, typ: &str) -> Token {
    let policy = Policy::new().audience([audience]).unwrap().typ([typ]).unwrap();
    Verifier::new(key, policy).unwrap().verify(token, NOW + 59).unwrap()
}

/// The one assertion of a request, after everything around it is checked.
fn assertion((form, headers, certificate): &Applied) -> String {
    let [("client_id", id), ("client_assertion_type", kind), ("client_assertion", assertion)] = form.as_slice() else {
        panic!("{form:?}")
    };
    assert_eq!(id, "client");
    assert_eq!(kind, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert!(headers.is_empty() && !certificate);
    assertion.clone()
}

#[test]
fn basic_encodes_id_and_secret_before_joining_them() {
    for (id, secret, header) in [
        // RFC 6749 section 2.3.1.
        ("s6BhdRkqt3", "gX1fBat3bV", "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"),
        // a%3Ab:c%3Ad
        ("a:b", "c:d", "Basic YSUzQWI6YyUzQWQ="),
        // id:100%25%2B+x
        ("id", "100%+ x", "Basic aWQ6MTAwJTI1JTJCK3g="),
        // %C3%BC:%C3%9F%E2%82%AC
        ("\u{fc}", "\u{df}\u{20ac}", "Basic JUMzJUJDOiVDMyU5RiVFMiU4MiVBQw=="),
        // RFC 6749 appendix B: the text is " %&+£€", encoded as +%25%26%2B%C2%A3%E2%82%AC
        (" %&+\u{a3}\u{20ac}", "/=?", "Basic KyUyNSUyNiUyQiVDMiVBMyVFMiU4MiVBQzolMkYlM0QlM0Y="),
    ] {
        let secret = Zeroizing::new(secret.to_owned());
        let client = ClientAuthentication::new(id, Some(secret), None, None, None, None).unwrap();
        let (form, headers, certificate) = apply(&client, client.choose(None, None).unwrap());
        assert_eq!(headers, [("Authorization", header.to_owned())], "{id}");
        assert!(form.is_empty() && !certificate);
    }
}

#[test]
fn the_methods_without_assertions_fill_the_form() {
    let id = ("client_id", "client".to_owned());
    let secret = ("client_secret", "a:b %".to_owned());
    let post = Given { method: Some(AuthMethod::ClientSecretPost), ..Given::secret("a:b %") };
    assert_eq!(applied(post), (vec![id.clone(), secret], vec![], false));
    assert_eq!(applied(Given::default()), (vec![id.clone()], vec![], false));
    for method in [AuthMethod::TlsClientAuth, AuthMethod::SelfSignedTlsClientAuth] {
        let given = Given { method: Some(method), ..Given::default() };
        assert_eq!(applied(given), (vec![id.clone()], vec![], true));
    }
}

#[test]
fn assertions_are_what_the_provider_verifies() {
    let secret = || Key::from_secret(LONG.as_bytes(), &KeyOptions::default()).unwrap();
    let (p256, ed25519) = (generated(Algorithm::ES256), generated(Algorithm::Ed25519));
    let by_secret = Given { method: Some(AuthMethod::ClientSecretJwt), ..Given::secret(LONG) };
    for (given, key, algorithm, kid) in [
        (Given::key(&p256), p256.public_key().unwrap(), "ES256", Some("k1")),
        (Given::key(&ed25519), ed25519.public_key().unwrap(), "Ed25519", Some("k1")),
        (Given::key(&rsa("")), rsa("").public_key().unwrap(), "RS256", rsa("").kid()),
        (Given::key(&rsa(r#""alg":"PS384","#)), rsa("").public_key().unwrap(), "PS384", rsa("").kid()),
        (
            Given { algorithm: Some(Algorithm::PS256), ..Given::key(&rsa("")) },
            rsa("").public_key().unwrap(),
            "PS256",
            rsa("").kid(),
        ),
        (by_secret.clone(), secret(), "HS256", None),
        (Given { algorithm: Some(Algorithm::HS256), ..by_secret }, secret(), "HS256", None),
    ] {
        let client = given.client().unwrap();
        let choice = client.choose(None, None).unwrap();
        let token = assertion(&apply(&client, choice));
        let token = verified(&token, &key, ISSUER, "client-authentication+jwt");
        let text = |name| token.claims().get(name).unwrap().as_str().unwrap().to_str().into_owned();
        assert_eq!(["iss", "sub", "aud"].map(text), ["client", "client", ISSUER]);
        assert_eq!(token.claims().get("iat").unwrap().json(), NOW.to_string());
        assert_eq!(token.claims().get("exp").unwrap().json(), (NOW + 60).to_string());
        assert_eq!(text("jti").len(), 22);
        let header = |name| token.header().get(name).map(|value| value.as_str().unwrap().to_str().into_owned());
        assert_eq!((header("alg").as_deref(), header("kid").as_deref()), (Some(algorithm), kid));
        assert_ne!(assertion(&apply(&client, choice)), assertion(&apply(&client, choice)), "one for each request");
    }
}

#[test]
fn apples_secret_is_made_for_each_request() {
    let key = generated(Algorithm::ES256);
    let client = Given { team: Some("TEAM123456"), ..Given::key(&key) }.client().unwrap();
    for supported in [None, Some(names(&["client_secret_post"])), Some(names(&["client_secret_basic"]))] {
        let (form, headers, certificate) = apply(&client, client.choose(supported.as_deref(), None).unwrap());
        assert!(headers.is_empty() && !certificate);
        let [("client_id", id), ("client_secret", secret)] = form.as_slice() else { panic!("{form:?}") };
        assert_eq!(id, "client");
        let token = verified(secret, &key.public_key().unwrap(), "https://appleid.apple.com", "JWT");
        assert_eq!(
            token.claims_json(),
            format!(
                r#"{{"iss":"TEAM123456","sub":"client","aud":"https://appleid.apple.com","iat":{NOW},"exp":{}}}"#,
                NOW + 300
            )
        );
        assert_eq!(token.header_json(), r#"{"alg":"ES256","typ":"JWT","kid":"k1"}"#);
    }
}

#[test]
fn the_method_is_the_best_that_both_sides_have() {
    use AuthMethod::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost, PrivateKeyJwt};
    let public = Given::default();
    let (short, long) = (Given::secret("short"), Given::secret(LONG));
    let key = Given::key(&rsa(""));
    let both = Given { secret: Some(LONG), ..key.clone() };
    let table: &[Row<'_>] = &[
        (&public, None, None, Some(AuthMethod::None)),
        (&public, Some(&["client_secret_basic", "none"]), None, Some(AuthMethod::None)),
        (&public, Some(&["client_secret_basic"]), None, None),
        (&public, Some(&["tls_client_auth"]), None, None),
        (&short, None, None, Some(ClientSecretBasic)),
        (&short, Some(&["client_secret_post", "client_secret_basic"]), None, Some(ClientSecretBasic)),
        (&short, Some(&["none", "client_secret_post", "private_key_jwt"]), None, Some(ClientSecretPost)),
        (&short, Some(&["none"]), None, None),
        (&short, Some(&[]), None, None),
        (&short, Some(&["private_key_jwt", "tls_client_auth"]), None, None),
        (&short, Some(&["client_secret_jwt"]), None, None),
        (&short, Some(&["CLIENT_SECRET_BASIC", "client_secret_basic "]), None, None),
        (&long, Some(&["client_secret_jwt"]), None, Some(ClientSecretJwt)),
        (&long, Some(&["client_secret_jwt"]), Some(&["HS256", "RS256"]), Some(ClientSecretJwt)),
        (&long, Some(&["client_secret_jwt"]), Some(&["HS512"]), None),
        (&long, Some(&["client_secret_jwt", "client_secret_post"]), None, Some(ClientSecretPost)),
        (&key, None, None, Some(PrivateKeyJwt)),
        (&key, None, Some(&["ES256"]), None),
        (&key, Some(&["private_key_jwt"]), None, Some(PrivateKeyJwt)),
        (&key, Some(&["private_key_jwt"]), Some(&["ES256", "HS256"]), None),
        (&key, Some(&["client_secret_basic", "none"]), None, None),
        (&both, None, None, Some(ClientSecretBasic)),
        (&both, Some(&["client_secret_basic", "private_key_jwt"]), None, Some(PrivateKeyJwt)),
        (&both, Some(&["client_secret_basic", "private_key_jwt"]), Some(&["ES256"]), Some(ClientSecretBasic)),
        (&both, Some(&["client_secret_jwt"]), None, Some(ClientSecretJwt)),
    ];
    for (given, supported, algorithms, expected) in table {
        let row = format!("{supported:?} {algorithms:?} secret {:?}", given.secret);
        let (supported, algorithms) = (supported.map(names), algorithms.map(names));
        let chosen = (*given).clone().client().unwrap().choose(supported.as_deref(), algorithms.as_deref());
        match expected {
            Some(method) => assert_eq!(chosen.unwrap().method, *method, "{row}"),
            None => assert_eq!(chosen.unwrap_err().code(), Code::ClientAuthUnsupported, "{row}"),
        }
    }
}

#[test]
fn a_configured_method_is_used_whatever_the_provider_lists() {
    use AuthMethod::{PrivateKeyJwt, SelfSignedTlsClientAuth, TlsClientAuth};
    let key = rsa("");
    for method in AuthMethod::ALL {
        let given = match method {
            AuthMethod::None | TlsClientAuth | SelfSignedTlsClientAuth => Given::default(),
            PrivateKeyJwt => Given::key(&key),
            _ => Given::secret(LONG),
        };
        let client = Given { method: Some(method), ..given }.client().unwrap();
        for supported in [None, Some(names(&[])), Some(names(&["client_secret_basic", "private_key_jwt"]))] {
            for algorithms in [None, Some(names(&["ES512"]))] {
                let choice = client.choose(supported.as_deref(), algorithms.as_deref()).unwrap();
                assert_eq!(choice.method, method);
                apply(&client, choice);
            }
        }
    }
}

#[test]
fn the_algorithm_is_the_configured_one_or_one_that_is_listed() {
    let listed = Some(names(&["none", "ES256", "PS512", "PS256", "Ed25519"]));
    let configured = Given { algorithm: Some(Algorithm::RS384), ..Given::key(&rsa("")) };
    for (given, algorithms, expected) in [
        (Given::key(&rsa("")), None, Algorithm::RS256),
        (Given::key(&rsa("")), listed.as_deref(), Algorithm::PS256),
        (configured, listed.as_deref(), Algorithm::RS384),
        (Given::key(&rsa(r#""alg":"PS512","#)), listed.as_deref(), Algorithm::PS512),
        (Given::key(&generated(Algorithm::EdDSA)), None, Algorithm::EdDSA),
        (Given::key(&generated(Algorithm::EdDSA)), listed.as_deref(), Algorithm::Ed25519),
    ] {
        let client = given.client().unwrap();
        assert_eq!(client.choose(None, algorithms).unwrap().algorithm, Some(expected));
    }
}

#[test]
fn what_can_never_work_is_refused_at_once() {
    use AuthMethod::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost, PrivateKeyJwt, TlsClientAuth};
    let p256 = generated(Algorithm::ES256);
    let oct = Key::from_secret(LONG.as_bytes(), &KeyOptions::default()).unwrap();
    let encrypting = Key::from_jwk(&p256.to_jwk(true).unwrap().replace("\"alg\":\"ES256\"", "\"use\":\"enc\""));
    let nameless = Key::from_pem(p256.to_pem(true).unwrap().as_bytes(), &KeyOptions::default()).unwrap();
    let with = |given: Given, method| Given { method: Some(method), ..given };
    let signing = |given: Given, algorithm| Given { algorithm: Some(algorithm), ..given };
    let team = |given: Given| Given { team: Some("TEAM123456"), ..given };
    let by_secret = with(Given::secret(LONG), ClientSecretJwt);
    let by_key = with(Given::key(&p256), PrivateKeyJwt);
    for (row, (given, code, field)) in [
        (Given::secret(""), Code::InvalidArgument, "client_secret"),
        (with(Given::default(), ClientSecretBasic), Code::InvalidArgument, "client_secret"),
        (with(Given::key(&p256), ClientSecretPost), Code::InvalidArgument, "client_secret"),
        (with(Given::default(), ClientSecretJwt), Code::InvalidArgument, "client_secret"),
        (with(Given::secret(LONG), PrivateKeyJwt), Code::InvalidArgument, "client_key"),
        (with(Given::secret(LONG), AuthMethod::None), Code::InvalidArgument, "client_secret"),
        (with(Given::key(&p256), AuthMethod::None), Code::InvalidArgument, "client_key"),
        (Given::key(&p256.public_key().unwrap()), Code::InvalidArgument, "client_key"),
        (Given::key(&oct), Code::InvalidArgument, "client_key"),
        (Given::key(&encrypting.unwrap()), Code::InvalidArgument, "client_key"),
        (with(Given::secret("short"), ClientSecretJwt), Code::KeyTooWeak, "client_secret"),
        (signing(by_secret.clone(), Algorithm::HS512), Code::KeyTooWeak, "client_secret"),
        (with(Given::secret(r#"{"kty":"oct","k":"AAAA"}"#), ClientSecretJwt), Code::InvalidArgument, "client_secret"),
        (signing(by_secret.clone(), Algorithm::RS256), Code::InvalidArgument, "token_endpoint_auth_signing_alg"),
        (signing(by_key.clone(), Algorithm::HS256), Code::InvalidArgument, "token_endpoint_auth_signing_alg"),
        (signing(by_key, Algorithm::ES384), Code::InvalidArgument, "token_endpoint_auth_signing_alg"),
        (signing(Given::key(&p256), Algorithm::RS256), Code::InvalidArgument, "token_endpoint_auth_signing_alg"),
        (signing(Given::secret(LONG), Algorithm::HS256), Code::InvalidArgument, "token_endpoint_auth_signing_alg"),
        (signing(Given::default(), Algorithm::ES256), Code::InvalidArgument, "token_endpoint_auth_signing_alg"),
        (
            signing(with(Given::default(), TlsClientAuth), Algorithm::ES256),
            Code::InvalidArgument,
            "token_endpoint_auth_signing_alg",
        ),
        (Given { team: Some(""), ..Given::key(&p256) }, Code::InvalidArgument, "team_id"),
        (team(Given::default()), Code::InvalidArgument, "client_key"),
        (team(Given::key(&nameless)), Code::InvalidArgument, "client_key"),
        (team(Given::key(&generated(Algorithm::EdDSA))), Code::InvalidArgument, "client_key"),
        (team(Given { secret: Some(LONG), ..Given::key(&p256) }), Code::InvalidArgument, "client_secret"),
        (team(with(Given::key(&p256), PrivateKeyJwt)), Code::InvalidArgument, "token_endpoint_auth_method"),
        (team(signing(Given::key(&p256), Algorithm::RS256)), Code::InvalidArgument, "token_endpoint_auth_signing_alg"),
    ]
    .into_iter()
    .enumerate()
    {
        let error = given.client().unwrap_err();
        assert_eq!((error.code(), error.field()), (code, Some(field)), "row {row}: {error}");
    }
    let error = ClientAuthentication::new("", None, None, None, None, None);
    assert_eq!(error.unwrap_err().field(), Some("client_id"));
}

#[test]
fn a_refusal_says_why_a_listed_method_does_not_do() {
    let client = Given::secret("short").client().unwrap();
    let error = client.choose(Some(&names(&["client_secret_jwt"])), None).unwrap_err();
    assert_eq!(error.cause().unwrap().code(), Code::KeyTooWeak);
    assert!(error.message().contains("client_secret_jwt") && !error.message().contains("short"), "{error}");
    let error = client.choose(Some(&vec!["x".repeat(9999); 9999]), None).unwrap_err();
    assert!(error.message().len() < 1000, "{error}");
}

#[test]
fn a_choice_and_a_time_must_be_possible() {
    let signing = Given::key(&generated(Algorithm::ES256)).client().unwrap();
    let choice = signing.choose(None, None).unwrap();
    let refused = |client: &ClientAuthentication, choice, now| {
        let (mut form, mut headers) = (Vec::new(), Vec::new());
        let error = client.apply(choice, ISSUER, now, &mut form, &mut headers).unwrap_err();
        assert!(form.is_empty() && headers.is_empty());
        error.code()
    };
    assert_eq!(refused(&signing, choice, -1), Code::InvalidArgument);
    let other = Given::default().client().unwrap();
    assert_eq!(refused(&other, choice, NOW), Code::ClientAuthUnsupported);
    let basic = Given::secret("s").client().unwrap().choose(None, None).unwrap();
    assert_eq!(refused(&other, basic, NOW), Code::ClientAuthUnsupported);
}

#[test]
fn nothing_secret_is_printed() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<ClientAuthentication>();
    let given = Given { secret: Some(LONG), ..Given::key(&generated(Algorithm::ES256)) };
    assert_eq!(
        format!("{:?}", given.client().unwrap()),
        "ClientAuthentication { client_id: \"client\", method: None, secret: true, \
         key: Some(Signer { algorithm: ES256, .. }) }"
    );
}
