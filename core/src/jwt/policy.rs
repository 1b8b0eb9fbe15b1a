//! What a verifier asks of a token: one document, with one spelling in every language.

use std::fmt;
use std::time::Duration;

use super::profile::Profile;
use crate::algorithm::Algorithm;
use crate::encoding::json::{Parsed, Value};
use crate::encoding::json_write::member;
use crate::error::{Code, Error, Excerpt, Result};
use crate::options;

const WHAT: &str = "policy";

/// The longest time that the document can say.
const LONGEST: Duration = Duration::from_secs(options::MAX_SECONDS as u64 - 1);

/// The members, in the order that they are documented and written in.
const MEMBERS: &[&str] = &[
    "version",
    "issuer",
    "audience",
    "subject",
    "typ",
    "algorithms",
    "required",
    "claims",
    "leeway",
    "max_token_age",
    "max_token_bytes",
    "compat",
    "profile",
    "dangerous_any_audience",
    "dangerous_no_expiration",
    "dangerous_weak_keys",
];

const COMPAT: &[&str] = &["padded_base64", "string_dates"];

/// What a verifier asks of a token.
///
/// The default is strict: `exp` is required, a token that has an `aud` is refused until an audience is named, 30
/// seconds of leeway, 65536 bytes at most. A relaxation that removes a protection is named `dangerous_`; one that
/// tolerates a known issuer's deviation is a `compat` flag.
///
/// ```
/// use authwright_core::Policy;
///
/// let policy = Policy::from_json(r#"{"issuer": "https://id.example", "audience": ["api", "admin"]}"#)?;
/// let same = Policy::new().issuer(["https://id.example"])?.audience(["api", "admin"])?;
/// assert_eq!(policy.to_json(), same.to_json());
///
/// // A misspelt member must never mean "no audience check".
/// let error = Policy::from_json(r#"{"audiance": "api"}"#).unwrap_err();
/// assert_eq!(error.code().name(), "ERR_UNKNOWN_OPTION");
/// # Ok::<(), authwright_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Policy {
    pub(super) issuer: Vec<String>,
    pub(super) audience: Vec<String>,
    pub(super) subject: Vec<String>,
    pub(super) typ: Vec<String>,
    pub(super) algorithms: Option<Vec<Algorithm>>,
    pub(super) required: Vec<String>,
    pub(super) claims: Option<Parsed>,
    pub(super) leeway: Duration,
    pub(super) max_token_age: Option<Duration>,
    pub(super) max_token_bytes: usize,
    pub(super) padded_base64: bool,
    pub(super) string_dates: bool,
    pub(super) profile: Option<Profile>,
    pub(super) any_audience: bool,
    pub(super) no_expiration: bool,
    pub(super) weak_keys: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            issuer: Vec::new(),
            audience: Vec::new(),
            subject: Vec::new(),
            typ: Vec::new(),
            algorithms: None,
            required: Vec::new(),
            claims: None,
            leeway: Duration::from_secs(30),
            max_token_age: None,
            max_token_bytes: 65_536,
            padded_base64: false,
            string_dates: false,
            profile: None,
            any_audience: false,
            no_expiration: false,
            weak_keys: false,
        }
    }
}

impl Policy {
    /// The strict default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the document.
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION` for a member that is not known, `ERR_POLICY_VERSION` for a version above 1,
    /// `ERR_UNSUPPORTED_ALGORITHM` for an algorithm that is not known, `ERR_INVALID_ARGUMENT` for the rest; the field
    /// names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, WHAT)?;
        let mut policy = Self::default();
        // First, because a later version may have other members.
        if let Some(version) = parsed.document().get("version") {
            check_version(version)?;
        }
        options::each(parsed.document(), |name, value| policy.set(name, value))?;
        policy.checked()
    }

    /// The document that [`Policy::from_json`] reads back as this policy, without the members that have their defaults.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut members = vec![member("version", "1")];
        let mut add = |name: &str, value: serde_json::Value| members.push(member(name, &value.to_string()));
        let lists =
            [("issuer", &self.issuer), ("audience", &self.audience), ("subject", &self.subject), ("typ", &self.typ)];
        for (name, list) in lists.into_iter().chain([("required", &self.required)]).filter(|(_, list)| !list.is_empty())
        {
            add(name, list.as_slice().into());
        }
        if let Some(algorithms) = &self.algorithms {
            add("algorithms", algorithms.iter().map(|algorithm| algorithm.name()).collect());
        }
        let defaults = Self::default();
        if self.leeway != defaults.leeway {
            add("leeway", self.leeway.as_secs().into());
        }
        if let Some(age) = self.max_token_age {
            add("max_token_age", age.as_secs().into());
        }
        if self.max_token_bytes != defaults.max_token_bytes {
            add("max_token_bytes", self.max_token_bytes.into());
        }
        let compat: Vec<&str> = COMPAT
            .iter()
            .zip([self.padded_base64, self.string_dates])
            .filter_map(|(name, set)| set.then_some(*name))
            .collect();
        if !compat.is_empty() {
            add("compat", compat.into());
        }
        if let Some(profile) = self.profile {
            add("profile", profile.name().into());
        }
        for (name, set) in [
            ("dangerous_any_audience", self.any_audience),
            ("dangerous_no_expiration", self.no_expiration),
            ("dangerous_weak_keys", self.weak_keys),
        ] {
            if set {
                add(name, true.into());
            }
        }
        if let Some(claims) = &self.claims {
            members.push(member("claims", &Value::Object(claims.document().root()).to_compact()));
        }
        members.sort_unstable();
        format!("{{{}}}", members.join(","))
    }

    /// The expected issuers: the token's `iss` must be one of them.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` for an empty list or name, here as in the methods below.
    pub fn issuer<S: Into<String>>(mut self, any_of: impl IntoIterator<Item = S>) -> Result<Self> {
        self.issuer = names("issuer", any_of)?;
        self.checked()
    }

    /// The expected audiences: the token's `aud` must hold one of them.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT`.
    pub fn audience<S: Into<String>>(mut self, any_of: impl IntoIterator<Item = S>) -> Result<Self> {
        self.audience = names("audience", any_of)?;
        self.checked()
    }

    /// The expected subjects: the token's `sub` must be one of them.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT`.
    pub fn subject<S: Into<String>>(mut self, any_of: impl IntoIterator<Item = S>) -> Result<Self> {
        self.subject = names("subject", any_of)?;
        self.checked()
    }

    /// The expected types: the header's `typ` must be one of them, compared in ASCII case-insensitively and with or
    /// without `application/`.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT`.
    pub fn typ<S: Into<String>>(mut self, any_of: impl IntoIterator<Item = S>) -> Result<Self> {
        self.typ = names("typ", any_of)?;
        self.checked()
    }

    /// The algorithms, narrowing what the keys allow.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT`.
    pub fn algorithms(mut self, any_of: impl IntoIterator<Item = Algorithm>) -> Result<Self> {
        let algorithms: Vec<_> = any_of.into_iter().collect();
        if algorithms.is_empty() {
            return Err(Error::invalid_argument("algorithms", "algorithms must not be an empty list"));
        }
        self.algorithms = Some(algorithms);
        self.checked()
    }

    /// Claims that must be there.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT`.
    pub fn required<S: Into<String>>(mut self, all_of: impl IntoIterator<Item = S>) -> Result<Self> {
        self.required = names("required", all_of)?;
        self.checked()
    }

    /// Seconds that the two machines' clocks may differ by; applies to `exp`, `nbf` and `iat`. Fractions are cut off.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway.min(LONGEST);
        self
    }

    /// The longest time since `iat`, which is required then.
    #[must_use]
    pub fn max_token_age(mut self, age: Duration) -> Self {
        self.max_token_age = Some(age.min(LONGEST));
        self
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Result<()> {
        match name {
            "version" => {}
            "issuer" => self.issuer = options::strings(name, value)?,
            "audience" => self.audience = options::strings(name, value)?,
            "subject" => self.subject = options::strings(name, value)?,
            "typ" => self.typ = options::strings(name, value)?,
            "algorithms" => {
                let algorithms = options::strings(name, value)?;
                let parse = |algorithm: &String| algorithm.parse().map_err(|error: Error| error.at("algorithms"));
                self.algorithms = Some(algorithms.iter().map(parse).collect::<Result<_>>()?);
            }
            "required" => self.required = options::strings(name, value)?,
            "claims" => self.claims = Some(expected_claims(value)?),
            "leeway" => self.leeway = options::seconds(name, value)?,
            "max_token_age" => self.max_token_age = Some(options::seconds(name, value)?),
            "max_token_bytes" => self.max_token_bytes = bytes(name, value)?,
            "compat" => self.set_compat(value)?,
            "profile" => self.profile = Some(Profile::from_name(&options::string(name, value)?)?),
            "dangerous_any_audience" => self.any_audience = options::flag(name, value)?,
            "dangerous_no_expiration" => self.no_expiration = options::flag(name, value)?,
            "dangerous_weak_keys" => self.weak_keys = options::flag(name, value)?,
            _ => return Err(options::unknown(name, MEMBERS, "the policy")),
        }
        Ok(())
    }

    /// A list of names, or an object of booleans.
    fn set_compat(&mut self, value: Value<'_>) -> Result<()> {
        let mut set = |name: &str, on: bool| {
            match name {
                "padded_base64" => self.padded_base64 = on,
                "string_dates" => self.string_dates = on,
                _ => return Err(options::unknown(name, COMPAT, "the policy's compat")),
            }
            Ok(())
        };
        match value {
            Value::Object(mut flags) => {
                flags.try_for_each(|(name, value)| set(&name.to_str(), options::flag("compat", value)?))
            }
            _ => options::strings("compat", value)?.iter().try_for_each(|name| set(name, true)),
        }
    }

    fn checked(self) -> Result<Self> {
        if self.any_audience && !self.audience.is_empty() {
            let message = "audience and dangerous_any_audience contradict each other: drop one of them";
            return Err(Error::invalid_argument("dangerous_any_audience", message));
        }
        if self.profile.is_some() && self.audience.is_empty() {
            let message = "a token of this profile is meant for one client: set audience to the client_id";
            return Err(Error::invalid_argument("audience", message));
        }
        Ok(self)
    }

    /// Refuses a profile without an issuer: who may say such things must be known.
    pub(super) fn check_issuer(&self) -> Result<()> {
        if self.profile.is_some() && self.issuer.is_empty() {
            return Err(Error::invalid_argument("issuer", "a token of this profile is one issuer's: name it"));
        }
        Ok(())
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Policy({})", self.to_json())
    }
}

fn check_version(value: Value<'_>) -> Result<()> {
    let version = match value {
        Value::Number(number) => number.as_u64(),
        _ => return Err(options::wrong("version", "a whole number", value)),
    };
    let is_later = |text: &str| text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_digit());
    match version {
        Some(1) => Ok(()),
        _ if version.is_some_and(|version| version > 1) || is_later(&value.json()) => {
            let message = "this policy is written for a later version: this release knows version 1";
            Err(Error::new(Code::PolicyVersion, message).at("version"))
        }
        _ => Err(Error::invalid_argument("version", "version must be a whole number, 1 or more")),
    }
}

fn names<S: Into<String>>(name: &'static str, list: impl IntoIterator<Item = S>) -> Result<Vec<String>> {
    let names: Vec<String> = list.into_iter().map(Into::into).collect();
    if names.is_empty() || names.iter().any(String::is_empty) {
        return Err(Error::invalid_argument(name, format!("{name} must be a list of strings, and neither empty")));
    }
    Ok(names)
}

/// Exact values by claim. An empty list would accept nothing, ever: a mistake, so it is refused.
fn expected_claims(value: Value<'_>) -> Result<Parsed> {
    let claims = options::object("claims", value)?;
    for (name, value) in claims.document().root() {
        if let Value::Array(list) = value
            && list.is_empty()
        {
            let message = format!("claims: the list of values for {} is empty", Excerpt(&name.to_str()));
            return Err(Error::invalid_argument("claims", message));
        }
    }
    Ok(claims)
}

fn bytes(name: &str, value: Value<'_>) -> Result<usize> {
    let number = match value {
        Value::Number(number) => number.as_u64(),
        _ => None,
    };
    // The scanner indexes with 32 bits.
    match number.and_then(|bytes| u32::try_from(bytes).ok()).filter(|bytes| *bytes > 0) {
        Some(bytes) => Ok(bytes as usize),
        None => Err(Error::invalid_argument(
            name.to_owned(),
            format!("{name} must be a whole number of bytes, 1 to 4294967295"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_survives_its_own_document() {
        let text = r#"{"algorithms":["ES256","EdDSA"],"audience":["a"],"claims":{"tid":["x","y"]},"compat":["padded_base64","string_dates"],"dangerous_no_expiration":true,"dangerous_weak_keys":true,"issuer":["i","j"],"leeway":5,"max_token_age":60,"max_token_bytes":1000,"profile":"id_token","required":["jti"],"subject":["s"],"typ":["at+jwt"],"version":1}"#;
        assert_eq!(Policy::from_json(text).unwrap().to_json(), text);
        assert_eq!(Policy::from_json("{}").unwrap().to_json(), r#"{"version":1}"#);
        let exact = r#"{"claims":{"n":[18446740001771897.74,123456789012345678901]},"version":1}"#;
        assert_eq!(Policy::from_json(exact).unwrap().to_json(), exact);
    }

    #[test]
    fn every_member_is_read() {
        for member in MEMBERS {
            let error = Policy::from_json(&format!("{{\"{member}\":null}}")).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some(*member)), "{member}");
        }
    }
}
