//! What an ID token must say beyond what its verifier checks: that it is the answer to this login.

use subtle::ConstantTimeEq;

use crate::algorithm::Algorithm;
use crate::crypto::{sha256, sha384, sha512};
use crate::encoding::base64url;
use crate::encoding::json::{Document, Parsed, Value};
use crate::error::{Code, Error, Result};
use crate::jwt::Token;
use crate::oauth::Inner;
use crate::operation::Outside;

/// What a login asked for.
#[derive(Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// None: it was not sent.
    pub(crate) nonce: Option<&'a str>,
    pub(crate) max_age: Option<i64>,
    pub(crate) acr_values: &'a [String],
    /// In seconds.
    pub(crate) leeway: i64,
}

impl Inner {
    /// The signature and the claims that every ID token of this client's has.
    pub(crate) async fn verify_id_token(&self, token: &str, outside: &Outside, deadline: u64) -> Result<Token> {
        let verifiers = self.verifiers().ok_or_else(|| {
            let message = "the client knows no keys to verify ID tokens with: set issuer, or issuer and jwks_uri";
            Error::invalid_argument("issuer", message)
        })?;
        outside.run(verifiers.id_token.fetching(token.as_bytes().to_vec(), None, deadline)).await
    }
}

/// OpenID Connect Core 1.0 section 3.1.3.7, rules 11 to 13.
pub(crate) fn check(token: &Token, expected: &Expected<'_>, now: i64) -> Result<()> {
    let claims = token.claims();
    if let Some(nonce) = expected.nonce {
        let found = string(claims, "nonce")?.ok_or_else(|| missing("nonce"))?;
        if !bool::from(found.as_bytes().ct_eq(nonce.as_bytes())) {
            return Err(mismatch("nonce", "the ID token is of another login"));
        }
    }
    if let Some(max_age) = expected.max_age {
        let at = match claims.get("auth_time") {
            Some(Value::Number(number)) => number.as_f64(),
            Some(_) => return Err(mistyped("auth_time", "a number of seconds")),
            None => return Err(missing("auth_time")),
        };
        // Seconds below 2^53 are exact as doubles.
        let (now, leeway) = (now as f64, expected.leeway as f64);
        if at > now + leeway {
            return Err(Error::new(Code::TokenIssuedInFuture, "the user authenticated in the future").at("auth_time"));
        }
        if now > at + max_age as f64 + leeway {
            return Err(
                Error::new(Code::TokenTooOld, "the user authenticated longer ago than was asked for").at("auth_time")
            );
        }
    }
    if !expected.acr_values.is_empty() {
        let found = string(claims, "acr")?.ok_or_else(|| missing("acr"))?;
        if !expected.acr_values.contains(&found) {
            return Err(mismatch("acr", "the user authenticated in another way than was asked for"));
        }
    }
    Ok(())
}

/// Checks `at_hash` or `c_hash`: the left half of the hash of what came with the token (section 3.1.3.6).
pub(crate) fn check_hash(token: &Token, name: &'static str, of: &str, is_required: bool) -> Result<()> {
    let Some(found) = string(token.claims(), name)? else {
        return if is_required { Err(missing(name)) } else { Ok(()) };
    };
    let algorithm = token.header().get("alg").and_then(Value::as_str).and_then(|name| name.to_str().parse().ok());
    let hash = match algorithm {
        Some(Algorithm::HS384 | Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384) => {
            sha384(of.as_bytes()).to_vec()
        }
        // Ed25519 hashes with SHA-512 (RFC 8032 section 5.1).
        Some(
            Algorithm::HS512
            | Algorithm::RS512
            | Algorithm::PS512
            | Algorithm::ES512
            | Algorithm::EdDSA
            | Algorithm::Ed25519,
        ) => sha512(of.as_bytes()).to_vec(),
        _ => sha256(of.as_bytes()).to_vec(),
    };
    let half = hash.get(..hash.len() / 2).unwrap_or_default();
    if bool::from(base64url::encode(half).as_bytes().ct_eq(found.as_bytes())) {
        return Ok(());
    }
    Err(mismatch(name, "the ID token was issued with something else than came with it"))
}

/// The two ID tokens of a hybrid flow are of one user (section 3.3.3.6).
pub(crate) fn check_same(front: &Token, back: &Token) -> Result<()> {
    check_same_user(front.claims(), back.claims())
}

/// An ID token that came with a refresh is of the same user and login as the one before (section 12.2).
pub(crate) fn check_refreshed(before: Document<'_>, after: Document<'_>) -> Result<()> {
    check_same_user(before, after)?;
    match (before.get("nonce"), after.get("nonce")) {
        (Some(before), Some(after)) if before != after => Err(mismatch("nonce", "the ID token is of another login")),
        _ => Ok(()),
    }
}

/// Two ID tokens are of one user at one issuer.
fn check_same_user(before: Document<'_>, after: Document<'_>) -> Result<()> {
    let same = |name: &str| before.get(name).is_none_or(|before| after.get(name).is_some_and(|after| before == after));
    if !same("iss") {
        return Err(Error::new(Code::IssuerMismatch, "the ID token is of another issuer than the one before").at("iss"));
    }
    if !same("sub") {
        return Err(Error::new(Code::SubjectMismatch, "the ID token is another user's than the one before").at("sub"));
    }
    Ok(())
}

/// The claims, to be kept.
pub(crate) fn claims(token: &Token) -> Result<Parsed> {
    Parsed::new(token.claims_json().to_owned()).map_err(|_| Error::internal("claims that were read are read again"))
}

fn string(claims: Document<'_>, name: &'static str) -> Result<Option<String>> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.to_str().into_owned())),
        Some(_) => Err(mistyped(name, "a string")),
    }
}

fn missing(name: &'static str) -> Error {
    Error::new(Code::ClaimMissing, format!("the ID token has no {name}, and the login asked for it")).at(name)
}

fn mistyped(name: &'static str, expected: &str) -> Error {
    Error::new(Code::ClaimType, format!("the ID token's {name} is not {expected}")).at(name)
}

fn mismatch(name: &'static str, message: &'static str) -> Error {
    Error::new(Code::ClaimMismatch, message).at(name)
}
