//! One connection: what is sent, what is answered, and until when.
//!
//! The redis crate's parser reads the answers. Its connections are not used: their time-outs begin anew with each
//! packet, they do not say whether a command that failed was sent, and what they do about TLS is said in `tls.rs`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::redis::{Parser, Value};
use rustls::{ClientConnection, StreamOwned};

use super::address::Place;
use super::time::left;
use crate::error::Excerpt;

/// The most bytes of what is answered at once: a hundred of the largest records are less, and no more are asked for.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// A connection. Who has got an error from it drops it.
pub(super) struct Connection {
    place: Arc<Place>,
    stream: BufReader<Stream>,
    parser: Parser,
    used: Instant,
}

/// What a connection goes over.
pub(super) enum Stream {
    Plain(Socket),
    Tls(Box<StreamOwned<ClientConnection, Socket>>),
}

/// Line by line, for the parser has a buffer of its own: what it has read ahead would be seen by nobody. No answer ends
/// but with a line.
struct Lines<'a>(&'a mut BufReader<Stream>);

/// A socket on which nothing takes longer than until then, however slowly the other side dribbles.
pub(super) struct Socket {
    stream: TcpStream,
    until: Instant,
    room: usize,
}

/// Why there is no answer.
pub(super) struct Lost {
    pub(super) why: String,
    /// Whether the server can have all of the message.
    pub(super) is_sent: bool,
    /// Whether nothing is known to be wrong but that the time is over.
    pub(super) is_late: bool,
}

/// Commands as they are sent.
#[derive(Default)]
pub(super) struct Message {
    pub(super) bytes: Vec<u8>,
    pub(super) commands: usize,
}

impl Connection {
    pub(super) fn new(place: &Arc<Place>, stream: Stream) -> Self {
        Self { place: Arc::clone(place), stream: BufReader::new(stream), parser: Parser::new(), used: Instant::now() }
    }

    pub(super) fn place(&self) -> &Arc<Place> {
        &self.place
    }

    /// When it was last used.
    pub(super) fn used(&self) -> Instant {
        self.used
    }

    /// Sends, and waits for the answers, as many as there are commands.
    pub(super) fn exchange(&mut self, message: &Message, until: Instant) -> Result<Vec<Value>, Lost> {
        let place = Arc::clone(&self.place);
        let lost =
            |why: String, is_sent| Lost { why: format!("{place}: {why}"), is_sent, is_late: Instant::now() >= until };
        self.socket().begin(until);
        // A command of which a part has not left is none.
        let stream = self.stream.get_mut();
        stream.write_all(&message.bytes).and_then(|()| stream.flush()).map_err(|error| lost(reason(&error), false))?;
        let mut answers = Vec::with_capacity(message.commands);
        for _ in 0..message.commands {
            let answer = self.parser.parse_value(Lines(&mut self.stream)).map_err(|error| {
                let why = match Instant::now() >= until {
                    true => "no answer within the time".to_owned(),
                    // It may say what the server has said.
                    false => Excerpt(&error.to_string()).to_string(),
                };
                lost(why, true)
            })?;
            answers.push(answer);
        }
        // It would be taken for the answer to the next command.
        if !self.stream.buffer().is_empty() {
            return Err(lost("it says more than it was asked".to_owned(), true));
        }
        self.used = Instant::now();
        Ok(answers)
    }

    /// The answer to one command.
    pub(super) fn ask(&mut self, words: &[&[u8]], until: Instant) -> Result<Value, Lost> {
        Ok(self.exchange(&Message::of(words), until)?.pop().unwrap_or_default())
    }

    /// Whether the other side has neither closed it nor said what nobody asked for.
    pub(super) fn is_quiet(&mut self) -> bool {
        let stream = &self.socket().stream;
        let peeked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
        let is_quiet = matches!(peeked, Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        is_quiet && stream.set_nonblocking(false).is_ok()
    }

    fn socket(&mut self) -> &mut Socket {
        match self.stream.get_mut() {
            Stream::Plain(socket) => socket,
            Stream::Tls(stream) => &mut stream.sock,
        }
    }
}

impl Message {
    pub(super) fn of(words: &[&[u8]]) -> Self {
        let mut message = Self::default();
        message.add(words);
        message
    }

    /// One more command, as RESP has it: an array of strings with their lengths.
    pub(super) fn add(&mut self, words: &[&[u8]]) {
        let mut digits = itoa::Buffer::new();
        self.bytes.reserve(words.iter().fold(16, |sum: usize, word| sum.saturating_add(word.len()).saturating_add(16)));
        self.bytes.push(b'*');
        self.bytes.extend_from_slice(digits.format(words.len()).as_bytes());
        self.bytes.extend_from_slice(b"\r\n");
        for word in words {
            self.bytes.push(b'$');
            self.bytes.extend_from_slice(digits.format(word.len()).as_bytes());
            self.bytes.extend_from_slice(b"\r\n");
            self.bytes.extend_from_slice(word);
            self.bytes.extend_from_slice(b"\r\n");
        }
        self.commands = self.commands.saturating_add(1);
    }
}

impl Socket {
    pub(super) fn new(stream: TcpStream, until: Instant) -> Self {
        Self { stream, until, room: MOST_BYTES }
    }

    fn begin(&mut self, until: Instant) {
        self.until = until;
        self.room = MOST_BYTES;
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

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let there = self.0.fill_buf()?;
        let line = there.iter().position(|byte| *byte == b'\n').map_or(there.len(), |end| end.saturating_add(1));
        let amount = line.min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..amount), there.get(..amount)) {
            to.copy_from_slice(from);
        }
        self.0.consume(amount);
        Ok(amount)
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
