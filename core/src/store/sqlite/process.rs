//! What a process has of SQLite, and what a child of a fork inherits of it.
//!
//! SQLite notes for each file which locks the process has. A child inherits the notes and not the locks, so that a new
//! connection to the same file would believe in locks that are not there, and lose what it writes when the parent
//! checkpoints (<https://sqlite.org/howtocorrupt.html>, 2.6). And a lock inside of SQLite that another thread held at the
//! fork stays locked for ever. So a child uses no file that its parent had open, and if a thread of its parent was inside
//! of SQLite just then, no file at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use arc_swap::ArcSwapOption;

use crate::error::{Code, Error, Result};

/// What a child finds here is its parent's, and it is found without a lock.
static HERE: ArcSwapOption<Process> = ArcSwapOption::const_empty();

/// A file, whatever its name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileId {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    inode: u64,
}

impl FileId {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    /// Windows neither forks nor removes a file that is open.
    #[cfg(not(unix))]
    pub(super) fn of(_metadata: &Metadata) -> Self {
        Self {}
    }
}

/// A process.
#[derive(Debug)]
pub(super) struct Process {
    id: u32,
    /// How many threads may be inside of SQLite.
    calls: AtomicUsize,
    /// How many connections there are to each file.
    files: Mutex<BTreeMap<FileId, usize>>,
    inherited: Inherited,
}

#[derive(Clone, Debug)]
enum Inherited {
    Files(BTreeSet<FileId>),
    Everything,
}

impl Process {
    fn current() -> Arc<Self> {
        let id = std::process::id();
        loop {
            match HERE.load_full() {
                Some(process) if process.id == id => return process,
                before => {
                    let heir = Arc::new(Self::heir(before.as_deref(), id));
                    HERE.compare_and_swap(&before, Some(heir));
                }
            }
        }
    }

    fn heir(parent: Option<&Self>, id: u32) -> Self {
        let inherited = parent.map_or(Inherited::Files(BTreeSet::new()), Self::bequest);
        Self { id, calls: AtomicUsize::new(0), files: Mutex::default(), inherited }
    }

    /// What a child inherits that is forked now.
    fn bequest(&self) -> Inherited {
        let Inherited::Files(inherited) = &self.inherited else { return Inherited::Everything };
        if self.calls.load(Ordering::SeqCst) > 0 {
            return Inherited::Everything;
        }
        let files = match self.files.try_lock() {
            Ok(files) => files,
            Err(TryLockError::Poisoned(files)) => files.into_inner(),
            Err(TryLockError::WouldBlock) => return Inherited::Everything,
        };
        Inherited::Files(inherited.iter().chain(files.keys()).copied().collect())
    }

    fn refuses(&self, file: FileId) -> bool {
        match &self.inherited {
            Inherited::Files(files) => files.contains(&file),
            Inherited::Everything => true,
        }
    }
}

/// A thread that may be inside of SQLite.
#[derive(Debug)]
pub(super) struct Call(Arc<Process>);

impl Call {
    pub(super) fn begin() -> Result<Self> {
        let process = Process::current();
        if matches!(process.inherited, Inherited::Everything) {
            return Err(forked("a thread of the parent process was using SQLite at the fork"));
        }
        process.calls.fetch_add(1, Ordering::SeqCst);
        Ok(Self(process))
    }

    pub(super) fn process_id(&self) -> u32 {
        self.0.id
    }

    /// The files of this process. Who opens one has them locked until it is noted: a file that is opened and closed
    /// otherwise meanwhile loses the locks of this process (<https://sqlite.org/howtocorrupt.html>, 2.2).
    pub(super) fn files(&self) -> Files<'_> {
        // What is behind the lock is whole whenever it is released.
        Files { process: &self.0, open: self.0.files.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(super) struct Files<'a> {
    process: &'a Arc<Process>,
    open: MutexGuard<'a, BTreeMap<FileId, usize>>,
}

impl Files<'_> {
    /// Whether the file loses locks if it is opened and closed; on Windows none does.
    pub(super) fn has(&self, file: FileId) -> bool {
        cfg!(unix) && self.open.contains_key(&file)
    }

    /// Notes a connection to the file.
    pub(super) fn note(mut self, id: FileId) -> Result<OpenFile> {
        if self.process.refuses(id) {
            return Err(forked("the parent process had the file open at the fork"));
        }
        let count = self.open.entry(id).or_default();
        *count = count.saturating_add(1);
        Ok(OpenFile { id, process: Arc::clone(self.process) })
    }
}

/// The note of a connection to a file. It is dropped after the connection.
#[derive(Debug)]
pub(super) struct OpenFile {
    id: FileId,
    process: Arc<Process>,
}

impl OpenFile {
    pub(super) fn id(&self) -> FileId {
        self.id
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        let mut files = self.process.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = files.get_mut(&self.id) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                files.remove(&self.id);
            }
        }
    }
}

pub(super) fn forked(reason: &'static str) -> Error {
    Error::new(
        Code::StoreForked,
        format!("{reason}: the parent must close the store before it forks, or leave it to its children to open one"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> FileId {
        FileId::of(&std::fs::metadata(".").unwrap())
    }

    #[test]
    fn a_child_inherits_what_is_open_and_its_children_too() {
        let parent = Arc::new(Process::heir(None, 1));
        assert!(!Process::heir(Some(&parent), 2).refuses(file()));
        parent.files.lock().unwrap().insert(file(), 1);
        let child = Process::heir(Some(&parent), 2);
        assert!(child.refuses(file()));
        assert!(Process::heir(Some(&child), 3).refuses(file()));
        drop(OpenFile { id: file(), process: Arc::clone(&parent) });
        assert!(!Process::heir(Some(&parent), 4).refuses(file()), "what is closed is nobody's");
    }

    #[test]
    fn a_child_of_a_thread_that_was_not_alone_inherits_everything() {
        let parent = Arc::new(Process::heir(None, 1));
        let call = {
            parent.calls.fetch_add(1, Ordering::SeqCst);
            Call(Arc::clone(&parent))
        };
        assert!(matches!(parent.bequest(), Inherited::Everything));
        let files = call.files();
        drop(Call(Arc::clone(&parent)));
        assert!(matches!(parent.bequest(), Inherited::Everything), "their lock is held, in the child for ever");
        drop(files);
        assert!(matches!(parent.bequest(), Inherited::Files(_)));
        std::mem::forget(call);
    }
}
