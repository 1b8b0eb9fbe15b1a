//! One racer of several, which all change the same records.
//!
//! A racer says what it has done after the store has acknowledged it, and before it asks for the next change. So of one that
//! was killed at most one change is there that nobody was told of, and the judge knows by how much the sums may differ.

use super::trial::{Fault, Outcome, fault, plain, prefix};
use crate::error::{Code, Result};
use crate::operation::Event;
use crate::store::ask::{Ask, Asked, Change, Lease};
use crate::store::record::Record;

/// The event of a racer's progress.
pub(super) const EVENT: &str = "store_contention";

/// How often what others were faster at is tried again.
const ATTEMPTS: usize = 10_000;

/// How many bytes of a log are kept in one record.
const LOG_BYTES: usize = 60_000;

/// The records that are raced for.
pub(super) struct Course {
    /// A number that everybody increments.
    pub(super) counter: String,
    /// A lease that everybody asks for.
    pub(super) lease: String,
    /// The owner of records that everybody adds to.
    pub(super) records: String,
    /// The owner of records that everybody adds to, and takes from.
    pub(super) heap: String,
    /// The owner of what racers write down at their ends.
    pub(super) logs: String,
}

impl Course {
    pub(super) fn new(run_id: &str) -> Self {
        let name = |rest: &str| format!("{}race/{rest}", prefix(run_id));
        Self {
            counter: name("counter"),
            lease: name("lease"),
            records: name("records"),
            heap: name("heap"),
            logs: name("logs"),
        }
    }
}

/// What a racer does, as its lines have it: the number of the racer, this, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// It has increased the counter to this.
    Increment,
    /// It has kept the record of this name.
    Record,
    /// It has added the token of this name.
    Token,
    /// It has got the token of this name.
    Took,
    /// It has got the lease, with this fencing token.
    Fence,
    /// The store did not say whether it has done it.
    Uncertain,
    /// It has come to its end.
    Done,
}

impl Deed {
    const ALL: [Self; 7] =
        [Self::Increment, Self::Record, Self::Token, Self::Took, Self::Fence, Self::Uncertain, Self::Done];

    fn word(self) -> &'static str {
        match self {
            Self::Increment => "increment",
            Self::Record => "record",
            Self::Token => "token",
            Self::Took => "took",
            Self::Fence => "fence",
            Self::Uncertain => "uncertain",
            Self::Done => "done",
        }
    }

    /// The racer, what it did, and which.
    pub(super) fn read(line: &str) -> Option<(u64, Self, &str)> {
        let mut words = line.splitn(3, ' ');
        let racer = words.next()?.parse().ok()?;
        let word = words.next()?;
        let deed = Self::ALL.into_iter().find(|deed| deed.word() == word)?;
        Some((racer, deed, words.next()?))
    }
}

/// The value of the record, or the token, of this name.
pub(super) fn value_of(name: &str) -> String {
    format!("made by {name}")
}

/// What the counter says.
pub(super) fn count_of(value: &str) -> Option<u64> {
    value.split(' ').next()?.parse().ok()
}

struct Racer<'a, A> {
    asker: &'a A,
    number: u64,
    log: String,
    doubts: u64,
}

pub(super) async fn race<A: Ask>(asker: &A, run_id: &str, number: u64, rounds: u64) -> Outcome {
    let course = Course::new(run_id);
    let mut racer = Racer { asker, number, log: String::new(), doubts: 0 };
    let mut logs = 0_u64;
    for round in 1..=rounds {
        racer.round(&course, &format!("{number}-{round}")).await?;
        if racer.log.len() > LOG_BYTES || round == rounds {
            if round == rounds {
                racer.say(Deed::Done, "all");
            }
            logs = logs.saturating_add(1);
            let record = Record { owner: Some(course.logs.clone()), ..plain(0, std::mem::take(&mut racer.log)) };
            racer.write_down(&format!("{}/{number}-{logs}", course.logs), record).await?;
        }
    }
    Ok(())
}

impl<A: Ask> Racer<'_, A> {
    fn say(&mut self, deed: Deed, which: &str) {
        let line = format!("{} {} {which}", self.number, deed.word());
        self.log.push_str(&line);
        self.log.push('\n');
        self.asker.event(Event::new(EVENT).with("line", line));
    }

    async fn round(&mut self, course: &Course, name: &str) -> Outcome {
        let owned = |owner: &str| Record { owner: Some(owner.to_owned()), ..plain(0, value_of(name)) };
        self.add(&format!("{}/{name}", course.heap), owned(&course.heap), Deed::Token, name).await?;
        self.increment(course).await?;
        self.add(&format!("{}/{name}", course.records), owned(&course.records), Deed::Record, name).await?;
        self.take(course).await?;
        self.lease(course).await
    }

    /// What came of it, if it is known; none means that it must be tried again.
    fn known<T>(&mut self, what: &str, outcome: Result<T>) -> Outcome<Option<Known<T>>> {
        match outcome {
            Ok(result) => Ok(Some(Known::Done(result))),
            Err(error) if error.code() == Code::StoreConflict => Ok(None),
            Err(error) if error.code() == Code::StoreUncertain => {
                self.doubts = self.doubts.saturating_add(1);
                self.say(Deed::Uncertain, &format!("{what}-{}", self.doubts));
                Ok(Some(Known::Uncertain))
            }
            Err(error) => Err(fault(what, format!("{}: {}", error.code(), error.message()))),
        }
    }

    /// A record that nobody else has.
    async fn add(&mut self, key: &str, record: Record, deed: Deed, which: &str) -> Outcome {
        let outcome = self.asker.create(key, record).await;
        match self.known("create", outcome)? {
            Some(Known::Done(Some(_))) => self.say(deed, which),
            Some(Known::Done(None)) => return Err(fault(format!("create of {key}"), "a record that is there")),
            Some(Known::Uncertain) | None => {}
        }
        Ok(())
    }

    /// Until it is there: without its log, a racer is missed.
    async fn write_down(&self, key: &str, record: Record) -> Outcome {
        let mut last = Ok(None);
        for _ in 0..10 {
            last = self.asker.create(key, record.clone()).await;
            if last.is_ok() {
                break;
            }
        }
        last.map(drop).map_err(Fault::from)
    }

    async fn increment(&mut self, course: &Course) -> Outcome {
        for _ in 0..ATTEMPTS {
            let number = self.number;
            let outcome = self.asker.change(&course.counter, move |there| {
                let count = there.map_or(Some(0), |record| count_of(&record.value)).unwrap_or(0).saturating_add(1);
                // No other racer ever writes the same.
                Ok(Change::Put(plain(0, format!("{count} by {number}")), count))
            });
            let outcome = outcome.await;
            match self.known("increment", outcome)? {
                Some(Known::Done(count)) => {
                    self.say(Deed::Increment, &count.to_string());
                    return Ok(());
                }
                Some(Known::Uncertain) => return Ok(()),
                None => {}
            }
        }
        Err(outrun("increment"))
    }

    /// There is a token for who has just added one, unless the store has lost one, or was not sure that it has kept one: who
    /// finds none goes on, and the judge misses what is lost.
    async fn take(&mut self, course: &Course) -> Outcome {
        let mut empty = 0_usize;
        for _ in 0..ATTEMPTS {
            let page = self.asker.list(&course.heap, None, 10).await?;
            empty = empty.saturating_add(usize::from(page.entries.is_empty()));
            if empty > 100 {
                return Ok(());
            }
            for entry in page.entries {
                let outcome = self.asker.take(&entry.key).await;
                match self.known("take", outcome)? {
                    Some(Known::Done(Some(record))) => {
                        let name = entry.key.rsplit('/').next().unwrap_or_default();
                        if record.value != value_of(name) {
                            return Err(fault(format!("the token {name}"), format!("a value {:?}", record.value)));
                        }
                        self.say(Deed::Took, name);
                        return Ok(());
                    }
                    Some(Known::Uncertain) => return Ok(()),
                    Some(Known::Done(None)) | None => {}
                }
            }
        }
        Err(outrun("take"))
    }

    async fn lease(&mut self, course: &Course) -> Outcome {
        let holder = self.number.to_string();
        let until = self.asker.now().saturating_add(2);
        let outcome = self.asker.lease(&course.lease, &holder, until).await;
        if let Some(Known::Done(Lease::Granted { fence })) = self.known("lease", outcome)? {
            self.say(Deed::Fence, &fence.to_string());
        }
        Ok(())
    }
}

enum Known<T> {
    Done(T),
    Uncertain,
}

fn outrun(what: &str) -> Fault {
    fault(format!("{what} within {ATTEMPTS} attempts"), "others were faster each time")
}
