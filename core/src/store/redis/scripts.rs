//! What the server does in one step, on one key each.

/// A script, and the name that the server knows it by.
pub(super) struct Script {
    pub(super) text: &'static str,
    pub(super) hash: String,
}

/// All of them. They belong to the process that made them: a lazy static's lock may be held by a thread that a fork
/// has left behind.
pub(super) struct Scripts {
    /// Keeps a record if what is there has a version.
    pub(super) put_if: Script,
    /// Removes a record if it has a version.
    pub(super) delete_if: Script,
    /// Enters a key into an owner's index.
    pub(super) enter: Script,
    /// Takes keys out of an owner's index.
    pub(super) leave: Script,
    /// Reads entries of an owner's index.
    pub(super) page: Script,
}

impl Script {
    fn new(text: &'static str) -> Self {
        Self { text, hash: ::redis::Script::new(text).get_hash().to_owned() }
    }
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            put_if: Script::new(include_str!("put_if.lua")),
            delete_if: Script::new(include_str!("delete_if.lua")),
            enter: Script::new(include_str!("enter.lua")),
            leave: Script::new(include_str!("leave.lua")),
            page: Script::new(include_str!("page.lua")),
        }
    }
}
