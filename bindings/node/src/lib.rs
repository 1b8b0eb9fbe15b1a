//! The Node front end: one addon for the package `authwright`.
//!
//! The addon exports plain functions; the classes that programs see are written in JavaScript on top of them
//! (`../lib`). Nothing is decided here: a function converts its arguments, makes one call into the core and converts
//! the answer.
//!
//! It stands on `napi-sys`, the bare declarations of Node-API, rather than on `napi` and `napi-derive`. The hot calls
//! need functions that carry their own data pointer (a call costs 10 ns against 216 ns for a class method), reads into
//! a stack buffer and failures as values, which are raw calls in any case; what is left is small enough to audit in
//! four files, needs no process-wide registry (so that any number of Workers can load it at once), and lets one guard
//! stand around every export.
//!
//! How it is laid out:
//! - `value`: JavaScript values, in and out. `call`: one call's arguments, and the panic guard around it.
//!   `handle`: Rust values owned by JavaScript, type-tagged. `work`: calls off the event loop. All `unsafe` is there,
//!   and in `layout`.
//! - `key`, `key_set`, `remote_key_set`, `operation`, `oauth_client`, `tokens`, `token_manager`, `signer`,
//!   `verifier`, `jws`, `store`, `api_keys`: one file for each noun. `store_effect`: what operations ask of a program's own
//!   store. `layout`: where claims stand in their text, for JavaScript.
//!
//! Conventions between this addon and its JavaScript, which nobody else may call:
//! - A failure is returned, not thrown: an array of the code's number, the message and the field or `undefined`, and of
//!   four more where there is a cause or a server's answer. That is twice as fast as a native throw that JavaScript catches,
//!   and the only arrays that are ever returned.
//! - Options that the core reads as one JSON document arrive as its text. Seconds are numbers, and so are the
//!   milliseconds
//!   since 1970 of operations, which always come from JavaScript: one clock for a wait and for the timer that ends it.
//! - The addon does no I/O of its own and starts no thread for it: operations are driven by `../lib/driver.js`. The
//!   built-in stores do theirs in whole calls, on threads of libuv's.
//! - Objects go out as JSON text: JavaScript builds one at least three times as fast as Node-API does.

mod api_keys;
mod call;
mod handle;
mod jws;
mod key;
mod key_set;
mod layout;
mod oauth_client;
mod operation;
mod remote_key_set;
mod signer;
mod store;
mod store_effect;
mod token_manager;
mod tokens;
mod value;
mod verifier;
mod work;

use std::fmt::Write;

use authwright_core::{Code, Result};
use napi_sys::{napi_env, napi_value};

use crate::call::{Body, Call};
use crate::value::{Env, Value};

/// What the addon exports.
static FUNCTIONS: &[(&str, Body)] = &[
    ("version", version),
    ("codes", codes),
    ("keyGenerate", key::generate),
    ("keyGenerateAsync", key::generate_async),
    ("keyFromPem", key::from_pem),
    ("keyFromPemAsync", key::from_pem_async),
    ("keyFromDer", key::from_der),
    ("keyFromJwk", key::from_jwk),
    ("keyFromSecret", key::from_secret),
    ("keyPublic", key::public_key),
    ("keyToJwk", key::to_jwk),
    ("keyToPem", key::to_pem),
    ("keyToDer", key::to_der),
    ("keyThumbprint", key::thumbprint),
    ("keyKid", key::kid),
    ("keyAlgorithm", key::algorithm),
    ("keyIsPrivate", key::is_private),
    ("keySetNew", key_set::new),
    ("keySetFromJson", key_set::from_json),
    ("keySetToJson", key_set::to_json),
    ("keySetLength", key_set::length),
    ("keySetKey", key_set::key),
    ("keySetRejectedLength", key_set::rejected_length),
    ("keySetRejected", key_set::rejected),
    ("operationStep", operation::step),
    ("operationResume", operation::resume),
    ("operationFail", operation::fail),
    ("operationPersisted", operation::persisted),
    ("operationResumeStore", operation::resume_store),
    ("operationFailStore", operation::fail_store),
    ("operationAskStore", operation::ask_store),
    ("operationEvents", operation::events),
    ("operationClose", operation::close),
    ("remoteKeySetNew", remote_key_set::new),
    ("remoteKeySetIssuer", remote_key_set::issuer),
    ("remoteKeySetKeySet", remote_key_set::key_set),
    ("remoteKeySetExport", remote_key_set::export_state),
    ("remoteKeySetImport", remote_key_set::import_state),
    ("remoteKeySetRefresh", remote_key_set::refresh),
    ("remoteKeySetRefreshAhead", remote_key_set::refresh_ahead),
    ("remoteKeySetClose", remote_key_set::close),
    ("oauthClientNew", oauth_client::new),
    ("oauthClientIssuer", oauth_client::issuer),
    ("oauthClientId", oauth_client::client_id),
    ("oauthClientRemoteKeys", oauth_client::remote_keys),
    ("oauthClientBeginLogin", oauth_client::begin_login),
    ("oauthClientFinishLogin", oauth_client::finish_login),
    ("oauthClientForgetLogin", oauth_client::forget_login),
    ("oauthClientRefresh", oauth_client::refresh),
    ("oauthClientUserinfo", oauth_client::userinfo),
    ("oauthClientRevoke", oauth_client::revoke),
    ("oauthClientLogoutUrl", oauth_client::logout_url),
    ("oauthClientVerifyLogoutToken", oauth_client::verify_logout_token),
    ("tokensRead", tokens::read),
    ("tokensAuthorization", tokens::authorization),
    ("tokenManagerNew", token_manager::new),
    ("tokenManagerTokens", token_manager::tokens),
    ("tokenManagerCurrent", token_manager::current),
    ("tokenManagerReplace", token_manager::replace),
    ("signerNew", signer::new),
    ("signerSign", signer::sign),
    ("signerSignAsync", signer::sign_async),
    ("signerPrepare", signer::prepare),
    ("signerFinish", signer::finish),
    ("preparedSigningInput", signer::prepared_signing_input),
    ("preparedAlgorithm", signer::prepared_algorithm),
    ("verifierVerify", verifier::verify),
    ("dangerousDecode", verifier::dangerous_decode),
    ("storeOpen", store::open),
    ("storeClose", store::close),
    ("storeLeave", store::leave),
    ("storeCopy", store::copy),
    ("storeSweep", store::sweep),
    ("storeCheck", store::check),
    ("apiKeysNew", api_keys::new),
    ("apiKeysIsWellFormed", api_keys::is_well_formed),
    ("apiKeysPattern", api_keys::pattern),
    ("apiKeysIssue", api_keys::issue),
    ("apiKeysImportHash", api_keys::import_hash),
    ("apiKeysVerify", api_keys::verify),
    ("apiKeysGet", api_keys::get),
    ("apiKeysList", api_keys::list),
    ("apiKeysRotate", api_keys::rotate),
    ("apiKeysRevoke", api_keys::revoke),
    ("apiKeysRevokeAll", api_keys::revoke_all),
    ("jwsSign", jws::sign),
    ("jwsVerify", jws::verify),
];

/// The version of this addon: the JavaScript beside it must be of the same.
fn version<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().text(env!("CARGO_PKG_VERSION"))
}

/// The core's error table, a line `number name class` for each code: the JavaScript classes are tested against it.
fn codes<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let mut table = String::new();
    for code in Code::ALL {
        // Writing to a String does not fail.
        let _ = writeln!(table, "{} {} {}", code.number(), code.name(), code.class());
    }
    call.env().text(&table)
}

/// The Node-API version that the addon is written to: 8, which every supported Node has.
#[unsafe(no_mangle)]
pub extern "C" fn node_api_module_get_api_version_v1() -> i32 {
    8
}

/// Called by Node once in each environment (the main thread and each Worker) that loads the addon.
///
/// # Safety
///
/// Only Node calls this, with a live environment and the addon's exports object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_register_module_v1(env: napi_env, exports: napi_value) -> napi_value {
    // SAFETY: Node passes a live environment, and holds a handle scope open for the duration of this call.
    let scope = unsafe { Env::new(env) };
    call::guarded(scope, || {
        // SAFETY: Node passes a live value of this scope.
        let exports = unsafe { Value::new(exports) };
        for (name, body) in FUNCTIONS {
            scope.set(exports, name, call::function(scope, name, body)?)?;
        }
        Ok(exports)
    })
}
