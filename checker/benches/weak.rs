//! How fast weak consistency models are judged: `cargo bench -p rashomon-checker --bench weak`.
//! After `--`, a word prints only the lines with it.
//!
//! One thread, 20 sessions, 10^4, 10^5 and 10^6 operations on a thousand keys, half of them writes of values
//! that are all different. *Lagging*: each session reads a replica that lags behind one log, so that the
//! history is sequentially consistent and not linearizable. *Fresh*: reads are of the last write. The
//! baseline, measured in the same run, is naming the write of each read, which all checks of sessions
//! need. Times are the best of three. The figures to reach: of 10^6 operations the session guarantees in
//! less than 0.5 s, causal consistency in less than 2 s and 300 MB.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::cast_possible_truncation, reason = "sessions and keys are few")]
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

mod peak;

use std::time::{Duration, Instant};

use rashomon_checker::consistency::StalenessBound;
use rashomon_checker::k_atomic::{self, Versioned};
use rashomon_checker::linearizability::{Options, Witnesses};
use rashomon_checker::weak::{SessionView, WeakJudgement, session_view};
use rashomon_checker::{
    Budget, Event, EventKind, History, ModelKind, ProcessId, Time, Value, bounded, causal, pram,
    prefix, regular, safe, sequential, sessions,
};

#[global_allocator]
static ALLOCATOR: peak::Counted = peak::Counted;

const SESSIONS: u64 = 20;
const KEYS: u64 = 1_000;

fn main() {
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    one_thread.expect("there can be a thread").install(run);
}

fn run() {
    println!("| check | operations | answer | time | to the baseline | aim | peak |");
    println!("|---|---|---|---|---|---|---|");
    for operations in [10_000, 100_000, 1_000_000] {
        for lag in [200, 0] {
            let history = history(operations, lag);
            rows(&history, if lag > 0 { "lagging" } else { "fresh" });
        }
    }
}

fn rows(history: &History, kind: &str) {
    let budget = Budget::default();
    let options = Options { witnesses: Witnesses::AsFound, ..Options::default() };
    let view = session_view(history).expect("reads name their writes");
    let SessionView { sessions: these, ops } = &view;
    let bench = Bench { kind, operations: history.len(), baseline: baseline(history) };
    let told = |judgements: &[WeakJudgement]| {
        let one = |it: &WeakJudgement| match it {
            WeakJudgement::Holds => "holds".to_owned(),
            WeakJudgement::Broken(breach) => format!("broken by {}", breach.ops.len()),
            WeakJudgement::Undecided(why) => why.clone(),
        };
        let mut all: Vec<String> = judgements.iter().map(one).collect();
        all.dedup();
        all.join(", ")
    };
    bench.row("name the writes", "", || {
        format!("{} sessions", session_view(history).map_or(0, |it| it.sessions.count()))
    });
    bench.row("session guarantees", "0.5 s", || told(&sessions::check(these, &budget)));
    bench.row("causal, convergence", "2 s, 300 MB", || told(&causal::check(these, &budget)));
    bench.row("pram", "", || told(&[pram::check(these, &budget)]));
    bench.row("causal memory", "", || told(&[causal::check_memory(these, &budget)]));
    bench.row("sequential", "", || told(&[sequential::check(these, ops, &budget)]));
    bench.row("regular", "", || regular::check(history, &options).verdict.name().to_owned());
    bench.row("safe", "", || safe::check(history, &options).verdict.name().to_owned());
    bench.row("bounded staleness: 1 ms", "", || {
        let bound = StalenessBound::LEAST;
        bounded::check(history, ModelKind::Register, bound, &options).name().to_owned()
    });
    bench.row("prefix, as any object", "", || {
        prefix::check_objects(history, ModelKind::Register, &options).name().to_owned()
    });
    bench.row("prefix", "", || prefix::check(history, &options).verdict.name().to_owned());
    bench.row("k-atomicity, staleness", "2 s", || {
        let measured = k_atomic::measure(&Versioned::new(history, &view, &budget));
        format!("k from {:?} to {:?}", measured.k_least, measured.k_most)
    });
}

/// What is the same in all lines of one history.
struct Bench<'a> {
    kind: &'a str,
    operations: usize,
    baseline: Duration,
}

impl Bench<'_> {
    fn row(&self, name: &str, aim: &str, mut judge: impl FnMut() -> String) {
        let name = format!("{name} ({})", self.kind);
        let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--")).peekable();
        if words.peek().is_some() && !words.any(|word| name.contains(&word)) {
            return;
        }
        let mut answer = String::new();
        let peak = peak::of(|| answer = judge());
        let time = best(|| drop(judge()));
        let ratio = time.as_secs_f64() / self.baseline.as_secs_f64();
        println!(
            "| {name} | {} | {answer} | {:.1} ms | {ratio:.2} | {aim} | {} MB |",
            self.operations,
            time.as_secs_f64() * 1e3,
            peak.div_ceil(1_000_000)
        );
    }
}

fn baseline(history: &History) -> Duration {
    best(|| drop(session_view(history)))
}

/// The best of up to three runs, or of as many as begin within two seconds.
fn best(mut run: impl FnMut()) -> Duration {
    let start = Instant::now();
    let mut times = Vec::new();
    while times.is_empty() || times.len() < 3 && start.elapsed() < Duration::from_secs(2) {
        let before = Instant::now();
        run();
        times.push(before.elapsed());
    }
    times.into_iter().min().unwrap_or_default()
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// What `operations` operations do whose effects are 100 ns apart; reads are up to `lag` writes late.
fn history(operations: u64, lag: u64) -> History {
    let chance = &mut Chance(operations + lag);
    // For each key its writes: their places in the log, and their values.
    let mut log: Vec<Vec<(u64, i64)>> = vec![Vec::new(); usize::try_from(KEYS).unwrap_or(0)];
    let mut written = 0;
    let (mut free, mut reached) = ([0; SESSIONS as usize], [0; SESSIONS as usize]);
    let mut events = Vec::new();
    for at in 1..=operations {
        let (key, now) = (chance.below(KEYS), at * 100);
        let first = chance.below(SESSIONS) as usize;
        let in_turn = (first..free.len()).chain(0..first);
        let place = in_turn.into_iter().find(|&it| free[it] < now).expect("nine are busy at most");
        let to = key as usize;
        let (argument, ret, f);
        if chance.below(2) == 0 {
            written += 1;
            reached[place] = written;
            let value = i64::try_from(written).unwrap_or(0);
            log[to].push((written, value));
            (argument, ret, f) = (Value::Int(value), Value::Nil, "write");
        } else {
            let late = if lag == 0 { 0 } else { chance.below(lag) };
            reached[place] = reached[place].max(written.saturating_sub(late));
            let seen = log[to].partition_point(|&(it, _)| it <= reached[place]);
            let value = seen.checked_sub(1).map(|it| Value::Int(log[to][it].1));
            (argument, ret, f) = (Value::Nil, value.unwrap_or(Value::Nil), "read");
        }
        let begun = (now - chance.below(now.min(900))).max(free[place] + 1);
        let ended = now + chance.below(900) + 1;
        free[place] = ended;
        let event = |time, kind, value| Event {
            key: Some(Value::Int(i64::try_from(key).unwrap_or(0))),
            time: Time(time),
            ..Event::new(0, ProcessId(u32::try_from(place).unwrap_or(0)), kind, f, value)
        };
        events.push(event(begun, EventKind::Invoke, argument));
        events.push(event(ended, EventKind::Ok, ret));
    }
    events.sort_by_key(|event| event.time);
    let numbered = (0u64..).zip(events).map(|(index, event)| Event { index, ..event });
    History::from_events(numbered).expect("a session does one thing at a time")
}
