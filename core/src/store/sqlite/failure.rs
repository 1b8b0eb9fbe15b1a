//! What SQLite's errors mean for a call.

use rusqlite::ErrorCode;

use crate::error::Error;
use crate::store::{corrupt, full, unavailable, uncertain};

/// Why a call failed.
#[derive(Debug)]
pub(super) enum Failure {
    Sqlite(rusqlite::Error),
    /// It was found here, and the connection is as good as before.
    Own(Error),
}

impl Failure {
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
    }

    /// Whether the connection is of use after it.
    pub(super) fn spares_connection(&self) -> bool {
        matches!(self, Self::Own(_)) || self.is_busy() || self.code() == Some(ErrorCode::DiskFull)
    }

    /// The error of a call that writes, or does not.
    ///
    /// A change is made by the frame in the log that says so, which is written last, and synced. If the disk is full it
    /// was not written, and who does not get the lock has not begun. But after a sync that failed, or when memory for the
    /// index of the log is missing, the frame is there: this process has taken the change back, and yet it is made if
    /// the next one to read the log is another, after a crash.
    pub(super) fn into_error(self, is_write: bool) -> Error {
        let code = self.code();
        let error = match self {
            Self::Own(error) => return error,
            Self::Sqlite(error) => error,
        };
        let reason = error.to_string();
        match code {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                unavailable("others were writing all the time")
            }
            Some(ErrorCode::DiskFull) => full(&reason),
            Some(
                ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::AuthorizationForStatementDenied
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::NoLargeFileSupport,
            ) => unavailable(&reason),
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::OutOfMemory
                | ErrorCode::InternalMalfunction
                | ErrorCode::OperationAborted
                | ErrorCode::OperationInterrupted
                | ErrorCode::ApiMisuse,
            ) => {
                if is_write {
                    uncertain(&reason)
                } else {
                    unavailable(&reason)
                }
            }
            // Not a database, other tables, other types: what SQLite reads is not what was written.
            _ => corrupt(&reason),
        }
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            Self::Own(_) => None,
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Own(error)
    }
}
