//! One connection, and what comes back over it.
//!
//! The redis crate's parser reads the answers. Its connections are not used: their time-outs begin anew with each
//! packet, they do not say whether a command that failed was sent, and what they do about TLS is said in `tls.rs`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Arc;
use std::time::Instant;

use ::redis::{Parser, Value};

use super::address::Place;
use super::message::Message;
use super::socket::{Stream, reason};
use crate::error::Excerpt;

/// A connection. Who has got an error from it drops it.
pub(super) struct Connection {
    place: Arc<Place>,
    stream: BufReader<Stream>,
    parser: Parser,
    used: Instant,
}

/// Line by line, for the parser has a buffer of its own: what it has read ahead would be seen by nobody. No answer ends
/// but with a line.
struct Lines<'a>(&'a mut BufReader<Stream>);

/// Why there is no answer.
pub(super) struct Lost {
    pub(super) why: String,
    /// Whether the server can have all of the message.
    pub(super) is_sent: bool,
    /// Whether nothing is known to be wrong but that the time is over.
    pub(super) is_late: bool,
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
        let stream = self.stream.get_mut();
        stream.socket().begin(until);
        // A command of which a part has not left is none.
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
        self.stream.get_mut().socket().is_quiet()
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
