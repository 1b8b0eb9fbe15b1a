//! How a key is kept: a record of a store, sealed.

use super::import::is_imported;
use super::key::ApiKey;
use super::pepper::{MAC, Peppers};
use crate::encoding::base64url;
use crate::encoding::json::{Document, Parsed, Value, scan};
use crate::encoding::json_write::member;
use crate::error::{Code, Error, Result};
use crate::store::{Record, corrupt};

/// For how long a key that is over is kept, in seconds: who presents it is told why it is refused, and its owner finds it
/// in the listing.
const KEPT: i64 = 30 * 86_400;

/// The most secrets before the current one that are good at the same time.
const MAX_PREVIOUS: usize = 4;

/// How many bytes of a record's JSON make a name or a value of it, at least mostly.
const NODE: usize = 8;

/// What a record begins with. A release that writes something that this one would not understand, and so lose when it writes
/// the record anew, begins it otherwise.
const VERSION: &str = "1";

/// A key and the hashes of its secrets.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) key: ApiKey,
    pub(super) hash: Hash,
    pub(super) previous: Vec<Previous>,
}

/// An HMAC of a key, and the name of the pepper that it is under.
#[derive(Clone)]
pub(super) struct Hash {
    pub(super) pepper: String,
    pub(super) mac: [u8; MAC],
}

/// A secret that was rotated away, and is good for a while.
#[derive(Clone)]
pub(super) struct Previous {
    pub(super) hash: Hash,
    /// In seconds since 1970.
    pub(super) until: i64,
}

/// Why a record is not what this program wrote.
pub(super) enum Broken {
    /// It is under a pepper that the program does not have any more.
    Pepper,
    /// It was altered.
    Altered(Error),
}

impl Hash {
    pub(super) fn new(peppers: &Peppers, text: &str) -> Result<Self> {
        Ok(Self { pepper: peppers.newest().to_owned(), mac: peppers.hash(text)? })
    }

    pub(super) fn fits(&self, peppers: &Peppers, text: &str) -> Result<bool> {
        peppers.is_hash(&self.pepper, text, &self.mac)
    }

    fn to_json(&self) -> String {
        format!("\"{}.{}\"", self.pepper, base64url::encode(&self.mac))
    }

    fn read(value: Value<'_>) -> Option<Self> {
        let text = value.as_str()?.to_str();
        let (pepper, mac) = text.split_once('.')?;
        Some(Self { pepper: pepper.to_owned(), mac: read_mac(mac)? })
    }
}

impl Stored {
    /// The record, sealed under the newest pepper. Its version is the store's business.
    pub(super) fn to_record(&self, record_key: &str, owner: String, peppers: &Peppers) -> Result<Record> {
        let previous: Vec<String> =
            self.previous.iter().map(|previous| format!("[{},{}]", previous.hash.to_json(), previous.until)).collect();
        let mut members = self.key.members();
        members.push(member("hash", &self.hash.to_json()));
        members.push(member("previous", &format!("[{}]", previous.join(","))));
        let json = format!("{{{}}}", members.join(","));
        let seal = base64url::encode(&peppers.seal(&sealed_text(record_key, &json))?);
        let value = [VERSION, ".", peppers.newest(), ".", &seal, ".", &json].concat();
        Ok(Record { version: 0, value, owner: Some(owner), expires_at: self.kept_until() })
    }

    /// Reads a record, if its seal is whole.
    pub(super) fn open(
        record: &Record,
        record_key: &str,
        owner: impl Fn(&str) -> String,
        peppers: &Peppers,
    ) -> Result<Self, Broken> {
        let altered = || Broken::Altered(corrupt("a record of an API key was altered"));
        let mut parts = record.value.splitn(4, '.');
        let (Some(version), Some(pepper), Some(seal), Some(json)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(altered());
        };
        if version != VERSION {
            let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
            return Err(if is_number { Broken::Altered(newer()) } else { altered() });
        }
        if !peppers.has(pepper) {
            return Err(Broken::Pepper);
        }
        let seal = read_mac(seal).ok_or_else(altered)?;
        if !peppers.is_seal(pepper, &sealed_text(record_key, json), &seal).map_err(Broken::Altered)? {
            return Err(altered());
        }
        // Room for all that a record has, mostly: growing step by step would take as long as the scan.
        let mut tape = Vec::with_capacity(json.len() / NODE);
        scan(json, &mut tape).map_err(|_| altered())?;
        let stored = Self::read(Document::new(json, &tape)).ok_or_else(altered)?;
        // What stands beside the value is derived from it.
        let is_beside =
            record.owner.as_deref() == Some(&owner(&stored.key.owner)) && record.expires_at == stored.kept_until();
        if is_beside { Ok(stored) } else { Err(altered()) }
    }

    /// Puts another secret in the place of the one that there is, which is good until then.
    pub(super) fn rotate(&mut self, hash: Hash, now: i64, until: i64) {
        let old = std::mem::replace(&mut self.hash, hash);
        // An overlap bounds all: one of none ends them all, as whoever rotates because of a leak expects.
        self.previous.iter_mut().for_each(|previous| previous.until = previous.until.min(until));
        self.previous.retain(|previous| now < previous.until);
        // The newest first: where there are too many, the one that was in use a moment ago is not the one to go.
        if now < until {
            self.previous.insert(0, Previous { hash: old, until });
        }
        self.previous.truncate(MAX_PREVIOUS);
        self.key.rotated_at = Some(now);
    }

    /// The names of the peppers that the secrets are hashed under.
    pub(super) fn pepper_names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.hash)
            .chain(self.previous.iter().map(|previous| &previous.hash))
            .map(|hash| hash.pepper.as_str())
    }

    /// In milliseconds since 1970. A revoked key that was imported is kept for ever: who imports the same keys every night
    /// must not find its place free and bring it back.
    fn kept_until(&self) -> Option<u64> {
        if self.key.revoked_at.is_some() && is_imported(&self.key.id) {
            return None;
        }
        let over = match (self.key.expires_at, self.key.revoked_at) {
            (Some(expires), Some(revoked)) => expires.min(revoked),
            (expires, revoked) => expires.or(revoked)?,
        };
        u64::try_from(over.saturating_add(KEPT))
            .ok()?
            .checked_mul(1000)
            .filter(|time| *time < crate::store::END_OF_VERSIONS)
    }

    /// In one walk over the members: this is a good part of what a check costs.
    fn read(document: Document<'_>) -> Option<Self> {
        let (mut id, mut owner, mut last4, mut metadata, mut hash) = (None, None, None, None, None);
        let (mut scopes, mut previous) = (None, None);
        let (mut created_at, mut expires_at, mut revoked_at) = (None, None, None);
        let (mut rotated_at, mut last_used_at) = (None, None);
        for (name, value) in document.root() {
            match &*name.to_str() {
                "id" => id = Some(text(value)?),
                "owner" => owner = Some(text(value)?),
                "scopes" => scopes = Some(each(value, text)?),
                "metadata" => metadata = Some(Parsed::new(value.json().into_owned()).ok()?),
                "created_at" => created_at = Some(time(value)?),
                "expires_at" => expires_at = Some(time(value)?),
                "revoked_at" => revoked_at = Some(time(value)?),
                "rotated_at" => rotated_at = Some(time(value)?),
                "last_used_at" => last_used_at = Some(time(value)?),
                "last4" => last4 = Some(text(value)?),
                "hash" => hash = Some(Hash::read(value)?),
                "previous" => previous = Some(each(value, Previous::read)?),
                // Whatever it says, writing the record anew would lose it.
                _ => return None,
            }
        }
        Some(Self {
            key: ApiKey {
                id: id?,
                owner: owner?,
                scopes: scopes?,
                metadata: metadata?,
                created_at: created_at?,
                expires_at,
                revoked_at,
                rotated_at,
                last_used_at,
                last4,
            },
            hash: hash?,
            previous: previous?,
        })
    }
}

fn text(value: Value<'_>) -> Option<String> {
    Some(value.as_str()?.to_str().into_owned())
}

fn time(value: Value<'_>) -> Option<i64> {
    let Value::Number(number) = value else { return None };
    number.as_i64()
}

fn each<T>(value: Value<'_>, read: impl Fn(Value<'_>) -> Option<T>) -> Option<Vec<T>> {
    let Value::Array(elements) = value else { return None };
    elements.map(read).collect()
}

impl Previous {
    fn read(value: Value<'_>) -> Option<Self> {
        let Value::Array(mut pair) = value else { return None };
        let (hash, Value::Number(until)) = (pair.next()?, pair.next()?) else { return None };
        Some(Self { hash: Hash::read(hash)?, until: until.as_i64()? })
    }
}

/// A line feed is in no key of a record.
fn sealed_text(record_key: &str, json: &str) -> String {
    [VERSION, "\n", record_key, "\n", json].concat()
}

fn newer() -> Error {
    Error::new(Code::StoreVersion, "a record of an API key was written by a newer release of authwright")
}

fn read_mac(text: &str) -> Option<[u8; MAC]> {
    let mut buffer = [0; MAC + 2];
    base64url::decode_into(text.as_bytes(), &mut buffer)?.try_into().ok()
}
