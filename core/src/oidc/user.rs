//! The user, in one shape for every provider.

use std::fmt;

use crate::encoding::json::{Document, Parsed, Value};
use crate::encoding::json_write::member;
use crate::error::{Code, Error, Result};
use crate::options;

/// No subject is longer (OpenID Connect Core 1.0 section 2).
const MOST_SUBJECT: usize = 255;

/// No address is longer (RFC 5321 section 4.5.3.1).
const MOST_EMAIL: usize = 320;

/// No name or URL of a picture is kept at greater length, in bytes.
const MOST_TEXT: usize = 2048;

const MEMBERS: &[&str] = &["subject", "subject_is_number", "email", "email_verified", "name", "picture", "emails_path"];

/// Who the user is, as the provider says.
///
/// Only the subject identifies a user, and only together with the provider: addresses and names change hands.
pub struct User {
    subject: String,
    email: Option<String>,
    email_verified: Option<bool>,
    name: Option<String>,
    picture: Option<String>,
    claims: Parsed,
}

/// Where a provider's own document has what a [`User`] consists of. A path is the names of members, with dots between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UserMapping {
    subject: String,
    /// The subject is an integer, which becomes its decimal digits.
    subject_is_number: bool,
    email: Option<String>,
    email_verified: Option<String>,
    /// The first of these that has text.
    name: Vec<String>,
    /// A path, or a URL with `{path}` in it.
    picture: Option<String>,
    /// Where the list of the user's addresses is, if the document itself says too little of them.
    emails_path: Option<String>,
}

impl User {
    /// Reads a document of the provider's: claims of an ID token, or an answer of the userinfo endpoint. `emails` is
    /// what [`UserMapping::emails_path`] answered, as the member `list`.
    ///
    /// A subject that is missing or of another type is `ERR_RESPONSE_INVALID`. All else is optional: what cannot be
    /// used is as good as missing.
    pub(crate) fn from_claims(claims: Parsed, mapping: &UserMapping, emails: Option<Document<'_>>) -> Result<Self> {
        let document = claims.document();
        let subject = mapping.subject(document)?;
        let at = |path: &Option<String>| path.as_deref().and_then(|path| lookup(document, path));
        let (email, email_verified) = match emails.and_then(primary_email) {
            Some((email, is_verified)) => (Some(email), Some(is_verified)),
            None => {
                let email = at(&mapping.email).and_then(|value| text(value, MOST_EMAIL));
                // It says something of the address only.
                let is_verified = email.as_ref().and_then(|_| at(&mapping.email_verified)).and_then(truth);
                (email, is_verified)
            }
        };
        let names = mapping.name.iter().filter_map(|path| lookup(document, path));
        let name = names.filter_map(|value| text(value, MOST_TEXT)).find(|name| !name.trim().is_empty());
        let picture = mapping.picture.as_deref().and_then(|path| picture(document, path));
        Ok(Self { subject, email, email_verified, name, picture, claims })
    }

    /// With this name, if the provider's document has none.
    pub(crate) fn or_named(mut self, name: Option<&str>) -> Self {
        self.name = self.name.or_else(|| name.map(str::to_owned));
        self
    }

    /// What identifies the user at this provider, for ever.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The address.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// Whether the provider has checked that the address is the user's; none if it does not say.
    #[must_use]
    pub fn email_verified(&self) -> Option<bool> {
        self.email_verified
    }

    /// The name to show.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The URL of a picture: http or https.
    #[must_use]
    pub fn picture(&self) -> Option<&str> {
        self.picture.as_deref()
    }

    /// All that the provider says, in its own words.
    #[must_use]
    pub fn claims(&self) -> Document<'_> {
        self.claims.document()
    }

    /// One JSON object with the members `subject`, `email`, `email_verified`, `name`, `picture`, as far as they are
    /// there, and `claims`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let quoted = |text: &String| serde_json::Value::from(text.as_str()).to_string();
        let members = [
            Some(("subject", quoted(&self.subject))),
            self.email.as_ref().map(|email| ("email", quoted(email))),
            self.email_verified.map(|verified| ("email_verified", verified.to_string())),
            self.name.as_ref().map(|name| ("name", quoted(name))),
            self.picture.as_ref().map(|picture| ("picture", quoted(picture))),
            Some(("claims", self.claims().text().to_owned())),
        ];
        let members: Vec<String> = members.into_iter().flatten().map(|(name, json)| member(name, &json)).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// Personal data stays out of logs.
impl fmt::Debug for User {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("User").finish_non_exhaustive()
    }
}

impl Default for UserMapping {
    /// The standard claims (OpenID Connect Core 1.0 section 5.1).
    fn default() -> Self {
        let path = |name: &str| name.to_owned();
        Self {
            subject: path("sub"),
            subject_is_number: false,
            email: Some(path("email")),
            email_verified: Some(path("email_verified")),
            name: vec![path("name")],
            picture: Some(path("picture")),
            emails_path: None,
        }
    }
}

impl UserMapping {
    /// Reads a profile's mapping. What it does not name, the provider does not have.
    pub(crate) fn from_document(document: Document<'_>) -> Result<Self> {
        let mut mapping = Self {
            subject: String::new(),
            subject_is_number: false,
            email: None,
            email_verified: None,
            name: Vec::new(),
            picture: None,
            emails_path: None,
        };
        options::each(document, |name, value| {
            match name {
                "subject" => mapping.subject = options::string(name, value)?,
                "subject_is_number" => mapping.subject_is_number = options::flag(name, value)?,
                "email" => mapping.email = Some(options::string(name, value)?),
                "email_verified" => mapping.email_verified = Some(options::string(name, value)?),
                "name" => mapping.name = options::strings(name, value)?,
                "picture" => mapping.picture = Some(options::string(name, value)?),
                "emails_path" => mapping.emails_path = Some(options::string(name, value)?),
                _ => return Err(options::unknown(name, MEMBERS, "the user mapping")),
            }
            Ok(())
        })?;
        if mapping.subject.is_empty() {
            return Err(Error::invalid_argument("subject", "the user mapping has no subject"));
        }
        Ok(mapping)
    }

    /// Where to ask for the user's addresses, too: below the endpoint for the user. The answer is an array.
    pub(crate) fn emails_path(&self) -> Option<&str> {
        self.emails_path.as_deref()
    }

    fn subject(&self, document: Document<'_>) -> Result<String> {
        let wrong = |problem: &str| {
            let message = format!("the user's {} {problem}", self.subject);
            Error::new(Code::ResponseInvalid, message).at(self.subject.clone())
        };
        match lookup(document, &self.subject) {
            None => Err(wrong("is missing")),
            Some(Value::Number(number)) if self.subject_is_number => match number.as_u64() {
                Some(number) => Ok(number.to_string()),
                None => Err(wrong("is not a whole number")),
            },
            // One that is cut would be another user's.
            Some(value @ Value::String(_)) if !self.subject_is_number => text(value, MOST_SUBJECT)
                .ok_or_else(|| wrong("is empty, longer than 255 bytes, or has control characters")),
            Some(other) => Err(wrong(&format!("is {}", other.type_name()))),
        }
    }
}

/// The name in the `user` parameter that Apple adds to a user's first callback. The browser brings it, and nobody
/// signed it: it is good for a greeting, and says nothing of who the user is.
pub(crate) fn name_in_callback(user: &str) -> Option<String> {
    let parsed = Parsed::new(user.to_owned()).ok()?;
    let part = |path| lookup(parsed.document(), path).and_then(|value| text(value, MOST_TEXT));
    let parts: Vec<String> = ["name.firstName", "name.lastName"].into_iter().filter_map(part).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn lookup<'a>(document: Document<'a>, path: &str) -> Option<Value<'a>> {
    path.split('.').try_fold(Value::Object(document.root()), |value, name| match value {
        Value::Object(members) => members.get(name),
        _ => None,
    })
}

/// A text that is not empty, not longer than this, and without control characters.
fn text(value: Value<'_>, most: usize) -> Option<String> {
    let text = value.as_str()?.to_str();
    let is_usable = !text.is_empty() && text.len() <= most && !text.contains(char::is_control);
    is_usable.then(|| text.into_owned())
}

/// Apple writes its truth as a string.
fn truth(value: Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(truth),
        Value::String(text) if text == "true" => Some(true),
        Value::String(text) if text == "false" => Some(false),
        _ => None,
    }
}

/// A URL that a page may show: one of another scheme could be a script.
fn picture(document: Document<'_>, path: &str) -> Option<String> {
    let url = if path.contains('{') {
        filled(document, path)?
    } else {
        match lookup(document, path)? {
            // Facebook.
            Value::Object(members) => match members.get("data")? {
                Value::Object(data) => text(data.get("url")?, MOST_TEXT)?,
                _ => return None,
            },
            value => text(value, MOST_TEXT)?,
        }
    };
    let is_of = |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    (is_of("https://") || is_of("http://")).then_some(url)
}

/// A URL with its `{path}`s filled in, each of which must be a plain word.
fn filled(document: Document<'_>, url: &str) -> Option<String> {
    let mut pieces = url.split('{');
    let mut filled = pieces.next()?.to_owned();
    for piece in pieces {
        let (path, rest) = piece.split_once('}')?;
        let word = text(lookup(document, path)?, MOST_TEXT)?;
        if !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            return None;
        }
        filled.push_str(&word);
        filled.push_str(rest);
    }
    Some(filled)
}

/// The primary address of a list of GitHub's, and whether it is verified.
fn primary_email(emails: Document<'_>) -> Option<(String, bool)> {
    let Value::Array(mut list) = emails.get("list")? else { return None };
    list.find_map(|entry| {
        let Value::Object(entry) = entry else { return None };
        let is = |name| matches!(entry.get(name), Some(Value::Bool(true)));
        if !is("primary") {
            return None;
        }
        Some((text(entry.get("email")?, MOST_EMAIL)?, is("verified")))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(json: &str) -> Parsed {
        Parsed::new(json.to_owned()).unwrap()
    }

    fn mapping(json: &str) -> UserMapping {
        UserMapping::from_document(parsed(json).document()).unwrap()
    }

    fn user(json: &str) -> User {
        User::from_claims(parsed(json), &UserMapping::default(), None).unwrap()
    }

    #[test]
    fn standard_claims() {
        let json = r#"{"sub":"u-1","email":"ann@x.example","email_verified":true,"name":"Ann \"A\"",
            "picture":"https://x.example/a.png","other":1}"#;
        let user = user(json);
        assert_eq!((user.subject(), user.email(), user.email_verified()), ("u-1", Some("ann@x.example"), Some(true)));
        assert_eq!((user.name(), user.picture()), (Some("Ann \"A\""), Some("https://x.example/a.png")));
        assert_eq!(user.claims().text(), json);
        let written: serde_json::Value = serde_json::from_str(&user.to_json()).unwrap();
        let expected = serde_json::json!({
            "subject": "u-1", "email": "ann@x.example", "email_verified": true, "name": "Ann \"A\"",
            "picture": "https://x.example/a.png", "claims": serde_json::from_str::<serde_json::Value>(json).unwrap(),
        });
        assert_eq!(written, expected);
        assert_eq!(format!("{user:?}"), "User { .. }");
    }

    #[test]
    fn what_is_missing_stays_missing() {
        let user = user(r#"{"sub":"u-1"}"#);
        assert_eq!((user.email(), user.email_verified(), user.name(), user.picture()), (None, None, None, None));
        assert_eq!(user.to_json(), r#"{"subject":"u-1","claims":{"sub":"u-1"}}"#);
    }

    #[test]
    fn a_subject_is_needed_and_never_cut() {
        let long = format!(r#"{{"sub":"{}"}}"#, "s".repeat(256));
        for json in [
            "{}",
            r#"{"sub":null}"#,
            r#"{"sub":""}"#,
            r#"{"sub":7}"#,
            r#"{"sub":["a"]}"#,
            r#"{"sub":"a\u0000"}"#,
            &long,
        ] {
            let error = User::from_claims(parsed(json), &UserMapping::default(), None).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::ResponseInvalid, Some("sub")), "{json}");
        }
        let numbers = mapping(r#"{"subject":"data.id","subject_is_number":true}"#);
        let read = |json| User::from_claims(parsed(json), &numbers, None).map(|user| user.subject().to_owned());
        assert_eq!(read(r#"{"data":{"id":583231}}"#).unwrap(), "583231");
        assert_eq!(read(r#"{"data":{"id":18446744073709551615}}"#).unwrap(), "18446744073709551615");
        for json in [
            r#"{"data":{"id":"583231"}}"#,
            r#"{"data":{"id":1.0}}"#,
            r#"{"data":{"id":-1}}"#,
            r#"{"data":{"id":18446744073709551616}}"#,
            r#"{"data":7}"#,
            r#"{"id":7}"#,
        ] {
            assert_eq!(read(json).unwrap_err().field(), Some("data.id"), "{json}");
        }
    }

    #[test]
    fn the_rest_is_dropped_when_it_cannot_be_used() {
        for (verified, expected) in [
            ("true", Some(true)),
            ("false", Some(false)),
            ("\"true\"", Some(true)),
            ("\"false\"", Some(false)),
            ("\"True\"", None),
            ("1", None),
            ("null", None),
            ("{}", None),
        ] {
            let json = format!(r#"{{"sub":"u","email":"a@x.example","email_verified":{verified}}}"#);
            assert_eq!(user(&json).email_verified(), expected, "{verified}");
        }
        let long = format!("\"{}\"", "a".repeat(MOST_TEXT + 1));
        for wrong in ["null", "7", "[]", "{}", "\"\"", r#""a\u0007""#, &long] {
            let json =
                format!(r#"{{"sub":"u","email":{wrong},"email_verified":true,"name":{wrong},"picture":{wrong}}}"#);
            let user = user(&json);
            assert_eq!((user.email(), user.email_verified()), (None, None), "{wrong}");
            assert_eq!((user.name(), user.picture()), (None, None), "{wrong}");
        }
        for wrong in ["javascript:alert(1)", "data:image/png,x", "//x.example/a", "a.png", "\u{e9}\u{e9}\u{e9}\u{e9}"] {
            assert_eq!(user(&format!(r#"{{"sub":"u","picture":"{wrong}"}}"#)).picture(), None, "{wrong}");
        }
        assert_eq!(user(r#"{"sub":"u","picture":"HTTPS://x.example/a"}"#).picture(), Some("HTTPS://x.example/a"));
    }

    #[test]
    fn pictures_of_facebook_and_discord() {
        let json = r#"{"sub":"u","picture":{"data":{"height":50,"is_silhouette":false,"url":"https://x.example/p"}}}"#;
        assert_eq!(user(json).picture(), Some("https://x.example/p"));
        for other in
            ["{}", r#"{"data":[]}"#, r#"{"data":{}}"#, r#"{"data":{"url":7}}"#, r#"{"url":"https://x.example/"}"#]
        {
            assert_eq!(user(&format!(r#"{{"sub":"u","picture":{other}}}"#)).picture(), None, "{other}");
        }
        let discord = mapping(r#"{"subject":"id","picture":"https://cdn.example/{id}/{avatar}.png"}"#);
        let picture = |json: &str| {
            let user = User::from_claims(parsed(json), &discord, None).unwrap();
            user.picture().map(str::to_owned)
        };
        assert_eq!(picture(r#"{"id":"80","avatar":"a_8f"}"#).as_deref(), Some("https://cdn.example/80/a_8f.png"));
        for json in [r#"{"id":"80","avatar":null}"#, r#"{"id":"80"}"#, r#"{"id":"80","avatar":"../x"}"#] {
            assert_eq!(picture(json), None, "{json}");
        }
    }

    #[test]
    fn the_first_name_that_is_one() {
        let github = mapping(r#"{"subject":"id","name":["name","login"]}"#);
        for (json, name) in [
            (r#"{"id":"1","name":"Ann","login":"ann"}"#, Some("Ann")),
            (r#"{"id":"1","name":null,"login":"ann"}"#, Some("ann")),
            (r#"{"id":"1","name":" ","login":"ann"}"#, Some("ann")),
            (r#"{"id":"1"}"#, None),
        ] {
            assert_eq!(User::from_claims(parsed(json), &github, None).unwrap().name(), name, "{json}");
        }
    }

    #[test]
    fn the_primary_address_of_a_list() {
        let mapping = mapping(r#"{"subject":"id","email":"email","emails_path":"/emails"}"#);
        assert_eq!(mapping.emails_path(), Some("/emails"));
        let public = ("public@x.example", None);
        for (list, (email, verified)) in [
            (
                r#"[{"email":"b@x.example","primary":false,"verified":true},{"email":"a@x.example","primary":true,"verified":true}]"#,
                ("a@x.example", Some(true)),
            ),
            (r#"[{"email":"a@x.example","primary":true,"verified":false}]"#, ("a@x.example", Some(false))),
            (r#"[{"email":"a@x.example","primary":true,"verified":"true"}]"#, ("a@x.example", Some(false))),
            (r#"[{"email":"a@x.example","primary":true}]"#, ("a@x.example", Some(false))),
            (r#"[{"email":"b@x.example","primary":false,"verified":true}]"#, public),
            (r#"[{"email":"b@x.example","primary":"true","verified":true}]"#, public),
            (r#"[{"email":null,"primary":true,"verified":true},7,null,[]]"#, public),
            ("[]", public),
        ] {
            let claims = parsed(r#"{"id":"1","email":"public@x.example"}"#);
            let emails = parsed(&format!(r#"{{"list":{list}}}"#));
            let user = User::from_claims(claims, &mapping, Some(emails.document())).unwrap();
            assert_eq!((user.email(), user.email_verified()), (Some(email), verified), "{list}");
        }
    }

    #[test]
    fn the_name_in_a_callback() {
        let name = |json: &str| name_in_callback(json);
        let whole = r#"{"name":{"firstName":"Ann","lastName":"Lee"},"email":"a@x.example"}"#;
        assert_eq!(name(whole).as_deref(), Some("Ann Lee"));
        assert_eq!(name(r#"{"name":{"firstName":"Ann","lastName":null}}"#).as_deref(), Some("Ann"));
        for none in ["", "{}", "[]", r#"{"name":"Ann"}"#, r#"{"name":{"firstName":""}}"#, r#"{"name":{"firstName":7}}"#]
        {
            assert_eq!(name(none), None, "{none}");
        }
    }

    #[test]
    fn mappings_are_checked() {
        for (json, field) in [
            ("{}", "subject"),
            (r#"{"subject":"id","nick":"n"}"#, "nick"),
            (r#"{"subject":"id","subject_is_number":"yes"}"#, "subject_is_number"),
            (r#"{"subject":"id","name":[]}"#, "name"),
        ] {
            assert_eq!(UserMapping::from_document(parsed(json).document()).unwrap_err().field(), Some(field), "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_claims_are_read(
            members in prop::collection::btree_map("sub|email|email_verified|name|picture|data|list", any::<String>(), 0..6),
            nested in any::<bool>(),
        ) {
            let mut json = serde_json::json!(members);
            if nested {
                json["picture"] = serde_json::json!({ "data": members });
            }
            if let Ok(user) = User::from_claims(parsed(&json.to_string()), &UserMapping::default(), None) {
                prop_assert!(!user.subject().is_empty());
                prop_assert!(Parsed::new(user.to_json()).is_ok());
            }
        }
    }
}
