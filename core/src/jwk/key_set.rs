//! A set of keys (RFC 7517 section 5), and the choice of a key from it.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use super::json;
use super::key::Key;
use super::permission::Operation;
use crate::algorithm::Algorithm;
use crate::encoding::json::{Object, Value};
use crate::error::{Code, Error, Result};

/// The keys of one issuer are a handful: this bounds the work that a bad set makes.
const MOST_KEYS: usize = 1000;

/// How many keys are tried for one token. More than that share a `kid`, or have none, only where something is wrong.
const MOST_CANDIDATES: usize = 8;

/// The keys of one issuer, and what its JWK Set has that is not a key for us.
///
/// A set holds the keys of one issuer only: with keys of two, each could sign for the other.
#[derive(Clone, Default)]
pub struct KeySet {
    keys: Arc<[Key]>,
    rejected: Arc<[Rejected]>,
}

/// A member of a JWK Set that is not used, and why.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rejected {
    /// Its place in the set, counted from 0.
    pub index: usize,
    /// Its `kid`, if it has a readable one.
    pub kid: Option<String>,
    /// Why it is not used.
    pub error: Error,
}

/// A key or a set of keys: what a token is verified with.
///
/// One key verifies whatever `kid` the token names; a set is searched for it.
#[derive(Clone, Debug)]
pub enum Keys {
    /// One key.
    One(Key),
    /// The keys of one issuer.
    Set(KeySet),
}

impl KeySet {
    /// Makes a set of keys. Exact duplicates collapse; different keys with the same `kid` are all kept.
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = Key>) -> Self {
        let mut known = HashSet::new();
        let keys = keys.into_iter().filter(|key| known.insert(identity(key))).collect();
        Self { keys, rejected: Arc::default() }
    }

    /// Loads a JWK Set, a JSON text.
    ///
    /// Keys of unknown types and unusable ones do not fail the set: they are kept out of the way, in [`KeySet::rejected`].
    ///
    /// # Errors
    /// `ERR_KEY_FORMAT` if it is not a JWK Set, is longer than 1 MiB or has more than 1000 keys.
    pub fn from_json(json: &str) -> Result<Self> {
        json::with_object(json, "JWK Set", |object| Self::from_object(object))
    }

    fn from_object(object: Object<'_>) -> Result<Self> {
        let members = match object.get("keys") {
            Some(Value::Array(members)) => members,
            Some(other) => {
                let message = format!("the JWK Set's \"keys\" must be an array, not {}", other.type_name());
                return Err(Error::new(Code::KeyFormat, message).at("keys"));
            }
            None if object.get("kty").is_some() => {
                return Err(Error::new(Code::KeyFormat, "this is a single JWK: load it with from_jwk").at("keys"));
            }
            None if { object }
                .any(|(_, value)| value.as_str().is_some_and(|text| text.raw().contains("-----BEGIN "))) =>
            {
                return Err(Error::new(
                    Code::KeyFormat,
                    "these are certificates in PEM by their kid, not a JWK Set: load each with from_pem, or ask the issuer for \
                     its jwks_uri",
                )
                .at("keys"));
            }
            None => return Err(Error::new(Code::KeyFormat, "the JWK Set has no \"keys\"").at("keys")),
        };
        if members.len() > MOST_KEYS {
            let message = format!("the JWK Set has {} keys: at most {MOST_KEYS} are read", members.len());
            return Err(Error::new(Code::KeyFormat, message).at("keys"));
        }
        let (mut keys, mut rejected) = (Vec::new(), Vec::new());
        for (index, member) in members.enumerate() {
            let read = match member {
                Value::Object(object) => json::read_object(object),
                other => {
                    Err(Error::new(Code::KeyFormat, format!("a JWK must be an object, not {}", other.type_name())))
                }
            };
            match read {
                Ok(key) => keys.push(key),
                Err(error) => rejected.push(Rejected { index, kid: kid_of(member), error }),
            }
        }
        Ok(Self { rejected: rejected.into(), ..Self::new(keys) })
    }

    /// The set as JSON, to publish: public parts only, and no secrets. Members that were rejected are not in it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let public = KeySet::new(self.keys.iter().filter_map(|key| key.public_key().ok()));
        let keys: Vec<_> = public.keys.iter().filter_map(|key| key.to_jwk(false).ok()).collect();
        let keys: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
        format!("{{\"keys\":[{}]}}", keys.join(","))
    }

    /// The keys, in the order of the set.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The members of the JWK Set that are not used, and why.
    #[must_use]
    pub fn rejected(&self) -> &[Rejected] {
        &self.rejected
    }

    /// The keys to try for a token, and their places in the set: of those with its `kid`, or if there are none of those
    /// without, the ones that do the algorithm and may verify, at most eight.
    pub(crate) fn candidates(&self, kid: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = (usize, &Key)> {
        let named = kid.is_some_and(|kid| self.keys.iter().any(|key| key.kid() == Some(kid)));
        let fits = move |key: &Key| match kid {
            None => true,
            Some(kid) if named => key.kid() == Some(kid),
            Some(_) => key.kid().is_none(),
        };
        self.keys
            .iter()
            .enumerate()
            .filter(move |(_, key)| {
                fits(key) && key.verifying_algorithms().any(|known| known == algorithm) && key.allows(Operation::Verify)
            })
            .take(MOST_CANDIDATES)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeySet").field("keys", &self.keys).field("rejected", &self.rejected).finish()
    }
}

impl FromIterator<Key> for KeySet {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        Self::new(keys)
    }
}

impl<'a> IntoIterator for &'a KeySet {
    type Item = &'a Key;
    type IntoIter = std::slice::Iter<'a, Key>;

    fn into_iter(self) -> Self::IntoIter {
        self.keys.iter()
    }
}

impl From<Key> for Keys {
    fn from(key: Key) -> Self {
        Self::One(key)
    }
}

impl From<&Key> for Keys {
    fn from(key: &Key) -> Self {
        Self::One(key.clone())
    }
}

impl From<KeySet> for Keys {
    fn from(set: KeySet) -> Self {
        Self::Set(set)
    }
}

impl From<&KeySet> for Keys {
    fn from(set: &KeySet) -> Self {
        Self::Set(set.clone())
    }
}

/// What two entries of a set share if they are the same key.
fn identity(key: &Key) -> impl Eq + std::hash::Hash + use<> {
    let parts = key.parts();
    (
        key.thumbprint(),
        key.is_private(),
        parts.pss,
        parts.algorithm,
        parts.kid.clone(),
        parts.usage.clone(),
        parts.operations.clone(),
    )
}

fn kid_of(member: Value<'_>) -> Option<String> {
    let Value::Object(object) = member else { return None };
    object.get("kid")?.as_str().map(|kid| kid.to_str().into_owned())
}
