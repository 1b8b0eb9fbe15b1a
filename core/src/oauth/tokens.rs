//! What a provider grants.

use std::fmt;

use zeroize::Zeroizing;

use crate::encoding::json::{Document, Parsed, Value};
use crate::encoding::json_write::member;
use crate::error::{Error, Result};
use crate::options;

const WHAT: &str = "tokens";

const BEARER: &str = "Bearer";

/// The tokens of a login or a refresh (RFC 6749 section 5.1), and what came with them.
///
/// Its texts are secrets but for the claims: they are wiped when it is dropped, and `Debug` shows none.
#[derive(Clone)]
pub struct Tokens {
    pub(super) access_token: Zeroizing<String>,
    pub(super) token_type: String,
    pub(super) refresh_token: Option<Zeroizing<String>>,
    pub(super) expires_at: Option<i64>,
    pub(super) scope: Vec<String>,
    pub(super) id_token: Option<Zeroizing<String>>,
    pub(super) claims: Option<Parsed>,
    pub(super) name: Option<String>,
    pub(super) leniencies: Vec<String>,
    pub(super) return_to: Option<String>,
    pub(super) clear_cookie: Option<String>,
}

impl Tokens {
    /// The access token.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access_token
    }

    /// How to present it: `Bearer` (RFC 6750).
    #[must_use]
    pub fn token_type(&self) -> &str {
        &self.token_type
    }

    /// The refresh token, if there is one.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_ref().map(|token| token.as_str())
    }

    /// When the access token ends, in seconds since 1970; none if the provider does not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<i64> {
        self.expires_at
    }

    /// What was granted: it need not be what was asked for.
    #[must_use]
    pub fn scope(&self) -> &[String] {
        &self.scope
    }

    /// The ID token as it came, to be handed back at logout.
    #[must_use]
    pub fn id_token(&self) -> Option<&str> {
        self.id_token.as_ref().map(|token| token.as_str())
    }

    /// The claims of the ID token, which was verified.
    #[must_use]
    pub fn claims(&self) -> Option<Document<'_>> {
        self.claims.as_ref().map(Parsed::document)
    }

    /// The user's name as the first callback of a user said it (Apple): the browser brought it, and nobody signed it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Harmless deviations from the specifications that the provider's answer had.
    #[must_use]
    pub fn leniencies(&self) -> &[String] {
        &self.leniencies
    }

    /// Where the user was going: a path of this site. After a login only.
    #[must_use]
    pub fn return_to(&self) -> Option<&str> {
        self.return_to.as_deref()
    }

    /// The `Set-Cookie` value that removes the login's cookie. After a login that was finished from cookies only.
    #[must_use]
    pub fn clear_cookie(&self) -> Option<&str> {
        self.clear_cookie.as_deref()
    }

    /// The value of an `Authorization` header.
    #[must_use]
    pub fn authorization(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{} {}", self.token_type, self.access_token.as_str()))
    }

    /// A JSON object of all this, to be kept where secrets are.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let list = |list: &[String]| serde_json::Value::from(list).to_string();
        let mut members =
            vec![member("access_token", &text(&self.access_token)), member("token_type", &text(&self.token_type))];
        let secret = |value: &Option<Zeroizing<String>>| value.as_ref().map(|value| text(value));
        let plain = |value: &Option<String>| value.as_ref().map(|value| text(value));
        let parsed = |value: &Option<Parsed>| value.as_ref().map(|value| value.document().text().to_owned());
        for (name, value) in [
            ("refresh_token", secret(&self.refresh_token)),
            ("expires_at", self.expires_at.map(|at| at.to_string())),
            ("scope", Some(list(&self.scope))),
            ("id_token", secret(&self.id_token)),
            ("claims", parsed(&self.claims)),
            ("name", plain(&self.name)),
            ("leniencies", Some(list(&self.leniencies))),
            ("return_to", plain(&self.return_to)),
            ("clear_cookie", plain(&self.clear_cookie)),
        ] {
            members.extend(value.map(|value| member(name, &value)));
        }
        Zeroizing::new(format!("{{{}}}", members.join(",")))
    }

    /// Reads what [`Tokens::to_json`] wrote. It is believed: claims are not verified again. Members that are not known
    /// are passed over, for a later version may have written it.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT`: the field names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, WHAT)?;
        let document = parsed.document();
        let text = |name: &'static str| document.get(name).map(|value| options::string(name, value)).transpose();
        let list = |name: &'static str| match document.get(name) {
            Some(Value::Array(list)) => list.map(|one| options::string(name, one)).collect::<Result<Vec<_>>>(),
            None => Ok(Vec::new()),
            Some(other) => Err(options::wrong(name, "a list of strings", other)),
        };
        let object = |name: &'static str| document.get(name).map(|value| options::object(name, value)).transpose();
        let access_token =
            text("access_token")?.ok_or_else(|| Error::invalid_argument("access_token", "access_token is missing"))?;
        let expires_at = match document.get("expires_at") {
            None => None,
            Some(value) => Some(options::instant("expires_at", value)?),
        };
        Ok(Self {
            access_token: Zeroizing::new(visible("access_token", access_token)?),
            token_type: text("token_type")?.map_or(Ok(BEARER), |found| bearer(&found))?.to_owned(),
            refresh_token: text("refresh_token")?
                .map(|token| visible("refresh_token", token))
                .transpose()?
                .map(Zeroizing::new),
            expires_at,
            scope: list("scope")?,
            id_token: text("id_token")?.map(Zeroizing::new),
            claims: object("claims")?,
            name: text("name")?,
            leniencies: list("leniencies")?,
            return_to: text("return_to")?,
            clear_cookie: text("clear_cookie")?,
        })
    }

    /// The `sub` of the ID token.
    pub(crate) fn subject(&self) -> Option<String> {
        Some(self.claims()?.get("sub")?.as_str()?.to_str().into_owned())
    }
}

/// A token goes into a header: RFC 6749 appendix A has visible characters for it.
fn visible(name: &'static str, token: String) -> Result<String> {
    if token.bytes().all(|byte| (0x21..0x7f).contains(&byte)) {
        return Ok(token);
    }
    Err(Error::invalid_argument(name, format!("{name} must be visible ASCII characters")))
}

fn bearer(found: &str) -> Result<&'static str> {
    if found.eq_ignore_ascii_case(BEARER) {
        return Ok(BEARER);
    }
    Err(Error::invalid_argument("token_type", "token_type must be Bearer"))
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Tokens")
            .field("token_type", &self.token_type)
            .field("expires_at", &self.expires_at)
            .field("scope", &self.scope)
            .field("has_refresh_token", &self.refresh_token.is_some())
            .field("has_id_token", &self.id_token.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_survive_their_document() {
        let text = r#"{"access_token":"a\"t","token_type":"Bearer","refresh_token":"r","expires_at":1700000000,"scope":["openid"],"id_token":"i","claims":{"sub":"alice","n":1.50},"name":"Ada","leniencies":["string_expires_in"],"return_to":"/","clear_cookie":"c"}"#;
        let tokens = Tokens::from_json(text).unwrap();
        assert_eq!(*tokens.to_json(), text);
        assert_eq!(*tokens.authorization(), "Bearer a\"t");
        assert_eq!(tokens.subject().as_deref(), Some("alice"));
        let later = text.replace("{\"access", "{\"later\":1,\"access");
        assert_eq!(*Tokens::from_json(&later).unwrap().to_json(), text);
        let shown = format!("{tokens:?}");
        assert!(!shown.contains("a\"t") && !shown.contains("\"r\"") && !shown.contains("\"i\""), "{shown}");
    }

    #[test]
    fn bad_documents() {
        for (text, field) in [
            ("{}", "access_token"),
            (r#"{"access_token":""}"#, "access_token"),
            (r#"{"access_token":"a","expires_at":"soon"}"#, "expires_at"),
            (r#"{"access_token":"a","scope":"openid"}"#, "scope"),
            (r#"{"access_token":"a\r\nX-Evil: 1"}"#, "access_token"),
            (r#"{"access_token":"a","refresh_token":"b c"}"#, "refresh_token"),
            (r#"{"access_token":"a","token_type":"DPoP"}"#, "token_type"),
        ] {
            assert_eq!(Tokens::from_json(text).unwrap_err().field(), Some(field), "{text}");
        }
    }
}
