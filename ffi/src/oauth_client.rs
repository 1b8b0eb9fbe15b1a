//! `aw_oauth_client`: one registration at one provider.

use std::ffi::{CString, c_char};
use std::ptr;

use authwright_core::oauth::{
    Client, ClientOptions, Credentials, Kept, Login, LoginOptions, LogoutOptions, RefreshOptions, Tokens, User,
};
use authwright_core::operation::Operation;
use authwright_core::{Key, Token, system_now_ms};

use crate::arguments::{Out, Outcome, bytes, list, null, optional_received, optional_text, out, text};
use crate::buffer::{aw_buffer, of_text};
use crate::driver::{run, seed};
use crate::error::{Failure, aw_error, terminated};
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, peek, release};
use crate::http_client::{Client as Http, aw_http_client};
use crate::key::aw_key;
use crate::login::{Begun, aw_login};
use crate::operation::aw_operation;
use crate::remote_keyset::{Fetched, aw_remote_keyset};
use crate::running::{Product, Running};
use crate::status::aw_status;
use crate::token::{Verified, aw_token};
use crate::tokens::{Granted, aw_tokens};
use crate::user::{Known, aw_user};

/// An OAuth 2.0 and OpenID Connect client: logs users in at one provider, refreshes and revokes their tokens, logs them
/// out. It does nothing by itself, and keeps nothing of a login: any process with the same options and seal keys can
/// finish a login that another began. What it remembers is the provider's metadata and keys.
///
///     aw_oauth_client_begin_login() -> aw_login -> the browser -> the provider -> the callback
///         -> aw_oauth_client_finish_login() -> aw_tokens -> _userinfo(), _refresh(), _revoke(), _logout_url()
///
/// Each call that talks to the provider is there twice: once blocking, with a time-out; and with `_operation` at the end
/// of its name for a program that sends the requests itself. The latter begins an aw_operation and does no I/O. Its
/// result is fetched with the function that its comment names.
///
/// Ownership: yours; free it with aw_oauth_client_free(). Token managers and operations keep what they need, so it may be
/// freed before them. Threads: `const aw_oauth_client *` may be used from many at once, without a lock. Fork: a child
/// may go on using it.
pub struct aw_oauth_client {
    _opaque: [u8; 0],
}

/// A client, and what its blocking calls send with.
#[derive(Clone)]
pub struct Registered {
    pub(crate) client: Client,
    /// None in a library without one.
    http: Option<Http>,
    issuer: Option<CString>,
    client_id: CString,
}

impl Handle for aw_oauth_client {
    type Value = Registered;
    const TAG: u64 = u64::from_be_bytes(*b"aw_oauth");
    const NAME: &'static str = "client";
}

/// Makes a client. Nothing is fetched yet: a provider that is down is no error here.
///
/// @param options         A JSON object, see the top of this header: "issuer" or "provider" or endpoints, "client_id",
///                        "redirect_uri" and so on.
/// @param seal_keys       An array of `seal_key_count` secrets of at least 32 bytes, declared as
///                        `const aw_key *keys[]`, that logins are sealed with: the newest first, the others still open
///                        logins that are under way. All processes of a site have the same. They stay yours. NULL with
///                        count 0 for a client that logs nobody in.
/// @param client_key      The private key that the client authenticates with (private_key_jwt, Apple); it stays yours.
///                        NULL: none.
/// @param http            What the blocking calls send with; it stays yours. NULL: one of the client's own, with the
///                        default options. Of no use to a program that only drives operations itself.
/// @param client          Set to the new client; free it with aw_oauth_client_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_new(
    options: *const c_char,
    options_length: usize,
    seal_keys: *const *const aw_key,
    seal_key_count: usize,
    client_key: *const aw_key,
    http: *const aw_http_client,
    client: *mut *mut aw_oauth_client,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let client = out(client, "client")?;
            let options = ClientOptions::from_json(text(options, options_length, "options")?)?;
            let seal_keys =
                list(seal_keys, seal_key_count, "seal_keys")?.iter().map(|key| Ok(borrow(*key)?.key.clone()));
            let seal_keys = seal_keys.collect::<Outcome<Vec<Key>>>()?;
            let client_key = if client_key.is_null() { None } else { Some(borrow(client_key)?.key.clone()) };
            let made = Client::new(options, Credentials { seal_keys, client_key }, seed())?;
            client.set(into_raw(Registered::new(made, http)?));
            Ok(())
        })
    }
}

/// The issuer, as it was configured or as the provider's profile says. Lives as long as the client; NULL if there is
/// none, or if `client` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_oauth_client_issuer(client: *const aw_oauth_client) -> *const c_char {
    shield(ptr::null(), || {
        // SAFETY: the header's contract.
        unsafe { peek(client) }.and_then(|client| client.issuer.as_ref()).map_or(ptr::null(), |issuer| issuer.as_ptr())
    })
}

/// The client's registered name. Lives as long as the client; NULL if `client` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_oauth_client_client_id(client: *const aw_oauth_client) -> *const c_char {
    // SAFETY: the header's contract.
    shield(ptr::null(), || unsafe { peek(client) }.map_or(ptr::null(), |client| client.client_id.as_ptr()))
}

/// The provider's keys and metadata that a client uses: the same set, to be refreshed, exported or closed.
/// `AW_ERR_INVALID_ARGUMENT` if the provider has none.
///
/// @param set  Set to the set, which outlives the client; free it with aw_remote_keyset_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_remote_keys(
    client: *const aw_oauth_client,
    set: *mut *mut aw_remote_keyset,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let set = out(set, "set")?;
            let registered = borrow(client)?;
            let keys = registered.client.remote_keys().cloned();
            let keys = keys.ok_or_else(|| Failure::argument("client", "the client's provider has no keys"))?;
            set.set(into_raw(Fetched::of_client(keys, registered.http.clone())));
            Ok(())
        })
    }
}

/// Begins a login: the next page is a redirect to aw_login_url(), with aw_login_cookie() and the stale cookies as
/// `Set-Cookie` headers. Blocks if the provider's metadata has to be asked for.
///
/// @param options     A JSON object, see the top of this header: "scope", "return_to" and so on. NULL: the defaults.
/// @param cookies     The `Cookie` header of the request, which tells what old logins to forget. NULL: there is none.
/// @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
/// @param login       Set to the login; free it with aw_login_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_begin_login(
    client: *const aw_oauth_client,
    options: *const c_char,
    options_length: usize,
    cookies: *const c_char,
    cookies_length: usize,
    timeout_ms: u64,
    login: *mut *mut aw_login,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let login = out(login, "login")?;
            let value = block(client, timeout_ms, |client, deadline| {
                begin_login(client, options, options_length, cookies, cookies_length, deadline)
            })?;
            login.set(into_raw(Begun::from(value)));
            Ok(())
        })
    }
}

/// Begins the operation that begins a login; the parameters are those of aw_oauth_client_begin_login().
/// aw_operation_login() tells what it ended with. Does no I/O.
///
/// @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
/// @param timeout_ms  How long it may take at most, in milliseconds.
/// @param operation   Set to the new operation; free it with aw_operation_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_begin_login_operation(
    client: *const aw_oauth_client,
    options: *const c_char,
    options_length: usize,
    cookies: *const c_char,
    cookies_length: usize,
    now_ms: u64,
    timeout_ms: u64,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    let begun = |client: &Client, deadline| {
        // SAFETY: the header's contract.
        unsafe { begin_login(client, options, options_length, cookies, cookies_length, deadline) }
    };
    // SAFETY: the header's contract.
    unsafe { begin(client, now_ms, timeout_ms, begun, operation, error) }
}

/// Ends a login: checks the callback, exchanges its code, verifies the ID token. The code is sent once, whatever comes of
/// it: a login that failed is begun anew. Of `transaction` and `cookies` one is given, and not both.
///
/// @param transaction  The login's aw_login_transaction(), which the program kept. NULL: it is in the cookies.
/// @param cookies      The `Cookie` header of the request that the callback is. NULL: the transaction is given. If neither
///                     is, the request came without cookies, and that is `AW_ERR_TRANSACTION_INVALID`.
/// @param callback     The URL of that request, its path and query, its query alone, or the body of a form.
/// @param timeout_ms   How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
/// @param tokens       Set to the tokens; free them with aw_tokens_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_finish_login(
    client: *const aw_oauth_client,
    transaction: *const c_char,
    transaction_length: usize,
    cookies: *const c_char,
    cookies_length: usize,
    callback: *const c_char,
    callback_length: usize,
    timeout_ms: u64,
    tokens: *mut *mut aw_tokens,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let tokens = out(tokens, "tokens")?;
            let value = block(client, timeout_ms, |client, deadline| {
                finish_login(
                    client,
                    transaction,
                    transaction_length,
                    cookies,
                    cookies_length,
                    callback,
                    callback_length,
                    deadline,
                )
            })?;
            tokens.set(into_raw(Granted::from(value)));
            Ok(())
        })
    }
}

/// Begins the operation that ends a login; the parameters are those of aw_oauth_client_finish_login().
/// aw_operation_tokens() tells what it ended with. Does no I/O.
///
/// @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
/// @param timeout_ms  How long it may take at most, in milliseconds.
/// @param operation   Set to the new operation; free it with aw_operation_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_finish_login_operation(
    client: *const aw_oauth_client,
    transaction: *const c_char,
    transaction_length: usize,
    cookies: *const c_char,
    cookies_length: usize,
    callback: *const c_char,
    callback_length: usize,
    now_ms: u64,
    timeout_ms: u64,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    let begun = |client: &Client, deadline| {
        // SAFETY: the header's contract.
        unsafe {
            finish_login(
                client,
                transaction,
                transaction_length,
                cookies,
                cookies_length,
                callback,
                callback_length,
                deadline,
            )
        }
    };
    // SAFETY: the header's contract.
    unsafe { begin(client, now_ms, timeout_ms, begun, operation, error) }
}

/// Writes the value of the `Set-Cookie` header that removes the cookie of a login that failed: send it with the page that
/// says so. After a login that ended well it is aw_tokens_clear_cookie(). Does no I/O.
///
/// @param cookies   The `Cookie` header of the request. NULL: there is none.
/// @param callback  As for aw_oauth_client_finish_login().
/// @param cookie    Set to the value; free it with aw_buffer_free(). NULL if the request has no cookie of this login.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_forget_login(
    client: *const aw_oauth_client,
    cookies: *const c_char,
    cookies_length: usize,
    callback: *const c_char,
    callback_length: usize,
    cookie: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let cookie = out(cookie, "cookie")?;
            let registered = borrow(client)?;
            let cookies = optional_received(cookies, cookies_length, "cookies")?.unwrap_or_default();
            let callback = optional_received(callback, callback_length, "callback")?.ok_or_else(|| null("callback"))?;
            if let Some(removal) = registered.client.forget_login(&cookies, &callback) {
                cookie.set(of_text(removal));
            }
            Ok(())
        })
    }
}

/// Refreshes tokens. What the answer leaves out stays as it was, such as the refresh token. The refresh token is sent
/// once, whatever comes of it: a provider that rotates them may have replaced it. An aw_token_manager does this when it
/// is time, once for all threads.
///
/// @param tokens      The tokens with the refresh token; they stay yours.
/// @param options     A JSON object: "scope", to have less than was granted. NULL: the same.
/// @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
/// @param fresh       Set to the new tokens; free them with aw_tokens_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_refresh(
    client: *const aw_oauth_client,
    tokens: *const aw_tokens,
    options: *const c_char,
    options_length: usize,
    timeout_ms: u64,
    fresh: *mut *mut aw_tokens,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let fresh = out(fresh, "fresh")?;
            let value = block(client, timeout_ms, |client, deadline| {
                refresh(client, tokens, options, options_length, deadline)
            })?;
            fresh.set(into_raw(Granted::from(value)));
            Ok(())
        })
    }
}

/// Begins the operation that refreshes tokens; the parameters are those of aw_oauth_client_refresh().
/// aw_operation_tokens() tells what it ended with. Does no I/O.
///
/// @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
/// @param timeout_ms  How long it may take at most, in milliseconds.
/// @param operation   Set to the new operation; free it with aw_operation_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_refresh_operation(
    client: *const aw_oauth_client,
    tokens: *const aw_tokens,
    options: *const c_char,
    options_length: usize,
    now_ms: u64,
    timeout_ms: u64,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    let begun = |client: &Client, deadline| {
        // SAFETY: the header's contract.
        unsafe { refresh(client, tokens, options, options_length, deadline) }
    };
    // SAFETY: the header's contract.
    unsafe { begin(client, now_ms, timeout_ms, begun, operation, error) }
}

/// Asks the provider who the user is, or reads it from the ID token where it cannot be asked.
///
/// @param tokens      The tokens of a login; they stay yours.
/// @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
/// @param user        Set to the user; free it with aw_user_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_userinfo(
    client: *const aw_oauth_client,
    tokens: *const aw_tokens,
    timeout_ms: u64,
    user: *mut *mut aw_user,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let user = out(user, "user")?;
            let value = block(client, timeout_ms, |client, deadline| userinfo(client, tokens, deadline))?;
            user.set(into_raw(Known::from(value)));
            Ok(())
        })
    }
}

/// Begins the operation that asks who the user is; the parameters are those of aw_oauth_client_userinfo().
/// aw_operation_user() tells what it ended with. Does no I/O.
///
/// @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
/// @param timeout_ms  How long it may take at most, in milliseconds.
/// @param operation   Set to the new operation; free it with aw_operation_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_userinfo_operation(
    client: *const aw_oauth_client,
    tokens: *const aw_tokens,
    now_ms: u64,
    timeout_ms: u64,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    let begun = |client: &Client, deadline| {
        // SAFETY: the header's contract.
        unsafe { userinfo(client, tokens, deadline) }
    };
    // SAFETY: the header's contract.
    unsafe { begin(client, now_ms, timeout_ms, begun, operation, error) }
}

/// Revokes tokens at the provider: the refresh token, and then the access token.
///
/// @param tokens      The tokens; they stay yours.
/// @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_revoke(
    client: *const aw_oauth_client,
    tokens: *const aw_tokens,
    timeout_ms: u64,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe { guard(error, || block(client, timeout_ms, |client, deadline| revoke(client, tokens, deadline))) }
}

/// Begins the operation that revokes tokens; the parameters are those of aw_oauth_client_revoke().
/// aw_operation_result() tells how it ended. Does no I/O.
///
/// @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
/// @param timeout_ms  How long it may take at most, in milliseconds.
/// @param operation   Set to the new operation; free it with aw_operation_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_revoke_operation(
    client: *const aw_oauth_client,
    tokens: *const aw_tokens,
    now_ms: u64,
    timeout_ms: u64,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    let begun = |client: &Client, deadline| {
        // SAFETY: the header's contract.
        unsafe { revoke(client, tokens, deadline) }
    };
    // SAFETY: the header's contract.
    unsafe { begin(client, now_ms, timeout_ms, begun, operation, error) }
}

/// Writes the URL to redirect the browser to, so that the user is logged out at the provider too. Blocks if the provider's
/// metadata has to be asked for. `AW_ERR_ENDPOINT_MISSING` if the provider has no such page.
///
/// @param options     A JSON object, see the top of this header: "id_token_hint" and so on. NULL: the defaults.
/// @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
/// @param url         Set to the URL; free it with aw_buffer_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_logout_url(
    client: *const aw_oauth_client,
    options: *const c_char,
    options_length: usize,
    timeout_ms: u64,
    url: *mut *mut aw_buffer,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let url = out(url, "url")?;
            let value =
                block(client, timeout_ms, |client, deadline| logout_url(client, options, options_length, deadline))?;
            url.set(of_text(value));
            Ok(())
        })
    }
}

/// Begins the operation that writes the URL of a logout; the parameters are those of aw_oauth_client_logout_url().
/// aw_operation_text() tells what it ended with. Does no I/O.
///
/// @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
/// @param timeout_ms  How long it may take at most, in milliseconds.
/// @param operation   Set to the new operation; free it with aw_operation_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_logout_url_operation(
    client: *const aw_oauth_client,
    options: *const c_char,
    options_length: usize,
    now_ms: u64,
    timeout_ms: u64,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    let begun = |client: &Client, deadline| {
        // SAFETY: the header's contract.
        unsafe { logout_url(client, options, options_length, deadline) }
    };
    // SAFETY: the header's contract.
    unsafe { begin(client, now_ms, timeout_ms, begun, operation, error) }
}

/// Verifies a logout token, which the provider posts when a user logs out there (Back-Channel Logout). Its "sub" and "sid"
/// say whose sessions to end; its "jti" is new each time.
///
/// @param text        The token, as it was received: any bytes.
/// @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
/// @param token       Set to the verified token; free it with aw_token_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_verify_logout_token(
    client: *const aw_oauth_client,
    text: *const c_char,
    text_length: usize,
    timeout_ms: u64,
    token: *mut *mut aw_token,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let token = out(token, "token")?;
            let value =
                block(client, timeout_ms, |client, deadline| verify_logout_token(client, text, text_length, deadline))?;
            token.set(into_raw(Verified::from(value)));
            Ok(())
        })
    }
}

/// Begins the operation that verifies a logout token; the parameters are those of aw_oauth_client_verify_logout_token().
/// aw_operation_token() tells what it ended with. Does no I/O.
///
/// @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
/// @param timeout_ms  How long it may take at most, in milliseconds.
/// @param operation   Set to the new operation; free it with aw_operation_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_oauth_client_verify_logout_token_operation(
    client: *const aw_oauth_client,
    text: *const c_char,
    text_length: usize,
    now_ms: u64,
    timeout_ms: u64,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    let begun = |client: &Client, deadline| {
        // SAFETY: the header's contract.
        unsafe { verify_logout_token(client, text, text_length, deadline) }
    };
    // SAFETY: the header's contract.
    unsafe { begin(client, now_ms, timeout_ms, begun, operation, error) }
}

/// Frees a client. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_oauth_client_free(client: *mut aw_oauth_client) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(client) });
}

impl Registered {
    /// With the HTTP client given, or one of its own if that is NULL.
    ///
    /// # Safety
    /// As [`borrow`].
    unsafe fn new(client: Client, http: *const aw_http_client) -> Outcome<Self> {
        let http = match http.is_null() {
            true => Http::unless_given()?,
            // SAFETY: passed on.
            false => Some(unsafe { peek(http) }.ok_or_else(other_http)?.clone()),
        };
        let (issuer, client_id) = (client.issuer().map(terminated), terminated(client.client_id()));
        Ok(Self { client, http, issuer, client_id })
    }

    pub(crate) fn http(&self) -> Outcome<&Http> {
        self.http.as_ref().ok_or_else(Failure::no_client)
    }
}

fn other_http() -> Failure {
    Failure::argument("http", "http is a handle of another type")
}

unsafe fn block<T>(
    client: *const aw_oauth_client,
    timeout_ms: u64,
    begun: impl FnOnce(&Client, u64) -> Outcome<Operation<T>>,
) -> Outcome<T> {
    // SAFETY: passed on.
    let registered = unsafe { borrow(client) }?;
    let operation = begun(&registered.client, system_now_ms().saturating_add(timeout_ms))?;
    run(registered.http()?, operation)
}

unsafe fn begin<T: Into<Product> + 'static>(
    client: *const aw_oauth_client,
    now_ms: u64,
    timeout_ms: u64,
    begun: impl FnOnce(&Client, u64) -> Outcome<Operation<T>>,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: passed on.
    unsafe {
        guard(error, || {
            let operation: Out<*mut aw_operation> = out(operation, "operation")?;
            let begun = begun(&borrow(client)?.client, now_ms.saturating_add(timeout_ms))?;
            operation.set(into_raw(Running::from(begun)));
            Ok(())
        })
    }
}

// What each call is, blocking or not. Their arguments are C's, as the functions above have them.

unsafe fn begin_login(
    client: &Client,
    options: *const c_char,
    options_length: usize,
    cookies: *const c_char,
    cookies_length: usize,
    deadline: u64,
) -> Outcome<Operation<Login>> {
    // SAFETY: passed on.
    let (options, cookies) =
        unsafe { (document(options, options_length)?, optional_received(cookies, cookies_length, "cookies")?) };
    Ok(client.begin_login(LoginOptions::from_json(options)?, cookies.as_deref(), deadline))
}

#[allow(clippy::too_many_arguments, reason = "they are C's")]
unsafe fn finish_login(
    client: &Client,
    transaction: *const c_char,
    transaction_length: usize,
    cookies: *const c_char,
    cookies_length: usize,
    callback: *const c_char,
    callback_length: usize,
    deadline: u64,
) -> Outcome<Operation<Tokens>> {
    // SAFETY: passed on.
    let (transaction, cookies, callback) = unsafe {
        (
            optional_received(transaction, transaction_length, "transaction")?,
            optional_received(cookies, cookies_length, "cookies")?,
            optional_received(callback, callback_length, "callback")?,
        )
    };
    let kept = match (&transaction, &cookies) {
        (Some(transaction), None) => Kept::Transaction(transaction),
        (None, Some(cookies)) => Kept::Cookies(cookies),
        // A browser that sends no cookies is the visitor's doing.
        (None, None) => Kept::Cookies(""),
        (Some(_), Some(_)) => {
            return Err(Failure::argument("cookies", "both transaction and cookies are given: one is enough"));
        }
    };
    let callback = callback.ok_or_else(|| null("callback"))?;
    Ok(client.finish_login(kept, &callback, deadline))
}

unsafe fn refresh(
    client: &Client,
    tokens: *const aw_tokens,
    options: *const c_char,
    options_length: usize,
    deadline: u64,
) -> Outcome<Operation<Tokens>> {
    // SAFETY: passed on.
    let (granted, options) = unsafe { (borrow(tokens)?, document(options, options_length)?) };
    Ok(client.refresh(&granted.tokens, RefreshOptions::from_json(options)?, deadline))
}

unsafe fn userinfo(client: &Client, tokens: *const aw_tokens, deadline: u64) -> Outcome<Operation<User>> {
    // SAFETY: passed on.
    Ok(client.userinfo(&unsafe { borrow(tokens) }?.tokens, deadline))
}

unsafe fn revoke(client: &Client, tokens: *const aw_tokens, deadline: u64) -> Outcome<Operation<()>> {
    // SAFETY: passed on.
    Ok(client.revoke(&unsafe { borrow(tokens) }?.tokens, deadline))
}

unsafe fn logout_url(
    client: &Client,
    options: *const c_char,
    options_length: usize,
    deadline: u64,
) -> Outcome<Operation<String>> {
    // SAFETY: passed on.
    let options = unsafe { document(options, options_length) }?;
    Ok(client.logout_url(LogoutOptions::from_json(options)?, deadline))
}

unsafe fn verify_logout_token(
    client: &Client,
    text: *const c_char,
    text_length: usize,
    deadline: u64,
) -> Outcome<Operation<Token>> {
    // SAFETY: passed on.
    let text = unsafe { bytes(text.cast(), text_length, "text") }?;
    Ok(client.verify_logout_token(text, deadline))
}

/// Options that may be left out.
///
/// # Safety
/// As [`optional_text`].
pub(crate) unsafe fn document<'a>(options: *const c_char, length: usize) -> Outcome<&'a str> {
    // SAFETY: passed on.
    Ok(unsafe { optional_text(options, length, "options") }?.unwrap_or("{}"))
}
