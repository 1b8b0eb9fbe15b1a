//! The file of a store, before SQLite sees it.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::process::{Call, FileId, OpenFile};
use super::schema;
use crate::error::{Code, Error, Result};
use crate::store::request::unavailable_since;
use crate::store::{corrupt, unavailable};

/// What <https://sqlite.org/fileformat.html> calls the database header, and the header of the page that it is on.
const HEADER_BYTES: usize = 108;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Finds the file, or makes it if there was none before, and refuses what is certainly not ours: what SQLite opens, it
/// may also tidy up.
pub(super) fn find(path: &Path, before: Option<FileId>, call: &Call) -> Result<OpenFile> {
    // Until it is noted, no other thread opens it.
    let files = call.files();
    let metadata = match path.metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound && before.is_none() => create(path)?,
        other => other.map_err(|error| cannot("looked at", path, &error))?,
    };
    if !metadata.is_file() {
        return Err(unavailable_since(format_args!("it is not a file: {}", shown(path))));
    }
    let id = FileId::of(&metadata);
    if before.is_some_and(|before| before != id) {
        return Err(moved());
    }
    if !files.has(id) {
        judge(path)?;
    }
    files.note(id)
}

/// Whether the file is still where it was. A store never goes on with another one: the log of the old one lies beside it.
pub(super) fn is_still(path: &Path, id: FileId) -> bool {
    path.metadata().is_ok_and(|metadata| FileId::of(&metadata) == id)
}

pub(super) fn moved() -> Error {
    unavailable("its file was moved, removed or replaced")
}

/// A file that only its owner reads; SQLite gives the log beside it the same mode.
fn create(path: &Path) -> Result<Metadata> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // Another process was quicker.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => path.metadata(),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(unavailable_since(format_args!("the directory does not exist: {}", shown(path))));
        }
        made => made.and_then(|file| file.metadata()),
    }
    .map_err(|error| cannot("made", path, &error))
}

fn judge(path: &Path) -> Result<()> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    File::open(path)
        .and_then(|file| file.take(HEADER_BYTES as u64).read_to_end(&mut header))
        .map_err(|error| cannot("read", path, &error))?;
    if header.is_empty() {
        return Ok(());
    }
    if !header.starts_with(MAGIC) {
        return Err(foreign("the file is no SQLite database"));
    }
    let number = |at: usize| header.get(at..)?.first_chunk().map(|bytes| i32::from_be_bytes(*bytes));
    let (Some(version), Some(application), HEADER_BYTES) = (number(60), number(68), header.len()) else {
        return Err(corrupt("its file ends in the header"));
    };
    // The first page of an empty database is a leaf of a table (13) with 0 cells.
    let is_empty = header.get(100) == Some(&13) && header.get(103..105) == Some(&[0, 0]);
    schema::judge(application, version, is_empty, schema::STEPS).map(drop)
}

pub(super) fn foreign(reason: &'static str) -> Error {
    Error::new(Code::StoreForeign, format!("{reason}, or not authwright's"))
}

fn cannot(done: &str, path: &Path, error: &std::io::Error) -> Error {
    unavailable_since(format_args!("its file cannot be {done}: {error}: {}", shown(path)))
}

/// From the root on: which directory the process works in is most often the question. Quoted, whatever is in it.
fn shown(path: &Path) -> String {
    format!("{:?}", std::path::absolute(path).as_deref().unwrap_or(path))
}
