//! A login: the way to the provider, and the way back.

use std::fmt;

use zeroize::Zeroizing;

use super::callback::Callback;
use super::client::{Client, Inner, Provider};
use super::client_options::scope;
use super::cookie;
use super::metadata::Issuer;
use super::token_endpoint::Grant;
use super::tokens::Tokens;
use super::transaction::{self, Transaction};
use crate::crypto::sha256;
use crate::encoding::json::Value;
use crate::encoding::{base64url, form};
use crate::error::{Code, Error, Result};
use crate::oidc::id_token::{self, Expected};
use crate::oidc::name_in_callback;
use crate::operation::{Operation, Outside};
use crate::{options, url};

const WHAT: &str = "login";

const MEMBERS: &[&str] =
    &["scope", "return_to", "prompt", "login_hint", "max_age", "acr_values", "ui_locales", "parameters"];

/// What the library itself says in an authorization request: a caller's own parameters must not say it again.
const OWN_PARAMETERS: &[&str] = &[
    "response_type",
    "response_mode",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "login_hint",
    "max_age",
    "acr_values",
    "ui_locales",
    "request",
    "request_uri",
];

/// The settings of one login.
#[derive(Clone, Default)]
pub struct LoginOptions {
    scope: Option<Vec<String>>,
    return_to: Option<String>,
    max_age: Option<i64>,
    acr_values: Vec<String>,
    /// Parameters of the request, in their order.
    parameters: Vec<(String, String)>,
}

/// A login that has begun.
#[derive(Clone)]
pub struct Login {
    url: String,
    transaction: String,
    cookie: String,
    stale_cookies: Vec<String>,
}

/// What a login was kept in while the browser was away.
#[derive(Clone, Copy)]
pub enum Kept<'a> {
    /// [`Login::transaction`], which the program kept itself, bound to the browser's session.
    Transaction(&'a str),
    /// The `Cookie` header of the request that the callback came with.
    Cookies(&'a str),
}

impl LoginOptions {
    /// Reads the document: `scope` (a string or a list, instead of the client's), `return_to` (a path of this site,
    /// which the tokens give back), `prompt`, `login_hint`, `max_age` (seconds: the user must have authenticated so
    /// lately), `acr_values` (a string or a list: one of them must have been reached), `ui_locales`, `parameters` (an
    /// object of strings: more parameters).
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION`, `ERR_INVALID_ARGUMENT`: the field names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, WHAT)?;
        let mut settings = Self::default();
        options::each(parsed.document(), |name, value| settings.set(name, value))?;
        Ok(settings)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Result<()> {
        match name {
            "scope" => self.scope = Some(scope(name, value)?),
            "return_to" => {
                let path = options::string(name, value)?;
                if !url::is_local_path(&path) {
                    let message = "return_to must be a path of this site, such as /inbox, of at most 1024 bytes";
                    return Err(Error::invalid_argument("return_to", message));
                }
                self.return_to = Some(path);
            }
            "max_age" => {
                let seconds = options::seconds(name, value)?.as_secs();
                self.max_age = i64::try_from(seconds).ok();
                self.parameters.push((name.to_owned(), seconds.to_string()));
            }
            "acr_values" => {
                let values = options::strings(name, value)?;
                self.acr_values =
                    values.iter().flat_map(|one| one.split_ascii_whitespace()).map(str::to_owned).collect();
                self.parameters.push((name.to_owned(), self.acr_values.join(" ")));
            }
            "prompt" | "login_hint" | "ui_locales" => {
                self.parameters.push((name.to_owned(), options::string(name, value)?));
            }
            "parameters" => {
                let Value::Object(members) = value else {
                    return Err(options::wrong(name, "an object of strings", value));
                };
                for (parameter, value) in members {
                    let parameter = parameter.to_str();
                    if OWN_PARAMETERS.contains(&&*parameter) {
                        let message = format!(
                            "parameters must not have {parameter}: it is an option of its own, or authwright's"
                        );
                        return Err(Error::invalid_argument("parameters", message));
                    }
                    self.parameters.push((parameter.into_owned(), options::string("parameters", value)?));
                }
            }
            _ => return Err(options::unknown(name, MEMBERS, "the login")),
        }
        Ok(())
    }
}

impl Login {
    /// Where to redirect the browser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What [`Client::finish_login`] needs, sealed. A program that keeps it itself must bind it to the browser's
    /// session.
    #[must_use]
    pub fn transaction(&self) -> &str {
        &self.transaction
    }

    /// The value of a `Set-Cookie` header that keeps the transaction in the browser.
    #[must_use]
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Values of more `Set-Cookie` headers, which remove cookies of old logins.
    #[must_use]
    pub fn stale_cookies(&self) -> &[String] {
        &self.stale_cookies
    }

    /// A JSON object of all this.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        let document = serde_json::json!({
            "url": self.url,
            "transaction": self.transaction,
            "cookie": self.cookie,
            "stale_cookies": self.stale_cookies,
        });
        Zeroizing::new(document.to_string())
    }
}

impl Client {
    /// Begins a login. `cookies` is the `Cookie` header of the request, if there is one: it tells which old logins to
    /// forget. Discovers the provider if that was not done yet. `deadline` is in milliseconds since 1970.
    ///
    /// # Errors
    /// Those of the discovery; `ERR_PKCE_UNSUPPORTED`, `ERR_ENDPOINT_MISSING`, `ERR_INVALID_ARGUMENT`.
    #[must_use]
    pub fn begin_login(&self, login: LoginOptions, cookies: Option<&str>, deadline: u64) -> Operation<Login> {
        let cookies = cookies.unwrap_or_default().to_owned();
        self.operation(deadline, |client, outside| async move { client.begin_login(login, &cookies, &outside).await })
    }

    /// Ends a login: checks the callback, exchanges its code, verifies the ID token. The callback is its URL, query or
    /// form.
    ///
    /// The code is sent once, whatever comes of it: a login that failed is begun anew.
    ///
    /// # Errors
    /// `ERR_CALLBACK_INVALID`, `ERR_TRANSACTION_INVALID`, `ERR_TRANSACTION_EXPIRED`, `ERR_STATE_MISMATCH`,
    /// `ERR_ISSUER_MISMATCH`, `ERR_AUTHORIZATION_REFUSED`, `ERR_GRANT_REFUSED`, `ERR_ID_TOKEN_MISSING`; those of a
    /// request, and of the ID token's verification.
    #[must_use]
    pub fn finish_login(&self, kept: Kept<'_>, callback: &str, deadline: u64) -> Operation<Tokens> {
        let (sealed, cookies) = match kept {
            Kept::Transaction(sealed) => (Some(sealed.to_owned()), String::new()),
            Kept::Cookies(cookies) => (None, cookies.to_owned()),
        };
        let callback = Zeroizing::new(callback.to_owned());
        self.operation(deadline, move |client, outside| async move {
            let sealed = sealed.as_deref();
            client.finish_login(sealed, &cookies, &callback, &outside, deadline).await
        })
    }
}

impl Inner {
    pub(super) fn is_form_post(&self) -> bool {
        self.options.is_form_post.unwrap_or(false)
    }

    async fn begin_login(&self, login: LoginOptions, cookies: &str, outside: &Outside) -> Result<Login> {
        let settings = &self.options;
        let redirect_uri = settings
            .redirect_uri
            .as_deref()
            .ok_or_else(|| Error::invalid_argument("redirect_uri", "the client has no redirect_uri"))?;
        let scope = login.scope.or_else(|| settings.scope.clone()).unwrap_or_else(|| match self.verifiers() {
            Some(_) => vec!["openid".to_owned()],
            None => Vec::new(),
        });
        let is_openid = scope.iter().any(|one| one == "openid");
        self.check_openid(is_openid)?;
        for (field, is_wanted) in [
            ("max_age", login.max_age.is_some()),
            ("acr_values", !login.acr_values.is_empty()),
            ("response_type", settings.is_hybrid),
        ] {
            if is_wanted && !is_openid {
                let message = format!("{field} needs an ID token: add openid to the scope");
                return Err(Error::invalid_argument(field, message));
            }
        }
        let provider = self.provider(outside).await?;
        let endpoint = Provider::endpoint(&provider.endpoints.authorization, "authorization_endpoint")?;
        let now = outside.now_seconds();
        let mut begun = Transaction::begin(now)?;
        begun.scope = scope;
        begun.return_to = login.return_to;
        (begun.max_age, begun.acr_values) = (login.max_age, login.acr_values);

        let response_type = if settings.is_hybrid { "code id_token" } else { "code" };
        let (scope, challenge) = (begun.scope.join(" "), base64url::encode(&sha256(begun.code_verifier.as_bytes())));
        let mut parameters = vec![
            ("response_type", response_type),
            ("client_id", &settings.client_id),
            ("redirect_uri", redirect_uri),
            ("state", &begun.state),
        ];
        if !scope.is_empty() {
            parameters.push(("scope", &scope));
        }
        if is_openid && self.uses_nonce() {
            parameters.push(("nonce", &begun.nonce));
        }
        if self.uses_pkce(&provider)? {
            parameters.extend([("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")]);
        }
        if self.is_form_post() {
            parameters.push(("response_mode", "form_post"));
        }
        parameters.extend(login.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));

        let transaction = begun.seal(&self.seal_keys, &self.binding())?;
        let cookie = cookie::set(&begun.state, &transaction, now, self.is_form_post());
        if cookie.len() > cookie::MOST_BYTES {
            let message = "the login's cookie would be longer than 2048 bytes: shorten return_to, scope or acr_values";
            return Err(Error::invalid_argument("return_to", message));
        }
        Ok(Login {
            url: url::with_query(&endpoint, &form::encode(parameters)),
            transaction,
            cookie,
            stale_cookies: cookie::stale(cookies, now, self.is_form_post()),
        })
    }

    /// RFC 9700 section 2.1.1: always, and with S256. A provider that says nothing about it ignores it at worst.
    fn uses_pkce(&self, provider: &Provider) -> Result<bool> {
        if self.options.no_pkce || !self.options.profile.pkce {
            return Ok(false);
        }
        match &provider.endpoints.code_challenge_methods {
            Some(methods) if !methods.iter().any(|method| method == "S256") => {
                Err(Error::new(Code::PkceUnsupported, "the provider's metadata does not list S256 for PKCE")
                    .at("code_challenge_methods_supported"))
            }
            _ => Ok(true),
        }
    }

    async fn finish_login(
        &self,
        sealed: Option<&str>,
        cookies: &str,
        callback: &str,
        outside: &Outside,
        deadline: u64,
    ) -> Result<Tokens> {
        let callback = Callback::read(callback)?;
        let found = cookie::find(cookies, &callback.state, self.is_form_post());
        let (sealed, clear_cookie) = match (sealed, found) {
            (Some(sealed), _) => (sealed, None),
            (None, Some((sealed, removal))) => (sealed, Some(removal)),
            (None, None) => {
                let message = "the request has no cookie of this login: begun in another browser, too long ago, or finished already";
                return Err(transaction::invalid(message));
            }
        };
        let begun = Transaction::open(sealed, &self.seal_keys, &self.binding(), outside.now_seconds())?;
        begun.check_state(&callback.state)?;
        let provider = self.provider(outside).await?;
        // RFC 9207 section 4: an ID token in the response names the issuer too, and it is verified before the code is sent.
        let has_front_token = self.options.is_hybrid && callback.id_token.is_some() && callback.code().is_ok();
        self.check_response_issuer(&provider, callback.iss.as_deref(), has_front_token)?;
        let code = callback.code()?;

        let is_openid = begun.has_scope("openid");
        let expected = Expected {
            // A provider that adds an ID token where none was asked for knows no nonce.
            nonce: (is_openid && self.uses_nonce()).then_some(begun.nonce.as_str()),
            max_age: begun.max_age,
            acr_values: &begun.acr_values,
            leeway: self.leeway(),
        };
        let front = match (&callback.id_token, self.options.is_hybrid) {
            (Some(token), true) => {
                let front = self.verify_id_token(token, outside, deadline).await?;
                id_token::check(&front, &expected, outside.now_seconds())?;
                id_token::check_hash(&front, "c_hash", code, true)?;
                Some(front)
            }
            (None, true) => return Err(Error::new(Code::IdTokenMissing, "the callback has no ID token").at("id_token")),
            // Nobody asked for it there.
            (_, false) => None,
        };

        // Without keys the ID token could not be judged, and the code would be spent.
        if is_openid {
            self.ready_keys(outside).await?;
        }
        let verifier = self.uses_pkce(&provider)?.then_some(begun.code_verifier.as_str());
        let grant = Grant::AuthorizationCode {
            code,
            redirect_uri: self.options.redirect_uri.as_deref().unwrap_or_default(),
            code_verifier: verifier,
        };
        let answer = self.request_tokens(&provider, &grant, &begun.scope, outside).await;
        let mut tokens = answer.map_err(|failure| failure.error)?;

        let id_token = tokens.id_token.clone();
        tokens.claims = match &id_token {
            Some(token) if self.verifiers().is_some() => {
                let verified = self.verify_id_token(token, outside, deadline).await?;
                id_token::check(&verified, &expected, outside.now_seconds())?;
                id_token::check_hash(&verified, "at_hash", &tokens.access_token, false)?;
                id_token::check_hash(&verified, "c_hash", code, false)?;
                if let Some(front) = &front {
                    id_token::check_same(front, &verified)?;
                }
                Some(id_token::claims(&verified)?)
            }
            None if is_openid => {
                let message = "the scope has openid, and the token endpoint answered without an ID token";
                return Err(Error::new(Code::IdTokenMissing, message).at("id_token"));
            }
            // Without keys to verify it with, it says nothing.
            _ => None,
        };
        tokens.name =
            callback.user.as_deref().filter(|_| self.options.profile.callback_user).and_then(name_in_callback);
        tokens.return_to.clone_from(&begun.return_to);
        tokens.clear_cookie = clear_cookie;
        Ok(tokens)
    }

    /// RFC 9207 section 2.4: who answers is who was asked. Where the metadata says that responses name their issuer,
    /// one that does not is refused: somebody may have taken the name out.
    fn check_response_issuer(&self, provider: &Provider, iss: Option<&str>, is_named_otherwise: bool) -> Result<()> {
        let mismatch = |message| Err(Error::new(Code::IssuerMismatch, message).at("iss"));
        match (iss, &provider.template, &self.options.issuer) {
            (None, _, _) if provider.endpoints.names_issuer && !is_named_otherwise => {
                mismatch("the callback names no issuer, and the provider says that it always does")
            }
            (None, _, _) => Ok(()),
            (Some(iss), Some(template), _) if Issuer::is_of(template, iss) => Ok(()),
            (Some(iss), None, Some(issuer)) if iss == issuer => Ok(()),
            (Some(_), _, _) => mismatch("the callback is of another issuer than the login"),
        }
    }
}

// A hint is a name or an address, and a parameter may be anything.
impl fmt::Debug for LoginOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.parameters.iter().map(|(name, _)| name).collect();
        let mut debug = formatter.debug_struct("LoginOptions");
        debug.field("scope", &self.scope).field("return_to", &self.return_to).field("parameters", &names);
        debug.finish_non_exhaustive()
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Login").field("url", &url::without_query(&self.url)).finish_non_exhaustive()
    }
}
