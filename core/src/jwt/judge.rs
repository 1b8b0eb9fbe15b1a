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

/// What a token says of its key, in so many bits that those of honest tokens differ.
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
            return Err(no_time().into());
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
        let accepted = self.accept(compact)?;
        let key = self.check_signature(&accepted, compact)?;
        let verdict = self.check_claims(&accepted, key, compact, now);
        self.headers.remember(accepted);
        Ok(verdict?)
    }

    /// Decodes a header, checks it and chooses its keys.
    fn accept(&self, compact: Compact<'_>) -> Result<Accepted, Refusal> {
        let parsed = header::decode(self.unpadded(compact.header))?;
        let header = Header::new(parsed.document());
        header.check_critical(&[])?;
        header.is_encoded()?;
        header.check_type(&self.policy.typ)?;
        if let Some(profile) = self.policy.profile {
            profile.check_type(&header)?;
        }
        let algorithm = header.algorithm()?;
        let kid = header.key_id()?;
        let may_appear = self.may_appear(algorithm);
        let keys = self.keyring.candidates(algorithm, kid.as_deref()).map_err(|error| {
            let missing = may_appear.then(|| MissingKey::of(compact, kid.is_some()));
            Refusal { error, missing }
        })?;
        // A key that the token does not name is a guess: if none fits, one that is not here may.
        let is_guess = may_appear && !keys.iter().any(|key| key.is_named);
        let has_kid = kid.is_some();
        Ok(Accepted { segment: compact.header.into(), header: parsed, has_kid, keys, is_guess })
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
            let is_missing = accepted.is_guess && error.code() == Code::SignatureInvalid;
            let missing = is_missing.then(|| MissingKey::of(compact, accepted.has_kid));
            Refusal { error, missing }
        })
    }

    #[inline]
    fn check_claims(&self, accepted: &Accepted, key: &Candidate, compact: Compact<'_>, now: i64) -> Result<Token> {
        let token = Token::decode(&accepted.header, self.unpadded(compact.payload))?;
        expectations::check(token.claims(), &self.policy, now)?;
        if let Some(template) = &self.template {
            expectations::check_tenant(token.claims(), template, &key.issuers)?;
        }
        Ok(token)
    }

    #[inline]
    fn unpadded<'a>(&self, segment: &'a [u8]) -> &'a [u8] {
        if self.policy.padded_base64 { base64url::strip_padding(segment) } else { segment }
    }
}

impl MissingKey {
    /// By the header, which names algorithm and key. Where it names no key, one forged token must not speak for all:
    /// there it is the token itself.
    #[cold]
    fn of(compact: Compact<'_>, has_kid: bool) -> Self {
        let named: &[u8] = if has_kid { compact.header } else { compact.signing_input };
        let rest: &[u8] = if has_kid { b"" } else { compact.signature };
        let [a, b, c, d, e, f, g, h, ..] = crate::crypto::sha256(&[named, b".", rest].concat());
        Self(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }
}

#[cold]
pub(super) fn no_time() -> Error {
    Error::invalid_argument("now", "now must be whole seconds since 1970, 0 or more")
}
