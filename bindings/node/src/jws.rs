//! jws: signatures over any bytes.

use authwright_core::jws::{self, SignOptions, VerifyOptions};
use authwright_core::{Algorithm, Error, Key, Result};

use crate::call::Call;
use crate::key_set;
use crate::value::Value;

/// Takes payload, Key, algorithm, headers (JSON text), detached, b64.
pub(crate) fn sign<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let payload = call.bytes_or_text(0, "payload")?;
    let headers = call.optional_text(3, "headers")?;
    let options = SignOptions {
        algorithm: call.algorithm(2, "algorithm")?,
        headers: headers.as_ref().map(|headers| headers.as_str()),
        detached: call.boolean(4, "detached")?,
        b64: call.boolean(5, "b64")?,
    };
    call.env().text(&jws::sign(&payload, call.handle::<Key>(1, "key")?, &options)?)
}

/// Takes token, Key or KeySet, an array of algorithm names, the detached payload.
pub(crate) fn verify<'env>(call: &Call<'env>) -> Result<Value<'env>> {
    let env = call.env();
    let token = call.bytes_or_text(0, "token")?;
    let payload = call.optional_bytes_or_text(3, "payload")?;
    let options =
        VerifyOptions { algorithms: algorithms(call)?, payload: payload.as_ref().map(|payload| payload.as_slice()) };
    let verified = jws::verify(&*token, key_set::keys(call, 1)?, &options)?;
    let object = env.object()?;
    env.set(object, "payload", env.buffer(verified.payload())?)?;
    env.set(object, "header", env.text(verified.header_json())?)?;
    Ok(object)
}

fn algorithms(call: &Call<'_>) -> Result<Option<Vec<Algorithm>>> {
    if call.is_absent(2)? {
        return Ok(None);
    }
    let expected = || Error::invalid_argument("algorithms", "algorithms must be an array of names such as 'ES256'");
    let mut algorithms = Vec::new();
    for item in call.env().items(call.argument(2)?).ok_or_else(expected)? {
        algorithms.push(call.env().string(item)?.ok_or_else(expected)?.parse()?);
    }
    Ok(Some(algorithms))
}
