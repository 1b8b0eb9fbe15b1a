//! Logging out: at the provider by the user's browser (OpenID Connect RP-Initiated Logout 1.0), and here because the
//! provider says so (Back-Channel Logout 1.0).

use std::fmt;

use crate::encoding::form;
use crate::encoding::json::Value;
use crate::error::{Error, Result};
use crate::jwt::Token;
use crate::oauth::{Client, Provider};
use crate::operation::Operation;
use crate::{options, url};

const MEMBERS: &[&str] = &["id_token_hint", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales"];

/// The settings of one logout.
#[derive(Clone, Default)]
pub struct LogoutOptions {
    parameters: Vec<(String, String)>,
}

impl LogoutOptions {
    /// Reads the document: `id_token_hint` (the ID token of the login), `post_logout_redirect_uri` (instead of the
    /// client's), `state` (comes back with the browser), `logout_hint`, `ui_locales`.
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION`, `ERR_URL_REFUSED`, `ERR_INVALID_ARGUMENT`: the field names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, "logout")?;
        let mut parameters = Vec::new();
        options::each(parsed.document(), |name, value: Value<'_>| {
            if !MEMBERS.contains(&name) {
                return Err(options::unknown(name, MEMBERS, "the logout"));
            }
            let value = options::string(name, value)?;
            if name == "post_logout_redirect_uri" {
                url::check_redirect(&value, "post_logout_redirect_uri")?;
            }
            parameters.push((name.to_owned(), value));
            Ok(())
        })?;
        Ok(Self { parameters })
    }
}

// An ID token is a secret.
impl fmt::Debug for LogoutOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.parameters.iter().map(|(name, _)| name);
        formatter.debug_list().entries(names).finish()
    }
}

impl Client {
    /// Where to redirect the browser, so that the user is logged out at the provider too. `deadline` is in milliseconds
    /// since 1970.
    ///
    /// # Errors
    /// `ERR_ENDPOINT_MISSING`, and those of the discovery.
    #[must_use]
    pub fn logout_url(&self, logout: LogoutOptions, deadline: u64) -> Operation<String> {
        self.operation(deadline, |client, outside| async move {
            let provider = client.provider(&outside).await?;
            let endpoint = Provider::endpoint(&provider.endpoints.end_session, "end_session_endpoint")?;
            let settings = client.options();
            let mut parameters = logout.parameters;
            let has = |name: &str| parameters.iter().any(|(known, _)| known == name);
            let configured = settings.post_logout_redirect_uri().filter(|_| !has("post_logout_redirect_uri"));
            let configured = configured.map(|uri| ("post_logout_redirect_uri".to_owned(), uri.to_owned()));
            parameters.push(("client_id".to_owned(), settings.client_id().to_owned()));
            parameters.extend(configured);
            let query = form::encode(parameters.iter().map(|(name, value)| (name, value)));
            Ok(url::with_query(&endpoint, &query))
        })
    }

    /// Verifies a logout token, which the provider posts when a user logs out there. Its `sub` and `sid` say whose
    /// sessions to end; its `jti` is new each time, and a program that remembers those of the last minutes notices one
    /// that is sent twice.
    ///
    /// # Errors
    /// Those of [`crate::Verifier::verify_fetching`], with the profile `logout_token`.
    #[must_use]
    pub fn verify_logout_token(&self, token: impl AsRef<[u8]>, deadline: u64) -> Operation<Token> {
        let token = token.as_ref().to_vec();
        self.operation(deadline, move |client, outside| async move {
            let verifiers = client.verifiers().ok_or_else(|| {
                Error::invalid_argument("issuer", "the client knows no keys to verify logout tokens with")
            })?;
            outside.run(verifiers.logout_token.fetching(token, None, deadline)).await
        })
    }
}
