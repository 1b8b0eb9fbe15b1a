//! The file: how it is made, and whose files are refused.

use std::path::Path;

use authwright_core::Code;
use authwright_core::store::{Entry, Record, Store, StoreOptions, open};
use rusqlite::Connection;

use super::{Scratch, TIMEOUT, code, plain, store};

#[test]
fn a_url_is_a_plain_path() {
    let options = StoreOptions::from_json("{}").unwrap();
    for url in [
        "sqlite:",
        "sqlite::memory:",
        "sqlite:file:keys.db",
        "sqlite:file:keys.db?mode=memory",
        "sqlite:keys.db?mode=ro",
        "sqlite:?",
        "sqlite:keys\0.db",
        "sqlite://keys.db",
        "sqlite:///keys.db",
    ] {
        let error = open(url, &options).err().unwrap();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("url")), "{url:?}");
    }
}

#[test]
fn the_first_call_makes_the_file() {
    let scratch = Scratch::new();
    let store = scratch.store();
    assert!(scratch.files().is_empty());
    assert_eq!(store.get("a", TIMEOUT).unwrap(), None);
    assert!(store.put_if("a", None, &plain(1, "1"), TIMEOUT).unwrap());
    let names: Vec<_> = scratch.files().into_keys().collect();
    assert_eq!(names, ["keys.db", "keys.db-shm", "keys.db-wal"]);
    #[cfg(unix)]
    for name in names {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(scratch.0.join(&name).metadata().unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn what_is_empty_is_nobodys() {
    let scratch = Scratch::new();
    std::fs::write(scratch.file(), "").unwrap();
    assert!(scratch.store().put_if("a", None, &plain(1, "1"), TIMEOUT).unwrap());
    for mode in ["DELETE", "WAL"] {
        let scratch = Scratch::new();
        let other = Connection::open(scratch.file()).unwrap();
        other.pragma_update_and_check(None, "journal_mode", mode, |_| Ok(())).unwrap();
        other.execute_batch("CREATE TABLE t (x); DROP TABLE t; VACUUM").unwrap();
        drop(other);
        assert!(!std::fs::read(scratch.file()).unwrap().is_empty());
        assert!(scratch.store().put_if("a", None, &plain(1, "1"), TIMEOUT).unwrap());
    }
}

#[test]
fn where_no_file_can_be() {
    let scratch = Scratch::new();
    let error = store(&scratch.0.join("nowhere/keys.db")).get("a", TIMEOUT).unwrap_err();
    assert_eq!(error.code(), Code::StoreUnavailable);
    assert!(error.message().contains("directory"), "{error}");
    assert_eq!(code(store(&scratch.0).get("a", TIMEOUT)), Code::StoreUnavailable);
    assert_eq!(code(store(&scratch.0.join("x".repeat(300))).get("a", TIMEOUT)), Code::StoreUnavailable);
    #[cfg(unix)]
    {
        assert_eq!(code(store(Path::new("/dev/null")).get("a", TIMEOUT)), Code::StoreUnavailable);
        std::os::unix::fs::symlink(scratch.0.join("elsewhere"), scratch.file()).unwrap();
        assert_eq!(code(scratch.store().get("a", TIMEOUT)), Code::StoreUnavailable, "a link to nothing");
        store(&scratch.0.join("elsewhere")).get("a", TIMEOUT).unwrap();
        assert_eq!(scratch.store().get("a", TIMEOUT).unwrap(), None);
    }
}

/// Whatever is asked, the files stay as they are, and no other appears.
fn refused(scratch: &Scratch, expected: Code) {
    let before = scratch.files();
    for _ in 0..2 {
        let store = scratch.store();
        assert_eq!(code(store.get("a", TIMEOUT)), expected);
        assert_eq!(code(store.put_if("a", None, &plain(1, "1"), TIMEOUT)), expected);
        assert_eq!(code(store.sweep(u64::MAX, 10, TIMEOUT)), expected);
        store.close();
    }
    let after = scratch.files();
    for (name, bytes) in &before {
        // The index of a log holds locks, and is made anew by whoever comes first.
        assert!(name.ends_with("-shm") || after.get(name) == Some(bytes), "{name} was changed");
    }
    for (name, bytes) in &after {
        assert!(before.contains_key(name) || name.ends_with("-shm") || bytes.is_empty(), "{name} was made");
    }
}

#[test]
fn a_file_of_something_else() {
    let long = "SQLite format 2\0".repeat(1000);
    for content in ["x", "SQLite format 3", "secret = 1\n", "\0", long.as_str()] {
        let scratch = Scratch::new();
        std::fs::write(scratch.file(), content).unwrap();
        refused(&scratch, Code::StoreForeign);
        assert_eq!(scratch.files().len(), 1);
    }
}

#[test]
fn a_database_of_another_program() {
    for script in [
        "CREATE TABLE t (x)",
        "CREATE TABLE records (key TEXT PRIMARY KEY)",
        "PRAGMA application_id = 5",
        "PRAGMA user_version = 1",
        "PRAGMA journal_mode = WAL; CREATE TABLE t (x)",
    ] {
        let scratch = Scratch::new();
        Connection::open(scratch.file()).unwrap().execute_batch(script).unwrap();
        refused(&scratch, Code::StoreForeign);
        assert_eq!(scratch.files().len(), 1);
    }
}

/// The files of a program that was killed.
fn killed(script: &str) -> Scratch {
    let living = Scratch::new();
    let program = Connection::open(living.file()).unwrap();
    program.execute_batch(script).unwrap();
    let dead = Scratch::new();
    for (name, bytes) in living.files() {
        if !name.ends_with("-shm") {
            std::fs::write(dead.0.join(name), bytes).unwrap();
        }
    }
    assert!(dead.files().len() > 1, "with its log");
    dead
}

#[test]
fn the_log_of_another_program_that_crashed() {
    refused(&killed("CREATE TABLE t (x); PRAGMA journal_mode = WAL; INSERT INTO t VALUES (1)"), Code::StoreForeign);
    // Its tables are in the log only.
    refused(&killed("PRAGMA journal_mode = WAL; CREATE TABLE t (x)"), Code::StoreForeign);
    refused(
        &killed(
            "PRAGMA cache_size = 1; CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (zeroblob(99999)); INSERT INTO t VALUES (1)",
        ),
        Code::StoreForeign,
    );
}

/// A file of ours, after this was done to it.
fn changed(script: &str) -> Scratch {
    let scratch = Scratch::new();
    let store = scratch.store();
    for key in ["a", "b"] {
        assert!(store.put_if(key, None, &plain(1, "1"), TIMEOUT).unwrap());
    }
    store.close();
    Connection::open(scratch.file()).unwrap().execute_batch(script).unwrap();
    scratch
}

#[test]
fn a_newer_release() {
    refused(&changed("PRAGMA user_version = 2"), Code::StoreVersion);
    refused(&changed("PRAGMA user_version = 2147483647; CREATE TABLE t (x)"), Code::StoreVersion);
    let scratch = changed("");
    let newer = Connection::open(scratch.file()).unwrap();
    newer.execute_batch("PRAGMA user_version = 2; CREATE TABLE t (x)").unwrap();
    assert!(!std::fs::read(scratch.0.join("keys.db-wal")).unwrap().is_empty());
    refused(&scratch, Code::StoreVersion);
}

#[test]
fn tables_that_were_changed() {
    for script in [
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -1",
        "DROP TABLE records",
        "DROP INDEX records_by_owner",
        "ALTER TABLE records ADD COLUMN x TEXT",
        "CREATE TABLE t (x)",
        "CREATE TRIGGER t AFTER UPDATE ON records BEGIN DELETE FROM records; END",
        "CREATE VIEW v AS SELECT 1",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE records (' WHERE name = 'records'",
    ] {
        refused(&changed(script), Code::StoreCorrupt);
    }
    let scratch = changed("ANALYZE; VACUUM");
    assert_eq!(scratch.store().get("a", TIMEOUT).unwrap(), Some(plain(1, "1")), "what changes nothing");
    let scratch = changed("PRAGMA journal_mode = DELETE");
    assert_eq!(scratch.store().get("a", TIMEOUT).unwrap(), Some(plain(1, "1")));
    assert_eq!(std::fs::read(scratch.file()).unwrap()[18], 2, "in WAL again");
}

#[test]
fn a_file_that_was_cut_or_overwritten() {
    let whole = std::fs::read(changed("").file()).unwrap();
    for length in (16..200).chain([1000, 4096, 5000, 8192, whole.len() - 4096]) {
        let scratch = Scratch::new();
        std::fs::write(scratch.file(), &whole[..length]).unwrap();
        refused(&scratch, Code::StoreCorrupt);
    }
    let mut corrupt = 0;
    for begin in (100..whole.len()).step_by(61) {
        let scratch = Scratch::new();
        let mut bytes = whole.clone();
        let end = bytes.len().min(begin + 400);
        bytes[begin..end].fill(0xa5);
        std::fs::write(scratch.file(), bytes).unwrap();
        let store = scratch.store();
        let outcomes = [
            store.get("a", TIMEOUT).map(drop),
            store.list("a", None, 10, TIMEOUT).map(drop),
            store.put_if("a", Some(1), &plain(2, "2"), TIMEOUT).map(drop),
            store.sweep(1, 10, TIMEOUT).map(drop),
            store.delete_if("b", 1, TIMEOUT).map(drop),
        ];
        for outcome in outcomes {
            if let Err(error) = outcome {
                assert!(matches!(error.code(), Code::StoreCorrupt | Code::StoreForeign), "at {begin}: {error:?}");
                corrupt += 1;
            }
        }
    }
    assert!(corrupt > 50);
}

#[test]
fn records_that_were_changed_by_hand() {
    let scratch = changed(
        "INSERT INTO records (key, version, value, owner, expires_at) VALUES
            ('text', 1, CAST(x'ff' AS TEXT), 'o1', NULL),
            ('owner', 1, '', CAST(x'6f31ff' AS TEXT), NULL),
            ('version', -1, '', 'o2', NULL),
            ('end', 1, '', 'o3', -1),
            (CAST(x'6bff' AS TEXT), 1, '', 'o4', NULL), ('a b', 1, '', 'o4', NULL), ('', 1, '', 'o4', NULL),
            (CAST(x'610062' AS TEXT), 1, '', 'o4', NULL), (printf('%.*c', 257, 'k'), 1, '', 'o4', NULL),
            ('c', 1, 'good', 'o4', NULL), ('d', 1, 'good', 'o4', NULL);
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ')');
         PRAGMA writable_schema = RESET;
         INSERT INTO records (key, version, value, owner, expires_at) VALUES
            ('blob', 1, x'31', NULL, NULL), ('real', 1.5, '', NULL, NULL), ('words', 'one', '', NULL, 'never');
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = sql || ' STRICT' WHERE name = 'records';",
    );
    let store = scratch.store();
    for key in ["text", "owner", "version", "end", "blob", "real", "words"] {
        assert_eq!(code(store.get(key, TIMEOUT)), Code::StoreCorrupt, "{key}");
    }
    // A listing has them all the same, as records that nobody has written.
    for (owner, key) in [("o1", "text"), ("o2", "version"), ("o3", "end")] {
        let entries = store.list(owner, None, 10, TIMEOUT).unwrap().entries;
        let record = Record { owner: Some(owner.to_owned()), ..plain(0, "") };
        assert_eq!(entries, [Entry { key: key.to_owned(), record }]);
    }
    // What can be no key hides no other, wherever a page ends.
    let first = store.list("o4", None, 1, TIMEOUT).unwrap();
    let second = store.list("o4", first.next.as_deref(), 1, TIMEOUT).unwrap();
    let keys = [first.entries, second.entries].concat().into_iter().map(|entry| entry.key).collect::<Vec<_>>();
    assert_eq!((keys, second.next), (vec!["c".to_owned(), "d".to_owned()], None));
    assert!(store.all(None, 100, TIMEOUT).unwrap().entries.iter().any(|entry| entry.key == "c"));
    assert_eq!(store.get("a", TIMEOUT).unwrap(), Some(plain(1, "1")), "the others are found");
    assert!(store.put_if("a", Some(1), &plain(2, "2"), TIMEOUT).unwrap());
}

#[test]
#[cfg(unix)]
fn a_file_that_goes_away() {
    let scratch = Scratch::new();
    let store = scratch.store();
    assert!(store.put_if("a", None, &plain(1, "1"), TIMEOUT).unwrap());
    let elsewhere = scratch.0.join("elsewhere");
    std::fs::rename(scratch.file(), &elsewhere).unwrap();
    assert_eq!(code(store.get("a", TIMEOUT)), Code::StoreUnavailable);
    assert_eq!(code(store.put_if("b", None, &plain(1, "1"), TIMEOUT)), Code::StoreUnavailable);
    assert!(!scratch.file().exists(), "it is not made anew");
    std::fs::write(scratch.file(), "").unwrap();
    assert_eq!(code(store.get("a", TIMEOUT)), Code::StoreUnavailable);
    assert_eq!(std::fs::read(scratch.file()).unwrap(), b"");
    std::fs::rename(&elsewhere, scratch.file()).unwrap();
    assert_eq!(store.get("a", TIMEOUT).unwrap(), Some(plain(1, "1")), "back in its place");
    std::fs::remove_file(scratch.file()).unwrap();
    assert_eq!(code(store.get("a", TIMEOUT)), Code::StoreUnavailable);
    store.close();
    assert!(!scratch.file().exists());
}
