//! Values that only grow: who read a greater one reads no smaller one later.
//!
//! Jepsen's `monotonic` asks it of inserted rows; here it is asked of reads, by key: of a counter to which
//! nothing negative is added, or of a register whose writes grow. With
//! [`MonotonicRealtime`](crate::Invariant::MonotonicRealtime) "who" is all processes together: a read
//! returns no less than any that ended before it began.
//!
//! It is asked only where the object itself never shrinks, so that nothing but an old copy explains a
//! smaller value: no negative amount is added, each `cas` grows, and each write that may take effect
//! after a greater one was written is absent. Otherwise it is unknown.
//!
//! O(n log n) for n operations.

use std::collections::BTreeMap;

use super::growth::Greatest;
use super::report::Findings;
use crate::history::part;
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, History, Invariant, OpIndex, Outcome, Part, Position, ProcessId, Value};

pub(super) fn judge(findings: &mut Findings<'_>) {
    let history = findings.history;
    findings.count("reads", 0);
    findings.count("fell-behind", 0);
    for part in part::split_clients(history) {
        if let Err((op, reason)) = grows(history, &part) {
            findings.unfit(op, reason);
            continue;
        }
        let mut of: BTreeMap<Option<ProcessId>, Greatest> = BTreeMap::new();
        for operation in part.operations.iter().map(|&op| history.operation(op)) {
            let ("read" | "get", Outcome::Ok(value)) = (operation.f, &operation.outcome) else {
                continue;
            };
            let number = match value {
                Value::Int(number) => *number,
                Value::Nil => i64::MIN,
                other => {
                    findings.unfit(operation.index, format!("{other} is not a whole number"));
                    continue;
                }
            };
            findings.count("reads", 1);
            let each = findings.invariant == Invariant::Monotonic;
            of.entry(each.then_some(operation.process)).or_default().add(&operation, number);
        }
        let mut falls: Vec<(OpIndex, OpIndex)> =
            of.values().flat_map(|growth| growth.falls(0)).collect();
        falls.sort_unstable_by_key(|(_, op)| *op);
        for (before, op) in falls {
            note(findings, &part, before, op);
        }
    }
    if findings.count("reads", 0).number == 0 {
        findings.vacuous("no read succeeded");
    }
}

fn note(findings: &mut Findings<'_>, part: &Part, before: OpIndex, op: OpIndex) {
    let history = findings.history;
    let read = |op: OpIndex| history.operation(op).outcome.ok().cloned().unwrap_or_default();
    findings.count("fell-behind", 1);
    let summary = || {
        let (one, other) = (history.operation(before), history.operation(op));
        format!("{} read {}, and then {} read {}", one.who(), read(before), other.who(), read(op))
    };
    let class = AnomalyClass::NonMonotonicRead;
    findings.found(class, part.key.as_ref(), summary, &[before, op]);
}

/// What sets a value, and when.
struct Setting {
    value: i64,
    op: OpIndex,
    invoked: Position,
    completed: Option<Position>,
    /// Whether it takes effect only where the value is smaller.
    grows: bool,
}

/// Whether the object itself never shrinks; else the operation by which it may, and how.
fn grows(history: &History, part: &Part) -> Result<(), (OpIndex, String)> {
    let mut settings: Vec<Setting> = Vec::new();
    let mut added = false;
    for operation in part.operations.iter().map(|&op| history.operation(op)) {
        let (op, invoked, completed) = (operation.index, operation.invoked, operation.completed);
        if operation.outcome == Outcome::Fail {
            continue;
        }
        let setting = |value, grows| Setting { value, op, invoked, completed, grows };
        match (operation.f, &operation.argument, operation.argument.as_list()) {
            ("read" | "get", ..) => {}
            ("add", Value::Int(amount), _) if *amount >= 0 => added = true,
            ("write" | "put" | "set", Value::Int(value), _) => {
                settings.push(setting(*value, false));
            }
            ("cas", _, Some([Value::Int(old), Value::Int(new)])) if old <= new => {
                settings.push(setting(*new, true));
            }
            ("add" | "cas", ..) => return Err((op, "it may make the value smaller".to_owned())),
            (f, ..) => {
                let reason = format!("nothing is known of what `{}` does", crate::visible(f));
                return Err((op, reason));
            }
        }
        if added && !settings.is_empty() {
            return Err((op, "amounts are added to a value that is written".to_owned()));
        }
    }
    in_order(settings)
}

/// Whether no write may take effect after a greater value was set. O(n log n).
fn in_order(mut settings: Vec<Setting>) -> Result<(), (OpIndex, String)> {
    settings.sort_unstable_by_key(|it| (it.value, it.op));
    // Of the writes of smaller values, the one that may take effect last.
    let mut last: Option<&Setting> = None;
    for same in settings.chunk_by(|one, other| one.value == other.value) {
        let may_follow = |write: &&Setting| {
            let ends_before = |it: &Setting| write.completed.is_some_and(|end| end < it.invoked);
            same.iter().find(|it| !ends_before(it)).filter(|_| !planted(Bug::MonotonicTrustWrites))
        };
        if let Some((write, greater)) = last.as_ref().and_then(|it| Some((it, may_follow(it)?))) {
            let reason = format!("it may take effect after {}, which writes more", greater.op);
            return Err((write.op, reason));
        }
        let end = |it: &&Setting| it.completed.map_or((1, Position(0)), |end| (0, end));
        last = same.iter().filter(|it| !it.grows).chain(last).max_by_key(end);
    }
    Ok(())
}
