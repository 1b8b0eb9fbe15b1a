//! Keys and a policy, prepared once, and the verdict on a token.

use std::fmt;

use super::expectations;
use super::header_cache::{Accepted, HeaderCache};
use super::policy::Policy;
use super::token::Token;
use crate::encoding::base64url;
use crate::encoding::compact::Compact;
use crate::error::{Code, Error, Result};
use crate::jwk::Keys;
use crate::jws::header::{self, Header};
use crate::jws::keyring::{Keyring, verify_any};

/// Verifies tokens. Built once; immutable, and used from any number of threads at once without a lock.
///
/// ```
/// use authwright_core::{Algorithm, Key, Policy, Signer, SignerOptions, Verifier};
///
/// let key = Key::generate(Algorithm::ES256, None, None)?;
/// let options = SignerOptions::from_json(r#"{"issuer": "https://id.example", "audience": "api", "lifetime": 900}"#)?;
/// let token = Signer::new(&key, options)?.sign_json(r#"{"sub": "alice"}"#, 1_700_000_000)?;
///
/// let policy = Policy::from_json(r#"{"issuer": "https://id.example", "audience": "api"}"#)?;
/// let verifier = Verifier::new(key.public_key()?, policy)?;
/// let verified = verifier.verify(&token, 1_700_000_100)?;
/// assert!(verified.claims().get("sub").and_then(|sub| sub.as_str()).is_some_and(|sub| sub == "alice"));
///
/// let error = verifier.verify(&token, 1_700_001_000).unwrap_err();
/// assert_eq!(error.code().name(), "ERR_TOKEN_EXPIRED");
/// # Ok::<(), authwright_core::Error>(())
/// ```
pub struct Verifier {
    keyring: Keyring,
    policy: Policy,
    headers: HeaderCache,
}

impl Verifier {
    /// Prepares the keys for the policy.
    ///
    /// # Errors
    /// For a single key: `ERR_KEY_MISMATCH` when its `use`, `key_ops` or type do not fit, `ERR_KEY_TOO_WEAK` when it is too
    /// short. Keys of a set that cannot be used are passed over.
    pub fn new(keys: impl Into<Keys>, policy: Policy) -> Result<Self> {
        let keyring = Keyring::new(keys.into(), policy.algorithms.as_deref(), policy.weak_keys)?;
        Ok(Self { keyring, policy, headers: HeaderCache::default() })
    }

    /// Verifies a token at `now`, in whole seconds since 1970.
    ///
    /// The checks and their order are fixed: size and segments, header JSON, `crit`, `typ`, algorithm and key, signature,
    /// claims JSON, `exp`, `nbf`, `iat`, `iss`, `aud`, `sub`, `required`, `claims`, `max_token_age`. Claims are never parsed
    /// before the signature is good.
    ///
    /// # Errors
    /// The first check that fails gives its code; see [`Code`].
    pub fn verify(&self, token: impl AsRef<[u8]>, now: i64) -> Result<Token> {
        let token = token.as_ref();
        if now < 0 {
            return Err(Error::invalid_argument("now", "now must be whole seconds since 1970, 0 or more"));
        }
        if token.len() > self.policy.max_token_bytes {
            let message =
                format!("the token has {} bytes, and {} are allowed", token.len(), self.policy.max_token_bytes);
            return Err(Error::new(Code::TokenTooLarge, message));
        }
        let compact = Compact::split(token)?;
        if let Some(accepted) = self.headers.find(compact.header) {
            self.check_signature(accepted, compact)?;
            return self.check_claims(accepted, compact, now);
        }
        let accepted = self.judge(compact.header)?;
        self.check_signature(&accepted, compact)?;
        let verdict = self.check_claims(&accepted, compact, now);
        self.headers.remember(accepted);
        verdict
    }

    /// Decodes a header, checks it and chooses its keys.
    fn judge(&self, segment: &[u8]) -> Result<Accepted> {
        let parsed = header::decode(self.unpadded(segment))?;
        let header = Header::new(parsed.document());
        header.check_critical(&[])?;
        header.is_encoded()?;
        header.check_type(&self.policy.typ)?;
        let algorithm = header.algorithm()?;
        let keys = self.keyring.candidates(algorithm, header.key_id()?.as_deref())?;
        Ok(Accepted { segment: segment.into(), header: parsed, keys })
    }

    #[inline]
    fn check_signature(&self, accepted: &Accepted, compact: Compact<'_>) -> Result<()> {
        verify_any(&accepted.keys, compact.signing_input, self.unpadded(compact.signature))
    }

    #[inline]
    fn check_claims(&self, accepted: &Accepted, compact: Compact<'_>, now: i64) -> Result<Token> {
        let token = Token::decode(&accepted.header, self.unpadded(compact.payload))?;
        expectations::check(token.claims(), &self.policy, now)?;
        Ok(token)
    }

    #[inline]
    fn unpadded<'a>(&self, segment: &'a [u8]) -> &'a [u8] {
        if self.policy.padded_base64 { base64url::strip_padding(segment) } else { segment }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Verifier").field("keys", self.keyring.keys()).field("policy", &self.policy).finish()
    }
}
