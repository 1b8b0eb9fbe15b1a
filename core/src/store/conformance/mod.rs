//! The tests that every store passes, shipped for programs that make their own.
//!
//! [`check`] asks a store everything that can be asked by one caller. [`contend`] is one of several racers, threads or
//! processes in any language, which change the same records at once and may be killed at any moment; [`settle`] judges what
//! they have left. All three are also an [`Operation`], for stores that a driver asks: [`begin`].
//!
//! Whatever a run writes, its key and its owner begin with `conformance/<run id>/`, and it is removed at the end. A run
//! sweeps what was over before 2002 only, so that it is safe beside real records; but two runs on one store may sweep each
//! other's, so that one at a time is better.
//!
//! ```
//! use std::time::Duration;
//!
//! use authwright_core::store::{MemoryStore, conformance};
//!
//! let now = authwright_core::system_now_ms();
//! let report = conformance::check(&MemoryStore::new(10_000), now, Duration::from_secs(60))?;
//! assert!(report.passed(), "{}", report.to_json());
//! # Ok::<(), authwright_core::Error>(())
//! ```

mod contention;
mod expiry;
mod keys;
#[cfg(test)]
mod liars;
mod listing;
mod options;
mod records;
mod report;
mod settlement;
mod transitions;
mod trial;
mod values;

use std::future::{Future, ready};
use std::sync::Mutex;
use std::time::{Duration, Instant};

pub use options::{ConformanceOptions, Part};
pub use report::{Check, Report};
use trial::Trial;

use super::ask::Ask;
use super::backend::Store;
use super::direct::at_once;
use super::request::{StoreAnswer, StoreRequest};
use crate::error::{Code, Error, Result};
use crate::operation::{Event, Flow, Operation};

/// Checks a store that blocks, in `timeout` at most: some thousands of calls. `now` is the time in milliseconds since 1970;
/// it must be the true one for a store that collects by itself.
///
/// # Errors
/// None of the store's: they are in the report. `ERR_INTERNAL` if there is no randomness.
pub fn check(store: &dyn Store, now: u64, timeout: Duration) -> Result<Report> {
    run(store, &ConformanceOptions::default(), now, timeout, &mut |_| ())
}

/// One racer of several, on a store that blocks. `progress` gets a line after each change that the store has acknowledged,
/// and before the next is asked for: who may be killed passes them on at once, for [`settle`].
///
/// # Errors
/// As of [`check`]; `ERR_INVALID_ARGUMENT`: the field names the parameter.
pub fn contend(
    store: &dyn Store,
    run_id: &str,
    racer: u64,
    rounds: u64,
    now: u64,
    timeout: Duration,
    progress: &mut (dyn FnMut(&str) + Send),
) -> Result<Report> {
    let options = ConformanceOptions::new(run_id)?.contend(racer, rounds)?;
    run(store, &options, now, timeout, progress)
}

/// Judges what the racers 1 to `racers` of the run have left, after all have ended; `killed` of them before they were done.
/// `acknowledged` are the lines of their progress: those of racers that were killed must be there, the others' are in the
/// store, too. If all is well, the run's records are removed.
///
/// # Errors
/// As of [`check`]; `ERR_INVALID_ARGUMENT`: the field names the parameter.
pub fn settle(
    store: &dyn Store,
    run_id: &str,
    racers: u64,
    killed: u64,
    acknowledged: &[String],
    now: u64,
    timeout: Duration,
) -> Result<Report> {
    let options = ConformanceOptions::new(run_id)?.settle(racers, killed, acknowledged.to_vec())?;
    run(store, &options, now, timeout, &mut |_| ())
}

/// What the options say, on a store that blocks. See [`check`], [`contend`] and [`settle`].
///
/// # Errors
/// As of [`check`].
pub fn run(
    store: &dyn Store,
    options: &ConformanceOptions,
    now: u64,
    timeout: Duration,
    progress: &mut (dyn FnMut(&str) + Send),
) -> Result<Report> {
    let asker = Blocking { store, now, timeout, begun: Instant::now(), progress: Mutex::new(progress) };
    at_once(report(&asker, options))
}

/// The same as an operation, whose deadline is in milliseconds since 1970: it ends with a report, or with `ERR_DEADLINE`
/// and none. The lines of a racer's progress are the member `line` of the events `store_contention`.
#[must_use]
pub fn begin(options: ConformanceOptions, deadline: u64) -> Operation<Report> {
    Operation::new(Flow::new(|outside| async move { report(&outside, &options).await }), deadline)
}

async fn report<A: Ask>(asker: &A, options: &ConformanceOptions) -> Result<Report> {
    let run_id = options.run_id()?;
    let mut suite = Suite { asker, options, run_id: &run_id, checks: Vec::new() };
    match &options.part {
        Part::Check => suite.check().await,
        Part::Contend { racer, rounds } => suite.contend(*racer, *rounds).await,
        Part::Settle { racers, killed, acknowledged } => suite.settle(*racers, *killed, acknowledged).await,
    }
    let checks = suite.checks;
    if checks.is_empty() {
        return Err(Error::invalid_argument("only", "only names no check"));
    }
    Ok(Report { run_id, checks })
}

struct Suite<'a, A> {
    asker: &'a A,
    options: &'a ConformanceOptions,
    run_id: &'a str,
    checks: Vec<Check>,
}

/// Each check has keys of its own, and goes on whatever became of those before it.
macro_rules! checks {
    ($suite:ident: $( $module:ident :: $check:ident; )*) => { $({
        let name = concat!(stringify!($module), "/", stringify!($check));
        if $suite.options.only.as_deref().is_none_or(|only| only == name) {
            let trial = Trial::new($suite.asker, $suite.options, $suite.run_id, $suite.checks.len());
            let outcome = $module::$check(&trial).await;
            trial.clean_up().await;
            $suite.checks.push(Check::new(name, outcome.err()).with_note(trial.into_note()));
        }
    })* };
}

impl<A: Ask> Suite<'_, A> {
    async fn contend(&mut self, racer: u64, rounds: u64) {
        let outcome = contention::race(self.asker, self.run_id, racer, rounds).await;
        self.checks.push(Check::new("contention/race", outcome.err()));
    }

    async fn check(&mut self) {
        checks! { self:
            records::nothing_is_there;
            records::put_once;
            records::put_over_a_version;
            records::put_over_another_version;
            records::put_over_nothing;
            records::delete;
            records::delete_another_version;
            records::delete_nothing;
            records::put_after_delete;
            records::versions;
            records::version_zero;
            records::many_changes;
            values::lengths;
            values::characters;
            values::escapes;
            values::json_as_it_is;
            values::like_other_types;
            values::replaced_whole;
            keys::every_character;
            keys::upper_and_lower_case;
            keys::longest;
            keys::patterns;
            keys::hostile;
            keys::prefixes;
            listing::nobody;
            listing::owners_and_records;
            listing::without_owner;
            listing::pages_of_every_size;
            listing::largest_pages;
            listing::similar_owners;
            listing::hostile_owners;
            listing::changed_between_pages;
            listing::deleted_between_pages;
            listing::added_between_pages;
            listing::deleted_never_again;
            listing::made_anew_once;
            listing::strange_cursors;
            expiry::round_trip;
            expiry::found_until_swept;
            expiry::sweep_boundary;
            expiry::sweep_limit;
            expiry::sweep_after_changes;
            transitions::create_once;
            transitions::create_over_what_is_over;
            transitions::replace;
            transitions::change;
            transitions::take_once;
            transitions::take_what_is_over;
            transitions::lease;
            transitions::fences_grow;
        }
    }
}

/// A store at hand, whose clock goes on while it is checked.
struct Blocking<'a, 'p> {
    store: &'a dyn Store,
    now: u64,
    timeout: Duration,
    begun: Instant,
    progress: Mutex<&'p mut (dyn FnMut(&str) + Send)>,
}

impl Ask for Blocking<'_, '_> {
    fn now(&self) -> u64 {
        let elapsed = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.now.saturating_add(elapsed)
    }

    fn event(&self, event: Event) {
        if let (contention::EVENT, Some(line)) = (event.name(), event.text("line")) {
            let mut progress = self.progress.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            progress(line);
        }
    }

    fn ask(&self, request: StoreRequest) -> impl Future<Output = Result<StoreAnswer>> + Send {
        let left = self.timeout.saturating_sub(self.begun.elapsed());
        ready(match left.is_zero() {
            true => Err(Error::new(Code::Deadline, "the time for the checks is over")),
            false => request.carry_out(self.store, left),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{EffectKind, Step};
    use crate::store::MemoryStore;

    const NOW: u64 = 1_700_000_000_000;
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_store_in_memory_passes_and_is_left_empty() {
        let store = MemoryStore::new(100_000);
        let report = check(&store, NOW, MINUTE).unwrap();
        assert!(report.passed(), "{}", report.to_json());
        assert!(report.checks().len() > 40);
        assert!(report.checks().iter().all(|check| check.note().is_none()));
        assert_eq!(store.len(), 0);
    }

    #[test]
    fn the_same_as_an_operation() {
        let store = MemoryStore::new(100_000);
        let options = ConformanceOptions::from_json(r#"{"run_id": "one"}"#).unwrap();
        let report = drive(&store, begin(options, NOW + 60_000), &mut Vec::new()).unwrap();
        assert!(report.passed(), "{}", report.to_json());
        assert_eq!((report.run_id(), store.len()), ("one", 0));
    }

    #[test]
    fn a_race_as_operations() {
        let store = MemoryStore::new(100_000);
        let mut lines = Vec::new();
        for racer in 1..=3 {
            let options = ConformanceOptions::new("race").unwrap().contend(racer, 10).unwrap();
            let report = drive(&store, begin(options, NOW + 60_000), &mut lines).unwrap();
            assert!(report.passed(), "{}", report.to_json());
        }
        assert!(lines.contains(&"2 increment 20".to_owned()), "{lines:?}");
        let options = ConformanceOptions::new("race").unwrap().settle(3, 0, Vec::new()).unwrap();
        let report = drive(&store, begin(options, NOW + 60_000), &mut Vec::new()).unwrap();
        assert!(report.passed(), "{}", report.to_json());
        assert_eq!(store.len(), 0);
    }

    #[test]
    fn one_check_alone() {
        let only = |name: &str| {
            let options = ConformanceOptions::default().only(name);
            run(&MemoryStore::new(10), &options, NOW, MINUTE, &mut |_| ())
        };
        assert_eq!(only("records/put_once").unwrap().checks().len(), 1);
        assert_eq!(only("records/put_twice").unwrap_err().field(), Some("only"));
    }

    #[test]
    fn a_store_that_fails_fails_every_check() {
        let store = MemoryStore::new(10);
        store.close();
        let report = check(&store, NOW, MINUTE).unwrap();
        assert!(report.checks().iter().all(|check| !check.passed()), "{}", report.to_json());
        assert!(report.checks()[0].found().unwrap().starts_with("ERR_CLOSED"), "{}", report.to_json());
        assert!(report.to_json().contains(r#""expected":"get to answer""#), "{}", report.to_json());
        let report = check(&MemoryStore::new(10_000), NOW, Duration::ZERO).unwrap();
        assert!(report.checks()[0].found().unwrap().starts_with("ERR_DEADLINE"), "{}", report.to_json());
    }

    /// As a front end does, with a clock that goes on.
    fn drive(store: &dyn Store, mut operation: Operation<Report>, lines: &mut Vec<String>) -> Result<Report> {
        let mut calls = 0;
        loop {
            calls += 1;
            let now = NOW + calls / 10;
            let (id, answer) = match operation.step(now) {
                Step::Effect(effect) => match &effect.kind {
                    EffectKind::Store(request) => (effect.id, request.carry_out(store, MINUTE)),
                    _ => panic!("another effect"),
                },
                Step::Wait(_) => panic!("a wait"),
                Step::Done(report) => return Ok(report),
                Step::Failed(error) => return Err(error),
            };
            lines.extend(operation.take_events().iter().filter_map(|event| event.text("line")).map(str::to_owned));
            operation.resume_store(id, now, answer)?;
        }
    }
}
