//! The settings of a remote key set.

use std::fmt;
use std::time::Duration;

use crate::encoding::json::Value;
use crate::error::{Error, Result};
use crate::options;
use crate::url;

const MEMBERS: &[&str] = &["issuer", "jwks_uri", "metadata_url", "cooldown", "outage_limit", "timeout"];

/// Where an issuer's keys are, and how they are kept.
///
/// The defaults suit issuers that rotate their keys every few weeks and publish a new one before they use it.
#[derive(Clone)]
pub struct RemoteOptions {
    pub(super) issuer: Option<String>,
    pub(super) jwks_uri: Option<String>,
    pub(super) metadata_url: Option<String>,
    pub(super) cooldown: Duration,
    pub(super) outage_limit: Duration,
    pub(super) timeout: Duration,
}

impl RemoteOptions {
    /// The keys of an issuer, found through its metadata (OpenID Connect Discovery, RFC 8414).
    #[must_use]
    pub fn issuer(issuer: impl Into<String>) -> Self {
        Self { issuer: Some(issuer.into()), ..Self::empty() }
    }

    /// Reads the document: `issuer` (its metadata leads to its keys), `jwks_uri` (the keys themselves: nothing is
    /// discovered), `metadata_url` (instead of the well-known one); `cooldown` (seconds between two fetches that
    /// unknown keys cause, 30 unless set), `outage_limit` (for how many seconds keys are used beyond their time while
    /// the issuer cannot be reached, 86400 unless set), `timeout` (seconds for one fetch, 10 unless set).
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION` for a member that is not known; `ERR_URL_REFUSED`, `ERR_INVALID_ARGUMENT`: the field names
    /// the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, "remote key set")?;
        let mut settings = Self::empty();
        options::each(parsed.document(), |name, value| settings.set(name, value))?;
        settings.check()?;
        Ok(settings)
    }

    fn empty() -> Self {
        Self {
            issuer: None,
            jwks_uri: None,
            metadata_url: None,
            cooldown: Duration::from_secs(30),
            outage_limit: Duration::from_secs(86_400),
            timeout: Duration::from_secs(10),
        }
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Result<()> {
        match name {
            "issuer" => self.issuer = Some(options::string(name, value)?),
            "jwks_uri" => self.jwks_uri = Some(options::string(name, value)?),
            "metadata_url" => self.metadata_url = Some(options::string(name, value)?),
            "cooldown" => self.cooldown = options::seconds(name, value)?,
            "outage_limit" => self.outage_limit = options::seconds(name, value)?,
            "timeout" => self.timeout = options::seconds(name, value)?,
            _ => return Err(options::unknown(name, MEMBERS, "the remote key set")),
        }
        Ok(())
    }

    pub(super) fn check(&self) -> Result<()> {
        match (&self.issuer, &self.jwks_uri, &self.metadata_url) {
            (None, None, _) => {
                return Err(Error::invalid_argument("issuer", "name the issuer, or the jwks_uri of its keys"));
            }
            (_, Some(_), Some(_)) => {
                let message = "metadata is not asked for where jwks_uri says where the keys are";
                return Err(Error::invalid_argument("metadata_url", message));
            }
            _ => {}
        }
        // With the keys' own URL, the issuer is only a name in tokens, and need not be a URL.
        let issuer = self.issuer.as_ref().filter(|_| self.jwks_uri.is_none());
        if let (Some(issuer), None) = (issuer, &self.metadata_url) {
            url::well_known(issuer, "openid-configuration", false)?;
        }
        for (field, found) in
            [("issuer", issuer), ("jwks_uri", self.jwks_uri.as_ref()), ("metadata_url", self.metadata_url.as_ref())]
        {
            if let Some(found) = found {
                url::check(found, field)?;
            }
        }
        for (field, found, least, most) in [
            ("cooldown", self.cooldown, 1, 3600),
            ("outage_limit", self.outage_limit, 0, 7 * 86_400),
            ("timeout", self.timeout, 1, 60),
        ] {
            if !(least..=most).contains(&found.as_secs()) {
                let message = format!("{field} must be from {least} to {most} seconds");
                return Err(Error::invalid_argument(field, message));
            }
        }
        Ok(())
    }
}

// A query may hold a secret.
impl fmt::Debug for RemoteOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |url: &Option<String>| url.as_deref().map(url::without_query).map(str::to_owned);
        formatter
            .debug_struct("RemoteOptions")
            .field("issuer", &shown(&self.issuer))
            .field("jwks_uri", &shown(&self.jwks_uri))
            .field("metadata_url", &shown(&self.metadata_url))
            .field("cooldown", &self.cooldown)
            .field("outage_limit", &self.outage_limit)
            .field("timeout", &self.timeout)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn settings_are_checked_at_once() {
        for json in [
            r#"{"issuer":"https://id.example"}"#,
            r#"{"issuer":"any name","jwks_uri":"https://id.example/jwks","cooldown":5,"outage_limit":0,"timeout":1}"#,
            r#"{"issuer":"https://id.example","metadata_url":"http://127.0.0.1:1/metadata"}"#,
        ] {
            RemoteOptions::from_json(json).unwrap();
        }
        for (json, code, field) in [
            ("{}", Code::InvalidArgument, "issuer"),
            (r#"{"isuer":"https://id.example"}"#, Code::UnknownOption, "isuer"),
            (r#"{"issuer":"id.example"}"#, Code::UrlRefused, "issuer"),
            (r#"{"issuer":"http://id.example"}"#, Code::UrlRefused, "issuer"),
            (r#"{"issuer":"https://id.example/?tenant=1"}"#, Code::UrlRefused, "issuer"),
            (r#"{"jwks_uri":"http://id.example"}"#, Code::UrlRefused, "jwks_uri"),
            (
                r#"{"jwks_uri":"https://id.example","metadata_url":"https://id.example"}"#,
                Code::InvalidArgument,
                "metadata_url",
            ),
            (r#"{"metadata_url":"https://id.example"}"#, Code::InvalidArgument, "issuer"),
            (r#"{"issuer":"https://id.example","cooldown":0}"#, Code::InvalidArgument, "cooldown"),
            (r#"{"issuer":"https://id.example","timeout":61}"#, Code::InvalidArgument, "timeout"),
            (r#"{"issuer":"https://id.example","timeout":0.5}"#, Code::InvalidArgument, "timeout"),
            (r#"{"issuer":null}"#, Code::InvalidArgument, "issuer"),
        ] {
            let error = RemoteOptions::from_json(json).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, Some(field)), "{json}");
        }
    }
}
