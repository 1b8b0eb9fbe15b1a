//! RemoteKeySet.

use std::hash::{BuildHasher, Hasher, RandomState};

use authwright_core::{Key, RemoteKeySet, RemoteOptions, Result};
use napi_sys::napi_type_tag;

use crate::call::Call;
use crate::handle::{self, Bound, Owned};
use crate::operation;
use crate::value::Value;

impl Owned for RemoteKeySet {
    const NOUN: &'static str = "a RemoteKeySet";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0xb27d_4c90_a8f1_635e, upper: 0x0e93_d6f7_5b42_18ca };
    const WEIGHT: i64 = 8192;
}

/// Asks whether a fetch is due: at every verification, so a function that carries the set with it.
struct RefreshAhead(RemoteKeySet);

impl Owned for RefreshAhead {
    const NOUN: &'static str = "a RemoteKeySet";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x61fa_08bd_93c7_e254, upper: 0xd5a0_1c6e_842f_97b3 };
    const WEIGHT: i64 = 256;
}

/// Takes the options' text.
pub(crate) fn new<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let options = RemoteOptions::from_json(&call.text(0, "options")?)?;
    handle::create(call.env(), RemoteKeySet::new(options, seed())?)
}

/// The keys of the standard library's maps are random, and only differ from process to process here.
pub(crate) fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn this<'env>(call: &Call<'env>) -> Result<&'env RemoteKeySet> {
    call.handle(0, "remoteKeySet")
}

pub(crate) fn issuer<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().optional_text(this(call)?.issuer())
}

/// Takes the set and the time.
pub(crate) fn key_set<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    handle::create(call.env(), this(call)?.key_set(call.milliseconds(1, "now")?)?)
}

/// Takes the set and the Key to seal with.
pub(crate) fn export_state<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().text(&this(call)?.export_state(call.handle::<Key>(1, "key")?)?)
}

/// Takes the set, the state, an array of Keys and the time.
pub(crate) fn import_state<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let keys = crate::key_set::list(call, 2, "keys")?;
    this(call)?.import_state(&call.text(1, "state")?, &keys, call.milliseconds(3, "now")?)?;
    call.env().undefined()
}

/// Takes the set, the time and the deadline; an operation.
pub(crate) fn refresh<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let now = call.milliseconds(1, "now")?;
    let refresh = this(call)?.refresh(now).within(call.milliseconds(2, "deadline")?);
    operation::create(call.env(), refresh, operation::nothing)
}

pub(crate) fn close<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    this(call)?.close();
    call.env().undefined()
}

/// Makes a function `(now) -> operation`, or `undefined` while nothing is due.
pub(crate) fn refresh_ahead<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    handle::bind(call.env(), "refreshAhead", RefreshAhead(this(call)?.clone()))
}

impl Bound for RefreshAhead {
    #[inline]
    fn call<'env>(&self, call: &Call<'env>) -> Result<Value<'env>> {
        match self.0.refresh_ahead(call.milliseconds(0, "now")?) {
            Some(due) => operation::create(call.env(), due, operation::nothing),
            None => call.env().undefined(),
        }
    }
}
