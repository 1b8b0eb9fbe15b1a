//! The operations that verify a token.

use std::sync::Arc;

use super::judge::Judge;
use super::remote::{Remote, Verdict};
use super::token::Token;
use crate::error::{Code, Error, Result};
use crate::jwk::remote::{Landed, Moved, Turn};
use crate::operation::{Event, Failure, Machine, Next, Response};

/// Verification with an issuer's keys: judge; where keys are needed, fetch or wait once; judge again.
pub(super) struct Fetching {
    remote: Arc<Remote>,
    token: Vec<u8>,
    judged_at: Option<i64>,
    deadline: u64,
    begun: Option<Begun>,
}

struct Begun {
    turn: Turn,
    /// Some of the time is kept for judging without new keys, should those at hand be usable that long.
    give_up_at: u64,
}

impl Fetching {
    pub(super) fn new(remote: Arc<Remote>, token: Vec<u8>, judged_at: Option<i64>, deadline: u64) -> Self {
        Self { remote, token, judged_at, deadline, begun: None }
    }

    fn judge(&self, now: u64, after_failure: bool) -> Verdict {
        self.remote.judge(&self.token, judged_at(self.judged_at, now), now, after_failure)
    }

    /// The second and last judgement.
    fn conclude(&self, now: u64, landed: Landed) -> Result<Token> {
        let failure = landed.outcome.err();
        // What was closed is not out of reach: it is not to be asked.
        let is_out_of_reach = failure.as_ref().is_some_and(|error| error.code() != Code::Closed);
        match (self.judge(now, is_out_of_reach), failure) {
            (Verdict::Is(verdict), _) => verdict,
            (Verdict::Needs(_), Some(error)) => Err(self.remote.refusal(error)),
            // The issuer was asked after the token came, and does not have its key.
            (Verdict::Needs(Some(lacking)), None) if landed.is_final => {
                self.remote.keys().note_absent(lacking.key.0);
                Err(lacking.error)
            }
            (Verdict::Needs(_), None) => Err(self.remote.keys().needed(None)),
        }
    }
}

impl Machine for Fetching {
    type Output = Token;

    fn step(&mut self, now: u64, events: &mut Vec<Event>) -> Next<Token> {
        let begun = match &mut self.begun {
            Some(begun) => begun,
            None => match self.judge(now, false) {
                Verdict::Is(verdict) => return Next::Done(verdict),
                Verdict::Needs(_) => {
                    let kept = (self.deadline.saturating_sub(now) / 5).min(1000);
                    let give_up_at = self.deadline.saturating_sub(kept);
                    self.begun.insert(Begun { turn: self.remote.keys().turn(now), give_up_at })
                }
            },
        };
        let give_up_at = begun.give_up_at;
        match begun.turn.step(now, events) {
            Moved::Over(landed) => Next::Done(self.conclude(now, landed)),
            _ if now >= give_up_at => {
                let error = Error::new(Code::Deadline, "the issuer's keys did not come in time");
                Next::Done(self.conclude(now, Landed { outcome: Err(error), is_final: false }))
            }
            Moved::Send(mut request) => {
                request.deadline = request.deadline.min(give_up_at);
                Next::Send(request)
            }
            Moved::Wait(mut wait) => {
                wait.until = wait.until.min(give_up_at);
                Next::Wait(wait)
            }
        }
    }

    fn resume(&mut self, now: u64, outcome: Result<Response, Failure>, events: &mut Vec<Event>) {
        if let Some(begun) = &mut self.begun {
            begun.turn.resume(now, outcome, events);
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
