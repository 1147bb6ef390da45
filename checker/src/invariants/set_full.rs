//! A set that is read in full now and then: what became of each element.
//!
//! Jepsen's `set-full`. An element is *known* from the first of: an acknowledged `add` of it ended; a read
//! that shows it ended. An element that nothing may have removed is
//!
//! | | when |
//! |---|---|
//! | lost | a read that began after it was known lacks it, and so does every read that ended after that one began |
//! | stable | a read shows it, and it is not lost |
//! | stale | it is stable, and a read that began after it was known lacks it |
//! | never-read | it may have been added, no read shows it, and it is not lost |
//! | recovered | a read shows it, and no `add` of it was acknowledged |
//! | duplicated | a read shows it twice |
//!
//! Its stable latency is the time from when it was known to the beginning of the last read that lacks it.
//! Where there are final reads, one of each replica after healing, an element is lost only if it is in
//! none of them: other reads may have been of old copies. Where there are none, the last reads stand for
//! them, as with Jepsen.
//!
//! An element that was removed for certain (a `remove` was acknowledged that began after every `add` that
//! may have taken effect had ended) is *resurrected* if a later read shows it and no read after that one
//! lacks it; *lingering*, if one does. Where there are final reads, one of them must show it.
//!
//! O(n + r) for n operations and r elements read in all.

use rustc_hash::FxHashMap;

use super::finals;
use super::report::Findings;
use crate::history::part;
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, OpIndex, Operation, Outcome, Part, Position, Time, Value};

/// An `add` or a `remove`.
#[derive(Clone, Copy, Debug)]
struct Alteration {
    op: OpIndex,
    invoked: Position,
    completed: Option<Position>,
    ended: Time,
    outcome: Outcome<()>,
}

impl Alteration {
    fn may_have_happened(&self) -> bool {
        self.outcome != Outcome::Fail
    }

    fn is_acknowledged(&self) -> bool {
        self.outcome == Outcome::Ok(())
    }
}

/// What happened to one element.
#[derive(Clone, Debug)]
struct Life {
    value: Value,
    adds: Vec<Alteration>,
    removes: Vec<Alteration>,
    /// The reads that show it, in their order, each once.
    shown: Vec<usize>,
    twice: Option<OpIndex>,
}

/// A read that succeeded.
#[derive(Clone, Copy, Debug)]
struct FullRead {
    op: OpIndex,
    invoked: Position,
    completed: Position,
    began: Time,
    ended: Time,
    is_final: bool,
}

/// When an element was first known to be there, and by which operations.
struct Knowledge {
    at: Position,
    time: Time,
    by: Vec<OpIndex>,
}

/// One set.
#[derive(Default)]
struct Lives {
    all: Vec<Life>,
    at: FxHashMap<Value, usize>,
    /// In the order of invocations.
    reads: Vec<FullRead>,
    has_finals: bool,
}

pub(super) fn judge(findings: &mut Findings<'_>) {
    const NAMES: [&str; 10] = [
        "attempted",
        "acknowledged",
        "stable",
        "stale",
        "lost",
        "never-read",
        "recovered",
        "duplicated",
        "resurrected",
        "lingering",
    ];
    for name in NAMES {
        findings.count(name, 0);
    }
    let mut latencies = Vec::new();
    let mut any_read = false;
    for part in part::split(findings.history) {
        match gather(findings, &part) {
            Ok(set) => {
                any_read |= !set.reads.is_empty();
                if set.has_finals && set.reads.iter().all(|read| !read.is_final) {
                    finals::lack(findings, &part);
                }
                for life in &set.all {
                    latencies.extend(set.judge(findings, part.key.as_ref(), life));
                }
            }
            Err((op, reason)) => findings.unfit(op, reason),
        }
    }
    if !any_read && findings.is_sure() {
        findings.vacuous("no read of a whole set succeeded");
    }
    findings.latencies("stable", latencies);
}

fn gather(findings: &Findings<'_>, part: &Part) -> Result<Lives, (OpIndex, String)> {
    let speaking = finals::speaking(findings.history, part);
    let mut set = Lives::default();
    for operation in part.operations.iter().map(|&op| findings.history.operation(op)) {
        match operation.f {
            "add" => set.life(&operation.argument).adds.push(alteration(&operation)),
            "remove" => set.life(&operation.argument).removes.push(alteration(&operation)),
            "read" | "get" if operation.is_final => {
                set.has_finals = true;
                if speaking.contains(&operation.index) {
                    set.read(&operation)?;
                }
            }
            "read" | "get" => set.read(&operation)?,
            "contains" => {}
            f => {
                let reason = format!("`{}` is not a function of a set", crate::visible(f));
                return Err((operation.index, reason));
            }
        }
    }
    Ok(set)
}

fn alteration(operation: &Operation<'_>) -> Alteration {
    Alteration {
        op: operation.index,
        invoked: operation.invoked,
        completed: operation.completed,
        ended: operation.complete_time.unwrap_or(operation.invoke_time),
        outcome: operation.outcome.clone().map(|_| ()),
    }
}

impl Lives {
    fn life(&mut self, value: &Value) -> &mut Life {
        let at = if let Some(&at) = self.at.get(value) {
            at
        } else {
            self.at.insert(value.clone(), self.all.len());
            let [adds, removes] = [Vec::new(), Vec::new()];
            let (value, shown) = (value.clone(), Vec::new());
            self.all.push(Life { value, adds, removes, shown, twice: None });
            self.all.len() - 1
        };
        &mut self.all[at]
    }

    fn read(&mut self, operation: &Operation<'_>) -> Result<(), (OpIndex, String)> {
        let (Outcome::Ok(value), Some(completed)) = (&operation.outcome, operation.completed)
        else {
            return Ok(());
        };
        let op = operation.index;
        let held = match value {
            Value::Nil => &[],
            other => {
                other.as_list().ok_or_else(|| (op, format!("{other} is not a list of elements")))?
            }
        };
        let place = self.reads.len();
        for element in held {
            let life = self.life(element);
            if life.shown.last() == Some(&place) {
                life.twice.get_or_insert(op);
            } else {
                life.shown.push(place);
            }
        }
        self.reads.push(FullRead {
            op,
            invoked: operation.invoked,
            completed,
            began: operation.invoke_time,
            ended: operation.complete_time.unwrap_or(operation.invoke_time),
            is_final: operation.is_final,
        });
        Ok(())
    }

    /// Judges one element; its stable latency, if it is stale.
    fn judge(&self, findings: &mut Findings<'_>, key: Option<&Value>, life: &Life) -> Option<Time> {
        let value = &life.value;
        findings.count("attempted", u64::from(!life.adds.is_empty()));
        let acknowledged = life.adds.iter().any(Alteration::is_acknowledged);
        findings.count("acknowledged", u64::from(acknowledged));
        if let Some(read) = life.twice {
            findings.name("duplicated", key, value);
            let summary = || format!("{value} is twice in one read");
            findings.found(AnomalyClass::DuplicateElement, key, summary, &[read]);
        }
        if self.judge_origin(findings, key, life) {
            return None;
        }
        if life.removes.iter().any(Alteration::may_have_happened) {
            self.judge_removed(findings, key, life);
            return None;
        }
        if !acknowledged && !life.shown.is_empty() {
            findings.name("recovered", key, value);
        }
        let known = self.known(life);
        let missed = known.as_ref().and_then(|known| self.last_missed(life, known.at));
        if let Some((known, missed)) = known.as_ref().zip(missed)
            && let Some(last) = self.lost(life, known, missed)
        {
            findings.name("lost", key, value);
            let ops: Vec<OpIndex> = known.by.iter().copied().chain(last).collect();
            let summary = || {
                let how = if acknowledged { "acknowledged" } else { "read" };
                format!("{value} was added and {how}, and is in no read after that")
            };
            findings.found(AnomalyClass::LostElement, key, summary, &ops);
            return None;
        }
        if life.shown.is_empty() {
            if life.adds.iter().any(Alteration::may_have_happened) {
                findings.name("never-read", key, value);
            }
            return None;
        }
        findings.count("stable", 1);
        let (known, missed) = known.zip(missed)?;
        findings.name("stale", key, value);
        Some(Time(missed.began.0.saturating_sub(known.time.0)))
    }

    /// Notes reads that show an element which nothing had put there; whether there are any.
    fn judge_origin(&self, findings: &mut Findings<'_>, key: Option<&Value>, life: &Life) -> bool {
        let possible = || life.adds.iter().filter(|add| add.may_have_happened());
        let begun = possible().map(|add| add.invoked).min();
        let shown = life.shown.iter().map(|&at| &self.reads[at]);
        let mut early = shown.filter(|read| begun.is_none_or(|begun| begun > read.completed));
        let Some(read) = early.next() else { return false };
        let value = &life.value;
        let (class, how) = match (begun, life.adds.first()) {
            (None, Some(_)) => (AnomalyClass::FalseFailure, "though its add had failed"),
            (None, None) => (AnomalyClass::PhantomElement, "though nothing had added it"),
            (Some(_), _) => (AnomalyClass::PhantomElement, "before it was added"),
        };
        let ops: Vec<OpIndex> = life.adds.iter().map(|add| add.op).chain([read.op]).collect();
        findings.found(class, key, || format!("{value} can be read {how}"), &ops);
        true
    }

    /// When it was first known to be there.
    fn known(&self, life: &Life) -> Option<Knowledge> {
        let add =
            life.adds.iter().filter(|add| add.is_acknowledged()).min_by_key(|add| add.completed);
        let by_add = add.and_then(|add| Some((add.completed?, add.ended, vec![add.op])));
        let read = life.shown.iter().map(|&at| &self.reads[at]).min_by_key(|read| read.completed);
        let first = life.adds.iter().find(|add| add.may_have_happened());
        let by_read = read.zip(first);
        let by_read =
            by_read.map(|(read, add)| (read.completed, read.ended, vec![add.op, read.op]));
        let first = by_add.into_iter().chain(by_read).min_by_key(|it| it.0);
        first.map(|(at, time, by)| Knowledge { at, time, by })
    }

    /// The last read that lacks it, if that one began after `known`.
    fn last_missed(&self, life: &Life, known: Position) -> Option<FullRead> {
        let mut shown = life.shown.iter().rev().peekable();
        let last = (0..self.reads.len()).rev().find(|&at| shown.next_if(|it| **it == at).is_none());
        last.map(|at| self.reads[at]).filter(|read| read.invoked > known)
    }

    /// The reads that show it lost, if it is.
    fn lost(&self, life: &Life, known: &Knowledge, missed: FullRead) -> Option<Vec<OpIndex>> {
        let shown = || life.shown.iter().map(|&at| &self.reads[at]);
        if self.has_finals {
            let finals = || self.reads.iter().filter(|read| read.is_final);
            let lost = finals().next().is_some()
                && shown().all(|read| !read.is_final)
                && finals().all(|read| read.invoked > known.at);
            return lost.then(|| finals().map(|read| read.op).collect());
        }
        let before = |read: &FullRead| read.completed < missed.invoked;
        let lost = shown().all(before) || planted(Bug::SetFullForgetOverlap);
        lost.then(|| vec![missed.op])
    }

    /// Judges an element that may have been removed.
    fn judge_removed(&self, findings: &mut Findings<'_>, key: Option<&Value>, life: &Life) {
        let possible = || life.adds.iter().filter(|add| add.may_have_happened());
        let after_all = |remove: &&Alteration| {
            let before = |add: &Alteration| add.completed.is_some_and(|end| end < remove.invoked);
            remove.is_acknowledged() && (possible().all(before) || planted(Bug::SetFullForgetReadd))
        };
        let certain = life.removes.iter().filter(after_all).min_by_key(|remove| remove.completed);
        let Some((remove, end)) = certain.and_then(|remove| Some((remove, remove.completed?)))
        else {
            return;
        };
        let shown = life.shown.iter().map(|&at| &self.reads[at]);
        let later = shown.filter(|read| read.invoked > end);
        let Some(read) = later.max_by_key(|read| (read.is_final, read.completed)) else { return };
        let missed = self.last_missed(life, read.completed);
        let value = &life.value;
        if self.has_finals && !read.is_final || !self.has_finals && missed.is_some() {
            findings.name("lingering", key, value);
            return;
        }
        findings.name("resurrected", key, value);
        let ops: Vec<OpIndex> = possible().map(|add| add.op).chain([remove.op, read.op]).collect();
        let summary = || format!("{value} can be read after an acknowledged remove");
        findings.found(AnomalyClass::ResurrectedElement, key, summary, &ops);
    }
}
