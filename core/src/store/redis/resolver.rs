//! The addresses of names.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use super::address::Place;
use super::locked;
use super::time::left;

/// Asks the system's resolver. That knows no time-out, so a thread waits for it: one for a place at a time, whoever asks
/// meanwhile, since it may outlive many calls.
pub(super) struct Resolver {
    look_up: fn(&Place) -> io::Result<Vec<SocketAddr>>,
    under_way: Arc<Mutex<HashMap<Place, Arc<LookUp>>>>,
}

/// One for all who ask meanwhile.
#[derive(Default)]
struct LookUp {
    addresses: Mutex<Option<Result<Vec<SocketAddr>, String>>>,
    is_there: Condvar,
}

/// What the thread holds. However it ends, nobody waits for it any longer.
struct Ending {
    all: Arc<Mutex<HashMap<Place, Arc<LookUp>>>>,
    place: Place,
    look_up: Arc<LookUp>,
    addresses: Option<Result<Vec<SocketAddr>, String>>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        // Who asks from here on wants a new answer.
        locked(&self.all).remove(&self.place);
        let addresses = self.addresses.take().unwrap_or_else(|| Err("the resolver failed".to_owned()));
        *locked(&self.look_up.addresses) = Some(addresses);
        self.look_up.is_there.notify_all();
    }
}

impl Resolver {
    pub(super) fn new() -> Self {
        Self::of(|place| (place.host.as_str(), place.port).to_socket_addrs().map(Iterator::collect))
    }

    fn of(look_up: fn(&Place) -> io::Result<Vec<SocketAddr>>) -> Self {
        Self { look_up, under_way: Arc::default() }
    }

    pub(super) fn resolve(&self, place: &Place, until: Instant) -> io::Result<Vec<SocketAddr>> {
        if let Ok(address) = place.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, place.port)]);
        }
        let under_way = self.begin(place)?;
        let mut addresses = locked(&under_way.addresses);
        loop {
            match &*addresses {
                Some(addresses) => return addresses.clone().map_err(io::Error::other),
                None => {
                    let waited = under_way.is_there.wait_timeout(addresses, left(until)?);
                    addresses = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    /// The one that is under way, from now on at least.
    fn begin(&self, place: &Place) -> io::Result<Arc<LookUp>> {
        let mut under_way = locked(&self.under_way);
        if let Some(known) = under_way.get(place) {
            return Ok(Arc::clone(known));
        }
        let begun = Arc::new(LookUp::default());
        under_way.insert(place.clone(), Arc::clone(&begun));
        // Where there is no thread to be had, what would have ended it does so here, for which it needs the lock.
        drop(under_way);
        let (look_up, all) = (self.look_up, Arc::clone(&self.under_way));
        let mut ending = Ending { all, place: place.clone(), look_up: Arc::clone(&begun), addresses: None };
        let waits = move || ending.addresses = Some(look_up(&ending.place).map_err(|error| error.to_string()));
        std::thread::Builder::new().name("authwright-resolve".to_owned()).spawn(waits)?;
        Ok(begun)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    static LOOK_UPS: AtomicUsize = AtomicUsize::new(0);
    static IS_STUCK: Mutex<()> = Mutex::new(());

    fn place(host: &str) -> Place {
        Place { host: host.to_owned(), port: 1 }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(20)
    }

    fn look_up(place: &Place) -> io::Result<Vec<SocketAddr>> {
        LOOK_UPS.fetch_add(1, Ordering::Relaxed);
        drop(IS_STUCK.lock().unwrap());
        match place.host.as_str() {
            "panics" => panic!("as it was told to"),
            "name" => Ok(vec![([127, 0, 0, 1], place.port).into()]),
            _ => Err(io::Error::other("nobody")),
        }
    }

    #[test]
    fn one_thread_waits_for_a_resolver_that_is_stuck_however_many_ask() {
        let resolver = Resolver::of(look_up);
        let stuck = IS_STUCK.lock().unwrap();
        for host in ["name", "unknown"] {
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    let calls = || {
                        for _ in 0..5 {
                            let error = resolver.resolve(&place(host), soon()).unwrap_err();
                            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                        }
                    };
                    scope.spawn(calls);
                }
            });
        }
        assert!(LOOK_UPS.load(Ordering::Relaxed) <= 2);
        assert_eq!(resolver.resolve(&place("::1"), soon()).unwrap().len(), 1);

        // The threads end with their answers, and later calls have their own.
        drop(stuck);
        let patient = Instant::now() + Duration::from_secs(60);
        for _ in 0..2 {
            assert_eq!(resolver.resolve(&place("name"), patient).unwrap(), ["127.0.0.1:1".parse().unwrap()]);
            assert_eq!(resolver.resolve(&place("unknown"), patient).unwrap_err().to_string(), "nobody");
        }
        assert!(LOOK_UPS.load(Ordering::Relaxed) > 2);
        for _ in 0..2 {
            assert_eq!(resolver.resolve(&place("panics"), patient).unwrap_err().to_string(), "the resolver failed");
        }
        assert!(locked(&resolver.under_way).is_empty());
    }
}
