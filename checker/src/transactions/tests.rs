use super::{IsolationJudgement, TransactionReport, check};
use crate::agreement::Chance;
use crate::plant::{self, Bug};
use crate::{
    AnomalyClass, Budget, Consistency, Event, EventKind, History, ProcessId, Value, verify,
};

/// A transaction of a test: its process, when it ran, how it ended, and what it did.
#[derive(Clone, Debug)]
pub(super) struct Told {
    process: u32,
    span: (u64, u64),
    end: EventKind,
    parts: Vec<TestPart>,
}

#[derive(Clone, Debug, PartialEq)]
enum TestPart {
    Append(char, i64),
    Read(char, Vec<i64>),
}

/// A line a transaction: `0 1-4 ok ax1 ry[1,2]`.
pub(super) fn told(text: &str) -> Vec<Told> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let one = |line: &str| {
        let mut words = line.split_whitespace();
        let process = words.next().unwrap().parse().unwrap();
        let (from, to) = words.next().unwrap().split_once('-').unwrap();
        let end = match words.next().unwrap() {
            "ok" => EventKind::Ok,
            "fail" => EventKind::Fail,
            _ => EventKind::Info,
        };
        let part = |word: &str| {
            let key = word[1..].chars().next().unwrap();
            let rest = word[2..].trim_matches(['[', ']']);
            if word.starts_with('a') {
                return TestPart::Append(key, rest.parse().unwrap());
            }
            let items = rest.split(',').filter(|it| !it.is_empty());
            TestPart::Read(key, items.map(|it| it.parse().unwrap()).collect())
        };
        let span = (from.parse().unwrap(), to.parse().unwrap());
        Told { process, span, end, parts: words.map(part).collect() }
    };
    lines.map(one).collect()
}

fn history(txns: &[Told]) -> History {
    let value = |txn: &Told, is_known: bool| {
        let part = |part: &TestPart| {
            let (f, key, value) = match part {
                TestPart::Append(key, element) => ("append", key, Value::Int(*element)),
                TestPart::Read(key, _) if !is_known => ("r", key, Value::Nil),
                TestPart::Read(key, list) => {
                    ("r", key, Value::list(list.iter().copied().map(Value::Int)))
                }
            };
            Value::list([Value::str(f), Value::str(&key.to_string()), value])
        };
        Value::list(txn.parts.iter().map(part))
    };
    let mut events: Vec<(u64, u32, EventKind, Value)> = Vec::new();
    for txn in txns {
        events.push((2 * txn.span.0, txn.process, EventKind::Invoke, value(txn, false)));
        let returned = value(txn, txn.end == EventKind::Ok);
        events.push((2 * txn.span.1 + 1, txn.process, txn.end, returned));
    }
    events.sort_by_key(|event| event.0);
    let event = |(at, (_, process, kind, value)): (u64, (u64, u32, EventKind, Value))| {
        Event::new(at, ProcessId(process), kind, "txn", value)
    };
    History::from_events((0..).zip(events).map(event)).unwrap()
}

pub(super) fn report(txns: &[Told]) -> TransactionReport {
    check(&history(txns), &Budget::default()).unwrap()
}

fn classes(text: &str) -> Vec<&'static str> {
    let report = report(&told(text));
    for anomaly in &report.anomalies {
        assert_eq!(verify::anomaly(anomaly), Ok(()), "{anomaly}");
    }
    report.anomalies.iter().map(|it| it.class.name()).collect()
}

#[test]
fn transactions_that_append_to_two_lists_in_opposite_orders_are_a_write_cycle() {
    let text = "0 0-9 ok ax1 ay1\n1 0-9 ok ax2 ay2\n2 10-11 ok rx[1,2] ry[2,1]";
    assert!(classes(text).contains(&"g0"), "{:?}", classes(text));
}

#[test]
fn transactions_that_read_each_other_are_a_circular_information_flow() {
    assert_eq!(classes("0 0-9 ok ax1 ry[1]\n1 0-9 ok ay1 rx[1]"), ["g1c"]);
}

#[test]
fn one_that_sees_half_of_another_is_read_skew() {
    assert_eq!(classes("0 0-9 ok ax1 ay1\n1 0-9 ok rx[1] ry[]"), ["g-single"]);
}

#[test]
fn two_that_miss_each_other_are_write_skew() {
    assert_eq!(classes("0 0-9 ok rx[] ay1\n1 0-9 ok ry[] ax1"), ["g2-item"]);
}

#[test]
fn two_readers_that_see_two_writers_in_opposite_orders_are_a_long_fork() {
    let text = "0 0-9 ok ax1\n1 0-9 ok ay1\n2 0-9 ok rx[1] ry[]\n3 0-9 ok rx[] ry[1]";
    assert_eq!(classes(text), ["g-nonadjacent"]);
}

#[test]
fn two_that_update_the_same_version_lose_an_update() {
    let text = "0 0-9 ok rx[] ax1\n1 0-9 ok rx[] ax2\n2 10-11 ok rx[1,2]";
    assert_eq!(classes(text), ["lost-update", "g-single"]);
}

#[test]
fn a_read_of_an_aborted_transaction_and_what_comes_upon_it_are_told() {
    let text = "0 0-1 fail ax1\n1 0-9 ok ax2\n2 10-11 ok rx[1,2]";
    assert_eq!(classes(text), ["g1a", "dirty-update"]);
}

#[test]
fn a_read_between_two_appends_of_a_transaction_is_intermediate() {
    let found = classes("0 0-9 ok ax1 ax2\n1 0-9 ok rx[1]");
    assert!(found.contains(&"g1b"), "{found:?}");
}

#[test]
fn what_nobody_appended_or_appended_once_and_is_there_twice_is_told() {
    assert_eq!(classes("0 0-9 ok rx[7]"), ["read-from-nowhere"]);
    assert!(classes("0 0-9 ok ax1\n1 0-9 ok rx[1,1]").contains(&"duplicate-element"));
}

#[test]
fn a_transaction_that_forgets_what_it_did_is_internally_inconsistent() {
    assert_eq!(classes("0 0-9 ok ax1 rx[]"), ["internal"]);
    assert_eq!(classes("0 0-9 ok rx[] rx[1]\n1 0-9 ok ax1"), ["internal", "g-single"]);
    assert_eq!(classes("0 0-9 ok rx[] ax1 rx[1]"), [""; 0]);
}

#[test]
fn two_lists_that_grew_differently_are_incompatible() {
    let text = "0 0-9 ok ax1\n1 0-9 ok ax2\n2 10-11 ok rx[1,2]\n3 10-11 ok rx[2,1]";
    assert!(classes(text).contains(&"incompatible-order"));
}

#[test]
fn a_stale_read_breaks_only_what_respects_the_process_or_real_time() {
    let stale = |process: u32| format!("0 0-1 ok ax1\n{process} 2-3 ok rx[]\n2 4-5 ok rx[1]");
    assert_eq!(classes(&stale(0)), ["g-single-process", "g-single-realtime"]);
    assert_eq!(classes(&stale(1)), ["g-single-realtime"]);
    let other = report(&told(&stale(1)));
    let of = |model| other.of(model).unwrap().clone();
    assert_eq!(of(Consistency::StrongSessionSerializable), IsolationJudgement::Holds);
    assert!(matches!(of(Consistency::StrictSerializable), IsolationJudgement::Broken(_)));
}

/// The two stale reads form a cycle each, both through the first transaction: whether they form one together is
/// looked for along all of the process.
#[test]
fn two_stale_reads_at_the_end_of_a_long_process_are_judged() {
    let mut lines = vec!["0 0-0 ok ax1".to_owned()];
    lines.extend((1..20_000).map(|at| format!("0 {at}-{at} ok rz[]")));
    lines.extend(["0 20000-20000 ok rx[]".to_owned(), "0 20001-20001 ok rx[]".to_owned()]);
    let found = classes(&lines.join("\n"));
    assert_eq!(found, ["g-single-process", "g-single-realtime"]);
}

#[test]
fn a_transaction_of_unknown_outcome_counts_if_it_was_read() {
    assert_eq!(classes("0 0-9 info ax1 ay1\n1 0-9 ok rx[1] ry[]"), ["g-single"]);
    assert_eq!(classes("0 0-9 info ax1 ay1\n1 0-9 ok rx[] ry[]"), [""; 0]);
}

#[test]
fn an_argument_names_each_transaction_and_ends_in_a_cycle() {
    let report = report(&told("0 0-9 ok ax1 ay1\n1 0-9 ok rx[1] ry[]"));
    let anomaly = &report.anomalies[0];
    let facts: Vec<&str> = anomaly.facts.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        facts,
        [
            "let T1 be: p1: read \"x\" [1], read \"y\" []",
            "let T2 be: p0: append 1 to \"x\", append 1 to \"y\"",
            "T1 comes before T2, because T1 read \"y\" without what T2 appended to it",
            "T2 comes before T1, because T1 read what T2 appended to \"x\"",
        ]
    );
    assert_eq!(anomaly.summary, "T1 before T2 before T1: a cycle");
}

/// A random history of at most five transactions: of one at a time, of snapshots, or of anything.
fn some_txns(chance: &mut Chance) -> Vec<Told> {
    let count = 2 + chance.below(4);
    let processes = 1 + chance.below(3);
    let how = chance.below(3);
    let mut state = [Vec::new(), Vec::new()];
    let mut states = vec![state.clone()];
    let mut free = vec![0u64; processes];
    let mut txns = Vec::new();
    let mut element = 0;
    for _ in 0..count {
        let process = chance.below(processes);
        let start = free[process] + chance.below(3) as u64;
        let end = start + chance.below(4) as u64;
        free[process] = end + 1;
        let seen = match how {
            0 => states.len() - 1,
            _ => chance.below(states.len()),
        };
        let mut view: [Vec<i64>; 2] = states[seen].clone();
        let mut parts = Vec::new();
        for _ in 0..=chance.below(3) {
            let key = chance.below(2);
            let name = ['x', 'y'][key];
            if how == 2 && chance.one_in(3) {
                view = states[chance.below(states.len())].clone();
            }
            if chance.one_in(2) {
                element += 1;
                parts.push(TestPart::Append(name, element));
                view[key].push(element);
                state[key].push(element);
            } else {
                parts.push(TestPart::Read(name, view[key].clone()));
            }
        }
        states.push(state.clone());
        let end_kind = match chance.below(12) {
            0 => EventKind::Info,
            1 => EventKind::Fail,
            _ => EventKind::Ok,
        };
        txns.push(Told {
            process: u32::try_from(process).unwrap()
                + if end_kind == EventKind::Info { 10 } else { 0 },
            span: (start, end),
            end: end_kind,
            parts,
        });
    }
    // Some see what is appended later.
    for part in txns.iter_mut().flat_map(|txn| &mut txn.parts) {
        if let TestPart::Read(key, list) = part
            && how == 2
            && chance.one_in(4)
        {
            *list = states[chance.below(states.len())][usize::from(*key == 'y')].clone();
        }
    }
    // A process that does not know how something ended goes on under another name.
    for (at, txn) in txns.iter_mut().enumerate() {
        if txn.end == EventKind::Info {
            txn.process = 10 + u32::try_from(at).unwrap();
        }
    }
    txns
}

/// Which transactions must come before which.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Any,
    Process,
    Time,
}

fn is_before(order: Order, one: &Told, other: &Told) -> bool {
    let is_earlier = one.end == EventKind::Ok && one.span.1 < other.span.0;
    match order {
        Order::Any => false,
        Order::Process => is_earlier && one.process == other.process,
        Order::Time => is_earlier,
    }
}

/// Whether a transaction that sees `snapshot` returns what it did.
fn returns_it(txn: &Told, snapshot: &[Vec<i64>; 2]) -> bool {
    let mut view = snapshot.clone();
    txn.parts.iter().all(|part| match part {
        TestPart::Append(key, element) => {
            view[usize::from(*key == 'y')].push(*element);
            true
        }
        TestPart::Read(key, list) => {
            txn.end != EventKind::Ok || view[usize::from(*key == 'y')] == *list
        }
    })
}

fn writes(txn: &Told, key: char) -> bool {
    txn.parts.iter().any(|part| matches!(part, TestPart::Append(to, _) if *to == key))
}

/// Whether some order of starts and commits explains all, by trying all. `is_serial`: each transaction
/// commits before the next starts.
fn has_snapshots(txns: &[Told], order: Order, is_serial: bool) -> bool {
    let unknown: Vec<usize> =
        (0..txns.len()).filter(|&it| txns[it].end == EventKind::Info).collect();
    (0..1u32 << unknown.len()).any(|chosen| {
        let is_in = |at: &usize| match txns[*at].end {
            EventKind::Ok => true,
            EventKind::Info => {
                let place = unknown.iter().position(|it| it == at).unwrap();
                chosen & 1 << place != 0
            }
            _ => false,
        };
        let these: Vec<&Told> = (0..txns.len()).filter(is_in).map(|at| &txns[at]).collect();
        let mut trial = Trial {
            txns: &these,
            order,
            is_serial,
            started: vec![None; these.len()],
            done: vec![false; these.len()],
            commits: Vec::new(),
        };
        trial.goes_on(&[Vec::new(), Vec::new()])
    })
}

struct Trial<'a> {
    txns: &'a [&'a Told],
    order: Order,
    is_serial: bool,
    /// How many had committed when each started.
    started: Vec<Option<usize>>,
    done: Vec<bool>,
    commits: Vec<usize>,
}

impl Trial<'_> {
    fn goes_on(&mut self, state: &[Vec<i64>; 2]) -> bool {
        if self.done.iter().all(|&it| it) {
            return true;
        }
        for at in 0..self.txns.len() {
            let txn = self.txns[at];
            if self.done[at] {
                continue;
            }
            if let Some(since) = self.started[at] {
                let clashes = ['x', 'y'].iter().any(|&key| {
                    writes(txn, key)
                        && self.commits[since..].iter().any(|&it| writes(self.txns[it], key))
                });
                if clashes {
                    continue;
                }
                let mut after = state.clone();
                for part in &txn.parts {
                    if let TestPart::Append(key, element) = part {
                        after[usize::from(*key == 'y')].push(*element);
                    }
                }
                self.done[at] = true;
                self.commits.push(at);
                if self.goes_on(&after) {
                    return true;
                }
                self.commits.pop();
                self.done[at] = false;
            } else {
                let waits = (0..self.txns.len())
                    .any(|it| !self.done[it] && is_before(self.order, self.txns[it], txn));
                let is_busy = self.is_serial
                    && (0..self.txns.len()).any(|it| self.started[it].is_some() && !self.done[it]);
                if waits || is_busy || !returns_it(txn, state) {
                    continue;
                }
                self.started[at] = Some(self.commits.len());
                if self.goes_on(state) {
                    return true;
                }
                self.started[at] = None;
            }
        }
        false
    }
}

/// What brute force says of each model that it judges.
fn expected(txns: &[Told]) -> [(Consistency, bool); 6] {
    let of = |model, order, is_serial| (model, has_snapshots(txns, order, is_serial));
    [
        of(Consistency::Serializable, Order::Any, true),
        of(Consistency::StrongSessionSerializable, Order::Process, true),
        of(Consistency::StrictSerializable, Order::Time, true),
        of(Consistency::SnapshotIsolation, Order::Any, false),
        of(Consistency::StrongSessionSnapshotIsolation, Order::Process, false),
        of(Consistency::StrongSnapshotIsolation, Order::Time, false),
    ]
}

/// Judges a random history by the checker and by brute force: how many models hold, and how many are open.
fn case(seed: u64) -> Result<(usize, usize), String> {
    let txns = some_txns(&mut Chance::new(seed));
    let report = report(&txns);
    let told = |what: String| format!("seed {seed}: {what}\n{txns:#?}\n{:?}", report.models);
    let (mut held, mut open) = (0, 0);
    for (model, expected) in expected(&txns) {
        match report.of(model) {
            Some(IsolationJudgement::Holds) if expected => held += 1,
            Some(IsolationJudgement::Broken(_)) if !expected => {}
            Some(IsolationJudgement::Undecided(_)) => open += 1,
            other => {
                return Err(told(format!("{model}: brute force says {expected}, not {other:?}")));
            }
        }
    }
    for anomaly in &report.anomalies {
        verify::anomaly(anomaly).map_err(|why| told(format!("{why}: {anomaly}")))?;
    }
    for (one, judgement) in &report.models {
        let broken = |it: &IsolationJudgement| matches!(it, IsolationJudgement::Broken(_));
        let weaker = report.models.iter().find(|(other, it)| one.implies(*other) && broken(it));
        if let (IsolationJudgement::Holds, Some(weaker)) = (judgement, weaker) {
            return Err(told(format!("{one} holds, and {} does not", weaker.0)));
        }
    }
    Ok((held, open))
}

#[test]
fn the_checker_of_transactions_agrees_with_brute_force() {
    let (mut held, mut open, cases) = (0, 0, 6_000);
    for seed in (0..).take(cases) {
        let (now, left) = case(seed).unwrap_or_else(|told| panic!("{told}"));
        held += now;
        open += left;
    }
    let share = |count: usize| count * 100 / (6 * cases);
    assert!((20..=80).contains(&share(held)), "{} % hold", share(held));
    assert!(share(open) < 5, "{} % are open", share(open));
}

#[test]
fn each_mistake_planted_in_the_checker_of_transactions_is_caught() {
    for bug in
        [Bug::TxnForgetUnread, Bug::TxnForgetAdjacent, Bug::TxnForgetUnknown, Bug::TxnForgetFirst]
    {
        let caught = (0..6_000).any(|seed| plant::with(bug, || case(seed)).is_err());
        assert!(caught, "{bug:?} is not caught");
    }
}

#[test]
fn each_class_of_cycle_is_found_and_its_witness_needs_each_transaction() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..6_000 {
        let txns = some_txns(&mut Chance::new(seed));
        for anomaly in report(&txns).anomalies {
            seen.insert(anomaly.class);
            // One that read what it appended upon an aborted write shows that by itself.
            if anomaly.class == AnomalyClass::DirtyUpdate {
                continue;
            }
            for at in 0..anomaly.witness.operations.len() {
                let mut less = anomaly.clone();
                less.witness.operations.remove(at);
                assert!(verify::anomaly(&less).is_err(), "seed {seed}, without {at}: {anomaly}");
            }
        }
    }
    for class in [
        AnomalyClass::G1c,
        AnomalyClass::GSingle,
        AnomalyClass::GNonadjacent,
        AnomalyClass::G2Item,
        AnomalyClass::GSingleProcess,
        AnomalyClass::GSingleRealtime,
        AnomalyClass::G2ItemRealtime,
        AnomalyClass::AbortedRead,
        AnomalyClass::LostUpdate,
        AnomalyClass::Internal,
    ] {
        assert!(seen.contains(&class), "{class} is never found");
    }
}
