//! Long fork: two reads that saw two writes in different orders.
//!
//! Jepsen's `long-fork`; Sovran, Power, Aguilera and Li, "Transactional storage for geo-replicated
//! systems", SOSP 2011, name the anomaly: parallel snapshot isolation allows it, snapshot isolation and
//! prefix consistency do not. Each object is written once, so that a read says which writes it saw. Of two
//! reads of the same objects one must have seen all that the other saw:
//!
//! ```text
//! p0  write x 1        p2  read x 1, y nil
//! p1  write y 1        p3  read x nil, y 1      ← p2 says x came first, p3 says y did
//! ```
//!
//! Time does not matter, nor how a write ended. Objects that are written more than once are passed over.
//!
//! Reads of the same objects are sorted by the number of writes that they saw. If each saw all that the
//! one before it saw, so did all; else those two are a fork. O(r log r) for r values read.

use std::collections::{BTreeMap, BTreeSet};

use super::report::Findings;
use super::snapshot::{snapshot, written};
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, OpIndex, Outcome, Value};

/// A read, and the objects of which it saw the write.
struct Sight {
    op: OpIndex,
    seen: BTreeSet<Value>,
}

pub(super) fn judge(findings: &mut Findings<'_>) {
    let history = findings.history;
    let mut writes: BTreeMap<Value, Vec<(OpIndex, Value)>> = BTreeMap::new();
    for operation in history.iter().filter(|it| it.outcome != Outcome::Fail && !it.is_final) {
        for (object, value) in written(&operation) {
            writes.entry(object).or_default().push((operation.index, value));
        }
    }
    let once = |object: &Value| writes.get(object).is_some_and(|ops| ops.len() == 1);
    let mut groups: BTreeMap<Vec<Value>, Vec<Sight>> = BTreeMap::new();
    for operation in history.iter().filter(|it| !it.is_final) {
        let Some(mut read) = snapshot(&operation) else { continue };
        read.retain(|(object, _)| once(object));
        if read.len() < 2 {
            continue;
        }
        // Else an object that was something at first would seem to have been written.
        let is_known = |(object, value): &(Value, Value)| {
            *value == Value::Nil || writes[object][0].1 == *value
        };
        if let Some((object, value)) = read.iter().find(|it| !is_known(it)) {
            let reason = format!("it read {value} of {object}, which nothing wrote");
            findings.unfit(operation.index, reason);
            continue;
        }
        let seen = read.iter().filter(|(_, value)| *value != Value::Nil);
        let seen = seen.map(|(object, _)| object.clone()).collect();
        let objects = read.into_iter().map(|(object, _)| object).collect();
        groups.entry(objects).or_default().push(Sight { op: operation.index, seen });
    }
    let reads: usize = groups.values().map(Vec::len).sum();
    findings.count("reads", reads as u64);
    findings.count("groups", groups.len() as u64);
    findings.count("forks", 0);
    if groups.values().all(|sights| sights.len() < 2) && findings.is_sure() {
        findings.vacuous("no two reads of several objects, each written once, succeeded");
    }
    for (_, mut sights) in groups {
        sights.sort_by_key(|sight| sight.seen.len());
        for pair in sights.windows(2) {
            fork(findings, &writes, &pair[0], &pair[1]);
        }
    }
}

/// Notes a fork, if the one that saw fewer writes saw one that the other did not.
fn fork(
    findings: &mut Findings<'_>,
    writes: &BTreeMap<Value, Vec<(OpIndex, Value)>>,
    fewer: &Sight,
    more: &Sight,
) {
    let Some(mine) = fewer.seen.difference(&more.seen).next() else { return };
    if planted(Bug::ForkEqualOnly) && fewer.seen.len() != more.seen.len() {
        return;
    }
    let theirs = more.seen.difference(&fewer.seen).next();
    let theirs = theirs.expect("it saw no fewer, and not what the other saw");
    findings.count("forks", 1);
    let history = findings.history;
    let who = |sight: &Sight| history.operation(sight.op).who().to_string();
    let summary = || {
        format!(
            "{} saw the write to {mine} and not that to {theirs}, {} the other way round",
            who(fewer),
            who(more)
        )
    };
    let [one, other] = [mine, theirs].map(|object| writes[object][0].0);
    let ops = [one, other, fewer.op, more.op];
    findings.found(AnomalyClass::LongFork, None, summary, &ops);
}
