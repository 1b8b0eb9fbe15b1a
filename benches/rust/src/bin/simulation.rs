//! Ten thousand verifiers of one issuer on virtual time: a rotation, an outage of an hour, and a flood of invented key ids with
//! a second rotation in the middle of it. What the issuer sees, and what its users notice, as JSON on standard output.
//!
//! `AW_SIMULATED` sets another number of verifiers. All that is random comes from one seed, save the keys.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use authwright_core::operation::{Effect, EffectKind, Failure, Operation, Request, Response, Sent, Step, Wait};
use authwright_core::{Algorithm, Code, Error, Key, KeySet, Policy, Signer, SignerOptions, Token, Verifier};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;

const ISSUER: &str = "https://id.example";
const START: u64 = 1_700_000_000_000;
const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;

/// The shortest and the longest time that a verifier waits after a fetch.
const COOLDOWN: u64 = 30 * SECOND;
const LONGEST_COOLDOWN: u64 = COOLDOWN + COOLDOWN / 4;

/// What happens, in minutes from the beginning. New keys sign from the moment that they are published: the worst case.
const FIRST_ROTATION: u64 = 30;
const FIRST_KEY_GONE: u64 = 40;
const OUTAGE: Range<u64> = 60..120;
/// From then on connections are not refused any more: nobody answers.
const SILENCE: u64 = 90;
const FLOOD: Range<u64> = 140..150;
const SECOND_ROTATION: u64 = 145;
const END: u64 = 160;

/// One in so many senders hangs up while its token waits for keys.
const HANG_UP: u64 = 20;

/// How often tokens come to a verifier, on the average.
const BETWEEN_GOOD: u64 = MINUTE;
const BETWEEN_FORGED: u64 = 2 * SECOND;

fn main() {
    let count = std::env::var("AW_SIMULATED").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let mut world = World::new(count);
    world.run();
    println!("{}", world.report());
}

struct World {
    now: u64,
    /// The state of splitmix64.
    random: u64,
    issuer: Issuer,
    sites: Vec<Site>,
    /// By time; the second number keeps what is planned for one instant in its order.
    calendar: BinaryHeap<Reverse<(u64, u64, usize, Event)>>,
    planned: u64,
    /// Operations whose signal came.
    woken: Arc<Mutex<Vec<(usize, u64)>>>,
    forged_rest: String,
    tally: Tally,
}

/// One of the programs that verify.
struct Site {
    verifier: Verifier,
    running: BTreeMap<u64, Running>,
    /// When its last fetch began.
    fetched: Option<u64>,
    /// When its last fetch that brought keys began.
    served: Option<u64>,
    /// Whether the last fetch was cut off in the middle, so that another goes on for it.
    lost: bool,
}

struct Running {
    work: Work,
    began: u64,
    request: Option<Request>,
    requests: u32,
}

enum Work {
    Verify { operation: Operation<Token>, is_good: bool },
    Refresh(Operation<()>),
}

enum After {
    Send(u64, Request),
    Wait(Wait),
    /// With the verdict, and whether the token was a good one.
    Over(Option<(bool, Result<Token, Error>)>),
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Good,
    Forged,
    /// The answer to a request, or the time to give it up.
    Answer {
        operation: u64,
        effect: u64,
    },
    Step {
        operation: u64,
    },
    HangUp {
        operation: u64,
    },
}

#[derive(Default)]
struct Tally {
    good: u64,
    forged: u64,
    /// Good tokens that could not be judged because the issuer had answered less than a cooldown ago, without their key.
    in_cooldown: u64,
    /// Tokens whose sender hung up before the verdict.
    cancelled: u64,
    /// Good tokens that were refused otherwise, by code.
    refused: BTreeMap<String, u64>,
    forged_accepted: u64,
    longest_wait: u64,
    waited: u64,
    fetches: u64,
    shortest_pause: Option<u64>,
    /// Fetches in each second.
    seconds: BTreeMap<u64, u64>,
}

impl World {
    fn new(count: usize) -> World {
        let issuer = Issuer::new();
        let forged_rest = issuer.tokens[0].split_once('.').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        let mut world = World {
            now: START,
            random: 42,
            issuer,
            sites: Vec::new(),
            calendar: BinaryHeap::new(),
            planned: 0,
            woken: Arc::default(),
            forged_rest,
            tally: Tally::default(),
        };
        for site in 0..count {
            let policy = Policy::from_json(r#"{"audience":"api"}"#).expect("a policy");
            let verifier = Verifier::discover(ISSUER, policy, site as u64).expect("a verifier");
            world.sites.push(Site { verifier, running: BTreeMap::new(), fetched: None, served: None, lost: false });
            let first = START + world.below(MINUTE);
            world.plan(first, site, Event::Good);
            let flood = START + FLOOD.start * MINUTE + world.below(BETWEEN_FORGED);
            world.plan(flood, site, Event::Forged);
        }
        world
    }

    fn run(&mut self) {
        while let Some(Reverse((time, _, site, event))) = self.calendar.pop() {
            self.now = time;
            if self.minute() >= END {
                break;
            }
            match event {
                Event::Good => {
                    self.tally.good += 1;
                    let token = self.issuer.token(self.minute()).to_owned();
                    self.arrive(site, &token, true);
                    let next = self.now + BETWEEN_GOOD / 2 + self.below(BETWEEN_GOOD);
                    self.plan(next, site, Event::Good);
                }
                Event::Forged => {
                    self.tally.forged += 1;
                    let token = self.forged();
                    self.arrive(site, &token, false);
                    let next = self.now + BETWEEN_FORGED / 2 + self.below(BETWEEN_FORGED);
                    if next < START + FLOOD.end * MINUTE {
                        self.plan(next, site, Event::Forged);
                    }
                }
                Event::Answer { operation, effect } => self.answer(site, operation, effect),
                Event::Step { operation } => self.step(site, operation),
                Event::HangUp { operation } => {
                    if let Some(cancelled) = self.sites[site].running.remove(&operation) {
                        self.tally.cancelled += 1;
                        self.sites[site].lost |= cancelled.requests > 0;
                    }
                }
            }
            loop {
                let woken = std::mem::take(&mut *self.woken.lock().unwrap_or_else(PoisonError::into_inner));
                if woken.is_empty() {
                    break;
                }
                woken.into_iter().for_each(|(site, operation)| self.step(site, operation));
            }
        }
    }

    /// A token comes in.
    fn arrive(&mut self, site: usize, token: &str, is_good: bool) {
        let verifier = &self.sites[site].verifier;
        match verifier.verify(token, (self.now / SECOND) as i64) {
            Err(error) if error.code() == Code::KeysNeeded => {
                let operation = verifier.verify_fetching(token, None, self.now + 10 * SECOND);
                self.begin(site, Work::Verify { operation, is_good });
            }
            verdict => self.note(site, self.now, is_good, verdict),
        }
        let due = self.sites[site].verifier.remote_keys().and_then(|keys| keys.refresh_ahead(self.now));
        if let Some(operation) = due {
            self.begin(site, Work::Refresh(operation));
        }
    }

    fn begin(&mut self, site: usize, work: Work) {
        self.planned += 1;
        let operation = self.planned;
        if matches!(work, Work::Verify { .. }) && self.below(HANG_UP) == 0 {
            let time = self.now + 1 + self.below(200);
            self.plan(time, site, Event::HangUp { operation });
        }
        self.sites[site].running.insert(operation, Running { work, began: self.now, request: None, requests: 0 });
        self.step(site, operation);
    }

    fn step(&mut self, site: usize, operation: u64) {
        let Some(running) = self.sites[site].running.get_mut(&operation) else { return };
        match running.work.step(self.now) {
            After::Send(..) if running.request.is_some() => {}
            After::Send(effect, request) => {
                running.request = Some(request.clone());
                running.requests += 1;
                if running.requests == 1 {
                    self.fetch_begins(site);
                }
                let delay = match self.minute() {
                    minute if !OUTAGE.contains(&minute) => 20 + self.below(180),
                    minute if minute < SILENCE => 5,
                    _ => request.deadline.saturating_sub(self.now).saturating_sub(1),
                };
                self.plan(self.now + delay, site, Event::Answer { operation, effect });
            }
            After::Wait(wait) => {
                let woken = Arc::clone(&self.woken);
                let wake = move || woken.lock().unwrap_or_else(PoisonError::into_inner).push((site, operation));
                wait.signal.notify(Box::new(wake));
                self.plan(wait.until, site, Event::Step { operation });
            }
            After::Over(verdict) => {
                let began = running.began;
                self.sites[site].running.remove(&operation);
                if let Some((is_good, verdict)) = verdict {
                    self.note(site, began, is_good, verdict);
                }
            }
        }
    }

    fn answer(&mut self, site: usize, operation: u64, effect: u64) {
        let minute = self.minute();
        let Some(running) = self.sites[site].running.get_mut(&operation) else { return };
        let Some(request) = running.request.take() else { return };
        let outcome = self.issuer.answer(&request, minute);
        let brings_keys = outcome.is_ok() && request.url.ends_with("/jwks");
        // An operation whose time came first has no outstanding effect any more, and says so when it is stepped.
        let _ = match &mut running.work {
            Work::Verify { operation, .. } => operation.resume(effect, self.now, outcome),
            Work::Refresh(operation) => operation.resume(effect, self.now, outcome),
        };
        if brings_keys {
            self.sites[site].served = self.sites[site].fetched;
        }
        self.step(site, operation);
    }

    fn fetch_begins(&mut self, site: usize) {
        *self.tally.seconds.entry((self.now - START) / SECOND).or_default() += 1;
        self.tally.fetches += 1;
        let lost = std::mem::take(&mut self.sites[site].lost);
        if let Some(last) = self.sites[site].fetched.replace(self.now).filter(|_| !lost) {
            let pause = self.now - last;
            self.tally.shortest_pause = Some(self.tally.shortest_pause.map_or(pause, |shortest| shortest.min(pause)));
        }
    }

    fn note(&mut self, site: usize, began: u64, is_good: bool, verdict: Result<Token, Error>) {
        if !is_good {
            self.tally.forged_accepted += u64::from(verdict.is_ok());
            return;
        }
        let wait = self.now - began;
        self.tally.waited += u64::from(wait > 0);
        self.tally.longest_wait = self.tally.longest_wait.max(wait);
        let Err(error) = verdict else { return };
        // Where the issuer could not be asked, it is no excuse that it was asked.
        let is_spent = self.sites[site].served.is_some_and(|last| last < began && self.now - last <= LONGEST_COOLDOWN);
        if error.code() == Code::KeysNeeded && is_spent {
            self.tally.in_cooldown += 1;
        } else {
            *self.tally.refused.entry(format!("{} in minute {}", error.code(), self.minute())).or_default() += 1;
        }
    }

    fn report(&self) -> serde_json::Value {
        let tally = &self.tally;
        let in_minutes = |range: Range<u64>| -> u64 {
            tally.seconds.range(range.start * 60..range.end * 60).map(|(_, count)| count).sum()
        };
        let most = |range: Range<u64>| {
            tally.seconds.range(range.start * 60..range.end * 60).map(|(_, count)| *count).max().unwrap_or(0)
        };
        json!({
            "verifiers": self.sites.len(),
            "virtual_minutes": END,
            "good_tokens": tally.good,
            "forged_tokens": tally.forged,
            "forged_accepted": tally.forged_accepted,
            "good_refused_outside_a_spent_cooldown": tally.refused.values().sum::<u64>(),
            "refused": tally.refused,
            "good_without_verdict_in_a_spent_cooldown": tally.in_cooldown,
            "cancelled": tally.cancelled,
            "good_that_waited": tally.waited,
            "longest_wait_ms": tally.longest_wait,
            "fetches": tally.fetches,
            "shortest_pause_of_a_verifier_ms": tally.shortest_pause,
            "cooldown_ms": COOLDOWN,
            "fetches_by_phase": {
                "start": in_minutes(0..FIRST_ROTATION),
                "rotation": in_minutes(FIRST_ROTATION..OUTAGE.start),
                "outage": in_minutes(OUTAGE),
                "recovery": in_minutes(OUTAGE.end..FLOOD.start),
                "flood": in_minutes(FLOOD),
                "after": in_minutes(FLOOD.end..END),
            },
            "most_fetches_in_a_second": {
                "start": most(0..1),
                "steady": most(1..FIRST_ROTATION),
                "rotation": most(FIRST_ROTATION..FIRST_KEY_GONE),
                "outage": most(OUTAGE),
                "recovery": most(OUTAGE.end..FLOOD.start),
                "flood": most(FLOOD),
            },
        })
    }

    /// A token whose `kid` nobody has. The signature is worth nothing, so that it may be any.
    fn forged(&mut self) -> String {
        let header = format!(r#"{{"alg":"RS256","kid":"forged-{}"}}"#, self.below(u64::MAX));
        format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), self.forged_rest)
    }

    fn plan(&mut self, time: u64, site: usize, event: Event) {
        self.planned += 1;
        self.calendar.push(Reverse((time, self.planned, site, event)));
    }

    fn minute(&self) -> u64 {
        (self.now - START) / MINUTE
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

impl Work {
    fn step(&mut self, now: u64) -> After {
        let send = |effect: &Effect| match &effect.kind {
            EffectKind::Send(request) => After::Send(effect.id, request.clone()),
            _ => unreachable!("there is no other kind"),
        };
        match self {
            Self::Verify { operation, is_good } => match operation.step(now) {
                Step::Effect(effect) => send(effect),
                Step::Wait(wait) => After::Wait(wait),
                Step::Done(token) => After::Over(Some((*is_good, Ok(token)))),
                Step::Failed(error) => After::Over(Some((*is_good, Err(error)))),
            },
            Self::Refresh(operation) => match operation.step(now) {
                Step::Effect(effect) => send(effect),
                Step::Wait(wait) => After::Wait(wait),
                Step::Done(()) | Step::Failed(_) => After::Over(None),
            },
        }
    }
}

/// The issuer: three keys, one after the other.
struct Issuer {
    /// What it publishes in each of its phases.
    sets: [String; 4],
    tokens: [String; 3],
}

impl Issuer {
    fn new() -> Issuer {
        let keys = [0, 1, 2].map(|n| Key::generate(Algorithm::RS256, Some(&format!("key-{n}")), None).expect("a key"));
        let tokens = [0, 1, 2].map(|n| {
            let options = SignerOptions::new().issuer(ISSUER).audience("api").lifetime(Duration::from_secs(86_400));
            let signer = Signer::new(&keys[n], options).expect("a signer");
            signer.sign_json(r#"{"sub":"alice"}"#, (START / SECOND) as i64).expect("a token")
        });
        let sets = [0..1, 0..2, 1..2, 1..3].map(|range| KeySet::new(keys[range].to_vec()).to_json());
        Issuer { sets, tokens }
    }

    fn token(&self, minute: u64) -> &str {
        let key = usize::from(minute >= FIRST_ROTATION) + usize::from(minute >= SECOND_ROTATION);
        &self.tokens[key]
    }

    fn answer(&self, request: &Request, minute: u64) -> Result<Response, Failure> {
        if OUTAGE.contains(&minute) {
            return Err(if minute < SILENCE {
                Failure::transport(Sent::Not, "connection refused")
            } else {
                Failure::deadline(Sent::Maybe)
            });
        }
        let body = if request.url.ends_with("/jwks") {
            let phase =
                [FIRST_ROTATION, FIRST_KEY_GONE, SECOND_ROTATION].into_iter().filter(|begin| minute >= *begin).count();
            self.sets[phase].clone()
        } else {
            json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/jwks") }).to_string()
        };
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Ok(Response::new(200, headers, body.into_bytes()))
    }
}
