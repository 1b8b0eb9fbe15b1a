//! The client: one registration at one provider.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::callback::Callback;
use super::client_authentication::ClientAuthentication;
use super::client_options::ClientOptions;
use super::cookie;
use super::metadata::{Endpoints, ProviderMetadata};
use crate::error::{Code, Error, Result};
use crate::jwk::remote::Moved;
use crate::jwk::{Key, RemoteKeySet, RemoteOptions};
use crate::jwt::{Policy, Verifier};
use crate::operation::{Flow, Operation, Outside};
use crate::sealed;

/// The keys that a client holds.
#[derive(Clone, Default)]
pub struct Credentials {
    /// What logins are sealed with, newest first: secrets of at least 32 bytes. All are tried when one is opened, so
    /// that keys can be rotated while logins are under way. Every process that serves the site has the same.
    pub seal_keys: Vec<Key>,
    /// The private key that the client is authenticated with (`private_key_jwt`, Apple).
    pub client_key: Option<Key>,
}

/// An OAuth 2.0 and OpenID Connect client: logs users in, refreshes and revokes tokens, logs users out.
///
/// Built once, and used from any number of threads at once; a clone is the same client. It does nothing by itself:
/// operations ask its provider when they must, and what was discovered is remembered.
///
/// ```
/// use authwright_core::oauth::{Client, ClientOptions, Credentials};
/// use authwright_core::{Key, KeyOptions};
///
/// let options = ClientOptions::from_json(
///     r#"{"issuer": "https://id.example", "client_id": "web", "client_secret": "s3cret", "redirect_uri": "https://app.example/cb"}"#,
/// )?;
/// let seal_key = Key::from_secret(b"32 bytes that only this site knows", &KeyOptions::default())?;
/// let client = Client::new(options, Credentials { seal_keys: vec![seal_key], client_key: None }, 7)?;
/// # Ok::<(), authwright_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(super) options: ClientOptions,
    pub(super) seal_keys: Vec<Key>,
    pub(super) authentication: ClientAuthentication,
    /// What asks for the metadata, if the provider has some.
    discovery: Option<RemoteKeySet>,
    keys: Option<RemoteKeySet>,
    verifiers: Option<Verifiers>,
}

/// One for each kind of token that a provider sends to a client.
pub(crate) struct Verifiers {
    pub(crate) id_token: Verifier,
    pub(crate) logout_token: Verifier,
    /// Signed userinfo (OpenID Connect Core 1.0 section 5.3.2), which need not end.
    pub(crate) userinfo: Verifier,
}

impl Client {
    /// A client. Nothing is fetched yet. `seed` is that of [`RemoteKeySet::new`].
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` for what can never work, such as credentials that the authentication method has no use
    /// for, or a `client_key` that is not private; `ERR_KEY_TOO_WEAK`, `ERR_KEY_MISMATCH` for keys.
    pub fn new(options: ClientOptions, credentials: Credentials, seed: u64) -> Result<Self> {
        let Credentials { seal_keys, client_key } = credentials;
        if options.redirect_uri.is_some() && seal_keys.is_empty() {
            let message = "a client with a redirect_uri logs users in, and needs a key to seal its transactions";
            return Err(Error::invalid_argument("seal_keys", message));
        }
        for key in &seal_keys {
            sealed::check_key(key).map_err(|error| error.at("seal_keys"))?;
        }
        if options.profile.apple_secret && options.team_id.is_none() && options.client_secret.is_none() {
            let message = "Apple's client secret is made from team_id, client_id and client_key: set team_id";
            return Err(Error::invalid_argument("team_id", message));
        }
        let authentication = ClientAuthentication::new(
            &options.client_id,
            options.client_secret.clone(),
            client_key,
            options.auth_method,
            options.auth_algorithm,
            options.team_id.as_deref(),
        )?;
        let remote = |members: &[(&str, &Option<String>)]| RemoteKeySet::new(remote_options(&options, members)?, seed);
        let (issuer, jwks_uri) = (("issuer", &options.issuer), ("jwks_uri", &options.endpoints.jwks_uri));
        let discovery = match options.is_discovered() {
            true => Some(remote(&[issuer, ("metadata_url", &options.metadata_url)])?),
            false => None,
        };
        // Keys that the program pinned go before those that the metadata leads to.
        let keys = match jwks_uri.1 {
            Some(_) => Some(remote(&[issuer, jwks_uri])?),
            None => discovery.clone(),
        };
        let verifiers = match (&keys, options.issuer.is_some() && options.profile.openid) {
            (Some(keys), true) => Some(Verifiers::new(keys, &options)?),
            _ => None,
        };
        let inner = Inner { options, seal_keys, authentication, discovery, keys, verifiers };
        let scope = inner.options.scope.as_deref().unwrap_or_default();
        inner.check_openid(scope.iter().any(|one| one == "openid"))?;
        Ok(Self(Arc::new(inner)))
    }

    /// The issuer, as it was configured or as the profile says.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.0.options.issuer.as_deref()
    }

    /// The registered name of the client.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.0.options.client_id
    }

    /// The `Set-Cookie` value that removes the cookie of the login that a callback is of, if the request has one. For
    /// logins that failed: a login that ended well says it itself ([`super::Tokens::clear_cookie`]).
    #[must_use]
    pub fn forget_login(&self, cookies: &str, callback: &str) -> Option<String> {
        let callback = Callback::read(callback).ok()?;
        cookie::find(cookies, &callback.state, self.0.is_form_post()).map(|(_, removal)| removal)
    }

    /// The provider's keys, if it has any.
    #[must_use]
    pub fn remote_keys(&self) -> Option<&RemoteKeySet> {
        self.0.keys.as_ref()
    }

    /// An operation of this client's.
    pub(crate) fn operation<T, F>(&self, deadline: u64, block: impl FnOnce(Arc<Inner>, Outside) -> F) -> Operation<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        Operation::new(Flow::new(|outside| block(inner, outside)), deadline)
    }
}

impl Inner {
    /// Where the provider does what: asked for if it is not known. What the program said goes before what the provider
    /// says.
    pub(crate) async fn provider(&self, outside: &Outside) -> Result<Provider> {
        let discovered = match &self.discovery {
            Some(discovery) => Some(discover(discovery, outside).await?),
            None => None,
        };
        let said = discovered.as_ref().map(|metadata| metadata.endpoints().clone()).unwrap_or_default();
        let ours = self.options.endpoints.clone();
        let endpoints = Endpoints {
            jwks_uri: ours.jwks_uri.or(said.jwks_uri),
            authorization: ours.authorization.or(said.authorization),
            // An alias is for the endpoint that the metadata names.
            mtls_token: said.mtls_token.filter(|_| ours.token.is_none()),
            mtls_revocation: said.mtls_revocation.filter(|_| ours.revocation.is_none()),
            mtls_userinfo: said.mtls_userinfo.filter(|_| ours.userinfo.is_none()),
            token: ours.token.or(said.token),
            userinfo: ours.userinfo.or(said.userinfo),
            revocation: ours.revocation.or(said.revocation),
            end_session: ours.end_session.or(said.end_session),
            ..said
        };
        Ok(Provider { template: discovered.and_then(|metadata| metadata.template().map(str::to_owned)), endpoints })
    }

    /// Refuses what can never be checked: an ID token needs keys, and a hybrid flow, a nonce and a required freshness
    /// need an ID token.
    pub(super) fn check_openid(&self, has_openid: bool) -> Result<()> {
        if has_openid && self.verifiers.is_none() {
            let message = "scope openid asks for an ID token, and the client knows no keys to verify it with: set issuer and jwks_uri";
            let field = if self.options.issuer.is_none() { "issuer" } else { "jwks_uri" };
            return Err(Error::invalid_argument(field, message));
        }
        if self.options.is_hybrid && !self.uses_nonce() {
            return Err(Error::invalid_argument("response_type", "a hybrid flow needs a nonce"));
        }
        Ok(())
    }

    pub(super) fn uses_nonce(&self) -> bool {
        !self.options.no_nonce && self.options.profile.nonce
    }

    /// Has keys to verify with, before something is spent that an ID token would come with.
    pub(super) async fn ready_keys(&self, outside: &Outside) -> Result<()> {
        let Some(keys) = self.keys.as_ref().filter(|_| self.verifiers.is_some()) else { return Ok(()) };
        let has_keys = |after_failure| keys.with_keys(outside.now(), after_failure, |keys| keys.is_some());
        if has_keys(false) {
            return Ok(());
        }
        match outside.run(keys.refreshing(outside.now())).await {
            Err(error) if !has_keys(true) => Err(match error.code() {
                Code::KeysNeeded | Code::Closed => error,
                _ => keys.needed(Some(error)),
            }),
            _ => Ok(()),
        }
    }

    pub(crate) fn verifiers(&self) -> Option<&Verifiers> {
        self.verifiers.as_ref()
    }

    pub(crate) fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// When a request that begins now must be answered, in milliseconds since 1970.
    pub(crate) fn request_deadline(&self, outside: &Outside) -> u64 {
        outside.now().saturating_add(self.timeout_ms())
    }

    /// How long one request may take, in milliseconds.
    pub(crate) fn timeout_ms(&self) -> u64 {
        let timeout = self.options.timeout.unwrap_or(Duration::from_secs(10));
        u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn leeway(&self) -> i64 {
        i64::try_from(leeway(&self.options).as_secs()).unwrap_or(i64::MAX)
    }

    /// What a sealed transaction belongs to: a login begun with one client, issuer and redirect URI ends with the same.
    pub(super) fn binding(&self) -> String {
        let options = &self.options;
        let of = options.issuer.as_ref().or(options.endpoints.token.as_ref());
        let parts = [Some(&options.client_id), of, options.redirect_uri.as_ref()];
        serde_json::Value::from_iter(parts.map(|part| part.map(String::as_str))).to_string()
    }
}

/// What is known of the provider, from wherever.
pub(crate) struct Provider {
    pub(crate) endpoints: Endpoints,
    /// The issuer, where it stands for many: see [`super::Issuer`].
    pub(crate) template: Option<String>,
}

impl Provider {
    /// The URL of an endpoint that there must be.
    pub(crate) fn endpoint(url: &Option<String>, name: &'static str) -> Result<String> {
        url.clone().ok_or_else(|| Error::new(Code::EndpointMissing, format!("the provider has no {name}")).at(name))
    }
}

impl Verifiers {
    fn new(keys: &RemoteKeySet, options: &ClientOptions) -> Result<Self> {
        let verifier = |more: &[(&str, serde_json::Value)]| {
            let mut policy = serde_json::Map::new();
            let mut add = |name: &str, value| drop(policy.insert(name.to_owned(), value));
            add("audience", options.client_id.as_str().into());
            add("leeway", leeway(options).as_secs().into());
            if keys.issuer().is_none() {
                add("issuer", options.issuer.as_deref().into());
            }
            more.iter().for_each(|(name, value)| add(name, value.clone()));
            Verifier::remote(keys, Policy::from_json(&serde_json::Value::Object(policy).to_string())?)
        };
        let algorithms = options.id_token_algorithms.as_ref();
        let algorithms = algorithms.map(|list| ("algorithms", list.iter().map(|one| one.name()).collect()));
        let with = |members: &[(&'static str, serde_json::Value)]| {
            let members: Vec<_> = members.iter().cloned().chain(algorithms.clone()).collect();
            verifier(&members)
        };
        Ok(Self {
            id_token: with(&[("profile", "id_token".into())])?,
            logout_token: with(&[("profile", "logout_token".into())])?,
            // Its algorithm is registered by itself.
            userinfo: verifier(&[("dangerous_no_expiration", true.into())])?,
        })
    }
}

fn leeway(options: &ClientOptions) -> Duration {
    options.leeway.unwrap_or(Duration::from_secs(30))
}

fn remote_options(options: &ClientOptions, members: &[(&str, &Option<String>)]) -> Result<RemoteOptions> {
    let members = members.iter().filter_map(|(name, value)| Some(((*name).to_owned(), value.as_deref()?.into())));
    let mut document: serde_json::Map<String, serde_json::Value> = members.collect();
    if let Some(timeout) = options.timeout {
        document.insert("timeout".to_owned(), timeout.as_secs().into());
    }
    RemoteOptions::from_json(&serde_json::Value::Object(document).to_string())
}

/// The metadata that is known; asked for first if there is none or its day is over. What is known serves while the
/// issuer cannot be reached. The keys are not waited for: who needs some asks for them.
async fn discover(discovery: &RemoteKeySet, outside: &Outside) -> Result<Arc<ProviderMetadata>> {
    let mut turn = discovery.turn(outside.now());
    loop {
        if let Some(metadata) = discovery.metadata(outside.now(), false) {
            return Ok(metadata);
        }
        let mut events = Vec::new();
        let moved = turn.step(outside.now(), &mut events);
        outside.report(&mut events);
        match moved {
            Moved::Wait(wait) => outside.wait(wait).await,
            Moved::Send(request) => {
                let outcome = outside.send(request).await;
                turn.resume(outside.now(), outcome, &mut events);
                outside.report(&mut events);
            }
            Moved::Over(landed) => {
                return match (discovery.metadata(outside.now(), true), landed.outcome) {
                    (Some(metadata), _) => Ok(metadata),
                    (None, Ok(())) => Err(Error::internal("keys came without metadata")),
                    // Within the cooldown of a fetch that failed: what it failed of is the reason.
                    (None, Err(error)) if error.code() == Code::KeysNeeded => {
                        Err(error.cause().cloned().unwrap_or(error))
                    }
                    (None, Err(error)) => Err(error),
                };
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("options", &self.0.options).finish_non_exhaustive()
    }
}
