//! Requests to the token endpoint and the revocation endpoint: what a client does in its own name.

use zeroize::Zeroizing;

use super::auth_method::AuthMethod;
use super::client::{Client, Inner, Provider};
use super::client_options::scope;
use super::token_response;
use super::tokens::Tokens;
use crate::encoding::form;
use crate::encoding::json::Parsed;
use crate::error::{Code, Error, Result};
use crate::oauth::answer;
use crate::oidc::id_token;
use crate::operation::{Operation, Outside, Request, Response, Sent};
use crate::options;

/// What tokens are asked for with.
pub(super) enum Grant<'a> {
    /// RFC 6749 section 4.1.3.
    AuthorizationCode { code: &'a str, redirect_uri: &'a str, code_verifier: Option<&'a str> },
    /// RFC 6749 section 6.
    RefreshToken { refresh_token: &'a str, scope: Option<&'a str> },
}

impl Grant<'_> {
    fn parameters(&self) -> Vec<(&'static str, Zeroizing<String>)> {
        let pairs: &[(&'static str, Option<&str>)] = match *self {
            Self::AuthorizationCode { code, redirect_uri, code_verifier } => &[
                ("grant_type", Some("authorization_code")),
                ("code", Some(code)),
                ("redirect_uri", Some(redirect_uri)),
                ("code_verifier", code_verifier),
            ],
            Self::RefreshToken { refresh_token, scope } => {
                &[("grant_type", Some("refresh_token")), ("refresh_token", Some(refresh_token)), ("scope", scope)]
            }
        };
        pairs.iter().filter_map(|(name, value)| Some((*name, Zeroizing::new((*value)?.to_owned())))).collect()
    }
}

/// The settings of one refresh.
#[derive(Clone, Debug, Default)]
pub struct RefreshOptions {
    scope: Option<Vec<String>>,
}

impl RefreshOptions {
    /// Reads the document: `scope` (a string or a list: fewer than were granted).
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION`, `ERR_INVALID_ARGUMENT`: the field names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, "refresh")?;
        let mut settings = Self::default();
        options::each(parsed.document(), |name, value| match name {
            "scope" => {
                settings.scope = Some(scope(name, value)?);
                Ok(())
            }
            _ => Err(options::unknown(name, &["scope"], "the refresh")),
        })?;
        Ok(settings)
    }
}

impl Client {
    /// Refreshes tokens. What the answer leaves out stays as it was: the refresh token (RFC 6749 section 6), the claims.
    /// `deadline` is in milliseconds since 1970.
    ///
    /// The refresh token is sent once, whatever comes of it: a provider that rotates them may have replaced it.
    ///
    /// # Errors
    /// `ERR_REFRESH_TOKEN_MISSING`, `ERR_GRANT_REFUSED`; `ERR_REFRESH_UNCERTAIN` if the refresh token may be spent, with
    /// the error of the request as its cause; those of a request that was not sent, and of the ID token's verification.
    #[must_use]
    pub fn refresh(&self, tokens: &Tokens, refresh: RefreshOptions, deadline: u64) -> Operation<Tokens> {
        let tokens = tokens.clone();
        self.operation(deadline, move |client, outside| async move {
            client.refresh(&tokens, refresh.scope.as_deref(), &outside, deadline).await
        })
    }

    /// Revokes the refresh token, and then the access token (RFC 7009).
    ///
    /// # Errors
    /// `ERR_ENDPOINT_MISSING`, `ERR_RESPONSE_STATUS`; those of a request. A provider that cannot revoke access tokens
    /// is none: they end by themselves.
    #[must_use]
    pub fn revoke(&self, tokens: &Tokens, deadline: u64) -> Operation<()> {
        let tokens = tokens.clone();
        self.operation(deadline, |client, outside| async move { client.revoke(&tokens, &outside).await })
    }
}

impl Inner {
    async fn refresh(
        &self,
        tokens: &Tokens,
        scope: Option<&[String]>,
        outside: &Outside,
        deadline: u64,
    ) -> Result<Tokens> {
        let provider = self.provider(outside).await?;
        let text = scope.map(|scope| scope.join(" "));
        let answer = self.refresh_at(&provider, tokens, scope.unwrap_or(&tokens.scope), text.as_deref(), outside).await;
        let fresh = answer.map_err(|failure| match failure.is_uncertain {
            true => uncertain(Some(failure.error)),
            false => failure.error,
        })?;
        self.judge_refreshed(fresh, tokens, outside, deadline).await
    }

    /// Sends the refresh token before anything else, and once. The ID token of the answer is not judged.
    pub(super) async fn refresh_at(
        &self,
        provider: &Provider,
        tokens: &Tokens,
        asked: &[String],
        scope: Option<&str>,
        outside: &Outside,
    ) -> Result<Tokens, Unfinished> {
        let missing = || Error::new(Code::RefreshTokenMissing, "there is no refresh token").at("refresh_token");
        let refresh_token = tokens.refresh_token.as_ref().ok_or_else(missing).map_err(Unfinished::certain)?;
        let grant = Grant::RefreshToken { refresh_token, scope };
        let mut fresh = self.request_tokens(provider, &grant, asked, outside).await?;
        fresh.refresh_token = fresh.refresh_token.or_else(|| tokens.refresh_token.clone());
        fresh.name.clone_from(&tokens.name);
        Ok(fresh)
    }

    /// The ID token that came with a refresh must be of the same user and login (OpenID Connect Core 1.0 section 12.2):
    /// a verdict that it is not is one on all that came with it. That there is no verdict, or that clocks differ, is no
    /// reason to throw away the only copy of a refresh token: who the user is was verified at the login, and stays as
    /// it was.
    pub(super) async fn judge_refreshed(
        &self,
        mut fresh: Tokens,
        before: &Tokens,
        outside: &Outside,
        deadline: u64,
    ) -> Result<Tokens> {
        let claims = match fresh.id_token.clone() {
            Some(token) if self.verifiers().is_some() => {
                self.verify_refreshed(&token, before, &fresh, outside, deadline).await.map(Some)
            }
            _ => Ok(None),
        };
        match claims {
            Ok(Some(claims)) => fresh.claims = Some(claims),
            Err(error) if !is_no_verdict(error.code()) => return Err(error),
            Ok(None) | Err(_) => {
                fresh.id_token.clone_from(&before.id_token);
                fresh.claims.clone_from(&before.claims);
            }
        }
        Ok(fresh)
    }

    async fn verify_refreshed(
        &self,
        token: &str,
        before: &Tokens,
        fresh: &Tokens,
        outside: &Outside,
        deadline: u64,
    ) -> Result<Parsed> {
        let verified = self.verify_id_token(token, outside, deadline).await?;
        id_token::check_hash(&verified, "at_hash", &fresh.access_token, false)?;
        if let Some(before) = before.claims() {
            id_token::check_refreshed(before, verified.claims())?;
        }
        id_token::claims(&verified)
    }

    /// Whether the client is authenticated with the transport's certificate.
    pub(crate) fn has_certificate(&self) -> bool {
        self.options.auth_method.is_some_and(AuthMethod::needs_certificate)
    }

    async fn revoke(&self, tokens: &Tokens, outside: &Outside) -> Result<()> {
        let provider = self.provider(outside).await?;
        let refresh_token = match &tokens.refresh_token {
            Some(token) => self.revoke_token(&provider, token, "refresh_token", outside).await,
            None => Ok(()),
        };
        // Whatever became of the one, the other is not left.
        let access_token = match self.revoke_token(&provider, &tokens.access_token, "access_token", outside).await {
            // RFC 7009 section 2: who revokes any must revoke refresh tokens; access tokens end by themselves.
            Err(error) if error.provider_error() == Some("unsupported_token_type") => Ok(()),
            outcome => outcome,
        };
        refresh_token.and(access_token)
    }

    async fn revoke_token(&self, provider: &Provider, token: &str, hint: &str, outside: &Outside) -> Result<()> {
        let endpoints = &provider.endpoints;
        let url = Provider::endpoint(&endpoints.revocation, "revocation_endpoint")?;
        // RFC 8414 section 2 has a list for each endpoint; who leaves one out means the same for both.
        let methods = endpoints.revocation_auth_methods.as_deref().or(endpoints.token_auth_methods.as_deref());
        let form = [("token", token), ("token_type_hint", hint)];
        let form = form.map(|(name, value)| (name, Zeroizing::new(value.to_owned()))).to_vec();
        let answer = self.post(provider, url, endpoints.mtls_revocation.as_deref(), methods, form, outside).await;
        let response = answer.map_err(|failure| failure.error)?;
        match response.status {
            200..=299 => Ok(()),
            _ => {
                let error = answer::failed(&response, "the revocation of a token");
                // Google's word for a token that is over, as an access token is once its refresh token was revoked.
                match error.provider_error() {
                    Some("invalid_token") => Ok(()),
                    _ => Err(error),
                }
            }
        }
    }

    /// The answer of the token endpoint, as tokens. An answer that was lost is not asked for again: the code or the
    /// refresh token may be spent.
    pub(super) async fn request_tokens(
        &self,
        provider: &Provider,
        grant: &Grant<'_>,
        asked: &[String],
        outside: &Outside,
    ) -> Result<Tokens, Unfinished> {
        let endpoints = &provider.endpoints;
        let url = Provider::endpoint(&endpoints.token, "token_endpoint").map_err(Unfinished::certain)?;
        let methods = endpoints.token_auth_methods.as_deref();
        let response =
            self.post(provider, url, endpoints.mtls_token.as_deref(), methods, grant.parameters(), outside).await?;
        let read = token_response::read(&response, self.options.strict)
            .and_then(|read| match read.token_type {
                "Bearer" => Ok(read),
                // It is bound to a key that this client does not have.
                _ => Err(Error::new(Code::ResponseInvalid, "the access token is not a Bearer token").at("token_type")),
            })
            .map_err(|error| Unfinished { is_uncertain: is_uncertain(&response, &error), error })?;
        let expires_at = read
            .expires_in
            .map(|seconds| outside.now_seconds().saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX)));
        Ok(Tokens {
            access_token: read.access_token,
            token_type: read.token_type.to_owned(),
            refresh_token: read.refresh_token,
            expires_at,
            // What the answer leaves out was granted as it was asked for (RFC 6749 section 5.1).
            scope: read.scope.unwrap_or_else(|| asked.to_vec()),
            id_token: read.id_token,
            claims: None,
            name: None,
            leniencies: read.leniencies.iter().map(|leniency| leniency.name().to_owned()).collect(),
            return_to: None,
            clear_cookie: None,
        })
    }

    /// Posts a form, authenticated as the client.
    async fn post(
        &self,
        provider: &Provider,
        url: String,
        mtls_alias: Option<&str>,
        methods: Option<&[String]>,
        mut form: Vec<(&'static str, Zeroizing<String>)>,
        outside: &Outside,
    ) -> Result<Response, Unfinished> {
        let endpoints = &provider.endpoints;
        let choice = self
            .authentication
            .choose(methods, endpoints.token_auth_algorithms.as_deref())
            .map_err(Unfinished::certain)?;
        let url = mtls_alias.filter(|_| choice.method.needs_certificate()).map_or(url, str::to_owned);
        let mut headers = Vec::new();
        // An issuer that stands for many is nobody's name.
        let issuer = self.options.issuer.as_deref().filter(|_| provider.template.is_none());
        let audience = issuer.or(endpoints.token.as_deref()).unwrap_or(&url).to_owned();
        let needs_client_certificate = self
            .authentication
            .apply(choice, &audience, outside.now_seconds(), &mut form, &mut headers)
            .map_err(Unfinished::certain)?;
        let body = form::encode(form.iter().map(|(name, value)| (*name, value.as_str())));
        let mut request = Request::post_form(url, &body, self.request_deadline(outside));
        request.needs_client_certificate = needs_client_certificate;
        request.headers.append(&mut headers);
        outside.send(request).await.map_err(|failure| {
            let is_uncertain = failure.sent() == Sent::Maybe;
            Unfinished { error: failure.into_error(), is_uncertain }
        })
    }
}

/// A request that did not end well.
pub(super) struct Unfinished {
    pub(super) error: Error,
    /// Whether what was sent may be spent all the same.
    pub(super) is_uncertain: bool,
}

impl Unfinished {
    fn certain(error: Error) -> Self {
        Self { error, is_uncertain: false }
    }
}

/// Whether a server that answered so may have done what it was asked for: it did and its answer cannot be read, or
/// another in front of it does not know, which some say with 503 too. What refuses a request did not.
fn is_uncertain(response: &Response, error: &Error) -> bool {
    let is_refusal = error.code() == Code::GrantRefused || matches!(response.status, 300..=499);
    let is_overloaded = response.status == 503 && response.header("retry-after").is_some();
    !is_refusal && !is_overloaded
}

/// Errors that say nothing of whose an ID token is.
fn is_no_verdict(code: Code) -> bool {
    matches!(
        code,
        Code::KeysNeeded
            | Code::Closed
            | Code::Deadline
            | Code::TokenExpired
            | Code::TokenNotYetValid
            | Code::TokenIssuedInFuture
    )
}

/// The error for a refresh token whose fate is unknown.
pub(super) fn uncertain(cause: Option<Error>) -> Error {
    let message = "a refresh was sent, and what became of the refresh token is not known";
    let error = Error::new(Code::RefreshUncertain, message);
    match cause {
        Some(cause) => error.caused_by(cause),
        None => error,
    }
}
