//! KeySet, and the choice between a Key and a KeySet.

use authwright_core::{Error, Key, KeySet, Keys, Result};
use napi_sys::napi_type_tag;

use crate::call::{self, Call};
use crate::handle::{self, Owned};
use crate::value::Value;

impl Owned for KeySet {
    const NOUN: &'static str = "a KeySet";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x51e8_b7c2_94d3_0f6a, upper: 0xc40f_8a6d_172b_e593 };
    const WEIGHT: i64 = 4096;
}

/// The keys that a Verifier, or `jws.verify`, judges by.
pub(crate) fn keys(call: &Call<'_>, index: usize) -> Result<Keys> {
    if let Some(key) = call.try_handle::<Key>(index)? {
        return Ok(Keys::from(key));
    }
    match call.try_handle::<KeySet>(index)? {
        Some(set) => Ok(Keys::from(set)),
        None => Err(Error::invalid_argument("keys", "keys must be a Key or a KeySet")),
    }
}

/// Takes an array of Keys.
pub(crate) fn new<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    handle::create(call.env(), KeySet::new(list(call, 0, "keys")?))
}

/// An array of Keys.
pub(crate) fn list(call: &Call<'_>, index: usize, name: &'static str) -> Result<Vec<Key>> {
    let expected = || Error::invalid_argument(name, format!("{name} must be an array of Keys"));
    let items = call.env().items(call.argument(index)?).ok_or_else(expected)?;
    let mut keys = Vec::with_capacity(items.len());
    for item in items {
        keys.push(handle::get::<Key>(call.env(), item)?.ok_or_else(expected)?.clone());
    }
    Ok(keys)
}

pub(crate) fn from_json<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    handle::create(call.env(), KeySet::from_json(&call.text(0, "jwks")?)?)
}

fn this<'env>(call: &Call<'env>) -> Result<&'env KeySet> {
    call.handle(0, "keySet")
}

pub(crate) fn to_json<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().text(&this(call)?.to_json())
}

pub(crate) fn length<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().size(this(call)?.len())
}

fn position(call: &Call<'_>) -> Result<usize> {
    Ok(usize::try_from(call.integer(1, "index")?).unwrap_or(usize::MAX))
}

pub(crate) fn key<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    match this(call)?.keys().get(position(call)?) {
        Some(key) => handle::create(call.env(), key.clone()),
        None => call.env().undefined(),
    }
}

pub(crate) fn rejected_length<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().size(this(call)?.rejected().len())
}

/// One member that was kept out of the way: its index in the document, its kid, and the failure record that tells why.
pub(crate) fn rejected<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let env = call.env();
    let Some(rejected) = this(call)?.rejected().get(position(call)?) else { return env.undefined() };
    let object = env.object()?;
    env.set(object, "index", env.size(rejected.index)?)?;
    env.set(object, "kid", env.optional_text(rejected.kid.as_deref())?)?;
    env.set(object, "error", call::failure(env, &rejected.error)?)?;
    Ok(object)
}
