//! The judgement of what racers have left.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::contention::{Course, Deed, count_of, value_of};
use super::trial::{Outcome, Trial, fault, same};
use super::{Check, Suite};
use crate::store::ask::Ask;
use crate::store::record::{Entry, MAX_PAGE};

/// Everything that racers were told that they have done.
#[derive(Default)]
struct Ledger {
    increments: Names,
    records: Names,
    tokens: Names,
    took: Names,
    fences: Names,
    done: BTreeSet<u64>,
    /// How many changes may be there that nobody was told of.
    doubts: u64,
    /// How many are there.
    untold: u64,
}

/// What was done, and by which racer.
type Names = BTreeMap<String, u64>;

impl<A: Ask> Suite<'_, A> {
    pub(super) async fn settle(&mut self, racers: u64, killed: u64, acknowledged: &[String]) {
        let trial = Trial::new(self.asker, self.options, self.run_id, 0);
        let course = Course::new(self.run_id);
        let mut ledger = Ledger { doubts: killed, ..Ledger::default() };
        let outcome = ledger.read(&trial, &course, acknowledged, racers.saturating_sub(killed)).await;
        let is_read = self.judge("contention/logs", outcome);
        let outcome = ledger.counter(&trial, &course).await;
        self.judge("contention/counter", outcome);
        let outcome = ledger.records(&trial, &course).await;
        self.judge("contention/records", outcome);
        let outcome = ledger.tokens(&trial, &course).await;
        self.judge("contention/tokens", outcome);
        let outcome = ledger.fences(&trial, &course).await;
        self.judge("contention/fences", outcome);
        // What is missing in the logs would be untold.
        if is_read {
            let outcome = ledger.doubts();
            self.judge("contention/untold", outcome);
        }
        if self.checks.iter().all(Check::passed) {
            clear(&trial, &course).await;
        }
    }

    fn judge(&mut self, name: &'static str, outcome: Outcome) -> bool {
        self.checks.push(Check::new(name, outcome.err()));
        self.checks.last().is_some_and(Check::passed)
    }
}

impl Ledger {
    /// Reads what racers have said and what they have written down, which is often the same.
    async fn read<A: Ask>(
        &mut self,
        trial: &Trial<'_, A>,
        course: &Course,
        acknowledged: &[String],
        finished: u64,
    ) -> Outcome {
        let logs = trial.walk(&course.logs, 10).await?;
        let written = logs.iter().flat_map(|entry| entry.record.value.lines());
        let lines: BTreeSet<&str> = acknowledged.iter().map(|line| line.trim_end()).chain(written).collect();
        let mut twice = None;
        for line in lines {
            let Some((racer, deed, which)) = Deed::read(line) else {
                return Err(fault("lines of racers", format!("{line:?}")));
            };
            let names = match deed {
                Deed::Increment => &mut self.increments,
                Deed::Record => &mut self.records,
                Deed::Token => &mut self.tokens,
                Deed::Took => &mut self.took,
                Deed::Fence => &mut self.fences,
                Deed::Done => {
                    self.done.insert(racer);
                    continue;
                }
                Deed::Uncertain => {
                    self.doubts = self.doubts.saturating_add(1);
                    continue;
                }
            };
            if let Some(other) = names.insert(which.to_owned(), racer) {
                twice = Some(format!("{line:?}, and the same by racer {other}"));
            }
        }
        if let Some(twice) = twice {
            return Err(fault("each deed to be done by one racer", twice));
        }
        let done = u64::try_from(self.done.len()).unwrap_or(u64::MAX);
        match done >= finished {
            true => Ok(()),
            false => Err(fault(format!("{finished} racers that came to their ends"), done.to_string())),
        }
    }

    fn untold(&mut self, count: usize) {
        self.untold = self.untold.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }

    async fn counter<A: Ask>(&mut self, trial: &Trial<'_, A>, course: &Course) -> Outcome {
        let record = trial.read(&course.counter).await?;
        let value = record.as_ref().map_or("0", |record| record.value.as_str());
        let Some(counter) = count_of(value).and_then(|count| usize::try_from(count).ok()) else {
            return Err(fault("a counter that is a number", format!("{value:?}")));
        };
        let told = self.increments.len();
        let highest = self.increments.keys().filter_map(|which| which.parse::<usize>().ok()).max().unwrap_or(0);
        self.untold(counter.saturating_sub(told));
        match counter >= told && counter >= highest && self.is_within(counter.saturating_sub(told)) {
            true => Ok(()),
            false => {
                let expected = format!("a counter of {told} increments, and {} more at most", self.doubts);
                Err(fault(expected, format!("{counter}, where {highest} was reached")))
            }
        }
    }

    async fn records<A: Ask>(&mut self, trial: &Trial<'_, A>, course: &Course) -> Outcome {
        let there = owned(trial, &course.records).await?;
        if let Some(lost) = self.records.keys().find(|name| !there.contains_key(*name)) {
            return Err(fault(format!("all {} records that were kept", self.records.len()), format!("not {lost}")));
        }
        let untold = there.keys().filter(|name| !self.records.contains_key(*name)).count();
        self.untold(untold);
        if !self.is_within(untold) {
            return Err(self.too_many("records", self.records.len(), there.len()));
        }
        for Entry { key, record } in there.values() {
            trial.holds("of a record that is listed", key, Some(record)).await?;
        }
        Ok(())
    }

    /// Who has got a token is the only one, and it is gone.
    async fn tokens<A: Ask>(&mut self, trial: &Trial<'_, A>, course: &Course) -> Outcome {
        let there = owned(trial, &course.heap).await?;
        if let Some(again) = self.took.keys().find(|name| there.contains_key(*name)) {
            return Err(fault("no token that somebody has taken", format!("{again} is still there")));
        }
        let is_known = |name: &String| self.tokens.contains_key(name);
        // Added by one that was killed before it was told.
        let added = there.keys().chain(self.took.keys()).filter(|name| !is_known(name)).count();
        let gone = self.tokens.keys().filter(|name| !there.contains_key(*name) && !self.took.contains_key(*name));
        let untold = added.saturating_add(gone.count());
        self.untold(untold);
        match self.is_within(untold) {
            true => Ok(()),
            false => {
                let expected = format!(
                    "{} tokens added and {} taken, and {} doubts",
                    self.tokens.len(),
                    self.took.len(),
                    self.doubts
                );
                Err(fault(expected, format!("{} tokens, and {untold} of unknown fate", there.len())))
            }
        }
    }

    /// Every holder had a token higher than those before; and the record has the last.
    async fn fences<A: Ask>(&mut self, trial: &Trial<'_, A>, course: &Course) -> Outcome {
        let highest = self.fences.keys().filter_map(|which| which.parse::<u64>().ok()).max();
        let there = trial.read(&course.lease).await?.map(|record| record.version);
        match (highest, there) {
            (Some(highest), Some(there)) if there < highest => {
                Err(fault(format!("a lease whose fence is {highest} at least"), there.to_string()))
            }
            (Some(highest), None) => Err(fault(format!("a lease whose fence is {highest} at least"), "none")),
            _ => Ok(()),
        }
    }

    fn doubts(&self) -> Outcome {
        match self.untold <= self.doubts {
            true => Ok(()),
            false => {
                let expected = format!("at most {} changes that nobody was told of", self.doubts);
                Err(fault(expected, self.untold.to_string()))
            }
        }
    }

    fn is_within(&self, untold: usize) -> bool {
        u64::try_from(untold).is_ok_and(|untold| untold <= self.doubts)
    }

    fn too_many(&self, what: &str, told: usize, there: usize) -> super::trial::Fault {
        fault(format!("{told} {what}, and {} more at most", self.doubts), there.to_string())
    }
}

/// The owner's records by the last part of their keys, each with the value that it was made with. Walked through with
/// pages of two sizes, which must show the same.
async fn owned<A: Ask>(trial: &Trial<'_, A>, owner: &str) -> Outcome<HashMap<String, Entry>> {
    let entries = trial.walk(owner, 97).await?;
    same("how many records are listed by large pages", &entries.len(), &trial.walk(owner, MAX_PAGE).await?.len())?;
    let mut there = HashMap::new();
    for entry in entries {
        let name = entry.key.rsplit('/').next().unwrap_or_default().to_owned();
        if entry.record.value != value_of(&name) {
            let expected = format!("{} with the value {:?}", entry.key, value_of(&name));
            return Err(fault(expected, format!("{:?}", entry.record.value)));
        }
        there.insert(name, entry);
    }
    Ok(there)
}

async fn clear<A: Ask>(trial: &Trial<'_, A>, course: &Course) {
    for owner in [&course.records, &course.heap, &course.logs] {
        for entry in trial.walk(owner, MAX_PAGE).await.unwrap_or_default() {
            let _ = trial.delete(&entry.key, entry.record.version).await;
        }
    }
    for key in [&course.counter, &course.lease] {
        if let Ok(Some(record)) = trial.read(key).await {
            let _ = trial.delete(key, record.version).await;
        }
    }
}
