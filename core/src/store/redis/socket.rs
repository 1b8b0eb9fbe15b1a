//! What a connection goes over, and for how long.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustls::{ClientConnection, StreamOwned};

use super::time::left;

/// The most bytes of what is answered at once: a hundred of the largest records are less, and no more are asked for.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What a connection goes over.
pub(super) enum Stream {
    Plain(Socket),
    Tls(Box<StreamOwned<ClientConnection, Socket>>),
}

/// A socket on which nothing takes longer than until then, however slowly the other side dribbles.
pub(super) struct Socket {
    stream: TcpStream,
    until: Instant,
    room: usize,
}

impl Stream {
    pub(super) fn socket(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => &mut stream.sock,
        }
    }
}

impl Socket {
    pub(super) fn new(stream: TcpStream, until: Instant) -> Self {
        Self { stream, until, room: MOST_BYTES }
    }

    pub(super) fn begin(&mut self, until: Instant) {
        self.until = until;
        self.room = MOST_BYTES;
    }

    pub(super) fn is_quiet(&self) -> bool {
        let stream = &self.stream;
        let peeked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
        let is_quiet = matches!(peeked, Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        is_quiet && stream.set_nonblocking(false).is_ok()
    }

    /// A signal, be it only that which wakes a process that was stopped, interrupts what has a time-out: it begins anew
    /// for the time that is left.
    fn go_on(&mut self, mut work: impl FnMut(&mut TcpStream, Duration) -> io::Result<usize>) -> io::Result<usize> {
        loop {
            match work(&mut self.stream, left(self.until)?) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let amount = self.go_on(|stream, left| {
            stream.set_read_timeout(Some(left))?;
            stream.read(buffer)
        })?;
        self.room =
            self.room.checked_sub(amount).ok_or_else(|| io::Error::other("the answer is longer than any should be"))?;
        Ok(amount)
    }
}

impl Write for Socket {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.go_on(|stream, left| {
            stream.set_write_timeout(Some(left))?;
            stream.write(buffer)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(buffer),
            Self::Tls(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// Why it failed, as a message says it.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "no answer within the time".to_owned(),
        _ => error.to_string(),
    }
}
