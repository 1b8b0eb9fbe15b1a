//! Keys and a policy, prepared for each other, and their verdict on a token.

use std::sync::Arc;

use super::expectations;
use super::header_cache::{Accepted, HeaderCache};
use super::policy::Policy;
use super::token::Token;
use crate::algorithm::Algorithm;
use crate::encoding::base64url;
use crate::encoding::compact::Compact;
use crate::error::{Code, Error, Result};
use crate::jwk::Keys;
use crate::jws::header::{self, Header};
use crate::jws::keyring::{Candidate, Keyring, verify_any};

pub(super) struct Judge {
    keyring: Keyring,
    policy: Arc<Policy>,
    /// The issuer of the tokens where it stands for many: see [`crate::oauth::Issuer`].
    template: Option<String>,
    headers: HeaderCache,
}

/// Why a token is refused.
pub(super) struct Refusal {
    pub(super) error: Error,
    /// The key that the token names, if the keys at hand may lack it.
    pub(super) missing: Option<MissingKey>,
}

/// What a token says of its key, in so many bits that two that differ are told apart.
#[derive(Clone, Copy)]
pub(super) struct MissingKey(pub(super) u64);

impl From<Error> for Refusal {
    #[inline]
    fn from(error: Error) -> Self {
        Self { error, missing: None }
    }
}

impl Judge {
    pub(super) fn new(keys: Keys, policy: Arc<Policy>, template: Option<String>) -> Result<Self> {
        let keyring = Keyring::new(keys, policy.algorithms.as_deref(), policy.weak_keys)?;
        Ok(Self { keyring, policy, template, headers: HeaderCache::default() })
    }

    pub(super) fn keys(&self) -> &Keys {
        self.keyring.keys()
    }

    #[inline]
    pub(super) fn judge(&self, token: &[u8], now: i64) -> Result<Token, Refusal> {
        if now < 0 {
            return Err(Error::invalid_argument("now", "now must be whole seconds since 1970, 0 or more").into());
        }
        if token.len() > self.policy.max_token_bytes {
            let message =
                format!("the token has {} bytes, and {} are allowed", token.len(), self.policy.max_token_bytes);
            return Err(Error::new(Code::TokenTooLarge, message).into());
        }
        let compact = Compact::split(token)?;
        if let Some(accepted) = self.headers.find(compact.header) {
            let key = self.check_signature(accepted, compact)?;
            return Ok(self.check_claims(accepted, key, compact, now)?);
        }
        let accepted = self.accept(compact.header)?;
        let key = self.check_signature(&accepted, compact)?;
        let verdict = self.check_claims(&accepted, key, compact, now);
        self.headers.remember(accepted);
        Ok(verdict?)
    }

    /// Decodes a header, checks it and chooses its keys.
    fn accept(&self, segment: &[u8]) -> Result<Accepted, Refusal> {
        let parsed = header::decode(self.unpadded(segment))?;
        let header = Header::new(parsed.document());
        header.check_critical(&[])?;
        header.is_encoded()?;
        header.check_type(&self.policy.typ)?;
        let algorithm = header.algorithm()?;
        let kid = header.key_id()?;
        let missing = self.may_appear(algorithm).then(|| MissingKey::of(algorithm, kid.as_deref()));
        let keys = self.keyring.candidates(algorithm, kid.as_deref()).map_err(|error| Refusal { error, missing })?;
        // A key that the token does not name is a guess: if none fits, one that is not here may.
        let missing = missing.filter(|_| !keys.iter().any(|key| key.is_named));
        Ok(Accepted { segment: segment.into(), header: parsed, keys, missing })
    }

    /// Whether an issuer could publish a key for the algorithm that the policy would allow.
    fn may_appear(&self, algorithm: Algorithm) -> bool {
        let is_allowed = self
            .policy
            .algorithms
            .as_deref()
            .is_none_or(|list| list.iter().any(|one| one.canonical() == algorithm.canonical()));
        is_allowed && !matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
    }

    #[inline]
    fn check_signature<'a>(&self, accepted: &'a Accepted, compact: Compact<'_>) -> Result<&'a Candidate, Refusal> {
        verify_any(&accepted.keys, compact.signing_input, self.unpadded(compact.signature)).map_err(|error| {
            let missing = accepted.missing.filter(|_| error.code() == Code::SignatureInvalid);
            Refusal { error, missing }
        })
    }

    #[inline]
    fn check_claims(&self, accepted: &Accepted, key: &Candidate, compact: Compact<'_>, now: i64) -> Result<Token> {
        let token = Token::decode(&accepted.header, self.unpadded(compact.payload))?;
        expectations::check(token.claims(), &self.policy, now)?;
        if let Some(template) = &self.template {
            expectations::check_tenant(token.claims(), template, key.issuer.as_deref())?;
        }
        Ok(token)
    }

    #[inline]
    fn unpadded<'a>(&self, segment: &'a [u8]) -> &'a [u8] {
        if self.policy.padded_base64 { base64url::strip_padding(segment) } else { segment }
    }
}

impl MissingKey {
    fn of(algorithm: Algorithm, kid: Option<&str>) -> Self {
        let digest = crate::crypto::sha256(format!("{algorithm} {kid:?}").as_bytes());
        let [a, b, c, d, e, f, g, h, ..] = digest;
        Self(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }
}
