//! A budget is for a whole history: judging it, and telling what is wrong with it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rashomon_checker::linearizability::{self, Keys, Options};
use rashomon_checker::{
    Budget, Doubt, Event, EventKind, History, ModelKind, ProcessId, Stop, Value, Verdict, verify,
};

/// Events on one key at a time, numbered as they come.
#[derive(Default)]
struct Log(Vec<Event>);

impl Log {
    fn add(&mut self, key: i64, process: u32, kind: EventKind, f: &str, value: Value) {
        let event = Event::new(self.0.len() as u64, ProcessId(process), kind, f, value);
        self.0.push(Event { key: Some(Value::Int(key)), ..event });
    }

    /// Writes in flight together, `wide` of them, and `reads` reads of seven values in turn: each uses
    /// up a write.
    fn crowd(&mut self, key: i64, wide: u32, reads: u32) {
        let first = 1_000 * u32::try_from(key).unwrap();
        for at in 0..wide {
            let value = Value::Int(i64::from(at % 7));
            self.add(key, first + at, EventKind::Invoke, "write", value);
        }
        for at in 0..reads {
            let reader = first + wide;
            self.add(key, reader, EventKind::Invoke, "read", Value::Nil);
            self.add(key, reader, EventKind::Ok, "read", Value::Int(i64::from(at % 7)));
        }
        for at in 0..wide {
            self.add(key, first + at, EventKind::Ok, "write", Value::Nil);
        }
    }

    /// More reads than writes can explain, which takes a search through all orders of the writes, as
    /// there is a swap that found something else.
    fn hard(&mut self, key: i64, wide: u32) {
        let process = 1_000 * u32::try_from(key).unwrap();
        let swap = Value::list([Value::Int(1), Value::Int(2)]);
        self.add(key, process, EventKind::Invoke, "cas", swap);
        self.add(key, process, EventKind::Ok, "cas", Value::Bool(false));
        self.crowd(key, wide, wide + 2);
    }

    /// A write, and a read of another value: two operations, which no order explains.
    fn wrong(&mut self, key: i64) {
        let process = 1_000 * u32::try_from(key).unwrap();
        for (f, value) in [("write", 1), ("write", 1), ("read", 2)] {
            self.add(key, process, EventKind::Invoke, f, Value::Int(value));
            self.add(key, process, EventKind::Ok, f, Value::Int(value));
        }
    }

    fn history(self) -> History {
        History::from_events(self.0).unwrap()
    }
}

fn options(configurations: u64) -> Options {
    Options { budget: Budget { configurations, ..Budget::default() }, ..Options::default() }
}

fn visited(history: &History, options: &Options) -> u64 {
    let report = linearizability::check(history, ModelKind::CasRegister, options);
    report.parts.iter().map(|part| part.configurations).sum()
}

#[test]
fn many_hard_keys_share_one_budget() {
    let mut log = Log::default();
    (0..30).for_each(|key| log.hard(key, 24));
    let history = log.history();
    for configurations in [100_000, 300_000] {
        let visited = visited(&history, &options(configurations));
        // The first round is beside the budget: it grows with the history.
        let first = 30 * (2_000 + 16 * 2 * 50);
        assert!(visited <= configurations + first, "{visited} of {configurations}");
    }
}

#[test]
fn a_key_that_violates_ends_the_search_of_the_others_unless_all_are_asked_for() {
    let mut log = Log::default();
    (1..4).for_each(|key| log.hard(key, 24));
    log.wrong(0);
    let history = log.history();
    let all = Options { keys: Keys::All, ..options(2_000_000) };
    let [few, many] = [&options(2_000_000), &all].map(|options| visited(&history, options));
    assert!(10 * few < many, "{few} configurations, and {many} for all keys");
    let verdict = linearizability::check(&history, ModelKind::CasRegister, &options(1)).verdict;
    assert!(verdict.is_invalid(), "{verdict:#?}");
}

#[test]
fn an_undecided_key_says_how_far_it_is_proved() {
    let mut log = Log::default();
    log.hard(1, 30);
    let history = log.history();
    let verdict =
        linearizability::check(&history, ModelKind::CasRegister, &options(10_000)).verdict;
    let Verdict::Unknown { doubt: Doubt::BudgetSpent { proved_events, events, .. }, .. } = verdict
    else {
        panic!("{verdict:#?}")
    };
    assert!(30 <= proved_events && proved_events < events, "{proved_events} of {events}");
}

/// A queue that each value passes twice, except for the last two, where one overtakes the other.
fn wrong_queue() -> History {
    let mut log = Log::default();
    let mut did = |f, value| {
        log.add(0, 0, EventKind::Invoke, f, Value::Int(value));
        log.add(0, 0, EventKind::Ok, f, Value::Int(value));
    };
    for value in 1..10 {
        for f in ["enqueue", "enqueue", "dequeue", "dequeue"] {
            did(f, value);
        }
    }
    for (f, value) in [("enqueue", 10), ("enqueue", 11), ("dequeue", 11)] {
        did(f, value);
    }
    log.history()
}

#[test]
fn a_register_of_few_values_is_decided_without_trying_the_orders_of_its_writes() {
    let verdict = |reads| {
        let mut log = Log::default();
        log.crowd(1, 30, reads);
        linearizability::check(&log.history(), ModelKind::Register, &options(20_000)).verdict
    };
    assert!(verdict(30).is_valid(), "each write is read once");
    let wrong = verdict(32);
    assert!(wrong.is_invalid(), "there are fewer writes than reads: {wrong:#?}");
    wrong.anomalies().for_each(|anomaly| verify::anomaly(anomaly).unwrap());
}

#[test]
fn a_stop_ends_the_making_of_a_least_witness() {
    let history = wrong_queue();
    let told = |asked_before_it_stops: u64| {
        let asked = Arc::new(AtomicU64::new(0));
        let stop =
            Stop::when(move || asked.fetch_add(1, Ordering::Relaxed) >= asked_before_it_stops);
        let budget = Budget { stop: Some(stop), ..Budget::default() };
        let options = Options { budget, ..Options::default() };
        let verdict = linearizability::check(&history, ModelKind::Queue, &options).verdict;
        let anomaly = verdict.anomalies().next().unwrap_or_else(|| panic!("{verdict:#?}")).clone();
        verify::anomaly(&anomaly).unwrap();
        anomaly.witness.operations.len()
    };
    let (least, stopped) = (told(u64::MAX), told(1));
    assert!(2 * least < stopped, "{least} operations, and {stopped} if stopped");
}

#[test]
fn a_stop_before_anything_is_judged_leaves_everything_undecided() {
    let mut log = Log::default();
    log.wrong(0);
    let budget = Budget { stop: Some(Stop::when(|| true)), ..Budget::default() };
    let options = Options { budget, ..Options::default() };
    let verdict = linearizability::check(&log.history(), ModelKind::Register, &options).verdict;
    let stopped = |doubt: &Doubt| matches!(doubt, Doubt::Stopped { .. });
    assert!(verdict.doubts().any(stopped), "{verdict:#?}");
}
