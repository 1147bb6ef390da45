//! Whether the operations of sessions on registers violate a consistency model of sessions.
//!
//! It follows the definitions, and searches for orders by trying all of them.

use std::collections::BTreeSet;

use super::{Refused, STEPS_MAX};
use crate::{AnomalyClass, Consistency, Outcome, Value, WitnessOp};

mod guarantees;

/// Checks that `operations` violate `model`.
pub(super) fn violates(
    model: Consistency,
    class: AnomalyClass,
    operations: &[WitnessOp],
) -> Result<(), Refused> {
    if !is_of_sessions(model) {
        return Err(Refused::Unjudged(model));
    }
    if let AnomalyClass::ReadFromNowhere | AnomalyClass::FalseFailure = class {
        return from_nothing(class, operations);
    }
    let told = Deeds::new(operations)?;
    let holds = match model {
        Consistency::Causal | Consistency::CausalMemory | Consistency::CausalConvergence => {
            let past = told.causality();
            !is_circular(&past)
                && match model {
                    Consistency::CausalConvergence => told.converges(&past),
                    Consistency::Causal => {
                        told.each_op_has_an_order(&past, |op, last| op == last)?
                    }
                    _ => told.each_op_has_an_order(&past, |op, last| told.so(op, last))?,
                }
        }
        Consistency::Pram => told.is_pram()?,
        Consistency::Sequential => {
            let all: Vec<usize> = (0..told.len()).collect();
            told.has_order(&all, |one, other| told.so(one, other), |_| true)?
        }
        _ => guarantees::holds(&told, model),
    };
    if holds { Err(Refused::Consistent(format!("{model} allows this"))) } else { Ok(()) }
}

fn is_of_sessions(model: Consistency) -> bool {
    model == Consistency::Sequential || Consistency::Sequential.implies(model)
}

/// Checks that a read returned what nothing wrote, or what only writes that failed had written.
fn from_nothing(class: AnomalyClass, operations: &[WitnessOp]) -> Result<(), Refused> {
    let wrote_it = |write: &WitnessOp, read: &WitnessOp| {
        written(write).is_some() && write.key == read.key && returned(read) == written(write)
    };
    let is_shown = |read: &WitnessOp| {
        let mut givers = operations.iter().filter(|write| wrote_it(write, read)).peekable();
        let is_failed = givers.peek().is_some();
        is_failed == (class == AnomalyClass::FalseFailure)
            && givers.all(|write| write.outcome == Outcome::Fail)
    };
    let has_returned = |op: &&WitnessOp| returned(op).is_some_and(|value| *value != Value::Nil);
    if operations.iter().filter(has_returned).any(is_shown) {
        return Ok(());
    }
    Err(Refused::Consistent("each value that was read was written".to_owned()))
}

/// What an operation is known to have read: a read what it returned, a compare-and-set that took effect
/// what it expected.
fn returned(op: &WitnessOp) -> Option<&Value> {
    match (&*op.f, op.outcome.ok()?) {
        ("read" | "get", value) => Some(value),
        ("cas", Value::Bool(false)) => None,
        ("cas", _) => op.argument.as_list()?.first(),
        _ => None,
    }
}

/// What an operation writes, if it takes effect.
fn written(op: &WitnessOp) -> Option<&Value> {
    match (&*op.f, op.argument.as_list()) {
        ("write" | "put" | "set", _) => Some(&op.argument),
        ("cas", Some([_, new])) if op.outcome != Outcome::Ok(Value::Bool(false)) => Some(new),
        _ => None,
    }
}

/// What an operation read if it took effect.
fn read(op: &WitnessOp) -> Option<&Value> {
    match (&*op.f, op.argument.as_list()) {
        ("cas", Some([old, _])) => Some(old),
        _ => returned(op),
    }
}

/// Which of these comes before which.
type Relations = Vec<Vec<bool>>;

/// What comes before what follows comes before it too.
fn close(before: &mut Relations) {
    for middle in 0..before.len() {
        let after = before[middle].clone();
        for row in before.iter_mut().filter(|row| row[middle]) {
            row.iter_mut().zip(&after).for_each(|(mine, theirs)| *mine |= theirs);
        }
    }
}

/// Whether a closed relation has something before itself.
fn is_circular(before: &Relations) -> bool {
    before.iter().enumerate().any(|(op, row)| row[op])
}

/// The operations of a witness, by their places in it.
struct Deeds<'a> {
    operations: &'a [WitnessOp],
    /// The process of each.
    session: Vec<u32>,
    /// What each did.
    did: Vec<SessionDid>,
}

/// What an operation did, in one step.
#[derive(Clone, Copy, PartialEq, Eq)]
struct SessionDid {
    /// What it read, if it did.
    read: Option<SourceOfRead>,
    /// Whether it wrote, after that.
    is_write: bool,
}

/// What was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SourceOfRead {
    /// What the register held at first.
    Initial,
    /// What the operation at this place wrote.
    Write(usize),
}

impl<'a> Deeds<'a> {
    fn new(operations: &'a [WitnessOp]) -> Result<Self, Refused> {
        let (mut session, mut did) = (Vec::new(), Vec::new());
        for (at, op) in operations.iter().enumerate() {
            let malformed = Err(Refused::Malformed(op.index));
            let before = || operations[..at].iter().filter(|it| it.process == op.process);
            let overlaps = |it: &WitnessOp| it.completed.is_some_and(|end| end > op.invoked);
            let is_failed = op.outcome == Outcome::Fail;
            if op.is_final || is_failed || before().any(overlaps) {
                return malformed;
            }
            session.push(op.process.0);
            let same = |it: &WitnessOp| it.key == op.key && written(it) == written(op);
            let is_write = written(op).is_some();
            if is_write && (written(op) == Some(&Value::Nil) || operations[..at].iter().any(same)) {
                return malformed;
            }
            let source = |value: &Value| {
                let gives = |it: &WitnessOp| it.key == op.key && written(it) == Some(value);
                match operations.iter().position(gives) {
                    None if *value != Value::Nil => Err(Refused::Malformed(op.index)),
                    None => Ok(SourceOfRead::Initial),
                    Some(write) => Ok(SourceOfRead::Write(write)),
                }
            };
            let read = read(op).map(source).transpose()?;
            if read.is_none() && !is_write {
                return malformed;
            }
            did.push(SessionDid { read, is_write });
        }
        Ok(Self { operations, session, did })
    }

    fn len(&self) -> usize {
        self.operations.len()
    }

    fn is_write(&self, op: usize) -> bool {
        self.did[op].is_write
    }

    /// Whether `one` comes before `other` in one session. What has an unknown outcome may happen at any
    /// time after it began, so that nothing of its session comes after it.
    fn so(&self, one: usize, other: usize) -> bool {
        let is_known = self.operations[one].outcome != Outcome::Indeterminate;
        is_known && one < other && self.session[one] == self.session[other]
    }

    /// Whether both are writes, to one key.
    fn are_rivals(&self, one: usize, other: usize) -> bool {
        self.is_write(one)
            && self.is_write(other)
            && one != other
            && self.operations[one].key == self.operations[other].key
    }

    /// Whether `read` returned what `write` wrote.
    fn returned_it(&self, write: usize, read: usize) -> bool {
        self.did[read].read == Some(SourceOfRead::Write(write))
    }

    /// Whether what `read` returned was known when `write` wrote: it is that operation, or an earlier one
    /// of the session.
    fn is_known_at(&self, read: usize, write: usize) -> bool {
        read == write || self.so(read, write)
    }

    /// Whether `write` is a write to the key of `read`, which reads.
    fn concerns(&self, write: usize, read: usize) -> bool {
        self.is_write(write)
            && self.did[read].read.is_some()
            && self.operations[write].key == self.operations[read].key
    }

    fn causality(&self) -> Relations {
        let mut before =
            self.table(|one, other| self.so(one, other) || self.returned_it(one, other));
        close(&mut before);
        before
    }

    fn table(&self, is_before: impl Fn(usize, usize) -> bool) -> Relations {
        let row = |one| (0..self.len()).map(|other| is_before(one, other)).collect();
        (0..self.len()).map(row).collect()
    }

    /// Whether the writes have one order, which contains `past`, in which each read returned the last
    /// of those that precede it.
    fn converges(&self, past: &Relations) -> bool {
        let mut order = past.clone();
        for (read, &did) in self.did.iter().enumerate() {
            for write in (0..self.len()).filter(|&write| self.concerns(write, read)) {
                match did.read {
                    _ if !past[write][read] => {}
                    Some(SourceOfRead::Initial) => return false,
                    Some(SourceOfRead::Write(source)) if source != write => {
                        order[write][source] = true;
                    }
                    Some(SourceOfRead::Write(_)) | None => {}
                }
            }
        }
        close(&mut order);
        !is_circular(&order)
    }

    /// Whether for each operation its past has an order that explains those that `explains` names.
    fn each_op_has_an_order(
        &self,
        past: &Relations,
        explains: impl Fn(usize, usize) -> bool,
    ) -> Result<bool, Refused> {
        for last in 0..self.len() {
            let members: Vec<usize> =
                (0..self.len()).filter(|&op| op == last || past[op][last]).collect();
            let explained = |op| op == last || explains(op, last);
            if !self.has_order(&members, |one, other| past[one][other], explained)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_pram(&self) -> Result<bool, Refused> {
        for session in self.session.iter().collect::<BTreeSet<_>>() {
            let is_own = |op: usize| self.session[op] == *session;
            let counts = |&op: &usize| is_own(op) || self.is_write(op);
            let members: Vec<usize> = (0..self.len()).filter(counts).collect();
            if !self.has_order(&members, |one, other| self.so(one, other), is_own)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether `members` have an order that contains `before`, in which each read that is `explained`
    /// returned the last write to its key.
    fn has_order(
        &self,
        members: &[usize],
        before: impl Fn(usize, usize) -> bool,
        explained: impl Fn(usize) -> bool,
    ) -> Result<bool, Refused> {
        let mut open: Vec<Vec<usize>> = vec![Vec::new()];
        let mut tried = BTreeSet::new();
        while let Some(mut placed) = open.pop() {
            let is_right = |op: usize, placed: &[usize]| {
                let last = placed.iter().rev().find(|&&it| self.concerns(it, op));
                !explained(op)
                    || match self.did[op].read {
                        None => true,
                        Some(SourceOfRead::Initial) => last.is_none(),
                        Some(SourceOfRead::Write(source)) => last == Some(&source),
                    }
            };
            let may_come = |op: usize, placed: &[usize]| {
                !placed.contains(&op)
                    && members.iter().all(|&it| placed.contains(&it) || !before(it, op))
                    && is_right(op, placed)
            };
            // A read that is right now is never better put off.
            let is_read = |&op: &usize| !self.is_write(op);
            let next = |placed: &[usize]| {
                members.iter().copied().find(|op| is_read(op) && may_come(*op, placed))
            };
            while let Some(read) = next(&placed) {
                placed.push(read);
            }
            if placed.len() == members.len() {
                return Ok(true);
            }
            // What matters of an order: what is in it, and the last write to each key.
            let is_last = |at: usize| {
                !placed[at + 1..].iter().any(|&later| self.are_rivals(placed[at], later))
            };
            let mut state: Vec<(usize, bool)> =
                placed.iter().enumerate().map(|(at, &op)| (op, is_last(at))).collect();
            state.sort_unstable();
            if !tried.insert(state) {
                continue;
            }
            if (tried.len() * members.len() * members.len()) as u64 > STEPS_MAX {
                return Err(Refused::TooLarge(STEPS_MAX));
            }
            let writes = members.iter().copied().filter(|op| !is_read(op));
            for write in writes.filter(|&op| may_come(op, &placed)) {
                open.push([&placed[..], &[write]].concat());
            }
        }
        Ok(false)
    }
}
