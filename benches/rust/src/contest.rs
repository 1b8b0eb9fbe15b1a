//! One contest: several ways to do the same work, measured in turns.
//!
//! Every round measures every contestant once, beginning with another one each time, so that a change of the
//! processor's clock or a neighbour's noise meets all of them alike. What is kept is the thread's own CPU time per call
//! of every round; medians and ratios are taken when the report is written.

use std::hint::black_box;

use serde::Serialize;

/// How long and how often to measure.
#[derive(Clone, Copy)]
pub struct Effort {
    /// Rounds kept.
    pub rounds: usize,
    /// The least CPU time one sample of one contestant takes, in nanoseconds.
    pub sample: u64,
}

impl Effort {
    /// The effort asked for by `AW_BENCH_ROUNDS` and `AW_BENCH_SAMPLE_US`, or the usual one.
    pub fn from_environment() -> Effort {
        let number =
            |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
        Effort { rounds: number("AW_BENCH_ROUNDS", 101) as usize, sample: number("AW_BENCH_SAMPLE_US", 2000) * 1000 }
    }
}

/// A contestant's results, as they are written to the raw file.
#[derive(Serialize)]
pub struct Outcome {
    name: String,
    ours: bool,
    calls: u64,
    ns: Vec<f64>,
}

/// A finished contest.
#[derive(Serialize)]
pub struct Group {
    name: String,
    contestants: Vec<Outcome>,
}

struct Contestant {
    name: String,
    ours: bool,
    calls: u64,
    run: Box<dyn FnMut(u64)>,
    ns: Vec<f64>,
}

/// A contest that is being set up.
pub struct Contest {
    name: String,
    contestants: Vec<Contestant>,
}

impl Contest {
    /// An empty contest.
    pub fn new(name: impl Into<String>) -> Contest {
        Contest { name: name.into(), contestants: Vec::new() }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds somebody else's way: a peer, or the bare primitive.
    pub fn peer<T>(&mut self, name: &str, work: impl FnMut() -> T + 'static) {
        self.add(name, false, work);
    }

    /// Adds one of our ways.
    pub fn ours<T>(&mut self, name: &str, work: impl FnMut() -> T + 'static) {
        self.add(name, true, work);
    }

    /// Adds one of our ways that makes all the calls of a sample itself.
    pub fn ours_in_samples(&mut self, name: &str, run: impl FnMut(u64) + 'static) {
        self.push(name, true, Box::new(run));
    }

    fn add<T>(&mut self, name: &str, ours: bool, mut work: impl FnMut() -> T + 'static) {
        let run = move |calls| {
            for _ in 0..calls {
                black_box(work());
            }
        };
        self.push(name, ours, Box::new(run));
    }

    fn push(&mut self, name: &str, ours: bool, run: Box<dyn FnMut(u64)>) {
        self.contestants.push(Contestant { name: name.to_owned(), ours, calls: 1, run, ns: Vec::new() });
    }

    /// Warms up, measures, and tells.
    pub fn run(mut self, effort: Effort) -> Group {
        for contestant in &mut self.contestants {
            contestant.calibrate(effort.sample);
        }
        for round in 0..effort.rounds {
            for turn in 0..self.contestants.len() {
                let index = (round + turn) % self.contestants.len();
                let contestant = &mut self.contestants[index];
                let spent = contestant.spend(contestant.calls);
                contestant.ns.push(spent as f64 / contestant.calls as f64);
            }
        }
        eprintln!("  {}", self.name);
        for contestant in &self.contestants {
            eprintln!("    {:<52} {:>10.0} ns", contestant.name, median(&contestant.ns));
        }
        let contestants = self.contestants.into_iter();
        let contestants =
            contestants.map(|c| Outcome { name: c.name, ours: c.ours, calls: c.calls, ns: c.ns }).collect();
        Group { name: self.name, contestants }
    }
}

impl Contestant {
    /// Warms up, and finds the number of calls that fills one sample. One long sample is not believed: a first call that
    /// loads and initialises things may take longer than all the calls of a sample together.
    fn calibrate(&mut self, sample: u64) {
        let mut filled = 0;
        while filled < 3 {
            let spent = self.spend(self.calls).max(1);
            if spent >= sample {
                filled += 1;
                continue;
            }
            filled = 0;
            let wanted = self.calls * sample / spent;
            self.calls = (wanted + 1).clamp(self.calls + 1, self.calls * 10);
        }
    }

    fn spend(&mut self, calls: u64) -> u64 {
        let start = thread_cpu_ns();
        (self.run)(calls);
        thread_cpu_ns() - start
    }
}

/// The CPU time this thread has had, in nanoseconds.
pub fn thread_cpu_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec, which the call fills in.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
