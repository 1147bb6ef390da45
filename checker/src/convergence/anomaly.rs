//! An anomaly that final reads show.

use std::collections::BTreeSet;

use crate::Part;
use crate::{
    Anomaly, AnomalyClass, ConvergenceKind, Fact, History, OpIndex, Property, Witness, WitnessOp,
    visible,
};

/// Of these operations, each a step of the argument.
pub(super) fn anomaly(
    (history, part): (&History, &Part),
    kind: ConvergenceKind,
    class: AnomalyClass,
    summary: String,
    ops: impl Iterator<Item = OpIndex>,
) -> Anomaly {
    let ops: BTreeSet<OpIndex> = ops.collect();
    let operations: Vec<WitnessOp> =
        ops.iter().map(|&op| WitnessOp::new(&history.operation(op))).collect();
    let fact = |op: &WitnessOp| {
        let when = op.complete_time.unwrap_or(op.invoke_time);
        let deed = crate::linearizability::deed(op);
        let node =
            op.node.as_ref().map_or_else(String::new, |node| format!(" at {}", visible(node)));
        Fact { text: format!("{} {deed}{node}, by {when}", op.who()), ops: vec![op.index] }
    };
    Anomaly {
        class,
        key: part.key.clone(),
        summary,
        facts: operations.iter().map(fact).collect(),
        witness: Witness {
            property: Property::Convergent(kind),
            operations,
            order: Vec::new(),
            stuck: None,
        },
    }
}
