//! Peppers: the secrets without which the records of a store are worth nothing.

use std::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, KeyType};
use crate::crypto::{SigningKey, sha256};
use crate::encoding::base64url;
use crate::error::{Code, Error, Result};
use crate::jwk::{Key, KeyOptions};

/// The bytes of an HMAC-SHA-256.
pub(super) const MAC: usize = 32;

/// The bytes of a hash that name a pepper in records.
const NAME_BYTES: usize = 6;

/// One pepper, with the two keys that are derived from it: what hashes keys and what seals records must never meet.
struct Pepper {
    /// Eight characters, computed from the secret: names are the same wherever the secret is, whatever order they come in.
    name: String,
    hashes: Arc<SigningKey>,
    seals: Arc<SigningKey>,
}

/// All of a program's peppers, the newest first.
pub(super) struct Peppers {
    newest: Pepper,
    older: Vec<Pepper>,
}

impl Peppers {
    pub(super) fn new(secrets: &[Key]) -> Result<Self> {
        let mut made = secrets.iter().map(Pepper::new).collect::<Result<Vec<_>>>()?.into_iter();
        let newest = made.next().ok_or_else(|| Error::invalid_argument("peppers", "peppers must not be empty"))?;
        Ok(Self { newest, older: made.collect() })
    }

    /// The name of the one that everything new is under.
    pub(super) fn newest(&self) -> &str {
        &self.newest.name
    }

    fn named(&self, name: &str) -> Option<&Pepper> {
        std::iter::once(&self.newest).chain(&self.older).find(|pepper| pepper.name == name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.named(name).is_some()
    }

    /// The hash of a key under the newest pepper.
    pub(super) fn hash(&self, text: &str) -> Result<[u8; MAC]> {
        self.newest.hash(text)
    }

    /// Whether the text has this hash under the pepper of that name. Takes the same time wherever they differ.
    pub(super) fn is_hash(&self, name: &str, text: &str, hash: &[u8; MAC]) -> Result<bool> {
        match self.named(name) {
            Some(pepper) => Ok(pepper.hash(text)?.ct_eq(hash).into()),
            None => Ok(false),
        }
    }

    /// The seal of a record under the newest pepper.
    pub(super) fn seal(&self, record: &str) -> Result<[u8; MAC]> {
        mac(&self.newest.seals, record)
    }

    pub(super) fn is_seal(&self, name: &str, record: &str, seal: &[u8; MAC]) -> Result<bool> {
        match self.named(name) {
            Some(pepper) => Ok(mac(&pepper.seals, record)?.ct_eq(seal).into()),
            None => Ok(false),
        }
    }
}

impl Pepper {
    fn new(secret: &Key) -> Result<Self> {
        if !matches!(secret.key_type(), KeyType::Secret) {
            return Err(Error::new(Code::KeyMismatch, "a pepper is a secret of at least 32 bytes").at("peppers"));
        }
        let root = secret.signing_key(Algorithm::HS256, false).map_err(|error| error.at("peppers"))?;
        let derived =
            |purpose: &str| root.sign(format!("authwright api key 1 {purpose}").as_bytes()).map(Zeroizing::new);
        let key = |purpose| {
            Key::from_secret(&derived(purpose)?, &KeyOptions::default())?.signing_key(Algorithm::HS256, false)
        };
        let name = sha256(&derived("name")?);
        let name = base64url::encode(name.get(..NAME_BYTES).unwrap_or_default());
        Ok(Self { name, hashes: key("hash")?, seals: key("seal")? })
    }

    fn hash(&self, text: &str) -> Result<[u8; MAC]> {
        mac(&self.hashes, text)
    }
}

fn mac(key: &SigningKey, text: &str) -> Result<[u8; MAC]> {
    <[u8; MAC]>::try_from(&*key.sign(text.as_bytes())?).map_err(|_| Error::internal("an HMAC of another length"))
}

impl fmt::Debug for Peppers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = std::iter::once(&self.newest).chain(&self.older).map(|pepper| pepper.name.as_str());
        formatter.debug_list().entries(names).finish()
    }
}
