//! What one process knows of the servers, and how it asks them: which one, over which connection, and whether again.

use std::sync::Arc;
use std::time::Instant;

use ::redis::Value;

use super::address::{Address, Place};
use super::attempts::Attempts;
use super::command::Command;
use super::connection::Connection;
use super::dialer::Dialer;
use super::greeting::Greeting;
use super::message::Message;
use super::miss::{Detour, Hope, Miss};
use super::notices::Notices;
use super::pool::{Pool, Turn};
use super::refusal::{refusal, unavailable};
use super::scripts::Scripts;
use super::slots::redirect;
use super::time::share;
use super::whereabouts::Whereabouts;
use crate::error::{Code, Result};
use crate::operation::Event;

/// How many commands are sent at once.
const BATCH: usize = 100;

/// The connections of one process, and what it has learned. At a fork another thread may hold one of the locks in here,
/// so a child makes its own and leaves these alone.
pub(super) struct Links {
    address: Arc<Address>,
    pub(super) scripts: Scripts,
    pool: Pool,
    dialer: Dialer,
    greeting: Greeting,
    whereabouts: Whereabouts,
    notices: Notices,
}

impl Links {
    pub(super) fn new(address: &Arc<Address>, connections: usize) -> Self {
        Self {
            address: Arc::clone(address),
            scripts: Scripts::new(),
            pool: Pool::new(connections),
            dialer: Dialer::new(address),
            greeting: Greeting::new(address),
            whereabouts: Whereabouts::new(address),
            notices: Notices::default(),
        }
    }

    /// The server's answer, which is no error.
    pub(super) fn ask(&self, command: &Command<'_>, until: Instant) -> Result<Value> {
        let turn = self.pool.turn(until)?;
        let (mut attempts, mut detour) = (Attempts::default(), None);
        loop {
            match self.attempt(&turn, command, detour, until) {
                Ok(value) => return Ok(value),
                Err(miss) => detour = attempts.after(miss, command, until)?,
            }
        }
    }

    /// The answers to the same words on several keys, none where the key holds something else. They only read.
    pub(super) fn ask_each(
        &self,
        verb: &[u8],
        keys: &[Vec<u8>],
        field: &[&[u8]],
        until: Instant,
    ) -> Result<Vec<Option<Value>>> {
        let mut answers = Vec::with_capacity(keys.len());
        for keys in keys.chunks(BATCH) {
            let mut found: Vec<Option<Value>> = vec![None; keys.len()];
            self.ask_together(verb, keys, field, &mut found, until)?;
            for (key, found) in keys.iter().zip(found) {
                answers.push(match found {
                    Some(found) => Some(found),
                    None => match self.ask(&Command::plain(key, &words(verb, key, field)), until) {
                        Err(error) if error.code() == Code::StoreCorrupt => None,
                        answer => Some(answer?),
                    },
                });
            }
        }
        Ok(answers)
    }

    /// The answers that come at the first attempt; the others are for [`Links::ask`], which knows what to do.
    fn ask_together(
        &self,
        verb: &[u8],
        keys: &[Vec<u8>],
        field: &[&[u8]],
        found: &mut [Option<Value>],
        until: Instant,
    ) -> Result<()> {
        let turn = self.pool.turn(until)?;
        let mut groups: Vec<(Arc<Place>, Vec<usize>)> = Vec::new();
        for (position, key) in keys.iter().enumerate() {
            let Ok(place) = self.place(&turn, key, until) else { return Ok(()) };
            match groups.iter_mut().find(|(known, _)| *known == place) {
                Some((_, positions)) => positions.push(position),
                None => groups.push((place, vec![position])),
            }
        }
        for (place, positions) in groups {
            let mut message = Message::default();
            for key in positions.iter().filter_map(|position| keys.get(*position)) {
                message.add(&words(verb, key, field));
            }
            let Ok(mut connection) = self.connection(&turn, &place, until) else { continue };
            let Ok(answers) = connection.exchange(&message, until) else { continue };
            turn.keep(connection);
            for (position, answer) in positions.into_iter().zip(answers) {
                if let (Some(found), false) = (found.get_mut(position), matches!(answer, Value::ServerError(_))) {
                    *found = Some(answer);
                }
            }
        }
        Ok(())
    }

    /// All servers that records are on.
    pub(super) fn primaries(&self, until: Instant) -> Result<Vec<Arc<Place>>> {
        let turn = self.pool.turn(until)?;
        let known = match &self.whereabouts {
            Whereabouts::Cluster(cluster) => cluster
                .slots(until, |node, words, until| self.read_at(&turn, node, words, until))
                .map(|slots| slots.primaries()),
            Whereabouts::Single(_) | Whereabouts::Sentinels(_) => {
                self.place(&turn, b"", until).map(|place| vec![place])
            }
        };
        known.map_err(Miss::into_unavailable)
    }

    /// The answer to one command that reads, on that server.
    pub(super) fn ask_at(&self, place: &Arc<Place>, words: &[&[u8]], until: Instant) -> Result<Value> {
        let turn = self.pool.turn(until)?;
        match self.read_at(&turn, place, words, until).map_err(Miss::into_unavailable)? {
            Value::ServerError(error) => Err(unavailable(&refusal(&error).text)),
            answer => Ok(answer),
        }
    }

    pub(super) fn take_events(&self) -> Vec<Event> {
        self.notices.take()
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }

    /// Where the key is, as far as is known.
    fn place(&self, turn: &Turn<'_>, key: &[u8], until: Instant) -> Result<Arc<Place>, Miss> {
        match &self.whereabouts {
            Whereabouts::Single(place) => Ok(Arc::clone(place)),
            Whereabouts::Sentinels(sentinels) => sentinels.primary(&self.dialer, until),
            Whereabouts::Cluster(cluster) => {
                let slots = cluster.slots(until, |node, words, until| self.read_at(turn, node, words, until))?;
                let primary = slots.primary(key).cloned();
                primary.ok_or_else(|| Miss::later("no node of the Cluster has the key's slot".to_owned()))
            }
        }
    }

    fn attempt(
        &self,
        turn: &Turn<'_>,
        command: &Command<'_>,
        detour: Option<Detour>,
        until: Instant,
    ) -> Result<Value, Miss> {
        let Detour { place, asking } = match detour {
            Some(detour) => detour,
            None => Detour { place: self.place(turn, command.key(), until)?, asking: false },
        };
        self.attempt_at(turn, command, &place, asking, until).inspect_err(|miss| self.learn(&place, miss))
    }

    fn attempt_at(
        &self,
        turn: &Turn<'_>,
        command: &Command<'_>,
        place: &Arc<Place>,
        asking: bool,
        until: Instant,
    ) -> Result<Value, Miss> {
        // What is sent into a connection that the server has closed is lost, but nobody can know that it is.
        let mut rested = turn.take(place);
        if command.is_change() && rested.as_mut().is_some_and(|rested| !rested.is_quiet()) {
            rested = None;
            self.pool.forget(place);
        }
        let hope = if rested.is_some() { Hope::AtOnce } else { Hope::Later };
        let mut connection = rested.map_or_else(|| self.connect(place, until), Ok)?;
        let mut send = |by_name| {
            let answers = connection.exchange(&command.message(by_name, asking), until);
            answers.map(last).map_err(|lost| Miss::Failed { lost, hope })
        };
        let mut answer = send(true)?;
        if matches!(&answer, Value::ServerError(error) if error.code() == "NOSCRIPT") {
            answer = send(false)?;
        }
        let Value::ServerError(error) = answer else {
            // A refusal has changed nothing that a replica could lack.
            if command.is_kept() && answer == Value::Int(1) && self.address.wait_replicas > 0 {
                self.wait_for_replicas(&mut connection, until)?;
            }
            turn.keep(connection);
            return Ok(answer);
        };
        let refusal = refusal(&error);
        match refusal.code.as_str() {
            "MOVED" | "ASK" => {
                turn.keep(connection);
                let asking = refusal.code == "ASK";
                let place = redirect(error.details().unwrap_or_default(), place);
                // One that is none: another node may know better.
                let place = place.ok_or_else(|| Miss::later(refusal.text))?;
                Err(Miss::Elsewhere(Detour { place, asking }))
            }
            "LOADING" | "CLUSTERDOWN" | "MASTERDOWN" | "TRYAGAIN" | "READONLY" => Err(Miss::later(refusal.text)),
            _ => {
                turn.keep(connection);
                Err(Miss::Refused(refusal.into_error(command.is_change())))
            }
        }
    }

    fn wait_for_replicas(&self, connection: &mut Connection, until: Instant) -> Result<(), Miss> {
        let wanted = self.address.wait_replicas;
        // So that the answer comes in time; and 0 would be for ever.
        let left = until
            .saturating_duration_since(Instant::now())
            .as_millis()
            .saturating_mul(9)
            .checked_div(10)
            .unwrap_or(0)
            .max(1);
        let (count, left) = (wanted.to_string(), left.to_string());
        match connection.ask(&[b"WAIT", count.as_bytes(), left.as_bytes()], until) {
            Ok(Value::Int(have)) if have >= i64::from(wanted) => Ok(()),
            Ok(Value::Int(have)) => Err(Miss::NotReplicated(format!("{have} of {wanted} replicas have it"))),
            Ok(_) => Err(Miss::NotReplicated("it does not say how many replicas have it".to_owned())),
            Err(lost) => Err(Miss::NotReplicated(lost.why)),
        }
    }

    /// The answer of that server, of which something is learned also if it does not come.
    fn read_at(&self, turn: &Turn<'_>, place: &Arc<Place>, words: &[&[u8]], until: Instant) -> Result<Value, Miss> {
        let read = || {
            let mut connection = self.connection(turn, place, until)?;
            let answer = connection.ask(words, until)?;
            turn.keep(connection);
            Ok(answer)
        };
        read().inspect_err(|miss| self.learn(place, miss))
    }

    /// One that rests, or a new one.
    fn connection(&self, turn: &Turn<'_>, place: &Arc<Place>, until: Instant) -> Result<Connection, Miss> {
        turn.take(place).map_or_else(|| self.connect(place, until), Ok)
    }

    fn connect(&self, place: &Arc<Place>, until: Instant) -> Result<Connection, Miss> {
        // Where there are others, they get their time, too; where there are none, another attempt meets the same.
        let (until, hope) = match self.whereabouts {
            Whereabouts::Single(_) => (until, Hope::None),
            Whereabouts::Sentinels(_) | Whereabouts::Cluster(_) => (share(until, 2), Hope::Later),
        };
        let connection = self.dialer.dial(place, until);
        let mut connection = connection.map_err(|lost| Miss::Failed { lost, hope })?;
        self.greeting.greet(&mut connection, &self.notices, until).map_err(Miss::before)?;
        Ok(connection)
    }

    /// What a miss tells of the place. If only the time was over, which may have been short, the others' connections are
    /// as good as before; otherwise they may be broken, too.
    fn learn(&self, place: &Arc<Place>, miss: &Miss) {
        match miss {
            Miss::Failed { lost, .. } => {
                if !lost.is_late {
                    self.pool.forget(place);
                }
                self.whereabouts.failed(place, lost.is_late);
            }
            Miss::Elsewhere(detour) => match &self.whereabouts {
                Whereabouts::Cluster(cluster) if !detour.asking => cluster.moved(),
                Whereabouts::Single(node) => {
                    self.notices.tell(node, Event::new("store_is_cluster_node").with("server", node.to_string()));
                }
                Whereabouts::Cluster(_) | Whereabouts::Sentinels(_) => {}
            },
            Miss::Refused(_) | Miss::NotReplicated(_) => {}
        }
    }
}

fn words<'a>(verb: &'a [u8], key: &'a [u8], field: &[&'a [u8]]) -> Vec<&'a [u8]> {
    [verb, key].into_iter().chain(field.iter().copied()).collect()
}

/// The answer to a command is the last: `ASKING` may stand before it.
fn last(mut answers: Vec<Value>) -> Value {
    answers.pop().unwrap_or_default()
}
