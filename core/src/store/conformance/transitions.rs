//! What the core makes of a store's calls, on this store.

use super::trial::{Fault, Outcome, Trial, fault, plain, same};
use crate::store::ask::{Ask, Asked, Change, Lease};
use crate::store::record::Record;

/// The version that it says the record has got.
fn done(what: &str, version: Option<u64>) -> Outcome<u64> {
    version.ok_or_else(|| fault(format!("{what} to be done"), "it was refused"))
}

pub(super) async fn create_once<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let version = done("create", trial.create(&key, plain(0, "first")).await?)?;
    trial.holds("after create", &key, Some(&plain(version, "first"))).await?;
    same("create of a second record", &None, &trial.create(&key, plain(0, "second")).await?)?;
    trial.pass(1);
    same("create of a second record, later", &None, &trial.create(&key, plain(0, "second")).await?)?;
    trial.holds("after a create that was refused", &key, Some(&plain(version, "first"))).await
}

pub(super) async fn create_over_what_is_over<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let ends = Some(trial.now().saturating_add(500));
    let first = done("create", trial.create(&key, Record { expires_at: ends, ..plain(0, "first") }).await?)?;
    same("create where a record is", &None, &trial.create(&key, plain(0, "second")).await?)?;
    trial.pass(500);
    same("get of what is over", &None, &trial.get(&key).await?)?;
    let second = done("create where a record is over", trial.create(&key, plain(0, "second")).await?)?;
    higher("the version of a record in the place of one that is over", second, first)?;
    trial.holds("after create", &key, Some(&plain(second, "second"))).await
}

pub(super) async fn replace<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let first = done("create", trial.create(&key, plain(0, "first")).await?)?;
    let second = done("replace", trial.replace(&key, first, plain(0, "second")).await?)?;
    higher("the version of a record that was replaced", second, first)?;
    same("replace of a version that was", &None, &trial.replace(&key, first, plain(0, "third")).await?)?;
    trial.holds("after a replace that was refused", &key, Some(&plain(second, "second"))).await?;
    same("delete_if of the version that is there", &true, &trial.delete_if(&key, second).await?)?;
    same("replace of what was removed", &None, &trial.replace(&key, second, plain(0, "third")).await?)?;
    trial.pass(1000);
    let anew = done("create", trial.create(&key, plain(0, "anew")).await?)?;
    higher("the version of a record that was made anew", anew, second)
}

pub(super) async fn change<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    for expected in 1..=5_u64 {
        let count = trial.change(&key, |there| {
            let count = there.and_then(|record| record.value.parse().ok()).unwrap_or(0_u64).saturating_add(1);
            Ok(Change::Put(plain(0, count.to_string()), count))
        });
        same("what change has counted", &expected, &count.await?)?;
    }
    let left = trial.change(&key, |there| Ok(Change::Leave(there.map(|record| record.value.clone()))));
    same("what change finds", &Some("5".to_owned()), &left.await?)?;
    let found = trial.read(&key).await?.map(|record| record.value);
    same("the value after a change that leaves it", &Some("5".to_owned()), &found)
}

pub(super) async fn take_once<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    same("take of nothing", &None, &trial.take(&key).await?)?;
    let version = done("create", trial.create(&key, plain(0, "token")).await?)?;
    let seen = trial.read(&key).await?;
    same("take", &Some(plain(version, "token")), &trial.take(&key).await?)?;
    same("take of what another has taken", &None, &trial.take(&key).await?)?;
    // Another, who has seen it in time, is late.
    let late = trial.delete(&key, seen.map_or(version, |record| record.version)).await?;
    same("delete_if of what another has taken", &false, &late)?;
    trial.holds("after take", &key, None).await
}

pub(super) async fn take_what_is_over<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let ends = Some(trial.now().saturating_add(500));
    done("create", trial.create(&key, Record { expires_at: ends, ..plain(0, "token") }).await?)?;
    trial.pass(500);
    same("take of what is over", &None, &trial.take(&key).await?)
}

pub(super) async fn lease<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let until = trial.now().saturating_add(60_000);
    let first = granted("a first lease", trial.lease(&key, "alice", until).await?)?;
    same("a lease of another's", &Lease::Held { until }, &trial.lease(&key, "bob", until).await?)?;
    let longer = until.saturating_add(60_000);
    let extended = granted("a lease that is the asker's", trial.lease(&key, "alice", longer).await?)?;
    higher("the fence of a lease that was extended", extended, first)?;
    same("a lease of another's", &Lease::Held { until: longer }, &trial.lease(&key, "bob", longer).await?)?;
    trial.pass(60_000);
    same("a lease that was extended", &Lease::Held { until: longer }, &trial.lease(&key, "bob", longer).await?)?;
    trial.pass(60_000);
    let next = granted("a lease that is over", trial.lease(&key, "bob", longer.saturating_add(60_000)).await?)?;
    higher("the fence of the next holder", next, extended)?;
    match trial.lease(&key, "alice", longer.saturating_add(60_000)).await? {
        Lease::Held { .. } => Ok(()),
        Lease::Granted { .. } => {
            Err(fault("a lease of another's to be refused to who had it before", "it was granted"))
        }
    }
}

pub(super) async fn fences_grow<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let mut last = 0;
    for (number, holder) in ["alice", "bob", "alice", "carol"].into_iter().enumerate() {
        let until = trial.now().saturating_add(50);
        let fence = granted("a lease that nobody has", trial.lease(&key, holder, until).await?)?;
        higher("the fence of the next holder", fence, last)?;
        last = fence;
        trial.pass(1000);
        // As a sweep would.
        if number == 1 {
            same("delete_if of the version that is the fence", &true, &trial.delete_if(&key, fence).await?)?;
        }
    }
    Ok(())
}

fn granted(what: &str, lease: Lease) -> Result<u64, Fault> {
    match lease {
        Lease::Granted { fence } => Ok(fence),
        Lease::Held { .. } => Err(fault(format!("{what} to be granted"), "it was refused")),
    }
}

fn higher(what: &str, this: u64, than: u64) -> Outcome {
    match this > than {
        true => Ok(()),
        false => Err(fault(format!("{what} to be higher than {than}"), this.to_string())),
    }
}
