//! From a violation to a minimal witness and a sentence.
//!
//! A witness is made by leaving operations out, and only in ways after which a linearizable history
//! would still be linearizable. So what is wrong with the witness is wrong with the history:
//!
//! - what happens after the first return that nothing explains; operations still open then become
//!   indeterminate, which allows more;
//! - operations that change nothing;
//! - a value altogether: whatever gives it, whatever shows it, and whatever was made of it; of a
//!   register, only one giving of it, and what may have seen that: see [`windows`].
//!
//! After Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", TSE 2002.

mod own;
mod shrink;
mod story;
mod values;
mod windows;

use super::decode::with_model;
use super::list;
use super::options::{FailedCas, Options, Witnesses};
use super::register::accesses::RegisterClash;
use crate::linearizability::violation::Violation;
use crate::{
    Anomaly, History, ModelKind, OpIndex, Outcome, Part, Position, Property, Value, Witness,
    WitnessOp,
};

use self::shrink::Shrink;

pub(crate) use self::own::explain as own;
pub(crate) use self::story::{Sentence, deed, double_cas, fact, said, unwritten};
pub(crate) use self::values::given;

/// Explains that no order gets past the return of `stuck`. The search for one visited
/// `cost` configurations.
pub(crate) fn search(
    history: &History,
    model: ModelKind,
    part: &Part,
    (stuck, cost): (OpIndex, u64),
    options: &Options,
) -> Anomaly {
    let end = history.completed_at(stuck).expect("only what returns gets stuck");
    reduce(history, model, part, part.operations.clone(), (end, cost), options)
}

/// Explains a clash of zones.
pub(crate) fn clash(
    history: &History,
    model: ModelKind,
    part: &Part,
    clash: &RegisterClash,
    options: &Options,
) -> Anomaly {
    let operations = match clash {
        &RegisterClash::Future { read, write } => vec![write, read],
        &RegisterClash::Nowhere { read } => {
            let Outcome::Ok(value) = history.outcome_id(read) else {
                unreachable!("only reads that returned are judged")
            };
            let failed = part.operations.iter().copied().find(|&op| {
                history.outcome_id(op) == Outcome::Fail && history.argument_id(op) == value
            });
            failed.into_iter().chain([read]).collect()
        }
        RegisterClash::Two { ops } => {
            let ops = ops.iter().flatten().flatten().copied().collect();
            return reduce(history, model, part, ops, ANYWHERE, options);
        }
        RegisterClash::Several { ops } => {
            return reduce(history, model, part, ops.clone(), ANYWHERE, options);
        }
    };
    let mut told: Vec<WitnessOp> =
        operations.iter().map(|&op| WitnessOp::new(&history.operation(op))).collect();
    told.sort_by_key(|op| op.invoked);
    let read = *operations.last().expect("there is a read");
    anomaly(model, part, told, Vec::new(), Some(read))
}

/// Explains why operations, all else apart, have no order, for a reason known.
pub(crate) fn culprits(
    history: &History,
    model: ModelKind,
    part: &Part,
    culprits: Vec<OpIndex>,
    reason: Violation,
    options: &Options,
) -> Anomaly {
    let anomaly = reduce(history, model, part, culprits, ANYWHERE, options);
    let summary = story::by_process(&reason.to_string(), &anomaly.witness.operations);
    Anomaly { class: reason.class(), summary, ..anomaly }
}

/// Explains why a list or text cannot have grown so.
pub(crate) fn growth(
    history: &History,
    model: ModelKind,
    part: &Part,
    clash: &list::ListClash,
    options: &Options,
) -> Anomaly {
    let told = |op: OpIndex, is_lost: bool| {
        let mut told = WitnessOp::new(&history.operation(op));
        if is_lost {
            (told.outcome, told.completed) = (Outcome::Indeterminate, None);
        }
        told
    };
    let is_lost = |ending| ending == list::Ending::Lost;
    let operations: Vec<WitnessOp> =
        clash.operations.iter().map(|&(op, ending)| told(op, is_lost(ending))).collect();
    let Some(pair) = clash.pair else {
        let calls: Vec<OpIndex> = clash.operations.iter().map(|&(op, _)| op).collect();
        let last = shrink::Last { told: &operations, budget: &options.budget };
        let (order, stuck) = with_model(model, history, &calls, options.failed_cas, last)
            .expect("what was judged was understood");
        return anomaly(model, part, operations, order, stuck);
    };
    let (about, against) = (told(pair.about, false), pair.against.map(|op| told(op, false)));
    let (summary, facts) = story::growth(pair.class, &about, against.as_ref());
    let (property, stuck) = (Property::Linearizable(model), Some(pair.about));
    Anomaly {
        class: pair.class,
        key: part.key.clone(),
        summary,
        facts,
        witness: Witness { property, operations, order: Vec::new(), stuck },
    }
}

/// Seen without search, and not to end anywhere in particular.
const ANYWHERE: (Position, u64) = (Position(u32::MAX), 0);

/// Reduces `operations`. No order explains all of them that return at `end` or before.
fn reduce(
    history: &History,
    model: ModelKind,
    part: &Part,
    mut operations: Vec<OpIndex>,
    (end, cost): (Position, u64),
    options: &Options,
) -> Anomaly {
    operations.sort_unstable();
    operations.dedup();
    let told = |op: OpIndex, is_lost: bool| {
        let mut told = WitnessOp::new(&history.operation(op));
        if is_lost {
            (told.outcome, told.completed) = (Outcome::Indeterminate, None);
        } else if told.outcome == Outcome::Fail {
            told.outcome = Outcome::Ok(Value::Bool(false)); // A `cas` that says it mismatched.
        }
        told
    };
    if options.witnesses == Witnesses::AsFound && operations.len() > FEW {
        return as_found(history, model, part, &operations, end, options, &told);
    }
    let shrink = Shrink { model, end, cost, budget: &options.budget, told: &told };
    let least = with_model(model, history, &operations, options.failed_cas, shrink)
        .expect("what was searched was understood");
    anomaly(model, part, least.operations, least.order, least.stuck)
}

/// So few operations are reduced even if that was not asked for.
const FEW: usize = 16;

/// All that happened until something ended that cannot be explained, and what was in flight then
/// until it ended.
fn as_found(
    history: &History,
    model: ModelKind,
    part: &Part,
    operations: &[OpIndex],
    end: Position,
    options: &Options,
    told: &dyn Fn(OpIndex, bool) -> WitnessOp,
) -> Anomaly {
    let counts = |op: OpIndex| match history.outcome_id(op) {
        Outcome::Fail => options.failed_cas == FailedCas::Mismatched && history.f(op) == "cas",
        Outcome::Ok(_) | Outcome::Indeterminate => true,
    };
    let stuck = operations.iter().copied().find(|&op| history.completed_at(op) == Some(end));
    let mut until = end;
    let mut begun = 0;
    for &op in operations {
        if history.invoked[op.get()] > until {
            break;
        }
        // No read can be explained by what began after it ended.
        until = history.completed_at(op).map_or(until, |it| until.max(it));
        begun += 1;
    }
    let operations = operations[..begun].iter().filter(|&&op| counts(op));
    let operations: Vec<WitnessOp> = operations.map(|&op| told(op, false)).collect();
    let (class, summary) = story::untold(model, &operations, stuck);
    Anomaly {
        class,
        key: part.key.clone(),
        summary,
        facts: Vec::new(),
        witness: Witness {
            property: Property::Linearizable(model),
            operations,
            order: Vec::new(),
            stuck,
        },
    }
}

fn anomaly(
    model: ModelKind,
    part: &Part,
    operations: Vec<WitnessOp>,
    order: Vec<OpIndex>,
    stuck: Option<OpIndex>,
) -> Anomaly {
    let story = story::tell(model, &operations, stuck);
    Anomaly {
        class: story.class,
        key: part.key.clone(),
        summary: story.summary,
        facts: story.facts,
        witness: Witness {
            property: Property::Linearizable(model),
            operations,
            order,
            stuck: story.stuck.or(stuck),
        },
    }
}
