//! What one process knows of the servers, and how it asks them: which one, over which connection, and whether again.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ::redis::Value;
use rustls::ClientConfig;
use zeroize::Zeroize;

use super::address::{Address, Layout, Place};
use super::cluster::{self, Slots};
use super::pool::{Pool, Turn};
use super::refusal::{refusal, unavailable, uncertain};
use super::scripts::{Script, Scripts};
use super::wire::{Connection, Lost, Message};
use crate::error::{Code, Error, Result};
use crate::operation::Event;

/// How often a call is tried anew after a failure, and how long it waits before, each time longer, unless the failure
/// was that of a connection that had rested.
const RETRIES: u32 = 2;
const PAUSE: Duration = Duration::from_millis(50);

/// How often a Cluster may send a call elsewhere.
const HOPS: u32 = 5;

/// For how long a primary is believed to be one before the Sentinels are asked again: one that was cut off from them
/// does not know that it no longer is.
const PRIMARY_KNOWN: Duration = Duration::from_secs(10);

/// How many commands are sent at once.
const BATCH: usize = 100;

/// The connections of one process, and what it has learned. At a fork another thread may hold one of the locks in here,
/// so a child makes its own and leaves these alone.
pub(super) struct Links {
    address: Arc<Address>,
    pub(super) scripts: Scripts,
    pool: Pool,
    tls: Mutex<Option<Arc<ClientConfig>>>,
    /// The primary that the Sentinels named, and when.
    primary: Mutex<Option<(Arc<Place>, Instant)>>,
    /// The Sentinel that answered last.
    sentinel: AtomicUsize,
    cluster: Mutex<Cluster>,
    /// The servers whose memory was looked at.
    looked_at: Mutex<HashSet<Arc<Place>>>,
    events: Mutex<Vec<Event>>,
}

/// What is known of a Cluster.
#[derive(Default)]
struct Cluster {
    slots: Option<Arc<Slots>>,
    is_believed: bool,
    /// The node that failed last, which is asked last.
    failed: Option<Place>,
}

/// One command on one key.
pub(super) struct Ask<'a> {
    pub(super) key: &'a [u8],
    pub(super) words: Words<'a>,
    pub(super) again: Again,
    /// Whether `wait_replicas` is for it.
    pub(super) is_write: bool,
}

pub(super) enum Words<'a> {
    Plain(&'a [&'a [u8]]),
    /// On the key, with these arguments.
    Script(&'a Script, &'a [&'a [u8]]),
}

/// Whether a command may be sent again if nobody knows whether the server has carried it out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It changes nothing, or nothing more.
    Freely,
    /// It is uncertain then; who asks looks what is there.
    Never,
}

/// Why an attempt came to nothing.
enum Miss {
    /// Another node has the key; `asking` if only for now.
    Elsewhere { place: Arc<Place>, asking: bool },
    /// The server has not done it, and would not the next time.
    Refused(Error),
    /// Another attempt may do better, if there is any hope.
    Failed { why: String, is_sent: bool, hope: Hope },
    /// It was done, and too few replicas have said that they have it.
    NotReplicated(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hope {
    None,
    AtOnce,
    Later,
}

impl Links {
    pub(super) fn new(address: Arc<Address>, connections: usize) -> Self {
        Self {
            address,
            scripts: Scripts::new(),
            pool: Pool::new(connections),
            tls: Mutex::default(),
            primary: Mutex::default(),
            sentinel: AtomicUsize::new(0),
            cluster: Mutex::default(),
            looked_at: Mutex::default(),
            events: Mutex::default(),
        }
    }

    /// The server's answer, which is no error.
    pub(super) fn ask(&self, ask: &Ask<'_>, until: Instant) -> Result<Value> {
        let turn = self.pool.turn(until)?;
        let (mut failures, mut hops, mut at) = (0u32, 0u32, None);
        loop {
            match self.attempt(&turn, ask, at.take(), until) {
                Ok(value) => return Ok(value),
                Err(Miss::Elsewhere { place, asking }) if hops < HOPS => {
                    hops = hops.saturating_add(1);
                    at = Some((place, asking));
                }
                Err(Miss::Elsewhere { .. }) => return Err(unavailable("the nodes send from one to the other")),
                Err(Miss::Refused(error)) => return Err(error),
                Err(Miss::NotReplicated(why)) => return Err(ask.failed(&why, true).at("wait_replicas")),
                Err(Miss::Failed { why, is_sent, hope }) => {
                    failures = failures.saturating_add(1);
                    let pause = if hope == Hope::Later { PAUSE.saturating_mul(failures) } else { Duration::ZERO };
                    let left = until.saturating_duration_since(Instant::now());
                    let is_over = hope == Hope::None || failures > RETRIES || left <= pause;
                    if is_over || (is_sent && ask.again == Again::Never) {
                        return Err(ask.failed(&why, is_sent));
                    }
                    std::thread::sleep(pause);
                }
            }
        }
    }

    /// The answers to the same command on several keys, none where the key holds something else. It only reads.
    pub(super) fn ask_each(
        &self,
        command: &[u8],
        keys: &[Vec<u8>],
        field: &[&[u8]],
        until: Instant,
    ) -> Result<Vec<Option<Value>>> {
        let mut answers = Vec::with_capacity(keys.len());
        for keys in keys.chunks(BATCH) {
            let mut found: Vec<Option<Value>> = vec![None; keys.len()];
            self.ask_together(command, keys, field, &mut found, until)?;
            for (key, found) in keys.iter().zip(found) {
                answers.push(match found {
                    Some(found) => Some(found),
                    None => {
                        let words: Vec<&[u8]> = [command, key].into_iter().chain(field.iter().copied()).collect();
                        let ask = Ask { key, words: Words::Plain(&words), again: Again::Freely, is_write: false };
                        match self.ask(&ask, until) {
                            Err(error) if error.code() == Code::StoreCorrupt => None,
                            answer => Some(answer?),
                        }
                    }
                });
            }
        }
        Ok(answers)
    }

    /// The answers that come at the first attempt; the others are for [`Links::ask`], which knows what to do.
    fn ask_together(
        &self,
        command: &[u8],
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
                let words: Vec<&[u8]> = [command, key].into_iter().chain(field.iter().copied()).collect();
                message.add(&words);
            }
            let connection = turn.take(&place).map_or_else(|| self.connect(&place, until), Ok);
            let Ok(mut connection) = connection else { continue };
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
        let known = match &self.address.layout {
            Layout::Cluster(_) => self.known_slots(&turn, until).map(|slots| slots.primaries()),
            Layout::Single(_) | Layout::Sentinel(..) => self.place(&turn, b"", until).map(|place| vec![place]),
        };
        known.map_err(Miss::into_unavailable)
    }

    /// One command that reads, on that server.
    pub(super) fn ask_at(&self, place: &Arc<Place>, words: &[&[u8]], until: Instant) -> Result<Value> {
        let turn = self.pool.turn(until)?;
        let connection = turn.take(place).map_or_else(|| self.connect(place, until), Ok);
        let mut connection = connection.map_err(Miss::into_unavailable)?;
        let answer = self.exchange(&mut connection, &Message::of(words), until).map_err(Miss::into_unavailable)?;
        turn.keep(connection);
        match answer {
            Value::ServerError(error) => Err(unavailable(&refusal(&error).text)),
            answer => Ok(answer),
        }
    }

    pub(super) fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut *locked(&self.events))
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }

    fn attempt(
        &self,
        turn: &Turn<'_>,
        ask: &Ask<'_>,
        at: Option<(Arc<Place>, bool)>,
        until: Instant,
    ) -> Result<Value, Miss> {
        let (place, asking) = match at {
            Some(at) => at,
            None => (self.place(turn, ask.key, until)?, false),
        };
        // What is sent into a connection that the server has closed is lost, but nobody can know that it is.
        let mut rested = turn.take(&place);
        if ask.again != Again::Freely && rested.as_mut().is_some_and(|rested| !rested.is_quiet()) {
            rested = None;
            self.pool.forget(&place);
        }
        let has_rested = rested.is_some();
        let mut connection = rested.map_or_else(|| self.connect(&place, until), Ok)?;
        let sent = |failed: Miss| match failed {
            Miss::Failed { why, is_sent, .. } if has_rested => Miss::Failed { why, is_sent, hope: Hope::AtOnce },
            other => other,
        };
        let mut answer = self.exchange(&mut connection, &ask.message(true, asking), until).map_err(sent)?;
        if matches!(&answer, Value::ServerError(error) if error.code() == "NOSCRIPT") {
            answer = self.exchange(&mut connection, &ask.message(false, asking), until).map_err(sent)?;
        }
        let Value::ServerError(error) = answer else {
            // A refusal has changed nothing that a replica could lack.
            if ask.is_write && answer == Value::Int(1) && self.address.wait_replicas > 0 {
                self.wait_for_replicas(&mut connection, until)?;
            }
            turn.keep(connection);
            return Ok(answer);
        };
        let refusal = refusal(&error);
        match refusal.code.as_str() {
            "MOVED" | "ASK" => {
                let asking = refusal.code == "ASK";
                turn.keep(connection);
                if !asking {
                    locked(&self.cluster).is_believed = false;
                }
                let place = cluster::redirect(error.details().unwrap_or_default(), &place);
                Err(place.map_or_else(
                    || Miss::Refused(unavailable(&refusal.text)),
                    |place| Miss::Elsewhere { place, asking },
                ))
            }
            "LOADING" | "CLUSTERDOWN" | "MASTERDOWN" | "TRYAGAIN" | "READONLY" => {
                self.lost(&place);
                Err(Miss::Failed { why: refusal.text, is_sent: false, hope: Hope::Later })
            }
            _ => {
                turn.keep(connection);
                Err(Miss::Refused(refusal.into_error(ask.again != Again::Freely)))
            }
        }
    }

    /// The last of the answers.
    fn exchange(&self, connection: &mut Connection, message: &Message, until: Instant) -> Result<Value, Miss> {
        match connection.exchange(message, until) {
            Ok(mut answers) => Ok(answers.pop().unwrap_or_default()),
            Err(Lost { why, is_sent, is_late }) => {
                self.failed(connection.place(), is_late);
                Err(Miss::Failed { why, is_sent, hope: Hope::Later })
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
        let answers = connection.exchange(&Message::of(&[b"WAIT", count.as_bytes(), left.as_bytes()]), until);
        match answers.as_deref() {
            Ok([Value::Int(have)]) if *have >= i64::from(wanted) => Ok(()),
            Ok([Value::Int(have)]) => Err(Miss::NotReplicated(format!("{have} of {wanted} replicas have it"))),
            Ok(_) => Err(Miss::NotReplicated("it does not say how many replicas have it".to_owned())),
            Err(lost) => Err(Miss::NotReplicated(lost.why.clone())),
        }
    }

    /// Where the key is, as far as is known.
    fn place(&self, turn: &Turn<'_>, key: &[u8], until: Instant) -> Result<Arc<Place>, Miss> {
        match &self.address.layout {
            Layout::Single(place) => Ok(Arc::clone(place)),
            Layout::Sentinel(sentinels, name) => self.named_primary(sentinels, name, until),
            Layout::Cluster(_) => {
                let slots = self.known_slots(turn, until)?;
                slots.primary(key).cloned().ok_or_else(|| Miss::later("no node of the Cluster has the key's slot"))
            }
        }
    }

    fn named_primary(&self, sentinels: &[Arc<Place>], name: &str, until: Instant) -> Result<Arc<Place>, Miss> {
        let known = locked(&self.primary).clone();
        if let Some((primary, since)) = &known
            && since.elapsed() < PRIMARY_KNOWN
        {
            return Ok(Arc::clone(primary));
        }
        // The other half is the primary's.
        let until = share(until, 2);
        let begin = self.sentinel.load(Ordering::Relaxed);
        let mut why = String::new();
        for (asked, (position, sentinel)) in around(sentinels, begin).enumerate() {
            match self.ask_sentinel(sentinel, name, share(until, sentinels.len().saturating_sub(asked))) {
                Ok(primary) => {
                    self.sentinel.store(position, Ordering::Relaxed);
                    *locked(&self.primary) = Some((Arc::clone(&primary), Instant::now()));
                    return Ok(primary);
                }
                Err(reason) => why = reason,
            }
        }
        // Without any Sentinel the last primary may still be one; not every call need wait for them.
        if let Some((_, since)) = &mut *locked(&self.primary) {
            *since = Instant::now();
        }
        known.map(|(primary, _)| primary).ok_or_else(|| Miss::later(&why))
    }

    fn ask_sentinel(&self, sentinel: &Arc<Place>, name: &str, until: Instant) -> Result<Arc<Place>, String> {
        let question = Message::of(&[b"SENTINEL", b"get-master-addr-by-name", name.as_bytes()]);
        let lost = |lost: Lost| lost.why;
        let mut connection = Connection::open(sentinel, self.client()?.as_ref(), until)?;
        let mut answer = connection.exchange(&question, until).map_err(lost)?.pop();
        // Sentinels have passwords of their own, and mostly none.
        if matches!(&answer, Some(Value::ServerError(error)) if error.code() == "NOAUTH") {
            let mut message = Message::default();
            self.add_login(&mut message);
            let greeted = connection.exchange(&message, until);
            message.bytes.zeroize();
            greeted.map_err(lost)?;
            answer = connection.exchange(&question, until).map_err(lost)?.pop();
        }
        match answer {
            Some(Value::Array(words)) => match words.as_slice() {
                [Value::BulkString(host), Value::BulkString(port)] => {
                    let host = String::from_utf8(host.clone()).ok();
                    let port = std::str::from_utf8(port).ok().and_then(|port| port.parse().ok());
                    host.zip(port).and_then(|(host, port)| Place::new(&host, port)).map(Arc::new)
                }
                _ => None,
            },
            Some(Value::Nil) => return Err(format!("the Sentinel at {sentinel} knows no {name}")),
            Some(Value::ServerError(error)) => {
                return Err(format!("the Sentinel at {sentinel}: {}", refusal(&error).text));
            }
            _ => None,
        }
        .ok_or_else(|| format!("what is at {sentinel} is no Sentinel"))
    }

    fn known_slots(&self, turn: &Turn<'_>, until: Instant) -> Result<Arc<Slots>, Miss> {
        let (known, failed) = match &*locked(&self.cluster) {
            Cluster { slots: Some(slots), is_believed: true, .. } => return Ok(Arc::clone(slots)),
            Cluster { slots, failed, .. } => (slots.clone(), failed.clone()),
        };
        let Layout::Cluster(seeds) = &self.address.layout else { return Err(Miss::later("this is no Cluster")) };
        // The nodes may all have moved since the program began.
        let mut nodes = known.map(|slots| slots.primaries()).unwrap_or_default();
        nodes.extend(seeds.iter().filter(|seed| !nodes.contains(seed)).cloned().collect::<Vec<_>>());
        nodes.sort_by_key(|node| failed.as_ref() == Some(node.as_ref()));
        let mut failure = Miss::later("no node of the Cluster answers");
        for (asked, node) in nodes.iter().enumerate() {
            let until = share(until, nodes.len().saturating_sub(asked));
            let connection = turn.take(node).map_or_else(|| self.connect(node, until), Ok);
            let answer = connection.and_then(|mut connection| {
                let answer = self.exchange(&mut connection, &Message::of(&[b"CLUSTER", b"SLOTS"]), until)?;
                turn.keep(connection);
                Ok(answer)
            });
            match answer.map(|answer| (Slots::read(&answer, node).map(Arc::new), answer)) {
                Ok((Some(slots), _)) => {
                    *locked(&self.cluster) = Cluster { slots: Some(Arc::clone(&slots)), is_believed: true, failed };
                    return Ok(slots);
                }
                Ok((None, Value::ServerError(error))) => {
                    failure = Miss::later(&format!("{node}: {}", refusal(&error).text))
                }
                Ok((None, _)) => failure = Miss::later(&format!("what is at {node} is no node of a Cluster")),
                Err(miss) => failure = miss,
            }
        }
        Err(failure)
    }

    /// Something is wrong there: the other connections may be broken, too, and another server may have taken over.
    fn lost(&self, place: &Place) {
        self.pool.forget(place);
        *locked(&self.primary) = None;
        self.doubt(place);
    }

    /// The Cluster is asked anew who has what: this one may be cut off.
    fn doubt(&self, place: &Place) {
        let mut cluster = locked(&self.cluster);
        cluster.is_believed = false;
        cluster.failed = Some(place.clone());
    }

    /// An exchange has come to nothing. If only its time was over, which may have been short, the others' connections are
    /// as good as before.
    fn failed(&self, place: &Place, is_late: bool) {
        if is_late { self.doubt(place) } else { self.lost(place) }
    }

    fn connect(&self, place: &Arc<Place>, until: Instant) -> Result<Connection, Miss> {
        let is_single = matches!(self.address.layout, Layout::Single(_));
        let hope = if is_single { Hope::None } else { Hope::Later };
        // Where there are others, they get their time, too.
        let until = if is_single { until } else { share(until, 2) };
        let failed = |why: String| {
            self.failed(place, Instant::now() >= until);
            Miss::Failed { why, is_sent: false, hope }
        };
        let client = self.client().map_err(failed)?;
        let mut connection = Connection::open(place, client.as_ref(), until).map_err(failed)?;
        self.greet(&mut connection, until)?;
        Ok(connection)
    }

    /// Logs in, chooses the database, and looks at whom it has got.
    fn greet(&self, connection: &mut Connection, until: Instant) -> Result<(), Miss> {
        let place = Arc::clone(connection.place());
        let has_sentinels = matches!(self.address.layout, Layout::Sentinel(..));
        let is_new = !locked(&self.looked_at).contains(&place);
        let mut message = Message::default();
        let mut parts = Vec::new();
        if self.address.login.is_some() {
            self.add_login(&mut message);
            parts.push(Part::Must);
        }
        if self.address.database != 0 {
            message.add(&[b"SELECT", self.address.database.to_string().as_bytes()]);
            parts.push(Part::Must);
        }
        if has_sentinels {
            message.add(&[b"ROLE"]);
            parts.push(Part::Role);
        }
        if is_new {
            message.add(&[b"INFO", b"memory"]);
            parts.push(Part::Memory);
        }
        if parts.is_empty() {
            return Ok(());
        }
        let answers = connection.exchange(&message, until);
        message.bytes.zeroize();
        let answers = answers.map_err(|lost| {
            self.failed(&place, lost.is_late);
            Miss::Failed { why: lost.why, is_sent: false, hope: Hope::Later }
        })?;
        for (part, answer) in parts.iter().zip(answers) {
            match (part, answer) {
                (Part::Must, Value::ServerError(error)) => {
                    return Err(Miss::Refused(refusal(&error).into_error(false)));
                }
                (Part::Role, Value::Array(role)) if role.first() != Some(&Value::BulkString(b"master".to_vec())) => {
                    self.lost(&place);
                    return Err(Miss::later(&format!("{place} is not the primary, though the Sentinels say so")));
                }
                (Part::Memory, Value::BulkString(info)) => {
                    let is_first = locked(&self.looked_at).insert(Arc::clone(&place));
                    if is_first {
                        self.judge_memory(&String::from_utf8_lossy(&info));
                    }
                }
                // Who may not ask is not told.
                _ => {}
            }
        }
        Ok(())
    }

    fn add_login(&self, message: &mut Message) {
        if let Some(login) = &self.address.login {
            let password = login.password.as_bytes();
            match &login.user {
                Some(user) => message.add(&[b"AUTH", user.as_bytes(), password]),
                None => message.add(&[b"AUTH", password]),
            }
        }
    }

    /// Says if the server may remove records because it has no room.
    fn judge_memory(&self, info: &str) {
        let field = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let (limit, policy) = (field("maxmemory"), field("maxmemory_policy"));
        if let Some(policy) = policy.filter(|policy| *policy != "noeviction" && limit != Some("0")) {
            locked(&self.events).push(Event::new("store_may_evict").with("policy", policy));
        }
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

/// What of a greeting an answer is to.
enum Part {
    Must,
    Role,
    Memory,
}

impl Ask<'_> {
    /// The command, with the script's name or its text.
    fn message(&self, by_name: bool, asking: bool) -> Message {
        let mut message = Message::default();
        if asking {
            message.add(&[b"ASKING"]);
        }
        match &self.words {
            Words::Plain(words) => message.add(words),
            Words::Script(script, arguments) => {
                let [command, code]: [&[u8]; 2] = match by_name {
                    true => [b"EVALSHA", script.hash.as_bytes()],
                    false => [b"EVAL", script.text.as_bytes()],
                };
                let mut words = vec![command, code, b"1", self.key];
                words.extend_from_slice(arguments);
                message.add(&words);
            }
        }
        message
    }

    /// The error of a command that may have been carried out, or was not.
    fn failed(&self, why: &str, is_sent: bool) -> Error {
        if is_sent && self.again != Again::Freely { uncertain(why) } else { unavailable(why) }
    }
}

impl Miss {
    fn later(why: &str) -> Self {
        Self::Failed { why: why.to_owned(), is_sent: false, hope: Hope::Later }
    }

    fn into_unavailable(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Failed { why, .. } | Self::NotReplicated(why) => unavailable(&why),
            Self::Elsewhere { .. } => unavailable("the node has moved"),
        }
    }
}

/// All of them, beginning with that one.
fn around(places: &[Arc<Place>], begin: usize) -> impl Iterator<Item = (usize, &Arc<Place>)> {
    places.iter().enumerate().cycle().skip(begin).take(places.len())
}

/// A part of the time that is left for one of so many.
pub(super) fn share(until: Instant, among: usize) -> Instant {
    let now = Instant::now();
    let left = until.saturating_duration_since(now);
    let part = u32::try_from(among).ok().and_then(|among| left.checked_div(among)).unwrap_or(left);
    now.checked_add(part).unwrap_or(until)
}

fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is replaced in one step.
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
