//! The OAuth client. What it begins are operations, each with a deadline as its last argument.

use authwright_core::oauth::{Client, ClientOptions, Credentials, Kept, LoginOptions, LogoutOptions, RefreshOptions};
use authwright_core::{Error, Key, Result};
use napi_sys::napi_type_tag;

use crate::call::Call;
use crate::handle::{self, Owned};
use crate::value::Value;
use crate::{key_set, operation, remote_key_set, tokens};

impl Owned for Client {
    const NOUN: &'static str = "a Client";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x27e5_b8a1_6d3c_f094, upper: 0x94d2_3b7e_c561_0f8a };
    const WEIGHT: i64 = 16384;
}

/// Takes the options' text, an array of Keys that seal logins, and the client's Key or `undefined`.
pub(crate) fn new<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let options = ClientOptions::from_json(&call.text(0, "options")?)?;
    let seal_keys = key_set::list(call, 1, "seal_keys")?;
    let client_key = if call.is_absent(2)? { None } else { Some(call.handle::<Key>(2, "client_key")?.clone()) };
    let credentials = Credentials { seal_keys, client_key };
    handle::create(call.env(), Client::new(options, credentials, remote_key_set::seed())?)
}

fn this<'env>(call: &Call<'env>) -> Result<&'env Client> {
    call.handle(0, "client")
}

pub(crate) fn issuer<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().optional_text(this(call)?.issuer())
}

pub(crate) fn client_id<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().text(this(call)?.client_id())
}

/// The RemoteKeySet that ID tokens are verified with, or `undefined`.
pub(crate) fn remote_keys<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    match this(call)?.remote_keys() {
        Some(keys) => handle::create(call.env(), keys.clone()),
        None => call.env().undefined(),
    }
}

/// Takes the client, the login's options, and the `Cookie` header or `undefined`; an operation.
pub(crate) fn begin_login<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let options = LoginOptions::from_json(&call.text(1, "options")?)?;
    let cookies = call.optional_text(2, "cookies")?;
    let cookies = cookies.as_ref().map(|cookies| cookies.as_str());
    let login = this(call)?.begin_login(options, cookies, call.milliseconds(3, "deadline")?);
    operation::create(call.env(), login, |env, login| env.text(&login.to_json()))
}

/// Takes the client, the transaction or the `Cookie` header, and the callback; an operation. A request without
/// cookies is its sender's doing, and so no wrong argument.
pub(crate) fn finish_login<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let (transaction, cookies) = (call.optional_text(1, "transaction")?, call.optional_text(2, "cookies")?);
    let kept = match (&transaction, &cookies) {
        (Some(transaction), None) => Kept::Transaction(transaction),
        (None, cookies) => Kept::Cookies(cookies.as_ref().map_or("", |cookies| cookies.as_str())),
        (Some(_), Some(_)) => {
            return Err(Error::invalid_argument("transaction", "a login ends with its transaction or with cookies"));
        }
    };
    let login = this(call)?.finish_login(kept, &call.text(3, "callback")?, call.milliseconds(4, "deadline")?);
    operation::create(call.env(), login, tokens::hand_out)
}

/// Takes the client, the `Cookie` header or `undefined`, and the callback; a `Set-Cookie` value, or `undefined`.
pub(crate) fn forget_login<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let cookies = call.optional_text(1, "cookies")?.unwrap_or_default();
    call.env().optional_text(this(call)?.forget_login(&cookies, &call.text(2, "callback")?).as_deref())
}

/// Takes the client, the tokens' document and the refresh's options; an operation.
pub(crate) fn refresh<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let options = RefreshOptions::from_json(&call.text(2, "options")?)?;
    let refresh = this(call)?.refresh(&tokens::argument(call, 1)?, options, call.milliseconds(3, "deadline")?);
    operation::create(call.env(), refresh, tokens::hand_out)
}

/// Takes the client and the tokens' document; an operation.
pub(crate) fn userinfo<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let user = this(call)?.userinfo(&tokens::argument(call, 1)?, call.milliseconds(2, "deadline")?);
    operation::create(call.env(), user, |env, user| env.text(&user.to_json()))
}

/// Takes the client and the tokens' document; an operation.
pub(crate) fn revoke<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let revocation = this(call)?.revoke(&tokens::argument(call, 1)?, call.milliseconds(2, "deadline")?);
    operation::create(call.env(), revocation, operation::nothing)
}

/// Takes the client and the logout's options; an operation.
pub(crate) fn logout_url<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let options = LogoutOptions::from_json(&call.text(1, "options")?)?;
    let url = this(call)?.logout_url(options, call.milliseconds(2, "deadline")?);
    operation::create(call.env(), url, |env, url| env.text(&url))
}

/// Takes the client and the token; an operation.
pub(crate) fn verify_logout_token<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let token = call.bytes_or_text(1, "token")?;
    let verification = this(call)?.verify_logout_token(token.as_slice(), call.milliseconds(2, "deadline")?);
    operation::create(call.env(), verification, operation::token)
}
