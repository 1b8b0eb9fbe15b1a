//! The URLs of Redis stores.

use std::fmt;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// No URL is longer, and none names more servers.
const MOST_BYTES: usize = 8192;
const MOST_PLACES: usize = 64;

const PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// What a URL says.
pub(super) struct Address {
    pub(super) layout: Layout,
    pub(super) login: Option<Login>,
    pub(super) database: u32,
    /// With TLS, and the authorities that are trusted beside the platform's.
    pub(super) tls: Option<Vec<CertificateDer<'static>>>,
    /// So many replicas must have a change before it counts as made.
    pub(super) wait_replicas: u32,
}

/// Which servers there are.
#[derive(Debug)]
pub(super) enum Layout {
    Single(Arc<Place>),
    /// The Sentinels, who know where the primary of this name is.
    Sentinel(Vec<Arc<Place>>, String),
    /// Some of the nodes, which know all.
    Cluster(Vec<Arc<Place>>),
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// A name, or an address without brackets.
    pub(super) host: String,
    pub(super) port: u16,
}

pub(super) struct Login {
    pub(super) user: Option<Zeroizing<String>>,
    pub(super) password: Zeroizing<String>,
}

impl Address {
    /// Reads a URL, and the file of authorities that it may name.
    pub(super) fn parse(url: &str) -> Result<Self> {
        if url.len() > MOST_BYTES || !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains('#') {
            return Err(wrong(
                "it is longer than 8192 bytes, or has a fragment or other than visible ASCII characters",
            ));
        }
        let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong("it must begin with redis:// or the like"))?;
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let (authority, path) = rest.split_once('/').map_or((rest, None), |(authority, path)| (authority, Some(path)));
        let (login, places) = match authority.split_once('@') {
            Some((login, places)) => (Some(Login::parse(login)?), places),
            None => (None, authority),
        };
        let has_tls = scheme.starts_with("rediss");
        let (layout, database) = match scheme {
            "redis" | "rediss" => {
                let mut places = places_of(places, PORT)?;
                let place = places.pop().filter(|_| places.is_empty());
                let place =
                    place.ok_or_else(|| wrong("it names several servers: redis+cluster:// or redis+sentinel://"))?;
                (Layout::Single(place), database(path)?)
            }
            "redis+sentinel" | "rediss+sentinel" => {
                let places = places_of(places, SENTINEL_PORT)?;
                let (name, path) = path.map_or(("", None), |path| {
                    path.split_once('/').map_or((path, None), |(name, path)| (name, Some(path)))
                });
                let name = decoded(name)?;
                if name.is_empty() || name.len() > 256 || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(wrong("after the Sentinels comes the name that they know the primary by: /mymaster"));
                }
                (Layout::Sentinel(places, name), database(path)?)
            }
            "redis+cluster" | "rediss+cluster" => {
                let places = places_of(places, PORT)?;
                if database(path)? != 0 {
                    return Err(wrong("a Cluster has no database but 0"));
                }
                (Layout::Cluster(places), 0)
            }
            _ => return Err(wrong("its scheme is not redis, rediss, or one of these with +sentinel or +cluster")),
        };
        let mut address = Self { layout, login, database, tls: has_tls.then(Vec::new), wait_replicas: 0 };
        address.set(query)?;
        Ok(address)
    }

    fn set(&mut self, query: Option<&str>) -> Result<()> {
        let mut seen: Vec<&str> = Vec::new();
        for pair in query.into_iter().flat_map(|query| query.split('&')) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value)?;
            if seen.contains(&name) {
                return Err(wrong("it has a parameter twice"));
            }
            seen.push(name);
            match (name, &mut self.tls) {
                ("ca_file", Some(authorities)) => *authorities = certificates(&value)?,
                ("ca_file", None) => return Err(wrong("ca_file is for rediss:// only")),
                ("wait_replicas", _) => {
                    self.wait_replicas =
                        number(&value, 100).ok_or_else(|| wrong("wait_replicas must be a number from 0 to 100"))?;
                }
                // What stands here may be a piece of a password with a ? in it.
                _ => return Err(wrong("it has an unknown parameter: there are ca_file and wait_replicas")),
            }
        }
        Ok(())
    }
}

impl Login {
    fn parse(text: &str) -> Result<Self> {
        let (user, password) = text.split_once(':').ok_or_else(|| wrong("it has a user without a password"))?;
        let user = Zeroizing::new(decoded(user)?);
        let password = Zeroizing::new(decoded(password)?);
        if password.is_empty() {
            return Err(wrong("its password is empty"));
        }
        Ok(Self { user: Some(user).filter(|user| !user.is_empty()), password })
    }
}

impl Place {
    /// As an URL has it: `name:port`, `[address]:port`, or without the port.
    fn parse(text: &str, port: u16) -> Option<Self> {
        let (host, rest) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']')?;
                host.parse::<std::net::Ipv6Addr>().ok()?;
                (host, rest)
            }
            None => text.find(':').map_or((text, ""), |colon| text.split_at(colon)),
        };
        let port = match rest.strip_prefix(':') {
            Some(digits) => number(digits, u32::from(u16::MAX)).and_then(|port| u16::try_from(port).ok())?,
            None if rest.is_empty() => port,
            None => return None,
        };
        Self::new(host, port)
    }

    /// None if it is not one: servers name others, too.
    pub(super) fn new(host: &str, port: u16) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
        let is_fine = !host.is_empty() && host.len() <= 255 && host.bytes().all(is_plain) && port != 0;
        is_fine.then(|| Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(formatter, "[{}]:{}", self.host, self.port),
            false => write!(formatter, "{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (places, name) = match self {
            Self::Single(place) => return place.fmt(formatter),
            Self::Sentinel(places, name) => (places, Some(name)),
            Self::Cluster(places) => (places, None),
        };
        for (position, place) in places.iter().enumerate() {
            if position > 0 {
                formatter.write_str(",")?;
            }
            place.fmt(formatter)?;
        }
        name.map_or(Ok(()), |name| write!(formatter, "/{name}"))
    }
}

fn places_of(text: &str, port: u16) -> Result<Vec<Arc<Place>>> {
    let places: Option<Vec<_>> = text.split(',').map(|place| Place::parse(place, port).map(Arc::new)).collect();
    places.filter(|places| places.len() <= MOST_PLACES).ok_or_else(|| {
        wrong("it does not name its servers as host:port; a password's special characters must be percent-encoded")
    })
}

fn database(path: Option<&str>) -> Result<u32> {
    match path {
        None | Some("") => Ok(0),
        Some(digits) => number(digits, 1 << 20).ok_or_else(|| wrong("after the / comes the number of a database")),
    }
}

fn number(digits: &str, most: u32) -> Option<u32> {
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|number| is_plain && *number <= most)
}

/// Without percent-encoding, whose every escape must be whole.
fn decoded(text: &str) -> Result<String> {
    let is_whole = text.split('%').skip(1).all(|rest| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2);
    let decoded = percent_decode_str(text).decode_utf8().ok().filter(|_| is_whole);
    decoded.map(std::borrow::Cow::into_owned).ok_or_else(|| wrong("its percent-encoding is broken, or is not of UTF-8"))
}

fn certificates(path: &str) -> Result<Vec<CertificateDer<'static>>> {
    let certificates: Option<Vec<_>> =
        CertificateDer::pem_file_iter(path).ok().and_then(|certificates| certificates.collect::<Result<_, _>>().ok());
    certificates
        .filter(|certificates| !certificates.is_empty())
        .ok_or_else(|| wrong("ca_file cannot be read, or has no certificates in PEM"))
}

/// Says nothing of what stands in it: it may be a password that was not encoded.
#[cold]
fn wrong(why: &'static str) -> Error {
    Error::invalid_argument("url", format!("the URL of a Redis store is not one: {why}"))
}
