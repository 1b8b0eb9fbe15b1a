//! The built-in HTTPS client: it drives operations for programs that have no client of their own, and blocks meanwhile.
//!
//! ```no_run
//! use authwright_core::transport::{HttpClient, HttpOptions};
//!
//! let client = HttpClient::new(HttpOptions::from_json(r#"{"timeout": 5}"#)?)?;
//! # Ok::<(), authwright_core::Error>(())
//! ```
//!
//! - **What is sent is the request**, with `Host`, `Accept-Encoding: gzip` and the body's length added: no cookies, no
//!   redirects followed. A connection is used again within 15 seconds if the server kept it open; for a request with a
//!   body never, because a server that closes it just then would leave the request's fate unknown.
//! - **Nothing is sent twice, but for one case**: a GET whose kept connection ended before a byte of the answer came is
//!   sent once more, on a new connection and within the same time (RFC 9110 section 9.2.2, RFC 9112 section 9.3.1). Any
//!   server may close a connection that is idle, at any time, and so at the moment of its next use.
//! - **Every wait ends**: at the request's deadline or the client's `timeout`, whichever is sooner, however the server
//!   dawdles.
//! - **An answer costs no more memory than the request allows**, whatever it decompresses to.
//! - **Addresses are checked where they are connected to.** [`Reach::Public`] has connections of its own.
//! - **Fork.** A child makes its own connections and leaves those of its parent alone.

mod address;
mod dial;
mod options;
mod proxy;
mod tls;

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use ureq::http::{self, Uri};
use ureq::unversioned::resolver::{DefaultResolver, Resolver};
use ureq::{Agent, AsSendBody, Body};

pub use self::options::HttpOptions;

use self::dial::{BUFFER_BYTES, Carried, Connect, Dial, Ended, Place};
use self::proxy::Proxies;
use self::tls::{Tls, TlsSessions};
use crate::clock::system_now_ms;
use crate::error::Result;
use crate::oauth::Tokens;
use crate::operation::{Event, Failure, Method, Operation, Reach, Request, Response, Sent};

/// How long a connection is kept for the next request: over the pauses of a program that is busy, and far shorter than
/// the minutes after which a router between may forget it without a word, which would cost the request all of its time.
/// A server that closes sooner (Node and Apache after 5 seconds) costs a second try at worst, see [`get`].
const IDLE: Duration = Duration::from_secs(15);

/// The steps in which the buffer for a body grows at least.
const BODY_STEP: usize = 16 * 1024;

/// An HTTPS client. Clones are the same client; it is `Send + Sync`, and threads do not wait for each other.
///
/// Making one is cheap: the platform's trusted authorities are loaded when the first connection needs them.
#[derive(Clone)]
pub struct HttpClient(Arc<Client>);

struct Client {
    timeout: Duration,
    connect_timeout: Duration,
    proxies: Arc<Proxies>,
    tls: Arc<Tls>,
    resolver: Arc<dyn Resolver>,
    connect: Connect,
    state: ArcSwap<State>,
}

enum State {
    /// Nothing was sent yet.
    New,
    Open(Arc<Connections>),
    Closed,
}

/// The connections of one process.
///
/// At a fork another thread may hold one of the locks in here, and in the child nobody will ever release it. So what is
/// inherited is neither used nor dropped there; and what leads here, an [`ArcSwap`], has no lock.
struct Connections {
    process: u32,
    agents: Arc<Agents>,
}

struct Agents {
    anywhere: Agent,
    public: Agent,
}

impl HttpClient {
    /// A client.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` if `ca`, `client_certificate` or `client_key` is not what it should be; the field says
    /// which.
    pub fn new(options: HttpOptions) -> Result<Self> {
        Self::with_parts(&options, |name| std::env::var(name).ok(), Arc::new(DefaultResolver::default()), dial::tcp)
    }

    /// With another environment, another resolver, and another way to connect.
    fn with_parts(
        options: &HttpOptions,
        environment: impl Fn(&str) -> Option<String>,
        resolver: Arc<dyn Resolver>,
        connect: Connect,
    ) -> Result<Self> {
        Ok(Self(Arc::new(Client {
            timeout: options.timeout,
            connect_timeout: options.connect_timeout,
            proxies: Arc::new(Proxies::new(&options.proxy, environment)),
            tls: Arc::new(Tls::new(options)?),
            resolver,
            connect,
            state: ArcSwap::from_pointee(State::New),
        })))
    }

    /// Sends the request and waits for the answer, whatever its status. `now` is in milliseconds since 1970.
    ///
    /// # Errors
    /// A [`Failure`] that says why there is no answer, and whether the request can have reached the server.
    pub fn send(&self, request: &Request, now: u64) -> Result<Response, Failure> {
        let connections = self.0.connections()?;
        let left = Duration::from_millis(request.deadline.saturating_sub(now)).min(self.0.timeout);
        if left.is_zero() {
            return Err(Failure::deadline(Sent::Not));
        }
        let url = url(request)?;
        let place = Place::new(&url).to_string();
        if request.needs_client_certificate && !self.0.tls.has_client_certificate() {
            return Err(Failure::unsupported("client certificate: set client_certificate and client_key"));
        }
        let agent = match request.reach {
            Reach::Anywhere => &connections.agents.anywhere,
            // The proxy would connect, and to what it pleases.
            Reach::Public if self.0.proxies.choose(&url)?.is_some() => {
                return Err(Failure::unsupported("connect-time address check through a proxy"));
            }
            Reach::Public => &connections.agents.public,
        };
        let message = request
            .headers
            .iter()
            .fold(http::Request::builder().method(request.method.as_str()).uri(url), |message, (name, value)| {
                message.header(*name, value.as_str())
            });
        let unsendable = |_| Failure::transport(Sent::Not, "the request has a header that cannot be sent");
        let answer = match (request.method, &request.body) {
            (Method::Get, None) => get(agent, message.body(()).map_err(unsendable)?, left),
            (_, None) => exchange(agent, message.body(()).map_err(unsendable)?, left, Duration::ZERO),
            (_, Some(body)) => {
                exchange(agent, message.body(body.as_slice()).map_err(unsendable)?, left, Duration::ZERO)
            }
        };
        answer.and_then(|answer| receive(answer, request.max_body_bytes)).map_err(|error| failure(&place, error))
    }

    /// Drives the operation to its end, by the system's clock. Its events go to the hook as they come.
    ///
    /// # Errors
    /// Those of the operation.
    pub fn run<T>(&self, operation: Operation<T>, events: &dyn Fn(&Event)) -> Result<T> {
        let nobody = |_: &Tokens| Err("nobody was named who keeps tokens".to_owned());
        self.run_persisting(operation, nobody, events)
    }

    /// The same for the operations of a [`crate::oauth::TokenManager`]: `persist` keeps the tokens that replace others,
    /// or says why it did not.
    ///
    /// # Errors
    /// Those of the operation.
    pub fn run_persisting<T>(
        &self,
        operation: Operation<T>,
        persist: impl FnMut(&Tokens) -> Result<(), String>,
        events: &dyn Fn(&Event),
    ) -> Result<T> {
        operation.run(system_now_ms, |request, now| self.send(request, now), persist, events)
    }

    /// Closes the connections that are idle, and refuses to send anything more: `ERR_CLOSED`. Requests that are under
    /// way come to their own end.
    pub fn close(&self) {
        self.0.state.store(Arc::new(State::Closed));
    }
}

impl Client {
    fn connections(&self) -> Result<Arc<Connections>, Failure> {
        loop {
            let state = self.state.load();
            match &**state {
                State::Open(connections) if connections.process == std::process::id() => {
                    return Ok(Arc::clone(connections));
                }
                State::Closed => return Err(Failure::closed()),
                // If another thread was faster, its connections are found in the next round.
                State::New | State::Open(_) => {
                    let made = State::Open(Arc::new(Connections::new(self)));
                    self.state.compare_and_swap(&state, Arc::new(made));
                }
            }
        }
    }
}

impl Connections {
    fn new(client: &Client) -> Self {
        let tls = Arc::new(TlsSessions::new(Arc::clone(&client.tls)));
        let agent = |reach| {
            let dial = Dial {
                reach,
                proxies: Arc::clone(&client.proxies),
                tls: Arc::clone(&tls),
                resolver: Arc::clone(&client.resolver),
                connect: client.connect,
            };
            let config = Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .proxy(None)
                .accept("")
                .user_agent("")
                .timeout_resolve(Some(client.connect_timeout))
                .timeout_connect(Some(client.connect_timeout))
                .input_buffer_size(BUFFER_BYTES)
                .output_buffer_size(BUFFER_BYTES)
                .max_idle_age(IDLE)
                .build();
            Agent::with_parts(config, dial.clone(), dial)
        };
        let agents = Agents { anywhere: agent(Reach::Anywhere), public: agent(Reach::Public) };
        Self { process: std::process::id(), agents: Arc::new(agents) }
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            std::mem::forget(Arc::clone(&self.agents));
        }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closed = matches!(**self.0.state.load(), State::Closed);
        formatter
            .debug_struct("HttpClient")
            .field("proxies", &self.0.proxies)
            .field("connect_timeout", &self.0.connect_timeout)
            .field("timeout", &self.0.timeout)
            .field("closed", &closed)
            .finish_non_exhaustive()
    }
}

/// The request's URL. Which URLs may be used is decided where they come from; here is only what ureq would not survive,
/// or would make a header of.
fn url(request: &Request) -> Result<Uri, Failure> {
    let url = request.url.parse::<Uri>().ok().filter(|url| {
        matches!(url.scheme_str(), Some("http" | "https"))
            && url
                .authority()
                .is_some_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'))
    });
    url.ok_or_else(|| Failure::transport(Sent::Not, "the URL is not one that a request can be sent to"))
}

/// A GET, on a kept connection if there is one. If that one ends before a byte of the answer has come, it is sent once
/// more: a GET may be (RFC 9110 section 9.2.2), and a server that closes what is idle is to be expected (RFC 9112
/// sections 9.3.1 and 9.5). The second time on a new connection, where the same end is a failure.
fn get(agent: &Agent, message: http::Request<()>, left: Duration) -> Result<http::Response<Body>, ureq::Error> {
    let start = Instant::now();
    match exchange(agent, message.clone(), left, IDLE) {
        Err(error) if Ended::is(&error) => {
            let left = left.saturating_sub(start.elapsed());
            exchange(agent, message, left, Duration::ZERO).map_err(Carried::after_sending)
        }
        outcome => outcome,
    }
}

/// Sends, and reads the answer up to the body. Connections that are idle for longer than `idle` are not used.
fn exchange<B: AsSendBody>(
    agent: &Agent,
    message: http::Request<B>,
    left: Duration,
    idle: Duration,
) -> Result<http::Response<Body>, ureq::Error> {
    agent.run(agent.configure_request(message).timeout_global(Some(left)).max_idle_age(idle).build())
}

/// Reads the body.
fn receive(answer: http::Response<Body>, max_bytes: usize) -> Result<Response, ureq::Error> {
    let too_large = || Carried::through_ureq(Failure::too_large());
    let (head, body) = answer.into_parts();
    if body.content_length().is_some_and(|length| length > max_bytes as u64) {
        return Err(too_large());
    }
    let mut reader = body.into_reader();
    let mut bytes: Vec<u8> = Vec::new();
    let mut piece = vec![0; BODY_STEP];
    loop {
        let amount = reader.read(&mut piece)?;
        let room = max_bytes.saturating_sub(bytes.len());
        match piece.get(..amount) {
            None | Some([]) => break,
            Some(_) if amount > room => return Err(too_large()),
            Some(piece) => {
                if bytes.capacity().saturating_sub(bytes.len()) < amount {
                    // Doubles, but not beyond what may come.
                    bytes.reserve_exact(bytes.len().max(BODY_STEP).min(room));
                }
                bytes.extend_from_slice(piece);
            }
        }
    }
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    Ok(Response::new(head.status.as_u16(), headers.collect(), bytes))
}

/// What an error of ureq means. What failed before anything was sent says so itself.
fn failure(place: &str, error: ureq::Error) -> Failure {
    let broken = |what: &str| Failure::transport(Sent::Maybe, &format!("{place} {what}"));
    match error {
        ureq::Error::Other(error) => match error.downcast::<Carried>() {
            Ok(carried) => carried.0,
            Err(_) => broken("did not answer"),
        },
        ureq::Error::Timeout(_) => Failure::deadline(Sent::Maybe),
        ureq::Error::LargeResponseHeader(..) => Failure::too_large(),
        ureq::Error::Decompress(..) => broken("sent an answer that is not the gzip that it says"),
        ureq::Error::ConnectionFailed => broken("broke the connection off"),
        ureq::Error::Io(error) => match error.get_ref().and_then(|source| source.downcast_ref()) {
            Some(error) if tls::is_refusal(error) => tls::failure(&place, error),
            Some(error) => broken(&format!("broke TLS: {error}")),
            None if error.kind() == io::ErrorKind::UnexpectedEof => broken("closed the connection within the answer"),
            None => broken(&format!("was lost: {error}")),
        },
        _ => broken("sent something that is not an HTTP answer"),
    }
}

#[cfg(test)]
mod tests;
