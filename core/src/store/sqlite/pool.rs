//! The connections of a store.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::deadline::{Deadline, Patience};
use super::failure::Failure;
use super::file;
use super::process::{Call, FileId, OpenFile};
use super::schema;
use crate::error::{Code, Error, Result};
use crate::store::unavailable;

/// How often an opening begins anew because the file was another one afterwards: an overlay copies it at the first.
const ATTEMPTS: usize = 3;

/// The most memory that a connection keeps pages of the file in: the ones of some thousand busy keys, in a file of any size.
/// SQLite's own 2 MB hold those of a few hundred. It is taken as pages are read, and negative because the unit is KiB.
const CACHE_KIB: i64 = -20_480;

/// At most so many connections to a file. Whoever looks at it is in the process that opened them.
pub(super) struct Pool {
    path: PathBuf,
    limit: usize,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Database>,
    /// How many there are, lent ones too.
    open: usize,
    /// The file, once it was found.
    file: Option<FileId>,
    is_closed: bool,
}

/// A connection.
struct Database {
    connection: Connection,
    patience: Arc<Patience>,
    // After the connection.
    file: OpenFile,
}

impl Pool {
    pub(super) fn new(path: PathBuf, limit: usize) -> Self {
        Self { path, limit, state: Mutex::default(), returned: Condvar::new() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Lends a connection.
    pub(super) fn lend(&self, call: &Call, deadline: Deadline) -> Result<Loan<'_>> {
        let (idle, before) = {
            let mut state = self.state();
            loop {
                if state.is_closed {
                    return Err(Error::new(Code::Closed, "the store is closed"));
                }
                if let Some(database) = state.idle.pop() {
                    break (Some(database), state.file);
                }
                if state.open < self.limit {
                    state.open = state.open.saturating_add(1);
                    break (None, state.file);
                }
                let left = deadline.left();
                if left.is_zero() {
                    return Err(unavailable("all of its connections were in use all the time"));
                }
                state = self.returned.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            }
        };
        // From here on it counts as lent.
        let mut loan = Loan { pool: self, database: idle };
        match &loan.database {
            Some(database) => {
                if !file::is_still(&self.path, database.file.id()) {
                    return Err(file::moved());
                }
                database.patience.set(deadline);
            }
            None => {
                let database = Database::open(&self.path, before, call, deadline)?;
                let id = database.file.id();
                loan.database = Some(database);
                if *self.state().file.get_or_insert(id) != id {
                    loan.database = None;
                    return Err(file::moved());
                }
            }
        }
        Ok(loan)
    }

    pub(super) fn close(&self) {
        let idle = {
            let mut state = self.state();
            state.is_closed = true;
            std::mem::take(&mut state.idle)
        };
        drop(idle);
        self.returned.notify_all();
    }

    /// Forgets the connections: they are another process's.
    pub(super) fn abandon(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        std::mem::forget(std::mem::take(&mut state.idle));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is behind the lock is whole whenever it is released.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection, for one call.
pub(super) struct Loan<'a> {
    pool: &'a Pool,
    database: Option<Database>,
}

impl Loan<'_> {
    pub(super) fn connection(&self) -> Result<&Connection> {
        self.database.as_ref().map(|database| &database.connection).ok_or_else(|| Error::internal("nothing was lent"))
    }

    /// Closes the connection when it comes back.
    pub(super) fn discard(mut self) {
        self.database = None;
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state();
        let surplus = match self.database.take() {
            Some(database) if !state.is_closed => {
                state.idle.push(database);
                None
            }
            other => {
                state.open = state.open.saturating_sub(1);
                other
            }
        };
        drop(state);
        // Closing may write what is in the log into the file.
        drop(surplus);
        self.pool.returned.notify_one();
    }
}

impl Database {
    fn open(path: &Path, before: Option<FileId>, call: &Call, deadline: Deadline) -> Result<Self> {
        for _ in 0..ATTEMPTS {
            let file = file::find(path, before, call)?;
            let database = Self::connect(path, file, deadline).map_err(|failure| failure.into_error(false))?;
            if file::is_still(path, database.file.id()) {
                return Ok(database);
            }
        }
        Err(file::moved())
    }

    fn connect(path: &Path, file: OpenFile, deadline: Deadline) -> Result<Self, Failure> {
        // SQLite never makes the file; and a path that is absolute is never read as a URI, which the build allows.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        // What is refused is left as it was, also the log of another program that has crashed.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let patience = Arc::new(Patience::new(deadline));
        let waiting = Arc::clone(&patience);
        connection.busy_handler(Some(move |attempts| waiting.wait(attempts)))?;
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        connection.pragma_update(None, "cache_size", CACHE_KIB)?;
        connection.pragma_update(None, "cell_size_check", "ON")?;
        schema::prepare(&mut connection, schema::STEPS, deadline)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(Self { connection, patience, file })
    }
}
