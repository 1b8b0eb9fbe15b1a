//! What a program says about its HTTPS client.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::proxy::ProxySetting;
use crate::encoding::json::Value;
use crate::error::{Error, Result};
use crate::options;

const WHAT: &str = "http";

/// The members, in the order that they are documented in.
const MEMBERS: &[&str] = &["ca", "client_certificate", "client_key", "proxy", "connect_timeout", "timeout"];

/// The longest time for one request: beyond it, a wait without an end is meant.
const LONGEST: Duration = Duration::from_secs(3600);

/// What a program says about its HTTPS client. The default suits most: the platform's trusted authorities, the
/// environment's proxy.
///
/// ```
/// use authwright_core::transport::HttpOptions;
///
/// let options = HttpOptions::from_json(r#"{"proxy": "http://proxy.internal:3128", "timeout": 5}"#)?;
/// let error = HttpOptions::from_json(r#"{"time_out": 5}"#).unwrap_err();
/// assert_eq!(error.code().name(), "ERR_UNKNOWN_OPTION");
/// # Ok::<(), authwright_core::Error>(())
/// ```
#[derive(Clone)]
pub struct HttpOptions {
    pub(super) ca: Option<String>,
    pub(super) identity: Option<ClientIdentity>,
    pub(super) proxy: ProxySetting,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
}

/// What the client shows to servers that ask who it is, in PEM.
#[derive(Clone)]
pub(super) struct ClientIdentity {
    pub(super) certificate: String,
    pub(super) key: Zeroizing<String>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            ca: None,
            identity: None,
            proxy: ProxySetting::Environment,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
        }
    }
}

impl HttpOptions {
    /// Reads the document. Its members, all optional:
    ///
    /// - `ca`: certificates in PEM, trusted instead of the platform's authorities.
    /// - `client_certificate`, `client_key`: the client's certificate (its issuers after it) and private key in PEM,
    ///   for servers that ask for one. Both or neither.
    /// - `proxy`: `"http://[user:password@]host:port"`; or `"none"`; or `"environment"`, the default: what
    ///   `HTTPS_PROXY`, else `ALL_PROXY`, names, except for the hosts of `NO_PROXY` and for loopback hosts. Names in
    ///   lower case win. (Plain HTTP goes to loopback hosts only, so `HTTP_PROXY` has no meaning.)
    /// - `connect_timeout`: seconds for making a connection, TLS included, and for resolving the name before; 5.
    /// - `timeout`: seconds for a whole request, answer included; 10. An operation's deadline can make it less.
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION` for a member that is not known, `ERR_INVALID_ARGUMENT` for the rest; the field names the
    /// member. PEM is read by [`HttpClient::new`](super::HttpClient::new).
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, WHAT)?;
        let mut read = Self::default();
        let (mut certificate, mut key) = (None, None);
        options::each(parsed.document(), |name, value| {
            match name {
                "ca" => read.ca = Some(options::string(name, value)?),
                "client_certificate" => certificate = Some(options::string(name, value)?),
                "client_key" => key = Some(Zeroizing::new(options::string(name, value)?)),
                "proxy" => read.proxy = ProxySetting::new(&options::string(name, value)?)?,
                "connect_timeout" => read.connect_timeout = time(name, value)?,
                "timeout" => read.timeout = time(name, value)?,
                _ => return Err(options::unknown(name, MEMBERS, WHAT)),
            }
            Ok(())
        })?;
        read.identity = match (certificate, key) {
            (Some(certificate), Some(key)) => Some(ClientIdentity { certificate, key }),
            (None, None) => None,
            (Some(_), None) => {
                return Err(Error::invalid_argument("client_key", "client_certificate needs client_key"));
            }
            (None, Some(_)) => {
                return Err(Error::invalid_argument("client_certificate", "client_key needs client_certificate"));
            }
        };
        Ok(read)
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpOptions")
            .field("ca", &self.ca.is_some())
            .field("client_certificate", &self.identity.is_some())
            .field("proxy", &self.proxy)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .finish()
    }
}

fn time(name: &str, value: Value<'_>) -> Result<Duration> {
    let time = options::seconds(name, value)?;
    if time.is_zero() || time > LONGEST {
        let message = format!("{name} must be from 1 to {} seconds", LONGEST.as_secs());
        return Err(Error::invalid_argument(name.to_owned(), message));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn members_are_read_strictly() {
        let options = HttpOptions::from_json(r#"{"connect_timeout": 1, "timeout": 3600, "proxy": "none"}"#).unwrap();
        assert_eq!((options.connect_timeout.as_secs(), options.timeout.as_secs()), (1, 3600));
        assert_eq!(HttpOptions::from_json("{}").unwrap().timeout.as_secs(), 10);
        for (json, code, field) in [
            (r#"{"timeouts": 1}"#, Code::UnknownOption, "timeouts"),
            (r#"{"timeout": 0}"#, Code::InvalidArgument, "timeout"),
            (r#"{"timeout": 3601}"#, Code::InvalidArgument, "timeout"),
            (r#"{"timeout": 0.5}"#, Code::InvalidArgument, "timeout"),
            (r#"{"connect_timeout": null}"#, Code::InvalidArgument, "connect_timeout"),
            (r#"{"ca": ""}"#, Code::InvalidArgument, "ca"),
            (r#"{"client_key": "k"}"#, Code::InvalidArgument, "client_certificate"),
            (r#"{"client_certificate": "c"}"#, Code::InvalidArgument, "client_key"),
            (r#"{"proxy": ""}"#, Code::InvalidArgument, "proxy"),
            (r#"{"proxy": "socks5://127.0.0.1:1080"}"#, Code::InvalidArgument, "proxy"),
            (r#"{"proxy": "http://"}"#, Code::InvalidArgument, "proxy"),
            (r#"{"timeout": 1, "timeout": 1}"#, Code::InvalidArgument, "http"),
        ] {
            let error = HttpOptions::from_json(json).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, Some(field)), "{json}: {error}");
        }
        let error = HttpOptions::from_json(r#"{"timout": 1}"#).unwrap_err();
        assert!(error.message().contains("did you mean \"timeout\""), "{error}");
    }

    #[test]
    fn debug_and_errors_show_no_secret() {
        let json =
            r#"{"client_certificate": "hunter2", "client_key": "hunter2", "proxy": "http://me:hunter2@proxy:1"}"#;
        let shown = format!("{:?}", HttpOptions::from_json(json).unwrap());
        assert!(!shown.contains("hunter2") && shown.contains("proxy:1"), "{shown}");
        let error = HttpOptions::from_json(r#"{"proxy": "ftp://me:hunter2@proxy:1"}"#).unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
