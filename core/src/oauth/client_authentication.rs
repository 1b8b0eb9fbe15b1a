//! How the client proves who it is at the token endpoint (RFC 6749 section 2.3, OpenID Connect Core section 9).
//!
//! The method comes from the configuration, or else from the provider's metadata; never from trying one after another,
//! for a try spends the code or the refresh token that it is sent with.

use std::fmt;
use std::time::Duration;

use base64_turbo::STANDARD;
use zeroize::Zeroizing;

use super::auth_method::AuthMethod;
use crate::algorithm::{Algorithm, KeyType};
use crate::encoding::form;
use crate::error::{Code, Error, Excerpt, Result};
use crate::jwk::{Key, KeyOptions};
use crate::jwt::{Signer, SignerOptions};

/// The value of `client_assertion_type` (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The `typ` of an assertion (draft-ietf-oauth-rfc7523bis section 4). RFC 7523 asks for none, but servers that follow
/// its successor refuse every other.
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
    /// Checks at once what could never work. With `apple_team`, which is Apple's `team_id`, the secret is made.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT`, with the option as its field; `ERR_KEY_TOO_WEAK` for a secret or a key that is too short
    /// to sign with.
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

    /// What to use with a provider that supports these methods and, for assertions, these algorithms. `None` is what it
    /// does not say.
    ///
    /// A configured method is used whatever the provider lists. Otherwise it is the best that it lists of those that
    /// the credentials allow: `private_key_jwt`, then `client_secret_basic`, `client_secret_post`, `client_secret_jwt`.
    /// `none` is for a client without credentials only, so that no list can talk a client out of authenticating. With a
    /// provider that lists nothing a secret goes by `client_secret_basic`, the default of RFC 8414 section 2, and a
    /// client without a secret has just one way.
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

    /// Adds what authenticates the client to a form and its headers. The answer is whether the request must show the
    /// client's TLS certificate.
    ///
    /// The `audience` of an assertion is the provider's issuer where it is known, else the token endpoint: RFC 7523
    /// section 3 allowed several names for a server, so that a hostile provider could name another one's endpoint as
    /// its own and be handed an assertion that is good there; draft-ietf-oauth-rfc7523bis section 4 therefore wants the
    /// issuer, as the only audience. Assertions have a `jti` of their own, so every request needs a call of its own.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` for a `now` that is no time; `ERR_CLIENT_AUTH_UNSUPPORTED` for a choice of another
    /// client.
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

    /// The methods that the credentials allow, the preferred first. Certificates are the transport's, so the methods
    /// with one are by configuration only.
    fn allowed(&self) -> &'static [AuthMethod] {
        use AuthMethod::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost, None, PrivateKeyJwt};
        match (!self.key.is_empty(), self.secret.is_some()) {
            (true, true) => &[PrivateKeyJwt, ClientSecretBasic, ClientSecretPost, ClientSecretJwt],
            (true, false) => &[PrivateKeyJwt],
            (false, true) => &[ClientSecretBasic, ClientSecretPost, ClientSecretJwt],
            (false, false) => &[None],
        }
    }

    /// The method with the preferred algorithm of those that the provider lists, if it has assertions. `None` if it
    /// lists none of them.
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

/// Whether the method has what it needs, and the credentials a method that uses them: a client that has some and does
/// not authenticate is a mistake.
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
mod tests;
