//! What operations that have no order show, in words.

use super::Rule;
use super::steps::UpdateStep;
use crate::linearizability::{Sentence, double_cas, fact, given, said, unwritten};
use crate::{
    Anomaly, AnomalyClass, Clock, ModelKind, Outcome, Property, Value, Witness, WitnessOp,
};

/// The anomaly that these operations of one key show, in the order of their invocations.
pub(super) fn anomaly(rule: Rule, key: Option<Value>, operations: Vec<WitnessOp>) -> Anomaly {
    let clock = Clock::of(&operations);
    let reads = || {
        operations.iter().filter_map(|op| match (&*op.f, op.outcome.ok()) {
            ("read" | "get", Some(value)) => Some((op, value)),
            _ => None,
        })
    };
    let stale = || reads().find_map(|(read, value)| stale(&operations, read, value));
    let (class, summary, stuck) = reads()
        .find_map(|(read, value)| unwritten(&operations, read, value))
        .or_else(|| double_cas(&operations))
        .or_else(|| if rule.is_fresh() { stale() } else { None })
        .unwrap_or_else(|| told_of_any(rule, operations.len(), reads().count()));
    let facts = operations.iter().map(|op| fact(op, clock)).collect();
    let witness = Witness { property: rule.property(), operations, order: Vec::new(), stuck };
    Anomaly { class, key, summary, facts, witness }
}

impl Rule {
    /// What has an order by this rule.
    pub(crate) fn property(self) -> Property {
        match self {
            Self::Regular => Property::Regular(ModelKind::CasRegister),
            Self::Safe => Property::Safe(ModelKind::CasRegister),
            Self::Prefix => Property::Prefix(ModelKind::CasRegister),
        }
    }
}

/// A read of a value that was overwritten before it began.
fn stale(operations: &[WitnessOp], read: &WitnessOp, value: &Value) -> Option<Sentence> {
    let ended = |op: &WitnessOp, begun| op.completed.is_some_and(|end| end < begun);
    let took_effect =
        |op: &&WitnessOp| op.outcome.ok().is_some_and(|ret| *ret != Value::Bool(false));
    let gives = |op: &WitnessOp| given(op).contains(&value);
    let overwrites = |op: &&WitnessOp| {
        !given(op).is_empty()
            && !gives(op)
            && ended(op, read.invoked)
            && operations.iter().filter(|it| gives(it)).all(|it| ended(it, op.invoked))
    };
    let newer = operations.iter().filter(took_effect).find(overwrites)?;
    let held = given(newer).first().map(|&value| value.clone())?;
    let who = said(read, Clock::of(operations));
    let summary = format!("{who}, but {held} had been written before that read began");
    Some((AnomalyClass::StaleRead, summary, Some(read.index)))
}

fn told_of_any(rule: Rule, count: usize, reads: usize) -> Sentence {
    if reads == 0 {
        let summary = format!("no order of these {count} operations is one of a register");
        return (AnomalyClass::NonLinearizable, summary, None);
    }
    let (class, sees) = match rule {
        Rule::Regular => (
            AnomalyClass::NonRegular,
            "has each read see the last write before it, or one that overlaps it",
        ),
        Rule::Safe => (
            AnomalyClass::NonSafe,
            "has each read that overlaps no write see the last one before it",
        ),
        Rule::Prefix => {
            (AnomalyClass::NonPrefix, "has each read see the state after a prefix of it")
        }
    };
    (class, format!("no order of the writes among these {count} operations {sees}"), None)
}

/// An operation as the witness tells it: with its return lost if that of its step is.
pub(super) fn told(mut op: WitnessOp, step: &UpdateStep) -> WitnessOp {
    if step.is_lost() {
        (op.outcome, op.completed) = (Outcome::Indeterminate, None);
    } else if op.outcome == Outcome::Fail {
        op.outcome = Outcome::Ok(Value::Bool(false)); // A `cas` that says it found another value.
    }
    op
}
