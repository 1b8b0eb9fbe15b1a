//! The operations that verify a token.

use std::sync::Arc;

use super::judge::Judge;
use super::remote::{Remote, Verdict};
use super::token::Token;
use crate::error::Result;
use crate::jwk::remote::{Landed, Moved, Turn};
use crate::operation::{Event, Failure, Machine, Next, Response};

/// Verification with an issuer's keys: judge; where keys are needed, fetch or wait once; judge again.
pub(super) struct Fetching {
    remote: Arc<Remote>,
    token: Vec<u8>,
    judged_at: Option<i64>,
    turn: Option<Turn>,
}

impl Fetching {
    pub(super) fn new(remote: Arc<Remote>, token: Vec<u8>, judged_at: Option<i64>) -> Self {
        Self { remote, token, judged_at, turn: None }
    }

    fn judge(&self, now: u64, after_failure: bool) -> Verdict {
        self.remote.judge(&self.token, judged_at(self.judged_at, now), now, after_failure)
    }

    /// The second and last judgement.
    fn conclude(&self, now: u64, landed: Landed) -> Result<Token> {
        let failure = landed.outcome.err();
        match (self.judge(now, failure.is_some()), failure) {
            (Verdict::Is(verdict), _) => verdict,
            (Verdict::Needs(_), Some(error)) => Err(self.remote.refusal(error)),
            // The issuer was asked after the token came, and does not have its key.
            (Verdict::Needs(Some(missing)), None) if landed.is_final => {
                self.remote.keys().note_absent(missing.0);
                match self.judge(now, false) {
                    Verdict::Is(verdict) => verdict,
                    Verdict::Needs(_) => Err(self.remote.keys().needed(None)),
                }
            }
            (Verdict::Needs(_), None) => Err(self.remote.keys().needed(None)),
        }
    }
}

impl Machine for Fetching {
    type Output = Token;

    fn step(&mut self, now: u64, _events: &mut Vec<Event>) -> Next<Token> {
        let turn = match &mut self.turn {
            Some(turn) => turn,
            None => match self.judge(now, false) {
                Verdict::Is(verdict) => return Next::Done(verdict),
                Verdict::Needs(_) => self.turn.insert(self.remote.keys().turn(now)),
            },
        };
        match turn.step(now) {
            Moved::Send(request) => Next::Send(request),
            Moved::Wait(wait) => Next::Wait(wait),
            Moved::Over(landed) => Next::Done(self.conclude(now, landed)),
        }
    }

    fn resume(&mut self, now: u64, outcome: Result<Response, Failure>, events: &mut Vec<Event>) {
        if let Some(turn) = &mut self.turn {
            turn.resume(now, outcome, events);
        }
    }
}

/// Verification with fixed keys, as an operation: there is nothing to wait for.
pub(super) struct Judging {
    judge: Arc<Judge>,
    token: Vec<u8>,
    judged_at: Option<i64>,
}

impl Judging {
    pub(super) fn new(judge: Arc<Judge>, token: Vec<u8>, judged_at: Option<i64>) -> Self {
        Self { judge, token, judged_at }
    }
}

impl Machine for Judging {
    type Output = Token;

    fn step(&mut self, now: u64, _events: &mut Vec<Event>) -> Next<Token> {
        let verdict = self.judge.judge(&self.token, judged_at(self.judged_at, now));
        Next::Done(verdict.map_err(|refusal| refusal.error))
    }

    fn resume(&mut self, _now: u64, _outcome: Result<Response, Failure>, _events: &mut Vec<Event>) {}
}

/// Whole seconds since 1970: what the caller says, or the operation's clock.
fn judged_at(said: Option<i64>, now: u64) -> i64 {
    said.unwrap_or_else(|| i64::try_from(now / 1000).unwrap_or(i64::MAX))
}
