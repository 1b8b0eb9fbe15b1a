//! A store on Redis: for programs that run on several machines.

mod address;
mod attempts;
mod cluster;
mod command;
mod connection;
mod dialer;
mod greeting;
mod layout;
mod links;
mod message;
mod miss;
mod notices;
mod pool;
mod refusal;
mod resolver;
mod scripts;
mod sentinels;
mod slots;
mod socket;
mod time;
mod tls;
mod whereabouts;

use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ::redis::Value;
use arc_swap::ArcSwap;

use self::address::{Address, Place};
use self::command::{Command, Effect};
use self::layout::{Entered, SCHEMA, SCHEMA_VERSION, index_key, index_pattern, record_key};
use self::links::Links;
use self::time::{share, until};
use super::backend::Store;
use super::open::StoreOptions;
use super::record::{Entry, MAX_PAGE, Page, Record};
use super::request::corrupt;
use crate::error::{Code, Error, Excerpt, Result};
use crate::operation::Event;

const CONNECTIONS: usize = 8;
const NAMESPACE: &str = "authwright";

/// For how long the server keeps a record beyond its end: as far as clocks may be apart.
const MARGIN_MS: &str = "86400000";

/// The age from which an entry of an index without a record is made young before a record follows it, and from which it
/// is removed. Between the two is more time than a record takes to follow.
const YOUNG_MS: &str = "1800000";
const OLD_MS: &str = "3600000";

/// For an entry whose record is there: it stays where it is, whatever its age.
const NEVER_MS: &str = "9007199254740992";

/// Records on a Redis server, which many machines share; or on a Redis Cluster, or on the primary that Sentinels name.
/// Tested with Redis 7.0.
///
/// # URLs
///
/// - `redis://user:password@host:6379/0`: one server. User, password, port and database may be left out.
/// - `redis+sentinel://host1:26379,host2:26379/mymaster/0`: the primary that Sentinels know by this name. User and
///   password are those of the server, and of Sentinels that ask for some.
/// - `redis+cluster://host1:6379,host2:6379`: a Cluster, of which these are some nodes.
/// - `rediss://`, `rediss+sentinel://`, `rediss+cluster://`: the same with TLS. Certificates are always checked, against
///   the platform's authorities and those in the file of the parameter `ca_file`.
///
/// A node of a Cluster works as one server, too, but with a way more for most calls, and `sweep` tidies on this node only:
/// the event `store_is_cluster_node` says so, once.
///
/// Special characters of user and password are percent-encoded. The parameter `wait_replicas=N` lets a change count as
/// made only when `N` replicas have it.
///
/// # What is kept where
///
/// Every key begins with the namespace. A record is a hash, `namespace:r:key`; what `list` goes by is a sorted set for
/// each owner, `namespace:o:owner`; `namespace:schema` says who writes here. Each change of a record is one script on
/// one key. The server removes a record a day after its end, by its own clock, so that `sweep` has no records to
/// remove; it removes entries of indexes whose records are gone, for half of its time at most, and goes on from there the
/// next time.
///
/// # What can be lost
///
/// Redis answers before a change is on a disk or a replica. A server that is killed loses what was not yet written to its
/// append-only file: a second's worth with `appendfsync everysec`, nothing with `always`, everything since the last
/// snapshot with none. A failover loses what the replica had not yet got; and a primary that is cut off accepts changes
/// until it is told that it no longer is one, and those are lost as well. So a key that was just issued may be unknown,
/// and one that was just revoked may be valid again. `wait_replicas=1` makes this rare: a change that too few replicas
/// have is answered with `ERR_STORE_UNCERTAIN`. It is still not impossible, because another replica may be promoted;
/// `min-replicas-to-write` on the server limits what a primary that is cut off accepts.
///
/// On a Cluster an owner's index and the record may be on different servers, of which one fails over and loses the entry.
/// The record is found by its key then, and by `list` only after it has been replaced once more, which enters it again.
/// The same happens if the servers' clocks are most of an hour apart.
///
/// A server that is full must refuse rather than remove records: `maxmemory-policy noeviction`. With another policy the
/// event `store_may_evict` is reported once for each server. A full server refuses new records, `ERR_STORE_FULL`; those
/// that are there can still be replaced, as a revocation does, and removed.
pub struct RedisStore {
    address: Arc<Address>,
    namespace: String,
    connections: usize,
    state: ArcSwap<State>,
}

enum State {
    New,
    Open(Arc<Process>),
    Closed,
}

/// What belongs to one process. In a child what is inherited is neither used nor dropped: its connections are the
/// parent's, and its locks may be held for ever. What leads here, an [`ArcSwap`], has no lock.
struct Process {
    id: u32,
    inner: Arc<Inner>,
}

struct Inner {
    links: Links,
    /// Whether the namespace is known to be ours.
    is_ours: AtomicBool,
    /// Where the time of the last sweep was over.
    stopped: Mutex<Option<Stopped>>,
}

/// A place among the indexes of all servers.
struct Stopped {
    server: Arc<Place>,
    /// The page of `SCAN`.
    cursor: Vec<u8>,
    /// How many of its owners are done.
    owners: usize,
}

impl RedisStore {
    /// A store that connects at its first call.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` (`url`). What the URL holds is not repeated in the message.
    pub fn new(url: &str, options: &StoreOptions) -> Result<Self> {
        Ok(Self {
            address: Arc::new(Address::parse(url)?),
            namespace: options.namespace.clone().unwrap_or_else(|| NAMESPACE.to_owned()),
            connections: options.connections.unwrap_or(CONNECTIONS),
            state: ArcSwap::from_pointee(State::New),
        })
    }

    fn process(&self) -> Result<Arc<Inner>> {
        loop {
            let state = self.state.load();
            match &**state {
                State::Open(process) if process.id == std::process::id() => return Ok(Arc::clone(&process.inner)),
                State::Closed => return Err(Error::new(Code::Closed, "the store is closed")),
                // If another thread was faster, its connections are found in the next round.
                State::New | State::Open(_) => {
                    let links = Links::new(&self.address, self.connections);
                    let inner = Inner { links, is_ours: AtomicBool::new(false), stopped: Mutex::default() };
                    let made = Process { id: std::process::id(), inner: Arc::new(inner) };
                    self.state.compare_and_swap(&state, Arc::new(State::Open(Arc::new(made))));
                }
            }
        }
    }

    /// The process's own, of a namespace that is ours. Who only reads leaves an empty one as it is.
    fn begin(&self, is_write: bool, until: Instant) -> Result<Arc<Inner>> {
        let inner = self.process()?;
        if !inner.is_ours.load(Ordering::Acquire) && self.is_ours(&inner.links, is_write, until)? {
            inner.is_ours.store(true, Ordering::Release);
        }
        Ok(inner)
    }

    fn is_ours(&self, links: &Links, is_write: bool, until: Instant) -> Result<bool> {
        let key = [self.namespace.as_bytes(), b":schema"].concat();
        let ours = format!("{SCHEMA}{SCHEMA_VERSION}");
        let foreign = || Error::new(Code::StoreForeign, "the namespace holds something else; choose another");
        let ask = |words: &[&[u8]]| match links.ask(&Command::plain(&key, words), until) {
            Err(error) if error.code() == Code::StoreCorrupt => Err(foreign()),
            other => other,
        };
        let mut there = ask(&[b"GET", &key])?;
        if there == Value::Nil && is_write {
            ask(&[b"SET", &key, ours.as_bytes(), b"NX"])?;
            there = ask(&[b"GET", &key])?;
        }
        match there {
            Value::Nil => Ok(false),
            Value::BulkString(there) if there == ours.as_bytes() => Ok(true),
            Value::BulkString(there) => {
                let text = String::from_utf8_lossy(&there).into_owned();
                match text.strip_prefix(SCHEMA).and_then(layout::number) {
                    Some(version) if version > SCHEMA_VERSION => Err(Error::new(
                        Code::StoreVersion,
                        format!(
                            "the namespace is of version {}; this release knows {SCHEMA_VERSION}",
                            Excerpt(&version.to_string())
                        ),
                    )),
                    _ => Err(foreign()),
                }
            }
            _ => Err(foreign()),
        }
    }

    /// Enters the key of a new record into its owner's index, unless there is a record. Whether there is none.
    fn enter(&self, inner: &Inner, record_key: &[u8], key: &str, owner: &str, until: Instant) -> Result<bool> {
        let words: &[&[u8]] = &[b"EXISTS", record_key];
        if inner.links.ask(&Command::plain(record_key, words), until)? != Value::Int(0) {
            return Ok(false);
        }
        let index = index_key(&self.namespace, owner);
        let arguments: &[&[u8]] = &[key.as_bytes(), YOUNG_MS.as_bytes()];
        let enter = Command::script(&index, &inner.links.scripts.enter, arguments, Effect::Entry);
        inner.links.ask(&enter, until)?;
        Ok(true)
    }

    /// Enters the key of a record that was replaced, if its entry was lost: the index may be on another server than the
    /// record, and that one fail over. The change is made; what fails here waits for the next one, and takes no more than
    /// half of the time that is left.
    fn enter_again(&self, inner: &Inner, key: &str, owner: &str, until: Instant) {
        let index = index_key(&self.namespace, owner);
        let arguments: &[&[u8]] = &[key.as_bytes(), NEVER_MS.as_bytes()];
        let enter = Command::script(&index, &inner.links.scripts.enter, arguments, Effect::Harmless);
        let _ = inner.links.ask(&enter, share(until, 2));
    }

    /// Entries of the index after that one, at least one if there is any, and whether they are the last.
    fn entered(
        &self,
        inner: &Inner,
        owner: &str,
        after: Option<&Entered>,
        count: usize,
        until: Instant,
    ) -> Result<(Vec<Entered>, bool)> {
        let index = index_key(&self.namespace, owner);
        let (at, key) = after.map_or_else(Default::default, |after| (after.at.to_string(), after.key.clone()));
        let mut skip: usize = 0;
        loop {
            let (skipped, wanted) = (skip.to_string(), count.to_string());
            let arguments: &[&[u8]] = &[at.as_bytes(), key.as_bytes(), skipped.as_bytes(), wanted.as_bytes()];
            let page = Command::script(&index, &inner.links.scripts.page, arguments, Effect::Harmless);
            let mut found = layout::entries(&inner.links.ask(&page, until)?)?;
            let is_end = found.len() < count;
            let seen = after.map_or(0, |after| found.partition_point(|entered| entered <= after));
            skip = skip.saturating_add(seen);
            found.drain(..seen);
            if is_end || !found.is_empty() {
                return Ok((found, is_end));
            }
        }
    }

    /// Takes keys out of the index that have been there for long without a record. It can wait for another time.
    fn leave(&self, inner: &Inner, owner: &str, keys: &[&str], until: Instant) {
        if keys.is_empty() {
            return;
        }
        let index = index_key(&self.namespace, owner);
        let arguments: Vec<&[u8]> = [OLD_MS].iter().chain(keys).map(|word| word.as_bytes()).collect();
        let leave = Command::script(&index, &inner.links.scripts.leave, &arguments, Effect::Harmless);
        let _ = inner.links.ask(&leave, until);
    }

    /// Owners whose indexes are on that server, and from where `SCAN` goes on: `0` at the end.
    fn owners(
        &self,
        inner: &Inner,
        place: &Arc<Place>,
        cursor: &[u8],
        until: Instant,
    ) -> Result<(Vec<u8>, Vec<String>)> {
        let pattern = index_pattern(&self.namespace);
        let words: &[&[u8]] = &[b"SCAN", cursor, b"MATCH", pattern.as_bytes(), b"COUNT", b"1000"];
        let wrong = || corrupt("SCAN answered something else");
        let Value::Array(parts) = inner.links.ask_at(place, words, until)? else { return Err(wrong()) };
        let [Value::BulkString(next), Value::Array(keys)] = parts.as_slice() else { return Err(wrong()) };
        let prefix = index_key(&self.namespace, "");
        let owner = |key: &Value| match key {
            Value::BulkString(key) => String::from_utf8(key.strip_prefix(prefix.as_slice())?.to_vec()).ok(),
            _ => None,
        };
        Ok((next.clone(), keys.iter().filter_map(owner).collect()))
    }

    /// Tidies all indexes from that place on, which stays where it is when the time is over.
    fn tidy_all(&self, inner: &Inner, place: &mut Option<Stopped>, until: Instant) -> Result<()> {
        let enough = share(until, 2);
        let servers = inner.links.primaries(until)?;
        let begin = place.as_ref().and_then(|place| servers.iter().position(|server| *server == place.server));
        for (number, server) in servers.iter().enumerate().skip(begin.unwrap_or_default()) {
            if begin != Some(number) {
                *place = None;
            }
            let at =
                place.get_or_insert_with(|| Stopped { server: Arc::clone(server), cursor: b"0".to_vec(), owners: 0 });
            loop {
                let (next, owners) = self.owners(inner, server, &at.cursor, until)?;
                for owner in owners.iter().skip(at.owners) {
                    if Instant::now() >= enough {
                        return Ok(());
                    }
                    match self.tidy(inner, owner, enough, until) {
                        // One that others have damaged stands before no other.
                        Err(error) if error.code() == Code::StoreCorrupt => {}
                        other => other?,
                    }
                    at.owners = at.owners.saturating_add(1);
                }
                (at.cursor, at.owners) = (next, 0);
                if at.cursor == b"0" {
                    break;
                }
                if Instant::now() >= enough {
                    return Ok(());
                }
            }
        }
        *place = None;
        Ok(())
    }

    /// Removes entries of the owner's index whose records are gone.
    fn tidy(&self, inner: &Inner, owner: &str, enough: Instant, until: Instant) -> Result<()> {
        let mut after = None;
        loop {
            let (found, is_end) = self.entered(inner, owner, after.as_ref(), MAX_PAGE, until)?;
            let keys: Vec<Vec<u8>> = found.iter().map(|entered| record_key(&self.namespace, &entered.key)).collect();
            let owners = inner.links.ask_each(b"HGET", &keys, &[b"o"], until)?;
            let is_gone = |there: &Option<Value>| match there {
                Some(Value::BulkString(there)) => there != owner.as_bytes(),
                there => there.is_some(),
            };
            let gone = found.iter().zip(&owners).filter(|(_, there)| is_gone(there));
            self.leave(inner, owner, &gone.map(|(entered, _)| entered.key.as_str()).collect::<Vec<_>>(), until);
            after = found.last().cloned().or(after);
            if is_end || Instant::now() >= enough {
                return Ok(());
            }
        }
    }
}

impl Store for RedisStore {
    fn get(&self, key: &str, timeout: Duration) -> Result<Option<Record>> {
        let until = until(timeout);
        let inner = self.begin(false, until)?;
        let key = record_key(&self.namespace, key);
        let words: &[&[u8]] = &[b"HGETALL", &key];
        layout::record(&inner.links.ask(&Command::plain(&key, words), until)?)
    }

    fn put_if(&self, key: &str, expected: Option<u64>, record: &Record, timeout: Duration) -> Result<bool> {
        let until = until(timeout);
        let inner = self.begin(true, until)?;
        let full_key = record_key(&self.namespace, key);
        // The entry comes first, so that no record is ever without one.
        if let (None, Some(owner)) = (expected, &record.owner)
            && !self.enter(&inner, &full_key, key, owner, until)?
        {
            return Ok(false);
        }
        let version = record.version.to_string();
        let wanted = expected.map(|version| version.to_string()).unwrap_or_default();
        let owner = record.owner.as_deref().unwrap_or_default();
        let end = record.expires_at.map(|end| end.to_string()).unwrap_or_default();
        let arguments = [&wanted, &version, record.value.as_str(), owner, &end, MARGIN_MS].map(str::as_bytes);
        let put = Command::script(&full_key, &inner.links.scripts.put_if, &arguments, Effect::Change);
        let is_kept = done(&inner.links.ask(&put, until)?)?;
        if let (true, Some(_), Some(owner)) = (is_kept, expected, &record.owner) {
            self.enter_again(&inner, key, owner, until);
        }
        Ok(is_kept)
    }

    fn delete_if(&self, key: &str, version: u64, timeout: Duration) -> Result<bool> {
        let until = until(timeout);
        let inner = self.begin(true, until)?;
        let key = record_key(&self.namespace, key);
        let version = version.to_string();
        let arguments: &[&[u8]] = &[version.as_bytes()];
        let delete = Command::script(&key, &inner.links.scripts.delete_if, arguments, Effect::Change);
        done(&inner.links.ask(&delete, until)?)
    }

    fn list(&self, owner: &str, after: Option<&str>, limit: usize, timeout: Duration) -> Result<Page> {
        let until = until(timeout);
        let mut after = after.map(Entered::from_cursor).transpose()?;
        let inner = self.begin(false, until)?;
        let mut entries = Vec::new();
        loop {
            let wanted = limit.saturating_sub(entries.len());
            let (found, is_end) = self.entered(&inner, owner, after.as_ref(), wanted.saturating_add(1), until)?;
            let more = found.len() > wanted;
            let found = found.get(..wanted).unwrap_or(&found);
            let keys: Vec<Vec<u8>> = found.iter().map(|entered| record_key(&self.namespace, &entered.key)).collect();
            let answers = inner.links.ask_each(b"HGETALL", &keys, &[], until)?;
            let mut gone = Vec::new();
            for (entered, answer) in found.iter().zip(&answers) {
                let key = entered.key.clone();
                match answer.as_ref().map(layout::record) {
                    Some(Ok(Some(record))) if record.owner.as_deref() == Some(owner) => {
                        entries.push(Entry { key, record });
                    }
                    Some(Ok(_)) => gone.push(entered.key.as_str()),
                    None | Some(Err(_)) => entries.push(Entry::altered(key, Some(owner.to_owned()))),
                }
            }
            self.leave(&inner, owner, &gone, until);
            after = found.last().cloned().or(after);
            if entries.len() >= limit || (is_end && !more) {
                let next = after.filter(|_| more || !is_end).map(|after| after.to_cursor());
                return Ok(Page { entries, next });
            }
        }
    }

    /// Goes through all indexes, for half of the time at most: this is only tidying. The next one goes on from there.
    fn sweep(&self, _before: u64, _limit: usize, timeout: Duration) -> Result<usize> {
        let until = until(timeout);
        let inner = self.begin(false, until)?;
        let mut place = locked(&inner.stopped).take();
        let tidied = self.tidy_all(&inner, &mut place, until);
        *locked(&inner.stopped) = place;
        tidied.map(|()| 0)
    }

    fn close(&self) {
        if let State::Open(process) = &*self.state.swap(Arc::new(State::Closed))
            && process.id == std::process::id()
        {
            process.inner.links.close();
        }
    }

    fn take_events(&self) -> Vec<Event> {
        match &**self.state.load() {
            State::Open(process) if process.id == std::process::id() => process.inner.links.take_events(),
            _ => Vec::new(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.id != std::process::id() {
            mem::forget(Arc::clone(&self.inner));
        }
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedisStore")
            .field("servers", &format_args!("{}", self.address.layout))
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

/// What the script of a change answers.
fn done(answer: &Value) -> Result<bool> {
    match answer {
        Value::Int(1) => Ok(true),
        Value::Int(0) => Ok(false),
        _ => Err(corrupt("what is there is no record")),
    }
}

fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is replaced in one step.
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
