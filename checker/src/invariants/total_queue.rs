//! A queue whose order does not matter: everything put in comes out, and only once.
//!
//! Jepsen's `total-queue`, for queues, stacks and priority queues alike. An element is
//!
//! | | when |
//! |---|---|
//! | lost | its `enqueue` was acknowledged before a `dequeue` began that found nothing, and nobody took it |
//! | duplicated | it was taken more often than it may have been put in |
//! | unexpected | it was taken, and nothing had put it in, or only what had failed |
//! | recovered | it was taken, and no `enqueue` of it was acknowledged |
//! | left | it was acknowledged and not taken, and no `dequeue` found nothing after that |
//!
//! A `dequeue` of unknown outcome may have taken one element, if it began before the one that found
//! nothing had ended. So elements are lost only if there are more of them than of those. Jepsen drains
//! the queue, and takes all that is left for lost; here the `dequeue` that found nothing says so.
//!
//! O(n log n) for n operations.

use rustc_hash::FxHashMap;

use super::report::Findings;
use crate::history::part;
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, OpIndex, Outcome, Part, Position, Value, ValueId};

/// What was done with one element.
#[derive(Clone, Debug)]
struct Item {
    value: ValueId,
    /// What may have put it in, and when it was acknowledged, if it was.
    puts: Vec<(OpIndex, Position, Option<Position>)>,
    failed: Option<OpIndex>,
    takes: Vec<(OpIndex, Position)>,
}

/// All that happened to one queue.
#[derive(Default)]
struct Traffic {
    items: Vec<Item>,
    at: FxHashMap<ValueId, usize>,
    /// Each `dequeue` that found nothing: where it began and ended.
    empties: Vec<(OpIndex, Position, Position)>,
    /// Where each `dequeue` of unknown outcome began.
    lost_takes: Vec<(OpIndex, Position)>,
}

pub(super) fn judge(findings: &mut Findings<'_>) {
    for name in ["enqueued", "lost", "duplicated", "unexpected", "recovered", "left"] {
        findings.count(name, 0);
    }
    let mut any = false;
    for part in part::split_clients(findings.history) {
        let traffic = gather(findings, &part);
        any |=
            traffic.items.iter().any(|item| !item.takes.is_empty()) || !traffic.empties.is_empty();
        let key = part.key.as_ref();
        for item in &traffic.items {
            judge_item(findings, key, item);
        }
        judge_losses(findings, key, &traffic);
    }
    if !any {
        findings.vacuous("nothing was dequeued");
    }
}

fn gather(findings: &mut Findings<'_>, part: &Part) -> Traffic {
    let history = findings.history;
    let mut traffic = Traffic::default();
    for &op in &part.operations {
        let (invoked, completed) = (history.operation(op).invoked, history.completed_at(op));
        let outcome = history.outcome_id(op);
        match history.f(op) {
            "enqueue" | "push" | "insert" => {
                let item = traffic.item(history.argument_id(op));
                match outcome {
                    Outcome::Fail => item.failed = Some(op),
                    Outcome::Ok(_) => item.puts.push((op, invoked, completed)),
                    Outcome::Indeterminate => item.puts.push((op, invoked, None)),
                }
            }
            "dequeue" | "pop" | "delete-min" => match (outcome, completed) {
                (Outcome::Ok(ValueId::NIL), Some(end)) => traffic.empties.push((op, invoked, end)),
                (Outcome::Ok(value), Some(end)) => traffic.item(value).takes.push((op, end)),
                (Outcome::Indeterminate, _) => traffic.lost_takes.push((op, invoked)),
                (Outcome::Fail | Outcome::Ok(_), _) => {}
            },
            _ => {} // A peek, or something that failed.
        }
    }
    traffic
}

impl Traffic {
    fn item(&mut self, value: ValueId) -> &mut Item {
        let fresh = self.items.len();
        let at = *self.at.entry(value).or_insert(fresh);
        if at == fresh {
            self.items.push(Item { value, puts: Vec::new(), failed: None, takes: Vec::new() });
        }
        &mut self.items[at]
    }
}

fn judge_item(findings: &mut Findings<'_>, key: Option<&Value>, item: &Item) {
    let value = &findings.history.value(item.value);
    let acknowledged = item.puts.iter().filter(|put| put.2.is_some()).count();
    findings.count("enqueued", acknowledged as u64);
    if item.takes.is_empty() {
        return;
    }
    let begun = item.puts.iter().map(|put| put.1).min();
    let early = |take: &&(OpIndex, Position)| begun.is_none_or(|begun| begun > take.1);
    if let Some(&(take, _)) = item.takes.iter().find(early) {
        findings.name("unexpected", key, value);
        let (class, put, how) = match (item.failed, item.puts.first()) {
            (Some(failed), None) => {
                (AnomalyClass::FalseFailure, Some(failed), "though its enqueue had failed")
            }
            (_, Some(put)) => (AnomalyClass::PhantomElement, Some(put.0), "before it was put in"),
            (None, None) => (AnomalyClass::PhantomElement, None, "though nothing had put it in"),
        };
        let ops: Vec<OpIndex> = put.into_iter().chain([take]).collect();
        findings.found(class, key, || format!("{value} was taken {how}"), &ops);
        return;
    }
    if item.takes.len() > item.puts.len() && !planted(Bug::QueueForgetTwice) {
        findings.name("duplicated", key, value);
        let puts = item.puts.iter().map(|put| put.0);
        let ops: Vec<OpIndex> = puts.chain(item.takes.iter().map(|take| take.0)).collect();
        let summary = || {
            let (takes, puts) = (item.takes.len(), item.puts.len());
            format!("{value} was taken {takes} times, and put in {puts} times at most")
        };
        findings.found(AnomalyClass::DuplicateElement, key, summary, &ops);
    }
    if acknowledged == 0 {
        findings.name("recovered", key, value);
    }
}

/// Whether some `dequeue` found nothing although more was there than others may have taken.
fn judge_losses(findings: &mut Findings<'_>, key: Option<&Value>, traffic: &Traffic) {
    // Of each element that was taken less often than acknowledged: the earliest acknowledgements.
    let mut missing: Vec<(Position, usize)> = Vec::new();
    for (at, item) in traffic.items.iter().enumerate() {
        let mut ends: Vec<Position> = item.puts.iter().filter_map(|put| put.2).collect();
        ends.sort_unstable();
        missing.extend(ends.into_iter().skip(item.takes.len()).map(|end| (end, at)));
    }
    missing.sort_unstable();
    let before = |empty: &(OpIndex, Position, Position)| {
        let there = missing.partition_point(|(end, _)| *end < empty.1);
        let taking = traffic.lost_takes.partition_point(|(_, begun)| *begun < empty.2);
        (there, if planted(Bug::QueueForgetUnknownTakes) { 0 } else { taking })
    };
    let lost = traffic.empties.iter().map(|empty| (empty, before(empty)));
    // The one that shows the most of them lost.
    let most = lost.max_by_key(|(_, (there, taking))| there.saturating_sub(*taking));
    let Some((empty, (there, taking))) = most.filter(|(_, (there, taking))| there > taking) else {
        let left = missing.len() as u64;
        findings.count("left", left);
        return;
    };
    findings.count("left", (missing.len() - there) as u64);
    let history = findings.history;
    let certain = there - taking;
    if taking == 0 {
        for &(_, at) in &missing[..there] {
            findings.name("lost", key, &history.value(traffic.items[at].value));
        }
    } else {
        findings.count("lost", certain as u64);
    }
    // One more than others may have taken is enough to see it.
    let mut ops = vec![empty.0];
    ops.extend(traffic.lost_takes[..taking].iter().map(|take| take.0));
    for &(_, at) in &missing[..=taking] {
        let item = &traffic.items[at];
        ops.extend(item.puts.iter().map(|put| put.0).chain(item.takes.iter().map(|it| it.0)));
    }
    let first = history.value(traffic.items[missing[0].1].value);
    let summary = || match taking {
        0 => format!("{first} was put in and acknowledged; nobody took it, and it is not there"),
        _ => format!(
            "{there} elements were put in and acknowledged, {first} first; nobody is known to have \
             taken them, {taking} perhaps, and none is there"
        ),
    };
    findings.found(AnomalyClass::LostElement, key, summary, &ops);
}
