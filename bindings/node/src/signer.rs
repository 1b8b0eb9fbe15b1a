//! Signer, and signing in two steps.

use std::sync::Arc;

use authwright_core::{Key, Prepared, Result, SignatureFormat, Signer, SignerOptions};
use napi_sys::napi_type_tag;

use crate::call::Call;
use crate::handle::{self, Bound, Owned};
use crate::value::{Env, Scratch, Value};
use crate::work;

/// Shared between its handle, its bound function and the jobs that are under way.
struct SharedSigner(Arc<Signer>);

impl Owned for SharedSigner {
    const NOUN: &'static str = "a Signer";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0xe739_51f0_b64d_82ac, upper: 0x1fd8_60b3_a97c_e425 };
    const WEIGHT: i64 = 2048;
}

impl Owned for Prepared {
    const NOUN: &'static str = "what prepare() returned";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x3a0c_f59e_71d8_b264, upper: 0x95b7_d2e4_08a3_6f1c };
    const WEIGHT: i64 = 1024;
}

/// Takes a Key and the options' text.
pub(crate) fn new<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let options = SignerOptions::from_json(&call.text(1, "options")?)?;
    let signer = Signer::new(call.handle::<Key>(0, "key")?, options)?;
    handle::create(call.env(), SharedSigner(Arc::new(signer)))
}

fn this<'env>(call: &Call<'env>) -> Result<&'env Signer> {
    Ok(&call.handle::<SharedSigner>(0, "signer")?.0)
}

/// Makes a function `(claims text, now) -> token`.
pub(crate) fn sign<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let shared = call.handle::<SharedSigner>(0, "signer")?;
    handle::bind(call.env(), "sign", SharedSigner(Arc::clone(&shared.0)))
}

impl Bound for SharedSigner {
    #[inline]
    fn call<'env>(&self, call: &Call<'env>) -> Result<Value<'env>> {
        let mut scratch = Scratch::new();
        let claims = call.short_text(0, "claims", &mut scratch)?;
        call.env().ascii(&self.0.sign_json_bytes(claims, call.now(1)?)?)
    }
}

fn hand_out<'env>(env: Env<'env>, token: String) -> Result<Value<'env>> {
    env.text(&token)
}

pub(crate) fn sign_async<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let signer = Arc::clone(&call.handle::<SharedSigner>(0, "signer")?.0);
    let claims = call.text(1, "claims")?;
    let now = call.now(2)?;
    work::promise(call.env(), move || signer.sign_json(&claims, now), hand_out)
}

pub(crate) fn prepare<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let prepared = this(call)?.prepare_json(&call.text(1, "claims")?, call.now(2)?)?;
    handle::create(call.env(), prepared)
}

pub(crate) fn prepared_signing_input<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().buffer(call.handle::<Prepared>(0, "prepared")?.signing_input())
}

pub(crate) fn prepared_algorithm<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().text(call.handle::<Prepared>(0, "prepared")?.algorithm().name())
}

/// Takes what `prepare` returned, the signature, and whether that is DER.
pub(crate) fn finish<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let prepared = call.handle::<Prepared>(1, "prepared")?;
    let signature = call.bytes(2, "signature")?;
    let format = if call.boolean(3, "der")? { SignatureFormat::Der } else { SignatureFormat::Raw };
    call.env().text(&this(call)?.finish(prepared, &signature, format)?)
}
