//! The settings of a client: one document, with one spelling in every language.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::auth_method::AuthMethod;
use super::metadata::Endpoints;
use super::profile::Profile;
use crate::algorithm::Algorithm;
use crate::encoding::json::Value;
use crate::error::{Error, Result};
use crate::oidc::UserMapping;
use crate::options;
use crate::url;

const WHAT: &str = "OAuth client";

const MEMBERS: &[&str] = &[
    "provider",
    "tenant",
    "team_id",
    "issuer",
    "metadata_url",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "revocation_endpoint",
    "end_session_endpoint",
    "jwks_uri",
    "client_id",
    "client_secret",
    "redirect_uri",
    "post_logout_redirect_uri",
    "scope",
    "response_type",
    "response_mode",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "id_token_algorithms",
    "leeway",
    "timeout",
    "strict",
    "user",
    "dangerous_no_pkce",
    "dangerous_no_nonce",
];

/// What says where the provider is, the first three of it who it is.
const ENDPOINTS: &[&str] = &[
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "revocation_endpoint",
    "end_session_endpoint",
    "jwks_uri",
];

/// A client of one provider, as it is registered there.
#[derive(Clone)]
pub struct ClientOptions {
    pub(crate) profile: Profile,
    pub(super) team_id: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) metadata_url: Option<String>,
    /// What the program, or a profile, says of the endpoints: it goes before the metadata.
    pub(super) endpoints: Endpoints,
    pub(super) client_id: String,
    pub(super) client_secret: Option<Zeroizing<String>>,
    pub(super) redirect_uri: Option<String>,
    pub(super) post_logout_redirect_uri: Option<String>,
    pub(super) scope: Option<Vec<String>>,
    pub(super) is_hybrid: bool,
    pub(super) is_form_post: Option<bool>,
    pub(super) auth_method: Option<AuthMethod>,
    pub(super) auth_algorithm: Option<Algorithm>,
    pub(super) id_token_algorithms: Option<Vec<Algorithm>>,
    pub(super) leeway: Option<Duration>,
    pub(super) timeout: Option<Duration>,
    pub(super) strict: bool,
    pub(super) no_pkce: bool,
    pub(super) no_nonce: bool,
}

impl ClientOptions {
    /// Reads the document:
    ///
    /// - who the provider is: `issuer` (its metadata is discovered), or `provider` (the name of a profile, with
    ///   `tenant` for Microsoft and `team_id` for Apple), or `authorization_endpoint` and `token_endpoint`;
    ///   `metadata_url` instead of the well-known one; `userinfo_endpoint`, `revocation_endpoint`,
    ///   `end_session_endpoint`, `jwks_uri`: what is given goes before what the profile or the metadata says;
    /// - who the client is: `client_id`, `client_secret`, `redirect_uri`, `post_logout_redirect_uri`,
    ///   `token_endpoint_auth_method`, `token_endpoint_auth_signing_alg`;
    /// - how it logs in: `scope` (a string or a list), `response_type` (`code`, or `code id_token`), `response_mode`
    ///   (`query` or `form_post`), `id_token_algorithms`, `leeway` (seconds, 30; at most 300), `timeout` (seconds for
    ///   one request, 10), `strict` (refuses what is read as a leniency otherwise), `dangerous_no_pkce`,
    ///   `dangerous_no_nonce`;
    /// - how a provider of its own kind says who the user is: `user`, an object of `subject` (the path of the member,
    ///   with dots between names), `subject_is_number`, `email`, `email_verified`, `name`, `picture`, `emails_path`.
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION`, `ERR_URL_REFUSED`, `ERR_UNSUPPORTED_ALGORITHM`, `ERR_INVALID_ARGUMENT`: the field names
    /// the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, WHAT)?;
        let document = parsed.document();
        let text = |name| document.get(name).map(|value| options::string(name, value)).transpose();
        let (provider, tenant) = (text("provider")?, text("tenant")?);
        let profile = Profile::named(provider.as_deref().unwrap_or("generic"), tenant.as_deref())?;
        let mut settings = Self::of_profile(profile.clone());
        // A profile that says where everything is speaks of one installation: of another, the program says it all.
        // Tokens of the one must not be sent to the other.
        let is_fixed = profile.options().get("authorization_endpoint").is_some();
        let is_another = is_fixed && ENDPOINTS.iter().take(3).any(|name| document.get(name).is_some());
        options::each(profile.options(), |name, value| match is_another && ENDPOINTS.contains(&name) {
            true => Ok(()),
            false => settings.set(name, value),
        })?;
        options::each(document, |name, value| settings.set(name, value))?;
        settings.check()?;
        Ok(settings)
    }

    fn of_profile(profile: Profile) -> Self {
        Self {
            profile,
            team_id: None,
            issuer: None,
            metadata_url: None,
            endpoints: Endpoints::default(),
            client_id: String::new(),
            client_secret: None,
            redirect_uri: None,
            post_logout_redirect_uri: None,
            scope: None,
            is_hybrid: false,
            is_form_post: None,
            auth_method: None,
            auth_algorithm: None,
            id_token_algorithms: None,
            leeway: None,
            timeout: None,
            strict: false,
            no_pkce: false,
            no_nonce: false,
        }
    }

    /// Whether the provider has to be asked where its endpoints are.
    pub(super) fn is_discovered(&self) -> bool {
        self.endpoints.authorization.is_none() || self.endpoints.token.is_none()
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(crate) fn post_logout_redirect_uri(&self) -> Option<&str> {
        self.post_logout_redirect_uri.as_deref()
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Result<()> {
        let text = || options::string(name, value);
        let endpoints = &mut self.endpoints;
        match name {
            // Read before all others.
            "provider" | "tenant" => {}
            "team_id" => self.team_id = Some(text()?),
            "issuer" => self.issuer = Some(text()?),
            "metadata_url" => self.metadata_url = Some(text()?),
            "authorization_endpoint" => endpoints.authorization = Some(text()?),
            "token_endpoint" => endpoints.token = Some(text()?),
            "userinfo_endpoint" => endpoints.userinfo = Some(text()?),
            "revocation_endpoint" => endpoints.revocation = Some(text()?),
            "end_session_endpoint" => endpoints.end_session = Some(text()?),
            "jwks_uri" => endpoints.jwks_uri = Some(text()?),
            "client_id" => self.client_id = text()?,
            "client_secret" => self.client_secret = Some(Zeroizing::new(text()?)),
            "redirect_uri" => self.redirect_uri = Some(text()?),
            "post_logout_redirect_uri" => self.post_logout_redirect_uri = Some(text()?),
            "scope" => self.scope = Some(scope(name, value)?),
            "response_type" => self.is_hybrid = one_of(name, value, &["code", "code id_token"])? == 1,
            "response_mode" => self.is_form_post = Some(one_of(name, value, &["query", "form_post"])? == 1),
            "token_endpoint_auth_method" => self.auth_method = Some(text()?.parse()?),
            "token_endpoint_auth_signing_alg" => {
                self.auth_algorithm =
                    Some(text()?.parse().map_err(|error: Error| error.at("token_endpoint_auth_signing_alg"))?);
            }
            "id_token_algorithms" => {
                let parse = |one: &String| one.parse().map_err(|error: Error| error.at("id_token_algorithms"));
                self.id_token_algorithms =
                    Some(options::strings(name, value)?.iter().map(parse).collect::<Result<_>>()?);
            }
            "leeway" => self.leeway = Some(options::seconds(name, value)?),
            "timeout" => self.timeout = Some(options::seconds(name, value)?),
            "strict" => self.strict = options::flag(name, value)?,
            "user" => {
                self.profile.user = UserMapping::from_document(options::object(name, value)?.document())?;
            }
            "dangerous_no_pkce" => self.no_pkce = options::flag(name, value)?,
            "dangerous_no_nonce" => self.no_nonce = options::flag(name, value)?,
            _ => return Err(options::unknown(name, MEMBERS, "the OAuth client")),
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        if self.client_id.is_empty() {
            return Err(Error::invalid_argument("client_id", "client_id is missing"));
        }
        let endpoints = &self.endpoints;
        if self.is_discovered() && self.issuer.is_none() {
            let message = "name the issuer, or a provider, or authorization_endpoint and token_endpoint";
            return Err(Error::invalid_argument("issuer", message));
        }
        for (field, found) in [
            // Where nothing is discovered, the issuer is only a name in tokens.
            ("issuer", self.issuer.as_ref().filter(|_| self.is_discovered())),
            ("metadata_url", self.metadata_url.as_ref()),
            ("authorization_endpoint", endpoints.authorization.as_ref()),
            ("token_endpoint", endpoints.token.as_ref()),
            ("userinfo_endpoint", endpoints.userinfo.as_ref()),
            ("revocation_endpoint", endpoints.revocation.as_ref()),
            ("end_session_endpoint", endpoints.end_session.as_ref()),
            ("jwks_uri", endpoints.jwks_uri.as_ref()),
        ] {
            if let Some(found) = found {
                url::check(found, field)?;
            }
        }
        for (field, found) in
            [("redirect_uri", &self.redirect_uri), ("post_logout_redirect_uri", &self.post_logout_redirect_uri)]
        {
            if let Some(found) = found {
                url::check_redirect(found, field)?;
            }
        }
        if self.metadata_url.is_some() && !self.is_discovered() {
            let message = "metadata is not asked for where authorization_endpoint and token_endpoint are given";
            return Err(Error::invalid_argument("metadata_url", message));
        }
        if self.team_id.is_some() && !self.profile.apple_secret {
            return Err(Error::invalid_argument("team_id", "team_id belongs to provider apple"));
        }
        if self.leeway.is_some_and(|leeway| leeway.as_secs() > 300) {
            return Err(Error::invalid_argument("leeway", "leeway must be at most 300 seconds"));
        }
        if self.is_hybrid && self.is_form_post != Some(true) {
            let message =
                "response_type \"code id_token\" needs response_mode \"form_post\": a query must not hold an ID token";
            return Err(Error::invalid_argument("response_mode", message));
        }
        if self.timeout.is_some_and(|timeout| !(1..=60).contains(&timeout.as_secs())) {
            return Err(Error::invalid_argument("timeout", "timeout must be from 1 to 60 seconds"));
        }
        Ok(())
    }
}

/// A list of scopes, or a string of them with spaces between (RFC 6749 section 3.3).
pub(super) fn scope(name: &str, value: Value<'_>) -> Result<Vec<String>> {
    let scopes: Vec<String> =
        options::strings(name, value)?.iter().flat_map(|one| one.split(' ')).map(str::to_owned).collect();
    let is_scope = |scope: &String| {
        !scope.is_empty() && scope.bytes().all(|byte| (0x21..0x7f).contains(&byte) && !matches!(byte, b'"' | b'\\'))
    };
    if scopes.iter().all(is_scope) {
        return Ok(scopes);
    }
    Err(Error::invalid_argument(name.to_owned(), format!("{name} must be names of scopes with single spaces between")))
}

/// The place of the value in a list of those that there are.
fn one_of(name: &str, value: Value<'_>, known: &[&str]) -> Result<usize> {
    let found = options::string(name, value)?;
    known.iter().position(|one| *one == found).ok_or_else(|| {
        let known: Vec<String> = known.iter().map(|one| format!("{one:?}")).collect();
        Error::invalid_argument(name.to_owned(), format!("{name} must be {}", known.join(" or ")))
    })
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientOptions")
            .field("issuer", &self.issuer.as_deref().map(url::without_query))
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.redirect_uri.as_deref().map(url::without_query))
            .finish_non_exhaustive()
    }
}
