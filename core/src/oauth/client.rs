//! The client: one registration at one provider.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::client_authentication::ClientAuthentication;
use super::client_options::ClientOptions;
use super::metadata::{Endpoints, ProviderMetadata};
use crate::error::{Code, Error, Result};
use crate::jwk::{Key, RemoteKeySet, RemoteOptions};
use crate::jwt::{Policy, Verifier};
use crate::operation::{Flow, Operation, Outside};
use crate::sealed;

/// The keys that a client holds.
#[derive(Clone, Default)]
pub struct Credentials {
    /// What logins are sealed with, newest first: secrets of at least 32 bytes. All are tried when one is opened, so that keys can
    /// be rotated while logins are under way. Every process that serves the site has the same.
    pub seal_keys: Vec<Key>,
    /// The private key that the client is authenticated with (`private_key_jwt`, Apple).
    pub client_key: Option<Key>,
}

/// An OAuth 2.0 and OpenID Connect client: logs users in, refreshes and revokes tokens, logs users out.
///
/// Built once, and used from any number of threads at once; a clone is the same client. It does nothing by itself: operations ask
/// its provider when they must, and what was discovered is remembered.
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
    /// `ERR_INVALID_ARGUMENT` for what can never work, such as credentials that the authentication method has no use for;
    /// `ERR_KEY_TOO_WEAK`, `ERR_KEY_MISMATCH`, `ERR_KEY_NOT_PRIVATE` for keys.
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
        let keys = remote_keys(&options)?.map(|options| RemoteKeySet::new(options, seed)).transpose()?;
        let verifiers = match (&keys, options.issuer.is_some() && options.profile.openid) {
            (Some(keys), true) => Some(Verifiers::new(keys, &options)?),
            _ => None,
        };
        Ok(Self(Arc::new(Inner { options, seal_keys, authentication, keys, verifiers })))
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

    /// The provider's keys, if it has any.
    #[must_use]
    pub fn remote_keys(&self) -> Option<&RemoteKeySet> {
        self.0.keys.as_ref()
    }

    /// An operation of this client's.
    pub(crate) fn operation<T, F>(&self, deadline: u64, block: impl FnOnce(Arc<Inner>, Outside) -> F) -> Operation<T>
    where
        T: 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        Operation::new(Flow::new(|outside| block(inner, outside)), deadline)
    }
}

impl Inner {
    /// Where the provider does what: asked for if it is not known. What the program said goes before what the provider says.
    pub(crate) async fn provider(&self, outside: &Outside) -> Result<Provider> {
        let discovered = match &self.keys {
            Some(keys) if self.options.is_discovered() => Some(discover(keys, outside).await?),
            _ => None,
        };
        let said = discovered.as_ref().map(|metadata| metadata.endpoints().clone()).unwrap_or_default();
        let ours = self.options.endpoints.clone();
        let endpoints = Endpoints {
            jwks_uri: ours.jwks_uri.or(said.jwks_uri),
            authorization: ours.authorization.or(said.authorization),
            // An alias is for the endpoint that the metadata names.
            mtls_token: said.mtls_token.filter(|_| ours.token.is_none()),
            mtls_revocation: said.mtls_revocation.filter(|_| ours.revocation.is_none()),
            token: ours.token.or(said.token),
            userinfo: ours.userinfo.or(said.userinfo),
            revocation: ours.revocation.or(said.revocation),
            end_session: ours.end_session.or(said.end_session),
            ..said
        };
        Ok(Provider { template: discovered.and_then(|metadata| metadata.template().map(str::to_owned)), endpoints })
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
        let base = |members: serde_json::Value| -> Result<Policy> {
            let mut document = serde_json::json!({"audience": options.client_id, "leeway": leeway(options).as_secs()});
            let mut add = |name: &str, value: serde_json::Value| {
                document.as_object_mut().map(|document| document.insert(name.to_owned(), value))
            };
            if let serde_json::Value::Object(members) = members {
                members.into_iter().for_each(|(name, value)| drop(add(&name, value)));
            }
            if keys.issuer().is_none() {
                add("issuer", options.issuer.as_deref().into());
            }
            if let Some(algorithms) = &options.id_token_algorithms {
                add("algorithms", algorithms.iter().map(|algorithm| algorithm.name()).collect());
            }
            Policy::from_json(&document.to_string())
        };
        Ok(Self {
            id_token: Verifier::remote(keys, base(serde_json::json!({"profile": "id_token"}))?)?,
            logout_token: Verifier::remote(keys, base(serde_json::json!({"profile": "logout_token"}))?)?,
            userinfo: Verifier::remote(keys, base(serde_json::json!({"dangerous_no_expiration": true}))?)?,
        })
    }
}

fn leeway(options: &ClientOptions) -> Duration {
    options.leeway.unwrap_or(Duration::from_secs(30))
}

/// Where the provider's keys are, and its metadata, if it has any.
fn remote_keys(options: &ClientOptions) -> Result<Option<RemoteOptions>> {
    let mut document = serde_json::Map::new();
    let mut add = |name: &str, value: &Option<String>| {
        value.as_deref().map(|value| document.insert(name.to_owned(), value.into()));
    };
    match (&options.endpoints.jwks_uri, &options.issuer) {
        (None, None) => return Ok(None),
        // Metadata leads to the keys, whatever else the program said.
        (None, Some(_)) if !options.is_discovered() && options.metadata_url.is_none() => return Ok(None),
        (Some(_), _) if !options.is_discovered() => {
            add("issuer", &options.issuer);
            add("jwks_uri", &options.endpoints.jwks_uri);
        }
        _ => {
            add("issuer", &options.issuer);
            add("metadata_url", &options.metadata_url);
        }
    }
    if let Some(timeout) = options.timeout {
        document.insert("timeout".to_owned(), timeout.as_secs().into());
    }
    RemoteOptions::from_json(&serde_json::Value::Object(document).to_string()).map(Some)
}

/// The metadata that is known; asked for first if there is none or its day is over. What is known serves while the issuer cannot be
/// reached.
async fn discover(keys: &RemoteKeySet, outside: &Outside) -> Result<Arc<ProviderMetadata>> {
    if let Some(metadata) = keys.metadata(outside.now(), false) {
        return Ok(metadata);
    }
    let outcome = outside.run(keys.refreshing(outside.now())).await;
    match (keys.metadata(outside.now(), true), outcome) {
        // The keys may have failed to come: a login needs them later, and says so then.
        (Some(metadata), _) => Ok(metadata),
        (None, Ok(())) => Err(Error::internal("keys came without metadata")),
        // Within the cooldown of a fetch that failed: what it failed of is the reason.
        (None, Err(error)) if error.code() == Code::KeysNeeded => Err(error.cause().cloned().unwrap_or(error)),
        (None, Err(error)) => Err(error),
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("options", &self.0.options).finish_non_exhaustive()
    }
}
