//! Proxies: which one a request goes through, and the tunnel through it.
//!
//! The choice is made here rather than by ureq, whose reading of the environment takes `ALL_PROXY` before `HTTPS_PROXY`
//! and `NO_PROXY` without subdomains; and so is the tunnel, because ureq's waits for each piece of a proxy's answer
//! anew.

use std::fmt;
use std::io::{Read, Write};
use std::net::IpAddr;
use std::sync::Arc;

use base64_turbo::STANDARD;
use ureq::ProxyProtocol;
use ureq::http::Uri;
use ureq::unversioned::transport::TransportAdapter;
use zeroize::Zeroizing;

use super::dial::{Place, failure};
use crate::error::{Error, Result};
use crate::operation::{Failure, Sent};

/// The most bytes of a proxy's answer that are read.
const MAX_ANSWER: usize = 16 * 1024;

/// What the option `proxy` says.
#[derive(Clone)]
pub(super) enum ProxySetting {
    None,
    Environment,
    One(Arc<Proxy>),
}

/// An HTTP proxy.
pub(super) struct Proxy {
    /// `http://host:port`, without user and password.
    address: Uri,
    /// The value of `Proxy-Authorization`.
    authorization: Option<Zeroizing<String>>,
}

/// Which proxy each request goes through: the setting, and the environment as it was when the client was made.
#[derive(Debug)]
pub(super) enum Proxies {
    None,
    All(Arc<Proxy>),
    /// `proxy` is `None` if the variable names something that is no HTTP proxy.
    Environment {
        variable: &'static str,
        proxy: Option<Arc<Proxy>>,
        except: Exceptions,
    },
}

/// The hosts of `NO_PROXY`.
#[derive(Debug, Default)]
pub(super) struct Exceptions(Vec<Exception>);

#[derive(Debug)]
struct Exception {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug)]
enum Hosts {
    All,
    /// The name in lower case, and all names below it.
    Name(String),
    /// Addresses that agree in so many bits.
    Block(IpAddr, u32),
}

impl ProxySetting {
    pub(super) fn new(text: &str) -> Result<Self> {
        match text {
            "none" => Ok(Self::None),
            "environment" => Ok(Self::Environment),
            // The text may hold a password: no message shows it.
            _ => Proxy::new(text).map(|proxy| Self::One(Arc::new(proxy))).ok_or_else(|| {
                Error::invalid_argument(
                    "proxy",
                    "proxy must be \"http://[user:password@]host:port\", \"environment\" or \"none\"",
                )
            }),
        }
    }
}

impl Proxy {
    fn new(text: &str) -> Option<Self> {
        let proxy = ureq::Proxy::new(text).ok().filter(|proxy| proxy.protocol() == ProxyProtocol::Http)?;
        if proxy.host().is_empty() {
            return None;
        }
        let address = format!("http://{}:{}", proxy.host(), proxy.port()).parse().ok()?;
        let authorization = proxy.username().or(proxy.password()).is_some().then(|| {
            let (user, password) = (proxy.username().unwrap_or_default(), proxy.password().unwrap_or_default());
            let pair = Zeroizing::new(format!("{user}:{password}"));
            Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
        });
        Some(Self { address, authorization })
    }

    pub(super) fn address(&self) -> &Uri {
        &self.address
    }

    /// Makes the connection to the proxy one to the target (RFC 9110 section 9.3.6).
    pub(super) fn tunnel(&self, target: &Place, connection: &mut TransportAdapter) -> Result<(), Failure> {
        let mut head = Zeroizing::new(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"));
        if let Some(authorization) = &self.authorization {
            head.push_str("Proxy-Authorization: ");
            head.push_str(authorization);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let failed = |error| failure(self, error);
        connection.write_all(head.as_bytes()).map_err(failed)?;

        // Byte by byte from the buffer: what comes after the answer is the target's.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") && answer.len() < MAX_ANSWER {
            let mut byte = [0];
            connection.read_exact(&mut byte).map_err(failed)?;
            answer.extend(byte);
        }
        let status = str::from_utf8(&answer).ok().filter(|answer| answer.starts_with("HTTP/1."));
        match status.and_then(|answer| answer.split(' ').nth(1)) {
            Some(status) if status.len() == 3 && status.starts_with('2') => Ok(()),
            Some("407") => Err(Failure::transport(Sent::Not, &format!("{self} asks for other credentials (407)"))),
            Some(status) if status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(Failure::transport(Sent::Not, &format!("{self} refused the connection to {target} ({status})")))
            }
            _ => Err(Failure::transport(Sent::Not, &format!("{self} does not speak HTTP"))),
        }
    }
}

impl Proxies {
    /// `variable` reads one of the environment.
    pub(super) fn new(setting: &ProxySetting, variable: impl Fn(&str) -> Option<String>) -> Self {
        match setting {
            ProxySetting::None => Self::None,
            ProxySetting::One(proxy) => Self::All(Arc::clone(proxy)),
            ProxySetting::Environment => {
                let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
                let names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
                let Some((name, value)) = names.iter().find_map(|name| set(name).map(|value| (*name, value))) else {
                    return Self::None;
                };
                let except = ["no_proxy", "NO_PROXY"].iter().find_map(set).unwrap_or_default();
                Self::Environment {
                    variable: name,
                    proxy: Proxy::new(&value).map(Arc::new),
                    except: Exceptions::new(&except),
                }
            }
        }
    }

    /// The proxy that requests to this URL go through, if any.
    pub(super) fn choose(&self, url: &Uri) -> Result<Option<&Proxy>, Failure> {
        match self {
            Self::None => Ok(None),
            Self::All(proxy) => Ok(Some(proxy)),
            // As Go does it: no proxy leads back to this machine.
            Self::Environment { except, .. } if is_loopback(url) || except.contain(url) => Ok(None),
            Self::Environment { proxy: Some(proxy), .. } => Ok(Some(proxy)),
            Self::Environment { variable, .. } => {
                Err(Failure::unsupported(&format!("proxy of the kind that {variable} in the environment names")))
            }
        }
    }
}

impl Exceptions {
    fn new(text: &str) -> Self {
        let entries = text.split([',', ' ', '\t']).filter(|entry| !entry.is_empty());
        Self(entries.filter_map(Exception::new).collect())
    }

    fn contain(&self, url: &Uri) -> bool {
        let place = Place::new(url);
        let (host, port) = (place.host().to_ascii_lowercase(), place.port());
        self.0.iter().any(|exception| {
            exception.port.is_none_or(|excepted| excepted == port)
                && match &exception.hosts {
                    Hosts::All => true,
                    Hosts::Name(name) => host.strip_suffix(name.as_str()).is_some_and(|rest| {
                        rest.is_empty() || (rest.ends_with('.') && host.parse::<IpAddr>().is_err())
                    }),
                    Hosts::Block(first, length) => host.parse().is_ok_and(|host| agree(*first, host) >= *length),
                }
        })
    }
}

impl Exception {
    /// One entry: `*`, a name (with or without a dot or `*.` before it), an address or a block of addresses, and
    /// perhaps a port. What cannot be read excepts nothing.
    fn new(entry: &str) -> Option<Self> {
        if entry == "*" {
            return Some(Self { hosts: Hosts::All, port: None });
        }
        // A colon may belong to an IPv6 address; with a port, such an address has brackets.
        let (text, port) = match entry.rsplit_once(':') {
            Some((text, port)) if !text.contains(':') || text.ends_with(']') => (text, Some(port.parse().ok()?)),
            _ => (entry, None),
        };
        let text = text.trim_start_matches('[').trim_end_matches(']');
        let hosts = match (text.parse::<IpAddr>(), text.split_once('/')) {
            (Ok(address), _) => Hosts::Block(address, 128),
            (_, Some((first, length))) => Hosts::Block(first.parse().ok()?, length.parse().ok()?),
            _ => Hosts::Name(text.trim_start_matches('*').trim_matches('.').to_ascii_lowercase()),
        };
        Some(Self { hosts, port })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the proxy {}", Place::new(&self.address))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Proxy({})", self.address)
    }
}

impl fmt::Debug for ProxySetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("None"),
            Self::Environment => formatter.write_str("Environment"),
            Self::One(proxy) => proxy.fmt(formatter),
        }
    }
}

fn is_loopback(url: &Uri) -> bool {
    let host = Place::new(url).host().to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// In how many leading bits two addresses agree: 128 if they are the same, 0 if they are of different families.
fn agree(left: IpAddr, right: IpAddr) -> u32 {
    match (left, right) {
        _ if left == right => 128,
        (IpAddr::V4(left), IpAddr::V4(right)) => (left.to_bits() ^ right.to_bits()).leading_zeros(),
        (IpAddr::V6(left), IpAddr::V6(right)) => (left.to_bits() ^ right.to_bits()).leading_zeros(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::new(&ProxySetting::Environment, |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn chosen(variables: &[(&str, &str)], url: &str) -> Option<String> {
        proxies(variables).choose(&url.parse().unwrap()).unwrap().map(ToString::to_string)
    }

    #[test]
    fn the_environment_names_the_proxy() {
        let url = "https://id.example/";
        for (variables, expected) in [
            (&[][..], None),
            (&[("HTTPS_PROXY", "")], None),
            (&[("HTTP_PROXY", "http://h:1")], None),
            (&[("HTTPS_PROXY", "http://a:1"), ("ALL_PROXY", "http://b:2")], Some("the proxy a:1")),
            (&[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:2")], Some("the proxy b:2")),
            (&[("ALL_PROXY", "b:2")], Some("the proxy b:2")),
            (&[("HTTPS_PROXY", "http://u:p@a")], Some("the proxy a:80")),
            (&[("HTTPS_PROXY", "http://[::1]:1")], Some("the proxy [::1]:1")),
        ] {
            assert_eq!(chosen(variables, url).as_deref(), expected, "{variables:?}");
        }
        let failure = proxies(&[("ALL_PROXY", "socks5://u:p@a:1")]).choose(&url.parse().unwrap()).unwrap_err();
        assert_eq!(failure.error().code().name(), "ERR_TRANSPORT_UNSUPPORTED");
        assert!(failure.error().message().ends_with("that ALL_PROXY in the environment names"));
    }

    #[test]
    fn loopback_hosts_need_no_proxy() {
        for url in
            ["http://localhost:1/", "https://LocalHost./", "https://a.localhost/", "http://127.1.2.3/", "http://[::1]/"]
        {
            assert_eq!(chosen(&[("HTTPS_PROXY", "http://a:1")], url), None, "{url}");
        }
    }

    #[test]
    fn no_proxy_excepts_hosts() {
        for (except, url, direct) in [
            ("*", "https://id.example/", true),
            ("id.example", "https://id.example/", true),
            ("other, ID.example", "https://id.example./", true),
            ("other ID.example", "https://id.EXAMPLE/", true),
            ("example", "https://id.example/", true),
            (".example", "https://id.example/", true),
            ("*.example", "https://id.example/", true),
            ("d.example", "https://id.example/", false),
            ("other.example", "https://id.example/", false),
            ("id.example:443", "https://id.example/", true),
            ("id.example:444", "https://id.example/", false),
            ("id.example:444", "https://id.example:444/", true),
            ("id.example:x", "https://id.example/", false),
            ("10.0.0.0/8", "https://10.1.2.3/", true),
            ("10.0.0.0/8", "https://11.1.2.3/", false),
            ("10.1.2.3", "https://10.1.2.3/", true),
            ("10.1.2.3", "https://10.1.2.4/", false),
            ("2.3", "https://10.1.2.3/", false),
            ("10.1.2.3:444", "https://10.1.2.3/", false),
            ("fd00::/8", "https://[fd00::1]/", true),
            ("fd00::/8", "https://10.0.0.1/", false),
            ("fd00::1", "https://[fd00::1]:8443/", true),
            ("[fd00::1]:8443", "https://[fd00::1]:8443/", true),
            ("[fd00::1]:8443", "https://[fd00::1]/", false),
            ("", "https://id.example/", false),
            (".", "https://id.example/", false),
        ] {
            let variables = [("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", except)];
            assert_eq!(chosen(&variables, url).is_none(), direct, "{except} {url}");
        }
    }

    #[test]
    fn credentials_are_decoded_and_not_shown() {
        let proxy = Proxy::new("http://me:p%40ss@a:1").unwrap();
        assert_eq!(proxy.authorization.as_ref().unwrap().as_str(), "Basic bWU6cEBzcw==");
        assert!(!format!("{proxy:?}{proxy}").contains("ss@"));
        assert!(Proxy::new("http://a:1").unwrap().authorization.is_none());
    }
}
