//! `Client`.

use std::hash::{BuildHasher, Hasher, RandomState};

use authwright_core::oauth::{
    self, ClientOptions, Credentials, Kept, LoginOptions, LogoutOptions, ManagerOptions, RefreshOptions,
};
use authwright_core::operation::Operation;
use authwright_core::system_now_ms;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};

use crate::argument::{self, Timeout};
use crate::error::{call, call_detached, invalid, type_name};
use crate::event;
use crate::http_client::HttpClient;
use crate::json;
use crate::login::Login;
use crate::options::with;
use crate::recurring::Recurring;
use crate::remote_key_set::RemoteKeySet;
use crate::token::Token;
use crate::token_manager::TokenManager;
use crate::tokens::Tokens;
use crate::user::User;

/// The seconds that a call may take, unless it says otherwise.
pub(crate) const TIMEOUT: u64 = 30;

/// Logs users in at one provider, by OAuth 2.0's authorization code and OpenID Connect; refreshes and revokes tokens.
///
/// Who the provider is: `issuer` (its metadata is discovered), or provider (a profile: google, microsoft with tenant,
/// apple with team_id, github, facebook, gitlab, slack, linkedin, discord, imgur), or authorization_endpoint and
/// token_endpoint; metadata_url, userinfo_endpoint, revocation_endpoint, end_session_endpoint, jwks_uri: what is given
/// goes before what is discovered. user says how the provider's own document of a user is read.
///
/// Who the client is: client_id (required), client_secret, redirect_uri, post_logout_redirect_uri,
/// token_endpoint_auth_method, token_endpoint_auth_signing_alg; `client_key` is the private Key of private_key_jwt and
/// of Apple.
///
/// How it logs in: scope, response_type ("code" or "code id_token"), response_mode ("query" or "form_post"),
/// id_token_algorithms, leeway (seconds, 30 by default), timeout (seconds for one request, 10 by default), strict,
/// dangerous_no_pkce, dangerous_no_nonce. `seal_keys` are the secrets that logins are sealed with, newest first: a Key
/// or a list, the same in every process.
///
/// `http` is the HttpClient to send with. Nothing is fetched yet. Make a client once and share it between threads; it
/// survives a fork. An unknown option is UnknownOptionError, and None is no value.
///
/// Raises UnknownOptionError, InvalidArgumentError, UrlRefusedError, UnsupportedAlgorithmError, KeyTooWeakError,
/// KeyMismatchError, KeyNotPrivateError.
#[pyclass(frozen, module = "authwright.oauth")]
pub(crate) struct Client {
    client: oauth::Client,
    http: Py<HttpClient>,
    recurring: Recurring,
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (issuer=None, *, seal_keys=None, client_key=None, http=None, **options))]
    fn new(
        py: Python<'_>,
        issuer: Option<&Bound<'_, PyAny>>,
        seal_keys: Option<&Bound<'_, PyAny>>,
        client_key: Option<&Bound<'_, PyAny>>,
        http: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let options = with(py, options, "issuer", issuer)?;
        let options = json::options(py, Some(&options), ClientOptions::from_json)?;
        let seal_keys = seal_keys.map(|keys| argument::key_list(keys, "seal_keys")).transpose()?.unwrap_or_default();
        let client_key = client_key.map(|key| argument::key(key, "client_key")).transpose()?;
        let http = HttpClient::or_shared(py, http)?;
        // It only spreads requests in time.
        let seed = RandomState::new().build_hasher().finish();
        let credentials = Credentials { seal_keys, client_key };
        let client = call(py, || oauth::Client::new(options, credentials, seed))?;
        Ok(Self { client, http, recurring: Recurring::default() })
    }

    /// Begins a login: where to send the browser, and what to remember of it.
    ///
    /// Options: scope (instead of the client's), return_to (a path of this site, which the tokens give back), prompt,
    /// login_hint, max_age (seconds or a timedelta: the user must have authenticated so lately), acr_values,
    /// ui_locales, parameters (a dict of more parameters). `cookies` is the Cookie header of the request: it tells
    /// which old logins to forget. Discovers the provider if that was not done yet, with the GIL released; `timeout` is
    /// how long that may take: seconds, or a timedelta; 30 by default.
    ///
    /// Raises UnknownOptionError, InvalidArgumentError, PkceUnsupportedError, EndpointMissingError, and those of a
    /// discovery: TransportError, TransportTlsError, DeadlineError, ResponseStatusError, ResponseInvalidError,
    /// ResponseTooLargeError, MetadataInvalidError.
    #[pyo3(
        signature = (*, cookies=None, timeout=Timeout::of_seconds(TIMEOUT), **options),
        text_signature = "($self, *, cookies=None, timeout=30, **options)"
    )]
    fn begin_login(
        &self,
        py: Python<'_>,
        cookies: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Login> {
        self.run(py, self.beginning(py, cookies, timeout, options)?).map(Login)
    }

    /// Ends a login: checks the callback, exchanges its code for tokens, verifies the ID token.
    ///
    /// `callback` is what the browser was sent back with: the URL, its query, or the body of its form. The login is the
    /// `transaction` that the program kept, or is found among the `cookies` of the request; where both are None there
    /// is none. The code is sent once, whatever comes of it: a login that failed is begun anew.
    ///
    /// Raises CallbackInvalidError, TransactionInvalidError, TransactionExpiredError, StateMismatchError,
    /// IssuerMismatchError, AuthorizationRefusedError, GrantRefusedError, IdTokenMissingError; those of a request, and
    /// of the ID token's verification.
    #[pyo3(
        signature = (transaction=None, callback=None, *, cookies=None, timeout=Timeout::of_seconds(TIMEOUT)),
        text_signature = "($self, transaction=None, callback=None, *, cookies=None, timeout=30)"
    )]
    fn finish_login(
        &self,
        py: Python<'_>,
        transaction: Option<&Bound<'_, PyAny>>,
        callback: Option<&Bound<'_, PyAny>>,
        cookies: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
    ) -> PyResult<Tokens> {
        self.run(py, self.finishing(py, transaction, callback, cookies, timeout)?).map(Tokens::new)
    }

    /// The value of a Set-Cookie header that removes the cookie of a login that failed, or None: it is of no more use.
    ///
    /// `cookies` and `callback` are those of finish_login(). Does no I/O, and raises for nothing that a browser sent.
    #[pyo3(signature = (cookies, callback, /))]
    fn forget_login(
        &self,
        py: Python<'_>,
        cookies: Option<&Bound<'_, PyAny>>,
        callback: &Bound<'_, PyAny>,
    ) -> PyResult<Option<String>> {
        let Some(cookies) = cookies.map(|cookies| argument::sent(cookies, "cookies")).transpose()? else {
            return Ok(None);
        };
        let callback = argument::sent(callback, "callback")?;
        call(py, || Ok(self.client.forget_login(&cookies, &callback)))
    }

    /// Tokens for the refresh token of these. What the answer leaves out stays as it was.
    ///
    /// Options: scope (less than was granted). The refresh token is sent once, whatever comes of it: a provider that
    /// rotates them may have replaced it. token_manager() has one refresh made for all threads.
    ///
    /// Raises RefreshTokenMissingError, GrantRefusedError; RefreshUncertainError, whose __cause__ is why nobody knows
    /// whether the refresh token is spent; UnknownOptionError, and those of a discovery.
    #[pyo3(
        signature = (tokens, *, timeout=Timeout::of_seconds(TIMEOUT), **options),
        text_signature = "($self, tokens, *, timeout=30, **options)"
    )]
    fn refresh(
        &self,
        py: Python<'_>,
        tokens: &Bound<'_, PyAny>,
        timeout: Timeout,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Tokens> {
        self.run(py, self.refreshing(py, tokens, timeout, options)?).map(Tokens::new)
    }

    /// Who the user is: the userinfo endpoint's answer, or that of the provider's own endpoint, or the ID token's
    /// claims.
    ///
    /// Raises SubjectMismatchError (the answer is about another user than the ID token), EndpointMissingError, and
    /// those of a request.
    #[pyo3(signature = (tokens, timeout=Timeout::of_seconds(TIMEOUT)), text_signature = "($self, tokens, timeout=30)")]
    fn userinfo(&self, py: Python<'_>, tokens: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<User> {
        self.run(py, self.asking_for_user(tokens, timeout)?).map(User::new)
    }

    /// Revokes the refresh token, and then the access token.
    ///
    /// Raises EndpointMissingError, ResponseStatusError (the endpoint refused), and those of a request.
    #[pyo3(signature = (tokens, timeout=Timeout::of_seconds(TIMEOUT)), text_signature = "($self, tokens, timeout=30)")]
    fn revoke(&self, py: Python<'_>, tokens: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<()> {
        self.run(py, self.revoking(tokens, timeout)?)
    }

    /// Where to redirect the browser, so that the user is logged out at the provider too.
    ///
    /// Options: id_token_hint (that of the `tokens`, if they are given), post_logout_redirect_uri (instead of the
    /// client's), state (comes back with the browser), logout_hint, ui_locales.
    ///
    /// Raises EndpointMissingError, UnknownOptionError, InvalidArgumentError, UrlRefusedError, and those of a
    /// discovery.
    #[pyo3(
        signature = (tokens=None, *, timeout=Timeout::of_seconds(TIMEOUT), **options),
        text_signature = "($self, tokens=None, *, timeout=30, **options)"
    )]
    fn logout_url(
        &self,
        py: Python<'_>,
        tokens: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<String> {
        self.run(py, self.logging_out(py, tokens, timeout, options)?)
    }

    /// Verifies a logout token, which the provider posts when a user logs out there (OpenID Connect Back-Channel
    /// Logout).
    ///
    /// Its `sub` and `sid` say whose sessions to end. Its `jti` is new each time: who remembers those of the last
    /// minutes notices one that is sent twice.
    ///
    /// Raises what Verifier.verify_fetching() raises.
    #[pyo3(signature = (token, timeout=Timeout::of_seconds(TIMEOUT)), text_signature = "($self, token, timeout=30)")]
    fn verify_logout_token(&self, py: Python<'_>, token: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Token> {
        let verified = self.run(py, self.verifying_logout(token, timeout)?)?;
        self.token(py, verified)
    }

    /// A TokenManager that holds these tokens, and renews them before they end.
    ///
    /// Options: renew_before (how long before: seconds, or a timedelta; a tenth of the token's life by default, from 10
    /// s to 5 min). `on_tokens` is called with the new Tokens before anybody else gets them, and must keep them: a
    /// provider that rotates refresh tokens has taken the old one back.
    ///
    /// Raises UnknownOptionError, InvalidArgumentError.
    #[pyo3(signature = (tokens, *, on_tokens=None, **options))]
    fn token_manager(
        &self,
        py: Python<'_>,
        tokens: &Bound<'_, PyAny>,
        on_tokens: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<TokenManager> {
        let tokens = Tokens::argument(tokens)?.clone();
        if let Some(hook) = on_tokens.filter(|hook| !hook.is_callable()) {
            let message = format!("on_tokens is {}: pass a callable", type_name(hook));
            return Err(invalid(py, "on_tokens", message));
        }
        let persist = PyBool::new(py, on_tokens.is_some());
        let options = with(py, options, "persist", Some(&persist))?;
        let options = json::options(py, Some(&options), ManagerOptions::from_json)?;
        let manager = call(py, || Ok(oauth::TokenManager::new(&self.client, tokens, options, system_now_ms())))?;
        Ok(TokenManager::new(manager, self.http.clone_ref(py), on_tokens.map(|hook| hook.clone().unbind())))
    }

    /// The issuer, as it was given or as the profile says, or None.
    #[getter]
    fn issuer(&self) -> Option<&str> {
        self.client.issuer()
    }

    /// The registered name of the client.
    #[getter]
    fn client_id(&self) -> &str {
        self.client.client_id()
    }

    /// The provider's keys, or None if it has none.
    #[getter]
    fn remote_keys(&self, py: Python<'_>) -> Option<RemoteKeySet> {
        self.client.remote_keys().map(|keys| RemoteKeySet::of(keys.clone(), self.http.clone_ref(py)))
    }

    /// The HttpClient that it sends with.
    #[getter]
    fn http(&self, py: Python<'_>) -> Py<HttpClient> {
        self.http.clone_ref(py)
    }

    fn __repr__(&self) -> String {
        let of = self.issuer().map(|issuer| format!(" at {issuer}")).unwrap_or_default();
        format!("<authwright.oauth.Client {:?}{of}>", self.client_id())
    }
}

/// The operations, for who drives them.
impl Client {
    pub(crate) fn beginning(
        &self,
        py: Python<'_>,
        cookies: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Operation<oauth::Login>> {
        let options = json::options(py, options, LoginOptions::from_json)?;
        let deadline = timeout.after(system_now_ms());
        let cookies = cookies.map(|cookies| argument::sent(cookies, "cookies")).transpose()?;
        let cookies = cookies.as_ref().map(|cookies| cookies.as_str());
        call(py, || Ok(self.client.begin_login(options, cookies, deadline)))
    }

    pub(crate) fn finishing(
        &self,
        py: Python<'_>,
        transaction: Option<&Bound<'_, PyAny>>,
        callback: Option<&Bound<'_, PyAny>>,
        cookies: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
    ) -> PyResult<Operation<oauth::Tokens>> {
        let Some(callback) = callback else {
            return Err(invalid(
                py,
                "callback",
                "pass the callback: its URL, its query, or the body of its form".to_owned(),
            ));
        };
        if transaction.is_some() && cookies.is_some() {
            return Err(invalid(py, "cookies", "pass the transaction or the cookies, and not both".to_owned()));
        }
        let callback = argument::sent(callback, "callback")?;
        let transaction = transaction.map(|sealed| argument::sent(sealed, "transaction")).transpose()?;
        let cookies = cookies.map(|cookies| argument::sent(cookies, "cookies")).transpose()?;
        let deadline = timeout.after(system_now_ms());
        let kept = match (&transaction, &cookies) {
            (Some(sealed), _) => Kept::Transaction(sealed),
            // A request without cookies has none of this login either.
            (None, cookies) => Kept::Cookies(cookies.as_ref().map_or("", |cookies| cookies.as_str())),
        };
        call(py, || Ok(self.client.finish_login(kept, &callback, deadline)))
    }

    pub(crate) fn refreshing(
        &self,
        py: Python<'_>,
        tokens: &Bound<'_, PyAny>,
        timeout: Timeout,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Operation<oauth::Tokens>> {
        let tokens = Tokens::argument(tokens)?;
        let (options, deadline) =
            (json::options(py, options, RefreshOptions::from_json)?, timeout.after(system_now_ms()));
        call(py, || Ok(self.client.refresh(tokens, options, deadline)))
    }

    pub(crate) fn asking_for_user(
        &self,
        tokens: &Bound<'_, PyAny>,
        timeout: Timeout,
    ) -> PyResult<Operation<oauth::User>> {
        let (tokens, deadline) = (Tokens::argument(tokens)?, timeout.after(system_now_ms()));
        Ok(self.client.userinfo(tokens, deadline))
    }

    pub(crate) fn revoking(&self, tokens: &Bound<'_, PyAny>, timeout: Timeout) -> PyResult<Operation<()>> {
        let (tokens, deadline) = (Tokens::argument(tokens)?, timeout.after(system_now_ms()));
        Ok(self.client.revoke(tokens, deadline))
    }

    pub(crate) fn logging_out(
        &self,
        py: Python<'_>,
        tokens: Option<&Bound<'_, PyAny>>,
        timeout: Timeout,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Operation<String>> {
        let hint = tokens.map(Tokens::argument).transpose()?.and_then(oauth::Tokens::id_token);
        let hint = hint.map(|hint| hint.into_pyobject(py)).transpose()?;
        let options = with(py, options, "id_token_hint", hint.as_ref().map(|hint| hint.as_any()))?;
        let options = json::options(py, Some(&options), LogoutOptions::from_json)?;
        let deadline = timeout.after(system_now_ms());
        call(py, || Ok(self.client.logout_url(options, deadline)))
    }

    pub(crate) fn verifying_logout(
        &self,
        token: &Bound<'_, PyAny>,
        timeout: Timeout,
    ) -> PyResult<Operation<authwright_core::Token>> {
        let (bytes, deadline) = (argument::bytes(token, "token")?, timeout.after(system_now_ms()));
        call(token.py(), || Ok(self.client.verify_logout_token(&*bytes, deadline)))
    }

    /// A verified token, as Python sees it.
    pub(crate) fn token(&self, py: Python<'_>, token: authwright_core::Token) -> PyResult<Token> {
        Token::new(py, token, &self.recurring)
    }

    fn run<T: Send>(&self, py: Python<'_>, operation: Operation<T>) -> PyResult<T> {
        let client = self.http.get().client().clone();
        call_detached(py, || client.run(operation, &event::report))
    }
}
