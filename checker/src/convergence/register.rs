//! Convergence of a register.

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
    let writers = gather(history, part)?;
    let start = start(finals);
    let ended = |writer: &&Writer| writer.completed.is_some_and(|end| end < start);
    let named = |value: &Value| Named { key: part.key.clone(), value: value.clone() };
    let acknowledged = || writers.iter().filter(|it| it.outcome.ok().is_some()).filter(ended);
    report.acknowledged += acknowledged().count() as u64;
    let mut anomalies = Vec::new();
    for read in finals {
        anomalies.extend(ghost(history, part, &writers, read));
    }
    let values: BTreeSet<&Value> = finals.iter().map(|read| &read.value).collect();
    for &value in &values {
        let mut live =
            writers.iter().filter(|it| it.value == *value && it.outcome != Outcome::Fail);
        let known = live.clone().any(|it| it.outcome.ok().is_some());
        report.recovered.extend((!known && live.next().is_some()).then(|| named(value)));
    }
    let is_settled =
        writers.iter().all(|it| it.invoked < start && (it.outcome.ok().is_none() || ended(&it)));
    if (values.len() > 1 || planted(Bug::ConvergeAlwaysApart)) && is_settled {
        report.diverged.extend(values.iter().map(|value| named(value)));
        anomalies.push(divergence(history, part, finals));
    }
    let lost: Vec<&Writer> = acknowledged()
        .filter(|write| values.iter().all(|value| is_older(&writers, value, write)))
        .collect();
    report.lost.extend(lost.iter().map(|write| named(&write.value)));
    anomalies.extend(lost_writes(history, part, finals, &writers, &lost));
    Ok(anomalies)
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

fn gather(history: &History, part: &Part) -> Result<Vec<Writer>, NotUnderstood> {
    let mut writers = Vec::new();
    for operation in part.operations.iter().map(|&op| history.operation(op)) {
        let (value, mismatched) = match operation.f {
            "write" | "put" | "set" => (operation.argument.clone(), false),
            "cas" => {
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
fn ghost(history: &History, part: &Part, writers: &[Writer], read: &FinalRead) -> Option<Anomaly> {
    let end = history.completed_at(read.op).expect("it returned");
    let mut of_value = writers.iter().filter(|it| it.value == read.value);
    let possible = of_value.clone().any(|it| it.outcome != Outcome::Fail && it.invoked < end);
    if possible || read.value == Value::Nil {
        return None;
    }
    let failed = of_value.find(|it| it.outcome == Outcome::Fail);
    let (class, why) = match failed {
        Some(_) => (AnomalyClass::FalseFailure, "the write of that value failed"),
        None => (AnomalyClass::ReadFromNowhere, "it was never written"),
    };
    let summary = format!("in the end {} holds {}, but {why}", read.replica, read.value);
    let ops = failed.map(|it| it.op).into_iter().chain([read.op]);
    Some(told(history, part, class, summary, ops))
}

fn divergence(history: &History, part: &Part, finals: &[FinalRead]) -> Anomaly {
    let sides = sides(finals, "holds", "hold");
    let summary = format!("replicas disagree in the end: {sides}");
    let ops = finals.iter().map(|read| read.op);
    told(history, part, AnomalyClass::Divergence, summary, ops)
}

fn lost_writes(
    history: &History,
    part: &Part,
    finals: &[FinalRead],
    writers: &[Writer],
    lost: &[&Writer],
) -> Option<Anomaly> {
    let newest = lost.iter().max_by_key(|write| write.completed)?;
    let names: Vec<String> = lost.iter().map(|write| write.value.to_string()).collect();
    let operation = history.operation(newest.op);
    let values: BTreeSet<&Value> = finals.iter().map(|read| &read.value).collect();
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
    Some(told(history, part, AnomalyClass::LostWrite, summary, ops))
}

fn told(
    history: &History,
    part: &Part,
    class: AnomalyClass,
    summary: String,
    ops: impl Iterator<Item = OpIndex>,
) -> Anomaly {
    anomaly((history, part), ConvergenceKind::Register, class, summary, ops)
}
