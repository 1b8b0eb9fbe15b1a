//! How a connection is made.

use std::io;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::address::{Address, Place};
use super::connection::{Connection, Lost};
use super::locked;
use super::resolver::Resolver;
use super::socket::{Socket, Stream, reason};
use super::time::left;

/// Makes connections, with TLS if the URL asks for it.
pub(super) struct Dialer {
    address: Arc<Address>,
    resolver: Resolver,
    tls: Mutex<Option<Arc<ClientConfig>>>,
}

impl Dialer {
    pub(super) fn new(address: &Arc<Address>) -> Self {
        Self { address: Arc::clone(address), resolver: Resolver::new(), tls: Mutex::default() }
    }

    /// A connection on which nothing was said yet.
    pub(super) fn dial(&self, place: &Arc<Place>, until: Instant) -> Result<Connection, Lost> {
        let stream = self.stream(place, until);
        let stream = stream.map_err(|why| Lost { why, is_sent: false, is_late: Instant::now() >= until })?;
        Ok(Connection::new(place, stream))
    }

    fn stream(&self, place: &Place, until: Instant) -> Result<Stream, String> {
        let client = self.client()?;
        let stream = self.connect(place, until).map_err(|error| format!("{place}: {}", reason(&error)))?;
        let socket = Socket::new(stream, until);
        match client {
            None => Ok(Stream::Plain(socket)),
            Some(client) => start_tls(place, client, socket).map(|stream| Stream::Tls(Box::new(stream))),
        }
    }

    fn connect(&self, place: &Place, until: Instant) -> io::Result<TcpStream> {
        let addresses = self.resolver.resolve(place, until)?;
        let mut failure = io::Error::other("the name has no address");
        for (position, address) in addresses.iter().enumerate() {
            let others = addresses.len().saturating_sub(position).saturating_sub(1);
            // One that does not answer leaves time for the others.
            let left = left(until)?;
            let share = if others == 0 { left } else { left.checked_div(2).unwrap_or(left) };
            match TcpStream::connect_timeout(address, share) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// A failure to load the platform's authorities is not kept: what is missing may be installed later.
    fn client(&self) -> Result<Option<Arc<ClientConfig>>, String> {
        let Some(authorities) = &self.address.tls else { return Ok(None) };
        let mut client = locked(&self.tls);
        if client.is_none() {
            *client = Some(super::tls::client(authorities)?);
        }
        Ok(client.clone())
    }
}

fn start_tls(
    place: &Place,
    tls: Arc<ClientConfig>,
    mut socket: Socket,
) -> Result<StreamOwned<ClientConnection, Socket>, String> {
    let name = ServerName::try_from(place.host.clone())
        .map_err(|_| format!("{place}: this is not a name that a certificate can have"))?;
    let mut client = ClientConnection::new(tls, name).map_err(|error| format!("{place}: {error}"))?;
    while client.is_handshaking() {
        client.complete_io(&mut socket).map_err(|error| format!("{place}: TLS: {}", reason(&error)))?;
    }
    Ok(StreamOwned::new(client, socket))
}
