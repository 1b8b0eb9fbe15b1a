//! The checks on the claims, in their fixed order: exp, nbf, iat, iss, aud, sub, required, claims, max_token_age, then
//! the profile's.

#![warn(clippy::arithmetic_side_effects)]

use super::policy::Policy;
use crate::encoding::json::{Document, Place, Value};
use crate::error::{Code, Error, Excerpt, Result};
use crate::oauth::Issuer;
use crate::options::MAX_SECONDS;

/// Refuses claims that do not fulfil the policy at `now`.
pub(super) fn check(claims: Document<'_>, policy: &Policy, now: i64) -> Result<()> {
    // The claims that RFC 7519 section 4.1 defines and a policy judges, found in one walk.
    let [exp, nbf, iat, iss, aud, sub] = claims.named([b"exp", b"nbf", b"iat", b"iss", b"aud", b"sub"]);
    // Seconds below 2^53 are exact as doubles, and dates may have fractions.
    let now = now as f64;
    let leeway = policy.leeway.as_secs() as f64;

    match exp {
        Some(exp) => {
            if now >= date("exp", exp, policy)? + leeway {
                return Err(Error::new(Code::TokenExpired, "the token has expired").at("exp"));
            }
        }
        None if policy.no_expiration => {}
        None => return Err(missing("exp")),
    }
    if let Some(nbf) = nbf
        && date("nbf", nbf, policy)? > now + leeway
    {
        return Err(Error::new(Code::TokenNotYetValid, "the token is not valid yet").at("nbf"));
    }
    let iat = iat.map(|iat| date("iat", iat, policy)).transpose()?;
    if iat.is_some_and(|iat| iat > now + leeway) {
        return Err(Error::new(Code::TokenIssuedInFuture, "the token was issued in the future").at("iat"));
    }
    check_one_of("iss", iss, &policy.issuer, Code::IssuerMismatch)?;
    check_audience(aud, policy)?;
    check_one_of("sub", sub, &policy.subject, Code::SubjectMismatch)?;
    if let Some(name) = policy.required.iter().find(|name| claims.get(name).is_none()) {
        return Err(missing(name));
    }
    if let Some(expected) = &policy.claims {
        for (name, expected) in expected.document().root() {
            check_value(&name.to_str(), claims, expected)?;
        }
    }
    if let Some(age) = policy.max_token_age {
        let iat = iat.ok_or_else(|| missing("iat"))?;
        if now > iat + age.as_secs() as f64 + leeway {
            return Err(Error::new(Code::TokenTooOld, "the token was issued too long ago").at("iat"));
        }
    }
    match policy.profile {
        None => Ok(()),
        Some(profile) => profile.check(claims, policy),
    }
}

/// A NumericDate (RFC 7519 section 2) from 0 up to 2^53.
fn date(name: &'static str, place: Place<'_>, policy: &Policy) -> Result<f64> {
    let seconds = match place.value() {
        Value::Number(number) => match number.as_u64() {
            Some(whole) => whole as f64,
            None => number.as_f64(),
        },
        Value::String(string) if policy.string_dates => {
            let text = string.to_str();
            let digits = !text.is_empty() && text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_digit());
            match text.parse::<f64>() {
                Ok(seconds) if digits => seconds,
                _ => return Err(mistyped(name, "a NumericDate in digits")),
            }
        }
        _ => return Err(mistyped(name, "a number of seconds")),
    };
    if (0.0..MAX_SECONDS as f64).contains(&seconds) {
        return Ok(seconds);
    }
    Err(mistyped(name, "a number of seconds from 0 up to 2^53"))
}

fn check_one_of(name: &'static str, place: Option<Place<'_>>, expected: &[String], code: Code) -> Result<()> {
    if expected.is_empty() {
        return Ok(());
    }
    match place.map(Place::value) {
        None => Err(missing(name)),
        Some(Value::String(found)) if expected.iter().any(|one| found == **one) => Ok(()),
        Some(Value::String(_)) => Err(Error::new(code, format!("the token's {name} is not an expected one")).at(name)),
        Some(_) => Err(mistyped(name, "a string")),
    }
}

/// `aud` is a string or a list of strings, nothing else (RFC 7519 section 4.1.3), whether or not one is expected.
fn check_audience(place: Option<Place<'_>>, policy: &Policy) -> Result<()> {
    let is_expected = |found: Value<'_>| match found {
        Value::String(found) => Ok(policy.audience.iter().any(|one| found == **one)),
        _ => Err(mistyped("aud", "a string or a list of strings")),
    };
    let fits = match place.map(Place::value) {
        None if policy.audience.is_empty() => return Ok(()),
        None => return Err(missing("aud")),
        Some(Value::Array(list)) => {
            // Every element is looked at, so that a wrong type behind the expected name is found too.
            list.map(is_expected).try_fold(false, |any, one| Ok(one? || any))?
        }
        Some(one) => is_expected(one)?,
    };
    if fits || policy.any_audience {
        return Ok(());
    }
    let message = if policy.audience.is_empty() {
        "the token is meant for an audience, and the policy names none"
    } else {
        "the token is meant for another audience"
    };
    Err(Error::new(Code::AudienceMismatch, message).at("aud"))
}

/// A token of any tenant of Microsoft's: its `iss` is that of its `tid`, and the key is one of that issuer's.
pub(super) fn check_tenant(claims: Document<'_>, template: &str, key_issuers: &[String]) -> Result<()> {
    let text = |name: &'static str| match claims.get(name) {
        None => Err(missing(name)),
        Some(Value::String(text)) => Ok(text.to_str()),
        Some(_) => Err(mistyped(name, "a string")),
    };
    let mismatch = |message: &'static str| Error::new(Code::IssuerMismatch, message).at("iss");
    let (issuer, tenant) = (text("iss")?, text("tid")?);
    if Issuer::of_tenant(template, &tenant).is_none_or(|expected| *expected != *issuer) {
        return Err(mismatch("the token's iss is not that of its tid"));
    }
    if key_issuers.iter().any(|of| *of == *template || **of == *issuer) {
        return Ok(());
    }
    Err(mismatch(if key_issuers.is_empty() {
        "the key does not say which issuer it is for"
    } else {
        "the key is another tenant's"
    }))
}

/// JSON equality; a list of expected values means any of them.
fn check_value(name: &str, claims: Document<'_>, expected: Value<'_>) -> Result<()> {
    let found = claims.get(name).ok_or_else(|| missing(name))?;
    let fits = match expected {
        Value::Array(mut any_of) => any_of.any(|one| one == found),
        one => one == found,
    };
    if fits {
        return Ok(());
    }
    Err(Error::new(Code::ClaimMismatch, format!("the token's {} does not have an expected value", Excerpt(name)))
        .at(name.to_owned()))
}

#[cold]
fn missing(name: &str) -> Error {
    Error::new(Code::ClaimMissing, format!("the token has no {name:.64}, and the policy asks for it"))
        .at(name.to_owned())
}

#[cold]
fn mistyped(name: &'static str, expected: &str) -> Error {
    Error::new(Code::ClaimType, format!("the token's {name} is not {expected}")).at(name)
}
