//! Random transactions, and what brute force says of them.

use super::told::{ToldPart, ToldTxn, history};
use super::views::{Views, has_views};
use crate::agreement::Chance;
use crate::transactions::{IsolationJudgement, TransactionReport, check};
use crate::{Budget, Consistency, EventKind, Property, verify};

/// A random history of at most five transactions: of one at a time, of snapshots, or of anything.
pub(crate) fn some_txns(chance: &mut Chance) -> Vec<ToldTxn> {
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
                view.clone_from(&states[chance.below(states.len())]);
            }
            if chance.one_in(2) {
                element += 1;
                parts.push(ToldPart::Append(name, element));
                view[key].push(element);
                state[key].push(element);
            } else {
                parts.push(ToldPart::Read(name, view[key].clone()));
            }
        }
        states.push(state.clone());
        let end_kind = match chance.below(12) {
            0 => EventKind::Info,
            1 => EventKind::Fail,
            _ => EventKind::Ok,
        };
        txns.push(ToldTxn {
            process: u32::try_from(process).unwrap_or(0)
                + if end_kind == EventKind::Info { 10 } else { 0 },
            span: (start, end),
            end: end_kind,
            parts,
        });
    }
    // Some see what is appended later.
    for part in txns.iter_mut().flat_map(|txn| &mut txn.parts) {
        if let ToldPart::Read(key, list) = part
            && how == 2
            && chance.one_in(4)
        {
            list.clone_from(&states[chance.below(states.len())][usize::from(*key == 'y')]);
        }
    }
    // A process that does not know how something ended goes on under another name.
    for (at, txn) in txns.iter_mut().enumerate() {
        if txn.end == EventKind::Info {
            txn.process = 10 + u32::try_from(at).unwrap_or(0);
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

fn is_before(order: Order, one: &ToldTxn, other: &ToldTxn) -> bool {
    let is_earlier = one.end == EventKind::Ok && one.span.1 < other.span.0;
    match order {
        Order::Any => false,
        Order::Process => is_earlier && one.process == other.process,
        Order::Time => is_earlier,
    }
}

/// Whether a transaction that sees `snapshot` returns what it did.
fn returns_it(txn: &ToldTxn, snapshot: &[Vec<i64>; 2]) -> bool {
    let mut view = snapshot.clone();
    txn.parts.iter().all(|part| match part {
        ToldPart::Append(key, element) | ToldPart::Write(key, element) => {
            view[usize::from(*key == 'y')].push(*element);
            true
        }
        ToldPart::Get(key, value) => {
            txn.end != EventKind::Ok || view[usize::from(*key == 'y')].last() == value.as_ref()
        }
        ToldPart::Read(key, list) => {
            txn.end != EventKind::Ok || view[usize::from(*key == 'y')] == *list
        }
    })
}

fn writes(txn: &ToldTxn, key: char) -> bool {
    txn.parts
        .iter()
        .any(|part| matches!(part, ToldPart::Append(to, _) | ToldPart::Write(to, _) if *to == key))
}

/// Whether some order of starts and commits explains all, by trying all. `is_serial`: each transaction
/// commits before the next starts.
fn has_snapshots(txns: &[ToldTxn], order: Order, is_serial: bool) -> bool {
    let unknown: Vec<usize> =
        (0..txns.len()).filter(|&it| txns[it].end == EventKind::Info).collect();
    (0..1u32 << unknown.len()).any(|chosen| {
        let is_in = |at: &usize| match txns[*at].end {
            EventKind::Ok => true,
            EventKind::Info => {
                unknown.iter().position(|it| it == at).is_some_and(|place| chosen & 1 << place != 0)
            }
            _ => false,
        };
        let these: Vec<&ToldTxn> = (0..txns.len()).filter(is_in).map(|at| &txns[at]).collect();
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
    txns: &'a [&'a ToldTxn],
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
                    if let ToldPart::Append(key, element) | ToldPart::Write(key, element) = part {
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
pub(crate) fn expected(txns: &[ToldTxn]) -> Vec<(Consistency, bool)> {
    let of = |model, order, is_serial| (model, has_snapshots(txns, order, is_serial));
    let by_views = |model, views| (model, has_views(txns, views));
    let mut parts = txns.iter().flat_map(|txn| &txn.parts);
    let is_list = !parts.any(|part| matches!(part, ToldPart::Write(..) | ToldPart::Get(..)));
    // Of registers only what breaks it is looked for.
    let cursor = is_list.then(|| by_views(Consistency::CursorStability, Views::Cursor));
    let others = [
        by_views(Consistency::ReadCommitted, Views::Committed),
        by_views(Consistency::MonotonicAtomicView, Views::Monotonic),
        by_views(Consistency::ReadAtomic, Views::Atomic),
        by_views(Consistency::TransactionalCausal, Views::Causal),
        of(Consistency::Serializable, Order::Any, true),
        of(Consistency::StrongSessionSerializable, Order::Process, true),
        of(Consistency::StrictSerializable, Order::Time, true),
        of(Consistency::SnapshotIsolation, Order::Any, false),
        of(Consistency::StrongSessionSnapshotIsolation, Order::Process, false),
        of(Consistency::StrongSnapshotIsolation, Order::Time, false),
    ];
    others.into_iter().chain(cursor).collect()
}

/// What was found about a history.
pub(crate) fn report(txns: &[ToldTxn]) -> TransactionReport {
    check(&history(txns), &Budget::default()).expect("they are transactions")
}

/// Compares the checker with brute force: how many models hold, and how many are open.
pub(crate) fn compare(txns: &[ToldTxn]) -> Result<(usize, usize), String> {
    let report = report(txns);
    let told = |what: String| format!("{what}\n{txns:#?}\n{:?}", report.models);
    let (mut held, mut open) = (0, 0);
    for (model, expected) in expected(txns) {
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
    for (model, judgement) in &report.models {
        let IsolationJudgement::Broken(at) = judgement else { continue };
        let mut anomaly = report.anomalies[*at].clone();
        anomaly.witness.property = Property::Transactions(*model);
        verify::anomaly(&anomaly).map_err(|why| told(format!("{model}: {why}: {anomaly}")))?;
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
