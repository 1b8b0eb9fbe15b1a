//! The verifier: a policy, and keys that are fixed or an issuer's.

use std::fmt;
use std::sync::Arc;

use super::fetching::{Fetching, Judging};
use super::judge::Judge;
use super::policy::Policy;
use super::remote::Remote;
use super::token::Token;
use crate::error::{Error, Result};
use crate::jwk::{Keys, RemoteKeySet, RemoteOptions};
use crate::operation::{Machine, Operation};

/// Verifies tokens. Built once, and used from any number of threads at once without a lock.
///
/// Its keys are fixed ([`Verifier::new`]), or an issuer's that are fetched and kept up to date ([`Verifier::discover`],
/// [`Verifier::remote`]).
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
    policy: Arc<Policy>,
    source: Source,
}

enum Source {
    Fixed(Arc<Judge>),
    Remote(Arc<Remote>),
}

impl Verifier {
    /// Prepares the keys for the policy.
    ///
    /// # Errors
    /// For a single key: `ERR_KEY_MISMATCH` when its `use`, `key_ops` or type do not fit, `ERR_KEY_TOO_WEAK` when it is
    /// too short. Keys of a set that cannot be used are passed over.
    pub fn new(keys: impl Into<Keys>, policy: Policy) -> Result<Self> {
        policy.check_issuer()?;
        let policy = Arc::new(policy);
        let judge = Judge::new(keys.into(), Arc::clone(&policy), None)?;
        Ok(Self { policy, source: Source::Fixed(Arc::new(judge)) })
    }

    /// A verifier with an issuer's keys. The policy's issuer, where it names one, is the set's; where it names none, it
    /// becomes that.
    ///
    /// Nothing is fetched yet: an issuer that is down is no error here.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` (issuer) if the policy names another issuer than the set: one set may hold keys of one
    /// issuer only.
    pub fn remote(keys: &RemoteKeySet, mut policy: Policy) -> Result<Self> {
        if let Some(issuer) = keys.issuer() {
            if policy.issuer.iter().any(|named| named != issuer) {
                let message = format!("the policy names another issuer than the keys', which is {issuer}");
                return Err(Error::invalid_argument("issuer", message));
            }
            policy.issuer = vec![issuer.to_owned()];
        }
        policy.check_issuer()?;
        let policy = Arc::new(policy);
        let remote = Remote::new(keys.clone(), Arc::clone(&policy))?;
        Ok(Self { policy, source: Source::Remote(Arc::new(remote)) })
    }

    /// A verifier made from nothing but an issuer's URL: its metadata and its keys are fetched when the first token
    /// comes. `seed` is that of [`RemoteKeySet::new`].
    ///
    /// # Errors
    /// `ERR_URL_REFUSED`, and those of [`Verifier::remote`].
    pub fn discover(issuer: &str, policy: Policy, seed: u64) -> Result<Self> {
        Self::remote(&RemoteKeySet::new(RemoteOptions::issuer(issuer), seed)?, policy)
    }

    /// Verifies a token at `now`, in whole seconds since 1970. Does no I/O.
    ///
    /// The checks and their order are fixed: size and segments, header JSON, `crit`, `typ`, algorithm and key,
    /// signature, claims JSON, `exp`, `nbf`, `iat`, `iss`, `aud`, `sub`, `required`, `claims`, `max_token_age`; an
    /// `iss` that is one of many tenants' comes last. Claims are never parsed before the signature is good.
    ///
    /// # Errors
    /// The first check that fails gives its code; see [`crate::Code`]. With an issuer's keys, `ERR_KEYS_NEEDED` if the
    /// one for this token is not here: that says nothing about the token, and [`Verifier::verify_fetching`] fetches it.
    #[inline]
    pub fn verify(&self, token: impl AsRef<[u8]>, now: i64) -> Result<Token> {
        match &self.source {
            Source::Fixed(judge) => judge.judge(token.as_ref(), now).map_err(|refusal| refusal.error),
            Source::Remote(remote) => remote.verify(token.as_ref(), now),
        }
    }

    /// Verifies a token, and fetches the issuer's keys first where they are needed: at most once, and one caller for
    /// all who wait. `judged_at` is the `now` of [`Verifier::verify`], the time of the operation's steps if it is
    /// `None`; `deadline` is in milliseconds since 1970.
    ///
    /// # Errors
    /// The operation fails with the code of the first check that fails. `ERR_KEYS_NEEDED` says that the issuer could
    /// not be asked: its cause is the error of the fetch, or the cooldown of the last one is not over.
    #[must_use]
    pub fn verify_fetching(&self, token: impl AsRef<[u8]>, judged_at: Option<i64>, deadline: u64) -> Operation<Token> {
        Operation::from_box(self.fetching(token.as_ref().to_vec(), judged_at, deadline), deadline)
    }

    /// What [`Verifier::verify_fetching`] does, as a part of another operation.
    pub(crate) fn fetching(
        &self,
        token: Vec<u8>,
        judged_at: Option<i64>,
        deadline: u64,
    ) -> Box<dyn Machine<Output = Token>> {
        match &self.source {
            Source::Fixed(judge) => Box::new(Judging::new(Arc::clone(judge), token, judged_at)),
            Source::Remote(remote) => Box::new(Fetching::new(Arc::clone(remote), token, judged_at, deadline)),
        }
    }

    /// The issuer's keys, if that is what it verifies with.
    #[must_use]
    pub fn remote_keys(&self) -> Option<&RemoteKeySet> {
        match &self.source {
            Source::Fixed(_) => None,
            Source::Remote(remote) => Some(remote.keys()),
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Verifier");
        match &self.source {
            Source::Fixed(judge) => debug.field("keys", judge.keys()),
            Source::Remote(remote) => debug.field("keys", remote.keys()),
        };
        debug.field("policy", &self.policy).finish()
    }
}
