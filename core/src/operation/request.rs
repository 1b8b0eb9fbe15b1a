//! What an operation sends, and what comes back: HTTP without any HTTP library's types.

use std::fmt;

use crate::error::{Code, Error};
use crate::url;

/// The most bytes that an answer may have, after decompression, unless the request says otherwise.
pub(crate) const MAX_BODY_BYTES: usize = 1 << 20;

/// One HTTP request. The driver sends it exactly as it is, and follows no redirect.
#[derive(Clone)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// An absolute URL: https, or http to a loopback address.
    pub url: String,
    /// The headers, in order; each name once.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
    /// The most bytes that the answer's body may have, after decompression. A longer one is [`Failure::too_large`].
    pub max_body_bytes: usize,
    /// When the answer must be there, in milliseconds since 1970.
    pub deadline: u64,
    /// Where the request may go.
    pub reach: Reach,
    /// Whether the server is to see the program's TLS certificate (RFC 8705). A driver that has none answers
    /// [`Failure::unsupported`].
    pub needs_client_certificate: bool,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
}

/// Which addresses a request may be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// Any: the program configured the URL, or its issuer's metadata names it.
    Anywhere,
    /// None that is special (loopback, private, link-local and so on): the URL came from outside. The driver looks at
    /// the address that it is about to connect to, and nowhere else, for a name may resolve to something new each time.
    /// A driver that cannot answers [`Failure::unsupported`].
    Public,
}

/// The answer of a server.
#[derive(Clone)]
#[non_exhaustive]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers. Names are compared without regard to case.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub struct Failure {
    pub(crate) sent: Sent,
    pub(crate) error: Error,
    /// Whether it came when the request's own time was over, rather than by a decision of the transport.
    pub(crate) is_out_of_time: bool,
}

/// Whether a request that failed can have reached the server. What may have been sent is never repeated where that
/// could spend something twice: a code, a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Not a byte of it: the name did not resolve, the connection was not made, TLS was not agreed on.
    Not,
    /// Perhaps.
    Maybe,
}

impl Method {
    /// As it stands in a request line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl Request {
    pub(crate) fn get(url: String, accept: &str, deadline: u64, reach: Reach) -> Self {
        let headers = vec![
            ("Accept", accept.to_owned()),
            ("User-Agent", concat!("authwright/", env!("CARGO_PKG_VERSION")).to_owned()),
        ];
        Self {
            method: Method::Get,
            url,
            headers,
            body: None,
            max_body_bytes: MAX_BODY_BYTES,
            deadline,
            reach,
            needs_client_certificate: false,
        }
    }

    /// A form, to an endpoint that the program or its issuer's metadata names.
    pub(crate) fn post_form(url: String, form: &str, deadline: u64) -> Self {
        let mut request = Self::get(url, "application/json", deadline, Reach::Anywhere);
        request.method = Method::Post;
        request.headers.push(("Content-Type", "application/x-www-form-urlencoded".to_owned()));
        request.body = Some(form.as_bytes().to_vec());
        request
    }
}

impl Response {
    /// An answer, as a driver hands it over.
    #[must_use]
    pub fn new(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self { status, headers, body }
    }

    /// The value of a header, if it is there.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Failure {
    fn new(sent: Sent, error: Error) -> Self {
        Self { sent, error, is_out_of_time: false }
    }

    /// Resolving, connecting, sending or receiving failed: `ERR_TRANSPORT`. `reason` is for people.
    #[must_use]
    pub fn transport(sent: Sent, reason: &str) -> Self {
        Self::new(sent, Error::new(Code::Transport, format!("no answer: {reason}")))
    }

    /// TLS was not agreed on: an untrusted or expired certificate, a wrong name: `ERR_TRANSPORT_TLS`.
    #[must_use]
    pub fn tls(reason: &str) -> Self {
        Self::new(Sent::Not, Error::new(Code::TransportTls, format!("no secure connection: {reason}")))
    }

    /// The request's deadline was over: `ERR_DEADLINE`.
    #[must_use]
    pub fn deadline(sent: Sent) -> Self {
        Self::new(sent, Error::new(Code::Deadline, "no answer in time"))
    }

    /// The body was longer than [`Request::max_body_bytes`]: `ERR_RESPONSE_TOO_LARGE`.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(Sent::Maybe, Error::new(Code::ResponseTooLarge, "the answer is longer than is read"))
    }

    /// The address is one that the request's [`Reach`] forbids: `ERR_ADDRESS_REFUSED`.
    #[must_use]
    pub fn address(address: &str) -> Self {
        let message = format!("{address} is not a public address, and the URL came from outside");
        Self::new(Sent::Not, Error::new(Code::AddressRefused, message))
    }

    /// The driver cannot do what the request asks for: `ERR_TRANSPORT_UNSUPPORTED`.
    #[must_use]
    pub fn unsupported(what: &str) -> Self {
        Self::new(Sent::Not, Error::new(Code::TransportUnsupported, format!("this transport has no {what}")))
    }

    /// The transport was closed: `ERR_CLOSED`.
    #[must_use]
    pub fn closed() -> Self {
        Self::new(Sent::Not, Error::new(Code::Closed, "the transport was closed"))
    }

    /// Whether the request can have reached the server.
    #[must_use]
    pub fn sent(&self) -> Sent {
        self.sent
    }

    pub(crate) fn into_error(self) -> Error {
        self.error
    }

    /// The error that it is.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }
}

// Bodies, headers and queries carry secrets.
impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Request({} {})", self.method.as_str(), url::without_query(&self.url))
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Response({}, {} bytes)", self.status, self.body.len())
    }
}
