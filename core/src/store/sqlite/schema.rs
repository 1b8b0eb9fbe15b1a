//! The tables, and how a file comes from one version of them to the next.

use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::deadline::Deadline;
use super::failure::Failure;
use super::file::foreign;
use crate::error::{Code, Error, Result};
use crate::store::{corrupt, unavailable};

/// "awst": whose file it is (`PRAGMA application_id`).
pub(super) const APPLICATION_ID: i32 = 0x6177_7374;

/// What leads from each version (`PRAGMA user_version`) to the next one, from an empty file on. A step that was released
/// stays as it is: files are compared with what the steps make, to the letter.
///
/// The keys have a tree of their own. Rows of some hundred bytes would make it deep and slow
/// (<https://sqlite.org/withoutrowid.html>, 4).
pub(super) const STEPS: &[&str] = &["
    CREATE TABLE records (
        key TEXT NOT NULL PRIMARY KEY,
        version INTEGER NOT NULL,
        value TEXT NOT NULL,
        owner TEXT,
        expires_at INTEGER
    ) STRICT;
    CREATE INDEX records_by_owner ON records (owner, key) WHERE owner IS NOT NULL;
    CREATE INDEX records_by_end ON records (expires_at) WHERE expires_at IS NOT NULL;
"];

/// How long a switch to WAL waits for the next attempt: SQLite does not wait for those who look at the file just then.
const PAUSE: Duration = Duration::from_millis(2);

/// Sets up a new file, brings an old one up to date, and refuses every other one before anything is written.
pub(super) fn prepare(connection: &mut Connection, steps: &[&str], deadline: Deadline) -> Result<(), Failure> {
    // One look, so that the parts belong together.
    let mut version = {
        let look = connection.transaction()?;
        version(&look, steps)?
    };
    connection.pragma_update(None, "synchronous", "FULL")?;
    while version < steps.len() {
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been quicker.
        version = self::version(&change, steps)?;
        if let Some(step) = steps.get(version) {
            version = version.saturating_add(1);
            change.execute_batch(step)?;
            change.pragma_update(None, "application_id", APPLICATION_ID)?;
            change.pragma_update(None, "user_version", i64::try_from(version).unwrap_or(i64::MAX))?;
            change.commit()?;
        }
    }
    log_ahead(connection, deadline)
}

/// What the numbers of a file say: the version that it has, 0 if it is nobody's yet.
pub(super) fn judge(application: i32, version: i32, is_empty: bool, steps: &[&str]) -> Result<usize> {
    match (application, usize::try_from(version)) {
        (0, Ok(0)) if is_empty => Ok(0),
        (APPLICATION_ID, Ok(version @ 1..)) if version <= steps.len() => Ok(version),
        (APPLICATION_ID, Ok(1..)) => Err(Error::new(
            Code::StoreVersion,
            format!("the file has version {version}, and this release of authwright knows {}", steps.len()),
        )),
        (APPLICATION_ID, _) => Err(corrupt("its file has no version")),
        _ => Err(foreign("the file is another program's")),
    }
}

fn version(look: &Transaction<'_>, steps: &[&str]) -> Result<usize, Failure> {
    let number = |pragma| look.pragma_query_value(None, pragma, |row| row.get(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    // A newer release may have tables that this SQLite cannot read.
    if application == APPLICATION_ID && version != 0 {
        judge(application, version, false, steps)?;
    }
    let objects = objects(look)?;
    let version = judge(application, version, objects.is_empty(), steps)?;
    if version > 0 && objects != expected(steps, version)? {
        return Err(corrupt("its tables were changed").into());
    }
    Ok(version)
}

/// What the steps make of an empty file.
fn expected(steps: &[&str], version: usize) -> Result<Vec<[String; 4]>, Failure> {
    let model = Connection::open_in_memory()?;
    for step in steps.iter().take(version) {
        model.execute_batch(step)?;
    }
    objects(&model)
}

/// Tables, indexes and all else, but not SQLite's own, such as what ANALYZE finds.
fn objects(connection: &Connection) -> Result<Vec<[String; 4]>, Failure> {
    let mut statement = connection.prepare(
        r"SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name",
    )?;
    let rows = statement.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Readers and a writer do not wait for each other in this mode, which the file keeps.
fn log_ahead(connection: &Connection, deadline: Deadline) -> Result<(), Failure> {
    loop {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match mode.map_err(Failure::from) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(_) => return Err(unavailable("its file system has no shared memory").into()),
            Err(failure) if failure.is_busy() && !deadline.is_over() => std::thread::sleep(PAUSE),
            Err(failure) => return Err(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::tests::Scratch;

    const NEXT: &[&str] = &[STEPS[0], "ALTER TABLE records ADD COLUMN tag TEXT; UPDATE records SET tag = 'old';"];

    const BROKEN: &[&str] = &[STEPS[0], "ALTER TABLE records ADD COLUMN tag TEXT; DROP TABLE nothing;"];

    fn open(scratch: &Scratch, steps: &[&str]) -> Result<Connection, Code> {
        let mut connection = Connection::open(scratch.0.join("keys.db")).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        let deadline = Deadline::after(Duration::from_secs(10));
        prepare(&mut connection, steps, deadline).map_err(|failure| failure.into_error(false).code())?;
        Ok(connection)
    }

    fn one<T: rusqlite::types::FromSql>(connection: &Connection, query: &str) -> T {
        connection.query_row(query, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_file_is_brought_up_to_date() {
        let scratch = Scratch::new("steps");
        let old = open(&scratch, STEPS).unwrap();
        old.execute("INSERT INTO records (key, version, value) VALUES ('a', 1, 'x')", []).unwrap();
        assert_eq!(one::<i64>(&old, "PRAGMA user_version"), 1);
        assert_eq!(one::<i32>(&old, "PRAGMA application_id"), APPLICATION_ID);
        drop(old);
        let new = open(&scratch, NEXT).unwrap();
        assert_eq!(one::<i64>(&new, "PRAGMA user_version"), 2);
        assert_eq!(one::<String>(&new, "SELECT tag FROM records WHERE key = 'a'"), "old");
        new.execute("UPDATE records SET tag = 'new'", []).unwrap();
        drop(new);
        let again = open(&scratch, NEXT).unwrap();
        assert_eq!(one::<String>(&again, "SELECT tag FROM records WHERE key = 'a'"), "new", "once");
        assert_eq!(open(&scratch, STEPS).unwrap_err(), Code::StoreVersion);
    }

    #[test]
    fn a_step_that_fails_changes_nothing() {
        let scratch = Scratch::new("broken-step");
        drop(open(&scratch, STEPS).unwrap());
        assert_eq!(open(&scratch, BROKEN).unwrap_err(), Code::StoreCorrupt);
        let old = open(&scratch, STEPS).unwrap();
        assert_eq!(one::<i64>(&old, "PRAGMA user_version"), 1);
    }

    #[test]
    fn many_take_the_steps_at_once() {
        for (name, before) in [("steps-of-new", None), ("steps-of-old", Some(STEPS))] {
            let scratch = Scratch::new(name);
            if let Some(before) = before {
                drop(open(&scratch, before).unwrap());
            }
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| assert_eq!(one::<i64>(&open(&scratch, NEXT).unwrap(), "PRAGMA user_version"), 2));
                }
            });
        }
    }
}
