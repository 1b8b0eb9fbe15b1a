//! A provider's metadata: RFC 8414, and OpenID Connect Discovery 1.0.

use crate::encoding::json::{Document, Object, Parsed, Value};
use crate::error::{Code, Error, Excerpt, Result};
use crate::url;

/// What stands in Microsoft's issuers for the tenant that a token is of.
const TENANT: &str = "{tenantid}";

/// The tenants of Microsoft's that stand for many.
const MANY_TENANTS: [&str; 2] = ["common", "organizations"];

/// What a provider says of itself, once it has been checked.
#[derive(Clone, Debug)]
pub(crate) struct ProviderMetadata {
    issuer: Issuer,
    endpoints: Endpoints,
    /// The document, and the URL that it came from; none if the program said all this itself.
    document: Option<(String, String)>,
}

/// Where a provider does what, and what it says of it. `None` is what it does not say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Endpoints {
    pub(crate) jwks_uri: Option<String>,
    pub(crate) authorization: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) userinfo: Option<String>,
    pub(crate) revocation: Option<String>,
    pub(crate) end_session: Option<String>,
    /// Those that ask for the client's TLS certificate (RFC 8705 section 5).
    pub(crate) mtls_token: Option<String>,
    pub(crate) mtls_revocation: Option<String>,
    pub(crate) mtls_userinfo: Option<String>,
    pub(crate) token_auth_methods: Option<Vec<String>>,
    pub(crate) token_auth_algorithms: Option<Vec<String>>,
    pub(crate) revocation_auth_methods: Option<Vec<String>>,
    pub(crate) code_challenge_methods: Option<Vec<String>>,
    /// Whether every authorization response names its issuer (RFC 9207 section 3).
    pub(crate) names_issuer: bool,
}

/// Who issues the tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    /// This one.
    Exact(String),
    /// Any tenant of Microsoft's: `{tenantid}` in it stands for the token's `tid`. A key may be one tenant's only, and
    /// its own `issuer` says so.
    Template(String),
}

impl ProviderMetadata {
    /// Checks a document that was fetched for `issuer` from `source`.
    ///
    /// The `issuer` in it must be the same string (RFC 8414 section 3.3), or Microsoft's template for it; every
    /// endpoint must be a URL that requests may be sent to.
    pub(crate) fn new(document: &Parsed, issuer: &str, source: &str) -> Result<Self> {
        let document = document.document();
        let found = text(document, "issuer")?.ok_or_else(|| missing("issuer"))?;
        let issuer = if found == issuer {
            Issuer::Exact(found)
        } else if is_template_of(&found, issuer) {
            Issuer::Template(found)
        } else {
            let message = format!("the metadata is of the issuer {}, not of {}", Excerpt(&found), Excerpt(issuer));
            return Err(Error::new(Code::MetadataInvalid, message).at("issuer"));
        };
        check_endpoints(document.root(), source)?;
        let endpoints = Endpoints::read(document)?;
        Ok(Self { issuer, endpoints, document: Some((document.text().to_owned(), source.to_owned())) })
    }

    /// What a program says itself instead of a document.
    pub(crate) fn configured(issuer: Option<&str>, endpoints: Endpoints) -> Self {
        Self { issuer: Issuer::Exact(issuer.unwrap_or_default().to_owned()), endpoints, document: None }
    }

    /// The same of an issuer that stands for many, as it was checked before.
    pub(crate) fn of_template(template: String, endpoints: Endpoints) -> Self {
        Self { issuer: Issuer::Template(template), endpoints, document: None }
    }

    /// The issuer, where it is a template.
    pub(crate) fn template(&self) -> Option<&str> {
        match &self.issuer {
            Issuer::Template(template) => Some(template),
            Issuer::Exact(_) => None,
        }
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Where the keys are.
    pub(crate) fn jwks_uri(&self) -> Result<&str> {
        self.endpoints.jwks_uri.as_deref().ok_or_else(|| missing("jwks_uri"))
    }

    /// The document, and the URL that it came from.
    pub(crate) fn document(&self) -> Option<(&str, &str)> {
        self.document.as_ref().map(|(document, source)| (document.as_str(), source.as_str()))
    }
}

impl Endpoints {
    fn read(document: Document<'_>) -> Result<Self> {
        let aliases = match document.get("mtls_endpoint_aliases") {
            Some(Value::Object(aliases)) => Some(aliases),
            _ => None,
        };
        let alias = |name| aliases.and_then(|aliases| aliases.get(name)?.as_str()).map(|url| url.to_str().into_owned());
        Ok(Self {
            jwks_uri: text(document, "jwks_uri")?,
            authorization: text(document, "authorization_endpoint")?,
            token: text(document, "token_endpoint")?,
            userinfo: text(document, "userinfo_endpoint")?,
            revocation: text(document, "revocation_endpoint")?,
            end_session: text(document, "end_session_endpoint")?,
            mtls_token: alias("token_endpoint"),
            mtls_revocation: alias("revocation_endpoint"),
            mtls_userinfo: alias("userinfo_endpoint"),
            token_auth_methods: texts(document, "token_endpoint_auth_methods_supported")?,
            revocation_auth_methods: texts(document, "revocation_endpoint_auth_methods_supported")?,
            token_auth_algorithms: texts(document, "token_endpoint_auth_signing_alg_values_supported")?,
            code_challenge_methods: texts(document, "code_challenge_methods_supported")?,
            names_issuer: match document.get("authorization_response_iss_parameter_supported") {
                None | Some(Value::Null) => false,
                Some(Value::Bool(names)) => names,
                Some(other) => {
                    return Err(mistyped("authorization_response_iss_parameter_supported", other, "true or false"));
                }
            },
        })
    }
}

impl Issuer {
    /// Whether the issuer is that of any tenant, for a template.
    pub(crate) fn is_of(template: &str, issuer: &str) -> bool {
        let around = template.split_once(TENANT);
        let tenant = around.and_then(|(before, after)| issuer.strip_prefix(before)?.strip_suffix(after));
        tenant.is_some_and(|tenant| Self::of_tenant(template, tenant).is_some())
    }

    /// The issuer's tokens of this tenant, for a template.
    pub(crate) fn of_tenant(template: &str, tenant: &str) -> Option<String> {
        // What cannot be a tenant must not be able to write another path or host.
        let is_tenant = !tenant.is_empty() && tenant.len() <= 64;
        let is_tenant = is_tenant && tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_tenant.then(|| template.replace(TENANT, tenant))
    }
}

/// Whether `found` is what Microsoft answers for one of its issuers that stand for many tenants.
fn is_template_of(found: &str, issuer: &str) -> bool {
    let segments = found.split('/').skip(3).filter(|segment| *segment == TENANT).count();
    segments == 1
        && found.matches(TENANT).count() == 1
        && MANY_TENANTS.iter().any(|tenant| found.replace(TENANT, tenant) == *issuer)
}

/// Checks every member that names an endpoint: a provider that has one without TLS is misconfigured, or not itself.
fn check_endpoints(members: Object<'_>, source: &str) -> Result<()> {
    for (name, value) in members {
        let name = name.to_str();
        let is_endpoint = name.ends_with("_endpoint") || name == "jwks_uri";
        let refused = |message: String| Error::new(Code::MetadataInvalid, message).at(name.to_string());
        match value {
            Value::Object(aliases) if name == "mtls_endpoint_aliases" => check_endpoints(aliases, source)?,
            _ if !is_endpoint => {}
            // Some write what they do not have.
            Value::Null => {}
            Value::String(text) => url::check_beside(&text.to_str(), "url", source).map_err(|cause| {
                refused(format!("the metadata's {} cannot be used", Excerpt(&name))).caused_by(cause)
            })?,
            other => return Err(refused(format!("the metadata's {} is {}", Excerpt(&name), other.type_name()))),
        }
    }
    Ok(())
}

fn text(document: Document<'_>, name: &'static str) -> Result<Option<String>> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.to_str().into_owned())),
        Some(other) => Err(mistyped(name, other, "a string")),
    }
}

fn texts(document: Document<'_>, name: &'static str) -> Result<Option<Vec<String>>> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(list)) => list
            .map(|one| match one {
                Value::String(text) => Ok(text.to_str().into_owned()),
                other => Err(mistyped(name, other, "a list of strings")),
            })
            .collect::<Result<_>>()
            .map(Some),
        Some(other) => Err(mistyped(name, other, "a list of strings")),
    }
}

fn mistyped(name: &'static str, found: Value<'_>, expected: &str) -> Error {
    let message = format!("the metadata's {name} is {}, not {expected}", found.type_name());
    Error::new(Code::MetadataInvalid, message).at(name)
}

fn missing(name: &'static str) -> Error {
    Error::new(Code::MetadataInvalid, format!("the metadata has no {name}")).at(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, issuer: &str) -> Result<ProviderMetadata> {
        ProviderMetadata::new(&Parsed::new(json.to_owned()).unwrap(), issuer, issuer)
    }

    #[test]
    fn the_issuer_is_compared_exactly() {
        let json = r#"{"issuer":"https://id.example","jwks_uri":"https://keys.example/jwks"}"#;
        let metadata = read(json, "https://id.example").unwrap();
        assert_eq!(metadata.template(), None);
        assert_eq!(metadata.jwks_uri().unwrap(), "https://keys.example/jwks");
        for issuer in ["https://id.example/", "https://ID.example", "https://id.example:443", "http://id.example"] {
            let error = read(json, issuer).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::MetadataInvalid, Some("issuer")), "{issuer}");
        }
    }

    #[test]
    fn microsofts_template_stands_for_its_many_tenants_only() {
        let json = |issuer: &str| format!(r#"{{"issuer":"{issuer}","jwks_uri":"https://login.example/keys"}}"#);
        let template = "https://login.example/{tenantid}/v2.0";
        let metadata = read(&json(template), "https://login.example/common/v2.0").unwrap();
        assert_eq!(metadata.template(), Some(template));
        assert!(read(&json(template), "https://login.example/organizations/v2.0").is_ok());
        for (found, issuer) in [
            (template, "https://login.example/7/v2.0"),
            (template, "https://evil.example/common/v2.0"),
            (template, "https://login.example/common/v1.0"),
            ("https://{tenantid}.example/", "https://login.example/common/v2.0"),
            ("https://login.example/{tenantid}/{tenantid}", "https://login.example/common/common"),
            ("{tenantid}", "https://login.example/common/v2.0"),
            ("https://login.example/{tenantid}wealth", "https://login.example/commonwealth"),
            ("https://{tenantid}.example", "https://common.example"),
        ] {
            assert!(read(&json(found), issuer).is_err(), "{found} {issuer}");
        }
    }

    #[test]
    fn a_tenant_cannot_write_another_issuer() {
        let template = "https://login.example/{tenantid}/v2.0";
        assert_eq!(Issuer::of_tenant(template, "a-1").as_deref(), Some("https://login.example/a-1/v2.0"));
        for tenant in ["", "a/b", "..", "a.b", "{tenantid}", "a b", "a%2f", &"a".repeat(65)] {
            assert_eq!(Issuer::of_tenant(template, tenant), None, "{tenant}");
            assert!(!Issuer::is_of(template, &format!("https://login.example/{tenant}/v2.0")), "{tenant}");
        }
        assert!(Issuer::is_of(template, "https://login.example/a-1/v2.0"));
        assert!(!Issuer::is_of(template, "https://evil.example/a-1/v2.0"));
    }

    #[test]
    fn every_endpoint_is_checked() {
        for (members, field) in [
            (r#""jwks_uri":"http://id.example/jwks""#, "jwks_uri"),
            (r#""jwks_uri":"https://user@id.example/jwks""#, "jwks_uri"),
            (r#""jwks_uri":7"#, "jwks_uri"),
            (r#""jwks_uri":"http://127.0.0.1:2375/keys""#, "jwks_uri"),
            (
                r#""jwks_uri":"https://id.example/jwks","mtls_endpoint_aliases":{"token_endpoint":"http://id.example/"}"#,
                "token_endpoint",
            ),
            (r#""token_endpoint_auth_methods_supported":"none""#, "token_endpoint_auth_methods_supported"),
            (r#""code_challenge_methods_supported":[1]"#, "code_challenge_methods_supported"),
            (r#""jwks_uri":"https://id.example/jwks","token_endpoint":"http://id.example/token""#, "token_endpoint"),
        ] {
            let error =
                read(&format!(r#"{{"issuer":"https://id.example",{members}}}"#), "https://id.example").unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::MetadataInvalid, Some(field)), "{members}");
        }
        read(
            r#"{"issuer":"http://127.0.0.1:1","jwks_uri":"http://127.0.0.1:2/","registration_endpoint":null}"#,
            "http://127.0.0.1:1",
        )
        .unwrap();
        assert!(read(r#"{"issuer":7}"#, "7").is_err());
        assert!(read("{}", "https://id.example").is_err());
    }
}
