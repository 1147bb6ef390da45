//! A counter: a read counts all that was acknowledged before it, and nothing that was not asked for.
//!
//! Jepsen's `counter`, with negative amounts too. A read that begins at i and ends at c returns at least
//! the sum of what was acknowledged before i and of all negative amounts that may have taken effect
//! before c; and at most the same with positive amounts. An addition of unknown outcome may have taken
//! effect, at any time. Sums in between that no choice of additions makes are left to linearizability.
//!
//! With [`PnCounter`](crate::Invariant::PnCounter) the counter is one of replicas (Shapiro et al., INRIA
//! RR-7506, 2011): a read need count nothing yet, and no replica counts what was not asked for. A final
//! read, of a replica at rest, counts all that was acknowledged before.
//!
//! O(n log n) for n operations: sums of amounts by the places at which additions began and ended.

use super::finals;
use super::report::Findings;
use crate::history::part;
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, History, Invariant, OpIndex, Operation, Outcome, Part, Position, Value};

/// An addition that did not fail.
struct Added {
    op: OpIndex,
    amount: i128,
    invoked: Position,
    acknowledged: Option<Position>,
}

/// Sums of the positive and of the negative amounts up to a place.
#[derive(Default)]
struct Sums {
    at: Vec<(Position, i128, i128)>,
}

impl Sums {
    /// Of amounts at places.
    fn new(mut amounts: Vec<(Position, i128)>) -> Self {
        amounts.sort_unstable();
        let mut sum = (0, 0);
        let add = |(at, amount): (Position, i128)| {
            sum = (sum.0 + amount.max(0), sum.1 + amount.min(0));
            (at, sum.0, sum.1)
        };
        Self { at: amounts.into_iter().map(add).collect() }
    }

    /// The sums of all before `end`: of positive ones, and of negative ones.
    fn before(&self, end: Position) -> (i128, i128) {
        match self.at.partition_point(|it| it.0 < end).checked_sub(1) {
            Some(last) => (self.at[last].1, self.at[last].2),
            None => (0, 0),
        }
    }
}

pub(super) fn judge(findings: &mut Findings<'_>) {
    findings.count("reads", 0);
    findings.count("out-of-bounds", 0);
    let parts = match findings.invariant {
        Invariant::PnCounter => part::split(findings.history),
        _ => part::split_clients(findings.history),
    };
    for part in parts {
        if findings.invariant == Invariant::PnCounter
            && finals::speaking(findings.history, &part).is_empty()
        {
            finals::lack(findings, &part);
        }
        match additions(findings.history, &part) {
            Ok(additions) => judge_reads(findings, &part, &additions),
            Err((op, reason)) => findings.unfit(op, reason),
        }
    }
    if findings.count("reads", 0).number == 0 && findings.is_sure() {
        findings.vacuous("no read succeeded");
    }
}

fn additions(history: &History, part: &Part) -> Result<Vec<Added>, (OpIndex, String)> {
    let mut additions = Vec::new();
    for operation in part.operations.iter().map(|&op| history.operation(op)) {
        let (op, invoked) = (operation.index, operation.invoked);
        match (operation.f, &operation.argument) {
            _ if operation.outcome == Outcome::Fail => {}
            ("read" | "get", _) => {}
            ("add", Value::Int(amount)) => additions.push(Added {
                op,
                amount: i128::from(*amount),
                invoked,
                acknowledged: operation.outcome.ok().and(operation.completed),
            }),
            (f, argument) => {
                let reason = format!("a counter has no `{}` of {argument}", crate::visible(f));
                return Err((op, reason));
            }
        }
    }
    let all: i128 = additions.iter().map(|it| it.amount.abs()).sum();
    match additions.first() {
        Some(first) if all > i128::from(i64::MAX) => {
            Err((first.op, "amounts this large may wrap a counter of 64 bits".to_owned()))
        }
        _ => Ok(additions),
    }
}

fn judge_reads(findings: &mut Findings<'_>, part: &Part, additions: &[Added]) {
    let history = findings.history;
    let begun = Sums::new(additions.iter().map(|it| (it.invoked, it.amount)).collect());
    let is_known = |it: &Added| it.acknowledged.map(|end| (end, it.amount));
    let known = Sums::new(additions.iter().filter_map(is_known).collect());
    let speaking = finals::speaking(history, part);
    let reads = part.operations.iter().map(|&op| history.operation(op));
    let speaks = |it: &Operation<'_>| !it.is_final || speaking.contains(&it.index);
    let reads = reads.filter(|it| matches!(it.f, "read" | "get") && speaks(it));
    for operation in reads {
        let (Outcome::Ok(value), Some(end)) = (&operation.outcome, operation.completed) else {
            continue;
        };
        let sum = match value {
            Value::Int(sum) => i128::from(*sum),
            other => {
                findings.unfit(operation.index, format!("{other} is not a whole number"));
                continue;
            }
        };
        findings.count("reads", 1);
        let all = begun.before(end);
        let may_lag = findings.invariant == Invariant::PnCounter
            && !(operation.is_final || planted(Bug::BoundsTrustReplicas));
        let surely = if may_lag { (0, 0) } else { known.before(operation.invoked) };
        let (mut least, greatest) = (surely.0 + all.1, all.0 + surely.1);
        if planted(Bug::BoundsForgetNegative) {
            least = surely.0 + surely.1;
        }
        if !(least..=greatest).contains(&sum) {
            findings.count("out-of-bounds", 1);
            out_of_bounds(findings, (part, additions), &operation, (least, greatest));
        }
    }
}

/// Notes a read with the additions that began before it ended.
fn out_of_bounds(
    findings: &mut Findings<'_>,
    (part, additions): (&Part, &[Added]),
    read: &Operation<'_>,
    (least, greatest): (i128, i128),
) {
    let begun = additions.iter().filter(|it| Some(it.invoked) < read.completed);
    let ops: Vec<OpIndex> = begun.map(|it| it.op).chain([read.index]).collect();
    let summary = || {
        let value = read.outcome.ok().cloned().unwrap_or_default();
        let who = read.who();
        format!("{who} read {value}, where additions leave {least} to {greatest}")
    };
    findings.found(AnomalyClass::CounterOutOfBounds, part.key.as_ref(), summary, &ops);
}
