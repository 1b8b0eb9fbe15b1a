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

/// How many of them may be private RSA keys, each of which costs a signature to check.
const MOST_PRIVATE: usize = 16;

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
    /// Keys of unknown types and unusable ones do not fail the set: they are kept out of the way, in
    /// [`KeySet::rejected`].
    ///
    /// # Errors
    /// `ERR_KEY_FORMAT` if it is not a JWK Set, is longer than 1 MiB or has more than 1000 keys or 16
    /// private RSA keys.
    pub fn from_json(json: &str) -> Result<Self> {
        json::with_object(json, "JWK Set", Self::from_object)
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
        let (mut keys, mut rejected, mut private) = (Vec::new(), Vec::new(), 0_usize);
        for (index, member) in members.enumerate() {
            // Counted before it is checked, for one whose parts disagree costs as much.
            if is_private_rsa(member) {
                private = private.saturating_add(1);
                if private > MOST_PRIVATE {
                    let message =
                        format!("a JWK Set may hold at most {MOST_PRIVATE} private RSA keys: publish public ones");
                    return Err(Error::new(Code::KeyFormat, message).at("keys"));
                }
            }
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

    /// The public parts of the keys, without the secrets, which have none. What was rejected stays so.
    pub(crate) fn public(&self) -> Self {
        let keys = Self::new(self.keys.iter().filter_map(|key| key.public_key().ok()));
        Self { rejected: Arc::clone(&self.rejected), ..keys }
    }

    /// The set as JSON, to publish: public parts only, and no secrets. Members that were rejected are not in it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let keys: Vec<_> = self.public().keys.iter().filter_map(|key| key.to_jwk(false).ok()).collect();
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

    /// The `issuer` members of a key that is in the set, wherever it stands there.
    pub(crate) fn issuers(&self, key: &Key) -> Vec<String> {
        if key.issuer().is_none() {
            return Vec::new();
        }
        let thumbprint = key.thumbprint();
        let same = self.keys.iter().filter(|other| other.kid() == key.kid() && other.thumbprint() == thumbprint);
        same.filter_map(Key::issuer).collect()
    }

    /// The keys to try for a token, and their places in the set: of those with its `kid`, or if there are none of those
    /// without, the ones that do the algorithm and may verify. The caller bounds how many it tries.
    pub(crate) fn candidates(&self, kid: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = (usize, &Key)> {
        let named = kid.is_some_and(|kid| self.keys.iter().any(|key| key.kid() == Some(kid)));
        let fits = move |key: &Key| match kid {
            None => true,
            Some(kid) if named => key.kid() == Some(kid),
            Some(_) => key.kid().is_none(),
        };
        self.keys.iter().enumerate().filter(move |(_, key)| {
            fits(key) && key.verifying_algorithms().any(|known| known == algorithm) && key.allows(Operation::Verify)
        })
    }
}

fn is_private_rsa(member: Value<'_>) -> bool {
    let Value::Object(member) = member else { return false };
    member.get("kty").and_then(Value::as_str).is_some_and(|kty| kty == "RSA") && member.get("d").is_some()
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
        key.issuer(),
    )
}

fn kid_of(member: Value<'_>) -> Option<String> {
    let Value::Object(object) = member else { return None };
    object.get("kid")?.as_str().map(|kid| kid.to_str().into_owned())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{assert_refused, load, text};
    use super::*;

    fn jwk(file: &str, members: &str) -> String {
        text(file).replacen('{', &format!("{{{members}"), 1)
    }

    fn set(keys: &[String]) -> KeySet {
        KeySet::from_json(&format!("{{\"keys\":[{}]}}", keys.join(","))).unwrap()
    }

    fn places(set: &KeySet, kid: Option<&str>, algorithm: Algorithm) -> Vec<usize> {
        set.candidates(kid, algorithm).map(|(place, _)| place).collect()
    }

    #[test]
    fn private_rsa_keys_are_few_even_if_they_are_no_keys() {
        let set = |count: usize| {
            KeySet::from_json(&format!("{{\"keys\":[{}]}}", vec![r#"{"kty":"RSA","d":"AQ"}"#; count].join(",")))
        };
        assert_eq!(set(MOST_PRIVATE).unwrap().rejected().len(), MOST_PRIVATE);
        assert_eq!(set(MOST_PRIVATE + 1).unwrap_err().code(), Code::KeyFormat);
    }

    #[test]
    fn unusable_members_are_kept_out_of_the_way() {
        let set = set(&[
            r#"{"kty":"AKP","kid":"pq","alg":"ML-DSA-44","pub":"AAAA"}"#.into(),
            jwk("p256-private.jwk", ""),
            "7".into(),
            r#"{"kty":"RSA","kid":5}"#.into(),
            jwk("ed25519-private.jwk", r#""alg":"RSA-OAEP","#),
        ]);
        assert_eq!(set.len(), 1);
        let rejected: Vec<_> =
            set.rejected().iter().map(|one| (one.index, one.kid.as_deref(), one.error.code())).collect();
        assert_eq!(
            rejected,
            [
                (0, Some("pq"), Code::UnsupportedAlgorithm),
                (2, None, Code::KeyFormat),
                (3, None, Code::KeyFormat),
                (4, None, Code::UnsupportedAlgorithm),
            ]
        );
        assert!(KeySet::from_json(r#"{"keys":[],"other":1}"#).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for (json, words) in [
            ("[]", "strict JSON object"),
            ("{}", "no \"keys\""),
            (r#"{"keys":{}}"#, "an array"),
            (r#"{"keys":[],"keys":[]}"#, "duplicate"),
            (r#"{"kty":"oct","k":"AAECAwQ"}"#, "from_jwk"),
            (r#"{"abc":"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}"#, "jwks_uri"),
            ("-----BEGIN PUBLIC KEY-----", "from_pem"),
        ] {
            assert_refused(KeySet::from_json(json), Code::KeyFormat, words);
        }
        let many = format!("{{\"keys\":[{}]}}", vec!["{}"; 1001].join(","));
        assert_refused(KeySet::from_json(&many), Code::KeyFormat, "1001 keys");
        let many = format!("{{\"keys\":[{}]}}", vec!["{}"; 1000].join(","));
        assert_eq!(KeySet::from_json(&many).unwrap().rejected().len(), 1000);
        let long = format!("{{\"keys\":[]{}}}", " ".repeat(1 << 20));
        assert_refused(KeySet::from_json(&long), Code::KeyFormat, "1 MiB");
    }

    #[test]
    fn exact_duplicates_collapse_and_others_do_not() {
        let key = load("p256-private.jwk").unwrap();
        let set = KeySet::new([key.clone(), key.clone(), load("p256-private.pem").unwrap(), key.public_key().unwrap()]);
        assert_eq!(set.len(), 2, "the private key, and its public part");
        let named = self::set(&[
            jwk("p256-private.jwk", r#""kid":"1","#),
            jwk("p384-private.jwk", r#""kid":"1","#),
            jwk("p256-private.jwk", r#""kid":"2","#),
            jwk("p256-private.jwk", r#""kid":"1","#),
        ]);
        assert_eq!(named.len(), 3);
        assert_eq!(named.keys().iter().filter(|key| key.kid() == Some("1")).count(), 2);
    }

    #[test]
    fn only_public_parts_are_published() {
        let secret = r#"{"kty":"oct","k":"AAECAwQ"}"#.to_owned();
        let set = set(&[secret, jwk("p256-private.jwk", r#""x5t":"kept","#), jwk("rsa-2048-private.jwk", "")]);
        assert_eq!(set.len(), 3);
        let json = set.to_json();
        let published: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(published["keys"].as_array().unwrap().len(), 2);
        assert_eq!(published["keys"][0]["x5t"], "kept");
        assert!(!json.contains("\"d\"") && !json.contains("\"k\""));
        assert_eq!(KeySet::from_json(&json).unwrap().to_json(), json);
        let both = KeySet::new([load("p256-private.pem").unwrap(), load("p256-public.pem").unwrap()]);
        assert_eq!(both.to_json().matches("kty").count(), 1);
        assert_eq!(KeySet::default().to_json(), r#"{"keys":[]}"#);
    }

    #[test]
    fn keys_are_chosen_by_kid_then_by_what_they_do() {
        let set = set(&[
            jwk("p256-private.jwk", r#""kid":"a","#),
            jwk("rsa-2048-private.jwk", r#""alg":"RS256","#).replace(r#""kid": "rsa""#, r#""kid":"a""#),
            jwk("ed25519-private.jwk", ""),
            jwk("p256-private.jwk", r#""kid":"b","use":"enc","#),
            jwk("p256-private.jwk", r#""kid":"c","key_ops":["deriveBits"],"#),
            jwk("p256-private.jwk", ""),
        ]);
        assert_eq!(set.len(), 6, "{:?}", set.rejected());
        assert_eq!(places(&set, Some("a"), Algorithm::ES256), [0]);
        assert_eq!(places(&set, Some("a"), Algorithm::RS256), [1]);
        assert!(places(&set, Some("a"), Algorithm::PS256).is_empty(), "its alg is RS256");
        assert!(places(&set, Some("a"), Algorithm::EdDSA).is_empty(), "the kid is there, on other types");
        assert!(places(&set, Some("b"), Algorithm::ES256).is_empty());
        assert!(places(&set, Some("c"), Algorithm::ES256).is_empty());
        assert_eq!(places(&set, Some("unknown"), Algorithm::ES256), [5]);
        assert_eq!(places(&set, Some("unknown"), Algorithm::Ed25519), [2]);
        assert_eq!(places(&set, None, Algorithm::ES256), [0, 5]);
        assert!(places(&set, None, Algorithm::HS256).is_empty());
    }
}
