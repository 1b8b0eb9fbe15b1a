//! What a new connection says first, and what it asks the server about itself.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use ::redis::Value;
use zeroize::Zeroize;

use super::address::{Address, Layout, Login, Place};
use super::connection::{Connection, Lost};
use super::locked;
use super::message::Message;
use super::miss::Miss;
use super::notices::Notices;
use super::refusal::{refusal, unavailable};
use crate::error::Excerpt;
use crate::operation::Event;

/// How servers are greeted.
pub(super) struct Greeting {
    address: Arc<Address>,
    /// The servers whose memory was looked at.
    looked_at: Mutex<HashSet<Arc<Place>>>,
}

impl Greeting {
    pub(super) fn new(address: &Arc<Address>) -> Self {
        Self { address: Arc::clone(address), looked_at: Mutex::default() }
    }

    /// Logs in, chooses the database, and looks at whom it has got. Each is an exchange of its own: they cost a connection
    /// a few round trips, and a call over one that is there none.
    pub(super) fn greet(&self, connection: &mut Connection, notices: &Notices, until: Instant) -> Result<(), Miss> {
        if let Some(login) = &self.address.login {
            logged_in(&log_in(connection, login, until)?)?;
        }
        if self.address.database != 0 {
            accepted(&connection.ask(&[b"SELECT", self.address.database.to_string().as_bytes()], until)?)?;
        }
        if let Layout::Sentinel(..) = self.address.layout {
            see_primary(connection, until)?;
        }
        if !locked(&self.looked_at).contains(connection.place()) {
            look_at_memory(connection, notices, until)?;
            locked(&self.looked_at).insert(Arc::clone(connection.place()));
        }
        Ok(())
    }
}

/// What the server answers to the password.
pub(super) fn log_in(connection: &mut Connection, login: &Login, until: Instant) -> Result<Value, Lost> {
    let password = login.password.as_bytes();
    let mut message = match &login.user {
        Some(user) => Message::of(&[b"AUTH", user.as_bytes(), password]),
        None => Message::of(&[b"AUTH", password]),
    };
    let answer = connection.exchange(&message, until);
    message.bytes.zeroize();
    Ok(answer?.pop().unwrap_or_default())
}

/// Of what the server says only the first word is told: the rest may be the password, in the words of a server that knows no
/// `AUTH`.
fn logged_in(answer: &Value) -> Result<(), Miss> {
    match answer {
        Value::ServerError(error) => Err(Miss::Refused(match refusal(error) {
            known if matches!(known.code.as_str(), "NOAUTH" | "WRONGPASS") => known.into_error(false),
            other => unavailable(format!(
                "the server does not take this user and password: it answers {}",
                Excerpt(&other.code)
            )),
        })),
        _ => Ok(()),
    }
}

fn accepted(answer: &Value) -> Result<(), Miss> {
    match answer {
        Value::ServerError(error) => Err(Miss::Refused(refusal(error).into_error(false))),
        _ => Ok(()),
    }
}

/// Sentinels may not know yet. Who may not ask is not told, and goes on.
fn see_primary(connection: &mut Connection, until: Instant) -> Result<(), Miss> {
    match connection.ask(&[b"ROLE"], until)? {
        Value::Array(role) if role.first() != Some(&Value::BulkString(b"master".to_vec())) => {
            let place = connection.place();
            Err(Miss::later(format!("{place} is not the primary, though the Sentinels say so")))
        }
        _ => Ok(()),
    }
}

/// Says if the server may remove records because it has no room. Who may not ask is not told, and goes on.
fn look_at_memory(connection: &mut Connection, notices: &Notices, until: Instant) -> Result<(), Miss> {
    let Value::BulkString(info) = connection.ask(&[b"INFO", b"memory"], until)? else { return Ok(()) };
    let info = String::from_utf8_lossy(&info);
    let field = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let (limit, policy) = (field("maxmemory"), field("maxmemory_policy"));
    if let Some(policy) = policy.filter(|policy| *policy != "noeviction" && limit != Some("0")) {
        notices.tell(connection.place(), Event::new("store_may_evict").with("policy", policy));
    }
    Ok(())
}
