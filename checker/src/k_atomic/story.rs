//! Operations that are not `k`-atomic, in words.

use super::Versioned;
use super::behind::behind;
use super::values::one_register;
use crate::consistency::Versions;
use crate::linearizability::{Sentence, fact, said};
use crate::{Anomaly, AnomalyClass, Clock, Property, Witness, WitnessOp};

/// The anomaly that the operations `ops` show.
pub(crate) fn anomaly(of: &Versioned<'_>, versions: Versions, ops: &[u32]) -> Anomaly {
    let view = of.only(ops);
    let told = |&op: &crate::OpIndex| WitnessOp::new(&of.history.operation(op));
    let numbered: Vec<WitnessOp> = view.ops.iter().map(told).collect();
    let clock = Clock::of(&numbered);
    let (class, summary, stuck) = sentence(of, &view, versions, &numbered, clock);
    let mut operations = numbered;
    operations.sort_by_key(|op| op.invoked);
    let key = operations.first().and_then(|op| op.key.clone());
    let facts = operations.iter().map(|op| fact(op, clock)).collect();
    let property = Property::KAtomic(versions);
    let witness = Witness { property, operations, order: Vec::new(), stuck };
    Anomaly { class, key, summary, facts, witness }
}

fn sentence(
    of: &Versioned<'_>,
    view: &crate::weak::SessionView,
    versions: Versions,
    numbered: &[WitnessOp],
    clock: Clock,
) -> Sentence {
    let register = one_register(of.history, view);
    if let Some(read) = register.future_read() {
        let read = &numbered[read.op as usize];
        let summary = format!("{}, before anything began to write that", said(read, clock));
        return (AnomalyClass::FutureRead, summary, Some(read.index));
    }
    let behind = behind(&register);
    let stale = register.reads.iter().zip(&behind);
    let worst = stale.max_by_key(|(read, behind)| (behind.versions, read.begun));
    if let Some((read, behind)) =
        worst.filter(|(_, behind)| u64::from(behind.versions) >= versions.get())
    {
        let read = &numbered[read.op as usize];
        let summary = format!(
            "{}, but {} newer values were known before that read began",
            said(read, clock),
            behind.versions
        );
        return (AnomalyClass::StaleRead, summary, Some(read.index));
    }
    let (count, k) = (numbered.len(), versions.get());
    let summary = format!(
        "no order of these {count} operations has each read return one of the last {k} writes"
    );
    (AnomalyClass::NonKAtomic, summary, None)
}
