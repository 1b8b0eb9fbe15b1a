//! Records, and the versions that they are changed by.

use super::trial::{Outcome, Trial, plain, same};
use crate::store::ask::Ask;
use crate::store::record::{END_OF_VERSIONS, Record};

pub(super) async fn nothing_is_there<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    trial.holds("where nothing was ever put", &trial.name("a"), None).await
}

pub(super) async fn put_once<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let owner = Some(trial.name("owner"));
    let first =
        Record { version: 5, value: "first".to_owned(), owner, expires_at: Some(trial.now().saturating_add(1000)) };
    trial.keep(&key, &first).await?;
    trial.holds("after put_if", &key, Some(&first)).await?;
    same("put_if of a second record, if nothing is there", &false, &trial.put(&key, None, &plain(6, "second")).await?)?;
    trial.holds("after a put_if that was refused", &key, Some(&first)).await?;
    // Not even one that is the same.
    same("put_if of the same record, if nothing is there", &false, &trial.put(&key, None, &first).await?)?;
    trial.holds("after a put_if that was refused", &key, Some(&first)).await?;
    trial.holds("of another key", &trial.name("b"), None).await
}

pub(super) async fn put_over_a_version<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let owner = Some(trial.name("owner"));
    let ends = Some(trial.now().saturating_add(60_000));
    let records = [
        Record { version: 5, value: "first".to_owned(), owner: owner.clone(), expires_at: None },
        Record { version: 6, value: "second".to_owned(), owner: owner.clone(), expires_at: ends },
        Record { version: 9, value: "third".to_owned(), owner, expires_at: None },
    ];
    let mut before = None;
    for record in &records {
        same("put_if over the version that is there", &true, &trial.put(&key, before, record).await?)?;
        trial.holds("after put_if", &key, Some(record)).await?;
        before = Some(record.version);
    }
    Ok(())
}

pub(super) async fn put_over_another_version<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let first = plain(5, "first");
    trial.keep(&key, &first).await?;
    for version in [0, 4, 6, 50, END_OF_VERSIONS.saturating_sub(1)] {
        let what = format!("put_if over version {version}, where 5 is");
        same(&what, &false, &trial.put(&key, Some(version), &plain(7, "second")).await?)?;
        trial.holds("after a put_if that was refused", &key, Some(&first)).await?;
    }
    // What counts is what is there, and not what it is to become.
    same("put_if over version 6, where 5 is", &false, &trial.put(&key, Some(6), &plain(5, "second")).await?)?;
    trial.holds("after a put_if that was refused", &key, Some(&first)).await
}

pub(super) async fn put_over_nothing<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    for version in [0, 1, 5] {
        let what = format!("put_if over version {version}, where nothing is");
        same(&what, &false, &trial.put(&key, Some(version), &plain(6, "value")).await?)?;
        trial.holds("after a put_if that was refused", &key, None).await?;
    }
    Ok(())
}

pub(super) async fn delete<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let (key, other) = (trial.name("a"), trial.name("b"));
    let (first, second) = (plain(5, "first"), plain(5, "second"));
    trial.keep(&key, &first).await?;
    trial.keep(&other, &second).await?;
    same("delete_if of the version that is there", &true, &trial.delete(&key, 5).await?)?;
    trial.holds("after delete_if", &key, None).await?;
    trial.holds("of another key, after delete_if", &other, Some(&second)).await?;
    same("delete_if of what was removed before", &false, &trial.delete(&key, 5).await?)
}

pub(super) async fn delete_another_version<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let first = plain(5, "first");
    trial.keep(&key, &first).await?;
    for version in [0, 4, 6, END_OF_VERSIONS.saturating_sub(1)] {
        same(&format!("delete_if of version {version}, where 5 is"), &false, &trial.delete(&key, version).await?)?;
        trial.holds("after a delete_if that was refused", &key, Some(&first)).await?;
    }
    Ok(())
}

pub(super) async fn delete_nothing<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    for version in [0, 5] {
        same(
            &format!("delete_if of version {version}, where nothing is"),
            &false,
            &trial.delete(&key, version).await?,
        )?;
    }
    trial.holds("after a delete_if that was refused", &key, None).await
}

pub(super) async fn put_after_delete<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    trial.keep(&key, &plain(5, "first")).await?;
    same("delete_if of the version that is there", &true, &trial.delete(&key, 5).await?)?;
    let what = "put_if over a version that was removed";
    same(what, &false, &trial.put(&key, Some(5), &plain(6, "second")).await?)?;
    let anew = plain(7, "third");
    trial.keep(&key, &anew).await?;
    trial.holds("after it was put anew", &key, Some(&anew)).await?;
    same("delete_if of the version that was there before", &false, &trial.delete(&key, 5).await?)?;
    trial.holds("after a delete_if that was refused", &key, Some(&anew)).await
}

/// Where numbers lose their last digit, as doubles and as the texts of some languages do.
pub(super) async fn versions<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let powers = [31, 32, 33, 46, 47, 50, 52, 53].map(|power| 1_u64.checked_shl(power).unwrap_or_default());
    let tens = [99_999_999_999_999, 100_000_000_000_000, 999_999_999_999_999, 1_234_567_890_123_457];
    for version in powers.into_iter().chain(tens).map(|version| version.saturating_sub(1)) {
        let key = trial.name(version.to_string());
        let record = plain(version, "value");
        trial.keep(&key, &record).await?;
        trial.holds("after put_if", &key, Some(&record)).await?;
        for other in [version.saturating_sub(1), version.saturating_add(1).min(END_OF_VERSIONS.saturating_sub(2))] {
            let what = format!("put_if over version {other}, where {version} is");
            same(&what, &false, &trial.put(&key, Some(other), &plain(3, "other")).await?)?;
            let what = format!("delete_if of version {other}, where {version} is");
            same(&what, &false, &trial.delete(&key, other).await?)?;
        }
        trial.holds("after what was refused", &key, Some(&record)).await?;
        let what = format!("put_if over version {version}, which is there");
        same(&what, &true, &trial.put(&key, Some(version), &record).await?)?;
        same(&format!("delete_if of version {version}, which is there"), &true, &trial.delete(&key, version).await?)?;
    }
    Ok(())
}

/// Which is a version, and not nothing.
pub(super) async fn version_zero<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let zero = plain(0, "zero");
    trial.keep(&key, &zero).await?;
    trial.holds("after put_if", &key, Some(&zero)).await?;
    same("put_if where version 0 is, if nothing is there", &false, &trial.put(&key, None, &plain(1, "one")).await?)?;
    let one = plain(1, "one");
    same("put_if over version 0, which is there", &true, &trial.put(&key, Some(0), &one).await?)?;
    trial.holds("after put_if", &key, Some(&one)).await
}

pub(super) async fn many_changes<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let key = trial.name("a");
    let mut before = None;
    for version in 1..=50 {
        let record = plain(version, version.to_string());
        same("put_if over the version that is there", &true, &trial.put(&key, before, &record).await?)?;
        if let Some(before) = before {
            same("put_if over the version before", &false, &trial.put(&key, Some(before), &record).await?)?;
        }
        before = Some(version);
    }
    trial.holds("after 50 changes", &key, Some(&plain(50, "50"))).await
}
