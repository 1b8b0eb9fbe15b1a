//! TokenManager.

use authwright_core::Result;
use authwright_core::oauth::{Client, ManagerOptions, TokenManager};
use napi_sys::napi_type_tag;

use crate::call::Call;
use crate::handle::{self, Owned};
use crate::value::Value;
use crate::{operation, tokens};

impl Owned for TokenManager {
    const NOUN: &'static str = "a TokenManager";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x83c4_17f6_d02b_9ae5, upper: 0x1a6f_e920_48b7_c35d };
    const WEIGHT: i64 = 4096;
}

/// Takes the Client, the tokens' document, the options' and the time.
pub(crate) fn new<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let client = call.handle::<Client>(0, "client")?;
    let options = ManagerOptions::from_json(&call.text(2, "options")?)?;
    let now = call.milliseconds(3, "now")?;
    handle::create(call.env(), TokenManager::new(client, tokens::argument(call, 1)?, options, now))
}

fn this<'env>(call: &Call<'env>) -> Result<&'env TokenManager> {
    call.handle(0, "tokenManager")
}

/// Takes the manager, whether new tokens are wanted whatever the old ones say, and the deadline; an operation.
pub(crate) fn tokens<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let renewed = this(call)?.tokens(call.boolean(1, "force")?, call.milliseconds(2, "deadline")?);
    operation::create(call.env(), renewed, tokens::hand_out)
}

pub(crate) fn current<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    tokens::hand_out(call.env(), this(call)?.current())
}

/// Takes the manager, the tokens' document and the time.
pub(crate) fn replace<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    this(call)?.replace(tokens::argument(call, 1)?, call.milliseconds(2, "now")?);
    call.env().undefined()
}
