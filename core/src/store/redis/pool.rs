//! The connections of one process: a bounded number, each of one call at a time.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::address::Place;
use super::connection::Connection;
use super::refusal::unavailable;
use crate::error::{Code, Error, Result};

/// Connections that rest for longer are closed: what stands between forgets them, some of it without a word.
const IDLE: Duration = Duration::from_secs(120);

/// Connections that rest, and room for those that do not.
pub(super) struct Pool {
    most: usize,
    contents: Mutex<Contents>,
    freed: Condvar,
}

#[derive(Default)]
struct Contents {
    /// The one that was used last is at the end.
    idle: Vec<Connection>,
    turns: usize,
    is_closed: bool,
}

/// The right to have one connection out of the pool.
pub(super) struct Turn<'a> {
    pool: &'a Pool,
}

impl Pool {
    pub(super) fn new(most: usize) -> Self {
        Self { most, contents: Mutex::default(), freed: Condvar::new() }
    }

    /// Waits until fewer than `most` others have one.
    pub(super) fn turn(&self, until: Instant) -> Result<Turn<'_>> {
        let mut contents = self.contents();
        loop {
            if contents.is_closed {
                return Err(Error::new(Code::Closed, "the store is closed"));
            }
            if contents.turns < self.most {
                contents.turns = contents.turns.saturating_add(1);
                return Ok(Turn { pool: self });
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(unavailable("all connections were in use for all of the time"));
            }
            contents = self.freed.wait_timeout(contents, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Gives up those to a place where one has failed.
    pub(super) fn forget(&self, place: &Place) {
        let gone: Vec<Connection> = self.contents().idle.extract_if(.., |idle| **idle.place() == *place).collect();
        drop(gone);
    }

    pub(super) fn close(&self) {
        let mut contents = self.contents();
        contents.is_closed = true;
        contents.idle.clear();
        drop(contents);
        self.freed.notify_all();
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        // What is behind the lock is whole whenever it is released.
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// A connection to the place that rests. If there is none, there is room for a new one.
    pub(super) fn take(&self, place: &Arc<Place>) -> Option<Connection> {
        let mut contents = self.pool.contents();
        // Those that rest too long are at the beginning.
        let now = Instant::now();
        let old = contents.idle.iter().take_while(|idle| now.saturating_duration_since(idle.used()) > IDLE).count();
        let gone: Vec<Connection> = contents.idle.drain(..old).collect();
        let found =
            contents.idle.iter().rposition(|idle| idle.place() == place).map(|found| contents.idle.remove(found));
        // This one is in use: among as many as there are turns.
        let room = self.pool.most.saturating_sub(contents.turns);
        let beyond = contents.idle.len().saturating_sub(room);
        let others: Vec<Connection> = contents.idle.drain(..beyond).collect();
        drop(contents);
        drop((gone, others));
        found
    }

    /// Lets a connection rest.
    pub(super) fn keep(&self, connection: Connection) {
        let mut contents = self.pool.contents();
        if !contents.is_closed {
            contents.idle.push(connection);
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut contents = self.pool.contents();
        contents.turns = contents.turns.saturating_sub(1);
        drop(contents);
        self.pool.freed.notify_one();
    }
}
