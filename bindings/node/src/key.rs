//! Key.

use authwright_core::{Algorithm, Error, Key, KeyOptions, Result};
use napi_sys::{ValueType, napi_type_tag};

use crate::call::Call;
use crate::handle::{self, Owned};
use crate::value::{Env, Value};
use crate::work;

impl Owned for Key {
    const NOUN: &'static str = "a Key";
    const TAG: &napi_type_tag = &napi_type_tag { lower: 0x9d1c_63a8_40fe_b275, upper: 0x2b7e_0f94_c8d1_5a36 };
    const WEIGHT: i64 = 4096;
}

fn hand_out<'env>(env: Env<'env>, key: Key) -> Result<Value<'env>> {
    handle::create(env, key)
}

/// The arguments of both generating functions: algorithm, kid, bits.
fn generator(call: &Call<'_>) -> Result<impl FnOnce() -> Result<Key> + Send + 'static> {
    let algorithm: Algorithm = call.text(0, "alg")?.parse()?;
    let kid = call.optional_text(1, "kid")?;
    let bits = if call.is_absent(2)? { None } else { Some(call.integer(2, "bits")?) };
    Ok(move || Key::generate(algorithm, kid.as_ref().map(|kid| kid.as_str()), bits))
}

pub(crate) fn generate<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    hand_out(call.env(), generator(call)?()?)
}

pub(crate) fn generate_async<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    work::promise(call.env(), generator(call)?, hand_out)
}

/// The arguments of both PEM functions: data, algorithm, kid, password.
fn pem_reader(call: &Call<'_>) -> Result<impl FnOnce() -> Result<Key> + Send + 'static> {
    let pem = call.bytes_or_text(0, "data")?;
    let algorithm = call.algorithm(1, "alg")?;
    let kid = call.optional_text(2, "kid")?;
    let password = call.optional_bytes_or_text(3, "password")?;
    Ok(move || {
        let kid = kid.as_ref().map(|kid| kid.as_str());
        let password = password.as_ref().map(|password| password.as_slice());
        Key::from_pem(&pem, &KeyOptions { algorithm, kid, password })
    })
}

pub(crate) fn from_pem<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    hand_out(call.env(), pem_reader(call)?()?)
}

pub(crate) fn from_pem_async<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    work::promise(call.env(), pem_reader(call)?, hand_out)
}

pub(crate) fn from_der<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let der = call.bytes(0, "data")?;
    let kid = call.optional_text(2, "kid")?;
    let password = call.optional_bytes_or_text(3, "password")?;
    let options = KeyOptions {
        algorithm: call.algorithm(1, "alg")?,
        kid: kid.as_ref().map(|kid| kid.as_str()),
        password: password.as_ref().map(|password| password.as_slice()),
    };
    hand_out(call.env(), Key::from_der(&der, &options)?)
}

pub(crate) fn from_jwk<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    hand_out(call.env(), Key::from_jwk(&call.text(0, "jwk")?)?)
}

pub(crate) fn from_secret<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    if call.env().kind(call.argument(0)?)? == ValueType::napi_string {
        let message = "secret must be bytes: for the bytes of a text, pass Buffer.from(text, 'utf8')";
        return Err(Error::invalid_argument("secret", message));
    }
    let secret = call.bytes(0, "secret")?;
    let kid = call.optional_text(2, "kid")?;
    let options =
        KeyOptions { algorithm: call.algorithm(1, "alg")?, kid: kid.as_ref().map(|kid| kid.as_str()), password: None };
    hand_out(call.env(), Key::from_secret(&secret, &options)?)
}

fn this<'env>(call: &Call<'env>) -> Result<&'env Key> {
    call.handle(0, "key")
}

pub(crate) fn public_key<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    hand_out(call.env(), this(call)?.public_key()?)
}

pub(crate) fn to_jwk<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().text(&this(call)?.to_jwk(call.boolean(1, "private")?)?)
}

pub(crate) fn to_pem<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().text(&this(call)?.to_pem(call.boolean(1, "private")?)?)
}

pub(crate) fn to_der<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().buffer(&this(call)?.to_der(call.boolean(1, "private")?)?)
}

pub(crate) fn thumbprint<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().text(&this(call)?.thumbprint())
}

pub(crate) fn kid<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().optional_text(this(call)?.kid())
}

pub(crate) fn algorithm<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().optional_text(this(call)?.algorithm().map(Algorithm::name))
}

pub(crate) fn is_private<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    call.env().boolean(this(call)?.is_private())
}
