//! A policy and an issuer's keys: who judges changes when the keys do.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::judge::{Judge, MissingKey, Refusal, no_time};
use super::policy::Policy;
use super::token::Token;
use crate::error::{Code, Error, Result};
use crate::jwk::remote::Published;
use crate::jwk::{KeySet, Keys, RemoteKeySet};

pub(super) struct Remote {
    keys: RemoteKeySet,
    policy: Arc<Policy>,
    /// Prepared for the keys that were published when it was last needed.
    judge: ArcSwapOption<Bound>,
    /// For as long as there are no keys: what is no token is refused all the same.
    unready: Judge,
}

struct Bound {
    published: Arc<Published>,
    judge: Judge,
}

/// The verdict, or what is missing for one.
pub(super) enum Verdict {
    Is(Result<Token>),
    /// Keys are needed: those of the issuer, or one of them.
    Needs(Option<Lacking>),
}

/// A key that the keys at hand lack.
pub(super) struct Lacking {
    pub(super) key: MissingKey,
    /// Why the token is refused if the issuer lacks it too.
    pub(super) error: Error,
}

impl Remote {
    pub(super) fn new(keys: RemoteKeySet, policy: Arc<Policy>) -> Result<Self> {
        let unready = Judge::new(Keys::Set(KeySet::default()), Arc::clone(&policy), None)?;
        Ok(Self { keys, policy, judge: ArcSwapOption::empty(), unready })
    }

    pub(super) fn keys(&self) -> &RemoteKeySet {
        &self.keys
    }

    /// Without I/O. One clock serves for both: a token that is judged at another time is judged by the keys of that
    /// time.
    pub(super) fn verify(&self, token: &[u8], now: i64) -> Result<Token> {
        let milliseconds = u64::try_from(now).map_err(|_| no_time())?.saturating_mul(1000);
        match self.judge(token, now, milliseconds, false) {
            Verdict::Is(verdict) => verdict,
            Verdict::Needs(_) => Err(self.keys.needed(None)),
        }
    }

    /// `after_failure`: the issuer could not be asked just now, because it is out of reach or was asked lately, so that
    /// keys may be used beyond their time.
    pub(super) fn judge(&self, token: &[u8], judged_at: i64, now: u64, after_failure: bool) -> Verdict {
        let verdict = self.keys.with_keys(now, after_failure, |published| {
            let published = published?;
            let bound = self.judge.load();
            Some(match &*bound {
                Some(bound) if Arc::ptr_eq(&bound.published, published) => bound.judge.judge(token, judged_at),
                _ => self.prepare(Arc::clone(published)).and_then(|bound| bound.judge.judge(token, judged_at)),
            })
        });
        match verdict {
            None => match self.unready.judge(token, judged_at) {
                // What no key could make good needs none.
                Err(Refusal { missing: None, error }) => Verdict::Is(Err(error)),
                _ => Verdict::Needs(None),
            },
            Some(Ok(token)) => Verdict::Is(Ok(token)),
            Some(Err(Refusal { missing: Some(key), error })) if !self.keys.is_absent(key.0, now) => {
                Verdict::Needs(Some(Lacking { key, error }))
            }
            Some(Err(refusal)) => Verdict::Is(Err(refusal.error)),
        }
    }

    #[cold]
    fn prepare(&self, published: Arc<Published>) -> Result<Arc<Bound>, Refusal> {
        let template = published.template.clone();
        let policy = match &template {
            // The claims are held against the template instead.
            Some(_) => Arc::new(Policy { issuer: Vec::new(), ..Policy::clone(&self.policy) }),
            None => Arc::clone(&self.policy),
        };
        let judge = Judge::new(Keys::Set(published.keys.clone()), policy, template)?;
        let bound = Arc::new(Bound { published, judge });
        self.judge.store(Some(Arc::clone(&bound)));
        Ok(bound)
    }

    /// What to say of a token whose key could not be asked for.
    pub(super) fn refusal(&self, error: Error) -> Error {
        match error.code() {
            Code::KeysNeeded | Code::Closed => error,
            _ => self.keys.needed(Some(error)),
        }
    }
}
