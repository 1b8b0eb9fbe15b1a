//! How the client proves to the token endpoint who it is (RFC 6749 section 2.3, OpenID Connect Core section 9, RFC 8705).
//!
//! The method comes from the configuration, or else from the provider's metadata; never from trying one after another, for
//! a try spends the code or the refresh token that it is sent with.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use base64_turbo::STANDARD;
use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, KeyType};
use crate::encoding::form;
use crate::error::{Code, Error, Excerpt, Result};
use crate::jwk::{Key, KeyOptions};
use crate::jwt::{Signer, SignerOptions};

/// The value of `client_assertion_type` (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The `typ` of an assertion (draft-ietf-oauth-rfc7523bis section 4). RFC 7523 asks for none, but servers that follow its
/// successor refuse every other.
const ASSERTION_TYP: &str = "client-authentication+jwt";

/// Each request has an assertion of its own, so it need not last longer than the request.
const ASSERTION_LIFETIME: Duration = Duration::from_secs(60);

const APPLE_AUDIENCE: &str = "https://appleid.apple.com";

/// Apple allows up to 15,777,000 seconds, for those who make the secret by hand. It is made anew for each request here.
const APPLE_LIFETIME: Duration = Duration::from_secs(300);

const METHOD: &str = "token_endpoint_auth_method";
const ALGORITHM: &str = "token_endpoint_auth_signing_alg";
const SECRET: &str = "client_secret";
const KEY: &str = "client_key";
const TEAM: &str = "team_id";

/// A way of client authentication, by its registered name (RFC 7591 section 2, RFC 8705 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthMethod {
    None,
    ClientSecretBasic,
    ClientSecretPost,
    ClientSecretJwt,
    PrivateKeyJwt,
    TlsClientAuth,
    SelfSignedTlsClientAuth,
}

impl AuthMethod {
    const ALL: [Self; 7] = [
        Self::None,
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
    ];

    /// The registered name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }

    /// Whether the client shows its TLS certificate, and so needs the endpoints that ask for one (RFC 8705 section 5).
    pub(crate) const fn needs_certificate(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }
}

impl FromStr for AuthMethod {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            let message = format!("{} is not a client authentication of authwright: it knows {known}", Excerpt(name));
            Error::invalid_argument(METHOD, message)
        })
    }
}

/// What is used with one provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) method: AuthMethod,
    /// What the assertion is signed with, of the two methods that have one.
    algorithm: Option<Algorithm>,
}

/// The client's credentials, checked and prepared.
pub(super) struct ClientAuthentication {
    client_id: String,
    /// What the program asks for, whatever the provider lists.
    method: Option<AuthMethod>,
    algorithm: Option<Algorithm>,
    secret: Option<Secret>,
    /// What signs with the key, for each algorithm that it does, the preferred first. Empty if there is no key.
    key: Vec<Signer>,
}

/// What the client shares with the provider.
enum Secret {
    Given {
        text: Zeroizing<String>,
        /// Those of `client_secret_jwt`, or why the secret is not good for it. It may be good for the other methods.
        assertions: Result<Vec<Signer>>,
    },
    /// Apple wants a JWT in the place of the secret, signed with the client's key.
    Apple(Box<Signer>),
}

impl ClientAuthentication {
    /// Checks at once what could never work: `apple_team` is the `team_id` of a client of Apple's whose secret is to be made.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT`, with the option as its field; `ERR_KEY_TOO_WEAK` for a secret or a key that is too short to
    /// sign with.
    pub(super) fn new(
        client_id: &str,
        client_secret: Option<Zeroizing<String>>,
        client_key: Option<Key>,
        method: Option<AuthMethod>,
        signing_alg: Option<Algorithm>,
        apple_team: Option<&str>,
    ) -> Result<Self> {
        if client_id.is_empty() {
            return Err(Error::invalid_argument("client_id", "client_id must not be empty"));
        }
        if client_secret.as_ref().is_some_and(|secret| secret.is_empty()) {
            return Err(Error::invalid_argument(SECRET, "client_secret must not be empty"));
        }
        if let Some(key) = &client_key {
            check_key(key)?;
        }
        if let Some(team) = apple_team {
            let secret = apple_secret(team, client_id, client_secret, client_key, method, signing_alg)?;
            return Ok(Self {
                client_id: client_id.to_owned(),
                method: Some(AuthMethod::ClientSecretPost),
                algorithm: None,
                secret: Some(Secret::Apple(Box::new(secret))),
                key: Vec::new(),
            });
        }
        check_credentials(method, client_secret.is_some(), client_key.is_some())?;
        check_algorithm(method, signing_alg, client_key.is_some())?;
        let key = match client_key {
            Some(key) if method.is_none_or(|method| method == AuthMethod::PrivateKeyJwt) => {
                signers(&key, signing_alg, client_id).map_err(|cause| unfit(cause, KEY, signing_alg))?
            }
            _ => Vec::new(),
        };
        let secret = match client_secret {
            Some(text) => {
                let algorithm = signing_alg.filter(|algorithm| algorithm.key_type() == KeyType::Secret);
                let assertions = Key::from_secret(text.as_bytes(), &KeyOptions::default())
                    .and_then(|key| signers(&key, algorithm, client_id))
                    .map_err(|cause| unfit(cause, SECRET, algorithm));
                match assertions {
                    Err(error) if method == Some(AuthMethod::ClientSecretJwt) => return Err(error),
                    assertions => Some(Secret::Given { text, assertions }),
                }
            }
            None => None,
        };
        Ok(Self { client_id: client_id.to_owned(), method, algorithm: signing_alg, secret, key })
    }

    /// What to use with a provider that supports these methods and, for assertions, these algorithms. `None` is what it does
    /// not say.
    ///
    /// A configured method is used whatever the provider lists. Otherwise it is the best that it lists of those that the
    /// credentials allow: `private_key_jwt`, then `client_secret_basic`, `client_secret_post`, `client_secret_jwt`. `none` is
    /// for a client without credentials only, so that no list can talk a client out of authenticating. With a provider that
    /// lists nothing a secret goes by `client_secret_basic`, the default of RFC 8414 section 2, and a client without a secret
    /// has just one way.
    ///
    /// # Errors
    /// `ERR_CLIENT_AUTH_UNSUPPORTED` if the provider supports none of those.
    pub(super) fn choose(&self, supported: Option<&[String]>, algorithms: Option<&[String]>) -> Result<Choice> {
        let signable = algorithms.filter(|_| self.algorithm.is_none());
        let allowed = self.allowed();
        let found = match (self.method, supported) {
            (Some(method), _) => self.choice(method, signable).or_else(|| self.choice(method, None)),
            (None, Some(names)) => allowed
                .iter()
                .filter(|method| names.iter().any(|name| name == method.name()))
                .find_map(|method| self.choice(*method, signable)),
            (None, None) if self.secret.is_some() => self.choice(AuthMethod::ClientSecretBasic, None),
            (None, None) => allowed.first().and_then(|method| self.choice(*method, signable)),
        };
        found.ok_or_else(|| self.unsupported(allowed, supported, algorithms))
    }

    /// Adds what authenticates the client to a form and its headers. The answer is whether the request must show the client's
    /// TLS certificate.
    ///
    /// The `audience` of an assertion is the provider's issuer where it is known, else the token endpoint: RFC 7523 section 3
    /// allowed several names for a server, so that a hostile provider could name another one's endpoint as its own and be
    /// handed an assertion that is good there; draft-ietf-oauth-rfc7523bis section 4 therefore wants the issuer, as the only
    /// audience. Assertions have a `jti` of their own, so every request needs a call of its own.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` for a `now` that is no time; `ERR_CLIENT_AUTH_UNSUPPORTED` for a choice of another client.
    pub(super) fn apply(
        &self,
        choice: Choice,
        audience: &str,
        now: i64,
        form: &mut Vec<(&'static str, Zeroizing<String>)>,
        headers: &mut Vec<(&'static str, String)>,
    ) -> Result<bool> {
        match choice.method {
            AuthMethod::ClientSecretBasic => {
                // The values are encoded first (RFC 6749 section 2.3.1): an id may hold a colon.
                let id = form::encode_value(&self.client_id);
                let secret = Zeroizing::new(form::encode_value(&self.secret_text(now)?));
                let pair = Zeroizing::new(format!("{id}:{}", *secret));
                headers.push(("Authorization", format!("Basic {}", STANDARD.encode(pair.as_bytes()))));
            }
            AuthMethod::ClientSecretPost => {
                let secret = self.secret_text(now)?;
                form.push(("client_id", self.client_id.clone().into()));
                form.push((SECRET, secret));
            }
            AuthMethod::ClientSecretJwt | AuthMethod::PrivateKeyJwt => {
                let signers = self.signers(choice.method).unwrap_or_default();
                let signer = signers.iter().find(|signer| Some(signer.algorithm()) == choice.algorithm);
                let signer = signer.ok_or_else(|| of_another_client(choice.method))?;
                let assertion = signer.sign(&serde_json::json!({ "aud": audience }), now)?;
                // RFC 7521 section 4.2 makes client_id optional, and there are servers that look the client up by it.
                form.push(("client_id", self.client_id.clone().into()));
                form.push(("client_assertion_type", ASSERTION_TYPE.to_owned().into()));
                form.push(("client_assertion", assertion.into()));
            }
            AuthMethod::None | AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth => {
                form.push(("client_id", self.client_id.clone().into()));
            }
        }
        Ok(choice.method.needs_certificate())
    }

    /// The methods that the credentials allow, the preferred first. Certificates are the transport's, so the methods with one
    /// are by configuration only.
    fn allowed(&self) -> &'static [AuthMethod] {
        use AuthMethod::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost, None, PrivateKeyJwt};
        match (!self.key.is_empty(), self.secret.is_some()) {
            (true, true) => &[PrivateKeyJwt, ClientSecretBasic, ClientSecretPost, ClientSecretJwt],
            (true, false) => &[PrivateKeyJwt],
            (false, true) => &[ClientSecretBasic, ClientSecretPost, ClientSecretJwt],
            (false, false) => &[None],
        }
    }

    /// The method with the preferred algorithm of those that the provider lists, if it has assertions. `None` if it lists
    /// none of them.
    fn choice(&self, method: AuthMethod, algorithms: Option<&[String]>) -> Option<Choice> {
        let Some(signers) = self.signers(method) else { return Some(Choice { method, algorithm: None }) };
        let is_listed =
            |algorithm: &Algorithm| algorithms.is_none_or(|names| names.iter().any(|name| name == algorithm.name()));
        let algorithm = signers.iter().map(Signer::algorithm).find(is_listed)?;
        Some(Choice { method, algorithm: Some(algorithm) })
    }

    /// What signs the assertions of a method that has some.
    fn signers(&self, method: AuthMethod) -> Option<&[Signer]> {
        match (method, &self.secret) {
            (AuthMethod::PrivateKeyJwt, _) => Some(&self.key),
            (AuthMethod::ClientSecretJwt, Some(Secret::Given { assertions: Ok(signers), .. })) => Some(signers),
            (AuthMethod::ClientSecretJwt, _) => Some(&[]),
            _ => None,
        }
    }

    fn secret_text(&self, now: i64) -> Result<Zeroizing<String>> {
        match &self.secret {
            Some(Secret::Given { text, .. }) => Ok(text.clone()),
            Some(Secret::Apple(signer)) => signer.sign_json("{}", now).map(Zeroizing::new),
            None => Err(of_another_client(AuthMethod::ClientSecretPost)),
        }
    }

    #[cold]
    fn unsupported(
        &self,
        allowed: &[AuthMethod],
        supported: Option<&[String]>,
        algorithms: Option<&[String]>,
    ) -> Error {
        let mine = match allowed {
            [AuthMethod::None] => "this client has neither client_secret nor client_key".to_owned(),
            methods => {
                let names = methods.iter().map(|method| method.name()).collect::<Vec<_>>().join(", ");
                format!("this client's credentials are for {names}")
            }
        };
        let theirs = supported.map_or("no method".to_owned(), list);
        let assertions = algorithms.map_or(String::new(), |names| format!(" (assertions with {})", list(names)));
        let message = format!(
            "the provider lists {theirs}{assertions}, and {mine}; a {METHOD} that is set is used whatever is listed"
        );
        let error = Error::new(Code::ClientAuthUnsupported, message);
        match &self.secret {
            Some(Secret::Given { assertions: Err(cause), .. })
                if supported
                    .is_some_and(|names| names.iter().any(|name| name == AuthMethod::ClientSecretJwt.name())) =>
            {
                error.caused_by(cause.clone())
            }
            _ => error,
        }
    }
}

impl fmt::Debug for ClientAuthentication {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientAuthentication")
            .field("client_id", &self.client_id)
            .field("method", &self.method)
            .field("secret", &self.secret.is_some())
            .field("key", &self.key.first())
            .finish()
    }
}

/// What signs the client's assertions with a key: with the algorithm asked for, or with each that the key does.
fn signers(key: &Key, algorithm: Option<Algorithm>, client_id: &str) -> Result<Vec<Signer>> {
    let signer = |algorithm| {
        let options = SignerOptions::new()
            .algorithm(algorithm)
            .typ(ASSERTION_TYP)
            .issuer(client_id)
            .subject(client_id)
            .lifetime(ASSERTION_LIFETIME)
            .jwt_id();
        Signer::new(key, options)
    };
    let preferred = key.signing_algorithm(algorithm)?;
    let mut signers = vec![signer(preferred)?];
    if algorithm.is_none() {
        // A secret may be long enough for the preferred one only.
        let others = key.verifying_algorithms().filter(|other| *other != preferred);
        signers.extend(others.filter_map(|other| signer(other).ok()));
    }
    Ok(signers)
}

fn check_key(key: &Key) -> Result<()> {
    let message = match key.key_type() {
        KeyType::Secret => "client_key must be an asymmetric key: a secret is the client_secret",
        _ if !key.is_private() => "client_key must be a private key: the client signs with it",
        _ => return Ok(()),
    };
    Err(Error::invalid_argument(KEY, message))
}

/// Whether the method has what it needs, and the credentials a method that uses them: a client that has some and does not
/// authenticate is a mistake.
fn check_credentials(method: Option<AuthMethod>, secret: bool, key: bool) -> Result<()> {
    let Some(method) = method else { return Ok(()) };
    let name = method.name();
    match method {
        AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost | AuthMethod::ClientSecretJwt if !secret => {
            Err(Error::invalid_argument(SECRET, format!("{name} needs a client_secret")))
        }
        AuthMethod::PrivateKeyJwt if !key => Err(Error::invalid_argument(KEY, format!("{name} needs a client_key"))),
        AuthMethod::None if secret => {
            Err(Error::invalid_argument(SECRET, "with the method none there must be no client_secret"))
        }
        AuthMethod::None if key => {
            Err(Error::invalid_argument(KEY, "with the method none there must be no client_key"))
        }
        _ => Ok(()),
    }
}

/// Whether the algorithm is one of the method's. What a key does is for the signer to say.
fn check_algorithm(method: Option<AuthMethod>, algorithm: Option<Algorithm>, key: bool) -> Result<()> {
    let Some(algorithm) = algorithm else { return Ok(()) };
    let needed = match algorithm.key_type() {
        KeyType::Secret => AuthMethod::ClientSecretJwt,
        _ => AuthMethod::PrivateKeyJwt,
    };
    match method {
        Some(method) if method == needed => Ok(()),
        None if needed == AuthMethod::PrivateKeyJwt && key => Ok(()),
        _ => Err(Error::invalid_argument(ALGORITHM, format!("{algorithm} is for the method {} only", needed.name()))),
    }
}

/// What signs the secrets that Apple takes: "Creating a client secret" in the documentation of Sign in with Apple.
fn apple_secret(
    team: &str,
    client_id: &str,
    client_secret: Option<Zeroizing<String>>,
    client_key: Option<Key>,
    method: Option<AuthMethod>,
    signing_alg: Option<Algorithm>,
) -> Result<Signer> {
    if team.is_empty() {
        return Err(Error::invalid_argument(TEAM, "team_id must not be empty"));
    }
    if client_secret.is_some() {
        let message = "with team_id the secret is made of client_key: there must be no client_secret";
        return Err(Error::invalid_argument(SECRET, message));
    }
    if method.is_some_and(|method| method != AuthMethod::ClientSecretPost) {
        return Err(Error::invalid_argument(METHOD, "Apple knows client_secret_post only"));
    }
    if signing_alg.is_some_and(|algorithm| algorithm != Algorithm::ES256) {
        return Err(Error::invalid_argument(ALGORITHM, "Apple knows ES256 only"));
    }
    let needed = "Apple needs the ES256 key of the developer account as client_key";
    let key = client_key.ok_or_else(|| Error::invalid_argument(KEY, needed))?;
    if key.kid().is_none_or(str::is_empty) {
        return Err(Error::invalid_argument(
            KEY,
            "Apple's client_key needs a kid: the Key ID of the developer account",
        ));
    }
    let options = SignerOptions::new()
        .algorithm(Algorithm::ES256)
        .issuer(team)
        .subject(client_id)
        .audience(APPLE_AUDIENCE)
        .lifetime(APPLE_LIFETIME);
    Signer::new(&key, options).map_err(|cause| Error::invalid_argument(KEY, needed).caused_by(cause))
}

/// A credential that does not sign, as the option that is at fault.
#[cold]
fn unfit(cause: Error, credential: &'static str, configured: Option<Algorithm>) -> Error {
    match (cause.code(), configured) {
        (Code::KeyTooWeak | Code::UnsupportedAlgorithm, _) => cause.at(credential),
        (Code::KeyMismatch, Some(algorithm)) if cause.field() == Some("algorithm") => {
            Error::invalid_argument(ALGORITHM, format!("{credential} is not for {algorithm}: {cause}")).caused_by(cause)
        }
        _ => Error::invalid_argument(credential, format!("{credential} cannot sign: {cause}")).caused_by(cause),
    }
}

#[cold]
fn of_another_client(method: AuthMethod) -> Error {
    let message = format!("this client has no credentials for {}", method.name());
    Error::new(Code::ClientAuthUnsupported, message)
}

/// The provider's words, and not more than some of them.
fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(8).map(|name| Excerpt(name).to_string()).collect();
    if shown.is_empty() { "nothing".to_owned() } else { shown.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::{Policy, Token, Verifier};

    const NOW: i64 = 1_700_000_000;

    const ISSUER: &str = "https://id.example";

    const LONG: &str = "a secret of more than thirty-two bytes";

    /// What a request gets.
    type Applied = (Vec<(&'static str, String)>, Vec<(&'static str, String)>, bool);

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
        let [("client_id", id), ("client_assertion_type", kind), ("client_assertion", assertion)] = form.as_slice()
        else {
            panic!("{form:?}")
        };
        assert_eq!(id, "client");
        assert_eq!(kind, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        assert!(headers.is_empty() && !certificate);
        assertion.clone()
    }

    #[test]
    fn methods_go_by_their_registered_names() {
        for method in AuthMethod::ALL {
            assert_eq!(method.name().parse::<AuthMethod>().unwrap(), method);
        }
        for name in ["", "None", "client_secret", "CLIENT_SECRET_BASIC", "tls"] {
            let error = name.parse::<AuthMethod>().unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("token_endpoint_auth_method")));
        }
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
        let table: &[(&Given, Option<&[&str]>, Option<&[&str]>, Option<AuthMethod>)] = &[
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
            (
                with(Given::secret(r#"{"kty":"oct","k":"AAAA"}"#), ClientSecretJwt),
                Code::InvalidArgument,
                "client_secret",
            ),
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
            (
                team(signing(Given::key(&p256), Algorithm::RS256)),
                Code::InvalidArgument,
                "token_endpoint_auth_signing_alg",
            ),
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
}
