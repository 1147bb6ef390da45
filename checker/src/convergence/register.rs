//! Convergence of a register: of one value, or of all those that were not overwritten.

use std::collections::BTreeSet;

use super::anomaly::anomaly;
use super::replicas::{FinalRead, count, few, join, sides, start};
use super::{ConvergenceReport, Named, NotUnderstood};
use crate::Part;
use crate::plant::{Bug, planted};
use crate::{Anomaly, AnomalyClass, ConvergenceKind, History, OpIndex, Outcome, Position, Value};

/// An operation that may have put a value there.
struct Writer {
    op: OpIndex,
    value: Value,
    invoked: Position,
    completed: Option<Position>,
    outcome: Outcome<()>,
}

/// Judges one register by its final reads.
pub(super) fn judge(
    history: &History,
    part: &Part,
    finals: &[FinalRead],
    report: &mut ConvergenceReport,
) -> Result<Vec<Anomaly>, NotUnderstood> {
    let kind = report.kind;
    let writers = gather(history, part, kind)?;
    let held: Vec<BTreeSet<Value>> = finals.iter().map(|read| held(kind, &read.value)).collect();
    let start = start(finals);
    let ended = |writer: &&Writer| writer.completed.is_some_and(|end| end < start);
    let named = |value: &Value| Named { key: part.key.clone(), value: value.clone() };
    let acknowledged = || writers.iter().filter(|it| it.outcome.ok().is_some()).filter(ended);
    report.acknowledged += acknowledged().count() as u64;
    let mut anomalies = Vec::new();
    for (read, values) in finals.iter().zip(&held) {
        for value in values {
            anomalies.extend(ghost((history, part), kind, &writers, (read, value)));
        }
    }
    let values: BTreeSet<&Value> = held.iter().flatten().collect();
    for &value in &values {
        let mut live =
            writers.iter().filter(|it| it.value == *value && it.outcome != Outcome::Fail);
        let known = live.clone().any(|it| it.outcome.ok().is_some());
        report.recovered.extend((!known && live.next().is_some()).then(|| named(value)));
    }
    let is_settled =
        writers.iter().all(|it| it.invoked < start && (it.outcome.ok().is_none() || ended(&it)));
    if (held.iter().any(|it| *it != held[0]) || planted(Bug::ConvergeAlwaysApart)) && is_settled {
        report.diverged.extend(values.iter().map(|value| named(value)));
        anomalies.push(divergence((history, part), kind, finals));
    }
    let lost: Vec<&Writer> = acknowledged()
        .filter(|write| values.iter().all(|value| is_older(&writers, value, write)))
        .collect();
    report.lost.extend(lost.iter().map(|write| named(&write.value)));
    anomalies.extend(lost_writes((history, part), kind, &values, (&writers, &lost, finals)));
    Ok(anomalies)
}

/// The values of a final read. Of a register that holds none: nil.
fn held(kind: ConvergenceKind, value: &Value) -> BTreeSet<Value> {
    match value.as_list().filter(|_| kind == ConvergenceKind::MultiValue) {
        Some([]) => BTreeSet::from([Value::Nil]),
        Some(values) => values.iter().cloned().collect(),
        None => BTreeSet::from([value.clone()]),
    }
}

/// Whether all that may have put `value` there had ended before `write` began.
fn is_older(writers: &[Writer], value: &Value, write: &Writer) -> bool {
    let mut live =
        writers.iter().filter(|it| it.value == *value && it.outcome != Outcome::Fail).peekable();
    // A value that nothing wrote is another matter, unless it was there at first.
    (live.peek().is_some() || *value == Value::Nil)
        && (planted(Bug::ConvergeForgetOverlap)
            || live.all(|it| it.completed.is_some_and(|end| end < write.invoked)))
}

fn gather(
    history: &History,
    part: &Part,
    kind: ConvergenceKind,
) -> Result<Vec<Writer>, NotUnderstood> {
    let mut writers = Vec::new();
    for operation in part.operations.iter().map(|&op| history.operation(op)) {
        let (value, mismatched) = match operation.f {
            "write" | "put" | "set" => (operation.argument.clone(), false),
            "cas" if kind == ConvergenceKind::Register => {
                let Some([_, new]) = operation.argument.as_list() else {
                    let reason = format!("a cas needs [old new], not {}", operation.argument);
                    return Err((operation.index, reason));
                };
                (new.clone(), operation.outcome == Outcome::Ok(Value::Bool(false)))
            }
            "read" | "get" => continue,
            f => return Err((operation.index, format!("`{f}` is not a function of a register"))),
        };
        if !mismatched {
            writers.push(Writer {
                op: operation.index,
                value,
                invoked: operation.invoked,
                completed: operation.completed,
                outcome: operation.outcome.clone().map(|_| ()),
            });
        }
    }
    Ok(writers)
}

/// A final read of a value that nothing can have put there.
fn ghost(
    of: (&History, &Part),
    kind: ConvergenceKind,
    writers: &[Writer],
    (read, value): (&FinalRead, &Value),
) -> Option<Anomaly> {
    let end = of.0.completed_at(read.op).expect("it returned");
    let mut of_value = writers.iter().filter(|it| it.value == *value);
    let possible = of_value.clone().any(|it| it.outcome != Outcome::Fail && it.invoked < end);
    if possible || *value == Value::Nil {
        return None;
    }
    let failed = of_value.find(|it| it.outcome == Outcome::Fail);
    let (class, why) = match failed {
        Some(_) => (AnomalyClass::FalseFailure, "the write of that value failed"),
        None => (AnomalyClass::ReadFromNowhere, "it was never written"),
    };
    let summary = format!("in the end {} holds {value}, but {why}", read.replica);
    let ops = failed.map(|it| it.op).into_iter().chain([read.op]);
    Some(anomaly(of, kind, class, summary, ops))
}

fn divergence(of: (&History, &Part), kind: ConvergenceKind, finals: &[FinalRead]) -> Anomaly {
    let sides = sides(finals, "holds", "hold");
    let summary = format!("replicas disagree in the end: {sides}");
    let ops = finals.iter().map(|read| read.op);
    anomaly(of, kind, AnomalyClass::Divergence, summary, ops)
}

fn lost_writes(
    of: (&History, &Part),
    kind: ConvergenceKind,
    values: &BTreeSet<&Value>,
    (writers, lost, finals): (&[Writer], &[&Writer], &[FinalRead]),
) -> Option<Anomaly> {
    let newest = lost.iter().max_by_key(|write| write.completed)?;
    let names: Vec<String> = lost.iter().map(|write| write.value.to_string()).collect();
    let operation = of.0.operation(newest.op);
    let held: Vec<String> = values.iter().map(ToString::to_string).collect();
    let older = if values.len() == 1 && values.contains(&Value::Nil) {
        "nothing".to_owned()
    } else {
        format!("{}, which is older", join(&held))
    };
    let summary = format!(
        "{} lost: {}; {} was written by {} and acknowledged at {}, but in the end the replicas hold {older}",
        count(lost.len(), "acknowledged write"),
        few(&names),
        newest.value,
        operation.who(),
        operation.complete_time.unwrap_or_default(),
    );
    let sources =
        writers.iter().filter(|it| values.contains(&it.value) && it.outcome != Outcome::Fail);
    let ops = sources.map(|it| it.op).chain([newest.op]).chain(finals.iter().map(|read| read.op));
    Some(anomaly(of, kind, AnomalyClass::LostWrite, summary, ops))
}
