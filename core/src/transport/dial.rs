//! Making connections: the name, the address, the proxy, TLS. Not a byte of the request is sent here, so each failure
//! is one that can be tried again.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ureq::Timeout;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport, TransportAdapter,
};

use super::address;
use super::proxy::{Proxies, Proxy};
use super::tls::{self, TlsSessions};
use crate::operation::{Failure, Reach, Sent};

/// What ureq reads and writes at once; the headers of a request, or of an answer, are at most as long.
pub(super) const BUFFER_BYTES: usize = 64 * 1024;

/// Makes a TCP connection to the addresses in the details.
pub(super) type Connect = fn(&ConnectionDetails) -> Result<Box<dyn Transport>, ureq::Error>;

/// Makes connections for one agent.
#[derive(Clone)]
pub(super) struct Dial {
    pub(super) reach: Reach,
    pub(super) proxies: Arc<Proxies>,
    pub(super) tls: Arc<TlsSessions>,
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) connect: Connect,
}

/// Host and port, as messages name them.
pub(super) struct Place<'a>(&'a Uri);

/// A connection whose end is an end only if the other side says so. ureq takes a reset for the end of a body without a
/// length, which would make a piece of an answer look like the whole.
///
/// And it says so, with [`Ended`], if it was a kept one that ended instead of answering: ureq does not tell whose
/// connections were used before.
#[derive(Debug)]
pub(super) struct Whole {
    connection: Box<dyn Transport>,
    answered: Answered,
}

/// What has come of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    /// Nothing: the connection is new.
    Nothing,
    /// Something to the last request.
    Last,
    /// Something to an earlier request, and nothing to the last one.
    Earlier,
}

/// A connection that was kept from an earlier request ended before anything came back: most likely its server closed it
/// before the request arrived.
#[derive(Debug)]
pub(super) struct Ended;

/// A failure on its way through ureq.
#[derive(Debug)]
pub(super) struct Carried(pub(super) Failure);

/// As the operating system does it.
pub(super) fn tcp(details: &ConnectionDetails) -> Result<Box<dyn Transport>, ureq::Error> {
    match TcpConnector::default().connect(details, None::<()>)? {
        Some(connection) => Ok(Box::new(connection)),
        None => Err(ureq::Error::ConnectionFailed),
    }
}

/// What an error means while nothing has been sent.
pub(super) fn failure(who: &dyn fmt::Display, error: impl Into<ureq::Error>) -> Failure {
    match error.into() {
        ureq::Error::Timeout(Timeout::Global) => Failure::deadline(Sent::Not),
        ureq::Error::Timeout(_) => Failure::transport(Sent::Not, &format!("{who}: nothing within connect_timeout")),
        ureq::Error::Io(error) => match error.get_ref().and_then(|source| source.downcast_ref()) {
            Some(error) => tls::failure(who, error),
            None if error.kind() == io::ErrorKind::UnexpectedEof => {
                Failure::transport(Sent::Not, &format!("{who} closed the connection at once"))
            }
            None => Failure::transport(Sent::Not, &format!("{who}: {error}")),
        },
        _ => Failure::transport(Sent::Not, &format!("{who} cannot be reached")),
    }
}

impl Dial {
    fn dial(&self, details: &ConnectionDetails) -> Result<Box<dyn Transport>, Failure> {
        if self.reach == Reach::Public {
            // These are the addresses that are connected to: nothing resolves the name again.
            if let Some(address) = details.addrs.iter().find(|address| !address::is_public(address.ip())) {
                return Err(Failure::address(&address.ip().to_string()));
            }
        }
        let place = Place(details.uri);
        let proxy = self.proxies.choose(details.uri)?;
        let who: &dyn fmt::Display = match proxy {
            Some(proxy) => proxy,
            None => &place,
        };
        let connection = (self.connect)(details).map_err(|error| match error {
            // Which of the two times was the shorter one.
            ureq::Error::Timeout(_) => failure(who, ureq::Error::Timeout(details.timeout.reason)),
            error => failure(who, error),
        })?;
        if proxy.is_none() && !details.needs_tls() {
            return Ok(connection);
        }
        let mut connection = TransportAdapter::new(connection, Arc::clone(&details.current_time));
        connection.set_timeout(left(details));
        if let Some(proxy) = proxy {
            proxy.tunnel(&place, &mut connection)?;
        }
        match details.needs_tls() {
            true => self.tls.start(connection, &place),
            false => Ok(connection.into_inner()),
        }
    }

    fn lookup(&self, url: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Failure> {
        // A name behind a proxy is the proxy's to resolve.
        let url = self.proxies.choose(url)?.map_or(url, Proxy::address);
        let place = Place(url);
        if let Ok(address) = place.host().parse::<IpAddr>() {
            let mut addresses = self.resolver.empty();
            addresses.push(SocketAddr::new(address, place.port()));
            return Ok(addresses);
        }
        let unresolved = |why: &str| {
            let host = place.host();
            Failure::transport(Sent::Not, &format!("the name {host} did not resolve: {why}"))
        };
        self.resolver.resolve(url, config, timeout).map_err(|error| match error {
            ureq::Error::Timeout(Timeout::Global) => Failure::deadline(Sent::Not),
            ureq::Error::Timeout(_) => unresolved("nothing within connect_timeout"),
            ureq::Error::Io(error) => unresolved(&error.to_string()),
            _ => unresolved("it has no address"),
        })
    }
}

/// What is left of the time for connecting.
fn left(details: &ConnectionDetails) -> NextTimeout {
    let mut timeout = details.timeout;
    if let (Duration::Exact(limit), Instant::Exact(start), Instant::Exact(now)) =
        (timeout.after, details.now, (details.current_time)())
    {
        timeout.after = limit.saturating_sub(now.saturating_duration_since(start)).into();
    }
    timeout
}

impl Connector for Dial {
    type Out = Whole;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Whole>, ureq::Error> {
        self.dial(details).map(|connection| Some(Whole::new(connection))).map_err(Carried::through_ureq)
    }
}

impl Resolver for Dial {
    fn resolve(&self, url: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        self.lookup(url, config, timeout).map_err(Carried::through_ureq)
    }
}

impl fmt::Debug for Dial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Dial").field("reach", &self.reach).field("proxies", &self.proxies).finish()
    }
}

impl<'a> Place<'a> {
    pub(super) fn new(url: &'a Uri) -> Self {
        Self(url)
    }

    /// Without the brackets of an IPv6 address and without the dot of a complete name.
    pub(super) fn host(&self) -> &'a str {
        let host = self.0.host().unwrap_or_default();
        host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.')
    }

    pub(super) fn port(&self) -> u16 {
        self.0.port_u16().unwrap_or(if self.0.scheme_str() == Some("http") { 80 } else { 443 })
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host() {
            host if host.contains(':') => write!(formatter, "[{host}]:{}", self.port()),
            host => write!(formatter, "{host}:{}", self.port()),
        }
    }
}

impl Whole {
    fn new(connection: Box<dyn Transport>) -> Self {
        Self { connection, answered: Answered::Nothing }
    }

    /// What it means that the connection broke off.
    fn end(&self, error: ureq::Error) -> ureq::Error {
        match self.answered {
            Answered::Earlier => ureq::Error::Other(Box::new(Ended)),
            Answered::Nothing | Answered::Last => error,
        }
    }
}

impl Transport for Whole {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.connection.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        // One request is sent at a time, so what is sent after an answer is the next one.
        if self.answered == Answered::Last {
            self.answered = Answered::Earlier;
        }
        self.connection.transmit_output(amount, timeout).map_err(|error| match error {
            ureq::Error::Io(cause) if is_end(cause.kind()) => self.end(ureq::Error::Io(cause)),
            error => error,
        })
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        match self.connection.await_input(timeout) {
            Ok(true) => {
                self.answered = Answered::Last;
                Ok(true)
            }
            Ok(false) if self.answered == Answered::Earlier => Err(ureq::Error::Other(Box::new(Ended))),
            Ok(false) => Ok(false),
            Err(ureq::Error::Io(error)) if is_end(error.kind()) => Err(self.end(ureq::Error::ConnectionFailed)),
            Err(error) => Err(error),
        }
    }

    fn is_open(&mut self) -> bool {
        self.connection.is_open()
    }

    fn is_tls(&self) -> bool {
        self.connection.is_tls()
    }
}

/// Whether an error of this kind says that the other side is gone.
fn is_end(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
    )
}

impl Ended {
    pub(super) fn is(error: &ureq::Error) -> bool {
        matches!(error, ureq::Error::Other(error) if error.is::<Self>())
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the connection ended before an answer")
    }
}

impl std::error::Error for Ended {}

impl Carried {
    pub(super) fn through_ureq(failure: Failure) -> ureq::Error {
        ureq::Error::Other(Box::new(Self(failure)))
    }

    /// The failure of a second try: the first one may have reached the server, whatever became of this one.
    pub(super) fn after_sending(error: ureq::Error) -> ureq::Error {
        match error {
            ureq::Error::Other(error) => ureq::Error::Other(match error.downcast::<Self>() {
                Ok(mut carried) => {
                    carried.0.sent = Sent::Maybe;
                    carried
                }
                Err(error) => error,
            }),
            error => error,
        }
    }
}

impl fmt::Display for Carried {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error().fmt(formatter)
    }
}

impl std::error::Error for Carried {}
