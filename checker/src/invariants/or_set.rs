//! An observed-remove set in which additions win: final reads against what was added and removed.
//!
//! Shapiro, Preguiça, Baquero and Zawirski, "A comprehensive study of convergent and commutative
//! replicated data types", INRIA RR-7506, 2011: a `remove` takes away those additions of its element that
//! its replica had observed, and no others. So after healing, when every replica has seen all:
//!
//! | an element | must be | because |
//! |---|---|---|
//! | lost | in every final read | an `add` of it was acknowledged, and no `remove` can have observed that: each that may have taken effect had ended before the `add` began |
//! | resurrected | in none | a `remove` of it was acknowledged, and its process had read the element before, at the same node, and nothing else may have added it |
//!
//! What a `remove` observed is not recorded otherwise: any that had not ended when an `add` began may have
//! observed it. Elements that nothing added are phantoms, as in
//! [`SetFull`](crate::Invariant::SetFull).
//!
//! O(n log n + r) for n operations and r elements read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::finals;
use super::report::Findings;
use crate::history::part;
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, History, OpIndex, Operation, Outcome, Part, Position, ProcessId, Value};

/// An `add` or a `remove` that may have taken effect.
#[derive(Clone, Debug)]
struct Tagged {
    op: OpIndex,
    process: ProcessId,
    node: Option<Arc<str>>,
    invoked: Position,
    /// When it was acknowledged.
    acknowledged: Option<Position>,
}

/// What happened to one element.
#[derive(Clone, Debug, Default)]
struct Tags {
    adds: Vec<Tagged>,
    removes: Vec<Tagged>,
    failed: Vec<OpIndex>,
    /// Reads by clients that show it: who, at which node, and until when.
    sights: Vec<Tagged>,
}

/// A final read: all that one replica holds.
struct Replica {
    op: OpIndex,
    invoked: Position,
    held: BTreeSet<Value>,
}

pub(super) fn judge(findings: &mut Findings<'_>) {
    for name in ["elements", "lost", "resurrected", "undecided"] {
        findings.count(name, 0);
    }
    let mut any = false;
    for part in part::split(findings.history) {
        let (tags, replicas) = match gather(findings.history, &part) {
            Ok(gathered) => gathered,
            Err((op, reason)) => {
                findings.unfit(op, reason);
                continue;
            }
        };
        if replicas.is_empty() {
            finals::lack(findings, &part);
            continue;
        }
        any = true;
        for (value, tags) in &tags {
            findings.count("elements", 1);
            judge_element(findings, part.key.as_ref(), value, (tags, &replicas));
        }
    }
    if !any && findings.is_sure() {
        findings.vacuous("no final read succeeded");
    }
}

/// What happened to each element, and what each replica holds.
type Gathered = (BTreeMap<Value, Tags>, Vec<Replica>);

fn gather(history: &History, part: &Part) -> Result<Gathered, (OpIndex, String)> {
    let speaking = finals::speaking(history, part);
    let mut all: BTreeMap<Value, Tags> = BTreeMap::new();
    let mut replicas = Vec::new();
    for operation in part.operations.iter().map(|&op| history.operation(op)) {
        let element = || operation.argument.clone();
        match (operation.f, &operation.outcome) {
            ("add", Outcome::Fail) => {
                all.entry(element()).or_default().failed.push(operation.index);
            }
            ("add", _) => all.entry(element()).or_default().adds.push(tagged(&operation)),
            ("remove", Outcome::Ok(_) | Outcome::Indeterminate) => {
                all.entry(element()).or_default().removes.push(tagged(&operation));
            }
            ("read" | "get", Outcome::Ok(value)) => {
                let held: BTreeSet<Value> = match value {
                    Value::Nil => BTreeSet::new(),
                    Value::List(items) => items.iter().cloned().collect(),
                    other => {
                        let reason = format!("{other} is not a list of elements");
                        return Err((operation.index, reason));
                    }
                };
                for value in &held {
                    let tags = all.entry(value.clone()).or_default();
                    tags.sights.extend((!operation.is_final).then(|| tagged(&operation)));
                }
                if speaking.contains(&operation.index) {
                    let (op, invoked) = (operation.index, operation.invoked);
                    replicas.push(Replica { op, invoked, held });
                }
            }
            _ => {}
        }
    }
    Ok((all, replicas))
}

fn tagged(operation: &Operation<'_>) -> Tagged {
    Tagged {
        op: operation.index,
        process: operation.process,
        node: operation.node.map(Arc::from),
        invoked: operation.invoked,
        acknowledged: operation.outcome.ok().and(operation.completed),
    }
}

fn judge_element(
    findings: &mut Findings<'_>,
    key: Option<&Value>,
    value: &Value,
    (tags, replicas): (&Tags, &[Replica]),
) {
    let start = replicas.iter().map(|it| it.invoked).min().expect("there is a replica");
    let holds = |it: &&Replica| it.held.contains(value);
    let held = replicas.iter().find(holds);
    // Clients cannot have read it either.
    let shown = held.map(|it| it.op).or_else(|| Some(tags.sights.first()?.op));
    if let Some(read) = shown.filter(|_| tags.adds.is_empty()) {
        let (class, how) = if tags.failed.is_empty() {
            (AnomalyClass::PhantomElement, "though nothing had added it")
        } else {
            (AnomalyClass::FalseFailure, "though its add had failed")
        };
        let ops: Vec<OpIndex> = tags.failed.iter().copied().chain([read]).collect();
        findings.found(class, key, || format!("{value} can be read {how}"), &ops);
        return;
    }
    let winner = tags.adds.iter().find(|add| wins(tags, add, start));
    let observer = tags.removes.iter().find_map(|it| Some((it, observed(tags, it, start)?)));
    match (held, winner, observer) {
        (None, Some(add), _) => {
            findings.name("lost", key, value);
            let finals = replicas.iter().map(|it| it.op);
            let removes = tags.removes.iter().map(|it| it.op);
            let ops: Vec<OpIndex> = finals.chain(removes).chain([add.op]).collect();
            let summary = || {
                format!(
                    "{value} was added after every remove of it had ended, and is in no replica"
                )
            };
            findings.found(AnomalyClass::LostElement, key, summary, &ops);
        }
        (Some(read), _, Some((remove, sight))) => {
            findings.name("resurrected", key, value);
            let adds = tags.adds.iter().map(|it| it.op);
            let ops: Vec<OpIndex> = adds.chain([remove.op, sight.op, read.op]).collect();
            let summary = || {
                format!("{value} is still there, though who removed it had seen its only addition")
            };
            findings.found(AnomalyClass::ResurrectedElement, key, summary, &ops);
        }
        (_, None, None) => {
            findings.count("undecided", 1);
        }
        _ => {}
    }
}

/// Whether no `remove` can have observed this addition.
fn wins(tags: &Tags, add: &Tagged, start: Position) -> bool {
    let before = |remove: &Tagged| remove.acknowledged.is_some_and(|end| end < add.invoked);
    let unobserved = tags.removes.iter().all(before) || planted(Bug::OrSetForgetConcurrent);
    add.acknowledged.is_some_and(|end| end < start) && unobserved
}

/// The read by which the process of this removal had seen the only addition of its element.
fn observed<'a>(tags: &'a Tags, remove: &Tagged, start: Position) -> Option<&'a Tagged> {
    let is_only = tags.adds.len() == 1 || planted(Bug::OrSetForgetOthers);
    let ended = remove.acknowledged.is_some_and(|end| end < start);
    tags.sights.iter().filter(|_| is_only && ended).find(|sight| {
        sight.process == remove.process
            // Else it may have been removed where nothing had been added yet.
            && sight.node.is_some()
            && sight.node == remove.node
            && sight.acknowledged.is_some_and(|end| end < remove.invoked)
    })
}
