//! How fast transactions are judged: `cargo bench -p rashomon-checker --bench transactions`.
//! After `--`, a word prints only the lines with it.
//!
//! One thread, 20 processes, 10^4, 10^5 and 10^6 transactions of two or three micro-operations each on lists,
//! half of them reads. Ten keys are in use at a time, and a key takes 32 appends (Elle's own generator does
//! the same by default). *Valid*: each takes effect at one instant while it runs. *Stale*: of the reads 2 in a
//! hundred are of a list that was two elements shorter. The same on registers: what appends writes, and a read
//! is of what was written last. The baseline, measured in the same run, is making the history of its events.
//! The figures to reach for 10^6: judged in less than 5 s and 1.5 GB, an invalid history in less than twice
//! that; registers in less than 10 s. *Loading*: the same history, valid, from the text of an EDN file and from JSON
//! lines, to reach in 2 s and 300 MB.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

mod peak;

use std::time::{Duration, Instant};

use rashomon_checker::formats::{ReadOptions, edn, json, load};
use rashomon_checker::{Budget, Event, EventKind, History, ProcessId, Time, Value, transactions};

#[global_allocator]
static ALLOCATOR: peak::Counted = peak::Counted;

const PROCESSES: usize = 20;
const KEYS: u32 = 10;
const APPENDS: usize = 32;

fn main() {
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    one_thread.expect("there can be a thread").install(run);
}

fn run() {
    println!("| history | transactions | answer | time | to the baseline | aim | peak |");
    println!("|---|---|---|---|---|---|---|");
    for transactions in [10_000, 100_000, 1_000_000] {
        for (object, kind, stale_percent, aim) in [
            (Object::List, "valid", 0, 5),
            (Object::List, "stale", 2, 10),
            (Object::Register, "registers-valid", 0, 10),
            (Object::Register, "registers-stale", 2, 10),
        ] {
            let mut words =
                std::env::args().skip(1).filter(|word| !word.starts_with("--")).peekable();
            let name = format!("{kind} {transactions}");
            if words.peek().is_some() && !words.any(|word| name.contains(&word)) {
                continue;
            }
            let events = events(object, transactions, stale_percent);
            if stale_percent == 0 {
                loading(&format!("{kind}, loading EDN"), &events, edn::push_event);
                loading(&format!("{kind}, loading JSON"), &events, json::push_event);
            }
            let before = Instant::now();
            let history = History::from_events(events).expect("a process does one thing at a time");
            row(kind, &history, before.elapsed(), aim);
        }
    }
}

fn row(kind: &str, history: &History, baseline: Duration, aim: u64) {
    let judge = || match transactions::check(history, &Budget::default()) {
        Err(doubt) => doubt.to_string(),
        Ok(report) if report.anomalies.is_empty() => "no anomaly".to_owned(),
        Ok(report) => {
            let classes = report.anomalies.iter().map(|it| it.class.name());
            classes.collect::<Vec<_>>().join(", ")
        }
    };
    let mut answer = String::new();
    let before = Instant::now();
    let peak = peak::of(|| answer = judge());
    let time = before.elapsed();
    let ratio = time.as_secs_f64() / baseline.as_secs_f64();
    let aim = if history.len() == 1_000_000 { format!("{aim} s") } else { String::new() };
    println!(
        "| {kind} | {} | {answer} | {:.1} ms | {ratio:.2} | {aim} | {} MB |",
        history.len(),
        time.as_secs_f64() * 1e3,
        peak.div_ceil(1_000_000)
    );
}

/// Reads a file of these events, which is in memory; the baseline is to make a history of the events.
fn loading(kind: &str, events: &[Event], push: fn(&mut String, &Event)) {
    let mut file = String::new();
    for event in events {
        push(&mut file, event);
    }
    let again = events.to_vec();
    let before = Instant::now();
    let transactions = History::from_events(again).expect("it was one before").len();
    let baseline = before.elapsed();
    let mut loaded = None;
    let before = Instant::now();
    let options = ReadOptions::default();
    let peak = peak::of(|| loaded = load(file.as_bytes(), &options).ok());
    let time = before.elapsed();
    assert_eq!(loaded.map(|it| it.history.len()), Some(transactions));
    let aim = if transactions == 1_000_000 { "2 s, 300 MB" } else { "" };
    println!(
        "| {kind} | {transactions} | {} MB of text | {:.1} ms | {:.2} | {aim} | {} MB |",
        file.len().div_ceil(1_000_000),
        time.as_secs_f64() * 1e3,
        time.as_secs_f64() / baseline.as_secs_f64(),
        peak.div_ceil(1_000_000)
    );
}

/// What transactions read and update.
#[derive(Clone, Copy)]
enum Object {
    List,
    Register,
}

impl Object {
    fn update(self) -> &'static str {
        match self {
            Self::List => "append",
            Self::Register => "w",
        }
    }

    /// What is read after these updates.
    fn read(self, updates: &[Value]) -> Value {
        match self {
            Self::List => Value::list(updates.iter().cloned()),
            Self::Register => updates.last().cloned().unwrap_or(Value::Nil),
        }
    }
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

    fn place(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).unwrap_or(0)
    }
}

/// What `transactions` transactions do whose effects are 1 us apart.
fn events(object: Object, transactions: u64, stale_percent: u64) -> Vec<Event> {
    let chance = &mut Chance(transactions + stale_percent);
    let mut lists: Vec<(i64, Vec<Value>)> =
        (0..KEYS).map(|key| (i64::from(key), Vec::new())).collect();
    let mut fresh = i64::from(KEYS);
    let mut free = [0; PROCESSES];
    let mut events = Vec::new();
    for at in 1..=transactions {
        let now = at * 1_000;
        let first = chance.place(free.len());
        let in_turn = (first..free.len()).chain(0..first);
        let process =
            in_turn.into_iter().find(|&it| free[it] < now).expect("nine are busy at most");
        let (mut asked, mut done) = (Vec::new(), Vec::new());
        for _ in 0..2 + chance.below(2) {
            let place = chance.place(lists.len());
            let (key, list) = &mut lists[place];
            let part = |f: &str, value: Value| Value::list([f.into(), Value::Int(*key), value]);
            if chance.below(2) == 0 {
                let element = Value::Int(i64::try_from(list.len()).unwrap_or(0) + 1);
                list.push(element.clone());
                asked.push(part(object.update(), element.clone()));
                done.push(part(object.update(), element));
                if list.len() == APPENDS {
                    lists[place] = (fresh, Vec::new());
                    fresh += 1;
                }
            } else {
                let is_stale = chance.below(100) < stale_percent;
                let seen = list.len().saturating_sub(if is_stale { 2 } else { 0 });
                asked.push(part("r", Value::Nil));
                done.push(part("r", object.read(&list[..seen])));
            }
        }
        let begun = (now - chance.below(now.min(9_000))).max(free[process] + 1);
        let ended = now + chance.below(9_000) + 1;
        free[process] = ended;
        let process = ProcessId(u32::try_from(process).unwrap_or(0));
        let event = |time, kind, value| Event {
            time: Time(time),
            ..Event::new(0, process, kind, "txn", Value::list(value))
        };
        events.push(event(begun, EventKind::Invoke, asked));
        events.push(event(ended, EventKind::Ok, done));
    }
    events.sort_by_key(|event| event.time);
    for (index, event) in (0..).zip(&mut events) {
        event.index = index;
    }
    events
}
