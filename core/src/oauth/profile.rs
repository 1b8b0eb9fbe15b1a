//! What is known of certain providers: one data file.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::metadata::Issuer;
use crate::encoding::json::{Document, Parsed, Value};
use crate::error::{Error, Excerpt, Result};
use crate::oidc::UserMapping;
use crate::options;

const DATA: &str = include_str!("profiles.json");

/// The data file, which a test reads whole.
static PROFILES: LazyLock<Option<Parsed>> = LazyLock::new(|| Parsed::new(DATA.to_owned()).ok());

const MEMBERS: &[&str] = &[
    "about",
    "tenant",
    "tenant_aliases",
    "options",
    "openid",
    "pkce",
    "nonce",
    "client_authentication",
    "callback_user",
    "user",
];

/// What is known of a provider.
#[derive(Clone)]
pub(crate) struct Profile {
    /// The defaults of the client's options, under their own names.
    options: Parsed,
    /// It issues ID tokens.
    pub(super) openid: bool,
    /// It takes PKCE's parameters, or passes over them.
    pub(super) pkce: bool,
    /// Its ID tokens have the nonce.
    pub(super) nonce: bool,
    /// The client's secret is a token that the client signs.
    pub(super) apple_secret: bool,
    /// The first callback of a user has a parameter `user`, with the name.
    pub(super) callback_user: bool,
    /// How its user document is read.
    pub(crate) user: UserMapping,
}

impl Profile {
    /// The profile with this name. `tenant` is of Microsoft's only.
    pub(super) fn named(name: &str, tenant: Option<&str>) -> Result<Self> {
        let profiles = PROFILES.as_ref().ok_or_else(|| Error::internal("the profiles are not JSON"))?;
        let Some(profile) = profiles.document().get(name) else {
            let known: Vec<String> = profiles.document().root().map(|(name, _)| name.to_str().into_owned()).collect();
            let message = format!("there is no profile {}; there are {}", Excerpt(name), known.join(", "));
            return Err(Error::invalid_argument("provider", message));
        };
        Self::read(options::object(name, profile)?.document(), tenant)
    }

    /// The defaults of the client's options, under their own names.
    pub(super) fn options(&self) -> Document<'_> {
        self.options.document()
    }

    fn read(document: Document<'_>, tenant: Option<&str>) -> Result<Self> {
        let text = match document.get("options") {
            Some(value @ Value::Object(_)) => value.json(),
            _ => return Err(Error::internal("a profile has no options")),
        };
        let text = match (document.get("tenant"), tenant) {
            (None, None) => text.into_owned(),
            (None, Some(_)) => return Err(Error::invalid_argument("tenant", "this provider has no tenants")),
            (Some(default), None) => of_tenant(document, &text, &options::string("tenant", default)?)?,
            (Some(_), Some(tenant)) => of_tenant(document, &text, tenant)?,
        };
        let options = Parsed::new(text).map_err(|_| Error::internal("a profile's options are not JSON"))?;
        let mut profile = Self {
            options,
            openid: true,
            pkce: true,
            nonce: true,
            apple_secret: false,
            callback_user: false,
            user: UserMapping::default(),
        };
        options::each(document, |name, value| profile.set(name, value))?;
        Ok(profile)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Result<()> {
        match name {
            "about" | "tenant" | "tenant_aliases" | "options" => {}
            "openid" => self.openid = options::flag(name, value)?,
            "pkce" => self.pkce = is_supported(name, value)?,
            "nonce" => self.nonce = is_supported(name, value)?,
            "client_authentication" if options::string(name, value)? == "apple" => self.apple_secret = true,
            "callback_user" => self.callback_user = options::flag(name, value)?,
            "user" => self.user = UserMapping::from_document(options::object(name, value)?.document())?,
            _ => return Err(options::unknown(name, MEMBERS, "a profile")),
        }
        Ok(())
    }
}

/// `"required"` or `"unsupported"`.
fn is_supported(name: &str, value: Value<'_>) -> Result<bool> {
    match options::string(name, value)?.as_str() {
        "required" => Ok(true),
        "unsupported" => Ok(false),
        _ => Err(Error::invalid_argument(name.to_owned(), "it is required, or unsupported")),
    }
}

/// The options of this tenant. A domain is none of them, although Microsoft takes it for one: the issuer in its
/// metadata has the directory's ID instead, as it has for `consumers`.
fn of_tenant(document: Document<'_>, options: &str, tenant: &str) -> Result<String> {
    let alias = match document.get("tenant_aliases") {
        Some(Value::Object(aliases)) => aliases.get(tenant).and_then(Value::as_str),
        _ => None,
    };
    let id = alias.map_or(Cow::Borrowed(tenant), |id| id.to_str());
    Issuer::of_tenant(options, &id).ok_or_else(|| {
        Error::invalid_argument("tenant", "a tenant is the ID of a directory, or common, organizations or consumers")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::url;

    const NAMES: &[&str] = &[
        "google",
        "microsoft",
        "apple",
        "github",
        "facebook",
        "gitlab",
        "slack",
        "linkedin",
        "discord",
        "imgur",
        "generic",
    ];

    const OPTIONS: &[&str] = &[
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "revocation_endpoint",
        "jwks_uri",
        "scope",
        "response_mode",
        "token_endpoint_auth_method",
    ];

    fn option(profile: &Profile, name: &str) -> Option<String> {
        profile.options().get(name).map(|value| value.as_str().unwrap().to_str().into_owned())
    }

    #[test]
    fn every_profile_is_whole() {
        let data = PROFILES.as_ref().unwrap();
        let names: Vec<_> = data.document().root().map(|(name, _)| name.to_str().into_owned()).collect();
        assert_eq!(names, NAMES);
        for name in NAMES {
            let profile = Profile::named(name, None).unwrap();
            for (member, value) in profile.options().root() {
                let (member, value) = (member.to_str(), value.as_str().unwrap().to_str());
                assert!(OPTIONS.contains(&&*member), "{name}: {member}");
                assert!(!value.is_empty() && !value.contains('{'), "{name}: {member}");
                if member.ends_with("_endpoint") || matches!(&*member, "issuer" | "jwks_uri") {
                    url::check(&value, "url").unwrap();
                    assert!(value.starts_with("https://"), "{name}: {member}");
                }
                if member == "response_mode" {
                    assert!(["query", "form_post"].contains(&&*value), "{name}");
                }
                if member == "token_endpoint_auth_method" {
                    assert_eq!(value, "client_secret_post", "{name}");
                }
            }
            assert!(profile.user.emails_path().is_none_or(|path| path.starts_with('/')));
            let Some(Value::Object(members)) = data.document().get(name) else { panic!("an object") };
            let about = members.get("about").and_then(Value::as_str).unwrap();
            assert!(about.to_str().contains(": "), "{name}: a site, and the title of its page");
            let has_endpoints = option(&profile, "token_endpoint").is_some();
            assert_eq!(has_endpoints, option(&profile, "authorization_endpoint").is_some(), "{name}");
            assert!(has_endpoints || option(&profile, "issuer").is_some() || *name == "generic", "{name}");
            // The scope decides whether an ID token and its nonce are expected.
            let has_openid = option(&profile, "scope").is_some_and(|scope| scope.split(' ').any(|one| one == "openid"));
            assert!(has_openid == profile.openid || *name == "generic", "{name}");
            // Who has no ID token has a document of the user's, and says how to read it.
            assert!(profile.openid || option(&profile, "userinfo_endpoint").is_some(), "{name}");
            assert_eq!(profile.openid, profile.user == UserMapping::default(), "{name}");
            assert!(profile.openid || profile.nonce, "{name}");
        }
    }

    #[test]
    fn what_is_special() {
        let having = |has: fn(&Profile) -> bool| -> Vec<&str> {
            NAMES.iter().copied().filter(|name| has(&Profile::named(name, None).unwrap())).collect()
        };
        assert_eq!(having(|profile| !profile.pkce), ["slack", "linkedin"]);
        assert_eq!(having(|profile| !profile.nonce), ["linkedin"]);
        assert_eq!(having(|profile| !profile.openid), ["github", "facebook", "discord", "imgur"]);
        assert_eq!(having(|profile| profile.apple_secret && profile.callback_user), ["apple"]);
        assert_eq!(having(|profile| profile.user.emails_path().is_some()), ["github"]);
        assert_eq!(having(|profile| option(profile, "response_mode").as_deref() == Some("form_post")), ["apple"]);
    }

    #[test]
    fn tenants() {
        let issuer = |tenant| Profile::named("microsoft", tenant).map(|profile| option(&profile, "issuer").unwrap());
        for (tenant, segment) in [
            (None, "common"),
            (Some("organizations"), "organizations"),
            (Some("consumers"), "9188040d-6c67-4c5b-b112-36a304b66dad"),
            (Some("72f988bf-86f1-41af-91ab-2d7cd011db47"), "72f988bf-86f1-41af-91ab-2d7cd011db47"),
        ] {
            assert_eq!(issuer(tenant).unwrap(), format!("https://login.microsoftonline.com/{segment}/v2.0"));
        }
        for tenant in ["", "a/b", "a.example", "a\"", "{tenant}", "a b", "\u{e9}", &"a".repeat(65)] {
            let error = issuer(Some(tenant)).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("tenant")), "{tenant}");
        }
        assert_eq!(Profile::named("google", Some("common")).err().unwrap().field(), Some("tenant"));
    }

    #[test]
    fn an_unknown_name_is_told_which_are_known() {
        for name in ["", "Google", "twitter"] {
            let error = Profile::named(name, None).err().unwrap();
            assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("provider")));
            assert!(NAMES.iter().all(|known| error.message().contains(known)), "{error}");
        }
    }

    #[test]
    fn users_of_each_shape() {
        let user = |name: &str, json: &str| {
            let profile = Profile::named(name, None).unwrap();
            let claims = Parsed::new(json.to_owned()).unwrap();
            let user = crate::oidc::User::from_claims(claims, &profile.user, None).unwrap();
            (
                user.subject().to_owned(),
                user.email().map(str::to_owned),
                user.email_verified(),
                user.name().map(str::to_owned),
                user.picture().map(str::to_owned),
            )
        };
        let some = |text: &str| Some(text.to_owned());
        for (name, json, expected) in [
            (
                "github",
                r#"{"login":"octocat","id":583231,"avatar_url":"https://x.example/u","name":null,"email":null}"#,
                ("583231".to_owned(), None, None, some("octocat"), some("https://x.example/u")),
            ),
            (
                "facebook",
                r#"{"id":"10","name":"Ann","email":"a@x.example","picture":{"data":{"url":"https://x.example/p"}}}"#,
                ("10".to_owned(), some("a@x.example"), None, some("Ann"), some("https://x.example/p")),
            ),
            (
                "discord",
                r#"{"id":"80351110224678912","username":"ann","global_name":"Ann","avatar":"8f","verified":true,"email":"a@x.example"}"#,
                (
                    "80351110224678912".to_owned(),
                    some("a@x.example"),
                    Some(true),
                    some("Ann"),
                    some("https://cdn.discordapp.com/avatars/80351110224678912/8f.png"),
                ),
            ),
            (
                "imgur",
                r#"{"data":{"id":384077,"url":"ann","avatar":"https://x.example/a"},"success":true,"status":200}"#,
                ("384077".to_owned(), None, None, some("ann"), some("https://x.example/a")),
            ),
            (
                "slack",
                r#"{"ok":true,"sub":"U0R7JM","https://slack.com/user_id":"U0R7JM","email":"a@x.example","email_verified":true,"name":"ann"}"#,
                ("U0R7JM".to_owned(), some("a@x.example"), Some(true), some("ann"), None),
            ),
            (
                "apple",
                r#"{"sub":"000.1","email":"a@x.example","email_verified":"true","is_private_email":"true"}"#,
                ("000.1".to_owned(), some("a@x.example"), Some(true), None, None),
            ),
        ] {
            assert_eq!(user(name, json), expected, "{name}");
        }
    }
}
