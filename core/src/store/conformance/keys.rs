//! Keys, which differ byte for byte.

use super::trial::{Outcome, Trial, plain, same};
use crate::store::ask::Ask;
use crate::store::record::{MAX_KEY_BYTES, Record};

/// Puts a record at each key, each with another value, and looks that none is another's; then removes one after the other,
/// and looks that the rest stays.
async fn are_all_different<A: Ask>(trial: &Trial<'_, A>, names: &[String]) -> Outcome {
    let records: Vec<(&String, Record)> = names.iter().map(|key| (key, plain(1, format!("of {key}")))).collect();
    for (key, record) in &records {
        trial.keep(key, record).await?;
    }
    for (key, record) in &records {
        trial.holds("of a key like others", key, Some(record)).await?;
    }
    for (number, (key, _)) in records.iter().enumerate() {
        same(&format!("delete_if of {key}"), &true, &trial.delete(key, 1).await?)?;
        trial.holds("after delete_if", key, None).await?;
        if let Some((next, record)) = records.get(number.saturating_add(1)) {
            trial.holds("after delete_if of a key like it", next, Some(record)).await?;
        }
    }
    Ok(())
}

pub(super) async fn every_character<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let mut names: Vec<String> = ('!'..='~').map(|character| trial.name(format!("a{character}"))).collect();
    names.push(trial.name(('!'..='~').collect::<String>()));
    names.push(trial.name(('!'..='~').rev().collect::<String>()));
    are_all_different(trial, &names).await
}

pub(super) async fn upper_and_lower_case<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    are_all_different(trial, &["key", "Key", "KEY", "kEY"].map(|name| trial.name(name))).await
}

pub(super) async fn longest<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let room = MAX_KEY_BYTES.saturating_sub(trial.name("").len());
    let names = [
        "k".repeat(room),
        "k".repeat(room.saturating_sub(1)),
        format!("{}l", "k".repeat(room.saturating_sub(1))),
        "~".repeat(room),
        "%".repeat(room),
    ];
    are_all_different(trial, &names.map(|name| trial.name(name))).await
}

/// A key is no pattern for others.
pub(super) async fn patterns<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let names =
        ["ab", "a*", "a?", "a_", "a%", "a.", "[ab]b", "[a-z]*", "a{b}", "{a}b", "{ab}", "{}", "{", "}", "^ab$", "a|b"];
    are_all_different(trial, &names.map(|name| trial.name(name))).await
}

pub(super) async fn hostile<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    let names = [
        "'",
        "''",
        "\"",
        "`",
        "\\",
        "\\\\",
        "\\'",
        "a'--",
        "';DROP/**/TABLE/**/records;--",
        "\"}]",
        ":",
        "::",
        "a:b",
        "a:b:",
        ";",
        "..",
        "../../a",
        "/",
        "//",
        "a/",
        "a/.",
        "%2F",
        "%00",
        "\\0",
        "$1",
        "?1",
        "@a",
        "&a=b",
        "#a",
        "a+b",
        "a,b",
        "<a>",
        "(a)",
        "__proto__",
        "constructor",
        "null",
        "0",
        "00",
        "-0",
        "1e1",
        "10",
    ];
    are_all_different(trial, &names.map(|name| trial.name(name))).await
}

/// Nor does a key stand for those that it begins.
pub(super) async fn prefixes<A: Ask>(trial: &Trial<'_, A>) -> Outcome {
    are_all_different(trial, &["a", "a/", "a/b", "a/b/", "a:", "a:b", "aa", "aaa"].map(|name| trial.name(name))).await
}
