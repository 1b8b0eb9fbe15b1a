//! Kinds of tokens whose specifications ask for more than RFC 7519 does.

use super::policy::Policy;
use crate::encoding::json::{Document, Value};
use crate::error::{Code, Error, Excerpt, Result};
use crate::jws::header::Header;

/// The event that makes a token one for logging out (OpenID Connect Back-Channel Logout 1.0 section 2.4).
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// No `sub` is longer (OpenID Connect Core 1.0 section 2).
const MOST_SUBJECT_BYTES: usize = 255;

/// A kind of token, so that one kind is never taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// An ID token: who logged in, said to one client (OpenID Connect Core 1.0 section 2).
    IdToken,
    /// A logout token: who logged out (OpenID Connect Back-Channel Logout 1.0 section 2.4).
    LogoutToken,
}

impl Profile {
    const ALL: [Self; 2] = [Self::IdToken, Self::LogoutToken];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::IdToken => "id_token",
            Self::LogoutToken => "logout_token",
        }
    }

    pub(super) fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            let message = format!("profile {} is not known; there are {known}", Excerpt(name));
            Error::invalid_argument("profile", message)
        })
    }

    /// The header's `typ` may be missing or `JWT`, for most issuers write nothing better; what says that it is another
    /// kind is.
    pub(super) fn check_type(self, header: &Header<'_>) -> Result<()> {
        let types: &[&str] = match self {
            Self::IdToken => &["JWT"],
            Self::LogoutToken => &["JWT", "logout+jwt"],
        };
        header.check_type_if_present(types)
    }

    /// The claims that the kind needs, after those that every token is judged by.
    pub(super) fn check(self, claims: Document<'_>, policy: &Policy) -> Result<()> {
        for name in ["iss", "aud", "iat"] {
            claims.get(name).ok_or_else(|| missing(name))?;
        }
        match self {
            Self::IdToken => check_id_token(claims, policy),
            Self::LogoutToken => check_logout_token(claims),
        }
    }
}

fn check_id_token(claims: Document<'_>, policy: &Policy) -> Result<()> {
    subject(claims)?.ok_or_else(|| missing("sub"))?;
    let audiences = match claims.get("aud") {
        Some(Value::Array(list)) => list.len(),
        _ => 1,
    };
    match claims.get("azp") {
        Some(Value::String(azp)) if policy.audience.iter().any(|one| azp == **one) => Ok(()),
        Some(Value::String(_)) => Err(mismatch("azp", "the ID token was issued to another client")),
        Some(_) => Err(mistyped("azp", "a string")),
        // OpenID Connect Core 1.0 section 3.1.3.7, rules 4 and 5: with several audiences, azp says which of them asked
        // for it.
        None if audiences > 1 => Err(missing("azp")),
        None => Ok(()),
    }
}

fn check_logout_token(claims: Document<'_>) -> Result<()> {
    let has_session = match claims.get("sid") {
        None => false,
        Some(Value::String(sid)) if !sid.raw().is_empty() => true,
        Some(_) => return Err(mistyped("sid", "a string that is not empty")),
    };
    if subject(claims)?.is_none() && !has_session {
        return Err(missing("sub"));
    }
    match claims.get("jti") {
        Some(Value::String(jti)) if !jti.raw().is_empty() => {}
        Some(_) => return Err(mistyped("jti", "a string that is not empty")),
        None => return Err(missing("jti")),
    }
    match claims.get("events") {
        Some(Value::Object(events)) => match events.get(LOGOUT_EVENT) {
            Some(Value::Object(_)) => {}
            _ => return Err(mismatch("events", "the token's events do not have the one of logging out")),
        },
        Some(_) => return Err(mistyped("events", "an object")),
        None => return Err(missing("events")),
    }
    // So that a logout token is never taken for an ID token.
    match claims.get("nonce") {
        Some(_) => Err(mismatch("nonce", "a logout token has no nonce")),
        None => Ok(()),
    }
}

/// The `sub`, if it is there.
fn subject(claims: Document<'_>) -> Result<Option<()>> {
    match claims.get("sub") {
        None => Ok(None),
        Some(Value::String(sub)) if (1..=MOST_SUBJECT_BYTES).contains(&sub.to_str().len()) => Ok(Some(())),
        Some(_) => Err(mistyped("sub", "a string of 1 to 255 bytes")),
    }
}

#[cold]
fn missing(name: &'static str) -> Error {
    Error::new(Code::ClaimMissing, format!("the token has no {name}, and a token of its kind has one")).at(name)
}

#[cold]
fn mistyped(name: &'static str, expected: &str) -> Error {
    Error::new(Code::ClaimType, format!("the token's {name} is not {expected}")).at(name)
}

#[cold]
fn mismatch(name: &'static str, message: &'static str) -> Error {
    Error::new(Code::ClaimMismatch, message).at(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::Parsed;

    fn check(profile: &str, claims: &str) -> Result<()> {
        let policy = Policy::from_json(r#"{"audience":"app"}"#).unwrap();
        Profile::from_name(profile).unwrap().check(Parsed::new(claims.to_owned()).unwrap().document(), &policy)
    }

    #[test]
    fn id_tokens() {
        let good = r#"{"iss":"i","aud":"app","iat":1,"sub":"alice""#;
        check("id_token", &format!("{good}}}")).unwrap();
        check("id_token", &format!(r#"{good},"azp":"app"}}"#)).unwrap();
        check("id_token", r#"{"iss":"i","aud":["app","api"],"azp":"app","iat":1,"sub":"alice"}"#).unwrap();
        for (claims, code, field) in [
            (r#"{"aud":"app","iat":1,"sub":"a"}"#, Code::ClaimMissing, "iss"),
            (r#"{"iss":"i","iat":1,"sub":"a"}"#, Code::ClaimMissing, "aud"),
            (r#"{"iss":"i","aud":"app","sub":"a"}"#, Code::ClaimMissing, "iat"),
            (r#"{"iss":"i","aud":"app","iat":1}"#, Code::ClaimMissing, "sub"),
            (r#"{"iss":"i","aud":"app","iat":1,"sub":""}"#, Code::ClaimType, "sub"),
            (r#"{"iss":"i","aud":"app","iat":1,"sub":7}"#, Code::ClaimType, "sub"),
            (r#"{"iss":"i","aud":["app","api"],"iat":1,"sub":"a"}"#, Code::ClaimMissing, "azp"),
            (r#"{"iss":"i","aud":"app","azp":"other","iat":1,"sub":"a"}"#, Code::ClaimMismatch, "azp"),
            (r#"{"iss":"i","aud":"app","azp":["app"],"iat":1,"sub":"a"}"#, Code::ClaimType, "azp"),
        ] {
            let error = check("id_token", claims).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, Some(field)), "{claims}");
        }
    }

    #[test]
    fn logout_tokens() {
        let token = |members: &str| {
            let events = format!(r#""events":{{"{LOGOUT_EVENT}":{{}}}}"#);
            check("logout_token", &format!(r#"{{"iss":"i","aud":"app","iat":1,{members}}}"#).replace("EVENTS", &events))
        };
        token(r#""jti":"1","sub":"alice",EVENTS"#).unwrap();
        token(r#""jti":"1","sid":"7",EVENTS"#).unwrap();
        for (members, code, field) in [
            (r#""jti":"1",EVENTS"#, Code::ClaimMissing, "sub"),
            (r#""jti":"1","sid":7,EVENTS"#, Code::ClaimType, "sid"),
            (r#""sub":"a",EVENTS"#, Code::ClaimMissing, "jti"),
            (r#""jti":"1","sub":"a""#, Code::ClaimMissing, "events"),
            (r#""jti":"1","sub":"a","events":{"other":{}}"#, Code::ClaimMismatch, "events"),
            (r#""jti":"1","sub":"a","events":[]"#, Code::ClaimType, "events"),
            (r#""jti":"1","sub":"a","nonce":"n",EVENTS"#, Code::ClaimMismatch, "nonce"),
        ] {
            let error = token(members).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, Some(field)), "{members}");
        }
    }
}
