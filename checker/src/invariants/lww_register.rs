//! A register in which the last write wins: what became of each acknowledged write, and why.
//!
//! Judged by the final reads of each key, where all of them return one value, as
//! [`crate::convergence`] asks first. With *the winner* for whatever may have written that value, an
//! acknowledged write is
//!
//! | | when | whose fault |
//! |---|---|---|
//! | current | it wrote that value | |
//! | superseded | it had ended before the winner began | none: it was overwritten |
//! | overwritten | it overlaps the winner | the rule: of two concurrent writes one is lost |
//! | dead on arrival | every winner had ended before it began | the clock that gave it an older time |
//! | vanished | the final value is nil | the store |
//!
//! The last two are anomalies: no order that real time allows explains them. Of several that may have
//! written the value, the one that is best for the write counts.
//!
//! O(n w) for n operations on a key, w of which may have written the final value: mostly one.

use std::collections::BTreeSet;

use super::finals;
use super::report::Findings;
use crate::history::part;
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, History, OpIndex, Outcome, Part, Position, Value};

/// A write that may have taken effect.
struct Stamped {
    op: OpIndex,
    value: Value,
    invoked: Position,
    completed: Option<Position>,
    acknowledged: bool,
}

pub(super) fn judge(findings: &mut Findings<'_>) {
    for name in
        ["acknowledged", "current", "superseded", "overwritten", "dead-on-arrival", "vanished"]
    {
        findings.count(name, 0);
    }
    let mut any = false;
    for part in part::split(findings.history) {
        let (writes, finals) = gather(findings.history, &part);
        let values: BTreeSet<&Value> = finals.iter().map(|it| &it.2).collect();
        if finals.is_empty() {
            finals::lack(findings, &part);
            continue;
        }
        any = true;
        let [value] = values.into_iter().collect::<Vec<_>>()[..] else {
            let reason = "replicas do not agree on its final value; check convergence first";
            findings.unfit(finals[0].0, reason);
            continue;
        };
        judge_key(findings, part.key.as_ref(), &writes, (&finals, value));
    }
    if !any && findings.is_sure() {
        findings.vacuous("no final read succeeded");
    }
}

/// A final read: which, where it began, and what it returned.
type FinalValue = (OpIndex, Position, Value);

fn gather(history: &History, part: &Part) -> (Vec<Stamped>, Vec<FinalValue>) {
    let speaking = finals::speaking(history, part);
    let (mut writes, mut finals) = (Vec::new(), Vec::new());
    for operation in part.operations.iter().map(|&op| history.operation(op)) {
        let op = operation.index;
        if operation.outcome == Outcome::Fail {
            continue;
        }
        let argument = &operation.argument;
        let value = match (operation.f, argument.as_list(), &operation.outcome) {
            ("read" | "get", _, Outcome::Ok(value)) if speaking.contains(&op) => {
                finals.push((op, operation.invoked, value.clone()));
                continue;
            }
            ("write" | "put" | "set", ..) => argument.clone(),
            ("cas", _, Outcome::Ok(Value::Bool(false))) => continue,
            ("cas", Some([_, new]), _) => new.clone(),
            _ => continue,
        };
        writes.push(Stamped {
            op,
            value,
            invoked: operation.invoked,
            completed: operation.completed,
            acknowledged: operation.outcome.ok().is_some(),
        });
    }
    (writes, finals)
}

fn judge_key(
    findings: &mut Findings<'_>,
    key: Option<&Value>,
    writes: &[Stamped],
    (finals, value): (&[FinalValue], &Value),
) {
    let start = finals.iter().map(|it| it.1).min().expect("there is a final read");
    let winners = || writes.iter().filter(|it| it.value == *value);
    if *value != Value::Nil && winners().next().is_none() {
        findings.unfit(finals[0].0, format!("nothing is known to have written {value}"));
        return;
    }
    let is_known = |it: &&Stamped| it.acknowledged && it.completed.is_some_and(|end| end < start);
    for write in writes.iter().filter(is_known) {
        findings.count("acknowledged", 1);
        if write.value == *value {
            findings.count("current", 1);
            continue;
        }
        let after = |winner: &Stamped| write.completed.is_some_and(|end| end < winner.invoked);
        let overlaps = |winner: &Stamped| winner.completed.is_none_or(|end| end > write.invoked);
        let lost = if winners().any(after) {
            findings.count("superseded", 1);
            continue;
        } else if winners().any(overlaps) && !planted(Bug::LastWriteForgetOverlap) {
            findings.count("overwritten", 1);
            continue;
        } else if winners().next().is_some() {
            "dead-on-arrival"
        } else {
            "vanished"
        };
        findings.name(lost, key, &write.value);
        let finals = finals.iter().map(|it| it.0);
        let ops: Vec<OpIndex> = winners().map(|it| it.op).chain(finals).chain([write.op]).collect();
        let text = format!(
            "{} was written and acknowledged, and {value} is there, which is older",
            write.value
        );
        findings.found(AnomalyClass::LostWrite, key, || text, &ops);
    }
}
