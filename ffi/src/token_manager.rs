//! `aw_token_manager`: one access token for all of a process, renewed before it ends.

use std::ffi::{c_char, c_int, c_void};
use std::process;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use authwright_core::oauth::{ManagerOptions, TokenManager, Tokens};
use authwright_core::system_now_ms;

use crate::arguments::{Outcome, out};
use crate::driver::run_persisting;
use crate::error::aw_error;
use crate::guard::{guard, shield};
use crate::handle::{Handle, borrow, into_raw, release};
use crate::oauth_client::{Registered, aw_oauth_client, document};
use crate::operation::aw_operation;
use crate::running::Running;
use crate::status::aw_status;
use crate::tokens::{Granted, aw_tokens};

/// Keeps tokens that replace others where the next process finds them: in a database, say. Returns 0 when they are kept.
/// Any other number means that they are not, and becomes part of a message; they are handed over again by a call some
/// seconds later, before anything else. Those that were kept may come again, too: from a call that did not wait any
/// longer for the answer.
/// `tokens` belong to the caller and are gone when the function returns: aw_tokens_to_json() writes them.
///
/// It is called on the thread that asked the manager for tokens, whichever that is; never on two threads at once for one
/// manager, not even after aw_token_manager_replace() or when it takes long. The others wait meanwhile, or go on with
/// tokens that are still valid. It must not unwind or jump out, nor ask the same manager for tokens, which would wait for
/// itself, perhaps for ever; it may call everything else. A child of a fork that happens meanwhile does not wait for its
/// parent: it may call the function at the same time as the parent does.
pub type aw_persist_hook = Option<unsafe extern "C" fn(tokens: *const aw_tokens, user: *mut c_void) -> c_int>;

/// Holds the tokens of one login, and renews them before they end. One thread refreshes, the others go on with tokens that
/// are still valid, or wait. New tokens are used once the program has kept them: a provider that rotates refresh tokens
/// takes the old one back, and a process that dies with the only copy of the new one has logged its user out. A refresh
/// token whose fate is unknown is not sent again: `AW_ERR_REFRESH_UNCERTAIN`.
///
/// Ownership: yours; free it with aw_token_manager_free(). Threads: `const aw_token_manager *` may be used from many at
/// once. Fork: a child has the tokens that were there; of a refresh that its parent was making it knows nothing, and so
/// `AW_ERR_REFRESH_UNCERTAIN` is what it has when they are over. Two processes that refresh the same tokens revoke each
/// other's at a provider that rotates them: let one process do it, or keep them where all find the newest.
pub struct aw_token_manager {
    _opaque: [u8; 0],
}

/// A manager, what it sends with, and who keeps tokens.
pub struct Managed {
    manager: TokenManager,
    registered: Registered,
    keeper: Option<Keeper>,
}

struct Keeper {
    call: unsafe extern "C" fn(tokens: *const aw_tokens, user: *mut c_void) -> c_int,
    user: *mut c_void,
    turns: ArcSwap<Turns>,
}

/// Who calls the function takes a turn. A child process makes its own: its parent's may be held by a thread that is not
/// there.
struct Turns {
    process: u32,
    turn: Mutex<()>,
}

// SAFETY: the header asks for a function, and for `user`, that may be used on any thread.
unsafe impl Send for Keeper {}
// SAFETY: as above; `Keeper::keep` is the only use of them, and takes turns.
unsafe impl Sync for Keeper {}

impl Handle for aw_token_manager {
    type Value = Managed;
    const TAG: u64 = u64::from_be_bytes(*b"aw_manag");
    const NAME: &'static str = "manager";
}

/// Makes a manager of tokens.
///
/// @param client   Whose tokens they are; it stays yours.
/// @param tokens   The tokens of a login, or those that were kept; they stay yours.
/// @param options  A JSON object, see the top of this header: "renew_before", "persist". NULL: the defaults.
/// @param persist  Keeps new tokens; NULL: nobody does, and a restart may log the user out. Operations never call it:
///                 they say `AW_STEP_PERSIST`, if there is such a function or the option "persist" is true.
/// @param user     Handed to `persist`. Both must be there until the manager was freed and its calls have returned.
/// @param manager  Set to the new manager; free it with aw_token_manager_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_token_manager_new(
    client: *const aw_oauth_client,
    tokens: *const aw_tokens,
    options: *const c_char,
    options_length: usize,
    persist: aw_persist_hook,
    user: *mut c_void,
    manager: *mut *mut aw_token_manager,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let manager = out(manager, "manager")?;
            let (registered, granted) = (borrow(client)?.clone(), borrow(tokens)?);
            let options = settings(document(options, options_length)?, persist.is_some())?;
            let made = TokenManager::new(&registered.client, granted.tokens.clone(), options, system_now_ms());
            let keeper = persist.map(|call| Keeper { call, user, turns: ArcSwap::from_pointee(Turns::new()) });
            manager.set(into_raw(Managed { manager: made, registered, keeper }));
            Ok(())
        })
    }
}

/// Gives tokens that are valid: those at hand, or renewed ones. Blocks if they have to be renewed. A refresh that fails
/// while the tokens at hand are valid fails nobody.
///
/// `AW_ERR_REFRESH_TOKEN_MISSING`, `AW_ERR_GRANT_REFUSED` and `AW_ERR_REFRESH_UNCERTAIN` say that the user must log in
/// again; after others, try again later.
///
/// @param force       true: renew them whatever they say, for a server that refused the access token.
/// @param timeout_ms  How long it may take to wait for another thread's refresh, in milliseconds; over is
///                    `AW_ERR_DEADLINE`. Who makes the refresh itself comes to its end, and may take longer by the time of
///                    its requests and of the function that keeps tokens.
/// @param tokens      Set to the tokens; free them with aw_tokens_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_token_manager_tokens(
    manager: *const aw_token_manager,
    force: bool,
    timeout_ms: u64,
    tokens: *mut *mut aw_tokens,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let tokens = out(tokens, "tokens")?;
            let managed = borrow(manager)?;
            let operation = managed.manager.tokens(force, system_now_ms().saturating_add(timeout_ms));
            let valid = run_persisting(managed.registered.http()?, operation, |fresh| managed.persist(fresh))?;
            tokens.set(into_raw(Granted::from(valid)));
            Ok(())
        })
    }
}

/// Begins the operation that gives tokens that are valid; the parameters are those of aw_token_manager_tokens().
/// aw_operation_tokens() tells what it ended with. Does no I/O. It may say `AW_STEP_PERSIST`. An operation that has sent a
/// refresh must be driven to its end: if it is freed before, nobody knows what became of the refresh token.
///
/// @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
/// @param timeout_ms  As for aw_token_manager_tokens().
/// @param operation   Set to the new operation; free it with aw_operation_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_token_manager_tokens_operation(
    manager: *const aw_token_manager,
    force: bool,
    now_ms: u64,
    timeout_ms: u64,
    operation: *mut *mut aw_operation,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let operation = out(operation, "operation")?;
            let begun = borrow(manager)?.manager.tokens(force, now_ms.saturating_add(timeout_ms));
            operation.set(into_raw(Running::from(begun)));
            Ok(())
        })
    }
}

/// The tokens at hand, whether or not they are valid still. Does no I/O.
///
/// @param tokens  Set to the tokens; free them with aw_tokens_free().
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_token_manager_current(
    manager: *const aw_token_manager,
    tokens: *mut *mut aw_tokens,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let tokens = out(tokens, "tokens")?;
            tokens.set(into_raw(Granted::from(borrow(manager)?.manager.current())));
            Ok(())
        })
    }
}

/// Has the manager hold other tokens from here on: of a new login, or that another process got.
///
/// @param tokens  The tokens; they stay yours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aw_token_manager_replace(
    manager: *const aw_token_manager,
    tokens: *const aw_tokens,
    error: *mut *mut aw_error,
) -> aw_status {
    // SAFETY: the header's contract.
    unsafe {
        guard(error, || {
            let (managed, granted) = (borrow(manager)?, borrow(tokens)?);
            managed.manager.replace(granted.tokens.clone(), system_now_ms());
            Ok(())
        })
    }
}

/// Frees a manager. NULL is fine. An operation that it began goes on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aw_token_manager_free(manager: *mut aw_token_manager) {
    // SAFETY: the header's contract.
    shield((), || unsafe { release(manager) });
}

impl Managed {
    fn persist(&self, fresh: &Tokens) -> Result<(), String> {
        let Some(keeper) = &self.keeper else {
            return Err("the manager has no function that keeps tokens".to_owned());
        };
        match keeper.keep(fresh) {
            0 => Ok(()),
            other => Err(format!("the program's function answered {other}")),
        }
    }
}

impl Keeper {
    fn keep(&self, fresh: &Tokens) -> c_int {
        let turns = self.turns();
        // It protects nothing but the call.
        let _turn = turns.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let tokens = into_raw::<aw_tokens>(Granted::from(fresh.clone()));
        // SAFETY: `aw_token_manager_new` was promised a function that may be called so: not on two threads at once.
        let answer = unsafe { (self.call)(tokens, self.user) };
        // SAFETY: made above, and the program was told that it is gone now.
        unsafe { release(tokens) };
        answer
    }

    /// Those of this process.
    fn turns(&self) -> Arc<Turns> {
        self.turns.rcu(|turns| match turns.process == process::id() {
            true => Arc::clone(turns),
            false => Arc::new(Turns::new()),
        });
        self.turns.load_full()
    }
}

impl Turns {
    fn new() -> Self {
        Self { process: process::id(), turn: Mutex::new(()) }
    }
}

/// The options. A function that keeps tokens is a wish to have them kept.
fn settings(options: &str, has_keeper: bool) -> Outcome<ManagerOptions> {
    let settings = ManagerOptions::from_json(options)?;
    Ok(if has_keeper { settings.persist(true) } else { settings })
}
