//! Reading single claims. An absent claim is `AW_ERR_CLAIM_MISSING`, one of another type `AW_ERR_CLAIM_TYPE`: a program
//! that forgets that a claim may be absent fails, and does not go on with an empty value.

use authwright_core::json::{Document, Str, Value};

use crate::arguments::Outcome;
use crate::error::Failure;

pub(crate) fn find<'a>(claims: Document<'a>, claim: &str) -> Outcome<Value<'a>> {
    claims.get(claim).ok_or_else(|| Failure::claim_missing(claim))
}

pub(crate) fn string<'a>(claims: Document<'a>, claim: &str) -> Outcome<Str<'a>> {
    find(claims, claim)?.as_str().ok_or_else(|| Failure::claim_type(claim, "a string"))
}

/// An element of an array of strings. A lone string is read as an array of one, as `aud` allows (RFC 7519 section
/// 4.1.3).
pub(crate) fn string_at<'a>(claims: Document<'a>, claim: &str, index: usize) -> Outcome<Str<'a>> {
    let element = match find(claims, claim)? {
        Value::Array(mut array) => array.nth(index),
        lone @ Value::String(_) if index == 0 => Some(lone),
        Value::String(_) => None,
        _ => return Err(Failure::claim_type(claim, "a string or an array of strings")),
    };
    let element = element.ok_or_else(|| Failure::claim_missing(claim))?;
    element.as_str().ok_or_else(|| Failure::claim_type(claim, "an array of strings"))
}

pub(crate) fn int(claims: Document<'_>, claim: &str) -> Outcome<i64> {
    match find(claims, claim)? {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
    .ok_or_else(|| Failure::claim_type(claim, "an integer of 64 bits"))
}

pub(crate) fn double(claims: Document<'_>, claim: &str) -> Outcome<f64> {
    match find(claims, claim)? {
        Value::Number(number) => Ok(number.as_f64()),
        _ => Err(Failure::claim_type(claim, "a number")),
    }
}

pub(crate) fn boolean(claims: Document<'_>, claim: &str) -> Outcome<bool> {
    find(claims, claim)?.as_bool().ok_or_else(|| Failure::claim_type(claim, "true or false"))
}
