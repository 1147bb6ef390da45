//! A register with several values: exactly those writes survive that no other write had seen.
//!
//! Shapiro, Preguiça, Baquero and Zawirski, "A comprehensive study of convergent and commutative
//! replicated data types", INRIA RR-7506, 2011; Preguiça et al., "Dotted version vectors", 2012. Each
//! write carries what its process had seen, and overwrites that and nothing else. A read returns all values
//! that are left: a list, or one value, or nil. Values are unique.
//!
//! Files do not say what a write carried. It is taken that a client sends what its last read of the key
//! returned, and may send anything that it had seen or written before, or that those writers had:
//!
//! | a value | is | because |
//! |---|---|---|
//! | in no final read | lost | its write was acknowledged, and no other write may have seen it |
//! | in any read | from nowhere | nothing wrote it, or its write failed |
//! | in a final read | overwritten | an acknowledged write was by a process whose last read of the key had returned it |
//!
//! O(n²) for n operations on a key: few keys have more than some hundreds.

use std::collections::{BTreeMap, BTreeSet};

use super::finals;
use super::report::Findings;
use crate::history::part;
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, History, OpIndex, Operation, Outcome, Part, Position, ProcessId, Value};

/// A write that may have taken effect.
struct Write {
    op: OpIndex,
    value: Value,
    acknowledged: Option<Position>,
    /// The read that came last before it in its process.
    last_read: Option<(OpIndex, BTreeSet<Value>)>,
    /// All that its process had read or written before it.
    may_know: BTreeSet<Value>,
}

/// A read, and all that it returned.
struct Siblings {
    op: OpIndex,
    invoked: Position,
    values: BTreeSet<Value>,
}

/// What a process has seen of a key.
#[derive(Clone, Default)]
struct Seen {
    last_read: Option<(OpIndex, BTreeSet<Value>)>,
    all: BTreeSet<Value>,
}

pub(super) fn judge(findings: &mut Findings<'_>) {
    for name in ["writes", "survived", "lost", "not-overwritten"] {
        findings.count(name, 0);
    }
    let mut any = false;
    for part in part::split(findings.history) {
        let Gathered { writes, failed, finals, others } = gather(findings.history, &part);
        if finals.is_empty() {
            finals::lack(findings, &part);
            continue;
        }
        any = true;
        // A read that returns nil or a list returns no value, or several.
        let is_none = |it: &&Write| matches!(it.value, Value::Nil | Value::List(_));
        if let Some(write) = writes.iter().find(is_none) {
            findings.unfit(write.op, format!("{} is not one value", write.value));
            continue;
        }
        let mut values: Vec<&Value> = writes.iter().map(|it| &it.value).collect();
        values.sort_unstable();
        if let Some((twice, _)) =
            values.iter().zip(values.iter().skip(1)).find(|(one, next)| one == next)
        {
            let op = part.operations[0];
            findings.unfit(op, format!("{twice} is written twice to this key"));
            continue;
        }
        let key = part.key.as_ref();
        for read in finals.iter().chain(&others) {
            judge_origin(findings, key, &writes, (&failed, read));
        }
        judge_writes(findings, key, &writes, &finals);
    }
    if !any && findings.is_sure() {
        findings.vacuous("no final read succeeded");
    }
}

/// What happened to a key.
struct Gathered {
    writes: Vec<Write>,
    failed: BTreeMap<Value, OpIndex>,
    finals: Vec<Siblings>,
    /// The reads of clients.
    others: Vec<Siblings>,
}

fn gather(history: &History, part: &Part) -> Gathered {
    let mut seen: BTreeMap<ProcessId, Seen> = BTreeMap::new();
    let speaking = finals::speaking(history, part);
    let (mut writes, mut failed) = (Vec::new(), BTreeMap::new());
    let (mut finals, mut others) = (Vec::new(), Vec::new());
    for operation in part.operations.iter().map(|&op| history.operation(op)) {
        let op = operation.index;
        let known = seen.entry(operation.process).or_default();
        match (operation.f, &operation.outcome) {
            ("write" | "put" | "set", Outcome::Fail) => {
                failed.insert(operation.argument.clone(), op);
            }
            ("write" | "put" | "set", outcome) => {
                writes.push(Write {
                    op,
                    value: operation.argument.clone(),
                    acknowledged: outcome.ok().and(operation.completed),
                    last_read: known.last_read.clone(),
                    may_know: known.all.clone(),
                });
                known.all.insert(operation.argument.clone());
            }
            ("read" | "get", Outcome::Ok(_)) => {
                let values = siblings(&operation);
                if speaking.contains(&op) {
                    finals.push(Siblings { op, invoked: operation.invoked, values });
                } else if !operation.is_final {
                    known.all.extend(values.iter().cloned());
                    known.last_read = Some((op, values.clone()));
                    others.push(Siblings { op, invoked: operation.invoked, values });
                }
            }
            _ => {}
        }
    }
    Gathered { writes, failed, finals, others }
}

fn siblings(read: &Operation<'_>) -> BTreeSet<Value> {
    match read.outcome.ok() {
        None | Some(Value::Nil) => BTreeSet::new(),
        Some(Value::List(values)) => values.iter().cloned().collect(),
        Some(one) => BTreeSet::from([one.clone()]),
    }
}

/// Notes values that nothing wrote.
fn judge_origin(
    findings: &mut Findings<'_>,
    key: Option<&Value>,
    writes: &[Write],
    (failed, read): (&BTreeMap<Value, OpIndex>, &Siblings),
) {
    for value in read.values.iter().filter(|it| writes.iter().all(|write| write.value != **it)) {
        let (class, how) = match failed.get(value) {
            Some(_) => (AnomalyClass::FalseFailure, "though its write had failed"),
            None => (AnomalyClass::ReadFromNowhere, "though nothing had written it"),
        };
        let ops: Vec<OpIndex> = failed.get(value).copied().into_iter().chain([read.op]).collect();
        findings.found(class, key, || format!("{value} can be read {how}"), &ops);
    }
}

fn judge_writes(
    findings: &mut Findings<'_>,
    key: Option<&Value>,
    writes: &[Write],
    finals: &[Siblings],
) {
    let start = finals.iter().map(|it| it.invoked).min().expect("there is a final read");
    let may_know = all_that_may_be_known(writes);
    let is_early = |write: &&Write| write.acknowledged.is_some_and(|end| end < start);
    for (at, write) in writes.iter().enumerate() {
        findings.count("writes", 1);
        let value = &write.value;
        let holding = finals.iter().find(|read| read.values.contains(value));
        findings.count("survived", u64::from(holding.is_some()));
        let unseen = (0..writes.len()).all(|other| other == at || !may_know[other].contains(value));
        let over = writes.iter().filter(is_early).find(|other| {
            other.op != write.op && other.last_read.as_ref().is_some_and(|it| it.1.contains(value))
        });
        match (holding, over) {
            (None, _) if is_early(&write) && (unseen || planted(Bug::SiblingsForgetSeen)) => {
                findings.name("lost", key, value);
                let others = writes.iter().map(|it| it.op);
                let reads = writes.iter().filter_map(|it| Some(it.last_read.as_ref()?.0));
                let finals = finals.iter().map(|it| it.op);
                let ops: Vec<OpIndex> = others.chain(reads).chain(finals).collect();
                let summary = || {
                    format!(
                        "{value} was written and acknowledged; no other write had seen it, and it \
                             is gone"
                    )
                };
                findings.found(AnomalyClass::LostWrite, key, summary, &ops);
            }
            (Some(read), Some(over)) => {
                findings.name("not-overwritten", key, value);
                let sight = over.last_read.as_ref().map(|it| it.0);
                let ops: Vec<OpIndex> =
                    [write.op, over.op, read.op].into_iter().chain(sight).collect();
                let summary = || {
                    format!(
                        "{value} is still there, though {} was written by who had read it",
                        over.value
                    )
                };
                findings.found(AnomalyClass::SurvivingOverwritten, key, summary, &ops);
            }
            _ => {}
        }
    }
}

/// What each write may have seen: what its process had, and what the writers of those values had.
fn all_that_may_be_known(writes: &[Write]) -> Vec<BTreeSet<Value>> {
    let mut known: Vec<BTreeSet<Value>> = writes.iter().map(|it| it.may_know.clone()).collect();
    loop {
        let mut grown = false;
        for at in 0..writes.len() {
            let more: Vec<Value> = (0..writes.len())
                .filter(|&other| known[at].contains(&writes[other].value))
                .flat_map(|other| known[other].iter().cloned())
                .collect();
            let before = known[at].len();
            known[at].extend(more);
            grown |= known[at].len() > before;
        }
        if !grown {
            return known;
        }
    }
}
