//! The Sentinels, and the primary that they name.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ::redis::Value;

use super::address::{Address, Place};
use super::dialer::Dialer;
use super::greeting::log_in;
use super::locked;
use super::miss::Miss;
use super::refusal::refusal;
use super::time::share;
use crate::error::Excerpt;

/// For how long a primary is believed to be one before the Sentinels are asked again: one that was cut off from them
/// does not know that it no longer is.
const PRIMARY_KNOWN: Duration = Duration::from_secs(10);

/// For how long a time-out is nothing against a primary that was just asked for. The next call asks after a time-out then:
/// somebody may have taken over where nothing answers. But many who have little time do not make every call ask.
const PRIMARY_FRESH: Duration = Duration::from_secs(1);

/// Who knows where the primary of a name is.
pub(super) struct Sentinels {
    address: Arc<Address>,
    places: Vec<Arc<Place>>,
    name: String,
    known: Mutex<Option<Known>>,
    /// The position of the one that answered last.
    answered: AtomicUsize,
}

/// The primary that was named.
struct Known {
    primary: Arc<Place>,
    /// When it was asked for last.
    since: Instant,
    is_believed: bool,
}

impl Sentinels {
    pub(super) fn new(address: &Arc<Address>, places: &[Arc<Place>], name: &str) -> Self {
        Self {
            address: Arc::clone(address),
            places: places.to_vec(),
            name: name.to_owned(),
            known: Mutex::default(),
            answered: AtomicUsize::new(0),
        }
    }

    /// The primary, as far as is known.
    pub(super) fn primary(&self, dialer: &Dialer, until: Instant) -> Result<Arc<Place>, Miss> {
        let known = match &mut *locked(&self.known) {
            Some(known) if known.is_believed && known.since.elapsed() < PRIMARY_KNOWN => {
                return Ok(Arc::clone(&known.primary));
            }
            // One call asks; the others go on with the last primary meanwhile, and for as long again if no Sentinel
            // answers: it may still be one.
            Some(known) => {
                (known.since, known.is_believed) = (Instant::now(), true);
                Some(Arc::clone(&known.primary))
            }
            None => None,
        };
        // The other half is the primary's.
        let until = share(until, 2);
        let begin = self.answered.load(Ordering::Relaxed);
        let mut why = String::new();
        for (asked, (position, sentinel)) in around(&self.places, begin).enumerate() {
            match self.ask(sentinel, dialer, share(until, self.places.len().saturating_sub(asked))) {
                Ok(primary) => {
                    self.answered.store(position, Ordering::Relaxed);
                    let known = Known { primary: Arc::clone(&primary), since: Instant::now(), is_believed: true };
                    *locked(&self.known) = Some(known);
                    return Ok(primary);
                }
                Err(reason) => why = reason,
            }
        }
        known.ok_or_else(|| Miss::later(why))
    }

    /// The primary is none, or cannot be reached, or it was only too late.
    pub(super) fn failed(&self, is_late: bool) {
        let mut known = locked(&self.known);
        match &mut *known {
            Some(known) if is_late => known.is_believed &= known.since.elapsed() < PRIMARY_FRESH,
            _ => *known = None,
        }
    }

    fn ask(&self, sentinel: &Arc<Place>, dialer: &Dialer, until: Instant) -> Result<Arc<Place>, String> {
        let question: &[&[u8]] = &[b"SENTINEL", b"get-master-addr-by-name", self.name.as_bytes()];
        let mut connection = dialer.dial(sentinel, until).map_err(|lost| lost.why)?;
        let mut answer = connection.ask(question, until).map_err(|lost| lost.why)?;
        // Sentinels have passwords of their own, and mostly none.
        if let (Value::ServerError(error), Some(login)) = (&answer, &self.address.login)
            && error.code() == "NOAUTH"
        {
            // What else it says may be the password.
            if let Value::ServerError(error) = log_in(&mut connection, login, until).map_err(|lost| lost.why)? {
                let code = refusal(&error).code;
                return Err(format!(
                    "the Sentinel at {sentinel} does not take this user and password: it answers {}",
                    Excerpt(&code)
                ));
            }
            answer = connection.ask(question, until).map_err(|lost| lost.why)?;
        }
        match answer {
            Value::Array(words) => match words.as_slice() {
                [Value::BulkString(host), Value::BulkString(port)] => {
                    let host = String::from_utf8(host.clone()).ok();
                    let port = std::str::from_utf8(port).ok().and_then(|port| port.parse().ok());
                    host.zip(port).and_then(|(host, port)| Place::new(&host, port)).map(Arc::new)
                }
                _ => None,
            },
            Value::Nil => return Err(format!("the Sentinel at {sentinel} knows no {}", self.name)),
            Value::ServerError(error) => {
                return Err(format!("the Sentinel at {sentinel}: {}", refusal(&error).text));
            }
            _ => None,
        }
        .ok_or_else(|| format!("what is at {sentinel} is no Sentinel"))
    }
}

/// All of them, beginning with that one.
fn around(places: &[Arc<Place>], begin: usize) -> impl Iterator<Item = (usize, &Arc<Place>)> {
    places.iter().enumerate().cycle().skip(begin).take(places.len())
}
