//! ApiKeys. What asks a store takes the arguments of `store::make` first, and then the ApiKeys.

use std::mem;

use authwright_core::Result;
use authwright_core::api_key::{
    ApiKey, ApiKeys, ApiKeysOptions, ImportOptions, IssueOptions, IssuedKey, RotateOptions,
};
use napi_sys::napi_type_tag;

use crate::call::Call;
use crate::handle::{self, Owned};
use crate::value::{Env, Value};
use crate::{key_set, store};

impl Owned for ApiKeys {
    const NOUN: &'static str = "ApiKeys";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x3c8e_f51a_b06d_7294, upper: 0xe71d_4f9b_28c5_a036 };
    const WEIGHT: i64 = 4096;
}

/// Takes the options' text and an array of Keys, the peppers.
pub(crate) fn new<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let options = ApiKeysOptions::from_json(&call.text(0, "options")?)?;
    handle::create(call.env(), ApiKeys::new(options, &key_set::list(call, 1, "peppers")?)?)
}

/// Takes the ApiKeys and a text.
pub(crate) fn is_well_formed<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let text = call.text(1, "text")?;
    call.env().boolean(call.handle::<ApiKeys>(0, "apiKeys")?.format().id(&text).is_some())
}

pub(crate) fn pattern<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().text(&call.handle::<ApiKeys>(0, "apiKeys")?.format().pattern())
}

fn this(call: &Call<'_>) -> Result<ApiKeys> {
    call.handle::<ApiKeys>(3, "apiKeys").cloned()
}

fn text(call: &Call<'_>, name: &'static str) -> Result<String> {
    Ok(mem::take(&mut *call.text(4, name)?))
}

fn key(env: Env<'_>, key: ApiKey) -> Result<Value<'_>> {
    env.text(&key.to_json())
}

fn issued(env: Env<'_>, key: IssuedKey) -> Result<Value<'_>> {
    env.text(&key.to_json())
}

/// Takes the options' text.
pub(crate) fn issue<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let options = IssueOptions::from_json(&call.text(4, "options")?)?;
    store::make(
        call,
        (this(call)?, options),
        |(keys, options), store, now, timeout| keys.at(store, now, timeout).issue(&options),
        |(keys, options), deadline| keys.issue(options, deadline),
        issued,
    )
}

/// Takes the options' text.
pub(crate) fn import_hash<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let options = ImportOptions::from_json(&call.text(4, "options")?)?;
    store::make(
        call,
        (this(call)?, options),
        |(keys, options), store, now, timeout| keys.at(store, now, timeout).import_hash(&options),
        |(keys, options), deadline| keys.import_hash(options, deadline),
        key,
    )
}

/// Takes what was presented, and an array of scopes.
pub(crate) fn verify<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    store::make(
        call,
        (this(call)?, call.text(4, "presented")?, call.texts(5, "scopes")?),
        |(keys, presented, scopes), store, now, timeout| keys.at(store, now, timeout).verify(&presented, &scopes),
        |(keys, mut presented, scopes), deadline| keys.verify(mem::take(&mut *presented), scopes, deadline),
        key,
    )
}

/// Takes the id.
pub(crate) fn get<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    store::make(
        call,
        (this(call)?, text(call, "id")?),
        |(keys, id), store, now, timeout| keys.at(store, now, timeout).get(&id),
        |(keys, id), deadline| keys.get(id, deadline),
        key,
    )
}

/// Takes the owner, where to begin or `undefined`, and how many at most.
pub(crate) fn list<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let after = call.optional_text(5, "after")?.map(|mut after| mem::take(&mut *after));
    let limit = usize::try_from(call.integer(6, "limit")?).unwrap_or(usize::MAX);
    store::make(
        call,
        (this(call)?, text(call, "owner")?, after),
        move |(keys, owner, after), store, now, timeout| {
            keys.at(store, now, timeout).list(&owner, after.as_deref(), limit)
        },
        |(keys, owner, after), deadline| keys.list(owner, after, limit, deadline),
        |env, page| env.text(&page.to_json()),
    )
}

/// Takes the id and the options' text.
pub(crate) fn rotate<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let options = RotateOptions::from_json(&call.text(5, "options")?)?;
    store::make(
        call,
        (this(call)?, text(call, "id")?, options),
        |(keys, id, options), store, now, timeout| keys.at(store, now, timeout).rotate(&id, &options),
        |(keys, id, options), deadline| keys.rotate(id, options, deadline),
        issued,
    )
}

/// Takes the id.
pub(crate) fn revoke<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    store::make(
        call,
        (this(call)?, text(call, "id")?),
        |(keys, id), store, now, timeout| keys.at(store, now, timeout).revoke(&id),
        |(keys, id), deadline| keys.revoke(id, deadline),
        key,
    )
}

/// Takes the owner; how many keys were good until then.
pub(crate) fn revoke_all<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    store::make(
        call,
        (this(call)?, text(call, "owner")?),
        |(keys, owner), store, now, timeout| keys.at(store, now, timeout).revoke_all(&owner),
        |(keys, owner), deadline| keys.revoke_all(owner, deadline),
        store::count,
    )
}
