//! Lists of an owner's records.

use super::trial::{Outcome, Trial, fault, same, same_entries};
use crate::store::ask::Ask;
use crate::store::record::{Entry, MAX_PAGE, Record};

fn owned(owner: &str, version: u64, value: impl Into<String>) -> Record {
    Record { version, value: value.into(), owner: Some(owner.to_owned()), expires_at: None }
}

/// Puts so many records of the owner.
async fn fill<A: Ask>(trial: &Trial<'_, A>, owner: &str, names: impl Iterator<Item = String>) -> Outcome<Vec<Entry>> {
    let mut entries = Vec::new();
    for name in names {
        let entry = Entry { key: trial.name(&name), record: owned(owner, 1, name) };
        trial.keep(&entry.key, &entry.record).await?;
        entries.push(entry);
    }
    Ok(entries)
}

/// In an order that is not the one they are put in.
fn names(count: u64) -> impl Iterator<Item = String> {
    (0..count).map(move |number| format!("{:03}-{number}", number.saturating_mul(7919).checked_rem(count).unwrap_or(0)))
}

pub(super) async fn nobody<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    for limit in [1, 10, MAX_PAGE] {
        trial.lists("of an owner without records", &trial.name("nobody"), limit, &[]).await?;
    }
    Ok(())
}

pub(super) async fn owners_and_records<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let (alice, bob) = (trial.name("alice"), trial.name("bob"));
    let of_alice = fill(trial, &alice, ["a1", "a2", "a3"].map(str::to_owned).into_iter()).await?;
    let mut of_bob = fill(trial, &bob, ["b1", "b2"].map(str::to_owned).into_iter()).await?;
    trial.lists("of the first owner", &alice, 10, &of_alice).await?;
    trial.lists("of the second owner", &bob, 10, &of_bob).await?;
    if let Some(entry) = of_bob.first_mut() {
        entry.record = Record { expires_at: Some(trial.now().saturating_add(60_000)), ..owned(&bob, 2, "changed") };
        same("put_if over the version that is there", &true, &trial.put(&entry.key, Some(1), &entry.record).await?)?;
    }
    trial.lists("after a change", &bob, 10, &of_bob).await?;
    trial.lists("after a change of another's", &alice, 10, &of_alice).await?;
    // What was refused leaves nothing behind.
    if let Some(entry) = of_alice.first() {
        same("put_if of a second record", &false, &trial.put(&entry.key, None, &owned(&bob, 2, "second")).await?)?;
    }
    trial.lists("after a put_if that was refused", &bob, 10, &of_bob).await?;
    let absent = trial.name("absent");
    same("put_if over nothing", &false, &trial.put(&absent, Some(1), &owned(&bob, 2, "absent")).await?)?;
    trial.lists("after a put_if that was refused", &bob, 10, &of_bob).await
}

pub(super) async fn without_owner<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let owner = trial.name("owner");
    let entries = fill(trial, &owner, ["a".to_owned()].into_iter()).await?;
    let nobodys = Record { owner: None, ..owned("", 1, "of nobody") };
    trial.keep(&trial.name("b"), &nobodys).await?;
    trial.lists("beside a record without owner", &owner, 10, &entries).await?;
    for name in ["null", "undefined", "None", "nil", "*", "%"] {
        // These are owners like others, and the store may have records of theirs.
        let found = trial.page(name, None, MAX_PAGE).await?;
        if let Some(entry) = found.entries.iter().find(|entry| entry.key == trial.name("b")) {
            return Err(fault(format!("no record without owner in a list of {name:?}"), entry.key.clone()));
        }
    }
    Ok(())
}

pub(super) async fn pages_of_every_size<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let owner = trial.name("owner");
    let entries = fill(trial, &owner, names(60)).await?;
    for limit in [1, 2, 3, 7, 20, 30, 59, 60, 61, 100, 999, MAX_PAGE] {
        trial.lists("of 60 records", &owner, limit, &entries).await?;
    }
    Ok(())
}

pub(super) async fn largest_pages<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let owner = trial.name("owner");
    let entries = fill(trial, &owner, names(1003)).await?;
    for limit in [MAX_PAGE, 999, 501, 100] {
        trial.lists("of 1003 records", &owner, limit, &entries).await?;
    }
    Ok(())
}

/// Owners differ byte for byte, and one is not the beginning of another, though keys may come in between.
pub(super) async fn similar_owners<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    are_all_different(trial, &["a", "A", "aa", "a/", "a/b", "a:", "a:b", "a!", "a~", "b"]).await
}

/// Nor is an owner a pattern, or a part of a question.
pub(super) async fn hostile_owners<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    are_all_different(
        trial,
        &[
            "ab",
            "a*",
            "a?",
            "a_",
            "a%",
            "*",
            "%",
            "{}",
            "{a}",
            "'",
            "'OR'1'='1",
            "--",
            "\"",
            "\\",
            "..",
            "[a-z]*",
            "%2F",
        ],
    )
    .await
}

async fn are_all_different<A: Ask>(trial: &Trial<'_, A>, owners: &[&str]) -> Outcome {
    let mut all = Vec::new();
    for (number, owner) in owners.iter().enumerate() {
        let owner = trial.name(owner);
        let names = (0..3_usize).map(|record| format!("key-{record}-{number}"));
        let entries = fill(trial, &owner, names).await?;
        all.push((owner, entries));
    }
    for (owner, entries) in &all {
        for limit in [1, 2, 100] {
            trial.lists("of an owner like others", owner, limit, entries).await?;
        }
    }
    Ok(())
}

/// A record that stays is seen once, however often it is changed.
pub(super) async fn changed_between_pages<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let owner = trial.name("owner");
    let entries = fill(trial, &owner, names(20)).await?;
    let first = trial.page(&owner, None, 5).await?;
    for entry in &entries {
        let record = Record { version: 2, ..entry.record.clone() };
        same("put_if over the version that is there", &true, &trial.put(&entry.key, Some(1), &record).await?)?;
    }
    let mut found = first.entries;
    if let Some(next) = first.next {
        found.extend(trial.walk_on(&owner, Some(next), 5).await?);
    }
    each_once("a list during which every record was changed", &entries, &found)
}

pub(super) async fn deleted_between_pages<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let owner = trial.name("owner");
    let entries = fill(trial, &owner, names(20)).await?;
    let first = trial.page(&owner, None, 5).await?;
    // Those that the cursor may point at, and every third of the others.
    let (mut removed, mut left) = (Vec::new(), Vec::new());
    for (number, entry) in entries.into_iter().enumerate() {
        let was_seen = first.entries.iter().any(|seen| seen.key == entry.key);
        if was_seen || number.checked_rem(3) == Some(0) {
            same("delete_if of the version that is there", &true, &trial.delete(&entry.key, 1).await?)?;
            removed.push(entry.key);
        } else {
            left.push(entry);
        }
    }
    let rest = match first.next {
        Some(next) => trial.walk_on(&owner, Some(next), 5).await?,
        None => return Err(fault("a page of 5 of 20 records, and a next", "no next")),
    };
    if let Some(entry) = rest.iter().find(|entry| removed.contains(&entry.key)) {
        let what = "no record in a page that was removed before the page was asked for";
        return Err(fault(what, entry.key.clone()));
    }
    same_entries("the further pages, after some records were removed", &left, &rest)?;
    trial.lists("after some records were removed", &owner, 5, &left).await
}

pub(super) async fn added_between_pages<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let owner = trial.name("owner");
    let mut entries = fill(trial, &owner, names(20)).await?;
    let first = trial.page(&owner, None, 5).await?;
    let added =
        fill(trial, &owner, (0..20_u32).map(|number| format!("{:03}-added", number.saturating_mul(50)))).await?;
    let mut found = first.entries;
    if let Some(next) = first.next {
        found.extend(trial.walk_on(&owner, Some(next), 5).await?);
    }
    let old = |entry: &Entry| !added.iter().any(|one| one.key == entry.key);
    let found_old: Vec<Entry> = found.iter().filter(|entry| old(entry)).cloned().collect();
    each_once("a list during which records were added, without these", &entries, &found_old)?;
    let found_new: Vec<Entry> = found.into_iter().filter(|entry| !old(entry)).collect();
    each_at_most_once("a list during which records were added", &found_new)?;
    entries.extend(added);
    trial.lists("after records were added", &owner, 7, &entries).await
}

pub(super) async fn deleted_never_again<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let owner = trial.name("owner");
    let mut entries = fill(trial, &owner, names(5)).await?;
    while let Some(entry) = entries.pop() {
        same("delete_if of the version that is there", &true, &trial.delete(&entry.key, 1).await?)?;
        trial.lists("after delete_if", &owner, 2, &entries).await?;
        let anew = Record { version: 2, owner: None, ..entry.record };
        trial.keep(&entry.key, &anew).await?;
        trial.lists("after a removed record was made anew, without owner", &owner, 2, &entries).await?;
    }
    Ok(())
}

pub(super) async fn made_anew_once<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let (owner, other) = (trial.name("owner"), trial.name("other"));
    let mut entries = fill(trial, &owner, names(5)).await?;
    for (version, entry) in (2_u64..).zip(&mut entries) {
        for version in [version, version.saturating_add(10)] {
            let there = entry.record.version;
            same("delete_if of the version that is there", &true, &trial.delete(&entry.key, there).await?)?;
            entry.record.version = version;
            trial.keep(&entry.key, &entry.record).await?;
        }
    }
    trial.lists("after every record was made anew", &owner, 2, &entries).await?;
    let Some(mut moved) = entries.pop() else { return Ok(()) };
    same("delete_if of the version that is there", &true, &trial.delete(&moved.key, moved.record.version).await?)?;
    moved.record = owned(&other, 100, "of another");
    trial.keep(&moved.key, &moved.record).await?;
    trial.lists("after a record was made anew as another's", &owner, 2, &entries).await?;
    trial.lists("of the new owner", &other, 2, &[moved]).await
}

/// A cursor may come from a browser: it may be refused, and must not open another's records.
pub(super) async fn strange_cursors<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let (owner, other) = (trial.name("owner"), trial.name("zz-other"));
    fill(trial, &owner, names(5)).await?;
    let others = fill(trial, &other, (0..5_u32).map(|number| format!("zz-{number}"))).await?;
    let of_other = trial.page(&other, None, 2).await?.next;
    let strange = ["0", "-1", "9999999999999999999999", "no-such-cursor", "' OR 1=1 --", "*", "\u{e9}\0\n", "~~~~"];
    for cursor in strange.into_iter().map(str::to_owned).chain(of_other) {
        // The answer's owners are compared where it is looked at.
        trial.page_or_error(&owner, &cursor, 3).await?;
    }
    trial.lists("after strange cursors", &other, 2, &others).await
}

/// Compares keys: what a page showed may have been changed since.
fn each_once(what: &str, expected: &[Entry], found: &[Entry]) -> Outcome {
    each_at_most_once(what, found)?;
    match expected.iter().find(|entry| !found.iter().any(|one| one.key == entry.key)) {
        Some(missing) => Err(fault(format!("{what}: every record that stayed"), format!("not {}", missing.key))),
        None => Ok(()),
    }
}

fn each_at_most_once(what: &str, found: &[Entry]) -> Outcome {
    let mut keys: Vec<&str> = found.iter().map(|entry| entry.key.as_str()).collect();
    keys.sort_unstable();
    match keys.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(pair) => Err(fault(format!("{what}: each record once"), format!("{pair:?}"))),
        None => Ok(()),
    }
}
