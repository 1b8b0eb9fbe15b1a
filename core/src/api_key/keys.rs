//! Issuing and checking.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use zeroize::Zeroizing;

use super::cache::Cache;
use super::format::KeyFormat;
use super::import::{Imported, is_imported};
use super::issued::IssuedKey;
use super::key::{ApiKey, ApiKeyPage};
use super::options::{self, ApiKeysOptions, ImportOptions, IssueOptions, RotateOptions};
use super::pepper::Peppers;
use super::stored::{Broken, Hash, Stored};
use crate::crypto::sha256;
use crate::encoding::base64url;
use crate::error::{Code, Error, Excerpt, Result};
use crate::jwk::Key;
use crate::operation::{Event, Flow, Operation};
use crate::store::{Ask, Asked, Change, Direct, MAX_KEY_BYTES, MAX_PAGE, Record, Store, at_once};

/// How often a new id is tried. That two meet is not to be expected in the life of the universe.
const IDS: usize = 3;

/// After a note of a use that failed, none is made for so many milliseconds.
const PAUSE: u64 = 10_000;

/// The last four characters of a key, by which its owner knows it. They are of the checksum, and say no more of the secret
/// than 24 of its 256 bits.
const LAST: usize = 4;

/// The most bytes of where a page begins.
const MAX_CURSOR: usize = 2 * MAX_KEY_BYTES;

/// A revocation of so many seconds ago is made again by `revoke_all`, and an older one is left alone.
const AGAIN: i64 = 3600;

/// What stands for a record where none is, so that looking for it takes the same work.
const DUMMY: &str = "{\"no\":\"record\",\"of\":\"an API key, as long as most records are: with an id, an owner, two or three scopes, \
    some metadata, the time when it was issued and when it ends, the four last characters, the hash of the key, and the \
    hashes of those before it that are good for a while after a rotation\"}";

/// The API keys of one prefix and environment: see the [module](super).
///
/// Built once and used from every thread; a clone is another handle to the same. It has no store of its own: every call is
/// either an [`Operation`], whose store effects the program carries out, or made [`ApiKeys::at`] a store at hand.
#[derive(Clone)]
pub struct ApiKeys(Arc<Shared>);

struct Shared {
    options: ApiKeysOptions,
    peppers: Peppers,
    cache: Option<Cache>,
    notes: Notes,
}

/// Whether notes of uses can be written: a store that cannot be keeps no check waiting but one, now and then.
#[derive(Default)]
struct Notes {
    /// When one was tried last, in milliseconds since 1970, if it failed; 0 if it did not.
    failed_at: AtomicU64,
}

/// An operation whose block is one of `Shared`'s functions.
macro_rules! begin {
    ($self:ident, $deadline:ident, |$shared:ident, $outside:ident| $call:expr) => {{
        let $shared = Arc::clone(&$self.0);
        Operation::new(Flow::new(|$outside| async move { $call }), $deadline)
    }};
}

impl ApiKeys {
    /// The peppers are secrets of at least 32 bytes, the newest first: new keys are hashed and records sealed under it.
    /// Keys under older ones are good as long as those are there, and move to the newest when they are used.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT`, `ERR_KEY_MISMATCH`, `ERR_KEY_TOO_WEAK` (`peppers`).
    pub fn new(options: ApiKeysOptions, peppers: &[Key]) -> Result<Self> {
        let cache = Cache::new(options.cache);
        let (peppers, notes) = (Peppers::new(peppers)?, Notes::default());
        Ok(Self(Arc::new(Shared { options, peppers, cache, notes })))
    }

    /// The same keys at a store that blocks. `now` is in milliseconds since 1970; each call may take `timeout`.
    #[must_use]
    pub fn at<'a>(&'a self, store: &'a dyn Store, now: u64, timeout: Duration) -> AtHand<'a> {
        AtHand { shared: &self.0, store, now, timeout }
    }

    /// How keys are written: for tests without a store, and for scanners.
    #[must_use]
    pub fn format(&self) -> &KeyFormat {
        &self.0.options.format
    }

    /// Makes a key. Its secret is in the result, and nowhere else.
    #[must_use]
    pub fn issue(&self, options: IssueOptions, deadline: u64) -> Operation<IssuedKey> {
        begin!(self, deadline, |shared, outside| shared.issue(&outside, &options).await)
    }

    /// Takes in a key of another system by its hash; it is found if `accept_imported` is set.
    ///
    /// Errors beside those of the store: `ERR_INVALID_ARGUMENT` (`sha256`) if it is there already.
    #[must_use]
    pub fn import_hash(&self, options: ImportOptions, deadline: u64) -> Operation<ApiKey> {
        begin!(self, deadline, |shared, outside| shared.import_hash(&outside, &options).await)
    }

    /// Whose key that is, if it is genuine and valid and has all these scopes.
    ///
    /// Errors beside those of the store: `ERR_API_KEY_INVALID`, `ERR_API_KEY_EXPIRED`, `ERR_API_KEY_REVOKED`,
    /// `ERR_API_KEY_SCOPE` (the field is the first scope that it lacks), `ERR_INVALID_ARGUMENT` (`scopes`).
    #[must_use]
    pub fn verify(&self, presented: String, scopes: Vec<String>, deadline: u64) -> Operation<ApiKey> {
        let presented = Zeroizing::new(presented);
        begin!(self, deadline, |shared, outside| shared.verify(&outside, &presented, &scopes).await)
    }

    /// What is known of the key with this id. Errors beside those of the store: `ERR_API_KEY_NOT_FOUND` (`id`).
    #[must_use]
    pub fn get(&self, id: String, deadline: u64) -> Operation<ApiKey> {
        begin!(self, deadline, |shared, outside| shared.find(&outside, &id).await.map(|stored| stored.key))
    }

    /// At most `limit` of an owner's keys, 1 to 1000, from where another page's `next` says. Revoked and expired ones are
    /// among them for 30 days, revoked ones that were imported for ever.
    #[must_use]
    pub fn list(&self, owner: String, after: Option<String>, limit: usize, deadline: u64) -> Operation<ApiKeyPage> {
        begin!(self, deadline, |shared, outside| shared.list(&outside, &owner, after.as_deref(), limit).await)
    }

    /// Gives a key another secret; the id stays. The secret before it is good for the overlap.
    ///
    /// Errors beside those of the store: `ERR_API_KEY_NOT_FOUND` (`id`), `ERR_API_KEY_REVOKED`, `ERR_API_KEY_EXPIRED`,
    /// `ERR_INVALID_ARGUMENT` (`id`) for an imported key, whose form is another system's.
    #[must_use]
    pub fn rotate(&self, id: String, options: RotateOptions, deadline: u64) -> Operation<IssuedKey> {
        begin!(self, deadline, |shared, outside| shared.rotate(&outside, &id, &options).await)
    }

    /// Ends a key, for good. One that is revoked already stays so, and that is no error.
    ///
    /// Errors beside those of the store: `ERR_API_KEY_NOT_FOUND` (`id`).
    #[must_use]
    pub fn revoke(&self, id: String, deadline: u64) -> Operation<ApiKey> {
        begin!(self, deadline, |shared, outside| shared.revoke(&outside, &id).await)
    }

    /// Ends all keys that the owner has when it begins; how many were good until then. If it fails half-way, some are
    /// revoked: do it again, and it goes on with the others. A key that cannot be revoked, because its pepper is missing or
    /// its record was altered, is an error once all others are revoked.
    #[must_use]
    pub fn revoke_all(&self, owner: String, deadline: u64) -> Operation<usize> {
        begin!(self, deadline, |shared, outside| shared.revoke_all(&outside, &owner).await)
    }
}

/// [`ApiKeys`] and a store at hand: the same calls, made at once on this thread.
#[derive(Clone, Copy)]
pub struct AtHand<'a> {
    shared: &'a Shared,
    store: &'a dyn Store,
    now: u64,
    timeout: Duration,
}

/// What a call at hand ends with, and what happened on the way.
pub type Told<T> = (Result<T>, Vec<Event>);

impl AtHand<'_> {
    /// [`ApiKeys::issue`].
    pub fn issue(self, options: &IssueOptions) -> Told<IssuedKey> {
        let outside = self.outside();
        (at_once(self.shared.issue(&outside, options)), outside.into_events())
    }

    /// [`ApiKeys::import_hash`].
    pub fn import_hash(self, options: &ImportOptions) -> Told<ApiKey> {
        let outside = self.outside();
        (at_once(self.shared.import_hash(&outside, options)), outside.into_events())
    }

    /// [`ApiKeys::verify`].
    pub fn verify(self, presented: &str, scopes: &[String]) -> Told<ApiKey> {
        let outside = self.outside();
        (at_once(self.shared.verify(&outside, presented, scopes)), outside.into_events())
    }

    /// [`ApiKeys::get`].
    pub fn get(self, id: &str) -> Told<ApiKey> {
        let outside = self.outside();
        (at_once(self.shared.find(&outside, id)).map(|stored| stored.key), outside.into_events())
    }

    /// [`ApiKeys::list`].
    pub fn list(self, owner: &str, after: Option<&str>, limit: usize) -> Told<ApiKeyPage> {
        let outside = self.outside();
        (at_once(self.shared.list(&outside, owner, after, limit)), outside.into_events())
    }

    /// [`ApiKeys::rotate`].
    pub fn rotate(self, id: &str, options: &RotateOptions) -> Told<IssuedKey> {
        let outside = self.outside();
        (at_once(self.shared.rotate(&outside, id, options)), outside.into_events())
    }

    /// [`ApiKeys::revoke`].
    pub fn revoke(self, id: &str) -> Told<ApiKey> {
        let outside = self.outside();
        (at_once(self.shared.revoke(&outside, id)), outside.into_events())
    }

    /// [`ApiKeys::revoke_all`].
    pub fn revoke_all(self, owner: &str) -> Told<usize> {
        let outside = self.outside();
        (at_once(self.shared.revoke_all(&outside, owner)), outside.into_events())
    }

    fn outside(&self) -> Direct<'_> {
        Direct::new(self.store, self.now, self.timeout)
    }
}

impl Notes {
    fn may_write(&self, now: u64) -> bool {
        match self.failed_at.load(Ordering::Relaxed) {
            0 => true,
            // Also where the clock was put back since. Of many, one tries.
            at if now.abs_diff(at) >= PAUSE => {
                self.failed_at.compare_exchange(at, now.max(1), Ordering::Relaxed, Ordering::Relaxed).is_ok()
            }
            _ => false,
        }
    }

    fn ended<T>(&self, written: &Result<T>, now: u64) {
        let failed_at = if written.is_ok() { 0 } else { now.max(1) };
        if self.failed_at.load(Ordering::Relaxed) != failed_at {
            self.failed_at.store(failed_at, Ordering::Relaxed);
        }
    }
}

impl Shared {
    async fn issue<A: Ask>(&self, outside: &A, options: &IssueOptions) -> Result<IssuedKey> {
        for _ in 0..IDS {
            let id = KeyFormat::new_id()?;
            let secret = self.options.format.new_key(&id)?;
            let last4 = secret.get(secret.len().saturating_sub(LAST)..).map(str::to_owned);
            let key = new_key(id, options, last4, seconds(outside.now()));
            let stored = Stored { hash: Hash::new(&self.peppers, &secret)?, key, previous: Vec::new() };
            let place = self.place(&stored.key.id);
            if outside.create(&place, self.record(&place, &stored)?).await?.is_some() {
                return Ok(IssuedKey { key: stored.key, secret });
            }
        }
        Err(Error::new(Code::StoreConflict, "the store says of every new id that it is taken"))
    }

    async fn import_hash<A: Ask>(&self, outside: &A, options: &ImportOptions) -> Result<ApiKey> {
        let imported = Imported::hashed(&options.sha256).ok_or_else(|| Error::internal("a hash that was checked"))?;
        let key = new_key(imported.id, &options.issue, None, seconds(outside.now()));
        let stored = Stored { hash: Hash::new(&self.peppers, &imported.hashed)?, key, previous: Vec::new() };
        let place = self.place(&stored.key.id);
        match outside.create(&place, self.record(&place, &stored)?).await? {
            Some(_) => Ok(stored.key),
            None => Err(Error::invalid_argument("sha256", "a key with this hash is there already")),
        }
    }

    async fn verify<A: Ask>(&self, outside: &A, presented: &str, scopes: &[String]) -> Result<ApiKey> {
        scopes.iter().try_for_each(|scope| options::check_scope("scopes", scope))?;
        let imported;
        let (id, hashed) = match self.options.format.id(presented) {
            Some(id) => (id, presented),
            None => {
                imported = Imported::presented(presented).filter(|_| self.options.accept_imported);
                let Some(imported) = &imported else { return Err(invalid()) };
                (imported.id.as_str(), imported.hashed.as_str())
            }
        };
        let place = self.place(id);
        let now = seconds(outside.now());
        let Some(record) = self.read(outside, id, &place).await? else {
            self.work_in_vain(hashed)?;
            return Err(invalid());
        };
        let stored = match self.open(&record, &place) {
            Ok(stored) => stored,
            // The key died with its pepper.
            Err(Broken::Pepper) => {
                outside.event(Event::new("api_key_pepper_unknown").with("id", id));
                self.work_in_vain(hashed)?;
                return Err(invalid());
            }
            Err(Broken::Altered(error)) => {
                outside.event(Event::new("api_key_record_altered").with("id", id));
                return Err(error);
            }
        };
        let is_current = stored.hash.fits(&self.peppers, hashed)?;
        let mut is_good = is_current;
        for previous in stored.previous.iter().filter(|previous| now < previous.until) {
            is_good |= previous.hash.fits(&self.peppers, hashed)?;
        }
        if !is_good {
            if !stored.pepper_names().all(|name| self.peppers.has(name)) {
                outside.event(Event::new("api_key_pepper_unknown").with("id", id));
            }
            return Err(invalid());
        }
        check_state(&stored.key, now)?;
        if let Some(missing) = scopes.iter().find(|scope| !stored.key.scopes.contains(scope)) {
            let message = format!("the API key lacks the scope {}", Excerpt(missing));
            return Err(Error::new(Code::ApiKeyScope, message).at(missing.clone()));
        }
        self.note_use(outside, &place, record, &stored, hashed, is_current).await;
        Ok(stored.key)
    }

    /// As much work as for a key that there is.
    fn work_in_vain(&self, hashed: &str) -> Result<()> {
        let _ = (self.peppers.seal(DUMMY)?, self.peppers.hash(hashed)?);
        Ok(())
    }

    /// Writes down, now and then, that a key was used; and has it under the newest pepper. What comes of it does not
    /// matter to who presents it: somebody else may write the same at this moment, and a later use will.
    async fn note_use<A: Ask>(
        &self,
        outside: &A,
        place: &str,
        record: Record,
        stored: &Stored,
        hashed: &str,
        is_current: bool,
    ) {
        let now = seconds(outside.now());
        let every = self.options.last_used_every;
        // One that lies in the future was written by a clock that was wrong.
        let is_stale = stored.key.last_used_at.is_none_or(|at| now.saturating_sub(at).saturating_abs() >= every);
        let is_under_old = is_current && stored.hash.pepper != self.peppers.newest();
        if !(is_stale || is_under_old) || !self.notes.may_write(outside.now()) {
            return;
        }
        let mut noted = stored.clone();
        noted.key.last_used_at = Some(now);
        let written = self.write_note(outside, place, record.version, noted, is_under_old.then_some(hashed)).await;
        self.forget(&stored.key.id);
        self.notes.ended(&written, outside.now());
        if let Err(error) = written {
            let event = Event::new("api_key_use_not_noted");
            outside.event(event.with("id", stored.key.id.as_str()).with("code", error.code().name()));
        }
    }

    async fn write_note<A: Ask>(
        &self,
        outside: &A,
        place: &str,
        version: u64,
        mut noted: Stored,
        rehash: Option<&str>,
    ) -> Result<()> {
        if let Some(hashed) = rehash {
            noted.hash = Hash::new(&self.peppers, hashed)?;
        }
        outside.note(place, version, self.record(place, &noted)?).await
    }

    async fn find<A: Ask>(&self, outside: &A, id: &str) -> Result<Stored> {
        let place = self.place_of(id)?;
        match outside.get_even_if_over(&place).await? {
            Some(record) => self.open(&record, &place).map_err(broken),
            None => Err(not_found()),
        }
    }

    async fn list<A: Ask>(&self, outside: &A, owner: &str, after: Option<&str>, limit: usize) -> Result<ApiKeyPage> {
        options::owner("owner", owner.to_owned())?;
        if !(1..=MAX_PAGE).contains(&limit) {
            return Err(Error::invalid_argument("limit", format!("limit must be from 1 to {MAX_PAGE}")));
        }
        if after.is_some_and(|after| {
            after.is_empty() || after.len() > MAX_CURSOR || !after.bytes().all(|byte| byte.is_ascii_graphic())
        }) {
            return Err(Error::invalid_argument("after", "after must be the next of another page"));
        }
        let page = outside.list(&self.owner(owner), after, limit).await?;
        let mut keys = Vec::with_capacity(page.entries.len());
        for entry in &page.entries {
            match self.open(&entry.record, &entry.key) {
                Ok(stored) => keys.push(stored.key),
                // One bad record must not hide the others.
                Err(why) => {
                    let name = match why {
                        Broken::Pepper => "api_key_pepper_unknown",
                        Broken::Altered(_) => "api_key_record_altered",
                    };
                    let id = entry.key.rsplit('/').next().unwrap_or_default();
                    outside.event(Event::new(name).with("id", id));
                }
            }
        }
        Ok(ApiKeyPage { keys, next: page.next })
    }

    async fn rotate<A: Ask>(&self, outside: &A, id: &str, options: &RotateOptions) -> Result<IssuedKey> {
        let place = self.place_of(id)?;
        if is_imported(id) {
            return Err(Error::invalid_argument(
                "id",
                "an imported key has no form of ours: issue another, and revoke it",
            ));
        }
        let secret = self.options.format.new_key(id)?;
        let hash = Hash::new(&self.peppers, &secret)?;
        let now = seconds(outside.now());
        let key = outside
            .change(&place, |record| {
                let mut stored = self.open(record.ok_or_else(not_found)?, &place).map_err(broken)?;
                check_state(&stored.key, now)?;
                stored.rotate(hash.clone(), now, until(now, options.overlap));
                stored.key.last4 = secret.get(secret.len().saturating_sub(LAST)..).map(str::to_owned);
                if let Some(expires_in) = options.expires_in {
                    stored.key.expires_at = Some(until(now, expires_in));
                }
                Ok(Change::Put(self.record(&place, &stored)?, stored.key))
            })
            .await;
        self.forget(id);
        Ok(IssuedKey { key: key?, secret })
    }

    async fn revoke<A: Ask>(&self, outside: &A, id: &str) -> Result<ApiKey> {
        let place = self.place_of(id)?;
        let now = seconds(outside.now());
        // Before and after: it may be given up in between, and a check may read what was there before.
        self.forget(id);
        let key = outside
            .change(&place, |record| {
                let mut stored = self.open(record.ok_or_else(not_found)?, &place).map_err(broken)?;
                // One that is revoked already is written again: whoever asks twice may not know whether it was kept.
                stored.key.revoked_at.get_or_insert(now);
                Ok(Change::Put(self.record(&place, &stored)?, stored.key))
            })
            .await;
        self.forget(id);
        key
    }

    async fn revoke_all<A: Ask>(&self, outside: &A, owner: &str) -> Result<usize> {
        options::owner("owner", owner.to_owned())?;
        let now = seconds(outside.now());
        let (mut count, mut after, mut failed, mut again) = (0_usize, None, None, Vec::new());
        loop {
            let page = outside.list(&self.owner(owner), after.as_deref(), MAX_PAGE).await?;
            for entry in &page.entries {
                let key = match self.open(&entry.record, &entry.key) {
                    Ok(stored) => stored.key,
                    // What this process cannot read may be good in another, which has its pepper.
                    Err(why) => {
                        failed.get_or_insert_with(|| broken(why));
                        continue;
                    }
                };
                match key.revoked_at {
                    None => {
                        let is_revoked = self.revoke_one(outside, &key.id, &mut failed).await?;
                        count = count.saturating_add(usize::from(is_revoked && check_state(&key, now).is_ok()));
                    }
                    Some(at) if now.saturating_sub(at) < AGAIN => again.push(key.id),
                    Some(_) => {}
                }
            }
            after = match page.next {
                Some(next) => Some(next),
                None => break,
            };
        }
        // Perhaps by a call before this one that nobody has acknowledged. But first come those that are good: who has too
        // little time for all of them gets further each time.
        for id in &again {
            self.revoke_one(outside, id, &mut failed).await?;
        }
        failed.map_or(Ok(count), Err)
    }

    /// Whether it was revoked. What stands against this key only does not stand against the others.
    async fn revoke_one<A: Ask>(&self, outside: &A, id: &str, failed: &mut Option<Error>) -> Result<bool> {
        match self.revoke(outside, id).await {
            Ok(_) => Ok(true),
            // Swept away in between.
            Err(error) if error.code() == Code::ApiKeyNotFound => Ok(false),
            Err(error) if matches!(error.code(), Code::StoreCorrupt | Code::StoreConflict | Code::StoreVersion) => {
                failed.get_or_insert(error);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    async fn read<A: Ask>(&self, outside: &A, id: &str, place: &str) -> Result<Option<Record>> {
        let Some(cache) = &self.cache else { return outside.get_even_if_over(place).await };
        let reading = match cache.get(id, outside.now()) {
            Ok(record) => return Ok(Some(record)),
            Err(reading) => reading,
        };
        let record = outside.get_even_if_over(place).await?;
        if let Some(record) = &record {
            cache.put(id, record.clone(), reading);
        }
        Ok(record)
    }

    fn open(&self, record: &Record, place: &str) -> Result<Stored, Broken> {
        Stored::open(record, place, |owner| self.owner(owner), &self.peppers)
    }

    fn record(&self, place: &str, stored: &Stored) -> Result<Record> {
        stored.to_record(place, self.owner(&stored.key.owner), &self.peppers)
    }

    fn forget(&self, id: &str) {
        if let Some(cache) = &self.cache {
            cache.forget(id);
        }
    }

    /// The key of the record. Sessions, say, begin with another word.
    fn place(&self, id: &str) -> String {
        ["api_key/", self.options.format.name(), "/", id].concat()
    }

    /// The same for an id from outside.
    fn place_of(&self, id: &str) -> Result<String> {
        let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if id.is_empty() || id.len() > 64 || !id.bytes().all(is_id) {
            return Err(not_found());
        }
        Ok(self.place(id))
    }

    /// By whom the store finds the records of an owner: as it is where a store can have it, and hashed otherwise.
    fn owner(&self, owner: &str) -> String {
        let is_plain =
            owner.len() <= 128 && !owner.starts_with('~') && owner.bytes().all(|byte| byte.is_ascii_graphic());
        let hashed;
        let name = match is_plain {
            true => owner,
            false => {
                hashed = format!("~{}", base64url::encode(&sha256(owner.as_bytes())));
                &hashed
            }
        };
        ["api_key/", self.options.format.name(), "/", name].concat()
    }
}

fn new_key(id: String, options: &IssueOptions, last4: Option<String>, now: i64) -> ApiKey {
    ApiKey {
        id,
        owner: options.owner.clone(),
        scopes: options.scopes.clone(),
        metadata: options.metadata.clone(),
        created_at: now,
        expires_at: options.expires_in.map(|expires_in| until(now, expires_in)),
        revoked_at: None,
        rotated_at: None,
        last_used_at: None,
        last4,
    }
}

fn check_state(key: &ApiKey, now: i64) -> Result<()> {
    if key.revoked_at.is_some() {
        return Err(Error::new(Code::ApiKeyRevoked, "the API key was revoked"));
    }
    if key.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::new(Code::ApiKeyExpired, "the API key is expired"));
    }
    Ok(())
}

fn seconds(milliseconds: u64) -> i64 {
    i64::try_from(milliseconds / 1000).unwrap_or(i64::MAX)
}

/// Never beyond what is exact in every language's numbers.
fn until(now: i64, duration: Duration) -> i64 {
    now.saturating_add(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)).min(crate::options::MAX_SECONDS - 1)
}

fn invalid() -> Error {
    Error::new(Code::ApiKeyInvalid, "the API key is not valid")
}

fn not_found() -> Error {
    Error::new(Code::ApiKeyNotFound, "there is no API key with this id").at("id")
}

fn broken(why: Broken) -> Error {
    match why {
        Broken::Altered(error) => error,
        Broken::Pepper => {
            Error::new(Code::StoreCorrupt, "the record of the API key is under a pepper that is not there")
                .at("peppers")
        }
    }
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ApiKeys").field("options", &self.0.options).field("peppers", &self.0.peppers).finish()
    }
}

impl fmt::Debug for AtHand<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AtHand").field("options", &self.shared.options).finish_non_exhaustive()
    }
}
