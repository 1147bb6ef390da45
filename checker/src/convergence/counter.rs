//! Convergence of a counter.

use std::collections::BTreeSet;

use super::anomaly::anomaly;
use super::replicas::{FinalRead, count, join, sides, start};
use super::{ConvergenceReport, Named, NotUnderstood};
use crate::Part;
use crate::plant::{Bug, planted};
use crate::{
    Anomaly, AnomalyClass, ConvergenceKind, History, OpIndex, Outcome, Position, Value, visible,
};

/// An addition that did not fail.
struct Addition {
    op: OpIndex,
    amount: i128,
    invoked: Position,
    /// When it was acknowledged; `None` if its outcome is unknown.
    acknowledged: Option<Position>,
}

/// A final read, and the sum it returned.
struct FinalSum<'a> {
    read: &'a FinalRead,
    sum: i128,
    completed: Position,
}

/// The least and the greatest sum that additions allow.
#[derive(Clone, Copy, Debug, Default)]
struct Bounds {
    least: i128,
    greatest: i128,
}

impl Bounds {
    /// An addition that may have taken effect or not.
    fn perhaps(&mut self, amount: i128) {
        self.least += amount.min(0);
        self.greatest += amount.max(0);
    }

    /// An addition that has taken effect.
    fn surely(&mut self, amount: i128) {
        self.least += amount;
        self.greatest += amount;
    }

    fn holds(self, sum: i128) -> bool {
        (self.least..=self.greatest).contains(&sum)
    }
}

/// Judges one counter by its final reads.
pub(super) fn judge(
    history: &History,
    part: &Part,
    finals: &[FinalRead],
    report: &mut ConvergenceReport,
) -> Result<Vec<Anomaly>, NotUnderstood> {
    let additions = gather(history, part)?;
    let sums = sums(history, finals)?;
    let start = start(finals);
    let is_known = |it: &Addition| it.acknowledged.is_some_and(|end| end < start);
    report.acknowledged += additions.iter().filter(|it| is_known(it)).count() as u64;
    let told = Telling { history, part };
    let impossible = sums.iter().find_map(|sum| told.impossible(&additions, sum));
    // A sum that nothing explains is no sign that something is missing.
    let may_lack = impossible.is_none();
    let mut anomalies: Vec<Anomaly> = impossible.into_iter().collect();
    let is_settled = additions
        .iter()
        .all(|it| it.invoked < start && (it.acknowledged.is_none() || is_known(it)));
    let values: BTreeSet<i128> = sums.iter().map(|it| it.sum).collect();
    if values.len() > 1 && is_settled {
        let named = |read: &FinalRead| Named { key: part.key.clone(), value: read.value.clone() };
        report.diverged.extend(finals.iter().map(named));
        anomalies.push(told.divergence(finals));
    }
    let mut bounds = Bounds::default();
    for addition in &additions {
        if is_known(addition) || planted(Bug::ConvergeCountUnknown) {
            bounds.surely(addition.amount);
        } else {
            bounds.perhaps(addition.amount);
        }
    }
    if may_lack && sums.iter().all(|it| !bounds.holds(it.sum)) {
        let missing = if sums[0].sum < bounds.least { bounds.least } else { bounds.greatest };
        let missing = missing - sums[0].sum;
        let value = i64::try_from(missing).map_or(Value::Nil, Value::Int);
        report.lost.push(Named { key: part.key.clone(), value });
        anomalies.push(told.lost(&additions, &sums, bounds));
    }
    Ok(anomalies)
}

fn gather(history: &History, part: &Part) -> Result<Vec<Addition>, NotUnderstood> {
    let mut additions = Vec::new();
    let mut all = 0_i128;
    for operation in part.operations.iter().map(|&op| history.operation(op)) {
        match (operation.f, operation.argument) {
            ("read" | "get", _) => {}
            ("add", Value::Int(amount)) => {
                if operation.outcome == Outcome::Fail {
                    continue;
                }
                all += i128::from(amount).abs();
                if all > i128::from(i64::MAX) {
                    let reason = "amounts this large may wrap a counter of 64 bits";
                    return Err((operation.index, reason.to_owned()));
                }
                additions.push(Addition {
                    op: operation.index,
                    amount: amount.into(),
                    invoked: operation.invoked,
                    acknowledged: operation.outcome.ok().and(operation.completed),
                });
            }
            ("add", other) => {
                let reason = format!("an add needs a whole number, not {other}");
                return Err((operation.index, reason));
            }
            (f, _) => {
                return Err((operation.index, format!("`{f}` is not a function of a counter")));
            }
        }
    }
    Ok(additions)
}

fn sums<'a>(
    history: &History,
    finals: &'a [FinalRead],
) -> Result<Vec<FinalSum<'a>>, NotUnderstood> {
    let sum = |read: &'a FinalRead| match read.value {
        Value::Int(sum) => {
            let completed = history.completed_at(read.op).expect("it returned");
            Ok(FinalSum { read, sum: sum.into(), completed })
        }
        ref other => Err((read.op, format!("a counter holds a whole number, not {other}"))),
    };
    finals.iter().map(sum).collect()
}

/// The source of anomalies' descriptions.
struct Telling<'a> {
    history: &'a History,
    part: &'a Part,
}

impl Telling<'_> {
    /// A sum that no choice among all additions makes, acknowledged or not.
    fn impossible(&self, additions: &[Addition], final_sum: &FinalSum<'_>) -> Option<Anomaly> {
        let begun = || additions.iter().filter(|it| it.invoked < final_sum.completed);
        let mut bounds = Bounds::default();
        begun().for_each(|it| bounds.perhaps(it.amount));
        if bounds.holds(final_sum.sum) {
            return None;
        }
        let too_much = final_sum.sum > bounds.greatest;
        let (of, limit) = if too_much { ("more", bounds.greatest) } else { ("less", bounds.least) };
        let summary = format!(
            "in the end {} counts {}, {of} than the {limit} that all additions together make",
            visible(&final_sum.read.replica),
            final_sum.sum,
        );
        let same_way = begun().filter(|it| (it.amount > 0) == too_much);
        let ops = same_way.map(|it| it.op).chain([final_sum.read.op]);
        Some(self.anomaly(AnomalyClass::CounterOutOfBounds, summary, ops))
    }

    /// Sums that acknowledged additions rule out.
    fn lost(&self, additions: &[Addition], sums: &[FinalSum<'_>], bounds: Bounds) -> Anomaly {
        let values: BTreeSet<i128> = sums.iter().map(|it| it.sum).collect();
        let held: Vec<String> = values.iter().map(ToString::to_string).collect();
        let acknowledged = additions.iter().filter(|it| it.acknowledged.is_some()).count();
        let Bounds { least, greatest } = bounds;
        let allow = if least == greatest {
            format!("make {least}")
        } else {
            format!("leave {least} to {greatest}")
        };
        let summary = format!(
            "acknowledged additions are lost: {} {allow}, but in the end the replicas count {}",
            count(acknowledged, "acknowledged addition"),
            join(&held),
        );
        let ops = additions.iter().map(|it| it.op).chain(sums.iter().map(|it| it.read.op));
        self.anomaly(AnomalyClass::LostWrite, summary, ops)
    }

    fn divergence(&self, finals: &[FinalRead]) -> Anomaly {
        let sides = sides(finals, "counts", "count");
        let summary = format!("replicas disagree in the end: {sides}");
        self.anomaly(AnomalyClass::Divergence, summary, finals.iter().map(|read| read.op))
    }

    fn anomaly(
        &self,
        class: AnomalyClass,
        summary: String,
        ops: impl Iterator<Item = OpIndex>,
    ) -> Anomaly {
        let of = (self.history, self.part);
        anomaly(of, ConvergenceKind::Counter, class, summary, ops)
    }
}
