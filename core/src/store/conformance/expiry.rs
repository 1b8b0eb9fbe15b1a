//! Records that are over, and the sweep that collects them.
//!
//! A sweep collects from everywhere. What is swept here was over before 2002, which no program's records ever were; and a
//! store that collects by itself has removed it by then, so that nothing is left to be swept.

use super::trial::{Fault, Outcome, Trial, fault, plain, same};
use crate::crypto::sha256;
use crate::store::ask::Ask;
use crate::store::record::{END_OF_VERSIONS, Entry, MAX_PAGE, Record};

/// How often a check of sweeps is made that may have been disturbed by another run's.
const ATTEMPTS: u64 = 3;

/// A time before 2002, in milliseconds since 1970, which is hardly another run's.
fn long_ago(run_id: &str, check: &str, attempt: u64) -> u64 {
    let digest = sha256(format!("{run_id} {check} {attempt}").as_bytes());
    let number = digest.iter().take(5).fold(0, |number: u64, byte| number.wrapping_shl(8) | u64::from(*byte));
    number.checked_rem(1_000_000_000_000).unwrap_or_default().saturating_add(1_000_000)
}

fn ending(version: u64, value: &str, expires_at: Option<u64>) -> Record {
    Record { expires_at, ..plain(version, value) }
}

pub(super) async fn round_trip<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let now = trial.now();
    let last = END_OF_VERSIONS.saturating_sub(1);
    for end in [now.saturating_add(60_000), now.saturating_add(60_001), now.saturating_add(60_000_000_000), last] {
        let key = trial.name(end.to_string());
        let record = ending(1, "value", Some(end));
        trial.keep(&key, &record).await?;
        trial.holds("after put_if", &key, Some(&record)).await?;
    }
    // At the beginning of time; a store may have collected it at once.
    for end in [0, 1] {
        let key = trial.name(end.to_string());
        let record = ending(1, "value", Some(end));
        trial.keep(&key, &record).await?;
        if trial.read(&key).await?.is_some() {
            trial.holds("after put_if", &key, Some(&record)).await?;
        }
    }
    Ok(())
}

/// Who reads decides what is over, with a clock of their own, and a store's may be ahead by a little.
pub(super) async fn found_until_swept<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let owner = trial.name("owner");
    let now = trial.now();
    let mut entries = Vec::new();
    for (name, end) in
        [("a", now.saturating_sub(1)), ("b", now), ("c", now.saturating_add(1)), ("d", now.saturating_sub(1000))]
    {
        let record = Record { owner: Some(owner.clone()), ..ending(5, name, Some(end)) };
        let entry = Entry { key: trial.name(name), record };
        trial.keep(&entry.key, &entry.record).await?;
        entries.push(entry);
    }
    for Entry { key, record } in &entries {
        trial.holds("of a record that is over", key, Some(record)).await?;
        let what = "put_if where a record is that is over, if nothing is there";
        same(what, &false, &trial.put(key, None, &plain(6, "other")).await?)?;
    }
    trial.lists("of records that are over", &owner, 10, &entries).await?;
    for Entry { key, record } in &entries {
        let next = Record { version: 6, ..record.clone() };
        same("put_if over a version that is over", &true, &trial.put(key, Some(5), &next).await?)?;
        same("delete_if of a version that is over", &true, &trial.delete(key, 6).await?)?;
    }
    Ok(())
}

/// Tries again what another run's sweep may have disturbed: a store that is wrong stays so.
macro_rules! undisturbed {
    ($check:ident, $trial:ident) => {{
        let mut attempt = 1_u64;
        loop {
            match $check($trial, attempt).await {
                Err(_) if attempt < ATTEMPTS => attempt = attempt.saturating_add(1),
                outcome => return outcome,
            }
        }
    }};
}

/// Whether there is nothing more to be looked at after a sweep: the store collects by itself, now or later.
fn is_left_to_the_store(trial: &Trial<'_, impl Ask>, count: usize, was_there: bool) -> bool {
    if !was_there || (count == 0 && trial.options.collects_by_itself == Some(true)) {
        return true;
    }
    if count == 0 && trial.options.collects_by_itself.is_none() {
        trial.note("the sweep has removed nothing: the store must collect by itself what is over");
        return true;
    }
    false
}

/// Removes what other runs may have left.
async fn sweep_all<A: Ask>(trial: &Trial<'_, A>, before: u64) -> Outcome {
    for _ in 0..100 {
        if trial.collect(before, MAX_PAGE).await? == 0 {
            break;
        }
    }
    Ok(())
}

pub(super) async fn sweep_boundary<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    undisturbed!(boundary, trial)
}

async fn boundary<A: Ask>(trial: &Trial<'_, A>, attempt: u64) -> Outcome {
    let time = long_ago(trial.run_id, "boundary", attempt);
    sweep_all(trial, time.saturating_add(10)).await?;
    let owner = trial.name(format!("owner-{attempt}"));
    let ends = [
        ("before", Some(time.saturating_sub(1))),
        ("then", Some(time)),
        ("after", Some(time.saturating_add(1))),
        ("later", Some(trial.now().saturating_add(60_000))),
        ("never", None),
    ];
    let mut entries = Vec::new();
    for (name, end) in ends {
        let record = Record { owner: Some(owner.clone()), ..ending(1, name, end) };
        let entry = Entry { key: trial.name(format!("{name}-{attempt}")), record };
        trial.keep(&entry.key, &entry.record).await?;
        entries.push(entry);
    }
    let [before, then, after, later, never] = entries.as_slice() else { return Ok(()) };
    let was_there = trial.read(&before.key).await?.is_some();
    let count = trial.collect(time, MAX_PAGE).await?;
    for Entry { key, record } in [later, never] {
        trial.holds("of a record that is not over, after a sweep", key, Some(record)).await?;
    }
    if is_left_to_the_store(trial, count, was_there) {
        return Ok(());
    }
    same("how many records a sweep removes of one that ended before it and others", &1, &count)?;
    trial.holds("of a record that ended a millisecond before the sweep's time", &before.key, None).await?;
    for Entry { key, record } in [then, after] {
        trial.holds("of a record that ends no earlier than the sweep's time", key, Some(record)).await?;
    }
    trial.lists("after a sweep", &owner, 2, entries.get(1..).unwrap_or_default()).await?;
    same(
        "how many records a sweep removes a millisecond later",
        &1,
        &trial.collect(time.saturating_add(1), 10).await?,
    )?;
    trial.holds("of a record that ended a millisecond before the sweep's time", &then.key, None).await?;
    trial.holds("of a record that ends no earlier than the sweep's time", &after.key, Some(&after.record)).await?;
    same("how many records the same sweep removes again", &0, &trial.collect(time.saturating_add(1), 10).await?)?;
    trial.lists("after sweeps", &owner, 2, entries.get(2..).unwrap_or_default()).await
}

pub(super) async fn sweep_limit<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    undisturbed!(limit, trial)
}

async fn limit<A: Ask>(trial: &Trial<'_, A>, attempt: u64) -> Outcome {
    let time = long_ago(trial.run_id, "limit", attempt);
    sweep_all(trial, time.saturating_add(10)).await?;
    let mut keys = Vec::new();
    // Two that end together, too.
    for (number, end) in [5, 3, 1, 3, 4].into_iter().enumerate() {
        let key = trial.name(format!("{number}-{attempt}"));
        trial.keep(&key, &ending(1, "value", Some(time.saturating_sub(end)))).await?;
        keys.push(key);
    }
    let last = trial.name(format!("last-{attempt}"));
    trial.keep(&last, &ending(1, "value", None)).await?;
    let was_there = match keys.first() {
        Some(key) => trial.read(key).await?.is_some(),
        None => false,
    };
    for (number, limit) in [2, 2, 2, 1].into_iter().enumerate() {
        let count = trial.collect(time, limit).await?;
        if number == 0 && is_left_to_the_store(trial, count, was_there) {
            break;
        }
        let mut there = Vec::new();
        for key in keys.iter().cloned() {
            if trial.read(&key).await?.is_some() {
                there.push(key);
            }
        }
        let what = format!("how many records are there after a sweep of at most {limit} of {}", keys.len());
        same(&what, &keys.len().saturating_sub(limit), &there.len())?;
        same("how many records a sweep says that it has removed", &keys.len().saturating_sub(there.len()), &count)?;
        keys = there;
    }
    trial.holds("of a record that does not end, after sweeps", &last, Some(&ending(1, "value", None))).await
}

pub(super) async fn sweep_after_changes<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    undisturbed!(after_changes, trial)
}

/// What counts is when a record ends now, and not when it or another one of its key would have.
async fn after_changes<A: Ask>(trial: &Trial<'_, A>, attempt: u64) -> Outcome {
    let time = long_ago(trial.run_id, "changes", attempt);
    let (over, later) = (Some(time.saturating_sub(1)), Some(trial.now().saturating_add(60_000)));
    sweep_all(trial, time.saturating_add(10)).await?;
    let owner = trial.name(format!("owner-{attempt}"));
    let record = |version, end| Record { owner: Some(owner.clone()), ..ending(version, "value", end) };
    let key = |name: &str| trial.name(format!("{name}-{attempt}"));
    let ends = [("endless", over, None), ("put-off", over, later), ("brought-forward", None, over)];
    for (name, first, second) in ends {
        trial.keep(&key(name), &record(1, first)).await?;
        if trial.put(&key(name), Some(1), &record(2, second)).await? {
            continue;
        }
        return match (first, trial.read(&key(name)).await?) {
            // The store has collected it already.
            (Some(_), None) => Ok(()),
            (_, found) => Err(refused(&found)),
        };
    }
    for name in ["removed", "made-anew"] {
        trial.keep(&key(name), &record(1, over)).await?;
        same("delete_if of a record that is over", &true, &trial.delete(&key(name), 1).await?)?;
    }
    trial.keep(&key("made-anew"), &record(2, None)).await?;
    let was_there = trial.read(&key("brought-forward")).await?.is_some();
    let count = trial.collect(time, MAX_PAGE).await?;
    let stay = [("endless", None), ("put-off", later), ("made-anew", None)];
    let mut entries: Vec<Entry> =
        stay.iter().map(|(name, end)| Entry { key: key(name), record: record(2, *end) }).collect();
    for Entry { key, record } in &entries {
        trial.holds("of a record that was over before it was changed, after a sweep", key, Some(record)).await?;
    }
    if is_left_to_the_store(trial, count, was_there) {
        return Ok(());
    }
    same("how many records a sweep removes when one is over", &1, &count)?;
    trial.holds("of a record that was over, after a sweep", &key("brought-forward"), None).await?;
    trial.lists("after a sweep", &owner, 2, &entries).await?;
    let anew = Entry { key: key("brought-forward"), record: record(3, None) };
    trial.keep(&anew.key, &anew.record).await?;
    entries.push(anew);
    same("how many records a sweep removes when none is over", &0, &trial.collect(time, MAX_PAGE).await?)?;
    trial.lists("after a record that was swept was made anew, and another sweep", &owner, 2, &entries).await
}

fn refused(found: &Option<Record>) -> Fault {
    fault("put_if over the version that is there", format!("it was refused, and there is {found:?}"))
}
