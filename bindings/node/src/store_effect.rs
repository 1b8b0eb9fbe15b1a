//! Calls of a program's own store: the request as an object, and the answer that JavaScript has read.

use authwright_core::store::{Entry, Page, Record, StoreAnswer, StoreRequest, corrupt};
use authwright_core::{Error, Result};

use crate::value::{Env, Value};

/// The object: its `store` names the method, and the others are its arguments. A record is an object of its own, which
/// the program may keep.
pub(crate) fn describe<'env>(env: Env<'env>, id: u64, request: &StoreRequest, deadline: u64) -> Result<Value<'env>> {
    let object = env.object()?;
    let set = |name: &str, value: Result<Value<'env>>| env.set(object, name, value?);
    set("id", env.milliseconds(id))?;
    set("deadline", env.milliseconds(deadline))?;
    match request {
        StoreRequest::Get { key } => {
            set("store", env.text("get"))?;
            set("key", env.text(key))?;
        }
        StoreRequest::PutIf { key, expected, record } => {
            set("store", env.text("putIf"))?;
            set("key", env.text(key))?;
            set("expected", expected.map_or_else(|| env.undefined(), |version| env.milliseconds(version)))?;
            set("record", describe_record(env, record))?;
        }
        StoreRequest::DeleteIf { key, version } => {
            set("store", env.text("deleteIf"))?;
            set("key", env.text(key))?;
            set("version", env.milliseconds(*version))?;
        }
        StoreRequest::List { owner, after, limit } => {
            set("store", env.text("list"))?;
            set("owner", env.text(owner))?;
            set("after", env.optional_text(after.as_deref()))?;
            set("limit", env.size(*limit))?;
        }
        StoreRequest::Sweep { before, limit } => {
            set("store", env.text("sweep"))?;
            set("before", env.milliseconds(*before))?;
            set("limit", env.size(*limit))?;
        }
    }
    Ok(object)
}

fn describe_record<'env>(env: Env<'env>, record: &Record) -> Result<Value<'env>> {
    let object = env.object()?;
    env.set(object, "version", env.milliseconds(record.version)?)?;
    env.set(object, "value", env.text(&record.value)?)?;
    if let Some(owner) = &record.owner {
        env.set(object, "owner", env.text(owner)?)?;
    }
    if let Some(time) = record.expires_at {
        env.set(object, "expiresAt", env.milliseconds(time)?)?;
    }
    Ok(object)
}

/// Reads an answer, which `../lib/own-store.js` has made of what the program's store said: strings, numbers, `undefined`
/// and arrays of them, and nothing that runs the program's code.
///
/// - of `get`: `undefined`, or an array of the version, the value, the owner and the end;
/// - of `putIf` and `deleteIf`: a boolean;
/// - of `list`: an array of where the next page begins, and for each record of its key and the same four;
/// - of `sweep`: a number.
pub(crate) fn read(env: Env<'_>, request: &StoreRequest, answer: Value<'_>) -> Result<StoreAnswer> {
    match request {
        StoreRequest::Get { .. } if env.is_undefined(answer)? => Ok(StoreAnswer::Record(None)),
        StoreRequest::Get { .. } => {
            let items = env.items(answer).ok_or_else(other)?;
            let &[version, value, owner, expires_at] = items.as_slice() else { return Err(other()) };
            Ok(StoreAnswer::Record(Some(read_record(env, [version, value, owner, expires_at])?)))
        }
        StoreRequest::PutIf { .. } | StoreRequest::DeleteIf { .. } => {
            env.bool(answer).map(StoreAnswer::Done).ok_or_else(other)
        }
        StoreRequest::List { .. } => read_page(env, &env.items(answer).ok_or_else(other)?).map(StoreAnswer::Page),
        StoreRequest::Sweep { .. } => {
            let count = env.whole(answer).and_then(|count| usize::try_from(count).ok());
            count.map(StoreAnswer::Swept).ok_or_else(other)
        }
    }
}

fn read_page(env: Env<'_>, items: &[Value<'_>]) -> Result<Page> {
    let (next, rest) = items.split_first().ok_or_else(other)?;
    let (entries, []) = rest.as_chunks::<5>() else { return Err(other()) };
    let entry = |&[key, version, value, owner, expires_at]: &[Value<'_>; 5]| {
        let record = read_record(env, [version, value, owner, expires_at])?;
        Ok(Entry { key: text(env, key)?.ok_or_else(other)?, record })
    };
    Ok(Page { entries: entries.iter().map(entry).collect::<Result<_>>()?, next: text(env, *next)? })
}

fn read_record(env: Env<'_>, [version, value, owner, expires_at]: [Value<'_>; 4]) -> Result<Record> {
    Ok(Record {
        version: env.whole(version).ok_or_else(other)?,
        value: text(env, value)?.ok_or_else(other)?,
        owner: text(env, owner)?,
        expires_at: match env.is_undefined(expires_at)? {
            true => None,
            false => Some(env.whole(expires_at).ok_or_else(other)?),
        },
    })
}

/// A string, or none for `undefined`.
fn text(env: Env<'_>, value: Value<'_>) -> Result<Option<String>> {
    if env.is_undefined(value)? {
        return Ok(None);
    }
    env.string(value)?.map(|mut text| Some(std::mem::take(&mut *text))).ok_or_else(other)
}

fn other() -> Error {
    corrupt("an answer of another type")
}
